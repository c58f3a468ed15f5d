"""How fast a script with aiohttp alone ingests small files: the calls of an ingestion, and nothing else.

    python -m bench.ingest_bare [--files 2000] [--concurrency 64] [--pause 0.1] [-- ARGUMENTS OF THE EMULATOR]

For each file: create an asset, wait until it is ready (all waiting assets in one list), create an indexed asset, wait
until that is ready (all waiting ones in one list, too). It checks nothing, retries nothing and records nothing, so it
is the fastest that an ingestion can be. The emulator runs in a process of its own, and at its highest speed: the table
shows how much of the time it was working, and so whether it limits the rate.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from bench._emulator import emulator
from bench._harness import table

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

PAGE: Final = 50
MODELS: Final = [{"model_name": "marengo3.0", "model_options": ["visual"]}]


class BareIngestion:
    """One ingestion with aiohttp alone."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str, index_id: str, pause: float) -> None:
        self._session = session
        self._base_url = base_url
        self._index_id = index_id
        self._pause = pause
        self._assets: dict[str, asyncio.Future[str]] = {}
        self._indexed: dict[str, asyncio.Future[str]] = {}
        self.ready = 0
        self.failed = 0
        self.requests = 0

    async def run(self, paths: Iterable[Path], concurrency: int) -> None:
        """Ingest the files; uploads have a limit of their own, so that they go on while the platform works."""
        uploads = asyncio.Semaphore(concurrency)
        pollers = [asyncio.create_task(self._poll(wait)) for wait in (self._poll_assets, self._poll_indexed)]
        try:
            async with asyncio.TaskGroup() as group:
                for path in paths:
                    await uploads.acquire()
                    group.create_task(self._file(path, uploads))
        finally:
            for poller in pollers:
                poller.cancel()
            await asyncio.gather(*pollers, return_exceptions=True)

    async def _file(self, path: Path, uploads: asyncio.Semaphore) -> None:
        try:
            asset = await self._upload(path)
        finally:
            uploads.release()
        status = asset["status"]
        if status == "processing":
            status = await self._wait(self._assets, asset["_id"])
        if status == "ready":
            body = {"asset_id": asset["_id"]}
            indexed = await self._call("POST", f"/indexes/{self._index_id}/indexed-assets", json=body)
            status = await self._wait(self._indexed, indexed["_id"])
        if status == "ready":
            self.ready += 1
        else:
            self.failed += 1

    async def _upload(self, path: Path) -> Any:
        data = await asyncio.to_thread(path.read_bytes)
        form = aiohttp.FormData({"method": "direct", "user_metadata": json.dumps({"key": path.name})})
        form.add_field("file", data, filename=path.name, content_type="video/mp4")
        return await self._call("POST", "/assets", data=form)

    async def _call(self, method: str, path: str, **options: Any) -> Any:
        self.requests += 1
        async with self._session.request(method, self._base_url + path, **options) as response:
            if response.status >= 400:
                raise SystemExit(f"{method} {path}: {response.status} {await response.text()}")
            return json.loads(await response.read())

    @staticmethod
    async def _wait(waiting: dict[str, asyncio.Future[str]], identifier: str) -> str:
        waiting[identifier] = asyncio.get_running_loop().create_future()
        return await waiting[identifier]

    async def _poll(self, look: Any) -> None:
        while True:
            await asyncio.sleep(self._pause)
            await look()

    async def _poll_assets(self) -> None:
        waiting = list(self._assets)
        for at in range(0, len(waiting), PAGE):
            query = [("asset_ids", identifier) for identifier in waiting[at : at + PAGE]]
            body = await self._call("GET", "/assets", params=[*query, ("page_limit", str(PAGE))])
            for row in body["data"]:
                if row["status"] != "processing":
                    self._assets.pop(row["_id"]).set_result(row["status"])

    async def _poll_indexed(self) -> None:
        """Whatever is in no list of unfinished videos has ended: in the list of failed ones, or ready."""
        waiting = set(self._indexed)
        if not waiting:
            return
        unfinished = {row["_id"] async for row in self._list("pending", "queued", "indexing")}
        ended = waiting - unfinished
        failed = {row["_id"] async for row in self._list("failed")} if ended else set()
        for identifier in ended:
            self._indexed.pop(identifier).set_result("failed" if identifier in failed else "ready")

    async def _list(self, *states: str) -> AsyncIterator[Any]:
        page = 1
        while True:
            query = [("page", str(page)), ("page_limit", str(PAGE)), *(("status", state) for state in states)]
            body = await self._call("GET", f"/indexes/{self._index_id}/indexed-assets", params=query)
            for row in body["data"]:
                yield row
            if page >= body["page_info"]["total_page"]:
                return
            page += 1


async def ingest(base_url: str, key: str, paths: Sequence[Path], concurrency: int, pause: float) -> dict[str, float]:
    """Ingest files into a new index; the seconds it took, the files that are ready and the requests."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers={"x-api-key": key}, connector=connector) as session:
        body = {"index_name": f"bare-{time.time_ns()}", "models": MODELS}
        async with session.post(f"{base_url}/indexes", json=body) as response:
            index_id = (await response.json())["_id"]
        run = BareIngestion(session, base_url, index_id, pause)
        start = time.perf_counter()
        await run.run(paths, concurrency)
        return {"seconds": time.perf_counter() - start, "ready": run.ready, "requests": run.requests}


def write_files(folder: Path, count: int) -> list[Path]:
    """Write small videos, each with bytes of its own."""
    from twelvelabs_async.emulator.media.samples import SampleVideo, Scene, numbered

    spec = SampleVideo("tiny.mp4", (Scene("red", 4.0),), width=360, height=360, fps=2)
    video = spec.write(folder).read_bytes()
    paths = [folder / f"video-{at:06}.mp4" for at in range(count)]
    for at, path in enumerate(paths):
        path.write_bytes(numbered(video, at))
    return paths


def cpu_of(process: int) -> float:
    """CPU seconds that a process has used; 0 where the system does not tell."""
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=64, help="uploads at the same time")
    parser.add_argument("--pause", type=float, default=0.1, help="seconds between two looks at what is waited for")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("emulator", nargs="*", help="arguments of the emulator, after --")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        paths = write_files(Path(folder), options.files)
        for at in range(options.rounds):
            with emulator(*options.emulator) as running:
                before, own = cpu_of(running.process), time.process_time()
                settings = running.settings
                result = asyncio.run(
                    ingest(settings["base_url"], settings["api_key"], paths, options.concurrency, options.pause)
                )
                busy, own = cpu_of(running.process) - before, time.process_time() - own
            seconds = result["seconds"]
            rows.append(
                [
                    f"round {at + 1}",
                    f"{result['ready']:,.0f}",
                    f"{seconds:.1f} s",
                    f"{result['ready'] / seconds:.0f}",
                    f"{result['requests']:,.0f}",
                    f"{own:.1f} s",
                    f"{busy:.1f} s",
                ]
            )
    head = ["bare aiohttp", "ready", "time", "files/s", "requests", "own CPU", "CPU of the emulator"]
    table(f"{options.files:,} small files, {options.concurrency} uploads at the same time", head, rows)


if __name__ == "__main__":
    main()
