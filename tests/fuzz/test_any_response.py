"""Whatever a server sends in place of a response of the document: a model that keeps it, or a DecodeError."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tests.models.test_responses import ANSWERS
from tests.openapi import document, models, samples
from twelvelabs_async import DecodeError, to_dict, to_json
from twelvelabs_async._codec.decode import decode

if TYPE_CHECKING:
    from collections.abc import Iterator

Draw = Callable[[st.SearchStrategy[Any]], Any]
Node = tuple[Any, Any]
"""A container and a key or position in it."""

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.sampled_from(["2026-03-04T05:06:07Z", "2026-13-99", "", "0", "ready", 1e308, 2**63]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def _nodes(value: Any) -> Iterator[Node]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield value, key
        yield from _nodes(entry)


@st.composite
def altered_responses(draw: st.DrawFn) -> tuple[str, Any]:
    """The name of a response and its data, of which some values are replaced, removed or moved."""
    name = draw(st.sampled_from(sorted(ANSWERS)))
    legacy, members = draw(st.booleans()), draw(st.sampled_from(["all", "required"]))
    builder = samples.Builder(legacy=legacy, members=members)  # type: ignore[arg-type]
    whole = {"root": copy.deepcopy(builder.build(ANSWERS[name], ""))}
    for _ in range(draw(st.integers(1, 4))):
        nodes = list(_nodes(whole))
        container, key = draw(st.sampled_from(nodes))
        how = draw(st.sampled_from(["replace", "replace", "remove", "copy"]))
        if how == "remove" and container is not whole:
            del container[key]
        elif how == "copy":
            source, source_key = draw(st.sampled_from(nodes))
            container[key] = copy.deepcopy(source[source_key]) if source_key in _keys(source) else None
        else:
            container[key] = draw(VALUES)
    return name, whole["root"]


def _keys(container: Any) -> Any:
    return container if isinstance(container, dict) else range(len(container))


def _kind(name: str) -> Any:
    reference = document.reference(ANSWERS[name])
    assert reference is not None
    return models.model(reference)


def _decoded(kind: Any, body: bytes) -> Any:
    """The model, or the DecodeError. Anything else that is raised fails the test."""
    try:
        return decode(kind, body)
    except DecodeError as caught:
        error = caught
    assert str(error)
    assert len(error.body or b"") <= 2048
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    return error


@given(altered_responses())
def test_altered_data(altered: tuple[str, Any]) -> None:
    name, data = altered
    kind = _kind(name)
    decoded = _decoded(kind, json.dumps(data).encode())
    if not isinstance(decoded, DecodeError):
        repr(decoded)
        again = decode(kind, to_json(decoded))
        assert again == decoded
        assert to_dict(again) == to_dict(decoded)


def _cut(body: bytes, draw: Draw) -> bytes:
    end: int = draw(st.integers(0, len(body)))
    return body[:end]


def _overwrite(body: bytes, draw: Draw) -> bytes:
    at: int = draw(st.integers(0, len(body)))
    new: bytes = draw(st.binary(min_size=1, max_size=6))
    return body[:at] + new + body[at + len(new) :]


def _insert(body: bytes, draw: Draw) -> bytes:
    at: int = draw(st.integers(0, len(body)))
    new: bytes = draw(st.binary(min_size=1, max_size=6) | st.sampled_from([b"\xef\xbb\xbf", b"[" * 3000, b"1e999"]))
    return body[:at] + new + body[at:]


@given(st.sampled_from(sorted(ANSWERS)), st.lists(st.sampled_from([_cut, _overwrite, _insert]), min_size=1), st.data())
def test_damaged_bytes(name: str, damages: list[Callable[..., bytes]], data: st.DataObject) -> None:
    body = json.dumps(samples.Builder(members="required").build(ANSWERS[name], "")).encode()
    for damage in damages:
        body = damage(body, data.draw)
    kind = _kind(name)
    decoded = _decoded(kind, body)
    if not isinstance(decoded, DecodeError):
        assert decode(kind, to_json(decoded)) == decoded
