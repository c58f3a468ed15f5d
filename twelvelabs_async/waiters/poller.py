"""One poller for many waits: decides what to check when, and tells each wait what the checks have shown.

    poller.join(watcher)       the wait begins; the first check happens at once
    poller.leave(watcher)      it has ended, whatever the reason

Each id that is waited for has one entry, shared by all its watchers. Entries that are due are checked in rounds: lists
first where they take fewer requests (`lists.py`), then what they have not shown, one by one. A poller has no task while
nothing is due, and none after its last watcher has left.

Nothing that happens to one watcher reaches another: errors of a check go to the watchers of that id alone. The
exceptions are a rejected API key, which goes to all, and errors of a list that may pass, which count as one failed
check of everything that was due.
"""

from __future__ import annotations

import asyncio
import contextvars
import copy
import heapq
import itertools
import math
import random
from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

import attrs

from .._value import Value
from ..errors import AuthenticationError, DecodeError
from .lists import Listing, ListReader
from .rules import MAX_CHECK_RETRIES, Rules, is_rate_limited, is_transient, status_of
from .schedule import Durations, Schedule, with_jitter

MAX_SINGLES: Final = 64
"""Single checks of one poller in flight at a time."""

STARTS: Final = 8
"""Single checks that begin in one turn of the event loop: opening connections takes time."""

MAX_ROUNDS: Final = 3
"""Rounds of one poller at a time: a few new waits need not wait for a long list to be read."""

EARLY: Final = 0.001
"""Seconds that a timer may fire too early: the loop rounds to the resolution of its clock."""

AHEAD: Final = 0.25
"""How much earlier than due a task may be checked together with others, as a fraction of `sleep_interval`."""

SLICE: Final = 200
"""Entries that are handled without giving the event loop a turn."""

JOINS: Final = 100
"""Waits that may begin in one turn of the event loop."""

ENDINGS: Final = 100
"""Waits that end in one turn where thousands of them end together: whoever waits is resumed, which takes time."""

GATHER_PAUSE: Final = 0.005
"""Seconds without a new wait after which the first check of several begins. A single wait is checked at once."""

GATHER_LONGEST: Final = 0.1
"""Seconds for which this goes on at most."""

MAX_IMPATIENT: Final = 16
"""Entries that are asked for one by one, rather than after a list that is being read for others."""

WAKE_INTERVAL: Final = 1.0
"""Seconds from a check of a task to one that an event asks for: a repeated event costs one request in this time."""

SPOT_CHECK: Final = 5
"""Of so many readings of a list, one is followed by a single check of something that it has shown in progress."""

MAX_CONTRADICTIONS: Final = 3
"""Readings in a row that show in progress what a spot check had seen end before, after which a list is stale."""

EVENTS_COUNT_FOR: Final = 600.0
"""Seconds for which events are relied on after one that announced the end of a wait."""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Source(Value):
    """Where states come from.

    Attributes:
        retrieve: Fetches the state of one task.
        listing: The list that shows them; None where there is none.
    """

    retrieve: Callable[[str], Awaitable[Any]]
    listing: Listing | None = None


class Experience:
    """What a client has learned about one kind of task.

    Attributes:
        durations: How long they took.
        events_until: Until when webhook events are relied on.
    """

    __slots__ = ("durations", "events_until")

    def __init__(self) -> None:
        self.durations: Durations = Durations()
        self.events_until: float = -math.inf


