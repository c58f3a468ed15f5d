from __future__ import annotations

import asyncio

import pytest

from tests.clock import Clock
from twelvelabs_async.ingest.processing import PROBE_SECONDS, ProcessingLimit


async def begin(limit: ProcessingLimit) -> asyncio.Task[None]:
    task = asyncio.create_task(limit.acquire())
    for _ in range(3):
        await asyncio.sleep(0)
    return task


async def test_a_given_limit() -> None:
    limit = ProcessingLimit(2)
    await limit.acquire()
    await limit.acquire()
    third, fourth = await begin(limit), await begin(limit)
    assert not third.done()
    limit.release()
    await third
    assert not fourth.done()
    assert limit.active == 2
    fourth.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fourth
    limit.release()
    limit.release()
    assert limit.active == 0


async def test_a_refusal_teaches_the_limit(clock: Clock) -> None:
    limit = ProcessingLimit(None)
    for _ in range(5):
        await limit.acquire()
    limit.refuse()
    assert limit.active == 4
    fifth = await begin(limit)
    assert not fifth.done()
    limit.release()
    await fifth
    # After a while, one more is tried.
    clock.advance(PROBE_SECONDS)
    limit.release()
    more = [await begin(limit) for _ in range(3)]
    assert [task.done() for task in more] == [True, True, False]
    more[2].cancel()
    with pytest.raises(asyncio.CancelledError):
        await more[2]


async def test_the_limit_is_at_least_one() -> None:
    limit = ProcessingLimit(None)
    await limit.acquire()
    limit.refuse()
    assert limit.active == 0
    await limit.acquire()
    limit.enter()  # what the platform works on already counts, too
    assert limit.active == 2
    waiting = await begin(limit)
    limit.release()
    await asyncio.sleep(0)
    assert not waiting.done()
    limit.release()
    await waiting


async def test_a_turn_that_comes_with_the_cancellation_is_passed_on() -> None:
    limit = ProcessingLimit(1)
    await limit.acquire()
    first, second = await begin(limit), await begin(limit)
    limit.release()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await second
    assert limit.active == 1
