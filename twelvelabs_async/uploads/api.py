"""The part of the API that the upload engine needs, as protocols: the resource `multipart_upload` satisfies them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, Protocol, TypedDict

from .._request.message import Request, Response

if TYPE_CHECKING:
    import datetime as dt

    from .._codec.model import UncheckedStr
    from .._request.options import RequestOptions

Send = Callable[[Request], Awaitable[Response]]
"""Sends one request: the transport."""


class PresignedUrl(Protocol):
    """A presigned URL for one chunk."""

    @property
    def chunk_index(self) -> int | None:
        """Number of the chunk, counted from 1."""

    @property
    def url(self) -> str | None:
        """The URL."""

    @property
    def expires_at(self) -> dt.datetime | None:
        """When it expires."""


class UploadSession(Protocol):
    """The response to the creation of an upload session."""

    @property
    def upload_id(self) -> str | None:
        """Identifier of the session."""

    @property
    def asset_id(self) -> str | None:
        """Identifier of the asset."""

    @property
    def chunk_size(self) -> int | None:
        """Size of every chunk but the last one, in bytes."""

    @property
    def total_chunks(self) -> int | None:
        """Number of chunks."""

    @property
    def upload_headers(self) -> Mapping[str, str] | None:
        """Headers to send with every chunk."""

    @property
    def upload_urls(self) -> Sequence[PresignedUrl] | None:
        """URLs of the first chunks."""


class PresignedUrls(Protocol):
    """The response to a request for more presigned URLs."""

    @property
    def upload_urls(self) -> Sequence[PresignedUrl] | None:
        """The URLs."""

    @property
    def generated_at(self) -> dt.datetime | None:
        """When they were generated, by the clock of the platform."""


class BatchReceipt(Protocol):
    """The response to a report of uploaded chunks."""

    @property
    def processed_chunks(self) -> int | None:
        """Number of chunks that the platform accepted."""

    @property
    def duplicate_chunks(self) -> int | None:
        """Number of chunks that were reported before."""

    @property
    def url(self) -> str | None:
        """URL of the file, once it is complete."""

    @property
    def asset_id(self) -> str | None:
        """Identifier of the asset."""


class StatusPage(Protocol):
    """The state of an upload session, with one page of its chunks."""

    @property
    def status(self) -> str | None:
        """`active`, `completed`, `failed` or `expired`."""

    @property
    def uploaded_chunks(self) -> Sequence[ChunkStatus]:
        """The chunks of the page."""
        ...

    @property
    def chunks_completed(self) -> int | None:
        """Number of chunks that are uploaded and reported."""

    @property
    def total_size(self) -> int | None:
        """Size of the file."""


class ChunkStatus(Protocol):
    """The state of one chunk."""

    @property
    def index(self) -> int | None:
        """Number of the chunk, counted from 1."""

    @property
    def status(self) -> str | None:
        """`completed`, `pending` or `failed`."""


class ReportedChunk(TypedDict):
    """An uploaded chunk in a report."""

    chunk_index: int
    proof: str
    proof_type: Literal["etag"] | UncheckedStr
    chunk_size: int


class UploadApi(Protocol):
    """The calls of one upload session."""

    async def get_additional_presigned_urls(
        self, upload_id: str, *, start: int, count: int, request_options: RequestOptions | None = None
    ) -> PresignedUrls:
        """Request presigned URLs for consecutive chunks."""
        ...

    async def report_chunk_batch(
        self,
        upload_id: str,
        *,
        completed_chunks: Sequence[ReportedChunk],
        request_options: RequestOptions | None = None,
    ) -> BatchReceipt:
        """Report uploaded chunks."""
        ...

    async def wait_for_upload_completion(
        self, upload_id: str, *, sleep_interval: float, request_options: RequestOptions | None = None
    ) -> object:
        """Wait until the platform has assembled the file."""
        ...
