"""How many sources there are: counted in a thread beside the run, which reads them only as it goes on."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ..ingest import IngestStats
    from ._ingest_plan import IngestPlan

REST: Final = 500
"""Sources after which the thread rests for a moment: the run goes first."""


class Total:
    """The number of sources of a run.

    Args:
        plan: What is to be ingested. Standard input and pipes can be read only once, and are not counted.
    """

    def __init__(self, plan: IngestPlan) -> None:
        self._plan = plan
        self._counted: int | None = None
        self._is_stopped = False
        self._thread = threading.Thread(target=self._count, name="twelvelabs-total", daemon=True)
        self._thread.start()

    def of(self, stats: IngestStats) -> int | None:
        """How many there are; None while that is not known."""
        if stats.exhausted:
            return stats.seen
        return None if self._counted is None else max(self._counted, stats.seen)

    def stop(self) -> None:
        """Have the thread end."""
        self._is_stopped = True

    def join(self) -> None:
        """Wait until they are counted. Blocks."""
        self._thread.join()

    def _count(self) -> None:
        plan, count = self._plan, 0
        if plan.manifest is not None and not Path(plan.manifest).is_file():
            return
        try:
            for _ in plan.candidates():
                count += 1
                if count % REST == 0:
                    time.sleep(0.002)
                if self._is_stopped:
                    return
        except (OSError, ValueError):  # the run comes across the same, and reports it
            return
        if plan.shard is not None:
            count //= plan.shard.count  # about: which part a source is in goes by its key
        self._counted = count if plan.limit is None else min(count, plan.limit)
