"""Errors name the place in the document, and what to do: one message for each mistake."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from codegen import cli, keywords
from codegen.document import Document
from codegen.errors import GenerationError
from codegen.project import ClientProject

from .generated import ERROR, Generator, body, described, document, model, operation, ref, response

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

TEXT = {"type": "string", "description": "Text."}


def whole() -> dict[str, Any]:
    """A document with a part of every kind."""
    parameter = {"name": "a", "in": "query", "description": "A.", "schema": {"type": "string"}}
    create = operation(
        "createThing",
        "things.create",
        parameters=[parameter],
        requestBody=body(model(color=TEXT, thing=ref("Thing") | {"description": "It."})),
        responses={"200": response(ref("Thing")) | {"headers": {"X-A": {"schema": {"type": "string"}}}}},
    )
    kinds = {"propertyName": "name", "mapping": {"x": ref("Thing")["$ref"]}}
    schemas = {
        "Thing": model(["name"], name=TEXT | {"const": "x"}),
        "Union": {"oneOf": [ref("Thing")], "discriminator": kinds},
        "List": {"type": "array", "items": {"type": "string"}},
        "Map": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    hook = {"post": {"tags": ["Hooks"], "description": "It.", "responses": {}}}
    return described(document(schemas, {"/things": {"post": create}}, webhooks={"event": hook}))


def changed(path: Sequence[str], value: Any) -> dict[str, Any]:
    """The whole document with another value at a path, or without the value at it."""
    found = copy.deepcopy(whole())
    node: Any = found
    for key in path[:-1]:
        node = node[int(key) if isinstance(node, list) else key]
    last = int(path[-1]) if isinstance(node, list) else path[-1]
    if value is None:
        del node[last]
    else:
        node[last] = value
    return found


def message(generate: Generator, broken: dict[str, Any]) -> str:
    """The one line of the error: line, pointer, problem and advice, without the name of the file."""
    path = generate.folder / "document.yaml"
    path.write_text(yaml.safe_dump(broken, sort_keys=False), "utf-8")
    with pytest.raises(GenerationError) as caught:
        cli.generate(path, generate.output)
    place, _, rest = str(caught.value).removeprefix(f"{path}:").partition(" ")
    assert "\n" not in rest
    pointer = rest.partition(")")[0].removeprefix("(#")
    assert place == str(line_of(path.read_text("utf-8"), pointer))
    return rest


def line_of(text: str, pointer: str) -> int:
    """The line of a value, found in another way than the generator does."""
    node: Any = yaml.compose(text, yaml.SafeLoader)
    line = 1
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(key)]
            line = node.start_mark.line + 1
        else:
            found = [(name, value) for name, value in node.value if name.value == key]
            assert found, f"nothing at {pointer}"
            line, node = found[0][0].start_mark.line + 1, found[0][1]
    return line


def test_the_whole_document_is_generated(generate: Generator) -> None:
    generate(whole())


OPERATION = ("paths", "/things", "post")
AT_OPERATION = "(#/paths/~1things/post"
THING = ("components", "schemas", "Thing")
AT_THING = "(#/components/schemas/Thing"
CONTENT = "requestBody/content/application~1json"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("info",), "(#): a document has no info; add it"),
        ((*OPERATION, "operationId"), f"{AT_OPERATION}): an operation has no operationId; give a name that no other"),
        ((*OPERATION, "x-method"), f"{AT_OPERATION}): an operation has no x-method; give the method of the client"),
        ((*OPERATION, "tags"), f"{AT_OPERATION}): an operation has no tags; give one: it becomes the module"),
        ((*OPERATION, "summary"), f"{AT_OPERATION}): an operation has no summary; add one line"),
        ((*OPERATION, "description"), f"{AT_OPERATION}): an operation has no description; describe it"),
        ((*OPERATION, "responses"), f"{AT_OPERATION}): an operation has no responses; add it"),
        ((*OPERATION, "parameters", "0", "name"), "/post/parameters/0): a parameter has no name; add it"),
        (
            (*OPERATION, "parameters", "0", "description"),
            "/post/parameters/0): a parameter has no description; describe",
        ),
        ((*OPERATION, "parameters", "0", "schema"), "/post/parameters/0): a parameter has no schema; add it"),
        (
            (*OPERATION, "responses", "200", "description"),
            "/responses/200): a response has no description; describe it",
        ),
        ((*THING, "description"), f"{AT_THING}): a schema has no description; describe it: the text becomes part"),
        ((*THING, "properties", "name", "description"), f"{AT_THING}/properties/name): a member has no description"),
        (("webhooks", "event", "post", "tags"), "(#/webhooks/event/post): an operation of a webhook has no tags; give"),
        (
            ("components", "schemas", "Union", "discriminator", "propertyName"),
            "Union/discriminator): a discriminator has no propertyName; add it",
        ),
    ],
)
def test_something_is_missing(generate: Generator, path: tuple[str, ...], expected: str) -> None:
    assert expected in message(generate, changed(path, None))


@pytest.mark.parametrize("blank", ["", " \n "])
def test_blank_is_missing(generate: Generator, blank: Any) -> None:
    assert "a schema has no description" in message(generate, changed((*THING, "description"), blank))


def test_a_reference_has_the_description_of_its_schema(generate: Generator) -> None:
    body_of = (*OPERATION, "requestBody", "content", "application/json", "schema", "properties", "thing")
    generated = generate(changed((*body_of, "description"), None))
    assert "            thing: What it is.\n" in generated.files["operations/things.py"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("nonsense",), "(#/nonsense): the generator does not know the keyword nonsense of a document; leave it out"),
        (("components", "links"), "(#/components/links): the generator does not know the keyword links of the list of"),
        (
            ("paths", "/things", "head"),
            "~1things/head): .* keyword head of a path; only get, put, post, patch, delete are",
        ),
        (("paths", "/things", "$ref"), "~1things/$ref): .* keyword $ref of a path; write the part"),
        (("webhooks", "event", "summary"), "event/summary): .* keyword summary of a webhook"),
        ((*OPERATION, "security"), "post/security): .* keyword security of an operation"),
        ((*OPERATION, "callbacks"), "post/callbacks): .* keyword callbacks of an operation"),
        (
            (*OPERATION, "parameters", "0", "allowReserved"),
            "parameters/0/allowReserved): .* keyword allowReserved of a",
        ),
        ((*OPERATION, "requestBody", "summary"), "requestBody/summary): .* keyword summary of a body"),
        ((*OPERATION, "requestBody", "content", "application/json", "x"), f"{CONTENT}/x): .* of the content of a body"),
        ((*OPERATION, "responses", "200", "required"), "200/required): .* keyword required of a response"),
        ((*OPERATION, "responses", "200", "headers", "X-A", "style"), "X-A/style): .* keyword style of a header"),
        ((*THING, "allOf"), "Thing/allOf): .* keyword allOf of a schema; write the members out"),
        ((*THING, "not"), "Thing/not): .* keyword not of a schema; say it in the description"),
        (
            (*THING, "nullable"),
            "Thing/nullable): .* keyword nullable of a schema; write the type as a list with 'null'",
        ),
        ((*THING, "patternProperties"), "Thing/patternProperties): .* keyword patternProperties of a schema; leave"),
        ((*THING, "properties", "name", "multipleOf"), "name/multipleOf): .* keyword multipleOf of a member"),
        (("components", "schemas", "List", "items", "minimun"), "List/items/minimun): .* keyword minimun of a schema"),
        (("components", "schemas", "Map", "additionalProperties", "if"), "additionalProperties/if): .* of a schema"),
        (("components", "schemas", "Union", "discriminator", "a"), "discriminator/a): .* keyword a of a discriminator"),
        (
            ("components", "schemas", "Union", "oneOf", "0", "minimum"),
            "oneOf/0/minimum): .* keyword minimum of a reference",
        ),
        ((*OPERATION, "parameters", "0", "schema", "colour"), "0/schema/colour): .* keyword colour of the schema of a"),
    ],
)
def test_an_unknown_keyword(generate: Generator, path: tuple[str, ...], expected: str) -> None:
    found = message(generate, changed(path, {"a": "b"}))
    start, _, rest = expected.partition(".* ")
    assert start in found
    assert rest in found
    assert "the generator does not know the keyword" in found


def test_every_keyword_of_the_table_is_accepted(generate: Generator) -> None:
    """Those for readers change nothing."""
    plain = generate(whole()).files
    found = whole()
    for node in (
        found["components"]["schemas"]["Thing"],
        found["components"]["schemas"]["Thing"]["properties"]["name"],
    ):
        node |= {"title": "T", "examples": ["x"], "$comment": "c", "externalDocs": {"url": "https://a.example"}}
    assert generate(found).files == plain


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        (("paths",), "x", "(#/paths): this must be a map; write it as a map from names"),
        (("paths", "/things"), "x", "(#/paths/~1things): a path must be a map; write it as a map of its keywords"),
        ((*OPERATION, "parameters"), {"a": 1}, "post/parameters): this must be a list; write it as a list"),
        ((*THING, "deprecated"), 1, "Thing/deprecated): the deprecated of a schema must be true or false; correct it"),
        ((*OPERATION, "summary"), ["a"], "post/summary): the summary of an operation must be text; correct it"),
        ((*THING, "description"), [], "Thing/description): the description of a schema must be text; correct it"),
        (
            ("webhooks", "event", "post", "responses"),
            {"200": response({"type": 5})},
            "schema/type): openapi-python-client does not understand this: Input should be",
        ),
        (("webhooks", "event", "post", "tags"), ["\n"], "(#/webhooks/event/post): the name '\\n' has no letter"),
        (
            (*OPERATION, "parameters", "0", "schema"),
            {"enum": [1.5]},
            "0/schema): values of an enum must be strings, integers or booleans, not 1.5; describe",
        ),
        ((*THING, "properties"), [TEXT], "Thing/properties): this must be a map"),
        ((*THING, "properties", "name"), True, "properties/name): a member must be a map"),
        (("components", "schemas", "List", "items"), [TEXT], "List/items): a schema must be a map"),
        (
            (*THING, "type"),
            "text",
            f"{AT_THING}/type): openapi-python-client does not understand this: Input should be",
        ),
        (
            (*OPERATION, "parameters", "0", "in"),
            "nowhere",
            "parameters/0/in): openapi-python-client does not understand",
        ),
    ],
)
def test_the_wrong_form(generate: Generator, path: tuple[str, ...], value: Any, expected: str) -> None:
    assert expected in message(generate, changed(path, value))


def test_a_complaint_of_the_parser_has_a_place_where_it_names_one(generate: Generator) -> None:
    broken = changed(("components", "schemas", "List", "items"), {"enum": []})
    assert "(#/components/schemas/List/items" in message(generate, broken)
    broken = whole() | {
        "paths": {"/things": {"get": operation("a", "things.a", responses={"abc": response(ref("Thing"))})}}
    }
    found = message(generate, described(broken))
    assert "openapi-python-client does not understand this: WARNING parsing GET /things within things. Invalid" in found


@pytest.mark.parametrize(
    ("path", "reference", "expected"),
    [
        (
            (*OPERATION, "responses", "404"),
            "#/components/responses/No",
            "does not name an entry of components.responses",
        ),
        (
            (*OPERATION, "parameters", "0"),
            "#/components/parameters/No",
            "does not name an entry of components.parameters",
        ),
        ((*OPERATION, "requestBody"), "#/components/requestBodies/No", "an entry of components.requestBodies; correct"),
        ((*THING, "properties", "name"), "other.yaml#/Thing", "other.yaml#/Thing does not name an entry"),
    ],
)
def test_a_reference_to_nothing(generate: Generator, path: tuple[str, ...], reference: str, expected: str) -> None:
    found = message(generate, changed(path, {"$ref": reference}))
    assert f"/{path[-1]}/$ref): {reference}" in found
    assert expected in found


def test_components_refer_to_nothing_else(generate: Generator) -> None:
    broken = changed((*OPERATION, "responses", "404"), {"$ref": "#/components/responses/A"})
    broken["components"]["responses"] = {"A": {"$ref": "#/components/responses/B"}, "B": {"description": "B."}}
    expected = (
        "(#/components/responses/A): components.responses has a reference where an entry is needed; write the entry"
    )
    assert expected in message(generate, broken)


def pointers(node: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield (*above, key)
        yield from pointers(value, (*above, key))


@pytest.mark.parametrize("value", [None, True, 5, "a b", "\n", [], ["x"], {"a": "b"}, [{}], {"$ref": "x"}], ids=ascii)
def test_whatever_stands_anywhere_is_generated_or_an_error_with_a_place(tmp_path: Path, value: Any) -> None:
    """No mistake in a document shows as a traceback."""
    path, found = tmp_path / "document.yaml", list[str]()
    for keys in pointers(whole()):
        path.write_text(yaml.safe_dump(changed(keys, value), sort_keys=False), "utf-8")
        try:
            parsed = Document(path, tmp_path / "client" / "_generated")
            project = ClientProject(parsed, tmp_path / "client" / "resources")
            parsed.check_understood()
            project.build()
        except GenerationError as error:
            found.append(str(error))
    assert len(found) > 30
    assert not [error for error in found if not ERROR.fullmatch(error)]


def test_an_error_of_the_parser_alone(generate: Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = GeneratorError(header="Failed.", detail="At  all.")
    monkeypatch.setattr(GeneratorData, "from_dict", lambda *_, **__: failed)
    with pytest.raises(
        GenerationError, match=r"1 \(#\): openapi-python-client does not understand this: Failed. At all; "
    ):
        generate(whole())


def test_every_error_says_what_to_do() -> None:
    """Two texts in every `raise`, so that no site can leave the advice out."""
    sites = 0
    for path in sorted((cli.ROOT / "codegen").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "GenerationError":
                sites += 1
                assert len(node.args) >= 2, f"{path}:{node.lineno}"
                advice = node.args[1]
                assert not (isinstance(advice, ast.Constant) and not advice.value), f"{path}:{node.lineno}"
    assert sites > 60


def test_an_error_without_a_place_is_its_two_texts() -> None:
    assert str(GenerationError("it is wrong", "correct it")) == "it is wrong; correct it"
    assert str(GenerationError("it is wrong", "correct it", "a:1 (#)")) == "a:1 (#): it is wrong; correct it"


def test_kinds_of_the_table_name_each_other() -> None:
    for kind in keywords.KINDS.values():
        for shape, below in kind.keywords.values():
            assert (below in keywords.KINDS) == (shape is not keywords.Shape.VALUE)
