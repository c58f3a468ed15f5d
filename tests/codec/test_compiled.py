"""Compiled decoders give what the general ones give, and leave to them what looks unusual."""

from __future__ import annotations

import copy
import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.codec.test_decode_properties import JSON, WHOLES
from tests.thorough import examples
from twelvelabs_async._codec.compiled import compile_decoder
from twelvelabs_async._codec.model import UNSET, Model, Unset
from twelvelabs_async._codec.scalars import Mismatch
from twelvelabs_async._codec.structure import _fields, general_hook, model_hook, new
from twelvelabs_async._codec.structure import _set_extra as set_extra
from twelvelabs_async._codec.structure import _set_request_id as set_request_id
from twelvelabs_async._codec.structure import _set_texts as set_texts

from .test_decode import Whole

if TYPE_CHECKING:
    from twelvelabs_async._codec.registry import Hook

NAMES = {"new": new, "set_extra": set_extra, "set_request_id": set_request_id, "set_texts": set_texts}


@attrs.frozen(kw_only=True)
class Inner(Model):
    count: int | None = None


@attrs.frozen(kw_only=True)
class Row(Model):
    id: str = attrs.field(metadata={"wire": "_id", "accept": ("id",)})
    at: dt.datetime | None = None
    ratio: float | None = None
    empty: str | Unset | None = UNSET
    kind: str = "row"
    inner: Inner | None = None
    needed: list[Inner]


@attrs.frozen(kw_only=True)
class Either(Model):
    at: dt.datetime | str


USUAL = {
    "_id": "a",
    "at": "2026-11-20T12:00:00Z",
    "ratio": 0.5,
    "empty": "",
    "kind": "row",
    "inner": {"count": 1},
    "needed": [{"count": 2}],
}


def both(cls: type[Model], data: Any) -> tuple[Any, Any]:
    """What the compiled decoder and the general one give."""
    results: list[Any] = []
    for hook in (model_hook(cls), general_hook(cls, _fields(cls))):
        try:
            found = hook(copy.deepcopy(data), None)
            results.append((found, found.extra, found._texts, found._request_id))
        except Mismatch as mismatch:
            results.append((mismatch.problem, mismatch.parts))
    return results[0], results[1]


@given(data=WHOLES)
@settings(max_examples=examples(300))
def test_documents(data: Any) -> None:
    compiled, general = both(Whole, data)
    assert compiled == general


@given(name=st.sampled_from([*USUAL, "id", "new"]), value=JSON | st.sampled_from([*USUAL.values()]))
@settings(max_examples=examples(500))
def test_any_value_of_one_field(name: str, value: Any) -> None:
    compiled, general = both(Row, {**USUAL, name: value})
    assert compiled == general


@given(names=st.sets(st.sampled_from([*USUAL])))
def test_missing_fields(names: set[str]) -> None:
    compiled, general = both(Row, {name: value for name, value in USUAL.items() if name not in names})
    assert compiled == general


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T12:00:00Z",
        "2026-11-20T12:00:00.123Z",
        "2026-11-20T12:00:00.123456Z",
        "2026-11-20T12:00:00.12Z",
        "2026-11-20T12:00:60Z",
        "2026-11-20t12:00:00Z",
        "2026-11-20 12:00:00Z",
        "2026-11-20T12:00:00z",
        "2026-11-20T12:00:00",
        "2026-11-20T12:00:00.123",
        "2026-11-20T14:00:00+02:00",
        "2026-13-20T12:00:00Z",
        "2026-11-20T25:00:00Z",
        "x" * 19 + "Z",
        "",
    ],
)
def test_date_times(text: str) -> None:
    compiled, general = both(Row, {**USUAL, "at": text})
    assert compiled == general


@pytest.mark.parametrize("number", [3, -3, True, 10**15, 10**400, "3", None, 2**53 + 1])
def test_numbers(number: Any) -> None:
    compiled, general = both(Row, {**USUAL, "ratio": number})
    assert compiled == general


def test_text_or_a_date_time_is_left_to_the_general_decoder() -> None:
    general = general_hook(Either, _fields(Either))
    assert compile_decoder(Either, _fields(Either), general, NAMES) is general


@pytest.mark.parametrize(
    "data",
    [
        USUAL,
        {"_id": "a", "needed": []},
        {**USUAL, "at": "2026-11-20T12:00:00.123Z", "ratio": 7},
        {**USUAL, "at": None, "kind": None, "empty": None, "inner": None, "new": 1},
    ],
)
def test_what_is_usual_is_not_left_to_the_general_decoder(data: Any) -> None:
    def general(data: Any, _: Any) -> Any:
        raise AssertionError("not needed")

    hook: Hook = compile_decoder(Row, _fields(Row), general, NAMES)
    assert hook(data, None) == general_hook(Row, _fields(Row))(data, None)


@pytest.mark.parametrize("data", [[], None, "", {**USUAL, "needed": None}, {**USUAL, "needed": [{"count": "x"}]}])
def test_errors(data: Any) -> None:
    compiled, general = both(Row, data)
    assert compiled == general
    assert isinstance(compiled[0], str)
