"""Bodies that are cut, stall, or end early: one table for each kind of response, one row for each behaviour.

A row says what the server sends after the head of the request, byte by byte, and how it ends. To add one, add a line.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import zlib
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import attrs
import pytest
from aiohttp import hdrs
from aiohttp.client_reqrep import ClientRequest
from backports import zstd
from multidict import CIMultiDict, CIMultiDictProxy

from twelvelabs_async import (
    APIConnectionError,
    APIStatusError,
    AsyncTwelveLabs,
    AuthenticationError,
    BadRequestError,
    DecodeError,
    InternalServerError,
    NotFoundError,
    RetryPolicy,
    StreamError,
    TooManyRequestsError,
)
from twelvelabs_async._transport import decompression
from twelvelabs_async._transport.incoming import STEPS_A_TURN, is_delimited
from twelvelabs_async.types import AnalyzeBatchStatusResponse, CreateAnalyzeBatchResponse

from .conftest import KEY, Connect, Peer, Serve, eventually, get

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

brotli: Any = pytest.importorskip("brotli")

LONG: Final = 30.0
"""Seconds that no test waits: what ends earlier was ended by the client."""

INDEX: Final = b'{"_id":"i1","index_name":"films","models":[],"created_at":"2026-01-01T00:00:00Z"}'
RESULTS: Final = [
    json.dumps({"task_id": f"t{number}", "custom_id": None, "status": "ready"}).encode() + b"\n"
    for number in range(400)
]
BATCH: Final = b"".join(RESULTS)
HALF: Final = b"".join(RESULTS[:200])


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACK: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "raw deflate": raw_deflate,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def wide_zstd(data: bytes) -> bytes:
    """A small frame for which a decompressor has to reserve 128 MiB."""
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    return bytes(packer.compress(data) + packer.flush())


def one_by_one(data: bytes) -> bytes:
    """A member whose data was flushed after each byte: most of it are empty blocks."""
    packer = zlib.compressobj(wbits=31)
    return b"".join(packer.compress(data[at : at + 1]) + packer.flush(zlib.Z_SYNC_FLUSH) for at in range(len(data))) + (
        packer.flush()
    )


def flushing(name: str) -> Callable[[bytes], bytes]:
    """A compressor of which everything can be read up to where it was flushed, and that lacks its end."""
    packer: Any
    if name == "br":
        packer = brotli.Compressor()
        return lambda data: bytes(packer.process(data) + packer.flush())
    if name == "zstd":
        packer = zstd.ZstdCompressor()
        return lambda data: bytes(packer.compress(data, zstd.ZstdCompressor.FLUSH_BLOCK))
    packer = zlib.compressobj(wbits={"gzip": 31, "deflate": 15, "raw deflate": -15}[name])
    return lambda data: bytes(packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH))


def flushed(name: str, data: bytes) -> bytes:
    """Compressed data from which everything can be read, and that lacks its end."""
    return flushing(name)(data)


def sent(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A response whose headers say nothing of its length."""
    return "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""]).encode() + body


def with_length(body: bytes, *headers: str, more: int = 0, status: str = "200 OK") -> bytes:
    return sent(body, f"Content-Length: {len(body) + more}", *headers, status=status)


def with_chunks(body: bytes, *headers: str, last: bytes = b"0\r\n\r\n") -> bytes:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:100], body[100:]) if part)
    return sent(chunks + last, "Transfer-Encoding: chunked", *headers)


def packed(name: str) -> str:
    return f"Content-Encoding: {name.removeprefix('raw ')}"


@attrs.define(eq=False)
class Scripted:
    """Sends the same response to every request, and ends the connection as it is told."""

    response: bytes
    end: str = "close"
    requests: int = 0
    gone: int = 0

    async def serve(self, peer: Peer) -> None:
        while True:
            await peer.body(await peer.request())
            self.requests += 1
            peer.writer.write(self.response)
            await peer.writer.drain()
            if self.end == "close":
                return
            if self.end == "reset":
                await asyncio.sleep(0.1)  # the client reads what was sent; then comes the reset
                peer.reset()
                return
            if self.end == "stall":
                await peer.reader.read()  # until the client leaves
                self.gone += 1
                return


