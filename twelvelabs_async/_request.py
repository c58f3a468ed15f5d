"""From an operation, its arguments and the options of a call to the request that the transport sends.

A `Plan` is made once per operation; it holds everything that does not depend on the arguments. What is refused here,
before anything is sent, is only what could reach another route or lose data. The platform judges all the rest.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import enum
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, Final, TypedDict
from urllib.parse import quote

from ._files import is_blocking, prepare_file
from ._http import Body, FormBody, FormField, JsonBody, Request, check_header
from ._model import UNSET, Model
from ._operation import StreamOperation
from ._wire import WireError, dump_json, format_datetime, to_wire

if TYPE_CHECKING:
    from ._operation import ListStyle, Operation


class RequestOptions(TypedDict, total=False):
    """Settings of one call.

    Attributes:
        timeout_in_seconds: Longest time that the call may take.
        max_retries: How often it is repeated at most; 0 for never.
        additional_headers: Headers that are sent as well, or instead of the client's.
        additional_query_parameters: Query parameters that are sent as well, or instead of those of the same name.
        additional_body_parameters: Members of the body that are sent as well, or instead of those of the same name.
    """

    timeout_in_seconds: float | None
    max_retries: int | None
    additional_headers: Mapping[str, str] | None
    additional_query_parameters: Mapping[str, Any] | None
    additional_body_parameters: Mapping[str, Any] | None


_OPTIONS: Final = frozenset(RequestOptions.__annotations__)

_PATH_NAME: Final = re.compile(r"\{([^{}]+)\}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SAFE_SEGMENT: Final = re.compile(r"[A-Za-z0-9_~-]+")

_ACCEPT: Final[Mapping[str, str]] = {
    "ndjson": "application/x-ndjson, application/json",
    "sse": "text/event-stream, application/json",
    "jsonl": "application/jsonl, application/x-ndjson, application/json",
}

_NOTHING: Final[Mapping[str, Any]] = {}


def quote_segment(name: str, value: Any) -> str:
    """Quote the value of a path parameter, so that it stays one segment of the path whatever it holds.

    Raises:
        ValueError: The value is missing, empty, or a dot segment: it would reach another route.
    """
    if value.__class__ is not str:
        if isinstance(value, enum.Enum):
            value = value.value
        if value is None or isinstance(value, bool | bytes | bytearray | Model) or not isinstance(value, str | int):
            import uuid

            if not isinstance(value, uuid.UUID):
                raise ValueError(f"{name} must be an id as text, not {_show(value)}")
        value = str(value)
    if _SAFE_SEGMENT.fullmatch(value):
        return value  # type: ignore[no-any-return]
    if value in {"", ".", ".."}:
        raise ValueError(f"{name} must be an id; {value!r} is none")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise ValueError(f"{name} holds half a surrogate pair, which cannot be sent") from None


def _show(value: Any) -> str:
    return "None" if value is None else type(value).__name__


def plain_text(value: Any) -> str:
    """One value of a query or form as text.

    Raises:
        WireError: It is bytes, or a number without a value.
    """
    cls = value.__class__
    if cls is str:
        if not value.isascii() and _SURROGATE.search(value):
            raise WireError("the text holds half a surrogate pair, which cannot be sent")
        return value  # type: ignore[no-any-return]
    if cls is bool:
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, enum.Enum):
        return plain_text(value.value)
    if isinstance(value, dt.datetime):
        return format_datetime(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise WireError(f"{value} is no number that can be sent")
        return repr(float(value))
    wire = to_wire(value)
    if isinstance(wire, str | int | float | bool):
        return plain_text(wire) if isinstance(wire, bool | float) else str(wire)
    return dump_json(wire).decode()


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence | Set) and not isinstance(value, str | bytes | bytearray | memoryview)


Spell = Callable[[str, Any], Iterator[tuple[str, str]]]


def _spell_repeat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if _is_list(value):
        for item in value:
            yield name, plain_text(item)
    elif isinstance(value, Mapping | Model):
        yield from _spell_deep(name, value)
    else:
        yield name, plain_text(value)


def _spell_comma(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if not _is_list(value):
        yield from _spell_repeat(name, value)
    elif value:
        yield name, ",".join(map(plain_text, value))


def _spell_deep(name: str, value: Any) -> Iterator[tuple[str, str]]:
    members = to_wire(value) if isinstance(value, Model) else value
    if not isinstance(members, Mapping):
        yield from _spell_repeat(name, value)
        return
    for key, member in members.items():
        if member is not UNSET:
            yield from _spell_deep(f"{name}[{key}]", member)


def _spell_flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    members = to_wire(value) if isinstance(value, Model) else value
    if not isinstance(members, Mapping):
        yield from _spell_repeat(name, value)
        return
    for key, member in members.items():
        if member is not UNSET:
            yield from _spell_repeat(str(key), member)


_SPELLINGS: Final[Mapping[ListStyle, Spell]] = {
    "repeat": _spell_repeat,
    "comma": _spell_comma,
    "deep": _spell_deep,
    "flat": _spell_flat,
}


class Plan:
    """How the requests of one operation are made, and its answers decoded.

    Attributes:
        operation: The operation.
        decode: Decoder of the answer's body; None until the models are imported.
    """

    __slots__ = ("_accept", "_names", "_pieces", "_spellings", "decode", "operation")

    def __init__(self, operation: Operation[Any]) -> None:
        self.operation = operation
        self.decode: Callable[[bytes, int | None, str | None], Any] | None = None
        parts = _PATH_NAME.split(operation.path)
        self._pieces = tuple(parts[::2])
        self._names = tuple(parts[1::2])
        self._spellings = {name: _SPELLINGS[style] for name, style in operation.query.items()}
        self._accept = _ACCEPT[operation.kind] if isinstance(operation, StreamOperation) else "application/json"

    async def request(
        self,
        *,
        path: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        options: RequestOptions | None = None,
    ) -> Request:
        """Make the request for one call.

        Raises:
            ValueError: An argument could reach another route or cannot be sent; its name is in the message.
            OSError: A file is missing or cannot be read; the name of the argument is in the message.
        """
        operation = self.operation
        if options:
            _check_options(options)
        given = options or _NOTHING
        target = self._path(path or _NOTHING)
        pairs = self._query(query, given.get("additional_query_parameters"))
        sent = self._headers(headers, given.get("additional_headers")) if headers or given else {}
        payload = await self._body(body, given.get("additional_body_parameters"))
        return Request(
            operation=operation.id,
            method=operation.method,
            path=target,
            query=pairs,
            headers=sent,
            body=payload,
            tier=operation.tier,
            rate_limit_group=operation.rate_limit_group,
            repeatable=operation.repeatable,
            timeout=given.get("timeout_in_seconds"),
            max_retries=given.get("max_retries"),
            accept=self._accept,
        )

    def _path(self, values: Mapping[str, Any]) -> str:
        if not self._names:
            return self._pieces[0]
        text = self._pieces[0]
        for name, piece in zip(self._names, self._pieces[1:], strict=True):
            text += quote_segment(name, values.get(name)) + piece
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
                pairs.extend(self._spellings.get(name, _spell_repeat)(name, value))
            except WireError as error:
                raise ValueError(error.text(name)) from None
        return pairs

    def _headers(self, values: Mapping[str, Any] | None, more: Mapping[str, str] | None) -> dict[str, str]:
        sent: dict[str, str] = {}
        names = self.operation.headers
        for name, value in (values or _NOTHING).items():
            if value is not None and value is not UNSET:
                sent[names.get(name, name)] = plain_text(value)
        for name, value in (more or _NOTHING).items():
            if not isinstance(name, str) or not isinstance(value, str):
                raise ValueError("request_options: additional_headers must map text to text")  # noqa: TRY004 - as others
            sent[name] = value
        for name, value in sent.items():
            check_header(name, value)
        return sent

    async def _body(self, values: Mapping[str, Any] | None, more: Mapping[str, Any] | None) -> Body | None:
        operation = self.operation
        if operation.body is None:
            return JsonBody(_json_object(more)) if more else None
        members: dict[str, Any] = {}
        nullable = operation.nullable
        for name, value in (values or _NOTHING).items():
            if value is None:
                if name in nullable:
                    members[name] = None
            elif value is not UNSET:
                members[name] = value
        if operation.fixed:
            members |= operation.fixed
        if more:
            members |= more
        if operation.body == "json":
            for name in operation.lists & members.keys():
                if isinstance(members[name], str):
                    members[name] = [members[name]]
            return JsonBody(_json_object(members))
        return FormBody(await self._form(members))

    async def _form(self, members: Mapping[str, Any]) -> list[FormField]:
        fields: list[FormField] = []
        files, as_json = self.operation.files, self.operation.form_json
        for name, value in members.items():
            if name in files:
                fields += await _file_fields(name, value)
                continue
            try:
                if name in as_json and not isinstance(value, str):
                    fields.append(FormField(name, dump_json(to_wire(value)).decode()))
                elif _is_list(value):
                    fields += [FormField(name, plain_text(item)) for item in value]
                else:
                    fields.append(FormField(name, plain_text(value)))
            except WireError as error:
                raise ValueError(error.text(name)) from None
        return fields


async def _file_fields(name: str, value: Any) -> list[FormField]:
    fields = []
    for item in value if isinstance(value, list) else [value]:
        if is_blocking(item):
            file = await asyncio.to_thread(prepare_file, name, item)
        else:
            file = prepare_file(name, item)
        fields.append(FormField(name, file.source, filename=file.name, content_type=file.content_type))
    return fields


def _json_object(members: Mapping[str, Any]) -> bytes:
    wire: dict[str, Any] = {}
    name = ""
    try:
        for name, value in members.items():
            if value is not UNSET:
                wire[name] = to_wire(value)
        return dump_json(wire)
    except WireError as error:
        if len(wire) == len(members):
            raise ValueError(f"{_culprit(wire)}: {error.problem}") from None
        raise ValueError(error.text(name)) from None


def _culprit(wire: Mapping[str, Any]) -> str:
    """The member that cannot be encoded."""
    for name, value in wire.items():
        try:
            dump_json(value)
        except WireError:
            return name
    return "the name of a member"


def _check_options(options: RequestOptions) -> None:
    if unknown := options.keys() - _OPTIONS:
        names = ", ".join(sorted(unknown))
        raise TypeError(f"request_options has no {names}; it takes {', '.join(sorted(_OPTIONS))}")
    timeout, retries = options.get("timeout_in_seconds"), options.get("max_retries")
    if timeout is not None and (isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout > 0):
        raise ValueError(f"request_options: timeout_in_seconds must be a number above 0, not {timeout!r}")
    if retries is not None and (isinstance(retries, bool) or not isinstance(retries, int) or retries < 0):
        raise ValueError(f"request_options: max_retries must be a whole number from 0 on, not {retries!r}")


_plans: dict[int, Plan] = {}


def plan_of(operation: Operation[Any]) -> Plan:
    """The plan of an operation; made on its first call."""
    plan = _plans.get(id(operation))
    if plan is None:
        # The plan holds the operation, so that its id cannot be given to another object.
        plan = _plans[id(operation)] = Plan(operation)
    return plan
