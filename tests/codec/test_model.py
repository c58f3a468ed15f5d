"""Variants that this release does not know: their members as attributes."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import attrs
import pytest

from twelvelabs_async import UnknownVariant, to_dict
from twelvelabs_async._codec.decode import decode
from twelvelabs_async.types import StreamAnalyzeResponse, SummarizeResult

EVENT = {"event_type": "thinking", "usage": {"output_tokens": 3}, "items": [{"a": 1}], "nothing": None, "type": "x"}


def test_members_are_attributes() -> None:
    event = decode(StreamAnalyzeResponse, EVENT)
    assert isinstance(event, UnknownVariant)
    assert event.event_type == "thinking"
    assert event.type == "x"
    assert event.usage == {"output_tokens": 3}
    assert event.items == [{"a": 1}]
    assert event.nothing is None
    assert to_dict(event) == EVENT


def test_discriminators_of_other_names() -> None:
    assert decode(SummarizeResult, {"summarize_type": "poem"}).summarize_type == "poem"


@pytest.mark.parametrize("data", [EVENT, {}, None, "text", ["event_type", "gone"], 3])
def test_absent_members(data: Any) -> None:
    event = UnknownVariant(data)
    with pytest.raises(AttributeError, match="UnknownVariant has no 'gone'") as caught:
        event.gone  # noqa: B018 - what reading it does
    assert caught.value.name == "gone"
    assert caught.value.obj is event
    assert getattr(event, "gone", 5) == 5
    assert not hasattr(UnknownVariant({}), "event_type")


def test_own_attributes_win() -> None:
    event = UnknownVariant({"data": {"id": "1"}, "tag": "inner", "__len__": 3}, "new")
    assert event.tag == "new"
    assert event.data["data"] == {"id": "1"}
    assert event.data["tag"] == "inner"
    assert not hasattr(event, "__len__")


def test_copies() -> None:
    event = UnknownVariant(
        {**EVENT, "__deepcopy__": 1, "__reduce_ex__": 1, "__setstate__": 1, "_private": 2}, "thinking"
    )
    for made in (
        copy.copy(event),
        copy.deepcopy(event),
        pickle.loads(pickle.dumps(event)),
        attrs.evolve(event),
    ):
        assert made == event
        assert made.event_type == "thinking"
        assert made._private == 2


def test_an_object_whose_slots_are_empty() -> None:
    empty = UnknownVariant.__new__(UnknownVariant)
    for name in ("data", "tag", "event_type"):
        with pytest.raises(AttributeError):
            getattr(empty, name)


def test_members_cannot_be_set() -> None:
    with pytest.raises(AttributeError):
        UnknownVariant(EVENT).event_type = "other"  # type: ignore[misc]
