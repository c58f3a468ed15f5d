"""Which keys of a plain dict have another name than on the wire, and where in a request such dicts may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from openapi_python_client import schema as oai

from . import mapping, names
from .document import Document, Node, extension, parts, text
from .errors import GenerationError

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.frozen
class Keys:
    """The keys of the plain dicts of one schema.

    Attributes:
        const: Name of the constant.
        names: Name in Python to wire name.
        inner: Wire name of a member to the constant for the dicts in it.
    """

    const: str
    names: Mapping[str, str]
    inner: Mapping[str, str]


class KeyTable:
    """Finds the keys of every schema of requests.

    Attributes:
        used: Those that were asked for, and those that they name, which come first.
    """

    def __init__(self, document: Document, classes: Mapping[str, str]) -> None:
        self.document = document
        self.used: dict[str, Keys] = {}
        self._classes = classes
        self._open: list[str] = []
        self._recursive: set[str] = set()

    def of(self, node: Node) -> str:
        """The constant of a schema; empty where every dict in it has wire names alone."""
        if isinstance(node, oai.Reference):
            return self._named(self.document.schema_name(node))
        if mapping.is_model(node):
            raise GenerationError("an object with members needs a name below components.schemas")
        if isinstance(node.additionalProperties, oai.Reference | oai.Schema) and self.of(node.additionalProperties):
            raise GenerationError("a map whose values are objects with an x-attribute is not supported in a request")
        found = {const for part in parts(node) if (const := self.of(part))}
        if len(found) > 1:
            raise GenerationError(f"{', '.join(sorted(found))}: several objects with an x-attribute need a named union")
        return found.pop() if found else ""

    def _named(self, name: str) -> str:
        const = names.constant(self._classes[name])
        if const in self.used:
            return const
        if name in self._open:
            self._recursive.add(name)
            return ""
        self._open.append(name)
        schema = self.document.schema(self.document.schemas[name])
        keys = self._members(const, schema) if mapping.is_model(schema) else self._variants(name, const, schema)
        self._open.pop()
        if not keys.names and not keys.inner:
            return ""
        if name in self._recursive:
            raise GenerationError(f"{name} contains itself, and a member with an x-attribute, which is not supported")
        self.used[const] = keys
        return const

    def _members(self, const: str, schema: oai.Schema) -> Keys:
        renamed: dict[str, str] = {}
        inner: dict[str, str] = {}
        for key, node in (schema.properties or {}).items():
            if given := extension(node, "x-attribute"):
                renamed[str(given)] = text(key)
            if target := self.of(node):
                inner[text(key)] = target
        return Keys(const, renamed, inner)

    def _variants(self, name: str, const: str, schema: oai.Schema) -> Keys:
        """A union has the keys of all its variants, which must not contradict each other."""
        renamed: dict[str, str] = {}
        inner: dict[str, str] = {}
        members: set[str] = set()
        for part in parts(schema):
            found = self.used.get(self.of(part))
            members |= {text(key) for key in self.document.schema(part).properties or {}}
            for known, more in ((renamed, found.names), (inner, found.inner)) if found else ():
                if any(known.get(key, value) != value for key, value in more.items()):
                    raise GenerationError(f"{name}: its variants use one key for different members")
                known.update(more)
        if members & renamed.keys():
            raise GenerationError(f"{name}: a variant has a member that is an x-attribute of another one")
        return Keys(const, renamed, inner)
