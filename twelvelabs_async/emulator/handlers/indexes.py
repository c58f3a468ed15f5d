"""Tag Indexes."""

from __future__ import annotations

from typing import Any

from ..errors import bad
from ..platform import Reply, operation
from ..reading import Call
from ..store import Document, Transaction, merge
from .common import PRIVATE, Where, both, equals, fresh, listing, need, public, since
from .videos import remove_video


@operation("createIndex")
async def create_index(call: Call) -> Reply:
    """Makes an empty index; its name must be free."""
    body = call.body
    index = fresh(
        index_name=body["index_name"],
        expires_at=None,
        total_duration=0,
        video_count=0,
        models=body["models"],
        addons=body.get("addons", []),
    )

    def change(tx: Transaction) -> None:
        _check_name(tx, body["index_name"], None)
        tx.put("index", index["_id"], index)

    await call.platform.store.run(change)
    return Reply({"_id": index["_id"]})


def _check_name(tx: Transaction, name: str, own: str | None) -> None:
    for other in tx.all("index"):
        if other["index_name"] == name and other["_id"] != own:
            raise bad("index_name_already_exists", f"An index with the name {name} already exists.", index_name=name)


@operation("listIndexes")
async def list_indexes(call: Call) -> Reply:
    """Lists indexes."""
    query = call.query
    where = both(
        equals("index_name", query.get("index_name")),
        _models(query.get("model_options"), query.get("model_family")),
        since("created_at", query.get("created_at")),
        since("updated_at", query.get("updated_at")),
    )
    return await listing(call, "index", where=where)


def _models(options: list[str] | None, family: str | None) -> Where | None:
    if not options and not family:
        return None

    def fits(index: Document) -> bool:
        models: list[dict[str, Any]] = index["models"]
        if family and not any(m["model_name"].lower().startswith(family) for m in models):
            return False
        return not options or any(set(options) <= set(m["model_options"]) for m in models)

    return fits


@operation("retrieveIndex")
async def retrieve_index(call: Call) -> Reply:
    """Gives one index."""
    identifier = call.path["index_id"]
    index = await call.platform.store.run(lambda tx: need(call, tx, "index", identifier, "indexes"))
    return Reply(public(index))


@operation("updateIndex")
async def update_index(call: Call) -> Reply:
    """Changes the name of an index."""
    identifier, name = call.path["index_id"], call.body["index_name"]

    def change(tx: Transaction) -> None:
        index = need(call, tx, "index", identifier, "indexes")
        _check_name(tx, name, identifier)
        merge(index, {"index_name": name})
        tx.put("index", identifier, index)

    await call.platform.store.run(change)
    return Reply()


@operation("deleteIndex")
async def delete_index(call: Call) -> Reply:
    """Deletes an index with all videos in it."""
    identifier = call.path["index_id"]

    def change(tx: Transaction) -> None:
        need(call, tx, "index", identifier, "indexes")
        for video in list(tx.all("video", parent=identifier)):
            remove_video(tx, video)
            task_id = video[PRIVATE].get("task_id")
            if task_id:
                tx.delete("task", task_id)
        tx.delete("index", identifier)

    await call.platform.store.run(change)
    return Reply()
