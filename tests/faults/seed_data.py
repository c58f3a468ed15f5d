"""One of each kind of thing, for the calls of `cases.py`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from twelvelabs_async.emulator.media.samples import SampleVideo, Scene, write_image

if TYPE_CHECKING:
    from pathlib import Path

    from twelvelabs_async import AsyncTwelveLabs

MODELS: list[Any] = [
    {"model_name": "marengo3.0", "model_options": ["visual", "audio"]},
    {"model_name": "pegasus1.2", "model_options": ["visual", "audio"]},
]
VIDEO = SampleVideo("colours.mp4", (Scene("red", 3, tone=440.0), Scene("blue", 3)), width=640, height=360, fps=5)


@dataclass
class SeedData:
    """What there is on the platform: identifiers, and the bytes of two files."""

    video: bytes
    picture: bytes
    index: str
    spare_index: str
    task: str
    video_id: str
    asset: str
    face: str
    other_face: str
    indexed: str
    batch: str
    analysis: str
    embedding: str
    embedding_v2: str
    collection: str
    entity: str
    connection: str
    import_id: str
    store: str
    spare_store: str
    item: str
    shelf: str
    upload: str
    page_token: str
    redirect_uri: str


async def ready(client: AsyncTwelveLabs, asset: Any) -> str:
    """Waits for an asset that was just made."""
    return text((await client.assets.wait_for_done(text(asset.id), sleep_interval=0.01, timeout=60)).id)


async def spare_asset(client: AsyncTwelveLabs, data: SeedData) -> str:
    """An asset that a test may delete."""
    return await ready(client, await client.assets.create(method="direct", file=("a.mp4", data.video)))


async def spare_video(client: AsyncTwelveLabs, data: SeedData) -> str:
    """An indexed asset, which is a video as well, that a test may delete."""
    asset = await spare_asset(client, data)
    made = await client.indexes.indexed_assets.create(data.spare_index, asset_id=asset)
    await client.indexes.indexed_assets.wait_for_done(data.spare_index, text(made.id), sleep_interval=0.01, timeout=60)
    return text(made.id)


def text(value: str | None) -> str:
    """An id that must be there."""
    assert value
    return value


async def build(client: AsyncTwelveLabs, drive: Path) -> SeedData:
    """Makes everything; needs an emulator with a media folder, at speed 0."""
    video = await asyncio.to_thread(VIDEO.write, drive)
    picture = await asyncio.to_thread(write_image, drive / "face.png", "red")
    data = SeedData(await asyncio.to_thread(video.read_bytes), await asyncio.to_thread(picture.read_bytes), *[""] * 23)
    data.index = text((await client.indexes.create(index_name="films", models=MODELS)).id)
    data.spare_index = text((await client.indexes.create(index_name="others", models=MODELS)).id)
    task = await client.tasks.create(index_id=data.index, video_file=video)
    task_done = await client.tasks.wait_for_done(text(task.id), sleep_interval=0.01, timeout=60)
    data.task, data.video_id = text(task.id), text(task_done.video_id)
    data.asset = await spare_asset(client, data)
    while (await client.assets.retrieve_transcription(data.asset)).status != "ready":  # noqa: ASYNC110 - the platform tells nobody
        await asyncio.sleep(0.01)
    data.face, data.other_face = [
        await ready(client, await client.assets.create(method="direct", file=picture)) for _ in range(2)
    ]
    indexed = await client.indexes.indexed_assets.create(data.index, asset_id=data.asset)
    data.indexed = text(indexed.id)
    await client.indexes.indexed_assets.wait_for_done(data.index, data.indexed, sleep_interval=0.01, timeout=60)
    await client.indexes.indexed_assets.update(data.index, data.indexed, user_metadata={"a": 1})
    await client.indexes.videos.update(data.index, data.video_id, user_metadata={"a": 1})
    await _analyses(client, data)
    await _embeddings(client, data)
    data.collection = text((await client.entity_collections.create(name="people")).id)
    entity = await client.entity_collections.entities.create(data.collection, name="someone", asset_ids=[data.face])
    data.entity = text(entity.id)
    await _connection(client, data)
    await _knowledge(client, data)
    upload = await client.multipart_upload.create(filename="a.mp4", total_size=6_000_000, type="video")
    data.upload = text(upload.upload_id)
    hits = await client.search.create(
        index_id=data.index, query_text="red blue", search_options=["visual"], page_limit=1
    )
    assert hits.page_info is not None
    data.page_token = text(hits.page_info.next_page_token)
    return data


async def _analyses(client: AsyncTwelveLabs, data: SeedData) -> None:
    source: Any = {"type": "asset_id", "asset_id": data.asset}
    analysis = await client.analyze_async.tasks.create(model_name="pegasus1.5", video=source, prompt="Summarize")
    data.analysis = text(analysis.task_id)
    await client.analyze_async.tasks.wait_for_done(data.analysis, sleep_interval=0.01, timeout=60)
    batch = await client.analyze_async.batches.create(**batch_of(data))
    data.batch = text(batch.batch_id)
    await client.analyze_async.batches.wait_for_done(data.batch, sleep_interval=0.01, timeout=60)


def batch_of(data: SeedData) -> Any:
    """Arguments of a batch of one analysis."""
    source = {"type": "asset_id", "asset_id": data.asset}
    return {
        "model_name": "pegasus1.5",
        "analysis_mode": "general",
        "requests": [{"custom_id": "a", "video": source, "prompt": {"input_text": "Summarize"}}],
    }


async def _embeddings(client: AsyncTwelveLabs, data: SeedData) -> None:
    embedding = await client.embed.tasks.create(model_name="marengo3.0", video_file=("a.mp4", data.video))
    data.embedding = text(embedding.id)
    await client.embed.tasks.wait_for_done(data.embedding, sleep_interval=0.01, timeout=60)
    source: Any = {"media_source": {"asset_id": data.asset}}
    later = await client.embed.v_2.tasks.create(input_type="video", model_name="marengo3.0", video=source)
    data.embedding_v2 = text(later.id)
    await client.embed.v_2.tasks.wait_for_done(data.embedding_v2, sleep_interval=0.01, timeout=60)


async def connect(client: AsyncTwelveLabs, uri: str) -> str:
    """A connection: somebody consents on the provider's page."""
    begun = await client.data_connectors.authorize_connection(provider="google_drive", redirect_uri=uri)
    async with (
        aiohttp.ClientSession() as session,
        session.get(URL(text(begun.authorize_url)), allow_redirects=False) as page,
    ):
        return URL(page.headers["Location"]).query["connection_id"]


async def _connection(client: AsyncTwelveLabs, data: SeedData) -> None:
    data.redirect_uri = "https://app.example/back"
    await client.data_connectors.create_redirect_uri(redirect_uri=data.redirect_uri)
    data.connection = await connect(client, data.redirect_uri)
    made = await client.imports.import_files(data.connection, items=[{"source_id": VIDEO.name}])
    data.import_id = text(made.id)
    await client.tasks.transfers.create("drive-1", index_id=data.spare_index)


async def _knowledge(client: AsyncTwelveLabs, data: SeedData) -> None:
    data.store = text((await client.knowledge_stores.create(name="films")).id)
    data.spare_store = text((await client.knowledge_stores.create(name="others")).id)
    data.item = text((await client.knowledge_store_items.create(data.store, asset_id=data.asset)).id)
    await client.knowledge_store_items.wait_for_done(data.store, data.item, sleep_interval=0.01, timeout=60)
    shelf = await client.knowledge_store_item_collections.create(data.store, name="best")
    data.shelf = text(shelf.id)
    await client.knowledge_store_item_collections.add_items(data.store, data.shelf, item_ids=[data.item])
