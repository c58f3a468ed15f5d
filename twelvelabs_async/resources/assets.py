"""Assets: waiting, and uploads in one call, however the file is given."""

from __future__ import annotations

import contextlib
import inspect
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._generated.operations import assets as generated
from .._request.files import with_stream_options
from .._request.streams import StreamSource
from .._safe_repr import SafeRepr
from ..waiters.schedule import DEFAULT_WAIT_TIMEOUT, UPLOAD_SLEEP_INTERVAL
from ._removal import Removals, removing
from ._sources import Media, check_size, open_source

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager
    from typing import Literal

    from .. import uploads
    from .._codec.model import UncheckedStr
    from .._generated.models.assets import Asset, AssetDetail
    from .._generated.models.multipart_uploads import CreateAssetUploadResponse
    from .._generated.params.common import UserMetadataParams
    from .._media.kinds import Kind
    from .._request.files import FileInput
    from .._request.options import RequestOptions
    from .._request.sources import Source

_DIRECT: Final = generated.CREATE_ASSET.media_limits


@attrs.frozen(kw_only=True)
class UploadSettings(SafeRepr):
    """How an asset is uploaded; see `assets.upload`."""

    filename: str | None = None
    enable_hls: bool | None = None
    enable_thumbnail: bool | None = None
    user_metadata: UserMetadataParams | None = None
    max_workers: int = 5
    progress_callback: uploads.ProgressCallback | None = None
    sleep_interval: float = UPLOAD_SLEEP_INTERVAL
    timeout: float = DEFAULT_WAIT_TIMEOUT
    request_options: RequestOptions | None = None


