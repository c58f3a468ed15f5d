"""What a batch ingestion does in one turn of the event loop, and how often it makes a thread do something."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterable, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.eventually import eventually
from tests.ingest.conftest import Site
from tests.ingest.test_journal import TARGET, make_item
from tests.waiters.virtual import run
from twelvelabs_async.ingest import file_threads as file_threads_module
from twelvelabs_async.ingest import journal_thread
from twelvelabs_async.ingest.completions import MAX_WOKEN, Completions
from twelvelabs_async.ingest.engine import STARTS, Engine
from twelvelabs_async.ingest.file_threads import THREADS, file_threads
from twelvelabs_async.ingest.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def turns() -> Iterator[Callable[[], int]]:
    """A function that returns the number of the present turn."""
    loop, number, is_over = asyncio.get_running_loop(), 0, False

    def count() -> None:
        nonlocal number
        number += 1
        if not is_over:
            loop.call_soon(count)

    count()
    yield lambda: number
    is_over = True


def most(found: list[int]) -> int:
    return max(found.count(number) for number in set(found))


async def test_the_calls_of_a_transaction_return_a_few_per_turn(tmp_path: Path) -> None:
    async with await Journal.open(tmp_path / "run.sqlite", target=TARGET) as journal:
        await journal.register([make_item(str(number)) for number in range(100)])
        blocked, go_on = threading.Event(), threading.Event()

        def block(_: Any) -> None:
            blocked.set()
            go_on.wait()

        first = asyncio.create_task(journal._thread.call(block))
        await asyncio.to_thread(blocked.wait)
        found: list[tuple[int, int]] = []
        with turns() as turn:

            async def write(number: int) -> None:
                await journal.record(str(number), stage="upload")
                found.append((turn(), number))

            async with asyncio.TaskGroup() as group:
                for number in range(100):
                    group.create_task(write(number))
                    if number == 60:
                        await asyncio.sleep(0)
                await asyncio.sleep(0)
                go_on.set()
        await first
        assert [number for _, number in found] == list(range(100))
        assert 1 < most([at for at, _ in found]) <= journal_thread.MAX_WOKEN
        assert not journal._thread._executed


async def test_transactions_that_follow_each_other_return_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is committed while the calls of the first still return."""
    monkeypatch.setattr(journal_thread, "MAX_BATCH", 30)
    monkeypatch.setattr(journal_thread, "MAX_WOKEN", 1)
    async with await Journal.open(tmp_path / "run.sqlite", target=TARGET) as journal:
        await journal.register([make_item(str(number)) for number in range(90)])
        found: list[tuple[int, int]] = []
        with turns() as turn:

            async def write(number: int) -> None:
                await journal.record(str(number), stage="upload")
                found.append((turn(), number))

            await asyncio.gather(*(write(number) for number in range(90)))
        assert [number for _, number in found] == list(range(90))
        assert most([at for at, _ in found]) == 1


def test_jobs_whose_waits_end_together_go_on_a_few_per_turn() -> None:
    async def main() -> None:
        loop: Any = asyncio.get_running_loop()

        async def begin(ids: AsyncIterable[str]) -> AsyncIterator[Any]:
            taken = [identifier async for identifier in _first(ids, 50)]
            for identifier in taken:
                yield SimpleNamespace(id=identifier, error=None)
            await asyncio.Event().wait()

        completions = Completions(begin, 0.1)  # type: ignore[arg-type]
        found: list[int] = []

        async def wait(identifier: str) -> None:
            await completions.outcome(identifier)
            found.append(loop.turns)

        waits = [asyncio.create_task(wait(str(number))) for number in range(50)]
        serving = asyncio.create_task(completions.run())
        await asyncio.gather(*waits)
        serving.cancel()
        await asyncio.wait([serving])
        assert most(found) == MAX_WOKEN

    run(main())


async def _first(ids: AsyncIterable[str], count: int) -> AsyncIterator[str]:
    async for identifier in ids:
        yield identifier
        count -= 1
        if not count:
            return


async def test_jobs_begin_a_few_per_turn(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A journal hands out many sources at once, which earlier runs have left."""
    target = {"origin": site.client._core.config.base_url, "index_id": site.index_id}
    async with await Journal.open(site.journal, target=target) as journal:
        await journal.register([make_item(f"{number}.mp4", size=1, modified_ns=1) for number in range(50)])
    begun: list[int] = []
    original = Engine._run_job
    with turns() as turn:

        async def run_job(self: Engine, job: Any) -> None:
            begun.append(turn())
            await original(self, job)

        monkeypatch.setattr(Engine, "_run_job", run_job)
        outcomes = await site.outcomes([], concurrency=64)
    assert len(begun) == len(outcomes) == 50
    assert 1 < most(begun) <= STARTS


async def test_one_call_in_a_thread_for_each_small_file(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.files(6)
    calls: list[str] = []
    original = asyncio.BaseEventLoop.run_in_executor

    def run_in_executor(self: Any, executor: Any, function: Any, *arguments: Any) -> Any:
        calls.append(str(function))
        return original(self, executor, function, *arguments)

    monkeypatch.setattr(asyncio.BaseEventLoop, "run_in_executor", run_in_executor)
    outcomes = await site.outcomes()
    assert all(outcome.ok for outcome in outcomes)
    assert sum("open_unchanged" in call for call in calls) == 6
    assert not [call for call in calls if "prepare_file" in call or "_read_all" in call or "PathSource" in call]


async def test_the_threads_for_files_begin_at_once_and_end() -> None:
    def names() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name.startswith("twelvelabs-files")]

    with file_threads() as executor:
        assert len(names()) == THREADS
        assert await asyncio.get_running_loop().run_in_executor(executor, lambda: 5) == 5
        assert len(names()) == THREADS
    await eventually(lambda: not names())


async def test_the_end_of_a_run_does_not_wait_for_a_file_system_that_hangs() -> None:
    go_on = threading.Event()
    try:
        with file_threads() as executor:
            calls = [executor.submit(go_on.wait) for _ in range(THREADS + 2)]
            await eventually(lambda: sum(call.running() for call in calls) == THREADS)
        assert [call.cancelled() for call in calls] == [False] * THREADS + [True] * 2
    finally:
        go_on.set()


async def test_threads_that_cannot_begin_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    class Full(ThreadPoolExecutor):
        def submit(self, *arguments: Any, **named: Any) -> Any:
            made.append(self)
            if len(made) == THREADS:
                raise RuntimeError("can't start new thread")
            return super().submit(*arguments, **named)

    monkeypatch.setattr(file_threads_module, "ThreadPoolExecutor", Full)
    with pytest.raises(RuntimeError, match="new thread"), file_threads():
        pass
    await eventually(lambda: not any(thread.is_alive() for thread in made[0]._threads))
