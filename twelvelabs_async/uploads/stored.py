"""Which chunks of an upload the platform has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._safe_repr import SafeRepr
from ..errors import APIStatusError
from .session import MAX_CHUNKS

if TYPE_CHECKING:
    from .api import StatusPage

PAGE_LIMIT: Final = 50
"""Chunks on one page: the platform's maximum."""

FetchPage = Callable[[int], Awaitable["StatusPage"]]
"""Fetches one page of the state of a session, counted from 1."""

_GONE: Final = frozenset({"resource_not_exist", "not_found", "upload_not_found", "upload_expired"})


@attrs.frozen
class StoredChunks(SafeRepr):
    """What the platform says about a session that can be resumed.

    Attributes:
        completed: Numbers of the chunks that it has.
        is_complete: Whether it has put the file together.
        total_size: Size of the file that it expects; None if it did not say.
    """

    completed: frozenset[int]
    is_complete: bool
    total_size: int | None


async def find_stored(fetch: FetchPage) -> StoredChunks | None:
    """Ask the platform which chunks it has; None if the session is gone, has expired or failed.

    Raises:
        ValueError: The response cannot be used; the message is the end of a sentence.
        TwelveLabsError: The platform could not be asked.
    """
    try:
        page = await fetch(1)
    except APIStatusError as error:
        if is_gone(error):
            return None
        raise
    status = page.status
    if status in {"failed", "expired"}:
        return None
    if status not in {"active", "completed"}:
        raise ValueError(f"the platform says that its status is {status!r:.40}")
    total = page.total_size
    completed: set[int] = set()
    seen: set[int] = set()
    number = 1
    while status == "active" and _add(page, seen, completed):
        if page.chunks_completed is not None and len(completed) >= page.chunks_completed:
            break
        number += 1
        page = await fetch(number)
    return StoredChunks(frozenset(completed), status == "completed", total)


def is_gone(error: APIStatusError) -> bool:
    """Whether an error says that a session does not exist (any more)."""
    return error.status in {404, 410} or (error.status == 400 and error.code in _GONE)


def _add(page: StatusPage, seen: set[int], completed: set[int]) -> bool:
    """Add the chunks of a page; whether it had one that no earlier page had, so that the pages end."""
    before = len(seen)
    for chunk in page.uploaded_chunks:
        index: Any = chunk.index
        if type(index) is not int or not 1 <= index <= MAX_CHUNKS:
            raise ValueError(f"the platform lists a chunk {index!r:.40}")
        seen.add(index)
        if chunk.status == "completed":
            completed.add(index)
    return len(seen) > before
