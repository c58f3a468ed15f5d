"""Streamed responses.

A stream can be used in three ways:

    async for event in client.analyze_stream(video_id=video_id, prompt="What happens?"):
        ...

    async with client.analyze_stream(video_id=video_id, prompt="What happens?") as stream:
        async for event in stream:
            ...

    stream = await client.analyze_stream(video_id=video_id, prompt="What happens?").open()
    async for text in stream.text_stream:
        ...

All of them release the connection when the loop is left early; with `async with`, it is released at the end of the
block. `open` is for a program that must know whether the platform accepts the request before it does anything else. An
event that this release does not know is delivered as `UnknownVariant`. A stream that ends before its last event, or
contains malformed data, raises a `StreamError` with what was received.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, Self, TypeVar

import orjson

from .._async_only import AsyncContextOnly, AsyncIterationOnly
from .._codec.decode import decode
from .._codec.large_json import loads
from .._codec.model import UnknownVariant
from .._codec.pacing import keeping_input, paced
from .._codec.registry import hook_for
from .._codec.scalars import Mismatch
from .._request.operation import EventT, StreamKind, TypeRef
from .._safe_repr import SafeRepr
from ..errors import APIConnectionError, APITimeoutError, DecodeError, StreamError
from .ndjson import LineDecoder, LineTooLongError
from .result import LAST_EVENTS, StreamFacts, StreamResult
from .sse import ServerSentEvent, SseDecoder

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from .._codec.json_engine import JsonEngine
    from .._codec.registry import Hook

T = TypeVar("T")

KEPT_EVENTS: Final = 1000
"""Maximum number of events in a StreamError, the latest ones; its text is complete."""

END_GRACE: Final = 1.0
"""Seconds in all to wait for the end of the response after the last event, whatever still arrives. Then the connection
is closed.
"""

THREAD_BYTES: Final = 64 * 1024
"""Events larger than this are decoded in a thread, because the event loop must not be blocked."""

SMALL_BYTES: Final = 1024
"""Events up to this size are decoded again where an error shows them: a thousand of them take a few milliseconds."""

SLICE_BYTES: Final = 8 * 1024
"""Bytes that are decoded before other tasks get their turn: a server may send many thousand short lines at once."""

Read = Callable[[], Awaitable[bytes]]
"""Returns the next piece of a body; empty at the end."""

_DONE: Final = b"[DONE]"
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

    async def read(self) -> bytes:
        """The next piece of the body; empty at the end."""
        ...


class AsyncStream(SafeRepr, AsyncIterationOnly, AsyncContextOnly, Generic[EventT]):
    """The events of one streaming call. Nothing is sent before the stream is entered or iterated."""

    def __init__(
        self,
        opener: Callable[[], AbstractAsyncContextManager[StreamSource]],
        *,
        kind: StreamKind,
        event: TypeRef[EventT],
        engine: JsonEngine | None = None,
        ask_for: Callable[[type], None] | None = None,
        expected: int | None = None,
        check_end: bool = True,
        clean: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Take what is needed to open the stream and to decode its events.

        Args:
            opener: Sends the request; its context holds the response.
            kind: How the events are written.
            event: Type of the events.
            engine: The JSON engine instead of orjson.
            ask_for: Changes the request, before it is sent, so that the text is JSON for a class.
            expected: Number of results; None where it is not known.
            check_end: False where the caller decides whether JSON lines are complete.
            clean: Takes secrets out of what leaves the stream, errors of its response included.

        Raises:
            ValueError: `expected` is negative.
        """
        if expected is not None and expected < 0:
            raise ValueError(f"expected must be a number of results, zero or more, not {expected!r}")
        self._opener = opener
        self._ask_for = ask_for
        self._clean = clean or _keep
        self._loads = loads if engine is None else engine.loads
        self._loads_small = orjson.loads if engine is None else engine.loads  # the same for events that are not large
        self._kind: StreamKind = kind
        self._event = event
        self._hook: Hook | None = None  # decodes events; their type is imported on first use
        self._context: AbstractAsyncContextManager[StreamSource] | None = None
        self._response: StreamSource | None = None
        self._read: Read | None = None  # while it is open
        self._decoder = SseDecoder() if kind == "sse" else LineDecoder()
        self._next_item: Callable[[], ServerSentEvent | bytes | None] = (
            self._decoder.next_event if isinstance(self._decoder, SseDecoder) else self._decoder.next_line
        )
        self._unread: ServerSentEvent | bytes | LineTooLongError | None = None  # what needs more than decoding
        self._decoded: deque[tuple[dict[str, Any], EventT]] = deque()
        self._entered = False
        self._closed = False
        self._expected = expected
        self._check_end = check_end
        self._count = 0
        self._grace_end: float | None = None
        self._rest = b""  # of a chunk that is decoded in slices
        self._complete = False  # the last event, as the contract defines it, was received
        self._done = False  # all events were delivered
        self._text: list[str] = []
        self._facts = StreamFacts()
        # Small events as they came: they are needed for errors only, and garbage collections would look at models.
        self._kept: deque[EventT | ServerSentEvent | bytes] = deque(maxlen=KEPT_EVENTS)
        self._busy = False  # a task does what the next event needs
        self._turn: asyncio.Event | None = None  # set when it has done so; others wait for this

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

    @property
    def text_stream(self) -> AsyncGenerator[str, None]:
        """The pieces of the generated text from here on, without the other events: `async for text in ...`."""
        return self._iterate_text()

    async def open(self) -> Self:
        """Send the request and receive the head of the response, but no event. Opening an open stream does nothing.

        Without this, a stream is opened when it is entered or read, and that is when a refusal is raised.

        Returns:
            The stream itself. Read it to its end, or close it.

        Raises:
            APIStatusError: The platform refuses the request.
            APIConnectionError: There was no response.
            StreamError: The stream was closed before its last event.
        """
        while self._busy:
            await self._wait_turn()
        if not self._done:
            self._busy = True
            try:
                await self._open()
            finally:
                self._end_turn()
        return self

    async def __aenter__(self) -> Self:
        self._entered = True
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __aiter__(self) -> AsyncGenerator[EventT, None]:
        return self._iterate()

    async def __anext__(self) -> EventT:
        while (event := self._take()) is None:
            if not await self._advance():
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

    async def final(self) -> StreamResult:
        """Read the rest of the stream and return what it comes to.

        Returns:
            The complete text, including what was read before, the finish reason, the usage and the ids.

        Raises:
            StreamError: The stream ended early, or the platform reports that the generation failed.
        """
        text = await self.read_text()
        if self._facts.failure is not None:
            failed = self._error(f"the generation failed: {self._facts.failure}")
            self._clean(failed)
            raise failed
        return self._facts.result(text, None if self._response is None else self._response.request_id)

    async def collect_json(self, into: type[T]) -> T:
        """Read the rest of the stream and return its text, which is JSON, as an instance of a class.

        If the stream is not open yet and its request names no format of the output, the class becomes that format.

        Args:
            into: An attrs class, a dataclass, a TypedDict or a pydantic model.

        Raises:
            StructuredOutputError: The text does not match the class; it is attached.
            OutputTruncatedError: The text was cut off at the token limit; it is attached.
            StreamError: The stream ended early, or the platform reports that the generation failed.
            TypeError: The class has a field of a type that cannot be requested.
        """
        from ..structured import parse_text

        if self._ask_for is not None and self._response is None:
            self._ask_for(into)
        result = await self.final()
        return await parse_text(into, result.text, finish_reason=result.finish_reason, request_id=result.request_id)

    async def close(self) -> None:
        """Release the connection and discard the rest of the stream. Closing a closed stream does nothing."""
        self._closed = True
        context, self._context = self._context, None
        self._read = None
        if context is not None:
            await context.__aexit__(None, None, None)

    async def aclose(self) -> None:
        """The same as `close`, under the name that `contextlib.aclosing` calls."""
        await self.close()

    async def _iterate(self) -> AsyncGenerator[EventT, None]:
        try:
            while True:
                event = self._take()
                if event is not None:
                    yield event
                elif not await self._advance():
                    return
        finally:
            # Leaving a loop closes the generator. Inside of `async with`, reading can continue.
            if not self._entered:
                await self.close()

    async def _iterate_text(self) -> AsyncGenerator[str, None]:
        try:
            while True:
                before = len(self._text)
                if self._take() is not None:
                    if len(self._text) > before:
                        yield self._text[-1]
                elif not await self._advance():
                    return
        finally:
            if not self._entered:
                await self.close()

    def _opened(self) -> StreamSource:
        if self._response is None:
            raise RuntimeError(
                "the stream is not open yet: enter it with 'async with', open it, or read an event first"
            )
        return self._response

    async def _open(self) -> Read:
        if self._read is None:
            if self._closed:
                raise self._error("the stream was closed before its last event")
            context = self._opener()
            self._response = await context.__aenter__()
            self._context = context
            self._read = self._response.read
        return self._read

    def _take(self) -> EventT | None:
        """The next event, if it is there and can be decoded at once; else None, and `_advance` has to do something.

        Most events come from here. Without another coroutine for each of them, they cost half as much.
        """
        if self._decoded:
            data, event = self._decoded.popleft()
            return self._note(data, event, event)
        if self._done or self._read is None or self._unread is not None:
            return None
        item: ServerSentEvent | bytes | LineTooLongError | None
        try:
            item = self._next_item()
        except LineTooLongError as error:
            self._unread = error
            return None
        if item is None:
            return None
        if isinstance(item, bytes):
            payload, name = item, ""
        else:
            payload, name = item.data, item.event
        hook = self._hook
        if hook is not None and len(payload) <= THREAD_BYTES and payload != _DONE:
            # What `_decode` does, without a call for each step; `_advance` does what is not done here, and raises.
            try:
                data = self._loads_small(payload)
                if data.__class__ is dict and (not name or "type" in data):
                    event = hook(data, None)
                    return self._note(data, event, item if len(payload) <= SMALL_BYTES else event)
            except (ValueError, RecursionError, Mismatch):  # RecursionError: from a JSON engine of the user
                pass
        self._unread = item
        return None

    async def _advance(self) -> bool:
        """Do what the next event needs: open, read, decode in a thread, or raise its error. False at the end.

        Several tasks may read one stream: one of them does this, while the others wait and look again. The end and any
        error close the stream.
        """
        if self._busy:
            await self._wait_turn()
            return True
        if self._done:
            return False
        self._busy = True
        try:
            read = self._read or await self._open()
            if self._unread is not None:
                more = await self._settle(self._unread, read)
            elif self._rest or self._complete:
                more = await self._feed(read) or await self._finish()
            else:  # nearly always, and without a coroutine in between
                try:
                    chunk = await read()
                except APITimeoutError as error:
                    if not self._closed:
                        raise
                    raise self._broken(error) from error
                except (APIConnectionError, TimeoutError, DecodeError) as error:
                    raise self._broken(error) from error
                if chunk:
                    more = True
                    if len(chunk) > SLICE_BYTES:
                        self._rest = chunk[SLICE_BYTES:]
                        chunk = chunk[:SLICE_BYTES]
                    self._decoder.feed(chunk)
                else:
                    more = await self._finish()
        except BaseException as error:
            await self.close()
            self._clean(error)
            raise
        else:
            if not more:
                await self.close()
            return more
        finally:
            self._end_turn()

    async def _wait_turn(self) -> None:
        if self._turn is None:
            self._turn = asyncio.Event()
        await self._turn.wait()

    def _end_turn(self) -> None:
        self._busy = False
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.set()

    async def _settle(self, item: ServerSentEvent | bytes | LineTooLongError, read: Read) -> bool:
        """Do with an item what `_take` could not."""
        if isinstance(item, LineTooLongError):
            raise self._error(f"an event is {item}", item.start) from item
        if not self._is_done_marker(item):
            await self._deliver(item)
            return True
        # After the end marker, reading the rest of the response makes the connection reusable.
        self._complete = self._done = True
        while await self._feed(read):
            pass
        return False

    def _is_done_marker(self, item: ServerSentEvent | bytes) -> bool:
        return isinstance(item, ServerSentEvent) and item.data == _DONE

    def _broken(self, error: Exception) -> Exception:
        """What the caller is to see where reading the response failed before the last event."""
        if isinstance(error, DecodeError):
            return self._error(f"the stream is damaged: {error}")
        if self._closed:
            return self._error("the stream was closed while it was read")
        return self._error(f"the stream broke before its last event: {error}", retryable=True)

    async def _feed(self, read: Read) -> bool:
        """Decode the rest of a chunk, or read on after the last event; False at the end of the response."""
        if self._rest:
            await asyncio.sleep(0)
            chunk = self._rest
        else:
            try:
                chunk = await self._read_after_end(read)
            except (APIConnectionError, TimeoutError):
                self._done = True  # the beginning of a further event that was cut off does not matter
                return False
            except DecodeError as error:
                # Also after the last event: with a wrong checksum, nothing that was received can be relied on.
                raise self._broken(error) from error
            if not chunk:
                return False
        self._rest = b""
        if not self._done:
            self._decoder.feed(chunk[:SLICE_BYTES])
            self._rest = chunk[SLICE_BYTES:]
        return True

    async def _read_after_end(self, read: Read) -> bytes:
        if self._grace_end is None:
            self._grace_end = asyncio.get_running_loop().time() + END_GRACE
        async with asyncio.timeout_at(self._grace_end):
            return await read()

    async def _finish(self) -> bool:
        """At the end of the response, decode what is left of it, or check that it is complete."""
        rest = None if self._done else self._decoder.finish()
        if rest and not self._is_done_marker(rest):
            # Without a line end, the event may be truncated. It is complete if it is JSON: a truncated object never is.
            await self._deliver(rest, truncated="the stream ended in the middle of an event")
            return True
        if not rest and not self._complete:
            self._check_complete()
        self._done = True
        return False

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

    async def _deliver(self, item: ServerSentEvent | bytes, truncated: str | None = None) -> None:
        """Decode an event for `_take`, in a thread if it is large; raise an error that says what is wrong with it."""
        payload = item if isinstance(item, bytes) else item.data
        try:
            if len(payload) > THREAD_BYTES:
                decoded = await asyncio.to_thread(self._decode_paced, item)
            else:
                decoded = self._decode(item)
        except DecodeError as error:
            raise self._error(f"an event does not match the API contract: {error}", payload) from error
        except (ValueError, RecursionError) as error:
            problem = truncated or "an event is not a JSON object"
            raise self._error(problem, payload, retryable=truncated is not None) from error
        self._unread = None
        self._decoded.append(decoded)

    def _decode_paced(self, item: ServerSentEvent | bytes) -> tuple[dict[str, Any], EventT]:
        with paced(), keeping_input():
            return self._decode(item)

    def _decode(self, item: ServerSentEvent | bytes) -> tuple[dict[str, Any], EventT]:
        data = self._loads(item if isinstance(item, bytes) else item.data)
        if not isinstance(data, dict):
            raise ValueError("not an object")  # noqa: TRY004 - malformed input, like invalid JSON
        if not isinstance(item, bytes) and item.event and "type" not in data:
            # The event name is the type if the payload does not contain it.
            data = {"type": item.event, **data}
        hook = self._hook
        if hook is None:
            hook = self._hook = hook_for(self._event.resolve())
        event: EventT
        try:
            event = hook(data, None)
        except Mismatch:
            event = decode(self._event.resolve(), data)  # raises an error that says where
        return data, event

    def _note(self, data: dict[str, Any], event: EventT, kept: EventT | ServerSentEvent | bytes) -> EventT:
        """Keep what the stream as a whole is asked for later, and return the event."""
        tag = data.get("event_type") or data.get("type")
        if isinstance(tag, str):
            name = _TEXT_FIELDS.get(tag)
            if name is None:
                self._facts.note(tag, data)
                # Results of batches have no last event, whatever one of them says of itself.
                has_last = self._kind != "jsonl" or not self._check_end
                self._complete = self._complete or (has_last and tag in LAST_EVENTS)
            elif isinstance(piece := data.get(name), str) and piece:
                self._text.append(piece)
        self._kept.append(kept)
        self._count += 1
        return event

    def _last_message(self) -> str:
        """The message of the last event, if that looks like the body of an error."""
        last: Any = self._shown(self._kept[-1]) if self._kept else None
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
            events=[self._shown(kept) for kept in self._kept],
            text=self.text,
            data=data,
            request_id=None if self._response is None else self._response.request_id,
            retryable=retryable,
        )

    def _shown(self, kept: EventT | ServerSentEvent | bytes) -> EventT:
        return self._decode(kept)[1] if isinstance(kept, bytes | ServerSentEvent) else kept

    def _received(self) -> str:
        count = len(self._kept)
        return f"{count}{'+' if count == KEPT_EVENTS else ''} event{'' if count == 1 else 's'}"


def _keep(_: BaseException) -> None:
    """There are no secrets."""
