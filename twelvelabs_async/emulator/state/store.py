"""State on disk: documents in SQLite, file contents beside it.

All SQLite work runs in one dedicated thread, one transaction per call, so a process that is killed at any moment leaves
either all or nothing of a change. Files are written to a temporary name and moved into place; a file becomes part of
the state only with the transaction that names it, and files that no transaction names are removed at the next start.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import re
import secrets
import shutil
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from ..._safe_repr import SafeRepr
from .. import clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Document = dict[str, Any]

INDEX_KIND = "media_index"
"""Kind of the documents that hold what the media engine found in a file; their identifier is the file's."""

T = TypeVar("T")

_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    parent TEXT NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (kind, id)
);
CREATE INDEX IF NOT EXISTS documents_parent ON documents (kind, parent, seq);
CREATE TABLE IF NOT EXISTS blobs (id TEXT PRIMARY KEY, uses INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL, step TEXT NOT NULL, due REAL NOT NULL
);
"""


_DATABASE = "state.sqlite3"

_TABLES = {
    "documents": {"seq", "kind", "id", "parent", "data"},
    "blobs": {"id", "uses"},
    "jobs": {"id", "kind", "target"},
}
"""Columns by which a database is known to be that of an emulator."""

_NOT_OURS = {"lost+found", "Thumbs.db", "desktop.ini"}
"""Names that systems put into empty folders, besides those that begin with a dot."""

_SECRET_BYTES = 32


class StateFolderError(OSError):
    """The state folder cannot be used. Nothing in it was changed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Job(SafeRepr):
    """Work that is due at a time, also after a restart."""

    id: str
    kind: str
    target: str
    step: str
    due: float


@dataclasses.dataclass(frozen=True, slots=True)
class Page(SafeRepr):
    """A part of a list with the number of all its items."""

    items: list[Document]
    total: int


