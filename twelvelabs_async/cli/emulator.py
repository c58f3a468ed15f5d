"""`emulator`: passes all arguments to the command of the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .._extras import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    options_metavar="",
    short_help="Run a local emulator of the platform; it needs no account.",
)
@click.argument("arguments", metavar="[OPTIONS]...", nargs=-1, type=click.UNPROCESSED)
def emulator(arguments: Sequence[str]) -> int:
    """Run the emulator until Ctrl-C. It prints the environment variables with which the other commands find it."""
    try:
        from ..emulator.__main__ import main
    except MissingExtraError as error:
        raise click.UsageError(str(error)) from None
    return main(arguments)
