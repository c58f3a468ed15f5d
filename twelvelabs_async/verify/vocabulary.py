"""The words of the document, and which words of the service can be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from ..emulator.openapi.document import Document

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,39}")

_MANY_DIGITS: Final = re.compile(r"(?:\d[^\d]{0,2}){5}|[0-9a-f]{12}")

FREE: Final = frozenset({"user_metadata", "metadata", "details"})
"""Members whose members are chosen by users."""


def word(text: str) -> str | None:
    """A name that the service sent, if it can be shown: a word, and nothing that could be an id, a key or a name."""
    return text if _WORD.fullmatch(text) and not _MANY_DIGITS.search(text) else None


def words(document: Document) -> Iterator[tuple[set[str], set[str]]]:
    """Names of members, and listed values, of all schemas of the document."""
    waiting: list[Any] = []
    for operation in document.operations.values():
        waiting += [parameter.schema for parameter in operation.parameters]
        waiting += [schema for response in operation.responses.values() for schema in response.content.values()]
        waiting.append(operation.body)
    seen: set[int] = set()
    while waiting:
        schema = waiting.pop()
        if isinstance(schema, list):
            waiting += schema
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        members: dict[str, Any] = schema.get("properties", {})
        aliases = {alias for member in members.values() for alias in member.get("x-accept", ())}
        values = [*schema.get("enum", ()), schema.get("const")]
        yield {*members, *aliases}, {value for value in values if isinstance(value, str)}
        waiting += members.values()
        waiting += [part for name, part in schema.items() if name not in {"properties", "enum", "const", "default"}]
