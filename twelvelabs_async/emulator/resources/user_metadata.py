"""User metadata: validation, normalization, changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import parameter_invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..state.store import Document

_SAFE_INTEGER = 2**53 - 1


def check_metadata(values: Mapping[str, Any] | None, name: str = "user_metadata") -> None:
    """Rejects what a response could not return: integers beyond 53 bits, objects, lists of anything but text.

    The older operations document any value in requests, but not in responses.
    """
    for key, value in (values or {}).items():
        texts = value if isinstance(value, list) else []
        if isinstance(value, dict) or any(not isinstance(text, str) for text in texts):
            raise parameter_invalid(f"{name}.{key}", "Store objects as text.")
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _SAFE_INTEGER:
            raise parameter_invalid(f"{name}.{key}", "Integers must fit in 53 bits.")


def clean_metadata(values: Mapping[str, Any] | None) -> Document:
    """User metadata without empty values: null, empty text, empty list."""
    return {name: value for name, value in (values or {}).items() if value is not None and value not in ("", [])}


def merge_metadata(old: Mapping[str, Any] | None, changes: Mapping[str, Any], *, ignore_empty: bool) -> Document:
    """User metadata after a change: null deletes a field."""
    merged = dict(old or {})
    for name, value in changes.items():
        if value is None:
            merged.pop(name, None)
        elif not (ignore_empty and value in ("", [])):
            merged[name] = value
    return merged
