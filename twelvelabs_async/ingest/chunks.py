"""Large files, which are sent in chunks: the journal keeps the session, so that the next process goes on with it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..errors import APIStatusError, AuthenticationError, ForbiddenError, TooManyRequestsError, UploadError
from ..uploads.state import UploadState
from ..uploads.stored import is_gone
from ..uploads.values import UploadProgress
from .job import GoneError
from .values import display_source

if TYPE_CHECKING:
    from .._request.options import RequestOptions
    from ..resources.multipart_upload import MultipartUploadResource
    from .job import Job
    from .journal import Journal
    from .values import IngestStats


class ChunkSender:
    """Sends large files.

    Args:
        uploads: The uploads in chunks.
        journal: The journal.
        stats: The figures.
        options: Request options of every call.
    """

    def __init__(
        self,
        uploads: MultipartUploadResource,
        journal: Journal,
        stats: IngestStats,
        options: RequestOptions | None,
    ) -> None:
        self._uploads = uploads
        self._journal = journal
        self._stats = stats
        self._options = options

    async def settle(self, job: Job) -> bool:
        """Find out what became of an upload that was begun before.

        Returns:
            Whether it is finished, or can be continued; if not, its session is gone.
        """
        keeper = _JournalKeeper(job, self._journal)
        state = await keeper.load()
        if state is None:
            await keeper.forget()
            return False
        if state.result is None and (status := await self._status(state.upload_id)) != "completed":
            if status != "active":
                await keeper.forget()
            return status == "active"
        job.asset_id, job.adopted = state.asset_id, True
        await keeper.forget()
        return True

    async def send(self, job: Job, making: AbstractContextManager[None]) -> str:
        """Send a file, or what is missing of it; the id of its asset.

        Args:
            job: The source.
            making: Entered while a session is made and written down, which must not be interrupted.

        Raises:
            UploadError: It did not finish, or the file is not the one whose upload was begun.
            GoneError: Its session has ended.
        """
        item = job.item
        source: Any = item.source[1] if isinstance(item.source, tuple) else item.source
        keeper = _JournalKeeper(job, self._journal)
        counted = 0

        def count(progress: UploadProgress) -> None:
            nonlocal counted
            self._stats.bytes_sent += progress.bytes_sent - counted
            counted = progress.bytes_sent

        try:
            async with self._uploads._kept_run(source, item.filename, job.metadata, count, self._options) as run:
                begun = await run.resumed(keeper)
                if begun is None:
                    with making:
                        begun = await run.begun(keeper)
                counted = begun.bytes_done
                return (await run.finish(keeper, begun)).asset_id
        except UploadError as error:
            if _is_session_gone(error):
                await keeper.forget()
                raise GoneError(str(error)) from error
            cause = error.original_error
            if cause is None and not error.failed:
                await keeper.forget()  # it does not fit the file: the next attempt begins anew
            if _concerns_all(error):
                assert cause is not None  # noqa: S101 - for type checkers
                raise cause from error
            raise

    async def _status(self, upload_id: str) -> str | None:
        """What the platform says about a session; None if it is gone."""
        try:
            return (await self._uploads._status(upload_id, self._options)).status
        except APIStatusError as error:
            if is_gone(error):
                return None
            raise


class _JournalKeeper:
    """Keeps the state of an upload in the journal."""

    def __init__(self, job: Job, journal: Journal) -> None:
        self._job = job
        self._journal = journal

    async def load(self) -> UploadState | None:
        if self._job.upload_state is None:
            return None
        try:
            return UploadState.from_json(self._job.upload_state.encode())
        except ValueError:  # of a later release: its session expires
            return None

    async def save(self, state: UploadState) -> None:
        await self._record(state.upload_id, state.to_json().decode())

    async def forget(self) -> None:
        await self._record(None, None)

    def error(self, problem: str) -> UploadError:
        return UploadError(
            f"The upload of {display_source(self._job.item.source)} cannot be continued: {problem}. It begins anew "
            "when failed sources are tried again."
        )

    async def _record(self, upload_id: str | None, state: str | None) -> None:
        self._job.upload_state = state
        await self._journal.record(
            self._job.key, upload_id=upload_id, upload_state=state, intent=self._job.intent("asset")
        )


def _is_session_gone(error: UploadError) -> bool:
    return isinstance(error.original_error, APIStatusError) and is_gone(error.original_error)


def _concerns_all(error: UploadError) -> bool:
    """Whether the platform refused a request, and not the store a chunk, in a way that concerns every source."""
    refused = isinstance(error.original_error, AuthenticationError | ForbiddenError | TooManyRequestsError)
    return refused and error.chunk_index not in error.failed
