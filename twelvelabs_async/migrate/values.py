"""What the expressions of a program are: clients, resources, responses, errors.

An approximation by name and scope, without the order of statements. What it does not recognize stays as it is.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final, Literal

import attrs

from .._safe_repr import SafeRepr
from .bindings import FUNCTIONS
from .names import ASYNC_CLIENT, PAGED, RESOURCES, STATUS_ERRORS, STREAMS, SYNC_CLIENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .bindings import Bindings, Use

Kind = Literal["class", "client", "method", "call", "model", "pager", "raw", "error", "error class", "raises"]

PASSES: Final = 4
"""How often values are followed from one name to the next."""

CLIENT_CLASSES: Final = {ASYNC_CLIENT: False, "AsyncBaseClient": False, SYNC_CLIENT: True, "BaseClient": True}
"""Classes of clients, and whether they are synchronous."""


@attrs.frozen
class Value(SafeRepr):
    """What an expression is.

    Attributes:
        kind: A client class, a client or one of its resources, a method of it, the call of one, its results ...
        path: The attribute path from the client.
        is_sync: Whether it belongs to a synchronous client.
        is_raw: Whether it was reached through `with_raw_response`.
        is_certain: Whether it is known, and not guessed from an attribute path.
    """

    kind: Kind
    path: str = ""
    is_sync: bool = False
    is_raw: bool = False
    is_certain: bool = True


class Values:
    """The values of a program."""

    def __init__(self, bindings: Bindings) -> None:
        """Follow the values."""
        self._bindings = bindings
        self._nodes = bindings.nodes
        self._names: dict[tuple[ast.AST | None, str], Value] = {}
        self._attributes: dict[tuple[ast.ClassDef, str], Value] = {}
        self._functions = {
            node.name: node for node in self._nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        for _ in range(PASSES):
            for node in self._nodes:
                self._learn(node)

    def of(self, node: ast.AST | None) -> Value | None:
        """What an expression is; None if that is unknown."""
        if node is None:
            return None
        use = self._bindings.use_at.get(node)
        if use is not None:
            return None if self._bindings.is_rebound(use.local) else _imported(use)
        if isinstance(node, ast.Name):
            return self._lookup(node)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        if isinstance(node, ast.Await):
            return self._awaited(node)
        if isinstance(node, ast.Subscript):
            value = self.of(node.value)
            return value if value and value.kind == "model" else None
        if isinstance(node, ast.NamedExpr):
            return self.of(node.value)
        if isinstance(node, ast.IfExp):
            return self.of(node.body) or self.of(node.orelse)
        if isinstance(node, ast.BoolOp):
            return next((value for part in node.values if (value := self.of(part))), None)
        return None

    def annotated(self, annotation: ast.AST | None) -> Value | None:
        """What a variable with an annotation is."""
        if annotation is None:
            return None
        written = list(ast.walk(annotation))
        quoted = [self._bindings.quoted[part] for part in written if part in self._bindings.quoted]
        for part in (*written, *(part for inner in quoted for part in ast.walk(inner))):
            if part in self._bindings.use_at and (value := self.of(part)) is not None:
                if value.kind == "class":
                    return Value("client", is_sync=value.is_sync)
                if value.kind == "error class":
                    return Value("error")
            if isinstance(part, ast.Name) and (value := self._lookup(part)) and value.kind == "class":
                return Value("client", is_sync=value.is_sync)
        return None

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            value = self.of(node.value)
            for target in node.targets:
                self._store(target, value)
        elif isinstance(node, ast.AnnAssign):
            self._store(node.target, self.of(node.value) or self.annotated(node.annotation))
        elif isinstance(node, ast.NamedExpr):
            self._store(node.target, self.of(node.value))
        elif isinstance(node, ast.arg):
            function = next((at for at in self._bindings.ancestors(node) if isinstance(at, FUNCTIONS)), None)
            self._store_name(function, node.arg, self.annotated(node.annotation))
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            self._store(node.target, self._item(node.iter))
        elif isinstance(node, ast.withitem):
            self._store(node.optional_vars, self._entered(node.context_expr))
        elif isinstance(node, ast.ClassDef):
            for base in node.bases:
                value = self.of(base)
                if value and value.kind == "class":
                    self._store_name(self._bindings.function_of(node), node.name, value)
        elif isinstance(node, ast.ExceptHandler) and node.name and self.catches_errors(node):
            self._store_name(self._bindings.function_of(node), node.name, Value("error"))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self._functions:
            self._pass(node, self._functions[node.func.id])

    def catches_errors(self, node: ast.ExceptHandler) -> bool:
        """Whether a handler catches nothing but errors with a status of the official package."""
        if node.type is None:
            return False
        types = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        values = [self.of(part) for part in types]
        return bool(values) and all(value is not None and value.kind == "error class" for value in values)

    def _pass(self, call: ast.Call, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Parameters get the values of arguments."""
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        for name, argument in zip(names, call.args, strict=False):
            self._store_name(function, name, self.of(argument))
        for keyword in call.keywords:
            if keyword.arg is not None:
                self._store_name(function, keyword.arg, self.of(keyword.value))

    def _store(self, target: ast.AST | None, value: Value | None) -> None:
        if isinstance(target, ast.Name):
            self._store_name(self._bindings.function_of(target), target.id, value)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and value is not None:
            inside = self._bindings.class_of(target)
            if inside is not None and target.value.id in {"self", "cls"}:
                self._attributes.setdefault((inside, target.attr), value)

    def _store_name(self, function: ast.AST | None, name: str, value: Value | None) -> None:
        if value is None:
            return
        known = self._names.get((function, name))
        if known is None or (value.is_certain and not known.is_certain):  # the client may be found after its uses
            self._names[function, name] = value

    def _lookup(self, node: ast.Name) -> Value | None:
        function = self._bindings.function_of(node)
        while True:
            if (function, node.id) in self._names:
                return self._names[function, node.id]
            if function is None:
                return self._own(node) if node.id == "self" else None
            function = self._bindings.function_of(function)

    def _attribute(self, node: ast.Attribute) -> Value | None:
        if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}:
            inside = self._bindings.class_of(node)
            if inside is not None and (inside, node.attr) in self._attributes:
                return self._attributes[inside, node.attr]
        value = self.of(node.value)
        return _member(value, node.attr) if value else None

    def _own(self, node: ast.Name) -> Value | None:
        """What `self` is in a subclass of a client."""
        inside = self._bindings.class_of(node)
        value = self._names.get((self._bindings.function_of(inside), inside.name)) if inside else None
        return Value("client", is_sync=value.is_sync) if value and value.kind == "class" else None

    def _call(self, node: ast.Call) -> Value | None:
        function = self.of(node.func)
        if function is None:
            return self._returned(node) or self._guessed(node)
        if function.kind == "class":
            return Value("client", is_sync=function.is_sync)
        if function.kind == "error class":
            return Value("error")
        if function.kind == "method":
            return attrs.evolve(function, kind="call")
        return None

    def _returned(self, node: ast.Call) -> Value | None:
        """The client that a function of the program returns, as its annotation says."""
        if isinstance(node.func, ast.Name) and node.func.id in self._functions:
            return self.annotated(self._functions[node.func.id].returns)
        if _is_raises(node.func) and node.args:
            value = self.of(node.args[0])
            return Value("raises") if value and value.kind == "error class" else None
        return None

    def _guessed(self, node: ast.Call) -> Value | None:
        """The awaited call of a method with the attribute path of a resource, on something unknown."""
        if not isinstance(self._bindings.parents.get(node), ast.Await | ast.AsyncFor | ast.comprehension):
            return None
        path = _dotted(node.func)[1:]
        for start in range(len(path) - 1):
            if ".".join(path[start:-1]) in RESOURCES:
                return Value("call", ".".join(path[start:]), is_certain=False)
        return None

    def _awaited(self, node: ast.Await) -> Value | None:
        value = self.of(node.value)
        if value is None or value.is_sync:
            return None
        if value.kind != "call":
            return value if value.kind == "client" else None
        if value.is_raw:
            return attrs.evolve(value, kind="raw")
        return attrs.evolve(value, kind="pager" if value.path in PAGED else "model")

    def _item(self, node: ast.AST) -> Value | None:
        """What an iteration yields."""
        value = self.of(node)
        if value is None or value.is_sync:
            return None
        iterated = value.kind == "call" and (value.path in PAGED or value.path in STREAMS)
        return attrs.evolve(value, kind="model") if iterated or value.kind in {"model", "pager"} else None

    def _entered(self, node: ast.AST) -> Value | None:
        value = self.of(node)
        return value if value and value.kind in {"client", "raises"} else None


