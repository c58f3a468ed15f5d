"""What a change of the public surface breaks, and whether the changelog says so."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .surface import Surface

_MEMBER = re.compile(r"^(.*?)(?:\((.+?)=?\)|\[(.+)\])$")
_REQUIRED: Final = ", required"


@dataclass(frozen=True)
class Break:
    """A public name that is gone or different."""

    name: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.after is None:
            return f"{self.name} was removed (it was: {self.before})"
        if self.before is None:
            return f"{self.name} was added, and is required"
        return f"{self.name} was changed: {self.before}  ->  {self.after}"

    def is_named(self, names: set[str]) -> bool:
        """Whether these names say that this changed.

        `Timeout.total` names an attribute, `webhooks.unwrap` a function, `indexes.list` or `client.indexes.list` a
        method; for a parameter, its name has to be there as well.
        """
        whole, parameter = owner(self.name)
        if parameter is not None and not parameter.startswith("overload ") and parameter not in names:
            return False
        parts = whole.split(".")
        return any(".".join(parts[first:]) in names for first in range(len(parts) - _shortest(parts) + 1))


def owner(name: str) -> tuple[str, str | None]:
    """`a.b(c=)` and `a.b[c]` are `a.b` and `c`; other names are whole."""
    found = _MEMBER.match(name)
    return (found[1], found[2] or found[3]) if found else (name, None)


def parents(name: str) -> list[str]:
    """What a name belongs to, and goes away with."""
    whole, parameter = owner(name)
    parts = whole.split(".")
    above = [".".join(parts[:end]) for end in range(1, len(parts))]
    return above if parameter is None else [*above, whole]


def breaks(recorded: Surface, current: Surface) -> list[Break]:
    """What users of the recorded surface would find broken, sorted by name."""
    found = [
        Break(name, before, current.get(name))
        for name, before in recorded.items()
        if current.get(name) != before and not _went_with(name, recorded, current)
    ]
    found += [
        Break(name, None, after)
        for name, after in current.items()
        if name not in recorded and after.endswith(_REQUIRED) and _is_input(name) and owner(name)[0] in recorded
    ]
    return sorted(found, key=lambda one: one.name)


def unexplained(found: Iterable[Break], entries: list[set[str]]) -> list[Break]:
    """Those that no entry of the changelog names. Each entry is the set of the names in it."""
    return [one for one in found if not any(one.is_named(names) for names in entries)]


def _went_with(name: str, recorded: Surface, current: Surface) -> bool:
    return name not in current and any(above in recorded and above not in current for above in parents(name))


def _is_input(name: str) -> bool:
    """Whether users have to give it: a parameter, or a key of a dict."""
    return owner(name)[1] is not None


def _shortest(parts: list[str]) -> int:
    """How many of the last parts name it clearly: two of `client.indexes.list`, and of `errors.StreamError.text`."""
    if parts[0] == "client":
        return max(2, len(parts) - 1)
    # A class or a constant needs no module, a function does.
    first = next((index for index, part in enumerate(parts) if not part.islower()), 1)
    return len(parts) - first
