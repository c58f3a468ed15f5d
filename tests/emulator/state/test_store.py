"""Transactions that are stored together, and files that share their content."""

from __future__ import annotations

import asyncio
import functools
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from twelvelabs_async.emulator.media.samples import SampleVideo, Scene, numbered
from twelvelabs_async.emulator.state.fingerprint import fingerprint
from twelvelabs_async.emulator.state.store import INDEX_KIND, Store, Transaction, content_of


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    made = Store(tmp_path / "state")
    await made.open()
    yield made
    await made.close()


def put(tx: Transaction, name: str) -> str:
    tx.put("thing", name, {"_id": name})
    return name


def putting(name: str) -> Callable[[Transaction], str]:
    return functools.partial(put, name=name)


def fail(tx: Transaction) -> str:
    put(tx, "failed")
    raise LookupError("no")


async def test_one_failure_undoes_nothing_of_the_others(store: Store) -> None:
    changes = [putting(str(at)) for at in range(200)]
    changes[100] = fail
    results = await asyncio.gather(*(store.run(change) for change in changes), return_exceptions=True)
    assert [r for r in results if isinstance(r, str)] == [str(at) for at in range(200) if at != 100]
    assert isinstance(results[100], LookupError)
    assert await store.run(lambda tx: tx.count("thing")) == 199
    assert await store.get("thing", "failed") is None


async def test_what_waits_at_the_same_time_is_stored_together(store: Store) -> None:
    statements: list[str] = []
    await store.run(lambda tx: tx._db.set_trace_callback(statements.append))
    await asyncio.gather(*(store.run(putting(str(at))) for at in range(100)))
    await store.run(lambda tx: tx._db.set_trace_callback(None))
    assert statements.count("COMMIT") <= 5
    assert await store.run(lambda tx: tx.count("thing")) == 100


