"""The aiohttp session: made on first use in the running loop, closed by the client if the client made it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
from contextvars import ContextVar
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from ._deadline import Interrupt, Watchdog
from .errors import APIConnectionError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.client_reqrep import ClientRequest, ConnectionKey
    from aiohttp.connector import Connection
    from aiohttp.tracing import Trace
    from yarl import URL

    from ._config import Config
    from ._http import Request

KEEP_ALIVE_SECONDS: Final = 15.0
"""How long an idle connection is kept. Shorter than what servers and load balancers usually keep theirs."""

DNS_CACHE_SECONDS: Final = 60
"""How long a looked-up address is used."""

under_way: ContextVar[UnderWay | None] = ContextVar("twelvelabs_async_under_way", default=None)
"""The request that the current task is sending: how it tells the connector what it needs, and learns what it got."""


class UnderWay(Interrupt):
    """What the connector and a request tell each other.

    Attributes:
        request: The request.
        fresh: Whether the connection was made for this request.
    """

    __slots__ = ("fresh", "request")

    request: Request

    def __init__(
        self, loop: asyncio.AbstractEventLoop, watchdog: Watchdog, total: float | None, read: float | None
    ) -> None:
        super().__init__(loop, watchdog, total, read)
        self.fresh = False

    def end(self) -> None:
        """Let go of what may be large. The loop keeps cancelled timers until they are due, and with them the call."""
        del self.request, self._task


_forks = 0


def _forked() -> None:
    global _forks  # noqa: PLW0603 - counted per process by design
    _forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class Connector(aiohttp.TCPConnector):
    """Knows which requests got a new connection, and hands out no connection that the server has closed or spoiled."""

    async def _create_connection(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's
    ) -> ResponseHandler:
        call = under_way.get()
        if call is None:
            return await super()._create_connection(req, traces, timeout)
        call.connecting = True
        # The connection's callbacks keep the context that they were made in, for as long as it lives: the call must not
        # be in it, because with it go its request and everything that was sent.
        token = under_way.set(None)
        try:
            return await super()._create_connection(req, traces, timeout)
        finally:
            under_way.reset(token)
            call.connecting = False
            call.fresh = True
            call.heard()

    def _get(  # pyright: ignore[reportIncompatibleMethodOverride] - a coroutine of aiohttp's, not one around it
        self, key: ConnectionKey, traces: list[Trace]
    ) -> Coroutine[Any, Any, Connection | None]:
        """Take an idle connection, but none on which something has arrived.

        Nobody has asked for that. It is the end of the connection, which the event loop has only not come round to yet:
        a request sent on it would be lost. Or it is an answer that came twice: aiohttp would take it for the answer to
        the request that is sent next.
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


class SessionHolder:
    """One session for all copies of a client.

    - Not open yet: the session is made in the running loop.
    - The loop it was made in is closed (asyncio.run was called twice): a new session is made in the present loop.
    - The loop it was made in lives on (another thread): a clear error, because a session works in one loop only.
    - After a fork: the child makes a session of its own; the parent's connections are left to the parent.
    - Closed: a clear error.

    Attributes:
        closed: Whether `close` was called.
        moves: How often the client has moved to another event loop.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._given: aiohttp.ClientSession | None = config.session
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._forks = _forks
        self.closed = False
        self.moves = 0

    @property
    def counts(self) -> bool:
        """Whether `connections_made` is kept: only the connector made here does that."""
        return self._config.session is None and self._config.connector is None

    def get(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        """The session for the running loop."""
        session = self._session
        if session is not None and self._loop is loop and self._forks == _forks and not session.closed:
            return session
        return self._open(loop)

    def _open(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        if self.closed:
            raise APIConnectionError("This client is closed: create a new AsyncTwelveLabs.")
        if self._given is not None:
            self._check_given(self._given, loop)
            self._session = self._given
        else:
            self._leave_old(loop)
            self._session = self._make()
        if self._loop is not None and (self._loop is not loop or self._forks != _forks):
            self.moves += 1
        self._loop = loop
        self._forks = _forks
        return self._session

    def _check_given(self, session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop) -> None:
        if session.closed:
            raise APIConnectionError("The aiohttp session that was passed to this client is closed.")
        if self._loop is None:
            return
        if self._forks != _forks:
            raise ConfigurationError("The aiohttp session that was passed to this client was made before the fork.")
        if self._loop is not loop:
            raise ConfigurationError(
                "The aiohttp session that was passed to this client belongs to another event loop."
            )

    def _leave_old(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let go of a session of another loop, or refuse."""
        session, old = self._session, self._loop
        if session is None or session.closed or old is None:
            return
        if self._forks == _forks and old is not loop and not old.is_closed():
            raise ConfigurationError(
                "This client is in use in another event loop that is still open: create one client per event loop."
            )
        _abandon(session)

    def _make(self) -> aiohttp.ClientSession:
        config = self._config
        connector = config.connector
        owner = connector is None
        if connector is None:
            # The client's own gate limits the connections: waiting for a slot must not look like a slow server.
            connector = Connector(
                limit=0,
                keepalive_timeout=KEEP_ALIVE_SECONDS,
                ttl_dns_cache=DNS_CACHE_SECONDS,
                ssl=True if config.ssl is None else config.ssl,
            )
        session = aiohttp.ClientSession(
            connector=connector,
            connector_owner=owner,
            cookie_jar=NoCookies(),
            timeout=aiohttp.ClientTimeout(total=None),
            trust_env=config.trust_env,
            proxy=config.proxy,
            trace_configs=list(config.trace_configs) or None,
        )
        # aiohttp repeats idempotent requests once of its own accord, which hides attempts. Our connector knows better
        # which broken connections deserve that; with a connector of the user's, aiohttp's rule stays.
        session._retry_connection = not self.counts
        return session

    async def close(self) -> None:
        """Close what was made here. May be called in any state and more than once."""
        self.closed = True
        session, loop = self._session, self._loop
        self._session = None
        if session is None or session is self._given or session.closed:
            return
        if self._forks != _forks or loop is not asyncio.get_running_loop():
            _abandon(session)
            return
        await session.close()


def _abandon(session: aiohttp.ClientSession) -> None:
    """Drop a session whose loop cannot run any more: close the sockets of this process and nothing else.

    No polite goodbye (TLS close, transport.close) is possible: both need the loop, and after a fork they would speak
    on connections that the parent goes on using.
    """
    connector: Any = session.connector
    session.detach()
    if not isinstance(connector, Connector):
        return
    protocols = [item[0] for pooled in connector._conns.values() for item in pooled]
    protocols.extend(connector._acquired)
    connector._conns.clear()
    connector._acquired.clear()
    for protocol in protocols:
        transport: Any = getattr(protocol, "transport", None)
        if hasattr(transport, "_ssl_protocol"):
            transport._closed = True
            transport = getattr(transport._ssl_protocol, "_transport", None)
        sock = getattr(transport, "_sock", None)
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.close()
            transport._sock = None
