"""The tables and the plot in docs/ are what the results give, and who runs a benchmark keeps those of the others."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import pytest

from bench import __main__ as runner
from bench import report
from bench.names import BENCHMARKS, NAMES, Benchmark
from bench.numbers import SPACE
from bench.results import Row, load, record, save

from .planted import run

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

PLACES = "\n".join(
    f"<!-- results of {n}, written by python -m bench.report -->\n<!-- end -->" for n in (*NAMES, "runs")
)


def test_docs_are_what_the_results_give() -> None:
    assert report.differing() == [], "run python -m bench.report"


def test_all_benchmarks_were_measured() -> None:
    results = load()
    assert tuple(results) == NAMES
    assert all(found.rows for found in results.values())


def test_tables_are_put_in_their_places() -> None:
    results = {"calls": run(Row("work", "CPU", "ms", [12]))}
    page = report.with_tables(f"# Title\n\n{PLACES}\n\nMore\n", results).replace(SPACE, " ")
    assert page.startswith(
        "# Title\n\n<!-- results of calls, written by python -m bench.report -->\n\n|  |  | twelvelabs_async |\n"
    )
    assert "| work | CPU ↓ | 12 ms |\n\n<!-- end -->\n<!-- results of limits" in page
    assert page.count("Not measured yet.") == len(NAMES) - 1
    assert "`0123456789`" in page
    assert page.endswith("<!-- end -->\n\nMore\n")
    assert report.with_tables(page, results).replace(SPACE, " ") == page


@pytest.mark.parametrize(
    "page", [PLACES.replace("of calls", "of cals"), PLACES.split("\n", 2)[2], PLACES + "\n" + PLACES]
)
def test_places_that_are_wrong(page: str) -> None:
    with pytest.raises(ValueError, match="one place for each table"):
        report.with_tables(page, {})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a page and without results; the first two benchmarks, which measure nothing."""
    (tmp_path / "docs/images").mkdir(parents=True)
    page, plot, results = (
        tmp_path / "docs/performance.md",
        tmp_path / "docs/images/benchmarks.svg",
        tmp_path / "results.json",
    )
    page.write_text(PLACES, encoding="utf-8")
    for module in (report, runner):
        monkeypatch.setattr(module, "RESULTS", results)
        monkeypatch.setattr(module, "load", lambda: load(results))
    monkeypatch.setattr(report, "ROOT", tmp_path)
    monkeypatch.setattr(report, "PAGE", page)
    monkeypatch.setattr(report, "PLOT", plot)
    monkeypatch.setattr(report, "WRITTEN", (results, page, plot))
    monkeypatch.setattr(runner, "commit", lambda without: "commit")
    monkeypatch.setattr(runner, "save", lambda found, order: save(found, order, results))
    monkeypatch.setattr(runner, "official_is_there", lambda: True)
    return tmp_path


def measuring(monkeypatch: pytest.MonkeyPatch, **found: list[float]) -> list[str]:
    """Let the benchmarks find these values, and fail without any; the names of those that are run."""
    names: list[str] = []

    def measure(benchmark: Benchmark, options: argparse.Namespace) -> runner.Outcome:
        names.append(benchmark.name)
        values = found.get(benchmark.name)
        rows = (Row("work", "CPU", "ms", values),) if values else ()
        return runner.Outcome(0 if values else 7, 1.6, rows)

    monkeypatch.setattr(runner, "measure", measure)
    return names


def run_with(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", *arguments])
    runner.main()


def test_check(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"docs/performance\.md, docs/images/benchmarks\.svg\. Run"):
        check(monkeypatch)
    report.write()
    check(monkeypatch)
    page = project / "docs/performance.md"
    page.write_text(page.read_text(encoding="utf-8").replace("Not measured yet.", "Very fast.", 1), encoding="utf-8")
    with pytest.raises(SystemExit, match=r"gives: docs/performance\.md\. Run"):
        check(monkeypatch)


def check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["report", "--check"])
    report.main()


