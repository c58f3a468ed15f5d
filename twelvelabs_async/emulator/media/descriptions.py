"""Descriptions of an index in words: titles, topics, sentences. They state only what was measured or read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .timeline import captions_between
from .vocabulary import terms_of
from .words import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LISTED_SCENES = 12


def format_time(seconds: float, form: str = "m:ss") -> str:
    """Write a time as `m:ss`, `mm:ss`, `hh:mm:ss` or `hh:mm:ss.fff`; `seconds` writes the number."""
    if form == "seconds":
        return f"{seconds:g}"
    thousandths = round(seconds * 1000) if form.endswith("fff") else int(seconds) * 1000
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes_of_hour = divmod(minutes, 60)
    if form.startswith("hh"):
        whole = f"{hours:02}:{minutes_of_hour:02}:{rest // 1000:02}"
        return f"{whole}.{rest % 1000:03}" if form.endswith("fff") else whole
    if hours:
        return f"{hours}:{minutes_of_hour:02}:{rest // 1000:02}"
    return f"{minutes:02}:{rest // 1000:02}" if form == "mm:ss" else f"{minutes}:{rest // 1000:02}"


def colours(index: Mapping[str, Any]) -> dict[str, float]:
    """Sum up the colours of all scenes, weighted by duration; shares, the largest first."""
    total: dict[str, float] = {}
    seconds = 0.0
    for scene in index["scenes"]:
        length = max(scene["end"] - scene["start"], 1e-3)
        seconds += length
        for name, share in scene.get("colours", {}).items():
            total[name] = total.get(name, 0.0) + share * length
    ordered = sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))
    return {name: round(value / seconds, 4) for name, value in ordered if value / seconds >= 0.02}


def main_colour(scene: Mapping[str, Any]) -> str:
    """Name the colour that most of a scene has."""
    return next(iter(scene.get("colours", {})), "")


def title(index: Mapping[str, Any]) -> str:
    """Return the title: the one of the file, else its name, else its colours."""
    if given := index.get("title"):
        return str(given)
    if words := index["words"].get("filename"):
        name = " ".join(words)
        return name[:1].upper() + name[1:]
    names = list(colours(index))[:3]
    return f"{join(names).capitalize()} scenes" if names else f"Untitled {index['kind']}"


def join(parts: Sequence[str]) -> str:
    """Join words: a, b and c."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def describe_scene(scene: Mapping[str, Any]) -> str:
    """Describe picture and sound of a scene in a few words."""
    parts = []
    if found := scene.get("colours"):
        names = list(found)
        parts.append(f"mostly {names[0]}" if found[names[0]] >= 0.6 else join(names[:3]))
        if found[names[0]] >= 0.6 and len(names) > 1:
            parts[-1] += f" with some {join(names[1:3])}"
        parts.append({"dark": "dark", "bright": "bright"}.get(scene["brightness_name"], "of medium brightness"))
        if abs(scene["brightness_change"]) >= 0.1:
            parts.append("getting brighter" if scene["brightness_change"] > 0 else "getting darker")
        if scene["motion"] in {"slow", "fast"}:
            parts.append(f"{scene['motion']} motion")
        elif scene["motion"] == "still":
            parts.append("still")
        if scene["texture"] != "plain":
            parts.append(scene["texture"])
    if sound := describe_sound(scene):
        parts.append(sound)
    return ", ".join(parts)


def describe_sound(scene: Mapping[str, Any]) -> str:
    """Describe the sound of a scene; empty without a sound track."""
    heard: Mapping[str, Any] = scene.get("audio") or {"loudness": "none"}
    if heard["loudness"] == "none":
        return ""
    if heard["loudness"] == "silent":
        return "silence"
    return f"a {heard['loudness']} tone of {heard['tone']:.0f} Hz" if heard["tone"] else f"{heard['loudness']} sound"


def span(part: Mapping[str, Any]) -> str:
    """Write start and end of a scene."""
    return f"{format_time(part['start'])}-{format_time(part['end'])}"


def scene_lines(index: Mapping[str, Any]) -> list[str]:
    """Write a line for each scene, in short for videos with very many."""
    scenes = index["scenes"]
    lines = [f"{span(scene)}: {describe_scene(scene)}." for scene in scenes[:_LISTED_SCENES]]
    if len(scenes) > _LISTED_SCENES:
        lines.append(f"{len(scenes) - _LISTED_SCENES} more scenes follow, until {format_time(scenes[-1]['end'])}.")
    return lines


def overview(index: Mapping[str, Any]) -> str:
    """Describe a file in a few sentences."""
    kind, count = index["kind"], len(index["scenes"])
    if kind == "document":
        found = index.get("sentences")
        if found is None:
            return f"The document has {index.get('pages', 1)} pages; its text cannot be read here."
        return f"The document has {len(found)} sentences. It begins: {' '.join(found[:3])}"
    if kind == "image":
        return f"The picture ({index['width']}x{index['height']}) is {describe_scene(index['scenes'][0])}."
    length = f"The {kind} {title(index)!r} lasts {index['duration']:.1f} seconds"
    sentences = [f"{length} and has {count} scene{'s' if count != 1 else ''}."]
    if found := colours(index):
        shown = [f"{name} ({share:.0%})" for name, share in list(found.items())[:4]]
        sentences.append(f"Its main colours are {join(shown)}." if len(shown) > 1 else f"Its colour is {shown[0]}.")
    sentences.append(describe_all_sound(index))
    if index["transcription"]:
        sentences.append(f"Its subtitles begin: {index['transcription'][0]['value']!r}.")
    return " ".join(sentences)


def describe_all_sound(index: Mapping[str, Any]) -> str:
    """Describe the sound of the whole file."""
    if not index["has_audio"]:
        return "It has no sound track."
    heard = [f"{span(scene)} {describe_sound(scene)}" for scene in index["scenes"][:_LISTED_SCENES]]
    return f"What is heard: {'; '.join(heard)}."


def topics(index: Mapping[str, Any], limit: int = 5) -> list[str]:
    """List the topics of a file: words of its names and subtitles, then its colours."""
    found: dict[str, None] = {}
    for source in ("title", "filename"):
        for term in terms_of(" ".join(index["words"].get(source, []))):
            found.setdefault(term)
    counts: dict[str, int] = {}
    for item in index["transcription"]:
        for term in terms_of(item["value"]) if words_of(item["value"]) else ():
            counts[term] = counts.get(term, 0) + 1
    for term in sorted(counts, key=lambda t: (-counts[t], -len(t), t)):
        found.setdefault(term)
    names = [*found][: limit - 2] if colours(index) else [*found]
    return [*dict.fromkeys([*names, *colours(index), *found])][:limit]


def hashtags(index: Mapping[str, Any], limit: int = 5) -> list[str]:
    """Make hashtags of the topics."""
    return [f"#{re.sub(r'[^0-9a-z]', '', topic) or 'video'}" for topic in topics(index, limit)]


def spoken(index: Mapping[str, Any], start: float | None = None, end: float | None = None) -> str:
    """Return the subtitles between two times as one text."""
    since = 0.0 if start is None else start
    until = float("inf") if end is None else end
    return " ".join(item["value"] for item in captions_between(index, since, until))
