"""The gate: bounded, first come first served within a lane, fair between lanes, adaptive."""

from __future__ import annotations

import asyncio
import random

import pytest

from twelvelabs_async._transport.limits.concurrency import Gate, Lane


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_slots_are_bounded_and_come_back() -> None:
    gate = Gate(2)
    lane = gate.lane("search")
    assert gate.lane("search") is lane
    assert gate.take(lane)
    assert gate.take(lane)
    assert not gate.take(lane)
    gate.release(lane)
    assert gate.take(lane)
    assert (gate.free, lane.in_use) == (0, 2)


async def test_first_come_first_served_within_a_lane() -> None:
    gate = Gate(1)
    lane = gate.lane("search")
    assert gate.take(lane)
    order: list[int] = []

    async def wait(number: int) -> None:
        await gate.wait(lane)
        order.append(number)
        gate.release(lane)

    tasks = [asyncio.create_task(wait(number)) for number in range(5)]
    await settle()
    gate.release(lane)
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3, 4]
    assert gate.free == 1


async def test_lanes_take_turns() -> None:
    gate = Gate(1)
    busy, rare = gate.lane("search"), gate.lane("indexes")
    assert gate.take(busy)
    order: list[str] = []

    async def wait(lane: Lane) -> None:
        await gate.wait(lane)
        order.append(lane.name)
        gate.release(lane)

    tasks = [asyncio.create_task(wait(busy)) for _ in range(100)]
    await settle()
    tasks += [asyncio.create_task(wait(rare)) for _ in range(2)]
    await settle()
    gate.release(busy)
    await asyncio.gather(*tasks)
    assert order[:5] == ["search", "indexes", "search", "indexes", "search"]
    assert gate.free == 1


async def test_long_requests_leave_slots_for_small_ones() -> None:
    gate = Gate(8)
    uploads, calls = gate.lane("index", long=True), gate.lane("index")
    assert uploads is not calls
    assert sum(gate.take(uploads) for _ in range(8)) == 6
    waiting = asyncio.create_task(gate.wait(uploads))
    await settle()
    assert sum(gate.take(calls) for _ in range(8)) == 2
    gate.release(calls)
    await settle()
    assert not waiting.done()
    gate.release(uploads)
    await waiting


async def test_cancelled_waiters_leave_nothing_and_pass_slots_on() -> None:
    gate = Gate(1)
    lane = gate.lane("search")
    assert gate.take(lane)
    first, second, third = (asyncio.create_task(gate.wait(lane)) for _ in range(3))
    await settle()
    second.cancel()
    await settle()
    gate.release(lane)  # the slot is first's now ...
    first.cancel()  # ... who does not want it any more
    await settle()
    assert first.cancelled()
    assert second.cancelled()
    assert third.done()
    gate.release(lane)
    assert (gate.free, lane.in_use, len(lane.waiters)) == (1, 0, 0)


def test_overload_halves_once_and_good_answers_bring_it_back() -> None:
    seen: list[tuple[str, int]] = []
    gate = Gate(16, changed=lambda lane: seen.append((lane.name, int(lane.limit))))
    lane, other = gate.lane("search"), gate.lane("indexes")
    while gate.take(lane):
        pass
    epoch = lane.epoch
    for _ in range(10):
        gate.overloaded(lane, epoch)  # ten answers to requests of the same time
    assert lane.limit == 8
    assert other.limit == 16
    gate.overloaded(lane, lane.epoch)
    gate.overloaded(lane, lane.epoch)
    gate.overloaded(lane, lane.epoch)
    gate.overloaded(lane, lane.epoch)
    gate.overloaded(lane, lane.epoch)
    assert lane.limit == 1
    answers = 0
    while lane.limit < 16:
        gate.good(lane)
        answers += 1
    assert 100 < answers < 200  # one more for each full round: 1 + 2 + ... + 15
    assert seen[0] == ("search", 8)
    assert seen[-1] == ("search", 16)


async def test_lane_that_may_grow_lets_waiters_through() -> None:
    gate = Gate(4)
    lane = gate.lane("search")
    assert gate.take(lane)
    gate.overloaded(lane, lane.epoch)
    waiting = asyncio.create_task(gate.wait(lane))
    await settle()
    assert not waiting.done()
    gate.good(lane)
    await asyncio.wait_for(waiting, 1)


def test_fixed_gate_does_not_adapt() -> None:
    gate = Gate(16, adaptive=False)
    lane = gate.lane("search")
    gate.overloaded(lane, lane.epoch)
    assert lane.limit == 16


@pytest.mark.parametrize("seed", range(5))
async def test_any_mixture_keeps_the_books_straight(seed: int) -> None:
    chance = random.Random(seed)
    gate = Gate(7)
    lanes = [gate.lane(name, long) for name in ("a", "b", "c") for long in (False, True)]
    most = 0

    async def use() -> None:
        nonlocal most
        lane = chance.choice(lanes)
        epoch = lane.epoch
        if not gate.take(lane):
            await gate.wait(lane)
        try:
            most = max(most, 7 - gate.free)
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            if chance.random() < 0.1:
                gate.overloaded(lane, epoch)
            else:
                gate.good(lane)
        finally:
            gate.release(lane)

    async def use_and_lose_patience() -> None:
        task = asyncio.create_task(use())
        for _ in range(chance.randrange(30)):
            await asyncio.sleep(0)
        if chance.random() < 0.3:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async with asyncio.timeout(30):
        await asyncio.gather(*(use_and_lose_patience() for _ in range(500)))
    assert most == 7
    assert gate.free == 7
    assert gate.free_long == int(7 * 0.75)
    assert all(lane.in_use == 0 and not lane.waiters for lane in lanes)
