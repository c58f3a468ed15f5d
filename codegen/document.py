"""The document: its parts as objects, where they stand, and what their references name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from . import keywords
from .errors import GenerationError
from .parser import Complaint, UntrustedString, oai, parse
from .source import Source, escaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Node = oai.Schema | oai.Reference

T = TypeVar("T", oai.Response, oai.Parameter, oai.RequestBody)


def text(value: UntrustedString | str | None) -> str:
    """The raw text. It stays untrusted: only `escape` and `names` may bring it into a generated file."""
    return value.get_untrusted_value() if isinstance(value, UntrustedString) else value or ""


def beside(reference: oai.Reference, keyword: str) -> Any:
    """What stands at a keyword beside a reference, which the parser does not model."""
    return (reference.model_extra or {}).get(keyword)


def description(node: Any) -> str:
    """The description of a node, or beside a reference."""
    return text(beside(node, "description") if isinstance(node, oai.Reference) else node.description)


def parts(schema: oai.Schema) -> list[Node]:
    """The schemas directly inside a schema."""
    inner: list[Node] = [*schema.anyOf, *schema.oneOf, *(schema.properties or {}).values()]
    inner += [schema.items] if schema.items else []
    rest = schema.additionalProperties
    return inner + ([rest] if isinstance(rest, oai.Schema | oai.Reference) else [])


class Document:
    """The parsed document.

    Attributes:
        parsed: What the parser made of it.
        schemas: `components.schemas` by name.
        version: Version of the API.
    """

    def __init__(self, path: Path, output: Path) -> None:
        self._source = Source(path)
        keywords.check(self._source)
        parsed = parse(self._source.content, path, output)
        if isinstance(parsed, Complaint):
            raise self._misunderstood(parsed)
        self.parsed = parsed
        components = parsed.api.components
        schemas = (components and components.schemas) or {}
        self.schemas = {text(name): node for name, node in schemas.items() if isinstance(node, oai.Schema)}
        self._responses = {text(k): v for k, v in ((components and components.responses) or {}).items()}
        self._parameters = {text(k): v for k, v in ((components and components.parameters) or {}).items()}
        self._bodies = {text(k): v for k, v in ((components and components.requestBodies) or {}).items()}
        self.version = text(parsed.api.info.version)
        for name in self.schemas:
            self._check_cycle(name, ())

    @contextmanager
    def at(self, node: Any, *keys: str) -> Iterator[None]:
        """Add the place of a node, or of something in it, to an error that has no place yet."""
        try:
            yield
        except GenerationError as error:
            error.place = error.place or self.place(node, *keys)
            raise

    def place(self, node: Any, *keys: str) -> str:
        """Where a node is, or something in it, for messages."""
        return self._source.place("/".join((str(node.model_extra[keywords.POINTER]), *map(escaped, keys))))

    def check_understood(self) -> None:
        """Raise if the parser would have left a part of the document out of its client."""
        for complaint in self.parsed.complaints[:1]:  # the first one is often the cause of the others
            raise self._misunderstood(complaint)

    def _misunderstood(self, complaint: Complaint) -> GenerationError:
        """The error of a complaint, at the innermost part of the document that it names."""
        pointer = str((getattr(complaint.node, "model_extra", None) or {}).get(keywords.POINTER, ""))
        found: Any = self._source.content
        for key in complaint.path:
            if isinstance(found, dict) and key in found:
                found, pointer = found[key], f"{pointer}/{escaped(str(key))}"
            elif isinstance(found, list) and isinstance(key, int) and key < len(found):
                found, pointer = found[key], f"{pointer}/{key}"
        return GenerationError(
            f"openapi-python-client does not understand this: {complaint.text}",
            "write it as OpenAPI 3.1 and openapi/README.md say",
            self._source.place(pointer),
        )

    def operations(self) -> list[tuple[str, str, oai.Operation, list[oai.Parameter]]]:
        """Every operation in the order of the document: method, path, operation, parameters."""
        found = []
        for path, item in self.parsed.api.paths.items():
            for method in keywords.METHODS:
                operation = getattr(item, method)
                if operation is not None:
                    own = [self.parameter(node) for node in operation.parameters or []]
                    seen = {(text(parameter.name), parameter.param_in) for parameter in own}
                    shared = [self.parameter(node) for node in item.parameters or []]
                    own += [p for p in shared if (text(p.name), p.param_in) not in seen]
                    found.append((method.upper(), text(path), operation, own))
        return found

    def webhooks(self) -> list[oai.Operation]:
        """Operations that the platform calls."""
        items = self.parsed.webhooks
        return [found for item in items for method in keywords.METHODS if (found := getattr(item, method)) is not None]

    def schema_name(self, reference: oai.Reference) -> str:
        """Name of the schema that a reference points to."""
        return self._name(reference, "schemas", self.schemas)

    def schema(self, node: Node) -> oai.Schema:
        """The schema itself, references followed."""
        while isinstance(node, oai.Reference):
            node = self.schemas[self.schema_name(node)]
        return node

    def _check_cycle(self, name: str, above: tuple[str, ...]) -> None:
        """Raise if a schema contains itself without an object with members in between, which would be a class."""
        if name in above:
            raise GenerationError(
                f"schema {name} contains itself, with no object with members in between",
                "remove the reference, or put it in a member of an object",
                self.place(self.schemas[name]),
            )
        pending: list[Node] = [self.schemas[name]]
        while pending:
            node = pending.pop()
            if isinstance(node, oai.Reference):
                self._check_cycle(self.schema_name(node), (*above, name))
            elif not node.properties:
                pending += parts(node)

    def response(self, node: oai.Response | oai.Reference) -> oai.Response:
        """The response itself."""
        return self._follow(node, oai.Response, "responses", self._responses)

    def parameter(self, node: oai.Parameter | oai.Reference) -> oai.Parameter:
        """The parameter itself."""
        return self._follow(node, oai.Parameter, "parameters", self._parameters)

    def body(self, node: oai.RequestBody | oai.Reference) -> oai.RequestBody:
        """The request body itself."""
        return self._follow(node, oai.RequestBody, "requestBodies", self._bodies)

    def _follow(
        self, node: oai.Reference | T, kind: type[T], section: str, components: Mapping[str, oai.Reference | T]
    ) -> T:
        """The entry that a reference names, or the node itself."""
        found = components[self._name(node, section, components)] if isinstance(node, oai.Reference) else node
        if not isinstance(found, kind):
            raise GenerationError(
                f"components.{section} has a reference where an entry is needed",
                "write the entry itself, and refer to it alone",
                self.place(found),
            )
        return found

    def _name(self, reference: oai.Reference, section: str, components: Mapping[str, object]) -> str:
        raw = reference.ref.get_untrusted_value()
        prefix, _, name = raw.rpartition("/")
        if prefix != f"#/components/{section}" or name not in components:
            raise GenerationError(
                f"{raw} does not name an entry of components.{section}",
                "correct the name, or add the entry",
                self.place(reference, "$ref"),
            )
        return name
