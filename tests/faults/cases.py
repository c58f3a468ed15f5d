"""A call of every operation, made so that it can be repeated any number of times and always gives the same."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from tests.faults.case import Case, stable
from tests.faults.seed_data import MODELS, SeedData, batch_of, connect, spare_asset, spare_video, text
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
    """A response about something that may be ready already, or not."""
    return {name: value for name, value in stable(await answer).items() if name != "status"}


def _new() -> str:
    """A name that nothing has."""
    return f"x-{next(_numbers)}"


def _source(data: SeedData) -> Any:
    return {"type": "asset_id", "asset_id": data.asset}


def _ask(data: SeedData) -> Any:
    return {
        "knowledge_store_id": data.store,
        "input": [{"type": "message", "role": "user", "content": "Where is red?"}],
    }


def _paths(data: SeedData) -> tuple[str, str]:
    return data.collection, data.entity


async def _collection(c: AsyncTwelveLabs, _: SeedData) -> str:
    return text((await c.entity_collections.create(name=_new())).id)


async def _entity(c: AsyncTwelveLabs, d: SeedData) -> str:
    made = await c.entity_collections.entities.create(d.collection, name=_new(), asset_ids=[d.face, d.other_face])
    return text(made.id)


async def _index(c: AsyncTwelveLabs, _: SeedData) -> str:
    return text((await c.indexes.create(index_name=_new(), models=MODELS)).id)


async def _analysis(c: AsyncTwelveLabs, d: SeedData) -> str:
    made = await c.analyze_async.tasks.create(model_name="pegasus1.5", video=_source(d), prompt="Summarize")
    await c.analyze_async.tasks.wait_for_done(text(made.task_id), sleep_interval=0.01, timeout=60)
    return text(made.task_id)


async def _batch(c: AsyncTwelveLabs, d: SeedData) -> str:
    made = await c.analyze_async.batches.create(**batch_of(d))
    await c.analyze_async.batches.wait_for_done(text(made.batch_id), sleep_interval=0.01, timeout=60)
    return text(made.batch_id)


async def _task(c: AsyncTwelveLabs, d: SeedData) -> str:
    made = await c.tasks.create(index_id=d.spare_index, video_file=("a.mp4", d.video))
    done = await c.tasks.wait_for_done(text(made.id), sleep_interval=0.01, timeout=60)
    await c.indexes.videos.delete(d.spare_index, text(done.video_id))  # a task with a video cannot be deleted
    return text(made.id)


async def _upload(c: AsyncTwelveLabs, _: SeedData) -> str:
    return text((await c.multipart_upload.create(filename="a.mp4", total_size=6_000_000, type="video")).upload_id)


async def _uri(c: AsyncTwelveLabs, _: SeedData) -> str:
    return text((await c.data_connectors.create_redirect_uri(redirect_uri=f"https://app.example/{_new()}")).id)


async def _store(c: AsyncTwelveLabs, _: SeedData) -> str:
    return text((await c.knowledge_stores.create(name=_new())).id)


async def _item(c: AsyncTwelveLabs, d: SeedData) -> str:
    made = await c.knowledge_store_items.create(d.spare_store, asset_id=await spare_asset(c, d))
    await c.knowledge_store_items.wait_for_done(d.spare_store, text(made.id), sleep_interval=0.01, timeout=60)
    return text(made.id)


async def _shelf(c: AsyncTwelveLabs, d: SeedData) -> str:
    return text((await c.knowledge_store_item_collections.create(d.store, name=_new())).id)


async def _connection(c: AsyncTwelveLabs, d: SeedData) -> str:
    return await connect(c, d.redirect_uri)


_CHUNK: Any = {"chunk_index": 1, "proof": "0" * 32, "proof_type": "etag", "chunk_size": 6_000_000}

CASES = [
    # Indexes
    Case("listIndexes", lambda c, d, _: _first(c.indexes.list(index_name="films"))),
    Case("createIndex", lambda c, d, _: c.indexes.create(index_name=_new(), models=MODELS), "index"),
    Case("retrieveIndex", lambda c, d, _: c.indexes.retrieve(d.index)),
    Case("updateIndex", lambda c, d, _: c.indexes.update(d.index, index_name="films")),
    Case("deleteIndex", lambda c, d, p: c.indexes.delete(p), prepare=_index),
    # IndexedAssets
    Case(
        "listIndexedAssets",
        lambda c, d, _: _first(c.indexes.indexed_assets.list(d.index, page_limit=1, sort_option="asc")),
    ),
    Case(
        "createIndexedAsset",
        lambda c, d, p: c.indexes.indexed_assets.create(d.spare_index, asset_id=p),
        "video",
        spare_asset,
    ),
    Case("retrieveIndexedAsset", lambda c, d, _: c.indexes.indexed_assets.retrieve(d.index, d.indexed)),
    Case(
        "updateIndexedAsset",
        lambda c, d, _: c.indexes.indexed_assets.update(d.index, d.indexed, user_metadata={"a": 1}),
    ),
    Case("deleteIndexedAsset", lambda c, d, p: c.indexes.indexed_assets.delete(d.spare_index, p), prepare=spare_video),
    Case("listIndexedAssetsByAsset", lambda c, d, _: _first(c.indexes.indexed_assets.list_by_asset(d.asset))),
    # Videos
    Case("listVideos", lambda c, d, _: _first(c.indexes.videos.list(d.index, page_limit=1, sort_option="asc"))),
    Case("retrieveVideo", lambda c, d, _: c.indexes.videos.retrieve(d.index, d.video_id)),
    Case("partialUpdateVideo", lambda c, d, _: c.indexes.videos.update(d.index, d.video_id, user_metadata={"a": 1})),
    Case("updateVideo", lambda c, d, _: c.indexes.videos.replace(d.index, d.video_id, user_metadata={"a": 1})),
    Case("deleteVideo", lambda c, d, p: c.indexes.videos.delete(d.spare_index, p), prepare=spare_video),
    # Tasks
    Case("listTasks", lambda c, d, _: _first(c.tasks.list(page_limit=1, sort_option="asc"))),
    Case("createTask", lambda c, d, _: c.tasks.create(index_id=d.spare_index, video_file=("a.mp4", d.video)), "task"),
    Case("retrieveTask", lambda c, d, _: c.tasks.retrieve(d.task)),
    Case("deleteTask", lambda c, d, p: c.tasks.delete(p), prepare=_task),
    # Transfers
    Case("createTransferImport", lambda c, d, _: c.tasks.transfers.create("drive-1", index_id=d.spare_index), "task"),
    Case(
        "retrieveTransferImportStatus", lambda c, d, _: c.tasks.transfers.get_status("drive-1", index_id=d.spare_index)
    ),
    Case("listTransferImportLogs", lambda c, d, _: c.tasks.transfers.get_logs("none")),
    # Assets
    Case("listAssets", lambda c, d, _: _first(c.assets.list(asset_ids=[d.asset]))),
    Case("createAsset", lambda c, d, _: c.assets.create(method="direct", file=("a.mp4", d.video)), "asset"),
    Case("retrieveAsset", lambda c, d, _: c.assets.retrieve(d.face)),
    Case("deleteAsset", lambda c, d, p: c.assets.delete(p), prepare=spare_asset),
    Case("retrieveAssetTranscription", lambda c, d, _: c.assets.retrieve_transcription(d.asset)),
    Case(
        "replaceAssetUserMetadata", lambda c, d, _: c.assets.replace_user_metadata(d.other_face, user_metadata={"a": 1})
    ),
    Case(
        "updateAssetUserMetadata", lambda c, d, _: c.assets.update_user_metadata(d.other_face, user_metadata={"a": 1})
    ),
    Case("deleteAssetUserMetadata", lambda c, d, p: c.assets.delete_user_metadata(p), prepare=spare_asset),
    # MultipartUploads
    Case("listIncompleteUploads", lambda c, d, _: _members(c.multipart_upload.list_incomplete_uploads(page_limit=1))),
    Case(
        "createMultipartUpload",
        lambda c, d, _: c.multipart_upload.create(filename="a.mp4", total_size=6_000_000, type="video"),
        "upload",
    ),
    Case("retrieveUploadStatus", lambda c, d, _: _first(c.multipart_upload.get_status(d.upload))),
    Case(
        "reportChunkBatch",
        lambda c, d, p: c.multipart_upload.report_chunk_batch(p, completed_chunks=[_CHUNK]),
        prepare=_upload,
    ),
    Case(
        "requestAdditionalPresignedUrls",
        lambda c, d, _: c.multipart_upload.get_additional_presigned_urls(d.upload, start=1, count=1),
    ),
    # Search
    Case(
        "createSearch",
        lambda c, d, _: c.search.create(index_id=d.index, query_text="red", search_options=["visual"], page_limit=1),
    ),
    Case("retrieveSearchPage", lambda c, d, _: c.search.retrieve(d.page_token)),
    # Analyze
    Case("analyzeVideo", lambda c, d, _: c.analyze(video=_source(d), prompt="Summarize")),
    Case(
        "analyzeVideo",
        lambda c, d, _: _all(c.analyze_stream(video=_source(d), prompt="Summarize and list colours")),
        name="stream",
    ),
    Case("generateText", lambda c, d, _: c.generate(video_id=d.video_id, prompt="Summarize", stream=False)),
    Case("generateGist", lambda c, d, _: c.gist(video_id=d.video_id, types=["title"])),
    Case("summarizeVideo", lambda c, d, _: c.summarize(video_id=d.video_id, type="summary")),
    # AnalyzeTasks
    Case("listAnalyzeTasks", lambda c, d, _: _first(c.analyze_async.tasks.list(page_limit=1, status="failed"))),
    Case(
        "createAnalyzeTask",
        lambda c, d, _: c.analyze_async.tasks.create(model_name="pegasus1.5", video=_source(d), prompt="Summarize"),
        "analyze_task",
    ),
    Case(
        "createAnalyzeTask",
        lambda c, d, _: _without_status(
            c.analyze_async.tasks.create(
                model_name="pegasus1.5", video=_source(d), prompt="Summarize", idempotency_key=_new()
            )
        ),
        "analyze_task",
        name="with a key",
        with_key=True,
    ),
    Case("retrieveAnalyzeTask", lambda c, d, _: c.analyze_async.tasks.retrieve(d.analysis)),
    Case("deleteAnalyzeTask", lambda c, d, p: c.analyze_async.tasks.delete(p), prepare=_analysis),
    # AnalyzeBatches
    Case("listAnalyzeBatches", lambda c, d, _: _first(c.analyze_async.batches.list(page_limit=1, status=["canceled"]))),
    Case("createAnalyzeBatch", lambda c, d, _: c.analyze_async.batches.create(**batch_of(d)), "batch"),
    Case("retrieveAnalyzeBatch", lambda c, d, _: c.analyze_async.batches.retrieve(d.batch)),
    Case("deleteAnalyzeBatch", lambda c, d, p: c.analyze_async.batches.delete(p), prepare=_batch),
    Case("retrieveAnalyzeBatchResults", lambda c, d, _: _all(c.analyze_async.batches.results(d.batch)), name="stream"),
    # Embed
    Case("createEmbeddings", lambda c, d, _: c.embed.create(model_name="marengo3.0", text="red")),
    Case("listEmbeddingTasks", lambda c, d, _: _first(c.embed.tasks.list(page_limit=1, status="failed"))),
    Case(
        "createEmbeddingTask",
        lambda c, d, _: c.embed.tasks.create(model_name="marengo3.0", video_file=("a.mp4", d.video)),
        "embed_task",
    ),
    Case("retrieveEmbeddingTaskStatus", lambda c, d, _: c.embed.tasks.status(d.embedding)),
    Case("retrieveEmbeddingTask", lambda c, d, _: c.embed.tasks.retrieve(d.embedding)),
    # EmbedV2
    Case(
        "createEmbeddingsV2",
        lambda c, d, _: c.embed.v_2.create(input_type="text", model_name="marengo3.0", text={"input_text": "red"}),
    ),
    Case("listEmbeddingTasksV2", lambda c, d, _: _first(c.embed.v_2.tasks.list(page_limit=1, status="failed"))),
    Case(
        "createEmbeddingTaskV2",
        lambda c, d, _: c.embed.v_2.tasks.create(
            input_type="video", model_name="marengo3.0", video={"media_source": {"asset_id": d.asset}}
        ),
        "embed_v2_task",
    ),
    Case("retrieveEmbeddingTaskV2", lambda c, d, _: c.embed.v_2.tasks.retrieve(d.embedding_v2)),
    # EntityCollections
    Case("listEntityCollections", lambda c, d, _: _first(c.entity_collections.list(name="people"))),
    Case("createEntityCollection", lambda c, d, _: c.entity_collections.create(name=_new()), "entity_collection"),
    Case("retrieveEntityCollection", lambda c, d, _: c.entity_collections.retrieve(d.collection)),
    Case("updateEntityCollection", lambda c, d, _: c.entity_collections.update(d.collection, name="people")),
    Case("deleteEntityCollection", lambda c, d, p: c.entity_collections.delete(p), prepare=_collection),
    # Entities
    Case("listEntities", lambda c, d, _: _first(c.entity_collections.entities.list(d.collection, name="someone"))),
    Case(
        "createEntity",
        lambda c, d, _: c.entity_collections.entities.create(d.collection, name=_new(), asset_ids=[d.face]),
        "entity",
    ),
    Case(
        "createEntitiesBulk",
        lambda c, d, _: c.entity_collections.entities.create_bulk(
            d.collection, entities=[{"name": _new(), "asset_ids": [d.face]}]
        ),
        "entity",
    ),
    Case("retrieveEntity", lambda c, d, _: c.entity_collections.entities.retrieve(*_paths(d))),
    Case(
        "updateEntity",
        lambda c, d, p: _without_status(c.entity_collections.entities.update(d.collection, p, description="x")),
        prepare=_entity,
    ),
    Case("deleteEntity", lambda c, d, p: c.entity_collections.entities.delete(d.collection, p), prepare=_entity),
    Case(
        "addEntityAssets",
        lambda c, d, p: _without_status(
            c.entity_collections.entities.create_assets(d.collection, p, asset_ids=[d.face])
        ),
        prepare=_entity,
    ),
    Case(
        "removeEntityAssets",
        lambda c, d, p: c.entity_collections.entities.delete_assets(d.collection, p, asset_ids=[d.face]),
        prepare=_entity,
        when_repeated=(BadRequestError,),
    ),
    Case("listEntitiesByAsset", lambda c, d, _: _first(c.entity_collections.entities.list_by_asset(d.asset))),
    Case("listAllEntities", lambda c, d, _: _first(c.manage_entities.list_all_entities(name="someone"))),
    # Connections
    Case(
        "authorizeConnection",
        lambda c, d, _: c.data_connectors.authorize_connection(provider="google_drive", redirect_uri=d.redirect_uri),
    ),
    Case("listConnections", lambda c, d, _: _first(c.data_connectors.list_connections(page_limit=1))),
    Case("retrieveConnection", lambda c, d, _: c.data_connectors.retrieve_connection(d.connection)),
    Case("deleteConnection", lambda c, d, p: c.data_connectors.delete_connection(p), prepare=_connection),
    Case("createConnectionPickerToken", lambda c, d, _: c.data_connectors.create_connection_picker_token(d.connection)),
    Case("listRedirectUris", lambda c, d, _: _first(c.data_connectors.list_redirect_uris(page_limit=1))),
    Case(
        "createRedirectUri",
        lambda c, d, _: c.data_connectors.create_redirect_uri(redirect_uri=f"https://app.example/{_new()}"),
        "redirect_uri",
    ),
    Case("deleteRedirectUri", lambda c, d, p: c.data_connectors.delete_redirect_uri(p), prepare=_uri),
    # Imports
    Case("listImports", lambda c, d, _: _first(c.imports.list_imports(d.connection, page_limit=1))),
    Case(
        "createImport",
        lambda c, d, _: c.imports.import_files(d.connection, items=[{"source_id": "none.mp4"}]),
        "import",
    ),
    Case("retrieveImport", lambda c, d, _: c.imports.retrieve_import(d.connection, d.import_id)),
    # KnowledgeStores
    Case("listKnowledgeStores", lambda c, d, _: _first(c.knowledge_stores.list(page_limit=1, sort_option="asc"))),
    Case("createKnowledgeStore", lambda c, d, _: c.knowledge_stores.create(name=_new()), "knowledge_store"),
    Case("retrieveKnowledgeStore", lambda c, d, _: c.knowledge_stores.retrieve(d.store)),
    Case("updateKnowledgeStore", lambda c, d, _: c.knowledge_stores.update(d.store, name="films")),
    Case("deleteKnowledgeStore", lambda c, d, p: c.knowledge_stores.delete(p), prepare=_store),
    Case(
        "searchKnowledgeStore",
        lambda c, d, _: _first(c.knowledge_stores.search(d.store, query={"text": "red"}, page_size=1)),
    ),
    # KnowledgeStoreItems
    Case(
        "listKnowledgeStoreItems",
        lambda c, d, _: _first(c.knowledge_store_items.list(d.store, page_limit=1, sort_option="asc")),
    ),
    Case(
        "createKnowledgeStoreItem",
        lambda c, d, p: c.knowledge_store_items.create(d.spare_store, asset_id=p),
        "item",
        spare_asset,
    ),
    Case("retrieveKnowledgeStoreItem", lambda c, d, _: c.knowledge_store_items.retrieve(d.store, d.item)),
    Case("deleteKnowledgeStoreItem", lambda c, d, p: c.knowledge_store_items.delete(d.spare_store, p), prepare=_item),
    # KnowledgeStoreItemCollections
    Case(
        "listKnowledgeStoreItemCollections",
        lambda c, d, _: _first(c.knowledge_store_item_collections.list(d.store, page_limit=1, sort_option="asc")),
    ),
    Case(
        "createKnowledgeStoreItemCollection",
        lambda c, d, _: c.knowledge_store_item_collections.create(d.store, name=_new()),
        "item_collection",
    ),
    Case(
        "retrieveKnowledgeStoreItemCollection",
        lambda c, d, _: c.knowledge_store_item_collections.retrieve(d.store, d.shelf),
    ),
    Case(
        "updateKnowledgeStoreItemCollection",
        lambda c, d, _: c.knowledge_store_item_collections.update(d.store, d.shelf, name="best"),
    ),
    Case(
        "deleteKnowledgeStoreItemCollection",
        lambda c, d, p: c.knowledge_store_item_collections.delete(d.store, p),
        prepare=_shelf,
    ),
    Case(
        "listKnowledgeStoreItemCollectionItems",
        lambda c, d, _: _first(c.knowledge_store_item_collections.list_items(d.store, d.shelf)),
    ),
    Case(
        "addKnowledgeStoreItemCollectionItems",
        lambda c, d, _: c.knowledge_store_item_collections.add_items(d.store, d.shelf, item_ids=[d.item]),
    ),
    Case(
        "removeKnowledgeStoreItemCollectionItems",
        lambda c, d, p: c.knowledge_store_item_collections.remove_items(d.store, p, item_ids=[d.item]),
        prepare=_shelf,
    ),
    # Responses
    Case("createResponse", lambda c, d, _: c.responses.create(**_ask(d))),
    Case("createResponse", lambda c, d, _: _all(c.responses.create_stream(**_ask(d))), name="stream"),
]

LEFT_OUT = {
    "cancelAnalyzeTask": "at speed 0 a task is done before it can be cancelled",
    "cancelAnalyzeBatch": "at speed 0 a batch is done before it can be cancelled",
}
