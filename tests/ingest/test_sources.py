# ruff: noqa: ASYNC240 - small files, and nothing else runs
from __future__ import annotations

import asyncio
import contextvars
import gc
import io
import os
import threading
import tracemalloc
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.eventually import eventually
from twelvelabs_async._request.body import SLICE_BYTES
from twelvelabs_async._request.sources import BytesSource, PathSource, SourceError
from twelvelabs_async.ingest import read_ahead
from twelvelabs_async.ingest.keys import Shard
from twelvelabs_async.ingest.sources import Candidate, expand, items, manifest, open_unchanged, walk
from twelvelabs_async.ingest.values import IngestItem, SourceProblem

URL = "https://x.example/videos/a.mp4"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "films" / "a.mp4"
    path.parent.mkdir()
    path.write_bytes(b"12345")
    os.utime(path, ns=(7, 7))
    return path


async def listed(found: AsyncIterator[IngestItem]) -> list[IngestItem]:
    return [item async for item in found]


async def one(source: Any, **options: Any) -> IngestItem:
    [item] = await listed(items([source], **options))
    return item


def problem(item: IngestItem) -> str:
    assert item.problem is not None
    return f"{item.problem.error}: {item.problem.message}"


def source_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "twelvelabs-sources"]


async def test_a_path(file: Path, tmp_path: Path) -> None:
    item = await one(file, root=tmp_path, metadata={"show": "x"})
    assert item == IngestItem(
        source=file,
        key="films/a.mp4|5|7",
        filename="a.mp4",
        metadata={"show": "x"},
        size=5,
        modified_ns=7,
        place="films/a.mp4",
    )
    assert (await one(str(file))).key == f"{file}|5|7"
    assert (await one(file, root=tmp_path / "elsewhere")).key == f"{file}|5|7"
    assert (await one(("x.mp4", file), root=tmp_path)).filename == "x.mp4"
    assert (await one(("x.mp4", file), root=tmp_path)).key == "films/a.mp4|5|7"


