"""User code that type checkers must accept: files of web frameworks, options, plain dicts in variables, unknown events.

It is not run.
"""

from __future__ import annotations

import asyncio
import dataclasses
from pathlib import Path
from typing import Any, Final, Literal, TypedDict, assert_type

import attrs
from aiohttp import BodyPartReader, web
from fastapi import UploadFile
from numpy import asarray, float32, float64
from numpy.typing import NDArray
from starlette.datastructures import UploadFile as StarletteUploadFile
from starlette.requests import Request

from twelvelabs_async import (
    AsyncTwelveLabs,
    FileInput,
    FileStream,
    Segment,
    StreamResult,
    UncheckedStr,
    UnknownVariant,
    UploadError,
    UploadProgress,
    UploadResult,
    Vector,
    structured,
    types,
    webhooks,
)
from twelvelabs_async.ingest import Ingestion, IngestOutcome, IngestStats
from twelvelabs_async.vectors import stack

OPTIONS: Final = ("visual", "audio")


async def uploads(client: AsyncTwelveLabs, upload: UploadFile, plain: StarletteUploadFile) -> None:
    await client.assets.create(method="direct", file=upload)
    await client.assets.create(method="direct", file=("goal.mp4", plain))
    await client.multipart_upload.upload_file(("goal.mp4", upload, "video/mp4"), file_type="video")
    client.search.query(index_id="an-index", search_options=["visual"], query_media_file=[upload, plain])
    files: list[FileInput] = [upload, plain, "goal.mp4", b"bytes"]
    await client.tasks.create_bulk("an-index", video_files=files)


async def one_call(client: AsyncTwelveLabs, upload: UploadFile, asset: types.AssetDetail) -> None:
    embedded = await client.embed.v_2.embed_file(upload, model_name="marengo3.0", embedding_option=["visual"])
    assert_type(embedded, types.EmbeddingSuccessResponse | types.EmbeddingTaskResponse)
    assert_type(embedded.vector(scope="asset", option="visual"), Vector)
    analyzed = await client.analyze_file(asset, "What happens?", kind="video", task=True)
    assert_type(analyzed, types.NonStreamAnalyzeResponse | types.AnalyzeTaskResponse)
    assert_type(analyzed.text, str)
    async for event in client.analyze_file_stream("goal.mp4", "What happens?"):
        assert_type(event, types.StreamAnalyzeResponse)
    texts = await client.embed.v_2.embed_texts(("a", "b"), model_name="marengo3.5")
    assert_type(texts, list[types.EmbeddingSuccessResponse])
    assert_type(await client.assets.upload(b"bytes", wait=False), types.AssetDetail)
    async with client.assets.temporary("https://example.test/goal.mp4") as temporary:
        assert_type(temporary, types.AssetDetail)
    # An asset that is there need not be uploaded.
    await client.assets.upload(asset)  # type: ignore[arg-type]


async def streams(
    client: AsyncTwelveLabs,
    request: Request,
    to_aiohttp: web.Request,
    part: BodyPartReader,
    reader: asyncio.StreamReader,
) -> None:
    await client.assets.create(method="direct", file=request.stream(), size=1000)
    await client.assets.create(
        method="direct", file=("goal.mp4", to_aiohttp.content), spool_dir="spool", max_spool_bytes=10
    )
    await client.multipart_upload.upload_file(part, size=1000, verify_checksums=False)
    await client.multipart_upload.upload_file(("goal.mp4", FileStream(reader, size=10), "video/mp4"))
    files: list[FileInput] = [request.stream(), to_aiohttp.content, part, reader, FileStream(part)]
    await client.tasks.create_bulk("an-index", video_files=files)
    error: UploadError | None = None
    try:
        result = await client.multipart_upload.upload_file(
            "goal.mp4", state=Path("state.json"), progress_callback=print
        )
    except UploadError as failed:
        error = failed
        result = await client.multipart_upload.upload_file("goal.mp4", resume=error)
    assert_type(result, UploadResult)
    assert_type(await client.multipart_upload.resume_file("an-upload", part), UploadResult)


def progress(seen: UploadProgress) -> None:
    assert_type(seen.bytes_sent + seen.bytes_confirmed + seen.total_bytes, int)
    assert_type(seen.rate, float)
    assert_type(seen.seconds_left, float | None)


async def options(client: AsyncTwelveLabs, read: list[str], from_response: types.IndexSchema) -> None:
    search = client.search.query
    search(index_id="an-index", search_options=["visual", "audio"], group_by="video")
    search(index_id="an-index", search_options=OPTIONS)
    annotated: list[Literal["visual", "audio"]] = ["visual"]
    search(index_id="an-index", search_options=annotated)
    search(index_id="an-index", search_options=["visual", UncheckedStr("newer")], group_by=UncheckedStr("newer"))
    search(index_id="an-index", search_options=[UncheckedStr(option) for option in read])
    await client.indexes.create(
        index_name="films", models=[{"model_name": read[0], "model_options": [UncheckedStr("newer")]}]
    )
    await client.indexes.create(
        index_name="films",
        models=[types.IndexesCreateRequestModelsItem(model_name="marengo9.9", model_options=[UncheckedStr("newer")])],
    )
    # What the platform sends stays open.
    for model in from_response.models or []:
        for option in model.model_options or []:
            assert_type(option, str)


async def plain_dicts_in_variables(client: AsyncTwelveLabs) -> None:
    models: list[types.IndexesCreateRequestModelsItemParams] = [
        {"model_name": "marengo3.0", "model_options": ["visual", "audio"]}
    ]
    await client.indexes.create(index_name="films", models=models)
    video: types.VideoContextParams = {"type": "asset_id", "asset_id": "an-asset"}
    await client.analyze(video=video, prompt="What happens?")


