"""The tables of names fit this package."""

from __future__ import annotations

import inspect
from operator import attrgetter

import pytest

import twelvelabs_async
from twelvelabs_async import AsyncPager, AsyncStream, AsyncTwelveLabs, errors, types
from twelvelabs_async._resource import Resource
from twelvelabs_async.migrate.names import (
    _BY_MODULE,
    _ROOT,
    FIELDS,
    PAGED,
    RESOURCES,
    STATUS_ERRORS,
    STREAMS,
    UNPAGED,
    VALUES,
    target_of,
)

CLIENT = AsyncTwelveLabs(api_key="tlk_x")


@pytest.mark.parametrize("path", sorted(RESOURCES))
def test_resources(path: str) -> None:
    assert isinstance(attrgetter(path)(CLIENT), Resource)


@pytest.mark.parametrize("path", sorted(PAGED | UNPAGED))
def test_lists(path: str) -> None:
    assert AsyncPager.__name__ in str(inspect.signature(attrgetter(path)(CLIENT)).return_annotation)


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
    assert not [name for name in VALUES if hasattr(types, name)]
    assert set(VALUES.values()) == {"int", "float", "str"}


def test_fields() -> None:
    assert not [name for name in FIELDS if name in inspect.signature(CLIENT.analyze).parameters]
    assert "prompt_v2" in inspect.signature(CLIENT.analyze).parameters
    assert "base64_string" in inspect.signature(types.MediaSource).parameters
