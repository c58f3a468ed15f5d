"""The figures of an ingestion for people: the live display, and the same in a line."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.console import Group
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..ingest import IngestStats
    from ._ingest_pace import Pace


def view(stats: IngestStats, pace: Pace) -> RenderableType:
    """The live display."""
    finished = stats.done + stats.failed + stats.skipped
    bar = ProgressBar(total=None if pace.total is None else max(pace.total, 1), completed=finished, width=40)
    stages = Table(box=None, pad_edge=False)
    stages.add_column("stage")
    for name in ("waiting", "active", "finished", "failed"):
        stages.add_column(name, justify="right", min_width=9)
    for stage, figures in stats.stages.items():
        numbers = figures.queued, figures.active, figures.finished, figures.failed
        if any(numbers):
            stages.add_row(stage, *map(str, numbers))
    return Group(Text(overall(stats, pace)), bar, Text(speed(stats, pace)), stages, Text(pause(stats)))


def progress_line(stats: IngestStats, pace: Pace) -> str:
    """Everything in a line."""
    active = ", ".join(
        f"{stage} {figures.queued + figures.active}"
        for stage, figures in stats.stages.items()
        if figures.queued + figures.active
    )
    return "; ".join(part for part in (overall(stats, pace), speed(stats, pace), pause(stats), active) if part)


def overall(stats: IngestStats, pace: Pace) -> str:
    """How many have ended, and how."""
    found = f"{stats.seen:,} found so far" if pace.total is None else f"{pace.total:,}"
    text = f"{stats.done:,} of {found} done, {stats.failed:,} failed"
    if stats.skipped:
        text += f", {stats.skipped:,} skipped"
    if stats.adopted:
        text += f", {stats.adopted:,} adopted"
    return text


def speed(stats: IngestStats, pace: Pace) -> str:
    """How fast it goes."""
    parts = [f"{pace.files_per_second:.1f} files/s", f"{pace.bytes_per_second / 1e6:.1f} MB/s"]
    if pace.seconds_left is not None:
        parts.append(f"{clock(pace.seconds_left)} left")
    return ", ".join(parts)


def pause(stats: IngestStats) -> str:
    """Until when the rate limit pauses the run; empty if it does not."""
    if stats.paused_until is None:
        return ""
    return f"paused by the rate limit until {time.strftime('%H:%M:%S', time.localtime(stats.paused_until))}"


def clock(seconds: float) -> str:
    """Seconds as `1:02:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
