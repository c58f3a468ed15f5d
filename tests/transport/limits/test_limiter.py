"""The limiter alone, on a clock that only the tests move."""

from __future__ import annotations

import asyncio
import math
import random
from typing import TYPE_CHECKING, Any, cast

import pytest

from twelvelabs_async._request.message import Request
from twelvelabs_async._transport.limits.concurrency import FLOOR, HOLD_SECONDS, RECOVERY_SECONDS
from twelvelabs_async._transport.limits.headers import NO_LIMITS, LimitHeaders, RateLimitWindow
from twelvelabs_async._transport.limits.limiter import Limiter, NotAdmittedError, Permit
from twelvelabs_async._transport.limits.rate_limit import PROBES, PROBES_AFTER_PAUSE

from .manual_clock import ManualClock, settle

if TYPE_CHECKING:
    from twelvelabs_async._request.operation import TimeoutProfile

KEY = "tlk_1"


def request(group: str | None = "search", profile: TimeoutProfile = "call", **members: Any) -> Request:
    return Request(
        operation=f"{group}Operation",
        method="GET",
        path=f"/{group}/1",
        rate_limit_group=group,
        timeout_profile=profile,
        **members,
    )


def window(remaining: float, reset_in: float = 60.0, limit: float = 100) -> LimitHeaders:
    return LimitHeaders(windows=(RateLimitWindow(True, limit, remaining, reset_in),), limit=limit, remaining=remaining)


class World:
    """A limiter on a clock, and what its requests hold."""

    def __init__(self, maximum: int = 100, **settings: Any) -> None:
        self.clock = ManualClock()
        self.pauses: list[tuple[str, float]] = []
        self.adaptations: list[tuple[str, int]] = []
        self.limiter = Limiter(
            cast("asyncio.AbstractEventLoop", self.clock),
            maximum,
            paused=lambda rate, seconds: self.pauses.append((rate.name, seconds)),
            adapted=lambda group, limit: self.adaptations.append((group.name, limit)),
            **settings,
        )
        self.order: list[str] = []

    def now(self, asked: Request, key: str = KEY) -> Permit | None:
        """A permit, if there is one at once."""
        return self.limiter.admit_now(self.limiter.group(key, asked), asked)

    def take(self, asked: Request) -> Permit:
        permit = self.now(asked)
        assert permit is not None
        return permit

    def fill(self, asked: Request, most: int = 1000) -> list[Permit]:
        """As many permits as there are at once."""
        permits: list[Permit] = []
        while len(permits) < most and (permit := self.now(asked)) is not None:
            permits.append(permit)
        return permits

    def known(self, asked: Request) -> None:
        """End the first probing of a group: one response without headers."""
        permit = self.take(asked)
        permit.succeeded()
        permit.release()

    def wait(
        self, asked: Request, name: str = "", *, timeout: float | None = None, retry: bool = False
    ) -> asyncio.Task[Permit]:
        """A task that waits for a permit."""

        async def wait() -> Permit:
            deadline = None if timeout is None else self.clock.now + timeout
            group = self.limiter.group(KEY, asked)
            permit = self.limiter.admit_now(group, asked)
            if permit is None:
                permit = await self.limiter.admit(group, asked, deadline, retry=retry)
            self.order.append(name)
            return permit

        return asyncio.create_task(wait())


def done(permit: Permit, headers: LimitHeaders = NO_LIMITS) -> None:
    permit.succeeded(headers)
    permit.release()


async def refused(task: asyncio.Task[Permit]) -> str:
    """Why a wait was refused."""
    with pytest.raises(NotAdmittedError) as caught:
        await task
    return str(caught.value)


