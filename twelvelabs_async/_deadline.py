"""Timeouts, and the one timer that a call runs under."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from ._operation import Tier


def _positive(_: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not value > 0:
        raise ValueError(f"{attribute.name} must be above 0 seconds, or None for no limit; it is {value!r}")


@attrs.frozen
class Timeout:
    """Limits of one call in seconds; None means no limit.

    Attributes:
        connect: Until the connection stands: name lookup, TCP and TLS.
        read: Longest silence of the server, before or within its answer.
        total: The whole call with its repeats and the pauses between them. It does not run while the call waits for a
            free slot or for the rate limit. In streams only the time spent waiting for the server counts.
    """

    connect: float | None = attrs.field(default=10.0, validator=_positive)
    read: float | None = attrs.field(default=120.0, validator=_positive)
    total: float | None = attrs.field(default=300.0, validator=_positive)


@attrs.frozen
class Timeouts:
    """Default limits for each kind of call.

    Attributes:
        call: A small call. Generous, because synchronous analysis and embedding take minutes.
        upload: A request that sends files or chunks of them.
        stream: A long answer that is read piece by piece.
    """

    call: Timeout = Timeout()
    upload: Timeout = Timeout(read=300.0, total=3600.0)
    stream: Timeout = Timeout(read=120.0, total=3600.0)

    @classmethod
    def of(cls, total: float | None) -> Timeouts:
        """The default limits with another total for all kinds of calls."""
        default = cls()
        return cls(
            *(
                Timeout(_least(tier.connect, total), _least(tier.read, total), total)
                for tier in (default.call, default.upload, default.stream)
            )
        )

    def tier(self, tier: Tier) -> Timeout:
        """Limits of one kind of call."""
        timeout: Timeout = getattr(self, tier)
        return timeout


def _least(limit: float | None, total: float | None) -> float | None:
    if limit is None or total is None:
        return limit
    return min(limit, total)


CLOSED: Final = "closed"
"""Reason of an interruption: the client was closed."""

EXPIRED: Final = "expired"
"""Reason of an interruption: the total ran out."""


class Interrupt:
    """Ends the current task's wait from outside, by the deadline or by `close()`, and tells that apart from others.

    The same rules as `asyncio.timeout`: the task is cancelled, and when the cancellation arrives, `caught` says
    whether it was ours (and takes it back) or the user's (which then has priority). Much lighter, because one object
    and one timer serve all attempts of a call.
    """

    __slots__ = ("_cancelling", "_handle", "_task", "loop", "reason", "remaining", "since")

    def __init__(self, loop: asyncio.AbstractEventLoop, total: float | None) -> None:
        task = asyncio.current_task(loop)
        if task is None:  # pragma: no cover - coroutines always run in a task
            raise RuntimeError("a call needs a running task")
        self.loop = loop
        self._task: asyncio.Task[object] = task
        self._cancelling = task.cancelling()
        self._handle: asyncio.TimerHandle | None = None
        self.remaining = total
        self.since = 0.0
        self.reason: str | None = None

    def start(self) -> None:
        """Let the clock run."""
        self.since = self.loop.time()
        if self.remaining is not None:
            self._handle = self.loop.call_at(self.since + self.remaining, self._expire)

    def stop(self) -> None:
        """Halt the clock: what is left counts when it is started again."""
        handle = self._handle
        if handle is not None:
            handle.cancel()
            self._handle = None
            self.remaining = max(0.0, self.remaining - self.loop.time() + self.since)  # type: ignore[operator]

    def _expire(self) -> None:
        self.cancel(EXPIRED)

    def cancel(self, reason: str) -> None:
        """End the call; the first reason counts."""
        if self.reason is None:
            self.reason = reason
            self._task.cancel()

    def caught(self) -> str | None:
        """Called once when a CancelledError arrives: the reason if it was ours alone, None if somebody else's."""
        if self.reason is not None and self._task.uncancel() <= self._cancelling:
            return self.reason
        return None
