"""Record what the official SDK sends: `make record-wire`, or `python -m tests.wire.record` where it is installed.

Every operation that the official SDK has is called with argument sets that come from the OpenAPI document; a transport
below its HTTP client notes the request and gives a minimal answer. The result, `official.json`, is what the suite
compares with.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import inspect
import json
import typing
from typing import Any

import httpx
from twelvelabs import AsyncTwelveLabs
from twelvelabs.core.pydantic_utilities import parse_obj_as

from tests.openapi import document, samples
from tests.wire.capture import OFFICIAL, WireRequest, dump, form_parts

if typing.TYPE_CHECKING:
    from collections.abc import Mapping

BASE_URL = "https://platform.example/v1.3"

ENCODERS = {"prompt_v2": "prompt_v_2", "base64_string": "base_64_string"}
"""Wire names that the official SDK spells in another way."""


_FILES = [{samples.FILE_KEY: {"name": f"{name}.mp4", "content": f"bytes of {name}"}} for name in ("one", "two")]
_URLS = ["https://media.example/one.mp4", "https://media.example/two.mp4"]

HELPERS: list[tuple[str, str, dict[str, dict[str, Any]]]] = [
    (
        "createSearch",
        "search.query",
        {
            "text": {
                "index_id": "index",
                "search_options": ["visual", "audio"],
                "query_text": "a goal",
                "page_limit": 5,
            },
            "urls": {
                "index_id": "index",
                "search_options": ["visual"],
                "query_media_type": "image",
                "query_media_urls": _URLS,
            },
            "files": {
                "index_id": "index",
                "search_options": ["visual"],
                "query_media_type": "image",
                "query_media_files": _FILES,
                "filter": {"category": "sport", "duration": {"gte": 5, "lte": 60.5}},
            },
        },
    ),
    (
        "createTask",
        "tasks.create_bulk",
        {
            "files": {"index_id": "index", "video_files": _FILES},
            "urls": {"index_id": "index", "video_urls": _URLS, "enable_video_stream": False},
        },
    ),
    (
        "createEmbeddingTask",
        "embed.tasks.create_bulk",
        {
            "videos": {
                "model_name": "Marengo-retrieval-2.7",
                "videos": [
                    {"video_url": _URLS[0], "video_start_offset_sec": 1.5, "video_end_offset_sec": 9},
                    {"video_file": _FILES[0], "video_clip_length": 4, "video_embedding_scope": ["clip", "video"]},
                ],
            },
        },
    ),
]
"""Convenience methods that send what operations send: operation, attribute path, argument sets."""


class Capture(httpx.AsyncBaseTransport):
    """Notes requests and answers them."""

    def __init__(self) -> None:
        self.requests: list[WireRequest] = []
        self.operation: document.OperationFacts | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        content_type = request.headers.get("content-type", "")
        path = request.url.raw_path.decode().partition("?")[0]
        base = httpx.URL(BASE_URL)
        if request.url.host != base.host:
            raise AssertionError(f"request left the base URL: {request.url}")
        self.requests.append(
            WireRequest(
                method=request.method,
                path=path.removeprefix(base.path.rstrip("/")),
                query=sorted(request.url.params.multi_items(), key=lambda pair: pair[0]),
                json=json.loads(body) if body and content_type.startswith("application/json") else None,
                form=form_parts(content_type, body),
            )
        )
        return self._answer()

    def _answer(self) -> httpx.Response:
        assert self.operation is not None
        streams = {"ndjson": "application/x-ndjson", "jsonl": "application/jsonl", "sse": "text/event-stream"}
        sent = self.requests[-1]
        stream = self.operation.stream
        if stream and (not stream.get("field") or (isinstance(sent.json, dict) and sent.json.get(stream["field"]))):
            return httpx.Response(200, headers={"content-type": streams[stream["kind"]]}, content=b"")
        if self.operation.answer is None:
            return httpx.Response(204)
        return httpx.Response(
            self.operation.success, json=samples.Builder(members="required").build(self.operation.answer, "")
        )


async def record() -> dict[str, Any]:
    """Drive every operation of the official SDK."""
    capture = Capture()
    calls: list[dict[str, Any]] = []
    missing: list[str] = []
    async with httpx.AsyncClient(transport=capture) as http:
        client = AsyncTwelveLabs(api_key="a-key", base_url=BASE_URL, httpx_client=http)
        for facts in document.operations().values():
            methods = [facts.attribute_path]
            if facts.stream and facts.stream.get("method"):
                methods.append(facts.stream["method"])
            found = [(path, method) for path in methods if (method := _method(client, path)) is not None]
            if not found:
                missing.append(facts.id)
            for path, method in found:
                for label, arguments in samples.argument_sets(facts.id).items():
                    capture.operation = facts
                    calls.append(await _record_one(capture, facts, path, method, label, arguments))
        for operation_id, path, helper_sets in HELPERS:
            capture.operation = document.operations()[operation_id]
            for label, arguments in helper_sets.items():
                call = await _record_one(capture, capture.operation, path, _method(client, path), label, arguments)
                calls.append(call)
    return {
        "package": f"twelvelabs {importlib.metadata.version('twelvelabs')}",
        "operations_that_it_does_not_have": missing,
        "calls": calls,
    }


async def _record_one(
    capture: Capture,
    facts: document.OperationFacts,
    path: str,
    method: Any,
    label: str,
    arguments: Mapping[str, Any],
) -> dict[str, Any]:
    parameters = inspect.signature(method).parameters
    hints = typing.get_type_hints(method)
    capture.requests.clear()
    left_out = []
    keywords: dict[str, Any] = {}
    commas = {field.name for field in facts.fields if field.comma}
    for name, value in arguments.items():
        spelling = next(
            (s for s in (name, ENCODERS.get(name), name.lower().replace("-", "_")) if s in parameters), None
        )
        if spelling is None:
            left_out.append(name)
        else:
            # What is sent as one value is one text for the official SDK.
            keywords[spelling] = ",".join(value) if name in commas else _argument(value, hints[spelling])
    error = None
    try:
        await _run(method(**keywords))
    except Exception as problem:
        error = f"{type(problem).__name__}: {str(problem).splitlines()[0]}"
    return {
        "operation": facts.id,
        "method": path,
        "set": label,
        "arguments": {name: value for name, value in arguments.items() if name not in left_out},
        **({"left_out": left_out} if left_out else {}),
        **({"error": error} if error else {}),
        "requests": [dump(request) for request in capture.requests],
    }


def _argument(value: Any, hint: Any) -> Any:
    """The argument in the form that the official SDK documents: models where it has models."""
    value = _files(value)
    if isinstance(value, dict) and _takes_text_only(hint):
        return json.dumps(value)
    if isinstance(value, (dict, list)):
        with contextlib.suppress(Exception):
            return parse_obj_as(hint, value)
    return value


def _files(value: Any) -> Any:
    if isinstance(value, dict):
        if samples.FILE_KEY in value:
            return (value[samples.FILE_KEY]["name"], value[samples.FILE_KEY]["content"].encode())
        return {name: _files(entry) for name, entry in value.items()}
    return [_files(entry) for entry in value] if isinstance(value, list) else value


def _takes_text_only(hint: Any) -> bool:
    return set(typing.get_args(hint) or (hint,)) <= {str, type(None)}


def _method(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name, None)
    return client


async def _run(call: Any) -> None:
    result = await call if inspect.isawaitable(call) else call
    if inspect.isasyncgen(result):
        async for _ in result:
            pass


def main() -> None:
    """Write official.json."""
    recorded = asyncio.run(record())
    text = json.dumps(recorded, indent=1, ensure_ascii=False, sort_keys=True)
    OFFICIAL.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
