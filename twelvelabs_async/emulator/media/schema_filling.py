"""Values that are valid for a JSON schema, filled from an index by the type and the name of each property.

The result is valid for the schemas that the platform accepts: types, enum, const, limits of numbers, texts and lists,
patterns, required and optional properties, references, anyOf/oneOf/allOf.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ..._safe_repr import SafeRepr
from . import descriptions
from .regex_examples import example
from .searching import THRESHOLD, SearchQuery, search
from .vocabulary import terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_MAX_OPTIONAL_DEPTH: Final = 5
"""Depth down to which optional properties are filled."""

_MAX_DEPTH: Final = 50
"""Maximum depth of a schema that requires itself."""

_MAX_ITEMS: Final = 50
"""Items of a list that is not limited by its schema."""


_FORMATS: Final = {
    "date": "1970-01-01",
    "date-time": "1970-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "uuid": "00000000-0000-4000-8000-000000000000",
}
"""Texts of a format; the index knows none."""


@dataclass(frozen=True, slots=True)
class _Place(SafeRepr):
    """Where a value is filled in: the index, the scene it is about (None: the whole), and the schema's root."""

    index: Mapping[str, Any]
    root: Mapping[str, Any]
    scene: Mapping[str, Any] | None = None
    name: str = ""
    hint: str = ""
    depth: int = 0

    @property
    def words(self) -> list[str]:
        return re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", self.name).lower())


def fill(schema: Mapping[str, Any], index: Mapping[str, Any], scene: Mapping[str, Any] | None = None) -> Any:
    """Make a value that is valid for a schema, from an index.

    Args:
        schema: The JSON schema.
        index: A media index, as `index` makes it.
        scene: The scene that the value is about; None is the whole file.
    """
    return _value(schema, _Place(index, schema, scene))


def _value(schema: Any, place: _Place) -> Any:
    if schema is True or schema is False:  # schemas that accept everything or nothing
        return None
    if place.depth >= _MAX_OPTIONAL_DEPTH and _takes_null(schema):
        return None  # an object that holds another one of its kind, or none, ends here
    schema = _resolve(schema, place.root)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return _choice(schema["enum"], place)
    hint = schema.get("description") or schema.get("title") or ""
    place = replace(place, hint=hint if isinstance(hint, str) else "")
    match _type(schema):
        case "object":
            return _object(schema, place)
        case "array":
            return _array(schema, place)
        case "string":
            return _string(schema, place)
        case "integer":
            return round(_number(schema, place, whole=True))
        case "number":
            return _number(schema, place, whole=False)
        case "boolean":
            return _boolean(place)
        case _:
            return None


def _takes_null(schema: Mapping[str, Any]) -> bool:
    return any(isinstance(option, dict) and option.get("type") == "null" for option in schema.get("anyOf") or [])


def _resolve(schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """Follow references, take the first useful alternative, join allOf."""
    found = dict(schema)
    for _ in range(16):
        if isinstance(reference := found.pop("$ref", None), str):
            found = {**_pointed(reference, root), **found}
        elif alternatives := found.pop("anyOf", None) or found.pop("oneOf", None):
            useful = [a for a in alternatives if isinstance(a, dict) and a.get("type") != "null"]
            found = {**found, **(useful[0] if useful else {"type": "null"})}
        elif parts := found.pop("allOf", None):
            for part in parts:
                resolved = _resolve(part, root)
                properties = {**found.get("properties", {}), **resolved.get("properties", {})}
                required = [*found.get("required", []), *resolved.get("required", [])]
                found = {**found, **resolved}
                if properties:
                    found["properties"], found["required"] = properties, required
        else:
            break
    return found


def _pointed(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    target: Any = root
    for part in reference.lstrip("#").split("/"):
        if part:
            key = part.replace("~1", "/").replace("~0", "~")
            target = target.get(key, {}) if isinstance(target, dict) else {}
    return target if isinstance(target, dict) else {}


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), "null")
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "required" in schema:
        return "object"
    if "items" in schema:
        return "array"
    return "number" if "minimum" in schema or "maximum" in schema else "string"


def _object(schema: Mapping[str, Any], place: _Place) -> dict[str, Any]:
    if place.depth > _MAX_DEPTH:
        return {}
    properties: dict[str, Any] = schema.get("properties", {})
    required: list[str] = schema.get("required", [])
    names = (
        required if place.depth >= _MAX_OPTIONAL_DEPTH else [*properties, *(n for n in required if n not in properties)]
    )
    return {
        name: _value(properties.get(name, {"type": "string"}), replace(place, name=name, depth=place.depth + 1))
        for name in names
    }


