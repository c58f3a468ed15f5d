from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async import _large_json
from twelvelabs_async._large_json import loads

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = st.text(st.sampled_from('a"\\[]{},: \n\u0085é'), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-99, 99) | st.floats(allow_nan=False, allow_infinity=False) | TEXT
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXT, inner, max_size=5), max_leaves=40
)


@pytest.fixture(params=[1, 3, 20])
def piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(_large_json, "SPLIT_FROM", 0)
    monkeypatch.setattr(_large_json, "PIECE_BYTES", request.param)
    size: int = request.param
    return size


def small_pieces(size: int) -> pytest.MonkeyPatch:
    patch = pytest.MonkeyPatch()
    patch.setattr(_large_json, "SPLIT_FROM", 0)
    patch.setattr(_large_json, "PIECE_BYTES", size)
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
    assert loads(b'{"a":[{},{},{}],"a":[1,2,3]}') == {"a": [1, 2, 3]}


def test_a_large_document_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    real = orjson.loads

    def counted(body: bytes) -> Any:
        sizes.append(len(body))
        return real(body)

    value = {
        "id": "x",
        "inner": {"data": [{"embedding": [0.5] * 1000, "n": i} for i in range(2000)]},
        "flat": [1.25] * 900_000,
    }
    body = real(orjson.dumps(orjson.dumps(value).decode())).encode()
    monkeypatch.setattr(orjson, "loads", counted)
    assert loads(body) == value
    assert len(sizes) > 8
    assert max(sizes) < 1.1 * _large_json.PIECE_BYTES


def test_documents_of_many_tokens_are_left_whole(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(_large_json, "MAX_TOKENS", 3)
    assert loads(b'{"a":[[1],[2]]}') == {"a": [[1], [2]]}


def test_deep_arrays_are_left_whole(piece: int) -> None:
    deep: Any = [{"x": 1}, {"x": 2}]
    for _ in range(8):
        deep = {"a": deep}
    assert loads(json.dumps(deep).encode()) == deep
