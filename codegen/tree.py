"""The resource tree of the client: which class holds which method, and where it lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from . import names
from .calls import Call
from .errors import GenerationError
from .waits import METHODS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from .waits import Wait


@attrs.define
class Node:
    """A resource.

    Attributes:
        path: Attribute path on the client; empty for the client itself.
        module: Module of its operations; empty where it has none of its own.
        calls: Its methods.
        waits: What can be waited for there: at most one thing.
        children: Resources below it, by attribute.
        has_subclass: Whether `resources/<name>.py` holds a hand-written subclass.
    """

    path: tuple[str, ...]
    module: str = ""
    calls: list[Call] = attrs.Factory(list)
    waits: list[Wait] = attrs.Factory(list)
    children: dict[str, Node] = attrs.Factory(dict)
    has_subclass: bool = False

    @property
    def name(self) -> str:
        """Name of the modules that are named after its path."""
        return "_".join(self.path)

    @property
    def cls(self) -> str:
        """Name of the class."""
        return f"{names.pascal(self.path)}Resource" if self.path else "ResourceTree"

    @property
    def place(self) -> str:
        """Where the document has its first operation, for messages."""
        return self.calls[0].place if self.calls else next(iter(self.children.values())).place

    @property
    def shadowed(self) -> frozenset[str]:
        """Names of the methods, which hide builtins of the same name inside the class."""
        return frozenset(call.name for call in self.calls)

    @property
    def dotted(self) -> str:
        """The attribute path as users write it."""
        return ".".join(self.path)


@attrs.frozen
class Class:
    """A class, as a module of the tree imports it.

    Attributes:
        module: Relative name of its module.
        name: Its name.
    """

    module: str
    name: str


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

    def with_children(self) -> list[Node]:
        """The client, and every resource that has resources below it: each has a module in the tree."""
        return [self.root, *(node for node in self.nodes if node.children)]

    def bases(self, node: Node, *, raw: bool) -> list[Class]:
        """The classes with the methods of a resource, without the resources below it.

        Args:
            node: The resource.
            raw: Whether they are those behind `with_raw_response`.
        """
        mark, folder = ("Raw", "raw") if raw else ("", "operations")
        if node is self.root:
            classes = [Class(f"..{folder}.{module}", f"{mark}{root_class(module)}") for module in sorted(self.roots)]
        elif node.has_subclass and not raw:
            classes = [Class(f"...resources.{node.name}", node.cls)]
        else:
            classes = [Class(f"..{folder}.{node.module}", f"{mark}{node.cls}")] if node.module else []
        return classes or [Class("..._raw", "RawResource") if raw else Class("..._resource", "Resource")]

    def whole(self, node: Node, *, raw: bool) -> Class:
        """The class of a resource with the resources below it. Takes what `bases` does."""
        if node.children:
            return Class(f".{node.name}", f"Raw{node.cls}" if raw else node.cls)
        return self.bases(node, raw=raw)[0]


def root_class(module: str) -> str:
    """Name of the class with the methods of the client itself that come from a module."""
    return f"{names.pascal((module,))}Operations"


def build(calls: list[Call], resources: Path, waits: Sequence[Wait] = ()) -> Tree:
    """Put the calls in a tree.

    Args:
        calls: The methods.
        resources: Folder of the hand-written subclasses.
        waits: What can be waited for.
    """
    root, roots = Node(()), dict[str, list[Call]]()
    for call in calls:
        node = root
        for part in call.path[:-1]:
            path = (*node.path, part)
            node = node.children.setdefault(part, Node(path))
            node.has_subclass = (resources / f"{node.name}.py").is_file()
        if node is root:
            roots.setdefault(call.module, []).append(call)
        elif node.module and node.module != call.module:
            raise GenerationError(
                f"{node.dotted} has operations of two tags: {node.module} and {call.module}",
                "give all operations of one prefix of x-method the same tag",
                call.place,
            )
        else:
            node.module = call.module
        node.calls.append(call)
        node.waits += [wait for wait in waits if wait.call is call]
    nodes = _walk(root)
    classes: dict[str, Node] = {}
    for node in (root, *nodes):
        _check_members(node)
        if node.cls in classes:
            raise GenerationError(
                f"{node.dotted} and {classes[node.cls].dotted} would both be {node.cls}",
                "give one of them an x-method with another prefix",
                node.place,
            )
        classes[node.cls] = node
    return Tree(root, tuple(nodes), roots)


def _check_members(node: Node) -> None:
    """Raise if two members of a resource would have one name."""
    name = node.dotted or "the client"
    if node.waits and (node.dotted == "" or len(node.waits) > 1):
        raise GenerationError(
            f"{name} can have no x-wait, or no second one",
            "remove it, or give the operation an x-method with another prefix",
            node.waits[-1].call.place,
        )
    members = [(call.name, call.place) for call in node.calls]
    members += [(child, below.place) for child, below in node.children.items()]
    members += [(method, wait.call.place) for wait in node.waits for method in METHODS]
    seen: set[str] = set()
    for member, place in members:
        if member in seen:
            raise GenerationError(
                f"{name} would have two members called {member}", "give one of them another x-method", place
            )
        seen.add(member)


def _walk(node: Node) -> list[Node]:
    found = []
    for child in node.children.values():
        found += [child, *_walk(child)]
    return found
