"""Pagination.

    async for index in client.indexes.list(page_limit=50):            # every item of every page
        ...
    pager = await client.indexes.list()                               # the first page, loaded
    async for page in client.indexes.list().iter_pages():             # page by page
        print(page.page_info, len(page.items))

When iteration stops:

- Numbered pages: after the page whose number has reached `total_page`, after an empty page, and after a page that does
  not state how many there are.
- Pages with a token: after the page without a token for a next one.

A page that the platform sends twice (the same token, or a number that does not advance) is a DecodeError, because the
iteration would never end. A token that has expired meanwhile is a GoneError that states how many pages were read.

An interrupted iteration continues where it stopped: `items = aiter(pager)` can be left with `break` and continued,
also after an error, and be shared by several tasks, each of which gets items of its own.

Iterating a pager again starts again from its first page. A first page that was loaded with `await` is used once
by the next iteration, then requested again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs

from ._async_only import AsyncIterationOnly
from ._safe_repr import SafeRepr
from .errors import DecodeError, GoneError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator, Mapping, Sequence
    from typing import Self

    from ._request.operation import Operation, PagedOperation
    from ._request.options import RequestOptions

__all__ = ["AsyncPager", "Page"]

T = TypeVar("T")
ItemT = TypeVar("ItemT")
PageT = TypeVar("PageT")


class FetchPage(Protocol):
    """Carries out one operation and returns its decoded response."""

    async def __call__(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> T:
        """Fetch one page."""
        ...


@attrs.frozen(kw_only=True)
class Call(SafeRepr):
    """The arguments of the call that requests the first page, and those of the calls that follow a token."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, Any]
    body: Mapping[str, Any]
    options: RequestOptions | None
    next_query: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen
