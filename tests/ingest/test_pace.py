"""The share of a worker in the limits of the account, which changes while requests wait."""

from __future__ import annotations

import asyncio

import pytest

from tests.ingest.conftest import Site
from twelvelabs_async import TooManyRequestsError
from twelvelabs_async._config.config import Config
from twelvelabs_async._resource import Core
from twelvelabs_async.ingest.pace import Pace, PacedTransport
from twelvelabs_async.resources.assets import AssetsResource

HARDLY = 1e-6
"""A rate at which only one request is sent during a test."""


async def settled(*tasks: asyncio.Task[None]) -> list[bool]:
    """Which tasks are done when nothing happens any more."""
    for _ in range(20):
        await asyncio.sleep(0)
    return [task.done() for task in tasks]


async def test_one_request_at_a_time_in_each_group() -> None:
    pace = Pace()
    pace.set({"upload": HARDLY, "*": HARDLY})
    first, second = (asyncio.create_task(pace.admit("upload")) for _ in range(2))
    other = asyncio.create_task(pace.admit("index"))
    assert await settled(first, second, other) == [True, False, True]
    pace.set({"upload": HARDLY, "*": 1e9})
    assert await settled(second) == [False]
    pace.set({"upload": 1e9})
    await second
    assert not pace.limits("index")
    assert not pace.limits(None)


async def test_requests_that_wait_go_when_there_is_no_limit_any_more() -> None:
    pace = Pace()
    pace.set({"*": HARDLY})
    await pace.admit("upload")
    waiting = [asyncio.create_task(pace.admit("upload")) for _ in range(3)]
    assert await settled(*waiting) == [False] * 3
    pace.set({})
    await asyncio.gather(*waiting)


async def test_a_rate_that_is_high_enough_is_kept_although_timers_are_late() -> None:
    pace = Pace()
    pace.set({"upload": 60_000.0})
    for _ in range(200):
        await pace.admit("upload")


@pytest.mark.parametrize(("per_minute", "calls"), [({"upload": 1e9}, 1), ({"index": HARDLY}, 2)])
async def test_retries_do_not_exceed_the_rate(site: Site, per_minute: dict[str, float], calls: int) -> None:
    file = site.video("a.mp4")
    pace = Pace()
    pace.set(per_minute)
    config = Config.create(api_key=site.emulator.api_key, base_url=site.emulator.base_url)
    core = Core(config, PacedTransport(config, pace))
    site.faults.add(kind="status", status=429, retry_after=0.01, operation="createAsset", count=1)
    try:
        await AssetsResource(core).create(method="direct", file=file)
    except TooManyRequestsError:
        assert calls == 1
    else:
        assert calls == 2
    finally:
        await core.transport.close()
