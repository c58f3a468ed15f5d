"""What each stage does with the client. A stage that is entered again goes on where the job is."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, cast

from .._codec.serialize import to_dict
from .._request.sources import SourceError
from ..errors import APIStatusError, IndexFullError, TaskFailedError, TwelveLabsError, WaitTimeoutError
from .chunks import ChunkSender
from .completions import Completions
from .destination import is_gone
from .job import GoneError
from .sources import open_unchanged

if TYPE_CHECKING:
    from collections.abc import AsyncIterable
    from concurrent.futures import Executor

    from .._request.options import RequestOptions
    from ..resources.assets import AssetsResource
    from ..resources.multipart_upload import MultipartUploadResource
    from ..waiters.many import Outcome, Outcomes
    from .destination import Destination
    from .job import Job
    from .journal import Journal
    from .lookup import Lookup
    from .values import IngestStats

DIRECT_BYTES: Final = 200 * 1024 * 1024
"""Largest file that is sent in one request; a larger one is sent in chunks."""

FULL: Final = "usage_limit_exceeded"
"""The code of the platform for an index that takes no more videos."""

EXHAUSTED: Final = frozenset({FULL, "insufficient_funds", "insufficient_credits", "payment_required", "quota_exceeded"})
"""Codes of errors that say: the account has no funds, or a limit of its plan is reached."""

Analyze = Callable[[str], Awaitable[str]]
"""Analyzes an asset, and returns the text."""


class Stages:
    """The stages.

    Args:
        assets: The assets.
        uploads: The uploads in chunks.
        destination: The index or knowledge store.
        lookup: Finds what is in doubt.
        journal: The journal.
        files: Opens files.
        stats: The figures.
        options: Request options of every call.
        sleep_interval: Seconds between the first two checks of a wait.
        timeout: Timeout of each wait.
        analyze: Analyzes an asset; None if that is not wanted.
        embeddings: The folder for embeddings; None if they are not wanted.
    """

    def __init__(
        self,
        *,
        assets: AssetsResource,
        uploads: MultipartUploadResource,
        destination: Destination,
        lookup: Lookup,
        journal: Journal,
        files: Executor,
        stats: IngestStats,
        options: RequestOptions | None,
        sleep_interval: float,
        timeout: float,
        analyze: Analyze | None,
        embeddings: Path | None,
    ) -> None:
        self._assets = assets
        self._chunks = ChunkSender(uploads, journal, stats, options)
        self._destination = destination
        self._lookup = lookup
        self._journal = journal
        self._files = files
        self._stats = stats
        self._options = options
        self._analyze = analyze
        self._embeddings = embeddings

        def ready_assets(ids: AsyncIterable[str]) -> Outcomes[Outcome[Any]]:
            return assets.as_completed(ids, sleep_interval=sleep_interval, timeout=timeout, request_options=options)

        def ready_entries(ids: AsyncIterable[str]) -> Outcomes[Outcome[Any]]:
            return destination.completed(ids, sleep_interval, timeout)

        self._ready_assets = Completions(ready_assets, sleep_interval)
        self._ready_entries = Completions(ready_entries, sleep_interval)

    @property
    def waits(self) -> tuple[Completions, Completions]:
        """What has to run while the stages are in use."""
        return self._ready_assets, self._ready_entries

    @property
    def client_is_closed(self) -> bool:
        """Whether the client can send nothing any more."""
        return self._assets._core.transport.closed

    @property
    def analyzes(self) -> bool:
        """Whether videos are analyzed."""
        return self._analyze is not None

    @property
    def embeds(self) -> bool:
        """Whether embeddings are written."""
        return self._embeddings is not None

    async def check(self, job: Job) -> None:
        """Check that the file is still what its key says, and open it for its upload.

        Raises:
            SourceError: It is not, or cannot be had again.
            OSError: It cannot be found.
        """
        if job.item.problem is not None:
            raise SourceError(job.item.problem.message)
        if job.item.path is not None:
            job.file = await asyncio.get_running_loop().run_in_executor(self._files, open_unchanged, job.item)

    async def settle(self, job: Job) -> None:
        """Find out what became of a call whose response is not known. What was made is taken."""
        if job.doubt == "asset" and job.upload_state is not None and await self._chunks.settle(job):
            job.doubt = None
        await self._lookup.settle(job)
        await self.note_ids(job)

    async def upload(self, job: Job, making: AbstractContextManager[None]) -> None:
        """Make the asset.

        Args:
            job: The source.
            making: Entered while calls make something whose result must be written down.
        """
        await self._journal.intend(job.key, job.intent("asset") or "", stage="upload", attempts=job.attempts)
        begun = time.time()
        try:
            if job.upload_state is not None or (job.item.url is None and (job.item.size or 0) > DIRECT_BYTES):
                job.asset_id = await self._chunks.send(job, making)
                await self._note_asset(job, upload_id=None, upload_state=None)
                job.upload_state = None
            else:
                with making:
                    job.asset_id = await self._create(job)
                    self._stats.bytes_sent += job.item.size or 0
                    await self._note_asset(job)
        except Exception as error:
            await self._note_failure(job, "asset", begun, error)
            raise

    async def _note_asset(self, job: Job, **values: None) -> None:
        await self._journal.record(job.key, asset_id=job.asset_id, stage="asset", intent=job.intent(), **values)

    async def wait_for_asset(self, job: Job) -> None:
        """Wait until the platform has processed the asset.

        Raises:
            TaskFailedError: It could not.
            GoneError: The asset is no longer there.
        """
        assert job.asset_id is not None  # noqa: S101 - for type checkers
        error = (await self._ready_assets.outcome(job.asset_id)).error
        if error is not None:
            if is_gone(error):
                await self._forget_asset(job, error)
            raise error
        job.asset_is_ready = True

    async def index(self, job: Job, making: AbstractContextManager[None]) -> None:
        """Add the asset to the index or the knowledge store.

        Raises:
            IndexFullError: It takes no more.
            GoneError: The asset is no longer there.
        """
        assert job.asset_id is not None  # noqa: S101 - for type checkers
        await self._journal.intend(
            job.key, job.intent("index") or "", stage="index", attempts=job.attempts, asset_id=job.asset_id
        )
        begun = time.time()
        try:
            with making:
                job.entry_id = await self._destination.add(job.asset_id, job.metadata)
                values: dict[str, Any] = {self._destination.field: job.entry_id, "intent": job.intent()}
                await self._journal.record(job.key, stage="ready", **values)
        except Exception as error:
            await self._note_failure(job, "index", begun, error)
            if isinstance(error, APIStatusError) and error.code == FULL:
                raise IndexFullError(
                    f"The {self._destination.name} {self._destination.id} accepts no more videos: {error.message}",
                    index_id=self._destination.id,
                ) from error
            if is_gone(error):
                await self._destination.check()  # if it is the index that is gone, nothing can be done
                await self._forget_asset(job, error)
            raise

    async def wait_for_entry(self, job: Job) -> None:
        """Wait until it can be searched.

        Raises:
            TaskFailedError: The platform could not index it.
            GoneError: It is no longer there.
        """
        assert job.entry_id is not None  # noqa: S101 - for type checkers
        error = (await self._ready_entries.outcome(job.entry_id)).error
        if error is not None:
            if is_gone(error):  # its asset may still be there
                await self._destination.check()
                job.entry_id = None
                await self.note_ids(job)
                raise GoneError(str(error)) from error
            raise error

    async def note_ids(self, job: Job) -> None:
        """Write down what was found at the platform, or was removed there. Nothing is in doubt then."""
        values: dict[str, Any] = {
            "asset_id": job.asset_id,
            self._destination.field: job.entry_id,
            "intent": job.intent(),
        }
        await self._journal.record(job.key, **values)

    async def analyze(self, job: Job) -> None:
        """Analyze it."""
        if self._analyze is not None and job.asset_id is not None:
            job.analysis = await self._analyze(job.asset_id)

    async def embed(self, job: Job) -> None:
        """Write its embeddings into a file."""
        if self._embeddings is not None and job.asset_id is not None and job.entry_id is not None:
            made = await self._destination.embedding(job.asset_id, job.entry_id)
            path = self._embeddings / f"{hashlib.sha256(job.key.encode()).hexdigest()[:40]}.json"
            content = {"key": job.key, "asset_id": job.asset_id, "embedding": _plain(made)}
            await asyncio.to_thread(_write, path, content)
            job.embedding = str(path)

    async def _forget_asset(self, job: Job, error: Exception) -> NoReturn:
        """What the job had is no longer there: it begins again.

        Raises:
            GoneError: Always.
        """
        job.forget_asset()
        values: dict[str, Any] = {"asset_id": None, self._destination.field: None}
        await self._journal.record(job.key, **values)
        raise GoneError(str(error)) from error

    async def _note_failure(self, job: Job, what: str, begun: float, error: Exception) -> None:
        """A response below 500 says that nothing was made; everything else leaves it in doubt."""
        if isinstance(error, APIStatusError) and error.status < 500 and job.upload_state is None:
            await self._journal.record(job.key, intent=job.intent())
        else:
            job.set_doubt(what, begun)

    async def _create(self, job: Job) -> str:
        item, file = job.item, cast("Any", job.file)
        if isinstance(item.source, tuple):
            file = item.filename, item.source[1]
        made = await self._assets.create(
            method="direct" if item.url is None else "url",
            file=file,
            url=item.url,
            filename=item.filename,
            user_metadata=job.metadata,
            request_options=self._options,
        )
        job.asset_is_ready = made.status == "ready"
        return made.id


def is_broken(error: BaseException) -> bool:
    """Whether the platform has found that it cannot use the file."""
    if isinstance(error, TaskFailedError):
        return True
    return isinstance(error, APIStatusError) and error.status in {400, 413, 415, 422} and not error.retryable


def concerns_account(error: BaseException) -> bool:
    """Whether the account can do no more, such as without funds: then every source would fail."""
    return isinstance(error, APIStatusError) and (error.status == 402 or error.code in EXHAUSTED)


def is_transient(error: BaseException) -> bool:
    """Whether the same may succeed soon. What has taken too long is left to the next run."""
    if isinstance(error, WaitTimeoutError):
        return False
    if isinstance(error, APIStatusError) and error.code == "asset_not_ready":
        return True
    return isinstance(error, GoneError) or (isinstance(error, TwelveLabsError) and error.retryable)


def _plain(value: Any) -> Any:
    return [to_dict(part) for part in value] if isinstance(value, list) else to_dict(value)


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content), encoding="utf-8")
    os.replace(part, path)  # noqa: PTH105 - atomic on every platform
