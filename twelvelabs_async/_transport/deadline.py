"""Timeouts, and the one timer that a call runs under."""

from __future__ import annotations

import asyncio
import contextvars
import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    pass


CLOSED: Final = "closed"
"""Reason of an interruption: the client was closed."""

EXPIRED: Final = "expired"
"""Reason of an interruption: the total ran out."""

SILENT: Final = "silent"
"""Reason of an interruption: the server was silent for too long."""

_EARLY: Final = 0.001
"""Seconds that a timer may fire too early: the loop rounds to the resolution of its clock."""


TICK: Final = 0.1
"""Seconds between two looks of the watchdog: limits that it watches end late by so much at most."""

COARSE_FROM: Final = 2.0
"""Limits from which on that does not matter; shorter ones get a timer of their own."""


NO_CONTEXT: Final = contextvars.Context()
"""Timers run in this one: a copy of the caller's context costs as much as the timer, and keeps what is in there."""


class Watchdog:
    """Watches the clocks of all calls of a client with one timer: one for each would be a large part of its cost."""

    __slots__ = ("_handle", "running")

    def __init__(self) -> None:
        self._handle: asyncio.TimerHandle | None = None
        self.running: set[CallTimer] = set()

    def watch(self, interrupt: CallTimer) -> None:
        """Look at a clock from now on, until it leaves `running`."""
        self.running.add(interrupt)
        if self._handle is None:
            self._look_later(interrupt.loop)

    def stop(self) -> None:
        """Watch nothing any more."""
        self.running.clear()
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._handle = loop.call_later(TICK, self._look, loop, context=NO_CONTEXT)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._handle = None
        now = loop.time()
        for interrupt in tuple(self.running):
            interrupt.check(now)
        if self.running:
            self._look_later(loop)


class CallTimer:
    """Ends the current task's wait from outside, by a limit or by `close()`, and tells that apart from the user's.

    The same rules as `asyncio.timeout`: the task is cancelled, and when the cancellation arrives,
    `consume_cancellation` says whether it was ours (and takes it back) or somebody else's (which then has priority).
    Much lighter, because one object serves the total and the silence of the server alike, news only notes the time,
    and the watchdog's timer serves all calls.

    Attributes:
        loop: The running loop.
        remaining: Seconds that are left of the total; None for no limit.
        read: Longest silence in seconds; None where somebody else watches it.
        since: When the clock was started.
        seen: When the server was last heard of.
        connecting: Whether a connection is being made, which has a limit of its own.
        reason: Why the wait was ended.
    """

    __slots__ = (
        "_cancelling",
        "_handle",
        "_task",
        "_watchdog",
        "connecting",
        "loop",
        "read",
        "reason",
        "remaining",
        "seen",
        "since",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        watchdog: Watchdog,
        total: float | None,
        read: float | None = None,
    ) -> None:
        task = asyncio.current_task(loop)
        if task is None:  # pragma: no cover - coroutines always run in a task
            raise RuntimeError("a call needs a running task")
        self.loop = loop
        self._task: asyncio.Task[object] = task
        self._cancelling = task.cancelling()
        self._handle: asyncio.TimerHandle | None = None
        self._watchdog = watchdog
        self.remaining = total
        self.read = read
        self.since = self.seen = 0.0
        self.connecting = False
        self.reason: str | None = None

    def start(self) -> None:
        """Let the clock run."""
        now = self.since = self.seen = self.loop.time()
        wait = self.remaining
        if wait is None or (self.read is not None and self.read < wait):
            wait = self.read
        if wait is not None:
            if wait >= COARSE_FROM:
                self._watchdog.watch(self)
            else:
                self._handle = self.loop.call_at(now + wait, self._fire, context=NO_CONTEXT)

    def stop(self) -> None:
        """Halt the clock: what is left counts when it is started again."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        else:
            self._watchdog.running.discard(self)
        if self.remaining is not None:
            self.remaining = max(0.0, self.remaining - self.loop.time() + self.since)

    def record_activity(self) -> None:
        """The server sent something."""
        self.seen = self.loop.time()

    def check(self, now: float) -> float:
        """End the wait if a limit is reached; else tell when to look again."""
        end = math.inf if self.remaining is None else self.since + self.remaining
        silent = math.inf if self.read is None else (now if self.connecting else self.seen) + self.read
        if now + _EARLY >= end:
            self.cancel(EXPIRED)
        elif now + _EARLY >= silent:
            self.cancel(SILENT)
        return min(end, silent)

    def _fire(self) -> None:
        again = self.check(self.loop.time())
        if self.reason is None:
            self._handle = self.loop.call_at(again, self._fire, context=NO_CONTEXT)

    def cancel(self, reason: str) -> None:
        """End the wait; the first reason counts."""
        if self.reason is None:
            self.reason = reason
            self._task.cancel()

    def consume_cancellation(self) -> str | None:
        """Called once when a CancelledError arrives: the reason if it was ours alone, None if somebody else's."""
        reason, self.reason = self.reason, None
        if reason is not None and self._task.uncancel() <= self._cancelling:
            return reason
        return None
