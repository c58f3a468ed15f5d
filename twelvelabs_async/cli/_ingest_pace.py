"""How fast an ingestion is, and how long it will take."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from .._safe_repr import SafeRepr

if TYPE_CHECKING:
    from ..ingest import IngestStats

WINDOW: Final = 30.0
"""Seconds over which rates are measured."""


class Pace(SafeRepr):
    """How fast a run is, measured over the last seconds.

    Attributes:
        files_per_second: Sources that got an outcome.
        bytes_per_second: Bytes that were sent.
        total: How many sources there are; None while unknown.
        seconds_left: Seconds until the end at this rate; None while unknown.
    """

    def __init__(self) -> None:
        self.files_per_second = 0.0
        self.bytes_per_second = 0.0
        self.total: int | None = None
        self.seconds_left: float | None = None
        self._samples: deque[tuple[float, int, int]] = deque()

    def update(self, stats: IngestStats, total: int | None, now: float) -> None:
        """Take the figures of this moment."""
        self.total = total
        finished = stats.done + stats.failed
        self._samples.append((now, finished, stats.bytes_sent))
        while len(self._samples) > 2 and self._samples[1][0] <= now - WINDOW:
            self._samples.popleft()
        then, before, sent = self._samples[0]
        if now > then:
            self.files_per_second = (finished - before) / (now - then)
            self.bytes_per_second = (stats.bytes_sent - sent) / (now - then)
        is_known = total is not None and self.files_per_second > 0
        left = (total or 0) - finished - stats.skipped
        self.seconds_left = max(left, 0) / self.files_per_second if is_known else None

    def to_dict(self) -> dict[str, Any]:
        """The figures, as JSON takes them."""
        left = None if self.seconds_left is None else round(self.seconds_left, 1)
        return {
            "sources": self.total,
            "files_per_second": round(self.files_per_second, 3),
            "bytes_per_second": round(self.bytes_per_second, 1),
            "seconds_left": left,
        }
