"""`python -m codegen compare`: every difference is one line that is right, and what is written differently is none."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from codegen import cli
from codegen.comparison.differences import differences
from codegen.comparison.reading import Source

Node = dict[str, Any]

OURS = """
openapi: 3.1.0
info: {title: Made up, version: '1.3'}
paths:
  /films:
    get:
      operationId: listFilms
      x-lifecycle: current
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
      responses:
        '200':
          headers: {X-Ratelimit-Limit: {schema: {type: integer}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/FilmList'}}}
        '500': {content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}}}}
    post:
      operationId: createFilm
      x-lifecycle: current
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [title]
              properties:
                title: {type: string, maxLength: 100}
                kind: {type: string, enum: [short, long]}
                notes: {$ref: '#/components/schemas/Notes', x-json-encoded: true}
                source: {anyOf: [{$ref: '#/components/schemas/ByUrl'}, {$ref: '#/components/schemas/ById'}]}
      responses:
        '201': {content: {application/json: {schema: {$ref: '#/components/schemas/Film'}}}}
  /films/{film_id}:
    get:
      operationId: retrieveFilm
      x-lifecycle: unlisted
      deprecated: true
      parameters: [{name: film_id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/Film'}}}}}
components:
  schemas:
    Film:
      type: object
      required: [_id]
      properties:
        _id: {type: string, x-accept: [id]}
        length: {type: [number, 'null']}
        parts: {type: array, items: {$ref: '#/components/schemas/Film'}}
    FilmList:
      type: object
      required: [data]
      properties: {data: {type: array, items: {$ref: '#/components/schemas/Film'}}}
    Notes: {type: object, additionalProperties: {type: string}}
    ByUrl: {type: object, required: [type, url], properties: {type: {const: url}, url: {type: string}}}
    ById: {type: object, required: [type, id], properties: {type: {const: id}, id: {type: string}}}
    Problem: {type: object, properties: {message: {type: string}}}
"""

# The same as above, as a vendor might write it: more references, other names of parameters, `nullable`, `allOf`.
OFFICIAL = """
openapi: 3.0.3
info: {title: Made up, version: 1.3.0}
paths:
  /v1.3/films:
    parameters:
      - {name: Content-Type, in: header, required: true, schema: {type: string, default: application/json}}
    get:
      operationId: list-films
      parameters: [{$ref: '#/components/parameters/page'}, {name: tags, in: query, style: form, explode: true,
        schema: {items: {type: string}}}]
      responses: {200: {$ref: '#/components/responses/films'}, '500': {$ref: '#/components/responses/problem'}}
    post:
      operationId: create-film
      requestBody: {$ref: '#/components/requestBodies/film'}
      responses:
        '201': {content: {application/json; charset=utf-8: {schema: {$ref: '#/components/schemas/film'}}}}
  /v1.3/films/{film-id}:
    get:
      deprecated: true
      parameters: [{name: film-id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {content: {application/json: {schema: {$ref: '#/components/schemas/film'}}}}}
components:
  parameters:
    page: {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}
  requestBodies:
    film:
      required: true
      content:
        application/json:
          schema:
            allOf:
              - type: object
                required: [title]
                properties: {title: {type: string, maxLength: 100}}
              - properties:
                  kind: {type: string, enum: [long, short]}
                  notes: {type: string}
                  source: {$ref: '#/components/schemas/source'}
  responses:
    films:
      headers: {X-RateLimit-Limit: {schema: {type: integer}}}
      content:
        application/json:
          schema:
            type: object
            required: [data]
            properties: {data: {type: array, items: {$ref: '#/components/schemas/film'}}}
    problem: {content: {application/json: {schema: {type: object, properties: {message: {type: string}}}}}}
  schemas:
    film:
      type: object
      required: [id]
      properties:
        id: {type: string}
        length: {type: number, nullable: true}
        parts: {type: array, items: {$ref: '#/components/schemas/film'}}
    source:
      oneOf:
        - type: object
          required: [type, url]
          properties: {type: {type: string, enum: [url]}, url: {type: string}}
        - {type: object, required: [type, id], properties: {type: {type: string, enum: [id]}, id: {type: string}}}
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Any], Path]:
    def write(name: str, content: Any) -> Path:
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), "utf-8")
        return path

    return write


