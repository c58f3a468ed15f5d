"""Documents whose bulk is lists of numbers, against the parser that reads them at once."""

from __future__ import annotations

import json
import re
import tracemalloc
from array import array
from typing import TYPE_CHECKING, Any

import attrs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async import DecodeError, UnknownVariant, Vector, get_request_id, to_dict, to_json
from twelvelabs_async._codec import number_arrays, pacing
from twelvelabs_async._codec.decode import decode, decoder
from twelvelabs_async._codec.model import Model

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.frozen(kw_only=True)
class Segment(Model):
    numbers: Vector
    more: Vector | None = None
    text: str | None = None
    free: Any = None


@attrs.frozen(kw_only=True)
class Strict(Model):
    numbers: Vector
    text: str


@attrs.frozen(kw_only=True)
class Task(Model):
    data: list[Segment] | None = None
    rows: list[Vector] | None = None
    either: Vector | str | None = None
    tried: Strict | Segment | UnknownVariant | None = None
    free: dict[str, Any] | None = None


NUMBERS = st.lists(
    st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53) | st.integers(-3, 3), max_size=12
)
TEXT = st.text(st.sampled_from('a"\\[]{},:0.1 \n\u0085é'), max_size=8)
# Texts that look like lists of numbers, or like the ends of such lists.
TRAPS = st.sampled_from(["[1,2,3]", "[0.5,0.5", "1,2]", '"[1,2]"', "\\[1,2]", "[1,2] [3,4]", '["1",2]', "[-1e9,", "]"])
OTHERS = st.none() | st.booleans() | TEXT | TRAPS | st.integers(-(2**70), 2**70)
JSON = st.recursive(
    OTHERS | NUMBERS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT | TRAPS, inner, max_size=4),
    max_leaves=30,
)
SEGMENTS = st.fixed_dictionaries(
    {"numbers": NUMBERS}, optional={"more": st.none() | NUMBERS, "text": TRAPS | TEXT, "free": JSON, "new": JSON}
)
TASKS = st.fixed_dictionaries(
    {},
    optional={
        "data": st.lists(SEGMENTS, max_size=5),
        "rows": st.lists(NUMBERS, max_size=5),
        "either": NUMBERS | TRAPS,
        "tried": SEGMENTS | JSON,
        "free": st.dictionaries(TEXT, JSON, max_size=3),
        "new": JSON,
    },
)


def eager(piece: int = 10) -> pytest.MonkeyPatch:
    """Any list of numbers in any document is parsed apart, in pieces of this size."""
    patch = pytest.MonkeyPatch()
    patch.setattr(number_arrays, "FROM_BYTES", 0)
    patch.setattr(number_arrays, "SHARE", 10**9)
    patch.setattr(number_arrays, "PIECE_BYTES", piece)
    patch.setattr(number_arrays, "_LOOKAHEAD", piece - 1)
    patch.setattr(number_arrays, "_OPENING", re.compile(rb"\[[ \t\r\n]*+-?[0-9]"))
    return patch


@pytest.fixture
def apart() -> Iterator[None]:
    patch = eager()
    yield
    patch.undo()


def outcome(body: bytes, kind: Any = Task) -> Any:
    """What a response is decoded to, or the error; with the types of all numbers."""
    try:
        return repr(to_dict(decoder(kind)(body, 200, "r1")))
    except DecodeError as error:
        return str(error), error.path, error.status, error.request_id, error.body


def usual(body: bytes, kind: Any = Task) -> Any:
    """The same without this module."""
    patch = pytest.MonkeyPatch()
    patch.setattr(number_arrays, "FROM_BYTES", 10**9)
    try:
        return outcome(body, kind)
    finally:
        patch.undo()


def resolved(value: Any) -> Any:
    """A parsed document with lists in place of arrays."""
    if isinstance(value, dict):
        return {key: resolved(entry) for key, entry in value.items()}
    if isinstance(value, list):
        found = number_arrays.take(value)
        return [resolved(entry) for entry in value] if found is None else found.tolist()
    return value


# --- the same as without it --------------------------------------------------------------------------------------


@given(JSON, st.integers(1, 40), st.sampled_from([None, 1]))
def test_the_same_document(value: Any, piece: int, indent: int | None) -> None:
    body = json.dumps(value, indent=indent, ensure_ascii=False).encode()
    patch = eager(piece)
    try:
        parsed = number_arrays.parse(body)
    finally:
        patch.undo()
    if parsed is not None:
        document, nodes = parsed
        assert resolved(document) == orjson.loads(body)
        assert not any(nodes)  # all of them are in the document


