"""Many workers under a rate limit: the time compared with the optimum, and the number of rejected requests.

    python -m bench.rates [--workers 64] [--limit 600] [--window 60] [--windows 2]
    python -m bench.rates --fixed          the client is configured with the limit and spaces its requests
    python -m bench.rates --quick          windows of 10 seconds with 100 requests

The emulator counts in fixed windows per group of operations, and sends the remaining number in response headers. The
benchmark makes requests for `--windows` full windows in each of two groups. The optimal time ends when the last of
these windows begins, because all of its requests may be sent at once. The exit status is 0 if the workers needed at
most 1.1 times the optimal time, and fewer than 1 % of the requests received 429.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

from bench._emulator import Running, emulator
from bench.results import Aim, Row, record
from twelvelabs_async import AsyncTwelveLabs, Hooks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from twelvelabs_async import ResponseEvent

ALLOWED_TIME = 1.1
ALLOWED_REJECTIONS = 0.01
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
        ideal = options.window * options.windows  # evenly spaced: the last request is sent at the end
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
                    # There is no such index: cheap for the emulator, but the request counts against the limit.
                    if getattr(error, "status", None) not in {400, 404}:
                        raise

        begun = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(options.workers)))
        seconds = time.perf_counter() - begun
    sent = statuses.total()
    rejected = statuses[429] / sent
    print(
        f"{options.workers} workers, {each:,} requests in each of {len(GROUPS)} groups, {options.limit} per "
        f"{options.window:g} s and group"
    )
    print(f"needed {seconds:.1f} s, optimum {ideal:.1f} s: ratio {seconds / ideal:.3f} (allowed {ALLOWED_TIME})")
    print(f"{sent:,} requests were sent, {statuses[429]} of them received 429: {rejected:.2%} (allowed 1 %)")
    what = f"{options.workers} workers under {options.limit} requests per {options.window:g} s"
    record(
        Row(what, "time relative to the optimum", "", [seconds / ideal], aim=Aim(ALLOWED_TIME)),
        Row(what, "rejected requests", "%", [rejected * 100], aim=Aim(ALLOWED_REJECTIONS * 100)),
    )
    return seconds <= ALLOWED_TIME * ideal and rejected < ALLOWED_REJECTIONS


def main() -> None:
    """Run the benchmark; the exit status says whether the limits were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=64)
    parser.add_argument("--limit", type=int, default=600, help="requests per window and group")
    parser.add_argument("--window", type=float, default=60.0, help="seconds of a window")
    parser.add_argument("--windows", type=int, default=2, help="number of full windows")
    parser.add_argument("--fixed", action="store_true", help="configure the limit in the client (requests_per_minute)")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.quick:
        options.limit, options.window, options.windows = 100, 10.0, 3
    if options.windows < 2:
        parser.error("--windows must be at least 2: one window's requests may all be sent at once")
    with emulator("--rate-limit", str(options.limit), "--rate-window", str(options.window)) as running:
        good = asyncio.run(measure(running, options))
    print("The limits were met." if good else "The limits were NOT met.")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
