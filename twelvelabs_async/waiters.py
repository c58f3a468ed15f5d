"""The polling engine behind every `wait_for_...` method.

A wait always has a deadline. The first check happens at once; the pauses between the checks begin with
`sleep_interval`, grow, and are jittered, so that thousands of waiters do not ask in step. A wait of hours outlives a
few bad minutes of the network: a check that fails for a passing reason, after the transport's own repeats, is made
again a few times. Any other error ends the wait at once; so does a failed task.
"""

from __future__ import annotations

import asyncio
import inspect
import math
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

import attrs

from .errors import (
    APIConnectionError,
    InternalServerError,
    TaskFailedError,
    TooManyRequestsError,
    WaitTimeoutError,
)

StateT = TypeVar("StateT")

Callback = Callable[[StateT], Awaitable[object] | object]
"""Called with the state on every check, the first included. An asynchronous one is awaited."""

DEFAULT_SLEEP_INTERVAL: Final = 5.0
"""Seconds between the first two checks."""

DEFAULT_WAIT_TIMEOUT: Final = 2 * 60 * 60.0
"""Seconds that a wait for a task, an asset or an item may take unless the caller says otherwise."""

BATCH_WAIT_TIMEOUT: Final = 25 * 60 * 60.0
"""The same for a batch of analyses: the platform ends a batch after 24 hours."""

GROWTH: Final = 1.2
"""Each pause is so many times as long as the one before."""

MAX_GROWTH: Final = 6.0
"""No pause is more than so many times `sleep_interval`."""

JITTER: Final = 0.1
"""Each pause is shorter or longer by up to this share."""

MAX_LOST_CHECKS: Final = 3
"""Checks in a row that may fail for a passing reason, each after the transport's own repeats. One more is raised."""

_PASSING: Final = (APIConnectionError, TooManyRequestsError, InternalServerError)


@attrs.frozen
class Rules:
    """What the states of one kind of task mean. A state that is in neither set means: still working.

    Attributes:
        subject: What is waited for, for messages.
        done: States in which the result is there.
        failed: States in which it will never be there.
    """

    subject: str
    done: frozenset[str]
    failed: frozenset[str]


TASK: Final = Rules("Task", frozenset({"ready"}), frozenset({"failed"}))
EMBEDDING_TASK: Final = Rules("Embedding task", frozenset({"ready"}), frozenset({"failed"}))
ASSET: Final = Rules("Asset", frozenset({"ready"}), frozenset({"failed"}))
INDEXED_ASSET: Final = Rules("Indexed asset", frozenset({"ready"}), frozenset({"failed"}))
ANALYZE_TASK: Final = Rules("Analyze task", frozenset({"ready"}), frozenset({"failed", "canceled"}))
ANALYZE_BATCH: Final = Rules("Analyze batch", frozenset({"completed"}), frozenset({"failed", "canceled", "expired"}))
KNOWLEDGE_STORE_ITEM: Final = Rules("Knowledge store item", frozenset({"ready"}), frozenset({"failed"}))
UPLOAD: Final = Rules("Upload", frozenset({"completed"}), frozenset({"failed", "expired"}))


def pauses(first: float) -> Iterator[float]:
    """Seconds to sleep between the checks: growing, capped and jittered, without an end."""
    pause = first
    while True:
        yield pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, keeps no secret
        pause = min(pause * GROWTH, first * MAX_GROWTH)


async def wait_for(
    check: Callable[[], Awaitable[StateT]],
    rules: Rules,
    identifier: str,
    *,
    sleep_interval: float = DEFAULT_SLEEP_INTERVAL,
    timeout: float = DEFAULT_WAIT_TIMEOUT,  # noqa: ASYNC109 - the public methods take seconds
    callback: Callback[StateT] | None = None,
    status: Callable[[StateT], str | None] | None = None,
) -> StateT:
    """Check until the state is final.

    Args:
        check: Fetches the state.
        rules: Which states are final.
        identifier: Id of the task, for messages.
        sleep_interval: Seconds between the first two checks; later pauses are longer, at most six times as long.
        timeout: Seconds until the wait is given up.
        callback: Called with the state on every check.
        status: Reads the status from a state; without it, its attribute `status`.

    Returns:
        The final state.

    Raises:
        TaskFailedError: The task failed, was canceled or expired.
        WaitTimeoutError: The deadline passed.
        TwelveLabsError: A check failed for good, or more than `MAX_LOST_CHECKS` in a row for a passing reason.
        ValueError: An argument is negative, zero or endless where it must not be.
    """
    if not isinstance(sleep_interval, int | float) or not 0 <= sleep_interval < math.inf:
        raise ValueError(f"sleep_interval must be a number of seconds, zero or more, not {sleep_interval!r}")
    if not isinstance(timeout, int | float) or not 0 < timeout < math.inf:
        raise ValueError(f"timeout must be a number of seconds above zero, not {timeout!r}: every wait has an end")
    read = status or _status
    last: StateT | None = None
    pause = pauses(sleep_interval)
    limit = asyncio.timeout(timeout)
    try:
        async with limit:
            while True:
                state = last = await _checked(check, pause)
                current = (read(state) or "").lower()
                if current in rules.done or current in rules.failed:
                    break
                await _tell(callback, state)
                await asyncio.sleep(next(pause))
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise WaitTimeoutError(
            _timeout_message(rules, identifier, timeout, last, read), last=last, timeout=timeout
        ) from error
    # The state is final: a callback that takes its time does not turn it into a timeout.
    await _tell(callback, state)
    if current in rules.failed:
        raise TaskFailedError(_failure_message(rules, identifier, current, state), task=state)
    return state


async def _checked(check: Callable[[], Awaitable[StateT]], pause: Iterator[float]) -> StateT:
    """Fetch the state; a check that is lost for a passing reason is made again after a pause."""
    lost = 0
    while True:
        try:
            return await check()
        except _PASSING:
            lost += 1
            if lost > MAX_LOST_CHECKS:
                raise
        await asyncio.sleep(next(pause))


async def _tell(callback: Callback[StateT] | None, state: StateT) -> None:
    if callback is not None:
        result = callback(state)
        if inspect.isawaitable(result):
            await result


def _status(state: object) -> str | None:
    value = getattr(state, "status", None)
    return value if isinstance(value, str) else None


def _failure_message(rules: Rules, identifier: str, status: str, state: object) -> str:
    message = f"{rules.subject} {identifier} ended as {status!r}"
    reason = getattr(getattr(state, "error", None), "message", None)
    return f"{message}: {reason}" if reason else message


def _timeout_message(
    rules: Rules, identifier: str, timeout: float, last: StateT | None, read: Callable[[StateT], str | None]
) -> str:
    seen = "no answer came" if last is None else f"its last status was {read(last)!r}"
    return (
        f"{rules.subject} {identifier} was not done after {timeout:g} s: {seen}. "
        "It goes on at the platform; wait again, or with a longer timeout"
    )
