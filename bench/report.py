"""Writes the tables of docs/performance.md and the plot docs/images/benchmarks.svg from bench/results.json.

    python -m bench.report [--check]

Nothing is measured. `--check` only says whether they are what the results give.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.names import NAMES
from bench.plot import plot
from bench.results import RESULTS, load
from bench.tables import benchmark_table, runs_table

if TYPE_CHECKING:
    from bench.results import Results

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "performance.md"
PLOT: Final = ROOT / "docs" / "images" / "benchmarks.svg"
WRITTEN: Final = (RESULTS, PAGE, PLOT)

_SECTION: Final = re.compile(
    r"(<!-- results of (\w+), written by python -m bench\.report -->\n).*?(<!-- end -->)", re.DOTALL
)


def files(results: Results) -> dict[Path, str]:
    """What is written, by path."""
    return {PAGE: with_tables(PAGE.read_text(encoding="utf-8"), results), PLOT: plot(results)}


def with_tables(page: str, results: Results) -> str:
    """The page with the tables of these results. Each benchmark has its place in it, and the list of runs, too."""
    places = [found[2] for found in _SECTION.finditer(page)]
    if sorted(places) != sorted([*NAMES, "runs"]):
        wrong = sorted({*places} ^ {*NAMES, "runs"}) or "one of them twice"
        raise ValueError(f"docs/performance.md must have one place for each table: {wrong}")

    def section(found: re.Match[str]) -> str:
        name = found[2]
        if name == "runs":
            text = runs_table(results)
        else:
            text = benchmark_table(results[name].rows) if name in results else "Not measured yet."
        return f"{found[1]}\n{text}\n\n{found[3]}"

    return _SECTION.sub(section, page)


def write() -> None:
    """Write the tables and the plot."""
    for path, text in files(load()).items():
        path.write_text(text, encoding="utf-8")


def differing() -> list[Path]:
    """The files that are not what the results give."""
    found = files(load())
    return [path for path, text in found.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main() -> None:
    """Write them, or check them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="exit with 1 if they are not what the results give")
    options = parser.parse_args()
    if not options.check:
        write()
    elif paths := differing():
        names = ", ".join(path.relative_to(ROOT).as_posix() for path in paths)
        sys.exit(f"Not what bench/results.json gives: {names}. Run python -m bench.report.")


if __name__ == "__main__":
    main()
