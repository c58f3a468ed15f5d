"""Assets in a table, or as JSON lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._output import format_duration, print_error, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Sequence

    from ..types import AssetDetail


async def print_assets(found: AsyncIterable[AssetDetail], *, as_json: bool, none: str | None = None) -> None:
    """Write assets.

    Args:
        found: The assets.
        as_json: Whether to write JSON lines, as soon as an asset is found.
        none: What to say if there is none; None for nothing.
    """
    rows: list[Sequence[str]] = []
    async for asset in found:
        if as_json:
            print_json(asset)
            continue
        created = asset.created_at.strftime("%Y-%m-%d %H:%M") if asset.created_at else ""
        size = "" if asset.size is None else f"{asset.size / 1e6:,.1f} MB"
        rows.append(
            (asset.id, asset.filename or "", asset.status or "", size, format_duration(asset.duration), created)
        )
    if rows:
        print_table(("Asset", "File", "Status", "Size", "Length", "Created"), rows, right=("Size", "Length"))
    elif none is not None and not as_json:
        print_error(none)
