"""Reads an OpenAPI document as plain data, however it is written, and follows its references."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from ..errors import GenerationError

if TYPE_CHECKING:
    from pathlib import Path

Node = dict[str, Any]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_VERSION = re.compile(r"/v\d+(\.\d+)*(?=/)")


class Source:
    """A document, and the entries that its references name.

    Attributes:
        path: Its file.
        content: Everything in it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            content = yaml.load(path.read_text("utf-8-sig"), _LOADER)  # noqa: S506 - a safe loader
        except OSError as error:
            raise GenerationError(f"{path} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise GenerationError(f"{path} is not UTF-8 text: {error.reason} at byte {error.start}") from error
        except (yaml.YAMLError, RecursionError) as error:
            raise GenerationError(f"{path} is neither YAML nor JSON: {' '.join(str(error).split())}") from error
        if not isinstance(content, dict) or not str(content.get("openapi", "")).startswith("3."):
            raise GenerationError(f"{path} is not an OpenAPI 3 document: it does not begin with `openapi: 3...`")
        if not isinstance(content.get("paths"), dict):
            raise GenerationError(f"{path} has no `paths`")
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
                raise GenerationError(f"{self.path}: the reference {name} leads to itself")
            names += (name,)
            beside = {key: value for key, value in node.items() if key != "$ref"} | beside
            node = self._entry(name)
        if node is True:
            node = {}
        if not isinstance(node, dict):
            where = names[-1] if names else repr(node)[:60]
            raise GenerationError(f"{self.path}: {where} is not an object")
        if "properties" in node and "properties" in beside:
            beside = beside | {"properties": {**node["properties"], **beside["properties"]}}
        return {**node, **beside}, names

    def _entry(self, name: str) -> Any:
        found: Any = self.content
        if not name.startswith("#/"):
            raise GenerationError(f"{self.path}: {name} is in another file; bundle the document into one first")
        for part in name[2:].split("/"):
            key = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or key not in found:
                raise GenerationError(f"{self.path}: nothing is at the reference {name}")
            found = found[key]
        return found


def plain_path(path: str) -> str:
    """A path without the version of the API, and without the names of its parameters, which are spelled differently."""
    return re.sub(r"\{[^{}]*\}", "{}", _VERSION.sub("", path, count=1) if _VERSION.match(path) else path)
