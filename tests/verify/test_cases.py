"""Rare responses, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async.emulator import Emulator
from twelvelabs_async.verify import visit

from .conftest import Verify, left
from .proxy import Passing, Proxy
from .test_differences import body, header, on, rows, status

if TYPE_CHECKING:
    from twelvelabs_async.verify import Report


def reasons(report: Report, operation: str) -> str:
    return "; ".join(report.to_dict()["not_checked"].get(operation, ()))


async def test_without_video(emulator: Emulator, verify: Verify) -> None:
    report = await verify(max_seconds=0)
    assert report.budget.seconds == 0
    assert len(report.findings.ok()) > 40  # as docs/verify.md says
    assert reasons(report, "analyzeVideo") == "it needs what could not be made (asset)"
    assert reasons(report, "createEmbeddingTask") == "the budget does not allow it"


async def test_a_video_that_fails(emulator: Emulator, verify: Verify) -> None:
    emulator.faults.add(kind="broken_indexing", file="twelvelabs-async-verify*")
    report = await verify(only=["createIndexedAsset"])
    assert ("retrieveIndexedAsset", "status") in rows(report, "differs"), report.to_markdown()
    assert await left(emulator) == {}


async def test_a_video_that_is_never_ready(verify: Verify, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "_POLLS", 2)
    async with Emulator(speed=1, durations={"task.indexing": 3600.0, "asset.processing": 0.0}) as slow:
        report = await verify(slow.base_url, only=["createIndexedAsset"])
        assert await left(slow) == {}
    assert reasons(report, "retrieveIndexedAsset") == "it was not ready in time"
    assert report.differs == 0


async def test_a_response_that_cannot_be_read(emulator: Emulator, verify: Verify) -> None:
    def pack(passing: Passing) -> None:
        passing.headers["Content-Encoding"] = "gzip"

    async with Proxy(emulator.base_url, on("retrieveIndex", pack)) as proxy:
        report = await verify(proxy.base_url, only=["createIndex"])
    assert ("retrieveIndex", "body") in rows(report, "differs"), report.to_markdown()
    assert await left(emulator) == {}


@pytest.mark.parametrize("value", ["soon", "nan"])
async def test_a_pause_that_is_no_number(emulator: Emulator, verify: Verify, value: str) -> None:
    def limit(passing: Passing) -> None:
        status(429)(passing)
        header("Retry-After", value)(passing)
        body(b'{"code": "too_many_requests", "message": "slowly"}')(passing)

    async with Proxy(emulator.base_url, on("listRedirectUris", limit)) as proxy:
        report = await verify(proxy.base_url, only=["listRedirectUris"])
        assert proxy.requests.count("listRedirectUris") == 1
    assert reasons(report, "listRedirectUris") == "it responded 429"


@pytest.mark.parametrize("times", [["soon", "later"], ["2026-01-02T00:00:00Z", "2026-01-01"], [None, 3]])
async def test_times_that_cannot_be_compared(emulator: Emulator, verify: Verify, times: list[Any]) -> None:
    def change(passing: Passing) -> None:
        found = passing.json
        found["data"] = [{"_id": "a", "created_at": time} for time in times]
        passing.json = found

    async with Proxy(emulator.base_url, on("listTasks", change)) as proxy:
        report = await verify(proxy.base_url, only=["listTasks"])
    assert not [where for _, where in rows(report, "differs") if where.startswith("sort")]
