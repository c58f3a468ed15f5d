"""Many calls at once, at 20 ms of latency, with rate-limit headers that cannot be used, and after a single 503.

python -m bench.limits [--calls 5000] [--workers 64] [--rounds 3] [--without-official]

A client that misreads headers sends fewer requests than it may, and one that reacts to a single 503 for too long makes
all calls wait: both show as a ratio to bare aiohttp, which knows no limits. The official SDK makes a tenth of the
calls, in one round.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from bench._harness import (
    BARE,
    OFFICIAL,
    OURS,
    official_client,
    official_is_there,
    our_client,
    ratio,
    running_server,
    table,
)
from bench.calls import INDEX_ID, OFFICIAL_ROUNDS, Call, bare_aiohttp
from bench.limited_server import HEADERS, OVERLOADED, segment
from bench.results import Row, record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SHARE = {OFFICIAL: 10}
"""The part of the calls that a contender makes, where it is not all: one tenth."""

PARALLEL = 100
"""One-second calls at once after a 503."""


@asynccontextmanager
async def contenders(base_url: str, official: bool) -> AsyncIterator[dict[str, Call]]:
    """A call of each contender."""
    async with AsyncExitStack() as stack:
        calls: dict[str, Call] = {BARE: await stack.enter_async_context(bare_aiohttp(base_url))}
        ours = await stack.enter_async_context(our_client(base_url))
        calls[OURS] = lambda: ours.indexes.retrieve(INDEX_ID)
        if official:
            theirs = await stack.enter_async_context(official_client(base_url))
            calls[OFFICIAL] = lambda: theirs.indexes.retrieve(INDEX_ID)
        yield calls


async def throughput(call: Call, calls: int, workers: int) -> float:
    """Seconds that the workers need for all calls."""
    numbers = iter(range(calls))

    async def worker() -> None:
        for _ in numbers:
            await call()

    begun = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(workers)))
    return time.perf_counter() - begun


async def after_503(call: Call) -> float:
    """Seconds for one-second calls at once, after one call that met a 503."""
    with contextlib.suppress(Exception):  # bare aiohttp does not retry
        await call()
    begun = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(PARALLEL)))
    return time.perf_counter() - begun


async def many_calls(options: argparse.Namespace, headers: str) -> dict[str, list[float]]:
    """Seconds of every round for all calls, by contender."""
    seconds: dict[str, list[float]] = {}
    with running_server("bench.limited_server") as base_url:
        async with contenders(f"{base_url}/{segment(headers)}", options.official) as calls:
            for turn in range(options.rounds):
                for who, call in calls.items():
                    if who == OFFICIAL and turn >= OFFICIAL_ROUNDS:
                        continue
                    share = SHARE.get(who, 1)
                    took = await throughput(call, options.calls // share, options.workers) * share
                    seconds.setdefault(who, []).append(took)
    return seconds


async def overloaded(options: argparse.Namespace, names: list[str]) -> dict[str, list[float]]:
    """Seconds of every round for the calls after a 503, by contender."""
    seconds: dict[str, list[float]] = {}
    for _ in range(options.rounds):
        for who in names:
            with running_server("bench.limited_server") as base_url:  # each meets a 503 of its own
                async with contenders(f"{base_url}/{OVERLOADED}", options.official) as calls:
                    seconds.setdefault(who, []).append(await after_503(calls[who]))
    return seconds


async def compare(options: argparse.Namespace) -> None:
    """Measure and print the table."""
    found = {f"headers: {name}": await many_calls(options, name) for name in HEADERS}
    names = list(next(iter(found.values())))
    found[f"{PARALLEL} calls of 1 s after a 503"] = await overloaded(options, names)
    rows = []
    for name, seconds in found.items():
        best = {who: min(values) for who, values in seconds.items()}
        rows.append([name, *(f"{value:.2f} s ({ratio(value, best[BARE])})" for value in best.values())])
        measure = f"time of {options.calls:,} calls" if name.startswith("headers") else "time"
        record(Row(name, measure, "s", seconds[OURS], seconds[BARE], seconds.get(OFFICIAL, ())))
    title = (
        f"Time for {options.calls:,} calls with {options.workers} workers at 20 ms, by rate-limit headers (best round)"
    )
    table(title, ["", *names], rows)


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    options.official = options.official and official_is_there()
    asyncio.run(compare(options))


if __name__ == "__main__":
    main()
