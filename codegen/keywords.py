"""Which keywords a part of the document may have, and must have: the meaning of any other one would be lost."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import attrs

from . import extensions
from .errors import GenerationError
from .extensions import Place
from .source import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .source import Source

POINTER: Final = "x-pointer"
"""Member that is added to each part of the document: its JSON pointer. The parser keeps it, as it keeps extensions."""

METHODS: Final = ("get", "put", "post", "patch", "delete")


class Shape(Enum):
    """What is behind a keyword."""

    VALUE = "a value that is not looked into"
    ONE = "one part"
    ONE_OR_FLAG = "one part, or true or false"
    LIST = "a list of parts"
    MAP = "parts by name"


@attrs.frozen
class Kind:
    """A kind of part of the document.

    Attributes:
        what: What it is, in words.
        keywords: What is behind each of its keywords, and of which kind. In the order in which they are checked.
        required: Keywords and extensions that it must have.
        places: What it is for extensions, whatever is in it.
        reference: Keywords that may be beside `$ref`; None where a reference is not allowed.
    """

    what: str
    keywords: Mapping[str, tuple[Shape, str]]
    required: tuple[str, ...] = ()
    places: frozenset[Place] = frozenset()
    reference: tuple[str, ...] | None = None


def _values(*names: str) -> dict[str, tuple[Shape, str]]:
    return dict.fromkeys(names, (Shape.VALUE, ""))


_LIMITS = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
)

_FOR_READERS = ("title", "example", "examples", "externalDocs", "$comment")
"""Keywords that change nothing in a client."""

_SCHEMA: Final[dict[str, tuple[Shape, str]]] = {
    **_values("type", "format", "const", "enum", "default", "description", "deprecated", "required", "pattern"),
    **_values(*_LIMITS, *_FOR_READERS),
    "discriminator": (Shape.ONE, "discriminator"),
    "properties": (Shape.MAP, "member"),
    "items": (Shape.ONE, "schema"),
    "anyOf": (Shape.LIST, "schema"),
    "oneOf": (Shape.LIST, "schema"),
    "additionalProperties": (Shape.ONE_OR_FLAG, "schema"),
}

_BESIDE = ("description", "default", "deprecated")

_INLINE = frozenset({Place.INLINE})

_OPERATION: Final[dict[str, tuple[Shape, str]]] = {
    **_values("operationId", "tags", "summary", "description", "deprecated", "externalDocs"),
    "parameters": (Shape.LIST, "parameter"),
    "requestBody": (Shape.ONE, "body"),
    "responses": (Shape.MAP, "response"),
}

KINDS: Final[dict[str, Kind]] = {
    "document": Kind(
        "a document",
        {
            **_values("openapi", "info", "servers", "security", "tags", "externalDocs", "jsonSchemaDialect"),
            "paths": (Shape.MAP, "path"),
            "webhooks": (Shape.MAP, "webhook"),
            "components": (Shape.ONE, "components"),
        },
        ("openapi", "info", "paths"),
    ),
    "components": Kind(
        "the list of components",
        {
            "parameters": (Shape.MAP, "parameter"),
            "requestBodies": (Shape.MAP, "body"),
            "responses": (Shape.MAP, "response"),
            "headers": (Shape.MAP, "header"),
            "schemas": (Shape.MAP, "named schema"),  # after the bodies, whose members may have more extensions
            **_values("securitySchemes", "examples"),
        },
    ),
    "path": Kind(
        "a path",
        {"parameters": (Shape.LIST, "parameter")} | dict.fromkeys(METHODS, (Shape.ONE, "operation")),
    ),
    "webhook": Kind("a webhook", dict.fromkeys(METHODS, (Shape.ONE, "event"))),
    "operation": Kind(
        "an operation",
        _OPERATION,
        ("operationId", "x-method", "tags", "summary", "description", "responses"),
        frozenset({Place.OPERATION}),
    ),
    "event": Kind("an operation of a webhook", _OPERATION, ("tags", "description")),
    "parameter": Kind(
        "a parameter",
        {
            **_values("name", "in", "description", "required", "style", "explode", "deprecated", "example", "examples"),
            "schema": (Shape.ONE, "schema of a parameter"),
        },
        ("name", "in", "description", "schema"),
        reference=(),
    ),
    "body": Kind(
        "a body",
        {**_values("description", "required"), "content": (Shape.MAP, "content of a body")},
        reference=(),
    ),
    "response": Kind(
        "a response",
        {
            **_values("description"),
            "headers": (Shape.MAP, "header"),
            "content": (Shape.MAP, "content"),
        },
        ("description",),
        reference=(),
    ),
    "header": Kind(
        "a header",
        {**_values("description", "required", "example", "examples"), "schema": (Shape.ONE, "schema")},
        reference=(),
    ),
    "content": Kind("the content of a response", {**_values("example", "examples"), "schema": (Shape.ONE, "schema")}),
    "content of a body": Kind(
        "the content of a body",
        {**_values("encoding", "example", "examples"), "schema": (Shape.ONE, "schema of a body")},
    ),
    "discriminator": Kind("a discriminator", _values("propertyName", "mapping"), ("propertyName",)),
    "named schema": Kind("a schema", _SCHEMA, ("description",), frozenset({Place.NAMED})),
    "schema": Kind("a schema", _SCHEMA, (), _INLINE, reference=_BESIDE),
    "schema of a parameter": Kind(
        "the schema of a parameter", _SCHEMA, (), _INLINE | {Place.PARAMETER}, reference=_BESIDE
    ),
    "schema of a body": Kind("the schema of a body", _SCHEMA, (), _INLINE, reference=_BESIDE),
    "member": Kind("a member", _SCHEMA, ("description",), _INLINE | {Place.FIELD}, reference=_BESIDE),
}
"""Every kind of part by name."""

_PLAIN: Final = {"description": (str, "text"), "summary": (str, "text"), "deprecated": (bool, "true or false")}
"""What must be the value of keywords that the parser does not look at everywhere."""

_ADVICE: Final = {
    "$ref": "write the part itself; another name for a schema belongs into its x-sdk-names",
    "allOf": "write the members out",
    "not": "say it in the description",
    "prefixItems": "describe the entries as objects with members",
    "swagger": "convert the document to OpenAPI 3.1",
    "nullable": "write the type as a list with 'null'",
    "head": f"only {', '.join(METHODS)} are supported",
    "options": f"only {', '.join(METHODS)} are supported",
    "trace": f"only {', '.join(METHODS)} are supported",
}
"""What to do about keywords that stand in many documents. Others are left out, or built."""

_WHY: Final = {
    "description": "describe it: the text becomes part of a docstring",
    "summary": "add one line in the imperative: it begins the docstring",
    "x-method": "give the method of the client, such as `x-method: indexes.list`",
    "operationId": "give a name that no other operation has",
    "tags": "give one: it becomes the module",
}
"""Why a part of the document must have a keyword."""


def check(source: Source) -> None:
    """Raise if any part of the document has a keyword or extension that it cannot have, or lacks one that it needs.

    Each part gets its pointer as a member.
    """
    _Checker(source).part(source.content, "", "document")


class _Checker:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._bodies: dict[str, frozenset[Place]] = {}

    def part(self, node: Any, pointer: str, name: str, more: frozenset[Place] = frozenset()) -> None:
        """Check one part and all that is in it; `more` is what else it is for extensions."""
        kind = KINDS[name]
        if not isinstance(node, dict):
            raise self._error(pointer, f"{kind.what} must be a map", "write it as a map of its keywords")
        if "$ref" in node and kind.reference is not None:
            self._keywords(node, pointer, "a reference", ("$ref", *kind.reference))
            extensions.check(self._source, node, pointer, "a reference", set(kind.places | more) - _INLINE)
        else:
            self._keywords(node, pointer, kind.what, kind.keywords)
            extensions.check(self._source, node, pointer, kind.what, set(kind.places | more | _contents(node)))
            for required in kind.required:
                if _is_missing(node.get(required)):
                    advice = _WHY.get(required, "add it")
                    raise self._error(pointer, f"{kind.what} has no {required}", advice)
        inner: frozenset[Place] = frozenset()
        if name == "schema of a body":
            is_form = pointer.split("/")[-2] == "multipart~1form-data"
            inner = frozenset({Place.BODY_MEMBER} | ({Place.FORM_MEMBER} if is_form else set()))
            self._bodies[str(node.get("$ref"))] = self._bodies.get(str(node.get("$ref")), frozenset()) | inner
        elif name == "named schema":
            inner = self._bodies.get(f"#{pointer}", frozenset())
        for keyword, (shape, below) in kind.keywords.items():
            if keyword in node and "$ref" not in node:
                self._below(node[keyword], f"{pointer}/{escaped(keyword)}", shape, below, inner)
        if name not in {"document", "components"}:
            node[POINTER] = pointer

    def _keywords(
        self, node: dict[str, Any], pointer: str, what: str, known: Mapping[str, Any] | tuple[str, ...]
    ) -> None:
        for keyword, value in node.items():
            at = f"{pointer}/{escaped(keyword)}"
            if not keyword.startswith("x-") and keyword not in known:
                default = "leave it out, or add to codegen what it means, and to codegen/keywords.py"
                problem = f"the generator does not know the keyword {keyword} of {what}"
                raise self._error(at, problem, _ADVICE.get(keyword, default))
            if keyword in _PLAIN and not isinstance(value, _PLAIN[keyword][0]):
                raise self._error(at, f"the {keyword} of {what} must be {_PLAIN[keyword][1]}", "correct it")

    def _below(self, value: Any, pointer: str, shape: Shape, name: str, inner: frozenset[Place]) -> None:
        if shape is Shape.VALUE or (shape is Shape.ONE_OR_FLAG and isinstance(value, bool)):
            return
        if shape is Shape.LIST:
            if not isinstance(value, list):
                raise self._error(pointer, "this must be a list", "write it as a list")
            for at, item in enumerate(value):
                self.part(item, f"{pointer}/{at}", name)
        elif shape is Shape.MAP:
            if not isinstance(value, dict):
                raise self._error(pointer, "this must be a map", "write it as a map from names to what they name")
            for key, item in value.items():
                self.part(item, f"{pointer}/{escaped(key)}", name, inner)
        else:
            self.part(value, pointer, name)

    def _error(self, pointer: str, problem: str, advice: str) -> GenerationError:
        return GenerationError(problem, advice, self._source.place(pointer))


def _contents(node: dict[str, Any]) -> frozenset[Place]:
    """What a schema is for extensions, by what is in it."""
    type_ = node.get("type")
    kinds = type_ if isinstance(type_, list) else [type_]
    found = {
        Place.OBJECT: "properties" in node,
        Place.ENUM: "enum" in node,
        Place.UNION: "anyOf" in node or "oneOf" in node,
        Place.LIST: "array" in kinds,
        Place.STRING: "string" in kinds,
    }
    return frozenset(place for place, is_there in found.items() if is_there)


def _is_missing(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())
