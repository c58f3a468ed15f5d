"""Injects the faults of a plan into the connections themselves: real resets, real stalls, real duplicate responses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, cast

from aiohttp import hdrs, web
from aiohttp.http_writer import StreamWriter

from .. import clock
from ..errors import ApiError
from .connection import reset, stall, wait_while_connected
from .writers import BreakingWriter, BufferingWriter, DiscardingWriter, malformed, replace_writer

if TYPE_CHECKING:
    from aiohttp.typedefs import Middleware

    from ..addresses import Addresses
    from ..api.dispatcher import Dispatcher
    from .plan import FaultPlan, Rule

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

GATEWAY: Final = frozenset({502, 503, 504})
"""Statuses of a proxy in front of the platform, which responds with a web page."""

PAGE: Final = "<!doctype html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"

_BODY: Final = frozenset({"reset_body", "cut_body", "stall_body", "truncated", "malformed"})

OBJECT_OPERATIONS: Final = {
    "uploads": "putChunk",
    "files": "getFile",
    "hls": "getPlaylist",
    "thumbnails": "getThumbnail",
    "consent": "consent",
}
"""Operations of the object store, by the first part of their paths."""

PREFLIGHT: Final = "preflight"
"""The question that a browser asks the object store before it sends a request."""


class Injector:
    """Injects the faults that the plan selects."""

    def __init__(self, plan: FaultPlan, dispatcher: Dispatcher, addresses: Addresses) -> None:
        self._plan = plan
        self._dispatcher = dispatcher
        self._addresses = addresses
        self._delayed: set[asyncio.Transport] = set()

    def close(self) -> None:
        """Ends the connections that are still delayed."""
        for transport in tuple(self._delayed):
            transport.abort()

    def middleware(self, port: str) -> Middleware:
        """The middleware of one port."""

        @web.middleware
        async def inject(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self._plan.rules:
                self._plan.requests += 1
                return await handler(request)
            operation, path = self._place(port, request)
            rule = self._plan.choose(port, operation, request.method, path)
            if rule is None:
                return await handler(request)
            return await _Injection(self, rule, port, operation).run(request, handler)

        return inject

    def protocol_factory(self, port: str, server: web.Server) -> Callable[[], asyncio.Protocol]:
        """The factory that makes the protocol of each new connection."""

        def make() -> asyncio.Protocol:
            rule = self._plan.choose_connection(port) if self._plan.rules else None
            if rule is None:
                return server()
            self._plan.record(rule, "")
            return _DelayedProtocol(server(), rule.fault.duration, self._delayed)

        return make

    def _place(self, port: str, request: web.Request) -> tuple[str, str]:
        """Operation and path of a request."""
        path = request.rel_url.raw_path
        if port == "objects":
            if request.method == hdrs.METH_OPTIONS:
                return PREFLIGHT, path  # of a browser, which then sends the request itself
            return OBJECT_OPERATIONS.get(path.split("/")[1], ""), path
        prefix = self._dispatcher.prefix
        if not path.startswith(prefix):
            return "", path
        return self._dispatcher.operation_id(request), path.removeprefix(prefix)

    def error_response(
        self, operation: str, error: ApiError, headers: dict[str, str], *, verbatim: bool
    ) -> web.Response:
        """An error as the API responds with it."""
        return self._dispatcher.error_response(operation, error, headers, verbatim=verbatim)

    def other_origin(self, port: str) -> str:
        """A URL of the other port than the given one."""
        return self._addresses.base_url if port == "objects" else f"{self._addresses.objects_url}/elsewhere"

    def record(self, rule: Rule, operation: str) -> None:
        """Counts a fault; called before the client can see it."""
        self._plan.record(rule, operation)

    def undo(self, rule: Rule) -> None:
        """Takes back the selection of a request for a fault that is impossible in it."""
        self._plan.undo(rule)


class _DelayedProtocol(asyncio.Protocol):
    """A connection that is read late."""

    def __init__(self, protocol: asyncio.Protocol, seconds: float, delayed: set[asyncio.Transport]) -> None:
        self._protocol = protocol
        self._seconds = seconds
        self._delayed = delayed
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        transport.pause_reading()
        self._transport = transport
        self._delayed.add(transport)
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._begin, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._delayed.discard(self._transport)

    def _begin(self, transport: asyncio.Transport) -> None:
        self._delayed.discard(transport)
        transport.set_protocol(self._protocol)
        self._protocol.connection_made(transport)
        transport.resume_reading()


class _Injection:
    """One fault in one request."""

    def __init__(self, injector: Injector, rule: Rule, port: str, operation: str) -> None:
        self._injector = injector
        self._rule = rule
        self._fault = rule.fault
        self._port = port
        self._operation = operation

    async def run(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Handles the request with the fault."""
        kind = self._fault.kind
        if kind in _BODY:
            return await self._break_response(request, handler)
        if kind == "duplicate":
            return await self._duplicate(request, handler)
        self._count()
        if kind == "slow":
            await wait_while_connected(request, self._fault.duration)
            return await handler(request)
        if self._fault.carried_out:
            await self._execute(request, handler)
        if kind == "status":
            return self._status(request)
        if kind == "wrong_type":
            return web.Response(text=PAGE.format(title="Welcome"), content_type="text/html")
        if kind == "redirect":
            return web.Response(status=self._fault.status or 307, headers={hdrs.LOCATION: self._location()})
        if kind == "stall":
            await stall(request, self._fault.duration)
        reset(request)
        return web.Response()

    async def _execute(self, request: web.Request, handler: Handler) -> None:
        """Executes the request, and discards the response."""
        replace_writer(request, DiscardingWriter(request))
        try:
            response = await handler(request)
            await response.prepare(request)
            await response.write_eof()
        finally:
            replace_writer(request, StreamWriter(request.protocol, asyncio.get_running_loop()))

    async def _break_response(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Sends a response that breaks on its way."""
        writer = BreakingWriter(request, self._fault, self._count)
        replace_writer(request, writer)
        try:
            response = await handler(request)
            if not response.prepared:
                body = response.body if isinstance(response, web.Response) else None
                if not isinstance(body, bytes) or not body:
                    # An empty body has no middle.
                    self._injector.undo(self._rule)
                    writer.armed = False
                    return response
                self._break_body(cast("web.Response", response), body, writer)
            await response.prepare(request)
            await response.write_eof()
        except ConnectionResetError:
            if not writer.done:
                raise
            return web.Response()
        if not writer.done:
            self._injector.undo(self._rule)
        return response

    def _count(self) -> None:
        self._injector.record(self._rule, self._operation)

    def _break_body(self, response: web.Response, body: bytes, writer: BreakingWriter) -> None:
        """Breaks the content alone; the Content-Length is that of the broken body."""
        if self._fault.kind == "truncated":
            response.body = body[: len(body) // 2]
        elif self._fault.kind == "malformed":
            response.body = malformed(body)
        else:
            return
        self._count()
        writer.armed, writer.done = False, True

    async def _duplicate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        writer = BufferingWriter(request)
        replace_writer(request, writer)
        response = await handler(request)
        await response.prepare(request)
        await response.write_eof()
        transport = request.transport
        if transport is None or transport.is_closing():
            self._injector.undo(self._rule)
            return response
        whole = bytes(writer.copy)

        def send_again() -> None:
            if not transport.is_closing():
                transport.write(whole)
                self._count()

        if self._fault.duration:
            transport.write(whole)
            asyncio.get_running_loop().call_later(self._fault.duration, send_again)
        else:
            self._count()
            transport.write(whole + whole)  # in one write: the client receives both at once
        return response

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
        if self._port == "objects" or (status in GATEWAY and fault.code is None):
            title = f"{status} {web.Response(status=status).reason}"
            return web.Response(status=status, headers=headers, text=PAGE.format(title=title), content_type="text/html")
        headers |= {"X-Request-Id": clock.new_id("req_")}
        code = fault.code or ("too_many_requests" if status == 429 else "fault")
        message = fault.message or ("Too many requests." if status == 429 else "An injected fault.")
        error = ApiError(status, code, message)
        return self._injector.error_response(self._operation, error, headers, verbatim=fault.code is not None)

    def _location(self) -> str:
        if self._fault.location is not None:
            return self._fault.location
        return self._injector.other_origin(self._port)
