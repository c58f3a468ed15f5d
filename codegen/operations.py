"""The operations of the document as what templates print: constants and methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
from openapi_python_client import schema as oai
from openapi_python_client.schema.parameter_location import ParameterLocation

from . import mapping, names, types
from .calls import Argument, Call
from .document import Document, Node, extension, text
from .errors import GenerationError
from .escape import Doc, literal
from .keys import KeyTable
from .method_docs import MethodDocs
from .routes import reserved_words
from .schemas import Schemas, module_of
from .types import Name, Type

if TYPE_CHECKING:
    from .describe import Describer

_LIFECYCLES = ("current", "announced", "deprecated", "unlisted")

_KINDS = ("ndjson", "sse", "jsonl")

_MEDIA_KINDS = ("video", "audio", "image", "document")


class Operations:
    """Builds the calls of every operation."""

    def __init__(self, document: Document, describer: Describer, schemas: Schemas) -> None:
        self.document = document
        self.describer = describer
        self.schemas = schemas
        self.docs = MethodDocs(document, describer)
        self.keys = KeyTable(document, schemas.classes)
        self._consts: dict[str, str] = {}
        self.calls: list[Call] = []
        self._urls = {url: None for _, url, _, _ in document.operations()}
        for method, url, operation, parameters in document.operations():
            self.calls += self._build(method, url, operation, parameters)
        self._link()
        used = {argument.kind for call in self.calls for argument in call.arguments}
        if unused := sorted(self.schemas.objects.kinds.keys() - used):
            raise GenerationError(f"x-object {unused[0]}: no argument has this x-id-of")

    def _build(self, method: str, url: str, operation: oai.Operation, parameters: list[oai.Parameter]) -> list[Call]:
        where = f"{method} {url}"
        if not operation.operationId or not extension(operation, "x-method"):
            raise GenerationError(f"{where}: an operation needs an operationId and an x-method")
        stream = extension(operation, "x-stream") or {}
        pages = extension(operation, "x-pagination") or {}
        arguments = [self._parameter(where, url, parameter) for parameter in parameters]
        body, extra = self._body(where, operation, stream)
        arguments = _ordered(where, arguments + body)
        call = Call(
            id=text(operation.operationId),
            const=self._const(text(operation.operationId)),
            kind="plain",
            cls="Operation",
            module=module_of(operation),
            path=names.attribute_path(str(extension(operation, "x-method")), where),
            method=method,
            url=url,
            arguments=tuple(arguments),
            response=self._response(where, operation),
            item=None,
            settings=tuple(self._settings(operation, arguments, extra, reserved_words(url, self._urls))),
            doc=Doc(""),
            lifecycle=str(extension(operation, "x-lifecycle", "current")),
            successor=str(extension(operation, "x-successor", "")),
            sdk=_sdk_method(where, operation),
            notes="",
        )
        if call.lifecycle not in _LIFECYCLES or (call.lifecycle != "current" and not call.successor):
            raise GenerationError(
                f"{where}: x-lifecycle is one of {', '.join(_LIFECYCLES)}, with x-successor unless current"
            )
        if operation.deprecated and call.lifecycle in {"current", "announced"}:
            raise GenerationError(f"{where}: a deprecated operation has the x-lifecycle deprecated or unlisted")
        calls = self._streaming(where, call, stream) if stream else [self._paged(where, call, pages) if pages else call]
        return [attrs.evolve(made, doc=self.docs.write(operation, made)) for made in calls]

    def _const(self, operation_id: str) -> str:
        const = names.constant(operation_id)
        if const in self._consts:
            raise GenerationError(f"Operations {self._consts[const]} and {operation_id} would both be called {const}")
        self._consts[const] = operation_id
        return const

    def _parameter(self, where: str, url: str, parameter: oai.Parameter) -> Argument:
        wire, place = text(parameter.name), str(parameter.param_in.value)
        if parameter.param_schema is None or place == "cookie":
            raise GenerationError(f"{where}: parameter {wire} needs a schema, and may not be a cookie")
        is_path = parameter.param_in == ParameterLocation.PATH
        if is_path and f"{{{wire}}}" not in url:
            raise GenerationError(f"{where}: the path has no {{{wire}}}")
        style = self._style(f"{where}: parameter {wire}", parameter) if place == "query" else ""
        argument = self._argument(
            f"{where}.{wire}",
            wire,
            {"path": "path", "query": "query", "header": "headers"}[place],
            parameter.param_schema,
            required=parameter.required or is_path,
            description=text(parameter.description),
        )
        return attrs.evolve(argument, style=style)

    def _style(self, where: str, parameter: oai.Parameter) -> str:
        kinds = mapping.all_kinds(self.document, parameter.param_schema or oai.Schema())
        style = text(parameter.style) or "form"
        explode = parameter.explode if "explode" in parameter.model_fields_set else style == "form"
        if style == "deepObject":
            return "deep"
        if style != "form":
            raise GenerationError(f"{where}: style {style} is not supported")
        if not kinds & {"array", "object"}:
            return ""
        if not explode:
            return "comma"
        return "flat" if "object" in kinds else ""

    def _body(
        self, where: str, operation: oai.Operation, stream: dict[str, Any]
    ) -> tuple[list[Argument], dict[str, str]]:
        if operation.request_body is None:
            return [], {}
        content = self.document.body(operation.request_body).content or {}
        kinds = {"application/json": "json", "multipart/form-data": "form"}
        form = next((text(kind) for kind in content if text(kind) in kinds), "")
        if len(content) != 1 or not form:
            raise GenerationError(f"{where}: a body is application/json or multipart/form-data, and one of them")
        node = next(iter(content.values())).media_type_schema
        schema = self.document.schema(node) if node else oai.Schema()
        if not mapping.is_model(schema):
            raise GenerationError(f"{where}: a body is an object with members, which become arguments")
        required = {text(key) for key in schema.required or ()}
        arguments = []
        for key, member in (schema.properties or {}).items():
            wire = text(key)
            if wire == stream.get("field") and not stream.get("argument"):
                continue
            argument = self._argument(f"{where}.{wire}", wire, "body", member, required=wire in required)
            if kinds[form] == "form" and extension(member, "x-json-encoded"):
                type_ = types.union((argument.type, types.STR))
                doc = f"{argument.doc} The JSON text itself is accepted as well."
                argument = attrs.evolve(argument, is_json=True, type=type_, doc=doc)
            is_file = mapping.has_file(self.document, member)
            if is_file and "array" in mapping.all_kinds(self.document, member):
                argument = attrs.evolve(argument, doc=f"{argument.doc} Several files are given as a list.")
            is_text_list = kinds[form] == "json" and mapping.is_text_list(self.document, member)
            argument = attrs.evolve(argument, is_file=is_file, is_text_list=is_text_list)
            arguments += self._with_wire_name(f"{where}.{wire}", argument, member)
        keys = self.keys.of_body(node, text(operation.operationId)) if node else ""
        if keys and kinds[form] == "form":
            raise GenerationError(f"{where}: objects whose members have other names in Python cannot be in a form")
        return arguments, {"body": literal(kinds[form])} | ({"keys": keys} if keys else {})

    def _with_wire_name(self, where: str, argument: Argument, node: Node) -> list[Argument]:
        """The argument of a member of the body, and a second one under the wire name where the document says so."""
        given = extension(node, "x-attribute")
        if not given:
            return [argument]
        argument = attrs.evolve(argument, name=names.given(str(given), where))
        if not extension(node, "x-wire-attribute"):
            return [argument]
        if not argument.default:
            raise GenerationError(f"{where}: an argument that must be given cannot have two names")
        wire = names.wire_attribute(argument.wire, argument.name, where)
        doc = f"The same as `{argument.name}`, under its wire name. Give one of the two."
        # Both are in the body, the first under the name of its argument, which the `Keys` of the operation rename.
        return [attrs.evolve(argument, wire=argument.name), attrs.evolve(argument, name=wire, doc=doc)]

    def _argument(
        self, where: str, wire: str, place: str, node: Node, *, required: bool, description: str = ""
    ) -> Argument:
        type_ = self.schemas.mapper.type(node, "request", where)
        doc = self.describer.value(node, own=description, sent=True)
        kind = str(extension(node, "x-id-of", ""))
        if kind:
            objects = self.schemas.objects
            type_, doc = objects.accepting(kind, type_, where), f"{doc} {objects.kinds[kind].hint}"
        nullable = place in {"query", "body"} and mapping.nullable(self.document, node)
        default = ""
        prefill = extension(node, "x-prefill")
        if prefill is not None:
            default = literal(prefill)
        elif nullable and not required:
            type_, default = types.union((type_, types.UNSET)), "UNSET"
        elif not required or extension(node, "x-client-optional"):
            type_, default = types.optional(type_), "None"
        return Argument(
            name=names.argument(wire),
            wire=wire,
            place=place,
            type=type_,
            default=default,
            nullable=nullable,
            style="",
            is_json=False,
            is_file=False,
            is_text_list=False,
            kind=kind,
            doc=doc,
        )

    def _response(self, where: str, operation: oai.Operation) -> Type | None:
        responses = {}
        for status, node in operation.responses.items():
            if text(status).startswith("2"):
                for kind, media in (self.document.response(node).content or {}).items():
                    if text(kind) == "application/json" and media.media_type_schema:
                        responses[self.schemas.mapper.type(media.media_type_schema, "response", where)] = status
        if len(responses) > 1:
            raise GenerationError(f"{where}: its successful responses have different schemas")
        response = next(iter(responses), None)
        if response is not None and not (isinstance(response, Name) and response.source == "models"):
            raise GenerationError(f"{where}: its response needs a name below components.schemas")
        return response

    @staticmethod
    def _settings(
        operation: oai.Operation, arguments: list[Argument], extra: dict[str, str], reserved: set[str]
    ) -> list[tuple[str, str]]:
        styles = {argument.wire: argument.style for argument in arguments if argument.style}
        headers = {argument.name: argument.wire for argument in arguments if argument.place == "headers"}
        found: list[tuple[str, str]] = []
        found += [("query", literal(styles))] if styles else []
        found += [("headers", literal(headers))] if headers else []
        kinds = {argument.wire: argument.kind for argument in arguments if argument.kind}
        found += [("ids", literal(kinds))] if kinds else []
        found += extra.items()
        sets = {
            "form_json": [argument.wire for argument in arguments if argument.is_json],
            "files": [argument.wire for argument in arguments if argument.is_file],
            "lists": [argument.wire for argument in arguments if argument.is_text_list],
            "nullable": [argument.wire for argument in arguments if argument.nullable],
            "reserved": list(reserved),
        }
        found += [
            (name, f"frozenset({{{', '.join(literal(wire) for wire in sorted(wires))}}})")
            for name, wires in sets.items()
            if wires
        ]
        group = extension(operation, "x-rate-limit-group")
        found += [("rate_limit_group", literal(str(group)))] if group else []
        limits = extension(operation, "x-media-limits")
        found += [("media_limits", _media_limits(text(operation.operationId), limits))] if limits else []
        found += [("idempotent", "True")] if extension(operation, "x-idempotent") else []
        found += [("timeout_profile", literal("upload"))] if sets["files"] else []
        if operation.deprecated:
            found.append(("deprecated", literal(str(extension(operation, "x-successor", "")))))
        return found

    def _streaming(self, where: str, call: Call, stream: dict[str, Any]) -> list[Call]:
        kind, event, field = stream.get("kind"), str(stream.get("event")), stream.get("field")
        if kind not in _KINDS or event not in self.schemas.classes:
            raise GenerationError(f"{where}: x-stream needs a kind ({', '.join(_KINDS)}) and the schema of an event")
        response = Name("models", self.schemas.classes[event])
        settings = (*call.settings, ("kind", literal(kind)))
        note = f"stream of {'server-sent events' if kind == 'sse' else 'JSON lines'}"
        if not field:
            return [
                attrs.evolve(
                    call, kind="stream", cls="StreamOperation", response=response, settings=settings, notes=note
                )
            ]
        streaming = attrs.evolve(
            call,
            const=self._const(f"{call.id}Stream"),
            kind="stream",
            cls="StreamOperation",
            path=names.attribute_path(str(stream.get("method")), where),
            sdk=call.sdk and str(stream.get("method")),
            arguments=tuple(argument for argument in call.arguments if argument.wire != field),
            response=response,
            settings=(*settings, ("fixed", literal({str(field): True}))),
            notes=note,
        )
        # An argument of that name wins over what is fixed.
        call = attrs.evolve(call, settings=(*call.settings, ("fixed", literal({str(field): False}))))
        return [call, streaming]

    def _paged(self, where: str, call: Call, pages: dict[str, Any]) -> Call:
        style = pages.get("style")
        if style == "token-page":
            return attrs.evolve(call, notes="one page, by token")
        if style not in {"page", "token"} or not isinstance(call.response, Name):
            raise GenerationError(
                f"{where}: x-pagination has the style page, token or token-page, and a page as response"
            )
        page = self._entry(call.response.name)
        items = next((field for field in page.fields if field.wire == pages.get("items")), None)
        item = items and next((n for n in types.names(items.type) if n.name == "list"), None)
        if items is None or item is None:
            raise GenerationError(f"{where}: the page has no list {pages.get('items')!r}")
        found = [("items", literal(items.name)), ("style", literal(style))]
        if style == "token":
            found.append(("token", self._token(where, page.name, str(pages.get("next")))))
            parameter = pages.get("next_parameter") or pages.get("next_body_field")
            if not parameter:
                raise GenerationError(
                    f"{where}: style token needs next_operation and next_parameter, or next_body_field"
                )
            if pages.get("next_operation"):
                found.append(("next_operation", str(pages["next_operation"])))
            found.append(("next_parameter", literal(str(parameter))))
        kind = "plain" if pages.get("next_operation") else "paged"
        return attrs.evolve(
            call,
            kind=kind,
            cls="PagedOperation",
            item=item.args[0],
            settings=(*call.settings, *found),
            notes="pages by number" if style == "page" else "pages by token",
        )

    def _entry(self, name: str) -> Any:
        return next(entry for entry in self.schemas.entries if entry.name == name)

    def _token(self, where: str, page: str, path: str) -> str:
        attributes, entry = [], self._entry(page)
        for part in path.split("."):
            field = next((field for field in entry.fields if field.wire == part), None)
            if field is None:
                raise GenerationError(f"{where}: {entry.name} has no {part}, which x-pagination names")
            attributes.append(field.name)
            inner = next((name.name for name in types.names(field.type) if name.source == "models"), "")
            entry = self._entry(inner) if inner else entry
        return ascii(tuple(attributes))

    def _link(self) -> None:
        """Turn the operationId of the next page into its constant, which must live in the same module."""
        consts = {call.id: call for call in self.calls if call.kind != "stream"}
        linked = []
        for call in self.calls:
            target = dict(call.settings).get("next_operation")
            if target is not None:
                following = consts.get(target)
                if following is None or following.module != call.module:
                    raise GenerationError(f"{call.id}: next_operation {target!r} is no operation of the same tag")
                settings = tuple((k, following.const if k == "next_operation" else v) for k, v in call.settings)
                call = attrs.evolve(call, settings=settings)  # noqa: PLW2901
            linked.append(call)
        self.calls = linked


def _media_limits(where: str, limits: dict[str, Any]) -> str:
    """The source of the media limits of an operation."""
    sizes = {name: limits[name] for name in ("file", "url", "base64") if name in limits}
    longest = limits.get("max_seconds", {})
    seconds = {"max_seconds": longest if isinstance(longest, dict) else {"*": longest}}
    found = {name: value for name, value in (sizes | seconds).items() if value}
    wrong = set(limits) - set(sizes) - {"min_seconds", "max_seconds"}
    wrong |= {kind for value in sizes.values() for kind in value if kind not in _MEDIA_KINDS}
    numbers = [number for value in found.values() for number in value.values()] + [limits.get("min_seconds", 1)]
    if wrong or not all(isinstance(number, int) and number > 0 for number in numbers):
        raise GenerationError(f"{where}: x-media-limits maps {', '.join(_MEDIA_KINDS)} to sizes, and has seconds")
    arguments = [f"{name}={literal(value)}" for name, value in found.items()]
    arguments += [f"min_seconds={limits['min_seconds']}"] if "min_seconds" in limits else []
    return f"MediaLimits({', '.join(arguments)})"


def _sdk_method(where: str, operation: oai.Operation) -> str:
    """The attribute path in the official SDK, which is ours unless the document states another."""
    path = extension(operation, "x-sdk-method", extension(operation, "x-method"))
    return ".".join(names.attribute_path(str(path), where)) if path else ""


def _ordered(where: str, arguments: list[Argument]) -> list[Argument]:
    """Path arguments, then those that must be given, then the others; names are unique."""
    seen: dict[str, Argument] = {}
    for argument in arguments:
        if argument.name in seen:
            other = seen[argument.name]
            raise GenerationError(
                f"{where}: {other.wire} ({other.place}) and {argument.wire} ({argument.place}) "
                f"would both be the argument {argument.name}"
            )
        seen[argument.name] = argument
    return sorted(arguments, key=lambda argument: (argument.place != "path", bool(argument.default)))
