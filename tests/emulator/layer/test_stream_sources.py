"""Streams of web frameworks as files: in chunks and in a form, with a size and without."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import random
import tempfile
from collections import Counter
from typing import TYPE_CHECKING, Any

import aiohttp
import fastapi
import pytest
import starlette.applications
import starlette.datastructures
import starlette.responses
import starlette.routing
import uvicorn
from aiohttp import web

from tests.eventually import eventually
from twelvelabs_async import AsyncTwelveLabs, FileStream, RetryPolicy
from twelvelabs_async.emulator import Emulator, FaultPlan
from twelvelabs_async.errors import APIConnectionError, APIStatusError, APITimeoutError, TwelveLabsError, UploadError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
    from pathlib import Path

    from starlette.requests import Request

    from tests.clock import Clock
    from twelvelabs_async import RequestOptions

CHUNK = 4096
DATA = random.Random(3).randbytes(CHUNK * 9 + 100)


class Place:
    """An emulator, its faults, and a client."""

    def __init__(self, emulator: Emulator, faults: FaultPlan, folder: Path) -> None:
        self.faults = faults
        self.folder = folder
        self.spool = folder / "spool"
        self.spool.mkdir()
        self.client = AsyncTwelveLabs(
            api_key=emulator.api_key, base_url=emulator.base_url, retry=RetryPolicy(initial=0.001)
        )

    @property
    def blobs(self) -> Counter[str]:
        """SHA-256 of the files at the store."""
        files = (self.folder / "state" / "blobs").iterdir()
        return Counter(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)

    def assert_whole(self, data: bytes = DATA) -> None:
        assert hashlib.sha256(data).hexdigest() in self.blobs
        assert list(self.spool.iterdir()) == []
        assert self.client.limits.in_flight == 0


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    faults = FaultPlan()
    async with Emulator(
        speed=0, state=tmp_path / "state", chunk_size=CHUNK, initial_urls=3, faults=faults, late_validation=True
    ) as emulator:
        made = Place(emulator, faults, tmp_path)
        async with made.client:
            yield made


async def in_chunks(place: Place, content: Any, size: int | None) -> None:
    await place.client.multipart_upload.upload_file(content, "a.mp4", size=size, spool_dir=place.spool, max_workers=3)


async def in_a_form(place: Place, content: Any, size: int | None) -> None:
    await place.client.assets.create(method="direct", file=("a.mp4", content), size=size, spool_dir=place.spool)


HOW = pytest.mark.parametrize("send", [in_chunks, in_a_form])
SIZE = pytest.mark.parametrize("size", [None, len(DATA)])


@contextlib.asynccontextmanager
async def uvicorn_serving(app: Any) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=5))
    running = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started or running.done())
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@HOW
@SIZE
@pytest.mark.parametrize("framework", [starlette.applications.Starlette, fastapi.FastAPI])
async def test_the_body_of_a_request_to_starlette(place: Place, framework: Any, send: Any, size: int | None) -> None:
    async def take(request: Request) -> starlette.responses.Response:
        await send(place, request.stream(), size)
        return starlette.responses.PlainTextResponse("done")

    app = framework(routes=[starlette.routing.Route("/", take, methods=["POST"])])
    async with (
        uvicorn_serving(app) as address,
        aiohttp.ClientSession() as session,
        session.post(address, data=DATA) as response,
    ):
        assert (response.status, await response.text()) == (200, "done")
    place.assert_whole()


@HOW
@pytest.mark.parametrize("kind", [fastapi.UploadFile, starlette.datastructures.UploadFile])
async def test_an_upload_of_a_form(place: Place, send: Any, kind: type[starlette.datastructures.UploadFile]) -> None:
    with tempfile.SpooledTemporaryFile(max_size=1000) as file:
        content: Any = file
        upload = kind(content, filename="up.mp4", size=len(DATA))
        await upload.write(DATA)
        await upload.seek(0)
        await send(place, upload, None)
        assert not file.closed
    place.assert_whole()


@contextlib.asynccontextmanager
async def aiohttp_serving(take: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    app = web.Application(client_max_size=2**30)
    app.router.add_post("/", take)
    runner = web.AppRunner(app, shutdown_timeout=5)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@HOW
@SIZE
async def test_the_body_of_a_request_to_aiohttp(place: Place, send: Any, size: int | None) -> None:
    async def take(request: web.Request) -> web.Response:
        await send(place, request.content, size)
        return web.Response()

    async with (
        aiohttp_serving(take) as address,
        aiohttp.ClientSession() as session,
        session.post(address, data=DATA) as response,
    ):
        assert response.status == 200
    place.assert_whole()


@HOW
@SIZE
async def test_a_part_of_a_form_of_aiohttp(place: Place, send: Any, size: int | None) -> None:
    async def take(request: web.Request) -> web.Response:
        async for part in await request.multipart():
            assert isinstance(part, aiohttp.BodyPartReader)
            await send(place, part, size)
        return web.Response()

    form = aiohttp.FormData()
    form.add_field("upload", DATA, filename="up.mp4", content_type="video/mp4")
    async with (
        aiohttp_serving(take) as address,
        aiohttp.ClientSession() as session,
        session.post(address, data=form) as response,
    ):
        assert response.status == 200
    place.assert_whole()


@HOW
@SIZE
async def test_a_pipe(place: Place, send: Any, size: int | None) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "wb") as other:
        await asyncio.gather(send(place, pipe, size), asyncio.to_thread(write, other))
    place.assert_whole()


def write(file: Any) -> None:
    file.write(DATA)
    file.close()


async def pieces(data: bytes = DATA, error: Exception | None = None) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 1000):
        yield data[at : at + 1000]
    if error is not None:
        raise error


@SIZE
async def test_chunks_of_a_stream_are_retried(place: Place, size: int | None) -> None:
    place.faults.add(kind="status", status=503, port="objects", operation="putChunk", rate=0.5, count=8)
    await place.client.multipart_upload.upload_file(pieces(), size=size, retry_delay=0.001, max_retries=20)
    place.assert_whole()


async def test_urls_that_expire_before_the_stream_delivers(place: Place) -> None:
    """The chunks of a stream have an order, and their URLs are renewed in it."""
    place.faults.add(kind="status", status=403, port="objects", operation="putChunk", count=3)
    await place.client.multipart_upload.upload_file(FileStream(pieces(), size=len(DATA)), retry_delay=0.001)
    place.assert_whole()


async def test_a_form_without_a_size_is_retried(place: Place) -> None:
    place.faults.add(kind="status", status=429, operation="createAsset", count=2)
    await in_a_form(place, pieces(), None)
    place.assert_whole()


async def test_a_form_with_a_size_is_not_retried(place: Place) -> None:
    place.faults.add(kind="status", status=429, operation="createAsset", count=1)
    with pytest.raises(APIStatusError) as caught:
        await in_a_form(place, pieces(), len(DATA))
    assert "Not retried: the stream that was sent can be read only once." in caught.value.__notes__[0]
    assert place.faults.counts["429"] == 1


async def texts() -> AsyncIterator[Any]:
    yield b"x" * 10_000
    yield "text"


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b"x" * 1000


STREAMS: list[tuple[Any, str]] = [
    (lambda: pieces(DATA[:-10]), "the stream ended at byte 36,954, but its size was given as 36,964"),
    (lambda: pieces(DATA + b"more"), "the stream has more than the 36,964 bytes"),
    (lambda: pieces(DATA[:20_000], LookupError("mine")), "the stream raised LookupError: mine"),
    (texts, "the stream returned str, but bytes are required"),
    (endless, "the stream has more than the 36,964 bytes"),
]


@HOW
@pytest.mark.parametrize(("make", "problem"), STREAMS)
async def test_a_stream_that_is_not_what_was_said(place: Place, send: Any, make: Any, problem: str) -> None:
    stream = make()
    with pytest.raises(UploadError if send is in_chunks else APIConnectionError, match=problem) as caught:
        await send(place, stream, len(DATA))
    if isinstance(caught.value, UploadError):
        assert caught.value.chunk_index
        assert isinstance(caught.value.original_error, Exception)
    assert place.client.limits.in_flight == 0
    with pytest.raises(StopAsyncIteration):
        await anext(stream)  # it was closed


@HOW
async def test_a_stream_that_stops(place: Place, send: Any) -> None:
    closed = asyncio.Event()
    delivered = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        try:
            yield b"x" * 6000
            delivered.set()
            await asyncio.Event().wait()
        finally:
            closed.set()

    task = asyncio.create_task(send(place, stuck(), len(DATA)))
    await delivered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed.is_set()
    assert place.client.limits.in_flight == 0


async def test_timeouts_name_a_stream_that_stops(place: Place, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    delivered = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        try:
            yield b"x" * 6000
            delivered.set()
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    closed: list[bool] = []
    task: asyncio.Task[Any] = asyncio.create_task(
        place.client.multipart_upload.upload_file(stuck(), size=len(DATA), timeout=600)
    )
    await delivered.wait()
    clock.advance(600)
    with pytest.raises(UploadError, match=r"the timeout of 600 s passed while the stream delivered nothing"):
        await task
    delivered.clear()
    task = asyncio.create_task(
        place.client.assets.create(method="direct", file=stuck(), size=len(DATA), request_options={"timeout": 600})
    )
    await delivered.wait()
    clock.advance(600)
    with pytest.raises(APIConnectionError) as caught:
        await task
    assert "The stream had delivered 6,000 of 36,964 bytes." in caught.value.__notes__
    assert closed == [True, True]
    assert "closing a stream" not in caplog.text


async def test_timeouts_end_a_stream_of_unknown_size(place: Place, clock: Clock) -> None:
    delivered = asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        try:
            yield b"x" * 6000
            delivered.set()
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    closed: list[bool] = []
    uploads = place.client.multipart_upload
    task: asyncio.Task[Any] = asyncio.create_task(uploads.upload_file(stuck(), timeout=600))
    await delivered.wait()
    clock.advance(600)
    with pytest.raises(UploadError, match=r"The upload did not begin: the timeout of 600 s passed"):
        await task
    client = place.client
    limit: RequestOptions = {"timeout": 600}
    cases: list[Coroutine[Any, Any, Any]] = [
        client.assets.create(method="direct", file=stuck(), request_options=limit),
        client.with_options(timeout=600).assets.create(method="direct", file=stuck()),
        client.with_raw_response.assets.create(method="direct", file=stuck(), request_options=limit),
        client.post("assets", form={"method": "direct"}, files={"file": stuck()}, request_options=limit),
    ]
    for call in cases:
        delivered.clear()
        task = asyncio.create_task(call)
        await delivered.wait()
        clock.advance(600)
        with pytest.raises(APITimeoutError, match=r"not sent, because the file was not read to its end within 600 s"):
            await task
    assert closed == [True] * 5


@HOW
@pytest.mark.parametrize("size", [None, len(DATA)])
async def test_a_stream_that_ends_with_a_cancellation_of_its_own(place: Place, send: Any, size: int | None) -> None:
    """Such as one that waits for a task that was cancelled. The call is not cancelled, and must not wait for ever."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 6000
        raise asyncio.CancelledError

    with pytest.raises((UploadError, APIConnectionError, ValueError), match="the stream raised CancelledError"):
        await send(place, broken(), size)
    assert place.client.limits.in_flight == 0


