"""Decoding in a thread lets other threads run: counted, not timed."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Union

import attrs
import orjson
import pytest

from twelvelabs_async._codec import large_json, pacing
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
    """The pauses that let other threads run; each turn has one here, however short it was."""
    found: list[float] = []
    monkeypatch.setattr(pacing, "SECONDS_A_TURN", 0.0)
    monkeypatch.setattr(pacing._state, "paused", 0.0)
    monkeypatch.setattr(time, "sleep", found.append)
    yield found
    assert not gc.get_freeze_count()
    assert not pacing.RUNNING


@pytest.fixture
def full() -> Iterator[list[int]]:
    """The full garbage collections that happen during the test."""
    found: list[int] = []

    def note(phase: str, info: dict[str, int]) -> None:
        if phase == "start" and info["generation"] == 2:
            found.append(info["generation"])

    gc.collect()
    gc.callbacks.append(note)
    try:
        yield found
    finally:
        gc.callbacks.remove(note)
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
    assert min(turns) > 0  # after a pause of zero seconds, the same thread would go on


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


def test_a_turn_is_no_shorter_than_it_has_to_be(turns: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "SECONDS_A_TURN", 3600.0)
    with pacing.paced():
        for now in (10_000.0, 10_001.0, 13_600.0, 13_601.0):
            monkeypatch.setattr(time, "monotonic", lambda now=now: now)
            pacing.take_turn()
    assert len(turns) == 2


def create(turns: int) -> list[list[int]]:
    """Create many objects, as a decode does, with a turn now and then. Python would collect them several times."""
    kept = []
    for _ in range(turns):
        kept += [[n] for n in range(pacing.NEW_OBJECTS)]
        pacing.take_turn()
    return kept


def test_many_objects_lead_to_full_collections(full: list[int]) -> None:
    """What happens otherwise: this shows that the next test can fail."""
    kept = create(200)
    assert full
    assert len(kept) == 200 * pacing.NEW_OBJECTS


def test_what_is_decoded_leads_to_no_full_collection(full: list[int]) -> None:
    with pacing.paced():
        kept = create(200)
    assert not full
    assert any(entry is kept[-1] for entry in gc.get_objects(generation=2))


def test_the_long_lists_of_a_response_are_not_new(turns: list[float]) -> None:
    """A collection of new objects would look at each of their items."""
    body = b'{"data":[' + b",".join([b'{"n":1}'] * 150_000) + b"]}"
    with pacing.paced():
        value = large_json.loads(body)
        assert len(value["data"]) == 150_000
        assert not any(found is value["data"] for at in (0, 1) for found in gc.get_objects(generation=at))
    assert turns


def test_small_decodes_move_nothing() -> None:
    """Garbage of the application is found as always: among new objects, and soon."""
    gc.collect()
    mine: list[Any] = []
    with pacing.paced():
        mine.append(mine)
        kept = [[n] for n in range(pacing.NEW_OBJECTS // 4)]
        pacing.take_turn()
        assert any(found is mine for at in (0, 1) for found in gc.get_objects(generation=at))
        assert not pacing._state.has_moved
        assert kept


class Cycle:
    """Garbage that only a collection finds."""

    def __init__(self) -> None:
        self.me = self


def test_a_program_that_only_decodes_collects_garbage(full: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MAX_MOVES", 20)
    alive = []
    for _ in range(3 * pacing.MAX_DECODES + 2):
        with pacing.paced():
            alive.append(weakref.ref(Cycle()))
            create(4)
    assert len(full) >= 3
    assert sum(found() is not None for found in alive) <= pacing.MAX_DECODES + 1


def test_a_full_collection_of_the_application_counts(full: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "MAX_MOVES", 0)
    for _ in range(3):
        for _ in range(pacing.MAX_DECODES - 1):
            with pacing.paced():
                create(4)
        gc.collect()
    assert len(full) == 3


def test_what_the_application_has_frozen_stays_so() -> None:
    gc.freeze()
    try:
        frozen = gc.get_freeze_count()
        with pacing.paced():
            kept = create(20)
        assert gc.get_freeze_count() > 0.9 * frozen
        assert kept
    finally:
        gc.unfreeze()


def test_what_is_frozen_meanwhile_stays_so() -> None:
    try:
        with pacing.paced():
            create(20)
            gc.freeze()
            frozen = gc.get_freeze_count()
            create(20)
        assert gc.get_freeze_count() > 0.9 * frozen
    finally:
        gc.unfreeze()


def test_nothing_stays_frozen_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    real = gc.freeze

    def interrupted() -> None:
        real()
        raise KeyboardInterrupt

    with pacing.paced():
        create(1)
        monkeypatch.setattr(gc, "freeze", interrupted)
        with pytest.raises(KeyboardInterrupt):
            create(4)
        monkeypatch.undo()
        assert not gc.get_freeze_count()
        gc.collect()
        create(4)
        assert pacing._state.has_moved


@pytest.mark.parametrize("how", ["disable", "a threshold of zero"])
def test_a_program_without_garbage_collection_is_left_alone(monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    calls: list[str] = []
    for name in ("freeze", "unfreeze", "collect"):
        monkeypatch.setattr(gc, name, lambda name=name: calls.append(name))
    thresholds = gc.get_threshold()
    if how == "disable":
        gc.disable()
    else:
        gc.set_threshold(0)
    try:
        with pacing.paced():
            create(20)
    finally:
        gc.enable()
        gc.set_threshold(*thresholds)
    assert not calls
    with pacing.paced():
        create(20)
    assert calls[:2] == ["freeze", "unfreeze"]


def test_several_threads(full: list[int]) -> None:
    """Only one moves objects at a time: the other would take for frozen by the application what the first one moves."""
    counts = []

    def run() -> None:
        with pacing.paced():
            counts.append(len(create(100)))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [100 * pacing.NEW_OBJECTS] * 4
    assert not full
    assert not pacing.RUNNING


def test_a_lock_that_is_never_released() -> None:
    """After a fork: the thread that held it is gone."""
    with pacing._moving, pacing.paced():
        create(4)
        assert not pacing._state.has_moved


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


def test_what_the_json_engine_of_the_user_returns_is_not_overwritten() -> None:
    """It may return the same value again."""
    parsed: dict[str, Any] = {"data": [{"parts": []} for _ in range(LONG + 1)]}

    class Engine:
        def loads(self, data: bytes, /) -> Any:
            return parsed

        def dumps(self, value: Any, /) -> bytes:
            raise NotImplementedError

    decode_page = decoder(Page, Engine())
    for _ in range(2):
        with pacing.paced():
            assert len(decode_page(b"{}", 200, None).data) == LONG + 1
    assert parsed == {"data": [{"parts": []} for _ in range(LONG + 1)]}


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
