"""Sources of request bodies: memory, a path, or a file object of the caller."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import IO, Any, Final, Protocol

import attrs

from .._safe_repr import SafeRepr
from .._value import Value

_READ_ONLY: Final = os.O_RDONLY | getattr(os, "O_BINARY", 0)  # only Windows has O_BINARY


class SourceError(Exception):
    """A file could not be read: it shrank, changed or disappeared while it was being sent."""


class Source(Protocol):
    """Bytes of a known length that can be read by region from a thread."""

    @property
    def size(self) -> int:
        """Number of bytes."""
        ...

    @property
    def replayable(self) -> bool:
        """Whether a region can be read more than once."""
        ...

    def read(self, offset: int, length: int) -> bytes:
        """Read exactly `length` bytes from `offset`; blocks. Raises SourceError if they cannot be read."""
        ...


@attrs.frozen(eq=False, repr=False)
class BytesSource(Value):
    """Bytes in memory."""

    data: bytes | bytearray = attrs.field(repr=lambda data: f"<{len(data)} bytes>")
    replayable: bool = attrs.field(default=True, init=False)

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        """Read a region."""
        return _exactly(bytes(self.data[offset : offset + length]), offset, length, "the given bytes")


@attrs.frozen(eq=False, repr=False)
class PathSource(Value):
    """A file that is opened for each slice: no descriptor stays open, and changes of the file are detected."""

    path: Path
    size: int
    stamp: tuple[int, int, int]
    replayable: bool = attrs.field(default=True, init=False)

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> PathSource:
        """Record the identity of the file (a blocking call); later reads fail if it has changed."""
        stat = os.stat(path)  # noqa: PTH116 - the result is compared with os.fstat
        return cls(Path(path), stat.st_size, _stamp(stat))

    @property
    def mtime_ns(self) -> int:
        """When the file was changed last."""
        return self.stamp[2]

    def read(self, offset: int, length: int) -> bytes:
        """Read a region."""
        with self._open() as descriptor, FileIO(descriptor, closefd=False) as file:
            file.seek(offset)
            data = _read_all(file, length)
        return _exactly(data, offset, length, str(self.path))

    def read_into(self, offset: int, buffer: memoryview) -> None:
        """Read a region that fills a buffer."""
        done = 0
        with self._open() as descriptor:
            while done < len(buffer) and (count := _read_at(descriptor, offset + done, buffer[done:])):
                done += count
        _check_length(done, offset, len(buffer), str(self.path))

    @contextmanager
    def _open(self) -> Iterator[int]:
        try:
            # Not a file object: each system call in a thread waits for Python's lock, and this makes the fewest.
            descriptor = os.open(self.path, _READ_ONLY)
            try:
                if _stamp(os.fstat(descriptor)) != self.stamp:
                    raise SourceError(f"{self.path} changed while it was being sent")
                yield descriptor
            finally:
                os.close(descriptor)
        except OSError as error:
            raise SourceError(f"{self.path} could not be read: {error}") from error


@attrs.frozen(eq=False)
class FileSource(SafeRepr):
    """A binary file object of the caller, from its position when it was passed. It is never closed here.

    Several requests may read it concurrently (chunks of an upload), so a lock guards seeking and reading.
    """

    file: IO[bytes]
    start: int
    size: int
    replayable: bool = True
    mtime_ns: int | None = None
    _lock: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)

    def read(self, offset: int, length: int) -> bytes:
        """Read a region. A file that is not seekable can be read only once and in order."""
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


def _read_at(descriptor: int, offset: int, buffer: memoryview) -> int:
    """Read into a buffer, which may remain partly filled; the number of bytes, 0 at the end of the file."""
    if hasattr(os, "preadv"):
        return os.preadv(descriptor, [buffer], offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    data = os.read(descriptor, len(buffer))
    buffer[: len(data)] = data
    return len(data)


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


def read_into(source: Source, offset: int, buffer: memoryview) -> None:
    """Read a region that fills a buffer; blocks. Raises SourceError if it cannot be read."""
    if isinstance(source, PathSource):
        source.read_into(offset, buffer)
    else:
        buffer[:] = source.read(offset, len(buffer))


def _exactly(data: bytes, offset: int, length: int, name: str) -> bytes:
    _check_length(len(data), offset, length, name)
    return data


def _check_length(found: int, offset: int, length: int, name: str) -> None:
    if found != length:
        raise SourceError(f"{name} ended {length - found} bytes early, at byte {offset + found}")
