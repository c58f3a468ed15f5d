"""Where an exported type, constant or alias is defined, and what its source says about it."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import resolve_name


@dataclass(frozen=True)
class Definition:
    """What the source says.

    Attributes:
        path: The file.
        source: What is assigned, as it is written there; empty for a class.
        is_type: Whether it is a type, and not a value.
        documentation: The docstring; of another name for a class, which one it is.
    """

    path: str
    source: str
    is_type: bool
    documentation: str


def find(module: str, name: str) -> Definition:
    """Find a definition, through the imports of a module that exports it only.

    Raises:
        LookupError: The module neither defines nor imports it.
    """
    path, body = _parsed(module)
    for number, node in enumerate(body):
        match node:
            case ast.ClassDef(name=found) if found == name:
                return Definition(path, "", True, ast.get_docstring(node) or "")
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                is_type = ast.unparse(node.annotation) == "TypeAlias"
                return Definition(path, ast.unparse(value), is_type, _docstring_after(body, number))
            case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                return Definition(path, ast.unparse(value), True, _docstring_after(body, number))
            case ast.ImportFrom() if any((alias.asname or alias.name) == name for alias in node.names):
                package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
                return find(resolve_name("." * node.level + (node.module or ""), package), name)
            case _:
                pass
    raise LookupError(f"{module} does not define {name}")


@cache
def _parsed(module: str) -> tuple[str, list[ast.stmt]]:
    """Path and statements of a module; those below `if TYPE_CHECKING:` or `with needs(...):` come after the rest."""
    path = inspect.getfile(import_module(module))
    body = ast.parse(inspect.getsource(import_module(module))).body
    guarded = [inner for node in body if isinstance(node, ast.If | ast.With) for inner in node.body]
    return path, body + guarded


def _docstring_after(body: list[ast.stmt], number: int) -> str:
    match body[number + 1 : number + 2]:
        case [ast.Expr(value=ast.Constant(value=str() as text))]:
            return inspect.cleandoc(text)
    return ""
