"""Results of the benchmarks: what one hands to the runner, and bench/results.json, which keeps those of all.

A benchmark calls `record` with rows, which `python -m bench` collects; without it, nothing happens. Rows hold
the value of every round, and everything else is computed from them: `Row.of` and `Row.ratio`.
"""

from __future__ import annotations

import json
import os
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

RESULTS: Final = Path(__file__).with_name("results.json")

VARIABLE: Final = "BENCH_ROWS"
"""The environment variable with the file to which a benchmark appends its rows."""

Contender = Literal["ours", "bare", "official"]
CONTENDERS: Final[tuple[Contender, ...]] = ("ours", "bare", "official")

Values = tuple[float | None, ...]
"""One value for each round. None: the contender did not get there in that round."""


Three = tuple[Values, Values, Values]
"""This package, bare aiohttp, official SDK."""


def _values(values: Iterable[float | None]) -> Values:
    return tuple(values)


@attrs.frozen
class Aim:
    """What this package is to reach; whether that is a maximum or a minimum follows from the row.

    Attributes:
        limit: The limit.
        of: What it bounds: the value itself, or its ratio to another contender's.
    """

    limit: float
    of: Literal["value", "bare", "official"] = "value"


@attrs.frozen
class Summary:
    """What several rounds gave; the median is None where a contender did not get there in at least half of them."""

    median: float | None
    low: float | None
    high: float | None
    rounds: int


@attrs.frozen
class Row:
    """One measurement: the same work by up to three contenders, in rounds in which they alternate.

    Attributes:
        what: The work, such as "64 calls in flight".
        measure: What was measured of it, such as "CPU of 1,000 calls".
        unit: Its unit; may be empty.
        ours: The values of this package, by round.
        bare: Those of a minimal implementation with aiohttp; empty where there is none.
        official: Those of the official SDK; empty where there is none. It often has fewer rounds.
        better: Whether less or more is better.
        aim: The aim, if there is one.
    """

    what: str
    measure: str
    unit: str
    ours: Values = attrs.field(converter=_values)
    bare: Values = attrs.field(default=(), converter=_values)
    official: Values = attrs.field(default=(), converter=_values)
    better: Literal["less", "more"] = "less"
    aim: Aim | None = None

    def of(self, contender: Contender) -> Summary | None:
        """The values of a contender; None where it was not measured."""
        return _summary(getattr(self, contender))

    def ratio(self, contender: Contender, base: Contender) -> Summary | None:
        """A contender's values relative to another's: within each round, because the speed of the machine varies.

        None where either was not measured, or where the base is 0 in some round.
        """
        pairs: list[tuple[float | None, float | None]] = list(zip(getattr(self, contender), getattr(self, base)))  # noqa: B905
        if any(under == 0 for _, under in pairs):
            return None
        return _summary([None if over is None or under is None else over / under for over, under in pairs])

    @property
    def is_met(self) -> bool | None:
        """Whether the median meets the aim; None without an aim, or where what it refers to was not measured."""
        if self.aim is None:
            return None
        found = self.of("ours") if self.aim.of == "value" else self.ratio("ours", self.aim.of)
        if found is None:
            return None
        if found.median is None:
            return False
        return found.median <= self.aim.limit if self.better == "less" else found.median >= self.aim.limit


def _summary(values: Sequence[float | None]) -> Summary | None:
    if not values:
        return None
    there = sorted(value for value in values if value is not None)
    median = statistics.median(there) if 2 * len(there) > len(values) else None
    return Summary(median, there[0] if there else None, there[-1] if there else None, len(values))


def _rows(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(rows)


@attrs.frozen
class Run:
    """What one benchmark gave, and where and when.

    Attributes:
        date: When it began, in UTC: "2026-11-21 14:03".
        commit: The commit; with a + where files differed from it.
        machine: Processor, CPUs and system.
        versions: Python and packages.
        load: Load average of the machine when it began; None where the system does not tell.
        seconds: How long it took.
        rows: The measurements.
    """

    date: str
    commit: str
    machine: str
    versions: str
    load: float | None
    seconds: float
    rows: tuple[Row, ...] = attrs.field(converter=_rows)


Results = dict[str, Run]
"""The last run of each benchmark, by its name."""


def of_three(values: Callable[[str], Iterable[float | None]], names: tuple[str, str, str]) -> Three:
    """The values of this package, bare aiohttp and the official SDK, as a benchmark calls them."""
    ours, bare, official = (tuple(values(name)) for name in names)
    return ours, bare, official


def record(*rows: Row) -> None:
    """Hand rows to the runner."""
    if path := os.environ.get(VARIABLE):
        with Path(path).open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(_plain(row)) + "\n" for row in rows)


def recorded(path: Path) -> tuple[Row, ...]:
    """The rows that a benchmark has recorded in a file."""
    if not path.exists():
        return ()
    return tuple(_row(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines())


def load(path: Path = RESULTS) -> Results:
    """Read the file of results; empty where there is none."""
    if not path.exists():
        return {}
    runs = json.loads(path.read_text(encoding="utf-8"))
    return {name: Run(**{**run, "rows": map(_row, run["rows"])}) for name, run in runs.items()}


def save(results: Results, order: Iterable[str], path: Path = RESULTS) -> None:
    """Write the file of results: whole, or not at all. The benchmarks are in this order."""
    names = [name for name in order if name in results]
    plain = {name: _plain(results[name]) for name in [*names, *(name for name in results if name not in names)]}
    part = path.with_suffix(".part")
    part.write_text(_dumped(plain), encoding="utf-8")
    part.replace(path)


def _dumped(plain: Mapping[str, Any]) -> str:
    """JSON with a line for each row: a difference shows what was measured again."""
    blocks = []
    for name, run in plain.items():
        facts = ",\n".join(f"    {json.dumps(key)}: {json.dumps(run[key])}" for key in run if key != "rows")
        rows = ",\n".join(f"      {json.dumps(row)}" for row in run["rows"])
        blocks.append(f'  {json.dumps(name)}: {{\n{facts},\n    "rows": [\n{rows}\n    ]\n  }}')
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def _plain(instance: Row | Run) -> dict[str, Any]:
    return attrs.asdict(instance, value_serializer=lambda _, __, value: _rounded(value))


def _rounded(value: Any) -> Any:
    """Five digits: the rest is noise, and would make every line of the file longer."""
    return float(f"{value:.5g}") if isinstance(value, float) else value


def _row(plain: Mapping[str, Any]) -> Row:
    return Row(**{**plain, "aim": Aim(**plain["aim"]) if plain["aim"] else None})
