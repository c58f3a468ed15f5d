"""What was made is removed, and nothing else, however the verification ends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from twelvelabs_async.emulator import Emulator
from twelvelabs_async.verify import Verification

from .conftest import Verify, client_of, left
from .proxy import Passing, Proxy

CREATES = (
    "createAsset",
    "createIndex",
    "createIndexedAsset",
    "createEntityCollection",
    "createEntity",
    "createKnowledgeStore",
    "createKnowledgeStoreItem",
    "createAnalyzeTask",
    "createTask",
)


@pytest.mark.parametrize("operation", [*CREATES, "retrieveAsset", "listIndexes", "createSearch", "deleteIndex"])
async def test_cancelled_during_a_call(emulator: Emulator, operation: str) -> None:
    """The request has arrived, and its response has not: what it makes is removed nevertheless."""
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def hold(passing: Passing) -> None:
        if passing.operation == operation and passing.status < 300 and not arrived.is_set():
            arrived.set()
            await go_on.wait()

    async with Proxy(emulator.base_url, hold) as proxy, client_of(proxy.base_url, emulator.api_key) as client:
        verification = Verification(client, max_requests=600, max_seconds=120, pause=0.01)
        running = asyncio.create_task(verification.run())
        await arrived.wait()
        running.cancel()
        await asyncio.sleep(0)
        running.cancel()  # a second time changes nothing
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await running
    report = verification.report()
    assert report.complete is (operation == "deleteIndex")
    assert report.findings.left_behind == []
    assert await left(emulator) == {}


@pytest.mark.parametrize("operation", CREATES)
async def test_a_response_that_is_lost(emulator: Emulator, verify: Verify, operation: str) -> None:
    """The id of what was made is not known: it is found by its name."""
    emulator.faults.add(kind="reset", operation=operation, carried_out=True)
    report = await verify()
    assert (report.differs, report.new) == (0, 0), report.to_markdown()
    assert await left(emulator) == {}


@pytest.mark.parametrize("operation", CREATES)
async def test_a_run_that_was_killed_is_cleaned_up_by_the_next(emulator: Emulator, operation: str) -> None:
    arrived = asyncio.Event()

    async def hold(passing: Passing) -> None:
        if passing.operation == operation and passing.status < 300:
            arrived.set()
            raise ConnectionResetError

    async with Proxy(emulator.base_url, hold) as proxy, client_of(proxy.base_url, emulator.api_key) as client:
        verification = Verification(client, max_requests=600, max_seconds=120, pause=0.01, keep=True)
        running = asyncio.create_task(verification.run())
        await arrived.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert await left(emulator) != {}
    async with client_of(emulator.base_url, emulator.api_key) as second:
        verification = Verification(second, max_requests=600, max_seconds=0, pause=0.01, only=["listIndexes"])
        await verification.run()
    assert await left(emulator) == {}


async def test_keep(emulator: Emulator, verify: Verify) -> None:
    report = await verify(keep=True)
    assert report.kept
    assert "was kept" in report.to_markdown()
    kept = await left(emulator)
    assert {"asset", "index", "entity_collection", "knowledge_store", "analyze_task"} <= set(kept)
    report = await verify()
    assert (report.differs, report.new) == (0, 0), report.to_markdown()
    assert await left(emulator) == {}


async def test_what_users_have_survives(emulator: Emulator, verify: Verify) -> None:
    async with client_of(emulator.base_url, emulator.api_key) as client:
        models: list[Any] = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
        for name in ("twelvelabs-async-verify-2", "films"):
            await client.indexes.create(index_name=name, models=models)
            await client.entity_collections.create(name=name)
            await client.knowledge_stores.create(name=name)
    before = await left(emulator)
    report = await verify()
    assert (report.differs, report.new) == (0, 0), report.to_markdown()
    assert await left(emulator) == before


async def test_what_cannot_be_removed_is_said(emulator: Emulator, verify: Verify) -> None:
    emulator.faults.add(kind="status", status=500, operation="deleteIndex")
    report = await verify(only=["createIndex"])
    assert set(report.findings.left_behind) == {"index"}
    assert "Could not be removed: index." in report.to_markdown()


async def test_an_asset_in_use_is_removed_by_force(emulator: Emulator, verify: Verify) -> None:
    emulator.faults.add(kind="status", status=500, operation="deleteIndex")
    report = await verify()
    # What is in an index stays with it: videos, and the tasks that indexed them.
    assert (await left(emulator)).keys() - {"video", "task"} == {"index"}
    forced = [r.query for r in emulator.requests if r.operation == "deleteAsset" and r.query]
    assert forced
    assert all(query == {"force": "true"} for query in forced)
    assert set(report.findings.left_behind) == {"index", "second_index"}
