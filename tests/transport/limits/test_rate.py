"""The rate gate: it learns windows, stops before they are spent, and pauses a group once."""

from __future__ import annotations

import asyncio
import random
import time

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from tests.transport.conftest import Connect, Peer, Serve, eventually, get
from twelvelabs_async._config.retry_policy import RetryPolicy
from twelvelabs_async._transport.limits.headers import Reading, parse_reset, read_windows
from twelvelabs_async._transport.limits.rate_limit import PROBES, PROBES_AFTER_PAUSE, Group


def reading(remaining: float, reset_in: float, limit: float = 100) -> list[Reading]:
    return [Reading(requests=True, limit=limit, remaining=remaining, reset_in=reset_in, exact=True)]


def make(per_minute: float | None = None) -> tuple[Group, list[float]]:
    pauses: list[float] = []
    return Group("search", lambda _, seconds: pauses.append(seconds), per_minute), pauses


def headers(**values: str) -> CIMultiDictProxy[str]:
    return CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): value for name, value in values.items()}))


class TestHeaders:
    def test_both_families_are_read(self) -> None:
        old = read_windows(headers(x_ratelimit_limit="600", X_RATELIMIT_REMAINING="599", X_RateLimit_Reset="30"))
        assert old == [Reading(requests=True, limit=600, remaining=599, reset_in=30)]
        new = read_windows(
            headers(
                X_RateLimit_Request_Limit="60",
                X_RateLimit_Request_Remaining="0",
                X_RateLimit_Request_Reset="1.5",
                X_RateLimit_OutputToken_Remaining="7",
            )
        )
        assert new == [
            Reading(requests=True, limit=60, remaining=0, reset_in=1.5, exact=True),
            Reading(requests=False, limit=None, remaining=7, reset_in=None),
        ]

    def test_nothing_is_read_from_answers_without_them(self) -> None:
        assert read_windows(headers(content_type="application/json")) == []
        assert read_windows(headers(X_RateLimit_Duration_Reset="5")) == []
        assert len(read_windows(headers(X_RateLimit_Duration_Reset="5"), refused=True)) == 1

    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            *[("60", 60), ("0", 0), ("1.5", 1.5), ("1000000060", 60), ("1000000060000", 60), ("999999990000", 0)],
            *[("1m30s", 90), ("500ms", 0.5), ("1h", 3600), ("2h3m4.5s", 7384.5)],
            *[("", None), ("soon", None), ("-5", None), ("1e9", None), ("inf", None), ("1:30", None), ("٣", None)],
        ],
    )
    def test_reset_in_whatever_unit(self, text: str, seconds: float | None) -> None:
        assert parse_reset(text, 1_000_000_000.0) == seconds

    @given(st.text(max_size=30), st.floats(min_value=0, max_value=4e9))
    def test_any_text_is_a_time_or_none(self, text: str, now: float) -> None:
        value = parse_reset(text, now)
        assert value is None or 0 <= value < 1e15

    @given(st.dictionaries(st.sampled_from(["Limit", "Remaining", "Reset"]), st.text(max_size=20)))
    def test_any_headers_can_be_read(self, values: dict[str, str]) -> None:
        for family in ("X-Ratelimit-", "X-RateLimit-Request-", "X-RateLimit-Duration-"):
            read_windows(CIMultiDict({family + name: value for name, value in values.items()}), refused=True)


