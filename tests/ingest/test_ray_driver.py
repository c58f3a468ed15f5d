"""The driver, with workers in the process of the test: who gets what, and what happens when a worker is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.eventually import eventually
from twelvelabs_async import APIConnectionError, IndexFullError, IngestError
from twelvelabs_async.ingest import IngestItem, IngestOutcome, ray_driver
from twelvelabs_async.ingest.keys import unreadable_key
from twelvelabs_async.ingest.ray_driver import MAX_LOSSES, Driver, Progress, State
from twelvelabs_async.ingest.ray_protocol import Order, Parcel, Report, WorkerLostError
from twelvelabs_async.ingest.values import SourceProblem


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_driver, "SETTLE", 0.0)


@attrs.define
class Memory:
    """A checkpoint in memory."""

    outcomes: dict[str, IngestOutcome] = attrs.field(factory=dict)
    states: dict[str, State] = attrs.field(factory=dict)
    discarded: list[str] = attrs.field(factory=list)
    flushes: int = 0

    def state(self, key: str) -> State | None:
        return self.states.get(key)

    def add(self, outcome: IngestOutcome) -> None:
        assert outcome.key not in self.outcomes
        self.outcomes[outcome.key] = outcome

    def discard(self, key: str) -> None:
        self.discarded.append(key)

    def flush(self) -> None:
        self.flushes += 1

    def renew_lease(self) -> None:
        pass


@attrs.define(eq=False)
class Fake:
    """A worker that needs one exchange for each source, and does what a test wants in between."""

    order: Order
    meet: Callable[[Fake], Any] = lambda _: None
    room: int = 2
    held: list[IngestItem] = attrs.field(factory=list)
    parcels: list[Parcel] = attrs.field(factory=list)
    ended: str = ""

    async def exchange(self, parcel: Parcel) -> Report:
        assert not self.ended
        assert len(parcel.items) <= (self.room - len(self.held) if self.parcels else 0)
        self.parcels.append(parcel)
        self.held += parcel.items
        await asyncio.sleep(0)
        report = self.meet(self)
        if report is None:
            report = Report(outcomes=[done(item) for item in self.held[:1]], room=self.room - len(self.held[1:]))
            del self.held[:1]
        assert isinstance(report, Report)
        return report

    async def stop(self) -> Report:
        self.ended = "stopped"
        return Report()

    def kill(self) -> None:
        self.ended = self.ended or "killed"


def done(item: IngestItem) -> IngestOutcome:
    return IngestOutcome(key=item.key, source=str(item.source), status="done")


def item(name: str, **values: Any) -> IngestItem:
    return IngestItem(**{"source": f"https://example.test/{name}", "key": name, "filename": name, "size": 3, **values})


async def given(items: Iterable[IngestItem]) -> AsyncGenerator[IngestItem]:
    for one in items:
        yield one


@attrs.define
class Site:
    memory: Memory = attrs.field(factory=Memory)
    workers: list[Fake] = attrs.field(factory=list)

    def driver(
        self, items: Iterable[IngestItem], meet: Callable[[Fake], Any] = lambda _: None, **values: Any
    ) -> Driver:
        def hire(order: Order) -> Fake:
            self.workers.append(Fake(order, meet))
            return self.workers[-1]

        settings: dict[str, Any] = {"workers": 2, "per_minute": {}, "order": Order(index_id="i"), **values}
        return Driver(given(items), checkpoint=self.memory, hire=hire, **settings)


async def test_each_source_goes_to_one_worker() -> None:
    site, told = Site(), list[Progress]()
    driver = site.driver([item(f"{at % 10}") for at in range(12)], on_progress=told.append)
    await driver.run()
    assert driver.is_clean
    assert sorted(site.memory.outcomes) == [f"{at}" for at in range(10)]
    assert [worker.ended for worker in site.workers] == ["stopped"] * 2
    assert all(worker.order.suspects == {} for worker in site.workers)
    assert told[-1].done == 10
    assert (told[-1].duplicates, told[-1].bytes_done, told[-1].pending, told[-1].exhausted) == (2, 30, 0, True)
    assert site.memory.flushes


async def test_what_has_an_outcome_is_skipped() -> None:
    site = Site()
    site.memory.states = {"a": "done", "b": "failed", "c": "retryable"}
    driver = site.driver([item(name) for name in "abcd"])
    await driver.run()
    assert sorted(site.memory.outcomes) == ["c", "d"]
    assert driver.progress.skipped == 2
    again = Site(memory=Memory(states=site.memory.states))
    await again.driver([item(name) for name in "abcd"], retry_failed=True).run()
    assert sorted(again.memory.outcomes) == ["b", "c", "d"]


async def test_what_cannot_be_read_is_not_sent() -> None:
    site = Site()
    problem = SourceProblem(error="ValueError", message="no")
    site.memory.states = {"b": "done"}
    sources = [item("a", problem=problem), item("b", problem=problem), item("c", place="films/c")]
    await site.driver(sources).run()
    assert site.memory.outcomes["a"].error == "ValueError"
    assert sorted(site.memory.outcomes) == ["a", "c"]
    assert site.memory.discarded == [unreadable_key("films/c")]


async def test_sources_are_made_portable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    site = Site()
    contents = {"bytes": b"1", "array": bytearray(b"2"), "view": memoryview(b"3"), "path": Path("a.mp4")}
    sources = [item(name, source=(name, content)) for name, content in contents.items()]
    with (tmp_path / "open").open("wb") as file:
        await site.driver([item("a", source=Path("a.mp4")), item("f", source=("f", file)), *sources], workers=1).run()
    sent = {one.key: one.source for parcel in site.workers[0].parcels for one in parcel.items}
    assert sent.pop("a") == tmp_path / "a.mp4"
    expected = {"bytes": b"1", "array": b"2", "view": b"3", "path": tmp_path / "a.mp4"}
    assert sent == {name: (name, content) for name, content in expected.items()}
    assert all(isinstance(source, tuple) and type(source[1]) is not bytearray for source in sent.values())
    assert (
        site.memory.outcomes["f"].message
        == "f: a BufferedWriter cannot be sent to a worker; pass a path, a URL or bytes"
    )


async def test_a_lost_worker_is_replaced_and_its_sources_are_suspect() -> None:
    site = Site()

    def meet(worker: Fake) -> None:
        if worker is site.workers[0] and len(worker.parcels) == 4:
            raise WorkerLostError("killed")

    driver = site.driver([item(f"{at}") for at in range(10)], meet)
    await driver.run()
    assert driver.is_clean
    assert sorted(site.memory.outcomes) == [f"{at}" for at in range(10)]
    lost, _, successor = site.workers
    assert lost.ended == "killed"
    assert set(successor.order.suspects) == {one.key for one in lost.held}
    assert {one.key for parcel in successor.parcels for one in parcel.items} >= {one.key for one in lost.held}
    assert lost.held
    assert driver.progress.lost == 1


async def test_a_run_that_ends_with_an_error_that_may_pass_is_begun_again() -> None:
    site = Site()

    def meet(worker: Fake) -> Report | None:
        broken = worker is site.workers[0] and len(worker.parcels) == 2
        return Report(error=APIConnectionError("reset")) if broken else None

    await site.driver([item("a")], meet, workers=1).run()
    assert sorted(site.memory.outcomes) == ["a"]
    assert len(site.workers) == 2


async def test_sources_that_cost_every_worker_fail_in_the_end() -> None:
    site = Site()

    def meet(worker: Fake) -> None:
        if any(one.key == "bad" for one in worker.held):
            raise WorkerLostError("out of memory")

    await site.driver([item("bad"), *(item(f"{at}") for at in range(5))], meet, workers=1).run()
    failed = [outcome for outcome in site.memory.outcomes.values() if not outcome.ok]
    assert "bad" in [outcome.key for outcome in failed]
    assert all(outcome.retryable and "out of memory" in (outcome.message or "") for outcome in failed)
    assert len(site.memory.outcomes) == 6
    assert len(site.workers) == MAX_LOSSES + 1


async def test_workers_that_never_live_end_the_run() -> None:
    def meet(worker: Fake) -> None:
        raise WorkerLostError("no such module")

    with pytest.raises(IngestError, match="no such module"):
        await Site().driver([item("a")], meet, workers=1).run()


async def test_an_error_of_the_run_ends_it_and_keeps_the_outcomes() -> None:
    site = Site()

    def meet(worker: Fake) -> Report | None:
        full = worker is site.workers[1] and len(site.memory.outcomes) >= 3
        return Report(error=IndexFullError("full")) if full else None

    driver = site.driver([item(f"{at}") for at in range(100)], meet)
    with pytest.raises(IndexFullError):
        await driver.run()
    assert [worker.ended for worker in site.workers] == ["stopped"] * 2
    assert 3 <= len(site.memory.outcomes) < 100


async def test_the_error_of_the_sources_ends_the_run() -> None:
    async def sources() -> AsyncGenerator[IngestItem]:
        yield item("a")
        raise LookupError("manifest")

    site = Site()
    driver = site.driver([])
    driver._items = sources()
    with pytest.raises(LookupError, match="manifest"):
        await driver.run()


async def test_shares_follow_the_workers_that_are_alive() -> None:
    site = Site()

    def meet(worker: Fake) -> None:
        if worker is site.workers[0] and len(worker.parcels) == 4:
            raise WorkerLostError("killed")

    await site.driver([item(f"{at}") for at in range(40)], meet, per_minute={"upload": 600.0}).run()
    first, second, third = ([parcel.per_minute["upload"] for parcel in worker.parcels] for worker in site.workers)
    assert first[-1] == 300.0
    assert 600.0 in second[1:]  # alone until the next one reports
    assert second[-1] == 300.0
    assert third[-1] == 300.0


async def test_a_worker_with_nothing_left_is_stopped_while_others_go_on() -> None:
    site = Site()

    def meet(worker: Fake) -> Report | None:
        assert len(worker.parcels) < 1000
        if worker is site.workers[0] and len(site.workers) == 2 and not site.workers[1].ended:
            return Report(room=worker.room - len(worker.held))
        return None

    driver = site.driver([item(name) for name in "abc"], meet)
    await driver.run()
    assert [worker.ended for worker in site.workers] == ["stopped"] * 2
    assert driver.is_clean


async def test_a_worker_that_never_starts_does_not_keep_the_run_from_ending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_driver, "FLUSH", 0.01)
    site = Site()

    class Unscheduled(Fake):
        async def exchange(self, parcel: Parcel) -> Report:
            await asyncio.sleep(600)
            raise AssertionError

    def hire(order: Order) -> Fake:
        site.workers.append((Fake if site.workers else Unscheduled)(order))
        return site.workers[-1]

    driver = site.driver([item(name) for name in "abc"])
    driver._hire = hire
    await driver.run()
    assert sorted(site.memory.outcomes) == ["a", "b", "c"]
    assert [worker.ended for worker in site.workers] == ["stopped"] * 2
    assert driver.is_clean


async def test_workers_that_do_not_stop_are_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_driver, "STOP", 0.01)
    site = Site()

    class Stuck(Fake):
        async def stop(self) -> Report:
            await asyncio.sleep(60)
            raise AssertionError

    driver = site.driver([item("a")], workers=1)
    driver._hire = lambda order: site.workers.append(Stuck(order)) or site.workers[-1]  # type: ignore[func-returns-value]
    await driver.run()
    assert not driver.is_clean
    assert site.workers[0].ended == "killed"


async def test_the_last_outcomes_of_a_run_that_is_cancelled_are_kept() -> None:
    site = Site()

    class Late(Fake):
        async def stop(self) -> Report:
            return Report(outcomes=[done(one) for one in self.held])

    driver = site.driver([item(f"{at}") for at in range(4)], workers=1)

    def idle(worker: Fake) -> Report:
        return Report(room=worker.room - len(worker.held))

    driver._hire = lambda order: site.workers.append(Late(order, idle)) or site.workers[-1]  # type: ignore[func-returns-value]
    task = asyncio.create_task(driver.run())
    await eventually(lambda: bool(site.workers and site.workers[0].held))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(site.memory.outcomes) == sorted(one.key for one in site.workers[0].held)