class TestStreams:
    """Streams are counted apart from calls and uploads."""

    async def test_they_have_a_limit_of_their_own(self) -> None:
        world = World(4, max_streams=6)
        for name in ("analyze", "upload", "search"):
            world.known(request(name, "stream" if name == "analyze" else "call"))
        streams = world.fill(request("analyze", "stream"))
        uploads = world.fill(request("upload", "upload"))
        calls = world.fill(request("search"))
        assert (len(streams), len(uploads), len(calls)) == (6, 3, 1)

        waiting = [world.wait(request("analyze", "stream"), "stream"), world.wait(request("search"), "call")]
        await settle()
        done(streams.pop())
        await settle()
        assert world.order == ["stream"]
        done(uploads.pop())
        await settle()
        assert world.order == ["stream", "call"]
        for task in waiting:
            done(await task)

    async def test_without_one_they_are_counted_with_uploads(self) -> None:
        world = World(4)
        world.known(request("analyze", "stream"))
        assert len(world.fill(request("analyze", "stream"))) == 3
        assert world.now(request("upload", "upload")) is None
        assert world.now(request("search")) is not None

    async def test_those_that_wait_for_each_other_are_told(self) -> None:
        world = World(4, max_streams=2, stall_timeout=5)
        streams = world.fill(request("analyze", "stream"))
        waiting = world.wait(request("analyze", "stream"))
        await settle()
        done(world.take(request("search")))
        await world.clock.advance(5)
        assert await refused(waiting) == (
            "nothing was admitted for 5 s: streams hold all 2 connections that they may use "
            "(2 x analyzeOperation (stream or upload)); close streams that are no longer read, or raise max_streams"
        )
        for permit in streams:
            done(permit)

    async def test_uploads_that_hold_all_connections_are_named_alone(self) -> None:
        world = World(3, max_streams=2, stall_timeout=5)
        world.take(request("analyze", "stream"))
        world.fill(request("upload", "upload"))
        waiting = world.wait(request("upload", "upload"))
        await settle()
        await world.clock.advance(5)
        assert await refused(waiting) == (
            "nothing was admitted for 5 s: uploads hold all 2 connections that they may use "
            "(2 x uploadOperation (stream or upload)); raise max_connections"
        )


class TestConnections:
    async def test_they_are_bounded_and_come_back(self) -> None:
        world = World(2)
        first, _ = world.fill(request())
        assert world.limiter.in_flight == 2
        done(first)
        done(first)  # twice is as once
        assert world.limiter.in_flight == 1
        assert len(world.fill(request())) == 1

    async def test_first_come_first_served_within_a_group_and_retries_before_all(self) -> None:
        world = World(1)
        held = world.take(request())
        tasks = [world.wait(request(), str(number)) for number in range(4)]
        await settle()
        tasks.append(world.wait(request(), "retry", retry=True))
        await settle()
        for task in (tasks[-1], *tasks[:-1]):
            done(held)
            held = await task
        assert world.order == ["retry", "0", "1", "2", "3"]
        assert world.limiter.waiting == 0

    async def test_groups_take_turns(self) -> None:
        world = World(1)
        world.known(request("search"))
        held = world.take(request("index"))
        held.succeeded()
        tasks = [world.wait(request("search"), "search") for _ in range(50)]
        await settle()
        tasks += [world.wait(request("index"), "index") for _ in range(2)]
        await settle()
        held.release()
        for _ in range(6):
            for task in tasks:
                if task.done():
                    task.result().release()
            await settle()
        assert world.order[:5] == ["search", "index", "search", "index", "search"]
        for task in tasks:
            task.cancel()

    @pytest.mark.parametrize(("maximum", "long", "short"), [(1, 1, 1), (2, 1, 1), (8, 7, 1), (100, 99, 1)])
    async def test_long_requests_leave_a_connection_to_short_ones(self, maximum: int, long: int, short: int) -> None:
        world = World(maximum)
        world.known(request())
        assert len(world.fill(request(None, "stream", url="https://store/x"))) == long
        assert len(world.fill(request())) == short

    async def test_with_one_connection_a_short_request_does_not_wait_for_a_long_one_nor_the_other_way(self) -> None:
        world = World(1)
        short = world.take(request())
        assert world.now(request()) is None
        stream = world.take(request(profile="stream"))
        assert world.now(request(profile="stream")) is None
        done(short)
        done(world.take(request()))
        done(stream)

    async def test_pool_of_the_user_is_never_exceeded(self) -> None:
        world = World(1, own_pool=False)
        world.take(request(profile="stream"))
        assert world.now(request()) is None

    async def test_cancelled_waits_leave_nothing_and_pass_permits_on(self) -> None:
        world = World(1)
        held = world.take(request())
        first, second, third = (world.wait(request()) for _ in range(3))
        await settle()
        second.cancel()
        await settle()
        done(held)  # the permit is first's now ...
        first.cancel()  # ... who does not want it any more
        await settle()
        assert first.cancelled()
        assert second.cancelled()
        done(await third)
        assert (world.limiter.in_flight, world.limiter.waiting) == (0, 0)
        assert world.limiter.rates(KEY)["search"].in_flight == 0


