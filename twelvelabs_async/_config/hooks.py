"""Functions that watch the pipeline: event hooks and telemetry."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any, Final, Protocol

import attrs

from .._value import Value

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from .._request.message import Request
    from .events import LimitEvent, RequestEvent, ResponseEvent, RetryEvent

logger = logging.getLogger("twelvelabs_async")


def _plain_function(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is None:
        return
    if not callable(value):
        raise TypeError(f"{attribute.name} must be a function, not {type(value).__name__}")
    if inspect.iscoroutinefunction(value):
        raise TypeError(f"{attribute.name} must be a plain function: it is called in the middle of a request")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Hooks(Value):
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
