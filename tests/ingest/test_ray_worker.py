"""A worker, in the process of the test: sources come in parcels, outcomes go back in reports."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest

from tests.ingest.conftest import Site
from twelvelabs_async import AuthenticationError, ConfigurationError
from twelvelabs_async.ingest import IngestItem, IngestOutcome, ray_worker
from twelvelabs_async.ingest.job import Job
from twelvelabs_async.ingest.ray_protocol import Order, Parcel
from twelvelabs_async.ingest.ray_worker import BACKLOG, Worker
from twelvelabs_async.ingest.sources import items
from twelvelabs_async.ingest.stages import Stages


@pytest.fixture(autouse=True)
def _environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in site.emulator.environment.items():
        monkeypatch.setenv(name, value)


def order(site: Site, **values: Any) -> Order:
    return Order(**{"index_id": site.index_id, "sleep_interval": 0.02, **values})


async def found(site: Site) -> list[IngestItem]:
    return [item async for item in items(site.videos)]


async def exchanged(worker: Worker, parcel: Parcel, count: int) -> list[IngestOutcome]:
    """The outcomes of a parcel."""
    outcomes: list[IngestOutcome] = []
    while len(outcomes) < count:
        report = pickle.loads(pickle.dumps(await worker.exchange(pickle.loads(pickle.dumps(parcel)))))
        assert report.error is None
        outcomes += report.outcomes
        parcel = Parcel()
    return outcomes


async def test_ingests_what_comes_in_parcels(site: Site) -> None:
    files = site.files(4, 1)
    worker = Worker(order(site, analyze="What happens?"))
    sources = await found(site)
    first = await exchanged(worker, Parcel(items=sources[:3]), 3)
    second = await exchanged(worker, Parcel(items=sources[3:]), 2)
    assert sum(outcome.ok for outcome in first + second) == 4
    assert all(outcome.analysis for outcome in first + second if outcome.ok)
    assert (await worker.exchange(Parcel())).room == BACKLOG
    assert (await worker.stop()).outcomes == []
    assert await site.problems(files) == []


async def test_takes_no_more_than_it_can_work_on(site: Site) -> None:
    site.files(5)
    worker = Worker(order(site, timeout=5.0))
    report = await worker.exchange(Parcel(items=await found(site), per_minute={"upload": 1e-6}))
    assert report.room >= BACKLOG - 5
    assert report.room < BACKLOG
    await worker.stop()


async def test_reports_why_its_run_has_ended(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWELVE_LABS_API_KEY", "tlk_wrong")
    worker = Worker(order(site))
    with pytest.raises(AuthenticationError):
        await exchanged_error(worker)
    await worker.stop()


async def test_reports_that_there_is_no_key(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TWELVE_LABS_API_KEY", "TWELVELABS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    worker = Worker(order(site))
    with pytest.raises(ConfigurationError, match="TWELVE_LABS_API_KEY"):
        await exchanged_error(worker)
    assert (await worker.stop()).outcomes == []


async def exchanged_error(worker: Worker) -> None:
    for _ in range(100):
        report = await worker.exchange(Parcel())
        if report.error is not None:
            raise pickle.loads(pickle.dumps(report.error))


async def test_errors_that_cannot_be_sent_are_described(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    class OddError(Exception):
        pass

    def fail(*_: object, **__: object) -> None:
        raise OddError("what")

    monkeypatch.setattr(ray_worker, "Ingestion", fail)
    worker = Worker(order(site))
    with pytest.raises(Exception, match="OddError: what"):
        await exchanged_error(worker)


async def test_ends_itself_when_the_driver_does_not_call(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_worker, "LEASE", 0.05)
    left = asyncio.Event()
    worker = Worker(order(site), lambda _: left.set())
    await worker.exchange(Parcel())
    await left.wait()
    await worker.stop()


@pytest.mark.parametrize("made", ["asset", "entry"])
async def test_takes_over_what_a_lost_worker_has_made(site: Site, made: str) -> None:
    files = site.files(1)
    (item,) = await found(site)
    asset = await site.client.assets.create(method="direct", file=files[0].path, user_metadata=item.user_metadata)
    if made == "entry":
        await site.client.assets.wait_for_done(asset.id)
        await site.client.indexes.indexed_assets.create(site.index_id, asset_id=asset.id)
    worker = Worker(order(site, suspects={item.key: (0.0, 0.0)}))
    (outcome,) = await exchanged(worker, Parcel(items=[item]), 1)
    assert outcome.adopted
    assert outcome.asset_id == asset.id
    await worker.stop()
    assert await site.problems(files) == []


async def test_removes_what_a_lost_worker_makes_late(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    files = site.files(1)
    (item,) = await found(site)
    wait = Stages.wait_for_asset

    async def make_twin(stages: Stages, job: Job) -> None:
        await site.client.assets.create(method="direct", file=files[0].path, user_metadata=item.user_metadata)
        await wait(stages, job)

    monkeypatch.setattr(Stages, "wait_for_asset", make_twin)
    worker = Worker(order(site, suspects={item.key: (0.0, 0.0)}))
    (outcome,) = await exchanged(worker, Parcel(items=[item]), 1)
    assert outcome.ok
    await worker.stop()
    assert await site.problems(files) == []
