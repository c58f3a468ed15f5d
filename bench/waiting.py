"""The number of requests while waiting for a task, and the delay between the end of the task and that of the wait.

    python -m bench.waiting [--seconds 10 60 600 3600] [--waits 8] [--without-official]

The requests are real, but the time is simulated: where everything waits, the clock of the event loop is set forward,
and the server (in the same process here) uses that clock. So the counts are exact, regardless of the load on the
machine. Each figure is the mean of waits for tasks whose ends are distributed over the pause between two checks: for a
client that has never waited for such a task, and for one that has seen five, which took 0.8 to 1.2 of the time.
"""

from __future__ import annotations

import argparse
import asyncio
import selectors
import statistics
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

from bench import platform
from bench._harness import OFFICIAL, OURS, official_client, official_is_there, our_client, table
from bench.results import Row, record

if TYPE_CHECKING:
    from collections.abc import Iterable

INTERVAL: Final = 5.0
"""Default pause of both packages, in seconds."""

WARM_UP: Final = 5
"""Waits after which a client knows how long such tasks take."""


class _Selector(selectors.DefaultSelector):
    """Lets time pass at once where another one would sleep: nothing is under way within this process then."""

    loop: SimulatedLoop

    def select(self, timeout: float | None = None) -> list[Any]:
        events = super().select(0)
        if not events and timeout:
            events = super().select(0.001)
            if not events:
                self.loop.ahead += timeout
        return events


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only where everything waits for it."""

    def __init__(self) -> None:
        self.ahead = 0.0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return super().time() + self.ahead


async def wait(client: Any, name: str, seconds: float) -> tuple[int, float]:
    """The number of requests, and the seconds between the end of the task and that of the wait."""
    task_id = f"{round(seconds * 1000)}-{name.replace(' ', '_')}"
    start = platform.clock()
    await client.tasks.wait_for_done(task_id)
    return platform.requests[task_id], platform.clock() - start - seconds


async def measure(options: argparse.Namespace) -> list[list[str]]:
    """Rows of the table."""
    platform.clock = asyncio.get_running_loop().time
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(await platform.start())
        base_url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1.3"
        client = await stack.enter_async_context(our_client(base_url))
        await client.tasks.retrieve("0-warm")  # imports models in a thread, which takes no simulated time
        theirs = await stack.enter_async_context(official_client(base_url)) if options.official else None
        rows = []
        for seconds in options.seconds:
            ends = [seconds + INTERVAL * (at + 0.5) / options.waits for at in range(options.waits)]
            first, later, official = [], [], []
            for at, end in enumerate(ends):
                async with our_client(base_url) as fresh:
                    first.append(await wait(fresh, f"first {at}", end))
            async with our_client(base_url) as experienced:
                for at in range(WARM_UP):
                    await wait(experienced, f"warm {at}", seconds * (0.8 + 0.1 * at))
                for at, end in enumerate(ends):
                    later.append(await wait(experienced, f"later {at}", end))
            if theirs is not None:
                official = [await wait(theirs, f"official {at}", end) for at, end in enumerate(ends)]
            row = [f"{seconds:,} s"]
            for outcomes in (first, later, official):
                if outcomes:
                    row.append(f"{statistics.mean(requests for requests, _ in outcomes):.1f}")
                    row.append(f"{statistics.mean(late for _, late in outcomes):.1f} s")
            rows.append(row)
            for who, ours in (("a first wait", first), ("after five others", later)):
                what = f"task of {seconds:,} s, {who}"
                means = [
                    [_mean(requests for requests, _ in outcomes)] if outcomes else [] for outcomes in (ours, official)
                ]
                late = [[_mean(late for _, late in outcomes)] if outcomes else [] for outcomes in (ours, official)]
                record(
                    Row(what, "requests", "", means[0], official=means[1]),
                    Row(what, "delay until the end is noticed", "s", late[0], official=late[1]),
                )
        return rows


def _mean(values: Iterable[float]) -> float:
    return float(statistics.mean(values))


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, nargs="+", default=[10, 60, 600, 3600], help="how long the tasks take")
    parser.add_argument("--waits", type=int, default=8)
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    options.official = options.official and official_is_there()
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        rows = runner.run(measure(options))
    head = ["task takes", f"{OURS}: requests", "ends late by", "after others: requests", "ends late by"]
    if options.official:
        head += [f"{OFFICIAL}: requests", "ends late by"]
    table("Waiting for a task with default settings (means)", head, rows)


if __name__ == "__main__":
    main()
