"""examples/fastapi_app.py behind a real server"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import aiohttp
import pytest
import uvicorn

from examples.fastapi_app import app

from ..eventually import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ..docs.seeded_emulator import SeededEmulator


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[str]:
    """Run the application and give its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=5))
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.wait({running}, timeout=0.02)
            if running.done():
                running.result()
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running


@pytest.fixture
async def web(environment: SeededEmulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with serving() as address, aiohttp.ClientSession(address) as session:
        yield session


async def test_searches(web: aiohttp.ClientSession, seeded: SeededEmulator) -> None:
    async with web.get("/search", params={"index_id": seeded.index_id, "text": "blue", "limit": "2"}) as answer:
        assert answer.status == 200
        hits = await answer.json()
    assert hits[0]["video_id"]
    assert len(hits) <= 2


async def test_hands_on_an_analysis(web: aiohttp.ClientSession, seeded: SeededEmulator) -> None:
    params = {"asset_id": seeded.asset_id, "prompt": "Describe the scenes and their colours."}
    async with web.get("/describe", params=params) as answer:
        assert answer.status == 200
        assert answer.headers["transfer-encoding"] == "chunked"
        text = await answer.text()
    assert "green" in text
    assert "blue" in text


async def test_a_browser_that_goes_away_leaves_nothing_open(web: aiohttp.ClientSession, seeded: SeededEmulator) -> None:
    params = {"asset_id": seeded.asset_id, "prompt": "Describe the scenes."}
    answer = await web.get("/describe", params=params)
    await answer.content.readany()
    answer.close()
    await eventually(lambda: app.state.client.limits.in_flight == 0)


async def test_refusals_become_statuses(web: aiohttp.ClientSession) -> None:
    for path, params in (
        ("/search", {"index_id": "000000000000000000000000", "text": "blue"}),
        ("/describe", {"asset_id": "000000000000000000000000", "prompt": "What happens?"}),
    ):
        async with web.get(path, params=params) as answer:
            assert answer.status in {400, 404}, path
            assert (await answer.json())["error"]


async def test_our_own_key_is_not_the_callers_business(
    environment: SeededEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWELVE_LABS_API_KEY", "tlk_wrong")
    params = {"index_id": environment.index_id, "text": "blue"}
    async with (
        serving() as address,
        aiohttp.ClientSession(address) as session,
        session.get("/search", params=params) as answer,
    ):
        assert answer.status == 502
        assert await answer.json() == {"error": "The request to the video platform failed."}
