"""The OpenAPI document: operations with their parameters, bodies, responses and routes, references resolved.

Nothing about the API's shape is written down a second time: routes, parameters, bodies, error shapes and rate-limit
groups all come from the document.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.resources
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from ..._safe_repr import SafeRepr

Schema = dict[str, Any]

_METHODS = ("get", "put", "post", "delete", "patch")


@dataclasses.dataclass(frozen=True, slots=True)
class Parameter(SafeRepr):
    """One parameter outside the body."""

    name: str
    location: str
    required: bool
    schema: Schema
    style: str
    explode: bool


@dataclasses.dataclass(frozen=True, slots=True)
class ResponseSpec(SafeRepr):
    """One documented response: its status, and the schema of each content type."""

    status: int
    content: Mapping[str, Schema]
    headers: frozenset[str]
    nested_error: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Operation(SafeRepr):
    """One operation of the document."""

    id: str
    method: str
    path: str
    tag: str
    parameters: Sequence[Parameter]
    content_type: str | None
    body: Schema | None
    body_required: bool
    encoding: Mapping[str, Any]
    responses: Mapping[int, ResponseSpec]
    rate_limit_group: str | None

    @property
    def success(self) -> int:
        """The status of a successful response: the newest documented one, so 204 rather than 200 without a body."""
        good = [status for status in self.responses if 200 <= status < 300]
        if 204 in good:
            return 204
        return 201 if 201 in good else min(good)

    def nested(self, status: int) -> bool:
        """Whether an error of this status has its body nested under `error`."""
        response = self.responses.get(status)
        return response is not None and response.nested_error

    def parameters_in(self, location: str) -> Iterator[Parameter]:
        """The parameters of one location: path, query, header or cookie."""
        return (p for p in self.parameters if p.location == location)


class MethodNotAllowedError(LookupError):
    """The path exists, but not with this method."""

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__("method not allowed")
        self.allowed: list[str] = sorted(allowed)


class Document:
    """The OpenAPI document with its references resolved and its routes in a tree.

    Attributes:
        version: Version of the API.
        prefix: What all paths begin with.
        operations: The operations by their operationId.
        methods: Name of the method of the client for each of them.
    """

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        self._resolved: dict[str, Any] = {}
        self.version: str = raw["info"]["version"]
        self.methods: dict[str, str] = {}
        self.prefix: str = urlsplit(raw["servers"][0]["url"]).path.rstrip("/")
        self.operations: dict[str, Operation] = {}
        self._tree: dict[str, Any] = {}
        for path, item in raw["paths"].items():
            shared = item.get("parameters", [])
            for method in _METHODS:
                if method in item:
                    self._add(path, method, item[method], shared)

    def schema(self, name: str) -> Schema:
        """A named schema with its references resolved."""
        resolved: Schema = self._reference(f"#/components/schemas/{name}")
        return resolved

    def find(self, method: str, segments: Sequence[str]) -> tuple[Operation, dict[str, str]]:
        """The operation for a method and the (decoded) segments of a path below the prefix.

        A literal segment wins over a parameter: `/assets/multipart-uploads` is not an asset.

        Raises:
            LookupError: No operation has this path.
            MethodNotAllowedError: The path exists, but not with this method.
        """
        operations, values = next(_walk(self._tree, segments, ()), ({}, ()))
        if not operations:
            raise LookupError("no such path")
        operation = operations.get(method)
        if operation is None:
            raise MethodNotAllowedError(sorted(operations))
        names = [s[1:-1] for s in operation.path.split("/") if s.startswith("{")]
        return operation, dict(zip(names, values, strict=True))

    def _add(self, path: str, method: str, raw: Mapping[str, Any], shared: Sequence[Any]) -> None:
        body: Mapping[str, Any] = self._resolve(raw.get("requestBody") or {})
        content: Mapping[str, Any] = body.get("content") or {}
        content_type = next(iter(content), None)
        media: Mapping[str, Any] = content[content_type] if content_type else {}
        operation = Operation(
            id=raw["operationId"],
            method=method.upper(),
            path=path,
            tag=raw["tags"][0],
            parameters=[_parameter(self._resolve(p)) for p in [*shared, *raw.get("parameters", [])]],
            content_type=content_type,
            body=media.get("schema"),
            body_required=bool(body.get("required")),
            encoding=media.get("encoding") or {},
            responses={int(s): _response(int(s), self._resolve(r)) for s, r in raw["responses"].items() if s.isdigit()},
            rate_limit_group=raw.get("x-rate-limit-group"),
        )
        self.operations[operation.id] = operation
        self.methods[operation.id] = raw["x-method"]
        node = self._tree
        for segment in path.strip("/").split("/"):
            node = node.setdefault("{}" if segment.startswith("{") else segment, {})
        node.setdefault("", {})[operation.method] = operation

    def _reference(self, reference: str) -> Any:
        """The target of a reference; the same object each time, so recursive schemas stay finite."""
        if reference not in self._resolved:
            target: Any = self._raw
            for part in reference.removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            holder: dict[str, Any] = {}
            self._resolved[reference] = holder
            holder.update(self._resolve(target))
        return self._resolved[reference]

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            reference = value.get("$ref")
            if isinstance(reference, str):
                beside = {k: self._resolve(v) for k, v in value.items() if k != "$ref"}
                target = self._reference(reference)
                # Only notes such as a description or `deprecated` stand beside a reference in this document.
                return {**target, **beside} if beside and target else target
            # Mappings of discriminators hold references as plain text: they become the schemas themselves.
            if isinstance(value.get("propertyName"), str) and isinstance(value.get("mapping"), Mapping):
                return {**value, "mapping": {k: self._reference(v) for k, v in value["mapping"].items()}}
            return {k: self._resolve(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._resolve(v) for v in value]
        return value


def _walk(
    node: dict[str, Any], segments: Sequence[str], values: tuple[str, ...]
) -> Iterator[tuple[dict[str, Operation], tuple[str, ...]]]:
    if not segments:
        if "" in node:
            yield node[""], values
        return
    head, rest = segments[0], segments[1:]
    if head and head != "{}" and head in node:
        yield from _walk(node[head], rest, values)
    if head and "{}" in node:
        yield from _walk(node["{}"], rest, (*values, head))


def _parameter(raw: Mapping[str, Any]) -> Parameter:
    style = raw.get("style", "form" if raw["in"] in {"query", "cookie"} else "simple")
    return Parameter(
        name=raw["name"],
        location=raw["in"],
        required=bool(raw.get("required")),
        schema=raw["schema"],
        style=style,
        explode=bool(raw.get("explode", style == "form")),
    )


def _response(status: int, raw: Mapping[str, Any]) -> ResponseSpec:
    content = {kind: media.get("schema") or {} for kind, media in (raw.get("content") or {}).items()}
    error = content.get("application/json", {}).get("properties", {}) if status >= 400 else {}
    return ResponseSpec(status, content, frozenset(raw.get("headers") or {}), "error" in error)


def alternatives(schema: Schema) -> list[Schema]:
    """A schema as the list of the plain schemas that it allows."""
    parts = schema.get("anyOf") or schema.get("oneOf")
    if not parts:
        return [schema]
    return [plain for part in parts for plain in alternatives(part)]


def types_of(schema: Schema) -> set[str]:
    """The JSON types that a schema allows."""
    found: set[str] = set()
    for plain in alternatives(schema):
        kind = plain.get("type")
        found |= set(kind) if isinstance(kind, list) else {kind} if kind else set()
    return found


@functools.cache
def load() -> Document:
    """The document of the installed package, or of the checkout."""
    installed = importlib.resources.files(__name__.rsplit(".", 2)[0]).joinpath("openapi.yaml")
    if installed.is_file():
        text = installed.read_text(encoding="utf-8")
    else:
        checkout = Path(__file__).parents[3] / "openapi" / "twelvelabs-v1.3.yaml"
        text = checkout.read_text(encoding="utf-8")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return Document(yaml.load(text, Loader=loader))  # noqa: S506 - a safe loader, the fast one where it exists
