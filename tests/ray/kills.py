"""Ingests on Ray, kills workers and drivers at random moments, and proves the result.

    python -m tests.ray.kills [--files 400] [--workers 3] [--worker-kills 1] [--driver-kills 0] [--seed 1] [--no-faults]

Everything goes through the command `twelvelabs-async ingest --on-ray`. The proof uses the state of the platform, and
the Parquet files. 5 % of the requests fail, the response of 2 % of those that make something is lost after they were
carried out, and 1 % of the files are broken.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.ingest.files import fault_plan, with_faults, write_files
from tests.ingest.kills import new_index
from tests.ingest.proof import platform_state, prove
from tests.ray.table import wrong_rows
from twelvelabs_async.emulator import Emulator, FaultPlan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.ingest.files import SourceFile

logger = logging.getLogger(__name__)

WORKER = "ray::Worker"
"""How Ray names the processes of workers."""


def worker_processes(among: set[int] | None = None) -> list[int]:
    """The processes of workers: all, or those among some."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if line.startswith(WORKER.encode()):
            found.append(int(folder.name))
    return [number for number in found if among is None or number in among]


def descendants(process: int) -> set[int]:
    """The processes that a process has started, and those that they have."""
    listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(pid): int(parent) for pid, parent in (line.split() for line in listing.splitlines())}
    found = {process}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def kill_worker(dice: random.Random | None = None, driver: int | None = None) -> int:
    """Kill a worker of a driver, this process by default; its process."""
    found = worker_processes(descendants(driver or os.getpid()))
    victim = (dice or random.Random(0)).choice(sorted(found))
    os.kill(victim, signal.SIGKILL)
    return victim


async def start_command(folder: Path, emulator: Emulator, index_id: str, workers: int) -> asyncio.subprocess.Process:
    """Start the command in a process of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "twelvelabs_async.cli", "ingest", str(folder), "--index", index_id, "--on-ray",
        "--workers", str(workers), "--output", str(folder.with_suffix(".output")),
        env={**os.environ, **emulator.environment},
    )  # fmt: skip


async def kill_and_prove(
    folder: Path,
    files: Sequence[SourceFile],
    plan: FaultPlan,
    *,
    workers: int,
    worker_kills: int,
    driver_kills: int,
    seed: int,
    speed: float,
) -> list[str]:
    """Kill workers and drivers, run to the end, and return what is wrong at the platform and in the output."""
    dice = random.Random(seed)
    async with Emulator(speed=speed, faults=plan) as emulator:
        index_id = await new_index(emulator)
        for _ in range(driver_kills):
            process = await start_command(folder, emulator, index_id, workers)
            await _indexed(emulator, process, dice.uniform(0.0, 0.5), len(files))
            if process.returncode is None:
                process.kill()
            logger.info("driver killed: %d", await process.wait())
        for _ in range(max(1, worker_kills)):
            process = await start_command(folder, emulator, index_id, workers)
            if worker_kills:
                await _indexed(emulator, process, dice.uniform(0.2, 0.5), len(files))
                if process.returncode is None:
                    logger.info("worker %d killed", kill_worker(dice, process.pid))
            code = await process.wait()
        expected = with_faults(files, plan)
        wrong = prove(await platform_state(emulator), expected, container=index_id)
        wrong += wrong_rows(folder.with_suffix(".output"), expected)
        if code != (1 if any(file.broken for file in expected) else 0):
            wrong.append(f"the last run ended with {code}")
    return wrong


async def _indexed(emulator: Emulator, process: asyncio.subprocess.Process, share: float, files: int) -> None:
    """Wait until workers have brought a share of what is missing into the index, or the process has ended."""
    platform = emulator.platform
    assert platform is not None

    async def entries() -> int:
        return await platform.store.run(lambda tx: sum(1 for _ in tx.all("video")))

    before = await entries()
    wanted = before + max(1, int(share * (files - before)))
    while await entries() < wanted or not worker_processes(descendants(process.pid)):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 0.1)
            return


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=400)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--worker-kills", type=int, default=1, help="runs in which a worker is killed")
    parser.add_argument("--driver-kills", type=int, default=0, help="runs that are killed as a whole, before those")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=1.0, help="speed of the emulator")
    parser.add_argument("--no-faults", action="store_true", help="only kill")
    options = parser.parse_args()
    plan = FaultPlan() if options.no_faults else fault_plan(seed=options.seed)
    with tempfile.TemporaryDirectory() as folder:
        broken = max(3, options.files // 100)
        files = write_files(Path(folder) / "videos", options.files - broken, broken)
        started = time.monotonic()
        wrong = asyncio.run(
            kill_and_prove(
                Path(folder) / "videos",
                files,
                plan,
                workers=options.workers,
                worker_kills=options.worker_kills,
                driver_kills=options.driver_kills,
                seed=options.seed,
                speed=options.speed,
            )
        )
        logger.info("%d files, %.0f s", len(files), time.monotonic() - started)
    for problem in wrong:
        logger.error("%s", problem)
    logger.info("%s", f"{len(wrong)} problems" if wrong else "proven: each file exactly once")
    return 1 if wrong else 0


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(main())
