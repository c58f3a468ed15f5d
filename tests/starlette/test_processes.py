"""A real process of uvicorn, and what a signal does to its streams"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from ..eventually import eventually
from .conftest import END, KEY, START, Platform, line, parse, silent
from .service_app import SECRET
from .test_webhook import event, signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@contextlib.asynccontextmanager
async def service(
    platform: Platform, folder: Path, *options: str, grace: str = "30"
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run the service; gives the process and its address."""
    environment = {
        **os.environ,
        "TWELVE_LABS_API_KEY": KEY,
        "TWELVELABS_BASE_URL": platform.url,
        "GRACE": grace,
        "HANDLED": str(folder),
    }
    command = [sys.executable, "-m", "uvicorn", "tests.starlette.service_app:app", "--port", "0", *options]
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
    )
    assert process.stderr is not None
    try:
        address = None
        ready = 1 if "--workers" not in options else 2
        while address is None or ready:
            row = (await process.stderr.readline()).decode()
            assert row, "the service ended"
            if found := re.search(r"running on (http://\S+)", row):
                address = found[1]
            ready -= "startup complete" in row
        yield process, address
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ended(process: asyncio.subprocess.Process) -> None:
    """The process ends by itself, and without a traceback."""
    assert process.stderr is not None
    text = (await process.stderr.read()).decode()
    assert await process.wait() in {0, -signal.SIGTERM, -signal.SIGINT}
    assert "Traceback" not in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_running_stream_finishes(platform: Platform, tmp_path: Path, number: signal.Signals) -> None:
    released = asyncio.Event()

    async def script(_: Any, response: Any) -> None:
        await response.write(START)
        await released.wait()
        await response.write(line("the last word") + END)

    platform.script = script
    async with service(platform, tmp_path) as (process, address), aiohttp.ClientSession(address) as session:
        response = await session.get("/describe")
        await response.content.readuntil(b"data")
        process.send_signal(number)
        await asyncio.sleep(0.3)
        released.set()
        events = parse("data" + await response.text())
        await ended(process)
    assert "the last word" in events[1]["data"]
    assert events[-1]["event"] == "end"


@pytest.mark.parametrize("workers", [[], ["--workers", "2"]], ids=["one", "two workers"])
async def test_a_stream_without_an_end_does_not_keep_the_process(
    platform: Platform, tmp_path: Path, workers: list[str]
) -> None:
    platform.script = silent
    async with (
        service(platform, tmp_path, *workers, grace="0.3") as (process, address),
        aiohttp.ClientSession(address, connector=aiohttp.TCPConnector(force_close=True)) as session,
    ):
        responses = [await session.get("/describe") for _ in range(4)]
        for response in responses:
            await response.content.readuntil(b"data")
        process.send_signal(signal.SIGTERM)
        for response in responses:
            last = parse("data" + await response.text())[-1]
            assert last["event"] == "error"
            assert "shutting_down" in last["data"]
        await ended(process)
    await eventually(lambda: platform.open == 0)


async def test_handlers_of_webhooks_finish(platform: Platform, tmp_path: Path) -> None:
    async with service(platform, tmp_path) as (process, address), aiohttp.ClientSession(address) as session:
        async with session.post("/hook", data=event(7), headers=signed(event(7), SECRET)) as response:
            assert response.status == 204
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        assert await process.stderr.readuntil(b"Waiting for application shutdown")
        assert not (tmp_path / "whe_7").exists()
        (tmp_path / "go").touch()
        await ended(process)
    assert (tmp_path / "whe_7").exists()
