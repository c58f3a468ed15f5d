"""Which names the reference has to describe: what users can reach, as `release.surface` finds it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from release.surface import current
from twelvelabs_async._generated.index import NAMES

from .client_tree import RAW

_SAME = "the same as "
_TYPES = "twelvelabs_async.types."


def wanted(surface: Mapping[str, str] | None = None) -> dict[str, frozenset[str]]:
    """Each public name, and the names under which it may be described: its own, and those of the same object.

    These are: all that modules export, methods and properties of exported classes, and all of the client. The docstring
    of a class describes its fields.
    """
    found = current() if surface is None else surface
    names = [name for name in found if "(" not in name and "[" not in name and not _is_foreign(name)]
    others: dict[str, set[str]] = {}
    for name in names:
        others.setdefault(_own(found, name), set()).add(name)
    result: dict[str, frozenset[str]] = {}
    for name in names:
        parent, _, last = name.rpartition(".")
        if name.startswith(f"client.{RAW}."):
            result[name] = frozenset({name.replace(f".{RAW}", "")})  # one page explains all of them
        elif name.startswith("client.") or parent not in found:
            result[name] = frozenset({*others[_own(found, name)], _own(found, name)})
        elif found[name].startswith(("function", "async function", "property")):
            result[name] = frozenset(f"{holder}.{last}" for holder in others[_own(found, parent)])
    return result


def missing(names: Mapping[str, Iterable[str]], anchors: Iterable[str]) -> list[str]:
    """The names that have no anchor under any of the names of the same object."""
    known = frozenset(anchors)
    return sorted(name for name, others in names.items() if known.isdisjoint(others))


def _is_foreign(name: str) -> bool:
    """Whether it is something that `types` imports for itself."""
    return name.startswith(_TYPES) and name.split(".")[2] not in NAMES | {"Vector"}


def _own(surface: Mapping[str, str], name: str) -> str:
    """The name by which an object is recorded."""
    value = surface.get(name, "")
    if value.startswith(f"{_SAME}twelvelabs_async."):
        return _own(surface, value.removeprefix(_SAME))
    return name
