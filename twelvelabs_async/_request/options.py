"""Options of a single call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypedDict


class RequestOptions(TypedDict, total=False):
    """Options of one call. Four of them have a second name, that of the official SDK; giving both is a TypeError.

    Attributes:
        timeout: Timeout of the whole call in seconds.
        max_retries: Maximum number of retries; 0 disables them.
        headers: Headers to send in addition; they override headers of the client with the same name.
        query: Query parameters to send in addition; they override those of the same name.
        body: Fields of the body to send in addition; they override those of the same name.
        readahead: Maximum number of pages that a list reads ahead; 0 disables reading ahead. Only lists use it.
        timeout_in_seconds: Another name of `timeout`.
        additional_headers: Another name of `headers`.
        additional_query_parameters: Another name of `query`.
        additional_body_parameters: Another name of `body`.
    """

    timeout: float | None
    max_retries: int | None
    headers: Mapping[str, str] | None
    query: Mapping[str, Any] | None
    body: Mapping[str, Any] | None
    readahead: int | None
    timeout_in_seconds: float | None
    additional_headers: Mapping[str, str] | None
    additional_query_parameters: Mapping[str, Any] | None
    additional_body_parameters: Mapping[str, Any] | None


SECOND_NAMES: Final[Mapping[str, str]] = {
    "timeout_in_seconds": "timeout",
    "additional_headers": "headers",
    "additional_query_parameters": "query",
    "additional_body_parameters": "body",
}
"""The names of the official SDK, and the names that mean the same."""

_NAMES: Final = frozenset(RequestOptions.__annotations__)


def check_options(options: RequestOptions | None) -> Mapping[str, Any]:
    """Check the options of a call.

    Returns:
        The options that are not None, each by its first name.

    Raises:
        TypeError: An option is unknown, or is given twice, by both of its names.
        ValueError: An option is invalid; the message names it as the caller did.
    """
    if not options:
        return {}
    if unknown := options.keys() - _NAMES:
        names = ", ".join(sorted(unknown))
        raise TypeError(f"request_options has no {names}; it accepts {', '.join(sorted(_NAMES))}")
    checked: dict[str, Any] = {}
    for given, value in options.items():
        if value is None:
            continue
        name = SECOND_NAMES.get(given, given)
        if name in checked:
            both = " and ".join(sorted({name, *(second for second, first in SECOND_NAMES.items() if first == name)}))
            raise TypeError(f"request_options has {both}, two names of one option: pass one of them")
        _check(given, name, value)
        checked[name] = value
    return checked


def _check(given: str, name: str, value: Any) -> None:
    if name == "timeout":
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise ValueError(f"request_options: {given} must be a number greater than 0, not {value!r}")
    elif name in {"max_retries", "readahead"}:
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise ValueError(f"request_options: {given} must be a non-negative integer, not {value!r}")
    elif not isinstance(value, Mapping):
        raise ValueError(f"request_options: {given} must be a mapping, not {type(value).__name__}")
    elif name == "headers" and not all(isinstance(text, str) for pair in value.items() for text in pair):
        raise ValueError(f"request_options: {given} must map strings to strings")