class TestAdaptation:
    async def test_a_refusal_takes_half_of_the_limit_once(self) -> None:
        world = World(100)
        world.known(request())
        permits = world.fill(request(), 10)
        for permit in permits:
            permit.throttled(503, NO_LIMITS, 0.5)
            permit.release()
        assert world.adaptations == [("search", 50)]
        assert len(world.fill(request())) == 50
        assert len(world.fill(request("index"))) > 0

    async def test_never_below_the_floor(self) -> None:
        world = World(100)
        world.known(request())
        for _ in range(10):
            permit = world.take(request())
            permit.throttled(503, NO_LIMITS, 0.5)
            permit.release()
        assert [limit for _, limit in world.adaptations] == [50, 25, 12, 8]
        assert len(world.fill(request())) == FLOOR

    @pytest.mark.parametrize("maximum", [1, 4, 8])
    async def test_low_limits_stay(self, maximum: int) -> None:
        world = World(maximum)
        world.known(request())
        permit = world.take(request())
        permit.throttled(503, NO_LIMITS, 0.5)
        permit.release()
        assert len(world.fill(request())) == maximum
        assert world.adaptations == []

    async def test_the_limit_comes_back_with_time_alone_and_lets_waiters_through(self) -> None:
        world = World(100)
        world.known(request())
        permit = world.take(request())
        permit.throttled(503, NO_LIMITS, 0.5)
        permit.release()
        held = world.fill(request())
        tasks = [world.wait(request()) for _ in range(50)]
        await world.clock.advance(HOLD_SECONDS)
        assert not any(task.done() for task in tasks)
        await world.clock.advance(RECOVERY_SECONDS / 4)
        assert 20 <= sum(task.done() for task in tasks) <= 30
        await world.clock.advance(RECOVERY_SECONDS / 4 + 0.1)
        assert all(task.done() for task in tasks)
        assert world.adaptations == [("search", 50), ("search", 100)]
        assert len(held) == 50

    async def test_long_and_short_requests_of_a_group_are_limited_apart(self) -> None:
        world = World(100)
        world.known(request())
        stream = world.take(request(profile="stream"))
        stream.throttled(503, NO_LIMITS, 0.5)
        assert len(world.fill(request(profile="stream"))) == 49
        assert len(world.fill(request())) == 50

    async def test_it_can_be_turned_off(self) -> None:
        world = World(100, adaptive=False)
        world.known(request())
        permit = world.take(request())
        permit.throttled(503, NO_LIMITS, 0.5)
        permit.release()
        assert len(world.fill(request())) == 100


class TestRateLimits:
    async def test_few_requests_go_before_the_first_response(self) -> None:
        world = World()
        permits = world.fill(request())
        assert len(permits) == PROBES == 8
        await world.clock.advance(1000)
        assert world.now(request()) is None  # time alone changes nothing
        permits[0].lost()
        assert len(world.fill(request())) == 1  # nor does a request without a response
        permits[1].succeeded()
        assert len(world.fill(request())) == 100 - 9

    async def test_waiting_requests_go_when_the_first_response_comes(self) -> None:
        world = World()
        permits = world.fill(request())
        tasks = [world.wait(request()) for _ in range(50)]
        await settle()
        assert not any(task.done() for task in tasks)
        permits[3].succeeded()
        await settle()
        assert all(task.done() for task in tasks)

    async def test_a_window_is_not_overspent_and_begins_anew(self) -> None:
        world = World()
        done(world.take(request()), window(remaining=10, reset_in=30))
        permits = world.fill(request())
        assert len(permits) == 10
        for permit in permits:
            done(permit, window(remaining=0, reset_in=30))
        task = world.wait(request())
        await world.clock.advance(29.9)
        assert not task.done()
        await world.clock.advance(0.2)
        permit = await task
        assert len(world.fill(request())) == PROBES_AFTER_PAUSE - 1
        done(permit, window(remaining=99))
        assert len(world.fill(request())) == 99 - 3

    async def test_429_pauses_the_group_once_and_no_other_group(self) -> None:
        world = World()
        world.known(request())
        permits = world.fill(request(), 20)
        for permit in permits:
            pause = permit.throttled(429, LimitHeaders(retry_after=20.0), 0.5)
            assert pause == 20.0
            permit.release()
        assert world.pauses == [("search", 20.0)]
        assert world.now(request()) is None
        assert world.now(request("index")) is not None
        assert world.now(request(), key="tlk_2") is not None
        assert world.now(request("search", "stream")) is None
        task = world.wait(request())
        await world.clock.advance(19.9)
        assert not task.done()
        await world.clock.advance(0.2)
        assert task.done()

    async def test_a_pause_that_begins_while_requests_wait_for_a_connection(self) -> None:
        world = World(1)
        held = world.take(request())
        tasks = [world.wait(request()) for _ in range(3)]
        await settle()
        held.throttled(429, LimitHeaders(retry_after=5.0), 0.5)
        held.release()
        await world.clock.advance(4.9)
        assert not any(task.done() for task in tasks)
        await world.clock.advance(0.2)
        assert sum(task.done() for task in tasks) == 1
        for task in tasks:
            task.cancel()

    async def test_a_fixed_limit_spaces_requests(self) -> None:
        world = World(per_minute={"search": 60})
        tasks = [world.wait(request()) for _ in range(8)]
        sent = []
        for _ in range(80):
            sent.append(sum(task.done() for task in tasks))
            await world.clock.advance(0.1)
        assert sent[1] <= 2
        assert [sent[10 * second + 5] for second in range(7)] == [1, 2, 3, 4, 5, 6, 7]


