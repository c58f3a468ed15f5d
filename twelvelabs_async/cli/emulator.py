"""`emulator`: passes all arguments to the command of the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

EXTRA: Final = frozenset({"av", "jsonschema", "numpy", "yaml"})
"""Modules of the extra `emulator`."""


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
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRA:
            raise
        raise click.UsageError(f"The emulator needs {package}: pip install 'twelvelabs-async[cli,emulator]'") from None
    return main(arguments)
