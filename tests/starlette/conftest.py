"""The emulator, a platform that does what a test says, and a real server in front of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import uvicorn
from aiohttp import web

from twelvelabs_async import AsyncTwelveLabs

from ..docs.conftest import files, made_files, seeded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

__all__ = ["files", "made_files", "seeded"]

KEY = "tlk_a_secret_that_nobody_may_see"


@contextlib.asynccontextmanager
async def serving(app: Any, **config: Any) -> AsyncIterator[aiohttp.ClientSession]:
    """Run an application under uvicorn; gives a session for its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", **config))
    running = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.wait({running}, timeout=0.01)
            if running.done():
                running.result()
                raise AssertionError("the application did not start")
        port = server.servers[0].sockets[0].getsockname()[1]
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:
            yield session
    finally:
        server.should_exit = True
        await running


def line(text: str) -> bytes:
    """An event of an analysis."""
    return json.dumps({"event_type": "text_generation", "text": text}).encode() + b"\n"


START = b'{"event_type":"stream_start","metadata":{"generation_id":"g1"}}\n'
END = b'{"event_type":"stream_end","finish_reason":"stop","metadata":{"generation_id":"g1"}}\n'


async def short(_: web.Request, response: web.StreamResponse) -> None:
    """A stream of three events."""
    await response.write(START + line("one") + END)


async def silent(_: web.Request, response: web.StreamResponse) -> None:
    """A stream whose first event is its last one for an hour."""
    await response.write(START)
    await asyncio.sleep(3600)


class Platform:
    """A platform that streams what a test says.

    Attributes:
        script: Writes the body of a stream.
        refusal: The response instead, if there is one: status, body, headers.
        opened: Streams that were asked for.
        open: Streams that are being sent.
    """

    def __init__(self) -> None:
        self.script: Any = short
        self.refusal: tuple[int, Any, dict[str, str]] | None = None
        self.before: Any = None
        self.opened = 0
        self.open = 0
        self.url = ""

    async def analyze(self, request: web.Request) -> web.StreamResponse:
        self.opened += 1
        self.open += 1
        try:
            if self.before is not None:
                await self.before(request)
            if self.refusal is not None:
                status, body, headers = self.refusal
                return web.json_response(body, status=status, headers=headers)
            response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
            await response.prepare(request)
            await self.script(request, response)
            return response
        finally:
            self.open -= 1

    async def other(self, request: web.Request) -> web.StreamResponse:
        assert self.refusal is not None
        status, body, headers = self.refusal
        return web.json_response(body, status=status, headers=headers)

    def client(self, **options: Any) -> AsyncTwelveLabs:
        return AsyncTwelveLabs(api_key=KEY, base_url=self.url, **{"max_retries": 0, **options})


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    found = Platform()
    app = web.Application()
    app.router.add_post("/v1.3/analyze", found.analyze)
    app.router.add_route("*", "/{rest:.*}", found.other)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    found.url = f"http://127.0.0.1:{port}/v1.3"
    yield found
    await runner.cleanup()


def parse(text: str) -> list[dict[str, str]]:
    """The events of a body, as a browser reads them."""
    found = []
    for block in text.split("\n\n"):
        fields: dict[str, str] = {}
        for row in block.split("\n"):
            name, _, value = row.partition(":")
            if name:
                value = value.removeprefix(" ")
                fields[name] = f"{fields[name]}\n{value}" if name in fields else value
        if "data" in fields:
            found.append(fields)
    return found


@pytest.fixture
def no_signals() -> Iterator[None]:
    """For tests that look at handlers of signals: they are as before afterwards."""
    import signal

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
