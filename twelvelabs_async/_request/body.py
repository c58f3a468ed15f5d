"""Request bodies: JSON or a form. Every attempt opens a new payload."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final, Protocol

import attrs

from .._safe_repr import SafeRepr
from .._value import Value
from .headers import check_header
from .sources import BytesSource, Source, SourceError
from .streams import StreamSource

SLICE_BYTES: Final = 256 * 1024
"""Bytes that are read from a file and written to the socket at once: fast enough, at a negligible use of memory."""

Payload = bytes | AsyncIterator[bytes | memoryview]
"""What one attempt sends: bytes, or slices whose sizes add up to the `content_length` of the body."""


Part = bytes | Source | StreamSource
"""A part of a body."""


class _Slices:
    """Yields parts in slices. A class, because only an event loop can finalize an abandoned asynchronous generator."""

    __slots__ = ("_index", "_offset", "_parts")

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = parts
        self._index = 0
        self._offset = 0

    def __aiter__(self) -> _Slices:
        return self

    async def __anext__(self) -> bytes:
        while self._index < len(self._parts):
            part = self._parts[self._index]
            if isinstance(part, bytes):
                self._index += 1
                return part
            offset = self._offset
            if offset == part.size:
                if isinstance(part, StreamSource):
                    await part.finish()
                self._index += 1
                self._offset = 0
                continue
            size = min(SLICE_BYTES, part.size - offset)
            if isinstance(part, StreamSource):
                if part.position != offset:
                    raise SourceError("the stream can be read only once, and it was read before")
                data = bytes(await part.read_next(size))
            elif isinstance(part, BytesSource):
                data = part.read(offset, size)
            else:
                # Reading a file blocks; bytes in memory need no thread.
                data = await asyncio.get_running_loop().run_in_executor(None, part.read, offset, size)
            self._offset = offset + size
            return data
        raise StopAsyncIteration


def _sliceable(part: Part) -> Part:
    """A part for `_Slices`, which cuts sources; short bytes are left unchanged."""
    return BytesSource(part) if isinstance(part, bytes) and len(part) > SLICE_BYTES else part


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
        return self.data if len(self.data) <= SLICE_BYTES else _Slices([BytesSource(self.data)])


@attrs.frozen(eq=False, repr=False)
class FormField(Value):
    """One field of a form.

    Attributes:
        name: Name of the field.
        value: A string, or the content of a file.
        filename: File name that is sent; None for fields that are not files.
        content_type: Media type that is sent; None for fields that are not files.
    """

    name: str
    value: str | Part = attrs.field(repr=lambda value: f"<{type(value).__name__}>")
    filename: str | None = None
    content_type: str | None = None


class FormBody(SafeRepr):
    """multipart/form-data. The headers of the parts are built once; files are read while they are sent."""

    __slots__ = ("_parts", "content_length", "content_type", "replayable")

    def __init__(self, fields: Sequence[FormField]) -> None:
        boundary = secrets.token_hex(16)
        self.content_type: str = f"multipart/form-data; boundary={boundary}"
        self._parts: list[Part] = list(_join(_form_parts(fields, boundary.encode())))
        self.content_length: int = sum(part.size if not isinstance(part, bytes) else len(part) for part in self._parts)
        self.replayable: bool = all(isinstance(part, bytes) or part.replayable for part in self._parts)

    def __repr__(self) -> str:
        return f"FormBody(<{self.content_length} bytes>)"

    def open(self) -> Payload:
        """The encoded form; plain bytes if it is small and contains no file."""
        if len(self._parts) == 1 and isinstance(self._parts[0], bytes) and self.content_length <= SLICE_BYTES:
            return self._parts[0]
        return _Slices([_sliceable(part) for part in self._parts])

    @property
    def sources(self) -> Sequence[Source | StreamSource]:
        """The files."""
        return [part for part in self._parts if not isinstance(part, bytes)]


def _form_parts(fields: Sequence[FormField], boundary: bytes) -> Iterator[Part]:
    for field in fields:
        head = f'Content-Disposition: form-data; name="{_quote(field.name)}"'
        if field.filename is not None:
            head += f'; filename="{_quote(field.filename)}"'
        if field.content_type is not None:
            check_header("Content-Type", field.content_type)
            head += f"\r\nContent-Type: {field.content_type}"
        yield b"--" + boundary + b"\r\n" + head.encode() + b"\r\n\r\n"
        yield field.value.encode() if isinstance(field.value, str) else field.value
        yield b"\r\n"
    yield b"--" + boundary + b"--\r\n"


def _join(parts: Iterator[Part]) -> Iterator[Part]:
    """Merge adjacent byte strings."""
    pending: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            pending.append(part)
            continue
        yield b"".join(pending)
        pending.clear()
        yield part
    yield b"".join(pending)


def _quote(text: str) -> str:
    """Quote a name as browsers do, which also prevents header injection."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").replace("\0", "%00")
