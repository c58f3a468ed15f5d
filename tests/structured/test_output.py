"""Generated text as instances of a class, and errors that hold it."""

from __future__ import annotations

import copy
import datetime as dt
import json
import pickle
import threading
import uuid
from typing import Any

import attrs
import pytest

from tests.structured import classes
from tests.structured.test_schema import Card, Refusing
from twelvelabs_async.errors import OutputTruncatedError, StructuredOutputError
from twelvelabs_async.structured import _output, parse_into, parse_text

REPORT = {
    "title": "A day",
    "summary": "Sun. Sea.",
    "scenes": [
        {
            "title": "Beach",
            "seconds": 4,
            "mood": "tense",
            "kind": None,
            "people": [{"name": "Ann", "age": 30.0}],
            "more": 1,
        },
        {"title": "Sea", "seconds": 2.5},
    ],
    "keywords": ["sun", "sea"],
    "note": "seen",
}


def test_an_attrs_class() -> None:
    report = parse_into(classes.Report, json.dumps(REPORT), "stop")
    assert report == classes.Report(
        title="A day",
        summary="Sun. Sea.",
        scenes=[
            classes.Scene(4.0, classes.Title("Beach"), classes.Mood.TENSE, None, [classes.Person("Ann", 30)]),
            classes.Scene(2.5, classes.Title("Sea")),
        ],
        keywords=("sun", "sea"),
        note="seen",
    )
    assert type(report.scenes[0].seconds) is float
    assert report.scenes[1].people == []
    assert (report.rating, report.suitable) == (1, True)


def test_a_typed_dict_is_a_dict() -> None:
    text = '{"id": 7, "name": "a", "level": 2, "next": {"id": 8, "name": "b", "next": null}}'
    entry = parse_into(classes.Entry, text)
    assert entry == {"id": 7, "name": "a", "level": 2, "next": {"id": 8, "name": "b", "next": None}}
    assert entry["level"] is classes.Level.HIGH


def test_formats_and_unions() -> None:
    key = uuid.uuid4()
    text = json.dumps(
        {
            "at": "2026-11-20T09:00:00Z",
            "day": "2026-11-20",
            "hour": "09:00:00",
            "key": str(key),
            "since": 1.5,
            "value": "x",
            "choice": True,
        }
    )
    assert parse_into(classes.Times, text) == classes.Times(
        dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC),
        dt.date(2026, 11, 20),
        dt.time(9),
        key,
        dt.timedelta(seconds=1.5),
        "x",
        True,
    )


def test_pydantic() -> None:
    assert parse_into(Card, '{"title": "a", "score": 3}') == Card(title="a", score=3)
    with pytest.raises(StructuredOutputError, match="not a valid Card: score is refused") as caught:
        parse_into(Card, '{"title": "a", "score": 11}')
    assert caught.value.path == "score"
    with pytest.raises(StructuredOutputError, match=r"not a valid Refusing: it is refused: no \[\]") as caught:
        parse_into(Refusing, "[]")
    assert caught.value.path == ""


TIMES = {
    "at": "2026-11-20T09:00:00Z",
    "day": "2026-11-20",
    "hour": "09:00:00",
    "key": str(uuid.UUID(int=0)),
    "since": 0,
    "value": None,
    "choice": None,
}


