"""The progress of an upload: what was sent and confirmed, how fast, and whom to tell."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections import deque
from typing import TYPE_CHECKING, Final

from .._config.hooks import logger
from .values import UploadProgress

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .plan import Layout
    from .values import ProgressCallback

RATE_SECONDS: Final = 20.0
"""Seconds over which the rate is averaged."""


class Progress:
    """Counts the bytes of one upload and calls its callback.

    Args:
        layout: How the file is divided.
        callback: The function of the caller; None where there is none.
        done: Chunks that the platform has from an earlier run.
    """

    def __init__(self, layout: Layout, callback: ProgressCallback | None, done: Collection[int] = ()) -> None:
        self._layout = layout
        self._callback = callback
        self._calling = asyncio.Lock()
        self._logged = False
        self._furthest: dict[int, int] = {}
        self._completed = len(done)
        before = sum(layout.region(index)[1] for index in done)
        self._sent = before
        self._confirmed = before
        self._samples: deque[tuple[float, int]] = deque([(time.monotonic(), before)])

    def sent(self, index: int, length: int) -> None:
        """Record that the first `length` bytes of a chunk were handed to the network; a retry does not count again."""
        before = self._furthest.get(index, 0)
        if length > before:
            self._furthest[index] = length
            self._sent += length - before

    def stored(self, index: int) -> None:
        """Record that a chunk is in the store."""
        self.sent(index, self._layout.region(index)[1])
        self._furthest.pop(index, None)
        self._completed += 1

    def confirmed(self, indexes: Iterable[int]) -> None:
        """Record that the platform has accepted the report of some chunks."""
        self._confirmed += sum(self._layout.region(index)[1] for index in indexes)

    async def report(self, status: str) -> None:
        """Call the callback. One call at a time: the numbers never decrease, however long an asynchronous one takes."""
        if self._callback is None:
            return
        async with self._calling:
            try:
                result = self._callback(self._now(status))
                if inspect.isawaitable(result):
                    await result
            except Exception:
                # Whoever only watches an upload must not end it.
                if not self._logged:
                    self._logged = True
                    logger.exception("progress_callback raised an exception; the upload continues")

    def _now(self, status: str) -> UploadProgress:
        total = self._layout.total_size
        rate = self._rate()
        return UploadProgress(
            total_chunks=self._layout.total_chunks,
            completed_chunks=self._completed,
            percentage=100.0 * self._completed / self._layout.total_chunks,
            status=status,
            total_bytes=total,
            bytes_sent=self._sent,
            bytes_confirmed=self._confirmed,
            rate=rate,
            seconds_left=(total - self._sent) / rate if rate else None,
        )

    def _rate(self) -> float:
        now = time.monotonic()
        self._samples.append((now, self._sent))
        # The first sample that is kept is the last one before the time that counts.
        while len(self._samples) > 2 and self._samples[1][0] <= now - RATE_SECONDS:
            self._samples.popleft()
        began, before = self._samples[0]
        return (self._sent - before) / (now - began) if now > began else 0.0
