"""The output of the commands: results on stdout, everything else on stderr.

Titles, names and messages come from the platform and from files, and may hold anything: no control character of them
reaches the terminal.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from .._codec.serialize import to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console

PIPE_WIDTH: Final = 1000
"""Width of tables outside a terminal: lines are not wrapped, so that other programs can read them."""

_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and line feed, those that change the direction of the text around them, and surrogates."""

_LINE_ENDS: Final = re.compile("[\t\n\u2028\u2029]")

_ESCAPED_IN_JSON: Final = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Those that JSON allows as they are. They occur in strings only, where an escape means the same."""

# The messages of the client name arguments; users of the command have options.
_OPTION_NAMES: Final = (
    (re.compile(r"pass api_key=\.\.\.(?: to AsyncTwelveLabs)?"), "give --api-key"),
    (re.compile(r"pass base_url=\.\.\."), "give --base-url"),
    (re.compile(r"pass allow_http=True"), "give --allow-http"),
    (re.compile(r"\s*, allow more retries \(max_retries\),"), ""),
)


class OutputError(Exception):
    """Standard output cannot be written.

    Attributes:
        closed: Whether the program that reads it has ended.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(f"standard output cannot be written: {error.strerror or error}")
        self.closed: bool = error.errno == errno.EPIPE


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(error) from None


def prepare() -> None:
    """Let no character fail that the encoding of the terminal lacks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def abandon() -> None:
    """Write nothing more to standard output; Python would try it once more at its end, and complain."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.__stdout__.fileno())  # type: ignore[union-attr]
        os.close(null)


def strip_control(text: str) -> str:
    """Text without control characters, which could manipulate the terminal."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """The same in one line: a line end in a title must not look like the next row."""
    return _LINE_ENDS.sub(" ", strip_control(text))


def error_line(error: BaseException) -> str:
    """The message of an error in one line, with the names of the options."""
    text = str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    text = " ".join(text.split()) or type(error).__name__
    for pattern, replacement in _OPTION_NAMES:
        text = pattern.sub(replacement, text)
    return strip_control(text)


def write(text: str | bytes, *, nl: bool = True) -> None:
    """Write on stdout.

    Raises:
        OutputError: That is not possible.
    """
    with _writing():
        click.echo(strip_control(text) if isinstance(text, str) else text, nl=nl)


def print_error(text: str) -> None:
    """Write a line on stderr, if there is one: an error is known by its exit code, too."""
    with contextlib.suppress(OSError):
        click.echo(strip_control(text), err=True)


def print_json(value: Any) -> None:
    """Write one JSON object in one line, with the wire names of its members. It is UTF-8, as JSON is."""
    text = to_json(value).decode()
    write(_ESCAPED_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text).encode())


def console() -> Console:
    """The console that tables are written to."""
    from rich.console import Console

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            raise  # noqa: PLE0704 - called where BrokenPipeError is handled; rich would end the process

    return Screen() if sys.stdout.isatty() else Screen(width=PIPE_WIDTH)


def print_styled(*parts: tuple[str, str], end: str = "\n") -> None:
    """Write text in the styles of rich, such as `("ok", "green")`; outside of a terminal it is plain."""
    from rich.text import Text

    made = Text.assemble(*((strip_control(text), style) for text, style in parts))
    with _writing():
        console().print(made, end=end, soft_wrap=True)


def print_code(text: str, *, indent: int) -> None:
    """Write Python, with colours on a terminal."""
    from rich.syntax import Syntax

    shown = Syntax("", "python", theme="ansi_dark", background_color="default").highlight(text)
    with _writing():
        for line in shown.split("\n", allow_blank=False):
            line.pad_left(indent)
            console().print(line, soft_wrap=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Write a table. Cells are plain text: `[red]` in a file name is not markup.

    Args:
        columns: Headers of the columns.
        rows: The cells.
        right: Columns of numbers.
    """
    from rich import box
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for name in columns:
        # Identifiers and numbers are not wrapped in a narrow terminal; names and reasons are.
        fixed = name in {"ID", "Video", "Asset", "Status", *right}
        made.add_column(name, justify="right" if name in right else "left", overflow="fold", no_wrap=fixed)
    for row in rows:
        made.add_row(*(Text(one_line(cell)) for cell in row))
    screen = console()
    # A narrow terminal breaks the lines; cells that must not be wrapped would be cut off.
    needed = Measurement.get(screen, screen.options.update(width=PIPE_WIDTH), made).minimum
    screen.width = max(screen.width, needed)
    with _writing():
        screen.print(made)


def format_duration(seconds: float | None) -> str:
    """Seconds as `1:02:03.4`."""
    if seconds is None:
        return ""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    start = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{start}:{rest // 10:02d}.{rest % 10}"
