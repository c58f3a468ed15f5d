"""User code that calls every operation. Type checkers must accept it; it is not run.

Written by `python -m tests.typing.generate`. Do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, assert_type

import twelvelabs_async
from twelvelabs_async import (
    AsyncTwelveLabs,
    KnowledgeStoreSearchPager,
    Outcome,
    Outcomes,
    RawResponse,
    UploadError,
    types,
    uploads,
    webhooks,
)
from twelvelabs_async.pagination import AsyncPager
from twelvelabs_async.streaming import AsyncStream

FILE = Path("a.mp4")
WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

T = TypeVar("T")


def an(model: type[T]) -> T:
    """An object that an earlier call has returned."""
    raise NotImplementedError(model)


def present(value: str | int | Sequence[object] | types.PageInfo) -> None:
    """Take anything but None."""


async def ids_without_asserts(client: AsyncTwelveLabs) -> None:
    index = await client.indexes.create(index_name="films", models=[{"model_name": "m", "model_options": ["visual"]}])
    asset = await client.assets.create(method="direct", file=FILE)
    await client.assets.wait_for_done(asset.id)
    video = await client.indexes.indexed_assets.create(index.id, asset_id=asset.id)
    await client.indexes.indexed_assets.wait_for_done(index.id, video.id)
    analysis = await client.analyze_async.tasks.create(
        model_name="pegasus1.5", prompt="p", video={"type": "asset_id", "asset_id": asset.id}
    )
    await client.analyze_async.tasks.wait_for_done(analysis.id)


async def objects_in_place_of_ids(client: AsyncTwelveLabs) -> None:
    index = await client.indexes.create(index_name="films", models=[{"model_name": "m", "model_options": ["visual"]}])
    asset = await client.assets.create(method="direct", file=FILE)
    uploaded = await client.multipart_upload.upload_file(FILE)
    assert_type(await client.assets.wait_for_done(asset), types.AssetDetail)
    assert_type(await client.assets.wait_for_done(uploaded), types.AssetDetail)
    await client.indexes.indexed_assets.create(index, asset_id=uploaded)
    video = await client.indexes.indexed_assets.create(index, asset_id=asset)
    await client.indexes.indexed_assets.wait_for_done(index, video)
    await client.tasks.create_bulk(index, video_files=[FILE])
    await client.tasks.create_bulk(index_id=index, video_files=[FILE])
    await client.tasks.wait_for_done(await client.tasks.create(index_id=index, video_file=FILE))
    await client.embed.tasks.wait_for_done(await client.embed.tasks.create(model_name="m", video_file=FILE))
    await client.embed.v_2.tasks.wait_for_done(an(types.EmbedV2TasksCreateResponse))
    await client.analyze_async.tasks.wait_for_done(an(types.CreateAnalyzeTaskResponse))
    await client.analyze_async.batches.wait_for_done(an(types.CreateAnalyzeBatchResponse))
    await client.knowledge_store_items.wait_for_done(an(types.KnowledgeStore), an(types.KnowledgeStoreItem))
    await client.multipart_upload.wait_for_upload_completion(an(types.CreateAssetUploadResponse))
    tasks = await client.tasks.create_bulk(index, video_files=[FILE])
    async for outcome in client.tasks.as_completed(tasks, sleep_interval=1, timeout=60):
        assert_type(outcome, Outcome[types.VideoIndexingTask | types.TasksRetrieveResponse])
        assert_type(outcome.id, str)
        assert_type(outcome.state, types.VideoIndexingTask | types.TasksRetrieveResponse | None)
        assert_type(outcome.error, Exception | None)
    async for done in client.assets.as_completed(asset.id for asset in [asset]):
        assert_type(done.state, types.AssetDetail | None)
    assert_type(await client.assets.wait_all([asset, "an-asset"]), list[types.AssetDetail])
    failures = await client.assets.wait_all([asset], return_failures=True)
    assert_type(failures, list[types.AssetDetail | Exception])
    videos = await client.indexes.indexed_assets.wait_all(index, [video, "another"], sleep_interval=2)
    assert_type(videos, list[types.IndexedAsset | types.IndexedAssetDetailed])
    async for state in client.indexes.indexed_assets.watch(index, video):
        assert_type(state, types.IndexedAsset | types.IndexedAssetDetailed)
    waits: Outcomes[Outcome[types.KnowledgeStoreItem]] = client.knowledge_store_items.as_completed("ks_1", ["ksi_1"])
    await waits.aclose()
    client.notify(webhooks.unwrap(b"", {}, "secret"))
    client.notify({"data": {"id": "a-task"}})
    async for hit in client.search.query(index_id=index, query_text="goal", search_options=["visual"]):
        assert_type(hit, types.SearchItem)
    await client.generate(video_id=video, prompt="p")
    mixed: list[types.AssetOrId] = [asset, uploaded, asset.id]
    await client.entity_collections.entities.create("a-collection", name="n", asset_ids=mixed)
    await client.entity_collections.entities.create("a-collection", name="n", asset_ids=[asset, "an-asset"])
    await client.entity_collections.entities.create("a-collection", name="n", asset_ids=["an-asset"])


async def names_of_the_official_sdk(client: AsyncTwelveLabs) -> None:
    image = types.AnalyzeImageInput(name="a", base_64_string="AAAA")
    assert_type(image.base_64_string, str | None)
    assert_type(types.AnalyzeImageInput(name="a", base64_string="AAAA").base64_string, str | None)
    assert_type(types.VideoContextBase64String(base64_string="AAAA").base_64_string, str)
    await client.analyze(image=[{"name": "a", "base_64_string": "AAAA"}, image], prompt="What is it?")
    await client.analyze(video={"type": "base64_string", "base_64_string": "AAAA"}, prompt="What is it?")
    await client.analyze(video={"type": "base64_string", "base64_string": "AAAA"}, prompt_v2={"input_text": "a"})
    await client.knowledge_stores.search("a-store", query={"text": "a"}, filter={"item_id": {"in_": ["an-item"]}})
    await client.knowledge_stores.search("a-store", query={"text": "a"}, filter={"item_id": {"in": ["an-item"]}})
    model: types.AnalyzeRequestModelName = "pegasus1.5"
    total: twelvelabs_async.TotalResults = 1
    await client.analyze(model_name=model, prompt=str(total))
    assert_type(uploads.UploadError("a"), UploadError)


async def members_of_the_first_page(client: AsyncTwelveLabs) -> None:
    pager = await client.knowledge_stores.search("a-store", query={"text": "a"})
    assert_type(pager, KnowledgeStoreSearchPager)
    assert_type(pager.data, list[types.SearchKnowledgeStoreHit])
    assert_type(pager.next_page_token, str | None)
    assert_type(pager.effective_search_options, types.SearchKnowledgeStoreOptions)
    async for hit in pager:
        assert_type(hit, types.SearchKnowledgeStoreHit)


async def reading_lists(client: AsyncTwelveLabs) -> None:
    pager = client.indexes.list(request_options={"readahead": 0})
    assert_type(await pager.first(), types.IndexSchema | None)
    assert_type(await pager.collect(), list[types.IndexSchema])
    assert_type(await pager.collect(limit=3), list[types.IndexSchema])
    assert_type(pager.total, int | None)
    async for batch in pager.batched(3):
        assert_type(batch, list[types.IndexSchema])
    async for page in pager.iter_pages():
        assert_type(page.items, Sequence[types.IndexSchema])
        assert_type(page.total, int | None)
    items = aiter(client.with_options(readahead=2).indexes.list())
    assert_type(await anext(items), types.IndexSchema)
    await items.aclose()
    await pager.iter_pages().aclose()
    await pager.batched(3).aclose()
    AsyncTwelveLabs(readahead=0)


def what_is_always_present() -> None:
    present(an(types.IndexesListResponse).data)
    present(an(types.IndexesListResponse).page_info)
    present(an(types.IndexedAssetsListResponse).data)
    present(an(types.IndexedAssetsListResponse).page_info)
    present(an(types.IndexedAssetDetailed).status)
    present(an(types.IndexedAssetsListByAssetResponse).data)
    present(an(types.IndexedAssetsListByAssetResponse).page_info)
    present(an(types.VideosListResponse).data)
    present(an(types.VideosListResponse).page_info)
    present(an(types.TasksListResponse).data)
    present(an(types.TasksListResponse).page_info)
    present(an(types.TasksRetrieveResponse).status)
    present(an(types.AssetsListResponse).data)
    present(an(types.AssetsListResponse).page_info)
    present(an(types.AssetDetail).status)
    present(an(types.CreateAssetUploadResponse).upload_id)
    present(an(types.CreateAssetUploadResponse).asset_id)
    present(an(types.CreateAssetUploadResponse).upload_urls)
    present(an(types.CreateAssetUploadResponse).chunk_size)
    present(an(types.CreateAssetUploadResponse).total_chunks)
    present(an(types.GetUploadStatusResponse).uploaded_chunks)
    present(an(types.GetUploadStatusResponse).page_info)
    present(an(types.RequestAdditionalPresignedUrLsResponse).upload_id)
    present(an(types.SearchResults).data)
    present(an(types.SearchRetrieveResponse).data)
    present(an(types.EmbedTasksListResponse).data)
    present(an(types.EmbedTasksListResponse).page_info)
    present(an(types.EmbedTasksStatusResponse).status)
    present(an(types.EmbedTasksRetrieveResponse).status)
    present(an(types.EmbedV2TasksListResponse).data)
    present(an(types.EmbedV2TasksListResponse).page_info)
    present(an(types.EntityCollectionsListResponse).data)
    present(an(types.EntityCollectionsListResponse).page_info)
    present(an(types.EntitiesListResponse).data)
    present(an(types.EntitiesListResponse).page_info)
    present(an(types.EntitiesListByAssetResponse).data)
    present(an(types.EntitiesListByAssetResponse).page_info)
    present(an(types.ListAllEntitiesResponse).data)
    present(an(types.ListAllEntitiesResponse).page_info)
    present(an(types.ListConnectionsResponse).data)
    present(an(types.ListConnectionsResponse).page_info)
    present(an(types.ListRedirectUrisResponse).data)
    present(an(types.ListRedirectUrisResponse).page_info)
    present(an(types.ListImportsResponse).data)
    present(an(types.ListImportsResponse).page_info)
    present(an(types.KnowledgeStoresListResponse).data)
    present(an(types.KnowledgeStoresListResponse).page_info)
    present(an(types.KnowledgeStoreItemsListResponse).data)
    present(an(types.KnowledgeStoreItemsListResponse).page_info)
    present(an(types.KnowledgeStoreItem).status)
    present(an(types.KnowledgeStoreItemCollectionsListResponse).data)
    present(an(types.KnowledgeStoreItemCollectionsListResponse).page_info)
    present(an(types.KnowledgeStoreItemCollectionsListItemsResponse).data)
    present(an(types.KnowledgeStoreItemCollectionsListItemsResponse).page_info)
    assert_type(an(types.AnalyzeBatchStatusResponse).id, str)
    assert_type(an(types.AnalyzeTaskCanceledWebhookData).id, str)
    assert_type(an(types.AnalyzeTaskFailedWebhookData).id, str)
    assert_type(an(types.AnalyzeTaskReadyWebhookData).id, str)
    assert_type(an(types.AnalyzeTaskResponse).id, str)
    assert_type(an(types.Asset).id, str)
    assert_type(an(types.AssetDetail).id, str)
    assert_type(an(types.BatchResultItem).id, str)
    assert_type(an(types.CancelAnalyzeTaskResponse).id, str)
    assert_type(an(types.Connection).id, str)
    assert_type(an(types.CreateAnalyzeBatchResponse).id, str)
    assert_type(an(types.CreateAnalyzeTaskResponse).id, str)
    assert_type(an(types.CreateAssetUploadResponse).id, str)
    assert_type(an(types.CreatedBatchItem).id, str)
    assert_type(an(types.EmbedTasksCreateResponse).id, str)
    assert_type(an(types.EmbedTasksRetrieveResponse).id, str)
    assert_type(an(types.EmbedTasksStatusResponse).id, str)
    assert_type(an(types.EmbedV2TasksCreateResponse).id, str)
    assert_type(an(types.EmbeddingTaskResponse).id, str)
    assert_type(an(types.Entity).id, str)
    assert_type(an(types.EntityCollection).id, str)
    assert_type(an(types.Gist).id, str)
    assert_type(an(types.Import).id, str)
    assert_type(an(types.ImportDetail).id, str)
    assert_type(an(types.ImportResult).id, str)
    assert_type(an(types.IncompleteUploadSummary).id, str)
    assert_type(an(types.IndexSchema).id, str)
    assert_type(an(types.IndexedAsset).id, str)
    assert_type(an(types.IndexedAssetDetailed).id, str)
    assert_type(an(types.IndexedAssetSummary).id, str)
    assert_type(an(types.IndexedAssetsCreateResponse).id, str)
    assert_type(an(types.IndexesCreateResponse).id, str)
    assert_type(an(types.InternalEntity).id, str)
    assert_type(an(types.KnowledgeStore).id, str)
    assert_type(an(types.KnowledgeStoreItem).id, str)
    assert_type(an(types.KnowledgeStoreItemCollection).id, str)
    assert_type(an(types.MediaEmbeddingTask).id, str)
    assert_type(an(types.RedirectUri).id, str)
    assert_type(an(types.RequestAdditionalPresignedUrLsResponse).id, str)
    assert_type(an(types.TasksCreateResponse).id, str)
    assert_type(an(types.TasksRetrieveResponse).id, str)
    assert_type(an(types.VideoIndexingTask).id, str)
    assert_type(an(types.VideoItem).id, str)
    assert_type(an(types.VideoVector).id, str)
    assert_type(an(types.VideosRetrieveResponse).id, str)


async def list_indexes(client: AsyncTwelveLabs) -> None:
    assert_type(client.indexes.list(), AsyncPager[types.IndexSchema, types.IndexesListResponse])
    assert_type(
        client.indexes.list(
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            index_name="index_name é 1",
            model_options=["visual", "audio"],
            model_family="marengo",
            created_at=WHEN,
            updated_at=WHEN,
        ),
        AsyncPager[types.IndexSchema, types.IndexesListResponse],
    )
    assert_type(await client.with_raw_response.indexes.list(), RawResponse[types.IndexesListResponse])


async def create_index(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.indexes.create(
            index_name="index_name é 1",
            models=[
                types.IndexesCreateRequestModelsItem(model_name="marengo3.0", model_options=["visual", "audio"]),
                types.IndexesCreateRequestModelsItem(model_name="marengo3.0", model_options=["visual", "audio"]),
            ],
        ),
        types.IndexesCreateResponse,
    )
    assert_type(
        await client.indexes.create(
            index_name="index_name é 1",
            models=[
                types.IndexesCreateRequestModelsItem(model_name="marengo3.0", model_options=["visual", "audio"]),
                types.IndexesCreateRequestModelsItem(model_name="marengo3.0", model_options=["visual", "audio"]),
            ],
            addons=["thumbnail"],
        ),
        types.IndexesCreateResponse,
    )
    assert_type(
        await client.with_raw_response.indexes.create(
            index_name="index_name é 1",
            models=[
                {"model_name": "marengo3.0", "model_options": ["visual", "audio"]},
                {"model_name": "marengo3.0", "model_options": ["visual", "audio"]},
            ],
        ),
        RawResponse[types.IndexesCreateResponse],
    )


async def retrieve_index(client: AsyncTwelveLabs) -> None:
    assert_type(await client.indexes.retrieve(index_id="index-1.x_Y~z"), types.IndexSchema)
    assert_type(await client.indexes.retrieve(index_id=an(types.IndexSchema)), types.IndexSchema)
    assert_type(await client.indexes.retrieve(index_id=an(types.IndexesCreateResponse)), types.IndexSchema)
    assert_type(await client.with_raw_response.indexes.retrieve("index-1.x_Y~z"), RawResponse[types.IndexSchema])


async def update_index(client: AsyncTwelveLabs) -> None:
    assert_type(await client.indexes.update(index_id="index-1.x_Y~z", index_name="index_name é 1"), None)
    assert_type(await client.indexes.update(index_id=an(types.IndexSchema), index_name="index_name é 1"), None)
    assert_type(
        await client.indexes.update(index_id=an(types.IndexesCreateResponse), index_name="index_name é 1"), None
    )
    assert_type(
        await client.with_raw_response.indexes.update("index-1.x_Y~z", index_name="index_name é 1"), RawResponse[None]
    )


async def delete_index(client: AsyncTwelveLabs) -> None:
    assert_type(await client.indexes.delete(index_id="index-1.x_Y~z"), None)
    assert_type(await client.indexes.delete(index_id=an(types.IndexSchema)), None)
    assert_type(await client.indexes.delete(index_id=an(types.IndexesCreateResponse)), None)
    assert_type(await client.with_raw_response.indexes.delete("index-1.x_Y~z"), RawResponse[None])


async def list_indexed_assets(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.indexes.indexed_assets.list(index_id="index-1.x_Y~z"),
        AsyncPager[types.IndexedAsset, types.IndexedAssetsListResponse],
    )
    assert_type(
        client.indexes.indexed_assets.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            status=["ready", "pending"],
            filename="filename é 1",
            duration=3.5,
            fps=3.5,
            width=0.5,
            height=4,
            size=4.5,
            created_at=WHEN,
            updated_at=WHEN,
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.IndexedAsset, types.IndexedAssetsListResponse],
    )
    assert_type(
        client.indexes.indexed_assets.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            status=["ready", "pending"],
            filename="filename é 1",
            duration={"gte": 3.5, "lte": 3.5},
            fps=3.5,
            width=0.5,
            height=4,
            size=4.5,
            created_at="2026-03-04T05:06:07Z",
            updated_at="2026-03-04T05:06:07Z",
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.IndexedAsset, types.IndexedAssetsListResponse],
    )
    assert_type(
        client.indexes.indexed_assets.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            status=["ready", "pending"],
            filename="filename é 1",
            duration=3.5,
            fps={"gte": 3.5, "lte": 3.5},
            width=0.5,
            height=4,
            size=4.5,
            created_at="2026-03-04T05:06:07Z",
            updated_at="2026-03-04T05:06:07Z",
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.IndexedAsset, types.IndexedAssetsListResponse],
    )
    assert_type(
        client.indexes.indexed_assets.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            status=["ready", "pending"],
            filename="filename é 1",
            duration=3.5,
            fps=3.5,
            width={"gte": 6, "lte": 6},
            height=4,
            size=4.5,
            created_at="2026-03-04T05:06:07Z",
            updated_at="2026-03-04T05:06:07Z",
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.IndexedAsset, types.IndexedAssetsListResponse],
    )
    assert_type(
        client.indexes.indexed_assets.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            status=["ready", "pending"],
            filename="filename é 1",
            duration=3.5,
            fps=3.5,
            width=0.5,
            height={"gte": 6, "lte": 6},
            size=4.5,
            created_at="2026-03-04T05:06:07Z",
            updated_at="2026-03-04T05:06:07Z",
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.IndexedAsset, types.IndexedAssetsListResponse],
    )
    assert_type(
        client.indexes.indexed_assets.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            status=["ready", "pending"],
            filename="filename é 1",
            duration=3.5,
            fps=3.5,
            width=0.5,
            height=4,
            size={"gte": 3.5, "lte": 3.5},
            created_at="2026-03-04T05:06:07Z",
            updated_at="2026-03-04T05:06:07Z",
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.IndexedAsset, types.IndexedAssetsListResponse],
    )
    assert_type(
        client.indexes.indexed_assets.list(index_id=an(types.IndexSchema)),
        AsyncPager[types.IndexedAsset, types.IndexedAssetsListResponse],
    )
    assert_type(
        client.indexes.indexed_assets.list(index_id=an(types.IndexesCreateResponse)),
        AsyncPager[types.IndexedAsset, types.IndexedAssetsListResponse],
    )
    assert_type(
        await client.with_raw_response.indexes.indexed_assets.list("index-1.x_Y~z"),
        RawResponse[types.IndexedAssetsListResponse],
    )


async def create_indexed_asset(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.indexes.indexed_assets.create(index_id="index-1.x_Y~z", asset_id="asset_id é 1"),
        types.IndexedAssetsCreateResponse,
    )
    assert_type(
        await client.indexes.indexed_assets.create(
            index_id="index-1.x_Y~z",
            asset_id="asset_id é 1",
            enable_video_stream=True,
            user_metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
                "null_6": None,
            },
        ),
        types.IndexedAssetsCreateResponse,
    )
    assert_type(
        await client.indexes.indexed_assets.create(index_id=an(types.IndexSchema), asset_id=an(types.Asset)),
        types.IndexedAssetsCreateResponse,
    )
    assert_type(
        await client.indexes.indexed_assets.create(
            index_id=an(types.IndexesCreateResponse), asset_id=an(types.AssetDetail)
        ),
        types.IndexedAssetsCreateResponse,
    )
    assert_type(
        await client.with_raw_response.indexes.indexed_assets.create("index-1.x_Y~z", asset_id="asset_id é 1"),
        RawResponse[types.IndexedAssetsCreateResponse],
    )


async def retrieve_indexed_asset(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.indexes.indexed_assets.retrieve(
            index_id="index-1.x_Y~z", indexed_asset_id="indexed_asset-1.x_Y~z"
        ),
        types.IndexedAssetDetailed,
    )
    assert_type(
        await client.indexes.indexed_assets.retrieve(
            index_id="index-1.x_Y~z",
            indexed_asset_id="indexed_asset-1.x_Y~z",
            embedding_option=["visual", "audio"],
            transcription=True,
        ),
        types.IndexedAssetDetailed,
    )
    assert_type(
        await client.indexes.indexed_assets.retrieve(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.IndexedAsset)
        ),
        types.IndexedAssetDetailed,
    )
    assert_type(
        await client.indexes.indexed_assets.retrieve(
            index_id=an(types.IndexesCreateResponse), indexed_asset_id=an(types.IndexedAssetDetailed)
        ),
        types.IndexedAssetDetailed,
    )
    assert_type(
        await client.indexes.indexed_assets.retrieve(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.IndexedAssetSummary)
        ),
        types.IndexedAssetDetailed,
    )
    assert_type(
        await client.indexes.indexed_assets.retrieve(
            index_id=an(types.IndexesCreateResponse), indexed_asset_id=an(types.IndexedAssetsCreateResponse)
        ),
        types.IndexedAssetDetailed,
    )
    assert_type(
        await client.indexes.indexed_assets.retrieve(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.VideoItem)
        ),
        types.IndexedAssetDetailed,
    )
    assert_type(
        await client.indexes.indexed_assets.retrieve(
            index_id=an(types.IndexesCreateResponse), indexed_asset_id=an(types.VideoVector)
        ),
        types.IndexedAssetDetailed,
    )
    assert_type(
        await client.indexes.indexed_assets.retrieve(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.VideosRetrieveResponse)
        ),
        types.IndexedAssetDetailed,
    )
    assert_type(
        await client.with_raw_response.indexes.indexed_assets.retrieve("index-1.x_Y~z", "indexed_asset-1.x_Y~z"),
        RawResponse[types.IndexedAssetDetailed],
    )


async def update_indexed_asset(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.indexes.indexed_assets.update(index_id="index-1.x_Y~z", indexed_asset_id="indexed_asset-1.x_Y~z"),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.update(
            index_id="index-1.x_Y~z",
            indexed_asset_id="indexed_asset-1.x_Y~z",
            user_metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
                "null_6": None,
            },
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.update(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.IndexedAsset)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.update(
            index_id=an(types.IndexesCreateResponse), indexed_asset_id=an(types.IndexedAssetDetailed)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.update(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.IndexedAssetSummary)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.update(
            index_id=an(types.IndexesCreateResponse), indexed_asset_id=an(types.IndexedAssetsCreateResponse)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.update(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.VideoItem)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.update(
            index_id=an(types.IndexesCreateResponse), indexed_asset_id=an(types.VideoVector)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.update(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.VideosRetrieveResponse)
        ),
        None,
    )
    assert_type(
        await client.with_raw_response.indexes.indexed_assets.update("index-1.x_Y~z", "indexed_asset-1.x_Y~z"),
        RawResponse[None],
    )


async def delete_indexed_asset(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.indexes.indexed_assets.delete(index_id="index-1.x_Y~z", indexed_asset_id="indexed_asset-1.x_Y~z"),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.delete(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.IndexedAsset)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.delete(
            index_id=an(types.IndexesCreateResponse), indexed_asset_id=an(types.IndexedAssetDetailed)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.delete(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.IndexedAssetSummary)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.delete(
            index_id=an(types.IndexesCreateResponse), indexed_asset_id=an(types.IndexedAssetsCreateResponse)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.delete(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.VideoItem)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.delete(
            index_id=an(types.IndexesCreateResponse), indexed_asset_id=an(types.VideoVector)
        ),
        None,
    )
    assert_type(
        await client.indexes.indexed_assets.delete(
            index_id=an(types.IndexSchema), indexed_asset_id=an(types.VideosRetrieveResponse)
        ),
        None,
    )
    assert_type(
        await client.with_raw_response.indexes.indexed_assets.delete("index-1.x_Y~z", "indexed_asset-1.x_Y~z"),
        RawResponse[None],
    )


async def list_indexed_assets_by_asset(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.indexes.indexed_assets.list_by_asset(asset_id="asset-1.x_Y~z"),
        AsyncPager[types.IndexedAssetSummary, types.IndexedAssetsListByAssetResponse],
    )
    assert_type(
        client.indexes.indexed_assets.list_by_asset(asset_id="asset-1.x_Y~z", page=8, page_limit=4),
        AsyncPager[types.IndexedAssetSummary, types.IndexedAssetsListByAssetResponse],
    )
    assert_type(
        client.indexes.indexed_assets.list_by_asset(asset_id=an(types.Asset)),
        AsyncPager[types.IndexedAssetSummary, types.IndexedAssetsListByAssetResponse],
    )
    assert_type(
        client.indexes.indexed_assets.list_by_asset(asset_id=an(types.AssetDetail)),
        AsyncPager[types.IndexedAssetSummary, types.IndexedAssetsListByAssetResponse],
    )
    assert_type(
        await client.with_raw_response.indexes.indexed_assets.list_by_asset("asset-1.x_Y~z"),
        RawResponse[types.IndexedAssetsListByAssetResponse],
    )


async def list_videos(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.indexes.videos.list(index_id="index-1.x_Y~z"), AsyncPager[types.VideoVector, types.VideosListResponse]
    )
    assert_type(
        client.indexes.videos.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            filename="filename é 1",
            duration=3.5,
            fps=3.5,
            width=0.5,
            height=4,
            size=4.5,
            created_at=WHEN,
            updated_at=WHEN,
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.VideoVector, types.VideosListResponse],
    )
    assert_type(
        client.indexes.videos.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            filename="filename é 1",
            duration={"gte": 3.5, "lte": 3.5},
            fps=3.5,
            width=0.5,
            height=4,
            size=4.5,
            created_at="2026-03-04T05:06:07Z",
            updated_at="2026-03-04T05:06:07Z",
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.VideoVector, types.VideosListResponse],
    )
    assert_type(
        client.indexes.videos.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            filename="filename é 1",
            duration=3.5,
            fps={"gte": 3.5, "lte": 3.5},
            width=0.5,
            height=4,
            size=4.5,
            created_at="2026-03-04T05:06:07Z",
            updated_at="2026-03-04T05:06:07Z",
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.VideoVector, types.VideosListResponse],
    )
    assert_type(
        client.indexes.videos.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            filename="filename é 1",
            duration=3.5,
            fps=3.5,
            width={"gte": 6, "lte": 6},
            height=4,
            size=4.5,
            created_at="2026-03-04T05:06:07Z",
            updated_at="2026-03-04T05:06:07Z",
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.VideoVector, types.VideosListResponse],
    )
    assert_type(
        client.indexes.videos.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            filename="filename é 1",
            duration=3.5,
            fps=3.5,
            width=0.5,
            height={"gte": 6, "lte": 6},
            size=4.5,
            created_at="2026-03-04T05:06:07Z",
            updated_at="2026-03-04T05:06:07Z",
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.VideoVector, types.VideosListResponse],
    )
    assert_type(
        client.indexes.videos.list(
            index_id="index-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            filename="filename é 1",
            duration=3.5,
            fps=3.5,
            width=0.5,
            height=4,
            size={"gte": 3.5, "lte": 3.5},
            created_at="2026-03-04T05:06:07Z",
            updated_at="2026-03-04T05:06:07Z",
            user_metadata={"string_1": "string_1 é 1", "number_2": 3.5, "boolean_3": True},
        ),
        AsyncPager[types.VideoVector, types.VideosListResponse],
    )
    assert_type(
        client.indexes.videos.list(index_id=an(types.IndexSchema)),
        AsyncPager[types.VideoVector, types.VideosListResponse],
    )
    assert_type(
        client.indexes.videos.list(index_id=an(types.IndexesCreateResponse)),
        AsyncPager[types.VideoVector, types.VideosListResponse],
    )
    assert_type(
        await client.with_raw_response.indexes.videos.list("index-1.x_Y~z"), RawResponse[types.VideosListResponse]
    )


async def retrieve_video(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.indexes.videos.retrieve(index_id="index-1.x_Y~z", video_id="video-1.x_Y~z"),
        types.VideosRetrieveResponse,
    )
    assert_type(
        await client.indexes.videos.retrieve(
            index_id="index-1.x_Y~z", video_id="video-1.x_Y~z", embedding_option=["visual", "audio"], transcription=True
        ),
        types.VideosRetrieveResponse,
    )
    assert_type(
        await client.indexes.videos.retrieve(index_id=an(types.IndexSchema), video_id=an(types.IndexedAsset)),
        types.VideosRetrieveResponse,
    )
    assert_type(
        await client.indexes.videos.retrieve(
            index_id=an(types.IndexesCreateResponse), video_id=an(types.IndexedAssetDetailed)
        ),
        types.VideosRetrieveResponse,
    )
    assert_type(
        await client.indexes.videos.retrieve(index_id=an(types.IndexSchema), video_id=an(types.IndexedAssetSummary)),
        types.VideosRetrieveResponse,
    )
    assert_type(
        await client.indexes.videos.retrieve(
            index_id=an(types.IndexesCreateResponse), video_id=an(types.IndexedAssetsCreateResponse)
        ),
        types.VideosRetrieveResponse,
    )
    assert_type(
        await client.indexes.videos.retrieve(index_id=an(types.IndexSchema), video_id=an(types.VideoItem)),
        types.VideosRetrieveResponse,
    )
    assert_type(
        await client.indexes.videos.retrieve(index_id=an(types.IndexesCreateResponse), video_id=an(types.VideoVector)),
        types.VideosRetrieveResponse,
    )
    assert_type(
        await client.indexes.videos.retrieve(index_id=an(types.IndexSchema), video_id=an(types.VideosRetrieveResponse)),
        types.VideosRetrieveResponse,
    )
    assert_type(
        await client.with_raw_response.indexes.videos.retrieve("index-1.x_Y~z", "video-1.x_Y~z"),
        RawResponse[types.VideosRetrieveResponse],
    )


async def partial_update_video(client: AsyncTwelveLabs) -> None:
    assert_type(await client.indexes.videos.update(index_id="index-1.x_Y~z", video_id="video-1.x_Y~z"), None)
    assert_type(
        await client.indexes.videos.update(
            index_id="index-1.x_Y~z",
            video_id="video-1.x_Y~z",
            user_metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
                "null_6": None,
            },
        ),
        None,
    )
    assert_type(
        await client.indexes.videos.update(index_id=an(types.IndexSchema), video_id=an(types.IndexedAsset)), None
    )
    assert_type(
        await client.indexes.videos.update(
            index_id=an(types.IndexesCreateResponse), video_id=an(types.IndexedAssetDetailed)
        ),
        None,
    )
    assert_type(
        await client.indexes.videos.update(index_id=an(types.IndexSchema), video_id=an(types.IndexedAssetSummary)), None
    )
    assert_type(
        await client.indexes.videos.update(
            index_id=an(types.IndexesCreateResponse), video_id=an(types.IndexedAssetsCreateResponse)
        ),
        None,
    )
    assert_type(await client.indexes.videos.update(index_id=an(types.IndexSchema), video_id=an(types.VideoItem)), None)
    assert_type(
        await client.indexes.videos.update(index_id=an(types.IndexesCreateResponse), video_id=an(types.VideoVector)),
        None,
    )
    assert_type(
        await client.indexes.videos.update(index_id=an(types.IndexSchema), video_id=an(types.VideosRetrieveResponse)),
        None,
    )
    assert_type(
        await client.with_raw_response.indexes.videos.update("index-1.x_Y~z", "video-1.x_Y~z"), RawResponse[None]
    )


async def update_video(client: AsyncTwelveLabs) -> None:
    assert_type(await client.indexes.videos.replace(index_id="index-1.x_Y~z", video_id="video-1.x_Y~z"), None)
    assert_type(
        await client.indexes.videos.replace(
            index_id="index-1.x_Y~z",
            video_id="video-1.x_Y~z",
            video_title="video_title é 1",
            user_metadata={
                "note": "user_metadata note",
                "count": 3,
                "ratio": 0.25,
                "flag": True,
                "list": ["a", "b"],
                "map": {"k": None},
            },
        ),
        None,
    )
    assert_type(
        await client.indexes.videos.replace(index_id=an(types.IndexSchema), video_id=an(types.IndexedAsset)), None
    )
    assert_type(
        await client.indexes.videos.replace(
            index_id=an(types.IndexesCreateResponse), video_id=an(types.IndexedAssetDetailed)
        ),
        None,
    )
    assert_type(
        await client.indexes.videos.replace(index_id=an(types.IndexSchema), video_id=an(types.IndexedAssetSummary)),
        None,
    )
    assert_type(
        await client.indexes.videos.replace(
            index_id=an(types.IndexesCreateResponse), video_id=an(types.IndexedAssetsCreateResponse)
        ),
        None,
    )
    assert_type(await client.indexes.videos.replace(index_id=an(types.IndexSchema), video_id=an(types.VideoItem)), None)
    assert_type(
        await client.indexes.videos.replace(index_id=an(types.IndexesCreateResponse), video_id=an(types.VideoVector)),
        None,
    )
    assert_type(
        await client.indexes.videos.replace(index_id=an(types.IndexSchema), video_id=an(types.VideosRetrieveResponse)),
        None,
    )
    assert_type(
        await client.with_raw_response.indexes.videos.replace("index-1.x_Y~z", "video-1.x_Y~z"), RawResponse[None]
    )


async def delete_video(client: AsyncTwelveLabs) -> None:
    assert_type(await client.indexes.videos.delete(index_id="index-1.x_Y~z", video_id="video-1.x_Y~z"), None)
    assert_type(
        await client.indexes.videos.delete(index_id=an(types.IndexSchema), video_id=an(types.IndexedAsset)), None
    )
    assert_type(
        await client.indexes.videos.delete(
            index_id=an(types.IndexesCreateResponse), video_id=an(types.IndexedAssetDetailed)
        ),
        None,
    )
    assert_type(
        await client.indexes.videos.delete(index_id=an(types.IndexSchema), video_id=an(types.IndexedAssetSummary)), None
    )
    assert_type(
        await client.indexes.videos.delete(
            index_id=an(types.IndexesCreateResponse), video_id=an(types.IndexedAssetsCreateResponse)
        ),
        None,
    )
    assert_type(await client.indexes.videos.delete(index_id=an(types.IndexSchema), video_id=an(types.VideoItem)), None)
    assert_type(
        await client.indexes.videos.delete(index_id=an(types.IndexesCreateResponse), video_id=an(types.VideoVector)),
        None,
    )
    assert_type(
        await client.indexes.videos.delete(index_id=an(types.IndexSchema), video_id=an(types.VideosRetrieveResponse)),
        None,
    )
    assert_type(
        await client.with_raw_response.indexes.videos.delete("index-1.x_Y~z", "video-1.x_Y~z"), RawResponse[None]
    )


async def list_tasks(client: AsyncTwelveLabs) -> None:
    assert_type(client.tasks.list(), AsyncPager[types.VideoIndexingTask, types.TasksListResponse])
    assert_type(
        client.tasks.list(
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            index_id="index_id é 1",
            status=["ready", "uploading"],
            filename="filename é 1",
            duration=3.5,
            width=3,
            height=4,
            created_at=WHEN,
            updated_at=WHEN,
        ),
        AsyncPager[types.VideoIndexingTask, types.TasksListResponse],
    )
    assert_type(
        client.tasks.list(index_id=an(types.IndexSchema)), AsyncPager[types.VideoIndexingTask, types.TasksListResponse]
    )
    assert_type(
        client.tasks.list(index_id=an(types.IndexesCreateResponse)),
        AsyncPager[types.VideoIndexingTask, types.TasksListResponse],
    )
    assert_type(await client.with_raw_response.tasks.list(), RawResponse[types.TasksListResponse])


async def create_task(client: AsyncTwelveLabs) -> None:
    assert_type(await client.tasks.create(index_id="index_id é 1"), types.TasksCreateResponse)
    assert_type(
        await client.tasks.create(
            index_id="index_id é 1",
            video_url="video_url é 1",
            enable_video_stream=True,
            user_metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
                "null_6": None,
            },
            video_file=FILE,
        ),
        types.TasksCreateResponse,
    )
    assert_type(await client.tasks.create(index_id=an(types.IndexSchema)), types.TasksCreateResponse)
    assert_type(await client.tasks.create(index_id=an(types.IndexesCreateResponse)), types.TasksCreateResponse)
    assert_type(
        await client.with_raw_response.tasks.create(index_id="index_id é 1"), RawResponse[types.TasksCreateResponse]
    )


async def retrieve_task(client: AsyncTwelveLabs) -> None:
    assert_type(await client.tasks.retrieve(task_id="task-1.x_Y~z"), types.TasksRetrieveResponse)
    assert_type(await client.tasks.retrieve(task_id=an(types.TasksCreateResponse)), types.TasksRetrieveResponse)
    assert_type(await client.tasks.retrieve(task_id=an(types.TasksRetrieveResponse)), types.TasksRetrieveResponse)
    assert_type(await client.tasks.retrieve(task_id=an(types.VideoIndexingTask)), types.TasksRetrieveResponse)
    assert_type(await client.with_raw_response.tasks.retrieve("task-1.x_Y~z"), RawResponse[types.TasksRetrieveResponse])


async def delete_task(client: AsyncTwelveLabs) -> None:
    assert_type(await client.tasks.delete(task_id="task-1.x_Y~z"), None)
    assert_type(await client.tasks.delete(task_id=an(types.TasksCreateResponse)), None)
    assert_type(await client.tasks.delete(task_id=an(types.TasksRetrieveResponse)), None)
    assert_type(await client.tasks.delete(task_id=an(types.VideoIndexingTask)), None)
    assert_type(await client.with_raw_response.tasks.delete("task-1.x_Y~z"), RawResponse[None])


async def create_transfer_import(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.tasks.transfers.create(integration_id="integration-1.x_Y~z"), types.TransfersCreateResponse
    )
    assert_type(
        await client.tasks.transfers.create(
            integration_id="integration-1.x_Y~z",
            index_id="index_id é 1",
            incremental_import=True,
            retry_failed=True,
            user_metadata={
                "note": "user_metadata note",
                "count": 3,
                "ratio": 0.25,
                "flag": True,
                "list": ["a", "b"],
                "map": {"k": None},
            },
        ),
        types.TransfersCreateResponse,
    )
    assert_type(
        await client.tasks.transfers.create(integration_id="integration-1.x_Y~z", index_id=an(types.IndexSchema)),
        types.TransfersCreateResponse,
    )
    assert_type(
        await client.tasks.transfers.create(
            integration_id="integration-1.x_Y~z", index_id=an(types.IndexesCreateResponse)
        ),
        types.TransfersCreateResponse,
    )
    assert_type(
        await client.with_raw_response.tasks.transfers.create("integration-1.x_Y~z"),
        RawResponse[types.TransfersCreateResponse],
    )


async def retrieve_transfer_import_status(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.tasks.transfers.get_status(integration_id="integration-1.x_Y~z"), types.TransfersGetStatusResponse
    )
    assert_type(
        await client.tasks.transfers.get_status(integration_id="integration-1.x_Y~z", index_id="index_id é 1"),
        types.TransfersGetStatusResponse,
    )
    assert_type(
        await client.tasks.transfers.get_status(integration_id="integration-1.x_Y~z", index_id=an(types.IndexSchema)),
        types.TransfersGetStatusResponse,
    )
    assert_type(
        await client.tasks.transfers.get_status(
            integration_id="integration-1.x_Y~z", index_id=an(types.IndexesCreateResponse)
        ),
        types.TransfersGetStatusResponse,
    )
    assert_type(
        await client.with_raw_response.tasks.transfers.get_status("integration-1.x_Y~z"),
        RawResponse[types.TransfersGetStatusResponse],
    )


async def list_transfer_import_logs(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.tasks.transfers.get_logs(integration_id="integration-1.x_Y~z"), types.TransfersGetLogsResponse
    )
    assert_type(
        await client.with_raw_response.tasks.transfers.get_logs("integration-1.x_Y~z"),
        RawResponse[types.TransfersGetLogsResponse],
    )


async def list_assets(client: AsyncTwelveLabs) -> None:
    assert_type(client.assets.list(), AsyncPager[types.AssetDetail, types.AssetsListResponse])
    assert_type(
        client.assets.list(
            page=8,
            page_limit=4,
            asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"],
            asset_types=["image", "video"],
            filename="filename é 1",
        ),
        AsyncPager[types.AssetDetail, types.AssetsListResponse],
    )
    assert_type(
        client.assets.list(asset_ids=[an(types.Asset)]), AsyncPager[types.AssetDetail, types.AssetsListResponse]
    )
    assert_type(
        client.assets.list(asset_ids=[an(types.AssetDetail)]), AsyncPager[types.AssetDetail, types.AssetsListResponse]
    )
    assert_type(await client.with_raw_response.assets.list(), RawResponse[types.AssetsListResponse])


async def create_asset(client: AsyncTwelveLabs) -> None:
    assert_type(await client.assets.create(method="direct"), types.Asset)
    assert_type(
        await client.assets.create(
            method="direct",
            url="https://media.example/url?a=1&b=2",
            filename="filename é 1",
            enable_hls=True,
            enable_thumbnail=True,
            user_metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
                "null_6": None,
            },
            file=FILE,
        ),
        types.Asset,
    )
    assert_type(await client.with_raw_response.assets.create(method="direct"), RawResponse[types.Asset])


async def retrieve_asset(client: AsyncTwelveLabs) -> None:
    assert_type(await client.assets.retrieve(asset_id="asset-1.x_Y~z"), types.AssetDetail)
    assert_type(await client.assets.retrieve(asset_id=an(types.Asset)), types.AssetDetail)
    assert_type(await client.assets.retrieve(asset_id=an(types.AssetDetail)), types.AssetDetail)
    assert_type(await client.with_raw_response.assets.retrieve("asset-1.x_Y~z"), RawResponse[types.AssetDetail])


async def delete_asset(client: AsyncTwelveLabs) -> None:
    assert_type(await client.assets.delete(asset_id="asset-1.x_Y~z"), None)
    assert_type(await client.assets.delete(asset_id="asset-1.x_Y~z", force=True), None)
    assert_type(await client.assets.delete(asset_id=an(types.Asset)), None)
    assert_type(await client.assets.delete(asset_id=an(types.AssetDetail)), None)
    assert_type(await client.with_raw_response.assets.delete("asset-1.x_Y~z"), RawResponse[None])


async def retrieve_asset_transcription(client: AsyncTwelveLabs) -> None:
    assert_type(await client.assets.retrieve_transcription(asset_id="asset-1.x_Y~z"), types.AssetTranscriptionResponse)
    assert_type(
        await client.assets.retrieve_transcription(asset_id="asset-1.x_Y~z", include=["words", "sentences"]),
        types.AssetTranscriptionResponse,
    )
    assert_type(await client.assets.retrieve_transcription(asset_id=an(types.Asset)), types.AssetTranscriptionResponse)
    assert_type(
        await client.assets.retrieve_transcription(asset_id=an(types.AssetDetail)), types.AssetTranscriptionResponse
    )
    assert_type(
        await client.with_raw_response.assets.retrieve_transcription("asset-1.x_Y~z"),
        RawResponse[types.AssetTranscriptionResponse],
    )


async def replace_asset_user_metadata(client: AsyncTwelveLabs) -> None:
    assert_type(await client.assets.replace_user_metadata(asset_id="asset-1.x_Y~z", user_metadata={}), None)
    assert_type(
        await client.assets.replace_user_metadata(
            asset_id="asset-1.x_Y~z",
            user_metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
                "null_6": None,
            },
        ),
        None,
    )
    assert_type(await client.assets.replace_user_metadata(asset_id=an(types.Asset), user_metadata={}), None)
    assert_type(await client.assets.replace_user_metadata(asset_id=an(types.AssetDetail), user_metadata={}), None)
    assert_type(
        await client.with_raw_response.assets.replace_user_metadata("asset-1.x_Y~z", user_metadata={}),
        RawResponse[None],
    )


async def update_asset_user_metadata(client: AsyncTwelveLabs) -> None:
    assert_type(await client.assets.update_user_metadata(asset_id="asset-1.x_Y~z", user_metadata={}), None)
    assert_type(
        await client.assets.update_user_metadata(
            asset_id="asset-1.x_Y~z",
            user_metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
                "null_6": None,
            },
        ),
        None,
    )
    assert_type(await client.assets.update_user_metadata(asset_id=an(types.Asset), user_metadata={}), None)
    assert_type(await client.assets.update_user_metadata(asset_id=an(types.AssetDetail), user_metadata={}), None)
    assert_type(
        await client.with_raw_response.assets.update_user_metadata("asset-1.x_Y~z", user_metadata={}), RawResponse[None]
    )


async def delete_asset_user_metadata(client: AsyncTwelveLabs) -> None:
    assert_type(await client.assets.delete_user_metadata(asset_id="asset-1.x_Y~z"), None)
    assert_type(await client.assets.delete_user_metadata(asset_id=an(types.Asset)), None)
    assert_type(await client.assets.delete_user_metadata(asset_id=an(types.AssetDetail)), None)
    assert_type(await client.with_raw_response.assets.delete_user_metadata("asset-1.x_Y~z"), RawResponse[None])


async def list_incomplete_uploads(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.multipart_upload.list_incomplete_uploads(),
        AsyncPager[types.IncompleteUploadSummary, types.ListIncompleteUploadsResponse],
    )
    assert_type(
        client.multipart_upload.list_incomplete_uploads(page=8, page_limit=4),
        AsyncPager[types.IncompleteUploadSummary, types.ListIncompleteUploadsResponse],
    )
    assert_type(
        await client.with_raw_response.multipart_upload.list_incomplete_uploads(),
        RawResponse[types.ListIncompleteUploadsResponse],
    )


async def create_multipart_upload(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.multipart_upload.create(filename="filename é 1", type="video", total_size=4),
        types.CreateAssetUploadResponse,
    )
    assert_type(
        await client.multipart_upload.create(
            filename="filename é 1",
            type="video",
            total_size=4,
            enable_hls=True,
            enable_thumbnail=True,
            user_metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
                "null_6": None,
            },
        ),
        types.CreateAssetUploadResponse,
    )
    assert_type(
        await client.with_raw_response.multipart_upload.create(filename="filename é 1", type="video", total_size=4),
        RawResponse[types.CreateAssetUploadResponse],
    )


async def retrieve_upload_status(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.multipart_upload.get_status(upload_id="upload-1.x_Y~z"),
        AsyncPager[types.ChunkInfo, types.GetUploadStatusResponse],
    )
    assert_type(
        client.multipart_upload.get_status(upload_id="upload-1.x_Y~z", page=8, page_limit=4),
        AsyncPager[types.ChunkInfo, types.GetUploadStatusResponse],
    )
    assert_type(
        client.multipart_upload.get_status(upload_id=an(types.CreateAssetUploadResponse)),
        AsyncPager[types.ChunkInfo, types.GetUploadStatusResponse],
    )
    assert_type(
        client.multipart_upload.get_status(upload_id=an(types.IncompleteUploadSummary)),
        AsyncPager[types.ChunkInfo, types.GetUploadStatusResponse],
    )
    assert_type(
        client.multipart_upload.get_status(upload_id=an(types.RequestAdditionalPresignedUrLsResponse)),
        AsyncPager[types.ChunkInfo, types.GetUploadStatusResponse],
    )
    assert_type(
        await client.with_raw_response.multipart_upload.get_status("upload-1.x_Y~z"),
        RawResponse[types.GetUploadStatusResponse],
    )


async def report_chunk_batch(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.multipart_upload.report_chunk_batch(
            upload_id="upload-1.x_Y~z",
            completed_chunks=[
                types.CompletedChunk(chunk_index=5, proof="proof é 1", proof_type="etag", chunk_size=3),
                types.CompletedChunk(chunk_index=5, proof="proof é 1", proof_type="etag", chunk_size=3),
            ],
        ),
        types.ReportChunkBatchResponse,
    )
    assert_type(
        await client.multipart_upload.report_chunk_batch(
            upload_id=an(types.CreateAssetUploadResponse),
            completed_chunks=[
                {"chunk_index": 5, "proof": "proof é 1", "proof_type": "etag", "chunk_size": 3},
                {"chunk_index": 5, "proof": "proof é 1", "proof_type": "etag", "chunk_size": 3},
            ],
        ),
        types.ReportChunkBatchResponse,
    )
    assert_type(
        await client.multipart_upload.report_chunk_batch(
            upload_id=an(types.IncompleteUploadSummary),
            completed_chunks=[
                {"chunk_index": 5, "proof": "proof é 1", "proof_type": "etag", "chunk_size": 3},
                {"chunk_index": 5, "proof": "proof é 1", "proof_type": "etag", "chunk_size": 3},
            ],
        ),
        types.ReportChunkBatchResponse,
    )
    assert_type(
        await client.multipart_upload.report_chunk_batch(
            upload_id=an(types.RequestAdditionalPresignedUrLsResponse),
            completed_chunks=[
                {"chunk_index": 5, "proof": "proof é 1", "proof_type": "etag", "chunk_size": 3},
                {"chunk_index": 5, "proof": "proof é 1", "proof_type": "etag", "chunk_size": 3},
            ],
        ),
        types.ReportChunkBatchResponse,
    )
    assert_type(
        await client.with_raw_response.multipart_upload.report_chunk_batch(
            "upload-1.x_Y~z",
            completed_chunks=[
                {"chunk_index": 5, "proof": "proof é 1", "proof_type": "etag", "chunk_size": 3},
                {"chunk_index": 5, "proof": "proof é 1", "proof_type": "etag", "chunk_size": 3},
            ],
        ),
        RawResponse[types.ReportChunkBatchResponse],
    )


async def request_additional_presigned_urls(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.multipart_upload.get_additional_presigned_urls(upload_id="upload-1.x_Y~z", start=4, count=4),
        types.RequestAdditionalPresignedUrLsResponse,
    )
    assert_type(
        await client.multipart_upload.get_additional_presigned_urls(
            upload_id=an(types.CreateAssetUploadResponse), start=4, count=4
        ),
        types.RequestAdditionalPresignedUrLsResponse,
    )
    assert_type(
        await client.multipart_upload.get_additional_presigned_urls(
            upload_id=an(types.IncompleteUploadSummary), start=4, count=4
        ),
        types.RequestAdditionalPresignedUrLsResponse,
    )
    assert_type(
        await client.multipart_upload.get_additional_presigned_urls(
            upload_id=an(types.RequestAdditionalPresignedUrLsResponse), start=4, count=4
        ),
        types.RequestAdditionalPresignedUrLsResponse,
    )
    assert_type(
        await client.with_raw_response.multipart_upload.get_additional_presigned_urls(
            "upload-1.x_Y~z", start=4, count=4
        ),
        RawResponse[types.RequestAdditionalPresignedUrLsResponse],
    )


async def create_search(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.search.create(index_id="index_id é 1", search_options=["visual", "audio"]), types.SearchResults
    )
    assert_type(
        await client.search.create(
            query_media_type="image",
            query_media_url="https://media.example/query_media_url?a=1&b=2",
            query_text="query_text é 1",
            index_id="index_id é 1",
            search_options=["visual", "audio"],
            transcription_options=["lexical", "semantic"],
            group_by="video",
            operator="or",
            page_limit=4,
            filter={
                "note": "filter note",
                "count": 3,
                "ratio": 0.25,
                "flag": True,
                "list": ["a", "b"],
                "map": {"k": None},
            },
            include_user_metadata=True,
            query_media_file=FILE,
            adjust_confidence_level=1,
            threshold="high",
            sort_option="score",
        ),
        types.SearchResults,
    )
    assert_type(
        await client.search.create(
            query_media_type="image",
            query_media_url=[
                "https://media.example/query_media_url_1?a=1&b=2",
                "https://media.example/query_media_url_2?a=1&b=2",
            ],
            query_text="query_text é 1",
            index_id="index_id é 1",
            search_options=["visual", "audio"],
            transcription_options=["lexical", "semantic"],
            group_by="video",
            operator="or",
            page_limit=4,
            filter={
                "note": "filter note",
                "count": 3,
                "ratio": 0.25,
                "flag": True,
                "list": ["a", "b"],
                "map": {"k": None},
            },
            include_user_metadata=True,
            query_media_file=FILE,
            adjust_confidence_level=1,
            threshold="high",
            sort_option="score",
        ),
        types.SearchResults,
    )
    assert_type(
        await client.search.create(
            query_media_type="image",
            query_media_url="https://media.example/query_media_url?a=1&b=2",
            query_text="query_text é 1",
            index_id="index_id é 1",
            search_options=["visual", "audio"],
            transcription_options=["lexical", "semantic"],
            group_by="video",
            operator="or",
            page_limit=4,
            filter={
                "note": "filter note",
                "count": 3,
                "ratio": 0.25,
                "flag": True,
                "list": ["a", "b"],
                "map": {"k": None},
            },
            include_user_metadata=True,
            query_media_file=[FILE, FILE],
            adjust_confidence_level=1,
            threshold="high",
            sort_option="score",
        ),
        types.SearchResults,
    )
    assert_type(
        await client.search.create(index_id=an(types.IndexSchema), search_options=["visual", "audio"]),
        types.SearchResults,
    )
    assert_type(
        await client.search.create(index_id=an(types.IndexesCreateResponse), search_options=["visual", "audio"]),
        types.SearchResults,
    )
    assert_type(
        await client.with_raw_response.search.create(index_id="index_id é 1", search_options=["visual", "audio"]),
        RawResponse[types.SearchResults],
    )


async def retrieve_search_page(client: AsyncTwelveLabs) -> None:
    assert_type(await client.search.retrieve(page_token="page_token-1.x_Y~z"), types.SearchRetrieveResponse)
    assert_type(
        await client.search.retrieve(page_token="page_token-1.x_Y~z", include_user_metadata=True),
        types.SearchRetrieveResponse,
    )
    assert_type(
        await client.with_raw_response.search.retrieve("page_token-1.x_Y~z"), RawResponse[types.SearchRetrieveResponse]
    )


async def analyze_video(client: AsyncTwelveLabs) -> None:
    assert_type(await client.analyze(), types.NonStreamAnalyzeResponse)
    assert_type(client.analyze_stream(), AsyncStream[types.StreamAnalyzeResponse])
    assert_type(
        await client.analyze(
            model_name="pegasus1.6",
            video=types.VideoContextUrl(type="url", url="url é 1"),
            image=[
                types.AnalyzeImageInput(
                    name="name é 1", url="url é 1", asset_id="asset_id é 1", base_64_string="base64_string é 1"
                ),
                types.AnalyzeImageInput(
                    name="name é 1", url="url é 1", asset_id="asset_id é 1", base_64_string="base64_string é 1"
                ),
            ],
            prompt="prompt é 1",
            prompt_v_2=types.AnalyzePromptV2(
                input_text="input_text é 1",
                media_sources=[
                    types.SmeMediaSource(
                        name="name é 1",
                        media_type="image",
                        url="url é 1",
                        asset_id="asset_id é 1",
                        base_64_string="base64_string é 1",
                    ),
                    types.SmeMediaSource(
                        name="name é 1",
                        media_type="image",
                        url="url é 1",
                        asset_id="asset_id é 1",
                        base_64_string="base64_string é 1",
                    ),
                ],
            ),
            temperature=1,
            response_format=types.SyncResponseFormat(
                type="json_schema",
                json_schema={
                    "note": "json_schema note",
                    "count": 3,
                    "ratio": 0.25,
                    "flag": True,
                    "list": ["a", "b"],
                    "map": {"k": None},
                },
            ),
            max_tokens=3,
            start_time=0.5,
            end_time=3.5,
            video_id="video_id é 1",
        ),
        types.NonStreamAnalyzeResponse,
    )
    assert_type(
        client.analyze_stream(
            model_name="pegasus1.6",
            video=types.VideoContextUrl(type="url", url="url é 1"),
            image=[
                types.AnalyzeImageInput(
                    name="name é 1", url="url é 1", asset_id="asset_id é 1", base_64_string="base64_string é 1"
                ),
                types.AnalyzeImageInput(
                    name="name é 1", url="url é 1", asset_id="asset_id é 1", base_64_string="base64_string é 1"
                ),
            ],
            prompt="prompt é 1",
            prompt_v_2=types.AnalyzePromptV2(
                input_text="input_text é 1",
                media_sources=[
                    types.SmeMediaSource(
                        name="name é 1",
                        media_type="image",
                        url="url é 1",
                        asset_id="asset_id é 1",
                        base_64_string="base64_string é 1",
                    ),
                    types.SmeMediaSource(
                        name="name é 1",
                        media_type="image",
                        url="url é 1",
                        asset_id="asset_id é 1",
                        base_64_string="base64_string é 1",
                    ),
                ],
            ),
            temperature=1,
            response_format=types.SyncResponseFormat(
                type="json_schema",
                json_schema={
                    "note": "json_schema note",
                    "count": 3,
                    "ratio": 0.25,
                    "flag": True,
                    "list": ["a", "b"],
                    "map": {"k": None},
                },
            ),
            max_tokens=3,
            start_time=0.5,
            end_time=3.5,
            video_id="video_id é 1",
        ),
        AsyncStream[types.StreamAnalyzeResponse],
    )
    assert_type(
        await client.analyze(
            model_name="pegasus1.6",
            video={"type": "asset_id", "asset_id": "asset_id é 1"},
            image=[
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
            ],
            prompt="prompt é 1",
            prompt_v_2={
                "input_text": "input_text é 1",
                "media_sources": [
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                ],
            },
            temperature=1,
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "note": "json_schema note",
                    "count": 3,
                    "ratio": 0.25,
                    "flag": True,
                    "list": ["a", "b"],
                    "map": {"k": None},
                },
            },
            max_tokens=3,
            start_time=0.5,
            end_time=3.5,
            video_id="video_id é 1",
        ),
        types.NonStreamAnalyzeResponse,
    )
    assert_type(
        client.analyze_stream(
            model_name="pegasus1.6",
            video={"type": "asset_id", "asset_id": "asset_id é 1"},
            image=[
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
            ],
            prompt="prompt é 1",
            prompt_v_2={
                "input_text": "input_text é 1",
                "media_sources": [
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                ],
            },
            temperature=1,
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "note": "json_schema note",
                    "count": 3,
                    "ratio": 0.25,
                    "flag": True,
                    "list": ["a", "b"],
                    "map": {"k": None},
                },
            },
            max_tokens=3,
            start_time=0.5,
            end_time=3.5,
            video_id="video_id é 1",
        ),
        AsyncStream[types.StreamAnalyzeResponse],
    )
    assert_type(
        await client.analyze(
            model_name="pegasus1.6",
            video={"type": "base64_string", "base64_string": "base64_string é 1"},
            image=[
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
            ],
            prompt="prompt é 1",
            prompt_v_2={
                "input_text": "input_text é 1",
                "media_sources": [
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                ],
            },
            temperature=1,
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "note": "json_schema note",
                    "count": 3,
                    "ratio": 0.25,
                    "flag": True,
                    "list": ["a", "b"],
                    "map": {"k": None},
                },
            },
            max_tokens=3,
            start_time=0.5,
            end_time=3.5,
            video_id="video_id é 1",
        ),
        types.NonStreamAnalyzeResponse,
    )
    assert_type(
        client.analyze_stream(
            model_name="pegasus1.6",
            video={"type": "base64_string", "base64_string": "base64_string é 1"},
            image=[
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
            ],
            prompt="prompt é 1",
            prompt_v_2={
                "input_text": "input_text é 1",
                "media_sources": [
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                ],
            },
            temperature=1,
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "note": "json_schema note",
                    "count": 3,
                    "ratio": 0.25,
                    "flag": True,
                    "list": ["a", "b"],
                    "map": {"k": None},
                },
            },
            max_tokens=3,
            start_time=0.5,
            end_time=3.5,
            video_id="video_id é 1",
        ),
        AsyncStream[types.StreamAnalyzeResponse],
    )
    assert_type(await client.analyze(video_id=an(types.IndexedAsset)), types.NonStreamAnalyzeResponse)
    assert_type(client.analyze_stream(video_id=an(types.IndexedAsset)), AsyncStream[types.StreamAnalyzeResponse])
    assert_type(await client.analyze(video_id=an(types.IndexedAssetDetailed)), types.NonStreamAnalyzeResponse)
    assert_type(
        client.analyze_stream(video_id=an(types.IndexedAssetDetailed)), AsyncStream[types.StreamAnalyzeResponse]
    )
    assert_type(await client.analyze(video_id=an(types.IndexedAssetSummary)), types.NonStreamAnalyzeResponse)
    assert_type(client.analyze_stream(video_id=an(types.IndexedAssetSummary)), AsyncStream[types.StreamAnalyzeResponse])
    assert_type(await client.analyze(video_id=an(types.IndexedAssetsCreateResponse)), types.NonStreamAnalyzeResponse)
    assert_type(
        client.analyze_stream(video_id=an(types.IndexedAssetsCreateResponse)), AsyncStream[types.StreamAnalyzeResponse]
    )
    assert_type(await client.analyze(video_id=an(types.VideoItem)), types.NonStreamAnalyzeResponse)
    assert_type(client.analyze_stream(video_id=an(types.VideoItem)), AsyncStream[types.StreamAnalyzeResponse])
    assert_type(await client.analyze(video_id=an(types.VideoVector)), types.NonStreamAnalyzeResponse)
    assert_type(client.analyze_stream(video_id=an(types.VideoVector)), AsyncStream[types.StreamAnalyzeResponse])
    assert_type(await client.analyze(video_id=an(types.VideosRetrieveResponse)), types.NonStreamAnalyzeResponse)
    assert_type(
        client.analyze_stream(video_id=an(types.VideosRetrieveResponse)), AsyncStream[types.StreamAnalyzeResponse]
    )
    assert_type(await client.with_raw_response.analyze(), RawResponse[types.NonStreamAnalyzeResponse])


async def generate_text(client: AsyncTwelveLabs) -> None:
    assert_type(await client.generate(video_id="video_id é 1", prompt="prompt é 1"), types.NonStreamAnalyzeResponse)
    assert_type(
        client.generate_stream(video_id="video_id é 1", prompt="prompt é 1"), AsyncStream[types.StreamAnalyzeResponse]
    )
    assert_type(
        await client.generate(video_id="video_id é 1", prompt="prompt é 1", temperature=1),
        types.NonStreamAnalyzeResponse,
    )
    assert_type(
        client.generate_stream(video_id="video_id é 1", prompt="prompt é 1", temperature=1),
        AsyncStream[types.StreamAnalyzeResponse],
    )
    assert_type(
        await client.generate(video_id=an(types.IndexedAsset), prompt="prompt é 1"), types.NonStreamAnalyzeResponse
    )
    assert_type(
        client.generate_stream(video_id=an(types.IndexedAsset), prompt="prompt é 1"),
        AsyncStream[types.StreamAnalyzeResponse],
    )
    assert_type(
        await client.generate(video_id=an(types.IndexedAssetDetailed), prompt="prompt é 1"),
        types.NonStreamAnalyzeResponse,
    )
    assert_type(
        client.generate_stream(video_id=an(types.IndexedAssetDetailed), prompt="prompt é 1"),
        AsyncStream[types.StreamAnalyzeResponse],
    )
    assert_type(
        await client.generate(video_id=an(types.IndexedAssetSummary), prompt="prompt é 1"),
        types.NonStreamAnalyzeResponse,
    )
    assert_type(
        client.generate_stream(video_id=an(types.IndexedAssetSummary), prompt="prompt é 1"),
        AsyncStream[types.StreamAnalyzeResponse],
    )
    assert_type(
        await client.generate(video_id=an(types.IndexedAssetsCreateResponse), prompt="prompt é 1"),
        types.NonStreamAnalyzeResponse,
    )
    assert_type(
        client.generate_stream(video_id=an(types.IndexedAssetsCreateResponse), prompt="prompt é 1"),
        AsyncStream[types.StreamAnalyzeResponse],
    )
    assert_type(
        await client.generate(video_id=an(types.VideoItem), prompt="prompt é 1"), types.NonStreamAnalyzeResponse
    )
    assert_type(
        client.generate_stream(video_id=an(types.VideoItem), prompt="prompt é 1"),
        AsyncStream[types.StreamAnalyzeResponse],
    )
    assert_type(
        await client.generate(video_id=an(types.VideoVector), prompt="prompt é 1"), types.NonStreamAnalyzeResponse
    )
    assert_type(
        client.generate_stream(video_id=an(types.VideoVector), prompt="prompt é 1"),
        AsyncStream[types.StreamAnalyzeResponse],
    )
    assert_type(
        await client.generate(video_id=an(types.VideosRetrieveResponse), prompt="prompt é 1"),
        types.NonStreamAnalyzeResponse,
    )
    assert_type(
        client.generate_stream(video_id=an(types.VideosRetrieveResponse), prompt="prompt é 1"),
        AsyncStream[types.StreamAnalyzeResponse],
    )
    assert_type(
        await client.with_raw_response.generate(video_id="video_id é 1", prompt="prompt é 1"),
        RawResponse[types.NonStreamAnalyzeResponse],
    )


async def generate_gist(client: AsyncTwelveLabs) -> None:
    assert_type(await client.gist(video_id="video_id é 1", types=["title", "topic"]), types.Gist)
    assert_type(await client.gist(video_id=an(types.IndexedAsset), types=["title", "topic"]), types.Gist)
    assert_type(await client.gist(video_id=an(types.IndexedAssetDetailed), types=["title", "topic"]), types.Gist)
    assert_type(await client.gist(video_id=an(types.IndexedAssetSummary), types=["title", "topic"]), types.Gist)
    assert_type(await client.gist(video_id=an(types.IndexedAssetsCreateResponse), types=["title", "topic"]), types.Gist)
    assert_type(await client.gist(video_id=an(types.VideoItem), types=["title", "topic"]), types.Gist)
    assert_type(await client.gist(video_id=an(types.VideoVector), types=["title", "topic"]), types.Gist)
    assert_type(await client.gist(video_id=an(types.VideosRetrieveResponse), types=["title", "topic"]), types.Gist)
    assert_type(
        await client.with_raw_response.gist(video_id="video_id é 1", types=["title", "topic"]), RawResponse[types.Gist]
    )


async def summarize_video(client: AsyncTwelveLabs) -> None:
    assert_type(await client.summarize(video_id="video_id é 1", type="summary"), types.SummarizeResult)
    assert_type(
        await client.summarize(
            video_id="video_id é 1",
            type="summary",
            prompt="prompt é 1",
            temperature=1,
            response_format=types.ResponseFormat(
                type="json_schema",
                json_schema={
                    "note": "json_schema note",
                    "count": 3,
                    "ratio": 0.25,
                    "flag": True,
                    "list": ["a", "b"],
                    "map": {"k": None},
                },
            ),
            max_tokens=3,
        ),
        types.SummarizeResult,
    )
    assert_type(await client.summarize(video_id=an(types.IndexedAsset), type="summary"), types.SummarizeResult)
    assert_type(await client.summarize(video_id=an(types.IndexedAssetDetailed), type="summary"), types.SummarizeResult)
    assert_type(await client.summarize(video_id=an(types.IndexedAssetSummary), type="summary"), types.SummarizeResult)
    assert_type(
        await client.summarize(video_id=an(types.IndexedAssetsCreateResponse), type="summary"), types.SummarizeResult
    )
    assert_type(await client.summarize(video_id=an(types.VideoItem), type="summary"), types.SummarizeResult)
    assert_type(await client.summarize(video_id=an(types.VideoVector), type="summary"), types.SummarizeResult)
    assert_type(
        await client.summarize(video_id=an(types.VideosRetrieveResponse), type="summary"), types.SummarizeResult
    )
    assert_type(
        await client.with_raw_response.summarize(video_id="video_id é 1", type="summary"),
        RawResponse[types.SummarizeResult],
    )


async def list_analyze_tasks(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.analyze_async.tasks.list(), AsyncPager[types.AnalyzeTaskResponse, types.AnalyzeTasksListResponse]
    )
    assert_type(
        client.analyze_async.tasks.list(
            page=8,
            page_limit=4,
            status="queued",
            video_url="https://media.example/video_url?a=1&b=2",
            asset_id="asset_id é 1",
            analysis_mode="general",
            video_id="video_id é 1",
        ),
        AsyncPager[types.AnalyzeTaskResponse, types.AnalyzeTasksListResponse],
    )
    assert_type(
        client.analyze_async.tasks.list(asset_id=an(types.Asset), video_id=an(types.IndexedAsset)),
        AsyncPager[types.AnalyzeTaskResponse, types.AnalyzeTasksListResponse],
    )
    assert_type(
        client.analyze_async.tasks.list(asset_id=an(types.AssetDetail), video_id=an(types.IndexedAssetDetailed)),
        AsyncPager[types.AnalyzeTaskResponse, types.AnalyzeTasksListResponse],
    )
    assert_type(
        client.analyze_async.tasks.list(asset_id=an(types.Asset), video_id=an(types.IndexedAssetSummary)),
        AsyncPager[types.AnalyzeTaskResponse, types.AnalyzeTasksListResponse],
    )
    assert_type(
        client.analyze_async.tasks.list(asset_id=an(types.AssetDetail), video_id=an(types.IndexedAssetsCreateResponse)),
        AsyncPager[types.AnalyzeTaskResponse, types.AnalyzeTasksListResponse],
    )
    assert_type(
        client.analyze_async.tasks.list(asset_id=an(types.Asset), video_id=an(types.VideoItem)),
        AsyncPager[types.AnalyzeTaskResponse, types.AnalyzeTasksListResponse],
    )
    assert_type(
        client.analyze_async.tasks.list(asset_id=an(types.AssetDetail), video_id=an(types.VideoVector)),
        AsyncPager[types.AnalyzeTaskResponse, types.AnalyzeTasksListResponse],
    )
    assert_type(
        client.analyze_async.tasks.list(asset_id=an(types.Asset), video_id=an(types.VideosRetrieveResponse)),
        AsyncPager[types.AnalyzeTaskResponse, types.AnalyzeTasksListResponse],
    )
    assert_type(await client.with_raw_response.analyze_async.tasks.list(), RawResponse[types.AnalyzeTasksListResponse])


async def create_analyze_task(client: AsyncTwelveLabs) -> None:
    assert_type(await client.analyze_async.tasks.create(), types.CreateAnalyzeTaskResponse)
    assert_type(
        await client.analyze_async.tasks.create(
            idempotency_key="Idempotency-Key é 1",
            model_name="pegasus1.6",
            custom_id="custom_id",
            video=types.VideoContextUrl(type="url", url="url é 1"),
            image=[
                types.AnalyzeImageInput(
                    name="name é 1", url="url é 1", asset_id="asset_id é 1", base_64_string="base64_string é 1"
                ),
                types.AnalyzeImageInput(
                    name="name é 1", url="url é 1", asset_id="asset_id é 1", base_64_string="base64_string é 1"
                ),
            ],
            prompt="prompt é 1",
            prompt_v_2=types.AnalyzePromptV2(
                input_text="input_text é 1",
                media_sources=[
                    types.SmeMediaSource(
                        name="name é 1",
                        media_type="image",
                        url="url é 1",
                        asset_id="asset_id é 1",
                        base_64_string="base64_string é 1",
                    ),
                    types.SmeMediaSource(
                        name="name é 1",
                        media_type="image",
                        url="url é 1",
                        asset_id="asset_id é 1",
                        base_64_string="base64_string é 1",
                    ),
                ],
            ),
            analysis_mode="general",
            temperature=1,
            max_tokens=3,
            response_format=types.AsyncResponseFormat(
                type="json_schema",
                json_schema={
                    "note": "json_schema note",
                    "count": 3,
                    "ratio": 0.25,
                    "flag": True,
                    "list": ["a", "b"],
                    "map": {"k": None},
                },
                segment_definitions=[
                    types.SegmentDefinition(
                        id="id é 1",
                        description="description é 1",
                        fields=[
                            types.SegmentField(
                                name="name é 1",
                                type="string",
                                description="description é 1",
                                format="seconds",
                                enum=["enum_1 é 1", "enum_2 é 1"],
                                items=types.SegmentFieldItems(
                                    type="string",
                                    fields=[
                                        types.TimeArrayItemField(
                                            name="name é 1",
                                            type="string",
                                            description="description é 1",
                                            enum=["enum_1 é 1", "enum_2 é 1"],
                                            items=types.TimeArrayItemFieldItems(type="string"),
                                        ),
                                        types.TimeArrayItemField(
                                            name="name é 1",
                                            type="string",
                                            description="description é 1",
                                            enum=["enum_1 é 1", "enum_2 é 1"],
                                            items=types.TimeArrayItemFieldItems(type="string"),
                                        ),
                                    ],
                                ),
                            ),
                            types.SegmentField(
                                name="name é 1",
                                type="string",
                                description="description é 1",
                                format="seconds",
                                enum=["enum_1 é 1", "enum_2 é 1"],
                                items=types.SegmentFieldItems(
                                    type="string",
                                    fields=[
                                        types.TimeArrayItemField(
                                            name="name é 1",
                                            type="string",
                                            description="description é 1",
                                            enum=["enum_1 é 1", "enum_2 é 1"],
                                            items=types.TimeArrayItemFieldItems(type="string"),
                                        ),
                                        types.TimeArrayItemField(
                                            name="name é 1",
                                            type="string",
                                            description="description é 1",
                                            enum=["enum_1 é 1", "enum_2 é 1"],
                                            items=types.TimeArrayItemFieldItems(type="string"),
                                        ),
                                    ],
                                ),
                            ),
                        ],
                        media_sources=[
                            types.SmeMediaSource(
                                name="name é 1",
                                media_type="image",
                                url="url é 1",
                                asset_id="asset_id é 1",
                                base_64_string="base64_string é 1",
                            ),
                            types.SmeMediaSource(
                                name="name é 1",
                                media_type="image",
                                url="url é 1",
                                asset_id="asset_id é 1",
                                base_64_string="base64_string é 1",
                            ),
                        ],
                        time_ranges=[
                            types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                            types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                        ],
                    ),
                    types.SegmentDefinition(
                        id="id é 1",
                        description="description é 1",
                        fields=[
                            types.SegmentField(
                                name="name é 1",
                                type="string",
                                description="description é 1",
                                format="seconds",
                                enum=["enum_1 é 1", "enum_2 é 1"],
                                items=types.SegmentFieldItems(
                                    type="string",
                                    fields=[
                                        types.TimeArrayItemField(
                                            name="name é 1",
                                            type="string",
                                            description="description é 1",
                                            enum=["enum_1 é 1", "enum_2 é 1"],
                                            items=types.TimeArrayItemFieldItems(type="string"),
                                        ),
                                        types.TimeArrayItemField(
                                            name="name é 1",
                                            type="string",
                                            description="description é 1",
                                            enum=["enum_1 é 1", "enum_2 é 1"],
                                            items=types.TimeArrayItemFieldItems(type="string"),
                                        ),
                                    ],
                                ),
                            ),
                            types.SegmentField(
                                name="name é 1",
                                type="string",
                                description="description é 1",
                                format="seconds",
                                enum=["enum_1 é 1", "enum_2 é 1"],
                                items=types.SegmentFieldItems(
                                    type="string",
                                    fields=[
                                        types.TimeArrayItemField(
                                            name="name é 1",
                                            type="string",
                                            description="description é 1",
                                            enum=["enum_1 é 1", "enum_2 é 1"],
                                            items=types.TimeArrayItemFieldItems(type="string"),
                                        ),
                                        types.TimeArrayItemField(
                                            name="name é 1",
                                            type="string",
                                            description="description é 1",
                                            enum=["enum_1 é 1", "enum_2 é 1"],
                                            items=types.TimeArrayItemFieldItems(type="string"),
                                        ),
                                    ],
                                ),
                            ),
                        ],
                        media_sources=[
                            types.SmeMediaSource(
                                name="name é 1",
                                media_type="image",
                                url="url é 1",
                                asset_id="asset_id é 1",
                                base_64_string="base64_string é 1",
                            ),
                            types.SmeMediaSource(
                                name="name é 1",
                                media_type="image",
                                url="url é 1",
                                asset_id="asset_id é 1",
                                base_64_string="base64_string é 1",
                            ),
                        ],
                        time_ranges=[
                            types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                            types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                        ],
                    ),
                ],
                segment_time_format="seconds",
            ),
            min_segment_duration=2.5,
            max_segment_duration=2.5,
            start_time=0.5,
            end_time=3.5,
        ),
        types.CreateAnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.create(
            idempotency_key="Idempotency-Key é 1",
            model_name="pegasus1.6",
            custom_id="custom_id",
            video={"type": "asset_id", "asset_id": "asset_id é 1"},
            image=[
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
            ],
            prompt="prompt é 1",
            prompt_v_2={
                "input_text": "input_text é 1",
                "media_sources": [
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                ],
            },
            analysis_mode="general",
            temperature=1,
            max_tokens=3,
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "note": "json_schema note",
                    "count": 3,
                    "ratio": 0.25,
                    "flag": True,
                    "list": ["a", "b"],
                    "map": {"k": None},
                },
                "segment_definitions": [
                    {
                        "id": "id é 1",
                        "description": "description é 1",
                        "fields": [
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                        ],
                        "media_sources": [
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                        ],
                        "time_ranges": [{"start_time": 0.5, "end_time": 3.5}, {"start_time": 0.5, "end_time": 3.5}],
                    },
                    {
                        "id": "id é 1",
                        "description": "description é 1",
                        "fields": [
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                        ],
                        "media_sources": [
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                        ],
                        "time_ranges": [{"start_time": 0.5, "end_time": 3.5}, {"start_time": 0.5, "end_time": 3.5}],
                    },
                ],
                "segment_time_format": "seconds",
            },
            min_segment_duration=2.5,
            max_segment_duration=2.5,
            start_time=0.5,
            end_time=3.5,
        ),
        types.CreateAnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.create(
            idempotency_key="Idempotency-Key é 1",
            model_name="pegasus1.6",
            custom_id="custom_id",
            video={"type": "base64_string", "base64_string": "base64_string é 1"},
            image=[
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
            ],
            prompt="prompt é 1",
            prompt_v_2={
                "input_text": "input_text é 1",
                "media_sources": [
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                ],
            },
            analysis_mode="general",
            temperature=1,
            max_tokens=3,
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "note": "json_schema note",
                    "count": 3,
                    "ratio": 0.25,
                    "flag": True,
                    "list": ["a", "b"],
                    "map": {"k": None},
                },
                "segment_definitions": [
                    {
                        "id": "id é 1",
                        "description": "description é 1",
                        "fields": [
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                        ],
                        "media_sources": [
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                        ],
                        "time_ranges": [{"start_time": 0.5, "end_time": 3.5}, {"start_time": 0.5, "end_time": 3.5}],
                    },
                    {
                        "id": "id é 1",
                        "description": "description é 1",
                        "fields": [
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                        ],
                        "media_sources": [
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                        ],
                        "time_ranges": [{"start_time": 0.5, "end_time": 3.5}, {"start_time": 0.5, "end_time": 3.5}],
                    },
                ],
                "segment_time_format": "seconds",
            },
            min_segment_duration=2.5,
            max_segment_duration=2.5,
            start_time=0.5,
            end_time=3.5,
        ),
        types.CreateAnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.create(
            idempotency_key="Idempotency-Key é 1",
            model_name="pegasus1.6",
            custom_id="custom_id",
            video={"type": "url", "url": "url é 1"},
            image=[
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
                {
                    "name": "name é 1",
                    "url": "url é 1",
                    "asset_id": "asset_id é 1",
                    "base64_string": "base64_string é 1",
                },
            ],
            prompt="prompt é 1",
            prompt_v_2={
                "input_text": "input_text é 1",
                "media_sources": [
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "asset_id": "asset_id é 1",
                        "base64_string": "base64_string é 1",
                    },
                ],
            },
            analysis_mode="general",
            temperature=1,
            max_tokens="unlimited",
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "note": "json_schema note",
                    "count": 3,
                    "ratio": 0.25,
                    "flag": True,
                    "list": ["a", "b"],
                    "map": {"k": None},
                },
                "segment_definitions": [
                    {
                        "id": "id é 1",
                        "description": "description é 1",
                        "fields": [
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                        ],
                        "media_sources": [
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                        ],
                        "time_ranges": [{"start_time": 0.5, "end_time": 3.5}, {"start_time": 0.5, "end_time": 3.5}],
                    },
                    {
                        "id": "id é 1",
                        "description": "description é 1",
                        "fields": [
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                            {
                                "name": "name é 1",
                                "type": "string",
                                "description": "description é 1",
                                "format": "seconds",
                                "enum": ["enum_1 é 1", "enum_2 é 1"],
                                "items": {
                                    "type": "string",
                                    "fields": [
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                        {
                                            "name": "name é 1",
                                            "type": "string",
                                            "description": "description é 1",
                                            "enum": ["enum_1 é 1", "enum_2 é 1"],
                                            "items": {"type": "string"},
                                        },
                                    ],
                                },
                            },
                        ],
                        "media_sources": [
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                            {
                                "name": "name é 1",
                                "media_type": "image",
                                "url": "url é 1",
                                "asset_id": "asset_id é 1",
                                "base64_string": "base64_string é 1",
                            },
                        ],
                        "time_ranges": [{"start_time": 0.5, "end_time": 3.5}, {"start_time": 0.5, "end_time": 3.5}],
                    },
                ],
                "segment_time_format": "seconds",
            },
            min_segment_duration=2.5,
            max_segment_duration=2.5,
            start_time=0.5,
            end_time=3.5,
        ),
        types.CreateAnalyzeTaskResponse,
    )
    assert_type(
        await client.with_raw_response.analyze_async.tasks.create(), RawResponse[types.CreateAnalyzeTaskResponse]
    )


async def retrieve_analyze_task(client: AsyncTwelveLabs) -> None:
    assert_type(await client.analyze_async.tasks.retrieve(task_id="task-1.x_Y~z"), types.AnalyzeTaskResponse)
    assert_type(
        await client.analyze_async.tasks.retrieve(task_id=an(types.AnalyzeTaskCanceledWebhookData)),
        types.AnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.retrieve(task_id=an(types.AnalyzeTaskFailedWebhookData)),
        types.AnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.retrieve(task_id=an(types.AnalyzeTaskReadyWebhookData)),
        types.AnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.retrieve(task_id=an(types.AnalyzeTaskResponse)), types.AnalyzeTaskResponse
    )
    assert_type(await client.analyze_async.tasks.retrieve(task_id=an(types.BatchResultItem)), types.AnalyzeTaskResponse)
    assert_type(
        await client.analyze_async.tasks.retrieve(task_id=an(types.CancelAnalyzeTaskResponse)),
        types.AnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.retrieve(task_id=an(types.CreateAnalyzeTaskResponse)),
        types.AnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.retrieve(task_id=an(types.CreatedBatchItem)), types.AnalyzeTaskResponse
    )
    assert_type(
        await client.with_raw_response.analyze_async.tasks.retrieve("task-1.x_Y~z"),
        RawResponse[types.AnalyzeTaskResponse],
    )


async def delete_analyze_task(client: AsyncTwelveLabs) -> None:
    assert_type(await client.analyze_async.tasks.delete(task_id="task-1.x_Y~z"), None)
    assert_type(await client.analyze_async.tasks.delete(task_id=an(types.AnalyzeTaskCanceledWebhookData)), None)
    assert_type(await client.analyze_async.tasks.delete(task_id=an(types.AnalyzeTaskFailedWebhookData)), None)
    assert_type(await client.analyze_async.tasks.delete(task_id=an(types.AnalyzeTaskReadyWebhookData)), None)
    assert_type(await client.analyze_async.tasks.delete(task_id=an(types.AnalyzeTaskResponse)), None)
    assert_type(await client.analyze_async.tasks.delete(task_id=an(types.BatchResultItem)), None)
    assert_type(await client.analyze_async.tasks.delete(task_id=an(types.CancelAnalyzeTaskResponse)), None)
    assert_type(await client.analyze_async.tasks.delete(task_id=an(types.CreateAnalyzeTaskResponse)), None)
    assert_type(await client.analyze_async.tasks.delete(task_id=an(types.CreatedBatchItem)), None)
    assert_type(await client.with_raw_response.analyze_async.tasks.delete("task-1.x_Y~z"), RawResponse[None])


async def cancel_analyze_task(client: AsyncTwelveLabs) -> None:
    assert_type(await client.analyze_async.tasks.cancel(task_id="task-1.x_Y~z"), types.CancelAnalyzeTaskResponse)
    assert_type(
        await client.analyze_async.tasks.cancel(task_id=an(types.AnalyzeTaskCanceledWebhookData)),
        types.CancelAnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.cancel(task_id=an(types.AnalyzeTaskFailedWebhookData)),
        types.CancelAnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.cancel(task_id=an(types.AnalyzeTaskReadyWebhookData)),
        types.CancelAnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.cancel(task_id=an(types.AnalyzeTaskResponse)), types.CancelAnalyzeTaskResponse
    )
    assert_type(
        await client.analyze_async.tasks.cancel(task_id=an(types.BatchResultItem)), types.CancelAnalyzeTaskResponse
    )
    assert_type(
        await client.analyze_async.tasks.cancel(task_id=an(types.CancelAnalyzeTaskResponse)),
        types.CancelAnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.cancel(task_id=an(types.CreateAnalyzeTaskResponse)),
        types.CancelAnalyzeTaskResponse,
    )
    assert_type(
        await client.analyze_async.tasks.cancel(task_id=an(types.CreatedBatchItem)), types.CancelAnalyzeTaskResponse
    )
    assert_type(
        await client.with_raw_response.analyze_async.tasks.cancel("task-1.x_Y~z"),
        RawResponse[types.CancelAnalyzeTaskResponse],
    )


async def list_analyze_batches(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.analyze_async.batches.list(), AsyncPager[types.AnalyzeBatchStatusResponse, types.BatchesListResponse]
    )
    assert_type(
        client.analyze_async.batches.list(
            page=8, page_limit=4, status=["pending", "processing"], analysis_mode=["general", "time_based_metadata"]
        ),
        AsyncPager[types.AnalyzeBatchStatusResponse, types.BatchesListResponse],
    )
    assert_type(await client.with_raw_response.analyze_async.batches.list(), RawResponse[types.BatchesListResponse])


async def create_analyze_batch(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.analyze_async.batches.create(
            model_name="pegasus1.5",
            analysis_mode="general",
            requests=[
                types.BatchItemRequest(video=types.BatchVideoContext(type="asset_id", asset_id="asset_id é 1")),
                types.BatchItemRequest(video=types.BatchVideoContext(type="asset_id", asset_id="asset_id é 1")),
            ],
        ),
        types.CreateAnalyzeBatchResponse,
    )
    assert_type(
        await client.analyze_async.batches.create(
            model_name="pegasus1.5",
            analysis_mode="general",
            defaults=types.BatchDefaults(
                prompt=types.BatchPrompt(
                    input_text="input_text é 1",
                    media_sources=[
                        types.SmeMediaSource(
                            name="name é 1",
                            media_type="image",
                            url="url é 1",
                            asset_id="asset_id é 1",
                            base_64_string="base64_string é 1",
                        ),
                        types.SmeMediaSource(
                            name="name é 1",
                            media_type="image",
                            url="url é 1",
                            asset_id="asset_id é 1",
                            base_64_string="base64_string é 1",
                        ),
                    ],
                ),
                response_format=types.AsyncResponseFormat(
                    type="json_schema",
                    json_schema={
                        "note": "json_schema note",
                        "count": 3,
                        "ratio": 0.25,
                        "flag": True,
                        "list": ["a", "b"],
                        "map": {"k": None},
                    },
                    segment_definitions=[
                        types.SegmentDefinition(
                            id="id é 1",
                            description="description é 1",
                            fields=[
                                types.SegmentField(
                                    name="name é 1",
                                    type="string",
                                    description="description é 1",
                                    format="seconds",
                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                    items=types.SegmentFieldItems(
                                        type="string",
                                        fields=[
                                            types.TimeArrayItemField(
                                                name="name é 1",
                                                type="string",
                                                description="description é 1",
                                                enum=["enum_1 é 1", "enum_2 é 1"],
                                                items=types.TimeArrayItemFieldItems(type="string"),
                                            ),
                                            types.TimeArrayItemField(
                                                name="name é 1",
                                                type="string",
                                                description="description é 1",
                                                enum=["enum_1 é 1", "enum_2 é 1"],
                                                items=types.TimeArrayItemFieldItems(type="string"),
                                            ),
                                        ],
                                    ),
                                ),
                                types.SegmentField(
                                    name="name é 1",
                                    type="string",
                                    description="description é 1",
                                    format="seconds",
                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                    items=types.SegmentFieldItems(
                                        type="string",
                                        fields=[
                                            types.TimeArrayItemField(
                                                name="name é 1",
                                                type="string",
                                                description="description é 1",
                                                enum=["enum_1 é 1", "enum_2 é 1"],
                                                items=types.TimeArrayItemFieldItems(type="string"),
                                            ),
                                            types.TimeArrayItemField(
                                                name="name é 1",
                                                type="string",
                                                description="description é 1",
                                                enum=["enum_1 é 1", "enum_2 é 1"],
                                                items=types.TimeArrayItemFieldItems(type="string"),
                                            ),
                                        ],
                                    ),
                                ),
                            ],
                            media_sources=[
                                types.SmeMediaSource(
                                    name="name é 1",
                                    media_type="image",
                                    url="url é 1",
                                    asset_id="asset_id é 1",
                                    base_64_string="base64_string é 1",
                                ),
                                types.SmeMediaSource(
                                    name="name é 1",
                                    media_type="image",
                                    url="url é 1",
                                    asset_id="asset_id é 1",
                                    base_64_string="base64_string é 1",
                                ),
                            ],
                            time_ranges=[
                                types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                                types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                            ],
                        ),
                        types.SegmentDefinition(
                            id="id é 1",
                            description="description é 1",
                            fields=[
                                types.SegmentField(
                                    name="name é 1",
                                    type="string",
                                    description="description é 1",
                                    format="seconds",
                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                    items=types.SegmentFieldItems(
                                        type="string",
                                        fields=[
                                            types.TimeArrayItemField(
                                                name="name é 1",
                                                type="string",
                                                description="description é 1",
                                                enum=["enum_1 é 1", "enum_2 é 1"],
                                                items=types.TimeArrayItemFieldItems(type="string"),
                                            ),
                                            types.TimeArrayItemField(
                                                name="name é 1",
                                                type="string",
                                                description="description é 1",
                                                enum=["enum_1 é 1", "enum_2 é 1"],
                                                items=types.TimeArrayItemFieldItems(type="string"),
                                            ),
                                        ],
                                    ),
                                ),
                                types.SegmentField(
                                    name="name é 1",
                                    type="string",
                                    description="description é 1",
                                    format="seconds",
                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                    items=types.SegmentFieldItems(
                                        type="string",
                                        fields=[
                                            types.TimeArrayItemField(
                                                name="name é 1",
                                                type="string",
                                                description="description é 1",
                                                enum=["enum_1 é 1", "enum_2 é 1"],
                                                items=types.TimeArrayItemFieldItems(type="string"),
                                            ),
                                            types.TimeArrayItemField(
                                                name="name é 1",
                                                type="string",
                                                description="description é 1",
                                                enum=["enum_1 é 1", "enum_2 é 1"],
                                                items=types.TimeArrayItemFieldItems(type="string"),
                                            ),
                                        ],
                                    ),
                                ),
                            ],
                            media_sources=[
                                types.SmeMediaSource(
                                    name="name é 1",
                                    media_type="image",
                                    url="url é 1",
                                    asset_id="asset_id é 1",
                                    base_64_string="base64_string é 1",
                                ),
                                types.SmeMediaSource(
                                    name="name é 1",
                                    media_type="image",
                                    url="url é 1",
                                    asset_id="asset_id é 1",
                                    base_64_string="base64_string é 1",
                                ),
                            ],
                            time_ranges=[
                                types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                                types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                            ],
                        ),
                    ],
                    segment_time_format="seconds",
                ),
                temperature=1,
                max_tokens=3,
                min_segment_duration=2.5,
                max_segment_duration=2.5,
                start_time=0.5,
                end_time=3.5,
            ),
            requests=[
                types.BatchItemRequest(
                    video=types.BatchVideoContext(type="asset_id", asset_id="asset_id é 1"),
                    custom_id="custom_id",
                    prompt=types.BatchPrompt(
                        input_text="input_text é 1",
                        media_sources=[
                            types.SmeMediaSource(
                                name="name é 1",
                                media_type="image",
                                url="url é 1",
                                asset_id="asset_id é 1",
                                base_64_string="base64_string é 1",
                            ),
                            types.SmeMediaSource(
                                name="name é 1",
                                media_type="image",
                                url="url é 1",
                                asset_id="asset_id é 1",
                                base_64_string="base64_string é 1",
                            ),
                        ],
                    ),
                    response_format=types.AsyncResponseFormat(
                        type="json_schema",
                        json_schema={
                            "note": "json_schema note",
                            "count": 3,
                            "ratio": 0.25,
                            "flag": True,
                            "list": ["a", "b"],
                            "map": {"k": None},
                        },
                        segment_definitions=[
                            types.SegmentDefinition(
                                id="id é 1",
                                description="description é 1",
                                fields=[
                                    types.SegmentField(
                                        name="name é 1",
                                        type="string",
                                        description="description é 1",
                                        format="seconds",
                                        enum=["enum_1 é 1", "enum_2 é 1"],
                                        items=types.SegmentFieldItems(
                                            type="string",
                                            fields=[
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                            ],
                                        ),
                                    ),
                                    types.SegmentField(
                                        name="name é 1",
                                        type="string",
                                        description="description é 1",
                                        format="seconds",
                                        enum=["enum_1 é 1", "enum_2 é 1"],
                                        items=types.SegmentFieldItems(
                                            type="string",
                                            fields=[
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                            ],
                                        ),
                                    ),
                                ],
                                media_sources=[
                                    types.SmeMediaSource(
                                        name="name é 1",
                                        media_type="image",
                                        url="url é 1",
                                        asset_id="asset_id é 1",
                                        base_64_string="base64_string é 1",
                                    ),
                                    types.SmeMediaSource(
                                        name="name é 1",
                                        media_type="image",
                                        url="url é 1",
                                        asset_id="asset_id é 1",
                                        base_64_string="base64_string é 1",
                                    ),
                                ],
                                time_ranges=[
                                    types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                                    types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                                ],
                            ),
                            types.SegmentDefinition(
                                id="id é 1",
                                description="description é 1",
                                fields=[
                                    types.SegmentField(
                                        name="name é 1",
                                        type="string",
                                        description="description é 1",
                                        format="seconds",
                                        enum=["enum_1 é 1", "enum_2 é 1"],
                                        items=types.SegmentFieldItems(
                                            type="string",
                                            fields=[
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                            ],
                                        ),
                                    ),
                                    types.SegmentField(
                                        name="name é 1",
                                        type="string",
                                        description="description é 1",
                                        format="seconds",
                                        enum=["enum_1 é 1", "enum_2 é 1"],
                                        items=types.SegmentFieldItems(
                                            type="string",
                                            fields=[
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                            ],
                                        ),
                                    ),
                                ],
                                media_sources=[
                                    types.SmeMediaSource(
                                        name="name é 1",
                                        media_type="image",
                                        url="url é 1",
                                        asset_id="asset_id é 1",
                                        base_64_string="base64_string é 1",
                                    ),
                                    types.SmeMediaSource(
                                        name="name é 1",
                                        media_type="image",
                                        url="url é 1",
                                        asset_id="asset_id é 1",
                                        base_64_string="base64_string é 1",
                                    ),
                                ],
                                time_ranges=[
                                    types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                                    types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                                ],
                            ),
                        ],
                        segment_time_format="seconds",
                    ),
                    temperature=1,
                    max_tokens=3,
                    min_segment_duration=2.5,
                    max_segment_duration=2.5,
                    start_time=0.5,
                    end_time=3.5,
                ),
                types.BatchItemRequest(
                    video=types.BatchVideoContext(type="asset_id", asset_id="asset_id é 1"),
                    custom_id="custom_id",
                    prompt=types.BatchPrompt(
                        input_text="input_text é 1",
                        media_sources=[
                            types.SmeMediaSource(
                                name="name é 1",
                                media_type="image",
                                url="url é 1",
                                asset_id="asset_id é 1",
                                base_64_string="base64_string é 1",
                            ),
                            types.SmeMediaSource(
                                name="name é 1",
                                media_type="image",
                                url="url é 1",
                                asset_id="asset_id é 1",
                                base_64_string="base64_string é 1",
                            ),
                        ],
                    ),
                    response_format=types.AsyncResponseFormat(
                        type="json_schema",
                        json_schema={
                            "note": "json_schema note",
                            "count": 3,
                            "ratio": 0.25,
                            "flag": True,
                            "list": ["a", "b"],
                            "map": {"k": None},
                        },
                        segment_definitions=[
                            types.SegmentDefinition(
                                id="id é 1",
                                description="description é 1",
                                fields=[
                                    types.SegmentField(
                                        name="name é 1",
                                        type="string",
                                        description="description é 1",
                                        format="seconds",
                                        enum=["enum_1 é 1", "enum_2 é 1"],
                                        items=types.SegmentFieldItems(
                                            type="string",
                                            fields=[
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                            ],
                                        ),
                                    ),
                                    types.SegmentField(
                                        name="name é 1",
                                        type="string",
                                        description="description é 1",
                                        format="seconds",
                                        enum=["enum_1 é 1", "enum_2 é 1"],
                                        items=types.SegmentFieldItems(
                                            type="string",
                                            fields=[
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                            ],
                                        ),
                                    ),
                                ],
                                media_sources=[
                                    types.SmeMediaSource(
                                        name="name é 1",
                                        media_type="image",
                                        url="url é 1",
                                        asset_id="asset_id é 1",
                                        base_64_string="base64_string é 1",
                                    ),
                                    types.SmeMediaSource(
                                        name="name é 1",
                                        media_type="image",
                                        url="url é 1",
                                        asset_id="asset_id é 1",
                                        base_64_string="base64_string é 1",
                                    ),
                                ],
                                time_ranges=[
                                    types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                                    types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                                ],
                            ),
                            types.SegmentDefinition(
                                id="id é 1",
                                description="description é 1",
                                fields=[
                                    types.SegmentField(
                                        name="name é 1",
                                        type="string",
                                        description="description é 1",
                                        format="seconds",
                                        enum=["enum_1 é 1", "enum_2 é 1"],
                                        items=types.SegmentFieldItems(
                                            type="string",
                                            fields=[
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                            ],
                                        ),
                                    ),
                                    types.SegmentField(
                                        name="name é 1",
                                        type="string",
                                        description="description é 1",
                                        format="seconds",
                                        enum=["enum_1 é 1", "enum_2 é 1"],
                                        items=types.SegmentFieldItems(
                                            type="string",
                                            fields=[
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                                types.TimeArrayItemField(
                                                    name="name é 1",
                                                    type="string",
                                                    description="description é 1",
                                                    enum=["enum_1 é 1", "enum_2 é 1"],
                                                    items=types.TimeArrayItemFieldItems(type="string"),
                                                ),
                                            ],
                                        ),
                                    ),
                                ],
                                media_sources=[
                                    types.SmeMediaSource(
                                        name="name é 1",
                                        media_type="image",
                                        url="url é 1",
                                        asset_id="asset_id é 1",
                                        base_64_string="base64_string é 1",
                                    ),
                                    types.SmeMediaSource(
                                        name="name é 1",
                                        media_type="image",
                                        url="url é 1",
                                        asset_id="asset_id é 1",
                                        base_64_string="base64_string é 1",
                                    ),
                                ],
                                time_ranges=[
                                    types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                                    types.AnalyzeTimeRange(start_time=0.5, end_time=3.5),
                                ],
                            ),
                        ],
                        segment_time_format="seconds",
                    ),
                    temperature=1,
                    max_tokens=3,
                    min_segment_duration=2.5,
                    max_segment_duration=2.5,
                    start_time=0.5,
                    end_time=3.5,
                ),
            ],
        ),
        types.CreateAnalyzeBatchResponse,
    )
    assert_type(
        await client.with_raw_response.analyze_async.batches.create(
            model_name="pegasus1.5",
            analysis_mode="general",
            requests=[
                {"video": {"type": "asset_id", "asset_id": "asset_id é 1"}},
                {"video": {"type": "asset_id", "asset_id": "asset_id é 1"}},
            ],
        ),
        RawResponse[types.CreateAnalyzeBatchResponse],
    )


async def retrieve_analyze_batch(client: AsyncTwelveLabs) -> None:
    assert_type(await client.analyze_async.batches.retrieve(batch_id="batch-1.x_Y~z"), types.AnalyzeBatchStatusResponse)
    assert_type(
        await client.analyze_async.batches.retrieve(batch_id=an(types.AnalyzeBatchStatusResponse)),
        types.AnalyzeBatchStatusResponse,
    )
    assert_type(
        await client.analyze_async.batches.retrieve(batch_id=an(types.CreateAnalyzeBatchResponse)),
        types.AnalyzeBatchStatusResponse,
    )
    assert_type(
        await client.with_raw_response.analyze_async.batches.retrieve("batch-1.x_Y~z"),
        RawResponse[types.AnalyzeBatchStatusResponse],
    )


async def delete_analyze_batch(client: AsyncTwelveLabs) -> None:
    assert_type(await client.analyze_async.batches.delete(batch_id="batch-1.x_Y~z"), None)
    assert_type(await client.analyze_async.batches.delete(batch_id=an(types.AnalyzeBatchStatusResponse)), None)
    assert_type(await client.analyze_async.batches.delete(batch_id=an(types.CreateAnalyzeBatchResponse)), None)
    assert_type(await client.with_raw_response.analyze_async.batches.delete("batch-1.x_Y~z"), RawResponse[None])


async def retrieve_analyze_batch_results(client: AsyncTwelveLabs) -> None:
    assert_type(client.analyze_async.batches.results(batch_id="batch-1.x_Y~z"), AsyncStream[types.BatchResultItem])
    assert_type(
        client.analyze_async.batches.results(batch_id=an(types.AnalyzeBatchStatusResponse)),
        AsyncStream[types.BatchResultItem],
    )
    assert_type(
        client.analyze_async.batches.results(batch_id=an(types.CreateAnalyzeBatchResponse)),
        AsyncStream[types.BatchResultItem],
    )


async def cancel_analyze_batch(client: AsyncTwelveLabs) -> None:
    assert_type(await client.analyze_async.batches.cancel(batch_id="batch-1.x_Y~z"), types.AnalyzeBatchStatusResponse)
    assert_type(
        await client.analyze_async.batches.cancel(batch_id=an(types.AnalyzeBatchStatusResponse)),
        types.AnalyzeBatchStatusResponse,
    )
    assert_type(
        await client.analyze_async.batches.cancel(batch_id=an(types.CreateAnalyzeBatchResponse)),
        types.AnalyzeBatchStatusResponse,
    )
    assert_type(
        await client.with_raw_response.analyze_async.batches.cancel("batch-1.x_Y~z"),
        RawResponse[types.AnalyzeBatchStatusResponse],
    )


async def create_embeddings(client: AsyncTwelveLabs) -> None:
    assert_type(await client.embed.create(model_name="marengo3.0"), types.EmbeddingResponse)
    assert_type(
        await client.embed.create(
            model_name="marengo3.0",
            text="text é 1",
            image_url="image_url é 1",
            audio_url="audio_url é 1",
            audio_start_offset_sec=2.5,
            image_file=FILE,
            audio_file=FILE,
            text_truncate="start",
            video_url="https://media.example/video_url?a=1&b=2",
            video_file=FILE,
        ),
        types.EmbeddingResponse,
    )
    assert_type(
        await client.with_raw_response.embed.create(model_name="marengo3.0"), RawResponse[types.EmbeddingResponse]
    )


async def list_embedding_tasks(client: AsyncTwelveLabs) -> None:
    assert_type(client.embed.tasks.list(), AsyncPager[types.MediaEmbeddingTask, types.EmbedTasksListResponse])
    assert_type(
        client.embed.tasks.list(started_at=WHEN, ended_at=WHEN, status="processing", page=8, page_limit=4),
        AsyncPager[types.MediaEmbeddingTask, types.EmbedTasksListResponse],
    )
    assert_type(await client.with_raw_response.embed.tasks.list(), RawResponse[types.EmbedTasksListResponse])


async def create_embedding_task(client: AsyncTwelveLabs) -> None:
    assert_type(await client.embed.tasks.create(model_name="marengo3.0"), types.EmbedTasksCreateResponse)
    assert_type(
        await client.embed.tasks.create(
            model_name="marengo3.0",
            video_url="video_url é 1",
            video_start_offset_sec=2.5,
            video_end_offset_sec=0.5,
            video_clip_length=4.5,
            video_embedding_scope=["clip", "video"],
            video_file=FILE,
            video_embedding_scopes=["clip", "video"],
        ),
        types.EmbedTasksCreateResponse,
    )
    assert_type(
        await client.with_raw_response.embed.tasks.create(model_name="marengo3.0"),
        RawResponse[types.EmbedTasksCreateResponse],
    )


async def retrieve_embedding_task_status(client: AsyncTwelveLabs) -> None:
    assert_type(await client.embed.tasks.status(task_id="task-1.x_Y~z"), types.EmbedTasksStatusResponse)
    assert_type(
        await client.embed.tasks.status(task_id=an(types.EmbedTasksCreateResponse)), types.EmbedTasksStatusResponse
    )
    assert_type(
        await client.embed.tasks.status(task_id=an(types.EmbedTasksRetrieveResponse)), types.EmbedTasksStatusResponse
    )
    assert_type(
        await client.embed.tasks.status(task_id=an(types.EmbedTasksStatusResponse)), types.EmbedTasksStatusResponse
    )
    assert_type(await client.embed.tasks.status(task_id=an(types.MediaEmbeddingTask)), types.EmbedTasksStatusResponse)
    assert_type(
        await client.with_raw_response.embed.tasks.status("task-1.x_Y~z"), RawResponse[types.EmbedTasksStatusResponse]
    )


async def retrieve_embedding_task(client: AsyncTwelveLabs) -> None:
    assert_type(await client.embed.tasks.retrieve(task_id="task-1.x_Y~z"), types.EmbedTasksRetrieveResponse)
    assert_type(
        await client.embed.tasks.retrieve(task_id="task-1.x_Y~z", embedding_option=["visual", "audio"]),
        types.EmbedTasksRetrieveResponse,
    )
    assert_type(
        await client.embed.tasks.retrieve(task_id=an(types.EmbedTasksCreateResponse)), types.EmbedTasksRetrieveResponse
    )
    assert_type(
        await client.embed.tasks.retrieve(task_id=an(types.EmbedTasksRetrieveResponse)),
        types.EmbedTasksRetrieveResponse,
    )
    assert_type(
        await client.embed.tasks.retrieve(task_id=an(types.EmbedTasksStatusResponse)), types.EmbedTasksRetrieveResponse
    )
    assert_type(
        await client.embed.tasks.retrieve(task_id=an(types.MediaEmbeddingTask)), types.EmbedTasksRetrieveResponse
    )
    assert_type(
        await client.with_raw_response.embed.tasks.retrieve("task-1.x_Y~z"),
        RawResponse[types.EmbedTasksRetrieveResponse],
    )


async def create_embeddings_v2(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.embed.v_2.create(input_type="text", model_name="marengo3.0"), types.EmbeddingSuccessResponse
    )
    assert_type(
        await client.embed.v_2.create(
            input_type="text",
            model_name="marengo3.0",
            auto_truncate=True,
            embedding_uncertainty=True,
            embedding_dimension=7,
            text=types.TextInputRequest(input_text="input_text é 1"),
            image=types.ImageInputRequest(
                media_source=types.MediaSource(
                    base_64_string="base64_string é 1", url="url é 1", asset_id="asset_id é 1"
                )
            ),
            text_image=types.TextImageInputRequest(
                media_source=types.MediaSource(
                    base_64_string="base64_string é 1", url="url é 1", asset_id="asset_id é 1"
                ),
                input_text="input_text é 1",
            ),
            audio=types.AudioInputRequest(
                media_source=types.MediaSource(
                    base_64_string="base64_string é 1", url="url é 1", asset_id="asset_id é 1"
                ),
                start_sec=4.5,
                end_sec=2.5,
                segmentation=types.AudioSegmentation(
                    strategy="fixed", fixed=types.AudioSegmentationFixed(duration_sec=7)
                ),
                embedding_option=["audio", "transcription"],
                embedding_scope=["clip", "asset"],
                embedding_type=["separate_embedding", "fused_embedding"],
            ),
            video=types.VideoInputRequest(
                media_source=types.MediaSource(
                    base_64_string="base64_string é 1", url="url é 1", asset_id="asset_id é 1"
                ),
                start_sec=4.5,
                end_sec=2.5,
                segmentation=types.VideoSegmentationDynamic(
                    strategy="dynamic", dynamic=types.VideoSegmentationDynamicDynamic(min_duration_sec=5)
                ),
                embedding_option=["visual", "audio"],
                embedding_scope=["clip", "asset"],
                embedding_type=["separate_embedding", "fused_embedding"],
            ),
            multi_input=types.MultiInputRequest(
                input_text="input_text é 1",
                media_sources=[
                    types.MultiInputMediaSource(
                        name="name é 1",
                        media_type="image",
                        url="url é 1",
                        base_64_string="base64_string é 1",
                        asset_id="asset_id é 1",
                    ),
                    types.MultiInputMediaSource(
                        name="name é 1",
                        media_type="image",
                        url="url é 1",
                        base_64_string="base64_string é 1",
                        asset_id="asset_id é 1",
                    ),
                ],
            ),
        ),
        types.EmbeddingSuccessResponse,
    )
    assert_type(
        await client.embed.v_2.create(
            input_type="text",
            model_name="marengo3.0",
            auto_truncate=True,
            embedding_uncertainty=True,
            embedding_dimension=7,
            text={"input_text": "input_text é 1"},
            image={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"}
            },
            text_image={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "input_text": "input_text é 1",
            },
            audio={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "start_sec": 4.5,
                "end_sec": 2.5,
                "segmentation": {"strategy": "fixed", "fixed": {"duration_sec": 7}},
                "embedding_option": ["audio", "transcription"],
                "embedding_scope": ["clip", "asset"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
            },
            video={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "start_sec": 4.5,
                "end_sec": 2.5,
                "segmentation": {"strategy": "fixed", "fixed": {"duration_sec": 7}},
                "embedding_option": ["visual", "audio"],
                "embedding_scope": ["clip", "asset"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
            },
            multi_input={
                "input_text": "input_text é 1",
                "media_sources": [
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "base64_string": "base64_string é 1",
                        "asset_id": "asset_id é 1",
                    },
                    {
                        "name": "name é 1",
                        "media_type": "image",
                        "url": "url é 1",
                        "base64_string": "base64_string é 1",
                        "asset_id": "asset_id é 1",
                    },
                ],
            },
        ),
        types.EmbeddingSuccessResponse,
    )
    assert_type(
        await client.with_raw_response.embed.v_2.create(input_type="text", model_name="marengo3.0"),
        RawResponse[types.EmbeddingSuccessResponse],
    )


async def list_embedding_tasks_v2(client: AsyncTwelveLabs) -> None:
    assert_type(client.embed.v_2.tasks.list(), AsyncPager[types.MediaEmbeddingTask, types.EmbedV2TasksListResponse])
    assert_type(
        client.embed.v_2.tasks.list(started_at=WHEN, ended_at=WHEN, status="processing", page=8, page_limit=4),
        AsyncPager[types.MediaEmbeddingTask, types.EmbedV2TasksListResponse],
    )
    assert_type(await client.with_raw_response.embed.v_2.tasks.list(), RawResponse[types.EmbedV2TasksListResponse])


async def create_embedding_task_v2(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.embed.v_2.tasks.create(input_type="audio", model_name="marengo3.0"),
        types.EmbedV2TasksCreateResponse,
    )
    assert_type(
        await client.embed.v_2.tasks.create(
            input_type="audio",
            model_name="marengo3.0",
            embedding_uncertainty=True,
            embedding_dimension=7,
            audio=types.AsyncAudioInputRequest(
                media_source=types.MediaSource(
                    base_64_string="base64_string é 1", url="url é 1", asset_id="asset_id é 1"
                ),
                start_sec=4.5,
                end_sec=2.5,
                segmentation=types.AudioSegmentation(
                    strategy="fixed", fixed=types.AudioSegmentationFixed(duration_sec=7)
                ),
                embedding_option=["audio", "transcription"],
                embedding_scope=["clip", "local"],
                embedding_type=["separate_embedding", "fused_embedding"],
                time_based_metadata=[
                    types.TimeBasedMetadataEntry(start=0.5, end=3.5, text="text é 1"),
                    types.TimeBasedMetadataEntry(start=0.5, end=3.5, text="text é 1"),
                ],
            ),
            video=types.AsyncVideoInputRequest(
                media_source=types.MediaSource(
                    base_64_string="base64_string é 1", url="url é 1", asset_id="asset_id é 1"
                ),
                start_sec=4.5,
                end_sec=2.5,
                segmentation=types.VideoSegmentationDynamic(
                    strategy="dynamic", dynamic=types.VideoSegmentationDynamicDynamic(min_duration_sec=5)
                ),
                embedding_option=["visual", "audio"],
                embedding_scope=["clip", "local"],
                embedding_type=["separate_embedding", "fused_embedding"],
                time_based_metadata=[
                    types.TimeBasedMetadataEntry(start=0.5, end=3.5, text="text é 1"),
                    types.TimeBasedMetadataEntry(start=0.5, end=3.5, text="text é 1"),
                ],
            ),
            document=types.AsyncDocumentInputRequest(
                media_source=types.MediaSource(
                    base_64_string="base64_string é 1", url="url é 1", asset_id="asset_id é 1"
                ),
                segmentation=types.DocumentSegmentation(
                    spatial=types.DocumentSpatialSegmentation(strategy="standard"),
                    sequential=types.DocumentSequentialSegmentation(
                        strategy="sentence", max_sentences=6, overlap_sentences=5
                    ),
                ),
                embedding_option=["visual", "text"],
                embedding_type=["separate_embedding", "fused_embedding"],
                embedding_scope=["local", "asset"],
            ),
            image=types.AsyncImageInputRequest(
                media_source=types.MediaSource(
                    base_64_string="base64_string é 1", url="url é 1", asset_id="asset_id é 1"
                ),
                embedding_option=["visual"],
                embedding_type=["separate_embedding"],
                embedding_scope=["asset"],
            ),
        ),
        types.EmbedV2TasksCreateResponse,
    )
    assert_type(
        await client.embed.v_2.tasks.create(
            input_type="audio",
            model_name="marengo3.0",
            embedding_uncertainty=True,
            embedding_dimension=7,
            audio={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "start_sec": 4.5,
                "end_sec": 2.5,
                "segmentation": {"temporal": {"strategy": "dynamic", "dynamic": {"min_duration_sec": 5}}},
                "embedding_option": ["audio", "transcription"],
                "embedding_scope": ["clip", "local"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "time_based_metadata": [
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                ],
            },
            video={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "start_sec": 4.5,
                "end_sec": 2.5,
                "segmentation": {"strategy": "dynamic", "dynamic": {"min_duration_sec": 5}},
                "embedding_option": ["visual", "audio"],
                "embedding_scope": ["clip", "local"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "time_based_metadata": [
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                ],
            },
            document={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "segmentation": {
                    "spatial": {"strategy": "standard"},
                    "sequential": {"strategy": "sentence", "max_sentences": 6, "overlap_sentences": 5},
                },
                "embedding_option": ["visual", "text"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "embedding_scope": ["local", "asset"],
            },
            image={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "embedding_option": ["visual"],
                "embedding_type": ["separate_embedding"],
                "embedding_scope": ["asset"],
            },
        ),
        types.EmbedV2TasksCreateResponse,
    )
    assert_type(
        await client.embed.v_2.tasks.create(
            input_type="audio",
            model_name="marengo3.0",
            embedding_uncertainty=True,
            embedding_dimension=7,
            audio={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "start_sec": 4.5,
                "end_sec": 2.5,
                "segmentation": {"strategy": "fixed", "fixed": {"duration_sec": 7}},
                "embedding_option": ["audio", "transcription"],
                "embedding_scope": ["clip", "local"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "time_based_metadata": [
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                ],
            },
            video={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "start_sec": 4.5,
                "end_sec": 2.5,
                "segmentation": {"temporal": {"strategy": "dynamic", "dynamic": {"min_duration_sec": 5}}},
                "embedding_option": ["visual", "audio"],
                "embedding_scope": ["clip", "local"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "time_based_metadata": [
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                ],
            },
            document={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "segmentation": {
                    "spatial": {"strategy": "standard"},
                    "sequential": {"strategy": "sentence", "max_sentences": 6, "overlap_sentences": 5},
                },
                "embedding_option": ["visual", "text"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "embedding_scope": ["local", "asset"],
            },
            image={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "embedding_option": ["visual"],
                "embedding_type": ["separate_embedding"],
                "embedding_scope": ["asset"],
            },
        ),
        types.EmbedV2TasksCreateResponse,
    )
    assert_type(
        await client.embed.v_2.tasks.create(
            input_type="audio",
            model_name="marengo3.0",
            embedding_uncertainty=True,
            embedding_dimension=7,
            audio={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "start_sec": 4.5,
                "end_sec": 2.5,
                "segmentation": {"temporal": {"strategy": "fixed", "fixed": {"duration_sec": 7}}},
                "embedding_option": ["audio", "transcription"],
                "embedding_scope": ["clip", "local"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "time_based_metadata": [
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                ],
            },
            video={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "start_sec": 4.5,
                "end_sec": 2.5,
                "segmentation": {"strategy": "dynamic", "dynamic": {"min_duration_sec": 5}},
                "embedding_option": ["visual", "audio"],
                "embedding_scope": ["clip", "local"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "time_based_metadata": [
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                ],
            },
            document={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "segmentation": {
                    "spatial": {"strategy": "standard"},
                    "sequential": {"strategy": "sentence", "max_sentences": 6, "overlap_sentences": 5},
                },
                "embedding_option": ["visual", "text"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "embedding_scope": ["local", "asset"],
            },
            image={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "embedding_option": ["visual"],
                "embedding_type": ["separate_embedding"],
                "embedding_scope": ["asset"],
            },
        ),
        types.EmbedV2TasksCreateResponse,
    )
    assert_type(
        await client.embed.v_2.tasks.create(
            input_type="audio",
            model_name="marengo3.0",
            embedding_uncertainty=True,
            embedding_dimension=7,
            audio={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "start_sec": 4.5,
                "end_sec": 2.5,
                "segmentation": {"strategy": "fixed", "fixed": {"duration_sec": 7}},
                "embedding_option": ["audio", "transcription"],
                "embedding_scope": ["clip", "local"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "time_based_metadata": [
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                ],
            },
            video={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "start_sec": 4.5,
                "end_sec": 2.5,
                "segmentation": {"temporal": {"strategy": "fixed", "fixed": {"duration_sec": 7}}},
                "embedding_option": ["visual", "audio"],
                "embedding_scope": ["clip", "local"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "time_based_metadata": [
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                    {"start": 0.5, "end": 3.5, "text": "text é 1"},
                ],
            },
            document={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "segmentation": {
                    "spatial": {"strategy": "standard"},
                    "sequential": {"strategy": "sentence", "max_sentences": 6, "overlap_sentences": 5},
                },
                "embedding_option": ["visual", "text"],
                "embedding_type": ["separate_embedding", "fused_embedding"],
                "embedding_scope": ["local", "asset"],
            },
            image={
                "media_source": {"base64_string": "base64_string é 1", "url": "url é 1", "asset_id": "asset_id é 1"},
                "embedding_option": ["visual"],
                "embedding_type": ["separate_embedding"],
                "embedding_scope": ["asset"],
            },
        ),
        types.EmbedV2TasksCreateResponse,
    )
    assert_type(
        await client.with_raw_response.embed.v_2.tasks.create(input_type="audio", model_name="marengo3.0"),
        RawResponse[types.EmbedV2TasksCreateResponse],
    )


async def retrieve_embedding_task_v2(client: AsyncTwelveLabs) -> None:
    assert_type(await client.embed.v_2.tasks.retrieve(task_id="task-1.x_Y~z"), types.EmbeddingTaskResponse)
    assert_type(
        await client.embed.v_2.tasks.retrieve(task_id=an(types.EmbedV2TasksCreateResponse)), types.EmbeddingTaskResponse
    )
    assert_type(
        await client.embed.v_2.tasks.retrieve(task_id=an(types.EmbeddingTaskResponse)), types.EmbeddingTaskResponse
    )
    assert_type(
        await client.embed.v_2.tasks.retrieve(task_id=an(types.MediaEmbeddingTask)), types.EmbeddingTaskResponse
    )
    assert_type(
        await client.with_raw_response.embed.v_2.tasks.retrieve("task-1.x_Y~z"),
        RawResponse[types.EmbeddingTaskResponse],
    )


async def list_entity_collections(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.entity_collections.list(), AsyncPager[types.EntityCollection, types.EntityCollectionsListResponse]
    )
    assert_type(
        client.entity_collections.list(page=8, page_limit=4, name="name é 1", sort_by="created_at", sort_option="asc"),
        AsyncPager[types.EntityCollection, types.EntityCollectionsListResponse],
    )
    assert_type(
        await client.with_raw_response.entity_collections.list(), RawResponse[types.EntityCollectionsListResponse]
    )


async def create_entity_collection(client: AsyncTwelveLabs) -> None:
    assert_type(await client.entity_collections.create(name="name é 1"), types.EntityCollection)
    assert_type(
        await client.entity_collections.create(name="name é 1", description="description é 1"), types.EntityCollection
    )
    assert_type(
        await client.with_raw_response.entity_collections.create(name="name é 1"), RawResponse[types.EntityCollection]
    )


async def retrieve_entity_collection(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.entity_collections.retrieve(entity_collection_id="entity_collection-1.x_Y~z"),
        types.EntityCollection,
    )
    assert_type(
        await client.entity_collections.retrieve(entity_collection_id=an(types.EntityCollection)),
        types.EntityCollection,
    )
    assert_type(
        await client.with_raw_response.entity_collections.retrieve("entity_collection-1.x_Y~z"),
        RawResponse[types.EntityCollection],
    )


async def update_entity_collection(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.entity_collections.update(entity_collection_id="entity_collection-1.x_Y~z"), types.EntityCollection
    )
    assert_type(
        await client.entity_collections.update(
            entity_collection_id="entity_collection-1.x_Y~z", name="name é 1", description="description é 1"
        ),
        types.EntityCollection,
    )
    assert_type(
        await client.entity_collections.update(entity_collection_id=an(types.EntityCollection)), types.EntityCollection
    )
    assert_type(
        await client.with_raw_response.entity_collections.update("entity_collection-1.x_Y~z"),
        RawResponse[types.EntityCollection],
    )


async def delete_entity_collection(client: AsyncTwelveLabs) -> None:
    assert_type(await client.entity_collections.delete(entity_collection_id="entity_collection-1.x_Y~z"), None)
    assert_type(await client.entity_collections.delete(entity_collection_id=an(types.EntityCollection)), None)
    assert_type(
        await client.with_raw_response.entity_collections.delete("entity_collection-1.x_Y~z"), RawResponse[None]
    )


async def list_entities(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.entity_collections.entities.list(entity_collection_id="entity_collection-1.x_Y~z"),
        AsyncPager[types.Entity, types.EntitiesListResponse],
    )
    assert_type(
        client.entity_collections.entities.list(
            entity_collection_id="entity_collection-1.x_Y~z",
            page=8,
            page_limit=4,
            name="name é 1",
            status="processing",
            sort_by="created_at",
            sort_option="asc",
        ),
        AsyncPager[types.Entity, types.EntitiesListResponse],
    )
    assert_type(
        client.entity_collections.entities.list(entity_collection_id=an(types.EntityCollection)),
        AsyncPager[types.Entity, types.EntitiesListResponse],
    )
    assert_type(
        await client.with_raw_response.entity_collections.entities.list("entity_collection-1.x_Y~z"),
        RawResponse[types.EntitiesListResponse],
    )


async def create_entity(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.entity_collections.entities.create(
            entity_collection_id="entity_collection-1.x_Y~z",
            name="name é 1",
            asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"],
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.create(
            entity_collection_id="entity_collection-1.x_Y~z",
            name="name é 1",
            description="description é 1",
            metadata={
                "note": "metadata note",
                "count": 3,
                "ratio": 0.25,
                "flag": True,
                "list": ["a", "b"],
                "map": {"k": None},
            },
            asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"],
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.create(
            entity_collection_id=an(types.EntityCollection), name="name é 1", asset_ids=[an(types.Asset)]
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.create(
            entity_collection_id=an(types.EntityCollection), name="name é 1", asset_ids=[an(types.AssetDetail)]
        ),
        types.Entity,
    )
    assert_type(
        await client.with_raw_response.entity_collections.entities.create(
            "entity_collection-1.x_Y~z", name="name é 1", asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"]
        ),
        RawResponse[types.Entity],
    )


async def create_entities_bulk(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.entity_collections.entities.create_bulk(
            entity_collection_id="entity_collection-1.x_Y~z",
            entities=[
                types.EntitiesCreateBulkRequestEntitiesItem(
                    name="name é 1", asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"]
                ),
                types.EntitiesCreateBulkRequestEntitiesItem(
                    name="name é 1", asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"]
                ),
            ],
        ),
        types.BulkCreateEntityResponse,
    )
    assert_type(
        await client.entity_collections.entities.create_bulk(
            entity_collection_id="entity_collection-1.x_Y~z",
            entities=[
                types.EntitiesCreateBulkRequestEntitiesItem(
                    name="name é 1",
                    description="description é 1",
                    metadata={
                        "note": "metadata note",
                        "count": 3,
                        "ratio": 0.25,
                        "flag": True,
                        "list": ["a", "b"],
                        "map": {"k": None},
                    },
                    asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"],
                ),
                types.EntitiesCreateBulkRequestEntitiesItem(
                    name="name é 1",
                    description="description é 1",
                    metadata={
                        "note": "metadata note",
                        "count": 3,
                        "ratio": 0.25,
                        "flag": True,
                        "list": ["a", "b"],
                        "map": {"k": None},
                    },
                    asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"],
                ),
            ],
        ),
        types.BulkCreateEntityResponse,
    )
    assert_type(
        await client.entity_collections.entities.create_bulk(
            entity_collection_id=an(types.EntityCollection),
            entities=[
                {"name": "name é 1", "asset_ids": ["asset_ids_1 é 1", "asset_ids_2 é 1"]},
                {"name": "name é 1", "asset_ids": ["asset_ids_1 é 1", "asset_ids_2 é 1"]},
            ],
        ),
        types.BulkCreateEntityResponse,
    )
    assert_type(
        await client.with_raw_response.entity_collections.entities.create_bulk(
            "entity_collection-1.x_Y~z",
            entities=[
                {"name": "name é 1", "asset_ids": ["asset_ids_1 é 1", "asset_ids_2 é 1"]},
                {"name": "name é 1", "asset_ids": ["asset_ids_1 é 1", "asset_ids_2 é 1"]},
            ],
        ),
        RawResponse[types.BulkCreateEntityResponse],
    )


async def retrieve_entity(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.entity_collections.entities.retrieve(
            entity_collection_id="entity_collection-1.x_Y~z", entity_id="entity-1.x_Y~z"
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.retrieve(
            entity_collection_id=an(types.EntityCollection), entity_id=an(types.Entity)
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.retrieve(
            entity_collection_id=an(types.EntityCollection), entity_id=an(types.InternalEntity)
        ),
        types.Entity,
    )
    assert_type(
        await client.with_raw_response.entity_collections.entities.retrieve(
            "entity_collection-1.x_Y~z", "entity-1.x_Y~z"
        ),
        RawResponse[types.Entity],
    )


async def update_entity(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.entity_collections.entities.update(
            entity_collection_id="entity_collection-1.x_Y~z", entity_id="entity-1.x_Y~z"
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.update(
            entity_collection_id="entity_collection-1.x_Y~z",
            entity_id="entity-1.x_Y~z",
            name="name é 1",
            description="description é 1",
            metadata={
                "note": "metadata note",
                "count": 3,
                "ratio": 0.25,
                "flag": True,
                "list": ["a", "b"],
                "map": {"k": None},
            },
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.update(
            entity_collection_id=an(types.EntityCollection), entity_id=an(types.Entity)
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.update(
            entity_collection_id=an(types.EntityCollection), entity_id=an(types.InternalEntity)
        ),
        types.Entity,
    )
    assert_type(
        await client.with_raw_response.entity_collections.entities.update(
            "entity_collection-1.x_Y~z", "entity-1.x_Y~z"
        ),
        RawResponse[types.Entity],
    )


async def delete_entity(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.entity_collections.entities.delete(
            entity_collection_id="entity_collection-1.x_Y~z", entity_id="entity-1.x_Y~z"
        ),
        None,
    )
    assert_type(
        await client.entity_collections.entities.delete(
            entity_collection_id=an(types.EntityCollection), entity_id=an(types.Entity)
        ),
        None,
    )
    assert_type(
        await client.entity_collections.entities.delete(
            entity_collection_id=an(types.EntityCollection), entity_id=an(types.InternalEntity)
        ),
        None,
    )
    assert_type(
        await client.with_raw_response.entity_collections.entities.delete(
            "entity_collection-1.x_Y~z", "entity-1.x_Y~z"
        ),
        RawResponse[None],
    )


async def add_entity_assets(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.entity_collections.entities.create_assets(
            entity_collection_id="entity_collection-1.x_Y~z",
            entity_id="entity-1.x_Y~z",
            asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"],
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.create_assets(
            entity_collection_id=an(types.EntityCollection), entity_id=an(types.Entity), asset_ids=[an(types.Asset)]
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.create_assets(
            entity_collection_id=an(types.EntityCollection),
            entity_id=an(types.InternalEntity),
            asset_ids=[an(types.AssetDetail)],
        ),
        types.Entity,
    )
    assert_type(
        await client.with_raw_response.entity_collections.entities.create_assets(
            "entity_collection-1.x_Y~z", "entity-1.x_Y~z", asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"]
        ),
        RawResponse[types.Entity],
    )


async def remove_entity_assets(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.entity_collections.entities.delete_assets(
            entity_collection_id="entity_collection-1.x_Y~z",
            entity_id="entity-1.x_Y~z",
            asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"],
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.delete_assets(
            entity_collection_id=an(types.EntityCollection), entity_id=an(types.Entity), asset_ids=[an(types.Asset)]
        ),
        types.Entity,
    )
    assert_type(
        await client.entity_collections.entities.delete_assets(
            entity_collection_id=an(types.EntityCollection),
            entity_id=an(types.InternalEntity),
            asset_ids=[an(types.AssetDetail)],
        ),
        types.Entity,
    )
    assert_type(
        await client.with_raw_response.entity_collections.entities.delete_assets(
            "entity_collection-1.x_Y~z", "entity-1.x_Y~z", asset_ids=["asset_ids_1 é 1", "asset_ids_2 é 1"]
        ),
        RawResponse[types.Entity],
    )


async def list_entities_by_asset(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.entity_collections.entities.list_by_asset(asset_id="asset-1.x_Y~z"),
        AsyncPager[types.Entity, types.EntitiesListByAssetResponse],
    )
    assert_type(
        client.entity_collections.entities.list_by_asset(asset_id="asset-1.x_Y~z", page=8, page_limit=4),
        AsyncPager[types.Entity, types.EntitiesListByAssetResponse],
    )
    assert_type(
        client.entity_collections.entities.list_by_asset(asset_id=an(types.Asset)),
        AsyncPager[types.Entity, types.EntitiesListByAssetResponse],
    )
    assert_type(
        client.entity_collections.entities.list_by_asset(asset_id=an(types.AssetDetail)),
        AsyncPager[types.Entity, types.EntitiesListByAssetResponse],
    )
    assert_type(
        await client.with_raw_response.entity_collections.entities.list_by_asset("asset-1.x_Y~z"),
        RawResponse[types.EntitiesListByAssetResponse],
    )


async def list_all_entities(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.manage_entities.list_all_entities(), AsyncPager[types.InternalEntity, types.ListAllEntitiesResponse]
    )
    assert_type(
        client.manage_entities.list_all_entities(
            page=8, page_limit=4, name="name é 1", status="processing", sort_by="created_at", sort_option="asc"
        ),
        AsyncPager[types.InternalEntity, types.ListAllEntitiesResponse],
    )
    assert_type(
        await client.with_raw_response.manage_entities.list_all_entities(), RawResponse[types.ListAllEntitiesResponse]
    )


async def authorize_connection(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.data_connectors.authorize_connection(
            provider="google_drive", redirect_uri="https://media.example/redirect_uri?a=1&b=2"
        ),
        types.AuthorizeConnectionResponse,
    )
    assert_type(
        await client.data_connectors.authorize_connection(
            provider="google_drive",
            redirect_uri="https://media.example/redirect_uri?a=1&b=2",
            custom_id="custom_id é 1",
        ),
        types.AuthorizeConnectionResponse,
    )
    assert_type(
        await client.with_raw_response.data_connectors.authorize_connection(
            provider="google_drive", redirect_uri="https://media.example/redirect_uri?a=1&b=2"
        ),
        RawResponse[types.AuthorizeConnectionResponse],
    )


async def list_connections(client: AsyncTwelveLabs) -> None:
    assert_type(client.data_connectors.list_connections(), AsyncPager[types.Connection, types.ListConnectionsResponse])
    assert_type(
        client.data_connectors.list_connections(page=8, page_limit=4),
        AsyncPager[types.Connection, types.ListConnectionsResponse],
    )
    assert_type(
        await client.with_raw_response.data_connectors.list_connections(), RawResponse[types.ListConnectionsResponse]
    )


async def retrieve_connection(client: AsyncTwelveLabs) -> None:
    assert_type(await client.data_connectors.retrieve_connection(connection_id="connection-1.x_Y~z"), types.Connection)
    assert_type(await client.data_connectors.retrieve_connection(connection_id=an(types.Connection)), types.Connection)
    assert_type(
        await client.with_raw_response.data_connectors.retrieve_connection("connection-1.x_Y~z"),
        RawResponse[types.Connection],
    )


async def delete_connection(client: AsyncTwelveLabs) -> None:
    assert_type(await client.data_connectors.delete_connection(connection_id="connection-1.x_Y~z"), None)
    assert_type(await client.data_connectors.delete_connection(connection_id=an(types.Connection)), None)
    assert_type(
        await client.with_raw_response.data_connectors.delete_connection("connection-1.x_Y~z"), RawResponse[None]
    )


async def create_connection_picker_token(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.data_connectors.create_connection_picker_token(connection_id="connection-1.x_Y~z"),
        types.CreateConnectionPickerTokenResponse,
    )
    assert_type(
        await client.data_connectors.create_connection_picker_token(connection_id=an(types.Connection)),
        types.CreateConnectionPickerTokenResponse,
    )
    assert_type(
        await client.with_raw_response.data_connectors.create_connection_picker_token("connection-1.x_Y~z"),
        RawResponse[types.CreateConnectionPickerTokenResponse],
    )


async def list_redirect_uris(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.data_connectors.list_redirect_uris(), AsyncPager[types.RedirectUri, types.ListRedirectUrisResponse]
    )
    assert_type(
        client.data_connectors.list_redirect_uris(page=8, page_limit=4),
        AsyncPager[types.RedirectUri, types.ListRedirectUrisResponse],
    )
    assert_type(
        await client.with_raw_response.data_connectors.list_redirect_uris(), RawResponse[types.ListRedirectUrisResponse]
    )


async def create_redirect_uri(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.data_connectors.create_redirect_uri(redirect_uri="https://media.example/redirect_uri?a=1&b=2"),
        types.RedirectUri,
    )
    assert_type(
        await client.with_raw_response.data_connectors.create_redirect_uri(
            redirect_uri="https://media.example/redirect_uri?a=1&b=2"
        ),
        RawResponse[types.RedirectUri],
    )


async def delete_redirect_uri(client: AsyncTwelveLabs) -> None:
    assert_type(await client.data_connectors.delete_redirect_uri(redirect_uri_id="redirect_uri-1.x_Y~z"), None)
    assert_type(await client.data_connectors.delete_redirect_uri(redirect_uri_id=an(types.RedirectUri)), None)
    assert_type(
        await client.with_raw_response.data_connectors.delete_redirect_uri("redirect_uri-1.x_Y~z"), RawResponse[None]
    )


async def list_imports(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.imports.list_imports(connection_id="connection-1.x_Y~z"),
        AsyncPager[types.Import, types.ListImportsResponse],
    )
    assert_type(
        client.imports.list_imports(connection_id="connection-1.x_Y~z", page=8, page_limit=4),
        AsyncPager[types.Import, types.ListImportsResponse],
    )
    assert_type(
        client.imports.list_imports(connection_id=an(types.Connection)),
        AsyncPager[types.Import, types.ListImportsResponse],
    )
    assert_type(
        await client.with_raw_response.imports.list_imports("connection-1.x_Y~z"),
        RawResponse[types.ListImportsResponse],
    )


async def create_import(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.imports.import_files(
            connection_id="connection-1.x_Y~z",
            items=[
                types.ImportFilesRequestItemsItem(source_id="source_id é 1_1"),
                types.ImportFilesRequestItemsItem(source_id="source_id é 1_2"),
            ],
        ),
        types.ImportResult,
    )
    assert_type(
        await client.imports.import_files(
            connection_id=an(types.Connection),
            items=[{"source_id": "source_id é 1_1"}, {"source_id": "source_id é 1_2"}],
        ),
        types.ImportResult,
    )
    assert_type(
        await client.with_raw_response.imports.import_files(
            "connection-1.x_Y~z", items=[{"source_id": "source_id é 1_1"}, {"source_id": "source_id é 1_2"}]
        ),
        RawResponse[types.ImportResult],
    )


async def retrieve_import(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.imports.retrieve_import(connection_id="connection-1.x_Y~z", import_id="import-1.x_Y~z"),
        types.ImportDetail,
    )
    assert_type(
        await client.imports.retrieve_import(connection_id=an(types.Connection), import_id=an(types.Import)),
        types.ImportDetail,
    )
    assert_type(
        await client.imports.retrieve_import(connection_id=an(types.Connection), import_id=an(types.ImportDetail)),
        types.ImportDetail,
    )
    assert_type(
        await client.imports.retrieve_import(connection_id=an(types.Connection), import_id=an(types.ImportResult)),
        types.ImportDetail,
    )
    assert_type(
        await client.with_raw_response.imports.retrieve_import("connection-1.x_Y~z", "import-1.x_Y~z"),
        RawResponse[types.ImportDetail],
    )


async def list_knowledge_stores(client: AsyncTwelveLabs) -> None:
    assert_type(client.knowledge_stores.list(), AsyncPager[types.KnowledgeStore, types.KnowledgeStoresListResponse])
    assert_type(
        client.knowledge_stores.list(page=8, page_limit=4, sort_by="created_at", sort_option="asc"),
        AsyncPager[types.KnowledgeStore, types.KnowledgeStoresListResponse],
    )
    assert_type(await client.with_raw_response.knowledge_stores.list(), RawResponse[types.KnowledgeStoresListResponse])


async def create_knowledge_store(client: AsyncTwelveLabs) -> None:
    assert_type(await client.knowledge_stores.create(name="name é 1"), types.KnowledgeStore)
    assert_type(
        await client.knowledge_stores.create(
            name="name é 1",
            ingestion_config=types.IngestionConfig(
                enrichment_config=types.EnrichmentConfigJsonSchema(
                    type="json_schema",
                    json_schema=types.EnrichmentConfigJsonSchemaJsonSchema(
                        type="object",
                        properties={
                            "note": "properties note",
                            "count": 3,
                            "ratio": 0.25,
                            "flag": True,
                            "list": ["a", "b"],
                            "map": {"k": None},
                        },
                    ),
                )
            ),
            description="description é 1",
            metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
            },
        ),
        types.KnowledgeStore,
    )
    assert_type(
        await client.knowledge_stores.create(
            name="name é 1",
            ingestion_config={"enrichment_config": {"type": "description", "description": "description é 1"}},
            description="description é 1",
            metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
            },
        ),
        types.KnowledgeStore,
    )
    assert_type(
        await client.with_raw_response.knowledge_stores.create(name="name é 1"), RawResponse[types.KnowledgeStore]
    )


async def retrieve_knowledge_store(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.knowledge_stores.retrieve(knowledge_store_id="knowledge_store-1.x_Y~z"), types.KnowledgeStore
    )
    assert_type(
        await client.knowledge_stores.retrieve(knowledge_store_id=an(types.KnowledgeStore)), types.KnowledgeStore
    )
    assert_type(
        await client.with_raw_response.knowledge_stores.retrieve("knowledge_store-1.x_Y~z"),
        RawResponse[types.KnowledgeStore],
    )


async def update_knowledge_store(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.knowledge_stores.update(knowledge_store_id="knowledge_store-1.x_Y~z"), types.KnowledgeStore
    )
    assert_type(
        await client.knowledge_stores.update(
            knowledge_store_id="knowledge_store-1.x_Y~z",
            name="name é 1",
            description="description é 1",
            metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
            },
        ),
        types.KnowledgeStore,
    )
    assert_type(await client.knowledge_stores.update(knowledge_store_id=an(types.KnowledgeStore)), types.KnowledgeStore)
    assert_type(
        await client.with_raw_response.knowledge_stores.update("knowledge_store-1.x_Y~z"),
        RawResponse[types.KnowledgeStore],
    )


async def delete_knowledge_store(client: AsyncTwelveLabs) -> None:
    assert_type(await client.knowledge_stores.delete(knowledge_store_id="knowledge_store-1.x_Y~z"), None)
    assert_type(await client.knowledge_stores.delete(knowledge_store_id=an(types.KnowledgeStore)), None)
    assert_type(await client.with_raw_response.knowledge_stores.delete("knowledge_store-1.x_Y~z"), RawResponse[None])


async def search_knowledge_store(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.knowledge_stores.search(
            knowledge_store_id="knowledge_store-1.x_Y~z", query=types.KnowledgeStoreSearchQuery(text="text é 1")
        ),
        KnowledgeStoreSearchPager,
    )
    assert_type(
        client.knowledge_stores.search(
            knowledge_store_id="knowledge_store-1.x_Y~z",
            query=types.KnowledgeStoreSearchQuery(text="text é 1"),
            filter=types.SearchKnowledgeStoreFilter(
                asset_type=types.AssetTypeFilter(eq="video", in_=["video", "image"]),
                item_id=types.ItemIdFilter(eq="eq é 1", in_=["in_1 é 1", "in_2 é 1"]),
            ),
            search_options=types.SearchKnowledgeStoreOptions(
                video=types.VideoSearchOptions(modalities=["visual", "audio"])
            ),
            group_by="none",
            page_size=8,
            page_token="page_token é 1",
            include_metadata=True,
        ),
        KnowledgeStoreSearchPager,
    )
    assert_type(
        client.knowledge_stores.search(knowledge_store_id=an(types.KnowledgeStore), query={"text": "text é 1"}),
        KnowledgeStoreSearchPager,
    )
    assert_type(
        await client.with_raw_response.knowledge_stores.search("knowledge_store-1.x_Y~z", query={"text": "text é 1"}),
        RawResponse[types.SearchKnowledgeStoreResponse],
    )


async def list_knowledge_store_items(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.knowledge_store_items.list(knowledge_store_id="knowledge_store-1.x_Y~z"),
        AsyncPager[types.KnowledgeStoreItem, types.KnowledgeStoreItemsListResponse],
    )
    assert_type(
        client.knowledge_store_items.list(
            knowledge_store_id="knowledge_store-1.x_Y~z",
            page=8,
            page_limit=4,
            sort_by="created_at",
            sort_option="asc",
            status=["queued", "pending"],
        ),
        AsyncPager[types.KnowledgeStoreItem, types.KnowledgeStoreItemsListResponse],
    )
    assert_type(
        client.knowledge_store_items.list(knowledge_store_id=an(types.KnowledgeStore)),
        AsyncPager[types.KnowledgeStoreItem, types.KnowledgeStoreItemsListResponse],
    )
    assert_type(
        await client.with_raw_response.knowledge_store_items.list("knowledge_store-1.x_Y~z"),
        RawResponse[types.KnowledgeStoreItemsListResponse],
    )


async def create_knowledge_store_item(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.knowledge_store_items.create(
            knowledge_store_id="knowledge_store-1.x_Y~z", asset_id="asset_id é 1"
        ),
        types.KnowledgeStoreItem,
    )
    assert_type(
        await client.knowledge_store_items.create(
            knowledge_store_id="knowledge_store-1.x_Y~z",
            asset_type="video",
            asset_id="asset_id é 1",
            metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
            },
        ),
        types.KnowledgeStoreItem,
    )
    assert_type(
        await client.knowledge_store_items.create(
            knowledge_store_id=an(types.KnowledgeStore), asset_id=an(types.Asset)
        ),
        types.KnowledgeStoreItem,
    )
    assert_type(
        await client.knowledge_store_items.create(
            knowledge_store_id=an(types.KnowledgeStore), asset_id=an(types.AssetDetail)
        ),
        types.KnowledgeStoreItem,
    )
    assert_type(
        await client.with_raw_response.knowledge_store_items.create("knowledge_store-1.x_Y~z", asset_id="asset_id é 1"),
        RawResponse[types.KnowledgeStoreItem],
    )


async def retrieve_knowledge_store_item(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.knowledge_store_items.retrieve(
            knowledge_store_id="knowledge_store-1.x_Y~z", item_id="item-1.x_Y~z"
        ),
        types.KnowledgeStoreItem,
    )
    assert_type(
        await client.knowledge_store_items.retrieve(
            knowledge_store_id=an(types.KnowledgeStore), item_id=an(types.KnowledgeStoreItem)
        ),
        types.KnowledgeStoreItem,
    )
    assert_type(
        await client.with_raw_response.knowledge_store_items.retrieve("knowledge_store-1.x_Y~z", "item-1.x_Y~z"),
        RawResponse[types.KnowledgeStoreItem],
    )


async def delete_knowledge_store_item(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.knowledge_store_items.delete(knowledge_store_id="knowledge_store-1.x_Y~z", item_id="item-1.x_Y~z"),
        None,
    )
    assert_type(
        await client.knowledge_store_items.delete(
            knowledge_store_id=an(types.KnowledgeStore), item_id=an(types.KnowledgeStoreItem)
        ),
        None,
    )
    assert_type(
        await client.with_raw_response.knowledge_store_items.delete("knowledge_store-1.x_Y~z", "item-1.x_Y~z"),
        RawResponse[None],
    )


async def list_knowledge_store_item_collections(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.knowledge_store_item_collections.list(knowledge_store_id="knowledge_store-1.x_Y~z"),
        AsyncPager[types.KnowledgeStoreItemCollection, types.KnowledgeStoreItemCollectionsListResponse],
    )
    assert_type(
        client.knowledge_store_item_collections.list(
            knowledge_store_id="knowledge_store-1.x_Y~z", page=8, page_limit=4, sort_by="created_at", sort_option="asc"
        ),
        AsyncPager[types.KnowledgeStoreItemCollection, types.KnowledgeStoreItemCollectionsListResponse],
    )
    assert_type(
        client.knowledge_store_item_collections.list(knowledge_store_id=an(types.KnowledgeStore)),
        AsyncPager[types.KnowledgeStoreItemCollection, types.KnowledgeStoreItemCollectionsListResponse],
    )
    assert_type(
        await client.with_raw_response.knowledge_store_item_collections.list("knowledge_store-1.x_Y~z"),
        RawResponse[types.KnowledgeStoreItemCollectionsListResponse],
    )


async def create_knowledge_store_item_collection(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.knowledge_store_item_collections.create(
            knowledge_store_id="knowledge_store-1.x_Y~z", name="name é 1"
        ),
        types.KnowledgeStoreItemCollection,
    )
    assert_type(
        await client.knowledge_store_item_collections.create(
            knowledge_store_id="knowledge_store-1.x_Y~z",
            name="name é 1",
            description="description é 1",
            metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
            },
        ),
        types.KnowledgeStoreItemCollection,
    )
    assert_type(
        await client.knowledge_store_item_collections.create(
            knowledge_store_id=an(types.KnowledgeStore), name="name é 1"
        ),
        types.KnowledgeStoreItemCollection,
    )
    assert_type(
        await client.with_raw_response.knowledge_store_item_collections.create(
            "knowledge_store-1.x_Y~z", name="name é 1"
        ),
        RawResponse[types.KnowledgeStoreItemCollection],
    )


async def retrieve_knowledge_store_item_collection(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.knowledge_store_item_collections.retrieve(
            knowledge_store_id="knowledge_store-1.x_Y~z", collection_id="collection-1.x_Y~z"
        ),
        types.KnowledgeStoreItemCollection,
    )
    assert_type(
        await client.knowledge_store_item_collections.retrieve(
            knowledge_store_id=an(types.KnowledgeStore), collection_id=an(types.KnowledgeStoreItemCollection)
        ),
        types.KnowledgeStoreItemCollection,
    )
    assert_type(
        await client.with_raw_response.knowledge_store_item_collections.retrieve(
            "knowledge_store-1.x_Y~z", "collection-1.x_Y~z"
        ),
        RawResponse[types.KnowledgeStoreItemCollection],
    )


async def update_knowledge_store_item_collection(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.knowledge_store_item_collections.update(
            knowledge_store_id="knowledge_store-1.x_Y~z", collection_id="collection-1.x_Y~z"
        ),
        types.KnowledgeStoreItemCollection,
    )
    assert_type(
        await client.knowledge_store_item_collections.update(
            knowledge_store_id="knowledge_store-1.x_Y~z",
            collection_id="collection-1.x_Y~z",
            name="name é 1",
            description="description é 1",
            metadata={
                "string_1": "string_1 é 1",
                "integer_2": 7,
                "number_3": 3.5,
                "boolean_4": True,
                "array_5": ["array_5_1 é 1", "array_5_2 é 1"],
            },
        ),
        types.KnowledgeStoreItemCollection,
    )
    assert_type(
        await client.knowledge_store_item_collections.update(
            knowledge_store_id=an(types.KnowledgeStore), collection_id=an(types.KnowledgeStoreItemCollection)
        ),
        types.KnowledgeStoreItemCollection,
    )
    assert_type(
        await client.with_raw_response.knowledge_store_item_collections.update(
            "knowledge_store-1.x_Y~z", "collection-1.x_Y~z"
        ),
        RawResponse[types.KnowledgeStoreItemCollection],
    )


async def delete_knowledge_store_item_collection(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.knowledge_store_item_collections.delete(
            knowledge_store_id="knowledge_store-1.x_Y~z", collection_id="collection-1.x_Y~z"
        ),
        None,
    )
    assert_type(
        await client.knowledge_store_item_collections.delete(
            knowledge_store_id=an(types.KnowledgeStore), collection_id=an(types.KnowledgeStoreItemCollection)
        ),
        None,
    )
    assert_type(
        await client.with_raw_response.knowledge_store_item_collections.delete(
            "knowledge_store-1.x_Y~z", "collection-1.x_Y~z"
        ),
        RawResponse[None],
    )


async def list_knowledge_store_item_collection_items(client: AsyncTwelveLabs) -> None:
    assert_type(
        client.knowledge_store_item_collections.list_items(
            knowledge_store_id="knowledge_store-1.x_Y~z", collection_id="collection-1.x_Y~z"
        ),
        AsyncPager[types.KnowledgeStoreItem, types.KnowledgeStoreItemCollectionsListItemsResponse],
    )
    assert_type(
        client.knowledge_store_item_collections.list_items(
            knowledge_store_id="knowledge_store-1.x_Y~z", collection_id="collection-1.x_Y~z", page=8, page_limit=4
        ),
        AsyncPager[types.KnowledgeStoreItem, types.KnowledgeStoreItemCollectionsListItemsResponse],
    )
    assert_type(
        client.knowledge_store_item_collections.list_items(
            knowledge_store_id=an(types.KnowledgeStore), collection_id=an(types.KnowledgeStoreItemCollection)
        ),
        AsyncPager[types.KnowledgeStoreItem, types.KnowledgeStoreItemCollectionsListItemsResponse],
    )
    assert_type(
        await client.with_raw_response.knowledge_store_item_collections.list_items(
            "knowledge_store-1.x_Y~z", "collection-1.x_Y~z"
        ),
        RawResponse[types.KnowledgeStoreItemCollectionsListItemsResponse],
    )


async def add_knowledge_store_item_collection_items(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.knowledge_store_item_collections.add_items(
            knowledge_store_id="knowledge_store-1.x_Y~z",
            collection_id="collection-1.x_Y~z",
            item_ids=["item_ids_1 é 1", "item_ids_2 é 1"],
        ),
        types.KnowledgeStoreItemCollection,
    )
    assert_type(
        await client.knowledge_store_item_collections.add_items(
            knowledge_store_id=an(types.KnowledgeStore),
            collection_id=an(types.KnowledgeStoreItemCollection),
            item_ids=[an(types.KnowledgeStoreItem)],
        ),
        types.KnowledgeStoreItemCollection,
    )
    assert_type(
        await client.with_raw_response.knowledge_store_item_collections.add_items(
            "knowledge_store-1.x_Y~z", "collection-1.x_Y~z", item_ids=["item_ids_1 é 1", "item_ids_2 é 1"]
        ),
        RawResponse[types.KnowledgeStoreItemCollection],
    )


async def remove_knowledge_store_item_collection_items(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.knowledge_store_item_collections.remove_items(
            knowledge_store_id="knowledge_store-1.x_Y~z",
            collection_id="collection-1.x_Y~z",
            item_ids=["item_ids_1 é 1", "item_ids_2 é 1"],
        ),
        None,
    )
    assert_type(
        await client.knowledge_store_item_collections.remove_items(
            knowledge_store_id=an(types.KnowledgeStore),
            collection_id=an(types.KnowledgeStoreItemCollection),
            item_ids=[an(types.KnowledgeStoreItem)],
        ),
        None,
    )
    assert_type(
        await client.with_raw_response.knowledge_store_item_collections.remove_items(
            "knowledge_store-1.x_Y~z", "collection-1.x_Y~z", item_ids=["item_ids_1 é 1", "item_ids_2 é 1"]
        ),
        RawResponse[None],
    )


async def create_response(client: AsyncTwelveLabs) -> None:
    assert_type(
        await client.responses.create(
            knowledge_store_id="knowledge_store_id é 1",
            input=[
                types.ResponseInputItem(type="message", role="user", content="content é 1"),
                types.ResponseInputItem(type="message", role="user", content="content é 1"),
            ],
        ),
        types.ResponseObject,
    )
    assert_type(
        client.responses.create_stream(
            knowledge_store_id="knowledge_store_id é 1",
            input=[
                types.ResponseInputItem(type="message", role="user", content="content é 1"),
                types.ResponseInputItem(type="message", role="user", content="content é 1"),
            ],
        ),
        AsyncStream[types.ResponseStreamEvent],
    )
    assert_type(
        await client.responses.create(
            knowledge_store_id="knowledge_store_id é 1",
            input=[
                types.ResponseInputItem(type="message", role="user", content="content é 1"),
                types.ResponseInputItem(type="message", role="user", content="content é 1"),
            ],
            session_id="session_id é 1",
            instructions="instructions é 1",
            include=["intermediate_outputs"],
            selections=[
                types.ResponseSelection(kind="item", id="id é 1"),
                types.ResponseSelection(kind="item", id="id é 1"),
            ],
            text=types.TextParam(format=types.TextResponseFormatText(type="text")),
        ),
        types.ResponseObject,
    )
    assert_type(
        client.responses.create_stream(
            knowledge_store_id="knowledge_store_id é 1",
            input=[
                types.ResponseInputItem(type="message", role="user", content="content é 1"),
                types.ResponseInputItem(type="message", role="user", content="content é 1"),
            ],
            session_id="session_id é 1",
            instructions="instructions é 1",
            include=["intermediate_outputs"],
            selections=[
                types.ResponseSelection(kind="item", id="id é 1"),
                types.ResponseSelection(kind="item", id="id é 1"),
            ],
            text=types.TextParam(format=types.TextResponseFormatText(type="text")),
        ),
        AsyncStream[types.ResponseStreamEvent],
    )
    assert_type(
        await client.responses.create(
            knowledge_store_id="knowledge_store_id é 1",
            input=[
                {"type": "message", "role": "user", "content": "content é 1"},
                {"type": "message", "role": "user", "content": "content é 1"},
            ],
            session_id="session_id é 1",
            instructions="instructions é 1",
            include=["intermediate_outputs"],
            selections=[{"kind": "item", "id": "id é 1"}, {"kind": "item", "id": "id é 1"}],
            text={
                "format": {
                    "type": "json_schema",
                    "name": "name é 1",
                    "description": "description é 1",
                    "schema": {
                        "note": "schema note",
                        "count": 3,
                        "ratio": 0.25,
                        "flag": True,
                        "list": ["a", "b"],
                        "map": {"k": None},
                    },
                    "strict": True,
                }
            },
        ),
        types.ResponseObject,
    )
    assert_type(
        client.responses.create_stream(
            knowledge_store_id="knowledge_store_id é 1",
            input=[
                {"type": "message", "role": "user", "content": "content é 1"},
                {"type": "message", "role": "user", "content": "content é 1"},
            ],
            session_id="session_id é 1",
            instructions="instructions é 1",
            include=["intermediate_outputs"],
            selections=[{"kind": "item", "id": "id é 1"}, {"kind": "item", "id": "id é 1"}],
            text={
                "format": {
                    "type": "json_schema",
                    "name": "name é 1",
                    "description": "description é 1",
                    "schema": {
                        "note": "schema note",
                        "count": 3,
                        "ratio": 0.25,
                        "flag": True,
                        "list": ["a", "b"],
                        "map": {"k": None},
                    },
                    "strict": True,
                }
            },
        ),
        AsyncStream[types.ResponseStreamEvent],
    )
    assert_type(
        await client.responses.create(
            knowledge_store_id=an(types.KnowledgeStore),
            input=[
                {"type": "message", "role": "user", "content": "content é 1"},
                {"type": "message", "role": "user", "content": "content é 1"},
            ],
        ),
        types.ResponseObject,
    )
    assert_type(
        client.responses.create_stream(
            knowledge_store_id=an(types.KnowledgeStore),
            input=[
                {"type": "message", "role": "user", "content": "content é 1"},
                {"type": "message", "role": "user", "content": "content é 1"},
            ],
        ),
        AsyncStream[types.ResponseStreamEvent],
    )
    assert_type(
        await client.with_raw_response.responses.create(
            knowledge_store_id="knowledge_store_id é 1",
            input=[
                {"type": "message", "role": "user", "content": "content é 1"},
                {"type": "message", "role": "user", "content": "content é 1"},
            ],
        ),
        RawResponse[types.ResponseObject],
    )
