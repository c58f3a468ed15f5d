"""Carries out the faults of a plan, on the connections themselves: real resets, real silence, real second answers."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, cast

from aiohttp import hdrs, web
from aiohttp.http_writer import StreamWriter

from . import clock
from .errors import ApiError

if TYPE_CHECKING:
    from aiohttp.typedefs import Middleware

    from .faults import Fault, FaultPlan, Rule
    from .platform import Platform

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

GATEWAY: Final = frozenset({502, 503, 504})
"""Statuses that something in front of the platform answers, with a web page."""

PAGE: Final = "<!doctype html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"

_BODY: Final = frozenset({"reset_body", "cut_body", "stall_body", "truncated", "malformed"})
_WHOLE_WRITES: Final = 2
"""Pieces of a streamed answer that arrive before something happens to the next one."""

_NO_LINGER: Final = struct.pack("ii", 1, 0)

_OBJECTS: Final = {
    "uploads": "putChunk",
    "files": "getFile",
    "hls": "getPlaylist",
    "thumbnails": "getThumbnail",
    "consent": "consent",
}


class Injector:
    """Lets requests through, or does to them what the plan says."""

    def __init__(self, platform: Platform, plan: FaultPlan) -> None:
        self._platform = platform
        self._plan = plan
        self._arriving: set[asyncio.Transport] = set()

    def close(self) -> None:
        """Ends the connections that have not been looked at yet."""
        for transport in tuple(self._arriving):
            transport.abort()

    def middleware(self, port: str) -> Middleware:
        """The middleware of one port."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self._plan.rules:
                self._plan.requests += 1
                return await handler(request)
            operation, path = self._place(port, request)
            rule = self._plan.choose(port, operation, request.method, path)
            if rule is None:
                return await handler(request)
            return await _Injection(self._platform, self._plan, rule, port, operation).run(request, handler)

        return guard

    def factory(self, port: str, server: web.Server) -> Callable[[], asyncio.Protocol]:
        """What makes the protocol of each new connection."""

        def arrive() -> asyncio.Protocol:
            rule = self._plan.choose_connection(port) if self._plan.rules else None
            if rule is None:
                return server()
            self._plan.done(rule, "")
            return _SlowArrival(server(), rule.fault.pause, self._arriving)

        return arrive

    def _place(self, port: str, request: web.Request) -> tuple[str, str]:
        """Operation and path of a request."""
        path = request.rel_url.raw_path
        if port == "objects":
            return _OBJECTS.get(path.split("/")[1], ""), path
        prefix = self._platform.document.prefix
        if not path.startswith(prefix):
            return "", path
        path = path.removeprefix(prefix)
        found = self._platform.find(request)
        return ("" if found is None else found.id), path


class _SlowArrival(asyncio.Protocol):
    """A connection that is looked at late."""

    def __init__(self, protocol: asyncio.Protocol, seconds: float, arriving: set[asyncio.Transport]) -> None:
        self._protocol = protocol
        self._seconds = seconds
        self._arriving = arriving
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - told to the type checker
        transport.pause_reading()
        self._transport = transport
        self._arriving.add(transport)
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._begin, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._arriving.discard(self._transport)

    def _begin(self, transport: asyncio.Transport) -> None:
        self._arriving.discard(transport)
        transport.set_protocol(self._protocol)
        self._protocol.connection_made(transport)
        transport.resume_reading()


