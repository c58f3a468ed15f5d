"""State on disk: documents in SQLite, file contents beside it.

All SQLite work runs in one dedicated thread, one transaction per call, so a process that is killed at any moment leaves
either all or nothing of a change. Calls that wait at the same time are stored together, and return when they are
stored. Files are written to a temporary name and moved into place; a file becomes part of the state only with the
transaction that names it, and files that no transaction names are removed at the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import heapq
import os
import re
import secrets
import shutil
import sqlite3
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from ..._safe_repr import SafeRepr
from .. import clock
from .fingerprint import CONTENT, fingerprint
from .terms import FIELDS, VERSION, terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Document = dict[str, Any]

INDEX_KIND = "media_index"
"""Kind of the documents that hold what the media engine found in a file; their identifier is that of its content."""

CountKey = int | tuple[str, str | None]
"""What is counted: the documents with a term, or those of a kind, of all parents or of one."""

T = TypeVar("T")

_BATCH = 256
"""Documents that are read at a time."""

_CONTENTS = 1024
"""Contents whose files are remembered, to share their place on the disk."""

_ID = 24
"""Digits of an identifier, see `clock.new_id`."""

_TOGETHER = 64
"""Transactions that are stored together at most."""

_LAST = 2**62
"""Beyond every place; SQLite takes 64-bit integers."""

_FEW = 200
"""Places that are looked up one by one; of more, all that have the other term are read at once."""

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
CREATE INDEX IF NOT EXISTS documents_kind ON documents (kind, seq);
CREATE TABLE IF NOT EXISTS terms (term INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (term, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS blobs (id TEXT PRIMARY KEY, uses INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, target TEXT NOT NULL, step TEXT NOT NULL, due REAL NOT NULL
);
"""


_DATABASE = "state.sqlite3"

