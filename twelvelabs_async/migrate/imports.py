"""Rewrites the imports of the official package, and the uses of what they bind."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, Final, Literal

import attrs

from .._safe_repr import SafeRepr
from .names import OFFICIAL, PACKAGE, SYNCHRONOUS, WIDER, Place, Target, target_of
from .source import EditError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .bindings import Binding, Bindings, Use
    from .locate import Locator
    from .notes import Notes
    from .source import Source

_FROM: Final = re.compile(rb"from(?:[ \t\f]|\\\r?\n)+(twelvelabs(?:[ \t]*\.[ \t]*\w+)*)")
_COMMA: Final = re.compile(rb"[ \t]*,?[ \t]*")


@attrs.frozen
class Part(SafeRepr):
    """What becomes of one name of an import.

    Attributes:
        action: It stays, moves to a module of this package, becomes a statement of its own, or is removed.
        module: The module that it moves to.
        text: The new name, or the statement.
    """

    action: Literal["keep", "move", "line", "drop"]
    module: str = ""
    text: str = ""


KEEP: Final = Part("keep")


class ImportRewriter:
    """Rewrites imports and uses."""

    def __init__(
        self,
        source: Source,
        bindings: Bindings,
        locator: Locator,
        notes: Notes,
        *,
        removed: Collection[Use],
        kept: Collection[Use],
        shared: Collection[str],
    ) -> None:
        """Prepare the rewriting.

        Args:
            source: The program.
            bindings: What its names stand for.
            locator: Where nodes are.
            notes: Where to put notes.
            removed: Uses that another edit removes.
            kept: Uses that belong to code with the synchronous client.
            shared: Names that other files import, which are not renamed.
        """
        self._source = source
        self._bindings = bindings
        self._locator = locator
        self._notes = notes
        self._removed = removed
        self._kept = kept
        self._shared = shared
        self._parts: dict[Binding, Part] = {}
        self._rewritten: list[ast.Import | ast.ImportFrom] = []

    def rewrite(self, extra: Iterable[str]) -> None:
        """Rewrite everything.

        Args:
            extra: Names of the package to import in addition.
        """
        for local, found in self._bindings.by_name.items():
            for binding in found:
                self._parts[binding] = self._module(binding) if binding.name is None else self._symbol(binding)
            if found[0].name is None:
                self._rename_module(local)
        statements = {id(binding.statement): binding.statement for binding in self._bindings.imports}.values()
        host = next((found for found in statements if self.is_host(found)), None)
        for statement in statements:
            names = sorted(extra) if statement is host else []
            if isinstance(statement, ast.Import):
                self._rewrite_import(statement, names)
            else:
                self._rewrite_from(statement, names)

    def is_host(self, statement: ast.stmt) -> bool:
        """Whether names can be imported beside a statement for the whole module."""
        return all(isinstance(at, ast.Module | ast.Try) for at in self._bindings.ancestors(statement))

    # What becomes of each name

    def _symbol(self, binding: Binding) -> Part:
        name, local = binding.name or "", binding.local
        uses = [use for use in self._bindings.uses if use.local == local]
        if name in SYNCHRONOUS:
            return KEEP
        if uses and all(use in self._removed for use in uses):
            return Part("drop")
        target = target_of(".".join(binding.module), name)
        if target is None:
            self._note_unknown(binding.alias or binding.statement, name)
            return KEEP
        if self._bindings.is_rebound(local):
            self._notes.add(
                binding.alias or binding.statement,
                f"the program uses the name {local} for several things, so this import was not changed",
            )
            return KEEP
        values = [use for use in uses if not self._bindings.in_annotation(use.node)]
        if values and all(use in self._kept for use in values):
            return KEEP
        for use in values:
            if use in self._kept:
                self._note_both(use.root, local)
        return self._moved(binding, target, uses)

    def _moved(self, binding: Binding, target: Target, uses: list[Use]) -> Part:
        local = binding.local
        if target.is_value:
            return Part("line", text=f"{local} = {target.name}")
        place = "" if not binding.module else target.place
        module = _module(place)
        if local == target.name:
            return Part("move", module, local)
        for use in uses:
            if binding.name in WIDER:
                self._note_wider(use.root, binding.name or "")
        renamed = binding.alias is not None and binding.alias.asname is None and self._may_rename(local, target.name)
        spans = [self._locator.span(use.root) for use in uses] if renamed else []
        if not renamed or None in spans:
            return Part("move", module, f"{target.name} as {local}")
        for span in spans:
            if span is not None:
                self._source.replace(*span, target.name)
        return Part("move", module, target.name)

    def _may_rename(self, local: str, new: str) -> bool:
        bindings = self._bindings
        free = bindings.is_free(new) or (
            new in bindings.by_name
            and not bindings.is_rebound(new)
            and bindings.by_name[new][0].name == new
            and target_of(".".join(bindings.by_name[new][0].module), new) is not None
        )
        return free and local not in bindings.exported and local not in self._shared and not bindings.is_optional(local)

    def _module(self, binding: Binding) -> Part:
        """A module: it moves if every use of it has a replacement, and is imported in addition otherwise."""
        local = binding.local
        if self._bindings.is_rebound(local):
            self._notes.add(
                binding.alias or binding.statement,
                f"the program uses the name {local} for several things, so this import was not changed",
            )
            return KEEP
        uses = [use for use in self._bindings.uses if use.local == local]
        if uses and all(not self._replaceable(use) for use in uses):
            return KEEP
        stays = any(not self._replaceable(use) and use not in self._removed for use in uses)
        if stays:
            return Part("line", text=f"import {PACKAGE}")
        name = self._module_name(binding)
        if isinstance(binding.statement, ast.ImportFrom):
            place, asname = _place(binding.module), binding.alias.asname if binding.alias else None
            if place:
                return Part("move", PACKAGE, f"{place} as {asname}" if asname else place)
            return Part("line", text=f"import {PACKAGE} as {local}")
        own = _module(_place(tuple((binding.alias.name if binding.alias else "").split(".")[1:])))
        if name == PACKAGE:
            return Part("move", text=own)
        return Part("move", text=f"{own if binding.module else PACKAGE} as {local}")

    def _module_name(self, binding: Binding) -> str:
        """The name of a module in the rewritten program."""
        is_plain = isinstance(binding.statement, ast.Import) and binding.local == OFFICIAL
        if not is_plain or self._bindings.is_optional(OFFICIAL) or not self._bindings.is_free(PACKAGE):
            return binding.local
        return PACKAGE

    def _replaceable(self, use: Use) -> bool:
        if use in self._kept and not self._bindings.in_annotation(use.node):
            return False
        return use in self._removed or use.name is None or self._target(use) is not None

    def _target(self, use: Use) -> Target | None:
        if use.name is None or use.name in SYNCHRONOUS:
            return None
        found = target_of(".".join(use.module), use.name)
        place = _place(self._bindings.by_name[use.local][0].module)
        if found is not None and place and found.place != place and not found.is_value:
            return None  # the module is bound to a name, and its replacement does not have this
        return found

    def _rename_module(self, local: str) -> None:
        """Rewrite the uses of a module."""
        binding = self._bindings.by_name[local][0]
        part = self._parts[binding]
        for use in [use for use in self._bindings.uses if use.local == local and use not in self._removed]:
            target = self._target(use)
            if use.name is not None and use.name not in SYNCHRONOUS and target is None:
                self._note_unknown(use.root, use.name)
            if part is KEEP or use.name in SYNCHRONOUS or not self._replaceable(use):
                continue
            root = PACKAGE if part == Part("line", text=f"import {PACKAGE}") else self._module_name(binding)
            if use.name in WIDER:
                self._note_wider(use.root, use.name or "")
            self._rename_use(use, root, target, _place(binding.module) if root != PACKAGE else "")

    def _rename_use(self, use: Use, root: str, target: Target | None, place: Place) -> None:
        name_span, whole = self._locator.span(use.root), self._locator.span(use.node)
        if name_span is None or whole is None:
            self._notes.add(use.root, f"replace {use.local} by {root} within this f-string")
            return
        if target is None:  # the module itself
            if not self._bindings.is_optional(use.local):
                self._notes.add(use.root, f"the module {use.local} is used as a whole here; check what is done with it")
            if self._parts[self._bindings.by_name[use.local][0]].action == "move":
                self._source.replace(*name_span, root)
            return
        if target.is_value:
            self._source.replace(*whole, target.name)
            return
        bound = self._bindings.by_name[use.local][0].module
        written = use.module[len(bound) :]
        inner = f".{target.place}" if target.place and not place and written == (target.place,) else ""
        if "".join(f".{part}" for part in written) == inner and use.name == target.name:
            self._source.replace(*name_span, root)
        elif "#" in self._source.segment(*whole):
            self._notes.add(use.root, f"replace this by {root}{inner}.{target.name}; the comment is in the way")
        else:
            self._source.replace(*whole, f"{root}{inner}.{target.name}")

    def _note_unknown(self, node: ast.expr | ast.stmt | ast.alias, name: str) -> None:
        self._notes.add(node, f"{PACKAGE} has no {name}, so it is still imported from {OFFICIAL}")

    def _note_both(self, node: ast.expr, name: str) -> None:
        self._notes.add(
            node,
            f"{name} is now from {PACKAGE}, but this function uses the synchronous client of {OFFICIAL}, which has "
            f"its own {name}",
        )

    def _note_wider(self, node: ast.expr, name: str) -> None:
        self._notes.add(
            node,
            f"{name} became InternalServerError, which has all statuses from 500; check .status == {WIDER[name]}",
        )

    # The statements

    def _rewrite_import(self, statement: ast.Import, extra: list[str]) -> None:
        for binding in [found for found in self._bindings.imports if found.statement is statement]:
            part = self._parts[binding]
            if part.action == "keep" or binding.alias is None:
                continue
            start, end = self._source.start(binding.alias), self._source.end(binding.alias)
            if part.action == "move":
                self._source.replace(start, end, part.text)
            else:
                self._source.replace(start, end, f"{self._source.segment(start, end)}, {PACKAGE}")
        if extra:
            self._add_lines(statement, [f"from {PACKAGE} import {', '.join(extra)}"])

    def _rewrite_from(self, statement: ast.ImportFrom, extra: list[str]) -> None:
        found = {binding.alias: self._parts[binding] for binding in self._bindings.imports if binding.alias is not None}
        if statement.names[0].name == "*":
            self._rewrite_star(statement, extra)
            return
        parts = [(alias, found[alias]) for alias in statement.names]
        groups: dict[str, list[str]] = {}
        for _, part in parts:
            if part.action == "move":
                group = groups.setdefault(part.module, [])
                if part.text not in group:
                    group.append(part.text)
        if extra:
            groups.setdefault(PACKAGE, []).extend(name for name in extra if name not in groups.get(PACKAGE, ()))
        lines = [part.text for _, part in parts if part.action == "line"]
        stays = any(part.action == "keep" for _, part in parts)
        if all(part.action == "keep" for _, part in parts) and not extra:
            return
        host = None if stays else next((part.module for _, part in parts if part.action == "move"), None)
        if host is None and not stays:
            new = [f"from {module} import {', '.join(names)}" for module, names in groups.items()]
            self._replace_statement(statement, [*new, *lines])
            return
        self._rewrite_names(statement, parts, host, extra if host == PACKAGE else [])
        others = [f"from {module} import {', '.join(names)}" for module, names in groups.items() if module != host]
        self._add_lines(statement, [*others, *lines])

    def _rewrite_names(
        self, statement: ast.ImportFrom, parts: list[tuple[ast.alias, Part]], host: str | None, extra: list[str]
    ) -> None:
        """Rewrite the names of a statement; the others are removed from it."""
        source = self._source
        if host is not None:
            module = _FROM.match(source.data, source.start(statement))
            if module is None:
                raise EditError(f"line {statement.lineno}: this way to write an import is not supported")
            source.replace(*module.span(1), host)
        remaining: list[tuple[ast.alias, str]] = []
        seen: set[str] = set()
        for alias, part in parts:
            stays = part.action == "keep" if host is None else part.module == host
            text = source.segment(source.start(alias), source.end(alias)) if host is None else part.text
            if stays and text not in seen:
                seen.add(text)
                remaining.append((alias, text))
        new = [name for name in extra if name not in seen]
        start, end = source.start(statement.names[0]), source.end(statement.names[-1])
        written = source.segment(start, end)
        in_parentheses = "(" in source.segment(source.start(statement), start)
        if not in_parentheses or ("\n" not in written and "\r" not in written):
            source.replace(start, end, ", ".join([*(text for _, text in remaining), *new]))
            return
        texts = dict(remaining)
        last = remaining[-1][0]
        texts[last] = ", ".join([texts[last], *new])
        for alias in statement.names:
            if alias in texts:
                source.replace(source.start(alias), source.end(alias), texts[alias])
            else:
                self._remove_alias(alias)

    def _remove_alias(self, alias: ast.alias) -> None:
        """Remove a name and its comma; a comment in the same line stays, and a line that becomes empty goes."""
        source = self._source
        start, end = source.start(alias), source.end(alias)
        comma = _COMMA.match(source.data, end)
        end = comma.end() if comma else end
        begin, following = source.line_start(start), source.line_end(end)
        if not source.segment(begin, start).strip() and not source.segment(end, following).strip():
            start, end = begin, following
        source.replace(start, end, "")

    def _rewrite_star(self, statement: ast.ImportFrom, extra: list[str]) -> None:
        groups: dict[str, list[str]] = {PACKAGE: list(extra)} if extra else {}
        lines = []
        for binding in [binding for binding in self._bindings.imports if binding.statement is statement]:
            part = self._parts[binding]
            if part.action == "line":
                lines.append(part.text)
            elif part.action != "drop":
                module = part.module if part.action == "move" else ".".join([OFFICIAL, *binding.module])
                groups.setdefault(module, []).append(part.text if part.action == "move" else binding.local)
        if not groups and not lines:
            self._notes.add(statement, "the program uses no name that this star import is known to provide")
            return
        new = [f"from {module} import {', '.join(sorted(names))}" for module, names in groups.items()]
        self._notes.add(statement, "the star import was replaced by the names that are used here")
        self._replace_statement(statement, [*new, *lines])

    def _replace_statement(self, statement: ast.stmt, lines: list[str]) -> None:
        """Replace a statement; its comments come before."""
        source = self._source
        start, end = source.start(statement), source.end(statement)
        comments = _comments(source.segment(start, end))
        alone, indent = self._is_alone(statement)
        if not lines and not comments and alone and self._has_siblings(statement):
            source.replace(source.line_start(start), source.line_end(end), "")
            return
        joint = f"{source.newline}{indent}" if alone else "; "
        source.replace(start, end, joint.join([*comments, *(lines or ["pass"])]))

    def _add_lines(self, statement: ast.stmt, lines: list[str]) -> None:
        """Add statements after one."""
        if not lines:
            return
        source = self._source
        alone, indent = self._is_alone(statement)
        end = source.end(statement)
        if not alone:
            source.replace(end, end, "".join(f"; {line}" for line in lines))
            return
        following = source.line_end(end)
        text = "".join(f"{indent}{line}{source.newline}" for line in lines)
        if following == len(source.data) and not source.data.endswith((b"\n", b"\r")):
            text = source.newline + text.removesuffix(source.newline)
        source.replace(following, following, text)

    def _has_siblings(self, statement: ast.stmt) -> bool:
        blocks = [value for _, value in ast.iter_fields(self._bindings.parents[statement]) if isinstance(value, list)]
        return any(statement in block and len(block) > 1 for block in blocks)

    def _is_alone(self, statement: ast.stmt) -> tuple[bool, str]:
        """Whether a statement has its lines for itself, and the indentation."""
        source = self._source
        begin, start, end = source.line_start(source.start(statement)), source.start(statement), source.end(statement)
        before, after = source.segment(begin, start), source.segment(end, source.line_end(end)).strip()
        return not before.strip() and (not after or after.startswith("#")), before


def _module(place: Place) -> str:
    return f"{PACKAGE}.{place}" if place else PACKAGE


def _place(module: tuple[str, ...]) -> Place:
    if module == ("types",):
        return "types"
    return "errors" if module == ("errors",) else ""


def _comments(text: str) -> list[str]:
    if "#" not in text:
        return []
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]
