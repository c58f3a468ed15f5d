"""Answers to prompts, put together from an index.

The engine understands no language: it looks for words in the prompt that name something it knows (title, colours,
number of scenes, sound ...) or something it can search for, and reports what it found. The same prompt always gets the
same answer; a temperature changes nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..._safe_repr import SafeRepr
from . import descriptions
from .schema_filling import fill
from .searching import Hit, SearchQuery, search
from .timeline import part_between
from .vocabulary import concepts_of, terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_TOKEN = re.compile(r"\s*(?:\w{1,6}|[^\w\s])")
_PRESENCE = re.compile(
    r"\b(is|are|was|were) there\b|\b(when|where|find|contains?)\b|\bdo(es)? (you|it)\b", re.IGNORECASE
)
_EVERYWHERE: Final = ("visual", "audio", "transcription")
_TASKS: Final = """
about all analyse analyze answer any appear appears brief briefly bullet contain contains detail detailed each english
every explain format generate give happening happens json list main maximum me most name one overall please provide
return see seen sentence sentences short tell text there three two visible words write
"""
_TASK_WORDS: Final = frozenset(_TASKS.split())


@dataclass(frozen=True, slots=True)
class AnalyzeText(SafeRepr):
    """A generated answer.

    Attributes:
        text: The answer; JSON when a schema was given.
        finish_reason: stop, or length when it was cut off after `max_tokens`.
        input_tokens: Tokens of the prompt.
        output_tokens: Tokens of the answer.
    """

    text: str
    finish_reason: str
    input_tokens: int
    output_tokens: int


def analyze(
    index: Mapping[str, Any],
    prompt: str,
    *,
    max_tokens: int | None = None,
    json_schema: Mapping[str, Any] | None = None,
    temperature: float | None = None,
    start: float | None = None,
    end: float | None = None,
) -> AnalyzeText:
    """Answer a prompt about a file.

    Args:
        index: A media index, as `index` makes it.
        prompt: The question or task.
        max_tokens: Longest answer; what goes beyond is cut off.
        json_schema: Schema of the answer, which is then JSON.
        temperature: Without effect: answers are deterministic.
        start: Only look at what comes after this time in seconds.
        end: Only look at what comes before this time in seconds.
    """
    part = part_between(index, start, end)
    text = compose(part, prompt) if json_schema is None else json.dumps(fill(json_schema, part), ensure_ascii=False)
    return cut_off(text, prompt, max_tokens)


def count_tokens(text: str) -> int:
    """Count tokens: pieces of at most six letters or digits, and single signs."""
    return sum(1 for _ in _TOKEN.finditer(text))


def cut_off(text: str, prompt: str, max_tokens: int | None) -> AnalyzeText:
    """Cut a text off after a number of tokens, and count."""
    ends = [match.end() for match in _TOKEN.finditer(text)]
    if max_tokens is not None and len(ends) > max_tokens:
        kept = text[: ends[max_tokens - 1]] if max_tokens > 0 else ""
        return AnalyzeText(kept, "length", count_tokens(prompt), max(max_tokens, 0))
    return AnalyzeText(text, "stop", count_tokens(prompt), len(ends))


def compose(index: Mapping[str, Any], prompt: str) -> str:
    """Put an answer together from the parts that the prompt asks for."""
    lower = prompt.lower()
    asked = [part for pattern, part in _PARTS if re.search(pattern, lower)]
    paragraphs = [text for part in dict.fromkeys(asked) if (text := part(index))]
    found = _look_for(index, prompt)
    if found:
        paragraphs.append(found)
    if not paragraphs:
        paragraphs = [descriptions.overview(index)]
        if index["kind"] in {"video", "audio"}:
            paragraphs.append(_scenes(index))
    return "\n\n".join(paragraphs)


def _look_for(index: Mapping[str, Any], prompt: str) -> str:
    """Search for what the prompt names, each concept or unknown word on its own."""
    words = [word for word in terms_of(prompt) if word not in _TASK_WORDS and not _names_a_part(word)]
    lines = []
    for word in words[:8]:
        hits = search(SearchQuery(word, options=_EVERYWHERE), [("", index)])
        if hits:
            hits.sort(key=lambda hit: hit.start)
            lines.append(f"{word!r} fits at {', '.join(_span(hit) for hit in hits[:8])}.")
        elif concepts_of(word) or _PRESENCE.search(prompt):
            lines.append(f"{word!r} was not found.")
    return " ".join(lines)


def _names_a_part(word: str) -> bool:
    return any(re.search(pattern, word) for pattern, _ in _PARTS) or word in {"highlight", "many", "number", "long"}


def _span(hit: Hit) -> str:
    return descriptions.span({"start": hit.start, "end": hit.end})


def _title(index: Mapping[str, Any]) -> str:
    return f"Title: {descriptions.title(index)}"


def _topics(index: Mapping[str, Any]) -> str:
    return f"Topics: {', '.join(descriptions.topics(index))}"


def _hashtags(index: Mapping[str, Any]) -> str:
    return f"Hashtags: {' '.join(descriptions.hashtags(index))}"


def _count(index: Mapping[str, Any]) -> str:
    count = len(index["scenes"])
    return f"There {'is 1 scene' if count == 1 else f'are {count} scenes'}."


def _length(index: Mapping[str, Any]) -> str:
    return f"It lasts {index['duration']:.1f} seconds ({descriptions.format_time(index['duration'])})."


def _colours(index: Mapping[str, Any]) -> str:
    by_scene = [
        f"{descriptions.span(s)} {descriptions.join(list(s['colours'])[:3])}"
        for s in index["scenes"]
        if s.get("colours")
    ]
    return f"Colours by scene: {'; '.join(by_scene[:20])}." if by_scene else "There is no picture."


def _brightness(index: Mapping[str, Any]) -> str:
    by_scene = [f"{descriptions.span(s)} {s['brightness_name']}" for s in index["scenes"] if "brightness_name" in s]
    return f"Brightness by scene: {'; '.join(by_scene[:20])}." if by_scene else ""


def _motion(index: Mapping[str, Any]) -> str:
    by_scene = [f"{descriptions.span(s)} {s['motion']}" for s in index["scenes"] if "motion" in s]
    return f"Motion by scene: {'; '.join(by_scene[:20])}." if by_scene else ""


def _words(index: Mapping[str, Any]) -> str:
    said = [f"{descriptions.span(item)} {item['value']!r}" for item in index["transcription"][:30]]
    return f"Subtitles: {'; '.join(said)}." if said else "There are no subtitles; speech itself is not recognised here."


def _scenes(index: Mapping[str, Any]) -> str:
    return "\n".join(descriptions.scene_lines(index))


def _highlight(index: Mapping[str, Any]) -> str:
    scenes = sorted(index["scenes"], key=interest, reverse=True)[:3]
    lines = [
        f"{descriptions.span(scene)}: {descriptions.describe_scene(scene)}." for scene in sorted(scenes, key=_start)
    ]
    return "Highlights:\n" + "\n".join(lines) if lines else ""


def _start(scene: Mapping[str, Any]) -> float:
    return float(scene["start"])


def interest(scene: Mapping[str, Any]) -> tuple[float, float]:
    """Measure how much happens in a scene: movement, many colours, sound; earlier scenes win a draw."""
    happens = {"fast": 2.0, "slow": 1.0}.get(scene.get("motion", "still"), 0.0)
    happens += 0.3 * len(scene.get("colours", {})) + 3 * abs(scene.get("brightness_change", 0.0))
    happens += {"loud": 0.8, "quiet": 0.3}.get((scene.get("audio") or {}).get("loudness", "none"), 0.0)
    return happens, -float(scene["start"])


_PARTS: Final[Sequence[tuple[str, Callable[[Mapping[str, Any]], str]]]] = (
    (r"\btitles?\b", _title),
    (r"\b(summary|summari[sz]e|overview|happens|what is this|describe the (video|whole))", descriptions.overview),
    (r"\btopics?\b", _topics),
    (r"\bhashtags?\b", _hashtags),
    (r"\b(how many|number of|count)\b.*\b(scenes?|shots?|parts?)\b", _count),
    (r"\b(how long|duration|length)\b", _length),
    (r"\bcolou?rs?\b", _colours),
    (r"\b(brightness|light|lighting)\b", _brightness),
    (r"\b(motion|movements?|moving|moves?)\b", _motion),
    (r"\b(sounds?|audio|hear|heard|music|noise)\b", descriptions.describe_all_sound),
    (r"\b(said|says?|spoken|speech|speak|transcri\w*|subtitles?|captions?|dialogue)\b", _words),
    (r"\b(highlights?|best moments?)\b", _highlight),
    (r"\b(chapters?|timeline|timestamps?|describe|(each|list|all)( the| all)? scenes?)\b", _scenes),
)
"""What a prompt can ask for: a pattern, and the function that writes about it."""