@pytest.fixture(params=["own session", "session of the user"])
async def session(request: pytest.FixtureRequest) -> AsyncIterator[aiohttp.ClientSession | None]:
    if request.param == "own session":
        yield None
        return
    async with aiohttp.ClientSession() as session:
        yield session


@attrs.frozen
class Row:
    """One response to `batches.results`."""

    id: str
    response: bytes
    problem: str | None = None
    """What the StreamError says; None where all results come."""
    end: str = "close"
    count: int = len(RESULTS)
    """Results that come before the end or the error."""
    expected: int | None = None


CUT_SHORT = "broke before its last event.*cut short"
UNKNOWN_END = "neither a length nor chunks"

BATCHES = [
    Row("a length", with_length(BATCH), end="keep"),
    Row("chunks", with_chunks(BATCH), end="keep"),
    Row("a length, cut at a line", with_length(HALF, more=len(BATCH) - len(HALF)), CUT_SHORT, count=200),
    Row("a length, reset at a line", with_length(HALF, more=999), CUT_SHORT, "reset", count=200),
    Row("chunks without the last one", with_chunks(HALF, last=b""), CUT_SHORT, count=200),
    Row("the end of the connection, at a line", sent(HALF, "Connection: close"), UNKNOWN_END, count=200),
    Row("the end of the connection, by a reset", sent(HALF, "Connection: close"), UNKNOWN_END, "reset", count=200),
    Row("the end of the connection, no header", sent(HALF), UNKNOWN_END, count=200),
    Row("the end of the connection, HTTP/1.0", sent(HALF).replace(b"1.1", b"1.0", 1), UNKNOWN_END, count=200),
    Row("the end of the connection, within a line", sent(HALF[:-5]), "in the middle of an event", count=199),
    Row("the end of the connection, all expected came", sent(BATCH), expected=400),
    Row("the end of the connection, some expected did not", sent(HALF), "200 of 400", count=200, expected=400),
    Row("empty, a length", with_length(b""), "the response is empty", "keep", count=0),
    Row("empty, chunks", with_chunks(b""), "the response is empty", "keep", count=0),
    Row("empty, the end of the connection", sent(b""), "the response is empty", count=0),
    Row("empty, expected", with_length(b""), "after 0 of 400 results", "keep", count=0, expected=400),
    Row("empty, 204", sent(b"", status="204 No Content"), "the response is empty", "keep", count=0),
    Row("blank lines", with_length(b"\n\n \n"), "the response is empty", "keep", count=0),
    Row("empty, compressed", with_length(gzip.compress(b""), packed("gzip")), "is empty", "keep", count=0),
    Row("a length, fewer than expected", with_length(HALF), "after 200 of 400 results", "keep", 200, 400),
    Row("a length, as expected", with_length(BATCH), None, "keep", expected=400),
    *(
        row
        for name, pack in PACK.items()
        for row in (
            Row(f"{name}, whole", with_length(pack(BATCH), packed(name)), end="keep"),
            Row(f"{name}, whole, in chunks", with_chunks(pack(BATCH), packed(name)), end="keep"),
            Row(f"{name}, without its end", with_length(flushed(name, HALF), packed(name)), CUT_SHORT, "keep", 200),
            Row(
                f"{name}, without its end, in chunks",
                with_chunks(flushed(name, HALF), packed(name)),
                CUT_SHORT,
                "keep",
                200,
            ),
            Row(
                f"{name}, without its end, nor that of HTTP",
                sent(flushed(name, HALF), packed(name)),
                CUT_SHORT,
                count=200,
            ),
            Row(f"{name}, whole, at the end of the connection", sent(pack(HALF), packed(name)), UNKNOWN_END, count=200),
        )
    ),
    Row("gzip, without its checksum", with_length(gzip.compress(BATCH)[:-8], packed("gzip")), CUT_SHORT, "keep"),
    Row("gzip, without the last byte", with_length(gzip.compress(BATCH)[:-1], packed("gzip")), CUT_SHORT, "keep"),
    Row("gzip, two members", with_length(gzip.compress(HALF) * 2, packed("gzip")), None, "keep"),
    Row(
        "gzip, a member for each line", with_length(b"".join(map(gzip.compress, RESULTS)), packed("gzip")), None, "keep"
    ),
    Row(
        "gzip, the second member without its end",
        with_length(gzip.compress(HALF) + gzip.compress(HALF)[:-3], packed("gzip")),
        CUT_SHORT,
        "keep",
    ),
    Row(
        "gzip, the head of a second member",
        with_length(gzip.compress(HALF) + gzip.compress(HALF)[:10], packed("gzip")),
        CUT_SHORT,
        "keep",
        count=200,
    ),
    Row(
        "gzip, cut in the head of its only member",
        with_length(gzip.compress(HALF)[:7], packed("gzip")),
        CUT_SHORT,
        "keep",
        count=0,
    ),
    Row("gzip, nothing of it", with_length(b"", packed("gzip")), "is empty", "keep", count=0),
    Row("gzip, in upper case, after identity", with_length(gzip.compress(BATCH), packed("identity, GZIP")), end="keep"),
    Row(
        "gzip, in a second line of the header",
        with_length(gzip.compress(BATCH), packed("identity"), packed("gzip")),
        end="keep",
    ),
    Row(
        "gzip in gzip, which was not asked for",
        with_length(gzip.compress(gzip.compress(BATCH)), packed("gzip, gzip")),
        "not a JSON object",
        "keep",
        count=0,
    ),
    Row("gzip, byte by byte", with_length(b"".join(map(one_by_one, RESULTS[:20])), packed("gzip")), None, "keep", 20),
    Row(
        "gzip, a wrong checksum",
        with_length(gzip.compress(HALF)[:-8] + b"\0" * 8, packed("gzip")),
        "is damaged",
        "keep",
        count=0,
    ),
    Row(
        "gzip, the second member damaged",
        with_length(gzip.compress(HALF) + b"GARBAGE!" * 20, packed("gzip")),
        "is damaged",
        "keep",
        count=200,
    ),
    Row("zstd, two frames", with_length(zstd.compress(HALF) * 2, packed("zstd")), None, "keep"),
    Row("x-gzip", with_length(gzip.compress(BATCH), packed("x-gzip")), None, "keep"),
    Row("identity", with_length(BATCH, packed("identity")), None, "keep"),
]


