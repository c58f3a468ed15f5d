"""The resource tree of the client: which class holds which method, and where it lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from . import names
from .calls import Call
from .errors import GenerationError

if TYPE_CHECKING:
    from pathlib import Path


@attrs.define
class Node:
    """A resource.

    Attributes:
        path: Attribute path on the client; empty for the client itself.
        module: Module of its operations; empty where it has none of its own.
        calls: Its methods.
        children: Resources below it, by attribute.
        by_hand: Module below `resources` with the hand-written subclass; empty where there is none.
    """

    path: tuple[str, ...]
    module: str = ""
    calls: list[Call] = attrs.Factory(list)
    children: dict[str, Node] = attrs.Factory(dict)
    by_hand: str = ""

    @property
    def cls(self) -> str:
        """Name of the class."""
        return f"{names.pascal(self.path)}Resource"

    @property
    def shadowed(self) -> frozenset[str]:
        """Names of the members, which hide builtins of the same name inside the class."""
        return frozenset(call.name for call in self.calls) | frozenset(self.children)

    @property
    def dotted(self) -> str:
        """The attribute path as users write it."""
        return ".".join(self.path)


@attrs.frozen
class Tree:
    """All resources.

    Attributes:
        root: The client.
        nodes: Every resource below it, parents first.
        roots: Module to the methods of the client that come from it.
    """

    root: Node
    nodes: tuple[Node, ...]
    roots: dict[str, list[Call]]

    def in_module(self, module: str) -> list[Node]:
        """Resources whose class lives in a module."""
        return [node for node in self.nodes if node.module == module]


def build(calls: list[Call], resources: Path) -> Tree:
    """Put the calls in a tree.

    Args:
        calls: The methods.
        resources: Folder of the hand-written subclasses.
    """
    root, roots = Node(()), dict[str, list[Call]]()
    for call in calls:
        node = root
        for part in call.path[:-1]:
            path = (*node.path, part)
            node = node.children.setdefault(part, Node(path, by_hand=_by_hand(path, resources)))
        if node is root:
            roots.setdefault(call.module, []).append(call)
        elif node.module and node.module != call.module:
            raise GenerationError(f"{node.dotted} has operations of two tags: {node.module} and {call.module}")
        else:
            node.module = call.module
        node.calls.append(call)
    nodes = _walk(root)
    classes: dict[str, Node] = {}
    for node in (root, *nodes):
        members = [call.name for call in node.calls] + list(node.children)
        for name in members:
            if members.count(name) > 1:
                raise GenerationError(f"{node.dotted or 'The client'} would have two members called {name}")
        if node.cls in classes:
            raise GenerationError(f"{node.dotted} and {classes[node.cls].dotted} would both be {node.cls}")
        classes[node.cls] = node
    return Tree(root, tuple(nodes), roots)


def _by_hand(path: tuple[str, ...], resources: Path) -> str:
    name = "_".join(path)
    return name if (resources / f"{name}.py").is_file() else ""


def _walk(node: Node) -> list[Node]:
    found = []
    for child in node.children.values():
        found += [child, *_walk(child)]
    return found
