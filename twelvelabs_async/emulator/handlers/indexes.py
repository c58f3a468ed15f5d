"""Tag Indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api.call import Response
from ..api.registry import Registry
from ..errors import bad
from ..resources.documents import PRIVATE, new_document, public, require
from ..resources.filters import Filter, all_of, equals, since
from ..resources.listing import listing
from ..state.store import Document, Transaction, merge
from .videos import remove_video

if TYPE_CHECKING:
    from ..api.call import Call

registry: Registry = Registry()


@registry.operation("createIndex")
async def create_index(call: Call) -> Response:
    """Creates an empty index; its name must be unique."""
    body = call.body
    index = new_document(
        index_name=body["index_name"],
        expires_at=None,
        total_duration=0,
        video_count=0,
        models=body["models"],
        addons=body.get("addons", []),
    )

    def change(tx: Transaction) -> None:
        _take_name(tx, body["index_name"], index["_id"])
        tx.put("index", index["_id"], index)

    await call.services.store.run(change)
    return Response({"_id": index["_id"]})


def _take_name(tx: Transaction, name: str, index_id: str) -> None:
    """Records the name of an index; names have documents of their own, so that the check for duplicates is fast."""
    owner = tx.get("index_name", name)
    if owner is not None and owner["index_id"] != index_id:
        raise bad("index_name_already_exists", f"An index with the name {name} already exists.", index_name=name)
    tx.put("index_name", name, {"index_id": index_id})


@registry.operation("listIndexes")
async def list_indexes(call: Call) -> Response:
    """Lists indexes."""
    query = call.query
    where = all_of(
        equals("index_name", query.get("index_name")),
        _models(query.get("model_options"), query.get("model_family")),
        since("created_at", query.get("created_at")),
        since("updated_at", query.get("updated_at")),
    )
    return await listing(call, "index", where=where)


def _models(options: list[str] | None, family: str | None) -> Filter | None:
    if not options and not family:
        return None

    def fits(index: Document) -> bool:
        models: list[dict[str, Any]] = index["models"]
        if family and not any(m["model_name"].lower().startswith(family) for m in models):
            return False
        return not options or any(set(options) <= set(m["model_options"]) for m in models)

    return fits


@registry.operation("retrieveIndex")
async def retrieve_index(call: Call) -> Response:
    """Returns one index."""
    identifier = call.path["index_id"]
    index = await call.services.store.run(lambda tx: require(call, tx, "index", identifier, "indexes"))
    return Response(public(index))


@registry.operation("updateIndex")
async def update_index(call: Call) -> Response:
    """Changes the name of an index."""
    identifier, name = call.path["index_id"], call.body["index_name"]

    def change(tx: Transaction) -> None:
        index = require(call, tx, "index", identifier, "indexes")
        _take_name(tx, name, identifier)
        if index["index_name"] != name:
            tx.delete("index_name", index["index_name"])
        merge(index, {"index_name": name})
        tx.put("index", identifier, index)

    await call.services.store.run(change)
    return Response()


@registry.operation("deleteIndex")
async def delete_index(call: Call) -> Response:
    """Deletes an index with all videos in it."""
    identifier = call.path["index_id"]

    def change(tx: Transaction) -> None:
        index = require(call, tx, "index", identifier, "indexes")
        tx.delete("index_name", index["index_name"])
        for video in list(tx.all("video", parent=identifier)):
            remove_video(tx, video)
            task_id = video[PRIVATE].get("task_id")
            if task_id:
                tx.delete("task", task_id)
        tx.delete("index", identifier)

    await call.services.store.run(change)
    return Response()
