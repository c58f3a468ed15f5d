"""The server's clock, as the Date of its responses tells it.

A Date is cut to whole seconds. What all responses have shown bounds the server's time from both sides, and the bounds
close in with each response that was sent just before or after a full second. The local clock is used where it lies
within them, because it is exact; a local clock that is wrong lies outside, and then the lower bound is used.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LATENCY_SECONDS: Final = 0.25
"""Seconds that a response may have been on its way."""


class ServerClock:
    """One per client: all responses with rate limits come from the platform.

    Args:
        monotonic: A clock of this machine that is never set, in seconds.
        local: The local clock, in epoch seconds.
    """

    __slots__ = ("_highest", "_local", "_lowest", "_monotonic")

    def __init__(self, monotonic: Callable[[], float], local: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._local = local
        # Bounds of the difference between the server's clock and the monotonic one.
        self._lowest = -math.inf
        self._highest = math.inf

    def time(self, date: float) -> float:
        """The server's time now, in epoch seconds.

        Args:
            date: The Date of a response that has just come in, in epoch seconds.
        """
        now = self._monotonic()
        lowest, highest = date - now, date + 1.0 + LATENCY_SECONDS - now
        if lowest > self._highest or highest < self._lowest:  # the server's clock was set, or another server responds
            self._lowest, self._highest = lowest, highest
        else:
            self._lowest, self._highest = max(lowest, self._lowest), min(highest, self._highest)
        local = self._local()
        return local if self._lowest <= local - now <= self._highest else now + self._lowest
