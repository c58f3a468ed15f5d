"""Embeddings of parts of a file: clips of a video or sound track, the whole of it, parts of a document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..._safe_repr import SafeRepr
from .embedding_space import (
    DIMENSION,
    Features,
    audio_features,
    mix,
    name_features,
    text_features,
    to_vector,
    visual_features,
    word_features,
)
from .timeline import captions_between, scenes_between, sounds_between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHORTEST_CLIP: Final = 2.0
"""A rest of a fixed clip that is shorter (seconds) goes to the clip before."""

OPTIONS: Final = ("visual", "audio", "transcription")
"""What a vector can represent."""

WHOLE_SCOPES: Final = frozenset({"asset", "video"})
"""Scopes that mean the whole file; the others mean clips."""


@dataclass(frozen=True, slots=True)
class Segment(SafeRepr):
    """The vector of a part of a video or sound track.

    Attributes:
        start: Start in seconds.
        end: End in seconds.
        option: What the vector was made of: visual, audio, transcription or fused (all of them).
        scope: clip, or the name of the scope under which the whole file was asked for.
        vector: The vector, of length 1.
    """

    start: float
    end: float
    option: str
    scope: str
    vector: list[float]


@dataclass(frozen=True, slots=True)
class DocumentPart(SafeRepr):
    """The vector of a part of a document.

    Attributes:
        vector: The vector, of length 1.
        scope: page, chunk or asset.
        chunk: Number of the chunk of a text, from 0.
        page: Number of the page of a PDF, from 1.
        quadrant: Part of the page, when pages were divided.
        last_page: Last page that the part covers.
    """

    vector: list[float]
    scope: str
    chunk: int | None = None
    page: int | None = None
    quadrant: str | None = None
    last_page: int | None = None


def embed_segments(
    index: Mapping[str, Any],
    *,
    clip_length: float | None = None,
    min_duration: float = 4.0,
    start: float = 0.0,
    end: float | None = None,
    options: Sequence[str] = OPTIONS,
    scopes: Sequence[str] = ("clip", "asset"),
    dimension: int = DIMENSION,
    separate: bool = True,
    fused: bool = False,
) -> list[Segment]:
    """Make the vectors of a video or sound track.

    Args:
        index: A media index, as `index` makes it.
        clip_length: Seconds per clip; None cuts where scenes end.
        min_duration: Shortest clip in seconds when cutting by scenes; shorter scenes are joined.
        start: Where to begin, in seconds.
        end: Where to end; None is the end of the file.
        options: What to make vectors of: visual, audio, transcription. An option of which a clip has nothing (no
            sound track, nobody speaks) gives no vector.
        scopes: clip (also: local) for clips, asset or video for the whole.
        dimension: Numbers per vector.
        separate: Make a vector per option.
        fused: Make a vector of all options together.

    Returns:
        The vectors by scope, option and time.
    """
    until = min(index["duration"], index["duration"] if end is None else end)
    since = min(max(0.0, start), until)
    names = name_features(index)
    result: list[Segment] = []
    for scope in scopes:
        whole = scope in WHOLE_SCOPES
        spans = [(since, until)] if whole else spans_of(index, since, until, clip_length, min_duration)
        parts = [(a, b, _features(index, a, b, options, names)) for a, b in spans]
        if separate:
            for option in options:
                result += [
                    Segment(a, b, option, scope, to_vector(found[option], dimension))
                    for a, b, found in parts
                    if found.get(option)
                ]
        if fused:
            for a, b, found in parts:
                everything = mix((features, 1.0) for features in found.values() if features)
                result.append(Segment(a, b, "fused", scope, to_vector(everything, dimension)))
    return result


def spans_of(
    index: Mapping[str, Any], start: float, end: float, clip_length: float | None, min_duration: float
) -> list[tuple[float, float]]:
    """Cut the time between `start` and `end` into clips, without gaps or overlaps."""
    if clip_length is None:
        shortest = max(min_duration, 1e-3)
        wanted = [scene["end"] for scene in index["scenes"] if start < scene["end"] < end]
    else:
        shortest = min(SHORTEST_CLIP, clip_length)
        wanted = [start + clip_length * n for n in range(1, int((end - start) / clip_length) + 1)]
    bounds = [start]
    for time in wanted:
        if time - bounds[-1] >= shortest - 1e-9 and end - time >= shortest - 1e-9:
            bounds.append(round(time, 6))
    return [*zip(bounds, [*bounds[1:], end], strict=True)] if end > start else [(start, end)]


def embed_document(
    index: Mapping[str, Any],
    *,
    max_sentences: int | None = None,
    overlap: int = 0,
    quadrants: bool = False,
    dimension: int = DIMENSION,
) -> list[DocumentPart]:
    """Make the vectors of a document: of groups of sentences of a text, of the pages of a PDF, else of the whole.

    The text of a PDF is not read: its pages differ by their number and by the words of the file's name alone.

    Args:
        index: A media index, as `index` makes it.
        max_sentences: Sentences per part of a text; None makes one part of the whole.
        overlap: Sentences that a part repeats of the one before.
        quadrants: Divide each page of a PDF into four.
        dimension: Numbers per vector.
    """
    names = name_features(index)
    if pages := index.get("pages"):
        corners = ("top_left", "top_right", "bottom_left", "bottom_right") if quadrants else (None,)
        return [
            DocumentPart(
                to_vector(mix([({f"page:{page}:{corner}": 1.0}, 0.5), (names, 1.0)]), dimension),
                "page",
                page=page,
                quadrant=corner,
                last_page=page,
            )
            for page in range(1, pages + 1)
            for corner in corners
        ]
    sentences: list[str] = index.get("sentences", [])
    if max_sentences is None or not sentences:
        return [DocumentPart(to_vector(text_features(" ".join(sentences)), dimension), "asset")]
    step = max(1, max_sentences - overlap)
    firsts = range(0, max(1, len(sentences) - overlap), step)
    return [
        DocumentPart(to_vector(text_features(" ".join(sentences[n : n + max_sentences])), dimension), "chunk", chunk=k)
        for k, n in enumerate(firsts)
    ]


def _features(
    index: Mapping[str, Any], start: float, end: float, options: Sequence[str], names: Features
) -> dict[str, Features]:
    scenes = scenes_between(index, start, end)
    shared = [(scene, max(min(scene["end"], end) - max(scene["start"], start), 1e-3)) for scene in scenes]
    found: dict[str, Features] = {}
    if "visual" in options and (seen := mix((visual_features(scene), time) for scene, time in shared)):
        found["visual"] = mix([(seen, 1.0), (names, 0.35)])
    if "audio" in options:
        # The sound of a video has parts of its own; that of a sound file is its scenes.
        sounds = [
            (sound, min(sound["end"], end) - max(sound["start"], start)) for sound in sounds_between(index, start, end)
        ]
        if heard := mix((audio_features(part), time) for part, time in sounds or shared):
            found["audio"] = heard
    if "transcription" in options:
        said = [item["value"] for item in captions_between(index, start, end)]
        if words := word_features(said):
            found["transcription"] = words
    return found