async def discriminator_of_an_event(client: AsyncTwelveLabs) -> None:
    async for event in client.analyze_stream(video_id="a-video"):
        assert_type(event.event_type, str)
        match event.event_type:
            case "text_generation":
                assert_type(event, types.StreamTextResponse | UnknownVariant)
                assert_type(event.text, str | Any | None)
            case "stream_end":
                assert_type(event, types.StreamEndResponse | UnknownVariant)
            case newer:
                assert_type(newer, str)


async def comparison_after_unknown_events(client: AsyncTwelveLabs) -> None:
    async for event in client.analyze_stream(video_id="a-video"):
        if isinstance(event, UnknownVariant):
            assert_type(event.usage, Any)
        elif event.event_type == "text_generation":
            assert_type(event, types.StreamTextResponse)
            assert_type(event.text, str | None)


async def type_of_an_event(client: AsyncTwelveLabs) -> None:
    async for event in client.responses.create_stream(knowledge_store_id="a-store", input=[]):
        match event.type:
            case "response.output_text.delta":
                assert_type(event, types.ResponseStreamOutputTextDeltaEvent | UnknownVariant)
            case newer:
                assert_type(newer, str)


def webhook(body: bytes, headers: dict[str, str]) -> str:
    event = webhooks.unwrap(body, headers, "whsec")
    return f"{event.id} {event.type}"


@attrs.frozen
class Report:
    title: str


@dataclasses.dataclass
class Shot:
    """A shot."""

    subject: str


class Entry(TypedDict):
    """An entry."""

    name: str


async def output_of_a_class(client: AsyncTwelveLabs, read: bool) -> None:
    assert_type(await client.analyze(video_id="a-video", prompt="What?", into=Report), Report)
    assert_type(await client.analyze(video_id="a-video", prompt="What?", into=Shot), Shot)
    assert_type(await client.analyze(video_id="a-video", prompt="What?", into=Entry), Entry)
    assert_type(await client.analyze(video_id="a-video", prompt="What?"), types.NonStreamAnalyzeResponse)
    kept = await client.analyze(video_id="a-video", prompt="What?", into=Report if read else None)
    assert_type(kept, Report | types.NonStreamAnalyzeResponse)
    entry = await client.analyze_stream(video_id="a-video", prompt="What?").collect_json(Entry)
    assert_type(entry["name"], str)
    wanted = structured.response_format_for(Report)
    await client.analyze_async.tasks.create(video={"type": "url", "url": "u"}, prompt="?", response_format=wanted)
    client.analyze_stream(video_id="a-video", prompt="What?", response_format=wanted)
    assert_type(structured.parse_into(Report, "{}", "stop"), Report)


async def segments_of_a_class(client: AsyncTwelveLabs, asset: types.Asset) -> None:
    assert_type(await client.segments(asset, Shot), list[Segment[Shot]])
    assert_type(await client.segments(Path("goal.mp4"), Shot, keep=True), list[Segment[Shot]])
    assert_type(await client.analyze_file("goal.mp4", "What happens?", into=Report), Report)
    for segment in await client.segments("https://example.com/a.mp4", Entry, model_name="pegasus1.6"):
        assert_type(segment.start_time, float)
        assert_type(segment.value, Entry)


async def a_stream_and_what_it_comes_to(client: AsyncTwelveLabs) -> None:
    stream = await client.analyze_stream(video_id="a-video", prompt="What?").open()
    async for text in stream.text_stream:
        assert_type(text, str)
    result = await stream.final()
    assert_type(result, StreamResult)
    if result.usage is not None:
        assert_type(result.usage.output_tokens, int | None)


def vectors(data: list[types.EmbeddingData], segment: types.VideoSegment) -> None:
    made = types.EmbeddingData(embedding=[0.5, 1], embedding_uncertainty=(0.25,))
    assert_type(made.embedding, Vector)
    assert_type(made.embedding_uncertainty, Vector | None)
    assert_type(segment.float_, types.Vector | None)
    assert_type(made.embedding[0], float)
    assert_type(made.embedding[:2], Vector)
    assert_type([a * b for a, b in zip(made.embedding, data[0].embedding, strict=True)], list[float])
    assert_type(made.embedding.tolist(), list[float])
    assert_type(made.embedding.numpy(), NDArray[float64])
    assert_type(made.embedding.numpy("float32"), NDArray[float32])
    assert_type(made.embedding.numpy(dtype=float32), NDArray[Any])
    assert_type(stack(data), NDArray[float64])
    assert_type(stack([made.embedding], dtype="float32"), NDArray[float32])
    assert_type(asarray(made.embedding), NDArray[Any])


async def ingestion(client: AsyncTwelveLabs, index: types.IndexSchema) -> None:
    run = client.ingest(["a.mp4", ("b.mp4", b"x"), {"url": "https://example.test/c.mp4"}], index_id=index)
    assert_type(run, Ingestion)
    async for outcome in run:
        assert_type(outcome, IngestOutcome)
    assert_type(await run.wait(), IngestStats)
    async for asset in run.sweep():
        assert_type(asset, types.AssetDetail)
    async for asset in client.assets.sweep(remove=True):
        assert_type(asset, types.AssetDetail)
    async with client.ingest("films", knowledge_store_id="ks_1", concurrency={"upload": 4}, embed=True) as entered:
        assert_type(entered, Ingestion)
