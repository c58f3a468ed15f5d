"""A platform with tasks that are ready some time after they were first asked for, in a process of its own.

Paths begin with a name, so that each contender has tasks of its own: `/<run>/v1.3/tasks/<id>` and `/<run>/v1.3/tasks`.
`<run>` is `<label>-<number of tasks>-<milliseconds>`; each task is ready after that time, up to 15 % earlier or later.
Ids are 24 hexadecimal digits. `/counts` reports the number of requests of each run.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any, Final

PREFIX: Final = "6298d673f1090f11"

START: Final = "2026-11-20T12:00:00Z"


class Run:
    """The tasks of one contender."""

    def __init__(self, name: str) -> None:
        _, count, milliseconds = name.rsplit("-", 2)
        self.count = int(count)
        self.seconds = int(milliseconds) / 1000
        self.began = time.monotonic()
        self.singles = 0
        self.pages = 0

    def ready_at(self, number: int) -> float:
        """When a task is ready, in seconds from the first request."""
        return self.seconds * (0.85 + 0.3 * (number * 7919 % 1000) / 1000)

    def task(self, number: int, now: float) -> dict[str, Any]:
        """The state of a task."""
        return {
            "_id": task_id(number),
            "video_id": task_id(number),
            "index_id": "6298d673f1090f1100476d4c",
            "status": "ready" if now >= self.ready_at(number) else "indexing",
            "created_at": START,
            "updated_at": START,
            "system_metadata": {"duration": 22.5, "filename": "film.mp4", "width": 1280, "height": 720},
        }


def task_id(number: int) -> str:
    """The id of a task."""
    return f"{PREFIX}{number:08x}"


class Connection(asyncio.Protocol):
    """Reads requests without bodies, one after the other."""

    runs: dict[str, Run] = {}  # noqa: RUF012 - there is one server

    def __init__(self) -> None:
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._head += data
        while (end := self._head.find(b"\r\n\r\n")) >= 0:
            target = self._head[: self._head.index(b"\r\n")].split(b" ")[1].decode()
            self._head = self._head[end + 4 :]
            body = json.dumps(self._respond(target)).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self._transport.write(head.encode() + body)

    def _respond(self, target: str) -> Any:
        path, _, query = target.partition("?")
        parts = path.strip("/").split("/")
        if parts == ["counts"]:
            return {name: [run.singles, run.pages] for name, run in self.runs.items()}
        name = parts[0]
        run = self.runs.get(name)
        if run is None:
            run = self.runs[name] = Run(name)
        now = time.monotonic() - run.began
        if len(parts) == 4:
            run.singles += 1
            return run.task(int(parts[3].removeprefix(PREFIX), 16), now)
        run.pages += 1
        fields = [field.partition("=") for field in query.split("&")]
        page = next(int(value) for key, _, value in fields if key == "page")
        limit = next(int(value) for key, _, value in fields if key == "page_limit")
        wanted = {value for key, _, value in fields if key == "status"}
        numbers = range(run.count - 1, -1, -1)  # newest first
        shown = [n for n in numbers if run.task(n, now)["status"] in wanted] if wanted else numbers
        rows = [run.task(number, now) for number in shown[(page - 1) * limit : page * limit]]
        total = len(shown)
        info = {"page": page, "limit_per_page": limit, "total_page": -(-total // limit), "total_results": total}
        return {"data": rows, "page_info": info}


async def main() -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    async with await loop.create_server(Connection, "127.0.0.1", 0, backlog=2048) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