def test_one_benchmark_replaces_its_results_only(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measuring(monkeypatch, calls=[1.0], paging=[2.0])
    run_with(monkeypatch, "calls", "paging")
    measuring(monkeypatch, paging=[3.0])
    run_with(monkeypatch, "paging")
    results = load(project / "results.json")
    assert {name: found.rows[0].ours for name, found in results.items()} == {"calls": (1.0,), "paging": (3.0,)}
    assert results["paging"].seconds == 2
    page = (project / "docs/performance.md").read_text(encoding="utf-8").replace(SPACE, " ")
    assert "| work | CPU ↓ | 3 ms |" in page
    assert "| work | CPU ↓ | 2 ms |" not in page
    assert report.differing() == []


def test_a_failure_keeps_what_was_measured(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measuring(monkeypatch, calls=[1.0], limits=[2.0], paging=[3.0])
    run_with(monkeypatch, "calls", "limits", "paging")
    names = measuring(monkeypatch, calls=[4.0], paging=[5.0])
    with pytest.raises(SystemExit, match=r"limits \(7\)"):
        run_with(monkeypatch, "calls", "limits", "paging")
    assert names == ["calls", "limits", "paging"]
    rows = {name: found.rows[0].ours for name, found in load(project / "results.json").items()}
    assert rows == {"calls": (4.0,), "limits": (2.0,), "paging": (5.0,)}


@pytest.mark.parametrize(
    ("status", "rows", "is_better"), [(0, 2, True), (0, 1, True), (1, 2, True), (1, 1, False), (0, 0, False)]
)
def test_what_breaks_in_the_middle_replaces_nothing(status: int, rows: int, is_better: bool) -> None:
    row = Row("work", "CPU", "ms", [1])
    outcome = runner.Outcome(status, 1, (row,) * rows)
    assert outcome.is_better_than(run(row, row)) is is_better
    assert outcome.is_better_than(None) is (rows > 0)


@pytest.mark.parametrize("argument", ["--without-official", "--unsaved", None])
def test_what_is_not_saved(project: Path, monkeypatch: pytest.MonkeyPatch, argument: str | None) -> None:
    if argument is None:
        monkeypatch.setattr(runner, "official_is_there", lambda: False)
    measuring(monkeypatch, calls=[1.0])
    run_with(monkeypatch, "calls", *([argument] if argument else []))
    assert not (project / "results.json").exists()
    assert (project / "docs/performance.md").read_text(encoding="utf-8") == PLACES


def test_unknown_names(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run_with(monkeypatch, "cals")
    assert "unknown benchmark cals; available: calls, limits" in capsys.readouterr().err


def test_what_the_runner_passes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench/__init__.py").touch()
    (tmp_path / "bench/planted.py").write_text(
        "import os, pathlib, sys\n"
        "rows = pathlib.Path(os.environ['BENCH_ROWS'])\n"
        "rows.write_text(pathlib.Path('row.jsonl').read_text())\n"
        "pathlib.Path('seen').write_text(' '.join(sys.argv[1:]))\n"
        "sys.exit(3)\n"
    )
    row = Row("work", "CPU", "ms", [1, 2])
    monkeypatch.setenv("BENCH_ROWS", str(tmp_path / "row.jsonl"))
    record(row)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["bench", "--rounds", "2", "--without-official"])
    options = runner.arguments()
    outcome = runner.measure(Benchmark("planted", ("--quick",)), options)
    assert (outcome.status, outcome.rows) == (3, (row,))
    assert (tmp_path / "seen").read_text() == "--quick --without-official --rounds 2"
    runner.measure(Benchmark("planted", has_rounds=False, has_official=False), options)
    assert (tmp_path / "seen").read_text() == ""


@pytest.mark.parametrize("benchmark_", BENCHMARKS, ids=NAMES)
def test_options_of_the_benchmarks(
    benchmark_: Benchmark, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table of benchmarks says truly which options each takes."""
    module = importlib.import_module(f"bench.{benchmark_.name}")
    monkeypatch.setattr(sys, "argv", [benchmark_.name, "--help"])
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 0
    words = set(capsys.readouterr().out.replace("[", " ").replace("]", " ").split())
    assert ("--rounds" in words) is benchmark_.has_rounds
    assert ("--without-official" in words) is benchmark_.has_official
    assert set(benchmark_.arguments) <= words
