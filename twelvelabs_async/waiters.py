"""The polling engine behind every `wait_for_...` method.

A wait always has a deadline. The first check is immediate; the pauses between the checks begin with `sleep_interval`,
grow, and have jitter, so that thousands of waiters do not poll in step. A long wait survives a short network outage: a
check that fails with a transient error, after the retries of the transport, is retried a few times. Any other error
ends the wait at once; so does a failed task.
"""

from __future__ import annotations

import asyncio
import inspect
import math
import random
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, TypeVar

import attrs

from ._safe_repr import SafeRepr
from .errors import (
    APIConnectionError,
    InternalServerError,
    TaskFailedError,
    TooManyRequestsError,
    WaitTimeoutError,
)

StateT = TypeVar("StateT")

Callback = Callable[[StateT], Awaitable[object] | object]
"""Called with the state after every check, including the first. A coroutine function is awaited."""

DEFAULT_SLEEP_INTERVAL: Final = 5.0
"""Seconds between the first two checks."""

DEFAULT_WAIT_TIMEOUT: Final = 2 * 60 * 60.0
"""Default timeout in seconds of a wait for a task, an asset or an item."""

BATCH_WAIT_TIMEOUT: Final = 25 * 60 * 60.0
"""Default timeout in seconds of a wait for a batch of analyses: the platform ends a batch after 24 hours."""

GROWTH: Final = 1.2
"""Factor by which each pause is longer than the one before."""

MAX_GROWTH: Final = 6.0
"""The longest pause, as a multiple of `sleep_interval`."""

JITTER: Final = 0.1
"""Fraction by which jitter shortens or lengthens a pause at most."""

MAX_CHECK_RETRIES: Final = 3
"""Retries of a check that fails with a transient error, each after the retries of the transport."""

_TRANSIENT: Final = (APIConnectionError, TooManyRequestsError, InternalServerError)


@attrs.frozen
class Rules(SafeRepr):
    """The meaning of the states of one kind of task. A state in neither set means that the task is in progress.

    Attributes:
        subject: Name of the kind of task, for error messages.
        done: States of success.
        failed: States of failure.
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
    """Seconds to sleep between the checks: an infinite sequence that grows up to a cap, with jitter."""
    pause = first
    while True:
        yield pause * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - jitter, not cryptography
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
        identifier: Id of the task, for error messages.
        sleep_interval: Seconds between the first two checks; later pauses are longer, at most six times as long.
        timeout: Timeout in seconds.
        callback: Called with the state after every check.
        status: Returns the status of a state; default: its attribute `status`.

    Returns:
        The final state.

    Raises:
        TaskFailedError: The task failed, was canceled or expired.
        WaitTimeoutError: The deadline passed.
        TwelveLabsError: A check failed with a permanent error, or transiently after `MAX_CHECK_RETRIES` retries.
        ValueError: `sleep_interval` or `timeout` is out of range.
    """
    if not isinstance(sleep_interval, int | float) or not 0 <= sleep_interval < math.inf:
        raise ValueError(f"sleep_interval must be a finite number of seconds, zero or more, not {sleep_interval!r}")
    if not isinstance(timeout, int | float) or not 0 < timeout < math.inf:
        raise ValueError(f"timeout must be a finite number of seconds greater than zero, not {timeout!r}")
    read = status or _status
    last: StateT | None = None
    pause = pauses(sleep_interval)
    limit = asyncio.timeout(timeout)
    try:
        async with limit:
            while True:
                state = last = await _check_with_retries(check, pause)
                current = (read(state) or "").lower()
                if current in rules.done or current in rules.failed:
                    break
                await _report(callback, state)
                await asyncio.sleep(next(pause))
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise WaitTimeoutError(
            _timeout_message(rules, identifier, timeout, last, read), last=last, timeout=timeout
        ) from error
    # The state is final: a slow callback does not turn it into a timeout.
    await _report(callback, state)
    if current in rules.failed:
        raise TaskFailedError(_failure_message(rules, identifier, current, state), task=state)
    return state


async def _check_with_retries(check: Callable[[], Awaitable[StateT]], pause: Iterator[float]) -> StateT:
    """Fetch the state; a check that fails with a transient error is retried after a pause."""
    failures = 0
    while True:
        try:
            return await check()
        except _TRANSIENT as error:
            failures += 1
            permanent = isinstance(error, APIConnectionError) and not error.retryable
            if permanent or failures > MAX_CHECK_RETRIES:
                raise
        await asyncio.sleep(next(pause))


async def _report(callback: Callback[StateT] | None, state: StateT) -> None:
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
    seen = "there was no response" if last is None else f"its last status was {read(last)!r}"
    return (
        f"{rules.subject} {identifier} was not done after {timeout:g} s: {seen}. "
        "The platform continues its work; wait again, or with a longer timeout"
    )
