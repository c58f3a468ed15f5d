"""What the transport takes and gives: requests, bodies, responses. No network library is imported here."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import attrs

if TYPE_CHECKING:
    from ._operation import Tier

SLICE_BYTES: Final = 256 * 1024
"""Bytes read from a file and handed to the socket at once: large enough to be fast, small enough to be no memory."""

Payload = bytes | AsyncIterator[bytes]
"""What one attempt sends: the bytes themselves, or slices that add up to the body's `content_length`."""


class SourceError(Exception):
    """A file could not be read as announced: it shrank, changed or vanished while it was being sent."""


class Source(Protocol):
    """Bytes of a known length that can be read region by region, from a thread."""

    @property
    def size(self) -> int:
        """Number of bytes."""
        ...

    @property
    def replayable(self) -> bool:
        """Whether a region can be read more than once."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes from `offset`; blocks. Raises SourceError when they are not there."""
        ...


@attrs.frozen
class BytesSource:
    """Bytes in memory."""

    data: bytes = attrs.field(repr=lambda data: f"<{len(data)} bytes>")
    replayable: bool = attrs.field(default=True, init=False)

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        """Read a region."""
        return _exactly(self.data[offset : offset + length], offset, length, "the given bytes")


@attrs.frozen
class PathSource:
    """A file, opened anew for every slice: nothing stays open, and a file that changes meanwhile is noticed."""

    path: Path
    size: int
    stamp: tuple[int, int, int]
    replayable: bool = attrs.field(default=True, init=False)

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> PathSource:
        """Look at the file now (a blocking call); later reads fail when it is no longer the same."""
        stat = os.stat(path)  # noqa: PTH116 - the result is compared with os.fstat
        return cls(Path(path), stat.st_size, _stamp(stat))

    def read(self, offset: int, length: int) -> bytes:
        """Read a region."""
        try:
            with self.path.open("rb", buffering=0) as file:
                if _stamp(os.fstat(file.fileno())) != self.stamp:
                    raise SourceError(f"{self.path} changed while it was being sent")
                file.seek(offset)
                data = _read_all(file, length)
        except OSError as error:
            raise SourceError(f"{self.path} could not be read: {error}") from error
        return _exactly(data, offset, length, str(self.path))


@attrs.frozen(eq=False)
class FileSource:
    """A binary file object of the caller, from where it stood when it was handed over. It is never closed here.

    Several requests may read it at a time (chunks of an upload), so seeking and reading happen under a lock.
    """

    file: IO[bytes]
    start: int
    size: int
    replayable: bool = True
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)

    def read(self, offset: int, length: int) -> bytes:
        """Read a region. A file that cannot seek gives its bytes once and in order."""
        try:
            with self._lock:
                if self.replayable:
                    self.file.seek(self.start + offset)
                data = _read_all(self.file, length)
        except (OSError, ValueError) as error:
            raise SourceError(f"the file object could not be read: {error}") from error
        return _exactly(data, offset, length, "the file object")


