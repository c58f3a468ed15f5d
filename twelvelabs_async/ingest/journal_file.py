"""The journal as a file: it is opened, checked and closed here, and every failure of it becomes a JournalError."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from .._version import __version__
from ..errors import JournalError
from .lock import FileLock

APPLICATION_ID: Final = 0x544C696A
"""Written into the header of the file: `TLij`."""

SCHEMA_VERSION: Final = 1

BUSY_SECONDS: Final = 10.0
"""How long to wait for another program that holds the database."""

_SCHEMA: Final = """
    CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE items (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        run INTEGER NOT NULL,               -- the latest run that came across it
        kind TEXT NOT NULL,                 -- path, url, object, problem
        source NOT NULL,                    -- text; bytes for a path that is not valid Unicode
        place TEXT NOT NULL,
        filename TEXT NOT NULL,
        size INTEGER,
        modified_ns INTEGER,
        metadata TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'pending',
        stage TEXT,
        intent TEXT,
        intended_at REAL,
        asset_id TEXT,
        upload_id TEXT,
        upload_reported INTEGER,
        upload_state TEXT,
        indexed_asset_id TEXT,
        item_id TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        error TEXT,
        message TEXT,
        retryable INTEGER NOT NULL DEFAULT 0,
        made_at REAL NOT NULL,
        outcome TEXT
    );
    CREATE INDEX items_by_state ON items (state, retryable);
    CREATE INDEX unreadable_items ON items (place) WHERE state = 'failed' AND stage = 'source';
