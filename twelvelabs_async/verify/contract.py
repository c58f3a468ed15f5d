"""Compares a response with what the OpenAPI document says about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from ..emulator.error_codes import OWN, PLATFORM
from ..emulator.openapi.document import alternatives
from ..emulator.openapi.validation import response_errors
from .findings import DIFFERS, NEW
from .vocabulary import FREE, word, words

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

    from ..emulator.openapi.document import Document, Operation, ResponseSpec, Schema
    from .exchange import Exchange
    from .findings import Kind

Problem = tuple["Kind", str, str]
"""Kind, place, and what is not as documented."""

_CODES: Final = {*PLATFORM, *OWN}

_KNOWN_HEADERS: Final = re.compile(
    r"x-(?:ratelimit|rate-?limit)-|x-(?:request-id|api-version|content-type-options|frame-options|xss-protection"
    r"|cache.*|powered-by|served-by|robots-tag|download-options|dns-prefetch-control|permitted-cross-domain-policies"
    r"|amz.*|amzn.*|envoy.*|cloud-trace-context|b3.*|forwarded.*|runtime|correlation-id|trace-id)$"
)
"""Headers beginning with `x-` that are described elsewhere, or say nothing about the API."""


class Contract:
    """The document, as far as responses go.

    Attributes:
        shown: Words of the service that findings name.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._members = {name for names, _ in words(document) for name in names}
        self.shown: set[str] = set()

    def operation(self, identifier: str) -> Operation:
        """An operation by its operationId."""
        return self._document.operations[identifier]

    def show(self, text: str | None) -> str:
        """A word that the service sent, if it can be shown."""
        if text is None:
            return ""
        shown = word(text)
        if shown is None:
            return "(not shown)"
        self.shown.add(shown)
        return shown

    def known(self, code: str | None) -> bool:
        """Whether an error code is one that the platform is known to send."""
        return code in PLATFORM

    def problems(self, exchange: Exchange) -> Iterator[Problem]:
        """What is not as documented about a response."""
        operation = self.operation(exchange.operation)
        spec = operation.responses.get(exchange.status)
        if spec is None:
            documented = ", ".join(map(str, sorted(operation.responses)))
            yield DIFFERS, "status", f"{exchange.status} is not documented; documented are {documented}"
            return
        yield from _headers(spec, exchange)
        yield from self._body(spec, exchange)
        if exchange.status >= 400:
            yield from self._code(exchange)

    def _body(self, spec: ResponseSpec, exchange: Exchange) -> Iterator[Problem]:
        if not spec.content:
            if exchange.body:
                yield NEW, "body", f"there is one with status {exchange.status}; none is documented"
            return
        if not exchange.body:
            yield DIFFERS, "body", f"there is none with status {exchange.status}; one is documented"
            return
        kind = exchange.content_type
        schema = spec.content.get(kind)
        if schema is None:
            shown = kind if re.fullmatch(r"[a-z]+/[a-z.+-]{1,40}", kind) else "(unreadable)"
            documented = ", ".join(sorted(spec.content))
            yield DIFFERS, "header Content-Type", f"it is {shown or '(none)'}; documented are {documented}"
            return
        values = list(exchange.values())
        for value in values:
            if value is NotImplemented:
                yield DIFFERS, "body", "it is not JSON, or nested too deep"
            else:
                yield from self._check_value(value, schema)
        yield from _stream(exchange, values)

    def _check_value(self, value: Any, schema: Schema) -> Iterator[Problem]:
        """What the document does not say, or forbids, about a value of a response."""
        for error in response_errors(value, schema):
            problem = self._classify(error)
            if problem is not None:
                yield problem

    def _classify(self, error: ValidationError) -> Problem | None:
        path, rule = list(error.absolute_path), str(error.validator)
        if rule in {"required", "additionalProperties"} and _has_alias(error, str(path[-1])):
            return None
        where = self._place(path)
        if rule == "additionalProperties":
            return (
                NEW,
                where,
                f"a member of type {_type(_last(error))}",
            )
        if rule == "required":
            return DIFFERS, where, "it is documented as always sent, and is missing"
        values = _enum(error)
        if values is not None and isinstance(error.instance, str | Mapping):
            value = error.instance if isinstance(error.instance, str) else error.instance.get(str(path[-1]))
            if isinstance(value, str):
                return NEW, where, f"the value {self.show(value)} is not among the documented ones"
        if rule in {"type", "enum", "const", "anyOf", "oneOf"}:
            return DIFFERS, where, f"it is {_described(error)}, which is not documented"
        return DIFFERS, where, f"it does not obey `{rule}` of the document"

    def _place(self, path: list[Any]) -> str:
        """A place in a response. Names that users may have chosen are not in it."""
        text, parent = "", ""
        for part in path:
            if isinstance(part, int):
                text += "[]"
                continue
            hidden = parent == "user_metadata" or (parent in FREE and part not in self._members)
            name = (None if hidden else word(str(part))) or "(a name)"
            text += f".{name}" if text else name
            parent = parent if hidden or parent == "user_metadata" else str(part)
        return text or "body"

    def _code(self, exchange: Exchange) -> Iterator[Problem]:
        code = exchange.code
        if code is None:
            return  # the schema of the body says so
        if code not in _CODES:
            yield NEW, "code", f"the error code {self.show(code)} with status {exchange.status} is not known"


