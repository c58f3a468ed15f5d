"""What a header may hold."""

from __future__ import annotations

from typing import Final

_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def check_header(name: str, value: str) -> None:
    """Refuse a header that would end early and begin another one (CR, LF, NUL), or that has no valid name."""
    if not name or not _TOKEN.issuperset(name):
        raise ValueError(f"{name!r} is not a valid header name")
    if "\r" in value or "\n" in value or "\0" in value:
        raise ValueError(f"the value of the header {name!r} holds a line break or a NUL character")
