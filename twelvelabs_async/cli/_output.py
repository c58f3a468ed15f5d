"""The output of the commands: results on stdout, everything else on stderr."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from .._codec.serialize import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

PIPE_WIDTH: Final = 1000
"""Width of tables outside a terminal: lines are not wrapped, so that other programs can read them."""

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

# The messages of the client name arguments; users of the command have options.
_OPTION_NAMES: Final = (
    (re.compile(r"pass api_key=\.\.\.(?: to AsyncTwelveLabs)?"), "give --api-key"),
    (re.compile(r"pass base_url=\.\.\."), "give --base-url"),
    (re.compile(r"pass allow_http=True"), "give --allow-http"),
    (re.compile(r"\s*, allow more retries \(max_retries\),"), ""),
)


def strip_control(text: str) -> str:
    """Text without control characters, which could manipulate the terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def error_line(error: BaseException) -> str:
    """The message of an error in one line, with the names of the options."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    text = " ".join(text.split()) or type(error).__name__
    for pattern, replacement in _OPTION_NAMES:
        text = pattern.sub(replacement, text)
    return strip_control(text)


def print_error(text: str) -> None:
    """Write a line on stderr."""
    click.echo(text, err=True)


def print_json(value: Any) -> None:
    """Write one JSON object in one line, with the wire names of its members."""
    click.echo(to_json(value).decode())


def console() -> Console:
    """The console that tables are written to."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=PIPE_WIDTH)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Write a table. Cells are plain text: `[red]` in a file name is not markup.

    Args:
        columns: Headers of the columns.
        rows: The cells.
        right: Columns of numbers.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        # Identifiers and numbers are not wrapped in a narrow terminal; names and reasons are.
        fixed = name in {"ID", "Video", "Asset", "Status", *right}
        made.add_column(name, justify="right" if name in right else "left", overflow="fold", no_wrap=fixed)
    for row in rows:
        made.add_row(*(Text(strip_control(cell)) for cell in row))
    console().print(made)


def format_duration(seconds: float | None) -> str:
    """Seconds as `1:02:03.4`."""
    if seconds is None:
        return ""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{start}:{rest // 10:02d}.{rest % 10}"
