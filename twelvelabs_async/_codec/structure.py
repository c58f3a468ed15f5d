"""Decoders of lists, maps, models and unions."""

from __future__ import annotations

import datetime as dt
import typing
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal, Union, get_args

import attrs

from ..vectors import Vector, doubles, wrap
from .compiled import compile_decoder
from .model import UNSET, Model, UnknownVariant, Unset, union_rule
from .number_arrays import UsualListsError, take
from .pacing import RUNNING, count_items, keeping_input, keeps_input, owns_input
from .registry import EXACT, NONE, Hook, LazyHook, allows_none, base_of, hook_for, without_none
from .scalars import JSON_NAMES, Mismatch, decode_any, decode_datetime, decode_float, is_usual, wrong
from .serialize import wire_name

# --- lists and maps ----------------------------------------------------------------------------------------------

LONG: Final = 512
"""Items from which on a list or map is decoded in steps, so that other threads can run in between."""

EXACT_STEP: Final = 16 * 1024
"""Items whose types are checked at a time: that takes a fraction of a millisecond."""


def list_hook(item_type: Any) -> Hook:
    """Decoder of a list."""
    if item_type is Any:
        return _plain_list
    exact = EXACT.get(base_of(item_type))
    item = hook_for(item_type, lazy=True)

    def decode_list(value: Any, _: Any) -> Any:
        nonlocal item
        if value.__class__ is not list:
            raise wrong("a list", value)
        if exact is not None and (
            exact.issuperset(map(type, value)) if len(value) <= EXACT_STEP else _has_types(value, exact)
        ):
            return value
        if isinstance(item, LazyHook):
            item = item.resolve()
        if len(value) > LONG:
            return _decode_long(item, value, range(len(value)), value if owns_input() else [None] * len(value))
        if RUNNING:
            count_items(len(value))
        try:
            return [item(entry, None) for entry in value]
        except Mismatch:
            _find_invalid(item, value)
            raise

    return decode_list


def _has_types(value: list[Any], exact: frozenset[type]) -> bool:
    """Whether every item of a long list has one of the types."""
    return all(
        exact.issuperset(map(type, value[start : start + EXACT_STEP])) for start in range(0, len(value), EXACT_STEP)
    )


def _decode_long(item: Hook, value: Any, keys: Iterable[Any], decoded: Any) -> Any:
    """Decode the values of a long list or map into `decoded`, which may be that list or map itself.

    Then each value is freed as soon as it is decoded: freeing all of them at the end would block the event loop.
    """
    for key in keys:
        count_items(1)
        try:
            decoded[key] = item(value[key], None)
        except Mismatch as mismatch:
            mismatch.parts.append(key)
            raise
    return decoded


def _find_invalid(item: Hook, value: list[Any]) -> None:
    """Decode a list again to find the position of the invalid item."""
    for at, entry in enumerate(value):
        try:
            item(entry, None)
        except Mismatch as mismatch:
            mismatch.parts.append(at)
            raise


def _plain_list(value: Any, _: Any) -> Any:
    if value.__class__ is not list:
        raise wrong("a list", value)
    return value


def decode_vector(value: Any, _: Any) -> Vector:
    """Decoder of a vector: of a list of numbers, or of what `number_arrays` has put in its place."""
    if value.__class__ is not list:
        raise wrong("a list", value)
    numbers = take(value)
    if numbers is None:
        return wrap(_to_array(value))
    if keeps_input():
        raise UsualListsError  # a variant that is only tried must leave everything as it is
    return wrap(numbers)


def _to_array(value: list[Any]) -> array[float]:
    numbers = array("d")
    for start in range(0, len(value), EXACT_STEP):
        step = value[start : start + EXACT_STEP]
        if RUNNING:
            count_items(len(step))
        if EXACT[float].issuperset(map(type, step)):
            numbers.extend(doubles(step))
            continue
        for at, entry in enumerate(step, start):
            try:
                numbers.append(decode_float(entry, None))
            except Mismatch as mismatch:
                mismatch.parts.append(at)
                raise
    return numbers


def map_hook(value_type: Any) -> Hook:
    """Decoder of an object with any keys."""
    if value_type is Any:
        return _plain_map
    item = hook_for(value_type, lazy=True)

    def decode_map(value: Any, _: Any) -> Any:
        if value.__class__ is not dict:
            raise wrong("an object", value)
        if len(value) > LONG:
            keys = [key for key, entry in value.items() if entry is not None]
            return _decode_long(item, value, keys, value if owns_input() else dict(value))
        if RUNNING:
            count_items(len(value))
        try:
            # A null in a free-form map is kept: it is a value like any other there.
            return {key: None if entry is None else item(entry, None) for key, entry in value.items()}
        except Mismatch:
            for key, entry in value.items():
                try:
                    if entry is not None:
                        item(entry, None)
                except Mismatch as mismatch:
                    mismatch.parts.append(key)
                    raise
            raise

    return decode_map


