"""Passes the body of a request on to the platform while it arrives."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import mimetypes
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import attrs
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request

from .._request.streams import FileStream
from .._safe_repr import SafeRepr
from .limited_body import check_length, limited, too_large
from .problems import Problem, RefusedError, shutting_down
from .service import find_service, get_client

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Coroutine, Mapping

    from starlette.types import Message

    from .._request.options import RequestOptions
    from ..client import AsyncTwelveLabs
    from ..uploads import ProgressCallback, UploadResult

T = TypeVar("T")

FORM_BYTES: Final = 64 * 1024
"""Bytes that a form may have beside its file: boundaries, headers and other fields."""


@attrs.frozen(kw_only=True)
class IncomingFile(SafeRepr):
    """What a caller declares about its file, before it is read. None of it is verified.

    Attributes:
        filename: Name of the asset.
        content_type: Media type in lower case, without parameters; empty if not declared.
        size: Size in bytes; None if not declared.
    """

    filename: str
    content_type: str
    size: int | None


CheckFile = Callable[[IncomingFile], Awaitable[object] | object]
"""Raises an exception, such as `HTTPException(415)`, to refuse a file. May be a coroutine function."""


async def upload_body(
    request: Request,
    client: AsyncTwelveLabs | None = None,
    *,
    max_bytes: int,
    filename: str | None = None,
    check: CheckFile | None = None,
    file_type: Literal["video", "audio", "image"] | None = None,
    enable_hls: bool | None = None,
    enable_thumbnail: bool | None = None,
    user_metadata: Mapping[str, Any] | None = None,
    max_workers: int = 5,
    progress_callback: ProgressCallback | None = None,
    spool_dir: str | os.PathLike[str] | None = None,
    request_options: RequestOptions | None = None,
) -> UploadResult:
    """Upload the body of a request to the platform while it arrives, and create an asset from it.

        @app.post("/videos")
        async def create_video(request: Request) -> dict[str, str]:
            result = await upload_body(request, max_bytes=2_000_000_000)
            return {"asset_id": result.asset_id}

    A body whose `Content-Length` is known is not written anywhere: at most `max_workers` chunks of it are in memory,
    and the caller sends as fast as the platform accepts. A body of unknown length (chunked) is first written to a
    temporary file, because the platform requires its size in advance.

    If the caller disconnects, or the grace period of a shutdown ends, the upload is cancelled.

    Args:
        request: The request. Its body must not have been read.
        client: The client. Default: that of the lifespan.
        max_bytes: Largest size. It is compared with `Content-Length` before a byte is read, and counted while reading.
        filename: Name of the asset. Default: `upload`, with an ending that fits the media type.
        check: Refuses a file by its name, media type or size before a byte is read.
        file_type: Kind of content: `video`, `audio` or `image`. Default: derived from the name, else `video`.
        enable_hls: Whether to make a streaming (HLS) version of the asset.
        enable_thumbnail: Whether to make a thumbnail of the asset.
        user_metadata: Your own key-value pairs for the asset.
        max_workers: Chunks in flight at a time.
        progress_callback: Called at the start, after every chunk and at the end. An asynchronous one is awaited.
        spool_dir: Folder of the temporary file for a body of unknown length. Default: that of the operating system.
        request_options: Timeouts, retries, and additional headers for each call to the API.

    Returns:
        Identifier and URL of the asset.

    Raises:
        RefusedError: 413 if the body is too large, 422 if it is empty, 503 at a shutdown.
        ClientDisconnect: The caller has left.
        UploadError: The upload did not finish.
    """
    client = get_client(request) if client is None else client
    size = check_length(request, max_bytes)
    content_type = _media_type(request.headers.get("content-type"))
    name = filename or f"upload{mimetypes.guess_extension(content_type) or ''}"
    if size == 0:
        raise _empty()
    await _ask(check, IncomingFile(filename=name, content_type=content_type, size=size))
    body = _Body(request, max_bytes)
    # Larger by one than what is accepted, so that it is always the count above which refuses.
    stream = FileStream(body.pieces(), size=size, spool_dir=spool_dir, max_spool_bytes=max_bytes + 1)
    upload = client.multipart_upload.upload_file(
        (name, stream, content_type or None),
        file_type=file_type,
        enable_hls=enable_hls,
        enable_thumbnail=enable_thumbnail,
        user_metadata=user_metadata,
        max_workers=max_workers,
        progress_callback=progress_callback,
        request_options=request_options,
    )
    try:
        return await _while_present(request, upload, body.read)
    except Exception:
        if body.problem is not None:  # the caller is the cause of whatever the upload says
            raise body.problem from None
        if body.read.is_set() and not body.size:
            raise _empty() from None
        raise


async def upload_form(
    request: Request,
    client: AsyncTwelveLabs | None = None,
    *,
    max_bytes: int,
    field: str = "file",
    filename: str | None = None,
    check: CheckFile | None = None,
    file_type: Literal["video", "audio", "image"] | None = None,
    enable_hls: bool | None = None,
    enable_thumbnail: bool | None = None,
    user_metadata: Mapping[str, Any] | None = None,
    max_workers: int = 5,
    progress_callback: ProgressCallback | None = None,
    request_options: RequestOptions | None = None,
) -> UploadResult:
    """Upload the file of a form to the platform, and create an asset from it.

    A form does not state the size of its file, so Starlette writes files larger than 1 MB to a temporary file, which is
    then sent and finally deleted. Without a form, `upload_body` needs no temporary file.

    Args:
        request: The request. Its body must not have been read: in FastAPI, use the `Request`, not an `UploadFile`,
            which is read completely before the endpoint is called.
        client: The client. Default: that of the lifespan.
        max_bytes: Largest size of the file. `Content-Length` is compared before a byte is read, and the bytes are
            counted while reading; in both cases the form may have 64 KiB in addition.
        field: Name of the field with the file.
        filename: Name of the asset. Default: the name that the browser sent.
        check: Refuses a file by its name, media type or size, before any of it is sent to the platform.
        file_type: Kind of content: `video`, `audio` or `image`. Default: derived from the name, else `video`.
        enable_hls: Whether to make a streaming (HLS) version of the asset.
        enable_thumbnail: Whether to make a thumbnail of the asset.
        user_metadata: Your own key-value pairs for the asset.
        max_workers: Chunks in flight at a time.
        progress_callback: Called at the start, after every chunk and at the end. An asynchronous one is awaited.
        request_options: Timeouts, retries, and additional headers for each call to the API.

    Returns:
        Identifier and URL of the asset.

    Raises:
        RefusedError: 413 if the file is too large, 422 if it is empty or there is none, 503 at a shutdown.
        HTTPException: 400 if the form is malformed.
        ClientDisconnect: The caller has left.
        UploadError: The upload did not finish.
    """
    client = get_client(request) if client is None else client
    check_length(request, max_bytes + FORM_BYTES)
    async with _counted(request, max_bytes).form(max_files=1, max_fields=100) as form:
        file = form.get(field)
        if not isinstance(file, UploadFile):
            message = f"The form has no file in its field {field!r}."
            raise RefusedError(Problem(status=422, code="file_missing", message=message))
        if file.size is not None and file.size > max_bytes:
            raise too_large(max_bytes)
        if file.size == 0:
            raise _empty()
        name = filename or file.filename or "upload"
        await _ask(check, IncomingFile(filename=name, content_type=_media_type(file.content_type), size=file.size))
        upload = client.multipart_upload.upload_file(
            (name, file),
            file_type=file_type,
            enable_hls=enable_hls,
            enable_thumbnail=enable_thumbnail,
            user_metadata=user_metadata,
            max_workers=max_workers,
            progress_callback=progress_callback,
            request_options=request_options,
        )
        return await _while_present(request, upload, None)


class _Body:
    """A body that is being passed on.

    Attributes:
        size: Bytes that have arrived.
        read: Set when its end was read.
        problem: Why it could not be read to its end.
    """

    def __init__(self, request: Request, max_bytes: int) -> None:
        self._request = request
        self._max_bytes = max_bytes
        self.size: int = 0
        self.read: asyncio.Event = asyncio.Event()
        self.problem: Exception | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Its bytes."""
        try:
            async with contextlib.aclosing(limited(self._request, self._max_bytes)) as pieces:
                async for piece in pieces:
                    self.size += len(piece)
                    yield piece
        except Exception as error:
            self.problem = error
            raise
        self.read.set()


