"""Waits of many jobs for what the platform works on: one call of `as_completed` serves all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..waiters.many import Outcome, Outcomes


LONGEST_PAUSE: Final = 1.0
"""Seconds for which ids are gathered at most, before they are asked about for the first time."""

MAX_WOKEN: Final = 8
"""Jobs that are resumed in one turn of the event loop: a list shows many that are ready, and each goes on at once."""


class Completions:
    """Waits for ids, which come one after the other.

    What was just made is not ready yet. So ids are gathered for a moment: then one list shows many of them.

    Args:
        begin: Begins to wait for ids.
        pause: Seconds for which ids are gathered.
    """

    def __init__(self, begin: Callable[[AsyncIterable[str]], Outcomes[Outcome[Any]]], pause: float) -> None:
        self._begin = begin
        self._pause = min(3 * pause, LONGEST_PAUSE)
        self._ids: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: dict[str, list[asyncio.Future[Outcome[Any]]]] = {}

    async def outcome(self, identifier: str) -> Outcome[Any]:
        """Wait until the platform has done its work, or has failed."""
        future: asyncio.Future[Outcome[Any]] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(identifier, []).append(future)
        self._ids.put_nowait(identifier)
        return await future

    async def run(self) -> None:
        """Serve the waits until cancelled."""
        woken = 0
        async with aclosing(self._begin(self._given())) as outcomes:
            async for outcome in outcomes:
                for future in self._waiting.pop(outcome.id, ()):
                    if not future.done():
                        future.set_result(outcome)
                woken += 1
                if not woken % MAX_WOKEN:
                    await asyncio.sleep(0)

    async def _given(self) -> AsyncIterator[str]:
        while True:
            gathered = [await self._ids.get()]
            await asyncio.sleep(self._pause)
            while not self._ids.empty():
                gathered.append(self._ids.get_nowait())
            for identifier in gathered:
                yield identifier
