"""The outcomes as anybody reads them: the folder as one table of Parquet files."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tests.ingest.files import SourceFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def read_rows(output: Path) -> list[dict[str, Any]]:
    """All rows."""
    import pyarrow.parquet as pq  # pyright: ignore[reportMissingImports]

    rows: list[dict[str, Any]] = pq.read_table(output).to_pylist()
    return rows


def wrong_rows(output: Path, files: Sequence[SourceFile]) -> list[str]:
    """What is wrong; nothing if each file has one row, and each broken one a reason."""
    rows = read_rows(output)
    wrong = [f"{source}: {count} rows" for source, count in Counter(row["source"] for row in rows).items() if count > 1]
    found = {row["source"]: row for row in rows}
    for file in files:
        row = found.pop(str(file.path), None)
        if row is None:
            wrong.append(f"{file.path}: no row")
        elif file.broken and (row["status"] != "failed" or not row["message"] or row["retryable"]):
            wrong.append(f"{file.path}: it is broken, but {row}")
        elif not file.broken and row["status"] != "done":
            wrong.append(f"{file.path}: it is good, but {row}")
    return wrong + [f"{source}: nobody knows it" for source in found]
