"""One call for a file: assets.upload, assets.temporary, embed_file, embed_texts, analyze_file and its stream."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import random
import struct
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pytest
from starlette.datastructures import UploadFile

from tests.eventually import eventually
from tests.structured import classes
from twelvelabs_async import AsyncTwelveLabs, FileStream, types
from twelvelabs_async._config.hooks import Hooks
from twelvelabs_async._generated.operations.analyze_tasks import RETRIEVE_ANALYZE_TASK
from twelvelabs_async._media import kinds
from twelvelabs_async._request.operation import MediaLimits
from twelvelabs_async._resource import Resource
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene, write_image
from twelvelabs_async.errors import (
    APIConnectionError,
    BadRequestError,
    BulkError,
    ConflictError,
    InternalServerError,
    OutputTruncatedError,
    TaskFailedError,
    TwelveLabsError,
    UnsupportedMediaError,
    UploadError,
)
from twelvelabs_async.resources import _one_call, _removal, _sources, assets
from twelvelabs_async.structured import response_format_for
from twelvelabs_async.types import (
    AnalyzeTaskResponse,
    AssetDetail,
    EmbeddingSuccessResponse,
    EmbeddingTaskResponse,
    NonStreamAnalyzeResponse,
)
from twelvelabs_async.uploads import UploadProgress

MODEL = "marengo3.0"


@attrs.define
class Watched:
    """What a client sends, and what happens at a step of it."""

    operations: list[str] = attrs.Factory(list)
    steps: int = 0
    at_step: int = 0
    action: Callable[[], object] | None = None

    def step(self, event: Any) -> None:
        self.steps += 1
        if self.steps == self.at_step and self.action is not None:
            self.action()

    def request(self, event: Any) -> None:
        self.operations.append(event.operation)
        self.step(event)

    @property
    def counts(self) -> Counter[str]:
        return Counter(self.operations)


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
async def client(emulator: Emulator, watched: Watched) -> AsyncIterator[AsyncTwelveLabs]:
    hooks = Hooks(on_request=watched.request, on_response=watched.step)
    async with AsyncTwelveLabs(
        api_key=emulator.api_key, base_url=emulator.base_url, hooks=hooks, max_retries=0
    ) as opened:
        yield opened


@pytest.fixture(scope="session")
def files(media: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    SampleVideo("long.mp4", (Scene("green", 33),)).write(folder)
    for name in ("beach.mp4", "forest.mp4", "broken.mp4", "red.png"):
        (folder / name).write_bytes((media / name).read_bytes())
    (folder / "notes.md").write_text("A red goal. A blue goal. " * 20)
    return folder


@pytest.fixture
def as_assets(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is small enough to be sent with the call."""
    monkeypatch.setattr(_one_call, "INLINE_BYTES", 0)


