"""Titles, topics, summaries, chapters, highlights and segments, in the shape of the platform's responses."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, Final

from . import descriptions
from .answers import compose, count_tokens, cut_off, interest
from .schema_filling import fill
from .searching import SearchQuery, search
from .timeline import part_between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAX_CHAPTERS: Final = 10
"""Chapters per video at most."""

MAX_HIGHLIGHTS: Final = 3
"""Highlights per video at most."""


def gist(index: Mapping[str, Any], types: Sequence[str]) -> dict[str, Any]:
    """Make the requested ones of title, topics and hashtags (`title`, `topic`, `hashtag`), without an id."""
    result: dict[str, Any] = {}
    if "title" in types:
        result["title"] = descriptions.title(index)
    if "topic" in types:
        result["topics"] = descriptions.topics(index)
    if "hashtag" in types:
        result["hashtags"] = descriptions.hashtags(index)
    result["usage"] = {"output_tokens": count_tokens(json.dumps(result))}
    return result


def summarize(
    index: Mapping[str, Any],
    type: str = "summary",  # noqa: A002 - the platform's own name
    prompt: str | None = None,
    *,
    max_tokens: int | None = None,
    json_schema: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Make a summary, chapters or highlights, without an id.

    Args:
        index: A media index, as `index` makes it.
        type: summary, chapter or highlight.
        prompt: What the summary is to focus on.
        max_tokens: Longest summary.
        json_schema: Schema of the summary, which is then JSON.

    Raises:
        ValueError: The type is none of the three.
    """
    if type == "summary":
        if json_schema is not None:
            text = json.dumps(fill(json_schema, index), ensure_ascii=False)
        else:
            text = descriptions.overview(index) if not prompt else compose(index, f"{prompt} (summary)")
        answer = cut_off(text, prompt or "", max_tokens)
        return {
            "summarize_type": "summary",
            "summary": answer.text,
            "usage": {"output_tokens": answer.output_tokens, "input_tokens": answer.input_tokens},
        }
    if type == "chapter":
        result: dict[str, Any] = {"summarize_type": "chapter", "chapters": _chapters(index)}
    elif type == "highlight":
        result = {"summarize_type": "highlight", "highlights": _highlights(index, prompt)}
    else:
        raise ValueError(f"type must be summary, chapter or highlight, not {type!r}")
    result["usage"] = {"output_tokens": count_tokens(json.dumps(result)), "input_tokens": count_tokens(prompt or "")}
    return result


def analyze_segments(
    index: Mapping[str, Any],
    definitions: Sequence[Mapping[str, Any]],
    *,
    start: float | None = None,
    end: float | None = None,
    min_segment_duration: float | None = None,
    max_segment_duration: float | None = None,
    time_format: str = "seconds",
) -> dict[str, list[dict[str, Any]]]:
    """Find the segments of each definition (analysis mode `time_based_metadata`).

    A definition's segments are the scenes that fit its description; when none does, or the description names nothing
    the engine can see, every scene is one. Given time ranges are used as they are.

    Args:
        index: A media index, as `index` makes it.
        definitions: Each with `id`, `description` and perhaps `fields` and `time_ranges`.
        start: Only look at what comes after this time in seconds.
        end: Only look at what comes before this time in seconds.
        min_segment_duration: Shorter segments are joined with the next one.
        max_segment_duration: Longer segments are divided.
        time_format: How start and end are written: seconds (numbers), `hh:mm:ss` or `hh:mm:ss.fff`.

    Returns:
        By the definition's id a list of `{"start_time", "end_time", "metadata"}`, in the order of time.
    """
    part = part_between(index, start, end)
    result: dict[str, list[dict[str, Any]]] = {}
    for definition in definitions:
        spans = _spans(part, definition, min_segment_duration, max_segment_duration)
        result[str(definition["id"])] = [
            {
                "start_time": _time(since, time_format),
                "end_time": _time(until, time_format),
                "metadata": _metadata(part, definition.get("fields") or [], since, until),
            }
            for since, until in spans
        ]
    return result


def _chapters(index: Mapping[str, Any]) -> list[dict[str, Any]]:
    scenes = index["scenes"]
    size = max(1, math.ceil(len(scenes) / MAX_CHAPTERS))
    groups = [scenes[n : n + size] for n in range(0, len(scenes), size)]
    return [
        {
            "chapter_number": number,
            "start": math.floor(group[0]["start"]),
            "end": math.ceil(group[-1]["end"]),
            "start_sec": group[0]["start"],
            "end_sec": group[-1]["end"],
            "chapter_title": _heading(group[0]),
            "chapter_summary": " ".join(descriptions.scene_lines({**index, "scenes": group})),
        }
        for number, group in enumerate(groups)
    ]


