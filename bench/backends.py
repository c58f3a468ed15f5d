"""Viewers of streamed analyses, through a service of Starlette under uvicorn.

    python -m bench.backends [--viewers 200] [--rounds 4] [--without-official]

The same service is built on this package (EventStreamResponse), on bare aiohttp without a limit on its connections, and
on the official SDK; all with their default options. Each viewer has a connection of its own and receives an event every
20 ms. Measured, each in a process of its own: the time to the first event of the last of all viewers; the CPU time of
the service per event; its memory after the first round and after the last; what is left of its sockets a second after
all viewers have left in the middle of a silence; and how many of the running streams are complete when the service
receives SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import signal
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aiohttp

from bench._harness import BARE, OFFICIAL, OURS, THREE, official_is_there, ratio, running_server, table
from bench.results import Aim, Row, Three, of_three, record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

EACH: Final = 100
"""Events of each stream."""

PAUSE: Final = 20
"""Milliseconds between two events."""

TIMEOUT: Final = 20
"""Seconds after which a viewer gives up."""


class Service:
    """A service in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process = process
        self.address = address
        self._proc = Path(f"/proc/{process.pid}")

    def memory(self) -> float:
        """Resident memory in MiB."""
        row = next(row for row in (self._proc / "status").read_text().splitlines() if row.startswith("VmRSS:"))
        return int(row.split()[1]) / 1024

    def cpu(self) -> float:
        """CPU seconds so far."""
        fields = (self._proc / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def sockets(self) -> int:
        """Open sockets."""
        count = 0
        for entry in (self._proc / "fd").iterdir():
            try:
                count += str(entry.readlink()).startswith("socket:")
            except OSError:
                continue
        return count


@asynccontextmanager
async def serving(contender: str, base_url: str) -> AsyncIterator[Service]:
    """Run the service."""
    environment = {**os.environ, "CONTENDER": contender, "TWELVELABS_BASE_URL": base_url}
    command = [sys.executable, "-m", "uvicorn", "bench.backends_app:app", "--port", "0", "--no-access-log"]
    process = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    address = None
    while address is None:
        row = (await process.stderr.readline()).decode()
        if not row:
            raise SystemExit(f"the service of {contender} did not start")
        found = re.search(r"running on (http://\S+)", row)
        address = found and found[1]
    errors = asyncio.create_task(process.stderr.read())
    try:
        yield Service(process, address)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await errors


async def view(session: aiohttp.ClientSession, prompt: str, begin: float) -> tuple[float, int]:
    """Seconds to the first event, and the number of events; infinity and what arrived, where it broke."""
    first, count = float("inf"), 0
    try:
        async with asyncio.timeout(TIMEOUT), session.get("/view", params={"prompt": prompt}) as response:
            async for line in response.content:
                if line.startswith(b'data: {"'):
                    count += 1
                    first = min(first, time.perf_counter() - begin)
    except (aiohttp.ClientError, TimeoutError):
        pass
    return first, count


async def view_all(session: aiohttp.ClientSession, viewers: int, prompt: str) -> list[tuple[float, int]]:
    begin = time.perf_counter()
    return await asyncio.gather(*(view(session, prompt, begin) for _ in range(viewers)))


async def measure(contender: str, base_url: str, viewers: int, rounds: int) -> dict[str, Any]:
    """Measure one contender."""
    found: dict[str, Any] = {"first": [], "cpu": [], "lost": 0}
    async with (
        serving(contender, base_url) as service,
        aiohttp.ClientSession(service.address, connector=aiohttp.TCPConnector(limit=0, force_close=True)) as session,
    ):
        await view(session, "10/1", 0)
        idle = service.sockets()
        memory = []
        for _ in range(rounds):
            cpu = service.cpu()
            seen = await view_all(session, viewers, f"{EACH}/1/{PAUSE}")
            found["cpu"].append((service.cpu() - cpu) / max(1, sum(count for _, count in seen)))
            found["first"].append(max(first for first, _ in seen))
            found["lost"] += sum(count != EACH for _, count in seen)
            memory.append(service.memory())
        found["memory"], found["growth"] = memory[0], memory[-1] - memory[0]

        responses = await asyncio.gather(*(left(session) for _ in range(viewers)))
        for response in responses:
            if response is not None:
                response.close()
        await asyncio.sleep(1)
        # Idle connections of earlier rounds are kept by all of them, and are not what is looked for.
        found["sockets"] = max(0, service.sockets() - idle)

        running = asyncio.create_task(view_all(session, viewers, f"{EACH}/1/{PAUSE}"))
        await asyncio.sleep(EACH * PAUSE / 2000)
        service.process.send_signal(signal.SIGTERM)
        found["complete"] = sum(count == EACH for _, count in await running)
        with contextlib.suppress(TimeoutError):  # it is killed
            async with asyncio.timeout(10):
                await service.process.wait()
    return found


async def left(session: aiohttp.ClientSession) -> aiohttp.ClientResponse | None:
    """A response of which a viewer has seen the beginning, with a long silence to come."""
    try:
        async with asyncio.timeout(5):
            response = await session.get("/view", params={"prompt": "10/1/60000"})
            await response.content.readuntil(b"data")
    except (aiohttp.ClientError, TimeoutError):
        return None
    return response


async def compare(options: argparse.Namespace, base_url: str) -> None:
    names = [BARE, OURS, *([OFFICIAL] if options.official else [])]
    found = {name: await measure(name, base_url, options.viewers, options.rounds) for name in names}
    bare = found[BARE]
    rows = []
    for name, values in found.items():
        best = min(values["first"])
        first = "never" if best == float("inf") else f"{best * 1000:.0f} ms"
        cpu = min(values["cpu"])
        rows.append(
            [
                name,
                first,
                f"{values['lost']}",
                f"{cpu * 1e6:.0f}",
                ratio(cpu, min(bare["cpu"])),
                f"{values['memory']:.0f} MiB",
                f"{values['growth']:+.1f} MiB",
                f"{values['sockets']}",
                f"{values['complete']}",
            ]
        )
    head = ["", "first event of the last", "cut streams", "CPU µs per event", "to bare", "memory", "growth"]
    head += ["sockets left", "complete after SIGTERM"]
    table(f"{options.viewers} viewers at once, {options.rounds} rounds", head, rows)
    record(*recorded_rows(found, options.viewers))


def recorded_rows(found: dict[str, dict[str, Any]], viewers: int) -> list[Row]:
    """What is recorded."""

    def values(name: str, key: str, scale: float) -> list[float | None]:
        seen = found[name][key] if name in found else []
        return [value * scale if value < float("inf") else None for value in seen]

    def lists(key: str, scale: float) -> Three:
        return of_three(lambda name: values(name, key, scale), THREE)

    def single(key: str) -> Three:
        return of_three(lambda name: [found[name][key]] if name in found else [], THREE)

    what = f"{viewers} viewers of streams at once"
    return [
        Row(what, "first event of the last viewer", "ms", *lists("first", 1000), aim=Aim(1000)),
        Row(what, "CPU of the service for an event", "µs", *lists("cpu", 1e6)),
        Row(what, "interrupted streams, all rounds", "", *single("lost"), aim=Aim(0)),
        Row(what, "memory of the service", "MiB", *single("memory")),
        Row(what, "memory growth by the last round", "MiB", *single("growth")),
        Row("all viewers leave", "sockets open after a second", "", *single("sockets"), aim=Aim(0)),
        Row("the service receives SIGTERM", "streams completed", "", *single("complete"), "more", Aim(viewers)),
    ]


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    options.official = options.official and official_is_there()
    with running_server("bench.platform") as base_url:
        asyncio.run(compare(options, base_url))


if __name__ == "__main__":
    main()
