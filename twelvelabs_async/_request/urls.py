"""Validation of URLs: those that a user configures, and those that the platform sends."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

_LOOPBACK_NAMES: Final = frozenset({"localhost", "::1"})
_LOOPBACK_V4: Final = re.compile(r"127(?:\.[0-9]{1,3}){3}")
_BRACKETS: Final = re.compile(r"\[[0-9A-Fa-f:][^\[\]]*\](?::[0-9]*)?")
"""An IPv6 address with or without a port; not all versions of Python look at what surrounds the brackets."""


MAX_HOST_LENGTH: Final = 253
MAX_LABEL_LENGTH: Final = 63


def split_http_url(url: str) -> SplitResult:
    """Split an absolute HTTP URL into its parts.

    Raises:
        ValueError: It is none that a request can be sent to; the message is the end of a sentence about it, and shows
            at most its port.
    """
    if not url:
        raise ValueError("is empty")
    if not url.isprintable() or " " in url or "\\" in url:
        raise ValueError("holds a space, a backslash or a control character")
    try:
        parts = urlsplit(url)
        port = parts.port  # is checked when it is read
    except ValueError as error:
        raise ValueError(f"is not a URL ({error})") from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError("must begin with https://")
    if not parts.hostname:
        raise ValueError("names no host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds a user name or password, which is not used")
    if ("[" in parts.netloc or "]" in parts.netloc) and not _BRACKETS.fullmatch(parts.netloc):
        raise ValueError("has brackets around something that is no IPv6 address")
    if port == 0:
        raise ValueError("names port 0, which no server has")
    if not _is_name(parts.hostname):
        # The name could not be looked up: the codec for it would raise an error that is none of the network's.
        raise ValueError("names a host with an empty or overlong part")
    return parts


def is_loopback(host: str) -> bool:
    """Whether a host name is this machine."""
    host = host.lower().rstrip(".")
    return host in _LOOPBACK_NAMES or host.endswith(".localhost") or _LOOPBACK_V4.fullmatch(host) is not None


def _is_name(host: str) -> bool:
    labels = host.removesuffix(".").split(".")
    return len(host) <= MAX_HOST_LENGTH and all(0 < len(label) <= MAX_LABEL_LENGTH for label in labels)
