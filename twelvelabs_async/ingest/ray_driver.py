"""The driver of an ingestion on several processes: hands out sources, writes down outcomes, replaces lost workers."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import attrs

from .._config.hooks import logger
from .._safe_repr import SafeRepr
from ..errors import IngestError
from .keys import unreadable_key
from .lookup import SETTLE
from .ray_protocol import Handle, Order, Parcel, WorkerLostError
from .values import IngestItem, IngestOutcome, SourceProblem, display_source

READ_AHEAD: Final = 200
"""Sources that are read before a worker has room for them."""

FLUSH: Final = 1.0
"""Seconds between two files of outcomes."""

MAX_LOSSES: Final = 5
"""Workers that may be lost one after the other, without an outcome in between, before their sources fail."""

STOP: Final = 4.0
"""Seconds that workers have to end their runs."""

State = Literal["done", "failed", "retryable"]


class Checkpoint(Protocol):
    """Where outcomes are kept."""

    def state(self, key: str) -> State | None:
        """How a source ended, `retryable` if it failed in a way that may pass; None if it has no outcome."""
        ...

    def add(self, outcome: IngestOutcome) -> None:
        """Keep an outcome, in place of an earlier one of the same key."""
        ...

    def discard(self, key: str) -> None:
        """Remove an outcome."""
        ...

    def flush(self) -> None:
        """Write what was added. Blocks."""
        ...

    def renew_lease(self) -> None:
        """Write down that workers are alive. Blocks."""
        ...


@attrs.define(kw_only=True)
class Progress(SafeRepr):
    """The figures of a run.

    Attributes:
        seen: Different sources that were read so far.
        done: Sources that are done since the run began.
        failed: Sources that failed in this run.
        skipped: Sources that had an outcome before, by the output or by the platform's state.
        duplicates: Sources whose key had been seen in this run.
        exhausted: Whether all sources have been read; only then `seen` is final.
        workers: Workers that are alive.
        lost: Workers that were lost.
        bytes_done: Bytes of the sources that are done.
    """

    seen: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    duplicates: int = 0
    exhausted: bool = False
    workers: int = 0
    lost: int = 0
    bytes_done: int = 0

    @property
    def pending(self) -> int:
        """Sources that were read and have no outcome yet."""
        return self.seen - self.done - self.failed - self.skipped


class Driver:
    """One run.

    Args:
        items: The sources.
        checkpoint: Where outcomes are kept.
        hire: Starts a worker.
        order: What each worker has to do.
        workers: How many workers.
        per_minute: The limits of the account, by rate-limit group.
        retry_failed: Whether sources that failed for good are tried again.
        on_progress: Called with the figures about every second.

    Attributes:
        progress: The figures.
        is_clean: Whether all workers have ended their runs: then no request is on its way any more.
    """

    def __init__(
        self,
        items: AsyncGenerator[IngestItem],
        *,
        checkpoint: Checkpoint,
        hire: Callable[[Order], Handle],
        order: Order,
        workers: int,
        per_minute: Mapping[str, float],
        retry_failed: bool = False,
        on_progress: Callable[[Progress], Any] | None = None,
    ) -> None:
        self.progress: Progress = Progress()
        self.is_clean: bool = False
        self._items = items
        self._checkpoint = checkpoint
        self._hire = hire
        self._order = order
        self._workers = workers
        self._per_minute = per_minute
        self._retry_failed = retry_failed
        self._on_progress = on_progress
        self._queue: asyncio.Queue[IngestItem] = asyncio.Queue(READ_AHEAD)
        self._live: set[Handle] = set()
        self._hired: set[Handle] = set()
        self._all_stopped = True
        self._began = time.time()

    async def run(self) -> None:
        """Run to the end.

        Raises:
            TwelveLabsError: The run cannot go on; the outcomes so far are kept.
        """
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._keep())]
        serving = [asyncio.create_task(self._serve()) for _ in range(self._workers)]
        try:
            waiting = {*tasks, *serving}
            # A worker that nobody needs any more may never have started, because others hold the CPUs.
            while not (all(task.done() for task in serving) or self._is_done()):
                done, waiting = await asyncio.wait(waiting, timeout=FLUSH, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in (*tasks, *serving):
                task.cancel()
            await asyncio.gather(*tasks, *serving, return_exceptions=True)
            try:
                self.is_clean = await self._stop_workers()
            finally:
                await asyncio.to_thread(self._checkpoint.flush)
                self._tell()

    def _is_done(self) -> bool:
        """Whether each source has an outcome."""
        return self.progress.exhausted and not self.progress.pending

    async def _read(self) -> None:
        """Read the sources; those that have to be worked on go into the queue."""
        progress, seen = self.progress, set[bytes]()
        async with aclosing(self._items) as items:
            async for item in items:
                digest = hashlib.blake2b(item.key.encode(), digest_size=16).digest()
                if digest in seen:
                    progress.duplicates += 1
                    continue
                seen.add(digest)
                progress.seen += 1
                await self._take(_portable(item))
        progress.exhausted = True

    async def _take(self, item: IngestItem) -> None:
        state = self._checkpoint.state(item.key)
        if item.problem is not None:
            if state == "done":
                self.progress.skipped += 1
            else:
                self._record(IngestOutcome.of_problem(item), None)
            return
        if item.place and unreadable_key(item.place) != item.key:
            self._checkpoint.discard(unreadable_key(item.place))
        if state == "done" or (state == "failed" and not self._retry_failed):
            self.progress.skipped += 1
        else:
            await self._queue.put(item)

    async def _keep(self) -> None:
        """Write outcomes while the run goes on."""
        while True:
            await asyncio.to_thread(self._checkpoint.renew_lease)
            await asyncio.to_thread(self._checkpoint.flush)
            self._tell()
            await asyncio.sleep(FLUSH)

    def _tell(self) -> None:
        self.progress.workers = len(self._live)
        if self._on_progress is not None:
            self._on_progress(self.progress)

    async def _serve(self) -> None:
        """Keep one worker busy, and replace it when it is lost."""
        held: dict[str, IngestItem] = {}
        losses, suspects = 0, dict[str, tuple[float, float]]()
        while True:
            handle = self._hire(attrs.evolve(self._order, suspects=suspects))
            self._hired.add(handle)
            before = self.progress.done + self.progress.failed
            try:
                await self._work_with(handle, held)
            except WorkerLostError as error:
                logger.warning("a worker was lost with %d sources, and is replaced: %s", len(held), error)
                self._discard(handle)
                self.progress.lost += 1
                losses = 1 if self.progress.done + self.progress.failed > before else losses + 1
                if losses >= MAX_LOSSES:
                    self._fail_all(held, error)
                suspects = dict.fromkeys(held, (self._began, time.time()))
                await asyncio.sleep(SETTLE)  # its last requests may still be carried out
            else:
                # Others may go on for long. If nobody speaks to it, it ends itself, and looks as if it were lost.
                self._all_stopped &= await self._stop(handle)
                self._discard(handle)
                return

    async def _work_with(self, handle: Handle, held: dict[str, IngestItem]) -> None:
        """Send sources to a worker until there are no more.

        Args:
            handle: The worker.
            held: What it has to work on: in the beginning, what a lost worker has left.
        """
        unsent, room = list(held.values()), 0
        while held or not (self.progress.exhausted and self._queue.empty()):
            items, unsent = unsent[:room], unsent[room:]
            while len(items) < room and not self._queue.empty():
                item = self._queue.get_nowait()
                held[item.key] = item
                items.append(item)
            report = await handle.exchange(Parcel(items=items, per_minute=self._share(handle)))
            self._live.add(handle)
            for outcome in report.outcomes:
                self._record(outcome, held.pop(outcome.key, None))
            if report.error is not None:
                if getattr(report.error, "retryable", False):
                    raise WorkerLostError(str(report.error)) from report.error
                raise report.error
            room = report.room

    def _share(self, handle: Handle) -> dict[str, float]:
        """The limits of the account, divided by the number of workers that are alive."""
        workers = len(self._live | {handle})
        return {group: rate / workers for group, rate in self._per_minute.items()}

    def _record(self, outcome: IngestOutcome, item: IngestItem | None) -> None:
        progress = self.progress
        if outcome.ok:
            progress.done += 1
            progress.bytes_done += (item.size or 0) if item is not None else 0
        else:
            progress.failed += 1
        self._checkpoint.add(outcome)

    def _fail_all(self, held: dict[str, IngestItem], error: Exception) -> None:
        """Workers that have these sources are lost again and again: go on without these."""
        if not held:
            raise IngestError(f"{MAX_LOSSES} workers were lost one after the other: {error}") from error
        for item in held.values():
            self._record(
                IngestOutcome(
                    key=item.key,
                    source=display_source(item.source),
                    status="failed",
                    stage="source",
                    error=WorkerLostError.__name__,
                    message=f"{MAX_LOSSES} workers with this source, and others, were lost: {error}",
                    retryable=True,
                ),
                item,
            )
        held.clear()

    def _discard(self, handle: Handle) -> None:
        self._live.discard(handle)
        self._hired.discard(handle)
        handle.kill()

    async def _stop_workers(self) -> bool:
        """Have all workers end their runs; whether all have."""
        handles = list(self._hired)
        stops: list[Awaitable[bool]] = [self._stop(handle) for handle in handles]
        try:
            return all([*await asyncio.gather(*stops), self._all_stopped])
        finally:
            for handle in handles:
                self._discard(handle)

    async def _stop(self, handle: Handle) -> bool:
        try:
            report = await asyncio.wait_for(handle.stop(), STOP)
        except (WorkerLostError, TimeoutError):
            return False
        for outcome in report.outcomes:
            self._record(outcome, None)
        return True


def _portable(item: IngestItem) -> IngestItem:
    """The item as it can be sent to another process, whose working directory is another."""
    source: Any = item.source
    try:
        if item.problem is not None:
            return item
        if isinstance(source, Path):
            source = source.absolute()
        elif isinstance(source, tuple):
            source = source[0], _portable_content(source[1])
    except TypeError as error:
        problem = SourceProblem(error="TypeError", message=f"{display_source(item.source)}: {error}")
        return attrs.evolve(item, source=display_source(item.source), problem=problem)
    return attrs.evolve(item, source=source, metadata=dict(item.metadata))


def _portable_content(content: Any) -> Any:
    if isinstance(content, bytes):
        return content
    if isinstance(content, bytearray | memoryview):
        return bytes(content)
    if isinstance(content, Path):
        return content.absolute()
    raise TypeError(f"a {type(content).__name__} cannot be sent to a worker; pass a path, a URL or bytes")
