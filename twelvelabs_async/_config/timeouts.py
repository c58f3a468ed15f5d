"""Time limits of calls, as the user sets them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from .._request.operation import TimeoutProfile


def _positive(_: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not value > 0:
        raise ValueError(f"{attribute.name} must be above 0 seconds, or None for no limit; it is {value!r}")


@attrs.frozen
class Timeout:
    """Limits of one call in seconds; None means no limit.

    Attributes:
        connect: Until the connection stands: name lookup, TCP and TLS.
        read: Longest silence of the server, before or within its answer.
        total: The whole call with its repeats and the pauses between them. It does not run while the call waits for a
            free slot or for the rate limit. In streams only the time spent waiting for the server counts.
    """

    connect: float | None = attrs.field(default=10.0, validator=_positive)
    read: float | None = attrs.field(default=120.0, validator=_positive)
    total: float | None = attrs.field(default=300.0, validator=_positive)


@attrs.frozen
class Timeouts:
    """Default limits for each kind of call.

    Attributes:
        call: A small call. Generous, because synchronous analysis and embedding take minutes.
        upload: A request that sends files or chunks of them.
        stream: A long answer that is read piece by piece.
    """

    call: Timeout = Timeout()
    upload: Timeout = Timeout(read=300.0, total=3600.0)
    stream: Timeout = Timeout(read=120.0, total=3600.0)

    @classmethod
    def of(cls, total: float | None) -> Timeouts:
        """The default limits with another total for all kinds of calls."""
        default = cls()
        return cls(
            *(
                Timeout(_least(profile.connect, total), _least(profile.read, total), total)
                for profile in (default.call, default.upload, default.stream)
            )
        )

    def profile(self, name: TimeoutProfile) -> Timeout:
        """Limits of one kind of call."""
        timeout: Timeout = getattr(self, name)
        return timeout


def _least(limit: float | None, total: float | None) -> float | None:
    if limit is None or total is None:
        return limit
    return min(limit, total)
