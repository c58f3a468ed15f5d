"""Iterating over a list of 2,000 items, 50 per page.

python -m bench.pages [--rounds 5] [--without-official]
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
from bench.platform import PAGES, PER_PAGE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ITEMS: Final = PAGES * PER_PAGE

Walk = Callable[[], Awaitable[int]]
"""Iterates over the list and counts its items."""


@asynccontextmanager
async def bare_aiohttp(base_url: str) -> AsyncIterator[Walk]:
    async with aiohttp.ClientSession(headers={"x-api-key": KEY}) as session:

        async def walk() -> int:
            page, last, count = 1, 1, 0
            while page <= last:
                async with session.get(f"{base_url}/indexes?page={page}&page_limit={PER_PAGE}") as response:
                    content = orjson.loads(await response.read())
                last = content["page_info"]["total_page"]
                for _ in content["data"]:
                    count += 1
                page += 1
            return count

        yield walk


async def count_items(items: Any) -> int:
    count = 0
    async for _ in items:
        count += 1
    return count


async def measure(options: argparse.Namespace, base_url: str) -> list[list[str]]:
    """Rows of the table."""
    async with AsyncExitStack() as stack:
        walks: dict[str, Walk] = {BARE: await stack.enter_async_context(bare_aiohttp(base_url))}
        ours = await stack.enter_async_context(our_client(base_url))
        walks[OURS] = lambda: count_items(ours.indexes.list(page_limit=PER_PAGE))
        if options.official:
            theirs = await stack.enter_async_context(official_client(base_url))

            async def official() -> int:
                return await count_items(await theirs.indexes.list(page_limit=PER_PAGE))

            walks[OFFICIAL] = official
        best = dict.fromkeys(walks, (float("inf"), float("inf")))
        for at in range(options.rounds + 1):
            for name, walk in walks.items():
                wall, cpu = time.perf_counter(), time.process_time()
                if await walk() != ITEMS:
                    raise SystemExit(f"{name} lost items")
                if at:  # the first round warms up
                    took = time.perf_counter() - wall, time.process_time() - cpu
                    best[name] = min(best[name], took, key=lambda pair: pair[1])
    base = best[BARE][1]
    return [
        [name, f"{ITEMS / wall:,.0f}", f"{cpu / ITEMS * 1e6:.1f}", ratio(cpu, base)]
        for name, (wall, cpu) in best.items()
    ]


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    options.official = options.official and official_is_there()
    with running_server("bench.platform") as base_url:
        rows = asyncio.run(measure(options, base_url))
    title = f"Iterating over a list of {ITEMS:,} items, {PER_PAGE} per page (best round)"
    table(title, ["", "items/s", "CPU µs per item", "to bare"], rows)


if __name__ == "__main__":
    main()
