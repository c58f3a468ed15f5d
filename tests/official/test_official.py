"""Every resource and method of the official SDK against the emulator, with results that are checked."""

from __future__ import annotations

import base64
import json
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import twelvelabs
from twelvelabs import types

from .caller import CALLED, Caller, methods_of

if TYPE_CHECKING:
    from pathlib import Path

MARENGO: Any = {"model_name": "marengo3.0", "model_options": ["visual", "audio"]}
PEGASUS: Any = {"model_name": "pegasus1.2", "model_options": ["visual", "audio"]}


def index_of(client: Caller, name: str) -> str:
    made = client.indexes.create(index_name=f"{client.mode} {name}", models=[MARENGO, PEGASUS])
    return str(made.id)


def asset_of(client: Caller, path: Path) -> str:
    """An asset that is ready, since nothing takes time here."""
    with path.open("rb") as file:
        made = client.assets.create(method="direct", file=(path.name, file), user_metadata=json.dumps({"from": "test"}))
    assert client.assets.retrieve(made.id).status == "ready"
    return str(made.id)


def task_of(client: Caller, index_id: str, path: Path) -> Any:
    with path.open("rb") as file:
        made = client.tasks.create(index_id=index_id, video_file=(path.name, file))
    done = client.tasks.wait_for_done(made.id, sleep_interval=0.05)
    assert done.status == "ready"
    return done


def cosine(first: list[float], second: list[float]) -> float:
    return sum(a * b for a, b in zip(first, second, strict=True))


def test_indexes(client: Caller) -> None:
    index_id = index_of(client, "indexes")
    found = client.indexes.retrieve(index_id)
    assert (found.id, found.index_name) == (index_id, f"{client.mode} indexes")
    assert [model.model_name for model in found.models] == ["marengo3.0", "pegasus1.2"]
    assert found.created_at
    client.indexes.update(index_id, index_name=f"{client.mode} renamed")
    named = client.every(client.indexes.list(index_name=f"{client.mode} renamed"))
    assert [index.id for index in named] == [index_id]
    others = [index_of(client, f"page {number}") for number in range(3)]
    every = client.every(client.indexes.list(page_limit=1))
    assert {index_id, *others} <= {index.id for index in every}
    client.indexes.delete(index_id)
    with pytest.raises(twelvelabs.errors.BadRequestError) as caught:
        client.indexes.retrieve(index_id)
    assert "resource_not_exist" in str(caught.value.body)


def test_assets(client: Caller, media: Path) -> None:
    asset_id = asset_of(client, media / "sea.mp4")
    asset = client.assets.retrieve(asset_id)
    assert (asset.filename, asset.file_type, asset.status) == ("sea.mp4", "video/mp4", "ready")
    assert asset.duration == pytest.approx(8, abs=0.1)
    assert asset.technical_metadata.video_width == 640
    client.assets.replace_user_metadata(asset_id, user_metadata={"a": 1, "b": ["x", "y"]})
    assert client.assets.retrieve(asset_id).user_metadata == {"a": 1, "b": ["x", "y"]}
    client.assets.update_user_metadata(asset_id, user_metadata={"a": 2, "c": True})
    assert client.assets.retrieve(asset_id).user_metadata == {"a": 2, "b": ["x", "y"], "c": True}
    client.assets.delete_user_metadata(asset_id)
    assert not client.assets.retrieve(asset_id).user_metadata
    said = client.assets.retrieve_transcription(asset_id, include=["words", "sentences"])
    while said.status == "processing":
        said = client.assets.retrieve_transcription(asset_id, include=["words", "sentences"])
    assert said.status == "ready"
    assert "balloon" in str(said.sentences)
    assert said.words
    assert said.utterances is None
    by_url = client.assets.create(method="url", url="http://media.localhost/forest.mp4", filename="woods.mp4")
    listed = client.every(client.assets.list(asset_ids=[asset_id, by_url.id], page_limit=1))
    assert {found.id for found in listed} == {asset_id, by_url.id}
    assert {found.id for found in client.every(client.assets.list(asset_types=["video"]))} >= {asset_id, by_url.id}
    client.assets.delete(by_url.id, force=True)
    assert by_url.id not in {found.id for found in client.every(client.assets.list())}


