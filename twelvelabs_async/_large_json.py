"""Parses large JSON in pieces.

A parser written in C holds Python's lock from its first byte to its last, so that even in a thread a large answer would
stop the event loop for as long as its parsing takes. Cut into pieces, the lock is free between any two of them.

What is cut are the long arrays of an answer (embeddings, segments, items): those that lie in objects only. The rest of
the document is parsed with placeholders in their place. Documents that cannot be cut are parsed as a whole, and so are
those with an error in them, because the parser then says where it is.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

import attrs
import orjson

SPLIT_FROM: Final = 2 * 1024 * 1024
"""Bytes from which on a document is cut. Parsing so many takes about 7 ms."""

PIECE_BYTES: Final = 256 * 1024
"""Bytes of a piece, at least; an element of an array is never cut."""

MAX_TOKENS: Final = 300_000
"""Brackets and quotes up to which looking for places to cut is worth it."""

MAX_DEPTH: Final = 4
"""Objects around an array that is cut."""

_QUOTE, _OPEN_OBJECT, _CLOSE_OBJECT, _OPEN_ARRAY, _CLOSE_ARRAY = b'"{}[]'


@attrs.define
class _Array:
    """An array that may be cut.

    Attributes:
        start: Position of its first byte after the bracket.
        end: Position of its closing bracket.
        cuts: Positions of commas at which it is cut.
        flat: Whether it holds neither texts nor objects nor arrays.
    """

    start: int
    end: int = -1
    cuts: list[int] = attrs.Factory(list)
    flat: bool = True


def loads(body: bytes) -> Any:
    """Parse JSON.

    Raises:
        orjson.JSONDecodeError: It is not JSON.
    """
    if len(body) < SPLIT_FROM:
        return orjson.loads(body)
    arrays = _find_arrays(body)
    if not arrays:
        return orjson.loads(body)
    try:
        return _assemble(body, arrays)
    except ValueError:
        return orjson.loads(body)


def _tokens(body: bytes) -> list[int]:
    """Positions of all brackets and quotes, in order, those inside of texts included; none if there are too many."""
    found: list[int] = []
    for char in b'"{}[]':
        at = body.find(char)
        while at >= 0:
            found.append(at)
            at = body.find(char, at + 1)
            if len(found) > MAX_TOKENS:
                return []
    found.sort()
    return found


def _is_escaped(body: bytes, at: int) -> bool:
    """Whether a quote inside of a text is part of it."""
    before = at - 1
    while body[before] == 0x5C:
        before -= 1
    return (at - before) % 2 == 0


def _find_arrays(body: bytes) -> list[_Array]:
    """The arrays worth cutting, with the places to cut."""
    found: list[_Array] = []
    current: _Array | None = None
    last = 0
    depth = inner = 0  # objects around; brackets that are open inside of the current array
    in_text = False
    for at in _tokens(body):
        char = body[at]
        if char == _QUOTE:
            in_text = not in_text or _is_escaped(body, at)
            if current is not None and not inner:
                current.flat = False
        elif in_text:
            continue
        elif current is None:
            if char == _OPEN_ARRAY and depth <= MAX_DEPTH:
                current, last, inner = _Array(at + 1), at + 1, 0
            else:
                depth += 1 if char in {_OPEN_OBJECT, _OPEN_ARRAY} else -1
        elif char in {_OPEN_OBJECT, _OPEN_ARRAY}:
            current.flat = False
            inner += 1
        elif inner:
            inner -= 1
            if not inner and at - last >= PIECE_BYTES:
                comma = body.find(b",", at)
                if comma >= 0 and not body[at + 1 : comma].strip():
                    current.cuts.append(comma)
                    last = comma + 1
        else:
            current.end = at
            if current.flat:
                _cut_flat(body, current)
            if current.cuts:
                found.append(current)
            current = None
    return found if current is None else []


def _cut_flat(body: bytes, array: _Array) -> None:
    """Cut an array of numbers: every comma in it stands between two of them."""
    at = body.find(b",", array.start + PIECE_BYTES, array.end)
    while at >= 0:
        array.cuts.append(at)
        at = body.find(b",", at + PIECE_BYTES, array.end)


def _assemble(body: bytes, arrays: list[_Array]) -> Any:
    mark = secrets.token_hex(16)
    outline: list[bytes] = []
    lists: list[list[Any]] = []
    position = 0
    for array in arrays:
        outline += (body[position : array.start], f'"{mark}{len(lists)}"'.encode())
        position = array.end
        lists.append(_parse_pieces(body, array))
    outline.append(body[position:])
    return _place(orjson.loads(b"".join(outline)), mark, lists, 0)


def _parse_pieces(body: bytes, array: _Array) -> list[Any]:
    items: list[Any] = []
    start = array.start
    for end in (*array.cuts, array.end):
        piece = orjson.loads(b"[%b]" % body[start:end])
        if not piece:
            raise ValueError("two commas in a row")
        items += piece
        start = end + 1
    return items


def _place(node: Any, mark: str, lists: list[list[Any]], depth: int) -> Any:
    """Put the arrays in the places of their marks."""
    if isinstance(node, list):
        if len(node) == 1 and isinstance(node[0], str) and node[0].startswith(mark):
            return lists[int(node[0][len(mark) :])]
    elif isinstance(node, dict) and depth <= MAX_DEPTH:
        for key, value in node.items():
            node[key] = _place(value, mark, lists, depth + 1)
    return node
