from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import attrs
import pytest

from twelvelabs_async import DecodeError, UnknownVariant, to_dict, to_json
from twelvelabs_async._codec.decode import decode, decoder
from twelvelabs_async._codec.model import UNSET, Model, UnionRule, Unset, register_union


@attrs.frozen(kw_only=True)
class Part(Model):
    name: str
    options: list[str] | None = None
    score: float | None = None


@attrs.frozen(kw_only=True)
class Circle(Model):
    kind: Literal["circle"] = "circle"
    radius: float


@attrs.frozen(kw_only=True)
class Square(Model):
    kind: Literal["square"] = "square"
    side: float


@attrs.frozen(kw_only=True)
class Nested(Model):
    nested: Shape


@attrs.frozen(kw_only=True)
class Whole(Model):
    id: str = attrs.field(metadata={"wire": "_id", "accept": ("id", "identifier")})
    status: Literal["ready", "failed"] | str | None = None
    created_at: dt.datetime | None = None
    count: int | None = None
    ratio: float | None = None
    flag: bool | None = None
    part: Part | None = None
    parts: list[Part] | None = None
    meta: dict[str, str | int | float | bool | list[str]] | None = None
    free: dict[str, Any] | None = None
    anything: Any = None
    vector: list[float] | None = None
    vectors: list[list[float]] | None = None
    custom: str | None
    level: Literal[1, 2] | int | None = None
    shape: Shape | None = None
    shapes: list[Shape] | None = None
    either: Either | None = None
    tokens: int | str | None = None
    child: Whole | None = None


Shape = Circle | Square | UnknownVariant
register_union(Shape, UnionRule("Shape", "kind", {"circle": Circle, "square": Square}))
Either = Part | Nested | UnknownVariant
register_union(Either, UnionRule("Either", None, {"name": Part, "nested": Nested}))

BASE: dict[str, Any] = {"_id": "x", "custom": None}


def whole(**members: Any) -> Whole:
    return decode(Whole, {**BASE, **members})


# --- plain fields ------------------------------------------------------------------------------------------------


def test_required_only() -> None:
    model = decode(Whole, b'{"_id":"x","custom":null}')
    assert model == Whole(id="x", custom=None)
    assert model.extra == {}
    assert to_dict(model) == BASE


def test_unknown_members_and_nulls_are_kept() -> None:
    data = {**BASE, "count": None, "new": {"a": [1]}, "part": {"name": "p", "score": None, "more": 1}}
    model = decode(Whole, data)
    assert model.count is None
    assert model.extra == {"count": None, "new": {"a": [1]}}
    assert model.part is not None
    assert model.part.extra == {"score": None, "more": 1}
    assert to_dict(model) == data
    assert json.loads(to_json(model)) == data


def test_other_names_of_a_field() -> None:
    assert decode(Whole, {"id": "a", "custom": None}).id == "a"
    assert decode(Whole, {"identifier": "a", "custom": None}).id == "a"
    both = decode(Whole, {"id": "b", "_id": "a", "custom": None})
    assert (both.id, both.extra) == ("a", {"id": "b"})
    assert to_dict(both) == {"_id": "a", "custom": None, "id": "b"}
    two = decode(Whole, {"id": "b", "identifier": "c", "custom": None})
    assert (two.id, two.extra) == ("b", {"identifier": "c"})


def test_open_enum_passes_any_text() -> None:
    assert whole(status="brand_new").status == "brand_new"
    with pytest.raises(DecodeError) as caught:
        whole(status=3)
    assert caught.value.path == "status"
    assert whole(level=7).level == 7
    with pytest.raises(DecodeError):
        whole(level="7")


@pytest.mark.parametrize(("value", "expected"), [(3, 3), (3.0, 3), (-2.0, -2), (2**70, 2**70)])
def test_integers(value: Any, expected: int) -> None:
    made = whole(count=value).count
    assert made == expected
    assert type(made) is int


