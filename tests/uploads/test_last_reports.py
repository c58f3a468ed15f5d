"""Uploads that end early report what is in the store, within a grace, and let the cancellation go on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.eventually import eventually
from tests.uploads.scripted_platform import ScriptedPlatform, chunk_of
from twelvelabs_async.errors import APIConnectionError, InternalServerError, UploadError
from twelvelabs_async.uploads import UploadProgress

if TYPE_CHECKING:
    from tests.clock import Clock
    from twelvelabs_async._generated.models.multipart_uploads import ReportChunkBatchResponse
    from twelvelabs_async._request.message import Request, Response


class Platform(ScriptedPlatform):
    """A platform of 500 chunks whose store stops responding after some of them, and whose reports can hang.

    Attributes:
        confirmed: Chunks whose PUT was responded to.
        stuck: Chunks whose PUT is not.
        hanging: Reports that are not responded to.
        reports_hang: Whether reports hang: no, before they are carried out, or afterwards.
        failing: Set to let the requests for the chunks in `to_fail` fail.
        to_fail: Chunks whose requests wait for that.
    """

    def __init__(self, stops_after: int = 60) -> None:
        super().__init__(5000, initial=50)
        self.stops_after = stops_after
        self.confirmed: set[int] = set()
        self.stuck = 0
        self.hanging = 0
        self.reports_hang = ""
        self.failing = asyncio.Event()
        self.to_fail = {stops_after + 1}

    async def send(self, request: Request) -> Response:
        fails = chunk_of(request) in self.to_fail
        if fails or chunk_of(request) > self.stops_after:
            await self._hang("stuck", self.failing if fails else asyncio.Event())
            raise APIConnectionError("the store is down")
        response = await super().send(request)
        self.confirmed.add(chunk_of(request))
        return response

    async def report_chunk_batch(self, *arguments: Any, **options: Any) -> ReportChunkBatchResponse:
        if self.reports_hang == "before":
            await self._hang("hanging")
        receipt = await super().report_chunk_batch(*arguments, **options)
        if self.reports_hang == "after":
            await self._hang("hanging")
        return receipt

    async def _hang(self, what: str, end: asyncio.Event | None = None) -> None:
        setattr(self, what, getattr(self, what) + 1)
        try:
            await (end or asyncio.Event()).wait()
        finally:
            setattr(self, what, getattr(self, what) - 1)

    def assert_nothing_is_left(self) -> None:
        assert (self.active, self.stuck, self.hanging) == (0, 0, 0)
        assert asyncio.all_tasks() == {asyncio.current_task()}


async def begin(platform: Platform, **settings: Any) -> asyncio.Task[object]:
    """An upload whose workers all wait for the store, or for a report."""
    settings = {"batch_size": 50, "max_workers": 5, **settings}
    task: asyncio.Task[object] = asyncio.create_task(platform.upload(**settings).run())
    await eventually(lambda: platform.stuck + platform.hanging == settings["max_workers"])
    return task


async def test_a_cancelled_upload_reports_what_is_stored() -> None:
    platform = Platform(stops_after=70)
    task = await begin(platform)
    assert len(platform.reported) == 50
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert set(platform.reported) == platform.confirmed == set(range(1, 71))
    assert platform.batches == [50, 20]
    platform.assert_nothing_is_left()


async def test_nothing_is_sent_where_nothing_is_left_to_report() -> None:
    platform = Platform(stops_after=50)
    task = await begin(platform)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert platform.batches == [50]


async def test_a_timeout_around_an_upload_stays_one(clock: Clock) -> None:
    platform = Platform()

    async def late(request: Request) -> Response:
        if chunk_of(request) == 61:
            clock.advance(100)
        return await Platform.send(platform, request)

    platform.send = late  # type: ignore[method-assign]
    task = asyncio.current_task()
    assert task is not None
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(50):
            await platform.upload(batch_size=50, max_workers=1).run()
    assert task.cancelling() == 0
    assert len(platform.reported) == 60
    platform.assert_nothing_is_left()


async def test_the_timeout_of_an_upload_reports_what_is_stored(clock: Clock) -> None:
    platform = Platform()
    task = await begin(platform, timeout=600)
    clock.advance(600)
    with pytest.raises(UploadError, match="the timeout of 600 s passed") as caught:
        await task
    assert caught.value.finished == tuple(range(1, 61))
    assert set(platform.reported) == set(range(1, 61))
    assert isinstance(caught.value.original_error, TimeoutError)
    platform.assert_nothing_is_left()


@pytest.mark.parametrize("hang", ["before", "after"])
async def test_a_report_on_its_way_is_sent_again(hang: str) -> None:
    platform = Platform(stops_after=5000)
    platform.reports_hang = hang
    task = asyncio.create_task(platform.upload(batch_size=7, max_workers=3).run())
    # The others finish their chunk, and wait for the report.
    await eventually(lambda: platform.hanging == 1 and len(platform.confirmed) == 9)
    reports = list(platform.batches)
    assert reports == ([] if hang == "before" else [7])
    platform.reports_hang = ""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert set(platform.reported) == platform.confirmed
    assert platform.batches == [*reports, len(platform.confirmed)]  # one report of all of them
    platform.assert_nothing_is_left()


async def test_a_failed_upload_leaves_no_trace_of_a_cancellation() -> None:
    platform = ScriptedPlatform(95, fault=lambda index, _: APIConnectionError("reset") if index == 4 else None)
    task = asyncio.current_task()
    assert task is not None
    with pytest.raises(UploadError):
        await platform.upload().run()
    assert task.cancelling() == 0


async def test_a_platform_that_does_not_respond_ends_the_grace_after_two_seconds(clock: Clock) -> None:
    platform = Platform()
    task = await begin(platform)
    platform.reports_hang = "before"
    task.cancel()
    await eventually(lambda: platform.hanging == 1)
    clock.advance(0.9)
    for _ in range(20):
        await asyncio.sleep(0)
    assert not task.done()
    clock.advance(1.1)
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert task.cancelled()
    assert caught.value.__notes__ == [
        "10 uploaded chunks of upload up_1 are not reported: the platform did not respond within 2 s"
    ]
    assert len(platform.reported) == 50
    platform.assert_nothing_is_left()


async def test_the_grace_bounds_all_reports_together(clock: Clock) -> None:
    platform = Platform(stops_after=5000)
    platform.reports_hang = "before"
    task = asyncio.create_task(platform.upload(batch_size=50, max_workers=60).run())
    await eventually(lambda: platform.hanging and not platform.active and len(platform.confirmed) > 50)
    begun = len(platform.batches)

    async def slow(*arguments: Any, **options: Any) -> ReportChunkBatchResponse:
        clock.advance(1.1)
        await asyncio.sleep(0.001)
        return await ScriptedPlatform.report_chunk_batch(platform, *arguments, **options)

    platform.report_chunk_batch = slow  # type: ignore[method-assign]
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert len(platform.batches) == begun + 1
    left = len(platform.confirmed) - 50
    assert caught.value.__notes__[0].startswith(f"{left} uploaded chunks of upload up_1 are not reported")


@pytest.mark.parametrize(
    "problem", [InternalServerError("down", status=500), APIConnectionError("closed"), RuntimeError("a hook failed")]
)
@pytest.mark.parametrize("end", ["cancel", "error", "timeout"])
async def test_a_report_that_fails_is_a_note(clock: Clock, problem: Exception, end: str) -> None:
    platform = Platform()
    task = await begin(platform, timeout=600, max_retries=0)
    platform.report_error = problem
    expected: type[BaseException] = UploadError
    if end == "cancel":
        task.cancel()
        expected = asyncio.CancelledError
    elif end == "timeout":
        clock.advance(600)
    else:
        platform.failing.set()
    with pytest.raises(expected) as caught:
        await task
    assert caught.value.__notes__ == [f"10 uploaded chunks of upload up_1 are not reported: {problem}"]
    if isinstance(caught.value, UploadError):
        assert caught.value.finished == tuple(sorted(platform.reported))
        assert len(platform.reported) == 50
        assert ("the timeout of 600 s passed" if end == "timeout" else "failed once: the store is down") in str(
            caught.value
        )
        assert len(caught.value.failed) == (end == "error")
    platform.assert_nothing_is_left()


async def test_a_second_cancellation_ends_the_grace_at_once() -> None:
    platform = Platform()
    task = await begin(platform)
    platform.reports_hang = "before"
    task.cancel()
    await eventually(lambda: platform.hanging == 1)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert task.cancelling() == 2
    assert platform.batches == [50]
    platform.assert_nothing_is_left()


async def test_whoever_cancels_sees_the_cancellation() -> None:
    platform = Platform()
    seen: list[int] = []

    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            await platform.upload(batch_size=50).run()
        except asyncio.CancelledError:
            seen.append(task.cancelling())
            raise

    task = asyncio.create_task(run())
    await eventually(lambda: platform.stuck == 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == [1]
    assert len(platform.reported) == 60


class Stubborn(Platform):
    """A store whose requests take their time to end when they are cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.ending = 0
        self.may_end = asyncio.Event()

    async def _hang(self, what: str, end: asyncio.Event | None = None) -> None:
        try:
            await super()._hang(what, end)
        except asyncio.CancelledError:
            self.ending += 1
            await self.may_end.wait()
            raise


