"""Times and identifiers in the platform's formats."""

from __future__ import annotations

import datetime as dt
import random
import time

# Identifiers are no secrets, and those of the system are slower: each releases the GIL.
_random = random.Random()  # noqa: S311


def now() -> str:
    """The current time in RFC 3339 form, UTC, with milliseconds."""
    return stamp(time.time())


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
    return f"{prefix}{int(time.time()) & 0xFFFFFFFF:08x}{_random.getrandbits(64):016x}"
