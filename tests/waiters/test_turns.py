"""Thousands of waits that end together do so in turns, between which the event loop handles other things."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.waiters.platform import FOREVER, Platform
from tests.waiters.virtual import VirtualLoop, run
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async._resource import Core
from twelvelabs_async._transport.secrets import Secrets
from twelvelabs_async.errors import APIConnectionError, AuthenticationError, InternalServerError, WaitTimeoutError
from twelvelabs_async.waiters.poller import ENDINGS, Entry, Poller

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 1000
NEVER_READY = (0.0, "indexing"), (FOREVER, "ready")


def turn() -> int:
    """Number of the turn of the event loop."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.turns


async def take_outcomes(platform: Platform, ids: list[str], turns: Counter[int], **settings: Any) -> list[Any]:
    """The errors of all outcomes; counts how many of them came in each turn."""
    errors = []
    async for outcome in platform.outcomes(ids, **settings):
        turns[turn()] += 1
        errors.append(outcome.error)
    return errors


async def wait_for_each(platform: Platform, ids: list[str], turns: Counter[int], **settings: Any) -> list[Any]:
    """The same with a wait for each."""

    async def wait(identifier: str) -> None:
        try:
            await platform.wait(identifier, **settings)
        finally:
            turns[turn()] += 1

    return await asyncio.gather(*map(wait, ids), return_exceptions=True)


def test_deadlines() -> None:
    async def main() -> None:
        platform = Platform()
        turns = Counter[int]()
        errors = await take_outcomes(platform, platform.add_many(COUNT, *NEVER_READY), turns, timeout=5.0)
        assert {type(error) for error in errors} == {WaitTimeoutError}
        assert len(errors) == COUNT
        assert max(turns.values()) <= ENDINGS
        assert platform.now == pytest.approx(5.0, abs=0.1)
        assert await platform.is_idle()

    run(main())


@pytest.mark.parametrize("how", [take_outcomes, wait_for_each])
def test_closing_the_client(how: Callable[..., Any]) -> None:
    async def main() -> None:
        platform = Platform()
        turns = Counter[int]()
        waits = asyncio.ensure_future(how(platform, platform.add_many(COUNT, *NEVER_READY), turns))
        await asyncio.sleep(3.5)
        requests = platform.requests.total()
        platform.hub.close(APIConnectionError("closed", retryable=False))
        errors = await waits
        assert [str(error) for error in errors] == ["closed"] * COUNT
        assert len({id(error) for error in errors}) == COUNT  # each has a traceback of its own
        assert max(turns.values()) <= ENDINGS
        assert platform.requests.total() == requests
        assert await platform.is_idle()

    run(main())


def test_a_rejected_key_of_the_list() -> None:
    async def main() -> None:
        platform = Platform()
        turns = Counter[int]()
        platform.list_error = lambda _: AuthenticationError("rejected", status=401)
        errors = await wait_for_each(platform, platform.add_many(COUNT, *NEVER_READY), turns)
        assert {type(error) for error in errors} == {AuthenticationError}
        assert max(turns.values()) <= ENDINGS
        assert platform.requests == {"list": 1}

    run(main())


def test_rows_that_end_waits() -> None:
    async def main() -> None:
        platform = Platform()
        turns = Counter[int]()
        ids = platform.add_many(COUNT, (0.0, "processing"), (5.0, "ready"))
        assert await wait_for_each(platform, ids, turns, assets=True) == [None] * COUNT
        assert platform.requests["retrieve"] <= COUNT / 100  # spot checks
        assert max(turns.values()) <= 50  # one page

    run(main())


def test_errors_of_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Counter[int]()
    errors: list[Exception] = []
    failed = Poller._failed

    def record(poller: Poller, entry: Entry, error: Exception) -> None:
        turns[turn()] += 1
        errors.append(error)
        failed(poller, entry, error)

    async def main() -> None:
        platform = Platform()
        platform.list_error = lambda _: InternalServerError("broken", status=500)
        states = await platform.states(platform.add_many(COUNT))
        assert len(states) == COUNT

    monkeypatch.setattr(Poller, "_failed", record)
    run(main())
    assert len(errors) >= COUNT
    assert len(set(map(id, errors))) == len(errors)
    assert max(turns.values()) <= ENDINGS


async def test_waits_share_what_is_the_same_for_all() -> None:
    """Fewer objects: a garbage collection of those of thousands of waits blocks the event loop."""

    def shared() -> int:
        return sum(isinstance(thing, Core | Secrets) for thing in gc.get_objects())

    async with AsyncTwelveLabs(api_key="tlk_test", base_url="http://127.0.0.1:9/v1.3") as client:
        before = shared()
        waits = [asyncio.ensure_future(client.tasks.wait_for_done(f"{number:024x}")) for number in range(50)]
        await asyncio.sleep(0)
        assert shared() <= before + 5
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
