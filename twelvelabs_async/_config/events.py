"""What hooks are given. Loaded when there is somebody to give it to."""

from __future__ import annotations

from typing import Literal

import attrs

from .._value import Value


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RequestEvent(Value):
    """An attempt is about to be sent.

    Attributes:
        operation: operationId.
        method: HTTP method.
        url: Path and query below the base URL, or the address of a presigned URL; secrets are taken out.
        attempt: Number of the attempt, from 1 on.
    """

    operation: str
    method: str
    url: str
    attempt: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ResponseEvent(RequestEvent):
    """An attempt has ended, with a response or without one.

    Attributes:
        status: HTTP status; None where there was no response.
        duration: Seconds since the request was admitted, until the response was read (for streams: until its headers).
        request_id: The platform's id of the request.
        error: What went wrong; None for a 2xx response.
        cancelled: Whether the caller gave up while the attempt was under way.
    """

    status: int | None
    duration: float
    request_id: str | None = None
    error: Exception | None = None
    cancelled: bool = False


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RetryEvent(RequestEvent):
    """An attempt failed and the request will be sent again.

    Attributes:
        pause: Seconds until then at least.
        error: Why.
    """

    pause: float
    error: Exception


@attrs.frozen(kw_only=True, eq=False, repr=False)
class LimitEvent(Value):
    """A limit has changed.

    Attributes:
        name: Rate-limit group or resource.
        kind: `paused`: the group waits, because the platform sent 429 or something is used up; `slowed`: fewer
            requests in flight after 429 or 503; `recovered`: as many in flight as before.
        seconds: Length of the pause; None for the others.
        in_flight_limit: Requests that may be in flight now; None for pauses.
    """

    name: str
    kind: Literal["paused", "slowed", "recovered"]
    seconds: float | None = None
    in_flight_limit: int | None = None