class Page(SafeRepr, Generic[ItemT, PageT]):
    """One page.

    Further attributes are those of the response, so `page.data` and the like work as well.

    Attributes:
        items: The items of the page.
        response: The whole response.
        next: Number or token of the next page; None after the last one.
    """

    items: Sequence[ItemT]
    response: PageT
    next: int | str | None = attrs.field(default=None, repr=False)

    @property
    def has_next(self) -> bool:
        """Whether another page follows."""
        return self.next is not None

    @property
    def page_info(self) -> Any:
        """The platform's statement about the pages (number, total ...); None where there is none."""
        return getattr(self.response, "page_info", None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "response":
            raise AttributeError(name)
        return getattr(self.response, name)


class AsyncPager(SafeRepr, AsyncIterationOnly, Generic[ItemT, PageT]):
    """The pages of one list. Nothing is sent before it is awaited or iterated.

    Once it was awaited, it has the attributes of the first page, too: `pager.data` and the like work as well.
    """

    def __init__(self, fetch: FetchPage, operation: PagedOperation[ItemT, PageT], call: Call) -> None:
        self._fetch = fetch
        self._operation = operation
        self._call = call
        self._first: Page[ItemT, PageT] | None = None
        self._fresh = False

    def __await__(self) -> Generator[Any, None, Self]:
        return self._load_first().__await__()

    def __aiter__(self) -> AsyncIterator[ItemT]:
        return _Items(self.iter_pages())

    def iter_pages(self) -> AsyncIterator[Page[ItemT, PageT]]:
        """Iterate over the pages."""
        first = self._first if self._fresh else None
        self._fresh = False
        return _Pages(self, first)

    @property
    def page(self) -> PageT:
        """The first page as the platform sent it."""
        return self._loaded().response

    @property
    def items(self) -> Sequence[ItemT]:
        """The items of the first page."""
        return self._loaded().items

    @property
    def page_info(self) -> Any:
        """The platform's statement about the pages (number, total ...); None where there is none."""
        return self._loaded().page_info

    @property
    def has_next(self) -> bool:
        """Whether there is more than the first page."""
        return self._loaded().has_next

    def __repr__(self) -> str:
        state = "not loaded" if self._first is None else f"{len(self._first.items)} items in the first page"
        return f"<AsyncPager of {self._operation.id}: {state}>"

    if not TYPE_CHECKING:  # with this method, type checkers would accept any name

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
            if self._first is None:
                raise AttributeError(f"no attribute {name!r}: {self._not_loaded()}")
            return getattr(self._first.response, name)

    def _not_loaded(self) -> str:
        return f"the first page is not loaded yet: write `pager = await ...` for {self._operation.id}"

    def _loaded(self) -> Page[ItemT, PageT]:
        if self._first is None:
            raise RuntimeError(self._not_loaded())
        return self._first

    async def _load_first(self) -> Self:
        self._first = await self._load(None)
        self._fresh = True
        return self

    async def _load(self, position: int | str | None) -> Page[ItemT, PageT]:
        """Load the page with a number or token; None for the first one."""
        operation = self._operation
        if operation.style == "page":
            return await self._load_number(position if isinstance(position, int) else None)
        response = await (self._request() if position is None else self._follow(str(position)))
        return Page(self._items_of(response), response, self._token(response))

    async def _load_number(self, number: int | None) -> Page[ItemT, PageT]:
        requested = number if number is not None else _number(self._call.query.get("page")) or 1
        response = await (self._request() if number is None else self._request(query={"page": number}))
        items = self._items_of(response)
        info = getattr(response, "page_info", None)
        received = _number(getattr(info, "page", None))
        if received is not None and received < requested and items:
            raise DecodeError(
                f"{self._operation.id}: requested page {requested}, received page {received}. "
                "The iteration would never end.",
                path="page_info.page",
            )
        following = requested + 1 if items and requested < _total(info) else None
        return Page(items, response, following)

    async def _request(self, *, query: Mapping[str, Any] | None = None, body: Mapping[str, Any] | None = None) -> PageT:
        call = self._call
        return await self._fetch(
            self._operation,
            path=call.path,
            query={**call.query, **query} if query else call.query,
            headers=call.headers,
            body={**call.body, **body} if body else call.body,
            options=call.options,
        )

    async def _follow(self, token: str) -> Any:
        operation = self._operation
        parameter = operation.next_parameter or "page_token"
        if operation.next_operation is None:
            return await self._request(body={parameter: token})
        return await self._fetch(
            operation.next_operation,
            path={parameter: token},
            query=self._call.next_query,
            options=_without_members(self._call.options),
        )

    def _items_of(self, response: Any) -> Sequence[ItemT]:
        return getattr(response, self._operation.items, None) or []

    def _token(self, response: Any) -> str | None:
        value = response
        for name in self._operation.token:
            value = getattr(value, name, None)
        return value if isinstance(value, str) and value else None


class _Pages(AsyncIterationOnly, Generic[ItemT, PageT]):
    """Iterates over pages. Not a generator, so that leaving a loop early leaves nothing to be closed.

    Several tasks may share one: each page is loaded once, and given to one of them.
    """

    def __init__(self, pager: AsyncPager[ItemT, PageT], first: Page[ItemT, PageT] | None) -> None:
        self._pager = pager
        self._prepared = first
        self._next: int | str | None = None
        self._read = 0
        self._seen: set[int | str] = set()
        self._done = False
        self._turn = asyncio.Lock()

    def __aiter__(self) -> _Pages[ItemT, PageT]:
        return self

    async def __anext__(self) -> Page[ItemT, PageT]:
        async with self._turn:
            if self._done:
                raise StopAsyncIteration
            page, self._prepared = self._prepared, None
            if page is None:
                page = await self._load()
            self._read += 1
            self._next = page.next
            self._done = page.next is None
            return page

    async def _load(self) -> Page[ItemT, PageT]:
        position = self._next
        operation = self._pager._operation
        if position is not None and position in self._seen:
            raise DecodeError(
                f"{operation.id}: the platform sent the same page token twice. The iteration would never end.",
                path=".".join(operation.token),
            )
        try:
            page = await self._pager._load(position)
        except GoneError as error:
            if position is not None:
                error.add_note(
                    f"The token of the next page expired after {self._read} pages were read. Run {operation.id} again; "
                    "the items that were read stay valid."
                )
            raise
        if position is not None:
            self._seen.add(position)  # only now: a page that could not be loaded may be requested again
        return page


class _Items(AsyncIterationOnly, Generic[ItemT]):
    """Iterates over items. Several tasks may share one: each item is given to one of them."""

    def __init__(self, pages: AsyncIterator[Page[ItemT, Any]]) -> None:
        self._pages = pages
        self._turn = asyncio.Lock()
        self._items: Iterator[ItemT] = iter(())

    def __aiter__(self) -> _Items[ItemT]:
        return self

    async def __anext__(self) -> ItemT:
        while True:
            for item in self._items:
                return item
            async with self._turn:
                for item in self._items:  # another task has loaded a page meanwhile
                    return item
                page = await anext(self._pages)  # its StopAsyncIteration is the end of the items, too
                self._items = iter(page.items)


def _number(value: Any) -> int | None:
    """A page number, also where it is sent as text or as 2.0."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _total(info: Any) -> int:
    """How many pages there are; 0 where the platform does not state it."""
    total = _number(getattr(info, "total_page", None))
    if total is not None:
        return total
    results, limit = _number(getattr(info, "total_results", None)), _number(getattr(info, "limit_per_page", None))
    return 0 if results is None or not limit else -(-results // limit)


def _without_members(options: RequestOptions | None) -> RequestOptions | None:
    """Additional members of the first call's body and query do not belong to the call that follows a token."""
    if not options:
        return options
    members = {"body", "query", "additional_body_parameters", "additional_query_parameters"}
    return {name: value for name, value in options.items() if name not in members}  # type: ignore[return-value]
