"""Reads the parts of a body while it is sent: slice by slice, or all at once where they are small."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .sources import BytesSource, Source, SourceError
from .streams import StreamSource

if TYPE_CHECKING:
    from collections.abc import Sequence

PlainPart = bytes | Source
"""A part of a body that can be read at any time."""

Part = PlainPart | StreamSource
"""A part of a body."""


class Slices:
    """Yields parts in slices. A class, because only an event loop can finalize an abandoned asynchronous generator.

    Args:
        parts: The parts; bytes among them are not cut.
        size: Bytes of a slice.
    """

    __slots__ = ("_index", "_offset", "_parts", "_size")

    def __init__(self, parts: Sequence[Part], size: int) -> None:
        self._parts = parts
        self._size = size
        self._index = 0
        self._offset = 0

    def __aiter__(self) -> Slices:
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
            size = min(self._size, part.size - offset)
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


class Whole:
    """Yields small parts as one slice: every slice more is a system call, and for files one more switch of threads.

    Args:
        parts: The parts.
    """

    __slots__ = ("_parts",)

    def __init__(self, parts: Sequence[PlainPart]) -> None:
        self._parts: Sequence[PlainPart] | None = parts

    def __aiter__(self) -> Whole:
        return self

    async def __anext__(self) -> bytes:
        parts = self._parts
        if parts is None:
            raise StopAsyncIteration
        self._parts = None
        return await asyncio.get_running_loop().run_in_executor(None, _read_all, parts)


def _read_all(parts: Sequence[PlainPart]) -> bytes:
    return b"".join(part if isinstance(part, bytes) else part.read(0, part.size) for part in parts)
