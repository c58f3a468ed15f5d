"""One source on its way through the stages."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import attrs

from .._request.files import PreparedFile
from .._safe_repr import SafeRepr
from .journal import Record
from .values import IngestItem, IngestOutcome, Stage, StageStats, display_source

NOTHING: Final = "-"
"""In the place of an intention, where there is none."""


class GoneError(Exception):
    """What a job had at the platform is no longer there: it begins again."""


@attrs.define(kw_only=True, eq=False)
class Job(SafeRepr):
    """A source, and how far it has come.

    Attributes:
        item: The source.
        entry_field: The field of the outcome that holds `entry_id`: `indexed_asset_id` or `item_id`.
        asset_id: Its asset.
        asset_is_ready: Whether the asset is known to be ready.
        upload_state: The state of its upload in chunks, if one has begun.
        entry_id: What it is in the index or the knowledge store.
        doubt: What may have been made without a result that is known: `asset` or `index`. None if nothing is in doubt.
        doubts: What is or has been in doubt, with the time of the first such intention, in seconds since 1970.
        intended_at: When the latest intention in doubt was written.
        is_new: Whether neither the journal nor the platform has been asked about it.
        adopted: Whether something that was found at the platform was taken.
        was_complete: Whether it was in the index or knowledge store before this run did anything.
        attempts: How often it was tried, earlier runs included.
        first_attempt: Number of the first attempt of this run.
        file: The file, from its check to the end of its upload.
        timings: Seconds in each stage.
        analysis: The text of the analysis.
        embedding: The file that holds the embedding.
    """

    item: IngestItem
    entry_field: str
    asset_id: str | None = None
    asset_is_ready: bool = False
    upload_state: str | None = None
    entry_id: str | None = None
    doubt: str | None = None
    doubts: dict[str, float] = attrs.field(factory=dict)
    intended_at: float = 0.0
    is_new: bool = True
    adopted: bool = False
    was_complete: bool = False
    attempts: int = 1
    first_attempt: int = 1
    file: PreparedFile | None = None
    timings: dict[Stage, float] = attrs.field(factory=dict)
    analysis: str | None = None
    embedding: str | None = None

    @classmethod
    def of(cls, item: IngestItem, record: Record, entry_field: str) -> Job:
        """The job for a source, as far as the journal knows it."""
        job = cls(item=item, entry_field=entry_field)
        job.asset_id = record.asset_id or None
        job.upload_state = record.upload_state
        job.entry_id = getattr(record, entry_field) or None
        job.attempts = job.first_attempt = record.attempts + 1
        job.is_new = record.intent is None and job.asset_id is None and job.entry_id is None
        if record.intent is not None:
            what, *doubts = record.intent.split()
            job.doubts = dict.fromkeys(doubts, record.made_at)
            if what != NOTHING:
                # Without an asset, nothing can have been added to the index.
                what = "index" if what == "index" and job.asset_id is not None else "asset"
                job.set_doubt(what, record.intended_at or record.made_at)
        return job

    def intent(self, what: str = NOTHING) -> str | None:
        """What the journal has to hold: what is about to be made, and what may have been made twice."""
        return None if what == NOTHING and not self.doubts else " ".join((what, *self.doubts))

    @property
    def key(self) -> str:
        """The key of the source."""
        return self.item.key

    @property
    def metadata(self) -> dict[str, Any]:
        """What the platform stores with the asset."""
        return self.item.user_metadata

    def set_doubt(self, what: str, since: float) -> None:
        """Something may have been made."""
        self.intended_at = since
        self.doubts.setdefault(what, self.intended_at)
        self.doubt = what

    def suspect(self, began: float, ended: float) -> None:
        """Another process may have made something, and its requests may be carried out late."""
        self.doubts = {"asset": began, "index": began}
        self.intended_at = ended

    def forget_asset(self) -> None:
        """The asset is no longer there."""
        self.asset_id, self.asset_is_ready, self.entry_id, self.doubt = None, False, None, None
        self.doubts.clear()

    def outcome(self) -> IngestOutcome:
        """The outcome of a source that is done."""
        return IngestOutcome(status="done", **self._common())

    def failure(self, stage: Stage, error: BaseException, *, retryable: bool) -> IngestOutcome:
        """The outcome of a source that failed."""
        return IngestOutcome(
            status="failed",
            stage=stage,
            error=type(error).__name__,
            message=_text(error),
            retryable=retryable,
            **self._common(),
        )

    def _common(self) -> dict[str, Any]:
        ids: Mapping[str, str | None] = {"asset_id": self.asset_id, self.entry_field: self.entry_id}
        return {
            "key": self.key,
            "source": display_source(self.item.source),
            "adopted": self.adopted,
            "attempts": self.attempts,
            "timings": {stage: round(seconds, 3) for stage, seconds in self.timings.items()},
            "analysis": self.analysis,
            "embedding": self.embedding,
            **ids,
        }


class Timed:
    """The time of a job in a stage, and its place in the figures: `with Timed(job, stage, stats):`."""

    def __init__(self, job: Job, stage: Stage, stats: StageStats) -> None:
        self._job = job
        self._stage: Stage = stage
        self._stats = stats
        self._started = 0.0

    def __enter__(self) -> None:
        self._stats.active += 1
        self._started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._stats.active -= 1
        spent = time.monotonic() - self._started
        self._job.timings[self._stage] = self._job.timings.get(self._stage, 0.0) + spent


def _text(error: BaseException) -> str:
    return str(error) or type(error).__name__
