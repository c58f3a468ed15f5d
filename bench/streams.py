"""Reading the events of a streamed analysis.

    python -m bench.streams [--events 20000] [--rounds 5] [--without-official]

The server sends the events as fast as they are received: one per packet, as when they are generated one by one, and
a hundred per packet, as behind a buffering proxy. The official SDK parses one event at a time with the
standard library and pydantic; bare aiohttp iterates over the lines and parses them with orjson.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
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

Read = Callable[[str], Awaitable[int]]
"""Reads the stream that the prompt specifies and counts its events."""


@asynccontextmanager
async def bare_aiohttp(base_url: str) -> AsyncIterator[Read]:
    async with aiohttp.ClientSession(headers={"x-api-key": KEY}) as session:

        async def read(prompt: str) -> int:
            count = 0
            async with session.post(f"{base_url}/analyze", json={"prompt": prompt}) as response:
                async for line in response.content:
                    orjson.loads(line)
                    count += 1
            return count

        yield read


async def count_events(stream: Any) -> int:
    count = 0
    async for _ in stream:
        count += 1
    return count


async def measure(options: argparse.Namespace, base_url: str) -> dict[str, dict[int, tuple[float, float]]]:
    """Seconds and CPU seconds of the best round, by contender and events per packet."""
    best: dict[str, dict[int, tuple[float, float]]] = {}
    async with AsyncExitStack() as stack:
        reads: dict[str, Read] = {BARE: await stack.enter_async_context(bare_aiohttp(base_url))}
        ours = await stack.enter_async_context(our_client(base_url))
        reads[OURS] = lambda prompt: count_events(ours.analyze_stream(video_id="v", prompt=prompt))
        if options.official:
            theirs = await stack.enter_async_context(official_client(base_url))
            reads[OFFICIAL] = lambda prompt: count_events(theirs.analyze_stream(prompt=prompt))
        for read in reads.values():
            await read("100/1")
        for together in PACKETS:
            for _ in range(options.rounds):
                for name, read in reads.items():
                    count = options.events // (10 if name == OFFICIAL else 1)
                    wall, cpu = time.perf_counter(), time.process_time()
                    if await read(f"{count}/{together}") != count:
                        raise SystemExit(f"{name} lost events")
                    took = (time.perf_counter() - wall) / count, (time.process_time() - cpu) / count
                    of_one = best.setdefault(name, {})
                    of_one[together] = min(of_one.get(together, took), took, key=lambda pair: pair[1])
    return best


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    options.official = options.official and official_is_there()
    with running_server("bench.platform") as base_url:
        best = asyncio.run(measure(options, base_url))
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


if __name__ == "__main__":
    main()
