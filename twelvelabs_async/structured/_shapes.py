"""From a type to what JSON is to look like: one object serves the schema that is sent and the parsing of the response.

Only what the platform's schemas can express is accepted: `str`, `bool`, `int`, `float`, `None`, `Literal`, enums,
date-times, dates, times and UUIDs as texts, time deltas as numbers of seconds, lists and tuples of one type, unions,
and attrs classes, dataclasses and TypedDicts of these. The schemas have neither maps with any keys nor lists whose
items differ by position.
"""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
import uuid
from collections import abc
from typing import Any, Final, Literal, Protocol, Union, get_args, get_origin

import attrs

from .._codec.scalars import (
    Mismatch,
    decode_bool,
    decode_datetime,
    decode_float,
    decode_int,
    decode_none,
    decode_str,
    wrong,
)
from .._safe_repr import SafeRepr
from ._members import description_of, is_described, members_of

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_NONE: Final = type(None)


class Definitions:
    """The classes inside of a schema, under `$defs`: each is written once, so that a class may contain itself."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}
        self._names: dict[type, str] = {}

    def reference(self, shape: ObjectShape) -> dict[str, Any]:
        """A reference to the schema of a class."""
        name = self._names.get(shape.cls)
        if name is None:
            name = shape.cls.__name__
            while name in self.schemas:
                name += "_"
            self._names[shape.cls] = name
            self.schemas[name] = None  # the name is taken while the schema is written
            self.schemas[name] = shape.properties(self)
        return {"$ref": f"#/$defs/{name}"}


class Shape(Protocol):
    """What JSON has to look like for a type."""

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        """The JSON schema."""
        ...

    def parse(self, value: Any) -> Any:
        """The value as the type wants it; raises Mismatch."""
        ...


@attrs.frozen
class ScalarShape(SafeRepr):
    """A JSON scalar."""

    type: str
    decode: Callable[[Any, Any], Any]

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": self.type}

    def parse(self, value: Any) -> Any:
        return self.decode(value, None)


@attrs.frozen
class TextShape(SafeRepr):
    """A value that is written as a text of some format."""

    format: str
    noun: str
    read: Callable[[str], Any]

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "string", "format": self.format}

    def parse(self, value: Any) -> Any:
        if isinstance(value, str):
            try:
                return self.read(value)
            except ValueError:
                pass
        raise wrong(self.noun, value)


@attrs.frozen
class ChoiceShape(SafeRepr):
    """One of some values: of a `Literal` or an enum."""

    choices: Sequence[tuple[Any, Any]]
    """Each value in JSON, and what it becomes."""

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        values = [value for value, _ in self.choices]
        if all(isinstance(value, str) for value in values):
            return {"type": "string", "enum": values}
        return {"enum": values}

    def parse(self, value: Any) -> Any:
        for allowed, result in self.choices:
            # True equals 1, but is not the same choice.
            if value == allowed and isinstance(value, bool) is isinstance(allowed, bool):
                return result
        raise wrong(f"one of {', '.join(repr(allowed) for allowed, _ in self.choices)}", value)


@attrs.frozen
class ListShape(SafeRepr):
    """A list, or another container that is written as one."""

    item: Shape
    make: Callable[[list[Any]], Any]
    """From a list of items to the container."""

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"type": "array", "items": self.item.schema(definitions)}

    def parse(self, value: Any) -> Any:
        return self.make(parse_list(self.item.parse, value))


def parse_list(parse: Callable[[Any], Any], value: Any) -> list[Any]:
    """Parse the items of a list; a Mismatch says which one it was."""
    if not isinstance(value, list):
        raise wrong("a list", value)
    items = []
    for at, entry in enumerate(value):
        try:
            items.append(parse(entry))
        except Mismatch as mismatch:
            mismatch.parts.append(at)
            raise
    return items


@attrs.frozen
class UnionShape(SafeRepr):
    """One of several types: the first one that the value matches. Classes that have all its members come first."""

    members: Sequence[Shape]

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return {"anyOf": [member.schema(definitions) for member in self.members]}

    def parse(self, value: Any) -> Any:
        problems: list[Mismatch] = []
        # Classes ignore members that they do not have: one with fewer of them would lose what is there.
        for member in sorted(self.members, key=lambda member: not _has_all(member, value)):
            try:
                return member.parse(value)
            except Mismatch as mismatch:
                problems.append(mismatch)
        # The deepest problem is that of the alternative that was meant.
        raise max(problems, key=lambda problem: len(problem.parts))


@attrs.define(eq=False, repr=False)  # a class may contain itself
class ObjectShape:
    """An instance of a class.

    Attributes:
        cls: The class.
        members: Its members by their names in JSON: shape, description, whether it is required.
    """

    cls: type
    members: Mapping[str, tuple[Shape, str, bool]] = attrs.field(factory=dict)

    def schema(self, definitions: Definitions) -> dict[str, Any]:
        return definitions.reference(self)

    def properties(self, definitions: Definitions) -> dict[str, Any]:
        """The schema itself, not a reference to it."""
        found: dict[str, Any] = {"type": "object"}
        if text := description_of(self.cls):
            found["description"] = text
        found["properties"] = {
            name: {**shape.schema(definitions), **({"description": text} if text else {})}
            for name, (shape, text, _) in self.members.items()
        }
        found["required"] = [name for name, (_, _, required) in self.members.items() if required]
        return found

    def parse(self, value: Any) -> Any:
        """An instance. Members that the class does not have are ignored, as the platform allows them in any object."""
        if not isinstance(value, dict):
            raise wrong("an object", value)
        arguments: dict[str, Any] = {}
        for name, (shape, _, required) in self.members.items():
            if name in value:
                try:
                    arguments[name] = shape.parse(value[name])
                except Mismatch as mismatch:
                    mismatch.parts.append(name)
                    raise
            elif required:
                missing = Mismatch("is missing")
                missing.parts.append(name)
                raise missing
        try:
            return self.cls(**arguments)
        except (ValueError, TypeError) as error:  # of a validator, a converter or __post_init__
            raise Mismatch(f"is refused by {self.cls.__name__}: {error}") from error


def _has_all(shape: Shape, value: Any) -> bool:
    """Whether a shape is a class that has all members of an object."""
    return isinstance(shape, ObjectShape) and isinstance(value, dict) and value.keys() <= shape.members.keys()


def _decode_seconds(value: Any, _: Any) -> dt.timedelta:
    try:
        return dt.timedelta(seconds=decode_float(value, None))
    except OverflowError:
        raise wrong("a number of seconds", value) from None


_SCALARS: Final[dict[Any, Shape]] = {
    str: ScalarShape("string", decode_str),
    bool: ScalarShape("boolean", decode_bool),
    int: ScalarShape("integer", decode_int),
    float: ScalarShape("number", decode_float),
    _NONE: ScalarShape("null", decode_none),
    dt.datetime: TextShape("date-time", "a date-time", lambda text: decode_datetime(text, None)),
    dt.date: TextShape("date", "a date", dt.date.fromisoformat),
    dt.time: TextShape("time", "a time", dt.time.fromisoformat),
    dt.timedelta: ScalarShape("number", _decode_seconds),
    uuid.UUID: TextShape("uuid", "a UUID", uuid.UUID),
}

_LISTS: Final = frozenset({list, abc.Sequence})


def shape_of(kind: Any, where: str, known: dict[type, ObjectShape] | None = None) -> Shape:
    """The shape of a type.

    Args:
        kind: The type.
        where: What has this type, for error messages.
        known: Classes that were read already; one of them may be read at this moment.

    Raises:
        TypeError: The type, or one inside of it, is not supported; the message names the field.
    """
    known = {} if known is None else known
    kind = plain(kind)
    if kind in _SCALARS:
        return _SCALARS[kind]
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return ChoiceShape([(_choice(value, where), value) for value in arguments])
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return ChoiceShape([(_choice(member.value, where), member) for member in kind])
    if origin in {Union, types.UnionType}:
        return UnionShape([shape_of(member, where, known) for member in arguments])
    if origin is tuple and len(arguments) == 2 and arguments[1] is ...:
        return ListShape(shape_of(arguments[0], where, known), tuple)
    if origin in _LISTS:
        return ListShape(shape_of(arguments[0], where, known), list)
    if is_described(kind):
        return object_shape(kind, known)
    hint = ""
    if kind in _LISTS or kind is tuple:
        hint = "; state the type of its items"
    elif origin is dict or kind is dict or origin is abc.Mapping:
        hint = ": the platform's schemas have no maps; use a class, or a list of classes with a name and a value"
    elif kind is Any or kind is object:
        hint = ": state a type"
    raise TypeError(f"{where}: {_show(kind)} is not supported{hint}")


def object_shape(cls: type, known: dict[type, ObjectShape]) -> ObjectShape:
    """The shape of a class.

    Raises:
        TypeError: One of its fields has a type that is not supported.
    """
    found = known.get(cls)
    if found is None:
        found = known[cls] = ObjectShape(cls)
        found.members = {
            member.name: (
                shape_of(member.type, f"{cls.__name__}.{member.name}", known),
                member.description,
                member.required,
            )
            for member in members_of(cls)
        }
    return found


def plain(kind: Any) -> Any:
    """A type without `Annotated`, `NewType` and names for types."""
    while True:
        if get_origin(kind) is typing.Annotated:
            kind = get_args(kind)[0]
        elif isinstance(kind, typing.NewType):
            kind = kind.__supertype__
        elif type(kind).__name__ == "TypeAliasType":  # the statement `type`, since Python 3.12
            kind = kind.__value__
        else:
            return kind


def _choice(value: Any, where: str) -> Any:
    if isinstance(value, enum.Enum):  # in a Literal
        value = value.value
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{where}: {value!r} cannot be one of the choices: the platform takes texts, numbers and booleans")


def _show(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) and get_origin(kind) is None else str(kind)
