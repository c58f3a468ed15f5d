"""Runs jobs when they are due, and resumes them after a restart."""

from __future__ import annotations

import asyncio
import heapq
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Set

from .. import clock
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

    def __init__(self, store: Store, timer: clock.Clock | None = None) -> None:
        self._store = store
        self._clock = timer or clock.Clock()
        self._advancing = asyncio.Lock()
        self._runners: dict[str, Runner] = {}
        self._heap: list[tuple[float, int, Job]] = []
        self._count = 0
        self._attempts: dict[str, int] = {}
        self._unfinished: Counter[tuple[str, str]] = Counter()
        self._waiters: dict[tuple[str, str], list[asyncio.Future[None]]] = {}
        self._wake = asyncio.Event()
        self._started: set[str] = set()
        self._removed: set[str] = set()
        self._running: dict[asyncio.Task[None], str] = {}
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

    async def advance(self, seconds: float, *, without: Set[str] = frozenset()) -> None:
        """Lets time pass at once: sets the clock forward from one due job to the next, and waits for each.

        Args:
            seconds: How much time passes.
            without: Kinds of jobs that become due, too, but are not waited for.
        """
        async with self._advancing:
            end = self._clock.time() + seconds
            while True:
                await self._settle(without)
                due = min((due for due, _, job in self._heap if job.kind not in without), default=end)
                self._clock.set_forward(min(due, end))
                self._wake.set()
                if due >= end:
                    break
            await self._settle(without)

    async def _settle(self, without: Set[str]) -> None:
        """Waits until no job runs or is due."""
        while True:
            running = [task for task, kind in self._running.items() if kind not in without]
            if running:
                await asyncio.wait(running)
            elif any(due <= self._clock.time() for due, _, job in self._heap if job.kind not in without):
                self._wake.set()
                await asyncio.sleep(0)
            else:
                return

    async def stop(self) -> None:
        """Cancels all work; unfinished jobs run after the next start."""
        tasks = [*self._running] + ([self._loop_task] if self._loop_task else [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._store.on_jobs = lambda jobs, finished: None

    async def _loop(self) -> None:
        clock.use(self._clock)
        while True:
            self._wake.clear()
            delay = None
            while self._heap:
                delay = self._heap[0][0] - self._clock.time()
                if delay > 0:
                    break
                job = heapq.heappop(self._heap)[2]
                task = asyncio.create_task(self._run(job), name=f"emulator-{job.kind}")
                self._running[task] = job.kind
                task.add_done_callback(self._running.pop)
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
                self.add([Job(job.id, job.kind, job.target, job.step, self._clock.time() + RETRY_DELAY)])
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