@pytest.fixture
def compared(write: Callable[[str, Any], Path]) -> Callable[[Node, Node], list[str]]:
    def compare(ours: Node, official: Node) -> list[str]:
        found = differences(Source(write("ours.yaml", ours)), Source(write("official.yaml", official)))
        return [str(one) for one in found]

    return compare


@pytest.fixture
def ours() -> Node:
    return dict(yaml.safe_load(OURS))


@pytest.fixture
def official() -> Node:
    return dict(yaml.safe_load(OFFICIAL))


def at(document: Node, *keys: str | int) -> Any:
    for key in keys:
        document = document[key]  # type: ignore[index]
    return document


def test_the_same_in_another_style_is_no_difference(
    ours: Node, official: Node, compared: Callable[[Node, Node], list[str]]
) -> None:
    assert compared(ours, official) == []
    assert compared(ours, copy.deepcopy(ours)) == []


FORM = "style form, explode"
BODY = ("components", "requestBodies", "film", "content", "application/json", "schema", "allOf")
FILM = ("components", "schemas", "film")
FILMS = ("components", "responses", "films")


@pytest.mark.parametrize(
    ("where", "key", "value", "lines"),
    [
        (("paths",), "/v1.3/actors", {"get": {"responses": {}}}, ["+ GET /v1.3/actors: the operation"]),
        (("paths", "/v1.3/films"), "put", {"responses": {}}, ["+ PUT /v1.3/films: the operation"]),
        (("paths", "/v1.3/films"), "post", None, ["- POST /films: the operation"]),
        (("paths",), "/v1.3/films/{film-id}", None, ["- GET /films/{film_id}: the operation (unlisted here)"]),
        (("paths", "/v1.3/films", "get"), "deprecated", True, ["~ GET /films: the operation: deprecated there only"]),
        (
            ("paths", "/v1.3/films/{film-id}", "get"),
            "deprecated",
            False,
            ["~ GET /films/{film_id}: the operation: deprecated here only"],
        ),
        (
            ("paths", "/v1.3/films", "get", "parameters"),
            0,
            {"name": "X-Seed", "in": "header", "required": True, "schema": {"type": "integer"}},
            ["+ GET /films: header x-seed (integer, required)", "- GET /films: query parameter page"],
        ),
        (
            ("components", "parameters", "page"),
            "required",
            True,
            ["~ GET /films: query parameter page: required there, optional here"],
        ),
        (
            ("components", "parameters", "page", "schema"),
            "default",
            2,
            ["~ GET /films: default of query parameter page: '2' there, '1' here"],
        ),
        (
            ("components", "parameters", "page", "schema"),
            "maximum",
            50,
            ["~ GET /films: maximum of query parameter page: 50 there, none here"],
        ),
        (
            ("components", "parameters", "page", "schema"),
            "type",
            "string",
            ["~ GET /films: type of query parameter page: string there, integer here"],
        ),
        (
            ("paths", "/v1.3/films", "get", "parameters", 1),
            "explode",
            False,
            [f"~ GET /films: encoding of query parameter tags: {FORM} false there, {FORM} true here"],
        ),
        ((*BODY, 0), "required", [], ["~ POST /films: body field title: optional there, required here"]),
        (
            (*BODY, 0, "properties", "title"),
            "maxLength",
            200,
            ["~ POST /films: maxLength of body field title: 200 there, 100 here"],
        ),
        (
            (*BODY, 1, "properties"),
            "year",
            {"type": "integer", "deprecated": True},
            ["+ POST /films: body field year (integer, deprecated)"],
        ),
        ((*BODY, 1, "properties"), "kind", None, ["- POST /films: body field kind"]),
        (
            (*BODY, 1, "properties", "kind"),
            "enum",
            ["short", "series"],
            ["+ POST /films: value series of body field kind", "- POST /films: value long of body field kind"],
        ),
        (
            (*BODY, 1, "properties", "kind"),
            "enum",
            None,
            ["- POST /films: list of the values of body field kind: long, short"],
        ),
        (
            (*BODY, 0, "properties", "title"),
            "enum",
            ["a"],
            ["+ POST /films: list of the values of body field title: a"],
        ),
        (
            ("components", "schemas", "source", "oneOf", 0, "properties"),
            "proxy",
            {"type": "boolean"},
            ["+ POST /films: body field source.proxy (boolean)"],
        ),
        (
            ("components", "requestBodies", "film"),
            "required",
            False,
            ["~ POST /films: body: optional there, required here"],
        ),
        (
            ("components", "requestBodies", "film", "content"),
            "multipart/form-data",
            {},
            ["+ POST /films: media type multipart/form-data of body"],
        ),
        (
            (*FILM, "properties"),
            "views",
            {"type": "integer"},
            [
                "+ GET /films/{film_id}: response 200 field views (integer)",
                "+ GET /films: response 200 field data[].views (integer)",
                "+ POST /films: response 201 field views (integer)",
            ],
        ),
        (
            (*FILMS, "content", "application/json", "schema", "properties", "data", "items"),
            "properties",
            {"extra": {"type": "array", "items": {"type": "string"}}},
            ["+ GET /films: response 200 field data[].extra (array)"],
        ),
        (FILMS, "headers", {}, ["- GET /films: header x-ratelimit-limit of response 200"]),
        ((*FILMS, "headers"), "X-Cost", {}, ["+ GET /films: header x-cost of response 200"]),
        (("paths", "/v1.3/films", "get", "responses"), "404", {}, ["+ GET /films: response 404"]),
        (("paths", "/v1.3/films", "get", "responses"), "500", None, []),
        (
            ("components", "responses", "problem", "content", "application/json", "schema", "properties"),
            "code",
            {"type": "string"},
            ["+ GET /films: response 500 field code (string)"],
        ),
        (
            ("components", "responses", "problem", "content", "application/json", "schema", "properties"),
            "message",
            None,
            [],
        ),
        ((), "webhooks", {"ready": {"post": {"responses": {}}}}, ["+ webhook ready: the operation"]),
    ],
)
def test_each_kind_of_difference(
    where: tuple[str | int, ...],
    key: str | int,
    value: Any,
    lines: list[str],
    ours: Node,
    official: Node,
    compared: Callable[[Node, Node], list[str]],
) -> None:
    place = at(official, *where)
    if "$ref" in place:  # what stands beside a reference applies, too
        assert key == "properties"
    if value is None:
        del place[key]
    else:
        place[key] = value
    assert sorted(compared(ours, official)) == sorted(lines)


