"""The layers of the emulator: a part imports from the parts below it, and no file takes part in an import cycle."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import twelvelabs_async.emulator

ROOT = Path(twelvelabs_async.emulator.__file__).parent
NAME = "twelvelabs_async.emulator"

LAYERS = (
    "clock",
    "errors",
    "addresses",
    "settings",
    "media",
    "openapi",
    "state",
    "services",
    "api",
    "resources",
    "handlers",
    "object_store",
    "faults",
    "platform",
    "server",
    "__init__",
    "__main__",
)
"""The files and packages of the emulator, from the bottom to the top; README.md says what they hold."""

Graph = dict[str, set[str]]


def _graph(root: Path, name: str) -> Graph:
    """What each module of a package imports of it, also for type checkers only and inside functions.

    Modules are named without the name of the package, packages by their `__init__`.
    """
    files = {_module(path.relative_to(root)): path for path in root.rglob("*.py")}
    return {
        module: {
            target
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            for target in _targets(node, module, name, files.keys())
        }
        for module, path in files.items()
    }


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts)


def _targets(node: ast.AST, module: str, name: str, known: object) -> set[str]:
    if isinstance(node, ast.Import):
        imported = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            here = [*name.split("."), *module.split(".")]
            base = ".".join([*here[: -node.level], *([base] if base else [])])
        imported = [f"{base}.{alias.name}" for alias in node.names]
    else:
        return set()
    inside = [text.removeprefix(name).removeprefix(".") for text in imported if f"{text}.".startswith(f"{name}.")]
    return {_existing(text, known) for text in inside} - {module}


def _existing(text: str, known: object) -> str:
    """The module that an import of a module, of a package, or of a name in one of them loads."""
    parts = text.split(".") if text else []
    while True:
        for candidate in (".".join(parts), ".".join([*parts, "__init__"])):
            if candidate in known:  # type: ignore[operator]
                return candidate
        assert parts, text
        parts.pop()


def _cycles(graph: Graph) -> list[list[str]]:
    """The cycles that a depth-first search meets; none exactly if there is none."""
    found: list[list[str]] = []
    finished: set[str] = set()

    def visit(module: str, path: list[str]) -> None:
        if module in path:
            found.append([*path[path.index(module) :], module])
            return
        if module in finished:
            return
        for target in sorted(graph[module]):
            visit(target, [*path, module])
        finished.add(module)

    for module in sorted(graph):
        visit(module, [])
    return found


def _upward(graph: Graph) -> list[str]:
    """The imports from a layer above."""
    order = {layer: number for number, layer in enumerate(LAYERS)}
    layer_of = {module: order[module.split(".")[0]] for module in graph}
    return [
        f"{module} imports {target}"
        for module, targets in sorted(graph.items())
        for target in sorted(targets)
        if layer_of[target] > layer_of[module]
    ]


def test_no_import_cycle() -> None:
    assert _cycles(_graph(ROOT, NAME)) == []


def test_no_import_from_a_layer_above() -> None:
    assert _upward(_graph(ROOT, NAME)) == []


def test_every_part_has_its_layer() -> None:
    parts = {module.split(".")[0] for module in _graph(ROOT, NAME)}
    assert parts == set(LAYERS)


def test_the_emulator_imports_nothing_of_the_client() -> None:
    for path in ROOT.rglob("*.py"):
        module = _module(path.relative_to(ROOT))
        depth = module.count(".") + 1
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                if (module, node.level, node.module) == ("__init__", 2, "_extras"):
                    continue  # names of packages, which say nothing about the platform
                outside = node.level > depth or (not node.level and (node.module or "").startswith("twelvelabs_async"))
                assert not outside, (module, node.lineno)
            elif isinstance(node, ast.Import):
                assert not any(alias.name.startswith("twelvelabs_async") for alias in node.names), (module, node.lineno)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("from .. import platform\n", "platform"),
        ("from ..platform import Platform\n", "platform"),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..api.call import Call\n", "api.call"),
        ("def late():\n    from ..api import call\n    return call\n", "api.call"),
        ("import twelvelabs_async.emulator.handlers\n", "handlers.__init__"),
        ("from twelvelabs_async.emulator import Emulator\n", "__init__"),
    ],
)
def test_every_form_of_import_is_seen(tmp_path: Path, source: str, target: str) -> None:
    imports_the_source = "from twelvelabs_async.emulator.state import store\n"
    files = dict.fromkeys(("platform.py", "__init__.py", "api/call.py", "handlers/__init__.py"), imports_the_source)
    files |= {"state/store.py": source, "api/__init__.py": "", "state/__init__.py": ""}
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    graph = _graph(tmp_path, NAME)
    assert graph["state.store"] == {target}
    assert _upward(graph) == [f"state.store imports {target}"]
    assert len(_cycles(graph)) == 1
