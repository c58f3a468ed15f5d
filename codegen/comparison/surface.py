"""What a document says about each operation: parameters, bodies, responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from .reading import plain_path
from .shapes import Shape, one_of, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .reading import Node, Source

_METHODS: Final = ("get", "put", "post", "patch", "delete", "head", "options", "trace")

_IGNORED_HEADERS: Final = frozenset({"accept", "content-type", "authorization"})
"""OpenAPI ignores such parameters: the media types and the security of an operation say the same."""


@attrs.frozen
class Parameter:
    """A parameter in the query, a header or a cookie."""

    shape: Shape
    required: bool
    encoding: str


@attrs.frozen
class Body:
    """A request body, or that of a response, whose forms by media type are put together.

    Attributes:
        shape: What it holds; None where it is not described.
        media_types: Its media types.
        required: Whether it must be there.
    """

    shape: Shape | None
    media_types: frozenset[str]
    required: bool


@attrs.frozen
class Response:
    """A response with one status."""

    body: Body
    headers: frozenset[str]


@attrs.frozen
class Operation:
    """What a document says about an operation, or about a request that the platform sends (a webhook).

    Attributes:
        label: The method and the path, as the document spells it.
        parameters: By place and name, such as `query parameter page`. Those in the path are known by their position.
        body: The request body.
        responses: By status.
        is_deprecated: Whether it is marked as deprecated.
        lifecycle: What our document says about its state.
    """

    label: str
    parameters: dict[str, Parameter]
    body: Body
    responses: dict[str, Response]
    is_deprecated: bool
    lifecycle: str


def operations(source: Source) -> dict[str, Operation]:
    """Every operation of a document, by its method and its path without names of parameters."""
    found = {}
    for path, item in source.content["paths"].items():
        for method, operation, shared in _of_item(source, item):
            key = f"{method.upper()} {plain_path(str(path))}"
            found[key] = _operation(source, f"{method.upper()} {path}", operation, shared)
    for name, item in (source.content.get("webhooks") or {}).items():
        for _method, operation, shared in _of_item(source, item):
            found[f"webhook {name}"] = _operation(source, f"webhook {name}", operation, shared)
    return found


def _of_item(source: Source, item: Any) -> Iterator[tuple[str, Node, list[Any]]]:
    entry, _ = source.follow(item)
    for method in _METHODS:
        if method in entry:
            yield method, source.follow(entry[method])[0], entry.get("parameters") or []


def _operation(source: Source, label: str, operation: Node, shared: list[Any]) -> Operation:
    parameters = {}
    for node in [*shared, *(operation.get("parameters") or [])]:
        parameter, _ = source.follow(node)
        place, name = str(parameter.get("in")), str(parameter.get("name"))
        if place == "path" or (place == "header" and name.lower() in _IGNORED_HEADERS):
            continue
        schema = parameter.get("schema")
        if schema is None:
            schema = next((media.get("schema", {}) for media in (parameter.get("content") or {}).values()), {})
        shape = shape_of(source, schema)
        shape.is_deprecated = shape.is_deprecated or parameter.get("deprecated") is True
        label_of = f"header {name.lower()}" if place == "header" else f"{place} parameter {name}"
        parameters[label_of] = Parameter(shape, parameter.get("required") is True, _encoding(parameter, shape))
    responses = {}
    for status, node in (operation.get("responses") or {}).items():
        response, _ = source.follow(node)
        headers = frozenset(str(name).lower() for name in response.get("headers") or {})
        responses[str(status).upper()] = Response(_body(source, response), headers)
    body = _body(source, source.follow(operation.get("requestBody") or {})[0])
    deprecated = operation.get("deprecated") is True
    return Operation(label, parameters, body, responses, deprecated, str(operation.get("x-lifecycle") or ""))


def _body(source: Source, node: Node) -> Body:
    content = node.get("content") or {}
    shape: Shape | None = None
    for media in content.values():
        if not isinstance(media, dict) or "schema" not in media:
            continue
        found = shape_of(source, media["schema"])
        found.is_deprecated = False  # it is the operation that is deprecated, which has a mark of its own
        shape = found if shape is None else one_of([shape, found])
    media_types = frozenset(str(name).partition(";")[0].strip().lower() for name in content)
    return Body(shape, media_types, node.get("required") is True)


def _encoding(parameter: Node, shape: Shape) -> str:
    """How a list or a map is written in a query; empty where it makes no difference."""
    if parameter.get("in") != "query" or not shape.types & {"array", "object"}:
        return ""
    style = str(parameter.get("style") or "form")
    explode = parameter.get("explode", style == "form")
    return f"style {style}, explode {'true' if explode else 'false'}"