@given(TASKS, st.integers(1, 40), st.sampled_from([None, 1]))
def test_the_same_models(value: Any, piece: int, indent: int | None) -> None:
    body = json.dumps(value, indent=indent, ensure_ascii=False).encode()
    expected = usual(body)
    patch = eager(piece)
    try:
        assert outcome(body) == expected
    finally:
        patch.undo()


@given(TASKS, st.integers(1, 40), st.data())
def test_the_same_errors_in_damaged_documents(value: Any, piece: int, data: st.DataObject) -> None:
    body = bytearray(json.dumps(value).encode())
    at = data.draw(st.integers(0, len(body) - 1))
    wrong = [b"", b'"', b"]", b"[", b"}", b"\xff", b",", b"]]", b"NaN", b"1e400", b"null", b"true", b'"x"', b"-", b"+1"]
    body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.sampled_from(wrong))
    expected = usual(bytes(body))
    patch = eager(piece)
    try:
        assert outcome(bytes(body)) == expected
    finally:
        patch.undo()


def test_cut_at_any_byte(apart: None) -> None:
    value = {"data": [{"numbers": [0.5, -1e-7, 3], "text": "[1, 2"}, {"numbers": [1.5], "more": [2.5]}], "new": [1, 2]}
    body = json.dumps(value).encode()
    for end in range(len(body) + 1):
        assert outcome(body[:end]) == usual(body[:end])


@pytest.mark.parametrize(
    "text",
    [
        "[1,,2]",
        "[1,2,]",
        "[,1]",
        "[1 2]",
        "[1,2",
        "[NaN]",
        "[1,Infinity]",
        "[1,-Infinity]",
        "[1e400]",
        "[01]",
        "[1.]",
        "[.5]",
        "[+1]",
        "[1,null]",
        "[1,true]",
        "[1,false]",
        '[1,"2"]',
        '[1,"]"]',
        "[1,[2]]",
        "[1,{}]",
        "[[1,2],[3,null]]",
        "[1,2]]",
        "[ ]",
        "[1, \u00a0 2]",
        '["[1,2]", 3]',
        '{"[1,2]": 3}',
        "{[1,2]: 3}",
        '"[1,2]',
        '"\\[1,2]"',
        '"\\\\[1,2]"',
    ],
)
def test_what_is_no_list_of_numbers(text: str, apart: None) -> None:
    for body in (f'{{"data":[{{"numbers":[0.5]}},{{"numbers":{text}}}]}}', f'{{"free":{{"x":{text}}}}}', text):
        assert outcome(body.encode()) == usual(body.encode())


@pytest.mark.parametrize("text", ["[1]", "[ -1 ,\n2\t]", "[-0.0,0,1E5,1e-400,18446744073709551616]", "[1,2,3,4,5,6,7]"])
def test_numbers_as_they_are(text: str, apart: None) -> None:
    body = f'{{"rows":[{text}]}}'.encode()
    parsed = number_arrays.parse(body)
    assert parsed is not None
    assert [type(node[0]) for node in parsed[1]] == [array]
    vector = decoder(Task)(body, 200, None).rows[0]
    assert json.dumps(vector.tolist()) == json.dumps([float(number) for number in orjson.loads(text)])


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=60))
def test_no_digit_is_lost(numbers: list[float]) -> None:
    body = orjson.dumps({"rows": [numbers]})
    patch = eager(30)
    try:
        assert to_json(decoder(Task)(body, 200, None)) == body
    finally:
        patch.undo()


# --- where numbers are expected, and where not -------------------------------------------------------------------


def test_the_path_to_what_is_wrong(apart: None) -> None:
    for wrong in ("null", "true", '"x"', "[1]"):
        with pytest.raises(DecodeError) as caught:
            decoder(Task)(f'{{"data":[{{"numbers":[1]}},{{"numbers":[0.5,{wrong}]}}]}}'.encode(), 200, "r1")
        assert caught.value.path == "data[1].numbers[1]"
        assert caught.value.request_id == "r1"
    with pytest.raises(DecodeError, match="should be a string, but is a list") as caught:
        decoder(Task)(b'{"data":[{"numbers":[1],"text":[1,2]}]}', 200, None)
    assert caught.value.path == "data[0].text"


def test_unknown_members_have_lists_of_what_was_sent(apart: None) -> None:
    """Also integers that a double cannot hold."""
    body = b'{"rows":[[1,2]],"new":{"ids":[9007199254740993,1]},"free":{"a":[[1],[2.5]]}}'
    task = decoder(Task)(body, 200, "r1")
    assert repr(task.extra) == "{'new': {'ids': [9007199254740993, 1]}}"
    assert repr(task.free) == "{'a': [[1], [2.5]]}"
    assert task.rows == [Vector([1, 2])]
    assert get_request_id(task) == "r1"


