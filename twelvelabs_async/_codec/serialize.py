"""Encodes the values of requests, and turns models back into plain JSON values.

For the fields of a model, `UNSET` is always omitted; None is omitted if None is the default of the field, and sent as
null otherwise. Plain dicts are sent unchanged, so a None in them is a null.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
import os
import re
import uuid
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, Final, NamedTuple

import attrs

from ..vectors import Vector
from .model import UNSET, Model, UnknownVariant, Unset


class WireError(ValueError):
    """A value cannot be sent; `parts` is the path to it, innermost part first."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.parts: list[str | int] = []

    def at(self, part: str | int) -> WireError:
        """Add the next outer part of the path."""
        self.parts.append(part)
        return self

    def text(self, root: str = "") -> str:
        """The problem with its path."""
        path = show_path([*self.parts, root] if root else self.parts)
        return f"{path}: {self.problem}" if path else self.problem


LONE_SURROGATE: Final = "the string contains a lone surrogate, which cannot be encoded as UTF-8"

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def show_path(parts: Sequence[str | int]) -> str:
    """Format a path, given innermost part first, such as `data[3].status`."""
    path = ""
    for part in reversed(parts):
        if isinstance(part, int):
            path += f"[{part}]"
        elif _NAME.fullmatch(part):
            path += f".{part}" if path else part
        else:
            path += f"[{part!r}]"
    return path


def format_datetime(value: dt.datetime) -> str:
    """RFC 3339 in UTC; a naive time is interpreted as UTC. Fractions of a second are omitted if they are zero."""
    if value.tzinfo is not None and value.utcoffset():
        try:
            value = value.astimezone(dt.UTC)
        except OverflowError:  # in UTC it is outside of the years 1 to 9999
            return value.isoformat()
    text = value.replace(tzinfo=None).isoformat(timespec="seconds")
    micro = value.microsecond
    if not micro:
        return text + "Z"
    return f"{text}.{micro:06d}Z" if micro % 1000 else f"{text}.{micro // 1000:03d}Z"


def to_wire(value: Any) -> Any:
    """Turn a value of a request into plain JSON values.

    Raises:
        WireError: The value cannot be expressed in JSON.
    """
    cls = value.__class__
    if cls in _PLAIN:
        return value
    encoder = _encoders.get(cls)
    if encoder is None:
        encoder = _encoders[cls] = _find_encoder(cls)
    return encoder(value)


def whole_to_wire(value: Any) -> Any:
    """Like `to_wire`, for a value that may contain itself or be nested too deeply for Python's recursion limit.

    Raises:
        WireError: The value cannot be expressed in JSON.
    """
    try:
        return to_wire(value)
    except RecursionError:
        raise WireError("it is nested too deeply, or contains itself") from None


def to_dict(model: Any) -> Any:
    """Turn a model (or a list or dict of models) into plain JSON values, with the names used in the JSON.

    Fields that the server did not send are omitted; unknown fields and nulls that it sent are included, and date-times
    have the format in which it sent them.

    Raises:
        ValueError: A value cannot be expressed in JSON, or is nested too deeply.
    """
    return whole_to_wire(model)


def to_json(model: Any, *, indent: bool = False) -> bytes:
    """Turn a model (or a list or dict of models) into JSON, with the names used in the JSON.

    Args:
        model: A model, or plain values that contain models.
        indent: Whether to break lines and indent by two spaces.

    Raises:
        ValueError: A value cannot be expressed in JSON, or is nested too deeply.
    """
    return dump_json(whole_to_wire(model), indent=indent)


def dump_json(value: Any, *, indent: bool = False) -> bytes:
    """Encode plain JSON values.

    Raises:
        WireError: A string contains a lone surrogate, or an integer has more than 64 bits.
    """
    import orjson

    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else None)
    except TypeError as error:
        problem = str(error)
        if "surrogates" in problem:
            problem = LONE_SURROGATE
        raise WireError(problem) from None


class _FieldInfo(NamedTuple):
    attribute: str
    wire: str
    omit_none: bool
    is_list: bool


_PLAIN: Final = frozenset({str, int, bool, type(None)})


