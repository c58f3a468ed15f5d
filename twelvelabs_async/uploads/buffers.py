"""Buffers that are used again: to get new memory for every slice costs more CPU than to read the slice."""

from __future__ import annotations

from collections import deque
from typing import Final

MAX_BUFFERS: Final = 64
"""Buffers that are kept. More than a few for each worker are never needed."""


class BufferPool:
    """Hands out buffers of one size. Not thread-safe: `take` is called in the event loop.

    A buffer is free when nobody has a view of it, which Python knows: the network library may keep one for as long as
    it likes, and there is nothing to give back.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._buffers: deque[bytearray] = deque(maxlen=MAX_BUFFERS)

    def take(self) -> memoryview:
        """A view of a buffer that has no other."""
        for _ in range(len(self._buffers)):
            buffer = self._buffers[0]
            self._buffers.rotate(-1)
            if _is_free(buffer):
                return memoryview(buffer)
        buffer = bytearray(self._size)
        self._buffers.append(buffer)
        return memoryview(buffer)


def _is_free(buffer: bytearray) -> bool:
    """Whether there is no view of a buffer: then, and only then, its length may change. Its memory stays in place."""
    try:
        buffer.pop()
    except BufferError:
        return False
    buffer.append(0)
    return True
