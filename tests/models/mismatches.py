"""Compares what was decoded with the data it was decoded from, along the schema."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.openapi import document, models
from twelvelabs_async import UnknownVariant, Vector

if TYPE_CHECKING:
    from tests.openapi.document import Schema


def mismatches(schema: Schema, data: Any, decoded: Any, path: str = "") -> list[str]:
    """Everything in which the decoded value is not what the schema says about the data."""
    if data is None:
        return [] if decoded is None else [f"{path}: {decoded!r} for null"]
    resolved = document.resolve(schema)
    if ("oneOf" in resolved or "x-pick" in resolved) and isinstance(decoded, UnknownVariant):
        return [] if decoded.data == data else [f"{path}: the unknown variant holds something else"]
    chosen = models.variant(schema, data)
    if "oneOf" in document.resolve(chosen) or "x-pick" in document.resolve(chosen):
        return mismatches(chosen, data, decoded, path)
    name = document.reference(chosen) or document.reference(schema)
    resolved = document.resolve(chosen)
    if isinstance(data, dict) and "properties" in resolved and name:
        return _object(name, resolved, data, decoded, path)
    if isinstance(data, dict) and isinstance(resolved.get("additionalProperties"), dict):
        values = resolved["additionalProperties"]
        return [
            line for key, entry in data.items() for line in mismatches(values, entry, decoded[key], f"{path}.{key}")
        ]
    if isinstance(data, list) and document.resolve(resolved.get("items", {})).get("type") == "number":
        exact = isinstance(decoded, Vector) and decoded.tolist() == data
        return [] if exact else [f"{path}: {decoded!r} for numbers"]
    if isinstance(data, list) and "items" in resolved:
        if not isinstance(decoded, list) or len(decoded) != len(data):
            return [f"{path}: {type(decoded).__name__} for a list of {len(data)}"]
        pairs = enumerate(zip(data, decoded, strict=True))
        return [line for n, (a, b) in pairs for line in mismatches(resolved["items"], a, b, f"{path}[{n}]")]
    if resolved.get("format") == "date-time":
        expected = datetime.fromisoformat(data)
        return [] if decoded == expected and decoded.tzinfo else [f"{path}: {decoded!r} for {data!r}"]
    return [] if decoded == data else [f"{path}: {decoded!r} for {data!r}"]


def _object(name: str, schema: Schema, data: dict[str, Any], decoded: Any, path: str) -> list[str]:
    if type(decoded) is not models.model(name):
        return [f"{path}: {type(decoded).__name__} instead of {name}"]
    found = []
    known = {member.name: member for member in document.members(schema)}
    for key, member in known.items():
        if key not in data:
            if (value := getattr(decoded, member.attribute)) is not None:
                found.append(f"{path}.{key}: {value!r} although it was not sent")
        elif data[key] is None and not member.required:
            if decoded.extra.get(key, "") is not None or getattr(decoded, member.attribute) is not None:
                found.append(f"{path}.{key}: the null is lost")
        else:
            found += mismatches(member.schema, data[key], getattr(decoded, member.attribute), f"{path}.{key}")
    found += [f"{path}.{key}: not in extra" for key in data if key not in known and decoded.extra.get(key) != data[key]]
    return found


def unknown_variants(value: Any) -> list[UnknownVariant]:
    """All unknown variants inside a decoded value."""
    if isinstance(value, UnknownVariant):
        return [value]
    if isinstance(value, list):
        return [found for entry in value for found in unknown_variants(entry)]
    if isinstance(value, dict):
        return [found for entry in value.values() for found in unknown_variants(entry)]
    slots = [field.name for field in getattr(type(value), "__attrs_attrs__", ())]
    return [found for name in slots if name != "extra" for found in unknown_variants(getattr(value, name))]
