"""The output of the demo: the generated files, and a comparison of results with expected values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

    from examples._demo_steps import Outcome
    from twelvelabs_async.emulator.media.samples import SampleVideo


def print_files(console: Console, specs: Sequence[SampleVideo], paths: Mapping[str, Path]) -> None:
    """Print one row per file with its content."""
    table = Table()
    for column in ("file", "size", "resolution", "duration", "scenes"):
        table.add_column(column)
    contents = {spec.name: spec for spec in specs}
    for name, path in paths.items():
        size = f"{path.stat().st_size / 1024:.0f} KiB"
        spec = contents.get(name)
        if spec is None:
            table.add_row(name, size, "-", "-", "broken intentionally")
            continue
        scenes = ", ".join(f"{scene.colour} {start:.0f}-{end:.0f} s" for start, end, scene in spec.timeline())
        table.add_row(name, size, f"{spec.width}x{spec.height} at {spec.fps}", f"{spec.duration:.0f} s", scenes)
    console.print(table)


def print_outcome(console: Console, outcome: Outcome) -> bool:
    """Print one row per finding and return whether all match."""
    table = Table()
    for column in ("query", "expected", "found", "score", ""):
        table.add_column(column)
    for finding in outcome.findings:
        mark = "[green]ok[/green]" if finding.matches else "[red]differs[/red]"
        table.add_row(finding.query, finding.expected, finding.found, finding.score, mark)
    console.print(table)
    return all(finding.matches for finding in outcome.findings)