def _array(schema: Mapping[str, Any], place: _Place) -> list[Any]:
    least, most = (
        schema.get("minItems", 0),
        min(schema.get("maxItems", _MAX_ITEMS), max(_MAX_ITEMS, schema.get("minItems", 0))),
    )
    inner = replace(place, depth=place.depth + 1)
    items = _resolve(schema.get("items") or {}, place.root) if schema.get("items") is not True else {}
    if place.depth >= _MAX_OPTIONAL_DEPTH:
        values: list[Any] = []
    elif _type(items) in {"object", "array"} and place.scene is None:
        scenes: Sequence[Mapping[str, Any]] = place.index["scenes"]
        if _about(place, "highlight", "moment"):
            scenes = [s for s in scenes if s.get("motion") in {"slow", "fast"} or s.get("colours")][:3]
        values = [_value(items, replace(inner, scene=scene)) for scene in scenes[:most]]
    elif _type(items) == "string" and "enum" not in items and "const" not in items:
        values = [_fit_text(text, items, inner) for text in _texts(place)]
    elif _type(items) == "string":
        values = [value for value in items.get("enum", []) if _found(str(value), place)] or [_value(items, inner)]
    else:
        scenes = [place.scene] if place.scene is not None else place.index["scenes"]
        values = [_value(items, replace(inner, scene=scene)) for scene in scenes[:most]]
    if schema.get("uniqueItems"):
        values = [value for n, value in enumerate(values) if value not in values[:n]]
    while len(values) < least:
        values.append(_another(items, inner, values, unique=bool(schema.get("uniqueItems"))))
    return values[:most]


def _another(items: Mapping[str, Any], place: _Place, known: list[Any], *, unique: bool) -> Any:
    """Make one more item for a list that must be longer than the values from the index."""
    value = _value(items, place)
    if "enum" in items:
        return next((option for option in items["enum"] if option not in known), value)
    if isinstance(value, str):
        texts = [_fit_text(text, items, place) for text in descriptions.topics(place.index, limit=len(known) + 1)]
        value = next((text for text in texts if text not in known), f"{texts[0] if texts else value} {len(known) + 1}")
    elif unique and isinstance(value, int | float):
        value += len(known)
    return value


def _choice(options: Sequence[Any], place: _Place) -> Any:
    """Choose the value of an enum that fits the scene or the file best; the first one when none does."""
    scored = [(_found(str(option), place), -n) for n, option in enumerate(options)]
    return options[-max(scored)[1]]


def _found(text: str, place: _Place) -> float:
    """Search for a text in the scene or the whole file; the best score."""
    if not any(character.isalpha() for character in text):
        return 0.0
    index = place.index if place.scene is None else {**place.index, "scenes": [place.scene]}
    text = re.sub(r"[_\-]+", " ", text)
    hits = search(SearchQuery(text, options=("visual", "audio", "transcription")), [("", index)])
    return hits[0].score if hits else 0.0


def _boolean(place: _Place) -> bool:
    words = set(place.words)
    if words & {"audio", "sound"}:
        return bool(place.index["has_audio"])
    if words & {"speech", "dialogue", "subtitles", "captions", "transcript", "spoken", "speaking"}:
        return bool(_spoken(place))
    asked = " ".join(word for word in place.words if word not in {"is", "has", "contains", "includes", "shows"})
    return any(_found(term, place) >= THRESHOLD for term in terms_of(asked)) if asked else False


def _number(schema: Mapping[str, Any], place: _Place, *, whole: bool) -> float:
    """A number from the index, within the limits of the schema."""
    nudge = 1.0 if whole else 1e-6
    low = max(float(schema.get("minimum", -math.inf)), float(schema.get("exclusiveMinimum", -math.inf)) + nudge)
    high = min(float(schema.get("maximum", math.inf)), float(schema.get("exclusiveMaximum", math.inf)) - nudge)
    step = float(schema.get("multipleOf", 1 if whole else 0))
    value = min(max(_known_number(place), low), high)
    if not step:
        return round(value, 6)
    value = round(value / step) * step
    if value < low:
        value = math.ceil(low / step) * step
    if value > high:
        value = math.floor(high / step) * step
    return value


def _known_number(place: _Place) -> float:
    scene, index = place.scene, place.index
    first = index["scenes"][0]["start"] if index["scenes"] else 0.0
    start, end = (scene["start"], scene["end"]) if scene is not None else (first, first + index["duration"])
    if _about(place, "start", "begin", "from", "timestamp", "time") and not _about(place, "end", "duration"):
        return float(start)
    if _about(place, "end", "stop", "until", "to"):
        return float(end)
    if _about(place, "duration", "length", "seconds"):
        return float(end - start)
    if _about(place, "width"):
        return float(index["width"])
    if _about(place, "height"):
        return float(index["height"])
    if _about(place, "fps", "rate"):
        return float(index["fps"])
    if _about(place, "brightness") and scene is not None:
        return float(scene.get("brightness", 0.0))
    if _about(place, "number", "index", "order") and scene is not None:
        return float(scene.get("number", 0) + 1)
    if _about(place, "colors", "colours", "color", "colour"):
        return float(len(descriptions.colours(index)))
    if _about(place, "count", "number", "total", "scenes"):
        return float(len(index["scenes"]))
    if _about(place, "score", "confidence", "probability", "rating"):
        return 1.0
    return 0.0


