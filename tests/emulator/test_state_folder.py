"""The state folder of the emulator after a crash at any moment, damaged, foreign, in use, and on a full disk."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from twelvelabs_async.emulator.__main__ import main
from twelvelabs_async.emulator.state.store import StateFolderError, Store, Transaction

from .server.conftest import Api
from .server.test_process import client, process


async def opened(folder: Path) -> Store:
    store = Store(folder)
    try:
        await store.open()
    except BaseException:
        await store.close()
        raise
    return store


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


async def filled(folder: Path) -> None:
    """A state with a document and a file."""
    store = await opened(folder)
    await add(store, "first")
    await store.close()


async def add(store: Store, name: str) -> str:
    """Store a document that names a file; returns the name of the file."""
    path = store.scratch("a.mp4")
    path.write_bytes(name.encode() * 1000)
    blob = store.adopt(path)

    def change(tx: Transaction) -> None:
        tx.put("asset", name, {"id": name, "blob": blob})
        tx.use_blob(blob)
        tx.schedule("check", name, "step", 3600)

    await store.run(change)
    return blob


async def check(folder: Path) -> set[str]:
    """Open a state; what is there is whole, and nothing else is left. Returns the names of its documents."""
    store = await opened(folder)
    documents = await store.run(lambda tx: list(tx.all("asset")))
    jobs = await store.run(lambda tx: {job.target for job in tx.pending_jobs()})
    names = {document["id"] for document in documents}
    assert jobs == names
    for document in documents:
        assert store.blob(document["blob"]).read_bytes() == document["id"].encode() * 1000
    assert {path.name for path in store.blobs.iterdir()} == {document["blob"] for document in documents}
    assert list(store.temporary.iterdir()) == []
    assert len(store.secret) == 32
    await store.close()
    return names


async def test_a_crash_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is copied before every statement and every change of a file: what a killed process would leave."""
    state = tmp_path / "state"
    moments: list[tuple[Path, set[str], set[str]]] = []
    stored: set[str] = set()
    begun: set[str] = set()

    def moment(*_: Any) -> None:
        copy = tmp_path / f"copy {len(moments)}"
        if state.exists():
            shutil.copytree(state, copy)
            moments.append((copy, set(stored), set(begun)))

    def before(module: Any, name: str) -> None:
        original = getattr(module, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            moment()
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, call)

    connect = sqlite3.connect

    def traced(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        database: sqlite3.Connection = connect(*args, **kwargs)
        database.set_trace_callback(moment)
        return database

    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", traced)
        for module, name in (
            (os, "replace"),
            (Path, "replace"),
            (Path, "mkdir"),
            (Path, "unlink"),
            (Path, "write_bytes"),
        ):
            before(module, name)
        for round_ in range(2):  # the first one makes the folder
            store = await opened(state)
            for number in range(2):
                name = f"asset {round_} {number}"
                begun.add(name)
                await add(store, name)
                stored.add(name)
            removed = f"asset {round_} 0"
            stored.discard(removed)

            def remove(tx: Transaction, removed: str = removed) -> None:
                document = tx.get("asset", removed)
                assert document is not None
                tx.delete("asset", removed)
                tx.release_blob(document["blob"])
                for job in tx.pending_jobs():
                    if job.target == removed:
                        tx.finish(job)

            await store.run(remove)
            begun.discard(removed)
            await store.close()
        monkeypatch.undo()
    assert len(moments) > 60
    for copy, must, may in moments:
        assert must <= await check(copy) <= may
    assert await check(state) == {"asset 0 1", "asset 1 1"}


async def test_a_crash_of_the_process_while_it_writes(tmp_path: Path) -> None:
    """Killed twice among uploads and chunks: whatever got a 2xx is there, and it is whole."""
    state = tmp_path / "state"
    chance = random.Random(9)
    indexes: set[str] = set()
    parts: dict[str, str] = {}
    for _ in range(2):
        async with process(state, "--speed", "0", "--chunk-size", "1000") as running, client(running) as api:
            limit = len(indexes) + chance.randrange(3, 12)
            enough = asyncio.Event()

            async def work(api: Api = api, limit: int = limit, enough: asyncio.Event = enough) -> None:
                with contextlib.suppress(aiohttp.ClientError):
                    for number in itertools.count():
                        indexes.add(await api.index(index_name=f"{id(api)} {id(enough)} {number} {random.random()}"))
                        body = {"filename": "a.mp4", "type": "video", "total_size": 2000}
                        made = await api.ok("POST", "/assets/multipart-uploads", json=body)
                        headers = {"Content-Type": "application/octet-stream"}
                        url = made["upload_urls"][0]["url"]
                        async with api.session.put(url, data=b"x" * 1000, headers=headers) as response:
                            parts[made["upload_id"]] = response.headers["ETag"]
                        if len(indexes) >= limit:
                            enough.set()

            working = [asyncio.create_task(work()) for _ in range(4)]
            async with asyncio.timeout(60):
                await enough.wait()
            running.child.send_signal(signal.SIGKILL)
            await asyncio.gather(*working)
    async with process(state, "--speed", "0", "--chunk-size", "1000") as running, client(running) as api:
        assert list((state / "tmp").iterdir()) == []
        for index_id in indexes:
            assert (await api.ok("GET", f"/indexes/{index_id}"))["_id"] == index_id
        for upload_id, etag in parts.items():
            report = {"chunk_index": 1, "proof": etag, "proof_type": "etag", "chunk_size": 1000}
            path = f"/assets/multipart-uploads/{upload_id}"
            received = await api.ok("POST", path, json={"completed_chunks": [report]})
            assert received["processed_chunks"] == 1
            assert (await api.ok("GET", path))["chunks_completed"] == 1


# Folders that cannot be used


def nothing(folder: Path) -> None:
    shutil.rmtree(folder)


def of_somebody(folder: Path) -> None:
    """Somebody's films, in folders that happen to have the names that the emulator uses."""
    nothing(folder)
    for name in ("blobs", "chunks/mine", "tmp"):
        (folder / name).mkdir(parents=True)
        (folder / name / "film.mp4").write_bytes(b"precious")


def other_database(folder: Path) -> None:
    nothing(folder)
    folder.mkdir()
    database = sqlite3.connect(folder / "state.sqlite3")
    database.execute("CREATE TABLE documents (title)")
    database.execute("INSERT INTO documents VALUES ('precious')")
    database.commit()
    database.close()
    (folder / "blobs").mkdir()
    (folder / "blobs" / "film.mp4").write_bytes(b"precious")


def truncated(folder: Path) -> None:
    file = folder / "state.sqlite3"
    os.truncate(file, file.stat().st_size // 2)


def garbled(folder: Path) -> None:
    (folder / "state.sqlite3").write_bytes(bytes(range(256)) * 100)


def garbled_within(folder: Path) -> None:
    file = folder / "state.sqlite3"
    data = bytearray(file.read_bytes())
    data[4096:] = b"\xaa" * (len(data) - 4096)
    file.write_bytes(data)


def folder_as_database(folder: Path) -> None:
    (folder / "state.sqlite3").unlink()
    (folder / "state.sqlite3").mkdir()


def short_secret(folder: Path) -> None:
    os.truncate(folder / "secret", 0)


def file_as_blobs(folder: Path) -> None:
    shutil.rmtree(folder / "blobs")
    (folder / "blobs").write_text("precious")


def file_instead(folder: Path) -> None:
    nothing(folder)
    folder.write_text("precious")


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "of somebody": (of_somebody, r"holds no state of an emulator, but .*Choose an empty or a new folder.*Nothing was"),
    "of another program": (other_database, "not of an emulator.*Choose an empty or a new folder.*Nothing was changed"),
    "truncated": (truncated, "is damaged .*Restore the folder from a copy.*Nothing was changed"),
    "garbled": (garbled, "is damaged .*not a database.*Restore the folder from a copy.*Nothing was changed"),
    "garbled within": (garbled_within, "is damaged .*Restore the folder from a copy.*Nothing was changed"),
    "folder as database": (folder_as_database, "cannot be used: .*or choose another folder"),
    "secret": (short_secret, r"damaged file 'secret' \(0 bytes\).*Remove that file"),
    "file as folder within": (file_as_blobs, "cannot be used: .*blobs.*or choose another folder"),
    "file": (file_instead, "cannot be used: .*or choose another folder"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_folders_that_are_refused(tmp_path: Path, name: str) -> None:
    """With what to do; and nothing is deleted or changed."""
    spoil, says = REFUSED[name]
    state = tmp_path / "state"
    await filled(state)
    spoil(state)
    before = contents(tmp_path)
    with pytest.raises(StateFolderError, match=says) as caught:
        await opened(state)
    assert str(state) in str(caught.value)
    after = contents(tmp_path)
    assert {name: after.get(name) for name in before} == before


def test_the_command_says_it_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of_somebody_else = tmp_path / "films"
    of_somebody_else.mkdir()
    (of_somebody_else / "film.mp4").write_bytes(b"precious")
    assert main(["--port", "0", "--state", str(of_somebody_else)]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"The emulator cannot start: The state folder {of_somebody_else} holds no state")
    assert said.count("\n") == 1
    assert contents(of_somebody_else) == {"film.mp4": b"precious"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:  # pragma: no cover - not where root tests
    state = tmp_path / "state"
    await filled(state)
    for mode, folder in ((0o500, state), (0o500, tmp_path / "new")):
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)
        with pytest.raises(StateFolderError, match=r"cannot be used: .*Check its permissions"):
            await opened(folder)
        folder.chmod(0o700)
    assert await check(state) == {"first"}


async def test_names_that_systems_put_into_empty_folders(tmp_path: Path) -> None:
    for name in (".DS_Store", "lost+found"):
        (tmp_path / name).mkdir()
    (tmp_path / "blobs-of-mine").mkdir()
    with pytest.raises(StateFolderError, match="'blobs-of-mine'"):
        await opened(tmp_path)
    (tmp_path / "blobs-of-mine").rmdir()
    await filled(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")  # later, anything may be beside it
    assert await check(tmp_path) == {"first"}
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert (tmp_path / ".DS_Store").exists()


async def test_nothing_behind_a_link_is_removed(tmp_path: Path) -> None:
    state, films = tmp_path / "state", tmp_path / "films"
    await filled(state)
    (films / "folder").mkdir(parents=True)
    (films / "film.mp4").write_bytes(b"precious")
    for name in ("blobs", "chunks", "tmp"):
        (state / name / "link").symlink_to(films)
        (state / name / "link.mp4").symlink_to(films / "film.mp4")
    (state / "chunks" / "unknown").mkdir()
    assert await check(state) == {"first"}
    assert contents(films) == {"film.mp4": b"precious"}
    assert list((state / "chunks").iterdir()) == []


async def test_a_folder_belongs_to_one_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    connect = sqlite3.connect
    async with process(state) as running, client(running) as api:
        before = await api.index()
        (state / "tmp" / "in use").write_bytes(b"x")
        monkeypatch.setattr(sqlite3, "connect", lambda *args, **more: connect(*args, **{**more, "timeout": 0.1}))
        with pytest.raises(StateFolderError, match=r"is in use by another emulator.*Stop that one, or choose another"):
            await opened(state)
        assert (state / "tmp" / "in use").exists()
        assert (await api.ok("GET", f"/indexes/{before}"))["_id"] == before
    assert await check(state) == set()  # it is free as soon as the other one has ended


async def test_a_disk_that_is_full(tmp_path: Path) -> None:
    """Requests fail with a 500, the process lives, and with space again everything that got a 2xx is there."""
    state = tmp_path / "state"
    made: list[str] = []
    failed = 0
    async with process(state, "--speed", "0") as running, client(running) as api:
        made.append(await api.index(index_name="before"))
        limit = max(path.stat().st_size for path in state.iterdir() if path.is_file()) + 20_000
        resource.prlimit(running.child.pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        for number in range(200):
            body = {
                "index_name": f"{number} " + "x" * 200,
                "models": [{"model_name": "marengo3.0", "model_options": ["visual"]}],
            }
            headers = {"x-api-key": running.api_key}
            async with api.session.post(f"{running.base_url}/indexes", json=body, headers=headers) as response:
                if response.status == 201:
                    made.append((await response.json())["_id"])
                else:
                    assert response.status == 500
                    failed += 1
            if failed == 3:
                break
        assert failed == 3
        assert (await api.ok("GET", f"/indexes/{made[0]}"))["index_name"] == "before"
        resource.prlimit(running.child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        made.append(await api.index(index_name="after"))
        running.child.send_signal(signal.SIGKILL)
        await running.child.wait()
    async with process(state, "--speed", "0") as running, client(running) as api:
        for index_id in made:
            await api.ok("GET", f"/indexes/{index_id}")
        assert (await api.ok("GET", "/indexes"))["page_info"]["total_results"] == len(made)


async def test_a_transaction_that_fails_at_its_end_is_undone(tmp_path: Path) -> None:
    """A full disk may show only there, and may have undone it by itself."""
    store = await opened(tmp_path)

    def fail_at_the_end(tx: Transaction) -> None:
        tx.put("asset", "lost", {})
        tx._db.execute("CREATE TABLE parent (id PRIMARY KEY)")
        tx._db.execute("CREATE TABLE child (id REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
        tx._db.execute("INSERT INTO child VALUES (1)")

    def undone_by_sqlite(tx: Transaction) -> None:
        tx.put("asset", "lost", {})
        tx._db.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")

    def keys(store: Store = store) -> None:
        assert store._db is not None
        store._db.execute("PRAGMA foreign_keys = ON")

    await asyncio.get_running_loop().run_in_executor(store._worker, keys)
    with pytest.raises(sqlite3.IntegrityError):
        await store.run(fail_at_the_end)
    with pytest.raises(sqlite3.OperationalError, match="disk is full"):
        await store.run(undone_by_sqlite)
    await add(store, "kept")
    await store.close()
    assert await check(tmp_path) == {"kept"}
