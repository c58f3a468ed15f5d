"""Changes and deletions that a service confirms and does not carry out."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from twelvelabs_async.emulator import Emulator
from twelvelabs_async.verify import Report, Verification

from .conftest import Verify, client_of, left
from .proxy import Passing, Proxy
from .test_differences import member, on

DELETED = {
    "deleteAnalyzeTask",
    "deleteAsset",
    "deleteEntity",
    "deleteEntityCollection",
    "deleteIndex",
    "deleteKnowledgeStore",
    "deleteKnowledgeStoreItem",
    "deleteKnowledgeStoreItemCollection",
    "deleteTask",
    "deleteVideo",
}

CHANGED = {
    "updateAssetUserMetadata",
    "replaceAssetUserMetadata",
    "deleteAssetUserMetadata",
    "updateIndex",
    "updateIndexedAsset",
    "partialUpdateVideo",
    "updateVideo",
    "removeKnowledgeStoreItemCollectionItems",
}


class Deaf(Proxy):
    """Confirms some operations, which the server behind never sees."""

    ignored: set[str] = set()  # noqa: RUF012 - set for each test

    async def _pass(self, request: web.Request) -> web.Response:
        path = request.rel_url.raw_path.removeprefix(self._document.prefix)
        operation = self._document.find(request.method, path.strip("/").split("/"))[0]
        if operation.id in self.ignored:
            await request.read()
            status = 204 if 204 in operation.responses else 200
            return web.Response(status=status, headers={"X-Request-Id": "r"})
        return await super()._pass(request)


def effects(report: Report) -> set[str]:
    return {row["operation"] for row in report.to_dict()["differs"] if row["where"] == "effect"}


async def test_deletions_that_delete_nothing(emulator: Emulator, verify: Verify) -> None:
    async with Deaf(emulator.base_url) as proxy:
        proxy.ignored = DELETED
        report = await verify(proxy.base_url)
    assert effects(report) == DELETED, report.to_markdown()
    # It does not take them for removed: they are named, with ids for their owner, and without in the report.
    there = {
        document["_id"] for kind in ("asset", "index", "knowledge_store") for document in await emulator.documents(kind)
    }
    ours = set(report.findings.left_ids)
    assert len(ours & there) >= 6
    assert not any(identifier in report.to_markdown() + report.to_json() for identifier in ours)
    report = await verify(only=["listIndexes"])  # the next run removes them
    assert await left(emulator) == {}


async def test_changes_that_change_nothing(emulator: Emulator, verify: Verify) -> None:
    async with Deaf(emulator.base_url) as proxy:
        proxy.ignored = CHANGED
        report = await verify(proxy.base_url)
    # What is deleted, or set to what is there already, is right by chance where nothing has been changed before.
    assert effects(report) >= CHANGED - {"replaceAssetUserMetadata"}, report.to_markdown()
    assert await left(emulator) == {}


@pytest.mark.parametrize(
    ("operation", "retrieved"),
    [
        ("updateEntity", "retrieveEntity"),
        ("updateEntityCollection", "retrieveEntityCollection"),
        ("updateKnowledgeStore", "retrieveKnowledgeStore"),
        ("updateKnowledgeStoreItemCollection", "retrieveKnowledgeStoreItemCollection"),
    ],
)
async def test_names_that_stay(emulator: Emulator, verify: Verify, operation: str, retrieved: str) -> None:
    async with Proxy(emulator.base_url, on(retrieved, member("name", "twelvelabs-async-verify"))) as proxy:
        report = await verify(proxy.base_url, only=[operation])
    assert effects(report) == {operation}, report.to_markdown()


async def test_assets_of_an_entity_that_stay(emulator: Emulator, verify: Verify) -> None:
    async with Proxy(emulator.base_url, on("retrieveEntity", member("asset_ids", ["another"]))) as proxy:
        report = await verify(proxy.base_url, only=["createEntity"])
    assert effects(report) == {"addEntityAssets", "removeEntityAssets"}


async def test_items_of_a_collection_that_do_not_come(emulator: Emulator, verify: Verify) -> None:
    def empty(passing: Passing) -> None:
        passing.json = {**passing.json, "data": []}

    async with Proxy(emulator.base_url, on("listKnowledgeStoreItemCollectionItems", empty)) as proxy:
        report = await verify(proxy.base_url, only=["createKnowledgeStoreItem"])
    assert effects(report) == {"addKnowledgeStoreItemCollectionItems"}


async def test_a_deletion_that_takes_a_moment_is_no_difference(emulator: Emulator, verify: Verify) -> None:
    calls: list[int] = []

    def lag(passing: Passing) -> None:
        if passing.operation == "retrieveIndex" and "deleteIndex" in proxy.requests and not calls:
            calls.append(passing.status)
            passing.status = 200
            passing.json = dict(last)
        elif passing.operation == "retrieveIndex" and passing.status == 200:
            last.update(passing.json)

    last: dict[str, Any] = {}
    async with Proxy(emulator.base_url, lag) as proxy:
        report = await verify(proxy.base_url, only=["createIndex"])
    assert calls == [400]
    assert (report.differs, report.findings.left_ids) == (0, {}), report.to_markdown()


async def test_a_deletion_that_fails_once_is_tried_again(emulator: Emulator, verify: Verify) -> None:
    emulator.faults.add(kind="status", status=500, operation="deleteIndex", count=1)
    report = await verify(only=["createIndex"])
    assert report.findings.left_behind == []
    assert await left(emulator) == {}


async def test_what_was_made_is_named_before_it_is_removed_early(emulator: Emulator) -> None:
    named: list[str] = []
    async with client_of(emulator.base_url, emulator.api_key) as client:

        def stop(text: str) -> None:
            if text == "createEmbeddings":
                raise RuntimeError

        verification = Verification(
            client, max_requests=400, max_seconds=0, pause=0.01, on_step=stop, on_interrupt=named.extend
        )
        with pytest.raises(RuntimeError):
            await verification.run()
    assert {text.split()[0] for text in named} == {"picture", "second_picture", "index", "second_index"}
    assert await left(emulator) == {}
