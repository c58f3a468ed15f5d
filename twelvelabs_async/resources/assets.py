"""Assets: waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import waiters
from .._generated.operations import assets as generated
from .._request.files import with_stream_options
from .._request.ids import id_of

if TYPE_CHECKING:
    import os
    from typing import Literal

    from .._codec.model import UncheckedStr
    from .._generated.models.assets import Asset, AssetDetail
    from .._generated.params.common import UserMetadataParams
    from .._generated.params.ids import AssetOrId
    from .._request.files import FileInput
    from .._request.options import RequestOptions


class AssetsResource(generated.AssetsResource):
    """Operations of `assets`, and a wait for the result."""

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

    async def wait_for_done(
        self,
        asset_id: AssetOrId,
        sleep_interval: float = waiters.DEFAULT_SLEEP_INTERVAL,
        callback: waiters.Callback[AssetDetail] | None = None,
        *,
        timeout: float = waiters.DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> AssetDetail:
        """Wait until the platform has processed an asset.

        Args:
            asset_id: Identifier of the asset, or the asset itself.
            sleep_interval: Seconds between the first two checks; later intervals grow up to six times as long.
            callback: Called with the asset on every check, the first included. An asynchronous one is awaited.
            timeout: Timeout of the wait, in seconds.
            request_options: Timeouts, retries, and additional headers for each check.

        Returns:
            The asset, whose status is `ready`.

        Raises:
            TaskFailedError: The asset failed; it is attached.
            WaitTimeoutError: The timeout passed; the last state is attached.
        """
        identifier = id_of("asset_id", asset_id, "asset")
        api = self._inside_helper()
        return await waiters.wait_for(
            lambda: api.retrieve(identifier, request_options=request_options),
            waiters.ASSET,
            identifier,
            sleep_interval=sleep_interval,
            timeout=timeout,
            callback=callback,
        )
