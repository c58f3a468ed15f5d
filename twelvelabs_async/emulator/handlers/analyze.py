"""Tag Analyze: analyses that are answered at once, whole or as a stream of JSON lines."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from .. import clock, media
from ..errors import parameter_invalid
from ..platform import Reply, operation
from . import analysis_inputs as inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..reading import Call
    from ..store import Document

SHORTEST, LONGEST = 1.0, 3600.0
"""Seconds that a video may last when it is analyzed at once."""

_PIECE = re.compile(r"\S+\s*|\s+")


@operation("analyzeVideo")
async def analyze_video(call: Call) -> Reply | web.StreamResponse:
    """Writes about a video or images."""
    return await _analyze(call, call.body)


@operation("generateText")
async def generate_text(call: Call) -> Reply | web.StreamResponse:
    """The older spelling of an analysis."""
    return await _analyze(call, call.body)


async def _analyze(call: Call, body: Mapping[str, Any]) -> Reply | web.StreamResponse:
    inputs.check_tokens(body)
    subject = await _find(call, shortest=SHORTEST)
    text = await call.platform.engine.run(inputs.answer, subject, body, body.get("max_tokens"))
    generation_id = clock.new_id()
    if body.get("stream", True):
        return await _stream(call, generation_id, text)
    return Reply({"id": generation_id, "data": text.text, "finish_reason": text.finish_reason, **_ending(text)})


async def _find(call: Call, *, shortest: float) -> inputs.Subject:
    """What is to be analyzed; what does not exist is told with the status that the operation documents."""
    absent = 404 if 404 in call.operation.answers else 400
    return await inputs.find(call.platform, call.body, shortest=shortest, longest=LONGEST, missing=absent)


def _ending(text: media.AnalyzeText) -> Document:
    found: Document = {"usage": {"output_tokens": text.output_tokens, "input_tokens": text.input_tokens}}
    if text.finish_reason == "length":
        found["error"] = {"message": "The answer was cut off because it reached max_tokens."}
    return found


async def _stream(call: Call, generation_id: str, text: media.AnalyzeText) -> web.StreamResponse:
    """Sends the answer word by word."""
    ending = _ending(text)
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
    response = web.StreamResponse(headers=call.reply_headers)
    response.content_type = "application/x-ndjson"
    await response.prepare(call.request)
    delay = call.platform.settings.stream_delay
    for event in events:
        await call.platform.check(call.operation, 200, "application/x-ndjson", event)
        await response.write(orjson.dumps(event) + b"\n")
        if delay:
            await asyncio.sleep(delay)
    await response.write_eof()
    return response


@operation("generateGist")
async def generate_gist(call: Call) -> Reply:
    """Makes a title, topics or hashtags."""
    if not call.body["types"]:
        raise parameter_invalid("types", "At least one type is needed.")
    subject = await _find(call, shortest=0.0)
    found = await call.platform.engine.run(media.gist, subject.indexes[0], call.body["types"])
    return Reply({"id": clock.new_id(), **found})


@operation("summarizeVideo")
async def summarize_video(call: Call) -> Reply:
    """Makes a summary, chapters or highlights."""
    body = call.body
    subject = await _find(call, shortest=0.0)
    found = await call.platform.engine.run(
        media.summarize,
        subject.indexes[0],
        body["type"],
        body.get("prompt"),
        max_tokens=body.get("max_tokens"),
        json_schema=(body.get("response_format") or {}).get("json_schema"),
    )
    return Reply({"id": clock.new_id(), **found})