def _stamp(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _read_all(file: Any, length: int) -> bytes:
    """Read up to `length` bytes from a file whose reads may be short (raw files, pipes)."""
    data: bytes = file.read(length) or b""
    if len(data) == length or not data:
        return data
    parts = [data]
    missing = length - len(data)
    while missing and (data := file.read(missing)):
        parts.append(data)
        missing -= len(data)
    return b"".join(parts)


def _exactly(data: bytes, offset: int, length: int, name: str) -> bytes:
    if len(data) != length:
        raise SourceError(f"{name} ended {length - len(data)} bytes early, at byte {offset + len(data)}")
    return data


class _Slices:
    """Yields parts in slices. A class, because a generator that is dropped half way needs the loop to finish it."""

    __slots__ = ("_index", "_offset", "_parts")

    def __init__(self, parts: Sequence[bytes | tuple[Source, int, int]]) -> None:
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
            source, start, length = part
            offset = self._offset
            if offset == length:
                self._index += 1
                self._offset = 0
                continue
            size = min(SLICE_BYTES, length - offset)
            if isinstance(source, BytesSource):
                data = source.read(start + offset, size)
            else:
                # Reading a file blocks; bytes in memory do not need the thread.
                data = await asyncio.get_running_loop().run_in_executor(None, source.read, start + offset, size)
            self._offset = offset + size
            return data
        raise StopAsyncIteration


def _region(part: bytes | Source) -> bytes | tuple[Source, int, int]:
    """A whole part for `_Slices`; short bytes stay as they are."""
    if isinstance(part, bytes):
        if len(part) <= SLICE_BYTES:
            return part
        part = BytesSource(part)
    return part, 0, part.size


class Body(Protocol):
    """A request body. It is made anew for every attempt."""

    @property
    def content_type(self) -> str | None:
        """Value of Content-Type; None where the caller's headers say it."""
        ...

    @property
    def content_length(self) -> int:
        """Number of bytes that every payload has."""
        ...

    @property
    def replayable(self) -> bool:
        """Whether `open` may be called more than once."""
        ...

    def open(self) -> Payload:
        """Begin a payload for one attempt."""
        ...


@attrs.frozen
class JsonBody:
    """JSON that was encoded already."""

    data: bytes = attrs.field(repr=lambda data: f"<{len(data)} bytes>")
    content_type: str = "application/json"
    replayable: bool = attrs.field(default=True, init=False)

    @property
    def content_length(self) -> int:
        """Number of bytes."""
        return len(self.data)

    def open(self) -> Payload:
        """The bytes, in slices if there are many: one large write would hold up the event loop."""
        return self.data if len(self.data) <= SLICE_BYTES else _Slices([_region(self.data)])


@attrs.frozen
class ChunkBody:
    """A region of a source: one chunk of a multipart upload."""

    source: Source
    offset: int
    content_length: int
    content_type: str | None = None

    @property
    def replayable(self) -> bool:
        """Whether the source can be read again."""
        return self.source.replayable

    def open(self) -> Payload:
        """The region's slices."""
        return _Slices([(self.source, self.offset, self.content_length)])


@attrs.frozen
class FormField:
    """One member of a form.

    Attributes:
        name: Name of the member.
        value: Text, or the content of a file.
        filename: File name that is announced; None for plain members.
        content_type: Media type that is announced; None for plain members.
    """

    name: str
    value: str | bytes | Source = attrs.field(repr=lambda value: f"<{type(value).__name__}>")
    filename: str | None = None
    content_type: str | None = None


class FormBody:
    """multipart/form-data. Heads of the parts are built once; files are read while they are sent."""

    __slots__ = ("_parts", "content_length", "content_type", "replayable")

    def __init__(self, fields: Sequence[FormField]) -> None:
        boundary = secrets.token_hex(16)
        self.content_type: str = f"multipart/form-data; boundary={boundary}"
        self._parts: list[bytes | Source] = list(_join(_form_parts(fields, boundary.encode())))
        self.content_length: int = sum(part.size if not isinstance(part, bytes) else len(part) for part in self._parts)
        self.replayable: bool = all(isinstance(part, bytes) or part.replayable for part in self._parts)

    def __repr__(self) -> str:
        return f"FormBody(<{self.content_length} bytes>)"

    def open(self) -> Payload:
        """The encoded form; plain bytes where no file is part of it."""
        if len(self._parts) == 1 and isinstance(self._parts[0], bytes) and self.content_length <= SLICE_BYTES:
            return self._parts[0]
        return _Slices([_region(part) for part in self._parts])


def _form_parts(fields: Sequence[FormField], boundary: bytes) -> Iterator[bytes | Source]:
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


def _join(parts: Iterator[bytes | Source]) -> Iterator[bytes | Source]:
    """Merge neighbouring byte strings."""
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
    """Quote a name the way browsers do, which also keeps it from ending the header."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A").replace("\0", "%00")


_TOKEN: Final = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def check_header(name: str, value: str) -> None:
    """Refuse a header that would end early and begin another one (CR, LF, NUL), or that has no valid name."""
    if not name or not _TOKEN.issuperset(name):
        raise ValueError(f"{name!r} is not a valid header name")
    if "\r" in value or "\n" in value or "\0" in value:
        raise ValueError(f"the value of the header {name!r} holds a line break or a NUL character")


@attrs.define(kw_only=True, eq=False)  # frozen would cost 2 µs for each call
class Request:
    """One call, however many attempts it takes. Not changed once it is made.

    Attributes:
        operation: operationId, for logs and errors.
        method: HTTP method, upper case.
        path: Quoted path below the base URL, beginning with `/`. Ignored when `url` is given.
        url: Absolute URL of another origin (presigned): neither the key nor the client's headers go there.
        query: Unquoted names and values, in order.
        headers: Headers of this call; they win over the client's.
        body: The body; None where there is none.
        tier: Which default timeouts apply.
        rate_limit_group: Operations of one group share the platform's counters.
        repeatable: True where a repeat is safe although the method alone does not say so.
        timeout: Total seconds of this call's attempts; None for the tier's default.
        max_retries: Retries of this call; None for the policy's.
        accept: Value of Accept.
    """

    operation: str
    method: str
    path: str = "/"
    url: str | None = attrs.field(default=None, repr=lambda url: url and url.partition("?")[0])
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = attrs.field(factory=dict, repr=lambda headers: f"{{{', '.join(headers)}}}")
    body: Body | None = None
    tier: Tier = "call"
    rate_limit_group: str | None = None
    repeatable: bool = False
    timeout: float | None = None
    max_retries: int | None = None
    accept: str = "application/json"


@attrs.define(eq=False)
class Response:
    """A 2xx answer that was read to its end. Not changed once it is made.

    Attributes:
        status: HTTP status.
        headers: Headers; names are case-insensitive.
        body: The body, decompressed; empty where there was none.
        request_id: The platform's id of this request, None where it sent none.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=lambda headers: f"{{{', '.join(headers)}}}")
    body: bytes = attrs.field(repr=lambda body: f"<{len(body)} bytes>")
    request_id: str | None = None
