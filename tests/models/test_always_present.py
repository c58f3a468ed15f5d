"""What the platform always sends is required in responses; everything else may be absent or null."""

from __future__ import annotations

import typing
from typing import Any

import attrs
import pytest

from tests.models.always_present import ALWAYS_PRESENT, OTHERWISE_REQUIRED
from tests.openapi import document, models, samples
from twelvelabs_async._codec.decode import decode
from twelvelabs_async.errors import DecodeError

MEMBERS = [(name, wire) for name, wires in ALWAYS_PRESENT.items() for wire in wires]

ITEMS = {
    name: str(document.reference(document.schemas()[name]["properties"]["data"]["items"]))
    for name, wires in ALWAYS_PRESENT.items()
    if "data" in wires
}
LISTS = [(name, item) for name, item in ITEMS.items() if item in ALWAYS_PRESENT]
"""Pages whose items have an id."""


def required_members(name: str) -> dict[str, Any]:
    built: dict[str, Any] = samples.Builder(members="required").build(document.schemas()[name], "")
    return built


def field_of(name: str, wire: str) -> attrs.Attribute[Any]:
    return next(field for field in attrs.fields(models.model(name)) if field.metadata.get("wire", field.name) == wire)


@pytest.mark.parametrize("name", ALWAYS_PRESENT)
def test_exactly_these_members_are_required(name: str) -> None:
    required = set(document.schemas()[name].get("required", ()))
    assert required == {*ALWAYS_PRESENT[name], *OTHERWISE_REQUIRED.get(name, ())}
    fields = {field.metadata.get("wire", field.name): field for field in attrs.fields(models.model(name)) if field.init}
    assert {wire for wire, field in fields.items() if field.default is attrs.NOTHING} == required


@pytest.mark.parametrize(("name", "wire"), MEMBERS)
def test_its_type_has_no_none(name: str, wire: str) -> None:
    hint = typing.get_type_hints(models.model(name))[field_of(name, wire).name]
    assert type(None) not in typing.get_args(hint)
    assert hint is str or wire not in {"_id", "id", "upload_id", "asset_id"}


@pytest.mark.parametrize(("name", "wire"), MEMBERS)
def test_absent_or_null_it_is_an_error_that_names_it(name: str, wire: str) -> None:
    whole = required_members(name)
    decode(models.model(name), whole)
    absent = {key: value for key, value in whole.items() if key != wire}
    with pytest.raises(DecodeError, match="is missing") as caught:
        decode(models.model(name), absent)
    assert caught.value.path == wire
    with pytest.raises(DecodeError) as caught:
        decode(models.model(name), {**whole, wire: None})
    assert caught.value.path == wire


@pytest.mark.parametrize("name", ALWAYS_PRESENT)
def test_an_empty_object_is_an_error(name: str) -> None:
    with pytest.raises(DecodeError, match="is missing"):
        decode(models.model(name), {})


@pytest.mark.parametrize("name", ALWAYS_PRESENT)
def test_everything_else_may_be_absent_or_null(name: str) -> None:
    whole = required_members(name)
    rest = {member.name for member in document.members(document.schemas()[name])} - whole.keys()
    decoded = decode(models.model(name), whole)
    nulls = decode(models.model(name), {**whole, **dict.fromkeys(rest)})
    for wire in rest:
        assert not getattr(decoded, field_of(name, wire).name)
        assert not getattr(nulls, field_of(name, wire).name)


@pytest.mark.parametrize(("name", "item"), LISTS)
def test_an_item_without_its_id_is_found_by_its_position(name: str, item: str) -> None:
    good = required_members(item)
    bad = {key: value for key, value in good.items() if key != "_id"}
    with pytest.raises(DecodeError) as caught:
        decode(models.model(name), {**required_members(name), "data": [good, good, good, bad]})
    assert caught.value.path == "data[3]._id"


def test_pages_whose_items_have_no_id() -> None:
    assert {item for item in ITEMS.values() if item not in ALWAYS_PRESENT} == {"SearchItem"}


def test_the_other_name_of_an_id_is_as_good() -> None:
    decoded = decode(models.model("IndexSchema"), {"id": "a"})
    assert decoded.id == "a"
    with pytest.raises(DecodeError) as caught:
        decode(models.model("IndexSchema"), {"id": None})
    assert caught.value.path == "id"
