"""Base of the generated resource classes: they state arguments, everything else happens here."""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import AsyncExitStack, asynccontextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, Generic, Self, TypeVar, cast
from weakref import WeakKeyDictionary

from ._deprecation import warn_outdated
from ._request.builder import Decoder, RequestBuilder, builder_for
from ._request.options import RequestOptions, check_options
from ._request.secret import hide_options
from ._safe_repr import SafeRepr
from ._transport.limits.limiter import UNGROUPED
from .errors import APITimeoutError, DecodeError, TwelveLabsError
from .waiters.hub import WaitHub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from ._config.config import Config
    from ._request.message import Request, Response
    from ._request.operation import Operation, PagedOperation, StreamOperation
    from ._transport.incoming import StreamResponse
    from ._transport.secrets import Secrets
    from ._transport.transport import Transport
    from ._waiting import Executor, Waiting, WaitOperation
    from .pagination import AsyncPager
    from .streaming import AsyncStream

__all__ = ["THREAD_BYTES", "Core", "RawResponse", "Resource", "decode_in_thread"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
ItemT = TypeVar("ItemT")
PageT = TypeVar("PageT")
EventT = TypeVar("EventT")
StateT = TypeVar("StateT")
RowT = TypeVar("RowT")

THREAD_BYTES: Final = 64 * 1024
"""Responses larger than this are decoded in a thread, because the event loop must not be blocked."""

_loading: Final = threading.Lock()
"""Held while models are imported, so that first calls of several event loops import them once."""

_loads: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[RequestBuilder, asyncio.Future[Decoder]]]] = (
    WeakKeyDictionary()
)
"""The decoders that are being loaded, for each event loop."""

_decoding: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock]] = WeakKeyDictionary()
"""Held while a large response is decoded, for each event loop."""


class Core:
    """State shared by all resources of one client.

    Attributes:
        config: Settings of the client.
        transport: Sends the requests.
        waits: The waits of the client and of its copies.
        inside_helper: Whether the requests belong to a helper with a timeout of its own (a wait, an upload, a bulk
            call). The timeout that the user set for single calls does not count their time in the queue then.
        background: Whether the requests wait until no others of their rate-limit group do: those of waits.
    """

    __slots__ = ("background", "config", "inside_helper", "transport", "waits")

    def __init__(
        self,
        config: Config,
        transport: Transport,
        *,
        waits: WaitHub | None = None,
        inside_helper: bool = False,
        background: bool = False,
    ) -> None:
        self.config: Config = config
        self.transport: Transport = transport
        self.waits: WaitHub = WaitHub() if waits is None else waits
        self.inside_helper: bool = inside_helper
        self.background: bool = background

    def __reduce__(self) -> Any:
        # A pickle would contain the key; pickles of a resource, a pager or a stream would, too.
        raise TypeError("a client and its resources cannot be pickled; create a client in each process")


class RawResponse(SafeRepr, Generic[T_co]):
    """A response of the platform before it is decoded.

    Attributes:
        status: HTTP status.
        headers: Headers; names are case-insensitive.
        request_id: The platform's id of the request, None where it sent none.
        body: The bytes of the body; empty where there was none.
    """

    __slots__ = ("_builder", "_secrets", "body", "headers", "request_id", "status")

    def __init__(self, response: Response, builder: RequestBuilder, secrets: Secrets) -> None:
        self.status: int = response.status
        self.headers: Mapping[str, str] = response.headers
        self.request_id: str | None = response.request_id
        self.body: bytes = response.body
        self._builder = builder
        self._secrets = secrets

    def parse(self) -> T_co:
        """Decode the body. This blocks the event loop, for long when the body is large.

        Raises:
            DecodeError: The response does not match the contract.
        """
        decode = self._builder.decode or load_decoder(self._builder)
        try:
            if not self.body:
                _check_empty(self._builder, self)
                return cast("T_co", None)
            return cast("T_co", decode(self.body, self.status, self.request_id))
        except Exception as error:
            self._secrets.clean(error)
            raise

    def __repr__(self) -> str:
        return f"<RawResponse {self.status} {self._builder.operation.id}, {len(self.body)} bytes>"