@pytest.mark.parametrize("own", [TimeoutError("mine"), OSError("mine")])
async def test_the_error_of_a_stream_of_unknown_size_is_its_own(place: Place, own: Exception) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 6000
        raise own

    for sending in (
        place.client.multipart_upload.upload_file(broken(), timeout=600),
        place.client.assets.create(method="direct", file=broken()),
    ):
        with pytest.raises(type(own)) as caught:
            await sending
        assert caught.value is own


@pytest.mark.parametrize("how", ["state", "resume"])
async def test_a_stream_with_a_size_cannot_be_resumed(place: Place, how: str) -> None:
    again: Any = {"state": place.folder / "upload.json", "resume": UploadError("no", upload_id="0" * 24)}[how]
    with pytest.raises(ValueError, match=f"so {how} cannot be used with it; leave out size"):
        await place.client.multipart_upload.upload_file(pieces(), size=len(DATA), **{how: again})
    with pytest.raises(ValueError, match="so resume_file cannot be used with it"):
        await place.client.multipart_upload.resume_file("0" * 24, FileStream(pieces(), size=len(DATA)))


async def test_a_stream_without_a_size_is_resumed(place: Place) -> None:
    place.faults.add(kind="status", status=503, port="objects", operation="putChunk", skip=4)
    state = place.folder / "upload.json"
    with pytest.raises(UploadError) as caught:
        await place.client.multipart_upload.upload_file(pieces(), state=state, max_retries=0)
    place.faults.clear()
    with pytest.raises(UploadError, match="its content is another one"):
        await place.client.multipart_upload.upload_file(pieces(DATA[:-1] + b"?"), state=state)
    result = await place.client.multipart_upload.upload_file(pieces(), state=state)
    assert result.asset_id == caught.value.asset_id
    place.assert_whole()


