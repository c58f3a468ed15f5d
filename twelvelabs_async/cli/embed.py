"""`embed`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from ._options import api_command, as_json, nonempty_text
from ._output import print_json, write

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs

SHOWN: Final = 8
"""Numbers of a vector that are shown."""


@click.command()
@click.argument("text", type=nonempty_text)
@click.option(
    "--model", metavar="MODEL", type=nonempty_text, default="marengo3.0", show_default=True, help="Model to use."
)
@as_json
@api_command
async def embed(client: AsyncTwelveLabs, *, text: str, model: str, as_json: bool) -> None:
    """Turn TEXT into an embedding, to compare it with those of videos.

    \b
    Examples:
      twelvelabs-async embed "a goal"
      twelvelabs-async embed "a goal" --json | jq -c .data[0].embedding
    """
    response = await client.embed.v_2.create(input_type="text", model_name=model, text={"input_text": text})
    if as_json:
        print_json(response)
        return
    for item in response.data:
        first = " ".join(f"{number:.4f}" for number in item.embedding[:SHOWN])
        more = " ..." if len(item.embedding) > SHOWN else ""
        write(f"{len(item.embedding)} numbers: {first}{more} (--json gives all)")