_TABLES = {
    "documents": {"seq", "kind", "id", "parent", "data"},
    "terms": {"term", "seq"},
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
    """One change of the state; used in the worker thread only.

    Attributes:
        jobs: Jobs that it has scheduled.
        finished: Identifiers of the jobs that it has removed.
        dropped_blobs: Files that nothing uses any more.
        deltas: By how much it has changed the number of documents of a list; see `count`.
    """

    def __init__(self, connection: sqlite3.Connection, counts: dict[CountKey, int]) -> None:
        self._db = connection
        self._counts = counts
        self.jobs: list[Job] = []
        self.finished: list[str] = []
        self.dropped_blobs: list[str] = []
        self.deltas: Counter[CountKey] = Counter()

    def get(self, kind: str, identifier: str) -> Document | None:
        """The document, or None."""
        row = self._db.execute("SELECT data FROM documents WHERE kind = ? AND id = ?", (kind, identifier)).fetchone()
        return None if row is None else orjson.loads(row[0])

    def put(self, kind: str, identifier: str, document: Document, *, parent: str = "") -> None:
        """Adds or replaces a document; a document keeps its parent and its place in the order of creation."""
        row = self._row(kind, identifier)
        data = orjson.dumps(document)
        if row is None:
            sql = "INSERT INTO documents (kind, id, parent, data) VALUES (?, ?, ?, ?)"
            seq = self._db.execute(sql, (kind, identifier, parent, data)).lastrowid
            assert seq is not None  # noqa: S101 - set by INSERT
            self._change_terms(seq, set(), terms_of(kind, parent, document))
            self.deltas.update([(kind, None), (kind, parent)])
            return
        seq, parent, old = row
        self._db.execute("UPDATE documents SET data = ? WHERE seq = ?", (data, seq))
        if kind in FIELDS:
            self._change_terms(seq, terms_of(kind, parent, orjson.loads(old)), terms_of(kind, parent, document))

    def delete(self, kind: str, identifier: str) -> bool:
        """Removes a document; False when it was not there."""
        row = self._row(kind, identifier)
        if row is None:
            return False
        seq, parent, old = row
        self._db.execute("DELETE FROM documents WHERE seq = ?", (seq,))
        if kind in FIELDS:
            self._change_terms(seq, terms_of(kind, parent, orjson.loads(old)), set())
        self.deltas.subtract([(kind, None), (kind, parent)])
        return True

    def delete_children(self, kind: str, parent: str) -> None:
        """Removes all documents of a kind that have a parent."""
        sql = "SELECT id FROM documents WHERE kind = ? AND parent = ?"
        for (identifier,) in self._db.execute(sql, (kind, parent)).fetchall():
            self.delete(kind, identifier)

    def _row(self, kind: str, identifier: str) -> tuple[int, str, bytes] | None:
        sql = "SELECT seq, parent, data FROM documents WHERE kind = ? AND id = ?"
        row: tuple[int, str, bytes] | None = self._db.execute(sql, (kind, identifier)).fetchone()
        return row

    def _change_terms(self, seq: int, old: set[int], new: set[int]) -> None:
        if gone := old - new:
            self._db.executemany("DELETE FROM terms WHERE term = ? AND seq = ?", [(term, seq) for term in gone])
            self.deltas.subtract(gone)
        if added := new - old:
            self._db.executemany("INSERT INTO terms VALUES (?, ?)", [(term, seq) for term in added])
            self.deltas.update(added)

    def all(self, kind: str, *, parent: str | None = None, descending: bool = False) -> Iterator[Document]:
        """The documents of a kind, in the order of creation. They may be changed meanwhile."""
        for _, document in self._scan(kind, parent, descending):
            yield document

    def _scan(self, kind: str, parent: str | None, descending: bool) -> Iterator[tuple[int, Document]]:
        """The documents of a kind with their places; a few at a time, so that no list holds all of them."""
        where, values = _where(kind, parent)
        last, compare, order = (_LAST, "<", "DESC") if descending else (-1, ">", "ASC")
        # The parts are fixed words only.
        sql = f"SELECT seq, data FROM documents WHERE {where} AND seq {compare} ? ORDER BY seq {order} LIMIT {_BATCH}"  # noqa: S608
        while rows := self._db.execute(sql, (*values, last)).fetchall():
            for seq, data in rows:
                yield seq, orjson.loads(data)
            last = rows[-1][0]

    def count(self, kind: str, *, parent: str | None = None) -> int:
        """Number of documents of a kind."""
        where, values = _where(kind, parent)
        sql = f"SELECT COUNT(*) FROM documents WHERE {where}"  # noqa: S608 - fixed words only
        return self._count((kind, parent), sql, values)

    def count_terms(self, terms: Iterable[int]) -> int:
        """Number of documents that have a term; a document must not have several of them."""
        return sum(self._count(term, "SELECT COUNT(*) FROM terms WHERE term = ?", (term,)) for term in terms)

    def _count(self, key: CountKey, sql: str, values: tuple[Any, ...]) -> int:
        """A number that is counted once, and then kept up to date by the changes."""
        delta = self.deltas[key]
        if key in self._counts:
            return self._counts[key] + delta
        found = int(self._db.execute(sql, values).fetchone()[0])
        if found > _BATCH:  # what is counted fast needs no memory
            self._counts[key] = found - delta
        return found

    def page(
        self,
        kind: str,
        *,
        parent: str | None = None,
        terms: Sequence[Sequence[int]] = (),
        where: Callable[[Document], bool] | None = None,
        sort_by: str = "created_at",
        descending: bool = True,
        page: int = 1,
        limit: int = 10,
    ) -> Page:
        """One page of the documents of a kind.

        Args:
            kind: Their kind.
            parent: Their parent; None for any.
            terms: Conditions that the index knows: of each sequence, a document has one of the terms.
            where: A further condition, for which documents have to be read.
            sort_by: A field, or `created_at`, the order in which they were added.
            descending: The last ones first.
            page: Number of the page, from 1.
            limit: Documents on a page.
        """
        offset = min((page - 1) * limit, _LAST - limit)  # a page far beyond the end is just empty
        if where is None and sort_by == "created_at" and len(terms) < 2:
            if terms:
                places, total = self._places(terms[0], descending, offset, limit), self.count_terms(terms[0])
            else:
                places, total = self._range(kind, parent, descending, offset, limit)
            return Page([self._at(seq) for seq in places], total)
        if where is None and sort_by == "created_at":
            satisfying = self._satisfying(terms, descending)
            return Page([self._at(seq) for seq in satisfying[offset : offset + limit]], len(satisfying))
        found: list[tuple[str, int]] = []
        total = 0
        for seq, document in self._candidates(kind, parent, terms, descending):
            if where is not None and not where(document):
                continue
            if sort_by != "created_at":
                found.append((str(document.get(sort_by) or ""), seq))
            elif offset <= total < offset + limit:
                found.append(("", seq))
            total += 1
        if sort_by != "created_at":
            found.sort(key=lambda entry: entry[0], reverse=descending)
            found = found[offset : offset + limit]
        return Page([self._at(seq) for _, seq in found], total)

    def _candidates(
        self, kind: str, parent: str | None, terms: Sequence[Sequence[int]], descending: bool
    ) -> Iterator[tuple[int, Document]]:
        """The documents that satisfy all conditions on terms."""
        if not terms:
            yield from self._scan(kind, parent, descending)
            return
        for seq in self._satisfying(terms, descending):
            yield seq, self._at(seq)

    def _satisfying(self, terms: Sequence[Sequence[int]], descending: bool) -> Sequence[int]:
        """The places of the documents that satisfy all conditions on terms. The one with the fewest finds them."""
        fewest, *others = sorted(terms, key=self.count_terms)
        places = self._places(fewest, descending)
        for alternatives in others:
            if len(places) < _FEW:
                places = [seq for seq in places if any(self._has(term, seq) for term in alternatives)]
            else:
                having = set(self._places(alternatives, descending))
                places = [seq for seq in places if seq in having]
        return places

    def _places(
        self, terms: Sequence[int], descending: bool, offset: int = 0, limit: int | None = None
    ) -> Sequence[int]:
        """The places of the documents that have one of the terms, or of a page of them."""
        order = "DESC" if descending else "ASC"
        end = -1 if limit is None else offset + limit
        sql = f"SELECT seq FROM terms WHERE term = ? ORDER BY seq {order} LIMIT ? OFFSET ?"  # noqa: S608 - fixed words
        if len(terms) == 1:
            rows = self._db.execute(sql, (terms[0], -1 if limit is None else limit, offset)).fetchall()
            return [row[0] for row in rows]
        each = [[row[0] for row in self._db.execute(sql, (term, end, 0))] for term in terms]
        return list(heapq.merge(*each, reverse=descending))[offset : None if limit is None else end]

    def _range(
        self, kind: str, parent: str | None, descending: bool, offset: int, limit: int
    ) -> tuple[Sequence[int], int]:
        """The places of one page of all documents, and the number of all."""
        total = self.count(kind, parent=parent)
        condition, values = _where(kind, parent)
        first, length = offset, min(limit, max(0, total - offset))
        from_the_end = first > total // 2  # SQLite steps over every row before the page: begin at the nearer end
        if from_the_end:
            first = total - offset - length
        order = "DESC" if descending != from_the_end else "ASC"
        sql = f"SELECT seq FROM documents WHERE {condition} ORDER BY seq {order} LIMIT ? OFFSET ?"  # noqa: S608
        places = [row[0] for row in self._db.execute(sql, (*values, length, max(0, first))).fetchall()]
        return places[::-1] if from_the_end else places, total

    def _has(self, term: int, seq: int) -> bool:
        sql = "SELECT 1 FROM terms WHERE term = ? AND seq = ?"
        return self._db.execute(sql, (term, seq)).fetchone() is not None

    def _at(self, seq: int) -> Document:
        document: Document = orjson.loads(
            self._db.execute("SELECT data FROM documents WHERE seq = ?", (seq,)).fetchone()[0]
        )
        return document

    def schedule(self, kind: str, target: str, step: str, delay: float) -> None:
        """Makes a step of a state machine due after some seconds."""
        job = Job(clock.new_id(), kind, target, step, clock.time() + delay)
        values = (job.id, job.kind, job.target, job.step, job.due)
        self._db.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, ?)", values)
        self.jobs.append(job)

    def finish(self, job: Job) -> None:
        """Removes a job that is done."""
        self.finished.append(job.id)
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
            content = content_of(identifier)
            others = self._db.execute("SELECT id FROM blobs WHERE id >= ? AND id < ?", _beginning_with(content))
            if all(content_of(other) != content for (other,) in others):
                self.delete(INDEX_KIND, content)


