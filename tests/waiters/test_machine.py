"""A state machine: waits join and leave, tasks end or vanish, requests fail, lists lie, events come, time passes.

Whatever happens, each wait ends as it would have ended alone: with the final state of its own task, with the error of
its own task, or with its own timeout. It ends soon after the task has, and nothing is left when all have ended.
"""

from __future__ import annotations

import asyncio
import random
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tests.waiters.platform import Platform, State
from tests.waiters.virtual import VirtualLoop
from twelvelabs_async.errors import (
    APIConnectionError,
    ForbiddenError,
    InternalServerError,
    NotFoundError,
    TaskFailedError,
    TooManyRequestsError,
    WaitTimeoutError,
)
from twelvelabs_async.waiters import MAX_GROWTH, MAX_SINGLES
from twelvelabs_async.waiters.lists import PAGES_AT_ONCE
from twelvelabs_async.waiters.schedule import EVENTS_GROWTH

TIMEOUT = 5000.0
STATUSES = st.sampled_from(["queued", "indexing", "Indexing", "", None, "never heard of", "READY?"])
LIST_ERRORS = {
    "none": None,
    "forbidden": ForbiddenError("no", status=403),
    "broken": InternalServerError("broken", status=500),
    "limited": TooManyRequestsError("slow", status=429),
    "lost": APIConnectionError("lost"),
}


class Waits(RuleBasedStateMachine):
    """Waits of one client for tasks of one kind."""

    tasks: Bundle[str] = Bundle("tasks")
    running: Bundle[Any] = Bundle("running")

    def __init__(self) -> None:
        super().__init__()
        random.seed(0)  # of jitter and spot checks
        self.runner = asyncio.Runner(loop_factory=VirtualLoop)
        self.platform: Platform = self.runner.run(_made())
        self.platform.list_error = lambda _: self.list_error
        self.platform.rewrite = self._rewrite
        self.list_error: Exception | None = None
        self.hidden = 0
        self.foreign = False
        self.lossy = 0
        self.platform.retrieve_error = self._retrieve_error
        self.started: list[tuple[asyncio.Task[Any], list[str], float, bool]] = []
        self.cancelled: set[asyncio.Task[Any]] = set()

    def _rewrite(self, rows: list[State]) -> list[State]:
        shown = [row for at, row in enumerate(rows) if not self.hidden or at % self.hidden]
        return [State(id="foreign", status="ready", row=True), *shown] if self.foreign else shown

    def _retrieve_error(self, _: str) -> Exception | None:
        if self.lossy and self.platform.requests["retrieve"] % self.lossy == 0:
            return TooManyRequestsError("slow", status=429)
        return None

    # What happens at the platform

    @rule(target=tasks, ends_in=st.sampled_from([0.0, 0.5, 3.0, 40.0, 700.0]), end=st.sampled_from(["ready", "FAILED"]))
    def create(self, ends_in: float, end: str) -> str:
        number = len(self.platform.index_of)
        return self.platform.add(
            f"t{number}", (0.0, "indexing"), (self.platform.now + ends_in, end), index=f"index{number % 7 // 6}"
        )

    @rule(task=tasks, status=STATUSES)
    def change(self, task: str, status: str | None) -> None:
        course = self.platform.tasks.get(task)
        if course is not None and course[-1][0] > self.platform.now:
            course.insert(-1, (self.platform.now, status))

    @rule(task=tasks)
    def vanish(self, task: str) -> None:
        self.platform.tasks.pop(task, None)

    @rule(error=st.sampled_from(sorted(LIST_ERRORS)))
    def lists_fail(self, error: str) -> None:
        self.list_error = LIST_ERRORS[error]

    @rule(hidden=st.integers(0, 3), foreign=st.booleans(), total=st.sampled_from([None, 0, 1, 10**6]))
    def lists_lie(self, hidden: int, foreign: bool, total: int | None) -> None:
        self.hidden, self.foreign = hidden, foreign
        self.platform.total = lambda pages: pages if total is None else total

    @rule(lossy=st.sampled_from([0, 2, 5]))
    def rate_limits(self, lossy: int) -> None:
        self.lossy = lossy

    @rule(latency=st.sampled_from([0.0, 0.01, 0.7]))
    def get_slower_or_faster(self, latency: float) -> None:
        self.platform.latency = latency

    # What the program does

    def _start(self, coroutine: Any, ids: list[str], *, rows: bool) -> asyncio.Task[Any]:
        async def begin() -> asyncio.Task[Any]:
            return asyncio.ensure_future(coroutine)

        task = self.runner.run(begin())
        self.started.append((task, ids, self.platform.now, rows))
        return task

    @rule(target=running, task=tasks, interval=st.sampled_from([0.5, 1.0, 4.0]))
    def wait(self, task: str, interval: float) -> asyncio.Task[Any]:
        return self._start(self.platform.wait(task, interval=interval, timeout=TIMEOUT), [task], rows=False)

    @rule(target=running, ids=st.lists(tasks, min_size=1, max_size=30), interval=st.sampled_from([0.5, 1.0, 4.0]))
    def wait_for_many(self, ids: list[str], interval: float) -> asyncio.Task[Any]:
        waiting = self.platform.states(ids, return_failures=True, interval=interval, timeout=TIMEOUT)
        return self._start(waiting, ids, rows=True)

    @rule(task=consumes(running))
    def cancel(self, task: asyncio.Task[Any]) -> None:
        async def cancel() -> None:
            if not task.done():
                self.cancelled.add(task)
            task.cancel()
            await asyncio.wait([task])

        self.runner.run(cancel())

    @rule(task=tasks)
    def notify(self, task: str) -> None:
        async def notify() -> None:
            self.platform.hub.notify({"data": {"id": task}})

        self.runner.run(notify())

    @rule(seconds=st.sampled_from([0.001, 0.3, 1.0, 5.0, 60.0]))
    def let_time_pass(self, seconds: float) -> None:
        self.runner.run(asyncio.sleep(seconds))

    # What must hold

    @invariant()
    def few_requests_are_in_flight(self) -> None:
        assert self.platform.in_flight <= MAX_SINGLES + PAGES_AT_ONCE

    @invariant()
    def what_has_ended_has_ended_rightly(self) -> None:
        for task, ids, _, rows in self.started:
            if task.done() and task not in self.cancelled:
                results = task.result() if rows else [task.exception() or task.result()]
                assert len(results) == len(ids)
                for identifier, result in zip(ids, results, strict=True):
                    self._check(identifier, result, rows)

    def _check(self, identifier: str, result: Any, rows: bool) -> None:
        if isinstance(result, NotFoundError):
            assert identifier not in self.platform.tasks
        elif isinstance(result, TaskFailedError):
            assert result.task.id == identifier
            assert result.task.status == "FAILED"
        else:
            assert not isinstance(result, WaitTimeoutError)
            assert result.id == identifier
            assert result.status == "ready"
            assert rows or not result.row

    def teardown(self) -> None:
        try:
            # Everything has ended some time after the last task has.
            self.list_error, self.lossy, self.platform.latency = None, 0, 0.01
            self.runner.run(asyncio.sleep(700 + 2 * 4 * MAX_GROWTH * EVENTS_GROWTH))
            assert all(task.done() for task, *_ in self.started)
            self.what_has_ended_has_ended_rightly()
            assert self.runner.run(self.platform.is_idle())
        finally:
            self.runner.close()


async def _made() -> Platform:
    return Platform()


TestWaits = Waits.TestCase
TestWaits.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
