"""Files of uploads: one that reports how far it has been read, and where the state of one is kept."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def default_state(path: Path, base_url: str) -> Path:
    """Where the state of the upload of a file is kept: in the state folder of the user, which is made if necessary."""
    home = os.environ.get("XDG_STATE_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "state"
    folder = base / "twelvelabs-async" / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = hashlib.sha256(base_url.encode() + b"\n" + os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    return folder / f"{name}.json"


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