async def test_a_change_is_completed_if_nobody_waits_for_it(store: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        begun.set()
        assert go_on.wait(30)
        put(tx, "slow")

    task = asyncio.create_task(store.run(slow))
    later = asyncio.create_task(store.run(lambda tx: put(tx, "later")))
    await asyncio.to_thread(begun.wait, 30)
    task.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await later == "later"
    assert await store.get("thing", "slow") is not None


async def test_a_full_disk_is_reported_to_all_who_wait(store: Store) -> None:
    await store.run(lambda tx: put(tx, "before"))
    await store.run(lambda tx: tx._db.execute("PRAGMA max_page_count = 1"))  # as many as there are

    def large(tx: Transaction) -> None:
        tx.put("thing", "large", {"text": "x" * 1_000_000})

    results = await asyncio.gather(store.run(large), store.run(lambda tx: put(tx, "small")), return_exceptions=True)
    assert isinstance(results[0], sqlite3.OperationalError)
    await store.run(lambda tx: tx._db.execute("PRAGMA max_page_count = 1000000"))
    assert await store.run(lambda tx: put(tx, "after")) == "after"
    assert await store.get("thing", "large") is None
    assert await store.get("thing", "before") is not None
    assert isinstance(results[1], sqlite3.OperationalError) == (await store.get("thing", "small") is None)


async def test_everyone_is_told_when_nothing_can_be_stored(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert store._db is not None
    await store.run(lambda tx: [put(tx, str(at)) for at in range(300)] and tx.count("thing"))
    real = store._db

    class Refusing:
        """A database whose disk is full when the changes are stored."""

        in_transaction = True

        def execute(self, sql: str, *values: object) -> sqlite3.Cursor:
            if sql == "COMMIT":
                raise sqlite3.OperationalError("database or disk is full")
            return real.execute(sql, *values)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "_db", Refusing())
    calls = [store.run(putting(f"n{at}")) for at in range(5)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    monkeypatch.setattr(store, "_db", real)
    assert [str(result) for result in results] == ["database or disk is full"] * 5
    assert await store.run(lambda tx: tx.count("thing")) == 300


async def test_a_closed_state_says_so(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    await store.open()
    pending = [asyncio.create_task(store.run(putting(str(at)))) for at in range(100)]
    await asyncio.sleep(0)
    await store.close()
    assert [await task for task in pending] == [str(at) for at in range(100)]
    with pytest.raises(RuntimeError, match="closed"):
        await store.get("thing", "1")


def write(store: Store, name: str, data: bytes) -> str:
    path = store.scratch(name)
    path.write_bytes(data)
    return store.adopt(path)


async def test_files_of_the_same_bytes_share_their_place(store: Store) -> None:
    first, second, other = (write(store, "a.txt", data) for data in (b"same", b"same", b"other"))
    assert len({first, second, other}) == 3
    assert store.blob(first).samefile(store.blob(second))
    assert not store.blob(first).samefile(store.blob(other))
    assert content_of(first) == content_of(second) != content_of(other)
    store.blob(first).unlink()
    third = write(store, "a.txt", b"same")  # the file that was remembered is gone
    assert store.blob(third).read_bytes() == store.blob(second).read_bytes() == b"same"
    assert content_of(write(store, "a.md", b"same")) != content_of(third)  # the suffix decides what a text is
    assert not list(store.temporary.iterdir())


async def test_only_so_many_contents_are_remembered(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.emulator.state.store._CONTENTS", 2)
    first = write(store, "a", b"0")
    for number in range(1, 4):
        write(store, "a", str(number).encode())
    assert len(store._contents) == 2
    assert not store.blob(write(store, "a", b"0")).samefile(store.blob(first))


async def test_what_was_found_in_a_content_goes_with_its_last_file(store: Store) -> None:
    blobs = [write(store, "a.mp4", b"same"), write(store, "b.mp4", b"same"), write(store, "c.mov", b"same")]
    contents = {content_of(blob) for blob in blobs}
    assert len(contents) == 2

    def change(tx: Transaction) -> None:
        for blob in blobs:
            tx.use_blob(blob)
        for content in contents:
            tx.put(INDEX_KIND, content, {})

    await store.run(change)
    await store.run(lambda tx: tx.release_blob(blobs[0]))
    assert await store.run(lambda tx: tx.count(INDEX_KIND)) == 2
    await store.run(lambda tx: tx.release_blob(blobs[1]))
    assert await store.get(INDEX_KIND, content_of(blobs[0])) is None
    assert await store.get(INDEX_KIND, content_of(blobs[2])) is not None
    assert [path.name for path in store.blobs.iterdir()] == [blobs[2]]


def test_files_of_an_older_version_are_contents_of_their_own() -> None:
    old = "6b01de32314bd576797f5131.mp4"
    assert content_of(old) == old


def test_empty_boxes_at_the_end_are_no_content(tmp_path: Path) -> None:
    video = SampleVideo("a.mp4", (Scene("red", 1),), fps=2).write(tmp_path).read_bytes()

    def of(data: bytes) -> str:
        path = tmp_path / "x.mp4"
        path.write_bytes(data)
        return fingerprint(path)

    plain, one, two = of(video), of(numbered(video, 1)), of(numbered(video, 2))
    assert one[:32] == two[:32] == plain[:32] == plain
    assert len({plain, one, two}) == 3
    assert of(numbered(numbered(video, 1), 2))[:32] == plain
    # Boxes in the middle, and what is no box, are content.
    for other in (
        numbered(video, 1)[:-1],
        numbered(video, 1) + b"x",
        numbered(video, 1) + b"\0\0\0\x01free" + bytes(8),
        numbered(video, 1) + video,
        b"",
        b"text" + numbered(b"", 1),
    ):
        assert len(of(other)) == 32
        assert of(other) != plain


def test_only_numbers_that_fit_in_a_box() -> None:
    for number in (-1, 2**64):
        with pytest.raises(ValueError, match="from 0 to"):
            numbered(b"", number)
