"""Says which parameter takes which of the things that exist, as part of schemathesis' configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from twelvelabs_async.emulator.openapi.document import Document, Operation, Schema, alternatives

from .seed_data import Known

LIKELY = 0.85
"""How often a parameter names a thing that exists; the rest of the time anything goes."""

NAMES: Mapping[str, str] = {
    "index_id": "index",
    "asset_id": "asset",
    "asset_ids": "asset",
    "video_id": "video",
    "indexed_asset_id": "indexed_asset",
    "upload_id": "upload",
    "page_token": "search_page",
    "batch_id": "batch",
    "entity_collection_id": "entity_collection",
    "entity_id": "entity",
    "connection_id": "connection",
    "import_id": "import",
    "redirect_uri_id": "redirect_uri",
    "redirect_uri": "registered_uri",
    "knowledge_store_id": "knowledge_store",
    "item_id": "item",
    "item_ids": "item",
    "collection_id": "item_collection",
    "source_id": "file",
    "url": "url",
    "video_url": "url",
    "image_url": "url",
    "audio_url": "url",
    "query_media_url": "url",
    "base64_string": "base64",
}
"""Name of a parameter or field to the kind of thing that it names."""

TASKS: Mapping[str, str] = {
    "/tasks": "task",
    "/analyze/tasks": "analyze_task",
    "/embed/tasks": "embed_task",
    "/embed-v2/tasks": "embed_v2_task",
}
"""What `task_id` names depends on the path."""


def configuration(document: Document, kept: Known, spare: Known) -> str:
    """TOML: the dictionaries, and for each operation the parameters that take their values from one."""
    lines = []
    for prefix, known in (("", kept), ("spare_", spare)):
        for kind, identifiers in known.items():
            lines.append(f"[dictionaries.{prefix}{kind}]\nvalues = {json.dumps(identifiers)}")
    for operation in document.operations.values():
        bound = dict(_bindings(operation, kept, spare))
        if bound:
            lines.append(f"[[operations]]\ninclude-operation-id = {json.dumps(operation.id)}\n[operations.parameters]")
            for name, dictionary in bound.items():
                source = f"dictionary = {json.dumps(dictionary)}, probability = {LIKELY}"
                lines.append(f"{json.dumps(name)} = {{ {source} }}")
    return "\n".join([*lines, ""])


def _bindings(operation: Operation, kept: Known, spare: Known) -> Iterator[tuple[str, str]]:
    last = operation.path.rpartition("/")[2]
    for parameter in operation.parameters:
        kind = kind_of(operation.path, parameter.name)
        if parameter.location == "path" and operation.method == "DELETE" and last == f"{{{parameter.name}}}":
            kind = f"spare_{kind}"
        if kind.removeprefix("spare_") in (spare if kind.startswith("spare_") else kept):
            yield f"{parameter.location}.{parameter.name}", kind
    # Registering the same one twice is rejected; a new one must be generated.
    if operation.body is not None and operation.id != "createRedirectUri":
        for path in _fields(operation.body, "body", frozenset()):
            kind = kind_of(operation.path, path.rpartition(".")[2].removesuffix("[*]"))
            if kind in kept:
                yield path, kind


def kind_of(path: str, name: str) -> str:
    """The kind of thing that a parameter of a path names, or nothing."""
    if path.endswith("/cancel"):
        return {"task_id": "waiting_task", "batch_id": "waiting_batch"}[name]
    if name == "task_id":
        return TASKS[path.partition("/{")[0]]
    return NAMES.get(name, "")


def _fields(schema: Schema, path: str, seen: frozenset[int]) -> Iterator[str]:
    """Paths of the plain values in a body: `body.video.asset_id`, `body.asset_ids[*]`."""
    if id(schema) in seen:
        return
    seen |= {id(schema)}
    for option in alternatives(schema):
        for name, member in option.get("properties", {}).items():
            yield from _fields(member, f"{path}.{name}", seen)
        if option.get("type") == "array":
            yield from _fields(option["items"], f"{path}[*]", seen)
        if option.get("type") == "string":
            yield path
