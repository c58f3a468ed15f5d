"""A worker of an ingestion on Ray: an actor with one batch ingestion, whose sources come from the driver."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final

import attrs

from .._config.config import Config
from .._resource import Core
from ..errors import APIConnectionError, TwelveLabsError
from ..resources._root import Root
from .engine import MAX_OPEN
from .pace import Pace, PacedTransport
from .pipeline import Ingestion
from .plan import Plan
from .ray_protocol import LEASE, TICK, Order, Parcel, Report
from .values import IngestItem, IngestOutcome

BACKLOG: Final = 64
"""Sources that wait for their upload, or are being uploaded: what one worker takes, no other can."""

GATHER: Final = 0.02
"""Seconds in which further outcomes come into the same report."""


class Worker:
    """A batch ingestion in a process of its own. The key comes from the environment of the process.

    Args:
        order: What it has to do.
        leave: Ends the process when the driver does not call any more.
    """

    def __init__(self, order: Order, leave: Callable[[int], Any] = os._exit) -> None:
        self._leave = leave
        self._items: asyncio.Queue[IngestItem] = asyncio.Queue()
        self._outcomes: list[IngestOutcome] = []
        self._news = asyncio.Event()
        self._given = 0
        self._reported = 0
        self._called_at = time.monotonic()
        self._error: Exception | None = None
        self._pace = Pace()
        self._order = order
        self._core: Core | None = None
        self._run: Ingestion | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def exchange(self, parcel: Parcel) -> Report:
        """Take sources, and report when there is something to report, or after a moment."""
        self._called_at = time.monotonic()
        self._pace.set(parcel.per_minute)
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._ingest()), asyncio.create_task(self._watch_driver())]
        for item in parcel.items:
            self._items.put_nowait(item)
        self._given += len(parcel.items)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), TICK)
            await asyncio.sleep(GATHER)
        self._news.clear()
        return self._report()

    async def stop(self) -> Report:
        """End the run: calls that make something have a moment to return."""
        if self._run is not None:
            await self._run.aclose()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._core is not None:
            self._core.waits.close(APIConnectionError("The worker was stopped.", retryable=True))
            await self._core.transport.close()
        return self._report()

    def _begin(self) -> Ingestion:
        config = Config.create(base_url=self._order.base_url, allow_http=self._order.allow_http)
        self._core = Core(config, PacedTransport(config, self._pace))
        self._run = Ingestion(self._core, self._plan(self._core, self._order))
        return self._run

    def _plan(self, core: Core, order: Order) -> Plan:
        plan = Plan.of(
            (),
            index_id=order.index_id,
            knowledge_store_id=order.knowledge_store_id,
            journal=None,
            key=None,
            root=None,
            shard=None,
            concurrency=order.concurrency,
            max_processing=order.max_processing,
            analyze=order.analyze,
            analyze_file=Root(core).analyze_file,
            embed=order.embed or False,
            metadata=None,
            max_failures=None,
            retry_failed=False,
            sleep_interval=order.sleep_interval,
            timeout=order.timeout,
            options=None,
        )
        settings = attrs.evolve(plan.settings, suspects=order.suspects)
        return attrs.evolve(plan, items=self._feed(), settings=settings)

    async def _feed(self) -> AsyncGenerator[IngestItem]:
        while True:
            yield await self._items.get()

    async def _ingest(self) -> None:
        try:
            async for outcome in self._begin():
                self._outcomes.append(outcome)
                self._news.set()
        except Exception as error:
            self._error = error
            self._news.set()

    async def _watch_driver(self) -> None:
        while True:
            await asyncio.sleep(LEASE / 8)
            if time.monotonic() - self._called_at > LEASE:
                self._leave(1)

    def _report(self) -> Report:
        outcomes, self._outcomes = self._outcomes, []
        self._reported += len(outcomes)
        held = waiting = self._given - self._reported
        if self._run is not None:
            stages = self._run.stats.stages
            waiting -= stages["asset"].active + stages["ready"].active
        return Report(
            outcomes=outcomes,
            room=max(0, min(BACKLOG - waiting, MAX_OPEN - held)),
            error=_plain_error(self._error),
        )


def _plain_error(error: Exception | None) -> Exception | None:
    """An error that can be sent to the driver; its own errors can be pickled, and hold no key."""
    if error is None or isinstance(error, TwelveLabsError) or type(error).__module__ == "builtins":
        return error
    return TwelveLabsError(f"{type(error).__name__}: {error}")
