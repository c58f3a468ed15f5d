"""Server-sent events for a browser, from a stream of the platform or any asynchronous iterable."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
from starlette.background import BackgroundTask
from starlette.datastructures import Headers
from starlette.responses import Response

from .._codec.serialize import to_json
from .._safe_repr import SafeRepr
from ..errors import TwelveLabsError
from ..streaming import AsyncStream
from .problems import STATUS_DISCONNECTED, RefusedError, problem_of, shutting_down
from .service import find_service

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

DEFAULT_HEARTBEAT: Final = 15.0
"""Seconds of silence after which a comment is sent: proxies close connections that are silent for a minute or less."""

DEFAULT_SEND_TIMEOUT: Final = 60.0
"""Seconds that a browser may take to accept what is sent to it."""

MEDIA_TYPE: Final = "text/event-stream"

_HEARTBEAT: Final = b":\n\n"
_SHORTEST_PAUSE: Final = 0.01
_TURN: Final = 16
"""Events after which other tasks get their turn: neither the events nor the server need to wait for anything."""

_LAST_WORDS_SECONDS: Final = 2.0
_LINE_BREAKS: Final = frozenset("\r\n\0")

_log = logging.getLogger("twelvelabs_async.starlette")


def _is_one_line(_: object, field: attrs.Attribute[Any], value: str | None) -> None:
    if value is not None and not _LINE_BREAKS.isdisjoint(value):
        raise ValueError(f"{field.name} must be one line, not {value!r:.60}")


@attrs.frozen
class BrowserEvent(SafeRepr):
    """A server-sent event with its own name or id.

    Attributes:
        data: JSON-serializable content, including models.
        event: Name of the event. A browser delivers events without a name as `message`.
        id: Id of the event, which a browser sends as `Last-Event-ID` when it reconnects. Default: a number that
            counts from 1.
    """

    data: Any
    event: str | None = attrs.field(default=None, kw_only=True, validator=_is_one_line)
    id: str | None = attrs.field(default=None, kw_only=True, validator=_is_one_line)


class _GoneError(Exception):
    """The browser has left, or does not accept what is sent to it."""


class EventStreamResponse(Response):
    """A response of server-sent events.

        return EventStreamResponse(client.analyze_stream(video=video, prompt="What happens?"))

    - A stream of the platform is opened before the status is sent: a rejected request raises an error, which the
      exception handlers convert to a response.
    - Each event is JSON in one `data` line, with an `id` that counts from 1. An event `end` follows the last one.
      If the stream breaks, an event `error` is sent instead, with `status`, `code`, `message` and `request_id`.
    - While there are no events, a comment is sent every `heartbeat` seconds.
    - When the browser disconnects, the stream is closed at once, even between events.
    - The next event is read when the browser has accepted the previous one: a slow browser costs no memory.

    Args:
        events: A stream of the platform, or any asynchronous iterable. It is closed at the end.
        encode: Converts an event to JSON-serializable content or a `BrowserEvent`; None drops the event.
        reconnect: Whether a browser may reconnect after an interruption, with `Last-Event-ID`. Otherwise such a
            request receives 204, which ends an `EventSource`. Default: False for a stream of the platform, which would
            be generated and charged again from the beginning; True for everything else.
        heartbeat: Seconds of silence after which a comment is sent.
        send_timeout: Seconds that a browser may take to accept an event. Then the response ends.
        status_code: HTTP status.
        headers: Further headers.
        background: A task for the time after the response.

    Raises:
        ValueError: `heartbeat` or `send_timeout` is not above 0.
        TypeError: `events` is not an asynchronous iterable.
    """

    media_type: str | None = MEDIA_TYPE

    def __init__(
        self,
        events: AsyncIterable[Any],
        *,
        encode: Callable[[Any], Any] | None = None,
        reconnect: bool | None = None,
        heartbeat: float = DEFAULT_HEARTBEAT,
        send_timeout: float = DEFAULT_SEND_TIMEOUT,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        if not isinstance(events, AsyncIterable):
            raise TypeError(f"events must be an asynchronous iterable, not {type(events).__name__}")
        for name, seconds in (("heartbeat", heartbeat), ("send_timeout", send_timeout)):
            if not seconds > 0:
                raise ValueError(f"{name} must be a number of seconds above 0, not {seconds!r}")
        self._events = events
        self._encode = encode
        self._reconnect = not isinstance(events, AsyncStream) if reconnect is None else reconnect
        self._heartbeat = heartbeat
        self._send_timeout = send_timeout
        self._count = 0
        self._started = False
        self._sending = asyncio.Lock()
        self._send_began = 0.0
        self._last_sent = 0.0
        self.status_code = status_code
        self.background = background
        self.init_headers({"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no", **(headers or {})})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events; see `EventStreamResponse`."""
        try:
            if scope["method"] == "HEAD":  # what a GET would say, without paying for it
                with contextlib.suppress(_GoneError):
                    await self._send_head(send)
                    await self._send(send, b"", more=False)
            elif not self._reconnect and "last-event-id" in Headers(scope=scope):
                await Response(status_code=204)(scope, receive, send)
            else:
                await self._run(scope, receive, send)
        finally:
            await self._close()
        if self.background is not None:
            await self.background()

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until the end, until the browser has left, or until a shutdown has waited long enough."""
        loop = asyncio.get_running_loop()
        stopped: asyncio.Future[None] = loop.create_future()
        service = find_service(scope)
        with contextlib.nullcontext() if service is None else service.work.running(functools.partial(_set, stopped)):
            serving = loop.create_task(self._serve(send))
            gone = loop.create_task(_wait_for_disconnect(receive))
            beating = loop.create_task(self._beat(send))
            ends: tuple[asyncio.Future[None], ...] = (serving, gone, beating, stopped)
            try:
                await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            finally:
                finished, left = serving.done(), gone.done()
                for end in ends:
                    end.cancel()
                await asyncio.gather(*ends, return_exceptions=True)
            if finished:
                with contextlib.suppress(_GoneError):
                    serving.result()
            elif stopped.done() and not stopped.cancelled():
                await self._end_early(send)
            elif left and not self._started:
                # Nobody receives it, but middleware insists on a response.
                with contextlib.suppress(OSError):
                    await Response(status_code=STATUS_DISCONNECTED)(scope, receive, send)

    async def _serve(self, send: Send) -> None:
        events = self._events
        if isinstance(events, AsyncStream):
            await events.open()
        await self._send_head(send)
        await self._send(send, _HEARTBEAT)  # some proxies pass the head on with the first byte only
        try:
            async for event in events:
                frame = self._frame(event)
                if frame is not None:
                    await self._send(send, frame)
                if not self._count % _TURN:
                    await asyncio.sleep(0)
        except _GoneError:
            raise
        except Exception as error:
            await self._send_end(send, _frame("error", problem_of(error).to_dict()))
            if not isinstance(error, TwelveLabsError):
                raise  # a mistake of the application: the server logs it
            _log.error("a stream of events broke: %s: %s", type(error).__name__, error)
        else:
            await self._send_end(send, _frame("end", {}))

    async def _beat(self, send: Send) -> None:
        """Send a comment after each silence, and end when the browser accepts nothing.

        The second is looked for here, since a timeout for each event would cost more than all else.
        """
        loop = asyncio.get_running_loop()
        while True:
            silent_from = self._last_sent if self._started else loop.time()
            pause = min(silent_from + self._heartbeat - loop.time(), self._send_timeout)
            await asyncio.sleep(max(pause, _SHORTEST_PAUSE))
            now = loop.time()
            if self._sending.locked():
                if now >= self._send_began + self._send_timeout:
                    raise _GoneError
            elif self._started and now >= self._last_sent + self._heartbeat:
                async with asyncio.timeout(self._send_timeout):
                    await self._send(send, _HEARTBEAT)

    async def _end_early(self, send: Send) -> None:
        """Tell the browser that the service is shutting down."""
        if not self._started:
            raise RefusedError(shutting_down())
        with contextlib.suppress(_GoneError, TimeoutError):
            async with asyncio.timeout(min(self._send_timeout, _LAST_WORDS_SECONDS)):
                await self._send_end(send, _frame("error", shutting_down().to_dict()))

    async def _send_head(self, send: Send) -> None:
        await self._put(send, {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        self._started = True

    async def _send(self, send: Send, body: bytes, *, more: bool = True) -> None:
        """Send a part of the body; it returns when the browser has accepted most of what was sent before."""
        await self._put(send, {"type": "http.response.body", "body": body, "more_body": more})

    async def _put(self, send: Send, message: Message) -> None:
        time = asyncio.get_running_loop().time
        async with self._sending:
            self._send_began = time()
            try:
                await send(message)
            except OSError as error:
                raise _GoneError from error
            self._last_sent = time()

    async def _send_end(self, send: Send, frame: bytes) -> None:
        await self._send(send, frame)
        await self._send(send, b"", more=False)

    def _frame(self, event: Any) -> bytes | None:
        content = event if self._encode is None else self._encode(event)
        if content is None and self._encode is not None:
            return None
        self._count += 1
        if isinstance(content, BrowserEvent):
            return _frame(content.event, content.data, str(self._count) if content.id is None else content.id)
        return _frame(None, content, str(self._count))

    async def _close(self) -> None:
        close = getattr(self._events, "aclose", None)
        if close is not None:
            await close()


def _frame(event: str | None, content: Any, identifier: str | None = None) -> bytes:
    """A server-sent event. Its JSON has no line breaks, so that it is one line of data."""
    head = "" if identifier is None else f"id: {identifier}\n"
    if event is not None:
        head += f"event: {event}\n"
    return b"%sdata: %s\n\n" % (head.encode(), to_json(content))


def _set(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
