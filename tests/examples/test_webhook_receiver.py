"""examples/webhook_receiver.py, with deliveries of its own and with those of the emulator"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

import aiohttp
import pytest
from aiohttp import web

from examples import webhook_receiver
from twelvelabs_async import AsyncTwelveLabs, webhooks
from twelvelabs_async.emulator import Emulator

from ..eventually import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SECRET = "whsec_examples"
EVENT = (
    b'{"id": "whe_1", "created_at": "2026-11-20T12:00:00Z", "type": "index.task.ready",'
    b' "data": {"id": "task-1", "metadata": {"duration": 8.0}, "status": "ready", "models": [], "tags": []}}'
)
UNKNOWN = b'{"id": "whe_2", "created_at": "2026-11-20T12:00:00Z", "type": "library.grown", "data": {}}'


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[str]:
    """Run the receiver and give the address for deliveries."""
    runner = web.AppRunner(webhook_receiver.make_app(SECRET))
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks"
    finally:
        await runner.cleanup()


async def deliver(url: str, body: bytes, signature: str) -> int:
    headers = {webhooks.SIGNATURE_HEADER: signature}
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        return answer.status


async def test_takes_each_event_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with receiving() as url:
        assert await deliver(url, EVENT, webhooks.sign(EVENT, SECRET)) == 204
        assert await deliver(url, EVENT, webhooks.sign(EVENT, SECRET)) == 204
        assert await deliver(url, UNKNOWN, webhooks.sign(UNKNOWN, SECRET)) == 204
    assert caplog.messages.count("task task-1: the video can be searched") == 1
    assert "unknown event of type library.grown" in caplog.messages


async def test_refuses_what_is_not_from_the_platform() -> None:
    async with receiving() as url:
        assert await deliver(url, EVENT, webhooks.sign(EVENT, "whsec_other")) == 400
        assert await deliver(url, EVENT + b" ", webhooks.sign(EVENT, SECRET)) == 400
        assert await deliver(url, b"[]", webhooks.sign(b"[]", SECRET)) == 400


async def test_receives_what_the_emulator_sends(files: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "webhook_receiver")
    async with (
        receiving() as url,
        Emulator(speed=0, webhook_url=url, webhook_secret=SECRET) as emulator,
        AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url) as client,
    ):
        index = await client.indexes.create(
            index_name="hooks", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
        )
        task = await client.tasks.create(index_id=index, video_file=files / "goal.mp4")
        await client.tasks.wait_for_done(task, sleep_interval=0.05)
        await eventually(lambda: f"task {task.id}: the video can be searched" in caplog.messages)


def test_wants_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEBHOOK_SECRET", raising=False)
    with pytest.raises(SystemExit):
        webhook_receiver.main([])
