"""Content that can be read only once and in order: asynchronous streams, and file objects that are not seekable.

Where its size is known, it is sent while it is read. Where it is not, it is written to a temporary file first, because
every request announces how many bytes follow.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import os
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import IO, Any, Final, Protocol

import attrs

from .._safe_repr import SafeRepr
from .._value import Value
from .sources import FileSource, SourceError
from .threads import in_daemon_thread, in_thread

MAX_SPOOL_BYTES: Final = 1024**3
"""Bytes of a stream of unknown size that are written to a temporary file, unless the caller says otherwise."""

PIECE_BYTES: Final = 256 * 1024
"""Bytes that are read at once from what is asked for a number of them."""

CLOSE_SECONDS: Final = 2.0
"""Seconds that a stream may take to end when it is cancelled."""

_WRITE_BYTES: Final = 1024 * 1024

_TURN: Final = 32
"""Pieces after which other tasks get their turn: an iterable need not wait for anything."""


class AsyncReader(Protocol):
    """What is read with `await reader.read(n)`, such as aiohttp's `request.content` or `asyncio.StreamReader`."""

    async def read(self, n: int = -1, /) -> bytes:
        """Read at most n bytes; none at the end."""
        ...


StreamContent = AsyncIterable[bytes] | AsyncReader | IO[bytes]
"""Content of a stream: an asynchronous iterable of bytes, an asynchronous reader, or a file object."""


def _positive(_: object, field: attrs.Attribute[Any], value: int | None) -> None:
    if value is not None and (type(value) is not int or value < 1):
        raise ValueError(f"{field.name} must be a number of bytes above 0, not {value!r:.40}")


@attrs.frozen(eq=False, repr=False)
class FileStream(Value):
    """A stream as a file argument, with what is known about it.

    Attributes:
        content: An asynchronous iterable of bytes, an asynchronous reader, or a file object that is not seekable.
        size: Its size in bytes. Then it is sent while it is read; else it is written to a temporary file first.
        spool_dir: Folder of the temporary file. Default: that of the operating system.
        max_spool_bytes: Largest size of the temporary file.
    """

    content: StreamContent = attrs.field(repr=lambda content: f"<{type(content).__name__}>")
    size: int | None = attrs.field(default=None, kw_only=True, validator=_positive)
    spool_dir: str | os.PathLike[str] | None = attrs.field(default=None, kw_only=True)
    max_spool_bytes: int = attrs.field(default=MAX_SPOOL_BYTES, kw_only=True, validator=_positive)


class StreamSource(SafeRepr):
    """A stream that is read once and in order.

    Args:
        pieces: Its bytes.

    Attributes:
        position: Bytes that were read from it.
        received: Bytes that it has delivered.
        waiting: Whether it is being waited for, or was when that was cancelled.
    """

    replayable: bool = False

    def __init__(self, pieces: AsyncIterable[Any]) -> None:
        self._pieces = pieces
        self._iterator: AsyncIterator[Any] | None = None
        self._rest = memoryview(b"")
        self._turn = 0
        self._size: int | None = None
        self._reader: asyncio.Task[Any] | None = None
        self._closed = False
        self._problem: str | None = None  # all that read from it are told of the first one
        self.position: int = 0
        self.received: int = 0
        self.waiting: bool = False

    def __repr__(self) -> str:
        return f"StreamSource(<{self._size} bytes>)"

    def give_size(self, size: int) -> None:
        """Set the size that the caller has given."""
        self._size = size

    @property
    def was_read(self) -> bool:
        """Whether its last byte was read."""
        return self.has_size and self.position >= self.size

    @property
    def has_size(self) -> bool:
        """Whether the size is known."""
        return self._size is not None

    @property
    def size(self) -> int:
        """Its size, which must be known."""
        if self._size is None:
            raise SourceError("the size of the stream is not known")
        return self._size

    async def read_next(self, length: int) -> bytes | bytearray:
        """Read exactly the next bytes.

        Raises:
            SourceError: It ended early, raised an exception, or returned something else.
        """
        if self._problem is not None:
            raise SourceError(self._problem)
        parts, missing = bytearray(), length
        while missing and (self._rest or await self._more()):
            if not parts and len(self._rest) >= missing:  # without a copy of what is there in one piece
                data, self._rest = bytes(self._rest[:missing]), self._rest[missing:]
                self.position += length
                return data
            taken = self._rest[:missing]
            parts += taken
            missing -= len(taken)
            self._rest = self._rest[len(taken) :]
        self.position += len(parts)
        if missing:
            raise self._fail(f"the stream ended at byte {self.position:,}, but its size was given as {self.size:,}")
        return parts

    async def _more(self) -> bool:
        self._rest = memoryview(await self.piece())
        return len(self._rest) > 0

    async def finish(self) -> None:
        """Make sure that nothing follows.

        Raises:
            SourceError: It has more bytes than its size.
        """
        if self._rest or await self._more():
            raise self._fail(f"the stream has more than the {self.size:,} bytes that were given as its size")

    def _fail(self, problem: str) -> SourceError:
        self._problem = problem
        return SourceError(problem)

    async def piece(self) -> bytes:
        """The next piece as the stream hands it out; empty at the end.

        Raises:
            SourceError: It raised an exception, which is the cause, or returned something else.
        """
        if self._iterator is None:
            self._iterator = aiter(self._pieces)
        while True:
            self._turn += 1
            if not self._turn % _TURN:
                await asyncio.sleep(0)
            self.waiting = True
            self._reader = asyncio.current_task()
            try:
                piece = await anext(self._iterator)
            except StopAsyncIteration:
                self.waiting = False
                return b""
            except SourceError as error:
                raise self._fail(str(error)) from error.__cause__
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
                # It waits for something that was cancelled. Passed on, it would end this task without an error.
                raise self._fail("the stream raised CancelledError, and nobody cancelled this call") from None
            except Exception as error:
                raise self._fail(f"the stream raised {type(error).__name__}: {error}") from error
            finally:
                self._reader = None
            self.waiting = False
            if not isinstance(piece, bytes | bytearray | memoryview):
                raise self._fail(f"the stream returned {type(piece).__name__}, but bytes are required")
            if len(piece):
                self.received += len(piece)
                return bytes(piece)

    async def aclose(self) -> None:
        """Close the stream, if it can be closed: whoever was given it is its only reader. May be called twice."""
        close = getattr(self._iterator or self._pieces, "aclose", None)
        if self._reader is not None:
            # The network library has stopped the task that sends a body, but not waited for its end.
            self._reader.cancel()
            await asyncio.wait([self._reader], timeout=CLOSE_SECONDS)
        if close is None or self._closed:
            return
        self._closed = True
        try:
            await close()
        except Exception:
            # The outcome of the call is what the caller waits for, and it is known by now.
            logging.getLogger("twelvelabs_async").exception("closing a stream that was sent raised an exception")


