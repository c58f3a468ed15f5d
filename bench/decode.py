"""The cost of decoding: from the bytes of a response to models, and how long a large one blocks the event loop.

    python -m bench.decode [--rounds 7] [--segments 1150] [--without-official]

Pure decoding is measured without a network. For the stalls, a client fetches the large response over loopback while a
watcher on the same event loop checks the clock every millisecond.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
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
    Stalls,
    official_client,
    official_is_there,
    our_client,
    ratio,
    running_server,
    table,
)
from bench.platform import embedding_task, index_page
from bench.results import Aim, Row, record
from bench.server import INDEX

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Decode = Callable[[bytes], Any]

PARSER: Final = "orjson alone"
SLOW: Final = 1800
"""Milliseconds after which one round is enough."""

ALLOWED_STALL: Final = Aim(20)

SMALL, PAGE, LARGE = "one index", "50 indexes", "embeddings"


def our_decoders() -> dict[str, Decode]:
    from twelvelabs_async._codec.decode import decoder
    from twelvelabs_async.types import EmbedTasksRetrieveResponse, IndexesListResponse, IndexSchema

    def of(kind: Any) -> Decode:
        decode = decoder(kind)

        def run(body: bytes) -> Any:
            return decode(body, 200, None)

        return run

    return {SMALL: of(IndexSchema), PAGE: of(IndexesListResponse), LARGE: of(EmbedTasksRetrieveResponse)}


def official_decoders() -> dict[str, Decode]:
    """The decoding of the official client: httpx's json(), aliases, pydantic."""
    import httpx
    from twelvelabs.core.pydantic_utilities import parse_obj_as
    from twelvelabs.embed.tasks.types.tasks_retrieve_response import TasksRetrieveResponse
    from twelvelabs.indexes.types.indexes_list_response import IndexesListResponse
    from twelvelabs.types.index_schema import IndexSchema

    def of(kind: Any) -> Decode:
        return lambda body: parse_obj_as(kind, httpx.Response(200, content=body).json())

    return {SMALL: of(IndexSchema), PAGE: of(IndexesListResponse), LARGE: of(TasksRetrieveResponse)}


def milliseconds(decode: Decode, body: bytes, rounds: int) -> list[float]:
    """CPU time to decode once, in every round."""
    repetitions = max(1, 200_000 // len(body))
    decode(body)
    times: list[float] = []
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        for _ in range(repetitions):
            decode(body)
        times.append((time.process_time() - start) / repetitions * 1000)
        if min(times) > SLOW:
            break
    return times


def show_decoding(rounds: int, segments: int, official: bool) -> None:
    """Measure and print pure decoding."""
    parsers: dict[str, Decode] = dict.fromkeys((SMALL, PAGE, LARGE), orjson.loads)
    contenders = {PARSER: parsers, OURS: our_decoders()}
    if official:
        contenders[OFFICIAL] = official_decoders()
    rows = []
    for name, body in ((SMALL, INDEX), (PAGE, index_page(1)), (LARGE, embedding_task(segments))):
        times = {who: milliseconds(decoders[name], body, rounds) for who, decoders in contenders.items()}
        size = f"{len(body) / 1e6:.1f} MB" if len(body) > 100_000 else f"{len(body) / 1000:.1f} kB"
        best = {who: min(values) for who, values in times.items()}
        cells = [f"{value:.{3 if value < 1 else 1}f} ms" for value in best.values()]
        rows.append([f"{name}, {size}", *cells, ratio(best[OURS], best[PARSER])])
        if official:
            rows[-1].append(ratio(best[OFFICIAL], best[OURS]))
        what = f"decode {name}, {size}"
        record(Row(what, f"CPU (bare: {PARSER})", "ms", times[OURS], times[PARSER], times.get(OFFICIAL, ())))
    head = ["response", *contenders, "ours / orjson", *(["official / ours"] if official else [])]
    table("Decoding: CPU time of one response (best round)", head, rows)


@asynccontextmanager
async def bare_aiohttp(base_url: str, path: str) -> AsyncIterator[Callable[[], Awaitable[object]]]:
    """Read and parse, on the event loop."""
    async with aiohttp.ClientSession() as session:

        async def call() -> object:
            async with session.get(f"{base_url}{path}", headers={"x-api-key": KEY}) as response:
                return orjson.loads(await response.read())

        yield call


async def show_stalls(base_url: str, rounds: int, segments: int, official: bool) -> None:
    """Measure and print how long the event loop is blocked."""
    task_id = str(segments)
    async with AsyncExitStack() as stack:
        calls = {BARE: await stack.enter_async_context(bare_aiohttp(base_url, f"/embed/tasks/{task_id}"))}
        ours = await stack.enter_async_context(our_client(base_url))
        calls[OURS] = lambda: ours.embed.tasks.retrieve(task_id)
        if official:
            theirs = await stack.enter_async_context(official_client(base_url))
            calls[OFFICIAL] = lambda: theirs.embed.tasks.retrieve(task_id)
        longest: dict[int, dict[str, list[float]]] = {1: {}, 4: {}}
        rows = []
        for name, call in calls.items():
            row = [name]
            await call()
            for together, of_all in longest.items():
                of_one, wall = of_all.setdefault(name, []), float("inf")
                for _ in range(rounds):
                    async with Stalls() as stalls:
                        start = time.perf_counter()
                        # Kept until after the measurement: freeing millions of numbers takes time, too.
                        responses = await asyncio.gather(*(call() for _ in range(together)))
                        wall = min(wall, (time.perf_counter() - start) * 1000)
                    of_one.append(stalls.longest)
                    del responses
                    gc.collect()
                    if wall > SLOW:
                        break
                row += [f"{min(of_one):.0f} ms", f"{wall:.0f} ms"]
            rows.append(row)
    size = len(embedding_task(segments)) / 1e6
    for together, of_all in longest.items():
        what = f"fetch a response of {size:.0f} MB" if together == 1 else f"fetch {together} of them at once"
        values = of_all[OURS], of_all[BARE], of_all.get(OFFICIAL, ())
        record(Row(what, "longest stall of the event loop", "ms", *values, aim=ALLOWED_STALL))
    head = ["", "longest stall", "time", "4 at once: longest stall", "time"]
    table(f"Fetching a response of {size:.0f} MB: how long the event loop is blocked (best round)", head, rows)


def main() -> None:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--segments", type=int, default=1150, help="vectors in the large response, 10 kB each")
    parser.add_argument("--without-official", dest="official", action="store_false")
    options = parser.parse_args()
    options.official = options.official and official_is_there()
    show_decoding(options.rounds, options.segments, options.official)
    with running_server("bench.platform") as base_url:
        asyncio.run(show_stalls(base_url, options.rounds, options.segments, options.official))


if __name__ == "__main__":
    main()
