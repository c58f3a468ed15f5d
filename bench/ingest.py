"""How fast `client.ingest` is next to a script with aiohttp alone, and how much memory lazy sources need.

    python -m bench.ingest [--files 2000] [--concurrency 64]
    python -m bench.ingest --urls 100000

Both read the same files and speak to an emulator in a process of its own, at its highest speed, in turn. With `--urls`,
that many URLs come from a generator, and the table shows memory and the cost of a source as the run goes on.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench._emulator import emulator
from bench._harness import table
from bench.ingest_bare import MODELS, ingest, write_files
from twelvelabs_async import AsyncTwelveLabs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


async def with_client(settings: Any, sources: Any, concurrency: int, journal: Path | None, **arguments: Any) -> Any:
    """Ingest sources; the figures of the run, and the seconds."""
    async with AsyncTwelveLabs(api_key=settings["api_key"], base_url=settings["base_url"]) as client:
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
    rows = []
    for at in range(rounds):
        with emulator() as running:
            settings = running.settings
            bare = asyncio.run(ingest(settings["base_url"], settings["api_key"], paths, concurrency, 0.1))
        with emulator() as running:
            stats, seconds = asyncio.run(
                with_client(running.settings, paths, concurrency, folder / f"run-{at}.sqlite", root=folder)
            )
        rates = bare["ready"] / bare["seconds"], stats.done / seconds
        rows.append(
            [f"round {at + 1}", f"{rates[0]:.0f}/s", f"{rates[1]:.0f}/s", f"{rates[1] / rates[0]:.2f}"],
        )
    table(f"{len(paths):,} small files", ["", "bare aiohttp", "client.ingest", "ratio"], rows)


def lazy_urls(folder: Path, count: int, concurrency: int) -> None:
    """Many URLs from a generator."""
    rows: list[list[str]] = []
    started = last = time.perf_counter()
    write_files(folder, 1)

    def urls() -> Iterator[str]:
        nonlocal last
        for number in range(count):
            if number and not number % max(1, count // 10):
                now = time.perf_counter()
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                cost = (now - last) / (count // 10) * 1e3
                rows.append([f"{number:,}", f"{now - started:.0f} s", f"{cost:.2f} ms", f"{memory:.0f} MiB"])
                last = now
            yield f"http://media.localhost/video-000000.mp4/{number}.mp4"

    with emulator("--media", str(folder)) as running:
        stats, seconds = asyncio.run(with_client(running.settings, urls(), concurrency, folder / "urls.sqlite"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rows.append([f"{stats.done:,} done", f"{seconds:.0f} s", f"{seconds / count * 1e3:.2f} ms", f"{memory:.0f} MiB"])
    table(f"{count:,} lazy URLs", ["sources read", "after", "cost of a source", "memory"], rows)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--urls", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.urls:
            lazy_urls(Path(folder), options.urls, options.concurrency)
        else:
            compare(write_files(Path(folder), options.files), Path(folder), options.concurrency, options.rounds)


if __name__ == "__main__":
    main()
