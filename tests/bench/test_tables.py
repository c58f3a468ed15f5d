"""The tables, from planted results."""

from __future__ import annotations

import pytest

from bench.numbers import DASH, SPACE, TIMES, number, times
from bench.results import Aim, Row
from bench.tables import benchmark_table, runs_table

from .planted import run


def cells(table: str) -> list[list[str]]:
    """The head and the rows, with plain spaces."""
    table = table.replace(SPACE, " ")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert len({len(row) for row in rows}) == 1
    return [rows[0], *rows[2:]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (0.0, "0"), (200.0, "200"), (1192.4, "1,192"), (35.06, "35.1"), (1.354, "1.35"), (0.0371, "0.037"),
        (-0.0213, "-0.021"), (1e-5, "0.00001"), (9_365_123.7, "9,365,124"),
    ],
)  # fmt: skip
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0, "0.00"), (0.004, "0.004"), (0.082, "0.08"), (1.354, "1.35"), (9.999, "10"), (1e6, "1,000,000")],
)
def test_ratios(ratio: float, text: str) -> None:
    assert times(ratio) == text


def test_all_columns() -> None:
    rows = (
        Row("64 in flight", "CPU", "ms", [110, 120, 130], [100, 100, 100], [2400], aim=Aim(1.4, of="bare")),
        Row("64 in flight", "calls per second", "", [80], [100], [1], better="more"),
        Row("512 in flight", "CPU", "ms", [200], [100], aim=Aim(1.4, of="bare")),
    )
    head, *body = cells(benchmark_table(rows))
    assert head == ["", "", "twelvelabs_async", "bare aiohttp", "official SDK", "to bare", "to official", "aim"]
    spread, limit = f"120 ms (110{DASH}130)", f"≤ 1.4 {TIMES} bare"
    assert body == [
        ["64 in flight", "CPU ↓", spread, "100 ms", "2,400 ms", "1.20", "0.05", f"{limit}: met"],
        ["", "calls per second ↑", "80", "100", "1", "0.80", "80", ""],
        ["512 in flight", "CPU ↓", "200 ms", "100 ms", DASH, "2.00", DASH, f"{limit}: **missed**"],
    ]  # fmt: skip


def test_empty_columns_are_left_out() -> None:
    (head, row) = cells(benchmark_table([Row("calls", "growth", "MiB", [0.0], aim=Aim(2))]))
    assert head == ["", "", "twelvelabs_async", "aim"]
    assert row == ["calls", "growth ↓", "0 MiB", "≤ 2 MiB: met"]
    (head, _) = cells(benchmark_table([Row("a task", "requests", "", [4], official=[14])]))
    assert head == ["", "", "twelvelabs_async", "official SDK", "to official"]


def test_zero_of_another() -> None:
    """There is no ratio to nothing."""
    _, row = cells(benchmark_table([Row("streams", "cut", "", [0], [0], [144], aim=Aim(0))]))
    assert row == ["streams", "cut ↓", "0", "0", "144", DASH, "0.00", "≤ 0: met"]


def test_who_does_not_get_there() -> None:
    _, row = cells(benchmark_table([Row("viewers", "first event", "ms", [762, None], official=[None], aim=Aim(1000))]))
    assert row == ["viewers", "first event ↓", "never", "never", DASH, "≤ 1,000 ms: **missed**"]


def test_runs() -> None:
    other = "Another processor, 2 CPUs, Linux x86_64"
    results = {"calls": run(), "paging": run(machine=other, load=None, seconds=1234), "waits": run(commit="abc+")}
    table, _, machines = runs_table(results).partition("\n\nMachines:\n\n")
    head, *body = cells(table)
    assert head == ["benchmark", "measured (UTC)", "commit", "load before", "took", "machine"]
    assert body == [
        ["`calls`", "2026-11-21 14:03", "`0123456789`", "0.5", "12 s", "1"],
        ["`paging`", "2026-11-21 14:03", "`0123456789`", DASH, "1,234 s", "2"],
        ["`waits`", "2026-11-21 14:03", "`abc+`", "0.5", "12 s", "1"],
    ]
    assert machines.splitlines() == [
        "1. A processor, 4 CPUs, Linux x86_64; Python 3.11.7, aiohttp 3.14.5",
        f"2. {other}; Python 3.11.7, aiohttp 3.14.5",
    ]
