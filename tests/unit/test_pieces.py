"""Parsing in pieces gives what parsing in one go gives, whatever the document is and wherever the cuts fall."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async import _pieces
from twelvelabs_async._codec import decode, decoder
from twelvelabs_async.errors import DecodeError
from twelvelabs_async.types import EmbedTasksRetrieveResponse

# Texts that look like the places where lists are cut.
TEXTS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(["[{", "},{", "}]", '"},{"', "\\", '\\"', "[{}]", "é},{", "list 0", '[{"a":1},{"a":2}]']),
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-9, 99), st.floats(-1, 1), TEXTS)
OBJECTS = st.dictionaries(TEXTS, SCALARS, max_size=3)
NESTED = st.recursive(
    st.one_of(SCALARS, st.lists(OBJECTS, max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=30,
)
DOCUMENTS = st.one_of(NESTED, st.fixed_dictionaries({"data": st.lists(OBJECTS | NESTED, max_size=30), "info": NESTED}))
SPACING: list[dict[str, Any]] = [{"separators": (",", ":")}, {}, {"indent": 1}, {"ensure_ascii": False}]


@pytest.fixture(autouse=True, scope="module")
def _small_pieces() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_pieces, "PIECE_BYTES", 24)
        yield


@given(DOCUMENTS, st.sampled_from(SPACING))
def test_any_document(document: Any, spacing: dict[str, Any]) -> None:
    body = json.dumps(document, **spacing).encode()
    assert _pieces.loads(body) == orjson.loads(body)


@given(DOCUMENTS, st.data())
def test_a_broken_document_is_refused_as_in_one_go(document: Any, data: st.DataObject) -> None:
    body = bytearray(json.dumps(document).encode())
    at = data.draw(st.integers(0, len(body) - 1))
    body[at : at + data.draw(st.integers(0, 3))] = data.draw(
        st.sampled_from([b"", b'"', b"]", b"}", b"{", b"\xff", b","])
    )
    assert _outcome(_pieces.loads, bytes(body)) == _outcome(orjson.loads, bytes(body))


def _outcome(loads: Callable[[bytes], Any], body: bytes) -> Any:
    try:
        return loads(body)
    except orjson.JSONDecodeError as error:
        return f"refused: {error}"


def _pieces_of(document: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """Length of the longest text that the parser was given."""
    lengths: list[int] = []
    parse = orjson.loads

    def loads(text: bytes) -> Any:
        lengths.append(len(text))
        return parse(text)

    body = json.dumps(document).encode()
    with monkeypatch.context() as patch:
        patch.setattr(orjson, "loads", loads)
        value = _pieces.loads(body)
    assert value == document
    return max(lengths)


def test_two_long_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    words = [{"value": f"wörd {at}", "start": at} for at in range(200)]
    document = {"models": [{"name": "m"}], "embedding": {"segments": words}, "note": "x", "transcription": words}
    assert _pieces_of(document, monkeypatch) < 300


def test_a_list_at_the_top(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _pieces_of([{"a": {"b": at}} for at in range(200)], monkeypatch) < 200


def test_members_that_hold_lists_of_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    document = {"data": [{"clips": [{"at": at}, {"at": 2}], "n": at} for at in range(200)]}
    assert _pieces_of(document, monkeypatch) < 300


def test_a_document_that_cannot_be_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    _pieces_of({"text": '[{"a":1},{"b":2}' * 200}, monkeypatch)
    _pieces_of({"rows": [[{"a": 1}] for _ in range(500)]}, monkeypatch)
    _pieces_of({"numbers": list(range(500))}, monkeypatch)


def test_a_member_named_twice() -> None:
    members = ",".join(f'{{"n":{at}}}' for at in range(100))
    body = f'{{"data":[{members}],"data":[{members}]}}'.encode()
    assert _pieces.loads(body) == orjson.loads(body)


def test_a_decoder_uses_it() -> None:
    segments = [{"float": [at / 8, 0.5], "embedding_option": "visual"} for at in range(800)]
    body = orjson.dumps({"_id": "t", "video_embedding": {"segments": segments}})
    task = decoder(EmbedTasksRetrieveResponse)(body, 200, None)
    assert task == decode(EmbedTasksRetrieveResponse, orjson.loads(body))
    segments[700]["float"] = "no list"
    body = orjson.dumps({"_id": "t", "video_embedding": {"segments": segments}})
    with pytest.raises(DecodeError) as caught:
        decoder(EmbedTasksRetrieveResponse)(body, 200, None)
    assert caught.value.path == "video_embedding.segments[700].float"