async def test_a_cancellation_has_priority_over_an_error() -> None:
    platform = Stubborn()
    task = await begin(platform, max_retries=0)
    platform.failing.set()
    await eventually(lambda: platform.ending == 4)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()  # no worker is left behind
    platform.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(platform.reported) == 60
    platform.assert_nothing_is_left()


async def test_a_cancellation_repeated_while_workers_end_leaves_none_behind() -> None:
    platform = Stubborn()
    task = await begin(platform)
    task.cancel()
    await eventually(lambda: platform.ending == 5)
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    platform.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    platform.assert_nothing_is_left()


@pytest.mark.parametrize("workers", [1, 5])
async def test_a_callback_that_was_cancelled_ends_the_upload(workers: int) -> None:
    platform = ScriptedPlatform(95)

    async def callback(progress: UploadProgress) -> None:
        if progress.completed_chunks == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await platform.upload(progress_callback=callback, batch_size=50, max_workers=workers).run()
    assert sorted(platform.reported) == sorted(platform.parts)
    assert len(platform.parts) < 10


async def test_two_workers_that_fail_at_once() -> None:
    platform = Platform(stops_after=10)
    platform.to_fail = {11, 12, 13}
    task = await begin(platform, max_retries=0)
    platform.failing.set()
    with pytest.raises(UploadError, match="failed once: the store is down"):
        await task
    platform.assert_nothing_is_left()
