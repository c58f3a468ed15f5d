"""Waiting for many tasks at once: requests, CPU, and how late the end of each is noticed.

    python -m bench.waits [--tasks 2000] [--seconds 3] [--interval 1] [--more 10000] [--without-official]

The tasks are ready after about `--seconds`, and the contenders check every `--interval` seconds. A task is noticed when
its wait has ended; how late that is, is measured with the clock that both processes share. What was imported is kept
from the garbage collector (`gc.freeze`), as a server does that cares for stalls. The exit status is 1 if this
package needs more requests, CPU or time than README.md allows.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import sys
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final
from urllib.request import urlopen

import aiohttp
import attrs
import orjson

from bench._harness import (
    BARE,
    KEY,
    OFFICIAL,
    OURS,
    Stalls,
    official_client,
    official_is_there,
    our_client,
    ratio,
    running_server,
    table,
)
from bench.results import Aim, Row, record
from bench.tasks_server import Run, task_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

AS_COMPLETED: Final = f"{OURS}: as_completed"
WAIT_FOR_DONE: Final = f"{OURS}: wait_for_done"


@attrs.frozen
class Result:
    """What one contender needed."""

    requests: int
    cpu: float
    late: list[float]
    stall: float


async def together(wait: Callable[[str], Awaitable[None]], ids: list[str]) -> None:
    """Wait for all. The tasks are made in slices, because making 2,000 at once stalls the event loop by itself."""
    tasks = []
    for number, identifier in enumerate(ids):
        tasks.append(asyncio.ensure_future(wait(identifier)))
        if not number % 50:
            await asyncio.sleep(0)
    for task in tasks:
        await task


async def bare_aiohttp(base_url: str, ids: list[str], interval: float, noticed: Callable[[str], None]) -> None:
    """Ask for each task every `interval` seconds."""
    async with aiohttp.ClientSession(headers={"x-api-key": KEY}) as session:

        async def wait(identifier: str) -> None:
            while True:
                async with session.get(f"{base_url}/tasks/{identifier}") as response:
                    task = orjson.loads(await response.read())
                if task["status"] == "ready":
                    noticed(identifier)
                    return
                await asyncio.sleep(interval)

        await together(wait, ids)


async def as_completed(base_url: str, ids: list[str], interval: float, noticed: Callable[[str], None]) -> None:
    """One loop over all outcomes."""
    async with our_client(base_url) as client:
        async for outcome in client.tasks.as_completed(ids, sleep_interval=interval):
            if outcome.error is not None:
                raise outcome.error
            noticed(outcome.id)


async def wait_for_done(base_url: str, ids: list[str], interval: float, noticed: Callable[[str], None]) -> None:
    """One wait for each task."""
    async with our_client(base_url) as client:

        async def wait(identifier: str) -> None:
            await client.tasks.wait_for_done(identifier, sleep_interval=interval)
            noticed(identifier)

        await together(wait, ids)


async def official(base_url: str, ids: list[str], interval: float, noticed: Callable[[str], None]) -> None:
    """One wait for each task."""
    async with official_client(base_url) as client:

        async def wait(identifier: str) -> None:
            await client.tasks.wait_for_done(identifier, sleep_interval=interval)
            noticed(identifier)

        await together(wait, ids)


CONTENDERS: Final[dict[str, Callable[[str, list[str], float, Callable[[str], None]], Awaitable[None]]]] = {
    BARE: bare_aiohttp,
    AS_COMPLETED: as_completed,
    WAIT_FOR_DONE: wait_for_done,
    OFFICIAL: official,
}


async def measure(root: str, name: str, tasks: int, options: argparse.Namespace) -> Result:
    """Let one contender wait for its tasks."""
    label = name.replace(" ", "_").replace(":", "")
    run = f"{label}-{tasks}-{round(options.seconds * 1000)}"
    facts = Run(run)
    ids = [task_id(number) for number in range(tasks)]
    numbers = {identifier: number for number, identifier in enumerate(ids)}
    at: dict[str, float] = {}

    def noticed(identifier: str) -> None:
        at[identifier] = time.monotonic()

    gc.collect()
    gc.freeze()  # a collection of everything that was imported stalls any program for 50 ms
    async with AsyncExitStack() as stack:
        stalls = await stack.enter_async_context(Stalls())
        began, cpu = time.monotonic(), time.process_time()
        await CONTENDERS[name](f"{root}/{run}/v1.3", ids, options.interval, noticed)
        cpu = time.process_time() - cpu
    if at.keys() != numbers.keys():
        raise SystemExit(f"{name} lost tasks")
    counts = json.loads(await asyncio.to_thread(lambda: urlopen(f"{root}/counts").read()))[run]
    late = [moment - began - facts.ready_at(numbers[identifier]) for identifier, moment in at.items()]
    return Result(sum(counts), cpu, late, stalls.longest)


def row(name: str, tasks: int, result: Result, base: Result | None) -> list[str]:
    """A row of the table."""
    return [
        f"{name}, {tasks:,}",
        f"{result.requests:,}",
        f"{result.cpu:.2f} s",
        ratio(result.cpu, base.cpu) if base is not None else "-",
        f"{statistics.median(result.late):.2f} s",
        f"{max(result.late):.2f} s",
        f"{result.stall:.0f} ms",
    ]


def rows_of(name: str, tasks: int, options: argparse.Namespace, ours: Result, others: dict[str, Result]) -> list[Row]:
    """What is recorded of one way to wait. Of runs with more tasks, there is no other contender, and no aim."""
    scale = tasks / 2000
    requests = {AS_COMPLETED: 400, WAIT_FOR_DONE: 2600}[name] * scale
    what = f"{tasks:,} tasks: {name.removeprefix(f'{OURS}: ')}"
    bare, official = others.get(BARE), others.get(OFFICIAL)
    aims: list[Aim | None] = [None] * 4
    if bare is not None:
        cpu = Aim(0.5, of="bare") if name == AS_COMPLETED else None
        aims = [Aim(requests), cpu, Aim(1.5 * options.interval), Aim(20)]
    measures: list[tuple[str, str, Callable[[Result], float]]] = [
        ("requests", "", lambda result: result.requests),
        ("CPU", "s", lambda result: result.cpu),
        ("maximum delay until an end is noticed", "s", lambda result: max(result.late)),
        ("longest stall of the event loop", "ms", lambda result: result.stall),
    ]
    return [
        Row(
            what,
            measure_of,
            unit,
            [value(ours)],
            [value(bare)] if bare else [],
            [value(official)] if official else [],
            aim=aim,
        )
        for (measure_of, unit, value), aim in zip(measures, aims, strict=True)
    ]


def main() -> None:
    """Run the comparison; the exit status says whether the limits were met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--more", type=int, default=10_000, help="tasks of a second run of this package; 0 for none")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--interval", type=float, default=1.0)
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    options.official = options.official and official_is_there()
    names = [name for name in CONTENDERS if name != OFFICIAL or options.official]
    rows, results = [], dict[str, Result]()
    with running_server("bench.tasks_server") as base_url:
        root = base_url.removesuffix("/v1.3")
        for name in names:
            warm_up = argparse.Namespace(seconds=0.2, interval=0.1)
            asyncio.run(measure(root, name, 10, warm_up))  # imports are not measured
            results[name] = asyncio.run(measure(root, name, options.tasks, options))
            rows.append(row(name, options.tasks, results[name], results[BARE]))
        for name in (AS_COMPLETED, WAIT_FOR_DONE):
            record(*rows_of(name, options.tasks, options, results[name], results))
        if options.more:
            for name in (AS_COMPLETED, WAIT_FOR_DONE):
                result = asyncio.run(measure(root, name, options.more, options))
                rows += [row(name, options.more, result, None)]
                record(*rows_of(name, options.more, options, result, {}))
    title = f"Tasks that are ready after about {options.seconds:g} s, checked every {options.interval:g} s"
    table(title, ["", "requests", "CPU", "to bare", "late (median)", "late (at most)", "longest stall"], rows)
    many, one = results[AS_COMPLETED], results[WAIT_FOR_DONE]
    scale = options.tasks / 2000
    problems = [
        *(["as_completed: too many requests"] if many.requests > 400 * scale else []),
        *(["wait_for_done: too many requests"] if one.requests > 2600 * scale else []),
        *(["as_completed: too much CPU"] if many.cpu > 0.5 * results[BARE].cpu else []),
        *(["noticed too late"] if max(many.late + one.late) > 1.5 * options.interval else []),
        *(["the event loop was blocked"] if max(many.stall, one.stall) > 20 else []),
    ]
    if problems:
        sys.exit("; ".join(problems))


if __name__ == "__main__":
    main()
