"""Keys of plain dicts in requests that have another name than on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from .._value import Value


@attrs.frozen(eq=False, repr=False)
class Keys(Value):
    """The keys of an object that is sent, and those of the objects in it.

    Attributes:
        names: Names that users may write, to the wire names.
        inner: Wire names of members that hold such objects, or lists of them. Other members are sent unchanged: keys in
            metadata of the user, or in a JSON Schema, are not ours to rename.
    """

    names: Mapping[str, str] = attrs.field(factory=dict)
    inner: dict[str, Keys] = attrs.field(factory=dict)

    def rename(self, members: dict[str, Any], where: str = "") -> None:
        """Rename the keys of one object, in place.

        Raises:
            TypeError: Both names of a member are given.
        """
        for name, wire in self.names.items():
            if name in members:
                if wire in members:
                    problem = f"give {name} or {wire}, which are the same, not both"
                    raise TypeError(f"{where}: {problem}" if where else problem)
                members[wire] = members.pop(name)

    def rename_all(self, value: Any, where: str) -> None:
        """Rename the keys of an object, or of those in a list, and of the objects in them, in place.

        Raises:
            TypeError: Both names of a member are given.
        """
        if isinstance(value, list):
            for at, item in enumerate(value):
                self.rename_all(item, f"{where}[{at}]")
        elif isinstance(value, dict):
            self.rename(value, where)
            for member, keys in self.inner.items():
                if member in value:
                    keys.rename_all(value[member], f"{where}.{member}")
