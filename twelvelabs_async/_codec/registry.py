"""Finds the decoder of a type: the usual kinds have hooks of ours, and a cattrs converter knows all others."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Literal, Union, get_args, get_origin

from .model import Model, UnknownVariant, Unset
from .scalars import decode_any, decode_bool, decode_datetime, decode_float, decode_int, decode_none, decode_str

if TYPE_CHECKING:
    import cattrs

Hook = Callable[[Any, Any], Any]
"""Decodes one value; the second argument (the type, as cattrs passes it) is ignored."""

NONE: Final = type(None)

EXACT: Final[Mapping[Any, frozenset[type]]] = {
    str: frozenset({str}),
    int: frozenset({int}),
    float: frozenset({float}),
    bool: frozenset({bool}),
}
"""Item types whose lists are accepted as a whole if every item has exactly this type."""


def is_union(kind: Any) -> bool:
    return get_origin(kind) in {Union, types.UnionType}


def without_none(kind: Any) -> Any:
    """`T | None` and `T | Unset` as `T`: the model handles nulls."""
    if not is_union(kind):
        return kind
    members = tuple(member for member in get_args(kind) if member not in {NONE, Unset})
    return Union[members] if members else NONE  # noqa: UP007 - the members are known at run time only


def allows_none(kind: Any) -> bool:
    return kind is Any or kind is NONE or (is_union(kind) and NONE in get_args(kind))


def base_of(kind: Any) -> Any:
    """The type that a value has at run time: `str` for string literals and open string enums."""
    if isinstance(kind, typing.NewType):
        return base_of(kind.__supertype__)
    origin = get_origin(kind)
    if origin is Literal:
        found = {type(value) for value in get_args(kind)}
        return found.pop() if len(found) == 1 else kind
    if origin in {list, Sequence}:
        return list
    if origin in {dict, Mapping}:
        return dict
    if origin in {Union, types.UnionType}:
        bases = {base_of(member) for member in get_args(kind)}
        return bases.pop() if len(bases) == 1 else kind
    if origin is typing.Annotated:
        return base_of(get_args(kind)[0])
    return kind


def is_literal(kind: Any) -> bool:
    """Whether a type is a `Literal`."""
    return get_origin(kind) is Literal


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Model)


_classes: dict[type, Hook] = {
    str: decode_str,
    int: decode_int,
    float: decode_float,
    bool: decode_bool,
    NONE: decode_none,
    dt.datetime: decode_datetime,
    UnknownVariant: lambda value, _: UnknownVariant(value),
}
"""Decoders of classes, and of their subclasses where these have none."""

_factories: list[tuple[Callable[[Any], bool], Callable[[Any], Hook]]] = []
"""What makes the decoders of the kinds of types that are no single class. A later one has precedence."""

_hooks: dict[Any, Hook] = {**_classes, Any: decode_any, object: decode_any}


def register_class(kind: type, hook: Hook) -> None:
    """State the decoder of a class."""
    _classes[kind] = _hooks[kind] = hook


def register_factory(accepts: Callable[[Any], bool], make: Callable[[Any], Hook]) -> None:
    """State what makes the decoders of a kind of types."""
    _factories.append((accepts, make))


@cache
def _converter() -> cattrs.Converter:
    """The converter. No type of the platform needs it, and importing it takes as long as the rest of a first call."""
    import cattrs

    converter = cattrs.Converter(detailed_validation=False)
    for kind, hook in _classes.items():
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook_func(lambda given: given is Any or given is object, decode_any)
    for accepts, make in _factories:
        converter.register_structure_hook_factory(accepts, make)
    return converter


def hook_for(kind: Any, *, lazy: bool = False) -> Hook:
    """The decoder of a type. A lazy one is looked up later, so that types may be recursive."""
    known = _hooks.get(kind)
    if known is not None:
        return known
    if lazy and kind not in EXACT and kind is not dt.datetime:
        return LazyHook(kind)
    hook = _hooks[kind] = _make_hook(kind)
    return hook


def _make_hook(kind: Any) -> Hook:
    hook: Hook
    for accepts, make in reversed(_factories):
        if accepts(kind):
            hook = make(kind)
            return hook
    if isinstance(kind, typing.NewType):
        return hook_for(kind.__supertype__)
    found = _converter().get_structure_hook(kind)
    # The hooks of cattrs for enums and other classes, unlike ours, need the type: some releases call it.
    return lambda value, _: found(value, kind)


class LazyHook:
    """A decoder that is looked up by `resolve_lazy_hooks`, or when it is first used."""

    __slots__ = ("_hook", "_kind")

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._hook: Hook | None = None
        _unresolved.append(self)

    def __call__(self, value: Any, _: Any) -> Any:
        return (self._hook or self.resolve())(value, None)

    def resolve(self) -> Hook:
        """Look up the decoder."""
        hook = self._hook = hook_for(self._kind)
        return hook


_unresolved: list[LazyHook] = []


def resolve_lazy_hooks() -> None:
    """Look up every lazy decoder, so that the first response does not have to wait for it."""
    while _unresolved:
        _unresolved.pop().resolve()
