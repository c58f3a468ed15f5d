"""Streams as files: what can be read only once, with a size and without."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.eventually import eventually
from twelvelabs_async import FileStream
from twelvelabs_async._request.files import load_file, prepare_file, with_stream_options
from twelvelabs_async._request.form import FormBody, FormField
from twelvelabs_async._request.sources import SourceError
from twelvelabs_async._request.streams import SpooledSource, StreamSource
from twelvelabs_async._request.threads import in_daemon_thread, in_thread

if TYPE_CHECKING:
    from pathlib import Path


def assert_empty(folder: Path) -> None:
    """No file was left in it."""
    assert list(folder.iterdir()) == []


class Pieces:
    """An asynchronous iterable that remembers whether it was closed."""

    def __init__(self, *pieces: Any, error: Exception | None = None) -> None:
        self.pieces = pieces
        self.error = error
        self.closed = 0

    def __aiter__(self) -> Pieces:
        self.left = iter(self.pieces)
        return self

    async def __anext__(self) -> Any:
        for piece in self.left:
            return piece
        if self.error is not None:
            raise self.error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        self.closed += 1


def sized(pieces: Any, size: int) -> StreamSource:
    source = prepare_file("file", FileStream(pieces, size=size)).source
    assert isinstance(source, StreamSource)
    return source


@given(st.lists(st.binary(max_size=20)), st.lists(st.integers(1, 30)), st.booleans())
def test_any_pieces_are_read_in_any_lengths(pieces: list[bytes], lengths: list[int], views: bool) -> None:
    data = b"".join(pieces)
    given_pieces = [memoryview(piece) if views else piece for piece in pieces]

    async def read() -> None:
        source = sized(Pieces(*given_pieces), max(len(data), 1))
        at = 0
        for length in lengths:
            if at + length > len(data):
                with pytest.raises(SourceError, match=f"ended at byte {len(data):,}"):
                    await source.read_next(length)
                return
            assert await source.read_next(length) == data[at : at + length]
            at += length
            assert source.position == at
        if at == len(data):
            await source.finish()
        else:
            with pytest.raises(SourceError, match="has more than"):
                await source.finish()

    asyncio.run(read())


@pytest.mark.parametrize(
    ("pieces", "problem"),
    [
        (Pieces("text"), "returned str, but bytes are required"),
        (Pieces(b"a", None), "returned NoneType, but bytes are required"),
        (Pieces(b"a", 5), "returned int, but bytes are required"),
        (Pieces(b"a", error=LookupError("mine")), "raised LookupError: mine"),
        (Pieces(b"a"), "ended at byte 1, but its size was given as 10"),
    ],
)
async def test_a_stream_with_a_size_that_fails(pieces: Pieces, problem: str) -> None:
    source = sized(pieces, 10)
    with pytest.raises(SourceError, match=problem):
        await source.read_next(10)
    await source.aclose()
    assert pieces.closed == 1


async def test_an_iterable_that_never_waits_leaves_the_loop_free() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(count())
    source = sized(Pieces(*[b"", b"x"] * 1000), 1000)
    assert await source.read_next(1000) == b"x" * 1000
    task.cancel()
    assert turns > 50


async def test_an_error_while_it_is_closed_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def generate() -> AsyncIterator[bytes]:
        try:
            yield b"abc"
        finally:
            raise LookupError("mine")

    source = sized(generate(), 3)
    await source.read_next(3)
    await source.aclose()
    assert "closing a stream that was sent raised an exception" in caplog.text


class Reader:
    """An asynchronous reader, like aiohttp's `request.content`. To iterate over it would give lines."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    async def read(self, n: int = -1) -> bytes:
        assert n > 0
        return self._file.read(min(n, 1000))

    def __aiter__(self) -> Reader:
        raise AssertionError("these would be lines")


class Part:
    """A part of a form, like aiohttp's `BodyPartReader`: `read` reads all of it."""

    filename = "part.mp4"

    def __init__(self, data: bytes, **headers: str) -> None:
        self.headers = {"Content-Type": "video/mp4", **{name.replace("_", "-"): text for name, text in headers.items()}}
        self._file = io.BytesIO(data)

    async def read(self, *, decode: bool = False) -> bytes:
        raise AssertionError("all at once")

    async def read_chunk(self, size: int = 8192) -> bytes:
        return self._file.read(min(size, 1000))


