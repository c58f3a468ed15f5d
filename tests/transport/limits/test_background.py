"""Background requests, the polling of waits, come after all others."""

from __future__ import annotations

import asyncio

from twelvelabs_async._transport.limits.rate_limit import PROBES

from .manual_clock import settle
from .test_limiter import World, done, request, window


async def test_a_background_request_waits_until_no_other_waits_for_a_connection() -> None:
    world = World(2)
    held = [world.take(request("a")), world.take(request("b"))]
    background = world.wait(request("a", background=True), "background")
    first, second = world.wait(request("a"), "first"), world.wait(request("c"), "second")
    await settle()
    for permit in held:
        done(permit)
    await settle()
    assert sorted(world.order) == ["first", "second"]
    done(await first)
    await settle()
    assert world.order[-1] == "background"
    done(await second)
    done(await background)
    assert world.limiter.in_flight == 0


async def test_a_background_request_takes_no_part_of_the_rate_limit_from_those_who_wait() -> None:
    world = World()
    asked = request("search")
    polled = request("search", background=True)
    done(world.take(asked), window(1))
    last = world.take(asked)
    calls = [world.wait(asked, f"call {number}") for number in range(3)]
    await settle()
    assert world.now(polled) is None
    polling = world.wait(polled, "background")
    done(last, window(0))
    await settle()
    assert world.order == []
    await world.clock.advance(61)
    await settle()
    for call in calls:
        done(await call, window(5))
        await settle()
    assert world.order == ["call 0", "call 1", "call 2", "background"]
    done(await polling)


async def test_a_background_request_goes_when_those_before_it_have_given_up() -> None:
    world = World()
    asked = request("search")
    permits = world.fill(asked)
    assert len(permits) == PROBES
    call = world.wait(asked, "call")
    await settle()
    polling = world.wait(request("search", background=True), "background")
    await settle()
    assert world.order == []
    call.cancel()
    await asyncio.wait([call])
    for permit in permits:
        done(permit)
    await settle()
    assert world.order == ["background"]
    done(await polling)


async def test_uploads_that_wait_for_a_connection_do_not_hold_up_background_requests() -> None:
    world = World(3)
    world.known(request("assets"))
    uploads = world.fill(request("assets", profile="upload"))
    waiting = world.wait(request("assets", profile="upload"), "upload")
    await settle()
    polled = world.take(request("assets", background=True))
    done(polled)
    done(uploads[0])
    done(await waiting)
    for permit in uploads[1:]:
        done(permit)


async def test_background_requests_have_a_group_of_their_own_and_share_the_rate_limit() -> None:
    world = World()
    asked, polled = world.take(request("search")), world.take(request("search", background=True))
    assert asked.group is not polled.group
    assert asked.group.rate is polled.group.rate
    assert polled.group.name == "search (background)"
    done(asked)
    done(polled)
