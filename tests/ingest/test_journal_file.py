# ruff: noqa: ASYNC240 - files of a few pages, and nothing else runs
from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from twelvelabs_async import JournalError
from twelvelabs_async.ingest import journal_file
from twelvelabs_async.ingest.journal import Journal
from twelvelabs_async.ingest.journal_file import SCHEMA_VERSION, JournalFile

from .test_journal import TARGET, journal_threads, listed, make_item, make_outcome


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.sqlite"


async def make_journal(path: Path, items: int = 1) -> None:
    async with await Journal.open(path, target=TARGET) as journal:
        await journal.register([make_item(f"{n}.mp4") for n in range(items)])


async def refusal(path: Path, *, read_only: bool = False) -> str:
    """The message; nothing in the folder is changed, and nothing is left open."""
    before = _contents(path.parent)
    with pytest.raises(JournalError) as caught:
        await Journal.open(path, target=TARGET, read_only=read_only)
    assert caught.value.path == str(path)
    assert _contents(path.parent) == before
    assert journal_threads() == []
    return str(caught.value)


def _contents(folder: Path) -> dict[str, bytes | None]:
    """What is in it, without the empty log that SQLite leaves where it only reads."""
    entries = [entry for entry in folder.iterdir() if not entry.name.endswith(("-shm", "-wal"))]
    return {entry.name: entry.read_bytes() if entry.is_file() else None for entry in entries}


async def test_another_target(path: Path) -> None:
    await make_journal(path)
    with pytest.raises(JournalError) as caught:
        await Journal.open(path, target={"origin": "https://api.example.test", "index_id": "i2"})
    assert "was made for index_id i1, origin https://api.example.test" in str(caught.value)
    assert "this run is for index_id i2, origin" in str(caught.value)
    with pytest.raises(JournalError, match="this run is for no target"):
        await Journal.open(path, target={})
    async with await Journal.open(path) as journal:  # not checked
        assert journal.target["index_id"] == "i1"


