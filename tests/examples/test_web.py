"""examples/web as `make web` starts it, without a browser; tests/web has one."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
from typing import TYPE_CHECKING

import aiohttp
import pytest

from examples.web.__main__ import DEFAULT_PORT, bind

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that is in use."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.timeout(180)
async def test_it_starts_serves_and_ends() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "examples.web",
        "--port",
        "0",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        shown = ""
        while (url := re.search(r"Open (\S+) - stop with Ctrl\+C\n", shown)) is None:
            line = await process.stdout.readline()
            assert line, shown
            shown += line.decode()
        async with aiohttp.ClientSession(url[1]) as session:
            async with session.get("/") as page:
                assert page.status == 200
                assert "script" not in page.headers["Content-Security-Policy"]
                assert "visitor" in page.cookies
            async with session.get("/api/events") as events:
                assert (await events.content.readuntil(b"[]")).endswith(b"data: []")
                process.send_signal(signal.SIGINT)  # while a page is open
                output, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    assert output.decode().endswith("Stopped.\n")
    assert errors == b""


def test_a_port_that_is_in_use(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="in use"):
        bind("127.0.0.1", taken)
    monkeypatch.setattr("examples.web.__main__.DEFAULT_PORT", taken)
    with bind("127.0.0.1", None) as found:
        assert found.getsockname()[1] not in {0, taken}
    assert DEFAULT_PORT == 8000


async def test_what_keeps_it_from_starting(taken: int) -> None:
    for arguments, message in (
        (["--live"], "TWELVE_LABS_API_KEY"),
        (["--port", str(taken)], "in use"),
        (["--port", "70000"], "0-65535"),
    ):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "examples.web", *arguments, stderr=asyncio.subprocess.PIPE
        )
        _, errors = await process.communicate()
        assert process.returncode == 1
        assert message in errors.decode()
        assert "Traceback" not in errors.decode()