class Resource:
    """Base of the resource classes."""

    def __init__(self, core: Core) -> None:
        self._core = core

    _hide = staticmethod(hide_options)

    def _inside_helper(self, *, background: bool = False) -> Self:
        """The same resource, for the requests of a helper."""
        core = self._core
        return type(self)(
            Core(core.config, core.transport, waits=core.waits, inside_helper=True, background=background)
        )

    @cached_property
    def _of_waits(self) -> tuple[Executor, Callable[[BaseException], None]]:
        """What carries out the requests of waits and what cleans their errors. Shared: there may be thousands."""
        transport = self._core.transport
        # Not of this class: a mock of the client reads every attribute, and the client is made in another way.
        execute = Resource(self._core)._inside_helper(background=True)._execute
        return execute, lambda error: transport.secrets_of(None).clean(error)

    def _warn(self, operation: Operation[Any], body: Any) -> None:
        """Warn about what is deprecated in a call. A helper warns itself, where the user calls it."""
        if (operation.deprecated is not None or operation.outdated) and not self._core.inside_helper:
            warn_outdated(operation, body)

    async def _guarded(self, helper: Awaitable[T], options: RequestOptions | None) -> T:
        """Carry out a helper, which makes several calls and has errors of its own: they hold no secret either."""
        try:
            return await helper
        except BaseException as error:
            self._core.transport.secrets_of(options).clean(error)
            raise

    def _call(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> Coroutine[Any, Any, T]:
        """Carry out an operation and decode its response."""
        self._warn(operation, body)
        return self._execute(operation, path=path, query=query, headers=headers, body=body, options=options)

    async def _execute(
        self,
        operation: Operation[T],
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> T:
        """Like `_call`, without a warning: a pager warns once, not with every page."""
        builder = builder_for(operation, self._core.config.json)
        decode = builder.decode
        if decode is None:
            # Importing models takes milliseconds, and the event loop must not be blocked.
            decode = await load_off_loop(builder)
        if builder.is_form:
            request = await self._build_form(builder, path, query, headers, body, options)
        else:
            request = builder.build(path, query, headers, body, options)
        core = self._core
        request.inside_helper = core.inside_helper
        request.background = core.background
        response = await (send_form(core.transport, request) if builder.is_form else core.transport.send(request))
        try:
            content = response.body
            if not content:
                _check_empty(builder, response)
            elif len(content) > THREAD_BYTES:
                # The only reference to the response: its body is freed as soon as it is decoded, not on the event loop.
                held = [response]
                del response, content
                return cast("T", await decode_in_thread(decode, held))
            else:
                return cast("T", decode(content, response.status, response.request_id))
            return cast("T", None)
        except BaseException as error:
            response = content = None  # type: ignore[assignment]  # the traceback must not keep a large document
            core.transport.clean(error, request)
            raise

    async def _build_form(
        self,
        builder: RequestBuilder,
        path: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
        headers: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        options: RequestOptions | None,
    ) -> Request:
        """Build a request with files. Its timeout bounds how long a stream of unknown size may take to end."""
        config, operation = self._core.config, builder.operation
        seconds = check_options(options).get("timeout") or config.timeout or config.timeouts.upload.total
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await builder.build_any(path, query, headers, body, options)
        except TimeoutError as error:
            if not limit.expired():
                raise  # that of a stream
            raise APITimeoutError(
                f"{operation.method} {operation.id}: not sent, because the file was not read to its end within "
                f"{seconds:g} s.",
                operation=operation.id,
                attempts=0,
            ) from error

    def _paginate(
        self,
        operation: PagedOperation[ItemT, PageT],
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        next_query: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> AsyncPager[ItemT, PageT]:
        """Return a pager over an operation; nothing is sent before it is awaited or iterated."""
        from .pagination import AsyncPager
        from .pagination.page import Call

        self._warn(operation, body)
        readahead = check_options(options).get("readahead", self._core.config.readahead)
        call = Call(
            path=path or {},
            query=query or {},
            headers=headers or {},
            body=body or {},
            options=hide_options(options),
            next_query=next_query or {},
            readahead=readahead,
            spare=partial(self._spare_requests, operation.rate_limit_group or UNGROUPED),
        )
        return AsyncPager(self._execute, operation, call)

    def _spare_requests(self, group: str) -> int:
        """How many requests that nobody waits for may go, so that they do not use up the rate limit of a group."""
        state = self._core.transport.limits.groups.get(group)
        if state is None:
            return sys.maxsize
        if state.waiting or state.paused_for:
            return 0
        spare = sys.maxsize if state.remaining is None else state.remaining // 2 - state.in_flight
        # With a fixed limit, requests are spaced evenly: one at a time is as fast as several.
        return spare if state.requests_per_minute is None else min(spare, 1)

    def _waiting(
        self,
        wait: WaitOperation[StateT, RowT],
        parents: Sequence[Any] = (),
        *,
        sleep_interval: float,
        timeout: float,
        options: RequestOptions | None,
    ) -> Waiting[StateT, RowT]:
        """Prepare a wait, or many; nothing is sent before that."""
        from ._waiting import Waiting

        core = self._core
        execute, clean = self._of_waits
        return Waiting(
            wait,
            core.waits,
            core.transport,
            execute,
            parents,
            sleep_interval=sleep_interval,
            timeout=timeout,
            options=options,
            clean=core.transport.secrets_of(options).clean if options else clean,
        )

    def _stream(
        self,
        operation: StreamOperation[EventT],
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | Callable[[], AbstractAsyncContextManager[Mapping[str, Any]]] | None = None,
        options: RequestOptions | None = None,
        expected: int | None = None,
        check_end: bool = True,
    ) -> AsyncStream[EventT]:
        """Return the stream of an operation; nothing is sent before it is entered or iterated.

        A body that has to be made first is a function that returns a context manager; it ends with the stream.
        """
        from .streaming import AsyncStream

        if operation.response is None:
            raise TypeError(f"{operation.id} does not state the type of its events")
        self._warn(operation, body)
        builder = builder_for(operation, self._core.config.json)
        core = self._core
        options = hide_options(options)
        output: type | None = None

        def ask_for(into: type) -> None:
            from .structured import json_schema_for

            nonlocal output
            json_schema_for(into)  # raises before anything is sent
            output = into

        @asynccontextmanager
        async def opener() -> AsyncIterator[StreamResponse]:
            if builder.decode is None:
                await load_off_loop(builder)
            async with AsyncExitStack() as stack:
                made = await stack.enter_async_context(body()) if callable(body) else body
                if output is not None:
                    from .structured import request_schema

                    made = request_schema(made or {}, output, operation.id)
                request = await builder.build_any(path, query, headers, made, options)
                request.inside_helper = core.inside_helper
                yield await stack.enter_async_context(core.transport.stream(request))

        return AsyncStream(
            opener,
            kind=operation.kind,
            event=operation.response,
            engine=builder.engine,
            expected=expected,
            check_end=check_end,
            ask_for=ask_for,
            clean=core.transport.secrets_of(options).clean,
        )


async def send_form(transport: Transport, request: Request) -> Response:
    """Send a request whose body may hold streams, which belong to this call alone."""
    from ._request.files import close_source
    from ._request.form import FormBody
    from ._request.streams import StreamSource

    body = request.body
    if not isinstance(body, FormBody):
        return await transport.send(request)
    try:
        return await transport.send(request)
    except TwelveLabsError as error:
        if not body.replayable and error.retryable:
            error.add_note("Not retried: the stream that was sent can be read only once. Call again with a new one.")
        for source in body.sources:
            if isinstance(source, StreamSource) and source.received < source.size:
                error.add_note(f"The stream had delivered {source.received:,} of {source.size:,} bytes.")
        raise
    finally:
        for source in body.sources:
            await close_source(source)


async def load_off_loop(builder: RequestBuilder) -> Decoder:
    """Load the decoder in one thread for all calls that begin meanwhile: more would compete for the interpreter."""
    loop = asyncio.get_running_loop()
    loads = _loads.setdefault(loop, {})
    load = loads.get(builder)
    if load is None:
        load = loads[builder] = loop.run_in_executor(None, load_decoder, builder)
        load.add_done_callback(lambda _: loads.pop(builder, None))
    return await asyncio.shield(load)


def load_decoder(builder: RequestBuilder) -> Decoder:
    """Import the decoder of an operation's response. Takes milliseconds."""
    with _loading:
        if builder.decode is None:
            from ._codec.decode import decoder

            if builder.is_form:  # here and not when the body is built, which happens on the event loop
                from ._request import files, form  # noqa: F401 - loaded for the builder

            response = builder.operation.response
            builder.decode = _no_body if response is None else decoder(response.resolve(), builder.engine)
        return builder.decode


def _no_body(body: bytes, status: int | None, request_id: str | None) -> None:
    """Accept the response of an operation without a body. Unexpected JSON is ignored; a web page is not the platform's.

    Raises:
        DecodeError: Something on the way responded (a proxy, a login page), and the call may not have arrived.
    """
    if body[:64].lstrip()[:1] == b"<":
        raise DecodeError(
            f"Received a web page instead of the platform's response ({status} without a body): something between this "
            "program and the platform has responded. Check base_url, the proxy and the network.",
            body=body,
            status=status,
            request_id=request_id,
        )


def _check_empty(builder: RequestBuilder, response: Response | RawResponse[Any]) -> None:
    """Reject an empty body where the contract states one; an empty body is never parsed."""
    expected = builder.operation.response
    if expected is not None:
        raise DecodeError(
            f"{builder.operation.id}: the response {response.status} has an empty body, but the contract states a "
            f"{expected.name}. The call was carried out; look at the resource itself.",
            status=response.status,
            request_id=response.request_id,
        )


async def decode_in_thread(decode: Decoder, held: list[Response]) -> Any:
    """Decode a large response in a thread, and take it out of the list that holds it.

    One at a time: several would not be done sooner, since they share the interpreter lock, but the event loop would
    have to compete with all of them for it.
    """
    loop = asyncio.get_running_loop()
    lock = _decoding.get(loop)
    if lock is None:
        lock = _decoding[loop] = asyncio.Lock()
    async with lock:
        return await asyncio.to_thread(_decode_paced, decode, held)


def _decode_paced(decode: Decoder, held: list[Response]) -> Any:
    from ._codec.pacing import paced

    response = held.pop()
    with paced():
        return decode(response.body, response.status, response.request_id)
