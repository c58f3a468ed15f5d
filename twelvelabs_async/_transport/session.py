"""The aiohttp session: made on first use in the running loop, closed by the client if the client made it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import warnings
import weakref
from typing import TYPE_CHECKING, Any, Final

import aiohttp

from .._config.hooks import logger
from .._config.proxies import check_environment
from ..errors import APIConnectionError, ConfigurationError
from .connector import Connector, NoCookies

if TYPE_CHECKING:
    from .._config.config import Config

KEEP_ALIVE_SECONDS: Final = 15.0
"""How long an idle connection is kept. Shorter than what servers and load balancers usually keep theirs."""

NOT_CLOSED: Final = (
    "A client was not closed: use `async with AsyncTwelveLabs() as client`, or call `await client.close()`."
)
"""What users are told about a client that was dropped."""

DNS_CACHE_SECONDS: Final = 60
"""How long a looked-up address is used."""


_forks = 0
_made = False
"""Whether a session was made in this process or in the one it was forked from."""
_made_before_fork = False


def _forked() -> None:
    global _forks, _made_before_fork  # noqa: PLW0603 - counted per process by design
    _forks += 1
    _made_before_fork = _made


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class _Origin:
    """Allocated where the client is: tracemalloc finds the line by it when the client was not closed."""

    __slots__ = ()


class SessionHolder:
    """One session for all copies of a client.

    - Not open yet: the session is made in the running loop.
    - The loop it was made in is closed (asyncio.run was called twice): a new session is made in the present loop.
    - The loop it was made in lives on (another thread): a clear error, because a session works in one loop only.
    - After a fork: the child makes a session of its own; the parent's connections are left to the parent.
    - Closed: a clear error.
    - Dropped without having been closed: a ResourceWarning that says what to do.

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
        self._origin = _Origin()
        # Not `__del__`: in a cycle of garbage, that of aiohttp's session could be called first, and warns in its words.
        self._unclosed: weakref.finalize[..., SessionHolder] | None = None
        self.closed: bool = False
        self.moves: int = 0

    @property
    def own_connector(self) -> bool:
        """Whether the connector is made here: only that one tells new connections from used ones."""
        return self._config.session is None and self._config.connector is None

    def get(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        """The session for the running loop."""
        session = self._session
        if session is not None and self._loop is loop and self._forks == _forks and not session.closed:
            return session
        return self._open(loop)

    def _open(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        if self.closed:
            raise APIConnectionError("This client is closed: create a new AsyncTwelveLabs.", retryable=False)
        if self._config.trust_env if self._given is None else self._given.trust_env:
            check_environment(self._config.base_url)
        if self._given is not None:
            self._check_given(self._given, loop)
            self._session = self._given
        else:
            self._leave_old(loop)
            self._session = self._make()
            self._unclosed = weakref.finalize(self, _dropped, self._session, loop, _forks, self._origin)
        if self._loop is not None and (self._loop is not loop or self._forks != _forks):
            self.moves += 1
        self._loop = loop
        self._forks = _forks
        return self._session

    def _check_given(self, session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop) -> None:
        if session.closed:
            raise APIConnectionError("The aiohttp session that was passed to this client is closed.", retryable=False)
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
            self._forget()
            return
        if self._forks == _forks and old is not loop and not old.is_closed():
            raise ConfigurationError(
                "This client is in use in another event loop that is still open: create one client per event loop."
            )
        self._forget()
        _abandon(session, forked=self._forks != _forks)

    def _forget(self) -> None:
        """Do not watch whether the session is closed any more."""
        if self._unclosed is not None:
            self._unclosed.detach()
            self._unclosed = None

    def _make(self) -> aiohttp.ClientSession:
        global _made  # noqa: PLW0603 - as _forks
        _made = True
        config = self._config
        connector = config.connector
        owner = connector is None
        if connector is None:
            # The limiter bounds the connections: waiting for one must not look like a slow server.
            connector = Connector(
                limit=0,
                keepalive_timeout=KEEP_ALIVE_SECONDS,
                ttl_dns_cache=DNS_CACHE_SECONDS,
                ssl=True if config.ssl is None else config.ssl,
                # aiodns ends its resolvers in a thread, which stays in the parent: in the child they would pile up.
                resolver=aiohttp.ThreadedResolver() if _made_before_fork else None,
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
        # aiohttp retries idempotent requests once of its own accord, which hides attempts. Our connector knows better
        # which broken connections deserve that; with a connector of the user's, aiohttp's rule stays.
        session._retry_connection = not self.own_connector
        return session

    async def close(self) -> None:
        """Close what was made here. May be called in any state and more than once."""
        self.closed = True
        session, loop = self._session, self._loop
        self._session = None
        self._forget()
        if session is None or session is self._given or session.closed:
            return
        forked = self._forks != _forks
        if forked or loop is not asyncio.get_running_loop():
            _abandon(session, forked=forked)
            return
        await session.close()


def _dropped(session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop, forks: int, origin: _Origin) -> None:
    """Clean up after a client that was dropped without having been closed, and say so. Waits for nothing."""
    if session.closed:
        return
    connector = session.connector
    if forks != _forks or loop.is_closed():
        _abandon(session, forked=forks != _forks)
    else:
        session.detach()
        if isinstance(connector, Connector):
            _close_connections(connector, loop)
    if forks == _forks:
        logger.warning("%s", NOT_CLOSED)
        warnings.warn(NOT_CLOSED, ResourceWarning, stacklevel=2, source=origin)


def _close_connections(connector: Connector, loop: asyncio.AbstractEventLoop) -> None:
    """Close all connections from whatever thread the garbage collector runs in."""
    if not loop.is_running() or asyncio._get_running_loop() is loop:
        connector._close()
        return
    with contextlib.suppress(RuntimeError):  # the loop was closed at this moment, and its connections with it
        loop.call_soon_threadsafe(connector._close)


def _abandon(session: aiohttp.ClientSession, *, forked: bool) -> None:
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
    if not forked:
        _close_resolver(connector)


def _close_resolver(connector: Connector) -> None:
    """Close what looks up addresses. With aiodns that is a thread and three descriptors, which nothing else ends.

    A resolver that came with a fork is left alone: its thread stayed in the parent, perhaps while it held a lock.
    """
    closing: Any = connector._resolver.close()
    # A coroutine that waits for nothing: it needs no event loop.
    with contextlib.suppress(StopIteration), contextlib.closing(closing):
        closing.send(None)
