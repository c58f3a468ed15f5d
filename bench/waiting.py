"""The number of requests while waiting for a task, and the delay between the end of the task and that of the wait.

    python -m bench.waiting [--seconds 10 60 600 3600] [--waits 8] [--without-official]

The requests are real, but the time is simulated: `asyncio.sleep` advances a clock instead of sleeping, and the server
(in the same process here) uses that clock. So the counts are exact, regardless of the load on the machine. Each figure
is the mean of waits for tasks whose ends are distributed over the pause between two checks.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
from contextlib import AsyncExitStack
from typing import Any, Final

from bench import platform
from bench._harness import OFFICIAL, OURS, official_client, official_is_there, our_client, ratio, table

INTERVAL: Final = 5.0
"""Default pause of both packages, in seconds."""

_sleep: Final = asyncio.sleep
_now = 0.0


async def _pass(delay: float, result: Any = None) -> Any:
    global _now  # noqa: PLW0603 - there is one clock
    _now += delay
    return await _sleep(0, result)


async def wait(client: Any, name: str, seconds: float) -> tuple[int, float]:
    """The number of requests, and the seconds between the end of the task and that of the wait."""
    task_id = f"{round(seconds * 1000)}-{name.partition(' ')[0]}"
    start = _now
    await client.tasks.wait_for_done(task_id)
    return platform.requests[task_id], _now - start - seconds


async def measure(options: argparse.Namespace) -> list[list[str]]:
    """Rows of the table."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(await platform.start())
        base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1.3"
        clients = {OURS: await stack.enter_async_context(our_client(base_url))}
        if options.official:
            clients[OFFICIAL] = await stack.enter_async_context(official_client(base_url))
        rows = []
        for seconds in options.seconds:
            row = [f"{seconds:,} s"]
            means = {}
            for name, client in clients.items():
                ends = [seconds + INTERVAL * (at + 0.5) / options.waits for at in range(options.waits)]
                outcomes = [await wait(client, name, end) for end in ends]
                means[name] = statistics.mean(requests for requests, _ in outcomes)
                row += [f"{means[name]:.1f}", f"{statistics.mean(late for _, late in outcomes):.1f} s"]
            if options.official:
                row.append(ratio(means[OURS], means[OFFICIAL]))
            rows.append(row)
        return rows


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, nargs="+", default=[10, 60, 600, 3600], help="how long the tasks take")
    parser.add_argument("--waits", type=int, default=8)
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    options.official = options.official and official_is_there()
    asyncio.sleep = _pass
    platform.clock = lambda: _now
    rows = asyncio.run(measure(options))
    head = ["task takes", f"{OURS}: requests", "ends late by"]
    if options.official:
        head += [f"{OFFICIAL}: requests", "ends late by", "ours / official"]
    table("Waiting for a task with default settings (means)", head, rows)


if __name__ == "__main__":
    main()