@pytest.mark.parametrize("row", BATCHES, ids=lambda row: row.id)
async def test_results_of_a_batch(serve: Serve, session: aiohttp.ClientSession | None, row: Row) -> None:
    server = await serve(Scripted(row.response, row.end).serve)
    received = 0
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, session=session) as client:
        stream = client.analyze_async.batches.results("b1", expected=row.expected)

        async def read() -> None:
            nonlocal received
            async for _ in stream:
                received += 1

        if row.problem is None:
            await read()
        else:
            with pytest.raises(StreamError, match=row.problem) as caught:
                await read()
            assert len(caught.value.events) == received
        assert received == row.count
        assert client.limits.in_flight == 0


async def test_part_that_nobody_asked_for(serve: Serve, session: aiohttp.ClientSession | None) -> None:
    part = with_length(HALF, f"Content-Range: bytes 0-{len(HALF) - 1}/{len(BATCH)}", status="206 Partial Content")
    server = await serve(Scripted(part, "keep").serve)
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, session=session) as client:
        with pytest.raises(DecodeError, match="status 206, which stands for a part") as caught:
            async for _ in client.analyze_async.batches.results("b1"):
                pass
        assert caught.value.status == 206
        with pytest.raises(DecodeError, match="status 206"):
            await client.get("/results")
        asked = client.analyze_async.batches.results("b1", request_options={"headers": {"range": "bytes=0-"}})
        assert len([item async for item in asked]) == 200
        assert client.limits.in_flight == 0


def batch(status: str, ready: int, failed: int = 0) -> AnalyzeBatchStatusResponse:
    counts: dict[str, Any] = {"queued_items": 0, "processing_items": 0, "canceled_items": 0}
    return AnalyzeBatchStatusResponse(
        batch_id="b1", analysis_mode="general", model_name="m", status=status, total_items=400,
        created_at=NOW, expires_at=NOW, ready_items=ready, failed_items=failed, **counts,
    )  # fmt: skip


NOW: Any = "2026-01-01T00:00:00Z"
CREATED = CreateAnalyzeBatchResponse(
    batch_id="b1", status="pending", total_items=400, created_at=NOW, expires_at=NOW, items=[]
)


