"""What a class states about its members: names, types, defaults and descriptions.

A member's description is, in this order: a text in `Annotated[str, "..."]`, `metadata={"description": "..."}` of an
attrs or dataclass field, the entry of the docstring's section `Attributes:`.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
import typing
from typing import Any, Final, NotRequired, Required, get_args, get_origin

import attrs

from .._safe_repr import SafeRepr

_SECTION: Final = re.compile(r"^(Attributes|Args|Members|Fields):\s*$", re.MULTILINE)
_ENTRY: Final = re.compile(r"^(\w+)(?:\s*\([^)]*\))?:\s*(.*)$")


@attrs.frozen
class Member(SafeRepr):
    """A member of a class.

    Attributes:
        name: Its name in JSON: that of the constructor's argument, or the key of the TypedDict.
        type: Its type, without `Annotated`, `Required` and `NotRequired`.
        description: What it means; empty if nothing says so.
        required: Whether it has no default.
    """

    name: str
    type: Any
    description: str
    required: bool


def is_described(cls: Any) -> bool:
    """Whether a type is an attrs class, a dataclass or a TypedDict."""
    return isinstance(cls, type) and (attrs.has(cls) or dataclasses.is_dataclass(cls) or typing.is_typeddict(cls))


def members_of(cls: type) -> list[Member]:
    """The members of a class that its constructor takes, in order.

    Raises:
        TypeError: An annotation cannot be resolved, or the constructor needs something that is not a field.
    """
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
    except NameError as error:
        raise TypeError(
            f"{cls.__name__}: the annotation {error.name!r} cannot be resolved; define the classes that it uses at the "
            "top level of a module"
        ) from None
    documented = _documented(cls)
    if typing.is_typeddict(cls):
        # The set of required keys is wrong where annotations are strings: what the annotation says comes first.
        total = cls.__required_keys__  # type: ignore[attr-defined]
        return [_member(name, hint, documented.get(name, ""), name in total) for name, hint in hints.items()]
    if attrs.has(cls):
        return [
            _member(
                field.alias or field.name,
                hints[field.name],
                _stated(field.metadata) or documented.get(field.name, ""),
                field.default is attrs.NOTHING,
            )
            for field in attrs.fields(cls)
            if field.init
        ]
    for name, hint in hints.items():
        if isinstance(hint, dataclasses.InitVar):
            raise TypeError(f"{cls.__name__}.{name}: an InitVar is not supported")
    return [
        _member(
            field.name,
            hints[field.name],
            _stated(field.metadata) or documented.get(field.name, ""),
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(cls)
        if field.init
    ]


def description_of(cls: type) -> str:
    """The docstring of a class without the section about its members; empty if it has none of its own."""
    return _SECTION.split(_docstring(cls))[0].strip()


def _docstring(cls: type) -> str:
    text = cls.__dict__.get("__doc__") or ""
    # The docstring that `dataclass` writes is only the signature.
    return "" if text.startswith(f"{cls.__name__}(") else inspect.cleandoc(text)


def _member(name: str, hint: Any, description: str, required: bool) -> Member:
    while (origin := get_origin(hint)) in {Required, NotRequired, typing.Annotated}:
        if origin is Required or origin is NotRequired:
            required = origin is Required
            (hint,) = get_args(hint)
        else:
            hint, *notes = get_args(hint)
            description = _noted(notes) or description
    if get_origin(hint) in {typing.Union, types.UnionType}:
        described = [part for part in get_args(hint) if part is not types.NoneType]
        if len(described) == 1 and get_origin(described[0]) is typing.Annotated:  # Annotated[str, "..."] | None
            description = _noted(list(get_args(described[0])[1:])) or description
    return Member(name, hint, description, required)


def _noted(notes: list[Any]) -> str:
    for note in notes:
        text = note if isinstance(note, str) else getattr(note, "documentation", None)
        if isinstance(text, str):
            return text
    return ""


def _stated(metadata: Any) -> str:
    text = metadata.get("description")
    return text if isinstance(text, str) else ""


def _documented(cls: type) -> dict[str, str]:
    """The descriptions in the docstrings of a class and of its bases; a TypedDict does not know its bases."""
    found: dict[str, str] = {}
    for base in cls.__mro__:
        if base.__module__ != "builtins":
            found = {**_entries(_docstring(base)), **found}
    return found


def _entries(docstring: str) -> dict[str, str]:
    found: dict[str, str] = {}
    parts = _SECTION.split(docstring)
    if len(parts) < 3:
        return found
    name, indent = "", 0
    for line in filter(str.strip, parts[2].splitlines()):
        depth = len(line) - len(line.lstrip())
        if not depth:
            break  # the next section
        indent = indent or depth
        entry = _ENTRY.match(line.strip()) if depth == indent else None
        if entry is not None:
            name = entry[1]
            found[name] = entry[2]
        elif name:
            found[name] = f"{found[name]} {line.strip()}".strip()
    return found
