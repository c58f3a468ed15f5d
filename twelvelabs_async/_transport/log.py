"""Logging: one line per attempt through the package's logger, secrets taken out, nothing formatted while it is off."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from .._config.hooks import logger

if TYPE_CHECKING:
    from .._request.message import Request

LOG_VARIABLE: Final = "TWELVELABS_LOG"

_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def set_up() -> None:
    """Turn logging on if TWELVELABS_LOG asks for it. Handlers that the application has installed are left alone."""
    name = os.environ.get(LOG_VARIABLE, "").strip().lower()
    level = _LEVELS.get(name)
    if level is None:
        if name not in {"", "0", "off", "none"}:
            logger.warning("%s is %r; it knows %s", LOG_VARIABLE, name, ", ".join(_LEVELS))
        return
    logger.setLevel(level)
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)


def show_url(request: Request) -> str:
    """The address of a request without secrets: of a presigned URL the host and path, of others path and query."""
    from .secrets import HIDDEN, SECRET_NAME

    if request.url is not None:
        try:
            parts = urlsplit(request.url)
        except ValueError:
            return HIDDEN
        host = parts.netloc.rpartition("@")[2]
        return f"{parts.scheme}://{host}{parts.path}" + (f"?{HIDDEN}" if parts.query else "")
    if not request.query:
        return request.path
    pairs = (f"{quote(name)}={HIDDEN if SECRET_NAME.search(name) else quote(value)}" for name, value in request.query)
    return f"{request.path}?{'&'.join(pairs)}"


def log_attempt(
    request: Request,
    attempt: int,
    duration: float,
    status: int | None,
    request_id: str | None,
    error: Exception | None,
    *,
    url: str,
    cancelled: bool,
) -> None:
    """One attempt has ended; `url` and `request_id` are without secrets."""
    problem = "cancelled" if cancelled else None if error is None else type(error).__name__
    fields = {
        "operation": request.operation,
        "method": request.method,
        "url": url,
        "attempt": attempt,
        "status": status,
        "duration": round(duration, 6),
        "request_id": request_id,
        "error": problem,
    }
    logger.debug(
        "%s %s %s attempt=%d status=%s duration=%.3fs request_id=%s%s",
        request.method,
        url,
        request.operation,
        attempt,
        "-" if status is None else status,
        duration,
        request_id or "-",
        "" if problem is None else f" error={problem}",
        extra={"twelvelabs": fields},
    )


def log_retry(request: Request, attempt: int, pause: float, error: Exception) -> None:
    """A request will be sent again."""
    fields = {
        "operation": request.operation,
        "attempt": attempt,
        "pause": round(pause, 6),
        "error": type(error).__name__,
    }
    logger.debug(
        "%s %s: attempt %d failed with %s, next one in %.2fs",
        request.method,
        request.operation,
        attempt,
        type(error).__name__,
        pause,
        extra={"twelvelabs": fields},
    )
