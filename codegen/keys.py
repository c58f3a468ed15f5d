"""Which keys of a plain dict have another name than on the wire, and where in a request such dicts may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from . import extensions, mapping, names
from .document import Document, Node, parts, text
from .errors import GenerationError
from .parser import oai

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@attrs.frozen
class Keys:
    """A constant of `keys.py`.

    Attributes:
        const: Its name.
        names: Name in Python to wire name.
        inner: Wire name of a member to the constant for the objects in it.
        late: The same, for constants that come after this one, because the schema contains itself.
    """

    const: str
    names: Mapping[str, str]
    inner: Mapping[str, str]
    late: Mapping[str, str]


@attrs.define
class _Object:
    """What is known about the objects of one schema: their names, and the schemas of the objects in each member."""

    names: dict[str, str] = attrs.field(factory=dict)
    inner: dict[str, set[str]] = attrs.field(factory=dict)
    variants: set[str] = attrs.field(factory=set)


class KeyTable:
    """Finds the keys of the objects in requests.

    Attributes:
        used: The constants that operations need, those that others name first.
    """

    def __init__(self, document: Document, classes: Mapping[str, str]) -> None:
        self.document = document
        self.used: dict[str, Keys] = {}
        self._consts = {name: names.constant(cls) for name, cls in classes.items()}
        self._objects: dict[str, _Object] = {}
        self._places: dict[str, str] = {}
        self._open: set[str] = set()
        self._in_maps: set[str] = set()

    def of_body(self, node: Node, operation_id: str) -> str:
        """The constant of a body; empty where it and all objects in it have wire names alone.

        The methods name the members of the body itself, so that only those with two names are renamed there.
        """
        const = names.constant(f"{operation_id}Body")
        schema = self.document.schema(node)
        self._places[const] = self.document.place(schema)
        body = self._objects[const] = self._object(schema)
        two = {text(key) for key, member in _members(schema) if extensions.WIRE_ATTRIBUTE.of(member)}
        body.names = {name: wire for name, wire in body.names.items() if wire in two}
        keyed = self._keyed()
        return self._use(const, keyed) if const in keyed else ""

    def _object(self, schema: oai.Schema) -> _Object:
        found = _Object()
        for key, member in _members(schema):
            wire = text(key)
            name = mapping.attribute_name(wire, member)
            if name != wire:
                found.names[name] = wire
            found.inner[wire] = self._reached(member)
        return found

    def _reached(self, node: Node) -> set[str]:
        """The constants of the schemas whose objects a value can be, or can hold in a list."""
        if isinstance(node, oai.Reference):
            name = self.document.schema_name(node)
            const = self._consts[name]
            if const not in self._objects:
                self._objects[const] = _Object()  # known before it is complete: it may contain itself
                schema = self.document.schema(node)
                self._places[const] = self.document.place(schema)
                if mapping.is_model(schema):
                    self._objects[const] = self._object(schema)
                else:
                    self._objects[const].variants = self._parts(schema)
            return {const}
        return self._parts(node)

    def _parts(self, schema: oai.Schema) -> set[str]:
        if isinstance(schema.additionalProperties, oai.Reference | oai.Schema):
            self._in_maps |= self._reached(schema.additionalProperties)
        return {const for part in parts(schema) for const in self._reached(part)}

    def _merged(self, const: str) -> _Object:
        """A schema with the names of all its variants, which must not contradict each other."""
        merged = attrs.evolve(self._objects[const], variants=set())
        merged.names, merged.inner = dict(merged.names), dict(merged.inner)
        for variant in map(self._merged, sorted(self._objects[const].variants)):
            for name, wire in variant.names.items():
                if merged.names.setdefault(name, wire) != wire:
                    raise GenerationError(
                        f"its variants use the key {name} for different members",
                        "give one of the members another x-attribute",
                        self._places[const],
                    )
            for wire, inner in variant.inner.items():
                merged.inner[wire] = merged.inner.get(wire, set()) | inner
        if merged.names.keys() & merged.inner.keys():
            raise GenerationError(
                "a variant has a member with the Python name of a member of another one",
                "give that member another x-attribute",
                self._places[const],
            )
        return merged

    def _keyed(self) -> set[str]:
        """The schemas with other names, or with such objects in them."""
        objects = {const: self._merged(const) for const in self._objects}
        keyed = {const for const, found in objects.items() if found.names}
        while more := {
            const
            for const, found in objects.items()
            if const not in keyed and any(inner & keyed for inner in found.inner.values())
        }:
            keyed |= more
        return keyed

    def _use(self, const: str, keyed: set[str]) -> str:
        if const in self.used or const in self._open:
            return const
        if const in self._in_maps:
            raise GenerationError(
                "a member has another name in Python, so that a map of such objects is not supported",
                "remove the x-attribute, or use a list",
                self._places[const],
            )
        self._open.add(const)
        found = self._merged(const)
        targets = {wire: self._one(const, wire, inner & keyed) for wire, inner in found.inner.items() if inner & keyed}
        for target in targets.values():
            self._use(target, keyed)
        late = {wire: target for wire, target in targets.items() if target not in self.used}
        inner = {wire: target for wire, target in targets.items() if wire not in late}
        self._open.remove(const)
        self.used[const] = Keys(const, found.names, inner, late)
        return const

    def _one(self, const: str, wire: str, consts: set[str]) -> str:
        if len(consts) > 1:
            raise GenerationError(
                f"{wire} can be one of {', '.join(sorted(consts))}, which have members with other names in Python",
                "name the union: write it below components.schemas, and a $ref here",
                self._places[const],
            )
        return next(iter(consts))


def _members(schema: oai.Schema) -> Iterable[tuple[str, Node]]:
    return [(text(key), member) for key, member in (schema.properties or {}).items()]
