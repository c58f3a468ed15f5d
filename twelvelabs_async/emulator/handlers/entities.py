"""Tags EntityCollections and Entities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..api.call import Response
from ..api.registry import Registry
from ..errors import ApiError, not_exist, parameter_invalid
from ..resources.documents import PRIVATE, new_document, public, require
from ..resources.filters import all_of, equals
from ..resources.listing import listing
from ..services import Services
from ..state.store import Document, Job, Transaction, merge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..api.call import Call

registry: Registry = Registry()

JOB = "entity"
COLLECTIONS = "entity collections"


@registry.operation("createEntityCollection")
async def create_collection(call: Call) -> Response:
    """Creates an empty collection."""
    collection = new_document(**call.body)
    await call.services.store.put("entity_collection", collection["_id"], collection)
    return Response(public(collection))


@registry.operation("listEntityCollections")
async def list_collections(call: Call) -> Response:
    """Lists collections."""
    return await listing(call, "entity_collection", where=equals("name", call.query.get("name")))


@registry.operation("retrieveEntityCollection")
async def retrieve_collection(call: Call) -> Response:
    """Returns one collection."""
    identifier = call.path["entity_collection_id"]
    found = await call.services.store.run(lambda tx: require(call, tx, "entity_collection", identifier, COLLECTIONS))
    return Response(public(found))


@registry.operation("updateEntityCollection")
async def update_collection(call: Call) -> Response:
    """Changes the name or the description of a collection."""
    identifier = call.path["entity_collection_id"]

    def change(tx: Transaction) -> Document:
        collection = require(call, tx, "entity_collection", identifier, COLLECTIONS)
        merge(collection, call.body)
        tx.put("entity_collection", identifier, collection)
        return collection

    return Response(public(await call.services.store.run(change)))


@registry.operation("deleteEntityCollection")
async def delete_collection(call: Call) -> Response:
    """Deletes a collection with its entities."""
    identifier = call.path["entity_collection_id"]

    def change(tx: Transaction) -> None:
        require(call, tx, "entity_collection", identifier, COLLECTIONS)
        tx.delete_children("entity", identifier)
        tx.delete("entity_collection", identifier)

    await call.services.store.run(change)
    return Response()


def _new(tx: Transaction, collection_id: str, given: Mapping[str, Any], prefix: str = "") -> Document:
    """A new entity, validated.

    Raises:
        ApiError: An asset does not exist, or the metadata holds objects or lists.
    """
    _check_assets(tx, given["asset_ids"])
    _check_metadata(given.get("metadata"), prefix)
    return new_document(
        entity_collection_id=collection_id,
        name=given["name"],
        description=given.get("description"),
        metadata=given.get("metadata") or {},
        asset_ids=list(dict.fromkeys(given["asset_ids"])),
        status="processing",
    )


def _check_assets(tx: Transaction, asset_ids: Sequence[str]) -> None:
    for asset_id in asset_ids:
        if tx.get("asset", asset_id) is None:
            raise not_exist("assets", asset_id, status=400)


def _check_metadata(metadata: Mapping[str, Any] | None, prefix: str = "") -> None:
    for name, value in (metadata or {}).items():
        if not isinstance(value, (str, int, float, bool)):
            raise parameter_invalid(f"{prefix}metadata.{name}", "Store objects and lists as text.")


def _begin(services: Services, tx: Transaction, entity: Document) -> None:
    tx.put("entity", entity["_id"], entity, parent=entity["entity_collection_id"])
    tx.schedule(JOB, entity["_id"], "ready", services.settings.duration("entity.processing"))


@registry.job(JOB)
async def advance(services: Services, job: Job) -> None:
    """Moves an entity to ready."""

    def change(tx: Transaction) -> None:
        tx.finish(job)
        entity = tx.get("entity", job.target)
        if entity is not None:
            merge(entity, {"status": "ready"})
            tx.put("entity", job.target, entity)

    await services.store.run(change)


@registry.operation("createEntity")
async def create_entity(call: Call) -> Response:
    """Creates an entity from reference assets."""
    collection_id = call.path["entity_collection_id"]

    def change(tx: Transaction) -> Document:
        require(call, tx, "entity_collection", collection_id, COLLECTIONS)
        entity = _new(tx, collection_id, call.body)
        _begin(call.services, tx, entity)
        return entity

    return Response(public(await call.services.store.run(change)))


@registry.operation("createEntitiesBulk")
async def create_entities(call: Call) -> Response:
    """Creates several entities; those that cannot be created are listed with the reason."""
    collection_id = call.path["entity_collection_id"]

    def change(tx: Transaction) -> Document:
        require(call, tx, "entity_collection", collection_id, COLLECTIONS)
        made, errors = [], []
        for position, given in enumerate(call.body["entities"]):
            try:
                entity = _new(tx, collection_id, given)
            except ApiError as error:
                errors.append({"entity_index": position, "entity_name": given["name"], "error_reason": error.message})
                continue
            _begin(call.services, tx, entity)
            made.append({name: entity[name] for name in ("_id", "name", "status")})
        return {"success_count": len(made), "failed_count": len(errors), "entities": made, "errors": errors}

    if not call.body["entities"]:
        raise parameter_invalid("entities", "At least one entity is needed.")
    return Response(await call.services.store.run(change))


@registry.operation("listEntities")
async def list_entities(call: Call) -> Response:
    """Lists the entities of a collection."""
    collection_id = call.path["entity_collection_id"]
    where = all_of(equals("name", call.query.get("name")), equals("status", call.query.get("status")))
    return await listing(
        call,
        "entity",
        parent=collection_id,
        where=where,
        before=lambda tx: require(call, tx, "entity_collection", collection_id, COLLECTIONS),
    )


@registry.operation("listEntitiesByAsset")
async def list_by_asset(call: Call) -> Response:
    """Lists the entities that have an asset among their references."""
    asset_id = call.path["asset_id"]
    return await listing(
        call,
        "entity",
        where=lambda entity: asset_id in entity["asset_ids"],
        before=lambda tx: require(call, tx, "asset", asset_id, "assets"),
    )


@registry.operation("listAllEntities")
async def list_all(call: Call) -> Response:
    """Lists the entities of all collections."""
    names: dict[str, str] = {}
    services = call.services

    def prepare(tx: Transaction) -> None:
        names.update({c["_id"]: c["name"] for c in tx.all("entity_collection")})
        names.update({a["_id"]: a[PRIVATE]["blob"] for a in tx.all("asset") if a[PRIVATE]["blob"]})

    def shape(entity: Document) -> Document:
        urls = [services.urls.file_url(names[a], "media") for a in entity["asset_ids"] if a in names]
        name = names.get(entity["entity_collection_id"], "")
        return {**public(entity), "entity_collection_name": name, "asset_urls": urls}

    where = all_of(equals("name", call.query.get("name")), equals("status", call.query.get("status")))
    return await listing(call, "entity", where=where, shape=shape, before=prepare)


def _require(call: Call, tx: Transaction) -> Document:
    collection_id, identifier = call.path["entity_collection_id"], call.path["entity_id"]
    require(call, tx, "entity_collection", collection_id, COLLECTIONS)
    entity = require(call, tx, "entity", identifier, "entities")
    if entity["entity_collection_id"] != collection_id:
        require(call, tx, "entity", f"{collection_id}/{identifier}", "entities")
    return entity


@registry.operation("retrieveEntity")
async def retrieve_entity(call: Call) -> Response:
    """Returns one entity."""
    return Response(public(await call.services.store.run(lambda tx: _require(call, tx))))


@registry.operation("updateEntity")
async def update_entity(call: Call) -> Response:
    """Changes the name, the description or the metadata of an entity."""
    _check_metadata(call.body.get("metadata"))

    def change(tx: Transaction) -> Document:
        entity = _require(call, tx)
        merge(entity, call.body)
        tx.put("entity", entity["_id"], entity)
        return entity

    return Response(public(await call.services.store.run(change)))


@registry.operation("deleteEntity")
async def delete_entity(call: Call) -> Response:
    """Deletes an entity; its assets stay."""
    await call.services.store.run(lambda tx: tx.delete("entity", _require(call, tx)["_id"]))
    return Response()


@registry.operation("addEntityAssets")
async def add_assets(call: Call) -> Response:
    """Adds reference assets."""

    def change(tx: Transaction) -> Document:
        entity = _require(call, tx)
        _check_assets(tx, call.body["asset_ids"])
        assets = list(dict.fromkeys([*entity["asset_ids"], *call.body["asset_ids"]]))
        merge(entity, {"asset_ids": assets, "status": "processing"})
        _begin(call.services, tx, entity)
        return entity

    return Response(public(await call.services.store.run(change)))


@registry.operation("removeEntityAssets")
async def remove_assets(call: Call) -> Response:
    """Removes reference assets; the last one has to stay."""

    def change(tx: Transaction) -> Document:
        entity = _require(call, tx)
        kept = [asset for asset in entity["asset_ids"] if asset not in call.body["asset_ids"]]
        for asset_id in call.body["asset_ids"]:
            if asset_id not in entity["asset_ids"]:
                raise parameter_invalid("asset_ids", f"The asset {asset_id} is not linked to the entity.")
        if not kept:
            raise parameter_invalid("asset_ids", "The last asset of an entity cannot be removed.")
        merge(entity, {"asset_ids": kept, "status": "processing"})
        _begin(call.services, tx, entity)
        return entity

    return Response(public(await call.services.store.run(change)))
