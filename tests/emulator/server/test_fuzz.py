"""Random requests for every operation: no server error, and no response that the document forbids."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from twelvelabs_async.emulator.openapi import document
from twelvelabs_async.emulator.openapi.document import Operation, Schema, alternatives, types_of
from twelvelabs_async.emulator.openapi.validation import check_response

from .conftest import Api

ROUNDS = 12
"""Requests per operation and seed."""

UNDOCUMENTED = {401, 404, 405, 413}
"""Statuses of any operation that the document does not list."""

TEXTS = [
    "",
    "a",
    "red",
    "../tasks/1",
    "ä\u2028ö",
    "0" * 300,
    "http://127.0.0.1:1/x",
    "2026-01-01T00:00:00Z",
    "%00",
    "-1",
]


class Guess:
    """Makes values that fit a schema, mostly."""

    def __init__(self, seed: int, known: dict[str, list[str]]) -> None:
        self.random = random.Random(seed)
        self.known = known

    def value(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        pick = self.random
        if pick.random() < 0.04:
            return pick.choice([None, True, -1, 1e300, "x", [], {}, ["x"], {"x": 1}])
        options = alternatives(schema)
        if len(options) > 1:
            return self.value(pick.choice(options), name, depth)
        schema = options[0]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return pick.choice(schema["enum"])
        kinds = sorted(types_of(schema))
        kind = pick.choice(kinds) if kinds else "string"
        if kind == "object":
            return self.object(schema, depth)
        if kind == "array":
            most = min(schema.get("maxItems", 3), 3)
            return [self.value(schema.get("items", {}), name, depth + 1) for _ in range(pick.randint(0, most))]
        if kind == "boolean":
            return pick.random() < 0.5
        if kind in {"integer", "number"}:
            low, high = schema.get("minimum", -2), schema.get("maximum", 9)
            number = pick.choice([low, high, pick.randint(int(low), int(high))])
            return int(number) if kind == "integer" else number
        if kind == "null":
            return None
        return self.text(name)

    def text(self, name: str) -> str:
        pick = self.random
        for kind, identifiers in self.known.items():
            if kind in name and identifiers and pick.random() < 0.8:
                return pick.choice(identifiers)
        return pick.choice(TEXTS)

    def object(self, schema: Schema, depth: int) -> Any:
        found = {}
        pick = self.random
        for name, member in schema.get("properties", {}).items():
            likely = 0.97 if name in schema.get("required", ()) else 0.3 / (1 + depth / 2)
            if pick.random() < likely:
                found[name] = self.value(member, name, depth + 1)
        if not schema.get("properties"):
            found = {pick.choice(["a", "kind", ""]): self.value({"type": "string"}) for _ in range(pick.randint(0, 2))}
        return found


def request(guess: Guess, operation: Operation) -> tuple[str, dict[str, Any]]:
    path = operation.path
    query = []
    for parameter in operation.parameters:
        if parameter.location == "path":
            path = path.replace(f"{{{parameter.name}}}", _quote(guess.text(parameter.name) or "x"))
        elif parameter.location == "query" and guess.random.random() < 0.4:
            value = guess.value(parameter.schema, parameter.name)
            if isinstance(value, dict):
                query += [(f"{parameter.name}[{key}]", _flat(item)) for key, item in value.items()]
            elif isinstance(value, list):
                query += [(parameter.name, _flat(item)) for item in value]
            else:
                query.append((parameter.name, _flat(value)))
    arguments: dict[str, Any] = {}
    if operation.body is not None:
        body = guess.value(operation.body)
        if operation.content_type == "application/json":
            arguments = {"data": json.dumps(body), "headers": {"Content-Type": "application/json"}}
        else:
            arguments = {"data": _form(body, operation.body)}
    text = "&".join(f"{_quote(name)}={_quote(value)}" for name, value in query)
    return f"{path}?{text}" if text else path, arguments


def _form(body: Any, schema: Schema) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    if not isinstance(body, dict):
        body = {"unknown": "x"}
    for name, value in body.items():
        member = schema["properties"].get(name, {})
        if "binary" in json.dumps(member):
            form.add_field(name, b"some bytes", filename="a.mp4")
        elif isinstance(value, list):
            for item in value:
                form.add_field(name, _flat(item))
        else:
            form.add_field(name, json.dumps(value) if member.get("x-json-encoded") else _flat(value))
    return form


def _flat(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _quote(text: str) -> str:
    return URL.build(path="/", query={"x": text}).raw_query_string[2:].replace("/", "%2F").replace("+", "%20")


async def prepare(api: Api, media_files: dict[str, Path]) -> dict[str, list[str]]:
    """A few things that exist, so that random requests meet some of them."""
    index_id = await api.index()
    asset_id = await api.asset(media_files["video"])
    video_id = await api.video(index_id, media_files["video"])
    collection = await api.ok("POST", "/entity-collections", json={"name": "a"})
    store = await api.ok("POST", "/knowledge-stores", json={"name": "a"})
    item = await api.ok("POST", f"/knowledge-stores/{store['_id']}/items", json={"asset_id": asset_id})
    group = await api.ok("POST", f"/knowledge-stores/{store['_id']}/item-collections", json={"name": "a"})
    upload = {"filename": "a.mp4", "type": "video", "total_size": 100}
    task = {"video": {"type": "asset_id", "asset_id": asset_id}, "prompt": "x"}
    return {
        "asset_id": [asset_id],
        "video_id": [video_id],
        "indexed_asset_id": [video_id],
        "entity_collection_id": [collection["_id"]],
        "collection_id": [group["_id"]],
        "knowledge_store_id": [store["_id"]],
        "item_id": [item["_id"]],
        "upload_id": [(await api.ok("POST", "/assets/multipart-uploads", json=upload))["upload_id"]],
        "task_id": [(await api.ok("POST", "/analyze/tasks", json=task))["task_id"]],
        "index_id": [index_id],
    }


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("emulator", [{"redirect_uri_limit": 3}], indirect=True)
async def test_every_operation_keeps_to_the_document(api: Api, media_files: dict[str, Path], seed: int) -> None:
    known = await prepare(api, media_files)
    guess = Guess(seed, known)
    answered: dict[int, int] = {}
    # Deletions come last, so that the things stay for the others.
    operations = sorted(document.load().operations.values(), key=lambda operation: operation.method == "DELETE")
    for operation in operations:
        for _ in range(ROUNDS):
            path, arguments = request(guess, operation)
            response = await api.raw(operation.method, path, **arguments)
            text = await response.text()
            where = f"{operation.id} {path} {arguments} -> {response.status} {text[:300]}"
            assert response.status < 500, where
            assert response.status in operation.responses or response.status in UNDOCUMENTED, where
            answered[response.status] = answered.get(response.status, 0) + 1
            if response.status >= 400:
                spec = operation.responses.get(response.status)
                schema = spec.content["application/json"] if spec else document.load().schema("FlatErrorResponse")
                assert check_response(json.loads(text), schema) is None, where
    assert answered[200] > 50, answered
    assert answered[400] > 300, answered
