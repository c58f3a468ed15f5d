"""Calls that type checkers must reject: every line with a mark, for the reason that is in the mark.

Written by `python -m tests.typing.generate`. Do not edit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import twelvelabs_async
from twelvelabs_async import AsyncTwelveLabs, UnknownVariant, types


class Wrong:
    """A value that no argument takes."""


async def ways_of_use(client: AsyncTwelveLabs) -> None:
    AsyncTwelveLabs(api_key=1)  # wrong: arg-type
    AsyncTwelveLabs(no_such_setting=1)  # wrong: call-arg
    client.no_such_resource  # wrong: attr-defined
    client.indexes.no_such_resource.list()  # wrong: attr-defined
    await client.indexes.create("films", [])  # wrong: call-arg
    await client.indexes.retrieve("an-index", "another")  # wrong: call-arg, arg-type
    await client.tasks.create(index_id="an-index", video_file=Path("a.mp4"), video_file_name="a")  # wrong: call-arg
    await client.indexes.retrieve(None)  # wrong: arg-type
    await client.indexes.retrieve("an-index", request_options={"time_out": 5})  # wrong: arg-type, typeddict-unknown-key
    await client.indexes.retrieve("an-index", request_options={"max_retries": "5"})  # wrong: arg-type, typeddict-item
    await client.analyze_stream(video_id="a-video", prompt="What happens?")  # wrong: misc


async def ways_of_iteration(client: AsyncTwelveLabs) -> None:
    for _ in client.indexes.list():  # wrong: attr-defined
        break
    async for _ in client.indexes.retrieve("an-index"):  # wrong: attr-defined
        break
    with client.analyze_stream(video_id="a-video"):  # wrong: attr-defined
        pass
    for _ in client.analyze_stream(video_id="a-video"):  # wrong: attr-defined
        break
    client.indexes.list().no_such_field  # wrong: attr-defined
    (await client.knowledge_stores.search("a-store", query={"text": "a"})).no_such_field  # wrong: attr-defined
    async for page in client.indexes.list().iter_pages():
        page.items.no_such_field  # wrong: attr-defined
    async for index in client.indexes.list():
        index.page_info  # wrong: attr-defined
    client.indexes.list(readahead=0)  # wrong: call-arg
    client.indexes.list(request_options={"readahead": "0"})  # wrong: arg-type, typeddict-item
    client.indexes.list().batched("3")  # wrong: arg-type
    (await client.indexes.list().first()).index_name  # wrong: union-attr


async def fields(client: AsyncTwelveLabs) -> None:
    index = await client.indexes.retrieve("an-index")
    index.no_such_field  # wrong: attr-defined
    index._id  # wrong: attr-defined
    index.index_name = "other"  # wrong: misc
    _: int = index.index_name  # wrong: assignment


async def objects(client: AsyncTwelveLabs, index: types.IndexSchema, task: types.TasksCreateResponse) -> None:
    await client.tasks.wait_for_done(index)  # wrong: arg-type
    client.tasks.as_completed([index])  # wrong: list-item
    await client.tasks.wait_all(task)  # wrong: call-overload
    client.tasks.watch(index)  # wrong: arg-type
    client.notify(task)  # wrong: arg-type
    await client.assets.wait_for_done(task)  # wrong: arg-type
    await client.indexes.indexed_assets.wait_for_done(task, "an-asset")  # wrong: arg-type
    await client.indexes.indexed_assets.wait_for_done(index, task)  # wrong: arg-type
    await client.embed.tasks.wait_for_done(task)  # wrong: arg-type
    await client.embed.v_2.tasks.wait_for_done(task)  # wrong: arg-type
    await client.analyze_async.tasks.wait_for_done(task)  # wrong: arg-type
    await client.analyze_async.batches.wait_for_done(task)  # wrong: arg-type
    await client.knowledge_store_items.wait_for_done(index, "an-item")  # wrong: arg-type
    await client.knowledge_store_items.wait_for_done("a-store", task)  # wrong: arg-type
    await client.multipart_upload.wait_for_upload_completion(task)  # wrong: arg-type
    await client.tasks.create_bulk(task, video_urls=[])  # wrong: arg-type
    client.search.query(index_id=task, search_options=["visual"])  # wrong: arg-type
    await client.generate(video_id=task, prompt="p")  # wrong: arg-type
    _: int = index.id  # wrong: assignment
    task.page_info  # wrong: attr-defined


async def models(client: AsyncTwelveLabs) -> None:
    types.NoSuchModel  # wrong: attr-defined
    twelvelabs_async.NoSuchModel  # wrong: attr-defined
    types.VideoContextUrl()  # wrong: call-arg
    types.VideoContextUrl(url=1)  # wrong: arg-type
    types.VideoContextUrl("https://media.example/a.mp4")  # wrong: call-arg, arg-type
    types.MediaSource(uri="https://media.example/a.mp4")  # wrong: call-overload
    types.MediaSource(base_64_string="AAAA", base64_string="AAAA")  # wrong: call-overload
    types.VideoContextBase64String()  # wrong: call-overload
    types.VideoContextBase64String(base_64_string=1)  # wrong: call-overload
    types.VideoContextBase64String(base64_string=1)  # wrong: call-overload
    types.IndexesCreateRequestModelsItem(model_name="marengo3.0", model_options=["visuall"])  # wrong: list-item


async def events(client: AsyncTwelveLabs) -> None:
    async for event in client.analyze_stream(video_id="a-video"):
        event.text  # wrong: union-attr
        event.no_such_field  # wrong: union-attr
        match event.event_type:
            case "text_generation":
                event.finish_reason  # wrong: union-attr
        if not isinstance(event, UnknownVariant) and event.event_type == "text_generation":
            event.finish_reason  # wrong: attr-defined


async def options(client: AsyncTwelveLabs, read: list[str]) -> None:
    search = client.search.query
    search(index_id="an-index", search_options=["visuall"])  # wrong: list-item
    search(index_id="an-index", search_options=["visual", "audioo"])  # wrong: list-item
    search(index_id="an-index", search_options="visual")  # wrong: arg-type
    search(index_id="an-index", search_options=read)  # wrong: arg-type
    search(index_id="an-index", search_options=["visual"], group_by="videos")  # wrong: arg-type
    search(index_id="an-index", search_options=["visual"], group_by=read[0])  # wrong: arg-type
    variable: list[types.IndexesCreateRequestModelsItemParams]
    variable = [{"model_name": "marengo3.0", "model_options": ["visuall"]}]  # wrong: list-item
    variable = [{"model_name": "marengo3.0", "options": ["visual"]}]  # wrong: typeddict-unknown-key, typeddict-item
    await client.indexes.create(index_name="films", models=variable)


async def plain_dicts(client: AsyncTwelveLabs) -> None:
    create, embed = client.indexes.create, client.embed.v_2.create
    await create(index_name="films", models=[{"model_name": "marengo3.0"}])  # wrong: list-item, typeddict-item
    await create(index_name="f", models=[{"model_name": "m", "model_options": ["visuall"]}])  # wrong: list-item
    await embed(input_type="text", model_name="m", text={"input_txt": "a"})  # wrong: arg-type, typeddict-item
    await embed(input_type="text", model_name="m", text={"input_text": 1})  # wrong: arg-type, typeddict-item
    await client.analyze(video={"type": "base64_string"})  # wrong: call-overload
    await client.analyze(video={"type": "base64_string", "base_64_string": 1})  # wrong: call-overload
    client.analyze_stream(video={"type": "base64_string"})  # wrong: arg-type, typeddict-item
    await client.indexes.indexed_assets.update("an-index", "an-asset", user_metadata={"a": {}})  # wrong: dict-item


async def list_indexes(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    client.indexes.list(no_such_argument=x)  # wrong: call-arg
    client.indexes.list(page=wrong)  # wrong: arg-type
    client.indexes.list(page_limit=wrong)  # wrong: arg-type
    client.indexes.list(sort_by=wrong)  # wrong: arg-type
    client.indexes.list(sort_by="no such value")  # wrong: arg-type, list-item
    client.indexes.list(sort_option=wrong)  # wrong: arg-type
    client.indexes.list(sort_option="no such value")  # wrong: arg-type, list-item
    client.indexes.list(index_name=wrong)  # wrong: arg-type
    client.indexes.list(model_options=wrong)  # wrong: arg-type
    client.indexes.list(model_options=["no such value"])  # wrong: arg-type, list-item
    client.indexes.list(model_family=wrong)  # wrong: arg-type
    client.indexes.list(model_family="no such value")  # wrong: arg-type, list-item
    client.indexes.list(created_at=wrong)  # wrong: arg-type
    client.indexes.list(updated_at=wrong)  # wrong: arg-type
    client.indexes.list_()  # wrong: attr-defined


async def create_index(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.indexes.create(index_name=x, models=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.create(models=x)  # wrong: call-arg
    await client.indexes.create(index_name=x)  # wrong: call-arg
    await client.indexes.create(index_name=wrong, models=x)  # wrong: arg-type
    await client.indexes.create(models=wrong, index_name=x)  # wrong: arg-type
    await client.indexes.create(addons=wrong, index_name=x, models=x)  # wrong: arg-type
    await client.indexes.create(addons=["no such value"], index_name=x, models=x)  # wrong: arg-type, list-item
    await client.indexes.create_(index_name=x, models=x)  # wrong: attr-defined


async def retrieve_index(client: AsyncTwelveLabs, x: Any, wrong: Wrong, task: types.TasksCreateResponse) -> None:
    await client.indexes.retrieve(index_id=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.retrieve()  # wrong: call-arg
    await client.indexes.retrieve(index_id=wrong)  # wrong: arg-type
    await client.indexes.retrieve(index_id=task)  # wrong: arg-type
    await client.indexes.retrieve_(index_id=x)  # wrong: attr-defined


async def update_index(client: AsyncTwelveLabs, x: Any, wrong: Wrong, task: types.TasksCreateResponse) -> None:
    await client.indexes.update(index_id=x, index_name=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.update(index_name=x)  # wrong: call-arg
    await client.indexes.update(index_id=x)  # wrong: call-arg
    await client.indexes.update(index_id=wrong, index_name=x)  # wrong: arg-type
    await client.indexes.update(index_id=task, index_name=x)  # wrong: arg-type
    await client.indexes.update(index_name=wrong, index_id=x)  # wrong: arg-type
    await client.indexes.update_(index_id=x, index_name=x)  # wrong: attr-defined


async def delete_index(client: AsyncTwelveLabs, x: Any, wrong: Wrong, task: types.TasksCreateResponse) -> None:
    await client.indexes.delete(index_id=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.delete()  # wrong: call-arg
    await client.indexes.delete(index_id=wrong)  # wrong: arg-type
    await client.indexes.delete(index_id=task)  # wrong: arg-type
    await client.indexes.delete_(index_id=x)  # wrong: attr-defined


async def list_indexed_assets(client: AsyncTwelveLabs, x: Any, wrong: Wrong, task: types.TasksCreateResponse) -> None:
    client.indexes.indexed_assets.list(index_id=x, no_such_argument=x)  # wrong: call-arg
    client.indexes.indexed_assets.list()  # wrong: call-arg
    client.indexes.indexed_assets.list(index_id=wrong)  # wrong: arg-type
    client.indexes.indexed_assets.list(index_id=task)  # wrong: arg-type
    client.indexes.indexed_assets.list(page=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(page_limit=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(sort_by=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(sort_by="no such value", index_id=x)  # wrong: arg-type, list-item
    client.indexes.indexed_assets.list(sort_option=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(sort_option="no such value", index_id=x)  # wrong: arg-type, list-item
    client.indexes.indexed_assets.list(status=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(status=["no such value"], index_id=x)  # wrong: arg-type, list-item
    client.indexes.indexed_assets.list(filename=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(duration=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(fps=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(width=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(height=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(size=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(created_at=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(updated_at=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list(user_metadata=wrong, index_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list_(index_id=x)  # wrong: attr-defined


async def create_indexed_asset(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema, task: types.TasksCreateResponse) -> None:
    await client.indexes.indexed_assets.create(index_id=x, asset_id=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.indexed_assets.create(asset_id=x)  # wrong: call-arg
    await client.indexes.indexed_assets.create(index_id=x)  # wrong: call-arg
    await client.indexes.indexed_assets.create(index_id=wrong, asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.create(index_id=task, asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.create(asset_id=wrong, index_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.create(asset_id=index, index_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.create(enable_video_stream=wrong, index_id=x, asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.create(user_metadata=wrong, index_id=x, asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.create_(index_id=x, asset_id=x)  # wrong: attr-defined


async def retrieve_indexed_asset(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema, task: types.TasksCreateResponse) -> None:
    await client.indexes.indexed_assets.retrieve(index_id=x, indexed_asset_id=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.indexed_assets.retrieve(indexed_asset_id=x)  # wrong: call-arg
    await client.indexes.indexed_assets.retrieve(index_id=x)  # wrong: call-arg
    await client.indexes.indexed_assets.retrieve(index_id=wrong, indexed_asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.retrieve(index_id=task, indexed_asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.retrieve(indexed_asset_id=wrong, index_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.retrieve(indexed_asset_id=index, index_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.retrieve(embedding_option=wrong, index_id=x, indexed_asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.retrieve(embedding_option=["no such value"], index_id=x, indexed_asset_id=x)  # wrong: arg-type, list-item
    await client.indexes.indexed_assets.retrieve(transcription=wrong, index_id=x, indexed_asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.retrieve_(index_id=x, indexed_asset_id=x)  # wrong: attr-defined


async def update_indexed_asset(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema, task: types.TasksCreateResponse) -> None:
    await client.indexes.indexed_assets.update(index_id=x, indexed_asset_id=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.indexed_assets.update(indexed_asset_id=x)  # wrong: call-arg
    await client.indexes.indexed_assets.update(index_id=x)  # wrong: call-arg
    await client.indexes.indexed_assets.update(index_id=wrong, indexed_asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.update(index_id=task, indexed_asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.update(indexed_asset_id=wrong, index_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.update(indexed_asset_id=index, index_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.update(user_metadata=wrong, index_id=x, indexed_asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.update_(index_id=x, indexed_asset_id=x)  # wrong: attr-defined


async def delete_indexed_asset(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema, task: types.TasksCreateResponse) -> None:
    await client.indexes.indexed_assets.delete(index_id=x, indexed_asset_id=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.indexed_assets.delete(indexed_asset_id=x)  # wrong: call-arg
    await client.indexes.indexed_assets.delete(index_id=x)  # wrong: call-arg
    await client.indexes.indexed_assets.delete(index_id=wrong, indexed_asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.delete(index_id=task, indexed_asset_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.delete(indexed_asset_id=wrong, index_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.delete(indexed_asset_id=index, index_id=x)  # wrong: arg-type
    await client.indexes.indexed_assets.delete_(index_id=x, indexed_asset_id=x)  # wrong: attr-defined


async def list_indexed_assets_by_asset(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.indexes.indexed_assets.list_by_asset(asset_id=x, no_such_argument=x)  # wrong: call-arg
    client.indexes.indexed_assets.list_by_asset()  # wrong: call-arg
    client.indexes.indexed_assets.list_by_asset(asset_id=wrong)  # wrong: arg-type
    client.indexes.indexed_assets.list_by_asset(asset_id=index)  # wrong: arg-type
    client.indexes.indexed_assets.list_by_asset(page=wrong, asset_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list_by_asset(page_limit=wrong, asset_id=x)  # wrong: arg-type
    client.indexes.indexed_assets.list_by_asset_(asset_id=x)  # wrong: attr-defined


async def list_videos(client: AsyncTwelveLabs, x: Any, wrong: Wrong, task: types.TasksCreateResponse) -> None:
    client.indexes.videos.list(index_id=x, no_such_argument=x)  # wrong: call-arg
    client.indexes.videos.list()  # wrong: call-arg
    client.indexes.videos.list(index_id=wrong)  # wrong: arg-type
    client.indexes.videos.list(index_id=task)  # wrong: arg-type
    client.indexes.videos.list(page=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(page_limit=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(sort_by=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(sort_by="no such value", index_id=x)  # wrong: arg-type, list-item
    client.indexes.videos.list(sort_option=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(sort_option="no such value", index_id=x)  # wrong: arg-type, list-item
    client.indexes.videos.list(filename=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(duration=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(fps=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(width=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(height=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(size=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(created_at=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(updated_at=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list(user_metadata=wrong, index_id=x)  # wrong: arg-type
    client.indexes.videos.list_(index_id=x)  # wrong: attr-defined


async def retrieve_video(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema, task: types.TasksCreateResponse) -> None:
    await client.indexes.videos.retrieve(index_id=x, video_id=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.videos.retrieve(video_id=x)  # wrong: call-arg
    await client.indexes.videos.retrieve(index_id=x)  # wrong: call-arg
    await client.indexes.videos.retrieve(index_id=wrong, video_id=x)  # wrong: arg-type
    await client.indexes.videos.retrieve(index_id=task, video_id=x)  # wrong: arg-type
    await client.indexes.videos.retrieve(video_id=wrong, index_id=x)  # wrong: arg-type
    await client.indexes.videos.retrieve(video_id=index, index_id=x)  # wrong: arg-type
    await client.indexes.videos.retrieve(embedding_option=wrong, index_id=x, video_id=x)  # wrong: arg-type
    await client.indexes.videos.retrieve(embedding_option=["no such value"], index_id=x, video_id=x)  # wrong: arg-type, list-item
    await client.indexes.videos.retrieve(transcription=wrong, index_id=x, video_id=x)  # wrong: arg-type
    await client.indexes.videos.retrieve_(index_id=x, video_id=x)  # wrong: attr-defined


async def partial_update_video(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema, task: types.TasksCreateResponse) -> None:
    await client.indexes.videos.update(index_id=x, video_id=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.videos.update(video_id=x)  # wrong: call-arg
    await client.indexes.videos.update(index_id=x)  # wrong: call-arg
    await client.indexes.videos.update(index_id=wrong, video_id=x)  # wrong: arg-type
    await client.indexes.videos.update(index_id=task, video_id=x)  # wrong: arg-type
    await client.indexes.videos.update(video_id=wrong, index_id=x)  # wrong: arg-type
    await client.indexes.videos.update(video_id=index, index_id=x)  # wrong: arg-type
    await client.indexes.videos.update(user_metadata=wrong, index_id=x, video_id=x)  # wrong: arg-type
    await client.indexes.videos.update_(index_id=x, video_id=x)  # wrong: attr-defined


async def update_video(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema, task: types.TasksCreateResponse) -> None:
    await client.indexes.videos.replace(index_id=x, video_id=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.videos.replace(video_id=x)  # wrong: call-arg
    await client.indexes.videos.replace(index_id=x)  # wrong: call-arg
    await client.indexes.videos.replace(index_id=wrong, video_id=x)  # wrong: arg-type
    await client.indexes.videos.replace(index_id=task, video_id=x)  # wrong: arg-type
    await client.indexes.videos.replace(video_id=wrong, index_id=x)  # wrong: arg-type
    await client.indexes.videos.replace(video_id=index, index_id=x)  # wrong: arg-type
    await client.indexes.videos.replace(video_title=wrong, index_id=x, video_id=x)  # wrong: arg-type
    await client.indexes.videos.replace(user_metadata=wrong, index_id=x, video_id=x)  # wrong: arg-type
    await client.indexes.videos.replace_(index_id=x, video_id=x)  # wrong: attr-defined


async def delete_video(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema, task: types.TasksCreateResponse) -> None:
    await client.indexes.videos.delete(index_id=x, video_id=x, no_such_argument=x)  # wrong: call-arg
    await client.indexes.videos.delete(video_id=x)  # wrong: call-arg
    await client.indexes.videos.delete(index_id=x)  # wrong: call-arg
    await client.indexes.videos.delete(index_id=wrong, video_id=x)  # wrong: arg-type
    await client.indexes.videos.delete(index_id=task, video_id=x)  # wrong: arg-type
    await client.indexes.videos.delete(video_id=wrong, index_id=x)  # wrong: arg-type
    await client.indexes.videos.delete(video_id=index, index_id=x)  # wrong: arg-type
    await client.indexes.videos.delete_(index_id=x, video_id=x)  # wrong: attr-defined


async def list_tasks(client: AsyncTwelveLabs, x: Any, wrong: Wrong, task: types.TasksCreateResponse) -> None:
    client.tasks.list(no_such_argument=x)  # wrong: call-arg
    client.tasks.list(page=wrong)  # wrong: arg-type
    client.tasks.list(page_limit=wrong)  # wrong: arg-type
    client.tasks.list(sort_by=wrong)  # wrong: arg-type
    client.tasks.list(sort_by="no such value")  # wrong: arg-type, list-item
    client.tasks.list(sort_option=wrong)  # wrong: arg-type
    client.tasks.list(sort_option="no such value")  # wrong: arg-type, list-item
    client.tasks.list(index_id=wrong)  # wrong: arg-type
    client.tasks.list(index_id=task)  # wrong: arg-type
    client.tasks.list(status=wrong)  # wrong: arg-type
    client.tasks.list(status=["no such value"])  # wrong: arg-type, list-item
    client.tasks.list(filename=wrong)  # wrong: arg-type
    client.tasks.list(duration=wrong)  # wrong: arg-type
    client.tasks.list(width=wrong)  # wrong: arg-type
    client.tasks.list(height=wrong)  # wrong: arg-type
    client.tasks.list(created_at=wrong)  # wrong: arg-type
    client.tasks.list(updated_at=wrong)  # wrong: arg-type
    client.tasks.list_()  # wrong: attr-defined


async def create_task(client: AsyncTwelveLabs, x: Any, wrong: Wrong, task: types.TasksCreateResponse) -> None:
    await client.tasks.create(index_id=x, no_such_argument=x)  # wrong: call-arg
    await client.tasks.create()  # wrong: call-arg
    await client.tasks.create(index_id=wrong)  # wrong: arg-type
    await client.tasks.create(index_id=task)  # wrong: arg-type
    await client.tasks.create(video_url=wrong, index_id=x)  # wrong: arg-type
    await client.tasks.create(enable_video_stream=wrong, index_id=x)  # wrong: arg-type
    await client.tasks.create(user_metadata=wrong, index_id=x)  # wrong: arg-type
    await client.tasks.create(video_file=wrong, index_id=x)  # wrong: arg-type
    await client.tasks.create_(index_id=x)  # wrong: attr-defined


async def retrieve_task(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.tasks.retrieve(task_id=x, no_such_argument=x)  # wrong: call-arg
    await client.tasks.retrieve()  # wrong: call-arg
    await client.tasks.retrieve(task_id=wrong)  # wrong: arg-type
    await client.tasks.retrieve(task_id=index)  # wrong: arg-type
    await client.tasks.retrieve_(task_id=x)  # wrong: attr-defined


async def delete_task(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.tasks.delete(task_id=x, no_such_argument=x)  # wrong: call-arg
    await client.tasks.delete()  # wrong: call-arg
    await client.tasks.delete(task_id=wrong)  # wrong: arg-type
    await client.tasks.delete(task_id=index)  # wrong: arg-type
    await client.tasks.delete_(task_id=x)  # wrong: attr-defined


async def create_transfer_import(client: AsyncTwelveLabs, x: Any, wrong: Wrong, task: types.TasksCreateResponse) -> None:
    await client.tasks.transfers.create(integration_id=x, no_such_argument=x)  # wrong: call-arg
    await client.tasks.transfers.create()  # wrong: call-arg
    await client.tasks.transfers.create(integration_id=wrong)  # wrong: arg-type
    await client.tasks.transfers.create(index_id=wrong, integration_id=x)  # wrong: arg-type
    await client.tasks.transfers.create(index_id=task, integration_id=x)  # wrong: arg-type
    await client.tasks.transfers.create(incremental_import=wrong, integration_id=x)  # wrong: arg-type
    await client.tasks.transfers.create(retry_failed=wrong, integration_id=x)  # wrong: arg-type
    await client.tasks.transfers.create(user_metadata=wrong, integration_id=x)  # wrong: arg-type
    await client.tasks.transfers.create_(integration_id=x)  # wrong: attr-defined


async def retrieve_transfer_import_status(client: AsyncTwelveLabs, x: Any, wrong: Wrong, task: types.TasksCreateResponse) -> None:
    await client.tasks.transfers.get_status(integration_id=x, no_such_argument=x)  # wrong: call-arg
    await client.tasks.transfers.get_status()  # wrong: call-arg
    await client.tasks.transfers.get_status(integration_id=wrong)  # wrong: arg-type
    await client.tasks.transfers.get_status(index_id=wrong, integration_id=x)  # wrong: arg-type
    await client.tasks.transfers.get_status(index_id=task, integration_id=x)  # wrong: arg-type
    await client.tasks.transfers.get_status_(integration_id=x)  # wrong: attr-defined


async def list_transfer_import_logs(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.tasks.transfers.get_logs(integration_id=x, no_such_argument=x)  # wrong: call-arg
    await client.tasks.transfers.get_logs()  # wrong: call-arg
    await client.tasks.transfers.get_logs(integration_id=wrong)  # wrong: arg-type
    await client.tasks.transfers.get_logs_(integration_id=x)  # wrong: attr-defined


async def list_assets(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.assets.list(no_such_argument=x)  # wrong: call-arg
    client.assets.list(page=wrong)  # wrong: arg-type
    client.assets.list(page_limit=wrong)  # wrong: arg-type
    client.assets.list(asset_ids=wrong)  # wrong: arg-type
    client.assets.list(asset_ids=[index])  # wrong: list-item
    client.assets.list(asset_types=wrong)  # wrong: arg-type
    client.assets.list(asset_types=["no such value"])  # wrong: arg-type, list-item
    client.assets.list(filename=wrong)  # wrong: arg-type
    client.assets.list_()  # wrong: attr-defined


async def create_asset(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.assets.create(method=x, no_such_argument=x)  # wrong: call-arg
    await client.assets.create()  # wrong: call-arg
    await client.assets.create(method=wrong)  # wrong: arg-type
    await client.assets.create(method="no such value")  # wrong: arg-type, list-item
    await client.assets.create(url=wrong, method=x)  # wrong: arg-type
    await client.assets.create(filename=wrong, method=x)  # wrong: arg-type
    await client.assets.create(enable_hls=wrong, method=x)  # wrong: arg-type
    await client.assets.create(enable_thumbnail=wrong, method=x)  # wrong: arg-type
    await client.assets.create(user_metadata=wrong, method=x)  # wrong: arg-type
    await client.assets.create(file=wrong, method=x)  # wrong: arg-type
    await client.assets.create_(method=x)  # wrong: attr-defined


async def retrieve_asset(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.assets.retrieve(asset_id=x, no_such_argument=x)  # wrong: call-arg
    await client.assets.retrieve()  # wrong: call-arg
    await client.assets.retrieve(asset_id=wrong)  # wrong: arg-type
    await client.assets.retrieve(asset_id=index)  # wrong: arg-type
    await client.assets.retrieve_(asset_id=x)  # wrong: attr-defined


async def delete_asset(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.assets.delete(asset_id=x, no_such_argument=x)  # wrong: call-arg
    await client.assets.delete()  # wrong: call-arg
    await client.assets.delete(asset_id=wrong)  # wrong: arg-type
    await client.assets.delete(asset_id=index)  # wrong: arg-type
    await client.assets.delete(force=wrong, asset_id=x)  # wrong: arg-type
    await client.assets.delete_(asset_id=x)  # wrong: attr-defined


async def retrieve_asset_transcription(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.assets.retrieve_transcription(asset_id=x, no_such_argument=x)  # wrong: call-arg
    await client.assets.retrieve_transcription()  # wrong: call-arg
    await client.assets.retrieve_transcription(asset_id=wrong)  # wrong: arg-type
    await client.assets.retrieve_transcription(asset_id=index)  # wrong: arg-type
    await client.assets.retrieve_transcription(include=wrong, asset_id=x)  # wrong: arg-type
    await client.assets.retrieve_transcription(include=["no such value"], asset_id=x)  # wrong: arg-type, list-item
    await client.assets.retrieve_transcription_(asset_id=x)  # wrong: attr-defined


async def replace_asset_user_metadata(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.assets.replace_user_metadata(asset_id=x, user_metadata=x, no_such_argument=x)  # wrong: call-arg
    await client.assets.replace_user_metadata(user_metadata=x)  # wrong: call-arg
    await client.assets.replace_user_metadata(asset_id=x)  # wrong: call-arg
    await client.assets.replace_user_metadata(asset_id=wrong, user_metadata=x)  # wrong: arg-type
    await client.assets.replace_user_metadata(asset_id=index, user_metadata=x)  # wrong: arg-type
    await client.assets.replace_user_metadata(user_metadata=wrong, asset_id=x)  # wrong: arg-type
    await client.assets.replace_user_metadata_(asset_id=x, user_metadata=x)  # wrong: attr-defined


async def update_asset_user_metadata(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.assets.update_user_metadata(asset_id=x, user_metadata=x, no_such_argument=x)  # wrong: call-arg
    await client.assets.update_user_metadata(user_metadata=x)  # wrong: call-arg
    await client.assets.update_user_metadata(asset_id=x)  # wrong: call-arg
    await client.assets.update_user_metadata(asset_id=wrong, user_metadata=x)  # wrong: arg-type
    await client.assets.update_user_metadata(asset_id=index, user_metadata=x)  # wrong: arg-type
    await client.assets.update_user_metadata(user_metadata=wrong, asset_id=x)  # wrong: arg-type
    await client.assets.update_user_metadata_(asset_id=x, user_metadata=x)  # wrong: attr-defined


async def delete_asset_user_metadata(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.assets.delete_user_metadata(asset_id=x, no_such_argument=x)  # wrong: call-arg
    await client.assets.delete_user_metadata()  # wrong: call-arg
    await client.assets.delete_user_metadata(asset_id=wrong)  # wrong: arg-type
    await client.assets.delete_user_metadata(asset_id=index)  # wrong: arg-type
    await client.assets.delete_user_metadata_(asset_id=x)  # wrong: attr-defined


async def list_incomplete_uploads(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    client.multipart_upload.list_incomplete_uploads(no_such_argument=x)  # wrong: call-arg
    client.multipart_upload.list_incomplete_uploads(page=wrong)  # wrong: arg-type
    client.multipart_upload.list_incomplete_uploads(page_limit=wrong)  # wrong: arg-type
    client.multipart_upload.list_incomplete_uploads_()  # wrong: attr-defined


async def create_multipart_upload(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.multipart_upload.create(filename=x, total_size=x, no_such_argument=x)  # wrong: call-arg
    await client.multipart_upload.create(total_size=x)  # wrong: call-arg
    await client.multipart_upload.create(filename=x)  # wrong: call-arg
    await client.multipart_upload.create(filename=wrong, total_size=x)  # wrong: arg-type
    await client.multipart_upload.create(type=wrong, filename=x, total_size=x)  # wrong: arg-type
    await client.multipart_upload.create(type="no such value", filename=x, total_size=x)  # wrong: arg-type, list-item
    await client.multipart_upload.create(total_size=wrong, filename=x)  # wrong: arg-type
    await client.multipart_upload.create(enable_hls=wrong, filename=x, total_size=x)  # wrong: arg-type
    await client.multipart_upload.create(enable_thumbnail=wrong, filename=x, total_size=x)  # wrong: arg-type
    await client.multipart_upload.create(user_metadata=wrong, filename=x, total_size=x)  # wrong: arg-type
    await client.multipart_upload.create_(filename=x, total_size=x)  # wrong: attr-defined


async def retrieve_upload_status(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.multipart_upload.get_status(upload_id=x, no_such_argument=x)  # wrong: call-arg
    client.multipart_upload.get_status()  # wrong: call-arg
    client.multipart_upload.get_status(upload_id=wrong)  # wrong: arg-type
    client.multipart_upload.get_status(upload_id=index)  # wrong: arg-type
    client.multipart_upload.get_status(page=wrong, upload_id=x)  # wrong: arg-type
    client.multipart_upload.get_status(page_limit=wrong, upload_id=x)  # wrong: arg-type
    client.multipart_upload.get_status_(upload_id=x)  # wrong: attr-defined


async def report_chunk_batch(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.multipart_upload.report_chunk_batch(upload_id=x, completed_chunks=x, no_such_argument=x)  # wrong: call-arg
    await client.multipart_upload.report_chunk_batch(completed_chunks=x)  # wrong: call-arg
    await client.multipart_upload.report_chunk_batch(upload_id=x)  # wrong: call-arg
    await client.multipart_upload.report_chunk_batch(upload_id=wrong, completed_chunks=x)  # wrong: arg-type
    await client.multipart_upload.report_chunk_batch(upload_id=index, completed_chunks=x)  # wrong: arg-type
    await client.multipart_upload.report_chunk_batch(completed_chunks=wrong, upload_id=x)  # wrong: arg-type
    await client.multipart_upload.report_chunk_batch_(upload_id=x, completed_chunks=x)  # wrong: attr-defined


async def request_additional_presigned_urls(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.multipart_upload.get_additional_presigned_urls(upload_id=x, start=x, count=x, no_such_argument=x)  # wrong: call-arg
    await client.multipart_upload.get_additional_presigned_urls(start=x, count=x)  # wrong: call-arg
    await client.multipart_upload.get_additional_presigned_urls(upload_id=x, count=x)  # wrong: call-arg
    await client.multipart_upload.get_additional_presigned_urls(upload_id=x, start=x)  # wrong: call-arg
    await client.multipart_upload.get_additional_presigned_urls(upload_id=wrong, start=x, count=x)  # wrong: arg-type
    await client.multipart_upload.get_additional_presigned_urls(upload_id=index, start=x, count=x)  # wrong: arg-type
    await client.multipart_upload.get_additional_presigned_urls(start=wrong, upload_id=x, count=x)  # wrong: arg-type
    await client.multipart_upload.get_additional_presigned_urls(count=wrong, upload_id=x, start=x)  # wrong: arg-type
    await client.multipart_upload.get_additional_presigned_urls_(upload_id=x, start=x, count=x)  # wrong: attr-defined


async def create_search(client: AsyncTwelveLabs, x: Any, wrong: Wrong, task: types.TasksCreateResponse) -> None:
    await client.search.create(index_id=x, search_options=x, no_such_argument=x)  # wrong: call-arg
    await client.search.create(search_options=x)  # wrong: call-arg
    await client.search.create(index_id=x)  # wrong: call-arg
    await client.search.create(query_media_type=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(query_media_type="no such value", index_id=x, search_options=x)  # wrong: arg-type, list-item
    await client.search.create(query_media_url=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(query_text=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(index_id=wrong, search_options=x)  # wrong: arg-type
    await client.search.create(index_id=task, search_options=x)  # wrong: arg-type
    await client.search.create(search_options=wrong, index_id=x)  # wrong: arg-type
    await client.search.create(search_options=["no such value"], index_id=x)  # wrong: arg-type, list-item
    await client.search.create(transcription_options=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(transcription_options=["no such value"], index_id=x, search_options=x)  # wrong: arg-type, list-item
    await client.search.create(group_by=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(group_by="no such value", index_id=x, search_options=x)  # wrong: arg-type, list-item
    await client.search.create(operator=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(operator="no such value", index_id=x, search_options=x)  # wrong: arg-type, list-item
    await client.search.create(page_limit=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(filter=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(include_user_metadata=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(query_media_file=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(adjust_confidence_level=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(threshold=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(threshold="no such value", index_id=x, search_options=x)  # wrong: arg-type, list-item
    await client.search.create(sort_option=wrong, index_id=x, search_options=x)  # wrong: arg-type
    await client.search.create(sort_option="no such value", index_id=x, search_options=x)  # wrong: arg-type, list-item
    await client.search.create_(index_id=x, search_options=x)  # wrong: attr-defined


async def retrieve_search_page(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.search.retrieve(page_token=x, no_such_argument=x)  # wrong: call-arg
    await client.search.retrieve()  # wrong: call-arg
    await client.search.retrieve(page_token=wrong)  # wrong: arg-type
    await client.search.retrieve(include_user_metadata=wrong, page_token=x)  # wrong: arg-type
    await client.search.retrieve_(page_token=x)  # wrong: attr-defined


async def analyze_video(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.analyze(no_such_argument=x)  # wrong: call-overload
    await client.analyze(model_name=wrong)  # wrong: call-overload
    await client.analyze(video=wrong)  # wrong: call-overload
    await client.analyze(image=wrong)  # wrong: call-overload
    await client.analyze(prompt=wrong)  # wrong: call-overload
    await client.analyze(prompt_v_2=wrong)  # wrong: call-overload
    await client.analyze(temperature=wrong)  # wrong: call-overload
    await client.analyze(response_format=wrong)  # wrong: call-overload
    await client.analyze(max_tokens=wrong)  # wrong: call-overload
    await client.analyze(start_time=wrong)  # wrong: call-overload
    await client.analyze(end_time=wrong)  # wrong: call-overload
    await client.analyze(video_id=wrong)  # wrong: call-overload
    await client.analyze(video_id=index)  # wrong: call-overload
    client.analyze_stream(no_such_argument=x)  # wrong: call-arg
    client.analyze_stream(model_name=wrong)  # wrong: arg-type
    client.analyze_stream(video=wrong)  # wrong: arg-type
    client.analyze_stream(image=wrong)  # wrong: arg-type
    client.analyze_stream(prompt=wrong)  # wrong: arg-type
    client.analyze_stream(prompt_v_2=wrong)  # wrong: arg-type
    client.analyze_stream(temperature=wrong)  # wrong: arg-type
    client.analyze_stream(response_format=wrong)  # wrong: arg-type
    client.analyze_stream(max_tokens=wrong)  # wrong: arg-type
    client.analyze_stream(start_time=wrong)  # wrong: arg-type
    client.analyze_stream(end_time=wrong)  # wrong: arg-type
    client.analyze_stream(video_id=wrong)  # wrong: arg-type
    client.analyze_stream(video_id=index)  # wrong: arg-type
    await client.analyze_()  # wrong: attr-defined


async def generate_text(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.generate(video_id=x, prompt=x, no_such_argument=x)  # wrong: call-arg
    await client.generate(prompt=x)  # wrong: call-arg
    await client.generate(video_id=x)  # wrong: call-arg
    await client.generate(video_id=wrong, prompt=x)  # wrong: arg-type
    await client.generate(video_id=index, prompt=x)  # wrong: arg-type
    await client.generate(prompt=wrong, video_id=x)  # wrong: arg-type
    await client.generate(temperature=wrong, video_id=x, prompt=x)  # wrong: arg-type
    client.generate_stream(video_id=x, prompt=x, no_such_argument=x)  # wrong: call-arg
    client.generate_stream(prompt=x)  # wrong: call-arg
    client.generate_stream(video_id=x)  # wrong: call-arg
    client.generate_stream(video_id=wrong, prompt=x)  # wrong: arg-type
    client.generate_stream(video_id=index, prompt=x)  # wrong: arg-type
    client.generate_stream(prompt=wrong, video_id=x)  # wrong: arg-type
    client.generate_stream(temperature=wrong, video_id=x, prompt=x)  # wrong: arg-type
    await client.generate_(video_id=x, prompt=x)  # wrong: attr-defined


async def generate_gist(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.gist(video_id=x, types=x, no_such_argument=x)  # wrong: call-arg
    await client.gist(types=x)  # wrong: call-arg
    await client.gist(video_id=x)  # wrong: call-arg
    await client.gist(video_id=wrong, types=x)  # wrong: arg-type
    await client.gist(video_id=index, types=x)  # wrong: arg-type
    await client.gist(types=wrong, video_id=x)  # wrong: arg-type
    await client.gist(types=["no such value"], video_id=x)  # wrong: arg-type, list-item
    await client.gist_(video_id=x, types=x)  # wrong: attr-defined


async def summarize_video(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.summarize(video_id=x, type=x, no_such_argument=x)  # wrong: call-arg
    await client.summarize(type=x)  # wrong: call-arg
    await client.summarize(video_id=x)  # wrong: call-arg
    await client.summarize(video_id=wrong, type=x)  # wrong: arg-type
    await client.summarize(video_id=index, type=x)  # wrong: arg-type
    await client.summarize(type=wrong, video_id=x)  # wrong: arg-type
    await client.summarize(type="no such value", video_id=x)  # wrong: arg-type, list-item
    await client.summarize(prompt=wrong, video_id=x, type=x)  # wrong: arg-type
    await client.summarize(temperature=wrong, video_id=x, type=x)  # wrong: arg-type
    await client.summarize(response_format=wrong, video_id=x, type=x)  # wrong: arg-type
    await client.summarize(max_tokens=wrong, video_id=x, type=x)  # wrong: arg-type
    await client.summarize_(video_id=x, type=x)  # wrong: attr-defined


async def list_analyze_tasks(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.analyze_async.tasks.list(no_such_argument=x)  # wrong: call-arg
    client.analyze_async.tasks.list(page=wrong)  # wrong: arg-type
    client.analyze_async.tasks.list(page_limit=wrong)  # wrong: arg-type
    client.analyze_async.tasks.list(status=wrong)  # wrong: arg-type
    client.analyze_async.tasks.list(status="no such value")  # wrong: arg-type, list-item
    client.analyze_async.tasks.list(video_url=wrong)  # wrong: arg-type
    client.analyze_async.tasks.list(asset_id=wrong)  # wrong: arg-type
    client.analyze_async.tasks.list(asset_id=index)  # wrong: arg-type
    client.analyze_async.tasks.list(analysis_mode=wrong)  # wrong: arg-type
    client.analyze_async.tasks.list(analysis_mode="no such value")  # wrong: arg-type, list-item
    client.analyze_async.tasks.list(video_id=wrong)  # wrong: arg-type
    client.analyze_async.tasks.list(video_id=index)  # wrong: arg-type
    client.analyze_async.tasks.list_()  # wrong: attr-defined


async def create_analyze_task(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.analyze_async.tasks.create(no_such_argument=x)  # wrong: call-arg
    await client.analyze_async.tasks.create(idempotency_key=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(model_name=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(custom_id=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(video=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(image=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(prompt=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(prompt_v_2=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(analysis_mode=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(analysis_mode="no such value")  # wrong: arg-type, list-item
    await client.analyze_async.tasks.create(temperature=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(max_tokens=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(response_format=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(min_segment_duration=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(max_segment_duration=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(start_time=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create(end_time=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.create_()  # wrong: attr-defined


async def retrieve_analyze_task(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.analyze_async.tasks.retrieve(task_id=x, no_such_argument=x)  # wrong: call-arg
    await client.analyze_async.tasks.retrieve()  # wrong: call-arg
    await client.analyze_async.tasks.retrieve(task_id=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.retrieve(task_id=index)  # wrong: arg-type
    await client.analyze_async.tasks.retrieve_(task_id=x)  # wrong: attr-defined


async def delete_analyze_task(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.analyze_async.tasks.delete(task_id=x, no_such_argument=x)  # wrong: call-arg
    await client.analyze_async.tasks.delete()  # wrong: call-arg
    await client.analyze_async.tasks.delete(task_id=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.delete(task_id=index)  # wrong: arg-type
    await client.analyze_async.tasks.delete_(task_id=x)  # wrong: attr-defined


async def cancel_analyze_task(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.analyze_async.tasks.cancel(task_id=x, no_such_argument=x)  # wrong: call-arg
    await client.analyze_async.tasks.cancel()  # wrong: call-arg
    await client.analyze_async.tasks.cancel(task_id=wrong)  # wrong: arg-type
    await client.analyze_async.tasks.cancel(task_id=index)  # wrong: arg-type
    await client.analyze_async.tasks.cancel_(task_id=x)  # wrong: attr-defined


async def list_analyze_batches(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    client.analyze_async.batches.list(no_such_argument=x)  # wrong: call-arg
    client.analyze_async.batches.list(page=wrong)  # wrong: arg-type
    client.analyze_async.batches.list(page_limit=wrong)  # wrong: arg-type
    client.analyze_async.batches.list(status=wrong)  # wrong: arg-type
    client.analyze_async.batches.list(status=["no such value"])  # wrong: arg-type, list-item
    client.analyze_async.batches.list(analysis_mode=wrong)  # wrong: arg-type
    client.analyze_async.batches.list(analysis_mode=["no such value"])  # wrong: arg-type, list-item
    client.analyze_async.batches.list_()  # wrong: attr-defined


async def create_analyze_batch(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.analyze_async.batches.create(model_name=x, analysis_mode=x, requests=x, no_such_argument=x)  # wrong: call-arg
    await client.analyze_async.batches.create(analysis_mode=x, requests=x)  # wrong: call-arg
    await client.analyze_async.batches.create(model_name=x, requests=x)  # wrong: call-arg
    await client.analyze_async.batches.create(model_name=x, analysis_mode=x)  # wrong: call-arg
    await client.analyze_async.batches.create(model_name=wrong, analysis_mode=x, requests=x)  # wrong: arg-type
    await client.analyze_async.batches.create(analysis_mode=wrong, model_name=x, requests=x)  # wrong: arg-type
    await client.analyze_async.batches.create(analysis_mode="no such value", model_name=x, requests=x)  # wrong: arg-type, list-item
    await client.analyze_async.batches.create(defaults=wrong, model_name=x, analysis_mode=x, requests=x)  # wrong: arg-type
    await client.analyze_async.batches.create(requests=wrong, model_name=x, analysis_mode=x)  # wrong: arg-type
    await client.analyze_async.batches.create_(model_name=x, analysis_mode=x, requests=x)  # wrong: attr-defined


async def retrieve_analyze_batch(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.analyze_async.batches.retrieve(batch_id=x, no_such_argument=x)  # wrong: call-arg
    await client.analyze_async.batches.retrieve()  # wrong: call-arg
    await client.analyze_async.batches.retrieve(batch_id=wrong)  # wrong: arg-type
    await client.analyze_async.batches.retrieve(batch_id=index)  # wrong: arg-type
    await client.analyze_async.batches.retrieve_(batch_id=x)  # wrong: attr-defined


async def delete_analyze_batch(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.analyze_async.batches.delete(batch_id=x, no_such_argument=x)  # wrong: call-arg
    await client.analyze_async.batches.delete()  # wrong: call-arg
    await client.analyze_async.batches.delete(batch_id=wrong)  # wrong: arg-type
    await client.analyze_async.batches.delete(batch_id=index)  # wrong: arg-type
    await client.analyze_async.batches.delete_(batch_id=x)  # wrong: attr-defined


async def retrieve_analyze_batch_results(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.analyze_async.batches.results(batch_id=x, no_such_argument=x)  # wrong: call-arg
    client.analyze_async.batches.results()  # wrong: call-arg
    client.analyze_async.batches.results(batch_id=wrong)  # wrong: arg-type
    client.analyze_async.batches.results(batch_id=index)  # wrong: arg-type
    client.analyze_async.batches.results_(batch_id=x)  # wrong: attr-defined


async def cancel_analyze_batch(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.analyze_async.batches.cancel(batch_id=x, no_such_argument=x)  # wrong: call-arg
    await client.analyze_async.batches.cancel()  # wrong: call-arg
    await client.analyze_async.batches.cancel(batch_id=wrong)  # wrong: arg-type
    await client.analyze_async.batches.cancel(batch_id=index)  # wrong: arg-type
    await client.analyze_async.batches.cancel_(batch_id=x)  # wrong: attr-defined


async def create_embeddings(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.embed.create(model_name=x, no_such_argument=x)  # wrong: call-arg
    await client.embed.create()  # wrong: call-arg
    await client.embed.create(model_name=wrong)  # wrong: arg-type
    await client.embed.create(text=wrong, model_name=x)  # wrong: arg-type
    await client.embed.create(image_url=wrong, model_name=x)  # wrong: arg-type
    await client.embed.create(audio_url=wrong, model_name=x)  # wrong: arg-type
    await client.embed.create(audio_start_offset_sec=wrong, model_name=x)  # wrong: arg-type
    await client.embed.create(image_file=wrong, model_name=x)  # wrong: arg-type
    await client.embed.create(audio_file=wrong, model_name=x)  # wrong: arg-type
    await client.embed.create(text_truncate=wrong, model_name=x)  # wrong: arg-type
    await client.embed.create(text_truncate="no such value", model_name=x)  # wrong: arg-type, list-item
    await client.embed.create(video_url=wrong, model_name=x)  # wrong: arg-type
    await client.embed.create(video_file=wrong, model_name=x)  # wrong: arg-type
    await client.embed.create_(model_name=x)  # wrong: attr-defined


async def list_embedding_tasks(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    client.embed.tasks.list(no_such_argument=x)  # wrong: call-arg
    client.embed.tasks.list(started_at=wrong)  # wrong: arg-type
    client.embed.tasks.list(ended_at=wrong)  # wrong: arg-type
    client.embed.tasks.list(status=wrong)  # wrong: arg-type
    client.embed.tasks.list(status="no such value")  # wrong: arg-type, list-item
    client.embed.tasks.list(page=wrong)  # wrong: arg-type
    client.embed.tasks.list(page_limit=wrong)  # wrong: arg-type
    client.embed.tasks.list_()  # wrong: attr-defined


async def create_embedding_task(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.embed.tasks.create(model_name=x, no_such_argument=x)  # wrong: call-arg
    await client.embed.tasks.create()  # wrong: call-arg
    await client.embed.tasks.create(model_name=wrong)  # wrong: arg-type
    await client.embed.tasks.create(video_url=wrong, model_name=x)  # wrong: arg-type
    await client.embed.tasks.create(video_start_offset_sec=wrong, model_name=x)  # wrong: arg-type
    await client.embed.tasks.create(video_end_offset_sec=wrong, model_name=x)  # wrong: arg-type
    await client.embed.tasks.create(video_clip_length=wrong, model_name=x)  # wrong: arg-type
    await client.embed.tasks.create(video_embedding_scope=wrong, model_name=x)  # wrong: arg-type
    await client.embed.tasks.create(video_embedding_scope=["no such value"], model_name=x)  # wrong: arg-type, list-item
    await client.embed.tasks.create(video_file=wrong, model_name=x)  # wrong: arg-type
    await client.embed.tasks.create(video_embedding_scopes=wrong, model_name=x)  # wrong: arg-type
    await client.embed.tasks.create(video_embedding_scopes=["no such value"], model_name=x)  # wrong: arg-type, list-item
    await client.embed.tasks.create_(model_name=x)  # wrong: attr-defined


async def retrieve_embedding_task_status(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.embed.tasks.status(task_id=x, no_such_argument=x)  # wrong: call-arg
    await client.embed.tasks.status()  # wrong: call-arg
    await client.embed.tasks.status(task_id=wrong)  # wrong: arg-type
    await client.embed.tasks.status(task_id=index)  # wrong: arg-type
    await client.embed.tasks.status_(task_id=x)  # wrong: attr-defined


async def retrieve_embedding_task(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.embed.tasks.retrieve(task_id=x, no_such_argument=x)  # wrong: call-arg
    await client.embed.tasks.retrieve()  # wrong: call-arg
    await client.embed.tasks.retrieve(task_id=wrong)  # wrong: arg-type
    await client.embed.tasks.retrieve(task_id=index)  # wrong: arg-type
    await client.embed.tasks.retrieve(embedding_option=wrong, task_id=x)  # wrong: arg-type
    await client.embed.tasks.retrieve(embedding_option=["no such value"], task_id=x)  # wrong: arg-type, list-item
    await client.embed.tasks.retrieve_(task_id=x)  # wrong: attr-defined


async def create_embeddings_v2(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.embed.v_2.create(input_type=x, model_name=x, no_such_argument=x)  # wrong: call-arg
    await client.embed.v_2.create(model_name=x)  # wrong: call-arg
    await client.embed.v_2.create(input_type=x)  # wrong: call-arg
    await client.embed.v_2.create(input_type=wrong, model_name=x)  # wrong: arg-type
    await client.embed.v_2.create(input_type="no such value", model_name=x)  # wrong: arg-type, list-item
    await client.embed.v_2.create(model_name=wrong, input_type=x)  # wrong: arg-type
    await client.embed.v_2.create(auto_truncate=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.create(embedding_uncertainty=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.create(embedding_dimension=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.create(text=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.create(image=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.create(text_image=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.create(audio=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.create(video=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.create(multi_input=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.create_(input_type=x, model_name=x)  # wrong: attr-defined


async def list_embedding_tasks_v2(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    client.embed.v_2.tasks.list(no_such_argument=x)  # wrong: call-arg
    client.embed.v_2.tasks.list(started_at=wrong)  # wrong: arg-type
    client.embed.v_2.tasks.list(ended_at=wrong)  # wrong: arg-type
    client.embed.v_2.tasks.list(status=wrong)  # wrong: arg-type
    client.embed.v_2.tasks.list(status="no such value")  # wrong: arg-type, list-item
    client.embed.v_2.tasks.list(page=wrong)  # wrong: arg-type
    client.embed.v_2.tasks.list(page_limit=wrong)  # wrong: arg-type
    client.embed.v_2.tasks.list_()  # wrong: attr-defined


async def create_embedding_task_v2(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.embed.v_2.tasks.create(input_type=x, model_name=x, no_such_argument=x)  # wrong: call-arg
    await client.embed.v_2.tasks.create(model_name=x)  # wrong: call-arg
    await client.embed.v_2.tasks.create(input_type=x)  # wrong: call-arg
    await client.embed.v_2.tasks.create(input_type=wrong, model_name=x)  # wrong: arg-type
    await client.embed.v_2.tasks.create(input_type="no such value", model_name=x)  # wrong: arg-type, list-item
    await client.embed.v_2.tasks.create(model_name=wrong, input_type=x)  # wrong: arg-type
    await client.embed.v_2.tasks.create(embedding_uncertainty=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.tasks.create(embedding_dimension=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.tasks.create(audio=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.tasks.create(video=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.tasks.create(document=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.tasks.create(image=wrong, input_type=x, model_name=x)  # wrong: arg-type
    await client.embed.v_2.tasks.create_(input_type=x, model_name=x)  # wrong: attr-defined


async def retrieve_embedding_task_v2(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.embed.v_2.tasks.retrieve(task_id=x, no_such_argument=x)  # wrong: call-arg
    await client.embed.v_2.tasks.retrieve()  # wrong: call-arg
    await client.embed.v_2.tasks.retrieve(task_id=wrong)  # wrong: arg-type
    await client.embed.v_2.tasks.retrieve(task_id=index)  # wrong: arg-type
    await client.embed.v_2.tasks.retrieve_(task_id=x)  # wrong: attr-defined


async def list_entity_collections(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    client.entity_collections.list(no_such_argument=x)  # wrong: call-arg
    client.entity_collections.list(page=wrong)  # wrong: arg-type
    client.entity_collections.list(page_limit=wrong)  # wrong: arg-type
    client.entity_collections.list(name=wrong)  # wrong: arg-type
    client.entity_collections.list(sort_by=wrong)  # wrong: arg-type
    client.entity_collections.list(sort_by="no such value")  # wrong: arg-type, list-item
    client.entity_collections.list(sort_option=wrong)  # wrong: arg-type
    client.entity_collections.list(sort_option="no such value")  # wrong: arg-type, list-item
    client.entity_collections.list_()  # wrong: attr-defined


async def create_entity_collection(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.entity_collections.create(name=x, no_such_argument=x)  # wrong: call-arg
    await client.entity_collections.create()  # wrong: call-arg
    await client.entity_collections.create(name=wrong)  # wrong: arg-type
    await client.entity_collections.create(description=wrong, name=x)  # wrong: arg-type
    await client.entity_collections.create_(name=x)  # wrong: attr-defined


async def retrieve_entity_collection(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.entity_collections.retrieve(entity_collection_id=x, no_such_argument=x)  # wrong: call-arg
    await client.entity_collections.retrieve()  # wrong: call-arg
    await client.entity_collections.retrieve(entity_collection_id=wrong)  # wrong: arg-type
    await client.entity_collections.retrieve(entity_collection_id=index)  # wrong: arg-type
    await client.entity_collections.retrieve_(entity_collection_id=x)  # wrong: attr-defined


async def update_entity_collection(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.entity_collections.update(entity_collection_id=x, no_such_argument=x)  # wrong: call-arg
    await client.entity_collections.update()  # wrong: call-arg
    await client.entity_collections.update(entity_collection_id=wrong)  # wrong: arg-type
    await client.entity_collections.update(entity_collection_id=index)  # wrong: arg-type
    await client.entity_collections.update(name=wrong, entity_collection_id=x)  # wrong: arg-type
    await client.entity_collections.update(description=wrong, entity_collection_id=x)  # wrong: arg-type
    await client.entity_collections.update_(entity_collection_id=x)  # wrong: attr-defined


async def delete_entity_collection(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.entity_collections.delete(entity_collection_id=x, no_such_argument=x)  # wrong: call-arg
    await client.entity_collections.delete()  # wrong: call-arg
    await client.entity_collections.delete(entity_collection_id=wrong)  # wrong: arg-type
    await client.entity_collections.delete(entity_collection_id=index)  # wrong: arg-type
    await client.entity_collections.delete_(entity_collection_id=x)  # wrong: attr-defined


async def list_entities(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.entity_collections.entities.list(entity_collection_id=x, no_such_argument=x)  # wrong: call-arg
    client.entity_collections.entities.list()  # wrong: call-arg
    client.entity_collections.entities.list(entity_collection_id=wrong)  # wrong: arg-type
    client.entity_collections.entities.list(entity_collection_id=index)  # wrong: arg-type
    client.entity_collections.entities.list(page=wrong, entity_collection_id=x)  # wrong: arg-type
    client.entity_collections.entities.list(page_limit=wrong, entity_collection_id=x)  # wrong: arg-type
    client.entity_collections.entities.list(name=wrong, entity_collection_id=x)  # wrong: arg-type
    client.entity_collections.entities.list(status=wrong, entity_collection_id=x)  # wrong: arg-type
    client.entity_collections.entities.list(status="no such value", entity_collection_id=x)  # wrong: arg-type, list-item
    client.entity_collections.entities.list(sort_by=wrong, entity_collection_id=x)  # wrong: arg-type
    client.entity_collections.entities.list(sort_by="no such value", entity_collection_id=x)  # wrong: arg-type, list-item
    client.entity_collections.entities.list(sort_option=wrong, entity_collection_id=x)  # wrong: arg-type
    client.entity_collections.entities.list(sort_option="no such value", entity_collection_id=x)  # wrong: arg-type, list-item
    client.entity_collections.entities.list_(entity_collection_id=x)  # wrong: attr-defined


async def create_entity(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.entity_collections.entities.create(entity_collection_id=x, name=x, asset_ids=x, no_such_argument=x)  # wrong: call-arg
    await client.entity_collections.entities.create(name=x, asset_ids=x)  # wrong: call-arg
    await client.entity_collections.entities.create(entity_collection_id=x, asset_ids=x)  # wrong: call-arg
    await client.entity_collections.entities.create(entity_collection_id=x, name=x)  # wrong: call-arg
    await client.entity_collections.entities.create(entity_collection_id=wrong, name=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.create(entity_collection_id=index, name=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.create(name=wrong, entity_collection_id=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.create(description=wrong, entity_collection_id=x, name=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.create(metadata=wrong, entity_collection_id=x, name=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.create(asset_ids=wrong, entity_collection_id=x, name=x)  # wrong: arg-type
    await client.entity_collections.entities.create(asset_ids=[index], entity_collection_id=x, name=x)  # wrong: list-item
    await client.entity_collections.entities.create_(entity_collection_id=x, name=x, asset_ids=x)  # wrong: attr-defined


async def create_entities_bulk(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.entity_collections.entities.create_bulk(entity_collection_id=x, entities=x, no_such_argument=x)  # wrong: call-arg
    await client.entity_collections.entities.create_bulk(entities=x)  # wrong: call-arg
    await client.entity_collections.entities.create_bulk(entity_collection_id=x)  # wrong: call-arg
    await client.entity_collections.entities.create_bulk(entity_collection_id=wrong, entities=x)  # wrong: arg-type
    await client.entity_collections.entities.create_bulk(entity_collection_id=index, entities=x)  # wrong: arg-type
    await client.entity_collections.entities.create_bulk(entities=wrong, entity_collection_id=x)  # wrong: arg-type
    await client.entity_collections.entities.create_bulk_(entity_collection_id=x, entities=x)  # wrong: attr-defined


async def retrieve_entity(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.entity_collections.entities.retrieve(entity_collection_id=x, entity_id=x, no_such_argument=x)  # wrong: call-arg
    await client.entity_collections.entities.retrieve(entity_id=x)  # wrong: call-arg
    await client.entity_collections.entities.retrieve(entity_collection_id=x)  # wrong: call-arg
    await client.entity_collections.entities.retrieve(entity_collection_id=wrong, entity_id=x)  # wrong: arg-type
    await client.entity_collections.entities.retrieve(entity_collection_id=index, entity_id=x)  # wrong: arg-type
    await client.entity_collections.entities.retrieve(entity_id=wrong, entity_collection_id=x)  # wrong: arg-type
    await client.entity_collections.entities.retrieve(entity_id=index, entity_collection_id=x)  # wrong: arg-type
    await client.entity_collections.entities.retrieve_(entity_collection_id=x, entity_id=x)  # wrong: attr-defined


async def update_entity(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.entity_collections.entities.update(entity_collection_id=x, entity_id=x, no_such_argument=x)  # wrong: call-arg
    await client.entity_collections.entities.update(entity_id=x)  # wrong: call-arg
    await client.entity_collections.entities.update(entity_collection_id=x)  # wrong: call-arg
    await client.entity_collections.entities.update(entity_collection_id=wrong, entity_id=x)  # wrong: arg-type
    await client.entity_collections.entities.update(entity_collection_id=index, entity_id=x)  # wrong: arg-type
    await client.entity_collections.entities.update(entity_id=wrong, entity_collection_id=x)  # wrong: arg-type
    await client.entity_collections.entities.update(entity_id=index, entity_collection_id=x)  # wrong: arg-type
    await client.entity_collections.entities.update(name=wrong, entity_collection_id=x, entity_id=x)  # wrong: arg-type
    await client.entity_collections.entities.update(description=wrong, entity_collection_id=x, entity_id=x)  # wrong: arg-type
    await client.entity_collections.entities.update(metadata=wrong, entity_collection_id=x, entity_id=x)  # wrong: arg-type
    await client.entity_collections.entities.update_(entity_collection_id=x, entity_id=x)  # wrong: attr-defined


async def delete_entity(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.entity_collections.entities.delete(entity_collection_id=x, entity_id=x, no_such_argument=x)  # wrong: call-arg
    await client.entity_collections.entities.delete(entity_id=x)  # wrong: call-arg
    await client.entity_collections.entities.delete(entity_collection_id=x)  # wrong: call-arg
    await client.entity_collections.entities.delete(entity_collection_id=wrong, entity_id=x)  # wrong: arg-type
    await client.entity_collections.entities.delete(entity_collection_id=index, entity_id=x)  # wrong: arg-type
    await client.entity_collections.entities.delete(entity_id=wrong, entity_collection_id=x)  # wrong: arg-type
    await client.entity_collections.entities.delete(entity_id=index, entity_collection_id=x)  # wrong: arg-type
    await client.entity_collections.entities.delete_(entity_collection_id=x, entity_id=x)  # wrong: attr-defined


async def add_entity_assets(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.entity_collections.entities.create_assets(entity_collection_id=x, entity_id=x, asset_ids=x, no_such_argument=x)  # wrong: call-arg
    await client.entity_collections.entities.create_assets(entity_id=x, asset_ids=x)  # wrong: call-arg
    await client.entity_collections.entities.create_assets(entity_collection_id=x, asset_ids=x)  # wrong: call-arg
    await client.entity_collections.entities.create_assets(entity_collection_id=x, entity_id=x)  # wrong: call-arg
    await client.entity_collections.entities.create_assets(entity_collection_id=wrong, entity_id=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.create_assets(entity_collection_id=index, entity_id=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.create_assets(entity_id=wrong, entity_collection_id=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.create_assets(entity_id=index, entity_collection_id=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.create_assets(asset_ids=wrong, entity_collection_id=x, entity_id=x)  # wrong: arg-type
    await client.entity_collections.entities.create_assets(asset_ids=[index], entity_collection_id=x, entity_id=x)  # wrong: list-item
    await client.entity_collections.entities.create_assets_(entity_collection_id=x, entity_id=x, asset_ids=x)  # wrong: attr-defined


async def remove_entity_assets(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.entity_collections.entities.delete_assets(entity_collection_id=x, entity_id=x, asset_ids=x, no_such_argument=x)  # wrong: call-arg
    await client.entity_collections.entities.delete_assets(entity_id=x, asset_ids=x)  # wrong: call-arg
    await client.entity_collections.entities.delete_assets(entity_collection_id=x, asset_ids=x)  # wrong: call-arg
    await client.entity_collections.entities.delete_assets(entity_collection_id=x, entity_id=x)  # wrong: call-arg
    await client.entity_collections.entities.delete_assets(entity_collection_id=wrong, entity_id=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.delete_assets(entity_collection_id=index, entity_id=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.delete_assets(entity_id=wrong, entity_collection_id=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.delete_assets(entity_id=index, entity_collection_id=x, asset_ids=x)  # wrong: arg-type
    await client.entity_collections.entities.delete_assets(asset_ids=wrong, entity_collection_id=x, entity_id=x)  # wrong: arg-type
    await client.entity_collections.entities.delete_assets(asset_ids=[index], entity_collection_id=x, entity_id=x)  # wrong: list-item
    await client.entity_collections.entities.delete_assets_(entity_collection_id=x, entity_id=x, asset_ids=x)  # wrong: attr-defined


async def list_entities_by_asset(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.entity_collections.entities.list_by_asset(asset_id=x, no_such_argument=x)  # wrong: call-arg
    client.entity_collections.entities.list_by_asset()  # wrong: call-arg
    client.entity_collections.entities.list_by_asset(asset_id=wrong)  # wrong: arg-type
    client.entity_collections.entities.list_by_asset(asset_id=index)  # wrong: arg-type
    client.entity_collections.entities.list_by_asset(page=wrong, asset_id=x)  # wrong: arg-type
    client.entity_collections.entities.list_by_asset(page_limit=wrong, asset_id=x)  # wrong: arg-type
    client.entity_collections.entities.list_by_asset_(asset_id=x)  # wrong: attr-defined


async def list_all_entities(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    client.manage_entities.list_all_entities(no_such_argument=x)  # wrong: call-arg
    client.manage_entities.list_all_entities(page=wrong)  # wrong: arg-type
    client.manage_entities.list_all_entities(page_limit=wrong)  # wrong: arg-type
    client.manage_entities.list_all_entities(name=wrong)  # wrong: arg-type
    client.manage_entities.list_all_entities(status=wrong)  # wrong: arg-type
    client.manage_entities.list_all_entities(status="no such value")  # wrong: arg-type, list-item
    client.manage_entities.list_all_entities(sort_by=wrong)  # wrong: arg-type
    client.manage_entities.list_all_entities(sort_by="no such value")  # wrong: arg-type, list-item
    client.manage_entities.list_all_entities(sort_option=wrong)  # wrong: arg-type
    client.manage_entities.list_all_entities(sort_option="no such value")  # wrong: arg-type, list-item
    client.manage_entities.list_all_entities_()  # wrong: attr-defined


async def authorize_connection(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.data_connectors.authorize_connection(provider=x, redirect_uri=x, no_such_argument=x)  # wrong: call-arg
    await client.data_connectors.authorize_connection(redirect_uri=x)  # wrong: call-arg
    await client.data_connectors.authorize_connection(provider=x)  # wrong: call-arg
    await client.data_connectors.authorize_connection(provider=wrong, redirect_uri=x)  # wrong: arg-type
    await client.data_connectors.authorize_connection(provider="no such value", redirect_uri=x)  # wrong: arg-type, list-item
    await client.data_connectors.authorize_connection(redirect_uri=wrong, provider=x)  # wrong: arg-type
    await client.data_connectors.authorize_connection(custom_id=wrong, provider=x, redirect_uri=x)  # wrong: arg-type
    await client.data_connectors.authorize_connection_(provider=x, redirect_uri=x)  # wrong: attr-defined


async def list_connections(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    client.data_connectors.list_connections(no_such_argument=x)  # wrong: call-arg
    client.data_connectors.list_connections(page=wrong)  # wrong: arg-type
    client.data_connectors.list_connections(page_limit=wrong)  # wrong: arg-type
    client.data_connectors.list_connections_()  # wrong: attr-defined


async def retrieve_connection(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.data_connectors.retrieve_connection(connection_id=x, no_such_argument=x)  # wrong: call-arg
    await client.data_connectors.retrieve_connection()  # wrong: call-arg
    await client.data_connectors.retrieve_connection(connection_id=wrong)  # wrong: arg-type
    await client.data_connectors.retrieve_connection(connection_id=index)  # wrong: arg-type
    await client.data_connectors.retrieve_connection_(connection_id=x)  # wrong: attr-defined


async def delete_connection(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.data_connectors.delete_connection(connection_id=x, no_such_argument=x)  # wrong: call-arg
    await client.data_connectors.delete_connection()  # wrong: call-arg
    await client.data_connectors.delete_connection(connection_id=wrong)  # wrong: arg-type
    await client.data_connectors.delete_connection(connection_id=index)  # wrong: arg-type
    await client.data_connectors.delete_connection_(connection_id=x)  # wrong: attr-defined


async def create_connection_picker_token(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.data_connectors.create_connection_picker_token(connection_id=x, no_such_argument=x)  # wrong: call-arg
    await client.data_connectors.create_connection_picker_token()  # wrong: call-arg
    await client.data_connectors.create_connection_picker_token(connection_id=wrong)  # wrong: arg-type
    await client.data_connectors.create_connection_picker_token(connection_id=index)  # wrong: arg-type
    await client.data_connectors.create_connection_picker_token_(connection_id=x)  # wrong: attr-defined


async def list_redirect_uris(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    client.data_connectors.list_redirect_uris(no_such_argument=x)  # wrong: call-arg
    client.data_connectors.list_redirect_uris(page=wrong)  # wrong: arg-type
    client.data_connectors.list_redirect_uris(page_limit=wrong)  # wrong: arg-type
    client.data_connectors.list_redirect_uris_()  # wrong: attr-defined


async def create_redirect_uri(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.data_connectors.create_redirect_uri(redirect_uri=x, no_such_argument=x)  # wrong: call-arg
    await client.data_connectors.create_redirect_uri()  # wrong: call-arg
    await client.data_connectors.create_redirect_uri(redirect_uri=wrong)  # wrong: arg-type
    await client.data_connectors.create_redirect_uri_(redirect_uri=x)  # wrong: attr-defined


async def delete_redirect_uri(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.data_connectors.delete_redirect_uri(redirect_uri_id=x, no_such_argument=x)  # wrong: call-arg
    await client.data_connectors.delete_redirect_uri()  # wrong: call-arg
    await client.data_connectors.delete_redirect_uri(redirect_uri_id=wrong)  # wrong: arg-type
    await client.data_connectors.delete_redirect_uri(redirect_uri_id=index)  # wrong: arg-type
    await client.data_connectors.delete_redirect_uri_(redirect_uri_id=x)  # wrong: attr-defined


async def list_imports(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.imports.list_imports(connection_id=x, no_such_argument=x)  # wrong: call-arg
    client.imports.list_imports()  # wrong: call-arg
    client.imports.list_imports(connection_id=wrong)  # wrong: arg-type
    client.imports.list_imports(connection_id=index)  # wrong: arg-type
    client.imports.list_imports(page=wrong, connection_id=x)  # wrong: arg-type
    client.imports.list_imports(page_limit=wrong, connection_id=x)  # wrong: arg-type
    client.imports.list_imports_(connection_id=x)  # wrong: attr-defined


async def create_import(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.imports.import_files(connection_id=x, items=x, no_such_argument=x)  # wrong: call-arg
    await client.imports.import_files(items=x)  # wrong: call-arg
    await client.imports.import_files(connection_id=x)  # wrong: call-arg
    await client.imports.import_files(connection_id=wrong, items=x)  # wrong: arg-type
    await client.imports.import_files(connection_id=index, items=x)  # wrong: arg-type
    await client.imports.import_files(items=wrong, connection_id=x)  # wrong: arg-type
    await client.imports.import_files_(connection_id=x, items=x)  # wrong: attr-defined


async def retrieve_import(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.imports.retrieve_import(connection_id=x, import_id=x, no_such_argument=x)  # wrong: call-arg
    await client.imports.retrieve_import(import_id=x)  # wrong: call-arg
    await client.imports.retrieve_import(connection_id=x)  # wrong: call-arg
    await client.imports.retrieve_import(connection_id=wrong, import_id=x)  # wrong: arg-type
    await client.imports.retrieve_import(connection_id=index, import_id=x)  # wrong: arg-type
    await client.imports.retrieve_import(import_id=wrong, connection_id=x)  # wrong: arg-type
    await client.imports.retrieve_import(import_id=index, connection_id=x)  # wrong: arg-type
    await client.imports.retrieve_import_(connection_id=x, import_id=x)  # wrong: attr-defined


async def list_knowledge_stores(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    client.knowledge_stores.list(no_such_argument=x)  # wrong: call-arg
    client.knowledge_stores.list(page=wrong)  # wrong: arg-type
    client.knowledge_stores.list(page_limit=wrong)  # wrong: arg-type
    client.knowledge_stores.list(sort_by=wrong)  # wrong: arg-type
    client.knowledge_stores.list(sort_by="no such value")  # wrong: arg-type, list-item
    client.knowledge_stores.list(sort_option=wrong)  # wrong: arg-type
    client.knowledge_stores.list(sort_option="no such value")  # wrong: arg-type, list-item
    client.knowledge_stores.list_()  # wrong: attr-defined


async def create_knowledge_store(client: AsyncTwelveLabs, x: Any, wrong: Wrong) -> None:
    await client.knowledge_stores.create(name=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_stores.create()  # wrong: call-arg
    await client.knowledge_stores.create(name=wrong)  # wrong: arg-type
    await client.knowledge_stores.create(ingestion_config=wrong, name=x)  # wrong: arg-type
    await client.knowledge_stores.create(description=wrong, name=x)  # wrong: arg-type
    await client.knowledge_stores.create(metadata=wrong, name=x)  # wrong: arg-type
    await client.knowledge_stores.create_(name=x)  # wrong: attr-defined


async def retrieve_knowledge_store(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_stores.retrieve(knowledge_store_id=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_stores.retrieve()  # wrong: call-arg
    await client.knowledge_stores.retrieve(knowledge_store_id=wrong)  # wrong: arg-type
    await client.knowledge_stores.retrieve(knowledge_store_id=index)  # wrong: arg-type
    await client.knowledge_stores.retrieve_(knowledge_store_id=x)  # wrong: attr-defined


async def update_knowledge_store(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_stores.update(knowledge_store_id=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_stores.update()  # wrong: call-arg
    await client.knowledge_stores.update(knowledge_store_id=wrong)  # wrong: arg-type
    await client.knowledge_stores.update(knowledge_store_id=index)  # wrong: arg-type
    await client.knowledge_stores.update(name=wrong, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_stores.update(description=wrong, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_stores.update(metadata=wrong, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_stores.update_(knowledge_store_id=x)  # wrong: attr-defined


async def delete_knowledge_store(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_stores.delete(knowledge_store_id=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_stores.delete()  # wrong: call-arg
    await client.knowledge_stores.delete(knowledge_store_id=wrong)  # wrong: arg-type
    await client.knowledge_stores.delete(knowledge_store_id=index)  # wrong: arg-type
    await client.knowledge_stores.delete_(knowledge_store_id=x)  # wrong: attr-defined


async def search_knowledge_store(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.knowledge_stores.search(knowledge_store_id=x, query=x, no_such_argument=x)  # wrong: call-arg
    client.knowledge_stores.search(query=x)  # wrong: call-arg
    client.knowledge_stores.search(knowledge_store_id=x)  # wrong: call-arg
    client.knowledge_stores.search(knowledge_store_id=wrong, query=x)  # wrong: arg-type
    client.knowledge_stores.search(knowledge_store_id=index, query=x)  # wrong: arg-type
    client.knowledge_stores.search(query=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_stores.search(filter=wrong, knowledge_store_id=x, query=x)  # wrong: arg-type
    client.knowledge_stores.search(search_options=wrong, knowledge_store_id=x, query=x)  # wrong: arg-type
    client.knowledge_stores.search(group_by=wrong, knowledge_store_id=x, query=x)  # wrong: arg-type
    client.knowledge_stores.search(group_by="no such value", knowledge_store_id=x, query=x)  # wrong: arg-type, list-item
    client.knowledge_stores.search(page_size=wrong, knowledge_store_id=x, query=x)  # wrong: arg-type
    client.knowledge_stores.search(page_token=wrong, knowledge_store_id=x, query=x)  # wrong: arg-type
    client.knowledge_stores.search(include_metadata=wrong, knowledge_store_id=x, query=x)  # wrong: arg-type
    client.knowledge_stores.search_(knowledge_store_id=x, query=x)  # wrong: attr-defined


async def list_knowledge_store_items(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.knowledge_store_items.list(knowledge_store_id=x, no_such_argument=x)  # wrong: call-arg
    client.knowledge_store_items.list()  # wrong: call-arg
    client.knowledge_store_items.list(knowledge_store_id=wrong)  # wrong: arg-type
    client.knowledge_store_items.list(knowledge_store_id=index)  # wrong: arg-type
    client.knowledge_store_items.list(page=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_store_items.list(page_limit=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_store_items.list(sort_by=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_store_items.list(sort_by="no such value", knowledge_store_id=x)  # wrong: arg-type, list-item
    client.knowledge_store_items.list(sort_option=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_store_items.list(sort_option="no such value", knowledge_store_id=x)  # wrong: arg-type, list-item
    client.knowledge_store_items.list(status=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_store_items.list(status=["no such value"], knowledge_store_id=x)  # wrong: arg-type, list-item
    client.knowledge_store_items.list_(knowledge_store_id=x)  # wrong: attr-defined


async def create_knowledge_store_item(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_store_items.create(knowledge_store_id=x, asset_id=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_store_items.create(asset_id=x)  # wrong: call-arg
    await client.knowledge_store_items.create(knowledge_store_id=x)  # wrong: call-arg
    await client.knowledge_store_items.create(knowledge_store_id=wrong, asset_id=x)  # wrong: arg-type
    await client.knowledge_store_items.create(knowledge_store_id=index, asset_id=x)  # wrong: arg-type
    await client.knowledge_store_items.create(asset_type=wrong, knowledge_store_id=x, asset_id=x)  # wrong: arg-type
    await client.knowledge_store_items.create(asset_type="no such value", knowledge_store_id=x, asset_id=x)  # wrong: arg-type, list-item
    await client.knowledge_store_items.create(asset_id=wrong, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_items.create(asset_id=index, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_items.create(metadata=wrong, knowledge_store_id=x, asset_id=x)  # wrong: arg-type
    await client.knowledge_store_items.create_(knowledge_store_id=x, asset_id=x)  # wrong: attr-defined


async def retrieve_knowledge_store_item(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_store_items.retrieve(knowledge_store_id=x, item_id=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_store_items.retrieve(item_id=x)  # wrong: call-arg
    await client.knowledge_store_items.retrieve(knowledge_store_id=x)  # wrong: call-arg
    await client.knowledge_store_items.retrieve(knowledge_store_id=wrong, item_id=x)  # wrong: arg-type
    await client.knowledge_store_items.retrieve(knowledge_store_id=index, item_id=x)  # wrong: arg-type
    await client.knowledge_store_items.retrieve(item_id=wrong, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_items.retrieve(item_id=index, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_items.retrieve_(knowledge_store_id=x, item_id=x)  # wrong: attr-defined


async def delete_knowledge_store_item(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_store_items.delete(knowledge_store_id=x, item_id=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_store_items.delete(item_id=x)  # wrong: call-arg
    await client.knowledge_store_items.delete(knowledge_store_id=x)  # wrong: call-arg
    await client.knowledge_store_items.delete(knowledge_store_id=wrong, item_id=x)  # wrong: arg-type
    await client.knowledge_store_items.delete(knowledge_store_id=index, item_id=x)  # wrong: arg-type
    await client.knowledge_store_items.delete(item_id=wrong, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_items.delete(item_id=index, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_items.delete_(knowledge_store_id=x, item_id=x)  # wrong: attr-defined


async def list_knowledge_store_item_collections(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.knowledge_store_item_collections.list(knowledge_store_id=x, no_such_argument=x)  # wrong: call-arg
    client.knowledge_store_item_collections.list()  # wrong: call-arg
    client.knowledge_store_item_collections.list(knowledge_store_id=wrong)  # wrong: arg-type
    client.knowledge_store_item_collections.list(knowledge_store_id=index)  # wrong: arg-type
    client.knowledge_store_item_collections.list(page=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_store_item_collections.list(page_limit=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_store_item_collections.list(sort_by=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_store_item_collections.list(sort_by="no such value", knowledge_store_id=x)  # wrong: arg-type, list-item
    client.knowledge_store_item_collections.list(sort_option=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_store_item_collections.list(sort_option="no such value", knowledge_store_id=x)  # wrong: arg-type, list-item
    client.knowledge_store_item_collections.list_(knowledge_store_id=x)  # wrong: attr-defined


async def create_knowledge_store_item_collection(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_store_item_collections.create(knowledge_store_id=x, name=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.create(name=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.create(knowledge_store_id=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.create(knowledge_store_id=wrong, name=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.create(knowledge_store_id=index, name=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.create(name=wrong, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.create(description=wrong, knowledge_store_id=x, name=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.create(metadata=wrong, knowledge_store_id=x, name=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.create_(knowledge_store_id=x, name=x)  # wrong: attr-defined


async def retrieve_knowledge_store_item_collection(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_store_item_collections.retrieve(knowledge_store_id=x, collection_id=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.retrieve(collection_id=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.retrieve(knowledge_store_id=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.retrieve(knowledge_store_id=wrong, collection_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.retrieve(knowledge_store_id=index, collection_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.retrieve(collection_id=wrong, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.retrieve(collection_id=index, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.retrieve_(knowledge_store_id=x, collection_id=x)  # wrong: attr-defined


async def update_knowledge_store_item_collection(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_store_item_collections.update(knowledge_store_id=x, collection_id=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.update(collection_id=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.update(knowledge_store_id=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.update(knowledge_store_id=wrong, collection_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.update(knowledge_store_id=index, collection_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.update(collection_id=wrong, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.update(collection_id=index, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.update(name=wrong, knowledge_store_id=x, collection_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.update(description=wrong, knowledge_store_id=x, collection_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.update(metadata=wrong, knowledge_store_id=x, collection_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.update_(knowledge_store_id=x, collection_id=x)  # wrong: attr-defined


async def delete_knowledge_store_item_collection(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_store_item_collections.delete(knowledge_store_id=x, collection_id=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.delete(collection_id=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.delete(knowledge_store_id=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.delete(knowledge_store_id=wrong, collection_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.delete(knowledge_store_id=index, collection_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.delete(collection_id=wrong, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.delete(collection_id=index, knowledge_store_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.delete_(knowledge_store_id=x, collection_id=x)  # wrong: attr-defined


async def list_knowledge_store_item_collection_items(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    client.knowledge_store_item_collections.list_items(knowledge_store_id=x, collection_id=x, no_such_argument=x)  # wrong: call-arg
    client.knowledge_store_item_collections.list_items(collection_id=x)  # wrong: call-arg
    client.knowledge_store_item_collections.list_items(knowledge_store_id=x)  # wrong: call-arg
    client.knowledge_store_item_collections.list_items(knowledge_store_id=wrong, collection_id=x)  # wrong: arg-type
    client.knowledge_store_item_collections.list_items(knowledge_store_id=index, collection_id=x)  # wrong: arg-type
    client.knowledge_store_item_collections.list_items(collection_id=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_store_item_collections.list_items(collection_id=index, knowledge_store_id=x)  # wrong: arg-type
    client.knowledge_store_item_collections.list_items(page=wrong, knowledge_store_id=x, collection_id=x)  # wrong: arg-type
    client.knowledge_store_item_collections.list_items(page_limit=wrong, knowledge_store_id=x, collection_id=x)  # wrong: arg-type
    client.knowledge_store_item_collections.list_items_(knowledge_store_id=x, collection_id=x)  # wrong: attr-defined


async def add_knowledge_store_item_collection_items(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_store_item_collections.add_items(knowledge_store_id=x, collection_id=x, item_ids=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.add_items(collection_id=x, item_ids=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.add_items(knowledge_store_id=x, item_ids=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.add_items(knowledge_store_id=x, collection_id=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.add_items(knowledge_store_id=wrong, collection_id=x, item_ids=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.add_items(knowledge_store_id=index, collection_id=x, item_ids=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.add_items(collection_id=wrong, knowledge_store_id=x, item_ids=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.add_items(collection_id=index, knowledge_store_id=x, item_ids=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.add_items(item_ids=wrong, knowledge_store_id=x, collection_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.add_items(item_ids=[index], knowledge_store_id=x, collection_id=x)  # wrong: list-item
    await client.knowledge_store_item_collections.add_items_(knowledge_store_id=x, collection_id=x, item_ids=x)  # wrong: attr-defined


async def remove_knowledge_store_item_collection_items(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.knowledge_store_item_collections.remove_items(knowledge_store_id=x, collection_id=x, item_ids=x, no_such_argument=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.remove_items(collection_id=x, item_ids=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.remove_items(knowledge_store_id=x, item_ids=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.remove_items(knowledge_store_id=x, collection_id=x)  # wrong: call-arg
    await client.knowledge_store_item_collections.remove_items(knowledge_store_id=wrong, collection_id=x, item_ids=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.remove_items(knowledge_store_id=index, collection_id=x, item_ids=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.remove_items(collection_id=wrong, knowledge_store_id=x, item_ids=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.remove_items(collection_id=index, knowledge_store_id=x, item_ids=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.remove_items(item_ids=wrong, knowledge_store_id=x, collection_id=x)  # wrong: arg-type
    await client.knowledge_store_item_collections.remove_items(item_ids=[index], knowledge_store_id=x, collection_id=x)  # wrong: list-item
    await client.knowledge_store_item_collections.remove_items_(knowledge_store_id=x, collection_id=x, item_ids=x)  # wrong: attr-defined


async def create_response(client: AsyncTwelveLabs, x: Any, wrong: Wrong, index: types.IndexSchema) -> None:
    await client.responses.create(knowledge_store_id=x, input=x, no_such_argument=x)  # wrong: call-arg
    await client.responses.create(input=x)  # wrong: call-arg
    await client.responses.create(knowledge_store_id=x)  # wrong: call-arg
    await client.responses.create(knowledge_store_id=wrong, input=x)  # wrong: arg-type
    await client.responses.create(knowledge_store_id=index, input=x)  # wrong: arg-type
    await client.responses.create(input=wrong, knowledge_store_id=x)  # wrong: arg-type
    await client.responses.create(session_id=wrong, knowledge_store_id=x, input=x)  # wrong: arg-type
    await client.responses.create(instructions=wrong, knowledge_store_id=x, input=x)  # wrong: arg-type
    await client.responses.create(include=wrong, knowledge_store_id=x, input=x)  # wrong: arg-type
    await client.responses.create(include=["no such value"], knowledge_store_id=x, input=x)  # wrong: arg-type, list-item
    await client.responses.create(selections=wrong, knowledge_store_id=x, input=x)  # wrong: arg-type
    await client.responses.create(text=wrong, knowledge_store_id=x, input=x)  # wrong: arg-type
    client.responses.create_stream(knowledge_store_id=x, input=x, no_such_argument=x)  # wrong: call-arg
    client.responses.create_stream(input=x)  # wrong: call-arg
    client.responses.create_stream(knowledge_store_id=x)  # wrong: call-arg
    client.responses.create_stream(knowledge_store_id=wrong, input=x)  # wrong: arg-type
    client.responses.create_stream(knowledge_store_id=index, input=x)  # wrong: arg-type
    client.responses.create_stream(input=wrong, knowledge_store_id=x)  # wrong: arg-type
    client.responses.create_stream(session_id=wrong, knowledge_store_id=x, input=x)  # wrong: arg-type
    client.responses.create_stream(instructions=wrong, knowledge_store_id=x, input=x)  # wrong: arg-type
    client.responses.create_stream(include=wrong, knowledge_store_id=x, input=x)  # wrong: arg-type
    client.responses.create_stream(include=["no such value"], knowledge_store_id=x, input=x)  # wrong: arg-type, list-item
    client.responses.create_stream(selections=wrong, knowledge_store_id=x, input=x)  # wrong: arg-type
    client.responses.create_stream(text=wrong, knowledge_store_id=x, input=x)  # wrong: arg-type
    await client.responses.create_(knowledge_store_id=x, input=x)  # wrong: attr-defined
