"""The engine of a batch ingestion: jobs, which go through the stages, and their outcomes."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

import attrs

from .._safe_repr import SafeRepr
from ..errors import (
    APIConnectionError,
    AuthenticationError,
    ForbiddenError,
    IndexFullError,
    IngestError,
    JournalError,
    TooManyRequestsError,
    UploadError,
    WaitTimeoutError,
)
from .job import GoneError, Job, Timed
from .processing import ProcessingLimit
from .stages import concerns_account, is_broken, is_transient
from .values import STAGES, IngestItem, IngestOutcome, IngestStats, Stage

if TYPE_CHECKING:
    from .destination import Destination
    from .journal import Journal, Record
    from .lookup import Lookup
    from .stages import Stages

MAX_OPEN: Final = 2_000
"""Jobs at a time, most of which wait for the platform. It bounds the memory."""

MAX_OUTCOMES: Final = 1_000
"""Outcomes that nobody has taken yet; with more of them, jobs wait to end."""

BATCH: Final = 200
"""Sources that are registered in the journal in one go."""

STARTS: Final = 8
"""Jobs that begin in one turn of the event loop: a journal may hold thousands that can begin at once."""

MAX_ATTEMPTS: Final = 6
"""How often a source is tried in one run, where its errors may pass."""

GRACE: Final = 3.0
"""Seconds that calls have which make something, when the run is ended early: their result belongs in the journal."""

BACKOFF: Final = (0.5, 15.0)
"""Seconds before the first retry of a stage, which double, and at most."""


@attrs.frozen(kw_only=True)
class Settings(SafeRepr):
    """Settings of a run.

    Attributes:
        concurrency: Jobs in each stage at a time.
        max_processing: Jobs that the platform works on at a time; None to find out.
        max_failures: Failures after which the run ends; None for no limit.
        retry_failed: Whether sources that failed for good are tried again.
        has_journal: Whether the journal outlives the run.
        suspects: Keys of which another process may have made something, with the times when it began and ended.
    """

    concurrency: Mapping[Stage, int]
    max_processing: int | None
    max_failures: int | None
    retry_failed: bool
    has_journal: bool
    suspects: Mapping[str, tuple[float, float]] = attrs.field(factory=dict)


@attrs.frozen
class _StageError(SafeRepr, Exception):
    """A job has failed in a stage."""

    stage: Stage
    error: Exception


class Ending:
    """Asks a run to end while somebody iterates over it.

    Attributes:
        is_wanted: Whether it has to end.
        news: Set whenever the run has to look around.
        finished: Set when it has ended.
    """

    def __init__(self) -> None:
        self.is_wanted: bool = False
        self.news: asyncio.Event = asyncio.Event()
        self.finished: asyncio.Event = asyncio.Event()

    def ask(self) -> None:
        """Ask for the end."""
        self.is_wanted = True
        self.news.set()


class Engine:
    """One run.

    Args:
        items: The sources.
        stages: What each stage does.
        lookup: Finds what is at the platform.
        destination: The index or knowledge store.
        journal: The journal, opened.
        stats: The figures.
        settings: The settings.
        ending: Asks for the end of the run.
    """

    def __init__(
        self,
        items: AsyncGenerator[IngestItem],
        *,
        stages: Stages,
        lookup: Lookup,
        destination: Destination,
        journal: Journal,
        stats: IngestStats,
        settings: Settings,
        ending: Ending,
    ) -> None:
        self._ending = ending
        self._items = items
        self._stages = stages
        self._lookup = lookup
        self._destination = destination
        self._journal = journal
        self._stats = stats
        self._settings = settings
        self._slots = {stage: asyncio.Semaphore(settings.concurrency[stage]) for stage in STAGES}
        self._processing = ProcessingLimit(settings.max_processing)
        self._open = asyncio.Semaphore(MAX_OPEN)
        self._entrance = asyncio.Semaphore(2 * settings.concurrency["upload"])
        self._jobs: set[asyncio.Task[None]] = set()
        self._making: set[asyncio.Task[None]] = set()
        self._started = 0
        self._is_stopping = False
        self._problem: BaseException | None = None
        self._full: IndexFullError | None = None
        self._outcomes: deque[IngestOutcome] = deque()
        self._news = ending.news
        self._room = asyncio.Event()

    async def run(self) -> AsyncGenerator[IngestOutcome]:
        """The outcomes, in order of completion. Ending the generator ends the run."""
        driver = asyncio.create_task(self._drive())
        waits = [asyncio.create_task(wait.run()) for wait in self._stages.waits]
        for task in (driver, *waits):
            task.add_done_callback(self._on_done)
        try:
            while True:
                self._news.clear()
                while self._outcomes:
                    outcome = self._outcomes.popleft()
                    self._room.set()
                    yield outcome
                if self._problem is not None:
                    raise self._problem
                if driver.done() or self._ending.is_wanted:
                    return
                await self._news.wait()
        finally:
            await self._stop((driver, *waits))

    def _on_done(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._fail(error)
        self._news.set()

    def _fail(self, error: BaseException) -> None:
        """End the run with an error."""
        if self._problem is None:
            if isinstance(error, IngestError) and error.stats is None:
                error.stats = self._stats
            self._problem = error
            self._news.set()

    async def _stop(self, tasks: tuple[asyncio.Task[None], ...]) -> None:
        """End everything. Calls that make something have a moment to return; the others are cancelled at once."""
        self._is_stopping = True
        for task in (*tasks, *(self._jobs - self._making)):
            task.cancel()
        try:
            if self._making:
                await asyncio.wait(self._making, timeout=GRACE)
        finally:
            for task in self._jobs:
                task.cancel()
            await asyncio.gather(*tasks, *self._jobs, return_exceptions=True)

    async def _drive(self) -> None:
        """Start a job for each source, and wait for all of them."""
        problem: Exception | None = None
        try:
            async with aclosing(self._registered()) as registered:
                async for item, record in registered:
                    await self._admit(item, record)
                    if self._full is not None:
                        break
                else:
                    self._stats.exhausted = True
        except Exception as error:  # of the caller's iterable: what was begun is finished first
            if isinstance(error, JournalError | IngestError):
                raise
            problem = error
        while self._jobs:
            await asyncio.wait(self._jobs)
        problem = problem or self._full
        if problem is not None:
            raise problem

    async def _registered(self) -> AsyncGenerator[tuple[IngestItem, Record]]:
        """The sources with what the journal knows of them; then what earlier runs have left in the journal."""
        queue: asyncio.Queue[IngestItem | None] = asyncio.Queue(BATCH)
        reader = asyncio.create_task(self._read(queue))
        try:
            is_last = False
            while not is_last:
                batch = [await queue.get()]
                while len(batch) < BATCH and not queue.empty():
                    batch.append(queue.get_nowait())
                found = [item for item in batch if item is not None]
                is_last = len(found) < len(batch)
                for item, record in zip(found, await self._journal.register(found), strict=True):
                    yield item, record
            await reader
        finally:
            reader.cancel()
            await asyncio.wait((reader,))
        if self._settings.has_journal:
            async with aclosing(self._journal.pending(retry_failed=self._settings.retry_failed)) as pending:
                async for record in pending:
                    again = record.item()
                    if again is not None:
                        yield again, record

    async def _read(self, queue: asyncio.Queue[IngestItem | None]) -> None:
        try:
            async with aclosing(self._items) as items:
                async for item in items:
                    await queue.put(item)
        except Exception:
            await queue.put(None)  # what was read before is ingested
            raise
        await queue.put(None)

    async def _admit(self, item: IngestItem, record: Record) -> None:
        """Start the job of a source, unless it has an outcome already."""
        stats = self._stats
        if record.duplicate:
            stats.duplicates += 1
            return
        stats.seen += 1
        if item.problem is not None:
            if record.state == "failed":
                stats.stages["source"].failed += 1
                await self._end(IngestOutcome.of_problem(item))
                return
            item = record.item() or item
        if record.state == "done" or (
            record.state == "failed" and not record.retryable and not self._settings.retry_failed
        ):
            stats.skipped += 1
            return
        await self._open.acquire()
        try:
            await self._entrance.acquire()
        except BaseException:
            self._open.release()
            raise
        job = Job.of(item, record, self._destination.field)
        if item.key in self._settings.suspects:
            job.suspect(*self._settings.suspects[item.key])
        task = asyncio.create_task(self._run_job(job))
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
        self._started += 1
        if not self._started % STARTS:
            await asyncio.sleep(0)

    async def _run_job(self, job: Job) -> None:
        place = _Place(self._entrance, self._processing)
        try:
            outcome = await self._process(job, place)
            await self._journal.finish(job.key, outcome)
            await self._end(outcome, was_complete=job.was_complete)
        except IndexFullError as error:
            self._full = self._full or error
        except Exception as error:
            self._fail(error)
        finally:
            place.leave()
            self._open.release()
            if self._full is not None and len(self._jobs) == 1:
                self._fail(self._full)  # what is in the index is ready; the sources need not be read to their end

    async def _process(self, job: Job, place: _Place) -> IngestOutcome:
        """Bring a job through the stages."""
        try:
            while True:
                try:
                    await self._go_through(job, place)
                except GoneError:
                    place.end_processing()
                else:
                    return job.outcome()
        except _StageError as failure:
            return await self._give_up(job, failure.stage, failure.error)

    async def _go_through(self, job: Job, place: _Place) -> None:
        if job.is_new:
            await self._step(job, "upload", self._find_new)
        if job.doubt is not None:
            await self._step(job, "index" if job.doubt == "index" else "upload", self._settle)
        if job.entry_id is None:
            if job.asset_id is None:
                await self._step(job, "source", self._check)
                await self._step(job, "upload", self._upload)
                job.file = None  # no content stays in memory while the platform works
            place.leave_entrance()
            if not job.asset_is_ready:
                await self._step(job, "asset", self._wait_for_asset)
            await self._step(job, "index", lambda job: self._index(job, place))
        place.leave_entrance()
        place.begin_processing()
        await self._step(job, "ready", self._wait_for_entry)
        place.end_processing()
        if job.doubts:
            await self._step(job, "ready", self._lookup.remove_twins)
        if self._stages.analyzes:
            await self._step(job, "analyze", lambda job: self._in_slot(job, "analyze", self._stages.analyze))
        if self._stages.embeds:
            await self._step(job, "embed", lambda job: self._in_slot(job, "embed", self._stages.embed))

    async def _find_new(self, job: Job) -> None:
        await self._lookup.find_new(job)
        job.is_new = False
        if job.asset_id is not None:
            await self._stages.note_ids(job)

    async def _settle(self, job: Job) -> None:
        if job.doubt is not None:
            await self._stages.settle(job)

    async def _check(self, job: Job) -> None:
        with Timed(job, "source", self._stats.stages["source"]):
            await self._stages.check(job)
        self._stats.stages["source"].finished += 1

    async def _upload(self, job: Job) -> None:
        await self._settle(job)
        self._ensure_room()
        if job.asset_id is None:
            await self._in_slot(job, "upload", lambda job: self._stages.upload(job, self._making_something()))

    async def _wait_for_asset(self, job: Job) -> None:
        with Timed(job, "asset", self._stats.stages["asset"]):
            await self._stages.wait_for_asset(job)
        self._stats.stages["asset"].finished += 1

    async def _index(self, job: Job, place: _Place) -> None:
        await self._settle(job)
        if job.entry_id is not None:
            return
        if job.asset_id is None:
            raise GoneError
        self._ensure_room()
        self._stats.stages["index"].queued += 1
        try:
            await place.wait_for_processing()
        finally:
            self._stats.stages["index"].queued -= 1
        try:
            await self._in_slot(job, "index", lambda job: self._stages.index(job, self._making_something()))
        except TooManyRequestsError as error:
            place.end_processing(refused=_is_busy(error))
            raise
        except BaseException:
            place.end_processing()
            raise

    def _ensure_room(self) -> None:
        """Begin nothing that cannot be added to the index.

        Raises:
            IndexFullError: It takes no more videos.
        """
        if self._full is not None:
            raise self._full

    async def _wait_for_entry(self, job: Job) -> None:
        with Timed(job, "ready", self._stats.stages["ready"]):
            await self._stages.wait_for_entry(job)
        self._stats.stages["ready"].finished += 1

    async def _in_slot(self, job: Job, stage: Stage, work: Callable[[Job], Awaitable[None]]) -> None:
        """Do the work of a stage when it is the turn of the job."""
        stats = self._stats.stages[stage]
        stats.queued += 1
        try:
            await self._slots[stage].acquire()
        finally:
            stats.queued -= 1
        try:
            with Timed(job, stage, stats):
                await work(job)
        finally:
            self._slots[stage].release()
        stats.finished += 1

    @contextlib.contextmanager
    def _making_something(self) -> Iterator[None]:
        """While calls make something: if the run is ended meanwhile, their result is recorded first."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for type checkers: every coroutine runs in a task
        self._making.add(task)
        try:
            yield
        finally:
            self._making.discard(task)
        if self._is_stopping:
            raise asyncio.CancelledError

    async def _step(self, job: Job, stage: Stage, work: Callable[[Job], Awaitable[None]]) -> None:
        """Do the work of a stage, with retries.

        Raises:
            GoneError: The job has to begin again.
            _StageError: It has failed.
        """
        failures, refusals = 0, 0
        while True:
            try:
                await work(job)
            except TooManyRequestsError as error:
                # The platform has done nothing. This is no failure of the source, however often it happens.
                refusals += 1
                await self._pause(max(_backoff(refusals), error.retry_after or 0.0))
            except Exception as error:
                if self._is_stopping:
                    raise asyncio.CancelledError from error
                if self._is_fatal(error):
                    raise
                if concerns_account(error):
                    raise IngestError(
                        f"The account cannot be used further, so no source would succeed: {error}"
                    ) from error
                if not is_transient(error) or job.attempts - job.first_attempt + 1 >= MAX_ATTEMPTS:
                    raise _StageError(stage, error) from error
                failures += 1
                job.attempts += 1
                if isinstance(error, GoneError):
                    raise
                await asyncio.sleep(_backoff(failures))
            else:
                return

    async def _pause(self, seconds: float) -> None:
        until = time.time() + seconds
        self._stats.paused_until = max(self._stats.paused_until or 0.0, until)
        await asyncio.sleep(seconds)

    def _is_fatal(self, error: Exception) -> bool:
        """Whether all other sources would fail in the same way."""
        if isinstance(error, AuthenticationError | ForbiddenError | IngestError | JournalError):
            return True
        return isinstance(error, APIConnectionError | UploadError) and self._stages.client_is_closed

    async def _give_up(self, job: Job, stage: Stage, error: Exception) -> IngestOutcome:
        """The outcome of a job that has failed; what it has left is removed if it can be of no use."""
        self._stats.stages[stage].failed += 1
        if is_broken(error) and stage in {"upload", "asset", "index", "ready"}:
            with contextlib.suppress(_StageError):  # sweep() finds what stays
                await self._step(job, stage, self._remove)
        # What is wrong with a connection, such as a certificate that was exchanged, is not wrong with the source.
        cause = getattr(error, "original_error", None) or error
        retryable = is_transient(error) or isinstance(cause, WaitTimeoutError | APIConnectionError)
        return job.failure(stage, error, retryable=retryable)

    async def _remove(self, job: Job) -> None:
        await self._lookup.remove_failed(job)
        await self._stages.note_ids(job)

    async def _end(self, outcome: IngestOutcome, *, was_complete: bool = False) -> None:
        """Count an outcome, and hand it out."""
        stats, settings = self._stats, self._settings
        if not outcome.ok:
            stats.failed += 1
        elif was_complete:
            stats.skipped += 1
        else:
            stats.done += 1
            stats.adopted += outcome.adopted
        while len(self._outcomes) >= MAX_OUTCOMES:
            self._room.clear()
            await self._room.wait()
        self._outcomes.append(outcome)
        self._news.set()
        if settings.max_failures is not None and stats.failed > settings.max_failures:
            raise IngestError(
                f"{stats.failed} sources have failed, of which at most {settings.max_failures} may. The latest: "
                f"{outcome.source}: {outcome.error} in stage {outcome.stage}: {outcome.message}",
                stats=stats,
            )


