"""Runs jobs when they are due, and resumes them after a restart."""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from .store import Job, Store, Transaction

logger: logging.Logger = logging.getLogger(__name__)

Runner = Callable[[Job], Awaitable[None]]

RETRY_DELAY = 1.0
"""Seconds before a failed job is retried."""

MAX_ATTEMPTS = 3
"""How often a job is run before it is dropped."""


class Scheduler:
    """Holds the jobs of the store in memory and runs each when it is due.

    A job leaves the store only after it has run, so it may run twice when the process is killed in between: jobs
    check the state first.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._runners: dict[str, Runner] = {}
        self._heap: list[tuple[float, int, Job]] = []
        self._count = 0
        self._attempts: dict[str, int] = {}
        self._unfinished: Counter[tuple[str, str]] = Counter()
        self._waiters: dict[tuple[str, str], list[asyncio.Future[None]]] = {}
        self._wake = asyncio.Event()
        self._started: set[str] = set()
        self._removed: set[str] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._loop_task: asyncio.Task[None] | None = None

    def register(self, kind: str, runner: Runner) -> None:
        """Registers the function that runs jobs of a kind."""
        self._runners[kind] = runner

    async def start(self) -> None:
        """Loads the jobs that an earlier process left, and starts."""
        self._store.on_jobs = self._changed
        self.add(await self._store.run(lambda tx: tx.pending_jobs()))
        self._loop_task = asyncio.create_task(self._loop(), name="emulator-scheduler")

    def add(self, jobs: list[Job]) -> None:
        """Adds jobs that a transaction has stored."""
        for job in jobs:
            self._count += 1
            self._unfinished[job.kind, job.target] += 1
            heapq.heappush(self._heap, (job.due, self._count, job))
        self._wake.set()

    def _changed(self, jobs: list[Job], finished: list[str]) -> None:
        """A transaction has added jobs, and removed others."""
        self._removed.update(self._started.intersection(finished))
        if jobs:
            self.add(jobs)

    async def finished(self, kind: str, target: str) -> None:
        """Waits until a target has no job of a kind any more, also none that these jobs have scheduled."""
        if self._unfinished[kind, target]:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.setdefault((kind, target), []).append(waiter)
            await waiter

    async def stop(self) -> None:
        """Cancels all work; unfinished jobs run after the next start."""
        tasks = [*self._running] + ([self._loop_task] if self._loop_task else [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._store.on_jobs = lambda jobs, finished: None

    async def _loop(self) -> None:
        while True:
            self._wake.clear()
            delay = None
            while self._heap:
                delay = self._heap[0][0] - time.time()
                if delay > 0:
                    break
                job = heapq.heappop(self._heap)[2]
                task = asyncio.create_task(self._run(job), name=f"emulator-{job.kind}")
                self._running.add(task)
                task.add_done_callback(self._running.discard)
                delay = None
            try:
                async with asyncio.timeout(delay):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _run(self, job: Job) -> None:
        try:
            await self._attempt(job)
        finally:
            key = job.kind, job.target
            self._unfinished[key] -= 1
            if not self._unfinished[key]:
                del self._unfinished[key]
                for waiter in self._waiters.pop(key, ()):
                    if not waiter.done():
                        waiter.set_result(None)

    async def _attempt(self, job: Job) -> None:
        self._started.add(job.id)
        try:
            await self._runners[job.kind](job)
        except Exception:
            attempts = self._attempts[job.id] = self._attempts.get(job.id, 0) + 1
            logger.exception("Step %s of %s %s failed (attempt %d)", job.step, job.kind, job.target, attempts)
            if attempts < MAX_ATTEMPTS:
                self.add([Job(job.id, job.kind, job.target, job.step, time.time() + RETRY_DELAY)])
                return
        finally:
            self._started.discard(job.id)
            removed = job.id in self._removed
            self._removed.discard(job.id)
        self._attempts.pop(job.id, None)

        def finish(tx: Transaction) -> None:
            tx.finish(job)

        if not removed:
            # Most jobs remove themselves in the transaction that makes their change.
            await self._store.run(finish)
