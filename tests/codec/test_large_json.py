from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async._codec import large_json
from twelvelabs_async._codec.large_json import loads

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = st.text(st.sampled_from('a"\\[]{},: \n\u0085é'), max_size=8)
# Texts that look like the places where lists are cut.
TRAPS = st.sampled_from(["[{", "},{", "}]", '"},{"', "\\", '\\"', "[{}]", "é},{", '[{"a":1},{"a":2}]', "}\n,{"])
SCALARS = (
    st.none() | st.booleans() | st.integers(-99, 99) | st.floats(allow_nan=False, allow_infinity=False) | TEXT | TRAPS
)
JSON = st.recursive(
    SCALARS | st.lists(st.dictionaries(TEXT, SCALARS, max_size=2), max_size=9),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXT | TRAPS, inner, max_size=5),
    max_leaves=40,
)


@pytest.fixture(params=[1, 3, 20])
def piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(large_json, "SPLIT_FROM", 0)
    monkeypatch.setattr(large_json, "PIECE_BYTES", request.param)
    size: int = request.param
    return size


def small_pieces(size: int) -> pytest.MonkeyPatch:
    patch = pytest.MonkeyPatch()
    patch.setattr(large_json, "SPLIT_FROM", 0)
    patch.setattr(large_json, "PIECE_BYTES", size)
    return patch


@given(JSON, st.integers(1, 30), st.sampled_from([None, 1]))
def test_the_same_as_in_one_piece(value: Any, size: int, indent: int | None) -> None:
    body = json.dumps(value, indent=indent, ensure_ascii=False).encode()
    patch = small_pieces(size)
    try:
        assert loads(body) == orjson.loads(body)
    finally:
        patch.undo()


def outcome(parse: Callable[[bytes], Any], body: bytes) -> Any:
    try:
        return parse(body)
    except orjson.JSONDecodeError as error:
        return str(error)


@given(st.text(st.sampled_from('[]{},:"1 \\a'), max_size=30), st.integers(1, 10))
def test_the_same_errors(text: str, size: int) -> None:
    body = text.encode()
    patch = small_pieces(size)
    try:
        assert outcome(loads, body) == outcome(orjson.loads, body)
    finally:
        patch.undo()


@given(JSON, st.integers(1, 30), st.data())
def test_the_same_errors_in_damaged_documents(value: Any, size: int, data: st.DataObject) -> None:
    body = bytearray(json.dumps({"data": value}).encode())
    at = data.draw(st.integers(0, len(body) - 1))
    wrong = data.draw(st.sampled_from([b"", b'"', b"]", b"}", b"{", b"\xff", b",", b"]]"]))
    body[at : at + data.draw(st.integers(0, 3))] = wrong
    patch = small_pieces(size)
    try:
        assert outcome(loads, bytes(body)) == outcome(orjson.loads, bytes(body))
    finally:
        patch.undo()


@pytest.mark.parametrize(
    "text",
    [
        "[1,,2]",
        "[1,2,]",
        "[,1]",
        '{"a":[{},{},]}',
        '{"a":[{} 1,{}]}',
        '{"a":[{}{}]}',
        "[[1],[2]",
        "[1]]",
        '["a\\"]',
        "[{},{}] x",
    ],
)
def test_malformed(piece: int, text: str) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        loads(text.encode())


def test_two_members_of_one_name(piece: int) -> None:
    assert loads(b'{"a":[{"n":1},{"n":2},{"n":3}],"a":[1,2,3]}') == {"a": [1, 2, 3]}


def longest_piece(value: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """Bytes that the parser was given at most at a time."""
    sizes: list[int] = []
    real = orjson.loads

    def counted(body: bytes) -> Any:
        sizes.append(len(body))
        return real(body)

    body = orjson.dumps(value)
    with monkeypatch.context() as patch:
        patch.setattr(orjson, "loads", counted)
        assert loads(body) == value
    return max(sizes)


def test_embeddings_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"id": "x", "inner": {"data": [{"embedding": [0.5] * 1000, "n": i} for i in range(2000)]}}
    assert longest_piece(value, monkeypatch) < 1.1 * large_json.PIECE_BYTES


def test_several_lists_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [{"value": f"wörd {i}", "start": i / 2, "end": i / 2 + 1} for i in range(50_000)]
    value = {
        "models": [{"name": "m"}],
        "embedding": {"segments": [{"float": [0.25] * 500} for _ in range(900)]},
        "notes": [],
        "data": words,
        "page_info": {"page": 1},
    }
    assert longest_piece(value, monkeypatch) < 1.1 * large_json.PIECE_BYTES


def test_a_list_at_the_top_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    value = [{"a": {"b": i}, "text": "x" * 300} for i in range(5000)]
    assert longest_piece(value, monkeypatch) < 1.1 * large_json.PIECE_BYTES


def test_members_with_lists_of_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"data": [{"clips": [{"at": i}, {"at": 2}], "n": "x" * 90} for i in range(10_000)]}
    assert longest_piece(value, monkeypatch) < 1.1 * large_json.PIECE_BYTES


@pytest.mark.parametrize(
    "value",
    [
        {"text": '[{"a":1},{"b":2}' * 60_000},
        {"rows": [[{"a": 1}] for _ in range(90_000)]},
        {"numbers": [0.5] * 300_000},
        [{"a": [{"n": i} for i in range(90_000)]}],
        {"data": [{"text": "x" * 3_000_000}]},
    ],
)
def test_what_is_no_list_of_objects_is_left_whole_or_scanned(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert longest_piece(value, monkeypatch) <= large_json.WHOLE_BYTES


@pytest.mark.parametrize("damage", [b"", b"]", b"}x", b'"', b"cut after an item"])
def test_a_large_document_that_is_damaged_is_never_parsed_at_once(
    damage: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = orjson.dumps({"data": [{"n": i, "text": "x" * 100} for i in range(20_000)]}) + b" " + damage
    body = body if damage else body[:-2]
    body = body.partition(b"]")[0] if damage.startswith(b"cut") else body
    sizes: list[int] = []
    real = orjson.loads

    def counted(piece: bytes) -> Any:
        sizes.append(len(piece))
        return real(piece)

    monkeypatch.setattr(orjson, "loads", counted)
    with pytest.raises(orjson.JSONDecodeError):
        loads(body)
    assert max(sizes) <= large_json.WHOLE_BYTES


def test_damage_far_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    body = orjson.dumps({"data": [{"embedding": [0.5] * 1000, "n": i} for i in range(500)]})
    body = body.replace(b'"n":444', b'"n":4,4')
    assert outcome(loads, body) == outcome(orjson.loads, body)
