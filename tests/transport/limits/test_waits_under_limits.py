"""Many waits under a small rate limit: they get slower, are not refused, and let other calls go first."""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests.eventually import eventually
from twelvelabs_async import AsyncTwelveLabs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIMIT = 30
WINDOW = 1


class Limited:
    """A platform that allows `LIMIT` requests per second, whose tasks are ready at once or never."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.rejected = 0
        self.served: list[str] = []
        self.ready = False

    async def handle(self, request: web.Request) -> web.Response:
        now = time.time()
        window = math.floor(now / WINDOW)
        self.counts[window] = self.counts.get(window, 0) + 1
        left = LIMIT - self.counts[window]
        headers = {
            "X-RateLimit-Limit": str(LIMIT),
            "X-RateLimit-Remaining": str(max(0, left)),
            "X-RateLimit-Reset": str((window + 1) * WINDOW),
        }
        if left < 0:
            self.rejected += 1
            headers["Retry-After"] = "1"
            return web.json_response({"code": "too_many_requests", "message": "slow down"}, status=429, headers=headers)
        self.served.append(request.path)
        status = "ready" if self.ready else "indexing"
        if request.path.endswith("/tasks"):
            return web.json_response({"code": "no_list", "message": "no list today"}, status=400, headers=headers)
        identifier = request.path.rpartition("/")[2]
        body: dict[str, Any] = {"_id": identifier, "status": status, "index_name": "films"}
        return web.json_response(body, headers=headers)


@pytest.fixture
async def limited() -> AsyncIterator[tuple[Limited, AsyncTwelveLabs]]:
    platform = Limited()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", platform.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1.3"
        async with AsyncTwelveLabs(api_key="tlk_x", base_url=base_url) as client:
            yield platform, client
    finally:
        await runner.cleanup()


async def test_waits_get_slower_and_are_not_refused(limited: tuple[Limited, AsyncTwelveLabs]) -> None:
    platform, client = limited
    platform.ready = True
    ids = [f"t{number}" for number in range(5 * LIMIT)]
    states = await asyncio.gather(*(client.tasks.wait_for_done(identifier, sleep_interval=0.2) for identifier in ids))
    assert [state.id for state in states] == ids
    assert max(platform.counts.values()) <= 2 * LIMIT
    assert platform.rejected <= LIMIT


async def test_other_calls_of_the_group_go_first(limited: tuple[Limited, AsyncTwelveLabs]) -> None:
    platform, client = limited
    ids = [f"t{number}" for number in range(4 * LIMIT)]
    waiting = asyncio.create_task(client.tasks.wait_all(ids, sleep_interval=0.1, timeout=600))
    await eventually(lambda: len(platform.served) >= LIMIT)
    before = len(platform.served)
    await client.tasks.retrieve("mine")
    # No more polls were served meanwhile than were under way, or had a permit, when the call came.
    assert platform.served.index("/v1.3/tasks/mine") - before <= LIMIT
    platform.ready = True
    assert len(await waiting) == len(ids)