class AssetsResource(generated.AssetsResource):
    """Operations of `assets`, and helpers on top of them."""

    async def create(
        self,
        *,
        method: Literal["direct", "url"] | UncheckedStr,
        url: str | None = None,
        filename: str | None = None,
        enable_hls: bool | None = None,
        enable_thumbnail: bool | None = None,
        user_metadata: UserMetadataParams | str | None = None,
        file: FileInput | None = None,
        size: int | None = None,
        spool_dir: str | os.PathLike[str] | None = None,
        max_spool_bytes: int | None = None,
        request_options: RequestOptions | None = None,
    ) -> Asset:
        """Create an asset from a local file, a stream or a URL.

        Local files may have up to 200 MB (images 32 MB); from a URL, video and audio may have up to 4 GB, documents 512
        MB and images 32 MB. Processing runs in the background: `wait_for_done` waits for it. For larger local files use
        `multipart_upload.upload_file`. Rate limited.

        Args:
            method: Where the content comes from. `direct`: the local file in `file`. `url`: the address in `url`.
            url: Publicly accessible URL of the file. Required when `method` is `url`.
            filename: Name of the asset. Taken from the file or the URL when left out. From 1 to 255 characters.
            enable_hls: Whether to make a streaming (HLS) version. Default of the platform: `True`.
            enable_thumbnail: Whether to make a thumbnail. Default of the platform: `True`.
            user_metadata: Your own key-value pairs, sent as a JSON string of an object. The JSON text itself is
                accepted as well.
            file: Local file to upload, or a stream. Required when `method` is `direct`.
            size: Size of a stream that can be read only once: it is sent while it is read, and the call is not retried.
                Without a size, it is written to a temporary file first.
            spool_dir: Folder of that temporary file. Default: that of the operating system.
            max_spool_bytes: Largest size of that temporary file. Default: 1 GiB.
            request_options: Timeouts, retries, and additional headers or members for this call alone.

        Returns:
            The asset exists but may still be `processing`.
        """
        request_options = request_options and self._hide(request_options)
        return await super().create(
            method=method,
            url=url,
            filename=filename,
            enable_hls=enable_hls,
            enable_thumbnail=enable_thumbnail,
            user_metadata=user_metadata,
            file=with_stream_options(file, size, spool_dir, max_spool_bytes),
            request_options=request_options,
        )

    async def upload(
        self,
        source: FileInput,
        *,
        wait: bool = True,
        keep: bool = False,
        kind: Kind | None = None,
        filename: str | None = None,
        enable_hls: bool | None = None,
        enable_thumbnail: bool | None = None,
        user_metadata: UserMetadataParams | None = None,
        max_workers: int = 5,
        progress_callback: uploads.ProgressCallback | None = None,
        sleep_interval: float = UPLOAD_SLEEP_INTERVAL,
        timeout: float = DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> AssetDetail:
        """Create an asset from a file or URL, and wait until it is ready.

        Small files are sent directly, files above the limit of a direct upload (200 MB) in chunks, and the platform
        fetches URLs. A file that the platform cannot accept is rejected before anything is sent.

        If this fails or is cancelled, the asset is removed, unless `keep` is true. A cancelled upload takes at most two
        more seconds for that. An asset is left behind only if no response identified it: the connection was
        lost after the file was sent, or the platform did not respond within these two seconds.

        Args:
            source: The file, in any form that other methods accept, or a URL (a `str` that begins with `http://` or
                `https://`).
            wait: Whether to wait until the platform has processed the asset.
            keep: Whether the asset stays if the upload or its processing fails.
            kind: Kind of content: `video`, `audio`, `image` or `document`. Default: found from the content of the file.
            filename: Name of the asset. Default: the name of the file.
            enable_hls: Whether to make a streaming (HLS) version of the asset.
            enable_thumbnail: Whether to make a thumbnail of the asset.
            user_metadata: Your own key-value pairs for the asset.
            max_workers: Chunks in flight at a time, where the file is sent in chunks.
            progress_callback: Called as in `multipart_upload.upload_file`, where the file is sent in chunks.
            sleep_interval: Seconds between the first two checks; later intervals grow up to six times as long.
            timeout: Timeout of the wait until the asset is ready, in seconds.
            request_options: Timeouts, retries, and additional headers for each request.

        Returns:
            The asset; its status is `ready` unless `wait` is false.

        Raises:
            UnsupportedMediaError: The file is too large.
            TaskFailedError: The platform could not process the file; the asset is attached.
            WaitTimeoutError: The timeout passed; the last state is attached.
            UploadError: The chunks could not be sent.
            OSError: The file is missing, a directory, or may not be read.
            ValueError: The file is empty, or an argument is invalid.
        """
        request_options = request_options and self._hide(request_options)
        settings = UploadSettings(
            filename=filename,
            enable_hls=enable_hls,
            enable_thumbnail=enable_thumbnail,
            user_metadata=user_metadata,
            max_workers=max_workers,
            progress_callback=progress_callback,
            sleep_interval=sleep_interval,
            timeout=timeout,
            request_options=request_options,
        )
        media = await open_source(source, kind)
        async with contextlib.aclosing(media), removing(keep=keep) as removals:
            asset = await self._upload(media, settings, removals, wait=wait)
            removals.release()
        return asset

    def temporary(
        self,
        source: FileInput,
        *,
        kind: Kind | None = None,
        filename: str | None = None,
        enable_hls: bool | None = None,
        enable_thumbnail: bool | None = None,
        user_metadata: UserMetadataParams | None = None,
        max_workers: int = 5,
        progress_callback: uploads.ProgressCallback | None = None,
        sleep_interval: float = UPLOAD_SLEEP_INTERVAL,
        timeout: float = DEFAULT_WAIT_TIMEOUT,
        request_options: RequestOptions | None = None,
    ) -> AbstractAsyncContextManager[AssetDetail]:
        """Create an asset for the duration of a block: `async with client.assets.temporary("goal.mp4") as asset:`.

        The asset is ready when the block begins. It is always removed when the block ends, even if other resources
        still refer to it. After a cancellation, this takes at most two seconds. If the asset cannot be removed, the
        block ends with that error; after another error, a note is added to that one. Both are also logged.

        Args:
            source: The file or URL, as in `upload`.
            kind: As in `upload`.
            filename: As in `upload`.
            enable_hls: As in `upload`.
            enable_thumbnail: As in `upload`.
            user_metadata: As in `upload`.
            max_workers: As in `upload`.
            progress_callback: As in `upload`.
            sleep_interval: As in `upload`.
            timeout: As in `upload`.
            request_options: As in `upload`.

        Returns:
            A context manager with the asset. It raises what `upload` raises.
        """
        request_options = request_options and self._hide(request_options)
        settings = UploadSettings(
            filename=filename,
            enable_hls=enable_hls,
            enable_thumbnail=enable_thumbnail,
            user_metadata=user_metadata,
            max_workers=max_workers,
            progress_callback=progress_callback,
            sleep_interval=sleep_interval,
            timeout=timeout,
            request_options=request_options,
        )
        return self._temporary(source, kind, settings)

    async def sweep(
        self,
        *,
        older_than: float = 3600.0,
        unused: bool = True,
        remove: bool = False,
        request_options: RequestOptions | None = None,
    ) -> AsyncGenerator[AssetDetail]:
        """List unused assets, and remove them on request: `async for asset in client.assets.sweep():`.

        An asset is in use if it is in an index or a knowledge store, or belongs to an entity. The method reads all
        indexes, knowledge stores and entities of the account. The platform does not remove an asset that has come into
        use since.

        Args:
            older_than: Minimum age of an asset in seconds. A younger one may be about to be used.
            unused: Whether assets that are in use are left out.
            remove: Whether to remove the assets. Then only removed ones are listed.
            request_options: Timeouts, retries, and additional headers for each request.

        Yields:
            The assets, the newest first.

        Raises:
            ValueError: `remove` without `unused`, or `older_than` is negative.
        """
        from ._sweep import sweep

        request_options = request_options and self._hide(request_options)
        if remove and not unused:
            raise ValueError("remove: only unused assets are removed; leave unused=True")
        if not older_than >= 0:
            raise ValueError(f"older_than must be a number of seconds, zero or more, not {older_than!r}")
        api = self._inside_helper()
        async for asset in sweep(
            self._core, api, older_than=older_than, unused=unused, remove=remove, options=request_options
        ):
            yield asset

    @contextlib.asynccontextmanager
    async def _temporary(self, source: Any, kind: Kind | None, settings: UploadSettings) -> AsyncIterator[AssetDetail]:
        media = await open_source(source, kind)
        async with contextlib.aclosing(media), removing(is_strict=True) as removals:
            yield await self._upload(media, settings, removals)

    async def _upload(
        self, media: Media, settings: UploadSettings, removals: Removals, *, wait: bool = True
    ) -> AssetDetail:
        """Upload a file or URL; what is made on the way is registered for removal."""
        api = self._inside_helper()
        options = settings.request_options

        def register(asset_id: str) -> None:
            removals.add(f"asset {asset_id}", lambda: api.delete(asset_id, force=True, request_options=options))

        if media.file is not None and media.size is not None and media.size > _largest(_DIRECT.file, media.kind):
            from .._generated.operations.multipart_uploads import CREATE_MULTIPART_UPLOAD

            largest = {**_DIRECT.file, **CREATE_MULTIPART_UPLOAD.media_limits.file}
            check_size(media, largest, "assets.upload")
            asset_id = await self._send_chunks(media, settings, removals, register)
        else:
            asset_id = await self._create(media, settings, removals, register)
        if not wait:
            return await api.retrieve(asset_id, request_options=options)
        return await self.wait_for_done(
            asset_id, settings.sleep_interval, timeout=settings.timeout, request_options=options
        )

    async def _create(
        self, media: Media, settings: UploadSettings, removals: Removals, register: Callable[[str], None]
    ) -> str:
        """Upload a file in one request, or have the platform fetch a URL."""
        file: Any = media.file
        source: Any = None if file is None else file.source
        if source is not None and not isinstance(source, StreamSource):
            source = _Watched(source)
            file = attrs.evolve(file, source=source)
        call = self._inside_helper().create(
            method="url" if file is None else "direct",
            file=file,
            url=media.url,
            filename=settings.filename,
            enable_hls=settings.enable_hls,
            enable_thumbnail=settings.enable_thumbnail,
            user_metadata=settings.user_metadata,
            request_options=settings.request_options,
        )

        def created(asset: Asset) -> None:
            register(asset.id)

        asset = await removals.make(call, created, lambda: source is None or source.was_read)
        return asset.id

    async def _send_chunks(
        self, media: Media, settings: UploadSettings, removals: Removals, register: Callable[[str], None]
    ) -> str:
        """Upload a file in chunks. The asset has its id from the start, and exists once the last chunk is reported."""
        from .multipart_upload import MultipartUploadResource

        chunks_left = True

        async def report(progress: uploads.UploadProgress) -> None:
            nonlocal chunks_left
            chunks_left = progress.completed_chunks < progress.total_chunks
            if settings.progress_callback is not None:
                result = settings.progress_callback(progress)
                if inspect.isawaitable(result):
                    await result

        class Noted(MultipartUploadResource):
            """Tells the id of the asset as soon as it is known: it is needed for the removal after a cancellation."""

            async def create(self, **arguments: Any) -> CreateAssetUploadResponse:
                opened = await super().create(**arguments)
                if opened.asset_id:
                    register(opened.asset_id)
                return opened

        file: Any = media.file
        kind: Any = media.kind
        call = Noted(self._core).upload_file(
            file,
            settings.filename,
            kind,
            max_workers=settings.max_workers,
            progress_callback=report,
            enable_hls=settings.enable_hls,
            enable_thumbnail=settings.enable_thumbnail,
            user_metadata=settings.user_metadata,
            request_options=settings.request_options,
        )
        result = await removals.make(call, lambda _: None, lambda: not chunks_left)
        return result.asset_id


class _Watched:
    """A source that knows whether its last byte was read. Before that, no request with it can have been complete."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.size: int = source.size
        self.replayable: bool = source.replayable
        self.was_read: bool = False

    def read(self, offset: int, length: int) -> bytes:
        data = self._source.read(offset, length)
        self.was_read = self.was_read or offset + length >= self.size
        return data


def _largest(sizes: Mapping[str, int], kind: Kind | None) -> int:
    """The largest size of a kind of content. If it is not known, the smallest one, which is safe."""
    return min(sizes.values()) if kind is None else sizes[kind]
