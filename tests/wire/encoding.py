"""The request that the document asks for: an encoder of its own, independent of the client."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.openapi import document, samples

if TYPE_CHECKING:
    from collections.abc import Mapping


def expected_request(facts: document.OperationFacts, arguments: Mapping[str, Any], method: str) -> dict[str, Any]:
    """The request for arguments by wire name, in the form of `capture.dump`."""
    path, query, body = facts.path, [], {}
    for field in facts.fields:
        if field.name not in arguments:
            continue
        value = arguments[field.name]
        if field.where == "path":
            path = path.replace(f"{{{field.name}}}", value)
        elif field.where == "query":
            query += _query(field, value)
        elif field.where == "body":
            body[field.name] = value
    switch = (facts.stream or {}).get("field")
    if switch and method != "generate":  # which keeps the switch as an argument
        body[switch] = method == (facts.stream or {})["method"]
    request: dict[str, Any] = {"method": facts.method, "path": path, "query": sorted(query, key=lambda pair: pair[0])}
    if facts.content_type == "application/json":
        request["json"] = body
    elif facts.content_type is not None:
        encoded = {field.name for field in facts.fields if field.schema.get("x-json-encoded")}
        parts = [part for name, value in body.items() for part in _parts(name, value, encoded=name in encoded)]
        request["form"] = sorted(parts, key=lambda part: part["name"])
    return request


def _query(field: document.Field, value: Any) -> list[list[str]]:
    if isinstance(value, dict):
        return [[key if field.flat else f"{field.name}[{key}]", _text(entry)] for key, entry in value.items()]
    if isinstance(value, list):
        values = [",".join(value)] if field.comma else value
        return [[field.name, _text(entry)] for entry in values]
    return [[field.name, _text(value)]]


def _parts(name: str, value: Any, *, encoded: bool) -> list[dict[str, str]]:
    if encoded:
        return [{"name": name, "content": json.dumps(value)}]
    if isinstance(value, list):
        return [part for entry in value for part in _parts(name, entry, encoded=False)]
    if isinstance(value, dict):
        file = value[samples.FILE_KEY]
        return [{"name": name, "content": file["content"], "filename": file["name"]}]
    return [{"name": name, "content": _text(value)}]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
