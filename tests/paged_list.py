"""A list in pages whose arrival a test decides: `PagedList.fetch` takes the place of the transport."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from twelvelabs_async._request.operation import PagedOperation, TypeRef
from twelvelabs_async.pagination import AsyncPager
from twelvelabs_async.pagination.page import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BY_NUMBER: PagedOperation[Any, Any] = PagedOperation(
    id="listThings",
    method="GET",
    path="/things",
    response=TypeRef("indexes", "IndexesListResponse"),
    items="data",
    style="page",
)
BY_TOKEN: PagedOperation[Any, Any] = PagedOperation(
    id="searchThings",
    method="POST",
    path="/things/search",
    response=TypeRef("search", "SearchResults"),
    body="json",
    items="data",
    style="token",
    token=("page_info", "next_page_token"),
    next_parameter="page_token",
)


class Body(SimpleNamespace):
    """A response; unlike its base class, weak references to it are possible."""


def item(name: str | None) -> Any:
    return SimpleNamespace(id=name)


def numbered_page(names: Sequence[str | None], number: object, total: object) -> Any:
    info = SimpleNamespace(page=number, total_page=total)
    return Body(data=[item(name) for name in names], page_info=info)


def token_page(names: Sequence[str | None], token: str | None) -> Any:
    info = SimpleNamespace(next_page_token=token)
    return Body(data=[item(name) for name in names], page_info=info)


def whole_list(pages: Sequence[Sequence[str]], *, tokens: bool = False) -> dict[object, Any]:
    """The pages by number or token, as an honest platform sends them. Token `t2` is that of the second page."""
    last = len(pages)
    if not tokens:
        return {number: numbered_page(names, number, last) for number, names in enumerate(pages, 1)}
    made = [token_page(names, f"t{number + 1}" if number < last else None) for number, names in enumerate(pages, 1)]
    return dict(zip([1, *(f"t{number}" for number in range(2, last + 1))], made, strict=True))


class PagedList:
    """Responds to requests for pages, at once or when `arrive` is called.

    Attributes:
        pages: The pages, or the error that is raised, by position.
        held_from: Number of the first page that waits for `arrive`; None where all respond at once.
        requested: Positions of all requests, in order: 1 for the first page, or a number, or a token.
        pending: Requests that have no response yet.
        cancelled: Positions of the requests that were cancelled.
    """

    def __init__(self, pages: dict[object, Any], *, held_from: int | None = None, tokens: bool = False) -> None:
        self.pages = pages
        self.held_from = held_from
        self.operation = BY_TOKEN if tokens else BY_NUMBER
        self.requested: list[Any] = []
        self.pending: dict[asyncio.Future[Any], Any] = {}
        self.cancelled: list[Any] = []

    def pager(self, readahead: int = 4, spare: Callable[[], int] | None = None) -> AsyncPager[Any, Any]:
        more: dict[str, Any] = {} if spare is None else {"spare": spare}
        call = Call(path={}, query={}, headers={}, body={}, options=None, readahead=readahead, **more)
        return AsyncPager(self.fetch, self.operation, call)

    async def fetch(self, operation: Any, *, query: Any = None, body: Any = None, **_: Any) -> Any:
        position = (query or {}).get("page") or (body or {}).get("page_token") or 1
        self.requested.append(position)
        if self.held_from is None or int(str(position).removeprefix("t")) < self.held_from:
            return self._response(position)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.pending[future] = position
        try:
            return await future
        except asyncio.CancelledError:
            self.cancelled.append(position)
            raise
        finally:
            self.pending.pop(future, None)
            del future  # its exception refers to this frame

    def arrive(self, position: object, error: Exception | None = None) -> None:
        """Respond to the request for a page."""
        future = next(future for future, at in self.pending.items() if at == position and not future.done())
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(self._response(position))

    def _response(self, position: object) -> Any:
        page = self.pages[position]
        if isinstance(page, Exception):
            raise page
        return page


async def settle() -> None:
    """Let everything run that can run without a further response."""
    for _ in range(20):
        await asyncio.sleep(0)