class _Writer(StreamWriter):
    """Sends an answer, up to the point where it goes wrong."""

    def __init__(self, request: web.Request, fault: Fault, count: Callable[[], None]) -> None:
        super().__init__(request.protocol, asyncio.get_running_loop())
        self._request = request
        self._fault = fault
        self._count = count
        self._written = 0
        self._pending = b""
        self.armed = True
        self.done = False

    async def write(self, chunk: Any, **options: Any) -> None:
        if not self.armed or not chunk:
            await super().write(chunk, **options)
        elif not self.done:
            # The piece that goes wrong is the third, or the last.
            before, self._pending = self._pending, bytes(chunk)
            if before:
                self._written += 1
                await super().write(before, **options)
            if self._written == _WHOLE_WRITES:
                await self._break(self._pending)

    async def write_eof(self, chunk: bytes = b"") -> None:
        if self.armed and not self.done and (chunk or self._pending):
            await self._break(bytes(chunk) or self._pending)
            chunk = b""
        if not chunk or not self.done or not self.armed:
            await super().write_eof(chunk)

    async def _break(self, chunk: bytes) -> None:
        kind = self._fault.kind
        self.done = True
        self._count()
        if kind == "malformed":
            self.armed = False
            await super().write(malformed(chunk))
            return
        if chunk:
            await super().write(chunk[: (len(chunk) + 1) // 2])
        if kind == "truncated":
            return
        await asyncio.sleep(0.01)  # lets the first half arrive
        if kind == "stall_body":
            await hold(self._request, self._fault.pause)
        if kind == "cut_body":
            if self._request.transport is not None:
                self._request.transport.close()
        else:
            reset(self._request)
        raise ConnectionResetError("The connection was broken on purpose")


class _Nowhere(StreamWriter):
    """Takes an answer that nobody gets."""

    def __init__(self, request: web.Request) -> None:
        super().__init__(request.protocol, asyncio.get_running_loop())

    def _write(self, chunk: Any) -> None:
        """Drops it."""

    def _writelines(self, chunks: Any) -> None:
        """Drops them."""


class _Recorder(StreamWriter):
    """Keeps an answer instead of sending it."""

    def __init__(self, request: web.Request) -> None:
        super().__init__(request.protocol, asyncio.get_running_loop())
        self.copy = bytearray()

    def _write(self, chunk: Any) -> None:
        self.copy += chunk

    def _writelines(self, chunks: Any) -> None:
        self._write(b"".join(chunks))


class _Injection:
    """One fault that happens to one request."""

    def __init__(self, platform: Platform, plan: FaultPlan, rule: Rule, port: str, operation: str) -> None:
        self._platform = platform
        self._plan = plan
        self._rule = rule
        self._fault = rule.fault
        self._port = port
        self._operation = operation

    async def run(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answers the request in the wrong way."""
        kind = self._fault.kind
        if kind in _BODY:
            return await self._half(request, handler)
        if kind == "duplicate":
            return await self._twice(request, handler)
        self._count()
        if kind == "slow":
            await hold(request, self._fault.pause)
            return await handler(request)
        if self._fault.carried_out:
            await self._carry_out(request, handler)
        if kind == "status":
            return self._status(request)
        if kind == "wrong_type":
            return web.Response(text=PAGE.format(title="Welcome"), content_type="text/html")
        if kind == "redirect":
            return web.Response(status=self._fault.status or 307, headers={hdrs.LOCATION: self._location()})
        if kind == "stall":
            await _be_silent(request, self._fault.pause)
        reset(request)
        return web.Response()

    async def _carry_out(self, request: web.Request, handler: Handler) -> None:
        """Does the work, and keeps the answer to itself."""
        _use(request, _Nowhere(request))
        try:
            answer = await handler(request)
            await answer.prepare(request)
            await answer.write_eof()
        finally:
            _use(request, StreamWriter(request.protocol, asyncio.get_running_loop()))

    async def _half(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Sends an answer that goes wrong on its way."""
        writer = _Writer(request, self._fault, self._count)
        _use(request, writer)
        try:
            answer = await handler(request)
            if not answer.prepared:
                body = answer.body if isinstance(answer, web.Response) else None
                if not isinstance(body, bytes) or not body:
                    # There is no middle of nothing.
                    self._plan.spared(self._rule)
                    writer.armed = False
                    return answer
                self._spoil(cast("web.Response", answer), body, writer)
            await answer.prepare(request)
            await answer.write_eof()
        except ConnectionResetError:
            if not writer.done:
                raise
            return web.Response()
        if not writer.done:
            self._plan.spared(self._rule)
        return answer

    def _count(self) -> None:
        """Counts the fault, before the client can see it."""
        self._plan.done(self._rule, self._operation)

    def _spoil(self, answer: web.Response, body: bytes, writer: _Writer) -> None:
        """What is wrong with the content alone comes with a Content-Length that fits."""
        if self._fault.kind == "truncated":
            answer.body = body[: len(body) // 2]
        elif self._fault.kind == "malformed":
            answer.body = malformed(body)
        else:
            return
        self._count()
        writer.armed, writer.done = False, True

    async def _twice(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        writer = _Recorder(request)
        _use(request, writer)
        answer = await handler(request)
        await answer.prepare(request)
        await answer.write_eof()
        transport = request.transport
        if transport is None or transport.is_closing():
            self._plan.spared(self._rule)
            return answer
        whole = bytes(writer.copy)

        def again() -> None:
            if not transport.is_closing():
                transport.write(whole)
                self._count()

        if self._fault.pause:
            transport.write(whole)
            asyncio.get_running_loop().call_later(self._fault.pause, again)
        else:
            self._count()
            transport.write(whole + whole)  # in one piece: the client sees both at once
        return answer

    def _status(self, request: web.Request) -> web.Response:
        fault = self._fault
        status = fault.status or 500
        headers: dict[str, str] = {}
        if fault.retry_after is not None:
            headers[hdrs.RETRY_AFTER] = f"{fault.retry_after:g}"
        if fault.limits:
            ends = str(int(time.time() + (fault.retry_after or 0.0)))
            values = {"Limit": "60", "Remaining": "0", "Used": "60", "Reset": ends}
            for family in ("Ratelimit", "RateLimit-Request"):
                headers |= {f"X-{family}-{name}": value for name, value in values.items()}
        if self._port == "objects" or status in GATEWAY:
            title = f"{status} {web.Response(status=status).reason}"
            return web.Response(status=status, headers=headers, text=PAGE.format(title=title), content_type="text/html")
        headers |= {"X-Request-Id": clock.new_id("req_")}
        code, message = (
            ("too_many_requests", "Too many requests.") if status == 429 else ("fault", "A fault on purpose.")
        )
        return self._platform.refusal(self._operation, ApiError(status, code, message), headers)

    def _location(self) -> str:
        if self._fault.location is not None:
            return self._fault.location
        if self._port == "objects":
            return self._platform.base_url
        return f"{self._platform.objects_url}/elsewhere"


def malformed(body: bytes) -> bytes:
    """A body that no reader of JSON takes: the first member has two colons."""
    return body.replace(b'":', b'"::', 1) if b'":' in body else b"{]" + body


def reset(request: web.Request) -> None:
    """Ends a connection with RST instead of FIN, and forgets what is still to be sent."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


async def hold(request: web.Request, seconds: float) -> None:
    """Waits, but not longer than the client does."""
    ends = time.monotonic() + seconds
    while (left := ends - time.monotonic()) > 0:
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(min(left, 0.02))


async def _be_silent(request: web.Request, seconds: float) -> None:
    """Takes what the client sends and says nothing; without reading on, it would not be seen that a client leaves."""

    async def swallow() -> None:
        while await request.content.readany():
            pass

    reading = asyncio.create_task(swallow())
    try:
        await hold(request, seconds)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def _use(request: web.Request, writer: StreamWriter) -> None:
    request._payload_writer = writer  # no public way to see the bytes of an answer


__all__ = ["Injector", "hold", "malformed", "reset"]
