"""What the pipeline tells those who want to watch it: event hooks and the state of the limits."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import attrs

from .._safe_repr import SafeRepr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from .._request.message import Request

logger = logging.getLogger("twelvelabs_async")


@attrs.frozen(kw_only=True)
class RequestEvent(SafeRepr):
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


@attrs.frozen(kw_only=True)
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


@attrs.frozen(kw_only=True)
class RetryEvent(RequestEvent):
    """An attempt failed and the request will be sent again.

    Attributes:
        pause: Seconds until then at least.
        error: Why.
    """

    pause: float
    error: Exception


@attrs.frozen(kw_only=True)
class LimitEvent(SafeRepr):
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


def _plain_function(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is None:
        return
    if not callable(value):
        raise TypeError(f"{attribute.name} must be a function, not {type(value).__name__}")
    if inspect.iscoroutinefunction(value):
        raise TypeError(f"{attribute.name} must be a plain function: it is called in the middle of a request")


@attrs.frozen(kw_only=True)
class Hooks(SafeRepr):
    """Functions that are called while requests are on their way. They are plain functions and should be quick.

    An exception that a hook raises is logged and changes nothing else.

    Attributes:
        on_request: Before each attempt.
        on_response: After each attempt, also after failed ones.
        on_retry: Before the pause that precedes a retry.
        on_limit: When a rate-limit group pauses, or the number of requests in flight is changed.
    """

    on_request: Callable[[RequestEvent], object] | None = attrs.field(default=None, validator=_plain_function)
    on_response: Callable[[ResponseEvent], object] | None = attrs.field(default=None, validator=_plain_function)
    on_retry: Callable[[RetryEvent], object] | None = attrs.field(default=None, validator=_plain_function)
    on_limit: Callable[[LimitEvent], object] | None = attrs.field(default=None, validator=_plain_function)


NO_HOOKS: Final = Hooks()


class Telemetry(Protocol):
    """What `twelvelabs_async.otel` implements: something that learns of whole calls."""

    def call(self, request: Request, origin: str) -> AbstractContextManager[CallRecord]:
        """Surround a call with all its attempts."""
        ...


class Responded(Protocol):
    """What a record needs of a response."""

    status: int
    request_id: str | None


class CallRecord(Protocol):
    """What becomes of one call."""

    def finished(self, attempts: int, response: Responded | None, error: Exception | None) -> None:
        """The call has ended, or its stream has been opened."""
        ...


def call_hook(hook: Callable[[Any], object] | None, event: object) -> None:
    """Call a hook; whatever it raises is logged."""
    if hook is not None:
        try:
            hook(event)
        except Exception:
            logger.exception("a hook raised an exception on %s", type(event).__name__)


@attrs.frozen(kw_only=True)
class GroupState(SafeRepr):
    """What is known about one rate-limit group.

    Attributes:
        limit: Requests that the platform's window allows; None while unknown.
        remaining: Requests left in it when the platform last said so.
        reset_in: Seconds until it begins anew; None while unknown.
        paused_for: Seconds that the group still pauses after a 429; 0 when it does not.
        in_flight: Requests that were sent and have no response yet.
        waiting: Requests that wait for the rate limit.
        requests_per_minute: The fixed limit, if one was set.
    """

    limit: int | None
    remaining: int | None
    reset_in: float | None
    paused_for: float
    in_flight: int
    waiting: int
    requests_per_minute: float | None


@attrs.frozen(kw_only=True)
class ConcurrencyState(SafeRepr):
    """The concurrency limit of one rate-limit group or resource.

    Attributes:
        limit: Requests that may be in flight now; fewer than `max_connections` or `max_streams` for some seconds after
            429 and 503.
        in_flight: Requests that are in flight.
        waiting: Requests that wait, for whatever reason.
    """

    limit: int
    in_flight: int
    waiting: int


@attrs.frozen(kw_only=True)
class RetryQuotaState(SafeRepr):
    """The retry quota that all calls of a client share.

    Attributes:
        capacity: Most tokens that it holds; None where retries are not bounded together.
        available: Tokens that are left. A retry takes 5 tokens; while fewer are left, calls end with their first error.
    """

    capacity: int | None
    available: int


@attrs.frozen(kw_only=True)
class LimitsState(SafeRepr):
    """A snapshot of all limits of a client, `with_options` copies included.

    Attributes:
        max_connections: Calls and uploads that may be in flight.
        max_streams: Streams that may be open beside them; None where they are counted with the uploads.
        in_flight: Requests that are in flight, streams included.
        waiting: Requests that wait, for a connection or for a rate limit.
        groups: Rate-limit groups that were used, by name; `other` holds the operations without one.
        concurrency: Concurrency limits by group or resource; those of uploads and streams are listed apart, as
            `name (long)`.
        retry_quota: What is left of the retries that all calls share.
    """

    max_connections: int
    max_streams: int | None
    in_flight: int
    waiting: int
    groups: Mapping[str, GroupState]
    concurrency: Mapping[str, ConcurrencyState]
    retry_quota: RetryQuotaState
