"""What can be done to a connection: reset it, stall it, wait while the client stays connected."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aiohttp import web

_NO_LINGER: Final = struct.pack("ii", 1, 0)


def reset(request: web.Request) -> None:
    """Ends a connection with RST instead of FIN, and drops what is still to be sent."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


async def wait_while_connected(request: web.Request, seconds: float) -> None:
    """Waits, but no longer than the client stays connected."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(min(left, 0.02))


async def stall(request: web.Request, seconds: float) -> None:
    """Reads what the client sends without a response; a disconnect is noticed only while reading."""

    async def swallow() -> None:
        while await request.content.readany():
            pass

    reading = asyncio.create_task(swallow())
    try:
        await wait_while_connected(request, seconds)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
