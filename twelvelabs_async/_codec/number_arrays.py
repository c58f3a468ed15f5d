"""Parses JSON whose bulk is long lists of numbers, into `array('d')` instead of lists of float objects.

The numbers of a response with embeddings are nearly all of it: 8 MB hold 400,000 of them, which as objects take 12 MiB
and much of the time. Here the lists are found in the body first; each is parsed alone, so that its objects are gone
before the next one is parsed; and a placeholder in its place makes the rest of the document small.

The lists are guessed, and the parser proves them, as in `large_json`. A text that looks like a list of numbers is no
problem: the quotes of the placeholder would end the string that it is in, and the rest is not valid JSON. If anything
is not as it seems, the whole document is parsed as usual.

Three ways were measured with 8.5 MB of embeddings (see bench/README.md for what the client needs now): parsing all of
it and converting the lists (32 ms, and memory for all objects), this one (22 ms; `orjson.loads` alone: 33 ms), and
parsing the lists while the body arrives. The last one needs 8 MB less, since it never has the whole body, but no less
CPU time; it would have to parse on the event loop, inside of the transport, before it is known whether the body is
whole, and without the body there is nothing to show in a DecodeError and nothing for `with_raw_response`.
"""

from __future__ import annotations

import os
import re
from array import array
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import orjson

from ..vectors import doubles
from .large_json import loads
from .pacing import ITEMS_A_TURN, take_turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FROM_BYTES: Final = 512 * 1024
"""Smallest document that is searched for lists of numbers: below, it is no faster, and the memory does not matter."""

PIECE_BYTES: Final = 128 * 1024
"""Bytes of a list that are parsed at a time, and bytes that are searched at a time."""

SHARE: Final = 2
"""The lists must be at least this fraction of the document (a half); otherwise they are not worth the effort."""

_OPENING: Final = re.compile(rb"\[[ \t\r\n]*+-?[0-9][-+.0-9eE, \t\r\n]{250}")
"""Beginning of a list of numbers that is long enough; a short one costs less than its placeholder."""

_LOOKAHEAD: Final = 1024
"""Bytes by which the searches overlap: a beginning with more white space than that is overlooked."""

_PLACEHOLDER: Final = f"numbers {{}} of {os.urandom(16).hex()}"
"""Takes the place of the numbers of a list; no response contains it."""

Node: TypeAlias = list[Any]
"""A list in a parsed document that has an `array` as its only item, in place of its numbers."""


class UsualListsError(Exception):
    """The document has to be parsed as usual, because its lists of numbers are needed as lists."""


class _NoNumbersError(Exception):
    """What looked like a list of numbers is not one."""


def parse(body: bytes) -> tuple[Any, list[Node]] | None:
    """Parse JSON whose bulk is long lists of numbers.

    Returns:
        The document, and the lists in it that have an array as their only item: all of them have to be taken. None if
        the document is none of that kind, or invalid.
    """
    if len(body) < FROM_BYTES:
        return None
    spans = list(_find(body))
    if sum(end - start for start, end in spans) * SHARE < len(body):
        return None
    outline: list[bytes] = []
    missing: dict[str, array[float]] = {}
    done = 0
    for start, end in spans:
        name = _PLACEHOLDER.format(len(missing))
        try:
            missing[name] = _parse_numbers(body, start, end)
        except _NoNumbersError:
            return None
        outline += [body[done:start], f'"{name}"'.encode()]  # `orjson.dumps` would allocate 4 KiB for it
        done = end
    outline.append(body[done:])
    try:
        value = loads(b"".join(outline))
    except orjson.JSONDecodeError:
        return None
    nodes = _place(value, missing)
    return None if missing else (value, nodes)


def _find(body: bytes) -> Iterator[tuple[int, int]]:
    """Where the numbers of long lists begin and end, without the brackets."""
    at = 0
    while at < len(body):
        take_turn()
        opening = _OPENING.search(body, at, at + PIECE_BYTES)
        if opening is None:
            at += PIECE_BYTES - _LOOKAHEAD
            continue
        start = opening.start() + 1
        end = body.find(b"]", start)
        if end < 0:
            return
        yield start, end
        at = end


def _parse_numbers(body: bytes, start: int, end: int) -> array[float]:
    """Parse what is between two brackets, in pieces."""
    numbers = array("d")
    while start <= end:
        take_turn()
        cut = body.find(b",", start + PIECE_BYTES, end)
        if cut < 0:
            cut = end
        piece = b"[%b]" % body[start:cut]
        try:
            items = orjson.loads(piece)
            part = doubles(items)
        except (orjson.JSONDecodeError, TypeError):
            raise _NoNumbersError from None
        # Nothing between two commas would be an empty list; `true` would have become 1, and `false` 0.
        if not items or b"u" in piece or b"s" in piece:
            raise _NoNumbersError
        start = cut + 1
        if start > end and not numbers:
            return part  # nearly every list is one piece
        numbers.extend(part)
    return numbers


def _place(value: Any, missing: dict[str, array[float]]) -> list[Node]:
    """Put each array where its placeholder is, and return these places; what remains in `missing` has none."""
    nodes = []
    stack = [value]
    count = 0
    while stack and missing:
        node = stack.pop()
        if node.__class__ is dict:
            stack += node.values()
        elif node.__class__ is list:
            found = missing.pop(node[0], None) if len(node) == 1 and node[0].__class__ is str else None
            if found is None:
                stack += node
            else:
                node[0] = found
                nodes.append(node)
        count += 1
        if count % ITEMS_A_TURN == 0:
            take_turn()
    return nodes


def take(value: Node) -> array[float] | None:
    """Take the array out of a list that has one in place of its numbers; None if it is a usual list."""
    return value.pop() if len(value) == 1 and value[0].__class__ is array else None


def check_taken(nodes: Iterable[Node]) -> None:
    """Reject what was decoded if some lists still have an array.

    Raises:
        UsualListsError: There are long lists of numbers where no vector is expected: in an unknown member, for example.
    """
    if any(nodes):
        raise UsualListsError