async def _while_present(request: Request, upload: Coroutine[Any, Any, T], read: asyncio.Event | None) -> T:
    """Wait for an upload; cancel it when the caller leaves, or a shutdown has waited for long enough.

    Args:
        request: The request.
        upload: The upload.
        read: Set when the body was read, before which leaving is noticed by whoever reads it.
    """
    stopped: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    service = find_service(request.scope)

    def stop() -> None:
        if not stopped.done():
            stopped.set_result(None)

    with contextlib.nullcontext() if service is None else service.work.running(stop):
        uploading = asyncio.create_task(upload)
        gone = asyncio.create_task(_until_gone(request, read))
        try:
            await asyncio.wait((uploading, gone, stopped), return_when=asyncio.FIRST_COMPLETED)
            finished = uploading.done()
        finally:
            uploading.cancel()
            gone.cancel()
            # The upload reports how far it came, which takes two seconds at most.
            await asyncio.gather(uploading, gone, return_exceptions=True)
        if finished:
            return uploading.result()
        raise RefusedError(shutting_down()) if stopped.done() else ClientDisconnect


async def _until_gone(request: Request, read: asyncio.Event | None) -> None:
    if read is not None:
        await read.wait()
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _counted(request: Request, max_bytes: int) -> Request:
    """The same request, which counts its body while a form is read from it."""
    size = 0

    async def receive() -> Message:
        nonlocal size
        message = await request.receive()
        size += len(message.get("body", b""))
        if size > max_bytes + FORM_BYTES:
            raise too_large(max_bytes)
        return message

    return Request(request.scope, receive)


async def _ask(check: CheckFile | None, file: IncomingFile) -> None:
    if check is not None:
        result = check(file)
        if inspect.isawaitable(result):
            await result


def _media_type(header: str | None) -> str:
    return (header or "").partition(";")[0].strip().lower()


def _empty() -> RefusedError:
    return RefusedError(Problem(status=422, code="file_empty", message="The file is empty."))
