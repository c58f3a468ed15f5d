"""Webhook events wake waits, and are never believed."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from tests.waiters.platform import Platform
from tests.waiters.virtual import run
from twelvelabs_async._codec.model import UnknownVariant
from twelvelabs_async.waiters import hub
from twelvelabs_async.waiters.poller import WAKE_INTERVAL


def event(identifier: str) -> dict[str, Any]:
    return {"id": "whe_1", "type": "index.task.ready", "data": {"id": identifier, "status": "ready"}}


def test_an_event_ends_a_wait_at_once() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, "indexing"), (100.5, "ready"))
        waiting = asyncio.create_task(platform.wait("a", interval=60.0))
        await asyncio.sleep(100.6)
        assert platform.hub.notify(event("a"))
        await waiting
        assert platform.now < 101
        assert platform.asked[-1][1] == pytest.approx(100.61, abs=0.02)

    run(main())


def test_a_forged_or_repeated_event_costs_a_request_per_second_at_most() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, "indexing"), (100, "ready"))
        waiting = asyncio.create_task(platform.wait("a", interval=1000.0))
        await asyncio.sleep(5)
        for _ in range(1000):
            platform.hub.notify(event("a"))
            platform.hub.notify(event("somebody else's"))
            await asyncio.sleep(0.01)
        assert platform.requests["retrieve"] <= 2 + 10 / WAKE_INTERVAL
        assert not waiting.done()
        waiting.cancel()
        await asyncio.wait([waiting])

    run(main())


def test_an_event_does_not_change_when_polling_goes_on() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, "indexing"), (300, "ready"))
        waiting = asyncio.create_task(platform.wait("a", interval=50.0))
        for _ in range(3):
            await asyncio.sleep(10)
            platform.hub.notify(event("a"))
        await waiting
        assert platform.requests["retrieve"] <= 3 + 7
        assert platform.now <= 300 + 1.1 * 50 * 2.1

    run(main())


def test_an_event_while_the_state_is_fetched_has_it_fetched_again() -> None:
    async def main() -> None:
        platform = Platform()
        platform.latency = 4.0
        platform.add("a", (0, "indexing"), (5, "ready"))
        waiting = asyncio.create_task(platform.wait("a", interval=1000.0))
        await asyncio.sleep(3)
        assert platform.hub.notify(event("a"))
        await waiting
        assert platform.requests["retrieve"] == 2

    run(main())


def test_an_event_that_came_before_the_wait() -> None:
    async def main() -> None:
        platform = Platform()
        platform.add("a", (0, "indexing"), (1, "ready"))
        assert not platform.hub.notify(event("a"))
        await platform.wait("a", interval=1000.0)
        assert platform.now < 2.5  # the event was ahead of the platform's own API
        platform.add("b", (0, "indexing"), (1000, "ready"))
        platform.hub.notify(event("b"))
        waiting = asyncio.create_task(platform.wait("b", interval=10_000.0))
        await asyncio.sleep(500)
        assert [identifier for identifier, _ in platform.asked].count("b") == 2
        waiting.cancel()
        await asyncio.wait([waiting])

    run(main())


def test_memory_of_events_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        waits = hub.WaitHub()
        for number in range(hub.MAX_EVENTS + 10):
            waits.notify(event(f"id{number}"))
        assert not waits.take_event("id9")
        assert waits.take_event("id10")
        assert not waits.take_event("id10")
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + hub.EVENT_AGE + 1)
        assert not waits.take_event("id11")
        waits.notify(event("new"))
        assert len(waits._events) == 1

    run(main())


def test_polling_is_a_safety_net_while_events_arrive() -> None:
    async def main() -> None:
        platform = Platform()
        first = platform.add("first", (0, "indexing"), (1.5, "ready"))  # between two checks, whatever their jitter
        second = platform.add("second", (0, "indexing"), (120.5, "ready"))
        waiting = asyncio.create_task(platform.wait(first, interval=1.0))
        await asyncio.sleep(1.55)
        platform.hub.notify(event(first))
        await waiting
        before = platform.requests["retrieve"]
        waiting = asyncio.create_task(platform.wait(second, interval=1.0))
        await asyncio.sleep(110)
        checks = platform.requests["retrieve"] - before
        assert 2 <= checks <= 11
        # No event for the second: the safety net finds it, and polling is as before.
        await waiting
        assert 120.5 < platform.now < 135
        third = platform.add("third", (0, "indexing"))
        before = platform.requests["retrieve"]
        waiting = asyncio.create_task(platform.wait(third, interval=1.0))
        await asyncio.sleep(12)
        assert platform.requests["retrieve"] - before >= 6
        waiting.cancel()
        await asyncio.wait([waiting])

    run(main())


def test_events_for_many() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(300, (0, "indexing"), (50, "ready"))
        states = asyncio.create_task(platform.states(ids, interval=1000.0))
        await asyncio.sleep(51)
        for identifier in ids:
            assert platform.hub.notify(event(identifier))
        await states
        assert platform.now < 52
        assert platform.requests["retrieve"] <= 300

    run(main())


@pytest.mark.parametrize(
    "given",
    [
        SimpleNamespace(data=SimpleNamespace(id="a")),
        {"data": {"_id": "a"}},
        {"data": {"task_id": "a"}},
        {"data": {"batch_id": "a", "id": 7}},
        UnknownVariant(tag="new", data={"type": "new", "data": {"id": "a"}}),
    ],
)
def test_forms_of_events(given: Any) -> None:
    async def main() -> None:
        waits = hub.WaitHub()
        waits.notify(given)
        assert waits.take_event("a")

    run(main())


@pytest.mark.parametrize("given", [None, "text", {}, {"data": None}, 7])
def test_what_is_no_event(given: Any) -> None:
    async def main() -> None:
        with pytest.raises(TypeError, match="notify takes an event, as webhooks"):
            hub.WaitHub().notify(given)

    run(main())


def test_an_event_without_an_id_wakes_nobody() -> None:
    async def main() -> None:
        assert not hub.WaitHub().notify({"data": {"status": "ready"}})

    run(main())
