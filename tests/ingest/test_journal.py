from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any, TypeVar

import attrs
import pytest

from tests.eventually import eventually
from twelvelabs_async import JournalError
from twelvelabs_async.ingest import journal as journal_module
from twelvelabs_async.ingest import journal_thread
from twelvelabs_async.ingest.journal import Journal
from twelvelabs_async.ingest.values import IngestItem, IngestOutcome, SourceProblem

T = TypeVar("T")

TARGET = {"origin": "https://api.example.test", "index_id": "i1", "knowledge_store_id": None}
GONE = SourceProblem(error="FileNotFoundError", message="there is no such file")


def make_item(key: str, **values: Any) -> IngestItem:
    return IngestItem(**{"source": Path(f"/videos/{key}"), "key": key, "filename": key, "place": key, **values})


def make_outcome(key: str, **values: Any) -> IngestOutcome:
    return IngestOutcome(**{"key": key, "source": f"/videos/{key}", "status": "done", **values})


def make_failure(key: str, **values: Any) -> IngestOutcome:
    return make_outcome(key, **{"status": "failed", "stage": "upload", "error": "E", "message": "no", **values})


async def listed(found: AsyncIterator[T]) -> list[T]:
    return [one async for one in found]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.sqlite"


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[Journal]:
    async with await Journal.open(path, target=TARGET) as made:
        yield made


def journal_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "twelvelabs-journal"]


async def test_a_source_from_its_registration_to_its_outcome(journal: Journal, path: Path) -> None:
    item = make_item("a.mp4", metadata={"show": "x", "tags": ["a", "b"]}, size=5, modified_ns=7)
    [record] = await journal.register([item])
    assert (record.state, record.intent, record.asset_id, record.duplicate) == ("pending", None, None, False)
    assert record.item() == item
    assert record.source == "/videos/a.mp4"

    await journal.intend("a.mp4", "asset", attempts=1, stage="upload")
    record = await journal.get("a.mp4")  # type: ignore[assignment]
    assert (record.intent, record.attempts, record.stage) == ("asset", 1, "upload")
    assert record.intended_at is not None
    assert record.intended_at >= record.made_at > 0

    await journal.record("a.mp4", asset_id="asset-1", upload_reported=3, upload_state="{}")
    record = await journal.get("a.mp4")  # type: ignore[assignment]
    assert (record.intent, record.asset_id, record.upload_reported, record.upload_state) == (None, "asset-1", 3, "{}")

    outcome = make_outcome("a.mp4", asset_id="asset-1", indexed_asset_id="v", timings={"upload": 0.5}, attempts=2)
    await journal.finish("a.mp4", outcome)
    record = await journal.get("a.mp4")  # type: ignore[assignment]
    assert (record.state, record.indexed_asset_id, record.attempts) == ("done", "v", 2)
    assert await listed(journal.outcomes()) == [outcome]
    assert journal.path == path
    assert journal.target == {"origin": "https://api.example.test", "index_id": "i1"}


async def test_everything_is_there_after_it_was_closed(path: Path) -> None:
    async with await Journal.open(path, target=TARGET) as journal:
        await journal.register([make_item(f"{n}.mp4") for n in range(3)])
        await journal.intend("1.mp4", "asset")
        await journal.finish("2.mp4", make_failure("2.mp4", retryable=True))
    assert await asyncio.to_thread(os.listdir, path.parent) == ["run.sqlite"]  # no lock, no log
    async with await Journal.open(path, target=TARGET) as journal:
        records = await journal.register([make_item(f"{n}.mp4") for n in range(4)])
        assert [record.state for record in records] == ["pending", "pending", "failed", "pending"]
        assert [record.intent for record in records] == [None, "asset", None, None]
        assert [record.duplicate for record in records] == [False] * 4


async def test_an_intention_stays_until_its_result_is_known(journal: Journal) -> None:
    await journal.register([make_item("a")])

    async def intent() -> str | None:
        record = await journal.get("a")
        assert record is not None
        return record.intent

    await journal.intend("a", "asset")
    await journal.record("a", stage="upload")
    await journal.record("a", asset_id=None)
    assert await intent() == "asset"
    await journal.finish("a", make_failure("a", retryable=True))
    assert await intent() == "asset"
    await journal.record("a", upload_id="u", intent="upload")
    assert await intent() == "upload"
    await journal.record("a", intent=None)
    assert await intent() is None
    await journal.intend("a", "index")
    await journal.finish("a", make_outcome("a"))
    assert await intent() is None


