"""The plan of an upload: regions, URLs, reports."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async.uploads.plan import (
    MAX_REPORTED_CHUNKS,
    MAX_URLS_PER_CALL,
    ChunkUrl,
    Layout,
    PresignedUrlPool,
    Reports,
    SentChunk,
    media_type,
)

SIZES = st.integers(1, 20 * 1024**3)


@given(SIZES, SIZES, st.data())
def test_a_region_follows_the_one_before(total: int, chunk: int, data: st.DataObject) -> None:
    layout = Layout(total, chunk)
    assert layout.total_chunks == math.ceil(total / chunk) or total > 2**53
    index = data.draw(st.integers(1, layout.total_chunks))
    offset, length = layout.region(index)
    assert offset == (index - 1) * chunk
    if index < layout.total_chunks:
        assert length == chunk
        assert layout.region(index + 1)[0] == offset + length
    else:
        assert 0 < length <= chunk
        assert offset + length == total


@given(st.integers(1, 2000), st.integers(1, 100))
def test_regions_cover_the_file(total: int, chunk: int) -> None:
    layout = Layout(total, chunk)
    regions = [layout.region(index) for index in range(1, layout.total_chunks + 1)]
    assert b"".join(bytes(total)[offset : offset + length] for offset, length in regions) == bytes(total)


@pytest.mark.parametrize("index", [0, -1, 4])
def test_a_chunk_that_does_not_exist(index: int) -> None:
    with pytest.raises(ValueError, match="1 to 3"):
        Layout(30, 10).region(index)


@pytest.mark.parametrize(("total", "chunk"), [(0, 1), (1, 0), (-1, 5)])
def test_an_impossible_layout(total: int, chunk: int) -> None:
    with pytest.raises(ValueError, match="> 0"):
        Layout(total, chunk)


@given(st.integers(1, 200), st.integers(0, 200), st.lists(st.floats(0.5, 30), max_size=200))
def test_every_chunk_is_handed_out_once_with_a_good_url(total: int, first: int, steps: list[float]) -> None:
    board = PresignedUrlPool(Layout(total, 1))
    now = 0.0
    ends: dict[str, float] = {}

    def issue(start: int, count: int) -> None:
        urls = [ChunkUrl(index, f"{index}@{now}", 20.0) for index in range(start, start + count)]
        ends.update({url.url: now + 20 for url in urls})
        board.add(urls, now)

    issue(1, first)
    taken: list[int] = []
    pace = iter(steps)
    while board.waiting:
        if (item := board.take(now)) is None:
            needed = board.needed()
            assert needed is not None
            start, count = needed
            assert 1 <= count <= MAX_URLS_PER_CALL
            assert start + count - 1 <= total
            issue(start, count)
            continue
        index, url = item
        assert url.startswith(f"{index}@")
        assert now < ends[url]
        taken.append(index)
        now += next(pace, 1.0)
    assert sorted(taken) == list(range(1, total + 1))
    assert board.take(now) is None
    assert board.needed() is None


def test_urls_of_begun_and_unknown_chunks_are_ignored() -> None:
    board = PresignedUrlPool(Layout(2, 1))
    board.add([ChunkUrl(1, "a"), ChunkUrl(3, "c"), ChunkUrl(0, "z")], 0)
    assert board.take(0) == (1, "a")
    board.add([ChunkUrl(1, "again")], 0)
    assert board.take(0) is None
    assert board.needed() == (2, 1)


@pytest.mark.parametrize("lifetime", [None, 0.0, -7200.0, 0.5])
def test_a_url_that_seems_dead_on_arrival_is_used(lifetime: float | None) -> None:
    board = PresignedUrlPool(Layout(1, 1))
    board.add([ChunkUrl(1, "a", lifetime)], 100.0)
    assert board.take(1e9) == (1, "a")


@given(st.integers(1, 300), st.integers(-5, 80))
def test_reports_hold_every_chunk_once(total: int, batch_size: int) -> None:
    reports = Reports(total, batch_size)
    sizes: list[int] = []
    for index in range(total, 0, -1):
        reports.add(SentChunk(index, "etag", 1))
        while batch := reports.take():
            sizes.append(len(batch))
            reports.accept(batch)
    limit = min(max(batch_size, 1), MAX_REPORTED_CHUNKS)
    assert sum(sizes) == total
    assert all(size == limit for size in sizes[:-1])
    assert 0 < sizes[-1] <= limit
    assert reports.sent == total
    assert sorted(reports.accepted) == list(range(1, total + 1))


def test_what_is_not_reported_includes_reports_on_their_way() -> None:
    reports = Reports(200, 2)
    chunks = [SentChunk(index, "etag", 1) for index in range(1, 121)]
    for chunk in chunks:
        reports.add(chunk)
    assert reports.take() == chunks[:2]
    accepted = reports.take()
    reports.accept(accepted)
    assert accepted == chunks[2:4]
    left = chunks[:2] + chunks[4:]
    assert reports.unreported() == [left[:50], left[50:100], left[100:]]
    for batch in reports.unreported():
        reports.accept(batch)
    assert reports.unreported() == []
    assert sorted(reports.accepted) == list(range(1, 121))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.mp4", "video"),
        ("A.MKV", "video"),
        ("x.tar.mp3", "audio"),
        ("still.JPEG", "image"),
        ("scan.pdf", None),
        ("noname", None),
        (".mp4", None),
    ],
)
def test_the_type_follows_the_name(name: str, kind: str | None) -> None:
    assert media_type(name) == kind
