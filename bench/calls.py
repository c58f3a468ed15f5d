"""CPU time of small calls: this package, bare aiohttp and the official SDK, against the same server, in one run.

    python -m bench.calls [--calls 1500] [--rounds 15] [--concurrency 1 64 512] [--without-official]

The contenders alternate in many short rounds, and the ratios are medians of the ratios within a round, so that load on
the machine affects all of them equally.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import orjson

from bench._harness import (
    BARE,
    KEY,
    OFFICIAL,
    OURS,
    official_client,
    official_is_there,
    our_client,
    ratio,
    running_server,
    table,
)
from bench.results import Aim, Row, record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

INDEX_ID = "6298d673f1090f1100476d4c"

OFFICIAL_ROUNDS = 1
"""The official SDK needs seconds where the others need milliseconds; noise does not matter there."""

Call = Callable[[], Awaitable[object]]

ALLOWED_CPU = Aim(1.4, of="bare")

Results = dict[int, dict[str, list[tuple[float, float]]]]
"""CPU for 1,000 calls and calls per second in each round, by calls in flight and contender."""


@asynccontextmanager
async def bare_aiohttp(base_url: str) -> AsyncIterator[Call]:
    """The minimal program with aiohttp itself."""
    headers = {"x-api-key": KEY}
    async with aiohttp.ClientSession() as session:

        async def call() -> object:
            async with session.get(f"{base_url}/indexes/{INDEX_ID}", headers=headers) as response:
                response.raise_for_status()
                return orjson.loads(await response.read())

        yield call


@asynccontextmanager
async def this_package(base_url: str) -> AsyncIterator[Call]:
    """All features enabled: models, limits, deadlines, retries."""
    async with our_client(base_url) as client:

        async def call() -> object:
            return await client.indexes.retrieve(INDEX_ID)

        yield call


@asynccontextmanager
async def official_sdk(base_url: str) -> AsyncIterator[Call]:
    """The asynchronous client of the official package."""
    async with official_client(base_url) as client:

        async def call() -> object:
            return await client.indexes.retrieve(INDEX_ID)

        yield call


async def cost(call: Call, calls: int, concurrency: int) -> tuple[float, float]:
    """Milliseconds of CPU time of this process for 1,000 calls, and calls per second."""
    left = calls

    async def worker() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await call()

    start, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return (time.process_time() - cpu) / calls * 1_000_000, calls / (time.perf_counter() - start)


async def measure(options: argparse.Namespace, base_url: str) -> Results:
    """All rounds of each contender at each concurrency."""
    contenders = {BARE: bare_aiohttp, OURS: this_package}
    if options.official:
        contenders[OFFICIAL] = official_sdk
    results: Results = {}
    for concurrency in options.concurrency:
        async with AsyncExitStack() as stack:
            calls = {name: await stack.enter_async_context(make(base_url)) for name, make in contenders.items()}
            for call in calls.values():
                await cost(call, max(concurrency, 100), concurrency)  # connections, imports, caches
            # The objects of one contender must not slow down the garbage collections of another.
            gc.collect()
            gc.freeze()
            rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
            for turn in range(options.rounds):
                for name, call in calls.items():
                    count = options.calls
                    if name == OFFICIAL:
                        if turn >= OFFICIAL_ROUNDS:
                            continue
                        # Enough that its pool is full for most of the time: its cost grows with the pool.
                        count = max(4 * concurrency, count // 4)
                    rounds[name].append(await cost(call, count, concurrency))
            results[concurrency] = rounds
    return results


def show(results: Results) -> None:
    """Print the tables. Ratios are computed within a round, because the speed of the machine varies between rounds."""
    names = list(next(iter(results.values())))
    cpu, rates = [], []
    for concurrency, rounds in results.items():
        bare = [value for value, _ in rounds[BARE]]
        cells = []
        for of_one in rounds.values():
            times = statistics.median(value / base for (value, _), base in zip(of_one, bare, strict=False))
            cells.append(f"{statistics.median(value for value, _ in of_one):.0f} ms ({ratio(times, 1)})")
        cpu.append([str(concurrency), *cells])
        rates.append([str(concurrency), *(f"{max(rate for _, rate in of_one):,.0f}" for of_one in rounds.values())])
    table("CPU for 1,000 small calls, and ratio to bare aiohttp (medians)", ["in flight", *names], cpu)
    table("Small calls per second (best round)", ["in flight", *names], rates)


def rows(results: Results) -> list[Row]:
    """What is recorded."""
    found = []
    for concurrency, rounds in results.items():
        cpu, rates = ({name: [pair[at] for pair in of_one] for name, of_one in rounds.items()} for at in (0, 1))
        what = f"{concurrency} in flight"
        official = cpu.get(OFFICIAL, ()), rates.get(OFFICIAL, ())
        found += [
            Row(what, "CPU of 1,000 calls", "ms", cpu[OURS], cpu[BARE], official[0], aim=ALLOWED_CPU),
            Row(what, "calls per second", "", rates[OURS], rates[BARE], official[1], better="more"),
        ]
    return found


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1500, help="calls per round")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--concurrency", type=int, nargs="+", default=[1, 64, 512])
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    options.official = options.official and official_is_there()
    with running_server() as base_url:
        results = asyncio.run(measure(options, base_url))
    show(results)
    record(*rows(results))


if __name__ == "__main__":
    main()
