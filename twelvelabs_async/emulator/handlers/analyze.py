"""Tag Analyze: synchronous analyses, as one response or as a stream of JSON lines."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from .. import clock, media
from ..api.call import Response
from ..api.registry import Registry
from ..errors import parameter_invalid
from ..resources import analysis_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..api.call import Call
    from ..state.store import Document

registry: Registry = Registry()

MIN_SECONDS, MAX_SECONDS = 1.0, 3600.0
"""Duration of a video in synchronous analyses."""

_PIECE = re.compile(r"\S+\s*|\s+")


@registry.operation("analyzeVideo")
async def analyze_video(call: Call) -> Response | web.StreamResponse:
    """Analyzes a video or images."""
    return await _analyze(call, call.body)


@registry.operation("generateText")
async def generate_text(call: Call) -> Response | web.StreamResponse:
    """The older form of an analysis."""
    return await _analyze(call, call.body)


async def _analyze(call: Call, body: Mapping[str, Any]) -> Response | web.StreamResponse:
    analysis_inputs.check_tokens(body)
    subject = await _find(call, shortest=MIN_SECONDS)
    text = await call.services.engine.run(analysis_inputs.generate_text, subject, body, body.get("max_tokens"))
    generation_id = clock.new_id()
    if body.get("stream", True):
        return await _stream(call, generation_id, text)
    result = {"id": generation_id, "data": text.text, "finish_reason": text.finish_reason}
    return Response({**result, **_usage_and_error(text)})


async def _find(call: Call, *, shortest: float) -> analysis_inputs.Subject:
    """What is to be analyzed; what does not exist is an error with the status that the operation documents."""
    missing = 404 if 404 in call.operation.responses else 400
    return await analysis_inputs.find(call.services, call.body, shortest=shortest, longest=MAX_SECONDS, missing=missing)


def _usage_and_error(text: media.AnalyzeText) -> Document:
    found: Document = {"usage": {"output_tokens": text.output_tokens, "input_tokens": text.input_tokens}}
    if text.finish_reason == "length":
        found["error"] = {"message": "The text was cut off because it reached max_tokens."}
    return found


async def _stream(call: Call, generation_id: str, text: media.AnalyzeText) -> web.StreamResponse:
    """Streams the text word by word."""
    ending = _usage_and_error(text)
    usage = ending.pop("usage")
    events: list[Document] = [{"event_type": "stream_start", "metadata": {"generation_id": generation_id}}]
    events += [{"event_type": "text_generation", "text": piece} for piece in _PIECE.findall(text.text)]
    events.append(
        {
            "event_type": "stream_end",
            "finish_reason": text.finish_reason,
            "metadata": {"generation_id": generation_id, "usage": usage},
            **ending,
        }
    )
    response = web.StreamResponse(headers=call.response_headers)
    response.content_type = "application/x-ndjson"
    await response.prepare(call.request)
    delay = call.services.settings.stream_delay
    for event in events:
        await call.check_response(200, "application/x-ndjson", event)
        await response.write(orjson.dumps(event) + b"\n")
        if delay:
            await asyncio.sleep(delay)
    await response.write_eof()
    return response


@registry.operation("generateGist")
async def generate_gist(call: Call) -> Response:
    """Generates a title, topics or hashtags."""
    if not call.body["types"]:
        raise parameter_invalid("types", "At least one type is needed.")
    subject = await _find(call, shortest=0.0)
    found = await call.services.engine.run(media.gist, subject.indexes[0], call.body["types"])
    return Response({"id": clock.new_id(), **found})


@registry.operation("summarizeVideo")
async def summarize_video(call: Call) -> Response:
    """Generates a summary, chapters or highlights."""
    body = call.body
    subject = await _find(call, shortest=0.0)
    found = await call.services.engine.run(
        media.summarize,
        subject.indexes[0],
        body["type"],
        body.get("prompt"),
        max_tokens=body.get("max_tokens"),
        json_schema=(body.get("response_format") or {}).get("json_schema"),
    )
    return Response({"id": clock.new_id(), **found})
