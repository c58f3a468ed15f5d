"""Options of a single call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict


class RequestOptions(TypedDict, total=False):
    """Options of one call.

    Attributes:
        timeout_in_seconds: Timeout of the whole call in seconds.
        max_retries: Maximum number of retries; 0 disables them.
        additional_headers: Headers to send in addition; they override headers of the client with the same name.
        additional_query_parameters: Query parameters to send in addition; they override those of the same name.
        additional_body_parameters: Fields of the body to send in addition; they override those of the same name.
    """

    timeout_in_seconds: float | None
    max_retries: int | None
    additional_headers: Mapping[str, str] | None
    additional_query_parameters: Mapping[str, Any] | None
    additional_body_parameters: Mapping[str, Any] | None
