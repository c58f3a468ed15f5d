"""`indexes list|create|delete`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .._codec.model import UncheckedStr
from ._options import api_command, as_json, confirmation, nonempty_text
from ._output import error_line, format_duration, one_line, print_error, print_json, print_table, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..client import AsyncTwelveLabs


@click.group()
def indexes() -> None:
    """List, create and delete indexes."""


@indexes.command("list")
@click.option("--name", metavar="TEXT", type=nonempty_text, help="Only the index with this name.")
@as_json
@api_command
async def list_indexes(client: AsyncTwelveLabs, *, name: str | None, as_json: bool) -> None:
    """List the indexes of the account, newest first.

    \b
    Examples:
      twelvelabs-async indexes list
      twelvelabs-async indexes list --json | jq -r ._id
    """
    rows: list[Sequence[str]] = []
    async for index in client.indexes.list(page_limit=50, index_name=name):
        if as_json:
            print_json(index)
            continue
        models = ", ".join(model.model_name or "" for model in index.models or ())
        created = index.created_at.strftime("%Y-%m-%d") if index.created_at else ""
        length = format_duration(index.total_duration)
        rows.append((index.id, index.index_name or "", models, str(index.video_count or 0), length, created))
    if rows:
        print_table(("ID", "Name", "Models", "Videos", "Length", "Created"), rows, right=("Videos", "Length"))
    elif not as_json:
        print_error("There is no index. Create one with: twelvelabs-async indexes create NAME")


@indexes.command("create")
@click.argument("name", type=nonempty_text)
@click.option(
    "--model", "models", metavar="MODEL", multiple=True, default=("marengo3.0",), show_default=True,
    help="Model to enable; repeatable.",
)  # fmt: skip
@click.option(
    "--option", "options", metavar="OPTION", multiple=True, default=("visual", "audio"), show_default=True,
    help="What the models process: visual, audio; repeatable.",
)  # fmt: skip
@as_json
@api_command
async def create_index(
    client: AsyncTwelveLabs, *, name: str, models: Sequence[str], options: Sequence[str], as_json: bool
) -> None:
    """Create an index and print its ID. Models and options cannot be changed later.

    \b
    Examples:
      twelvelabs-async indexes create films
      twelvelabs-async indexes create films --model marengo3.0 --model pegasus1.2
      INDEX_ID=$(twelvelabs-async indexes create films)
    """
    made = await client.indexes.create(
        index_name=name,
        models=[
            {"model_name": model, "model_options": [UncheckedStr(option) for option in options]} for model in models
        ],
    )
    if as_json:
        print_json(made)
    else:
        write(one_line(made.id))


@indexes.command("delete")
@click.argument("index_ids", metavar="INDEX_ID...", nargs=-1, required=True, type=nonempty_text)
@confirmation("Permanently delete the index with all its videos?")
@as_json
@api_command
async def delete_indexes(client: AsyncTwelveLabs, *, index_ids: Sequence[str], as_json: bool) -> int:
    """Permanently delete indexes with all their videos.

    \b
    Examples:
      twelvelabs-async indexes delete 6298d673f1090f1100476d4c
      twelvelabs-async indexes delete 6298d673f1090f1100476d4c --yes --json
    """
    from ..errors import APIStatusError

    failed = 0
    for index_id in index_ids:
        try:
            await client.indexes.delete(index_id)
        except APIStatusError as error:
            failed += 1
            if as_json:
                print_json({"_id": index_id, "deleted": False, "reason": error_line(error)})
            print_error(f"Error: {index_id}: {error_line(error)}")
            continue
        if as_json:
            print_json({"_id": index_id, "deleted": True})
        else:
            write(f"{one_line(index_id)} was deleted.")
    return 1 if failed else 0
