"""Kills an ingestion at random points, runs it again until everything is done, and proves the result.

    python -m tests.ingest.kills [--files 2000] [--large 40] [--kills 20] [--seed 1] [--no-faults]

Large files are sent in chunks. The proof uses the state of the platform. 5 % of the requests fail, the response of 2 %
of those that make something is lost after they were carried out, and 1 % of the files are broken.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import random
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.ingest.files import fault_plan, with_faults, write_files
from tests.ingest.proof import platform_state, prove
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.emulator import Emulator, FaultPlan
from twelvelabs_async.ingest import Journal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.ingest.files import SourceFile

logger = logging.getLogger(__name__)

CHUNK = 16 * 1024
"""Bytes of a chunk."""

DIRECT = 50_000
"""Bytes above which a file is sent in chunks."""

LARGE = 30 * CHUNK
"""Bytes of a large file."""

MODELS: list[Any] = [{"model_name": "marengo3.0", "model_options": ["visual"]}]


async def run_child(settings: dict[str, Any], kill_after: float | None) -> int:
    """Run an ingestion in a process of its own, and kill it after some seconds; its exit code."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ingest.child", stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(settings).encode())
    process.stdin.close()
    if kill_after is not None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), kill_after)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
    return await process.wait()


async def new_index(emulator: Emulator, name: str = "films") -> str:
    """Make an index, in spite of faults."""
    async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url, max_retries=10) as client:
        return (await client.indexes.get_or_create(index_name=name, models=MODELS)).id


async def kill_and_prove(
    folder: Path, files: Sequence[SourceFile], plan: FaultPlan, *, kills: int, longest: float, seed: int, speed: float
) -> list[str]:
    """Kill an ingestion some times, run it to the end, and return what is wrong at the platform and in the journal.

    Args:
        folder: The folder with the files; the journal is made beside it.
        files: The files.
        plan: What goes wrong at the platform.
        kills: How often the process is killed.
        longest: Seconds that it runs at most before it is killed.
        seed: Decides when it is killed.
        speed: Speed of the emulator.
    """
    dice = random.Random(seed)
    journal = folder.with_suffix(".sqlite")
    async with Emulator(speed=speed, faults=plan, chunk_size=CHUNK, initial_urls=5) as emulator:
        index_id = await new_index(emulator)
        settings = {
            "client": {"api_key": emulator.api_key, "base_url": emulator.base_url},
            "sources": str(folder),
            "index_id": index_id,
            "journal": str(journal),
            "sleep_interval": 0.2,
            "direct_bytes": DIRECT,
        }
        for number in range(kills):
            code = await run_child(settings, dice.uniform(0.0, longest))
            logger.info("run %d: exit code %d", number + 1, code)
        code = await run_child(settings, None)
        counts = await _counts(journal)
        wrong = prove(await platform_state(emulator), with_faults(files, plan), container=index_id)
        broken = sum(file.broken for file in with_faults(files, plan))
        if (counts["done"], counts["failed"], counts["failed_retryable"]) != (len(files) - broken, broken, 0):
            wrong.append(f"the journal says {counts}, but {broken} of {len(files)} files are broken")
        if code not in {0, 1}:
            wrong.append(f"the last run ended with {code}")
    return wrong


async def _counts(journal: Path) -> dict[str, int]:
    async with await Journal.open(journal, read_only=True) as opened:
        return await opened.counts()


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--large", type=int, default=40, help="how many of the files are sent in chunks")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--longest", type=float, default=3.0, help="seconds between two kills at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=1.0, help="speed of the emulator")
    parser.add_argument("--no-faults", action="store_true", help="only kill")
    options = parser.parse_args()
    plan = FaultPlan() if options.no_faults else fault_plan(seed=options.seed)
    with tempfile.TemporaryDirectory() as folder:
        broken = options.files // 100
        files = write_files(Path(folder) / "videos", options.files - broken, broken, large=options.large, size=LARGE)
        started = time.monotonic()
        wrong = asyncio.run(
            kill_and_prove(
                Path(folder) / "videos",
                files,
                plan,
                kills=options.kills,
                longest=options.longest,
                seed=options.seed,
                speed=options.speed,
            )
        )
        logger.info("%d files, %d kills, %.0f s", len(files), options.kills, time.monotonic() - started)
    for problem in wrong:
        logger.error("%s", problem)
    logger.info("%s", f"{len(wrong)} problems" if wrong else "proven: each file exactly once")
    return 1 if wrong else 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(main())