class Watcher(ABC):
    """Somebody who waits for one id. Subclasses say what becomes of the states.

    Args:
        identifier: The id.
        schedule: Its pauses.
        rows: Whether rows of a list are good enough.
        changes: Whether it wants to be shown changes, and not only the end.
        context: Context variables of single checks.

    Attributes:
        asking: Whether it waits for a check.
        due: When to check next.
        failures: Failed checks in a row.
        latest: The latest state of any check, None before the first.
        status: Status that it was shown last, in lower case; None before the first.
    """

    __slots__ = (
        "asking",
        "changes",
        "context",
        "due",
        "entry",
        "failures",
        "identifier",
        "latest",
        "rows",
        "schedule",
        "status",
    )

    def __init__(
        self, identifier: str, schedule: Schedule, *, rows: bool, changes: bool, context: contextvars.Context
    ) -> None:
        self.identifier: str = identifier
        self.schedule: Schedule = schedule
        self.rows: bool = rows
        self.changes: bool = changes
        self.context: contextvars.Context = context
        self.entry: Entry | None = None
        self.asking: bool = True
        self.due: float = math.inf
        self.failures: int = 0
        self.latest: Any = None
        self.status: str | None = None

    def rest(self) -> None:
        """Ask for no check for now."""
        self.asking = False
        self.due = math.inf

    @abstractmethod
    def show(self, state: Any, status: str) -> None:
        """A check has shown this state."""

    @abstractmethod
    def fail(self, error: Exception) -> None:
        """The wait cannot go on."""


class Entry:
    """An id that is waited for.

    Attributes:
        identifier: The id.
        watchers: Who waits for it, in order.
        started: When the first of them began.
        state: What the latest check has shown.
        check: Number of that check.
        checked_at: When it was.
        in_progress_at: When it was last seen in progress; None before.
        alone: Whether the latest check asked for it alone.
        busy: Whether a round will check it, or does.
        asked: Whether it is being asked for singly, or will be.
        task: That request.
        notified: Whether an event spoke of it.
        again: Whether an event did so while it was being checked: then the response may be older than the event.
        wake_at: When to check it because of an event.
        queued_for: Time under which it is in the queue of the poller; infinity where it is not in there.
    """

    __slots__ = (
        "again",
        "alone",
        "asked",
        "busy",
        "check",
        "checked_at",
        "identifier",
        "in_progress_at",
        "notified",
        "queued_for",
        "started",
        "state",
        "task",
        "wake_at",
        "watchers",
    )

    def __init__(self, identifier: str, started: float) -> None:
        self.identifier: str = identifier
        self.watchers: dict[Watcher, None] = {}
        self.started: float = started
        self.state: Any = None
        self.check: int = 0
        self.checked_at: float = -math.inf
        self.in_progress_at: float | None = None
        self.alone: bool = True
        self.busy: bool = False
        self.asked: bool = False
        self.task: asyncio.Task[None] | None = None
        self.notified: bool = False
        self.again: bool = False
        self.wake_at: float = math.inf
        self.queued_for: float = math.inf

    def due(self) -> float:
        """When it is to be checked next."""
        return min([watcher.due for watcher in self.watchers], default=math.inf)


