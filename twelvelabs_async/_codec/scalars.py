"""Decoders of scalar values: strings, numbers, date-times."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final

from .serialize import format_datetime

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON_NAMES: Final[Mapping[type, str]] = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    list: "a list",
    dict: "an object",
    type(None): "null",
}


_FLOAT_BOUND: Final = 2.0**63
"""Below it, a float that is a whole number is accepted as an integer."""


class Mismatch(Exception):  # noqa: N818 - never leaves this module
    """A value does not match its type; `parts` is the path to it, innermost part first."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.parts: list[str | int] = []


def wrong(needed: str, value: Any) -> Mismatch:
    shown = JSON_NAMES.get(type(value), type(value).__name__)
    if type(value) in {str, int, float}:
        text = repr(value)
        shown += f" ({text if len(text) <= 40 else text[:37] + '...'})"
    return Mismatch(f"should be {needed}, but is {shown}")


def decode_any(value: Any, _: Any) -> Any:
    return value


def decode_str(value: Any, _: Any) -> str:
    if isinstance(value, str):
        return value
    raise wrong("a string", value)


def decode_bool(value: Any, _: Any) -> bool:
    if value is True or value is False:
        return value
    raise wrong("a boolean", value)


def decode_int(value: Any, _: Any) -> int:
    if value.__class__ is int:
        return value
    # What has more than 64 bits arrives as a float that has lost its last digits.
    if value.__class__ is float and value.is_integer() and abs(value) < _FLOAT_BOUND:
        return int(value)
    raise wrong("an integer", value)


def decode_float(value: Any, _: Any) -> float:
    if value.__class__ is float:
        return value
    if value.__class__ is int:
        try:
            return float(value)
        except OverflowError:
            pass
    raise wrong("a number", value)


def decode_none(value: Any, _: Any) -> None:
    if value is not None:
        raise wrong("null", value)


_LEAP_SECOND: Final = re.compile(r"(\d{4}-\d{2}-\d{2}.\d{2}:\d{2}:)60(.*)", re.DOTALL)


def decode_datetime(value: Any, _: Any) -> dt.datetime:
    if value.__class__ is str:
        try:
            parsed = dt.datetime.fromisoformat(value)
        except ValueError:
            parsed = _unusual_datetime(value)
        return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=dt.UTC)
    raise wrong("a date-time", value)


def _unusual_datetime(text: str) -> dt.datetime:
    """RFC 3339 allows formats that `fromisoformat` does not: lower-case `z`, and leap seconds."""
    candidate = text.strip()
    if candidate.endswith("z"):
        candidate = candidate[:-1] + "Z"
    extra = dt.timedelta(0)
    if leap := _LEAP_SECOND.fullmatch(candidate):
        candidate = f"{leap[1]}59{leap[2]}"
        extra = dt.timedelta(seconds=1)
    try:
        return dt.datetime.fromisoformat(candidate) + extra
    except (ValueError, OverflowError):
        raise wrong("a date-time (RFC 3339)", text) from None


def is_usual(text: str, value: dt.datetime) -> bool:
    """Whether `format_datetime` gives back the same text; cheap for the usual formats."""
    length = len(text)
    if length == 20:
        return text[-1] == "Z" and text[10] == "T" and text[17] != "6"
    if length in {24, 27}:
        return format_datetime(value) == text
    return False
