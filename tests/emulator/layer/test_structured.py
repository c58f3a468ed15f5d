"""Output as instances of classes against the emulator, and streams that are opened before they are read."""

from __future__ import annotations

import asyncio
import gc
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.eventually import eventually
from tests.structured import classes
from tests.structured.test_schema import Card
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.emulator import media as engine
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene
from twelvelabs_async.errors import (
    BadRequestError,
    NotFoundError,
    OutputTruncatedError,
    StructuredOutputError,
    TaskFailedError,
    UnsupportedMediaError,
)
from twelvelabs_async.structured import json_schema_for, parse_into, response_format_for
from twelvelabs_async.types import AnalyzeTaskError, AnalyzeTaskResponse, NonStreamAnalyzeResponse, VideoContextAssetId

PROMPT = "What happens?"


@pytest.fixture
async def asset_id(client: AsyncTwelveLabs, media: Path) -> str:
    asset = await client.assets.create(method="direct", file=media / "beach.mp4")
    assert asset.id
    await client.assets.wait_for_done(asset.id, sleep_interval=0.01)
    return asset.id


def video(asset_id: str) -> VideoContextAssetId:
    return VideoContextAssetId(asset_id=asset_id)


async def test_an_analysis_into_a_class(client: AsyncTwelveLabs, asset_id: str) -> None:
    report = await client.analyze(video=video(asset_id), prompt=PROMPT, into=classes.Report)
    assert isinstance(report, classes.Report)
    assert len(report.scenes) == 2
    assert report.scenes[0].seconds == 4.0
    entry = await client.analyze(video=video(asset_id), prompt=PROMPT, into=classes.Loose)
    assert entry.keys() == {"name", "note"}
    assert isinstance(await client.analyze(video=video(asset_id), prompt=PROMPT, into=Card), Card)
    whole = await client.analyze(video=video(asset_id), prompt=PROMPT)
    assert isinstance(whole, NonStreamAnalyzeResponse)


async def test_an_analysis_that_is_cut_off(client: AsyncTwelveLabs, asset_id: str) -> None:
    with pytest.raises(OutputTruncatedError) as caught:
        await client.analyze(video=video(asset_id), prompt=PROMPT, into=classes.Report, max_tokens=5)
    assert caught.value.text.startswith("{")
    assert caught.value.request_id
    with pytest.raises(OutputTruncatedError):
        await client.analyze_stream(video=video(asset_id), prompt=PROMPT, max_tokens=5).collect_json(classes.Report)


async def test_what_is_wrong_before_anything_is_sent(client: AsyncTwelveLabs) -> None:
    fmt: Any = response_format_for(classes.Loose)
    with pytest.raises(ValueError, match="give into or response_format, not both"):
        await client.analyze(video_id="v", prompt=PROMPT, into=classes.Loose, response_format=fmt)
    with pytest.raises(TypeError, match=r"BadMap\.counts"):
        await client.analyze(video_id="v", prompt=PROMPT, into=classes.BadMap)
    with pytest.raises(TypeError, match=r"BadMap\.counts"):
        await client.analyze_stream(video_id="v", prompt=PROMPT).collect_json(classes.BadMap)
    with pytest.raises(TypeError, match="cannot be asked for the JSON of a class"):
        await client.analyze_async.batches.results("b").collect_json(classes.Loose)
    for missing in ("goal.mp4", Path("goal.mp4")):
        with pytest.raises(FileNotFoundError, match="source: there is no such file"):
            await client.segments(missing, classes.Shot)
    with pytest.raises(ValueError, match="give into or response_format, not both"):
        await client.analyze_file(b"x", PROMPT, into=classes.Loose, response_format=fmt)
    with pytest.raises(TypeError, match=r"BadMap\.counts"):
        await client.analyze_file(b"x", PROMPT, into=classes.BadMap)
    with pytest.raises(TypeError, match=r"BadMap\.counts"):
        await client.analyze_file_stream(b"x", PROMPT).collect_json(classes.BadMap)


async def test_a_generation_that_failed(client: AsyncTwelveLabs, monkeypatch: pytest.MonkeyPatch) -> None:
    async def analyze(self: Any, **_: Any) -> NonStreamAnalyzeResponse:
        return NonStreamAnalyzeResponse(error=AnalyzeTaskError(message="no frames"))

    monkeypatch.setattr("twelvelabs_async._generated.operations.analyze.AnalyzeOperations.analyze", analyze)
    with pytest.raises(StructuredOutputError, match="the generation failed: no frames"):
        await client.analyze(video_id="v", prompt=PROMPT, into=classes.Loose)


