"""Reading the events of a streamed analysis.

    python -m bench.streams [--events 20000] [--streams 200] [--rounds 5] [--without-official]

One stream: the server sends the events as fast as they are received: one per packet, as when they are generated one by
one, and a hundred per packet, as behind a buffering proxy. The official SDK parses one event at a time with the
standard library and pydantic; bare aiohttp iterates over the lines and parses them with orjson.

Many streams at once: each receives an event every 20 ms, one per packet, as from a model that generates text. The time
to the first event is from the call until the event is there, with a client that has done the same before.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from statistics import quantiles
from typing import TYPE_CHECKING, Any, Final

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

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PACKETS: Final = (1, 100)

EACH: Final = 200
"""Events of each of many streams."""

PAUSE: Final = 20
"""Milliseconds between two events of each of many streams."""

Read = Callable[[str], Awaitable[tuple[int, float]]]
"""Reads the stream that the prompt specifies; returns the number of its events and when the first one was there."""


@asynccontextmanager
async def bare_aiohttp(base_url: str, connections: int) -> AsyncIterator[Read]:
    async with aiohttp.ClientSession(
        headers={"x-api-key": KEY}, connector=aiohttp.TCPConnector(limit=connections)
    ) as session:

        async def read(prompt: str) -> tuple[int, float]:
            count, first = 0, 0.0
            async with session.post(f"{base_url}/analyze", json={"prompt": prompt}) as response:
                async for line in response.content:
                    orjson.loads(line)
                    first = first or time.perf_counter()
                    count += 1
            return count, first

        yield read


async def count_events(stream: Any) -> tuple[int, float]:
    count, first = 0, 0.0
    async for _ in stream:
        first = first or time.perf_counter()
        count += 1
    return count, first


@asynccontextmanager
async def contenders(options: argparse.Namespace, base_url: str) -> AsyncIterator[dict[str, Read]]:
    """The functions to compare, after a first call of each."""
    async with AsyncExitStack() as stack:
        reads: dict[str, Read] = {BARE: await stack.enter_async_context(bare_aiohttp(base_url, options.streams))}
        ours = await stack.enter_async_context(our_client(base_url))
        reads[OURS] = lambda prompt: count_events(ours.analyze_stream(video_id="v", prompt=prompt))
        if options.official:
            theirs = await stack.enter_async_context(official_client(base_url))
            reads[OFFICIAL] = lambda prompt: count_events(theirs.analyze_stream(prompt=prompt))
        for read in reads.values():
            await read("100/1")
        yield reads


async def measure_one(options: argparse.Namespace, base_url: str) -> dict[str, dict[int, tuple[float, float]]]:
    """Seconds and CPU seconds of the best round, by contender and events per packet."""
    best: dict[str, dict[int, tuple[float, float]]] = {}
    async with contenders(options, base_url) as reads:
        for together in PACKETS:
            for _ in range(options.rounds):
                for name, read in reads.items():
                    count = options.events // (10 if name == OFFICIAL else 1)
                    wall, cpu = time.perf_counter(), time.process_time()
                    received, _ = await read(f"{count}/{together}")
                    if received != count:
                        raise SystemExit(f"{name} lost events")
                    took = (time.perf_counter() - wall) / count, (time.process_time() - cpu) / count
                    of_one = best.setdefault(name, {})
                    of_one[together] = min(of_one.get(together, took), took, key=lambda pair: pair[1])
    return best


async def measure_many(options: argparse.Namespace, base_url: str) -> dict[str, tuple[float, float]]:
    """CPU seconds per event, and the 99th percentile of the seconds to the first event, each of the best round."""
    best: dict[str, tuple[float, float]] = {}
    async with contenders(options, base_url) as reads:
        # The official SDK cannot read so many events in time: it would measure its own backlog.
        for name in [name for name in reads if name != OFFICIAL] * (options.rounds + 1):
            begin, cpu = time.perf_counter(), time.process_time()
            prompt = f"{EACH}/1/{PAUSE}"
            received = await asyncio.gather(*(reads[name](prompt) for _ in range(options.streams)))
            spent = (time.process_time() - cpu) / (EACH * options.streams)
            if any(count != EACH for count, _ in received):
                raise SystemExit(f"{name} lost events")
            late = quantiles((first - begin for _, first in received), n=100)[98]
            if name not in best:
                best[name] = math.inf, math.inf  # the first round is for warming up
            else:
                best[name] = min(best[name][0], spent), min(best[name][1], late)
    return best


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    options.official = options.official and official_is_there()
    with running_server("bench.platform") as base_url:
        best = asyncio.run(measure_one(options, base_url))
        many = asyncio.run(measure_many(options, base_url))
    rows = []
    for name, of_one in best.items():
        row = [name]
        for together in PACKETS:
            wall, cpu = of_one[together]
            row += [f"{1 / wall:,.0f}", f"{cpu * 1e6:.1f}", ratio(cpu, best[BARE][together][1])]
        rows.append(row)
    head = ["", "1 per packet: events/s", "CPU µs per event", "to bare"]
    head += ["100 per packet: events/s", "CPU µs per event", "to bare"]
    table("Events of analyze_stream (best round)", head, rows)
    cpu, first = many[BARE]
    table(
        f"{options.streams} streams of {EACH} events at once (best round)",
        ["", "CPU µs per event", "to bare", "first event at p99", "to bare"],
        [
            [name, f"{mine * 1e6:.1f}", ratio(mine, cpu), f"{late * 1000:.0f} ms", ratio(late, first)]
            for name, (mine, late) in many.items()
        ],
    )


if __name__ == "__main__":
    main()
