"""The named schemas of the document as what templates print: classes, aliases, unions, TypedDicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from openapi_python_client import schema as oai

from . import inline, mapping, names, types
from .describe import Describer, summary
from .document import Document, Node, description, extension, parts, text
from .errors import GenerationError
from .escape import Doc, literal
from .mapping import Mapper, Use
from .objects import Objects, kinds_of
from .types import Name, Type

if TYPE_CHECKING:
    from collections.abc import Iterable

COMMON = "common"
"""Module of the schemas that tags of different names use."""

CONVERTERS: dict[Type, str] = {
    types.VECTOR: "to_vector",
    types.optional(types.VECTOR): "to_optional_vector",
}
"""Functions that make the value of an attribute of what its class is called with, by type."""


@attrs.frozen
class Field:
    """A field of a model, and a key of its TypedDict.

    Attributes:
        name: Name of the attribute.
        wire: Name in JSON.
        type: Type of the attribute.
        sent: Type of the value in a plain dict.
        default: Source of the default, empty for a field that must be given.
        alias: Other name of the attribute, which is the wire name; empty where there is none.
        metadata: Source of the attrs metadata, empty where the field has its wire name.
        required: Whether a plain dict must have the key.
        hidden: Whether a plain dict does not have the key, because the methods that take its members do not.
        doc: Its line in the docstring.
    """

    name: str
    wire: str
    type: Type
    sent: Type
    default: str
    alias: str
    metadata: str
    required: bool
    hidden: bool
    doc: str

    @property
    def attrs_field(self) -> str:
        """Source of the arguments of `attrs.field`, empty where it has nothing but a default."""
        options = {"converter": CONVERTERS.get(self.type, ""), "metadata": self.metadata}
        given = [f"{name}={source}" for name, source in options.items() if source]
        return ", ".join([f"default={self.default}", *given] if given and self.default else given)

    @property
    def keys(self) -> tuple[str, ...]:
        """Its keys in a plain dict, the wire name first."""
        return (self.wire,) if self.name == self.wire else (self.wire, self.name)


@attrs.frozen
class Entry:
    """A named schema.

    Attributes:
        name: Python name.
        module: Module below `models`.
        kind: What it becomes.
        doc: Docstring.
        fields: Of a model.
        type: Of an alias or union.
        sent: What a plain dict may hold for it; None where it is the alias itself alone.
        discriminator: Of a union: wire name of the member that identifies the variant.
        variants: Of a union: key and name of the variant.
        others: Other public names.
        kinds: Of a model: kinds of object that it describes.
        id_field: Of a model: the field whose value the property `id` returns; None where `id` is a field, or missing.
        mixin: Of a model: the hand-written class that it extends; empty where there is none.
        needs: Python names of the schemas that it mentions.
    """

    name: str
    module: str
    kind: str
    doc: Doc
    fields: tuple[Field, ...] = ()
    type: Type = types.ANY
    sent: Type | None = None
    discriminator: str = ""
    variants: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    id_field: Field | None = None
    mixin: str = ""
    needs: frozenset[str] = frozenset()

    @property
    def aliased(self) -> Field | None:
        """The field that has an alias."""
        return next((field for field in self.fields if field.alias), None)

    @property
    def has_sdk_params(self) -> bool:
        """Whether there is a plain-dict form whose required keys are the names of the official SDK."""
        return any(field.required and field.name != field.wire and not field.hidden for field in self.fields)


class Schemas:
    """All named schemas, and which modules they live in."""

    def __init__(self, document: Document, describer: Describer) -> None:
        self.document = document
        self.describer = describer
        seen: dict[str, str] = {}
        self.classes = {name: mapping.check_name(name, seen) for name in document.schemas}
        self.objects = Objects(document, self.classes)
        self._tags: dict[str, set[str]] = {}
        self._hidden: set[str] = set()
        self._bodies: set[str] = set()
        self._received: set[str] = set()
        self.mapper = Mapper(document, self.classes, self._received)
        self._sent: set[str] = set()
        self._collect()
        self.entries = self._entries()
        self.modules = {entry.name: entry.module for entry in self.entries}

    def by_module(self) -> dict[str, list[Entry]]:
        """The entries of each module: what an entry needs comes before it, aliases after the classes."""
        modules: dict[str, list[Entry]] = {}
        for entry in _sorted(self.entries):
            modules.setdefault(entry.module, []).append(entry)
        return dict(sorted(modules.items()))

    def is_sent(self, name: str) -> bool:
        """Whether an entry is part of a request, so that it has a TypedDict or alias for plain values."""
        return name in self._sent_names

    def _collect(self) -> None:
        for _, _, operation, parameters in self.document.operations():
            tag = module_of(operation)
            sent = [parameter.param_schema for parameter in parameters]
            if operation.request_body:
                content = self.document.body(operation.request_body).content or {}
                bodies = [media.media_type_schema for media in content.values()]
                sent += bodies
                named = [self.document.schema_name(node) for node in bodies if isinstance(node, oai.Reference)]
                self._bodies |= set(named)
                stream = extension(operation, "x-stream") or {}
                if not stream.get("argument"):
                    self._hidden |= {f"{name}.{stream.get('field')}" for name in named}
            self._reach((node for node in sent if node), tag, self._sent)
            responses = [self.document.response(node) for node in operation.responses.values()]
            media = [media for response in responses for media in (response.content or {}).values()]
            self._reach((item.media_type_schema for item in media if item.media_type_schema), tag, self._received)
        for operation in self.document.webhooks():
            content = self.document.body(operation.request_body).content or {} if operation.request_body else {}
            nodes = (media.media_type_schema for media in content.values() if media.media_type_schema)
            self._reach(nodes, module_of(operation), self._received)
        self._sent_names = {self.classes[name] for name in self._sent}

    def _reach(self, nodes: Iterable[Node], tag: str, reached: set[str]) -> None:
        pending, seen = list(nodes), set[str]()
        while pending:
            node = pending.pop()
            if isinstance(node, oai.Reference):
                name = self.document.schema_name(node)
                if name in seen:
                    continue
                seen.add(name)
                self._tags.setdefault(name, set()).add(tag)
                reached.add(name)
                node = self.document.schema(node)
            pending += parts(node)

    def _entries(self) -> list[Entry]:
        made = [self._entry(name) for name in self.document.schemas]
        made += self._inline({entry.name: entry.module for entry in made})
        public: dict[str, str] = {}
        for entry in made:
            for name in (entry.name, *entry.others):
                if name in public:
                    raise GenerationError(f"The name {name} belongs to both {public[name]} and {entry.name}")
                public[name] = entry.name
        rules: dict[frozenset[Type], str] = {}
        for entry in made:
            if entry.kind == "union":
                members = frozenset(entry.type.members) if isinstance(entry.type, types.Union) else frozenset()
                if members in rules:
                    raise GenerationError(f"Unions {rules[members]} and {entry.name} have the same variants")
                rules[members] = entry.name
        return made

    def _inline(self, modules: dict[str, str]) -> list[Entry]:
        """Aliases of types that have no name in the document, but one in the official SDK."""
        named: dict[str, Entry] = {}
        for place in inline.places(self.document):
            module = module_of(place.operation) if place.operation else modules[self.classes[place.schema]]
            name, *others = (_other(place.where, other) for other in extension(place.node, "x-sdk-names"))
            if name in named and named[name].module != module:
                module = self._home({module, named[name].module})
            found = self.mapper.anonymous(place.node, "response", place.where)
            type_ = types.union(member for member in self._flat(found) if member != types.NONE)
            doc, needs = Doc(f"Type of `{place.where}`."), _needs([type_])
            named[name] = Entry(name, module, "alias", doc, type=type_, others=tuple(others), needs=needs)
        return list(named.values())

    def _home(self, tags: set[str]) -> str:
        """The module of a schema that some tags use: that of a tag with whose name theirs begin; little is loaded then.

        What it refers to is used by at least as many tags, so that no two modules import each other.
        """
        known = set[str]().union(*self._tags.values())
        words = min(tags, default="").split("_")
        homes = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
        return next((home for home in homes if home in known and _all_begin_with(home, tags)), COMMON)

    def _entry(self, name: str) -> Entry:
        schema = self.document.schema(self.document.schemas[name])
        if isinstance(self.document.schemas[name], oai.Reference):
            raise GenerationError(f"Schema {name} is another name for a schema; use x-sdk-names there instead")
        tags = self._tags.get(name, set())
        use: Use = "response" if name in self._received or name not in self._sent else "wide"
        entry = Entry(
            name=self.classes[name],
            module=self._home(tags),
            kind="model",
            doc=self._doc(name, schema),
            others=tuple(_other(name, other) for other in extension(schema, "x-sdk-names", ()) or ()),
        )
        if mapping.is_model(schema):
            fields = self._fields(name, schema, use)
            mixin = _mixin(name, schema)
            entry = attrs.evolve(entry, fields=fields, mixin=mixin, needs=_needs(field.type for field in fields))
            return _identified(name, schema, entry)
        if mapping.is_tagged(self.document, schema):
            return self._union(name, schema, entry)
        type_ = self.mapper.anonymous(schema, use, name)
        sent = None if mapping.values(schema) else self.mapper.anonymous(schema, "request", name)
        return attrs.evolve(entry, kind="alias", type=type_, sent=sent, needs=_needs([type_]))

    def _doc(self, name: str, schema: oai.Schema) -> Doc:
        prose = self.describer.prose(description(schema))
        first, _, rest = prose.partition("\n\n")
        paragraphs = [rest] if rest else []
        paragraphs += [" ".join(self.describer.rules(schema))]
        if schema.deprecated:
            paragraphs.append("Legacy: in older versions of the API only.")
        return Doc(summary(first, f"Schema `{name}` of the API"), tuple(part for part in paragraphs if part))

    def _fields(self, name: str, schema: oai.Schema, use: Use) -> tuple[Field, ...]:
        required = {text(key) for key in schema.required or ()}
        members = {text(key): node for key, node in (schema.properties or {}).items()}
        if missing := sorted(required - members.keys()):
            raise GenerationError(f"{name}: required names {', '.join(missing)}, which it does not have")
        fields: dict[str, Field] = {}
        for wire, node in members.items():
            field = self._field(f"{name}.{wire}", wire, node, use, required=wire in required)
            if field.name in fields:
                raise GenerationError(f"{name}: {fields[field.name].wire} and {wire} would both be called {field.name}")
            fields[field.name] = field
        names_of_all = [name for field in fields.values() for name in {field.name, field.alias} if name]
        if len(set(names_of_all)) < len(names_of_all) or sum(bool(field.alias) for field in fields.values()) > 1:
            raise GenerationError(f"{name}: at most one member has x-wire-attribute, and no other has that name")
        return tuple(fields.values())

    def _field(self, where: str, wire: str, node: Node, use: Use, *, required: bool) -> Field:
        schema = self.document.schema(node)
        if extension(node, "x-id-of") and where.partition(".")[0] not in self._bodies:
            raise GenerationError(f"{where}: x-id-of is for arguments: parameters, and members of a body")
        attribute = names.member(wire, extension(node, "x-attribute"), where)
        type_ = self.mapper.type(node, use, where)
        prefill = extension(node, "x-prefill")
        if prefill is None and required:
            prefill = schema.const
        nullable, default = mapping.nullable(self.document, node), ""
        if prefill is not None:
            default = literal(prefill)
        elif not required and nullable and use == "wide":
            type_, default = types.union((*self._flat(type_), types.UNSET)), "UNSET"
        elif not required:
            type_, default = types.optional(type_), "None"
        accepted = tuple(str(other) for other in extension(node, "x-accept", ()) or ())
        entries = [f'"wire": {literal(wire)}'] if wire != attribute else []
        alias = names.wire_attribute(wire, attribute, where) if extension(node, "x-wire-attribute") else ""
        doc = self.describer.value(node, sent=use == "wide")
        if accepted:
            entries.append(f'"accept": ({", ".join(literal(other) for other in accepted)},)')
        return Field(
            name=attribute,
            wire=wire,
            type=type_,
            sent=self.mapper.type(node, "request", where),
            default=default,
            alias=alias,
            metadata=f"{{{', '.join(entries)}}}" if entries else "",
            required=required,
            hidden=where in self._hidden,
            doc=f"{doc} Also available as `{alias}`." if alias else doc,
        )

    @staticmethod
    def _flat(type_: Type) -> tuple[Type, ...]:
        return type_.members if isinstance(type_, types.Union) else (type_,)

    def _union(self, name: str, schema: oai.Schema, entry: Entry) -> Entry:
        nodes = [*schema.oneOf, *schema.anyOf]
        if not all(isinstance(node, oai.Reference) for node in nodes):
            raise GenerationError(f"{name}: every variant of a union needs a name below components.schemas")
        listed = [self.document.schema_name(node) for node in nodes if isinstance(node, oai.Reference)]
        pick = extension(schema, "x-pick") or {}
        discriminator, variants = "", list[tuple[str, str]]()
        if schema.discriminator:
            discriminator = text(schema.discriminator.propertyName)
            for key, target in (schema.discriminator.mapping or {}).items():
                variants.append((text(key), text(target).rpartition("/")[2]))
        else:
            variants = [(str(member), variant) for variant, member in pick.items()]
        if {variant for _, variant in variants} != set(listed):
            raise GenerationError(f"{name}: the discriminator mapping or x-pick must name each variant, and no other")
        members = [Name("models", self.classes[variant]) for variant in listed]
        wide = [plain for variant in listed for plain in self.mapper.plain(variant)]
        return attrs.evolve(
            entry,
            kind="union",
            type=types.union([*members, types.UNKNOWN]),
            sent=types.union(wide),
            discriminator=discriminator,
            variants=tuple((key, self.classes[variant]) for key, variant in variants),
            needs=frozenset(self.classes[variant] for variant in listed),
        )


def _identified(name: str, schema: oai.Schema, entry: Entry) -> Entry:
    """The entry of a model with its id, and with the kinds of object that it describes."""
    kinds, member = kinds_of(schema, name), extension(schema, "x-id")
    own = next((field for field in entry.fields if field.name == "id"), None)
    field = own if member is None else next((field for field in entry.fields if field.wire == member), None)
    if member is not None and (own is not None or field is None):
        raise GenerationError(f"{name}: x-id names a member of a schema that has no id: {member!r} does not")
    if kinds and (field is None or field.default or field.type != types.STR):
        raise GenerationError(f"{name}: an x-object has an id, which is a required string")
    return attrs.evolve(entry, kinds=kinds, id_field=None if member is None else field)


def _mixin(name: str, schema: oai.Schema) -> str:
    """The hand-written class that a model extends."""
    mixin = str(extension(schema, "x-mixin", ""))
    if mixin and mixin != names.class_name(mixin):
        raise GenerationError(f"{name}: x-mixin has {mixin!r}, which cannot be the name of a class")
    return mixin


def module_of(operation: oai.Operation) -> str:
    """Module of the operation's first tag."""
    if not operation.tags:
        raise GenerationError(f"Operation {text(operation.operationId)} has no tag")
    return names.module(text(operation.tags[0]))


