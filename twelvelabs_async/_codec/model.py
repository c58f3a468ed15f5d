"""The base class of generated models. Imports attrs and nothing heavier, so that importing a model stays cheap."""

from __future__ import annotations

import enum
import functools
import operator
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final, NewType, TypeVar, get_args

import attrs

from .._value import Value

ModelT = TypeVar("ModelT", bound="Model")


class Unset(enum.Enum):
    """The type of `UNSET`, which means "do not send this argument", where `None` would mean "send null"."""

    UNSET = "UNSET"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET

UncheckedStr = NewType("UncheckedStr", str)
"""A value that type checkers do not compare with the values that this release knows: a newer one, or one that is read
from a configuration. `search_options=[UncheckedStr("scent")]`. At run time it is a plain `str`.
"""


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Model(Value):
    """Base of every generated model.

    Attributes:
        extra: Fields of the response that have no attribute: those that this release does not know, and optional ones
            that the server sent as null. The keys are the names used in the JSON.
    """

    # The kinds of object that the model describes: an argument for the id of one accepts the model as well.
    _kinds: ClassVar[frozenset[str]] = frozenset()

    extra: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    # Date-times that the server sent in an unusual format, by wire name, so that `to_dict` returns them unchanged.
    _texts: Mapping[str, str] | None = attrs.field(default=None, init=False, eq=False, repr=False)
    # The platform's id of the request; set for the result of a call, not for the models inside of it.
    _request_id: str | None = attrs.field(default=None, init=False, eq=False, repr=False)


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


@attrs.frozen(eq=False, repr=False)
class UnknownVariant(Value):
    """A variant of a union, or an event of a stream, that this release does not know.

    The members of its payload can be read as attributes, under their names in the JSON and as plain values (a nested
    object is a dict): `event.event_type`, `event.usage["output_tokens"]`. One that is absent raises AttributeError. A
    member that is called `data` or `tag` is `event.data["data"]`.

    Attributes:
        data: The decoded JSON exactly as the server sent it.
        tag: The value of the discriminator, None if the payload has none.
    """

    data: Any
    tag: str | None = None
    _request_id: str | None = attrs.field(default=None, init=False, eq=False, repr=False)

    if TYPE_CHECKING:  # what identifies the variants of most unions: comparing it is what programs do with any variant

        @property
        def event_type(self) -> str: ...

        @property
        def type(self) -> str: ...

    def __getattr__(self, name: str) -> Any:
        # copy and pickle ask for special methods, and for attributes of an object whose slots are still empty.
        if not name.startswith("__") and name not in {"data", "tag"} and isinstance(self.data, dict):
            try:
                return self.data[name]
            except KeyError:
                pass
        raise AttributeError(f"{type(self).__name__} has no {name!r} in its data", name=name, obj=self)


def set_request_id(result: Model | UnknownVariant, request_id: str | None) -> None:
    """Note the platform's id of the request that returned a result."""
    object.__setattr__(result, "_request_id", request_id)  # the classes are frozen


def get_request_id(result: Any) -> str | None:
    """The platform's id of the request that returned a result, for support requests.

    It is kept when the result is copied or pickled. It is not part of comparisons, of `repr` and of `to_dict`.

    Args:
        result: What a call returned, or a page of a list. The models inside of it have no id of their own.

    Returns:
        The id; None if the platform sent none.

    Raises:
        TypeError: This is not the result of a call. Errors, streams and raw responses have an attribute `request_id`.
    """
    try:
        request_id: str | None = result._request_id
    except AttributeError:
        raise TypeError(
            f"get_request_id takes the result of a call, not {type(result).__name__}; errors, streams and raw "
            "responses have an attribute request_id"
        ) from None
    return request_id


@attrs.frozen(eq=False, repr=False)
class UnionRule(Value):
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
