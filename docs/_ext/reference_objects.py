"""Directives of the reference, links from types in signatures, and the check that no public name is left out."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from docutils import nodes
from sphinx.domains.python._object import PyObject
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from .client_tree import Holder, Member, read
from .exported_names import Definition, find
from .public_names import missing, wanted

logger = logging.getLogger(__name__)

_PRIVATE_BASES: Final = {f"twelvelabs_async.{name}" for name in ("_async_only", "_mixins", "_safe_repr", "_value")}


@cache
def _client() -> tuple[dict[str, Holder], dict[str, Member]]:
    holders = {holder.name: holder for holder in [*read().walk(), read(raw=True)]}
    return holders, {member.name: member for holder in holders.values() for member in holder.members}


class ClientResource(SphinxDirective):
    """An anchor for a resource, which shows nothing: its page has a title."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Make the anchor."""
        name: str = self.arguments[0]
        holder = _client()[0][name]
        self.env.note_dependency(inspect.getfile(holder.cls))
        target = nodes.target("", "", ids=[name])
        self.state.document.note_explicit_target(target)
        self.env.domains.python_domain.note_object(name, "attribute", name, location=target)
        return [target]


class ClientMember(SphinxDirective):
    """A method or property of the client or a resource, under the name by which it is called."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write it as an object of Python."""
        member = _client()[1][self.arguments[0]]
        self.env.note_dependency(inspect.getfile(member.value))
        lines = _with_operations(member)
        self.env.app.emit("autodoc-process-docstring", member.kind, member.name, member.value, None, lines)
        if member.kind == "property":
            head = [f".. py:property:: {member.name}", f"   :type: {member.result}"]
        else:
            head = [f".. py:method:: {member.name}{member.signature}"]
            head += ["   :async:"] if member.is_async else []
        return self.parse_text_to_nodes("\n".join([*head, "", *(f"   {line}" for line in lines)]))


def _with_operations(member: Member) -> list[str]:
    """The docstring, with a link to each operation in front of its first section."""
    lines = [line for line in member.documentation.splitlines() if not line.startswith("Operation: ")]
    if found := member.operations:
        links = ", ".join(f":ref:`{value.method} {value.path} <operation-{value.id.lower()}>`" for value in found)
        sections = [number for number, line in enumerate(lines) if line in {"Args:", "Returns:", "Raises:"}]
        place = sections[0] if sections else len(lines)
        lines[place:place] = ["", f"Operation{'s' if len(found) > 1 else ''}: {links}", ""]
    return lines


class Exported(SphinxDirective):
    """A type, a constant or an alias that a module exports, with the docstring that follows it in the source."""

    required_arguments = 1
    option_spec = {"source": str}  # noqa: RUF012 - docutils wants it so

    def run(self) -> list[nodes.Node]:
        """Write it as an object of Python."""
        name: str = self.arguments[0]
        module, _, own = name.rpartition(".")
        found = find(self.options.get("source", module), own)
        self.env.note_dependency(found.path)
        if not found.documentation:
            logger.warning("%s has no docstring", name, location=self.get_location())
        return self.parse_text_to_nodes("\n".join(_lines(module, own, found)))


def _lines(module: str, name: str, found: Definition) -> list[str]:
    value = getattr(import_module(module), name)
    if inspect.isclass(value) and not found.source:
        head = [f".. py:class:: {name}"]
    elif isinstance(value, str | int | float):
        head = [f".. py:data:: {name}", f"   :type: {type(value).__mro__[-2].__name__}", f"   :value: {value!r}"]
    elif found.is_type:
        head = [f".. py:type:: {name}", f"   :canonical: {found.source}"]
    else:
        head = [f".. py:data:: {name}", f"   :type: {type(value).__name__}"]
    return [*head, f"   :module: {module}", "", *(f"   {line}" for line in found.documentation.splitlines())]


def without_nothing(
    app: object, what: str, name: str, thing: object, options: object, signature: str | None, result: str | None
) -> tuple[str | None, str | None]:
    """Show defaults that attrs and dataclasses make for each instance as `...`."""
    return signature and signature.replace("= NOTHING", "= ...").replace("= <factory>", "= ..."), result


