"""The named schemas of the document as what templates print: classes, aliases, unions, TypedDicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from . import extensions, inline, mapping, names, types
from .describe import Describer, summary
from .document import Document, Node, description, parts, text
from .errors import GenerationError
from .escape import Doc, literal
from .mapping import Mapper, Use
from .objects import Objects
from .parser import oai
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
        place: Where it is in the document, for messages.
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
    place: str = ""

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
        self.classes = mapping.class_names(document)
        self.objects = Objects(document, self.classes)
        self._tags: dict[str, set[str]] = {}
        self._hidden: set[tuple[str, str]] = set()
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
            with self.document.at(operation):
                tag = module_of(operation)
            sent = [parameter.param_schema for parameter in parameters]
            if operation.request_body:
                content = self.document.body(operation.request_body).content or {}
                bodies = [media.media_type_schema for media in content.values()]
                sent += bodies
                stream = extensions.STREAM.of(operation)
                if stream and not stream.argument:
                    named = [self.document.schema_name(node) for node in bodies if isinstance(node, oai.Reference)]
                    self._hidden |= {(name, stream.field) for name in named}
            self._reach((node for node in sent if node), tag, self._sent)
            responses = [self.document.response(node) for node in operation.responses.values()]
            media = [media for response in responses for media in (response.content or {}).values()]
            self._reach((item.media_type_schema for item in media if item.media_type_schema), tag, self._received)
        for operation in self.document.webhooks():
            content = self.document.body(operation.request_body).content or {} if operation.request_body else {}
            nodes = (media.media_type_schema for media in content.values() if media.media_type_schema)
            with self.document.at(operation):
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
        made = []
        for name, node in self.document.schemas.items():
            with self.document.at(node):
                made.append(self._entry(name, node))
        made += self._inline({entry.name: entry.module for entry in made})
        public: dict[str, str] = {}
        for entry in made:
            for name in (entry.name, *entry.others):
                if name in public:
                    raise GenerationError(
                        f"the name {name} belongs to both {public[name]} and {entry.name}",
                        "rename one, or remove it from x-sdk-names",
                        entry.place,
                    )
                public[name] = entry.name
        rules: dict[frozenset[Type], str] = {}
        for entry in made:
            if entry.kind == "union":
                members = frozenset(entry.type.members) if isinstance(entry.type, types.Union) else frozenset()
                if members in rules:
                    raise GenerationError(
                        f"unions {rules[members]} and {entry.name} have the same variants",
                        "use one of them in both places",
                        entry.place,
                    )
                rules[members] = entry.name
        return made

    def _inline(self, modules: dict[str, str]) -> list[Entry]:
        """Aliases of types that have no name in the document, but one in the official SDK."""
        named: dict[str, Entry] = {}
        for place in inline.places(self.document):
            module = module_of(place.operation) if place.operation else modules[self.classes[place.schema]]
            name, *others = extensions.SDK_NAMES.of(place.node)
            if name in named and named[name].module != module:
                module = self._home({module, named[name].module})
            found = self.mapper.anonymous(place.node, "response")
            type_ = types.union(member for member in self._flat(found) if member != types.NONE)
            doc, needs = Doc(f"Type of `{place.where}`."), _needs([type_])
            at = self.document.place(place.node)
            named[name] = Entry(name, module, "alias", doc, type=type_, others=tuple(others), needs=needs, place=at)
        return list(named.values())

    def _home(self, tags: set[str]) -> str:
        """The module of a schema that some tags use: that of a tag with whose name theirs begin; little is loaded then.

        What it refers to is used by at least as many tags, so that no two modules import each other.
        """
        known = set[str]().union(*self._tags.values())
        words = min(tags, default="").split("_")
        homes = ["_".join(words[:count]) for count in range(len(words), 0, -1)]
        return next((home for home in homes if home in known and _all_begin_with(home, tags)), COMMON)

    def _entry(self, name: str, schema: oai.Schema) -> Entry:
        tags = self._tags.get(name, set())
        use: Use = "response" if name in self._received or name not in self._sent else "wide"
        entry = Entry(
            name=self.classes[name],
            module=self._home(tags),
            kind="model",
            doc=self._doc(name, schema),
            others=extensions.SDK_NAMES.of(schema),
            place=self.document.place(schema),
        )
        if mapping.is_model(schema):
            fields = self._fields(name, schema, use)
            mixin = extensions.MIXIN.of(schema)
            entry = attrs.evolve(entry, fields=fields, mixin=mixin, needs=_needs(field.type for field in fields))
            return _identified(schema, entry)
        if mapping.is_tagged(self.document, schema):
            return self._union(schema, entry)
        type_ = self.mapper.anonymous(schema, use)
        sent = None if mapping.values(schema) else self.mapper.anonymous(schema, "request")
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
            raise GenerationError(
                f"required names {', '.join(missing)}, which is no member", "add the member, or correct `required`"
            )
        fields: dict[str, Field] = {}
        for wire, node in members.items():
            with self.document.at(node):
                field = self._field(name, wire, node, use, required=wire in required)
                if field.name in fields:
                    raise GenerationError(
                        f"{fields[field.name].wire} and {wire} would both be called {field.name}",
                        "give one of them an x-attribute",
                    )
            fields[field.name] = field
        names_of_all = [name for field in fields.values() for name in {field.name, field.alias} if name]
        if len(set(names_of_all)) < len(names_of_all) or sum(bool(field.alias) for field in fields.values()) > 1:
            raise GenerationError(
                "at most one member has x-wire-attribute, and no other has that name",
                "remove x-wire-attribute, or give the other member an x-attribute",
            )
        return tuple(fields.values())

    def _field(self, holder: str, wire: str, node: Node, use: Use, *, required: bool) -> Field:
        schema = self.document.schema(node)
        attribute = mapping.attribute_name(wire, node)
        type_ = self.mapper.type(node, use)
        prefill = extensions.PREFILL.of(node)
        if prefill is None and required:
            prefill = schema.const
        nullable, default = mapping.nullable(self.document, node), ""
        if prefill is not None:
            default = literal(prefill)
        elif not required and nullable and use == "wide":
            type_, default = types.union((*self._flat(type_), types.UNSET)), "UNSET"
        elif not required:
            type_, default = types.optional(type_), "None"
        accepted = extensions.ACCEPT.of(node)
        entries = [f'"wire": {literal(wire)}'] if wire != attribute else []
        alias = wire_attribute(wire, attribute) if extensions.WIRE_ATTRIBUTE.of(node) else ""
        doc = self.describer.value(node, sent=use == "wide")
        if accepted:
            entries.append(f'"accept": ({", ".join(literal(other) for other in accepted)},)')
        return Field(
            name=attribute,
            wire=wire,
            type=type_,
            sent=self.mapper.type(node, "request"),
            default=default,
            alias=alias,
            metadata=f"{{{', '.join(entries)}}}" if entries else "",
            required=required,
            hidden=(holder, wire) in self._hidden,
            doc=f"{doc} Also available as `{alias}`." if alias else doc,
        )

    @staticmethod
    def _flat(type_: Type) -> tuple[Type, ...]:
        return type_.members if isinstance(type_, types.Union) else (type_,)

    def _union(self, schema: oai.Schema, entry: Entry) -> Entry:
        nodes = [*schema.oneOf, *schema.anyOf]
        for node in nodes:
            if not isinstance(node, oai.Reference):
                raise GenerationError(
                    "every variant of a union of models needs a name",
                    "move it to components.schemas, and write a $ref here",
                    self.document.place(node),
                )
        listed = [self.document.schema_name(node) for node in nodes if isinstance(node, oai.Reference)]
        discriminator, variants = "", list[tuple[str, str]]()
        if schema.discriminator:
            discriminator = text(schema.discriminator.propertyName)
            for key, target in (schema.discriminator.mapping or {}).items():
                variants.append((text(key), text(target).rpartition("/")[2]))
        else:
            variants = [(member, variant) for variant, member in extensions.PICK.of(schema).items()]
        if {variant for _, variant in variants} != set(listed):
            raise GenerationError(
                "the discriminator mapping or x-pick must name each variant, and no other",
                f"name {', '.join(listed)}",
            )
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


def _identified(schema: oai.Schema, entry: Entry) -> Entry:
    """The entry of a model with its id, and with the kinds of object that it describes."""
    kinds, member = extensions.OBJECT.of(schema), extensions.ID.of(schema)
    own = next((field for field in entry.fields if field.name == "id"), None)
    field = next((field for field in entry.fields if field.wire == member), None) if member else own
    if member and (own is not None or field is None):
        raise GenerationError(
            f"x-id names a member of a schema that has no id: {member!r} does not", "name a member, or remove x-id"
        )
    if kinds and (field is None or field.default or field.type != types.STR):
        raise GenerationError(
            "an x-object has an id, which is a required string", "add it, name it by x-id, or remove x-object"
        )
    return attrs.evolve(entry, kinds=kinds, id_field=field if member else None)


def wire_attribute(wire: str, given_name: str) -> str:
    """The wire name as a second name of an attribute or argument."""
    if wire == given_name or not names.is_attribute(wire):
        raise GenerationError(
            f"x-wire-attribute needs another name in Python, and a wire name that Python accepts, not {wire!r}",
            "remove x-wire-attribute",
        )
    return wire


def module_of(operation: oai.Operation) -> str:
    """Module of the operation's first tag."""
    return names.module(text((operation.tags or [])[0]))  # the document has been checked: there is a tag


def _needs(listed: Iterable[Type]) -> frozenset[str]:
    return frozenset(name.name for type_ in listed for name in types.names(type_) if name.source == "models")


def _all_begin_with(words: str, tags: Iterable[str]) -> bool:
    return all(f"{tag}_".startswith(f"{words}_") for tag in tags)


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