class Once(io.RawIOBase):
    """A file object that is not seekable, such as a pipe."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)
        self.threads: set[int] = set()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.threads.add(threading.get_ident())
        return self._file.readinto(memoryview(buffer)[:1000])


def async_generator(data: bytes) -> AsyncIterator[bytes]:
    async def generate() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 777):
            yield data[at : at + 777]

    return generate()


MAKERS: list[Callable[[bytes], Any]] = [Pieces, Reader, Part, Once, async_generator]
DATA = os.urandom(100_000)


@pytest.mark.parametrize("make", MAKERS)
async def test_every_kind_with_a_size(make: Callable[[bytes], Any]) -> None:
    file = await load_file("file", FileStream(make(DATA), size=len(DATA)))
    assert isinstance(file.source, StreamSource)
    assert file.source.size == len(DATA)
    assert not file.source.replayable
    assert await file.source.read_next(60_000) == DATA[:60_000]
    assert await file.source.read_next(40_000) == DATA[60_000:]
    await file.source.finish()
    await file.aclose()


@pytest.mark.parametrize("make", MAKERS)
async def test_every_kind_without_a_size(make: Callable[[bytes], Any], tmp_path: Path) -> None:
    given_stream = make(DATA)
    file = await load_file("file", FileStream(given_stream, spool_dir=tmp_path))
    assert isinstance(file.source, SpooledSource)
    assert (file.source.size, file.source.replayable) == (len(DATA), True)
    assert file.source.read(50, 100) == DATA[50:150]
    assert file.source.read(0, len(DATA)) == DATA
    assert_empty(tmp_path)
    await file.aclose()
    assert file.source.file.closed
    if isinstance(given_stream, Once):
        assert threading.get_ident() not in given_stream.threads


async def test_names_and_media_types() -> None:
    for value, name, kind in (
        (Part(b"x"), "part.mp4", "video/mp4"),
        (("mine.webm", Part(b"x"), None), "mine.webm", "video/mp4"),
        (("mine.webm", Reader(b"x"), "a/b"), "mine.webm", "a/b"),
        (Reader(b"x"), "file", "application/octet-stream"),
        (("mine.webm", FileStream(Pieces(b"x"))), "mine.webm", "video/webm"),
    ):
        file = await load_file("file", value)
        assert (file.name, file.content_type) == (name, kind)
        await file.aclose()


@pytest.mark.parametrize("header", ["Content_Encoding", "Content_Transfer_Encoding"])
def test_a_part_that_is_encoded(header: str) -> None:
    with pytest.raises(ValueError, match=r"file: this part is encoded \(Content-.*: gzip\); decode it"):
        prepare_file("file", Part(b"x", **{header: "gzip"}))
    prepare_file("file", Part(b"x", **{header: "Binary"}))


@pytest.mark.parametrize(
    ("pieces", "error", "problem"),
    [
        (Pieces(), ValueError, r"file: the stream is empty \(0 bytes\)"),
        (Pieces(b"", b""), ValueError, r"file: the stream is empty \(0 bytes\)"),
        (Pieces(b"x" * 3000, "text"), ValueError, "file: the stream returned str, but bytes are required"),
        (Pieces(b"x" * 3000, error=LookupError("mine")), LookupError, "mine"),
        (Pieces(*[b"x" * 1000] * 6), ValueError, "file: the stream has more than 5,000 bytes.*raise max_spool_bytes"),
    ],
)
async def test_a_stream_without_a_size_that_fails(
    tmp_path: Path, pieces: Pieces, error: type[Exception], problem: str
) -> None:
    with pytest.raises(error, match=problem):
        await load_file("file", FileStream(pieces, spool_dir=tmp_path, max_spool_bytes=5000))
    assert pieces.closed == 1
    assert_empty(tmp_path)


async def test_as_many_bytes_as_are_allowed(tmp_path: Path) -> None:
    file = await load_file("file", FileStream(Pieces(*[b"x" * 1000] * 5), spool_dir=tmp_path, max_spool_bytes=5000))
    await file.aclose()
    with pytest.raises(FileNotFoundError):
        await load_file("file", FileStream(Pieces(b"x"), spool_dir=tmp_path / "missing"))


async def test_more_than_is_written_at_once() -> None:
    data = os.urandom(3_000_000)
    file = await load_file("file", Pieces(*(data[at : at + 300_000] for at in range(0, len(data), 300_000))))
    assert isinstance(file.source, SpooledSource)
    assert file.source.read(0, len(data)) == data
    await file.aclose()


async def test_a_stream_that_blocks_is_cancelled(tmp_path: Path) -> None:
    closed, waiting = asyncio.Event(), asyncio.Event()

    async def stuck() -> AsyncIterator[bytes]:
        try:
            yield b"x"
            waiting.set()
            await asyncio.Event().wait()
        finally:
            closed.set()

    task = asyncio.create_task(load_file("file", FileStream(stuck(), spool_dir=tmp_path)))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed.is_set()


async def test_a_pipe_that_blocks_is_cancelled() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "wb") as other:
        other.write(b"x")
        other.flush()
        task = asyncio.create_task(load_file("file", pipe))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        other.close()  # its thread ends


async def test_a_pipe_in_non_blocking_mode() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with (
        os.fdopen(reading, "rb", buffering=0) as pipe,
        os.fdopen(writing, "wb"),
        pytest.raises(ValueError, match="file: the file object is in non-blocking mode"),
    ):
        await load_file("file", pipe)


@pytest.mark.parametrize("options", [{"size": 0}, {"size": -1}, {"size": "5"}, {"size": True}, {"max_spool_bytes": 0}])
def test_options_that_are_invalid(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be a number of bytes above 0"):
        FileStream(Pieces(b"x"), **options)


def test_a_size_beside_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"12345")
    assert prepare_file("f", with_stream_options(path, 5, None, None)).source.size == 5
    for value in (path, b"12345", io.BytesIO(b"12345")):
        with pytest.raises(ValueError, match="f: its size was given as 6 bytes, but it has 5"):
            prepare_file("f", with_stream_options(value, 6, None, None))
    assert with_stream_options(path, None, None, None) is path
    with pytest.raises(ValueError, match="bytes are required"):
        prepare_file("f", with_stream_options(("a.mp4", "text"), 4, None, None))
    stream = FileStream(Pieces(b"x"), size=4)
    assert with_stream_options(("a.mp4", stream, "a/b"), None, "d", 7) == (
        "a.mp4",
        FileStream(stream.content, size=4, spool_dir="d", max_spool_bytes=7),
        "a/b",
    )
    assert "Pieces" in repr(stream)


async def collect(body: FormBody) -> bytes:
    payload = body.open()
    assert not isinstance(payload, bytes)
    return b"".join([piece async for piece in payload])


async def test_a_form_with_a_stream_is_sent_once() -> None:
    source = sized(Pieces(DATA), len(DATA))
    body = FormBody([FormField("file", source, "a.mp4")])
    assert not body.replayable
    body.open()  # an attempt that sent nothing
    sent = await collect(body)
    assert len(sent) == body.content_length
    assert DATA in sent
    with pytest.raises(SourceError, match="can be read only once"):
        await collect(body)
    assert "DATA" not in repr(source)


async def test_a_form_with_a_stream_that_is_too_long() -> None:
    with pytest.raises(SourceError, match="has more than the 3 bytes"):
        await collect(FormBody([FormField("file", sized(Pieces(b"abcd"), 3), "a.mp4")]))


async def test_a_size_that_is_not_known() -> None:
    with pytest.raises(SourceError, match="size of the stream is not known"):
        _ = StreamSource(Pieces(b"x")).size


async def test_a_cancellation_waits_for_the_thread() -> None:
    go, begun, ended = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        go.wait(60)
        ended.append(True)
        raise LookupError

    task = asyncio.create_task(in_thread(work))
    await eventually(begun.is_set)
    for _ in range(2):
        task.cancel()
        await asyncio.sleep(0.01)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


async def test_errors_of_a_daemon_thread() -> None:
    with pytest.raises(ZeroDivisionError):
        await in_daemon_thread(lambda: 1 // 0)
    with pytest.raises(RuntimeError):
        await in_daemon_thread(next, iter(()))


async def test_every_reader_is_told_of_the_first_problem() -> None:
    """Several workers read one stream: what the others find afterwards is a consequence."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"abc"
        raise LookupError("mine")

    for pieces, problem in ((broken(), "raised LookupError: mine"), (Pieces(b"abc"), "ended at byte 3")):
        source = sized(pieces, 100)
        for _ in range(2):
            with pytest.raises(SourceError, match=problem):
                await source.read_next(10)
    source = sized(Pieces(b"abcdef"), 3)
    assert await source.read_next(3) == b"abc"
    with pytest.raises(SourceError, match="more than the 3 bytes"):
        await source.finish()
    with pytest.raises(SourceError, match="more than the 3 bytes"):
        await source.read_next(1)
