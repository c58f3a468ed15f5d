"""Settings of the emulator: addresses, keys, durations, limits."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from .._safe_repr import SafeRepr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MIB = 1024 * 1024
GIB = 1024 * MIB

DEFAULT_KEY = "tlk_emulator_0123456789"
"""The accepted key when no other is given; it is valid for an emulator only."""

DURATIONS: Mapping[str, float] = {
    "asset.processing": 0.2,
    "task.validating": 0.1,
    "task.pending": 0.1,
    "task.queued": 0.1,
    "task.indexing": 0.3,
    "embed.processing": 0.3,
    "analyze.queued": 0.1,
    "analyze.pending": 0.1,
    "analyze.processing": 0.3,
    "batch.item": 0.1,
    "batch.canceling": 0.2,
    "entity.processing": 0.2,
    "item.queued": 0.1,
    "item.processing": 0.2,
    "import.item": 0.2,
    "transcription.processing": 0.1,
}
"""Seconds that each state lasts at speed 1, in addition to the time that the real work takes."""

LIFETIMES: Mapping[str, float] = {
    "multipart_session": 24 * 3600.0,
    "presigned_url": 3600.0,
    "search_page": 3600.0,
    "thumbnail_url": 3600.0,
    "batch": 24 * 3600.0,
}
"""Seconds after which things expire."""

SIZES: Mapping[str, int] = {
    "asset_direct": 200 * MIB,
    "asset_url": 4 * GIB,
    "document_url": 512 * MIB,
    "image": 32 * MIB,
    "task": 2 * GIB,
    "multipart": 10 * GIB,
    "base64": 36 * MIB,
    "base64_image": 32 * MIB,
    "base64_multi_input": 32 * MIB,
    "base64_analyze_video": 30 * MIB,
    "base64_analyze_image": 20 * MIB,
    "json_body": 64 * MIB,
    "import_video": 10 * GIB,
}
"""Largest sizes in bytes.

Those of `base64` are of files that come as base64 text, before they were encoded: `base64` of video and audio to embed,
`base64_image` of images to embed and of reference images of prompts, `base64_multi_input` of each source of a multi
input, `base64_analyze_video` and `base64_analyze_image` of what is to be analyzed.
"""

QUOTAS: Mapping[str, str] = {
    "concurrent_tasks": "videos that are being indexed at the same time",
    "index_videos": "videos of one index",
    "index_hours": "hours of video of one index",
}
"""What an account may have at most."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Plan(SafeRepr):
    """The limits of a plan of the platform.

    Attributes:
        rate_limits: Requests per minute for each rate-limit group.
        quotas: Most of each of `QUOTAS`.
    """

    rate_limits: Mapping[str, int]
    quotas: Mapping[str, float]


def _developer(factor: int) -> Plan:
    """A tier of the Developer plan; each has about a multiple of the requests of the first."""
    rates = {"index": 60, "upload": 60, "search": 600, "analyze": 60, "embed": 25}
    return Plan(
        rate_limits={group: rate * factor for group, rate in rates.items()},
        quotas={"concurrent_tasks": 25, "index_videos": 100_000, "index_hours": 10_000},
    )


