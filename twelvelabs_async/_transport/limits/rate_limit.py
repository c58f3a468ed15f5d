"""Keeps the requests of one rate-limit group within the platform's window. Arithmetic on a clock; nothing here waits.

- A group learns its window from the headers of every response. It sends as long as the window has room for what is in
  flight already: the last requests of a window go out one by one as responses come, none is sent to be refused.
- As long as nothing is known only a few requests go ahead of the first response. That response ends this, whatever its
  headers say.
- When one request receives 429, the whole group pauses, once, until the moment that the platform names.
- A fixed limit in requests per minute, if the user sets one, spaces the requests evenly.

Windows that end far in the future (a spent day) are not waited for: the request is sent, and the platform's 429 with
its Retry-After is what the caller receives.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .headers import LimitHeaders, RateLimitWindow

PROBES: Final = 8
"""Requests of a group that go out before its first response."""

PROBES_AFTER_PAUSE: Final = 4
"""Requests that go out after a pause, or into a new window, before its first response."""

HORIZON_SECONDS: Final = 120.0
"""Windows that end later than this are not waited for."""

RESET_MARGIN: Final = 0.02
"""Seconds waited beyond the end of a window."""

PACE_SLACK: Final = 0.1
"""Seconds that a paced request may come early, so that a late timer does not lower the rate."""

MAX_BACKOFF_DOUBLINGS: Final = 5
"""How often the pause after a 429 without any header is doubled at most."""


class RateLimiter:
    """The window of one rate-limit group of one account. All times are seconds of the event loop's clock.

    Attributes:
        name: Name of the group.
        per_minute: The fixed limit of the user; None where there is none.
        limit: Requests that the window allows; None while unknown.
        remaining: Requests that were left when the platform last said so; None while unknown.
        reset_at: When the window begins anew.
        in_flight: Requests that were sent and have no response yet.
        paused_until: End of the pause after a 429.
        unlimited: Whether nothing limits the group at present: there was a response, and none has named a limit.
    """

    __slots__ = (
        "_informed_at",
        "_interval",
        "_next_at",
        "_probes",
        "_probing_since",
        "_refusals",
        "in_flight",
        "limit",
        "name",
        "paused_until",
        "per_minute",
        "remaining",
        "reset_at",
        "unlimited",
    )

    def __init__(self, name: str, per_minute: float | None = None) -> None:
        self.name = name
        self.per_minute = per_minute
        self.limit: float | None = None
        self.remaining: float | None = None
        self.reset_at = 0.0
        self.in_flight = 0
        self.paused_until = 0.0
        self._interval = 60.0 / per_minute if per_minute is not None else 0.0
        self._next_at = 0.0
        self._probes: float = PROBES
        self._probing_since = -math.inf
        self._informed_at = 0.0
        self._refusals = 0
        self.unlimited = False

    def idle(self, now: float) -> bool:
        """Whether nothing would be lost if the group began anew."""
        spent = self.remaining is not None and now < self.reset_at
        return not (self.in_flight or spent or now < self.paused_until or now < self._next_at)

    def ready_at(self, now: float) -> float:
        """When a request may go: not after `now` where it may go at once, infinity where only a response can tell."""
        at = self.paused_until
        if self.remaining is not None:
            if now >= self.reset_at:
                self._forget_window(now)
            elif self.in_flight >= self.remaining:
                at = max(at, self.reset_at)
        if self.remaining is None and self.in_flight >= self._probes:
            return math.inf
        if self._interval:
            at = max(at, self._next_at - PACE_SLACK)
        return at

    def pause_ends_at(self) -> float:
        """The time before which no request goes, whatever responses still come; 0 where there is none."""
        at = self.paused_until
        if self.remaining is not None and self.remaining <= 0:
            at = max(at, self.reset_at)
        if self._interval:
            at = max(at, self._next_at - PACE_SLACK)
        return at

    def send(self, now: float) -> None:
        """Count a request that goes out now."""
        self.in_flight += 1
        if self._interval:
            self._next_at = max(now, self._next_at) + self._interval

    def unsend(self) -> None:
        """A request that was counted does not go out after all."""
        self.in_flight -= 1

    def responded(self, now: float, sent_at: float, headers: LimitHeaders) -> float | None:
        """Learn from a response that is not 429.

        Returns:
            Seconds that the group pauses now because something other than requests is spent; None if it does not.
        """
        self.in_flight -= 1
        self._refusals = 0
        if sent_at >= self._probing_since:
            self._probes = math.inf
        window = None
        pause = None
        for known in headers.windows:
            if known.requests:
                window = known
            elif known.remaining <= 0 and known.reset_in <= HORIZON_SECONDS:
                pause = self._pause_until(now, known.reset_in + RESET_MARGIN, pause)
        if window is not None:
            self._learn(now, sent_at, window)
        elif self.remaining is not None:
            self.remaining -= 1
        self.unlimited = (
            self._probes == math.inf and self.remaining is None and not self._interval and now >= self.paused_until
        )
        return pause

    def lost(self) -> None:
        """No response came: the platform may have counted the request."""
        self.in_flight -= 1
        if self.remaining is not None:
            self.remaining -= 1

    def refused(self, now: float, headers: LimitHeaders, backoff: float) -> tuple[float, bool]:
        """A response was 429: pause the group.

        Args:
            now: The time.
            headers: What the response says.
            backoff: Seconds to pause when the platform names none, doubled with each refusal in a row.

        Returns:
            Seconds until the group goes on, and whether the pause begins with this refusal.
        """
        self.in_flight -= 1
        pause = headers.retry_after
        if pause is None:
            spent = [window.reset_in for window in headers.windows if window.remaining <= 0]
            pause = max(spent) + RESET_MARGIN if spent else None
        if pause is None:
            pause = min(backoff * 2.0 ** min(self._refusals, MAX_BACKOFF_DOUBLINGS), HORIZON_SECONDS)
        if headers.limit:
            self.limit = headers.limit
        begins = False
        if now + pause > self.paused_until and pause <= HORIZON_SECONDS:
            begins = now >= self.paused_until
            self.paused_until = now + pause
            self._forget_window(self.paused_until)
            self._refusals += begins
            self.unlimited = False
        return pause, begins

    def _pause_until(self, now: float, seconds: float, pause: float | None) -> float | None:
        if now + seconds <= self.paused_until:
            return pause
        self.paused_until = now + seconds
        return seconds

    def _learn(self, now: float, sent_at: float, window: RateLimitWindow) -> None:
        """Take in a window that counts requests."""
        ends = now + window.reset_in + RESET_MARGIN
        self.limit = window.limit
        if window.reset_in > HORIZON_SECONDS:
            self.remaining = None
        elif self.remaining is None or sent_at >= self._informed_at:
            # Sent after the last news came in, so this is newer.
            self.remaining, self.reset_at, self._informed_at = window.remaining, ends, now
        elif ends < self.reset_at + 5.0:
            self.remaining = min(self.remaining, window.remaining)

    def _forget_window(self, begins: float) -> None:
        """A new window begins, of which nothing is known: send a few requests, and learn from their responses."""
        self.remaining = None
        self._probes = PROBES_AFTER_PAUSE
        self._probing_since = begins
