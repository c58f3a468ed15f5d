"""Streams, searches and embeddings against the emulator."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Literal

import pytest

from tests.eventually import eventually
from twelvelabs_async import AsyncTwelveLabs, CreateEmbeddingsTaskVideoParams
from twelvelabs_async.errors import BulkError, GoneError, NotFoundError
from twelvelabs_async.types import EmbedTasksStatusResponse, StreamEndResponse, StreamStartResponse, StreamTextResponse

if TYPE_CHECKING:
    from pathlib import Path
from typing import Any

PROMPT = "What happens?"


@pytest.fixture
async def video_id(client: AsyncTwelveLabs, media: Path) -> str:
    index = await client.indexes.create(
        index_name="all",
        models=[
            {"model_name": "marengo3.0", "model_options": ["visual", "audio"]},
            {"model_name": "pegasus1.2", "model_options": ["visual", "audio"]},
        ],
    )
    assert index.id
    task = await client.tasks.create(index_id=index.id, video_file=media / "beach.mp4")
    assert task.id
    done = await client.tasks.wait_for_done(task.id, sleep_interval=0.01)
    assert done.video_id
    return done.video_id


async def test_an_analysis_streams_its_text(client: AsyncTwelveLabs, video_id: str) -> None:
    stream = client.analyze_stream(video_id=video_id, prompt=PROMPT)
    events = [event async for event in stream]
    assert isinstance(events[0], StreamStartResponse)
    assert isinstance(events[-1], StreamEndResponse)
    pieces = [event.text for event in events if isinstance(event, StreamTextResponse)]
    assert len(pieces) > 1
    whole = await client.analyze(video_id=video_id, prompt=PROMPT)
    assert "".join(str(piece) for piece in pieces) == stream.text == whole.data
    assert stream.status == 200
    assert stream.request_id
    async with client.analyze_stream(video_id=video_id, prompt=PROMPT) as again:
        assert again.headers["Content-Type"]
        assert await again.read_text() == whole.data


@pytest.mark.parametrize("emulator", [{"speed": 20, "stream_delay": 0.2}], indirect=True)
async def test_leaving_a_stream_early(client: AsyncTwelveLabs, video_id: str) -> None:
    started = time.monotonic()
    for _ in range(3):
        async with client.analyze_stream(video_id=video_id, prompt=PROMPT) as stream:
            async for event in stream:
                if isinstance(event, StreamTextResponse):
                    break
        async for _event in client.analyze_stream(video_id=video_id, prompt=PROMPT):
            break
    left = client.analyze_stream(video_id=video_id, prompt=PROMPT)
    reading = asyncio.create_task(left.collect())
    await eventually(lambda: left.text)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert time.monotonic() - started < 20
    assert [index.index_name async for index in client.indexes.list()] == ["all"]


async def test_a_refused_stream(client: AsyncTwelveLabs) -> None:
    with pytest.raises(NotFoundError, match="resource_not_exist"):
        await client.analyze_stream(video_id="0" * 24, prompt=PROMPT).collect()
    with pytest.raises(NotFoundError):
        async with client.analyze_stream(video_id="0" * 24, prompt=PROMPT):
            pass


async def test_generating_collects_the_stream(client: AsyncTwelveLabs, video_id: str) -> None:
    answers = []
    for stream in (None, True, False):
        with pytest.warns(DeprecationWarning, match="analyze"):
            answers.append(await client.generate(video_id=video_id, prompt=PROMPT, stream=stream))
    with pytest.warns(DeprecationWarning, match="analyze"):
        pieces = client.generate_stream(video_id=video_id, prompt=PROMPT)
    assert await pieces.read_text() == answers[0].data
    assert len({answer.data for answer in answers}) == 1
    assert all(answer.id for answer in answers)
    assert answers[0].usage == answers[2].usage


async def test_a_search_turns_its_pages(client: AsyncTwelveLabs, index_id: str, media: Path) -> None:
    for task in await client.tasks.create_bulk(index_id, video_files=[media / "beach.mp4"] * 5):
        assert task.id
        await client.tasks.wait_for_done(task.id, sleep_interval=0.01)
    options: list[Literal["visual", "audio"]] = ["visual", "audio"]
    single = await client.search.query(index_id=index_id, query_text="red", search_options=options, page_limit=50)
    pager = client.search.query(index_id=index_id, query_text="red", search_options=options, page_limit=2)
    hits = [hit async for hit in pager]
    assert len(hits) > 2
    assert [(hit.video_id, hit.start) for hit in hits] == [(hit.video_id, hit.start) for hit in single.items]
    pages = [page async for page in pager.iter_pages()]
    assert [len(page.items) for page in pages[:-1]] == [2] * (len(pages) - 1)
    created = await client.search.create(index_id=index_id, query_text="red", search_options=options, page_limit=2)
    assert [hit.video_id for hit in created.data or []] == [hit.video_id for hit in hits[:2]]


async def test_searching_with_several_images(client: AsyncTwelveLabs, index_id: str, media: Path) -> None:
    task = await client.tasks.create(index_id=index_id, video_file=media / "beach.mp4")
    assert task.id
    await client.tasks.wait_for_done(task.id, sleep_interval=0.01)
    image = media / "red.png"
    for arguments in (
        {"query_media_file": image},
        {"query_media_file": ("red.png", image.read_bytes())},
        {"query_media_files": [image, image.read_bytes()]},
        {"query_media_file": image, "query_media_files": [image]},
    ):
        hits = client.search.query(
            index_id=index_id,
            search_options=["visual"],
            query_media_type="image",
            **arguments,
        )
        first = await anext(aiter(hits))
        assert first.start is not None
        assert first.start >= 3.5


async def test_a_pager_that_is_read_after_its_file_was_closed(client: AsyncTwelveLabs, media: Path) -> None:
    with (media / "red.png").open("rb") as file:
        pager = client.search.query(
            index_id="an-index", search_options=["visual"], query_media_type="image", query_media_file=file
        )
    with pytest.raises(
        ValueError, match=r"query_media_file: the file object is closed.*inside the `with open"
    ) as caught:
        await pager
    assert "pass the path or the bytes" in str(caught.value)


@pytest.mark.parametrize("emulator", [{"speed": 20, "lifetimes": {"search_page": 0.05}}], indirect=True)
async def test_a_page_token_that_expired(client: AsyncTwelveLabs, index_id: str, media: Path) -> None:
    for task in await client.tasks.create_bulk(index_id, video_files=[media / "beach.mp4"] * 2):
        assert task.id
        await client.tasks.wait_for_done(task.id, sleep_interval=0.01)
    hits = client.search.query(index_id=index_id, query_text="red", search_options=["visual"], page_limit=1)
    with pytest.raises(GoneError):  # noqa: PT012 - the error comes from the loop
        async for _ in hits:
            await asyncio.sleep(0.1)


async def test_embedding_tasks(client: AsyncTwelveLabs, media: Path) -> None:
    videos: list[CreateEmbeddingsTaskVideoParams | dict[str, Any]] = [
        CreateEmbeddingsTaskVideoParams(video_file=media / "beach.mp4", video_clip_length=4),
        {"video_file": media / "forest.mp4", "video_embedding_scope": ["clip", "video"]},
    ]
    tasks = await client.embed.tasks.create_bulk(model_name="marengo3.0", videos=videos)
    assert len(tasks) == 2
    for task in tasks:
        assert task.id
        seen: list[EmbedTasksStatusResponse] = []
        state = await client.embed.tasks.wait_for_done(task.id, sleep_interval=0.01, callback=seen.append)
        assert state.status == "ready"
        assert seen[-1] is state
        result = await client.embed.tasks.retrieve(task.id)
        assert result.video_embedding
        assert result.video_embedding.segments
    with pytest.raises(BulkError, match="1 of 2 embedding tasks") as caught:
        await client.embed.tasks.create_bulk("marengo3.0", [videos[0], {"video_file": media / "missing.mp4"}])
    assert set(caught.value.errors) == {1}


async def test_embedding_tasks_of_version_2(client: AsyncTwelveLabs, media: Path) -> None:
    asset = await client.assets.create(method="direct", file=media / "beach.mp4")
    assert asset.id
    await client.assets.wait_for_done(asset.id, sleep_interval=0.01)
    created = await client.embed.v_2.tasks.create(
        input_type="video", model_name="marengo3.0", video={"media_source": {"asset_id": asset.id}}
    )
    assert created.id
    task = await client.embed.v_2.tasks.wait_for_done(created.id, sleep_interval=0.01)
    assert task.status == "ready"
    assert task.data
