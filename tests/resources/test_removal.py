"""What helpers made is removed: after success, errors and cancellations, and no error is hidden by it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from twelvelabs_async.errors import BadRequestError, InternalServerError, NotFoundError
from twelvelabs_async.resources import _removal
from twelvelabs_async.resources._removal import Removals, removing


@pytest.fixture
def removed() -> list[str]:
    return []


def remover(removed: list[str], name: str) -> Callable[[], Any]:
    async def remove() -> None:
        await asyncio.sleep(0)
        removed.append(name)

    return remove


def failing(problem: Exception) -> Callable[[], Any]:
    async def remove() -> None:
        raise problem

    return remove


async def hanging() -> None:
    await asyncio.Event().wait()


async def cancel_when(reached: Awaitable[object], task: asyncio.Task[Any]) -> None:
    await reached
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(asyncio.all_tasks()) == 1


async def test_after_success_the_latest_first(removed: list[str]) -> None:
    async with removing() as removals:
        removals.add("asset a", remover(removed, "a"))
        removals.add("task t", remover(removed, "t"), only_after_errors=True)
        removals.add("asset b", remover(removed, "b"))
    assert removed == ["b", "a"]


async def test_after_an_error(removed: list[str]) -> None:
    async def work() -> None:
        async with removing() as removals:
            removals.add("asset a", remover(removed, "a"))
            removals.add("task t", remover(removed, "t"), only_after_errors=True)
            raise KeyError("body")

    with pytest.raises(KeyError, match="body"):
        await work()
    assert removed == ["t", "a"]


@pytest.mark.parametrize("fails", [True, False])
@pytest.mark.parametrize("keep", [True, False])
async def test_what_is_kept_or_released_stays(removed: list[str], keep: bool, fails: bool) -> None:
    with contextlib.suppress(KeyError):
        async with removing(keep=keep) as removals:
            removals.add("asset a", remover(removed, "a"))
            if not keep:
                removals.release()
            if fails:
                raise KeyError("body")
    assert removed == []


async def test_a_failed_removal_does_not_hide_the_error(removed: list[str], caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        async with removing() as removals:
            removals.add("asset a", remover(removed, "a"))
            removals.add("asset b", failing(OSError("no network")))
            removals.add("asset c", failing(NotFoundError("gone", status=404)))
            removals.add("asset d", failing(BadRequestError("gone", status=400, code="resource_not_exist")))
            raise KeyError("body")

    with caplog.at_level(logging.WARNING, "twelvelabs_async"), pytest.raises(KeyError) as caught:
        await work()
    assert removed == ["a"]
    assert caught.value.__notes__ == ["asset b was not removed: OSError: no network"]
    assert [record.message for record in caplog.records] == caught.value.__notes__


async def test_a_failed_removal_after_success(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "twelvelabs_async"):
        async with removing() as removals:
            removals.add("asset a", failing(OSError("no network")))
    assert [record.message for record in caplog.records] == ["asset a was not removed: OSError: no network"]
    with pytest.raises(OSError, match="no network"):
        async with removing(is_strict=True) as removals:
            removals.add("asset a", failing(OSError("no network")))
    assert len(caplog.records) == 2


async def test_a_cancelled_body(removed: list[str]) -> None:
    inside = asyncio.Event()

    async def work() -> None:
        async with removing() as removals:
            removals.add("asset a", remover(removed, "a"))
            inside.set()
            await hanging()

    await cancel_when(inside.wait(), asyncio.create_task(work()))
    assert removed == ["a"]


async def test_the_grace_of_a_cancelled_body_ends(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(_removal, "GRACE", 0.01)
    inside = asyncio.Event()

    async def work() -> None:
        async with removing() as removals:
            removals.add("asset a", hanging)
            inside.set()
            await hanging()

    task = asyncio.create_task(work())
    await cancel_when(inside.wait(), task)
    assert "asset a was not removed: TimeoutError: the call was cancelled" in caplog.text


@pytest.mark.parametrize("error", [None, KeyError("body")])
async def test_a_cancellation_during_the_removal(
    monkeypatch: pytest.MonkeyPatch, removed: list[str], error: Exception | None
) -> None:
    """It is not swallowed; the removal has its time of grace, and ends in time."""
    may_end, begun = asyncio.Event(), asyncio.Event()

    async def remove() -> None:
        begun.set()
        await may_end.wait()
        removed.append("a")

    async def work(second: Callable[[], Any]) -> None:
        async with removing() as removals:
            removals.add("asset b", second)
            removals.add("asset a", remove)
            if error is not None:
                raise error

    task = asyncio.create_task(work(remover(removed, "b")))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert removed == ["a", "b"]

    monkeypatch.setattr(_removal, "GRACE", 0.01)
    begun.clear()
    await cancel_when(begun.wait(), asyncio.create_task(work(hanging)))
    assert removed == ["a", "b", "a"]


async def test_a_reader_that_is_cancelled_while_its_stream_is_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`AsyncStream.close` ends its context without an error; the time is limited nevertheless."""
    monkeypatch.setattr(_removal, "GRACE", 0.01)
    inside = asyncio.Event()

    async def work() -> None:
        removals = Removals()
        removals.add("asset a", hanging)
        try:
            inside.set()
            await hanging()
        finally:
            await removals.remove(None)

    await cancel_when(inside.wait(), asyncio.create_task(work()))


