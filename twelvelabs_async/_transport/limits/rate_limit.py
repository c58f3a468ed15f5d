"""Keeps the requests of a rate-limit group within the platform's window, and together when it says no.

- A group learns its window from the headers of every answer. It sends as long as the window has room for what is in
  flight already, and then waits for the window to begin anew: the last requests of a window go out one by one as
  answers come, none is sent to be refused.
- As long as nothing is known (at the start, in a new window, after a pause) only a few requests go ahead of the first
  answer, and then some each second.
- When one request is told 429, the whole group pauses, once, until the moment that the platform names.
- A fixed limit in requests per minute, if the user sets one, spaces the requests evenly.

Waiting here is never a timeout. Windows that end far in the future (a spent day) are not waited for: the request is
sent, and the platform's 429 with its Retry-After is the caller's answer.
"""

from __future__ import annotations

import asyncio
import math
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from ..deadline import NO_CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable

    from .headers import Reading

PROBES: Final = 16
"""Requests that go out before anything is known about a window."""

PROBES_AFTER_PAUSE: Final = 4
"""Requests that go out after a pause, or into a new window, before its first answer."""

PROBES_PER_SECOND: Final = 4.0
"""Further ones for each second without an answer, where the limit is unknown; else what the limit allows on average.
Calls may take longer than a window lasts, and must not bring the group to a standstill.
"""

HORIZON_SECONDS: Final = 120.0
"""Windows that end later than this are not waited for."""

WHOLE_SECOND_MARGIN: Final = 0.3
"""Seconds waited beyond the end of a window that is known to the second only."""

EXACT_MARGIN: Final = 0.02
"""Seconds waited beyond the end of a window that is known exactly."""

PACE_SLACK: Final = 0.1
"""Seconds that a paced request may come early, so that a late timer does not lower the rate."""


