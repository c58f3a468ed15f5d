"""Things on the platform that the examples can be about, so that they do what they say."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from twelvelabs_async.emulator.media.samples import SampleVideo, Scene, write_image

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from twelvelabs_async import AsyncTwelveLabs

VIDEO = SampleVideo("colours.mp4", (Scene("red", 3, tone=440.0), Scene("blue", 3)), width=640, height=360, fps=10)


async def build(client: AsyncTwelveLabs, folder: Path) -> dict[str, dict[str, Any]]:
    """Make one of each kind, ready for use.

    Returns:
        Attribute path of a method to the keyword arguments that make its example about an existing thing; the empty
        path holds those of all others.
    """
    video = await asyncio.to_thread(VIDEO.write, folder)
    picture = await asyncio.to_thread(write_image, folder / "face.png", "red")
    options: list[Literal["visual", "audio"]] = ["visual", "audio"]
    films = await client.indexes.create(
        index_name="films",
        models=[
            {"model_name": "marengo3.0", "model_options": options},
            {"model_name": "pegasus1.2", "model_options": options},
        ],
    )
    spare = await client.indexes.create(
        index_name="spare", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
    )
    index_id = _id(films)
    tasks = await client.tasks.create_bulk(index_id=index_id, video_files=[video, video])
    done = [await client.tasks.wait_for_done(_id(task), sleep_interval=0.02, timeout=60) for task in tasks]
    asset, other, unused = [await client.assets.create(method="direct", file=video) for _ in range(3)]
    faces = [await client.assets.create(method="direct", file=picture) for _ in range(3)]
    for made in (asset, other, unused, *faces):
        await _until(partial(client.assets.retrieve, _id(made)), "ready")
    indexed = await client.indexes.indexed_assets.create(index_id, asset_id=_id(asset))
    await _until(partial(client.indexes.indexed_assets.retrieve, index_id, _id(indexed)), "ready")
    embedding = await client.embed.tasks.create(model_name="marengo3.0", video_file=video)
    await client.embed.tasks.wait_for_done(_id(embedding), sleep_interval=0.02, timeout=60)
    embedding_v2 = await client.embed.v_2.tasks.create(
        input_type="video", model_name="marengo3.0", video={"media_source": {"asset_id": _id(asset)}}
    )
    collection = await client.entity_collections.create(name="People")
    entity = await client.entity_collections.entities.create(_id(collection), name="Someone", asset_ids=[_id(faces[0])])
    upload = await client.multipart_upload.create(filename="a.mp4", total_size=6_000_000, type="video")
    hits = await client.search.create(index_id=index_id, query_text="red", search_options=["visual"], page_limit=1)
    assert hits.page_info is not None
    kept, passing = done
    return {
        "": {
            "index_id": index_id,
            "video_id": kept.video_id,
            "task_id": _id(kept),
            "asset_id": _id(other),
            "asset_ids": [_id(face) for face in faces[1:]],
            "indexed_asset_id": _id(indexed),
            "entity_collection_id": _id(collection),
            "entity_id": _id(entity),
            "upload_id": upload.upload_id,
            "page_token": hits.page_info.next_page_token,
        },
        "embed.tasks.status": {"task_id": _id(embedding)},
        "embed.tasks.retrieve": {"task_id": _id(embedding)},
        "embed.v_2.tasks.retrieve": {"task_id": _id(embedding_v2)},
        "indexes.videos.delete": {"video_id": passing.video_id},
        "tasks.delete": {"task_id": _id(passing)},
        "assets.delete": {"asset_id": _id(unused)},
        "indexes.update": {"index_id": _id(spare), "index_name": "renamed"},
        "indexes.delete": {"index_id": _id(spare)},
    }


def _id(thing: Any) -> str:
    assert isinstance(thing.id, str)
    return thing.id


async def _until(look: Callable[[], Awaitable[Any]], status: str) -> None:
    for _ in range(500):
        if (await look()).status == status:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"never {status}")
