"""The journal of a batch ingestion: what is intended, what was made, and how each source ended."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

import attrs

from .._safe_repr import SafeRepr
from ..errors import JournalError
from .journal_file import JournalFile
from .journal_thread import JournalThread
from .values import IngestItem, IngestOutcome, MetadataValue, SourceProblem, Stage, display_source

T = TypeVar("T")

State = Literal["pending", "done", "failed"]

PAGE: Final = 200
"""Records that are read or registered in one go: memory does not grow with the journal."""

_IDS: Final = frozenset({"asset_id", "upload_id", "indexed_asset_id", "item_id"})
"""Recording one of these settles the intention: its result is known."""

_VALUES: Final = _IDS | {"stage", "intent", "upload_reported", "upload_state", "attempts"}
"""What may be recorded."""


@attrs.frozen(kw_only=True)
class Record(SafeRepr):
    """What the journal knows about a source.

    Attributes:
        key: The key.
        source: The source as text.
        filename: Name at the platform.
        size: Bytes; None for URLs.
        modified_ns: When the file was modified, in nanoseconds since 1970.
        metadata: `user_metadata` without the key.
        place: Where the source was found.
        state: `pending`, `done` or `failed`.
        stage: The stage it reached, or failed in.
        intent: What was about to be made when this was written, and whose result is not recorded: in doubt. None if
            nothing is in doubt.
        intended_at: When the latest intention was written, in seconds since 1970.
        asset_id: The asset.
        upload_id: The upload session, where it is uploaded in chunks.
        upload_reported: Chunks that were reported to the platform.
        upload_state: What a resumed upload needs, as text.
        indexed_asset_id: The indexed asset.
        item_id: The item of a knowledge store.
        attempts: How often it was tried.
        error: Class name of the error.
        message: Message of the error.
        retryable: Whether trying again makes sense.
        made_at: When it was registered first, in seconds since 1970.
        duplicate: The key was registered or handed out before in this run: somebody else has it already.
        path: The absolute path; None for other sources.
        url: The URL; None for other sources.
    """

    key: str
    source: str
    filename: str
    size: int | None
    modified_ns: int | None
    metadata: Mapping[str, MetadataValue]
    place: str
    state: State
    stage: Stage | None
    intent: str | None
    intended_at: float | None
    asset_id: str | None
    upload_id: str | None
    upload_reported: int | None
    upload_state: str | None
    indexed_asset_id: str | None
    item_id: str | None
    attempts: int
    error: str | None
    message: str | None
    retryable: bool
    made_at: float
    duplicate: bool = False
    path: Path | None = None
    url: str | None = None

    def item(self) -> IngestItem | None:
        """The source again; None where it cannot be had again: `(name, file)`, and sources that have a problem."""
        source = self.path or self.url
        if source is None:
            return None
        return IngestItem(
            source=source,
            key=self.key,
            filename=self.filename,
            metadata=self.metadata,
            size=self.size,
            modified_ns=self.modified_ns,
            place=self.place,
        )


class Journal:
    """An open journal.

        async with await Journal.open("run.sqlite", target={"index_id": index_id}) as journal:
            [record] = await journal.register([item])
            await journal.intend(record.key, "asset")
            await journal.record(record.key, asset_id=asset.id)
            await journal.finish(record.key, outcome)

    When a method returns, its write is in the file and survives a kill of the process. A power failure can lose the
    latest writes; the run then finds the sources on the platform by their keys. When a call is cancelled, its write is
    still executed. After a failure, such as a full disk, every further call fails, and nothing more is written.

    Everything runs in a separate thread, and concurrent calls share a transaction. A journal may
    be used from several event loops.

    Attributes:
        path: The file; None for a temporary one.
        target: The target that it was created for.
    """

    def __init__(self, thread: JournalThread, file: JournalFile, *, read_only: bool) -> None:
        self._thread = thread
        self._read_only = read_only
        self.path: Path | None = file.path
        self.target: Mapping[str, str] = file.target

    @classmethod
    async def open(
        cls,
        path: str | os.PathLike[str] | None,
        *,
        target: Mapping[str, str | None] | None = None,
        read_only: bool = False,
    ) -> Self:
        """Open a journal, or create a new one.

        Args:
            path: The file; created if it does not exist. None: a temporary one, which is deleted when it is closed.
            target: Where the sources go: `origin`, `index_id`, `knowledge_store_id`. Values that are None are left
                out. A journal belongs to one target. None: not checked.
            read_only: Only read it. That is possible while another process writes to it.

        Raises:
            JournalError: Another process uses it, it belongs to another target or was written by a later release, it is
                no journal, is damaged, or cannot be written. Nothing in it was changed.
        """
        if path is None and read_only:
            raise ValueError("path: a temporary journal cannot be read-only")
        thread = JournalThread(partial(JournalFile, path, target, read_only=read_only))
        try:
            file = await thread.call(lambda file: file)
        except asyncio.CancelledError:
            thread.stop()  # the file is closed as soon as it is open
            raise
        except BaseException:
            await thread.close()
            raise
        return cls(thread, file, read_only=read_only)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Carry out what was called before, and close the file. Closing twice is allowed."""
        await self._thread.close()

    async def register(self, items: Sequence[IngestItem]) -> list[Record]:
        """Add the sources that are not there yet.

        A source that is there keeps its state; its path, file name and metadata are updated. An item with a `problem`
        is recorded as failed with that outcome, unless something of it is at the platform already. A problem that was
        recorded for the same place is removed once an item without one comes from there.

        Returns:
            A record for each item, in the same order. `duplicate` marks the keys that were there before in this run.
        """
        records: list[Record] = []
        for start in range(0, len(items), PAGE):
            records += await self._write(partial(_register, items=items[start : start + PAGE]))
        return records

    async def get(self, key: str) -> Record | None:
        """The record of a key, if there is one."""
        return await self._read(partial(_find, key=key))

    async def intend(self, key: str, what: str, **values: str | int | None) -> None:
        """Write down that something is about to be made, before the call that makes it.

        A source that had failed is pending again.

        Args:
            key: The key.
            what: What is about to be made, such as `asset`.
            values: Further values, as in `record`.

        Raises:
            LookupError: The key is not registered.
        """
        columns = {**_checked(values), "intent": what, "intended_at": time.time(), "state": "pending"}
        await self._write(partial(_update, key=key, columns=columns), is_statement=True)

    async def record(self, key: str, **values: str | int | None) -> None:
        """Write down what is known now.

        Args:
            key: The key.
            values: `stage`, `asset_id`, `upload_id`, `upload_reported`, `upload_state`, `indexed_asset_id`, `item_id`,
                `attempts`, `intent`. An id settles the intention, unless `intent` says otherwise.

        Raises:
            LookupError: The key is not registered.
        """
        columns: dict[str, Any] = _checked(values)
        if "intent" not in columns and any(columns.get(name) is not None for name in _IDS):
            columns["intent"] = None
        if columns:
            await self._write(partial(_update, key=key, columns=columns), is_statement=True)

    async def finish(self, key: str, outcome: IngestOutcome) -> None:
        """Write down how a source ended. An id that the outcome lacks is kept; so is, after a failure, the intention.

        Raises:
            LookupError: The key is not registered.
        """
        await self._write(partial(_finish, key=key, outcome=outcome), is_statement=True)

    async def flush(self) -> None:
        """Wait until everything that was called before is in the file."""
        await self._read(lambda _: None)

    async def pending(self, *, retry_failed: bool = False) -> AsyncGenerator[Record]:
        """The records to take up: pending ones, and those that failed in a way that may pass.

        Only sources that can be had again, paths and URLs, and none that this run has registered or handed out before:
        nothing is done twice, whether the sources are read before or after. Read the sources first: then a file that
        was changed after an earlier run is taken as it is now.

        Args:
            retry_failed: Also those that failed for good. Problems of sources that this run has not come across, such
                as unreadable folders, are removed: reading the sources again reports them again.
        """
        if retry_failed:
            await self._write(_forget_problems)
        after = 0
        while rows := await self._write(partial(_take, after=after, retry_failed=retry_failed)):
            for after, record in rows:  # noqa: B007 - the last one is where the next page begins
                yield record

    async def counts(self) -> dict[str, int]:
        """How many records are `done`, `failed`, `pending`; `failed_retryable` of the failed; and the `total`."""
        return await self._read(_count)

    async def made(self) -> int:
        """Of how many records something may be at the platform."""
        return await self._read(_count_made)

    async def outcomes(self, status: Literal["done", "failed"] | None = None) -> AsyncIterator[IngestOutcome]:
        """The outcomes, in the order in which their sources were registered.

        Args:
            status: Only these.
        """
        after = 0
        while rows := await self._read(partial(_outcomes, after=after, status=status)):
            for after, outcome in rows:  # noqa: B007 - the last one is where the next page begins
                yield outcome

    async def _read(self, function: Callable[[JournalFile], T]) -> T:
        return await self._thread.call(function, is_statement=True)

    async def _write(self, function: Callable[[JournalFile], T], *, is_statement: bool = False) -> T:
        if self._read_only:
            raise JournalError(f"The journal {self.path} was opened for reading only.", path=str(self.path))
        return await self._thread.call(function, is_statement=is_statement)


