"""Bounds the retries of all calls of a client together, so that an outage is not made worse.

A token bucket: each retry takes tokens, a call that succeeds brings back what its last retry took, or one token where
it needed no retry. While most calls succeed, the bucket stays full; when most fail, it is soon empty, and calls end
with their first error instead of adding requests.
"""

from __future__ import annotations

from typing import Final

RETRY_COST: Final = 5
"""Tokens that one retry takes."""

REFILL: Final = 1
"""Tokens that a call without retries brings back when it succeeds."""


class RetryQuota:
    """The bucket of one client.

    Attributes:
        capacity: Most tokens that it holds; None for no bound.
        available: Tokens in it now.
    """

    __slots__ = ("available", "capacity")

    def __init__(self, capacity: int | None) -> None:
        self.capacity: int | None = capacity
        self.available: int = capacity or 0

    def take(self) -> bool:
        """Take the tokens of one retry; False, and nothing is taken, where there are too few."""
        if self.capacity is None:
            return True
        if self.available < RETRY_COST:
            return False
        self.available -= RETRY_COST
        return True

    def succeeded(self, retried: bool) -> None:
        """A call succeeded.

        Args:
            retried: Whether its last attempt was a retry that took tokens.
        """
        if self.capacity is not None and self.available < self.capacity:
            self.available = min(self.capacity, self.available + (RETRY_COST if retried else REFILL))
