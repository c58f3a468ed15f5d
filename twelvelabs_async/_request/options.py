"""Settings of a single call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict


class RequestOptions(TypedDict, total=False):
    """Settings of one call.

    Attributes:
        timeout_in_seconds: Longest time that the call may take.
        max_retries: How often it is repeated at most; 0 for never.
        additional_headers: Headers that are sent as well, or instead of the client's.
        additional_query_parameters: Query parameters that are sent as well, or instead of those of the same name.
        additional_body_parameters: Members of the body that are sent as well, or instead of those of the same name.
    """

    timeout_in_seconds: float | None
    max_retries: int | None
    additional_headers: Mapping[str, str] | None
    additional_query_parameters: Mapping[str, Any] | None
    additional_body_parameters: Mapping[str, Any] | None
