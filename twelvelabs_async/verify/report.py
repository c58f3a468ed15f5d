"""The report of a verification, as Markdown and as JSON. It holds nothing that belongs to the account."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from .._safe_repr import SafeRepr
from .findings import DIFFERS, NEW

if TYPE_CHECKING:
    from .budget import Budget
    from .findings import Findings, Kind


@attrs.frozen(repr=False)
class Report(SafeRepr):
    """What a verification found out.

    Attributes:
        findings: The findings.
        budget: What was spent.
        version: Version of this package.
        document: Version of the OpenAPI document.
        service: Which service it was: the public one, or another.
        date: When it ended.
        complete: Whether it came to its end.
        kept: Whether what it made was kept on purpose.
        methods: Name of the method of the client for each operation.
        without_secrets: Takes the key out of a text.
    """

    findings: Findings
    budget: Budget
    version: str
    document: str
    service: str
    date: str
    complete: bool
    kept: bool
    methods: Mapping[str, str]
    without_secrets: Callable[[str], str]

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values."""
        found = {
            "package": self.version,
            "document": self.document,
            "service": self.service,
            "date": self.date,
            "complete": self.complete,
            "kept": self.kept,
            "requests": self.budget.requests,
            "max_requests": self.budget.max_requests,
            "video_seconds": round(self.budget.seconds, 3),
            "max_video_seconds": self.budget.max_seconds,
            **self.findings.to_dict(),
        }
        clean: dict[str, Any] = json.loads(self.without_secrets(json.dumps(found)))
        return clean

    def to_json(self) -> str:
        """The report as JSON."""
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def to_markdown(self) -> str:
        """The report as Markdown."""
        return self.without_secrets("\n".join(self._lines()) + "\n")

    @property
    def differs(self) -> int:
        """How many differences contradict the document."""
        return len(self.findings.of(DIFFERS))

    @property
    def new(self) -> int:
        """How many things were sent that the document does not list."""
        return len(self.findings.of(NEW))

    def summary(self) -> str:
        """One sentence."""
        ok, skipped = len(self.findings.ok()), len(self.findings.skipped)
        return (
            f"{ok} operations are as documented; {self.differs} differences contradict the document; {self.new} things "
            f"are new; {skipped} operations were not checked, or not completely."
        )

    def _lines(self) -> list[str]:
        budget, found = self.budget, self.findings
        lines = [
            "# Verification of the TwelveLabs API",
            "",
            f"- twelvelabs-async {self.version}, OpenAPI document {self.document}, {self.date}",
            f"- Service: {self.service}",
            f"- {budget.requests} of {budget.max_requests} requests, {budget.seconds:g} of {budget.max_seconds:g} "
            "seconds of video",
            f"- {self.summary()}",
        ]
        if not self.complete:
            lines.append("- It was interrupted: what is missing below was not checked.")
        if self.kept:
            lines.append("- What it made was kept (`--keep`).")
        if found.left_behind:
            lines.append(f"- Could not be removed: {', '.join(sorted(found.left_behind))}.")
        lines += self._table("Differs from the document", DIFFERS) + self._table("New: not in the document", NEW)
        lines += ["", "## As documented", "", "| operation | method | statuses |", "| --- | --- | --- |"]
        for name in found.ok():
            statuses = ", ".join(map(str, found.seen[name]))
            lines.append(f"| `{name}` | `{self.methods.get(name, '')}` | {statuses} |")
        lines += ["", "## Not checked, or not completely", "", "| operation | why |", "| --- | --- |"]
        lines += [f"| `{name}` | {'; '.join(reasons)} |" for name, reasons in found.skipped.items()]
        return lines

    def _table(self, title: str, kind: Kind) -> list[str]:
        rows = self.findings.of(kind)
        lines = ["", f"## {title}", ""]
        if not rows:
            return [*lines, "None."]
        lines += ["| operation | where | what | times |", "| --- | --- | --- | --- |"]
        return lines + [
            f"| `{row.operation}` | `{row.where}` | {row.what.replace('|', '/')} | {count} |" for row, count in rows
        ]
