"""The work that a shutdown waits for: streams, uploads and handlers of webhooks that are in progress."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .._safe_repr import SafeRepr

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

T = TypeVar("T")

STOP_SECONDS: Final = 5.0
"""Seconds that stopped work may take to end, such as an upload that reports how far it came."""


class Work(SafeRepr):
    """Counts what is in progress. Used in one event loop.

    Args:
        grace: Seconds that work may go on after a shutdown began.

    Attributes:
        draining: Whether a shutdown has begun.
        stopped: Whether the grace period is over.
    """

    def __init__(self, grace: float) -> None:
        self.draining: bool = False
        self.stopped: bool = False
        self._grace = grace
        self._deadline = 0.0
        self._stops: dict[object, Callable[[], object]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._idle: asyncio.Event = asyncio.Event()
        self._idle.set()
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Work: {len(self._stops)} in progress{', draining' if self.draining else ''}>"

    def __len__(self) -> int:
        return len(self._stops)

    @contextlib.contextmanager
    def running(self, stop: Callable[[], object]) -> Iterator[None]:
        """Have a shutdown wait for this block.

        Args:
            stop: Called when the grace period is over; at once where it is over already.
        """
        key = object()
        self._stops[key] = stop
        self._idle.clear()
        try:
            if self.stopped:
                stop()
            yield
        finally:
            del self._stops[key]
            if not self._stops:
                self._idle.set()

    def start(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run a coroutine in the background. A shutdown waits for it, and cancels it after the grace period."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        context = self.running(task.cancel)
        context.__enter__()

        def ended(task: asyncio.Task[T]) -> None:
            self._tasks.discard(task)
            context.__exit__(None, None, None)

        task.add_done_callback(ended)
        return task

    def begin_shutdown(self) -> None:
        """Start the grace period. Does nothing the second time."""
        if self.draining:
            return
        self.draining = True
        loop = asyncio.get_running_loop()
        self._deadline = loop.time() + self._grace
        self._timer = loop.call_at(self._deadline, self.stop)

    def stop(self) -> None:
        """End the grace period, and stop what is still in progress."""
        self.stopped = True
        if self._timer is not None:
            self._timer.cancel()
        for stop in tuple(self._stops.values()):
            stop()

    async def drain(self) -> None:
        """Wait until nothing is in progress any more; what is left after the grace period is stopped."""
        self.begin_shutdown()
        try:
            async with asyncio.timeout_at(self._deadline):
                await self._idle.wait()
        except TimeoutError:
            pass
        finally:
            self.stop()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._idle.wait()
