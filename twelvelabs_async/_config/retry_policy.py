"""How often and how patiently calls are retried, as the user sets it."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable
from typing import Any

import attrs

from .._value import Value


def _not_negative(_: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not value >= 0:
        raise ValueError(f"{attribute.name} must not be negative; it is {value!r}")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RetryContext(Value):
    """A failed attempt, about which `RetryPolicy.when` decides.

    Attributes:
        error: The error that is raised if there is no retry.
        operation: operationId of the call.
        method: HTTP method.
        attempt: Number of the failed attempt, from 1.
        maybe_executed: Whether this attempt, or one before it, may have been executed.
        default: Whether the client would retry by default.
    """

    error: Exception
    operation: str
    method: str
    attempt: int
    maybe_executed: bool
    default: bool


def _plain_function(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is None:
        return
    if not callable(value):
        raise TypeError(f"{attribute.name} must be a function, not {type(value).__name__}")
    if inspect.iscoroutinefunction(value) or inspect.iscoroutinefunction(type(value).__call__):
        raise TypeError(f"{attribute.name} must be a plain function, not a coroutine function: it is not awaited")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class RetryPolicy(Value):
    """How often a call is retried, and after which pauses.

    Attributes:
        max_retries: Retries after the first attempt: 2 means at most three attempts, 0 disables retries.
        initial: Seconds before the first retry; doubled for each further one.
        maximum: Longest pause of our own choice, in seconds.
        jitter: Share of a pause that is random, 0 to 1, so that many callers do not come back at the same moment.
        max_retry_after: Longest pause in seconds that the server may ask for (Retry-After, rate-limit reset). If it
            asks for more, the error is raised at once.
        budget: Seconds that all pauses of one call may take together; None for no limit.
        quota: Tokens that the retries of all calls of a client share; None for no limit. A retry takes 5 tokens, except
            after a 429 with Retry-After; a call that succeeds after a retry brings 5 back, any other that succeeds 1.
            A client and its copies share the quota of the policy that the client was created with.
        when: A plain function that decides about each failed attempt. It receives a `RetryContext` and returns True to
            retry, False to raise the error, None for the default. The other limits still apply, and a body that cannot
            be read again is not sent again. An exception that it raises is raised by the call.
    """

    max_retries: int = attrs.field(default=2, validator=_not_negative)
    initial: float = attrs.field(default=0.5, validator=_not_negative)
    maximum: float = attrs.field(default=8.0, validator=_not_negative)
    jitter: float = attrs.field(default=0.5, validator=_not_negative)
    max_retry_after: float = attrs.field(default=60.0, validator=_not_negative)
    budget: float | None = attrs.field(default=180.0, validator=_not_negative)
    quota: int | None = attrs.field(default=500, validator=_not_negative)
    when: Callable[[RetryContext], bool | None] | None = attrs.field(default=None, validator=_plain_function)

    def decide(self, context: RetryContext) -> bool:
        """Whether to retry, if the limits allow it.

        Raises:
            TypeError: `when` returned something other than a bool or None.
        """
        if self.when is None:
            return context.default
        try:
            decision = self.when(context)
            if decision is not None and not isinstance(decision, bool):
                raise TypeError(f"RetryPolicy.when must return a bool or None, not {type(decision).__name__}")  # noqa: TRY301
        except Exception as exc:
            exc.add_note(f"RetryPolicy.when was called for this error: {context.error}")
            raise
        return context.default if decision is None else decision

    def backoff(self, retry: int) -> float:
        """Seconds before the retry number `retry` (0 is the first), when the server names no time."""
        pause = min(self.maximum, self.initial * 2.0 ** min(retry, 60))
        return pause * (1.0 - min(1.0, self.jitter) * random.random())  # noqa: S311 - not a secret

    def with_jitter(self, seconds: float) -> float:
        """A pause that the server requested: never shortened, with up to one second of jitter added."""
        return seconds + min(1.0, self.jitter * 0.1 * seconds) * random.random()  # noqa: S311 - not a secret
