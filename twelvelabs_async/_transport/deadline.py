"""The timer that a call runs under: its deadline, and the longest silence of the server."""

from __future__ import annotations

import asyncio
import math
from typing import Final

from .limits.timers import EARLY, NO_CONTEXT

CLOSED: Final = "closed"
"""Reason of an interruption: the client was closed."""

EXPIRED: Final = "expired"
"""Reason of an interruption: the deadline was reached."""

SILENT: Final = "silent"
"""Reason of an interruption: the server was silent for too long."""

TICK: Final = 0.1
"""Seconds between two looks of the watchdog: limits that it watches end late by so much at most."""

COARSE_FROM: Final = 2.0
"""Limits from which on that does not matter; shorter ones get a timer of their own."""


class Watchdog:
    """Watches the timers of all calls of a client with one handle of the loop: one each would be much of their cost."""

    __slots__ = ("_handle", "running")

    def __init__(self) -> None:
        self._handle: asyncio.TimerHandle | None = None
        self.running: set[CallTimer] = set()

    def watch(self, timer: CallTimer) -> None:
        """Look at a timer from now on, until it leaves `running`."""
        self.running.add(timer)
        if self._handle is None:
            self._look_later(timer.loop)

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
        for timer in tuple(self.running):
            timer.check(now)
        if self.running:
            self._look_later(loop)


class CallTimer:
    """Ends the current task's wait from outside, by a limit or by `close()`, and tells that apart from the user's.

    The same rules as `asyncio.timeout`: the task is cancelled, and when the cancellation arrives,
    `consume_cancellation` says whether it was ours (and takes it back) or somebody else's (which then has priority).
    Much lighter, because one object serves the deadline and the silence of the server alike, activity only notes the
    time, and the watchdog's handle serves all calls.

    Attributes:
        loop: The running loop.
        deadline: When the wait ends, in the loop's time; None for never.
        started: When the timer was started last.
        active: When the server was last heard of.
        connecting: Whether a connection is being made, which has a limit of its own.
        reason: Why the wait was ended.
    """

    __slots__ = (
        "_cancelling",
        "_handle",
        "_read",
        "_task",
        "_watchdog",
        "active",
        "connecting",
        "deadline",
        "loop",
        "reason",
        "started",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, watchdog: Watchdog) -> None:
        self.loop: asyncio.AbstractEventLoop = loop
        self._handle: asyncio.TimerHandle | None = None
        self._watchdog = watchdog
        self._read: float | None = None
        self.deadline: float | None = None
        self.started: float = 0.0
        self.active: float = 0.0
        self.connecting: bool = False
        self.renew()

    def renew(self) -> None:
        """Serve the current task from now on; after `end`, for another wait."""
        task = asyncio.current_task(self.loop)
        if task is None:  # pragma: no cover - coroutines always run in a task
            raise RuntimeError("a call needs a running task")
        self._task: asyncio.Task[object] | None = task
        self._cancelling = task.cancelling()
        self.reason: str | None = None

    def start(self, read: float | None = None, total: float | None = None) -> None:
        """Watch the deadline, and the silence of the server where it may last `read` seconds only.

        Args:
            read: Longest silence.
            total: Seconds from now until a new deadline; without it, the deadline stays as it is.
        """
        now = self.started = self.active = self.loop.time()
        self._read = read
        if total is not None:
            self.deadline = now + total
        wait = None if self.deadline is None else self.deadline - now
        if wait is None or (read is not None and read < wait):
            wait = read
        if wait is not None:
            if wait >= COARSE_FROM:
                self._watchdog.watch(self)
            else:
                self._handle = self.loop.call_at(now + wait, self._fire, context=NO_CONTEXT)

    def stop(self) -> None:
        """Watch nothing; the deadline stays."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        self._watchdog.running.discard(self)

    def suspend(self) -> None:
        """End nobody's wait until `renew` and `start`: cheaper than `end` where many waits follow each other."""
        self._task = None
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def end(self) -> None:
        """Let go of the task: the loop keeps cancelled handles until they are due, and with them this object."""
        self.stop()
        self._task = None

    def record_activity(self) -> None:
        """The server sent something."""
        self.active = self.loop.time()

    def check(self, now: float) -> float:
        """End the wait if a limit is reached; else tell when to look again."""
        end = math.inf if self.deadline is None else self.deadline
        silent = math.inf if self._read is None else (now if self.connecting else self.active) + self._read
        if now + EARLY >= end:
            self.cancel(EXPIRED)
        elif now + EARLY >= silent:
            self.cancel(SILENT)
        return min(end, silent)

    def _fire(self) -> None:
        again = self.check(self.loop.time())
        if self.reason is None:
            self._handle = self.loop.call_at(again, self._fire, context=NO_CONTEXT)

    def cancel(self, reason: str) -> None:
        """End the wait; the first reason counts."""
        if self.reason is None and self._task is not None:
            self.reason = reason
            self._task.cancel()

    def consume_cancellation(self) -> str | None:
        """Called once when a CancelledError arrives: the reason if it was ours alone, None if somebody else's."""
        reason, self.reason = self.reason, None
        if reason is not None and self._task is not None and self._task.uncancel() <= self._cancelling:
            return reason
        return None
