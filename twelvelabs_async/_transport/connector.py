"""aiohttp's connector, taught which requests got a new connection, and to hand out none that is spoiled."""

from __future__ import annotations

import asyncio
import select
from contextvars import ContextVar
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.client_reqrep import ClientRequest, ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace
    from yarl import URL

    from .deadline import CallTimer


current_call: ContextVar[ConnectionContext | None] = ContextVar("twelvelabs_async_current_call", default=None)
"""What the current task sends its request with: how the connector learns whose connection it makes."""


class ConnectionContext:
    """What the connector and a call tell each other.

    Attributes:
        timer: The timer of the call.
        fresh: Whether the connection was made for this attempt.
    """

    __slots__ = ("fresh", "timer")

    def __init__(self, timer: CallTimer) -> None:
        self.timer = timer
        self.fresh = False


class Connector(aiohttp.TCPConnector):
    """Knows which requests got a new connection, and hands out no connection that the server has closed or spoiled."""

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's
    ) -> ResponseHandler:
        context = current_call.get()
        if context is None:
            return await super()._create_connection(req, traces, timeout)
        timer = context.timer
        timer.connecting = True
        # The connection's callbacks keep the context that they were made in, for as long as it lives: the call must not
        # be in it, because with it go its request and everything that was sent.
        token = current_call.set(None)
        try:
            return await super()._create_connection(req, traces, timeout)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, aiohttp.ClientResponseError) as error:
            if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError):
                raise
            # A proxy that was asked for a tunnel: nothing of the request was sent, not even to the proxy.
            reason = OSError(0, "its response was no HTTP response, or none")
            raise aiohttp.ClientProxyConnectionError(req.connection_key, reason) from None
        finally:
            current_call.reset(token)
            timer.connecting = False
            context.fresh = True
            timer.record_activity()

    def _get(  # pyright: ignore[reportIncompatibleMethodOverride] - a coroutine of aiohttp's, not one around it
        self, key: ConnectionKey, traces: list[Trace]
    ) -> Coroutine[Any, Any, Connection | None]:
        """Take an idle connection, but none on which something has arrived.

        Nobody has asked for that. It is the end of the connection, which the event loop has only not come round to yet:
        a request sent on it would be lost. Or it is a response that came twice: aiohttp would take it for the response
        to the request that is sent next.
        """
        idle = self._conns.get(key)
        while idle and (idle[0][0].should_close or _readable(idle[0][0].transport)):
            idle.popleft()[0].close()
        return super()._get(key, traces)

    def _release(self, key: ConnectionKey, protocol: ResponseHandler, *, should_close: bool = False) -> None:
        transport = protocol.transport
        super()._release(key, protocol, should_close=should_close)
        if should_close and transport is not None and transport.get_write_buffer_size():
            # Closing alone would wait until the server has read the rest of a request that nobody wants any more.
            transport.abort()


class NoCookies(aiohttp.DummyCookieJar):
    """Keeps no cookies, and makes no new empty jar for each request."""

    _none: SimpleCookie = SimpleCookie()

    def filter_cookies(self, request_url: URL) -> SimpleCookie:
        """No cookies."""
        return self._none


_polls: dict[int, select.poll] = {}
"""One for each number of a socket that was ever looked at: making them anew costs more than the look."""


def _readable(transport: asyncio.Transport | None) -> bool:
    sock = transport.get_extra_info("socket") if transport is not None else None
    if sock is None or not hasattr(select, "poll"):
        return False
    number = sock.fileno()
    poll = _polls.get(number)
    if poll is None:
        poll = _polls[number] = select.poll()
        poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
