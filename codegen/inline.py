"""Finds schemas without a name of their own that have a name in the official SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from openapi_python_client import schema as oai

from .document import Document, extension, parts, text
from .errors import GenerationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .document import Node


@attrs.frozen
class Place:
    """An inline schema with `x-sdk-names`.

    Attributes:
        node: The schema.
        where: What it is the type of, for docstrings and messages.
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
            for found in _inside(member, f"{name}.{text(key)}"):
                yield Place(found, f"{name}.{text(key)}", name)
        if not schema.properties:
            for part in parts(schema):
                for found in _inside(part, name):
                    yield Place(found, name, name)
    for _, _, operation, parameters in document.operations():
        for parameter in parameters:
            where = f"{text(operation.operationId)}.{text(parameter.name)}"
            for found in _inside(parameter.param_schema, where) if parameter.param_schema else ():
                yield Place(found, where, operation=operation)


def _inside(node: Node, where: str) -> Iterator[oai.Schema]:
    """The schemas with names at a place that holds one schema, which may contain others."""
    named = extension(node, "x-sdk-names")
    if isinstance(node, oai.Reference):
        if named:
            raise GenerationError(f"{where}: x-sdk-names stands at the schema itself, not beside a reference to it")
        return
    if named:
        yield node
    for part in parts(node):
        yield from _inside(part, where)
