"""Reads an OpenAPI document as plain data, however it is written, and follows its references."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..errors import GenerationError
from ..source import read

if TYPE_CHECKING:
    from pathlib import Path

Node = dict[str, Any]

_VERSION = re.compile(r"/v\d+(\.\d+)*(?=/)")


class Source:
    """A document, and the entries that its references name.

    Attributes:
        path: Its file.
        content: Everything in it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        content = read(path)
        if not isinstance(content, dict) or not str(content.get("openapi", "")).startswith("3."):
            raise self._error("it is not an OpenAPI 3 document", "it must begin with `openapi: 3...`")
        if not isinstance(content.get("paths"), dict):
            raise self._error("it has no `paths`", "give a document with operations")
        self.content: Node = content

    def follow(self, node: Any) -> tuple[Node, tuple[str, ...]]:
        """The entry itself, and the references that led to it.

        What stands beside a reference applies on top of the entry.
        """
        names: tuple[str, ...] = ()
        beside: Node = {}
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            name = node["$ref"]
            if name in names:
                raise self._error(f"the reference {name} leads to itself", "correct the document")
            names += (name,)
            beside = {key: value for key, value in node.items() if key != "$ref"} | beside
            node = self._entry(name)
        if node is True:
            node = {}
        if not isinstance(node, dict):
            where = names[-1] if names else repr(node)[:60]
            raise self._error(f"{where} is not an object", "correct the document")
        if "properties" in node and "properties" in beside:
            beside = beside | {"properties": {**node["properties"], **beside["properties"]}}
        return {**node, **beside}, names

    def _entry(self, name: str) -> Any:
        found: Any = self.content
        if not name.startswith("#/"):
            raise self._error(f"{name} is in another file", "bundle the document into one first")
        for part in name[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or key not in found:
                raise self._error(f"nothing is at the reference {name}", "correct the document")
            found = found[key]
        return found

    def _error(self, problem: str, advice: str) -> GenerationError:
        return GenerationError(problem, advice, str(self.path))


def plain_path(path: str) -> str:
    """A path without the version of the API, and without the names of its parameters, which are spelled differently."""
    return re.sub(r"\{[^{}]*\}", "{}", _VERSION.sub("", path, count=1) if _VERSION.match(path) else path)
