"""Assets that ingestions have made and nothing uses."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING

from ..resources._sweep import sweep
from ..resources.assets import AssetsResource
from .values import KEY_FIELD

if TYPE_CHECKING:
    from .._generated.models.assets import AssetDetail
    from .._request.options import RequestOptions
    from .._resource import Core


async def sweep_ingested(
    core: Core, *, older_than: float, remove: bool, options: RequestOptions | None
) -> AsyncGenerator[AssetDetail]:
    """The unused assets that have the key of a source, and so were made by an ingestion."""

    def has_key(asset: AssetDetail) -> bool:
        return KEY_FIELD in (asset.user_metadata or {})

    found = sweep(
        core,
        AssetsResource(core),
        older_than=older_than,
        unused=True,
        remove=remove,
        options=options,
        selects=has_key,
    )
    async with aclosing(found) as assets:
        async for asset in assets:
            yield asset
