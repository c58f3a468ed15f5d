"""Input and output of the transport: one request, one response. No network library is imported here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from .._safe_repr import SafeRepr

if TYPE_CHECKING:
    from .body import Body
    from .operation import TimeoutProfile


@attrs.define(kw_only=True, eq=False)  # frozen would cost 2 µs for each call
class Request(SafeRepr):
    """One call, with any number of attempts. Not changed after it is created.

    Attributes:
        operation: operationId, for logs and errors.
        method: HTTP method, upper case.
        path: Quoted path below the base URL, beginning with `/`. Ignored when `url` is given.
        url: Absolute URL of another origin (presigned): neither the key nor the client's headers go there.
        query: Unquoted names and values, in order.
        headers: Headers of this call; they take precedence over those of the client.
        body: The body; None if there is none.
        timeout_profile: Which default timeouts apply.
        rate_limit_group: Operations of one group share a rate limit of the platform.
        idempotent: True if a retry is safe although the HTTP method is not idempotent.
        timeout: Seconds that the call may take, as the caller set them; None for those of the client.
        inside_helper: Whether a helper with a timeout of its own sends it (a wait, an upload): then the seconds that
            the caller set begin with the first admission, and do not count the wait for it.
        background: Whether it is sent only when no other request waits for the same rate limit.
        max_retries: Maximum number of retries of this call; None for that of the retry policy.
        accept: Value of Accept.
    """

    operation: str
    method: str
    path: str = "/"
    url: str | None = attrs.field(default=None, repr=lambda url: url and url.partition("?")[0])
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=lambda headers: f"{{{', '.join(headers)}}}")
    body: Body | None = None
    timeout_profile: TimeoutProfile = "call"
    rate_limit_group: str | None = None
    idempotent: bool = False
    timeout: float | None = None
    inside_helper: bool = False
    background: bool = False
    max_retries: int | None = None
    accept: str = "application/json"


@attrs.define(eq=False)
class Response(SafeRepr):
    """A 2xx response that was read completely. Not changed after it is created.

    Attributes:
        status: HTTP status.
        headers: Headers; names are case-insensitive.
        body: The body, decompressed; empty if there was none.
        request_id: The platform's id of this request, None if it sent none.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=lambda headers: f"{{{', '.join(headers)}}}")
    body: bytes = attrs.field(repr=lambda body: f"<{len(body)} bytes>")
    request_id: str | None = None