PLANS: Mapping[str, Plan] = {
    "free": Plan(rate_limits={}, quotas={"concurrent_tasks": 5, "index_videos": 100, "index_hours": 10}),
    "developer": _developer(1),
    "developer-t2": _developer(2),
    "developer-t3": _developer(4),
}
"""The plans whose limits are known. Those of requests per minute of the free plan are not."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Settings(SafeRepr):
    """What an emulator is started with.

    Attributes:
        host: Address to listen on.
        port: Port of the API; 0 takes a free one.
        objects_port: Port of the object store that takes presigned uploads; 0 takes a free one.
        state: Folder that holds everything that must survive a restart; None uses a temporary one.
        api_keys: Keys that are accepted.
        speed: Factor by which states pass faster; 0 skips all waiting.
        durations: Seconds of single states, see `DURATIONS`.
        lifetimes: Seconds after which things expire, see `LIFETIMES`.
        sizes: Largest sizes in bytes, see `SIZES`.
        rate_limits: Requests per window for each rate-limit group; `*` stands for all groups.
        rate_window: Length of a rate-limit window in seconds.
        chunk_size: Size of a chunk of a multipart upload, in bytes.
        initial_urls: Presigned URLs that come with a new multipart upload.
        stream_delay: Seconds between two chunks of a streamed response.
        keepalive: Seconds of silence after which a server-sent event stream sends a keepalive event; 0 sends one
            always.
        cors_origins: Origins whose pages may use the object store from a browser; `*` stands for all, and without any,
            it refuses cross-origin requests.
        media_folder: Folder whose files may be named as URLs (`file:///name` or a bare name).
        late_validation: A task with an invalid video fails during validation, instead of being rejected at once.
        source_timeout: Seconds after which the download of a URL ends, however slowly it still proceeds; the request
            that names the URL is then rejected.
        webhook_url: Where webhook events are delivered.
        webhook_secret: Secret that signs them.
        redirect_uri_limit: How many redirect URIs may be registered.
        check_responses: Validate every response against the OpenAPI document; an invalid one becomes an error 500.
        media_threads: Threads that decode media.
        recorded_requests: Requests that `Emulator.requests` keeps: the last ones.
        faults: Fault plan: a `FaultPlan`, a list of `Fault`s, or the JSON form of `faults/plan.py` as a dict or a file.
    """

    host: str = "127.0.0.1"
    port: int = 0
    objects_port: int = 0
    state: Path | None = None
    api_keys: Sequence[str] = (DEFAULT_KEY,)
    speed: float = 1.0
    durations: Mapping[str, float] = dataclasses.field(default_factory=dict)
    lifetimes: Mapping[str, float] = dataclasses.field(default_factory=dict)
    sizes: Mapping[str, int] = dataclasses.field(default_factory=dict)
    plan: str | None = None
    quotas: Mapping[str, float] = dataclasses.field(default_factory=dict)
    rate_limits: Mapping[str, int] = dataclasses.field(default_factory=dict)
    rate_window: float = 60.0
    chunk_size: int = 8 * MIB
    initial_urls: int = 10
    stream_delay: float = 0.0
    keepalive: float = 10.0
    cors_origins: Sequence[str] = ("*",)
    media_folder: Path | None = None
    late_validation: bool = False
    source_timeout: float = 30.0
    webhook_url: str | None = None
    webhook_secret: str = "whsec_emulator"  # noqa: S105 - a default that guards nothing
    redirect_uri_limit: int = 10
    check_responses: bool = False
    media_threads: int = 2
    recorded_requests: int = 0
    faults: Any = None

    def __post_init__(self) -> None:
        for name, given, known in (
            ("durations", self.durations, DURATIONS),
            ("lifetimes", self.lifetimes, LIFETIMES),
            ("sizes", self.sizes, SIZES),
            ("quotas", self.quotas, QUOTAS),
            ("plan", [self.plan] if self.plan is not None else [], PLANS),
        ):
            unknown = sorted(set(given) - set(known))
            if unknown:
                raise ValueError(f"{name}: unknown name {unknown[0]!r}; known are {', '.join(known)}")
        for name, port in (("port", self.port), ("objects_port", self.objects_port)):
            if not 0 <= port <= 65535:
                raise ValueError(f"{name}: must be from 0 to 65535, not {port}")
        if not self.speed >= 0:
            raise ValueError("speed: must be a number, zero or more")
        if self.recorded_requests < 0:
            raise ValueError("recorded_requests: must not be negative")
        if not self.source_timeout > 0:
            raise ValueError("source_timeout: must be greater than 0")
        if self.chunk_size < 1:
            raise ValueError("chunk_size: must be at least 1")
        if not self.api_keys:
            raise ValueError("api_keys: at least one key is needed")

    def duration(self, state: str) -> float:
        """Seconds that a state lasts at the chosen speed."""
        seconds = self.durations.get(state, DURATIONS[state])
        return seconds / self.speed if self.speed else 0.0

    def lifetime(self, name: str) -> float:
        """Seconds after which something expires; not changed by the speed."""
        return self.lifetimes.get(name, LIFETIMES[name])

    def quota(self, name: str) -> float:
        """How much of something an account may have; infinite without a limit."""
        planned = PLANS[self.plan].quotas if self.plan is not None else {}
        return self.quotas.get(name, planned.get(name, math.inf))

    @property
    def all_rate_limits(self) -> dict[str, int]:
        """Requests per window for each rate-limit group: those of the plan, and those that were given."""
        planned = PLANS[self.plan].rate_limits if self.plan is not None else {}
        return {**planned, **self.rate_limits}

    def size(self, name: str) -> int:
        """Largest size of something, in bytes."""
        return self.sizes.get(name, SIZES[name])
