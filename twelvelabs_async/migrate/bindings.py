"""Which names of a program stand for something of the official package, and where they are used."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Final

import attrs

from .._safe_repr import SafeRepr
from .names import FUNCTION_NAMES, OFFICIAL, SYNCHRONOUS, target_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .source import Source

FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

_NAMED: Final = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.ExceptHandler,
    ast.MatchAs,
    ast.MatchStar,
)
"""Nodes that bind their `name`, if they have one."""

_QUOTES: Final = ('"""', "'''", '"', "'")


@attrs.define(eq=False)
class Binding(SafeRepr):
    """An imported name.

    Attributes:
        local: The name in the program.
        module: The module that it is, or that has it, without the name of the package.
        name: The name in the module; None if the binding is a module.
        statement: The import.
        alias: The part of the import; None for a name that a star import provides.
    """

    local: str
    module: tuple[str, ...]
    name: str | None
    statement: ast.Import | ast.ImportFrom
    alias: ast.alias | None


@attrs.define(eq=False)
class Use(SafeRepr):
    """A use of an imported name.

    Attributes:
        root: The name in the program.
        node: `root`, or the attribute of it that names something of the official package.
        local: The name in the program.
        module: The module that has the name.
        name: The name; None if a module is used as such.
    """

    root: ast.Name
    node: ast.Name | ast.Attribute
    local: str
    module: tuple[str, ...]
    name: str | None