class _Place:
    """What a job holds of the limits that last longer than a stage."""

    def __init__(self, entrance: asyncio.Semaphore, processing: ProcessingLimit) -> None:
        self._entrance: asyncio.Semaphore | None = entrance
        self._processing = processing
        self._is_processing = False

    def leave_entrance(self) -> None:
        """The job no longer waits for its upload, so that another source may be taken."""
        if self._entrance is not None:
            self._entrance.release()
            self._entrance = None

    async def wait_for_processing(self) -> None:
        """Wait until the platform may work on it."""
        await self._processing.acquire()
        self._is_processing = True

    def begin_processing(self) -> None:
        """The platform works on it, whatever the limit is."""
        if not self._is_processing:
            self._processing.enter()
            self._is_processing = True

    def end_processing(self, *, refused: bool = False) -> None:
        """The platform no longer works on it, or has refused to."""
        if self._is_processing:
            self._is_processing = False
            (self._processing.refuse if refused else self._processing.release)()

    def leave(self) -> None:
        """Give everything back."""
        self.leave_entrance()
        self.end_processing()


def _is_busy(error: TooManyRequestsError) -> bool:
    """Whether the platform works on too much already. Then its rate limit is not used up."""
    return error.remaining is None or error.remaining > 0


def _backoff(attempt: int) -> float:
    first, longest = BACKOFF
    return min(first * 2.0 ** min(attempt - 1, 10), longest) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
