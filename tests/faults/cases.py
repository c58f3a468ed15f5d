"""A call of every operation, made so that it can be repeated any number of times and always gives the same."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from tests.faults.case import Case, stable
from tests.faults.seed_data import MODELS, World, batch_of, connect, spare_asset, spare_video, text
from twelvelabs_async import BadRequestError

if TYPE_CHECKING:
    from twelvelabs_async import AsyncTwelveLabs

_numbers = itertools.count()


async def _first(pager: Any) -> Any:
    """The items of the first page."""
    return list((await pager).items or [])


async def _members(pager: Any) -> Any:
    """The names of the members of the items: the newest ones come first, and they differ."""
    return [sorted(item) for item in stable(await _first(pager))]


async def _all(stream: Any) -> Any:
    """All events of a stream."""
    return [event async for event in stream]


async def _without_status(answer: Awaitable[Any]) -> Any:
    """An answer about something that may be ready already, or not."""
    return {name: value for name, value in stable(await answer).items() if name != "status"}


def _new() -> str:
    """A name that nothing has."""
    return f"x-{next(_numbers)}"


def _source(world: World) -> Any:
    return {"type": "asset_id", "asset_id": world.asset}


def _ask(world: World) -> Any:
    return {
        "knowledge_store_id": world.store,
        "input": [{"type": "message", "role": "user", "content": "Where is red?"}],
    }


def _paths(world: World) -> tuple[str, str]:
    return world.collection, world.entity


async def _collection(c: AsyncTwelveLabs, _: World) -> str:
    return text((await c.entity_collections.create(name=_new())).id)


async def _entity(c: AsyncTwelveLabs, w: World) -> str:
    made = await c.entity_collections.entities.create(w.collection, name=_new(), asset_ids=[w.face, w.other_face])
    return text(made.id)


async def _index(c: AsyncTwelveLabs, _: World) -> str:
    return text((await c.indexes.create(index_name=_new(), models=MODELS)).id)


async def _analysis(c: AsyncTwelveLabs, w: World) -> str:
    made = await c.analyze_async.tasks.create(model_name="pegasus1.5", video=_source(w), prompt="Summarize")
    await c.analyze_async.tasks.wait_for_done(text(made.task_id), sleep_interval=0.01, timeout=60)
    return text(made.task_id)


async def _batch(c: AsyncTwelveLabs, w: World) -> str:
    made = await c.analyze_async.batches.create(**batch_of(w))
    await c.analyze_async.batches.wait_for_done(text(made.batch_id), sleep_interval=0.01, timeout=60)
    return text(made.batch_id)


async def _task(c: AsyncTwelveLabs, w: World) -> str:
    made = await c.tasks.create(index_id=w.spare_index, video_file=("a.mp4", w.video))
    done = await c.tasks.wait_for_done(text(made.id), sleep_interval=0.01, timeout=60)
    await c.indexes.videos.delete(w.spare_index, text(done.video_id))  # a task with a video cannot be deleted
    return text(made.id)


async def _upload(c: AsyncTwelveLabs, _: World) -> str:
    return text((await c.multipart_upload.create(filename="a.mp4", total_size=6_000_000, type="video")).upload_id)


async def _uri(c: AsyncTwelveLabs, _: World) -> str:
    return text((await c.data_connectors.create_redirect_uri(redirect_uri=f"https://app.example/{_new()}")).id)


async def _store(c: AsyncTwelveLabs, _: World) -> str:
    return text((await c.knowledge_stores.create(name=_new())).id)


async def _item(c: AsyncTwelveLabs, w: World) -> str:
    made = await c.knowledge_store_items.create(w.spare_store, asset_id=await spare_asset(c, w))
    await c.knowledge_store_items.wait_for_done(w.spare_store, text(made.id), sleep_interval=0.01, timeout=60)
    return text(made.id)


async def _shelf(c: AsyncTwelveLabs, w: World) -> str:
    return text((await c.knowledge_store_item_collections.create(w.store, name=_new())).id)


async def _connection(c: AsyncTwelveLabs, w: World) -> str:
    return await connect(c, w.redirect_uri)


_CHUNK: Any = {"chunk_index": 1, "proof": "0" * 32, "proof_type": "etag", "chunk_size": 6_000_000}

CASES = [
    # Indexes
    Case("listIndexes", lambda c, w, _: _first(c.indexes.list(index_name="films"))),
    Case("createIndex", lambda c, w, _: c.indexes.create(index_name=_new(), models=MODELS), "index"),
    Case("retrieveIndex", lambda c, w, _: c.indexes.retrieve(w.index)),
    Case("updateIndex", lambda c, w, _: c.indexes.update(w.index, index_name="films")),
    Case("deleteIndex", lambda c, w, p: c.indexes.delete(p), prepare=_index),
    # IndexedAssets
    Case(
        "listIndexedAssets",
        lambda c, w, _: _first(c.indexes.indexed_assets.list(w.index, page_limit=1, sort_option="asc")),
    ),
    Case(
        "createIndexedAsset",
        lambda c, w, p: c.indexes.indexed_assets.create(w.spare_index, asset_id=p),
        "video",
        spare_asset,
    ),
    Case("retrieveIndexedAsset", lambda c, w, _: c.indexes.indexed_assets.retrieve(w.index, w.indexed)),
    Case(
        "updateIndexedAsset",
        lambda c, w, _: c.indexes.indexed_assets.update(w.index, w.indexed, user_metadata={"a": 1}),
    ),
    Case("deleteIndexedAsset", lambda c, w, p: c.indexes.indexed_assets.delete(w.spare_index, p), prepare=spare_video),
    Case("listIndexedAssetsByAsset", lambda c, w, _: _first(c.indexes.indexed_assets.list_by_asset(w.asset))),
    # Videos
    Case("listVideos", lambda c, w, _: _first(c.indexes.videos.list(w.index, page_limit=1, sort_option="asc"))),
    Case("retrieveVideo", lambda c, w, _: c.indexes.videos.retrieve(w.index, w.video_id)),
    Case("partialUpdateVideo", lambda c, w, _: c.indexes.videos.update(w.index, w.video_id, user_metadata={"a": 1})),
    Case("updateVideo", lambda c, w, _: c.indexes.videos.replace(w.index, w.video_id, user_metadata={"a": 1})),
    Case("deleteVideo", lambda c, w, p: c.indexes.videos.delete(w.spare_index, p), prepare=spare_video),
    # Tasks
    Case("listTasks", lambda c, w, _: _first(c.tasks.list(page_limit=1, sort_option="asc"))),
    Case("createTask", lambda c, w, _: c.tasks.create(index_id=w.spare_index, video_file=("a.mp4", w.video)), "task"),
    Case("retrieveTask", lambda c, w, _: c.tasks.retrieve(w.task)),
    Case("deleteTask", lambda c, w, p: c.tasks.delete(p), prepare=_task),
    # Transfers
    Case("createTransferImport", lambda c, w, _: c.tasks.transfers.create("drive-1", index_id=w.spare_index), "task"),
    Case(
        "retrieveTransferImportStatus", lambda c, w, _: c.tasks.transfers.get_status("drive-1", index_id=w.spare_index)
    ),
    Case("listTransferImportLogs", lambda c, w, _: c.tasks.transfers.get_logs("none")),
    # Assets
    Case("listAssets", lambda c, w, _: _first(c.assets.list(asset_ids=[w.asset]))),
    Case("createAsset", lambda c, w, _: c.assets.create(method="direct", file=("a.mp4", w.video)), "asset"),
    Case("retrieveAsset", lambda c, w, _: c.assets.retrieve(w.face)),
    Case("deleteAsset", lambda c, w, p: c.assets.delete(p), prepare=spare_asset),
    Case("retrieveAssetTranscription", lambda c, w, _: c.assets.retrieve_transcription(w.asset)),
    Case(
        "replaceAssetUserMetadata", lambda c, w, _: c.assets.replace_user_metadata(w.other_face, user_metadata={"a": 1})
    ),
    Case(
        "updateAssetUserMetadata", lambda c, w, _: c.assets.update_user_metadata(w.other_face, user_metadata={"a": 1})
    ),
    Case("deleteAssetUserMetadata", lambda c, w, p: c.assets.delete_user_metadata(p), prepare=spare_asset),
    # MultipartUploads
    Case("listIncompleteUploads", lambda c, w, _: _members(c.multipart_upload.list_incomplete_uploads(page_limit=1))),
    Case(
        "createMultipartUpload",
        lambda c, w, _: c.multipart_upload.create(filename="a.mp4", total_size=6_000_000, type="video"),
        "upload",
    ),
    Case("retrieveUploadStatus", lambda c, w, _: _first(c.multipart_upload.get_status(w.upload))),
    Case(
        "reportChunkBatch",
        lambda c, w, p: c.multipart_upload.report_chunk_batch(p, completed_chunks=[_CHUNK]),
        prepare=_upload,
    ),
    Case(
        "requestAdditionalPresignedUrls",
        lambda c, w, _: c.multipart_upload.get_additional_presigned_urls(w.upload, start=1, count=1),
    ),
    # Search
    Case(
        "createSearch",
        lambda c, w, _: c.search.create(index_id=w.index, query_text="red", search_options=["visual"], page_limit=1),
    ),
    Case("retrieveSearchPage", lambda c, w, _: c.search.retrieve(w.page_token)),
    # Analyze
    Case("analyzeVideo", lambda c, w, _: c.analyze(video=_source(w), prompt="Summarize")),
    Case(
        "analyzeVideo",
        lambda c, w, _: _all(c.analyze_stream(video=_source(w), prompt="Summarize and list colours")),
        name="stream",
    ),
    Case("generateText", lambda c, w, _: c.generate(video_id=w.video_id, prompt="Summarize", stream=False)),
    Case("generateGist", lambda c, w, _: c.gist(video_id=w.video_id, types=["title"])),
    Case("summarizeVideo", lambda c, w, _: c.summarize(video_id=w.video_id, type="summary")),
    # AnalyzeTasks
    Case("listAnalyzeTasks", lambda c, w, _: _first(c.analyze_async.tasks.list(page_limit=1, status="failed"))),
    Case(
        "createAnalyzeTask",
        lambda c, w, _: c.analyze_async.tasks.create(model_name="pegasus1.5", video=_source(w), prompt="Summarize"),
        "analyze_task",
    ),
    Case(
        "createAnalyzeTask",
        lambda c, w, _: _without_status(
            c.analyze_async.tasks.create(
                model_name="pegasus1.5", video=_source(w), prompt="Summarize", idempotency_key=_new()
            )
        ),
        "analyze_task",
        name="with a key",
        with_key=True,
    ),
    Case("retrieveAnalyzeTask", lambda c, w, _: c.analyze_async.tasks.retrieve(w.analysis)),
    Case("deleteAnalyzeTask", lambda c, w, p: c.analyze_async.tasks.delete(p), prepare=_analysis),
    # AnalyzeBatches
    Case("listAnalyzeBatches", lambda c, w, _: _first(c.analyze_async.batches.list(page_limit=1, status="canceled"))),
    Case("createAnalyzeBatch", lambda c, w, _: c.analyze_async.batches.create(**batch_of(w)), "batch"),
    Case("retrieveAnalyzeBatch", lambda c, w, _: c.analyze_async.batches.retrieve(w.batch)),
    Case("deleteAnalyzeBatch", lambda c, w, p: c.analyze_async.batches.delete(p), prepare=_batch),
    Case("retrieveAnalyzeBatchResults", lambda c, w, _: _all(c.analyze_async.batches.results(w.batch)), name="stream"),
    # Embed
    Case("createEmbeddings", lambda c, w, _: c.embed.create(model_name="marengo3.0", text="red")),
    Case("listEmbeddingTasks", lambda c, w, _: _first(c.embed.tasks.list(page_limit=1, status="failed"))),
    Case(
        "createEmbeddingTask",
        lambda c, w, _: c.embed.tasks.create(model_name="marengo3.0", video_file=("a.mp4", w.video)),
        "embed_task",
    ),
    Case("retrieveEmbeddingTaskStatus", lambda c, w, _: c.embed.tasks.status(w.embedding)),
    Case("retrieveEmbeddingTask", lambda c, w, _: c.embed.tasks.retrieve(w.embedding)),
    # EmbedV2
    Case(
        "createEmbeddingsV2",
        lambda c, w, _: c.embed.v_2.create(input_type="text", model_name="marengo3.0", text={"input_text": "red"}),
    ),
    Case("listEmbeddingTasksV2", lambda c, w, _: _first(c.embed.v_2.tasks.list(page_limit=1, status="failed"))),
    Case(
        "createEmbeddingTaskV2",
        lambda c, w, _: c.embed.v_2.tasks.create(
            input_type="video", model_name="marengo3.0", video={"media_source": {"asset_id": w.asset}}
        ),
        "embed_v2_task",
    ),
    Case("retrieveEmbeddingTaskV2", lambda c, w, _: c.embed.v_2.tasks.retrieve(w.embedding_v2)),
    # EntityCollections
    Case("listEntityCollections", lambda c, w, _: _first(c.entity_collections.list(name="people"))),
    Case("createEntityCollection", lambda c, w, _: c.entity_collections.create(name=_new()), "entity_collection"),
    Case("retrieveEntityCollection", lambda c, w, _: c.entity_collections.retrieve(w.collection)),
    Case("updateEntityCollection", lambda c, w, _: c.entity_collections.update(w.collection, name="people")),
    Case("deleteEntityCollection", lambda c, w, p: c.entity_collections.delete(p), prepare=_collection),
    # Entities
    Case("listEntities", lambda c, w, _: _first(c.entity_collections.entities.list(w.collection, name="someone"))),
    Case(
        "createEntity",
        lambda c, w, _: c.entity_collections.entities.create(w.collection, name=_new(), asset_ids=[w.face]),
        "entity",
    ),
    Case(
        "createEntitiesBulk",
        lambda c, w, _: c.entity_collections.entities.create_bulk(
            w.collection, entities=[{"name": _new(), "asset_ids": [w.face]}]
        ),
        "entity",
    ),
    Case("retrieveEntity", lambda c, w, _: c.entity_collections.entities.retrieve(*_paths(w))),
    Case(
        "updateEntity",
        lambda c, w, p: _without_status(c.entity_collections.entities.update(w.collection, p, description="x")),
        prepare=_entity,
    ),
    Case("deleteEntity", lambda c, w, p: c.entity_collections.entities.delete(w.collection, p), prepare=_entity),
    Case(
        "addEntityAssets",
        lambda c, w, p: _without_status(
            c.entity_collections.entities.create_assets(w.collection, p, asset_ids=[w.face])
        ),
        prepare=_entity,
    ),
    Case(
        "removeEntityAssets",
        lambda c, w, p: c.entity_collections.entities.delete_assets(w.collection, p, asset_ids=[w.face]),
        prepare=_entity,
        when_repeated=(BadRequestError,),
    ),
    Case("listEntitiesByAsset", lambda c, w, _: _first(c.entity_collections.entities.list_by_asset(w.asset))),
    Case("listAllEntities", lambda c, w, _: _first(c.manage_entities.list_all_entities(name="someone"))),
    # Connections
    Case(
        "authorizeConnection",
        lambda c, w, _: c.data_connectors.authorize_connection(provider="google_drive", redirect_uri=w.redirect_uri),
    ),
    Case("listConnections", lambda c, w, _: _first(c.data_connectors.list_connections(page_limit=1))),
    Case("retrieveConnection", lambda c, w, _: c.data_connectors.retrieve_connection(w.connection)),
    Case("deleteConnection", lambda c, w, p: c.data_connectors.delete_connection(p), prepare=_connection),
    Case("createConnectionPickerToken", lambda c, w, _: c.data_connectors.create_connection_picker_token(w.connection)),
    Case("listRedirectUris", lambda c, w, _: _first(c.data_connectors.list_redirect_uris(page_limit=1))),
    Case(
        "createRedirectUri",
        lambda c, w, _: c.data_connectors.create_redirect_uri(redirect_uri=f"https://app.example/{_new()}"),
        "redirect_uri",
    ),
    Case("deleteRedirectUri", lambda c, w, p: c.data_connectors.delete_redirect_uri(p), prepare=_uri),
    # Imports
    Case("listImports", lambda c, w, _: _first(c.imports.list_imports(w.connection, page_limit=1))),
    Case(
        "createImport",
        lambda c, w, _: c.imports.import_files(w.connection, items=[{"source_id": "none.mp4"}]),
        "import",
    ),
    Case("retrieveImport", lambda c, w, _: c.imports.retrieve_import(w.connection, w.import_id)),
    # KnowledgeStores
    Case("listKnowledgeStores", lambda c, w, _: _first(c.knowledge_stores.list(page_limit=1, sort_option="asc"))),
    Case("createKnowledgeStore", lambda c, w, _: c.knowledge_stores.create(name=_new()), "knowledge_store"),
    Case("retrieveKnowledgeStore", lambda c, w, _: c.knowledge_stores.retrieve(w.store)),
    Case("updateKnowledgeStore", lambda c, w, _: c.knowledge_stores.update(w.store, name="films")),
    Case("deleteKnowledgeStore", lambda c, w, p: c.knowledge_stores.delete(p), prepare=_store),
    Case(
        "searchKnowledgeStore",
        lambda c, w, _: _first(c.knowledge_stores.search(w.store, query={"text": "red"}, page_size=1)),
    ),
    # KnowledgeStoreItems
    Case(
        "listKnowledgeStoreItems",
        lambda c, w, _: _first(c.knowledge_store_items.list(w.store, page_limit=1, sort_option="asc")),
    ),
    Case(
        "createKnowledgeStoreItem",
        lambda c, w, p: c.knowledge_store_items.create(w.spare_store, asset_id=p),
        "item",
        spare_asset,
    ),
    Case("retrieveKnowledgeStoreItem", lambda c, w, _: c.knowledge_store_items.retrieve(w.store, w.item)),
    Case("deleteKnowledgeStoreItem", lambda c, w, p: c.knowledge_store_items.delete(w.spare_store, p), prepare=_item),
    # KnowledgeStoreItemCollections
    Case(
        "listKnowledgeStoreItemCollections",
        lambda c, w, _: _first(c.knowledge_store_item_collections.list(w.store, page_limit=1, sort_option="asc")),
    ),
    Case(
        "createKnowledgeStoreItemCollection",
        lambda c, w, _: c.knowledge_store_item_collections.create(w.store, name=_new()),
        "item_collection",
    ),
    Case(
        "retrieveKnowledgeStoreItemCollection",
        lambda c, w, _: c.knowledge_store_item_collections.retrieve(w.store, w.shelf),
    ),
    Case(
        "updateKnowledgeStoreItemCollection",
        lambda c, w, _: c.knowledge_store_item_collections.update(w.store, w.shelf, name="best"),
    ),
    Case(
        "deleteKnowledgeStoreItemCollection",
        lambda c, w, p: c.knowledge_store_item_collections.delete(w.store, p),
        prepare=_shelf,
    ),
    Case(
        "listKnowledgeStoreItemCollectionItems",
        lambda c, w, _: _first(c.knowledge_store_item_collections.list_items(w.store, w.shelf)),
    ),
    Case(
        "addKnowledgeStoreItemCollectionItems",
        lambda c, w, _: c.knowledge_store_item_collections.add_items(w.store, w.shelf, item_ids=[w.item]),
    ),
    Case(
        "removeKnowledgeStoreItemCollectionItems",
        lambda c, w, p: c.knowledge_store_item_collections.remove_items(w.store, p, item_ids=[w.item]),
        prepare=_shelf,
    ),
    # Responses
    Case("createResponse", lambda c, w, _: c.responses.create(**_ask(w))),
    Case("createResponse", lambda c, w, _: _all(c.responses.create_stream(**_ask(w))), name="stream"),
]

LEFT_OUT = {
    "cancelAnalyzeTask": "at speed 0 a task is done before it can be cancelled",
    "cancelAnalyzeBatch": "at speed 0 a batch is done before it can be cancelled",
}
