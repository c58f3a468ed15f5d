"""What differs between two requests, and which differences are allowed."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from tests.wire.capture import DIFFERENCES

if TYPE_CHECKING:
    from tests.openapi import document

MISSING = "(not sent)"


@dataclass(frozen=True)
class Difference:
    """One place where two requests differ."""

    where: str
    name: str | None
    official: Any
    ours: Any


@dataclass(frozen=True)
class Allowed:
    """One entry of differences.yaml."""

    operations: list[str]
    where: str
    reason: str
    point: str
    name: str | None = None
    official: Any = None
    ours: Any = None

    def covers(self, difference: Difference) -> bool:
        """Whether the entry allows this difference."""
        return (
            self.where == difference.where
            and self.name == difference.name
            and self.official in (None, difference.official)
            and self.ours in (None, difference.ours)
        )


def allowed() -> list[Allowed]:
    """The entries of differences.yaml."""
    return [Allowed(**entry) for entry in yaml.safe_load(DIFFERENCES.read_text(encoding="utf-8"))]


def differences(
    facts: document.OperationFacts, official: list[dict[str, Any]], ours: list[dict[str, Any]]
) -> list[Difference]:
    """All places where two lists of requests differ; their order does not count."""
    if len(official) != len(ours):
        return [Difference("request", None, official or MISSING, ours or MISSING)]
    encoded = {entry.name for entry in facts.fields if entry.schema.get("x-json-encoded")}
    found: list[Difference] = []
    theirs = sorted((_normal(request, encoded) for request in official), key=_order)
    mine = sorted((_normal(request, encoded) for request in ours), key=_order)
    for left, right in zip(theirs, mine, strict=True):
        for where in ("method", "path", "query", "json", "form"):
            a, b = left.get(where, MISSING), right.get(where, MISSING)
            if isinstance(a, dict) and isinstance(b, dict):
                pairs = [(name, a.get(name, MISSING), b.get(name, MISSING)) for name in sorted({*a, *b})]
                found += [Difference(where, name, x, y) for name, x, y in pairs if not _same(x, y)]
            elif not _same(a, b):
                found.append(Difference(where, None, a, b))
    return found


def _normal(request: dict[str, Any], encoded: set[str]) -> dict[str, Any]:
    query: dict[str, list[str]] = defaultdict(list)
    for name, value in request["query"]:
        query[name].append(value)
    normal = {**request, "query": dict(query)}
    if "form" in request:
        form: dict[str, list[Any]] = defaultdict(list)
        for part in request["form"]:
            content = part["content"]
            if part["name"] in encoded:  # the same JSON may be spelled in many ways
                content = json.loads(content)
            form[part["name"]].append([content, part.get("filename")])
        normal["form"] = dict(form)
    return normal


def _same(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 and 1.0 are, 1 and true are not."""
    return json.dumps(_numbers(left), sort_keys=True) == json.dumps(_numbers(right), sort_keys=True)


def _numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _numbers(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_numbers(entry) for entry in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _order(request: dict[str, Any]) -> str:
    return json.dumps(request, sort_keys=True)