def without_private_bases(app: object, name: str, thing: object, options: object, bases: list[Any]) -> None:
    """Leave out the bases that give a class its repr, its equality, or helpers, which its own page shows."""
    bases[:] = [base for base in bases if getattr(base, "__module__", "") not in _PRIVATE_BASES] or [object]


def name_operations(app: Any, doctree: nodes.document) -> None:
    """Make each row of the table of operations the target of a reference."""
    docname = app.env.docname
    if docname != "api-coverage":
        return
    domain = app.env.domains.standard_domain
    # The first of two rows, where an operation has a second method that streams.
    listed = [row for row in doctree.findall(nodes.row) if not isinstance(row.parent, nodes.thead)]
    rows = {row[0].astext(): row for row in reversed(listed)}
    for operation, row in rows.items():
        label = f"operation-{operation.lower()}"
        row["ids"].append(label)
        domain.anonlabels[label] = docname, label
        domain.labels[label] = docname, label, operation


def link_short_name(app: Any, env: Any, node: Any, contnode: nodes.Node) -> nodes.Node | None:
    """Find the page of a type that a signature or docstring names without its module."""
    if node.get("refdomain") != "py":
        return None
    objects = env.domains.python_domain.objects
    whole = _short_names(objects).get(node["reftarget"].rpartition(".")[2])
    if whole is None:
        return None
    return make_refnode(app.builder, node["refdoc"], objects[whole].docname, objects[whole].node_id, contnode, whole)


def show_public_names(app: object, doctree: nodes.document, docname: str) -> None:
    """Name what a link leads to as users import it, where the annotation names the private module of a type."""
    for link in doctree.findall(nodes.reference):
        if "._" in link.get("reftitle", ""):
            link["reftitle"] = link["refuri"].partition("#")[2] if "refuri" in link else link["refid"]


_known: dict[int, dict[str, str]] = {}


def _short_names(objects: Any) -> dict[str, str]:
    """The last part of a name to the whole name, where one type alone, or one of the package itself, has it."""
    if len(objects) not in _known:
        types = [name for name, entry in objects.items() if entry.objtype in {"class", "exception", "type", "data"}]
        depths: dict[str, list[str]] = {}
        for name in sorted((name for name in types if not objects[name].aliased), key=lambda name: name.count(".")):
            depths.setdefault(name.rpartition(".")[2], []).append(name)
        _known[len(objects)] = {
            short: names[0]
            for short, names in depths.items()
            if len(names) == 1 or names[0].count(".") < names[1].count(".")
        }
    return _known[len(objects)]


def check_names(app: Any, env: Any) -> Iterable[str]:
    """Warn about each public name that the reference does not describe."""
    objects = env.domains.python_domain.objects
    anchors = {name for name, entry in objects.items() if entry.node_id == name or entry.aliased}
    for name in missing(wanted(), anchors):
        logger.warning("%s is public, and the reference does not describe it", name)
    return []


def check_anchors(app: Any, exception: Exception | None) -> None:
    """Fail if an HTML page lacks an anchor that the inventory promises."""
    if exception is not None or app.builder.name != "html":
        return
    expected: dict[str, set[str]] = {}
    for entry in app.env.domains.python_domain.objects.values():
        expected.setdefault(entry.docname, set()).add(entry.node_id)
    for docname, anchors in expected.items():
        text = Path(app.builder.get_outfilename(docname)).read_text(encoding="utf-8")
        if lost := sorted(anchor for anchor in anchors if f'id="{anchor}"' not in text):
            raise ExtensionError(f"{docname}.html has no anchor for {', '.join(lost)}")


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    for field in PyObject.doc_field_types:
        if field.name == "variable":
            field.label = "Attributes"  # what the docstrings call them
    app.add_directive("client-resource", ClientResource)
    app.add_directive("client-member", ClientMember)
    app.add_directive("exported", Exported)
    app.connect("autodoc-process-signature", without_nothing)
    app.connect("autodoc-process-bases", without_private_bases)
    app.connect("doctree-read", name_operations)
    app.connect("missing-reference", link_short_name)
    app.connect("doctree-resolved", show_public_names)
    app.connect("env-updated", check_names)
    app.connect("build-finished", check_anchors)
    return {"parallel_read_safe": True}
