"""Schemas become classes, aliases and unions."""

from __future__ import annotations

import datetime as dt
import typing
from types import GenericAlias
from typing import Any

import attrs
import pytest

from codegen.errors import GenerationError

from .generated import Generator, body, document, model, operation, ref

TEXT = {"type": "string"}


def own(named: dict[str, Any]) -> dict[str, Any]:
    """Without the fields of the base class."""
    return {name: value for name, value in named.items() if name != "extra" and not name.startswith("_")}


def fields(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def test_fields_follow_required_and_nullable(generate: Generator) -> None:
    thing = model(
        ["must", "must_or_null"],
        must=TEXT,
        must_or_null={"type": ["string", "null"]},
        may=TEXT,
        may_or_null={"anyOf": [{"type": "integer"}, {"type": "null"}]},
        at={"type": "string", "format": "date-time"},
        numbers={"type": "array", "items": {"type": "number"}},
    )
    with generate(document({"Thing": thing})).imported("models.things") as models:
        generated = models.Thing(must="a", must_or_null=None)
        assert own(fields(models.Thing)) == {
            "must": str,
            "must_or_null": str | None,
            "may": str | None,
            "may_or_null": int | None,
            "at": dt.datetime | None,
            "numbers": models.Vector | None,
        }
        assert generated.may is generated.may_or_null is generated.at is generated.numbers is None
        assert models.Thing(must="a", must_or_null=None, numbers=[1, 2]).numbers.tolist() == [1.0, 2.0]
        with pytest.raises(TypeError, match="must_or_null"):
            models.Thing(must="a")
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            generated.may = "b"
        with pytest.raises(TypeError):
            models.Thing("a", None)
        assert not hasattr(generated, "__dict__")


def test_optional_null_of_a_request_model_differs_from_absence(generate: Generator) -> None:
    schemas = {
        "Sent": model(clears={"type": ["string", "null"]}, tags={"type": "array", "items": TEXT}),
        "Body": model(sent=ref("Sent"), clears={"type": ["string", "null"], "description": "Null clears it."}),
    }
    paths = {"/things": {"post": operation("createThing", "things.create", requestBody=body(ref("Body")))}}
    generated = generate(document(schemas, paths))
    assert generated.arguments("create") == {
        "sent": "Sent | SentParams | None = None",
        "clears": "str | Unset | None = UNSET",
        "request_options": "RequestOptions | None = None",
    }
    assert generated.constant("CREATE_THING")["nullable"] == "frozenset({'clears'})"
    with generated.imported("models.things") as models:
        assert repr(models.Sent().clears) == "UNSET"
        assert models.Sent(clears=None).clears is None
        assert "Sequence[str] | None" in generated.files["models/things.py"]


def test_wire_names_and_reserved_words(generate: Generator) -> None:
    thing = model(
        _id=TEXT | {"x-attribute": "id", "x-accept": ["id", "thing_id"]},
        extra=TEXT,
        self=TEXT,
        **{"class": TEXT, "HLSStatus": TEXT, "kebab-case": TEXT, "1st": TEXT, "in": TEXT | {"x-attribute": "in_"}},
    )
    with generate(document({"Thing": thing})).imported("models.things") as models:
        assert own({field.name: dict(field.metadata) for field in attrs.fields(models.Thing)}) == {
            "id": {"wire": "_id", "accept": ("id", "thing_id")},
            "extra_": {"wire": "extra"},
            "self_": {"wire": "self"},
            "class_": {"wire": "class"},
            "hls_status": {"wire": "HLSStatus"},
            "kebab_case": {"wire": "kebab-case"},
            "field_1st": {"wire": "1st"},
            "in_": {"wire": "in"},
        }


def test_members_called_like_builtins_leave_annotations_alone(generate: Generator) -> None:
    names = ("str", "list", "dict", "float", "int", "bool", "type", "datetime", "filter")
    thing = model(
        **{name: {"type": "array", "items": TEXT} for name in names},
        at={"type": "string", "format": "date-time"},
        of={"type": "object", "additionalProperties": {"type": "number"}},
        items={"type": "array", "items": ref("Thing")},
    )
    schemas = {"Thing": thing, "Body": model(thing=ref("Thing"))}
    paths = {"/things": {"post": operation("listThings", "things.list", requestBody=body(ref("Body")))}}
    generated = generate(document(schemas, paths))
    with generated.imported("models.things") as models:
        hints = fields(models.Thing)
        assert {hints[name] for name in names} == {list[str] | None}
        assert hints["at"] == dt.datetime | None
        assert hints["of"] == dict[str, float] | None
        assert hints["items"] == GenericAlias(list, models.Thing) | None


def test_enums(generate: Generator) -> None:
    schemas = {
        "Color": {"type": "string", "enum": ["deep red", "1", 'it\'s "x"\n'], "x-open-enum": True},
        "Closed": {"type": "string", "enum": ["a", "b"]},
        "Level": {"type": ["integer", "null"], "enum": [1, 2, None], "x-open-enum": True},
        "Thing": model(["color"], color=ref("Color"), closed=ref("Closed"), level=ref("Level")),
    }
    with generate(document(schemas)).imported("models.things") as models:
        assert models.Color == typing.Literal["deep red", "1", 'it\'s "x"\n'] | str
        assert models.Closed == typing.Literal["a", "b"]
        assert models.Level == typing.Literal[1, 2] | int | None
        assert fields(models.Thing)["level"] == typing.Literal[1, 2] | int | None


def test_enums_in_requests(generate: Generator) -> None:
    """Type checkers find a typo; a newer value is an `UncheckedStr`. Responses stay open."""
    color = {"type": "string", "enum": ["red"], "x-open-enum": True}
    schemas = {
        "Color": color,
        "Shape": color,
        "Thing": model(color=ref("Color")),
        "Part": model(
            color=ref("Color"),
            shape=ref("Shape"),
            word=color | {"x-open-in-requests": True},
            words={"type": "array", "items": color},
            level={"type": "integer", "enum": [1, 2], "x-open-enum": True},
            closed={"type": "string", "enum": ["a"]},
        ),
    }
    create = operation("createThing", "things.create", requestBody=body(ref("Part")))
    generated = generate(document(schemas, {"/things": {"post": create}}))
    arguments = generated.arguments("create")
    unchecked = "Literal['red'] | UncheckedStr"
    assert arguments["color"] == f"{unchecked} | None = None"
    assert arguments["shape"] == "Shape | None = None"
    assert arguments["word"] == "Literal['red'] | str | None = None"
    assert arguments["words"] == f"Sequence[{unchecked}] | None = None"
    assert arguments["level"] == "Literal[1, 2] | int | None = None"
    assert arguments["closed"] == "Literal['a'] | None = None"
    assert 'color: NotRequired[Literal["red"] | UncheckedStr]' in generated.files["params/things.py"]
    with generated.imported("models.things") as models:
        runtime = __import__(f"{models.__name__.split('.')[0]}._codec.model", fromlist=["_"])
        assert models.Color == typing.Literal["red"] | str
        assert models.Shape == typing.Literal["red"] | runtime.UncheckedStr
        assert fields(models.Part)["color"] == typing.Literal["red"] | runtime.UncheckedStr | None
        assert fields(models.Thing)["color"] == typing.Literal["red"] | str | None


def test_tagged_union(generate: Generator) -> None:
    schemas = {
        "Cat": model(["kind"], kind=TEXT | {"const": "cat"}),
        "Dog": model(["kind"], kind={"type": "string", "enum": ["dog", "wolf"]}),
        "Pet": {
            "oneOf": [ref("Cat"), ref("Dog")],
            "discriminator": {
                "propertyName": "kind",
                "mapping": {name: ref(name.title())["$ref"] for name in ("cat", "dog")} | {"wolf": ref("Dog")["$ref"]},
            },
        },
        "Thing": model(pets={"type": "array", "items": {"anyOf": [ref("Pet"), {"type": "null"}]}}),
    }
    with generate(document(schemas)).imported("models.things") as models:
        runtime = __import__(f"{models.__name__.split('.')[0]}._codec.model", fromlist=["_"])
        assert models.Pet == models.Cat | models.Dog | runtime.UnknownVariant
        rule = runtime.union_rule(models.Pet | None)
        assert (rule.name, rule.discriminator) == ("Pet", "kind")
        assert rule.variants == {"cat": models.Cat, "dog": models.Dog, "wolf": models.Dog}
        assert models.Cat().kind == "cat"
        with pytest.raises(TypeError):
            models.Dog()


def test_union_by_shape_may_hold_a_union(generate: Generator) -> None:
    kinds = {"propertyName": "kind", "mapping": {"cat": ref("Cat")["$ref"]}}
    schemas = {
        "Cat": model(["kind"], kind=TEXT | {"const": "cat"}),
        "Pet": {"oneOf": [ref("Cat")], "discriminator": kinds},
        "Plant": model(leaves={"type": "integer"}),
        "Alive": {"anyOf": [ref("Pet"), ref("Plant")], "x-pick": {"Pet": "kind", "Plant": "leaves"}},
        "Thing": model(alive=ref("Alive")),
    }
    with generate(document(schemas)).imported("models.things") as models:
        runtime = __import__(f"{models.__name__.split('.')[0]}._codec.model", fromlist=["_"])
        rule = runtime.union_rule(models.Alive)
        assert rule.discriminator is None
        assert rule.variants == {"kind": models.Pet, "leaves": models.Plant}
        assert set(typing.get_args(models.Alive)) == {models.Cat, models.Plant, runtime.UnknownVariant}


def test_maps_and_plain_unions(generate: Generator) -> None:
    value = {"anyOf": [TEXT, {"type": "integer"}, {"type": "array", "items": TEXT}]}
    schemas = {
        "Value": value,
        "Free": {"type": "object", "additionalProperties": True},
        "Meta": {"type": "object", "additionalProperties": {"anyOf": [ref("Value"), {"type": "null"}]}},
        "Thing": model(meta=ref("Meta"), free=ref("Free"), empty={"type": "object"}, any_={}),
    }
    with generate(document(schemas)).imported("models.things") as models:
        assert models.Value == str | int | list[str]
        assert models.Free == dict[str, Any]
        assert models.Meta == GenericAlias(dict, (str, models.Value | None))
        hints = fields(models.Thing)
        assert hints["empty"] == dict[str, Any] | None
        assert hints["any_"] is Any


def test_prefill(generate: Generator) -> None:
    thing = model(
        ["kind"],
        kind={"type": "string", "enum": ["etag"], "x-open-enum": True, "x-prefill": "etag"},
        color={"$ref": ref("Color")["$ref"], "x-prefill": "red"},
    )
    schemas = {"Thing": thing, "Color": {"type": "string", "enum": ["red"], "x-open-enum": True}}
    with generate(document(schemas)).imported("models.things") as models:
        assert (models.Thing().kind, models.Thing().color) == ("etag", "red")


def test_recursion_and_order(generate: Generator) -> None:
    schemas = {
        "A": {"type": "object", "additionalProperties": ref("B")},
        "B": {"anyOf": [TEXT, {"type": "array", "items": ref("Z")}]},
        "Thing": model(children={"type": "array", "items": ref("Thing")}, a=ref("A"), z=ref("Z")),
        "Z": model(back=ref("Thing")),
    }
    with generate(document(schemas)).imported("models.things") as models:
        assert fields(models.Thing)["children"] == GenericAlias(list, models.Thing) | None
        assert fields(models.Z)["back"] == models.Thing | None
        assert GenericAlias(dict, (str, models.B)) == models.A


def test_modules_follow_tags(generate: Generator) -> None:
    schemas = {
        "Both": model(inner=ref("Inner")),
        "Inner": model(name=TEXT),
        "Thing": model(both=ref("Both")),
        "Other": model(both=ref("Both")),
        "Event": model(name=TEXT),
    }
    paths = {
        "/things": {"get": operation("listThings", "things.list")},
        "/others": {"get": operation("listOthers", "others.list", "Other", tags=["OtherThings"])},
    }
    hook = {"post": {"operationId": "hook", "tags": ["Hooks"], "requestBody": body(ref("Event")), "responses": {}}}
    generated = generate(document(schemas, paths, webhooks={"event": hook}))
    assert "class Both(" in generated.files["models/common.py"]
    assert "class Inner(" in generated.files["models/common.py"]
    assert "class Other(" in generated.files["models/other_things.py"]
    assert "class Event(" in generated.files["models/hooks.py"]
    with generated.imported("index") as index:
        assert index.MODELS["Inner"] == "common"
        assert index.load("Thing").__module__.endswith(".models.things")
        with pytest.raises(KeyError):
            index.load("Nothing")


def test_sdk_names(generate: Generator) -> None:
    schemas = {"Thing": model(name=TEXT) | {"x-sdk-names": ["Thing_Old"]}}
    generated = generate(document(schemas))
    with generated.imported("index") as index:
        assert index.load("Thing_Old") is index.load("Thing")
    assert "\nThing_Old = Thing\n" in generated.files["index.pyi"]


@pytest.mark.parametrize(
    ("schemas", "message"),
    [
        (
            {"Thing": model(**{"a-b": TEXT, "a_b": TEXT})},
            r"Thing/properties/a_b\): a-b and a_b would both be called a_b",
        ),
        ({"Any": model(name=TEXT), "Any_": model(name=TEXT)}, "schemas Any and Any_ would both be called Any_"),
        (
            {"FooBar": model(a=TEXT), "Foo_Bar": model(b=TEXT)},
            "schemas FooBar and Foo_Bar would both be called FooBar; rename one",
        ),
        ({"Old": model(a=TEXT), "Thing": model(b=TEXT) | {"x-sdk-names": ["Old"]}}, "the name Old belongs to both"),
        (
            {"Thing": model(a=TEXT) | {"x-sdk-names": ["a b"]}},
            "x-sdk-names.0 must be a name that a Python class can have",
        ),
        ({"Thing": model(["b"], a=TEXT)}, r"Thing\): required names b"),
        ({"Thing": model(a=model(b=TEXT))}, r"Thing/properties/a\): an object with members needs a name"),
        (
            {"Thing": model(a={"allOf": [TEXT]})},
            r"Thing/properties/a/allOf\): .* keyword allOf of a member; write the members out",
        ),
        (
            {"Thing": model(a=TEXT | {"x-attribute": "_a"})},
            r"properties/a/x-attribute\): x-attribute must be a name that a Python attribute can have",
        ),
        (
            {"Thing": model(a=TEXT | {"x-attribute": "x=1"})},
            "x-attribute must be a name that a Python attribute can have",
        ),
        ({"Thing": model(a={"const": 1.5})}, r"Thing/properties/a\): a const must be"),
        ({"Thing": model(a={"type": "string", "const": "b"}, c=ref("Nowhere"))}, "Nowhere"),
        ({"Thing": model(a={"type": "object", "additionalProperties": False})}, "holds nothing"),
        (
            {"Thing": model(a=TEXT), "Same": ref("Thing")},
            r"Same/\$ref\): .* keyword \$ref of a schema; write the part itself; another name for a schema belongs",
        ),
        (
            {"Thing": model(a={"anyOf": [ref("B"), ref("C")]}), "B": model(x=TEXT), "C": model(y=TEXT)},
            "a union of models",
        ),
        ({"U": {"anyOf": [ref("Thing"), TEXT]}}, "every variant of a union of models needs a name"),
        ({"U": {"anyOf": [ref("Thing")], "x-pick": {"Other": "a"}}}, "must name each variant"),
        (
            {name: {"anyOf": [ref("Thing")], "x-pick": {"Thing": "name"}} for name in ("U", "V")},
            "unions U and V have the same variants",
        ),
        (
            {"Thing": model(a=TEXT) | {"x-open-enums": True}},
            r"schemas/Thing/x-open-enums\): openapi/README.md defines no extension x-open",
        ),
        (
            {"Thing": model(a=TEXT | {"x-atribute": "b"})},
            r"properties/a/x-atribute\): openapi/README.md defines no extension x-atribute",
        ),
        ({"A": {"anyOf": [TEXT, ref("B")]}, "B": {"anyOf": [TEXT, ref("A")]}}, "contains itself"),
    ],
)
def test_unsupported_input_fails(generate: Generator, schemas: dict[str, Any], message: str) -> None:
    with pytest.raises(GenerationError, match=message):
        generate(document(schemas))


def test_a_model_extends_a_hand_written_class(generate: Generator) -> None:
    generated = generate(document({"Thing": model(data=TEXT) | {"x-mixin": "HasText"}}))
    source = generated.files["models/things.py"]
    assert "from ..._mixins import HasText" in source
    assert "class Thing(HasText, Model):" in source


@pytest.mark.parametrize("mixin", ["has_text", "Has Text", "A, object"])
def test_the_name_of_a_mixin_is_that_of_a_class(generate: Generator, mixin: str) -> None:
    with pytest.raises(GenerationError, match=r"Thing/x-mixin\): x-mixin must be a name that a Python class can have"):
        generate(document({"Thing": model(data=TEXT) | {"x-mixin": mixin}}))


def test_a_member_may_be_called_like_an_extension(generate: Generator) -> None:
    generated = generate(document({"Thing": model(**{"x-request-id": TEXT})}))
    assert "x_request_id: str | None" in generated.files["models/things.py"]
