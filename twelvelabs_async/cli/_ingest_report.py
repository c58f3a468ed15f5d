"""What `ingest` shows while it runs: JSON lines, plain lines, or a live display."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from ._ingest_pace import Pace
from ._ingest_view import progress_line, view
from ._output import one_line, print_error, print_json, strip_control

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from ..ingest import IngestOutcome, IngestStats
    from ._ingest_total import Total

INTERVAL: Final = 0.2
"""Seconds between two updates."""

PROGRESS_INTERVAL: Final = 5.0
"""Seconds between two lines about the progress, where there is no live display."""

MAX_WAITING: Final = 1_000
"""Outcomes that wait to be written, when standard output is read slowly; with more of them, the run waits."""


class Report:
    """Writes outcomes and progress. Everything is written in threads: a slow reader does not block the event loop.

    Args:
        read_stats: Reads the figures of the run.
        total: How many sources there are.
        as_json: Whether to write JSON lines on standard output.
    """

    def __init__(self, read_stats: Callable[[], IngestStats], total: Total, *, as_json: bool) -> None:
        from rich.console import Console
        from rich.live import Live

        self._read_stats = read_stats
        self._total = total
        self._as_json = as_json
        self._pace = Pace()
        self._waiting: deque[IngestOutcome] = deque()
        self._lock = threading.Lock()
        self._screen: Console = Console(stderr=True)
        self._live = (
            Live(
                console=self._screen,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            if self._screen.is_terminal
            else None
        )
        self._progress_at = time.monotonic() + PROGRESS_INTERVAL

    async def add(self, outcome: IngestOutcome) -> None:
        """Have an outcome written soon."""
        while len(self._waiting) >= MAX_WAITING:  # noqa: ASYNC110 - a thread takes them, and has no event to set
            await asyncio.sleep(INTERVAL)
        if self._as_json or not outcome.ok:
            self._waiting.append(outcome)

    async def keep_up(self) -> None:
        """Write what there is, again and again, until this is cancelled."""
        while True:
            await asyncio.sleep(INTERVAL)
            await asyncio.to_thread(self._update, self._read_stats())

    def _update(self, stats: IngestStats) -> None:
        with self._lock:
            while self._waiting:
                self._write(self._waiting.popleft())
            now = time.monotonic()
            self._pace.update(stats, self._total.of(stats), now)
            if self._live is not None:
                if not self._live.is_started:
                    self._live.start()
                self._live.update(view(stats, self._pace), refresh=True)
            if now >= self._progress_at:
                self._progress_at = now + PROGRESS_INTERVAL
                self._write_progress(stats)

    def close(self) -> None:
        """Write the rest, and remove the display. Blocks."""
        with self._lock:
            try:
                while self._waiting:
                    self._write(self._waiting.popleft())
            finally:
                if self._live is not None:
                    self._live.stop()

    def _write(self, outcome: IngestOutcome) -> None:
        if self._as_json:
            print_json({"event": "outcome", **outcome.to_dict()})
        if outcome.ok:
            return
        if not self._as_json or self._live is not None:
            line = one_line(f"Failed: {outcome.source}: {outcome.error} in stage {outcome.stage}: {outcome.message}")
            if self._live is not None:
                self._screen.print(line, markup=False, highlight=False, soft_wrap=True)
            else:
                print_error(line)

    def _write_progress(self, stats: IngestStats) -> None:
        if self._as_json:
            print_json({"event": "progress", **stats.to_dict(), **self._pace.to_dict()})
        elif self._live is None:
            print_error(strip_control(progress_line(stats, self._pace)))
