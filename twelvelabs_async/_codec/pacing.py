"""Keeps the decoding of a large response from blocking the event loop, although it runs in a thread.

A thread holds the GIL for as long as a function in C runs. Three of them take too long when a response has hundreds of
thousands of objects, and are avoided here:

- Parsing and checking whole lists: both happen in pieces, with `take_turn` in between.
- Garbage collections, which Python starts while many objects are created: a full one takes a second for millions of
  them. What is decoded is moved out of their way, since it contains no garbage (`move_new_objects`).
- Freeing a large structure: what was parsed is replaced by models item by item (`owns_input`), or taken apart
  (`discard`).
"""

from __future__ import annotations

import gc
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEMS_A_TURN: Final = 2048
"""Items of lists after which it may be another thread's turn."""

SECONDS_A_TURN: Final = 0.003
"""Seconds that this thread keeps the GIL. A thread that waits for it asks for it only after 5 ms."""

PAUSE: Final = 1e-5
"""Seconds of a pause that really lets another thread run: after `sleep(0)`, the same thread usually takes the GIL
again, and those that wait start their 5 ms anew.
"""

NEW_OBJECTS: Final = 2000
"""Objects of the present decode that garbage collections may look at. Python looks at new objects twice; among them may
be lists with hundreds of numbers, so that 10,000 of them take 20 ms.
"""

MAX_DECODES: Final = 10
"""Decodes that have moved new objects, after which a full collection is made up for, if none has come in between."""

MAX_MOVES: Final = 200
"""Moves in them that are also needed: by then, Python would have made several."""

_CPYTHON: Final = sys.implementation.name == "cpython"


class _State(threading.local):
    active = False
    owns_input = False
    keeps_input = False
    left = ITEMS_A_TURN
    paused = 0.0
    # Of the present decode:
    moves = False  # whether new objects may be moved
    has_moved = False
    new = 0  # about the number of new objects when it was lowest


class _Since:
    """What happened in all threads since the latest full collection.

    Attributes:
        collections: Number of that collection.
        decodes: Decodes that have moved objects.
        moves: How often they did.
    """

    collections = 0
    decodes = 0
    moves = 0


_state: Final = _State()

RUNNING: Final[list[None]] = []
"""An item for each thread that is in `paced`. Nothing has to be counted while there are none."""

_moving: Final = threading.Lock()  # never waited for: after a fork, it may be held by a thread that is gone


@contextmanager
def paced() -> Iterator[None]:
    """Decode a large response in this thread; nothing else uses what is parsed."""
    _state.active = _state.owns_input = True
    _state.moves = _CPYTHON and gc.isenabled() and gc.get_threshold()[0] > 0
    _state.has_moved = False
    _state.new = _count_new() if _state.moves else 0
    RUNNING.append(None)
    try:
        yield
    finally:
        RUNNING.pop()
        _state.active = _state.owns_input = False


@contextmanager
def keeping_input() -> Iterator[None]:
    """Decode something that will be used again, even if this fails."""
    before = _state.owns_input, _state.keeps_input
    _state.owns_input, _state.keeps_input = False, True
    try:
        yield
    finally:
        _state.owns_input, _state.keeps_input = before


def owns_input() -> bool:
    """Whether lists that were parsed may be overwritten."""
    return _state.owns_input


def keeps_input() -> bool:
    """Whether this is inside of `keeping_input`."""
    return _state.keeps_input


def count_items(count: int) -> None:
    """Note that so many items are about to be decoded, and let other threads run from time to time."""
    _state.left -= count
    if _state.left < 0:
        _state.left = ITEMS_A_TURN
        take_turn()


def take_turn() -> None:
    """Let other threads run; no long garbage collection becomes due. Does nothing outside of `paced`."""
    if not _state.active:
        return
    if _state.moves:
        new = _count_new()
        _state.new = min(_state.new, new)
        if new - _state.new >= NEW_OBJECTS:
            move_new_objects()
    if time.monotonic() - _state.paused >= SECONDS_A_TURN:
        time.sleep(PAUSE)
        _state.paused = time.monotonic()


def _count_new() -> int:
    """About the number of objects that the next garbage collections will look at."""
    count = gc.get_count()
    return count[1] * gc.get_threshold()[0] + count[0]


def move_new_objects() -> None:
    """Move new objects to the oldest generation without looking at them. Does nothing outside of `paced`.

    `freeze` moves all objects away, and sets the counts that lead to collections back to zero; `unfreeze` moves them to
    the oldest generation. Both only link lists. What the application has frozen must stay so: then nothing can be done.
    """
    if not (_state.active and _state.moves and _moving.acquire(blocking=False)):
        return
    try:
        if gc.get_freeze_count():
            _state.moves = False  # counting them again and again would take time
            return
        _make_up_for_collection()
        try:
            gc.freeze()
        finally:
            gc.unfreeze()
        _state.new = 0
    finally:
        _moving.release()


def _make_up_for_collection() -> None:
    """Run a full collection if none has become due for too long: a program that only decodes needs them, too."""
    collections = gc.get_stats()[2]["collections"]
    if collections != _Since.collections:
        _Since.collections, _Since.decodes, _Since.moves = collections, 0, 0
        _state.has_moved = False
    if not _state.has_moved:
        _state.has_moved = True
        if _Since.decodes >= MAX_DECODES and _Since.moves >= MAX_MOVES:
            gc.collect()
            _Since.collections, _Since.decodes, _Since.moves = collections + 1, 0, 0
        _Since.decodes += 1
    _Since.moves += 1


def discard(value: Any) -> None:
    """Take apart what was parsed, instead of freeing it at once. Nothing else may use it."""
    stack = [value]
    count = 0
    while stack:
        node = stack.pop()
        if node.__class__ is list:
            stack += node
            node.clear()
        elif node.__class__ is dict:
            stack += node.values()
            node.clear()
        else:
            continue
        count += 1
        if count % ITEMS_A_TURN == 0:
            take_turn()
