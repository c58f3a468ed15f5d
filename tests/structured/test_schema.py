"""The JSON schema of a class."""

from __future__ import annotations

from typing import Annotated, Any

import attrs
import jsonschema
import pydantic
import pytest
import typing_extensions

from tests.structured import classes
from twelvelabs_async.structured import json_schema_for, request_schema, response_format_for


def test_an_attrs_class() -> None:
    schema = json_schema_for(classes.Report)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema == {
        "type": "object",
        "description": "What happens in a video.",
        "properties": {
            "title": {"type": "string", "description": "A short title."},
            "summary": {"type": "string", "description": "Two sentences."},
            "scenes": {"type": "array", "items": {"$ref": "#/$defs/Scene"}},
            "keywords": {"type": "array", "items": {"type": "string"}, "description": "At most five."},
            "rating": {"enum": [1, 2, 3]},
            "suitable": {"type": "boolean"},
            "note": {"type": "string"},
        },
        "required": ["title", "summary", "scenes"],
        "$defs": {
            "Scene": {
                "type": "object",
                "description": "A part of the video.",
                "properties": {
                    "seconds": {"type": "number", "description": "How long it is."},
                    "title": {"type": "string"},
                    "mood": {"type": "string", "enum": ["calm", "tense"]},
                    "kind": {"anyOf": [{"type": "string", "enum": ["indoor", "outdoor"]}, {"type": "null"}]},
                    "people": {"type": "array", "items": {"$ref": "#/$defs/Person"}},
                },
                "required": ["seconds", "title"],
            },
            "Person": {
                "type": "object",
                "description": "Somebody in the video.",
                "properties": {
                    "name": {"type": "string", "description": "What they are called, or what they look like."},
                    "age": {"anyOf": [{"type": "integer"}, {"type": "null"}], "description": "Years, estimated."},
                },
                "required": ["name"],
            },
        },
    }


def test_a_typed_dict_with_a_base() -> None:
    schema = json_schema_for(classes.Entry)
    assert schema["description"] == "An entry."
    assert schema["properties"] == {
        "id": {"type": "integer"},
        "name": {"type": "string", "description": "Its name."},
        "level": {"enum": [1, 2]},
        "at": {"type": "string", "format": "date-time"},
        "next": {"anyOf": [{"$ref": "#/$defs/Entry"}, {"type": "null"}]},
    }
    assert schema["required"] == ["id", "name"]
    assert schema["$defs"]["Entry"] == {name: schema[name] for name in schema if name != "$defs"}
    loose = json_schema_for(classes.Loose)
    assert loose["required"] == ["name"]
    assert "description" not in loose


def test_a_dataclass() -> None:
    assert json_schema_for(classes.WithComputed) == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "words": {"type": "array", "items": {"type": "string"}, "description": "Its words."},
        },
        "required": ["name"],
    }


def test_a_class_that_contains_itself() -> None:
    schema = json_schema_for(classes.Node)
    assert schema["properties"]["children"] == {"type": "array", "items": {"$ref": "#/$defs/Node"}}
    jsonschema.validate({"name": "a", "parent": {"name": "b", "parent": None, "children": []}, "children": []}, schema)


def test_formats_and_unions() -> None:
    assert json_schema_for(classes.Times)["properties"] == {
        "at": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "hour": {"type": "string", "format": "time"},
        "key": {"type": "string", "format": "uuid"},
        "since": {"type": "number"},
        "value": {"anyOf": [{"type": "integer"}, {"type": "number"}, {"type": "string"}, {"type": "null"}]},
        "choice": {"enum": ["calm", True, 1, None]},
    }


def test_classes_of_the_same_name() -> None:
    inner = [attrs.make_class("Inner", {"value": attrs.field(type=kind)}) for kind in (str, int)]
    outer = attrs.make_class("Outer", {"a": attrs.field(type=inner[0]), "b": attrs.field(type=inner[1])})
    schema = json_schema_for(outer)
    assert schema["properties"]["a"]["$ref"] == "#/$defs/Inner"
    assert schema["properties"]["b"]["$ref"] == "#/$defs/Inner_"
    assert schema["$defs"]["Inner_"]["properties"] == {"value": {"type": "integer"}}


