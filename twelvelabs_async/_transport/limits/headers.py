"""Rate-limit headers: what the platform says about the window that a request was counted in.

Two families are known. The older one counts requests (X-Ratelimit-Limit, -Remaining, -Used, -Reset), the newer one
requests, minutes of content and tokens apiece (X-RateLimit-Request-..., -Duration-..., -OutputToken-...). Every header
is optional, and the unit of Reset is documented for the older family only (UTC epoch seconds); what it may be is told
apart by its size.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

import attrs
from multidict import istr

if TYPE_CHECKING:
    from collections.abc import Mapping

FAMILIES: Final = ("X-RateLimit-Request-", "X-Ratelimit-", "X-RateLimit-Duration-", "X-RateLimit-OutputToken-")
"""Prefixes of the headers; the first two count requests."""

_NAMES: Final = tuple(
    (istr(f"{family}Limit"), istr(f"{family}Remaining"), istr(f"{family}Reset"), index < 2)
    for index, family in enumerate(FAMILIES)
)
_FIRST, _SECOND, _THIRD, _FOURTH = (names[1] for names in _NAMES)
_NUMBER: Final = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?")
_DURATION: Final = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9}(?:\.\d{1,9})?)s)?(?:(\d{1,9})ms)?", re.ASCII)
_EPOCH_SECONDS_FROM: Final = 1_000_000_000.0
_EPOCH_MILLIS_FROM: Final = 100_000_000_000.0


@attrs.frozen
class Reading:
    """One window, as the headers of one answer describe it.

    Attributes:
        requests: Whether the window counts requests, and not content or tokens.
        limit: What the window allows in all.
        remaining: What is left of it.
        reset_in: Seconds until it begins anew.
        exact: Whether the end is known more closely than to the second.
    """

    requests: bool
    limit: float | None
    remaining: float | None
    reset_in: float | None
    exact: bool = False


_NOTHING: Final[list[Reading]] = []


def read_windows(headers: Mapping[str, str], refused: bool = False) -> list[Reading]:
    """All windows that the headers describe.

    Args:
        headers: Headers with case-insensitive names.
        refused: Whether they belong to a 429, where the end of a window is news without its rest.
    """
    get = headers.get
    if not refused and get(_FIRST) is None and get(_SECOND) is None and get(_THIRD) is None and get(_FOURTH) is None:
        return _NOTHING  # the usual case: most operations have no limit
    now = time.time()
    readings = []
    for limit_name, remaining_name, reset_name, requests in _NAMES:
        remaining = get(remaining_name)
        reset = get(reset_name)
        if remaining is None and (reset is None or not refused):
            continue
        limit = get(limit_name)
        text = reset.strip() if reset is not None else ""
        reset_in = parse_reset(text, now)
        readings.append(
            Reading(requests, _number(limit), _number(remaining), reset_in, exact="." in text or text.endswith("ms"))
        )
    return readings


def parse_reset(text: str, now: float) -> float | None:
    """Seconds until a window ends: from epoch seconds or milliseconds, seconds from now, or `1m30s`."""
    if _NUMBER.fullmatch(text):
        value = float(text)
        if value >= _EPOCH_MILLIS_FROM:
            return max(0.0, value / 1000.0 - now)
        if value >= _EPOCH_SECONDS_FROM:
            return max(0.0, value - now)
        return value
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        return None
    hours, minutes, seconds, millis = (float(part or 0) for part in match.groups())
    return hours * 3600.0 + minutes * 60.0 + seconds + millis / 1000.0


def _number(text: str | None) -> float | None:
    if text is None or not _NUMBER.fullmatch(text.strip()):
        return None
    return float(text)
