"""`search`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .._codec.model import UncheckedStr
from ._options import api_command, as_json, nonempty_text
from ._output import format_duration, print_error, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..client import AsyncTwelveLabs


@click.command()
@click.argument("text", required=False, type=nonempty_text)
@click.option("--index", "index_id", metavar="ID", required=True, type=nonempty_text, help="The index to search.")
@click.option(
    "--image", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An image to search for, instead of TEXT or with it.",
)  # fmt: skip
@click.option(
    "--in", "options", metavar="OPTION", multiple=True,
    help="Where to search: visual, audio, transcription; repeatable. Default: all options of the index.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), default=10, show_default=True, help="Maximum number of hits.")
@as_json
@api_command
async def search(
    client: AsyncTwelveLabs,
    *,
    text: str | None,
    index_id: str,
    image: Path | None,
    options: Sequence[str],
    limit: int,
    as_json: bool,
) -> None:
    """Find the moments that TEXT describes, best first.

    \b
    Examples:
      twelvelabs-async search --index INDEX_ID "a goal"
      twelvelabs-async search --index INDEX_ID --image player.png --limit 3
      twelvelabs-async search --index INDEX_ID "applause" --in audio --json
    """
    if text is None and image is None:
        raise click.UsageError("Give TEXT, --image FILE, or both.", click.get_current_context())
    chosen = list(options) or (["visual"] if image else await _options_of(client, index_id))
    rows: list[Sequence[str]] = []
    found = 0
    hits = client.search.query(
        index_id=index_id,
        search_options=[UncheckedStr(option) for option in chosen],
        query_text=text,
        query_media_type="image" if image else None,
        query_media_file=image,
        page_limit=min(limit, 50),
    )
    async for hit in hits:
        found += 1
        if as_json:
            print_json(hit)
        else:
            score = "" if hit.score is None else f"{hit.score:.1f}"
            place = str(found if hit.rank is None else hit.rank)
            rows.append(
                (
                    place,
                    hit.video_id or "",
                    format_duration(hit.start),
                    format_duration(hit.end),
                    score or hit.confidence or "",
                )
            )
        if found == limit:
            break
    if rows:
        print_table(("#", "Video", "From", "To", "Score"), rows, right=("#", "From", "To", "Score"))
    elif not as_json:
        print_error("No matches were found.")


async def _options_of(client: AsyncTwelveLabs, index_id: str) -> list[str]:
    """The options of the search models of an index: the platform rejects others."""
    index = await client.indexes.retrieve(index_id)
    models = [model for model in index.models or () if (model.model_name or "").startswith("marengo")]
    found = {option: None for model in models for option in model.model_options or ()}
    return list(found) or ["visual"]
