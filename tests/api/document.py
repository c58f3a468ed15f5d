"""The OpenAPI document, said in plain JSON Schema.

The emulator refuses what it does not know, and keeps to `x-rules`, discriminators and the schema of each event of a
stream. A general tool knows none of that, so it is spelled out for it here. Nothing is loosened.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .bindings import NAMES, kind_of
from .examples import bodies
from .seed_data import Known

Schema = dict[str, Any]

STREAMS = {"application/x-ndjson", "application/jsonl", "text/event-stream"}
"""Media types whose schema is that of one event."""


def plain(raw: Mapping[str, Any], known: Known, spare: Known) -> dict[str, Any]:
    """The document for schemathesis.

    Schemas are closed, conditions spelled out, streams lists of events. What names a thing has an example of one that
    exists, and some bodies have whole examples: most requests start from them.
    """
    document: dict[str, Any] = copy.deepcopy(dict(raw))
    document.pop("webhooks", None)
    for schema in _schemas(document):
        if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
            _spell_out(schema, known)
    whole = bodies(known)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            _streams(operation)
            for parameter in [*item.get("parameters", []), *operation.get("parameters", [])]:
                deleted = method == "delete" and path.endswith(f"{{{parameter['name']}}}")
                _name(parameter["schema"], (spare if deleted else known).get(kind_of(path, parameter["name"])))
                _bound(parameter["schema"])
            for media in operation.get("requestBody", {}).get("content", {}).values():
                examples = whole.get(operation["operationId"], [])
                media["examples"] = {str(number): {"value": value} for number, value in enumerate(examples)}
    return document


def _name(schema: Schema, identifiers: Sequence[str] | None) -> None:
    """Gives a text, or the texts of a list, an example."""
    target = schema.get("items", schema)
    if identifiers and target.get("type") == "string":
        target["examples"] = [identifiers[0]]


def _bound(schema: Schema) -> None:
    """Integers have 64 bits, with a sign or without; the emulator rejects larger ones."""
    for option in [schema, *schema.get("anyOf", [])]:
        if option.get("type") == "integer":
            option.setdefault("minimum", -(2**63))
            option.setdefault("maximum", 2**64 - 1)


def _schemas(value: Any) -> Iterator[Schema]:
    """All objects of the document; those that are schemas are recognised by their keywords."""
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from _schemas(member)
    elif isinstance(value, list):
        for member in value:
            yield from _schemas(member)


def _spell_out(schema: Schema, known: Known) -> None:
    schema.setdefault("additionalProperties", False)
    for name, member in schema["properties"].items():
        _bound(member)
        _name(member, known.get(NAMES.get(name, "")))
    conditions = [condition for name, rule in schema.get("x-rules", {}).items() for condition in _condition(name, rule)]
    if conditions:
        schema["allOf"] = conditions


def _condition(name: str, rule: Any) -> Iterator[Schema]:
    if name == "exactly_one_of":
        fields = [_field(text) for text in rule]
        yield {"oneOf": [_given(field) for field in fields]}
    elif name == "at_least_one_of":
        yield {"anyOf": [_given(_field(text)) for text in rule]}
    elif name == "mutually_exclusive":
        for group in rule:
            for one, other in itertools.combinations(group, 2):
                yield from _not_both(one, other)
    elif name == "together":
        yield {"dependentRequired": {one: [other for other in rule if other != one] for one in rule}}
    elif name.endswith("_required_with"):
        yield {"dependentRequired": {one: [name.removesuffix("_required_with")] for one in rule}}


def _not_both(one: str, other: str) -> Iterator[Schema]:
    for left, right in itertools.product(_paths(one), _paths(other)):
        yield {"not": {"allOf": [_reached(left), _reached(right)]}}


def _field(text: str) -> str:
    """The name in `name (note)`."""
    return text.partition(" (")[0].strip()


def _paths(text: str) -> list[list[str]]:
    """The paths in `a / b.c[].d (note)`."""
    return [option.strip().split(".") for option in _field(text).split(" / ")]


def _given(field: str) -> Schema:
    return {"required": [field]}


def _reached(path: Sequence[str]) -> Schema:
    """Fits when something is at the path; `name[]` is any item of a list."""
    name = path[0].removesuffix("[]")
    schema: Schema = {"required": [name]}
    if len(path) > 1:
        inner = _reached(path[1:])
        schema["properties"] = {name: {"contains": inner} if path[0].endswith("[]") else inner}
    return schema


def _streams(operation: Mapping[str, Any]) -> None:
    """A response of lines has the schema of a list of them; of server-sent events the tool checks each one itself."""
    for response in operation.get("responses", {}).values():
        for kind, media in response.get("content", {}).items():
            if kind in STREAMS - {"text/event-stream"}:
                media["schema"] = {"type": "array", "minItems": 1, "items": media["schema"]}
