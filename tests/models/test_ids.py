"""Whatever a call creates has an id, also where the platform has another name for it."""

from __future__ import annotations

import copy
import typing
from typing import Any

import attrs
import pytest

from tests.openapi import document, models, objects, samples
from twelvelabs_async import to_dict
from twelvelabs_async._codec.decode import decode
from twelvelabs_async._codec.model import Model

CREATED = {
    "createIndex": "_id",
    "createIndexedAsset": "_id",
    "createTask": "_id",
    "createAsset": "_id",
    "createMultipartUpload": "upload_id",
    "createAnalyzeTask": "task_id",
    "createAnalyzeBatch": "batch_id",
    "createEmbeddingTask": "_id",
    "createEmbeddingTaskV2": "_id",
    "createEntityCollection": "_id",
    "createEntity": "_id",
    "createRedirectUri": "_id",
    "createKnowledgeStore": "_id",
    "createKnowledgeStoreItem": "_id",
    "createKnowledgeStoreItemCollection": "_id",
    "createImport": "_id",
}
"""Operations that create one thing, and what the platform calls its id."""

IDS = {name: schema["x-id"] for name, schema in document.schemas().items() if "x-id" in schema}
"""Models whose id has another name, and that name."""

OBJECTS = [name for name in document.schemas() if objects.kinds_of(name)]


def sample(name: str) -> Any:
    return samples.Builder(members="required").build(document.schemas()[name], name)


@pytest.mark.parametrize(("operation", "wire"), CREATED.items())
def test_what_is_created_has_an_id(operation: str, wire: str) -> None:
    answer = document.operations()[operation].answer
    assert answer is not None
    name = document.reference(answer) or ""
    data = sample(name)
    created = decode(models.model(name), data)
    assert created.id == data[wire]
    assert objects.kinds_of(name)


def test_every_operation_that_creates_one_thing_is_listed() -> None:
    others = {
        *("createEmbeddings", "createEmbeddingsV2", "createSearch", "createConnectionPickerToken"),  # no object
        *("createTransferImport", "createEntitiesBulk"),  # several
        "addEntityAssets",  # one that was there before
        "createResponse",  # one whose id may be absent
    }
    found = {
        facts.id
        for facts in document.operations().values()
        if facts.attribute_path.rpartition(".")[2].startswith("create") and facts.method == "POST"
    }
    assert found - CREATED.keys() == others
    assert CREATED.keys() - found == {"createImport"}


@pytest.mark.parametrize(("name", "member"), IDS.items())
def test_an_id_with_another_name(name: str, member: str) -> None:
    data = {**sample(name), member: "x_1"}
    thing = decode(models.model(name), data)
    assert thing.id == getattr(thing, member) == "x_1"
    assert to_dict(thing) == data
    assert f"{member}='x_1'" in repr(thing)
    assert " id=" not in repr(thing)
    assert "(id=" not in repr(thing)
    assert thing == decode(models.model(name), copy.deepcopy(data))
    assert attrs.evolve(thing, **{member: "x_2"}).id == "x_2"
    assert "id" not in {field.name for field in attrs.fields(type(thing))}
    with pytest.raises(AttributeError):
        thing.id = "x_3"


@pytest.mark.parametrize("name", OBJECTS)
def test_the_id_of_an_object_is_always_there(name: str) -> None:
    cls = models.model(name)
    assert cls._kinds == frozenset(objects.kinds_of(name))
    wire = IDS.get(name) or next(wire for wire in ("_id", "id") if wire in document.schemas()[name]["properties"])
    assert wire in document.schemas()[name]["required"]
    own = vars(cls)["id"]
    hints = typing.get_type_hints(own.fget) if isinstance(own, property) else typing.get_type_hints(cls)
    assert hints["return" if isinstance(own, property) else "id"] is str


def test_other_models_are_no_objects() -> None:
    assert Model._kinds == frozenset()
    assert models.model("PageInfo")._kinds == frozenset()
