"""Lists that come in pages.

    async for index in client.indexes.list(page_limit=50):            # every item of every page
        ...
    pager = await client.indexes.list()                               # the first page, loaded
    async for page in client.indexes.list().iter_pages():             # page by page
        print(page.page_info, len(page.items))

When iteration stops:

- Numbered pages: after the page whose number has reached `total_page`, after an empty page, and after a page that says
  nothing about further ones.
- Pages with a token: after the page that names no token for a next one.

A page that the platform repeats (the same token, or a number that does not move on) is a DecodeError, because going on
would never end. A token that has expired meanwhile is a GoneError that says how many pages were read.

Iterating a pager again starts again from its first page. A first page that was loaded with `await` is used once
by the next iteration, then asked for anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from .errors import DecodeError, GoneError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Mapping, Sequence

    from ._operation import PagedOperation
    from ._request import RequestOptions
    from ._resource import Resource

__all__ = ["AsyncPager", "Page"]

ItemT = TypeVar("ItemT")
PageT = TypeVar("PageT")


@attrs.frozen(kw_only=True)
class Call:
    """The arguments of the call that asks for the first page."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, Any]
    body: Mapping[str, Any]
    options: RequestOptions | None


@attrs.frozen
class Page(Generic[ItemT, PageT]):
    """One page.

    Further attributes are those of the answer, so `page.data` and the like work as well.

    Attributes:
        items: The items of the page.
        response: The answer as a whole.
        has_next: Whether another page follows.
    """

    items: Sequence[ItemT]
    response: PageT
    has_next: bool

    @property
    def page_info(self) -> Any:
        """What the platform says about the pages (number, total ...); None where it says nothing."""
        return getattr(self.response, "page_info", None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "response":
            raise AttributeError(name)
        return getattr(self.response, name)


class AsyncPager(Generic[ItemT, PageT]):
    """The pages of one list. Nothing is sent before it is awaited or iterated."""

    def __init__(self, resource: Resource, operation: PagedOperation[ItemT, PageT], call: Call) -> None:
        self._resource = resource
        self._operation = operation
        self._call = call
        self._first: Page[ItemT, PageT] | None = None
        self._fresh = False

    def __await__(self) -> Generator[Any, None, AsyncPager[ItemT, PageT]]:
        return self._load_first().__await__()

    async def _load_first(self) -> AsyncPager[ItemT, PageT]:
        async for page in self._pages():
            self._first = page
            break
        self._fresh = True
        return self

    def __aiter__(self) -> AsyncIterator[ItemT]:
        return self._items()

    async def _items(self) -> AsyncIterator[ItemT]:
        async for page in self.iter_pages():
            for item in page.items:
                yield item

    async def iter_pages(self) -> AsyncIterator[Page[ItemT, PageT]]:
        """Go through the list page by page."""
        first = self._first if self._fresh else None
        self._fresh = False
        async for page in self._pages(first):
            yield page

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
        """What the platform says about the pages (number, total ...); None where it says nothing."""
        return self._loaded().page_info

    @property
    def has_next(self) -> bool:
        """Whether there is more than the first page."""
        return self._loaded().has_next

    def __repr__(self) -> str:
        state = "not loaded" if self._first is None else f"{len(self._first.items)} items in the first page"
        return f"<AsyncPager of {self._operation.id}: {state}>"

    def _loaded(self) -> Page[ItemT, PageT]:
        if self._first is None:
            raise RuntimeError(f"the first page is not loaded yet: write `pager = await ...` for {self._operation.id}")
        return self._first

    def _pages(self, first: Page[ItemT, PageT] | None = None) -> AsyncIterator[Page[ItemT, PageT]]:
        return self._by_number(first) if self._operation.style == "page" else self._by_token(first)

    def _items_of(self, page: Any) -> Sequence[ItemT]:
        return getattr(page, self._operation.items, None) or []

    async def _by_number(self, first: Page[ItemT, PageT] | None) -> AsyncIterator[Page[ItemT, PageT]]:
        call = self._call
        asked = _start(call.query.get("page"))
        page = first
        while True:
            if page is None:
                query = call.query if asked is None else {**call.query, "page": asked}
                answer = await self._resource._call(
                    self._operation,
                    path=call.path,
                    query=query,
                    headers=call.headers,
                    body=call.body,
                    options=call.options,
                )
                items = self._items_of(answer)
                page = Page(items, answer, bool(items) and _follows(answer, asked or 1))
            yield page
            if not page.has_next:
                return
            number = _number(page.page_info, "page")
            asked = asked or 1
            if number is not None and number < asked:
                raise DecodeError(
                    f"{self._operation.id}: page {asked} was asked for, and page {number} came. Going on would never end.",
                    path="page_info.page",
                )
            asked += 1
            page = None

    async def _by_token(self, first: Page[ItemT, PageT] | None) -> AsyncIterator[Page[ItemT, PageT]]:
        call, operation = self._call, self._operation
        seen: set[str] = set()
        page = first
        token: str | None = None
        while True:
            if page is None:
                try:
                    answer = await self._load(token)
                except GoneError as error:
                    if token is not None:
                        error.add_note(
                            f"The token of page {len(seen) + 1} has expired after {len(seen)} pages were read. Run "
                            f"{operation.id} again; the items that were read stay valid."
                        )
                    raise
                page = Page(self._items_of(answer), answer, bool(self._token(answer)))
            yield page
            token = self._token(page.response)
            if not token:
                return
            if token in seen or token == call.body.get(operation.next_parameter or ""):
                raise DecodeError(
                    f"{operation.id}: the platform named the same page token twice. Going on would never end.",
                    path=".".join(operation.token),
                )
            seen.add(token)
            page = None

    async def _load(self, token: str | None) -> Any:
        call, operation = self._call, self._operation
        if token is None:
            return await self._resource._call(
                operation, path=call.path, query=call.query, headers=call.headers, body=call.body, options=call.options
            )
        parameter = operation.next_parameter or "page_token"
        following = operation.next_operation
        if following is None:
            return await self._resource._call(
                operation,
                path=call.path,
                query=call.query,
                headers=call.headers,
                body={**call.body, parameter: token},
                options=call.options,
            )
        return await self._resource._call(following, path={parameter: token}, options=_without_members(call.options))

    def _token(self, page: Any) -> str | None:
        value = page
        for name in self._operation.token:
            value = getattr(value, name, None)
        return value if isinstance(value, str) and value else None


def _start(page: Any) -> int | None:
    """Number of the page to begin with; None leaves it to the platform."""
    return page if isinstance(page, int) and not isinstance(page, bool) else None


def _number(info: Any, name: str) -> int | None:
    value = getattr(info, name, None)
    return int(value) if isinstance(value, int | float) else None


def _follows(page: Any, asked: int) -> bool:
    """Whether a page that is not empty says that another one follows."""
    info = getattr(page, "page_info", None)
    if info is None:
        return False
    number = _number(info, "page") or asked
    total = _number(info, "total_page")
    if total is None:
        results, limit = _number(info, "total_results"), _number(info, "limit_per_page")
        if results is None or not limit:
            return False
        total = -(-results // limit)
    return number < total


def _without_members(options: RequestOptions | None) -> RequestOptions | None:
    """Members of the first call's body and query have no place in the call that follows a token."""
    if not options:
        return options
    kept = dict(options)
    kept.pop("additional_body_parameters", None)
    kept.pop("additional_query_parameters", None)
    return kept  # type: ignore[return-value]
