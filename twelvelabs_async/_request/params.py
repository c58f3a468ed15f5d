"""Encodes values, lists and maps for paths, queries and forms."""

from __future__ import annotations

import datetime as dt
import enum
import math
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from .._codec.model import UNSET, Model
from .._codec.serialize import LONE_SURROGATE, WireError, dump_json, format_datetime, to_wire, whole_to_wire

if TYPE_CHECKING:
    from .operation import ParameterStyle

SCALARS: Final = frozenset({str, int, bool})
"""Types that every parameter style encodes in the same way."""

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SAFE_SEGMENT: Final = re.compile(r"[A-Za-z0-9_~-]+")


def quote_segment(name: str, value: Any) -> str:
    """Quote the value of a path parameter, so that it is always exactly one segment of the path.

    Raises:
        ValueError: The value is missing, empty, or a dot segment: it would reach another route.
    """
    if value.__class__ is not str:
        if isinstance(value, enum.Enum):
            value = value.value
        if isinstance(value, bool) or not isinstance(value, str | int | uuid.UUID):
            raise ValueError(f"{name} must be an id as a str, not {_show(value)}")
        value = str(value)
    if _SAFE_SEGMENT.fullmatch(value):
        return value  # type: ignore[no-any-return]
    if value in {"", ".", ".."}:
        raise ValueError(f"{name} must be an id; {value!r} is not a valid id")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise ValueError(f"{name}: {LONE_SURROGATE}") from None


def _show(value: Any) -> str:
    return "None" if value is None else type(value).__name__


def plain_text(value: Any) -> str:
    """Encode one value of a query or form.

    Raises:
        WireError: The value is bytes, a number that is not finite, or cannot be expressed in JSON.
    """
    cls = value.__class__
    if cls is str:
        if not value.isascii() and _SURROGATE.search(value):
            raise WireError(LONE_SURROGATE)
        return value  # type: ignore[no-any-return]
    if cls is bool:
        return "true" if value else "false"
    if cls is int:
        return str(value)
    if value is None:
        return "null"
    if isinstance(value, enum.Enum):
        return plain_text(value.value)
    if isinstance(value, dt.datetime):
        return format_datetime(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise WireError(f"{value} cannot be sent: the number must be finite")
        return repr(float(value))
    wire = whole_to_wire(value)
    if isinstance(wire, str | int | float | bool):
        return plain_text(wire) if isinstance(wire, bool | float) else str(wire)
    return dump_json(wire).decode()


def is_list(value: Any) -> bool:
    """Whether a value is encoded as a list."""
    if value.__class__ is list:
        return True
    return isinstance(value, Sequence | Set) and not isinstance(value, str | bytes | bytearray | memoryview)


Encoder = Callable[[str, Any], Iterator[tuple[str, str]]]


def encode_repeat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """`k=a&k=b`."""
    if is_list(value):
        for item in value:
            yield name, plain_text(item)
    elif isinstance(value, Mapping | Model):
        yield from _encode_deep(name, value)
    else:
        yield name, plain_text(value)


def _encode_comma(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if not is_list(value):
        yield from encode_repeat(name, value)
    elif value:
        yield name, ",".join(map(plain_text, value))


def _encode_deep(name: str, value: Any) -> Iterator[tuple[str, str]]:
    fields = to_wire(value) if isinstance(value, Model) else value
    if not isinstance(fields, Mapping):
        yield from encode_repeat(name, value)
        return
    for key, item in fields.items():
        if item is not UNSET:
            yield from _encode_deep(f"{name}[{key}]", item)


def _encode_flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    fields = to_wire(value) if isinstance(value, Model) else value
    if not isinstance(fields, Mapping):
        yield from encode_repeat(name, value)
        return
    for key, item in fields.items():
        if item is not UNSET:
            yield from encode_repeat(str(key), item)


ENCODERS: Final[Mapping[ParameterStyle, Encoder]] = {
    "repeat": encode_repeat,
    "comma": _encode_comma,
    "deep": _encode_deep,
    "flat": _encode_flat,
}
