"""Waits for what an operation retrieves: from the constant that the generator writes to the engine in `waiters`."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import attrs

from ._request.ids import id_of
from ._request.params import quote_segment
from ._value import Value
from .waiters.lists import PAGE_LIMIT, Listing, Rows
from .waiters.many import Following, Many, Outcomes
from .waiters.poller import Source
from .waiters.rules import Rules
from .waiters.schedule import Schedule, check_seconds
from .waiters.single import until_final

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from typing import Protocol

    from ._request.operation import Operation, PagedOperation
    from ._request.options import RequestOptions
    from .waiters.hub import WaitHub
    from .waiters.many import Outcome
    from .waiters.poller import Poller
    from .waiters.rules import Callback

    class Executor(Protocol):
        """Carries out an operation. Its arguments are those of `Resource._execute`."""

        async def __call__(
            self,
            operation: Operation[Any],
            *,
            path: Mapping[str, Any] | None = None,
            query: Mapping[str, Any] | None = None,
            options: RequestOptions | None = None,
        ) -> Any: ...


StateT = TypeVar("StateT")
RowT = TypeVar("RowT")

_OPTIONS_OF_LISTS: Final = frozenset({"timeout", "timeout_in_seconds", "max_retries", "headers", "additional_headers"})
"""Request options that mean the same for the request of one task and for that of a list."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class WaitList(Value, Generic[RowT]):
    """The list that shows what is waited for.

    Attributes:
        operation: Its operation. It has the path parameters of the operation that retrieves, but for the last.
        views: Filters to read it with, the most useful first.
        ids: Filter that takes ids; empty where there is none.
        narrow: Filter that takes an attribute of the rows of the same name; empty where there is none.
        complete: Whether its rows hold everything that retrieving gives.
    """

    operation: PagedOperation[RowT, Any]
    views: Sequence[Mapping[str, Any]] = ({},)
    ids: str = ""
    narrow: str = ""
    complete: bool = False


@attrs.frozen(kw_only=True, eq=False, repr=False)
class WaitOperation(Value, Generic[StateT, RowT]):
    """What can be waited for.

    Attributes:
        retrieve: Retrieves its state.
        parameters: Its path parameters in order; the last is the id of what is waited for.
        rules: What the states mean.
        listing: The list that shows it; None where there is none.
    """

    retrieve: Operation[StateT]
    parameters: Sequence[str]
    rules: Rules
    listing: WaitList[RowT] | None = None

    def id_of(self, name: str, value: Any) -> str:
        """The id that an argument means, which may be an object.

        Raises:
            ValueError: It is neither an object of the right kind nor an id.
        """
        identifier = id_of(name, value, self.retrieve.ids.get(name, ""))
        quote_segment(name, identifier)  # raises for what is no id
        return str(identifier.value if isinstance(identifier, enum.Enum) else identifier)


class Waiting(Generic[StateT, RowT]):
    """Waits of one call.

    Args:
        wait: What is waited for.
        hub: That of the client.
        client: Identity of the settings of the client: waits with other settings share no requests.
        execute: Carries out the requests.
        parents: The arguments above the id: the index of an indexed asset.
        sleep_interval: Seconds between the first two checks.
        timeout: Timeout in seconds.
        options: Request options of each check. Waits that have some share no requests with others.
        clean: Takes the secrets of the call out of an error.

    Raises:
        ValueError: An argument is out of range, or no id.
    """

    def __init__(
        self,
        wait: WaitOperation[StateT, RowT],
        hub: WaitHub,
        client: Hashable,
        execute: Executor,
        parents: Sequence[Any],
        *,
        sleep_interval: float,
        timeout: float,
        options: RequestOptions | None,
        clean: Callable[[BaseException], None],
    ) -> None:
        check_seconds(sleep_interval, timeout)
        self._wait = wait
        self._hub = hub
        self._execute = execute
        self._interval = sleep_interval
        self._timeout = timeout
        self._options = options
        self._clean = clean
        self._path = {name: wait.id_of(name, value) for name, value in zip(wait.parameters[:-1], parents, strict=True)}
        own = object() if options else None
        self._key = (client, wait.retrieve.id, tuple(self._path.values()), own)

    async def until_final(self, given: Any, callback: Callback[StateT] | None) -> StateT:
        """Wait for one, and return what retrieving it gives."""
        wait = self._wait
        identifier = self._id_of(given)
        poller = self._acquire()
        try:
            await poller.turn()
            schedule = Schedule(self._interval, asyncio.get_running_loop().time())
            watcher = Following(
                poller,
                identifier,
                schedule,
                rows=False,
                changes=callback is not None,
                notified=self._hub.take_event(identifier),
            )
            try:
                return await until_final(
                    watcher.following,
                    wait.rules,
                    identifier,
                    timeout=self._timeout,
                    callback=callback,
                    latest=watcher,
                )
            finally:
                await watcher.end()
        except BaseException as error:
            self._clean(error)
            raise
        finally:
            self._release(poller)

    def outcomes(self, given: Iterable[Any] | AsyncIterable[Any]) -> Outcomes[Outcome[Any]]:
        """Wait for many; outcomes in order of completion."""
        return Outcomes(self._many().outcomes(_several(given)))

    async def states(self, given: Iterable[Any] | AsyncIterable[Any], *, return_failures: bool) -> list[Any]:
        """Wait for many; states in the order given."""
        return await self._many().states(_several(given), return_failures=return_failures)

    def changes(self, given: Any) -> Outcomes[Any]:
        """The changes of one."""
        return Outcomes(self._many().changes(self._id_of(given)))

    def _many(self) -> Many:
        return Many(
            hub=self._hub,
            acquire=self._acquire,
            release=self._release,
            rules=self._wait.rules,
            interval=self._interval,
            timeout=self._timeout,
            id_of=self._id_of,
            clean=self._clean,
        )

    def _id_of(self, given: Any) -> str:
        return self._wait.id_of(self._wait.parameters[-1], given)

    def _acquire(self) -> Poller:
        return self._hub.acquire(self._key, self._wait.retrieve.id, self._wait.rules, self._source)

    def _release(self, poller: Poller) -> None:
        self._hub.release(self._key, poller)

    def _source(self) -> Source:
        """Where the states come from. It holds no reference to this call, because later ones share it."""
        wait, execute, path, options = self._wait, self._execute, self._path, self._options
        name = wait.parameters[-1]

        async def retrieve(identifier: str) -> Any:
            return await execute(wait.retrieve, path={**path, name: identifier}, options=options)

        shown = wait.listing
        if shown is None or (options is not None and not _OPTIONS_OF_LISTS.issuperset(options)):
            return Source(retrieve=retrieve)

        async def read(filters: Mapping[str, Any], page: int) -> Rows:
            query = {"page": page, "page_limit": PAGE_LIMIT, **filters}
            response = await execute(shown.operation, path=path, query=query, options=options)
            last = getattr(getattr(response, "page_info", None), "total_page", None)
            items = getattr(response, shown.operation.items)
            return Rows(items if isinstance(items, list) else (), last if isinstance(last, int) else None)

        listing = Listing(read=read, views=shown.views, ids=shown.ids, narrow=shown.narrow, complete=shown.complete)
        return Source(retrieve=retrieve, listing=listing)


def _several(given: Any) -> Iterable[Any] | AsyncIterable[Any]:
    """The ids of many.

    Raises:
        TypeError: It is no iterable, or text, whose members are letters.
    """
    if isinstance(given, str) or not isinstance(given, Iterable | AsyncIterable):
        raise TypeError(f"ids must be an iterable of ids or objects, not {type(given).__name__}")
    return given
