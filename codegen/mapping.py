"""Which Python type a schema of the document becomes, in a model and in a request."""

from __future__ import annotations

from collections.abc import Set
from typing import Literal

from . import extensions, names, types
from .document import Document, Node, text
from .errors import GenerationError
from .parser import class_name, oai
from .types import Lit, Name, Type

Use = Literal["response", "wide", "request"]
"""Where a type is used.

`response`: field of a model that is decoded; exact types, a list of numbers is a `Vector`. `wide`: field of a model
that is only sent; read-only collections, so that more is accepted. `request`: argument of a method or key of a
TypedDict; also plain dicts, files and date-times as text. In the last two, a string beyond the listed values of an enum
must be an `UncheckedStr`.
"""

SDK_PARAMS = "SdkParams"
"""Ends the name of the plain-dict form whose required keys are the names of the official SDK."""

_PLAIN: dict[str, Type] = {
    "string": types.STR,
    "integer": types.INT,
    "number": types.FLOAT,
    "boolean": types.BOOL,
    "null": types.NONE,
}


def kinds(schema: oai.Schema) -> list[str]:
    """The JSON types of a schema."""
    listed = schema.type if isinstance(schema.type, list) else [schema.type] if schema.type else []
    return [str(kind.value) for kind in listed]


def is_model(schema: oai.Schema) -> bool:
    """Whether the schema becomes a class: an object with members of its own."""
    return bool(schema.properties)


def is_tagged(document: Document, schema: oai.Schema) -> bool:
    """Whether the schema is a union of models."""
    return any(
        is_model(part) or is_tagged(document, part)
        for node in [*schema.anyOf, *schema.oneOf]
        for part in [document.schema(node)]
    )


def is_open(schema: oai.Schema) -> bool:
    """Whether values beyond the listed ones pass."""
    return extensions.OPEN_ENUM.of(schema)


def is_open_in_requests(schema: oai.Schema) -> bool:
    """Whether type checkers let callers pass any value, because the platform adds some often."""
    return extensions.OPEN_IN_REQUESTS.of(schema)


def values(schema: oai.Schema) -> tuple[str | int | bool, ...]:
    """The listed values without null."""
    return tuple(value for value in schema.enum or () if value is not None)


def nullable(document: Document, node: Node) -> bool:
    """Whether null is a value of the schema."""
    schema = document.schema(node)
    if "null" in kinds(schema) or (schema.enum and None in schema.enum):
        return True
    return any(nullable(document, part) for part in [*schema.anyOf, *schema.oneOf])


def all_kinds(document: Document, node: Node) -> set[str]:
    """The JSON types of a schema and of its alternatives."""
    schema = document.schema(node)
    found = set(kinds(schema))
    for part in [*schema.anyOf, *schema.oneOf]:
        found |= all_kinds(document, part)
    return found


def is_text_list(document: Document, node: Node) -> bool:
    """Whether the schema is a list of text and nothing else but null."""
    schema = document.schema(node)
    items = document.schema(schema.items) if schema.items else oai.Schema()
    return set(kinds(schema)) - {"null"} == {"array"} and kinds(items) == ["string"]


def attribute_name(wire: str, node: Node) -> str:
    """The name of a member in Python: the one that the document gives, or one made from the wire name."""
    return extensions.ATTRIBUTE.of(node) or names.attribute(wire)


def has_renamed_required(schema: oai.Schema) -> bool:
    """Whether a member that must be given has another name in Python, which a plain dict may use as well."""
    required = {text(key) for key in schema.required or ()}
    members = {text(key): node for key, node in (schema.properties or {}).items()}
    return any(wire in required and attribute_name(wire, node) != wire for wire, node in members.items())


def has_file(document: Document, node: Node) -> bool:
    """Whether the schema is a file, or a choice or list of files."""
    schema = document.schema(node)
    if text(schema.schema_format) == "binary":
        return True
    parts = [*schema.anyOf, *schema.oneOf, *([schema.items] if schema.items else [])]
    return any(has_file(document, part) for part in parts)