async def test_what_failed_is_pending_again_with_the_next_intention(journal: Journal) -> None:
    await journal.register([make_item("a")])
    await journal.finish("a", make_failure("a"))
    await journal.intend("a", "asset")
    record = await journal.get("a")
    assert record is not None
    assert record.state == "pending"
    assert await listed(journal.outcomes()) == []


async def test_ids_are_kept_where_the_outcome_has_none(journal: Journal) -> None:
    await journal.register([make_item("a")])
    await journal.record("a", asset_id="asset-1", item_id="item-1")
    await journal.finish("a", make_failure("a", asset_id="asset-2"))
    record = await journal.get("a")
    assert record is not None
    assert (record.asset_id, record.item_id) == ("asset-2", "item-1")
    await journal.record("a", asset_id=None)  # it was deleted
    record = await journal.get("a")
    assert record is not None
    assert record.asset_id is None


async def test_the_same_key_twice_is_one(journal: Journal) -> None:
    first = await journal.register([make_item("a"), make_item("b"), make_item("a")])
    assert [record.duplicate for record in first] == [False, False, True]
    assert [record.duplicate for record in await journal.register([make_item("b"), make_item("c")])] == [True, False]
    assert (await journal.counts())["total"] == 3


async def test_a_later_run_updates_where_a_source_is(path: Path) -> None:
    async with await Journal.open(path, target=TARGET) as journal:
        await journal.register([make_item("a")])
        await journal.record("a", asset_id="asset-1")
    moved = make_item("a", source=Path("/elsewhere/a"), metadata={"n": 1})
    async with await Journal.open(path, target=TARGET) as journal:
        [record] = await journal.register([moved])
        assert record.item() == moved
        assert record.asset_id == "asset-1"
        await journal.register([make_item("a")])  # a duplicate changes nothing
        record = await journal.get("a")  # type: ignore[assignment]
        assert record.item() == moved


async def test_sources_of_every_kind(path: Path) -> None:
    odd = Path("/videos/b\udcff.mp4")
    url = "https://x.example/c.mp4"
    async with await Journal.open(path, target=TARGET) as journal:
        records = await journal.register(
            [
                make_item("relative", source=Path("a.mp4")),
                make_item("odd", source=odd),
                make_item("url", source=url),
                make_item("file", source=("d.mp4", io.BytesIO(b"x"))),
            ]
        )
    items = [record.item() for record in records]
    assert [item and item.source for item in items] == [Path.cwd() / "a.mp4", odd, url, None]
    assert [record.source for record in records][1:] == [r"/videos/b\udcff.mp4", url, "d.mp4"]
    async with await Journal.open(path, target=TARGET) as journal:
        assert [record.key for record in await listed(journal.pending())] == ["relative", "odd", "url"]
        assert (await journal.counts())["pending"] == 4


async def test_pending_is_what_may_still_pass(path: Path) -> None:
    async with await Journal.open(path, target=TARGET) as journal:
        await journal.register([make_item(key) for key in ("new", "started", "done", "passing", "final")])
        await journal.intend("started", "asset")
        await journal.finish("done", make_outcome("done"))
        await journal.finish("passing", make_failure("passing", retryable=True))
        await journal.finish("final", make_failure("final"))
        assert await listed(journal.pending()) == []  # this run has them already
        assert await journal.counts() == {"done": 1, "failed": 2, "failed_retryable": 1, "pending": 2, "total": 5}
        assert [outcome.key for outcome in await listed(journal.outcomes("failed"))] == ["passing", "final"]
        assert [outcome.key for outcome in await listed(journal.outcomes("done"))] == ["done"]
    async with await Journal.open(path, target=TARGET) as journal:
        assert [record.key for record in await listed(journal.pending())] == ["new", "started", "passing"]
        assert await listed(journal.pending()) == []
        [record] = await journal.register([make_item("new")])
        assert record.duplicate  # it was handed out
        assert [record.key for record in await listed(journal.pending(retry_failed=True))] == ["final"]


