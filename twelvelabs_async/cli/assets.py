"""`assets list|show|delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ._assets import print_assets
from ._options import api_command, as_json, confirmation, nonempty_text
from ._output import error_line, one_line, print_error, print_json, write

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from typing import Any

    from ..client import AsyncTwelveLabs
    from ..types import AssetDetail


def _older_than(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--older-than", metavar="SECONDS", type=click.FloatRange(min=0), default=3600, show_default=True,
        help="With --unused, only assets at least this old: younger ones may be about to be used.",
    )(function)  # fmt: skip


def _ids_or_unused(context: click.Context, _: click.Parameter, asset_ids: Sequence[str]) -> Sequence[str]:
    if context.params["unused"] == bool(asset_ids):
        raise click.UsageError("Give either ASSET_ID or --unused.", context)
    return asset_ids


@click.group()
def assets() -> None:
    """List, show and delete assets."""


@assets.command("list")
@click.option("--unused", is_flag=True, help="Only those that are in no index and no knowledge store.")
@_older_than
@click.option("--filename", metavar="TEXT", type=nonempty_text, help="Only those with this file name.")
@as_json
@api_command
async def list_assets(
    client: AsyncTwelveLabs, *, unused: bool, older_than: float, filename: str | None, as_json: bool
) -> None:
    """List the assets of the account, newest first.

    --unused reads all indexes, knowledge stores and entities of the account.

    \b
    Examples:
      twelvelabs-async assets list --filename goal.mp4
      twelvelabs-async assets list --unused --json | jq -r ._id
    """
    if unused:
        found: Any = client.assets.sweep(older_than=older_than)
        found = (asset async for asset in found if filename is None or asset.filename == filename)
    else:
        found = client.assets.list(filename=filename, page_limit=50)
    await print_assets(found, as_json=as_json, none="There is no such asset.")


@assets.command("show")
@click.argument("asset_ids", metavar="ASSET_ID...", nargs=-1, required=True, type=nonempty_text)
@as_json
@api_command
async def show_assets(client: AsyncTwelveLabs, *, asset_ids: Sequence[str], as_json: bool) -> int:
    """Show assets.

    \b
    Examples:
      twelvelabs-async assets show ASSET_ID
      twelvelabs-async assets show ASSET_ID --json | jq .user_metadata
    """
    from ..errors import APIStatusError

    failed = 0

    async def found() -> AsyncIterator[AssetDetail]:
        nonlocal failed
        for asset_id in asset_ids:
            try:
                yield await client.assets.retrieve(asset_id)
            except APIStatusError as error:
                failed += 1
                print_error(f"Error: {one_line(asset_id)}: {error_line(error)}")

    await print_assets(found(), as_json=as_json)
    return 1 if failed else 0


@assets.command("delete")
@click.argument("asset_ids", metavar="ASSET_ID...", nargs=-1, type=nonempty_text, callback=_ids_or_unused)
@click.option(
    "--unused",
    is_flag=True,
    is_eager=True,
    help="Instead of ASSET_ID, all that are in no index and no knowledge store.",
)
@_older_than
@confirmation("Permanently delete the assets?")
@as_json
@api_command
async def delete_assets(
    client: AsyncTwelveLabs, *, asset_ids: Sequence[str], unused: bool, older_than: float, as_json: bool
) -> int:
    """Delete assets. This is final. The platform keeps those that are in use.

    \b
    Examples:
      twelvelabs-async assets delete ASSET_ID --yes
      twelvelabs-async assets delete --unused --older-than 86400
    """
    if unused:
        removed = client.assets.sweep(older_than=older_than, remove=True)
        async for asset in removed:
            _say_deleted(asset.id, as_json=as_json)
        return 0
    from ..errors import APIStatusError

    failed = 0
    for asset_id in asset_ids:
        try:
            await client.assets.delete(asset_id)
        except APIStatusError as error:
            failed += 1
            if as_json:
                print_json({"_id": asset_id, "deleted": False, "reason": error_line(error)})
            print_error(f"Error: {one_line(asset_id)}: {error_line(error)}")
        else:
            _say_deleted(asset_id, as_json=as_json)
    return 1 if failed else 0


def _say_deleted(asset_id: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"_id": asset_id, "deleted": True})
    else:
        write(f"{one_line(asset_id)} was deleted.")
