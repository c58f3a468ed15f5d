"""Every answer that the document describes decodes, loses nothing, and gives the same wire data back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.models.mismatches import mismatches, unknown_variants
from tests.openapi import document, models, samples
from twelvelabs_async import to_dict
from twelvelabs_async._codec.decode import decode

if TYPE_CHECKING:
    from tests.openapi.document import Schema

ANSWERS: dict[str, Schema] = {}
"""What is decoded: the JSON answer of an operation, or one event of its stream."""
for _facts in document.operations().values():
    if _facts.answer is not None:
        ANSWERS[_facts.id] = _facts.answer
    if _facts.stream is not None:
        ANSWERS[f"{_facts.id} event"] = {"$ref": f"#/components/schemas/{_facts.stream['event']}"}
ANSWERS["webhook"] = {"$ref": "#/components/schemas/WebhookEvent"}


def _decode(schema: Schema, data: Any) -> Any:
    name = document.reference(schema)
    assert name is not None
    return decode(models.model(name), data)


def _check(schema: Schema, data: Any) -> Any:
    decoded = _decode(schema, data)
    assert mismatches(schema, data, decoded) == []
    assert to_dict(decoded) == data
    return decoded


@pytest.mark.parametrize("name", ANSWERS)
def test_all_fields(name: str) -> None:
    for _, data in samples.variants(lambda builder: builder.build(ANSWERS[name], ""), members="all", legacy=True):
        _check(ANSWERS[name], data)


@pytest.mark.parametrize("name", ANSWERS)
def test_required_fields_only(name: str) -> None:
    for _, data in samples.variants(lambda builder: builder.build(ANSWERS[name], ""), members="required", legacy=True):
        _check(ANSWERS[name], data)


@pytest.mark.parametrize("name", ANSWERS)
def test_unknown_fields_and_values(name: str) -> None:
    options: dict[str, Any] = {"members": "all", "legacy": True, "unknown": True}
    for _, data in samples.variants(lambda builder: builder.build(ANSWERS[name], ""), **options):
        assert samples.UNKNOWN_NAME in str(data)
        _check(ANSWERS[name], data)


@pytest.mark.parametrize("name", ANSWERS)
def test_nulls(name: str) -> None:
    for _, data in samples.variants(lambda builder: builder.build(ANSWERS[name], ""), legacy=True, nulls=True):
        _check(ANSWERS[name], data)


@pytest.mark.parametrize("name", ANSWERS)
def test_null_in_place_of_every_optional_field(name: str) -> None:
    """The platform may send null for a field that it documents as absent."""

    def with_nulls(schema: Schema, data: Any) -> Any:
        resolved = document.resolve(models.variant(schema, data))
        if isinstance(data, dict) and "properties" in resolved:
            known = {member.name: member for member in document.members(resolved)}
            return {key: with_nulls(known[key].schema, entry) for key, entry in data.items()} | {
                key: None for key, member in known.items() if not member.required
            }
        if isinstance(data, list) and "items" in resolved:
            return [with_nulls(resolved["items"], entry) for entry in data]
        return data

    for _, data in samples.variants(lambda builder: builder.build(ANSWERS[name], ""), members="required"):
        _check(ANSWERS[name], with_nulls(ANSWERS[name], data))


@pytest.mark.parametrize("name", ANSWERS)
def test_unknown_variants(name: str) -> None:
    builder = samples.Builder(legacy=True, unknown_variants=True)
    data = builder.build(ANSWERS[name], "")
    decoded = _check(ANSWERS[name], data)
    assert len(unknown_variants(decoded)) == str(data).count(samples.UNKNOWN_NAME)
    for variant in unknown_variants(decoded):
        assert variant.tag == samples.UNKNOWN_VALUE


@pytest.mark.parametrize("name", ANSWERS)
def test_integers_sent_as_numbers(name: str) -> None:
    def as_floats(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: as_floats(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [as_floats(entry) for entry in value]
        return float(value) if isinstance(value, int) and not isinstance(value, bool) else value

    data = samples.Builder(legacy=True).build(ANSWERS[name], "")
    assert to_dict(_decode(ANSWERS[name], as_floats(data))) == data


@pytest.mark.parametrize(
    "spelling",
    [
        "2026-03-04T05:06:07Z",
        "2026-03-04T05:06:07.5Z",
        "2026-03-04T05:06:07.123456789Z",
        "2026-03-04T05:06:07+00:00",
        "2026-03-04T07:06:07.250+02:00",
        "2026-03-04t05:06:07z",
        "2026-03-04 05:06:07Z",
        "2026-03-04T05:06:07",
    ],
)
def test_every_spelling_of_a_date_time(spelling: str) -> None:
    schema = {"$ref": "#/components/schemas/AnalyzeTaskResponse"}
    data = {**samples.Builder(members="required").build(schema, ""), "created_at": spelling}
    decoded = _decode(schema, data)
    assert decoded.created_at.utctimetuple()[:6] == (2026, 3, 4, 5, 6, 7)
    assert to_dict(decoded) == data


def test_what_is_decoded() -> None:
    assert len([facts for facts in document.operations().values() if facts.answer is not None]) > 80
    assert any("[]" in path for schema in ANSWERS.values() for path in _points(schema))


def _points(schema: Schema) -> dict[str, int]:
    builder = samples.Builder(legacy=True)
    builder.build(schema, "")
    return builder.points
