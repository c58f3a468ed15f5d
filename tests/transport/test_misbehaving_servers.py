"""The transport against servers that break off, stall, lie and redirect."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver

from tests.eventually import eventually, responses_in_part
from twelvelabs_async._config.timeouts import Timeout
from twelvelabs_async._request.body import JsonBody
from twelvelabs_async._request.form import FormBody, FormField
from twelvelabs_async._request.sources import PathSource
from twelvelabs_async._transport import incoming
from twelvelabs_async.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    BadRequestError,
    DecodeError,
    InternalServerError,
    NotFoundError,
    TooManyRequestsError,
)
from twelvelabs_async.uploads.engine import ChunkBody

from .conftest import KEY, Connect, Peer, Serve, get, post

if TYPE_CHECKING:
    from tests.clock import Clock


async def responding(peer: Peer) -> None:
    while True:
        await peer.body(await peer.request())
        await peer.respond()


async def test_one_connection_serves_many_calls(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    transport = connect(server.url)
    for _ in range(5):
        response = await transport.send(get())
        assert (response.status, response.body) == (200, b"{}")
    assert server.connections == 1
    assert len(server.heads) == 5


async def test_reset_before_the_answer_is_repeated_for_get(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        if peer.number == 1:
            peer.reset()
        else:
            await peer.respond()

    server = await serve(handler)
    assert (await connect(server.url).send(get())).status == 200
    assert server.connections == 2


async def test_max_retries_counts_repeats(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        peer.reset()

    server = await serve(handler)
    with pytest.raises(APIConnectionError) as caught:
        await connect(server.url, max_retries=2).send(get())
    assert len(server.heads) == 3
    assert caught.value.attempts == 3
    server.heads.clear()
    with pytest.raises(APIConnectionError):
        await connect(server.url, max_retries=0).send(get())
    assert len(server.heads) == 1
    server.heads.clear()
    with pytest.raises(APIConnectionError):
        await connect(server.url).send(get(max_retries=1))
    assert len(server.heads) == 2


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_post_that_may_have_been_carried_out_is_not_repeated(serve: Serve, connect: Connect, method: str) -> None:
    async def handler(peer: Peer) -> None:
        await peer.body(await peer.request())
        peer.reset()

    server = await serve(handler)
    request = post(body=JsonBody(b'{"a":1}'))
    request.method = method
    with pytest.raises(APIConnectionError):
        await connect(server.url).send(request)
    assert len(server.heads) == 1


async def test_post_marked_as_repeatable_is_repeated(serve: Serve, connect: Connect) -> None:
    bodies = []

    async def handler(peer: Peer) -> None:
        bodies.append(await peer.body(await peer.request()))
        if peer.number == 1:
            peer.reset()
        else:
            await peer.respond()

    server = await serve(handler)
    response = await connect(server.url).send(post(body=JsonBody(b'{"a":1}'), idempotent=True))
    assert response.status == 200
    assert bodies == [b'{"a":1}'] * 2


@pytest.mark.parametrize("request_", [get(), post(body=JsonBody(b"{}"))], ids=["GET", "POST"])
async def test_connection_that_the_server_closed_is_no_error_for_anyone(
    serve: Serve, connect: Connect, request_: object
) -> None:
    async def handler(peer: Peer) -> None:
        await peer.body(await peer.request())
        await peer.respond()  # promises to stay, and goes

    server = await serve(handler)
    transport = connect(server.url, max_retries=0)
    for _ in range(20):
        assert (await transport.send(request_)).status == 200  # type: ignore[arg-type]
        await eventually(lambda: server.closed == len(server.heads))
    assert len(server.heads) == 20


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_connection_closed_while_the_loop_was_busy_is_not_used(connect: Connect, method: str) -> None:
    answered = threading.Event()

    def serve_in_thread() -> None:
        for _ in range(2):
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            answered.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve_in_thread)
        thread.start()
        transport = connect(f"http://127.0.0.1:{listener.getsockname()[1]}", max_retries=0)
        request = post()
        request.method = method
        await transport.send(request)
        answered.wait(5)
        time.sleep(0.02)  # noqa: ASYNC251 - the loop must not notice that the connection ends
        assert (await transport.send(request)).status == 200
        await asyncio.to_thread(thread.join)


async def test_used_connection_that_breaks_does_not_count_as_an_attempt(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond()
        await peer.request()
        if peer.number == 1:
            peer.reset()  # the first connection breaks on its second request
        else:
            await peer.respond()

    server = await serve(handler)
    transport = connect(server.url, max_retries=0)
    await transport.send(get())
    assert (await transport.send(get())).status == 200
    assert len(server.heads) == 3


async def test_refused_connection_is_repeated_even_for_post(
    serve: Serve, connect: Connect, unused_tcp_port: int
) -> None:
    transport = connect(f"http://127.0.0.1:{unused_tcp_port}", max_retries=2)
    with pytest.raises(APIConnectionError, match=f"no connection to http://127.0.0.1:{unused_tcp_port}") as caught:
        await transport.send(post(body=JsonBody(b"{}")))
    assert caught.value.attempts == 3


async def test_server_that_accepts_and_says_nothing_is_a_connect_timeout(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await asyncio.sleep(30)

    server = await serve(handler)
    url = server.url.replace("http://", "https://")  # the TLS handshake is part of connecting
    with pytest.raises(APITimeoutError, match=r"no connection to https://127\.0\.0\.1:\d+ within 0\.1 s") as caught:
        await connect(url, timeout=Timeout(connect=0.1)).send(post())
    assert caught.value.attempts == 3
    async with aiohttp.ClientSession() as session:
        with pytest.raises(APITimeoutError, match="no connection"):
            await connect(url, session=session, timeout=Timeout(connect=0.1), max_retries=0).send(post())


async def test_unknown_host(connect: Connect) -> None:
    class Resolver(AbstractResolver):
        async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> Any:
            raise OSError(None, "no such name")

        async def close(self) -> None: ...

    connector = aiohttp.TCPConnector(resolver=Resolver())
    transport = connect("https://nowhere.test/v1.3", max_retries=0, connector=connector)
    with pytest.raises(APIConnectionError, match=r"name of https://nowhere\.test cannot be looked up.*no such name"):
        await transport.send(get())
    with pytest.raises(APIConnectionError, match=r"name of https://store\.test cannot be looked up.*no such name"):
        await transport.send(get(url="https://STORE.test/1"))
    await connector.close()


async def test_truncated_answers(serve: Serve, connect: Connect) -> None:
    async def with_length(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b'{"a":', length=100)

    async def chunked(peer: Peer) -> None:
        await peer.request()
        peer.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n")
        await peer.writer.drain()

    async def reset(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b'{"a":', length=100)
        await asyncio.sleep(0.02)
        peer.reset()

    for handler in (with_length, chunked, reset):
        server = await serve(handler)
        with pytest.raises(APIConnectionError):
            await connect(server.url).send(get())
        assert len(server.heads) == 3, handler
        server.heads.clear()
        with pytest.raises(APIConnectionError):
            await connect(server.url).send(post())
        assert len(server.heads) == 1, handler


async def test_no_http_at_all(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        peer.writer.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        await peer.writer.drain()

    server = await serve(handler)
    with pytest.raises(APIConnectionError, match="no HTTP"):
        await connect(server.url, max_retries=0).send(get())


async def test_stalled_server_before_and_within_the_answer(serve: Serve, connect: Connect) -> None:
    async def before(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(30)

    async def within(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b'{"a":', length=100)
        await asyncio.sleep(30)

    for handler in (before, within):
        server = await serve(handler)
        transport = connect(server.url, timeout=Timeout(read=0.1), max_retries=1)
        with pytest.raises(APITimeoutError, match=r"silent for 0\.1 s") as caught:
            await transport.send(get())
        assert caught.value.attempts == 2
        await eventually(lambda server=server: len(server.heads) == 2)  # type: ignore[misc]
        with pytest.raises(APITimeoutError):
            await transport.send(post())
        await eventually(lambda server=server: len(server.heads) >= 3)  # type: ignore[misc]
        assert len(server.heads) == 3


async def test_answer_that_trickles_is_not_silent_but_has_a_total(serve: Serve, connect: Connect, clock: Clock) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b"", length=10)
        for sent in range(1, 11):
            clock.advance(60)
            peer.writer.write(b"x")
            await eventually(partial(received, peer, sent))

    def received(peer: Peer, sent: int) -> bool:
        """Whether the client has got as many bytes, all of them, or enough."""
        return sent == 10 or peer.gone or sent in {response.content.total_bytes for response in responses_in_part()}

    server = await serve(handler)
    timeout = Timeout(read=100, total=10_000)
    assert (await connect(server.url, timeout=timeout).send(get())).body == b"x" * 10
    server.heads.clear()
    with pytest.raises(APITimeoutError, match="within 200 s"):
        await connect(server.url, timeout=Timeout(read=100, total=200)).send(get())
    assert len(server.heads) == 1


async def test_silence_during_an_upload_begins_after_the_last_byte(
    serve: Serve, connect: Connect, tmp_path_factory: pytest.TempPathFactory, clock: Clock
) -> None:
    path = tmp_path_factory.mktemp("up") / "a.bin"
    path.write_bytes(bytes(40_000_000))
    stalls = True

    async def handler(peer: Peer) -> None:
        head = await peer.request()
        for number in range(10):
            if number < 5:  # a slow reader; the kernel's buffers do not hold the other half
                clock.advance(150)
            await asyncio.sleep(0.01)
            await peer.reader.readexactly(4_000_000)
        while stalls:
            clock.advance(50)
            await asyncio.sleep(0.01)
        assert b"Content-Length: 40000000" in head
        await peer.respond()

    server = await serve(handler)
    source = PathSource.of(path)
    request = post(body=ChunkBody(source, 0, source.size, None), timeout_profile="upload")
    transport = connect(server.url, timeout=Timeout(read=100, total=100_000))
    with pytest.raises(APITimeoutError, match="silent"):
        await transport.send(request)
    stalls = False
    assert (await transport.send(request)).status == 200


async def test_silence_of_a_stream_begins_after_a_large_body(serve: Serve, connect: Connect, clock: Clock) -> None:
    """A file as base64 text takes time to send, as an upload does."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        for number in range(10):
            if number < 5:
                clock.advance(150)
            await asyncio.sleep(0.01)
            await peer.reader.readexactly(4_000_000)
        await peer.respond(b"line\n")

    server = await serve(handler)
    request = post(body=JsonBody(b"x" * 40_000_000), timeout_profile="stream")
    transport = connect(server.url, timeout=Timeout(read=100, total=100_000))
    async with transport.stream(request) as response:
        assert await response.read() == b"line\n"


