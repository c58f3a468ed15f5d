"""Search: which scenes, sounds and spoken words fit a query.

Each word of the query is searched for on its own: a colour, a brightness, a movement or a kind of sound in the
scenes, any other word in the subtitles and in the names of the file. How well a scene fits is the mean of how well each
word fits, between 0 and 1.

A search of the platform compares vectors, so that there is always a best result. With `SearchQuery.ranked` it is so
here: what fits nothing of the query has a score, too, by its distance in the embedding space.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..._safe_repr import SafeRepr
from .colours import BRIGHT, DARK
from .embedding_space import (
    Nearness,
    audio_features,
    mix,
    name_features,
    picture_of,
    text_features,
    visual_features,
    word_features,
)
from .timeline import captions_between, sounds_between
from .vocabulary import concepts_of, stem, terms_of
from .words import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

THRESHOLD: Final = 0.35
"""Hits with a lower score are left out."""

_OTHER_WORD: Final = 0.6
"""Weight of a word that is no colour, brightness, movement or sound."""

_NAME: Final = 0.6
"""How well a word fits that is in the name, the title or the metadata of the file, which do not describe the scene."""

_NAMES_SHARE: Final = 0.35
"""Weight of the names of a file beside a scene's picture, as in the vectors of clips."""

RANKED_SHARE: Final = 0.3
"""Share of a score, where nothing fits, that the distance in the embedding space decides about."""

MAX_HITS: Final = 10_000
"""Hits of one search at most: the best ones."""

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
        ranked: Everything has a score: what does not fit, one that is low.
    """

    text: str | None = None
    images: Sequence[bytes] = ()
    options: Sequence[str] = ("visual",)
    operator: str = "or"
    transcription_options: Sequence[str] = ("lexical", "semantic")
    threshold: float = THRESHOLD
    ranked: bool = False


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


@dataclass(frozen=True, slots=True)
class _Asked(SafeRepr):
    """A query with what is found out about it once for all videos.

    Attributes:
        query: The query.
        terms: Its words.
        pictures: Its pictures, described like scenes.
        near_text: Distance from the text; None without words, or where nothing is ranked.
        near_pictures: Distances from the pictures.
    """

    query: SearchQuery
    terms: Sequence[_Term]
    pictures: Sequence[Mapping[str, Any]]
    near_text: Nearness | None
    near_pictures: Sequence[Nearness]


@dataclass(frozen=True, slots=True)
class _Spoken(SafeRepr):
    """A caption with how well each term fits, how near it is, how well all of them fit, and its score."""

    part: Mapping[str, Any]
    degrees: Degrees
    near: float
    fit: float
    score: float


@dataclass(frozen=True, slots=True)
class _Judged(SafeRepr):
    """A part of a video with its scores: those of each option, and of all together."""

    part: Mapping[str, Any]
    by_option: Mapping[str, float]
    score: float
    fit: float


def search(query: SearchQuery, indexes: Sequence[tuple[str, Mapping[str, Any]]]) -> list[Hit]:
    """Search videos; the best hits first, at most `MAX_HITS` of them.

    Scenes that follow one another stay separate hits. Where only spoken words fit, the hit is as long as they are
    shown; where a sound fits that is heard in a part of a scene, it is that part. The order is the same every time: by
    score, then video, then time.

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
    text = (query.text or "").strip()
    near_text = Nearness(text_features(text)) if text and query.ranked else None
    if not terms and not pictures and near_text is None:
        return []
    near_pictures = [Nearness(visual_features(picture)) for picture in pictures] if query.ranked else []
    asked = _Asked(query, terms, pictures, near_text, near_pictures)
    hits = (hit for video_id, index in indexes for hit in _search_one(asked, video_id, index))
    return heapq.nsmallest(MAX_HITS, hits, key=lambda hit: (-hit.score, hit.video_id, hit.start, hit.end))


def _search_one(asked: _Asked, video_id: str, index: Mapping[str, Any]) -> Iterator[Hit]:
    query = asked.query
    names = [_fits_words(term, _name_words(index), ("lexical", "semantic")) * _NAME for term in asked.terms]
    known = name_features(index) if query.ranked else {}
    spoken = [*_spoken(asked, index)]
    covered: set[int] = set()
    # The sound of a video has parts of its own, which matter alone when the picture does not.
    parts = index["scenes"] if "visual" in query.options else index.get("sounds") or index["scenes"]
    for part in parts:
        said = [(n, found) for n, found in enumerate(spoken) if _meets(found.part, part)]
        for judged in _judge(asked, index, part, [found for _, found in said], names, known):
            if judged.score < query.threshold:
                continue
            least = max(query.threshold, THRESHOLD) if query.ranked else query.threshold
            fitting = tuple(o for o in query.options if judged.by_option.get(o, 0.0) >= least)
            seen_or_heard = any(option != "transcription" for option in fitting)
            if any(found.fit for _, found in said) and not seen_or_heard and _worth_splitting(judged):
                continue  # what is said in it is a hit of its own, below
            covered.update(n for n, found in said if _meets(found.part, judged.part))
            yield _hit(video_id, index, judged.part, judged.score, fitting or _nearest(query, judged))
    if query.operator == "and" and len(query.options) > 1:
        return
    for number, found in enumerate(spoken):
        if number not in covered and found.score >= query.threshold:
            yield _hit(video_id, index, found.part, found.score, ("transcription",))


