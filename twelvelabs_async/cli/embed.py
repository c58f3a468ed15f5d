"""`embed`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from ._options import as_json, calls_the_api, words
from ._output import emit

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs

SHOWN: Final = 8
"""Numbers that people get to see."""


@click.command()
@click.argument("text", type=words)
@click.option("--model", metavar="MODEL", type=words, default="marengo3.0", show_default=True, help="Model to use.")
@as_json
@calls_the_api
async def embed(client: AsyncTwelveLabs, *, text: str, model: str, as_json: bool) -> None:
    """Turn TEXT into an embedding, to compare it with those of videos.

    \b
    Examples:
      twelvelabs-async embed "a goal"
      twelvelabs-async embed "a goal" --json | jq -c .data[0].embedding
    """
    answer = await client.embed.v_2.create(input_type="text", model_name=model, text={"input_text": text})
    if as_json:
        emit(answer)
        return
    for item in answer.data:
        first = " ".join(f"{number:.4f}" for number in item.embedding[:SHOWN])
        more = " ..." if len(item.embedding) > SHOWN else ""
        click.echo(f"{len(item.embedding)} numbers: {first}{more} (--json gives all)")
