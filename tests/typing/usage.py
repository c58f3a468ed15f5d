"""User code that type checkers must accept: files of web frameworks, options, plain dicts in variables, unknown events.

It is not run.
"""

from __future__ import annotations

from typing import Any, Final, Literal, assert_type

from fastapi import UploadFile
from starlette.datastructures import UploadFile as StarletteUploadFile

from twelvelabs_async import AsyncTwelveLabs, FileInput, UncheckedStr, UnknownVariant, types, webhooks
from twelvelabs_async.ingest import Ingestion, IngestOutcome, IngestStats

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
    assert_type(embedded.vector(scope="asset", option="visual"), list[float])
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
