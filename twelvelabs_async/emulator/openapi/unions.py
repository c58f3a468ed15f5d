"""Which variant of a union an object is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .document import Schema


def variant_of(schema: Schema, value: Mapping[str, Any]) -> Schema | None:
    """The variant that the discriminator selects, or the one whose own member is present; None if there is none.

    Args:
        schema: A union with a `discriminator` (oneOf) or with `x-pick` (anyOf).
        value: The object.
    """
    if "discriminator" in schema:
        mapping: Mapping[str, Schema] = schema["discriminator"].get("mapping") or {}
        name = value.get(schema["discriminator"]["propertyName"])
        return mapping.get(name) if isinstance(name, str) else None
    members = schema["x-pick"].values()
    options: list[Schema] = schema["anyOf"]
    return next((o for o, name in zip(options, members, strict=False) if value.get(name) is not None), None)
