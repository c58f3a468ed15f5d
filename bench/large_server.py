"""A server of very large responses, each sent as fast as the client reads it.

python -m bench.large_server      prints its port and serves until its standard input is closed
"""

from __future__ import annotations

import asyncio
import gzip
import sys
from functools import cache
from typing import Final

from bench.platform import embedding_task
from bench.server import INDEX

MEGABYTES: Final = 100
ITEMS: Final = 300_000
KEYS: Final = 1_000_000

_SEGMENTS: Final = 100


def _embeddings() -> bytes:
    """The vectors of a hundred segments, again and again."""
    task = embedding_task(_SEGMENTS)
    start, end = task.index(b"segments") + len(b'segments":['), task.rindex(b"]")
    times = MEGABYTES * 1_000_000 // (end - start)
    return task[:start] + b",".join([task[start:end]] * times) + task[end:]


def _index(field: bytes) -> bytes:
    return INDEX[:-1] + b"," + field + b"}"


@cache
def body(name: str) -> bytes:
    """The response to a path whose last part is this name."""
    if name == "embeddings":
        return _embeddings()
    if name == "indexes":
        info = b'{"page":1,"limit_per_page":%d,"total_page":1,"total_results":%d}' % (ITEMS, ITEMS)
        return b'{"data":[' + b",".join([INDEX] * ITEMS) + b'],"page_info":' + info + b"}"
    if name == "text":
        return _index(b'"text":"' + b"a" * (MEGABYTES * 1_000_000) + b'"')
    if name == "objects":
        return _index(b'"rows":[' + b",".join(b'{"a":[%d]}' % at for at in range(ITEMS)) + b"]")
    if name == "keys":
        return _index(b'"map":{' + b",".join(b'"%d":%d' % (at, at) for at in range(KEYS)) + b"}")
    return INDEX


@cache
def compressed(name: str) -> bytes:
    """The same, compressed."""
    return gzip.compress(body(name), compresslevel=1)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Respond to the requests of one connection."""
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
            return
        path = head.split(b" ", 2)[1].partition(b"?")[0].decode()
        name = path.rpartition("/")[2]
        if name.endswith("-gzip"):
            content, encoding = compressed(name.removesuffix("-gzip")), "Content-Encoding: gzip\r\n"
        else:
            content, encoding = body(name), ""
        writer.write(f"HTTP/1.1 200 OK\r\n{encoding}Content-Length: {len(content)}\r\n\r\n".encode())
        writer.write(content)
        await writer.drain()


async def main() -> None:
    """Serve until standard input ends."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
