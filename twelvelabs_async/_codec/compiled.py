"""Decoders of models that are written as source: they handle what responses usually look like in half of the time.

A loop over the fields has to look up what to do with each; here each field has lines of its own. Where a response looks
unusual (another type, an alternative name, a date-time whose format is kept, a field that is missing), the general
decoder starts from the beginning. So fields that hold lists or objects come last: their input may be gone once they are
decoded.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import attrs

from .registry import LazyHook
from .scalars import Mismatch, decode_datetime, is_usual

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from .model import Model
    from .registry import Hook

_GENERAL: Final = "return general(data, None)"

_USUAL_DATE: Final = (
    "value.__class__ is str and len(value) == 20 and value[19] == 'Z' and value[10] == 'T' and value[17] != '6'"
)
"""`is_usual` for most date-times; a call would take as long as the rest."""


def compile_decoder(cls: type[Model], fields: Mapping[str, Any], general: Hook, names: Mapping[str, Any]) -> Hook:
    """A decoder of a model.

    Args:
        cls: The model.
        fields: Its fields by their names in JSON, as `structure` describes them.
        general: The decoder for unusual responses.
        names: What the source refers to: `new` and the setters of the slots that every model has.
    """
    own = {wire: field for wire, field in fields.items() if field[5] is None}
    aliased = {field[5] for field in fields.values()}
    scope = {
        **names,
        "MISSING": object(),
        "Mismatch": Mismatch,
        "add_unknown": _add_unknown,
        "cls": cls,
        "date": dt.datetime.fromisoformat,
        "general": general,
        "own": own.keys(),
        "usual_date": _usual_date,
    }
    flat: list[str] = []
    nested: list[str] = []
    for at, (wire, (exact, setter, hook, null, default, _, timed)) in enumerate(own.items()):
        if timed and hook is not decode_datetime:
            return general  # text or a date-time
        scope |= {f"set{at}": setter, f"exact{at}": exact, f"hook{at}": hook, f"default{at}": default}
        may_be_missing = default is not attrs.NOTHING and wire not in aliased
        absent = []
        if may_be_missing:
            absent.append(("value is MISSING", f"set{at}(model, default{at}); missing += 1"))
        if null == "extra":
            absent.append(("value is None", f"set{at}(model, default{at}); extra[{wire!r}] = None"))
        elif null == "keep":
            absent.append(("value is None", f"set{at}(model, None)"))
        if exact is not None or timed:
            flat.append(f"value = get({wire!r}, MISSING)")
        if exact is not None:
            usual = [(f"value.__class__ is exact{at}", f"set{at}(model, value)")]
            if exact is float:
                usual.append(("value.__class__ is int and -1e15 < value < 1e15", f"set{at}(model, float(value))"))
            flat += _choice([*usual, *absent], _GENERAL)
        elif timed:
            other = ("(value := usual_date(value)) is not None", f"set{at}(model, value)")
            flat += _choice([(_USUAL_DATE, f"set{at}(model, date(value))"), *absent, other], _GENERAL)
        else:
            flat.append(f"value{at} = get({wire!r}, MISSING)")
            if not may_be_missing:
                flat.append(f"if value{at} is MISSING: {_GENERAL}")
            if isinstance(hook, LazyHook):
                scope[f"hook{at}"] = _replaced_on_first_use(scope, f"hook{at}", hook)
            decoded = f"key = {wire!r}; set{at}(model, hook{at}(value, None))"
            nested += [f"value = value{at}", *_choice(absent, decoded)]
    source = [
        "def decode_model(data, _):",
        f" if data.__class__ is not dict: {_GENERAL}",
        " get, model, extra, missing = data.get, new(cls), {}, 0",
        " try:",
        *(f"  {line}" for line in (*flat, "pass")),
        f" except ValueError: {_GENERAL}",  # a date-time of the usual format that does not exist
        " try:",
        *(f"  {line}" for line in (*nested, "pass")),
        " except Mismatch as mismatch:",
        "  mismatch.parts.append(key)",
        "  raise",
        f" if len(data) + missing != {len(own)}: add_unknown(extra, data, own)",
        " set_extra(model, extra)",
        " set_texts(model, None)",
        " set_request_id(model, None)",
        " return model",
    ]
    exec(compile("\n".join(source), f"<decoder of {cls.__name__}>", "exec"), scope)  # noqa: S102 - our own names
    decode_model: Hook = scope["decode_model"]
    return decode_model


def _choice(branches: Sequence[tuple[str, str]], otherwise: str) -> Iterator[str]:
    """The lines of an `if` statement."""
    word = "if"
    for condition, statement in branches:
        yield f"{word} {condition}: {statement}"
        word = "elif"
    yield f"else: {otherwise}" if branches else otherwise


def _replaced_on_first_use(scope: dict[str, Any], name: str, hook: LazyHook) -> Hook:
    """A decoder that is looked up later, because types may be recursive, and then called directly."""

    def first_use(value: Any, _: Any) -> Any:
        found = scope[name] = hook.resolve()
        return found(value, None)

    return first_use


def _usual_date(text: Any) -> dt.datetime | None:
    """The date-time of a text whose format need not be kept; None for anything else."""
    if text.__class__ is not str:
        return None
    try:
        value = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return value if value.tzinfo is not None and is_usual(text, value) else None


def _add_unknown(extra: dict[str, Any], data: Mapping[str, Any], own: Collection[str]) -> None:
    """Keep the fields that have no attribute."""
    extra.update({key: value for key, value in data.items() if key not in own})
