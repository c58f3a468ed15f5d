"""Time limits of calls, as the user sets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from .._value import Value

if TYPE_CHECKING:
    from .._request.operation import TimeoutProfile


def _positive(_: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not value > 0:
        raise ValueError(f"{attribute.name} must be above 0 seconds, or None for no limit; it is {value!r}")


@attrs.frozen(eq=False, repr=False)
class Timeout(Value):
    """Limits of one call in seconds; None means no limit.

    Attributes:
        connect: Until the connection is established: name lookup, TCP and TLS.
        read: Longest silence of the server, before or within its response.
        total: The call from the moment that its first attempt may be sent, with all retries and the pauses between
            them. In streams only the time spent waiting for the server counts.
        queue: The wait before that moment, for a free connection and for the rate limit. Without a limit, a batch may
            queue for hours.
    """

    connect: float | None = attrs.field(default=10.0, validator=_positive)
    read: float | None = attrs.field(default=120.0, validator=_positive)
    total: float | None = attrs.field(default=300.0, validator=_positive)
    queue: float | None = attrs.field(default=None, validator=_positive)


@attrs.frozen(eq=False, repr=False)
class Timeouts(Value):
    """Default limits for each kind of call.

    Attributes:
        call: A small call. Generous, because synchronous analysis and embedding take minutes.
        upload: A request that sends files or chunks of them.
        stream: A long response that is read piece by piece.
    """

    call: Timeout = Timeout()
    upload: Timeout = Timeout(read=300.0, total=3600.0)
    stream: Timeout = Timeout(read=120.0, total=3600.0)

    @classmethod
    def of(cls, total: float | None) -> Timeouts:
        """The default limits with another total for all kinds of calls; none of the others is longer."""
        default = cls()
        return cls(
            *(
                Timeout(shorter(profile.connect, total), shorter(profile.read, total), total)
                for profile in (default.call, default.upload, default.stream)
            )
        )

    def profile(self, name: TimeoutProfile) -> Timeout:
        """Limits of one kind of call."""
        timeout: Timeout = getattr(self, name)
        return timeout


def shorter(limit: float | None, total: float | None) -> float | None:
    """The shorter of two limits; one that is None stays none."""
    if limit is None or total is None:
        return limit
    return min(limit, total)