def _needs(listed: Iterable[Type]) -> frozenset[str]:
    return frozenset(name.name for type_ in listed for name in types.names(type_) if name.source == "models")


def _all_begin_with(words: str, tags: Iterable[str]) -> bool:
    return all(f"{tag}_".startswith(f"{words}_") for tag in tags)


def _other(name: str, other: object) -> str:
    result = str(other)
    if not result.isidentifier() or not result.isascii() or not result[0].isupper():
        raise GenerationError(f"{name}: x-sdk-names has {result!r}, which cannot be the name of a class")
    return result


def _sorted(entries: list[Entry]) -> list[Entry]:
    """Dependencies first. Classes may refer to each other in a cycle; aliases are evaluated, so they come last."""
    by_name = {entry.name: entry for entry in entries}
    ordered: dict[str, Entry] = {}
    visiting: set[str] = set()

    def visit(entry: Entry) -> None:
        if entry.name in ordered or entry.name in visiting:
            return
        visiting.add(entry.name)
        for needed in sorted(entry.needs):
            visit(by_name[needed])
        ordered[entry.name] = entry

    for entry in sorted(entries, key=lambda entry: entry.name):
        visit(entry)
    found = list(ordered.values())
    classes = [entry for entry in found if entry.kind == "model"]
    return classes + _aliases([entry for entry in found if entry.kind != "model"])


def _aliases(entries: list[Entry]) -> list[Entry]:
    by_name, ordered = {entry.name: entry for entry in entries}, dict[str, Entry]()

    def visit(entry: Entry) -> None:
        for needed in sorted(entry.needs & by_name.keys()):
            visit(by_name[needed])
        ordered[entry.name] = entry

    for entry in entries:
        visit(entry)
    return list(ordered.values())
