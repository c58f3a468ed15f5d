"""Waiting for tasks and assets, and creating many tasks."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from twelvelabs_async.errors import (
    APIConnectionError,
    BadRequestError,
    BulkError,
    TaskFailedError,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clock import Clock
    from twelvelabs_async import AsyncTwelveLabs
    from twelvelabs_async.emulator import Emulator

LATE = pytest.mark.parametrize("emulator", [{"late_validation": True, "speed": 20}], indirect=True)
SLOW = pytest.mark.parametrize("emulator", [{"speed": 0.001}], indirect=True)


async def test_a_task_becomes_ready(client: AsyncTwelveLabs, index_id: str, media: Path) -> None:
    created = await client.tasks.create(index_id=index_id, video_file=media / "beach.mp4")
    assert created.id
    seen: list[str | None] = []
    task = await client.tasks.wait_for_done(created.id, 0.01, lambda state: seen.append(state.status))
    assert (task.id, task.status, seen[-1]) == (created.id, "ready", "ready")
    assert task.system_metadata
    assert task.system_metadata.duration == pytest.approx(8, abs=0.2)
    again = await client.tasks.wait_for_done(task_id=created.id, callback=None, timeout=5)
    assert (again.id, again.status) == (task.id, "ready")


@LATE
async def test_a_broken_video_is_a_failed_task(client: AsyncTwelveLabs, index_id: str, media: Path) -> None:
    created = await client.tasks.create(index_id=index_id, video_file=media / "broken.mp4")
    assert created.id
    with pytest.raises(TaskFailedError, match=created.id) as caught:
        await client.tasks.wait_for_done(created.id, sleep_interval=0.01)
    assert caught.value.task.status == "failed"


@SLOW
async def test_a_deadline_and_a_cancellation_end_a_wait(
    client: AsyncTwelveLabs, index_id: str, media: Path, clock: Clock
) -> None:
    created = await client.tasks.create(index_id=index_id, video_file=media / "forest.mp4")
    assert created.id
    with pytest.raises(WaitTimeoutError) as caught:
        await client.tasks.wait_for_done(created.id, timeout=60, callback=lambda _: clock.advance(100))
    assert caught.value.last.id == created.id
    checked = asyncio.Event()
    waiting = asyncio.create_task(client.tasks.wait_for_done(created.id, callback=lambda _: checked.set()))
    await checked.wait()
    started = time.monotonic()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert time.monotonic() - started < 5
    assert (await client.tasks.retrieve(created.id)).id == created.id


async def test_fatal_errors_end_a_wait(client: AsyncTwelveLabs, emulator: Emulator) -> None:
    with pytest.raises(BadRequestError, match="resource_not_exist"):
        await client.tasks.wait_for_done("0" * 24)
    with pytest.raises(ValueError, match="task_id"):
        await client.tasks.wait_for_done("")
    await emulator.close()
    with pytest.raises(APIConnectionError):
        await client.with_options(max_retries=0).tasks.wait_for_done("0" * 24, sleep_interval=0.01)


async def test_an_asset_is_indexed(client: AsyncTwelveLabs, index_id: str, media: Path) -> None:
    asset = await client.assets.create(method="direct", file=media / "forest.mp4")
    assert asset.id
    await client.assets.wait_for_done(asset.id, sleep_interval=0.01)
    made = await client.indexes.indexed_assets.create(index_id, asset_id=asset.id)
    assert made.id
    seen: list[str | None] = []
    indexed = await client.indexes.indexed_assets.wait_for_done(
        index_id, made.id, sleep_interval=0.01, callback=lambda state: seen.append(state.status)
    )
    assert (indexed.id, indexed.status) == (made.id, "ready")
    assert seen[-1] == "ready"


async def test_many_tasks_keep_the_order_of_their_videos(client: AsyncTwelveLabs, index_id: str, media: Path) -> None:
    files = [media / name for name in ("beach.mp4", "forest.mp4")] * 3
    tasks = await client.tasks.create_bulk(index_id, video_files=files, max_concurrency=3)
    names = []
    for task in tasks:
        assert task.id
        done = await client.tasks.wait_for_done(task.id, sleep_interval=0.01)
        assert done.system_metadata
        names.append(done.system_metadata.filename)
    assert names == [file.name for file in files]


async def test_the_outcome_of_every_video_is_reported(client: AsyncTwelveLabs, index_id: str, media: Path) -> None:
    files = [media / "forest.mp4", media / "broken.mp4", media / "missing.mp4", media / "beach.mp4"]
    with pytest.raises(BulkError, match="2 of 4 indexing tasks were not created") as caught:
        await client.tasks.create_bulk(index_id=index_id, video_files=files)
    error = caught.value
    assert [type(outcome).__name__ for outcome in error.outcomes] == [
        "TasksCreateResponse",
        "BadRequestError",
        "FileNotFoundError",
        "TasksCreateResponse",
    ]
    assert set(error.errors) == {1, 2}
    listed = {task.id async for task in client.tasks.list(index_id=index_id)}
    assert listed == {task.id for task in error.results}


async def test_nothing_to_create(client: AsyncTwelveLabs, index_id: str) -> None:
    with pytest.raises(ValueError, match="video_files or video_urls"):
        await client.tasks.create_bulk(index_id=index_id)
    with pytest.raises(ValueError, match="videos is empty"):
        await client.embed.tasks.create_bulk("marengo3.0", [])
