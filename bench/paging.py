"""Iterating over a list of 1,000 items, 50 per page, at once and with 20 ms of latency.

python -m bench.paging [--rounds 5] [--without-official]
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
    THREE,
    official_client,
    official_is_there,
    our_client,
    ratio,
    running_server,
    table,
)
from bench.platform import LATENCY, PAGES, PER_PAGE, index_page
from bench.results import Aim, Row, of_three, record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PLAIN: Final = f"{OURS}, readahead=0"

IDS: Final = [item["_id"] for page in range(1, PAGES + 1) for item in orjson.loads(index_page(page))["data"]]

Walk = Callable[[], Awaitable[list[str]]]
"""Iterates over the list and returns the ids of its items."""


@asynccontextmanager
async def bare_aiohttp(base_url: str) -> AsyncIterator[Walk]:
    """A loop that requests a page when it needs it."""
    async with aiohttp.ClientSession(headers={"x-api-key": KEY}) as session:

        async def walk() -> list[str]:
            page, last, ids = 1, 1, []
            while page <= last:
                async with session.get(f"{base_url}/indexes?page={page}&page_limit={PER_PAGE}") as response:
                    content = orjson.loads(await response.read())
                last = content["page_info"]["total_page"]
                for item in content["data"]:
                    ids.append(item["_id"])  # noqa: PERF401 - a loop, like those of the others
                page += 1
            return ids

        yield walk


async def read_ids(items: Any) -> list[str]:
    return [item.id async for item in items]


@asynccontextmanager
async def contenders(base_url: str, official: bool) -> AsyncIterator[dict[str, Walk]]:
    """A loop of each contender."""
    async with AsyncExitStack() as stack:
        walks: dict[str, Walk] = {BARE: await stack.enter_async_context(bare_aiohttp(base_url))}
        ours = await stack.enter_async_context(our_client(base_url))
        walks[OURS] = lambda: read_ids(ours.indexes.list(page_limit=PER_PAGE))
        plain = ours.with_options(readahead=0)
        walks[PLAIN] = lambda: read_ids(plain.indexes.list(page_limit=PER_PAGE))
        if official:
            theirs = await stack.enter_async_context(official_client(base_url))

            async def walk() -> list[str]:
                return await read_ids(await theirs.indexes.list(page_limit=PER_PAGE))

            walks[OFFICIAL] = walk
        yield walks


async def measure(base_url: str, rounds: int, official: bool) -> dict[str, list[tuple[float, float]]]:
    """Seconds and CPU seconds of every round, by contender."""
    async with contenders(base_url, official) as walks:
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in walks}
        for at in range(rounds + 1):
            for name, walk in walks.items():
                wall, cpu = time.perf_counter(), time.process_time()
                ids = await walk()
                wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
                if ids != IDS:
                    raise SystemExit(f"{name} lost items, or their order")
                if at:  # the first round warms up
                    found[name].append((wall, cpu))
    return found


def cells(found: dict[str, list[tuple[float, float]]]) -> list[list[str]]:
    """Rows of the printed table."""
    best_wall = {name: min(wall for wall, _ in of_one) for name, of_one in found.items()}
    best_cpu = {name: min(cpu for _, cpu in of_one) for name, of_one in found.items()}
    return [
        [
            name,
            f"{best_wall[name] * 1e3:.0f} ms",
            ratio(best_wall[name], best_wall[BARE]),
            f"{best_cpu[name] / len(IDS) * 1e6:.1f}",
            ratio(best_cpu[name], best_cpu[BARE]),
        ]
        for name in found
    ]


def rows(found: dict[str, list[tuple[float, float]]], latency: float) -> list[Row]:
    """What is recorded."""
    times = of_three(lambda name: [wall * 1e3 for wall, _ in found.get(name, ())], THREE)
    cpu = of_three(lambda name: [used / len(IDS) * 1e6 for _, used in found.get(name, ())], THREE)
    what = f"{len(IDS):,} items, latency of {latency * 1e3:.0f} ms" if latency else f"{len(IDS):,} items, no latency"
    return [
        Row(what, "time", "ms", *times, aim=Aim(0.4, of="bare") if latency else None),
        Row(what, "CPU of an item", "µs", *cpu, aim=Aim(2, of="bare") if latency else None),
    ]


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    official = options.official and official_is_there()
    with running_server("bench.platform") as base_url:
        for latency, path in ((0, ""), (LATENCY, "/slow")):
            found = asyncio.run(measure(base_url + path, options.rounds, official))
            delay = f"{latency * 1e3:.0f} ms of latency"
            title = f"Iterating over {len(IDS):,} items, {PER_PAGE} per page, {delay} (best round)"
            table(title, ["", "time", "to bare", "CPU µs per item", "to bare"], cells(found))
            record(*rows(found, latency))


if __name__ == "__main__":
    main()
