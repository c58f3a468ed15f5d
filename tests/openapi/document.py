"""The OpenAPI document as tests read it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DOCUMENT = Path(__file__).parents[2] / "openapi" / "twelvelabs-v1.3.yaml"

Schema = Mapping[str, Any]

_SCHEMAS = "#/components/schemas/"
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})


@dataclass(frozen=True)
class Field:
    """One argument of an operation or one member of an object."""

    name: str
    schema: Schema
    required: bool
    where: str
    """`path`, `query`, `header` or `body`."""
    comma: bool = False
    """Whether several values are sent as one, with commas."""
    flat: bool = False
    """Whether the entries of a map are parameters of their own."""

    @property
    def attribute(self) -> str:
        """The Python name: the wire name unless the document gives another."""
        name = resolve(self.schema).get("x-attribute") or self.schema.get("x-attribute") or self.name
        return str(name).lower().replace("-", "_") if self.where == "header" else str(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Every Python name: of some, the wire name works as well."""
        return (self.attribute, self.name) if self.schema.get("x-wire-attribute") else (self.attribute,)

    @property
    def legacy(self) -> bool:
        return bool(self.schema.get("deprecated"))


@dataclass(frozen=True)
class OperationFacts:
    """One operation of the document."""

    id: str
    method: str
    path: str
    tag: str
    attribute_path: str
    lifecycle: str
    fields: tuple[Field, ...]
    content_type: str | None
    body: str | None
    """Name of the schema of the body."""
    answer: Schema | None
    """Schema of the JSON answer, None where there is none."""
    statuses: tuple[int, ...]
    """Statuses that the document gives, 2xx first."""
    stream: Mapping[str, Any] | None
    pagination: Mapping[str, Any] | None
    successor: str | None
    """What to use instead, as attribute path on the client."""

    @property
    def legacy(self) -> bool:
        return self.lifecycle in {"deprecated", "unlisted"}

    @property
    def warns(self) -> bool:
        """Whether calls emit a DeprecationWarning."""
        return self.lifecycle != "current"

    @property
    def success(self) -> int:
        """The status that answers of this operation usually have."""
        return self.statuses[0]


@functools.cache
def load() -> dict[str, Any]:
    """The whole document. Callers must not change it."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document: dict[str, Any] = yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=loader)
    return document


def schemas() -> dict[str, Schema]:
    """All named schemas."""
    found: dict[str, Schema] = load()["components"]["schemas"]
    return found


def reference(schema: Schema) -> str | None:
    """Name of the schema that is referred to, None for a schema given in place."""
    target = schema.get("$ref")
    return str(target).removeprefix(_SCHEMAS) if target else None


def resolve(schema: Schema) -> Schema:
    """The schema itself, with references followed."""
    while name := reference(schema):
        schema = schemas()[name]
    return schema


def members(schema: Schema) -> list[Field]:
    """The members of an object schema."""
    schema = resolve(schema)
    required = set(schema.get("required", ()))
    return [Field(name, sub, name in required, "body") for name, sub in schema.get("properties", {}).items()]


@functools.cache
def operations() -> dict[str, OperationFacts]:
    """All operations by id, in the order of the document."""
    return {facts.id: facts for facts in _operations()}


def _operations() -> Iterator[OperationFacts]:
    for path, item in load()["paths"].items():
        for method, operation in item.items():
            if method not in _METHODS:
                continue
            fields = [
                Field(
                    entry["name"],
                    entry["schema"],
                    entry.get("required", False),
                    entry["in"],
                    comma=entry.get("style") == "form" and not entry.get("explode", True),
                    flat=entry.get("style") == "form" and resolve(entry["schema"]).get("type") == "object",
                )
                for entry in operation.get("parameters", ())
            ]
            content_type: str | None = None
            body: str | None = None
            for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                content_type = kind
                body = reference(content["schema"])
                fields += members(content["schema"])
            answer: Schema | None = None
            success: list[int] = []
            failure: list[int] = []
            for status, response in operation["responses"].items():
                (success if status.startswith("2") else failure).append(int(status))
                json_content = response.get("content", {}).get("application/json")
                if status.startswith("2") and json_content:
                    answer = json_content["schema"]
            yield OperationFacts(
                id=operation["operationId"],
                method=method.upper(),
                path=path,
                tag=operation["tags"][0],
                attribute_path=operation["x-method"],
                lifecycle=operation["x-lifecycle"],
                fields=tuple(fields),
                content_type=content_type,
                body=body,
                answer=answer,
                statuses=(*success, *failure),
                stream=operation.get("x-stream"),
                pagination=operation.get("x-pagination"),
                successor=operation.get("x-successor"),
            )
