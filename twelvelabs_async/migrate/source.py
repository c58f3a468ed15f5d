"""The text of a program, and edits at positions of its syntax tree: what is not edited keeps every byte."""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from typing import Final

import attrs

from .._safe_repr import SafeRepr

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


class EditError(Exception):
    """The edits of a program do not fit together."""


@attrs.frozen(order=True)
class Edit(SafeRepr):
    """A replacement of the bytes from `start` to `end`."""

    start: int
    end: int
    text: str


class Source:
    """A program as bytes, because the syntax tree counts columns in bytes of UTF-8.

    Attributes:
        data: The text in UTF-8.
        tree: Its syntax tree.
    """

    def __init__(self, text: str) -> None:
        """Parse the text.

        Raises:
            SyntaxError: It is not valid Python.
            ValueError: It contains a null character or a lone surrogate.
        """
        self.data: bytes = text.encode()
        self.tree: ast.Module = ast.parse(text)
        self._lines = [0, *(found.end() for found in _LINE_END.finditer(self.data))]
        self._edits: list[Edit] = []
        first = _LINE_END.search(self.data)
        self.newline: str = first.group().decode() if first else "\n"

    def offset(self, line: int, column: int) -> int:
        """The position of a line, counted from 1, and a column."""
        return self._lines[line - 1] + column

    def start(self, node: ast.expr | ast.stmt | ast.alias | ast.keyword) -> int:
        """Where a node begins."""
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.alias | ast.keyword) -> int:
        """Where a node ends."""
        return self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def segment(self, start: int, end: int) -> str:
        """The text between two positions."""
        return self.data[start:end].decode()

    def text_of(self, node: ast.expr | ast.stmt) -> str:
        """The text of a node."""
        return self.segment(self.start(node), self.end(node))

    def line_start(self, position: int) -> int:
        """Where the line of a position begins."""
        return self._lines[bisect_right(self._lines, position) - 1]

    def line_end(self, position: int) -> int:
        """Where the next line begins, or the text ends."""
        found = _LINE_END.search(self.data, position)
        return found.end() if found else len(self.data)

    def replace(self, start: int, end: int, text: str) -> None:
        """Note an edit. The same edit twice is one."""
        edit = Edit(start, end, text)
        if edit not in self._edits:
            self._edits.append(edit)

    def edited(self) -> str:
        """The text with all edits.

        Raises:
            EditError: Edits overlap.
        """
        result, position = [], 0
        for edit in sorted(self._edits):
            if edit.start < position:
                raise EditError("two changes overlap")
            result += [self.data[position : edit.start], edit.text.encode()]
            position = edit.end
        return b"".join([*result, self.data[position:]]).decode()

    def line_after(self, line: int) -> int:
        """The number of a line in the edited text."""
        start = self._lines[line - 1]
        return line + sum(
            len(_LINE_END.findall(edit.text.encode())) - len(_LINE_END.findall(self.data[edit.start : edit.end]))
            for edit in self._edits
            if edit.start < start
        )
