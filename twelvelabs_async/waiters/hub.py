"""The pollers of one client, what it has learned about tasks, and the events that it was given."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Final

from .._codec.model import UnknownVariant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .poller import Experience, Poller, Source
    from .rules import Rules

MAX_EVENTS: Final = 10_000
"""Events without a wait that are remembered."""

EVENT_AGE: Final = 600.0
"""Seconds for which they are."""


class WaitHub:
    """One per client, shared by its `with_options` copies."""

    def __init__(self) -> None:
        self._pollers: dict[Hashable, tuple[asyncio.AbstractEventLoop, Poller]] = {}
        self._experience: dict[str, Experience] = {}
        self._events: OrderedDict[str, float] = OrderedDict()

    def acquire(self, key: Hashable, kind: str, rules: Rules, make: Callable[[], Source]) -> Poller:
        """The poller for a key in the running loop. Call `release` with the same key when the wait has ended.

        Args:
            key: Waits with the same key share their requests.
            kind: What they wait for: what is learned about it holds for all keys.
            rules: What states mean.
            make: Makes the source of a new poller.
        """
        from .poller import Experience, Poller  # most clients never wait

        loop = asyncio.get_running_loop()
        owner, poller = self._pollers.get(key, (None, None))
        if poller is None or owner is not loop:  # a loop that has ended took the waits of its poller along
            experience = self._experience.setdefault(kind, Experience())
            poller = Poller(make(), rules, experience)
            self._pollers[key] = loop, poller
        poller.users += 1
        return poller

    def release(self, key: Hashable, poller: Poller) -> None:
        """The wait for which the poller was acquired has ended."""
        poller.users -= 1
        if not poller.users and self._pollers.get(key, (None, None))[1] is poller:
            del self._pollers[key]

    def notify(self, event: object) -> bool:
        """Wake whoever waits for the object of an event, or remember the event; returns whether somebody did.

        Must be called in the event loop of the waits.
        """
        loop = asyncio.get_running_loop()
        found = False
        for identifier in _ids_of(event):
            # Every poller is told: two kinds of objects may have the same id.
            told = [poller.notify(identifier) for owner, poller in self._pollers.values() if owner is loop]
            if any(told):
                found = True
            else:
                self._remember(identifier)
        return found

    def take_event(self, identifier: str) -> bool:
        """Whether an event has spoken of this id before anybody waited for it."""
        at = self._events.pop(identifier, None)
        return at is not None and time.monotonic() - at <= EVENT_AGE

    def close(self, error: Exception) -> None:
        """End all waits with an error."""
        pollers = tuple(self._pollers.values())
        self._pollers.clear()
        self._events.clear()
        for loop, poller in pollers:
            if not loop.is_closed():
                poller.close(error)

    def _remember(self, identifier: str) -> None:
        now = time.monotonic()
        self._events[identifier] = now
        self._events.move_to_end(identifier)
        while len(self._events) > MAX_EVENTS or now - next(iter(self._events.values())) > EVENT_AGE:
            self._events.popitem(last=False)


def _ids_of(event: object) -> Iterator[str]:
    """The ids in the data of an event, typed or as plain JSON.

    Raises:
        TypeError: It is no event.
    """
    data = _member(event.data if isinstance(event, UnknownVariant) else event, "data")
    if data is None:
        raise TypeError(f"notify takes an event, as webhooks.unwrap returns it, not {type(event).__name__}")
    seen = set[str]()
    for name in ("id", "_id", "task_id", "batch_id"):
        identifier = _member(data, name)
        if isinstance(identifier, str) and identifier not in seen:
            seen.add(identifier)
            yield identifier


def _member(value: object, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
