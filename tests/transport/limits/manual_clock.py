"""A clock that only tests move, in place of the event loop's."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Timer:
    """What `call_at` returns."""

    def __init__(self, at: float, action: Callable[[], object]) -> None:
        self._at = at
        self.action = action
        self.cancelled = False

    def when(self) -> float:
        return self._at

    def cancel(self) -> None:
        self.cancelled = True


class ManualClock:
    """The part of an event loop that the limiter uses; futures are those of the running loop."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def time(self) -> float:
        return self.now

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_future()

    def call_at(self, at: float, function: Callable[..., object], *args: object, context: object = None) -> Timer:
        timer = Timer(at, lambda: function(*args))
        heapq.heappush(self._timers, (at, next(self._order), timer))
        return timer

    def call_later(
        self, seconds: float, function: Callable[..., object], *args: object, context: object = None
    ) -> Timer:
        return self.call_at(self.now + seconds, function, *args)

    @property
    def pending(self) -> int:
        """Timers that are set."""
        return sum(not timer.cancelled for _, _, timer in self._timers)

    async def advance(self, seconds: float) -> None:
        """Let time pass: timers fire in order, and tasks run after each."""
        await settle()
        end = self.now + seconds
        while self._timers and self._timers[0][0] <= end:
            at, _, timer = heapq.heappop(self._timers)
            self.now = max(self.now, at)
            if not timer.cancelled:
                timer.action()
                await settle()
        self.now = end
        await settle()


async def settle() -> None:
    """Let every task run that can."""
    for _ in range(10):
        await asyncio.sleep(0)
