"""What differs between two documents, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from .shapes import ITEM, LIMITS, VALUE, show
from .surface import operations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .reading import Source
    from .shapes import Shape
    from .surface import Body, Operation

Sign = Literal["+", "-", "~"]


@attrs.frozen(order=True)
class Difference:
    """A difference.

    Attributes:
        operation: Where: the method and the path, as the document that has it spells them.
        sign: `+`: only in the official document; `-`: only in ours; `~`: not the same in both.
        text: What it is.
    """

    operation: str
    sign: Sign
    text: str

    def __str__(self) -> str:
        return f"{self.sign} {self.operation}: {self.text}"


def differences(ours: Source, official: Source) -> list[Difference]:
    """What differs, in the order of the operations' names.

    Raises:
        GenerationError: One of the documents cannot be understood.
    """
    here, there = operations(ours), operations(official)
    found = [Difference(there[key].label, "+", "the operation") for key in there.keys() - here.keys()]
    gone = [here[key] for key in here.keys() - there.keys()]
    found += [Difference(one.label, "-", f"the operation{_lifecycle(one)}") for one in gone]
    for key in here.keys() & there.keys():
        label = here[key].label
        found += [Difference(label, sign, text) for sign, text in _operation(here[key], there[key])]
    return sorted(set(found))


def _lifecycle(operation: Operation) -> str:
    """What our document says about an operation that the official one does not have."""
    state = operation.lifecycle if operation.lifecycle != "current" else ""
    return f" ({state or 'deprecated'} here)" if state or operation.is_deprecated else ""


def _operation(here: Operation, there: Operation) -> Iterator[tuple[Sign, str]]:
    yield from _deprecation("the operation", here.is_deprecated, there.is_deprecated)
    for name in _new(there.parameters, here.parameters):
        yield "+", f"{name}{_kind(there.parameters[name].shape, there.parameters[name].required)}"
    for name in _new(here.parameters, there.parameters):
        yield "-", f"{name}{_mark(here.parameters[name].shape)}"
    for name in here.parameters.keys() & there.parameters.keys():
        ours, theirs = here.parameters[name], there.parameters[name]
        yield from _presence(name, ours.required, theirs.required)
        yield from _pair("encoding", name, ours.encoding, theirs.encoding)
        yield from _shapes(ours.shape, theirs.shape, name, "")
    yield from _bodies(here.body, there.body, "body")
    yield from _responses(here, there)


def _responses(here: Operation, there: Operation) -> Iterator[tuple[Sign, str]]:
    for status in _new(there.responses, here.responses):
        yield "+", f"response {status}"
    for status in _new(here.responses, there.responses):
        if _is_success(status):  # ours lists every error that the platform is known to respond with
            yield "-", f"response {status}"
    for status in here.responses.keys() & there.responses.keys():
        ours, theirs = here.responses[status], there.responses[status]
        where = f"response {status}"
        for name in theirs.headers - ours.headers:
            yield "+", f"header {name} of {where}"
        if _is_success(status):
            for name in ours.headers - theirs.headers:
                yield "-", f"header {name} of {where}"
        found = _bodies(ours.body, theirs.body, where)
        yield from (one for one in found if _is_success(status) or one[0] == "+")
    successes = [
        next((found.body for status, found in side.responses.items() if _is_success(status) and found.body.shape), None)
        for side in (here, there)
    ]
    same = any(_is_success(status) for status in here.responses.keys() & there.responses.keys())
    if not same and successes[0] and successes[1]:  # another status with the same meaning, such as 200 for 201
        yield from _bodies(successes[0], successes[1], "response")


def _bodies(here: Body, there: Body, where: str) -> Iterator[tuple[Sign, str]]:
    for name in there.media_types - here.media_types:
        yield "+", f"media type {name} of {where}"
    for name in here.media_types - there.media_types:
        yield "-", f"media type {name} of {where}"
    if where == "body" and here.media_types and there.media_types:
        yield from _presence(where, here.required, there.required)
    if here.shape is not None and there.shape is not None:
        yield from _shapes(here.shape, there.shape, where, "")


def _shapes(here: Shape, there: Shape, where: str, path: str) -> Iterator[tuple[Sign, str]]:
    if here.is_repeated or there.is_repeated:
        return
    name = _named(where, path)
    yield from _deprecation(name, here.is_deprecated, there.is_deprecated)
    if here.is_json_text and there.types == {"string"}:
        return
    if here.types and there.types:
        yield from _pair("type", name, _listed(here.types), _listed(there.types))
        if here.nullable != there.nullable:
            yield "~", f"null for {name}: {_allowed(there.nullable)} there, {_allowed(here.nullable)} here"
    yield from _values(here, there, name)
    yield from _pair("default", name, _default(here), _default(there))
    for limit in LIMITS:
        yield from _pair(limit, name, _limit(here, limit), _limit(there, limit))
    if not here.types or not there.types or here.types & there.types:
        yield from _fields(here, there, where, path)


def _fields(here: Shape, there: Shape, where: str, path: str) -> Iterator[tuple[Sign, str]]:
    names = {also: name for name, others in here.other_names.items() for also in others if name not in there.fields}
    pairs = {names.get(name, name) if name not in here.fields else name: name for name in there.fields}
    for ours, theirs in pairs.items():
        inner = _below(path, theirs)
        if ours not in here.fields:
            kind = _kind(there.fields[theirs], theirs in there.required)
            yield "+", f"{_named(where, inner)}{kind}"
            continue
        if theirs not in (ITEM, VALUE):
            yield from _presence(_named(where, inner), ours in here.required, theirs in there.required)
        yield from _shapes(here.fields[ours], there.fields[theirs], where, inner)
    for name in _new(here.fields, pairs.keys() | {ITEM, VALUE}):  # nothing is stated there about what is inside
        yield "-", f"{_named(where, _below(path, name))}{_mark(here.fields[name])}"


def _values(here: Shape, there: Shape, name: str) -> Iterator[tuple[Sign, str]]:
    if here.values is None and there.values is not None:
        yield "+", f"list of the values of {name}: {_listed(there.values)}"
    elif here.values is not None and there.values is None:
        yield "-", f"list of the values of {name}: {_listed(here.values)}"
    elif here.values is not None and there.values is not None:
        for value in there.values - here.values:
            yield "+", f"value {value} of {name}"
        for value in here.values - there.values:
            yield "-", f"value {value} of {name}"


def _presence(name: str, here: bool, there: bool) -> Iterator[tuple[Sign, str]]:
    if here != there:
        yield "~", f"{name}: {'required' if there else 'optional'} there, {'required' if here else 'optional'} here"


def _deprecation(name: str, here: bool, there: bool) -> Iterator[tuple[Sign, str]]:
    if here != there:
        yield "~", f"{name}: deprecated {'there' if there else 'here'} only"


def _pair(what: str, name: str, here: str, there: str) -> Iterator[tuple[Sign, str]]:
    if here != there:
        yield "~", f"{what} of {name}: {there or 'none'} there, {here or 'none'} here"


def _new(of: Iterable[str], than: Iterable[str]) -> list[str]:
    known = set(than)
    return [name for name in of if name not in known]


def _below(path: str, name: str) -> str:
    return f"{path}{name}" if name in (ITEM, VALUE) or not path else f"{path}.{name}"


def _named(where: str, path: str) -> str:
    return f"{where} field {path}" if path and not path.startswith((ITEM, VALUE)) else f"{where}{path}"


def _default(shape: Shape) -> str:
    return repr(show(shape.default[0])) if shape.default else ""


def _limit(shape: Shape, limit: str) -> str:
    return show(shape.limits[limit]) if limit in shape.limits else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _allowed(value: bool) -> str:
    return "allowed" if value else "not allowed"


def _kind(shape: Shape, required: bool) -> str:
    words = sorted(shape.types)
    words += ["required"] if required else []
    words += ["deprecated"] if shape.is_deprecated else []
    return f" ({', '.join(words)})" if words else ""


def _mark(shape: Shape) -> str:
    return " (deprecated here)" if shape.is_deprecated else ""


def _is_success(status: str) -> bool:
    return status.startswith("2")