async def test_memory_is_bounded_by_the_chunks_in_flight(place: Place) -> None:
    """No chunk is read from a stream before a worker is free to send it."""
    read = 0

    async def counting() -> AsyncIterator[bytes]:
        nonlocal read
        async for piece in pieces():
            read += len(piece)
            yield piece

    place.faults.add(kind="stall", port="objects", operation="putChunk")
    task = asyncio.create_task(place.client.multipart_upload.upload_file(counting(), size=len(DATA), max_workers=3))
    await eventually(lambda: place.faults.counts["stall"] == 3)
    assert 3 * CHUNK <= read <= 3 * CHUNK + 1000
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_stream_beside_a_file_that_is_missing_is_closed(place: Place) -> None:
    stream = pieces()
    files: Any = {"a": FileStream(stream, size=len(DATA)), "b": place.folder / "missing.mp4"}
    await anext(stream)
    with pytest.raises(FileNotFoundError):
        await place.client.post("/assets", files=files)
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_two_hundred_uploads_with_faults(place: Place) -> None:
    asyncio.get_running_loop().set_debug(False)  # takes most of the time
    for kind in ("reset", "status", "truncated", "malformed"):
        status = 500 if kind == "status" else None
        place.faults.add(kind=kind, port="objects", operation="putChunk", rate=0.05, status=status)
    contents = [random.Random(seed).randbytes(CHUNK + 50 + seed) for seed in range(200)]

    async def upload(at: int) -> Any:
        content: Any = contents[at] if at % 2 else FileStream(pieces(contents[at]), size=len(contents[at]))
        try:
            return await place.client.multipart_upload.upload_file(content, max_retries=2, retry_delay=0.001)
        except TwelveLabsError as error:
            return error

    outcomes = await asyncio.gather(*map(upload, range(200)))
    blobs = place.blobs
    for content, outcome in zip(contents, outcomes, strict=True):
        if isinstance(outcome, Exception):
            assert isinstance(outcome, UploadError)
            assert outcome.failed
        else:
            assert blobs.pop(hashlib.sha256(content).hexdigest()) == 1
    assert not blobs
    assert place.faults.injected > 20
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) < 100
    assert place.client.limits.in_flight == 0
