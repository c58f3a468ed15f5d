"""Iterates over the items of a list, one by one or in batches.

Nothing in a loop over a very large page would give other tasks their turn, so the loop pauses for them, and the items
are let go of one by one: freeing all of them at once would block the event loop, too.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

from .._async_only import AsyncIterationOnly
from .page_iterator import ITEMS_A_TURN
from .turn import Turn

if TYPE_CHECKING:
    from .page_iterator import PageIterator

ItemT = TypeVar("ItemT")


class ItemIterator(AsyncIterationOnly, Generic[ItemT]):
    """Iterates over items. Several tasks may share one: each item is given to one of them.

    Attributes:
        turn: Held by the task that gets further items.
    """

    def __init__(self, pages: PageIterator[ItemT, Any]) -> None:
        self._ready: list[ItemT] = []  # the next one is the last
        self._rest: list[ItemT] = []  # further items of the page; the next one is the last
        self._pages = pages
        self.turn: Turn = pages.turn

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ItemT:
        ready = self._ready
        while not ready:
            await self._refill()
        return ready.pop()

    async def take(self, size: int) -> list[ItemT]:
        """The next items, from one to `size` of them.

        Raises:
            StopAsyncIteration: There is none.
        """
        ready = self._ready
        while not ready:
            await self._refill()
        taken = ready[-size:]
        del ready[-size:]
        taken.reverse()
        return taken

    async def aclose(self) -> None:
        """End the iteration and its requests in flight."""
        self._ready.clear()
        rest, self._rest = self._rest, []
        _free(rest)
        await self._pages.aclose()

    def __del__(self) -> None:
        rest = vars(self).get("_rest", ())  # missing if the constructor failed
        if len(rest) > ITEMS_A_TURN:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:  # no loop that freeing could block
                return
            loop.call_soon(_free, rest)

    async def _refill(self) -> None:
        """Get items ready, if there are none; it may turn out that all of them were returned before."""
        async with self.turn:
            ready, rest = self._ready, self._rest
            if ready:  # another task has loaded a page meanwhile
                return
            if rest:
                await asyncio.sleep(0)
                unseen = self._pages.unseen(rest[: -ITEMS_A_TURN - 1 : -1])
                del rest[-ITEMS_A_TURN:]
            else:
                page, unseen = await self._pages.advance()
                self._rest = cast("list[ItemT]", page.items[: ITEMS_A_TURN - 1 : -1])  # what JSON calls a list is one
            ready.extend(unseen)
            ready.reverse()
            if not rest and self._rest:
                await asyncio.sleep(0)  # before the list of the page is freed, which takes as long as copying it


class BatchIterator(AsyncIterationOnly, Generic[ItemT]):
    """Iterates over lists of items. Several tasks may share one: each list is given to one of them."""

    def __init__(self, items: ItemIterator[ItemT], size: int) -> None:
        self._items = items
        self._size = size
        self._batch: list[ItemT] = []
        self._error: Exception | None = None
        self._turn = Turn(inner=items.turn)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[ItemT]:
        async with self._turn:
            await self._fill()
            error, self._error = self._error, None
            batch, self._batch = self._batch, []
            if batch:
                self._error = error  # its turn comes after the items before it
                return batch
            raise StopAsyncIteration if error is None else error

    async def aclose(self) -> None:
        """End the iteration and its requests in flight."""
        self._batch = []
        await self._items.aclose()

    async def _fill(self) -> None:
        """Fill the batch, up to the end of the list or an error. What was taken is kept when it is cancelled."""
        while self._error is None and len(self._batch) < self._size:
            try:
                self._batch += await self._items.take(self._size - len(self._batch))
            except StopAsyncIteration:
                return
            except Exception as error:  # raised when its turn comes
                self._error = error


def _free(items: list[Any]) -> None:
    """Free items in turns."""
    del items[-ITEMS_A_TURN:]
    if items:
        asyncio.get_running_loop().call_soon(_free, items)
