"""What the headers of a response say about limits, read once per response by this parser alone.

Two families of rate-limit headers are known. The older one counts requests (X-Ratelimit-Limit, -Remaining, -Reset), the
newer one counts requests, minutes of content and tokens apiece (X-RateLimit-Request-..., -Duration-...,
-OutputToken-...). Every header is optional. The unit of Reset is documented for the older family only (UTC epoch
seconds); what it may be is told apart by its size. Moments are measured against the server's clock, which the Date of
the responses tells, so that a local clock that is wrong changes nothing.

A window counts only when all of it can be used: a limit (where one is sent) and a rest that are numbers, a reset that
lies in the future. What cannot be used is treated as if it had not been sent.
"""

from __future__ import annotations

import re
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

import attrs
from multidict import istr

from ..._value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .server_clock import ServerClock

_FAMILIES: Final = ("X-RateLimit-Request-", "X-Ratelimit-", "X-RateLimit-Duration-", "X-RateLimit-OutputToken-")
"""Prefixes of the headers; the first two count requests, and the first of them wins."""

_NAMES: Final = tuple(
    (istr(f"{family}Limit"), istr(f"{family}Remaining"), istr(f"{family}Reset"), index < 2)
    for index, family in enumerate(_FAMILIES)
)
_REQUESTS, _REQUESTS_OLDER, _DURATION_LEFT, _TOKENS_LEFT = (names[1] for names in _NAMES)
_DATE: Final = istr("Date")
_RETRY_AFTER: Final = istr("Retry-After")
_RETRY_AFTER_MS: Final = istr("Retry-After-Ms")
_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_DURATION: Final = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9})ms)?", re.ASCII)
_EPOCH_SECONDS_FROM: Final = 1_000_000_000.0
_EPOCH_MILLIS_FROM: Final = 100_000_000_000.0

_ROUNDING_MARGIN: Final = 0.3
"""Seconds added to a reset in whole seconds: nobody knows which way it was rounded."""


@attrs.frozen(eq=False, repr=False)
class RateLimitWindow(Value):
    """One window that can be used.

    Attributes:
        requests: Whether the window counts requests, and not content or tokens.
        limit: What the window allows in all; None where the platform did not say.
        remaining: What is left of it.
        reset_in: Seconds until it begins anew, above 0; a little more where it was sent in whole seconds.
    """

    requests: bool
    limit: float | None
    remaining: float
    reset_in: float


@attrs.frozen(eq=False, repr=False)
class LimitHeaders(Value):
    """What one response says about limits.

    Attributes:
        windows: The windows that can be used; at most one of them counts requests.
        retry_after: Seconds to wait that Retry-After asks for; None where it is missing or unusable.
        limit: Requests that the window allows, as a number; None where there is none.
        remaining: Requests left, as a number; None where there is none.
        reset: The number that was sent as reset, in the platform's unit; None where there is none.
    """

    windows: tuple[RateLimitWindow, ...] = ()
    retry_after: float | None = None
    limit: float | None = None
    remaining: float | None = None
    reset: float | None = None


NO_LIMITS: Final = LimitHeaders()
"""What most responses say: nothing."""


def read_limits(headers: Mapping[str, str], status: int = 200, clock: ServerClock | None = None) -> LimitHeaders:
    """Read everything that a response says about limits.

    Args:
        headers: Headers with case-insensitive names.
        status: HTTP status. Retry-After counts in errors only; in a 429, a reset without a rest means that nothing is
            left.
        clock: The server's clock; without it, the Date of this response has to do, which is cut to whole seconds.
    """
    get = headers.get
    if status < 300 and not (get(_REQUESTS) or get(_REQUESTS_OLDER) or get(_DURATION_LEFT) or get(_TOKENS_LEFT)):
        return NO_LIMITS  # the usual case: most operations have no limit
    now = _server_time(headers, clock)
    windows: list[RateLimitWindow] = []
    sent: tuple[float | None, float | None, float | None] = (None, None, None)
    for limit_name, remaining_name, reset_name, requests in _NAMES:
        texts = get(limit_name), get(remaining_name), get(reset_name)
        if texts == (None, None, None):
            continue
        numbers = parse_number(texts[0]), parse_number(texts[1]), parse_number(texts[2])
        if requests and sent == (None, None, None):
            sent = numbers
        window = _window(requests, *texts, now, status == 429)
        if window is not None and not (requests and any(known.requests for known in windows)):
            windows.append(window)
    retry_after = parse_retry_after(headers, clock) if status >= 300 else None
    return LimitHeaders(tuple(windows), retry_after, *sent)


def parse_retry_after(headers: Mapping[str, str], clock: ServerClock | None = None) -> float | None:
    """Seconds that Retry-After-Ms or Retry-After asks for; None where it is missing or unusable.

    Args:
        headers: Headers with case-insensitive names. A date is measured against their Date.
        clock: The server's clock.
    """
    millis = parse_number(headers.get(_RETRY_AFTER_MS))
    if millis is not None:
        return millis / 1000.0
    text = headers.get(_RETRY_AFTER)
    if text is None:
        return None
    seconds = parse_number(text)
    if seconds is not None:
        return seconds
    moment = _http_date(text)
    if moment is None:
        return None
    return max(0.0, moment - _server_time(headers, clock))


def parse_reset(text: str, now: float) -> float | None:
    """Seconds until a window ends: from epoch seconds or milliseconds, seconds from now, or `1m30s`.

    Args:
        text: The header.
        now: The server's time in epoch seconds.

    Returns:
        Seconds above 0; None where the text cannot be read or names a moment that is over.
    """
    value = parse_number(text)
    whole = "." not in text
    if value is None:
        value = _duration(text)
        whole = whole and "ms" not in text
    elif value >= _EPOCH_MILLIS_FROM:
        value, whole = value / 1000.0 - now, False
    elif value >= _EPOCH_SECONDS_FROM:
        value -= now
    if value is None or value <= 0:
        return None
    return value + _ROUNDING_MARGIN if whole else value


def parse_number(text: str | None) -> float | None:
    """A number of ASCII digits with at most one point; None for everything else: signs, exponents, NaN, underscores."""
    if text is None:
        return None
    text = text.strip(" \t")
    return float(text) if _NUMBER.fullmatch(text) else None


def _window(
    requests: bool, limit: str | None, remaining: str | None, reset: str | None, now: float, refused: bool
) -> RateLimitWindow | None:
    """The window that three headers describe; None where they cannot be used."""
    if remaining is None and not (refused and reset is not None):
        return None
    left = parse_number(remaining) if remaining is not None else 0.0
    allowed = parse_number(limit)
    reset_in = parse_reset(reset, now) if reset is not None else None
    if left is None or reset_in is None or allowed == 0 or (limit is not None and allowed is None):
        return None
    return RateLimitWindow(requests, allowed, left, reset_in)


def _server_time(headers: Mapping[str, str], clock: ServerClock | None) -> float:
    """The server's time in epoch seconds when it sent a response; the local time where it does not say."""
    text = headers.get(_DATE)
    date = None if text is None else _http_date(text)
    if date is None:
        return time.time()
    return date if clock is None else clock.time(date)


def _http_date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None


def _duration(text: str) -> float | None:
    match = _DURATION.fullmatch(text.strip(" \t"))
    if match is None or not match[0]:
        return None
    hours, minutes, seconds, millis = (float(part or 0) for part in match.groups())
    return hours * 3600.0 + minutes * 60.0 + seconds + millis / 1000.0
