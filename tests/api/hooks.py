"""What schemathesis needs to know about this API. It runs inside of schemathesis, in an environment of its own."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import schemathesis

FOLDER = Path(os.environ["CHECK_API_FOLDER"])
"""Where `run.py` put the document and the media, and where it finds the list of all calls."""

FILES = {"video_file": "clip.mp4", "audio_file": "tone.mp3", "image_file": "red.png", "query_media_file": "red.png"}
"""Which file a form carries in a field; `red.png` in all others."""

SYNTAX = frozenset({"parameter_invalid", "parameter_unknown", "parameter_not_provided", "content_type_invalid"})
"""Codes of errors that say: the request itself is wrong."""

BEYOND_THE_DOCUMENT: dict[str, list[str]] = {
    "conditions on modes and models, which x-rules or the texts name and JSON Schema does not": [
        r"required when|not allowed when|It needs |needs (pegasus|time_based|group_by)|Embeddings need|in this mode",
        r"between \d+ and \d+|It must not be below|A prompt is required|segmentation.fixed|response_format\.\w+ is req",
    ],
    "sizes that only the texts name, and empty lists and texts, which ask for nothing": [
        r"At least one \w+ is needed|must not be empty|\{\{sel|has at most|have at most|must last|must not be negative",
    ],
    "x-unique-by, and conditions between distant fields": [
        r"must be unique|can be given together|must not overlap|with another body",
    ],
    "what a file, a URL or a base64 text holds": [
        r"The (file|picture|video|codec|resolution) ",
        r"of this machine|cannot be read|URL responds|http or https|must be a URL|must be base64",
    ],
    "what an existing file, asset or upload is like": [
        r"It must be (an? |of the kind |a video)|asset is of the type|the duration|of the video|end of the audio",
        r"must be after|must be before|Between the start|has \d+ chunks|not linked|last asset",
    ],
    "names of things that do not exist, where the platform has no other code": [
        r"not a page token|not the session|does not have it|There is no entity|belongs to another|is not registered",
    ],
    "values of metadata, which the texts limit": [r"Store objects|53 bits"],
}
"""Why a request that is valid by the document may be rejected; reason to patterns of messages."""

_BEYOND = re.compile("|".join(pattern for patterns in BEYOND_THE_DOCUMENT.values() for pattern in patterns))


def understands_well_formed_requests(_context: Any, response: Any, case: Any) -> None:
    """A request that fits the document is not called malformed, but for the reasons above."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 400:
        return
    if _other_method(case) or not _fits(case):
        return
    body = response.json()
    error = body.get("error", body)
    code = error.get("details", {}).get("reason", error["code"])
    if code in SYNTAX and not _BEYOND.search(error["message"]):
        raise AssertionError(f"Fits the document, but was refused: {error['message']}")


def _other_method(case: Any) -> bool:
    """Whether this is a try with a method that the path does not have."""
    return str(case.operation.method).upper() != str(case.method).upper()


def _fits(case: Any) -> bool:
    """Whether the body fits the document, as it was sent and as the emulator reads it.

    The generator does not keep to all conditions between fields. In a form a field holds what its text is read as, and
    an empty list is nothing at all. The emulator's README states the one thing that it accepts and the document does
    not: an optional member that is null, or an empty field of a form, is absent.
    """
    schema = _body_schema(case)
    if schema is None or not isinstance(case.body, dict):
        return True
    body = json.loads(json.dumps(case.body, default=str))
    if case.media_type == "multipart/form-data":
        form = _resolved(schema)
        members = form["properties"]
        empty = members.keys() - form.get("required", []) - {name for name in members if _is_file(members[name])}
        body = {n: value for n, value in body.items() if value != [] and (n not in empty or value not in _EMPTY)}
        body = {name: _as_read(value, members.get(name, {})) for name, value in body.items()}
    return bool(_validator(schema["$ref"]).is_valid(_without_nulls(body, schema)))


def _fits_as_sent(case: Any) -> bool:
    """Whether a JSON body fits the document, with its nulls."""
    schema = _body_schema(case)
    return schema is None or bool(_validator(schema["$ref"]).is_valid(case.body))


