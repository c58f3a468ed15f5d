"""When to check: pauses that grow, and pauses that aim at the time when such tasks usually end."""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Iterator
from typing import Final


class DefaultInterval(float):
    """Distinguishes the default from the same number of seconds that the caller passed."""

    __slots__ = ()


DEFAULT_SLEEP_INTERVAL: Final[float] = DefaultInterval(5.0)
"""Seconds between the first two checks."""

UPLOAD_SLEEP_INTERVAL: Final = 1.0
"""Seconds between the first two checks of an asset that was just uploaded: small ones are ready soon."""

DEFAULT_WAIT_TIMEOUT: Final = 2 * 60 * 60.0
"""Default timeout in seconds of a wait for a task, an asset or an item."""

BATCH_WAIT_TIMEOUT: Final = 25 * 60 * 60.0
"""Default timeout in seconds of a wait for a batch of analyses: the platform ends a batch after 24 hours."""

GROWTH: Final = 1.2
"""Factor by which each pause is longer than the one before."""

MAX_GROWTH: Final = 6.0
"""The longest pause, as a multiple of `sleep_interval`."""

JITTER: Final = 0.1
"""Fraction by which jitter shortens or lengthens a pause at most."""

MIN_SAMPLES: Final = 5
"""Tasks of a kind that must have been seen to end before their durations shorten or lengthen pauses."""

MAX_SAMPLES: Final = 64
"""Durations of a kind that are remembered, the latest ones."""

EARLIEST: Final = 0.9
"""Fraction of the usual duration after which a task is expected to end."""

PRECISION: Final = 0.05
"""Pause around the expected end, as a fraction of the usual duration."""

MIN_PRECISION: Final = 0.1
"""The shortest pause around the expected end, as a multiple of `sleep_interval`."""

LONG_PRECISION: Final = 0.005
"""The same for tasks so long that this is more than `sleep_interval`."""

LONGEST_AHEAD: Final = 12.0
"""The longest pause before the expected end, as a multiple of `sleep_interval`, or a tenth of the usual duration."""

EVENTS_GROWTH: Final = 12.0
"""Pauses while webhook events arrive, as a multiple of `sleep_interval`."""


def with_jitter(seconds: float) -> float:
    """The pause, up to 10 % shorter or longer."""
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter, not cryptography


def pauses(first: float) -> Iterator[float]:
    """Seconds to sleep between the checks: an infinite sequence that grows up to a cap, with jitter."""
    pause = first
    while True:
        yield with_jitter(pause)
        pause = min(pause * GROWTH, first * MAX_GROWTH)


def check_seconds(sleep_interval: object, timeout: object) -> None:
    """Reject what is no number of seconds.

    Raises:
        ValueError: `sleep_interval` or `timeout` is out of range.
    """
    if not isinstance(sleep_interval, int | float) or not 0 <= sleep_interval < math.inf:
        raise ValueError(f"sleep_interval must be a finite number of seconds, zero or more, not {sleep_interval!r}")
    if not isinstance(timeout, int | float) or not 0 < timeout < math.inf:
        raise ValueError(f"timeout must be a finite number of seconds greater than zero, not {timeout!r}")


class Durations:
    """How long tasks of one kind took, as far as this client has seen it."""

    __slots__ = ("_expected", "_seconds")

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=MAX_SAMPLES)
        self._expected: float | None = None

    def add(self, seconds: float) -> None:
        """Remember one."""
        self._seconds.append(seconds)
        self._expected = None

    @property
    def expected(self) -> float | None:
        """The median; None before `MIN_SAMPLES` were seen."""
        if self._expected is None and len(self._seconds) >= MIN_SAMPLES:
            self._expected = sorted(self._seconds)[len(self._seconds) // 2]
        return self._expected


class Schedule:
    """The pauses of one wait.

    Args:
        interval: `sleep_interval` as it was given.
        started: When the wait began.
    """

    __slots__ = ("_interval", "_next", "_started")

    def __init__(self, interval: float, started: float) -> None:
        self._interval = interval
        self._next = interval
        self._started = started

    def pause(self, now: float, *, alone: bool, durations: Durations, events: bool) -> float:
        """Seconds from a check to the next one, without jitter.

        Args:
            now: The time.
            alone: Whether the check asked for this task alone. A list shows many for the price of one, so the pauses
                between lists begin to grow later.
            durations: How long other tasks took. An interval that the caller passed is kept, whatever they say.
            events: Whether webhook events arrive, so that checks are a safety net only.
        """
        interval = self._interval
        elapsed = now - self._started
        expected = durations.expected if interval.__class__ is DefaultInterval else None
        if expected is not None:
            seconds = _aimed(elapsed, expected, interval)
        elif alone:
            seconds = self._next
            self._next = min(seconds * GROWTH, interval * MAX_GROWTH)
        else:
            seconds = min(max(interval, elapsed * (GROWTH - 1)), interval * MAX_GROWTH)
        return max(seconds, interval * EVENTS_GROWTH) if events else seconds

    @property
    def interval(self) -> float:
        """`sleep_interval` as it was given."""
        return self._interval


def _aimed(elapsed: float, expected: float, interval: float) -> float:
    """Long pauses up to the time when the task should end, short ones around it, and growing ones after it."""
    precision = min(max(expected * PRECISION, interval * MIN_PRECISION), max(interval, expected * LONG_PRECISION))
    ahead = expected * EARLIEST - elapsed
    if ahead > precision:
        return min(ahead, max(interval * LONGEST_AHEAD, expected / 10))
    late = max(0.0, elapsed - expected)
    return min(precision + late * (GROWTH - 1), max(precision, interval * MAX_GROWTH))
