"""Iterates over the pages of a list, and requests pages ahead of the loop.

Each page is requested by a task of its own, which knows nothing of the iterator. So an iterator that a loop has left is
freed at once, and cancels the tasks that it still has. Everything that decides about a page happens when its turn
comes: a page that was read ahead ends the list, fails or repeats an earlier one exactly as if it had been requested
only now.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar

from .._async_only import AsyncIterationOnly
from ..errors import DecodeError, GoneError
from .page import last_page
from .seen import SeenItems, SeenTokens
from .turn import Turn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .page import Page, PageLoader, Position

ItemT = TypeVar("ItemT")
PageT = TypeVar("PageT")

ITEMS_A_TURN: Final = 1000
"""Items that are handled before the event loop gets its turn."""

MAX_WITHOUT_NEWS: Final = 100
"""Pages in a row that may hold nothing new: a list that grows while it is read moves its items to later pages, and a
search may have empty pages with a token."""


class PageIterator(AsyncIterationOnly, Generic[ItemT, PageT]):
    """Iterates over pages. Not a generator, so that several tasks may share one: each page is given to one of them.

    Args:
        loader: Requests the pages.
        first: The first page, where it is loaded already.
        wanted: How many items the caller takes at most; no page is read ahead that is not needed for them.

    Attributes:
        turn: Held by the task that gets a page.
    """

    def __init__(
        self, loader: PageLoader[ItemT, PageT], first: Page[ItemT, PageT] | None = None, wanted: int | None = None
    ) -> None:
        self._ahead: dict[Position, asyncio.Task[Page[ItemT, PageT]]] = {}  # requested pages that nobody has got yet
        self._loader = loader
        self._prepared = first
        self._wanted = wanted
        self._position: Position = None  # of the next page
        self._window = 0  # pages to read ahead
        self._last = 0  # number of the last page
        self._size = 0  # items of the latest page
        self._read = 0
        self._without_news = 0
        self._tokens = SeenTokens()
        self._items = SeenItems(by_id=loader.operation.style == "page")
        self._done = False
        self.turn: Turn = Turn(partial(_cancel_all, self._ahead))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[ItemT, PageT]:
        async with self.turn:
            page, _ = await self.advance()
            return page

    async def advance(self) -> tuple[Page[ItemT, PageT], Sequence[ItemT]]:
        """The next page, and those of its first `ITEMS_A_TURN` items that were not returned before.

        The caller has the turn.
        """
        try:
            return self._deliver(await self._arrived())
        except BaseException:
            if not self.turn.leave_work():
                await self._cancel()
            raise

    def unseen(self, items: Sequence[ItemT]) -> Sequence[ItemT]:
        """Those of further items of a page that were not returned before."""
        return self._items.unseen(items)

    async def aclose(self) -> None:
        """End the iteration and its requests in flight."""
        self._done = True
        self._drop_arrived()
        await self._cancel()

    def __del__(self) -> None:
        for task in vars(self).get("_ahead", {}).values():  # missing if the constructor failed
            if not task.done():
                with suppress(RuntimeError):  # the loop is closed, and nothing is in flight
                    # The garbage collector may run in any thread.
                    task.get_loop().call_soon_threadsafe(task.cancel)

    async def _arrived(self) -> Page[ItemT, PageT]:
        """The page at the present position, once it is loaded."""
        if self._done:
            raise StopAsyncIteration
        if self._prepared is not None:
            page, self._prepared = self._prepared, None
            return page
        position = self._position
        if isinstance(position, str) and position in self._tokens:
            operation = self._loader.operation
            raise DecodeError(
                f"{operation.id}: the platform sent the same page token twice. The iteration would never end.",
                path=".".join(operation.token),
            )
        task = self._request(position)
        if isinstance(position, int):
            self._read_ahead(position)
        while not task.done() or task.cancelled():
            if self._done:  # `aclose` was called meanwhile
                raise StopAsyncIteration
            if task.cancelled():  # not here: by the end of the event loop that the iteration began in, for example
                self._ahead.pop(position, None)
                task = self._request(position)
            await asyncio.wait([task])  # unlike `await task`, cancels only the wait: others may wait for the page, too
        self._ahead.pop(position, None)
        try:
            return task.result()
        except GoneError as error:
            if position is not None:
                error.add_note(
                    f"The token of the next page expired after {self._read} pages were read. Run "
                    f"{self._loader.operation.id} again; the items that were read stay valid."
                )
            raise
        finally:
            del task  # its exception refers to this frame: only the garbage collector would free the iterator

    def _request(self, position: Position) -> asyncio.Task[Page[ItemT, PageT]]:
        """The task that loads a page; the page is requested if it was not yet."""
        loop = asyncio.get_running_loop()
        task = self._ahead.get(position)
        if task is None or (task.get_loop() is not loop and not task.done()):
            task = self._ahead[position] = loop.create_task(self._loader.load(position))
            task.add_done_callback(_retrieve)
            quiet: Any = task
            quiet._log_destroy_pending = False  # where a loop is closed without having cancelled its tasks
        return task

    def _read_ahead(self, position: int) -> None:
        """Request numbered pages after a position, as many as the window allows."""
        end = min(position + self._window, self._last)
        if self._wanted is not None:
            end = min(end, position - 1 - (-self._wanted // max(1, self._size)))
        missing = [number for number in range(position + 1, end + 1) if number not in self._ahead]
        if missing:
            for number in missing[: max(0, self._loader.call.spare())]:
                self._request(number)

    def _deliver(self, page: Page[ItemT, PageT]) -> tuple[Page[ItemT, PageT], Sequence[ItemT]]:
        """Note that a page is handed out, and what follows from it. Does not wait, so that no page is lost."""
        if isinstance(self._position, str):
            self._tokens.add(self._position)  # only now: a page that could not be loaded may be requested again
        self._read += 1
        self._window = min(2 * self._window or 1, self._loader.call.readahead)
        self._position = page.next
        self._last = last_page(page.page_info)
        self._size = len(page.items)
        head = page.items[:ITEMS_A_TURN]
        unseen = self._items.unseen(head)
        self._check_for_news(head, unseen)
        if self._wanted is not None:
            self._wanted -= len(unseen)
        if page.next is None:
            self._done = True
            self._drop_arrived()
            _cancel_all(self._ahead)
        elif isinstance(page.next, str) and self._read > 1:
            self._read_ahead_token(page.next)
        return page, unseen

    def _read_ahead_token(self, token: str) -> None:
        call = self._loader.call
        if call.readahead and token not in self._tokens and call.spare() > 0:
            self._request(token)

    def _check_for_news(self, items: Sequence[ItemT], unseen: Sequence[ItemT]) -> None:
        if self._items.has_news(items, unseen):
            self._without_news = 0
            return
        self._without_news += 1
        if self._without_news >= MAX_WITHOUT_NEWS:
            self._without_news = 0
            operation = self._loader.operation
            raise DecodeError(
                f"{operation.id}: {MAX_WITHOUT_NEWS} pages in a row held nothing new. The iteration would never end.",
                path=operation.items,
            )

    async def _cancel(self) -> None:
        """End the requests in flight; pages that have arrived are kept."""
        loop = asyncio.get_running_loop()
        pending = {position: task for position, task in self._ahead.items() if not task.done()}
        for position in pending:
            del self._ahead[position]
        # Tasks of another loop cannot be in flight: that loop has ended.
        tasks = {position: task for position, task in pending.items() if task.get_loop() is loop}
        if tasks:
            _cancel_all(tasks)
            await asyncio.wait(tasks.values())

    def _drop_arrived(self) -> None:
        for position in [position for position, task in self._ahead.items() if task.done()]:
            del self._ahead[position]


def _retrieve(task: asyncio.Task[Any]) -> None:
    """Look at the exception of a task: nobody else may, where the loop is left before its page."""
    if not task.cancelled():
        task.exception()


def _cancel_all(tasks: Mapping[Any, asyncio.Task[Any]]) -> None:
    for task in tasks.values():
        if not task.get_loop().is_closed():
            task.cancel()
