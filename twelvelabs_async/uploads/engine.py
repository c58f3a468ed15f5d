"""Sends one file in chunks, several at a time.

    file ── Layout ── workers ── PUT to presigned URLs (without the key) ── ETag = MD5 of the bytes sent ── report

Chunks are read from the file while they are sent: memory is at most `max_workers` slices of 256 KiB. A presigned URL
can be used once, so each attempt at a chunk has its own URL, and retries are counted here and not in the transport.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import inspect
import random
import re
import time
from typing import TYPE_CHECKING, Any, Final

from .._request.body import SLICE_BYTES, Payload
from .._request.message import Request
from .._request.sources import Source, SourceError
from ..errors import APIConnectionError, APIStatusError, TwelveLabsError, UploadError
from .plan import ChunkUrl, Layout, PresignedUrlPool, Reports, SentChunk
from .values import Settings, UploadProgress, UploadResult

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from .._request.options import RequestOptions
    from .api import PresignedUrl, Send, UploadApi, UploadSession

MAX_RETRY_DELAY: Final = 30.0
"""Longest delay before a chunk is retried, in seconds."""

LAST_REPORT_SECONDS: Final = 5.0
"""Timeout in seconds for reporting the uploaded chunks of a failed upload, so that they need not be sent again."""

REJECTED_URL_STATUSES: Final = frozenset({401, 403, 410})
"""How a store rejects a presigned URL that expired or was used. The first such response does not count as a retry."""

_MD5: Final = re.compile(r"[0-9a-fA-F]{32}")

_ENCRYPTION: Final = (
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-aws-kms-key-id",
)
"""With these headers a store's ETag also has 32 hexadecimal digits, but is not the MD5 of the content."""


class ChunkBody:
    """One chunk as a request body. It computes the MD5 of the bytes that its latest payload has sent."""

    def __init__(self, source: Source, offset: int, length: int, content_type: str | None) -> None:
        self._source = source
        self._offset = offset
        self.content_length: int = length
        self.content_type: str | None = content_type
        self.replayable: bool = source.replayable
        self.problem: SourceError | None = None
        self._digest = hashlib.md5(usedforsecurity=False)

    @property
    def md5(self) -> str:
        """Hexadecimal MD5 of the bytes read since the latest `open`."""
        return self._digest.hexdigest()

    def open(self) -> Payload:
        """Begin a payload."""
        self._digest = hashlib.md5(usedforsecurity=False)
        return self._slices(self._digest)

    async def _slices(self, digest: Any) -> AsyncIterator[bytes]:
        def read(offset: int, length: int) -> bytes:
            data = self._source.read(offset, length)
            digest.update(data)
            return data

        loop = asyncio.get_running_loop()
        for at in range(0, self.content_length, SLICE_BYTES):
            size = min(SLICE_BYTES, self.content_length - at)
            try:
                data = await loop.run_in_executor(None, read, self._offset + at, size)
            except SourceError as error:
                # The network library wraps exceptions of a payload; here the original is kept.
                self.problem = error
                raise
            yield data