def _plain_map(value: Any, _: Any) -> Any:
    if value.__class__ is not dict:
        raise wrong("an object", value)
    return value


# --- models ------------------------------------------------------------------------------------------------------


_Null = Literal["keep", "extra", "decode"]
"""How a null is handled: kept as None, moved to `extra`, or decoded, which usually fails."""

_Setter = Callable[[Any, Any], None]

_Field = tuple[Any, _Setter, Hook, _Null, Any, str | None, bool]
"""How to decode one field: the exact type whose values need no further check, setter of the slot, decoder for all other
values, how a null is handled, default, primary wire name if this is an alternative name, and whether the field is a
date-time whose format is kept if it is unusual. A plain tuple, because unpacking it is fastest.
"""

new: Final = object.__new__
_set_extra: Final = Model.__dict__["extra"].__set__
_set_texts: Final = Model.__dict__["_texts"].__set__
_set_request_id: Final = Model.__dict__["_request_id"].__set__


def model_hook(cls: type[Model]) -> Hook:
    """Decoder of a model."""
    fields = _fields(cls)
    names = {"new": new, "set_extra": _set_extra, "set_request_id": _set_request_id, "set_texts": _set_texts}
    return compile_decoder(cls, fields, general_hook(cls, fields), names)


def general_hook(cls: type[Model], fields: Mapping[str, _Field]) -> Hook:
    """Decoder of a model, whatever the response looks like.

    It sets the slots directly: the `__init__` of a frozen class takes longer than all the rest of the decoding, and
    models have neither validators nor converters that would be skipped.
    """
    count = sum(field[5] is None for field in fields.values())
    known = fields.get

    def decode_model(data: Any, _: Any) -> Any:
        if data.__class__ is not dict:
            raise wrong("an object", data)
        model = new(cls)
        extra: dict[str, Any] = {}
        texts: dict[str, str] | None = None
        aliased: dict[str, Any] | None = None
        filled = 0
        key = ""
        try:
            for key, value in data.items():
                field = known(key)
                if field is None:
                    extra[key] = value
                    continue
                exact, setter, hook, null, default, primary, timed = field
                if value.__class__ is exact:
                    setter(model, value)
                    filled += 1
                    continue
                if primary is not None:
                    if aliased is None:
                        aliased = {}
                    if primary in data or primary in aliased:
                        extra[key] = value
                        continue
                    aliased[primary] = value
                if value is None and null != "decode":
                    setter(model, default if null == "extra" else None)
                    if null == "extra":
                        extra[primary or key] = None
                else:
                    decoded = hook(value, None)
                    setter(model, decoded)
                    if (
                        timed
                        and isinstance(value, str)
                        and decoded.__class__ is dt.datetime
                        and not is_usual(value, decoded)
                    ):
                        if texts is None:
                            texts = {}
                        texts[primary or key] = value
                filled += 1
        except Mismatch as mismatch:
            mismatch.parts.append(key)
            raise
        if filled != count:
            _fill(model, fields, data, aliased or {})
        _set_extra(model, extra)
        _set_texts(model, texts)
        _set_request_id(model, None)
        return model

    return decode_model


def _fill(model: Model, fields: Mapping[str, _Field], data: Mapping[str, Any], aliased: Mapping[str, Any]) -> None:
    """Set the fields that are missing in the data to their defaults."""
    for wire, (_, setter, _, _, default, primary, _) in fields.items():
        if primary is None and wire not in data and wire not in aliased:
            if default is attrs.NOTHING:
                missing = Mismatch("is missing")
                missing.parts.append(wire)
                raise missing
            setter(model, default)


def _fields(cls: type[Model]) -> dict[str, _Field]:
    hints = typing.get_type_hints(cls)
    fields: dict[str, _Field] = {}
    others: dict[str, _Field] = {}
    for field in attrs.fields(cls):
        if not field.init or field.name == "extra":
            continue
        wire = wire_name(field)
        kind = hints[field.name]
        exact = base_of(without_none(kind))
        default: Any = field.default
        null: _Null = "decode"
        if default is None:
            null = "extra"
        elif allows_none(kind):
            null = "keep"
        elif default is not attrs.NOTHING and default is not UNSET:
            null = "extra"  # a constant default: the null is kept in `extra`, and the attribute has the constant
        timed = dt.datetime in {kind, *get_args(kind)}
        setter = getattr(cls, field.name).__set__
        hook = hook_for(without_none(kind), lazy=True)
        fields[wire] = (exact if exact in EXACT else None, setter, hook, null, default, None, timed)
        # An alternative name has no exact type: whether the primary name is present has to be checked first.
        for other in field.metadata.get("accept", ()):
            others[other] = (None, setter, hook, null, default, wire, timed)
    return others | fields


