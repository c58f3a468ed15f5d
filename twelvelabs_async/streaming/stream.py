"""Streamed responses.

A stream can be used in two ways:

    async for event in client.analyze_stream(video_id=video_id, prompt="What happens?"):
        ...

    async with client.analyze_stream(video_id=video_id, prompt="What happens?") as stream:
        async for event in stream:
            ...

Both release the connection when the loop is left early; with `async with`, it is released at the end of the block. An
event that this release does not know is delivered as `UnknownVariant`. A stream that ends before its last event, or
contains malformed data, raises a `StreamError` with what was received.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol

from .._async_only import AsyncContextOnly, AsyncIterationOnly
from .._codec.decode import decode
from .._codec.large_json import loads
from .._codec.model import UnknownVariant
from .._codec.pacing import keeping_input, paced
from .._request.operation import EventT, StreamKind, TypeRef
from .._safe_repr import SafeRepr
from ..errors import APIConnectionError, APITimeoutError, DecodeError, StreamError
from .ndjson import LineDecoder, LineTooLongError
from .sse import ServerSentEvent, SseDecoder

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from .._codec.json_engine import JsonEngine

KEPT_EVENTS: Final = 1000
"""Maximum number of events in a StreamError, the latest ones; its text is complete."""

END_GRACE: Final = 1.0
"""Seconds in all to wait for the end of the response after the last event, whatever still arrives. Then the connection
is closed.
"""

THREAD_BYTES: Final = 64 * 1024
"""Events larger than this are decoded in a thread, because the event loop must not be blocked."""

SLICE_BYTES: Final = 8 * 1024
"""Bytes that are decoded before other tasks get their turn: a server may send many thousand short lines at once."""

_DONE: Final = b"[DONE]"
_LAST_EVENTS: Final = frozenset({"stream_end", "response.completed", "response.failed"})
_TEXT_FIELDS: Final = {"text_generation": "text", "response.output_text.delta": "delta"}


class StreamSource(Protocol):
    """An open response, as a stream needs it."""

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the response."""
        ...

    @property
    def request_id(self) -> str | None:
        """The platform's id of the request."""
        ...

    @property
    def delimited(self) -> bool:
        """Whether the body has a length or chunks; without them it ends with the connection, complete or not."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The body in chunks."""
        ...


