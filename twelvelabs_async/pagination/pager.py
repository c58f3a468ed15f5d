"""The pages of one list, as methods that list return them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from .._async_only import AsyncIterationOnly
from .._safe_repr import SafeRepr
from .item_iterator import BatchIterator, ItemIterator
from .page import PageLoader
from .page_iterator import ITEMS_A_TURN, PageIterator

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from typing import Self

    from .._request.operation import PagedOperation
    from .page import Call, FetchPage, Page

ItemT = TypeVar("ItemT")
PageT = TypeVar("PageT")
T_co = TypeVar("T_co", covariant=True)


class ClosableIterator(Protocol[T_co]):
    """An asynchronous iterator over a list that can be closed before its end."""

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> T_co: ...

    async def aclose(self) -> None:
        """End the iteration and its requests in flight."""
        ...


class AsyncPager(SafeRepr, AsyncIterationOnly, Generic[ItemT, PageT]):
    """The pages of one list. Nothing is sent before it is awaited or iterated.

    After it was awaited, it also has the attributes of the first page, such as `pager.data`.
    """

    def __init__(self, fetch: FetchPage, operation: PagedOperation[ItemT, PageT], call: Call) -> None:
        self._fetch = fetch
        self._operation = operation
        self._call = call
        self._loader = PageLoader(fetch, operation, call)
        self._first: Page[ItemT, PageT] | None = None
        self._fresh = False

    def __await__(self) -> Generator[Any, None, Self]:
        return self._load_first().__await__()

    def __aiter__(self) -> ClosableIterator[ItemT]:
        return ItemIterator(self._pages())

    def iter_pages(self) -> ClosableIterator[Page[ItemT, PageT]]:
        """Iterate over the pages, as the platform sent them."""
        return self._pages()

    async def first(self) -> ItemT | None:
        """The first item of the list; None if it is empty. No page is requested but the first one that holds items."""
        for item in await self.collect(limit=1):
            return item
        return None

    async def collect(self, limit: int | None = None) -> list[ItemT]:
        """The items as a list. No pages are requested but those that hold them.

        Args:
            limit: How many items at most; None for all of them, however many there are.

        Raises:
            ValueError: The limit is negative or no integer.
        """
        if limit is not None:
            _check(limit, "limit", 0)
        collected: list[ItemT] = []
        if limit == 0:
            return collected
        items = ItemIterator(self._pages(limit))
        while limit is None or len(collected) < limit:
            try:
                collected += await items.take(ITEMS_A_TURN if limit is None else limit - len(collected))
            except StopAsyncIteration:
                break
        await items.aclose()
        return collected

    def batched(self, n: int) -> ClosableIterator[list[ItemT]]:
        """Iterate over the items in lists of `n`; the last one may be shorter, and one before an error.

        Raises:
            ValueError: The number is less than 1 or no integer.
        """
        _check(n, "n", 1)
        return BatchIterator(ItemIterator(self._pages()), n)

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
    def total(self) -> int | None:
        """Number of items on all pages together, as the first page states it; None where it does not."""
        return self._loaded().total

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

    def _pages(self, wanted: int | None = None) -> PageIterator[ItemT, PageT]:
        first = self._first if self._fresh else None
        self._fresh = False
        return PageIterator(self._loader, first, wanted)

    def _not_loaded(self) -> str:
        return f"the first page is not loaded yet: write `pager = await ...` for {self._operation.id}"

    def _loaded(self) -> Page[ItemT, PageT]:
        if self._first is None:
            raise RuntimeError(self._not_loaded())
        return self._first

    async def _load_first(self) -> Self:
        self._first = await self._loader.load(None)
        self._fresh = True
        return self


def _check(value: int, name: str, smallest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < smallest:
        raise ValueError(f"{name} must be an integer from {smallest} on, not {value!r}")