@pytest.mark.parametrize("value", [3.5, "3", True, False, [], {}, math.inf, 2.0**63])
def test_no_integers(value: Any) -> None:
    with pytest.raises(DecodeError) as caught:
        whole(count=value)
    assert caught.value.path == "count"
    assert "an integer" in str(caught.value)


def test_numbers() -> None:
    made = whole(ratio=3).ratio
    assert made == 3.0
    assert type(made) is float
    for value in (True, "1.0", None if False else [1.0], 10**400):
        with pytest.raises(DecodeError):
            whole(ratio=value)


@pytest.mark.parametrize("value", [0, 1, "true", []])
def test_booleans_are_only_booleans(value: Any) -> None:
    assert whole(flag=True).flag is True
    with pytest.raises(DecodeError):
        whole(flag=value)


def test_anything_passes_through() -> None:
    value = {"deep": [1, {"x": None}], "n": 1.5}
    assert whole(anything=value).anything == value
    assert to_dict(whole(anything=None)) == {**BASE, "anything": None}
    assert whole(free=value).free == value


# --- date-times --------------------------------------------------------------------------------------------------

UTC = dt.UTC


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-08-16T16:53:59Z", dt.datetime(2024, 8, 16, 16, 53, 59, tzinfo=UTC)),
        ("2024-08-16t16:53:59z", dt.datetime(2024, 8, 16, 16, 53, 59, tzinfo=UTC)),
        ("2024-08-16 16:53:59Z", dt.datetime(2024, 8, 16, 16, 53, 59, tzinfo=UTC)),
        ("2024-08-16T16:53:59.1Z", dt.datetime(2024, 8, 16, 16, 53, 59, 100_000, tzinfo=UTC)),
        ("2024-08-16T16:53:59.123Z", dt.datetime(2024, 8, 16, 16, 53, 59, 123_000, tzinfo=UTC)),
        ("2024-08-16T16:53:59.000Z", dt.datetime(2024, 8, 16, 16, 53, 59, tzinfo=UTC)),
        ("2024-08-16T16:53:59.1234Z", dt.datetime(2024, 8, 16, 16, 53, 59, 123_400, tzinfo=UTC)),
        ("2024-08-16T16:53:59.123456Z", dt.datetime(2024, 8, 16, 16, 53, 59, 123_456, tzinfo=UTC)),
        ("2024-08-16T16:53:59.123000Z", dt.datetime(2024, 8, 16, 16, 53, 59, 123_000, tzinfo=UTC)),
        ("2024-08-16T16:53:59.123456789Z", dt.datetime(2024, 8, 16, 16, 53, 59, 123_456, tzinfo=UTC)),
        ("2024-08-16T18:53:59+02:00", dt.datetime(2024, 8, 16, 16, 53, 59, tzinfo=UTC)),
        ("2024-08-16T16:53:59-00:00", dt.datetime(2024, 8, 16, 16, 53, 59, tzinfo=UTC)),
        ("2024-08-16T16:53:59", dt.datetime(2024, 8, 16, 16, 53, 59, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", dt.datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31T23:59:60.5Z", dt.datetime(2017, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", dt.datetime(1, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+05:00", dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=5)))),
        ("0001-01-01T00:00:00+0500", dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=5)))),
    ],
)
def test_date_times_and_back(text: str, expected: dt.datetime) -> None:
    model = whole(created_at=text)
    assert model.created_at == expected
    assert model.created_at is not None
    assert model.created_at.tzinfo is not None
    assert to_dict(model)["created_at"] == text


@pytest.mark.parametrize(
    "value", ["", "yesterday", "2024-13-01T00:00:00Z", 17, "9999-12-31T23:59:60Z", "2024-02-30T00:00:00Z"]
)
def test_no_date_times(value: Any) -> None:
    with pytest.raises(DecodeError) as caught:
        whole(created_at=value)
    assert caught.value.path == "created_at"


def test_a_changed_date_time_is_written_anew() -> None:
    model = attrs.evolve(whole(created_at="2024-08-16T16:53:59.1Z"), created_at=dt.datetime(2025, 1, 2))
    assert to_dict(model)["created_at"] == "2025-01-02T00:00:00Z"