def test_multipart_uploads(client: Caller, media: Path) -> None:
    path = media / "sea.mp4"
    seen: list[Any] = []
    done = client.multipart_upload.upload_file(
        path, max_workers=3, progress_callback=client.callback(seen.append), retry_delay=0.01
    )
    assert seen
    assert client.assets.retrieve(done.asset_id).status == "ready"
    data = (media / "forest.mp4").read_bytes()
    session = client.multipart_upload.create(filename="forest.mp4", type="video", total_size=len(data))
    assert session.total_chunks == -(-len(data) // session.chunk_size)
    waiting = client.every(client.multipart_upload.list_incomplete_uploads())
    assert session.upload_id in {upload.upload_id for upload in waiting}
    more = client.multipart_upload.get_additional_presigned_urls(session.upload_id, start=1, count=session.total_chunks)
    chunks = []
    for part in more.upload_urls:
        piece = data[(part.chunk_index - 1) * session.chunk_size : part.chunk_index * session.chunk_size]
        request = urllib.request.Request(part.url, data=piece, method="PUT")
        with urllib.request.urlopen(request) as response:
            proof = response.headers["ETag"].strip('"')
        chunks.append({"chunk_index": part.chunk_index, "proof": proof, "proof_type": "etag", "chunk_size": len(piece)})
    reported = client.multipart_upload.report_chunk_batch(
        session.upload_id, completed_chunks=[types.CompletedChunk(**chunk) for chunk in chunks]
    )
    assert reported.total_completed == session.total_chunks
    shown = client.every(client.multipart_upload.get_status(session.upload_id))
    assert [chunk.status for chunk in shown] == ["completed"] * session.total_chunks
    ended = client.multipart_upload.wait_for_upload_completion(session.upload_id, sleep_interval=0.05, max_wait_time=20)
    assert ended.status == "completed"


def test_tasks_and_videos(client: Caller, media: Path) -> None:
    index_id = index_of(client, "tasks")
    shown: list[str] = []
    with (media / "sea.mp4").open("rb") as file:
        made = client.tasks.create(index_id=index_id, video_file=("sea.mp4", file), user_metadata='{"place": "sea"}')
    task = client.tasks.wait_for_done(
        made.id, sleep_interval=0.05, callback=client.callback(lambda seen: shown.append(seen.status))
    )
    assert task.status == "ready"
    found = client.tasks.retrieve(made.id)
    assert (found.index_id, found.video_id) == (index_id, made.video_id)
    urls = ["http://media.localhost/forest.mp4", "http://media.localhost/forest.mp4/other.mp4"]
    bulk = client.tasks.create_bulk(index_id=index_id, video_urls=urls)
    assert len(bulk) == 2
    for one in bulk:
        client.tasks.wait_for_done(one.id, sleep_interval=0.05)
    listed = client.every(client.tasks.list(index_id=index_id, status=["ready"], page_limit=2))
    assert {one.id for one in listed} == {made.id, *(one.id for one in bulk)}
    video = client.indexes.videos.retrieve(index_id, made.video_id, embedding_option=["visual"], transcription=True)
    assert video.system_metadata.filename == "sea.mp4"
    assert video.user_metadata == {"place": "sea"}
    assert len(video.embedding.video_embedding.segments[0].float_) == 512
    assert "balloon" in str(video.transcription)
    client.indexes.videos.update(index_id, made.video_id, user_metadata={"place": "beach", "year": 2026})
    videos = client.every(client.indexes.videos.list(index_id, page_limit=1))
    assert len(videos) == 3
    assert client.indexes.videos.retrieve(index_id, made.video_id).user_metadata == {"place": "beach", "year": 2026}
    client.indexes.videos.delete(index_id, made.video_id)
    assert len(client.every(client.indexes.videos.list(index_id))) == 2
    client.tasks.delete(made.id)
    assert made.id not in {one.id for one in client.every(client.tasks.list(index_id=index_id))}
    with pytest.raises(twelvelabs.errors.BadRequestError) as caught:
        client.tasks.create(index_id=index_id, video_file=("broken.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(5000)))
    assert "video_file_broken" in str(caught.value.body)


def test_indexed_assets(client: Caller, media: Path) -> None:
    index_id, asset_id = index_of(client, "assets"), asset_of(client, media / "sea.mp4")
    made = client.indexes.indexed_assets.create(index_id, asset_id=asset_id, user_metadata={"number": 7})
    found = client.indexes.indexed_assets.retrieve(index_id, made.id, embedding_option=["visual"], transcription=True)
    while found.status != "ready":
        assert found.status not in {"failed", None}
        found = client.indexes.indexed_assets.retrieve(
            index_id, made.id, embedding_option=["visual"], transcription=True
        )
    assert found.asset_id == asset_id
    assert found.system_metadata.duration == pytest.approx(8, abs=0.1)
    client.indexes.indexed_assets.update(index_id, made.id, user_metadata={"number": 8})
    listed = client.every(client.indexes.indexed_assets.list(index_id, status=["ready"], user_metadata={"number": 8}))
    assert [one.id for one in listed] == [made.id]
    elsewhere = client.every(client.indexes.indexed_assets.list_by_asset(asset_id))
    assert [(one.id, one.index.id) for one in elsewhere] == [(made.id, index_id)]
    with pytest.raises(twelvelabs.errors.ConflictError):
        client.assets.delete(asset_id)
    client.indexes.indexed_assets.delete(index_id, made.id)
    assert client.every(client.indexes.indexed_assets.list(index_id)) == []


def test_search(client: Caller, media: Path) -> None:
    index_id = index_of(client, "search")
    sea = task_of(client, index_id, media / "sea.mp4").video_id
    forest = task_of(client, index_id, media / "forest.mp4").video_id
    first = client.search.create(index_id=index_id, query_text="red", search_options=["visual"], page_limit=1)
    assert (first.data[0].video_id, first.data[0].rank) == (sea, 1)
    assert first.data[0].start == pytest.approx(4, abs=0.2)
    second = client.search.retrieve(first.page_info.next_page_token, include_user_metadata=True)
    assert second.data[0].rank == 2
    everything = client.every(
        client.search.query(index_id=index_id, query_text="red", search_options=["visual"], page_limit=1)
    )
    assert [hit.rank for hit in everything] == [1, 2, 3]
    sentence = "a man walking his dog in the park"
    parks = client.every(
        client.search.query(index_id=index_id, query_text=sentence, search_options=["visual", "audio"])
    )
    assert parks[0].video_id == forest
    assert {hit.video_id for hit in parks} == {sea, forest}
    with (media / "red.png").open("rb") as picture:
        alike = client.search.create(
            index_id=index_id,
            query_media_type="image",
            query_media_file=("red.png", picture),
            search_options=["visual"],
        )
    assert (alike.data[0].video_id, alike.data[0].start) == (sea, pytest.approx(4, abs=0.2))
    spoken = client.search.create(
        index_id=index_id,
        query_text="balloon",
        search_options=["transcription"],
        transcription_options=["lexical"],
        group_by="video",
        filter=json.dumps({"id": [sea]}),
    )
    assert [(item.id, len(item.clips)) for item in spoken.data] == [(sea, 1)]
    with pytest.raises(twelvelabs.errors.BadRequestError):
        client.search.create(index_id=index_id, query_text="x", search_options=["smell"])


def test_analyses(client: Caller, media: Path) -> None:
    asset_id = asset_of(client, media / "sea.mp4")
    video = types.VideoContext_AssetId(asset_id=asset_id)
    text = client.analyze(model_name="pegasus1.5", video=video, prompt="Describe the scenes")
    assert "blue" in text.data
    assert text.finish_reason == "stop"
    assert text.usage.output_tokens > 0
    shape = types.SyncResponseFormat(
        type="json_schema",
        json_schema={"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]},
    )
    shaped = client.analyze(model_name="pegasus1.5", video=video, prompt="A title", response_format=shape)
    assert isinstance(json.loads(shaped.data)["title"], str)
    url = types.VideoContext_Url(url="http://media.localhost/forest.mp4")
    events = client.analyze_stream(model_name="pegasus1.5", video=url, prompt="Describe the scenes")
    assert events[0].event_type == "stream_start"
    assert events[-1].event_type == "stream_end"
    assert "green" in "".join(event.text for event in events if event.event_type == "text_generation")
    picture = base64.b64encode((media / "red.png").read_bytes()).decode()
    image = client.analyze(
        model_name="pegasus1.5",
        image=[types.AnalyzeImageInput(name="first", base_64_string=picture)],
        prompt="What is it?",
    )
    assert "red" in image.data


def test_analyze_tasks(client: Caller, media: Path) -> None:
    video = types.VideoContext_AssetId(asset_id=asset_of(client, media / "sea.mp4"))
    made = client.analyze_async.tasks.create(
        model_name="pegasus1.5", video=video, prompt="Describe the scenes", custom_id=f"mine-{client.mode}"
    )
    task = client.analyze_async.tasks.retrieve(made.task_id)
    while task.status != "ready":
        assert task.status not in {"failed", "canceled"}
        task = client.analyze_async.tasks.retrieve(made.task_id)
    assert "blue" in task.result.data
    assert task.custom_id == f"mine-{client.mode}"
    segments = client.analyze_async.tasks.create(
        model_name="pegasus1.5",
        video=video,
        analysis_mode="time_based_metadata",
        response_format=types.AsyncResponseFormat(
            type="segment_definitions",
            segment_definitions=[types.SegmentDefinition(id="colours", description="red scenes")],
        ),
    )
    assert made.task_id in {one.task_id for one in client.analyze_async.tasks.list().data}
    with pytest.raises(twelvelabs.errors.ConflictError):
        client.analyze_async.tasks.cancel(made.task_id)
    client.analyze_async.tasks.delete(made.task_id)
    with pytest.raises(twelvelabs.errors.NotFoundError):
        client.analyze_async.tasks.retrieve(made.task_id)
    found = client.analyze_async.tasks.retrieve(segments.task_id)
    while found.status != "ready":
        found = client.analyze_async.tasks.retrieve(segments.task_id)
    assert "colours" in found.result.data


def test_analyze_batches(client: Caller, media: Path) -> None:
    context = types.BatchVideoContext(type="asset_id", asset_id=asset_of(client, media / "sea.mp4"))
    prompt = types.BatchPrompt(input_text="Describe the scenes")
    made = client.analyze_async.batches.create(
        model_name="pegasus1.5",
        analysis_mode="general",
        requests=[types.BatchItemRequest(video=context, custom_id=name, prompt=prompt) for name in ("a", "b")],
    )
    assert made.total_items == 2
    batch = client.analyze_async.batches.retrieve(made.batch_id)
    while batch.status != "completed":
        assert batch.status in {"pending", "processing"}
        batch = client.analyze_async.batches.retrieve(made.batch_id)
    results = client.analyze_async.batches.results(made.batch_id)
    assert {item.custom_id for item in results} == {"a", "b"}
    assert all("blue" in str(item) for item in results)
    listed = client.every(client.analyze_async.batches.list(status=["completed"]))
    assert made.batch_id in {one.batch_id for one in listed}
    with pytest.raises(twelvelabs.errors.ConflictError):
        client.analyze_async.batches.cancel(made.batch_id)
    client.analyze_async.batches.delete(made.batch_id)
    with pytest.raises(twelvelabs.errors.NotFoundError):
        client.analyze_async.batches.retrieve(made.batch_id)


def test_embeddings(client: Caller, media: Path) -> None:
    text = client.embed.create(model_name="marengo3.0", text="red").text_embedding.segments[0].float_
    with (media / "red.png").open("rb") as picture:
        image = client.embed.create(model_name="marengo3.0", image_file=("red.png", picture))
    assert cosine(text, image.image_embedding.segments[0].float_) > 0.5
    with (media / "sea.mp4").open("rb") as file:
        made = client.embed.tasks.create(model_name="marengo3.0", video_file=("sea.mp4", file), video_clip_length=4)
    assert client.embed.tasks.wait_for_done(made.id, sleep_interval=0.05).status == "ready"
    assert client.embed.tasks.status(made.id).status == "ready"
    done = client.embed.tasks.retrieve(made.id, embedding_option=["visual"])
    first, second = done.video_embedding.segments
    assert cosine(text, second.float_) > cosine(text, first.float_) + 0.3
    assert made.id in {task.id for task in client.every(client.embed.tasks.list())}
    params = twelvelabs.wrapper.embed_client_wrapper.CreateEmbeddingsTaskVideoParams
    bulk = client.embed.tasks.create_bulk(
        model_name="Marengo-retrieval-2.7", videos=[params(video_url="http://media.localhost/forest.mp4")]
    )
    assert len(bulk) == 1


def test_embeddings_of_the_second_version(client: Caller, media: Path) -> None:
    text = client.embed.v_2.create(
        input_type="text", model_name="marengo3.0", text=types.TextInputRequest(input_text="red")
    )
    picture = base64.b64encode((media / "red.png").read_bytes()).decode()
    image = client.embed.v_2.create(
        input_type="image",
        model_name="marengo3.0",
        image=types.ImageInputRequest(media_source=types.MediaSource(base_64_string=picture)),
    )
    assert cosine(text.data[0].embedding, image.data[0].embedding) > 0.5
    source = types.MediaSource(asset_id=asset_of(client, media / "sea.mp4"))
    video = client.embed.v_2.create(
        input_type="video", model_name="marengo3.0", video=types.VideoInputRequest(media_source=source)
    )
    assert {item.embedding_option for item in video.data} >= {"visual", "audio"}
    made = client.embed.v_2.tasks.create(
        input_type="video", model_name="marengo3.0", video=types.AsyncVideoInputRequest(media_source=source)
    )
    task = client.embed.v_2.tasks.retrieve(made.id)
    while task.status != "ready":
        assert task.status != "failed"
        task = client.embed.v_2.tasks.retrieve(made.id)
    assert len(task.data[0].embedding) == 512
    assert made.id in {one.id for one in client.every(client.embed.v_2.tasks.list())}
    with pytest.raises(twelvelabs.errors.BadRequestError) as caught:
        client.embed.v_2.create(input_type="text", model_name="marengo3.0")
    assert "VALIDATION_ERROR" in str(caught.value.body)


def test_entities(client: Caller, media: Path) -> None:
    collection = client.entity_collections.create(name=f"{client.mode} people", description="who is seen")
    changed = client.entity_collections.update(collection.id, name=f"{client.mode} players")
    assert changed.name == f"{client.mode} players"
    assert client.entity_collections.retrieve(collection.id).description == "who is seen"
    assert collection.id in {one.id for one in client.every(client.entity_collections.list())}
    first, second = asset_of(client, media / "red.png"), asset_of(client, media / "red.png")
    entities = client.entity_collections.entities
    entity = entities.create(collection.id, name="Ann", asset_ids=[first], metadata={"number": 7})
    assert entities.update(collection.id, entity.id, name="Anna").name == "Anna"
    assert set(entities.create_assets(collection.id, entity.id, asset_ids=[second]).asset_ids) == {first, second}
    assert entities.delete_assets(collection.id, entity.id, asset_ids=[second]).asset_ids == [first]
    assert entities.retrieve(collection.id, entity.id).metadata == {"number": 7}
    assert [one.id for one in client.every(entities.list_by_asset(first))] == [entity.id]
    item = twelvelabs.entity_collections.entities.types.EntitiesCreateBulkRequestEntitiesItem
    bulk = entities.create_bulk(
        collection.id, entities=[item(name="Bea", asset_ids=[first]), item(name="Cat", asset_ids=[second])]
    )
    assert "Bea" in str(bulk)
    names = {one.name for one in client.every(entities.list(collection.id, page_limit=1))}
    assert names == {"Anna", "Bea", "Cat"}
    entities.delete(collection.id, entity.id)
    assert {one.name for one in client.every(entities.list(collection.id))} == {"Bea", "Cat"}
    client.entity_collections.delete(collection.id)
    assert collection.id not in {one.id for one in client.every(client.entity_collections.list())}


def store_of(client: Caller, media: Path, name: str) -> tuple[str, list[Any]]:
    """A knowledge store with two items that are ready."""
    store = client.knowledge_stores.create(name=f"{client.mode} {name}", metadata={"a": 1})
    items = []
    for file in ("sea.mp4", "red.png"):
        made = client.knowledge_store_items.create(store.id, asset_id=asset_of(client, media / file))
        item = client.knowledge_store_items.retrieve(store.id, made.id)
        while item.status != "ready":
            assert item.status != "failed"
            item = client.knowledge_store_items.retrieve(store.id, made.id)
        items.append(item)
    return str(store.id), items


def test_knowledge_stores(client: Caller, media: Path) -> None:
    store_id, (video, picture) = store_of(client, media, "stores")
    assert client.knowledge_stores.update(store_id, name=f"{client.mode} changed").name == f"{client.mode} changed"
    assert client.knowledge_stores.retrieve(store_id).item_count == 2
    assert store_id in {one.id for one in client.every(client.knowledge_stores.list())}
    listed = client.every(client.knowledge_store_items.list(store_id, status=["ready"], page_limit=1))
    assert {one.id for one in listed} == {video.id, picture.id}
    found = client.knowledge_stores.search(
        store_id, query=types.KnowledgeStoreSearchQuery(text="blue"), group_by="item"
    )
    assert "sea" not in str(found.data[0].item_id)
    assert found.data[0].item_id == video.id
    collections = client.knowledge_store_item_collections
    made = collections.create(store_id, name="best", description="of all")
    assert collections.add_items(store_id, made.id, item_ids=[video.id, picture.id]).name == "best"
    assert {one.id for one in client.every(collections.list_items(store_id, made.id))} == {video.id, picture.id}
    collections.remove_items(store_id, made.id, item_ids=[picture.id])
    assert [one.id for one in client.every(collections.list_items(store_id, made.id))] == [video.id]
    assert collections.update(store_id, made.id, name="better").name == "better"
    assert collections.retrieve(store_id, made.id).description == "of all"
    assert [one.id for one in client.every(collections.list(store_id))] == [made.id]
    collections.delete(store_id, made.id)
    assert client.every(collections.list(store_id)) == []
    client.knowledge_store_items.delete(store_id, picture.id)
    assert [one.id for one in client.every(client.knowledge_store_items.list(store_id))] == [video.id]
    client.knowledge_stores.delete(store_id)
    assert store_id not in {one.id for one in client.every(client.knowledge_stores.list())}


def test_responses(client: Caller, media: Path) -> None:
    store_id, _ = store_of(client, media, "responses")
    asked = [types.ResponseInputItem(type="message", role="user", content="Where is red?")]
    whole = client.responses.create(knowledge_store_id=store_id, input=asked)
    assert whole.status == "completed"
    assert "red" in str(whole.output).lower()
    events = client.responses.create_stream(knowledge_store_id=store_id, input=asked)
    kinds = [event.type for event in events]
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"


def test_connections_and_imports(client: Caller) -> None:
    uri = f"https://app.example/{client.mode}"
    connectors = client.data_connectors
    registered = connectors.create_redirect_uri(redirect_uri=uri)
    assert uri in {one.redirect_uri for one in connectors.list_redirect_uris().data}
    # A defect of the official SDK: for its HTTP library the path `connections:authorize` is a URL of another scheme.
    with pytest.raises(httpx.UnsupportedProtocol):
        connectors.authorize_connection(provider="google_drive", redirect_uri=uri)
    connection = _consent(_authorize(client, uri))
    assert connectors.retrieve_connection(connection).status == "active"
    assert connection in {one.id for one in connectors.list_connections().data}
    assert connectors.create_connection_picker_token(connection).expires_in > 0
    item = twelvelabs.imports.types.ImportFilesRequestItemsItem
    made = client.imports.import_files(connection, items=[item(source_id="forest.mp4"), item(source_id="none.mp4")])
    found = client.imports.retrieve_import(connection, made.id)
    while any(one.status in {"queued", "pending", "processing"} for one in found.items):
        found = client.imports.retrieve_import(connection, made.id)
    assert sorted(one.status for one in found.items) == ["failed", "ready"]
    assert [one.id for one in client.imports.list_imports(connection).data] == [made.id]
    connectors.delete_redirect_uri(registered.id)
    assert uri not in {one.redirect_uri for one in connectors.list_redirect_uris().data}
    connectors.delete_connection(connection)
    assert connection not in {one.id for one in connectors.list_connections().data}


def _authorize(client: Caller, uri: str) -> str:
    """What the method would do: the address of the provider's consent page."""
    body = {"provider": "google_drive", "redirect_uri": uri, "custom_id": "me"}
    headers = {"x-api-key": client.emulator.api_key}
    begun = httpx.post(f"{client.emulator.base_url}/connections:authorize", json=body, headers=headers)
    assert begun.status_code == 200
    return str(begun.json()["authorize_url"])


def _consent(url: str) -> str:
    """Opens the provider's consent page, as a person would, and returns the connection that it leads to."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: Any, **kwargs: Any) -> None:
            return None

    try:
        urllib.request.build_opener(Stay).open(url)
    except urllib.error.HTTPError as redirect:
        with redirect:
            query = urllib.parse.urlsplit(redirect.headers["Location"]).query
        return urllib.parse.parse_qs(query)["connection_id"][0]
    raise AssertionError("the consent page did not redirect")


def test_errors_and_rate_limits(client: Caller) -> None:
    with pytest.raises(twelvelabs.errors.NotFoundError) as missing:
        client.assets.retrieve("000000000000000000000000")
    assert "resource_not_exist" in str(missing.value.body)
    client.emulator.faults.add(kind="status", code="insufficient_funds", operation="createIndex", count=1)
    with pytest.raises(twelvelabs.errors.BadRequestError) as funds:
        index_of(client, "poor")
    assert "insufficient_funds" in str(funds.value.body)
    client.emulator.faults.add(kind="status", status=429, retry_after=0, operation="listIndexes", count=1)
    with pytest.raises(twelvelabs.core.api_error.ApiError) as many:
        client.every(client.indexes.list())
    assert many.value.status_code == 429
    sdk = twelvelabs.TwelveLabs(api_key="wrong", base_url=client.emulator.base_url)
    with pytest.raises(twelvelabs.core.api_error.ApiError) as key:
        sdk.assets.retrieve("x")
    assert key.value.status_code == 401
    sdk._client_wrapper.httpx_client.httpx_client.close()


def test_z_every_method_was_called(client: Caller) -> None:
    """The last test: what the SDK has, and no test above has called."""
    assert methods_of(client.sdk) - CALLED[client.mode] == set()
