"""Values built from schemas: requests to send and answers to decode. The same document gives the same values.

A union is a choice point: `build` takes the first variant unless `choices` names another by its path, and `variants`
gives one value for the first choice everywhere, plus one for every other variant of every union that can be reached.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.openapi import document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.openapi.document import Schema

Members = Literal["required", "all"]

FILE_KEY = "$file"
"""Marks the place of a file in arguments that are kept as JSON."""
DATE_TIME = "2026-03-04T05:06:07Z"
UNKNOWN_NAME = "not_yet_known"
UNKNOWN_VALUE = "something-new"
UNKNOWN_MEMBER: dict[str, Any] = {"deep": [1, None, {"nested": "value"}], "flag": True}


@dataclass
class Builder:
    """Builds one value.

    Attributes:
        members: Which members of objects are built.
        choices: Path of a union to the number of the variant to take.
        legacy: Whether members that are marked as deprecated are built.
        unknown: Whether objects get a member, and open enumerations a value, that the document does not know.
        unknown_variants: Whether every union with a discriminator gets a variant that the document does not know.
        nulls: Whether members that may be null are null.
        points: Path to number of variants of each union that was met.
    """

    members: Members = "all"
    choices: Mapping[str, int] = field(default_factory=dict)
    legacy: bool = False
    unknown: bool = False
    unknown_variants: bool = False
    nulls: bool = False
    points: dict[str, int] = field(default_factory=dict)

    def build(self, schema: Schema, path: str, name: str = "value", seen: tuple[str, ...] = ()) -> Any:
        """A value that the schema allows."""
        if target := document.reference(schema):
            return self.build(document.schemas()[target], path, name, (*seen, target))
        if "const" in schema:
            return schema["const"]
        for key in ("oneOf", "anyOf"):
            if key in schema:
                return self._union(schema, schema[key], path, name, seen)
        kind, nullable = _kind(schema)
        if nullable and self.nulls:
            return None
        if kind == "object" or "properties" in schema or "additionalProperties" in schema:
            return self._object(schema, path, name, seen)
        if kind == "array":
            return self._array(schema, path, name, seen)
        if "enum" in schema:
            return UNKNOWN_VALUE if self.unknown and schema.get("x-open-enum") else schema["enum"][0]
        return _scalar(kind, schema, name)

    def _union(self, schema: Schema, variants: list[Schema], path: str, name: str, seen: tuple[str, ...]) -> Any:
        rest = [variant for variant in variants if variant.get("type") != "null"]
        if self.nulls and len(rest) < len(variants):
            return None
        discriminator = schema.get("discriminator", {}).get("propertyName")
        if self.unknown_variants and discriminator:
            return {discriminator: UNKNOWN_VALUE, UNKNOWN_NAME: UNKNOWN_MEMBER}
        if len(rest) > 1:
            self.points.setdefault(path, len(rest))
        # A variant that the value is already inside of would not end; the next one that is not may.
        order = sorted(range(len(rest)), key=lambda number: document.reference(rest[number]) in seen)
        number = self.choices.get(path, order[0])
        value = self.build(rest[number], path, name, seen)
        if discriminator and isinstance(value, dict):
            target = document.reference(rest[number])
            mapping = schema["discriminator"].get("mapping", {})
            tags = [tag for tag, ref in mapping.items() if document.reference({"$ref": ref}) == target]
            if tags and value.get(discriminator) not in tags:
                value = {discriminator: tags[0], **{k: v for k, v in value.items() if k != discriminator}}
        return value

    def _object(self, schema: Schema, path: str, name: str, seen: tuple[str, ...]) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for member in document.members(schema):
            if not member.required and (self.members == "required" or (member.legacy and not self.legacy)):
                continue
            if not member.required and document.reference(member.schema) in seen:
                continue
            value[member.name] = self.build(member.schema, f"{path}.{member.name}", member.name, seen)
        values = schema.get("additionalProperties")
        if values and self.members == "all":
            value |= self._map(values, path, name, seen)
        elif self.unknown and schema.get("properties"):
            value[UNKNOWN_NAME] = UNKNOWN_MEMBER
        return value

    def _map(self, values: Any, path: str, name: str, seen: tuple[str, ...]) -> dict[str, Any]:
        if values is True:
            return {
                "note": f"{name} note",
                "count": 3,
                "ratio": 0.25,
                "flag": True,
                "list": ["a", "b"],
                "map": {"k": None},
            }
        alternatives = list(_alternatives(values))
        keys = [f"{_kind(schema)[0]}_{number}" for number, schema in enumerate(alternatives, 1)]
        if len(alternatives) == 1:
            alternatives, keys = alternatives * 2, ["first", "second"]
        # One entry for each kind of value; a null is an entry, not a choice.
        return {
            key: self.build(schema, f"{path}.{key}", key, seen) if _kind(schema)[0] != "null" else None
            for key, schema in zip(keys, alternatives, strict=True)
        }

    def _array(self, schema: Schema, path: str, name: str, seen: tuple[str, ...]) -> list[Any]:
        items = schema.get("items", {"type": "string"})
        if document.reference(items) in seen:
            return []
        known = document.resolve(items)
        if "enum" in known and not self.unknown:
            return list(known["enum"][:2]) if schema.get("maxItems", 2) > 1 else [known["enum"][0]]
        count = min(2, schema.get("maxItems", 2))
        values = [self.build(items, f"{path}[]", f"{name}_{number}", seen) for number in range(1, count + 1)]
        unique = schema.get("x-unique-by")
        if unique:
            for number, value in enumerate(values, 1):
                value[unique] = f"{value[unique]}_{number}"
        return values


def variants(build: Callable[[Builder], Any], **options: Any) -> Iterator[tuple[str, Any]]:
    """The value with the first variant of every union, then one value for every other variant: (label, value)."""
    queue: list[dict[str, int]] = [{}]
    done: set[tuple[str, int]] = set()
    while queue:
        choices = queue.pop(0)
        builder = Builder(choices=choices, **options)
        value = build(builder)
        label = ",".join(f"{path}={number}" for path, number in list(choices.items())[-1:])
        yield label, value
        for path, count in builder.points.items():
            for number in range(1, count):
                if path not in choices and (path, number) not in done:
                    done.add((path, number))
                    queue.append({**choices, path: number})


def _alternatives(schema: Schema) -> Iterator[Schema]:
    schema = document.resolve(schema)
    if "anyOf" in schema and not any(document.reference(entry) and _is_object(entry) for entry in schema["anyOf"]):
        for entry in schema["anyOf"]:
            yield from _alternatives(entry)
    else:
        yield schema


def _is_object(schema: Schema) -> bool:
    return "properties" in document.resolve(schema)


def _kind(schema: Schema) -> tuple[str | None, bool]:
    kind = schema.get("type")
    if isinstance(kind, list):
        return next(entry for entry in kind if entry != "null"), "null" in kind
    return kind, False


def _scalar(kind: str | None, schema: Schema, name: str) -> Any:
    if kind == "boolean":
        return True
    if kind in {"integer", "number"}:
        low = schema.get("minimum", 0)
        high = schema.get("maximum", low + 100)
        value = min(low + 3 + len(name) % 5, high) if kind == "integer" else min(low + 0.5 + len(name) % 5, high)
        return int(value) if kind == "integer" else value
    form = schema.get("format")
    if form == "date-time":
        return DATE_TIME
    if form == "uri":
        return f"https://media.example/{name}?a=1&b=2"
    if form == "binary":
        return {FILE_KEY: {"name": f"{name}.mp4", "content": f"bytes of {name}"}}
    if kind is None:
        return {"any": [name, 1, None]}
    if "pattern" in schema or schema.get("maxLength", 100) < 20:
        return name[: schema.get("maxLength", 100)]
    return f"{name} \u00e9 1"


@functools.cache
def argument_sets(operation_id: str, *, legacy: bool = False) -> dict[str, dict[str, Any]]:
    """Argument sets of an operation by label: required ones, all documented ones, and all with each other variant."""
    facts = document.operations()[operation_id]

    def arguments(builder: Builder) -> dict[str, Any]:
        return {
            entry.name: _path_value(entry.name)
            if entry.where == "path"
            else builder.build(entry.schema, entry.name, entry.name)
            for entry in facts.fields
            if entry.required or (builder.members == "all" and (legacy or not entry.legacy))
        }

    sets = {"required": arguments(Builder(members="required"))}
    for label, value in variants(arguments, members="all", legacy=legacy):
        sets["all" + (f":{label}" if label else "")] = value
    if sets["all"] == sets["required"]:
        del sets["all"]
    return sets


def _path_value(name: str) -> str:
    return f"{name.removesuffix('_id')}-1.x_Y~z"
