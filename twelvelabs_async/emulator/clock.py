"""Times and identifiers in the platform's formats, by a clock that can be set forward."""

from __future__ import annotations

import datetime as dt
import random
import time as system
from contextvars import ContextVar

LAST = dt.datetime(9999, 1, 1, tzinfo=dt.UTC).timestamp()
"""The latest Unix time that a clock may be set to: RFC 3339 has four digits for the year."""

# Identifiers are no secrets, and those of the system are slower: each releases the GIL.
_random = random.Random()  # noqa: S311


class Clock:
    """The clock of one emulator: that of the system, and how far it was set forward.

    Attributes:
        ahead: Seconds by which it is ahead of the system's.
    """

    def __init__(self) -> None:
        self.ahead: float = 0.0

    def time(self) -> float:
        """The current Unix time."""
        return system.time() + self.ahead

    def set_forward(self, moment: float) -> None:
        """Lets the time until a Unix time pass at once; a time that has passed changes nothing."""
        self.ahead = max(self.ahead, moment - system.time())


_clock: ContextVar[Clock] = ContextVar("clock")
"""The clock of the emulator that the current task or thread works for: several may run in one process."""

_SYSTEM = Clock()


def use(clock: Clock) -> None:
    """Makes a clock that of the current task, and of the tasks that it starts, or of the current thread."""
    _clock.set(clock)


def time() -> float:
    """The current Unix time, by the clock of the emulator that the caller works for."""
    return _clock.get(_SYSTEM).time()


def now() -> str:
    """The current time in RFC 3339 form, UTC, with milliseconds."""
    return stamp(time())


def stamp(seconds: float) -> str:
    """A Unix time in RFC 3339 form, UTC, with milliseconds."""
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_of(text: str) -> float:
    """Unix time of an RFC 3339 text; a time without an offset is UTC.

    Raises:
        ValueError: The text is not a date-time.
    """
    moment = dt.datetime.fromisoformat(text.strip().upper().replace(" ", "T"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return moment.timestamp()


def new_id(prefix: str = "") -> str:
    """A fresh identifier: 24 hexadecimal digits, of which the first 8 are the time, after an optional prefix."""
    return f"{prefix}{int(system.time()) & 0xFFFFFFFF:08x}{_random.getrandbits(64):016x}"
