"""Which chunks the platform has, as it says page by page."""

from __future__ import annotations

from typing import Any

import pytest

from twelvelabs_async._generated.models.common import PageInfo
from twelvelabs_async._generated.models.multipart_uploads import ChunkInfo, GetUploadStatusResponse
from twelvelabs_async.errors import (
    APIStatusError,
    BadRequestError,
    ForbiddenError,
    GoneError,
    InternalServerError,
    NotFoundError,
)
from twelvelabs_async.uploads.stored import StoredChunks, find_stored


class Pages:
    """Lists some chunks, so many on a page."""

    def __init__(self, total: int, completed: set[int], size: int = 50, **members: Any) -> None:
        self.chunks = [
            ChunkInfo(index=at, status="completed" if at in completed else "pending") for at in range(1, total + 1)
        ]
        self.size = size
        self.members = {"status": "active", "total_size": 10 * total, **members}
        self.fetched: list[int] = []

    async def __call__(self, page: int) -> GetUploadStatusResponse:
        self.fetched.append(page)
        chunks = self.chunks[(page - 1) * self.size : page * self.size]
        return GetUploadStatusResponse(uploaded_chunks=chunks, page_info=PageInfo(), **self.members)


@pytest.mark.parametrize(("size", "pages"), [(50, 4), (10, 16), (150, 2)])
async def test_every_page_is_read(size: int, pages: int) -> None:
    completed = set(range(2, 150, 3)) | {150}
    listed = Pages(150, completed, size)
    assert await find_stored(listed) == StoredChunks(frozenset(completed), False, 1500)
    assert listed.fetched == list(range(1, pages + 1))


@pytest.mark.parametrize(("completed", "pages"), [(set(), 1), ({1, 50}, 1), ({1, 51}, 2), ({149}, 3)])
async def test_no_page_is_read_without_need(completed: set[int], pages: int) -> None:
    listed = Pages(150, completed, chunks_completed=len(completed))
    stored = await find_stored(listed)
    assert stored is not None
    assert stored.completed == completed
    assert listed.fetched == list(range(1, pages + 1))


async def test_a_platform_that_ignores_the_number_of_the_page() -> None:
    listed = Pages(150, {1, 2}, chunks_completed=5)

    async def first(_: int) -> GetUploadStatusResponse:
        return await listed(1)

    stored = await find_stored(first)
    assert stored is not None
    assert stored.completed == {1, 2}
    assert listed.fetched == [1, 1]


async def test_a_file_that_is_complete() -> None:
    listed = Pages(150, set(), status="completed")
    assert await find_stored(listed) == StoredChunks(frozenset(), True, 1500)
    assert listed.fetched == [1]


@pytest.mark.parametrize("status", ["expired", "failed"])
async def test_a_session_that_has_ended(status: str) -> None:
    assert await find_stored(Pages(150, {1}, status=status)) is None


@pytest.mark.parametrize("status", [None, "melted"])
async def test_a_status_that_is_not_known(status: str | None) -> None:
    with pytest.raises(ValueError, match=f"its status is {status!r}"):
        await find_stored(Pages(150, {1}, status=status))


@pytest.mark.parametrize("index", [None, 0, -1, 10_001, True])
async def test_a_chunk_that_cannot_be(index: Any) -> None:
    listed = Pages(3, {1})
    listed.chunks[1] = ChunkInfo(index=index, status="completed")
    with pytest.raises(ValueError, match=f"lists a chunk {index!r}"):
        await find_stored(listed)


@pytest.mark.parametrize(
    ("error", "gone"),
    [
        (NotFoundError("no", status=404), True),
        (GoneError("no", status=410), True),
        (BadRequestError("no", status=400, code="resource_not_exist"), True),
        (BadRequestError("no", status=400, code="upload_expired"), True),
        (BadRequestError("no", status=400, code="parameter_invalid"), False),
        (ForbiddenError("no", status=403), False),
        (InternalServerError("no", status=500), False),
    ],
)
async def test_errors(error: APIStatusError, gone: bool) -> None:
    async def fetch(_: int) -> GetUploadStatusResponse:
        raise error

    if gone:
        assert await find_stored(fetch) is None
    else:
        with pytest.raises(type(error)):
            await find_stored(fetch)
