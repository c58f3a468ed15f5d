"""Types of generated code as values, and how they are written and imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .escape import literal

if TYPE_CHECKING:
    from collections.abc import Iterable


@attrs.frozen
class Name:
    """A type with a name.

    Attributes:
        source: Where it is imported from: a module of the standard library, or one of `models`, `params`, `ids`,
            `runtime`.
        name: Its name there.
        args: Its arguments, for a generic type.
    """

    source: str
    name: str
    args: tuple[Type, ...] = ()


@attrs.frozen
class Lit:
    """One of several fixed values."""

    values: tuple[str | int | bool, ...]


@attrs.frozen
class Union:
    """Any of several types."""

    members: tuple[Type, ...]


Type = Name | Lit | Union

STR = Name("builtins", "str")
INT = Name("builtins", "int")
FLOAT = Name("builtins", "float")
BOOL = Name("builtins", "bool")
NONE = Name("builtins", "None")
ANY = Name("typing", "Any")
DATETIME = Name("datetime", "datetime")
FILE = Name("runtime", "FileInput")
UNCHECKED = Name("runtime", "UncheckedStr")
UNSET = Name("runtime", "Unset")
UNKNOWN = Name("runtime", "UnknownVariant")
VECTOR = Name("runtime", "Vector")


def union(members: Iterable[Type]) -> Type:
    """The union of the members: flat, without duplicates, None last."""
    flat: dict[Type, None] = {}
    for member in members:
        flat |= dict.fromkeys(member.members if isinstance(member, Union) else (member,))
    if NONE in flat:
        del flat[NONE]
        flat[NONE] = None
    return next(iter(flat)) if len(flat) == 1 else Union(tuple(flat))


def optional(type_: Type) -> Type:
    """The type, or None."""
    return type_ if type_ == ANY else union((type_, NONE))


def replace(type_: Type, old: Type, new: Type) -> Type:
    """The type with one type in place of another, wherever it is mentioned."""
    if type_ == old:
        return new
    if isinstance(type_, Union):
        return union(replace(member, old, new) for member in type_.members)
    if isinstance(type_, Name):
        return attrs.evolve(type_, args=tuple(replace(arg, old, new) for arg in type_.args))
    return type_


def names(type_: Type) -> Iterable[Name]:
    """Every name in a type, outermost first."""
    if isinstance(type_, Name):
        yield type_
    for part in type_.args if isinstance(type_, Name) else type_.members if isinstance(type_, Union) else ():
        yield from names(part)


class Scope:
    """Writes types and remembers what they need imported.

    Attributes:
        shadowed: Names that mean something else in the class being written, because one of its members is called so:
            a field called `list` would otherwise break every annotation with `list[...]` below it.
        used: What was written so far: source, name, and whether it goes by its alias.
    """

    def __init__(self) -> None:
        self.shadowed: frozenset[str] = frozenset()
        self.used: set[tuple[str, str, bool]] = set()

    def write(self, type_: Type) -> str:
        """The source of a type."""
        if isinstance(type_, Union):
            return " | ".join(self.write(member) for member in type_.members)
        if isinstance(type_, Lit):
            base, args = Name("typing", "Literal"), ", ".join(literal(value) for value in type_.values)
        else:
            base, args = type_, ", ".join(self.write(arg) for arg in type_.args)
        alias = base.name in self.shadowed
        if not (base.source == "builtins" and not alias):
            self.used.add((base.source, base.name, alias))
        name = f"_{base.name}" if alias else base.name
        return f"{name}[{args}]" if args else name
