"""Request bodies: JSON, and what all bodies have in common; forms are in `form`. Every attempt opens a new payload."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final, Protocol

import attrs

from .._value import Value

SLICE_BYTES: Final = 256 * 1024
"""Bytes that are read from a file and written to the socket at once: fast enough, at a negligible use of memory."""

Payload = bytes | AsyncIterator[bytes | memoryview]
"""What one attempt sends: bytes, or slices whose sizes add up to the `content_length` of the body."""


class Body(Protocol):
    """A request body. Every attempt opens a new payload."""

    @property
    def content_type(self) -> str | None:
        """Value of Content-Type; None if the headers of the caller set it."""
        ...

    @property
    def content_length(self) -> int:
        """Size of every payload in bytes."""
        ...

    @property
    def replayable(self) -> bool:
        """Whether `open` may be called more than once."""
        ...

    def open(self) -> Payload:
        """Open a payload for one attempt."""
        ...


@attrs.frozen(eq=False, repr=False)
class JsonBody(Value):
    """JSON that is already encoded."""

    data: bytes = attrs.field(repr=lambda data: f"<{len(data)} bytes>")
    content_type: str = "application/json"
    replayable: bool = attrs.field(default=True, init=False)

    @property
    def content_length(self) -> int:
        """Number of bytes."""
        return len(self.data)

    def open(self) -> Payload:
        """The bytes, in slices if there are many: one large write would block the event loop."""
        if len(self.data) <= SLICE_BYTES:
            return self.data
        from .slices import Slices  # few bodies are that large
        from .sources import BytesSource

        return Slices([BytesSource(self.data)], SLICE_BYTES)
