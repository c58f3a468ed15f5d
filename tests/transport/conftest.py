"""Raw servers on loopback that misbehave on purpose, and transports that talk to them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import attrs
import pytest

from tests.eventually import LOOKS, PAUSE, eventually
from twelvelabs_async._config.config import Config
from twelvelabs_async._config.retry_policy import RetryPolicy
from twelvelabs_async._request.message import Request
from twelvelabs_async._transport.transport import Transport

__all__ = ["KEY", "QUICK", "Connect", "Handler", "Peer", "RawServer", "Serve", "eventually", "get", "post"]

KEY = "tlk_TESTKEY0123456789"

QUICK = RetryPolicy(initial=0.01, maximum=0.02)
"""The default policy without its patience."""

Handler = Callable[["Peer"], Awaitable[None]]


@attrs.define(eq=False)
class Peer:
    """One connection as the server sees it."""

    server: RawServer
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    number: int

    async def request(self) -> bytes:
        """Read the head of a request and note it; the body stays unread."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        self.server.heads.append(head)
        return head

    async def body(self, head: bytes) -> bytes:
        """Read a body with Content-Length."""
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                return await self.reader.readexactly(int(line.split(b":")[1]))
        return b""

    @property
    def gone(self) -> bool:
        """Whether the client has ended the connection."""
        return bool(self.reader._eof or self.reader.exception())  # type: ignore[attr-defined]

    async def respond(
        self, body: bytes = b"{}", status: str = "200 OK", *headers: str, length: int | None = None
    ) -> None:
        """Send a response."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers, "", ""]
        self.writer.write("\r\n".join(lines).encode() + body)
        await self.writer.drain()

    def reset(self) -> None:
        """Break the connection off with a TCP reset."""
        import socket
        import struct

        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


@attrs.define(eq=False)
class RawServer:
    """A TCP server whose handler does what it likes."""

    handler: Handler
    heads: list[bytes] = attrs.Factory(list)
    connections: int = 0
    closed: int = 0
    """Connections that the server has closed, or that it noticed to be."""
    port: int = 0
    open: dict[asyncio.StreamWriter, asyncio.StreamReader] = attrs.Factory(dict)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = attrs.Factory(set)

    async def start(self, **options: Any) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, **options)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open[writer] = reader
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                await self.handler(Peer(self, reader, writer, self.connections))
        finally:
            del self.open[writer]
            self._tasks.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError, OSError):
                await writer.wait_closed()
            self.closed += 1

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self.open):
            writer.transport.abort()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def live(self) -> int:
        """Connections that the client has not ended."""
        return sum(
            not (reader._eof or reader.exception() or writer.is_closing())  # type: ignore[attr-defined]
            for writer, reader in self.open.items()
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1.3"


Serve = Callable[..., Awaitable[RawServer]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a raw server with a handler that is called for each connection."""
    servers: list[RawServer] = []

    async def start(handler: Handler, **options: Any) -> RawServer:
        server = RawServer(handler)
        await server.start(**options)
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.stop()


Connect = Callable[..., Transport]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Make a transport for a URL; it is closed at the end."""
    made: list[Transport] = []

    def make(url: str, **settings: Any) -> Transport:
        settings.setdefault("retry", QUICK)
        transport = Transport(Config.create(api_key=KEY, base_url=url, **settings))
        made.append(transport)
        return transport

    yield make
    for transport in made:
        await transport.close()


@pytest.fixture(autouse=True)
async def _no_task_is_left() -> AsyncIterator[None]:
    """No test may leave a task behind."""
    before = asyncio.all_tasks()
    yield
    for _ in range(LOOKS):
        left = asyncio.all_tasks() - before - {asyncio.current_task()}
        if not left:
            return
        await asyncio.sleep(PAUSE)
    raise AssertionError(f"tasks are left: {left}")


def get(path: str = "/things", **members: Any) -> Request:
    """A request that may be repeated."""
    return Request(operation="listThings", method="GET", path=path, **members)


def post(path: str = "/things", **members: Any) -> Request:
    """A request that may not be repeated."""
    return Request(operation="createThing", method="POST", path=path, **members)