def _imported(use: Use) -> Value | None:
    if use.name in CLIENT_CLASSES:
        return Value("class", is_sync=CLIENT_CLASSES[use.name])
    return Value("error class") if use.name in STATUS_ERRORS else None


def _member(value: Value, name: str) -> Value | None:
    if value.kind == "client":
        if name == "with_raw_response":
            return attrs.evolve(value, is_raw=True)
        path = f"{value.path}.{name}" if value.path else name
        known = path in RESOURCES
        if not known and name.startswith("_"):
            return None
        return attrs.evolve(value, path=path, kind="client" if known else "method")
    if value.kind == "model":
        return value
    if value.kind == "pager" and name == "items":
        return attrs.evolve(value, kind="model")
    if value.kind == "raises" and name == "value":
        return Value("error")
    return None


def _is_raises(node: ast.AST) -> bool:
    return _dotted(node)[-1:] in (["raises"], ["assertRaises"])


def _dotted(node: ast.AST) -> list[str]:
    """The parts of an attribute path; a part that is not a name is `?`."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    return [node.id if isinstance(node, ast.Name) else "?", *parts]


def methods(bindings: Bindings, values: Values) -> Iterator[tuple[ast.Call, Value]]:
    """The calls of methods of a client."""
    for node in bindings.nodes:
        if isinstance(node, ast.Call):
            value = values.of(node)
            if value is not None and value.kind == "call":
                yield node, value
