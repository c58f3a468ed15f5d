"""From an error to a response: what the caller did wrong is told, and what is wrong on our side is not."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import attrs
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket

from .._safe_repr import SafeRepr
from ..errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    BulkError,
    DecodeError,
    StreamError,
    StructuredOutputError,
    TaskFailedError,
    TooManyRequestsError,
    TwelveLabsError,
    UnsupportedMediaError,
    UploadError,
    WaitTimeoutError,
    WebhookSignatureError,
)

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import HTTPConnection

MEDIA_TYPE: Final = "application/problem+json"

CALLER_STATUSES: Final = frozenset({400, 404, 409, 410, 413, 422})
"""Statuses of the platform that speak of the request, and are passed on with their message."""

ACCOUNT_CODES: Final = frozenset(
    {
        "api_allowed_for_paid_plan", "api_key_invalid", "api_not_allowed", "api_upgrade_required", "insufficient_funds",
        "unauthorized", "unauthorized_request", "usage_limit_exceeded",
    }
)  # fmt: skip
"""Codes that speak of our account, whatever their status: 400 for some of them."""

DEFAULT_RETRY_AFTER: Final = 10.0
"""Seconds in `Retry-After` where the platform sent a 429 or 503 without it."""

MAX_MESSAGE: Final = 1000
"""Longest message of the platform that is passed on, in characters."""

STATUS_DISCONNECTED: Final = 499
"""The status of a response that nobody receives: it appears in logs only."""

_log = logging.getLogger("twelvelabs_async.starlette")

_UPSTREAM: Final = "The request to the video platform failed."
_BUSY: Final = "The video platform accepts no more requests at the moment."
_UPSTREAM_ERRORS: Final = (
    APIConnectionError, BulkError, DecodeError, StreamError, StructuredOutputError, UploadError,
)  # fmt: skip


@attrs.frozen(kw_only=True)
class Problem(SafeRepr):
    """What a response tells the caller about an error.

    Attributes:
        status: HTTP status of the response.
        code: A word for programs: the platform's code if the caller caused the error, else one of this module.
        message: A sentence for people. It reveals nothing about the service itself.
        request_id: The platform's id of the request, for support requests.
        retry_after: Seconds after which the caller may try again; None if unknown.
    """

    status: int
    code: str
    message: str
    request_id: str | None = None
    retry_after: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The body of the response."""
        body: dict[str, Any] = {"status": self.status, "code": self.code, "message": self.message}
        if self.request_id is not None:
            body["request_id"] = self.request_id
        return body

    @property
    def headers(self) -> dict[str, str]:
        """Headers of the response: `Retry-After`, or none."""
        return {} if self.retry_after is None else {"Retry-After": str(max(1, math.ceil(self.retry_after)))}

    def response(self) -> Response:
        """The response: small JSON with `status`, `code`, `message` and `request_id`."""
        return JSONResponse(self.to_dict(), self.status, self.headers, MEDIA_TYPE)


