"""Streams of server-sent events from servers that cut, lie, flood and fall silent: over real connections.

The rows are those that streams of JSON lines have in `tests/streaming` and in the other modules of this folder.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from tests.eventually import responses_in_part
from twelvelabs_async import (
    APIStatusError,
    APITimeoutError,
    AsyncTwelveLabs,
    StreamError,
    Timeout,
    TwelveLabsError,
    UnknownVariant,
)
from twelvelabs_async.streaming import stream as streaming

from .conftest import KEY, QUICK, Peer, RawServer, Serve, eventually

if TYPE_CHECKING:
    from twelvelabs_async.streaming import AsyncStream

MIB = 1024 * 1024


def event(end: str = "\n", **members: Any) -> bytes:
    return f"data: {json.dumps({'sequence_number': 1, **members}, ensure_ascii=False)}{end}{end}".encode()


def delta(text: str, end: str = "\n") -> bytes:
    return event(end, type="response.output_text.delta", delta=text, item_id="m1", output_index=0, content_index=0)


DELTA = delta("é\u2028")
COMPLETED = event(type="response.completed", response={"id": "r1", "session_id": "s1", "output": []})
DONE = b"data: [DONE]\n\n"
END = COMPLETED + DONE
DEEP = b'{"type": "new", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def forever(piece: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: itertools.repeat(piece)


def flood(line: bytes, size: int, after: bytes = b"") -> Callable[[], Iterator[bytes]]:
    """Many short lines in large pieces."""

    def pieces() -> Iterator[bytes]:
        piece = line * (64 * 1024 // len(line))
        for _ in range(size // len(piece)):
            yield piece
        yield after

    return pieces


@attrs.frozen
class Row:
    """A stream.

    Attributes:
        id: What is special about it.
        pieces: The body; each piece is written at once.
        text: The text that is received, if the stream is complete.
        error: Class of the error, if it is not.
        says: What the error says.
        head: Status and headers.
        cut: How it ends: with the last chunk of the framing, without it, or not at all.
        client: Settings of the client.
        count: Number of events, where it matters.
    """

    id: str
    pieces: Callable[[], Iterable[bytes]]
    text: str | None = None
    error: type[TwelveLabsError] = StreamError
    says: str = ""
    head: str = "200 OK\r\nContent-Type: text/event-stream"
    cut: str = "whole"
    client: dict[str, Any] = attrs.field(factory=dict)
    count: int | None = None


def of(*pieces: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: pieces


def bytewise(data: bytes) -> Callable[[], Iterable[bytes]]:
    return lambda: (data[at : at + 1] for at in range(len(data)))


SHORT = {"timeout": Timeout(read=20.0, total=1.0)}
SILENT = {"timeout": Timeout(read=0.5, total=60.0)}
WHOLE = "é\u2028"
ROWS = (
    # Complete.
    Row("LF", of(DELTA, END), WHOLE, count=2),
    Row("CR", of(delta(WHOLE, "\r"), END.replace(b"\n", b"\r")), WHOLE, count=2),
    Row("CRLF", of(delta(WHOLE, "\r\n"), END.replace(b"\n", b"\r\n")), WHOLE, count=2),
    Row("all mixed", of(delta("a", "\r") + delta("b", "\r\n") + delta("c") + END), "abc", count=4),
    Row("byte by byte", bytewise(b"\xef\xbb\xbf: hi\r\n\r\n" + delta(WHOLE, "\r\n") + END), WHOLE, count=2),
    Row("BOM", of(b"\xef\xbb\xbf" + DELTA + END), WHOLE),
    Row(
        "comments and unknown fields", of(b":\n\n: a\nnonsense\nfoo: bar\n", DELTA, b":" * 100_000 + b"\n", END), WHOLE
    ),
    Row(
        "data in several lines",
        of(b'data: {"type": "response.output_text.delta",\n', b'data:"sequence_number": 1, "delta": "a"}\n\n' + END),
        "a",
    ),
    Row(
        "id and retry", of(b"id: 7\nretry: 99999999999999999999999\nid: \0\n" + DELTA + b"id\nretry: -1\n" + END), WHOLE
    ),
    Row("NUL in a name", of(b"ev\0ent: x\ndata\0: x\n" + DELTA + END), WHOLE),
    Row("unknown events", of(event(type="new", n=1), b"event: other\ndata: {}\n\n", DELTA + END), WHOLE, count=4),
    Row("invalid UTF-8 in a name", of(b"event: \xff\ndata: {}\n\n" + DELTA + END), WHOLE, count=3),
    Row("an error, and on it goes", of(event(type="error", code="x", message="y"), DELTA, END), WHOLE, count=3),
    Row("no marker after the last event", of(DELTA, COMPLETED), WHOLE),
    Row("no line end after the last event", of(DELTA, COMPLETED.rstrip()), WHOLE),
    Row("data after the marker", of(DELTA, END, delta("more"), b"data: {nonsense\n\n"), WHOLE, count=2),
    Row("silence after the marker", of(DELTA, END), WHOLE, cut="stays"),
    Row("silence after the last event", of(DELTA, COMPLETED), WHOLE, cut="stays"),
    Row("cut after the marker", of(DELTA, END), WHOLE, cut="cut"),
    Row("a million data lines", flood(b"data: \n", 7_000_000, b"data: {}\n\n" + DELTA + END), WHOLE, count=3),
    Row("a million blank lines", flood(b"\n", MIB, DELTA + END), WHOLE),
    Row("a million blank lines with CR", flood(b"\r", MIB, DELTA + END), WHOLE),
    Row("half a million comments", flood(b":\n", MIB, DELTA + END), WHOLE),
    Row("a charset", of(DELTA, END), WHOLE, head="200 OK\r\nContent-Type: text/event-stream; charset=latin-1"),
    Row("no Content-Type", of(DELTA, END), WHOLE, head="200 OK"),
    Row("another Content-Type", of(DELTA, END), WHOLE, head="200 OK\r\nContent-Type: text/html"),
    # Cut.
    Row("empty", of(), says="ended before its last event"),
    Row("blank", of(b"\n\n"), says="ended before its last event"),
    Row("no last event", of(DELTA), says="ended before its last event"),
    Row("cut in a field name", of(DELTA, b"da"), says="ended before its last event"),
    Row("cut in the data", of(DELTA, COMPLETED[:40]), says="in the middle of an event"),
    Row("cut in a character", of(DELTA[: DELTA.index(b"\xc3") + 1]), says="in the middle of an event"),
    Row("cut between data lines", of(DELTA, b'data: {"type":\n'), says="in the middle of an event"),
    Row("cut in the marker", of(DELTA, b"data: [DO"), says="in the middle of an event"),
    Row("cut by the connection", of(DELTA), says="broke before its last event", cut="cut"),
    Row("cut by a reset", of(DELTA), says="broke before its last event", cut="reset"),
    Row("an error, and then the end", of(event(error={"code": "x", "message": "y"})), says="the platform said: x: y"),
    Row(
        "a page", of(b"<html>\n<p>Hello</p>\n</html>\n"), says="ended before", head="200 OK\r\nContent-Type: text/html"
    ),
    Row("an error as JSON", of(b'{"code": "x"}'), says="ended before", head="200 OK\r\nContent-Type: application/json"),
    Row("refused", of(b'{"code":"x","message":"y"}'), error=APIStatusError, says="x: y", head="409 Conflict"),
    # Malformed.
    Row("no JSON", of(DELTA, b"data: nonsense\n\n", END), says="not a JSON object"),
    Row("no object", of(DELTA, b"data: [1]\n\n", END), says="not a JSON object"),
    Row("invalid UTF-8", of(DELTA, b'data: {"type": "\xff"}\n\n', END), says="not a JSON object"),
    Row("NUL in the data", of(DELTA, b'data: {"a": "\0"}\n\n', END), says="not a JSON object"),
    Row("nested 100,000 deep", of(b"data: " + DEEP + b"\n\n", END), says="not a JSON object"),
    Row("nested, with json", of(b"data: " + DEEP + b"\n\n", END), says="not a JSON object", client={"json": json}),
    Row("a field of another type", of(event(type="response.output_text.delta", delta=5)), says="does not match.*delta"),
    # Floods and silence.
    Row("a line without end", flood(b"data: x", 17 * MIB), says="longer than 16,777,216 bytes", cut="stays"),
    Row("a comment without end", flood(b": x", 17 * MIB), says="longer than 16,777,216 bytes", cut="stays"),
    Row("a name without end", flood(b"x", 17 * MIB), says="longer than 16,777,216 bytes", cut="stays"),
    Row(
        "data lines without end",
        flood(b"data: %b\n" % (b"x" * 4000), 17 * MIB),
        says="longer than 16,777,216 bytes",
        cut="stays",
    ),
    Row("heartbeats for ever", forever(b": hi\n\n"), error=APITimeoutError, says="within 1", client=SHORT),
    Row("names for ever", forever(b"event: a\nid: b\n\n"), error=APITimeoutError, says="within 1", client=SHORT),
    Row("silence", of(DELTA), error=APITimeoutError, says=r"silent for 0\.5 s", client=SILENT, cut="stays"),
    Row("silence from the beginning", of(), error=APITimeoutError, says="silent for", client=SILENT, cut="stays"),
)


def serving(row: Row) -> Callable[[Peer], Any]:
    async def handler(peer: Peer) -> None:
        await peer.body(await peer.request())
        peer.writer.write(f"HTTP/1.1 {row.head}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for piece in row.pieces():
            if piece:
                peer.writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            await peer.writer.drain()
            await asyncio.sleep(0)
        if row.cut == "whole":
            peer.writer.write(b"0\r\n\r\n")
        elif row.cut == "reset":
            await eventually(responses_in_part)  # what has not arrived is discarded by a reset
            peer.reset()
        elif row.cut == "stays":
            await peer.reader.read()
        await peer.writer.drain()

    return handler


def ask(client: AsyncTwelveLabs) -> AsyncStream[Any]:
    return client.responses.create_stream(
        knowledge_store_id="ks_1", input=[{"type": "message", "role": "user", "content": "What?"}]
    )


@pytest.fixture
async def asked(serve: Serve) -> AsyncIterator[Callable[[Row], Any]]:
    clients: list[AsyncTwelveLabs] = []

    async def start(row: Row) -> tuple[AsyncTwelveLabs, RawServer]:
        server = await serve(serving(row))
        settings = {"retry": QUICK, "max_retries": 0, **row.client}
        clients.append(AsyncTwelveLabs(api_key=KEY, base_url=server.url, **settings))
        return clients[-1], server

    yield start
    for client in clients:
        await client.close()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_streams(asked: Callable[[Row], Any], row: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "END_GRACE", 0.05 if row.cut == "stays" else 20.0)
    client, server = await asked(row)
    events = ask(client)
    if row.text is not None:
        received = await events.collect()
        assert events.text == row.text
        assert row.count in {None, len(received)}
        assert isinstance(received[-1], UnknownVariant) is False
    else:
        with pytest.raises(row.error, match=row.says) as caught:
            await events.collect()
        assert KEY not in str(caught.value)
        if isinstance(caught.value, StreamError):
            assert len(caught.value.data) <= 2048
            assert caught.value.text == events.text
    assert client.limits.in_flight == 0
    if row.cut != "whole":
        await eventually(lambda: server.live == 0)
