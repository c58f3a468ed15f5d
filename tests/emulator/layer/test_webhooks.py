"""Webhooks that the emulator delivers and the client's `unwrap` reads."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.errors import WebhookSignatureError
from twelvelabs_async.types import IndexTaskReadyWebhookEvent
from twelvelabs_async.webhooks import unwrap

SECRET = "whsec_of_the_test"


async def test_a_delivery_is_read(media: Path) -> None:
    received: asyncio.Queue[Any] = asyncio.Queue()

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        with pytest.raises(WebhookSignatureError):
            unwrap(body, request.headers, "another secret")
        await received.put(unwrap(body, request.headers, SECRET))
        return web.Response()

    application = web.Application()
    application.router.add_post("/hook", receive)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        async with (
            Emulator(speed=20, webhook_url=f"http://{host}:{port}/hook", webhook_secret=SECRET) as emulator,
            AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url) as client,
        ):
            index = await client.indexes.create(
                index_name="films", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
            )
            task = await client.tasks.create(index_id=str(index.id), video_file=media / "forest.mp4")
            event = await asyncio.wait_for(received.get(), 20)
            assert isinstance(event, IndexTaskReadyWebhookEvent)
            assert event.data.id == task.id
            assert event.data.status == "ready"
    finally:
        await runner.cleanup()
