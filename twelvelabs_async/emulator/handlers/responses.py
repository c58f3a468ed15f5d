"""Tag Responses: generated answers about the content of a knowledge store, whole or as server-sent events."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from ..._safe_repr import SafeRepr
from .. import clock, media
from ..api.call import Response
from ..api.registry import Registry
from ..errors import ApiError, not_exist, parameter_invalid
from ..media.schema_filling import fill
from ..resources.documents import PRIVATE
from ..services import Services
from ..services.media_engine import as_info, with_words
from .knowledge_search import find_in_items
from .knowledge_stores import item_words

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from ..api.call import Call
    from ..state.store import Document, Transaction

registry: Registry = Registry()

_PIECE = re.compile(r"\S+\s*|\s+")
_SELECTION = re.compile(r"\{\{sel:([0-9]{1,9})\}\}")

MAX_ITEMS = 3
"""Items that one generated answer covers."""


@dataclasses.dataclass(slots=True)
class Question(SafeRepr):
    """The question that a generated answer is for."""

    text: str
    items: list[Document]
    schema: Mapping[str, Any] | None
    intermediate: bool
    earlier: int


@registry.operation("createResponse")
async def create_response(call: Call) -> Response | web.StreamResponse:
    """Generates an answer about a knowledge store."""
    services, body = call.services, call.body
    question = await _question(call)
    response: Document = {
        "id": clock.new_id("resp_"),
        "knowledge_store_id": body["knowledge_store_id"],
        "session_id": body.get("session_id") or clock.new_id("sess_"),
        "type": "response",
        "object": "response",
        "status": "in_progress",
        "incomplete_details": None,
        "output": [],
        "created_at": clock.now(),
    }

    def store_session(tx: Transaction) -> None:
        session = {"turns": question.earlier + 1, "knowledge_store_id": body["knowledge_store_id"]}
        tx.put("session", response["session_id"], session)

    await services.store.run(store_session)
    if body.get("stream"):
        return await _stream(call, question, response)
    try:
        response["output"] = await _output(services, question)
        response["status"] = "completed"
    except media.MediaError:
        response["status"] = "failed"
    response["usage"] = _usage(question, response["output"])
    return Response(response)


async def _question(call: Call) -> Question:
    body = call.body
    if not body["input"]:
        raise parameter_invalid("input", "At least one message is needed.")
    selections: Sequence[Mapping[str, str]] = body.get("selections") or []

    def find(tx: Transaction) -> tuple[list[Document], int]:
        store_id = body["knowledge_store_id"]
        if tx.get("knowledge_store", store_id) is None:
            raise not_exist("knowledge stores", store_id, status=400)
        session_id = body.get("session_id")
        session = tx.get("session", session_id) if session_id else None
        if session_id and (session is None or session["knowledge_store_id"] != store_id):
            raise parameter_invalid("session_id", "It is not the session of an earlier response of the store.")
        items = [item for item in tx.all("item", parent=store_id) if item["status"] == "ready"]
        if selections:
            chosen = _selected(tx, store_id, selections)
            items = [item for item in items if item["_id"] in chosen]
        return items, session["turns"] if session else 0

    items, earlier = await call.services.store.run(find)
    text = " ".join(message["content"] for message in body["input"])
    for number in _SELECTION.findall(text):
        if int(number) >= len(selections):
            raise parameter_invalid("input", f"{{{{sel:{number}}}}} refers to no selection.")
    shape = (body.get("text") or {}).get("format") or {}
    schema = shape.get("schema") if shape.get("type") == "json_schema" else None
    include = body.get("include") or []
    return Question(_SELECTION.sub(" ", text), items, schema, "intermediate_outputs" in include, earlier)


def _selected(tx: Transaction, store_id: str, selections: Sequence[Mapping[str, str]]) -> set[str]:
    chosen: set[str] = set()
    for position, selection in enumerate(selections):
        kind = "item" if selection["kind"] == "item" else "item_collection"
        found = tx.get(kind, selection["id"])
        if found is None or found[PRIVATE]["store_id"] != store_id:
            raise parameter_invalid(f"selections[{position}].id", "The knowledge store does not have it.")
        chosen |= {found["_id"]} if kind == "item" else set(found[PRIVATE]["members"])
    return chosen


def _usage(question: Question, output: Sequence[Document]) -> Document:
    text = " ".join(part["text"] for item in output for part in item.get("content", []))
    return {"input_tokens": media.count_tokens(question.text), "output_tokens": media.count_tokens(text)}


async def _output(services: Services, question: Question) -> list[Document]:
    """All items of the output, complete."""
    output: list[Document] = []
    hits = await find_in_items(
        services, question.items, question.text, ("visual", "audio", "transcription"), ranked=False
    )
    if question.intermediate:
        call_id = clock.new_id("call_")
        found = [{"item_id": h.video_id, "start_sec": h.start, "end_sec": h.end} for h in hits[:MAX_ITEMS]]
        output.append(
            {
                "type": "function_call",
                "id": clock.new_id("fc_"),
                "status": "completed",
                "name": "search",
                "call_id": call_id,
                "arguments": json.dumps({"query": question.text}),
            }
        )
        output.append(
            {
                "type": "function_call_output",
                "id": clock.new_id("fco_"),
                "status": "completed",
                "call_id": call_id,
                "output": json.dumps(found),
            }
        )
    text, annotations = await _text(services, question, hits)
    output.append(
        {
            "type": "message",
            "id": clock.new_id("msg_"),
            "status": "completed",
            "role": "assistant",
            "phase": "final_answer",
            "content": [{"type": "output_text", "text": text, "annotations": annotations}],
        }
    )
    return output


async def _text(services: Services, question: Question, hits: Sequence[media.Hit]) -> tuple[str, list[Document]]:
    """The generated text with its citations."""
    places: dict[str, media.Hit] = {}
    for hit in hits:
        places.setdefault(hit.video_id, hit)
    order = [item for item in question.items if item["_id"] in places] or question.items
    order.sort(key=lambda item: -places[item["_id"]].score if item["_id"] in places else 0.0)
    indexes = []
    for item in order[:MAX_ITEMS]:
        index = await services.engine.index_blob(item[PRIVATE]["blob"], as_info(item[PRIVATE]["media"]))
        indexes.append((item, with_words(index, item_words(item))))
    if question.schema is not None:
        shown = indexes[0][1] if indexes else {"kind": "document", "words": {}, "scenes": [], "transcription": []}
        filled = await services.engine.run(fill, question.schema, shown)
        return json.dumps(filled, ensure_ascii=False), []
    if not indexes:
        return "The knowledge store holds nothing that is ready.", []
    text, annotations = "", []
    for item, index in indexes:
        answer = await services.engine.run(media.analyze, index, question.text)
        start = len(text)
        text += f"{item[PRIVATE]['filename']}: {answer.text}\n\n"
        annotations.append(_citation(services, item, places.get(item["_id"]), start, len(text) - 2))
    return text.strip(), annotations


def _citation(services: Services, item: Document, hit: media.Hit | None, start: int, end: int) -> Document:
    video = item["asset_type"] == "video"
    blob = item[PRIVATE]["blob"]
    citation: Document = {
        "type": "video_citation" if video else "image_citation",
        "start_index": start,
        "end_index": end,
        "item_id": item["_id"],
        "title": item[PRIVATE]["filename"],
        "thumbnail_url": services.urls.thumbnail_url(blob, hit.start if hit else 0.0),
        "hls_url": services.urls.playlist_url(blob) if video else None,
    }
    if video:
        citation["start_sec"] = hit.start if hit else 0.0
        citation["end_sec"] = hit.end if hit else item["system_metadata"]["duration"]
    return citation


async def _stream(call: Call, question: Question, response: Document) -> web.StreamResponse:
    """Streams the events of a response, and the final marker."""
    stream = web.StreamResponse(headers={**call.response_headers, "Cache-Control": "no-cache"})
    stream.content_type = "text/event-stream"
    await stream.prepare(call.request)
    delay = call.services.settings.stream_delay
    number = 0
    async for event in _events(call.services, question, response):
        event["sequence_number"] = number
        number += 1
        await call.check_response(200, "text/event-stream", event)
        await stream.write(b"event: %s\ndata: %s\n\n" % (event["type"].encode(), orjson.dumps(event)))
        if delay:
            await asyncio.sleep(delay)
    await stream.write(b"data: [DONE]\n\n")
    await stream.write_eof()
    return stream


async def _events(services: Services, question: Question, response: Document) -> AsyncIterator[Document]:
    yield {"type": "response.created", "response": dict(response)}
    yield {"type": "response.in_progress", "response": dict(response)}
    work = asyncio.ensure_future(_output(services, question))
    pause = services.settings.keepalive
    try:
        if not pause:
            yield {"type": "keepalive"}
        while not (await asyncio.wait([work], timeout=pause or None))[0]:
            yield {"type": "keepalive"}
        output = work.result()
    except (media.MediaError, ApiError):
        response.update(status="failed", usage=_usage(question, []))
        yield {"type": "response.failed", "response": dict(response)}
        return
    finally:
        work.cancel()
    for position, item in enumerate(output):
        for event in _item_events(position, item):
            yield event
    response.update(output=output, status="completed", usage=_usage(question, output))
    yield {"type": "response.completed", "response": dict(response)}


def _item_events(position: int, item: Document) -> list[Document]:
    begun = {**item, "status": "in_progress"}
    place: Document = {"item_id": item["id"], "output_index": position}
    events: list[Document] = []
    if item["type"] == "function_call":
        begun["arguments"] = ""
        events.append({"type": "response.function_call_arguments.done", **place, "arguments": item["arguments"]})
    elif item["type"] == "message":
        begun["content"] = []
        for number, part in enumerate(item["content"]):
            where = {**place, "content_index": number}
            empty = {"type": part["type"], "text": "", "annotations": []}
            events.append({"type": "response.content_part.added", **where, "part": empty})
            events += [
                {"type": "response.output_text.delta", **where, "delta": piece}
                for piece in _PIECE.findall(part["text"])
            ]
            events.append({"type": "response.output_text.done", **where, "text": part["text"]})
            events.append({"type": "response.content_part.done", **where, "part": part})
    return [
        {"type": "response.output_item.added", "output_index": position, "item": begun},
        *events,
        {"type": "response.output_item.done", "output_index": position, "item": item},
    ]
