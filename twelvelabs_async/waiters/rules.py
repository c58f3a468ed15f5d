"""What the states of a task mean, and which errors a wait outlives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import attrs

from .._value import Value
from ..errors import APIConnectionError, InternalServerError, TooManyRequestsError

StateT = TypeVar("StateT")

Callback = Callable[[StateT], Awaitable[object] | object]
"""Called with the state after every check, including the first. A coroutine function is awaited."""

MAX_CHECK_RETRIES: Final = 3
"""Retries of a check that fails with a transient error, each after the retries of the transport."""


@attrs.frozen(eq=False, repr=False)
class Rules(Value):
    """The meaning of the states of one kind of task. A state in neither set means that the task is in progress.

    Attributes:
        subject: Name of the kind of task, for error messages.
        done: States of success.
        failed: States of failure.
    """

    subject: str
    done: frozenset[str]
    failed: frozenset[str]

    def is_final(self, status: str) -> bool:
        """Whether a status, in lower case, is one that never changes."""
        return status in self.done or status in self.failed


UPLOAD: Final = Rules("Upload", frozenset({"completed"}), frozenset({"failed", "expired"}))
"""The states of a multipart upload."""


def is_transient(error: Exception) -> bool:
    """Whether a check that failed with this error may succeed later."""
    if isinstance(error, APIConnectionError):
        return error.retryable
    return isinstance(error, InternalServerError) or is_rate_limited(error)


def is_rate_limited(error: Exception) -> bool:
    """Whether the error only says that there are too many requests: the wait gets slower, and goes on."""
    return isinstance(error, TooManyRequestsError)


def status_of(state: object) -> str | None:
    """The attribute `status` of a state; None where it is no text."""
    value = getattr(state, "status", None)
    return value if isinstance(value, str) else None


def failure_message(rules: Rules, identifier: str, status: str, state: object) -> str:
    """Message of the `TaskFailedError`."""
    message = f"{rules.subject} {identifier} ended as {status!r}"
    reason = getattr(getattr(state, "error", None), "message", None)
    return f"{message}: {reason}" if reason else message


def timeout_message(rules: Rules, identifier: str, timeout: float, seen: str) -> str:
    """Message of the `WaitTimeoutError`."""
    return (
        f"{rules.subject} {identifier} was not done after {timeout:g} s: {seen}. "
        "The platform continues its work; wait again, or with a longer timeout"
    )
