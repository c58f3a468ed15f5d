"""Rules between the fields of a request: `x-rules` of the document."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .document import Schema

MISSING = "missing"
INVALID = "invalid"

Finding = tuple[str, str, str]
"""Kind of the problem, name of the field, and what is wrong."""


def check(rules: Mapping[str, Any], value: Mapping[str, Any], schema: Schema) -> Iterator[Finding]:
    """The rules that an object violates."""
    for name, rule in rules.items():
        if name == "exactly_one_of":
            yield from _exactly_one(rule, value)
        elif name == "at_least_one_of":
            if not any(_has(value, field) for field in rule):
                yield MISSING, _clean(rule[0]), f"At least one of {_list(rule)} is required."
        elif name == "mutually_exclusive":
            for group in rule:
                given = [field for field in group if _has(value, field)]
                if len(given) > 1:
                    yield INVALID, _first(given[1]), f"Only one of {_list(group)} can be given."
        elif name == "together":
            given = [field for field in rule if _has(value, field)]
            if given and len(given) < len(rule):
                absent = next(field for field in rule if field not in given)
                yield MISSING, absent, f"{_list(rule)} must be given together."
        elif name.endswith("_required_with"):
            field = name.removesuffix("_required_with")
            given = [other for other in rule if _has(value, other)]
            if given and not _has(value, field):
                yield MISSING, field, f"{field} is required with {_list(given)}."
        elif isinstance(rule, Mapping) and ("needs" in rule or "forbids" in rule):
            yield from _mode(name, rule, value, schema)
        elif isinstance(rule, Mapping) and rule.get("no_overlap") and _has(value, name):
            yield from _overlap(name, value[name])


def _exactly_one(fields: Sequence[str], value: Mapping[str, Any]) -> Iterator[Finding]:
    given = [field for field in fields if _has(value, field)]
    if not given:
        yield MISSING, _clean(fields[0]), f"One of {_list(fields)} is required."
    elif len(given) > 1:
        yield INVALID, _clean(given[1]), f"Exactly one of {_list(fields)} can be given."


def _mode(mode: str, rule: Mapping[str, Any], value: Mapping[str, Any], schema: Schema) -> Iterator[Finding]:
    """A rule that holds in one mode: `{needs: ["a or b", "c.d = x"], forbids: ["e"]}`."""
    found = next(((n, m) for n, m in schema.get("properties", {}).items() if mode in m.get("enum", ())), None)
    if found is None:
        return
    name, member = found
    if value.get(name, member.get("default")) != mode:
        return
    for need in rule.get("needs", ()):
        field, _, wanted = (part.strip() for part in need.partition("="))
        options = [option.strip() for option in field.split(" or ")]
        given = [item for option in options for item in _values(value, option)]
        if not given or (wanted and wanted not in given):
            kind = INVALID if given or _has(value, _first(options[0])) else MISSING
            yield kind, _first(options[0]), f"{need} is required when {name} is {mode}."
    for field in rule.get("forbids", ()):
        if _has(value, field):
            yield INVALID, _first(field), f"{field} is not allowed when {name} is {mode}."


def _overlap(name: str, ranges: Any) -> Iterator[Finding]:
    if not isinstance(ranges, list):
        return
    spans = sorted(
        (r["start_time"], r["end_time"])
        for r in ranges
        if isinstance(r, Mapping) and all(_is_number(r.get(name)) for name in ("start_time", "end_time"))
    )
    if any(later[0] < earlier[1] for earlier, later in itertools.pairwise(spans)):
        yield INVALID, name, "Time ranges must not overlap."


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _has(value: Mapping[str, Any], field: str) -> bool:
    """Whether a field is given: `a`, `a (note)`, `a / b` (any of them) or `a.b[].c`."""
    return any(True for option in _clean(field).split(" / ") for _ in _values(value, option))


def _values(value: Any, path: str) -> list[Any]:
    found = [value]
    for part in path.strip().split("."):
        name = part.removesuffix("[]")
        found = [v[name] for v in found if isinstance(v, Mapping) and v.get(name) is not None]
        if part.endswith("[]"):
            found = [item for v in found if isinstance(v, list) for item in v]
    return found


def _clean(field: str) -> str:
    return field.partition(" (")[0].strip()


def _first(field: str) -> str:
    return _clean(field).split(" / ")[0].split(".")[0].removesuffix("[]")


def _list(fields: Sequence[str]) -> str:
    return ", ".join(_clean(field) for field in fields)
