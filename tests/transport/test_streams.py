"""Answers that are read piece by piece: opening, reading, breaking off, and giving everything back."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.eventually import responses_in_part
from tests.paged_list import settle
from twelvelabs_async._config.timeouts import Timeout, Timeouts
from twelvelabs_async._request.body import JsonBody
from twelvelabs_async._transport.transport import StreamResponse, Transport
from twelvelabs_async.errors import APIConnectionError, APITimeoutError, DecodeError, NotFoundError

from .conftest import Connect, Handler, Peer, Serve, eventually, get, post

if TYPE_CHECKING:
    from tests.clock import Clock

LINES = [b'{"n":%d}\n' % number for number in range(5)]


def streaming(*, pause: float = 0.0, end: bytes = b"0\r\n\r\n", stall: bool = False) -> Handler:
    async def handler(peer: Peer) -> None:
        while True:
            await peer.body(await peer.request())
            peer.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Request-Id: req_9\r\n\r\n")
            for line in LINES:
                peer.writer.write(b"%x\r\n%s\r\n" % (len(line), line))
                await peer.writer.drain()
                await asyncio.sleep(pause)
            if stall:
                await asyncio.sleep(30)
            peer.writer.write(end)
            await peer.writer.drain()
            if not end:
                return

    return handler


async def read_all(transport: Transport, **members: object) -> bytes:
    async with transport.stream(get("/stream", timeout_profile="stream", **members)) as stream:
        return await rest_of(stream)


async def rest_of(stream: StreamResponse) -> bytes:
    data = b""
    while piece := await stream.read():
        data += piece
    return data


async def test_stream_is_read_to_its_end_and_gives_everything_back(serve: Serve, connect: Connect) -> None:
    server = await serve(streaming())
    transport = connect(server.url)
    async with transport.stream(
        post("/stream", timeout_profile="stream", body=JsonBody(b"{}"), accept="text/x")
    ) as stream:
        assert (stream.status, stream.request_id, stream.headers["x-request-id"]) == (200, "req_9", "req_9")
        assert transport.limits.in_flight == 1
        assert transport.limits.concurrency["stream (long)"].in_flight == 1
        assert await rest_of(stream) == b"".join(LINES)
        assert transport.limits.in_flight == 0
        assert await stream.read() == b""
    assert b"Accept: text/x" in server.heads[0]
    await transport.send(get())
    assert server.connections == 1


async def test_stream_that_is_left_early_closes_its_connection(serve: Serve, connect: Connect) -> None:
    server = await serve(streaming(stall=True))
    transport = connect(server.url)
    async with transport.stream(get("/stream", timeout_profile="stream")) as stream:
        assert (await stream.read()).startswith(LINES[0])
    stream.close()
    assert transport.limits.in_flight == 0
    await eventually(lambda: server.live == 0)


async def test_opening_a_stream_is_repeated_like_any_call(serve: Serve, connect: Connect) -> None:
    flow = streaming()

    async def handler(peer: Peer) -> None:
        if peer.number == 1:
            await peer.request()
            peer.reset()
        elif peer.number == 2:
            await peer.request()
            await peer.respond(b"{}", "503 Later")
            peer.writer.close()
        else:
            await flow(peer)

    server = await serve(handler)
    assert await read_all(connect(server.url)) == b"".join(LINES)
    assert server.connections == 3


async def test_stream_that_is_refused(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b'{"code":"resource_not_exist","message":"no"}', "404 Not Found")

    server = await serve(handler)
    transport = connect(server.url)
    with pytest.raises(NotFoundError):
        await read_all(transport)
    assert transport.limits.in_flight == 0


@pytest.mark.parametrize("own_session", [True, False])
async def test_stream_that_breaks_off_is_an_error_after_what_came(
    serve: Serve, connect: Connect, own_session: bool
) -> None:
    server = await serve(streaming(end=b""))
    session = None if own_session else aiohttp.ClientSession()
    transport = connect(server.url, session=session)
    stream = await transport.open(get("/stream", timeout_profile="stream"))
    got = b""

    async def read_on() -> None:
        nonlocal got
        while piece := await stream.read():
            got += piece

    with pytest.raises(APIConnectionError, match="cut short"):
        await read_on()
    assert got == b"".join(LINES)
    assert transport.limits.in_flight == 0
    if session is not None:
        await session.close()


async def test_silence_within_a_stream(serve: Serve, connect: Connect) -> None:
    server = await serve(streaming(stall=True))
    transport = connect(server.url, timeout=Timeout(read=0.1))
    with pytest.raises(APITimeoutError, match=r"silent for 0\.1 s"):
        await read_all(transport)
    stream = await transport.open(get("/stream"))  # a stream of a call that was not announced as one

    async def read_on() -> None:
        while await stream.read():
            pass

    with pytest.raises(APITimeoutError, match=r"silent for 0\.1 s"):
        await read_on()
    assert transport.limits.in_flight == 0


async def test_total_of_a_stream_is_time_spent_waiting_for_the_server(
    serve: Serve, connect: Connect, clock: Clock
) -> None:
    server = await serve(streaming(stall=True))
    with pytest.raises(APITimeoutError, match=r"within 0\.2 s"):
        await read_all(connect(server.url, timeout=Timeout(total=0.2)))
    quick = await serve(streaming(pause=0.01))
    transport = connect(quick.url, timeout=Timeout(total=30))
    async with transport.stream(get("/stream", timeout_profile="stream")) as stream:
        got = b""
        while piece := await stream.read():
            got += piece
            clock.advance(40)  # the consumer takes its time, longer than the total
        assert got == b"".join(LINES)


async def test_seconds_of_the_caller_bound_the_opening_of_a_stream_and_the_silence_within(
    serve: Serve, connect: Connect, clock: Clock
) -> None:
    stalling = await serve(streaming(stall=True))
    reading = asyncio.create_task(read_all(connect(stalling.url), timeout=100))
    await eventually(lambda: any(found.content.total_bytes == len(b"".join(LINES)) for found in responses_in_part()))
    await settle()
    clock.advance(101)
    with pytest.raises(APITimeoutError, match=r"silent for 100 s"):
        await reading
    flowing = await serve(streaming(pause=0.01))
    async with connect(flowing.url, timeout=100).stream(get("/stream", timeout_profile="stream")) as stream:
        got = b""
        while piece := await stream.read():
            got += piece
            reading = asyncio.create_task(stream.read())
            await asyncio.sleep(0)  # its timer runs
            clock.advance(60)  # less than the timeout at a time, and more in all
            got += await reading
    assert got == b"".join(LINES)


async def test_cancelling_a_reader_closes_the_stream(serve: Serve, connect: Connect) -> None:
    server = await serve(streaming(stall=True))
    transport = connect(server.url)
    task = asyncio.create_task(read_all(transport))
    await eventually(responses_in_part)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert transport.limits.in_flight == 0
    await eventually(lambda: server.live == 0)


async def test_stream_that_cannot_be_decompressed(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b"no gzip at all", "200 OK", "Content-Encoding: gzip", "X-Request-Id: req_1")

    server = await serve(handler)
    with pytest.raises(DecodeError) as caught:
        await read_all(connect(server.url))
    assert (caught.value.status, caught.value.request_id) == (200, "req_1")


async def test_compressed_stream(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(gzip.compress(b"".join(LINES)), "200 OK", "Content-Encoding: gzip")

    server = await serve(handler)
    assert await read_all(connect(server.url)) == b"".join(LINES)


async def test_streams_are_counted_apart_from_calls(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        head = await peer.request()
        if b"/stream" in head:
            peer.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            await asyncio.sleep(30)
        await peer.respond()

    server = await serve(handler)
    transport = connect(server.url, max_connections=1, max_streams=3)
    streams = [await transport.open(get("/stream", timeout_profile="stream")) for _ in range(3)]
    waiting = asyncio.create_task(transport.open(get("/stream", timeout_profile="stream")))
    await eventually(lambda: transport.limits.waiting == 1)
    assert (await transport.send(get())).status == 200
    assert not waiting.done()
    streams[0].close()
    streams.append(await waiting)
    for stream in streams:
        stream.close()
    assert transport.limits.in_flight == 0


async def test_the_timer_of_a_stream_lasts_from_one_read_to_the_next(serve: Serve, connect: Connect) -> None:
    """It ends no wait of the task in between, however long that takes, and is gone when the stream is closed."""
    server = await serve(streaming(pause=0.01))
    transport = connect(server.url)
    async with transport.stream(get("/stream", timeout_profile="stream")) as stream:
        watchdog, calls = transport._state.watchdog, transport._state.calls
        await stream.read()
        (timer,) = calls
        assert timer in watchdog.running
        assert timer.check(timer.active + 1e6)  # its silence and its deadline are long over
        assert timer.reason is None
        await asyncio.sleep(0.01)
        await stream.read()
        assert list(calls) == [timer]
    assert not calls
    assert not watchdog.running


async def test_timers_of_reads_at_the_same_time(serve: Serve, connect: Connect) -> None:
    server = await serve(streaming(stall=True))
    transport = connect(server.url)
    stream = await transport.open(get("/stream", timeout_profile="stream"))
    await eventually(lambda: stream._response.content.total_bytes == len(b"".join(LINES)))
    await stream.read()
    first = asyncio.create_task(stream.read())
    await asyncio.sleep(0)
    with pytest.raises(APIConnectionError):
        await stream.read()
    with pytest.raises(APIConnectionError):
        await first
    assert not transport._state.calls
    assert not transport._state.watchdog.running
    assert transport.limits.in_flight == 0


async def test_the_client_is_closed_between_two_reads(serve: Serve, connect: Connect) -> None:
    server = await serve(streaming(stall=True))
    transport = connect(server.url)
    stream = await transport.open(get("/stream", timeout_profile="stream"))
    await stream.read()
    await transport.close()
    assert not transport._state.calls
    with pytest.raises(APIConnectionError, match="closed"):
        await stream.read()


async def test_reads_of_several_tasks_and_of_a_task_that_was_cancelled_before(serve: Serve, connect: Connect) -> None:
    """The timer of a stream serves whoever reads: its cancellation is told apart from those of that task."""
    server = await serve(streaming(pause=0.01, stall=True))
    transport = connect(server.url, timeouts=Timeouts(stream=Timeout(read=0.5)))
    stream = await transport.open(get("/stream", timeout_profile="stream"))
    assert await asyncio.create_task(stream.read())

    async def read_on() -> None:
        task = asyncio.current_task()
        assert task
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.sleep(1)
        assert task.cancelling() == 1
        with pytest.raises(APITimeoutError):
            await rest_of(stream)
        assert task.cancelling() == 1

    await asyncio.create_task(read_on())
    assert transport.limits.in_flight == 0
