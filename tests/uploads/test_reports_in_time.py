"""Chunks are reported after two seconds, even if the report is not full; and few wait for a report at any time."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from tests.eventually import eventually
from tests.uploads.scripted_platform import ScriptedPlatform, chunk_of
from twelvelabs_async._request.sources import SourceError
from twelvelabs_async._request.streams import StreamSource
from twelvelabs_async.errors import InternalServerError, UploadError
from twelvelabs_async.uploads import UploadResult
from twelvelabs_async.uploads.plan import REPORT_SECONDS, Layout, PresignedUrlPool, Reports, SentChunk
from twelvelabs_async.uploads.progress import RATE_SECONDS, Progress
from twelvelabs_async.uploads.session import Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.clock import Clock
    from twelvelabs_async._request.message import Request, Response
    from twelvelabs_async.uploads import UploadProgress
    from twelvelabs_async.uploads.engine import Upload


class Slow(ScriptedPlatform):
    """A store that responds to some chunks only when it is told to."""

    def __init__(self, size: int, holds_from: int) -> None:
        super().__init__(size)
        self.holds_from = holds_from
        self.may_go = asyncio.Event()
        self.held = 0

    async def send(self, request: Request) -> Response:
        if chunk_of(request) >= self.holds_from:
            self.held += 1
            await self.may_go.wait()
        return await super().send(request)


async def test_a_report_does_not_wait_until_it_is_full(clock: Clock) -> None:
    platform = Slow(95, holds_from=4)
    task = asyncio.create_task(platform.upload(max_workers=1).run())
    await eventually(lambda: platform.held)
    clock.advance(REPORT_SECONDS - 0.5)
    for _ in range(10):
        await asyncio.sleep(0)
    assert platform.batches == []
    clock.advance(0.6)
    await eventually(lambda: platform.batches == [3])
    assert set(platform.reported) == {1, 2, 3}
    clock.advance(60)  # nothing is left to report
    platform.may_go.set()
    await task
    platform.assert_whole()
    assert platform.batches == [3, 7]


async def test_a_late_report_that_fails_ends_the_upload(clock: Clock) -> None:
    platform = Slow(95, holds_from=4)
    platform.report_error = InternalServerError("down", status=500)
    task = asyncio.create_task(platform.upload(max_workers=1).run())
    await eventually(lambda: platform.held)
    clock.advance(REPORT_SECONDS + 0.1)
    with pytest.raises(UploadError, match="could not be reported"):
        await task
    assert platform.active == 0


async def test_no_chunk_begins_while_a_full_report_is_on_its_way() -> None:
    platform = ScriptedPlatform(5000)
    may_report = asyncio.Event()
    report = platform.report_chunk_batch

    async def slow(*arguments: Any, **options: Any) -> Any:
        await may_report.wait()
        return await report(*arguments, **options)

    platform.report_chunk_batch = slow  # type: ignore[method-assign]
    task = asyncio.create_task(platform.upload(batch_size=10, max_workers=4).run())
    await eventually(lambda: len(platform.parts) >= 10)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(platform.parts) <= 13  # the others were in flight
    may_report.set()
    await task
    platform.assert_whole()


def test_when_a_report_is_due() -> None:
    reports = Reports(10, 4)
    assert reports.due == float("inf")
    assert reports.take(1e9) == []
    reports.add(SentChunk(1, "a", 1), 100.0)
    reports.add(SentChunk(2, "b", 1), 101.0)
    assert reports.due == 100.0 + REPORT_SECONDS
    assert reports.take(reports.due - 0.1) == []
    assert [chunk.index for chunk in reports.take(reports.due)] == [1, 2]
    reports.add(SentChunk(3, "c", 1), 105.0)
    assert reports.due == 105.0 + REPORT_SECONDS
    assert not reports.full


def test_what_the_platform_has_is_not_sent() -> None:
    reports = Reports(4, 2, {1, 3})
    assert (reports.sent, sorted(reports.accepted), reports.all_sent) == (2, [1, 3], False)
    pool = PresignedUrlPool(Layout(40, 10), {1, 3})
    assert pool.waiting == 2
    assert pool.needed() == (2, 1)
    reports.add(SentChunk(2, "a", 1))
    reports.add(SentChunk(4, "a", 1))
    assert reports.all_sent


def resumed(platform: ScriptedPlatform, done: set[int], *, asset_id: str = "as_1") -> Upload:
    """An upload of which the platform has some chunks."""
    for index in done:
        offset, length = Layout(len(platform.data), platform.chunk).region(index)
        platform.parts[index] = platform.data[offset : offset + length]
        platform.reported[index] = hashlib.md5(platform.parts[index]).hexdigest()
    session = Session.of(platform.opened(), len(platform.data))
    return platform.upload(opened=attrs.evolve(session, asset_id=asset_id), done=done)


async def test_a_resumed_upload_sends_the_rest() -> None:
    platform = ScriptedPlatform(95)
    assert await resumed(platform, {1, 2, 4, 9}).run() == UploadResult("as_1", "https://files/as_1")
    assert sorted(platform.attempts) == [3, 5, 6, 7, 8, 10]
    assert platform.batches == [6]
    platform.assert_whole()


async def test_an_upload_of_which_nothing_is_missing() -> None:
    platform = ScriptedPlatform(95)
    assert await resumed(platform, set(range(1, 11))).run() == UploadResult("as_1", "https://files/as_1")
    assert platform.attempts == {}
    assert platform.batches == [1]  # the last chunk once more, for the URL of the file
    assert platform.reported[10] == hashlib.md5(platform.data[90:]).hexdigest()


async def test_an_asset_that_is_never_named() -> None:
    platform = ScriptedPlatform(95)
    with pytest.raises(UploadError, match="did not name the asset") as caught:
        await resumed(platform, {1}, asset_id="").run()
    assert caught.value.asset_id is None


async def test_a_stream_cannot_prove_what_an_earlier_run_has_sent() -> None:
    platform = ScriptedPlatform(95)
    source = StreamSource(no_pieces())
    source.give_size(95)
    with pytest.raises(SourceError, match="can be read only once"):
        await platform.upload(source)._sent_before()


async def no_pieces() -> AsyncIterator[bytes]:
    yield b""


async def test_progress_counts_bytes(clock: Clock) -> None:
    seen: list[UploadProgress] = []
    progress = Progress(Layout(95, 10), seen.append, {1, 10})
    await progress.report("uploading")
    assert (seen[0].total_bytes, seen[0].bytes_sent, seen[0].bytes_confirmed) == (95, 15, 15)
    assert (seen[0].completed_chunks, seen[0].percentage) == (2, 20.0)
    assert (seen[0].rate, seen[0].seconds_left) == (0.0, None)
    clock.advance(10)
    progress.sent(2, 4)
    progress.sent(2, 8)
    progress.sent(2, 3)  # a retry
    await progress.report("uploading")
    assert (seen[1].bytes_sent, seen[1].bytes_confirmed) == (23, 15)
    assert seen[1].rate == pytest.approx(0.8, rel=0.05)
    assert seen[1].seconds_left == pytest.approx(72 / 0.8, rel=0.05)
    progress.stored(2)
    progress.confirmed([2])
    await progress.report("uploading")
    assert (seen[2].bytes_sent, seen[2].bytes_confirmed, seen[2].completed_chunks) == (25, 25, 3)


async def test_the_rate_is_that_of_the_last_seconds(clock: Clock) -> None:
    seen: list[UploadProgress] = []
    progress = Progress(Layout(100_000, 100), seen.append)
    for at in range(1, 11):
        clock.advance(RATE_SECONDS)
        progress.stored(at)
        await progress.report("uploading")
    assert seen[-1].rate == pytest.approx(100 / RATE_SECONDS, rel=0.05)
    clock.advance(RATE_SECONDS)
    progress.sent(11, 50)
    await progress.report("uploading")
    assert seen[-1].rate == pytest.approx(50 / RATE_SECONDS, rel=0.05)