class Mapper:
    """Turns schemas into types."""

    def __init__(self, document: Document, classes: dict[str, str], received: Set[str]) -> None:
        self.document = document
        self.classes = classes
        self.received = received

    def type(self, node: Node, use: Use) -> Type:
        """The type of a value of this schema."""
        if isinstance(node, oai.Reference):
            return self._named(self.document.schema_name(node), use)
        return self.anonymous(node, use)

    def _named(self, name: str, use: Use) -> Type:
        schema, cls = self.document.schema(self.document.schemas[name]), self.classes[name]
        model = Name("models", cls)
        if values(schema) and use != "response" and name in self.received:
            return self._enum(schema, use)  # the alias is that of responses
        if use != "request" or values(schema):
            return model
        if is_model(schema) or is_tagged(self.document, schema):
            return types.union((model, *self.plain(name)))
        return Name("params", f"{cls}Params")

    def plain(self, name: str) -> list[Name]:
        """The types of the plain dicts that may be given for a model or a union of models."""
        cls = self.classes[name]
        suffixes = ["Params"]
        if has_renamed_required(self.document.schema(self.document.schemas[name])):
            suffixes.append(SDK_PARAMS)
        return [Name("params", f"{cls}{suffix}") for suffix in suffixes]

    def anonymous(self, schema: oai.Schema, use: Use) -> Type:
        """The type of a value of a schema that is written where it is used."""
        with self.document.at(schema):
            return self._anonymous(schema, use)

    def _anonymous(self, schema: oai.Schema, use: Use) -> Type:
        if schema.const is not None:
            if isinstance(schema.const, float):
                raise GenerationError(
                    "a const must be a string, an integer or a boolean", "describe the number, without a const"
                )
            return Lit((schema.const,))
        if is_model(schema):
            raise GenerationError(
                "an object with members needs a name", "move it to components.schemas, and write a $ref here"
            )
        if schema.enum:
            return self._enum(schema, use)
        parts = [*schema.anyOf, *schema.oneOf]
        if parts:
            if use == "response" and is_tagged(self.document, schema) and len(self._models(schema)) > 1:
                raise GenerationError(
                    "a union of models needs a name", "move it to components.schemas, and write a $ref here"
                )
            return types.union(self.type(part, use) for part in parts)
        return types.union(self._one(kind, schema, use) for kind in kinds(schema) or ["any"])

    def _models(self, schema: oai.Schema) -> list[oai.Schema]:
        parts = [self.document.schema(node) for node in [*schema.anyOf, *schema.oneOf]]
        return [part for part in parts if is_model(part) or is_tagged(self.document, part)]

    @staticmethod
    def _enum(schema: oai.Schema, use: Use) -> Type:
        listed = values(schema)
        if wrong := [value for value in listed if not isinstance(value, str | int | bool)]:
            raise GenerationError(
                f"values of an enum must be strings, integers or booleans, not {wrong[0]!r}",
                "describe the values, without an enum",
            )
        members: list[Type] = [Lit(listed)]
        if is_open(schema):
            # Type checkers find a typo in a request, but a response may hold a newer value.
            is_checked = use != "response" and not is_open_in_requests(schema)
            plain = _PLAIN | {"string": types.UNCHECKED} if is_checked else _PLAIN
            members += [plain[kind] for kind in kinds(schema) if kind != "null"]
        if "null" in kinds(schema) or None in (schema.enum or ()):
            members.append(types.NONE)
        return types.union(members)

    def _one(self, kind: str, schema: oai.Schema, use: Use) -> Type:
        if kind == "array":
            item = self.type(schema.items, use) if schema.items else types.ANY
            if use != "response":
                return Name("collections.abc", "Sequence", (item,))
            return types.VECTOR if item == types.FLOAT else Name("builtins", "list", (item,))
        if kind == "object":
            rest = schema.additionalProperties
            free = rest is None or isinstance(rest, bool)
            value = types.ANY if isinstance(rest, bool) or rest is None else self.type(rest, use)
            if free and rest is False:
                raise GenerationError(
                    "an object without members that allows none holds nothing",
                    "add members, or remove additionalProperties",
                )
            mapping = Name("builtins", "dict") if use == "response" else Name("collections.abc", "Mapping")
            return Name(mapping.source, mapping.name, (types.STR, value))
        if kind == "string":
            return self._string(text(schema.schema_format), use)
        return _PLAIN.get(kind, types.ANY)

    @staticmethod
    def _string(form: str, use: Use) -> Type:
        if form == "date-time":
            return types.union((types.DATETIME, types.STR)) if use == "request" else types.DATETIME
        if form == "binary":
            return types.FILE if use == "request" else types.ANY
        return types.STR


def class_names(document: Document) -> dict[str, str]:
    """The Python name of each schema; two schemas of one name would lose one of them."""
    found: dict[str, str] = {}
    seen: dict[str, str] = {}
    for name, node in document.schemas.items():
        with document.at(node):
            found[name] = names.class_name(name)
            both = (found[name], class_name(name))  # the second is the name that openapi-python-client gives
            for taken in both:
                if taken in seen:
                    raise GenerationError(
                        f"schemas {seen[taken]} and {name} would both be called {taken}", "rename one"
                    )
            seen |= dict.fromkeys(both, name)
    return found
