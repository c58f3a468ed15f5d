"""Parses large JSON in pieces, so that other threads are not kept waiting.

A JSON parser holds the interpreter lock from the first byte to the last: 12 MB of embeddings in a thread stop the event
loop just as they would on the event loop. The large answers of the API are long lists of objects. They are cut between
two objects, `[{…},{…} | {…},{…}]`, and each piece is parsed by itself; the lock is given away between the pieces.

Where the cuts are is guessed, and proved by the parser: if `[piece]` is valid JSON for each piece of a list, and the
document is valid with a text in place of all pieces, then the cuts are right. (Inside of a text the quotes of that text
would end it, and what follows is no JSON.) Where the proof fails, the document is parsed in one go.
"""

from __future__ import annotations

import re
import secrets
import time
from typing import Any, Final

import orjson

SPLIT_FROM: Final = 512 * 1024
"""Bytes from which on a document is cut. Parsing so many takes 2 to 4 ms."""

PIECE_BYTES: Final = 256 * 1024
"""Bytes of a piece, at least; a member of a list is never cut."""

MAX_GUESSES: Final = 32
"""Wrong cuts, and lists that are too short to be worth it, after which the rest of a document is taken in one go."""

_OPENING: Final = re.compile(rb"\[\s*\{")
_BETWEEN: Final = re.compile(rb"\}\s*,\s*\{")
_PLACE: Final = f"list {{}} of {secrets.token_hex(16)}"
"""Stands for the members of a list; no answer holds it."""


class _NoListError(Exception):
    """What looked like a long list of objects is none, or its objects are not where they were expected."""


def loads(body: bytes) -> Any:
    """Parse JSON; what it gives and raises is what `orjson.loads` gives and raises.

    Raises:
        orjson.JSONDecodeError: It is not JSON.
    """
    if len(body) >= SPLIT_FROM:
        lists: list[list[Any]] = []
        outline = _cut_out(body, lists)
        if lists:
            try:
                value = orjson.loads(outline)
            except orjson.JSONDecodeError:
                value = None
            if _put_back(value, lists):
                return value
    return orjson.loads(body)


def _cut_out(body: bytes, lists: list[list[Any]]) -> bytes:
    """Parse the members of long lists and return the document with texts in their place."""
    outline = []
    done = at = guesses = 0
    while guesses < MAX_GUESSES and len(body) - at > PIECE_BYTES and (opening := _OPENING.search(body, at)):
        start = opening.start() + 1
        try:
            members, end = _members(body, start)
        except _NoListError:
            guesses += 4
            at = start
            continue
        if end - start > PIECE_BYTES:
            outline += [body[done:start], orjson.dumps(_PLACE.format(len(lists)))]
            lists.append(members)
            done = end
        else:
            guesses += 1
        at = end
    outline.append(body[done:])
    return b"".join(outline)


def _members(body: bytes, start: int) -> tuple[list[Any], int]:
    """Parse the members of the list that begins before `start`; also return where its closing bracket is."""
    members: list[Any] = []
    guesses = 0
    at = start + PIECE_BYTES
    while True:
        cut = _BETWEEN.search(body, at)
        piece = b"[%b]" % body[start : cut.start() + 1 if cut else None]
        try:
            members += orjson.loads(piece)
        except orjson.JSONDecodeError as error:
            if rest := _list_before(error, piece):
                members += rest[0]
                return members, start + rest[1] - 2
            guesses += 1
            if cut is None or guesses > MAX_GUESSES // 8:
                raise _NoListError from None
            at = cut.end() - 1
        else:
            if cut is None:
                raise _NoListError
            guesses = 0
            start = cut.end() - 1
            at = start + PIECE_BYTES
        # Gives the interpreter lock away: who waits for it would get it after 5 ms otherwise.
        time.sleep(0)


def _list_before(error: orjson.JSONDecodeError, piece: bytes) -> tuple[list[Any], int] | None:
    """The members up to the end of the list, and where that is, if the parser only minds what comes after it."""
    length = len(error.doc[: error.pos].encode())
    while length and piece[length - 1] in b" \t\r\n":
        length -= 1
    if piece[length - 1 : length] == b"]":
        try:
            return orjson.loads(piece[:length]), length
        except orjson.JSONDecodeError:
            pass
    return None


def _put_back(value: Any, lists: list[list[Any]]) -> bool:
    """Replace the texts by the members that they stand for; False if not all of them are found."""
    places = {_PLACE.format(at): members for at, members in enumerate(lists)}
    stack = [value]
    while stack and places:
        node = stack.pop()
        if node.__class__ is dict:
            stack += node.values()
        elif node.__class__ is list:
            members = places.pop(node[0], None) if len(node) == 1 and node[0].__class__ is str else None
            if members is None:
                stack += node
            else:
                node[:] = members
    return not places
