"""Outcomes as a file: one JSON object a line, or CSV."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
import os
import secrets
import sys
from collections.abc import AsyncIterable, Callable, Sequence
from pathlib import Path
from typing import IO, Any, Final, Literal

from .values import IngestOutcome

Format = Literal["jsonl", "csv"]

COLUMNS: Final[tuple[str, ...]] = (
    "key", "source", "status", "adopted", "asset_id", "indexed_asset_id", "item_id", "stage", "error", "message",
    "retryable", "attempts", "seconds", "analysis", "embedding",
)  # fmt: skip
"""The columns of a CSV file. `seconds` is the sum of the timings."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula; the last four are the wide forms of the first four."""

_BATCH: Final = 200
"""Outcomes that are written in one go."""


async def export(
    outcomes: AsyncIterable[IngestOutcome],
    target: str | os.PathLike[str],
    *,
    format: Format | None = None,  # noqa: A002
) -> int:
    """Write outcomes to a file. It is replaced once it is complete; after an error it is as it was.

    Cells of a CSV file that a spreadsheet would execute as a formula begin with an apostrophe.

    Args:
        outcomes: The outcomes, such as `journal.outcomes()`. They are written as they come.
        target: The file; `-` is standard output.
        format: `jsonl` or `csv`; by default CSV if the name ends with `.csv`, else JSONL.

    Returns:
        How many there were.

    Raises:
        OSError: The file cannot be written.
    """
    name = os.fspath(target)
    encode = _csv if (format or ("csv" if name.lower().endswith(".csv") else "jsonl")) == "csv" else _jsonl
    if name == "-":
        return await _write(outcomes, encode, sys.stdout.buffer)
    file, path = await asyncio.to_thread(_opened, name)
    try:
        count = await _write(outcomes, encode, file)
        await asyncio.to_thread(_complete, file, path)
    except BaseException:
        _discard(file, path)  # not in a thread: this also happens when the call is cancelled
        raise
    return count


async def _write(
    outcomes: AsyncIterable[IngestOutcome], encode: Callable[[Sequence[IngestOutcome], bool], bytes], file: IO[bytes]
) -> int:
    count = 0
    batch: list[IngestOutcome] = []

    async def flush() -> None:
        is_first = count == len(batch)
        await asyncio.to_thread(_append, file, encode, tuple(batch), is_first)
        batch.clear()

    async for outcome in outcomes:
        batch.append(outcome)
        count += 1
        if len(batch) == _BATCH:
            await flush()
    if batch or not count:
        await flush()
    return count


def _append(
    file: IO[bytes],
    encode: Callable[[Sequence[IngestOutcome], bool], bytes],
    batch: Sequence[IngestOutcome],
    is_first: bool,
) -> None:
    file.write(encode(batch, is_first))
    file.flush()


def _jsonl(batch: Sequence[IngestOutcome], _: bool) -> bytes:
    return "".join(f"{json.dumps(outcome.to_dict())}\n" for outcome in batch).encode()


def _csv(batch: Sequence[IngestOutcome], is_first: bool) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    if is_first:
        writer.writeheader()
    for outcome in batch:
        writer.writerow(_row(outcome))
    return text.getvalue().encode("utf-8", "backslashreplace")


def _row(outcome: IngestOutcome) -> dict[Any, Any]:
    values = outcome.to_dict()
    values["seconds"] = round(sum(outcome.timings.values()), 3)
    return {name: _cell(value) for name, value in values.items()}


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _opened(name: str) -> tuple[IO[bytes], Path | None]:
    """The file to write, and the one whose place it takes; None for what is no regular file, such as a pipe."""
    path = Path(os.path.realpath(name))
    if path.exists() and not path.is_file():
        return path.open("wb"), None
    file = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp").open("xb")
    if path.exists():
        Path(file.name).chmod(path.stat().st_mode & 0o777)
    return file, path


def _discard(file: IO[bytes], path: Path | None) -> None:
    with contextlib.suppress(OSError):
        file.close()
    if path is not None:
        with contextlib.suppress(OSError):
            Path(file.name).unlink()


def _complete(file: IO[bytes], path: Path | None) -> None:
    if path is not None:
        os.fsync(file.fileno())
    file.close()
    if path is not None:
        Path(file.name).replace(path)
