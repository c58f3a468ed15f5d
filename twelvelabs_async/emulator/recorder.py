"""A record of the requests that were made, for tests of programs."""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .._safe_repr import SafeRepr
from .api.dispatcher import BODY

if TYPE_CHECKING:
    from aiohttp.typedefs import Middleware

    from .api.dispatcher import Dispatcher
    from .disconnects import Handler


@dataclasses.dataclass(slots=True)
class RequestMade(SafeRepr):
    """A request to the API.

    Attributes:
        operation: operationId of the OpenAPI document; empty if there is none.
        method: HTTP method.
        path: Path below the version, such as `/indexes/1`.
        query: Query parameters; of one that was sent several times, the last.
        body: The JSON body, or the fields of a form without its files; None if there is none, or if it was rejected.
        status: Status of the response; None while there is none, and where an injected fault took its place.
    """

    operation: str
    method: str
    path: str
    query: dict[str, str]
    body: Any = None
    status: int | None = None


class Recorder:
    """Keeps the last requests.

    Attributes:
        requests: The requests, oldest first.
    """

    def __init__(self, dispatcher: Dispatcher, kept: int) -> None:
        self._dispatcher = dispatcher
        self.requests: deque[RequestMade] = deque(maxlen=kept)

    def middleware(self) -> Middleware:
        """Records what passes."""

        @web.middleware
        async def record(request: web.Request, handler: Handler) -> web.StreamResponse:
            if not self.requests.maxlen:
                return await handler(request)
            path = request.rel_url.raw_path.removeprefix(self._dispatcher.prefix)
            made = RequestMade(self._dispatcher.operation_id(request), request.method, path, dict(request.query))
            self.requests.append(made)
            try:
                response = await handler(request)
            finally:
                made.body = request.get(BODY)
            transport = request.transport
            if transport is not None and not transport.is_closing():
                made.status = response.status
            return response

        return record
