"""`twelvelabs-async ingest --on-ray`: workers and commands are killed, and run again until everything is done."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.eventually import eventually
from tests.ingest.files import fault_plan, write_files
from tests.ray.conftest import Site
from tests.ray.kills import kill_and_prove, start_command
from twelvelabs_async.ingest.ray import count_outcomes

pytestmark = pytest.mark.timeout(600)  # each of the commands starts a dozen processes


def done(output: Path) -> int:
    return count_outcomes(output)["done"] if list(output.glob("*.parquet")) else 0


async def test_killed_workers_and_commands_do_no_harm(tmp_path: Path) -> None:
    files = write_files(tmp_path / "videos", 40, 2)
    plan = fault_plan(seed=3)
    assert (
        await kill_and_prove(
            tmp_path / "videos", files, plan, workers=2, worker_kills=1, driver_kills=1, seed=1, speed=1.0
        )
        == []
    )


async def test_exit_codes(site: Site) -> None:
    site.files(60)
    site.emulator.faults.add(kind="slow", operation="createAsset", seconds=1.5)
    process = await start_command(site.videos, site.emulator, site.index_id, 1)
    output = site.videos.with_suffix(".output")
    await eventually(lambda: done(output))
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 130
    assert 0 < done(output) < 60
