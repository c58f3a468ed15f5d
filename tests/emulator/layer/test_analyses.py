"""Analysis tasks and batches, knowledge stores and their streamed responses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.errors import TaskFailedError
from twelvelabs_async.types import ResponseStreamOutputTextDeltaEvent, ResponseStreamResponseEvent

if TYPE_CHECKING:
    from twelvelabs_async.types import BatchItemRequestParams, ResponseInputItemParams, VideoContextAssetIdParams

PROMPT = "What happens?"


@pytest.fixture
async def asset_id(client: AsyncTwelveLabs, media: Path) -> str:
    asset = await client.assets.create(method="direct", file=media / "beach.mp4")
    assert asset.id
    await client.assets.wait_for_done(asset.id, sleep_interval=0.01)
    return asset.id


async def test_analysis_tasks(client: AsyncTwelveLabs, asset_id: str) -> None:
    video: VideoContextAssetIdParams = {"type": "asset_id", "asset_id": asset_id}
    created = await client.analyze_async.tasks.create(model_name="pegasus1.5", video=video, prompt=PROMPT)
    seen: list[str] = []
    task = await client.analyze_async.tasks.wait_for_done(
        created.task_id, sleep_interval=0.01, callback=lambda state: seen.append(state.status)
    )
    assert task.result
    assert seen[-1] == "ready"


@pytest.mark.parametrize("emulator", [{"speed": 0.05}], indirect=True)
async def test_a_cancelled_task(client: AsyncTwelveLabs, asset_id: str) -> None:
    video: VideoContextAssetIdParams = {"type": "asset_id", "asset_id": asset_id}
    created = await client.analyze_async.tasks.create(model_name="pegasus1.5", video=video, prompt=PROMPT)
    await client.analyze_async.tasks.cancel(created.task_id)
    with pytest.raises(TaskFailedError, match="canceled") as caught:
        await client.analyze_async.tasks.wait_for_done(created.task_id, sleep_interval=0.01)
    assert caught.value.task.status == "canceled"


async def test_batches_stream_their_results(client: AsyncTwelveLabs, asset_id: str) -> None:
    requests: list[BatchItemRequestParams] = [
        {"video": {"type": "asset_id", "asset_id": asset_id}, "prompt": {"input_text": PROMPT}, "custom_id": str(at)}
        for at in range(3)
    ]
    batch = await client.analyze_async.batches.create(
        model_name="pegasus1.5", analysis_mode="general", requests=requests
    )
    done = await client.analyze_async.batches.wait_for_done(batch.batch_id, sleep_interval=0.01)
    assert (done.status, done.ready_items) == ("completed", 3)
    results = await client.analyze_async.batches.results(batch.batch_id).collect()
    assert sorted(str(item.custom_id) for item in results) == ["0", "1", "2"]
    assert all(item.data for item in results)


async def test_responses_stream(client: AsyncTwelveLabs, asset_id: str) -> None:
    store = await client.knowledge_stores.create(name="films")
    assert store.id
    item = await client.knowledge_store_items.create(store.id, asset_id=asset_id)
    assert item.id
    ready = await client.knowledge_store_items.wait_for_done(store.id, item.id, sleep_interval=0.01)
    assert ready.status == "ready"

    question: list[ResponseInputItemParams] = [{"type": "message", "role": "user", "content": PROMPT}]
    stream = client.responses.create_stream(knowledge_store_id=store.id, input=question)
    events = await stream.collect()
    assert isinstance(events[0], ResponseStreamResponseEvent)
    assert events[0].type == "response.created"
    assert isinstance(events[-1], ResponseStreamResponseEvent)
    assert events[-1].type == "response.completed"
    deltas = [event.delta or "" for event in events if isinstance(event, ResponseStreamOutputTextDeltaEvent)]
    assert len(deltas) > 1
    assert stream.text == "".join(deltas)
    async with client.responses.create_stream(knowledge_store_id=store.id, input=question) as again:
        async for _ in again:
            break
        assert await again.read_text() == stream.text
