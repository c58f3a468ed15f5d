"""The thread that owns the database of a journal. What waits for it is written in one transaction."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import copy
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import Any, Final, TypeVar

import attrs

from .._safe_repr import SafeRepr
from ..errors import JournalError
from .journal_file import JournalFile

T = TypeVar("T")

MAX_BATCH: Final = 500
"""Calls in one transaction."""

MAX_WOKEN: Final = 8
"""Calls that return in one turn of the event loop: most callers send a request next, and all at once would block it."""

_OF_THE_FILE: Final = (JournalError, sqlite3.OperationalError, sqlite3.InternalError)
"""Errors that say something about the file. Others concern the values of one call."""


@attrs.define(eq=False)
class _Call(SafeRepr):
    function: Callable[[JournalFile], Any]
    future: asyncio.Future[Any]
    is_statement: bool
    result: Any = None
    error: BaseException | None = None

    def deliver(self) -> None:
        if self.future.done():
            return  # whoever waited was cancelled; it was carried out all the same
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class JournalThread:
    """A thread with a journal file.

    Several event loops may use it, at the same time or one after another.

    Args:
        open_file: Opens the file; called in the thread.
    """

    def __init__(self, open_file: Callable[[], JournalFile]) -> None:
        self._open_file = open_file
        self._executed: dict[asyncio.AbstractEventLoop, deque[_Call]] = {}
        self._queue: SimpleQueue[_Call | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._is_closed = False
        self._failure: JournalError | None = None
        self._ended: concurrent.futures.Future[None] = concurrent.futures.Future()
        # A daemon: a journal that nobody closes does not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="twelvelabs-journal", daemon=True)
        self._thread.start()

    async def call(self, function: Callable[[JournalFile], T], *, is_statement: bool = False) -> T:
        """Execute a function in the thread; when this returns, what it wrote is committed.

        When this is cancelled, the function is executed all the same.

        Args:
            function: What to do with the file.
            is_statement: Whether it executes a single statement, which SQLite undoes itself if it fails.

        Raises:
            JournalError: The journal cannot be used, or is closed.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._closing:
            if self._is_closed:
                raise JournalError("The journal is closed.")
            self._queue.put(_Call(function, future, is_statement))
        return await future

    def stop(self) -> None:
        """Have the thread end once it has done what it was given."""
        with self._closing:
            if not self._is_closed:
                self._is_closed = True
                self._queue.put(None)

    async def close(self) -> None:
        """Have the thread do what it was given and end."""
        self.stop()
        await asyncio.shield(asyncio.wrap_future(self._ended))
        self._thread.join()  # it has nothing left to do

    def _run(self) -> None:
        try:
            try:
                file = self._open_file()
            except BaseException as error:
                self._refuse(error)
                return
            with contextlib.closing(file):
                while calls := self._next_calls():
                    self._execute(file, calls)
                    self._deliver(calls)
        finally:
            self._ended.set_result(None)

    def _next_calls(self) -> list[_Call]:
        """The calls that wait, at least one; none at the end."""
        first = self._queue.get()
        if first is None:
            return []
        calls = [first]
        with contextlib.suppress(Empty):
            while len(calls) < MAX_BATCH:
                call = self._queue.get_nowait()
                if call is None:
                    self._queue.put(None)  # nothing comes behind it
                    break
                calls.append(call)
        return calls

    def _execute(self, file: JournalFile, calls: list[_Call]) -> None:
        try:
            if self._failure is not None:
                raise self._failure
            file.begin()
            for call in calls:
                _execute_alone(file, call)
            file.commit()
        except (JournalError, sqlite3.Error) as error:
            # Nothing is written after a failure: the file stays as it was.
            self._failure = error if isinstance(error, JournalError) else file.problem(error)
            with contextlib.suppress(sqlite3.Error):
                file.rollback()
            for call in calls:
                call.error = copy.copy(self._failure)

    def _refuse(self, error: BaseException) -> None:
        while calls := self._next_calls():
            for call in calls:
                call.error = copy.copy(error)
            self._deliver(calls)

    def _deliver(self, calls: Iterable[_Call]) -> None:
        loops: dict[asyncio.AbstractEventLoop, list[_Call]] = {}
        for call in calls:
            loops.setdefault(call.future.get_loop(), []).append(call)
        for loop, own in loops.items():
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits
                loop.call_soon_threadsafe(self._deliver_in, loop, own)

    def _deliver_in(self, loop: asyncio.AbstractEventLoop, calls: Iterable[_Call]) -> None:
        executed = self._executed.get(loop)
        if executed is not None:
            executed.extend(calls)  # behind those of an earlier transaction
        else:
            self._executed[loop] = deque(calls)
            self._deliver_some(loop)

    def _deliver_some(self, loop: asyncio.AbstractEventLoop) -> None:
        executed = self._executed[loop]
        for _ in range(min(MAX_WOKEN, len(executed))):
            executed.popleft().deliver()
        if executed:
            loop.call_soon(self._deliver_some, loop)
        else:
            del self._executed[loop]


def _execute_alone(file: JournalFile, call: _Call) -> None:
    """Execute one call; an error in its values undoes only this one."""
    execute = file.connection.execute
    if not call.is_statement:  # each statement releases the interpreter lock, and the event loop waits to get it back
        execute("SAVEPOINT one")
    try:
        call.result = call.function(file)
    except Exception as error:
        if isinstance(error, _OF_THE_FILE) or type(error) is sqlite3.DatabaseError:
            raise
        call.error = error
        if not call.is_statement:
            execute("ROLLBACK TO one")
    if not call.is_statement:
        execute("RELEASE one")