async def test_pages(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "PAGE", 3)
    keys = [f"{n}.mp4" for n in range(10)]
    async with await Journal.open(path, target=TARGET) as journal:
        assert [record.key for record in await journal.register([make_item(key) for key in keys])] == keys
        await asyncio.gather(*(journal.finish(key, make_failure(key, retryable=True)) for key in keys))
        assert [outcome.key for outcome in await listed(journal.outcomes())] == keys
    async with await Journal.open(path, target=TARGET) as journal:
        taken = []
        async for record in journal.pending():
            taken.append(record.key)
            await journal.finish(record.key, make_outcome(record.key))  # while it is being read
        assert taken == keys


async def test_a_problem_is_an_outcome(journal: Journal) -> None:
    item = make_item("a", problem=GONE)
    [record] = await journal.register([item])
    assert (record.state, record.stage, record.error, record.retryable) == (
        "failed",
        "source",
        "FileNotFoundError",
        False,
    )
    assert record.item() is None
    assert await listed(journal.outcomes()) == [IngestOutcome.of_problem(item)]
    assert [record.duplicate for record in await journal.register([item])] == [True]


async def test_the_record_of_a_new_source_is_what_the_journal_holds(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    items = [
        make_item("path", size=5, modified_ns=7, metadata={"tags": ["a"], "n": 1, "x": True}),
        make_item("relative", source=Path("a/../b.mp4")),
        make_item("not-unicode", source=Path(os.fsdecode(b"/videos/\xff.mp4"))),
        make_item("url", source="https://x.example/a.mp4", place=""),
        make_item("object", source=("a.mp4", io.BytesIO(b"1"))),
    ]
    records = await journal.register(items)
    assert records == [await journal.get(item.key) for item in items]
    again = await journal.register(items)
    assert [record.duplicate for record in again] == [True] * 5
    assert [attrs.evolve(record, duplicate=False) for record in again] == records


async def test_how_many_statements_are_executed(journal: Journal) -> None:
    """The event loop may have to wait for the interpreter lock after each of them."""
    statements: list[str] = []
    await journal._thread.call(lambda file: file.connection.set_trace_callback(statements.append))

    async def executed(work: Awaitable[Any]) -> int:
        statements.clear()
        await work
        return len(statements)

    transaction = 2
    items = [make_item(str(number)) for number in range(50)]
    assert await executed(journal.register(items)) == transaction + 3 + 50
    assert await executed(journal.register(items)) == transaction + 3 + 100
    assert await executed(journal.intend("1", "asset")) == transaction + 1
    assert await executed(journal.record("1", asset_id="a")) == transaction + 1
    assert await executed(journal.finish("1", make_outcome("1"))) == transaction + 1
    assert await executed(journal.get("1")) == transaction + 1
    await journal.finish("2", make_failure("2"))
    more = [make_item(f"more {number}") for number in range(50)]
    assert await executed(journal.register(more)) == transaction + 3 + 100  # each may supersede what failed


async def test_a_source_that_comes_after_its_problem_in_one_batch(journal: Journal) -> None:
    items = [make_item("a|unreadable", place="a", problem=GONE), make_item("a|1|1", place="a")]
    assert [record.state for record in await journal.register(items)] == ["failed", "pending"]
    assert (await journal.counts())["total"] == 1


async def test_a_problem_is_over_once_the_source_is_readable(path: Path) -> None:
    async with await Journal.open(path, target=TARGET) as journal:
        await journal.register([make_item("a|unreadable", place="a", problem=GONE), make_item("own", problem=GONE)])
        await journal.register([make_item("b|1")])
        await journal.finish("b|1", make_failure("b|1", stage="source", retryable=True))  # it was changed
        assert (await journal.counts())["failed"] == 3
    async with await Journal.open(path, target=TARGET) as journal:
        items = [make_item("a|1|2", place="a"), make_item("own"), make_item("b|2", place="b|1")]
        assert [record.state for record in await journal.register(items)] == ["pending"] * 3
        assert await journal.counts() == {"done": 0, "failed": 0, "failed_retryable": 0, "pending": 3, "total": 3}
        assert await listed(journal.outcomes()) == []


async def test_a_failure_is_over_once_the_file_is_another(path: Path) -> None:
    """As one that was broken, or was still being written, and is whole now."""
    async with await Journal.open(path, target=TARGET) as journal:
        await journal.register([make_item(key, place="a") for key in ("a|1|1", "a|2|2", "own")])
        await journal.register([make_item("b|1|1", place="b")])
        for key in ("a|1|1", "own", "b|1|1"):
            await journal.finish(key, make_failure(key, stage="asset"))
        await journal.finish("a|2|2", make_failure("a|2|2", stage="asset", asset_id="asset-1"))
    async with await Journal.open(path, target=TARGET) as journal:
        await journal.register([make_item("a|3|3", place="a"), make_item("other", place="b")])
        assert [outcome.key for outcome in await listed(journal.outcomes("failed"))] == ["a|2|2", "own", "b|1|1"]


async def test_what_may_be_at_the_platform_is_not_removed(path: Path) -> None:
    async with await Journal.open(path, target=TARGET) as journal:
        for key in ("doubtful", "uploaded", "finished"):
            await journal.register([make_item(key, place="a")])
        await journal.intend("doubtful", "asset")
        await journal.record("uploaded", asset_id="asset-1")
        for key in ("doubtful", "uploaded"):
            await journal.finish(key, make_failure(key, stage="source"))
        await journal.finish("finished", make_outcome("finished"))
    async with await Journal.open(path, target=TARGET) as journal:
        await journal.register([make_item("new", place="a")])
        problems = [make_item(key, problem=GONE) for key in ("doubtful", "uploaded", "finished")]
        records = await journal.register(problems)
        assert [record.state for record in records] == ["failed", "failed", "done"]
        assert [record.item() is None for record in records] == [False] * 3  # they are no problems of their source
        assert (await journal.counts())["total"] == 4


async def test_problems_are_removed_only_to_try_again(path: Path) -> None:
    async with await Journal.open(path, target=TARGET) as journal:
        await journal.register([make_item("folder", problem=GONE), make_item("other", problem=GONE)])
    async with await Journal.open(path, target=TARGET) as journal:
        assert await listed(journal.pending()) == []
        assert (await journal.counts())["failed"] == 2
        await journal.register([make_item("other", problem=GONE)])
        assert await listed(journal.pending(retry_failed=True)) == []
        assert [outcome.key for outcome in await listed(journal.outcomes())] == ["other"]


async def test_one_bad_call_does_not_harm_the_others(journal: Journal) -> None:
    await journal.register([make_item("a"), make_item("b")])
    results = await asyncio.gather(
        journal.intend("a", "asset"),
        journal.intend("unknown", "asset"),
        journal.record("a", attempts=2**70),
        journal.finish("unknown", make_outcome("unknown")),
        journal.register([make_item("c"), make_item("d\udcff")]),
        journal.register([make_item("e", metadata={"x": object()})]),
        journal.record("b", asset_id="asset-1"),
        return_exceptions=True,
    )
    errors = [LookupError, OverflowError, LookupError, UnicodeEncodeError, TypeError]
    assert [results[0], results[-1]] == [None, None]
    assert [type(result) for result in results[1:-1]] == errors
    assert await journal.get("c") is None  # the call as a whole was undone
    assert (await journal.counts())["total"] == 2
    record = await journal.get("b")
    assert record is not None
    assert record.asset_id == "asset-1"


async def test_values_that_a_journal_does_not_have(journal: Journal) -> None:
    await journal.register([make_item("a")])
    with pytest.raises(ValueError, match="does not record colour, state; it records asset_id, attempts"):
        await journal.record("a", colour="red", state="done")
    with pytest.raises(ValueError, match="colour"):
        await journal.intend("a", "asset", colour="red")
    await journal.record("a")  # nothing to write


async def test_calls_that_wait_share_a_transaction(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = 0
    keys = [str(n) for n in range(100)]
    await journal.register([make_item(key) for key in keys])
    held, file = threading.Event(), await journal._read(lambda file: file)
    commit = file.commit

    def counted() -> None:
        nonlocal commits
        commits += 1
        commit()

    monkeypatch.setattr(file, "commit", counted)
    waits = asyncio.create_task(journal._read(lambda _: held.wait()))
    calls = [asyncio.create_task(journal.intend(key, "asset")) for key in keys]
    await asyncio.sleep(0)
    held.set()
    await asyncio.gather(waits, *calls)
    assert commits <= 3


async def test_a_transaction_is_bounded(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_thread, "MAX_BATCH", 2)
    keys = [str(n) for n in range(9)]
    await journal.register([make_item(key) for key in keys])
    await asyncio.gather(*(journal.finish(key, make_outcome(key)) for key in keys))
    assert (await journal.counts())["done"] == 9


async def test_a_cancelled_call_is_carried_out(journal: Journal) -> None:
    await journal.register([make_item("a")])
    held = threading.Event()
    waits = asyncio.create_task(journal._read(lambda _: held.wait()))
    call = asyncio.create_task(journal.intend("a", "asset"))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    held.set()
    await waits
    await journal.flush()
    record = await journal.get("a")
    assert record is not None
    assert record.intent == "asset"


async def test_closing_carries_out_what_was_called(path: Path) -> None:
    journal = await Journal.open(path, target=TARGET)
    await journal.register([make_item(str(n)) for n in range(50)])
    calls = [asyncio.create_task(journal.intend(str(n), "asset")) for n in range(50)]
    await asyncio.sleep(0)
    await asyncio.gather(journal.close(), journal.close())
    await journal.close()
    assert await asyncio.gather(*calls) == [None] * 50
    assert journal_threads() == []
    with pytest.raises(JournalError, match="closed"):
        await journal.counts()
    async with await Journal.open(path, read_only=True) as journal:
        for n in range(50):
            record = await journal.get(str(n))
            assert record is not None
            assert record.intent == "asset"


async def test_closing_that_is_cancelled_goes_on(path: Path) -> None:
    journal = await Journal.open(path, target=TARGET)
    held = threading.Event()
    waits = asyncio.create_task(journal._read(lambda _: held.wait()))
    closing = asyncio.create_task(journal.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    held.set()
    assert await waits
    await journal.close()
    assert journal_threads() == []


async def test_opening_that_is_cancelled_frees_the_journal(path: Path) -> None:
    opening = asyncio.create_task(Journal.open(path, target=TARGET))
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await eventually(lambda: not journal_threads())
    async with await Journal.open(path, target=TARGET):
        pass


async def test_a_temporary_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with await Journal.open(None, target=TARGET) as journal:
        records = await journal.register([make_item("a"), make_item("a")])
        assert [record.duplicate for record in records] == [False, True]
        await journal.finish("a", make_outcome("a"))
        assert (await journal.counts())["done"] == 1
        assert journal.path is None
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []
    with pytest.raises(ValueError, match="temporary"):
        await Journal.open(None, read_only=True)


def test_several_event_loops(path: Path) -> None:
    async def opened() -> Journal:
        journal = await Journal.open(path, target=TARGET)
        await journal.register([make_item("a")])
        return journal

    async def used(journal: Journal, what: str) -> None:
        for _ in range(50):
            await journal.intend("a", what)

    journal = asyncio.run(opened(), debug=True)
    threads = [
        threading.Thread(target=lambda: asyncio.run(used(journal, "asset"), debug=True), name=f"loop {n}")
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = threading.Event()

    async def leaves() -> None:
        asyncio.get_running_loop().call_later(0, held.set)
        call = asyncio.create_task(journal._read(lambda _: held.wait()))
        await asyncio.sleep(0)
        call.cancel()

    asyncio.run(leaves())  # nobody is there any more when the result comes
    asyncio.run(used(journal, "index"), debug=True)
    asyncio.run(journal.close(), debug=True)
    assert journal_threads() == []


async def test_a_loop_that_is_gone_harms_nobody(journal: Journal) -> None:
    held = threading.Event()

    def elsewhere() -> None:
        loop = asyncio.new_event_loop()
        task = loop.create_task(journal._read(lambda _: held.wait()))
        loop.run_until_complete(asyncio.sleep(0))
        task.cancel()
        loop.run_until_complete(asyncio.wait([task]))
        loop.close()

    await asyncio.to_thread(elsewhere)
    held.set()
    assert (await journal.counts())["total"] == 0
