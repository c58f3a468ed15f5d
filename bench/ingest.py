"""How fast `client.ingest` is, how much memory lazy sources need, and how long it blocks the event loop.

    python -m bench.ingest [--files 2000] [--rounds 3]       next to a script with aiohttp alone; limits off
    python -m bench.ingest --limit 600                       under a rate limit, in requests a minute
    python -m bench.ingest --urls 100000                     lazy URLs: memory, and the cost of a source
    python -m bench.ingest --stalls                          the event loop: journals, folders and manifests of 100,000

The emulator runs in a process of its own, at its highest speed. In the first benchmark, both read the same files and
run in turn.

With `--limit`, each source needs one upload and one request of the group `index`; both groups have the limit, and the
emulator counts in windows of `--window` seconds. The ideal ends when the last of these windows begins, because all of
its requests may be sent at once. The exit status is 1 if the rate is less than 0.9 of the ideal, or if 1 % of the
requests are refused.

With `--urls`, the cost of a source must not grow from one tenth of the run to the next.

The exit status of `--stalls` is 1 if the event loop was blocked for more than 20 ms. The bare script does not count.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench._emulator import emulator
from bench._harness import Stalls, resident, table
from bench.ingest_bare import MODELS, ingest, write_files
from bench.results import Aim, Row, record
from twelvelabs_async import AsyncTwelveLabs, Hooks
from twelvelabs_async.ingest import IngestItem, IngestOutcome, Journal
from twelvelabs_async.ingest.export import export
from twelvelabs_async.ingest.sources import items, manifest, walk

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

TO_BARE: Final = Aim(0.8, of="bare")
ALLOWED_RATE: Final = 0.9
ALLOWED_REFUSALS: Final = 0.01
ALLOWED_STALL: Final = 20.0


async def with_client(
    settings: Any, sources: Any, concurrency: int, journal: Path | None, *, hooks: Hooks | None = None, **arguments: Any
) -> Any:
    """Ingest sources; the figures of the run, and the seconds."""
    async with AsyncTwelveLabs(api_key=settings["api_key"], base_url=settings["base_url"], hooks=hooks) as client:
        models: Any = MODELS
        index = await client.indexes.create(index_name=f"ingest-{time.time_ns()}", models=models)
        started = time.perf_counter()
        run = client.ingest(
            sources, index_id=index.id, journal=journal, concurrency=concurrency, sleep_interval=0.1, **arguments
        )
        stats = await run.wait()
        return stats, time.perf_counter() - started


def compare(paths: Sequence[Path], folder: Path, concurrency: int, rounds: int) -> None:
    """Both, in turn."""
    rows: list[list[str]] = []
    pairs: list[tuple[float, float]] = []
    for at in range(rounds):
        with emulator() as running:
            settings = running.settings
            bare = asyncio.run(ingest(settings["base_url"], settings["api_key"], paths, concurrency, 0.1))
        with emulator() as running:
            stats, seconds = asyncio.run(
                with_client(running.settings, paths, concurrency, folder / f"run-{at}.sqlite", root=folder)
            )
        rates = bare["ready"] / bare["seconds"], stats.done / seconds
        pairs.append(rates)
        rows.append(
            [f"round {at + 1}", f"{rates[0]:.0f}/s", f"{rates[1]:.0f}/s", f"{rates[1] / rates[0]:.2f}"],
        )
    table(f"{len(paths):,} small files", ["", "bare aiohttp", "client.ingest", "ratio"], rows)
    bare_rates, our_rates = zip(*pairs, strict=True)
    record(
        Row(f"{len(paths):,} small files", "files per second", "", our_rates, bare_rates, better="more", aim=TO_BARE)
    )


def limited(paths: Sequence[Path], folder: Path, limit: int, window: float, windows: int) -> bool:
    """Under a rate limit; whether the rate is good enough."""
    each = int(limit * window / 60)
    statuses: Counter[tuple[str, int | None]] = Counter()
    hooks = Hooks(on_response=lambda event: statuses.update([(event.operation, event.status)]))
    limits = ("--rate-limit", f"index={each}", "--rate-limit", f"upload={each}", "--rate-window", f"{window:g}")
    sources = paths[: each * (windows + 1)]
    with emulator(*limits) as running:
        stats, seconds = asyncio.run(
            with_client(running.settings, sources, 64, folder / "limited.sqlite", root=folder, hooks=hooks)
        )
    ideal = window * windows
    refused, sent = sum(n for (_, status), n in statuses.items() if status == 429), sum(statuses.values())
    made = {name: n for (name, status), n in statuses.items() if status in {200, 201, 202}}
    rows = [
        ["sources", f"{stats.done:,}"],
        ["requests", f"{sent:,}"],
        ["of them that made something", f"{made.get('createAsset', 0) + made.get('createIndexedAsset', 0):,}"],
        ["seconds", f"{seconds:.1f}"],
        ["ideal", f"{ideal:.1f}"],
        ["rate relative to the ideal", f"{ideal / seconds:.2f}"],
        ["refused", f"{refused} ({refused / sent:.2%})"],
    ]
    table(f"{limit} requests a minute, as {each} in {window:g} s", ["", ""], rows)
    return ideal / seconds >= ALLOWED_RATE and refused / sent < ALLOWED_REFUSALS


def lazy_urls(folder: Path, count: int, concurrency: int) -> None:
    """Many URLs from a generator."""
    rows: list[list[str]] = []
    started = last = time.perf_counter()
    cpu = time.process_time()
    write_files(folder, 1)

    def urls() -> Iterator[str]:
        nonlocal last, cpu
        for number in range(count):
            if number and not number % max(1, count // 10):
                now, used = time.perf_counter(), time.process_time()
                share = count // 10
                rows.append(
                    [
                        f"{number:,}",
                        f"{now - started:.0f} s",
                        f"{(now - last) / share * 1e3:.2f} ms",
                        f"{(used - cpu) / share * 1e3:.2f} ms",
                        f"{resident(peak=True):.0f} MiB",
                    ]
                )
                sys.stderr.write(" ".join(rows[-1]) + "\n")  # it takes minutes
                last, cpu = now, used
            yield f"http://media.localhost/video-000000.mp4/{number}.mp4"

    with emulator("--media", str(folder)) as running:
        stats, seconds = asyncio.run(with_client(running.settings, urls(), concurrency, folder / "urls.sqlite"))
    rows.append(
        [
            f"{stats.done:,} done",
            f"{seconds:.0f} s",
            f"{seconds / count * 1e3:.2f} ms",
            "",
            f"{resident(peak=True):.0f} MiB",
        ]
    )
    head = ["sources read", "after", "time of a source", "CPU of a source", "memory at the peak"]
    table(f"{count:,} lazy URLs", head, rows)


async def stalls(folder: Path, count: int) -> bool:
    """How long the event loop is blocked; whether it is short enough."""
    rows: list[list[str]] = []
    gc.collect()
    gc.freeze()

    async def measure(what: str, work: Callable[[], Awaitable[object]]) -> None:
        started = time.perf_counter()
        async with Stalls() as watch:
            await work()
        rows.append([what, f"{time.perf_counter() - started:.1f} s", f"{watch.longest:.1f} ms"])

    journal_path, target = folder / "run.sqlite", {"origin": "bench", "index_id": "bench"}

    async def write_journal() -> None:
        async with await Journal.open(journal_path, target=target) as journal:
            for start in range(0, count, 200):
                batch = [
                    IngestItem(source=f"http://x.invalid/{number}.mp4", key=str(number), filename=f"{number}.mp4")
                    for number in range(start, start + 200)
                ]
                await journal.register(batch)
                await asyncio.gather(
                    *(
                        journal.finish(item.key, IngestOutcome(key=item.key, source=item.filename, status="done"))
                        for item in batch
                    )
                )

    async def open_journal() -> None:
        async with await Journal.open(journal_path, target=target) as journal:
            await journal.counts()

    async def export_journal(name: str) -> None:
        async with await Journal.open(journal_path, target=target) as journal:
            await export(journal.outcomes(), folder / name)

    async def read(sources: Any) -> None:
        number = 0
        async for _ in items(sources):
            number += 1
        assert number == count, number

    def write_tree() -> None:
        for number in range(count):
            place = folder / "tree" / f"{number // 1000:03}"
            if not number % 1000:
                place.mkdir(parents=True)
            (place / f"{number:06}.mp4").write_bytes(b"x")
        (folder / "list.jsonl").write_text(
            "".join(
                json.dumps({"path": f"tree/{number // 1000:03}/{number:06}.mp4", "metadata": {"n": number}}) + "\n"
                for number in range(count)
            )
        )

    await asyncio.to_thread(write_tree)
    await measure("a journal is written", write_journal)
    await measure("it is opened, and its rows are counted", open_journal)
    await measure("its outcomes are exported as JSONL", lambda: export_journal("outcomes.jsonl"))
    await measure("its outcomes are exported as CSV", lambda: export_journal("outcomes.csv"))
    await measure("a folder is walked", lambda: read(walk(folder / "tree")))
    await measure("a manifest is read", lambda: read(manifest(folder / "list.jsonl")))
    paths = await asyncio.to_thread(write_files, folder / "videos", 1000)
    with emulator() as running:
        await measure(
            "1,000 small files are ingested",
            lambda: with_client(running.settings, paths, 64, folder / "files.sqlite", root=folder),
        )
    is_short = all(float(row[2].split()[0]) <= ALLOWED_STALL for row in rows)
    with emulator() as running:
        url, key = running.settings["base_url"], running.settings["api_key"]
        await measure("the same by the bare script", lambda: ingest(url, key, paths, 64, 0.1))
    table(f"{count:,} rows, files or lines", ["", "time", "longest stall"], rows)
    return is_short


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--urls", type=int, default=0)
    parser.add_argument("--limit", type=int, default=0, help="requests a minute")
    parser.add_argument("--window", type=float, default=60.0, help="seconds of a window of the rate limit")
    parser.add_argument("--windows", type=int, default=1, help="windows that have to pass")
    parser.add_argument("--stalls", action="store_true")
    parser.add_argument("--rows", type=int, default=100_000, help="rows, files and lines of --stalls")
    options = parser.parse_args()
    is_good = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.urls:
            lazy_urls(folder, options.urls, options.concurrency)
        elif options.limit:
            count = int(options.limit * options.window / 60) * (options.windows + 1)
            is_good = limited(write_files(folder, count), folder, options.limit, options.window, options.windows)
        elif options.stalls:
            is_good = asyncio.run(stalls(folder, options.rows))
        else:
            compare(write_files(folder, options.files), folder, options.concurrency, options.rounds)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
