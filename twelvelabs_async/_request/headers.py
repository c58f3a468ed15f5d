"""Validation of headers."""

from __future__ import annotations

from typing import Final

_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def check_header(name: str, value: str) -> None:
    """Reject a header whose value could inject another header (CR, LF, NUL), or whose name is invalid."""
    if not name or not _TOKEN.issuperset(name):
        raise ValueError(f"{name!r} is not a valid header name")
    if "\r" in value or "\n" in value or "\0" in value:
        raise ValueError(f"the value of the header {name!r} contains a line break or a NUL character")
