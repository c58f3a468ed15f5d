"""When to check."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.waiters.platform import Platform
from tests.waiters.virtual import run
from twelvelabs_async.waiters.schedule import (
    DEFAULT_SLEEP_INTERVAL,
    EVENTS_GROWTH,
    MAX_GROWTH,
    MAX_SAMPLES,
    MIN_SAMPLES,
    Durations,
    Schedule,
)


def seen(*seconds: float) -> Durations:
    durations = Durations()
    for value in seconds:
        durations.add(value)
    return durations


def test_the_median_of_the_latest_durations() -> None:
    assert seen(*[7.0] * (MIN_SAMPLES - 1)).expected is None
    assert seen(1.0, 2.0, 3.0, 400.0, 500.0).expected == 3.0
    durations = seen(*[1.0] * 1000)
    assert durations.expected == 1.0
    for _ in range(MAX_SAMPLES // 2 + 1):
        durations.add(9.0)
    assert durations.expected == 9.0


def test_pauses_of_shared_checks_begin_to_grow_later() -> None:
    schedule = Schedule(2.0, 100.0)
    pauses = [schedule.pause(now, alone=False, durations=Durations(), events=False) for now in (100, 109, 120, 1000)]
    assert pauses == pytest.approx([2.0, 2.0, 4.0, 2.0 * MAX_GROWTH])


def test_an_interval_of_the_caller_is_kept() -> None:
    durations = seen(*[600.0] * 10)
    assert Schedule(5.0, 0.0).pause(0, alone=True, durations=durations, events=False) == 5.0
    assert Schedule(DEFAULT_SLEEP_INTERVAL, 0.0).pause(0, alone=True, durations=durations, events=False) == 60.0


def test_events_make_pauses_long() -> None:
    schedule = Schedule(5.0, 0.0)
    assert schedule.pause(0, alone=True, durations=Durations(), events=True) == 5.0 * EVENTS_GROWTH


@given(st.floats(0.1, 10_000), st.floats(0, 3))
def test_the_end_is_noticed_soon_after_the_usual_time(expected: float, factor: float) -> None:
    """Wherever a task ends, the check after its end is late by a part of its duration at most."""
    schedule, durations = Schedule(DEFAULT_SLEEP_INTERVAL, 0.0), seen(*[expected] * 5)
    end, now, checks = expected * factor, 0.0, 1
    while now < end:
        now += schedule.pause(now, alone=True, durations=durations, events=False)
        checks += 1
    assert now - end <= max(60.0, expected / 10)
    if 0.95 <= factor <= 1.05:
        assert now - end <= max(5.0, 0.01 * expected, 0.5) + 0.1 * 0.05 * expected
    assert checks <= 2 + 60 * max(1.0, factor) ** 2


def test_a_client_learns_how_long_tasks_take() -> None:
    async def main() -> None:
        platform = Platform()
        for number in range(MIN_SAMPLES):
            platform.add(f"t{number}", (0, "indexing"), (platform.now + 100, "ready"))
            await platform.wait(f"t{number}", interval=DEFAULT_SLEEP_INTERVAL)
        before = platform.requests["retrieve"]
        began = platform.now
        platform.add("next", (0, "indexing"), (began + 100, "ready"))
        await platform.wait("next", interval=DEFAULT_SLEEP_INTERVAL)
        assert platform.requests["retrieve"] - before <= 8
        assert platform.now - began <= 110
        # Tasks that were done when the wait began say nothing.
        for _ in range(100):
            await platform.wait("next")
        [experience] = platform.hub._experience.values()
        assert experience.durations.expected == pytest.approx(100, rel=0.2)

    run(main())


def test_failed_tasks_say_nothing_about_how_long_others_take() -> None:
    async def main() -> None:
        platform = Platform()
        ids = platform.add_many(50, (0, "indexing"), (3, "failed"))
        await asyncio.gather(*(platform.wait(identifier) for identifier in ids), return_exceptions=True)
        [experience] = platform.hub._experience.values()
        assert experience.durations.expected is None

    run(main())