class Group:
    """The operations that share one window.

    Attributes:
        name: Name of the group.
        limit: Requests that the window allows; None while unknown.
        remaining: Requests that were left when the platform last said so; None while unknown.
        reset_at: When the window begins anew, in the loop's time.
        in_flight: Requests that were let through and have had no answer.
        paused_until: End of the pause after a 429, in the loop's time.
    """

    def __init__(self, name: str, changed: Callable[[Group, float], None], per_minute: float | None = None) -> None:
        self.name = name
        self.limit: float | None = None
        self.remaining: float | None = None
        self.reset_at = 0.0
        self.in_flight = 0
        self.paused_until = 0.0
        self.per_minute = per_minute
        self._changed = changed
        self._interval = 60.0 / per_minute if per_minute is not None else 0.0
        self._next_at = 0.0
        self._probes: float = PROBES
        self._probing_since = math.inf
        self._known_at = 0.0
        self._refusals = 0
        self._waiters: OrderedDict[asyncio.Future[None], None] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waiting(self) -> int:
        """Requests that wait."""
        return len(self._waiters)

    def idle(self, now: float) -> bool:
        """Whether nothing would be lost if the group began anew."""
        spent = self.remaining is not None and now < self.reset_at
        return not (self.in_flight or self._waiters or spent or now < self.paused_until or now < self._next_at)

    def take(self, now: float) -> bool:
        """Let a request through if it may go now; nobody who waits is overtaken."""
        return not self._waiters and self._admit(now)

    async def wait(self, *, again: bool = False) -> None:
        """Wait until a request may go. One that was refused and comes again is first."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._waiters[future] = None
        if again:
            self._waiters.move_to_end(future, last=False)
        self._arm(loop)
        try:
            await future
        except BaseException:  # cancelled, or dropped by a loop that ends
            if self._waiters.pop(future, self) is self:
                self.undo(loop)  # let through together with the cancellation
            elif not self._waiters:
                self._disarm()
            raise

    def undo(self, loop: asyncio.AbstractEventLoop) -> None:
        """A request that was let through is not sent after all."""
        self.in_flight -= 1
        self._serve(loop)

    def must_wait(self, now: float) -> bool:
        """Whether a pause has begun since a request was let through."""
        return now < self.paused_until

    def answered(self, loop: asyncio.AbstractEventLoop, sent_at: float, readings: list[Reading]) -> None:
        """An answer came that is not 429; learn from its headers."""
        self.in_flight -= 1
        self._refusals = 0
        if not readings:
            if self.remaining is not None:
                self.remaining -= 1
            self._probes = math.inf
        elif self._learn(loop.time(), sent_at, readings):
            self._probes = math.inf
        if self._waiters:
            self._serve(loop)

    def lost(self, loop: asyncio.AbstractEventLoop) -> None:
        """No answer came: the platform may have counted the request."""
        self.in_flight -= 1
        if self.remaining is not None:
            self.remaining -= 1
        if self._waiters:
            self._serve(loop)

    def refused(
        self, loop: asyncio.AbstractEventLoop, retry_after: float | None, readings: list[Reading], backoff: float
    ) -> float:
        """An answer was 429: pause the group, and return the seconds until it goes on.

        Args:
            loop: The running loop.
            retry_after: Seconds that Retry-After asks for.
            readings: Windows that the answer describes.
            backoff: Seconds to pause when the platform names none, doubled with each refusal in a row.
        """
        now = loop.time()
        self.in_flight -= 1
        pause = retry_after
        if pause is None:
            ends = [
                reading.reset_in
                for reading in readings
                if reading.reset_in is not None and reading.remaining in {0, None}
            ]
            # A reset in the past would send everybody straight into the next refusal.
            pause = max(ends) + WHOLE_SECOND_MARGIN if ends and max(ends) > 0 else None
        if pause is None:
            pause = min(backoff * 2.0 ** min(self._refusals, 5), HORIZON_SECONDS)
        for reading in readings:
            if reading.requests and reading.limit is not None:
                self.limit = reading.limit
        until = now + pause
        if until > self.paused_until and pause <= HORIZON_SECONDS:
            begins = now >= self.paused_until
            self.paused_until = until
            self.remaining = None
            self._probe_from(until, PROBES_AFTER_PAUSE)
            if begins:
                self._refusals += 1
                self._changed(self, pause)
        if self._waiters:
            self._arm(loop)
        return pause

    def _learn(self, now: float, sent_at: float, readings: list[Reading]) -> bool:
        """Take in what an answer says; False if it is about a window that is over."""
        counted = False
        for reading in readings:
            if reading.reset_in is None or reading.remaining is None:
                continue
            margin = EXACT_MARGIN if reading.exact else WHOLE_SECOND_MARGIN
            ends = now + reading.reset_in + margin
            if not reading.requests:
                if reading.remaining <= 0 and 0 < reading.reset_in <= HORIZON_SECONDS and ends > self.paused_until:
                    self.paused_until = ends
                    self._changed(self, ends - now)
                continue
            if counted or reading.reset_in <= 0:
                continue  # the older family repeats the newer one; a window that is over says nothing about the next
            counted = True
            self.limit = reading.limit
            if reading.reset_in > HORIZON_SECONDS:
                self.remaining = None
            elif self.remaining is None or sent_at >= self._known_at:
                # Sent after the last news came in, so this is newer.
                self.remaining, self.reset_at, self._known_at = reading.remaining, ends, now
            elif ends < self.reset_at + 5.0:
                self.remaining = min(self.remaining, reading.remaining)
        return counted or not any(reading.requests for reading in readings)

    def _admit(self, now: float) -> bool:
        if now < self.paused_until:
            return False
        if self.remaining is not None and now >= self.reset_at:
            self.remaining = None  # a new window
            self._probe_from(now, PROBES_AFTER_PAUSE)
        if self.remaining is None:
            if self.in_flight >= self._probes and now < self._next_probe_at(now):
                return False
        elif self.in_flight >= self.remaining:
            return False
        if self._interval:
            if now < self._next_at - PACE_SLACK:
                return False
            self._next_at = max(now, self._next_at) + self._interval
        self.in_flight += 1
        return True

    def _probe_from(self, moment: float, count: int) -> None:
        self._probes = count
        self._probing_since = moment

    def _next_probe_at(self, now: float) -> float:
        """When one more request than are in flight now may go out without news."""
        self._probing_since = min(self._probing_since, now)  # the first window begins with the first request
        rate = PROBES_PER_SECOND if self.limit is None else max(self.limit / 60.0, 1.0 / 60.0)
        return self._probing_since + (self.in_flight - self._probes + 1) / rate

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        while self._waiters and self._admit(now):
            future, _ = self._waiters.popitem(last=False)
            if not future.done():
                future.set_result(None)
        self._arm(loop)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake up when time alone lets the next request through; answers wake it up anyway."""
        if not self._waiters:
            self._disarm()
            return
        at = self.paused_until
        if self.remaining is not None and self.in_flight >= self.remaining:
            at = max(at, self.reset_at)
        elif self.remaining is None and self.in_flight >= self._probes:
            at = max(at, self._next_probe_at(loop.time()))
        if self._interval:
            at = max(at, self._next_at - PACE_SLACK)
        if self._timer is not None:
            if self._timer.when() <= at:
                return  # wakes up early at worst, and arms itself again
            self._timer.cancel()
        self._timer = loop.call_at(at, self._wake, loop, context=NO_CONTEXT)

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        self._serve(loop)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
