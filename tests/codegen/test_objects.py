"""Arguments that take an object in place of its id, and the ids of models."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from codegen.errors import GenerationError

from .generated import Generator, body, document, model, operation, ref

TEXT = {"type": "string"}
ID = TEXT | {"x-attribute": "id"}
OF_THING = TEXT | {"x-id-of": "thing"}


def thing(**members: Any) -> dict[str, Any]:
    return model(["_id"], _id=ID, name=TEXT) | {"x-object": "thing"} | members


def path(schema: Any = OF_THING) -> dict[str, Any]:
    parameter = {"name": "thing_id", "in": "path", "required": True, "description": "Its id.", "schema": schema}
    return {"/things/{thing_id}": {"get": operation("getThing", "things.get", parameters=[parameter])}}


def test_an_argument_takes_the_models_of_its_kind(generate: Generator) -> None:
    task = model(["task_id"], task_id=TEXT) | {"x-object": ["thing", "task"], "x-id": "task_id"}
    members = model(
        ["thing_id"],
        thing_id=OF_THING,
        task_ids={"type": "array", "items": TEXT, "x-id-of": "task"},
        other_id=TEXT,
        maybe_id={"type": ["string", "null"], "x-id-of": "task"},
    )
    paths = path() | {"/things": {"post": operation("createThing", "things.create", requestBody=body(ref("Body")))}}
    generated = generate(document({"Thing": thing(), "Task": task, "Body": members}, paths))
    assert generated.arguments("get") == {"thing_id": "ThingOrId", "request_options": "RequestOptions | None = None"}
    assert generated.arguments("create") == {
        "thing_id": "ThingOrId",
        "task_ids": "Sequence[TaskOrId] | None = None",
        "other_id": "str | None = None",
        "maybe_id": "TaskOrId | Unset | None = UNSET",
        "request_options": "RequestOptions | None = None",
    }
    assert ast.literal_eval(generated.constant("GET_THING")["ids"]) == {"thing_id": "thing"}
    assert ast.literal_eval(generated.constant("CREATE_THING")["ids"]) == {
        "thing_id": "thing",
        "task_ids": "task",
        "maybe_id": "task",
    }
    assert (
        "thing_id: Its id. A model of a thing is accepted in place of its id.\n"
        in generated.files["operations/things.py"]
    )
    # Values within a body are not replaced, so their types stay as they are.
    assert "thing_id: Required[str]" in generated.files["params/things.py"]
    with generated.imported("index") as index:
        assert index.load("ThingOrId") == str | index.load("Task") | index.load("Thing")
        assert index.load("TaskOrId") == str | index.load("Task")
        assert index.load("Thing")._kinds == {"thing"}
        assert index.load("Task")._kinds == {"thing", "task"}
        made = index.load("Task")(task_id="t")
        assert made.id == "t"
        assert repr(made) == "Task(task_id='t')"


def test_an_uploaded_file_is_an_asset(generate: Generator) -> None:
    asset = thing() | {"x-object": "asset"}
    generated = generate(document({"Thing": asset}, path(TEXT | {"x-id-of": "asset"})))
    assert "AssetOrId: TypeAlias = str | Thing | UploadResult" in generated.files["params/ids.py"]
    assert "from ...uploads.values import UploadResult" in generated.files["params/ids.py"]


def test_without_kinds_nothing_is_added(generate: Generator) -> None:
    generated = generate(document())
    assert "params/ids.py" not in generated.files
    assert "ClassVar" not in generated.files["models/things.py"]


def test_an_id_with_another_name_that_may_be_absent(generate: Generator) -> None:
    generated = generate(document({"Thing": model(thing_id=TEXT) | {"x-id": "thing_id"}}))
    assert ast.unparse(generated.method("id", "models/things.py").returns or ast.Pass()) == "str | None"


@pytest.mark.parametrize(
    ("schemas", "paths", "message"),
    [
        (
            {"Thing": model(_id=ID) | {"x-object": "thing"}},
            path(),
            "schemas/Thing): an x-object has an id, which is a required",
        ),
        ({"Thing": model(["n"], n=TEXT) | {"x-object": "thing"}}, path(), "schemas/Thing): an x-object has an id"),
        (
            {"Thing": model(["_id"], _id={"type": "integer", "x-attribute": "id"}) | {"x-object": "thing"}},
            path(),
            "schemas/Thing): an x-object has an id, which is a required string",
        ),
        (
            {"Thing": thing(**{"x-object": "A thing"})},
            path(),
            "schemas/Thing/x-object/0): x-object.0 must be a name in snake case",
        ),
        (
            {"Thing": thing(**{"x-id": "name"})},
            path(),
            "schemas/Thing): x-id names a member of a schema that has no id: 'name'",
        ),
        (
            {"Thing": model(a=TEXT) | {"x-id": "b"}},
            path(TEXT),
            "schemas/Thing): x-id names a member of a schema that has no id: 'b' does not",
        ),
        ({"Thing": thing()}, path(TEXT), "x-object thing: no argument has this x-id-of"),
        (
            {"Thing": thing()},
            path(TEXT | {"x-id-of": "task"}),
            "parameters/0): x-id-of 'task' is the x-object of no schema",
        ),
        (
            {"Thing": thing()},
            path({"type": "integer", "x-id-of": "thing"}),
            "parameters/0): x-id-of is for a string or a list of strings",
        ),
        (
            {"Thing": thing(), "Other": model(thing_id=OF_THING)},
            path(),
            "a member cannot have x-id-of; move it to where it may stand: schema of a parameter, body member",
        ),
        ({"Thing": thing(), "ThingOrId": model(a=TEXT)}, path(), "the schema ThingOrId has the name of the type"),
    ],
)
def test_what_is_not_possible_fails(
    generate: Generator, schemas: dict[str, Any], paths: dict[str, Any], message: str
) -> None:
    with pytest.raises(GenerationError) as caught:
        generate(document(schemas, paths))
    assert message in str(caught.value)
