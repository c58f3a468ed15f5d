"""Writes generated pages of the reference before a build: one per resource, one per group of models."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from twelvelabs_async import _mixins
from twelvelabs_async._generated import index

from .client_tree import RAW, Holder, Member, read

FOLDERS: Final = ("resources", "models")
"""Folders below `reference/` that hold nothing but generated pages."""

GUIDES: Final = {
    "client": ("configuration", "files", "ingestion", "structured-output"),
    "client.indexes": ("quick-start",),
    "client.indexes.indexed_assets": ("waiting",),
    "client.tasks": ("uploads", "waiting"),
    "client.assets": ("uploads", "files"),
    "client.multipart_upload": ("uploads", "browser-uploads"),
    "client.search": ("quick-start", "pagination"),
    "client.analyze_async.tasks": ("waiting", "structured-output"),
    "client.analyze_async.batches": ("waiting",),
    "client.embed.v_2": ("embeddings", "files"),
    "client.embed.v_2.tasks": ("embeddings", "waiting"),
    "client.responses": ("streaming",),
}
"""The guides that show a resource at work."""


def pages() -> dict[str, str]:
    """Path below `reference/` to the text of each page."""
    client = read()
    holders = list(client.walk())
    found = {f"resources/{holder.name}.md": _holder_page(holder) for holder in holders}
    found[f"resources/client.{RAW}.md"] = _raw_page(read(raw=True))
    found["resources/index.md"] = _resources_page(holders)
    models, params = _by_module(index.MODELS), _by_module(index.PARAMS)
    modules = sorted({*models, *params})
    for module in modules:
        found[f"models/{module}.md"] = _models_page(module, models.get(module, []), params.get(module, []))
    found["models/index.md"] = f"# Models\n\n{_MODELS}\n\n{_toctree(modules, 'maxdepth: 1')}"
    return found


_PUBLIC: Final = "twelvelabs_async.types"

_ALIASES: Final[Mapping[str, str]] = vars(index)["_ALIASES"]  # its stub names what users import

_MODELS: Final = (
    "Return values of the methods, and arguments where a model or a plain dict is expected. Every name can be imported "
    "from `twelvelabs_async` and `twelvelabs_async.types`. Names that end in `Params` are types of plain dicts, and "
    "names that end in `OrId` are types of arguments that take [an object or its id](ids.md)."
)

_RESOURCES: Final = (
    "Every method of the client, under the name by which it is called. `client` is an `AsyncTwelveLabs`. A method "
    "with `async` in front of it is awaited; the others return a pager, a stream, or another object at once. "
    "[API coverage](../../api-coverage.md) lists the methods by operation."
)


def _resources_page(holders: Iterable[Holder]) -> str:
    lines = [f"- [`{holder.name}`]({holder.name}.md): {_contents(holder)}" for holder in holders]
    names = [holder.name for holder in holders] + [f"client.{RAW}"]
    titled = [f"{name.removeprefix('client.')} <{name}>" for name in names]
    lines.append(f"- [`client.{RAW}`](client.{RAW}.md): the same operations, returning the response itself")
    listed = "\n".join(lines)
    return f"# Client and resources\n\n{_RESOURCES}\n\n{listed}\n\n{_toctree(titled, 'hidden:')}"


def _holder_page(holder: Holder) -> str:
    parts = [f"# `{holder.name}`", _directive("client-resource", holder.name)]
    if guides := GUIDES.get(holder.name):
        parts.append("Guides: " + ", ".join(f"[](../../{guide}.md)" for guide in guides))
    if holder.members:
        parts.append(_summary(holder.members))
    if holder.children:
        lines = [f"- [`{child.name}`]({child.name}.md): {_contents(child)}" for child in holder.children]
        parts += ["Resources below it:", "\n".join(lines)]
    parts += [_directive("client-member", member.name) for member in holder.members]
    return "\n\n".join(parts) + "\n"


def _contents(holder: Holder) -> str:
    members = [_link(member.name, _last(member.name)) for member in holder.members]
    return ", ".join(members or [f"[`{_last(child.name)}`]({child.name}.md)" for child in holder.children])


def _summary(members: Iterable[Member]) -> str:
    # No table: at the width of a phone, its first column would leave no room for the second.
    return "\n".join(f"- {_link(member.name, _called(member))}: {_line(member)}" for member in members)


def _raw_page(raw: Holder) -> str:
    listed = "\n".join(
        f"- `{holder.name}`: {', '.join(_link(_plain(member), _last(member.name)) for member in holder.members)}"
        for holder in raw.walk()
        if holder.members
    )
    return f"# `client.{RAW}`\n\n{_directive('client-resource', raw.name)}\n\n{_RAW}\n\n{listed}\n"


_RAW: Final = f"""\
The operations under the same names and with the same arguments: `client.{RAW}.indexes.retrieve(...)` sends what
`client.indexes.retrieve(...)` sends. All of them are awaited, and return a
[`RawResponse`](#twelvelabs_async.RawResponse) instead of the result: `.status`, `.headers`, `.request_id`, and
`.parse()` for the result. Retries, limits and errors are the same. A list returns the response with one page.

Streams are not among them: a stream has `status`, `headers` and `request_id` itself. Nor are methods that make several
calls, such as `wait_for_done` and `upload_file`. [Configuration](../../configuration.md) has an example."""


def _plain(member: Member) -> str:
    return member.name.replace(f".{RAW}", "")


def _models_page(module: str, models: list[str], params: list[str]) -> str:
    title = "Objects or ids" if module == "ids" else f"{module.replace('_', ' ').capitalize()}: models"
    classes = [name for name in models if inspect.isclass(index.load(name)) and index.load(name).__name__ == name]
    values = [name for name in models if name not in classes]
    parts = [f"# {title}", *(_model(name) for name in classes)]
    parts += ["## Values", *(_exported(name, f"models.{module}") for name in values)] if values else []
    parts += ["## Plain dicts"] if params and models else []
    parts += [_exported(name, f"params.{module}") for name in params]
    if others := {name: own for name, own in _ALIASES.items() if own in {*models, *params}}:
        parts += ["## Other names of the same types"]
        parts += [_directive("py:type", f"{_PUBLIC}.{name}", f":canonical: {own}") for name, own in others.items()]
    return "\n\n".join(parts) + "\n"


def _model(name: str) -> str:
    # Methods come from bases that have no page of their own.
    mixed = any(base.__module__ == _mixins.__name__ for base in index.load(name).__mro__)
    return _directive("autoclass", f"{_PUBLIC}.{name}", *([":inherited-members: Model"] if mixed else []))


def _exported(name: str, module: str) -> str:
    return _directive("exported", f"{_PUBLIC}.{name}", f":source: {index.__package__}.{module}")


def _by_module(names: Any) -> dict[str, list[str]]:
    """Module to names, in the order of the source."""
    found: dict[str, list[str]] = {}
    for name, module in names.items():
        found.setdefault(module, []).append(name)
    return found


def _directive(name: str, argument: str, *options: str) -> str:
    return "\n".join(["```{eval-rst}", f".. {name}:: {argument}", *(f"   {option}" for option in options), "```"])


def _toctree(names: Iterable[str], option: str) -> str:
    return "\n".join(["```{toctree}", f":{option}", "", *names, "```"]) + "\n"


def _link(name: str, text: str) -> str:
    return f"[`{text}`](#{name})"


def _called(member: Member) -> str:
    return f"{_last(member.name)}()" if member.kind == "method" else _last(member.name)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _line(member: Member) -> str:
    stream = " As a stream." if member.result.startswith("AsyncStream[") and "stream" not in member.summary else ""
    deprecated = " Deprecated." if hasattr(member.value, "__deprecated__") else ""
    return member.summary + stream + deprecated


def write(app: Any) -> None:
    """Write pages that are missing or have changed, and remove obsolete ones."""
    root = Path(app.srcdir) / "reference"
    wanted = pages()
    for folder in FOLDERS:
        for old in (root / folder).glob("*.md"):
            if f"{folder}/{old.name}" not in wanted:
                old.unlink()
    for name, text in wanted.items():
        path = root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True}
