"""Models made from wire data by calling their constructors, as a user would."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.openapi import document
from twelvelabs_async import types

if TYPE_CHECKING:
    from tests.openapi.document import Schema

EMPTY: Schema = {}


def model(name: str) -> Any:
    """The public class or union of a schema."""
    return getattr(types, name)


def variant(schema: Schema, value: Any) -> Schema:
    """The variant of a union that a value belongs to."""
    given, schema = schema, document.resolve(schema)
    entries: list[Schema] = schema.get("oneOf") or schema.get("anyOf") or []
    if not entries:
        return given
    by_name = {document.reference(entry): entry for entry in entries}
    if isinstance(value, dict) and (discriminator := schema.get("discriminator")):
        target = discriminator["mapping"][value[discriminator["propertyName"]]]
        return by_name[document.reference({"$ref": target})]
    if isinstance(value, dict) and (pick := schema.get("x-pick")):
        return next(variant(by_name[name], value) for name, member in pick.items() if member in value)
    return next((entry for entry in entries if _fits(document.resolve(entry), value)), EMPTY)


def construct(schema: Schema, value: Any) -> Any:
    """The value with every object that has a model turned into it; names in the data are wire names."""
    if value is None:
        return None
    chosen = variant(schema, value)
    name = document.reference(chosen) or document.reference(schema)
    resolved = document.resolve(chosen)
    if "oneOf" in resolved or "anyOf" in resolved:
        return construct(resolved, value)
    if isinstance(value, dict) and "properties" in resolved and name:
        known = {member.name: member for member in document.members(resolved)}
        arguments = {known[key].attribute: construct(known[key].schema, entry) for key, entry in value.items()}
        return model(name)(**arguments)
    if isinstance(value, dict) and isinstance(resolved.get("additionalProperties"), dict):
        return {key: construct(resolved["additionalProperties"], entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [construct(resolved.get("items", EMPTY), entry) for entry in value]
    return value


def with_datetimes(schema: Schema, value: Any) -> Any:
    """The value with date-times as `datetime`."""
    resolved = document.resolve(schema)
    if resolved.get("format") == "date-time" and isinstance(value, str):
        return datetime.fromisoformat(value)
    return value


def _fits(schema: Schema, value: Any) -> bool:
    kinds = {"string": str, "array": list, "object": dict, "boolean": bool, "null": type(None)}
    kind = schema.get("type")
    if kind in {"integer", "number"}:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(kind, str) and isinstance(value, kinds[kind])
