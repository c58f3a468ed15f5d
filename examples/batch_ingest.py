"""Ingest every video of a folder into an index, each exactly once, and report failures.

    python -m examples.batch_ingest FOLDER INDEX_ID
    python -m examples.batch_ingest FOLDER INDEX_ID --journal run.sqlite --concurrency 32

Run it again after a failure or an interruption to resume. The exit code is 0 if every file is in the index, else 1. The
key comes from TWELVE_LABS_API_KEY; without one, start `python -m twelvelabs_async.emulator` and set the two variables
that it prints.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from twelvelabs_async import AsyncTwelveLabs, TwelveLabsError
from twelvelabs_async.ingest import Journal

if TYPE_CHECKING:
    from collections.abc import Sequence


async def run(options: argparse.Namespace) -> int:
    """Run the command and return the exit code."""
    async with (
        AsyncTwelveLabs() as client,
        client.ingest(
            options.folder, index_id=options.index_id, journal=options.journal, concurrency=options.concurrency
        ) as ingestion,
    ):
        async for outcome in ingestion:
            print(f"{outcome.source}: {outcome.message or 'indexed'}", file=sys.stderr)
    async with await Journal.open(options.journal, read_only=True) as journal:
        counts = await journal.counts()
    print(f"{counts['done']} indexed, {counts['failed']} failed.")
    return 1 if counts["failed"] else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m examples.batch_ingest", description="Index a folder of videos.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("index_id")
    parser.add_argument("--journal", type=Path, default=Path("ingest.sqlite"), help="default: ingest.sqlite")
    parser.add_argument("--concurrency", type=int, default=16, help="files in each stage at a time (default: 16)")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        parser.error(f"{options.folder} is not a directory")
    try:
        return asyncio.run(run(options))
    except (TwelveLabsError, ValueError) as error:
        print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