_LIST: Final = re.compile(r"(?:typing\.|collections\.abc\.|_)?(?:Sequence|list|List)\[")


def wire_name(field: attrs.Attribute[Any]) -> str:
    """The name of a field of a model in the JSON."""
    name: str = field.metadata.get("wire", field.name)
    return name


def _field_infos(cls: type[Model]) -> list[_FieldInfo]:
    found = []
    for field in attrs.fields(cls):
        if field.name in {"extra", "_texts", "_request_id"}:
            continue
        annotation = field.type if isinstance(field.type, str) else repr(field.type)
        is_list = _LIST.match(annotation) is not None and "| str" not in annotation.rpartition("]")[2]
        found.append(_FieldInfo(field.name, wire_name(field), field.default is None, is_list))
    return found


def _model_encoder(cls: type[Model]) -> Callable[[Any], Any]:
    fields = _field_infos(cls)

    def encode(model: Any) -> dict[str, Any]:
        result: dict[str, Any] = {}
        wire = ""
        texts = model._texts
        try:
            for attribute, wire, omit_none, is_list in fields:
                value = getattr(model, attribute)
                if value is None:
                    if not omit_none:
                        result[wire] = None
                elif value is not UNSET:
                    if is_list and isinstance(value, str):
                        value = [value]
                    result[wire] = to_wire(value)
            if texts:
                result |= texts
            if model.extra:
                for wire, value in model.extra.items():
                    if value is not UNSET:
                        result[wire] = to_wire(value)
        except WireError as error:
            raise error.at(wire) from None
        return result

    return encode


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, item in value.items():
        name = key
        if name.__class__ is not str:
            name = key.value if isinstance(key, enum.Enum) else key
            if not isinstance(name, str):
                raise WireError(f"the keys of a JSON object are strings, not {type(key).__name__} ({key!r})")
        if item is UNSET:
            continue
        try:
            result[name] = to_wire(item)
        except WireError as error:
            raise error.at(name) from None
    return result


def _sequence(value: Sequence[Any] | Set[Any]) -> list[Any]:
    kinds = set(map(type, value))
    if kinds <= _PLAIN:
        return list(value)
    if kinds == {float} and all(map(math.isfinite, value)):
        return list(value)
    result = []
    at = 0
    try:
        for at, item in enumerate(value):  # noqa: B007 - the position is part of the error
            result.append(to_wire(item))
    except WireError as error:
        raise error.at(at) from None
    return result


def _vector(value: Vector) -> list[float]:
    return _sequence(value.tolist())


def _float(value: float) -> float:
    if not math.isfinite(value):
        raise WireError(f"{value} cannot be represented in JSON")
    return float(value)


def _reject(required: str) -> Callable[[Any], Any]:
    def reject(value: Any) -> Any:
        raise WireError(f"{required}, not {type(value).__name__}")

    return reject


def _find_encoder(cls: type) -> Callable[[Any], Any]:
    if issubclass(cls, Model):
        return _model_encoder(cls)
    if issubclass(cls, UnknownVariant):
        return lambda value: to_wire(value.data)
    if issubclass(cls, enum.Enum):
        if cls is Unset:
            return _reject("a value is required")
        return lambda value: to_wire(value.value)
    for base, encoder in _BASES:
        if issubclass(cls, base):
            return encoder
    if hasattr(cls, "tolist"):  # numpy arrays and scalars
        return lambda value: to_wire(value.tolist())
    return _reject("a model, dict, list, string, number, bool, date-time or None is required")


_BASES: Final[Sequence[tuple[Any, Callable[[Any], Any]]]] = (
    (str, str),
    (int, int),
    (float, _float),
    (dt.datetime, format_datetime),
    (dt.date, dt.date.isoformat),
    (uuid.UUID, str),
    (bytes | bytearray | memoryview, _reject("a string is required (base64 where the API takes binary data)")),
    (os.PathLike, _reject("a JSON value is required; pass files to the arguments that accept files")),
    (Mapping, _mapping),
    (Sequence | Set, _sequence),
)

_encoders: dict[type, Callable[[Any], Any]] = {
    float: _float,
    dict: _mapping,
    list: _sequence,
    Vector: _vector,
    dt.datetime: format_datetime,
}
