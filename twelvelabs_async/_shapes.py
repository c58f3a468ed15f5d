"""Decoders of lists, maps, models and unions."""

from __future__ import annotations

import datetime as dt
import typing
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Union, get_args

import attrs

from ._dispatch import EXACT, NONE, Hook, allows_none, base_of, hook_for, without_none
from ._model import UNSET, Model, UnknownVariant, Unset, union_rule
from ._scalars import JSON_NAMES, Mismatch, decode_any, decode_datetime, is_usual, wrong
from ._wire import wire_name

# --- lists and maps ----------------------------------------------------------------------------------------------


def list_hook(item_type: Any) -> Hook:
    if item_type is Any:
        return _plain_list
    exact = EXACT.get(base_of(item_type))
    item: Hook | None = None

    def decode_list(value: Any, _: Any) -> Any:
        nonlocal item
        if value.__class__ is not list:
            raise wrong("a list", value)
        if exact is not None and exact.issuperset(map(type, value)):
            return value
        if item is None:
            item = hook_for(item_type)
        try:
            return [item(member, None) for member in value]
        except Mismatch:
            _find(item, value)
            raise

    return decode_list


def _find(item: Hook, value: list[Any]) -> None:
    """Decode a list again to tell which member is at fault."""
    for at, member in enumerate(value):
        try:
            item(member, None)
        except Mismatch as mismatch:
            mismatch.parts.append(at)
            raise


def _plain_list(value: Any, _: Any) -> Any:
    if value.__class__ is not list:
        raise wrong("a list", value)
    return value


def map_hook(value_type: Any) -> Hook:
    if value_type is Any:
        return _plain_map
    item: Hook | None = None

    def decode_map(value: Any, _: Any) -> Any:
        nonlocal item
        if value.__class__ is not dict:
            raise wrong("an object", value)
        if item is None:
            item = hook_for(value_type)
        key = ""
        try:
            # A null in a free-form map is kept: there it is a value like others.
            return {key: None if member is None else item(member, None) for key, member in value.items()}
        except Mismatch:
            for key, member in value.items():
                try:
                    _ = member is None or item(member, None)
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


class _Field(NamedTuple):
    """How one member of an object becomes a field.

    Attributes:
        attribute: Name of the argument of the class.
        exact: A value of exactly this type needs no further look.
        hook: Decoder for everything else.
        null: What a null does: `keep` it as None, put it into `extra`, or `decode` it, which usually fails.
        primary: The main wire name where this is another accepted one, else None.
        timed: Whether the field is a date-time, whose spelling is kept if it is unusual.
    """

    attribute: str
    exact: Any
    hook: Hook
    null: Literal["keep", "extra", "decode"]
    primary: str | None
    timed: bool


def model_hook(cls: type[Model]) -> Hook:
    fields: dict[str, _Field] | None = None
    required: tuple[tuple[str, str], ...] = ()

    def decode_model(data: Any, _: Any) -> Any:
        nonlocal fields, required
        if data.__class__ is not dict:
            raise wrong("an object", data)
        if fields is None:
            fields, required = _fields(cls)
        values: dict[str, Any] = {}
        extra: dict[str, Any] | None = None
        texts: dict[str, str] | None = None
        key = ""
        try:
            for key, value in data.items():
                field = fields.get(key)
                if field is None or (field.primary is not None and field.primary in data):
                    if extra is None:
                        extra = {}
                    extra[key] = value
                elif value.__class__ is field.exact:
                    values[field.attribute] = value
                elif value is None and field.null != "decode":
                    if field.null == "keep":
                        values[field.attribute] = None
                    else:
                        if extra is None:
                            extra = {}
                        extra[field.primary or key] = None
                else:
                    values[field.attribute] = decoded = field.hook(value, None)
                    if field.timed and decoded.__class__ is dt.datetime and not is_usual(value, decoded):
                        if texts is None:
                            texts = {}
                        texts[field.primary or key] = value
        except Mismatch as mismatch:
            mismatch.parts.append(key)
            raise
        for attribute, wire in required:
            if attribute not in values:
                missing = Mismatch("is missing")
                missing.parts.append(wire)
                raise missing
        if extra is not None:
            values["extra"] = extra
        model = cls(**values)
        if texts is not None:
            object.__setattr__(model, "_texts", texts)
        return model

    return decode_model


def _fields(cls: type[Model]) -> tuple[dict[str, _Field], tuple[tuple[str, str], ...]]:
    hints = typing.get_type_hints(cls)
    fields: dict[str, _Field] = {}
    required: list[tuple[str, str]] = []
    for field in attrs.fields(cls):
        if not field.init or field.name == "extra":
            continue
        wire = wire_name(field)
        kind = hints[field.name]
        exact = base_of(without_none(kind))
        null: Literal["keep", "extra", "decode"]
        if field.default is None:
            null = "extra"
        elif allows_none(kind):
            null = "keep"
        elif field.default is not attrs.NOTHING and field.default is not UNSET:
            null = "extra"  # a constant that the client fills in: the null is kept, and so is the constant
        else:
            null = "decode"
        timed = dt.datetime in {kind, *get_args(kind)}
        entry = _Field(
            field.alias or field.name,
            exact if exact in EXACT else None,
            hook_for(without_none(kind), lazy=True),
            null,
            None,
            timed,
        )
        fields[wire] = entry
        for other in field.metadata.get("accept", ()):
            fields.setdefault(other, entry._replace(primary=wire))
        if field.default is attrs.NOTHING:
            required.append((entry.attribute, wire))
    return fields, tuple(required)


# --- unions ------------------------------------------------------------------------------------------------------


def union_hook(union: Any) -> Hook:
    members = [member for member in get_args(union) if member not in {NONE, Unset} and not typing.is_typeddict(member)]
    null = NONE in get_args(union)
    known = [member for member in members if member is not UnknownVariant]
    rule = union_rule(union) or union_rule(Union[tuple([*known, UnknownVariant])]) or union_rule(Union[tuple(known)])
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
        elif base is list:
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
    if len(by_type) == 1 and not is_open:
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
    variants = {tag: hook_for(variant, lazy=True) for tag, variant in rule.variants.items()}

    def decode_tagged(value: Any, _: Any) -> Any:
        tag = value.get(discriminator)
        if tag.__class__ is str:
            hook = variants.get(tag)
            return UnknownVariant(value, tag) if hook is None else hook(value, None)
        return UnknownVariant(value)

    return decode_tagged


def _shaped(rule: Any) -> Hook:
    variants = [(member, hook_for(variant, lazy=True)) for member, variant in rule.variants.items()]

    def decode_shaped(value: Any, _: Any) -> Any:
        for member, hook in variants:
            if member in value:
                return hook(value, None)
        return UnknownVariant(value)

    return decode_shaped


def _first_of(objects: Sequence[Any], fallback: Hook | None) -> Hook:
    """Without a rule the first variant that fits counts."""
    hooks = [hook_for(variant, lazy=True) for variant in objects]

    def decode_first(value: Any, _: Any) -> Any:
        for hook in hooks:
            try:
                return hook(value, None)
            except Mismatch:
                continue
        return UnknownVariant(value) if fallback is None else fallback(value, None)

    return decode_first


def literal_hook(kind: Any) -> Hook:
    base = base_of(kind)
    return hook_for(base) if base is not kind else decode_any
