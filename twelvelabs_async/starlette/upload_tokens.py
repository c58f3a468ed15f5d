"""Signed tokens that bind an upload to a user: what the service knows about an upload, kept by the browser.

A token is data that can be read, and a signature that only the service can make. The service stores nothing: it may be
restarted, or run in several processes, while uploads go on.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Final

import attrs

from .._safe_repr import SafeRepr

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MIN_SECRET_BYTES: Final = 16
"""Shortest secret. `secrets.token_urlsafe(32)` makes a good one."""

MAX_TOKEN_LENGTH: Final = 24 * 1024
"""Characters of a token: it holds the upload headers of the platform, of 16 KiB at most."""

_FORMAT: Final = "u1"


@attrs.frozen(kw_only=True)
class UploadTicket(SafeRepr):
    """What a token says about an upload.

    Attributes:
        upload_id: Identifier of the upload session.
        asset_id: Identifier of the asset.
        filename: Name of the file.
        kind: `video`, `audio` or `image`.
        size: Size of the file in bytes.
        chunk_size: Size of every chunk but the last one.
        headers: Headers of each chunk.
        expires: When the session ends, in seconds since the epoch.
    """

    upload_id: str
    asset_id: str
    filename: str
    kind: str
    size: int
    chunk_size: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    expires: int


class TokenError(ValueError):
    """A token that is damaged, forged, of another user, or expired."""


class UploadTokens(SafeRepr):
    """Signs tickets and verifies them.

    Args:
        secrets: Secrets of the service. The first one signs, all of them verify, so that a secret can be replaced.

    Raises:
        ValueError: There is no secret, or one is too short.
    """

    def __init__(self, secrets: Sequence[str | bytes]) -> None:
        keys = [secret.encode() if isinstance(secret, str) else bytes(secret) for secret in secrets]
        if not keys or min(map(len, keys)) < MIN_SECRET_BYTES:
            raise ValueError(
                f"secret must have at least {MIN_SECRET_BYTES} bytes: make one with secrets.token_urlsafe(32)"
            )
        self._keys = keys

    def __repr__(self) -> str:
        return "UploadTokens()"

    def sign(self, ticket: UploadTicket, user: str) -> str:
        """The token of an upload of a user."""
        data = _encode(json.dumps(attrs.asdict(ticket), separators=(",", ":")).encode())
        return f"{_FORMAT}.{data}.{_encode(_signature(self._keys[0], data, user))}"

    def verify(self, token: object, user: str) -> UploadTicket:
        """The ticket of a token.

        Raises:
            TokenError: It is not one that this service has signed for this user, or it has expired.
        """
        form, _, rest = token.partition(".") if isinstance(token, str) and len(token) <= MAX_TOKEN_LENGTH else ("",) * 3
        data, _, signature = rest.partition(".")
        if form != _FORMAT or not rest.isascii():
            raise TokenError("This is not an upload token.")
        # As text, since several texts of base64 stand for the same bytes. All are compared, so that the time says
        # nothing about which secret is in use.
        matches = [hmac.compare_digest(_encode(_signature(key, data, user)), signature) for key in self._keys]
        if not any(matches):
            raise TokenError("The token of the upload is not valid for this user.")
        ticket = UploadTicket(**json.loads(_decode(data)))
        if ticket.expires <= time.time():
            raise TokenError("The upload has expired.")
        return ticket


def _signature(key: bytes, data: str, user: str) -> bytes:
    # The name of the user is not in the token: its length keeps it apart from the data.
    name = user.encode("utf-8", "surrogatepass")
    message = b"%s\n%d\n%s\n%s" % (_FORMAT.encode(), len(name), name, data.encode())
    return hmac.new(key, message, hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
