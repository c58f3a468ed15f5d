"""Parses large JSON in pieces, so that other threads can run in between.

A JSON parser holds the GIL from the first byte to the last: parsing 12 MB of embeddings in a thread blocks the event
loop just as parsing them on the event loop would. The large responses of the API are long lists of objects. They are
split between two objects, `[{…},{…} | {…},{…}]`, and each piece is parsed separately; the GIL is released between the
pieces.

The positions of the splits are guessed, and the parser proves them: if `[piece]` is valid JSON for each piece of a
list, and the document is valid with a string in place of all pieces, then the splits are correct. (A split inside of a
string leaves an unmatched quote, so that the piece is not valid JSON.) If the proof fails, a document is parsed at
once, or, if that would take too long, with a scan of all of it.
"""

from __future__ import annotations

import os
import re
from typing import Any, Final

import orjson

from .pacing import discard, move_new_objects, take_turn

SPLIT_FROM: Final = 512 * 1024
"""Smallest document that is split, in bytes. Parsing one of this size takes 2 to 4 ms."""

PIECE_BYTES: Final = 128 * 1024
"""Smallest size of a piece in bytes; an item of a list is never split."""

WHOLE_BYTES: Final = 1024 * 1024
"""Largest document, or item of a list, that is parsed at once. That takes 5 to 10 ms."""

MAX_GUESSES: Final = 32
"""Wrong splits, and lists too short to be worth a split, after which the rest of a document is parsed at once."""

_OPENING: Final = re.compile(rb"\[\s*\{")
_BETWEEN: Final = re.compile(rb"\}\s*,\s*\{")
_PLACEHOLDER: Final = f"list {{}} of {os.urandom(16).hex()}"
"""Takes the place of the items of a list; no response contains it."""


class _NoListError(Exception):
    """What looked like a long list of objects is not one, or its objects are not at the expected positions."""


def loads(body: bytes) -> Any:
    """Parse JSON, with the results and exceptions of `orjson.loads`.

    Raises:
        orjson.JSONDecodeError: The body is not JSON.
    """
    if len(body) >= SPLIT_FROM:
        lists: list[list[Any]] = []
        outline = _extract_lists(body, lists)
        if lists:
            try:
                value = _loads_whole(outline)
            except orjson.JSONDecodeError:
                value = None
            if _restore_lists(value, lists):
                move_new_objects()  # a garbage collection would look at each item of the long lists
                return value
            discard([value, *lists])
    return _loads_whole(body)


def _loads_whole(body: bytes) -> Any:
    if len(body) <= WHOLE_BYTES:
        return orjson.loads(body)
    from . import scanned_json  # few responses are that large

    return scanned_json.loads(body)


def _extract_lists(body: bytes, lists: list[list[Any]]) -> bytes:
    """Parse the items of long lists and return the document with a placeholder for each; empty if there are none."""
    outline = []
    done = at = guesses = 0
    while guesses < MAX_GUESSES and len(body) - at > PIECE_BYTES:
        take_turn()
        opening = _OPENING.search(body, at, at + WHOLE_BYTES)
        if opening is None:
            if at + WHOLE_BYTES >= len(body):
                break
            at += WHOLE_BYTES - 1  # the bracket may be the last byte
            continue
        start = opening.start() + 1
        try:
            items, end = _parse_items(body, start)
        except _NoListError:
            guesses += 4
            at = start
            continue
        if end - start > PIECE_BYTES:
            outline += [body[done:start], orjson.dumps(_PLACEHOLDER.format(len(lists)))]
            lists.append(items)
            done = end
        else:
            guesses += 1
        at = end
    if not lists:
        return b""
    outline.append(body[done:])
    return b"".join(outline)


def _parse_items(body: bytes, start: int) -> tuple[list[Any], int]:
    """Parse the items of the list that begins before `start`; also return the position of its closing bracket."""
    items: list[Any] = []
    guesses = 0
    at = start + PIECE_BYTES
    while True:
        take_turn()
        cut = _BETWEEN.search(body, at, at + WHOLE_BYTES)
        if cut is None and len(body) - at > WHOLE_BYTES:
            raise _not_a_list(items)
        piece = b"[%b]" % body[start : cut.start() + 1 if cut else None]
        try:
            items += orjson.loads(piece)
        except orjson.JSONDecodeError as error:
            if rest := _list_before(error, piece):
                items += rest[0]
                return items, start + rest[1] - 2
            guesses += 1
            if cut is None or guesses > MAX_GUESSES // 8:
                raise _not_a_list(items) from None
            at = cut.end() - 1
        else:
            if cut is None:
                raise _not_a_list(items)
            guesses = 0
            start = cut.end() - 1
            at = start + PIECE_BYTES


def _not_a_list(items: list[Any]) -> _NoListError:
    discard(items)
    return _NoListError()


def _list_before(error: orjson.JSONDecodeError, piece: bytes) -> tuple[list[Any], int] | None:
    """The items up to the end of the list, and its position, if the error is only about what follows the list."""
    length = len(error.doc[: error.pos].encode())
    while length and piece[length - 1] in b" \t\r\n":
        length -= 1
    if piece[length - 1 : length] == b"]":
        try:
            return orjson.loads(piece[:length]), length
        except orjson.JSONDecodeError:
            pass
    return None


def _restore_lists(value: Any, lists: list[list[Any]]) -> bool:
    """Replace the placeholders by the items of their lists; False if a placeholder is missing."""
    missing = {_PLACEHOLDER.format(at): items for at, items in enumerate(lists)}
    stack = [value]
    while stack and missing:
        node = stack.pop()
        if node.__class__ is dict:
            stack += node.values()
        elif node.__class__ is list:
            items = missing.pop(node[0], None) if len(node) == 1 and node[0].__class__ is str else None
            if items is None:
                stack += node
            else:
                node[:] = items
    return not missing
