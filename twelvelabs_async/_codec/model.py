"""What generated models are made of. Imports attrs and nothing heavier, so that naming a model stays cheap."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any, Final, get_args

import attrs


class Unset(enum.Enum):
    """The type of `UNSET`: "leave this out", where `None` would mean "send null"."""

    UNSET = "UNSET"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET


@attrs.frozen(kw_only=True)
class Model:
    """Base of every generated model.

    Attributes:
        extra: Wire members that no attribute carries: fields that this release does not know, and optional fields that
            the server sent as null. Keys are wire names.
    """

    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    # Date-times that the server spelled in a way of its own, by wire name, so that `to_dict` gives them back unchanged.
    _texts: Mapping[str, str] | None = attrs.field(default=None, init=False, eq=False, repr=False)


@attrs.frozen
class UnknownVariant:
    """A variant of a union, or an event of a stream, that this release does not know.

    Attributes:
        data: The decoded JSON exactly as the server sent it.
        tag: The value of the discriminator, None where the payload has none.
    """

    data: Any
    tag: str | None = None


@attrs.frozen
class UnionRule:
    """How the variant of one union is found when decoding.

    Attributes:
        name: Name of the union in the OpenAPI document.
        discriminator: Wire name of the member that tells the variant, None where the shape does.
        variants: Discriminator value to model class; for a union without discriminator, the wire name of a member
            that only this variant has, to a model class or a nested union.
    """

    name: str
    discriminator: str | None
    variants: Mapping[str, Any]


_rules: dict[frozenset[Any], UnionRule] = {}


def register_union(union: Any, rule: UnionRule) -> None:
    """Make the rule of a union known to the decoder. Generated model modules call this once per union."""
    _rules[_members(union)] = rule


def union_rule(union: Any) -> UnionRule | None:
    """The rule that was registered for a union type; `None` as a member makes no difference."""
    return _rules.get(_members(union))


def _members(union: Any) -> frozenset[Any]:
    return frozenset(arg for arg in get_args(union) if arg is not type(None))