@pytest.mark.parametrize(
    ("cls", "value", "path", "problem"),
    [
        (classes.Report, [], "", "it should be an object, but is a list"),
        (classes.Report, {**REPORT, "title": None}, "title", "should be a string, but is null"),
        (classes.Report, {"title": "a"}, "summary", "is missing"),
        (classes.Report, {**REPORT, "scenes": {}}, "scenes", "should be a list, but is an object"),
        (classes.Report, {**REPORT, "scenes": [REPORT["scenes"][0], {}]}, "scenes[1].seconds", "is missing"),
        (classes.Report, {**REPORT, "rating": 4}, "rating", r"one of 1, 2, 3, but is an integer \(4\)"),
        (classes.Report, {**REPORT, "rating": True}, "rating", "one of 1, 2, 3"),
        (classes.Report, {**REPORT, "suitable": "yes"}, "suitable", "should be a boolean"),
        (classes.Person, {"name": "a", "age": "ten"}, "age", "should be an integer"),
        (classes.Node, {"name": "a", "parent": {"name": "b", "parent": 1}, "children": []}, "parent.parent", "object"),
        (classes.Checked, {"score": 11}, "", "it is refused by Checked: .*must be <= 10"),
        (classes.Times, {**TIMES, "at": "yesterday"}, "at", "should be a date-time"),
        (classes.Times, {**TIMES, "day": 5}, "day", "should be a date, but is an integer"),
        (classes.Times, {**TIMES, "hour": "25:00"}, "hour", "should be a time"),
        (classes.Times, {**TIMES, "key": "x"}, "key", "should be a UUID"),
        (classes.Times, {**TIMES, "since": 1e300}, "since", "should be a number of seconds"),
        (classes.Times, {**TIMES, "value": []}, "value", "should be an integer, but is a list"),
        (classes.Times, {**TIMES, "choice": 2}, "choice", "should be one of"),
    ],
)
def test_a_mismatch_is_an_error_that_holds_the_text(cls: Any, value: Any, path: str, problem: str) -> None:
    text = json.dumps(value)
    with pytest.raises(StructuredOutputError, match=f"is not a valid {cls.__name__}: .*{problem}") as caught:
        parse_into(cls, text, "stop", request_id="req_1")
    error = caught.value
    assert (error.text, error.path, error.finish_reason, error.request_id) == (text, path, "stop", "req_1")
    assert error.retryable
    for again in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert (type(again), str(again), again.text, again.path) == (type(error), str(error), text, path)


@pytest.mark.parametrize(("text", "problem"), [("{", "not JSON"), (None, "there is no text"), ("", "there is no text")])
def test_no_json(text: str | None, problem: str) -> None:
    with pytest.raises(StructuredOutputError, match=problem) as caught:
        parse_into(classes.Report, text)
    assert caught.value.text == (text or "")


@pytest.mark.parametrize("text", ['{"title": "A d', '{"name": "a"}', None])
def test_a_text_that_was_cut_off(text: str | None) -> None:
    with pytest.raises(OutputTruncatedError, match=r"cut off at the token limit.*max_tokens") as caught:
        parse_into(classes.Person, text, "length")
    assert isinstance(caught.value, StructuredOutputError)
    assert (caught.value.text, caught.value.finish_reason) == (text or "", "length")
    assert not caught.value.retryable


async def test_a_long_text_is_parsed_in_a_thread() -> None:
    threads = []

    def parse() -> None:
        threads.append(threading.current_thread())

    await _output.off_loop("x" * _output.THREAD_CHARACTERS, parse)
    await _output.off_loop("x" * (_output.THREAD_CHARACTERS + 1), parse)
    await _output.off_loop(None, parse)
    assert [thread is threading.main_thread() for thread in threads] == [True, False, True]
    assert await parse_text(classes.Loose, '{"name": "a"}', finish_reason="stop") == {"name": "a"}


@attrs.frozen
class Small:
    x: int


@attrs.frozen
class Large:
    x: int
    y: str = "none"


@attrs.frozen
class Either:
    one: Small | Large
    some: list[Small | Large]


def test_no_member_is_lost_where_a_larger_class_has_it() -> None:
    text = '{"one": {"x": 1, "y": "a"}, "some": [{"x": 2}, {"x": 3, "y": "b"}, {"x": 4, "z": 0}]}'
    assert parse_into(Either, text) == Either(Large(1, "a"), [Small(2), Large(3, "b"), Small(4)])


def test_output_that_is_nested_too_deeply() -> None:
    text = '{"name": "a", "parent": ' * 900 + "null" + "}" * 900
    with pytest.raises(StructuredOutputError) as caught:
        parse_into(classes.Node, text)
    assert caught.value.text == text
    text = "null"
    for _ in range(900):
        text = f'{{"name": "a", "children": [], "parent": {text}}}'
    with pytest.raises(StructuredOutputError, match="it is nested too deeply") as caught:
        parse_into(classes.Node, text)
    assert caught.value.text == text
