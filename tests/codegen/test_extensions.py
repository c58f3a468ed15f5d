"""The registry of extensions: its table, where they may stand, their values, and how to add one."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from codegen import cli, extension_values
from codegen.errors import GenerationError
from codegen.extensions import REGISTRY, Place

from .generated import Generator, body, document, model, operation, ref

if TYPE_CHECKING:
    from pathlib import Path

TEXT = {"type": "string"}

VALUES: dict[str, Any] = {
    "x-method": "things.do",
    "x-sdk-method": False,
    "x-lifecycle": "current",
    "x-successor": "things.other",
    "x-announced": "its removal",
    "x-pagination": {"style": "page", "items": "data"},
    "x-stream": {"kind": "sse", "event": "Thing"},
    "x-wait": {"noun": "job", "until": "a job is done", "done": ["ready"]},
    "x-rate-limit-group": "search",
    "x-media-limits": {"file": {"video": 1}},
    "x-idempotent": True,
    "x-attribute": "other",
    "x-wire-attribute": True,
    "x-accept": ["id"],
    "x-id-of": "thing",
    "x-object": "thing",
    "x-id": "name",
    "x-open-enum": True,
    "x-open-in-requests": True,
    "x-legacy-values": ["a"],
    "x-outdated": {"successor": "b", "announced": "its removal"},
    "x-outdated-values": {"a": {"successor": "b", "announced": "its removal"}},
    "x-open-union": True,
    "x-pick": {"Thing": "name"},
    "x-prefill": "a",
    "x-client-optional": True,
    "x-json-encoded": True,
    "x-rules": {"exactly_one_of": ["a", "b"], "a note": "for readers"},
    "x-sdk-names": ["Other"],
    "x-max-tokens": 5,
    "x-mixin": "HasText",
    "x-unique-by": "name",
}
"""A value that each extension may have."""


def test_the_tables_of_the_readme_are_those_of_the_registry() -> None:
    readme = (cli.ROOT / "openapi" / "README.md").read_text("utf-8")
    of_operations, of_schemas = readme.split("## Extensions of operations")[1].split("## Extensions of schemas")
    rows = dict.fromkeys(re.findall(r"^\| `(x-[a-z-]+)` \|", of_operations, re.MULTILINE), "operation")
    found = re.findall(r"^\| `(x-[a-z-]+)` \| ([^|]+) \|", of_schemas, re.MULTILINE)
    assert not rows.keys() & dict(found).keys()
    rows |= dict(found)
    assert rows == {name: extension.where for name, extension in REGISTRY.items()}


@pytest.mark.parametrize(
    ("title", "of"),
    [
        ("`x-pagination`:", extension_values.Pages),
        ("`x-stream`:", extension_values.Stream),
        ("`x-media-limits` (", extension_values.MediaSizes),
        ("`x-wait`:", extension_values.WaitStates),
        ("| Member of `list` |", extension_values.WaitSource),
    ],
)
def test_the_tables_of_members_are_those_of_the_registry(title: str, of: Any) -> None:
    readme = (cli.ROOT / "openapi" / "README.md").read_text("utf-8")
    part = readme.split("## Extensions of operations")[1].split("## Extensions of schemas")[0].split(f"\n{title}", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", part, re.MULTILINE)
    assert table
    named = set(
        re.findall(r"`([a-z0-9_]+)`", "".join(line.rpartition("|")[0] for line in table[0].splitlines(keepends=True)))
    )
    assert {field.name for field in of.__attrs_attrs__} <= named


def parts() -> dict[Place, dict[str, Any]]:
    """Documents in which `HERE` is a part of one kind each."""
    here = {"HERE": True}
    form = body(model(a=TEXT | here), "multipart/form-data")
    do = ("doThing", "things.do")
    return {
        Place.OPERATION: document(paths={"/a": {"get": operation(*do) | here}}),
        Place.FIELD: document({"Thing": model(name=TEXT, a=TEXT | here)}),
        Place.PARAMETER: document(
            paths={"/a": {"get": operation(*do, parameters=[{"name": "b", "in": "query", "schema": TEXT | here}])}}
        ),
        Place.BODY_MEMBER: document(paths={"/a": {"post": operation(*do, requestBody=body(model(a=TEXT | here)))}}),
        Place.FORM_MEMBER: document(paths={"/a": {"post": operation(*do, requestBody=form)}}),
        Place.OBJECT: document({"Part": model(a=TEXT) | here}),
        Place.ENUM: document({"Part": {"enum": ["a", "b"]} | here}),
        Place.UNION: document({"Part": {"anyOf": [ref("Thing")]} | here}),
        Place.LIST: document({"Part": {"type": "array", "items": {}} | here}),
        Place.STRING: document({"Part": {"type": "string"} | here}),
        Place.NAMED: document({"Part": {"type": "boolean"} | here}),
        Place.INLINE: document({"Part": {"type": "array", "items": {"type": "boolean"} | here}}),
    }


ALSO = {
    Place.FIELD: {Place.STRING, Place.INLINE},
    Place.PARAMETER: {Place.STRING, Place.INLINE},
    Place.BODY_MEMBER: {Place.FIELD, Place.STRING, Place.INLINE},
    Place.FORM_MEMBER: {Place.BODY_MEMBER, Place.FIELD, Place.STRING, Place.INLINE},
    Place.OBJECT: {Place.NAMED},
    Place.ENUM: {Place.NAMED},
    Place.UNION: {Place.NAMED},
    Place.LIST: {Place.NAMED},
    Place.STRING: {Place.NAMED},
}
"""What else the parts are."""


def put(node: Any, members: dict[str, Any]) -> Any:
    """The document with members in place of the mark."""
    if isinstance(node, list):
        return [put(item, members) for item in node]
    if isinstance(node, dict):
        more = members if "HERE" in node else {}
        return {key: put(value, members) for key, value in node.items() if key != "HERE"} | more
    return node


def errors(generate: Generator, found: dict[str, Any]) -> str:
    try:
        generate(found)
    except GenerationError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_it_stands_where_it_may_and_nowhere_else(generate: Generator, name: str) -> None:
    extension = REGISTRY[name]
    for place, found in parts().items():
        members = {name: VALUES[name]} | ({extension.beside: VALUES[extension.beside]} if extension.beside else {})
        message = errors(generate, put(found, members))
        if {place, *ALSO.get(place, ())} & set(extension.places):
            assert f"cannot have {name}" not in message, place
        else:
            assert re.search(rf"/{name}\): \S.* cannot have {name}; move it to where it may stand: ", message) or (
                extension.beside and f"cannot have {extension.beside}; " in message
            ), (place, message)


def test_a_parameter_has_them_in_its_schema(generate: Generator) -> None:
    parameter = {"name": "a", "in": "query", "schema": TEXT, "x-id-of": "thing"}
    found = document(paths={"/a": {"get": operation("doThing", "things.do", parameters=[parameter])}})
    expected = (
        "parameters/0/x-id-of): a parameter cannot have x-id-of; move it to where it may stand: schema of a parameter, "
    )
    assert expected in errors(generate, found)


def test_members_of_a_named_body_may_be_ids(generate: Generator) -> None:
    thing = model(["id"], id=TEXT) | {"x-object": "thing"}
    named = {"Thing": thing, "Body": model(thing_id=TEXT | {"x-id-of": "thing"})}
    post = operation("doThing", "things.do", requestBody=body(ref("Body")))
    assert "thing_id" in generate(document(named, {"/a": {"post": post}})).constant("DO_THING")["ids"]


def test_webhooks_have_none(generate: Generator) -> None:
    hook = {"post": {"tags": ["Hooks"], "responses": {}, "x-idempotent": True}}
    assert "an operation of a webhook cannot have x-idempotent" in errors(generate, document(webhooks={"a": hook}))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        (
            "x-open-enum",
            "yes",
            "x-open-enum must be true or false; write what openapi/README.md says about x-open-enum",
        ),
        ("x-idempotent", 1, "x-idempotent must be true or false"),
        ("x-method", ["a"], "x-method must be a path of attributes such as `indexes.videos.list`"),
        ("x-sdk-method", True, "x-sdk-method must be a path of attributes"),
        ("x-rate-limit-group", " ", "x-rate-limit-group must be text"),
        ("x-accept", "id", "x-accept must be a list"),
        ("x-accept", ["id", 1], "x-accept/1): x-accept.1 must be text"),
        ("x-id-of", "Thing", "x-id-of must be a name in snake case"),
        ("x-object", ["thing", 5], "x-object/1): x-object.1 must be a name in snake case"),
        ("x-attribute", "request_options", "x-attribute must be a name that a Python attribute can have"),
        ("x-attribute", "class", "x-attribute must be a name that a Python attribute can have"),
        (
            "x-sdk-names",
            ["Vector"],
            "x-sdk-names.0 must be a name that a Python class can have, and that generated code",
        ),
        ("x-mixin", 5, "x-mixin must be a name that a Python class can have"),
        ("x-max-tokens", True, "x-max-tokens must be a whole number above zero"),
        ("x-pick", {"Thing": ["name"]}, "x-pick/Thing): x-pick.Thing must be text"),
        ("x-pick", ["Thing"], "x-pick must be a map"),
        ("x-rules", {"at_most_one_of": "a"}, "x-rules.at_most_one_of must be a list"),
        ("x-rules", {"mutually_exclusive": [["a"], "b"]}, "x-rules.mutually_exclusive.0.0 must be text"),
        ("x-stream", {"kind": "sse"}, "x-stream must be a map with the member event"),
        (
            "x-stream",
            {"kind": "xml", "event": "Thing"},
            "x-stream/kind): x-stream.kind must be one of ndjson, sse, jsonl",
        ),
        (
            "x-stream",
            {"kind": "sse", "event": "A"},
            "x-stream): the event A is no schema; name one of components.schemas",
        ),
        ("x-stream", {"kind": "sse", "event": "Thing", "field": "a"}, "field and method of x-stream need each other"),
        ("x-pagination", {"items": "a"}, "x-pagination must be a map with the member style"),
        ("x-wait", VALUES["x-wait"] | {"timeout": 0}, "x-wait.timeout must be a number of seconds above zero"),
        (
            "x-wait",
            VALUES["x-wait"] | {"list": {"operation": "a", "complete": 1}},
            "x-wait.list.complete must be true or",
        ),
    ],
)
def test_the_wrong_value(generate: Generator, name: str, value: Any, expected: str) -> None:
    place = REGISTRY[name].places[0]
    members = {name: value}
    assert expected in errors(generate, put(parts()[place], members))


def test_an_extension_that_needs_another_one(generate: Generator) -> None:
    found = put(parts()[Place.ENUM], {"x-open-in-requests": True})
    assert "x-open-in-requests needs x-open-enum beside it; add x-open-enum, or remove" in errors(generate, found)


def test_a_list_without_a_response(generate: Generator) -> None:
    found = document(
        paths={"/a": {"get": operation("a", "things.a", None, **{"x-pagination": VALUES["x-pagination"]})}}
    )
    assert "a/get/x-pagination): an operation with x-pagination has a page as response" in errors(generate, found)


def test_openapi_python_client_is_behind_one_module() -> None:
    importing = set()
    for path in (cli.ROOT / "codegen").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
                private = [alias.name for alias in node.names if alias.name.startswith("_")]
                assert not private or not modules[0].startswith("openapi_python_client"), private
            if any(module.partition(".")[0] in {"openapi_python_client", "pydantic"} for module in modules):
                importing.add(path.relative_to(cli.ROOT).as_posix())
    assert importing == {"codegen/parser.py"}


def test_names_of_extensions_are_in_the_registry_alone() -> None:
    """Everything else reads them by `extensions.NAME.of(node)`."""
    for path in (cli.ROOT / "codegen").glob("*.py"):  # comparison/ has documents as plain data
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in REGISTRY:
                assert path.name in {"extensions.py", "keywords.py"}, f"{path}:{node.lineno}"


def test_add_an_extension(tmp_path: Path) -> None:
    """The steps of the guide, in a copy of the project: its table, its line of the registry, its use."""
    guide = (cli.ROOT / "codegen" / "README.md").read_text("utf-8").split("## Add an extension")[1].split("\n## ")[0]
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    row, definition, use, example, outcome = blocks
    for folder in ("codegen", "openapi"):
        shutil.copytree(cli.ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(cli.ROOT / "pyproject.toml", tmp_path)
    package = tmp_path / "codegen"

    def insert(path: Path, marker: str, text: str) -> None:
        """Add lines in front of one that the guide names."""
        content = path.read_text("utf-8")
        assert f"`{marker.strip()}`" in guide
        assert content.count(marker) == 1, marker
        path.write_text(content.replace(marker, f"{text}{marker}"), "utf-8")

    insert(tmp_path / "openapi" / "README.md", "| `x-unique-by` |", row)
    insert(package / "extensions.py", "def check(", f"{definition}\n\n")
    insert(package / "describe.py", '        return " ".join(part for part in parts if part)\n', use)

    def run(text: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "document.yaml").write_text(text, "utf-8")
        command = [sys.executable, "-m", "codegen", "--document", "document.yaml", "--output", "out/_generated"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    done = run(example)
    assert done.returncode == 0, done.stderr
    assert outcome.strip() in (tmp_path / "out" / "_generated" / "models" / "things.py").read_text("utf-8")
    wrong = run(example.replace("x-since: '1.2'", "x-since: 1.2"))
    assert "Thing/properties/name/x-since): x-since must be text; write what openapi/README.md" in wrong.stderr
    moved = run(example.replace("      operationId:", "      x-since: '1.2'\n      operationId:"))
    assert "an operation cannot have x-since; move it to where it may stand: field" in moved.stderr
    name = re.search(r"`(x-[a-z-]+)` \| ([^|]+) \|", row)
    assert name
    assert f'"{name[1]}"' in definition
    assert name[2] == "field"
