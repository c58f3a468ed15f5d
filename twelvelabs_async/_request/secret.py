"""Text whose `repr` does not show it: what tracebacks with captured locals find in the frames of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from .options import RequestOptions

HEADER_OPTIONS = ("headers", "additional_headers")
"""The options of a call that hold headers."""


class Secret(str):
    """The same text in every way but its `repr`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"


def hide(value: Any) -> Any:
    """Text as a `Secret`; bytes and containers, which the checks of its place will reject, as empty ones."""
    if isinstance(value, str):
        return Secret(value)
    return type(value)() if type(value) in {bytes, bytearray, list, tuple, dict} else value


def hide_headers(headers: Any) -> Any:
    """Headers with values that no `repr` shows."""
    return {name: hide(value) for name, value in headers.items()} if isinstance(headers, Mapping) else headers


def hide_options(options: RequestOptions | None) -> RequestOptions | None:
    """Options of a call with headers that no `repr` shows: they may hold a key."""
    if not options or not isinstance(options, Mapping):
        return options
    hidden: dict[str, Any] = {
        name: hide_headers(value) if name in HEADER_OPTIONS else value for name, value in options.items()
    }
    return cast("RequestOptions", hidden)
