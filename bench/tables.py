"""The tables of docs/performance.md, from results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bench.numbers import DASH, SPACE, TIMES, number, times
from bench.results import CONTENDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bench.results import Contender, Results, Row, Summary

NAMES: Final[dict[Contender, str]] = {
    "ours": "twelvelabs_async",
    "bare": "bare aiohttp",
    "official": "official SDK",
}
ARROWS: Final = {"less": "↓", "more": "↑"}
MISSING: Final = DASH
NEVER: Final = "never"


def benchmark_table(rows: Sequence[Row]) -> str:
    """The table of one benchmark, without columns that would be empty."""
    there: list[Contender] = [name for name in CONTENDERS if any(row.of(name) for row in rows)]
    others: list[Contender] = [name for name in there if name != "ours"]
    has_aims = any(row.aim for row in rows)
    head = ["", "", *(NAMES[name] for name in there)]
    head += [*(f"to {NAMES[name].split()[0]}" for name in others), *(["aim"] if has_aims else [])]
    body = []
    what = ""
    for row in rows:
        cells = ["" if row.what == what else row.what, f"{row.measure}{SPACE}{ARROWS[row.better]}"]
        cells += [_values(row.of(name), row.unit) for name in there]
        cells += [_ratio(row.ratio("ours", name)) for name in others]
        body.append([*cells, _aim(row)] if has_aims else cells)
        what = row.what
    return _table(head, body, left=2)


def runs_table(results: Results) -> str:
    """When and where each benchmark was measured."""
    places: list[str] = []
    rows = []
    for name, run in results.items():
        place = f"{run.machine}; {run.versions}"
        if place not in places:
            places.append(place)
        load = MISSING if run.load is None else number(run.load)
        rows.append(
            [f"`{name}`", run.date, f"`{run.commit}`", load, f"{run.seconds:,.0f} s", f"{places.index(place) + 1}"]
        )
    head = ["benchmark", "measured (UTC)", "commit", "load before", "took", "machine"]
    listed = "\n".join(f"{at}. {place}" for at, place in enumerate(places, 1))
    return f"{_table(head, rows, left=3)}\n\nMachines:\n\n{listed}"


def _values(found: Summary | None, unit: str) -> str:
    """Median and spread of what a contender needed."""
    if found is None:
        return MISSING
    if found.median is None or found.low is None or found.high is None:
        return NEVER
    median, low, high = number(found.median), number(found.low), number(found.high)
    text = f"{median}{SPACE}{unit}" if unit else median
    return text if low == high else f"{text} ({low}{DASH}{high})"


def _ratio(found: Summary | None) -> str:
    if found is None or found.median is None:
        return MISSING
    return times(found.median)


def _aim(row: Row) -> str:
    if row.aim is None:
        return ""
    limit = f"{'≤' if row.better == 'less' else '≥'} {row.aim.limit:,g}"
    text = f"{limit} {row.unit}".strip() if row.aim.of == "value" else f"{limit} {TIMES} {NAMES[row.aim.of].split()[0]}"
    return text + {True: ": met", False: ": **missed**", None: ""}[row.is_met]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, left: int) -> str:
    """A Markdown table; the first columns are aligned left, the others right."""
    under = ["---" if at < left else "---:" for at in range(len(head))]
    lines = [" | ".join(cells) for cells in (head, under, *rows)]
    return "\n".join(f"| {line} |" for line in lines)