# --- lists, maps, models -----------------------------------------------------------------------------------------


def test_lists_of_numbers_pass_through() -> None:
    vector = [0.5, 1, -2.5]
    model = whole(vector=vector, vectors=[[1.0], []])
    assert model.vector == vector
    assert model.vectors == [[1.0], []]
    for bad, path in (([0.5, "x"], "vector[1]"), ([True], "vector[0]"), ([None], "vector[0]"), ("x", "vector")):
        with pytest.raises(DecodeError) as caught:
            whole(vector=bad)
        assert caught.value.path == path
    with pytest.raises(DecodeError) as caught:
        whole(vectors=[[1.0], [2.0, "x"]])
    assert caught.value.path == "vectors[1][1]"


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"parts": [{"name": "a"}, {"name": 1}]}, "parts[1].name"),
        ({"parts": [{"name": "a", "options": ["x", 2]}]}, "parts[0].options[1]"),
        ({"parts": {}}, "parts"),
        ({"part": []}, "part"),
        ({"part": {}}, "part.name"),
        ({"meta": {"a": 1, "b": {}}}, "meta.b"),
        ({"meta": {"a b": [1]}}, "meta['a b'][0]"),
        ({"child": {**BASE, "child": {**BASE, "part": {"name": None}}}}, "child.child.part.name"),
        ({"_id": None}, "_id"),
        ({"shape": {"kind": "circle", "radius": "x"}}, "shape.radius"),
        ({"shapes": [{"kind": "circle"}]}, "shapes[0].radius"),
        ({"either": {"nested": {"kind": "square", "side": []}}}, "either.nested.side"),
        ({"tokens": []}, "tokens"),
    ],
)
def test_errors_name_the_field(members: dict[str, Any], path: str) -> None:
    with pytest.raises(DecodeError) as caught:
        whole(**members)
    assert caught.value.path == path
    assert path in str(caught.value)
    assert "Whole" in str(caught.value)
    assert caught.value.body


def test_missing_required_fields() -> None:
    with pytest.raises(DecodeError, match="custom is missing"):
        decode(Whole, {"_id": "x"})
    with pytest.raises(DecodeError, match="_id is missing"):
        decode(Whole, {"custom": None})


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff", b'{"a":NaN}', b"{} {}"])
def test_no_json(body: bytes) -> None:
    with pytest.raises(DecodeError, match="not JSON") as caught:
        decode(Whole, body, status=200, request_id="r")
    assert caught.value.body == body
    assert caught.value.status == 200
    assert "request id r" in str(caught.value)


@pytest.mark.parametrize("body", [b"[]", b"null", b"3", b'"x"'])
def test_not_an_object(body: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(Whole, body)
    assert caught.value.path == ""
    assert caught.value.body == body


def test_error_holds_the_first_two_kibibytes() -> None:
    body = json.dumps({"_id": 1, "custom": "x" * 10_000}).encode()
    with pytest.raises(DecodeError) as caught:
        decode(Whole, body)
    assert caught.value.body == body[:2048]


def test_long_values_are_shortened_in_messages() -> None:
    with pytest.raises(DecodeError) as caught:
        whole(count="x" * 10_000)
    assert len(str(caught.value)) < 400


def test_decoder_is_decode() -> None:
    body = json.dumps({**BASE, "parts": [{"name": "a"}]}).encode()
    assert decoder(Whole)(body, 200, None) == decode(Whole, body)
    with pytest.raises(DecodeError) as caught:
        decoder(Whole)(b'{"_id":1}', 201, "r")
    assert (caught.value.status, caught.value.request_id) == (201, "r")
    with pytest.raises(DecodeError):
        decoder(Whole)(b"nope", 200, None)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (str, "x"),
        (int, 3),
        (float, 1.5),
        (bool, True),
        (list[str], ["a"]),
        (list[Any], ["a", 1]),
        (list, [1]),
        (dict[str, int], {"a": 1}),
        (dict, {"a": 1}),
        (Sequence[int], [1]),
        (Mapping[str, Any], {"a": None}),
        (Any, {"x": [None]}),
        (type(None), None),
        (int | None, None),
        (Literal["a", 1], "a"),
        (UnknownVariant, UnknownVariant({"a": 1})),
    ],
)
def test_types_other_than_models(kind: Any, value: Any) -> None:
    data = value.data if isinstance(value, UnknownVariant) else value
    assert decode(kind, data) == value


