"""Reads documents, YAML or JSON; that of the generator with the line of each value, for error messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from .errors import GenerationError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> Any:
    """The content of a document as plain data."""
    return _parsed(path, _plain)


class Source:
    """A document with the places of its values, which JSON pointers name.

    Attributes:
        content: Everything in it. No two parts are one object, not even where the document uses an alias twice.
    """

    def __init__(self, path: Path) -> None:
        here = Path.cwd()
        self._path = path.relative_to(here) if path.is_relative_to(here) else path
        self._lines: dict[str, int] = {}
        self.content: Any = _parsed(path, self._load)

    def place(self, pointer: str) -> str:
        """Where a value is, or the innermost value around one that is missing: file, line and pointer."""
        known = pointer
        while known not in self._lines:
            known = known.rpartition("/")[0]
        return f"{self._path}:{self._lines[known]} (#{' '.join(pointer.split())})"

    def _load(self, text: str) -> Any:
        loader = _LOADER(text)
        root = loader.get_single_node()
        self._lines[""] = 1
        return None if root is None else self._value(loader, root, "", ())

    def _value(self, loader: Any, node: yaml.Node, pointer: str, above: tuple[yaml.Node, ...]) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(loader, node, pointer)
        if node in above:
            raise GenerationError("the value contains itself", "write it without an alias", self.place(pointer))
        above = (*above, node)
        if isinstance(node, yaml.SequenceNode):
            items = []
            for index, item in enumerate(node.value):
                inner = f"{pointer}/{index}"
                self._lines[inner] = item.start_mark.line + 1
                items.append(self._value(loader, item, inner, above))
            return items
        members: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(loader, key_node, pointer)
            inner = f"{pointer}/{escaped(key)}"
            if key in members:
                first, again = self._lines[inner], key_node.start_mark.line + 1
                raise GenerationError(
                    f"the key {key} is there twice, again in line {again}",
                    "remove one of the two, because only one would count",
                    f"{self._path}:{first} (#{inner})",
                )
            self._lines[inner] = key_node.start_mark.line + 1
            members[key] = self._value(loader, value_node, inner, above)
        return members

    def _key(self, loader: Any, node: yaml.Node, pointer: str) -> str:
        key = self._scalar(loader, node, pointer) if isinstance(node, yaml.ScalarNode) else None
        if not isinstance(key, str):
            written = node.value if isinstance(node, yaml.ScalarNode) else "in line " + str(node.start_mark.line + 1)
            raise GenerationError(f"the key {written} is not text", "put it in quotes", self.place(pointer))
        return key

    def _scalar(self, loader: Any, node: yaml.ScalarNode, pointer: str) -> Any:
        try:
            value = loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise GenerationError(
                f"{node.value!r} cannot be read ({' '.join(str(error).split())})",
                "put it in quotes",
                self.place(pointer),
            ) from error
        if value is None or isinstance(value, str | bool | int | float):
            return value
        raise GenerationError(
            f"YAML reads {node.value} as a {type(value).__name__}, which JSON does not have",
            "put it in quotes",
            self.place(pointer),
        )


def escaped(key: str) -> str:
    """A key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _plain(text: str) -> Any:
    if text.lstrip().startswith("{"):  # YAML does not have all escape sequences of JSON: surrogate pairs are missing
        try:
            return json.loads(text)
        except ValueError:
            pass  # YAML in flow style
    return yaml.load(text, _LOADER)  # noqa: S506 - a safe loader


def _parsed(path: Path, parse: Callable[[str], T]) -> T:
    try:
        return parse(path.read_text("utf-8-sig"))
    except OSError as error:
        raise GenerationError(
            f"it cannot be read: {error.strerror}", "give the path of a document", str(path)
        ) from error
    except UnicodeDecodeError as error:
        problem = f"it is not UTF-8 text: {error.reason} at byte {error.start}"
        raise GenerationError(problem, "save it as UTF-8", str(path)) from error
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = f"it is neither YAML nor JSON: {' '.join(str(error).split())}"
        raise GenerationError(problem, "correct the syntax there", place) from error
