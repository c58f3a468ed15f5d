"""Answers, summaries and filled schemas: honest, valid, the same each time."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async.emulator import media
from twelvelabs_async.emulator.media import analyze, analyze_segments, gist, summarize
from twelvelabs_async.emulator.media.descriptions import format_time, title
from twelvelabs_async.emulator.media.regex_examples import example
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene, write_audio, write_image
from twelvelabs_async.emulator.media.schema_filling import fill
from twelvelabs_async.emulator.media.timeline import part_between

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Give this a title", "Title: Beach holiday"),
        ("Suggest hashtags", "#beach #holiday"),
        ("What topics?", "Topics: beach, holiday"),
        ("How many scenes are there?", "There are 3 scenes."),
        ("How long is it?", "It lasts 12.0 seconds (0:12)."),
        ("Which colours are there?", "0:07-0:12 red"),
        ("What about the lighting?", "0:04-0:07 bright"),
        ("Is anything moving?", "0:04-0:07 slow"),
        ("What sounds can you hear?", "a loud tone of 440 Hz"),
        ("What is said?", "0:07-0:11 'A sunset to remember'"),
        ("Describe each scene with timestamps", "0:00-0:04: mostly blue, of medium brightness, still"),
        ("Show the highlights", "Highlights:"),
        ("Summarize", "lasts 12.0 seconds and has 3 scenes. Its main colours are red (42%)"),
        ("When is red seen?", "'red' fits at 0:07-0:12."),
        ("Is there an elephant?", "'elephant' was not found."),
        ("Anything green?", "'green' was not found."),
        ("", "0:07-0:12: mostly red"),
    ],
)
def test_prompts(indexes: dict[str, dict[str, Any]], prompt: str, expected: str) -> None:
    answer = analyze(indexes["beach"], prompt, temperature=0.9)
    assert expected in answer.text
    assert answer.finish_reason == "stop"
    assert answer.output_tokens == media.count_tokens(answer.text) > 0
    assert answer == analyze(indexes["beach"], prompt)


def test_a_window_of_the_video(indexes: dict[str, dict[str, Any]]) -> None:
    text = analyze(indexes["beach"], "colours and what is said", start=5, end=7.2).text
    assert "0:05-0:07 yellow and white; 0:07-0:07 red" in text
    assert "sunset" not in text
    assert part_between(indexes["beach"], 0, 100) == indexes["beach"]


@given(st.integers(0, 200))
def test_cutting_off(tokens: int) -> None:
    index: dict[str, Any] = {
        "kind": "video", "duration": 5.0, "words": {}, "scenes": [], "transcription": [], "has_audio": False,
    }  # fmt: skip
    whole = analyze(index, "summary")
    cut = analyze(index, "summary", max_tokens=tokens)
    assert whole.text.startswith(cut.text)
    assert cut.output_tokens == min(tokens, whole.output_tokens) == media.count_tokens(cut.text)
    assert (cut.finish_reason == "length") is (tokens < whole.output_tokens)


def test_other_kinds_of_files(tmp_path: Path) -> None:
    def answer(path: Path, prompt: str = "") -> str:
        return analyze(media.index(path, media.probe(path), {"filename": path.name}), prompt).text

    assert "is mostly red" in answer(write_image(tmp_path / "a.png", "red"))
    sound = write_audio(tmp_path / "deep_hum.wav", [(5, 110.0, 0.5)])
    assert "loud tone of 112 Hz" in answer(sound)
    assert answer(sound, "colours") == "There is no picture."
    assert "no subtitles" in answer(sound, "what is said")
    text = tmp_path / "a.txt"
    text.write_text("Hello there. All is well.", encoding="utf-8")
    assert answer(text) == "The document has 2 sentences. It begins: Hello there. All is well."
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(b"%PDF-1.7 /Type /Page")
    assert "cannot be read here" in answer(pdf)


def test_a_video_with_very_many_scenes(tmp_path: Path) -> None:
    scenes = tuple(Scene("red" if n % 2 else "blue", 0.5) for n in range(30))
    path = SampleVideo("m.mp4", scenes, fps=8).write(tmp_path)
    index = media.index(path, media.probe(path))
    assert "18 more scenes follow, until 0:15." in analyze(index, "describe").text
    chapters = summarize(index, "chapter")["chapters"]
    assert len(chapters) == 10
    assert (chapters[0]["start_sec"], chapters[-1]["end_sec"]) == (0.0, 15.0)


SCHEMA = {
    "type": "object",
    "required": ["title", "scenes", "elsewhere"],
    "properties": {
        "title": {"type": "string", "maxLength": 5},
        "summary": {"type": "string", "minLength": 2000},
        "scenes": {
            "type": "array",
            "minItems": 2,
            "items": {
                "type": "object",
                "required": ["start", "color"],
                "properties": {
                    "start": {"type": "number"},
                    "end": {"type": "string", "pattern": r"^\d{2}:\d{2}:\d{2}$"},
                    "color": {"enum": ["green", "blue", "red"]},
                    "is_yellow": {"type": "boolean"},
                    "number": {"type": "integer", "minimum": 10, "multipleOf": 4},
                },
            },
        },
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 12, "uniqueItems": True},
        "ratings": {"type": "array", "items": {"type": "number"}, "minItems": 5, "uniqueItems": True},
        "moods": {"type": "array", "items": {"type": "string", "enum": ["dark", "bright", "red"]}},
        "few": {"type": "array", "items": {"type": "string"}, "maxItems": 1},
        "code": {"type": "string", "pattern": r"^[A-Z]{3}-\d+(x|y)$"},
        "tree": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/node"}]},
        "both": {"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"type": ["null", "boolean"]}}}]},
        "score": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.5},
        "when": {"type": "string", "format": "date-time"},
        "nothing": {"type": "null"},
        "anything": True,
        "sceneCount": {"type": "integer"},
    },
    "$defs": {
        "node": {"type": "object", "properties": {"child": {"$ref": "#/$defs/node"}, "width": {"type": "integer"}}}
    },
}


def test_json_schema(indexes: dict[str, dict[str, Any]]) -> None:
    answer = analyze(indexes["beach"], "x", json_schema=SCHEMA)
    value = json.loads(answer.text)
    jsonschema.validate(value, SCHEMA)
    assert [(s["start"], s["color"], s["is_yellow"]) for s in value["scenes"]] == [
        (0.0, "blue", False),
        (4.0, "green", True),
        (7.0, "red", False),
    ]
    assert value["scenes"][2]["end"] == "00:00:12"
    assert (value["title"], value["sceneCount"], value["tree"]["width"]) == ("Beach", 3, 640)
    assert value["moods"] == ["bright", "red"]
    assert analyze(indexes["beach"], "x", json_schema=SCHEMA, max_tokens=3).finish_reason == "length"


def between(kind: str, low: str, high: str, least: int) -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of a type with a lower and an upper limit."""
    return st.builds(
        lambda first, size: {"type": kind, low: first, high: first + size}, st.integers(least, 50), st.integers(0, 50)
    )


