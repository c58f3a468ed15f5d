"""Memory over many calls of one client: it must not grow after the warm-up.

python -m bench.memory [--calls 100000] [--concurrency 64]
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import sys

from bench._harness import our_client, resident, running_server
from bench.calls import INDEX_ID
from bench.results import Aim, Row, record

WARM_UP = 20_000
"""Calls before the first measurement, until connections, caches and pools of the allocator have reached their size."""

ALLOWED_MIB = 2.0


def held() -> float:
    """Memory of this process in MiB after a garbage collection."""
    gc.collect()
    return resident()


async def measure(options: argparse.Namespace, base_url: str) -> bool:
    """Make the calls and print the memory in between."""
    loop = asyncio.get_running_loop()
    tasks = len(asyncio.all_tasks(loop))
    async with our_client(base_url) as client:

        async def calls(count: int) -> None:
            async def worker() -> None:
                for _ in range(count // options.concurrency):
                    await client.indexes.retrieve(INDEX_ID)

            await asyncio.gather(*(worker() for _ in range(options.concurrency)))

        print("Memory of one client over many calls\n")
        await calls(WARM_UP)
        first = held()
        print(f"{WARM_UP:>9,} calls: {first:7.2f} MiB (after warm-up)")
        done, step = 0, max(options.concurrency, options.calls // 5)
        while done < options.calls:
            await calls(step)
            done += step
            print(f"{WARM_UP + done:>9,} calls: {held():7.2f} MiB")
        growth = held() - first
        limits = client.limits
    left = len(asyncio.all_tasks(loop)) - tasks
    print(f"\ngrowth {growth:.2f} MiB (allowed {ALLOWED_MIB}); calls in flight {limits.in_flight}; tasks left {left}\n")
    what = f"{options.calls:,} calls of one client"
    record(Row(what, "growth of memory after the warm-up", "MiB", [growth], aim=Aim(ALLOWED_MIB)))
    return growth < ALLOWED_MIB and left == 0 and limits.in_flight == 0


def main() -> None:
    """Run the benchmark; the exit status says whether memory stayed within the limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--concurrency", type=int, default=64)
    options = parser.parse_args()
    with running_server() as base_url:
        sys.exit(not asyncio.run(measure(options, base_url)))


if __name__ == "__main__":
    main()
