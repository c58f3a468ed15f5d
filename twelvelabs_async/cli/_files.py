"""A file that says how far it has been read."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class WatchedFile(io.FileIO):
    """A file opened for reading, of which each read is reported.

    It is the client that reads, in a thread. As with paths, a file that changes meanwhile is noticed.
    """

    def __init__(self, path: Path, seen: Callable[[int], None]) -> None:
        """Open the file.

        Args:
            path: Where it is.
            seen: Called after each read with the position in the file.
        """
        super().__init__(path, "rb")
        self._seen = seen
        self._stamp = self._look()

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and report it."""
        if self._look() != self._stamp:
            raise OSError("it changed while it was being sent")
        data = super().read(-1 if size is None else size)
        self._seen(self.tell())
        return data

    def _look(self) -> tuple[int, int]:
        found = os.fstat(self.fileno())
        return found.st_size, found.st_mtime_ns
