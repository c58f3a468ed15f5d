"""Operations become constants and methods."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from codegen.errors import GenerationError

from .generated import GeneratedClient, Generator, body, document, model, operation, ref, response

TEXT = {"type": "string"}
OPTIONS = {"request_options": "RequestOptions | None = None"}


def parameter(name: str, schema: Any, place: str = "query", **members: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": schema, "required": place == "path"} | members


def test_arguments_by_place(generate: Generator) -> None:
    create = operation(
        "createThing",
        "things.create",
        parameters=[
            parameter("Idempotency-Key", TEXT, "header"),
            parameter("limit", {"type": "integer"}),
            parameter("thing_id", TEXT, "path"),
            parameter("since", {"type": "string", "format": "date-time"}, required=True),
        ],
        requestBody=body(model(["name"], color=TEXT, name=TEXT, **{"class": TEXT, "self": TEXT})),
    )
    generated = generate(document(paths={"/things/{thing_id}": {"post": create}}))
    method = generated.method("create")
    assert [argument.arg for argument in method.args.args] == ["self", "thing_id"]
    assert generated.arguments("create") == {
        "thing_id": "str",
        "since": "datetime | str",
        "name": "str",
        "idempotency_key": "str | None = None",
        "limit": "int | None = None",
        "color": "str | None = None",
        "class_": "str | None = None",
        "self_": "str | None = None",
        **OPTIONS,
    }
    call = ast.unparse(method.body[-1])
    assert call == (
        "return await self._call(CREATE_THING, path={'thing_id': thing_id}, query={'since': since, 'limit': limit}, "
        "headers={'Idempotency-Key': idempotency_key}, "
        "body={'name': name, 'color': color, 'class': class_, 'self': self_}, options=request_options)"
    )
    assert generated.constant("CREATE_THING") == {
        "id": "'createThing'",
        "method": "'POST'",
        "path": "'/things/{thing_id}'",
        "response": "TypeRef('things', 'Thing')",
        "headers": "{'idempotency_key': 'Idempotency-Key'}",
        "body": "'json'",
    }


def test_parameters_of_the_path_item(generate: Generator) -> None:
    item = {
        "parameters": [parameter("thing_id", TEXT, "path"), parameter("limit", TEXT)],
        "get": operation("getThing", "things.get", parameters=[parameter("limit", {"type": "integer"})]),
        "delete": operation("deleteThing", "things.delete", None),
    }
    generated = generate(document(paths={"/things/{thing_id}": item}))
    assert generated.arguments("get") == {"thing_id": "str", "limit": "int | None = None", **OPTIONS}
    assert generated.arguments("delete") == {"thing_id": "str", "limit": "str | None = None", **OPTIONS}
    deleted = generated.method("delete")
    assert ast.unparse(deleted.returns or ast.Pass()) == "None"
    assert ast.unparse(deleted.body[-1]).startswith("return await self._call(DELETE_THING, ")
    assert "response" not in generated.constant("DELETE_THING")


def test_parameter_styles(generate: Generator) -> None:
    words = {"type": "array", "items": TEXT}
    pairs = {"type": "object", "additionalProperties": {"anyOf": [TEXT, {"type": "number"}]}}
    ranged = {"anyOf": [{"type": "number"}, ref("Range")]}
    find = operation(
        "findThings",
        "things.find",
        parameters=[
            parameter("plain", words),
            parameter("repeat", words, style="form", explode=True),
            parameter("comma", words, style="form", explode=False),
            parameter("flat", pairs, style="form", explode=True),
            parameter("deep", pairs, style="deepObject", explode=True),
            parameter("size", ranged, style="deepObject"),
            parameter("word", TEXT, style="form", explode=False),
        ],
    )
    schemas = {"Range": model(gte={"type": "number"})}
    generated = generate(document(schemas, {"/things": {"get": find}}))
    styles = ast.literal_eval(generated.constant("FIND_THINGS")["query"])
    assert styles == {"comma": "comma", "flat": "flat", "deep": "deep", "size": "deep"}
    assert generated.arguments("find") == {
        "plain": "Sequence[str] | None = None",
        "repeat": "Sequence[str] | None = None",
        "comma": "Sequence[str] | None = None",
        "flat": "Mapping[str, str | float] | None = None",
        "deep": "Mapping[str, str | float] | None = None",
        "size": "float | Range | RangeParams | None = None",
        "word": "str | None = None",
        **OPTIONS,
    }


def test_multipart_body(generate: Generator) -> None:
    file = {"type": "string", "format": "binary"}
    members = model(
        ["options"],
        file=file,
        files={"anyOf": [file, {"type": "array", "items": file}]},
        options={"type": "array", "items": TEXT},
        filter={"x-json-encoded": True, **ref("Filter")},
    )
    schemas = {"Filter": {"type": "object", "additionalProperties": True}}
    upload = operation("uploadThing", "things.upload", requestBody=body(members, "multipart/form-data"))
    generated = generate(document(schemas, {"/things": {"post": upload}}))
    assert generated.arguments("upload") == {
        "options": "Sequence[str]",
        "file": "FileInput | None = None",
        "files": "FileInput | Sequence[FileInput] | None = None",
        "filter": "FilterParams | str | None = None",
        **OPTIONS,
    }
    constant = generated.constant("UPLOAD_THING")
    assert constant["body"] == "'form'"
    assert constant["files"] == "frozenset({'file', 'files'})"
    assert constant["form_json"] == "frozenset({'filter'})"
    assert constant["timeout_profile"] == "'upload'"
    assert "lists" not in constant
    assert "Several files are given as a list." in generated.files["operations/things.py"]


def test_values_in_requests_are_wide(generate: Generator) -> None:
    schemas = {
        "Color": {"type": "string", "enum": ["red"], "x-open-enum": True},
        "Part": model(["at"], at={"type": "string", "format": "date-time"}, color=ref("Color")),
        "Cat": model(["kind"], kind=TEXT | {"const": "cat"}),
        "Pet": {
            "oneOf": [ref("Cat")],
            "discriminator": {"propertyName": "kind", "mapping": {"cat": ref("Cat")["$ref"]}},
        },
        "Meta": {"type": "object", "additionalProperties": {"anyOf": [TEXT, {"type": "null"}]}},
    }
    members = model(
        parts={"type": "array", "items": ref("Part")},
        pet=ref("Pet"),
        color=ref("Color"),
        meta=ref("Meta"),
        words={"type": "array", "items": TEXT},
        nested={"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
    )
    create = operation("createThing", "things.create", requestBody=body(members))
    generated = generate(document(schemas, {"/things": {"post": create}}))
    assert generated.arguments("create") == {
        "parts": "Sequence[Part | PartParams] | None = None",
        "pet": "Pet | PetParams | None = None",
        "color": "Color | None = None",
        "meta": "MetaParams | None = None",
        "words": "Sequence[str] | None = None",
        "nested": "Sequence[Sequence[float]] | None = None",
        **OPTIONS,
    }
    assert generated.constant("CREATE_THING")["lists"] == "frozenset({'words'})"
    params = generated.files["params/things.py"]
    assert "at: Required[datetime | str]" in params
    assert "color: NotRequired[Color]" in params
    assert "PetParams: TypeAlias = CatParams" in params
    assert "MetaParams: TypeAlias = Mapping[str, str | None]" in params


def test_plain_dict_with_keys_that_are_no_identifiers(generate: Generator) -> None:
    schemas = {"Filter": model(["in"], **{"in": TEXT, "a-b": {"type": "array", "items": ref("Filter")}})}
    create = operation("createThing", "things.create", requestBody=body(model(filter=ref("Filter"))))
    generated = generate(document(schemas, {"/things": {"post": create}}))
    with generated.imported("params.things") as params:
        assert params.FilterParams.__required_keys__ == {"in"}
        assert params.FilterParams.__optional_keys__ == {"a-b", "a_b"}


def paged(**pages: Any) -> dict[str, Any]:
    return {"x-pagination": {"items": "data", **pages}}


PAGES = {
    "Page": model(["_data"], _data={"type": "array", "items": ref("Thing"), "x-attribute": "found"}, info=ref("Info")),
    "Info": model(nextToken=TEXT),
}


def test_pages_by_number(generate: Generator) -> None:
    found = operation("listThings", "things.list", "Page", **paged(style="page", items="_data"))
    generated = generate(document(PAGES, {"/things": {"get": found}}))
    method = generated.method("list")
    assert isinstance(method, ast.FunctionDef)
    assert ast.unparse(method.returns or ast.Pass()) == "AsyncPager[Thing, Page]"
    assert ast.unparse(method.body[-1]) == "return self._paginate(LIST_THINGS, options=request_options)"
    constant = generated.constant("LIST_THINGS")
    assert (constant["items"], constant["style"]) == ("'found'", "'page'")
    assert "    list = raw_page(ThingsResource.list)\n" in generated.files["raw/things.py"]


def test_pages_by_token_in_the_body(generate: Generator) -> None:
    pages = paged(style="token", items="_data", next="info.nextToken", next_body_field="token")
    found = operation("findThings", "things.find", "Page", requestBody=body(model(token=TEXT)), **pages)
    generated = generate(document(PAGES, {"/things": {"post": found}}))
    assert "self._paginate(\n            FIND_THINGS," in generated.files["operations/things.py"]
    constant = generated.constant("FIND_THINGS")
    assert constant["token"] == "('info', 'next_token')"
    assert constant["next_parameter"] == "'token'"
    assert "next_operation" not in constant


def test_pages_by_token_of_another_operation(generate: Generator) -> None:
    pages = paged(
        style="token", items="_data", next="info.nextToken", next_operation="nextThings", next_parameter="token"
    )
    find = operation("findThings", "things.find", "Page", **pages)
    more = operation("nextThings", "things.next", "Page", parameters=[parameter("token", TEXT, "path")])
    more |= paged(style="token-page", items="_data", next="info.nextToken")
    generated = generate(document(PAGES, {"/things": {"post": find}, "/things/{token}": {"get": more}}))
    source = generated.files["operations/things.py"]
    assert source.index("NEXT_THINGS: Operation[Page]") < source.index("FIND_THINGS: PagedOperation[Thing, Page]")
    assert generated.constant("FIND_THINGS")["next_operation"] == "NEXT_THINGS"
    assert "return await self._call(\n            FIND_THINGS" in source


def streamed(generated: GeneratedClient) -> tuple[dict[str, str], dict[str, str]]:
    return generated.constant("ASK"), generated.constant("ASK_STREAM")


def test_stream_chosen_by_a_member(generate: Generator) -> None:
    ask = operation(
        "ask",
        "ask",
        description="Asks. With `stream` it streams. Ends.",
        requestBody=body(ref("Ask")),
        **{"x-stream": {"kind": "ndjson", "event": "Event", "field": "stream", "method": "ask_stream"}},
    )
    schemas = {"Event": model(text=TEXT), "Ask": model(stream={"type": "boolean"}, text=TEXT)}
    generated = generate(document(schemas, {"/ask": {"post": ask}}))
    plain, stream = streamed(generated)
    assert "stream" in generated.files["models/things.py"]
    assert "stream" not in generated.files["params/things.py"]
    assert (plain["fixed"], stream["fixed"], stream["kind"]) == ("{'stream': False}", "{'stream': True}", "'ndjson'")
    arguments = {"text": "str | None = None", **OPTIONS}
    assert generated.arguments("ask") == generated.arguments("ask_stream") == arguments
    method = generated.method("ask_stream")
    assert isinstance(method, ast.FunctionDef)
    assert ast.unparse(method.returns or ast.Pass()) == "AsyncStream[Event]"
    assert "`stream`" not in generated.files["operations/things.py"]
    assert "Asks. Ends." in generated.files["operations/things.py"]
    assert "ask_stream" not in generated.files["raw/things.py"]
    assert "class ResourceTree(_ThingsOperations)" in generated.files["tree/__init__.py"]
    assert "class RawResourceTree(_RawThingsOperations)" in generated.files["raw_tree/__init__.py"]


def test_stream_member_that_stays_an_argument(generate: Generator) -> None:
    stream = {"kind": "ndjson", "event": "Event", "field": "stream", "method": "things.ask_stream", "argument": True}
    ask = operation("ask", "things.ask", requestBody=body(model(stream={"type": "boolean"})), **{"x-stream": stream})
    generated = generate(document({"Event": model(text=TEXT)}, {"/ask": {"post": ask}}))
    plain, streaming = streamed(generated)
    assert plain["fixed"] == "{'stream': False}"
    assert streaming["fixed"] == "{'stream': True}"
    assert generated.arguments("ask") == {"stream": "bool | None = None", **OPTIONS}
    assert generated.arguments("ask_stream") == OPTIONS


def test_operation_that_always_streams(generate: Generator) -> None:
    content = {"application/jsonl": {"schema": ref("Thing")}}
    results = operation("results", "things.results", None, **{"x-stream": {"kind": "jsonl", "event": "Thing"}})
    results["responses"] = {"200": {"description": "Lines.", "content": content}}
    generated = generate(document(paths={"/results": {"get": results}}))
    assert generated.constant("RESULTS")["kind"] == "'jsonl'"
    assert "def results(" in generated.files["operations/things.py"]
    assert "def results(" not in generated.files["raw/things.py"]


def test_settings(generate: Generator) -> None:
    old = operation("oldThing", "things.old", deprecated=True)
    old |= {
        "x-sdk-method": False,
        "x-lifecycle": "unlisted",
        "x-successor": "things.new",
        "x-rate-limit-group": "search",
    }
    going = operation("goingThing", "things.going") | {"x-lifecycle": "announced", "x-successor": "things.new"}
    new = operation("newThing", "things.new") | {"x-idempotent": True}
    generated = generate(document(paths={"/old": {"get": old}, "/going": {"get": going}, "/new": {"post": new}}))
    old_notice = "things.old is deprecated: use things.new instead. The platform no longer lists it."
    assert generated.constant("OLD_THING")["deprecated"] == repr(old_notice)
    assert generated.constant("OLD_THING")["rate_limit_group"] == "'search'"
    going_notice = "things.going is deprecated: use things.new instead. The platform has announced its removal."
    assert generated.constant("GOING_THING")["deprecated"] == repr(going_notice)
    assert "deprecated" not in generated.constant("NEW_THING")
    assert generated.constant("NEW_THING")["idempotent"] == "True"
    assert "Deprecated: use `things.new` instead." in ast.get_docstring(generated.method("old"), clean=True)  # type: ignore[operator]
    assert "has announced its removal" in ast.get_docstring(generated.method("going"), clean=True)  # type: ignore[operator]
    assert isinstance(generated.method("new"), ast.AsyncFunctionDef)
    assert isinstance(generated.method("going"), ast.FunctionDef), "it warns when it is called, not when it is awaited"
    called = "[`client.things.old`](#client.things.old)"
    assert f"| oldThing | `GET /old` | {called} | none | unlisted: use `things.new` | one |" in generated.coverage


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (
            {"file": {"video": 9, "document": 8}, "url": {"image": 7}},
            "MediaLimits(file={'video': 9, 'document': 8}, url={'image': 7})",
        ),
        (
            {"base64": {"audio": 9}, "min_seconds": 1, "max_seconds": 3600},
            "MediaLimits(base64={'audio': 9}, max_seconds={'*': 3600}, min_seconds=1)",
        ),
        ({"max_seconds": {"old": 600, "new": 30}}, "MediaLimits(max_seconds={'old': 600, 'new': 30})"),
    ],
)
def test_media_limits(generate: Generator, limits: dict[str, Any], expected: str) -> None:
    paths = {"/things": {"get": operation("listThings", "things.list") | {"x-media-limits": limits}}}
    assert generate(document(paths=paths)).constant("LIST_THINGS")["media_limits"] == expected


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"file": {"film": 9}}, "file.film must be one of the members audio, document, image, video"),
        ({"file": {"video": "9 MB"}}, "file.video must be a whole number above zero"),
        ({"files": {"video": 9}}, "files must be one of the members base64, file, max_seconds, min_seconds, url"),
        ({"base64": {"video": 0}}, "base64.video must be a whole number"),
        ({"max_seconds": -1}, "max_seconds must be a whole number"),
        ({"max_seconds": {"model": True}}, "max_seconds.model must be a whole number"),
        ({"min_seconds": "1"}, "min_seconds must be a whole number"),
    ],
)
def test_media_limits_that_are_wrong(generate: Generator, limits: dict[str, Any], message: str) -> None:
    paths = {"/things": {"get": operation("listThings", "things.list") | {"x-media-limits": limits}}}
    with pytest.raises(GenerationError) as caught:
        generate(document(paths=paths))
    assert f"x-media-limits.{message}" in str(caught.value)


def test_docstring(generate: Generator) -> None:
    create = operation(
        "createThing",
        "things.create",
        summary="Create a thing",
        description="Makes one; see `listThings`.\n\nMore:\n- first\n- second",
        parameters=[
            parameter("limit", {"type": "integer", "minimum": 1, "maximum": 50, "default": 10}, description="Size")
        ],
        requestBody=body(
            model(
                ["a"],
                a=TEXT | {"description": "Name, up to 20 characters.", "maxLength": 20, "minLength": 1},
                b={"type": "array", "items": TEXT, "maxItems": 1, "description": "Words", "default": ["x", "y"]},
                c={"type": "number", "exclusiveMinimum": 0, "deprecated": True, "description": "Old."},
                d=TEXT | {"pattern": "^x$", "description": "Word."},
            )
            | {"x-rules": {"exactly_one_of": ["a", "b (old)"], "mutually_exclusive": [["c", "d"]]}}
        ),
    )
    create["responses"] |= {
        "400": {"description": "Bad."},
        "503": {"description": "Down."},
        "418": {"description": "Tea."},
    }
    create["responses"]["500"] = {"description": "Broken."}
    paths = {"/things": {"post": create, "get": operation("listThings", "things.list")}}
    assert ast.get_docstring(generate(document(paths=paths)).method("create")) == (
        """Create a thing.