class TestGroup:
    async def test_few_go_ahead_while_nothing_is_known(self) -> None:
        group, _ = make()
        loop = asyncio.get_running_loop()
        assert sum(group.take(loop.time()) for _ in range(100)) == PROBES
        group.answered(loop, loop.time(), [])  # no headers: there is no limit to keep to
        assert sum(group.take(loop.time()) for _ in range(100)) == 100

    async def test_calls_that_take_long_do_not_bring_the_group_to_a_standstill(self) -> None:
        group, _ = make()
        loop = asyncio.get_running_loop()
        now = loop.time()
        assert sum(group.take(now) for _ in range(100)) == PROBES
        assert sum(group.take(now + 2) for _ in range(100)) == 8  # four a second while the limit is unknown
        assert sum(group.take(now + 2) for _ in range(100)) == 0
        group.refused(loop, 0.0, [Reading(requests=True, limit=600, remaining=0, reset_in=0)], 0.5)
        group.in_flight = 0
        now = loop.time() + 1
        assert sum(group.take(now) for _ in range(100)) == PROBES_AFTER_PAUSE + 10
        waiting = asyncio.create_task(group.wait())
        await asyncio.wait_for(waiting, 5)  # no answer comes, and yet it goes on

    async def test_idle_groups_are_those_that_hold_nothing(self) -> None:
        group, _ = make()
        loop = asyncio.get_running_loop()
        assert group.idle(loop.time())
        assert group.take(loop.time())
        assert not group.idle(loop.time())
        group.answered(loop, loop.time(), reading(0, 60))
        assert not group.idle(loop.time())
        assert group.idle(loop.time() + 61)

    async def test_window_is_not_overspent(self) -> None:
        group, _ = make()
        loop = asyncio.get_running_loop()
        assert group.take(loop.time())
        group.answered(loop, loop.time(), reading(10, 60))
        assert sum(group.take(loop.time()) for _ in range(100)) == 10
        group.answered(loop, 0.0, reading(5, 60))  # answers may overtake each other: the lowest counts
        assert group.remaining == 5
        assert not group.take(loop.time())

    async def test_new_window_begins_with_a_few(self) -> None:
        group, _ = make()
        loop = asyncio.get_running_loop()
        assert group.take(loop.time())
        group.answered(loop, loop.time(), reading(0, 0.03))
        waiting = [asyncio.create_task(group.wait()) for _ in range(20)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        await asyncio.wait_for(asyncio.gather(*waiting[:PROBES_AFTER_PAUSE]), 5)
        await asyncio.sleep(0)
        assert sum(task.done() for task in waiting) == PROBES_AFTER_PAUSE
        group.answered(loop, loop.time(), reading(99, 60))
        await asyncio.wait_for(asyncio.gather(*waiting), 5)

    async def test_old_news_after_the_window_has_ended_is_ignored(self) -> None:
        group, _ = make()
        loop = asyncio.get_running_loop()
        for _ in range(PROBES_AFTER_PAUSE + 1):
            assert group.take(loop.time())
        group.answered(loop, loop.time(), reading(50, 0.0001))
        await asyncio.sleep(0.05)
        assert not group.take(loop.time())  # four are in flight: enough to learn about the new window
        group.answered(loop, 0.0, reading(49, 0.0))
        assert group.remaining is None
        assert group.take(loop.time())
        assert not group.take(loop.time())

    async def test_one_429_pauses_everybody_once(self) -> None:
        group, pauses = make()
        loop = asyncio.get_running_loop()
        for _ in range(10):
            assert group.take(loop.time())
        for _ in range(10):
            assert group.refused(loop, 0.05, [], 0.5) == 0.05
        assert pauses == [0.05]
        assert group.in_flight == 0
        assert not group.take(loop.time())
        await asyncio.wait_for(group.wait(), 5)
        assert loop.time() >= group.paused_until

    async def test_429_without_a_word_backs_off_longer_each_time(self) -> None:
        group, _ = make()
        loop = asyncio.get_running_loop()
        seconds = []
        for _ in range(4):
            group.in_flight += 1
            seconds.append(group.refused(loop, None, [], 0.5))
            group.paused_until = 0.0
        assert seconds == [0.5, 1.0, 2.0, 4.0]
        group.in_flight += 1
        group.answered(loop, loop.time(), [])
        group.in_flight += 1
        assert group.refused(loop, None, [], 0.5) == 0.5

    async def test_429_takes_the_end_of_the_spent_window(self) -> None:
        group, _ = make()
        loop = asyncio.get_running_loop()
        group.in_flight += 1
        spent = Reading(requests=False, limit=None, remaining=0, reset_in=7)
        fresh = Reading(requests=True, limit=60, remaining=30, reset_in=50)
        assert 7 <= group.refused(loop, None, [fresh, spent], 0.5) < 8
        assert group.limit == 60

    async def test_day_that_is_spent_is_not_waited_for(self) -> None:
        group, _ = make()
        loop = asyncio.get_running_loop()
        assert group.take(loop.time())
        group.answered(loop, loop.time(), reading(0, 40_000))
        assert group.take(loop.time())
        assert group.refused(loop, 40_000, [], 0.5) == 40_000
        assert group.take(loop.time())

    async def test_spent_content_pauses_the_group(self) -> None:
        group, pauses = make()
        loop = asyncio.get_running_loop()
        assert group.take(loop.time())
        group.answered(loop, loop.time(), [Reading(requests=False, limit=600, remaining=0, reset_in=30)])
        assert not group.take(loop.time())
        assert len(pauses) == 1

    async def test_waiters_are_first_come_first_served_and_repeats_come_first(self) -> None:
        group, _ = make()
        loop = asyncio.get_running_loop()
        assert group.take(loop.time())
        group.refused(loop, 0.03, [], 0.5)
        order: list[str] = []

        async def wait(name: str, again: bool = False) -> None:
            await group.wait(again=again)
            order.append(name)
            group.answered(loop, loop.time(), [])

        await asyncio.gather(wait("a"), wait("b"), wait("c"), wait("again", again=True))
        assert order == ["again", "a", "b", "c"]
        assert group.waiting == 0
        assert group.in_flight == 0

    async def test_cancelled_waiters_leave_nothing(self) -> None:
        group, _ = make()
        loop = asyncio.get_running_loop()
        assert group.take(loop.time())
        group.refused(loop, 0.05, [], 0.5)
        tasks = [asyncio.create_task(group.wait()) for _ in range(5)]
        await asyncio.sleep(0)
        for task in tasks[:4]:
            task.cancel()
        await asyncio.wait_for(tasks[4], 5)
        assert group.in_flight == 1
        assert group.waiting == 0
        group.lost(loop)
        assert group.in_flight == 0

    async def test_fixed_limit_spaces_requests(self) -> None:
        group, _ = make(per_minute=6000)
        loop = asyncio.get_running_loop()
        start = loop.time()
        count = 0
        while loop.time() < start + 0.5:
            if not group.take(loop.time()):
                await group.wait()
            group.answered(loop, loop.time(), [])
            count += 1
        elapsed = loop.time() - start
        assert count <= elapsed * 100 + 12  # the slack is a tenth of a second


@attrs.define
class Limited:
    """A platform with a fixed window, as the emulator has one."""

    limit: int
    window: float
    exact: bool
    ends: float = 0.0
    used: int = 0
    refused: int = 0
    served: int = 0

    def answer(self) -> tuple[str, list[str]]:
        now = time.time()
        if now >= self.ends:
            self.ends, self.used = now + self.window, 0
        reset = f"{self.ends:.3f}" if self.exact else str(int(self.ends) + 1)
        if self.used >= self.limit:
            self.refused += 1
            return "429 Slow", [f"Retry-After: {max(1, int(self.ends - now + 0.999))}"]
        self.used += 1
        self.served += 1
        left = self.limit - self.used
        values = {"Limit": self.limit, "Remaining": left, "Reset": reset}
        return "200 OK", [f"X-Ratelimit-{name}: {value}" for name, value in values.items()]


@pytest.mark.parametrize("exact", [True, False])
async def test_64_workers_keep_within_the_window(serve: Serve, connect: Connect, exact: bool) -> None:
    platform = Limited(limit=150, window=1.0, exact=exact)
    chance = random.Random(1)

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await asyncio.sleep(chance.random() * 0.02)  # answers overtake each other
            status, lines = platform.answer()
            await peer.answer(b"{}", status, *lines)

    server = await serve(handler)
    transport = connect(server.url, retry=RetryPolicy(initial=0.05))
    left = 500

    async def worker() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await transport.send(get(rate_limit_group="search"))

    await asyncio.gather(*(worker() for _ in range(64)))
    assert platform.served == 500
    assert platform.refused <= 5
    state = transport.limits.groups["search"]
    assert (state.limit, state.in_flight, state.waiting) == (150, 0, 0)


async def test_group_without_headers_is_told_429_and_goes_on(serve: Serve, connect: Connect) -> None:
    refusals = 3

    async def handler(peer: Peer) -> None:
        nonlocal refusals
        while True:
            await peer.request()
            if refusals:
                refusals -= 1
                await peer.answer(b"", "429 Slow")
            else:
                await peer.answer()

    server = await serve(handler)
    transport = connect(server.url, retry=RetryPolicy(initial=0.02, max_retries=4))
    answers = await asyncio.gather(*(transport.send(get(rate_limit_group="search")) for _ in range(50)))
    assert all(answer.status == 200 for answer in answers)


async def test_429_of_one_group_does_not_hold_up_another(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        while True:
            head = await peer.request()
            if b"/search" in head:
                await peer.answer(b"{}", "429 Slow", "Retry-After: 20")
            else:
                await peer.answer()

    server = await serve(handler)
    transport = connect(server.url)
    blocked = asyncio.create_task(transport.send(get("/search", rate_limit_group="search")))
    await eventually(lambda: "search" in transport.limits.groups and transport.limits.groups["search"].waiting)
    assert transport.limits.groups["search"].paused_for > 10
    assert (await transport.send(get("/other", rate_limit_group="analyze"))).status == 200
    assert (await transport.send(get("/indexes"))).status == 200
    blocked.cancel()
    await asyncio.gather(blocked, return_exceptions=True)


async def test_accounts_have_windows_of_their_own(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        while True:
            head = await peer.request()
            if b"tlk_OTHER" in head:
                await peer.answer()
            else:
                await peer.answer(b"{}", "429 Slow", "Retry-After: 20")

    server = await serve(handler)
    transport = connect(server.url)
    other = transport.with_config(transport.config.evolve(api_key="tlk_OTHER"))
    blocked = asyncio.create_task(transport.send(get()))
    await eventually(lambda: "other" in transport.limits.groups and transport.limits.groups["other"].waiting)
    assert (await other.send(get())).status == 200
    assert set(other.limits.groups) == {"other"}
    assert other.limits.groups["other"].paused_for == 0
    assert transport.limits.groups["other"].paused_for > 0
    blocked.cancel()
    await asyncio.gather(blocked, return_exceptions=True)


async def test_accounts_that_are_gone_are_forgotten(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.answer()

    monkeypatch.setattr("twelvelabs_async._transport.state.MAX_GROUPS", 10)
    server = await serve(handler)
    transport = connect(server.url)
    for number in range(100):
        await transport.with_config(transport.config.evolve(api_key=f"tlk_{number}")).send(get())
    assert len(transport._state.groups) <= 10


async def test_pause_that_begins_while_a_call_waits_for_its_slot(serve: Serve, connect: Connect) -> None:
    answers = 0

    async def handler(peer: Peer) -> None:
        nonlocal answers
        while True:
            await peer.request()
            answers += 1
            await asyncio.sleep(0.02)
            if answers == 1:
                await peer.answer(b"{}", "429 Slow", "Retry-After: 0.3")
            else:
                await peer.answer()

    server = await serve(handler)
    transport = connect(server.url, max_connections=1)
    calls = [asyncio.create_task(transport.send(get(rate_limit_group="search"))) for _ in range(4)]
    await eventually(lambda: "search" in transport.limits.groups and transport.limits.groups["search"].paused_for)
    await asyncio.sleep(0.05)
    assert answers == 1  # the slot was free, and nobody who had waited for it went ahead into the pause
    calls[3].cancel()
    await asyncio.gather(*calls[:3])
    await asyncio.gather(calls[3], return_exceptions=True)
    state = transport.limits
    assert (state.in_flight, state.waiting, state.groups["search"].in_flight, state.groups["search"].waiting) == (
        0,
        0,
        0,
        0,
    )
