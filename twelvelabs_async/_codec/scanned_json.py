"""Parses any large JSON in pieces, by scanning where the members of its containers end.

Slower than parsing at once, since the scan happens in Python, but it never holds the GIL for long, whatever the
document looks like. Members of a list or object are parsed together until a piece is full; a member that is larger
than a piece is opened and read in the same way. The scan only finds positions: everything is validated by the parser.
"""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

from .pacing import discard, take_turn

PIECE_BYTES: Final = 128 * 1024
"""Bytes that are parsed at a time; a member that is not longer is never split."""

MAX_DEPTH: Final = 1024
"""Levels of nesting, as many as the parser accepts."""

_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{}]', re.DOTALL)
"""A string, a bracket, or the beginning of a string whose end is further away than the scan goes."""

_STRING_PART: Final = re.compile(
    rb'(?:[^"\\]++|\\["\\/bfnrt]|\\u(?![dD][89abAB])[0-9a-fA-F]{4}|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*+'
)
"""The inside of a string, up to its end or to an escape that is not complete; a surrogate pair is one escape."""

_SCALAR: Final = re.compile(rb"[-+.0-9A-Za-z]++")

_QUOTE, _COMMA, _COLON, _OPEN_LIST, _OPEN_OBJECT, _CLOSE_LIST, _CLOSE_OBJECT = b'",:[{]}'
_SPACE: Final = b" \t\r\n"


def loads(body: bytes) -> Any:
    """Parse JSON.

    Raises:
        orjson.JSONDecodeError: The body is not JSON. The position in it is only approximate, and counts bytes.
    """
    return _Parser(body).parse()


