"""The rate limiter: a fixed window per group, reported in both header families that the platform has used.

The platform documents the older family for the responses of some operations, so these have it even without a limit.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from ..._safe_repr import SafeRepr
from ..clock import Clock
from ..errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

UNGROUPED = "other"
"""Group of the operations without one in the document."""

UNLIMITED = 1_000_000
"""What the headers say is the limit where there is none."""


@dataclasses.dataclass(slots=True)
class _Window(SafeRepr):
    ends: float
    used: int = 0


class RateLimiter:
    """Counts requests of each group in windows of fixed length."""

    def __init__(self, limits: Mapping[str, int], window: float, clock: Clock | None = None) -> None:
        self._limits = dict(limits)
        self._window = window
        self._clock = clock or Clock()
        self._windows: dict[str, _Window] = {}

    def set_limit(self, limit: int | None, group: str = "*", window: float | None = None) -> None:
        """Changes the limit of a group; the windows begin anew.

        Args:
            limit: Requests per window; None for no limit.
            group: The group; `*` for all groups that have no limit of their own.
            window: Length of the windows of all groups in seconds; None leaves it as it is.
        """
        if limit is None:
            self._limits.pop(group, None)
        else:
            self._limits[group] = limit
        if window is not None:
            self._window = window
        self._windows.clear()

    def take(self, group: str | None, *, documented: bool = False) -> dict[str, str]:
        """Counts a request and returns the rate-limit headers.

        Args:
            group: The group of the operation.
            documented: Whether the document says that the operation has the older family of headers.

        Raises:
            ApiError: 429, the limit is reached.
        """
        group = group or UNGROUPED
        limit = self._limits.get(group, self._limits.get("*"))
        if limit is None and not documented:
            return {}
        now = self._clock.time()
        window = self._windows.get(group)
        if window is None or now >= window.ends:
            window = self._windows[group] = _Window(now + self._window)
        if limit is None:
            window.used += 1
            return self._headers(UNLIMITED, window, ("Ratelimit",))
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

    def _headers(
        self, limit: int, window: _Window, families: tuple[str, ...] = ("Ratelimit", "RateLimit-Request")
    ) -> dict[str, str]:
        values = {
            "Limit": limit,
            "Remaining": max(0, limit - window.used),
            "Used": window.used,
            # By the clock of the system: that is what the client compares it with.
            "Reset": math.ceil(window.ends - self._clock.ahead),
        }
        return {f"X-{family}-{name}": str(value) for family in families for name, value in values.items()}