def _beginning_with(content: str) -> tuple[str, str]:
    """The range of the identifiers of files that may have a content."""
    digits = content.partition(".")[0]
    return digits, digits + "g"  # after every hexadecimal digit


def _where(kind: str, parent: str | None) -> tuple[str, tuple[str, ...]]:
    return ("kind = ?", (kind,)) if parent is None else ("kind = ? AND parent = ?", (kind, parent))


def _no_jobs(jobs: list[Job], finished: list[str]) -> None:
    """What is done with jobs while no scheduler runs: they stay in the state."""


class Store:
    """The state folder of an emulator."""

    def __init__(self, folder: Path, timer: clock.Clock | None = None) -> None:
        self.folder = folder
        self._clock = timer or clock.Clock()
        self.blobs: Path = folder / "blobs"
        self.temporary: Path = folder / "tmp"
        self.chunks: Path = folder / "chunks"
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="emulator-store")
        self._db: sqlite3.Connection | None = None
        self._waiting: deque[tuple[Callable[[Transaction], Any], asyncio.Future[Any]]] = deque()
        self._busy = False
        self._closed = False
        self._counts: dict[CountKey, int] = {}
        self._contents: dict[str, str] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.on_jobs: Callable[[list[Job], list[str]], None] = _no_jobs
        self.secret: bytes = b""

    async def open(self) -> None:
        """Opens the state, making it when it is new, and removes what a killed process left incomplete."""
        self._loop = asyncio.get_running_loop()
        await self._loop.run_in_executor(self._worker, self._open)

    def _open(self) -> None:
        clock.use(self._clock)  # in the worker thread, for all transactions
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
        self._index_again(database)
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

    def _index_again(self, database: sqlite3.Connection) -> None:
        """Makes the terms of a state folder that an older version has written."""
        if database.execute("PRAGMA user_version").fetchone()[0] == VERSION:
            return
        database.execute("BEGIN IMMEDIATE")
        database.execute("DELETE FROM terms")
        for seq, kind, parent, data in database.execute("SELECT seq, kind, parent, data FROM documents"):
            rows = [(term, seq) for term in terms_of(kind, parent, orjson.loads(data))] if kind in FIELDS else []
            database.executemany("INSERT INTO terms VALUES (?, ?)", rows)
        database.execute(f"PRAGMA user_version = {VERSION}")
        database.execute("COMMIT")

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
        """Waits for the transactions that were begun and closes the state."""
        if self._loop is not None:
            if self._db is not None:
                await self.run(lambda tx: None)
            self._closed = True
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
        if self._closed:
            raise RuntimeError("The state is closed")
        result: asyncio.Future[T] = self._loop.create_future()
        self._waiting.append((change, result))
        if not self._busy:
            self._busy = True
            self._worker.submit(self._run_waiting)
        return await result

    def _run_waiting(self) -> None:
        """Runs the transactions that wait, and stores them together: storing takes longer than most of them."""
        assert self._db is not None  # noqa: S101 - it is closed after the last transaction
        assert self._loop is not None  # noqa: S101 - set by `open`
        taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), _TOGETHER))]
        transactions: list[Transaction] = []
        outcomes: list[tuple[Any, Exception | None]]
        try:
            self._db.execute("BEGIN IMMEDIATE")
            outcomes = [self._run_one(change, transactions) for change, _ in taken]
            self._db.execute("COMMIT")
        except Exception as error:
            # Such as a full disk: nothing was stored, and everyone who waits must know.
            outcomes = [(None, error)] * len(taken)
            transactions.clear()
            self._counts.clear()
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        for transaction in transactions:
            for blob in transaction.dropped_blobs:
                with contextlib.suppress(OSError):  # it is removed at the next start
                    self.blob(blob).unlink(missing_ok=True)
        results = [result for _, result in taken]
        self._loop.call_soon_threadsafe(self._deliver, results, outcomes, transactions)

    def _run_one(
        self, change: Callable[[Transaction], T], done: list[Transaction]
    ) -> tuple[T | None, Exception | None]:
        """Runs one transaction within the current one; what it did is undone if it fails."""
        assert self._db is not None  # noqa: S101 - checked by the caller
        transaction = Transaction(self._db, self._counts)
        self._db.execute("SAVEPOINT one")
        try:
            result = change(transaction)
        except Exception as error:
            if not self._db.in_transaction:
                raise  # SQLite has undone everything, as it does when the disk is full
            self._db.execute("ROLLBACK TO one")
            self._db.execute("RELEASE one")
            return None, error
        self._db.execute("RELEASE one")
        for key, delta in transaction.deltas.items():
            if key in self._counts:
                self._counts[key] += delta
        done.append(transaction)
        return result, None

    def _deliver(
        self,
        results: Sequence[asyncio.Future[Any]],
        outcomes: Sequence[tuple[Any, Exception | None]],
        transactions: Sequence[Transaction],
    ) -> None:
        """Hands over what transactions returned, in the event loop, and goes on with those that wait."""
        jobs = [job for transaction in transactions for job in transaction.jobs]
        finished = [identifier for transaction in transactions for identifier in transaction.finished]
        if jobs or finished:
            self.on_jobs(jobs, finished)
        for result, (value, error) in zip(results, outcomes, strict=True):
            if result.done():
                continue  # whoever waited was cancelled
            if error is not None:
                result.set_exception(error)
            else:
                result.set_result(value)
        self._busy = bool(self._waiting)
        if self._busy:
            self._worker.submit(self._run_waiting)

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
        return self.temporary / (clock.new_id() + (suffix if _SUFFIX.fullmatch(suffix) else ""))

    def adopt(self, path: Path) -> str:
        """Moves a written file into the state and returns its identifier; blocking.

        It stays only if a transaction then counts its use. Files of the same bytes share their place on the disk.
        """
        found = fingerprint(path)
        identifier = found + clock.new_id() + path.suffix
        target = self.blob(identifier)
        known = self._contents.get(found + path.suffix)
        with contextlib.suppress(OSError):  # it was removed, or has as many links as the file system allows
            if known is not None:
                target.hardlink_to(self.blob(known))
                path.unlink()
                return identifier
        os.replace(path, target)  # noqa: PTH105 - atomic on every platform
        self._contents[found + path.suffix] = identifier
        while len(self._contents) > _CONTENTS:
            self._contents.pop(next(iter(self._contents)), None)
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


def content_of(blob: str) -> str:
    """What identifies the content of a file of the state; several files may have the same."""
    stem, dot, suffix = blob.partition(".")
    if len(stem) <= _ID:
        return blob  # written by an older version
    return stem[:CONTENT] + dot + suffix


def merge(document: Document, changes: Document) -> None:
    """Writes fields into a document and its time of change; a field set to None is removed."""
    for name, value in changes.items():
        if value is None:
            document.pop(name, None)
        else:
            document[name] = value
    document["updated_at"] = clock.now()