@pytest.mark.parametrize(
    ("given", "expected", "missing"),
    [
        (CREATED, None, "200 of 400"),
        (batch("completed", 400), None, "200 of 400"),
        (batch("completed", 390, 10), None, "200 of 400"),
        (batch("canceled", 200, 3), None, "200 of 203"),
        (batch("canceled", 150, 50), None, None),
        (batch("expired", 0), None, None),
        (CREATED, 200, None),
        (CREATED, 201, "200 of 201"),
        ("b1", 201, "200 of 201"),
        ("b1", None, None),
    ],
)
async def test_the_number_of_results_is_that_of_the_batch(
    serve: Serve, given: Any, expected: int | None, missing: str | None
) -> None:
    server = await serve(Scripted(with_length(HALF), "keep").serve)
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
        stream = client.analyze_async.batches.results(given, expected=expected)
        if missing is None:
            assert len(await stream.collect()) == 200
        else:
            with pytest.raises(StreamError, match=missing):
                await stream.collect()
    (head,) = server.heads  # no request more
    assert head.startswith(b"GET /v1.3/analyze/batches/b1/results ")


EVENTS = b'{"event_type":"text_generation","text":"a"}\n'
LAST = b'{"event_type":"stream_end","finish_reason":"stop","metadata":{}}\n'

STREAMS = [
    ("the end of the connection, complete", sent(EVENTS + LAST), None),
    ("the end of the connection, cut", sent(EVENTS), "before its last event"),
    ("gzip, complete", with_length(gzip.compress(EVENTS + LAST), packed("gzip")), None),
    ("gzip, complete but for its end", with_length(flushed("gzip", EVENTS + LAST), packed("gzip")), None),
    ("gzip, cut", with_length(flushed("gzip", EVENTS), packed("gzip")), "before its last event"),
    (
        "gzip, complete, with a wrong checksum",
        with_length(gzip.compress(EVENTS + LAST)[:-8] + b"\0" * 8, packed("gzip")),
        "is damaged: .* cannot be decompressed",
    ),
    ("no gzip at all", with_length(EVENTS + LAST, packed("gzip")), "is damaged: .* cannot be decompressed"),
    ("empty, a length", with_length(b""), "before its last event"),
    ("empty, the end of the connection", sent(b""), "before its last event"),
]


@pytest.mark.parametrize(("response", "problem"), [row[1:] for row in STREAMS], ids=[row[0] for row in STREAMS])
async def test_streams_with_a_last_event(serve: Serve, response: bytes, problem: str | None) -> None:
    """The last event shows that the stream is complete, and nothing else does."""
    server = await serve(Scripted(response).serve)
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
        stream = client.analyze_stream(video={"type": "asset_id", "asset_id": "a1"}, prompt="What?")
        if problem is None:
            assert await stream.read_text() == "a"
        else:
            with pytest.raises(StreamError, match=problem):
                await stream.read_text()


@pytest.mark.parametrize(
    "response",
    [
        sent(EVENTS + LAST),
        with_length(EVENTS + LAST),
        sent(b'{"id":"g1","data":"a"}'),
        with_chunks(b'{"id":"g1","data":"a"}'),
    ],
    ids=["lines, the end of the connection", "lines, a length", "one object, the end of the connection", "one, chunks"],
)
async def test_text_that_comes_as_lines_or_as_one_object(serve: Serve, response: bytes) -> None:
    server = await serve(Scripted(response).serve)
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
        with pytest.warns(DeprecationWarning, match="analyze"):
            assert (await client.generate(video_id="v1", prompt="What?")).data == "a"


