"""Sends one file in chunks, several at a time.

    file ── Layout ── workers ── PUT to presigned URLs (without the key) ── ETag = MD5 of the bytes sent ── report

Chunks are read from the file while they are sent: memory is a few slices of 512 KiB for each worker. Those of a stream,
which can be read only once, are kept until they are in the store: `max_workers` chunks. A presigned URL can be used
once, so each attempt at a chunk has its own URL, and retries are counted here and not in the transport.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import hashlib
import random
import re
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .._request.message import Request
from .._request.sources import BytesSource, Source, SourceError, read_into
from .._request.streams import StreamSource
from ..errors import APIConnectionError, APIStatusError, TwelveLabsError, UploadError
from .buffers import BufferPool
from .plan import REPORT_SECONDS, ChunkUrl, PresignedUrlPool, Reports, SentChunk
from .progress import Progress
from .session import Session, UrlChecker
from .state import headers_to_keep
from .values import Settings, UploadResult

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence

    from .._request.options import RequestOptions
    from .api import PresignedUrl, Send, UploadApi, UploadSession

CHUNK_SLICE_BYTES: Final = 512 * 1024
"""Bytes of a chunk that are read, hashed and written to the socket at once.

Much of the CPU time is that of handing a slice over between two threads, so few large ones are better. With 1 MiB, 8
workers would need 20 MiB, and more over TLS, where the network library has copies of what it sends.
"""

READING_THREADS: Final = 3
"""Threads that read the chunks of one upload.

More of them disturb each other and the event loop, since each system call ends with a wait for Python's lock; few of
them find the next slice waiting, and need not be woken.
"""

MAX_RETRY_DELAY: Final = 30.0
"""Longest delay before a chunk is retried, in seconds."""

GRACE_SECONDS: Final = 2.0
"""Seconds that an upload which ends early may take to report its uploaded chunks, so that they need not be sent again.

They bound all of the last reports together, also where the upload was cancelled.
"""

URLS_AT_ONCE: Final = 500
"""Presigned URLs that are checked before other tasks get their turn: 1,000 of them take some milliseconds."""

REJECTED_URL_STATUSES: Final = frozenset({401, 403, 410})
"""How a store rejects a presigned URL that expired or was used. The first such response does not count as a retry."""

_MD5: Final = re.compile(r"[0-9a-fA-F]{32}")

_ENCRYPTION: Final = (
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-aws-kms-key-id",
)
"""With these headers a store's ETag also has 32 hexadecimal digits, but is not the MD5 of the content."""


class ChunkBody:
    """One chunk as a request body. It computes the MD5 of the bytes that its latest payload has sent.

    Args:
        source: The file.
        offset: Where the chunk begins.
        length: Its size.
        content_type: Value of Content-Type; None if the headers of the session set it.
        checksum: Whether to compute the MD5.
        on_sent: Called with the number of bytes that a payload has handed out so far.
        buffers: Where the memory for its slices comes from.
        threads: Where its slices are read. Default: the threads of the event loop.
    """

    def __init__(
        self,
        source: Source,
        offset: int,
        length: int,
        content_type: str | None,
        *,
        checksum: bool = True,
        on_sent: Callable[[int], None] = lambda _: None,
        buffers: BufferPool | None = None,
        threads: Executor | None = None,
    ) -> None:
        self._checksum = checksum
        self._on_sent = on_sent
        self._buffers = BufferPool(CHUNK_SLICE_BYTES) if buffers is None else buffers
        self._threads = threads
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

    def open(self) -> AsyncIterator[memoryview]:
        """Begin a payload."""
        self._digest = hashlib.md5(usedforsecurity=False)
        return self._slices(self._digest)

    async def _slices(self, digest: Any) -> AsyncIterator[memoryview]:
        def read(offset: int, buffer: memoryview) -> None:
            read_into(self._source, offset, buffer)
            if self._checksum:
                digest.update(buffer)

        loop = asyncio.get_running_loop()
        for at in range(0, self.content_length, CHUNK_SLICE_BYTES):
            size = min(CHUNK_SLICE_BYTES, self.content_length - at)
            data = self._buffers.take()[:size]
            try:
                await loop.run_in_executor(self._threads, read, self._offset + at, data)
            except SourceError as error:
                # The network library wraps exceptions of a payload; here the original is kept.
                self.problem = error
                raise
            yield data
            del data  # so that its buffer may be used again
            self._on_sent(at + size)