def test_none_is_only_null() -> None:
    with pytest.raises(DecodeError):
        decode(type(None), 3)


# --- unions ------------------------------------------------------------------------------------------------------


def test_union_by_discriminator() -> None:
    assert whole(shape={"kind": "circle", "radius": 1}).shape == Circle(radius=1.0)
    assert whole(shape={"kind": "square", "side": 1}).shape == Square(side=1.0)


@pytest.mark.parametrize(
    ("data", "tag"),
    [
        ({"kind": "hexagon", "n": 6}, "hexagon"),
        ({"n": 6}, None),
        ({"kind": 3}, None),
        ("text", None),
        ([1], None),
        (3, None),
    ],
)
def test_unknown_variant_keeps_the_payload(data: Any, tag: str | None) -> None:
    model = whole(shape=data)
    assert model.shape == UnknownVariant(data, tag)
    assert to_dict(model)["shape"] == data


def test_unknown_variant_deep_in_a_list() -> None:
    data = {**BASE, "shapes": [{"kind": "circle", "radius": 1.0}, {"kind": "new"}, {"kind": "square", "side": 2.0}]}
    shapes = decode(Whole, data).shapes
    assert shapes == [Circle(radius=1.0), UnknownVariant({"kind": "new"}, "new"), Square(side=2.0)]
    assert to_dict(decode(Whole, data)) == data


def test_union_by_shape() -> None:
    assert whole(either={"name": "p"}).either == Part(name="p")
    assert whole(either={"nested": {"kind": "new"}}).either == Nested(nested=UnknownVariant({"kind": "new"}, "new"))
    assert whole(either={"else": 1}).either == UnknownVariant({"else": 1})


def test_union_of_scalars() -> None:
    assert whole(tokens="unlimited").tokens == "unlimited"
    assert whole(tokens=5).tokens == 5
    meta = {"a": "x", "b": 1, "c": 1.5, "d": True, "e": ["x"], "f": None}
    model = whole(meta=meta)
    assert model.meta == meta
    assert type(model.meta["b"]) is int
    assert to_dict(model)["meta"] == meta


def test_union_without_a_rule_takes_the_first_that_fits() -> None:
    def decoded(kind: Any, data: Any) -> Any:
        return decode(kind, data)

    assert decoded(Part | Circle, {"radius": 1.0, "kind": "circle"}) == Circle(radius=1.0)
    assert decoded(Part | Circle, {"other": 1}) == UnknownVariant({"other": 1})
    assert decoded(Part | dict[str, int], {"n": 1}) == {"n": 1}
    assert decoded(Part | None, None) is None
    assert decoded(dt.datetime | int, "2024-01-01T00:00:00Z") == dt.datetime(2024, 1, 1, tzinfo=UTC)
    assert decoded(Part | Any, 3) == 3


def test_field_that_may_be_unset() -> None:
    @attrs.frozen(kw_only=True)
    class Patch(Model):
        name: str | Unset | None = UNSET
        colour: str = "red"

    assert decode(Patch, {"name": None}) == Patch(name=None)
    assert decode(Patch, {}) == Patch()
    assert to_dict(decode(Patch, {"name": None})) == {"name": None, "colour": "red"}
    assert to_dict(decode(Patch, {})) == {"colour": "red"}
    assert decode(Patch, {"colour": None}).colour == "red"
    assert to_dict(decode(Patch, {"colour": None})) == {"colour": None}
