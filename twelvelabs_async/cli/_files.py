"""A file that reports how far it has been read."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class ProgressFile(io.FileIO):
    """A file opened for reading that reports each read.

    The client reads it in a thread. A file that changes meanwhile is an error, as with paths.
    """

    def __init__(self, path: Path, on_read: Callable[[int], None]) -> None:
        """Open the file.

        Args:
            path: Where it is.
            on_read: Called after each read with the position in the file.
        """
        super().__init__(path, "rb")
        self._on_read = on_read
        self._initial = self._size_and_mtime()

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and report it."""
        if self._size_and_mtime() != self._initial:
            raise OSError("it changed while it was being sent")
        data = super().read(-1 if size is None else size)
        self._on_read(self.tell())
        return data

    def _size_and_mtime(self) -> tuple[int, int]:
        status = os.fstat(self.fileno())
        return status.st_size, status.st_mtime_ns
