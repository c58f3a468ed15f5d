"""Retries and waits without pauses, and as before after the block."""

from __future__ import annotations

import asyncio
import importlib
import threading
from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async import InternalServerError, TooManyRequestsError
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene
from twelvelabs_async.testing import RunningEmulator, instant, run_emulator
from twelvelabs_async.testing import instant as instant_function

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REPLACED: Any = importlib.import_module("twelvelabs_async.testing.instant")._REPLACED
PATIENCE = 30.0
"""Seconds that no test comes near to; without the switch, each would take minutes."""


@pytest.fixture
def emulator() -> Iterator[RunningEmulator]:
    with run_emulator() as found:
        yield found


def current() -> list[Any]:
    found = []
    for module, path, _ in REPLACED:
        owner: Any = importlib.import_module(f"twelvelabs_async.{module}")
        for part in path.split("."):
            owner = getattr(owner, part)
        found.append(owner)
    return found


def test_everything_is_put_back() -> None:
    before = current()
    with instant():
        during = current()
        assert all(now is not then for now, then in zip(during, before, strict=True))
        with instant():
            assert all(now is then for now, then in zip(current(), during, strict=True))
        assert all(now is then for now, then in zip(current(), during, strict=True))
    assert all(now is then for now, then in zip(current(), before, strict=True))
    with pytest.raises(KeyError), instant():
        raise KeyError
    assert all(now is then for now, then in zip(current(), before, strict=True))


def test_blocks_overlap_in_threads() -> None:
    before = current()
    together = threading.Barrier(8)

    def work() -> None:
        for _ in range(50):
            together.wait()
            with instant():
                assert current()[0] is not before[0]

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(now is then for now, then in zip(current(), before, strict=True))


async def test_retries(emulator: RunningEmulator) -> None:
    emulator.faults.add(kind="status", status=503, retry_after=50, operation="listTasks", count=2)
    emulator.faults.add(kind="status", status=500, operation="listIndexes")
    async with asyncio.timeout(PATIENCE), emulator.client() as client:
        with instant():
            await client.tasks.list()
            with pytest.raises(InternalServerError):
                await client.indexes.list()
    assert [made.status for made in emulator.requests] == [503, 503, 200, 500, 500, 500]


async def test_rate_limits(emulator: RunningEmulator) -> None:
    """A 429 with a long Retry-After pauses nobody, and neither does a window in which nothing is left."""
    emulator.faults.add(kind="status", status=429, retry_after=50, limits=True, operation="listTasks", count=3)
    async with asyncio.timeout(PATIENCE), emulator.client(max_retries=5) as client:
        with instant():
            await asyncio.gather(*(client.tasks.list() for _ in range(20)))
            emulator.set_rate_limit(2, window=50)
            with pytest.raises(TooManyRequestsError):
                await asyncio.gather(*(client.indexes.list() for _ in range(10)))


async def test_waits(emulator: RunningEmulator, tmp_path: Path) -> None:
    video = SampleVideo("red.mp4", (Scene("red", 4),)).write(tmp_path)
    with run_emulator(speed=1, durations={"task.indexing": 1.0}) as slow, instant_function():
        async with asyncio.timeout(PATIENCE), slow.client() as client:
            models: Any = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
            index = await client.indexes.create(index_name="films", models=models)
            tasks = [await client.tasks.create(index_id=index.id or "", video_file=video) for _ in range(3)]
            for task in tasks:
                assert (await client.tasks.wait_for_done(task, sleep_interval=1000)).status == "ready"
            async for outcome in client.tasks.as_completed([task.id for task in tasks if task.id]):
                assert outcome.error is None


async def test_uploads(emulator: RunningEmulator, tmp_path: Path) -> None:
    video = SampleVideo("red.mp4", (Scene("red", 4),)).write(tmp_path)
    emulator.faults.add(kind="status", status=503, retry_after=30, port="objects", operation="putChunk", count=2)
    async with asyncio.timeout(PATIENCE), emulator.client() as client:
        with instant():
            await client.multipart_upload.upload_file(video)
    assert [asset["status"] for asset in emulator.assets] == ["ready"]


async def test_ingestion(emulator: RunningEmulator, tmp_path: Path) -> None:
    """More refusals than a call is retried: the ingestion pauses and goes on."""
    video = SampleVideo("red.mp4", (Scene("red", 4),)).write(tmp_path)
    emulator.faults.add(kind="status", status=429, retry_after=50, operation="createAsset", count=8)
    emulator.faults.add(kind="status", status=500, operation="createIndexedAsset", count=1)
    models: Any = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
    async with asyncio.timeout(PATIENCE), emulator.client() as client:
        with instant():
            index = await client.indexes.create(index_name="films", models=models)
            outcomes = [
                outcome
                async for outcome in client.ingest([video], index_id=index.id or "", journal=tmp_path / "run.sqlite")
            ]
    assert [outcome.error for outcome in outcomes] == [None]
    assert [found["status"] for found in emulator.indexed_assets] == ["ready"]
