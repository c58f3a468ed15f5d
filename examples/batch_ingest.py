"""Upload and index every video of a folder with bounded concurrency, and report failures.

    python -m examples.batch_ingest FOLDER INDEX_ID
    python -m examples.batch_ingest FOLDER INDEX_ID --workers 8 --report failed.jsonl

Run it again after a failure or an interruption: files whose names are already in the index are skipped. The exit code
is 0 when every file is in the index, else 1. The key comes from TWELVE_LABS_API_KEY; without one, start
`python -m twelvelabs_async.emulator` and set the two variables that it prints.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from twelvelabs_async import AsyncTwelveLabs, AuthenticationError, ForbiddenError, TwelveLabsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUFFIXES = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpg", ".webm"})
DIRECT_BYTES = 100_000_000
"""Files above this size are uploaded in chunks."""


@dataclass
class Report:
    """The outcome of the files so far."""

    total: int = 0
    done: int = 0
    skipped: int = 0
    failed: dict[Path, Exception] = field(default_factory=dict)

    def log(self, path: Path, outcome: str) -> None:
        """Print one line of progress."""
        finished = self.done + self.skipped + len(self.failed)
        print(f"[{finished}/{self.total}] {path.name}: {outcome}", file=sys.stderr)


def videos(folder: Path) -> Iterator[Path]:
    """The video files in a folder and its subfolders."""
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES and path.is_file())


async def names_in(client: AsyncTwelveLabs, index_id: str) -> set[str]:
    """File names of the videos in the index."""
    return {
        item.system_metadata.filename
        async for item in client.indexes.indexed_assets.list(index_id, page_limit=50)
        if item.system_metadata and item.system_metadata.filename and item.status != "failed"
    }


async def upload(client: AsyncTwelveLabs, path: Path) -> str:
    """Upload a file and return the id of its asset."""
    status = await asyncio.to_thread(path.stat)
    if status.st_size > DIRECT_BYTES:
        return (await client.multipart_upload.upload_file(path)).asset_id
    return (await client.assets.create(method="direct", file=path)).id


async def ingest(client: AsyncTwelveLabs, index_id: str, path: Path) -> None:
    """Upload and index one file. If it cannot be indexed, its asset is deleted."""
    asset_id = await upload(client, path)
    try:
        await client.assets.wait_for_done(asset_id, sleep_interval=1)
        indexed = await client.indexes.indexed_assets.create(index_id, asset_id=asset_id)
        await client.indexes.indexed_assets.wait_for_done(index_id, indexed, sleep_interval=1)
    except TwelveLabsError:
        with contextlib.suppress(TwelveLabsError):
            await client.assets.delete(asset_id, force=True)
        raise


async def work(client: AsyncTwelveLabs, index_id: str, paths: Iterator[Path], report: Report) -> None:
    """Ingest files from the shared iterator until none is left."""
    for path in paths:
        started = time.monotonic()
        try:
            await ingest(client, index_id, path)
        except (AuthenticationError, ForbiddenError):
            raise  # all other files would fail in the same way
        except (TwelveLabsError, OSError, ValueError) as error:
            report.failed[path] = error
            report.log(path, f"failed: {error}")
        else:
            report.done += 1
            report.log(path, f"indexed in {time.monotonic() - started:.1f} s")


async def ingest_all(client: AsyncTwelveLabs, index_id: str, folder: Path, workers: int) -> Report:
    """Ingest a folder."""
    known = await names_in(client, index_id)
    found = await asyncio.to_thread(lambda: list(videos(folder)))
    waiting = [path for path in found if path.name not in known]
    report = Report(total=len(found), skipped=len(found) - len(waiting))
    queue = iter(waiting)  # the workers share it
    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work(client, index_id, queue, report))
    return report


async def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code."""
    async with AsyncTwelveLabs() as client:
        report = await ingest_all(client, options.index_id, options.folder, options.workers)
    print(f"{report.done} indexed, {report.skipped} already in the index, {len(report.failed)} failed.")
    lines = [json.dumps({"file": str(path), "error": str(error)}) for path, error in report.failed.items()]
    if options.report is not None:
        options.report.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return 1 if report.failed else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m examples.batch_ingest", description="Index a folder of videos.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("index_id")
    parser.add_argument("--workers", type=int, default=4, help="number of concurrent files (default: 4)")
    parser.add_argument("--report", type=Path, help="file to write failures to, one JSON object per line")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        parser.error(f"{options.folder} is not a directory")
    if options.workers < 1:
        parser.error("--workers must be at least 1")
    try:
        return asyncio.run(run(options))
    except* TwelveLabsError as group:
        for error in group.exceptions:
            print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
