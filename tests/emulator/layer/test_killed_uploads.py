"""Processes that are killed while they upload, and started again with the same state file."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async.emulator import FaultPlan, Settings
from twelvelabs_async.emulator.handlers import multipart_uploads
from twelvelabs_async.emulator.object_store import ObjectStore
from twelvelabs_async.testing import run_emulator

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[3]
CHUNK = 2048
TOTAL = 95
BATCH = 4
WORKERS = 3

PROGRAM = f"""
import asyncio, sys
from twelvelabs_async import AsyncTwelveLabs

async def main():
    async with AsyncTwelveLabs() as client:
        result = await client.multipart_upload.upload_file(
            sys.argv[1], state=sys.argv[2], batch_size={BATCH}, max_workers={WORKERS}
        )
        print(result.asset_id)

asyncio.run(main())
"""


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What the store and the platform did, in order: chunks that were stored, and reports that were accepted."""
    seen: list[tuple[str, int]] = []

    def recording(
        real: Callable[..., Any], name: str, index_of: Callable[[tuple[Any, ...]], int]
    ) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            result = real(*arguments)
            if result:
                seen.append((name, index_of(arguments)))
            return result

        return call

    stored, reported = ObjectStore._add_chunk, multipart_uploads._record_report
    monkeypatch.setattr(ObjectStore, "_add_chunk", recording(stored, "stored", lambda arguments: arguments[3]))
    monkeypatch.setattr(
        multipart_uploads,
        "_record_report",
        recording(reported, "reported", lambda arguments: arguments[2]["chunk_index"]),
    )
    return seen


@pytest.mark.parametrize("seed", range(2))
def test_no_chunk_that_was_reported_is_sent_twice(tmp_path: Path, events: list[tuple[str, int]], seed: int) -> None:
    random_ = random.Random(seed)
    file, state = tmp_path / "big.mp4", tmp_path / "upload.json"
    file.write_bytes(random_.randbytes(CHUNK * TOTAL - 7))
    faults = FaultPlan()
    last = faults.add(kind="stall", port="objects", route=f"*/{TOTAL}")  # no process is done before it is killed
    faults.add(kind="slow", port="objects", operation="putChunk", seconds=0.01)
    with run_emulator(
        Settings(speed=0, state=tmp_path / "state", chunk_size=CHUNK, initial_urls=7, faults=faults)
    ) as emulator:
        environment = {**os.environ, **emulator.environment, "PYTHONPATH": str(ROOT)}
        for target in (1, *sorted(random_.sample(range(5, 2 * TOTAL - 40), 4))):
            process = start(file, state, environment)
            while len(events) < target and process.poll() is None:
                time.sleep(0.001)
            time.sleep(random_.uniform(0, 0.02))
            process.kill()
            out, err = process.communicate()
            assert (process.returncode, out, err) == (-9, "", "")
        assert state.exists()
        faults.remove(last)
        process = start(file, state, environment)
        out, err = process.communicate(timeout=120)
        assert (process.returncode, err) == (0, "")
        puts = len(events)
        again = start(file, state, environment)
        assert again.communicate(timeout=120) == (out, "")
        assert len(events) == puts
    [blob] = (tmp_path / "state" / "blobs").iterdir()
    assert hashlib.sha256(blob.read_bytes()).digest() == hashlib.sha256(file.read_bytes()).digest()
    reported: set[int] = set()
    for name, index in events:
        assert index not in reported
        if name == "reported":
            reported.add(index)
    assert reported == set(range(1, TOTAL + 1))
    times = Counter(index for name, index in events if name == "stored")
    # With each kill: a report, what the workers finished meanwhile, and what they had in flight.
    assert sum(times.values()) - TOTAL <= 5 * (BATCH + 2 * WORKERS)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big.mp4", "state", "upload.json"]


def start(file: Path, state: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(file), str(state)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
