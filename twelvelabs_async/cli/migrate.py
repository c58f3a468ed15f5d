"""`migrate`: passes all arguments to the command that migrates programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    options_metavar="",
    short_help="Migrate programs from the official SDK twelvelabs to this package.",
)
@click.argument("arguments", metavar="[OPTIONS] PATH...", nargs=-1, type=click.UNPROCESSED)
def migrate(arguments: Sequence[str]) -> int:
    """Print what changes in programs that use twelvelabs, and what is left to do."""
    from ..migrate.__main__ import main

    return main(arguments, program="twelvelabs-async migrate")
