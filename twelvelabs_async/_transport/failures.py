"""What went wrong on the wire, in the words of this package, and whether the request may have been carried out.

Messages are written here and never taken from aiohttp: its texts and its exceptions hold URLs with their signatures
and, in `request_info`, the headers with the key. For the same reason aiohttp's exceptions are not chained.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError
from yarl import URL

from ..errors import APIConnectionError, APITimeoutError, DecodeError
from .outgoing import MAX_REDIRECTS, redirect_target
from .retry import Failure

if TYPE_CHECKING:
    from .._config.timeouts import Timeout
    from .._request.message import Request
    from .._request.sources import SourceError
    from .retry import Effect


def describe(
    exc: Exception, request: Request, origin: str, timeout: Timeout, attempts: int, *, used_connection: bool = False
) -> Failure:
    """Classify an exception of aiohttp that ended an attempt.

    Args:
        exc: The exception.
        request: The request.
        origin: Scheme, host and port that it went to.
        timeout: Limits that applied.
        attempts: Attempts made so far.
        used_connection: Whether the request went out on a connection that had served another one before.
    """
    from .tls_advice import certificate_advice, handshake_advice, refuses_client

    what = f"{request.method} {request.operation}"

    def lost(text: str, effect: Effect, *, stale: bool = False) -> Failure:
        error = APIConnectionError(
            f"{what}: {text}", operation=request.operation, attempts=attempts, retryable=effect != "final"
        )
        error.__cause__ = _plain_cause(exc)
        return Failure(error, effect, stale)

    source = _source_error(exc)
    if source is not None:
        return lost(f"the file to send could not be read: {source}.", "final")
    if isinstance(exc, aiohttp.ConnectionTimeoutError):
        text = f"{what}: no connection to {origin} within {timeout.connect} s."
        return Failure(APITimeoutError(text, operation=request.operation, attempts=attempts), "unsent")
    if isinstance(exc, aiohttp.ServerTimeoutError):
        return Failure(silent(request, origin, timeout, attempts), "unknown")
    if isinstance(exc, aiohttp.ClientConnectorCertificateError):
        advice = certificate_advice(exc.certificate_error)
        return lost(
            f"the TLS certificate of {_peer(exc, origin)} is not trusted ({_reason(exc)}). {advice}",
            "final",
        )
    if isinstance(exc, aiohttp.ClientConnectorSSLError):
        reason = _reason(exc)
        return lost(f"TLS with {_peer(exc, origin)} failed ({reason}). {handshake_advice(reason)}", "final")
    if isinstance(exc, aiohttp.ClientProxyConnectionError):
        return lost(f"the proxy cannot be reached ({_reason(exc)}).", "unsent")
    if isinstance(exc, aiohttp.ClientConnectorDNSError):
        return lost(
            f"the name of {_peer(exc, origin)} cannot be looked up ({_reason(exc)}). Check base_url and the network.",
            "unsent",
        )
    if isinstance(exc, aiohttp.ClientConnectorError):
        # asyncio gives no reason where the server leaves in the middle of the handshake.
        reason = _reason(exc) or "the server closed the connection during the TLS handshake"
        return lost(f"no connection to {origin} ({reason}). Check base_url and the network.", "unsent")
    if isinstance(exc, aiohttp.ClientHttpProxyError):
        effect: Effect = "unsent" if exc.status in {429, 502, 503, 504} else "final"
        return lost(f"the proxy refused to connect to {origin}: {exc.status} {exc.message}.", effect)
    if isinstance(exc, aiohttp.ClientPayloadError):
        if isinstance(exc.__cause__, ContentEncodingError):
            return Failure(DecodeError(f"{what}: the response cannot be decompressed."), "final")
        return lost("the response was cut short.", "unknown")
    if isinstance(exc, aiohttp.ClientResponseError):
        return lost(f"{origin} sent something that is no HTTP ({exc.message}).", "unknown")
    if isinstance(exc, aiohttp.ClientOSError) and refuses_client(exc):
        reason = _reason(exc)
        return lost(f"{origin} refused the TLS connection ({reason}). {handshake_advice(reason)}", "final")
    if isinstance(exc, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError):
        return lost(
            f"{origin} closed the connection without a response ({_reason(exc)}).", "unknown", stale=used_connection
        )
    if isinstance(exc, aiohttp.InvalidURL):
        return lost(f"{origin} is no valid address.", "final")
    if isinstance(exc, aiohttp.ClientConnectionError):
        return lost(f"the connection to {origin} was closed.", "unknown")
    return lost(f"the connection to {origin} failed ({type(exc).__name__}).", "unknown")


def redirected(request: Request, response: aiohttp.ClientResponse, attempts: int) -> APIConnectionError:
    """The error for a redirect that is not followed."""
    target = redirect_target(response)
    where = "nowhere" if target is None else f"to {target.origin()}{target.raw_path}"
    why = (
        f"the API key stays with its origin, requests that change something are not sent twice, and {MAX_REDIRECTS} "
        "redirects in a row are enough. Check base_url."
        if request.url is None
        else "a presigned URL is valid as it is."
    )
    return APIConnectionError(
        f"{request.method} {request.operation}: redirected {where} (status {response.status}), which was not "
        f"followed: {why}",
        operation=request.operation,
        attempts=attempts,
        retryable=False,
    )


def closed(request: Request, attempts: int) -> APIConnectionError:
    """The error of a call during which the client was closed."""
    return APIConnectionError(
        f"{request.method} {request.operation}: the client was closed before the response was complete.",
        operation=request.operation,
        attempts=attempts,
        retryable=False,
    )


def not_sent(request: Request, attempts: int, why: str, pause: float | None) -> APITimeoutError:
    """The error of a call that was not admitted, or not again.

    Args:
        request: The request.
        attempts: Attempts made before.
        why: What it waited for, as the end of a sentence.
        pause: Seconds until the pause of its rate limit ends, None if there is none.
    """
    again = "not sent" if not attempts else f"not sent again after {_count(attempts)}"
    return APITimeoutError(
        f"{request.method} {request.operation}: {again}, because {why}.",
        operation=request.operation,
        attempts=attempts,
        retry_after=pause,
    )


def expired(request: Request, total: float | None, attempts: int) -> APITimeoutError:
    """The error of a call whose total time ran out."""
    return APITimeoutError(
        f"{request.method} {request.operation}: not finished within {total} s ({_count(attempts)}). "
        f"Pass a longer timeout if that can be right.",
        operation=request.operation,
        attempts=attempts,
    )


def silent(request: Request, origin: str, timeout: Timeout, attempts: int) -> APITimeoutError:
    """The error of an attempt during which the server sent nothing for too long."""
    return APITimeoutError(
        f"{request.method} {request.operation}: {origin} was silent for {timeout.read} s.",
        operation=request.operation,
        attempts=attempts,
    )


def too_large(limit: int, status: int, request_id: str | None) -> DecodeError:
    """The error for a response that is larger than the client accepts."""
    return DecodeError(
        f"The response is larger than {limit} bytes, the limit of max_response_bytes.",
        status=status,
        request_id=request_id,
    )


def partial(request: Request, status: int, request_id: str | None) -> DecodeError:
    """The error for a part of a response that was not asked for: the rest would be missed by nobody."""
    return DecodeError(
        f"{request.method} {request.operation}: the response has status {status}, which stands for a part of it, but "
        "no part was asked for.",
        status=status,
        request_id=request_id,
    )


def inflated(status: int, request_id: str | None) -> DecodeError:
    """The error for a response that expands too much when it is decompressed."""
    return DecodeError(
        "The compressed response expands too much; reading it was stopped.", status=status, request_id=request_id
    )


def _count(attempts: int) -> str:
    return f"{attempts} {'attempt' if attempts == 1 else 'attempts'}"


def _source_error(exc: BaseException | None) -> SourceError | None:
    from .._request.sources import SourceError

    for _ in range(5):
        if exc is None or isinstance(exc, SourceError):
            return exc
        exc = exc.__cause__
    return None


def _plain_cause(exc: BaseException) -> BaseException | None:
    """The operating system's error behind an exception of aiohttp; it holds neither URL nor headers."""
    for cause in (getattr(exc, "os_error", None), exc.__cause__):
        if isinstance(cause, ssl.SSLError):
            return ssl.SSLError(*cause.args)  # its first argument is no number of the operating system
        if isinstance(cause, OSError) and not isinstance(cause, aiohttp.ClientError):
            return OSError(*cause.args)
    return None


def _peer(exc: aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError, origin: str) -> str:
    """Whom the connection was made to: the server, or a proxy before it."""
    url = URL(origin)
    same = exc.port == url.port and (exc.host or "").lower() == url.raw_host
    return origin if same else f"the proxy {exc.host}:{exc.port}"


def _reason(exc: BaseException) -> str:
    cause = getattr(exc, "os_error", None) or getattr(exc, "certificate_error", None) or exc
    if isinstance(cause, OSError) and cause.strerror:
        return str(cause.strerror)
    if isinstance(cause, aiohttp.ServerDisconnectedError):
        return "server disconnected"
    return type(cause).__name__ if isinstance(cause, asyncio.TimeoutError | aiohttp.ClientError) else str(cause)
