"""The budget is never exceeded, and what was made is removed within it."""

from __future__ import annotations

import pytest

from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.openapi import document
from twelvelabs_async.verify.steps import NOT_CHECKED, STEPS

from .conftest import Verify, left

VIDEO_CALLS = {
    "createAsset",
    "createIndexedAsset",
    "createKnowledgeStoreItem",
    "analyzeVideo",
    "generateGist",
    "summarizeVideo",
    "generateText",
    "createAnalyzeTask",
    "createEmbeddingTaskV2",
    "createEmbeddingTask",
    "createTask",
}


@pytest.mark.parametrize("limit", [1, 7, 20, 60, 118, 190, 280, 370])
async def test_requests(emulator: Emulator, verify: Verify, limit: int) -> None:
    report = await verify(max_requests=limit)
    assert len(emulator.requests) == report.budget.requests <= limit
    assert (report.differs, report.new) == (0, 0)
    assert report.findings.left_behind == []
    assert await left(emulator) == {}
    assert any("budget" in " ".join(reasons) for reasons in report.to_dict()["not_checked"].values())


@pytest.mark.parametrize("seconds", [0, 4, 5, 14, 30, 59])
async def test_minutes_of_video(emulator: Emulator, verify: Verify, seconds: float) -> None:
    report = await verify(max_seconds=seconds)
    calls = [r for r in emulator.requests if r.operation in VIDEO_CALLS and (r.status or 500) < 300]
    # Pictures are not video: two of the assets, and the second item.
    items = [r for r in calls if r.operation == "createKnowledgeStoreItem"]
    spent = 5 * (len(calls) - 2 - len(items[1:]))
    assert spent <= seconds
    assert report.budget.seconds <= seconds
    assert (report.differs, report.new) == (0, 0)
    assert await left(emulator) == {}


async def test_rejected_requests_count(emulator: Emulator, verify: Verify) -> None:
    emulator.faults.add(kind="status", status=429, retry_after=0, limits=True)
    report = await verify(max_requests=50)
    assert len(emulator.requests) == report.budget.requests <= 50


async def test_redirects_and_resets_count(emulator: Emulator, verify: Verify) -> None:
    emulator.faults.add(kind="redirect", operation="list*", rate=0.5)
    emulator.faults.add(kind="reset", rate=0.3)
    report = await verify(max_requests=80)
    assert len(emulator.requests) <= report.budget.requests <= 80


def test_every_operation_is_checked_or_has_a_reason() -> None:
    checked = {name for step in STEPS for name in step.operations}
    assert checked | set(NOT_CHECKED) == set(document.load().operations)
    assert not checked & set(NOT_CHECKED)
    needed = {kind for step in STEPS for kind in step.needs}
    assert needed <= {kind for step in STEPS for kind in step.gives}


async def test_what_is_declared_is_called(emulator: Emulator, verify: Verify) -> None:
    report = await verify()
    assert {name for step in STEPS for name in step.operations} == set(report.findings.ok())


@pytest.mark.parametrize("name", sorted({step.operations[-1] for step in STEPS}))
async def test_only(emulator: Emulator, verify: Verify, name: str) -> None:
    report = await verify(only=[name])
    assert name in report.findings.ok()
    assert (report.differs, report.new) == (0, 0)
    assert report.to_dict()["not_checked"] == {}
    assert await left(emulator) == {}


async def test_only_what_there_is(verify: Verify) -> None:
    with pytest.raises(ValueError, match="there is no operation fly"):
        await verify(only=["fly"])
    with pytest.raises(ValueError, match="createImport is not checked: it needs a connection"):
        await verify(only=["createImport"])