async def test_a_stream_into_a_class(client: AsyncTwelveLabs, asset_id: str) -> None:
    whole = await client.analyze(video=video(asset_id), prompt=PROMPT, into=classes.Report)
    stream = client.analyze_stream(video=video(asset_id), prompt=PROMPT)
    assert await stream.collect_json(classes.Report) == whole
    stream = client.analyze_stream(
        video=video(asset_id), prompt=PROMPT, response_format=response_format_for(classes.Report)
    )
    pieces = [piece async for piece in stream.text_stream]
    assert len(pieces) > 5
    assert "".join(pieces) == stream.text
    # A stream that was read already is parsed as a whole.
    assert await stream.collect_json(classes.Report) == whole


async def test_a_task_with_a_class(client: AsyncTwelveLabs, asset_id: str) -> None:
    task = await client.analyze_async.tasks.create(
        video=video(asset_id), prompt=PROMPT, response_format=response_format_for(classes.Report)
    )
    done = await client.analyze_async.tasks.wait_for_done(task, sleep_interval=0.01)
    assert done.result
    report = parse_into(classes.Report, done.result.data, done.result.finish_reason)
    assert len(report.scenes) == 2


async def test_what_a_stream_comes_to(client: AsyncTwelveLabs, asset_id: str) -> None:
    async with client.analyze_stream(video=video(asset_id), prompt=PROMPT) as stream:
        async for _ in stream:
            break
        result = await stream.final()
    assert result.text == stream.text
    assert result.finish_reason == "stop"
    assert result.usage
    assert result.usage.output_tokens
    assert result.usage.input_tokens
    assert result.generation_id
    assert result.request_id == stream.request_id is not None
    short = await client.analyze_stream(video=video(asset_id), prompt=PROMPT, max_tokens=2).final()
    assert short.finish_reason == "length"


async def test_a_response_of_a_knowledge_store(client: AsyncTwelveLabs, asset_id: str) -> None:
    store = await client.knowledge_stores.create(name="films")
    item = await client.knowledge_store_items.create(store.id, asset_id=asset_id)
    await client.knowledge_store_items.wait_for_done(store.id, item.id, sleep_interval=0.01)
    question: Any = [{"type": "message", "role": "user", "content": PROMPT}]
    stream = client.responses.create_stream(knowledge_store_id=store, input=question)
    assert isinstance(await stream.collect_json(classes.Loose), dict)
    result = await client.responses.create_stream(knowledge_store_id=store, input=question).final()
    assert result.finish_reason == "stop"
    assert result.generation_id
    assert result.usage


async def test_segments(client: AsyncTwelveLabs, asset_id: str) -> None:
    seen: list[str] = []
    found = await client.segments(
        asset_id, classes.Shot, classes.Timed, sleep_interval=0.01, callback=lambda task: seen.append(task.status)
    )
    assert seen[-1] == "ready"
    shots = [segment for segment in found if segment.definition == "shot"]
    assert [(shot.start_time, shot.end_time) for shot in shots] == [(0.0, 4.0), (4.0, 8.0)]
    assert all(isinstance(shot.value, classes.Shot) and shot.value.subject for shot in shots)
    assert [segment.start_time for segment in found] == sorted(segment.start_time for segment in found)
    titled = [segment.value for segment in found if isinstance(segment.value, dict)]
    assert [(part["start_time"], part["end_time"]) for part in titled] == [(0.0, 4.0), (4.0, 8.0)]


async def test_segments_of_given_ranges_and_sources(client: AsyncTwelveLabs, asset_id: str) -> None:
    asset = await client.assets.retrieve(asset_id)
    found = await client.segments(asset, classes.Timed, time_ranges=[(1, 3), (3.5, 8)], sleep_interval=0.01)
    assert [(segment.start_time, segment.end_time) for segment in found] == [(1.0, 3.0), (3.5, 8.0)]
    again = await client.segments(video(asset_id), classes.Timed, time_ranges=[(1, 3), (3.5, 8)], sleep_interval=0.01)
    assert again == found
    with pytest.raises(BadRequestError, match="at least 2 seconds"):
        await client.segments({"type": "asset_id", "asset_id": asset_id}, classes.Timed, time_ranges=[(1, 2)])
    with pytest.raises((BadRequestError, TaskFailedError)):
        await client.segments("HTTPS://127.0.0.1:1/none.mp4", classes.Timed, sleep_interval=0.01)


