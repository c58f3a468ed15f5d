"""Corners: vanishing clients, broken steps, URLs, sizes, settings."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.eventually import eventually
from twelvelabs_async.emulator import Emulator, Settings
from twelvelabs_async.emulator.media.samples import Caption, SampleVideo, Scene, image_bytes, write_audio
from twelvelabs_async.emulator.state.store import Job

from .conftest import Api

Files = dict[str, Path]


@pytest.fixture
async def site(media_files: Files) -> AsyncIterator[str]:
    """A web server of this machine with some media."""

    async def picture(_: web.Request) -> web.Response:
        return web.Response(body=image_bytes("red"), content_type="image/png")

    async def away(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://198.51.100.1/"})

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x")
            await asyncio.sleep(0.02)

    async def silence(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(3600)
        return web.Response()

    application = web.Application()
    application.router.add_get("/drip.mp4", drip)
    application.router.add_get("/silence.mp4", silence)
    application.router.add_get("/red.png", picture)
    application.router.add_get("/away", away)
    application.router.add_static("/media", media_files["video"].parent)
    async with TestServer(application) as server:
        yield str(server.make_url("/")).rstrip("/")


@pytest.mark.parametrize("emulator", [{"source_timeout": 0.3}], indirect=True)
@pytest.mark.parametrize("name", ["drip", "silence"])
async def test_a_source_that_never_ends(api: Api, site: str, name: str) -> None:
    """A server that sends a byte now and then for ever, and one that sends nothing."""
    index_id = await api.index()
    forms: list[tuple[str, dict[str, str]]] = [
        ("/assets", {"method": "url", "url": f"{site}/{name}.mp4"}),
        ("/tasks", {"index_id": index_id, "video_url": f"{site}/{name}.mp4"}),
    ]
    for path, fields in forms:
        status, body = await api.call("POST", path, data=aiohttp.FormData(fields, default_to_multipart=True))
        assert (status, body["code"]) == (400, "parameter_invalid")
        assert "not read within 0.3 seconds" in body["message"]
    state = api.emulator.settings.state or Path()
    assert [path for path in state.rglob("*") if path.suffix == ".mp4"] == []


async def test_urls_are_read(api: Api, media_files: Files, site: str) -> None:
    asset_form = aiohttp.FormData({"method": "url", "url": f"{site}/media/forest.mp4"}, default_to_multipart=True)
    asset = await api.ok("POST", "/assets", data=asset_form)
    assert (await api.until(f"/assets/{asset['_id']}"))["method"] == "url"
    form = aiohttp.FormData(
        {"model_name": "marengo3.0", "image_url": f"{site}/red.png", "video_url": f"{site}/media/forest.mp4"},
        default_to_multipart=True,
    )
    result = await api.ok("POST", "/embed", data=form)
    assert result["image_embedding"]["metadata"] == {"input_url": f"{site}/red.png"}
    assert result["video_embedding"]["segments"][0]["embedding_option"] == "visual"
    form = aiohttp.FormData(
        {"model_name": "marengo3.0", "video_url": f"{site}/media/forest.mp4"}, default_to_multipart=True
    )
    task = await api.ok("POST", "/embed/tasks", data=form)
    done = await api.until(f"/embed/tasks/{task['_id']}")
    assert done["video_embedding"]["metadata"]["input_url"].endswith("forest.mp4")
    video = {"type": "url", "url": f"{site}/media/forest.mp4"}
    text = await api.ok("POST", "/analyze", json={"video": video, "prompt": "colours", "stream": False})
    assert "yellow" in text["data"]
    created = await api.ok("POST", "/analyze/tasks", json={"video": video, "prompt": "colours"})
    await api.until(f"/analyze/tasks/{created['task_id']}")
    listed = await api.ok("GET", f"/analyze/tasks?video_url={video['url']}")
    assert len(listed["data"]) == 1
    index_id = await api.index()
    await api.video(index_id, media_files["video"])
    form = aiohttp.FormData(
        {
            "index_id": index_id,
            "search_options": "visual",
            "query_media_type": "image",
            "query_media_url": f"{site}/red.png",
        },
        default_to_multipart=True,
    )
    assert (await api.ok("POST", "/search", data=form))["data"]
    for bad in (f"{site}/away", f"{site}/none", "http://[", "http://127.0.0.1:1/x"):
        body = {"input_type": "image", "model_name": "marengo3.0", "image": {"media_source": {"url": bad}}}
        status, result = await api.call("POST", "/embed-v2", json=body)
        assert (status, result["error"]["details"]["reason"]) == (400, "parameter_invalid"), bad


async def test_files_of_the_media_folder(media_files: Files) -> None:
    folder = media_files["video"].parent
    async with Emulator(media_folder=folder, speed=0) as emulator, aiohttp.ClientSession() as session:
        api = Api(session, emulator)

        def form(url: str) -> aiohttp.FormData:
            return aiohttp.FormData({"method": "url", "url": url}, default_to_multipart=True)

        asset = await api.ok("POST", "/assets", data=form("file:///forest.mp4"))
        assert (await api.until(f"/assets/{asset['_id']}"))["filename"] == "forest.mp4"
        for bad in ("file:///none.mp4", "file:///../secret", "gopher://x"):
            assert await api.refused("POST", "/assets", data=form(bad)) == (400, "parameter_invalid")


@pytest.mark.parametrize(
    "emulator", [{"sizes": {"task": 1000, "asset_direct": 1000, "asset_url": 1000, "json_body": 1000}}], indirect=True
)
async def test_sizes(api: Api, media_files: Files, site: str) -> None:
    index_id = await api.index()
    data = media_files["video"].read_bytes()

    async def refused(path: str, field: str, **fields: str) -> tuple[int, str]:
        form = aiohttp.FormData(fields, default_to_multipart=True)
        form.add_field(field, data, filename="a.mp4") if field else None
        return await api.refused("POST", path, data=form)

    assert await refused("/tasks", "video_file", index_id=index_id) == (400, "video_filesize_too_large")
    assert await refused("/embed/tasks", "video_file", model_name="marengo3.0") == (400, "video_filesize_too_large")
    assert await refused("/assets", "file", method="direct") == (400, "video_filesize_too_large")
    url = f"{site}/media/forest.mp4"
    assert await refused("/assets", "", method="url", url=url) == (400, "video_filesize_too_large")
    long = {"name": "x" * 2000}
    assert await api.refused("POST", "/entity-collections", json=long) == (413, "payload_too_large")
    state = api.emulator.settings.state or Path()
    assert [*state.joinpath("tmp").iterdir(), *state.joinpath("blobs").iterdir()] == []


async def test_a_client_that_vanishes_leaves_nothing(api: Api) -> None:
    assert isinstance(api.emulator, Emulator)
    host, port = api.emulator.base_url.removeprefix("http://").removesuffix("/v1.3").split(":")
    for part in (b'name="index_id"\r\n\r\nabc\r\n', b'name="video_file"; filename="a.mp4"\r\n\r\nxxxx'):
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /v1.3/tasks HTTP/1.1\r\nHost: x\r\nx-api-key: {api.emulator.api_key}\r\n"
        head += "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100000\r\n\r\n"
        writer.write(head.encode() + b"--b\r\nContent-Disposition: form-data; " + part)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()
        await writer.wait_closed()
    temporary = (api.emulator.settings.state or Path()) / "tmp"
    await eventually(lambda: list(temporary.iterdir()) == [])
    assert (await api.ok("GET", "/indexes"))["data"] == []


async def test_forms_that_cannot_be_read(api: Api) -> None:
    async def refused(body: bytes, boundary: str = "b") -> tuple[int, str]:
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}" if boundary else "multipart/form-data"}
        return await api.refused("POST", "/tasks", data=body, headers=headers)

    assert await refused(b"nothing") == (400, "parameter_invalid")
    assert await refused(b"nothing", "") == (400, "parameter_invalid")
    assert await refused(b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n") == (400, "parameter_invalid")
    name = b'--b\r\nContent-Disposition: form-data; name="index_id"\r\n\r\n'
    assert await refused(name + b"\xff\r\n--b--\r\n") == (400, "parameter_invalid")
    assert await refused(name + b"x\r\n" + name + b"y\r\n--b--\r\n") == (400, "parameter_invalid")
    no_file = b'--b\r\nContent-Disposition: form-data; name="video_file"\r\n\r\nx\r\n--b--\r\n'
    assert (await refused(no_file))[1] in {"parameter_not_provided", "parameter_invalid"}


async def test_bodies_of_any_size(api: Api) -> None:
    metadata = {str(number): "x" * 1000 for number in range(200)}
    collection = await api.ok("POST", "/entity-collections", json={"name": "a"})
    path = f"/entity-collections/{collection['_id']}/entities"
    body = {"name": "a", "asset_ids": ["none"], "metadata": metadata}
    assert await api.refused("POST", path, json=body) == (400, "resource_not_exist")
    options = aiohttp.FormData(
        {"index_id": await api.index(), "query_text": "x", "search_options": '["visual", "audio"]'},
        default_to_multipart=True,
    )
    assert (await api.ok("POST", "/search", data=options))["data"] == []


async def test_foreign_objects(api: Api, media_files: Files, tmp_path: Path) -> None:
    sound = await api.asset(write_audio(tmp_path / "a.wav", [(5, 440.0, 0.5)]))
    asset = await api.ok("GET", f"/assets/{sound}")
    assert "thumbnail" not in asset
    assert asset["duration"] == pytest.approx(5, abs=0.1)
    manifest = asset["hls"]["manifest_url"]
    async with api.session.get(manifest.replace("signature=", "signature=0")) as response:
        assert response.status == 403
    await api.ok("DELETE", f"/assets/{sound}")
    async with api.session.get(manifest) as response:
        assert response.status == 404
    assert isinstance(api.emulator, Emulator)
    platform = api.emulator.platform
    assert platform is not None
    for url in (platform.services.urls.file_url("abc", "x"), platform.services.urls.thumbnail_url("abc", 0)):
        async with api.session.get(url) as response:
            assert response.status == 404
    for query in ("status=sleepy", "state=none"):
        async with api.session.get(f"{api.emulator.objects_url}/consent?{query}") as response:
            assert response.status == 400


async def test_failed_jobs_are_retried(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(api.emulator, Emulator)
    platform = api.emulator.platform
    assert platform is not None
    monkeypatch.setattr("twelvelabs_async.emulator.state.scheduler.RETRY_DELAY", 0.01)
    seen: list[str] = []

    async def broken(job: Job) -> None:
        seen.append(job.target)
        raise RuntimeError("on purpose")

    platform.scheduler.register("broken", broken)
    await platform.store.run(lambda tx: tx.schedule("broken", "a", "x", 0.0))
    while await platform.store.run(lambda tx: tx.pending_jobs()):  # noqa: ASYNC110 - rows in a file
        await asyncio.sleep(0.01)
    assert seen == ["a", "a", "a"]


async def test_life_cycle(tmp_path: Path) -> None:
    emulator = Emulator(state=tmp_path / "state")
    with pytest.raises(RuntimeError, match="not running"):
        _ = emulator.base_url
    async with emulator:
        with pytest.raises(RuntimeError, match="already"):
            await emulator.start()
        taken = int(emulator.base_url.split(":")[2].split("/")[0])
        assert emulator.environment["TWELVELABS_BASE_URL"] == emulator.base_url
        with pytest.raises(OSError, match="address already in use"):
            await Emulator(port=taken).start()
        with pytest.raises(OSError, match="in use"):
            await Emulator(state=tmp_path / "state").start()
    async with Emulator() as temporary:
        assert temporary.platform is not None
        folder = temporary.platform.store.folder
        assert folder.is_dir()
    assert not folder.exists()
    with pytest.raises(ValueError, match="faults"):
        await Emulator(faults={"rules": [{"fault": "x"}]}).start()


def test_settings_are_checked() -> None:
    bad: list[dict[str, Any]] = [
        {"durations": {"dinner": 1}},
        {"speed": -1},
        {"speed": float("nan")},
        {"port": 65_536},
        {"objects_port": -1},
        {"chunk_size": 0},
        {"api_keys": ()},
    ]
    for changes in bad:
        with pytest.raises(ValueError, match=next(iter(changes))):
            Settings(**changes)


async def test_vectors_of_parts(api: Api, media_files: Files) -> None:
    source = {"base64_string": base64.b64encode(media_files["video"].read_bytes()).decode()}

    async def embed(part: Any, status: int = 200, model: str = "marengo3.0", **more: Any) -> Any:
        body = {"input_type": "video", "model_name": model, "video": {"media_source": source, **part}, **more}
        found, result = await api.call("POST", "/embed-v2", json=body)
        assert found == status, result
        return result

    dynamic = {"strategy": "dynamic", "dynamic": {"min_duration_sec": 2}}
    spans = await embed({"segmentation": dynamic, "embedding_option": ["visual"], "embedding_scope": ["clip"]})
    assert [round(d["start_sec"]) for d in spans["data"]] == [0, 4]
    await embed({"start_sec": 5, "end_sec": 3}, 400)
    await embed({}, 400, "marengo3.5", embedding_dimension=0)
    wrong = {"input_type": "audio", "model_name": "marengo3.0", "audio": {"media_source": source}}
    assert (await api.call("POST", "/embed-v2", json=wrong))[0] == 400
    text = {"media_source": {"base64_string": base64.b64encode(b"Hello. World.").decode()}}
    body = {"input_type": "video", "model_name": "marengo3.0", "video": text}
    task = await api.ok("POST", "/embed-v2/tasks", json=body)
    assert (await api.until(f"/embed-v2/tasks/{task['_id']}", "failed"))["error"]


async def test_analyses_are_checked(api: Api, media_files: Files) -> None:
    asset = {"type": "asset_id", "asset_id": await api.asset(media_files["video"])}
    text = {"type": "asset_id", "asset_id": await api.asset(media_files["text"])}
    definition: dict[str, Any] = {"id": "a", "description": "a"}

    async def refused(**body: Any) -> str:
        status, result = await api.call("POST", "/analyze/tasks", json={"video": asset, "prompt": "x", **body})
        assert status == 400, result
        return str(result["error"]["details"].get("parameter", result["error"]["code"]))

    def segments(**changes: Any) -> dict[str, Any]:
        shape = {"type": "segment_definitions", "segment_definitions": [{**definition, **changes}]}
        return {"analysis_mode": "time_based_metadata", "response_format": shape}

    assert await refused(response_format={"type": "json_schema"}) == "response_format.json_schema"
    assert await refused(min_segment_duration=3) == "min_segment_duration"
    assert await refused(start_time=-1) == "start_time"
    assert await refused(start_time=3, end_time=3.5) == "end_time"
    assert await refused(video=text) == "video.asset_id"
    array = [{"name": "a", "type": "array", "description": "a"}]
    times = [{"name": "a", "type": "time_array", "description": "a", "items": {"type": "object"}}]
    name = "response_format.segment_definitions[0]"
    no_prompt: dict[str, Any] = {"video": asset}

    async def refused_segments(**body: Any) -> str:
        _, result = await api.call("POST", "/analyze/tasks", json={**no_prompt, **body})
        return str(result["error"]["details"].get("parameter"))

    assert await refused_segments(**segments(fields=array)) == f"{name}.fields[0].items"
    assert await refused_segments(**segments(fields=times)) == f"{name}.fields[0].items.fields"
    short = [{"start_time": 0, "end_time": 1}]
    assert await refused_segments(**segments(time_ranges=short)) == f"{name}.time_ranges[0]"
    good = [{"start_time": 0, "end_time": 4}]
    both = segments(time_ranges=good)
    assert await refused_segments(**both, min_segment_duration=3) == "min_segment_duration"
    assert await refused_segments(**both, start_time=1, end_time=3) != "None"
    created = await api.ok("POST", "/analyze/tasks", json={**no_prompt, **both})
    assert (await api.until(f"/analyze/tasks/{created['task_id']}"))["result"]["finish_reason"] == "stop"


@pytest.mark.parametrize("emulator", [{"sizes": {"image": 100, "document_url": 50}}], indirect=True)
async def test_kinds_of_assets_have_sizes_of_their_own(api: Api, media_files: Files, tmp_path: Path) -> None:
    """The kind of a file is known once it was opened: then its asset fails."""
    picture = tmp_path / "red.png"
    picture.write_bytes(image_bytes("red"))
    for path in (picture, media_files["text"]):
        asset = await api.ok("GET", f"/assets/{await api.asset(path)}")
        assert asset["status"] == "failed"
        assert asset["error"]["message"].startswith("media_filesize_too_large")
    asset = await api.ok("GET", f"/assets/{await api.asset(media_files['video'])}")
    assert asset["status"] == "ready"


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("a.mp4", "video/mp4"),
        ("a.mov", "video/quicktime"),
        ("a.webm", "video/webm"),
        ("a.mkv", "video/x-matroska"),
        ("a.3gp", "video/3gpp"),
        ("a.avi", "video/x-msvideo"),
    ],
)
async def test_media_types_are_those_of_the_content(api: Api, tmp_path: Path, name: str, mime: str) -> None:
    """Whatever the file is called."""
    path = SampleVideo(name, (Scene("red", 4, tone=440.0),)).write(tmp_path)
    renamed = tmp_path / "clip.bin"
    renamed.write_bytes(path.read_bytes())
    for shown in (path, renamed):
        asset = await api.ok("GET", f"/assets/{await api.asset(shown)}")
        assert asset["status"] == "ready", asset
        assert asset["file_type"] == asset["technical_metadata"]["file_mime_type"] == mime
        assert asset["technical_metadata"]["has_audio"]


def test_samples_in_webm_have_no_subtitles(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"use \.mkv"):
        SampleVideo("a.webm", (Scene("red", 4),), captions=(Caption(0, 1, "a"),)).write(tmp_path)
