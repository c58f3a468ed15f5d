"""Uploads in chunks of real files to the emulator's object store."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest

from twelvelabs_async import AsyncTwelveLabs, Hooks
from twelvelabs_async.errors import (
    AuthenticationError,
    NotFoundError,
    TaskFailedError,
    UploadError,
    WaitTimeoutError,
)
from twelvelabs_async.uploads import UploadProgress, UploadStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.clock import Clock
    from twelvelabs_async import ResponseEvent
    from twelvelabs_async.emulator import Emulator

SMALL = pytest.mark.parametrize("emulator", [{"chunk_size": 4096, "initial_urls": 3}], indirect=True)


@SMALL
@pytest.mark.parametrize("workers", [1, 8])
async def test_a_video_arrives_whole(client: AsyncTwelveLabs, emulator: Emulator, media: Path, workers: int) -> None:
    path = media / "beach.mp4"
    seen: list[UploadProgress] = []
    result = await client.multipart_upload.upload_file(
        str(path), max_workers=workers, batch_size=3, progress_callback=seen.append, user_metadata={"place": "sea"}
    )
    assert result.asset_url
    total = -(-path.stat().st_size // 4096)
    assert total > 3
    last, size = seen[-1], path.stat().st_size
    assert (last.total_chunks, last.completed_chunks, last.percentage, last.status) == (
        total,
        total,
        100.0,
        "completed",
    )
    assert (last.total_bytes, last.bytes_sent, last.bytes_confirmed) == (size, size, size)
    assert last.rate > 0
    asset = await client.assets.wait_for_done(result.asset_id, sleep_interval=0.02)
    assert (asset.filename, asset.size, asset.status) == ("beach.mp4", path.stat().st_size, "ready")
    assert asset.user_metadata == {"place": "sea"}
    assert asset.file_type == "video/mp4"


@SMALL
async def test_the_type_follows_the_name_of_the_file(client: AsyncTwelveLabs, media: Path) -> None:
    result = await client.multipart_upload.upload_file(media / "red.png")
    asset = await client.assets.wait_for_done(result.asset_id, sleep_interval=0.02)
    assert asset.file_type == "image/png"
    opened = await client.multipart_upload.create(filename="a.mov", total_size=5)
    assert opened.upload_id


@SMALL
async def test_bytes_and_open_files(client: AsyncTwelveLabs, media: Path) -> None:
    data = (media / "forest.mp4").read_bytes()
    with (media / "forest.mp4").open("rb") as file:
        for content in (data, file):
            result = await client.multipart_upload.upload_file(content, filename="forest.mp4")
            asset = await client.assets.wait_for_done(result.asset_id, sleep_interval=0.02)
            assert asset.size == len(data)
        assert not file.closed


async def test_a_file_of_one_chunk(client: AsyncTwelveLabs, media: Path) -> None:
    result = await client.multipart_upload.upload_file(media / "forest.mp4")
    state = await client.assets.wait_for_done(result.asset_id, sleep_interval=0.02)
    assert state.status == "ready"


@pytest.mark.parametrize(
    "emulator", [{"chunk_size": 4096, "initial_urls": 50, "lifetimes": {"presigned_url": 0.3}}], indirect=True
)
async def test_urls_that_expire_are_renewed(client: AsyncTwelveLabs, media: Path) -> None:
    async def slow(_: UploadProgress) -> None:
        await asyncio.sleep(0.1)

    result = await client.multipart_upload.upload_file(media / "forest.mp4", max_workers=2, progress_callback=slow)
    asset = await client.assets.wait_for_done(result.asset_id, sleep_interval=0.02)
    assert asset.size == (media / "forest.mp4").stat().st_size


@pytest.mark.parametrize("emulator", [{"chunk_size": 1024 * 1024, "initial_urls": 1}], indirect=True)
async def test_a_large_file_in_many_chunks(client: AsyncTwelveLabs, emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "noise.mp4"
    path.write_bytes(random.Random(1).randbytes(60 * 1024 * 1024 + 5))
    done: list[float] = []
    result = await client.multipart_upload.upload_file(
        path, max_workers=16, batch_size=50, progress_callback=lambda progress: done.append(progress.percentage)
    )
    assert done[-1] == 100
    assert len(done) == 63
    with pytest.raises(TaskFailedError, match=rf"{result.asset_id}.*: video_file_broken") as caught:
        await client.assets.wait_for_done(result.asset_id, sleep_interval=0.02)
    assert caught.value.task.id == result.asset_id


@pytest.mark.parametrize("emulator", [{"chunk_size": 65536, "initial_urls": 1}], indirect=True)
async def test_a_file_that_shrinks_meanwhile(client: AsyncTwelveLabs, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x" * 1_000_000)

    def shrink(progress: UploadProgress) -> None:
        if progress.completed_chunks == 3:
            path.write_bytes(b"x" * 900_000)

    with pytest.raises(UploadError, match="changed") as caught:
        await client.multipart_upload.upload_file(path, max_workers=2, progress_callback=shrink)
    error = caught.value
    assert error.upload_id
    assert len(error.finished) >= 3
    assert error.chunk_index in error.failed
    incomplete = [item.upload_id async for item in client.multipart_upload.list_incomplete_uploads()]
    assert incomplete == [error.upload_id]
    status = await client.multipart_upload.get_status(error.upload_id)
    assert status.page.chunks_completed == len(error.finished)


@pytest.mark.parametrize("emulator", [{"chunk_size": 65536}], indirect=True)
async def test_cancelling_leaves_the_client_usable(client: AsyncTwelveLabs, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x" * 5_000_000)
    begun = asyncio.Event()

    def callback(progress: UploadProgress) -> None:
        if progress.completed_chunks:
            begun.set()

    task = asyncio.create_task(client.multipart_upload.upload_file(path, progress_callback=callback))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [item async for item in client.indexes.list()] == []


class Confirmed:
    """Counts the chunks whose PUT the store has confirmed to the client, and may do something after each."""

    def __init__(self) -> None:
        self.chunks = 0
        self.after: Callable[[], object] = lambda: None

    def __call__(self, event: ResponseEvent) -> None:
        if event.operation == "uploadChunk" and event.status == 200:
            self.chunks += 1
            self.after()


@pytest.mark.parametrize("emulator", [{"chunk_size": 4096}], indirect=True)
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("how", ["cancel", "timeout around it", "its own timeout"])
async def test_an_upload_that_ends_early_has_reported_what_is_stored(
    emulator: Emulator, tmp_path: Path, clock: Clock, seed: int, how: str
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(4096 * 300))
    random_ = random.Random(seed)
    confirmed, last, turns = Confirmed(), random_.randint(1, 250), random_.randint(0, 30)

    async def end() -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        if how == "cancel":
            task.cancel()
        else:
            clock.advance(100)

    def after() -> None:
        if confirmed.chunks == last:
            ending.append(asyncio.create_task(end()))

    async def upload(seconds: float) -> None:
        if how == "timeout around it":
            async with asyncio.timeout(seconds):
                await client.multipart_upload.upload_file(path, batch_size=50)
        else:
            await client.multipart_upload.upload_file(path, batch_size=50, timeout=seconds)

    ending: list[asyncio.Task[None]] = []
    confirmed.after = after
    async with AsyncTwelveLabs(
        api_key=emulator.api_key, base_url=emulator.base_url, hooks=Hooks(on_response=confirmed)
    ) as client:
        task = asyncio.create_task(upload(3600 if how == "cancel" else 100))
        expected = {"cancel": asyncio.CancelledError, "timeout around it": TimeoutError}.get(how, UploadError)
        with pytest.raises(expected) as caught:
            await task
        await ending[0]
        assert last <= confirmed.chunks < 300
        assert client.limits.in_flight == 0
        [upload_id] = [item.upload_id async for item in client.multipart_upload.list_incomplete_uploads()]
        status = await client.multipart_upload.get_status(upload_id)
        assert status.page.chunks_completed == confirmed.chunks
        stored = len(list((tmp_path / "state" / "chunks" / upload_id).iterdir()))
        assert (
            confirmed.chunks <= stored <= confirmed.chunks + 5
        )  # one more for each worker, whose response was on its way
        if isinstance(caught.value, UploadError):
            assert len(caught.value.finished) == confirmed.chunks


async def test_nothing_is_sent_for_a_file_that_is_none(client: AsyncTwelveLabs, tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(FileNotFoundError, match="file_path"):
        await client.multipart_upload.upload_file(tmp_path / "missing.mp4")
    with pytest.raises(IsADirectoryError, match="file_path"):
        await client.multipart_upload.upload_file(tmp_path)
    with pytest.raises(ValueError, match=r"file_path: .*empty"):
        await client.multipart_upload.upload_file(tmp_path / "empty.mp4")
    assert [item async for item in client.multipart_upload.list_incomplete_uploads()] == []


async def test_a_wrong_key_has_its_own_name(emulator: Emulator, client: AsyncTwelveLabs, media: Path) -> None:
    with pytest.raises(AuthenticationError):
        await client.with_options(api_key="tlk_wrong").multipart_upload.upload_file(media / "forest.mp4")


@SMALL
async def test_waiting_for_an_upload(client: AsyncTwelveLabs, clock: Clock) -> None:
    opened = await client.multipart_upload.create(filename="a.mp4", total_size=10_000)
    assert opened.upload_id
    seen: list[UploadStatus] = []

    def callback(status: UploadStatus) -> None:
        seen.append(status)
        clock.advance(25)

    with pytest.raises(WaitTimeoutError) as caught:
        await client.multipart_upload.wait_for_upload_completion(
            opened.upload_id, sleep_interval=0.02, max_wait_time=60, callback=callback
        )
    assert len(seen) == 3
    assert caught.value.last == UploadStatus("active", 0, 3)
    assert seen[0] == UploadStatus("active", 0, 3)
    with pytest.raises(NotFoundError):
        await client.multipart_upload.wait_for_upload_completion("0" * 24)


@pytest.mark.parametrize("emulator", [{"chunk_size": 4096, "lifetimes": {"multipart_session": 0.05}}], indirect=True)
async def test_an_expired_upload_is_a_failure(client: AsyncTwelveLabs) -> None:
    opened = await client.multipart_upload.create(filename="a.mp4", total_size=10_000)
    assert opened.upload_id
    with pytest.raises(TaskFailedError, match="expired") as caught:
        await client.multipart_upload.wait_for_upload_completion(opened.upload_id, sleep_interval=0.02, timeout=20)
    assert caught.value.task.status == "expired"
