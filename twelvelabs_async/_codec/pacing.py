"""Keeps the decoding of a large response from blocking the event loop, although it runs in a thread.

A thread holds the GIL for as long as a function in C runs. Three of them take too long when a response has hundreds of
thousands of objects, and are avoided here:

- Parsing and checking whole lists: both happen in pieces, with `take_turn` in between.
- A full garbage collection, which Python starts while many objects are created: seconds for millions of them.
  `take_turn` moves the new objects to the oldest generation without looking at them.
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
"""Items of lists after which it is another thread's turn. Python looks for garbage among all objects, the longest of
its collections, when some 70,000 were created.
"""

_CAN_PROMOTE: Final = sys.implementation.name == "cpython" and sys.version_info < (3, 14)
"""Later versions collect in small increments of their own accord."""


class _State(threading.local):
    active = False
    owns_input = False
    promotes = False
    left = ITEMS_A_TURN


_state: Final = _State()


@contextmanager
def paced() -> Iterator[None]:
    """Decode a large response in this thread; nothing else uses what is parsed."""
    # Objects that the application has frozen are to stay so.
    _state.promotes = _CAN_PROMOTE and gc.get_freeze_count() == 0
    _state.active = _state.owns_input = True
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
    if _state.promotes:
        # Moves all objects to the oldest generation, and sets the counts that lead to collections back to zero.
        gc.freeze()
        gc.unfreeze()
    # Releases the GIL: a waiting thread would get it only after 5 ms otherwise.
    time.sleep(0)


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
