"""Clients that disconnect: no tracebacks, and the emulator goes on."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from .conftest import Api

Files = dict[str, Path]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.DEBUG)
    yield
    for record in caplog.get_records("call"):
        if record.name != "asyncio":  # of the test's own connections, too
            assert record.exc_info is None, record.getMessage()
            assert record.levelno < logging.WARNING, record.getMessage()


async def ended(caplog: pytest.LogCaptureFixture, number: int = 1) -> None:
    """Waits until the emulator has noticed disconnects."""
    async with asyncio.timeout(20):
        while sum("The client disconnected" in record.getMessage() for record in caplog.records) < number:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


EXPECT = b"Expect: 100-continue"


async def begun(reader: asyncio.StreamReader) -> None:
    """Waits until the emulator has read the head of a request that expects to be told so, and reads its body."""
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
    await asyncio.sleep(0.05)


@pytest.mark.parametrize("emulator", [{"stream_delay": 0.02}], indirect=True)
@pytest.mark.parametrize("lines", [0, 1, 5])
async def test_streams(api: Api, media_files: Files, caplog: pytest.LogCaptureFixture, lines: int) -> None:
    index_id = await api.index()
    video = await api.video(index_id, media_files["video"])
    body = {"video_id": video, "prompt": "Describe all scenes, chapters and highlights.", "stream": True}
    url, headers = f"{api.emulator.base_url}/analyze", {"x-api-key": api.emulator.api_key}
    response = await api.session.post(url, json=body, headers=headers)
    for _ in range(lines):
        await response.content.readline()
    assert response.connection is not None
    assert response.connection.transport is not None
    response.connection.transport.abort()
    response.close()
    await ended(caplog)
    assert (await api.raw("GET", "/indexes")).status == 200


@pytest.mark.parametrize("head", [b"Content-Length: 100000", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json"])
@pytest.mark.parametrize("rudely", [False, True])
async def test_uploads(api: Api, caplog: pytest.LogCaptureFixture, head: bytes, kind: str, rudely: bool) -> None:
    url = URL(api.emulator.base_url)
    assert url.host
    assert url.port
    path = b"/v1.3/assets" if "form" in kind else b"/v1.3/indexes"
    reader, writer = await asyncio.open_connection(url.host, url.port)
    lines = [b"POST " + path + b" HTTP/1.1", b"Host: x", b"x-api-key: " + api.emulator.api_key.encode(), EXPECT]
    lines += [b"Content-Type: " + kind.encode(), head, b"", b"5\r\n{}   \r\n" if b"chunked" in head else b"{}"]
    writer.write(b"\r\n".join(lines))
    await begun(reader)
    if rudely:
        writer.transport.abort()
    else:
        writer.close()
    await ended(caplog)
    assert (await api.raw("GET", "/indexes")).status == 200


async def test_chunks(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    size = 8 * 1024 * 1024
    fields = {"filename": "a.mp4", "type": "video", "total_size": size}
    upload = await api.ok("POST", "/assets/multipart-uploads", json=fields)
    url = URL(upload["upload_urls"][0]["url"])
    assert url.host
    assert url.port
    reader, writer = await asyncio.open_connection(url.host, url.port)
    lines = [
        f"PUT {url.raw_path_qs} HTTP/1.1".encode(),
        b"Host: x",
        EXPECT,
        f"Content-Length: {size}".encode(),
        b"",
        b"",
    ]
    writer.write(b"\r\n".join(lines) + bytes(1000))
    await begun(reader)
    writer.transport.abort()
    await ended(caplog)
    async with aiohttp.ClientSession() as store, store.put(url, data=io.BytesIO(bytes(size))) as response:
        assert response.status == 200, "the URL was not used up"
