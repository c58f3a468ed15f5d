"""How uploads end: progress, cancellation, deadlines, refusals, and files that change meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict

from tests.eventually import eventually
from twelvelabs_async._generated.models.multipart_uploads import (
    ReportChunkBatchResponse,
)
from twelvelabs_async._request.message import Request, Response
from twelvelabs_async._request.sources import BytesSource, PathSource
from twelvelabs_async.errors import (
    APIConnectionError,
    AuthenticationError,
    InternalServerError,
    UploadError,
)
from twelvelabs_async.uploads import Settings, UploadProgress, UploadResult
from twelvelabs_async.uploads.engine import Upload

if TYPE_CHECKING:
    from pathlib import Path

    from tests.clock import Clock

from tests.uploads.scripted_platform import ScriptedPlatform, chunk_of, once


async def test_progress_never_goes_back() -> None:
    seen: list[UploadProgress] = []

    async def callback(progress: UploadProgress) -> None:
        seen.append(progress)
        await asyncio.sleep(0)

    await ScriptedPlatform(95).upload(progress_callback=callback).run()
    assert [item.completed_chunks for item in seen] == sorted(item.completed_chunks for item in seen)
    assert seen[0] == UploadProgress(10, 0, 0.0, "uploading", total_bytes=95)
    last = seen[-1]
    assert (last.total_chunks, last.completed_chunks, last.percentage, last.status) == (10, 10, 100.0, "completed")
    assert (last.total_bytes, last.bytes_sent, last.bytes_confirmed, last.seconds_left) == (95, 95, 95, 0.0)


@pytest.mark.parametrize("asynchronous", [False, True])
async def test_an_error_of_the_callback_is_logged_once(asynchronous: bool, caplog: pytest.LogCaptureFixture) -> None:
    platform = ScriptedPlatform(95)
    calls = 0

    def callback(progress: UploadProgress) -> None:
        nonlocal calls
        calls += 1
        if progress.completed_chunks >= 2:
            raise LookupError("mine")

    async def slow(progress: UploadProgress) -> None:
        await asyncio.sleep(0)
        callback(progress)

    await platform.upload(progress_callback=slow if asynchronous else callback).run()
    platform.assert_whole()
    assert calls == 12
    [record] = caplog.records
    assert record.exc_info is not None
    assert "progress_callback raised an exception" in record.getMessage()
    assert "mine" in str(record.exc_info[1])


async def test_cancelling_stops_every_part() -> None:
    platform = ScriptedPlatform(500)
    started = asyncio.Event()

    async def stuck(request: Request) -> Response:
        platform.active += 1
        started.set()
        try:
            await asyncio.sleep(3600)
        finally:
            platform.active -= 1
        raise AssertionError

    api: Any = platform
    upload = Upload(platform.opened(), BytesSource(platform.data), Settings(), api=api, send=stuck)
    task = asyncio.create_task(upload.run())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert platform.active == 0
    assert len(asyncio.all_tasks()) == 1


async def test_the_deadline_ends_the_upload(clock: Clock) -> None:
    platform = ScriptedPlatform(500)

    async def stuck(request: Request) -> Response:
        if chunk_of(request) > 2:
            await eventually(lambda: set(platform.reported) == {1, 2})
            clock.advance(600)
            await asyncio.Event().wait()
        return await platform.send(request)

    api: Any = platform
    upload = Upload(
        platform.opened(), BytesSource(platform.data), Settings(timeout=600, batch_size=1), api=api, send=stuck
    )
    with pytest.raises(UploadError, match=r"the timeout of 600 s passed") as caught:
        await upload.run()
    assert caught.value.finished == (1, 2)
    assert isinstance(caught.value.original_error, TimeoutError)


async def test_a_refused_report_ends_the_upload() -> None:
    platform = ScriptedPlatform(95)
    platform.report_error = AuthenticationError("no key", status=401)
    with pytest.raises(UploadError, match="could not be reported: 401: no key") as caught:
        await platform.upload().run()
    assert caught.value.finished == ()
    assert caught.value.original_error is platform.report_error


async def test_a_platform_that_gives_no_urls() -> None:
    platform = ScriptedPlatform(95)
    platform.urls_error = InternalServerError("down", status=500)
    with pytest.raises(UploadError, match="requesting presigned URLs failed: 500: down"):
        await platform.upload().run()
    platform = ScriptedPlatform(95)
    platform.urls = lambda *_: []  # type: ignore[method-assign]
    with pytest.raises(UploadError, match="returned no URL for chunk 1"):
        await platform.upload().run()


async def test_a_retry_for_which_no_url_comes() -> None:
    platform = ScriptedPlatform(10, fault=once(APIConnectionError("reset")))
    upload = platform.upload()
    platform.urls = lambda *_: []  # type: ignore[method-assign]
    with pytest.raises(UploadError, match="returned no new URL for chunk 1"):
        await upload.run()


async def test_a_platform_that_takes_fewer_chunks_than_were_reported() -> None:
    platform = ScriptedPlatform(95)

    async def report(*_: Any, **__: Any) -> ReportChunkBatchResponse:
        return ReportChunkBatchResponse(processed_chunks=4, duplicate_chunks=5)

    platform.report_chunk_batch = report  # type: ignore[method-assign]
    with pytest.raises(UploadError, match="accepted 9 of the 10 reported chunks"):
        await platform.upload().run()


async def test_a_platform_that_does_not_say_that_the_file_is_complete_is_asked() -> None:
    platform = ScriptedPlatform(95)
    platform.names_url = False
    assert await platform.upload().run() == UploadResult("as_1", "https://files/as_1")
    assert platform.waits == 1
    assert platform.batches == [10, 1]


async def test_a_file_that_the_platform_cannot_put_together() -> None:
    platform = ScriptedPlatform(95)

    async def report(*_: Any, **__: Any) -> ReportChunkBatchResponse:
        return ReportChunkBatchResponse(processed_chunks=10)

    platform.report_chunk_batch = report  # type: ignore[method-assign]
    with pytest.raises(UploadError, match="the file was not completed: expired") as caught:
        await platform.upload().run()
    assert len(caught.value.finished) == 10


@pytest.mark.parametrize("change", ["shrunk", "grown", "rewritten", "removed"])
async def test_a_file_that_changes_meanwhile(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.mp4"
    platform = ScriptedPlatform(3_000_000, 1_000_000, initial=1)
    path.write_bytes(platform.data)
    source = PathSource.of(path)

    def alter(index: int, _: int) -> None:
        if index == 2 and change == "removed":
            path.unlink()
        elif index == 2:
            sizes = {"shrunk": platform.data[:-1], "grown": platform.data + b"x", "rewritten": platform.data[::-1]}
            path.write_bytes(sizes[change])

    platform.fault = alter
    with pytest.raises(UploadError, match=r"chunk 2: .*a\.mp4") as caught:
        await platform.upload(source, max_workers=1).run()
    assert platform.attempts == {1: 1, 2: 1}
    assert caught.value.finished == (1,)


async def test_a_chunk_is_read_in_slices(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    platform = ScriptedPlatform(1_000_003, 700_000)
    path.write_bytes(platform.data)
    await platform.upload(PathSource.of(path)).run()
    platform.assert_whole()


async def test_the_content_type_of_the_session_wins() -> None:
    platform = ScriptedPlatform(10)
    types: list[str | None] = []

    async def send(request: Request) -> Response:
        assert request.body is not None
        types.append(request.body.content_type)
        return await platform.send(request)

    api: Any = platform
    for headers in ({"x-signed": "yes"}, {"x-signed": "yes", "content-type": "video/mp4"}):
        opened = platform.opened(upload_headers=headers)
        await Upload(opened, BytesSource(platform.data), Settings(), api=api, send=send).run()
    assert types == ["application/octet-stream", None]


async def test_retries_wait_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    delays: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        delays.append(seconds)
        await real(0)

    platform = ScriptedPlatform(10, fault=lambda _, attempt: APIConnectionError("reset") if attempt < 9 else None)
    upload = platform.upload(max_retries=8, retry_delay=1.0)
    monkeypatch.setattr("twelvelabs_async.uploads.engine.asyncio.sleep", sleep)
    await upload.run()
    waits = [delay for delay in delays if delay]
    assert len(waits) == 8
    assert all(2**at / 2 <= delay <= min(2**at, 30) for at, delay in enumerate(waits) if at < 5)
    assert waits[-1] == 30


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size", 0),
        ("max_workers", 0),
        ("max_retries", -1),
        ("retry_delay", -0.5),
        ("retry_delay", float("inf")),
        ("timeout", 0),
        ("timeout", float("inf")),
    ],
)
def test_settings_that_make_no_sense(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=name):
        Settings(**{name: value})


async def test_a_store_with_other_etags_is_not_compared() -> None:
    platform = ScriptedPlatform(10)

    async def send(request: Request) -> Response:
        await platform.send(request)
        headers = CIMultiDict({"etag": f'"{"0" * 32}"', "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": "k"})
        return Response(status=200, headers=headers, body=b"")

    api: Any = platform
    await Upload(platform.opened(), BytesSource(platform.data), Settings(), api=api, send=send).run()
    assert platform.reported == {1: "0" * 32}