def _headers(spec: ResponseSpec, exchange: Exchange) -> Iterator[Problem]:
    for name in sorted(spec.headers):
        value = exchange.headers.get(name.lower())
        if value is None:
            if name != "Retry-After":  # "not always sent", says the document
                yield DIFFERS, f"header {name}", "it is documented and was not sent"
        elif name != "Location" and not re.fullmatch(r"\d{1,15}", value.strip()):
            yield DIFFERS, f"header {name}", "it is documented as an integer, and is none"
    if exchange.ok and "x-request-id" not in exchange.headers:  # what is in between may send errors without it
        yield DIFFERS, "header X-Request-Id", "it was not sent"
    documented = {name.lower() for name in spec.headers}
    for name in exchange.headers:
        if name.startswith("x-") and name not in documented and not _KNOWN_HEADERS.match(name):
            yield NEW, f"header {word(name) or '(unreadable name)'}", "it is not documented"


def _stream(exchange: Exchange, values: list[Any]) -> Iterator[Problem]:
    """Whether a stream has its first and its last event, and whether the events are in their order."""
    name = {"application/x-ndjson": "event_type", "text/event-stream": "type"}.get(exchange.content_type)
    if name is None:
        return
    kinds = [value.get(name) for value in values if isinstance(value, Mapping)]
    if name == "event_type":
        if kinds[:1] != ["stream_start"]:
            yield DIFFERS, "stream", "it does not begin with stream_start"
        if kinds[-1:] != ["stream_end"]:
            yield DIFFERS, "stream", "it does not end with stream_end"
        return
    if not exchange.ends_with_done:
        yield DIFFERS, "stream", "it does not end with data: [DONE]"
    if not {"response.completed", "response.failed"}.intersection(map(str, kinds)):
        yield DIFFERS, "stream", "it has neither response.completed nor response.failed"
    numbers = [value.get("sequence_number") for value in values if isinstance(value, Mapping)]
    known = [number for number in numbers if isinstance(number, int)]
    if known != sorted(set(known)):
        yield DIFFERS, "stream", "sequence_number does not increase from event to event"


def _enum(error: ValidationError) -> list[Any] | None:
    """The documented values of a string that is none of them."""
    if error.validator == "enum" and isinstance(error.validator_value, list):
        return error.validator_value
    if error.validator in {"anyOf", "oneOf"} and isinstance(error.schema, Mapping):
        found = [value for option in alternatives(dict(error.schema)) for value in option.get("enum", ())]
        return found or None
    return None


def _described(error: ValidationError) -> str:
    if error.validator == "const":
        return "another value than the only one"
    return f"of type {_type(error.instance)}"


def _has_alias(error: ValidationError, name: str) -> bool:
    """Whether a member has another accepted name: which of them is sent, the document leaves open."""
    members: Mapping[str, Any] = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
    sent = error.instance if isinstance(error.instance, Mapping) else {}
    if error.validator == "required":
        return any(alias in sent for alias in members.get(name, {}).get("x-accept", ()))
    return any(name in member.get("x-accept", ()) for member in members.values())


def _last(error: ValidationError) -> Any:
    instance = error.instance
    return instance.get(str(error.absolute_path[-1])) if isinstance(instance, Mapping) else instance


def _type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for kind, name in ((int, "integer"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "object"
