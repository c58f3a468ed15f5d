"""Rate limits over real HTTP: windows are kept to, and a 429 pauses its group alone."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

import attrs
import pytest

from tests.transport.conftest import Connect, Peer, Serve, eventually, get
from twelvelabs_async._config.retry_policy import RetryPolicy

if TYPE_CHECKING:
    from tests.clock import Clock


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

    def respond(self) -> tuple[str, list[str]]:
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
            status, lines = platform.respond()
            await peer.respond(b"{}", status, *lines)

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
                await peer.respond(b"", "429 Slow")
            else:
                await peer.respond()

    server = await serve(handler)
    transport = connect(server.url, retry=RetryPolicy(initial=0.02, max_retries=4))
    answers = await asyncio.gather(*(transport.send(get(rate_limit_group="search")) for _ in range(50)))
    assert all(answer.status == 200 for answer in answers)


async def test_429_of_one_group_does_not_hold_up_another(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        while True:
            head = await peer.request()
            if b"/search" in head:
                await peer.respond(b"{}", "429 Slow", "Retry-After: 20")
            else:
                await peer.respond()

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
                await peer.respond()
            else:
                await peer.respond(b"{}", "429 Slow", "Retry-After: 20")

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


async def test_pause_that_begins_while_a_call_waits_for_its_slot(serve: Serve, connect: Connect, clock: Clock) -> None:
    answers = 0

    async def handler(peer: Peer) -> None:
        nonlocal answers
        while True:
            await peer.request()
            answers += 1
            await asyncio.sleep(0.02)
            if answers == 1:
                await peer.respond(b"{}", "429 Slow", "Retry-After: 20")
            else:
                await peer.respond()

    server = await serve(handler)
    transport = connect(server.url, max_connections=1)
    calls = [asyncio.create_task(transport.send(get(rate_limit_group="search"))) for _ in range(4)]
    await eventually(lambda: "search" in transport.limits.groups and transport.limits.groups["search"].paused_for)
    await asyncio.sleep(0.05)
    assert answers == 1  # the slot was free, and nobody who had waited for it went ahead into the pause
    calls[3].cancel()
    clock.advance(60)
    await asyncio.gather(*calls[:3])
    await asyncio.gather(calls[3], return_exceptions=True)
    state = transport.limits
    assert (state.in_flight, state.waiting, state.groups["search"].in_flight, state.groups["search"].waiting) == (
        0,
        0,
        0,
        0,
    )
