"""Which module of a package imports which, read from the source: nothing is imported to find out.

Imports below `if TYPE_CHECKING:` and inside functions count like those at the top of a module, since a reader follows
them all the same. Not seen: names given to `importlib.import_module` at run time.
"""

from __future__ import annotations

import ast
from collections import deque
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


@attrs.frozen(order=True)
class Import:
    """One import of a module of the package by another one.

    Attributes:
        importer: Dotted name of the module that imports, package included.
        imported: Dotted name of the module that is imported.
        path: File of the importer.
        line: Line of the import.
    """

    importer: str
    imported: str
    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.importer} imports {self.imported}"


def read_imports(package: Path) -> list[Import]:
    """Every import within a package.

    Args:
        package: The folder of the package; its name is the name of the package.
    """
    modules = _modules(package)
    return sorted(
        {
            Import(module, imported, path, line)
            for module, path in modules.items()
            for imported, line in _imported_by(module, path, modules)
            if imported != module
        }
    )


def module_names(package: Path) -> list[str]:
    """Dotted names of all modules of a package, itself included."""
    return list(_modules(package))


def find_cycles(imports: Iterable[Import]) -> list[list[Import]]:
    """Cycles of imports: for every import that is part of one, the shortest, as the imports that lead around."""
    first: dict[tuple[str, str], Import] = {}
    for item in sorted(imports):
        first.setdefault((item.importer, item.imported), item)
    following: dict[str, list[Import]] = {}
    for item in first.values():
        following.setdefault(item.importer, []).append(item)
    cycles: dict[frozenset[Import], list[Import]] = {}
    for item in first.values():
        back = _shortest_way(following, item.imported, item.importer)
        if back is not None:
            cycle = [item, *back]
            cycles.setdefault(frozenset(cycle), cycle)
    return list(cycles.values())


def _modules(package: Path) -> dict[str, Path]:
    return {_module_name(package, path): path for path in sorted(package.rglob("*.py"))}


def _module_name(package: Path, path: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported_by(module: str, path: Path, modules: Mapping[str, Path]) -> Iterator[tuple[str, int]]:
    """The modules that one module imports, with the lines of the imports."""
    root = module.partition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] == root:
                    yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            source = _source(module, path, node)
            if source.partition(".")[0] == root:
                for alias in node.names:
                    inner = f"{source}.{alias.name}"  # `from . import errors` imports a module, not a name
                    yield inner if inner in modules else source, alias.lineno


def _source(module: str, path: Path, node: ast.ImportFrom) -> str:
    """Absolute name of what `from ... import` names."""
    if not node.level:
        return node.module or ""
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    parts = package[: len(package) - node.level + 1]
    return ".".join([*parts, node.module] if node.module else parts)


def _shortest_way(following: Mapping[str, Sequence[Import]], start: str, end: str) -> list[Import] | None:
    """The fewest imports that lead from one module to another; None where there is no way."""
    ways: deque[tuple[str, list[Import]]] = deque([(start, [])])
    seen = {start}
    while ways:
        module, way = ways.popleft()
        if module == end:
            return way
        for item in following.get(module, ()):
            if item.imported not in seen:
                seen.add(item.imported)
                ways.append((item.imported, [*way, item]))
    return None
