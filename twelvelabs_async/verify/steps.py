"""What a verification does, step by step, the cheap before the expensive."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from .._safe_repr import SafeRepr
from .calls import INVALID, NOT_FOUND
from .findings import DIFFERS
from .lists import check_filter, check_pages, check_times, is_status
from .names import FIRST_CHANGE, MARKER, METADATA, NOWHERE, PICTURE, RENAMED, SECOND, SECOND_CHANGE, VIDEO
from .visit import usable

if TYPE_CHECKING:
    from .exchange import Exchange
    from .visit import Visit

_SEARCH: Final = INVALID | {"search_option_not_supported", "search_option_combination_not_supported"}

_NO_TOKEN: Final = NOT_FOUND | {"search_page_token_expired"}

Work = Callable[["Visit"], Coroutine[Any, Any, None]]


@attrs.frozen(repr=False)
class Step(SafeRepr):
    """One step.

    Attributes:
        operations: The operations that it checks.
        work: What it does.
        needs: Kinds of what earlier steps make.
        gives: Kinds of what it makes for later steps.
        videos: How often the service processes the video for it.
    """

    operations: tuple[str, ...]
    work: Work
    needs: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    videos: int = 0


STEPS: Final[list[Step]] = []


def step(
    *operations: str, needs: tuple[str, ...] = (), gives: tuple[str, ...] = (), videos: int = 0
) -> Callable[[Work], Work]:
    """Add a function to the steps."""

    def add(work: Work) -> Work:
        STEPS.append(Step(operations, work, needs, gives, videos))
        return work

    return add


def _list_step(operation: str) -> None:
    @step(operation)
    async def pages(visit: Visit) -> None:
        await check_pages(visit, operation)


for _operation in (
    "listTasks",
    "listIncompleteUploads",
    "listAnalyzeTasks",
    "listAnalyzeBatches",
    "listEmbeddingTasks",
    "listEmbeddingTasksV2",
    "listConnections",
    "listRedirectUris",
):
    _list_step(_operation)


@step("createAsset", "listAssets", gives=("picture", "second_picture"))
async def pictures(visit: Visit) -> None:
    """Upload the picture twice, for lists and for entities."""
    for kind in ("picture", "second_picture"):
        await _picture(visit, kind)
    made, other = visit.made["picture"], visit.made["second_picture"]
    await check_pages(visit, "listAssets")
    await check_filter(
        visit, "listAssets", {"filename": PICTURE}, obeys=lambda row: row.get("filename") == PICTURE, has=made
    )
    await check_filter(visit, "listAssets", {"filename": RENAMED}, obeys=lambda row: row.get("filename") == RENAMED)
    await check_filter(visit, "listAssets", {"asset_ids": [made]}, has=made, lacks=other)
    await check_filter(visit, "listAssets", {"filename": PICTURE, "asset_types": ["image"]}, has=made)
    await check_filter(visit, "listAssets", {"filename": PICTURE, "asset_types": ["video"]}, lacks=made)


async def _picture(visit: Visit, kind: str) -> None:
    made = await visit.create(
        kind,
        "createAsset",
        removed_by=("deleteAsset", "asset_id"),
        form={"method": "direct"},
        files={"file": visit.picture},
    )
    await visit.until("retrieveAsset", {"asset_id": made})


@step("createIndex", "retrieveIndex", "updateIndex", "listIndexes", "deleteIndex", gives=("index",))
async def index(visit: Visit) -> None:
    """Make an index."""
    models = [
        {"model_name": "marengo3.0", "model_options": ["visual", "audio"]},
        {"model_name": "pegasus1.2", "model_options": ["visual", "audio"]},
    ]
    made = await visit.create(
        "index", "createIndex", removed_by=("deleteIndex", "index_id"), json={"index_name": MARKER, "models": models}
    )
    path = {"index_id": made}
    first = await visit.call("retrieveIndex", path)
    visit.expect(first, "index_name", first.data.get("index_name"), MARKER, "it is not what was sent")
    changed = await visit.call("updateIndex", path, json={"index_name": RENAMED})
    now = await visit.call("retrieveIndex", path)
    visit.expect(changed, "effect", now.data.get("index_name"), RENAMED, "the name is not as sent")
    await visit.unknown("retrieveIndex")
    await visit.call("createIndex", json={"index_name": NOWHERE}, rejected="an index without models")


@step("listIndexes", needs=("index",), gives=("second_index",))
async def list_of_indexes(visit: Visit) -> None:
    """Make a second index, so that the list has an order, and something that filters leave out."""
    models = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
    second = await visit.create(
        "second_index",
        "createIndex",
        removed_by=("deleteIndex", "index_id"),
        json={"index_name": SECOND, "models": models},
    )
    first = visit.made["index"]
    await visit.call("updateIndex", {"index_id": first}, json={"index_name": RENAMED})  # the later change
    await check_pages(visit, "listIndexes")
    for name, has, lacks in ((RENAMED, first, second), (SECOND, second, first)):
        await check_filter(
            visit, "listIndexes", {"index_name": name}, obeys=_is_named(name, "index_name"), has=has, lacks=lacks
        )
    # Each filter together with a name, which makes the list short in large accounts.
    for named, query, made, there in (
        (SECOND, {"model_family": "marengo"}, second, True),
        (SECOND, {"model_family": "pegasus"}, second, False),
        (RENAMED, {"model_options": ["audio"]}, first, True),
        (SECOND, {"model_options": ["audio"]}, second, False),
    ):
        await check_filter(
            visit,
            "listIndexes",
            {"index_name": named, **query},
            has=made if there else None,
            lacks=None if there else made,
        )
    await check_times(visit, "listIndexes", first, {"index_name": RENAMED})


def _is_named(name: str, member: str = "name") -> Callable[[Mapping[str, Any]], bool]:
    return lambda row: row.get(member) == name


@step("createEmbeddingsV2")
async def embed_text(visit: Visit) -> None:
    """Embed a text."""
    body = {"input_type": "text", "model_name": "marengo3.0", "text": {"input_text": "a green field"}}
    await visit.call("createEmbeddingsV2", json=body)
    await visit.call("createEmbeddingsV2", json={"input_type": "text"}, rejected="a request without a model")


@step("createEmbeddings")
async def embed_text_v1(visit: Visit) -> None:
    """Embed a text with the older operation."""
    await visit.call("createEmbeddings", form={"model_name": "marengo3.0", "text": "a green field"})


@step(
    "createEntityCollection",
    "retrieveEntityCollection",
    "updateEntityCollection",
    "listEntityCollections",
    "deleteEntityCollection",
    gives=("collection",),
)
async def entity_collection(visit: Visit) -> None:
    """Make a collection of entities."""
    made = await visit.create(
        "collection",
        "createEntityCollection",
        removed_by=("deleteEntityCollection", "entity_collection_id"),
        json={"name": MARKER},
    )
    path = {"entity_collection_id": made}
    await visit.call("retrieveEntityCollection", path)
    changed = await visit.call("updateEntityCollection", path, json={"name": RENAMED})
    now = await visit.call("retrieveEntityCollection", path)
    visit.expect(changed, "effect", now.data.get("name"), RENAMED, "the name is not as sent")
    second = await visit.create(
        "second_collection",
        "createEntityCollection",
        removed_by=("deleteEntityCollection", "entity_collection_id"),
        json={"name": SECOND},
    )
    await check_pages(visit, "listEntityCollections")
    for name, has, lacks in ((RENAMED, made, second), (SECOND, second, made)):
        await check_filter(visit, "listEntityCollections", {"name": name}, obeys=_is_named(name), has=has, lacks=lacks)
    await visit.unknown("retrieveEntityCollection")


@step(
    "createEntity",
    "retrieveEntity",
    "updateEntity",
    "listEntities",
    "listAllEntities",
    "createEntitiesBulk",
    "addEntityAssets",
    "removeEntityAssets",
    "listEntitiesByAsset",
    "deleteEntity",
    needs=("collection", "picture", "second_picture"),
)
async def entities(visit: Visit) -> None:
    """Make entities of the picture; they go with their collection."""
    collection, image = {"entity_collection_id": visit.made["collection"]}, visit.made["picture"]
    made = await visit.create("entity", "createEntity", collection, json={"name": MARKER, "asset_ids": [image]})
    path = {**collection, "entity_id": made}
    await visit.call("retrieveEntity", path)
    changed = await visit.call("updateEntity", path, json={"name": RENAMED})
    now = await visit.until("retrieveEntity", path)
    visit.expect(changed, "effect", now.data.get("name"), RENAMED, "the name is not as sent")
    await visit.call("createEntitiesBulk", collection, json={"entities": [{"name": MARKER, "asset_ids": [image]}]})
    for operation, where in (("listEntities", collection), ("listAllEntities", {})):
        await check_pages(visit, operation, where)
        named = {"name": RENAMED}
        await check_filter(visit, operation, named, obeys=_is_named(RENAMED), has=made, path=where)
        await check_filter(visit, operation, {"name": SECOND}, obeys=_is_named(SECOND), path=where)
        await check_filter(visit, operation, {**named, "status": "ready"}, has=made, path=where)
        await check_filter(visit, operation, {**named, "status": "processing"}, lacks=made, path=where)
    await check_pages(visit, "listEntitiesByAsset", path={"asset_id": image})
    await visit.unknown("retrieveEntity", **collection)
    second = visit.made["second_picture"]
    for operation, wanted in (("addEntityAssets", {image, second}), ("removeEntityAssets", {image})):
        changed = await visit.call(operation, path, json={"asset_ids": [second]})
        now = await visit.call("retrieveEntity", path)
        visit.expect(changed, "effect", _ids(now.data.get("asset_ids")), wanted, "the assets are not as sent")
    await visit.call("deleteEntity", path)
    await visit.gone("deleteEntity", "retrieveEntity", path)


def _ids(found: Any) -> set[str] | None:
    """Ids of a response; None where they are of a type that the schema forbids."""
    return {str(item) for item in found} if isinstance(found, list) else None


@step(
    "createKnowledgeStore",
    "retrieveKnowledgeStore",
    "updateKnowledgeStore",
    "createKnowledgeStoreItemCollection",
    "retrieveKnowledgeStoreItemCollection",
    "updateKnowledgeStoreItemCollection",
    "listKnowledgeStoreItemCollections",
    "listKnowledgeStores",
    "deleteKnowledgeStore",
    gives=("store", "group"),
)
async def knowledge_store(visit: Visit) -> None:
    """Make a knowledge store and a collection of items."""
    made = await visit.create(
        "store",
        "createKnowledgeStore",
        removed_by=("deleteKnowledgeStore", "knowledge_store_id"),
        json={"name": MARKER},
    )
    path = {"knowledge_store_id": made}
    await visit.call("retrieveKnowledgeStore", path)
    changed = await visit.call("updateKnowledgeStore", path, json={"name": RENAMED, "metadata": dict(METADATA)})
    now = await visit.call("retrieveKnowledgeStore", path)
    visit.expect(changed, "effect", now.data.get("name"), RENAMED, "the name is not as sent")
    await visit.create(
        "second_store",
        "createKnowledgeStore",
        removed_by=("deleteKnowledgeStore", "knowledge_store_id"),
        json={"name": SECOND},
    )
    await check_pages(visit, "listKnowledgeStores")
    await visit.unknown("retrieveKnowledgeStore")
    group = await visit.create("group", "createKnowledgeStoreItemCollection", path, json={"name": MARKER})
    inside = {**path, "collection_id": group}
    await visit.call("retrieveKnowledgeStoreItemCollection", inside)
    changed = await visit.call("updateKnowledgeStoreItemCollection", inside, json={"name": RENAMED})
    now = await visit.call("retrieveKnowledgeStoreItemCollection", inside)
    visit.expect(changed, "effect", now.data.get("name"), RENAMED, "the name is not as sent")
    await visit.create("second_group", "createKnowledgeStoreItemCollection", path, json={"name": SECOND})
    await visit.unknown("retrieveKnowledgeStoreItemCollection", **path)
    await check_pages(visit, "listKnowledgeStoreItemCollections", path=path)


@step("createAsset", "retrieveAsset", "listAssets", "deleteAsset", gives=("asset",), videos=1)
async def asset(visit: Visit) -> None:
    """Upload the video."""
    made = await visit.create(
        "asset",
        "createAsset",
        removed_by=("deleteAsset", "asset_id"),
        form={"method": "direct", "user_metadata": '{"made_by": "twelvelabs-async-verify"}'},
        files={"file": visit.video},
        seconds=visit.seconds,
    )
    ready = await visit.until("retrieveAsset", {"asset_id": made})
    visit.expect(
        ready, "user_metadata", _own(ready.data.get("user_metadata")), METADATA, "it is not what was sent at creation"
    )
    await visit.unknown("retrieveAsset")
    named = {"filename": VIDEO}
    await check_filter(visit, "listAssets", {**named, "asset_types": ["video"]}, has=made)
    await check_filter(visit, "listAssets", {**named, "asset_types": ["image"]}, lacks=made)


@step(
    "updateAssetUserMetadata",
    "replaceAssetUserMetadata",
    "deleteAssetUserMetadata",
    "retrieveAssetTranscription",
    needs=("asset",),
)
async def asset_metadata(visit: Visit) -> None:
    """Change the user metadata of the asset."""
    path = {"asset_id": visit.made["asset"]}
    for operation, sent, wanted in (
        ("updateAssetUserMetadata", FIRST_CHANGE, {**METADATA, **FIRST_CHANGE}),
        ("replaceAssetUserMetadata", METADATA, METADATA),
    ):
        changed = await visit.call(operation, path, json={"user_metadata": dict(sent)})
        now = await visit.call("retrieveAsset", path)
        visit.expect(changed, "effect", _own(now.data.get("user_metadata")), wanted, "the metadata are not as sent")
    removed = await visit.call("deleteAssetUserMetadata", path)
    now = await visit.call("retrieveAsset", path)
    visit.expect(removed, "effect", _own(now.data.get("user_metadata")), {}, "there still are metadata")
    await visit.call("retrieveAssetTranscription", path)


def _own(metadata: Any) -> dict[str, Any] | None:
    """User metadata of a response; None where they are of a type that the schema forbids."""
    if metadata is None:
        return {}
    return dict(metadata) if isinstance(metadata, Mapping) else None


@step(
    "createIndexedAsset",
    "retrieveIndexedAsset",
    "listIndexedAssets",
    "updateIndexedAsset",
    "listIndexedAssetsByAsset",
    needs=("asset", "index"),
    gives=("video",),
    videos=1,
)
async def indexed_asset(visit: Visit) -> None:
    """Index the video, and try the filters."""
    index_id, asset_id = visit.made["index"], visit.made["asset"]
    made = await visit.create(
        "indexing",
        "createIndexedAsset",
        {"index_id": index_id},
        json={"asset_id": asset_id, "user_metadata": dict(METADATA)},
        seconds=visit.seconds,
    )
    path = {"index_id": index_id, "indexed_asset_id": made}
    await visit.until("retrieveIndexedAsset", path)
    visit.made["video"] = made
    changed = await visit.call("updateIndexedAsset", path, json={"user_metadata": dict(FIRST_CHANGE)})
    detailed = await visit.call(
        "retrieveIndexedAsset", path, query={"embedding_option": ["visual"], "transcription": "true"}
    )
    now = _own(detailed.data.get("user_metadata"))
    visit.expect(changed, "effect", now, {**METADATA, **FIRST_CHANGE}, "the metadata are not as sent")
    await visit.unknown("retrieveIndexedAsset", index_id=index_id)
    await _filters(visit, "listIndexedAssets", index_id, made)
    for status, there in (("ready", True), ("failed", False)):
        await check_filter(
            visit,
            "listIndexedAssets",
            {"status": [status]},
            obeys=is_status(status),
            has=made if there else None,
            lacks=None if there else made,
            path={"index_id": index_id},
        )
    await check_pages(visit, "listIndexedAssets", {"index_id": index_id})
    await check_pages(visit, "listIndexedAssetsByAsset", path={"asset_id": asset_id})


async def _filters(visit: Visit, operation: str, index_id: str, video: str) -> None:
    """Try filters of a list of videos: each with a value that matches, and with one that does not."""
    # The two lists write filters of metadata in different ways.
    metadata = "user_metadata[made_by]" if operation == "listIndexedAssets" else "made_by"
    for name, right, wrong in (
        ("filename", VIDEO, RENAMED),
        (metadata, MARKER, RENAMED),
        ("duration[gte]", 1, 1000),
        ("fps[lte]", 1000, 1),
        ("width[lte]", 100_000, 1),
        ("height[gte]", 1, 100_000),
        ("size[gte]", 1, 10**12),
    ):
        await check_filter(visit, operation, {name: right}, has=video, path={"index_id": index_id})
        await check_filter(visit, operation, {name: wrong}, lacks=video, path={"index_id": index_id})
    await check_times(visit, operation, video, path={"index_id": index_id})


@step("listVideos", "retrieveVideo", "partialUpdateVideo", "updateVideo", needs=("index", "video"))
async def videos(visit: Visit) -> None:
    """The older operations on the same video."""
    path = {"index_id": visit.made["index"], "video_id": visit.made["video"]}
    await visit.call("retrieveVideo", path)
    changed = await visit.call("partialUpdateVideo", path, json={"user_metadata": dict(SECOND_CHANGE)})
    now = await visit.call("retrieveVideo", path)
    wanted = {**METADATA, **SECOND_CHANGE}
    visit.expect(changed, "effect", _own(now.data.get("user_metadata")), wanted, "the metadata are not as sent")
    await visit.unknown("retrieveVideo", index_id=path["index_id"])
    await _filters(visit, "listVideos", path["index_id"], path["video_id"])
    await check_pages(visit, "listVideos", path={"index_id": path["index_id"]})
    changed = await visit.call("updateVideo", path, json={"user_metadata": dict(FIRST_CHANGE)})
    now = await visit.call("retrieveVideo", path)
    found = _own(now.data.get("user_metadata"))
    step_now = None if found is None else found.get("step", "")
    visit.expect(changed, "effect", step_now, FIRST_CHANGE["step"], "the metadata are not as sent")


@step("createSearch", "retrieveSearchPage", needs=("index", "video"))
async def search(visit: Visit) -> None:
    """Search the index."""
    form = {"index_id": visit.made["index"], "search_options": ["visual"], "query_text": "green"}
    found = await visit.call("createSearch", form={**form, "page_limit": "1"})
    if len(found.rows) > 1:
        visit.findings.add("createSearch", DIFFERS, "page_limit", "there are more rows than it allows")
    await visit.call("createSearch", form={**form, "include_user_metadata": "true", "group_by": "video"})
    await visit.call(
        "createSearch", form={**form, "search_options": ["taste"]}, rejected="an unknown search option", codes=_SEARCH
    )
    await visit.call(
        "createSearch", form={"index_id": form["index_id"], "search_options": ["visual"]}, rejected="a missing query"
    )
    info = found.data.get("page_info")
    token = info.get("next_page_token") if isinstance(info, dict) else None
    if usable(token):
        await visit.call("retrieveSearchPage", {"page_token": token})
    else:
        visit.findings.skip("retrieveSearchPage", "the search had one page only")
    await visit.call("retrieveSearchPage", {"page_token": NOWHERE}, rejected="a token of no page", codes=_NO_TOKEN)


@step(
    "createKnowledgeStoreItem",
    "retrieveKnowledgeStoreItem",
    "listKnowledgeStoreItems",
    "searchKnowledgeStore",
    "addKnowledgeStoreItemCollectionItems",
    "listKnowledgeStoreItemCollectionItems",
    "removeKnowledgeStoreItemCollectionItems",
    "createResponse",
    "deleteKnowledgeStoreItemCollection",
    "deleteKnowledgeStoreItem",
    needs=("asset", "store", "group"),
    videos=1,
)
async def knowledge_items(visit: Visit) -> None:
    """Bring the video into the knowledge store."""
    store = {"knowledge_store_id": visit.made["store"]}
    made = await visit.create(
        "item",
        "createKnowledgeStoreItem",
        store,
        json={"asset_id": visit.made["asset"], "metadata": dict(METADATA)},
        seconds=visit.seconds,
    )
    item = {**store, "item_id": made}
    await visit.until("retrieveKnowledgeStoreItem", item)
    await visit.unknown("retrieveKnowledgeStoreItem", **store)
    await check_filter(
        visit, "listKnowledgeStoreItems", {"status": ["ready"]}, obeys=is_status("ready"), has=made, path=store
    )
    await check_filter(
        visit, "listKnowledgeStoreItems", {"status": ["failed"]}, obeys=is_status("failed"), lacks=made, path=store
    )
    if "picture" in visit.made:
        await visit.create("second_item", "createKnowledgeStoreItem", store, json={"asset_id": visit.made["picture"]})
    await check_pages(visit, "listKnowledgeStoreItems", path=store)
    group = {**store, "collection_id": visit.made["group"]}
    await visit.call("addKnowledgeStoreItemCollectionItems", group, json={"item_ids": [made]})
    await check_pages(visit, "listKnowledgeStoreItemCollectionItems", path=group)
    inside = await visit.call("listKnowledgeStoreItemCollectionItems", group)
    if made not in _row_ids(inside):
        visit.findings.add("addKnowledgeStoreItemCollectionItems", DIFFERS, "effect", "the item is not there")
    await visit.call("removeKnowledgeStoreItemCollectionItems", group, json={"item_ids": [made]})
    inside = await visit.call("listKnowledgeStoreItemCollectionItems", group)
    if made in _row_ids(inside):
        visit.findings.add("removeKnowledgeStoreItemCollectionItems", DIFFERS, "effect", "the item is still there")
    await visit.call("deleteKnowledgeStoreItemCollection", group)
    await visit.gone("deleteKnowledgeStoreItemCollection", "retrieveKnowledgeStoreItemCollection", group)
    await visit.call("searchKnowledgeStore", store, json={"query": {"text": "green"}, "page_size": 1})
    question = {"type": "message", "role": "user", "content": "What is shown? Answer with one word."}
    for stream in (False, True):
        await visit.call("createResponse", json={**store, "input": [question], "stream": stream})
    await visit.call("deleteKnowledgeStoreItem", item)
    await visit.gone("deleteKnowledgeStoreItem", "retrieveKnowledgeStoreItem", item)


def _row_ids(page: Exchange) -> list[Any]:
    return [row.get("_id", row.get("id", row.get("item_id"))) for row in page.rows]


@step("analyzeVideo", needs=("asset",), videos=2)
async def analyze(visit: Visit) -> None:
    """Analyze the video, at once and as a stream."""
    source = {"type": "asset_id", "asset_id": visit.made["asset"]}
    body = {"video": source, "model_name": "pegasus1.5", "prompt": "What is shown? Answer with one word."}
    for stream in (False, True):
        await visit.call("analyzeVideo", json={**body, "stream": stream}, seconds=visit.seconds)
    await visit.call("analyzeVideo", json={"prompt": "What is shown?"}, rejected="an analysis of nothing")


@step("generateGist", "summarizeVideo", "generateText", needs=("video",), videos=3)
async def older_analyses(visit: Visit) -> None:
    """The older analyses of the indexed video."""
    video = {"video_id": visit.made["video"]}
    for operation, body in (
        ("generateGist", {"types": ["title"]}),
        ("summarizeVideo", {"type": "summary"}),
        ("generateText", {"prompt": "What is shown?", "stream": False}),
    ):
        await visit.attempt(operation, json={**video, **body}, seconds=visit.seconds)


@step("createAnalyzeTask", "retrieveAnalyzeTask", "listAnalyzeTasks", "deleteAnalyzeTask", needs=("asset",), videos=1)
async def analyze_task(visit: Visit) -> None:
    """Analyze the video in the background."""
    source = {"type": "asset_id", "asset_id": visit.made["asset"]}
    made = await visit.create(
        "analysis",
        "createAnalyzeTask",
        removed_by=("deleteAnalyzeTask", "task_id"),
        id_from="task_id",
        json={"video": source, "model_name": "pegasus1.5", "custom_id": MARKER, "prompt": "What is shown?"},
        seconds=visit.seconds,
    )
    await visit.until("retrieveAnalyzeTask", {"task_id": made})
    await visit.unknown("retrieveAnalyzeTask")
    await check_pages(visit, "listAnalyzeTasks")
    asset_id = {"asset_id": visit.made["asset"]}  # it makes the list short in large accounts
    for query, there in (
        (asset_id, True),
        ({"asset_id": NOWHERE}, False),
        ({**asset_id, "status": "ready"}, True),
        ({**asset_id, "status": "failed"}, False),
        ({**asset_id, "analysis_mode": "general"}, True),
        ({**asset_id, "analysis_mode": "time_based_metadata"}, False),
        ({**asset_id, "video_url": "https://example.com/another.mp4"}, False),
        ({"video_id": NOWHERE}, False),
    ):
        await check_filter(visit, "listAnalyzeTasks", query, has=made if there else None, lacks=None if there else made)


@step("createEmbeddingTaskV2", "retrieveEmbeddingTaskV2", "listEmbeddingTasksV2", needs=("asset",), videos=1)
async def embedding_task(visit: Visit) -> None:
    """Embed the video in the background. Such a task cannot be deleted; its results expire."""
    source = {"media_source": {"asset_id": visit.made["asset"]}}
    body = {"input_type": "video", "model_name": "marengo3.0", "video": source}
    made = await visit.create("embedding", "createEmbeddingTaskV2", json=body, seconds=visit.seconds)
    await visit.until("retrieveEmbeddingTaskV2", {"task_id": made})
    await visit.unknown("retrieveEmbeddingTaskV2")
    await _embedding_tasks(visit, "listEmbeddingTasksV2", made)


async def _embedding_tasks(visit: Visit, operation: str, made: str) -> None:
    await check_pages(visit, operation)
    await check_filter(visit, operation, {"status": "ready"}, obeys=is_status("ready"), has=made)
    await check_filter(visit, operation, {"status": "failed"}, obeys=is_status("failed"), lacks=made)
    await check_times(visit, operation, made)


@step(
    "createEmbeddingTask",
    "retrieveEmbeddingTaskStatus",
    "retrieveEmbeddingTask",
    "listEmbeddingTasks",
    videos=1,
)
async def embedding_task_v1(visit: Visit) -> None:
    """Embed the video with the older operation. Such a task cannot be deleted; its results expire."""
    made = await visit.create(
        "embedding_v1",
        "createEmbeddingTask",
        form={"model_name": "marengo3.0"},
        files={"video_file": visit.video},
        seconds=visit.seconds,
    )
    await visit.until("retrieveEmbeddingTaskStatus", {"task_id": made})
    await visit.call("retrieveEmbeddingTask", {"task_id": made})
    await _embedding_tasks(visit, "listEmbeddingTasks", made)


@step(
    "createTask",
    "retrieveTask",
    "listTasks",
    "listVideos",
    "listIndexedAssets",
    "deleteVideo",
    "deleteTask",
    needs=("index",),
    videos=2,
)
async def task(visit: Visit) -> None:
    """Upload and index the video with the older operation, twice: so there is an order in the lists of videos."""
    index_id = visit.made["index"]
    upload: dict[str, Any] = {
        "form": {"index_id": index_id},
        "files": {"video_file": visit.video},
        "seconds": visit.seconds,
    }
    visit.uncertain = True  # it may make assets, which are looked for at the end
    second = await visit.create("second_task", "createTask", **upload)
    made = await visit.create("task", "createTask", **upload)
    await visit.until("retrieveTask", {"task_id": second})
    ready = await visit.until("retrieveTask", {"task_id": made})
    await visit.unknown("retrieveTask")
    await check_pages(visit, "listTasks")
    for operation in ("listVideos", "listIndexedAssets"):
        await check_pages(visit, operation, {"index_id": index_id})
    here = {"index_id": index_id}
    await check_filter(visit, "listTasks", here, has=made)
    if "second_index" in visit.made:
        await check_filter(visit, "listTasks", {"index_id": visit.made["second_index"]}, lacks=made)
    facts = ready.data.get("system_metadata")
    for name, right, wrong in (
        ("filename", VIDEO, RENAMED),
        ("status", ["ready"], ["failed"]),
        *((name, _number(facts, name), 9999) for name in ("duration", "width", "height")),
    ):
        if right is not None:
            await check_filter(visit, "listTasks", {**here, name: right}, has=made)
            await check_filter(visit, "listTasks", {**here, name: wrong}, lacks=made)
    await check_times(visit, "listTasks", made, here)
    video = ready.data.get("video_id")
    if usable(video):
        path = {"index_id": index_id, "video_id": video}
        await visit.call("deleteVideo", path)
        await visit.gone("deleteVideo", "retrieveVideo", path)
    await visit.call("deleteTask", {"task_id": made})
    await visit.gone("deleteTask", "retrieveTask", {"task_id": made})


def _number(facts: Any, name: str) -> int | float | None:
    value = facts.get(name) if isinstance(facts, Mapping) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


NOT_CHECKED: Final[Mapping[str, str]] = {
    "createMultipartUpload": "an upload session cannot be removed; it would stay for 24 hours",
    "retrieveUploadStatus": "it needs an upload session, which cannot be removed",
    "reportChunkBatch": "it needs an upload session, which cannot be removed",
    "requestAdditionalPresignedUrls": "it needs an upload session, which cannot be removed",
    "createAnalyzeBatch": "a batch may take a day",
    "retrieveAnalyzeBatch": "it needs a batch, which may take a day",
    "deleteAnalyzeBatch": "it needs a batch, which may take a day",
    "retrieveAnalyzeBatchResults": "it needs a batch, which may take a day",
    "cancelAnalyzeBatch": "it needs a batch, which may take a day",
    "cancelAnalyzeTask": "a task of a short video may be done before it can be canceled",
    "deleteIndexedAsset": "the index is deleted with what is in it",
    "createTransferImport": "it needs an integration of the account",
    "retrieveTransferImportStatus": "it needs an integration of the account",
    "listTransferImportLogs": "it needs an integration of the account",
    "authorizeConnection": "a person has to give permission",
    "retrieveConnection": "it needs a connection that a person has authorized",
    "deleteConnection": "it needs a connection that a person has authorized",
    "createConnectionPickerToken": "it needs a connection that a person has authorized",
    "createRedirectUri": "it would change the configuration of the account",
    "deleteRedirectUri": "it would change the configuration of the account",
    "listImports": "it needs a connection that a person has authorized",
    "createImport": "it needs a connection that a person has authorized",
    "retrieveImport": "it needs a connection that a person has authorized",
}
"""Operations that no step checks, and why."""
