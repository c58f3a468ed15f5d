"""Writers that take the place of the one of a request: they break, discard or keep its response."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from aiohttp.http_writer import StreamWriter

from .connection import reset, wait_while_connected

if TYPE_CHECKING:
    from aiohttp import web

    from .plan import Fault

_INTACT_CHUNKS: Final = 2
"""Chunks of a streamed response that arrive before the fault."""


class BreakingWriter(StreamWriter):
    """Sends a response, up to the point where it breaks."""

    def __init__(self, request: web.Request, fault: Fault, count: Callable[[], None]) -> None:
        super().__init__(request.protocol, asyncio.get_running_loop())
        self._request = request
        self._fault = fault
        self._count = count
        self._written = 0
        self._pending = b""
        self.armed: bool = True
        self.done: bool = False

    async def write(self, chunk: Any, **options: Any) -> None:
        """Sends the chunk before, and breaks where the fault is due."""
        if not self.armed or not chunk:
            await super().write(chunk, **options)
        elif not self.done:
            # The chunk that breaks is the third, or the last.
            before, self._pending = self._pending, bytes(chunk)
            if before:
                self._written += 1
                await super().write(before, **options)
            if self._written == _INTACT_CHUNKS:
                await self._break(self._pending)

    async def write_eof(self, chunk: bytes = b"") -> None:
        """Ends the response; it breaks here if it has fewer chunks than the fault waits for."""
        if self.armed and not self.done and (chunk or self._pending):
            await self._break(bytes(chunk) or self._pending)
            chunk = b""
        if not chunk or not self.done or not self.armed:
            await super().write_eof(chunk)

    async def _break(self, chunk: bytes) -> None:
        kind = self._fault.kind
        self.done = True
        self._count()
        if kind == "malformed":
            self.armed = False
            await super().write(malformed(chunk))
            return
        if chunk:
            await super().write(chunk[: (len(chunk) + 1) // 2])
        if kind == "truncated":
            return
        await asyncio.sleep(0.01)  # lets the first half arrive
        if kind == "stall_body":
            await wait_while_connected(self._request, self._fault.duration)
        if kind == "cut_body":
            if self._request.transport is not None:
                self._request.transport.close()
        else:
            reset(self._request)
        raise ConnectionResetError("The connection was broken by an injected fault")


class DiscardingWriter(StreamWriter):
    """Discards a response."""

    def __init__(self, request: web.Request) -> None:
        super().__init__(request.protocol, asyncio.get_running_loop())

    def _write(self, chunk: Any) -> None:
        """Discards it."""

    def _writelines(self, chunks: Any) -> None:
        """Discards them."""


class BufferingWriter(StreamWriter):
    """Keeps a response instead of sending it."""

    def __init__(self, request: web.Request) -> None:
        super().__init__(request.protocol, asyncio.get_running_loop())
        self.copy: bytearray = bytearray()

    def _write(self, chunk: Any) -> None:
        self.copy += chunk

    def _writelines(self, chunks: Any) -> None:
        self._write(b"".join(chunks))


def malformed(body: bytes) -> bytes:
    """A body that is not valid JSON: the first member has two colons."""
    return body.replace(b'":', b'"::', 1) if b'":' in body else b"{]" + body


def replace_writer(request: web.Request, writer: StreamWriter) -> None:
    """Lets another writer send the response of a request."""
    request._payload_writer = writer  # there is no public way to replace the writer
