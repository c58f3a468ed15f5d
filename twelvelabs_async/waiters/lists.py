"""Reads lists for a poller: which pages to read, when to stop, and when a list is not worth its requests.

What a list shows is a hint. Pages are requested by number, in order and within a budget, so that no list can make the
reading go on for ever; what it does not show is asked for singly by the poller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

import attrs

from .._value import Value

PAGE_LIMIT: Final = 50
"""Rows on a page, the most that the platform takes."""

PAGES_AT_ONCE: Final = 8
"""Pages of one list that are requested at the same time."""

MIN_BARREN: Final = 3
"""Pages in a row without anything that is waited for, after which a list is read no further."""

FEW: Final = 64
"""Of so many, what a slow list has not shown in time is asked for singly, unless reading on has paid so far."""

MAX_REST: Final = 16
"""Rounds for which a list is left alone at most after it did not pay."""


@attrs.frozen(eq=False, repr=False)
class Rows(Value):
    """One page of a list.

    Attributes:
        items: The rows. They have an `id` and a `status`.
        last: Number of the last page; None where the platform does not say it.
    """

    items: Sequence[object]
    last: int | None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Listing(Value):
    """A list that shows the states of many tasks.

    Attributes:
        read: Reads one page: filters and the number of the page.
        views: Filters to read it with, the most useful first. What one view does not show, the next one may.
        ids: Filter that takes ids; empty where there is none. It replaces the views.
        narrow: Filter that takes the attribute of the same name of a row, where it is the same for all; empty for none.
        complete: Whether its rows hold everything that a single request gives.
    """

    read: Callable[[Mapping[str, Any], int], Awaitable[Rows]]
    views: Sequence[Mapping[str, Any]] = ({},)
    ids: str = ""
    narrow: str = ""
    complete: bool = False


class _View:
    """One way to read a list, and whether it pays.

    Attributes:
        filters: Its filters.
    """

    __slots__ = ("_left", "_rest", "filters")

    def __init__(self, filters: Mapping[str, Any]) -> None:
        self.filters: Mapping[str, Any] = filters
        self._rest = 0
        self._left = 0

    def is_due(self) -> bool:
        """Whether to read it in this round."""
        if self._left:
            self._left -= 1
            return False
        return True

    def learn(self, requests: int, found: int) -> None:
        """Leave it alone for a while where asking one by one would not have taken more requests."""
        self._rest = 0 if found > requests else min(max(1, self._rest * 2), MAX_REST)
        self._left = self._rest

    def failed(self) -> None:
        """Leave it alone for long."""
        self._rest = self._left = MAX_REST


class ListReader:
    """Reads one list for one poller.

    Args:
        listing: The list.
        saw: Called with every row that has the id of something that is waited for.
        is_wanted: Whether an id is still waited for.
    """

    def __init__(self, listing: Listing, saw: Callable[[str, object], None], is_wanted: Callable[[str], bool]) -> None:
        self._listing = listing
        self._saw = saw
        self._is_wanted = is_wanted
        self._views = [_View(filters) for filters in ([{}] if listing.ids else listing.views)]

    def failed(self) -> None:
        """The list cannot be read: the next rounds ask one by one."""
        for view in self._views:
            view.failed()

    async def read(self, missing: dict[str, Any], seconds: float, suspect: str | None = None) -> None:
        """Look for what is due, as long as that takes fewer requests than asking one by one.

        Args:
            missing: What to look for, by id. What was found is removed.
            seconds: How long to look for a few that are not found.
            suspect: An id to ask for, too, where the list takes ids.
        """
        until = asyncio.get_running_loop().time() + seconds
        for view in self._views:
            if len(missing) < 2:
                return
            if view.is_due():
                before = len(missing)
                if self._listing.ids:
                    requests = await self._read_ids(view.filters, missing, suspect)
                else:
                    requests = await self._read_pages(view.filters, missing, until)
                view.learn(requests, before - len(missing))
                if _is_in_vain(requests, before, missing, until):
                    return

    async def _read_ids(self, filters: Mapping[str, Any], missing: dict[str, Any], suspect: str | None) -> int:
        """Ask for the ids themselves; returns the number of requests."""
        ids = [*missing] if suspect is None else [*missing, suspect]
        parts = [ids[at : at + PAGE_LIMIT] for at in range(0, len(ids), PAGE_LIMIT)]
        for at in range(0, len(parts), PAGES_AT_ONCE):
            queries = [{**filters, self._listing.ids: part} for part in parts[at : at + PAGES_AT_ONCE]]
            for rows in await _together([self._listing.read(query, 1) for query in queries]):
                self._look_through(rows, missing)
                await asyncio.sleep(0)  # the waits that have ended are resumed
        return len(parts)

    async def _read_pages(self, filters: Mapping[str, Any], missing: dict[str, Any], until: float) -> int:
        """Read from the first page on; returns the number of requests."""
        filters = {**filters, **self._narrowing(missing)}
        last = budget = max(1, len(missing) // 2)
        patience = max(MIN_BARREN, len(missing) // 10)
        page = barren = 0
        before = len(missing)
        while missing and page < last and barren < patience and not _is_in_vain(page, before, missing, until):
            # Nothing is known before the first page: whether there is a second one, and whether the list is of any use.
            ahead = 1 if not page else min(PAGES_AT_ONCE, last - page, -(-len(missing) // PAGE_LIMIT) + 1)
            for rows in await _together([self._listing.read(filters, page + at + 1) for at in range(ahead)]):
                page += 1
                barren = 0 if self._look_through(rows, missing) else barren + 1
                await asyncio.sleep(0)  # the waits that have ended are resumed
                if not rows.items:
                    last = 0
                elif rows.last is not None:
                    last = min(budget, rows.last)
            for identifier in [identifier for identifier in missing if not self._is_wanted(identifier)]:
                del missing[identifier]
        return page

    def _look_through(self, rows: Rows, missing: dict[str, Any]) -> int:
        """Report the rows that somebody waits for; returns how many of them were looked for."""
        found = 0
        for row in rows.items:
            identifier = getattr(row, "id", None)
            if isinstance(identifier, str) and self._is_wanted(identifier):
                self._saw(identifier, row)
                if missing.pop(identifier, None) is not None:
                    found += 1
        return found

    def _narrowing(self, missing: Mapping[str, Any]) -> Mapping[str, Any]:
        """The filter that all of them have in common, as far as earlier rows have shown it."""
        name = self._listing.narrow
        if not name:
            return {}
        values = {getattr(entry.state, name, None) for entry in missing.values()}
        value = values.pop() if len(values) == 1 else None
        return {name: value} if isinstance(value, str) and value else {}


def _is_in_vain(requests: int, before: int, missing: Mapping[str, Any], until: float) -> bool:
    """Whether asking for the rest singly is better than reading on, which takes long and does not pay."""
    found = before - len(missing)
    return 0 < requests >= found and len(missing) <= FEW and asyncio.get_running_loop().time() > until


async def _together(reads: Sequence[Awaitable[Rows]]) -> list[Rows]:
    """The pages in order. An error ends the requests that are under way."""
    if len(reads) == 1:
        return [await reads[0]]
    tasks = [asyncio.ensure_future(read) for read in reads]
    try:
        return [await task for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