def _body_schema(case: Any) -> Any:
    """The reference to the schema of the body, None if the operation has no body."""
    media = case.operation.definition.raw.get("requestBody", {}).get("content", {})
    return next((kind["schema"] for kind in media.values()), None)


_EMPTY = ("", [""])
"""Values of an empty field of a form."""


def _without_nulls(value: Any, schema: Any) -> Any:
    """The value without the members that are null and optional in any variant."""
    schema = _resolved(schema)
    for variant in [*schema.get("oneOf", []), *schema.get("anyOf", [])]:
        value = _without_nulls(value, variant)
    if isinstance(value, list):
        return [_without_nulls(item, schema.get("items", {})) for item in value]
    if not isinstance(value, dict):
        return value
    members, required = schema.get("properties", {}), schema.get("required", [])
    return {
        name: _without_nulls(member, members.get(name, {}))
        for name, member in value.items()
        if member is not None or name in required or name not in members
    }


def _is_file(schema: Any) -> bool:
    """Whether a field carries files, which are sent even if they are empty."""
    return any(part.get("format") == "binary" for part in (schema, schema.get("items", {}), *schema.get("anyOf", [])))


def _resolved(schema: Any) -> Any:
    """The schema that a reference stands for."""
    while "$ref" in schema:
        schema = _document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _as_read(value: Any, schema: Any) -> Any:
    """What the field of a form is read as: text is text, whatever was meant; a list of one is the one."""
    if "$ref" in schema or schema.get("type") == "array":
        return value
    if isinstance(value, list) and len(value) == 1:
        return _as_read(value[0], schema)
    if schema.get("type") == "string":
        return value if isinstance(value, str) else json.dumps(value)
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


@cache
def _document() -> Any:
    return json.loads((FOLDER / "openapi.json").read_text())


@cache
def _validator(reference: str) -> Any:
    return jsonschema_rs.Draft202012Validator({"$ref": reference, "components": _document()["components"]})


def map_body(context: Any, body: Any) -> Any:
    """Forms carry real files; bytes at random would get no further than to the first look at them."""
    if isinstance(body, dict):
        for name, value in body.items():
            if isinstance(value, bytes) or type(value).__name__ == "Binary":
                body[name] = (FOLDER / "media" / FILES.get(name, "red.png")).read_bytes()
    return body


def filter_failure(_context: Any, failure: Any, case: Any, _response: Any) -> bool:
    """Drops what is no failure: a body that was made wrong on purpose, but says something right in the end.

    The tool knows of such cases, but not when there is a file or JSON text in a form, nor of nulls that are absent. Of
    JSON that fits as it was sent, something else must be wrong, such as a parameter of the query.
    """
    if type(failure).__name__ != "AcceptedNegativeData" or not isinstance(case.body, dict):
        return True
    return not (_fits(case) and (case.media_type == "multipart/form-data" or not _fits_as_sent(case)))


def after_call(_context: Any, case: Any, response: Any) -> None:
    """Notes each call, for the conclusions that `run.py` draws."""
    if _other_method(case):
        return
    kind = response.headers.get("content-type", [""])[0].partition(";")[0]
    line = [case.operation.definition.raw["operationId"], response.status_code, kind]
    with (FOLDER / "calls.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")


def _lines(_context: Any, response: Any) -> list[Any]:
    """Lines of JSON; only a line feed ends one."""
    *lines, rest = response.content.decode("utf-8").split("\n")
    if rest:
        raise ValueError("The last line is not ended")
    return [json.loads(line) for line in lines]


def _events(_context: Any, response: Any) -> list[Any]:
    """Server-sent events: the JSON in their data, and `[DONE]` after the last one."""
    *blocks, done, rest = response.content.decode("utf-8").split("\n\n")
    if done != "data: [DONE]" or rest:
        raise ValueError("The stream does not end with [DONE]")
    lines = [[line for line in block.split("\n") if line.startswith("data: ")] for block in blocks]
    return [json.loads("\n".join(line.removeprefix("data: ") for line in data)) for data in lines]


schemathesis.check(understands_well_formed_requests)
for hook in (map_body, filter_failure, after_call):
    schemathesis.hook(hook)
schemathesis.deserializer("application/x-ndjson", "application/jsonl")(_lines)
schemathesis.deserializer("text/event-stream")(_events)