class _Container:
    """A list or an object that is being read.

    Attributes:
        value: Its members so far.
        key: The key of the member that was opened, in an object.
        comma: Whether a comma was read that a member must follow.
        opened: Whether a member was opened and is read now.
    """

    __slots__ = ("comma", "key", "opened", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.key = ""
        self.comma = False
        self.opened = False


class _Parser:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self._stack: list[_Container] = []
        self._result: Any = None

    def parse(self) -> Any:
        try:
            at = self._open(self._skip_space(0))
            while self._stack:
                at = self._read_members(at)
            if self._skip_space(at) != len(self._body):
                raise self._error("unexpected content after document", at)
        except orjson.JSONDecodeError:
            discard([self._result, *(container.value for container in self._stack)])
            raise
        return self._result

    def _open(self, at: int) -> int:
        """Begin the value at a position; return the position from where to go on."""
        first = self._byte(at)
        if first == _QUOTE:
            text, at = self._string(at)
            self._add(text)
            return at
        if first not in {_OPEN_LIST, _OPEN_OBJECT}:
            value, at = self._scalar(at)
            self._add(value)
            return at
        if len(self._stack) >= MAX_DEPTH:
            raise self._error("recursion limit exceeded", at)
        self._stack.append(_Container([] if first == _OPEN_LIST else {}))
        return at + 1

    def _add(self, value: Any) -> None:
        """A value that was opened is complete."""
        if not self._stack:
            self._result = value
            return
        parent = self._stack[-1]
        if parent.value.__class__ is list:
            parent.value.append(value)
        else:
            parent.value[parent.key] = value

    def _read_members(self, at: int) -> int:
        """Read on in the innermost container, until a piece is full, it ends, or a member has to be opened."""
        take_turn()
        top = self._stack[-1]
        is_list = top.value.__class__ is list
        if top.opened:
            top.opened = False
            at = self._skip_space(at)
            if self._byte(at) == _COMMA:
                at += 1
                top.comma = True
            else:
                top.comma = False
                if self._byte(at) != (_CLOSE_LIST if is_list else _CLOSE_OBJECT):
                    raise self._error("unexpected character", at)
        cut = self._find_cut(at, is_list)
        if cut < 0:
            top.opened = True
            return self._open_member(top, at, is_list)
        self._parse_run(top, at, cut, is_list)
        if self._byte(cut) == _COMMA:
            top.comma = True
        else:
            self._stack.pop()
            self._add(top.value)
        return cut + 1

    def _parse_run(self, top: _Container, start: int, end: int, is_list: bool) -> None:
        run = self._body[start:end]
        if not run.strip(_SPACE):
            # The brackets of an empty container, and nothing else, may have nothing between them.
            if top.comma or self._byte(end) == _COMMA:
                raise self._error("unexpected character", end)
            return
        try:
            members = orjson.loads(b"[%b]" % run if is_list else b"{%b}" % run)
        except orjson.JSONDecodeError as error:
            raise self._error(error.msg, start + error.pos - 1) from None
        if is_list:
            top.value += members
        else:
            top.value.update(members)

    def _open_member(self, top: _Container, at: int, is_list: bool) -> int:
        """Begin a member that is larger than a piece."""
        at = self._skip_space(at)
        if not is_list:
            if self._byte(at) != _QUOTE:
                raise self._error("unexpected character", at)
            top.key, at = self._string(at)
            at = self._skip_space(at)
            if self._byte(at) != _COLON:
                raise self._error("unexpected character", at)
            at = self._skip_space(at + 1)
        return self._open(at)

    def _find_cut(self, start: int, is_list: bool) -> int:
        """The comma or closing bracket that ends a piece; -1 if the first member is larger than a piece."""
        body = self._body
        end = len(body)
        at = start  # the end of the latest token
        limit = min(start + PIECE_BYTES, end)
        depth = 0
        opened = start  # where the outermost value begins that has not ended
        text = start  # where the latest string outside of brackets begins: in an object, the key of that value
        while True:
            for token in _TOKEN.finditer(body, at, limit):
                at, after = token.span()
                byte = body[at]
                if byte == _QUOTE:
                    if after - at == 1:
                        # Its end is beyond the limit.
                        if not depth:
                            opened = at
                            text = text if self._follows_colon(start, at) else at
                        return body.rfind(b",", start, opened if is_list else text)
                    if not depth:
                        text = at
                elif byte in {_OPEN_LIST, _OPEN_OBJECT}:
                    if not depth:
                        opened = at
                    depth += 1
                    if depth + len(self._stack) > MAX_DEPTH:
                        raise self._error("recursion limit exceeded", at)
                elif depth:
                    depth -= 1
                elif byte == (_CLOSE_LIST if is_list else _CLOSE_OBJECT):
                    return at
                else:
                    raise self._error("unexpected character", at)
                at = after
            if limit == end:
                raise self._error("unexpected end of data", end)
            if depth:
                return body.rfind(b",", start, opened if is_list else text)
            # Outside of strings and brackets: any comma will do.
            cut = body.rfind(b",", at, limit)
            if cut >= 0:
                return cut
            at, limit = limit, min(limit + 4096, end)

    def _follows_colon(self, start: int, at: int) -> bool:
        """Whether a string is the value of a member, and not its key."""
        return self._body[start:at].rstrip(_SPACE).endswith(b":")

    def _string(self, at: int) -> tuple[str, int]:
        """Parse the string that begins at a position; also return the position after it."""
        body = self._body
        parts: list[str] = []
        at += 1
        while True:
            match = _STRING_PART.match(body, at, at + PIECE_BYTES)
            end = at if match is None else match.end()
            last = self._byte(end) == _QUOTE
            while not last and end > at and self._byte(end) & 0xC0 == 0x80:
                end -= 1  # not within a character
            if end == at and not last:
                raise self._error("invalid string", at)
            try:
                parts.append(orjson.loads(b'"%b"' % body[at:end]))
            except orjson.JSONDecodeError as error:
                raise self._error(error.msg, at + error.pos) from None
            take_turn()
            at = end
            if last:
                return "".join(parts), at + 1

    def _scalar(self, at: int) -> tuple[Any, int]:
        """Parse the number or word at a position; also return the position after it."""
        match = _SCALAR.match(self._body, at)
        if match is None:
            raise self._error("unexpected character", at)
        try:
            return orjson.loads(match[0]), match.end()
        except orjson.JSONDecodeError as error:
            raise self._error(error.msg, at + error.pos) from None

    def _skip_space(self, at: int) -> int:
        body = self._body
        while at < len(body) and body[at] in _SPACE:
            piece = body[at : at + PIECE_BYTES]
            at += len(piece) - len(piece.lstrip(_SPACE))
            take_turn()
        return at

    def _byte(self, at: int) -> int:
        """The byte at a position; 0 at the end, which JSON does not contain."""
        return self._body[at] if at < len(self._body) else 0

    def _error(self, problem: str, at: int) -> orjson.JSONDecodeError:
        return orjson.JSONDecodeError(problem, "", at)
