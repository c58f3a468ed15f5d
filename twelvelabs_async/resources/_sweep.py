"""Assets that nothing uses."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Final

from .._generated.operations.entities import EntityCollectionsEntitiesResource
from .._generated.operations.entity_collections import EntityCollectionsResource
from .._generated.operations.indexed_assets import IndexesIndexedAssetsResource
from .._generated.operations.indexes import IndexesResource
from .._generated.operations.knowledge_store_items import KnowledgeStoreItemsResource
from .._generated.operations.knowledge_stores import KnowledgeStoresResource
from ..errors import APIStatusError

if TYPE_CHECKING:
    from .._generated.models.assets import AssetDetail
    from .._generated.operations.assets import AssetsResource
    from .._request.options import RequestOptions
    from .._resource import Core

PAGE: Final = 50
"""Rows of a page, the most that the platform gives."""


async def sweep(
    core: Core,
    assets: AssetsResource,
    *,
    older_than: float,
    unused: bool,
    remove: bool,
    options: RequestOptions | None,
    selects: Callable[[AssetDetail], bool] = lambda _: True,
) -> AsyncGenerator[AssetDetail]:
    """The assets that nothing uses, as `assets.sweep` describes it.

    Args:
        core: State of the client.
        assets: The assets.
        older_than: Seconds that an asset must be old.
        unused: Whether assets that are in use are left out.
        remove: Whether to remove them.
        options: Request options of every call.
        selects: Which assets are considered at all.
    """
    latest = datetime.datetime.now(datetime.UTC) - datetime.timedelta(seconds=older_than)
    used = await _used(core, options) if unused else set()
    removed: list[AssetDetail] = []
    # The whole list is read before anything is removed, because removals would move its pages.
    async for asset in assets.list(page_limit=PAGE, request_options=options):
        is_young = asset.created_at is not None and asset.created_at > latest
        if is_young or _digest(asset.id) in used or not selects(asset):
            continue
        if remove:
            removed.append(asset)
        else:
            yield asset
    for asset in removed:
        try:
            await assets.delete(asset.id, request_options=options)
        except APIStatusError as error:
            if error.status not in {404, 409} and error.code != "resource_not_exist":
                raise
            if error.status == 409:  # it is in use since
                continue
        yield asset


async def _used(core: Core, options: RequestOptions | None) -> set[int]:
    """What indexes, knowledge stores and entities use, as digests: they need a third of the memory of ids."""
    used: set[int] = set()
    indexed, items = IndexesIndexedAssetsResource(core), KnowledgeStoreItemsResource(core)
    async for index in IndexesResource(core).list(page_limit=PAGE, request_options=options):
        async for row in indexed.list(index.id, page_limit=PAGE, request_options=options):
            if row.asset_id is not None:
                used.add(_digest(row.asset_id))
    async for store in KnowledgeStoresResource(core).list(page_limit=PAGE, request_options=options):
        async for item in items.list(store.id, page_limit=PAGE, request_options=options):
            if item.asset_id is not None:
                used.add(_digest(item.asset_id))
    entities = EntityCollectionsEntitiesResource(core)
    async for collection in EntityCollectionsResource(core).list(page_limit=PAGE, request_options=options):
        async for entity in entities.list(collection.id, page_limit=PAGE, request_options=options):
            used.update(map(_digest, entity.asset_ids or ()))
    return used


def _digest(identifier: str) -> int:
    return int.from_bytes(hashlib.blake2b(identifier.encode(), digest_size=8).digest())
