"""What a verification finds out."""

from __future__ import annotations

from typing import Any, Final, Literal

import attrs

from .._safe_repr import SafeRepr

Kind = Literal["differs", "new"]

DIFFERS: Final[Kind] = "differs"
"""The service contradicts the document."""

NEW: Final[Kind] = "new"
"""The service sends something that the document does not list."""


@attrs.frozen(repr=False)
class Finding(SafeRepr):
    """One difference. Its texts hold names of the document and our own words, never values of the account.

    Attributes:
        operation: operationId.
        kind: Whether it contradicts the document, or is not in it.
        where: Place in the response or the request, such as `data[].status`.
        what: What is not as documented.
    """

    operation: str
    kind: Kind
    where: str
    what: str


class Findings:
    """Everything that was found out so far.

    Attributes:
        seen: For each operation the statuses of its responses, in the order in which they came first.
        left_behind: Kinds of what was made and could not be removed.
        left_ids: Their ids, which are no part of the report.
    """

    def __init__(self) -> None:
        self._counts: dict[Finding, int] = {}
        self.seen: dict[str, list[int]] = {}
        self._skipped: dict[str, list[str]] = {}
        self._blocked: dict[str, str] = {}
        self.left_behind: list[str] = []
        self.left_ids: dict[str, str] = {}

    def add(self, operation: str, kind: Kind, where: str, what: str) -> None:
        """Note a difference; the same one several times is one with a count."""
        finding = Finding(operation, kind, where, what)
        self._counts[finding] = self._counts.get(finding, 0) + 1

    def respond(self, operation: str, status: int) -> None:
        """Note a response."""
        statuses = self.seen.setdefault(operation, [])
        if status not in statuses:
            statuses.append(status)

    def skip(self, operation: str, reason: str) -> None:
        """Note that an operation, or a part of it, was not checked."""
        reasons = self._skipped.setdefault(operation, [])
        if reason not in reasons:
            reasons.append(reason)

    def block(self, operation: str, reason: str) -> None:
        """Note why an operation was not called, which counts unless it is called after all."""
        self._blocked[operation] = reason

    @property
    def skipped(self) -> dict[str, list[str]]:
        """For each operation that was not checked, or not completely, the reasons."""
        found = {name: list(reasons) for name, reasons in self._skipped.items()}
        for name, reason in self._blocked.items():
            if not any(status < 300 for status in self.seen.get(name, ())) and name not in found:
                found[name] = [reason]
        return dict(sorted(found.items()))

    def leave(self, kind: str, identifier: str | None = None) -> None:
        """Note that something could not be removed."""
        if kind not in self.left_behind:
            self.left_behind.append(kind)
        if identifier is not None:
            self.left_ids[identifier] = kind

    def of(self, kind: Kind) -> list[tuple[Finding, int]]:
        """The differences of a kind with their counts, sorted."""
        rows = [(finding, count) for finding, count in self._counts.items() if finding.kind == kind]
        return sorted(rows, key=lambda row: (row[0].operation, row[0].where, row[0].what))

    @property
    def succeeded(self) -> bool:
        """Whether there was a successful response."""
        return any(status < 300 for statuses in self.seen.values() for status in statuses)

    def ok(self) -> list[str]:
        """Operations that had a successful response and no difference."""
        found = {finding.operation for finding in self._counts}
        succeeded = (name for name, statuses in self.seen.items() if any(status < 300 for status in statuses))
        return sorted(name for name in succeeded if name not in found)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain values."""
        return {
            "differs": [{**attrs.asdict(finding), "count": count} for finding, count in self.of(DIFFERS)],
            "new": [{**attrs.asdict(finding), "count": count} for finding, count in self.of(NEW)],
            "ok": self.ok(),
            "not_checked": self.skipped,
            "statuses": {name: list(statuses) for name, statuses in sorted(self.seen.items())},
            "left_behind": list(self.left_behind),
        }
