"""The client as its users write it: `client`, `client.search`, `client.search.query`."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any, Literal

from twelvelabs_async import AsyncTwelveLabs, _untyped
from twelvelabs_async._request.operation import Operation
from twelvelabs_async._resource import Resource
from twelvelabs_async._waiting import WaitOperation

RAW = "with_raw_response"


@dataclass(frozen=True)
class Member:
    """A method or a property.

    Attributes:
        name: What users write: `client.search.query`.
        kind: How the reference describes it.
        value: The function.
        overridden: The functions of the same name that its code calls with `super()`.
    """

    name: str
    kind: Literal["method", "property"]
    value: Any
    overridden: tuple[Any, ...] = ()

    @property
    def documentation(self) -> str:
        """The docstring; empty where there is none."""
        return inspect.getdoc(self.value) or ""

    @property
    def summary(self) -> str:
        """The first paragraph of the docstring in one line."""
        return " ".join(self.documentation.split("\n\n", 1)[0].split())

    @property
    def signature(self) -> str:
        """Parameters and result in the words of the source, without `self`."""
        whole = inspect.signature(self.value)
        parameters = [_plain(parameter) for parameter in list(whole.parameters.values())[1:]]
        return str(whole.replace(parameters=parameters, return_annotation=_text(whole.return_annotation)))

    @property
    def result(self) -> str:
        """The annotation of the result."""
        return str(inspect.signature(self.value).return_annotation)

    @property
    def is_async(self) -> bool:
        """Whether it is awaited."""
        # Deprecated ones are functions that return a coroutine; before Python 3.12, `inspect` knows no mark for that.
        return inspect.iscoroutinefunction(self.value) or hasattr(self.value, "_is_coroutine")

    @property
    def operations(self) -> list[Operation[Any]]:
        """The operations that the code of the method names; of a property, none."""
        if self.kind == "property":
            return []
        found = [value for function in (self.value, *self.overridden) for value in _operations(function)]
        return list({value.id: value for value in found}.values())


@dataclass(frozen=True)
class Holder:
    """The client, or a resource.

    Attributes:
        name: What users write: `client.search`.
        cls: Its class.
        members: What it has, in the order of the source: operations first, then what was added by hand.
        children: The resources below it.
    """

    name: str
    cls: type
    members: tuple[Member, ...]
    children: tuple[Holder, ...]

    def walk(self) -> Iterator[Holder]:
        """This one, and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def read(*, raw: bool = False) -> Holder:
    """The client, or its `with_raw_response`."""
    client = AsyncTwelveLabs(api_key="reference", base_url="http://127.0.0.1:9")  # sends nothing, opens nothing
    return _holder(f"client.{RAW}", client.with_raw_response) if raw else _holder("client", client)


def _holder(name: str, thing: object) -> Holder:
    members: list[Member] = []
    children: list[Holder] = []
    for key in _names(type(thing)):
        found = inspect.getattr_static(type(thing), key)
        whole = f"{name}.{key}"
        if key == RAW:
            continue  # the same names once more, on a page of their own
        if isinstance(found, functools.cached_property) and isinstance(value := getattr(thing, key), Resource):
            children.append(_holder(whole, value))
        elif isinstance(found, functools.cached_property):
            members.append(Member(whole, "property", found.func))
        elif isinstance(found, property):
            members.append(Member(whole, "property", found.fget))
        elif inspect.isfunction(found):
            members.append(Member(whole, "method", found, _overridden(type(thing), key)))
        else:
            raise TypeError(f"{whole} is a {type(found).__name__}: say how the reference describes it")
    return Holder(name, type(thing), tuple(members), tuple(children))


def _names(cls: type) -> list[str]:
    """Public attributes, those of the bases first, but calls by path last."""
    owners = [*reversed(cls.__mro__)]
    owners.sort(key=lambda owner: owner.__module__ == _untyped.__name__)
    listed = [key for owner in owners for key in vars(owner)]
    return [key for key in dict.fromkeys(listed) if not key.startswith("_")]


def _overridden(cls: type, key: str) -> tuple[Any, ...]:
    functions = [vars(owner)[key] for owner in cls.__mro__ if key in vars(owner)]
    called = 0
    while "super" in functions[called].__code__.co_names:
        called += 1
    return tuple(functions[1 : called + 1])


class _Text(str):
    """Source text, which a signature shows without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _text(annotation: str) -> _Text:
    # Classes with a method `list` import the type under another name.
    return _Text(re.sub(r"\b_list\[", "list[", annotation))


def _plain(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(annotation=_text(parameter.annotation))


def _operations(function: Any) -> list[Operation[Any]]:
    names = _names_in(function.__code__)
    listed = [value for name, value in function.__globals__.items() if name in names]
    for module in [value for value in listed if isinstance(value, ModuleType)]:
        listed += [value for name, value in vars(module).items() if name in names]
    listed = [value.retrieve if isinstance(value, WaitOperation) else value for value in listed]
    return [value for value in listed if isinstance(value, Operation)]


def _names_in(code: CodeType) -> set[str]:
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*map(_names_in, inner))
