"""Reading responses: whole ones with a size limit, long ones piece by piece."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Final

import aiohttp

from .._config.timeouts import Timeout
from ..errors import DecodeError, TwelveLabsError
from . import failures
from .deadline import CLOSED, SILENT, CallTimer, Watchdog
from .decompression import Decompressor, decompressor_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from .._request.message import Request

RATIO_CHECKED_FROM: Final = 8 * 1024 * 1024
"""Decompressed bytes from which on the ratio of compression is looked at."""

MAX_RATIO: Final = 100
"""Decompressed bytes for each compressed one that are believed; JSON with embeddings compresses to a third."""

JOINED_ON_LOOP: Final = 16 * 1024 * 1024
"""Bytes of a response that are joined as they arrive: then there are never two copies of them, and the memory of each
piece is used for the next one. Where memory has to be moved to make room for more, that takes a few milliseconds.
"""

MAX_ERROR_BYTES: Final = 64 * 1024
"""Bytes of an error response that are read."""

ERROR_SECONDS: Final = 1.5
"""Seconds in all that the body of an error response may take. The status is known by then: a server that sends a part
of the body, or nothing of it, must not turn a 429 into a timeout.
"""

STEPS_A_TURN: Final = 4
"""Steps of decompression after which the event loop gets its turn; one takes a millisecond or two at most."""


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The platform's id of a request, from the headers of its response."""
    return headers.get("X-Request-Id") or headers.get("X-Amzn-Requestid") or headers.get("X-Amz-Request-Id")


def is_delimited(headers: Mapping[str, str]) -> bool:
    """Whether a body has a length or chunks. Without them it ends with the connection, whole or not."""
    codings = headers.get("Transfer-Encoding", "").rpartition(",")
    return "Content-Length" in headers or codings[2].strip().lower() == "chunked"


async def read(response: aiohttp.ClientResponse, limit: int, timer: CallTimer) -> bytes:
    """Read the whole body. More than `limit` bytes, or a decompression bomb, is a DecodeError."""
    content = response.content
    if content.is_eof() and content.total_bytes <= limit and "Content-Encoding" not in response.headers:
        # Nearly every response: it came in one piece with its head.
        return content.read_nowait(-1)
    length = response.content_length
    if length is not None and length > limit:
        raise failures.too_large(limit, response.status, request_id_of(response.headers))
    body = Body(response, limit)
    joined = io.BytesIO()
    pieces = []
    while piece := await body.read():
        timer.record_activity()
        if body.size <= JOINED_ON_LOOP:
            joined.write(piece)
        else:
            pieces.append(piece)
    if pieces:
        pieces.insert(0, joined.getvalue())
        joined.close()
        return await asyncio.to_thread(_join, pieces)
    return joined.getvalue()  # without a copy


def _join(pieces: list[bytes]) -> bytes:
    """Join many pieces, and free them a few at a time: the event loop has to wait while memory is given back."""
    body = b"".join(pieces)  # without the GIL
    while pieces:
        del pieces[-16:]
    return body


async def read_start(response: aiohttp.ClientResponse, limit: int, timer: CallTimer) -> tuple[bytes, bool]:
    """Read the body of an error up to `limit` bytes, and tell whether it broke off. The status is known in any case.

    A body that stalls is cut after `ERROR_SECONDS`, or at the deadline of the call.
    """
    timer.stop()  # neither the silence of the server nor the deadline may hide the status
    end = timer.loop.time() + ERROR_SECONDS
    if timer.deadline is not None:
        end = min(end, timer.deadline)
    body = Body(response)
    pieces = []
    broken = False
    try:
        async with asyncio.timeout_at(end):
            while body.size < limit and (piece := await body.read()):
                pieces.append(piece)
    except TimeoutError:
        pass  # what is there has to do
    except aiohttp.ClientError:
        broken = True
    return b"".join(pieces)[:limit], broken


class Body:
    """The body of a response, decompressed in bounded steps. Its end is an error if it is not the end of the whole.

    Attributes:
        size: Bytes that were read so far, after decompression.
    """

    __slots__ = ("_content", "_decompressor", "_limit", "_response", "_steps", "size")

    def __init__(self, response: aiohttp.ClientResponse, limit: int | None = None) -> None:
        self._response = response
        self._content = response.content
        self._decompressor = decompressor_for(response.headers)
        self._limit = limit
        self._steps = 0
        self.size = 0

    @property
    def is_compressed(self) -> bool:
        """Whether it arrives compressed."""
        return self._decompressor is not None

    async def read(self) -> bytes:
        """The next piece; empty at the end.

        Raises:
            aiohttp.ClientPayloadError: The body is not whole, or damaged.
            DecodeError: It is larger than the limit, or expands too much.
        """
        decompressor = self._decompressor
        piece = await (self._content.readany() if decompressor is None else self._decompress(decompressor))
        self.size += len(piece)
        if self._limit is not None and self.size > self._limit:
            raise failures.too_large(self._limit, self._response.status, request_id_of(self._response.headers))
        if (
            decompressor is not None
            and self.size > RATIO_CHECKED_FROM
            and self.size > MAX_RATIO * decompressor.consumed
        ):
            raise failures.inflated(self._response.status, request_id_of(self._response.headers))
        return piece

    async def _decompress(self, decompressor: Decompressor) -> bytes:
        while True:
            while decompressor.pending:
                self._steps += 1
                if self._steps % STEPS_A_TURN == 0:
                    await asyncio.sleep(0)
                if piece := decompressor.step():
                    return piece
            data = await self._content.readany()
            if self._limit is not None and decompressor.consumed > self._limit:
                # Members that hold nothing: their number has no limit of its own.
                raise failures.too_large(self._limit, self._response.status, request_id_of(self._response.headers))
            if data:
                decompressor.feed(data)
            elif decompressor.complete:
                return b""
            else:
                raise aiohttp.ClientPayloadError("compressed data without its end")


