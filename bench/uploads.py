"""Uploading a large file in chunks to a store on loopback: speed, CPU and memory.

    python -m bench.uploads [--sizes 64 1024] [--rounds 3] [--workers 8] [--sparse] [--without-official]

Every contender runs in its own process, so that its peak memory is measured separately; the store runs in another one
and discards the data. Chunks have 16 MiB, and `max_workers` is the same for all. A sparse file needs no space on the
disk, so that 10 GiB can be measured everywhere.

CPU time is that of the client process, in user mode and in the kernel. "Apart from MD5" subtracts what the MD5 costs
bare aiohttp, which computes it in the event loop.

Bare aiohttp has the URLs in advance and PUTs the chunks from the file in slices, with and without the MD5 that verifies
the stored data. The official SDK is measured with both of its clients: the asynchronous one reads a whole chunk at
once, the blocking one uses threads; both first copy the file to chunk files in the same directory.

The last table measures `assets.create(method="direct")`: one request with the whole file in a form.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench._harness import (
    BARE,
    KEY,
    MIB,
    OFFICIAL,
    OURS,
    fresh_process,
    official_client,
    official_is_there,
    our_client,
    ratio,
    resident,
    running_server,
    table,
)
from bench.results import Aim, Row, of_three, record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

BARE_MD5: Final = "bare aiohttp + MD5"
WITHOUT_MD5: Final = "this package, no checksums"
BLOCKING: Final = "official SDK, threads"
SLICE: Final = 256 * 1024
MEMORY: Final = Aim(20)
DIRECT_SIZE: Final = 180
"""MiB; the platform accepts at most 200 MB this way."""


async def bare(base_url: str, path: Path, workers: int, checksum: bool) -> None:
    """A careful implementation of the upload of the chunks only."""
    import aiohttp

    async with aiohttp.ClientSession() as session:
        create = f"{base_url}/assets/multipart-uploads"
        async with session.post(create, json={"total_size": path.stat().st_size}) as response:
            opened = await response.json()
        size, total = opened["chunk_size"], opened["total_chunks"]
        first = opened["upload_urls"][0]["url"].rpartition("/")[0]
        left = iter(range(total))

        async def slices(file: Any, length: int, digest: Any) -> AsyncIterator[bytes]:
            while length:
                data = file.read(min(SLICE, length))
                length -= len(data)
                if checksum:
                    digest.update(data)
                yield data

        async def work() -> None:
            for at in left:
                length = min(size, path.stat().st_size - at * size)
                with path.open("rb", buffering=0) as file:
                    file.seek(at * size)
                    digest = hashlib.md5(usedforsecurity=False)
                    headers = {"Content-Length": str(length)}
                    body = slices(file, length, digest)
                    async with session.put(f"{first}/{at + 1}", data=body, headers=headers) as response:
                        response.raise_for_status()
                    digest.hexdigest()

        await asyncio.gather(*(work() for _ in range(workers)))


async def ours(base_url: str, path: Path, workers: int, checksums: bool) -> None:
    async with our_client(base_url) as client:
        await client.multipart_upload.upload_file(path, max_workers=workers, verify_checksums=checksums)


async def with_stalls(upload: Coroutine[Any, Any, None]) -> float:
    """The longest time for which an upload has blocked the event loop, in seconds."""
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before - 0.001)

    watching = asyncio.create_task(watch())
    await upload
    watching.cancel()
    return longest


async def official(base_url: str, path: Path, workers: int) -> None:
    async with official_client(base_url) as client:
        await client.multipart_upload.upload_file(path, max_workers=workers)


def blocking(base_url: str, path: Path, workers: int) -> None:
    import twelvelabs

    client = twelvelabs.TwelveLabs(api_key=KEY, base_url=base_url)
    client.multipart_upload.upload_file(path, max_workers=workers)


async def direct(contender: str, base_url: str, path: Path) -> None:
    """The whole file in one form."""
    if contender == BARE:
        import aiohttp

        async with aiohttp.ClientSession() as session:
            with path.open("rb") as file:
                form = aiohttp.FormData({"method": "direct"})
                form.add_field("file", file, filename=path.name)
                async with session.post(f"{base_url}/assets", data=form, headers={"x-api-key": KEY}) as response:
                    await response.json()
    elif contender == OURS:
        async with our_client(base_url) as client:
            await client.assets.create(method="direct", file=path)
    else:
        async with official_client(base_url) as client:
            with path.open("rb") as file:
                await client.assets.create(method="direct", file=file)


def run(contender: str, base_url: str, path: Path, workers: int) -> float:
    """Upload once; returns the longest stall of the event loop in seconds."""
    if not workers:
        return asyncio.run(with_stalls(direct(contender, base_url, path)))
    if contender == BLOCKING:
        blocking(base_url, path, workers)
        return 0.0
    if contender in {OURS, WITHOUT_MD5}:
        return asyncio.run(with_stalls(ours(base_url, path, workers, contender == OURS)))
    if contender == OFFICIAL:
        return asyncio.run(with_stalls(official(base_url, path, workers)))
    return asyncio.run(with_stalls(bare(base_url, path, workers, contender == BARE_MD5)))


def measure_here(contender: str, base_url: str, path: Path, workers: int) -> dict[str, float]:
    """Upload once in this process, after a tiny upload that imports modules and opens connections."""
    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder, "small.mp4")
        small.write_bytes(os.urandom(MIB))
        run(contender, base_url, small, workers)
    before = resident()
    start, cpu = time.perf_counter(), time.process_time()
    stall = run(contender, base_url, path, workers)
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    return {"wall": wall, "cpu": cpu, "memory": max(0.0, resident(peak=True) - before), "stall": stall}


def measure(
    contenders: list[str], base_url: str, path: Path, workers: int, rounds: int
) -> dict[str, list[dict[str, float]]]:
    """The measurements of every contender in every round, each in a new process."""
    facts: dict[str, list[dict[str, float]]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name in contenders:
            command = ["-m", "bench.uploads", "--contender", name, "--url", base_url, "--file", str(path)]
            facts[name].append(fresh_process(*command, "--workers", str(workers)))
    return facts


def show(title: str, facts: dict[str, list[dict[str, float]]], size: int) -> None:
    """Print a table.

    Ratios are medians of those within a round, so that load on the machine that comes and goes affects both sides.
    """
    bare, hashed, official = facts[BARE], facts.get(BARE_MD5), facts.get(OFFICIAL)
    rows = []
    for name, of_one in facts.items():
        wall, cpu = min(one["wall"] for one in of_one), min(one["cpu"] for one in of_one) / size
        faster = median_ratio(official, of_one, "wall") if official else "-"
        apart = "-"
        if hashed and name == OURS:
            without = [
                {"cpu": one["cpu"] - (md5["cpu"] - base["cpu"])}
                for one, md5, base in zip(of_one, hashed, bare, strict=True)
            ]
            apart = median_ratio(without, bare, "cpu")
        memory = max(one["memory"] for one in of_one)
        stall = min(one["stall"] for one in of_one)
        row = [name, f"{size / wall:.0f}", faster, f"{cpu * 1000:.2f}", median_ratio(of_one, bare, "cpu"), apart]
        rows.append([*row, f"{memory:.0f} MiB", f"{stall * 1000:.0f} ms" if stall else "-"])
    title += " (best round; ratios: medians of the rounds; memory: worst)"
    speed, cpu_use = ["MiB/s", "to official"], ["CPU ms per MiB", "to bare", "apart from MD5"]
    table(title, ["", *speed, *cpu_use, "increase of peak memory", "longest stall"], rows)


def rows(facts: dict[str, list[dict[str, float]]], size: int, workers: int) -> list[Row]:
    """What is recorded of an upload: in chunks with and without checksums, or with one request."""

    def values(name: str, key: str, scale: float) -> list[float]:
        return [one[key] * scale for one in facts.get(name, ())]

    def speeds(name: str) -> list[float]:
        return [size / one["wall"] for one in facts.get(name, ())]

    def of(what: str, ours: str, bare: str, fast: Aim | None = None) -> list[Row]:
        names = ours, bare, OFFICIAL
        return [
            Row(what, "speed", "MiB/s", *of_three(speeds, names), "more", fast),
            Row(what, "CPU per MiB", "ms", *of_three(lambda name: values(name, "cpu", 1000 / size), names)),
            Row(
                what,
                "increase of peak memory",
                "MiB",
                *of_three(lambda name: values(name, "memory", 1), names),
                aim=MEMORY,
            ),
        ]

    amount = f"{size // 1024} GiB" if size % 1024 == 0 else f"{size} MiB"
    if not workers:
        return of(f"{amount} with one request", OURS, BARE)
    hashed, plain = f"{amount} in chunks, with checksums", f"{amount} in chunks, without checksums"
    apart = [
        one["cpu"] - (md5["cpu"] - base["cpu"])
        for one, md5, base in zip(facts[OURS], facts[BARE_MD5], facts[BARE], strict=True)
    ]
    stalls = of_three(lambda name: values(name, "stall", 1000), (OURS, BARE_MD5, OFFICIAL))
    return [
        *of(hashed, OURS, BARE_MD5, Aim(3, of="official")),
        Row(
            hashed,
            "CPU per MiB, apart from MD5",
            "ms",
            [cpu * 1000 / size for cpu in apart],
            values(BARE, "cpu", 1000 / size),
            aim=Aim(2.5, of="bare"),
        ),
        Row(hashed, "longest stall of the event loop", "ms", *stalls, aim=Aim(20)),
        *of(plain, WITHOUT_MD5, BARE),
    ]


def median_ratio(values: list[dict[str, float]], bases: list[dict[str, float]], key: str) -> str:
    """The median of the ratios within a round."""
    return ratio(statistics.median(one[key] / base[key] for one, base in zip(values, bases, strict=True)), 1)


def compare(options: argparse.Namespace, base_url: str) -> None:
    """Measure and print a table for each size, and one for the upload with one request."""
    chunked, direct = [BARE, BARE_MD5, OURS, WITHOUT_MD5], [BARE, OURS]
    if options.official:
        chunked += [OFFICIAL, BLOCKING]
        direct += [OFFICIAL]
    block = os.urandom(MIB)
    with tempfile.TemporaryDirectory() as folder:
        for size, workers in [*((size, options.workers) for size in options.sizes), (DIRECT_SIZE, 0)]:
            path = Path(folder, f"{size}.mp4")
            with path.open("wb") as file:
                if options.sparse:
                    file.truncate(size * MIB)
                else:
                    for _ in range(size):
                        file.write(block)
            facts = measure(chunked if workers else direct, base_url, path, workers, options.rounds)
            path.unlink()
            how = f"in chunks of 16 MiB, {workers} concurrently" if workers else "with one request"
            show(f"Uploading {size} MiB {how}", facts, size)
            record(*rows(facts, size, workers))


def main() -> None:
    """Run the comparison, or one contender of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 1024], help="MiB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--sparse", action="store_true", help="upload files that need no space on the disk")
    parser.add_argument("--without-official", dest="official", action="store_false")
    parser.add_argument("--contender", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.contender:
        json.dump(measure_here(options.contender, options.url, options.file, options.workers), sys.stdout)
        return
    options.official = options.official and official_is_there()
    with running_server("bench.platform") as base_url:
        compare(options, base_url)


if __name__ == "__main__":
    main()
