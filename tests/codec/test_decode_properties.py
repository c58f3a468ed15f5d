"""Whatever JSON comes: it is decoded without loss, or a DecodeError says where it does not fit."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.thorough import examples
from twelvelabs_async import DecodeError, to_dict, to_json
from twelvelabs_async._codec.decode import decode
from twelvelabs_async._codec.serialize import format_datetime, show_path

from .test_decode import Whole

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@st.composite
def spelled_times(draw: st.DrawFn) -> str:
    """RFC 3339 in every spelling that it allows, and the two that servers use besides."""
    moment = draw(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1)))
    text = moment.strftime("%Y-%m-%d").rjust(10, "0") + draw(st.sampled_from("Tt ")) + moment.strftime("%H:%M:%S")
    digits = draw(st.text("0123456789", max_size=12))
    if digits:
        text += "." + digits
    hours, minutes = draw(st.integers(0, 23)), draw(st.integers(0, 59))
    return text + draw(st.sampled_from(["Z", "z", "", f"+{hours:02d}:{minutes:02d}", f"-{hours:02d}:{minutes:02d}"]))


PARTS = st.fixed_dictionaries(
    {"name": TEXT}, optional={"options": st.none() | st.lists(TEXT), "score": st.none() | NUMBERS, "new": JSON}
)
SHAPES = (
    st.fixed_dictionaries({"kind": st.just("circle"), "radius": NUMBERS}, optional={"x": JSON})
    | st.fixed_dictionaries({"kind": st.just("square"), "side": NUMBERS})
    | st.fixed_dictionaries({"kind": TEXT.filter(lambda t: t not in {"circle", "square"})}, optional={"x": JSON})
    | st.dictionaries(TEXT.filter(lambda t: t != "kind"), JSON, max_size=3)
)
WHOLES = st.fixed_dictionaries(
    {"_id": TEXT, "custom": st.none() | TEXT},
    optional={
        "status": st.none() | TEXT,
        "created_at": st.none() | spelled_times(),
        "count": st.none() | st.integers(-(2**53), 2**53),
        "ratio": st.none() | NUMBERS,
        "flag": st.none() | st.booleans(),
        "part": st.none() | PARTS,
        "parts": st.none() | st.lists(PARTS, max_size=3),
        "meta": st.none() | st.dictionaries(TEXT, TEXT | NUMBERS | st.booleans() | st.lists(TEXT), max_size=3),
        "free": st.none() | st.dictionaries(TEXT, JSON, max_size=3),
        "anything": JSON,
        "vector": st.none() | st.lists(NUMBERS),
        "vectors": st.none() | st.lists(st.lists(NUMBERS, max_size=3), max_size=3),
        "shape": st.none() | SHAPES,
        "shapes": st.none() | st.lists(SHAPES, max_size=3),
        "tokens": st.none() | st.integers(0, 9) | TEXT,
        "new_member": JSON,
    },
)


@given(WHOLES)
def test_nothing_is_lost(data: dict[str, Any]) -> None:
    model = decode(Whole, json.dumps(data).encode())
    assert to_dict(model) == data
    assert json.loads(to_json(model)) == data
    assert decode(Whole, to_json(model)) == model


MEMBERS = [field.metadata.get("wire", field.name) for field in attrs.fields(Whole)]


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(MEMBERS, JSON)))
@settings(max_examples=examples(300))
@example({"_id": "x", "custom": None, "shapes": ["x"]})
def test_anything_else_is_a_decode_error(data: dict[str, Any]) -> None:
    body = json.dumps(data).encode()
    error: DecodeError | None = None
    try:
        model = decode(Whole, body)
    except DecodeError as caught:
        error = caught
    if error is not None:
        assert error.path
        assert error.body == body[:2048]
    else:
        assert to_dict(model).keys() >= data.keys() - {"id", "identifier"}


@given(st.binary(max_size=64))
def test_any_bytes(body: bytes) -> None:
    outcome: Whole | DecodeError
    try:
        outcome = decode(Whole, body)
    except DecodeError as error:
        outcome = error
    assert outcome.body == body if isinstance(outcome, DecodeError) else type(outcome) is Whole


@given(spelled_times())
def test_times_in_any_spelling(text: str) -> None:
    model = decode(Whole, {"_id": "x", "custom": None, "created_at": text})
    assert model.created_at is not None
    assert to_dict(model)["created_at"] == text
    written = format_datetime(model.created_at)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3}|\.\d{6})?Z", written)
    assert dt.datetime.fromisoformat(written) == model.created_at


@given(st.lists(st.integers(0, 99) | TEXT))
def test_paths_are_text(parts: list[str | int]) -> None:
    assert isinstance(show_path(parts), str)
