"""When a request is sent again, and after how long.

The rules:

- A request that never left (no connection, refused, name not found, TLS not finished) is retried, whatever it is.
- 429 is retried, whatever the request is: the platform counted it and refused it before doing anything. The same
  holds for 408 (the server never had the whole request) and for 503 with Retry-After (it names the time at which it
  will take the request). These responses prove that nothing was executed.
- Everything else (502, 503, 504, a connection lost after the request was sent, a read timeout) leaves open whether the
  request was executed. It is retried for idempotent methods, for operations marked `x-idempotent`, and where the
  caller gave an idempotency key to an operation that documents one.
- 500 is retried for safe methods and for operations marked `x-idempotent`.
- A body that cannot be produced again is never sent twice.
- A connection that was used before and turns out to be closed is replaced without counting as an attempt.

The function `RetryPolicy.when` may decide otherwise about all of them but the last two.
"""

from __future__ import annotations

from typing import Final, Literal

import attrs

from .._value import Value
from ..errors import REFUSED_STATUSES, TRANSIENT_STATUSES, APIStatusError, DecodeError

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""

IDEMPOTENT: Final = SAFE | {"PUT", "DELETE"}
"""Methods whose repetition has the effect of one."""

Effect = Literal["unsent", "refused", "unknown", "final"]
"""What a failed attempt did: nothing left; the server refused it before doing anything; nobody knows; no use asking."""


@attrs.frozen(eq=False, repr=False)
class Failure(Value):
    """An attempt that did not bring what the caller wants.

    Attributes:
        error: What the caller gets when there is no further attempt.
        effect: What the server may have done.
        stale: Whether a connection that was used before broke before the response began: the server had closed it.
        retry_after: Seconds that the server asked to wait.
        group_pauses: Whether the limiter makes the whole rate-limit group wait that long.
        free_retry: Whether a retry takes nothing from the retry quota.
    """

    error: Exception
    effect: Effect
    stale: bool = False
    retry_after: float | None = None
    group_pauses: bool = False
    free_retry: bool = False


def is_idempotent(method: str, idempotent: bool) -> bool:
    """Whether a retry is safe although the request may have been executed."""
    return idempotent or method in IDEMPOTENT


def status_effect(status: int, method: str, idempotent: bool, retry_after: float | None) -> Effect:
    """What an error status says about retrying the request."""
    if status in REFUSED_STATUSES or (status == 503 and retry_after is not None):
        return "refused"
    if status in TRANSIENT_STATUSES and (status != 500 or idempotent or method in SAFE):
        return "unknown"
    return "final"


def is_maybe_executed(failure: Failure) -> bool:
    """Whether the request of a failed attempt may have been executed."""
    if failure.effect != "final":
        return failure.effect == "unknown"
    error = failure.error
    return isinstance(error, DecodeError) or (isinstance(error, APIStatusError) and error.status >= 500)