def test_null_and_deprecation_of_a_field(
    ours: Node, official: Node, compared: Callable[[Node, Node], list[str]]
) -> None:
    at(official, *FILM, "properties")["length"] = {"type": "number", "deprecated": True}
    assert [line for line in compared(ours, official) if "POST" in line] == [
        "~ POST /films: null for response 201 field length: not allowed there, allowed here",
        "~ POST /films: response 201 field length: deprecated there only",
    ]


def test_another_success_status_is_compared_all_the_same(
    ours: Node, official: Node, compared: Callable[[Node, Node], list[str]]
) -> None:
    responses = at(official, "paths", "/v1.3/films", "post", "responses")
    responses["200"] = {"content": {"application/json": {"schema": {"type": "object", "properties": {"x": {}}}}}}
    del responses["201"]
    assert compared(ours, official) == [
        "+ POST /films: response 200",
        "+ POST /films: response field x",
        "- POST /films: response 201",
        "- POST /films: response field _id",
        "- POST /films: response field length",
        "- POST /films: response field parts",
    ]


def test_limits_of_unions_are_the_widest(compared: Callable[[Node, Node], list[str]], ours: Node) -> None:
    other = copy.deepcopy(ours)
    forms = [
        {"type": "integer", "minimum": 1, "maximum": 5},
        {"type": "string"},
        {"type": "integer", "minimum": 0},
    ]
    at(ours, "paths", "/films", "get", "parameters", 0)["schema"] = {"anyOf": forms}
    at(other, "paths", "/films", "get", "parameters", 0)["schema"] = {"type": ["integer", "string"], "minimum": 0}
    assert compared(ours, other) == []