class TestDeadlines:
    async def test_a_pause_behind_the_deadline_is_not_waited_for(self) -> None:
        world = World()
        done(world.take(request()), window(remaining=0, reset_in=24.9))
        why = await refused(world.wait(request(), timeout=2))
        assert "rate limit of 'search' pauses for 24.9 s, until " in why
        assert " UTC" in why
        patient = world.wait(request(), timeout=60)
        await world.clock.advance(25)
        assert patient.done()

    async def test_a_pause_that_begins_later_ends_the_waits_that_it_outlasts(self) -> None:
        world = World(2)
        held = world.fill(request())
        hasty, patient, endless = (world.wait(request(), timeout=seconds) for seconds in (3, 30, None))
        await settle()
        held[0].throttled(429, LimitHeaders(retry_after=20.0), 0.5)
        await settle()
        assert "pauses for 20.0 s" in await refused(hasty)
        assert not patient.done()
        assert not endless.done()
        patient.cancel()
        endless.cancel()

    async def test_a_request_that_comes_into_a_pause_with_others_waiting(self) -> None:
        world = World()
        world.take(request()).throttled(429, LimitHeaders(retry_after=20.0), 0.5)
        waiting = world.wait(request())
        await settle()
        assert "pauses for 20.0 s" in await refused(world.wait(request(), timeout=1))
        waiting.cancel()

    async def test_waits_that_a_response_may_end_are_not_refused(self) -> None:
        world = World()
        permits = world.fill(request())
        task = world.wait(request(), timeout=1)
        await settle()
        assert not task.done()
        permits[0].succeeded()
        await settle()
        assert task.done()

    async def test_the_next_request_at_a_fixed_rate_behind_the_deadline(self) -> None:
        world = World(per_minute={"search": 1})
        world.known(request())
        assert "pauses for 59.9 s" in await refused(world.wait(request(), timeout=5))


class TestStalls:
    async def test_waits_end_where_nothing_is_admitted(self) -> None:
        world = World(2, stall_timeout=300)
        outer = world.take(request(profile="stream"))
        inner = world.wait(request(profile="stream"))
        await world.clock.advance(299)
        assert not inner.done()
        await world.clock.advance(2)
        why = await refused(inner)
        assert "nothing was admitted for 300 s" in why
        assert "streams and uploads hold all 1 connections that they may use (1 x searchOperation" in why
        done(outer)
        done(world.take(request(profile="stream")))

    async def test_a_stall_of_streams_is_noticed_although_calls_go_on(self) -> None:
        world = World(2, stall_timeout=300)
        world.take(request(profile="stream"))
        inner = world.wait(request(profile="stream"))
        for _ in range(301):
            done(world.take(request()))
            await world.clock.advance(1)
        await refused(inner)

    async def test_as_long_as_some_are_admitted_the_others_wait(self) -> None:
        world = World(1, stall_timeout=300)
        held = world.take(request())
        tasks = [world.wait(request()) for _ in range(5)]
        await settle()
        for task in tasks:
            await world.clock.advance(299)
            done(held)
            held = await task
        assert world.limiter.waiting == 0

    async def test_an_old_admission_is_no_stall_of_those_who_come_later(self) -> None:
        world = World(1, stall_timeout=300)
        held = world.take(request())
        first = world.wait(request())
        await settle()
        done(held)
        held = await first
        await world.clock.advance(250)
        late = world.wait(request())
        await world.clock.advance(299)
        assert not late.done()
        await world.clock.advance(2)
        await refused(late)

    async def test_a_wait_for_a_known_moment_is_no_stall(self) -> None:
        world = World(stall_timeout=10)
        done(world.take(request()), window(remaining=0, reset_in=100))
        task = world.wait(request())
        await world.clock.advance(99)
        assert not task.done()
        await world.clock.advance(2)
        assert task.done()

    async def test_responses_that_never_come_are_a_stall(self) -> None:
        world = World(stall_timeout=10)
        world.fill(request())
        task = world.wait(request())
        await world.clock.advance(11)
        assert "lets no further request go" in await refused(task)

    async def test_it_can_be_turned_off(self) -> None:
        world = World(1, stall_timeout=None)
        world.take(request())
        task = world.wait(request())
        await world.clock.advance(100_000)
        assert not task.done()
        task.cancel()

    async def test_timers_end_with_the_limiter(self) -> None:
        world = World(1, stall_timeout=300)
        done(world.take(request()), window(remaining=0, reset_in=24.9))
        task = world.wait(request())
        await settle()
        assert world.clock.pending == 2
        world.limiter.close()
        assert world.clock.pending == 0
        task.cancel()


