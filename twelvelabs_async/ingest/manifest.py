"""Sources from a file: one JSON object a line, or the rows of a CSV."""

from __future__ import annotations

import codecs
import csv
import io
import os
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final, Literal

import orjson

from .candidate import Candidate

MAX_ROW: Final = 128 * 1024
"""Bytes of a row: what is longer is a bad row, and not read into memory."""

_Line = tuple[int, bytes | None]
"""The number of a line, from 1, and its bytes; None if it is too long."""

_OTHER_ENCODINGS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # those of UTF-32 begin or are found like these

_OWN_COLUMNS: Final = frozenset({"source", "path", "url", "key", "filename"})


def manifest(path: str | os.PathLike[str], *, format: Literal["jsonl", "csv"] | None = None) -> Iterator[Candidate]:  # noqa: A002
    """The sources that a file lists. Blocks, and takes one row at a time.

    A line of a JSONL file is an object with one of `source`, `path`, `url`, and optionally `key`, `filename`,
    `metadata` (an object); or a path or URL as a string. A CSV file has these columns; `metadata` is a JSON object, and
    every other column is metadata under its own name. Cells that are empty are left out.

    Relative paths are relative to the folder of the manifest, which is the root of the keys. A row that cannot be used
    is a failed source that names its line. The file is UTF-8.

    Args:
        path: The file; `-` is standard input. Its root, and that of a pipe, is the current folder.
        format: `jsonl` or `csv`; by default as the suffix says, or the first character.

    Raises:
        OSError: It cannot be read; raised when it is.
        ValueError: It is not UTF-8, or the header of a CSV file cannot be used; raised when it is read.
    """
    name = os.fspath(path)
    if name == "-":
        return _read(_standard_input(), "standard input", Path.cwd(), format)
    if format is None and name.lower().endswith(".csv"):
        format = "csv"  # noqa: A001
    elif format is None and name.lower().endswith((".jsonl", ".ndjson")):
        format = "jsonl"  # noqa: A001
    # The folder of a pipe, such as /dev/fd/63, holds nothing.
    root = Path(path).parent if Path(path).is_file() else Path.cwd()
    return _read(Path(path), name, root, format)


def _read(source: Path | IO[bytes], name: str, root: Path, kind: Literal["jsonl", "csv"] | None) -> Iterator[Candidate]:
    with source.open("rb") if isinstance(source, Path) else source as file:
        lines = _lines(file, name)
        first = next(lines, None)
        if first is None:
            return
        if kind is None:
            kind = "jsonl" if (first[1] or b"").lstrip().startswith((b"{", b'"')) else "csv"
        rows = _json_rows if kind == "jsonl" else _csv_rows
        yield from rows(chain([first], lines), name, root)


def _standard_input() -> IO[bytes]:
    try:
        # A file object of its own: the interpreter cannot end while a thread is blocked in that of `sys.stdin`.
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except (OSError, ValueError, AttributeError):  # it was replaced by something in memory
        return io.BytesIO(sys.stdin.buffer.read()) if sys.stdin is not None else io.BytesIO()


def _lines(file: IO[bytes], name: str) -> Iterator[_Line]:
    number = 0
    while line := file.readline(MAX_ROW + 1):
        number += 1
        if number == 1:
            if line.startswith(_OTHER_ENCODINGS):
                raise ValueError(f"{name} is not UTF-8 but UTF-16; save it as UTF-8")
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) <= MAX_ROW:
            yield number, line
        else:
            while not line.endswith(b"\n") and (line := file.readline(MAX_ROW)):
                pass
            yield number, None


def _json_rows(lines: Iterator[_Line], name: str, root: Path) -> Iterator[Candidate]:
    for number, line in lines:
        try:
            text = _checked(line).strip()
            if text:
                yield _from_json(text, root)
        except ValueError as error:
            yield _bad_row(name, number, error)


def _from_json(text: str, root: Path) -> Candidate:
    row = orjson.loads(text)
    if isinstance(row, str):
        row = {"source": row}
    if not isinstance(row, dict):
        raise ValueError(f"a row is an object or a string, not {type(row).__name__}")  # noqa: TRY004 - one kind
    return Candidate.of_fields(row, folder=root)


def _csv_rows(lines: Iterator[_Line], name: str, root: Path) -> Iterator[Candidate]:
    feed = _Feed(lines)
    header: list[str] | None = None
    reader = csv.reader(feed, strict=True)
    while True:
        feed.start_row()
        try:
            cells = next(reader)
            if header is None and cells:
                header = _checked_header(cells)
            elif header is not None and cells:
                yield Candidate.of_fields(_from_cells(header, cells), folder=root)
        except StopIteration:
            return
        except (ValueError, csv.Error) as error:
            if header is None:
                raise ValueError(f"{name} line {feed.row[0][0]}: {error}") from error
            yield _bad_row(name, feed.row[0][0], error)
            if isinstance(error, csv.Error | _BadLineError):
                # The lines behind the first were taken for parts of its row, because of a quote that is never closed.
                feed.give_back()
                reader = csv.reader(feed, strict=True)


def _checked_header(cells: list[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    if len(set(header)) < len(header) or "" in header:
        raise ValueError("the first row names the columns, each once")
    if not {"source", "path", "url"} & set(header):
        raise ValueError(
            "the first row names the columns, separated by commas; one of them is source, path or url. "
            f"Found: {', '.join(header):.200}"
        )
    return header


def _from_cells(header: list[str], cells: list[str]) -> dict[str, Any]:
    if len(cells) != len(header):
        raise ValueError(f"the row has {len(cells)} cells, and the header {len(header)}")
    row = {name: cell for name, cell in zip(header, cells, strict=True) if cell}
    fields: dict[str, Any] = {name: row.pop(name) for name in _OWN_COLUMNS & row.keys()}
    metadata = orjson.loads(row.pop("metadata", "{}"))
    if not isinstance(metadata, Mapping):
        raise ValueError(f"metadata: must be an object, not {type(metadata).__name__}")  # noqa: TRY004 - one kind
    return {**fields, "metadata": {**row, **metadata}}


class _BadLineError(ValueError):
    """A line that cannot be part of a row."""


class _Feed:
    """The lines of a CSV file as text; remembers those of the present row.

    Attributes:
        row: The lines of the present row.
    """

    def __init__(self, lines: Iterator[_Line]) -> None:
        self._lines = lines
        self._again: deque[_Line] = deque()
        self.row: list[_Line] = []
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.row.append(line)
        try:
            text = _checked(line[1])
        except ValueError as error:
            raise _BadLineError(error) from None
        self._size += len(text)
        if self._size > MAX_ROW:
            raise _BadLineError(f"the row is longer than {MAX_ROW} characters: a quote is not closed")
        return text

    def start_row(self) -> None:
        """The present row is complete."""
        self.row.clear()
        self._size = 0

    def give_back(self) -> None:
        """Read the lines of the present row again, but for the first."""
        self._again.extendleft(reversed(self.row[1:]))


def _checked(line: bytes | None) -> str:
    if line is None:
        raise ValueError(f"the line is longer than {MAX_ROW} bytes")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"the line is not UTF-8 ({error.reason} at byte {error.start})") from None


def _bad_row(name: str, number: int, error: Exception) -> Candidate:
    return Candidate.of_problem(f"{name} line {number}", ValueError(str(error)))