class StreamResponse:
    """A 2xx response that is read piece by piece. It holds its permit and connection until it is closed.

    Attributes:
        status: HTTP status.
        headers: Headers; names are case-insensitive.
        request_id: The platform's id of this request.
        delimited: Whether the body has a length or chunks; without them it ends with the connection, whole or not.
    """

    def __init__(
        self,
        request: Request,
        response: aiohttp.ClientResponse,
        *,
        attempts: int,
        origin: str,
        limits: Timeout,
        read: float | None,
        watchdog: Watchdog,
        calls: set[CallTimer],
        on_close: Callable[[StreamResponse], None],
    ) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self.request_id = request_id_of(response.headers)
        self._request = request
        self.delimited = is_delimited(response.headers)
        self._response = response
        body = Body(response)
        self._next_piece = body.read if body.is_compressed else response.content.readany  # without another coroutine
        self._attempts = attempts
        self._origin = origin
        self._remaining = limits.total
        self._limits = limits
        self._read = read
        self._watchdog = watchdog
        self._calls = calls
        self._on_close = on_close
        self._timer: CallTimer | None = None  # for the next read; starting with a new one would be much of its cost
        self._ended = False
        self._open = True
        self.closed_by_client = False

    async def read(self) -> bytes:
        """The next piece of the body as it arrives; empty at the end.

        Raises:
            APIConnectionError: The connection broke.
            APITimeoutError: The server was silent for too long.
        """
        if self._ended:
            return b""
        if self.closed_by_client:
            raise failures.closed(self._request, self._attempts)
        timer, self._timer = self._timer, None
        if timer is None:
            timer = CallTimer(asyncio.get_running_loop(), self._watchdog)
            self._calls.add(timer)
        else:
            timer.renew()
        timer.start(self._read, self._remaining)
        error: Exception
        try:
            data = await self._next_piece()
        except asyncio.CancelledError:
            self.close()
            reason = timer.consume_cancellation()
            if reason is None:
                raise
            error = self._interrupted(reason)
        except TwelveLabsError:
            self.close()
            raise
        except (aiohttp.ClientError, OSError, RuntimeError) as exc:
            self.close()
            error = self._failed(exc)
        else:
            if timer.reason is not None:
                timer.consume_cancellation()
            if not data:
                self._ended = True
                self.close()
            return data
        finally:
            if self._remaining is not None:
                self._remaining = max(0.0, self._remaining - timer.loop.time() + timer.started)
            if self._open and self._timer is None:
                timer.suspend()
                self._timer = timer
            else:
                self._drop(timer)
        raise error

    def _drop(self, timer: CallTimer) -> None:
        timer.end()
        self._calls.discard(timer)

    def _interrupted(self, reason: str) -> Exception:
        if reason == CLOSED:
            return failures.closed(self._request, self._attempts)
        if reason == SILENT:
            return failures.silent(self._request, self._origin, self._limits, self._attempts)
        return failures.expired(self._request, self._limits.total, self._attempts)

    def _failed(self, exc: Exception) -> Exception:
        if self.closed_by_client:
            return failures.closed(self._request, self._attempts)
        failure = failures.describe(exc, self._request, self._origin, self._limits, self._attempts)
        if isinstance(failure.error, DecodeError):
            failure.error.status = self.status
            failure.error.request_id = self.request_id
        return failure.error

    def end(self) -> None:
        """Close it because the client is closed: reading on is an error that says so."""
        self.closed_by_client = True
        self.close()

    def close(self) -> None:
        """Give back the permit and the connection; a connection with unread data is closed. May be called twice."""
        if self._open:
            self._open = False
            timer, self._timer = self._timer, None
            if timer is not None:
                self._drop(timer)
            self._response.close()
            self._on_close(self)


class StreamContext:
    """`async with transport.stream(request) as response`: opens the response, and closes it in any case."""

    def __init__(self, opener: Callable[[Request], Awaitable[StreamResponse]], request: Request) -> None:
        self._opener = opener
        self._request = request
        self._response: StreamResponse | None = None

    async def __aenter__(self) -> StreamResponse:
        self._response = await self._opener(self._request)
        return self._response

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._response is not None:
            self._response.close()