class Bindings:
    """The imports of the official package in a program, and the uses of what they bind.

    Attributes:
        imports: The bindings in the order of the program.
        uses: The uses, also those in annotations that are strings.
        nodes: All nodes.
        parents: The parent of each node.
        quoted: The expressions of annotations that are strings.
        used_names: Every name that the program uses or binds, whatever it stands for.
        exported: Names in `__all__`.
    """

    def __init__(self, source: Source) -> None:
        """Find them."""
        tree = source.tree
        self.parents: dict[ast.AST, ast.AST] = {}
        self.quoted: dict[ast.AST, ast.expr] = {}
        self._adopt(tree)
        self._annotations = set(_annotations(tree))
        for node in self._annotations:
            for text in ast.walk(node):
                if isinstance(text, ast.Constant):
                    self._parse_string(source, text)
        self.nodes: list[ast.AST] = [
            *ast.walk(tree),
            *(node for inner in self.quoted.values() for node in ast.walk(inner)),
        ]
        self.exported: set[str] = _exported(tree)
        self._bound = self._other_bindings()
        self.used_names: set[str] = {node.id for node in self.nodes if isinstance(node, ast.Name)} | set(self._bound)
        self.imports: list[Binding] = list(self._imports())
        self.by_name: dict[str, list[Binding]] = {}
        for binding in self.imports:
            self.by_name.setdefault(binding.local, []).append(binding)
        self.used_names |= set(self.by_name)
        self.uses: list[Use] = [use for node in self.nodes if isinstance(node, ast.Name) for use in self._use(node)]
        self.use_at: dict[ast.AST, Use] = {use.node: use for use in self.uses}

    def is_rebound(self, local: str) -> bool:
        """Whether a name also stands for something else, or for different things of the official package."""
        found = self.by_name[local]
        same = len({_meaning(binding) for binding in found}) == 1
        if found[0].name is None:  # `import twelvelabs` and `import twelvelabs.errors` bind the same name
            same = len({binding.module for binding in found}) == 1
        return not same or any(not self._is_none(node) for node in self._bound.get(local, ()))

    def is_optional(self, local: str) -> bool:
        """Whether a name is None if the package is not installed."""
        return bool(self._bound.get(local))

    def is_free(self, name: str) -> bool:
        """Whether a program does not use a name yet."""
        return name not in self.used_names

    def in_annotation(self, node: ast.AST) -> bool:
        """Whether a node is part of an annotation."""
        return any(at in self._annotations for at in [node, *self.ancestors(node)])

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The parents of a node, from the inside to the outside."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def function_of(self, node: ast.AST) -> ast.AST | None:
        """The function around a node; None for the module itself."""
        return next((at for at in self.ancestors(node) if isinstance(at, FUNCTIONS)), None)

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """The class around a node."""
        return next((at for at in self.ancestors(node) if isinstance(at, ast.ClassDef)), None)

    def _adopt(self, node: ast.AST) -> None:
        todo = [node]
        while todo:
            parent = todo.pop()
            for child in ast.iter_child_nodes(parent):
                self.parents[child] = parent
                todo.append(child)

    def _parse_string(self, source: Source, text: ast.Constant) -> None:
        """Read an annotation in quotes: its nodes get the positions that they have in the program."""
        if not isinstance(text.value, str) or OFFICIAL[:6].lower() not in text.value.lower():
            return
        written = source.text_of(text)
        quote = next((quote for quote in _QUOTES if written.startswith(quote)), "")
        if not quote or written != f"{quote}{text.value}{quote}" or "\n" in written:
            return  # with escapes, or in several pieces; whoever wrote this has to look at it
        try:
            inner = ast.parse(text.value, mode="eval").body
        except SyntaxError:
            return
        for node in ast.walk(inner):
            if isinstance(node, ast.expr):
                node.lineno = node.end_lineno = text.lineno
                node.col_offset += text.col_offset + len(quote)
                node.end_col_offset = (node.end_col_offset or 0) + text.col_offset + len(quote)
        self.quoted[text] = inner
        self.parents[inner] = text
        self._adopt(inner)

    def _imports(self) -> Iterator[Binding]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    package, *rest = alias.name.split(".")
                    if package == OFFICIAL:
                        yield Binding(alias.asname or OFFICIAL, tuple(rest) if alias.asname else (), None, node, alias)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and _is_official(node.module):
                module = tuple((node.module or "").split(".")[1:])
                for alias in node.names:
                    local = alias.asname or alias.name
                    if alias.name == "*":
                        yield from self._starred(node, module)
                    elif is_module(alias.name):
                        yield Binding(local, (*module, alias.name), None, node, alias)
                    else:
                        yield Binding(local, module, alias.name, node, alias)

    def _starred(self, node: ast.ImportFrom, module: tuple[str, ...]) -> Iterator[Binding]:
        free = self.used_names - set(self._bound) - set(dir(builtins))
        for name in sorted(free):
            if name in SYNCHRONOUS or target_of(".".join(module), name) is not None:
                yield Binding(name, module, name, node, None)

    def _use(self, node: ast.Name) -> Iterator[Use]:
        found = self.by_name.get(node.id)
        if found is None or not isinstance(node.ctx, ast.Load):
            return
        binding = found[0]
        module, name = binding.module, binding.name
        at: ast.Name | ast.Attribute = node
        while name is None:
            parent = self.parents.get(at)
            if not isinstance(parent, ast.Attribute):
                break
            at = parent
            if is_module(parent.attr):
                module = (*module, parent.attr)
            else:
                name = parent.attr
        yield Use(node, at, node.id, module, name)

    def _other_bindings(self) -> dict[str, list[ast.AST]]:
        """Every other place that binds a name: the name, and the node that does."""
        found: dict[str, list[ast.AST]] = {}
        for node in self.nodes:
            for name in _bound_by(node):
                found.setdefault(name, []).append(node)
        return found

    def _is_none(self, node: ast.AST) -> bool:
        statement = self.parents.get(node)
        return (
            isinstance(statement, ast.Assign | ast.AnnAssign)
            and isinstance(statement.value, ast.Constant)
            and statement.value.value is None
        )


def _meaning(binding: Binding) -> object:
    """What a name stands for: several modules of the official package have the same class."""
    found = target_of(".".join(binding.module), binding.name or "")
    return found or (binding.module, binding.name)


def is_module(name: str) -> bool:
    """Whether a name of the official package is a module; classes and constants are written with capitals."""
    return name.islower() and not name.startswith("__") and name not in FUNCTION_NAMES


def _is_official(module: str | None) -> bool:
    return module is not None and module.split(".")[0] == OFFICIAL


def _annotations(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg):
            if node.annotation is not None:
                yield node.annotation
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            yield node.returns
        elif isinstance(node, ast.Call) and node.args and _called(node) == "cast":
            yield node.args[0]


def _called(node: ast.Call) -> str:
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _exported(tree: ast.Module) -> set[str]:
    return {
        text.value
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == "__all__" and node.value is not None
        for text in ast.walk(node.value)
        if isinstance(text, ast.Constant) and isinstance(text.value, str)
    }


def _bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, _NAMED):
        if node.name is not None:
            yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    elif isinstance(node, ast.Import):
        yield from (alias.asname or alias.name.split(".")[0] for alias in node.names if not _is_official(alias.name))
    elif isinstance(node, ast.ImportFrom) and not (node.level == 0 and _is_official(node.module)):
        yield from (alias.asname or alias.name for alias in node.names)
