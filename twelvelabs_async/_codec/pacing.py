"""Keeps the decoding of a large response from blocking the event loop, although it runs in a thread.

A thread holds the GIL for as long as a function in C runs. Three of them take too long when a response has hundreds of
thousands of objects, and are avoided here:

- Parsing and checking whole lists: both happen in pieces, with `take_turn` in between.
- A full garbage collection, which Python starts while many objects are created: seconds for millions of them. It is
  postponed (`_postpone_full_collection`).
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
"""Items of lists after which it is another thread's turn."""

MAX_POSTPONED: Final = 10
"""Large responses in a row for which full garbage collections are postponed. Then one is made up for."""

_CPYTHON: Final = sys.implementation.name == "cpython"


class _State(threading.local):
    active = False
    owns_input = False
    left = ITEMS_A_TURN
    # Of the present decode:
    postpones = False  # whether full collections may be postponed
    has_postponed = False
    old = 0  # the count of `gc` that leads to full collections, when it was lowest


class _Postponed:
    """What is known of all threads.

    Attributes:
        collections: Full collections that Python had made when `decodes` was last set to zero.
        decodes: Decodes since then that have postponed one.
    """

    collections = 0
    decodes = 0


_state: Final = _State()
_postponing: Final = threading.Lock()  # never waited for: after a fork, it may be held by a thread that is gone


@contextmanager
def paced() -> Iterator[None]:
    """Decode a large response in this thread; nothing else uses what is parsed."""
    _state.active = _state.owns_input = True
    _state.postpones = _CPYTHON and gc.isenabled()
    _state.has_postponed = False
    _state.old = gc.get_count()[2] if _state.postpones else 0
    try:
        yield
    finally:
        _state.active = _state.owns_input = False


@contextmanager
def keeping_input() -> Iterator[None]:
    """Decode something that will be used again, even if this fails."""
    owned, _state.owns_input = _state.owns_input, False
    try:
        yield
    finally:
        _state.owns_input = owned


def owns_input() -> bool:
    """Whether lists that were parsed may be overwritten."""
    return _state.owns_input


def count_items(count: int) -> None:
    """Note that so many items are about to be decoded, and let other threads run from time to time."""
    _state.left -= count
    if _state.left < 0:
        _state.left = ITEMS_A_TURN
        take_turn()


def take_turn() -> None:
    """Let other threads run; no full garbage collection becomes due. Does nothing outside of `paced`."""
    if not _state.active:
        return
    if _state.postpones:
        old = gc.get_count()[2]
        if old < _state.old:
            _state.old = old
        elif old - _state.old >= max(1, gc.get_threshold()[2] // 3):
            # Only on account of what is decoded here: one that is due anyway, because of the application, comes.
            _postpone_full_collection()
    # Releases the GIL: a waiting thread would get it only after 5 ms otherwise.
    time.sleep(0)


def _postpone_full_collection() -> None:
    """Set the counts that lead to a full collection back to zero.

    That is what freezing does; unfreezing then moves all objects to the oldest generation. Both only link lists. What
    the application has frozen must stay so: then nothing can be done. Collections of young objects go on as always.
    """
    if not _postponing.acquire(blocking=False):
        return
    try:
        if gc.get_freeze_count():
            _state.postpones = False  # counting them again and again would take time
            return
        if not _state.has_postponed:
            _state.has_postponed = True
            _make_up_for_postponed()
        try:
            gc.freeze()
        finally:
            gc.unfreeze()
        _state.old = 0
    finally:
        _postponing.release()


def _make_up_for_postponed() -> None:
    """Run a full collection if it was postponed too often: a program that does nothing but decode needs them, too."""
    collections = gc.get_stats()[2]["collections"]
    if collections != _Postponed.collections:
        _Postponed.collections, _Postponed.decodes = collections, 0
    elif _Postponed.decodes >= MAX_POSTPONED:
        gc.collect()
        _Postponed.collections, _Postponed.decodes = collections + 1, 0
    _Postponed.decodes += 1


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
