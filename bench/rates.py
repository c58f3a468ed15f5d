"""Many workers under a rate limit: how close to the best possible time, and how many requests are refused on the way.

    python -m bench.rates [--workers 64] [--limit 600] [--window 60] [--windows 2]
    python -m bench.rates --fixed          the client is told the limit and spaces its requests
    python -m bench.rates --quick          windows of 10 seconds with 100 requests

The emulator counts in fixed windows, each group of operations for itself, and says in the headers of its answers what
is left. Requests for `--windows` full windows are made in each of two groups. The best possible time is that until the
last of these windows begins, for all of whose requests may be sent at once. The exit status says whether the workers
needed at most 1.1 times as long, and whether fewer than 1 % of the requests were answered with 429.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from bench._emulator import Running, emulator
from twelvelabs_async import AsyncTwelveLabs, Hooks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from twelvelabs_async import ResponseEvent

ALLOWED_TIME = 1.1
ALLOWED_REFUSALS = 0.01
GROUPS = ("other", "search")


async def measure(running: Running, options: argparse.Namespace) -> bool:
    """Make the calls and compare."""
    statuses: Counter[int | None] = Counter()

    def seen(event: ResponseEvent) -> None:
        statuses[event.status] += 1

    each = options.limit * options.windows
    ideal = options.window * (options.windows - 1)
    per_minute = dict.fromkeys(GROUPS, options.limit * 60 / options.window) if options.fixed else None
    if options.fixed:
        ideal = options.window * options.windows  # evenly spaced, the last request is sent at the end
    hooks = Hooks(on_response=seen)
    async with AsyncTwelveLabs(**running.settings, hooks=hooks, requests_per_minute=per_minute) as client:
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "other": lambda: client.indexes.retrieve("0" * 24),
            "search": lambda: client.search.create(index_id="0" * 24, query_text="red", search_options=["visual"]),
        }
        numbers = iter(range(each * len(GROUPS)))

        async def worker() -> None:
            for number in numbers:
                try:
                    await calls[GROUPS[number % len(GROUPS)]]()
                except Exception as error:
                    # There is no such index, which costs the emulator little and counts all the same.
                    if getattr(error, "status", None) not in {400, 404}:
                        raise

        begun = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(options.workers)))
        seconds = time.perf_counter() - begun
    sent = statuses.total()
    refused = statuses[429] / sent
    print(
        f"{options.workers} workers, {each:,} requests in each of {len(GROUPS)} groups, {options.limit} per "
        f"{options.window:g} s and group"
    )
    print(f"needed {seconds:.1f} s, at best {ideal:.1f} s: {seconds / ideal:.3f} times (allowed {ALLOWED_TIME})")
    print(f"{sent:,} requests were sent, {statuses[429]} of them answered with 429: {refused:.2%} (allowed 1 %)")
    return seconds <= ALLOWED_TIME * ideal and refused < ALLOWED_REFUSALS


def main() -> None:
    """Run it; the exit status says whether it was good enough."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--limit", type=int, default=600, help="requests per window and group")
    parser.add_argument("--window", type=float, default=60.0, help="seconds of a window")
    parser.add_argument("--windows", type=int, default=2, help="windows full of requests")
    parser.add_argument("--fixed", action="store_true", help="tell the client the limit (requests_per_minute)")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.quick:
        options.limit, options.window, options.windows = 100, 10.0, 3
    if options.windows < 2:
        parser.error("--windows must be at least 2: one window's requests may all be sent at once")
    with emulator("--rate-limit", str(options.limit), "--rate-window", str(options.window)) as running:
        good = asyncio.run(measure(running, options))
    print("Good enough." if good else "NOT good enough.")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