class TestExplanations:
    async def test_what_a_request_waits_for(self) -> None:
        world = World(2)
        explain = world.limiter.explain
        group = world.limiter.group(KEY, request())
        held = world.fill(request())
        assert explain(group) == (
            "all 2 connections are in use (2 x searchOperation); raise max_connections if that is too few"
        )
        assert world.limiter.pause_of(group) is None
        held[0].throttled(429, LimitHeaders(retry_after=20.0), 0.5)
        assert explain(group).startswith("the rate limit of 'search' pauses for 20.0 s, until ")
        assert world.limiter.pause_of(group) == pytest.approx(20)

    async def test_overload(self) -> None:
        world = World(100)
        world.known(request())
        permit = world.take(request())
        permit.throttled(503, NO_LIMITS, 0.5)
        permit.release()
        world.fill(request())
        group = world.limiter.group(KEY, request())
        assert "50 requests of 'search' are in flight" in world.limiter.explain(group)


async def test_accounts_that_are_gone_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async._transport.limits.limiter.MAX_GROUPS", 10)
    world = World()
    kept = world.now(request(), key="kept")
    for number in range(100):
        permit = world.now(request(), key=str(number))
        assert permit is not None
        done(permit)
    assert len(world.limiter.groups) <= 11
    assert ("kept", "search", "call") in world.limiter.groups
    assert kept is not None
    assert world.limiter.rates("kept")["search"].in_flight == 1
    assert world.limiter.rates("3") == {}


@pytest.mark.parametrize("seed", range(8))
async def test_any_mixture_keeps_the_books_straight(seed: int) -> None:
    chance = random.Random(seed)
    maximum = chance.choice([1, 2, 7])
    max_streams = chance.choice([None, 1, 5])
    world = World(maximum, max_streams=max_streams, stall_timeout=math.inf, per_minute={"paced": 6000})
    requests = [request(name, profile) for name in ("a", "b", "paced", None) for profile in ("call", "stream")]
    most = 0

    async def use() -> None:
        nonlocal most
        asked = chance.choice(requests)
        group = world.limiter.group(KEY, asked)
        deadline = chance.choice([None, None, world.clock.now + chance.random() * 10])
        permit = world.limiter.admit_now(group, asked)
        if permit is None:
            permit = await world.limiter.admit(group, asked, deadline, retry=chance.random() < 0.1)
        try:
            most = max(most, world.limiter.in_flight)
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            draw = chance.random()
            if draw < 0.05:
                permit.throttled(503, NO_LIMITS, 0.5)
            elif draw < 0.1:
                permit.throttled(429, LimitHeaders(retry_after=chance.random() * 3), 0.5)
            elif draw < 0.3:
                permit.succeeded(window(chance.randrange(5), chance.random() * 5 + 0.1))
            elif draw < 0.9:
                permit.succeeded()
        finally:
            permit.release()

    async def use_and_lose_patience() -> None:
        task = asyncio.create_task(use())
        for _ in range(chance.randrange(30)):
            await asyncio.sleep(0)
        if chance.random() < 0.3:
            task.cancel()
        (outcome,) = await asyncio.gather(task, return_exceptions=True)
        assert outcome is None or isinstance(outcome, NotAdmittedError | asyncio.CancelledError), outcome

    users = asyncio.gather(*(use_and_lose_patience() for _ in range(100)))
    for _ in range(1000):
        await world.clock.advance(0.1)
        if users.done():
            break
    await users
    if max_streams is None:
        assert most == max(maximum, 2)
    else:
        assert max(maximum, max_streams) < most <= max(maximum, 2) + max_streams
    assert (world.limiter.in_flight, world.limiter.waiting) == (0, 0)
    assert all(group.in_use == 0 and not group.waiters for group in world.limiter.groups.values())
    assert all(rate.in_flight == 0 for rate in world.limiter.rates(KEY).values())
