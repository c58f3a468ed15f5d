"""A platform and a store that do what a test says, for the engine of uploads."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Callable, Collection
from typing import Any

from multidict import CIMultiDict

from twelvelabs_async._generated.models.multipart_uploads import (
    CreateAssetUploadResponse,
    PresignedUrlChunk,
    ReportChunkBatchResponse,
    RequestAdditionalPresignedUrLsResponse,
)
from twelvelabs_async._request.message import Request, Response
from twelvelabs_async._request.sources import BytesSource, Source
from twelvelabs_async._request.streams import StreamSource
from twelvelabs_async.errors import ForbiddenError, TaskFailedError
from twelvelabs_async.uploads import Settings, UploadStatus
from twelvelabs_async.uploads.engine import Upload
from twelvelabs_async.uploads.session import Session

Fault = Callable[[int, int], Exception | str | None]
"""What goes wrong with a PUT: chunk, number of the attempt at it; an error, an ETag, or nothing."""


def chunk_of(request: Request) -> int:
    """The chunk that a presigned URL of the scripted platform is for."""
    assert request.url is not None
    return int(request.url.removeprefix("https://store.test/").partition("?")[0])


class ScriptedPlatform:
    """The platform and its store in one, as the engine sees them."""

    def __init__(
        self, size: int, chunk: int = 10, *, initial: int = 3, lifetime: float = 3600.0, fault: Fault | None = None
    ) -> None:
        self.data = bytes(at % 251 for at in range(size))
        self.chunk = chunk
        self.total = -(-size // chunk)
        self.initial = initial
        self.lifetime = lifetime
        self.fault = fault
        self.used: set[str] = set()
        self.attempts: dict[int, int] = {}
        self.parts: dict[int, bytes] = {}
        self.reported: dict[int, str] = {}
        self.batches: list[int] = []
        self.asked: list[tuple[int, int]] = []
        self.active = self.most = self.minted = self.waits = 0
        self.names_url = True
        self.report_error: Exception | None = None
        self.urls_error: Exception | None = None

    def urls(self, start: int, count: int) -> list[PresignedUrlChunk]:
        self.minted += 1
        end = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.lifetime)
        last = min(start + count, self.total + 1)
        return [
            PresignedUrlChunk(chunk_index=index, url=f"https://store.test/{index}?{self.minted}", expires_at=end)
            for index in range(start, last)
        ]

    def opened(self, **changes: Any) -> CreateAssetUploadResponse:
        members = {
            "upload_id": "up_1",
            "asset_id": "as_1",
            "chunk_size": self.chunk,
            "total_chunks": self.total,
            "upload_urls": self.urls(1, self.initial),
            "upload_headers": {"x-signed": "yes"},
        }
        return CreateAssetUploadResponse(**{**members, **changes})

    async def get_additional_presigned_urls(
        self, upload_id: str, *, start: int, count: int, request_options: Any
    ) -> RequestAdditionalPresignedUrLsResponse:
        assert upload_id == "up_1"
        assert 1 <= count <= 50
        if self.urls_error is not None:
            raise self.urls_error
        self.asked.append((start, count))
        await asyncio.sleep(0)
        return RequestAdditionalPresignedUrLsResponse(
            upload_id="up_1", upload_urls=self.urls(start, count), generated_at=dt.datetime.now(dt.UTC)
        )

    async def report_chunk_batch(
        self, upload_id: str, *, completed_chunks: list[dict[str, Any]], request_options: Any
    ) -> ReportChunkBatchResponse:
        assert upload_id == "up_1"
        await asyncio.sleep(0)
        if self.report_error is not None:
            raise self.report_error
        self.batches.append(len(completed_chunks))
        new = [chunk for chunk in completed_chunks if chunk["chunk_index"] not in self.reported]
        for chunk in completed_chunks:
            assert chunk["proof_type"] == "etag"
            assert chunk["chunk_size"] == len(self.parts[chunk["chunk_index"]])
            self.reported[chunk["chunk_index"]] = chunk["proof"]
        done = len(self.reported) == self.total and self.names_url
        return ReportChunkBatchResponse(
            url="https://files/as_1" if done else None,
            processed_chunks=len(new),
            duplicate_chunks=len(completed_chunks) - len(new),
        )

    async def wait_for_upload_completion(self, upload_id: str, **_: Any) -> UploadStatus:
        self.waits += 1
        if self.total != len(self.reported):
            raise TaskFailedError("expired", task=None)
        self.names_url = True
        return UploadStatus("completed", self.total, self.total)

    async def send(self, request: Request) -> Response:
        assert request.method == "PUT"
        assert request.max_retries == 0
        assert request.headers["x-signed"] == "yes"
        assert request.body is not None
        assert request.url is not None
        index = chunk_of(request)
        self.active += 1
        self.most = max(self.most, self.active)
        try:
            self.attempts[index] = attempt = self.attempts.get(index, 0) + 1
            if request.url in self.used:
                raise ForbiddenError("used", status=403)
            self.used.add(request.url)
            problem = self.fault(index, attempt) if self.fault else None
            if isinstance(problem, Exception):
                raise problem
            payload = request.body.open()
            body = payload if isinstance(payload, bytes) else b"".join([piece async for piece in payload])
            assert len(body) == request.body.content_length
            await asyncio.sleep(0)
            self.parts[index] = body
            etag = f'"{hashlib.md5(body).hexdigest()}"' if problem is None else problem
            headers = CIMultiDict({"ETag": etag} if etag else {})
            return Response(status=200, headers=headers, body=b"")
        finally:
            self.active -= 1

    def upload(
        self,
        source: Source | StreamSource | None = None,
        *,
        opened: Session | None = None,
        done: Collection[int] = (),
        **changes: Any,
    ) -> Upload:
        api: Any = self
        return Upload(
            opened or self.opened(),
            source or BytesSource(self.data),
            Settings(**{"retry_delay": 0.0, **changes}),
            api=api,
            send=self.send,
            done=done,
        )

    def assert_whole(self) -> None:
        assert b"".join(self.parts[index] for index in range(1, self.total + 1)) == self.data
        assert sorted(self.reported) == list(range(1, self.total + 1))
        assert self.active == 0


def once(error: Exception | str) -> Fault:
    return lambda _, attempt: error if attempt == 1 else None
