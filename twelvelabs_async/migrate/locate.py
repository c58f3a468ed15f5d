"""Where the nodes of a syntax tree are in the text, also those within f-strings."""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .bindings import Bindings
    from .source import Source

EXACT_IN_FSTRINGS: Final = sys.version_info >= (3, 12)
"""Before Python 3.12, the positions of expressions within f-strings are wrong."""


class Locator:
    """Finds nodes in the text."""

    def __init__(self, source: Source, bindings: Bindings) -> None:
        """Take over what is known about the program."""
        self._source = source
        self._bindings = bindings

    def span(self, node: ast.expr) -> tuple[int, int] | None:
        """Start and end of an expression; None if they cannot be determined."""
        literal = self._literal(node)
        if literal is None or EXACT_IN_FSTRINGS:
            return self._source.start(node), self._source.end(node)
        return self._search(node, literal)

    def attribute(self, node: ast.Attribute) -> tuple[int, int] | None:
        """Start and end of the name of an attribute."""
        span = self.span(node)
        if span is None:
            return None
        start = span[1] - len(node.attr.encode())
        return (start, span[1]) if self._source.segment(start, span[1]) == node.attr else None

    def _literal(self, node: ast.AST) -> ast.JoinedStr | None:
        """The outermost f-string around a node."""
        outer = None
        for at in self._bindings.ancestors(node):
            if isinstance(at, ast.JoinedStr):
                outer = at
        return outer

    def _search(self, node: ast.expr, literal: ast.JoinedStr) -> tuple[int, int] | None:
        """Find an expression by its text, if it is written there as often as it is in the syntax tree."""
        text = ast.unparse(node)
        same = [at for at in _in_order(literal) if isinstance(at, type(node)) and ast.unparse(at) == text]
        start = self._source.start(literal)
        pattern = re.compile(rb"(?<![\w.])" + re.escape(text.encode()) + rb"(?!\w)")
        found = [match.span() for match in pattern.finditer(self._source.data, start, self._source.end(literal))]
        if len(found) != len(same):
            return None
        return found[next(number for number, at in enumerate(same) if at is node)]


def _in_order(node: ast.AST) -> list[ast.AST]:
    """A node and everything in it, depth first: for expressions this is the order of the text."""
    return [node, *(inner for child in ast.iter_child_nodes(node) for inner in _in_order(child))]
