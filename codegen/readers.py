"""Readers of the values of extensions: each turns a value of the document into a typed one, or says what it expects."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from . import names

T = TypeVar("T")

Reader = Callable[[Any], T]


class UnexpectedValueError(Exception):
    """A value is not what its extension needs.

    Attributes:
        expected: What it needs, behind "must be".
        keys: Members and positions that lead to the value within the extension.
    """

    def __init__(self, expected: str, keys: tuple[str, ...] = ()) -> None:
        super().__init__(expected, keys)
        self.expected = expected
        self.keys = keys


def anything(value: Any) -> Any:
    """Any value."""
    return value


def flag(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise UnexpectedValueError("true or false")
    return value


def text(value: Any) -> str:
    """Text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise UnexpectedValueError("text")
    return value


def word(value: Any) -> str:
    """A name in snake case."""
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        raise UnexpectedValueError("a name in snake case")
    return value


def words(value: Any) -> tuple[str, ...]:
    """A name in snake case, or a list of them."""
    return many(word)(value if isinstance(value, list) else [value])


def attribute(value: Any) -> str:
    """A name that an attribute can have."""
    if not isinstance(value, str) or not names.is_attribute(value):
        raise UnexpectedValueError("a name that a Python attribute can have, in snake case")
    return value


def class_name(value: Any) -> str:
    """A name that a class can have."""
    if not isinstance(value, str) or not names.is_class(value):
        raise UnexpectedValueError("a name that a Python class can have, and that generated code does not use itself")
    return value


def attribute_path(value: Any) -> tuple[str, ...]:
    """A path of attributes such as `indexes.videos.list`, as its parts."""
    parts = tuple(value.split(".")) if isinstance(value, str) else ("",)
    if any(not re.fullmatch(r"[a-z][a-z0-9_]*", part) or keyword.iskeyword(part) for part in parts):
        raise UnexpectedValueError("a path of attributes such as `indexes.videos.list`")
    return parts


def attribute_path_or_false(value: Any) -> tuple[str, ...]:
    """A path of attributes, or false, which has no parts."""
    return () if value is False else attribute_path(value)


def positive(value: Any) -> int:
    """A whole number above zero."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UnexpectedValueError("a whole number above zero")
    return value


def seconds(value: Any) -> float:
    """A number above zero."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise UnexpectedValueError("a number of seconds above zero")
    return float(value)


def one_of(*values: str) -> Reader[str]:
    """One of some words."""

    def read(value: Any) -> str:
        if value not in values:
            raise UnexpectedValueError(f"one of {', '.join(values)}")
        return str(value)

    return read


def many(item: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list."""

    def read(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise UnexpectedValueError("a list")
        return tuple(_inside(str(at), item, inner) for at, inner in enumerate(value))

    return read


def mapping(item: Reader[T], keys: tuple[str, ...] = ()) -> Reader[dict[str, T]]:
    """A map; with `keys`, one that has no others."""

    def read(value: Any) -> dict[str, T]:
        _check_map(value, keys or None)
        return {key: _inside(key, item, inner) for key, inner in value.items()}

    return read


def record(cls: type[T], **members: Reader[Any]) -> Reader[T]:
    """A map with fixed members, as an object of an attrs class; those whose attributes have no default are required."""

    def read(value: Any) -> T:
        _check_map(value, tuple(members))
        required = [field.name for field in attrs.fields(cls) if field.default is attrs.NOTHING]  # type: ignore[arg-type]
        if missing := [name for name in required if name not in value]:
            raise UnexpectedValueError(f"a map with the member {missing[0]}")
        return cls(**{name: _inside(name, members[name], inner) for name, inner in value.items()})

    return read


def _check_map(value: Any, keys: tuple[str, ...] | None) -> None:
    if not isinstance(value, dict):
        raise UnexpectedValueError("a map")
    if keys is not None and (unknown := [key for key in value if key not in keys]):
        raise UnexpectedValueError(f"one of the members {', '.join(sorted(keys))}", (unknown[0],))


def _inside(key: str, read: Reader[T], value: Any) -> T:
    try:
        return read(value)
    except UnexpectedValueError as error:
        raise UnexpectedValueError(error.expected, (key, *error.keys)) from None
