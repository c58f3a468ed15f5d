"""One wait: from the states that checks show to the final one, a timeout or an error."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from ..errors import TaskFailedError, WaitTimeoutError
from .rules import (
    MAX_CHECK_RETRIES,
    Callback,
    Rules,
    StateT,
    failure_message,
    is_rate_limited,
    is_transient,
    status_of,
    timeout_message,
)
from .schedule import DEFAULT_SLEEP_INTERVAL, DEFAULT_WAIT_TIMEOUT, check_seconds, pauses

NO_RESPONSE: Final = "there was no response"


class HasLatest(Protocol):
    """Something that knows the latest state of any check."""

    latest: Any


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
        TwelveLabsError: A check failed with a permanent error, or transiently after `MAX_CHECK_RETRIES` retries. A 429
            is no reason to end a wait: the checks get rarer.
        ValueError: `sleep_interval` or `timeout` is out of range.
    """
    check_seconds(sleep_interval, timeout)
    pause = pauses(sleep_interval)
    first = True

    async def following() -> StateT:
        nonlocal first
        failures = 0
        while True:
            if not first:
                await asyncio.sleep(next(pause))
            first = False
            try:
                return await check()
            except Exception as error:
                if not is_transient(error):
                    raise
                failures += not is_rate_limited(error)
                if failures > MAX_CHECK_RETRIES:
                    raise

    return await until_final(following, rules, identifier, timeout=timeout, callback=callback, status=status)


async def until_final(
    following: Callable[[], Awaitable[StateT]],
    rules: Rules,
    identifier: str,
    *,
    timeout: float,  # noqa: ASYNC109 - the public methods take seconds
    callback: Callback[StateT] | None,
    status: Callable[[StateT], str | None] | None = None,
    latest: HasLatest | None = None,
) -> StateT:
    """Take one state after the other until one is final.

    Args:
        following: Waits for the next state.
        rules: Which states are final.
        identifier: Id of the task, for error messages.
        timeout: Timeout in seconds.
        callback: Called with each state.
        status: Returns the status of a state; default: its attribute `status`.
        latest: Knows the latest state that any check has shown; default: the latest from `following`.
    """
    read: Callable[[StateT], str | None] = status or status_of
    seen: StateT | None = None
    limit = asyncio.timeout(timeout)
    try:
        async with limit:
            while True:
                state = seen = await following()
                current = (read(state) or "").lower()
                if rules.is_final(current):
                    break
                if callback is not None:
                    await _report(callback, state)
    except TimeoutError as error:
        if not limit.expired():
            raise
        last = seen if latest is None else latest.latest
        shown = NO_RESPONSE if last is None else f"its last status was {read(last)!r}"
        message = timeout_message(rules, identifier, timeout, shown)
        raise WaitTimeoutError(message, last=last, timeout=timeout) from error
    # The state is final: a slow callback does not turn it into a timeout.
    if callback is not None:
        await _report(callback, state)
    if current in rules.failed:
        raise TaskFailedError(failure_message(rules, identifier, current, state), task=state)
    return state


async def _report(callback: Callback[StateT], state: StateT) -> None:
    result = callback(state)
    if inspect.isawaitable(result):
        await result
