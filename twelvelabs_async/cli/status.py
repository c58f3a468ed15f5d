"""`status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ._options import api_command, as_json, nonempty_text
from ._output import format_duration, print_error, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..client import AsyncTwelveLabs
    from ..types import IndexedAsset, IndexedAssetDetailed


@click.command(short_help="Show the state of an asset, a video or an index.")
@click.argument("identifier", metavar="[ID]", required=False, type=nonempty_text)
@click.option(
    "--index", "index_id", metavar="ID", type=nonempty_text, help="The index of the video, or whose videos to list."
)
@as_json
@api_command
async def status(client: AsyncTwelveLabs, *, identifier: str | None, index_id: str | None, as_json: bool) -> int:
    """Show the processing state of an asset, of a video, or of all videos of an index.

    The exit code is 1 when one of them has failed.

    \b
    Examples:
      twelvelabs-async status ASSET_ID
      twelvelabs-async status VIDEO_ID --index INDEX_ID
      twelvelabs-async status --index INDEX_ID --json
    """
    if identifier is None and index_id is None:
        raise click.UsageError("Give the ID of an asset, or --index ID.", click.get_current_context())
    if index_id is None:
        return await _asset(client, identifier or "", as_json=as_json)
    if identifier is not None:
        return _videos([await client.indexes.indexed_assets.retrieve(index_id, identifier)], as_json=as_json)
    found = [video async for video in client.indexes.indexed_assets.list(index_id, page_limit=50)]
    if not found and not as_json:
        print_error("The index contains no videos.")
    return _videos(found, as_json=as_json) if found else 0


async def _asset(client: AsyncTwelveLabs, asset_id: str, *, as_json: bool) -> int:
    asset = await client.assets.retrieve(asset_id)
    reason = asset.error.message if asset.error else ""
    if as_json:
        print_json(asset)
    else:
        row = (asset.id, asset.filename or "", asset.status or "", format_duration(asset.duration), reason)
        print_table(("Asset", "File", "Status", "Length", "Reason"), [row], right=("Length",))
    return 1 if asset.status == "failed" else 0


def _videos(videos: Sequence[IndexedAsset | IndexedAssetDetailed], *, as_json: bool) -> int:
    rows: list[Sequence[str]] = []
    for video in videos:
        if as_json:
            print_json(video)
            continue
        facts = video.system_metadata
        name, length = (facts.filename or "", format_duration(facts.duration)) if facts else ("", "")
        rows.append((video.id, name, video.status or "", length, video.asset_id or ""))
    if not as_json:
        print_table(("Video", "File", "Status", "Length", "Asset"), rows, right=("Length",))
    return 1 if any(video.status == "failed" for video in videos) else 0
