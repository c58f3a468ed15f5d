"""Finds schemas without a name of their own that have a name in the official SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from . import extensions
from .document import Document, parts, text
from .parser import oai

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Node


@attrs.frozen
class Place:
    """An inline schema with `x-sdk-names`.

    Attributes:
        node: The schema.
        where: What it is the type of, for docstrings.
        schema: Name of the schema that contains it; empty for one in a parameter.
        operation: The operation whose parameter contains it; None for one in a schema.
    """

    node: oai.Schema
    where: str
    schema: str = ""
    operation: oai.Operation | None = None


def places(document: Document) -> Iterator[Place]:
    """Every inline schema that has names in the official SDK."""
    for name, node in document.schemas.items():
        schema = document.schema(node)
        for key, member in (schema.properties or {}).items():
            for found in _inside(member):
                yield Place(found, f"{name}.{text(key)}", name)
        if not schema.properties:
            for part in parts(schema):
                for found in _inside(part):
                    yield Place(found, name, name)
    for _, _, operation, parameters in document.operations():
        for parameter in parameters:
            where = f"{text(operation.operationId)}.{text(parameter.name)}"
            for found in _inside(parameter.param_schema) if parameter.param_schema else ():
                yield Place(found, where, operation=operation)


def _inside(node: Node) -> Iterator[oai.Schema]:
    """The schemas with names at a place that holds one schema, which may contain others."""
    if isinstance(node, oai.Reference):
        return
    if extensions.SDK_NAMES.of(node):
        yield node
    for part in parts(node):
        yield from _inside(part)
