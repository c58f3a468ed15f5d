"""The client of an application: who makes it, who closes it, and how requests get at it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import attrs
from starlette.requests import HTTPConnection

from .._safe_repr import SafeRepr
from ..client import AsyncTwelveLabs
from ..errors import ConfigurationError
from .signals import on_shutdown_signal
from .work import Work

DEFAULT_GRACE: Final = 30.0
"""Seconds that streams, uploads and handlers of webhooks may go on after a shutdown began."""

_STATE: Final = "twelvelabs_service"
"""Name in the state of the lifespan, which servers hand to each request, and in that of the application."""

Lifespan = Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any]]]
"""What `Starlette(lifespan=...)` and `FastAPI(lifespan=...)` take."""

InnerLifespan = Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any] | None]]
"""A lifespan of the application's own, which may yield a state or nothing."""


@attrs.frozen
class Service(SafeRepr):
    """What the lifespan keeps for the requests.

    Attributes:
        client: The client.
        work: What is in progress.
    """

    client: AsyncTwelveLabs
    work: Work


def lifespan(
    client: AsyncTwelveLabs | Callable[[], AsyncTwelveLabs] | None = None,
    *,
    inner: InnerLifespan | None = None,
    grace: float = DEFAULT_GRACE,
    signals: bool = True,
) -> Lifespan:
    """A lifespan that owns the client, and lets work in progress finish on shutdown.

        app = Starlette(routes=routes, lifespan=lifespan())
        app = FastAPI(lifespan=lifespan(lambda: AsyncTwelveLabs(timeout=60), inner=my_lifespan))

    On shutdown, streams, uploads and webhook handlers in progress may finish within the grace period; then the rest is
    cancelled, and streams end with an error event. Then the inner lifespan ends, and the client is
    closed.

    You can also enter the result in your own lifespan: `async with lifespan()(app) as state: yield state`.

    Args:
        client: A function that creates the client; it is called at each start, and the client is closed at the end.
            Default: `AsyncTwelveLabs`, with the key from the environment. A client that is passed in is never closed.
        inner: The application's own lifespan, which begins after this one and ends before it. Its state is added.
        grace: Seconds that work may continue after the shutdown began.
        signals: Whether the grace period begins with SIGTERM or SIGINT, also where the server waits for the last
            response before it ends the lifespan. The server's handlers are called as before.

    Returns:
        The lifespan.

    Raises:
        ValueError: The grace period is negative.
    """
    if not grace >= 0:
        raise ValueError(f"grace must be a number of seconds, zero or more, not {grace!r}")

    @contextlib.asynccontextmanager
    async def run(app: Any) -> AsyncIterator[Mapping[str, Any]]:
        async with contextlib.AsyncExitStack() as stack:
            if isinstance(client, AsyncTwelveLabs):
                used = client
            else:
                used = await stack.enter_async_context((client or AsyncTwelveLabs)())
            service = Service(used, Work(grace))
            state: dict[str, Any] = {_STATE: service}
            stack.enter_context(_in_state_of(app, service))
            if inner is not None:
                added: Mapping[str, Any] | None = await stack.enter_async_context(inner(app))
                state.update(added or {})
            stack.push_async_callback(service.work.drain)
            if signals:
                stack.enter_context(on_shutdown_signal(service.work.begin_shutdown))
            yield state

    return run


def get_client(connection: HTTPConnection) -> AsyncTwelveLabs:
    """The client of the application, for a request or a websocket; also a dependency of FastAPI.

        @app.get("/indexes")
        async def indexes(client: Annotated[AsyncTwelveLabs, Depends(get_client)]): ...

    Args:
        connection: The request or the websocket.

    Returns:
        The client.

    Raises:
        ConfigurationError: The lifespan was not run, or its state was dropped on the way.
    """
    return service_of(connection).client


def service_of(connection: HTTPConnection) -> Service:
    """What the lifespan keeps.

    Raises:
        ConfigurationError: There is none.
    """
    service = find_service(connection.scope)
    if service is None:
        raise ConfigurationError(
            "The application has no client, because its lifespan is missing or did not run: create it with "
            "lifespan=twelvelabs_async.starlette.lifespan(), or enter that in the application's own lifespan and yield "
            "its state. Tests need `with TestClient(app) as ...`. Servers do not run the lifespan of a mounted "
            "application: give it to the outermost one."
        )
    return service


def find_service(scope: Mapping[str, Any]) -> Service | None:
    """What the lifespan keeps; None without one."""
    found = scope.get("state", {}).get(_STATE)
    if found is None:
        found = getattr(getattr(scope.get("app"), "state", None), _STATE, None)
    return found if isinstance(found, Service) else None


@contextlib.contextmanager
def _in_state_of(app: Any, service: Service) -> Iterator[None]:
    """Keep it in the application, too: its own lifespan may have dropped the state."""
    state = getattr(app, "state", None)
    if state is None:
        yield
        return
    setattr(state, _STATE, service)
    try:
        yield
    finally:
        if getattr(state, _STATE, None) is service:
            delattr(state, _STATE)