async def test_two_files_of_one_name_are_two(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.mp4").write_bytes(b"x")
        os.utime(tmp_path / folder / "x.mp4", ns=(7, 7))
    found = await listed(items(tmp_path))
    assert {item.key for item in found} == {"a/x.mp4|1|7", "b/x.mp4|1|7"}
    assert {item.filename for item in found} == {"x.mp4"}


async def test_a_url() -> None:
    assert await one(URL) == IngestItem(source=URL, key=URL, filename="a.mp4", place=URL)
    assert (await one(("x.mp4", URL))).filename == "x.mp4"
    assert (await one({"url": URL, "filename": "x.mp4"})).filename == "x.mp4"
    long = f"{URL}?{'x' * 2000}"
    item = await one(long)
    assert item.source == long
    assert len(item.key) == 512


async def test_contents(file: Path) -> None:
    item = await one(("x.mp4", b"123"))
    assert (item.source, item.size, item.filename) == (("x.mp4", b"123"), 3, "x.mp4")
    assert item.key.startswith("x.mp4|3|")
    with file.open("rb") as opened:
        assert (await one(opened)).key == "a.mp4|5|7"
        assert (await one(("x.mp4", opened))).key == "x.mp4|5|7"
    unknown = io.TextIOWrapper(io.BytesIO())
    assert "this file has no default key: pass a path, or a key" in problem(await one(("x", unknown)))
    assert (await one({"source": ("x", unknown), "key": "own"})).key == "own"
    assert (await one(("x", unknown), key=lambda item: f"made of {item.filename}")).key == "made of x"


async def test_items_and_mappings(file: Path) -> None:
    mapping = {"path": str(file), "key": "own", "metadata": {"show": "y"}}
    item = await one(mapping, metadata={"show": "x", "all": 1})
    assert (item.key, item.metadata) == ("own", {"show": "y", "all": 1})
    assert await one(item, metadata={"all": 1}) == item
    assert await one(item, key=lambda _: "other") == item  # a key that was given stays
    bad = IngestItem(source="line 3", key="own", filename="x", problem=SourceProblem(error="E", message="m"))
    assert (await one(bad)).problem == bad.problem
    assert (await one(bad)).key == "own"
    assert (await one(IngestItem(source="a.mp4", key="k", filename="x"))).problem is not None


async def test_keys_of_the_caller(file: Path) -> None:
    assert (await one(file, root=file.parent, key=lambda item: item.key.upper())).key == "A.MP4|5|7"
    wrong: Any = lambda item: 5  # noqa: E731
    assert "the key must be a non-empty string" in problem(await one(file, key=wrong))
    assert "the key must be a non-empty string" in problem(await one(file, key=lambda _: ""))
    assert "the key has 600 characters" in problem(await one({"path": file, "key": "x" * 600}))

    def fails(item: IngestItem) -> str:
        raise RuntimeError("no key today")

    assert problem(await one(file, key=fails)) == f"RuntimeError: {file}: no key today"


async def test_what_cannot_be_a_source(file: Path, tmp_path: Path) -> None:
    empty, pipe, circle = tmp_path / "empty.mp4", tmp_path / "pipe.mp4", tmp_path / "circle.mp4"
    empty.touch()
    os.mkfifo(pipe)
    circle.symlink_to(circle)
    sources: list[Any] = [
        tmp_path / "no.mp4", tmp_path, empty, pipe, circle, "a\0b", "", 5, ("x", "text"), ("", b"x"), b"x", "ftp://x/a",
        {"url": "x"}, file, {"path": str(file), "metadata": {"x": object()}}, 6,
    ]  # fmt: skip
    found = await listed(items(sources, root=tmp_path))
    assert len({item.key for item in found}) == len(found)
    assert [problem(item).split(": ", 2) for item in found if item.problem] == [
        ["FileNotFoundError", f"{tmp_path}/no.mp4", "No such file or directory"],
        ["IsADirectoryError", f"{tmp_path}", "this is a folder; pass the files in it, as walk(folder) gives them"],
        ["ValueError", f"{empty}", "the file is empty (0 bytes)"],
        ["ValueError", f"{pipe}", "this is not a regular file, so its size is unknown"],
        ["OSError", f"{circle}", "Too many levels of symbolic links"],
        ["ValueError", "a\0b", "embedded null byte"],
        ["ValueError", "source 7 (str)", problem(found[6]).split(": ", 2)[2]],
        ["ValueError", "source 8 (int)", problem(found[7]).split(": ", 2)[2]],
        ["ValueError", "source 9 (tuple)", problem(found[8]).split(": ", 2)[2]],
        ["ValueError", "source 10 (tuple)", problem(found[9]).split(": ", 2)[2]],
        ["ValueError", "source 11 (bytes)", problem(found[10]).split(": ", 2)[2]],
        ["ValueError", "source 12 (ftp://x/a)", "ftp://x/a: only http and https URLs, and paths, can be sources"],
        ["ValueError", "source 13 (x)", "url: 'x' is not an HTTP URL"],
        ["ValueError", f"source 15 ({file})", problem(found[14]).split(": ", 2)[2]],
        ["ValueError", "source 16 (int)", problem(found[15]).split(": ", 2)[2]],
    ]
    assert found[0].place == "no.mp4"
    assert found[0].key == "no.mp4|unreadable"
    assert [item.problem is None for item in found].index(True) == 13


async def test_a_file_that_is_not_readable(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert problem(await one(file)) == f"PermissionError: {file}: this file is not readable"


async def test_errors_that_may_pass(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stat(*_: object, **__: object) -> os.stat_result:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", stat)
        item = await one(file)
    assert item.problem == SourceProblem(error="OSError", message=f"{file}: Input/output error", retryable=True)


async def test_names_that_are_not_valid_unicode(tmp_path: Path) -> None:
    for name in (b"a\xff.mp4", b"a\xfe.mp4"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"x")
    found = await listed(items(walk(tmp_path)))
    assert len({item.key for item in found}) == 2
    for item in found:
        item.key.encode()
        assert item.filename == "a_.mp4"


async def test_what_vanishes_after_it_was_listed(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).write_bytes(b"x")

    def vanishing() -> Iterator[Candidate]:
        for candidate in walk(tmp_path):
            assert isinstance(candidate.source, Path)
            if candidate.source.name == "a.mp4":
                candidate.source.unlink()
            yield candidate

    assert [item.filename for item in await listed(items(vanishing()))] == ["b.mp4"]


async def test_a_single_source_and_folders(file: Path) -> None:
    other = file.with_name("b.mov")
    other.write_bytes(b"x")
    assert {item.place for item in await listed(items(str(file.parent)))} == {"a.mp4", "b.mov"}
    assert [item.key for item in await listed(items(file))] == ["a.mp4|5|7"]
    assert [item.key for item in await listed(items(URL))] == [URL]
    paths: list[str | Path] = [file.parent, other, URL, "http://", file.parent / "no.mp4"]
    found = await listed(items(expand(paths, exclude=["*.mov"])))
    assert [item.place for item in found] == ["a.mp4", "b.mov", URL, "http://", "no.mp4"]
    assert [item.problem is None for item in found] == [True, True, True, False, False]


async def test_a_manifest(file: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text('"films/a.mp4"\n5\n"films/no.mp4"\n')
    found = await listed(items(manifest(path)))
    assert [item.key for item in found] == ["films/a.mp4|5|7", f"{path} line 2|unreadable", "films/no.mp4|unreadable"]
    assert [item.place for item in found] == ["films/a.mp4", f"{path} line 2", "films/no.mp4"]
    assert (await listed(items(manifest(path), root=file.parent)))[0].key == "a.mp4|5|7"


async def test_shards() -> None:
    sources: list[Any] = [f"https://x.example/{n}.mp4" for n in range(100)] + [5]
    parts = [await listed(items(sources, shard=f"{number}/4")) for number in range(1, 5)]
    keys = [item.key for part in parts for item in part]
    assert len(keys) == len(set(keys)) == 101
    assert min(map(len, parts)) > 10
    assert await listed(items(sources, shard=Shard(2, 4))) == parts[1]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (float("nan"), "x is not a finite number"),
        ("\ud800", "x is not valid Unicode"),
        (["\ud800"], "x is list; allowed are"),
        (None, ""),
        (True, ""),
        (1.5, ""),
    ],
)
async def test_metadata(value: Any, message: str) -> None:
    item = await one({"url": URL, "metadata": {"x": value}})
    if message:
        assert message in problem(item)
    else:
        assert item.problem is None
        assert item.metadata == ({} if value is None else {"x": value})


async def test_arguments_that_are_wrong() -> None:
    with pytest.raises(ValueError, match="is not a shard"):
        items([], shard="0/8")
    with pytest.raises(ValueError, match="metadata"):
        items([], metadata={"x": object()})
    for wrong in (5, b"x", {"url": URL}, IngestItem(source=URL, key="k", filename="x")):
        with pytest.raises(TypeError, match="an iterable of sources is required"):
            items(wrong)  # type: ignore[arg-type]


async def test_asynchronous_sources(file: Path) -> None:
    async def given() -> AsyncIterator[Any]:
        yield URL
        await asyncio.sleep(0)
        yield file
        yield 5

    found = await listed(items(given(), shard="1/1"))
    assert [item.filename for item in found] == ["a.mp4", "a.mp4", "source 3 (int)"]
    assert await listed(items(given(), shard=Shard(1, 10**9))) == []


async def test_an_iterable_that_blocks_does_not_block_the_loop() -> None:
    released = threading.Event()

    def given() -> Iterator[str]:
        yield "https://x.example/1"
        assert released.wait(60)
        yield "https://x.example/2"

    found = items(given())
    assert (await anext(found)).key.endswith("1")
    second = asyncio.ensure_future(anext(found))
    await asyncio.sleep(0)
    assert not second.done()
    released.set()  # the loop ran on meanwhile
    assert (await second).key.endswith("2")
    with pytest.raises(StopAsyncIteration):
        await anext(found)


async def test_no_more_than_a_number_is_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def given() -> Iterator[str]:
        for n in range(10_000):
            read.append(n)
            yield f"https://x.example/{n}"

    found = items(given())
    await anext(found)
    # What was handed over, what was read ahead since, and the one in hand.
    most = 2 * read_ahead.LIMIT + 1
    await eventually(lambda: len(read) >= read_ahead.LIMIT)
    for _ in range(5):
        await asyncio.sleep(0.001)
        assert len(read) <= most
    assert len(await listed(found)) == 9_999


async def test_a_million_need_no_more_memory_than_a_few() -> None:
    """Of twenty thousand, less than a tenth is held at a time."""

    def given() -> Iterator[str]:
        return (f"https://x.example/{n}.mp4" for n in range(20_000))

    def held() -> int:
        # The interpreter's table of interned names is not ours. It is copied when it is full of names that are gone:
        # a path has a name.
        return sum(
            trace.size
            for trace in tracemalloc.take_snapshot().traces
            if trace.size < 100_000 or "pathlib" not in trace.traceback[0].filename
        )

    asyncio.get_running_loop().set_debug(False)  # what it says about slow steps on a loaded machine takes megabytes
    count = most = 0
    gc.collect()
    tracemalloc.start()
    try:
        async for _ in items(given()):
            count += 1
            if count % 100 == 0:
                most = max(most, held())
        everything = await listed(items(given()))
        assert len(everything) == count == 20_000
        assert 0 < most < held() / 10
    finally:
        tracemalloc.stop()


async def test_leaving_early_ends_the_thread() -> None:
    closed = threading.Event()

    def given() -> Iterator[str]:
        try:
            n = 0
            while True:
                n += 1
                yield f"https://x.example/{n}"
        finally:
            closed.set()

    for shard in (None, Shard(1, 10**9)):  # with the second, no item ever comes
        closed.clear()
        found = items(given(), shard=shard)
        waiting = asyncio.ensure_future(anext(found))
        await asyncio.sleep(0.01)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await found.aclose()
        await eventually(closed.is_set)
        await eventually(lambda: not source_threads())


async def test_errors_of_the_iterable_come_after_the_items_before() -> None:
    def given() -> Iterator[str]:
        yield URL
        raise OSError(5, "the disk is gone")

    found = items(given())
    assert (await anext(found)).key == URL
    with pytest.raises(OSError, match="the disk is gone"):
        await anext(found)
    await eventually(lambda: not source_threads())


async def test_a_key_that_ends_the_thread_is_no_hang() -> None:
    class Odd(Iterable[str]):
        def __iter__(self) -> Iterator[str]:
            raise SystemExit(3)

    reader: read_ahead.ReadAhead[Any] = read_ahead.ReadAhead(Odd(), lambda given: given)
    await eventually(lambda: not source_threads())
    with pytest.raises(SystemExit):
        await reader.next()


def test_a_loop_that_is_gone_harms_nobody() -> None:
    held = threading.Event()

    def given() -> Iterator[str]:
        held.wait()
        yield URL

    loop = asyncio.new_event_loop()

    async def waits() -> None:
        reader = read_ahead.ReadAhead(given(), lambda given: given)
        task = asyncio.ensure_future(reader.next())
        await asyncio.sleep(0)
        task.cancel()

    loop.run_until_complete(waits())
    loop.close()
    threads = source_threads()
    held.set()
    for thread in threads:
        thread.join()


async def test_the_context_of_the_caller() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="none")
    variable.set("mine")
    assert (await one(URL, key=lambda _: variable.get())).key == "mine"


async def test_a_file_that_changes_before_its_upload(file: Path) -> None:
    item = await one(file)
    assert open_unchanged(item) is not None
    os.utime(file, ns=(8, 8))
    with pytest.raises(SourceError, match="has changed since it was found; run again"):
        open_unchanged(item)
    await asyncio.to_thread(file.unlink)
    with pytest.raises(FileNotFoundError):
        open_unchanged(item)
    assert open_unchanged(await one(URL)) is None


async def test_a_small_file_is_read_when_it_is_opened_and_a_large_one_later(tmp_path: Path) -> None:
    for size, is_read in ((1, True), (SLICE_BYTES, True), (SLICE_BYTES + 1, False)):
        path = tmp_path / f"{size}.mov"
        path.write_bytes(os.urandom(size))
        content = path.read_bytes()
        file = open_unchanged(await one(("other name.mp4", path)))
        assert file is not None
        assert (file.name, file.content_type) == ("other name.mp4", "video/mp4")
        assert isinstance(file.source, BytesSource if is_read else PathSource)
        assert file.source.read(0, size) == content
        os.utime(path, ns=(8, 8))
        if is_read:
            assert file.source.read(0, size) == content
        else:
            with pytest.raises(SourceError, match="changed while it was being sent"):
                file.source.read(0, size)


async def test_a_file_that_changes_while_it_is_opened(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    item = await one(file)
    original = PathSource.read_into

    def change_first(self: PathSource, offset: int, buffer: memoryview) -> None:
        file.write_bytes(b"54321")
        original(self, offset, buffer)

    monkeypatch.setattr(PathSource, "read_into", change_first)
    with pytest.raises(SourceError, match="changed while it was being sent"):
        open_unchanged(item)
