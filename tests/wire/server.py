"""A loopback server that notes what it is sent and answers with the least that the document allows."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from aiohttp import web
from yarl import URL

from tests.openapi import document, samples
from tests.wire.capture import WireRequest, form_parts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BASE_PATH = "/v1.3"
_STREAMS = {"ndjson": "application/x-ndjson", "jsonl": "application/jsonl", "sse": "text/event-stream"}
_NO_EVENTS = {
    "ndjson": b'{"event_type":"stream_start","metadata":{}}\n{"event_type":"stream_end","metadata":{}}\n',
    "jsonl": b'{"task_id":"t1","custom_id":null,"status":"ready"}\n',
    "sse": b'data: {"type":"response.completed","sequence_number":1}\n\ndata: [DONE]\n\n',
}


class CaptureServer:
    """Attributes: `requests`, what came in; `operation`, which decides on the response; `base_url`."""

    def __init__(self, operation: document.OperationFacts) -> None:
        self.operation = operation
        self.requests: list[WireRequest] = []
        self.base_url = ""

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Note the request, then answer."""
        body = await request.read()
        content_type = request.headers.get("Content-Type", "")
        path, _, query = request.raw_path.partition("?")
        sent = WireRequest(
            method=request.method,
            path=path.removeprefix(BASE_PATH),
            query=sorted(URL(f"?{query}").query.items(), key=lambda pair: pair[0]),
            json=json.loads(body) if body and content_type.startswith("application/json") else None,
            form=form_parts(content_type, body),
        )
        self.requests.append(sent)
        stream = self.operation.stream
        if stream and (not stream.get("field") or (isinstance(sent.json, dict) and sent.json.get(stream["field"]))):
            kind = stream["kind"]
            return web.Response(body=_NO_EVENTS[kind], headers={"Content-Type": _STREAMS[kind]})
        if self.operation.answer is None:
            return web.Response(status=204)
        answer = samples.Builder(members="required").build(self.operation.answer, "")
        return web.json_response(answer, status=self.operation.success)


@contextlib.asynccontextmanager
async def capture_server(operation: document.OperationFacts) -> AsyncIterator[CaptureServer]:
    """A running server for calls of one operation."""
    capture = CaptureServer(operation)
    runner = web.ServerRunner(web.Server(capture.handle))
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        capture.base_url = f"http://{host}:{port}{BASE_PATH}"
        yield capture
    finally:
        await runner.cleanup()
