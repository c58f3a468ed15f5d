"""A minimal server: it responds to every request with the same small JSON document.

python -m bench.server      prints its port and serves until its standard input is closed
"""

from __future__ import annotations

import asyncio
import sys

INDEX = (
    b'{"_id":"6298d673f1090f1100476d4c","created_at":"2026-06-12T08:00:00Z","updated_at":"2026-06-12T08:01:00Z",'
    b'"expires_at":"2026-09-10T08:00:00Z","index_name":"films","total_duration":3600.5,"video_count":12,'
    b'"models":[{"model_name":"marengo3.0","model_options":["visual","audio"]}],"addons":["thumbnail"]}'
)

RESPONSE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nX-Request-Id: req_0123456789\r\n"
    b"Date: Fri, 20 Nov 2026 09:00:00 GMT\r\nContent-Length: " + str(len(INDEX)).encode() + b"\r\n\r\n" + INDEX
)


class Responder(asyncio.Protocol):
    """Counts the ends of requests without a body and responds to each."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        requests = data.count(b"\r\n\r\n")
        if requests:
            self._transport.write(RESPONSE * requests)
            data = data[data.rfind(b"\r\n\r\n") + 4 :]
        self._rest = data


async def main() -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Responder, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
