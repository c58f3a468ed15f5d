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
    THREE,
    official_client,
    official_is_there,
    our_client,
    ratio,
    running_server,
    table,
)
from bench.results import Aim, Row, Three, of_three, record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PACKETS: Final = (1, 100)

ALLOWED_CPU: Final = Aim(1.4, of="bare")
ALLOWED_LATENESS: Final = Aim(2, of="bare")

Rounds = list[tuple[float, float]]
"""Two measurements of each round."""

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


async def measure_one(options: argparse.Namespace, base_url: str) -> dict[str, dict[int, Rounds]]:
    """Seconds and CPU seconds of an event in each round, by contender and events per packet."""
    found: dict[str, dict[int, Rounds]] = {}
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
                    found.setdefault(name, {}).setdefault(together, []).append(took)
    return found


async def measure_many(options: argparse.Namespace, base_url: str) -> dict[str, Rounds]:
    """CPU seconds per event, and the 99th percentile of the seconds to the first event, in each round."""
    found: dict[str, Rounds] = {}
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
            found.setdefault(name, []).append((spent, late))
    return {name: of_one[1:] for name, of_one in found.items()}  # the first round is for warming up


def rows(streams: int, one: dict[str, dict[int, Rounds]], many: dict[str, Rounds]) -> list[Row]:
    """What is recorded."""

    def of_one(together: int) -> Three:
        return of_three(lambda name: [cpu * 1e6 for _, cpu in one.get(name, {}).get(together, ())], THREE)

    single, packed = of_one(1), of_one(100)
    cpu = of_three(lambda name: [used * 1e6 for used, _ in many.get(name, ())], THREE)
    late = of_three(lambda name: [first * 1e3 for _, first in many.get(name, ())], THREE)
    what = f"{streams} streams at once"
    return [
        Row("one stream, one event per packet", "CPU of an event", "µs", *single, aim=ALLOWED_CPU),
        Row("one stream, 100 events per packet", "CPU of an event", "µs", *packed),
        Row(what, "CPU of an event", "µs", *cpu, aim=ALLOWED_CPU),
        Row(what, "first event, 99th percentile", "ms", *late, aim=ALLOWED_LATENESS),
    ]


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
        one = asyncio.run(measure_one(options, base_url))
        many = asyncio.run(measure_many(options, base_url))
    record(*rows(options.streams, one, many))
    show(options.streams, one, many)


def show(streams: int, one: dict[str, dict[int, Rounds]], many: dict[str, Rounds]) -> None:
    """Print the tables."""
    best = {
        name: {together: min(rounds, key=lambda pair: pair[1]) for together, rounds in of_one.items()}
        for name, of_one in one.items()
    }
    cells = []
    for name, of_best in best.items():
        row = [name]
        for together in PACKETS:
            wall, cpu = of_best[together]
            row += [f"{1 / wall:,.0f}", f"{cpu * 1e6:.1f}", ratio(cpu, best[BARE][together][1])]
        cells.append(row)
    head = ["", "1 per packet: events/s", "CPU µs per event", "to bare"]
    head += ["100 per packet: events/s", "CPU µs per event", "to bare"]
    table("Events of analyze_stream (best round)", head, cells)
    least = {name: (min(cpu for cpu, _ in of_one), min(late for _, late in of_one)) for name, of_one in many.items()}
    cpu, first = least[BARE]
    table(
        f"{streams} streams of {EACH} events at once (best round)",
        ["", "CPU µs per event", "to bare", "first event at p99", "to bare"],
        [
            [name, f"{mine * 1e6:.1f}", ratio(mine, cpu), f"{late * 1000:.0f} ms", ratio(late, first)]
            for name, (mine, late) in least.items()
        ],
    )


if __name__ == "__main__":
    main()
