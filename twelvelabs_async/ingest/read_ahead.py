"""Reads an iterable that may block, in a thread, a bounded number of items ahead."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable, Generator, Iterable
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

LIMIT: Final = 256
"""Items that are read ahead."""


class ReadAhead(Generic[T]):
    """A thread that reads an iterable.

    The iterable is used in that thread alone. Memory holds at most `limit` of its items.

    Args:
        iterable: What to read. It may block, such as on standard input.
        prepare: Makes an item of what was read; called in the thread, and may block. None: it is left out.
        limit: Items that are read ahead.
    """

    def __init__(self, iterable: Iterable[Any], prepare: Callable[[Any], T | None], limit: int = LIMIT) -> None:
        self._iterable = iterable
        self._prepare = prepare
        self._limit = limit
        self._changed = threading.Condition()
        self._items: list[T] = []
        self._error: BaseException | None = None
        self._is_stopped = False
        self._is_finished = False
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Future[None] | None = None
        # A daemon: a read that never returns does not keep the process from ending.
        run = contextvars.copy_context().run
        self._thread = threading.Thread(target=run, args=(self._run,), name="twelvelabs-sources", daemon=True)
        self._thread.start()

    async def next(self) -> list[T]:
        """The next items, in order; none at the end.

        Raises:
            BaseException: What the iterable raised, after the items before it.
        """
        while True:
            with self._changed:
                if self._items:
                    items, self._items = self._items, []
                    self._changed.notify()
                    return items
                if self._is_finished:
                    if self._error is not None:
                        raise self._error
                    return []
                self._waiting = waiting = self._loop.create_future()
            await waiting

    def stop(self) -> None:
        """Have the thread end. One that is blocked in a read ends when the read returns."""
        with self._changed:
            self._is_stopped = True
            self._items.clear()
            self._changed.notify()

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            self._read()
        except BaseException as raised:
            error = raised
        with self._changed:
            self._is_finished = True
            self._error = error
            self._wake()

    def _read(self) -> None:
        iterator = iter(self._iterable)
        try:
            for given in iterator:
                if self._is_stopped:
                    break
                item = self._prepare(given)
                if item is not None and not self._put(item):
                    break
        finally:
            if isinstance(iterator, Generator):
                iterator.close()  # in the thread that ran it, and before anybody drops the last reference to it

    def _put(self, item: T) -> bool:
        with self._changed:
            while len(self._items) >= self._limit and not self._is_stopped:
                self._changed.wait()
            if self._is_stopped:
                return False
            self._items.append(item)
            self._wake()
            return True

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits
                self._loop.call_soon_threadsafe(_set_done, waiting)


def _set_done(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
