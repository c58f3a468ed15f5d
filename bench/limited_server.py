"""A server with 20 ms of latency whose rate-limit headers depend on the path, and which can be overloaded once.

python -m bench.limited_server      prints its port and serves until its standard input is closed

`/v1.3/<name>/...` responds with the headers that `HEADERS` has for the name; `/v1.3/overloaded/...` responds to its
first request with 503 and to every other one after a second.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Final

from bench.server import INDEX

LATENCY: Final = 0.02
SLOW: Final = 1.0
LIMIT: Final = b"X-Ratelimit-Limit: 100\r\n"

HEADERS: Final = {
    "no headers": b"",
    "no reset": LIMIT + b"X-Ratelimit-Remaining: 5\r\n",
    "reset in the past": LIMIT + b"X-Ratelimit-Remaining: 5\r\nX-Ratelimit-Reset: 1500000000\r\n",
    "negative remaining": LIMIT + b"X-Ratelimit-Remaining: -1\r\nX-Ratelimit-Reset: 60\r\n",
    "limit of zero": b"X-Ratelimit-Limit: 0\r\nX-Ratelimit-Remaining: 0\r\nX-Ratelimit-Reset: 60\r\n",
}
OVERLOADED: Final = "overloaded"


def segment(name: str) -> str:
    """The name as a path segment."""
    return name.replace(" ", "-")


PATHS: Final = {segment(name).encode(): headers for name, headers in HEADERS.items()}


def response(status: bytes, headers: bytes = b"") -> bytes:
    """A response with the small document."""
    length = str(len(INDEX)).encode()
    return (
        b"HTTP/1.1 "
        + status
        + b"\r\nContent-Type: application/json\r\nContent-Length: "
        + length
        + b"\r\n"
        + (headers + b"\r\n" + INDEX)
    )


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, refused: set[bytes]) -> None:
    """Respond to the requests of one connection, which have no bodies."""
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            name = head.split(b" ", 2)[1].split(b"/")[2]
            if name != OVERLOADED.encode():
                await asyncio.sleep(LATENCY)
                writer.write(response(b"200 OK", PATHS[name]))
            elif name in refused:
                await asyncio.sleep(SLOW)
                writer.write(response(b"200 OK"))
            else:
                refused.add(name)
                writer.write(response(b"503 Service Unavailable"))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    """Serve until standard input is closed."""
    refused: set[bytes] = set()
    server = await asyncio.start_server(lambda r, w: serve(r, w, refused), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
