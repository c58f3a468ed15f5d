"""The state file of an upload: written atomically, and held by one upload at a time."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from ..errors import UploadError
from .state import UploadState

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment]

MAX_BYTES: Final = 1024 * 1024
"""Bytes of a state file. What is larger is no state of an upload."""


class StateFile:
    """A state file. All methods block.

    A file next to it, `<name>.lock`, is locked while an upload uses it, and removed afterwards. The lock ends with the
    process, however that ends. Where the operating system has no `flock` (Windows), nothing is locked.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path: Path = Path(os.path.realpath(path))  # `os.replace` would replace a symbolic link
        self._lock_path = self.path.with_name(f"{self.path.name}.lock")
        self._lock: int | None = None

    def acquire(self) -> None:
        """Lock it.

        Raises:
            UploadError: Another upload uses it.
            OSError: Its folder is missing, or not writable.
        """
        while self._lock is None:
            lock = os.open(self._lock_path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if fcntl is not None:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # Its last holder may have removed it between the two calls: then this lock is nobody's.
                if _same_file(lock, self._lock_path):
                    self._lock, lock = lock, -1
            except BlockingIOError:
                raise UploadError(
                    f"The state file {self.path} is in use by another upload. Wait for its end, or pass another file."
                ) from None
            finally:
                if lock >= 0:
                    os.close(lock)

    def release(self) -> None:
        """Unlock it, if it is locked."""
        lock, self._lock = self._lock, None
        if lock is not None:
            with contextlib.suppress(OSError):
                self._lock_path.unlink()
            os.close(lock)

    def load(self) -> UploadState | None:
        """What it holds; None if there is no such file.

        Raises:
            UploadError: It holds something else, or cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise self.error(f"it cannot be read ({problem.strerror})") from problem
        try:
            if len(data) > MAX_BYTES:
                raise ValueError("it is too large for the state of an upload")  # noqa: TRY301 - as for all bad content
            return UploadState.from_json(data)
        except ValueError as problem:
            raise self.error(str(problem)) from None

    def save(self, state: UploadState) -> None:
        """Replace its content: after a crash, it holds either the old state or the new one."""
        temporary = self.path.with_name(f"{self.path.name}.tmp")
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()  # of a process that was killed
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(file, "wb") as stream:
                stream.write(state.to_json())
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(self.path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync_folder(self.path.parent)

    def error(self, problem: str) -> UploadError:
        """The error of a state that cannot be used; nothing has been sent or changed."""
        return UploadError(
            f"The state file {self.path} cannot be used: {problem}. Nothing was changed. To upload from the beginning, "
            "delete it, or pass another file as state."
        )


def _same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Write a folder to the disk, so that a new name in it survives a crash of the system; not all systems can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
