"""A route that receives the platform's webhooks."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol
from weakref import WeakKeyDictionary

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from .. import webhooks
from .._safe_repr import SafeRepr
from ..errors import DecodeError, WebhookSignatureError
from .limited_body import read_limited
from .problems import STATUS_DISCONNECTED, Problem, RefusedError, problem_of
from .service import find_service, service_of

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from .._codec.model import UnknownVariant
    from .._generated.models.webhooks import WebhookEvent

MAX_BYTES: Final = 1024 * 1024
"""Largest delivery: events have a few KB."""

READ_SECONDS: Final = 10.0
"""Seconds in which a delivery must have arrived."""

MAX_KEPT: Final = 10_000
"""Ids of events that the store in memory keeps."""

_log = logging.getLogger("twelvelabs_async.starlette")

Handler = Callable[[Any], Awaitable[object] | object]
"""Receives an event. A plain function is called in a thread."""


class EventStore(Protocol):
    """Remembers the events that were delivered, so that each is handled once.

    Several processes need a store that they share, in which `add` is atomic, such as `SET id 1 NX EX 86400` of Redis.
    If a process dies while its handler runs, the event stays in such a store: another delivery is then not handled.
    """

    async def add(self, event_id: str, /) -> bool:
        """Remember an event; whether it is new."""
        ...

    async def remove(self, event_id: str, /) -> None:
        """Forget an event whose handler failed, so that it is handled when it is delivered again."""
        ...


class MemoryEventStore(SafeRepr):
    """Remembers the latest events in the memory of this process.

    Args:
        max_events: Number of events to remember.
    """

    def __init__(self, max_events: int = MAX_KEPT) -> None:
        if max_events < 1:
            raise ValueError(f"max_events must be 1 or more, not {max_events!r}")
        self._max = max_events
        self._ids: OrderedDict[str, None] = OrderedDict()

    def __repr__(self) -> str:
        return f"<MemoryEventStore: {len(self._ids)} of {self._max} events>"

    async def add(self, event_id: str, /) -> bool:
        """Remember an event; whether it is new."""
        if event_id in self._ids:
            return False
        self._ids[event_id] = None
        if len(self._ids) > self._max:
            self._ids.popitem(last=False)
        return True

    async def remove(self, event_id: str, /) -> None:
        """Forget an event."""
        self._ids.pop(event_id, None)


def webhook_route(
    path: str,
    secret: str | bytes | Sequence[str | bytes],
    handler: Handler | None = None,
    *,
    background: bool = True,
    notify: bool = True,
    store: EventStore | None = None,
    tolerance: float = webhooks.DEFAULT_TOLERANCE,
    max_bytes: int = MAX_BYTES,
    read_timeout: float = READ_SECONDS,
    max_concurrency: int = 16,
    max_pending: int = 1000,
    name: str = "twelvelabs_webhook",
) -> Route:
    """A route that receives the platform's webhooks.

        app = Starlette(routes=[webhook_route("/webhook", SECRET, on_event)], lifespan=lifespan())
        app = FastAPI(routes=[webhook_route("/webhook", SECRET, on_event)], lifespan=lifespan())

    - The body is read up to its limits (413, 408), its signature and its age are checked (400). A delivery with a
      valid signature that is not an event is 422.
    - `client.notify` wakes the waits for the object of the event.
    - Each event is handled once, by its id. If the handler fails, the failure is logged and the event is forgotten: if
      it is delivered again, it is handled again.
    - The response is 204 as soon as the handler is scheduled. If the process dies before the handler ends, the event
      is lost. With `background=False`, the response is 204 when the handler has ended, and 500 if it failed, so that
      the platform delivers the event again.
    - If `max_pending` events wait for their handlers, the response is 503, and the platform delivers the event again.

    Args:
        path: Path of the route.
        secret: The webhook's secret from the dashboard; several while you rotate them.
        handler: Called with each event; None to only notify the client.
        background: Whether to respond before the handler ends.
        notify: Whether to pass the event to `client.notify`, which needs the lifespan.
        store: Remembers which events were delivered. Default: the latest 10,000, in the memory of the process.
        tolerance: Largest difference in seconds between the timestamp of a delivery and now.
        max_bytes: Largest delivery.
        read_timeout: Seconds in which a delivery must have arrived.
        max_concurrency: Handlers that run at a time.
        max_pending: Events that may be accepted but not yet handled, including those in handlers.
        name: Name of the route.

    Returns:
        The route.

    Raises:
        ValueError: A secret is empty, there is none, or a number is out of its range.
    """
    secrets = (secret,) if isinstance(secret, str | bytes) else tuple(secret)
    if not secrets:
        raise ValueError("secret is empty: pass the webhook's secret from the dashboard")
    for one in secrets:
        webhooks.sign(b"", one)  # raises an error for what cannot be a secret
    for what, number in (
        ("max_bytes", max_bytes),
        ("max_concurrency", max_concurrency),
        ("max_pending", max_pending),
        ("read_timeout", read_timeout),
    ):
        if not number > 0:
            raise ValueError(f"{what} must be above 0, not {number!r}")
    if not tolerance >= 0:
        raise ValueError(f"tolerance must be a number of seconds, zero or more, not {tolerance!r}")
    events = _Events(handler, MemoryEventStore() if store is None else store, max_concurrency, max_pending)

    async def receive(request: Request) -> Response:
        try:
            body = await read_limited(request, max_bytes, read_timeout)
            event = _unwrap(body, request, secrets, tolerance)
            if notify:
                _notify(request, event)
            await events.accept(request, _id_of(event, body), event, background)
        except (RefusedError, WebhookSignatureError) as error:
            return problem_of(error).response()
        except DecodeError as error:
            # The platform sent it, so that somebody should know.
            _log.error("a webhook cannot be decoded: %s", error)
            return Problem(status=422, code="event_invalid", message="The body is not an event.").response()
        except ClientDisconnect:
            return Response(status_code=STATUS_DISCONNECTED)
        return Response(status_code=204)

    return Route(path, receive, methods=["POST"], name=name, include_in_schema=False)


def _unwrap(
    body: bytes, request: Request, secrets: Sequence[str | bytes], tolerance: float
) -> WebhookEvent | UnknownVariant:
    for secret in secrets[:-1]:
        try:
            return webhooks.unwrap(body, request.headers.raw, secret, tolerance)
        except WebhookSignatureError:
            continue
    return webhooks.unwrap(body, request.headers.raw, secrets[-1], tolerance)


def _id_of(event: WebhookEvent | UnknownVariant, body: bytes) -> str:
    """The id of an event; a hash of its body where it has none."""
    found = getattr(event, "id", None)
    return found if isinstance(found, str) and found else hashlib.sha256(body).hexdigest()


def _notify(request: Request, event: WebhookEvent | UnknownVariant) -> None:
    client = service_of(request).client
    try:
        client.notify(event)
    except TypeError as error:
        _log.info("nobody can wait for the object of this webhook: %s", error)


class _State:
    """What belongs to one event loop: a test client makes a new one each time.

    Attributes:
        turns: Lets the handlers run, at most so many at a time.
        claiming: Events about which the store is being asked.
        pending: Events that are accepted and not handled yet, by id. The result is whether the handler succeeded.
    """

    def __init__(self, max_concurrency: int) -> None:
        self.turns: asyncio.Semaphore = asyncio.Semaphore(max_concurrency)
        self.claiming: int = 0
        self.pending: dict[str, asyncio.Task[bool]] = {}


class _Events:
    """Hands each event to the handler once."""

    def __init__(self, handler: Handler | None, store: EventStore, max_concurrency: int, max_pending: int) -> None:
        self._handler = handler
        self._store = store
        self._max_concurrency = max_concurrency
        self._max_pending = max_pending
        self._states: WeakKeyDictionary[asyncio.AbstractEventLoop, _State] = WeakKeyDictionary()

    async def accept(
        self, request: Request, event_id: str, event: WebhookEvent | UnknownVariant, background: bool
    ) -> None:
        """Handle an event, unless it was handled before.

        Raises:
            RefusedError: Too many events are pending, or the handler failed.
        """
        if self._handler is None:
            return
        state = self._state()
        task = state.pending.get(event_id)
        if task is None:
            if len(state.pending) + state.claiming >= self._max_pending:
                message = "Too many events are waiting to be handled."
                raise RefusedError(Problem(status=503, code="busy", message=message, retry_after=10))
            # Before the response: if the store fails, the platform delivers the event again.
            state.claiming += 1
            try:
                is_new = await self._store.add(event_id)
            finally:
                state.claiming -= 1
            if not is_new:
                return
            task = self._start(request, state, event_id, self._handle(self._handler, state, event_id, event))
        if background:
            return
        await asyncio.wait({task})
        if task.cancelled() or not task.result():
            problem = Problem(status=500, code="handler_failed", message="The event could not be handled.")
            raise RefusedError(problem)

    def _state(self) -> _State:
        loop = asyncio.get_running_loop()
        state = self._states.get(loop)
        if state is None:
            state = self._states[loop] = _State(self._max_concurrency)
        return state

    def _start(
        self, request: Request, state: _State, event_id: str, handling: Coroutine[Any, Any, bool]
    ) -> asyncio.Task[bool]:
        service = find_service(request.scope)
        task = asyncio.create_task(handling) if service is None else service.work.start(handling)
        state.pending[event_id] = task
        task.add_done_callback(lambda _: state.pending.pop(event_id, None))
        return task

    async def _handle(
        self, handler: Handler, state: _State, event_id: str, event: WebhookEvent | UnknownVariant
    ) -> bool:
        """Whether the handler succeeded."""
        try:
            async with state.turns:
                if inspect.iscoroutinefunction(handler):
                    await handler(event)
                else:
                    result = await run_in_threadpool(handler, event)
                    if inspect.isawaitable(result):  # of a callable object, or a lambda around a coroutine
                        await result
        except asyncio.CancelledError:
            _log.error("the webhook event %s was not handled before the service ended", event_id)
            await self._forget(event_id)
            raise
        except Exception:
            _log.exception("the handler of the webhook event %s failed", event_id)
            await self._forget(event_id)
            return False
        return True

    async def _forget(self, event_id: str) -> None:
        try:
            await self._store.remove(event_id)
        except Exception:
            _log.exception("the webhook event %s, whose handler failed, could not be forgotten", event_id)
