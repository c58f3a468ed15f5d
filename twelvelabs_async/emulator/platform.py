"""The parts of a running emulator, and the way of a request through them."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import aiohttp
import orjson
from aiohttp import web
from aiohttp.http_exceptions import ContentEncodingError, HttpProcessingError

from . import clock
from .document import Document, MethodNotAllowedError, Operation
from .engine import Engine
from .errors import ApiError
from .faults import FaultPlan
from .injection import Injector
from .limits import RateLimiter
from .objects import ObjectStore
from .reading import Call, discard, read
from .scheduler import Scheduler
from .sources import Sources
from .validation import check_answer
from .webhooks import Webhooks

if TYPE_CHECKING:
    from .settings import Settings
    from .store import Store

logger = logging.getLogger(__name__)

API_VERSION = "1.3"


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: a document of the status that the OpenAPI document names, or nothing."""

    data: Any = None
    status: int | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    heavy: bool = False


Handler = Callable[[Call], Awaitable["Reply | web.StreamResponse"]]

HANDLERS: dict[str, Handler] = {}
"""Function of each operation, by operationId."""

STEPS: dict[str, Callable[[Platform], Callable[..., Awaitable[None]]]] = {}
"""State machines, by the kind of their jobs; each is made for a platform."""


def operation(identifier: str) -> Callable[[Handler], Handler]:
    """Marks a function as the one that carries out an operation."""

    def register(handler: Handler) -> Handler:
        HANDLERS[identifier] = handler
        return handler

    return register