class Upload:
    """One upload session. `run` sends the file."""

    def __init__(
        self,
        opened: UploadSession,
        source: Source,
        settings: Settings,
        *,
        api: UploadApi,
        send: Send,
        options: RequestOptions | None = None,
    ) -> None:
        if not opened.upload_id or not opened.asset_id or not opened.chunk_size or opened.chunk_size < 0:
            raise UploadError("the platform's response lacks the upload session, the asset or the chunk size")
        self._upload_id: str = opened.upload_id
        self._asset_id: str = opened.asset_id
        self._api = api
        self._send = send
        self._options = options
        self._source = source
        self._settings = settings
        self._layout = Layout(source.size, opened.chunk_size)
        self._reports = Reports(self._layout.total_chunks, settings.batch_size)
        self._urls = PresignedUrlPool(self._layout)
        self._requesting = asyncio.Lock()
        self._reporting_progress = asyncio.Lock()
        self._failed: dict[int, str] = {}
        self._last: SentChunk | None = None
        self._url = ""
        self._headers = dict(opened.upload_headers or {})
        typed = any(name.lower() == "content-type" for name in self._headers)
        self._content_type = None if typed else "application/octet-stream"
        if opened.total_chunks not in {None, self._layout.total_chunks}:
            raise self._error(
                f"the platform expects {opened.total_chunks} chunks, but {source.size:,} bytes in chunks of "
                f"{opened.chunk_size:,} bytes are {self._layout.total_chunks}"
            )
        self._store_urls(opened.upload_urls or [], None)

    async def run(self) -> UploadResult:
        """Send every chunk and report it. On an error or a cancellation every worker stops before this returns.

        Raises:
            UploadError: The upload did not finish.
        """
        limit = asyncio.timeout(self._settings.timeout)
        try:
            async with limit:
                await self._report_progress("uploading")
                await self._send_chunks()
                if not self._url:
                    await self._confirm()
        except TimeoutError as error:
            if not limit.expired():
                raise
            problem = f"the timeout of {self._settings.timeout:g} s passed"
            raise self._error(problem, original=error) from error
        await self._report_progress("completed")
        return UploadResult(self._asset_id, self._url)

    async def _send_chunks(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._settings.max_workers, self._layout.total_chunks)):
                    group.create_task(self._work())
        except BaseExceptionGroup as errors:
            # Every worker has stopped. The first error is the cause; later ones are its consequences.
            cause = errors.exceptions[0]
            if isinstance(cause, UploadError):
                await self._save()
                cause.finished, cause.failed = tuple(sorted(self._reports.accepted)), dict(self._failed)
            raise cause from cause.__cause__

    async def _work(self) -> None:
        while (job := await self._next()) is not None:
            await self._chunk(*job)

    async def _next(self) -> tuple[int, str] | None:
        """The next chunk and its URL; requests more URLs when none are left."""
        while (job := self._urls.take(time.monotonic())) is None and self._urls.waiting:
            async with self._requesting:
                if (job := self._urls.take(time.monotonic())) is not None:
                    break
                if (needed := self._urls.needed()) is not None:
                    await self._request_urls(*needed)
        return job

    async def _request_urls(self, start: int, count: int) -> None:
        urls = await self._more_urls(start, count)
        self._store_urls(*urls)
        if (needed := self._urls.needed()) is not None and needed[0] == start:
            raise self._error(f"the platform returned no URL for chunk {start}", index=start)

    async def _fresh_url(self, index: int) -> str:
        urls, _ = await self._more_urls(index, 1)
        for item in urls:
            if item.chunk_index == index and item.url:
                return item.url
        raise self._error(f"the platform returned no new URL for chunk {index}", index=index)

    async def _more_urls(self, start: int, count: int) -> tuple[Sequence[PresignedUrl], dt.datetime | None]:
        try:
            response = await self._api.get_additional_presigned_urls(
                self._upload_id, start=start, count=count, request_options=self._options
            )
        except TwelveLabsError as error:
            raise self._error(f"requesting presigned URLs failed: {error}", index=start, original=error) from error
        return response.upload_urls or [], response.generated_at

    def _store_urls(self, urls: Iterable[PresignedUrl], generated: dt.datetime | None) -> None:
        generated = generated or dt.datetime.now(dt.UTC)
        known = [
            ChunkUrl(
                item.chunk_index,
                item.url,
                (item.expires_at - generated).total_seconds() if item.expires_at else None,
            )
            for item in urls
            if item.chunk_index is not None and item.url
        ]
        self._urls.add(known, time.monotonic())

    async def _chunk(self, index: int, url: str) -> None:
        offset, length = self._layout.region(index)
        failures, renewed = 0, False
        while True:
            body = ChunkBody(self._source, offset, length, self._content_type)
            try:
                proof = await self._put(url, body)
                break
            except TwelveLabsError as error:
                rejected = isinstance(error, APIStatusError) and error.status in REJECTED_URL_STATUSES
                if rejected and not renewed:
                    renewed = True
                else:
                    failures += 1
                    # A certificate that is not trusted now is not trusted a second later.
                    useless = body.problem is not None or (
                        isinstance(error, APIConnectionError) and not error.retryable
                    )
                    if useless or failures > self._settings.max_retries:
                        raise self._chunk_error(index, failures, body.problem or error) from error
                    await asyncio.sleep(self._delay(failures, error))
            url = await self._fresh_url(index)
        self._reports.add(SentChunk(index, proof, length))
        await self._report_progress("uploading")
        while batch := self._reports.take():
            await self._report(batch)

    async def _put(self, url: str, body: ChunkBody) -> str:
        """Send a chunk once and return its proof."""
        request = Request(
            operation="uploadChunk",
            method="PUT",
            url=url,
            headers=self._headers,
            body=body,
            timeout_profile="upload",
            inside_helper=True,
            max_retries=0,
            accept="*/*",
        )
        try:
            response = await self._send(request)
        except SourceError as error:
            body.problem = error
            raise UploadError(str(error)) from error
        proof = response.headers.get("ETag", "").removeprefix("W/").strip('" ')
        if not proof:
            raise UploadError("the store sent no ETag, which the platform requires as proof")
        if _is_md5(proof, response.headers) and proof.lower() != body.md5:
            raise UploadError(f"the store received different bytes than were sent (ETag {proof}, MD5 {body.md5})")
        return proof

    def _delay(self, failures: int, error: TwelveLabsError) -> float:
        delay = self._settings.retry_delay * 2.0 ** min(failures - 1, 16)
        delay = max(delay * random.uniform(0.5, 1.0), getattr(error, "retry_after", None) or 0.0)  # noqa: S311 - jitter
        return min(delay, MAX_RETRY_DELAY)

    async def _report(self, batch: list[SentChunk]) -> None:
        try:
            response = await self._api.report_chunk_batch(
                self._upload_id,
                completed_chunks=[
                    {
                        "chunk_index": chunk.index,
                        "proof": chunk.proof,
                        "proof_type": "etag",
                        "chunk_size": chunk.size,
                    }
                    for chunk in batch
                ],
                request_options=self._options,
            )
        except TwelveLabsError as error:
            raise self._error(f"uploaded chunks could not be reported: {error}", original=error) from error
        if response.processed_chunks is not None:
            accepted = response.processed_chunks + (response.duplicate_chunks or 0)
            if accepted < len(batch):
                raise self._error(f"the platform accepted {accepted} of the {len(batch)} reported chunks")
        self._last = batch[-1]
        self._url = response.url or self._url
        self._reports.accept(batch)

    async def _confirm(self) -> None:
        """Every chunk is reported, but no response contained the URL of the file: wait until the file is complete."""
        try:
            await self._api.wait_for_upload_completion(
                self._upload_id, sleep_interval=0.5, request_options=self._options
            )
        except TwelveLabsError as error:
            raise self._error(
                f"every chunk was uploaded, but the file was not completed: {error}", original=error
            ) from error
        if self._last is not None:
            # A chunk that is reported again counts as a duplicate, and the response contains the URL of the file. The
            # file is complete even if this report is rejected.
            with contextlib.suppress(UploadError):
                await self._report([self._last])

    async def _save(self) -> None:
        """Report the uploaded chunks, so that they need not be sent again when the upload is resumed."""
        with contextlib.suppress(TwelveLabsError, TimeoutError):
            async with asyncio.timeout(LAST_REPORT_SECONDS):
                while batch := self._reports.take(everything=True):
                    await self._report(batch)

    async def _report_progress(self, status: str) -> None:
        callback = self._settings.progress_callback
        if callback is None:
            return
        # One call at a time: the numbers never decrease, however long an asynchronous callback takes.
        async with self._reporting_progress:
            total, done = self._layout.total_chunks, self._reports.sent
            result = callback(UploadProgress(total, done, 100.0 * done / total, status))
            if inspect.isawaitable(result):
                await result

    def _chunk_error(self, index: int, attempts: int, error: Exception) -> UploadError:
        self._failed[index] = str(error)
        if isinstance(error, SourceError):
            return self._error(f"chunk {index}: {error}", index=index, original=error)
        times = "once" if attempts == 1 else f"{attempts} times"
        return self._error(f"chunk {index} failed {times}: {error}", index=index, original=error)

    def _error(self, problem: str, *, index: int | None = None, original: BaseException | None = None) -> UploadError:
        return UploadError(
            f"Upload {self._upload_id} did not finish: {problem}",
            upload_id=self._upload_id,
            asset_id=self._asset_id,
            finished=sorted(self._reports.accepted),
            failed=self._failed,
            chunk_index=index,
            original_error=original if isinstance(original, Exception) else None,
        )


def _is_md5(proof: str, headers: Mapping[str, str]) -> bool:
    return _MD5.fullmatch(proof) is not None and not any(name in headers for name in _ENCRYPTION)
