"""How many requests of one kind may be in flight: fewer for some seconds after the platform said it is overloaded.

A refusal (429 or 503) takes half of the limit, once for all requests that were in flight at that moment, and never goes
below a floor. Without further refusals the limit grows back with time, so that nothing has to be in flight, and nothing
has to succeed, for it to recover.
"""

from __future__ import annotations

from typing import Final

FLOOR: Final = 8
"""Requests in flight that a refusal leaves in any case, or all where the limit is lower."""

HOLD_SECONDS: Final = 0.5
"""Seconds after a refusal before the limit grows again."""

RECOVERY_SECONDS: Final = 4.0
"""Seconds in which it grows back from nothing to the maximum."""


class ConcurrencyLimit:
    """The limit of one kind of requests. All times are seconds of the event loop's clock.

    Attributes:
        maximum: The limit without refusals.
        epoch: Number of times that the limit was lowered.
    """

    __slots__ = ("_base", "_floor", "_since", "epoch", "maximum")

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.epoch = 0
        self._floor = min(FLOOR, maximum)
        self._base = maximum
        self._since = 0.0

    @property
    def lowered(self) -> bool:
        """Whether the limit was lowered and has not been found recovered since."""
        return self._base < self.maximum

    def at(self, now: float) -> int:
        """Requests that may be in flight at that time."""
        if self._base >= self.maximum:
            return self.maximum
        grown = self._base + max(0.0, now - self._since) * self.maximum / RECOVERY_SECONDS
        if grown >= self.maximum:
            self._base = self.maximum
        return min(self.maximum, int(grown))

    def reached_at(self, count: int) -> float:
        """When `count` requests may be in flight, if nothing is refused until then."""
        return self._since + max(0, count - self._base) * RECOVERY_SECONDS / self.maximum

    def refused(self, now: float, epoch: int) -> bool:
        """Lower the limit because of a request that was sent in that epoch; whether this changed anything."""
        if epoch != self.epoch:
            return False
        before = self.at(now)
        self.epoch += 1
        self._base = max(self._floor, before // 2)
        self._since = now + HOLD_SECONDS
        return self._base < before
