"""What a response full of embeddings costs: memory, CPU time, and how long the event loop is blocked.

    python -m bench.embeddings [--rounds 9] [--segments 740] [--without-official]

Each contender fetches the response over loopback in a process of its own: once for the memory, then `--rounds` times
for the CPU time, and as many times for the stalls. It is freed each time. Bare aiohttp reads and parses on the event
loop, and keeps dicts and lists.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

from bench._harness import (
    BARE,
    OFFICIAL,
    OURS,
    Stalls,
    fresh_process,
    official_client,
    official_is_there,
    our_client,
    ratio,
    resident,
    running_server,
    table,
)
from bench.decode import bare_aiohttp
from bench.platform import embedding_task
from bench.results import Aim, Row, record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

REPETITIONS: Final = 3
"""Processes of each contender, which alternate."""

WARM_UP_SEGMENTS: Final = 5

MEASURES: Final = (
    ("peak memory above idle", "MiB", "peak", Aim(20)),
    ("memory of the result", "MiB", "kept", None),
    ("CPU", "ms", "cpu", Aim(1, of="bare")),
    ("longest stall of the event loop", "ms", "stall", Aim(10)),
)
"""What is recorded: measure, unit, name of the fact, aim."""


async def _call_of(stack: AsyncExitStack, contender: str, base_url: str, segments: int) -> Callable[[], Awaitable[Any]]:
    """The call of a contender, after one small call that loads what it needs."""
    if contender == BARE:
        small = await stack.enter_async_context(bare_aiohttp(base_url, f"/embed/tasks/{WARM_UP_SEGMENTS}"))
        await small()
        return await stack.enter_async_context(bare_aiohttp(base_url, f"/embed/tasks/{segments}"))
    client = await stack.enter_async_context((our_client if contender == OURS else official_client)(base_url))
    await client.embed.tasks.retrieve(str(WARM_UP_SEGMENTS))
    return lambda: client.embed.tasks.retrieve(str(segments))


async def measure(contender: str, base_url: str, segments: int, rounds: int) -> dict[str, float]:
    """Fetch the response again and again; the first time for the memory."""
    async with AsyncExitStack() as stack:
        call = await _call_of(stack, contender, base_url, segments)
        gc.collect()
        idle = resident()
        response = await call()
        peak, kept = resident(peak=True) - idle, resident() - idle
        del response
        stall = cpu = float("inf")
        for _ in range(rounds):
            gc.collect()
            start = time.process_time()
            response = await call()
            del response
            cpu = min(cpu, (time.process_time() - start) * 1000)
        for _ in range(rounds):  # apart: the watcher takes CPU time, the more the less the event loop is blocked
            async with Stalls() as stalls:
                response = await call()
                del response
            stall = min(stall, stalls.longest)
    return {"peak": peak, "kept": kept, "cpu": cpu, "stall": stall}


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--segments", type=int, default=740, help="vectors in the response, 11 kB each")
    parser.add_argument("--without-official", dest="official", action="store_false")
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    parser.add_argument("--base-url", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        found = asyncio.run(measure(options.contender, options.base_url, options.segments, options.rounds))
        print(json.dumps(found))
        return
    contenders = [BARE, OURS, *([OFFICIAL] if options.official and official_is_there() else [])]
    sizes = ["--segments", str(options.segments), "--rounds", str(options.rounds)]
    facts: dict[str, list[dict[str, float]]] = {}
    with running_server("bench.platform") as base_url:
        for contender in contenders * REPETITIONS:
            arguments = ["--contender", contender, "--base-url", base_url, *sizes]
            facts.setdefault(contender, []).append(fresh_process("-m", "bench.embeddings", *arguments))
    best = {who: {name: min(one[name] for one in of_one) for name in of_one[0]} for who, of_one in facts.items()}
    rows = [
        [
            contender,
            f"{found['peak']:.1f} MiB",
            f"{found['kept']:.1f} MiB",
            f"{found['cpu']:.0f} ms",
            ratio(found["cpu"], best[BARE]["cpu"]),
            f"{found['stall']:.0f} ms",
        ]
        for contender, found in best.items()
    ]
    size = len(embedding_task(options.segments)) / 1e6
    head = ["", "peak memory above idle", "memory of the result", "CPU", "to bare", "longest stall"]
    table(f"Fetching {size:.1f} MB of embeddings ({options.segments} vectors of 512 numbers)", head, rows)
    for measure_of, unit, name, aim in MEASURES:
        ours, bare, official = ([one[name] for one in facts.get(who, ())] for who in (OURS, BARE, OFFICIAL))
        record(Row(f"fetch {size:.1f} MB of embeddings", measure_of, unit, ours, bare, official, aim=aim))


if __name__ == "__main__":
    main()
