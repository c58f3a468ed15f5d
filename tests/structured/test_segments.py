"""Classes as segment definitions, and segments as instances of them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, Literal

import attrs
import pytest

from tests.structured import classes
from twelvelabs_async.errors import OutputTruncatedError, StructuredOutputError
from twelvelabs_async.structured import Segment, SegmentKind, parse_segments, segment_format_for


def test_a_definition() -> None:
    assert SegmentKind(classes.Shot).definition() == {
        "id": "shot",
        "description": "A continuous shot, from cut to cut.",
        "fields": [
            {"name": "subject", "description": "What it shows.", "type": "string"},
            {"name": "mood", "description": "mood", "type": "string", "enum": ["calm", "tense"]},
            {"name": "peak", "description": "peak", "type": "timestamp", "format": "seconds"},
            {"name": "brightness", "description": "brightness", "type": "number"},
            {"name": "people", "description": "people", "type": "integer"},
            {"name": "indoor", "description": "indoor", "type": "boolean"},
            {
                "name": "colors",
                "description": "colors",
                "type": "array",
                "items": {"type": "string"},
                "enum": ["red", "blue"],
            },
            {"name": "words", "description": "words", "type": "array", "items": {"type": "string"}},
            {
                "name": "moments",
                "description": "What happens in it.",
                "type": "time_array",
                "items": {
                    "type": "object",
                    "fields": [
                        {"name": "label", "description": "label", "type": "string", "enum": ["goal", "foul"]},
                        {"name": "players", "description": "players", "type": "array", "items": {"type": "string"}},
                    ],
                },
            },
        ],
    }


def test_times_are_not_asked_for() -> None:
    assert SegmentKind(classes.Timed).definition([(0, 4), (4, 8.5)]) == {
        "id": "timed",
        "description": "Any part.",
        "fields": [{"name": "title", "description": "title", "type": "string"}],
        "time_ranges": [{"start_time": 0, "end_time": 4}, {"start_time": 4, "end_time": 8.5}],
    }


@attrs.frozen
class GoalScene:
    """A goal."""


def test_a_class_without_fields() -> None:
    assert SegmentKind(GoalScene).definition() == {"id": "goal_scene", "description": "A goal."}


def described(**members: Any) -> type:
    made = attrs.make_class("Made", {name: attrs.field(type=kind) for name, kind in members.items()})
    made.__doc__ = "A part."
    return made


@attrs.frozen
class NoTimes:
    label: str


@attrs.frozen
class OnlyTimes:
    start_time: float
    end_time: float


@attrs.frozen
class Deep:
    start_time: float
    end_time: float
    moments: list[classes.Moment]


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (dict, "dict must be an attrs class, a dataclass or a TypedDict"),
        (NoTimes, "NoTimes needs a docstring"),
        (described(a=NoTimes), "Made.a: .* is not supported in a segment"),
        (described(a=Literal[1, 2]), "Made.a: .* is not supported in a segment"),
        (described(a=int | str), "Made.a: .* is not supported in a segment"),
        (described(a=dict), "Made.a: dict is not supported"),
        (described(a=list[list[str]]), "Made.a: .* is not supported in a segment"),
        (described(a=list[NoTimes]), "Made.a: NoTimes is for parts of a segment, and needs start_time and end_time"),
        (described(a=list[OnlyTimes]), "Made.a: OnlyTimes needs another field"),
        (described(a=list[Deep]), "Deep.moments: not supported inside of a list"),
        (described(a=Literal[tuple(map(str, range(101)))]), "Made.a: 101 choices are more than the 100"),
    ],
)
def test_what_cannot_be_extracted(cls: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        SegmentKind(cls)


def test_classes_that_are_not_kinds_of_segments() -> None:
    with pytest.raises(ValueError, match="at least one class"):
        segment_format_for([], None)
    with pytest.raises(ValueError, match="different names, not shot, shot"):
        segment_format_for([SegmentKind(classes.Shot), SegmentKind(classes.Shot)], None)


SHOT = {"subject": "a dog", "mood": "calm", "peak": 2.5, "moments": [{"start_time": 1, "end_time": 2, "label": "goal"}]}


async def test_segments_in_the_order_of_their_times() -> None:
    shot, timed = SegmentKind[Any](classes.Shot), SegmentKind[Any](classes.Timed)
    text = json.dumps(
        {
            "shot": [
                {"start_time": 4, "end_time": 8, "metadata": {"subject": "a cat", "mood": "tense", "peak": None}},
                {"start_time": 0, "end_time": 4, "metadata": SHOT},
            ],
            "timed": [{"start_time": 0, "end_time": 2.5, "metadata": {"title": "Intro"}}],
        }
    )
    assert await parse_segments([shot, timed], text, "stop", None) == [
        Segment(0.0, 2.5, {"start_time": 0.0, "end_time": 2.5, "title": "Intro"}, "timed"),
        Segment(
            0.0,
            4.0,
            classes.Shot(
                "a dog",
                classes.Mood.CALM,
                dt.timedelta(seconds=2.5),
                moments=[classes.Moment(1.0, 2.0, "goal")],
            ),
            "shot",
        ),
        Segment(4.0, 8.0, classes.Shot("a cat", classes.Mood.TENSE), "shot"),
    ]
    # A kind of which there is no segment may be absent, and a class without fields needs no metadata.
    goal = SegmentKind(GoalScene)
    assert await parse_segments([goal], "{}", "stop", None) == []
    found = await parse_segments([goal], '{"goal_scene": [{"start_time": 1, "end_time": 2}]}', "stop", None)
    assert found == [Segment(1.0, 2.0, GoalScene(), "goal_scene")]


@pytest.mark.parametrize(
    ("value", "path", "problem"),
    [
        ([], "", "it should be an object"),
        ({"shots": []}, "shots", "of a kind that was not asked for"),
        ({"shot": {}}, "shot", "should be a list"),
        ({"shot": [1]}, "shot[0]", "should be an object"),
        ({"shot": [{"start_time": 1, "metadata": SHOT}]}, "shot[0].end_time", "should be a number, but is null"),
        ({"shot": [{"start_time": 1, "end_time": 2, "metadata": []}]}, "shot[0].metadata.subject", "is missing"),
        ({"shot": [{"start_time": 1, "end_time": 2, "metadata": 1}]}, "shot[0].metadata", "should be an object"),
        (
            {"shot": [{"start_time": 1, "end_time": 2, "metadata": {**SHOT, "peak": "0:01"}}]},
            "shot[0].metadata.peak",
            "should be a number",
        ),
    ],
)
async def test_a_mismatch_is_an_error_that_holds_the_text(value: Any, path: str, problem: str) -> None:
    text = json.dumps(value)
    with pytest.raises(StructuredOutputError, match=problem) as caught:
        await parse_segments([SegmentKind(classes.Shot)], text, "stop", "req_1")
    error = caught.value
    assert (error.text, error.path, error.request_id) == (text, path, "req_1")


async def test_a_result_that_was_cut_off() -> None:
    with pytest.raises(OutputTruncatedError, match="no complete list of segments"):
        await parse_segments([SegmentKind(classes.Shot)], '{"shot": [', "length", None)
