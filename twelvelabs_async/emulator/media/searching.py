"""Search: which scenes and which spoken words fit a query.

Each word of the query is searched for on its own: a colour, a brightness, a movement or a kind of sound in the
scenes, any other word in the subtitles and in the names of the file. The score of a scene is the mean of how well
each word fits, between 0 and 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..._safe_repr import SafeRepr
from .colours import BRIGHT, DARK
from .embedding_space import picture_of
from .timeline import captions_between
from .vocabulary import concepts_of, stem, terms_of
from .words import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

THRESHOLD: Final = 0.35
"""Hits with a lower score are left out."""

_OTHER_WORD: Final = 0.6
"""Weight of a word that is no colour, brightness, movement or sound."""

_NAME: Final = 0.6
"""How well a word fits that is in the name, the title or the metadata of the file, which do not describe the scene."""

_STEM: Final = 0.9
"""How well a word fits that only has the same stem."""


@dataclass(frozen=True, slots=True)
class SearchQuery(SafeRepr):
    """A search query.

    Attributes:
        text: The text of the query.
        images: Pictures (their bytes); a scene must look like one of them.
        options: Where to look: visual, audio, transcription.
        operator: `or`: a scene fits when it fits under one of the options; `and`: under each.
        transcription_options: How spoken words are compared: lexical (the word itself), semantic (its stem, and
            other words for the same colour, brightness, movement or sound).
        threshold: Hits with a lower score are left out.
    """

    text: str | None = None
    images: Sequence[bytes] = ()
    options: Sequence[str] = ("visual",)
    operator: str = "or"
    transcription_options: Sequence[str] = ("lexical", "semantic")
    threshold: float = THRESHOLD


@dataclass(frozen=True, slots=True)
class Hit(SafeRepr):
    """A part of a video that fits.

    Attributes:
        video_id: The video, as the caller named it.
        start: Start in seconds.
        end: End in seconds.
        score: How well it fits, 0 to 1.
        transcription: What is said in it (from the subtitles); None when nothing is.
        modalities: The options under which it fits.
    """

    video_id: str
    start: float
    end: float
    score: float
    transcription: str | None = None
    modalities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Term(SafeRepr):
    word: str
    stem: str
    concepts: tuple[tuple[str, float], ...]
    weight: float


Degrees = list[float]
"""How well each term of the query fits, in the order of the terms."""


def search(query: SearchQuery, indexes: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Hit]:
    """Search videos; the best hits first.

    Scenes that follow one another stay separate hits. Where only spoken words fit, the hit is as long as they are
    shown. The order is the same every time: by score, then video, then time.

    Args:
        query: What is searched for.
        indexes: The videos: a name for each, and its media index.

    Raises:
        MediaError: `unsupported_media_type` when one of the pictures is none.
    """
    terms = [
        _Term(word, stem(word), concepts_of(word), 1.0 if concepts_of(word) else _OTHER_WORD)
        for word in terms_of(query.text or "")
    ]
    pictures = [picture_of(image) for image in query.images]
    if not terms and not pictures:
        return []
    hits = [hit for video_id, index in indexes for hit in _search_one(query, terms, pictures, video_id, index)]
    hits.sort(key=lambda hit: (-hit.score, hit.video_id, hit.start, hit.end))
    return hits


def _search_one(
    query: SearchQuery,
    terms: Sequence[_Term],
    pictures: Sequence[Mapping[str, Any]],
    video_id: str,
    index: Mapping[str, Any],
) -> list[Hit]:
    names = [_fits_words(term, _name_words(index), ("lexical", "semantic")) * _NAME for term in terms]
    hits: list[Hit] = []
    spoken: list[tuple[Mapping[str, Any], Degrees]] = []
    if "transcription" in query.options and terms:
        for item in index["transcription"]:
            words = words_of(item["value"])
            degrees = [_fits_words(term, words, query.transcription_options) for term in terms]
            if any(degrees):
                spoken.append((item, degrees))
    covered: set[int] = set()
    for scene in index["scenes"]:
        said = [(n, d) for n, (item, d) in enumerate(spoken) if _meets(item, scene)]
        by_option = _degrees_by_option(query, terms, index, scene, names)
        if "transcription" in query.options:
            by_option["transcription"] = [max(column) for column in zip(*(d for _, d in said), strict=True)]
        scores = {option: _mean(terms, found) for option, found in by_option.items()}
        alike = max((_looks_like(scene, picture) for picture in pictures), default=0.0)
        if pictures and "visual" in query.options:
            scores["visual"] = (scores["visual"] + alike) / 2 if terms else alike
        score = _combine(query, terms, by_option, scores, alike if pictures else None)
        fitting = tuple(option for option in query.options if scores.get(option, 0.0) >= query.threshold)
        seen_or_heard = any(option != "transcription" for option in fitting)
        only_spoken = bool(said) and not seen_or_heard and _worth_splitting(scores, score)
        if score >= query.threshold and not only_spoken:
            covered.update(n for n, _ in said)
            hits.append(_hit(video_id, index, scene, score, fitting or tuple(query.options)))
    if query.operator == "and" and len(query.options) > 1:
        return hits
    for number, (item, degrees) in enumerate(spoken):
        score = _mean(terms, degrees)
        if number not in covered and score >= query.threshold:
            hits.append(_hit(video_id, index, item, score, ("transcription",)))
    return hits


def _worth_splitting(scores: Mapping[str, float], score: float) -> bool:
    # What is seen or heard adds nothing to the words: the words' own times say more than the scene's.
    return scores["transcription"] >= score - 1e-9


def _hit(
    video_id: str, index: Mapping[str, Any], part: Mapping[str, Any], score: float, modalities: tuple[str, ...]
) -> Hit:
    said = " ".join(item["value"] for item in captions_between(index, part["start"], part["end"]))
    return Hit(video_id, part["start"], part["end"], round(min(score, 1.0), 4), said or None, modalities)


def _degrees_by_option(
    query: SearchQuery,
    terms: Sequence[_Term],
    index: Mapping[str, Any],
    scene: Mapping[str, Any],
    names: Degrees,
) -> dict[str, Degrees]:
    found: dict[str, Degrees] = {}
    nothing = [0.0] * len(terms)
    if "visual" in query.options:
        found["visual"] = [
            max(_best(term, lambda concept: _seen(scene, concept)), name)
            for term, name in zip(terms, names, strict=True)
        ]
    if "audio" in query.options:
        # A sound file has no picture: its names are looked at together with its sound.
        own = names if index["kind"] == "audio" else nothing
        found["audio"] = [
            max(_best(term, lambda concept: _heard(scene, concept)), name)
            for term, name in zip(terms, own, strict=True)
        ]
    return found


def _combine(
    query: SearchQuery,
    terms: Sequence[_Term],
    degrees: Mapping[str, Degrees],
    scores: Mapping[str, float],
    alike: float | None,
) -> float:
    if query.operator == "and":
        wanted = [scores.get(option, 0.0) for option in query.options]
        enough = bool(wanted) and all(score >= query.threshold for score in wanted)
        return sum(wanted) / len(wanted) if enough else 0.0
    if not terms:
        return max(scores.values(), default=0.0)
    # One word may be seen and another one heard: the best of all options counts for each.
    best = [max(column) for column in zip(*(found for found in degrees.values() if found), strict=True)]
    text = _mean(terms, best)
    return text if alike is None else (text + alike) / 2


def _mean(terms: Sequence[_Term], degrees: Degrees) -> float:
    if not degrees:
        return 0.0
    return sum(t.weight * d for t, d in zip(terms, degrees, strict=True)) / sum(t.weight for t in terms)


def _best(term: _Term, fits: Callable[[str], float]) -> float:
    return max((weight * fits(concept) for concept, weight in term.concepts), default=0.0)


def _seen(scene: Mapping[str, Any], concept: str) -> float:
    kind, _, name = concept.partition(":")
    if "colours" not in scene:
        return 0.0
    if kind == "colour":
        # Half of the picture is enough for a full score; small parts count by their root.
        share: float = scene["colours"].get(name, 0.0)
        return math.sqrt(min(1.0, share * 2))
    level: float = scene["brightness"]
    if concept == "brightness:dark":
        return max(0.0, 1.0 - 0.4 * level / DARK) if level <= DARK else 0.0
    if concept == "brightness:bright":
        return 0.6 + 0.4 * (level - BRIGHT) / (1 - BRIGHT) if level >= BRIGHT else 0.0
    if kind == "motion":
        return 1.0 if scene["motion"] == name else 0.0
    return 0.9 if kind == "texture" and scene["texture"] == name else 0.0


def _heard(scene: Mapping[str, Any], concept: str) -> float:
    heard: Mapping[str, Any] = scene.get("audio") or {"loudness": "none"}
    if concept == "audio:tone":
        return 1.0 if heard.get("tone") else 0.0
    if concept == "audio:silent" and heard["loudness"] == "none":
        return 0.7
    return 1.0 if concept == f"audio:{heard['loudness']}" else 0.0


def _fits_words(term: _Term, words: Sequence[str], how: Sequence[str]) -> float:
    if "lexical" in how and term.word in words:
        return 1.0
    if "semantic" not in how:
        return 0.0
    if any(stem(word) == term.stem for word in words):
        return _STEM
    mine = {concept for concept, weight in term.concepts if weight == 1.0}
    if mine and any(concept in mine for word in words for concept, weight in concepts_of(word) if weight == 1.0):
        return 0.7
    return 0.0


def _looks_like(scene: Mapping[str, Any], picture: Mapping[str, Any]) -> float:
    if "colours" not in scene:
        return 0.0
    shared = sum(min(share, picture["colours"].get(name, 0.0)) for name, share in scene["colours"].items())
    closeness = max(0.0, 1.0 - 2 * abs(scene["brightness"] - picture["brightness"]))
    return float(0.85 * min(1.0, shared) + 0.15 * closeness)


def _meets(item: Mapping[str, Any], scene: Mapping[str, Any]) -> bool:
    return bool(item["start"] < scene["end"] and item["end"] > scene["start"])


def _name_words(index: Mapping[str, Any]) -> list[str]:
    return [word for found in index["words"].values() for word in found]
