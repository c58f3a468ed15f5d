"""The budget of a verification: requests and seconds of video, counted before anything is sent."""

from __future__ import annotations

from .._safe_repr import SafeRepr


class BudgetError(Exception):
    """The budget does not allow the next request, or the next video."""


class Budget(SafeRepr):
    """Counts what is spent, and keeps something back for the removal of what was made.

    Attributes:
        max_requests: Requests that may be sent at most.
        max_seconds: Seconds of video that the service may process at most.
        requests: Requests that were sent.
        seconds: Seconds of video that were sent to be processed.
        reserved: Requests that are kept back for the removal of what was made.
    """

    def __init__(self, max_requests: int, max_seconds: float) -> None:
        self.max_requests = max_requests
        self.max_seconds = max_seconds
        self.requests: int = 0
        self.seconds: float = 0.0
        self.reserved: int = 0

    def allows(self, *, requests: int = 1, seconds: float = 0.0) -> bool:
        """Whether this may be spent, with what is kept back left over."""
        enough = self.requests + self.reserved + requests <= self.max_requests
        return enough and self.seconds + seconds <= self.max_seconds

    def take(self, *, seconds: float = 0.0, reserved: bool = False) -> None:
        """Count a request that is about to be sent.

        Args:
            seconds: Seconds of video that it has the service process.
            reserved: Whether it removes something, for which requests are kept back.

        Raises:
            BudgetError: It would exceed the budget.
        """
        if reserved:
            if self.requests >= self.max_requests:
                raise BudgetError
        elif not self.allows(seconds=seconds):
            raise BudgetError
        self.requests += 1
        self.seconds += seconds

    def reserve(self, requests: int) -> None:
        """Keep requests back."""
        self.reserved += requests

    def release(self, requests: int) -> None:
        """Keep fewer requests back."""
        self.reserved = max(0, self.reserved - requests)
