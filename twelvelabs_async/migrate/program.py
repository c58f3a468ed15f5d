"""Migrates the text of one program."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final, Literal

import attrs

from .._safe_repr import SafeRepr
from .bindings import Bindings
from .calls import CallRewriter, note_synchronous, synchronous_functions
from .imports import ImportRewriter
from .locate import Locator
from .names import ASYNC_CLIENT, OFFICIAL, PACKAGE, SYNCHRONOUS
from .notes import Note, Notes
from .source import EditError, Source
from .values import Values

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMED: Final = re.compile(rf"\b{OFFICIAL}\b")

_ASYNCHRONOUS: Final = frozenset({"AsyncTwelveLabs", "AsyncBaseClient", "AsyncPager"})
"""Names that only asynchronous code uses."""

ClientUse = Literal["none", "sync", "async", "both"]


@attrs.frozen
class Migration(SafeRepr):
    """The result for one program.

    Attributes:
        text: The program after the migration.
        notes: What a person must look at, in the order of the lines.
    """

    text: str
    notes: tuple[Note, ...] = ()


@attrs.frozen
class Surroundings(SafeRepr):
    """What a program must know about the programs beside it.

    Attributes:
        only_synchronous: Whether they use the synchronous client, and nowhere the asynchronous one.
        shared: Names that they import from each other.
    """

    only_synchronous: bool = False
    shared: frozenset[str] = frozenset()


def surroundings_of(texts: Iterable[str]) -> Surroundings:
    """Look at all programs that are migrated together. A program that is not valid Python is skipped."""
    clients: set[str] = set()
    shared: set[str] = set()
    for text in texts:
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
                package = (node.module or "").split(".")[0]
                if node.level == 0 and package in {OFFICIAL, PACKAGE}:
                    clients |= names
                else:
                    shared |= names
            elif isinstance(node, ast.Attribute):
                clients.add(node.attr)
    return Surroundings(bool(clients & SYNCHRONOUS) and ASYNC_CLIENT not in clients, frozenset(shared))


def migrate_source(text: str, surroundings: Surroundings | None = None) -> Migration:
    """Migrate a program that uses `twelvelabs`.

    Code with the asynchronous client is rewritten; code with the synchronous one stays as it is, and is noted.

    Args:
        text: The program.
        surroundings: What is known about the programs beside it.

    Returns:
        The program, and notes on what a person must look at. A program that does not use `twelvelabs`, or is not
        valid Python, is returned unchanged.
    """
    if _NAMED.search(text) is None:
        return Migration(text)
    try:
        source = Source(text)
    except SyntaxError as error:
        return _unchanged(text, error.lineno or 1, f"not valid Python: {error.msg}")
    except (ValueError, RecursionError, MemoryError) as error:
        return _unchanged(text, 1, f"cannot be read as Python: {error}")
    around = surroundings or Surroundings()
    bindings, notes = Bindings(source), Notes()
    values = Values(bindings)
    locator = Locator(source, bindings)
    use = _client_use(bindings)
    note_synchronous(bindings, values, notes)
    if use == "sync" or (use == "none" and around.only_synchronous and bindings.imports):
        if use == "none":
            notes.add(bindings.imports[0].statement, "not changed: the given programs use the synchronous client only")
        return Migration(text, notes.sorted(source))
    excluded = synchronous_functions(bindings, values) if use == "both" else set()
    calls = CallRewriter(source, bindings, values, locator, notes, can_import=_has_host(bindings), excluded=excluded)
    imports = ImportRewriter(
        source,
        bindings,
        locator,
        notes,
        removed=calls.removed,
        kept={use for use in bindings.uses if bindings.function_of(use.node) in excluded},
        shared=around.shared,
    )
    try:
        calls.rewrite()
        imports.rewrite(calls.extra)
        edited = source.edited()
        ast.parse(edited)
    except (EditError, SyntaxError) as error:
        return _unchanged(text, 1, f"cannot be rewritten ({error})")
    return Migration(edited, notes.sorted(source))


def _unchanged(text: str, line: int, problem: str) -> Migration:
    return Migration(text, (Note(line, f"{problem}; nothing was changed", line),))


def _client_use(bindings: Bindings) -> ClientUse:
    names = {binding.name for binding in bindings.imports} | {use.name for use in bindings.uses}
    is_async = not _ASYNCHRONOUS.isdisjoint(names)
    if not SYNCHRONOUS.isdisjoint(names):
        return "both" if is_async else "sync"
    return "async" if is_async else "none"


def _has_host(bindings: Bindings) -> bool:
    return any(
        all(isinstance(at, ast.Module | ast.Try) for at in bindings.ancestors(binding.statement))
        for binding in bindings.imports
    )