"""

_MAGIC: Final = b"SQLite format 3\x00"

_NOT_WRITABLE: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

_START_OVER: Final = (
    "Move it away and run again with a new journal: what is already on the platform is found by its key."
)


class JournalFile:
    """An open journal. It belongs to the thread that opened it.

    Args:
        path: The file; None for a temporary one that disappears when it is closed.
        target: Where the sources go. It must be the target that the journal was made for. None: not checked.
        read_only: Only read it, also while another process writes to it.

    Raises:
        JournalError: It cannot be opened. It is left as it was.

    Attributes:
        path: The file, without symbolic links; None for a temporary one.
        connection: The database.
        run: Number of this run; the first is 1.
        target: The target that the journal was made for.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None,
        target: Mapping[str, str | None] | None,
        *,
        read_only: bool,
    ) -> None:
        self.path: Path | None = None if path is None else Path(os.path.realpath(path))
        self._read_only = read_only
        self._lock: FileLock | None = None
        self._present: dict[Path, tuple[int, int]] = {}
        if self.path is not None:
            _check_place(self.path, read_only=read_only)
            if not read_only:
                self._lock = FileLock(self.path)
        try:
            is_new = self.path is None or _check_header(self.path, read_only=read_only)
            self.connection: sqlite3.Connection = self._connect()
            try:
                self._prepare(target, is_new=is_new)
            except BaseException:
                self.connection.close()
                raise
        except BaseException as error:
            if self._lock is not None:
                self._lock.release()
            if isinstance(error, sqlite3.Error):
                raise self.problem(error) from error
            raise

    def begin(self) -> None:
        """Begin a transaction."""
        self.connection.execute("BEGIN" if self._read_only else "BEGIN IMMEDIATE")

    def commit(self) -> None:
        """End the transaction: what was written is kept even if the process is killed.

        Raises:
            JournalError: The file has been removed or replaced.
        """
        self.connection.execute("COMMIT")
        for path, identity in self._present.items():
            try:
                found = path.stat()
            except OSError:
                found = None
            if found is None or (found.st_dev, found.st_ino) != identity:
                raise JournalError(
                    f"{path} was removed or replaced during the run, and with it what the journal held. Run again: "
                    "what is already on the platform is found by its key.",
                    path=str(self.path),
                )

    def rollback(self) -> None:
        """Undo the transaction, if there is one."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file and free its lock."""
        try:
            self.connection.close()
        finally:
            if self._lock is not None:
                self._lock.release()

    def problem(self, error: sqlite3.Error) -> JournalError:
        """The error of this package for an error of SQLite."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        name = f"The journal {self.path}" if self.path else "The temporary journal"
        if code == sqlite3.SQLITE_FULL:
            text = f"{name} cannot be written: the disk is full. Free space and run again; what was recorded is kept."
        elif code in _DAMAGED:
            text = f"{name} is damaged ({error}). {_START_OVER}"
        elif code in _NOT_WRITABLE:
            text = (
                f"{name} cannot be opened or written ({error}). Check the permissions of the file and of its folder, "
                "or choose another one."
            )
        elif code in _LOCKED:
            text = f"{name} is held by another program ({error}). Close that program and run again."
        else:
            text = f"{name} cannot be used ({error}). Check its disk and run again; what was recorded is kept."
        return JournalError(text, path=None if self.path is None else str(self.path))

    def _connect(self, options: str = "") -> sqlite3.Connection:
        if self.path is None:
            address = ""
        else:
            mode = "ro" if self._read_only else "rwc"
            slash = "/" if sys.platform == "win32" else ""
            address = f"file:{slash}{quote(os.fsencode(self.path.as_posix()))}?mode={mode}{options}"
        return sqlite3.connect(address, timeout=BUSY_SECONDS, isolation_level=None, uri=True)

    def _prepare(self, target: Mapping[str, str | None] | None, *, is_new: bool) -> None:
        wanted = None if target is None else {name: value for name, value in target.items() if value is not None}
        if self._read_only:
            self._prepare_reading()
        elif is_new or not self.connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            self._create(wanted or {})
        version = int(self._value("PRAGMA user_version"))
        if version > SCHEMA_VERSION:
            raise JournalError(
                f"The journal {self.path} was written by a later release of this package (schema {version}, this "
                f"release knows {SCHEMA_VERSION}). Install that release, or choose another journal.",
                path=str(self.path),
            )
        if (found := self._value("PRAGMA quick_check(1)")) != "ok":
            raise JournalError(f"The journal {self.path} is damaged ({found}). {_START_OVER}", path=str(self.path))
        self.target: dict[str, str] = json.loads(self._value("SELECT value FROM meta WHERE name = 'target'"))
        if wanted is not None and wanted != self.target:
            raise JournalError(
                f"The journal {self.path} belongs to another target: it was made for {_shown(self.target)}, and this "
                f"run is for {_shown(wanted)}. Choose another journal.",
                path=str(self.path),
            )
        self.run: int = int(self._value("SELECT value FROM meta WHERE name = 'run'"))
        if not self._read_only:
            self._begin_run()

    def _prepare_reading(self) -> None:
        try:
            self._value("PRAGMA user_version")
        except sqlite3.OperationalError:
            # A folder in which nothing can be created: SQLite can read a closed journal there if it is told that
            # nobody changes it.
            if self.path is None or self.path.with_name(self.path.name + "-wal").exists():
                raise
            self.connection.close()
            self.connection = self._connect("&immutable=1")

    def _create(self, target: Mapping[str, str]) -> None:
        # One transaction, before the first write-ahead log: a file that is not empty says whose it is.
        self.connection.executescript(
            f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA application_id = {APPLICATION_ID}; "
            f"PRAGMA user_version = {SCHEMA_VERSION};"
        )
        self.connection.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [("target", json.dumps(dict(target))), ("run", "0"), ("made_by", __version__)],
        )
        self.connection.execute("COMMIT")

    def _begin_run(self) -> None:
        self.connection.execute("PRAGMA journal_mode = WAL")
        # A commit reaches the operating system, which keeps it when the process is killed. Only a power cut can take
        # the latest ones, and the keys at the platform make up for that.
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.run += 1
        self.connection.execute("UPDATE meta SET value = ? WHERE name = 'run'", (str(self.run),))
        if self.path is not None:
            for path in (self.path, self.path.with_name(self.path.name + "-wal")):
                found = path.stat()
                self._present[path] = found.st_dev, found.st_ino

    def _value(self, query: str) -> str:
        row = self.connection.execute(query).fetchone()
        if row is None:
            raise JournalError(f"The journal {self.path} is incomplete. {_START_OVER}", path=str(self.path))
        return str(row[0])


def _check_place(path: Path, *, read_only: bool) -> None:
    """Refuse what can be no journal before anything is created."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if read_only:
            raise JournalError(f"There is no journal {path}.", path=str(path)) from None
        if not path.parent.is_dir():
            raise JournalError(
                f"There is no folder {path.parent} for the journal; create it.", path=str(path)
            ) from None
        return
    except OSError as error:
        raise JournalError(f"The journal {path} cannot be opened ({error.strerror}).", path=str(path)) from error
    if stat.S_ISDIR(mode):
        raise JournalError(f"{path} is a folder. Give a file in it, such as {path / 'run.sqlite'}.", path=str(path))
    if not stat.S_ISREG(mode):
        raise JournalError(f"{path} is not a regular file. Choose another journal.", path=str(path))


def _check_header(path: Path, *, read_only: bool) -> bool:
    """Whether the file is new. A file of somebody else is not opened as a database, so that nothing in it changes."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except FileNotFoundError:
        return True
    except OSError as error:
        raise JournalError(f"The journal {path} cannot be read ({error.strerror}).", path=str(path)) from error
    if not header and not read_only:
        return True
    if len(header) < 100 or not header.startswith(_MAGIC):
        raise JournalError(f"{path} is not a journal. Choose another file; nothing was changed.", path=str(path))
    if int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        raise JournalError(
            f"{path} is a database of another program. Choose another file; nothing was changed.", path=str(path)
        )
    return False


def _shown(target: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(target.items())) or "no target"
