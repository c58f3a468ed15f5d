"""One chunk as a request body: a region of a file, and the MD5 of what was sent."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from twelvelabs_async._request.sources import PathSource, SourceError
from twelvelabs_async.uploads.buffers import BufferPool
from twelvelabs_async.uploads.engine import CHUNK_SLICE_BYTES, ChunkBody


async def pieces_of(body: ChunkBody) -> list[memoryview]:
    payload = body.open()
    return [piece async for piece in payload]


async def test_a_region_is_read_in_slices_as_often_as_wanted(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096  # 1 MiB
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    body = ChunkBody(PathSource.of(path), 100, 900_000, "video/mp4")
    for _ in range(2):
        pieces = await pieces_of(body)
        assert b"".join(pieces) == data[100:900_100]
        assert max(map(len, pieces)) == CHUNK_SLICE_BYTES
        assert body.md5 == hashlib.md5(data[100:900_100]).hexdigest()
    assert body.replayable
    assert body.content_length == 900_000
    assert body.content_type == "video/mp4"


async def test_the_md5_is_that_of_the_latest_payload(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"ab" * CHUNK_SLICE_BYTES)
    body = ChunkBody(PathSource.of(path), 0, 2 * CHUNK_SLICE_BYTES, None)
    first = body.open()
    await anext(first)
    await pieces_of(body)
    await anext(first)  # of a payload that was given up
    assert body.md5 == hashlib.md5(b"ab" * CHUNK_SLICE_BYTES).hexdigest()


async def test_a_file_that_changes_is_remembered_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x" * (CHUNK_SLICE_BYTES + 10))
    body = ChunkBody(PathSource.of(path), 0, CHUNK_SLICE_BYTES + 10, None)
    payload = body.open()
    await anext(payload)
    path.write_bytes(b"x")
    with pytest.raises(SourceError) as caught:
        await anext(payload)
    assert body.problem is caught.value


def test_a_buffer_is_used_again_when_nobody_looks_at_it() -> None:
    pool = BufferPool(10)
    first = pool.take()
    part = first[2:5]
    second = pool.take()
    first[:], second[:] = b"a" * 10, b"b" * 10
    first.release()
    third = pool.take()
    third[:] = b"c" * 10
    assert bytes(part) == b"aaa"  # a view of a part is enough
    part.release()
    fourth = pool.take()
    assert len(fourth) == 10
    assert bytes(fourth[:9]) == b"a" * 9
    assert bytes(second) == b"b" * 10


async def test_a_long_chunk_needs_few_buffers(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"ab" * 10 * CHUNK_SLICE_BYTES)
    pool = BufferPool(CHUNK_SLICE_BYTES)
    kept = None
    with ThreadPoolExecutor(1) as threads:  # one that has done its work, and did not run since, keeps a buffer
        body = ChunkBody(PathSource.of(path), 0, 20 * CHUNK_SLICE_BYTES, None, buffers=pool, threads=threads)
        async for piece in body.open():
            assert bytes(piece) == b"ab" * (CHUNK_SLICE_BYTES // 2)
            kept = piece  # as aiohttp does, until it has the next one
    assert len(kept or b"") == CHUNK_SLICE_BYTES
    assert len(pool._buffers) <= 3


async def test_slices_are_read_in_the_threads_that_were_given(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"ab" * CHUNK_SLICE_BYTES)
    most = now = 0
    changes = threading.Lock()

    class Source(PathSource):
        def read_into(self, offset: int, buffer: memoryview) -> None:
            nonlocal most, now
            with changes:
                now += 1
                most = max(most, now)
            time.sleep(0.01)  # others would begin meanwhile
            super().read_into(offset, buffer)
            with changes:
                now -= 1

    with ThreadPoolExecutor(2) as threads:
        bodies = [ChunkBody(Source.of(path), 0, 2 * CHUNK_SLICE_BYTES, None, threads=threads) for _ in range(6)]
        pieces = await asyncio.gather(*map(pieces_of, bodies))
    assert all(b"".join(of_one) == b"ab" * CHUNK_SLICE_BYTES for of_one in pieces)
    assert most <= 2


async def test_a_chunk_without_a_checksum(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"abc")
    body = ChunkBody(PathSource.of(path), 0, 3, None, checksum=False)
    assert b"".join(await pieces_of(body)) == b"abc"
    assert body.md5 == hashlib.md5(b"").hexdigest()


@pytest.mark.parametrize("vectored", [True, False])
def test_reads_of_the_system_that_fall_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, vectored: bool
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"0123456789")
    source = PathSource.of(path)

    if vectored:
        whole = os.preadv
        monkeypatch.setattr(os, "preadv", lambda descriptor, buffers, at: whole(descriptor, [buffers[0][:3]], at))
    else:  # Windows has no such call
        read = os.read
        monkeypatch.delattr(os, "preadv")
        monkeypatch.setattr(os, "read", lambda descriptor, length: read(descriptor, min(length, 3)))
    buffer = bytearray(8)
    source.read_into(1, memoryview(buffer))
    assert buffer == b"12345678"
    with pytest.raises(SourceError, match="2 bytes early, at byte 10"):
        source.read_into(4, memoryview(buffer))