class _Reads:
    """Iterates over what is read piece by piece."""

    def __init__(self, read: Callable[[int], Awaitable[Any]]) -> None:
        self._read = read

    def __aiter__(self) -> _Reads:
        return self

    async def __anext__(self) -> Any:
        piece = await self._read(PIECE_BYTES)
        if piece is None:
            raise SourceError("the file object is in non-blocking mode, and has no data now")
        if len(piece) == 0:
            raise StopAsyncIteration
        return piece


def pieces_of(content: Any) -> AsyncIterable[Any] | None:
    """The bytes of an asynchronous stream; None for everything else.

    Raises:
        ValueError: It cannot be read piece by piece; the message is the end of a sentence.
    """
    if inspect.iscoroutinefunction(getattr(content, "read_chunk", None)):  # a part of aiohttp's MultipartReader
        headers = getattr(content, "headers", None) or {}
        for name in ("Content-Encoding", "Content-Transfer-Encoding"):
            if headers.get(name, "identity").lower() not in {"identity", "binary", "8bit", "7bit"}:
                raise ValueError(f"this part is encoded ({name}: {headers[name]:.40}); decode it, and pass the bytes")
        return _Reads(content.read_chunk)
    if inspect.iscoroutinefunction(getattr(content, "read", None)):
        try:
            inspect.signature(content.read).bind(PIECE_BYTES)
        except TypeError:
            raise ValueError(
                "this file reads asynchronously and all at once; pass its path, bytes, or a plain binary file"
            ) from None
        return _Reads(content.read)
    return content if isinstance(content, AsyncIterable) else None


def pieces_of_file(file: IO[bytes]) -> AsyncIterable[Any]:
    """The bytes of a file object that is not seekable, which may block for as long as its other end likes."""
    return _Reads(lambda size: in_daemon_thread(file.read, size))


class SpooledSource(FileSource):
    """A temporary file. It has no name, so that it is deleted with the process, however that ends."""

    def close(self) -> None:
        """Delete it."""
        self.file.close()


async def spool(
    argument: str, stream: StreamSource, folder: str | os.PathLike[str] | None, max_bytes: int
) -> SpooledSource:
    """Write a stream of unknown size to a temporary file.

    Args:
        argument: Name of the argument, for errors.
        stream: The stream. It is closed.
        folder: Folder of the temporary file; None for that of the operating system.
        max_bytes: Largest size of the temporary file.

    Raises:
        ValueError: It is empty, longer than `max_bytes`, or returned something else than bytes.
        Exception: What the stream raised.
    """
    import tempfile

    files: list[IO[bytes]] = []
    try:
        await in_thread(lambda: files.append(tempfile.TemporaryFile(dir=folder)))  # noqa: SIM115 - it is returned
        size = await _write(argument, stream, files[0], max_bytes)
    except SourceError as error:
        _close(files)
        if error.__cause__ is not None:
            raise error.__cause__ from None
        raise ValueError(f"{argument}: {error}") from None
    except BaseException:
        _close(files)
        raise
    finally:
        await stream.aclose()
    if not size:
        _close(files)
        raise ValueError(f"{argument}: the stream is empty (0 bytes)")
    return SpooledSource(files[0], 0, size)


async def _write(argument: str, stream: StreamSource, file: IO[bytes], max_bytes: int) -> int:
    size = 0
    pending: list[bytes] = []
    waiting = 0
    while piece := await stream.piece():
        size += len(piece)
        if size > max_bytes:
            raise ValueError(
                f"{argument}: the stream has more than {max_bytes:,} bytes, the limit for its temporary file; raise "
                "max_spool_bytes, or give its size"
            )
        pending.append(piece)
        waiting += len(piece)
        if waiting >= _WRITE_BYTES:
            await in_thread(file.writelines, pending)
            pending, waiting = [], 0
    await in_thread(file.writelines, pending)
    await in_thread(file.flush)
    return size


def _close(files: list[IO[bytes]]) -> None:
    for file in files:
        with contextlib.suppress(OSError):  # what could not be written is of no use any more
            file.close()