@pytest.mark.parametrize(
    ("cls", "message"),
    [
        (classes.BadMap, r"BadMap.counts: dict\[str, int\] is not supported: the platform's schemas have no maps"),
        (classes.BadNested, r"BadMap.counts: dict"),
        (classes.BadList, r"BadList.items: list is not supported; state the type of its items"),
        (classes.BadAny, r"BadAny.value: .*Any is not supported: state a type"),
        (classes.BadPair, r"BadPair.pair: tuple\[int, str\] is not supported$"),
        (classes.BadBytes, r"BadBytes.data: bytes is not supported$"),
        (classes.BadChoice, r"BadChoice.data: b'x' cannot be one of the choices"),
        (classes.WithInitVar, r"WithInitVar.seed: an InitVar is not supported"),
        (dict, "dict must be an attrs class, a dataclass, a TypedDict or a pydantic model"),
        (list[classes.Report], "list must be an attrs class"),
    ],
)
def test_what_cannot_be_requested(cls: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        json_schema_for(cls)


def test_an_annotation_that_cannot_be_resolved() -> None:
    made = attrs.make_class("Made", {"value": attrs.field(type=int)})
    made.__annotations__ = {"value": "Nowhere"}
    with pytest.raises(TypeError, match="Made: the annotation 'Nowhere' cannot be resolved"):
        json_schema_for(made)


def test_names_and_notes_of_types() -> None:
    named: Any = typing_extensions.TypeAliasType("named", list[Annotated[str, "not of the field"]])
    noted: Any = Annotated[int, 5, typing_extensions.Doc("A b.")]
    made = attrs.make_class("Made", {"a": attrs.field(type=named), "b": attrs.field(type=noted)})
    made.__doc__ = """Something.

    Attributes:
        - not an entry
        a: An a.
    """
    assert json_schema_for(made)["properties"] == {
        "a": {"type": "array", "items": {"type": "string"}, "description": "An a."},
        "b": {"type": "integer", "description": "A b."},
    }
    other: Any = Annotated[int, 5]
    plain = attrs.make_class("Plain", {"a": attrs.field(type=other, metadata={"description": 5})})
    assert json_schema_for(plain)["properties"] == {"a": {"type": "integer"}}


@pytest.mark.parametrize("kind", [Annotated[int, "How many."] | None, Annotated[Annotated[int, "How many."] | None, 5]])
def test_the_note_of_what_may_be_null(kind: Any) -> None:
    made = attrs.make_class("Made", {"count": attrs.field(type=kind)})
    assert json_schema_for(made)["properties"]["count"]["description"] == "How many."


class Refusing:
    """Looks like a pydantic model, and refuses everything."""

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return {"type": "object"}

    @classmethod
    def model_validate(cls, value: Any) -> Any:
        raise ValueError(f"no {value}")


class Card(pydantic.BaseModel):
    title: str
    score: int = pydantic.Field(le=10)


def test_a_pydantic_model_has_its_own_schema() -> None:
    assert response_format_for(Card) == {"type": "json_schema", "json_schema": Card.model_json_schema()}


def test_where_a_call_names_its_format() -> None:
    schema = json_schema_for(classes.Loose)
    asked = request_schema({"prompt": "x", "response_format": None}, classes.Loose, "analyzeVideo")
    assert asked == {"prompt": "x", "response_format": {"type": "json_schema", "json_schema": schema}}
    asked = request_schema({"text": None}, classes.Loose, "createResponse")
    assert asked == {"text": {"format": {"type": "json_schema", "name": "Loose", "schema": schema}}}
    own = {"response_format": {"type": "json_schema", "json_schema": {}}}
    assert request_schema(own, classes.Loose, "analyzeVideo") is own
    with pytest.raises(TypeError, match="generateText cannot be asked for the JSON of a class"):
        request_schema({"prompt": "x"}, classes.Loose, "generateText")