COMMANDS = {
    "a missing file": ("no such file.yaml", "cannot be read"),
    "no YAML": ("a: [", "neither YAML nor JSON"),
    "no document": ("- 1", "is not an OpenAPI 3 document"),
    "Swagger": ("swagger: '2.0'", "is not an OpenAPI 3 document"),
    "no paths": ("openapi: 3.1.0", "has no `paths`"),
    "a lost reference": (OFFICIAL.replace("parameters/page'", "parameters/pages'"), "nothing is at the reference"),
    "another file": (OFFICIAL.replace("#/components/parameters/page", "more.yaml#/page"), "bundle the document"),
    "a circle": (
        OFFICIAL.replace("page: {name: page,", "page: {$ref: '#/components/parameters/page', name: page,"),
        "leads to itself",
    ),
}


@pytest.mark.parametrize("content", COMMANDS.values(), ids=COMMANDS)
def test_documents_that_cannot_be_read(
    content: tuple[str, str], write: Callable[[str, Any], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    text, message = content
    official = Path(text) if text.endswith("file.yaml") else write("official.yaml", text)
    assert cli.main(["compare", str(official)]) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert output.out == ""


def test_a_document_that_is_not_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "image.yaml").write_bytes(b"\x89PNG\xff")
    assert cli.main(["compare", str(tmp_path / "image.yaml")]) == 2
    assert "is not UTF-8 text" in capsys.readouterr().err


def test_command(
    ours: Node, official: Node, write: Callable[[str, Any], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    at(official, "components", "parameters", "page", "schema")["default"] = 2
    at(official, *BODY, 1, "properties")["year"] = {"type": "integer"}
    del at(official, *BODY, 1, "properties")["kind"]
    arguments = [
        "compare",
        str(write("official.json", json.dumps(official))),
        "--document",
        str(write("ours.yaml", ours)),
    ]

    assert cli.main(arguments) == 1
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "~ GET /films: default of query parameter page: '2' there, '1' here",
        "+ POST /films: body field year (integer)",
        "- POST /films: body field kind",
    ]
    assert output.err == (
        "codegen: 1 only in the official document (+), 1 only in ours (-), 1 not the same in both (~)\n"
    )

    assert cli.main([*arguments, "--only=+"]) == 1
    assert capsys.readouterr().out == "+ POST /films: body field year (integer)\n"

    assert cli.main([*arguments, "--only=-", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == [{"sign": "-", "operation": "POST /films", "text": "body field kind"}]


def test_differences_that_are_accepted(
    ours: Node, official: Node, write: Callable[[str, Any], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    at(official, *BODY, 1, "properties")["year"] = {"type": "integer"}
    known = "# Known.\n\n+ POST /films: body field year (integer) # the platform ignores it\n- GET /x: the operation\n"
    arguments = ["compare", str(write("official.yaml", official)), "--document", str(write("ours.yaml", ours))]
    assert cli.main([*arguments, "--accept", str(write("known.txt", known))]) == 0
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.splitlines() == [
        "codegen: no differences",
        "codegen: accepted, but no difference any more: - GET /x: the operation",
    ]
    assert cli.main([*arguments, "--accept", "nowhere.txt"]) == 2
    assert "nowhere.txt: it cannot be read" in capsys.readouterr().err


def test_signs_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["compare", "official.yaml", "--only=x"])
    assert ended.value.code == 2
    assert "argument --only: some of + - ~, not 'x'" in capsys.readouterr().err


def test_our_document_is_the_same_as_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", str(cli.DOCUMENT)]) == 0
    assert capsys.readouterr().out == ""
