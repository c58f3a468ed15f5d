"""How long very large responses block the event loop.

    python -m bench.large [--rounds 3]

A client fetches each response over loopback while a watcher on the same event loop checks the clock every millisecond.
Bare aiohttp reads and parses on the event loop.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, Final

import aiohttp
import orjson

from bench._harness import BARE, OURS, Stalls, our_client, running_server, table
from bench.large_server import ITEMS, KEYS, MEGABYTES
from bench.results import Aim, Row, record

CASES: Final = {
    f"{MEGABYTES} MB of embeddings": "embed/tasks/embeddings",
    f"{MEGABYTES} MB of embeddings, gzip": "embed/tasks/embeddings-gzip",
    f"a page of {ITEMS:,} indexes": "indexes",
    f"a list of {ITEMS:,} small objects": "indexes/objects",
    f"a text of {MEGABYTES} MB": "indexes/text",
    f"an object of {KEYS:,} members": "indexes/keys",
}
"""What is fetched, and the path from where."""

UNAVOIDABLE: Final = frozenset({"indexes/text", "indexes/keys"})
"""Beyond the aim, because Python joins a string, and enlarges a dict, in one go."""

ALLOWED_STALL: Final = Aim(20)


def our_call(client: Any, path: str) -> Callable[[], Awaitable[object]]:
    """The call of this package that requests a path."""
    resource, _, name = path.rpartition("/")
    if not resource:

        async def first_page() -> object:
            return await client.indexes.list()

        return first_page
    retrieve = client.embed.tasks.retrieve if resource.startswith("embed") else client.indexes.retrieve
    return lambda: retrieve(name)


async def stall_of(call: Callable[[], Awaitable[object]], rounds: int) -> tuple[list[float], list[float]]:
    """The longest stall and the time of each round, in milliseconds."""
    await call()  # the server makes the response when it is first asked for it
    longest, times = [], []
    for _ in range(rounds):
        gc.collect()
        async with Stalls() as stalls:
            start = time.perf_counter()
            response = await call()  # kept until after the measurement
            times.append((time.perf_counter() - start) * 1000)
        longest.append(stalls.longest)
        del response
    return longest, times


async def measure(base_url: str, rounds: int) -> list[list[str]]:
    """Rows of the table."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        client = await stack.enter_async_context(our_client(base_url, timeout=300))
        rows = []
        for name, path in CASES.items():

            async def bare(path: str = path) -> object:
                async with session.get(f"{base_url}/{path}") as response:
                    return orjson.loads(await response.read())

            theirs, ours = await stall_of(bare, rounds), await stall_of(our_call(client, path), rounds)
            rows.append([name, *(f"{min(values):.0f} ms" for values in (*theirs, *ours))])
            what = f"fetch {name}"
            aim = None if path in UNAVOIDABLE else ALLOWED_STALL
            record(
                Row(what, "longest stall of the event loop", "ms", ours[0], theirs[0], aim=aim),
                Row(what, "time", "ms", ours[1], theirs[1]),
            )
        return rows


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with running_server("bench.large_server") as base_url:
        rows = asyncio.run(measure(base_url, options.rounds))
    head = ["", f"{BARE}: longest stall", "time", f"{OURS}: longest stall", "time"]
    table("How long the event loop is blocked while a very large response is fetched (best round)", head, rows)


if __name__ == "__main__":
    main()