def test_a_variant_that_is_only_tried_takes_nothing(apart: None) -> None:
    task = decoder(Task)(b'{"tried":{"numbers":[1,2],"text":null}}', 200, None)
    assert task.tried == Segment(numbers=Vector([1, 2]), extra={"text": None})
    task = decoder(Task)(b'{"tried":{"numbers":[1,2],"text":7}}', 200, None)
    assert task.tried == UnknownVariant({"numbers": [1, 2], "text": 7})
    assert decoder(Task)(b'{"tried":{"numbers":[1],"text":"x"}}', 200, None).tried == Strict(
        numbers=Vector([1]), text="x"
    )


def test_any_value_has_lists(apart: None) -> None:
    assert repr(decoder(Any)(b'{"rows":[[1,2]]}', 200, None)) == "{'rows': [[1, 2]]}"


def test_two_members_of_one_name(apart: None) -> None:
    assert decoder(Task)(b'{"either":[1,2],"either":[3,4]}', 200, None).either == [3, 4]


# --- sizes -------------------------------------------------------------------------------------------------------

VALUE = {"data": [{"numbers": [at / 7 for at in range(512)], "text": "clip"} for _ in range(200)]}
BODY = orjson.dumps(VALUE)


def test_embeddings_are_parsed_apart() -> None:
    parsed = number_arrays.parse(BODY)
    assert parsed is not None
    assert len(parsed[1]) == 200
    assert to_dict(decoder(Task)(BODY, 200, None)) == VALUE


@pytest.mark.parametrize(
    "value",
    [
        {"data": VALUE["data"][:10]},
        {"data": [{"numbers": [0.5] * 4, "text": "x" * 20} for _ in range(20_000)]},
        {"data": VALUE["data"], "text": "x" * len(BODY) * 2},
        {"text": "x" * 600_000},
    ],
    ids=["small", "short lists", "mostly text", "no list"],
)
def test_what_is_parsed_as_usual(value: Any) -> None:
    assert number_arrays.parse(orjson.dumps(value)) is None


@pytest.mark.parametrize("value", [VALUE, {"either": [0.123456789] * 300_000}], ids=["many lists", "one list"])
def test_pieces(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    turns: list[None] = []
    real = orjson.loads

    def counted(body: bytes) -> Any:
        sizes.append(len(body))
        return real(body)

    monkeypatch.setattr(orjson, "loads", counted)
    monkeypatch.setattr(number_arrays, "take_turn", lambda: turns.append(None))
    decoded = decoder(Task)(orjson.dumps(value), 200, None)
    assert max(sizes) < 1.1 * number_arrays.PIECE_BYTES
    assert len(turns) >= len(sizes) - 1
    monkeypatch.undo()
    assert to_dict(decoded) == value


def test_a_large_document_takes_turns_where_it_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[None] = []
    monkeypatch.setattr(number_arrays, "take_turn", lambda: turns.append(None))
    assert number_arrays.parse(b'"' + b"x" * 3_000_000 + b'"') is None
    assert len(turns) >= 3_000_000 // number_arrays.PIECE_BYTES
    assert number_arrays.parse(BODY[:-2] + b"," + b"[],".join([b""] * 100_000) + b"[]]}") is not None
    assert len(turns) >= 3_000_000 // number_arrays.PIECE_BYTES + 100_000 // pacing.ITEMS_A_TURN


def test_memory() -> None:
    """No more than the numbers themselves, and a piece: as objects, they would take four times as much."""
    decode_body = decoder(Task)
    decode_body(BODY, 200, None)
    numbers = 200 * 512 * 8
    tracemalloc.start()
    try:
        task = decode_body(BODY, 200, None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(task.data) == 200
    assert peak < 1.6 * numbers


def test_long_lists_that_are_parsed_as_usual() -> None:
    """By another engine, for example."""
    numbers: list[Any] = [0.5] * 40_000
    assert decode(Vector, numbers) == numbers
    numbers[-1] = 1
    vector = decode(Vector, numbers)
    assert vector == numbers
    assert type(vector[-1]) is float
    numbers[-1] = "x"
    with pytest.raises(DecodeError) as caught:
        decode(Vector, numbers)
    assert caught.value.path == "[39999]"
    with pytest.raises(DecodeError, match="should be a list, but is a string"):
        decode(Vector, "x")