@pytest.fixture(params=["inline", "as an asset"])
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """How a file gets to the platform."""
    if request.param == "as an asset":
        monkeypatch.setattr("twelvelabs_async.resources._one_call.INLINE_BYTES", 0)
    return str(request.param)


async def assets_left(client: AsyncTwelveLabs) -> int:
    return len([asset async for asset in client.assets.list()])


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("task", [False, True])
async def test_a_file_into_a_class(client: AsyncTwelveLabs, media: Path, task: bool) -> None:
    path = media / "beach.mp4"
    report = await client.analyze_file(path, PROMPT, into=classes.Report, task=task, sleep_interval=0.01)
    assert isinstance(report, classes.Report)
    assert len(report.scenes) == 2
    if not task:  # a task takes at least 512 tokens, more than this output has
        with pytest.raises(OutputTruncatedError):
            await client.analyze_file(path, PROMPT, into=classes.Report, task=False, max_tokens=5)
    assert await assets_left(client) == 0


@pytest.mark.usefixtures("how")
async def test_a_stream_of_a_file_into_a_class(client: AsyncTwelveLabs, media: Path) -> None:
    path = media / "beach.mp4"
    whole = await client.analyze_file(path, PROMPT, into=classes.Report)
    stream = client.analyze_file_stream(path, PROMPT, sleep_interval=0.01)
    assert await stream.collect_json(classes.Report) == whole
    assert await assets_left(client) == 0


@pytest.mark.usefixtures("how")
@pytest.mark.parametrize("keep", [False, True])
async def test_segments_of_a_file(client: AsyncTwelveLabs, media: Path, how: str, keep: bool) -> None:
    found = await client.segments(media / "beach.mp4", classes.Shot, keep=keep, sleep_interval=0.01)
    assert [(shot.start_time, shot.end_time) for shot in found] == [(0.0, 4.0), (4.0, 8.0)]
    assert await assets_left(client) == (keep and how == "as an asset")


async def test_segments_of_a_picture(client: AsyncTwelveLabs, media: Path) -> None:
    with pytest.raises(UnsupportedMediaError, match="segments"):
        await client.segments(media / "red.png", classes.Shot)


@pytest.mark.usefixtures("how")
async def test_segments_that_are_cancelled(client: AsyncTwelveLabs, media: Path) -> None:
    """Nothing of the file stays, and the task does not go on."""

    def cancel(_: AnalyzeTaskResponse) -> None:
        running.cancel()

    running = asyncio.ensure_future(client.segments(media / "beach.mp4", classes.Shot, callback=cancel))
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await assets_left(client) == 0
    tasks = [task.status async for task in client.analyze_async.tasks.list()]
    assert len(tasks) == 1
    assert tasks[0] in {"canceled", "ready"}


async def test_a_refusal_is_raised_where_a_stream_is_opened(client: AsyncTwelveLabs) -> None:
    stream = client.analyze_stream(video_id="6298d673f1090f1100476d4c", prompt=PROMPT)
    with pytest.raises((BadRequestError, NotFoundError)):
        await stream.open()


@pytest.mark.parametrize("emulator", [{"speed": 20, "stream_delay": 0.2}], indirect=True)
async def test_a_stream_that_was_opened_and_dropped_is_closed(client: AsyncTwelveLabs, asset_id: str) -> None:
    stream = await client.analyze_stream(video=video(asset_id), prompt=PROMPT).open()
    assert stream.status == 200
    assert await stream.open() is stream
    assert client.limits.in_flight == 1
    del stream
    gc.collect()
    await eventually(lambda: client.limits.in_flight == 0)
    await asyncio.sleep(0)


def test_any_class_is_filled_validly(tmp_path: Path) -> None:
    """What the emulator makes for the schema of a class is valid, and an instance of the class."""
    path = SampleVideo("a.mp4", (Scene("blue", 2), Scene("red", 2))).write(tmp_path)
    index = engine.index(path, engine.probe(path), {"filename": path.name})
    for cls in (classes.Report, classes.Entry, classes.Node, classes.Times, classes.Person, classes.WithComputed):
        schema = json_schema_for(cls)
        text = engine.analyze(index, PROMPT, json_schema=schema).text
        jsonschema.validate(json.loads(text), schema)
        assert parse_into(cls, text)