SIMPLE = st.one_of(
    between("integer", "minimum", "maximum", -50),
    between("number", "minimum", "maximum", -50),
    between("string", "minLength", "maxLength", 0),
    st.builds(lambda values: {"enum": values}, st.lists(st.text(max_size=5) | st.integers(), min_size=1, max_size=4)),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"type": ["string", "null"]}]),
)
WORDS = """
title start end_time colors score summary tags scene_count has_audio brightness motion transcript text language fileName
topic hashtags duration width height fps number items key_moments is_dark x texture sound caption index_count
"""
NAMES = st.sampled_from(WORDS.split())
SCHEMAS = st.recursive(
    SIMPLE,
    lambda inner: (
        st.builds(
            lambda properties, required: {"type": "object", "properties": properties, "required": required},
            st.dictionaries(NAMES, inner, max_size=4),
            st.lists(NAMES, max_size=2, unique=True),
        )
        | st.builds(
            lambda items, low, size: {"type": "array", "items": items, "minItems": low, "maxItems": low + size},
            inner,
            st.integers(0, 4),
            st.integers(0, 4),
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150)
@given(SCHEMAS)
def test_any_schema_is_filled_validly(schema: dict[str, Any]) -> None:
    jsonschema.validate(fill(schema, TINY), schema)


TINY: dict[str, Any] = {
    "kind": "video", "duration": 4.0, "width": 640, "height": 360, "fps": 24.0, "has_audio": True, "title": "",
    "filename": "a.mp4", "words": {"filename": ["a"]},
    "transcription": [{"start": 0.5, "end": 1.0, "value": "hello world"}],
    "scenes": [
        {
            "start": 2.0 * n, "end": 2.0 * n + 2, "colours": {colour: 0.9}, "brightness": 0.5, "number": n,
            "brightness_name": "medium", "brightness_change": 0.0, "motion": "slow", "movement": 0.01, "detail": 0.0,
            "texture": "plain", "audio": {"loudness": "loud", "level": -9.0, "tone": 440.0},
        }
        for n, colour in enumerate(("red", "blue"))
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "pattern",
    [r"^\d{4}-\d{2}-\d{2}$", r"[a-f]+", r"^(?:yes|no)$", r"^[^a-z]{2,3}$", r"a{2}b?c*", r"^\w+@\w+\.com$", r"[]x]",
     r"\bX\b", r"^(?P<n>\d)+?$", r"^[\]\-]$", r"^.\s\S$", "[一]", ""],
)  # fmt: skip
def test_patterns(pattern: str) -> None:
    assert re.search(pattern, example(pattern)) is not None


@pytest.mark.parametrize("pattern", [r"(?=x)y", "(", "[a", r"\1", r"a\b\Bz", r"[^\s\S]"])
def test_patterns_that_are_too_hard_give_nothing(pattern: str) -> None:
    assert example(pattern) == ""


def test_schemas_without_types_and_without_end() -> None:
    endless = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
    assert "a" in fill(endless, TINY)
    untyped = {
        "properties": {
            "n": {"minimum": 3},
            "l": {"items": {"type": "integer"}, "minItems": 3},
            "o": {"required": ["x"]},
            "lists": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
            "quotes": {"type": "array", "items": {"type": "string"}},
            "events": {"type": "array", "items": {"type": "string"}},
            "highlights": {"type": "array", "items": {"properties": {"brightness": {"type": "number"}}}},
            "hashtags": {"type": "array", "items": {"type": "string"}},
        }
    }
    value = fill(untyped, TINY)
    jsonschema.validate(value, untyped)
    assert (value["n"], value["quotes"]) == (3, ["hello world"])
    assert value["highlights"] == [{"brightness": 0.5}, {"brightness": 0.5}]
    assert fill({"$ref": "#/$defs/none"}, TINY) == fill({"type": "string"}, TINY)
    assert fill({"type": "integer", "multipleOf": 10, "maximum": 5, "minimum": -3}, TINY) == 0


def test_gist(indexes: dict[str, dict[str, Any]]) -> None:
    found = gist(indexes["beach"], ["title", "topic", "hashtag"])
    assert found["title"] == "Beach holiday"
    assert found["topics"][:2] == ["beach", "holiday"]
    assert found["hashtags"][:2] == ["#beach", "#holiday"]
    assert found["usage"]["output_tokens"] > 0
    assert set(gist(indexes["beach"], ["topic"])) == {"topics", "usage"}
    assert title({"title": "", "words": {}, "kind": "audio", "scenes": []}) == "Untitled audio"
    assert title({**TINY, "words": {}}) == "Blue and red scenes"


def test_summaries(indexes: dict[str, dict[str, Any]]) -> None:
    beach = indexes["beach"]
    summary = summarize(beach, max_tokens=5)
    assert (summary["summarize_type"], summary["usage"]["output_tokens"]) == ("summary", 5)
    assert "440 Hz" in summarize(beach, prompt="the sound")["summary"]
    assert json.loads(
        summarize(beach, json_schema={"type": "object", "properties": {"title": {"type": "string"}}})["summary"]
    )
    chapters = summarize(beach, "chapter")["chapters"]
    assert [(c["start_sec"], c["end_sec"], c["chapter_title"]) for c in chapters] == [
        (0.0, 4.0, "Blue scene"),
        (4.0, 7.0, "Yellow scene with slow motion"),
        (7.0, 12.0, "Red scene"),
    ]
    (highlight,) = summarize(beach, "highlight", "red")["highlights"]
    assert (highlight["start"], highlight["end"], highlight["highlight"]) == (7, 12, "Red scene")
    assert len(summarize(indexes["night"], "highlight")["highlights"]) == 3
    with pytest.raises(ValueError, match="chapter"):
        summarize(beach, "poem")


def test_segments(indexes: dict[str, dict[str, Any]]) -> None:
    fields = [
        {"name": "colour", "type": "string", "description": "x"},
        {"name": "end_at", "type": "timestamp", "format": "hh:mm:ss", "description": "x"},
        {"name": "kind", "type": "string", "enum": ["green", "red"], "description": "x"},
        {"name": "tags", "type": "array", "items": {"type": "string"}, "description": "x"},
        {"name": "moods", "type": "array", "items": {"type": "string"}, "enum": ["red", "dark"], "description": "x"},
        {
            "name": "shots",
            "type": "time_array",
            "items": {"type": "object", "fields": [{"name": "title", "type": "string", "description": "x"}]},
            "description": "x",
        },
    ]
    definitions: list[dict[str, Any]] = [
        {"id": "reds", "description": "red scenes", "fields": fields},
        {"id": "all", "description": "every change of subject"},
        {"id": "given", "description": "x", "time_ranges": [{"start_time": 1, "end_time": 3}]},
    ]
    found = analyze_segments(indexes["beach"], definitions)
    (red,) = found["reds"]
    assert (red["start_time"], red["end_time"]) == (7.0, 12.0)
    assert red["metadata"]["colour"] == red["metadata"]["kind"] == "red"
    assert red["metadata"]["end_at"] == "00:00:12"
    assert red["metadata"]["moods"] == ["red"]
    assert red["metadata"]["shots"] == [{"start_time": 7.0, "end_time": 12.0, "title": "Red scene"}]
    assert [s["start_time"] for s in found["all"]] == [0.0, 4.0, 7.0]
    assert found["given"] == [{"start_time": 1.0, "end_time": 3.0, "metadata": {}}]
    assert json.loads(json.dumps(found)) == found


def test_length_of_segments(indexes: dict[str, dict[str, Any]]) -> None:
    def spans(**options: Any) -> list[tuple[Any, Any]]:
        found = analyze_segments(indexes["beach"], [{"id": "a", "description": "changes"}], **options)["a"]
        return [(s["start_time"], s["end_time"]) for s in found]

    assert spans(min_segment_duration=5) == [(0.0, 7.0), (7.0, 12.0)]
    assert spans(max_segment_duration=3)[:2] == [(0.0, 2.0), (2.0, 4.0)]
    assert spans(start=5, end=8) == [(5.0, 7.0), (7.0, 8.0)]
    assert spans(time_format="hh:mm:ss.fff")[1] == ("00:00:04.000", "00:00:07.000")


def test_clock() -> None:
    assert [format_time(3723.4567, form) for form in ("m:ss", "mm:ss", "hh:mm:ss", "hh:mm:ss.fff", "seconds")] == [
        "1:02:03", "1:02:03", "01:02:03", "01:02:03.457", "3723.46",
    ]  # fmt: skip
    assert format_time(65) == "1:05"
