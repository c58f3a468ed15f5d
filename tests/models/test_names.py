"""Names: models under every name that users know, fields under every name that the platform sends."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

import twelvelabs_async
from tests.openapi import document, models, samples
from twelvelabs_async import types
from twelvelabs_async._codec.decode import decode

ALIASES = [
    (name, member.name, other)
    for name, schema in document.schemas().items()
    for member in document.members(schema)
    for other in member.schema.get("x-accept", ())
]
SDK_NAMES = [(name, other) for name, schema in document.schemas().items() for other in schema.get("x-sdk-names", ())]
OBJECTS = [name for name, schema in document.schemas().items() if "properties" in schema or "oneOf" in schema]


@pytest.mark.parametrize(("schema", "member", "other"), ALIASES)
def test_other_names_of_fields(schema: str, member: str, other: str) -> None:
    data: dict[str, Any] = samples.Builder(legacy=True).build({"$ref": f"#/components/schemas/{schema}"}, "")
    renamed = {(other if key == member else key): value for key, value in data.items()}
    assert other in renamed
    assert decode(models.model(schema), renamed) == decode(models.model(schema), data)


def test_there_are_other_names() -> None:
    assert len(ALIASES) > 30
    assert len(SDK_NAMES) > 30


@pytest.mark.parametrize("name", OBJECTS)
def test_every_model_is_public(name: str) -> None:
    assert getattr(types, name) is getattr(twelvelabs_async, name)


@pytest.mark.parametrize(("name", "other"), SDK_NAMES)
def test_names_of_the_official_sdk(name: str, other: str) -> None:
    assert getattr(twelvelabs_async, other) is not None
    assert getattr(types, other) is getattr(twelvelabs_async, other)
    if other not in document.schemas():
        assert getattr(types, other) is getattr(types, name) or issubclass(getattr(types, other), getattr(types, name))


@pytest.mark.parametrize("module", ["twelvelabs_async", "twelvelabs_async.types"])
def test_unknown_names_are_attribute_errors(module: str) -> None:
    loaded = importlib.import_module(module)
    with pytest.raises(AttributeError, match="NoSuchModel"):
        loaded.NoSuchModel  # noqa: B018


@pytest.mark.parametrize("name", OBJECTS)
def test_public_names_are_listed(name: str) -> None:
    assert name in dir(types)
