"""One chunk as a request body: a region of a file, and the MD5 of what was sent."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from twelvelabs_async._request.body import SLICE_BYTES
from twelvelabs_async._request.sources import PathSource, SourceError
from twelvelabs_async.uploads.engine import ChunkBody

if TYPE_CHECKING:
    from pathlib import Path


async def pieces_of(body: ChunkBody) -> list[bytes]:
    payload = body.open()
    assert not isinstance(payload, bytes)
    return [piece async for piece in payload]


async def test_a_region_is_read_in_slices_as_often_as_wanted(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096  # 1 MiB
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    body = ChunkBody(PathSource.of(path), 100, 900_000, "video/mp4")
    for _ in range(2):
        pieces = await pieces_of(body)
        assert b"".join(pieces) == data[100:900_100]
        assert max(map(len, pieces)) == SLICE_BYTES
        assert body.md5 == hashlib.md5(data[100:900_100]).hexdigest()
    assert body.replayable
    assert body.content_length == 900_000
    assert body.content_type == "video/mp4"


async def test_the_md5_is_that_of_the_latest_payload(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"ab" * SLICE_BYTES)
    body = ChunkBody(PathSource.of(path), 0, 2 * SLICE_BYTES, None)
    first = body.open()
    assert not isinstance(first, bytes)
    await anext(first)
    await pieces_of(body)
    await anext(first)  # of a payload that was given up
    assert body.md5 == hashlib.md5(b"ab" * SLICE_BYTES).hexdigest()


async def test_a_file_that_changes_is_remembered_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x" * (SLICE_BYTES + 10))
    body = ChunkBody(PathSource.of(path), 0, SLICE_BYTES + 10, None)
    payload = body.open()
    assert not isinstance(payload, bytes)
    await anext(payload)
    path.write_bytes(b"x")
    with pytest.raises(SourceError) as caught:
        await anext(payload)
    assert body.problem is caught.value
