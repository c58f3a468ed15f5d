"""Members with a name in Python that is not the wire name, and names of types that have none in the document."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any, Literal

import attrs
import pytest

from codegen.errors import GenerationError

from .generated import Generator, body, document, model, operation, ref

TEXT = {"type": "string"}
RENAMED = TEXT | {"x-attribute": "base_64", "x-wire-attribute": True}


def creating(members: dict[str, Any]) -> dict[str, Any]:
    return {"/things": {"post": operation("createThing", "things.create", requestBody=body(members))}}


def test_constructor_and_attribute_under_both_names(generate: Generator) -> None:
    generated = generate(document({"Thing": model(["base64"], base64=RENAMED, name=TEXT)}))
    with generated.imported("models.things") as models:
        thing = models.Thing(base_64="x", name="n")
        assert thing == models.Thing(base64="x", name="n")
        assert thing.base_64 == thing.base64 == "x"
        assert attrs.fields(models.Thing).base_64.metadata == {"wire": "base64"}
        assert attrs.evolve(thing, base_64="y").base64 == "y"
        assert copy.copy(thing) == pickle.loads(pickle.dumps(thing)) == thing
        with pytest.raises(TypeError, match="takes base_64 or base64, which are the same, not both"):
            models.Thing(base_64="x", base64="x")
        with pytest.raises(TypeError, match=r"Thing\.__init__\(\) missing .* 'base_64'"):
            models.Thing()
        with pytest.raises(TypeError, match="nonsense"):
            models.Thing(base64="x", nonsense=1)
        with pytest.raises(AttributeError):
            thing.base64 = "y"


def test_arguments_of_methods(generate: Generator) -> None:
    generated = generate(document(paths=creating(model(["name"], name=TEXT, base64=RENAMED))))
    assert list(generated.arguments("create"))[1:3] == ["base_64", "base64"]
    assert "'base_64': base_64, 'base64': base64" in " ".join(generated.files["operations/things.py"].split()).replace(
        '"', "'"
    )
    assert generated.constant("CREATE_THING")["keys"] == "CREATE_THING_BODY"
    assert generated.constant("CREATE_THING_BODY", "keys.py") == {"names": "{'base_64': 'base64'}"}


def test_keys_of_plain_dicts(generate: Generator) -> None:
    schemas = {
        "Part": model(["base64", "in"], **{"base64": RENAMED, "in": TEXT, "name": TEXT}),
        "Other": model(["kind"], kind=TEXT | {"const": "other"}),
        "Choice": {"anyOf": [ref("Part"), ref("Other")], "x-pick": {"Part": "base64", "Other": "kind"}},
        "Holder": model(parts={"type": "array", "items": ref("Choice")}, meta={"type": "object"}),
    }
    generated = generate(document(schemas, creating(model(holder=ref("Holder"), free={"type": "object"}))))
    keys = generated.files["keys.py"]
    assert generated.constant("CHOICE", "keys.py") == {"names": "{'base_64': 'base64', 'in_': 'in'}"}
    assert generated.constant("HOLDER", "keys.py") == {"inner": "{'parts': CHOICE}"}
    assert generated.constant("CREATE_THING_BODY", "keys.py") == {"inner": "{'holder': HOLDER}"}
    assert "OTHER" not in keys
    with generated.imported("params.things") as params:
        assert params.PartParams.__required_keys__ == {"base64", "in"}
        assert params.PartSdkParams.__required_keys__ == {"base_64", "in_"}
        assert params.PartParams.__optional_keys__ == params.PartSdkParams.__optional_keys__ == {"name"}
        assert set(typing.get_args(params.ChoiceParams)) == {
            params.PartParams,
            params.PartSdkParams,
            params.OtherParams,
        }


def test_schema_that_contains_itself(generate: Generator) -> None:
    schemas = {
        "Filter": model(both={"type": "array", "items": ref("Nest")}, **{"in": TEXT}),
        "Nest": model(inner=ref("Filter")),
    }
    generated = generate(document(schemas, creating(model(filter=ref("Filter")))))
    with generated.imported("keys") as keys:
        assert keys.FILTER.inner == {"both": keys.NEST}
        assert keys.NEST.inner == {"inner": keys.FILTER}
        value: dict[str, Any] = {"both": [{"inner": {"in_": "a", "both": [{"inner": {"in_": "b"}}]}}]}
        keys.FILTER.rename_all(value, "filter")
        assert value == {"both": [{"inner": {"both": [{"inner": {"in": "b"}}], "in": "a"}}]}


def test_without_other_names_there_is_no_table(generate: Generator) -> None:
    generated = generate(document(paths=creating(model(name=TEXT, part=ref("Thing")))))
    assert "keys.py" not in generated.files
    assert "keys" not in generated.constant("CREATE_THING")


def test_names_of_inline_types(generate: Generator) -> None:
    color = {"type": "string", "enum": ["red"], "x-open-enum": True, "x-sdk-names": ["ThingColor", "Colour"]}
    sizes = {"type": ["array", "null"], "items": {"type": "integer", "x-sdk-names": ["Size"]}, "x-sdk-names": ["Sizes"]}
    parameter = {"name": "sort", "in": "query", "schema": TEXT | {"enum": ["up"], "x-sdk-names": ["ListSort"]}}
    find = operation("listThings", "things.list", parameters=[parameter])
    generated = generate(document({"Thing": model(color=color, sizes=sizes)}, {"/things": {"get": find}}))
    with generated.imported("models.things") as models:
        assert models.ThingColor == Literal["red"] | str
        assert models.Size is int
        assert models.Sizes == list[int]
        assert models.ListSort == Literal["up"]
    with generated.imported("index") as index:
        assert index.load("Colour") == Literal["red"] | str


@pytest.mark.parametrize(
    ("schemas", "members", "message"),
    [
        ({}, model(a=TEXT | {"x-wire-attribute": True}), "x-wire-attribute needs x-attribute beside it"),
        ({}, model(**{"in": RENAMED}), "and a wire name that Python accepts, not 'in'"),
        ({}, model(["a"], a=RENAMED), "an argument that must be given cannot have two names"),
        ({"Part": model(a=RENAMED, b=RENAMED | {"x-attribute": "c"})}, model(p=ref("Part")), "at most one member has"),
        ({"Part": model(a=RENAMED, base_64=TEXT)}, model(p=ref("Part")), "would both be called base_64"),
        (
            {"Part": model(**{"in": TEXT})},
            model(p={"type": "object", "additionalProperties": ref("Part")}),
            "a map of such objects is not supported",
        ),
        (
            {"A": model(**{"in": TEXT}), "B": model(**{"not": TEXT})},
            model(p={"anyOf": [ref("A"), ref("B")]}),
            "name the union",
        ),
        (
            {
                "A": model(["a"], a=TEXT | {"const": "a", "x-attribute": "kind"}),
                "B": model(["b"], b=TEXT | {"const": "b", "x-attribute": "kind"}),
                "C": {"anyOf": [ref("A"), ref("B")], "x-pick": {"A": "a", "B": "b"}},
            },
            model(p=ref("C")),
            "use the key kind for different members",
        ),
        (
            {
                "A": model(["a"], a=TEXT | {"x-attribute": "b"}),
                "B": model(["b"], b=TEXT),
                "C": {"anyOf": [ref("A"), ref("B")], "x-pick": {"A": "a", "B": "b"}},
            },
            model(p=ref("C")),
            "a member with the Python name of a member of another one",
        ),
        ({}, model(p=ref("Thing") | {"x-sdk-names": ["Other"]}), "a reference cannot have x-sdk-names"),
    ],
)
def test_unsupported_names_fail(
    generate: Generator, schemas: dict[str, Any], members: dict[str, Any], message: str
) -> None:
    with pytest.raises(GenerationError, match=message):
        generate(document({"Body": members, **schemas}, creating(ref("Body"))))


def test_other_names_are_not_supported_in_forms(generate: Generator) -> None:
    form = body(model(part=ref("Part") | {"x-json-encoded": True}), "multipart/form-data")
    create = operation("createThing", "things.create", requestBody=form)
    with pytest.raises(GenerationError, match="cannot be in a form"):
        generate(document({"Part": model(**{"in": TEXT})}, {"/things": {"post": create}}))
