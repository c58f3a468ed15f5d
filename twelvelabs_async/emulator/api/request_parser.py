"""Parses a request: query, headers and body as typed and validated values."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import BodyPartReader, hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from ..errors import ApiError, parameter_invalid, parameter_missing, parameter_unknown
from ..openapi.document import Operation, Parameter, Schema, alternatives, types_of
from ..openapi.nulls import without_nulls
from ..openapi.validation import check_request
from ..services.media_sources import Upload
from .call import Call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..services import Services
    from ..state.store import Store

LARGE = 8 * 1024
"""Bodies above this many bytes are parsed outside the event loop."""

_PIECE = 1024 * 1024
_READ = 64 * 1024
_EXACT = 2**53
"""Beyond this, a float is no exact integer."""

_TEXT_LIMIT = 8 * 1024 * 1024
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_PLAIN_TYPE = re.compile(r"([A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+)(?:;|$)")
_PLAIN_DISPOSITION = re.compile(r'form-data; name="([^"\\%]+)"(?:; filename="([^"\\%;/]+)")?')
_FLAT_KEY = re.compile(r"([^\[\]]+)\[([\s\S]*)\]")


async def parse_request(services: Services, operation: Operation, request: web.Request, path: dict[str, str]) -> Call:
    """Parses and validates a request.

    Raises:
        ApiError: Something is missing, unknown or invalid.
    """
    call = Call(services, operation, request, path, query=_query(operation, request))
    for parameter in operation.parameters_in("header"):
        raw = request.headers.get(parameter.name)
        if raw is None and parameter.required:
            raise parameter_missing(parameter.name)
        if raw is not None:
            call.headers[parameter.name] = _checked(parameter, coerce(parameter.schema, raw))
    if operation.body is None:
        return call
    expected = operation.content_type or "application/json"
    if not request.body_exists and not operation.body_required:
        # Whatever the Content-Type: some clients send one without a body.
        call.body = {}
        return call
    given = _media_type(request)
    if given != expected:
        raise ApiError(400, "content_type_invalid", f"The Content-Type must be {expected}, not {given or 'absent'}.")
    if expected == "multipart/form-data":
        try:
            await _form(call)
        except BaseException:
            await asyncio.shield(asyncio.to_thread(call.discard_files))
            raise
        return call
    call.body = await _json(call)
    return call


def _media_type(request: web.Request) -> str | None:
    """The media type of the body; None if the request names none."""
    raw = request.headers.get(hdrs.CONTENT_TYPE)
    plain = _PLAIN_TYPE.match(raw) if raw else None
    # aiohttp reads a Content-Type as if it were that of an e-mail: that takes longer than all the rest of a small body.
    return plain[1].lower() if plain else None if raw is None else request.content_type


def _query(operation: Operation, request: web.Request) -> dict[str, Any]:
    given: dict[str, list[str]] = {}
    for name, value in request.query.items():
        given.setdefault(name, []).append(value)
    found: dict[str, Any] = {}
    catch_all: Parameter | None = None
    free_map: Parameter | None = None
    for parameter in operation.parameters_in("query"):
        if parameter.style == "form" and parameter.explode and types_of(parameter.schema) == {"object"}:
            catch_all = parameter
            continue
        if parameter.style == "deepObject" and isinstance(parameter.schema.get("additionalProperties"), dict):
            free_map = parameter
        value = _take(parameter, given)
        if value is not None:
            found[parameter.name] = _checked(parameter, value)
        elif parameter.required:
            raise parameter_missing(parameter.name)
        elif "default" in parameter.schema:
            found[parameter.name] = parameter.schema["default"]
    if catch_all is not None:
        # An exploded map has no name of its own on the wire: every other key belongs to it.
        found[catch_all.name] = {name: values[-1] for name, values in given.items()}
    elif free_map is not None and not any("[" in name or "]" in name for name in given):
        # The documentation of the platform writes such a map as plain `key=value`, its SDK as `name[key]=value`.
        plain = {name: coerce(_member(free_map.schema, name), values[-1]) for name, values in given.items()}
        if plain:
            found[free_map.name] = _checked(free_map, {**plain, **found.get(free_map.name, {})})
    elif given:
        raise parameter_unknown(next(iter(given)))
    return found


def _take(parameter: Parameter, given: dict[str, list[str]]) -> Any:
    """The value of one parameter, removed from what was given."""
    schema = parameter.schema
    if parameter.style == "deepObject":
        members = {}
        for name in list(given):
            match = _FLAT_KEY.fullmatch(name)
            if match and match[1] == parameter.name:
                members[match[2]] = coerce(_member(schema, match[2]), given.pop(name)[-1])
        if members:
            given.pop(parameter.name, None)
            return members
    values = given.pop(parameter.name, None)
    if values is None:
        return None
    if "array" in types_of(schema):
        if not parameter.explode:
            # An empty list is encoded as `name=`.
            values = [part for value in values if value for part in value.split(",")]
        items = schema.get("items", {})
        return [coerce(items, value) for value in values]
    if len(values) > 1:
        raise parameter_invalid(parameter.name, "It was given more than once.")
    return coerce(schema, values[0])


def _member(schema: Schema, name: str) -> Schema:
    for plain in alternatives(schema):
        members = plain.get("properties", {})
        if name in members:
            found: Schema = members[name]
            return found
        extra = plain.get("additionalProperties")
        if isinstance(extra, dict):
            return extra
    return {}


def _checked(parameter: Parameter, value: Any) -> Any:
    check_request({parameter.name: value}, {"type": "object", "properties": {parameter.name: parameter.schema}})
    return value


def coerce(schema: Schema, text: str) -> Any:
    """A text of a query or a form as a JSON value of a type that the schema allows; else the text itself."""
    kinds = types_of(schema)
    if "string" in kinds:
        return text
    if kinds & {"integer", "number"} and _INTEGER.fullmatch(text) and -(2**63) <= int(text) < 2**64:
        return int(text)
    if "number" in kinds and _NUMBER.fullmatch(text):
        return float(text)
    if "boolean" in kinds and text in {"true", "false", "True", "False"}:
        return text in {"true", "True"}
    return text


async def _json(call: Call) -> Any:
    limit = call.services.settings.size("json_body")
    raw = await _bounded(call.request, limit)
    schema = call.operation.body or {}
    if len(raw) > LARGE:
        return await asyncio.to_thread(_parse, raw, schema)
    return _parse(raw, schema)


def _parse(raw: bytes, schema: Schema) -> Any:
    if not raw:
        raw = b"{}"
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise parameter_invalid("body", f"It is not valid JSON: {error}.") from None
    value = without_nulls(_with_integers(value), schema)
    check_request(value, schema)
    return value


def _with_integers(value: Any) -> Any:
    """The value with `2.0` as `2`: JSON Schema takes both for an integer, Python does not."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if isinstance(value, dict):
        return {name: _with_integers(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_integers(member) for member in value]
    return value


async def _bounded(request: web.Request, limit: int) -> bytes:
    pieces = []
    size = 0
    async for piece in request.content.iter_chunked(_PIECE):
        size += len(piece)
        if size > limit:
            raise ApiError(413, "payload_too_large", f"The body is larger than {limit} bytes.")
        pieces.append(piece)
    return b"".join(pieces)


async def _form(call: Call) -> None:
    schema = call.operation.body or {}
    members: Mapping[str, Schema] = schema.get("properties", {})
    values: dict[str, Any] = {}
    try:
        reader = await call.request.multipart()
        while (part := await reader.next()) is not None:
            name, filename = _names(part) if isinstance(part, BodyPartReader) else (None, None)
            if not isinstance(part, BodyPartReader) or not name:
                raise parameter_invalid("body", "Each part of the form needs a name.")
            if name not in members:
                raise parameter_unknown(name)
            if _is_file(members[name]) and (filename is not None or not _is_text(members[name])):
                call.files.setdefault(name, []).append(await _save(call.services.store, part, filename or name))
                continue
            text = await _text(part, name)
            values.setdefault(name, []).append(text)
    except (ValueError, AssertionError, UnicodeDecodeError, HttpProcessingError) as error:
        raise parameter_invalid("body", f"The form cannot be read: {error}.") from None
    # The official SDK sends an argument that is None as an empty field of a form.
    required = schema.get("required", ())
    given = {name: texts for name, texts in values.items() if name in required or texts != [""]}
    call.body = dict(_fields(members, given))
    # Files are validated as if they were text.
    files = {n: "file" if "array" not in types_of(members[n]) else ["file"] * len(f) for n, f in call.files.items()}
    check_request({**call.body, **files}, schema)


def _names(part: BodyPartReader) -> tuple[str | None, str | None]:
    """The name of a part, and that of its file."""
    plain = _PLAIN_DISPOSITION.fullmatch(part.headers.get(hdrs.CONTENT_DISPOSITION, ""))
    if plain:
        return plain[1], plain[2]  # what nearly all clients send, read without the general parser, which is slow
    return part.name, part.filename


def _is_file(schema: Schema) -> bool:
    return any(s.get("format") == "binary" or _is_file(s.get("items", {})) for s in alternatives(schema) if s)


def _is_text(schema: Schema) -> bool:
    return any(s.get("type") == "string" and s.get("format") != "binary" for s in alternatives(schema))


async def _text(part: BodyPartReader, name: str) -> str:
    pieces = bytearray()
    while piece := await part.read_chunk(_READ):
        pieces += piece
        if len(pieces) > _TEXT_LIMIT:
            raise parameter_invalid(name, "It is too long.")
    try:
        return bytes(part.decode(bytes(pieces))).decode()
    except UnicodeDecodeError:
        raise parameter_invalid(name, "It must be UTF-8 text.") from None


async def _save(store: Store, part: BodyPartReader, name: str) -> Upload:
    filename = Path(name).name
    path = store.scratch(filename)
    kind = part.headers.get(hdrs.CONTENT_TYPE, "application/octet-stream").partition(";")[0].strip()
    piece = await _gather(part)
    if part.at_eof():
        await asyncio.to_thread(path.write_bytes, piece)
        return Upload(path, filename, kind, len(piece))
    size = 0
    file = await asyncio.to_thread(path.open, "wb")
    try:
        while piece:
            size += len(piece)
            await asyncio.to_thread(file.write, piece)
            piece = await _gather(part)
    except BaseException:
        file.close()
        path.unlink(missing_ok=True)
        raise
    await asyncio.to_thread(file.close)
    return Upload(path, filename, kind, size)


async def _gather(part: BodyPartReader) -> bytes:
    """About a megabyte of a part: each write to the file costs a thread switch."""
    pieces = bytearray()
    while len(pieces) < _PIECE:
        piece = await part.read_chunk(_READ)
        if not piece:
            break
        pieces += piece
    return bytes(pieces)


def _fields(members: Mapping[str, Schema], values: Mapping[str, list[str]]) -> Iterator[tuple[str, Any]]:
    for name, texts in values.items():
        schema = members[name]
        if schema.get("x-json-encoded"):
            yield name, _json_text(name, texts[-1])
            continue
        if "array" not in types_of(schema):
            if len(texts) > 1:
                raise parameter_invalid(name, "It was given more than once.")
            yield name, coerce(schema, texts[0])
            continue
        if len(texts) == 1 and texts[0].startswith("["):
            # Some samples of the vendor send one JSON array instead of several fields of the same name.
            yield name, _json_text(name, texts[0])
            continue
        array = next(s for s in alternatives(schema) if "array" in types_of(s))
        yield name, [coerce(array.get("items", {}), text) for text in texts]


def _json_text(name: str, text: str) -> Any:
    try:
        return _with_integers(orjson.loads(text))
    except orjson.JSONDecodeError:
        raise parameter_invalid(name, "It must be JSON text.") from None
