"""The tables of names fit this package."""

from __future__ import annotations

import inspect
from operator import attrgetter

import pytest

import twelvelabs_async
from twelvelabs_async import AsyncStream, AsyncTwelveLabs, errors, types
from twelvelabs_async._resource import Resource
from twelvelabs_async.migrate.names import (
    _BY_MODULE,
    _ROOT,
    PAGED,
    RESOURCES,
    STATUS_ERRORS,
    STREAMS,
    UNPAGED,
    VALUES,
    Target,
    target_of,
)

CLIENT = AsyncTwelveLabs(api_key="tlk_x")


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_resources(path: str) -> None:
    assert isinstance(attrgetter(path)(CLIENT), Resource)


@pytest.mark.parametrize("path", sorted(PAGED | UNPAGED))
def test_lists(path: str) -> None:
    assert "Pager" in str(inspect.signature(attrgetter(path)(CLIENT)).return_annotation)


@pytest.mark.parametrize("path", sorted(STREAMS))
def test_streams(path: str) -> None:
    assert AsyncStream.__name__ in str(inspect.signature(attrgetter(path)(CLIENT)).return_annotation)


def test_errors() -> None:
    assert all(issubclass(getattr(errors, name), errors.APIStatusError) for name in STATUS_ERRORS.values())
    assert {cls.__name__ for cls in errors.APIStatusError.__subclasses__()} <= set(STATUS_ERRORS.values())


def test_names_of_the_package() -> None:
    assert all(hasattr(twelvelabs_async, name) for name in _ROOT.values())
    for module, names, _ in _BY_MODULE:
        for name in names:
            target = target_of(module, name)
            assert target is not None
            assert target.name != name
            assert hasattr(types, target.name)


def test_values_are_no_models() -> None:
    assert VALUES.keys() == {"Page"}
    assert not hasattr(types, "Page")


def test_other_aliases_of_values_have_their_names_here() -> None:
    assert target_of("types", "StartTime") == Target("StartTime", "types")