class _Job(NamedTuple):
    """A chunk to send, with a presigned URL; those of a stream have their bytes."""

    chunk: int
    url: str
    data: BytesSource | None = None


class Upload:
    """One upload session. `run` sends the chunks that the platform does not have.

    Args:
        opened: The platform's response to the creation of the session, or a session that was checked before.
        source: The file.
        settings: How to send it.
        api: The calls of the session.
        send: Sends a request to the store.
        options: Options of each call to the API.
        allow_http: Whether presigned URLs may begin with `http://` for hosts other than this machine.
        done: Chunks that the platform has from an earlier run.
        identity: What identifies the file, for errors.
    """

    def __init__(
        self,
        opened: UploadSession | Session,
        source: Source | StreamSource,
        settings: Settings,
        *,
        api: UploadApi,
        send: Send,
        options: RequestOptions | None = None,
        allow_http: bool = False,
        done: Collection[int] = (),
        identity: Mapping[str, int | str] | None = None,
    ) -> None:
        session = opened if isinstance(opened, Session) else Session.of(opened, source.size)
        self._upload_id = session.upload_id
        self._asset_id = session.asset_id
        self._api = api
        self._send = send
        self._options = options
        self._source = source
        self._settings = settings
        self._layout = session.layout
        self._reports = Reports(self._layout.total_chunks, settings.batch_size, done)
        self._progress = Progress(self._layout, settings.progress_callback, done)
        self._first_urls: Sequence[PresignedUrl] = session.urls
        self._checker = UrlChecker(self._layout.total_chunks, allow_http=allow_http)
        self._urls = PresignedUrlPool(self._layout, done)
        self._requesting = asyncio.Lock()
        # Many small files may be uploaded at once: they need no large buffers.
        self._buffers = BufferPool(min(CHUNK_SLICE_BYTES, self._layout.chunk_size, self._layout.total_size))
        # The only chunk of a small file is read in order: it needs no threads of its own.
        several = self._layout.total_chunks > 1
        self._threads = ThreadPoolExecutor(READING_THREADS, "twelvelabs-upload") if several else None
        self._all_sent = asyncio.Event()
        self._accepted = asyncio.Event()
        self._failed: dict[int, str] = {}
        self._last: SentChunk | None = None
        self._url = ""
        self._headers = session.headers
        self._identity = identity
        typed = any(name.lower() == "content-type" for name in self._headers)
        self._content_type = None if typed else "application/octet-stream"

    async def run(self) -> UploadResult:
        """Send every chunk and report it.

        If the upload ends early, by an error, a timeout or a cancellation, every worker stops, and the chunks that are
        in the store are reported before this returns. That takes `GRACE_SECONDS` at most, and ends with a second
        cancellation.

        Raises:
            UploadError: The upload did not finish.
        """
        settings = self._settings
        begun = settings.deadline is not None
        limit = asyncio.timeout_at(settings.deadline) if begun else asyncio.timeout(settings.timeout)
        try:
            async with limit:
                first, self._first_urls = self._first_urls, ()
                await self._store_urls(first, None)
                await self._progress.report("uploading")
                await self._send_chunks()
                if not self._url:
                    await self._confirm()
                result = self._result()
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, TimeoutError) and limit.expired():
                waiting = isinstance(self._source, StreamSource) and self._source.waiting
                why = " while the stream delivered nothing" if waiting else ""
                timed_out = self._error(f"the timeout of {self._settings.timeout:g} s passed{why}", original=error)
                await self._report_the_rest(timed_out)
                raise timed_out from error
            await self._report_the_rest(error)
            raise
        finally:
            if self._threads is not None:
                self._threads.shutdown(wait=False, cancel_futures=True)
        await self._progress.report("completed")
        return result

    def _result(self) -> UploadResult:
        if not self._asset_id:
            raise self._error("every chunk was uploaded, but the platform did not name the asset")
        return UploadResult(self._asset_id, self._url)

    async def _send_chunks(self) -> None:
        if self._reports.all_sent:
            return
        # Not a TaskGroup: there, an error of a worker has priority over a cancellation, and until Python 3.13 it leaves
        # the task marked as cancelled.
        count = min(self._settings.max_workers, self._urls.waiting)
        workers = [asyncio.create_task(self._work()) for _ in range(count)]
        workers.append(asyncio.create_task(self._report_in_time()))
        try:
            working = set(workers)
            while working:
                # Not FIRST_EXCEPTION, which does not count a worker that ended because its callback was cancelled.
                ended, working = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                if any(worker.cancelled() or worker.exception() is not None for worker in ended):
                    break
        except asyncio.CancelledError:
            await _stop(workers)
            raise
        done = [worker for worker in workers if worker.done()]
        await _stop(workers)
        for worker in done:
            worker.result()  # raises the error that ended the upload

    async def _report_the_rest(self, cause: BaseException) -> None:
        """Report the chunks that are in the store, before the upload ends with `cause`."""
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                for batch in self._reports.unreported():
                    await self._report(batch)
        except TimeoutError:
            cause.add_note(self._unreported(f"the platform did not respond within {GRACE_SECONDS:g} s"))
        except Exception as error:
            # None of them may take the place of the cause.
            reason = error.original_error if isinstance(error, UploadError) and error.original_error else error
            cause.add_note(self._unreported(str(reason)))
        if isinstance(cause, UploadError):
            cause.finished, cause.failed = tuple(sorted(self._reports.accepted)), dict(self._failed)

    def _unreported(self, why: str) -> str:
        count = sum(len(batch) for batch in self._reports.unreported())
        return f"{count} uploaded chunks of upload {self._upload_id} are not reported: {why}"

    async def _work(self) -> None:
        stream = self._source if isinstance(self._source, StreamSource) else None
        while True:
            job = await (self._next() if stream is None else self._next_of(stream))
            if job is None:
                return
            await self._chunk(job)
            del job  # it may hold the bytes of the chunk
            while self._reports.full:
                # Another worker's report is on its way. What is sent until it arrives would be lost with the process.
                self._accepted.clear()
                await self._accepted.wait()

    async def _report_in_time(self) -> None:
        """Send reports that are due although they are not full, until every chunk is in the store."""
        while not self._all_sent.is_set():
            now = time.monotonic()
            if batch := self._reports.take(now):
                await self._report(batch)
                continue
            with contextlib.suppress(TimeoutError):
                # A chunk that is added meanwhile is not due before this ends.
                async with asyncio.timeout(min(self._reports.due - now, REPORT_SECONDS)):
                    await self._all_sent.wait()

    async def _next(self) -> _Job | None:
        """The next chunk and its URL; requests more URLs when none are left."""
        while (job := self._urls.take(time.monotonic())) is None and self._urls.waiting:
            async with self._requesting:
                if (job := self._urls.take(time.monotonic())) is not None:
                    break
                if (needed := self._urls.needed()) is not None:
                    await self._request_urls(*needed)
        return None if job is None else _Job(*job)

    async def _next_of(self, stream: StreamSource) -> _Job | None:
        """The next chunk of a stream, its URL and its bytes. One worker at a time, in the order of the stream."""
        async with self._requesting:
            if not self._urls.waiting:
                return None
            index = self._layout.total_chunks - self._urls.waiting + 1
            try:
                data = await stream.read_next(self._layout.region(index)[1])
                if index == self._layout.total_chunks:
                    await stream.finish()
            except SourceError as error:
                raise self._chunk_error(index, 1, error) from error
            while (job := self._urls.take(time.monotonic(), only=index)) is None:
                if (needed := self._urls.needed()) is not None:
                    await self._request_urls(*needed)
            return _Job(*job, BytesSource(data))

    async def _request_urls(self, start: int, count: int) -> None:
        urls = await self._more_urls(start, count)
        await self._store_urls(*urls)
        if (needed := self._urls.needed()) is not None and needed[0] == start:
            raise self._error(f"the platform returned no URL for chunk {start}", index=start)

    async def _fresh_url(self, index: int) -> str:
        urls, _ = await self._more_urls(index, 1)
        for chunk, url, _ in self._check_urls(urls):
            if chunk == index:
                return url
        raise self._error(f"the platform returned no new URL for chunk {index}", index=index)

    async def _more_urls(self, start: int, count: int) -> tuple[Sequence[PresignedUrl], dt.datetime | None]:
        try:
            response = await self._api.get_additional_presigned_urls(
                self._upload_id, start=start, count=count, request_options=self._options
            )
        except TwelveLabsError as error:
            raise self._error(f"requesting presigned URLs failed: {error}", index=start, original=error) from error
        return response.upload_urls or [], response.generated_at

    async def _store_urls(self, urls: Sequence[PresignedUrl], generated: dt.datetime | None) -> None:
        generated = generated or dt.datetime.now(dt.UTC)
        known = []
        for index, url, item in self._check_urls(urls):
            lifetime = (item.expires_at - generated).total_seconds() if item.expires_at else None
            known.append(ChunkUrl(index, url, lifetime))
            if not len(known) % URLS_AT_ONCE:
                await asyncio.sleep(0)
        self._urls.add(known, time.monotonic())

    def _check_urls(self, urls: Sequence[PresignedUrl]) -> Iterator[tuple[int, str, PresignedUrl]]:
        try:
            yield from self._checker.check(urls)
        except ValueError as problem:
            raise self._error(str(problem)) from None

    async def _chunk(self, job: _Job) -> None:
        index, url, data = job
        offset, length = self._layout.region(index)
        failures, renewed = 0, False
        while True:
            body = ChunkBody(
                data or self._file,
                0 if data else offset,
                length,
                self._content_type,
                checksum=self._settings.verify_checksums,
                on_sent=functools.partial(self._progress.sent, index),
                buffers=self._buffers,
                threads=self._threads,
            )
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
        self._reports.add(SentChunk(index, proof, length), time.monotonic())
        self._progress.stored(index)
        if self._reports.all_sent:
            self._all_sent.set()
        while batch := self._reports.take():
            await self._report(batch)
        await self._progress.report("uploading")

    @property
    def _file(self) -> Source:
        """The file, which is no stream."""
        if isinstance(self._source, StreamSource):
            raise SourceError("a stream can be read only once")
        return self._source

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
        verify = self._settings.verify_checksums and is_md5(proof, response.headers)
        if verify and proof.lower() != body.md5:
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
        self._asset_id = self._asset_id or response.asset_id or ""
        self._progress.confirmed(self._reports.accept(batch))
        self._accepted.set()

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
        # A chunk that is reported again counts as a duplicate, and the response contains the URL of the file. The file
        # is complete even if this report is rejected.
        with contextlib.suppress(UploadError, SourceError):
            await self._report([self._last or await self._sent_before()])

    async def _sent_before(self) -> SentChunk:
        """The last chunk, of which an earlier run has received the proof: for most stores, it is the MD5."""
        index = self._layout.total_chunks
        offset, length = self._layout.region(index)
        body = ChunkBody(self._file, offset, length, None)
        async for _ in body.open():
            pass
        return SentChunk(index, body.md5, length)

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
            asset_id=self._asset_id or None,
            finished=sorted(self._reports.accepted),
            failed=self._failed,
            chunk_index=index,
            original_error=original if isinstance(original, Exception) else None,
            chunk_size=self._layout.chunk_size,
            upload_headers=headers_to_keep(self._headers),
            file_identity=self._identity,
        )


async def _stop(workers: list[asyncio.Task[None]]) -> None:
    """Cancel workers and wait until they have ended, whoever cancels this meanwhile."""
    for worker in workers:
        worker.cancel()
    cancelled: asyncio.CancelledError | None = None
    while not all(worker.done() for worker in workers):
        try:
            await asyncio.wait(workers)
        except asyncio.CancelledError as error:
            cancelled = error
    for worker in workers:
        if not worker.cancelled():
            worker.exception()  # errors of the others are consequences: nobody else looks at them
    if cancelled is not None:
        raise cancelled


def is_md5(proof: str, headers: Mapping[str, str]) -> bool:
    """Whether an ETag is the MD5 of the content, as it is unless the store has encrypted it."""
    return _MD5.fullmatch(proof) is not None and not any(name in headers for name in _ENCRYPTION)
