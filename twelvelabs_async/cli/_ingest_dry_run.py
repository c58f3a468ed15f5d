"""`ingest --dry-run`: what would be sent, and how long that takes. Nothing is sent."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._media.lengths import length
from .._request.sources import PathSource, SourceError
from .._safe_repr import SafeRepr
from ..ingest import Journal
from ._ingest_view import clock
from ._output import one_line, print_error, print_json, write
from ._setup import journal_errors

if TYPE_CHECKING:
    from ..ingest import IngestItem
    from ._ingest_plan import IngestPlan

UPLOADS_PER_MINUTE: Final = 60
"""The limit of the Developer plan."""

MAX_PROCESSING: Final = 25
"""Videos that the Developer plan indexes at a time."""

INDEXING_SHARE: Final = 0.4
"""How long the platform needs to index a video, as a share of its length: an estimate."""


@attrs.define
class Tally(SafeRepr):
    """What would be sent.

    Attributes:
        files: Files.
        urls: URLs, whose size and length are not known.
        size: Bytes of the files.
        seconds: Length of the files whose header states it.
        without_length: Files whose header does not state it.
        done: Sources that are done, by the journal.
        failed_before: Sources that have failed for good, by the journal, and are not tried again.
        unusable: Sources that cannot be sent.
        digests: Digests of the keys.
    """

    files: int = 0
    urls: int = 0
    seconds: float = 0.0
    without_length: int = 0
    done: int = 0
    failed_before: int = 0
    unusable: int = 0
    size: int = 0
    digests: set[bytes] = attrs.field(factory=set, repr=False)

    def is_new(self, key: str) -> bool:
        """Whether no source with this key has come before."""
        digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
        if digest in self.digests:
            return False
        self.digests.add(digest)
        return True

    def measure(self, path: Path) -> None:
        """Add the length of a file. Blocks."""
        try:
            found = length(PathSource.of(path))
        except (OSError, SourceError):
            found = None
        if found is None:
            self.without_length += 1
        else:
            self.seconds += found


async def dry_run(plan: IngestPlan, *, as_json: bool) -> int:
    """Say what would be sent; the exit code, which is 0."""
    tally = Tally()
    async with AsyncExitStack() as stack:
        journal = None
        if plan.journal is not None and await asyncio.to_thread(Path(plan.journal).exists):
            with journal_errors():
                journal = await stack.enter_async_context(await Journal.open(plan.journal, read_only=True))
        async for item in await stack.enter_async_context(aclosing(plan.items())):
            if tally.is_new(item.key):
                await _count(tally, item, plan, journal)
    sources, limit = tally.files + tally.urls, plan.requests_per_minute or UPLOADS_PER_MINUTE
    at_once = plan.max_processing or MAX_PROCESSING
    estimate = max(sources / limit * 60, tally.seconds * INDEXING_SHARE / at_once)
    found = {
        "files": tally.files,
        "urls": tally.urls,
        "bytes": tally.size,
        "hours": round(tally.seconds / 3600, 4),
        "files_without_length": tally.without_length,
        "done": tally.done,
        "failed_before": tally.failed_before,
        "unusable": tally.unusable,
        "estimated_seconds": round(estimate, 1),
        "uploads_per_minute": limit,
        "max_processing": at_once,
    }
    if as_json:
        print_json({"event": "dry_run", **found})
    else:
        _print(found)
    return 0


async def _count(tally: Tally, item: IngestItem, plan: IngestPlan, journal: Journal | None) -> None:
    record = None if journal is None else await journal.get(item.key)
    if item.problem is not None:
        tally.unusable += 1
        print_error(f"Cannot be sent: {one_line(item.problem.message)}")
    elif record is not None and record.state == "done":
        tally.done += 1
    elif record is not None and record.state == "failed" and not (record.retryable or plan.retry_failed):
        tally.failed_before += 1
    elif item.path is None:
        tally.urls += 1
    else:
        tally.files += 1
        tally.size += item.size or 0
        await asyncio.to_thread(tally.measure, item.path)


def _print(found: dict[str, Any]) -> None:
    write(f"Would be sent: {found['files']:,} files, {found['bytes'] / 1e6:,.1f} MB, {found['hours']:,.2f} h of video.")
    if found["files_without_length"]:
        write(f"The duration of {found['files_without_length']:,} files is not known from their headers.")
    if found["urls"]:
        write(f"And {found['urls']:,} URLs, whose size and duration are not known.")
    if found["done"]:
        write(f"Already done, by the journal: {found['done']:,}.")
    if found["failed_before"]:
        write(f"Failed permanently before, by the journal: {found['failed_before']:,}; --retry-failed retries them.")
    if found["unusable"]:
        write(f"Cannot be sent: {found['unusable']:,}.")
    write(
        f"Estimated time: {clock(found['estimated_seconds'])}, with {found['uploads_per_minute']} uploads per minute "
        f"and {found['max_processing']} videos indexed at a time, each in {INDEXING_SHARE:.0%} of its duration."
    )
