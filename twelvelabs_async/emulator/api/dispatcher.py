"""The way of an API request: route, key, rate limit, validation, handler, response."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from urllib.parse import unquote

import orjson
from aiohttp import web
from aiohttp.http_exceptions import ContentEncodingError, HttpProcessingError

from .. import clock
from ..errors import ApiError
from ..openapi.document import Document, MethodNotAllowedError, Operation
from .request_parser import parse_request

BODY: web.RequestKey[object] = web.RequestKey("body", object)
"""Where the parsed body of a request is left for those who record requests."""

if TYPE_CHECKING:
    from ..services import Services
    from ..services.rate_limiter import RateLimiter
    from .call import Call, Response
    from .registry import Registry

logger: logging.Logger = logging.getLogger(__name__)

API_VERSION = "1.3"

_LIMIT = "X-Ratelimit-Limit"

_EMBED_CODES = {
    400: "VALIDATION_ERROR",
    413: "VALIDATION_ERROR",
    429: "RATE_LIMIT_EXCEEDED",
    500: "INTERNAL_SERVER_ERROR",
}
"""Codes of the nested errors of embed v2, in upper case as on the platform; the usual code is in `details.reason`."""


class Dispatcher:
    """Sends each request of the API to its handler."""

    def __init__(self, document: Document, registry: Registry, services: Services, limiter: RateLimiter) -> None:
        self._document = document
        self._registry = registry
        self._services = services
        self._limiter = limiter
        self._keys = set(services.settings.api_keys)

    @property
    def rate_limit_groups(self) -> set[str]:
        """The rate-limit groups of the document."""
        return {group for operation in self._document.operations.values() if (group := operation.rate_limit_group)}

    @property
    def prefix(self) -> str:
        """What the path of every operation begins with."""
        return self._document.prefix

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Responds to one request."""
        headers = {"X-Request-Id": clock.new_id("req_"), "X-Api-Version": API_VERSION}
        operation: Operation | None = None
        try:
            operation, path = self.route(request)
            self._check_key(request)
            documented = _LIMIT in operation.responses[operation.success].headers
            headers.update(self._limiter.take(operation.rate_limit_group, documented=documented))
            call = await parse_request(self._services, operation, request, path)
            call.response_headers = headers
            if self._services.settings.recorded_requests:
                request[BODY] = call.body
            try:
                result = await self._registry.handlers[operation.id](call)
            finally:
                if call.files:
                    await asyncio.to_thread(call.discard_files)
            if isinstance(result, web.StreamResponse):
                return result
            return await _json_response(call, result)
        except ApiError as error:
            return _error_response(operation, error, headers)
        except ConnectionError:
            raise  # The client disconnected while it was reading.
        except (web.RequestPayloadError, HttpProcessingError) as error:
            if isinstance(error, web.RequestPayloadError) and not isinstance(error.__cause__, ContentEncodingError):
                raise  # The client disconnected while it was sending.
            reason = " ".join(str(error).split())
            unreadable = ApiError(
                400, "parameter_invalid", f"The parameter body is invalid. It cannot be read: {reason}."
            )
            return _error_response(operation, unreadable, headers)
        except Exception as error:
            logger.exception("%s %s failed", request.method, request.path)
            failed = ApiError(500, "internal_server_error", f"The emulator failed: {error!r}")
            return _error_response(operation, failed, headers)

    def route(self, request: web.Request) -> tuple[Operation, dict[str, str]]:
        """The operation that a request is for, and its path parameters.

        Raises:
            ApiError: There is none.
        """
        raw = request.rel_url.raw_path
        prefix = self.prefix + "/"
        if not raw.startswith(prefix):
            raise ApiError(404, "not_found", f"There is nothing at {raw}; the API is below {self.prefix}.")
        segments = [unquote(part) for part in raw.removeprefix(prefix).split("/")]
        try:
            return self._document.find(request.method, segments)
        except MethodNotAllowedError as error:
            allowed = ", ".join(error.allowed)
            message = f"{request.method} is not allowed here; allowed: {allowed}."
            raise ApiError(405, "method_not_allowed", message, headers={"Allow": allowed}) from None
        except LookupError:
            raise ApiError(404, "not_found", f"There is nothing at {raw}.") from None

    def operation_id(self, request: web.Request) -> str:
        """The operationId of the operation that a request is for; empty if there is none."""
        try:
            return self.route(request)[0].id
        except ApiError:
            return ""

    def error_response(
        self, operation_id: str, error: ApiError, headers: dict[str, str], *, verbatim: bool = False
    ) -> web.Response:
        """An error in the shape that an operation documents; with `verbatim`, its code is sent as it is."""
        return _error_response(self._document.operations.get(operation_id), error, headers, verbatim=verbatim)

    def _check_key(self, request: web.Request) -> None:
        key = request.headers.get("x-api-key")
        if key is None:
            raise ApiError(401, "api_key_invalid", "No API key was sent. Send it in the header x-api-key.")
        if key not in self._keys:
            raise ApiError(401, "api_key_invalid", "The API key is not valid. Check that it was copied completely.")


async def _json_response(call: Call, response: Response) -> web.Response:
    status = response.status or call.operation.success
    headers = {**call.response_headers, **response.headers}
    if response.data is None:
        return web.Response(status=status, headers=headers)
    await call.check_response(status, "application/json", response.data)
    raw = await asyncio.to_thread(orjson.dumps, response.data) if response.large else orjson.dumps(response.data)
    return web.Response(status=status, headers=headers, body=raw, content_type="application/json")


def _error_response(
    operation: Operation | None, error: ApiError, headers: dict[str, str], *, verbatim: bool = False
) -> web.Response:
    headers.update(error.headers)
    nested = operation is not None and operation.nested(error.status)
    body = error.body(nested=nested)
    if nested and operation is not None and operation.tag == "EmbedV2" and not verbatim:
        body["error"]["code"] = _EMBED_CODES.get(error.status, error.code)
        body["error"].setdefault("details", {})["reason"] = error.code
    return web.Response(status=error.status, headers=headers, body=orjson.dumps(body), content_type="application/json")
