"""One call of `upload_file` or `resume_file`: a new session, or an earlier one that goes on."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._config.hooks import logger
from .._generated.operations.multipart_uploads import RETRIEVE_UPLOAD_STATUS, MultipartUploadResource
from .._request.sources import SourceError
from .._request.threads import in_thread
from .._request.urls import split_http_url
from .._safe_repr import SafeRepr
from ..errors import DecodeError, UploadError
from ..uploads.engine import Upload
from ..uploads.session import Session, session_named_in
from ..uploads.state import FileIdentity, KnownSession, UploadState, headers_to_keep
from ..uploads.state_file import StateFile
from ..uploads.stored import PAGE_LIMIT, find_stored
from ..uploads.values import UploadResult

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Collection, Mapping

    from .._generated.models.multipart_uploads import GetUploadStatusResponse
    from .._request.options import RequestOptions
    from .._request.sources import Source
    from .._request.streams import StreamSource
    from ..uploads.api import UploadApi
    from ..uploads.state import StateKeeper
    from ..uploads.stored import StoredChunks
    from ..uploads.values import Settings

_AGAIN: Final = "Upload %s cannot be resumed (%s): the file is uploaded from the beginning"


@attrs.frozen
class BegunUpload(SafeRepr):
    """An upload that has a session.

    Attributes:
        state: Its state.
        session: Its session; None if the upload is finished.
        done: Chunks that need not be sent.
    """

    state: UploadState
    session: Session | None = None
    done: Collection[int] = ()

    @property
    def bytes_done(self) -> int:
        """Bytes of the chunks that need not be sent."""
        if self.session is None:
            return self.state.file.size
        return sum(self.session.layout.region(index)[1] for index in self.done)


@asynccontextmanager
async def in_time(settings: Settings, upload_id: str | None = None) -> AsyncIterator[None]:
    """Bound what happens before the first chunk is sent by the timeout of the upload.

    Raises:
        UploadError: It passed.
    """
    limit = asyncio.timeout_at(settings.deadline)
    try:
        async with limit:
            yield
    except TimeoutError as error:
        if not limit.expired():
            raise  # that of a stream
        raise UploadError(
            f"The upload did not begin: the timeout of {settings.timeout:g} s passed",
            upload_id=upload_id,
            original_error=error,
        ) from error


class UploadRun:
    """Uploads one file.

    Args:
        resource: The operations, for the requests of a helper.
        api: Those that the engine needs; the same object.
        source: The file.
        settings: How to send it.
        asset: Arguments of `create` that describe the asset.
        options: Options of each call to the API.
    """

    def __init__(
        self,
        resource: MultipartUploadResource,
        api: UploadApi,
        source: Source | StreamSource,
        settings: Settings,
        *,
        asset: Mapping[str, Any],
        options: RequestOptions | None,
    ) -> None:
        self._resource = resource
        self._api = api
        self._source = source
        self._settings = settings
        self._asset = asset
        self._options = options
        self._transport = resource._core.transport
        self._base_url = resource._core.config.base_url

    async def begin(self) -> UploadResult:
        """Upload the file in a new session."""
        identity = await self._identity(complete=False)
        return await self._send(await self._create(), identity)

    async def with_state(self, path: str | os.PathLike[str]) -> UploadResult:
        """Upload the file, or what is missing of it, as a state file says; it is kept up to date."""
        file = await in_thread(StateFile, path)
        try:
            await in_thread(file.acquire)
            keeper = _FileKeeper(file)
            begun = await self.resumed(keeper) or await self.begun(keeper)
            return await self.finish(keeper, begun)
        finally:
            await in_thread(file.release)

    async def resumed(self, keeper: StateKeeper) -> BegunUpload | None:
        """The upload that was begun before; None if there is none, or its session is gone.

        Raises:
            UploadError: The state belongs to another file or platform, or the platform expects another file.
        """
        state = await keeper.load()
        if state is None:
            return None
        if state.origin != _origin(self._base_url):
            raise keeper.error(f"it belongs to an upload to {state.origin}")
        if (difference := state.file.difference(await self._identity(complete=True))) is not None:
            raise keeper.error(f"the file has changed since its upload began ({difference})")
        if state.result is not None:
            return BegunUpload(state)
        try:
            session = state.session()
        except UploadError as problem:
            raise keeper.error(f"it is damaged ({problem})") from None
        stored = None if session is None else await self._stored(session.upload_id)
        if session is not None and stored is not None:
            return BegunUpload(state, session, _done(session, stored))
        logger.warning(_AGAIN, state.upload_id, "its session is gone" if session else "its headers are secret")
        return None

    async def begun(self, keeper: StateKeeper) -> BegunUpload:
        """Create a session, whose state is kept."""
        identity = await self._identity(complete=True)
        session = await self._create()
        state = UploadState(
            origin=_origin(self._base_url),
            upload_id=session.upload_id,
            asset_id=session.asset_id,
            file=identity,
            chunk_size=session.layout.chunk_size,
            upload_headers=headers_to_keep(session.headers),
        )
        await keeper.save(state)
        return BegunUpload(state, session)

    async def finish(self, keeper: StateKeeper, begun: BegunUpload) -> UploadResult:
        """Send what the platform does not have; the state says then that the upload is finished."""
        if begun.state.result is not None:
            return begun.state.result
        assert begun.session is not None  # noqa: S101 - for type checkers: only a finished upload has none
        result = await self._send(begun.session, begun.state.file, begun.done)
        await keeper.save(begun.state.finished(result))
        return result

    async def after(self, error: UploadError) -> UploadResult:
        """Upload what an upload that ended with an error has not."""
        identity = await self._identity(complete=False)
        if error.file_identity:
            self._check_identity(error.upload_id, FileIdentity.from_dict(error.file_identity), identity)
        if error.upload_id is None:
            return await self.begin()
        if error.upload_headers is None or error.chunk_size is None or error.asset_id is None:
            return await self.go_on(error.upload_id)
        known = KnownSession(error.upload_id, error.asset_id, error.chunk_size, error.upload_headers)
        session = Session.of(known, self._source.size)
        stored = await self._stored(session.upload_id)
        if stored is None:
            logger.warning(_AGAIN, session.upload_id, "its session is gone")
            return await self.begin()
        return await self._send(session, identity, _done(session, stored))

    async def go_on(self, upload_id: str) -> UploadResult:
        """Upload what the platform does not have of a session of which only the id is known."""
        stored = await self._stored(upload_id)
        if stored is None:
            logger.warning(_AGAIN, upload_id, "its session is gone")
            return await self.begin()
        if stored.is_complete:
            raise UploadError(
                f"Upload {upload_id} is complete; there is nothing to resume. The platform does not say which asset it "
                "made: look at assets.list().",
                upload_id=upload_id,
            )
        chunk_size = await self._chunk_size(upload_id)
        # The platform names the asset with every report, but sends the headers of the chunks only once.
        session = attrs.evolve(
            Session.of(KnownSession(upload_id, "unknown", chunk_size, {}), self._source.size), asset_id=""
        )
        return await self._send(session, await self._identity(complete=False), _done(session, stored))

    async def _create(self) -> Session:
        try:
            async with in_time(self._settings):
                opened = await self._resource.create(
                    **self._asset, total_size=self._source.size, request_options=self._options
                )
        except DecodeError as error:
            upload_id = session_named_in(error.body)
            if upload_id is None:
                raise
            raise UploadError(
                f"Upload {upload_id} was created, but cannot begin: {error}", upload_id=upload_id, original_error=error
            ) from error
        return Session.of(opened, self._source.size)

    async def _send(self, session: Session, identity: FileIdentity, done: Collection[int] = ()) -> UploadResult:
        upload = Upload(
            session,
            self._source,
            self._settings,
            api=self._api,
            send=self._transport.send,
            options=self._options,
            allow_http=self._base_url.lower().startswith("http:"),
            done=done,
            identity=identity.to_dict(),
        )
        return await upload.run()

    async def _identity(self, *, complete: bool) -> FileIdentity:
        try:
            return await asyncio.to_thread(FileIdentity.of, self._source, complete=complete)
        except SourceError as error:
            raise UploadError(f"The upload did not begin: {error}", original_error=error) from error

    def _check_identity(self, upload_id: str | None, before: FileIdentity, now: FileIdentity) -> None:
        if (difference := before.difference(now)) is not None:
            raise UploadError(
                f"Upload {upload_id} cannot be resumed: the file has changed since it began ({difference}). Upload it "
                "from the beginning.",
                upload_id=upload_id,
            )

    async def _stored(self, upload_id: str) -> StoredChunks | None:
        """The chunks that the platform has; None if the session is gone."""

        async def fetch(page: int) -> GetUploadStatusResponse:
            return await self._resource._call(
                RETRIEVE_UPLOAD_STATUS,
                path={"upload_id": upload_id},
                query={"page": page, "page_limit": PAGE_LIMIT},
                options=self._options,
            )

        try:
            async with in_time(self._settings, upload_id):
                stored = await find_stored(fetch)
        except ValueError as problem:
            raise UploadError(f"Upload {upload_id} cannot be resumed: {problem}", upload_id=upload_id) from None
        if stored is not None and stored.total_size not in {None, self._source.size}:
            raise UploadError(
                f"Upload {upload_id} cannot be resumed: the platform expects a file of {stored.total_size:,} bytes, "
                f"and this one has {self._source.size:,}",
                upload_id=upload_id,
            )
        return stored

    async def _chunk_size(self, upload_id: str) -> int:
        pager = self._resource.list_incomplete_uploads(page_limit=PAGE_LIMIT, request_options=self._options)
        async with in_time(self._settings, upload_id):
            async for upload in pager:
                if upload.upload_id == upload_id:
                    return upload.chunk_size
        raise UploadError(
            f"Upload {upload_id} cannot be resumed: the platform does not list it among the incomplete ones, and its "
            "chunk size is not known",
            upload_id=upload_id,
        )


class _FileKeeper:
    """Keeps the state of an upload in a state file, which is locked."""

    def __init__(self, file: StateFile) -> None:
        self._file = file

    async def load(self) -> UploadState | None:
        return await in_thread(self._file.load)

    async def save(self, state: UploadState) -> None:
        try:
            await in_thread(self._file.save, state)
        except OSError as error:
            complete = state.result is not None
            raise UploadError(
                f"Upload {state.upload_id} {'is complete' if complete else 'did not begin'}, but the state file "
                f"{self._file.path} could not be written: {error}",
                upload_id=state.upload_id,
                asset_id=state.asset_id,
                original_error=error,
            ) from error

    def error(self, problem: str) -> UploadError:
        return self._file.error(problem)


def _done(session: Session, stored: StoredChunks) -> Collection[int]:
    """The chunks that need not be sent."""
    total = session.layout.total_chunks
    if stored.is_complete:
        return range(1, total + 1)
    if stored.completed and max(stored.completed) > total:
        raise UploadError(
            f"Upload {session.upload_id} cannot be resumed: the platform has chunk {max(stored.completed)}, but the "
            f"file has {total}",
            upload_id=session.upload_id,
        )
    return stored.completed


def _origin(base_url: str) -> str:
    parts = split_http_url(base_url)
    return f"{parts.scheme}://{parts.netloc}".lower()
