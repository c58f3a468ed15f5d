"""Planted results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.plot import CHOSEN
from bench.results import Row, Run

if TYPE_CHECKING:
    from collections.abc import Sequence


def run(*rows: Row, **facts: Any) -> Run:
    """A run with these rows."""
    given: dict[str, Any] = {
        "date": "2026-11-21 14:03",
        "commit": "0123456789",
        "machine": "A processor, 4 CPUs, Linux x86_64",
        "versions": "Python 3.11.7, aiohttp 3.14.5",
        "load": 0.5,
        "seconds": 12,
    }
    return Run(**{**given, **facts}, rows=rows)


def chosen(
    label: str, ours: list[float | None], bare: list[float | None], official: Sequence[float | None] = ()
) -> dict[str, Run]:
    """Results with one row, which the plot shows under this label."""
    for lines in CHOSEN.values():
        for name, what, measure, found in lines:
            if found == label:
                better: Any = "more" if measure in {"speed", "files per second"} else "less"
                return {name: run(Row(what, measure, "ms", ours, bare, official, better=better))}
    raise AssertionError(label)
