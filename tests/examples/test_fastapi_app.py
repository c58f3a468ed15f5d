"""examples/fastapi_app.py behind a real server"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import aiohttp
import pytest

from examples.fastapi_app import app
from twelvelabs_async import webhooks

from ..eventually import eventually
from ..starlette.conftest import parse, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ..docs.seeded_emulator import SeededEmulator


@pytest.fixture
async def web(environment: SeededEmulator) -> AsyncIterator[aiohttp.ClientSession]:
    async with serving(app) as session:
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
        events = parse(await answer.text())
    text = "".join(json.loads(event["data"]).get("text", "") for event in events)
    assert "green" in text
    assert "blue" in text
    assert events[-1]["event"] == "end"


async def test_a_browser_that_goes_away_leaves_nothing_open(web: aiohttp.ClientSession, seeded: SeededEmulator) -> None:
    params = {"asset_id": seeded.asset_id, "prompt": "Describe the scenes."}
    answer = await web.get("/describe", params=params)
    await answer.content.readany()
    answer.close()
    await eventually(lambda: app.state.twelvelabs_service.client.limits.in_flight == 0)


async def test_refusals_become_statuses(web: aiohttp.ClientSession) -> None:
    for path, params in (
        ("/search", {"index_id": "000000000000000000000000", "text": "blue"}),
        ("/describe", {"asset_id": "000000000000000000000000", "prompt": "What happens?"}),
    ):
        async with web.get(path, params=params) as answer:
            assert answer.status in {400, 404}, path
            assert (await answer.json())["message"]


async def test_takes_videos_and_nothing_else(web: aiohttp.ClientSession, files: Path) -> None:
    data = (files / "goal.mp4").read_bytes()
    async with web.put("/videos/goal.mp4", data=data, headers={"Content-Type": "video/mp4"}) as answer:
        assert answer.status == 200, await answer.text()
        assert (await answer.json())["asset_id"]
    async with web.put("/videos/goal.txt", data=b"x") as answer:
        assert answer.status == 415


async def test_receives_webhooks(web: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "fastapi_app")
    body = b'{"id": "whe_1", "created_at": "2026-11-20T12:00:00Z", "type": "library.grown", "data": {}}'
    headers = {"TL-Signature": webhooks.sign(body, "whsec_emulator")}
    async with web.post("/webhook", data=body, headers=headers) as answer:
        assert answer.status == 204
    await eventually(lambda: "event library.grown" in caplog.text)


async def test_our_own_key_is_not_the_callers_business(
    environment: SeededEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWELVE_LABS_API_KEY", "tlk_wrong")
    params = {"index_id": environment.index_id, "text": "blue"}
    async with serving(app) as session, session.get("/search", params=params) as answer:
        assert answer.status == 502
        body = await answer.json()
    assert body["message"] == "The request to the video platform failed."
    assert body["code"] == "upstream_failed"