FLUSHED = {
    "lines": ("analyze_stream", [EVENTS, EVENTS, LAST]),
    "server-sent events": (
        "responses.create_stream",
        [
            *[
                b'data: {"type":"response.output_text.delta","sequence_number":1,"item_id":"i","output_index":0,'
                b'"content_index":0,"delta":"a"}\n\n'
            ]
            * 2,
            b'data: {"type":"response.completed","sequence_number":2}\n\n',
        ],
    ),
}


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("kind", FLUSHED)
async def test_events_come_as_soon_as_they_are_flushed(serve: Serve, name: str, kind: str) -> None:
    """The server sends an event only when the client has the one before, half of it in a packet of its own."""
    path, parts = FLUSHED[kind]
    received = asyncio.Semaphore(1)

    async def handler(peer: Peer) -> None:
        await peer.body(await peer.request())
        content_type = "application/x-ndjson" if kind == "lines" else "text/event-stream"
        peer.writer.write(sent(b"", packed(name), f"Content-Type: {content_type}", "Connection: close"))
        pack = flushing(name)
        for part in parts:
            await received.acquire()
            data = pack(part)
            peer.writer.write(data[:5])
            await peer.writer.drain()
            await asyncio.sleep(0.01)
            peer.writer.write(data[5:])

    server = await serve(handler)
    count = 0
    async with asyncio.timeout(LONG), AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
        stream: Any = (
            client.analyze_stream(video={"type": "asset_id", "asset_id": "a1"}, prompt="What?")
            if path == "analyze_stream"
            else client.responses.create_stream(knowledge_store_id="k1", input=[])
        )
        async for _ in stream:
            count += 1
            received.release()
    assert count == len(parts)
    assert stream.text == "aa"