def step(kind: str) -> Callable[[Callable[..., Awaitable[None]]], Callable[..., Awaitable[None]]]:
    """Marks a function `(platform, job)` as the one that carries out jobs of a kind."""

    def register(function: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        STEPS[kind] = lambda platform: lambda job: function(platform, job)
        return function

    return register


class Platform:
    """Everything that an emulator is made of, without its sockets."""

    def __init__(self, settings: Settings, document: Document, store: Store) -> None:
        self.settings = settings
        self.document = document
        self.store = store
        self.scheduler = Scheduler(store)
        self.engine = Engine(settings, store)
        self.limiter = RateLimiter(settings.rate_limits, settings.rate_window)
        self.objects = ObjectStore(self)
        self.faults = FaultPlan.load(settings.faults)
        self.injector = Injector(self, self.faults)
        self.sources = Sources(self)
        self.webhooks = Webhooks(self)
        self.base_url = ""
        self.objects_url = ""
        self._keys = set(settings.api_keys)
        self._http: aiohttp.ClientSession | None = None
        self.requests = 0

    async def open(self) -> None:
        """Opens the state and goes on with what was unfinished."""
        from . import handlers  # noqa: F401 - registers the handlers

        await self.store.open()
        for kind, make in STEPS.items():
            self.scheduler.register(kind, make(self))

    async def start(self) -> None:
        """Starts the state machines; the addresses must be known."""
        await self.scheduler.start()

    async def close(self) -> None:
        """Ends all work and closes the state."""
        await self.scheduler.stop()
        await self.engine.close()
        if self._http is not None:
            await self._http.close()
        await self.store.close()

    @property
    def http(self) -> aiohttp.ClientSession:
        """Client for media URLs and webhooks."""
        if self._http is None:
            self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        return self._http

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answers one request of the API."""
        self.requests += 1
        request_id = clock.new_id("req_")
        headers = {"X-Request-Id": request_id, "X-Api-Version": API_VERSION}
        found: Operation | None = None
        try:
            found, path = self._route(request)
            self._check_key(request)
            headers.update(self.limiter.take(found.rate_limit_group))
            call = await read(self, found, request, path)
            call.reply_headers = headers
            try:
                result = await HANDLERS[found.id](call)
            finally:
                if call.files:
                    await asyncio.to_thread(discard, call)
            if isinstance(result, web.StreamResponse):
                return result
            return await self._reply(found, result, headers)
        except ApiError as error:
            return self._refuse(found, error, headers)
        except ConnectionError:
            # The client went away while it was reading.
            raise
        except (web.RequestPayloadError, HttpProcessingError) as error:
            if isinstance(error, web.RequestPayloadError) and not isinstance(error.__cause__, ContentEncodingError):
                raise  # The client went away while it was sending.
            reason = " ".join(str(error).split())
            unreadable = ApiError(
                400, "parameter_invalid", f"The parameter body is invalid. It cannot be read: {reason}."
            )
            return self._refuse(found, unreadable, headers)
        except Exception as error:
            logger.exception("%s %s broke down", request.method, request.path)
            broken = ApiError(500, "internal_server_error", f"The emulator broke down: {error!r}")
            return self._refuse(found, broken, headers)

    def find(self, request: web.Request) -> Operation | None:
        """The operation that a request is for; None if there is none."""
        try:
            return self._route(request)[0]
        except ApiError:
            return None

    def refusal(self, identifier: str, error: ApiError, headers: dict[str, str]) -> web.Response:
        """An error as the operation of that name answers it."""
        return self._refuse(self.document.operations.get(identifier), error, headers)

    def _route(self, request: web.Request) -> tuple[Operation, dict[str, str]]:
        raw = request.rel_url.raw_path
        prefix = self.document.prefix + "/"
        if not raw.startswith(prefix):
            raise ApiError(404, "not_found", f"There is nothing at {raw}; the API is below {self.document.prefix}.")
        segments = [unquote(part) for part in raw.removeprefix(prefix).split("/")]
        try:
            return self.document.find(request.method, segments)
        except MethodNotAllowedError as error:
            allowed = ", ".join(error.allowed)
            message = f"{request.method} is not allowed here; allowed: {allowed}."
            raise ApiError(405, "method_not_allowed", message, headers={"Allow": allowed}) from None
        except LookupError:
            raise ApiError(404, "not_found", f"There is nothing at {raw}.") from None

    def _check_key(self, request: web.Request) -> None:
        key = request.headers.get("x-api-key")
        if key is None:
            raise ApiError(401, "api_key_invalid", "No API key was sent. Send it in the header x-api-key.")
        if key not in self._keys:
            raise ApiError(401, "api_key_invalid", "The API key is not valid. Check that it was copied completely.")

    async def _reply(self, found: Operation, reply: Reply, headers: dict[str, str]) -> web.Response:
        status = reply.status or found.success
        headers.update(reply.headers)
        if reply.data is None:
            return web.Response(status=status, headers=headers)
        await self.check(found, status, "application/json", reply.data)
        raw = await asyncio.to_thread(orjson.dumps, reply.data) if reply.heavy else orjson.dumps(reply.data)
        return web.Response(status=status, headers=headers, body=raw, content_type="application/json")

    async def check(self, found: Operation, status: int, content_type: str, data: Any) -> None:
        """Compares an answer, or an event of a stream, with the document, when the settings ask for it.

        Raises:
            AssertionError: The document forbids the answer.
        """
        if not self.settings.check_answers:
            return
        problem = await asyncio.to_thread(check_answer, data, found.answers[status].content[content_type])
        if problem:
            raise AssertionError(f"{found.id} answers what the document forbids: {problem}")

    def _refuse(self, found: Operation | None, error: ApiError, headers: dict[str, str]) -> web.Response:
        headers.update(error.headers)
        if error.empty:
            return web.Response(status=error.status, headers=headers)
        nested = found is not None and found.nested(error.status)
        body = error.body(nested=nested)
        if nested and found is not None and found.tag == "EmbedV2":
            body["error"]["code"] = _EMBED_CODES.get(error.status, error.code)
            body["error"].setdefault("details", {})["reason"] = error.code
        return web.Response(
            status=error.status, headers=headers, body=orjson.dumps(body), content_type="application/json"
        )


_EMBED_CODES = {
    400: "VALIDATION_ERROR",
    413: "VALIDATION_ERROR",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_SERVER_ERROR",
}
"""Codes of the nested errors of embed v2 in the platform's own spelling; the usual code is in `details.reason`."""
