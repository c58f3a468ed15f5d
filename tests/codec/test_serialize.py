from __future__ import annotations

import collections
import datetime as dt
import enum
import math
import uuid
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async import UNSET, UnknownVariant, to_dict, to_json
from twelvelabs_async._codec.model import Model, Unset
from twelvelabs_async._codec.serialize import WireError, format_datetime, to_wire


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


@attrs.frozen(kw_only=True)
class Inner(Model):
    options: list[str] | None = None
    choice: list[str] | str | None = None


@attrs.frozen(kw_only=True)
class Outer(Model):
    id: str = attrs.field(metadata={"wire": "_id"})
    required_null: str | None
    optional: str | None = None
    nullable: str | Unset | None = UNSET
    kind: str = "outer"
    inner: Inner | None = None


def test_what_is_left_out_and_what_is_null() -> None:
    assert to_wire(Outer(id="a", required_null=None)) == {"_id": "a", "required_null": None, "kind": "outer"}
    model = Outer(id="a", required_null="x", optional=None, nullable=None, inner=Inner())
    assert to_wire(model) == {"_id": "a", "required_null": "x", "nullable": None, "kind": "outer", "inner": {}}
    assert to_wire({"a": None, "b": UNSET, "c": Outer(id="a", required_null=None)}) == {
        "a": None,
        "c": {"_id": "a", "required_null": None, "kind": "outer"},
    }


def test_extra_is_sent() -> None:
    model = Outer(id="a", required_null="x", extra={"later": [Colour.RED], "gone": UNSET})
    assert to_wire(model) == {"_id": "a", "required_null": "x", "kind": "outer", "later": ["red"]}


def test_one_text_stands_for_a_list_of_one() -> None:
    assert to_wire(Inner(options="visual")) == {"options": ["visual"]}  # type: ignore[arg-type]
    assert to_wire(Inner(choice="visual")) == {"choice": "visual"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Colour.RED, "red"),
        (Level.LOW, 1),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        ((1, 2), [1, 2]),
        ({"a"}, ["a"]),
        (collections.deque(["a", None]), ["a", None]),
        (collections.OrderedDict(a=1), {"a": 1}),
        ({Colour.RED: 1}, {"red": 1}),
        (np.array([1.0, 2.5]), [1.0, 2.5]),
        (np.float32(0.5), 0.5),
        (UnknownVariant({"kind": "new"}, "new"), {"kind": "new"}),
        ([1.5, 2], [1.5, 2]),
        ([0.5, 1.5], [0.5, 1.5]),
        (range(3), [0, 1, 2]),
    ],
)
def test_values(value: Any, expected: Any) -> None:
    assert to_wire(value) == expected


def test_what_holds_itself_or_is_too_deep() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    ring: dict[str, Any] = {}
    ring["ring"] = [ring]
    for value in (deep, ring, Outer(id="a", required_null="", extra={"x": ring})):
        for write in (to_dict, to_json):
            with pytest.raises(ValueError, match="nested too deeply, or contains itself"):
                write(value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"x", "base64"),
        (bytearray(b"x"), "base64"),
        (Path("x"), "files"),
        (math.nan, "nan"),
        ([1.0, math.inf], "[1]: inf"),
        ({"a": [{"b": object()}]}, "a[0].b"),
        (Outer(id=object(), required_null=""), "_id"),  # type: ignore[arg-type]
        ({1: 2}, "keys"),
        (UNSET, "required"),
        (1j, "complex"),
        (Outer(id="a", required_null="", extra={"x": b""}), "x:"),
    ],
)
def test_what_json_cannot_hold(value: Any, words: str) -> None:
    with pytest.raises(WireError) as caught:
        to_wire(value)
    assert words in caught.value.text()


def test_to_json() -> None:
    assert (
        to_json({"a": Outer(id="é", required_null=None)})
        == '{"a":{"_id":"é","required_null":null,"kind":"outer"}}'.encode()
    )
    assert to_json({"a": 1}, indent=True) == b'{\n  "a": 1\n}'
    assert to_dict([Inner()]) == [{}]
    for bad in ("\ud800", 2**64):
        with pytest.raises(WireError):
            to_json({"a": bad})


def test_models_are_not_changed_by_what_is_done_to_the_dict() -> None:
    model = Inner(options=["a"])
    made = to_dict(model)
    made["options"].append("b")
    assert model.options == ["a"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.datetime(2024, 1, 2, 3, 4, 5), "2024-01-02T03:04:05Z"),
        (dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.UTC), "2024-01-02T03:04:05Z"),
        (dt.datetime(2024, 1, 2, 3, 4, 5, 120_000, tzinfo=dt.UTC), "2024-01-02T03:04:05.120Z"),
        (dt.datetime(2024, 1, 2, 3, 4, 5, 120_001, tzinfo=dt.UTC), "2024-01-02T03:04:05.120001Z"),
        (
            dt.datetime(2024, 1, 2, 3, 4, 5, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30))),
            "2024-01-01T21:34:05Z",
        ),
    ],
)
def test_date_times_go_out_in_utc(value: dt.datetime, text: str) -> None:
    assert format_datetime(value) == text
    assert to_wire({"t": value}) == {"t": text}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)
    )
)
def test_plain_json_is_sent_as_it_is(value: Any) -> None:
    assert to_wire(value) == value
