"""Explicit nulls in requests: `null` for an optional member means that the member is absent.

The official SDK sends `null` for every optional argument that a program sets to None. The document allows null only
where it has a meaning of its own; elsewhere the emulator reads it as absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .document import types_of
from .unions import variant_of
from .validation import allows_null

if TYPE_CHECKING:
    from .document import Schema


def without_nulls(value: Any, schema: Schema) -> Any:
    """A value of a request without the optional members that are null.

    A null stays where the member is required, where the schema allows it, and where the schema does not name the
    members, as in metadata.
    """
    if not isinstance(value, dict | list):
        return value
    if "x-pick" in schema and isinstance(value, dict):
        # The members that pick a variant are optional, whichever variant it is.
        picks = schema["x-pick"].values()
        value = {name: member for name, member in value.items() if member is not None or name not in picks}
    variant = _variant_of(schema, value)
    if variant is not schema:
        return without_nulls(value, variant) if variant is not None else value
    if isinstance(value, list):
        return [without_nulls(item, schema.get("items", {})) for item in value]
    members, required = schema.get("properties", {}), schema.get("required", ())
    return {
        name: without_nulls(member, members.get(name, {}))
        for name, member in value.items()
        if member is not None or name in required or name not in members or allows_null(members[name])
    }


def _variant_of(schema: Schema, value: dict[str, Any] | list[Any]) -> Schema | None:
    """The variant of a union that a value is for, None if that is not clear; a schema that is no union is its own."""
    options = schema.get("anyOf") or schema.get("oneOf")
    if not options:
        return schema
    if isinstance(value, dict) and ("x-pick" in schema or "discriminator" in schema):
        return variant_of(schema, value)
    kind = "object" if isinstance(value, dict) else "array"
    candidates = [option for option in options if kind in types_of(option)]
    return candidates[0] if len(candidates) == 1 else None
