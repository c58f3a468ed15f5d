"""The operations of the document as what templates print: constants and methods."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import attrs

from . import extensions, mapping, names, notices, types
from .calls import Argument, Call
from .document import Document, Node, text
from .errors import GenerationError
from .escape import Doc, literal
from .keys import KeyTable
from .method_docs import MethodDocs
from .parser import oai
from .routes import reserved_words
from .schemas import Schemas, module_of, wire_attribute
from .types import Name, Type

if TYPE_CHECKING:
    from .describe import Describer
    from .extension_values import MediaSizes, Pages, Stream
    from .notices import OutdatedMember


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
            with document.at(operation):
                self.calls += self._build(method, url, operation, parameters)
        self._link()
        used = {argument.kind for call in self.calls for argument in call.arguments}
        for kind in schemas.objects.kinds.values():
            if kind.name not in used:
                raise GenerationError(
                    f"x-object {kind.name}: no argument has this x-id-of",
                    "correct the name, or give x-id-of to the arguments that take it",
                    kind.place,
                )

    def _build(self, method: str, url: str, operation: oai.Operation, parameters: list[oai.Parameter]) -> list[Call]:
        stream, pages = extensions.STREAM.of(operation), extensions.PAGINATION.of(operation)
        arguments = [self._parameter(parameter) for parameter in parameters]
        _check_path(url, [argument.wire for argument in arguments if argument.place == "path"])
        body, extra = self._body(operation, stream)
        arguments = _ordered(arguments + body)
        path = extensions.METHOD.of(operation)
        sdk = extensions.SDK_METHOD.of(operation)
        call = Call(
            id=text(operation.operationId),
            const=self._const(text(operation.operationId)),
            kind="plain",
            cls="Operation",
            module=module_of(operation),
            path=path,
            method=method,
            url=url,
            arguments=tuple(arguments),
            response=self._response(operation),
            item=None,
            settings=tuple(self._settings(operation, arguments, extra, reserved_words(url, self._urls))),
            doc=Doc(""),
            lifecycle=extensions.LIFECYCLE.of(operation),
            successor=extensions.SUCCESSOR.of(operation),
            sdk=".".join(path if sdk is None else sdk),
            notes="",
            place=self.document.place(operation),
        )
        if call.lifecycle != "current" and not call.successor:
            raise GenerationError(
                f"an operation with the x-lifecycle {call.lifecycle} has an x-successor",
                "say in x-successor what to use instead",
            )
        if bool(operation.deprecated) != (call.lifecycle in {"deprecated", "unlisted"}):
            raise GenerationError(
                "`deprecated: true` and the x-lifecycle deprecated or unlisted need each other",
                "add the one that misses",
            )
        calls = [call]
        if stream:
            with self.document.at(operation, extensions.STREAM.name):
                calls = self._streaming(call, stream)
        elif pages:
            with self.document.at(operation, extensions.PAGINATION.name):
                calls = [self._paged(call, pages)]
        outdated = notices.of_body(self.document, operation)
        return [self._complete(operation, made, outdated) for made in calls]

    def _complete(self, operation: oai.Operation, call: Call, outdated: tuple[OutdatedMember, ...]) -> Call:
        """A call with its docstring and with what it warns about."""
        notice = notices.of_operation(operation, call)
        found = [("deprecated", literal(notice))] if notice else []
        found += [("outdated", f"({', '.join(member.source for member in outdated)},)")] if outdated else []
        doc = self.docs.write(operation, call)
        return attrs.evolve(call, doc=doc, notice=notice, outdated=outdated, settings=(*call.settings, *found))

    def _const(self, operation_id: str) -> str:
        const = names.constant(operation_id)
        if const in self._consts:
            raise GenerationError(
                f"operations {self._consts[const]} and {operation_id} would both be called {const}",
                "rename one of the two",
            )
        self._consts[const] = operation_id
        return const

    def _parameter(self, parameter: oai.Parameter) -> Argument:
        wire, place = text(parameter.name), str(parameter.param_in.value)
        with self.document.at(parameter):
            if parameter.param_schema is None or place == "cookie":
                raise GenerationError("a parameter may not be a cookie", "leave it out, or say where else it is sent")
            argument = self._argument(
                wire,
                {"path": "path", "query": "query", "header": "headers"}[place],
                parameter.param_schema,
                required=parameter.required or place == "path",
                description=text(parameter.description),
            )
            return attrs.evolve(argument, style=self._style(parameter) if place == "query" else "")

    def _style(self, parameter: oai.Parameter) -> str:
        kinds = mapping.all_kinds(self.document, parameter.param_schema or oai.Schema())
        style = text(parameter.style) or "form"
        explode = parameter.explode if "explode" in parameter.model_fields_set else style == "form"
        if style == "deepObject":
            return "deep"
        if style != "form":
            raise GenerationError(f"the style {style} is not supported", "use form or deepObject")
        if not kinds & {"array", "object"}:
            return ""
        if not explode:
            return "comma"
        return "flat" if "object" in kinds else ""

    def _body(self, operation: oai.Operation, stream: Stream | None) -> tuple[list[Argument], dict[str, str]]:
        if operation.request_body is None:
            return [], {}
        body = self.document.body(operation.request_body)
        with self.document.at(body):
            return self._content(
                body, text(operation.operationId), stream.field if stream and not stream.argument else ""
            )

    def _content(self, body: oai.RequestBody, operation_id: str, hidden: str) -> tuple[list[Argument], dict[str, str]]:
        content = body.content or {}
        kinds = {"application/json": "json", "multipart/form-data": "form"}
        form = next((text(kind) for kind in content if text(kind) in kinds), "")
        if len(content) != 1 or not form:
            raise GenerationError(
                "a body is application/json or multipart/form-data, and one of them", "keep one of the two"
            )
        node = next(iter(content.values())).media_type_schema
        schema = self.document.schema(node) if node else oai.Schema()
        if not mapping.is_model(schema):
            raise GenerationError(
                "a body is an object with members, which become arguments", "put what is sent into a member"
            )
        required = {text(key) for key in schema.required or ()}
        arguments = []
        for key, member in (schema.properties or {}).items():
            wire = text(key)
            if wire != hidden:
                with self.document.at(member):
                    arguments += self._member(wire, member, required=wire in required, is_form=kinds[form] == "form")
        keys = self.keys.of_body(node, operation_id) if node else ""
        if keys and kinds[form] == "form":
            raise GenerationError(
                "objects whose members have other names in Python cannot be in a form",
                "remove the x-attribute of their members",
            )
        return arguments, {"body": literal(kinds[form])} | ({"keys": keys} if keys else {})

    def _member(self, wire: str, node: Node, *, required: bool, is_form: bool) -> list[Argument]:
        """The argument of a member of a body, or two of them."""
        argument = self._argument(wire, "body", node, required=required)
        if extensions.JSON_ENCODED.of(node):
            type_ = types.union((argument.type, types.STR))
            doc = f"{argument.doc} The JSON text itself is accepted as well."
            argument = attrs.evolve(argument, is_json=True, type=type_, doc=doc)
        is_file = mapping.has_file(self.document, node)
        if is_file and "array" in mapping.all_kinds(self.document, node):
            argument = attrs.evolve(argument, doc=f"{argument.doc} Several files are given as a list.")
        is_text_list = not is_form and mapping.is_text_list(self.document, node)
        return self._with_wire_name(attrs.evolve(argument, is_file=is_file, is_text_list=is_text_list), node)

    @staticmethod
    def _with_wire_name(argument: Argument, node: Node) -> list[Argument]:
        """The argument of a member of the body, and a second one under the wire name where the document says so."""
        argument = attrs.evolve(argument, name=extensions.ATTRIBUTE.of(node) or argument.name)
        if not extensions.WIRE_ATTRIBUTE.of(node):
            return [argument]
        if not argument.default:
            raise GenerationError(
                "an argument that must be given cannot have two names", "remove x-wire-attribute, or make it optional"
            )
        wire = wire_attribute(argument.wire, argument.name)
        doc = f"The same as `{argument.name}`, under its wire name. Give one of the two."
        # Both are in the body, the first under the name of its argument, which the `Keys` of the operation rename.
        return [attrs.evolve(argument, wire=argument.name), attrs.evolve(argument, name=wire, doc=doc)]

    def _argument(self, wire: str, place: str, node: Node, *, required: bool, description: str = "") -> Argument:
        type_ = self.schemas.mapper.type(node, "request")
        doc = self.describer.value(node, own=description, sent=True)
        kind = extensions.ID_OF.of(node)
        if kind:
            objects = self.schemas.objects
            type_, doc = objects.accepting(kind, type_), f"{doc} {objects.kinds[kind].hint}"
        nullable = place in {"query", "body"} and mapping.nullable(self.document, node)
        default = ""
        prefill = extensions.PREFILL.of(node)
        if prefill is not None:
            default = literal(prefill)
        elif nullable and not required:
            type_, default = types.union((type_, types.UNSET)), "UNSET"
        elif not required or extensions.CLIENT_OPTIONAL.of(node):
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

    def _response(self, operation: oai.Operation) -> Type | None:
        responses = {}
        for status, node in operation.responses.items():
            if text(status).startswith("2"):
                for kind, media in (self.document.response(node).content or {}).items():
                    if text(kind) == "application/json" and media.media_type_schema:
                        responses[self.schemas.mapper.type(media.media_type_schema, "response")] = status
        if len(responses) > 1:
            raise GenerationError("its successful responses have different schemas", "give all of them one schema")
        response = next(iter(responses), None)
        if response is not None and not (isinstance(response, Name) and response.source == "models"):
            raise GenerationError(
                "its response needs a name", "move the schema to components.schemas, and write a $ref in the response"
            )
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
        group = extensions.RATE_LIMIT_GROUP.of(operation)
        found += [("rate_limit_group", literal(group))] if group else []
        limits = extensions.MEDIA_LIMITS.of(operation)
        found += [("media_limits", _media_limits(limits))] if limits else []
        found += [("idempotent", "True")] if extensions.IDEMPOTENT.of(operation) else []
        found += [("timeout_profile", literal("upload"))] if sets["files"] else []
        return found

    def _streaming(self, call: Call, stream: Stream) -> list[Call]:
        if stream.event not in self.schemas.classes:
            raise GenerationError(
                f"the event {stream.event} is no schema", "name one of components.schemas, or add it there"
            )
        if bool(stream.field) != bool(stream.method):
            raise GenerationError("field and method of x-stream need each other", "add the one that misses")
        response = Name("models", self.schemas.classes[stream.event])
        settings = (*call.settings, ("kind", literal(stream.kind)))
        note = f"stream of {'server-sent events' if stream.kind == 'sse' else 'JSON lines'}"
        if not stream.field:
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
            path=stream.method,
            sdk=call.sdk and ".".join(stream.method),
            arguments=tuple(argument for argument in call.arguments if argument.wire != stream.field),
            response=response,
            settings=(*settings, ("fixed", literal({stream.field: True}))),
            notes=note,
        )
        # An argument of that name wins over what is fixed.
        call = attrs.evolve(call, settings=(*call.settings, ("fixed", literal({stream.field: False}))))
        return [call, streaming]

    def _paged(self, call: Call, pages: Pages) -> Call:
        if pages.style == "token-page":
            return attrs.evolve(call, notes="one page, by token")
        if not isinstance(call.response, Name):
            raise GenerationError("an operation with x-pagination has a page as response", "add the response")
        page = self._entry(call.response.name)
        items = next((field for field in page.fields if field.wire == pages.items), None)
        item = items and next((n for n in types.names(items.type) if n.name == "list"), None)
        if items is None or item is None:
            raise GenerationError(f"the page has no list {pages.items!r}", "correct `items`")
        found = [("items", literal(items.name)), ("style", literal(pages.style))]
        if pages.style == "token":
            found.append(("token", self._token(page.name, pages.next)))
            parameter = pages.next_parameter or pages.next_body_field
            if not parameter:
                raise GenerationError(
                    "pages by token need next_operation and next_parameter, or next_body_field", "add what misses"
                )
            if pages.next_operation:
                found.append(("next_operation", pages.next_operation))
            found.append(("next_parameter", literal(parameter)))
        kind = "plain" if pages.next_operation else "paged"
        return attrs.evolve(
            call,
            kind=kind,
            cls="PagedOperation",
            item=item.args[0],
            settings=(*call.settings, *found),
            notes="pages by number" if pages.style == "page" else "pages by token",
        )

    def _entry(self, name: str) -> Any:
        return next(entry for entry in self.schemas.entries if entry.name == name)

    def _token(self, page: str, path: str) -> str:
        attributes, entry = [], self._entry(page)
        for part in path.split("."):
            field = next((field for field in entry.fields if field.wire == part), None)
            if field is None:
                raise GenerationError(f"{entry.name} has no {part!r}, which x-pagination names", "correct `next`")
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
                    raise GenerationError(
                        f"next_operation {target!r} is no operation of the same tag", "correct its name", call.place
                    )
                settings = tuple((k, following.const if k == "next_operation" else v) for k, v in call.settings)
                call = attrs.evolve(call, settings=settings)  # noqa: PLW2901
            linked.append(call)
        self.calls = linked


def _media_limits(limits: MediaSizes) -> str:
    """The source of the media limits of an operation."""
    by_kind = {"file": limits.file, "url": limits.url, "base64": limits.base64, "max_seconds": limits.max_seconds}
    arguments = [f"{name}={literal(found)}" for name, found in by_kind.items() if found]
    arguments += [f"min_seconds={limits.min_seconds}"] if limits.min_seconds else []
    return f"MediaLimits({', '.join(arguments)})"


def _check_path(url: str, parameters: list[str]) -> None:
    """Raise unless the placeholders of a path are its parameters."""
    placeholders = re.findall(r"\{([^{}]*)\}", url)
    for name in (*placeholders, *parameters):
        if placeholders.count(name) != 1 or parameters.count(name) != 1:
            raise GenerationError(
                f"{name} must be once in the path, in braces, and once among the path parameters",
                "correct the path, or the parameters",
            )


def _ordered(arguments: list[Argument]) -> list[Argument]:
    """Path arguments, then those that must be given, then the others; names are unique."""
    seen: dict[str, Argument] = {}
    for argument in arguments:
        if argument.name in seen:
            other = seen[argument.name]
            raise GenerationError(
                f"{other.wire} ({other.place}) and {argument.wire} ({argument.place}) "
                f"would both be the argument {argument.name}",
                "rename one; a member of a body may have an x-attribute",
            )
        seen[argument.name] = argument
    return sorted(arguments, key=lambda argument: (argument.place != "path", bool(argument.default)))
