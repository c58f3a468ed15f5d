"""What a person must look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from .._safe_repr import SafeRepr

if TYPE_CHECKING:
    import ast

    from .source import Source


@attrs.frozen(order=True)
class Note(SafeRepr):
    """Something that a person must look at.

    Attributes:
        line: The line in the original text.
        message: What is there, and what to do.
        line_after: The line in the text after the migration.
    """

    line: int
    message: str
    line_after: int


class Notes:
    """The notes on a program, by the lines of the original text."""

    def __init__(self) -> None:
        """Begin without notes."""
        self._found: set[tuple[int, str]] = set()

    def add(self, node: ast.expr | ast.stmt | ast.ExceptHandler | ast.alias | ast.keyword, message: str) -> None:
        """Add a note on the line of a node; the same note on the same line is added once."""
        self._found.add((node.lineno, message))

    def sorted(self, source: Source) -> tuple[Note, ...]:
        """The notes in the order of the lines, after all edits."""
        return tuple(Note(line, message, source.line_after(line)) for line, message in sorted(self._found))