class Poller:
    """Checks what the waits of one kind wait for.

    Args:
        source: Where states come from.
        rules: What they mean.
        experience: What is known about such tasks.

    Attributes:
        entries: What is waited for, by id.
        users: Waits that use it, between two ids as well.
    """

    def __init__(self, source: Source, rules: Rules, experience: Experience) -> None:
        self.entries: dict[str, Entry] = {}
        self.users: int = 0
        self._loop = asyncio.get_running_loop()
        self._source = source
        self._rules = rules
        self._experience = experience
        listing = source.listing
        self._reader = None if listing is None else ListReader(listing, self._on_row, self._is_wanted)
        self._complete = listing is not None and listing.complete
        self._queue: list[tuple[float, int, Entry]] = []
        self._numbers = itertools.count()
        self._timer: asyncio.TimerHandle | None = None
        self._held = 0
        self._rounds = 0
        self._singles: OrderedDict[Entry, None] = OrderedDict()
        self._in_flight = 0
        self._starts = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._jitter = 1.0
        self._checks = 0
        self._reading = asyncio.Lock()
        self._read_seconds = 0.0
        self._readings = 0
        self._contradictions = 0
        self._spot: Entry | None = None
        self._ended: str | None = None
        self._suspect: str | None = None
        self._is_stale: bool | None = None
        self._joined = 0
        self._joined_from = self._joined_at = 0.0
        self._turns = 0
        self._in_turn: deque[asyncio.Future[None]] = deque()

    # Joining and leaving

    def join(self, watcher: Watcher, *, notified: bool = False) -> None:
        """Begin to wait. The first check happens at once.

        Args:
            watcher: Who waits.
            notified: Whether an event has announced the end of the task already.
        """
        now = self._loop.time()
        entry = self.entries.get(watcher.identifier)
        if entry is None:
            entry = self.entries[watcher.identifier] = Entry(watcher.identifier, now)
        entry.notified = entry.notified or notified
        entry.again = entry.again or notified  # the platform may notify before its own API shows it
        entry.watchers[watcher] = None
        watcher.entry = entry
        watcher.due = now
        if not self._joined:
            self._joined_from = now
        self._joined += 1
        self._joined_at = now
        self._arm(entry)

    def leave(self, watcher: Watcher) -> asyncio.Task[None] | None:
        """End a wait. Returns the request that was made for it alone, which is being cancelled."""
        watcher.rest()
        entry = watcher.entry
        watcher.entry = None
        if entry is None:
            return None
        del entry.watchers[watcher]
        task = None
        if not entry.watchers:
            del self.entries[entry.identifier]
            self._singles.pop(entry, None)
            task, entry.task = entry.task, None
            if task is not None:
                task.cancel()
            if not self.entries:
                self._stop()
        return task

    def ask_again(self, watcher: Watcher) -> None:
        """Check again after a pause."""
        watcher.asking = True
        assert watcher.entry is not None  # noqa: S101 - it has joined
        self._postpone(watcher)
        self._arm(watcher.entry)

    def notify(self, identifier: str) -> bool:
        """An event spoke of this id; returns whether somebody waits for it. Its state is fetched soon."""
        entry = self.entries.get(identifier)
        if entry is None:
            return False
        entry.notified = True
        if entry.busy or entry.asked:
            entry.again = True
        else:
            self._wake(entry)
        return True

    def close(self, error: Exception) -> None:
        """End all waits with an error, some of them in each turn of the event loop. No further round begins."""
        self.hold()
        self._close(list(self.entries.values())[::-1], error)

    def _close(self, entries: list[Entry], error: Exception) -> None:
        for _ in range(min(ENDINGS, len(entries))):
            self._end(entries.pop(), error)
        if entries:
            self._loop.call_soon(self._close, entries, error, context=contextvars.Context())
        else:
            self.release()

    async def settle(self) -> None:
        """Wait until the tasks of a poller without waits are gone."""
        while not self.entries and (left := self._tasks - {asyncio.current_task()}):
            await asyncio.wait(left)

    async def turn(self) -> None:
        """Wait for a turn to join, where thousands of waits begin at once: they must not block the event loop."""
        if not self._turns:
            self._loop.call_soon(self._next_turns, context=contextvars.Context())
        self._turns += 1
        if self._turns > JOINS:
            future = self._loop.create_future()
            self._in_turn.append(future)
            self.hold()  # the first check is one for all of them
            try:
                await future
            finally:
                self.release()

    def _next_turns(self) -> None:
        self._turns = 0
        for _ in range(min(JOINS, len(self._in_turn))):
            future = self._in_turn.popleft()
            if not future.done():  # it was cancelled
                future.set_result(None)
        if self._in_turn:
            self._turns = JOINS
            self._loop.call_soon(self._next_turns, context=contextvars.Context())

    def hold(self) -> None:
        """Begin no round, because more waits are about to join."""
        self._held += 1

    def release(self) -> None:
        """The opposite of `hold`."""
        self._held -= 1
        self._set_timer()

    # What is due

    def _arm(self, entry: Entry) -> None:
        """Put an entry into the queue, unless it is being checked."""
        if entry.busy or entry.asked:
            return
        due = min(entry.due(), entry.wake_at)
        if due < entry.queued_for:
            entry.queued_for = due
            heapq.heappush(self._queue, (due, next(self._numbers), entry))
            self._set_timer()

    def _set_timer(self) -> None:
        if self._held or not self._queue or self._rounds >= MAX_ROUNDS:
            return
        due = self._queue[0][0]
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(due, self._on_time, context=contextvars.Context())

    def _on_time(self) -> None:
        self._timer = None
        if self._more_may_join():
            self._timer = self._loop.call_later(GATHER_PAUSE, self._on_time, context=contextvars.Context())
        elif not self._held and self._rounds < MAX_ROUNDS:
            first = self._take_first()
            if first is not None:
                self._rounds += 1
                self._start(self._round(first), contextvars.Context())
            else:
                self._set_timer()

    def _more_may_join(self) -> bool:
        """Whether several waits have just begun, so that more of them are likely: one check serves them all."""
        now = self._loop.time()
        if self._joined > 1 and now - self._joined_at < GATHER_PAUSE and now - self._joined_from < GATHER_LONGEST:
            return True
        self._joined = 0
        return False

    def _take_first(self) -> Entry | None:
        """The entry that is due, marked as busy; None where none is."""
        part = self._take(self._loop.time() + EARLY, 1)
        return part[0] if part else None

    def _take(self, until: float, maximum: int) -> list[Entry]:
        """Entries that are due until a time, marked as busy."""
        taken: list[Entry] = []
        queue = self._queue
        while queue and queue[0][0] <= until and len(taken) < maximum:
            due, _, entry = heapq.heappop(queue)
            if due != entry.queued_for:
                continue  # it was queued for an earlier time meanwhile
            entry.queued_for = math.inf
            if not entry.watchers or entry.busy or entry.asked:
                continue
            if min(entry.due(), entry.wake_at) > until:
                self._arm(entry)
                continue
            entry.busy = True
            entry.wake_at = math.inf
            taken.append(entry)
        return taken

    def _postpone(self, watcher: Watcher) -> None:
        """Set the time of the next check."""
        now = self._loop.time()
        entry = watcher.entry
        # What a list does not show keeps step with what it shows: the checks of both are made together.
        assert entry is not None  # noqa: S101 - it has joined
        alone = entry.alone and (self._reader is None or len(self.entries) == 1)
        pause = watcher.schedule.pause(
            now,
            alone=alone,
            durations=self._experience.durations,
            events=now < self._experience.events_until,
        )
        watcher.due = now + (with_jitter(pause) if alone else pause * self._jitter)

    def _wake(self, entry: Entry) -> None:
        """Check an entry because of an event."""
        entry.wake_at = max(self._loop.time(), entry.checked_at + WAKE_INTERVAL)
        self._arm(entry)

    # Checking

    async def _round(self, first: Entry) -> None:
        """Check everything that is due now or soon."""
        batch = [first]
        interval = max([watcher.schedule.interval for watcher in first.watchers], default=0.0)
        try:
            await self._collect(batch, self._horizon(first, interval))
            began = self._checks
            # An event is worth a request of its own, which no list delays.
            for entry in batch:
                if entry.notified and entry.watchers:
                    self._ask(entry)
            missing = {entry.identifier: entry for entry in batch if entry.watchers and not entry.asked}
            impatient = self._reading.locked() and len(missing) <= MAX_IMPATIENT
            if self._reader is not None and len(missing) > 1 and not impatient:
                async with self._reading:
                    await self._read_lists(self._reader, missing, began, AHEAD * interval)
            for at, entry in enumerate(missing.values()):
                if entry.watchers and entry.check <= began:  # another round may have seen it meanwhile
                    self._ask(entry)
                if not at % SLICE:
                    await asyncio.sleep(0)
            while batch:
                for entry in batch[-SLICE:]:
                    self._free(entry)
                del batch[-SLICE:]
                await asyncio.sleep(0)
        finally:
            self._rounds -= 1
            for entry in batch:
                self._free(entry)
            self._set_timer()

    def _horizon(self, first: Entry, interval: float) -> float:
        """Until when what is due is checked together with an entry."""
        now = self._loop.time()
        if self._reader is None or first.notified:
            return now
        # What a list shows first would otherwise be due again before the list has been read to its end.
        return now + min(max(AHEAD * interval, self._read_seconds * 1.5), interval)

    async def _collect(self, batch: list[Entry], until: float) -> None:
        """Take what is due until a time."""
        while part := self._take(until, SLICE):
            batch += part
            await asyncio.sleep(0)
        self._set_timer()

    def _free(self, entry: Entry) -> None:
        """A round has done with an entry."""
        entry.busy = False
        if entry.watchers and not entry.asked:
            self._checked(entry)

    async def _read_lists(self, reader: ListReader, missing: dict[str, Entry], began: int, seconds: float) -> None:
        """Read lists. What is left in `missing` is asked for singly."""
        for entry in [entry for entry in missing.values() if entry.check > began or not entry.watchers]:
            del missing[entry.identifier]  # while another list was being read
        self._jitter = with_jitter(1.0)
        started = self._loop.time()
        self._suspect, self._ended, self._is_stale = self._ended, None, None
        try:
            await reader.read(missing, seconds, self._suspect)
            self._compare(reader)
            self._read_seconds = self._loop.time() - started
            self._readings += 1
            if self._contradictions or not self._readings % SPOT_CHECK:
                self._check_spot(began)
        except Exception as error:
            if not is_rate_limited(error):
                reader.failed()
            if isinstance(error, AuthenticationError):
                self.close(error)
                missing.clear()
            elif is_transient(error):
                for at, entry in enumerate(missing.values()):
                    self._failed(entry, copy.copy(error))
                    if not at % ENDINGS:
                        await asyncio.sleep(0)
                missing.clear()

    def _check_spot(self, began: int) -> None:
        """Ask for something that the list has just shown in progress: a list may be stale."""
        shown = [
            entry
            for entry in self.entries.values()
            if entry.check > began and not entry.asked and entry.in_progress_at == entry.checked_at
        ]
        if shown:
            self._spot = random.choice(shown)  # noqa: S311 - a sample, not cryptography
            self._ask(self._spot)

    def _is_wanted(self, identifier: str) -> bool:
        return identifier in self.entries or identifier == self._suspect

    def _on_row(self, identifier: str, row: object) -> None:
        if identifier == self._suspect:
            self._is_stale = not self._is_final(row)
        entry = self.entries.get(identifier)
        if entry is None:
            return
        self._saw(entry, row, retrieved=False)
        if not (entry.busy or entry.asked):
            self._checked(entry)

    def _ask(self, entry: Entry) -> None:
        """Ask for an entry singly, as soon as a request may go."""
        if not entry.asked:
            entry.asked = True
            self._singles[entry] = None
            self._pump()

    def _pump(self) -> None:
        while self._singles and self._in_flight < MAX_SINGLES and self._starts < STARTS:
            if not self._starts:
                self._loop.call_soon(self._next_starts, context=contextvars.Context())
            self._starts += 1
            entry, _ = self._singles.popitem(last=False)
            self._in_flight += 1
            context = next(iter(entry.watchers)).context if len(entry.watchers) == 1 else contextvars.Context()
            entry.task = self._start(self._single(entry), context.copy())

    def _next_starts(self) -> None:
        self._starts = 0
        self._pump()

    async def _single(self, entry: Entry) -> None:
        """Ask for one entry."""
        try:
            state = await self._source.retrieve(entry.identifier)
            entry.task = None  # from here on there is nothing to cancel
            _check_id(entry.identifier, state)
        except AuthenticationError as error:
            entry.task = None
            self.close(error)  # the key is the same for all
        except Exception as error:
            entry.task = None
            self._failed(entry, error)
        else:
            is_spot = entry is self._spot
            if is_spot:
                self._spot = None
                # It may have ended since the list was read. The next reading tells.
                self._ended = entry.identifier if self._is_final(state) else None
            self._saw(entry, state, retrieved=True, is_spot=is_spot)
        finally:
            self._in_flight -= 1
            entry.asked = False
            if entry.watchers and not entry.busy:
                self._checked(entry)
            self._pump()

    def _compare(self, reader: ListReader) -> None:
        """Compare what a list has just shown with what a spot check had seen end before the list was read."""
        self._suspect = None
        if self._is_stale is None:
            return  # nothing had ended, or the list has not shown it
        self._contradictions = self._contradictions + 1 if self._is_stale else 0
        if self._contradictions >= MAX_CONTRADICTIONS:
            self._contradictions = 0
            reader.failed()

    def _is_final(self, state: object) -> bool:
        return self._rules.is_final((status_of(state) or "").lower())

    def _saw(self, entry: Entry, state: object, *, retrieved: bool, is_spot: bool = False) -> None:
        """Tell the watchers of an entry what a check has shown.

        Args:
            entry: The entry.
            state: The state.
            retrieved: Whether it was retrieved singly, and is no row of a list.
            is_spot: Whether the list had shown it just before.
        """
        status = (status_of(state) or "").lower()
        final = self._rules.is_final(status)
        now = self._loop.time()
        entry.state = state
        self._checks += 1
        entry.check = self._checks
        entry.checked_at = now
        entry.alone = retrieved
        if final:
            self._learn(entry, status, now)
        else:
            entry.in_progress_at = now
            entry.notified = entry.again
        full = retrieved or self._complete
        needs_request = False
        for watcher in tuple(entry.watchers):
            watcher.latest = state
            changed = status != watcher.status
            enough = full or watcher.rows
            if not enough and (final or (watcher.changes and changed)):
                needs_request = True  # if that fails, it is as if there were no list: the failures are counted
                continue
            watcher.failures = 0
            if enough and ((retrieved and not is_spot) or final or changed):
                watcher.status = status
                watcher.show(state, status)
            if watcher.asking:
                self._postpone(watcher)
        if needs_request:
            self._ask(entry)

    def _checked(self, entry: Entry) -> None:
        """A check has ended, whatever it has shown."""
        if entry.again:
            entry.again = False
            self._wake(entry)
        self._arm(entry)

    def _failed(self, entry: Entry, error: Exception) -> None:
        """A check has failed."""
        transient, counts = is_transient(error), not is_rate_limited(error)
        for at, watcher in enumerate(tuple(entry.watchers)):
            watcher.failures += counts
            if not transient or watcher.failures > MAX_CHECK_RETRIES:
                watcher.fail(copy.copy(error) if at else error)  # each raises its own, with a traceback of its own
            elif watcher.asking:
                self._postpone(watcher)

    def _end(self, entry: Entry, error: Exception) -> None:
        for watcher in tuple(entry.watchers):
            watcher.fail(copy.copy(error))

    def _learn(self, entry: Entry, status: str, now: float) -> None:
        """Remember how long the task took, and whether an event announced its end."""
        experience, in_progress_at = self._experience, entry.in_progress_at
        if entry.notified:
            experience.events_until = now + EVENTS_COUNT_FOR
        if in_progress_at is None:
            return  # it was done before the wait began, or this is known already
        if not entry.notified:
            experience.events_until = -math.inf
        if status in self._rules.done:
            experience.durations.add((in_progress_at + now) / 2 - entry.started)  # it ended between two checks
        entry.in_progress_at = None

    # Tasks

    def _start(self, coroutine: Any, context: contextvars.Context) -> asyncio.Task[None]:
        task: asyncio.Task[None] = self._loop.create_task(coroutine, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _stop(self) -> None:
        """Nobody waits any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._queue.clear()
        current = asyncio.current_task()
        for task in tuple(self._tasks):
            if task is not current:
                task.cancel()


def _check_id(identifier: str, state: object) -> None:
    """Reject the state of something else.

    Raises:
        DecodeError: It has another id.
    """
    shown = getattr(state, "id", None)
    if isinstance(shown, str) and shown != identifier:
        raise DecodeError(f"asked for {identifier}, the platform responded with the state of {shown}")
