"""The base class of generated models. Imports attrs and nothing heavier, so that importing a model stays cheap."""

from __future__ import annotations

import enum
import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, get_args

import attrs

ModelT = TypeVar("ModelT", bound="Model")


class Unset(enum.Enum):
    """The type of `UNSET`, which means "do not send this argument", where `None` would mean "send null"."""

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
        extra: Fields of the response that have no attribute: those that this release does not know, and optional ones
            that the server sent as null. The keys are the names used in the JSON.
    """

    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    # Date-times that the server sent in an unusual format, by wire name, so that `to_dict` returns them unchanged.
    _texts: Mapping[str, str] | None = attrs.field(default=None, init=False, eq=False, repr=False)


def with_alias(alias: str, name: str) -> Callable[[type[ModelT]], type[ModelT]]:
    """Class decorator: a field has a second name, as argument of the constructor and as attribute.

    The class is made by attrs with `init=False`; this adds its constructor.

    Args:
        alias: The second name.
        name: The name of the field.
    """

    def decorate(cls: type[ModelT]) -> type[ModelT]:
        attrs_init: Callable[..., None] = cls.__attrs_init__  # type: ignore[attr-defined]
        attrs_init.__qualname__ = f"{cls.__qualname__}.__init__"  # for the messages of its TypeErrors

        @functools.wraps(attrs_init)
        def init(self: ModelT, **arguments: Any) -> None:
            if alias in arguments:
                if name in arguments:
                    raise TypeError(f"{cls.__name__}() takes {name} or {alias}, which are the same, not both")
                arguments[name] = arguments.pop(alias)
            attrs_init(self, **arguments)

        setattr(cls, "__init__", init)  # noqa: B010 - type checkers know the constructor from the class itself
        setattr(cls, alias, property(operator.attrgetter(name), doc=f"The same as `{name}`."))
        return cls

    return decorate


@attrs.frozen
class UnknownVariant:
    """A variant of a union, or an event of a stream, that this release does not know.

    Attributes:
        data: The decoded JSON exactly as the server sent it.
        tag: The value of the discriminator, None if the payload has none.
    """

    data: Any
    tag: str | None = None


@attrs.frozen
class UnionRule:
    """How decoding finds the variant of a union.

    Attributes:
        name: Name of the union in the OpenAPI document.
        discriminator: Wire name of the field that names the variant; None if the fields that are present decide.
        variants: Discriminator value to model class; for a union without a discriminator, the wire name of a field
            that only this variant has, to a model class or a nested union.
    """

    name: str
    discriminator: str | None
    variants: Mapping[str, Any]


_rules: dict[frozenset[Any], UnionRule] = {}


def register_union(union: Any, rule: UnionRule) -> None:
    """Register the rule of a union for the decoder. Generated model modules call this once per union."""
    _rules[_members(union)] = rule


def union_rule(union: Any) -> UnionRule | None:
    """The rule that is registered for a union type, with or without `None` among its members."""
    return _rules.get(_members(union))


def _members(union: Any) -> frozenset[Any]:
    return frozenset(arg for arg in get_args(union) if arg is not type(None))
