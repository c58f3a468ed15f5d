"""Many waits at once, and webhooks that wake them."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from twelvelabs_async import AsyncTwelveLabs, Hooks, webhooks
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.errors import APIConnectionError, BulkError, TaskFailedError

from ...eventually import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from twelvelabs_async import RequestEvent

SECRET = "whsec_waits"
LATE = pytest.mark.parametrize("emulator", [{"late_validation": True, "speed": 20}], indirect=True)
SLOW = pytest.mark.parametrize("emulator", [{"speed": 0.001}], indirect=True)


@LATE
async def test_tasks(client: AsyncTwelveLabs, index_id: str, media: Path) -> None:
    files = [media / name for name in ("beach.mp4", "broken.mp4", "forest.mp4")]
    tasks = [await client.tasks.create(index_id=index_id, video_file=file) for file in files * 2]
    outcomes = {outcome.id: outcome async for outcome in client.tasks.as_completed(tasks, sleep_interval=0.05)}
    assert outcomes.keys() == {task.id for task in tasks}
    for at, task in enumerate(tasks):
        outcome = outcomes[str(task.id)]
        assert outcome.state is not None
        assert outcome.state.status == ("failed" if at % 3 == 1 else "ready")
        assert isinstance(outcome.error, TaskFailedError) == (at % 3 == 1)
    with pytest.raises(BulkError, match="2 of 6 waits failed") as caught:
        await client.tasks.wait_all(tasks, sleep_interval=0.05)
    assert set(caught.value.errors) == {1, 4}
    done = await client.tasks.wait_all([tasks[0], str(tasks[2].id)])
    assert [task.id for task in done] == [tasks[0].id, tasks[2].id]


async def test_assets_and_indexed_assets(emulator: Emulator, index_id: str, media: Path) -> None:
    asked: list[str] = []

    def note(event: RequestEvent) -> None:
        asked.append(event.operation)

    hooks = Hooks(on_request=note)
    async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url, hooks=hooks) as client:
        names = ["forest.mp4"] * 5
        assets = [await client.assets.create(method="direct", file=media / name) for name in names]
        asked.clear()
        ready = await client.assets.wait_all(assets, sleep_interval=0.05)
        assert [asset.id for asset in ready] == [asset.id for asset in assets]
        assert "listAssets" in asked
        made = [await client.indexes.indexed_assets.create(index_id, asset_id=asset) for asset in ready]
        seen = {
            outcome.id
            async for outcome in client.indexes.indexed_assets.as_completed(index_id, made, sleep_interval=0.05)
        }
        assert seen == {video.id for video in made}
        changes = [
            video.status async for video in client.indexes.indexed_assets.watch(index_id, str(made[0].id), timeout=5)
        ]
        assert changes == ["ready"]


async def test_lists_show_what_polling_asks_for(client: AsyncTwelveLabs, index_id: str, media: Path) -> None:
    """The filters and the order of lists that waits rely on."""
    tasks = [await client.tasks.create(index_id=index_id, video_file=media / "forest.mp4") for _ in range(3)]
    await client.tasks.wait_all(tasks, sleep_interval=0.05)
    newest = await client.tasks.list(sort_by="created_at", sort_option="desc", index_id=index_id)
    assert [task.id for task in newest.items] == [task.id for task in reversed(tasks)]
    assert (await client.tasks.list(status=["validating", "pending", "queued", "indexing", "uploading"])).items == []
    changed = await client.tasks.list(status=["ready", "failed"], sort_by="updated_at", sort_option="desc")
    assert {task.id for task in changed.items} == {task.id for task in tasks}
    times = [str(task.updated_at) for task in changed.items]
    assert times == sorted(times, reverse=True)
    videos = [task.video_id for task in newest.items]
    listed = await client.indexes.indexed_assets.list(index_id, status=["ready"], sort_by="updated_at")
    assert {video.id for video in listed.items} == set(videos)


async def test_analyses_and_embeddings(client: AsyncTwelveLabs, media: Path) -> None:
    asset = await client.assets.create(method="direct", file=media / "forest.mp4")
    await client.assets.wait_for_done(asset, sleep_interval=0.02)
    source: Any = {"type": "asset_id", "asset_id": asset.id}
    tasks = [
        await client.analyze_async.tasks.create(
            model_name="pegasus1.5", video=source, prompt=f"Say {number}", analysis_mode="general"
        )
        for number in range(3)
    ]
    results = await asyncio.gather(*(client.analyze_async.tasks.wait_for_done(t, sleep_interval=0.05) for t in tasks))
    assert [result.task_id for result in results] == [task.task_id for task in tasks]
    assert all(result.result is not None for result in results)  # a row of the list has none


@contextlib.asynccontextmanager
async def receiving() -> AsyncIterator[tuple[str, list[AsyncTwelveLabs], list[Any]]]:
    """A receiver of webhooks: its address, the clients to notify, and the events so far."""
    clients: list[AsyncTwelveLabs] = []
    events: list[Any] = []

    async def receive(request: web.Request) -> web.Response:
        event = webhooks.unwrap(await request.read(), request.headers, SECRET)
        events.append(event)
        for client in clients:
            client.notify(event)
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", clients, events
    finally:
        await runner.cleanup()


async def test_webhooks_end_waits(media: Path) -> None:
    """An event carries the id of what was created: of a task, or of an indexed asset."""
    async with (
        receiving() as (url, clients, events),
        Emulator(speed=20, webhook_url=url, webhook_secret=SECRET) as emulator,
        AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url) as client,
    ):
        clients.append(client)
        index = await client.indexes.create(
            index_name="hooks", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
        )
        asset = await client.assets.create(method="direct", file=media / "forest.mp4")
        await client.assets.wait_for_done(asset, sleep_interval=0.02)
        # Without an event, these would end after an hour.
        task = await client.tasks.create(index_id=index, video_file=media / "forest.mp4")
        done = await client.with_options(timeout=30).tasks.wait_for_done(task, sleep_interval=3600)
        assert done.status == "ready"
        made = await client.indexes.indexed_assets.create(index, asset_id=asset)
        video = await client.indexes.indexed_assets.wait_for_done(index, made, sleep_interval=3600)
        assert video.status == "ready"
        await eventually(lambda: len(events) >= 2)
        assert [event.data.id for event in events] == [task.id, made.id]


@SLOW
async def test_closing_the_client_ends_waits(client: AsyncTwelveLabs, index_id: str, media: Path) -> None:
    task = await client.tasks.create(index_id=index_id, video_file=media / "forest.mp4")
    checked = asyncio.Event()
    copy = client.with_options(max_retries=0)
    waits = [
        asyncio.create_task(copy.tasks.wait_for_done(task, callback=lambda _: checked.set())),
        asyncio.create_task(client.tasks.wait_all([str(task.id)])),
    ]
    await checked.wait()
    await client.close()
    results = await asyncio.gather(*waits, return_exceptions=True)
    assert isinstance(results[0], APIConnectionError)
    assert isinstance(results[1], BulkError)
    assert isinstance(results[1].outcomes[0], APIConnectionError)


async def test_events_that_are_none(client: AsyncTwelveLabs) -> None:
    with pytest.raises(TypeError, match="notify takes an event"):
        client.notify({})
    assert not client.notify({"type": "index.task.ready", "data": {"id": "nobody's"}})