@pytest.fixture
def in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is small enough for a direct upload."""
    monkeypatch.setattr(assets, "_DIRECT", MediaLimits(file=dict.fromkeys(("video", "audio", "image", "document"), 9)))


CHUNKS = pytest.mark.parametrize("emulator", [{"speed": 20, "chunk_size": 2048}], indirect=True)


async def left(emulator: Emulator) -> list[AssetDetail]:
    """The assets at the platform, seen by a client of its own."""
    async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url) as other:
        return [asset async for asset in other.assets.list()]


# What each kind of file becomes.


@pytest.mark.parametrize(
    ("name", "model", "kind", "expected"),
    [
        ("beach.mp4", "marengo3.0", "video", EmbeddingSuccessResponse),
        ("long.mp4", "marengo3.0", "video", EmbeddingSuccessResponse),
        ("long.mp4", "marengo3.5", "video", EmbeddingTaskResponse),
        ("red.png", "marengo3.0", "image", EmbeddingSuccessResponse),
        ("notes.md", "marengo3.5", "document", EmbeddingTaskResponse),
    ],
)
async def test_a_file_becomes_embeddings(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    watched: Watched,
    files: Path,
    name: str,
    model: str,
    kind: str,
    expected: type,
) -> None:
    found = await client.embed.v_2.embed_file(files / name, model_name=model)
    assert type(found) is expected
    assert found.metadata is not None
    assert found.metadata.input_type == kind
    option = "text" if kind == "document" else "visual"
    assert len(found.vector(scope="asset", option=option)) == 512
    assert ("createAsset" in watched.operations) == (kind == "document")
    assert await left(emulator) == []


@pytest.mark.usefixtures("as_assets")
async def test_a_large_file_becomes_an_asset(
    emulator: Emulator, client: AsyncTwelveLabs, watched: Watched, files: Path
) -> None:
    inline = await client.embed.v_2.embed_file(files / "red.png", model_name=MODEL)
    assert watched.counts["createAsset"] == watched.counts["deleteAsset"] == 1
    kept = await client.embed.v_2.embed_file(files / "red.png", model_name=MODEL, keep=True)
    assert kept.vector() == inline.vector()
    (asset,) = await left(emulator)
    assert asset.filename == "red.png"
    # An asset that is there is used, and stays.
    for source in (asset, asset.id):
        again = await client.embed.v_2.embed_file(source, model_name=MODEL)
        assert again.vector() == inline.vector()
    assert watched.counts["createAsset"] == 2
    assert len(await left(emulator)) == 1


@pytest.mark.parametrize("name", ["beach.mp4", "red.png"])
@pytest.mark.parametrize("task", [None, True])
async def test_a_file_is_analyzed(
    emulator: Emulator, client: AsyncTwelveLabs, files: Path, name: str, task: bool | None
) -> None:
    found = await client.analyze_file(files / name, "What is shown?", task=task)
    assert type(found) is (AnalyzeTaskResponse if task else NonStreamAnalyzeResponse)
    assert "red" in found.text
    assert await left(emulator) == []


@pytest.mark.usefixtures("as_assets")
async def test_an_analysis_is_streamed(emulator: Emulator, client: AsyncTwelveLabs, files: Path) -> None:
    stream = client.analyze_file_stream(files / "beach.mp4", "What is shown?")
    assert await left(emulator) == []
    async with stream:
        first = await anext(stream)
        assert first.event_type == "stream_start"
        assert len(await left(emulator)) == 1
        assert "red" in await stream.read_text()
    assert await left(emulator) == []
    # A loop that is left, and a stream that is closed after its first event.
    async with client.analyze_file_stream(files / "red.png", "What is shown?") as stream:
        async for _ in stream:
            break
    assert await left(emulator) == []


async def test_bytes_and_open_files(client: AsyncTwelveLabs, watched: Watched, files: Path) -> None:
    data = (files / "red.png").read_bytes()
    expected = (await client.embed.v_2.embed_file(data, model_name=MODEL)).vector()
    with (files / "red.png").open("rb") as file:
        found = await client.embed.v_2.embed_file(file, model_name=MODEL)
    assert found.vector() == expected
    found = await client.embed.v_2.embed_file(("any.bin", data), model_name=MODEL)
    assert found.vector() == expected
    asset = await client.assets.upload(data)
    assert (asset.filename, asset.file_type) == ("source.png", "image/png")


class Store:
    """Serves files by URL, as any web server would."""

    def __init__(self, files: Path) -> None:
        self.files = files
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode().rpartition("/")[2]
        path = self.files / {"download": "red.png", "video": "long.mp4"}.get(name, name)
        body = await asyncio.to_thread(path.read_bytes)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()


@pytest.fixture
async def store(files: Path) -> AsyncIterator[Store]:
    made = Store(files)
    async with await asyncio.start_server(made.serve, "127.0.0.1", 0) as server:
        made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield made


async def test_urls(emulator: Emulator, client: AsyncTwelveLabs, watched: Watched, store: Store) -> None:
    # The name says what it is.
    found = await client.embed.v_2.embed_file(f"{store.url}/red.png", model_name=MODEL)
    assert watched.operations == ["createEmbeddingsV2"]
    # The caller does.
    again = await client.embed.v_2.embed_file(f"{store.url}/download", model_name=MODEL, kind="image")
    assert again.vector() == found.vector()
    assert watched.operations == ["createEmbeddingsV2"] * 2
    # The platform finds out.
    again = await client.embed.v_2.embed_file(f"{store.url}/download", model_name=MODEL)
    assert again.vector() == found.vector()
    assert watched.counts["createAsset"] == watched.counts["deleteAsset"] == 1
    text = await client.analyze_file(f"{store.url}/forest.mp4", "What is shown?")
    assert "green" in text.text
    assert await left(emulator) == []
    asset = await client.assets.upload(f"{store.url}/forest.mp4", filename="trees.mp4")
    assert (asset.method, asset.filename, asset.status) == ("url", "trees.mp4", "ready")


async def test_a_task_after_a_refusal(
    emulator: Emulator, client: AsyncTwelveLabs, watched: Watched, store: Store
) -> None:
    """The length behind a URL is not known: the platform says that it is too long."""
    found = await client.embed.v_2.embed_file(f"{store.url}/long.mp4", model_name="marengo3.5")
    assert type(found) is EmbeddingTaskResponse
    assert watched.operations[:2] == ["createEmbeddingsV2", "createEmbeddingTaskV2"]
    with pytest.raises(BadRequestError):
        await client.embed.v_2.embed_file(f"{store.url}/long.mp4", model_name="marengo3.5", task=False)


async def test_a_file_of_unknown_length(
    client: AsyncTwelveLabs, watched: Watched, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_sources, "length", lambda source: None)
    found = await client.embed.v_2.embed_file(files / "long.mp4", model_name="marengo3.5")
    assert type(found) is EmbeddingTaskResponse
    assert watched.operations[:2] == ["createEmbeddingsV2", "createEmbeddingTaskV2"]
    # The platform tells the length of an asset.
    watched.operations.clear()
    monkeypatch.setattr(_one_call, "INLINE_BYTES", 0)
    await client.embed.v_2.embed_file(files / "long.mp4", model_name="marengo3.5")
    assert "createEmbeddingsV2" not in watched.operations


async def test_options_reach_the_platform(client: AsyncTwelveLabs, files: Path) -> None:
    for task in (False, True):
        found = await client.embed.v_2.embed_file(
            files / "beach.mp4",
            model_name="marengo3.5",
            start_sec=2,
            end_sec=6,
            segmentation={"strategy": "fixed", "fixed": {"duration_sec": 2}},
            embedding_option=["visual"],
            embedding_scope=["clip"],
            embedding_type=["separate_embedding"],
            embedding_dimension=256,
            embedding_uncertainty=True,
            task=task,
        )
        assert found.data is not None
        assert [(item.start_sec, item.end_sec) for item in found.data] == [(2, 4), (4, 6)]
        assert {len(item.embedding) for item in found.data} == {256}
        assert found.data[0].embedding_uncertainty is not None
    text = await client.analyze_file(
        files / "beach.mp4",
        "What is shown?",
        model_name="pegasus1.5",
        temperature=0.0,
        max_tokens=3,
        start_time=5,
        end_time=8,
    )
    assert isinstance(text, NonStreamAnalyzeResponse)
    assert text.finish_reason == "length"
    schema = {"type": "object", "properties": {"colour": {"type": "string"}}, "required": ["colour"]}
    shape: types.SyncResponseFormatParams = {"type": "json_schema", "json_schema": schema}
    text = await client.analyze_file(files / "beach.mp4", "What is shown?", response_format=shape)
    assert list(json.loads(text.text)) == ["colour"]
    async with client.analyze_file_stream(files / "beach.mp4", "What is shown?", response_format=shape) as stream:
        assert list(json.loads(await stream.read_text())) == ["colour"]


@pytest.mark.parametrize("task", [False, True])
@pytest.mark.usefixtures("as_assets")
async def test_a_file_into_a_class(
    emulator: Emulator, client: AsyncTwelveLabs, watched: Watched, files: Path, task: bool
) -> None:
    report = await client.analyze_file(files / "beach.mp4", "What is shown?", into=classes.Report, task=task)
    assert isinstance(report, classes.Report)
    assert len(report.scenes) == 2
    stream = client.analyze_file_stream(files / "beach.mp4", "What is shown?")
    assert await stream.collect_json(classes.Report) == report
    with pytest.raises(OutputTruncatedError) as caught:
        await client.analyze_file(
            files / "beach.mp4",
            "Tell it all. " * 200,
            into=classes.Report,
            task=False,
            max_tokens=5,
        )
    assert caught.value.text.startswith("{")
    assert await left(emulator) == []
    assert watched.counts["cancelAnalyzeTask"] == 0
    sent = len(watched.operations)
    shape: Any = response_format_for(classes.Report)
    with pytest.raises(ValueError, match="give into or response_format, not both"):
        await client.analyze_file(files / "beach.mp4", "?", into=classes.Report, response_format=shape)
    with pytest.raises(TypeError, match=r"BadMap\.counts"):
        await client.analyze_file(files / "beach.mp4", "?", into=classes.BadMap)
    with pytest.raises(TypeError, match=r"BadMap\.counts"):
        await client.analyze_file_stream(files / "beach.mp4", "?").collect_json(classes.BadMap)
    assert await left(emulator) == []
    assert len(watched.operations) == sent


@pytest.mark.parametrize("is_inline", [False, True])
async def test_segments_of_a_file(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    watched: Watched,
    files: Path,
    store: Store,
    is_inline: bool,
    request: pytest.FixtureRequest,
) -> None:
    if not is_inline:
        request.getfixturevalue("as_assets")
    found = await client.segments(files / "beach.mp4", classes.Shot, sleep_interval=0.01)
    assert [(segment.start_time, segment.end_time) for segment in found] == [(0.0, 4.0), (4.0, 8.0)]
    assert watched.counts["createAsset"] == watched.counts["deleteAsset"] == (0 if is_inline else 1)
    assert watched.counts["cancelAnalyzeTask"] == 0
    # What is behind a URL is a video, whatever its name.
    found = await client.segments(f"{store.url}/video", classes.Shot, sleep_interval=0.01)
    assert found
    assert await left(emulator) == []
    with pytest.raises(UnsupportedMediaError, match="segments accepts video, but this is image"):
        await client.segments(files / "red.png", classes.Shot)
    if not is_inline:
        await client.segments(files / "beach.mp4", classes.Shot, sleep_interval=0.01, keep=True)
        (asset,) = await left(emulator)
        await client.segments(asset, classes.Shot, sleep_interval=0.01)
        assert len(await left(emulator)) == 1


@pytest.mark.usefixtures("as_assets")
async def test_segments_that_are_not_awaited_to_the_end(
    emulator: Emulator, client: AsyncTwelveLabs, watched: Watched, files: Path
) -> None:
    def interrupt(task: AnalyzeTaskResponse) -> None:
        raise KeyError("callback")

    with pytest.raises(KeyError):
        await client.segments(files / "beach.mp4", classes.Shot, callback=interrupt)
    assert watched.counts["cancelAnalyzeTask"] == 1
    assert await left(emulator) == []


# Streams as sources.


class Stream:
    """A stream that can be read once, and counts how often it is closed."""

    def __init__(self, data: bytes) -> None:
        self.pieces = [data[at : at + 4096] for at in range(0, len(data), 4096)]
        self.closed = 0

    def __aiter__(self) -> Stream:
        return self

    async def __anext__(self) -> bytes:
        if not self.pieces:
            raise StopAsyncIteration
        return self.pieces.pop(0)

    async def aclose(self) -> None:
        self.closed += 1


async def make_asset(client: AsyncTwelveLabs, source: Any) -> None:
    asset = await client.assets.upload(source, sleep_interval=0.01)
    await client.assets.delete(asset.id, force=True)


async def have_asset(client: AsyncTwelveLabs, source: Any) -> None:
    async with client.assets.temporary(source, sleep_interval=0.01):
        pass


async def embed_it(client: AsyncTwelveLabs, source: Any) -> None:
    await client.embed.v_2.embed_file(source, model_name=MODEL, sleep_interval=0.01)


async def analyze_it(client: AsyncTwelveLabs, source: Any) -> None:
    await client.analyze_file(source, "What is shown?", sleep_interval=0.01)


async def stream_it(client: AsyncTwelveLabs, source: Any) -> None:
    await client.analyze_file_stream(source, "What is shown?", sleep_interval=0.01).final()


async def find_shots(client: AsyncTwelveLabs, source: Any) -> None:
    await client.segments(source, classes.Shot, sleep_interval=0.01)


HELPERS = pytest.mark.parametrize(
    "use", [make_asset, have_asset, embed_it, analyze_it, stream_it, find_shots], ids=lambda use: use.__name__
)
Use: TypeAlias = Callable[[AsyncTwelveLabs, Any], Awaitable[None]]


def temporary_files() -> int:
    """Temporary files of this process: they have no name. SQLite, in the emulator, has its own."""
    links = []
    for link in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            links.append(link.readlink())
    return sum("(deleted)" in link.name and not link.name.startswith("etilqs_") for link in links)


@HELPERS
async def test_streams(emulator: Emulator, client: AsyncTwelveLabs, watched: Watched, files: Path, use: Use) -> None:
    data = (files / "beach.mp4").read_bytes()
    before = temporary_files()
    # Without a size, it is a file like any other.
    stream = Stream(data)
    await use(client, ("a.mp4", stream))
    is_upload = use in {make_asset, have_asset}
    assert (stream.closed, watched.counts["createAsset"]) == (1, int(is_upload))
    # With a size, it is sent while it is read, and never with a request that may have to be made again.
    watched.operations.clear()
    stream = Stream(data)
    await use(client, ("a.mp4", FileStream(stream, size=len(data))))
    assert (stream.closed, watched.counts["createAsset"]) == (1, 1)
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    await use(client, ("a.mp4", reader))
    await use(client, UploadFile(io.BytesIO(data), filename="a.mp4", size=len(data)))
    assert await left(emulator) == []
    assert temporary_files() == before


@HELPERS
async def test_streams_that_fail(
    emulator: Emulator, client: AsyncTwelveLabs, watched: Watched, files: Path, use: Use
) -> None:
    data = (files / "beach.mp4").read_bytes()
    before = temporary_files()
    repeating = client.with_options(max_retries=3)
    for size, problem in ((len(data) + 1, "ended at byte"), (len(data) - 1, "has more than")):
        stream = Stream(data)
        with pytest.raises(APIConnectionError, match=problem):
            await use(repeating, ("a.mp4", FileStream(stream, size=size)))
        assert stream.closed == 1
    assert watched.operations == ["createAsset"] * 2
    stream = Stream(data)
    with pytest.raises(ValueError, match="more than 1,000 bytes"):
        await use(client, ("a.mp4", FileStream(stream, max_spool_bytes=1000)))
    assert stream.closed == 1
    emulator.faults.add(kind="status", status=503, operation="createAsset", count=1)
    stream = Stream(data)
    with pytest.raises(InternalServerError) as caught:
        await use(repeating, ("a.mp4", FileStream(stream, size=len(data))))
    assert any("can be read only once" in note for note in caught.value.__notes__)
    assert (stream.closed, watched.operations) == (1, ["createAsset"] * 3)
    assert await left(emulator) == []
    assert temporary_files() == before


# Uploads.


@pytest.mark.parametrize("emulator", [{"speed": 20, "chunk_size": 2048}], indirect=True)
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_an_upload(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    watched: Watched,
    files: Path,
    is_chunked: bool,
    request: pytest.FixtureRequest,
) -> None:
    if is_chunked:
        request.getfixturevalue("in_chunks")
    seen: list[UploadProgress] = []

    async def progress(state: UploadProgress) -> None:
        seen.append(state)

    asset = await client.assets.upload(
        files / "beach.mp4", filename="sea.mp4", user_metadata={"by": "me"}, progress_callback=progress
    )
    assert (asset.status, asset.filename, asset.user_metadata) == ("ready", "sea.mp4", {"by": "me"})
    assert asset.size == (files / "beach.mp4").stat().st_size
    assert ("createMultipartUpload" in watched.operations) == bool(seen) == is_chunked
    assert ("createAsset" in watched.operations) != is_chunked
    assert [item.id for item in await left(emulator)] == [asset.id]
    plain = await client.assets.upload(
        files / "forest.mp4", enable_hls=False, enable_thumbnail=False, wait=False, progress_callback=seen.append
    )
    assert plain.hls is None
    assert plain.thumbnail is None
    if is_chunked:
        assert (plain.status, seen[-1].status) == ("processing", "completed")


@CHUNKS
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_file_that_cannot_be_processed(
    emulator: Emulator, client: AsyncTwelveLabs, files: Path, is_chunked: bool, request: pytest.FixtureRequest
) -> None:
    if is_chunked:
        request.getfixturevalue("in_chunks")
    with pytest.raises(TaskFailedError) as caught:
        await client.assets.upload(files / "broken.mp4")
    assert isinstance(caught.value.task, AssetDetail)
    assert await left(emulator) == []
    with pytest.raises(TaskFailedError):
        await client.assets.upload(files / "broken.mp4", keep=True)
    assert [asset.status for asset in await left(emulator)] == ["failed"]


async def test_a_temporary_asset(emulator: Emulator, client: AsyncTwelveLabs, files: Path) -> None:
    async with client.assets.temporary(files / "beach.mp4", filename="sea.mp4") as asset:
        assert asset.status == "ready"
        assert [item.filename for item in await left(emulator)] == ["sea.mp4"]
    assert await left(emulator) == []

    async def fails() -> None:
        async with client.assets.temporary(files / "beach.mp4"):
            raise KeyError("body")

    with pytest.raises(KeyError, match="body"):
        await fails()
    assert await left(emulator) == []
    # Gone already: that is what was wanted.
    async with client.assets.temporary(files / "beach.mp4") as asset:
        await client.assets.delete(asset)


async def test_a_temporary_asset_that_is_in_use(
    emulator: Emulator, client: AsyncTwelveLabs, index_id: str, files: Path
) -> None:
    async with client.assets.temporary(files / "forest.mp4") as asset:
        await client.indexes.indexed_assets.create(index_id, asset_id=asset)
        with pytest.raises(ConflictError):
            await client.assets.delete(asset)
    assert await left(emulator) == []


async def test_a_temporary_asset_that_cannot_be_removed(
    emulator: Emulator, client: AsyncTwelveLabs, files: Path, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.faults.add(kind="status", status=500, operation="deleteAsset")

    async def work(error: Exception | None) -> None:
        async with client.assets.temporary(files / "red.png"):
            if error is not None:
                raise error

    with caplog.at_level(logging.WARNING, "twelvelabs_async"):
        with pytest.raises(InternalServerError):
            await work(None)
        with pytest.raises(KeyError) as caught:
            await work(KeyError("body"))
    assert [note.partition(" was not removed: ")[0] for note in caught.value.__notes__] == [
        f"asset {(await left(emulator))[0].id}"
    ]
    assert len([record for record in caplog.records if "was not removed" in record.message]) == 2


@pytest.mark.usefixtures("as_assets")
async def test_a_result_is_not_lost_when_the_asset_stays(
    emulator: Emulator, client: AsyncTwelveLabs, files: Path, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.faults.add(kind="status", status=500, operation="deleteAsset")
    with caplog.at_level(logging.WARNING, "twelvelabs_async"):
        found = await client.embed.v_2.embed_file(files / "red.png", model_name=MODEL)
    assert len(found.vector()) == 512
    (asset,) = await left(emulator)
    assert f"asset {asset.id} was not removed: InternalServerError" in caplog.text


# Failures and cancellations at every step.

Scenario: TypeAlias = Callable[[AsyncTwelveLabs, Path], Awaitable[object]]


async def embed_at_once(client: AsyncTwelveLabs, files: Path) -> None:
    await client.embed.v_2.embed_file(files / "red.png", model_name=MODEL, sleep_interval=0.02)


async def embed_by_task(client: AsyncTwelveLabs, files: Path) -> None:
    await client.embed.v_2.embed_file(files / "forest.mp4", model_name=MODEL, task=True, sleep_interval=0.02)


async def analyze_at_once(client: AsyncTwelveLabs, files: Path) -> None:
    await client.analyze_file(files / "forest.mp4", "What is shown?", sleep_interval=0.02)


async def analyze_by_task(client: AsyncTwelveLabs, files: Path) -> None:
    await client.analyze_file(files / "forest.mp4", "What is shown?", task=True, sleep_interval=0.02)


async def analyze_stream(client: AsyncTwelveLabs, files: Path) -> None:
    async for _ in client.analyze_file_stream(files / "red.png", "What is shown?", sleep_interval=0.02):
        await asyncio.sleep(0)


async def analyze_stream_in_a_block(client: AsyncTwelveLabs, files: Path) -> None:
    async with client.analyze_file_stream(files / "red.png", "What is shown?", sleep_interval=0.02) as stream:
        async for _ in stream:
            await asyncio.sleep(0)


async def upload(client: AsyncTwelveLabs, files: Path) -> None:
    await client.assets.upload(files / "forest.mp4", sleep_interval=0.02)


async def temporary(client: AsyncTwelveLabs, files: Path) -> None:
    async with client.assets.temporary(files / "forest.mp4", sleep_interval=0.02) as asset:
        await client.assets.retrieve(asset)


SCENARIOS: list[Scenario] = [
    embed_at_once,
    embed_by_task,
    analyze_at_once,
    analyze_by_task,
    analyze_stream,
    analyze_stream_in_a_block,
    temporary,
]


async def cancelled_at(step: int, turns: int, watched: Watched, work: Awaitable[object]) -> bool:
    """Cancel the work some turns of the event loop after a step; False where it had ended before."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()

    def later(left: int) -> None:
        if left:
            loop.call_soon(later, left - 1)
        else:
            task.cancel()

    watched.steps, watched.at_step, watched.action = 0, step, lambda: later(turns)
    try:
        await task
    except asyncio.CancelledError:
        return True
    finally:
        watched.at_step = 0
    return watched.steps >= step