_COLUMNS: Final = (
    "key", "source", "filename", "size", "modified_ns", "metadata", "place", "state", "stage", "intent", "intended_at",
    "asset_id", "upload_id", "upload_reported", "upload_state", "indexed_asset_id", "item_id", "attempts", "error",
    "message", "retryable", "made_at", "kind",
)  # fmt: skip
_NEW: Final[Mapping[str, Any]] = {
    "state": "pending", "stage": None, "intent": None, "intended_at": None, "asset_id": None, "upload_id": None,
    "upload_reported": None, "upload_state": None, "indexed_asset_id": None, "item_id": None, "attempts": 0,
    "error": None, "message": None, "retryable": False,
}  # fmt: skip
"""What the schema says of a record that was just inserted."""

_SELECT: Final = f"SELECT {', '.join(_COLUMNS)}, id FROM items"  # noqa: S608 - names from above

_NOTHING_MADE: Final = "intent IS NULL AND coalesce(asset_id, upload_id, indexed_asset_id, item_id) IS NULL"
"""Nothing of the source can be at the platform."""

_PROBLEM_IS_OVER: Final = f"kind = 'problem' AND state = 'failed' AND {_NOTHING_MADE}"

_REGISTER: Final = f"""
    INSERT INTO items (key, run, kind, source, place, filename, size, modified_ns, metadata, made_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET
        state = CASE WHEN {_PROBLEM_IS_OVER} THEN 'pending' ELSE state END,
        outcome = CASE WHEN {_PROBLEM_IS_OVER} THEN NULL ELSE outcome END,
        run = excluded.run, kind = excluded.kind, source = excluded.source, place = excluded.place,
        filename = excluded.filename, size = excluded.size, modified_ns = excluded.modified_ns,
        metadata = excluded.metadata
    WHERE run <> excluded.run
"""  # noqa: S608
_REGISTER_PROBLEM: Final = """
    INSERT INTO items (key, run, kind, source, place, filename, metadata, made_at)
    VALUES (?, ?, 'problem', ?, ?, ?, '{}', ?)
    ON CONFLICT (key) DO UPDATE SET run = excluded.run WHERE run <> excluded.run
"""
_FAIL: Final = f"""
    UPDATE items SET kind = 'problem', state = 'failed', stage = 'source', error = ?, message = ?, retryable = ?,
        outcome = ?
    WHERE key = ? AND state <> 'done' AND {_NOTHING_MADE}
"""  # noqa: S608
# A file that was changed, or could not be read, has another key now. With keys of their own, sources may share a place.
_SUPERSEDE: Final = f"""
    DELETE FROM items WHERE place = ?1 AND key <> ?2 AND state = 'failed' AND {_NOTHING_MADE} AND (
        stage = 'source'
        OR kind = 'path' AND substr(key, 1, length(?1) + 1) = ?1 || '|' AND substr(?2, 1, length(?1) + 1) = ?1 || '|'
    )
"""  # noqa: S608


