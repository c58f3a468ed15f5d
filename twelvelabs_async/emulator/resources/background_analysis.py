"""Analyze tasks and batch items: validation of the request, the source, the result."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from .. import clock, media
from ..errors import ApiError, parameter_invalid, parameter_missing
from ..media.answers import cut_off
from ..services.media_engine import with_words
from . import analysis_inputs
from .documents import PRIVATE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..api.call import Call
    from ..services import Services
    from ..state.store import Document

MAX_SECONDS = 4 * 3600.0
"""Seconds that a video may last."""

MAX_PART_SECONDS = 2 * 3600.0
"""Seconds that a part of a video may last."""

_TOKENS = {"general": (512, 98304, 4096), "time_based_metadata": (2048, 98304, 32768)}
"""Minimum, maximum and default of max_tokens, by mode."""


def check_body(body: Mapping[str, Any], prefix: str = "") -> None:
    """Validates what the schemas of the document cannot express.

    Raises:
        ApiError: With the first problem.
    """
    mode = body.get("analysis_mode", "general")
    segments = mode == "time_based_metadata"
    tokens = body.get("max_tokens")
    if tokens == "unlimited" and not (segments and body.get("model_name") == "pegasus1.6"):
        raise parameter_invalid(f"{prefix}max_tokens", "unlimited needs pegasus1.6 and time_based_metadata.")
    fewest, most, _ = _TOKENS[mode]
    if isinstance(tokens, int) and not fewest <= tokens <= most:
        raise parameter_invalid(f"{prefix}max_tokens", f"It must be between {fewest} and {most}.")
    shape = body.get("response_format") or {}
    needed = {"json_schema": "json_schema", "segment_definitions": "segment_definitions"}.get(shape.get("type", ""))
    if needed and shape.get(needed) is None:
        raise parameter_missing(f"{prefix}response_format.{needed}")
    if shape.get("type") == "segment_definitions" and not segments:
        raise parameter_invalid(f"{prefix}response_format.type", "segment_definitions needs time_based_metadata.")
    shortest, longest = body.get("min_segment_duration"), body.get("max_segment_duration")
    for name, value in (("min_segment_duration", shortest), ("max_segment_duration", longest)):
        if value is not None and not segments:
            raise parameter_invalid(f"{prefix}{name}", "It needs analysis_mode time_based_metadata.")
    if shortest is not None and longest is not None and shortest > longest:
        raise parameter_invalid(f"{prefix}max_segment_duration", "It must not be below min_segment_duration.")
    start, end = body.get("start_time"), body.get("end_time")
    if start is not None and start < 0:
        raise parameter_invalid(f"{prefix}start_time", "It must not be negative.")
    if end is not None and not 1.0 <= end - (start or 0.0) <= MAX_PART_SECONDS:
        raise parameter_invalid(f"{prefix}end_time", "The part must last between 1 second and 2 hours.")
    _check_definitions(shape.get("segment_definitions") or [], f"{prefix}response_format.segment_definitions")
    if (shortest is not None or longest is not None) and _has_ranges(shape):
        raise parameter_invalid(f"{prefix}min_segment_duration", "It cannot be given together with time_ranges.")


def _has_ranges(shape: Mapping[str, Any]) -> bool:
    return any(definition.get("time_ranges") for definition in shape.get("segment_definitions") or [])


def _check_definitions(definitions: list[Document], name: str) -> None:
    seen: set[str] = set()
    for position, definition in enumerate(definitions):
        if definition["id"] in seen:
            raise parameter_invalid(f"{name}[{position}].id", "It must be unique.")
        seen.add(definition["id"])
        for place, span in enumerate(definition.get("time_ranges") or []):
            if span["end_time"] - span["start_time"] < 2:
                raise parameter_invalid(f"{name}[{position}].time_ranges[{place}]", "It must last at least 2 seconds.")
        for place, field in enumerate(definition.get("fields") or []):
            where = f"{name}[{position}].fields[{place}]"
            if field["type"] == "timestamp" and not field.get("format"):
                raise parameter_invalid(f"{where}.format", "It is required when type is timestamp.")
            if field["type"] in {"array", "time_array"} and not field.get("items"):
                raise parameter_invalid(f"{where}.items", f"It is required when type is {field['type']}.")
            if field["type"] == "time_array" and not field["items"].get("fields"):
                raise parameter_invalid(f"{where}.items.fields", "It is required when type is time_array.")


async def store_source(call: Call, body: Mapping[str, Any]) -> tuple[Document, Document]:
    """Stores what is to be analyzed; returns how the task shows it, and what it keeps.

    Raises:
        ApiError: It does not exist or cannot be read.
    """
    services = call.services
    if body.get("image") is not None:
        subject = await analysis_inputs.find(services, body, shortest=0.0, longest=MAX_SECONDS, missing=400)
        return {}, {"indexes": list(subject.indexes)}
    video = body["video"]
    kind = video["type"]
    path, upload, asset = await services.sources.media_source(
        {kind: video[kind]}, "video", inline="base64_analyze_video"
    )
    source: Document = {"type": kind}
    if kind != "base64_string":
        source[kind] = video[kind]
    if asset is not None:
        media_info = asset[PRIVATE]["media"]
        if media_info["kind"] != "video":
            raise parameter_invalid("video.asset_id", f"It must be a video, not {media_info['mime']}.")
        source["system_metadata"] = {"duration": media_info["duration"]}
        return source, {"blob": asset[PRIVATE]["blob"], "words": {"filename": asset["filename"]}}
    blob = await asyncio.to_thread(services.store.adopt, path)
    return source, {"blob": blob, "words": {"filename": upload.filename} if upload and kind == "url" else {}}


async def run_analysis(services: Services, task: Document) -> Document:
    """Runs the analysis of a task; returns the changes of the task: its result, or its error."""
    private = task[PRIVATE]
    body = private["body"]
    try:
        if "indexes" in private:
            subject = analysis_inputs.Subject(private["indexes"], {})
            facts: Document = {}
        else:
            info = await services.engine.probe_blob(private["blob"])
            check_medium(info, "video")
            index = await services.engine.index_blob(private["blob"], info)
            subject = analysis_inputs.Subject([with_words(index, private.get("words") or {})], {})
            facts = {"video_source": {**task["video_source"], "system_metadata": {"duration": info.duration}}}
        text = await services.engine.run(_generate, subject, body)
    except media.MediaError as error:
        return {"status": "failed", "error": {"message": f"{error.code}: {error.message}"}}
    except ApiError as error:
        return {"status": "failed", "error": {"message": error.message}}
    result = {
        "generation_id": clock.new_id(),
        "data": text.text,
        "finish_reason": text.finish_reason,
        "usage": {"output_tokens": text.output_tokens, "input_tokens": text.input_tokens},
    }
    return {"status": "ready", "result": result, **facts}


def check_medium(info: media.MediaInfo, kind: str) -> None:
    """Rejects a file of another kind, or one that is too long for background tasks.

    Raises:
        media.MediaError: With the cause.
    """
    if info.kind != kind:
        raise media.MediaError("unsupported_media_type", f"It must be of the kind {kind}, not {info.mime}.")
    if info.kind in {"video", "audio"} and info.duration > MAX_SECONDS:
        raise media.MediaError("video_duration_too_long", "It may last at most 4 hours.")


def _generate(subject: analysis_inputs.Subject, body: Mapping[str, Any]) -> media.AnalyzeText:
    mode = body.get("analysis_mode", "general")
    tokens = body.get("max_tokens", _TOKENS[mode][2])
    limit = None if tokens == "unlimited" else int(tokens)
    if mode == "general":
        return analysis_inputs.generate_text(subject, body, limit)
    shape = body["response_format"]
    found = media.analyze_segments(
        subject.indexes[0],
        shape["segment_definitions"],
        start=body.get("start_time"),
        end=body.get("end_time"),
        min_segment_duration=body.get("min_segment_duration"),
        max_segment_duration=body.get("max_segment_duration"),
        time_format=shape.get("segment_time_format", "seconds"),
    )
    return cut_off(json.dumps(found, ensure_ascii=False), "", limit)
