"""Items of knowledge stores: waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import waiters
from .._generated.operations import knowledge_store_items as generated
from .._request.ids import id_of

if TYPE_CHECKING:
    from .._generated.models.common import KnowledgeStoreItem
    from .._generated.params.ids import KnowledgeStoreItemOrId, KnowledgeStoreOrId
    from .._request.options import RequestOptions


class KnowledgeStoreItemsResource(generated.KnowledgeStoreItemsResource):
    """Operations of `knowledge_store_items`, and a wait for the result."""

    async def wait_for_done(
        self,
        knowledge_store_id: KnowledgeStoreOrId,
        item_id: KnowledgeStoreItemOrId,
        sleep_interval: float = waiters.DEFAULT_SLEEP_INTERVAL,
        callback: waiters.Callback[KnowledgeStoreItem] | None = None,
        *,
        timeout: float = waiters.DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - seconds, as everywhere in the client
        request_options: RequestOptions | None = None,
    ) -> KnowledgeStoreItem:
        """Wait until an item is ready to be searched.

        Args:
            knowledge_store_id: Identifier of the knowledge store, or the knowledge store itself.
            item_id: Identifier of the item, or the item itself.
            sleep_interval: Seconds between the first two checks; later intervals grow up to six times as long.
            callback: Called with the item on every check, the first included. An asynchronous one is awaited.
            timeout: Timeout of the wait, in seconds.
            request_options: Timeouts, retries, and additional headers for each check.

        Returns:
            The item, whose status is `ready`.

        Raises:
            TaskFailedError: The item failed; it is attached.
            WaitTimeoutError: The timeout passed; the last state is attached.
        """
        request_options = request_options and self._hide(request_options)
        store = id_of("knowledge_store_id", knowledge_store_id, "knowledge_store")
        identifier = id_of("item_id", item_id, "knowledge_store_item")
        api = self._inside_helper()
        waiting = waiters.wait_for(
            lambda: api.retrieve(store, identifier, request_options=request_options),
            waiters.KNOWLEDGE_STORE_ITEM,
            identifier,
            sleep_interval=sleep_interval,
            timeout=timeout,
            callback=callback,
        )
        return await self._guarded(waiting, request_options)
