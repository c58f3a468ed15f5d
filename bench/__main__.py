"""Runs the benchmarks one after the other, each in its own process, and writes the tables and the plot of the docs.

    python -m bench [NAME ...] [--rounds N] [--without-official] [--unsaved]

What a benchmark measures replaces its last results in bench/results.json; those of the others stay. Then
docs/performance.md and docs/images/benchmarks.svg are written again, which `python -m bench.report` does without
measuring. Runs without the official SDK are not saved: they would leave holes in the tables.

The exit status is 1 if a benchmark failed, or ended with an error because it missed what it checks.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import attrs

from bench import report
from bench._harness import official_is_there
from bench.machine import commit, load_average, machine, versions
from bench.names import BENCHMARKS, NAMES, Benchmark
from bench.results import RESULTS, VARIABLE, Row, Run, load, recorded, save


@attrs.frozen
class Outcome:
    """How a benchmark has ended."""

    status: int
    seconds: float
    rows: tuple[Row, ...]

    def is_better_than(self, before: Run | None) -> bool:
        """Whether it replaces a run: one that broke in the middle has fewer rows, one that missed an aim has all."""
        return bool(self.rows) and (not self.status or before is None or len(self.rows) >= len(before.rows))


def main() -> None:
    """Run the selected benchmarks, or all."""
    options = arguments()
    is_saved = not options.unsaved and not options.without_official and official_is_there()
    version = commit(without=(RESULTS, report.PAGE, report.PLOT))
    print(f"{machine()}, {versions()}, {version}\n", flush=True)
    took, failed = {}, []
    for benchmark in BENCHMARKS:
        if options.names and benchmark.name not in options.names:
            continue
        run = Run(f"{datetime.now(UTC):%Y-%m-%d %H:%M}", version, machine(), versions(), load_average(), 0, ())
        outcome = measure(benchmark, options)
        took[benchmark.name] = outcome.seconds
        if outcome.status:
            failed.append(f"{benchmark.name} ({outcome.status})")
        # After each of them: whoever interrupts a run keeps what was measured, in the docs, too.
        saved = load()
        if is_saved and outcome.is_better_than(saved.get(benchmark.name)):
            saved[benchmark.name] = attrs.evolve(run, seconds=round(outcome.seconds), rows=outcome.rows)
            save(saved, NAMES)
            report.write()
    print(f"{sum(took.values()):.0f} s: {', '.join(f'{name} {seconds:.0f}' for name, seconds in took.items())}")
    if is_saved:
        print(f"Written: {', '.join(path.relative_to(report.ROOT).as_posix() for path in report.WRITTEN)}")
    else:
        print("Nothing was saved.")
    if failed:
        sys.exit(f"Ended with an error: {', '.join(failed)}")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}; default: all")
    parser.add_argument(
        "--rounds", type=int, help="rounds of each benchmark that has rounds, instead of its own number"
    )
    parser.add_argument("--without-official", action="store_true")
    parser.add_argument("--unsaved", action="store_true", help="only print")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in NAMES]:
        parser.error(f"unknown benchmark {', '.join(unknown)}; available: {', '.join(NAMES)}")
    return options


def measure(benchmark: Benchmark, options: argparse.Namespace) -> Outcome:
    """Run one benchmark."""
    start = time.monotonic()
    command = [sys.executable, "-m", f"bench.{benchmark.name}", *benchmark.arguments]
    if options.without_official and benchmark.has_official:
        command.append("--without-official")
    if options.rounds and benchmark.has_rounds:
        command += ["--rounds", str(options.rounds)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.jsonl")
        status = subprocess.run(command, check=False, env={**os.environ, VARIABLE: str(path)}).returncode
        return Outcome(status, time.monotonic() - start, recorded(path))


if __name__ == "__main__":
    main()
