"""What `client.limits` returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .._value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen(kw_only=True, eq=False, repr=False)
class GroupState(Value):
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


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ConcurrencyState(Value):
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


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RetryQuotaState(Value):
    """The retry quota that all calls of a client share.

    Attributes:
        capacity: Most tokens that it holds; None where retries are not bounded together.
        available: Tokens that are left. A retry takes 5 tokens; while fewer are left, calls end with their first error.
    """

    capacity: int | None
    available: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class LimitsState(Value):
    """A snapshot of all limits of a client, `with_options` copies included.

    Attributes:
        max_connections: Calls and uploads that may be in flight.
        max_streams: Streams that may be open beside them; None where they are counted with the uploads.
        in_flight: Requests that are in flight, streams included.
        waiting: Requests that wait, for a connection or for a rate limit.
        groups: Rate-limit groups that were used, by name; `other` holds the operations without one.
        concurrency: Concurrency limits by group or resource; those of uploads and streams are listed separately, as
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
