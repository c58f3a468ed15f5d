"""Indexed assets: waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import waiters
from .._generated.operations import indexed_assets as generated
from .._request.ids import id_of

if TYPE_CHECKING:
    from .._generated.models.indexed_assets import IndexedAssetDetailed
    from .._generated.params.ids import IndexedAssetOrId, IndexOrId
    from .._request.options import RequestOptions


class IndexesIndexedAssetsResource(generated.IndexesIndexedAssetsResource):
    """Operations of `indexes.indexed_assets`, and a wait for the result."""

    async def wait_for_done(
        self,
        index_id: IndexOrId,
        indexed_asset_id: IndexedAssetOrId,
        sleep_interval: float = waiters.DEFAULT_SLEEP_INTERVAL,
        callback: waiters.Callback[IndexedAssetDetailed] | None = None,
        *,
        timeout: float = waiters.DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> IndexedAssetDetailed:
        """Wait until an asset is indexed.

        Args:
            index_id: Identifier of the index, or the index itself.
            indexed_asset_id: Identifier of the indexed asset, or the indexed asset itself.
            sleep_interval: Seconds between the first two checks; later intervals grow up to six times as long.
            callback: Called with the indexed asset on every check, the first included. An asynchronous one is awaited.
            timeout: Timeout of the wait, in seconds.
            request_options: Timeouts, retries, and additional headers for each check.

        Returns:
            The indexed asset, whose status is `ready`.

        Raises:
            TaskFailedError: The indexed asset failed; it is attached.
            WaitTimeoutError: The timeout passed; the last state is attached.
        """
        request_options = request_options and self._hide(request_options)
        index = id_of("index_id", index_id, "index")
        identifier = id_of("indexed_asset_id", indexed_asset_id, "indexed_asset")
        api = self._inside_helper()
        waiting = waiters.wait_for(
            lambda: api.retrieve(index, identifier, request_options=request_options),
            waiters.INDEXED_ASSET,
            identifier,
            sleep_interval=sleep_interval,
            timeout=timeout,
            callback=callback,
        )
        return await self._guarded(waiting, request_options)
