"""The engine of uploads against a store and a platform that do what a test says."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twelvelabs_async._request.message import Request, Response
from twelvelabs_async._request.sources import BytesSource, PathSource
from twelvelabs_async.errors import (
    APIConnectionError,
    ForbiddenError,
    InternalServerError,
    UploadError,
)
from twelvelabs_async.uploads import Settings, UploadResult
from twelvelabs_async.uploads.engine import CHUNK_SLICE_BYTES, READING_THREADS, Upload
from twelvelabs_async.uploads.plan import Layout
from twelvelabs_async.uploads.session import Session

if TYPE_CHECKING:
    from tests.clock import Clock

from tests.uploads.scripted_platform import ScriptedPlatform, once


async def test_a_file_arrives_whole() -> None:
    platform = ScriptedPlatform(95)
    assert await platform.upload().run() == UploadResult("as_1", "https://files/as_1")
    platform.assert_whole()
    assert platform.batches == [10]
    assert platform.asked == [(4, 7)]
    assert platform.most == 5


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
    platform = ScriptedPlatform(
        size,
        chunk,
        initial=initial,
        fault=lambda index, attempt: APIConnectionError("reset") if index in failing and attempt == 1 else None,
    )
    asyncio.run(platform.upload(batch_size=batch_size, max_workers=workers).run())
    platform.assert_whole()
    assert all(count <= min(batch_size, 50) for count in platform.batches)
    assert platform.most <= workers


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
    platform = ScriptedPlatform(30, fault=once(problem))
    await platform.upload().run()
    platform.assert_whole()
    assert set(platform.attempts.values()) == {2}
    assert sorted(platform.asked) == [(1, 1), (2, 1), (3, 1)]


@pytest.mark.parametrize("etag", ['"abc-7"', '"0123"', 'W/"opaque"'])
async def test_an_etag_that_is_no_md5_is_the_proof_as_it_is(etag: str) -> None:
    platform = ScriptedPlatform(10, fault=lambda *_: etag)
    await platform.upload().run()
    assert platform.reported == {1: etag.removeprefix("W/").strip('"')}


async def test_a_chunk_that_keeps_failing_ends_the_upload() -> None:
    platform = ScriptedPlatform(95, fault=lambda index, _: APIConnectionError("reset") if index == 4 else None)
    with pytest.raises(UploadError, match=r"Upload up_1 did not finish: chunk 4 failed 4 times: reset") as caught:
        await platform.upload(max_workers=1, batch_size=50).run()
    error = caught.value
    assert (error.upload_id, error.asset_id, error.chunk_index) == ("up_1", "as_1", 4)
    assert error.finished == (1, 2, 3)
    assert sorted(platform.reported) == [1, 2, 3]
    assert error.failed == {4: "reset"}
    assert isinstance(error.original_error, APIConnectionError)
    assert platform.attempts[4] == 4
    assert platform.active == 0
    assert pickle.loads(pickle.dumps(error)).failed == error.failed


@pytest.mark.parametrize(("size", "chunk", "expected"), [(95, 10, 10), (7, 10, 7), (2**40, 2**24, CHUNK_SLICE_BYTES)])
def test_buffers_are_not_larger_than_what_is_sent(size: int, chunk: int, expected: int) -> None:
    platform: Any = ScriptedPlatform(1)
    opened = Session("up_1", "as_1", Layout(size, chunk), {})
    file = PathSource(Path("a.mp4"), size, (0, 0, 0))
    upload = Upload(opened, file, Settings(), api=platform, send=platform.send)
    assert len(upload._buffers.take()) == expected


def reading_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("twelvelabs-upload")]


def await_end_of_threads() -> None:
    """An upload does not wait for its threads, which end by themselves."""
    for thread in reading_threads():
        thread.join(60)
    assert not reading_threads()


@pytest.mark.parametrize("fails", [False, True])
async def test_an_upload_has_few_threads_and_leaves_none(*, fails: bool) -> None:
    await_end_of_threads()  # those of the tests before
    most = 0

    def fault(index: int, _: int) -> Exception | None:
        nonlocal most
        most = max(most, len(reading_threads()))
        return ForbiddenError("no", status=404) if fails and index == 50 else None

    upload = ScriptedPlatform(600, fault=fault).upload(max_workers=12)
    with contextlib.nullcontext() if not fails else pytest.raises(UploadError):
        await upload.run()
    assert 1 <= most <= READING_THREADS
    await_end_of_threads()


async def test_a_file_of_one_chunk_needs_no_threads_of_its_own() -> None:
    await_end_of_threads()
    platform = ScriptedPlatform(10, fault=lambda *_: None if not reading_threads() else UploadError("a thread"))
    await platform.upload().run()
    platform.assert_whole()


async def test_a_checksum_that_never_fits() -> None:
    platform = ScriptedPlatform(30, fault=lambda index, _: f'"{"f" * 32}"' if index == 2 else None)
    with pytest.raises(UploadError, match="received different bytes than were sent"):
        await platform.upload(max_retries=1).run()
    assert platform.attempts[2] == 2
    assert 2 not in platform.reported


async def test_without_retries_an_expired_url_is_renewed_all_the_same() -> None:
    platform = ScriptedPlatform(30, fault=once(ForbiddenError("expired", status=403)))
    await platform.upload(max_retries=0).run()
    platform.assert_whole()
    platform = ScriptedPlatform(30, fault=once(APIConnectionError("reset")))
    with pytest.raises(UploadError, match="failed once"):
        await platform.upload(max_retries=0).run()


async def test_urls_that_expire_while_waiting_are_asked_for_again(clock: Clock) -> None:
    platform = ScriptedPlatform(60, initial=6, lifetime=1000)

    async def slow(request: Request) -> Response:
        clock.advance(600)
        return await platform.send(request)

    api: Any = platform
    upload = Upload(platform.opened(), BytesSource(platform.data), Settings(max_workers=1), api=api, send=slow)
    await upload.run()
    platform.assert_whole()
    # Two chunks fit into the life of a URL, so the URLs of the others are asked for twice.
    assert platform.asked == [(3, 4), (5, 2)]
    assert set(platform.attempts.values()) == {1}