class Transaction:
    """One change of the state; used in the worker thread only."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.jobs: list[Job] = []
        self.dropped_blobs: list[str] = []

    def get(self, kind: str, identifier: str) -> Document | None:
        """The document, or None."""
        row = self._db.execute("SELECT data FROM documents WHERE kind = ? AND id = ?", (kind, identifier)).fetchone()
        return None if row is None else orjson.loads(row[0])

    def put(self, kind: str, identifier: str, document: Document, *, parent: str = "") -> None:
        """Adds or replaces a document; a document keeps its place in the order of creation."""
        self._db.execute(
            "INSERT INTO documents (kind, id, parent, data) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, id) DO UPDATE SET data = excluded.data",
            (kind, identifier, parent, orjson.dumps(document)),
        )

    def delete(self, kind: str, identifier: str) -> bool:
        """Removes a document; False when it was not there."""
        return self._db.execute("DELETE FROM documents WHERE kind = ? AND id = ?", (kind, identifier)).rowcount > 0

    def delete_children(self, kind: str, parent: str) -> None:
        """Removes all documents of a kind that have a parent."""
        self._db.execute("DELETE FROM documents WHERE kind = ? AND parent = ?", (kind, parent))

    def all(self, kind: str, *, parent: str | None = None, descending: bool = False) -> Iterator[Document]:
        """The documents of a kind, in the order of creation."""
        where, values = _where(kind, parent)
        order = "DESC" if descending else "ASC"
        sql = f"SELECT data FROM documents WHERE {where} ORDER BY seq {order}"  # noqa: S608 - fixed words only
        for row in self._db.execute(sql, values).fetchall():
            yield orjson.loads(row[0])

    def count(self, kind: str, *, parent: str | None = None) -> int:
        """Number of documents of a kind."""
        where, values = _where(kind, parent)
        sql = f"SELECT COUNT(*) FROM documents WHERE {where}"  # noqa: S608 - fixed words only
        return int(self._db.execute(sql, values).fetchone()[0])

    def page(
        self,
        kind: str,
        *,
        parent: str | None = None,
        where: Callable[[Document], bool] | None = None,
        sort_by: str = "created_at",
        descending: bool = True,
        page: int = 1,
        limit: int = 10,
    ) -> Page:
        """One page of the documents of a kind."""
        offset = (page - 1) * limit
        if where is None and sort_by == "created_at":
            condition, values = _where(kind, parent)
            order = "DESC" if descending else "ASC"
            # SQLite takes 64-bit offsets; a page far beyond the end is just empty.
            sql = f"SELECT data FROM documents WHERE {condition} ORDER BY seq {order} LIMIT ? OFFSET ?"  # noqa: S608
            rows = self._db.execute(sql, (*values, limit, min(offset, 2**62))).fetchall()
            return Page([orjson.loads(row[0]) for row in rows], self.count(kind, parent=parent))
        found = [d for d in self.all(kind, parent=parent, descending=descending) if where is None or where(d)]
        if sort_by != "created_at":
            found.sort(key=lambda d: str(d.get(sort_by) or ""), reverse=descending)
        return Page(found[offset : offset + limit], len(found))

    def schedule(self, kind: str, target: str, step: str, delay: float) -> None:
        """Makes a step of a state machine due after some seconds."""
        job = Job(clock.new_id(), kind, target, step, time.time() + delay)
        self._db.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, ?)", dataclasses.astuple(job))
        self.jobs.append(job)

    def finish(self, job: Job) -> None:
        """Removes a job that is done."""
        self._db.execute("DELETE FROM jobs WHERE id = ?", (job.id,))

    def pending_jobs(self) -> list[Job]:
        """All jobs that are not done yet."""
        return [Job(*row) for row in self._db.execute("SELECT id, kind, target, step, due FROM jobs").fetchall()]

    def use_blob(self, identifier: str) -> None:
        """Counts one more use of a file."""
        self._db.execute(
            "INSERT INTO blobs VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET uses = uses + 1", (identifier,)
        )

    def release_blob(self, identifier: str | None) -> None:
        """Counts one use less; the file is removed with its last use."""
        if not identifier:
            return
        self._db.execute("UPDATE blobs SET uses = uses - 1 WHERE id = ?", (identifier,))
        if self._db.execute("DELETE FROM blobs WHERE id = ? AND uses < 1", (identifier,)).rowcount:
            self.dropped_blobs.append(identifier)
            self.delete(INDEX_KIND, identifier)


def _where(kind: str, parent: str | None) -> tuple[str, tuple[str, ...]]:
    return ("kind = ?", (kind,)) if parent is None else ("kind = ? AND parent = ?", (kind, parent))


class Store:
    """The state folder of an emulator."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blobs: Path = folder / "blobs"
        self.temporary: Path = folder / "tmp"
        self.chunks: Path = folder / "chunks"
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="emulator-store")
        self._db: sqlite3.Connection | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.on_jobs: Callable[[list[Job]], None] = lambda jobs: None
        self.secret: bytes = b""

    async def open(self) -> None:
        """Opens the state, making it when it is new, and removes what a killed process left incomplete."""
        self._loop = asyncio.get_running_loop()
        await self._loop.run_in_executor(self._worker, self._open)

    def _open(self) -> None:
        try:
            self._check_folder()
            self.secret = self._read_secret()
            self._db = self._lock()
            self._prepare(self._db)
        except StateFolderError:
            self._close()
            raise
        except (OSError, sqlite3.Error) as error:
            self._close()
            raise StateFolderError(
                f"The state folder {self.folder} cannot be used: {_reason(error)}. Check its permissions and the free "
                "space, or choose another folder."
            ) from error

    def _check_folder(self) -> None:
        """Make the folder, or refuse one that holds anything but the state of an emulator."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if (self.folder / _DATABASE).exists():
            return
        for path in self.folder.iterdir():
            if path.name.startswith(".") or path.name in _NOT_OURS:
                continue
            raise self._error(f"holds no state of an emulator, but {path.name!r}", "Choose an empty or a new folder")

    def _check_integrity(self, database: sqlite3.Connection) -> None:
        """Refuse a database that is damaged, or that another program made."""
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in tables:
            columns = {row[1] for row in database.execute(f"PRAGMA table_info({_quoted(name)})")}
            if name != "sqlite_sequence" and not (name in _TABLES and _TABLES[name] <= columns):
                raise self._error(
                    f"has a file {_DATABASE} that is not of an emulator (table {name!r})",
                    "Choose an empty or a new folder",
                )
        (problem,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if problem != "ok":
            raise sqlite3.DatabaseError(" ".join(problem.split()))

    def _prepare(self, database: sqlite3.Connection) -> None:
        """Make what is missing, and remove what a killed process left incomplete."""
        # A power cut could take the last moments away; the end of the process takes nothing.
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_SCHEMA)
        for folder in (self.blobs, self.chunks, self.temporary):
            folder.mkdir(exist_ok=True)
        _remove_all(self.temporary, keep=set())
        if not self.secret:
            part = self.temporary / "secret"
            part.write_bytes(secrets.token_bytes(_SECRET_BYTES))
            part.replace(self.folder / "secret")
            self.secret = self._read_secret()  # as the next process will read it
        _remove_all(self.blobs, keep={row[0] for row in database.execute("SELECT id FROM blobs")}, folders=False)
        uploads = {row[0] for row in database.execute("SELECT id FROM documents WHERE kind = 'upload'")}
        _remove_all(self.chunks, keep=uploads)

    def _read_secret(self) -> bytes:
        try:
            secret = (self.folder / "secret").read_bytes()
        except FileNotFoundError:
            return b""
        if len(secret) != _SECRET_BYTES:
            raise self._error(
                f"has a damaged file 'secret' ({len(secret)} bytes)",
                "Remove that file: a new one is made, and presigned URLs that were issued become invalid",
            )
        return secret

    def _lock(self) -> sqlite3.Connection:
        """Opens the database for this process alone; the system frees it when the process dies."""
        database = sqlite3.connect(self.folder / _DATABASE, isolation_level=None, timeout=2.0)
        try:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")
            self._check_integrity(database)  # before anything is written, were it only the journal mode
            database.execute("COMMIT")
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("BEGIN IMMEDIATE")
            database.execute("COMMIT")
        except sqlite3.Error as error:
            database.close()
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise self._error("is in use by another emulator", "Stop that one, or choose another folder") from error
            if not isinstance(error, sqlite3.OperationalError):
                raise self._error(
                    f"is damaged ({_DATABASE}: {error})",
                    "Restore the folder from a copy, or choose an empty or a new one",
                ) from error
            raise
        except BaseException:
            database.close()
            raise
        return database

    def _error(self, problem: str, advice: str) -> StateFolderError:
        return StateFolderError(f"The state folder {self.folder} {problem}. {advice}. Nothing was changed.")

    async def close(self) -> None:
        """Waits for the current transaction and closes the state."""
        if self._loop is not None:
            await self._loop.run_in_executor(self._worker, self._close)
        self._worker.shutdown(wait=True)

    def _close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    async def run(self, change: Callable[[Transaction], T]) -> T:
        """Runs a function as one transaction in the worker thread.

        A transaction that was begun is completed even if the caller is cancelled meanwhile.
        """
        assert self._loop is not None, "the store is not open"  # noqa: S101 - a mistake in the emulator itself
        return await asyncio.shield(self._loop.run_in_executor(self._worker, self._run, change))

    def _run(self, change: Callable[[Transaction], T]) -> T:
        if self._db is None or self._loop is None:
            raise RuntimeError("The state is closed")
        transaction = Transaction(self._db)
        self._db.execute("BEGIN IMMEDIATE")
        try:
            result = change(transaction)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # a full disk can have ended it already
                self._db.execute("ROLLBACK")
            raise
        for blob in transaction.dropped_blobs:
            self.blob(blob).unlink(missing_ok=True)
        if transaction.jobs:
            self._loop.call_soon_threadsafe(self.on_jobs, transaction.jobs)
        return result

    async def get(self, kind: str, identifier: str) -> Document | None:
        """The document, or None."""
        return await self.run(lambda tx: tx.get(kind, identifier))

    async def put(self, kind: str, identifier: str, document: Document, *, parent: str = "") -> None:
        """Adds or replaces a document."""
        await self.run(lambda tx: tx.put(kind, identifier, document, parent=parent))

    async def update(self, kind: str, identifier: str, **changes: Any) -> Document | None:
        """Changes fields of a document that is still there; a field set to None is removed."""

        def change(tx: Transaction) -> Document | None:
            document = tx.get(kind, identifier)
            if document is not None:
                merge(document, changes)
                tx.put(kind, identifier, document)
            return document

        return await self.run(change)

    def blob(self, identifier: str) -> Path:
        """Path of a file of the state."""
        return self.blobs / identifier

    def scratch(self, filename: str = "") -> Path:
        """A fresh path for a file that is being written; it keeps the extension of the file name."""
        suffix = Path(filename).suffix.lower()
        return self.temporary / (secrets.token_hex(12) + (suffix if _SUFFIX.fullmatch(suffix) else ""))

    def adopt(self, path: Path) -> str:
        """Moves a written file into the state and returns its identifier; blocking.

        It stays only if a transaction then counts its use.
        """
        identifier = clock.new_id() + path.suffix
        os.replace(path, self.blob(identifier))  # noqa: PTH105 - atomic on every platform
        return identifier


def _remove_all(folder: Path, keep: set[str], *, folders: bool = True) -> None:
    """Remove what is not to be kept; nothing behind a symbolic link."""
    for path in folder.iterdir():
        if path.name in keep:
            continue
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
        elif folders:
            shutil.rmtree(path, ignore_errors=True)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def merge(document: Document, changes: Document) -> None:
    """Writes fields into a document and its time of change; a field set to None is removed."""
    for name, value in changes.items():
        if value is None:
            document.pop(name, None)
        else:
            document[name] = value
    document["updated_at"] = clock.now()