class RefusedError(SafeRepr, HTTPException):
    """A request that this module rejects before anything is sent to the platform.

    Without the exception handlers, the frameworks convert it to their usual response.

    Attributes:
        problem: What the response tells the caller.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status, problem.message, problem.headers)
        self.problem = problem

    def __repr__(self) -> str:
        return f"RefusedError({self.problem!r})"


def shutting_down() -> Problem:
    """What a caller is told whose request was in progress when the grace period of a shutdown was over."""
    message = "The service is being restarted: try again."
    return Problem(status=503, code="shutting_down", message=message, retry_after=1)


def problem_of(error: Exception) -> Problem:
    """What a response tells the caller about an error.

    - The platform's 400, 404, 409, 410, 413 and 422 keep their status, code and message. So do a video that the
      platform could not process (422) and a file that it does not accept (413, 415 or 422).
    - A rate limit belongs to the account of the service, not to the caller: 503 with `Retry-After`, also while calls
      wait for its end. A 503 of the platform is passed on in the same way.
    - Timeouts are 504. If the platform cannot be reached, fails, rejects the key or the account, or sends an invalid
      response, the status is 502. Everything else is 500. None of these discloses details.

    Args:
        error: The error.
    """
    if isinstance(error, RefusedError):
        return error.problem
    if isinstance(error, UploadError) and isinstance(error.original_error, TwelveLabsError):
        return problem_of(error.original_error)
    request_id = _text(getattr(error, "request_id", None))
    if isinstance(error, APIStatusError):
        return _of_status(error, request_id)
    if isinstance(error, APITimeoutError) and error.retry_after is not None:
        return Problem(status=503, code="busy", message=_BUSY, retry_after=error.retry_after)
    if isinstance(error, APITimeoutError | WaitTimeoutError):
        return Problem(status=504, code="timeout", message="The video platform did not finish in time.")
    if isinstance(error, UnsupportedMediaError):
        return Problem(status=_media_status(error), code="unsupported_media", message=_told(error.message))
    if isinstance(error, TaskFailedError):
        return Problem(status=422, code="processing_failed", message=_told(error.message))
    if isinstance(error, WebhookSignatureError):
        return Problem(status=400, code="signature_invalid", message="The signature is missing, wrong or too old.")
    if isinstance(error, _UPSTREAM_ERRORS):
        return Problem(status=502, code="upstream_failed", message=_UPSTREAM, request_id=request_id)
    return Problem(status=500, code="internal_error", message="The service could not handle the request.")


def _of_status(error: APIStatusError, request_id: str | None) -> Problem:
    if isinstance(error, TooManyRequestsError):
        seconds = DEFAULT_RETRY_AFTER if error.retry_after is None else error.retry_after
        return Problem(status=503, code="busy", message=_BUSY, request_id=request_id, retry_after=seconds)
    if error.status == 503:
        after = _seconds(error.headers.get("retry-after"))
        after = DEFAULT_RETRY_AFTER if after is None else after
        return Problem(status=503, code="busy", message=_BUSY, request_id=request_id, retry_after=after)
    if error.status in {408, 504}:
        message = "The video platform did not finish in time."
        return Problem(status=504, code="timeout", message=message, request_id=request_id)
    # A response without a code is not the platform's: a proxy in between also sends 404.
    if error.status not in CALLER_STATUSES or not error.code or error.code in ACCOUNT_CODES:
        return Problem(status=502, code="upstream_failed", message=_UPSTREAM, request_id=request_id)
    return Problem(status=error.status, code=error.code, message=_told(error.message), request_id=request_id)


def _media_status(error: UnsupportedMediaError) -> int:
    """413 for a file that is too large, 415 for another kind of content, 422 for a video that is too long or short."""
    if not isinstance(error.limit, int | float):
        return 415
    return 413 if isinstance(error.value, int) else 422


def _told(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}..."


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _seconds(value: str | None) -> float | None:
    """`Retry-After` as seconds; None for a date, which the clocks of callers may not agree with."""
    return float(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 7 else None


async def on_error(connection: HTTPConnection, error: Exception) -> Response | None:
    """The exception handler of `TwelveLabsError`. What the caller is not told is in the log."""
    problem = problem_of(error)
    if problem.status >= 500:
        _log.error(
            "%s %s: %s: %s",
            connection.scope.get("method", "websocket"),
            connection.scope["path"],
            type(error).__name__,
            error,
        )
    if isinstance(connection, WebSocket):
        await connection.close(code=1011 if problem.status != 503 else 1013, reason=problem.code)
        return None
    return problem.response()


async def on_disconnect(_: HTTPConnection, __: Exception) -> Response:
    """The exception handler for a caller that has left while its request was read: no failure of the service."""
    return Response(status_code=STATUS_DISCONNECTED)


exception_handlers: Final[dict[Any, Callable[[Any, Exception], Any]]] = {
    TwelveLabsError: on_error,
    RefusedError: on_error,
    ClientDisconnect: on_disconnect,
}
"""What `Starlette(exception_handlers=...)` and `FastAPI(exception_handlers=...)` take."""


def add_exception_handlers(app: Starlette) -> None:
    """Add the exception handlers to an application of Starlette or FastAPI.

    A mounted application has its own handlers: add them there, too.

    Args:
        app: The application.
    """
    for kind, handler in exception_handlers.items():
        app.add_exception_handler(kind, handler)
