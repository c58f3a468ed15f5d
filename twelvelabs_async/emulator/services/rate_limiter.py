"""The rate limiter: a fixed window per group, reported in both header families that the platform has used."""

from __future__ import annotations

import dataclasses
import math
import time
from typing import TYPE_CHECKING

from ..._safe_repr import SafeRepr
from ..errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

UNGROUPED = "other"
"""Group of the operations without one in the document."""


@dataclasses.dataclass(slots=True)
class _Window(SafeRepr):
    ends: float
    used: int = 0


class RateLimiter:
    """Counts requests of each group in windows of fixed length."""

    def __init__(self, limits: Mapping[str, int], window: float, clock: Callable[[], float] = time.time) -> None:
        self._limits = dict(limits)
        self._window = window
        self._clock = clock
        self._windows: dict[str, _Window] = {}

    def take(self, group: str | None) -> dict[str, str]:
        """Counts a request and returns the rate-limit headers.

        Raises:
            ApiError: 429, the limit is reached.
        """
        group = group or UNGROUPED
        limit = self._limits.get(group, self._limits.get("*"))
        if limit is None:
            return {}
        now = self._clock()
        window = self._windows.get(group)
        if window is None or now >= window.ends:
            window = self._windows[group] = _Window(now + self._window)
        if window.used >= limit:
            wait = max(1, math.ceil(window.ends - now))
            raise ApiError(
                429,
                "too_many_requests",
                f"The limit of {limit} requests in {self._window:g} seconds is reached. Try again in {wait} seconds.",
                headers={**self._headers(limit, window), "Retry-After": str(wait)},
            )
        window.used += 1
        return self._headers(limit, window)

    @staticmethod
    def _headers(limit: int, window: _Window) -> dict[str, str]:
        values = {
            "Limit": limit,
            "Remaining": max(0, limit - window.used),
            "Used": window.used,
            "Reset": math.ceil(window.ends),
        }
        return {
            f"X-{family}-{name}": str(v) for family in ("Ratelimit", "RateLimit-Request") for name, v in values.items()
        }
