"""Reads the OpenAPI document with openapi-python-client and provides access to its raw objects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from openapi_python_client import _get_document
from openapi_python_client import schema as oai
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.schema.untrusted_string import UntrustedString

from .errors import GenerationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Node = oai.Schema | oai.Reference

T = TypeVar("T", oai.Response, oai.Parameter, oai.RequestBody)

_STREAMS = {"application/x-ndjson": "application/json", "application/jsonl": "application/json"}
"""Bodies of streams, which openapi-python-client does not support: one event is JSON."""

_METHODS = ("get", "put", "post", "patch", "delete")

_OTHER_METHODS = ("head", "options", "trace")

EXTENSIONS = frozenset(
    {
        "x-accept",
        "x-attribute",
        "x-client-optional",
        "x-id",
        "x-id-of",
        "x-json-encoded",
        "x-legacy-values",
        "x-lifecycle",
        "x-max-tokens",
        "x-media-limits",
        "x-method",
        "x-mixin",
        "x-object",
        "x-open-enum",
        "x-open-in-requests",
        "x-open-union",
        "x-pagination",
        "x-pick",
        "x-prefill",
        "x-rate-limit-group",
        "x-idempotent",
        "x-rules",
        "x-sdk-method",
        "x-sdk-names",
        "x-stream",
        "x-successor",
        "x-unique-by",
        "x-wait",
        "x-wire-attribute",
    }
)
"""Extensions that openapi/README.md defines. Any other one is a typing error, whose meaning would be lost."""

_FREE = frozenset({"properties", "headers", "mapping", "default", "example", "examples", "enum", "const"})
"""Members whose own members are names or values, not keywords."""


def text(value: UntrustedString | str | None) -> str:
    """The raw text. It stays untrusted: only `escape` and `names` may bring it into a generated file."""
    return value.get_untrusted_value() if isinstance(value, UntrustedString) else value or ""


def extension(node: Any, name: str, default: Any = None) -> Any:
    """The value of an `x-` extension, or of any other member that the parser does not model."""
    return (node.model_extra or {}).get(name, default)


def description(node: Any) -> str:
    """The description of a node; beside a reference it is a member that the parser does not model."""
    return text(extension(node, "description") if isinstance(node, oai.Reference) else node.description)


def parts(schema: Node) -> list[Node]:
    """The schemas directly inside a schema."""
    if isinstance(schema, oai.Reference):
        return [schema]
    inner: list[Node] = [*schema.anyOf, *schema.oneOf, *schema.allOf, *(schema.properties or {}).values()]
    inner += [schema.items] if schema.items else []
    rest = schema.additionalProperties
    return inner + ([rest] if isinstance(rest, oai.Schema | oai.Reference) else [])


class Document:
    """The parsed document.

    Attributes:
        config: Settings of openapi-python-client.
        data: The parse result of openapi-python-client, with its warnings.
        api: The raw objects, with their extensions.
        schemas: `components.schemas` by name.
        version: Version of the API.
    """

    def __init__(self, source: Path, output: Path) -> None:
        self.config = Config.from_sources(
            ConfigFile(literal_enums=True, post_hooks=[], content_type_overrides=dict(_STREAMS)),
            MetaType.NONE,
            source,
            "utf-8",
            overwrite=True,
            output_path=output,
        )
        try:
            raw = _get_document(source=source, timeout=0)
        except OSError as error:
            raise GenerationError(f"{source} cannot be read: {error.strerror}") from error
        data = raw if isinstance(raw, GeneratorError) else GeneratorData.from_dict(raw, config=self.config)
        if isinstance(data, GeneratorError):
            raise GenerationError(f"{source}: {data.header} {data.detail or ''}".strip())
        _check_extensions(raw, "")
        self.data = data
        self.api = oai.OpenAPI.model_validate(raw)
        components = self.api.components
        self.schemas: dict[str, Node] = {text(k): v for k, v in ((components and components.schemas) or {}).items()}
        self._responses = {text(k): v for k, v in ((components and components.responses) or {}).items()}
        self._parameters = {text(k): v for k, v in ((components and components.parameters) or {}).items()}
        self._bodies = {text(k): v for k, v in ((components and components.requestBodies) or {}).items()}
        self.version = text(self.api.info.version)
        for name in self.schemas:
            self._check_cycle(name, ())

    def operations(self) -> list[tuple[str, str, oai.Operation, list[oai.Parameter]]]:
        """Every operation in the order of the document: method, path, operation, parameters."""
        found = []
        for path, item in self.api.paths.items():
            if any(getattr(item, method) is not None for method in _OTHER_METHODS):
                raise GenerationError(f"{text(path)}: only {', '.join(_METHODS)} are supported")
            for method in _METHODS:
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
        raw = extension(self.api, "webhooks", {}) or {}
        items = [oai.PathItem.model_validate(item) for item in raw.values()]
        return [operation for item in items for method in _METHODS if (operation := getattr(item, method)) is not None]

    def schema_name(self, reference: oai.Reference) -> str:
        """Name of the schema that a reference points to."""
        return _name(reference, "schemas", self.schemas)

    def schema(self, node: Node) -> oai.Schema:
        """The schema itself, references followed."""
        while isinstance(node, oai.Reference):
            node = self.schemas[self.schema_name(node)]
        return node

    def _check_cycle(self, name: str, above: tuple[str, ...]) -> None:
        """Raise if a schema contains itself without an object with members in between, which would be a class."""
        if name in above:
            raise GenerationError(f"Schema {name} contains itself, with no object with members in between")
        pending = [self.schemas[name]]
        while pending:
            node = pending.pop()
            if isinstance(node, oai.Reference):
                self._check_cycle(self.schema_name(node), (*above, name))
            elif not node.properties:
                pending += parts(node)

    def response(self, node: oai.Response | oai.Reference) -> oai.Response:
        """The response itself."""
        return _follow(node, oai.Response, "responses", self._responses)

    def parameter(self, node: oai.Parameter | oai.Reference) -> oai.Parameter:
        """The parameter itself."""
        return _follow(node, oai.Parameter, "parameters", self._parameters)

    def body(self, node: oai.RequestBody | oai.Reference) -> oai.RequestBody:
        """The request body itself."""
        return _follow(node, oai.RequestBody, "requestBodies", self._bodies)


def _check_extensions(node: Any, where: str) -> None:
    """Raise if the document uses an undefined extension."""
    if isinstance(node, list):
        for at, inner in enumerate(node):
            _check_extensions(inner, f"{where}[{at}]")
    elif isinstance(node, dict):
        free = where.rpartition("/")[2] in _FREE
        for key, inner in node.items():
            name = str(key)
            if not name.startswith("x-") or free:
                _check_extensions(inner, f"{where}/{name}")
            elif name not in EXTENSIONS:
                raise GenerationError(f"{where.removeprefix('/')}: openapi/README.md defines no extension {name}")


def _follow(node: oai.Reference | T, kind: type[T], section: str, components: Mapping[str, oai.Reference | T]) -> T:
    """The entry that a reference names, or the node itself."""
    found = components[_name(node, section, components)] if isinstance(node, oai.Reference) else node
    if not isinstance(found, kind):
        raise GenerationError(f"components.{section} has a reference where an entry is needed")
    return found


def _name(reference: oai.Reference, section: str, components: Mapping[str, object]) -> str:
    raw = reference.ref.get_untrusted_value()
    prefix, _, name = raw.rpartition("/")
    if prefix != f"#/components/{section}" or name not in components:
        raise GenerationError(f"{raw} does not name an entry of components.{section}")
    return name
