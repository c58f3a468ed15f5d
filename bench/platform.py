"""The parts of the platform that the benchmarks need, as fast as possible in Python.

    python -m bench.platform    prints its port and serves until its standard input is closed

The server must not be the bottleneck, so it parses requests by hand, uses prepared responses where possible, and
discards the bodies of chunks.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson

from bench.server import INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB: Final = 1024 * 1024
CHUNK: Final = 16 * MIB
PAGES: Final = 20
PER_PAGE: Final = 50
LATENCY: Final = 0.02
"""Seconds until a request below `/slow` has its response."""

clock = time.monotonic
"""The clock of the tasks; `bench.waiting` replaces it."""

requests: Counter[str] = Counter()
"""Number of requests for each task."""

_first_seen: dict[str, float] = {}
_sizes: dict[str, int] = {}
_received: Counter[str] = Counter()


@cache
def embedding_task(segments: int) -> bytes:
    """The response of `embed.tasks.retrieve` with this number of vectors of 512 numbers, about 10 KiB each."""
    draw = random.Random(7)
    vectors = [
        {
            "float": [draw.gauss(0, 0.05) for _ in range(512)],
            "start_offset_sec": at * 6.0,
            "end_offset_sec": at * 6.0 + 6.0,
            "embedding_option": "visual",
            "embedding_scope": "clip",
        }
        for at in range(segments)
    ]
    task = {
        "_id": "6298d673f1090f1100476d4c",
        "model_name": "marengo3.0",
        "status": "ready",
        "created_at": "2026-06-12T08:00:00Z",
        "updated_at": "2026-06-12T08:01:00Z",
        "video_embedding": {"metadata": {"duration": segments * 6.0, "video_clip_length": 6}, "segments": vectors},
    }
    return json.dumps(task, separators=(",", ":")).encode()


_INDEX_ID: Final = orjson.loads(INDEX)["_id"].encode()


def _indexes(page: int) -> Iterator[bytes]:
    """The items of a page, each with an id of its own."""
    for at in range(PER_PAGE):
        yield INDEX.replace(_INDEX_ID, f"{page:012x}{at:012x}".encode())


@cache
def index_page(page: int) -> bytes:
    """One page of a list of indexes; pages after the last one are empty."""
    info = {"page": page, "limit_per_page": PER_PAGE, "total_page": PAGES, "total_results": PAGES * PER_PAGE}
    return (
        b'{"data":['
        + b",".join(_indexes(page) if page <= PAGES else ())
        + b'],"page_info":'
        + json.dumps(info).encode()
        + b"}"
    )


@cache
def events(count: int) -> list[bytes]:
    """The lines of an analysis as an NDJSON stream."""
    texts = [{"event_type": "text_generation", "text": f"word {at} of the answer "} for at in range(count - 2)]
    start = {"event_type": "stream_start", "metadata": {"generation_id": "7e1fcd2f-4d5e-4a4b-8b0a-1b9c5f8e1a11"}}
    end = {"event_type": "stream_end", "finish_reason": "stop", "metadata": {"usage": {"output_tokens": count}}}
    return [json.dumps(event).encode() + b"\n" for event in (start, *texts, end)]


def task_state(task_id: str) -> dict[str, Any]:
    """A task that is ready a number of milliseconds after its first request; its id begins with that number."""
    requests[task_id] += 1
    age = clock() - _first_seen.setdefault(task_id, clock())
    ready = age * 1000 >= int(task_id.partition("-")[0])
    return {
        "_id": task_id,
        "index_id": "6298d673f1090f1100476d4c",
        "status": "ready" if ready else "indexing",
        "created_at": "2026-06-12T08:00:00Z",
        "updated_at": "2026-06-12T08:01:00Z",
    }


def upload_urls(upload: str, host: str, start: int, count: int) -> list[dict[str, Any]]:
    """Presigned URLs, as far as there are chunks."""
    last = min(start + count - 1, -(-_sizes[upload] // CHUNK))
    return [
        {"chunk_index": at, "url": f"http://{host}/chunks/{upload}/{at}", "expires_at": "2099-01-01T00:00:00Z"}
        for at in range(start, last + 1)
    ]


def open_upload(body: dict[str, Any], host: str) -> dict[str, Any]:
    upload = f"upload{len(_sizes)}"
    _sizes[upload] = body["total_size"]
    return {
        "upload_id": upload,
        "asset_id": "6298d673f1090f1100476d4d",
        "upload_urls": upload_urls(upload, host, 1, 10),
        "upload_headers": {},
        "chunk_size": CHUNK,
        "total_chunks": -(-body["total_size"] // CHUNK),
        "expires_at": "2099-01-01T00:00:00Z",
    }


def complete_chunks(upload: str, body: dict[str, Any]) -> dict[str, Any]:
    chunks = body["completed_chunks"]
    _received[upload] += len(chunks)
    response: dict[str, Any] = {
        "processed_chunks": len(chunks),
        "duplicate_chunks": 0,
        "total_completed": _received[upload],
    }
    if _received[upload] == -(-_sizes[upload] // CHUNK):
        response["url"] = "https://example.invalid/asset.mp4"
    return response


class Connection(asyncio.BufferedProtocol):
    """Reads requests with Content-Length, one after the other."""

    def __init__(self) -> None:
        self._buffer = memoryview(bytearray(MIB))
        self._head = b""
        self._left = 0
        self._body: bytearray | None = None
        self._request: tuple[str, str, str] = ("", "", "")
        self._writable = asyncio.Event()
        self._writable.set()
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._writable.set()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        data = self._buffer[:nbytes]
        while data:
            if self._left:
                part = data[: self._left]
                if self._body is not None:
                    self._body += part
                self._left -= len(part)
                data = data[len(part) :]
            else:
                before = len(self._head)
                self._head += bytes(data)
                end = self._head.find(b"\r\n\r\n")
                if end < 0:
                    return
                data = data[end + 4 - before :]
                self._begin(self._head[:end].decode("latin-1"))
                self._head = b""
            if not self._left:
                self._respond()

    def _begin(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        method, target, _ = first.split(" ")
        self._request = method, target, headers.get("host", "")
        self._left = int(headers.get("content-length", 0))
        self._body = bytearray() if self._left < MIB and not target.startswith("/chunks/") else None

    def _respond(self) -> None:
        method, target, host = self._request
        path, _, query = target.removeprefix("/v1.3").partition("?")
        parts = path.strip("/").split("/")
        if parts[0] == "slow":
            pages = [int(item[5:]) for item in query.split("&") if item.startswith("page=")]
            asyncio.get_running_loop().call_later(LATENCY, self._send, index_page(pages[0] if pages else 1))
            return
        match method, parts:
            case "PUT", ["chunks", *_]:
                self._send(b"", 'ETag: "not-a-checksum"\r\n')
            case "GET", ["embed", "tasks", segments]:
                self._send(embedding_task(int(segments)))
            case "GET", ["indexes"]:
                pages = [int(item[5:]) for item in query.split("&") if item.startswith("page=")]
                self._send(index_page(pages[0] if pages else 1))
            case "GET", ["indexes", _]:
                self._send(INDEX)
            case "GET", ["tasks", task_id]:
                self._send_json(task_state(task_id))
            case "POST", ["analyze"]:
                task = asyncio.get_running_loop().create_task(self._stream(json.loads(self._body or b"")["prompt"]))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case "POST", ["assets", "multipart-uploads"]:
                self._send_json(open_upload(json.loads(self._body or b""), host))
            case "POST", ["assets", "multipart-uploads", upload]:
                self._send_json(complete_chunks(upload, json.loads(self._body or b"")))
            case "POST", ["assets", "multipart-uploads", upload, "presigned-urls"]:
                wanted = json.loads(self._body or b"")
                urls = upload_urls(upload, host, wanted["start"], wanted["count"])
                self._send_json({"upload_id": upload, "upload_urls": urls})
            case "POST", ["assets"]:
                self._send_json({"_id": "6298d673f1090f1100476d4d", "method": "direct", "status": "ready"})
            case _:
                raise RuntimeError(f"no benchmark uses {method} {target}")

    def _send_json(self, value: Any) -> None:
        self._send(json.dumps(value).encode())

    def _send(self, body: bytes, headers: str = "") -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{headers}Content-Length: {len(body)}\r\n\r\n"
        self._transport.write(head.encode() + body)

    async def _stream(self, prompt: str) -> None:
        """Events in packets: the prompt specifies the number of events, that of a packet, and perhaps a pause in ms."""
        numbers = [int(number) for number in prompt.split("/")]
        count, together, pause = numbers if len(numbers) == 3 else (*numbers, 0)
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        self._transport.write(head.encode())
        lines = events(count)
        for at in range(0, count, together):
            packet = b"".join(lines[at : at + together])
            self._transport.write(f"{len(packet):x}\r\n".encode() + packet + b"\r\n")
            await self._writable.wait()
            if pause or together == 1:
                await asyncio.sleep(pause / 1000)
        self._transport.write(b"0\r\n\r\n")


async def start() -> asyncio.Server:
    """Listen on a free port of loopback."""
    return await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=2048)


async def main() -> None:
    """Serve until standard input ends."""
    async with await start() as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
