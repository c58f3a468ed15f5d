"""The part of an index between two times: its scenes and its captions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def part_between(index: Mapping[str, Any], start: float | None = None, end: float | None = None) -> dict[str, Any]:
    """Reduce an index to the part between two times; times stay those of the whole file."""
    since = 0.0 if start is None else max(0.0, start)
    until = index["duration"] if end is None else min(end, index["duration"])
    part = dict(index)
    if since <= 0 and until >= index["duration"]:
        return part
    part["scenes"] = [
        {**scene, "start": max(scene["start"], since), "end": min(scene["end"], until)}
        for scene in scenes_between(index, since, until)
    ]
    part["sounds"] = [
        {**sound, "start": max(sound["start"], since), "end": min(sound["end"], until)}
        for sound in sounds_between(index, since, until)
    ]
    part["transcription"] = [dict(item) for item in captions_between(index, since, until)]
    part["duration"] = max(0.0, until - since)
    return part


def scenes_between(index: Mapping[str, Any], start: float, end: float) -> Sequence[Mapping[str, Any]]:
    """Find the scenes that share some time with a span; for an empty span the nearest one."""
    scenes: Sequence[Mapping[str, Any]] = index["scenes"]
    first = bisect_right(scenes, start, key=lambda scene: scene["end"])
    last = bisect_left(scenes, end, key=lambda scene: scene["start"])
    return scenes[first:last] or scenes[max(0, min(first, len(scenes)) - 1) :][:1]


def sounds_between(index: Mapping[str, Any], start: float, end: float) -> list[Mapping[str, Any]]:
    """Find the parts of the sound track of a video that share some time with a span."""
    return [sound for sound in index.get("sounds", ()) if sound["start"] < end and sound["end"] > start]


def captions_between(index: Mapping[str, Any], start: float, end: float) -> list[Mapping[str, Any]]:
    """Find the subtitle entries that share some time with a span."""
    captions: Sequence[Mapping[str, Any]] = index["transcription"]
    last = bisect_left(captions, end, key=lambda item: item["start"])
    return [item for item in captions[:last] if item["end"] > start]
