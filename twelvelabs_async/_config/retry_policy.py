"""How often and how patiently calls are retried, as the user sets it."""

from __future__ import annotations

import random
from typing import Any

import attrs


def _not_negative(_: object, attribute: attrs.Attribute[Any], value: float | None) -> None:
    if value is not None and not value >= 0:
        raise ValueError(f"{attribute.name} must not be negative; it is {value!r}")


@attrs.frozen(kw_only=True)
class RetryPolicy:
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
            A client and its copies share the quota of the policy that the client was made with.
    """

    max_retries: int = attrs.field(default=2, validator=_not_negative)
    initial: float = attrs.field(default=0.5, validator=_not_negative)
    maximum: float = attrs.field(default=8.0, validator=_not_negative)
    jitter: float = attrs.field(default=0.5, validator=_not_negative)
    max_retry_after: float = attrs.field(default=60.0, validator=_not_negative)
    budget: float | None = attrs.field(default=180.0, validator=_not_negative)
    quota: int | None = attrs.field(default=500, validator=_not_negative)

    def backoff(self, retry: int) -> float:
        """Seconds before the retry number `retry` (0 is the first), when the server names no time."""
        pause = min(self.maximum, self.initial * 2.0 ** min(retry, 60))
        return pause * (1.0 - min(1.0, self.jitter) * random.random())  # noqa: S311 - not a secret

    def with_jitter(self, seconds: float) -> float:
        """A pause that the server asked for, never shortened, with up to a second on top so that callers spread."""
        return seconds + min(1.0, self.jitter * 0.1 * seconds) * random.random()  # noqa: S311 - not a secret