@CHUNKS
@pytest.mark.parametrize("is_chunked", [False, True])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
@pytest.mark.usefixtures("as_assets")
async def test_cancelling_leaves_nothing_at_the_platform(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    watched: Watched,
    files: Path,
    scenario: Scenario,
    is_chunked: bool,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Cancelled at each request and each response, and some turns of the event loop later."""
    if is_chunked:
        request.getfixturevalue("in_chunks")
    monkeypatch.setattr(_removal, "GRACE", 60.0)  # the machine may be slow
    chance = random.Random(f"{scenario.__name__} {is_chunked}")
    step = 0
    while await cancelled_at(step := step + 1, chance.randrange(8), watched, scenario(client, files)):
        assert await left(emulator) == [], step
        assert not [task for task in asyncio.all_tasks() if is_of_a_helper(task)], step
        assert step < 200
    assert step > 6
    assert await left(emulator) == []
    assert "was not removed" not in caplog.text
    for task in [item async for item in client.analyze_async.tasks.list()]:
        assert task.status in {"ready", "canceled"}


@CHUNKS
@pytest.mark.parametrize("is_chunked", [False, True])
async def test_cancelling_an_upload(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    watched: Watched,
    files: Path,
    is_chunked: bool,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A cancelled one leaves nothing, and one that returned has made an asset for its caller."""
    if is_chunked:
        request.getfixturevalue("in_chunks")
    monkeypatch.setattr(_removal, "GRACE", 60.0)
    chance = random.Random(is_chunked)
    step = 0
    while await cancelled_at(step := step + 1, chance.randrange(8), watched, upload(client, files)):
        for asset in await left(emulator):
            # The cancellation came after the last response, too late.
            assert asset.status == "ready"
            assert watched.operations[-1] == "retrieveAsset"
            await client.assets.delete(asset)
        assert step < 200
    assert step > 4
    (asset,) = await left(emulator)
    assert asset.status == "ready"


def is_of_a_helper(task: asyncio.Task[Any]) -> bool:
    """Whether a helper began the task; those of the emulator run in the same event loop."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "twelvelabs_async/resources" in code.co_filename


@pytest.mark.usefixtures("as_assets")
async def test_a_cancellation_is_not_held_up_by_the_platform(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    watched: Watched,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A platform that does not respond: the call ends with its time of grace, and says what stays behind."""
    monkeypatch.setattr(_removal, "GRACE", 0.2)
    emulator.faults.add(kind="stall", operation="deleteAsset")
    emulator.faults.add(kind="stall", operation="createEmbeddingsV2")
    task = asyncio.ensure_future(embed_at_once(client, files))
    with caplog.at_level(logging.WARNING, "twelvelabs_async"):
        await eventually(lambda: "createEmbeddingsV2" in watched.operations)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    (asset,) = await left(emulator)
    assert f"asset {asset.id} was not removed: TimeoutError: the call was cancelled" in caplog.text
    assert caught.value.__notes__


OPERATIONS = [
    (embed_at_once, "createAsset"),
    (embed_at_once, "retrieveAsset"),
    (embed_at_once, "createEmbeddingsV2"),
    (embed_by_task, "createEmbeddingTaskV2"),
    (embed_by_task, "retrieveEmbeddingTaskV2"),
    (analyze_at_once, "analyzeVideo"),
    (analyze_by_task, "createAnalyzeTask"),
    (analyze_by_task, "retrieveAnalyzeTask"),
    (analyze_stream, "analyzeVideo"),
    (analyze_stream_in_a_block, "analyzeVideo"),
    (upload, "retrieveAsset"),
    (temporary, "retrieveAsset"),
]


FAULTS: list[dict[str, Any]] = [{"kind": "status", "status": 403}, {"kind": "malformed"}]


@pytest.mark.parametrize(
    ("scenario", "operation", "fault"),
    [
        (scenario, operation, fault)
        for scenario, operation in OPERATIONS
        for fault in FAULTS
        # Where no response says which asset was created, it stays; assets.upload documents this.
        if (operation, fault["kind"]) != ("createAsset", "malformed")
    ],
)
@pytest.mark.usefixtures("as_assets")
async def test_a_failure_leaves_nothing_at_the_platform(
    emulator: Emulator,
    client: AsyncTwelveLabs,
    files: Path,
    scenario: Scenario,
    operation: str,
    fault: dict[str, Any],
) -> None:
    emulator.faults.add(operation=operation, count=1, **fault)
    with pytest.raises(TwelveLabsError):
        await scenario(client, files)
    assert await left(emulator) == []


@CHUNKS
@pytest.mark.usefixtures("in_chunks")
@pytest.mark.parametrize("operation", ["putChunk", "reportChunkBatch", "createMultipartUpload"])
async def test_chunks_that_fail(emulator: Emulator, client: AsyncTwelveLabs, files: Path, operation: str) -> None:
    port = "objects" if operation == "putChunk" else "api"
    emulator.faults.add(kind="status", status=400, operation=operation, port=port)
    error = InternalServerError if operation == "createMultipartUpload" else UploadError
    with pytest.raises(BadRequestError if operation == "createMultipartUpload" else error):
        await client.assets.upload(files / "beach.mp4")
    assert await left(emulator) == []


async def test_an_analysis_that_nobody_waits_for_is_canceled(
    emulator: Emulator, client: AsyncTwelveLabs, files: Path
) -> None:
    emulator.faults.add(kind="status", status=403, operation="retrieveAnalyzeTask", count=1)
    with pytest.raises(TwelveLabsError):
        await analyze_by_task(client, files)
    emulator.faults.add(kind="status", status=403, operation="retrieveAnalyzeTask", count=1)
    with pytest.raises(TwelveLabsError):
        await client.analyze_file(files / "forest.mp4", "What is shown?", task=True, keep=True)
    states = {item.status async for item in client.analyze_async.tasks.list()}
    assert "canceled" in states
    assert len(states) == 2


async def test_a_task_that_failed(client: AsyncTwelveLabs, files: Path) -> None:
    """It cannot be canceled any more, which is no second error."""
    with pytest.raises(TaskFailedError) as caught:
        await client.analyze_file(files / "broken.mp4", "What is shown?", kind="video", task=True)
    assert not hasattr(caught.value, "__notes__")


# What is refused before anything is sent.


def sparse(path: Path, head: bytes, size: int) -> Path:
    """A file of any size that takes no space."""
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return path


def lasting(seconds: int) -> bytes:
    """The beginning of an MP4 file that states its length."""
    facts = b"mvhd" + bytes(12) + struct.pack(">II", 1, seconds) + bytes(80)
    movie = struct.pack(">I", len(facts) + 4) + facts
    return struct.pack(">I8s4x", 16, b"ftypisom") + struct.pack(">I4s", len(movie) + 8, b"moov") + movie


MP4 = b"\0\0\0\x10ftypisom\0\0\0\0"
GB = 1024**3
MB = 1024**2


@pytest.mark.parametrize(
    ("head", "size", "message"),
    [
        (MP4, 11 * GB, "this video has 11,811,160,064 bytes, but assets.upload accepts at most 10,737,418,240 bytes"),
        (b"ID3\4", 11 * GB, "this audio has 11,811,160,064 bytes"),
        (b"\xff\xd8\xff", 33 * MB, "this image has 34,603,008 bytes, but assets.upload accepts at most 33,554,432"),
        (b"%PDF-", 201 * MB, "this document has 210,763,776 bytes, but assets.upload accepts at most 209,715,200"),
        (b"\0\1\2\3", 11 * GB, "this file has 11,811,160,064 bytes"),
    ],
)
async def test_too_large(
    client: AsyncTwelveLabs, watched: Watched, tmp_path: Path, head: bytes, size: int, message: str
) -> None:
    path = sparse(tmp_path / "file", head, size)
    with pytest.raises(UnsupportedMediaError, match=message) as caught:
        await client.assets.upload(path)
    assert caught.value.value == size
    with pytest.raises(UnsupportedMediaError):
        async with client.assets.temporary(path):
            pass
    with pytest.raises(UnsupportedMediaError):
        await client.embed.v_2.embed_file(path, model_name=MODEL)
    assert watched.operations == []


async def test_too_long_or_too_short(client: AsyncTwelveLabs, watched: Watched) -> None:
    hour = 3600
    with pytest.raises(UnsupportedMediaError, match=r"lasts 18000.0 seconds, but embed.v_2.embed_file accepts at most"):
        await client.embed.v_2.embed_file(lasting(5 * hour), model_name=MODEL)
    with pytest.raises(UnsupportedMediaError, match="at most 600"):
        await client.embed.v_2.embed_file(lasting(hour), model_name=MODEL, task=False)
    with pytest.raises(UnsupportedMediaError, match=r"lasts 18000.0 seconds, but analyze_file accepts at most 14400"):
        await client.analyze_file(lasting(5 * hour), "What is shown?")
    with pytest.raises(UnsupportedMediaError, match="analyze_file_stream accepts at most 3600"):
        async with client.analyze_file_stream(lasting(2 * hour), "What is shown?"):
            pass
    assert watched.operations == []


async def test_the_wrong_kind(client: AsyncTwelveLabs, watched: Watched, files: Path) -> None:
    with pytest.raises(UnsupportedMediaError, match="analyze_file accepts video or image, but this is document"):
        await client.analyze_file(files / "notes.md", "What is shown?")
    with pytest.raises(UnsupportedMediaError, match="but this is audio"):
        await client.analyze_file(b"ID3\4" + bytes(99), "What is shown?")
    with pytest.raises(UnsupportedMediaError, match="kind of content is unknown; pass kind="):
        await client.embed.v_2.embed_file(b"\0\1\2\3", model_name=MODEL)
    with pytest.raises(FileNotFoundError):
        await client.embed.v_2.embed_file("0" * 25, model_name=MODEL)
    assert watched.operations == []


async def test_a_file_with_the_name_of_an_id(
    client: AsyncTwelveLabs, watched: Watched, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "0123456789abcdef01234567"
    (tmp_path / name).write_bytes((files / "red.png").read_bytes())
    await client.embed.v_2.embed_file(name, model_name=MODEL)
    assert watched.operations == ["createEmbeddingsV2"]
    with pytest.raises(TwelveLabsError):
        await client.embed.v_2.embed_file(name[::-1], model_name=MODEL)
    assert watched.operations[1:] == ["retrieveAsset"]


async def test_a_file_that_changes(client: AsyncTwelveLabs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    monkeypatch.setattr(_one_call, "_memory", lambda: Changing(path))
    with pytest.raises(OSError, match=r"source: .*a\.txt changed while it was being sent"):
        await client.embed.v_2.embed_file(path, model_name=MODEL)
    original = kinds.file_type
    monkeypatch.setattr(_sources, "file_type", lambda head: path.write_bytes(b"longer than that") and original(head))
    with pytest.raises(OSError, match=r"source: .*a\.txt changed while it was being sent"):
        await client.embed.v_2.embed_file(path, model_name=MODEL)


@attrs.define
class Changing:
    """Changes a file while a call waits for memory."""

    path: Path

    async def take(self, count: int) -> Callable[[], None]:
        self.path.write_bytes(b"changed")
        return lambda: None


# Many at a time.


@pytest.mark.timeout(300)
@pytest.mark.parametrize("emulator", [{"speed": 0}], indirect=True)
async def test_a_thousand_files_at_once(
    emulator: Emulator, client: AsyncTwelveLabs, watched: Watched, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing stays at the platform, and the memory for base64 text is bounded."""
    asyncio.get_running_loop().set_debug(False)  # takes more than half of the time
    small, large = files / "red.png", files / "large.png"
    write_image(large, "blue")
    large.write_bytes(large.read_bytes() + bytes(10_000))
    monkeypatch.setattr(_one_call, "INLINE_BYTES", small.stat().st_size)
    memory = Counting(20 * 3 * small.stat().st_size)
    monkeypatch.setattr(_one_call, "_memory", lambda: memory)
    inputs = [large if at % 10 == 0 else small for at in range(1000)]
    found = await asyncio.gather(*(client.embed.v_2.embed_file(path, model_name=MODEL) for path in inputs))
    vectors = {path: found[at].vector() for at, path in enumerate(inputs[:2])}
    assert [response.vector() for response in found] == [vectors[path] for path in inputs]
    assert watched.counts["createAsset"] == watched.counts["deleteAsset"] == 100
    assert memory.most == 20 * 3 * small.stat().st_size
    assert await left(emulator) == []


class Counting(_one_call.Memory):
    """Notes how much was taken at a time."""

    def __init__(self, total: int) -> None:
        super().__init__(total)
        self.held = self.most = 0

    async def take(self, count: int) -> Callable[[], None]:
        free = await super().take(count)
        self.held += count
        self.most = max(self.most, self.held)

        def freed() -> None:
            nonlocal count
            self.held -= count
            count = 0
            free()

        return freed


async def test_a_task_does_not_hold_memory_while_it_runs(
    client: AsyncTwelveLabs, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Counting(1 << 30)
    monkeypatch.setattr(_one_call, "_memory", lambda: memory)
    held: list[int] = []
    original = Resource._execute

    async def execute(self: Any, operation: Any, **more: Any) -> Any:
        if operation is RETRIEVE_ANALYZE_TASK:
            held.append(memory.held)
        return await original(self, operation, **more)

    monkeypatch.setattr(Resource, "_execute", execute)
    await analyze_by_task(client, files)
    assert held
    assert set(held) == {0}
    assert memory.most > 0


async def test_texts(emulator: Emulator, client: AsyncTwelveLabs, watched: Watched) -> None:
    texts = [f"a red goal {at}" for at in range(40)]
    found = await client.embed.v_2.embed_texts(texts, model_name="marengo3.5", embedding_dimension=8)
    alone = await client.embed.v_2.embed_texts([texts[7]], model_name="marengo3.5", embedding_dimension=8)
    assert found[7].vector() == alone[0].vector() != found[8].vector()
    assert [len(response.vector()) for response in found] == [8] * 40
    assert len(watched.operations) == 41
    assert await client.embed.v_2.embed_texts([], model_name=MODEL) == []
    emulator.faults.add(kind="status", status=400, operation="createEmbeddingsV2", count=1)
    with pytest.raises(BulkError, match="1 of 3 embeddings were not created") as caught:
        await client.embed.v_2.embed_texts(["a", "b", "c"], model_name=MODEL, max_concurrency=1)
    assert [type(outcome) for outcome in caught.value.outcomes] == [
        BadRequestError,
        EmbeddingSuccessResponse,
        EmbeddingSuccessResponse,
    ]
    with pytest.raises(ValueError, match="texts must be a list of texts"):
        await client.embed.v_2.embed_texts("a text", model_name=MODEL)
