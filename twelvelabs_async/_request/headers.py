"""Validation of headers."""

from __future__ import annotations

import re
from typing import Final

from ..errors import ConfigurationError

_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

_NOT_IN_VALUES: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
"""Control characters but the tab, and lone surrogates, which cannot be encoded."""

FRAMING: Final = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that determine where a message ends, whom it is for, or what becomes of its connection.

A `Content-Length` that is too small makes the rest of the body a second request.
"""


def check_header(name: str, value: str) -> None:
    """Reject a header that is not the sender's to set, or that could be read as more than one header.

    Raises:
        ConfigurationError: The header is one of `FRAMING`.
        ValueError: The name is invalid, or the value contains a line break or another control character.
    """
    if not name or not _TOKEN.issuperset(name):
        raise ValueError(f"{name!r:.100} is not a valid header name")
    # Gateways that hand headers on as variables do not tell `_` from `-`.
    if name.lower().replace("_", "-") in FRAMING:
        raise ConfigurationError(
            f"the header {name!r} must not be set: it determines where a message ends or what becomes of its "
            "connection, which the client decides"
        )
    if _NOT_IN_VALUES.search(value):
        raise ValueError(f"the value of the header {name!r:.100} contains a line break or a control character")
