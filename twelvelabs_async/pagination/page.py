"""One page of a list: what it holds, and how it is requested."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeAlias, TypeVar

import attrs

from .._value import Value
from ..errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .._request.operation import Operation, PagedOperation
    from .._request.options import RequestOptions

T = TypeVar("T")
ItemT = TypeVar("ItemT")
PageT = TypeVar("PageT")

Position: TypeAlias = int | str | None
"""Number or token of a page; None for the first one."""


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


def _unlimited() -> int:
    return sys.maxsize


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Call(Value):
    """The arguments of the call that requests the first page, and of the calls for the other pages.

    Attributes:
        path: Path parameters.
        query: Query parameters.
        headers: Headers.
        body: Fields of the body.
        options: Options of each call.
        next_query: Query parameters of the calls that follow a token.
        readahead: Pages that are read ahead at most.
        spare: How many requests the rate limit can spare at present for pages that nobody waits for.
    """

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    headers: Mapping[str, Any]
    body: Mapping[str, Any]
    options: RequestOptions | None
    next_query: Mapping[str, Any] = attrs.field(factory=dict)
    readahead: int = 0
    spare: Callable[[], int] = _unlimited


@attrs.frozen(eq=False, repr=False)
class Page(Value, Generic[ItemT, PageT]):
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

    @property
    def total(self) -> int | None:
        """Number of items on all pages together, as this page states it; None where it does not."""
        return to_number(getattr(self.page_info, "total_results", None))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "response":
            raise AttributeError(name)
        return getattr(self.response, name)


@attrs.frozen(eq=False, repr=False)
class PageLoader(Value, Generic[ItemT, PageT]):
    """Requests the pages of one list.

    Attributes:
        fetch: Carries out an operation.
        operation: The operation that lists.
        call: Its arguments.
    """

    fetch: FetchPage
    operation: PagedOperation[ItemT, PageT]
    call: Call

    async def load(self, position: Position) -> Page[ItemT, PageT]:
        """Load the page with a number or token; None for the first one."""
        if self.operation.style == "page":
            return await self._load_number(position if isinstance(position, int) else None)
        response = await (self._request(self.call.options) if position is None else self._follow(str(position)))
        return Page(self._items_of(response), response, self._token(response))

    async def _load_number(self, number: int | None) -> Page[ItemT, PageT]:
        call, operation = self.call, self.operation
        if number is None:
            requested = to_number(_added_page(call.options) or call.query.get("page")) or 1
            response = await self._request(call.options)
        else:
            requested = number
            response = await self._request(_without_page(call.options), query={"page": number})
        items = self._items_of(response)
        info = getattr(response, "page_info", None)
        received = to_number(getattr(info, "page", None))
        if received is not None and received < requested and items:
            raise DecodeError(
                f"{operation.id}: requested page {requested}, received page {received}. The iteration would never end.",
                path="page_info.page",
            )
        following = requested + 1 if items and requested < last_page(info) else None
        return Page(items, response, following)

    async def _request(
        self,
        options: RequestOptions | None,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> PageT:
        call = self.call
        return await self.fetch(
            self.operation,
            path=call.path,
            query={**call.query, **query} if query else call.query,
            headers=call.headers,
            body={**call.body, **body} if body else call.body,
            options=options,
        )

    async def _follow(self, token: str) -> Any:
        operation, call = self.operation, self.call
        parameter = operation.next_parameter or "page_token"
        if operation.next_operation is None:
            return await self._request(call.options, body={parameter: token})
        return await self.fetch(
            operation.next_operation,
            path={parameter: token},
            query=call.next_query,
            options=_without_members(call.options),
        )

    def _items_of(self, response: Any) -> Sequence[ItemT]:
        return getattr(response, self.operation.items, None) or []

    def _token(self, response: Any) -> str | None:
        value = response
        for name in self.operation.token:
            value = getattr(value, name, None)
        return value if isinstance(value, str) and value else None


def to_number(value: Any) -> int | None:
    """A number, also where it is sent as text or as 2.0."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def last_page(info: Any) -> int:
    """Number of the last page; 0 where the platform does not state it."""
    total = to_number(getattr(info, "total_page", None))
    if total is not None:
        return total
    results, limit = to_number(getattr(info, "total_results", None)), to_number(getattr(info, "limit_per_page", None))
    return 0 if results is None or not limit else -(-results // limit)


def _added_page(options: RequestOptions | None) -> Any:
    """The page number that the options of the call add to its query, where it replaces that of the argument."""
    query = (options or {}).get("query") or (options or {}).get("additional_query_parameters") or {}
    return query.get("page")


def _without_page(options: RequestOptions | None) -> RequestOptions | None:
    """The options of a call for another page: a page number in them is that of the first page."""
    if options is None or _added_page(options) is None:
        return options
    kept = {**(options.get("query") or options.get("additional_query_parameters") or {})}
    del kept["page"]
    others = {name: value for name, value in options.items() if name not in _QUERY}
    return {**others, "query": kept}  # type: ignore[return-value]


def _without_members(options: RequestOptions | None) -> RequestOptions | None:
    """Additional members of the first call's body and query do not belong to the call that follows a token."""
    if not options:
        return options
    return {name: value for name, value in options.items() if name not in _QUERY | _BODY}  # type: ignore[return-value]


_QUERY: Final = frozenset({"query", "additional_query_parameters"})
_BODY: Final = frozenset({"body", "additional_body_parameters"})