Makes one; see `things.list`.

More:
- first
- second

Exactly one of `a` and `b` (old) is required. Mutually exclusive: `c` and `d`.

Operation: `POST /things`

Args:
    a: Name, up to 20 characters. At least 1 character.
    limit: Size. From 1 to 50. Default of the platform: 10.
    b: Words. At most 1 entry. Default of the platform: `x` and `y`.
    c: Old. More than 0. Legacy.
    d: Word. Pattern: `^x$`.
    request_options: Timeouts, retries, and additional headers or members for this call alone.

Returns:
    Done.

Raises:
    InternalServerError: Down.
    APIStatusError: Tea.
    TwelveLabsError: Any other failure; :doc:`/errors` lists those that every call may have."""
    )


def broken(**members: Any) -> dict[str, Any]:
    return {"/things": {"post": operation("doThing", "things.do", **members)}}


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (broken(parameters=[parameter("a", TEXT), parameter("A", TEXT)]), "would both be the argument a"),
        (broken(parameters=[parameter("a", TEXT)], requestBody=body(model(a=TEXT))), r"a \(query\) and a \(body\)"),
        (broken(parameters=[parameter("a", TEXT, "cookie")]), "may not be a cookie"),
        (broken(parameters=[parameter("a", {"type": "array"}, style="pipeDelimited")]), "style pipeDelimited"),
        (broken(requestBody=body(model(a=TEXT), "text/csv")), "a body is application/json or"),
        (broken(requestBody=body(model(a=TEXT), "application/octet-stream")), "a body is application/json or"),
        (broken(requestBody=body({"type": "array", "items": TEXT})), "a body is an object with members"),
        (broken(operationId=None), "an operation has no operationId"),
        (broken(**{"x-method": "things.do-it"}), "x-method must be a path of attributes"),
        (broken(**{"x-method": "things.import"}), "x-method must be a path of attributes"),
        (broken(tags=[]), "an operation has no tags; give one"),
        (broken(**{"x-lifecycle": "gone"}), "x-lifecycle must be one of"),
        (broken(**{"x-lifecycle": "announced"}), "an operation with the x-lifecycle announced has an x-successor"),
        (broken(**{"x-lifecycle": "unlisted", "x-successor": "a"}), "deprecated or unlisted need each other"),
        (broken(deprecated=True), "the x-lifecycle deprecated or unlisted need each other"),
        (broken(**{"x-stream": {"kind": "xml", "event": "Thing"}}), "x-stream.kind must be one of ndjson, sse, jsonl"),
        (broken(**{"x-pagination": {"style": "odd", "items": "a"}}), "x-pagination.style must be one of page, token"),
        (broken(**{"x-pagination": {"style": "page", "items": "data"}}), "the page has no list 'data'"),
        (broken(responses={"200": response(TEXT)}), "its response needs a name"),
        (
            broken(responses={code: response(ref(name)) for code, name in [("200", "Thing"), ("201", "B")]}),
            "its successful responses have different schemas",
        ),
        (broken() | {"/a": {"get": operation("DoThing", "things.a")}}, "would both be called DO_THING"),
        (broken() | {"/a": {"get": operation("a", "things.do")}}, "things would have two members called do"),
        (broken() | {"/a": {"get": operation("a", "things.do.it")}}, "things would have two members called do"),
        (broken() | {"/a": {"get": operation("a", "things.a", tags=["Other"])}}, "things has operations of two tags"),
        (
            broken() | {"/a": {"get": operation("a", "a.b.c"), "put": operation("b", "a_b.c")}},
            "would both be ABResource",
        ),
        ({"/things": {"head": operation("a", "things.a")}}, "only get, put, post, patch, delete are supported"),
        ({"/things/{a}": {"get": operation("a", "things.a")}}, "a must be once in the path"),
    ],
)
def test_unsupported_input_fails(generate: Generator, paths: dict[str, Any], message: str) -> None:
    with pytest.raises(GenerationError, match=message):
        generate(document({"B": model(b=TEXT)}, paths))


@pytest.mark.parametrize(
    ("pages", "message"),
    [
        ({"style": "token", "next": "info.nextToken"}, "need next_operation and next_parameter"),
        ({"style": "token", "next": "info.none", "next_body_field": "t"}, "Info has no 'none'"),
        (
            {"style": "token", "next": "info.nextToken", "next_operation": "no", "next_parameter": "t"},
            "'no' is no operation",
        ),
    ],
)
def test_pages_that_cannot_be_followed_fail(generate: Generator, pages: dict[str, Any], message: str) -> None:
    found = operation("listThings", "things.list", "Page", **paged(**pages | {"items": "_data"}))
    with pytest.raises(GenerationError, match=message):
        generate(document(PAGES, {"/things": {"get": found}}))


def test_outdated_members_and_values(generate: Generator) -> None:
    gone = {"successor": "new", "announced": "its removal"}
    part = model(kind={"enum": ["old", "new"], "x-outdated-values": {"old": gone}}, parts=ref("Part"))
    text = {"type": "string", "x-outdated": gone}
    sent = model(text=text, parts={"type": "array", "items": ref("Part")})
    post = operation("doThing", "things.do_it", requestBody=body(sent))
    generated = generate(document({"Part": part}, {"/a": {"post": post}}))
    instead = "is deprecated: use new instead. The platform has announced its removal."
    of_text, of_kind = f"text {instead}", {"old": f"kind 'old' {instead}"}
    expected = f"(Outdated(('text',), given={of_text!r}), Outdated(('parts', 'kind'), values={of_kind!r}))"
    assert generated.constant("DO_THING")["outdated"] == expected
    assert isinstance(generated.method("do_it"), ast.FunctionDef)
    assert f"| `client.things.do_it` | text {instead} |" in generated.coverage


def test_an_outdated_member_has_one_name(generate: Generator) -> None:
    gone = {"successor": "new", "announced": "its removal"}
    sent = model(text={"type": "string", "x-outdated": gone, "x-attribute": "other"})
    post = operation("doThing", "things.do_it", requestBody=body(sent))
    with pytest.raises(GenerationError, match="a member that calls warn about has one name"):
        generate(document(paths={"/a": {"post": post}}))