CALLS: list[tuple[str, bytes, str, type[Exception] | None]] = [
    ("the end of the connection, whole", sent(INDEX), "close", None),
    ("the end of the connection, cut", sent(INDEX[:-1]), "close", DecodeError),
    ("the end of the connection, gzip", sent(gzip.compress(INDEX), packed("gzip")), "close", None),
    ("an unknown encoding is left as it is", with_length(INDEX, packed("utf-8")), "keep", None),
    ("two encodings", with_length(gzip.compress(gzip.compress(INDEX)), packed("gzip, gzip")), "keep", DecodeError),
    ("no gzip at all", with_length(INDEX, packed("gzip")), "keep", DecodeError),
    ("something after gzip", with_length(gzip.compress(INDEX) + b"more", packed("gzip")), "keep", DecodeError),
    *(
        (f"{name}, and more", with_length(PACK[name](INDEX) + more, packed(name)), "keep", DecodeError)
        for name in PACK
        for more in (b"\0" * 8, b"GARBAGE!")
    ),
    *(
        (f"{name}, twice", with_length(PACK[name](INDEX[:9]) + PACK[name](INDEX[9:]), packed(name)), "keep", problem)
        for name, problem in (("gzip", None), ("zstd", None), ("deflate", DecodeError), ("br", DecodeError))
    ),
    ("a wrong size", with_length(gzip.compress(INDEX)[:-4] + b"\0" * 4, packed("gzip")), "keep", DecodeError),
    ("zstd with a window of 128 MiB", with_length(wide_zstd(INDEX), packed("zstd")), "keep", DecodeError),
    (
        "a wrong checksum",
        with_length(gzip.compress(INDEX)[:-8] + b"\0" * 8, packed("gzip")),
        "keep",
        DecodeError,
    ),
    *(
        row
        for name, pack in PACK.items()
        for row in (
            (f"{name}, whole", with_length(pack(INDEX), packed(name)), "keep", None),
            (f"{name}, without its end", with_length(flushed(name, INDEX), packed(name)), "keep", APIConnectionError),
            (f"{name}, cut", with_length(pack(INDEX)[:-6], packed(name)), "keep", APIConnectionError),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("response", "end", "problem"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS])
async def test_plain_responses(
    serve: Serve,
    session: aiohttp.ClientSession | None,
    response: bytes,
    end: str,
    problem: type[Exception] | None,
) -> None:
    script = Scripted(response, end)
    server = await serve(script.serve)
    async with AsyncTwelveLabs(
        api_key=KEY, base_url=server.url, session=session, retry=RetryPolicy(initial=0.0, max_retries=1)
    ) as client:
        if problem is None:
            assert (await client.indexes.retrieve("i1")).index_name == "films"
            return
        with pytest.raises(problem):
            await client.indexes.retrieve("i1")
    # A response that was cut is retried, like one that breaks off in any other way; a damaged one is not.
    assert script.requests == (2 if problem is APIConnectionError else 1)


BODY = b'{"code":"some_code","message":"some message"}'


@attrs.frozen
class Refusal:
    """One response that is not 2xx, whose body does not come to its end."""

    id: str
    response: bytes
    error: type[APIStatusError | APIConnectionError]
    code: str | None = None
    requests: int = 1


def stalled(status: str, body: bytes, *headers: str) -> bytes:
    return with_length(body, *headers, more=500, status=status)


REFUSALS = [
    Refusal("400", stalled("400 Bad Request", BODY[:20]), BadRequestError),
    Refusal("401", stalled("401 Unauthorized", BODY[:20]), AuthenticationError),
    Refusal("404", stalled("404 Not Found", BODY), NotFoundError, "some_code"),
    Refusal("429", stalled("429 Slow Down", BODY, "Retry-After: 0"), TooManyRequestsError, "some_code", 2),
    Refusal("503", stalled("503 Busy", BODY[:5], "Retry-After: 0"), InternalServerError, None, 2),
    Refusal("500, nothing of the body", stalled("500 Oops", b""), InternalServerError, None, 2),
    Refusal("401, nothing of the body", stalled("401 Unauthorized", b""), AuthenticationError),
    Refusal(
        "400, chunks",
        sent(b"%x\r\n%b\r\n" % (len(BODY), BODY), "Transfer-Encoding: chunked", status="400 Bad Request"),
        BadRequestError,
        "some_code",
    ),
    Refusal("400, no length", sent(BODY, status="400 Bad Request"), BadRequestError, "some_code"),
    Refusal("302", stalled("302 Found", b"x", "Location: https://example.com/"), APIConnectionError),
    *(
        Refusal(
            f"400, {name}", stalled("400 Bad Request", flushed(name, BODY), packed(name)), BadRequestError, "some_code"
        )
        for name in PACK
    ),
]


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.id)
async def test_an_error_survives_a_body_that_stalls(
    serve: Serve, session: aiohttp.ClientSession | None, monkeypatch: pytest.MonkeyPatch, row: Refusal
) -> None:
    monkeypatch.setattr("twelvelabs_async._transport.incoming.ERROR_SECONDS", 0.1)
    script = Scripted(row.response, "stall")
    server = await serve(script.serve)
    async with AsyncTwelveLabs(
        api_key=KEY, base_url=server.url, session=session, retry=RetryPolicy(initial=0.0, max_retries=1)
    ) as client:
        async with asyncio.timeout(LONG / 3):
            with pytest.raises(row.error) as caught:
                await client.indexes.retrieve("i1")
        assert (type(caught.value), getattr(caught.value, "code", None)) == (row.error, row.code)
        assert script.requests == row.requests
        await eventually(lambda: script.gone == row.requests)
        assert client.limits.in_flight == 0


@pytest.mark.parametrize("seconds", [None, 5.0])
async def test_a_body_that_trickles_does_not_hide_the_status(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, seconds: float | None
) -> None:
    monkeypatch.setattr("twelvelabs_async._transport.incoming.ERROR_SECONDS", 0.2)

    async def handler(peer: Peer) -> None:
        await peer.request()
        peer.writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 5000\r\n\r\n{")
        while not peer.gone:
            peer.writer.write(b" ")
            await asyncio.sleep(0.01)

    server = await serve(handler)
    async with asyncio.timeout(LONG / 3):
        with pytest.raises(NotFoundError):
            await connect(server.url).send(get(timeout=seconds))


async def test_the_deadline_of_the_call_does_not_hide_the_status(serve: Serve, connect: Connect) -> None:
    server = await serve(Scripted(stalled("401 Unauthorized", BODY), "stall").serve)
    async with asyncio.timeout(LONG / 3):
        with pytest.raises(AuthenticationError, match="some message"):
            await connect(server.url).send(get(timeout=0.3))


async def test_closing_the_client_ends_the_wait_for_the_body_of_an_error(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twelvelabs_async._transport.incoming.ERROR_SECONDS", LONG)
    script = Scripted(stalled("401 Unauthorized", BODY), "stall")
    server = await serve(script.serve)
    transport = connect(server.url)
    call = asyncio.create_task(transport.send(get()))
    await eventually(lambda: script.requests)
    await asyncio.sleep(0.05)
    await transport.close()
    with pytest.raises(APIConnectionError, match="was closed"):
        await call


# The decompressor itself


@pytest.mark.parametrize("name", ["gzip", "zstd"])
@pytest.mark.parametrize("size", [1, 7, 4096, 1_000_000])
def test_several_members(name: str, size: int) -> None:
    whole = b"".join(PACK[name](line) for line in RESULTS)
    body = decompression.decompressor_for(headers_with(name))
    assert body is not None
    out = b""
    for at in range(0, len(whole), size):
        body.feed(whole[at : at + size])
        while body.pending:
            out += body.step()
    assert out == BATCH
    assert body.complete
    assert body.consumed == len(whole)


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_every_cut_is_noticed(name: str, size: int) -> None:
    """Whatever the pieces are, the data is complete at its end, and nowhere before."""
    data = BATCH * 3
    whole = PACK[name](data)
    body = decompression.decompressor_for(headers_with(name))
    assert body is not None
    out = b""
    for at in range(0, len(whole), size):
        if at:
            assert not body.complete
        body.feed(whole[at : at + size])
        while body.pending:
            out += body.step()
    assert body.complete
    assert out == data
    assert body.consumed == len(whole)


@pytest.mark.parametrize("name", PACK)
def test_a_step_is_bounded(name: str) -> None:
    """However far the data expands, and however many members it has."""
    body = decompression.decompressor_for(headers_with(name))
    assert body is not None
    body.feed(PACK[name](bytes(20_000_000)))
    sizes = []
    while body.pending:
        sizes.append(len(body.step()))
    assert sum(sizes) == 20_000_000
    assert max(sizes) <= 2 * decompression.STEP_OUTPUT
    assert body.complete


def test_a_step_begins_few_members(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    real = zlib.decompressobj

    def counted(wbits: int) -> Any:
        made.append(wbits)
        return real(wbits)

    monkeypatch.setattr(zlib, "decompressobj", counted)
    body = decompression.decompressor_for(headers_with("gzip"))
    assert body is not None
    body.feed(gzip.compress(b"") * 1000)
    while body.pending:
        before = len(made)
        body.step()
        assert len(made) <= before + 1
    assert len(made) == 1000
    assert body.complete


async def test_other_tasks_run_while_a_small_body_expands(serve: Serve, connect: Connect) -> None:
    """All of it is there, so that reading does not wait for anything."""
    size = 6_000_000
    server = await serve(Scripted(with_length(gzip.compress(bytes(size)), packed("gzip")), "keep").serve)
    turns = received = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with connect(server.url).stream(get()) as response:
        received = len(await response.read())
        await asyncio.sleep(0.05)
        task = asyncio.create_task(other())
        while piece := await response.read():
            received += len(piece)
        task.cancel()
    assert received == size
    assert turns >= size // decompression.STEP_OUTPUT // STEPS_A_TURN


async def test_members_that_hold_nothing_have_an_end(serve: Serve, connect: Connect) -> None:
    empty = gzip.compress(b"") * 500

    async def handler(peer: Peer) -> None:
        await peer.request()
        peer.writer.write(sent(b"", packed("gzip")))
        while not peer.gone:
            peer.writer.write(empty)
            await peer.writer.drain()

    server = await serve(handler)
    async with asyncio.timeout(LONG):
        with pytest.raises(DecodeError, match="larger than 100000 bytes"):
            await connect(server.url, max_response_bytes=100_000).send(get())


def headers_with(name: str) -> Any:
    return CIMultiDictProxy(CIMultiDict({"Content-Encoding": name.removeprefix("raw ")}))


@pytest.mark.parametrize(
    ("headers", "delimited"),
    [
        ({"Content-Length": "0"}, True),
        ({"Transfer-Encoding": "chunked"}, True),
        ({"Transfer-Encoding": "gzip, Chunked"}, True),
        ({"Transfer-Encoding": "gzip"}, False),
        ({"Transfer-Encoding": "chunked, gzip"}, False),
        ({"Connection": "close"}, False),
        ({}, False),
    ],
)
def test_what_delimits_a_body(headers: dict[str, str], delimited: bool) -> None:
    assert is_delimited(headers) is delimited


def test_the_table_covers_what_is_offered() -> None:
    """Every encoding that aiohttp offers to a server is one that can be decompressed here."""
    offered = re.split(r"\s*,\s*", dict(ClientRequest.DEFAULT_HEADERS)[hdrs.ACCEPT_ENCODING])
    assert {"gzip", "br", "zstd"} <= set(offered)
    assert all(decompression.decompressor_for(headers_with(name)) is not None for name in offered)
