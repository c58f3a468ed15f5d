"""A lock for the tasks that share an iterator."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Turn:
    """A lock whose holder can leave its work to those who wait for it, and which knows when all of them have left.

    Args:
        abandoned: Called when the holder left its work to others, and the last one of them leaves as well.
        inner: The lock that is taken while this one is held. Who waits for this one waits for that one, too.
    """

    __slots__ = ("_abandoned", "_counted", "_left", "_lock", "_waiting")

    def __init__(self, abandoned: Callable[[], object] | None = None, *, inner: Turn | None = None) -> None:
        self._abandoned = abandoned
        self._counted = inner or self
        self._left = False
        self._lock = asyncio.Lock()
        self._waiting = 0

    def leave_work(self) -> bool:
        """Leave the work to those who wait; False if nobody does. The holder calls this before it releases the lock."""
        self._left = self._waiting > 0
        return self._left

    async def __aenter__(self) -> None:
        counted = self._counted
        counted._waiting += 1
        try:
            await self._lock.acquire()
        except asyncio.CancelledError:
            counted._waiting -= 1
            if counted._left and not counted._waiting and counted._abandoned is not None:
                counted._left = False
                counted._abandoned()
            raise
        counted._waiting -= 1
        self._left = False

    async def __aexit__(self, *_: object) -> None:
        self._lock.release()
