"""What the driver and the workers of an ingestion on Ray tell each other. All of it is picklable and holds no key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import attrs

from .._safe_repr import SafeRepr
from .values import IngestItem, IngestOutcome, Stage

TICK: Final = 0.2
"""Seconds after which a worker reports, if it has no news."""

LEASE: Final = 8.0
"""Seconds after which a worker ends itself, if the driver does not call: another driver may have taken its place."""


class WorkerLostError(Exception):
    """A worker no longer exists."""


@attrs.frozen(kw_only=True)
class Order(SafeRepr):
    """What a worker has to do.

    Attributes:
        index_id: The index.
        knowledge_store_id: The knowledge store.
        base_url: URL of the API; None for that of the environment of the worker.
        allow_http: Whether that URL may begin with http:// for a host other than the worker's machine.
        concurrency: Sources in each stage at a time.
        max_processing: Sources that the platform may work on at a time.
        analyze: A prompt, or the arguments of `analyze_file`.
        embed: The folder for embeddings.
        sleep_interval: Seconds between the first two checks of a wait.
        timeout: Timeout of each wait.
        suspects: Keys of which a worker that was lost may have made something, with the times when the run began and
            when the worker was lost.
    """

    index_id: str | None = None
    knowledge_store_id: str | None = None
    base_url: str | None = None
    allow_http: bool = False
    concurrency: int | Mapping[Stage, int] = 16
    max_processing: int | None = None
    analyze: str | Mapping[str, Any] | None = None
    embed: str | None = None
    sleep_interval: float = 5.0
    timeout: float = 7200.0
    suspects: Mapping[str, tuple[float, float]] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Parcel(SafeRepr):
    """What the driver sends.

    Attributes:
        items: Further sources.
        per_minute: The share of the worker in the requests per minute, by rate-limit group.
    """

    items: Sequence[IngestItem] = ()
    per_minute: Mapping[str, float] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Report(SafeRepr):
    """What a worker replies.

    Attributes:
        outcomes: Outcomes that were not reported before.
        room: How many further sources it can take.
        error: Why its run has ended, if it has.
    """

    outcomes: Sequence[IngestOutcome] = ()
    room: int = 0
    error: Exception | None = None


class Handle(Protocol):
    """A worker, as the driver sees it. All methods but `kill` raise WorkerLostError if it no longer exists."""

    async def exchange(self, parcel: Parcel) -> Report:
        """Send a parcel, and wait for the report."""
        ...

    async def stop(self) -> Report:
        """Have it end its run, and return the last report."""
        ...

    def kill(self) -> None:
        """End its process at once."""
        ...
