"""Verification and decoding of the platform's webhooks.

    event = unwrap(await request.read(), request.headers, secret="whsec...")
    match event:
        case IndexTaskReadyWebhookEvent(): ...
        case UnknownVariant(): ...

The signature covers the body exactly as it was received: pass the raw bytes, never JSON that was decoded and encoded
again. Respond to a `WebhookSignatureError` with 400. The platform retries a delivery until the response is a 2xx, with
the same event id: make the handling of events idempotent.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from ._codec.decode import decode
from .errors import DecodeError, WebhookSignatureError

if TYPE_CHECKING:
    from ._codec.model import UnknownVariant
    from ._generated.models.webhooks import WebhookEvent

SIGNATURE_HEADER: Final = "TL-Signature"
"""Header of a delivery: `t=<unix seconds>,v1=<hex digest>`, with one `v1` per secret while secrets are rotated."""

DEFAULT_TOLERANCE: Final = 300.0
"""Maximum difference in seconds between the timestamp of a delivery and the local clock."""

_BODY: Final = "body (as it was received, before any decoding)"

Headers = Mapping[str, str] | Mapping[bytes, bytes] | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]]
"""Headers as web frameworks represent them: a mapping of any case, or pairs (ASGI's raw headers are pairs of bytes)."""


def unwrap(
    body: bytes | str,
    headers: Headers,
    secret: str | bytes,
    tolerance: float | None = DEFAULT_TOLERANCE,
) -> WebhookEvent | UnknownVariant:
    """Verify the signature of a delivery and decode its event.

    Args:
        body: The raw body, preferably as bytes; a str is encoded as UTF-8.
        headers: The headers of the delivery.
        secret: The webhook's secret from the dashboard.
        tolerance: Maximum difference in seconds between the timestamp and now; None accepts any age.

    Returns:
        The event. An event of a type that this release does not know is an `UnknownVariant` with the payload.

    Raises:
        WebhookSignatureError: A missing or malformed header, no matching signature, or a timestamp out of tolerance.
        DecodeError: The signature is valid, but the body is not an event.
        TypeError: The secret, the body or a header is neither text nor bytes.
        ValueError: The secret is empty, or the tolerance is negative.
    """
    verify(body, headers, secret, tolerance)
    raw = _bytes(body, _BODY)
    try:
        data = orjson.loads(raw)
    except ValueError as error:
        raise DecodeError(f"the webhook is not JSON: {error}", body=raw) from error
    if not isinstance(data, dict):
        raise DecodeError("the webhook is not a JSON object", body=raw)
    if not isinstance(data.get("type"), str):
        raise DecodeError("the webhook has no type: it is not an event", body=raw)
    from ._generated.models.webhooks import WebhookEvent as EventType  # loads models, therefore on first use

    kind: Any = EventType
    event: WebhookEvent | UnknownVariant = decode(kind, data)
    return event


def verify(
    body: bytes | str,
    headers: Headers,
    secret: str | bytes,
    tolerance: float | None = DEFAULT_TOLERANCE,
) -> None:
    """Verify the signature of a delivery without decoding it. Arguments and exceptions are those of `unwrap`."""
    key, raw = _key(secret), _bytes(body, _BODY)
    if tolerance is not None and not tolerance >= 0:
        raise ValueError(f"tolerance must be a number of seconds, zero or more, not {tolerance!r}")
    timestamp, signatures = _parse(_header(headers))
    expected = hmac.digest(key, timestamp + b"." + raw, "sha256").hex().encode()
    # Every signature is compared, and each in constant time: the response time reveals nothing about the right one.
    matches = [hmac.compare_digest(expected, signature) for signature in signatures]
    if not any(matches):
        raise WebhookSignatureError(
            f"no signature in {SIGNATURE_HEADER} matches: check the secret, and that the body is raw and unmodified"
        )
    age = time.time() - int(timestamp)
    if tolerance is not None and abs(age) > tolerance:
        when = f"{age:.0f} s old" if age > 0 else f"{-age:.0f} s in the future"
        raise WebhookSignatureError(f"the delivery is {when}, but the tolerance is {tolerance:g} s")


def sign(body: bytes | str, secret: str | bytes, timestamp: int | None = None) -> str:
    """The value of `TL-Signature` for a body, for tests of code that receives webhooks.

    Args:
        body: The raw body.
        secret: The secret to sign with.
        timestamp: Unix seconds; None for now.
    """
    at = b"%d" % (int(time.time()) if timestamp is None else timestamp)
    return f"t={at.decode()},v1={hmac.digest(_key(secret), at + b'.' + _bytes(body, _BODY), 'sha256').hex()}"


def _header(headers: Headers) -> bytes:
    given: Any = headers.items() if isinstance(headers, Mapping) else headers
    wanted = SIGNATURE_HEADER.lower().encode()
    values = [
        _bytes(value, "a header") for name, value in given if _bytes(name, "the name of a header").lower() == wanted
    ]
    if not values:
        raise WebhookSignatureError(f"the header {SIGNATURE_HEADER} is missing: this is not a delivery of the platform")
    # Proxies may merge the lines of a repeated header into one, or leave them separate: both mean the same.
    return b",".join(values)


def _parse(header: bytes) -> tuple[bytes, list[bytes]]:
    timestamps: list[bytes] = []
    signatures: list[bytes] = []
    for part in header.split(b","):
        name, _, value = part.strip().partition(b"=")
        if name == b"t":
            timestamps.append(value)
        elif name == b"v1":
            signatures.append(value)
    # Twelve digits reach the year 33658; a longer number is an attempt to make the conversion costly.
    if len(set(timestamps)) != 1 or not timestamps[0].isdigit() or len(timestamps[0]) > 12:
        raise WebhookSignatureError(f"{SIGNATURE_HEADER} has no usable timestamp (t=<unix seconds>)")
    if not signatures:
        raise WebhookSignatureError(f"{SIGNATURE_HEADER} has no signature of version v1")
    return timestamps[0], signatures


def _key(secret: str | bytes) -> bytes:
    key = _bytes(secret, "secret (the webhook's secret from the dashboard)")
    if not key.strip():
        raise ValueError("secret is empty: anyone could forge a signature")
    return key


def _bytes(value: str | bytes, what: str) -> bytes:
    if isinstance(value, str):
        try:
            # A header may contain any byte; frameworks decode bytes that are not UTF-8 to surrogates.
            return value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    if not isinstance(value, bytes | bytearray | memoryview):
        # bytes(5) would be five zero bytes: a key that anyone can guess.
        raise TypeError(f"{what} must be a str or bytes, not {type(value).__name__}")
    return bytes(value)
