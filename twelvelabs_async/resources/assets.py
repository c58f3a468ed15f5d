"""Assets: waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import waiters
from .._generated.operations import assets as generated
from .._request.ids import id_of

if TYPE_CHECKING:
    from .._generated.models.assets import AssetDetail
    from .._generated.params.ids import AssetOrId
    from .._request.options import RequestOptions


class AssetsResource(generated.AssetsResource):
    """Operations of `assets`, and a wait for the result."""

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
        request_options = request_options and self._hide(request_options)
        identifier = id_of("asset_id", asset_id, "asset")
        api = self._inside_helper()
        waiting = waiters.wait_for(
            lambda: api.retrieve(identifier, request_options=request_options),
            waiters.ASSET,
            identifier,
            sleep_interval=sleep_interval,
            timeout=timeout,
            callback=callback,
        )
        return await self._guarded(waiting, request_options)