class AsyncStream(SafeRepr, AsyncIterationOnly, AsyncContextOnly, Generic[EventT]):
    """The events of one streaming call. Nothing is sent before the stream is entered or iterated."""

    # `clean` takes secrets out of what leaves the stream, errors of its response included.

    def __init__(
        self,
        opener: Callable[[], AbstractAsyncContextManager[StreamSource]],
        *,
        kind: StreamKind,
        event: TypeRef[EventT],
        engine: JsonEngine | None = None,
        expected: int | None = None,
        check_end: bool = True,
        clean: Callable[[BaseException], None] | None = None,
    ) -> None:
        if expected is not None and expected < 0:
            raise ValueError(f"expected must be a number of results, zero or more, not {expected!r}")
        self._opener = opener
        self._clean = clean or _keep
        self._loads = loads if engine is None else engine.loads
        self._kind: StreamKind = kind
        self._event = event
        self._type: Any = None  # of the events; imported on first use
        self._context: AbstractAsyncContextManager[StreamSource] | None = None
        self._response: StreamSource | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._decoder = SseDecoder() if kind == "sse" else _Lines()
        self._entered = False
        self._closed = False
        self._expected = expected  # number of results; None where it is not known
        self._check_end = check_end  # False where the caller decides whether JSON lines are complete
        self._count = 0
        self._grace_end: float | None = None
        self._complete = False  # the last event, as the contract defines it, was received
        self._done = False  # all events were delivered
        self._text: list[str] = []
        self._kept: deque[EventT] = deque(maxlen=KEPT_EVENTS)
        self._lock = asyncio.Lock()

    def __repr__(self) -> str:
        state = "not open"
        if self._done:
            state = "complete"
        elif self._closed:
            state = "closed"
        elif self._response is not None:
            state = "open"
        return f"<AsyncStream of {self._event.name}: {state}, {self._received()}>"

    @property
    def status(self) -> int:
        """HTTP status of the response."""
        return self._opened().status

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the response."""
        return self._opened().headers

    @property
    def request_id(self) -> str | None:
        """The platform's id of the request."""
        return self._opened().request_id

    @property
    def text(self) -> str:
        """The generated text so far; it grows while the stream is read."""
        return "".join(self._text)

    async def __aenter__(self) -> AsyncStream[EventT]:
        self._entered = True
        await self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __aiter__(self) -> AsyncGenerator[EventT, None]:
        return self._iterate()

    async def __anext__(self) -> EventT:
        event = await self._next()
        if event is None:
            raise StopAsyncIteration
        return event

    async def collect(self) -> list[EventT]:
        """Read the rest of the stream and return its events."""
        try:
            return [event async for event in self]
        except BaseException as error:
            self._clean(error)
            raise
        finally:
            await self.close()

    async def read_text(self) -> str:
        """Read the rest of the stream and return the complete text."""
        try:
            async for _ in self:
                pass
        finally:
            await self.close()
        return self.text

    async def close(self) -> None:
        """Release the connection and discard the rest of the stream. Closing a closed stream does nothing."""
        self._closed = True
        context, self._context = self._context, None
        chunks, self._chunks = self._chunks, None
        if context is not None:
            await context.__aexit__(None, None, None)
        if isinstance(chunks, AsyncGenerator):
            # RuntimeError: another task is waiting for the next chunk. That task receives an error.
            with contextlib.suppress(RuntimeError):
                await chunks.aclose()

    async def _iterate(self) -> AsyncGenerator[EventT, None]:
        try:
            while (event := await self._next()) is not None:
                yield event
                del event  # nothing here holds it while the next one is read
        finally:
            # Leaving a loop closes the generator. Inside of `async with`, reading can continue.
            if not self._entered:
                await self.close()

    def _opened(self) -> StreamSource:
        if self._response is None:
            raise RuntimeError("the stream is not open yet: enter it with 'async with', or read an event first")
        return self._response

    async def _open(self) -> AsyncIterator[bytes]:
        if self._chunks is None:
            if self._closed:
                raise self._error("the stream was closed before its last event")
            context = self._opener()
            self._response = await context.__aenter__()
            self._context = context
            self._chunks = _slices(self._response.chunks())
        return self._chunks

    async def _next(self) -> EventT | None:
        """The next event; None at the end. The end and any error close the stream.

        Several tasks may read one stream: it is opened once, and each event goes to one of them.
        """
        async with self._lock:
            try:
                return await self._read()
            except BaseException as error:
                self._clean(error)
                raise

    async def _read(self) -> EventT | None:
        if self._done:
            return None
        try:
            chunks = await self._open()
            while (item := self._take()) is None:
                if not await self._feed(chunks):
                    return await self._finish()
            if not self._is_done_marker(item):
                return await self._deliver(item)
            # After the end marker, reading the rest of the response makes the connection reusable.
            self._complete = self._done = True
            while await self._feed(chunks):
                pass
        except BaseException:
            await self.close()
            raise
        await self.close()
        return None

    def _take(self) -> ServerSentEvent | None:
        try:
            return self._decoder.next_event()
        except LineTooLongError as error:
            raise self._error(f"an event is {error}", error.start) from error

    def _is_done_marker(self, item: ServerSentEvent) -> bool:
        return self._kind == "sse" and item.data == _DONE

    async def _feed(self, chunks: AsyncIterator[bytes]) -> bool:
        """Pass the next chunk to the decoder; False at the end of the response."""
        if self._complete and self._grace_end is None:
            self._grace_end = asyncio.get_running_loop().time() + END_GRACE
        try:
            async with asyncio.timeout_at(self._grace_end):
                chunk = await anext(chunks, None)
        except (APIConnectionError, TimeoutError) as error:
            if self._complete:
                self._done = True  # the beginning of a further event that was cut off does not matter
                return False
            if self._closed:
                raise self._error("the stream was closed while it was read") from error
            if isinstance(error, APITimeoutError):
                raise
            raise self._error(f"the stream broke before its last event: {error}", retryable=True) from error
        except DecodeError as error:
            # Also after the last event: with a wrong checksum, nothing that was received can be relied on.
            raise self._error(f"the stream is damaged: {error}") from error
        if chunk is not None and not self._done:
            self._decoder.feed(chunk)
        return chunk is not None

    async def _finish(self) -> EventT | None:
        """At the end of the response, deliver what is left of it, or check that it is complete."""
        rest = None if self._done else self._decoder.finish()
        if rest is not None and not self._is_done_marker(rest):
            # Without a line end, the event may be truncated. It is complete if it is JSON: a truncated object never is.
            return await self._deliver(rest, truncated="the stream ended in the middle of an event")
        if rest is None and not self._complete:
            self._check_complete()
        self._done = True
        await self.close()
        return None

    def _check_complete(self) -> None:
        """Raise an error if something is missing where no event has said that it is the last one."""
        if self._kind != "jsonl":
            raise self._error(f"the stream ended before its last event{self._last_message()}", retryable=True)
        if not self._check_end:
            return
        if self._expected is not None:
            if self._count < self._expected:
                problem = f"the stream ended after {self._count:,} of {self._expected:,} results"
                raise self._error(problem, retryable=True)
        elif not self._count:
            raise self._error("the response is empty", retryable=True)
        elif not self._opened().delimited:
            raise self._error(
                "the response has neither a length nor chunks, so that it may have been cut: pass the batch, or the "
                "number of results as expected="
            )

    async def _deliver(self, item: ServerSentEvent, truncated: str | None = None) -> EventT:
        try:
            if len(item.data) > THREAD_BYTES:
                data, event = await asyncio.to_thread(self._decode_paced, item)
            else:
                data, event = self._decode(item)
        except DecodeError as error:
            raise self._error(f"an event does not match the API contract: {error}", item.data) from error
        except (ValueError, RecursionError) as error:  # the latter from a JSON engine of the user
            problem = truncated or "an event is not a JSON object"
            raise self._error(problem, item.data, retryable=truncated is not None) from error
        tag = data.get("event_type") or data.get("type")
        if isinstance(tag, str):
            # Results of batches have no last event, whatever one of them says of itself.
            has_last = self._kind != "jsonl" or not self._check_end
            self._complete = self._complete or (has_last and tag in _LAST_EVENTS)
            if tag in _TEXT_FIELDS and isinstance(piece := data.get(_TEXT_FIELDS[tag]), str):
                self._text.append(piece)
        self._kept.append(event)
        self._count += 1
        return event

    def _decode_paced(self, item: ServerSentEvent) -> tuple[dict[str, Any], EventT]:
        with paced(), keeping_input():
            return self._decode(item)

    def _decode(self, item: ServerSentEvent) -> tuple[dict[str, Any], EventT]:
        data = self._loads(item.data)
        if not isinstance(data, dict):
            raise ValueError("not an object")  # noqa: TRY004 - malformed input, like invalid JSON
        if item.event and "type" not in data:
            # The event name is the type if the payload does not contain it.
            data = {"type": item.event, **data}
        if self._type is None:
            self._type = self._event.resolve()
        event: EventT = decode(self._type, data)
        return data, event

    def _last_message(self) -> str:
        """The message of the last event, if that looks like the body of an error."""
        last: Any = self._kept[-1] if self._kept else None
        if not isinstance(last, UnknownVariant) or not isinstance(last.data, dict):
            return ""
        error = last.data.get("error", last.data)
        if not isinstance(error, dict) or not isinstance(error.get("message"), str):
            return ""
        code = error.get("code")
        return f"; the platform said: {f'{code}: ' if code else ''}{error['message']}"

    def _error(self, problem: str, data: bytes = b"", *, retryable: bool = False) -> StreamError:
        return StreamError(
            f"{problem} (after {self._received()})",
            events=self._kept,
            text=self.text,
            data=data,
            request_id=None if self._response is None else self._response.request_id,
            retryable=retryable,
        )

    def _received(self) -> str:
        count = len(self._kept)
        return f"{count}{'+' if count == KEPT_EVENTS else ''} event{'' if count == 1 else 's'}"


def _keep(_: BaseException) -> None:
    """There are no secrets."""


async def _slices(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in pieces of `SLICE_BYTES` at most, with a turn for other tasks between two of them."""
    try:
        async for chunk in chunks:
            yield chunk[:SLICE_BYTES]
            for at in range(SLICE_BYTES, len(chunk), SLICE_BYTES):
                await asyncio.sleep(0)
                yield chunk[at : at + SLICE_BYTES]
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()


class _Lines:
    """Presents lines as events, so that both kinds of streams have the same interface."""

    def __init__(self) -> None:
        self._lines = LineDecoder()
        self.feed = self._lines.feed

    def next_event(self) -> ServerSentEvent | None:
        line = self._lines.next_line()
        return None if line is None else ServerSentEvent(line)

    def finish(self) -> ServerSentEvent | None:
        rest = self._lines.finish()
        return ServerSentEvent(rest) if rest else None
