"""Many mixed calls while requests go wrong: bench/faults.py in small, counted the same way."""

from __future__ import annotations

import argparse
import asyncio
import gc
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from bench._emulator import Running
from bench.faults import Mix, everything, plan, prepare, transient
from tests.eventually import eventually
from twelvelabs_async import AsyncTwelveLabs, Hooks, RetryPolicy, Timeout
from twelvelabs_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from twelvelabs_async import ResponseEvent


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(speed=0) as running:
        yield running


async def _mixed(emulator: Emulator, rules: dict[str, Any], options: argparse.Namespace, **settings: Any) -> Mix:
    """Makes the calls, and checks that exactly what was reported is there."""
    running = Running(emulator.base_url)
    index_id, video_id = await prepare(running)
    for rule in rules["rules"]:
        emulator.faults.add(rule)
    async with AsyncTwelveLabs(**running.settings, **settings) as client:
        mix = Mix(client, index_id, video_id, options.everything)
        numbers = iter(range(options.calls))

        async def worker() -> None:
            for number in numbers:
                await mix.call(number)

        await asyncio.gather(*(worker() for _ in range(32)))
        assert client.limits.in_flight == client.limits.waiting == 0
        emulator.faults.clear()
        there = Counter([index.index_name or "" async for index in client.indexes.list(page_limit=50)])
    assert mix.strange == []
    assert [name for name, times in there.items() if times > 1] == []
    assert mix.created - mix.uncertain <= set(there) <= mix.created | mix.uncertain | {"films"}
    return mix


async def test_transient_failures_are_healed(emulator: Emulator) -> None:
    options = argparse.Namespace(calls=480, everything=False)
    rules = plan(transient(), 0.05, seed=3)
    mix = await _mixed(emulator, rules, options, retry=RetryPolicy(max_retries=5, initial=0.001, maximum=0.01))
    assert mix.failures == {}
    assert mix.uncertain == set()
    assert len(mix.created) == 60
    assert emulator.faults.injected > 10


async def test_nothing_hangs_when_much_goes_wrong(emulator: Emulator) -> None:
    options = argparse.Namespace(calls=240, everything=True)
    rules = plan(everything(), 0.3, seed=4)
    timeout = Timeout(read=0.3, total=10)
    mix = await _mixed(emulator, rules, options, retry=RetryPolicy(initial=0.001, maximum=0.01), timeout=timeout)
    assert emulator.faults.injected > 40
    assert mix.failures.total() < 120


async def test_workers_under_a_rate_limit_are_hardly_ever_refused() -> None:
    statuses: Counter[int | None] = Counter()

    def seen(event: ResponseEvent) -> None:
        statuses[event.status] += 1

    async with (
        Emulator(speed=0, rate_limits={"*": 100}, rate_window=1.5) as emulator,
        AsyncTwelveLabs(**Running(emulator.base_url).settings, hooks=Hooks(on_response=seen)) as client,
    ):

        async def worker() -> None:
            for _ in range(4):
                assert await client.indexes.list() is not None

        await asyncio.gather(*(worker() for _ in range(64)))
    assert statuses[200] == 256
    assert statuses[429] <= 2


def _held() -> Counter[str]:
    """What there is of this package's own classes, apart from the emulator's."""
    gc.collect()
    modules = (getattr(type(found), "__module__", None) for found in gc.get_objects())
    ours = (m for m in modules if isinstance(m, str) and m.startswith("twelvelabs_async."))
    return Counter(m for m in ours if ".emulator" not in m)


async def test_calls_leave_nothing_behind(emulator: Emulator) -> None:
    rules = plan([fault for fault in everything() if "stall" not in fault["kind"]], 0.1, seed=5)
    for rule in rules["rules"]:
        emulator.faults.add(rule)
    settings = Running(emulator.base_url).settings
    async with AsyncTwelveLabs(**settings, timeout=Timeout(read=5, total=20), retry=RetryPolicy(initial=0)) as client:

        async def calls() -> None:
            async def worker() -> None:
                for _ in range(10):
                    await asyncio.gather(client.indexes.list(), return_exceptions=True)

            await asyncio.gather(*(worker() for _ in range(16)))

        await calls()
        before, tasks = _held(), len(asyncio.all_tasks())
        for _ in range(3):
            await calls()
        after = _held()
        left = after - before
        # The loop keeps some cancelled timers for a while, and with them the timers of calls, without the calls.
        for module in ("twelvelabs_async._transport.connector", "twelvelabs_async._transport.deadline"):
            assert left.pop(module, 0) < 150
        assert {name: count for name, count in left.items() if count > 5} == {}
        # The emulator's own, of requests that it still holds, end in their own time.
        await eventually(lambda: len(asyncio.all_tasks()) <= tasks + 5)
