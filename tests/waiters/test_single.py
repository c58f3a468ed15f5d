"""The polling engine."""

from __future__ import annotations

import asyncio
import itertools
import math
from typing import TYPE_CHECKING

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.eventually import eventually
from twelvelabs_async import waiters
from twelvelabs_async.errors import APIConnectionError, NotFoundError, TaskFailedError, WaitTimeoutError
from twelvelabs_async.waiters import Rules, pauses, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.clock import Clock

RULES = Rules("Task", frozenset({"ready"}), frozenset({"failed", "canceled"}))


@attrs.frozen
class Problem:
    message: str


@attrs.frozen
class State:
    status: str | None
    error: Problem | None = None


class Platform:
    """Answers with one state after the other and stays with the last one."""

    def __init__(self, *states: State | Exception) -> None:
        self.states = list(states)
        self.checks = 0

    async def __call__(self) -> State:
        self.checks += 1
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, Exception):
            raise state
        return state


async def test_the_final_state_is_returned_after_every_state_was_told() -> None:
    platform = Platform(State("queued"), State("something new"), State(None), State("ready"))
    seen: list[State] = []
    state = await wait_for(platform, RULES, "1", sleep_interval=0, callback=seen.append)
    assert state == State("ready")
    assert [item.status for item in seen] == ["queued", "something new", None, "ready"]
    assert platform.checks == 4


async def test_an_asynchronous_callback_is_awaited() -> None:
    seen: list[State] = []

    async def callback(state: State) -> None:
        await asyncio.sleep(0)
        seen.append(state)

    await wait_for(Platform(State("queued"), State("ready")), RULES, "1", sleep_interval=0, callback=callback)
    assert seen == [State("queued"), State("ready")]


@pytest.mark.parametrize("status", ["failed", "canceled", "FAILED"])
async def test_a_failed_task_is_an_error_that_holds_it(status: str) -> None:
    failed = State(status, Problem("the video is broken"))
    seen: list[State] = []
    with pytest.raises(TaskFailedError, match=r"Task 1 ended as .*: the video is broken") as caught:
        await wait_for(Platform(State("queued"), failed), RULES, "1", sleep_interval=0, callback=seen.append)
    assert caught.value.task is failed
    assert seen == [State("queued"), failed]


async def test_the_deadline_ends_a_wait_with_the_last_state() -> None:
    with pytest.raises(WaitTimeoutError, match=r"Task 1 was not done after 0.05 s.*'queued'") as caught:
        await wait_for(Platform(State("queued")), RULES, "1", sleep_interval=0.01, timeout=0.05)
    assert caught.value.last == State("queued")
    assert caught.value.timeout == 0.05


async def test_the_deadline_ends_a_check_that_does_not_answer() -> None:
    async def check() -> State:
        await asyncio.sleep(3600)
        return State("ready")

    with pytest.raises(WaitTimeoutError, match="there was no response") as caught:
        await wait_for(check, RULES, "1", timeout=0.02)
    assert caught.value.last is None


async def test_the_deadline_ends_a_callback_that_does_not_return() -> None:
    async def callback(_: State) -> None:
        await asyncio.sleep(3600)

    with pytest.raises(WaitTimeoutError):
        await wait_for(Platform(State("queued")), RULES, "1", timeout=0.02, callback=callback)


async def test_a_slow_callback_does_not_spoil_a_result(clock: Clock) -> None:
    async def callback(_: State) -> None:
        clock.advance(100)
        for _turn in range(5):
            await asyncio.sleep(0)  # a timer that is due would end this

    assert await wait_for(Platform(State("ready")), RULES, "1", timeout=10, callback=callback) == State("ready")


@pytest.mark.parametrize("error", [NotFoundError("gone", status=404), TimeoutError("the caller's own"), OSError("x")])
async def test_an_error_ends_the_wait_as_it_is(error: Exception) -> None:
    platform = Platform(State("queued"), error)
    with pytest.raises(type(error)) as caught:
        await wait_for(platform, RULES, "1", sleep_interval=0)
    assert caught.value is error
    assert platform.checks == 2


async def test_an_error_of_the_callback_ends_the_wait() -> None:
    def callback(_: State) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await wait_for(Platform(State("queued")), RULES, "1", callback=callback)


async def test_cancelling_ends_the_wait() -> None:
    platform = Platform(State("queued"))
    task = asyncio.create_task(wait_for(platform, RULES, "1"))
    await eventually(lambda: platform.checks)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert platform.checks == 1


@pytest.mark.parametrize("value", [0, -1, math.inf, math.nan, None, "5"])
async def test_a_wait_has_an_end(value: float) -> None:
    with pytest.raises(ValueError, match="timeout"):
        await wait_for(Platform(State("ready")), RULES, "1", timeout=value)


@pytest.mark.parametrize("value", [-0.1, math.inf, math.nan, None, "5"])
async def test_an_interval_is_a_number_of_seconds(value: float) -> None:
    with pytest.raises(ValueError, match="sleep_interval"):
        await wait_for(Platform(State("ready")), RULES, "1", sleep_interval=value)


async def test_the_status_may_be_read_from_elsewhere() -> None:
    read: Callable[[State], str] = lambda state: state.error.message if state.error else ""  # noqa: E731
    state = State("queued", Problem("ready"))
    assert await wait_for(Platform(state), RULES, "1", status=read) is state


@given(st.floats(0.001, 60))
def test_pauses_grow_and_stay_within_bounds(first: float) -> None:
    seconds = list(itertools.islice(pauses(first), 40))
    low, high = 1 - waiters.JITTER, 1 + waiters.JITTER
    assert first * low <= seconds[0] <= first * high
    assert all(first * low <= pause <= first * waiters.MAX_GROWTH * high for pause in seconds)
    assert seconds[-1] >= first * waiters.MAX_GROWTH * low


def test_waiters_do_not_ask_in_step() -> None:
    assert len({next(pauses(5.0)) for _ in range(20)}) > 10


async def test_a_check_that_is_lost_for_a_passing_reason_is_made_again() -> None:
    platform = Platform(State("queued"), *[APIConnectionError("gone")] * waiters.MAX_CHECK_RETRIES, State("ready"))
    assert await wait_for(platform, RULES, "1", sleep_interval=0) == State("ready")
    assert platform.checks == waiters.MAX_CHECK_RETRIES + 2


async def test_lost_checks_are_counted_in_a_row() -> None:
    gone = APIConnectionError("gone")
    states = [state for _ in range(waiters.MAX_CHECK_RETRIES + 1) for state in (gone, State("queued"))]
    assert await wait_for(Platform(*states, State("ready")), RULES, "1", sleep_interval=0) == State("ready")


async def test_one_lost_check_too_many_ends_the_wait() -> None:
    platform = Platform(APIConnectionError("gone"))
    with pytest.raises(APIConnectionError, match="gone"):
        await wait_for(platform, RULES, "1", sleep_interval=0)
    assert platform.checks == waiters.MAX_CHECK_RETRIES + 1


async def test_a_lost_check_whose_cause_stays_ends_the_wait_at_once() -> None:
    platform = Platform(APIConnectionError("redirected", retryable=False))
    with pytest.raises(APIConnectionError, match="redirected"):
        await wait_for(platform, RULES, "1", sleep_interval=0)
    assert platform.checks == 1
