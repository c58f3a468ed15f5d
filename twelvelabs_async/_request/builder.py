"""From an operation, its arguments and the options of a call to the request that the transport sends.

A `RequestBuilder` is created once per operation and holds everything that does not depend on the arguments. It rejects
only arguments that could reach another route or lose data. The platform validates the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from .._codec.json_engine import encode
from .._codec.model import UNSET
from .._codec.serialize import WireError, whole_to_wire
from .body import Body, JsonBody
from .headers import check_header
from .ids import id_of, ids_of
from .message import Request
from .operation import StreamOperation
from .options import RequestOptions, check_options
from .params import ENCODERS, SCALARS, encode_repeat, is_list, plain_text, quote_segment

if TYPE_CHECKING:
    from .._codec.json_engine import JsonEngine
    from .form import FormField
    from .keys import Keys
    from .operation import Operation


_PATH_NAME: Final = re.compile(r"\{([^{}]+)\}")

_ACCEPT: Final[Mapping[str, str]] = {
    "ndjson": "application/x-ndjson, application/json",
    "sse": "text/event-stream, application/json",
    "jsonl": "application/jsonl, application/x-ndjson, application/json",
}

_NOTHING: Final[Mapping[str, Any]] = {}

_IDEMPOTENCY_KEY: Final = "Idempotency-Key"


Decoder = Callable[[bytes, int | None, str | None], Any]
"""Decodes the body of a response; status and request id are for error messages."""


class RequestBuilder:
    """Builds the requests of one operation and holds the decoder of its responses.

    Attributes:
        operation: The operation.
        is_form: Whether the body is a form, which may hold files.
        engine: JSON engine of the user; None for orjson.
        decode: Decoder of the response body; None until the models are imported.
    """

    __slots__ = ("_accept", "_body_ids", "_encoders", "_segments", "_start", "decode", "engine", "is_form", "operation")

    def __init__(self, operation: Operation[Any], engine: JsonEngine | None = None) -> None:
        self.operation: Operation[Any] = operation
        self.engine: JsonEngine | None = engine
        self.decode: Decoder | None = None
        parts = _PATH_NAME.split(operation.path)
        ids = operation.ids
        self._start = parts[0]
        self._segments = tuple(
            (name, ids.get(name, ""), piece) for name, piece in zip(parts[1::2], parts[2::2], strict=True)
        )
        self._body_ids = tuple((name, kind) for name, kind in ids.items() if name not in parts[1::2])
        self._encoders = {name: ENCODERS[style] for name, style in operation.query.items()}
        self.is_form: bool = operation.body == "form"
        self._accept = _ACCEPT[operation.kind] if isinstance(operation, StreamOperation) else "application/json"

    def build(
        self,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> Request:
        """Build the request for one call of an operation without a form. Does not block.

        Raises:
            ValueError: An argument could reach another route or cannot be sent; the message names it.
        """
        if self.operation.body is None and not options:
            return self._request(path, query, headers, None, _NOTHING)
        checked = check_options(options)
        fields = self._body_fields(body, checked.get("body"))
        has_body = fields or self.operation.body == "json"
        payload = JsonBody(_json_object(fields, self.operation.keys, self.engine)) if has_body else None
        return self._request(path, query, headers, payload, checked)

    async def build_any(
        self,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> Request:
        """Build the request for one call of any operation; files are checked in a thread.

        Raises:
            ValueError: An argument could reach another route or cannot be sent; the message names it.
            OSError: A file is missing or cannot be read; the message names the argument.
        """
        if not self.is_form:
            return self.build(path, query, headers, body, options)
        from .form import FormBody  # with all that reads files; most programs send none

        checked = check_options(options)
        fields = self._body_fields(body, checked.get("body"))
        request = self._request(path, query, headers, None, checked)  # first the checks that need no access to files
        request.body = FormBody(await self._form(fields))
        return request

    def _request(
        self,
        path: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
        headers: Mapping[str, Any] | None,
        body: Body | None,
        options: Mapping[str, Any],
    ) -> Request:
        operation = self.operation
        return Request(
            operation=operation.id,
            method=operation.method,
            path=self._path(path or _NOTHING),
            query=self._query(query, options.get("query")) if query or options else (),
            headers=self._headers(headers, options.get("headers")) if headers or options else {},
            body=body,
            timeout_profile=operation.timeout_profile,
            rate_limit_group=operation.rate_limit_group,
            # A documented idempotency key makes retries safe.
            idempotent=operation.idempotent or bool(headers and headers.get(_IDEMPOTENCY_KEY)),
            timeout=options.get("timeout"),
            max_retries=options.get("max_retries"),
            accept=self._accept,
        )

    def _path(self, values: Mapping[str, Any]) -> str:
        text = self._start
        reserved = self.operation.reserved
        for name, kind, piece in self._segments:
            value = values.get(name)
            if value.__class__ is not str and kind:
                value = id_of(name, value, kind)
            segment = quote_segment(name, value)
            if segment in reserved:
                raise ValueError(f"{name} must be an id; {segment!r} is a different route")
            text += segment + piece
        return text

    def _query(self, values: Mapping[str, Any] | None, more: Mapping[str, Any] | None) -> Sequence[tuple[str, str]]:
        if not values and not more:
            return ()
        if more:
            values = {**(values or _NOTHING), **more}
        pairs: list[tuple[str, str]] = []
        nullable = self.operation.nullable
        for name, value in (values or _NOTHING).items():
            if value is UNSET or (value is None and name not in nullable):
                continue
            try:
                if value.__class__ in SCALARS:
                    pairs.append((name, plain_text(value)))
                    continue
                if kind := self.operation.ids.get(name):
                    value = ids_of(name, value, kind)  # noqa: PLW2901 - an object becomes its id
                pairs.extend(self._encoders.get(name, encode_repeat)(name, value))
            except WireError as error:
                raise ValueError(error.text(name)) from None
        return pairs

    def _headers(self, values: Mapping[str, Any] | None, more: Mapping[str, str] | None) -> dict[str, str]:
        sent: dict[str, str] = {}
        names = self.operation.headers
        for name, value in (values or _NOTHING).items():
            if value is not None and value is not UNSET:
                sent[names.get(name, name)] = plain_text(value)
        sent |= more or _NOTHING
        for name, value in sent.items():
            check_header(name, value)
        return sent

    def _body_fields(self, values: Mapping[str, Any] | None, more: Mapping[str, Any] | None) -> dict[str, Any]:
        """The fields of the body that are sent."""
        operation = self.operation
        fields: dict[str, Any] = dict(operation.fixed)  # an argument of the same name takes precedence
        nullable = operation.nullable
        for name, value in (values or _NOTHING).items():
            if value is None:
                if name in nullable:
                    fields[name] = None
            elif value is not UNSET:
                fields[name] = value
        for name, kind in self._body_ids:
            if fields.get(name).__class__ is not str and name in fields:
                fields[name] = ids_of(name, fields[name], kind)
        if operation.keys is not None:
            operation.keys.rename(fields)
        if more:
            fields |= more
        for name in operation.lists & fields.keys():
            if isinstance(fields[name], str):
                fields[name] = [fields[name]]
        return fields

    async def _form(self, values: Mapping[str, Any]) -> list[FormField]:
        from .files import close_source, load_file
        from .form import FormField

        fields: list[FormField] = []
        files = self.operation.files
        try:
            for name, value in values.items():
                if name in files:
                    for item in value if isinstance(value, list) else [value]:
                        file = await load_file(name, item)
                        fields.append(FormField(name, file.source, file.name, file.content_type))
                else:
                    fields += self._text_fields(name, value)
        except BaseException:
            for field in fields:
                await close_source(field.value)
            raise
        return fields

    def _text_fields(self, name: str, value: Any) -> list[FormField]:
        from .form import FormField

        try:
            if name in self.operation.form_json and not isinstance(value, str):
                return [FormField(name, encode(self.engine, whole_to_wire(value)).decode())]
            if is_list(value):
                return [FormField(name, plain_text(item)) for item in value]
            return [FormField(name, plain_text(value))]
        except WireError as error:
            raise ValueError(error.text(name)) from None


def _json_object(fields: Mapping[str, Any], keys: Keys | None, engine: JsonEngine | None) -> bytes:
    wire: dict[str, Any] = {}
    name = ""
    try:
        for name, value in fields.items():
            if value is not UNSET:
                wire[name] = whole_to_wire(value)
                if keys is not None and name in keys.inner:
                    keys.inner[name].rename_all(wire[name], name)
        return encode(engine, wire)
    except WireError as error:
        if len(wire) == len(fields):
            raise ValueError(f"{_invalid_field(wire, engine)}: {error.problem}") from None
        raise ValueError(error.text(name)) from None


def _invalid_field(wire: Mapping[str, Any], engine: JsonEngine | None) -> str:
    """The name of the field that cannot be encoded."""
    for name, value in wire.items():
        try:
            encode(engine, value)
        except WireError:
            return name
    return "the name of a field"


_builders: dict[int, RequestBuilder] = {}


_builders_with: dict[tuple[int, int], RequestBuilder] = {}


def builder_for(operation: Operation[Any], engine: JsonEngine | None = None) -> RequestBuilder:
    """The builder of an operation; created on its first call."""
    # A builder references the operation and the engine, so that Python cannot reuse their ids.
    if engine is not None:
        key = id(operation), id(engine)
        builder = _builders_with.get(key)
        if builder is None:
            builder = _builders_with[key] = RequestBuilder(operation, engine)
        return builder
    builder = _builders.get(id(operation))
    if builder is None:
        builder = _builders[id(operation)] = RequestBuilder(operation)
    return builder
