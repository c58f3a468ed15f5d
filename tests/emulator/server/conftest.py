"""A running emulator, and a plain HTTP client for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media.samples import Caption, SampleVideo, Scene, write_broken

MARENGO = {"model_name": "marengo3.0", "model_options": ["visual", "audio"]}


class Api:
    """Plain aiohttp with the key; results are (status, body)."""

    def __init__(self, session: aiohttp.ClientSession, emulator: Emulator) -> None:
        self.session = session
        self.emulator = emulator

    async def raw(self, method: str, path: str, **kwargs: Any) -> aiohttp.ClientResponse:
        headers = {"x-api-key": self.emulator.api_key, **kwargs.pop("headers", {})}
        url = URL(self.emulator.base_url + path, encoded=True)
        response = await self.session.request(method, url, headers=headers, **kwargs)
        await response.read()
        return response

    async def call(self, method: str, path: str, **kwargs: Any) -> tuple[int, Any]:
        response = await self.raw(method, path, **kwargs)
        text = await response.text()
        return response.status, (await response.json() if text and "json" in response.content_type else text)

    async def ok(self, method: str, path: str, **kwargs: Any) -> Any:
        status, body = await self.call(method, path, **kwargs)
        assert 200 <= status < 300, (status, body)
        return body

    async def refused(self, method: str, path: str, **kwargs: Any) -> tuple[int, str]:
        status, body = await self.call(method, path, **kwargs)
        assert status >= 400, (status, body)
        return status, body["error"]["code"] if "error" in body else body["code"]

    async def until(self, path: str, *wanted: str, field: str = "status") -> Any:
        deadline = time.monotonic() + 30
        while True:
            body = await self.ok("GET", path)
            if body[field] in (wanted or ("ready",)):
                return body
            assert time.monotonic() < deadline, body
            await asyncio.sleep(0.02)

    async def index(self, name: str = "films", **kwargs: Any) -> str:
        body = {"index_name": name, "models": [MARENGO], **kwargs}
        return str((await self.ok("POST", "/indexes", json=body))["_id"])

    async def task(self, index_id: str, path: Path, **fields: str) -> Any:
        form = aiohttp.FormData({"index_id": index_id, **fields}, quote_fields=False)
        form.add_field(
            "video_file", await asyncio.to_thread(path.read_bytes), filename=path.name, content_type="video/mp4"
        )
        return await self.ok("POST", "/tasks", data=form)

    async def video(self, index_id: str, path: Path, **fields: str) -> str:
        task = await self.task(index_id, path, **fields)
        await self.until(f"/tasks/{task['_id']}")
        return str(task["video_id"])

    async def asset(self, path: Path, **fields: str) -> str:
        form = aiohttp.FormData({"method": "direct", **fields}, quote_fields=False)
        form.add_field("file", await asyncio.to_thread(path.read_bytes), filename=path.name)
        asset = await self.ok("POST", "/assets", data=form)
        await self.until(f"/assets/{asset['_id']}", "ready", "failed")
        return str(asset["_id"])


@pytest.fixture
async def emulator(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Emulator]:
    changes = getattr(request, "param", {})
    async with Emulator(**{"speed": 0, "check_responses": True, "state": tmp_path / "state", **changes}) as running:
        yield running


@pytest.fixture
async def api(emulator: Emulator) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(session, emulator)


@pytest.fixture(scope="session")
def media_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("media")
    captions = (Caption(0.5, 2.0, "Hello kind world"), Caption(5.0, 7.0, "A red balloon"))
    scenes = (Scene("blue", 4), Scene("red", 4, tone=440.0))
    video = SampleVideo("beach party.mp4", scenes, captions, title="Summer").write(folder)
    small = SampleVideo("small.mp4", (Scene("green", 5),), width=160, height=120).write(folder)
    short = SampleVideo("short.mp4", (Scene("green", 1),)).write(folder)
    other = SampleVideo("forest.mp4", (Scene("green", 3), Scene("yellow", 3, shape="black", motion="fast"))).write(
        folder
    )
    text = folder / "notes.txt"
    text.write_text("One sentence about red cars. Another sentence. A third one about the sea.", encoding="utf-8")
    return {
        "video": video,
        "small": small,
        "short": short,
        "other": other,
        "text": text,
        "broken": write_broken(folder / "broken.mp4"),
    }
