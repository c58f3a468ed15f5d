"""Many waits at once: outcomes in order of completion, states in the order given, and changes of one state.

The poller tells what it has seen, and whoever iterates takes it. The only task here takes ids, as long as there are
more, so that outcomes are handed out meanwhile. Leaving a loop early ends everything.
"""

from __future__ import annotations

import asyncio
import contextvars
import itertools
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar

import attrs

from .._async_only import AsyncIterationOnly
from .._value import Value
from ..errors import BulkError, TaskFailedError, WaitTimeoutError
from .poller import EARLY, ENDINGS, SLICE, Poller, Watcher
from .rules import Rules, failure_message, status_of, timeout_message
from .schedule import Schedule
from .single import NO_RESPONSE

if TYPE_CHECKING:
    from .hub import WaitHub

StateT_co = TypeVar("StateT_co", covariant=True)

WINDOW: Final = 10_000
"""Ids of one call that are waited for at a time; more are taken as outcomes are handed out."""

JOIN_SLICE: Final = 200
"""Waits that begin without giving the event loop a turn."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Outcome(Value, Generic[StateT_co]):
    """How one of many waits has ended.

    Attributes:
        id: The id.
        state: The final state: the row of a list, or the complete object if it was retrieved individually. None if
            there was no response, or if the wait ended with an error other than `TaskFailedError` before any.
        error: None for success; a `TaskFailedError`, a `WaitTimeoutError`, or the error of a check.
    """

    id: str
    state: StateT_co | None
    error: Exception | None = None


class Outcomes(AsyncIterationOnly, Generic[StateT_co]):
    """What an `async for` over many waits, or over the changes of one state, runs on. `aclose` ends it early."""

    def __init__(self, items: AsyncGenerator[StateT_co]) -> None:
        self._items = items

    def __aiter__(self) -> Outcomes[StateT_co]:
        return self

    async def __anext__(self) -> StateT_co:
        return await anext(self._items)

    async def aclose(self) -> None:
        """End the waits. Leaving the loop does the same, a moment later."""
        await self._items.aclose()


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Many(Value):
    """What all waits of one call have in common.

    Attributes:
        hub: Remembers events.
        acquire: Returns the poller.
        release: Gives it back.
        rules: What states mean.
        interval: `sleep_interval`.
        timeout: Timeout of each, in seconds.
        id_of: Returns the id of what was given.
        clean: Takes secrets out of an error.
    """

    hub: WaitHub
    acquire: Callable[[], Poller]
    release: Callable[[Poller], None]
    rules: Rules
    interval: float
    timeout: float
    id_of: Callable[[Any], str]
    clean: Callable[[BaseException], None]

    async def outcomes(self, given: Iterable[Any] | AsyncIterable[Any]) -> AsyncGenerator[Outcome[Any]]:
        """The outcomes in order of completion."""
        async with _Collector(self, given) as collector:
            async for _, outcome in collector:
                yield outcome

    async def states(self, given: Iterable[Any] | AsyncIterable[Any], *, return_failures: bool) -> list[Any]:
        """The states in the order given.

        Raises:
            BulkError: Some have failed, and `return_failures` is false.
        """
        results: list[Any] = []
        failed: list[int] = []
        async with _Collector(self, given) as collector:
            async for number, outcome in collector:
                results.extend([None] * (number + 1 - len(results)))
                results[number] = outcome.state if outcome.error is None else outcome.error
                if outcome.error is not None:
                    failed.append(number)
        if failed and not return_failures:
            first = min(failed)
            error = results[first]
            raise BulkError(
                f"{len(failed)} of {len(results)} waits failed. Input {first}: {type(error).__name__}: {error}",
                outcomes=results,
            )
        return results

    async def changes(self, identifier: str) -> AsyncGenerator[Any]:
        """The states of one task, whenever its status has changed, up to the final one."""
        poller = self.acquire()
        loop = asyncio.get_running_loop()
        schedule, notified = Schedule(self.interval, loop.time()), self.hub.take_event(identifier)
        watcher = Following(poller, identifier, schedule, rows=True, changes=True, notified=notified)
        limit = loop.time() + self.timeout
        shown: str | None = None
        first = True
        try:
            while True:
                ends = asyncio.timeout_at(limit)
                try:
                    async with ends:
                        state = await watcher.following()
                except TimeoutError as error:
                    if not ends.expired():
                        raise
                    raise self.timed_out(watcher) from error
                status = (status_of(state) or "").lower()
                if first or status != shown:
                    first, shown = False, status
                    yield state
                if self.rules.is_final(status):
                    return
        except Exception as error:
            self.clean(error)
            raise
        finally:
            await watcher.end()
            self.release(poller)

    def timed_out(self, watcher: Watcher) -> WaitTimeoutError:
        """The error of a wait whose timeout has passed."""
        latest = watcher.latest
        seen = NO_RESPONSE if latest is None else f"its last status was {status_of(latest)!r}"
        message = timeout_message(self.rules, watcher.identifier, self.timeout, seen)
        return WaitTimeoutError(message, last=latest, timeout=self.timeout)


class Following(Watcher):
    """A watcher that is asked for one state after the other. States that nobody took in time are skipped."""

    __slots__ = ("_future", "_joined", "_notified", "_pending", "_poller")

    def __init__(
        self,
        poller: Poller,
        identifier: str,
        schedule: Schedule,
        *,
        rows: bool,
        changes: bool,
        notified: bool,
    ) -> None:
        super().__init__(identifier, schedule, rows=rows, changes=changes, context=contextvars.copy_context())
        self._poller = poller
        self._notified = notified
        self._joined = False
        self._future: asyncio.Future[None] | None = None
        self._pending: tuple[Any, Exception | None] | None = None

    def show(self, state: Any, status: str) -> None:
        """Keep the state for whoever asks next."""
        self._set(state, None)

    def fail(self, error: Exception) -> None:
        """Raise the error where the next state is asked for."""
        self._set(None, error)

    async def following(self) -> Any:
        """The next state. The first one comes from a check at once, the others from checks after pauses."""
        if self._pending is None:
            self._future = asyncio.get_running_loop().create_future()
            if self._joined:
                self._poller.ask_again(self)
            else:
                self._joined = True
                self._poller.join(self, notified=self._notified)
            try:
                await self._future
            finally:
                self._future = None
        assert self._pending is not None  # noqa: S101 - told to the type checker
        (state, error), self._pending = self._pending, None
        if error is not None:
            raise error
        return state

    async def end(self) -> None:
        """End the wait, and the request that was made for it alone."""
        task = self._poller.leave(self)
        if task is not None:
            await asyncio.wait((task,))
        await self._poller.settle()

    def _set(self, state: Any, error: Exception | None) -> None:
        self._pending = state, error
        self.rest()
        if self._future is not None and not self._future.done():
            self._future.set_result(None)


class _Item(Watcher):
    """One of many."""

    __slots__ = ("collector", "deadline", "number")

    def __init__(self, collector: _Collector, number: int, identifier: str, schedule: Schedule, deadline: float):
        super().__init__(identifier, schedule, rows=True, changes=False, context=collector.context)
        self.collector: _Collector = collector
        self.number: int = number
        self.deadline: float = deadline

    def show(self, state: Any, status: str) -> None:
        rules = self.collector.many.rules
        if status in rules.failed:
            message = failure_message(rules, self.identifier, status, state)
            self.collector.finish(self, state, TaskFailedError(message, task=state))
        elif status in rules.done:
            self.collector.finish(self, state, None)

    def fail(self, error: Exception) -> None:
        self.collector.finish(self, self.latest, error)


class _Collector:
    """Collects the outcomes of the waits of one call, in order of completion, each with the position of its id.

    Not a generator: one in another cannot be closed by an event loop that ends, which closes both at the same time.
    """

    def __init__(self, many: Many, given: Iterable[Any] | AsyncIterable[Any]) -> None:
        self.many: Many = many
        self.context: contextvars.Context = contextvars.copy_context()
        self._given = given
        self._poller = many.acquire()
        self._loop = asyncio.get_running_loop()
        self._waiting: OrderedDict[_Item, None] = OrderedDict()  # in order of their deadlines
        self._finished: deque[tuple[int, Outcome[Any]]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._feeder: asyncio.Task[None] | None = None
        self._problem: BaseException | None = None
        self._given_all = False
        self._handed_out = 0
        self._changed: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        self._feeder = self._loop.create_task(self._feed(self._given))
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self._end()
        finally:
            self.many.release(self._poller)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> tuple[int, Outcome[Any]]:
        if self._handed_out == SLICE:
            self._handed_out = 0
            await asyncio.sleep(0)  # a loop over many outcomes must not block the event loop
        while not self._finished:
            if self._problem is not None:
                raise self._problem
            if self._given_all and not self._waiting:
                raise StopAsyncIteration
            self._changed = self._loop.create_future()
            await self._changed
            self._changed = None
        self._handed_out += 1
        _wake(self._room)
        return self._finished.popleft()

    def finish(self, item: _Item, state: Any, error: Exception | None) -> None:
        """A wait has ended."""
        if error is not None:
            self.many.clean(error)
        self._waiting.pop(item, None)
        self._poller.leave(item)
        self._finished.append((item.number, Outcome(id=item.identifier, state=state, error=error)))
        _wake(self._changed)

    async def _end(self) -> None:
        """End what is left."""
        ending = []
        if self._feeder is not None:
            self._feeder.cancel()
            ending.append(self._feeder)
        if self._timer is not None:
            self._timer.cancel()
        while self._waiting:
            item, _ = self._waiting.popitem()
            task = self._poller.leave(item)
            if task is not None:
                ending.append(task)
        if ending:
            await asyncio.wait(ending)
        await self._poller.settle()

    async def _feed(self, given: Iterable[Any] | AsyncIterable[Any]) -> None:
        """Take ids, and begin to wait for them."""
        numbers = itertools.count()
        try:
            if isinstance(given, AsyncIterable):
                async for value in given:
                    await self._add(next(numbers), value)
            else:
                await self._feed_at_once(enumerate(given))
        except (Exception, asyncio.CancelledError) as error:  # it is raised where the outcomes are taken
            self._problem = error  # also the cancellation of something that an asynchronous generator of ids awaits
        self._given_all = True
        _wake(self._changed)

    async def _feed_at_once(self, given: Iterable[tuple[int, Any]]) -> None:
        """Take as many ids as there is room for before the first check, so that lists are read for all of them."""
        self._poller.hold()
        try:
            for number, value in given:
                if self._is_full():
                    self._poller.release()
                    try:
                        await self._wait_for_room()
                    finally:
                        self._poller.hold()
                await self._add(number, value)
        finally:
            self._poller.release()

    async def _add(self, number: int, value: Any) -> None:
        await self._wait_for_room()
        identifier = self.many.id_of(value)
        now = self._loop.time()
        item = _Item(self, number, identifier, Schedule(self.many.interval, now), now + self.many.timeout)
        self._waiting[item] = None
        self._poller.join(item, notified=self.many.hub.take_event(identifier))
        if self._timer is None:
            self._set_timer()
        if not number % JOIN_SLICE:
            await asyncio.sleep(0)

    def _is_full(self) -> bool:
        return len(self._waiting) + len(self._finished) >= WINDOW

    async def _wait_for_room(self) -> None:
        while self._is_full():
            self._room = self._loop.create_future()
            await self._room
            self._room = None

    def _set_timer(self) -> None:
        """Have the wait that ends first ended at its deadline."""
        self._timer = None
        if self._waiting:
            first = next(iter(self._waiting))
            self._timer = self._loop.call_at(first.deadline, self._on_deadline, context=contextvars.Context())

    def _on_deadline(self) -> None:
        now = self._loop.time() + EARLY
        for _ in range(ENDINGS):
            if not self._waiting or (item := next(iter(self._waiting))).deadline > now:
                break
            self.finish(item, item.latest, self.many.timed_out(item))
        self._set_timer()  # for what is left in the next turn of the event loop


def _wake(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)