def _spoken(asked: _Asked, index: Mapping[str, Any]) -> Iterator[_Spoken]:
    """The captions that fit; of a ranked search by meaning, all of them."""
    query = asked.query
    if "transcription" not in query.options:
        return
    everything = asked.near_text is not None and "semantic" in query.transcription_options
    for item in index["transcription"]:
        words = words_of(item["value"])
        degrees = [_fits_words(term, words, query.transcription_options) for term in asked.terms]
        if not everything and not any(degrees):
            continue
        near = asked.near_text(word_features([item["value"]])) if asked.near_text is not None else 0.0
        fit = _mean(asked.terms, degrees)
        yield _Spoken(item, degrees, near, fit, _graded(query, fit, near))


def _judge(
    asked: _Asked,
    index: Mapping[str, Any],
    scene: Mapping[str, Any],
    said: Sequence[_Spoken],
    names: Degrees,
    known: Mapping[str, float],
) -> list[_Judged]:
    """A scene with its scores; or the parts of it with theirs, if a sound in one of them fits better than in all."""
    found = [judged] if (judged := _judge_part(asked, index, scene, said, names, known)) is not None else []
    if "audio" not in asked.query.options or not asked.terms or "colours" not in scene:
        return found
    sounds = sounds_between(index, scene["start"], scene["end"])
    if len(sounds) < 2:
        return found
    pieces = []
    for sound in sounds:
        start, end = max(sound["start"], scene["start"]), min(sound["end"], scene["end"])
        piece = {**scene, "start": start, "end": end, "audio": sound["audio"]}
        heard = [item for item in said if _meets(item.part, piece)]
        if (judged := _judge_part(asked, index, piece, heard, names, known)) is not None:
            pieces.append(judged)
    better = max((piece.fit for piece in pieces), default=0.0) > max((whole.fit for whole in found), default=0.0) + 1e-9
    return pieces if better else found


def _judge_part(
    asked: _Asked,
    index: Mapping[str, Any],
    part: Mapping[str, Any],
    said: Sequence[_Spoken],
    names: Degrees,
    known: Mapping[str, float],
) -> _Judged | None:
    """A part of a video with its scores; None if it has nothing of what is searched."""
    query, terms = asked.query, asked.terms
    degrees = _degrees_by_option(query, terms, index, part, names)
    if "transcription" in query.options:
        degrees["transcription"] = [max(column) for column in zip(*(item.degrees for item in said), strict=True)]
    near = _near_by_option(asked, part, said, known)
    fits = {option: _mean(terms, found) for option, found in degrees.items()}
    alike = max((_looks_like(part, picture) for picture in asked.pictures), default=0.0)
    if asked.pictures and "visual" in query.options:
        fits["visual"] = (fits["visual"] + alike) / 2 if terms else alike
    if query.ranked:
        # What has no sound, or in which nothing is said, is no result of a search for it.
        fits = {option: fit for option, fit in fits.items() if fit or near.get(option)}
        if not fits:
            return None
    by_option = {option: _graded(query, fit, near.get(option, 0.0)) for option, fit in fits.items()}
    if query.operator == "and":
        wanted = [by_option.get(option) for option in query.options]
        scores = [score for score in wanted if score is not None and score >= query.threshold]
        score = sum(scores) / len(scores) if scores and len(scores) == len(wanted) else None
        return None if score is None else _Judged(part, by_option, score, max(fits.values()))
    fit = max(fits.values(), default=0.0)
    if terms:
        # One word may be seen and another one heard: the best of all options counts for each.
        best = [max(column) for column in zip(*(found for found in degrees.values() if found), strict=True)]
        fit = _mean(terms, best)
        fit = (fit + alike) / 2 if asked.pictures else fit
    return _Judged(part, by_option, _graded(query, fit, max(near.values(), default=0.0)), fit)


def _near_by_option(
    asked: _Asked, part: Mapping[str, Any], said: Sequence[_Spoken], known: Mapping[str, float]
) -> dict[str, float]:
    """How near a part of a video is to the query, by option; an option of which it has nothing is left out."""
    if not asked.query.ranked:
        return {}
    found: dict[str, float] = {}
    if "visual" in asked.query.options and (seen := visual_features(part)):
        near = [nearness(seen) for nearness in asked.near_pictures]
        if asked.near_text is not None:
            near.append(asked.near_text(mix([(seen, 1.0), (dict(known), _NAMES_SHARE)])))
        found["visual"] = sum(near) / len(near)
    if asked.near_text is not None:
        if "audio" in asked.query.options and (heard := audio_features(part)):
            found["audio"] = asked.near_text(heard)
        if said:
            found["transcription"] = max(item.near for item in said)
    return found


def _graded(query: SearchQuery, fit: float, near: float) -> float:
    """A score: how well something fits, and where it does not, how near it is."""
    return fit + (1.0 - fit) * RANKED_SHARE * near if query.ranked else fit


def _nearest(query: SearchQuery, judged: _Judged) -> tuple[str, ...]:
    """The options of a hit that fits under none of them alone: all together, or of a ranked search the best one."""
    if not query.ranked:
        return tuple(query.options)
    return (max((o for o in query.options if o in judged.by_option), key=lambda o: judged.by_option[o]),)


def _worth_splitting(judged: _Judged) -> bool:
    # What is seen or heard adds nothing to the words: the words' own times say more than the scene's.
    return judged.by_option["transcription"] >= judged.score - 1e-9


def _hit(
    video_id: str, index: Mapping[str, Any], part: Mapping[str, Any], score: float, modalities: tuple[str, ...]
) -> Hit:
    said = " ".join(item["value"] for item in captions_between(index, part["start"], part["end"]))
    end = min(part["end"], index["duration"])  # times are rounded, and a picture may last longer than its track
    return Hit(video_id, min(part["start"], end), end, round(min(score, 1.0), 4), said or None, modalities)


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
