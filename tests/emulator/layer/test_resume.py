"""Uploads that go on where an earlier one ended: by a state file, an error, or the id of the session."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import pickle
import random
from typing import TYPE_CHECKING, Any

import pytest

from tests.eventually import eventually
from twelvelabs_async import AsyncTwelveLabs, Hooks
from twelvelabs_async.emulator import Emulator, FaultPlan
from twelvelabs_async.errors import ForbiddenError, UploadError
from twelvelabs_async.uploads import UploadProgress
from twelvelabs_async.uploads.state_file import StateFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine
    from pathlib import Path

    from tests.clock import Clock
    from twelvelabs_async import RequestEvent
    from twelvelabs_async.uploads import UploadResult
    from twelvelabs_async.uploads.state import UploadState

CHUNK = 4096
TOTAL = 60


class World:
    """An emulator, a client that counts its requests, and a file of 60 chunks."""

    def __init__(self, emulator: Emulator, faults: FaultPlan, folder: Path) -> None:
        self.emulator = emulator
        self.faults = faults
        self.folder = folder
        self.file = folder / "big.mp4"
        self.state = folder / "upload.json"
        self.requests: list[str] = []
        self.client = AsyncTwelveLabs(
            api_key=emulator.api_key, base_url=emulator.base_url, hooks=Hooks(on_request=self._count)
        )

    def _count(self, event: RequestEvent) -> None:
        self.requests.append(event.operation)

    def count(self, operation: str) -> int:
        return self.requests.count(operation)

    async def upload(self, **changes: Any) -> UploadResult:
        arguments = {"state": self.state, "max_retries": 0, "max_workers": 3, **changes}
        return await self.client.multipart_upload.upload_file(self.file, **arguments)

    async def fail(self, after: int, **changes: Any) -> UploadError:
        """An upload that fails when some chunks are stored."""
        self.faults.add(kind="status", status=503, port="objects", operation="putChunk", skip=after)
        with pytest.raises(UploadError) as caught:
            await self.upload(**changes)
        self.faults.clear()
        self.requests.clear()
        return caught.value

    async def assert_whole(self, result: UploadResult) -> None:
        """The store has the file, byte for byte."""
        stored = (self.folder / "state" / "blobs").iterdir()
        assert sha256(self.file) in {sha256(path) for path in stored}
        assert (await self.client.assets.retrieve(result.asset_id)).filename == "big.mp4"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
async def world(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    faults = FaultPlan()
    changes = getattr(request, "param", {})
    settings = {"speed": 0, "state": tmp_path / "state", "chunk_size": CHUNK, "initial_urls": 3, "faults": faults}
    async with Emulator(**{**settings, **changes}) as emulator:
        made = World(emulator, faults, tmp_path)
        made.file.write_bytes(random.Random(7).randbytes(CHUNK * TOTAL - 100))
        async with made.client:
            yield made


async def test_a_state_file_continues_an_upload(world: World) -> None:
    error = await world.fail(25)
    assert 20 <= len(error.finished) <= 28
    kept = json.loads(world.state.read_text())
    assert (kept["upload_id"], kept["asset_id"], kept["status"]) == (error.upload_id, error.asset_id, "active")
    assert world.emulator.api_key not in world.state.read_text()
    assert "signature" not in world.state.read_text()
    seen: list[UploadProgress] = []
    result = await world.upload(progress_callback=seen.append)
    assert result.asset_id == error.asset_id
    assert world.count("createMultipartUpload") == 0
    assert world.count("uploadChunk") == TOTAL - len(error.finished)
    assert world.count("retrieveUploadStatus") == 1
    assert seen[0].completed_chunks == len(error.finished)
    assert seen[0].bytes_confirmed == seen[0].bytes_sent == len(error.finished) * CHUNK
    await world.assert_whole(result)
    assert sorted(path.name for path in world.folder.iterdir()) == ["big.mp4", "state", "upload.json"]


async def test_a_finished_upload_gives_its_result_again(world: World) -> None:
    result = await world.upload()
    assert json.loads(world.state.read_text())["status"] == "completed"
    world.requests.clear()
    assert await world.upload() == result
    assert world.requests == []


async def test_a_state_that_was_not_marked_as_finished(world: World) -> None:
    """The process ended after the last report, and before its state was written."""
    result = await world.upload()
    kept = json.loads(world.state.read_text())
    world.state.write_text(json.dumps({**kept, "status": "active", "asset_url": None}))
    world.requests.clear()
    seen: list[UploadProgress] = []
    assert await world.upload(progress_callback=seen.append) == result
    assert world.count("uploadChunk") == world.count("createMultipartUpload") == 0
    # The last chunk is reported once more, but it is confirmed only once.
    assert {progress.bytes_confirmed for progress in seen} == {world.file.stat().st_size}


@pytest.mark.parametrize("finished", [False, True])
async def test_a_changed_file_is_refused(world: World, finished: bool) -> None:
    await (world.upload() if finished else world.fail(10))
    before = world.state.read_bytes()
    world.requests.clear()
    world.file.write_bytes(world.file.read_bytes()[:-1] + b"?")
    with pytest.raises(UploadError, match=r"upload\.json cannot be used: the file has changed since its upload began"):
        await world.upload()
    assert world.requests == []
    assert world.state.read_bytes() == before


async def test_a_state_of_another_platform_is_refused(world: World) -> None:
    await world.fail(10)
    kept = world.state.read_text().replace(world.emulator.base_url.rpartition("/")[0], "https://api.elsewhere.test")
    world.state.write_text(kept)
    with pytest.raises(UploadError, match=r"belongs to an upload to https://api\.elsewhere\.test"):
        await world.upload()
    assert world.requests == []
    assert world.state.read_text() == kept


async def test_a_session_that_is_gone_is_replaced(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await world.fail(10)
    kept = json.loads(world.state.read_text())
    world.state.write_text(json.dumps({**kept, "upload_id": "0" * 24}))
    result = await world.upload()
    await world.assert_whole(result)
    assert world.count("createMultipartUpload") == 1
    assert json.loads(world.state.read_text())["upload_id"] not in {kept["upload_id"], "0" * 24}
    assert "cannot be resumed (its session is gone)" in caplog.text


async def test_an_error_whose_session_is_gone_begins_anew(world: World) -> None:
    error = await world.fail(10, state=None)
    world.faults.add(kind="status", status=410, operation="retrieveUploadStatus", count=1)
    result = await world.upload(resume=error, state=None)
    assert result.asset_id != error.asset_id
    await world.assert_whole(result)


async def test_a_platform_that_cannot_be_asked(world: World) -> None:
    error = await world.fail(10)
    before = world.state.read_bytes()
    world.faults.add(kind="status", status=403, operation="retrieveUploadStatus", count=1)
    with pytest.raises(ForbiddenError):
        await world.upload()
    assert world.state.read_bytes() == before
    world.requests.clear()
    await world.assert_whole(await world.upload())
    assert world.count("uploadChunk") == TOTAL - len(error.finished)


async def test_a_session_whose_headers_are_secret_is_replaced(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await world.fail(10)
    kept = json.loads(world.state.read_text())
    world.state.write_text(json.dumps({**kept, "upload_headers": None}))
    await world.assert_whole(await world.upload())
    assert world.count("createMultipartUpload") == 1
    assert "its headers are secret" in caplog.text


async def test_two_uploads_with_one_state(world: World) -> None:
    world.faults.add(kind="stall", port="objects", operation="putChunk")
    first = asyncio.create_task(world.upload())
    await eventually(lambda: world.faults.counts["stall"])
    with pytest.raises(UploadError, match="in use by another upload"):
        await world.upload()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    world.faults.clear()
    await world.assert_whole(await world.upload())


async def test_a_state_in_a_folder_that_is_missing(world: World) -> None:
    with pytest.raises(FileNotFoundError):
        await world.upload(state=world.folder / "missing" / "upload.json")
    assert world.requests == []


async def test_a_state_file_of_something_else_is_left_alone(world: World) -> None:
    world.state.write_text('{"name": "mine"}')
    with pytest.raises(UploadError, match="it is not the state of an upload"):
        await world.upload()
    assert world.state.read_text() == '{"name": "mine"}'
    assert world.requests == []


@pytest.mark.parametrize(
    "change", [{"chunk_size": -1}, {"chunk_size": 1}, {"upload_id": "../x"}, {"upload_headers": {"A": 1}}]
)
async def test_a_state_that_was_damaged_is_named(world: World, change: dict[str, Any]) -> None:
    world.file.write_bytes(random.Random(3).randbytes(20_000))
    await world.fail(2)
    damaged = json.dumps({**json.loads(world.state.read_text()), **change})
    world.state.write_text(damaged)
    before = len(world.requests)
    with pytest.raises(UploadError, match=r"state file .*upload\.json cannot be used: it is damaged \(.*delete it"):
        await world.upload()
    assert world.state.read_text() == damaged
    assert len(world.requests) == before


@pytest.mark.parametrize("at_the_end", [False, True])
async def test_a_state_that_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch, at_the_end: bool) -> None:
    real = StateFile.save

    def save(file: StateFile, state: UploadState) -> None:
        if (state.result is not None) is at_the_end:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file, state)

    with monkeypatch.context() as patch:
        patch.setattr(StateFile, "save", save)
        problem = "is complete" if at_the_end else "did not begin"
        with pytest.raises(
            UploadError, match=rf"{problem}, but the state file .*upload\.json could not be .*No space"
        ) as e:
            await world.upload()
    assert world.count("uploadChunk") == (TOTAL if at_the_end else 0)
    result = await world.upload()
    await world.assert_whole(result)
    assert world.count("uploadChunk") == TOTAL
    assert (e.value.asset_id == result.asset_id) is at_the_end


async def test_the_timeout_bounds_what_comes_before_the_first_chunk(world: World, clock: Clock) -> None:
    async def times_out(upload: Coroutine[Any, Any, UploadResult]) -> UploadError:
        stalled = world.faults.counts["stall"]
        task = asyncio.create_task(upload)
        await eventually(lambda: world.faults.counts["stall"] > stalled)
        clock.advance(60)
        with pytest.raises(UploadError, match=r"did not begin: the timeout of 60 s passed") as caught:
            await task
        return caught.value

    error = await world.fail(5)
    for operation in ("retrieveUploadStatus", "createMultipartUpload", "listIncompleteUploads"):
        world.faults.add(kind="stall", operation=operation)
    assert (await times_out(world.upload(timeout=60))).upload_id == error.upload_id
    await times_out(world.upload(timeout=60, state=None))
    world.faults.clear()
    world.faults.add(kind="stall", operation="listIncompleteUploads")
    await times_out(world.client.multipart_upload.resume_file(str(error.upload_id), world.file, timeout=60))
    world.faults.clear()
    await world.assert_whole(await world.upload())


async def test_what_is_no_error_cannot_be_resumed(world: World) -> None:
    with pytest.raises(TypeError, match="resume must be the UploadError of an earlier call, not TimeoutError"):
        await world.upload(state=None, resume=TimeoutError())
    assert world.requests == []


async def test_a_cancellation_leaves_no_lock(world: World) -> None:
    for turns in range(12):
        task = asyncio.create_task(world.upload())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
    assert not world.state.with_name("upload.json.lock").exists()
    await world.assert_whole(await world.upload())


async def test_an_error_is_enough_to_resume(world: World) -> None:
    error = await world.fail(25, state=None)
    assert error.chunk_size == CHUNK
    assert error.file_identity["size"] == world.file.stat().st_size
    kept = pickle.loads(pickle.dumps(error))
    result = await world.upload(resume=kept, state=None)
    assert result.asset_id == error.asset_id
    assert world.count("uploadChunk") == TOTAL - len(error.finished)
    assert world.count("createMultipartUpload") == world.count("listIncompleteUploads") == 0
    await world.assert_whole(result)
    world.requests.clear()
    assert await world.upload(resume=error, state=None) == result
    assert world.count("uploadChunk") == 0


async def test_a_file_that_changed_after_the_error(world: World) -> None:
    error = await world.fail(25, state=None)
    data = world.file.read_bytes()
    world.file.write_bytes(data[::-1])
    with pytest.raises(UploadError, match=r"cannot be resumed: the file has changed since it began \(its time"):
        await world.upload(resume=error, state=None)
    assert world.requests == []


async def test_resuming_until_it_is_done(world: World) -> None:
    """An error without a session begins anew, so that a loop needs no cases."""
    world.faults.add(kind="status", status=403, operation="createMultipartUpload", count=1)
    world.faults.add(kind="status", status=503, port="objects", operation="putChunk", rate=0.1)
    error = UploadError("it did not begin")
    with pytest.raises(ForbiddenError):
        await world.upload(resume=error, state=None)
    result = None
    while result is None:
        try:
            result = await world.upload(resume=error, state=None)
        except UploadError as problem:
            error = problem
    await world.assert_whole(result)
    assert world.count("createMultipartUpload") == 2


async def test_the_id_of_a_session_is_enough(world: World) -> None:
    error = await world.fail(25, state=None)
    assert error.upload_id is not None
    result = await world.client.multipart_upload.resume_file(error.upload_id, world.file, max_workers=2)
    assert result.asset_id == error.asset_id
    assert result.asset_url
    assert world.count("uploadChunk") == TOTAL - len(error.finished)
    await world.assert_whole(result)
    with pytest.raises(UploadError, match=r"is complete; there is nothing to resume"):
        await world.client.multipart_upload.resume_file(error.upload_id, world.file)
    world.requests.clear()
    bare = UploadError("from somewhere", upload_id=(await world.fail(3, state=None)).upload_id)
    result = await world.upload(resume=bare, state=None)
    assert world.count("createMultipartUpload") == 0
    await world.assert_whole(result)


async def test_an_id_that_does_not_exist_begins_anew(world: World) -> None:
    result = await world.client.multipart_upload.resume_file("0" * 24, world.file, filename="other.mp4")
    asset = await world.client.assets.retrieve(result.asset_id)
    assert asset.filename == "other.mp4"


async def test_a_file_of_another_size_is_refused(world: World) -> None:
    error = await world.fail(25, state=None)
    assert error.upload_id is not None
    world.file.write_bytes(b"x" * 5000)
    with pytest.raises(UploadError, match=r"the platform expects a file of 245,660 bytes, and this one has 5,000"):
        await world.client.multipart_upload.resume_file(error.upload_id, world.file)


async def test_a_state_and_an_error_exclude_each_other(world: World) -> None:
    with pytest.raises(ValueError, match="exclude each other"):
        await world.upload(resume=UploadError("no"))


async def test_checksums_can_be_left_out(world: World) -> None:
    await world.assert_whole(await world.upload(verify_checksums=False))
