"""A lock for the tasks that share an iterator."""

from __future__ import annotations

import asyncio


class Turn:
    """A lock that knows whether others wait for it: then a task that is cancelled leaves the work in flight to them.

    Args:
        inner: The lock that is taken while this one is held. Who waits for this one waits for that one, too.

    Attributes:
        waiting: How many tasks wait.
    """

    __slots__ = ("_counted", "_lock", "waiting")

    def __init__(self, inner: Turn | None = None) -> None:
        self._lock = asyncio.Lock()
        self._counted = inner or self
        self.waiting = 0

    async def __aenter__(self) -> None:
        self._counted.waiting += 1
        try:
            await self._lock.acquire()
        finally:
            self._counted.waiting -= 1

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
