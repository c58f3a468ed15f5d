"""Base of attrs classes whose comparison, hash and `repr` are written once, here.

attrs would write and compile three methods for each class, which took half of the time of an import.
"""

from __future__ import annotations

from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any

from ._safe_repr import SafeRepr

if TYPE_CHECKING:
    from collections.abc import Sequence

    import attrs


class Value(SafeRepr):
    """Base of classes that are made by `attrs.frozen(eq=False, repr=False)`: two of the same content are equal."""

    __slots__ = ()

    if TYPE_CHECKING:
        __attrs_attrs__: Sequence[attrs.Attribute[Any]]

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return all(
            getattr(self, field.name) == getattr(other, field.name) for field in self.__attrs_attrs__ if field.eq
        )

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, field.name) for field in self.__attrs_attrs__ if field.eq)))

    @recursive_repr()
    def __repr__(self) -> str:
        parts = (_shown(field, getattr(self, field.name)) for field in self.__attrs_attrs__ if field.repr)
        return f"{type(self).__qualname__}({', '.join(parts)})"


def _shown(field: attrs.Attribute[Any], value: object) -> str:
    return f"{field.name}={field.repr(value) if callable(field.repr) else repr(value)}"