# --- unions ------------------------------------------------------------------------------------------------------


def union_hook(union: Any) -> Hook:
    """Decoder of a union; one with a rule does not fail on an unknown variant."""
    members = [member for member in get_args(union) if member not in {NONE, Unset} and not typing.is_typeddict(member)]
    null = NONE in get_args(union)
    known = [member for member in members if member is not UnknownVariant]
    closed, opened = tuple(known), (*known, UnknownVariant)
    rule = union_rule(union) or union_rule(Union[opened]) or union_rule(Union[closed])  # noqa: UP007 - built here
    hook = _choice(known, rule, is_open=rule is not None or UnknownVariant in members)
    if not null:
        return hook
    return lambda value, _: None if value is None else hook(value, None)


def _choice(members: Sequence[Any], rule: Any, *, is_open: bool) -> Hook:
    """Choose by the JSON type; among objects by the rule of the union."""
    by_type: dict[type, Hook] = {}
    objects: list[Any] = []
    for member in members:
        base = base_of(member)
        if base in {str, int, float, bool}:
            by_type[base] = hook_for(base)
        elif base is dt.datetime:
            by_type.setdefault(str, decode_datetime)
        elif base is list or base is Vector:
            by_type[list] = hook_for(member)
        elif base is dict:
            by_type[dict] = hook_for(member)
        elif base is Any:
            return decode_any
        else:
            objects.append(member)
    if float in by_type:
        by_type.setdefault(int, by_type[float])
    elif int in by_type:
        by_type.setdefault(float, by_type[int])
    if rule is not None:
        by_type[dict] = _tagged(rule) if rule.discriminator is not None else _shaped(rule)
    elif len(objects) == 1 and dict not in by_type:
        by_type[dict] = hook_for(objects[0], lazy=True)
    elif objects:
        by_type[dict] = _first_of(objects, by_type.get(dict))
    if len(by_type) == 1 and (not is_open or (rule is not None and rule.discriminator is not None)):
        return next(iter(by_type.values()))
    names = [JSON_NAMES[kind] for kind in by_type]
    needed = " or ".join(dict.fromkeys(names))

    def decode_choice(value: Any, _: Any) -> Any:
        hook = by_type.get(value.__class__)
        if hook is not None:
            return hook(value, None)
        if is_open:
            return UnknownVariant(value)
        raise wrong(needed, value)

    return decode_choice


def _tagged(rule: Any) -> Hook:
    discriminator = rule.discriminator
    variants: dict[str, Hook] = {}

    def add(tag: str, hook: Hook) -> None:
        """Replace a decoder that is looked up later when it is first used: calling it directly is faster."""
        if not isinstance(hook, LazyHook):
            variants[tag] = hook
            return

        def first_use(value: Any, _: Any) -> Any:
            variants[tag] = hook.resolve()
            return variants[tag](value, None)

        variants[tag] = first_use

    for tag, variant in rule.variants.items():
        add(tag, hook_for(variant, lazy=True))

    def decode_tagged(value: Any, _: Any) -> Any:
        if value.__class__ is not dict:
            return UnknownVariant(value)
        tag = value.get(discriminator)
        if tag.__class__ is str:
            hook = variants.get(tag)
            return UnknownVariant(value, tag) if hook is None else hook(value, None)
        return UnknownVariant(value)

    return decode_tagged


def _shaped(rule: Any) -> Hook:
    variants = [(name, hook_for(variant, lazy=True)) for name, variant in rule.variants.items()]

    def decode_shaped(value: Any, _: Any) -> Any:
        for name, hook in variants:
            if name in value:
                return hook(value, None)
        return UnknownVariant(value)

    return decode_shaped


def _first_of(objects: Sequence[Any], fallback: Hook | None) -> Hook:
    """Without a rule, the first variant that matches is used."""
    hooks = [hook_for(variant, lazy=True) for variant in objects]

    def decode_first(value: Any, _: Any) -> Any:
        with keeping_input():
            for hook in hooks:
                try:
                    return hook(value, None)
                except Mismatch:
                    continue
        return UnknownVariant(value) if fallback is None else fallback(value, None)

    return decode_first


def literal_hook(kind: Any) -> Hook:
    """Decoder of literals. Other values of the same type are accepted: the platform may add some."""
    base = base_of(kind)
    return hook_for(base) if base is not kind else decode_any