def _string(schema: Mapping[str, Any], place: _Place) -> str:
    return _fit_text(_known_text(schema, place), schema, place)


def _known_text(schema: Mapping[str, Any], place: _Place) -> str:
    scene, index = place.scene, place.index
    if form := _FORMATS.get(schema.get("format", "")):
        return form
    if _about(place, "start", "end", "timestamp", "time", "duration", "begin"):
        form = "hh:mm:ss" if "hh" in place.hint.lower() else "mm:ss"
        return descriptions.format_time(_known_number(place), form)
    for words, make in _TEXTS:
        if _about(place, *words):
            return make(place)
    return descriptions.overview(index) if scene is None else descriptions.describe_scene(scene)


def _fit_text(text: str, schema: Mapping[str, Any], place: _Place) -> str:
    """Make a text keep the pattern and the lengths of its schema."""
    if isinstance(pattern := schema.get("pattern"), str):
        candidates = [
            text,
            *descriptions.topics(place.index),
            *(descriptions.format_time(_known_number(place), f) for f in _CLOCKS),
        ]
        text = next((c for c in candidates if _matches(pattern, c)), None) or example(pattern)
    if (most := schema.get("maxLength")) is not None and len(text) > most:
        text = text[:most]
    while len(text) < schema.get("minLength", 0):
        text = (text + " " + (text or "-"))[: max(schema["minLength"], 1)]
    return text


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


_CLOCKS: Final = ("hh:mm:ss", "hh:mm:ss.fff", "mm:ss", "m:ss", "seconds")


def _texts(place: _Place) -> list[str]:
    """List the texts for a list of texts, by its name."""
    scene, index = place.scene, place.index
    if _about(place, "color", "colors", "colour", "colours"):
        return list(descriptions.colours(index) if scene is None else scene.get("colours", {}))
    if _about(place, "hashtag", "hashtags"):
        return descriptions.hashtags(index)
    if _about(place, "transcript", "captions", "subtitles", "quotes", "dialogue", "lines", "speech"):
        return [item["value"] for item in index["transcription"]] if scene is None else [_spoken(place)]
    if _about(place, "scenes", "shots", "chapters", "highlights", "events", "moments", "timeline"):
        return descriptions.scene_lines(index)
    return descriptions.topics(index)


def _spoken(place: _Place) -> str:
    scene = place.scene
    return (
        descriptions.spoken(place.index)
        if scene is None
        else descriptions.spoken(place.index, scene["start"], scene["end"])
    )


def _scene_title(place: _Place) -> str:
    scene = place.scene
    if scene is None:
        return descriptions.title(place.index)
    name = descriptions.main_colour(scene) or descriptions.describe_sound(scene) or "quiet"
    return f"{name.capitalize()} scene"


def _about(place: _Place, *words: str) -> bool:
    return any(word in words for word in place.words)


def _first(texts: Sequence[str], otherwise: str) -> str:
    return texts[0] if texts else otherwise


def _of_scene(key: str) -> Callable[[_Place], str]:
    def value(place: _Place) -> str:
        scenes = [place.scene] if place.scene is not None else place.index["scenes"]
        found = [str(scene[key]) for scene in scenes if scene.get(key)]
        return max(found, key=found.count) if found else "unknown"

    return value


def _colour(place: _Place) -> str:
    found = descriptions.colours(place.index) if place.scene is None else place.scene.get("colours", {})
    return next(iter(found), "none")


def _sound(place: _Place) -> str:
    if place.scene is not None:
        return descriptions.describe_sound(place.scene) or "no sound track"
    return descriptions.describe_all_sound(place.index)


_TEXTS: Final[Sequence[tuple[tuple[str, ...], Callable[[_Place], str]]]] = (
    (("title", "headline", "heading", "name", "label"), _scene_title),
    (("color", "colour", "colors", "colours"), _colour),
    (("brightness", "lighting", "light"), _of_scene("brightness_name")),
    (("motion", "movement", "action", "pace", "speed"), _of_scene("motion")),
    (("texture",), _of_scene("texture")),
    (("sound", "audio", "music"), _sound),
    (
        ("transcript", "transcription", "speech", "caption", "captions", "subtitle", "subtitles", "quote", "text"),
        _spoken,
    ),
    (
        ("topic", "topics", "category", "tag", "keyword", "theme"),
        lambda p: next(iter(descriptions.topics(p.index)), "unknown"),
    ),
    (("hashtag",), lambda p: next(iter(descriptions.hashtags(p.index)), "#video")),
    (("filename", "file"), lambda p: p.index.get("filename") or descriptions.title(p.index)),
    (("language",), lambda _: "unknown"),
)
"""Sources of text properties, by the words of their names."""