def _highlights(index: Mapping[str, Any], prompt: str | None) -> list[dict[str, Any]]:
    scenes: list[Mapping[str, Any]] = []
    if prompt:
        hits = search(SearchQuery(prompt, options=("visual", "audio", "transcription")), [("", index)])
        starts = [hit.start for hit in hits[:MAX_HIGHLIGHTS]]
        scenes = [scene for scene in index["scenes"] if any(scene["start"] <= start < scene["end"] for start in starts)]
    if not scenes:
        scenes = sorted(index["scenes"], key=interest, reverse=True)[:MAX_HIGHLIGHTS]
    return [
        {
            "start": math.floor(scene["start"]),
            "end": math.ceil(scene["end"]),
            "start_sec": scene["start"],
            "end_sec": scene["end"],
            "highlight": _heading(scene),
            "highlight_summary": f"{descriptions.span(scene)}: {descriptions.describe_scene(scene)}.",
        }
        for scene in sorted(scenes, key=lambda scene: float(scene["start"]))
    ]


def _heading(scene: Mapping[str, Any]) -> str:
    name = descriptions.main_colour(scene) or descriptions.describe_sound(scene) or "plain"
    moving = f" with {scene['motion']} motion" if scene.get("motion") in {"slow", "fast"} else ""
    return f"{name.capitalize()} scene{moving}"


def _spans(
    index: Mapping[str, Any],
    definition: Mapping[str, Any],
    shortest: float | None,
    longest: float | None,
) -> list[tuple[float, float]]:
    if ranges := definition.get("time_ranges"):
        return [(float(r["start_time"]), float(r["end_time"])) for r in ranges]
    hits = search(SearchQuery(definition["description"], options=("visual",)), [("", index)])
    spans = sorted((hit.start, hit.end) for hit in hits)
    spans = spans or [(scene["start"], scene["end"]) for scene in index["scenes"]]
    joined: list[tuple[float, float]] = []
    for since, until in spans:
        last = joined[-1] if joined else None
        if shortest is not None and last is not None and last[1] - last[0] < shortest and since - last[1] < 1e-6:
            joined[-1] = (last[0], until)
        else:
            joined.append((since, until))
    if longest is None:
        return joined
    divided: list[tuple[float, float]] = []
    for since, until in joined:
        pieces = max(1, math.ceil((until - since) / longest - 1e-9))
        step = (until - since) / pieces
        divided += [(round(since + n * step, 6), round(since + (n + 1) * step, 6)) for n in range(pieces)]
    return divided


def _metadata(
    index: Mapping[str, Any], fields: Sequence[Mapping[str, Any]], start: float, end: float
) -> dict[str, Any]:
    part = part_between(index, start, end)
    scene = max(part["scenes"], key=lambda s: s["end"] - s["start"], default=None)
    if scene is not None:
        scene = {**scene, "start": start, "end": end}
    return {field["name"]: _field(field, part, scene, start, end) for field in fields}


def _field(
    field: Mapping[str, Any], part: Mapping[str, Any], scene: Mapping[str, Any] | None, start: float, end: float
) -> Any:
    kind = field["type"]
    if kind == "timestamp":
        return _time(end if "end" in field["name"].lower() else start, field.get("format") or "seconds")
    if kind == "time_array":
        members = {m["name"]: _member_schema(m) for m in (field.get("items") or {}).get("fields") or []}
        schema = {"type": "object", "properties": members}
        return [{"start_time": s["start"], "end_time": s["end"], **fill(schema, part, s)} for s in part["scenes"]]
    return fill({"type": "object", "properties": {field["name"]: _member_schema(field)}}, part, scene)[field["name"]]


def _member_schema(field: Mapping[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": field["type"], "description": field.get("description", "")}
    if field.get("enum"):
        schema["enum"] = field["enum"]
    if field["type"] == "array":
        schema["items"] = {"type": (field.get("items") or {}).get("type", "string")}
        if "enum" in schema:
            schema["items"]["enum"] = schema.pop("enum")
    return schema


def _time(seconds: float, form: str) -> float | str:
    return round(seconds, 3) if form == "seconds" else descriptions.format_time(seconds, form)
