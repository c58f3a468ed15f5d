"""From a response that is not 2xx to the error that is raised for it."""

from __future__ import annotations

import contextlib
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from .. import errors
from .limits.headers import read_limits
from .secrets import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .limits.headers import LimitHeaders

PAGE_TOKEN_CODES: Final = frozenset({"search_page_token_expired"})
"""Codes that say "gone" whatever the status is: two operations report the same thing as 400 and as 410."""

MISSING_CODES: Final = frozenset({"resource_not_exist"})
"""Codes that say that there is no such resource, also as 400: the cure is another id."""

_BODY_KEPT: Final = 65_536
"""Bytes of an error's body that are decoded and kept; what is longer is kept as the beginning of its text."""

_CLASSES: Final[Mapping[int, type[errors.APIStatusError]]] = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    403: errors.ForbiddenError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    410: errors.GoneError,
    413: errors.PayloadTooLargeError,
    422: errors.UnprocessableEntityError,
    429: errors.TooManyRequestsError,
}


def status_class(status: int, code: str | None = None) -> type[errors.APIStatusError]:
    """The class of error for a status and a platform code."""
    if code in PAGE_TOKEN_CODES:
        return errors.GoneError
    if status >= 500:
        return errors.InternalServerError
    return _CLASSES.get(status, errors.APIStatusError)


def status_error(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    request_id: str | None = None,
    limits: LimitHeaders | None = None,
) -> errors.APIStatusError:
    """Make the error for a response whose status is not 2xx.

    Args:
        status: HTTP status.
        headers: Headers of the response.
        body: Body of the response, possibly truncated.
        request_id: The platform's id of the request.
        limits: What the headers say about limits; read from them where it is not given.
    """
    content = _content(body)
    code, message, docs_url, details = _members(content)
    if _is_deep(content):
        content = _text(body)
    cls = status_class(status, code)
    values: dict[str, Any] = {
        "status": status,
        "code": code,
        "docs_url": docs_url,
        "details": details,
        "request_id": request_id,
        "headers": {name.lower(): value for name, value in headers.items()},
        "body": content,
    }
    if cls is errors.TooManyRequestsError:
        limits = limits or read_limits(headers, status)
        values |= {
            "retry_after": limits.retry_after,
            "limit": None if limits.limit is None else int(limits.limit),
            "remaining": None if limits.remaining is None else int(limits.remaining),
            "reset": limits.reset,
        }
    error = cls(message or _phrase(status, content), **values)
    if code in MISSING_CODES:
        error.hint = errors.NotFoundError.hint
    return error


def _content(body: bytes) -> Any:
    if not body.strip():
        return None
    if len(body) <= _BODY_KEPT:
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(body)
    return _text(body)


def _text(body: bytes) -> str:
    return body[: errors.BODY_LIMIT].decode("utf-8", "replace")


def _is_deep(content: Any) -> bool:
    """Whether JSON is nested so deep that an error that holds it could not be shown, copied or pickled."""
    level = [content]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
        if not level:
            return False
    return True


def _shown(value: Any) -> str | None:
    """A member of an error as text."""
    return None if value is None or _is_deep(value) else str(value)


def _members(content: Any) -> tuple[str | None, str | None, str | None, dict[str, Any]]:
    """Code, message, docs_url and further members, from whichever of the four forms this is."""
    if not isinstance(content, dict):
        return None, None, None, {}
    nested = content.get("error")
    source: dict[str, Any] = nested if isinstance(nested, dict) else content
    code = source.get("code", source.get("error_code"))
    message = source.get("message")
    if message is None and isinstance(nested, str):
        message = nested
    details = source.get("details")
    if _is_deep(details):
        details = None
    docs_url = source.get("docs_url")
    return (
        _shown(code),
        _shown(message),
        _shown(docs_url),
        details if isinstance(details, dict) else ({} if details is None else {"details": details}),
    )


def _phrase(status: int, content: Any) -> str:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown status"
    if 300 <= status < 400:
        return f"{phrase}: the API responded with a redirect, which is not followed; check the base URL"
    if isinstance(content, str):
        text = " ".join(content.split())
        return f"{phrase}: {text[:200]}{'...' if len(text) > 200 else ''}"
    return f"{phrase} (no details in the response)"