def _register(file: JournalFile, items: Sequence[IngestItem]) -> list[Record]:
    # One statement for a source that the journal has not seen: the event loop may have to wait after each of them.
    query = "SELECT EXISTS (SELECT 1 FROM items WHERE state = 'failed'), last_insert_rowid()"
    has_failures, latest = file.connection.execute(query).fetchone()
    now = time.time()
    records: list[Record] = []
    for item in items:
        if item.problem is not None:
            has_failures = True
            cursor = _register_problem(file, item, item.problem, now)
        else:
            cursor = _register_source(file, item, now)
            if cursor.rowcount and has_failures and item.place:
                file.connection.execute(_SUPERSEDE, (item.place, item.key))
        is_inserted = cursor.lastrowid != latest and item.problem is None
        latest = cursor.lastrowid
        record = _new_record(item, now) if is_inserted else _find(file, item.key)
        assert record is not None  # noqa: S101 - for type checkers: it was just written
        records.append(record if cursor.rowcount else attrs.evolve(record, duplicate=True))
    return records


def _register_problem(file: JournalFile, item: IngestItem, problem: SourceProblem, now: float) -> sqlite3.Cursor:
    execute = file.connection.execute
    values = item.key, file.run, display_source(item.source), item.place, item.filename, now
    cursor = execute(_REGISTER_PROBLEM, values)
    if cursor.rowcount:
        outcome = json.dumps(IngestOutcome.of_problem(item).to_dict())
        execute(_FAIL, (problem.error, problem.message, problem.retryable, outcome, item.key))
    return cursor


def _register_source(file: JournalFile, item: IngestItem, now: float) -> sqlite3.Cursor:
    kind, source = "object", display_source(item.source)
    if item.url is not None:
        kind = "url"
    elif item.path is not None:
        kind, source = "path", _stored_path(item.path)
    values = (
        item.key, file.run, kind, source, item.place, item.filename, item.size, item.modified_ns,
        json.dumps(dict(item.metadata)), now,
    )  # fmt: skip
    return file.connection.execute(_REGISTER, values)


