"""The folder of Parquet files that holds the outcomes of an ingestion on Ray, and is its checkpoint.

A file is written under another name and renamed, so that it is complete or not there. Where several files hold a row
of one key, the last counts, and the others are removed at the end of the run.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import attrs

from .._config.hooks import logger
from .._extras import needs
from .._safe_repr import SafeRepr
from ..errors import JournalError
from .lock import FileLock
from .lookup import SETTLE
from .ray_driver import FLUSH, State
from .ray_protocol import LEASE
from .values import STAGES, IngestOutcome

SMALL: Final = 32
"""Files that are written before they become one."""

_NAME: Final = re.compile(r"outcomes-(\d{8})\.parquet")

_TARGET: Final = "_target.json"

_LEASE: Final = "_lease"

_ALWAYS: Final = frozenset({"key", "source", "status", "adopted", "retryable", "attempts", "timings"})
"""Columns that have a value in each row."""

_STATE_COLUMNS: Final = ["key", "status", "retryable"]


@functools.cache
def _arrow() -> Any:
    """pyarrow, which comes with Ray."""
    with needs("ingest.ray"):
        import pyarrow as pa  # pyright: ignore[reportMissingImports]
        import pyarrow.parquet  # pyright: ignore[reportMissingImports]
    return pa


@functools.cache
def _schema() -> Any:
    """The columns: the attributes of `IngestOutcome`."""
    pa = _arrow()
    types = {
        **dict.fromkeys((field.name for field in attrs.fields(IngestOutcome)), pa.string()),
        "adopted": pa.bool_(),
        "retryable": pa.bool_(),
        "attempts": pa.int32(),
        "timings": pa.struct([pa.field(stage, pa.float64()) for stage in STAGES]),
    }
    return pa.schema([pa.field(name, kind, nullable=name not in _ALWAYS) for name, kind in types.items()])


class OutputFolder(SafeRepr):
    """The folder. All methods block.

    Args:
        path: The folder; it is made if it does not exist.
        target: Where the sources go. A folder belongs to one target.

    Raises:
        JournalError: Another process uses it, it belongs to another target, or it cannot be read or written.
    """

    def __init__(self, path: str | os.PathLike[str], target: dict[str, str | None]) -> None:
        self.path: Path = Path(path).absolute()
        self._rows: dict[bytes, tuple[State, int]] = {}
        self._stale: set[int] = set()
        self._small: list[int] = []
        self._added: dict[str, IngestOutcome] = {}
        self._writing = threading.Lock()
        with _clear_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self.path / "_output", "output")
            try:
                self._check_target({name: value for name, value in target.items() if value is not None})
                for left in self.path.glob(".outcomes-*"):
                    left.unlink()
                self._last = self._scan()
                if not self._last:
                    self._write(0, [])  # a folder without a file could not be read as a table
                self._compact()
                self._stale.add(0)
            except BaseException:
                self._lock.release()
                raise

    def wait_for_lease(self) -> None:
        """Wait until no worker of a driver that was killed can be alive."""
        with contextlib.suppress(FileNotFoundError):
            ends = (self.path / _LEASE).stat().st_mtime + FLUSH + LEASE + SETTLE
            left = min(ends - time.time(), FLUSH + LEASE + SETTLE)
            if left > 0:
                logger.warning("the last run was killed: waiting %.0f s until its workers have ended", left)
                time.sleep(left)

    def state(self, key: str) -> State | None:
        """How a source ended."""
        row = self._rows.get(_digest(key))
        return None if row is None else row[0]

    def counts(self) -> dict[str, int]:
        """How many sources are done and failed, and how many of the failures may pass."""
        return _counts(self._rows)

    def add(self, outcome: IngestOutcome) -> None:
        """Keep an outcome; `flush` writes it."""
        self._added[outcome.key] = outcome

    def discard(self, key: str) -> None:
        """Remove an outcome."""
        row = self._rows.pop(_digest(key), None)
        if row is not None:
            self._stale.add(row[1])

    def flush(self) -> None:
        """Write what was added into a file of its own; many of them become one."""
        with self._writing:  # a call that was cancelled goes on in its thread
            self._flush()

    def _flush(self) -> None:
        added, self._added = self._added, {}
        if not added:
            return
        try:
            with _clear_errors(self.path):
                self._last += 1
                self._write(self._last, [_row(outcome) for outcome in added.values()])
        except BaseException:
            self._added = {**added, **self._added}
            raise
        for outcome in added.values():
            self.discard(outcome.key)
            self._rows[_digest(outcome.key)] = _state(outcome.status, outcome.retryable), self._last
        self._small.append(self._last)
        if len(self._small) >= SMALL:
            with _clear_errors(self.path):
                self._merge()

    def renew_lease(self) -> None:
        """Write down that workers are alive."""
        with _clear_errors(self.path):
            (self.path / _LEASE).touch()

    def end_lease(self) -> None:
        """Write down that all workers have ended."""
        (self.path / _LEASE).unlink(missing_ok=True)

    def close(self) -> None:
        """Write what was added, and remove what no longer counts."""
        try:
            self.flush()
            with _clear_errors(self.path):
                self._merge()
                self._compact()
        finally:
            self._lock.release()

    def files(self) -> list[str]:
        """The files, in order."""
        return [str(self._file(number)) for number in _numbers(self.path)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_target(self, target: dict[str, str]) -> None:
        path = self.path / _TARGET
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            part = path.with_name(".outcomes-target")
            part.write_text(json.dumps(target), encoding="utf-8")
            part.replace(path)
        except ValueError:
            raise JournalError(f"{path} is damaged: choose another output.", path=str(path)) from None
        else:
            if found != target:
                shown = ", ".join(f"{name} {value}" for name, value in found.items())
                raise JournalError(
                    f"The output {self.path} belongs to another target: {shown}. Choose another output.",
                    path=str(self.path),
                )

    def _scan(self) -> int:
        """Read which sources have an outcome; the number of the last file."""
        last = 0
        for last in _numbers(self.path):
            states = _states(self._file(last))
            if not states:
                self._stale.add(last)
            for digest, state in states:
                if digest in self._rows:
                    self._stale.add(self._rows[digest][1])
                self._rows[digest] = state, last
        return last

    def _merge(self) -> None:
        """Make one file of the small ones.

        It takes the place of the last of them, so that it counts before the others are removed.
        """
        if len(self._small) > 1:
            rows = [row for number in self._small for row in self._current_rows(number)]
            *others, last = self._small
            self._write(last, rows)
            self._rows.update({_digest(row["key"]): (_state(row["status"], row["retryable"]), last) for row in rows})
            for number in others:
                self._file(number).unlink()
            self._stale.difference_update(self._small)
        self._small = []

    def _compact(self) -> None:
        """Remove the rows that no longer count."""
        for number in sorted(self._stale):
            if not self._file(number).exists():
                continue
            rows = self._current_rows(number)
            if rows or number == self._last:
                self._write(number, rows)
            else:
                self._file(number).unlink()
        self._stale.clear()

    def _current_rows(self, number: int) -> list[dict[str, Any]]:
        table = _arrow().parquet.read_table(self._file(number), schema=_schema())
        rows: list[dict[str, Any]] = table.to_pylist()
        return [row for row in rows if self._rows.get(_digest(row["key"]), ("", -1))[1] == number]

    def _write(self, number: int, rows: list[dict[str, Any]]) -> None:
        path, pa = self._file(number), _arrow()
        part = path.with_name(f".{path.name}.part")
        with part.open("wb") as file:
            pa.parquet.write_table(pa.Table.from_pylist(rows, schema=_schema()), file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)

    def _file(self, number: int) -> Path:
        return self.path / f"outcomes-{number:08}.parquet"


def count_outcomes(output: str | os.PathLike[str]) -> dict[str, int]:
    """Count the outcomes in the folder that `on_ray` writes. That is possible while it writes.

    Args:
        output: The folder.

    Returns:
        `done`, `failed`, and `failed_retryable`: how many of the failures are temporary.

    Raises:
        JournalError: It is not an output folder, or cannot be read.
    """
    path = Path(output)
    rows: dict[bytes, tuple[State, int]] = {}
    with _clear_errors(path):
        if not (path / _TARGET).is_file():
            raise JournalError(f"{path} is not an output of on_ray.", path=str(path))
        for number in _numbers(path):
            with contextlib.suppress(FileNotFoundError):  # it became part of a later one in the meantime
                file = path / f"outcomes-{number:08}.parquet"
                rows.update({digest: (state, number) for digest, state in _states(file, keep=True)})
    return _counts(rows)


def _counts(rows: dict[bytes, tuple[State, int]]) -> dict[str, int]:
    states = Counter(state for state, _ in rows.values())
    failed = states["failed"] + states["retryable"]
    return {"done": states["done"], "failed": failed, "failed_retryable": states["retryable"]}


def _numbers(path: Path) -> list[int]:
    return sorted(int(match[1]) for file in path.iterdir() if (match := _NAME.fullmatch(file.name)))


def _states(path: Path, *, keep: bool = False) -> list[tuple[bytes, State]]:
    """The keys and states in a file. One that is damaged is set aside: its sources are looked up at the platform."""
    pa = _arrow()
    try:
        columns = pa.parquet.read_table(path, columns=_STATE_COLUMNS).to_pydict()
        rows = zip(*(columns[name] for name in _STATE_COLUMNS), strict=True)
        return [(_digest(key), _state(status, retryable)) for key, status, retryable in rows]
    except (pa.ArrowInvalid, OSError, KeyError, AttributeError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the file is not damaged: it cannot be read
        if not keep:
            logger.warning("%s cannot be read, and is set aside: %s", path, error)
            path.replace(path.with_name(f"_damaged-{path.name}"))
        return []


def _state(status: str, retryable: bool) -> State:
    return "done" if status == "done" else "retryable" if retryable else "failed"


def _row(outcome: IngestOutcome) -> dict[str, Any]:
    return {name: _encodable(value) for name, value in outcome.to_dict().items()}


def _encodable(value: Any) -> Any:
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode(), digest_size=16).digest()


@contextlib.contextmanager
def _clear_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JournalError(
            f"The output {path} cannot be used: {error.strerror or error}. Choose a folder on a disk that this process "
            "can write to, or free space.",
            path=str(path),
        ) from error
