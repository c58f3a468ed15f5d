"""What an account may have at most: videos that are being indexed, and the size of an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..errors import ApiError, bad
from ..state.terms import terms_for

if TYPE_CHECKING:
    from ..services import Services
    from ..state.store import Document, Transaction

_PROCESSING: Final = ["validating", "pending", "queued", "indexing"]

_RETRY_AFTER: Final = 1
"""Seconds after which a client may try again: nobody knows when a video will be ready."""


def check_quotas(services: Services, tx: Transaction, index: Document, duration: float) -> None:
    """Refuses one more video of an index.

    Raises:
        ApiError: 429, too many videos are being indexed; 400, the index is full.
    """
    quota = services.settings.quota
    tasks = quota("concurrent_tasks")
    videos = tx.count("video", parent=index["_id"])
    failed = tx.count_terms(terms_for("video", index["_id"], "status", "failed"))
    if videos - failed >= quota("index_videos"):
        raise _full(index, f"it has {videos - failed} videos")
    if index["total_duration"] + duration > quota("index_hours") * 3600:
        raise _full(index, f"with this video, it would have more than {quota('index_hours'):g} hours")
    if tx.count_terms(terms_for("video", None, "status", _PROCESSING)) >= tasks:
        message = (
            f"You have exceeded the rate limit ({tasks:g} videos that are indexed at the same time)."
            f" Please try again later after {_RETRY_AFTER} second."
        )
        raise ApiError(429, "too_many_requests", message, headers={"Retry-After": str(_RETRY_AFTER)})


def _full(index: Document, reason: str) -> ApiError:
    return bad("usage_limit_exceeded", f"The index {index['_id']} is full: {reason}.", index_id=index["_id"])
