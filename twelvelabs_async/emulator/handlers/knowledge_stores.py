"""Tags KnowledgeStores, KnowledgeStoreItems and KnowledgeStoreItemCollections, without search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import clock, media
from ..api.call import Response
from ..api.registry import Registry
from ..errors import bad, parameter_invalid
from ..resources.documents import PRIVATE, new_document, public, require
from ..resources.listing import listing
from ..resources.user_metadata import check_metadata
from ..services import Services
from ..services.media_engine import as_info
from ..state.store import Document, Job, Transaction, merge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..api.call import Call

registry: Registry = Registry()

JOB = "item"
STORES, ITEMS, COLLECTIONS = "knowledge stores", "knowledge store items", "item collections"

STORE_METADATA = (10, 2048)
ITEM_METADATA = (50, 8192)
"""Maximum number of pairs, and maximum length of a value."""

_KEY_LENGTH = 128
_NEXT = {"pending": "processing", "processing": "finish"}


def check_pairs(metadata: Mapping[str, Any] | None, limits: tuple[int, int]) -> None:
    """Rejects metadata with too many pairs or too long values."""
    pairs, longest = limits
    if len(metadata or {}) > pairs:
        raise parameter_invalid("metadata", f"At most {pairs} pairs are allowed.")
    for name, value in (metadata or {}).items():
        if len(name) > _KEY_LENGTH:
            raise parameter_invalid("metadata", f"Keys have at most {_KEY_LENGTH} characters.")
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and len(text) > longest:
                raise parameter_invalid(f"metadata.{name}", f"Values have at most {longest} characters.")
    check_metadata(metadata, "metadata")


def require_store(call: Call, tx: Transaction) -> Document:
    """The knowledge store that the path names."""
    return require(call, tx, "knowledge_store", call.path["knowledge_store_id"], STORES)


@registry.operation("createKnowledgeStore")
async def create_store(call: Call) -> Response:
    """Creates an empty knowledge store."""
    check_pairs(call.body.get("metadata"), STORE_METADATA)
    store = new_document(clock.new_id("ks_"), **{"metadata": {}, **call.body})
    await call.services.store.put("knowledge_store", store["_id"], store)
    return Response({**public(store), "item_count": 0})


def _counted(tx: Transaction, store: Document) -> Document:
    return {**public(store), "item_count": tx.count("item", parent=store["_id"])}


@registry.operation("listKnowledgeStores")
async def list_stores(call: Call) -> Response:
    """Lists knowledge stores."""
    holder: list[Transaction] = []
    return await listing(call, "knowledge_store", before=holder.append, shape=lambda s: _counted(holder[0], s))


@registry.operation("retrieveKnowledgeStore")
async def retrieve_store(call: Call) -> Response:
    """Returns one knowledge store."""
    return Response(await call.services.store.run(lambda tx: _counted(tx, require_store(call, tx))))


@registry.operation("updateKnowledgeStore")
async def update_store(call: Call) -> Response:
    """Changes the name, the description or the metadata."""
    check_pairs(call.body.get("metadata"), STORE_METADATA)

    def change(tx: Transaction) -> Document:
        store = require_store(call, tx)
        merge(store, call.body)
        tx.put("knowledge_store", store["_id"], store)
        return _counted(tx, store)

    return Response(await call.services.store.run(change))


@registry.operation("deleteKnowledgeStore")
async def delete_store(call: Call) -> Response:
    """Deletes a knowledge store with everything in it."""

    def change(tx: Transaction) -> None:
        store = require_store(call, tx)
        for item in tx.all("item", parent=store["_id"]):
            tx.release_blob(item[PRIVATE]["blob"])
        tx.delete_children("item", store["_id"])
        tx.delete_children("item_collection", store["_id"])
        tx.delete("knowledge_store", store["_id"])

    await call.services.store.run(change)
    return Response()


@registry.operation("createKnowledgeStoreItem")
async def create_item(call: Call) -> Response:
    """Starts adding an asset to a knowledge store."""
    services, body = call.services, call.body
    check_pairs(body.get("metadata"), ITEM_METADATA)

    def change(tx: Transaction) -> Document:
        store = require_store(call, tx)
        asset = require(call, tx, "asset", body["asset_id"], "assets")
        if asset["status"] != "ready":
            raise bad("asset_not_ready", f"The asset is {asset['status']}; it must be ready.")
        info = asset[PRIVATE]["media"]
        if info["kind"] not in {"video", "image"}:
            raise parameter_invalid("asset_id", f"It must be a video or an image, not {info['mime']}.")
        if body.get("asset_type", info["kind"]) != info["kind"]:
            raise parameter_invalid("asset_type", f"The asset is of the type {info['kind']}.")
        item = new_document(
            clock.new_id("ksi_"),
            asset_type=info["kind"],
            asset_id=asset["_id"],
            status="queued",
            system_metadata=_system(asset["filename"], info),
            metadata=body.get("metadata") or {},
            private={
                "store_id": store["_id"],
                "blob": asset[PRIVATE]["blob"],
                "media": info,
                "filename": asset["filename"],
            },
        )
        tx.use_blob(item[PRIVATE]["blob"])
        tx.put("item", item["_id"], item, parent=store["_id"])
        tx.schedule(JOB, item["_id"], "processing", services.settings.duration("item.queued"))
        return item

    return Response(public(await services.store.run(change)))


def _system(filename: str, info: Mapping[str, Any]) -> Document:
    names = ("width", "height", "size", *(("duration", "fps") if info["kind"] == "video" else ()))
    facts = {name: info[name] for name in names}
    return {"asset_type": info["kind"], "filename": filename, "codec_name": info["codec"], **facts}


def item_words(item: Mapping[str, Any]) -> Document:
    """The words of the name and the metadata of an item."""
    return {"filename": item[PRIVATE]["filename"], "metadata": item.get("metadata") or {}}


@registry.job(JOB)
async def advance(services: Services, job: Job) -> None:
    """Moves an item to its next state."""
    item = await services.store.get("item", job.target)
    if item is None:
        return
    status = "processing"
    if job.step == "finish":
        try:
            services.check_file("broken_indexing", item[PRIVATE]["filename"])
            await services.engine.index_blob(item[PRIVATE]["blob"], as_info(item[PRIVATE]["media"]))
            status = "ready"
        except media.MediaError:
            status = "failed"

    def change(tx: Transaction) -> None:
        tx.finish(job)
        current = tx.get("item", job.target)
        if current is None:
            return
        merge(current, {"status": status})
        tx.put("item", job.target, current)
        if job.step == "processing":
            tx.schedule(JOB, job.target, "finish", services.settings.duration("item.processing"))

    await services.store.run(change)


@registry.operation("listKnowledgeStoreItems")
async def list_items(call: Call) -> Response:
    """Lists items."""
    return await listing(
        call,
        "item",
        parent=call.path["knowledge_store_id"],
        fields={"status": call.query.get("status")},
        before=lambda tx: require_store(call, tx),
    )


def _require_inside(call: Call, tx: Transaction, kind: str, identifier: str, collection: str) -> Document:
    """An item or a collection of the knowledge store that the path names."""
    store = require_store(call, tx)
    found = require(call, tx, kind, identifier, collection)
    if found[PRIVATE]["store_id"] != store["_id"]:
        require(call, tx, kind, f"{store['_id']}/{identifier}", collection)
    return found


@registry.operation("retrieveKnowledgeStoreItem")
async def retrieve_item(call: Call) -> Response:
    """Returns one item."""
    item_id = call.path["item_id"]
    return Response(public(await call.services.store.run(lambda tx: _require_inside(call, tx, "item", item_id, ITEMS))))


@registry.operation("deleteKnowledgeStoreItem")
async def delete_item(call: Call) -> Response:
    """Removes an item."""

    def change(tx: Transaction) -> None:
        item = _require_inside(call, tx, "item", call.path["item_id"], ITEMS)
        tx.release_blob(item[PRIVATE]["blob"])
        tx.delete("item", item["_id"])
        for collection in tx.all("item_collection", parent=item[PRIVATE]["store_id"]):
            if item["_id"] in collection[PRIVATE]["members"]:
                collection[PRIVATE]["members"].remove(item["_id"])
                tx.put("item_collection", collection["_id"], collection)

    await call.services.store.run(change)
    return Response()


def _show_collection(collection: Document) -> Document:
    return {**public(collection), "member_count": len(collection[PRIVATE]["members"])}


def _require_collection(call: Call, tx: Transaction) -> Document:
    return _require_inside(call, tx, "item_collection", call.path["collection_id"], COLLECTIONS)


@registry.operation("createKnowledgeStoreItemCollection")
async def create_collection(call: Call) -> Response:
    """Creates an empty item collection."""
    check_pairs(call.body.get("metadata"), STORE_METADATA)

    def change(tx: Transaction) -> Document:
        store = require_store(call, tx)
        collection = new_document(
            clock.new_id("ksic_"),
            knowledge_store_id=store["_id"],
            **{"metadata": {}, **call.body},
            private={"store_id": store["_id"], "members": []},
        )
        tx.put("item_collection", collection["_id"], collection, parent=store["_id"])
        return collection

    return Response(_show_collection(await call.services.store.run(change)))


@registry.operation("listKnowledgeStoreItemCollections")
async def list_collections(call: Call) -> Response:
    """Lists item collections."""
    return await listing(
        call,
        "item_collection",
        parent=call.path["knowledge_store_id"],
        shape=_show_collection,
        before=lambda tx: require_store(call, tx),
    )


@registry.operation("retrieveKnowledgeStoreItemCollection")
async def retrieve_collection(call: Call) -> Response:
    """Returns one item collection."""
    return Response(_show_collection(await call.services.store.run(lambda tx: _require_collection(call, tx))))


@registry.operation("updateKnowledgeStoreItemCollection")
async def update_collection(call: Call) -> Response:
    """Changes the name, the description or the metadata."""
    check_pairs(call.body.get("metadata"), STORE_METADATA)

    def change(tx: Transaction) -> Document:
        collection = _require_collection(call, tx)
        merge(collection, call.body)
        tx.put("item_collection", collection["_id"], collection)
        return collection

    return Response(_show_collection(await call.services.store.run(change)))


@registry.operation("deleteKnowledgeStoreItemCollection")
async def delete_collection(call: Call) -> Response:
    """Deletes an item collection; its items stay."""
    await call.services.store.run(lambda tx: tx.delete("item_collection", _require_collection(call, tx)["_id"]))
    return Response()


@registry.operation("listKnowledgeStoreItemCollectionItems")
async def list_members(call: Call) -> Response:
    """Lists the members of an item collection."""
    members: set[str] = set()
    return await listing(
        call,
        "item",
        parent=call.path["knowledge_store_id"],
        where=lambda item: item["_id"] in members,
        before=lambda tx: members.update(_require_collection(call, tx)[PRIVATE]["members"]),
    )


async def _change_members(call: Call, combine: Any) -> Document:
    item_ids: Sequence[str] = call.body["item_ids"]

    def change(tx: Transaction) -> Document:
        collection = _require_collection(call, tx)
        for item_id in item_ids:
            _require_inside(call, tx, "item", item_id, ITEMS)
        collection[PRIVATE]["members"] = combine(collection[PRIVATE]["members"], item_ids)
        merge(collection, {})
        tx.put("item_collection", collection["_id"], collection)
        return collection

    return await call.services.store.run(change)


@registry.operation("addKnowledgeStoreItemCollectionItems")
async def add_members(call: Call) -> Response:
    """Adds items to an item collection."""
    collection = await _change_members(call, lambda old, new: list(dict.fromkeys([*old, *new])))
    return Response(_show_collection(collection))


@registry.operation("removeKnowledgeStoreItemCollectionItems")
async def remove_members(call: Call) -> Response:
    """Removes items from an item collection."""
    await _change_members(call, lambda old, gone: [item for item in old if item not in gone])
    return Response()
