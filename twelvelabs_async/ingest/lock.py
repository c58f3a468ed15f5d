"""A lock on a file, so that two processes never write to one journal."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import Final

from ..errors import JournalError

_BUSY: Final = frozenset({errno.EACCES, errno.EAGAIN, errno.EDEADLK})
"""What operating systems report where another process holds the lock."""

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        # Nobody can read what is locked, and the beginning holds the id of the process: lock a byte far behind it.
        os.lseek(descriptor, 1 << 30, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """The lock of a journal: the file beside it whose name ends with `.lock`. The system frees it when a process ends.

    Args:
        journal: The journal.
        what: What it is, in messages.

    Raises:
        JournalError: Another process uses the journal, or the lock cannot be had.
    """

    def __init__(self, journal: Path, what: str = "journal") -> None:
        self._what = what
        self._path = journal.with_name(journal.name + ".lock")
        while True:
            try:
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
            except OSError as error:
                raise JournalError(
                    f"The {self._what} {journal} cannot be written: {self._path} cannot be created ({error.strerror}). "
                    "Choose a folder where this process may create files.",
                    path=str(journal),
                ) from error
            try:
                self._acquire(journal)
                if self._is_current():
                    return
            except BaseException:
                os.close(self._descriptor)
                raise
            os.close(self._descriptor)  # its last holder removed the file in the meantime: lock the new one

    def release(self) -> None:
        """Free the lock and remove its file."""
        with contextlib.suppress(OSError):  # Windows does not remove an open file: it stays, and is used again
            self._path.unlink()
        os.close(self._descriptor)

    def _acquire(self, journal: Path) -> None:
        try:
            _lock(self._descriptor)
        except OSError as error:
            if error.errno not in _BUSY:
                raise JournalError(
                    f"The {self._what} {journal} cannot be locked ({error.strerror}). Choose a local disk for it.",
                    path=str(journal),
                ) from error
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            holder = os.read(self._descriptor, 20).decode("ascii", "replace").strip() or "unknown"
            whose = "this process" if holder == str(os.getpid()) else "another process"
            raise JournalError(
                f"The {self._what} {journal} is in use by {whose} (pid {holder}). Wait until it ends, or choose "
                f"another {self._what}.",
                path=str(journal),
            ) from error
        try:
            os.ftruncate(self._descriptor, 0)
            os.write(self._descriptor, f"{os.getpid()}\n".encode())
        except OSError as error:
            raise JournalError(
                f"The {self._what} {journal} cannot be written: {self._path}: {error.strerror}. Free space on the "
                "disk.",
                path=str(journal),
            ) from error

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._path.stat())
        except FileNotFoundError:
            return False