def _new_record(item: IngestItem, now: float) -> Record:
    """The record of a source that the journal had not seen, without reading it."""
    path = None if item.path is None else Path(os.path.abspath(item.path))  # noqa: PTH100 - as in `_stored_path`
    return Record(
        key=item.key,
        source=display_source(path or item.source),
        filename=item.filename,
        size=item.size,
        modified_ns=item.modified_ns,
        metadata=item.metadata,
        place=item.place,
        made_at=now,
        path=path,
        url=item.url,
        **_NEW,
    )


def _stored_path(path: Path) -> Any:
    """An absolute path: text, or bytes where it is not valid Unicode."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - Path.absolute keeps `..`
    try:
        absolute.encode()
    except UnicodeEncodeError:
        return os.fsencode(absolute)
    return absolute


def _find(file: JournalFile, key: str) -> Record | None:
    row = file.connection.execute(f"{_SELECT} WHERE key = ?", (key,)).fetchone()
    return None if row is None else _record(row)


def _record(row: Sequence[Any]) -> Record:
    values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=False))
    kind, source = values.pop("kind"), values["source"]
    path = Path(os.fsdecode(source)) if kind == "path" else None
    return Record(
        **{
            **values,
            "source": display_source(path or source),
            "metadata": json.loads(values["metadata"]),
            "retryable": bool(values["retryable"]),
        },
        path=path,
        url=source if kind == "url" else None,
    )


def _checked(values: Mapping[str, str | int | None]) -> dict[str, Any]:
    if unknown := values.keys() - _VALUES:
        raise ValueError(
            f"a journal does not record {', '.join(sorted(unknown))}; it records {', '.join(sorted(_VALUES))}"
        )
    return dict(values)


def _update(file: JournalFile, key: str, columns: Mapping[str, Any]) -> None:
    # The names are from _VALUES, or from this module.
    assignments = ", ".join(f"{name} = ?" for name in columns)
    query = f"UPDATE items SET {assignments} WHERE key = ?"  # noqa: S608
    if not file.connection.execute(query, (*columns.values(), key)).rowcount:
        raise LookupError(f"the key {key!r} is not registered in the journal")


def _finish(file: JournalFile, key: str, outcome: IngestOutcome) -> None:
    columns: dict[str, Any] = {
        "state": outcome.status,
        "stage": outcome.stage,
        "error": outcome.error,
        "message": outcome.message,
        "retryable": outcome.retryable,
        "attempts": outcome.attempts,
        "outcome": json.dumps(outcome.to_dict()),
    }
    ids = {"asset_id": outcome.asset_id, "indexed_asset_id": outcome.indexed_asset_id, "item_id": outcome.item_id}
    columns |= {name: value for name, value in ids.items() if value is not None}
    if outcome.ok:
        columns["intent"] = None
    _update(file, key, columns)


def _forget_problems(file: JournalFile) -> None:
    file.connection.execute(
        f"DELETE FROM items WHERE kind = 'problem' AND state = 'failed' AND run <> ? AND {_NOTHING_MADE}",  # noqa: S608
        (file.run,),
    )


def _take(file: JournalFile, after: int, *, retry_failed: bool) -> list[tuple[int, Record]]:
    execute = file.connection.execute
    rows = execute(
        f"{_SELECT} WHERE id > ? AND run <> ? AND kind IN ('path', 'url') "
        "AND (state = 'pending' OR state = 'failed' AND (retryable OR ?)) ORDER BY id LIMIT ?",
        (after, file.run, retry_failed, PAGE),
    ).fetchall()
    for row in rows:
        execute("UPDATE items SET run = ? WHERE id = ?", (file.run, row[-1]))
    return [(row[-1], _record(row)) for row in rows]


def _count(file: JournalFile) -> dict[str, int]:
    counts: dict[str, int] = dict.fromkeys(("done", "failed", "failed_retryable", "pending", "total"), 0)
    query = "SELECT state, retryable, count(*) FROM items GROUP BY state, retryable"
    for state, retryable, number in file.connection.execute(query):
        counts[state] += number
        counts["total"] += number
        if state == "failed" and retryable:
            counts["failed_retryable"] += number
    return counts


def _count_made(file: JournalFile) -> int:
    query = f"SELECT count(*) FROM items WHERE NOT ({_NOTHING_MADE})"  # noqa: S608 - from above
    (number,) = file.connection.execute(query).fetchone()
    return int(number)


def _outcomes(file: JournalFile, after: int, status: str | None) -> list[tuple[int, IngestOutcome]]:
    rows = file.connection.execute(
        "SELECT id, outcome FROM items WHERE id > ? AND state IN ('done', 'failed') AND (? IS NULL OR state = ?) "
        "ORDER BY id LIMIT ?",
        (after, status, status, PAGE),
    )
    return [(number, IngestOutcome.from_dict(json.loads(text))) for number, text in rows]
