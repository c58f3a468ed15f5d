"""Every variant of every union, and variants that this release does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.models.mismatches import mismatches
from tests.openapi import document, models, samples
from twelvelabs_async import UnknownVariant, to_dict
from twelvelabs_async._codec.decode import decode

if TYPE_CHECKING:
    from tests.openapi.document import Schema

DISCRIMINATED = {name: schema for name, schema in document.schemas().items() if "discriminator" in schema}
PICKED = {name: schema for name, schema in document.schemas().items() if "x-pick" in schema}


def _variants(name: str) -> list[tuple[str, str, dict[str, Any]]]:
    """(tag, schema of the variant, data) for each value of the discriminator."""
    schema = document.schemas()[name]
    found = []
    for tag, ref in schema["discriminator"]["mapping"].items():
        target = document.reference({"$ref": ref})
        assert target is not None
        data = samples.Builder(legacy=True).build({"$ref": ref}, "")
        found.append((tag, target, {**data, schema["discriminator"]["propertyName"]: tag}))
    return found


def test_there_are_unions() -> None:
    assert len(DISCRIMINATED) == 13
    assert len(PICKED) == 3


@pytest.mark.parametrize("name", DISCRIMINATED)
def test_every_variant(name: str) -> None:
    variants = _variants(name)
    assert variants
    for tag, target, data in variants:
        decoded = decode(models.model(name), data)
        assert type(decoded) is models.model(target), tag
        assert mismatches({"$ref": f"#/components/schemas/{name}"}, data, decoded) == []
        assert to_dict(decoded) == data


@pytest.mark.parametrize("name", DISCRIMINATED)
@pytest.mark.parametrize("tag", ["something-new", "", None, 7, ["x"], {"a": 1}])
def test_unknown_variant(name: str, tag: Any) -> None:
    member = DISCRIMINATED[name]["discriminator"]["propertyName"]
    data = {member: tag, "payload": {"deep": [1, None]}}
    decoded = decode(models.model(name), data)
    assert isinstance(decoded, UnknownVariant)
    assert decoded.data == data
    assert decoded.tag == (tag if isinstance(tag, str) else None)
    assert to_dict(decoded) == data


@pytest.mark.parametrize("name", DISCRIMINATED)
def test_variant_without_its_tag(name: str) -> None:
    data = {"payload": [1, 2]}
    decoded = decode(models.model(name), data)
    assert isinstance(decoded, UnknownVariant)
    assert decoded.data == data


@pytest.mark.parametrize("name", PICKED)
def test_variant_by_shape(name: str) -> None:
    assert PICKED[name]["x-pick"]
    for target, member in PICKED[name]["x-pick"].items():
        schema = {"$ref": f"#/components/schemas/{target}"}
        for data in _all_variants(schema):
            assert member in data
            decoded = decode(models.model(name), data)
            assert mismatches(schema, data, decoded) == []
            assert to_dict(decoded) == data


def _all_variants(schema: Schema) -> list[dict[str, Any]]:
    return [data for _, data in samples.variants(lambda builder: builder.build(schema, ""), legacy=True)]


@pytest.mark.parametrize("name", PICKED)
def test_unknown_shape(name: str) -> None:
    data = {"never": {"seen": [True]}}
    decoded = decode(models.model(name), data)
    assert isinstance(decoded, UnknownVariant)
    assert decoded.data == data
    assert to_dict(decoded) == data
