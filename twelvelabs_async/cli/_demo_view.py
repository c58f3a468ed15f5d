"""What the demo writes: text for people, or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from ._demo_code import source
from ._output import print_code, print_json, print_styled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..emulator.media.samples import SampleVideo
    from ._demo_steps import Finding

_NEXT: Final = (
    ("twelvelabs-async emulator", "this platform, for programs of your own"),
    ("twelvelabs-async --help", "upload, ingest, search, analyze and embed from here"),
    ("twelvelabs-async demo --live", "the same with the real service, and your key"),
)


def _contents(spec: SampleVideo) -> str:
    return ", ".join(f"{scene.colour} {start:.0f}-{end:.0f} s" for start, end, scene in spec.timeline())


class TextView:
    """Writes what a person reads: each step with its code, its results and its time."""

    def __init__(self) -> None:
        self._steps = 0
        self._line_begins = True

    def begin(self, title: str, functions: Sequence[Callable[..., object]]) -> None:
        """Write the title and the code of a step."""
        self._steps += 1
        print_styled((f"\n{self._steps}. {title}", "bold"))
        for function in functions:
            if text := source(function):
                print_code(text, indent=5)

    def video(self, spec: SampleVideo, path: Path) -> None:
        """Write what a video holds."""
        size = f"{path.stat().st_size / 1024:.0f} KiB"
        print_styled((f"   {spec.name:<18}", ""), (f"{size:>8}  {spec.duration:.0f} s: {_contents(spec)}", "dim"))

    def note(self, text: str) -> None:
        """Write a line."""
        print_styled((f"   {text}", ""))

    def piece(self, text: str) -> None:
        """Write a piece of an answer, indented."""
        for line in text.splitlines(keepends=True):
            indent = "   " if self._line_begins and line.strip() else ""
            print_styled((f"{indent}{line}", "italic"), end="")
            self._line_begins = line.endswith("\n")

    def finding(self, finding: Finding) -> None:
        """Write a result, and what was expected where it differs."""
        mark = ("ok", "bold green") if finding.matches else ("no", "bold red")
        rest = finding.detail if finding.matches else f"expected: {finding.expected}"
        print_styled(
            ("   ", ""), mark, (f"  {finding.query:<24}  {finding.found}", ""), (f"  {rest}" if rest else "", "dim")
        )

    def end(self, seconds: float) -> None:
        """Write how long the step took."""
        print_styled((f"   {seconds:.2f} s", "dim"))

    def summary(self, findings: Sequence[Finding], seconds: float, *, live: bool) -> None:
        """Write how it ended, and what to do next."""
        differ = sum(not finding.matches for finding in findings)
        if differ:
            print_styled(
                (f"\n{differ} of {len(findings)} results differ from what the videos hold.", "bold red"),
                (f" {seconds:.1f} s", ""),
            )
        else:
            print_styled(
                (f"\nAll {len(findings)} results match what the videos hold.", "bold green"), (f" {seconds:.1f} s", "")
            )
        print_styled(("\nNext:", "bold"))
        for command, says in _NEXT[: 2 if live else 3]:
            print_styled((f"   {command:<29}", "cyan"), (f" {says}", ""))


class JsonView:
    """Writes one JSON object for each event, without the answer's pieces."""

    def __init__(self) -> None:
        self._title = ""

    def begin(self, title: str, functions: Sequence[Callable[..., object]]) -> None:
        """Remember the step; it is written when it ends."""
        self._title = title

    def video(self, spec: SampleVideo, path: Path) -> None:
        """Write what a video holds."""
        print_json(
            {
                "event": "video",
                "name": spec.name,
                "bytes": path.stat().st_size,
                "seconds": spec.duration,
                "scenes": [
                    {"colour": scene.colour, "start": start, "end": end} for start, end, scene in spec.timeline()
                ],
            }
        )

    def note(self, text: str) -> None:
        """Write nothing: it is for people."""

    def piece(self, text: str) -> None:
        """Write nothing: the finding says what the answer is."""

    def finding(self, finding: Finding) -> None:
        """Write a result."""
        print_json({"event": "finding", **attrs.asdict(finding)})

    def end(self, seconds: float) -> None:
        """Write a step, and how long it took."""
        print_json({"event": "step", "title": self._title, "seconds": round(seconds, 3)})

    def summary(self, findings: Sequence[Finding], seconds: float, *, live: bool) -> None:
        """Write how it ended."""
        matched = all(finding.matches for finding in findings)
        print_json(
            {
                "event": "summary",
                "matched": matched,
                "findings": len(findings),
                "seconds": round(seconds, 3),
                "live": live,
            }
        )
