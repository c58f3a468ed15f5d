"""JSON that is parsed in pieces after a scan: the same as in one piece, whatever it looks like."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thorough import examples
from twelvelabs_async._codec import large_json, scanned_json

from .test_large_json import JSON

LONG_TEXT = st.text(st.sampled_from('ab"\\é\u2028😀\n,:[]{}'), max_size=60)
DOCUMENTS = st.recursive(
    JSON | LONG_TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(LONG_TEXT, inner, max_size=4),
    max_leaves=8,
)
SIZES = st.integers(12, 60)
"""Bytes of a piece; a surrogate pair needs twelve."""


def outcome(parse: Any, body: bytes) -> Any:
    try:
        return parse(body)
    except orjson.JSONDecodeError:
        return "an error"


def in_pieces(body: bytes, size: int) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanned_json, "PIECE_BYTES", size)
        return outcome(scanned_json.loads, body)


@settings(max_examples=examples(300))
@given(DOCUMENTS, SIZES, st.sampled_from([None, 1]), st.booleans())
def test_the_same_as_in_one_piece(value: Any, size: int, indent: int | None, ascii_only: bool) -> None:
    body = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    assert in_pieces(body, size) == orjson.loads(body)


@settings(max_examples=examples(500))
@given(DOCUMENTS, SIZES, st.data())
def test_damaged_documents_are_refused_alike(value: Any, size: int, data: st.DataObject) -> None:
    body = bytearray(json.dumps(value, ensure_ascii=data.draw(st.booleans())).encode())
    at = data.draw(st.integers(0, len(body) - 1))
    wrong = data.draw(
        st.sampled_from([b"", b'"', b"]", b"}", b"{", b"[", b"\xff", b",", b":", b"\\", b"\\ud800", b"\0"])
    )
    body[at : at + data.draw(st.integers(0, 3))] = wrong
    assert in_pieces(bytes(body), size) == outcome(orjson.loads, bytes(body))


@settings(max_examples=examples(500))
@given(st.text(st.sampled_from('[]{},:"1 \\a'), max_size=40), SIZES)
def test_what_is_hardly_json(text: str, size: int) -> None:
    assert in_pieces(text.encode(), size) == outcome(orjson.loads, text.encode())


@pytest.mark.parametrize(
    "value",
    [
        {"text": "é\n" * 500_000, "n": 1},
        ["x" * 900_000, "y" * 900_000],
        {"k" * 900_000: "v" * 900_000, "b": 2},
        {"numbers": [0.25] * 500_000},
        [[1, 2, {"a": "b"}]] * 100_000,
        {"rows": {f"k{i}": {"n": i} for i in range(60_000)}},
        {"one": {"item": {"that": ["is", {"large": [[0.5] * 100_000, [{"n": 1}] * 50_000]}]}}},
        [[[[["x" * 100] * 9] * 9] * 9] * 9],
        " " * 2_000_000,
        [None, {}, [], ["x" * 1_000_000], {}, []],
    ],
    ids=lambda value: repr(value)[:20],
)
def test_no_piece_is_large(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    real = orjson.loads

    def counted(body: bytes) -> Any:
        sizes.append(len(body))
        return real(body)

    body = b" " * 1_000_000 + orjson.dumps(value) + b" " * 1_000_000
    monkeypatch.setattr(orjson, "loads", counted)
    assert scanned_json.loads(body) == value
    assert max(sizes) <= 1.1 * scanned_json.PIECE_BYTES
    assert large_json.loads(body) == value
    assert max(sizes) <= large_json.WHOLE_BYTES + large_json.PIECE_BYTES


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 2000,
        b"[" * 1025 + b"]" * 1025,
        b'{"a":' * 1100 + b"1" + b"}" * 1100,
        # The last level comes after a key that is longer than a piece.
        b"[" * 1023 + b'{"%b":[]}' % (b"k" * 100) + b"]" * 1023,
    ],
)
def test_too_many_levels(text: bytes) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(text)
    for size in (12, scanned_json.PIECE_BYTES):
        assert in_pieces(text, size) == "an error"


@pytest.mark.parametrize(
    "text", [b"[,1]", b"[1,]", b"[ , ]", b'{,"a":1}', b'{"a":1,}', b"[1,,2]", b"[[1,],2]", b"[1 2]"]
)
def test_commas_without_a_member(text: bytes) -> None:
    assert outcome(orjson.loads, text) == "an error"
    for size in (1, 2, 3, 12, scanned_json.PIECE_BYTES):
        assert in_pieces(text, size) == "an error"