async def test_another_program_s_database(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE items (key TEXT)")
    database.close()
    for read_only in (False, True):
        assert "is a database of another program" in await refusal(path, read_only=read_only)


@pytest.mark.parametrize("content", [b"name,path\n" * 50, b"SQLite format 3\x00", b"x"])
async def test_no_database(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for read_only in (False, True):
        assert "is not a journal" in await refusal(path, read_only=read_only)


async def test_an_empty_file_is_a_new_journal(path: Path) -> None:
    path.touch()
    assert "is not a journal" in await refusal(path, read_only=True)
    await make_journal(path)
    async with await Journal.open(path, read_only=True) as journal:
        assert (await journal.counts())["total"] == 1


async def test_a_journal_that_was_killed_while_it_was_made(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA application_id = {journal_file.APPLICATION_ID}")
    database.close()
    await make_journal(path)


async def test_a_later_release(path: Path) -> None:
    await make_journal(path)
    database = sqlite3.connect(path)
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    for read_only in (False, True):
        with pytest.raises(JournalError, match=r"later release of this package .schema 2, this release knows 1"):
            await Journal.open(path, target=TARGET, read_only=read_only)


async def test_a_truncated_journal(path: Path) -> None:
    await make_journal(path, 2000)
    os.truncate(path, path.stat().st_size // 2)
    for read_only in (False, True):
        assert "is damaged" in await refusal(path, read_only=read_only)


async def test_a_damaged_page(path: Path) -> None:
    await make_journal(path, 2000)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)
    for read_only in (False, True):
        assert "is damaged" in await refusal(path, read_only=read_only)


async def test_an_incomplete_journal(path: Path) -> None:
    await make_journal(path)
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("DELETE FROM meta WHERE name = 'target'")
    database.close()
    with pytest.raises(JournalError, match="is incomplete"):
        await Journal.open(path, target=TARGET)


async def test_damage_during_a_run(path: Path) -> None:
    async with await Journal.open(path, target=TARGET) as journal:

        def fail(_: JournalFile) -> None:
            raise sqlite3.DatabaseError("malformed")

        with pytest.raises(JournalError, match=r"cannot be used \(malformed\)"):
            await journal._read(fail)
        for _ in range(2):  # nothing is written any more
            with pytest.raises(JournalError, match="malformed"):
                await journal.register([make_item("late")])
    async with await Journal.open(path, target=TARGET) as journal:
        assert (await journal.counts())["total"] == 0


async def test_places_where_no_journal_can_be(tmp_path: Path) -> None:
    assert "is a folder. Give a file in it" in await refusal(tmp_path)
    assert "There is no folder" in await refusal_of(tmp_path / "no" / "run.sqlite")
    assert "There is no journal" in await refusal(tmp_path / "run.sqlite", read_only=True)
    os.mkfifo(tmp_path / "pipe")
    assert "is not a regular file" in await refusal(tmp_path / "pipe")
    (tmp_path / "file").touch()
    assert "cannot be opened (Not a directory)" in await refusal_of(tmp_path / "file" / "run.sqlite")


async def refusal_of(path: Path) -> str:
    with pytest.raises(JournalError) as caught:
        await Journal.open(path, target=TARGET)
    assert journal_threads() == []
    return str(caught.value)


async def test_a_second_process_is_refused(path: Path) -> None:
    code = """
        async def main():
            async with await Journal.open(sys.argv[1], target=TARGET):
                print("open", flush=True)
                sys.stdin.read()
        asyncio.run(main())
    """
    await make_journal(path)
    process = _python(code, path, stdin=subprocess.PIPE)
    assert process.stdout is not None
    assert await asyncio.to_thread(process.stdout.readline) == b"open\n"
    with pytest.raises(JournalError, match=f"in use by another process .pid {process.pid}."):
        await Journal.open(path, target=TARGET)
    async with await Journal.open(path, read_only=True) as journal:  # reading is possible
        assert (await journal.counts())["total"] == 1
    process.kill()
    await asyncio.to_thread(process.communicate)
    assert path.with_name("run.sqlite.lock").exists()
    async with await Journal.open(path, target=TARGET):  # the lock died with its holder
        with pytest.raises(JournalError, match=f"in use by this process .pid {os.getpid()}."):
            await Journal.open(path, target=TARGET)
        link = path.with_name("link.sqlite")
        link.symlink_to(path)
        with pytest.raises(JournalError, match="in use by this process"):
            await Journal.open(link, target=TARGET)
    assert not path.with_name("run.sqlite.lock").exists()


async def test_reading_while_it_is_being_written(path: Path) -> None:
    async with await Journal.open(path, target=TARGET) as writer, await Journal.open(path, read_only=True) as reader:
        for n in range(5):
            await writer.register([make_item(f"{n}.mp4")])
            await writer.finish(f"{n}.mp4", make_outcome(f"{n}.mp4"))
            assert (await reader.counts())["done"] == n + 1
        assert len(await listed(reader.outcomes())) == 5
        for call in (
            reader.register([make_item("x")]),
            reader.intend("0.mp4", "asset"),
            reader.record("0.mp4", asset_id="x"),
            reader.finish("0.mp4", make_outcome("0.mp4")),
            listed(reader.pending()),
        ):
            with pytest.raises(JournalError, match="opened for reading only"):
                await call


async def test_another_program_holds_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "BUSY_SECONDS", 0.0)
    await make_journal(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match="held by another program"):
        await Journal.open(path, target=TARGET)
    other.close()
    await make_journal(path)


@pytest.mark.parametrize("way", ["removed", "replaced", "log removed"])
async def test_a_journal_that_vanishes(path: Path, way: str) -> None:
    async with await Journal.open(path, target=TARGET) as journal:
        await journal.register([make_item("a")])
        if way == "log removed":
            path.with_name("run.sqlite-wal").unlink()
        else:
            path.unlink()
        if way == "replaced":
            path.write_bytes(b"other")
        with pytest.raises(JournalError, match="was removed or replaced during the run"):
            await journal.intend("a", "asset")
        with pytest.raises(JournalError, match="was removed or replaced during the run"):
            await journal.counts()
    assert journal_threads() == []
    if way == "replaced":
        assert path.read_bytes() == b"other"


async def test_a_full_disk(path: Path) -> None:
    async with await Journal.open(path, target=TARGET) as journal:
        await journal.register([make_item("a")])
        await journal._read(lambda file: file.connection.execute("PRAGMA max_page_count = 12"))
        items = [make_item(f"{n}.mp4", metadata={"text": "x" * 1000}) for n in range(1000)]
        kept = 1
        with contextlib.suppress(JournalError):
            for item in items:
                await journal.register([item])
                kept += 1
        assert kept < 1000
        with pytest.raises(
            JournalError, match=r"the disk is full\. Free space and run again; what was recorded is kept"
        ):
            await journal.register(items)
        with pytest.raises(JournalError, match="the disk is full"):
            await journal.intend("a", "asset")
    assert kept > 5
    async with await Journal.open(path, target=TARGET) as journal:
        assert (await journal.counts())["total"] == kept
        await journal.intend("a", "asset")


def test_a_disk_that_takes_no_more(path: Path) -> None:
    code = """
        async def main():
            kept = 0
            try:
                async with await Journal.open(sys.argv[1], target=TARGET) as journal:
                    limit = 300_000
                    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
                    while kept < 10_000:
                        await journal.register([make_item(f"{kept}.mp4")])
                        kept += 1
            except JournalError as error:
                print(error, file=sys.stderr)
            print(kept)
        asyncio.run(main())
    """
    process = _python(code, path, stderr=subprocess.PIPE)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert b"Check its disk and run again; what was recorded is kept" in errors or b"the disk is full" in errors
    kept = int(output)
    assert 10 < kept < 10_000

    async def count() -> int:
        async with await Journal.open(path, target=TARGET) as journal:
            return (await journal.counts())["total"]

    assert asyncio.run(count()) == kept


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)
        Path(name).chmod(0o755)


def test_folders_that_cannot_be_written(open_folder: Path) -> None:
    path = open_folder / "run.sqlite"
    asyncio.run(make_journal(path))
    path.chmod(0o444)
    open_folder.chmod(0o555)
    code = """
        async def main():
            for name in (sys.argv[1], sys.argv[1] + "-new"):
                try:
                    await Journal.open(name, target=TARGET)
                except JournalError as error:
                    print(error)
            async with await Journal.open(sys.argv[1], target=TARGET, read_only=True) as journal:
                print(await journal.counts())
        if os.geteuid() == 0:
            os.setuid(65534)
        asyncio.run(main())
    """
    process = _python(code, path)
    output = process.communicate()[0].decode().splitlines()
    assert [line.count("Choose a folder where this process may create files") for line in output] == [1, 1, 0]
    assert "'total': 1" in output[2]


async def test_a_file_that_cannot_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await make_journal(path)

    def connect(_: JournalFile, options: str = "") -> sqlite3.Connection:
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    monkeypatch.setattr(JournalFile, "_connect", connect)
    with pytest.raises(JournalError, match=r"cannot be opened or written .* Check the permissions"):
        await Journal.open(path, target=TARGET)
    assert not path.with_name("run.sqlite.lock").exists()


async def test_a_file_that_cannot_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await make_journal(path)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(JournalError, match=r"cannot be read .Permission denied."):
        await Journal.open(path, target=TARGET)


async def test_a_folder_where_only_reading_is_possible(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await make_journal(path)
    connect, tried = JournalFile._connect, list[str]()

    def refuse_at_first(file: JournalFile, options: str = "") -> sqlite3.Connection:
        tried.append(options)
        connection = connect(file, options)
        if len(tried) == 1:
            connection.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)
        return connection

    monkeypatch.setattr(JournalFile, "_connect", refuse_at_first)
    monkeypatch.setattr(sqlite3, "OperationalError", sqlite3.DatabaseError)  # what an authorizer makes of it
    async with await Journal.open(path, read_only=True) as journal:
        assert (await journal.counts())["total"] == 1
    assert tried == ["", "&immutable=1"]


async def test_a_log_that_cannot_be_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a log is left, its records count: the journal is not read without them."""
    await make_journal(path)
    path.with_name("run.sqlite-wal").write_bytes(b"")

    def refuse(*_: object) -> str:
        error = sqlite3.OperationalError("unable to open database file")
        error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
        raise error

    monkeypatch.setattr(JournalFile, "_value", refuse)
    with pytest.raises(JournalError, match="cannot be opened or written"):
        await Journal.open(path, read_only=True)


async def test_a_temporary_journal_that_fails() -> None:
    async with await Journal.open(None) as journal:
        await journal._read(lambda file: file.connection.execute("PRAGMA max_page_count = 12"))
        with pytest.raises(JournalError, match="The temporary journal cannot be written: the disk is full") as caught:
            await journal.register([make_item(str(n), metadata={"text": "x" * 1000}) for n in range(100)])
        assert caught.value.path is None


async def test_odd_names(tmp_path: Path) -> None:
    for name in ("a?mode=ro#b%41 c.sqlite", "ünï.sqlite", "b\udcff.sqlite"):
        path = tmp_path / name
        await make_journal(path)
        assert path.stat().st_size
        async with await Journal.open(path, read_only=True) as journal:
            assert (await journal.counts())["total"] == 1


def test_a_journal_that_nobody_closes_does_not_keep_the_process(path: Path) -> None:
    code = """
        async def main():
            global journal
            journal = await Journal.open(sys.argv[1], target=TARGET)
            await journal.register([make_item("a")])
        asyncio.run(main())
    """
    process = _python(code, path)
    process.communicate()
    assert process.returncode == 0
    asyncio.run(make_journal(path))


def _python(code: str, path: Path, **options: int) -> subprocess.Popen[bytes]:
    start = """
        import asyncio, os, resource, sys
        from twelvelabs_async import JournalError
        from twelvelabs_async.ingest.journal import Journal
        from tests.ingest.test_journal import TARGET, listed, make_item, make_outcome
    """
    root = Path(__file__).parents[2]
    process: subprocess.Popen[bytes] = subprocess.Popen(
        [sys.executable, "-c", dedent(start) + dedent(code), str(path)],
        cwd=root,
        stdout=subprocess.PIPE,
        **options,  # type: ignore[call-overload]
    )
    return process


def test_threads_end(path: Path) -> None:
    before = {thread.name for thread in threading.enumerate()}
    asyncio.run(make_journal(path))
    assert {thread.name for thread in threading.enumerate()} <= before
