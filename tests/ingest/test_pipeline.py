"""Batch ingestion against the emulator: outcomes, failures, endings, limits."""

from __future__ import annotations

import asyncio
import io
import json
import math
import pickle
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.eventually import eventually
from tests.ingest.conftest import MODELS, OpenSite, Site
from tests.ingest.files import SourceFile, padded
from twelvelabs_async import (
    APIConnectionError,
    AsyncTwelveLabs,
    AuthenticationError,
    IndexFullError,
    IngestError,
    JournalError,
    RetryPolicy,
    UploadError,
)
from twelvelabs_async.emulator.services.media_sources import MEDIA_HOST
from twelvelabs_async.emulator.state.fingerprint import fingerprint
from twelvelabs_async.ingest import Ingestion, IngestItem, IngestOutcome, IngestStats, Journal
from twelvelabs_async.ingest.sources import items


def read_json(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def tasks() -> set[asyncio.Task[Any]]:
    """The tasks that run, without those of the emulator and of the platform's server."""
    return {task for task in asyncio.all_tasks() if "RequestHandler" not in repr(task) and "emulator" not in repr(task)}


async def listed(run: Ingestion) -> list[IngestOutcome]:
    return [outcome async for outcome in run]


async def in_time(site: Site, task: asyncio.Task[IngestStats]) -> IngestStats:
    """What a run ends with, while time passes at the platform a minute at a time."""
    while not task.done():
        await site.emulator.advance(60)
        await asyncio.sleep(0.01)
    return await task


def open_sockets() -> int:
    """Connections of this process, those of the emulator included."""
    return sum(path.is_socket() for path in Path("/proc/self/fd").iterdir())


async def test_each_file_is_ingested_once_and_one_bad_file_stops_nothing(site: Site) -> None:
    files = site.files(12, 3)
    outcomes = await site.outcomes(metadata={"set": "one"})
    assert len({outcome.key for outcome in outcomes}) == len(outcomes) == 15
    failed = {Path(outcome.source).name: outcome for outcome in outcomes if not outcome.ok}
    assert {name: (outcome.stage, outcome.error, outcome.retryable) for name, outcome in failed.items()} == {
        "noise-000000.mp4": ("asset", "TaskFailedError", False),
        "cut-000001.mp4": ("asset", "TaskFailedError", False),
        "short-000002.mp4": ("index", "BadRequestError", False),
    }
    assert all(outcome.message and outcome.asset_id is None for outcome in failed.values())
    assert await site.problems(files) == []
    done = next(outcome for outcome in outcomes if outcome.ok)
    assert done.asset_id
    assert done.indexed_asset_id
    assert not done.item_id
    assert not done.adopted
    assert done.attempts == 1
    assert {"upload", "index", "ready"} <= set(done.timings)
    assert pickle.loads(pickle.dumps(done)) == done
    asset = await site.client.assets.retrieve(done.asset_id)
    assert asset.filename == Path(done.source).name
    indexed = await site.client.indexes.indexed_assets.retrieve(site.index_id, done.indexed_asset_id)
    assert asset.user_metadata == indexed.user_metadata == {"set": "one", "ingest_key": done.key}


async def test_figures(site: Site) -> None:
    files = site.files(5, 1)
    async with site.ingest() as run:
        assert run.stats.seen == 0
        assert repr(run) == "<Ingestion 0 done, 0 failed, 0 pending>"
        stats = await run.wait()
    assert (stats.seen, stats.done, stats.failed, stats.skipped, stats.pending) == (6, 5, 1, 0, 0)
    assert stats.exhausted
    assert stats.bytes_sent == sum(file.path.stat().st_size for file in files)
    assert stats.stages["upload"].finished == 6
    assert stats.stages["asset"].failed == 1
    assert stats.stages["ready"].finished == 5
    assert all(stage.queued == stage.active == 0 for stage in stats.stages.values())
    json.dumps(stats.to_dict())


async def test_files_of_the_same_name_are_different_and_the_same_key_is_one(site: Site) -> None:
    first, second = site.video("a/x.mp4", 1), site.video("b/x.mp4", 2)
    async with site.ingest(
        [first, second, first, {"path": second, "key": "mine"}, {"path": first, "key": "mine"}]
    ) as run:
        outcomes = [outcome async for outcome in run]
        assert run.stats.duplicates == 2
        assert run.stats.seen == 3
    assert len(outcomes) == len({outcome.asset_id for outcome in outcomes}) == 3
    names = [asset.filename async for asset in site.client.assets.list()]
    assert names == ["x.mp4"] * 3


async def test_sources_of_all_kinds(site: Site, open_site: OpenSite) -> None:
    site.video("clip.mp4", 1)
    async with open_site(media_folder=site.videos) as other:
        sources: list[Any] = [
            f"http://{MEDIA_HOST}/clip.mp4",
            {"url": f"http://{MEDIA_HOST}/clip.mp4/again.mp4", "metadata": {"colour": "red"}},
            ("bytes.mp4", (site.videos / "clip.mp4").read_bytes()),
            str(site.videos / "clip.mp4"),
        ]

        async def lazily() -> AsyncIterator[Any]:
            for source in sources:
                yield source

        with (site.videos / "clip.mp4").open("rb") as opened:
            sources.append(("open.mp4", opened))
            outcomes = await other.outcomes(lazily())
        assert all(outcome.ok for outcome in outcomes)
        metadata = {asset.filename: asset.user_metadata async for asset in other.client.assets.list()}
        assert set(metadata) == {"clip.mp4", "again.mp4", "bytes.mp4", "open.mp4"}
        assert (metadata["again.mp4"] or {})["colour"] == "red"


async def test_with_a_journal_the_next_run_has_nothing_to_do(site: Site) -> None:
    files = site.files(4, 1)
    await site.outcomes()
    site.calls.clear()
    async with site.ingest() as run:
        assert [outcome async for outcome in run] == []
    assert (run.stats.skipped, run.stats.seen) == (5, 5)
    assert site.calls == {"retrieveIndex": 1, "listAssets": 1}
    # Permanent failures are tried again on request only.
    (again,) = await site.outcomes(retry_failed=True)
    assert not again.ok
    assert again.attempts == 2
    assert await site.problems(files) == []


async def test_without_a_journal_the_state_of_the_platform_serves(site: Site) -> None:
    files = site.files(4)
    await site.outcomes(journal=None)
    site.calls.clear()
    async with site.ingest(journal=None) as run:
        outcomes = [outcome async for outcome in run]
    assert all(outcome.ok and outcome.adopted for outcome in outcomes)
    assert (len(outcomes), run.stats.skipped, run.stats.done) == (4, 4, 0)
    assert site.creates() == 0
    assert await site.problems(files) == []
    # The same holds where the journal was lost.
    await site.ingest().wait()
    assert site.creates() == 0


async def test_a_used_journal_does_not_know_what_others_have_made(site: Site) -> None:
    """Such as one whose first run was killed before it had looked at a source, or before it came across it."""
    files = site.files(4)
    async with await Journal.open(
        site.journal, target={"origin": site.client.base_url, "index_id": site.index_id}
    ) as journal:
        await journal.register([item async for item in items(files[0].path, root=site.videos)])
    await site.outcomes(journal=None)
    site.calls.clear()
    async with site.ingest() as run:
        assert [outcome.adopted async for outcome in run] == [True] * 4
    assert site.creates() == 0
    assert await site.problems(files) == []
    # Nothing is looked up where all assets are those of the journal.
    site.video("new.mp4", 9)
    site.calls.clear()
    assert (await site.ingest().wait()).done == 1
    assert site.calls["listAssets"] == 1


async def test_assets_of_a_name_that_many_have_are_read_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.ingest.lookup._MANY", 3)
    for number in range(6):
        site.video(f"{number}/x.mp4", number)
    await site.outcomes(journal=None)
    await site.client.assets.create(method="direct", file=("x.mp4", site.video("other/x.mp4", 7)))
    (site.videos / "other/x.mp4").unlink()
    site.calls.clear()
    async with site.ingest(journal=None) as run:
        await run.wait()
    assert run.stats.skipped == 6
    assert site.creates() == 0
    assert site.calls["retrieveAsset"] == 6


@pytest.mark.parametrize(
    ("fault", "stage", "error", "retryable"),
    [
        ({"kind": "status", "status": 400, "operation": "createAsset"}, "upload", "BadRequestError", False),
        ({"kind": "status", "status": 503, "operation": "createAsset"}, "upload", "InternalServerError", True),
        ({"kind": "broken_asset"}, "asset", "TaskFailedError", False),
        ({"kind": "status", "status": 400, "operation": "createIndexedAsset"}, "index", "BadRequestError", False),
        ({"kind": "status", "status": 500, "operation": "createIndexedAsset"}, "index", "InternalServerError", True),
        ({"kind": "broken_indexing"}, "ready", "TaskFailedError", False),
    ],
)
async def test_failures_in_each_stage(site: Site, fault: Any, stage: str, error: str, retryable: bool) -> None:
    files = site.files(1)
    rule = site.faults.add(fault)
    (outcome,) = await site.outcomes()
    assert (outcome.status, outcome.stage, outcome.error, outcome.retryable) == ("failed", stage, error, retryable)
    async with await Journal.open(site.journal, read_only=True) as journal:
        assert [found async for found in journal.outcomes("failed")] == [outcome]
    if not retryable:
        assert [asset async for asset in site.client.assets.list()] == []
    site.faults.remove(rule)
    if fault["kind"].startswith("broken"):
        return  # a new file of the same name would be broken, too
    # What may pass is taken up by the next run; what will not, on request.
    (outcome,) = await site.outcomes(retry_failed=not retryable)
    assert outcome.ok
    assert await site.problems(files) == []


async def test_sources_that_cannot_be_read(site: Site) -> None:
    path, vanished = site.video("a.mp4"), site.video("vanished.mp4", 2)
    (site.videos / "empty.mp4").touch()

    def key(item: IngestItem) -> str:
        vanished.unlink(missing_ok=True)  # between the moment when it is found and its upload
        return item.key

    outcomes = await site.outcomes([site.videos / "missing.mp4", site.videos / "empty.mp4", 5, vanished, path], key=key)
    failed = {Path(outcome.source).name: outcome for outcome in outcomes if not outcome.ok}
    assert {name: outcome.error for name, outcome in failed.items()} == {
        "missing.mp4": "FileNotFoundError",
        "empty.mp4": "ValueError",
        "source 3 (int)": "ValueError",
        "vanished.mp4": "FileNotFoundError",
    }
    assert all(outcome.stage == "source" for outcome in failed.values())
    assert [outcome.source for outcome in outcomes if outcome.ok] == [str(path)]


async def test_a_file_that_changes_before_its_upload(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    path = site.video("a.mp4")
    site.faults.add(kind="slow", operation="retrieveIndex", seconds=0.0)

    def sources() -> Iterator[Path]:
        yield path

    from twelvelabs_async.ingest.engine import Engine

    original = Engine._admit

    async def change_first(self: Engine, item: Any, record: Any) -> None:
        path.write_bytes(path.read_bytes() + b"more")
        await original(self, item, record)

    monkeypatch.setattr(Engine, "_admit", change_first)
    (outcome,) = await site.outcomes(sources())
    assert (outcome.stage, outcome.error, outcome.retryable) == ("source", "SourceError", False)
    assert "has changed" in (outcome.message or "")
    assert site.creates() == 0


async def test_what_the_iterable_raises_ends_the_run_after_what_was_begun(site: Site) -> None:
    path = site.video("a.mp4")

    def sources() -> Iterator[Path]:
        yield path
        raise LookupError("the list is broken")

    run = site.ingest(sources())
    assert (await anext(run)).ok
    with pytest.raises(LookupError, match="the list is broken"):
        await anext(run)
    assert run.stats.done == 1


async def test_failures_may_end_the_run(site: Site) -> None:
    site.files(0, 9)
    run = site.ingest(fail_fast=True, concurrency=1)
    assert not (await anext(run)).ok
    with pytest.raises(IngestError, match="1 sources have failed, of which at most 0 may") as caught:
        await anext(run)
    assert caught.value.stats.failed == 1
    with pytest.raises(IngestError, match="4 sources have failed, of which at most 3 may"):
        await site.ingest(max_failures=3, journal=None, concurrency=1).wait()
    stats = await site.ingest(max_failures=9, journal=None).wait()
    assert stats.failed == 9


async def test_a_full_index_ends_the_run(open_site: OpenSite) -> None:
    async with open_site(quotas={"index_videos": 2}) as site:
        site.files(6)
        with pytest.raises(IndexFullError, match=r"accepts no more videos: The index .* is full") as caught:
            await site.ingest(concurrency=2).wait()
        assert caught.value.index_id == site.index_id
        assert caught.value.stats.failed == 0
        async with await Journal.open(site.journal, read_only=True) as journal:
            counts = await journal.counts()
        assert counts["done"] == 2
        assert counts["failed"] == 0


async def test_errors_that_concern_all_sources_end_the_run(site: Site) -> None:
    site.files(3)
    with pytest.raises(IngestError, match="The index 000000000000000000000000 does not exist"):
        await site.ingest(index_id="000000000000000000000000").wait()
    assert not site.journal.exists()
    wrong = AsyncTwelveLabs(api_key="tlk_wrong", base_url=site.emulator.base_url)
    async with wrong:
        with pytest.raises(AuthenticationError):
            await wrong.ingest(site.videos, index_id=site.index_id).wait()
    site.faults.add(kind="status", status=403, operation="createAsset", count=1)
    with pytest.raises(Exception, match="403") as caught:
        await site.ingest().wait()
    assert type(caught.value).__name__ == "ForbiddenError"
    other = await site.client.indexes.create(index_name="other", models=MODELS)
    with pytest.raises(JournalError, match="index_id"):
        await site.ingest(index_id=other.id).wait()
    assert (await site.ingest().wait()).done == 3


@pytest.mark.parametrize("direct", [200_000_000, 1000])
async def test_a_client_that_is_closed_ends_the_run(site: Site, direct: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a server that shuts down while it ingests in the background. No source has failed by that."""
    monkeypatch.setattr("twelvelabs_async.ingest.stages.DIRECT_BYTES", direct)
    files = site.files(6)
    rule = site.faults.add(kind="stall", operation=("createAsset", "createMultipartUpload"))
    client = AsyncTwelveLabs(api_key=site.emulator.api_key, base_url=site.emulator.base_url)
    run = client.ingest(site.videos, index_id=site.index_id, journal=site.journal)
    waiting = asyncio.create_task(run.wait())
    await eventually(lambda: site.faults.counts["stall"] == 6)
    await client.close()
    with pytest.raises((APIConnectionError, UploadError), match="closed"):
        await waiting
    async with await Journal.open(site.journal, read_only=True) as journal:
        assert (await journal.counts())["pending"] == 6
    site.faults.remove(rule)
    assert (await site.ingest().wait()).done == 6
    assert [problem for problem in await site.problems(files) if "open upload" not in problem] == []


async def test_a_connection_that_cannot_be_made_may_be_possible_later(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.files(2)

    async def fail(*_: object, **__: object) -> None:
        raise APIConnectionError("The TLS certificate is not trusted.", retryable=False)

    with monkeypatch.context() as patch:
        patch.setattr("twelvelabs_async.resources.assets.AssetsResource.create", fail)
        outcomes = await site.outcomes()
    assert [(outcome.status, outcome.retryable, outcome.attempts) for outcome in outcomes] == [("failed", True, 1)] * 2
    assert (await site.ingest().wait()).done == 2


async def test_an_index_that_vanishes_ends_the_run(open_site: OpenSite) -> None:
    async with open_site() as site:
        site.files(30)
        slow = site.faults.add(kind="slow", operation="createAsset", seconds=3.0, skip=2)
        run = site.ingest(concurrency=1)
        await anext(run)
        await site.client.indexes.delete(site.index_id)
        site.faults.remove(slow)
        with pytest.raises(IngestError, match="does not exist"):
            await run.wait()
        await run.aclose()


async def test_an_entry_that_vanishes_is_made_again_from_the_same_asset(open_site: OpenSite) -> None:
    async with open_site(speed=1, durations={"task.indexing": 60, "asset.processing": 0}) as site:
        files = site.files(2)
        async with site.ingest() as run:
            task = asyncio.create_task(run.wait())
            await eventually(lambda: run.stats.stages["ready"].active == 2)
            (first, *_) = [row.id async for row in site.client.indexes.indexed_assets.list(site.index_id)]
            await site.client.indexes.indexed_assets.delete(site.index_id, first)
            await eventually(lambda: site.calls["createIndexedAsset"] == 3)
            stats = await in_time(site, task)
        assert stats.done == 2
        assert site.calls["createAsset"] == 2
        assert site.calls["createIndexedAsset"] == 3
        assert await site.problems(files) == []


async def test_a_wait_that_takes_too_long_is_left_to_the_next_run(open_site: OpenSite) -> None:
    async with open_site(speed=1, durations={"task.indexing": 3600, "asset.processing": 0}) as site:
        site.files(1)
        for number in (1, 2):
            (outcome,) = await site.outcomes(timeout=1.5)
            assert (outcome.stage, outcome.error, outcome.retryable) == ("ready", "WaitTimeoutError", True)
            assert outcome.attempts == number  # it was not waited for again in the same run
        assert site.creates() == 2


@pytest.mark.parametrize("operation", ["createAsset", "createIndexedAsset"])
async def test_an_account_that_can_do_no_more_ends_the_run(site: Site, operation: str) -> None:
    files = site.files(8)
    rule = site.faults.add(kind="status", status=402, operation=operation, skip=2)
    with pytest.raises(
        IngestError, match="The account cannot be used further, so no source would succeed: 402"
    ) as caught:
        await site.ingest(concurrency=2).wait()
    assert caught.value.stats.failed == 0
    async with await Journal.open(site.journal, read_only=True) as journal:
        assert (await journal.counts())["failed"] == 0
    site.faults.remove(rule)
    await site.ingest().wait()
    assert await site.problems(files) == []


@pytest.mark.parametrize("ends", ["cancel", "aclose", "leave"])
async def test_a_platform_that_never_responds_does_not_keep_a_run_from_ending(
    open_site: OpenSite, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """Creating calls, uploads in chunks, lists and waits hang, all at the same time."""
    monkeypatch.setattr("twelvelabs_async.ingest.stages.DIRECT_BYTES", 50_000)
    async with open_site(chunk_size=4096) as site:
        files = site.files(30)
        large = site.videos / "large.mp4"
        large.write_bytes(padded(files[0].path.read_bytes(), 200_000))
        before, connections = tasks(), open_sockets()
        site.faults.add(kind="stall", operation="createAsset", seconds=3600, skip=10)
        site.faults.add(kind="stall", operation="createIndexedAsset", seconds=3600, skip=4)
        site.faults.add(kind="stall", operation="*IndexedAsset*", seconds=3600, skip=6)
        site.faults.add(kind="stall", port="objects", operation="putChunk", seconds=3600, skip=5)
        async with AsyncTwelveLabs(api_key=site.emulator.api_key, base_url=site.emulator.base_url) as client:
            run = client.ingest(site.videos, index_id=site.index_id, journal=site.journal, sleep_interval=0.02)
            waiting = asyncio.create_task(run.wait())
            await eventually(lambda: run.stats.stages["upload"].active >= 5 and site.faults.injected >= 12)
            async with asyncio.timeout(60):  # it takes three seconds; the margin is for busy machines
                if ends == "cancel":
                    waiting.cancel()
                elif ends == "aclose":
                    await run.aclose()
                else:
                    async with run:
                        pass
                await asyncio.gather(waiting, return_exceptions=True)
            assert waiting.cancelled() == (ends == "cancel")
            assert not {task for task in tasks() - before if "twelvelabs_async/ingest" in repr(task)}
        await eventually(lambda: tasks() <= before)
        await eventually(lambda: open_sockets() <= connections)
        async with await Journal.open(site.journal, read_only=True) as journal:
            counts = await journal.counts()
        assert counts["failed"] == 0
        assert counts["pending"] >= 25
        site.faults.clear()
        async with AsyncTwelveLabs(api_key=site.emulator.api_key, base_url=site.emulator.base_url) as client:
            again = client.ingest(site.videos, index_id=site.index_id, journal=site.journal, sleep_interval=0.02)
            assert (await again.wait()).failed == 0
        assert await site.problems([*files, SourceFile(large, fingerprint(large))]) == []


async def test_an_asset_that_vanishes_is_made_again(open_site: OpenSite) -> None:
    async with open_site(speed=1, durations={"asset.processing": 60}) as site:
        files = site.files(1)
        async with site.ingest() as run:
            task = asyncio.create_task(run.wait())
            await eventually(lambda: run.stats.stages["asset"].active == 1)
            (asset,) = [asset async for asset in site.client.assets.list()]
            await site.client.assets.delete(asset.id)
            await eventually(lambda: site.calls["createAsset"] == 2)
            stats = await in_time(site, task)
        assert stats.done == 1
        assert site.calls["createAsset"] == 2
        assert await site.problems(files) == []


async def test_cancelling_leaves_nothing_open_and_the_journal_right(open_site: OpenSite) -> None:
    async with open_site() as site:
        files = site.files(8)
        before = tasks()
        # Two uploads are carried out, but respond late: they have the time to be recorded. The others never respond.
        site.faults.add(kind="slow", operation="createAsset", seconds=0.5, count=2)
        site.faults.add(kind="stall", operation="createAsset")
        run = site.ingest(concurrency=4)
        waiting = asyncio.create_task(run.wait())
        await eventually(lambda: site.calls["createAsset"] >= 4)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert not [task for task in tasks() - before if "twelvelabs_async" in repr(task)]
        await eventually(lambda: tasks() == before)  # what a response needs in the emulator
        site.faults.clear()
        async with await Journal.open(site.journal) as journal:
            counts = await journal.counts()
            recorded = [record async for record in journal.pending() if record.asset_id]
        assert counts["failed"] == counts["done"] == 0
        assert len(recorded) == 2
        assert (await site.ingest().wait()).done == 8
        assert await site.problems(files) == []


async def test_a_second_cancellation_ends_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.ingest.engine.GRACE", math.inf)
    site.files(3)
    site.faults.add(kind="stall", operation="createAsset")
    before = tasks()
    waiting = asyncio.create_task(site.ingest().wait())
    await eventually(lambda: site.calls["createAsset"] >= 3)
    waiting.cancel()
    await asyncio.sleep(0.05)
    assert not waiting.done()  # it waits for the uploads
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not [task for task in tasks() - before if "twelvelabs_async" in repr(task)]
    await eventually(lambda: tasks() == before)  # what a response needs in the emulator


async def test_leaving_the_loop_ends_the_run(site: Site) -> None:
    site.files(40)
    before = tasks()
    async for _ in site.ingest(concurrency=1):
        break
    await eventually(lambda: tasks() == before)
    made = site.calls["createAsset"]
    assert made < 40
    assert (await site.ingest().wait()).done + 1 <= 40


async def test_a_run_that_was_never_begun_has_nothing_to_end(site: Site) -> None:
    site.files(1)
    async with site.ingest():
        pass
    assert not site.journal.exists()
    assert not site.calls


async def test_refusals_because_too_much_is_processed_are_waited_out(open_site: OpenSite) -> None:
    durations = {"task.indexing": 0.05, "task.queued": 0, "task.pending": 0, "asset.processing": 0}
    async with open_site(speed=1, durations=durations, quotas={"concurrent_tasks": 2}) as site:
        files = site.files(8)
        fast = site.client.with_options(retry=RetryPolicy(max_retries=0))
        async with fast.ingest(site.videos, index_id=site.index_id, sleep_interval=0.02) as run:
            outcomes = [outcome async for outcome in run]
        assert [outcome.ok for outcome in outcomes] == [True] * 8
        assert all(outcome.attempts == 1 for outcome in outcomes)
        assert await site.problems(files) == []


async def test_a_limit_that_is_given_is_never_exceeded(open_site: OpenSite) -> None:
    durations = {"task.indexing": 0.05, "task.queued": 0, "task.pending": 0, "asset.processing": 0}
    async with open_site(speed=1, durations=durations, quotas={"concurrent_tasks": 2}) as site:
        site.files(8)
        stats = await site.ingest(max_processing=2).wait()
        assert stats.done == 8
        assert site.calls["createIndexedAsset"] == 8


async def test_rate_limits_are_waited_out(open_site: OpenSite) -> None:
    async with open_site(rate_limits={"upload": 6, "index": 6}, rate_window=0.5) as site:
        files = site.files(20)
        async with site.ingest() as run:
            outcomes = asyncio.create_task(listed(run))
            await eventually(lambda: run.stats.paused_until is not None)
            assert all(outcome.ok for outcome in await outcomes)
        assert run.stats.done == 20
        assert await site.problems(files) == []


async def test_sources_are_read_as_the_run_goes_on(site: Site) -> None:
    site.video("a.mp4")
    taken = 0

    def lazily() -> Iterator[Any]:
        nonlocal taken
        for number in range(1_000_000):
            taken += 1
            yield f"http://{MEDIA_HOST}/a.mp4/{number}.mp4"

    site.faults.add(kind="stall", operation="createAsset")
    async with site.ingest(lazily()) as run:
        task = asyncio.create_task(run.wait())
        await eventually(lambda: site.calls["createAsset"] == 8)  # more are not sent before the first response
        await asyncio.sleep(0.3)
        assert taken < 1200
        assert run.stats.seen <= 16 + 32 + 1
        await run.aclose()  # ends the task that waits, too
        assert (await task).exhausted is False
    assert taken < 1200


async def test_sources_that_come_faster_than_they_are_registered(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.ingest.engine.BATCH", 2)
    site.files(9)
    assert (await site.ingest(concurrency=1).wait()).done == 9


async def test_outcomes_that_nobody_takes_hold_the_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.ingest.engine.MAX_OUTCOMES", 2)
    monkeypatch.setattr("twelvelabs_async.ingest.engine.MAX_OPEN", 3)
    site.files(12)
    async with site.ingest() as run:
        await anext(run)
        # 1 was taken, 2 are kept, 3 wait to be kept, and the next one waits for them.
        await eventually(lambda: run.stats.seen == 7)
        await asyncio.sleep(0.3)
        assert run.stats.seen == 7
        assert len([outcome async for outcome in run]) == 11


async def test_a_knowledge_store(site: Site) -> None:
    store = await site.client.knowledge_stores.create(name="films")
    files = site.files(4, 1)
    outcomes = await site.outcomes(knowledge_store_id=store.id)
    done = [outcome for outcome in outcomes if outcome.ok]
    assert all(outcome.item_id and not outcome.indexed_asset_id for outcome in done)
    assert await site.problems(files, store.id) == []
    site.calls.clear()
    stats = await site.ingest(knowledge_store_id=store.id, journal=None).wait()
    assert stats.skipped == len(done)
    assert site.calls["createKnowledgeStoreItem"] == 0


async def test_analyses_and_embeddings(site: Site, tmp_path: Path) -> None:
    site.files(2)
    outcomes = await site.outcomes(analyze="What happens?", embed=True)
    assert all(outcome.ok and outcome.analysis for outcome in outcomes)
    assert all({"analyze", "embed"} <= set(outcome.timings) for outcome in outcomes)
    for outcome in outcomes:
        assert outcome.embedding is not None
        assert Path(outcome.embedding).parent == Path(f"{site.journal}.embeddings")
        content = read_json(outcome.embedding)
        assert content["key"] == outcome.key
        assert content["embedding"]["video_embedding"]["segments"]
    store = await site.client.knowledge_stores.create(name="films")
    (outcome, _) = await site.outcomes(knowledge_store_id=store.id, journal=None, embed=tmp_path / "made")
    assert outcome.embedding is not None
    assert read_json(outcome.embedding)["embedding"]


async def test_an_analysis_that_fails_is_made_up_for(site: Site) -> None:
    files = site.files(1)
    rule = site.faults.add(kind="status", status=400, operation="analyze*")
    (outcome,) = await site.outcomes(analyze={"prompt": "What happens?"})
    assert (outcome.stage, outcome.retryable) == ("analyze", False)
    assert outcome.indexed_asset_id  # it can be searched
    site.faults.remove(rule)
    site.calls.clear()
    (outcome,) = await site.outcomes(analyze="What happens?", retry_failed=True)
    assert outcome.analysis
    assert site.calls["createAsset"] == site.calls["createIndexedAsset"] == 0
    assert await site.problems(files) == []


async def test_embeddings_of_an_index_without_a_model_for_them(site: Site) -> None:
    site.files(1)
    index = await site.client.indexes.create(
        index_name="p", models=[{"model_name": "pegasus1.2", "model_options": ["visual"]}]
    )
    (outcome,) = await site.outcomes(index_id=index.id, embed=True)
    assert outcome.stage == "embed"
    assert "no Marengo model" in (outcome.message or "")


async def test_large_files_are_sent_in_chunks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.ingest.stages.DIRECT_BYTES", 1000)
    files = site.files(2)
    outcomes = await site.outcomes()
    assert all(outcome.ok for outcome in outcomes)
    assert site.calls["createAsset"] == 0
    assert site.calls["createMultipartUpload"] == 2
    assert await site.problems(files) == []


async def test_large_content_without_a_path_is_sent_in_chunks(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.ingest.stages.DIRECT_BYTES", 1000)
    first, second, third = (site.video("a.mp4", number).read_bytes() for number in range(3))
    with site.video("open.mp4", 3).open("rb") as opened:
        sources: list[Any] = [("a", first), ("b", io.BytesIO(second)), ("c", bytearray(third)), ("d", opened)]
        async with site.ingest(sources) as run:
            assert [outcome.message async for outcome in run if not outcome.ok] == []
    assert site.calls["createAsset"] == 0
    assert site.calls["createMultipartUpload"] == 4
    assert run.stats.bytes_sent == sum(map(len, (first, second, third))) + (site.videos / "open.mp4").stat().st_size


async def test_an_open_journal_stays_open(site: Site) -> None:
    site.files(2)
    target = {"origin": site.client.base_url, "index_id": site.index_id}
    async with await Journal.open(site.journal, target=target) as journal:
        assert (await site.ingest(journal=journal).wait()).done == 2
        assert (await journal.counts())["done"] == 2


async def test_what_earlier_runs_have_left_is_taken_up(site: Site) -> None:
    files = site.files(3)
    rule = site.faults.add(kind="status", status=503, operation="createAsset")
    assert (await site.ingest().wait()).failed == 3
    site.faults.remove(rule)
    assert (await site.ingest([]).wait()).done == 3
    assert await site.problems(files) == []


async def test_secrets_of_the_options_are_not_shown(site: Site) -> None:
    secret = "s3cr3t-value-0123456789"
    site.files(1, 1)
    options: Any = {"headers": {"X-Api-Secret": secret}}
    outcomes = await site.outcomes(request_options=options)
    assert len(outcomes) == 2
    shown = [repr(outcome) for outcome in outcomes]
    run = site.ingest(index_id="000000000000000000000000", journal=None, request_options=options)
    with pytest.raises(IngestError) as caught:
        await run.wait()
    assert secret not in "".join([*shown, repr(run), repr(caught.value), str(vars(caught.value))])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"knowledge_store_id": "ks_1"}, "pass one of index_id and knowledge_store_id"),
        ({"index_id": None}, "pass one of index_id and knowledge_store_id"),
        ({"concurrency": 0}, "concurrency must be a number of 1 or more, not 0"),
        ({"concurrency": {"uploads": 3}}, "there is no stage 'uploads'"),
        ({"concurrency": {"upload": True}}, "concurrency must be a number"),
        ({"max_failures": -1}, "max_failures must be a number of 0 or more"),
        ({"max_processing": 0}, "max_processing must be a number of 1 or more"),
        ({"embed": True}, "pass the folder for the embeddings"),
        ({"analyze": {"temperature": 0.1}}, "pass a prompt"),
        ({"shard": "3/2"}, "shard"),
        ({"timeout": 0}, "timeout"),
        ({"metadata": {"ingest_key": "x"}}, "ingest_key"),
    ],
)
def test_arguments_that_are_invalid(arguments: dict[str, Any], message: str) -> None:
    client = AsyncTwelveLabs(api_key="tlk_x")
    with pytest.raises(ValueError, match=message):
        client.ingest([], **{"index_id": "i", **arguments})


def test_a_plain_loop_says_what_to_do() -> None:
    client = AsyncTwelveLabs(api_key="tlk_x")
    with pytest.raises(TypeError, match="async for"):
        for _ in client.ingest([], index_id="i"):  # type: ignore[attr-defined]
            pass


def test_outcomes_have_the_class_that_users_import() -> None:
    import twelvelabs_async.ingest

    assert twelvelabs_async.ingest.IngestOutcome is IngestOutcome
