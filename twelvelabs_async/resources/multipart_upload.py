"""Multipart uploads: a whole file in one call, and waiting."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import attrs

from .. import uploads, waiters
from .._codec.model import UncheckedStr
from .._generated.operations import multipart_uploads as generated
from .._request.files import load_file, with_stream_options
from .._request.ids import id_of
from .._request.streams import StreamSource
from ..errors import UploadError
from ..uploads.plan import media_type

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator
    from typing import Literal

    from .._generated.models.multipart_uploads import CreateAssetUploadResponse
    from .._generated.params.common import UserMetadataParams
    from .._generated.params.ids import UploadOrId
    from .._request.files import FileInput
    from .._request.options import RequestOptions
    from ._upload_run import UploadRun


class _Default(str):
    """Distinguishes the default `"video"` from a `"video"` that the caller passed."""

    __slots__ = ()


_VIDEO: Final = UncheckedStr(_Default("video"))


class MultipartUploadResource(generated.MultipartUploadResource):
    """Operations of `multipart_upload`, and helpers on top of them."""

    async def create(
        self,
        *,
        filename: str,
        total_size: int,
        type: Literal["video", "audio", "image"] | UncheckedStr | None = None,  # noqa: A002 - the platform's name
        enable_hls: bool | None = None,
        enable_thumbnail: bool | None = None,
        user_metadata: UserMetadataParams | None = None,
        request_options: RequestOptions | None = None,
    ) -> CreateAssetUploadResponse:
        """Create a multipart upload. `upload_file` does this and all further steps.

        Args:
            filename: Name of the file and of the asset.
            total_size: Size of the whole file, in bytes.
            type: Kind of content: `video`, `audio` or `image`. Default: derived from the file name.
            enable_hls: Whether to make a streaming (HLS) version of the asset.
            enable_thumbnail: Whether to make a thumbnail of the asset.
            user_metadata: Your own key-value pairs for the asset.
            request_options: Timeouts, retries, and additional headers or members for this call alone.

        Returns:
            The session: identifiers of session and asset, the chunk size and the first URLs.
        """
        request_options = request_options and self._hide(request_options)
        return await super().create(
            filename=filename,
            total_size=total_size,
            type=media_type(filename) if type is None else type,
            enable_hls=enable_hls,
            enable_thumbnail=enable_thumbnail,
            user_metadata=user_metadata,
            request_options=request_options,
        )

    async def upload_file(
        self,
        file_path: FileInput,
        filename: str | None = None,
        file_type: Literal["video", "audio", "image"] | UncheckedStr | None = _VIDEO,
        batch_size: int = 10,
        max_workers: int = 5,
        progress_callback: uploads.ProgressCallback | None = None,
        max_retries: int = 3,
        retry_delay: float = 1.0,
        *,
        enable_hls: bool | None = None,
        enable_thumbnail: bool | None = None,
        user_metadata: UserMetadataParams | None = None,
        size: int | None = None,
        spool_dir: str | os.PathLike[str] | None = None,
        max_spool_bytes: int | None = None,
        state: str | os.PathLike[str] | None = None,
        resume: UploadError | None = None,
        verify_checksums: bool = True,
        timeout: float = uploads.SESSION_LIFETIME,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> uploads.UploadResult:
        """Upload a file in chunks, several at a time, and make an asset of it.

        The chunks are read from the file while they are sent; none of it is kept in memory or copied. On an error, a
        timeout or a cancellation, every worker stops, and the uploaded chunks are reported, before this returns. That
        report may take two seconds; a second cancellation ends it at once.

        Args:
            file_path: The file. Bytes, open binary files and asynchronous streams of bytes are accepted, too.
            filename: Name of the asset. Default: the name of the file.
            file_type: Kind of content: `video`, `audio` or `image`. Default: derived from the file name, else `video`.
            batch_size: Chunks in one report to the platform, which takes at most 50.
            max_workers: Chunks in flight at a time.
            progress_callback: Called at the start, after every chunk and at the end. An asynchronous one is awaited.
            max_retries: How often a chunk is retried.
            retry_delay: Delay before the first retry of a chunk, in seconds. It doubles with each further retry.
            enable_hls: Whether to make a streaming (HLS) version of the asset.
            enable_thumbnail: Whether to make a thumbnail of the asset.
            user_metadata: Your own key-value pairs for the asset.
            size: Size of a stream that can be read only once. Then `max_workers` chunks of it are kept in memory;
                without a size, it is written to a temporary file first.
            spool_dir: Folder of that temporary file. Default: that of the operating system.
            max_spool_bytes: Largest size of that temporary file. Default: 1 GiB.
            state: A small file that keeps the state of the upload, so that the same call continues it after the process
                was killed, and returns the same result once it is finished. It is created if it does not exist.
            resume: The error with which an earlier call ended: the chunks that the platform has are not sent again.
            verify_checksums: Whether to compute the MD5 of each chunk and compare it with the checksum of the store.
            timeout: Timeout of the upload, in seconds. Default: 24 hours, the lifetime of a session.
            request_options: Timeouts, retries, and additional headers for each call to the API.

        Returns:
            Identifier and URL of the asset. Wait for it with `assets.wait_for_done`.

        Raises:
            UploadError: The upload did not finish, or the file is not the one that the state belongs to. It holds the
                session, the finished chunks and the failed ones.
            OSError: The file is missing, a directory, or may not be read.
            ValueError: The file is empty, or an argument is invalid.
        """
        request_options = request_options and self._hide(request_options)
        if state is not None and resume is not None:
            raise ValueError("state and resume exclude each other: a state file says what to resume")
        if not (resume is None or isinstance(resume, UploadError)):
            raise TypeError(f"resume must be the UploadError of an earlier call, not {type(resume).__name__}")
        settings = uploads.Settings(
            batch_size=batch_size,
            max_workers=max_workers,
            max_retries=max_retries,
            retry_delay=retry_delay,
            timeout=timeout,
            progress_callback=progress_callback,
            verify_checksums=verify_checksums,
        )
        content = with_stream_options(file_path, size, spool_dir, max_spool_bytes)
        async with self._run(
            "file_path",
            content,
            filename,
            file_type,
            settings,
            enable_hls,
            enable_thumbnail,
            user_metadata,
            request_options,
            again="state" if state is not None else "resume" if resume is not None else None,
        ) as run:
            if state is not None:
                return await run.with_state(state)
            return await (run.begin() if resume is None else run.after(resume))

    async def resume_file(
        self,
        upload_id: UploadOrId,
        file: FileInput,
        *,
        filename: str | None = None,
        file_type: Literal["video", "audio", "image"] | UncheckedStr | None = None,
        batch_size: int = 10,
        max_workers: int = 5,
        progress_callback: uploads.ProgressCallback | None = None,
        max_retries: int = 3,
        retry_delay: float = 1.0,
        enable_hls: bool | None = None,
        enable_thumbnail: bool | None = None,
        user_metadata: UserMetadataParams | None = None,
        verify_checksums: bool = True,
        timeout: float = uploads.SESSION_LIFETIME,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> uploads.UploadResult:
        """Continue an upload of which only the session is known: send the chunks that the platform does not have.

        Only the size of the file can be compared with that of the upload: whoever calls this knows that it is the same
        file. `upload_file(..., state=...)` compares more. If the session is gone or has expired, the file is uploaded
        from the beginning; the arguments that describe the asset are for this case alone.

        Args:
            upload_id: Identifier of the upload session, such as `error.upload_id` of an `UploadError`.
            file: The file.
            filename: Name of the asset. Default: the name of the file.
            file_type: Kind of content: `video`, `audio` or `image`. Default: derived from the file name, else `video`.
            batch_size: Chunks in one report to the platform, which takes at most 50.
            max_workers: Chunks in flight at a time.
            progress_callback: Called at the start, after every chunk and at the end. An asynchronous one is awaited.
            max_retries: How often a chunk is retried.
            retry_delay: Delay before the first retry of a chunk, in seconds. It doubles with each further retry.
            enable_hls: Whether to make a streaming (HLS) version of the asset.
            enable_thumbnail: Whether to make a thumbnail of the asset.
            user_metadata: Your own key-value pairs for the asset.
            verify_checksums: Whether to compute the MD5 of each chunk and compare it with the checksum of the store.
            timeout: Timeout of the upload, in seconds. Default: 24 hours, the lifetime of a session.
            request_options: Timeouts, retries, and additional headers for each call to the API.

        Returns:
            Identifier and URL of the asset. Wait for it with `assets.wait_for_done`.

        Raises:
            UploadError: The upload did not finish, is complete already, or belongs to a file of another size.
            OSError: The file is missing, a directory, or may not be read.
            ValueError: The file is empty, or an argument is invalid.
        """
        request_options = request_options and self._hide(request_options)
        identifier = id_of("upload_id", upload_id, "upload")
        settings = uploads.Settings(
            batch_size=batch_size,
            max_workers=max_workers,
            max_retries=max_retries,
            retry_delay=retry_delay,
            timeout=timeout,
            progress_callback=progress_callback,
            verify_checksums=verify_checksums,
        )
        async with self._run(
            "file",
            file,
            filename,
            file_type,
            settings,
            enable_hls,
            enable_thumbnail,
            user_metadata,
            request_options,
            again="resume_file",
        ) as run:
            return await run.go_on(identifier)

    @asynccontextmanager
    async def _kept_run(
        self,
        file: FileInput,
        filename: str,
        user_metadata: UserMetadataParams,
        progress_callback: uploads.ProgressCallback,
        options: RequestOptions | None,
    ) -> AsyncIterator[UploadRun]:
        """What uploads a file for a caller that keeps the state itself."""
        async with self._run(
            "file",
            file,
            filename,
            None,
            uploads.Settings(progress_callback=progress_callback),
            None,
            None,
            user_metadata,
            options and self._hide(options),
            again="state",
        ) as run:
            yield run

    async def _status(self, upload_id: str, options: RequestOptions | None) -> uploads.UploadStatus:
        """The state of an upload session."""
        response = await self._call(
            generated.RETRIEVE_UPLOAD_STATUS,
            path={"upload_id": upload_id},
            query={"page_limit": 1},  # only the counts are needed, not the chunks
            options=options,
        )
        done = response.chunks_completed or 0
        total = done + (response.chunks_failed or 0) + (response.chunks_pending or 0)
        return uploads.UploadStatus(response.status or "", done, total)

    @asynccontextmanager
    async def _run(
        self,
        argument: str,
        content: FileInput,
        filename: str | None,
        file_type: str | None,
        settings: uploads.Settings,
        enable_hls: bool | None,
        enable_thumbnail: bool | None,
        user_metadata: UserMetadataParams | None,
        options: RequestOptions | None,
        *,
        again: str | None,
    ) -> AsyncIterator[UploadRun]:
        from ._upload_run import UploadRun, in_time

        settings = attrs.evolve(settings, deadline=asyncio.get_running_loop().time() + settings.timeout)
        async with in_time(settings):
            file = await load_file(argument, content)
        name = filename or file.name
        kind = file_type
        if kind is None or isinstance(kind, _Default):
            kind = media_type(name) or media_type(file.name) or "video"
        asset = {
            "filename": name,
            "type": kind,
            "enable_hls": enable_hls,
            "enable_thumbnail": enable_thumbnail,
            "user_metadata": user_metadata,
        }
        try:
            if again is not None and isinstance(file.source, StreamSource):
                raise ValueError(  # noqa: TRY301 - the file is closed below
                    f"{argument}: a stream with a size can be read only once, so {again} cannot be used with it; leave "
                    "out size, and it is written to a temporary file first"
                )
            api = self._inside_helper()
            yield UploadRun(api, api, file.source, settings, asset=asset, options=options)
        except BaseException as error:
            self._core.transport.secrets_of(options).clean(error)
            raise
        finally:
            await file.aclose()

    async def wait_for_upload_completion(
        self,
        upload_id: UploadOrId,
        sleep_interval: float = waiters.DEFAULT_SLEEP_INTERVAL,
        max_wait_time: float | None = None,
        callback: waiters.Callback[uploads.UploadStatus] | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> uploads.UploadStatus:
        """Wait until the platform has assembled the file of an upload.

        Args:
            upload_id: Identifier of the upload session, or the upload session itself.
            sleep_interval: Seconds between the first two checks; later intervals grow up to six times as long.
            max_wait_time: Timeout of the wait, in seconds. Default: two hours.
            callback: Called with the state on every check, the first included. An asynchronous one is awaited.
            timeout: The same as `max_wait_time`, under the name used by the other waits.
            request_options: Timeouts, retries, and additional headers for each check.

        Returns:
            The state, whose status is `completed`.

        Raises:
            TaskFailedError: The upload failed or expired; its state is attached.
            WaitTimeoutError: The timeout passed; the last state is attached.
        """
        request_options = request_options and self._hide(request_options)
        identifier = id_of("upload_id", upload_id, "upload")
        limits = [seconds for seconds in (max_wait_time, timeout) if seconds is not None]

        api = self._inside_helper()

        async def check() -> uploads.UploadStatus:
            return await api._status(identifier, request_options)

        waiting = waiters.wait_for(
            check,
            waiters.UPLOAD,
            identifier,
            sleep_interval=sleep_interval,
            timeout=min(limits, default=waiters.DEFAULT_WAIT_TIMEOUT),
            callback=callback,
        )
        return await self._guarded(waiting, request_options)
