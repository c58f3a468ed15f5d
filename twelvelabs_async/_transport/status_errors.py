"""From an answer that is no success to the error that is raised for it."""

from __future__ import annotations

import contextlib
import json
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from .. import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    secret: str | None = None,
) -> errors.APIStatusError:
    """Make the error for an answer whose status is not 2xx.

    Args:
        status: HTTP status.
        headers: Headers of the answer.
        body: Body of the answer, possibly cut.
        request_id: The platform's id of the request.
        secret: The API key: wherever the answer repeats it, it is taken out.
    """
    plain = {name.lower(): value for name, value in headers.items()}
    if secret:
        body = body.replace(secret.encode(), b"***")
        plain = {name: value.replace(secret, "***") for name, value in plain.items()}
    content = _content(body)
    code, message, docs_url, details = _members(content)
    cls = status_class(status, code)
    values: dict[str, Any] = {
        "status": status,
        "code": code,
        "docs_url": docs_url,
        "details": details,
        "request_id": request_id,
        "headers": plain,
        "body": content,
    }
    if cls is errors.TooManyRequestsError:
        values |= _rate_values(plain)
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
    return body[: errors.BODY_LIMIT].decode("utf-8", "replace")


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
    docs_url = source.get("docs_url")
    return (
        None if code is None else str(code),
        None if message is None else str(message),
        None if docs_url is None else str(docs_url),
        details if isinstance(details, dict) else ({} if details is None else {"details": details}),
    )


def _phrase(status: int, content: Any) -> str:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown status"
    if 300 <= status < 400:
        return f"{phrase}: the API answered with a redirect, which is not followed; check the base URL"
    if isinstance(content, str):
        text = " ".join(content.split())
        return f"{phrase}: {text[:200]}{'...' if len(text) > 200 else ''}"
    return f"{phrase} (the answer says no more)"


def _rate_values(headers: Mapping[str, str]) -> dict[str, Any]:
    def first(*names: str) -> float | None:
        return next((value for name in names if (value := number(headers.get(name))) is not None), None)

    limit = first("x-ratelimit-request-limit", "x-ratelimit-limit")
    remaining = first("x-ratelimit-request-remaining", "x-ratelimit-remaining")
    return {
        "retry_after": retry_after(headers),
        "limit": None if limit is None else int(limit),
        "remaining": None if remaining is None else int(remaining),
        "reset": first("x-ratelimit-request-reset", "x-ratelimit-reset"),
    }


def number(text: str | None) -> float | None:
    """A finite number of a header, None where there is none."""
    if text is None:
        return None
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from `Retry-After-Ms` or `Retry-After` (seconds or a date); names in lower case.

    A moment in the past is 0 seconds; what cannot be read is None.
    """
    milliseconds = number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return max(0.0, milliseconds / 1000)
    text = headers.get("retry-after")
    seconds = number(text)
    if seconds is None and text:
        from email.utils import parsedate_to_datetime

        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return None if seconds is None else max(0.0, seconds)
