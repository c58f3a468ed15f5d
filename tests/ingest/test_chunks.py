"""Large files: their uploads in chunks are continued by the next process with the same journal."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.eventually import eventually
from tests.ingest.conftest import OpenSite, Site
from tests.ingest.files import SourceFile, padded, tiny_video
from twelvelabs_async import AuthenticationError, UploadError
from twelvelabs_async.emulator.handlers import multipart_uploads
from twelvelabs_async.emulator.object_store import ObjectStore
from twelvelabs_async.emulator.state.fingerprint import fingerprint
from twelvelabs_async.ingest import Journal

CHUNK = 4096
TOTAL = 60

DIRECT = 10_000
"""Bytes above which files are sent in chunks here."""


@pytest.fixture(autouse=True)
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.ingest.stages.DIRECT_BYTES", DIRECT)


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The chunks that were stored, in order: one for each PUT that had an effect."""
    seen: list[int] = []
    real = ObjectStore._add_chunk

    def add(*arguments: Any) -> Any:
        result = real(*arguments)
        if result:
            seen.append(arguments[3])
        return result

    monkeypatch.setattr(ObjectStore, "_add_chunk", add)
    return seen


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The chunks that were reported, in order."""
    seen: list[int] = []
    real: Callable[..., Any] = multipart_uploads._record_report

    def record(*arguments: Any) -> Any:
        result = real(*arguments)
        if result:
            seen.append(arguments[2]["chunk_index"])
        return result

    monkeypatch.setattr(multipart_uploads, "_record_report", record)
    return seen


def large_file(site: Site, name: str = "large.mp4", chunks: int = TOTAL) -> SourceFile:
    path = site.videos / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(padded(tiny_video(site.folder / "tiny"), CHUNK * chunks - 7))
    return SourceFile(path, fingerprint(path))


async def start_child(site: Site, **arguments: Any) -> asyncio.subprocess.Process:
    settings = {
        "client": {"api_key": site.emulator.api_key, "base_url": site.emulator.base_url},
        "sources": str(site.videos),
        "index_id": site.index_id,
        "journal": str(site.journal),
        "sleep_interval": 0.05,
        "direct_bytes": DIRECT,
        **arguments,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.ingest.child", stdin=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(settings).encode())
    process.stdin.close()
    return process


async def killed_after(site: Site, stored: list[int], number: int, **arguments: Any) -> None:
    """Run a process that is killed when the store has so many chunks."""
    process = await start_child(site, **arguments)
    await eventually(lambda: len(stored) >= number or process.returncode is not None)
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    count = -1
    while count != len(stored):  # what had arrived before is still being stored
        count = len(stored)
        await asyncio.sleep(0.3)


async def open_uploads(site: Site) -> int:
    listed = [upload.status async for upload in site.client.multipart_upload.list_incomplete_uploads()]
    return listed.count("active")


@pytest.mark.parametrize("seed", range(2))
async def test_killed_processes_send_no_chunk_twice_that_was_reported(
    open_site: OpenSite, stored: list[int], reported: list[int], seed: int
) -> None:
    dice = random.Random(seed)
    async with open_site(chunk_size=CHUNK, initial_urls=7) as site:
        file = large_file(site)
        slow = site.faults.add(kind="slow", port="objects", operation="putChunk", seconds=0.01)
        for number in sorted(dice.sample(range(5, TOTAL), 4)):
            had, before = set(reported), len(stored)
            await killed_after(site, stored, number)
            assert not had & set(stored[before:])  # what the platform had was not sent again
        site.faults.remove(slow)
        had, before = set(reported), len(stored)
        assert had
        assert await (await start_child(site)).wait() == 0
        assert not had & set(stored[before:])
        assert Counter(reported) == dict.fromkeys(range(1, TOTAL + 1), 1)
        # With each kill, what the workers had in flight, and what was not yet reported.
        assert len(stored) - TOTAL <= 4 * 15
        assert await site.problems([file]) == []
        assert await open_uploads(site) == 0


async def test_a_process_that_is_killed_before_anything_was_reported(
    open_site: OpenSite, stored: list[int], reported: list[int]
) -> None:
    async with open_site(chunk_size=CHUNK) as site:
        file = large_file(site)
        stall = site.faults.add(kind="stall", operation="reportChunkBatch")
        await killed_after(site, stored, 10)
        assert not reported
        site.faults.remove(stall)
        assert (await site.ingest().wait()).done == 1
        assert site.calls["createMultipartUpload"] == 0
        assert await site.problems([file]) == []


async def test_an_upload_that_was_finished_but_not_recorded_is_adopted(open_site: OpenSite, stored: list[int]) -> None:
    """The response to the last report never arrives, and the file is gone when the next process looks."""
    async with open_site(chunk_size=CHUNK) as site:
        file = large_file(site, chunks=8)
        lost = site.faults.add(kind="stall", operation="reportChunkBatch", carried_out=True)
        process = await start_child(site)
        assets: list[Any] = []
        while not assets:
            assets = [asset async for asset in site.client.assets.list()]
            await asyncio.sleep(0.01)
        process.kill()
        await process.wait()
        site.faults.remove(lost)
        assert len(stored) == 8
        site.calls.clear()
        stored.clear()
        file.path.unlink()
        (outcome,) = await site.outcomes()
        assert (outcome.asset_id, outcome.adopted) == (assets[0].id, True)
        assert not stored
        assert site.calls["createMultipartUpload"] == site.calls["reportChunkBatch"] == 0
        assert await site.problems([file]) == []


@pytest.mark.parametrize("status", ["expired", None])
async def test_a_session_that_is_gone_is_begun_anew(open_site: OpenSite, stored: list[int], status: str | None) -> None:
    async with open_site(chunk_size=CHUNK) as site:
        file = large_file(site)
        await killed_once(site, stored)
        platform = site.emulator.platform
        assert platform is not None

        def end(tx: Any) -> None:
            (upload,) = tx.all("upload")
            if status is None:
                tx.delete("upload", upload["_id"])
            else:
                tx.put("upload", upload["_id"], {**upload, "status": status})

        await platform.store.run(end)
        (outcome,) = await site.outcomes()
        assert outcome.ok
        assert not outcome.adopted
        assert site.calls["createMultipartUpload"] == 1
        assert sorted(stored) == list(range(1, TOTAL + 1))
        assert await site.problems([file]) == []


async def test_a_session_that_ends_while_chunks_are_sent_is_begun_anew(open_site: OpenSite, stored: list[int]) -> None:
    async with open_site(chunk_size=CHUNK, initial_urls=2) as site:
        file = large_file(site, chunks=12)
        site.faults.add(kind="status", status=404, operation="*PresignedUrls", count=1)
        (outcome,) = await site.outcomes()
        assert outcome.ok
        assert outcome.attempts == 2
        assert site.calls["createMultipartUpload"] == 2
        assert await site.problems([file]) == []


async def killed_once(site: Site, stored: list[int], **arguments: Any) -> None:
    """Run a process that is killed in the middle of a file."""
    slow = site.faults.add(kind="slow", port="objects", operation="putChunk", seconds=0.02)
    await killed_after(site, stored, 20, **arguments)
    site.faults.remove(slow)
    site.calls.clear()
    stored.clear()


async def test_a_file_that_has_changed_is_never_mixed_with_the_old_one(open_site: OpenSite, stored: list[int]) -> None:
    """The key says that it is the same file, but its content is another one."""
    async with open_site(chunk_size=CHUNK) as site:
        file = large_file(site)
        sources = [{"path": str(file.path), "key": "mine"}]
        await killed_once(site, stored, sources=sources)
        file.path.write_bytes(file.path.read_bytes()[:-1] + b"?")
        (outcome,) = await site.outcomes(sources)
        assert (outcome.status, outcome.stage, outcome.error, outcome.retryable) == (
            "failed",
            "upload",
            "UploadError",
            False,
        )
        assert "the file has changed since its upload began" in (outcome.message or "")
        assert not stored
        assert [asset async for asset in site.client.assets.list()] == []
        # On request, it is uploaded as it is now, from the beginning.
        (outcome,) = await site.outcomes(sources, retry_failed=True)
        assert outcome.ok
        assert sorted(stored) == list(range(1, TOTAL + 1))
        changed = SourceFile(file.path, fingerprint(file.path))
        assert await site.problems([changed]) == []


async def test_a_file_that_was_replaced_is_another_source(open_site: OpenSite, stored: list[int]) -> None:
    async with open_site(chunk_size=CHUNK) as site:
        file = large_file(site)
        await killed_once(site, stored)
        file.path.write_bytes(padded(tiny_video(site.folder / "tiny"), CHUNK * TOTAL - 8))
        outcomes = await site.outcomes()
        assert sorted((outcome.ok, outcome.stage) for outcome in outcomes) == [(False, "source"), (True, None)]
        assert await site.problems([SourceFile(file.path, fingerprint(file.path))]) == []


async def test_a_state_that_this_release_does_not_know_is_not_used(open_site: OpenSite, stored: list[int]) -> None:
    async with open_site(chunk_size=CHUNK) as site:
        file = large_file(site)
        await killed_once(site, stored)
        target = {"origin": site.client.base_url, "index_id": site.index_id}
        async with await Journal.open(site.journal, target=target) as journal:
            (record,) = [record async for record in journal.pending()]
            assert record.upload_id
            await journal.record(record.key, upload_state="no state", intent="asset")
        assert (await site.ingest().wait()).done == 1
        assert sorted(stored) == list(range(1, TOTAL + 1))
        assert await site.problems([file]) == []


async def test_cancelling_reports_what_was_sent(open_site: OpenSite, stored: list[int], reported: list[int]) -> None:
    async with open_site(chunk_size=CHUNK) as site:
        file = large_file(site)
        slow = site.faults.add(kind="slow", port="objects", operation="putChunk", seconds=0.02)
        run = site.ingest()
        waiting = asyncio.create_task(run.wait())
        await eventually(lambda: len(stored) >= 20)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert set(stored) <= set(reported) | set(stored[-5:])
        assert len(stored) < TOTAL  # the upload was not waited for
        assert 0 < run.stats.bytes_sent < CHUNK * TOTAL
        site.faults.remove(slow)
        before, had = len(stored), set(reported)
        again = site.ingest()
        assert (await again.wait()).done == 1
        assert not had & set(stored[before:])
        assert again.stats.bytes_sent == file.path.stat().st_size - CHUNK * len(had)
        assert await site.problems([file]) == []


async def test_a_key_that_is_refused_in_the_middle_ends_the_run(open_site: OpenSite) -> None:
    async with open_site(chunk_size=CHUNK) as site:
        file = large_file(site)
        refused = site.faults.add(kind="status", status=401, operation="reportChunkBatch", count=1)
        with pytest.raises(AuthenticationError):
            await site.ingest().wait()
        site.faults.remove(refused)
        site.calls.clear()
        assert (await site.ingest().wait()).done == 1
        assert site.calls["createMultipartUpload"] == 0  # it was continued
        assert await site.problems([file]) == []


async def test_a_store_that_refuses_concerns_one_file(open_site: OpenSite) -> None:
    async with open_site(chunk_size=CHUNK) as site:
        large_file(site, chunks=4)
        site.faults.add(kind="status", status=403, port="objects", operation="putChunk")
        site.video("small.mp4")
        outcomes = {Path(outcome.source).name: outcome async for outcome in site.ingest()}
        assert outcomes["small.mp4"].ok
        assert outcomes["large.mp4"].error == UploadError.__name__
        assert outcomes["large.mp4"].stage == "upload"


async def test_large_content_without_a_path(open_site: OpenSite, stored: list[int]) -> None:
    async with open_site(chunk_size=CHUNK) as site:
        file = large_file(site, chunks=6)
        content = file.path.read_bytes()
        file.path.unlink()
        (outcome,) = await site.outcomes([("large.mp4", content)])
        assert outcome.ok
        assert len(stored) == 6
        assert await site.problems([file]) == []
