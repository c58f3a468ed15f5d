"""The engine of uploads against a store and a platform that do what a test says."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict

from twelvelabs_async._generated.models.multipart_uploads import (
    CreateAssetUploadResponse,
    PresignedUrlChunk,
    ReportChunkBatchResponse,
    RequestAdditionalPresignedUrLsResponse,
)
from twelvelabs_async._http import BytesSource, PathSource, Request, Response, Source
from twelvelabs_async._upload import Upload
from twelvelabs_async.errors import (
    APIConnectionError,
    AuthenticationError,
    ForbiddenError,
    InternalServerError,
    TaskFailedError,
    UploadError,
)
from twelvelabs_async.uploads import Settings, UploadProgress, UploadResult, UploadStatus

if TYPE_CHECKING:
    from pathlib import Path

Fault = Callable[[int, int], Exception | str | None]
"""What goes wrong with a PUT: chunk, number of the attempt at it; an error, an ETag, or nothing."""


class World:
    """The platform and its store in one, as the engine sees them."""

    def __init__(
        self, size: int, chunk: int = 10, *, initial: int = 3, lifetime: float = 3600.0, fault: Fault | None = None
    ) -> None:
        self.data = bytes(at % 251 for at in range(size))
        self.chunk = chunk
        self.total = -(-size // chunk)
        self.initial = initial
        self.lifetime = lifetime
        self.fault = fault
        self.used: set[str] = set()
        self.attempts: dict[int, int] = {}
        self.parts: dict[int, bytes] = {}
        self.reported: dict[int, str] = {}
        self.batches: list[int] = []
        self.asked: list[tuple[int, int]] = []
        self.active = self.most = self.minted = self.waits = 0
        self.names_url = True
        self.report_error: Exception | None = None
        self.urls_error: Exception | None = None

    def urls(self, start: int, count: int) -> list[PresignedUrlChunk]:
        self.minted += 1
        end = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.lifetime)
        last = min(start + count, self.total + 1)
        return [
            PresignedUrlChunk(chunk_index=index, url=f"{index}?{self.minted}", expires_at=end)
            for index in range(start, last)
        ]

    def opened(self, **changes: Any) -> CreateAssetUploadResponse:
        members = {
            "upload_id": "up_1",
            "asset_id": "as_1",
            "chunk_size": self.chunk,
            "total_chunks": self.total,
            "upload_urls": self.urls(1, self.initial),
            "upload_headers": {"x-signed": "yes"},
        }
        return CreateAssetUploadResponse(**{**members, **changes})

    async def get_additional_presigned_urls(
        self, upload_id: str, *, start: int, count: int, request_options: Any
    ) -> RequestAdditionalPresignedUrLsResponse:
        assert upload_id == "up_1"
        assert 1 <= count <= 50
        if self.urls_error is not None:
            raise self.urls_error
        self.asked.append((start, count))
        await asyncio.sleep(0)
        return RequestAdditionalPresignedUrLsResponse(
            upload_urls=self.urls(start, count), generated_at=dt.datetime.now(dt.UTC)
        )

    async def report_chunk_batch(
        self, upload_id: str, *, completed_chunks: list[dict[str, Any]], request_options: Any
    ) -> ReportChunkBatchResponse:
        assert upload_id == "up_1"
        await asyncio.sleep(0)
        if self.report_error is not None:
            raise self.report_error
        self.batches.append(len(completed_chunks))
        new = [chunk for chunk in completed_chunks if chunk["chunk_index"] not in self.reported]
        for chunk in completed_chunks:
            assert chunk["proof_type"] == "etag"
            assert chunk["chunk_size"] == len(self.parts[chunk["chunk_index"]])
            self.reported[chunk["chunk_index"]] = chunk["proof"]
        done = len(self.reported) == self.total and self.names_url
        return ReportChunkBatchResponse(
            url="https://files/as_1" if done else None,
            processed_chunks=len(new),
            duplicate_chunks=len(completed_chunks) - len(new),
        )

    async def wait_for_upload_completion(self, upload_id: str, **_: Any) -> UploadStatus:
        self.waits += 1
        if self.total != len(self.reported):
            raise TaskFailedError("expired", task=None)
        self.names_url = True
        return UploadStatus("completed", self.total, self.total)

    async def send(self, request: Request) -> Response:
        assert request.method == "PUT"
        assert request.max_retries == 0
        assert request.headers["x-signed"] == "yes"
        assert request.url is not None
        assert request.body is not None
        index = int(request.url.partition("?")[0])
        self.active += 1
        self.most = max(self.most, self.active)
        try:
            self.attempts[index] = attempt = self.attempts.get(index, 0) + 1
            if request.url in self.used:
                raise ForbiddenError("used", status=403)
            self.used.add(request.url)
            problem = self.fault(index, attempt) if self.fault else None
            if isinstance(problem, Exception):
                raise problem
            payload = request.body.open()
            body = payload if isinstance(payload, bytes) else b"".join([piece async for piece in payload])
            assert len(body) == request.body.content_length
            await asyncio.sleep(0)
            self.parts[index] = body
            etag = f'"{hashlib.md5(body).hexdigest()}"' if problem is None else problem
            headers = CIMultiDict({"ETag": etag} if etag else {})
            return Response(status=200, headers=headers, body=b"")
        finally:
            self.active -= 1

    def upload(self, source: Source | None = None, **changes: Any) -> Upload:
        api: Any = self
        return Upload(
            self.opened(),
            source or BytesSource(self.data),
            Settings(**{"retry_delay": 0.0, **changes}),
            api=api,
            send=self.send,
        )

    def assert_whole(self) -> None:
        assert b"".join(self.parts[index] for index in range(1, self.total + 1)) == self.data
        assert sorted(self.reported) == list(range(1, self.total + 1))
        assert self.active == 0


def once(error: Exception | str) -> Fault:
    return lambda _, attempt: error if attempt == 1 else None


async def test_a_file_arrives_whole() -> None:
    world = World(95)
    assert await world.upload().run() == UploadResult("as_1", "https://files/as_1")
    world.assert_whole()
    assert world.batches == [10]
    assert world.asked == [(4, 7)]
    assert world.most == 5


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 400),
    st.integers(1, 60),
    st.integers(0, 80),
    st.integers(1, 60),
    st.integers(1, 12),
    st.sets(st.integers(1, 400)),
)
def test_any_shape_arrives_whole(
    size: int, chunk: int, initial: int, batch_size: int, workers: int, failing: set[int]
) -> None:
    world = World(
        size,
        chunk,
        initial=initial,
        fault=lambda index, attempt: APIConnectionError("reset") if index in failing and attempt == 1 else None,
    )
    asyncio.run(world.upload(batch_size=batch_size, max_workers=workers).run())
    world.assert_whole()
    assert all(count <= min(batch_size, 50) for count in world.batches)
    assert world.most <= workers


@pytest.mark.parametrize(
    "problem",
    [
        APIConnectionError("reset"),
        InternalServerError("no", status=503),
        ForbiddenError("expired", status=403),
        f'"{"0" * 32}"',
        "",
    ],
)
async def test_a_chunk_is_sent_again_with_a_new_url(problem: Exception | str) -> None:
    world = World(30, fault=once(problem))
    await world.upload().run()
    world.assert_whole()
    assert set(world.attempts.values()) == {2}
    assert sorted(world.asked) == [(1, 1), (2, 1), (3, 1)]


@pytest.mark.parametrize("etag", ['"abc-7"', '"0123"', 'W/"opaque"'])
async def test_an_etag_that_is_no_md5_is_the_proof_as_it_is(etag: str) -> None:
    world = World(10, fault=lambda *_: etag)
    await world.upload().run()
    assert world.reported == {1: etag.removeprefix("W/").strip('"')}


async def test_a_chunk_that_keeps_failing_ends_the_upload() -> None:
    world = World(95, fault=lambda index, _: APIConnectionError("reset") if index == 4 else None)
    with pytest.raises(UploadError, match=r"Upload up_1 did not finish: chunk 4 failed 4 times: reset") as caught:
        await world.upload(max_workers=1, batch_size=50).run()
    error = caught.value
    assert (error.upload_id, error.asset_id, error.chunk_index) == ("up_1", "as_1", 4)
    assert error.finished == (1, 2, 3)
    assert sorted(world.reported) == [1, 2, 3]
    assert error.failed == {4: "reset"}
    assert isinstance(error.original_error, APIConnectionError)
    assert world.attempts[4] == 4
    assert world.active == 0
    assert pickle.loads(pickle.dumps(error)).failed == error.failed


async def test_a_checksum_that_never_fits() -> None:
    world = World(30, fault=lambda index, _: f'"{"f" * 32}"' if index == 2 else None)
    with pytest.raises(UploadError, match="received other bytes than were sent"):
        await world.upload(max_retries=1).run()
    assert world.attempts[2] == 2
    assert 2 not in world.reported


async def test_without_retries_an_expired_url_is_renewed_all_the_same() -> None:
    world = World(30, fault=once(ForbiddenError("expired", status=403)))
    await world.upload(max_retries=0).run()
    world.assert_whole()
    world = World(30, fault=once(APIConnectionError("reset")))
    with pytest.raises(UploadError, match="failed once"):
        await world.upload(max_retries=0).run()


async def test_urls_that_expire_while_waiting_are_asked_for_again() -> None:
    world = World(60, initial=6, lifetime=0.05)

    async def slow(request: Request) -> Response:
        await asyncio.sleep(0.03)
        return await world.send(request)

    api: Any = world
    upload = Upload(world.opened(), BytesSource(world.data), Settings(max_workers=1), api=api, send=slow)
    await upload.run()
    world.assert_whole()
    assert world.asked
    assert set(world.attempts.values()) == {1}


async def test_progress_never_goes_back() -> None:
    seen: list[UploadProgress] = []

    async def callback(progress: UploadProgress) -> None:
        seen.append(progress)
        await asyncio.sleep(0)

    await World(95).upload(progress_callback=callback).run()
    assert [item.completed_chunks for item in seen] == sorted(item.completed_chunks for item in seen)
    assert seen[0] == UploadProgress(10, 0, 0.0, "uploading")
    assert seen[-1] == UploadProgress(10, 10, 100.0, "completed")


async def test_an_error_of_the_callback_ends_the_upload_as_it_is() -> None:
    world = World(500)

    def callback(progress: UploadProgress) -> None:
        if progress.completed_chunks >= 2:
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await world.upload(progress_callback=callback).run()
    assert world.active == 0
    assert len(world.parts) < world.total


async def test_cancelling_stops_every_part() -> None:
    world = World(500)
    started = asyncio.Event()

    async def stuck(request: Request) -> Response:
        world.active += 1
        started.set()
        try:
            await asyncio.sleep(3600)
        finally:
            world.active -= 1
        raise AssertionError

    api: Any = world
    upload = Upload(world.opened(), BytesSource(world.data), Settings(), api=api, send=stuck)
    task = asyncio.create_task(upload.run())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert world.active == 0
    assert len(asyncio.all_tasks()) == 1


async def test_the_deadline_ends_the_upload() -> None:
    world = World(500)

    async def stuck(request: Request) -> Response:
        if request.url and int(request.url.partition("?")[0]) > 2:
            await asyncio.sleep(3600)
        return await world.send(request)

    api: Any = world
    upload = Upload(world.opened(), BytesSource(world.data), Settings(timeout=0.05, batch_size=1), api=api, send=stuck)
    with pytest.raises(UploadError, match=r"was not finished after 0.05 s") as caught:
        await upload.run()
    assert caught.value.finished == (1, 2)
    assert isinstance(caught.value.original_error, TimeoutError)


async def test_a_refused_report_ends_the_upload() -> None:
    world = World(95)
    world.report_error = AuthenticationError("no key", status=401)
    with pytest.raises(UploadError, match="could not be reported: 401: no key") as caught:
        await world.upload().run()
    assert caught.value.finished == ()
    assert caught.value.original_error is world.report_error


async def test_a_platform_that_gives_no_urls() -> None:
    world = World(95)
    world.urls_error = InternalServerError("down", status=500)
    with pytest.raises(UploadError, match="no presigned URLs came: 500: down"):
        await world.upload().run()
    world = World(95)
    world.urls = lambda *_: []  # type: ignore[method-assign]
    with pytest.raises(UploadError, match="gave no URL for chunk 1"):
        await world.upload().run()


async def test_a_retry_for_which_no_url_comes() -> None:
    world = World(10, fault=once(APIConnectionError("reset")))
    upload = world.upload()
    world.urls = lambda *_: []  # type: ignore[method-assign]
    with pytest.raises(UploadError, match="gave no new URL for chunk 1"):
        await upload.run()


async def test_a_platform_that_takes_fewer_chunks_than_were_reported() -> None:
    world = World(95)

    async def report(*_: Any, **__: Any) -> ReportChunkBatchResponse:
        return ReportChunkBatchResponse(processed_chunks=4, duplicate_chunks=5)

    world.report_chunk_batch = report  # type: ignore[method-assign]
    with pytest.raises(UploadError, match="took 9 of the 10 chunks"):
        await world.upload().run()


async def test_a_platform_that_does_not_say_that_the_file_is_complete_is_asked() -> None:
    world = World(95)
    world.names_url = False
    assert await world.upload().run() == UploadResult("as_1", "https://files/as_1")
    assert world.waits == 1
    assert world.batches == [10, 1]


async def test_a_file_that_the_platform_cannot_put_together() -> None:
    world = World(95)

    async def report(*_: Any, **__: Any) -> ReportChunkBatchResponse:
        return ReportChunkBatchResponse(processed_chunks=10)

    world.report_chunk_batch = report  # type: ignore[method-assign]
    with pytest.raises(UploadError, match="every chunk is there, but the file is not: expired") as caught:
        await world.upload().run()
    assert len(caught.value.finished) == 10


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"upload_id": None}, "names no upload session"),
        ({"asset_id": ""}, "names no upload session"),
        ({"chunk_size": 0}, "names no upload session"),
        ({"total_chunks": 9}, "expects 9 chunks, but 95 bytes in chunks of 10 bytes are 10"),
    ],
)
def test_a_session_that_makes_no_sense(changes: dict[str, Any], problem: str) -> None:
    world = World(95)
    api: Any = world
    with pytest.raises(UploadError, match=problem):
        Upload(world.opened(**changes), BytesSource(world.data), Settings(), api=api, send=world.send)


@pytest.mark.parametrize("change", ["shrunk", "grown", "rewritten", "removed"])
async def test_a_file_that_changes_meanwhile(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.mp4"
    world = World(3_000_000, 1_000_000, initial=1)
    path.write_bytes(world.data)
    source = PathSource.of(path)

    def alter(index: int, _: int) -> None:
        if index == 2 and change == "removed":
            path.unlink()
        elif index == 2:
            sizes = {"shrunk": world.data[:-1], "grown": world.data + b"x", "rewritten": world.data[::-1]}
            path.write_bytes(sizes[change])

    world.fault = alter
    with pytest.raises(UploadError, match=r"chunk 2: .*a\.mp4") as caught:
        await world.upload(source, max_workers=1).run()
    assert world.attempts == {1: 1, 2: 1}
    assert caught.value.finished == (1,)


async def test_a_chunk_is_read_in_slices(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    world = World(1_000_003, 700_000)
    path.write_bytes(world.data)
    await world.upload(PathSource.of(path)).run()
    world.assert_whole()


async def test_the_content_type_of_the_session_wins() -> None:
    world = World(10)
    types: list[str | None] = []

    async def send(request: Request) -> Response:
        assert request.body is not None
        types.append(request.body.content_type)
        return await world.send(request)

    api: Any = world
    for headers in ({"x-signed": "yes"}, {"x-signed": "yes", "content-type": "video/mp4"}):
        opened = world.opened(upload_headers=headers)
        await Upload(opened, BytesSource(world.data), Settings(), api=api, send=send).run()
    assert types == ["application/octet-stream", None]


async def test_retries_wait_longer_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    delays: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        delays.append(seconds)
        await real(0)

    world = World(10, fault=lambda _, attempt: APIConnectionError("reset") if attempt < 9 else None)
    upload = world.upload(max_retries=8, retry_delay=1.0)
    monkeypatch.setattr("twelvelabs_async._upload.asyncio.sleep", sleep)
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
    world = World(10)

    async def send(request: Request) -> Response:
        await world.send(request)
        headers = CIMultiDict({"etag": f'"{"0" * 32}"', "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id": "k"})
        return Response(status=200, headers=headers, body=b"")

    api: Any = world
    await Upload(world.opened(), BytesSource(world.data), Settings(), api=api, send=send).run()
    assert world.reported == {1: "0" * 32}
