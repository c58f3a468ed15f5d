"""Tells hooks and the log what happens to requests. Costs nothing while nobody listens."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from .._config.hooks import call_hook, logger
from ..errors import APIStatusError, DecodeError
from . import log
from .retry import Failure

if TYPE_CHECKING:
    from .._config.hooks import Hooks
    from .._request.message import Request, Response
    from .incoming import StreamResponse
    from .secrets import Secrets


class Watcher:
    """One per transport."""

    def __init__(self, hooks: Hooks) -> None:
        self._hooks = hooks
        self._hooked = any((hooks.on_request, hooks.on_response, hooks.on_retry))

    @property
    def active(self) -> bool:
        """Whether anybody listens."""
        return self._hooked or logger.isEnabledFor(logging.DEBUG)

    def request(self, request: Request, attempt: int, secrets: Secrets) -> None:
        """An attempt is about to be sent."""
        hook = self._hooks.on_request
        if hook is not None:
            from .._config.events import RequestEvent

            call_hook(
                hook,
                RequestEvent(
                    operation=request.operation, method=request.method, url=_show_url(request, secrets), attempt=attempt
                ),
            )

    def response(
        self,
        request: Request,
        attempt: int,
        duration: float,
        outcome: Response | StreamResponse | Failure | None,
        secrets: Secrets,
    ) -> None:
        """An attempt has ended; None when it was cancelled."""
        error = outcome.error if isinstance(outcome, Failure) else None
        status: int | None = None
        request_id: str | None = None
        if isinstance(error, APIStatusError | DecodeError):
            status, request_id = error.status, error.request_id
        elif outcome is not None and not isinstance(outcome, Failure):
            status, request_id = outcome.status, secrets.text(outcome.request_id or "") or None
        url = _show_url(request, secrets)
        if logger.isEnabledFor(logging.DEBUG):
            log.log_attempt(request, attempt, duration, status, request_id, error, url=url, cancelled=outcome is None)
        hook = self._hooks.on_response
        if hook is not None:
            from .._config.events import ResponseEvent

            call_hook(
                hook,
                ResponseEvent(
                    operation=request.operation,
                    method=request.method,
                    url=url,
                    attempt=attempt,
                    status=status,
                    duration=duration,
                    request_id=request_id,
                    error=error,
                    cancelled=outcome is None,
                ),
            )

    def retry(self, request: Request, attempt: int, pause: float, error: Exception, secrets: Secrets) -> None:
        """A request will be sent again."""
        if logger.isEnabledFor(logging.DEBUG):
            log.log_retry(request, attempt, pause, error)
        hook = self._hooks.on_retry
        if hook is not None:
            from .._config.events import RetryEvent

            call_hook(
                hook,
                RetryEvent(
                    operation=request.operation,
                    method=request.method,
                    url=_show_url(request, secrets),
                    attempt=attempt,
                    pause=pause,
                    error=error,
                ),
            )


def _show_url(request: Request, secrets: Secrets) -> str:
    return secrets.text(log.show_url(request))
