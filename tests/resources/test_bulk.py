"""Creating many things at a time."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async.errors import BulkError
from twelvelabs_async.resources._bulk import create_all, listed


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 0.003), max_size=20), st.integers(1, 7))
def test_results_have_the_order_of_the_inputs(delays: list[float], width: int) -> None:
    active = most = 0

    async def create(item: tuple[int, float]) -> int:
        nonlocal active, most
        active += 1
        most = max(most, active)
        await asyncio.sleep(item[1])
        active -= 1
        return item[0]

    created = asyncio.run(create_all(enumerate(delays), create, noun="things", max_concurrency=width))
    assert created == list(range(len(delays)))
    assert most <= width


async def test_one_error_holds_every_outcome() -> None:
    async def create(item: int) -> str:
        await asyncio.sleep(0)
        if item % 2:
            raise OSError(f"no {item}")
        return str(item)

    with pytest.raises(BulkError, match=r"2 of 5 things were not created. Input 1: OSError: no 1") as caught:
        await create_all(range(5), create, noun="things")
    error = caught.value
    assert error.results == ("0", "2", "4")
    assert {at: str(problem) for at, problem in error.errors.items()} == {1: "no 1", 3: "no 3"}
    assert [type(outcome) for outcome in error.outcomes] == [str, OSError, str, OSError, str]


async def test_inputs_are_read_as_the_work_goes_on() -> None:
    read: list[int] = []

    def inputs() -> Any:
        for at in range(100):
            read.append(at)
            yield at

    async def create(_: int) -> int:
        await asyncio.sleep(0)
        return len(read)

    sizes = await create_all(inputs(), create, noun="things", max_concurrency=3)
    assert all(size <= at + 6 for at, size in enumerate(sizes))


async def test_cancelling_leaves_nothing_behind() -> None:
    begun = asyncio.Event()

    async def create(_: int) -> None:
        begun.set()
        await asyncio.sleep(3600)

    task = asyncio.create_task(create_all(range(100), create, noun="things"))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(asyncio.all_tasks()) == 1


async def test_a_width_that_makes_no_sense() -> None:
    async def create(_: int) -> None: ...

    with pytest.raises(ValueError, match="max_concurrency"):
        await create_all([], create, noun="things", max_concurrency=0)


def test_one_value_is_a_list_of_one() -> None:
    file = io.BytesIO(b"x")
    for value in ("a.mp4", Path("a.mp4"), b"x", bytearray(b"x"), memoryview(b"x"), file):
        assert listed(value) == [value]
    assert listed(None) == []
    assert listed(["a", "b"]) == ["a", "b"]
    assert listed(item for item in "ab") == ["a", "b"]
