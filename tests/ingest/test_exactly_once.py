"""What is in doubt is looked up and adopted: lost responses, kills at each point, requests carried out late."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from tests.eventually import eventually
from tests.ingest.conftest import OpenSite, Site
from tests.ingest.files import SourceFile, fault_plan, with_faults, write_files
from tests.ingest.kills import LARGE, kill_and_prove
from twelvelabs_async.emulator import FaultPlan
from twelvelabs_async.ingest import Journal
from twelvelabs_async.ingest.sources import items


async def registered(site: Site, journal: Journal) -> str:
    """Register the one file of a site, as a run does before it begins with it; its key."""
    (item,) = [item async for item in items(site.videos)]
    await journal.register([item])
    return item.key


async def open_journal(site: Site, **target: Any) -> Journal:
    return await Journal.open(
        site.journal, target={"origin": site.client.base_url, **(target or {"index_id": site.index_id})}
    )


async def upload(site: Site, file: SourceFile, key: str) -> str:
    made = await site.client.assets.create(method="direct", file=file.path, user_metadata={"ingest_key": key})
    site.calls.clear()
    return made.id


@pytest.mark.parametrize("operation", ["createAsset", "createIndexedAsset"])
async def test_lost_responses(site: Site, operation: str) -> None:
    files = site.files(3)
    site.faults.add(kind="reset", operation=operation, carried_out=True, count=2)
    outcomes = await site.outcomes()
    assert [outcome.ok for outcome in outcomes] == [True] * 3
    assert sorted(outcome.attempts for outcome in outcomes) == [1, 2, 2]
    assert sum(outcome.adopted for outcome in outcomes) == 2
    assert site.calls[operation] == 3
    assert await site.problems(files) == []


async def test_lost_responses_of_a_knowledge_store(site: Site) -> None:
    store = await site.client.knowledge_stores.create(name="films")
    files = site.files(3)
    site.faults.add(kind="reset", operation="createKnowledgeStoreItem", carried_out=True, count=2)
    outcomes = await site.outcomes(knowledge_store_id=store.id)
    assert sum(outcome.adopted for outcome in outcomes) == 2
    assert site.calls["createKnowledgeStoreItem"] == 3
    assert await site.problems(files, store.id) == []


async def test_requests_of_which_nobody_knows_and_that_were_not_carried_out(site: Site) -> None:
    files = site.files(2)
    site.faults.add(kind="reset", operation="create*", count=3)
    assert all(outcome.ok and not outcome.adopted for outcome in await site.outcomes())
    assert await site.problems(files) == []


async def test_killed_before_the_upload_was_recorded(site: Site) -> None:
    files = site.files(1)
    async with await open_journal(site) as journal:
        key = await registered(site, journal)
        await journal.intend(key, "asset")
    await upload(site, files[0], key)
    (outcome,) = await site.outcomes()
    assert outcome.ok
    assert outcome.adopted
    assert site.calls["createAsset"] == 0
    assert await site.problems(files) == []


async def test_killed_before_the_upload_was_sent(site: Site) -> None:
    files = site.files(1)
    async with await open_journal(site) as journal:
        await journal.intend(await registered(site, journal), "asset")
    (outcome,) = await site.outcomes()
    assert outcome.ok
    assert not outcome.adopted
    assert await site.problems(files) == []


async def test_killed_before_the_indexing_was_recorded(site: Site) -> None:
    files = site.files(1)
    async with await open_journal(site) as journal:
        key = await registered(site, journal)
        asset_id = await upload(site, files[0], key)
        await journal.intend(key, "index", asset_id=asset_id)
    # It was even carried out twice.
    for _ in range(2):
        await site.client.indexes.indexed_assets.create(site.index_id, asset_id=asset_id)
    site.calls.clear()
    (outcome,) = await site.outcomes()
    assert outcome.adopted
    assert site.creates() == 0
    assert await site.problems(files) == []


async def test_of_several_assets_of_a_key_one_stays(site: Site) -> None:
    files = site.files(1)
    async with await open_journal(site) as journal:
        key = await registered(site, journal)
        await journal.intend(key, "asset")
    made = [await upload(site, files[0], key) for _ in range(3)]
    await site.client.indexes.indexed_assets.create(site.index_id, asset_id=made[1])
    (outcome,) = await site.outcomes()
    assert outcome.asset_id == made[1]  # the one that is in use
    assert await site.problems(files) == []


async def test_two_assets_of_a_key_that_are_both_in_use_are_reported(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    files = site.files(1)
    (item,) = [item async for item in items(site.videos)]
    for _ in range(2):
        asset_id = await upload(site, files[0], item.key)
        await site.client.indexes.indexed_assets.create(site.index_id, asset_id=asset_id)
    assert all(outcome.ok for outcome in await site.outcomes(journal=None))
    assert "have the same key and are both in use" in caplog.text


async def test_an_asset_of_the_same_name_is_not_taken(site: Site) -> None:
    files = site.files(1)
    async with await open_journal(site) as journal:
        await journal.intend(await registered(site, journal), "asset")
    other = await upload(site, files[0], "another key")
    (outcome,) = await site.outcomes()
    assert outcome.asset_id != other
    assert not outcome.adopted


@pytest.mark.parametrize("operation", ["createAsset", "createIndexedAsset"])
async def test_a_request_that_is_carried_out_late_leaves_nothing(site: Site, operation: str) -> None:
    """Its connection was lost, a look at the platform found nothing, and then it was carried out after all."""
    files = site.files(1)
    site.faults.add(kind="reset", operation=operation, count=1)
    late = asyncio.Event()
    kind = "item" if operation == "createIndexedAsset" else "asset"

    async def carry_out_late() -> None:
        await eventually(lambda: site.calls[operation] == 2)
        (asset,) = await wait_for_assets(site)
        if kind == "asset":
            await site.client.assets.create(
                method="direct", file=files[0].path, user_metadata=dict(asset.user_metadata or {})
            )
        else:
            await site.client.indexes.indexed_assets.create(site.index_id, asset_id=asset.id)
        late.set()

    task = asyncio.create_task(carry_out_late())
    gate = site.faults.add(kind="status", status=503, retry_after=0.05, operation="listIndexedAssets")
    run = asyncio.create_task(site.outcomes())
    await late.wait()
    site.faults.remove(gate)
    await task
    (outcome,) = await run
    assert outcome.ok
    assert await site.problems(files) == []


async def wait_for_assets(site: Site) -> list[Any]:
    while True:
        if found := [asset async for asset in site.client.assets.list()]:
            return found
        await asyncio.sleep(0.01)


async def test_what_may_exist_twice_is_remembered_after_a_kill(site: Site) -> None:
    files = site.files(1)
    async with await open_journal(site) as journal:
        key = await registered(site, journal)
        asset_id = await upload(site, files[0], key)
        await upload(site, files[0], key)
        await journal.record(key, asset_id=asset_id, intent="- asset")
    (outcome,) = await site.outcomes()
    assert outcome.asset_id == asset_id
    assert await site.problems(files) == []


async def test_a_broken_file_that_was_uploaded_twice_leaves_nothing(site: Site) -> None:
    files = site.files(0, 1)
    async with await open_journal(site) as journal:
        key = await registered(site, journal)
        asset_id = await upload(site, files[0], key)
        await upload(site, files[0], key)
        await journal.record(key, asset_id=asset_id, intent="- asset")
    (outcome,) = await site.outcomes()
    assert not outcome.ok
    assert await site.problems(files) == []
    assert [asset async for asset in site.client.assets.list()] == []


async def test_an_asset_that_is_in_use_elsewhere_is_not_removed(site: Site) -> None:
    """Another index may hold it, although it cannot be added to this one."""
    files = site.files(1)
    other = await site.client.indexes.create(
        index_name="other", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
    )
    site.faults.add(kind="broken_indexing", file="no such file")
    async with await open_journal(site) as journal:
        key = await registered(site, journal)
        asset_id = await upload(site, files[0], key)
        await journal.record(key, asset_id=asset_id)
    await site.client.indexes.indexed_assets.create(other.id, asset_id=asset_id)
    site.faults.add(kind="status", status=400, operation="createIndexedAsset")
    (outcome,) = await site.outcomes()
    assert outcome.stage == "index"
    assert outcome.asset_id == asset_id
    assert (await site.client.assets.retrieve(asset_id)).status == "ready"


async def test_faults_of_all_kinds(open_site: OpenSite) -> None:
    plan = fault_plan(seed=5, transient=0.1, lost=0.1, broken=0.1)
    async with open_site(faults=FaultPlan()) as site:
        files = site.files(40, 3)
        for rule in plan.rules:
            site.faults.add(rule.fault)
        while True:
            async with site.ingest(sleep_interval=0.05) as run:
                with contextlib.suppress(Exception):
                    await run.wait()
            async with await open_journal(site) as journal:
                counts = await journal.counts()
            if not counts["pending"] and not counts["failed_retryable"]:
                break
        assert site.faults.injected > 10
        assert await site.problems(with_faults(files, site.faults)) == []


async def test_a_process_that_is_killed_at_random(tmp_path: Any) -> None:
    files = write_files(tmp_path / "videos", 60, 3, large=6, size=LARGE)
    plan = fault_plan(seed=2, broken=0.03)
    assert (await kill_and_prove(tmp_path / "videos", files, plan, kills=4, longest=2.0, seed=3, speed=1.0)) == []
