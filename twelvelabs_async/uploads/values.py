"""Settings and results of a multipart upload. `engine.py` does the work."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Final

import attrs

from .._safe_repr import SafeRepr

SESSION_LIFETIME: Final = 24 * 60 * 60.0
"""Seconds until an upload session expires: no upload can take longer."""


@attrs.frozen
class UploadProgress(SafeRepr):
    """The progress of an upload.

    Chunks that the platform had before an upload was resumed count as completed and confirmed from the beginning.

    Attributes:
        total_chunks: Number of chunks of the file.
        completed_chunks: Chunks that were sent and whose checksum matches.
        percentage: The same as a percentage, from 0 to 100.
        status: `uploading`, and `completed` in the last call.
        total_bytes: Size of the file.
        bytes_sent: Bytes of the file that were handed to the network; those of a chunk that is retried count once.
        bytes_confirmed: Bytes of the chunks that were reported, and that the platform has confirmed.
        rate: Bytes sent per second, over the last seconds of this upload; 0 at the start.
        seconds_left: Seconds until everything is sent at this rate; None while the rate is 0.
    """

    total_chunks: int
    completed_chunks: int
    percentage: float
    status: str
    total_bytes: int = 0
    bytes_sent: int = 0
    bytes_confirmed: int = 0
    rate: float = 0.0
    seconds_left: float | None = None


@attrs.frozen
class UploadResult(SafeRepr):
    """A finished upload.

    Attributes:
        asset_id: Identifier of the asset. Wait for it with `assets.wait_for_done` before indexing it.
        asset_url: URL of the file at the platform; empty where the platform did not send it.
    """

    # The kinds of object that it describes: an argument for the id of an asset accepts it as well.
    _kinds: ClassVar[frozenset[str]] = frozenset({"asset"})

    asset_id: str
    asset_url: str

    @property
    def id(self) -> str:
        """The same as `asset_id`."""
        return self.asset_id


@attrs.frozen
class UploadStatus(SafeRepr):
    """The state of an upload session.

    Attributes:
        status: `active`, `completed`, `failed` or `expired`.
        completed_chunks: Chunks that the platform has.
        total_chunks: Number of chunks.
    """

    status: str
    completed_chunks: int
    total_chunks: int


ProgressCallback = Callable[[UploadProgress], Awaitable[object] | object]
"""Called at the start, after every chunk and at the end. An asynchronous one is awaited.

An exception that it raises does not end the upload: the first one is logged, and it is called again all the same.
"""


def _at_least_one(_: object, field: attrs.Attribute[Any], value: int) -> None:
    if value < 1:
        raise ValueError(f"{field.name} must be at least 1, not {value!r}")


def _not_negative(_: object, field: attrs.Attribute[Any], value: float) -> None:
    if not 0 <= value < math.inf:
        raise ValueError(f"{field.name} must be zero or more, not {value!r}")


def _finite(_: object, field: attrs.Attribute[Any], value: float) -> None:
    if not 0 < value < math.inf:
        raise ValueError(f"{field.name} must be a finite number of seconds above zero, not {value!r}")


@attrs.frozen(kw_only=True)
class Settings(SafeRepr):
    """Settings of an upload; see `multipart_upload.upload_file`."""

    batch_size: int = attrs.field(default=10, validator=_at_least_one)
    max_workers: int = attrs.field(default=5, validator=_at_least_one)
    max_retries: int = attrs.field(default=3, validator=_not_negative)
    retry_delay: float = attrs.field(default=1.0, validator=_not_negative)
    timeout: float = attrs.field(default=SESSION_LIFETIME, validator=_finite)
    deadline: float | None = None
    """When the timeout passes, by the clock of the event loop; None if it begins with the first chunk."""
    progress_callback: ProgressCallback | None = None
    verify_checksums: bool = True
