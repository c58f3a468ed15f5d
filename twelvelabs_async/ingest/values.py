"""What batch ingestion takes and gives: an item, its outcome, and the figures of a run."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, get_args

import attrs

from .._request.files import FileContent
from .._safe_repr import SafeRepr

Stage = Literal["source", "upload", "asset", "index", "ready", "analyze", "embed"]
"""The stages in order: `source` (found and checked), `upload`, `asset` (wait until it is ready), `index` (added to the
index or the knowledge store), `ready` (wait until it is indexed), `analyze`, `embed`."""

STAGES: Final[tuple[Stage, ...]] = get_args(Stage)

KEY_FIELD: Final = "ingest_key"
"""The field of `user_metadata`, of the asset and of the indexed asset, that holds the key."""

MetadataValue = str | int | float | bool | list[str]

ItemSource = Path | str | tuple[str, FileContent]
"""A path, a URL (always a `str`), or `(name, file)`."""


@attrs.frozen(kw_only=True)
class SourceProblem(SafeRepr):
    """Why a source cannot be ingested; found before anything was sent.

    Attributes:
        error: Class name of the error.
        message: The problem and its location.
        retryable: Whether the same source may be readable later.
    """

    error: str
    message: str
    retryable: bool = False


@attrs.frozen(kw_only=True)
class IngestItem(SafeRepr):
    """One source, with the key that identifies it.

    Attributes:
        source: A path, a URL (a `str` is always a URL here), or `(name, file)`. An item with a `problem` holds a
            description of where the problem is.
        key: Identifies the source on the platform, in the journal, and for shards.
        filename: Name on the platform: the base name, at most 255 characters.
        metadata: `user_metadata` of the asset and of the indexed asset, without the key.
        size: Bytes; None for URLs.
        modified_ns: When the file was modified, in nanoseconds since 1970; None if it is not a file.
        place: Where the source was found: its path below the root, or the line of a manifest. A problem
            recorded for the same place is resolved once the source is readable.
        problem: Why it cannot be ingested; such an item fails in the stage `source`.
    """

    source: ItemSource = attrs.field(repr=lambda source: repr(display_source(source)))
    key: str
    filename: str
    metadata: Mapping[str, MetadataValue] = attrs.field(factory=dict, repr=False)
    size: int | None = None
    modified_ns: int | None = None
    place: str = ""
    problem: SourceProblem | None = None

    @property
    def url(self) -> str | None:
        """The URL; None for files."""
        return self.source if isinstance(self.source, str) and self.problem is None else None

    @property
    def path(self) -> Path | None:
        """The path; None for URLs and for `(name, file)`."""
        return self.source if isinstance(self.source, Path) else None

    @property
    def user_metadata(self) -> dict[str, MetadataValue]:
        """What the platform stores: the metadata and the key."""
        return {**self.metadata, KEY_FIELD: self.key}


@attrs.frozen(kw_only=True)
class IngestOutcome(SafeRepr):
    """The one outcome of a source. It holds plain values only, and can be pickled.

    Attributes:
        key: The key of the source.
        source: The source as text.
        status: `done` or `failed`.
        adopted: Whether it was found on the platform instead of created by this run.
        asset_id: The asset, if there is one.
        indexed_asset_id: The indexed asset; None with a knowledge store.
        item_id: The item of the knowledge store; None with an index.
        stage: Where it failed; None if it is done.
        error: Class name of the error; None if it is done.
        message: Message of the error; None if it is done.
        retryable: Whether a retry makes sense.
        attempts: Number of attempts.
        timings: Seconds in each stage.
        analysis: The text of the analysis, if one was requested.
        embedding: The path of the file that holds the embedding, if one was requested.
    """

    key: str
    source: str
    status: Literal["done", "failed"]
    adopted: bool = False
    asset_id: str | None = None
    indexed_asset_id: str | None = None
    item_id: str | None = None
    stage: Stage | None = None
    error: str | None = None
    message: str | None = None
    retryable: bool = False
    attempts: int = 1
    timings: Mapping[str, float] = attrs.field(factory=dict)
    analysis: str | None = None
    embedding: str | None = None

    @property
    def ok(self) -> bool:
        """Whether it is done."""
        return self.status == "done"

    def to_dict(self) -> dict[str, Any]:
        """All values, as JSON takes them."""
        return {**_shallow(self), "timings": dict(self.timings)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> IngestOutcome:
        """The reverse of `to_dict`. Fields that this release does not know are left out."""
        return cls(**{name: values[name] for name in _OUTCOME_FIELDS if name in values})

    @classmethod
    def of_problem(cls, item: IngestItem) -> IngestOutcome:
        """The outcome of an item that has a `problem`.

        Raises:
            ValueError: It has none.
        """
        if item.problem is None:
            raise ValueError(f"the item {item.key!r} has no problem")
        return cls(
            key=item.key,
            source=display_source(item.source),
            status="failed",
            stage="source",
            error=item.problem.error,
            message=item.problem.message,
            retryable=item.problem.retryable,
        )


@attrs.define(kw_only=True)
class StageStats(SafeRepr):
    """What one stage is doing.

    Attributes:
        queued: Items that wait for it.
        active: Items in it.
        finished: Items that have passed it.
        failed: Items that failed in it.
    """

    queued: int = 0
    active: int = 0
    finished: int = 0
    failed: int = 0


@attrs.define(kw_only=True)
class IngestStats(SafeRepr):
    """The figures of a run. The run updates them in place.

    Attributes:
        seen: Different sources that were read so far.
        done: Sources that this run brought to their end.
        failed: Sources that failed in this run.
        skipped: Sources that were done before, by the journal or by the platform's state.
        adopted: Those among `done` that were found at the platform.
        duplicates: Sources whose key had been seen in this run.
        exhausted: Whether all sources have been read; only then `seen` is final.
        bytes_sent: Bytes of files sent so far.
        started: Start of the run, in seconds since 1970.
        paused_until: End of the present pause that the platform's rate limit demands, in seconds since 1970; None
            without a pause.
        stages: What each stage is doing.
    """

    seen: int = 0
    done: int = 0
    failed: int = 0
    skipped: int = 0
    adopted: int = 0
    duplicates: int = 0
    exhausted: bool = False
    bytes_sent: int = 0
    started: float = attrs.field(factory=time.time)
    paused_until: float | None = None
    stages: dict[Stage, StageStats] = attrs.field(factory=lambda: {stage: StageStats() for stage in STAGES})

    @property
    def pending(self) -> int:
        """Sources that were read and have no outcome yet."""
        return self.seen - self.done - self.failed - self.skipped

    def to_dict(self) -> dict[str, Any]:
        """All values, as JSON takes them."""
        stages = {stage: _shallow(stats) for stage, stats in self.stages.items()}
        return {**_shallow(self), "pending": self.pending, "stages": stages}


def display_source(source: ItemSource) -> str:
    """A source as text that can be encoded: names that are not valid Unicode have escapes."""
    if isinstance(source, tuple):
        source = source[0]
    return os.fspath(source).encode("utf-8", "backslashreplace").decode()


_OUTCOME_FIELDS: Final = tuple(field.name for field in attrs.fields(IngestOutcome))


def _shallow(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in attrs.fields(type(value))}
