"""How many sources the platform works on at the same time, as far as it allows."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Final

PROBE_SECONDS: Final = 60.0
"""Seconds after a refusal before one more is tried."""


class ProcessingLimit:
    """A concurrency limit that is either given, or learned from refusals of the platform.

    Args:
        limit: The limit; None if it is not known.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit: float = float("inf") if limit is None else limit
        self._largest: float = self._limit
        self._active = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._raised_at = 0.0

    @property
    def active(self) -> int:
        """Sources that count."""
        return self._active

    async def acquire(self) -> None:
        """Wait until the platform may work on one more."""
        while self._active >= self._limit or self._waiting:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
                break
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._active -= 1
                elif turn in self._waiting:
                    self._waiting.remove(turn)
                self._wake()
                raise
        else:
            self._active += 1

    def enter(self) -> None:
        """Count one that the platform works on already."""
        self._active += 1

    def release(self) -> None:
        """The platform has done its work for one."""
        self._active -= 1
        now = time.monotonic()
        if self._limit < self._largest and now - self._raised_at >= PROBE_SECONDS:
            self._limit, self._raised_at = self._limit + 1, now
        self._wake()

    def refuse(self) -> None:
        """The platform has refused one, because it works on enough of them: the others are the limit for now."""
        self._active -= 1
        self._limit, self._raised_at = max(1, min(self._limit, self._active)), time.monotonic()
        self._wake()

    def _wake(self) -> None:
        while self._waiting and self._active < self._limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._active += 1
                turn.set_result(None)