class Making:
    """A call that creates something, in steps that a test controls."""

    def __init__(self) -> None:
        self.begun, self.may_end, self.cancelled = asyncio.Event(), asyncio.Event(), False
        self.registered: list[str] = []

    async def call(self) -> str:
        self.begun.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        return "a"


async def test_making() -> None:
    for keep in (False, True):
        making = Making()
        making.may_end.set()
        removals = Removals(keep=keep)
        assert await removals.make(making.call(), making.registered.append, lambda: False) == "a"
        assert making.registered == ([] if keep else ["a"])


async def test_making_fails() -> None:
    async def fail() -> str:
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        await Removals().make(fail(), lambda _: None, lambda: True)


async def test_a_sent_call_may_end_after_a_cancellation() -> None:
    making = Making()
    task = asyncio.create_task(Removals().make(making.call(), making.registered.append, lambda: True))
    await making.begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    making.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert making.registered == ["a"]
    assert not making.cancelled


async def test_a_call_that_was_not_sent_is_cancelled_at_once() -> None:
    making = Making()
    task = asyncio.create_task(Removals().make(making.call(), making.registered.append, lambda: False))
    await cancel_when(making.begun.wait(), task)
    assert making.cancelled
    assert making.registered == []


async def test_a_sent_call_has_no_more_time_than_the_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_removal, "GRACE", 0.01)
    making = Making()
    task = asyncio.create_task(Removals().make(making.call(), making.registered.append, lambda: True))
    await cancel_when(making.begun.wait(), task)
    assert making.cancelled


async def test_a_cancelled_call_that_fails_is_a_cancellation() -> None:
    making = Making()

    async def fail() -> str:
        await making.call()
        raise OSError("no network")

    task = asyncio.create_task(Removals().make(fail(), making.registered.append, lambda: True))
    await making.begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    making.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(("failures", "expected"), [(3, 4), (9, 4)])
async def test_a_removal_is_tried_again_after_a_fault_of_the_platform(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, failures: int, expected: int
) -> None:
    monkeypatch.setattr(_removal, "PAUSES", (0.0, 0.0, 0.0))
    calls = 0

    async def remove() -> None:
        nonlocal calls
        calls += 1
        if calls <= failures:
            raise InternalServerError("a fault", status=500)

    async with removing() as removals:
        removals.add("asset a", remove)
    assert calls == expected
    assert ("was not removed" in caplog.text) is (failures == 9)


async def test_a_removal_that_is_refused_is_not_tried_again() -> None:
    calls = 0

    async def remove() -> None:
        nonlocal calls
        calls += 1
        raise BadRequestError("no", status=400)

    async with removing() as removals:
        removals.add("asset a", remove)
    assert calls == 1
