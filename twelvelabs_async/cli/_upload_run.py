"""Uploads and indexes files, several at a time, and records the outcome of each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import attrs
import click

from .._safe_repr import SafeRepr
from ..errors import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ForbiddenError,
    NotFoundError,
    TaskFailedError,
    TwelveLabsError,
)
from ._files import ProgressFile, default_state
from ._output import error_line, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ..client import AsyncTwelveLabs
    from ..types import IndexedAssetDetailed
    from ..uploads import UploadProgress
    from ._bars import Bar, Bars

CLEANUP_SECONDS: Final = 10.0
"""Timeout for the removal of an unusable asset."""

_NEVER_INDEXED: Final = (TaskFailedError, BadRequestError, NotFoundError)
"""After these the platform will never index the asset."""


@attrs.define
class Outcome(SafeRepr):
    """The outcome of a file.

    Attributes:
        file: The file as it was given.
        status: `not started`, `uploading`, `checking`, `indexing`, `ready`, `failed`, `interrupted`.
        asset_id: Its asset, while it exists.
        video_id: Its video in the index.
        reason: Why it failed, or what is left on the platform.
    """

    file: str
    status: str = "not started"
    asset_id: str | None = None
    video_id: str | None = None
    reason: str | None = None


@attrs.frozen(kw_only=True)
class UploadOptions(SafeRepr):
    """The options of `upload`.

    Attributes:
        index_id: The index.
        wait: Whether to wait until they are indexed.
        workers: Files at a time.
        timeout: Timeout in seconds of each of the two waits, for checking and for indexing.
        interval: Seconds between two polls.
        direct_bytes: Files up to this size are sent in one request, larger ones in chunks.
        resume: Whether to keep the state of files that are sent in chunks, and to continue with them.
        state: Where the state of a single file is kept; None for the state folder of the user.
    """

    index_id: str
    wait: bool = True
    workers: int = 4
    timeout: float = 7200.0
    interval: float = 2.0
    direct_bytes: int = 100_000_000
    resume: bool = False
    state: Path | None = None


class UploadRun:
    """One run of `upload`."""

    def __init__(
        self,
        client: AsyncTwelveLabs,
        options: UploadOptions,
        paths: Sequence[Path],
        bars: Bars,
        on_outcome: Callable[[Outcome], None],
    ) -> None:
        """Prepare it.

        Args:
            client: The client.
            options: The options.
            paths: The files.
            bars: Where progress is shown.
            on_outcome: Called with the outcome of each file.
        """
        self._client = client
        self._options = options
        self._bars = bars
        self._on_outcome = on_outcome
        self._key_rejected = False
        self._paths = paths
        self.outcomes = [Outcome(click.format_filename(path)) for path in paths]

    async def run(self) -> None:
        """Upload the files; `outcomes` holds their outcomes in the same order.

        When this is cancelled, all uploads stop, and assets that are not being indexed are removed.
        """
        queue = zip(self._paths, self.outcomes, strict=True)  # the workers share it
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._options.workers, len(self._paths))):
                    group.create_task(self._work(queue))
        finally:
            for outcome in self.outcomes:
                if outcome.status == "not started":
                    self._on_outcome(outcome)

    async def _work(self, queue: Iterator[tuple[Path, Outcome]]) -> None:
        for path, outcome in queue:
            if self._key_rejected:
                return  # the key was rejected: the next file would fail in the same way
            try:
                await self._file(path, outcome)
            except (AuthenticationError, ForbiddenError) as error:
                self._key_rejected = True
                outcome.status, outcome.reason = "failed", error_line(error)
            except _NEVER_INDEXED as error:
                outcome.status, outcome.reason = "failed", error_line(error)
                await self._discard(path, outcome)
            except (TwelveLabsError, OSError, ValueError) as error:
                outcome.status, outcome.reason = "failed", error_line(error)
            except asyncio.CancelledError:
                await self._interrupted(path, outcome)
                raise
            finally:
                self._on_outcome(outcome)

    async def _file(self, path: Path, outcome: Outcome) -> None:
        outcome.status = "uploading"
        size = (await asyncio.to_thread(path.stat)).st_size
        with self._bars.file(outcome.file, size) as bar:
            outcome.asset_id = await self._send(path, size, bar)
            outcome.status = "checking"
            bar.state("checking")
            interval, timeout = self._options.interval, self._options.timeout
            await self._client.assets.wait_for_done(outcome.asset_id, interval, timeout=timeout)
            outcome.status = "indexing"
            bar.state("indexing")
            known = None
            if self._options.resume and size > self._options.direct_bytes:
                known = await self._indexed_before(outcome.asset_id)
            outcome.video_id = known or await self._index(outcome.asset_id)
            if self._options.wait:

                def show(seen: IndexedAssetDetailed) -> None:
                    bar.state(seen.status or "indexing")

                await self._client.indexes.indexed_assets.wait_for_done(
                    self._options.index_id, outcome.video_id, interval, show, timeout=timeout
                )
                outcome.status = "ready"
            await self._forget(path)

    async def _index(self, asset_id: str) -> str:
        """Begin to index an asset, and return the id of its video."""
        made = await self._client.indexes.indexed_assets.create(self._options.index_id, asset_id=asset_id)
        return made.id

    async def _indexed_before(self, asset_id: str) -> str | None:
        """The video that a run which was killed has made of an asset; None if there is none."""
        async for video in self._client.indexes.indexed_assets.list_by_asset(asset_id, page_limit=50):
            if video.index is not None and video.index.id == self._options.index_id:
                return video.id
        return None

    async def _send(self, path: Path, size: int, bar: Bar) -> str:
        """Upload a file and return the id of its asset."""
        name = one_line(click.format_filename(path, shorten=True))
        if size > self._options.direct_bytes:

            def show(seen: UploadProgress) -> None:
                bar.sent(round(size * seen.percentage / 100))

            sent = await self._client.multipart_upload.upload_file(
                path, filename=name, progress_callback=show, state=await self._state_of(path)
            )
            return sent.asset_id
        with ProgressFile(path, bar.sent) as file:
            asset = await self._client.assets.create(method="direct", file=(name, file))
        return asset.id

    async def _state_of(self, path: Path) -> Path | None:
        """Where the state of an upload is kept; None if it is not."""
        if not self._options.resume:
            return None
        return self._options.state or await asyncio.to_thread(default_state, path, self._client.base_url)

    async def _forget(self, path: Path) -> None:
        """Delete the state of an upload: a later one of the same file is a new one."""
        state = await self._state_of(path)
        if state is not None:
            await asyncio.to_thread(state.unlink, missing_ok=True)

    async def _delete(self, asset_id: str) -> None:
        """Delete an asset; it may be gone already."""
        try:
            await self._client.assets.delete(asset_id, force=True)
        except APIStatusError as error:
            if error.status != 404 and error.code != "resource_not_exist":
                raise

    async def _interrupted(self, path: Path, outcome: Outcome) -> None:
        status, outcome.status = outcome.status, "interrupted"  # now: a second interruption ends what follows
        if status == "uploading":
            # There is no call to end an upload session, and no asset before its last chunk is reported.
            outcome.reason = "the upload was stopped; the platform deletes the incomplete upload within 24 hours"
            if self._options.resume:
                outcome.reason += ", and until then the same command continues it"
        elif status == "checking":
            outcome.reason = "the upload was complete, but not indexed"
            await self._discard(path, outcome)
        elif status == "indexing":
            outcome.reason = "the platform continues to index it; see 'status'"

    async def _discard(self, path: Path, outcome: Outcome) -> None:
        """Remove an unusable asset, and the video that failed with it."""
        if outcome.asset_id is None:
            return
        try:
            async with asyncio.timeout(CLEANUP_SECONDS):
                if outcome.video_id is not None:
                    await self._client.indexes.indexed_assets.delete(self._options.index_id, outcome.video_id)
                    outcome.video_id = None
                await self._delete(outcome.asset_id)
        except (TwelveLabsError, TimeoutError) as error:
            outcome.reason = f"{outcome.reason} (its asset could not be removed: {error_line(error)})"
        else:
            outcome.asset_id = None
            outcome.reason = f"{outcome.reason} (its asset was removed)"
            await self._forget(path)
