"""Renders the templates: the files of the client, and the table of operations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from . import escape, names, schemas, tree, waits
from .describe import Describer
from .document import Document, text
from .escape import Doc
from .mapping import SDK_PARAMS
from .operations import Operations
from .schemas import Entry, Schemas
from .types import ANY, NONE, Name, Scope, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .calls import Call
    from .tree import Node

_TEMPLATES = Path(__file__).parent / "templates"

_RUNTIME = {
    "UNSET": "_codec.model",
    "UncheckedStr": "_codec.model",
    "Unset": "_codec.model",
    "UnknownVariant": "_codec.model",
    "FileInput": "_request.files",
    "UploadResult": "uploads.values",
    "Callback": "waiters.rules",
    "Outcome": "waiters.many",
    "Outcomes": "waiters.many",
    "Vector": "vectors",
}
"""Names of the hand-written runtime that types mention, and their modules."""

_STANDARD = frozenset({"builtins", "typing", "datetime", "collections.abc"})


# What the templates may write, beside the types that are remembered. Ruff removes what a file does not use.

_OF_MODELS = (
    "from collections.abc import Mapping",
    "from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, overload",
    "import attrs",
    "from ..._codec.model import UNSET, Model, UnionRule, register_union, with_alias",
    f"from ...vectors import {', '.join(schemas.CONVERTERS.values())}",
)

_OF_PARAMS = ("from typing import NotRequired, Required, TypeAlias, TypedDict",)

_OF_OPERATIONS = (
    "from typing import TYPE_CHECKING, overload",
    "from ..._codec.model import UNSET",
    "from ..._deprecation import coroutine_function, deprecated",
    "from ..._request.operation import MediaLimits, Operation, Outdated, PagedOperation, StreamOperation, TypeRef",
    "from ..._resource import Resource",
    "from ..._waiting import WaitList, WaitOperation",
    "from ...waiters.rules import Rules",
    "from ...waiters.schedule import DEFAULT_SLEEP_INTERVAL, DEFAULT_WAIT_TIMEOUT",
)

_OF_SIGNATURES = (
    "from typing import Literal",
    "from ..._request.options import RequestOptions",
    "from ...pagination import AsyncPager",
    "from ...streaming import AsyncStream",
)


@attrs.frozen
class Imports:
    """Import lines of a file: for every run, and for type checkers only."""

    runtime: Sequence[str]
    checking: Sequence[str] = ()


class ClientProject:
    """The client.

    Attributes:
        files: Path below the output folder to source, after `build`.
        coverage: The table of operations, after `build`.
    """

    def __init__(self, document: Document, resources: Path) -> None:
        describer = Describer(document)
        self.document = document
        self.schemas = Schemas(document, describer)
        operations = [operation for _, _, operation, _ in document.operations()] + document.webhooks()
        tags = [text(tag) for operation in operations for tag in (operation.tags or [])[:1]]
        self._titles = {names.module(tag): tag for tag in reversed(tags)}
        self.operations = Operations(document, describer, self.schemas)
        self.waits = waits.build(document, describer, self.schemas, self.operations.calls)
        self.tree = tree.build(self.operations.calls, resources, self.waits)
        self.files: dict[str, str] = {}
        self.coverage = ""
        self.env = document.parsed.environment(_TEMPLATES)
        self.env.filters.update(
            cell=escape.cell,
            docstring=escape.docstring,
            literal=escape.literal,
            module=lambda type_: self.schemas.modules[type_.name],
            params_doc=_params_doc,
            sdk_params_doc=_sdk_params_doc,
            rejects_class_form=_rejects_class_form,
            returns=self._returns,
            run=_run,
            with_fields=_with_fields,
        )
        self._begin()

    def build(self) -> None:
        """Render everything in memory. The caller formats and writes it."""
        self.files = {"__init__.py": self._package("Code generated from the OpenAPI document.")}
        for folder, what in (
            ("models", "Models, one module per tag of the document."),
            ("params", "Plain-dict forms of the models that can be sent. Imported when one is named."),
            ("operations", "Operations and resource classes, one module per tag of the document."),
            ("raw", "The resource classes with methods that return the response itself."),
        ):
            self.files[f"{folder}/__init__.py"] = self._package(what)
        for module, entries in self.schemas.by_module().items():
            self.files[f"models/{module}.py"] = self._models(module, entries)
            sent = [entry for entry in entries if self.schemas.is_sent(entry.name)]
            self.files[f"params/{module}.py"] = self._params(module, sent)
        if self.schemas.objects.kinds:
            self.files["params/ids.py"] = self._ids()
        for module in sorted({call.module for call in self.operations.calls}):
            self.files[f"operations/{module}.py"] = self._operations(module)
            self.files[f"raw/{module}.py"] = self._raw(module)
        if self.operations.keys.used:
            self.files["keys.py"] = self._keys()
        for node in self.tree.with_children():
            module = node.name or "__init__"
            self.files[f"tree/{module}.py"] = self._tree(node, raw=False)
            self.files[f"raw_tree/{module}.py"] = self._tree(node, raw=True)
        self._index()
        self.coverage = self._coverage()

    def _begin(self) -> Scope:
        """Start a file: types that its template writes are remembered for the imports."""
        scope = Scope()

        def write(type_: Type, shadowed: Iterable[str] = ()) -> str:
            scope.shadowed = frozenset(shadowed)
            return scope.write(type_)

        self._scope = scope
        self.env.filters.update(type=write)
        return scope

    def _render(self, template: str, **values: object) -> str:
        return self.env.get_template(template).render(**values)

    def _module(self, what: str, imports: Imports, body: str, *, is_stub: bool = False) -> str:
        values = {"version": escape.one_line(self.document.version), "doc": escape.docstring(Doc(what), 0)}
        source = self._render("module.py.jinja", imports=imports, body=body, is_stub=is_stub, **values)
        return source.strip() + "\n"

    def _package(self, what: str) -> str:
        return self._module(what, Imports(()), "")

    def _title(self, module: str) -> str:
        """The tag of a module, as it is written in the document."""
        return self._titles.get(module, "several tags")

    def _type_imports(self, up: str, here: str = "") -> tuple[list[str], list[str]]:
        """Import lines for the types of the file: standard library, and everything else."""
        standard, own = set[str](), set[str]()
        for source, name, alias in self._scope.used:
            imported = f"{name} as _{name}" if alias else name
            if source in _STANDARD:
                standard.add(f"from {source} import {imported}")
            elif source == "runtime":
                own.add(f"from {up}{_RUNTIME[name]} import {imported}")
            elif source == "ids":
                own.add(f"from ..params.ids import {imported}")
            else:
                model = name.removesuffix(SDK_PARAMS).removesuffix("Params") if source == "params" else name
                module = self.schemas.modules[model]
                if f"{source}/{module}" == here:
                    continue
                prefix = "." if here.startswith(source) else f"..{source}."
                own.add(f"from {prefix}{module} import {imported}")
        return sorted(standard), sorted(own)

    def _models(self, module: str, entries: list[Entry]) -> str:
        self._begin()
        body = self._render("models.py.jinja", entries=entries)
        standard, own = self._type_imports("...", f"models/{module}")
        mixins = [f"from ..._mixins import {entry.mixin}" for entry in entries if entry.mixin]
        imports = Imports([*_OF_MODELS, *mixins, *standard, *own])
        return self._module(f"Models of {self._title(module)}.", imports, body)

    def _params(self, module: str, entries: list[Entry]) -> str:
        self._begin()
        body = self._render("params.py.jinja", entries=entries)
        standard, own = self._type_imports("...", f"params/{module}")
        # All of it is imported when the module is, because web frameworks ask for the types of a TypedDict's members.
        what = f"Plain-dict forms of the models of {self._title(module)}."
        return self._module(what, Imports([*_OF_PARAMS, *standard, *own]), body)

    def _ids(self) -> str:
        self._begin()
        body = self._render("ids.py.jinja", kinds=self.schemas.objects.kinds.values())
        standard, own = self._type_imports("...", "params/ids")
        what = "Types of arguments that take an object or its id."
        return self._module(what, Imports(["from typing import TypeAlias", *standard, *own]), body)

    def _operations(self, module: str) -> str:
        self._begin()
        calls = [call for call in self.operations.calls if call.module == module]
        body = self._render(
            "operations.py.jinja",
            constants=_dependent_last(calls),
            waited=[wait for wait in self.waits if wait.module == module],
            nodes=self.tree.in_module(module),
            root=self.tree.root,
            roots=self.tree.roots.get(module, ()),
            root_class=tree.root_class(module),
        )
        standard, own = self._type_imports("...", f"operations/{module}")
        keys = [f"from ..keys import {name}" for call in calls if (name := dict(call.settings).get("keys"))]
        imports = Imports([*_OF_OPERATIONS, *keys], [*_OF_SIGNATURES, *standard, *own])
        return self._module(f"Operations of {self._title(module)}.", imports, body)

    def _raw(self, module: str) -> str:
        nodes, roots = self.tree.in_module(module), self.tree.roots.get(module, [])
        classes = [node.cls for node in nodes] + ([tree.root_class(module)] if roots else [])
        body = self._render("raw.py.jinja", nodes=nodes, roots=roots, root_class=tree.root_class(module))
        runtime = [f"from ..operations.{module} import {cls}" for cls in classes]
        runtime += ["from ..._raw import RawResource, raw_method, raw_page"]
        what = f"Operations of {self._title(module)}, returning the response itself."
        return self._module(what, Imports(runtime), body)

    def _keys(self) -> str:
        body = self._render("keys.py.jinja", keys=self.operations.keys.used.values())
        runtime = ["from typing import Final", "from .._request.keys import Keys"]
        return self._module("Names of keys of plain dicts in requests, by schema.", Imports(runtime), body)

    def _returns(self, call: Call) -> str:
        returned = call.response or NONE
        if call.kind == "plain" and call.warns:
            returned = Name("collections.abc", "Coroutine", (ANY, ANY, returned))
        response = self._scope.write(returned)
        if call.kind == "paged" and call.item is not None:
            return f"AsyncPager[{self._scope.write(call.item)}, {response}]"
        return f"AsyncStream[{response}]" if call.kind == "stream" else response

    def _tree(self, node: Node, *, raw: bool) -> str:
        """The class of the client, or of a resource, with the resources below it as attributes."""
        bases = self.tree.bases(node, raw=raw)
        children = [(name, child, self.tree.whole(child, raw=raw)) for name, child in node.children.items()]
        resources = f"`{node.dotted}` and the resources below it" if node.path else "Every resource of the client"
        doc = Doc(f"{resources}{', with methods that return the response itself' if raw else ''}.")
        body = self._render(
            "tree.py.jinja",
            cls=f"{'Raw' if raw else ''}{node.cls}",
            bases=[f"_{base.name}" for base in bases],
            children=children,
            doc=doc,
        )
        runtime = [f"from {base.module} import {base.name} as _{base.name}" for base in bases]
        runtime += ["from functools import cached_property", "from typing import TYPE_CHECKING"]
        checking = [f"from {cls.module} import {cls.name}" for _, _, cls in children]
        return self._module(doc.summary, Imports(runtime, checking), body)

    def _index(self) -> None:
        """The modules of the public names: for lazy imports, and for type checkers."""
        models, params = dict[str, list[str]](), dict[str, list[str]]()
        aliases: list[tuple[str, str]] = []
        for entry in self.schemas.entries:
            models.setdefault(entry.module, []).append(entry.name)
            aliases += [(public, entry.name) for public in entry.others]
            if not self.schemas.is_sent(entry.name):
                continue
            names_of_dicts = params.setdefault(entry.module, [])
            if entry.kind == "model" or entry.sent is not None:
                names_of_dicts.append(f"{entry.name}Params")
            if entry.has_sdk_params:
                names_of_dicts.append(f"{entry.name}{SDK_PARAMS}")
        if self.schemas.objects.kinds:
            params["ids"] = [kind.alias for kind in self.schemas.objects.kinds.values()]
        folders = {
            folder: {module: sorted(listed) for module, listed in sorted(found.items()) if listed}
            for folder, found in (("models", models), ("params", params))
        }
        values = {**folders, "aliases": sorted(aliases)}
        runtime = ["from importlib import import_module", "from collections.abc import Mapping"]
        runtime += ["from typing import Any, Final"]
        what = "Where each public name of the models lives, for lazy imports."
        self.files["index.py"] = self._module(what, Imports(runtime), self._render("index.py.jinja", **values))
        what = "The same names for type checkers."
        body = self._render("index.pyi.jinja", **values)
        self.files["index.pyi"] = self._module(what, Imports(runtime), body, is_stub=True)

    def _coverage(self) -> str:
        calls = self.operations.calls
        titles = {call.module: self._title(call.module) for call in calls}
        version = escape.one_line(self.document.version)
        source = self._render(
            "api-coverage.md.jinja", rows=calls, titles=titles, version=version, notices=_notices(calls)
        )
        return re.sub(r"\n{3,}", "\n\n", source).strip() + "\n"


def _notices(calls: Sequence[Call]) -> dict[str, list[str]]:
    """Warnings about what is in a body, and the methods whose calls emit them."""
    found: dict[str, list[str]] = {}
    for call in calls:
        for member in call.outdated:
            for notice in member.texts:
                found.setdefault(notice, []).append(".".join(call.path))
    return found


def _run(call: Call) -> str:
    """How a method uses its constant."""
    if call.kind == "paged":
        return "return self._paginate"
    if call.kind == "stream":
        return "return self._stream"
    return "return self._call" if call.warns else "return await self._call"


def _dependent_last(calls: Sequence[Call]) -> list[Call]:
    """Constants that name another constant come after it."""
    return sorted(calls, key=lambda call: "next_operation" in dict(call.settings))


def _with_fields(doc: Doc, fields: Sequence[schemas.Field]) -> Doc:
    entries = tuple((field.name, field.doc) for field in fields)
    return attrs.evolve(doc, sections=(("Attributes", entries),)) if entries else doc


def _params_doc(entry: Entry) -> Doc:
    if entry.kind == "model":
        return Doc(f"`{entry.name}` as a plain dict: the keys are the wire names of its attributes.")
    return Doc(f"What may be given for `{entry.name}` in a request.")


def _sdk_params_doc(entry: Entry) -> Doc:
    return Doc(f"`{entry.name}` as a plain dict, with the keys that users of the official SDK know.")


def _rejects_class_form(fields: Sequence[schemas.Field]) -> bool:
    """Whether a key cannot be written as an attribute of a class."""
    return any(
        not field.wire.isidentifier() or field.wire.startswith("__") or field.wire != names.plain(field.wire)
        for field in fields
    )
