"""Decoding in a thread lets other threads run: counted, not timed."""

from __future__ import annotations

import gc
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Union

import attrs
import orjson
import pytest

from twelvelabs_async._codec import pacing
from twelvelabs_async._codec.decode import decode, decoder, structure
from twelvelabs_async._codec.model import Model
from twelvelabs_async._codec.structure import EXACT_STEP, LONG
from twelvelabs_async.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.frozen(kw_only=True)
class Part(Model):
    n: int


@attrs.frozen(kw_only=True)
class Item(Model):
    parts: list[Part]


@attrs.frozen(kw_only=True)
class Page(Model):
    data: list[Item]


@attrs.frozen(kw_only=True)
class Other(Model):
    data: list[Part]
    other: str


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    yield found
    assert not gc.get_freeze_count()


@pytest.mark.parametrize(
    "value",
    [
        [{"parts": []} for _ in range(100_000)],
        [{"parts": [{"n": i} for i in range(500)]} for _ in range(200)],
        [{"parts": [{"n": i} for i in range(100_000)]}],
    ],
    ids=["many short ones", "many of some size", "one long one"],
)
def test_other_threads_run_in_between(value: Any, turns: list[float]) -> None:
    with pacing.paced():
        page = structure(Page, {"data": value})
    assert len(page.data) == len(value)
    assert len(turns) >= 100_000 // (pacing.ITEMS_A_TURN + LONG) - 1
    assert set(turns) == {0}


def test_maps_are_decoded_in_turns(turns: list[float]) -> None:
    value = {str(n): {"n": n} for n in range(50_000)} | {"null": None}
    with pacing.paced():
        decoded = structure(dict[str, Part], value)
    assert decoded["7"] == Part(n=7)
    assert decoded["null"] is None
    assert list(decoded) == list(value)
    assert len(turns) >= 50_000 // pacing.ITEMS_A_TURN - 1


def test_small_responses_take_no_turns(turns: list[float]) -> None:
    structure(Page, {"data": [{"parts": []} for _ in range(10_000)]})
    assert not turns


@pytest.mark.skipif(not pacing._CAN_PROMOTE, reason="collects in increments")
def test_no_full_collection_becomes_due() -> None:
    with pacing.paced():
        kept = [[n] for n in range(40_000)]
        assert gc.get_count()[1] > 0
        pacing.take_turn()
        assert gc.get_count()[1:] == (0, 0)
    assert not gc.get_freeze_count()
    assert any(entry is kept for entry in gc.get_objects(generation=2))


@pytest.mark.skipif(not pacing._CAN_PROMOTE, reason="collects in increments")
def test_what_the_application_has_frozen_stays_so() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with pacing.paced():
            pacing.take_turn()
        assert gc.get_freeze_count() > 0.9 * frozen
    finally:
        gc.unfreeze()


def test_what_was_parsed_is_freed_item_by_item() -> None:
    """The list of the parsed response becomes that of the model; nobody else's list is touched."""
    for owned in (True, False):
        value: list[dict[str, Any]] = [{"parts": []} for _ in range(LONG + 1)]
        if owned:
            with pacing.paced():
                page = structure(Page, {"data": value})
        else:
            page = structure(Page, {"data": value})
        assert (page.data is value) is owned
        assert isinstance(page.data[-1], Item)
        assert isinstance(value[-1], Item if owned else dict)


def test_a_variant_that_does_not_match_leaves_what_was_parsed() -> None:
    value = {"data": [{"n": n} for n in range(LONG + 1)]}
    with pacing.paced():
        found = structure(Union[Other, dict[str, Any]], value)  # noqa: UP007
    assert found == {"data": [{"n": n} for n in range(LONG + 1)]}


@pytest.mark.parametrize("at", [0, 700, 1999])
@pytest.mark.parametrize("paced", [True, False])
def test_the_position_of_an_error_in_a_long_list(at: int, paced: bool) -> None:
    value: Any = {"data": [{"parts": []} for _ in range(2000)]}
    value["data"][at] = {"parts": [{"n": "x"}]}
    body = orjson.dumps(value)
    decode_page = decoder(Page)
    with pacing.paced() if paced else nullcontext(), pytest.raises(DecodeError) as caught:
        decode_page(body, 200, None)
    assert caught.value.path == f"data[{at}].parts[0].n"
    assert caught.value.body == body[:2048]


def test_the_position_of_an_error_in_a_long_map() -> None:
    value: Any = {str(n): {"n": n} for n in range(2000)} | {"wrong": {"n": "x"}}
    with pytest.raises(DecodeError) as caught:
        decode(dict[str, Part], orjson.dumps(value))
    assert caught.value.path == "wrong.n"


@pytest.mark.parametrize("size", [EXACT_STEP - 1, EXACT_STEP, EXACT_STEP + 1, 3 * EXACT_STEP])
@pytest.mark.parametrize("wrong", [0, -1, None])
def test_long_lists_of_numbers(size: int, wrong: int | None) -> None:
    value: list[Any] = [0.5] * size
    if wrong is None:
        assert decode(list[float], orjson.dumps(value)) == value
        return
    value[wrong] = 1
    assert decode(list[float], orjson.dumps(value)) == value
    value[wrong] = "x"
    with pytest.raises(DecodeError):
        decode(list[float], orjson.dumps(value))


def test_taking_apart(turns: list[float]) -> None:
    value: Any = {"a": [[n, {"b": [n]}] for n in range(5000)], "c": "d"}
    rows = value["a"]
    with pacing.paced():
        pacing.discard(value)
    assert (value, rows) == ({}, [])
    assert len(turns) >= 5
