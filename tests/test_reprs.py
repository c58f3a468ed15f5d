"""No `repr` of the package raises: tracebacks with captured locals call it on whatever is there."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import traceback
import warnings
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

import twelvelabs_async
from twelvelabs_async._codec.model import UnknownVariant
from twelvelabs_async._safe_repr import SafeRepr


def all_classes() -> Iterator[type]:
    for module in pkgutil.walk_packages(twelvelabs_async.__path__, f"{twelvelabs_async.__name__}."):
        if not module.name.endswith("__main__"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                members = vars(importlib.import_module(module.name))
            yield from (
                member for member in members.values() if isinstance(member, type) and member.__module__ == module.name
            )


def half_initialised(cls: Any) -> Any:
    try:
        return object.__new__(cls)
    except TypeError:  # errors, subclasses of built-in types
        return cls.__new__(cls)


def test_no_class_has_a_repr_that_raises() -> None:
    classes = set(all_classes())
    assert len(classes) > 700
    problems = []
    for cls in classes:
        if issubclass(cls, tuple) or inspect.isabstract(cls):
            continue  # a named tuple is never half initialised, and an abstract class has no objects
        try:
            made = half_initialised(cls)
        except TypeError:
            problems.append(f"{cls} cannot be made")
            continue
        try:
            repr(made)
        except Exception as error:
            problems.append(f"{cls.__module__}.{cls.__qualname__}: {error!r}")
    assert not problems, "\n".join(problems)


def test_traceback_of_a_constructor_that_fails() -> None:
    @attrs.frozen
    class Half(SafeRepr):
        first: int
        second: int = attrs.field(converter=int)

    with pytest.raises(ValueError, match="invalid literal") as caught:
        Half(1, "x")
    lines = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "Half" in lines
    assert repr(Half(1, 2)).endswith("Half(first=1, second=2)")


def test_what_cannot_be_shown_says_so() -> None:
    deep: Any = 1
    for _ in range(100_000):
        deep = [deep]
    assert repr(UnknownVariant(deep)) == "<UnknownVariant: repr raised RecursionError>"
    assert repr(UnknownVariant([1], "tag")) == "UnknownVariant(data=[1], tag='tag')"
    while isinstance(deep, list):  # level by level: the garbage collector would do it recursively
        deep = deep.pop()
