"""What is computed from the rounds, and how results are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.results import VARIABLE, Aim, Row, Summary, load, record, recorded, save

from .planted import run

if TYPE_CHECKING:
    from pathlib import Path

FULL = Row("work", "CPU", "ms", [1.5, 2.5], [1, 2], [30], better="less", aim=Aim(1.4, of="bare"))


def test_median_and_spread() -> None:
    assert Row("w", "m", "", [3, 1, 2]).of("ours") == Summary(2, 1, 3, 3)
    assert Row("w", "m", "", [3, 1, 2]).of("bare") is None


def test_rounds_without_a_value() -> None:
    """In half of the rounds or more: there is no median."""
    assert Row("w", "m", "", [None, 4, 2]).of("ours") == Summary(3, 2, 4, 3)
    assert Row("w", "m", "", [None, 4]).of("ours") == Summary(None, 4, 4, 2)
    assert Row("w", "m", "", [None]).of("ours") == Summary(None, None, None, 1)


def test_ratios_are_those_of_the_rounds() -> None:
    """The machine was ten times slower in the second round; the ratio of the medians would be 1.82."""
    row = Row("w", "m", "", [2, 20, 2], [1, 10, 1])
    assert row.ratio("ours", "bare") == Summary(2, 2, 2, 3)


def test_ratio_with_fewer_rounds() -> None:
    """The second round is not compared with the first one of the other."""
    assert Row("w", "m", "", [2, 50], official=[8]).ratio("official", "ours") == Summary(4, 4, 4, 1)


@pytest.mark.parametrize(
    ("ours", "bare"),
    [([1, 2], []), ([], [1, 2]), ([1, 2], [1, 0]), ([0.0], [0.0])],
)
def test_no_ratio(ours: list[float], bare: list[float]) -> None:
    assert Row("w", "m", "", ours, bare).ratio("ours", "bare") is None


def test_ratio_where_one_did_not_get_there() -> None:
    found = Row("w", "m", "", [2, 3], official=[None, None]).ratio("official", "ours")
    assert found == Summary(None, None, None, 2)


@pytest.mark.parametrize(
    ("row", "is_met"),
    [
        (Row("w", "m", "", [1.4], [1], aim=Aim(1.4, of="bare")), True),
        (Row("w", "m", "", [1.41], [1], aim=Aim(1.4, of="bare")), False),
        (Row("w", "m", "", [9], aim=Aim(10)), True),
        (Row("w", "m", "", [11], aim=Aim(10)), False),
        (Row("w", "m", "", [11], better="more", aim=Aim(10)), True),
        (Row("w", "m", "", [2], official=[1], better="more", aim=Aim(3, of="official")), False),
        (Row("w", "m", "", [4], official=[1], better="more", aim=Aim(3, of="official")), True),
        (Row("w", "m", "", [4], better="more", aim=Aim(3, of="official")), None),  # it was not measured
        (Row("w", "m", "", [None], aim=Aim(10)), False),
        (Row("w", "m", "", [None], better="more", aim=Aim(10)), False),
        (Row("w", "m", "", [4]), None),
    ],
)
def test_aims(row: Row, is_met: bool | None) -> None:
    assert row.is_met is is_met


def test_rows_reach_the_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rows.jsonl"
    assert recorded(path) == ()
    monkeypatch.setenv(VARIABLE, str(path))
    other = Row("work", "time", "s", [None, 1.23456789], better="more")
    record(FULL)
    record(other, FULL)
    assert recorded(path) == (FULL, Row("work", "time", "s", [None, 1.2346], better="more"), FULL)


def test_without_the_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    record(FULL)
    assert not list(tmp_path.iterdir())


def test_the_file(tmp_path: Path) -> None:
    """In the order that is asked for, a line for each row, and what is not asked for at the end."""
    path = tmp_path / "results.json"
    assert load(path) == {}
    results = {"gone": run(), "second": run(FULL, FULL), "first": run(FULL, load=None)}
    save(results, ("first", "missing", "second"), path)
    assert load(path) == results
    assert list(load(path)) == ["first", "second", "gone"]
    text = path.read_text(encoding="utf-8")
    assert sum('"work"' in line for line in text.splitlines()) == 3
    assert [found.name for found in tmp_path.iterdir()] == ["results.json"]
