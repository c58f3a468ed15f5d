"""Streams and uploads over real sockets with a server that misbehaves as a test says."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests.eventually import eventually
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.errors import StreamError, UploadError
from twelvelabs_async.types import StreamTextResponse

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clock import Clock

Fault = Callable[[web.Request, int], Awaitable[web.StreamResponse | None]]

CHUNK = 300_000
CONTENT = bytes(at % 253 for at in range(2_000_003))


class Server:
    """Sessions, presigned PUTs and streams; `fault` sees each PUT first, with the number of the attempt."""

    def __init__(self) -> None:
        self.url = ""
        self.size = 0
        self.parts: dict[int, bytes] = {}
        self.reported: set[int] = set()
        self.attempts: dict[int, int] = {}
        self.leaks: list[str] = []
        self.used: set[str] = set()
        self.fault: Fault | None = None
        self.on_report: Callable[[web.Request], Awaitable[None]] | None = None
        self.stream: Callable[[web.StreamResponse, web.Request], Awaitable[None]] | None = None
        self.minted = 0
        self.open = 0

    def application(self) -> web.Application:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_post("/v1.3/assets/multipart-uploads", self.create)
        app.router.add_post("/v1.3/assets/multipart-uploads/up", self.report)
        app.router.add_post("/v1.3/assets/multipart-uploads/up/presigned-urls", self.more)
        app.router.add_put("/put/{index}/{token}", self.put)
        app.router.add_post("/v1.3/analyze", self.analyze)
        app.router.add_post("/v1.3/generate", self.analyze)
        app.router.add_get("/v1.3/indexes", self.empty)
        return app

    def urls(self, start: int, count: int) -> list[dict[str, Any]]:
        last = -(-self.size // CHUNK)
        self.minted += 1
        return [
            {"chunk_index": index, "url": f"{self.url}/put/{index}/{self.minted}", "expires_at": "2099-01-01T00:00:00Z"}
            for index in range(start, min(start + count, last + 1))
        ]

    async def create(self, request: web.Request) -> web.Response:
        self.size = (await request.json())["total_size"]
        members = {"upload_id": "up", "asset_id": "as", "chunk_size": CHUNK}
        members |= {"upload_urls": self.urls(1, 2), "total_chunks": -(-self.size // CHUNK)}
        return web.json_response(members, status=201)

    async def more(self, request: web.Request) -> web.Response:
        body = await request.json()
        return web.json_response({"upload_id": "up", "upload_urls": self.urls(body["start"], body["count"])})

    async def report(self, request: web.Request) -> web.Response:
        if self.on_report is not None:
            await self.on_report(request)
        chunks = (await request.json())["completed_chunks"]
        self.reported |= {chunk["chunk_index"] for chunk in chunks}
        done = len(self.reported) == -(-self.size // CHUNK)
        return web.json_response({"processed_chunks": len(chunks), **({"url": "https://x/y"} if done else {})})

    async def put(self, request: web.Request) -> web.StreamResponse:
        if "x-api-key" in request.headers:
            self.leaks.append(request.path)
        index = int(request.match_info["index"])
        self.attempts[index] = attempt = self.attempts.get(index, 0) + 1
        if request.path in self.used:
            return web.Response(status=403, text="used")
        self.used.add(request.path)
        if self.fault is not None and (response := await self.fault(request, attempt)) is not None:
            return response
        body = await request.read()
        self.parts[index] = body
        return web.Response(headers={"ETag": f'"{hashlib.md5(body).hexdigest()}"'})

    async def analyze(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        assert self.stream is not None
        self.open += 1
        try:
            await self.stream(response, request)
        finally:
            self.open -= 1
        return response

    async def empty(self, _: web.Request) -> web.Response:
        return web.json_response({"data": [], "page_info": {"page": 1, "total_page": 1}})


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    runner = web.AppRunner(server.application(), handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.url = f"http://{host}:{port}"
    yield server
    await runner.cleanup()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[AsyncTwelveLabs]:
    async with AsyncTwelveLabs(api_key="tlk_secret", base_url=f"{server.url}/v1.3") as client:
        yield client
        assert [index async for index in client.indexes.list()] == []
        assert not server.leaks


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.mp4"
    path.write_bytes(CONTENT)
    return path


def cut(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()


async def cut_before_the_body(request: web.Request, attempt: int) -> web.StreamResponse | None:
    if attempt == 1:
        cut(request)
        return web.Response()
    return None


async def cut_within_the_body(request: web.Request, attempt: int) -> web.StreamResponse | None:
    if attempt == 1:
        await request.content.readexactly(100_000)
        cut(request)
        return web.Response()
    return None


async def cut_after_the_body(request: web.Request, attempt: int) -> web.StreamResponse | None:
    if attempt == 1:
        await request.read()
        cut(request)
        return web.Response()
    return None


async def unavailable(request: web.Request, attempt: int) -> web.StreamResponse | None:
    if attempt == 1:
        await request.read()
        return web.Response(status=503, text="<Error><Code>SlowDown</Code></Error>")
    return None


async def early_refusal(request: web.Request, attempt: int) -> web.StreamResponse | None:
    # Responds before the body was read, as stores do when a URL has expired.
    return web.Response(status=403, text="<Error><Code>AccessDenied</Code></Error>") if attempt == 1 else None


async def wrong_checksum(request: web.Request, attempt: int) -> web.StreamResponse | None:
    if attempt == 1:
        await request.read()
        return web.Response(headers={"ETag": f'"{"0" * 32}"'})
    return None


async def early_success(request: web.Request, attempt: int) -> web.StreamResponse | None:
    if attempt == 1:
        return web.Response(headers={"ETag": f'"{hashlib.md5(b"").hexdigest()}"'})
    return None


@pytest.mark.parametrize(
    "fault",
    [
        cut_before_the_body,
        cut_within_the_body,
        cut_after_the_body,
        unavailable,
        early_refusal,
        wrong_checksum,
        early_success,
    ],
)
async def test_a_chunk_that_fails_once(server: Server, client: AsyncTwelveLabs, file: Path, fault: Fault) -> None:
    server.fault = fault
    await client.multipart_upload.upload_file(file, retry_delay=0.001, max_workers=3)
    assert b"".join(server.parts[index] for index in sorted(server.parts)) == CONTENT
    # The transport may send once more on a new connection, because the one it took up may have been closed long ago.
    assert set(server.attempts.values()) <= {2, 3}
    assert len(server.reported) == 7


@pytest.mark.parametrize("fault", [cut_within_the_body, unavailable, wrong_checksum])
async def test_a_chunk_that_fails_always(server: Server, client: AsyncTwelveLabs, file: Path, fault: Fault) -> None:
    async def always(request: web.Request, _: int) -> web.StreamResponse | None:
        return await fault(request, 1) if request.match_info["index"] == "3" else None

    server.fault = always
    with pytest.raises(UploadError, match="chunk 3 failed 3 times") as caught:
        await client.multipart_upload.upload_file(file, retry_delay=0.001, max_retries=2, max_workers=2)
    assert server.attempts[3] >= 3
    assert set(caught.value.finished) == server.reported
    assert "tlk_secret" not in repr(caught.value.__dict__)


async def test_cancelling_while_a_body_is_sent(server: Server, client: AsyncTwelveLabs, file: Path) -> None:
    reached = asyncio.Event()

    async def stall(request: web.Request, _: int) -> web.StreamResponse | None:
        reached.set()
        await asyncio.sleep(3600)
        return None

    server.fault = stall
    task = asyncio.create_task(client.multipart_upload.upload_file(file))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("end", ["grace", "second cancellation"])
async def test_a_last_report_that_hangs_leaves_nothing_open(
    server: Server, client: AsyncTwelveLabs, file: Path, clock: Clock, end: str
) -> None:
    reporting = ended = 0

    async def third_is_slow(request: web.Request, _: int) -> web.StreamResponse | None:
        if request.match_info["index"] == "3":
            await asyncio.sleep(3600)
        return None

    async def hang(_: web.Request) -> None:
        nonlocal reporting, ended
        reporting += 1
        try:
            await asyncio.Event().wait()
        finally:
            reporting -= 1
            ended += 1

    server.fault, server.on_report = third_is_slow, hang
    task = asyncio.create_task(client.multipart_upload.upload_file(file, batch_size=50, max_workers=1))
    await eventually(lambda: 3 in server.attempts)
    task.cancel()
    await eventually(lambda: reporting)
    assert not task.done()
    if end == "grace":
        clock.advance(2)
    else:
        task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    notes = getattr(caught.value, "__notes__", [])
    assert len(notes) == (end == "grace")
    assert client.limits.in_flight == 0
    await eventually(lambda: ended == 1)  # the server noticed that the connection was closed
    assert reporting == 0
    assert server.reported == set()


def text(value: str) -> bytes:
    return json.dumps({"event_type": "text_generation", "text": value}, ensure_ascii=False).encode() + b"\n"


async def test_a_stream_that_is_cut(server: Server, client: AsyncTwelveLabs) -> None:
    async def broken(response: web.StreamResponse, request: web.Request) -> None:
        await response.write(text("so far\u2028so good") + b'{"event_ty')
        await eventually(lambda: stream.text)
        cut(request)

    server.stream = broken
    stream = client.analyze_stream(video_id="v", prompt="p")
    with pytest.raises(StreamError, match="broke before its last event") as caught:
        await stream.collect()
    assert caught.value.text == "so far\u2028so good"
    assert [type(event) for event in caught.value.events] == [StreamTextResponse]


async def test_a_stream_that_ends_early(server: Server, client: AsyncTwelveLabs) -> None:
    async def short(response: web.StreamResponse, _: web.Request) -> None:
        await response.write(text("so far"))

    server.stream = short
    with pytest.raises(StreamError, match="ended before its last event"):
        await client.analyze_stream(video_id="v", prompt="p").collect()
    with (
        pytest.warns(DeprecationWarning, match="analyze"),
        pytest.raises(StreamError, match="ended before its last event"),
    ):
        await client.generate(video_id="v", prompt="p")


async def test_a_platform_that_does_not_stream(server: Server, client: AsyncTwelveLabs) -> None:
    async def whole(response: web.StreamResponse, _: web.Request) -> None:
        await response.write(b'{"id": "g", "data": "all of it", "finish_reason": "stop"}')

    server.stream = whole
    with pytest.warns(DeprecationWarning, match="analyze"):
        answer = await client.generate(video_id="v", prompt="p")
    assert (answer.id, answer.data, answer.finish_reason) == ("g", "all of it", "stop")


@pytest.mark.parametrize("way", ["loop", "block", "cancel"])
async def test_the_server_notices_when_a_stream_is_left(server: Server, client: AsyncTwelveLabs, way: str) -> None:
    async def endless(response: web.StreamResponse, _: web.Request) -> None:
        while True:
            await response.write(text("more"))
            await asyncio.sleep(0.01)

    server.stream = endless
    stream = client.analyze_stream(video_id="v", prompt="p")
    if way == "loop":
        async for _ in stream:
            break
    elif way == "block":
        async with stream:
            await anext(stream)
    else:
        task = asyncio.create_task(stream.collect())
        await eventually(lambda: server.open)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await eventually(lambda: not server.open)


async def test_closing_a_stream_that_another_task_reads(server: Server, client: AsyncTwelveLabs) -> None:
    async def silent(response: web.StreamResponse, _: web.Request) -> None:
        await response.write(text("one"))
        await asyncio.sleep(3600)

    server.stream = silent
    stream = client.analyze_stream(video_id="v", prompt="p")
    task = asyncio.create_task(stream.collect())
    await eventually(lambda: stream.text)
    await stream.close()
    with pytest.raises(StreamError, match="closed while it was read") as caught:
        await asyncio.wait_for(task, 5)
    assert caught.value.text == "one"
    await stream.close()


async def test_closing_the_client_ends_a_stream(server: Server, client: AsyncTwelveLabs) -> None:
    async def silent(response: web.StreamResponse, _: web.Request) -> None:
        await response.write(text("one"))
        await asyncio.sleep(3600)

    server.stream = silent
    async with AsyncTwelveLabs(api_key="tlk_secret", base_url=f"{server.url}/v1.3") as other:
        stream = other.analyze_stream(video_id="v", prompt="p")
        task = asyncio.create_task(stream.collect())
        await eventually(lambda: stream.text)
    with pytest.raises(StreamError, match="broke before its last event"):
        await asyncio.wait_for(task, 5)