async def test_errors_have_their_class_and_hold_plain_values(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(
            b'{"code":"parameter_invalid","message":"key %s is wrong"}' % KEY.encode(),
            "400 Bad Request",
            "X-Request-Id: req_1",
        )

    server = await serve(handler)
    with pytest.raises(BadRequestError) as caught:
        await connect(server.url).send(get())
    error = caught.value
    assert (error.status, error.code, error.request_id) == (400, "parameter_invalid", "req_1")
    assert KEY not in str(error) + repr(error) + repr(error.headers) + repr(error.body)
    assert error.__context__ is None
    assert error.__cause__ is None
    assert len(server.heads) == 1


async def test_error_with_a_body_that_breaks_off_keeps_its_status(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b'{"code":"x', "404 Not Found", length=500)

    server = await serve(handler)
    with pytest.raises(NotFoundError):
        await connect(server.url).send(get())


async def test_huge_error_body_is_not_read_to_its_end(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        peer.writer.write(b"HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            peer.writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            await peer.writer.drain()

    server = await serve(handler)
    with pytest.raises(InternalServerError):
        await connect(server.url, max_retries=0).send(get())


@pytest.mark.parametrize(
    "status", ["408 Timeout", "429 Too Many", "502 Bad", "503 Unavailable", "504 Late", "500 Oops"]
)
async def test_statuses_that_are_repeated_for_get(serve: Serve, connect: Connect, status: str) -> None:
    async def handler(peer: Peer) -> None:
        for answer in (status, status, "200 OK"):
            await peer.request()
            await peer.respond(b"{}", answer)

    server = await serve(handler)
    assert (await connect(server.url).send(get())).status == 200
    assert len(server.heads) == 3


@pytest.mark.parametrize(
    ("status", "headers", "repeated"),
    [
        ("408 Timeout", (), True),
        ("429 Too Many", (), True),
        ("503 Unavailable", ("Retry-After: 0",), True),
        ("503 Unavailable", (), False),
        ("502 Bad", (), False),
        ("504 Late", ("Retry-After: 0",), False),
        ("500 Oops", (), False),
        ("409 Conflict", (), False),
    ],
)
async def test_statuses_that_are_repeated_for_post(
    serve: Serve, connect: Connect, status: str, headers: tuple[str, ...], repeated: bool
) -> None:
    async def handler(peer: Peer) -> None:
        await peer.body(await peer.request())
        await peer.respond(b"{}", status, *headers)
        await peer.body(await peer.request())
        await peer.respond()

    server = await serve(handler)
    transport = connect(server.url)
    if repeated:
        assert (await transport.send(post(body=JsonBody(b"{}")))).status == 200
    else:
        with pytest.raises(APIStatusError):
            await transport.send(post(body=JsonBody(b"{}")))
    assert len(server.heads) == (2 if repeated else 1)


async def test_retry_after_beyond_the_cap_is_an_error_at_once(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.respond(b"{}", "429 Too Many", "Retry-After: 4000", "X-Ratelimit-Limit: 60")

    server = await serve(handler)
    with pytest.raises(TooManyRequestsError) as caught:
        await connect(server.url).send(get(rate_limit_group="search"))
    assert caught.value.retry_after == 4000
    assert caught.value.limit == 60
    assert len(server.heads) == 1


async def test_pause_longer_than_the_total_is_an_error_at_once(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b"{}", "429 Too Many", "Retry-After: 30")

    server = await serve(handler)
    with pytest.raises(TooManyRequestsError):
        await connect(server.url, timeout=5).send(get())
    assert len(server.heads) == 1


async def test_delete_that_was_carried_out_without_an_answer_succeeds(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        if peer.number == 1:
            peer.reset()
        else:
            await peer.respond(b'{"code":"resource_not_exist","message":"gone"}', "404 Not Found")

    server = await serve(handler)
    transport = connect(server.url)
    request = get()
    request.method = "DELETE"
    response = await transport.send(request)
    assert (response.status, response.body) == (204, b"")
    await eventually(lambda: server.closed == 2)
    with pytest.raises(NotFoundError):
        await transport.send(request)  # this one was not there from the start


async def test_empty_answers_stay_empty(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        peer.writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await peer.request()
        await peer.respond(b"", "202 Accepted")

    server = await serve(handler)
    transport = connect(server.url)
    assert (await transport.send(get())).body == b""
    response = await transport.send(get())
    assert (response.status, response.body) == (202, b"")
    assert server.connections == 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_compressed_answers_are_decompressed(serve: Serve, connect: Connect, encoding: str) -> None:
    body = b'{"values":[' + b"0.12345," * 50_000 + b"1]}"
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(packed, "200 OK", f"Content-Encoding: {encoding}")

    server = await serve(handler)
    assert (await connect(server.url).send(get())).body == body


async def test_broken_compression_is_a_decode_error(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b"this is not gzip", "200 OK", "Content-Encoding: gzip")

    server = await serve(handler)
    with pytest.raises(DecodeError, match="decompressed"):
        await connect(server.url).send(get())


async def test_gzip_bomb_ends_in_a_decode_error_with_bounded_memory(serve: Serve, connect: Connect) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()  # 256 MiB of zeros
    bomb *= 4  # members of one gzip file: 1 GiB

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(bomb, "200 OK", "Content-Encoding: gzip")

    server = await serve(handler)
    transport = connect(server.url)
    tracemalloc.start()
    try:
        with pytest.raises(DecodeError, match="expands too much"):
            await transport.send(get())

        async def read_all() -> None:
            async with transport.stream(get(timeout_profile="stream")) as stream:
                while await stream.read():
                    pass

        with pytest.raises(DecodeError):
            await read_all()
        assert tracemalloc.get_traced_memory()[1] < 48 * 1024 * 1024
    finally:
        tracemalloc.stop()


async def test_answer_above_the_cap_is_a_decode_error(serve: Serve, connect: Connect) -> None:
    async def announced(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b"x" * 10, length=1_000_000)

    async def chunked(peer: Peer) -> None:
        await peer.request()
        peer.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(100):
            peer.writer.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
            await peer.writer.drain()

    for handler in (announced, chunked):
        server = await serve(handler)
        with pytest.raises(DecodeError, match="larger than 5000 bytes"):
            await connect(server.url, max_response_bytes=5000).send(get())


async def test_pieces_of_a_very_large_answer_are_joined(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        peer.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for digit in b"0123456789":
            peer.writer.write(b"3e8\r\n" + bytes([digit]) * 1000 + b"\r\n")
            await asyncio.sleep(0.01)  # what comes as a whole, with its head, is not joined
        peer.writer.write(b"0\r\n\r\n")

    monkeypatch.setattr(incoming, "JOINED_ON_LOOP", 5000)
    server = await serve(handler)
    response = await connect(server.url).send(get())
    assert response.body == b"".join(bytes([digit]) * 1000 for digit in b"0123456789")


async def test_form_with_files_is_sent_with_its_length(
    serve: Serve, connect: Connect, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("form") / "a.mp4"
    path.write_bytes(b"v" * 700_000)
    bodies = []

    async def handler(peer: Peer) -> None:
        head = await peer.request()
        bodies.append(await peer.body(head))
        assert b"chunked" not in head
        await peer.respond(b"{}", "429 Slow" if len(bodies) == 1 else "200 OK")

    server = await serve(handler)
    form = FormBody([FormField("index_id", "1"), FormField("video_file", PathSource.of(path), 'a".mp4', "video/mp4")])
    assert (await connect(server.url).send(post(body=form, timeout_profile="upload"))).status == 200
    assert bodies[0] == bodies[1]
    assert b"v" * 700_000 in bodies[0]
    assert b'filename="a%22.mp4"\r\nContent-Type: video/mp4\r\n\r\n' in bodies[0]


async def test_large_json_is_sent_without_a_warning(serve: Serve, connect: Connect) -> None:
    lengths = []

    async def handler(peer: Peer) -> None:
        lengths.append(len(await peer.body(await peer.request())))
        await peer.respond()

    server = await serve(handler)
    await connect(server.url).send(post(body=JsonBody(b'"' + b"x" * 5_000_000 + b'"')))
    assert lengths == [5_000_002]


async def test_file_that_changes_during_the_upload_is_an_error(
    serve: Serve, connect: Connect, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("form") / "a.mp4"
    path.write_bytes(b"v" * 700_000)

    async def handler(peer: Peer) -> None:
        await peer.body(await peer.request())
        await peer.respond()

    server = await serve(handler)
    source = PathSource.of(path)
    path.write_bytes(b"v" * 600_000)
    body = FormBody([FormField("video_file", source, "a.mp4")])
    with pytest.raises(APIConnectionError, match="changed while it was being sent"):
        await connect(server.url).send(post(body=body, timeout_profile="upload", idempotent=True))
    assert len(server.heads) <= 1


async def test_server_that_answers_before_the_body_is_read(
    serve: Serve, connect: Connect, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("form") / "a.mp4"
    path.write_bytes(b"v" * 20_000_000)

    read = asyncio.Event()

    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b'{"code":"video_filesize_too_large","message":"no"}', "400 Bad Request")
        await read.wait()  # closing would throw away what the client has not read

    server = await serve(handler)
    source = PathSource.of(path)
    body = FormBody([FormField("video_file", source, "a.mp4")])
    with pytest.raises(BadRequestError):
        await connect(server.url).send(post(body=body, timeout_profile="upload"))
    read.set()
