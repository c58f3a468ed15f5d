"""Assets and multipart uploads."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest

from twelvelabs_async.emulator import Emulator

from .conftest import Api

Files = dict[str, Path]


async def test_an_asset_is_processed(api: Api, media_files: Files) -> None:
    asset_id = await api.asset(
        media_files["video"], filename="holiday.mp4", user_metadata='{"a": 1, "b": [], "c": null}'
    )
    asset = await api.ok("GET", f"/assets/{asset_id}")
    assert asset["status"] == "ready"
    assert asset["filename"] == "holiday.mp4"
    assert asset["file_type"] == "video/mp4"
    assert asset["user_metadata"] == {"a": 1}
    assert asset["technical_metadata"]["video_width"] == 640
    assert asset["size"] == media_files["video"].stat().st_size
    async with api.session.get(asset["thumbnail"]["representative_url"]) as picture:
        assert (await picture.read()).startswith(b"\xff\xd8")
    async with api.session.get(asset["hls"]["manifest_url"]) as playlist:
        urls = re.findall(r'http[^"\s]+', await playlist.text())
    assert len(urls) == 2
    stream = b""
    for url in urls:  # the initialization section, and the segment
        async with api.session.get(url) as part:
            assert part.status == 200
            stream += await part.read()
    counts = []
    for source in (io.BytesIO(stream), str(media_files["video"])):
        film: Any = av.open(source)
        with film:
            counts.append(sum(1 for _ in film.decode(video=0)))
    assert counts[0] == counts[1] > 0
    assert await api.call("DELETE", f"/assets/{asset_id}") == (204, "")
    assert await api.refused("GET", f"/assets/{asset_id}") == (404, "resource_not_exist")


def _form(path: Path) -> aiohttp.FormData:
    form = aiohttp.FormData({"method": "direct"})
    form.add_field("file", path.read_bytes(), filename=path.name)
    return form


async def test_without_delay_an_asset_is_ready_when_its_upload_returns(media_files: Files) -> None:
    video = media_files["other"]
    settings: dict[str, Any] = {"speed": 0, "check_responses": True, "media_folder": video.parent}
    async with Emulator(**settings) as emulator, aiohttp.ClientSession() as session:
        api = Api(session, emulator)
        url = aiohttp.FormData({"method": "url", "url": f"file:///{video.name}"}, default_to_multipart=True)
        for form in (_form(video), url):
            made = await api.ok("POST", "/assets", data=form)
            found = await api.ok("GET", f"/assets/{made['_id']}")
            assert (made["status"], found["status"], found["technical_metadata"]["video_width"]) == (
                "ready",
                "ready",
                640,
            )
        broken = await api.ok("POST", "/assets", data=_form(media_files["broken"]))
        assert (await api.ok("GET", f"/assets/{broken['_id']}"))["status"] == "failed"


@pytest.mark.parametrize("emulator", [{"speed": 1, "durations": {"asset.processing": 3600}}], indirect=True)
async def test_with_a_delay_it_is_not(api: Api, media_files: Files) -> None:
    made = await api.ok("POST", "/assets", data=_form(media_files["video"]))
    assert made["status"] == "processing"
    assert (await api.ok("GET", f"/assets/{made['_id']}"))["status"] == "processing"


async def test_broken_assets_fail(api: Api, media_files: Files) -> None:
    asset = await api.ok("GET", f"/assets/{await api.asset(media_files['broken'])}")
    assert asset["status"] == "failed"
    assert "video_file_broken" in asset["error"]["message"]


async def test_what_an_asset_needs(api: Api) -> None:
    async def refused(**fields: str) -> tuple[int, str]:
        return await api.refused("POST", "/assets", data=aiohttp.FormData(fields, default_to_multipart=True))

    assert await refused(method="direct") == (400, "parameter_not_provided")
    assert await refused(method="letter", url="http://127.0.0.1/") == (400, "parameter_invalid")
    assert await refused(method="direct", url="http://127.0.0.1/") == (400, "parameter_not_provided")
    assert await refused(method="url", url="http://198.51.100.1/") == (400, "parameter_invalid")


async def test_lists_of_assets(api: Api, media_files: Files) -> None:
    video = await api.asset(media_files["video"])
    text = await api.asset(media_files["text"])

    async def found(query: str) -> list[str]:
        return [asset["_id"] for asset in (await api.ok("GET", f"/assets?{query}"))["data"]]

    assert await found("") == [text, video]
    assert await found("asset_types=video&asset_types=image") == [video]
    assert await found("asset_types=document") == [text]
    assert await found(f"asset_ids={video}&asset_ids=none") == [video]
    assert await found("filename=notes.txt") == [text]


async def test_user_metadata(api: Api, media_files: Files) -> None:
    path = f"/assets/{await api.asset(media_files['text'])}"

    async def change(method: str, values: Any) -> Any:
        assert await api.call(method, f"{path}/user-metadata", json={"user_metadata": values}) == (204, "")
        return (await api.ok("GET", path)).get("user_metadata")

    assert await change("PUT", {"a": 1, "b": None, "c": "", "d": []}) == {"a": 1}
    assert await change("PATCH", {"e": ["x"], "f": ""}) == {"a": 1, "e": ["x"]}
    assert await change("PATCH", {"a": None}) == {"e": ["x"]}
    assert await change("PUT", {}) == {}
    await change("PUT", {"a": True})
    assert await api.call("DELETE", f"{path}/user-metadata") == (204, "")
    assert (await api.ok("GET", path))["user_metadata"] == {}
    too_big = {"user_metadata": {"a": 2**53}}
    assert await api.refused("PUT", f"{path}/user-metadata", json=too_big) == (400, "parameter_invalid")
    assert await api.refused("PUT", "/assets/none/user-metadata", json={"user_metadata": {}}) == (
        404,
        "resource_not_exist",
    )


async def test_transcription(api: Api, media_files: Files) -> None:
    path = f"/assets/{await api.asset(media_files['video'])}/transcription"
    words = (await api.until(path))["words"]
    assert [w["value"] for w in words] == ["Hello", "kind", "world", "A", "red", "balloon"]
    assert words[0]["start"] == 0.5
    assert words[2]["end"] == 2.0
    levels = await api.ok("GET", f"{path}?include=sentences&include=utterances")
    assert set(levels) == {"status", "sentences", "utterances"}
    broken = f"/assets/{await api.asset(media_files['broken'])}/transcription"
    assert (await api.ok("GET", broken))["status"] == "failed"
    assert await api.refused("GET", "/assets/none/transcription") == (404, "resource_not_exist")


async def start(api: Api, size: int, **fields: Any) -> Any:
    body = {"filename": "big.mp4", "type": "video", "total_size": size, **fields}
    return await api.ok("POST", "/assets/multipart-uploads", json=body)


async def put(api: Api, url: str, data: bytes, **headers: str) -> tuple[int, str]:
    headers = {"Content-Type": "application/octet-stream", **headers}
    async with api.session.put(url, data=data, headers=headers) as response:
        await response.read()
        return response.status, response.headers.get("ETag", "")


def report(*chunks: tuple[int, str, int]) -> Any:
    return {
        "completed_chunks": [
            {"chunk_index": i, "proof": proof, "proof_type": "etag", "chunk_size": size} for i, proof, size in chunks
        ]
    }


SMALL_CHUNKS = pytest.mark.parametrize("emulator", [{"chunk_size": 1000, "initial_urls": 2}], indirect=True)


@SMALL_CHUNKS
async def test_a_multipart_upload(api: Api, media_files: Files) -> None:
    data = media_files["video"].read_bytes()
    upload = await start(api, len(data), user_metadata={"a": 1})
    total = -(-len(data) // 1000)
    path = f"/assets/multipart-uploads/{upload['upload_id']}"
    assert upload["total_chunks"] == total
    assert upload["upload_headers"] == {"Content-Type": "application/octet-stream"}
    assert [u["chunk_index"] for u in upload["upload_urls"]] == [1, 2]
    assert (await api.ok("GET", "/assets/multipart-uploads"))["data"][0]["upload_id"] == upload["upload_id"]
    assert await api.refused("GET", f"/assets/{upload['asset_id']}") == (404, "resource_not_exist")
    urls = {u["chunk_index"]: u["url"] for u in upload["upload_urls"]}
    while len(urls) < total:
        more = await api.ok("POST", f"{path}/presigned-urls", json={"start": len(urls) + 1, "count": 50})
        assert more["count"] == len(more["upload_urls"])
        urls |= {u["chunk_index"]: u["url"] for u in more["upload_urls"]}
    chunks = []
    for index in range(total, 0, -1):
        piece = data[(index - 1) * 1000 : index * 1000]
        status, etag = await put(api, urls[index], piece)
        assert (status, etag) == (200, f'"{hashlib.md5(piece).hexdigest()}"')
        chunks.append((index, etag.strip('"') if index % 2 else etag, len(piece)))
    first = await api.ok("POST", path, json=report(*chunks[:1], *chunks[:1]))
    assert (first["processed_chunks"], first["duplicate_chunks"], first["total_completed"]) == (1, 1, 1)
    assert "url" not in first
    for at in range(1, total, 50):
        last = await api.ok("POST", path, json=report(*chunks[at : at + 50]))
    assert last["total_completed"] == total
    assert last["url"]
    assert (await api.ok("GET", f"/assets/{upload['asset_id']}"))["status"] == "ready"
    state = await api.ok("GET", path)
    assert (state["status"], state["chunks_completed"], state["uploaded_size"]) == ("completed", total, len(data))
    again = await api.ok("POST", path, json=report(chunks[0]))
    assert (again["duplicate_chunks"], bool(again["url"])) == (1, True)
    asset = await api.ok("GET", f"/assets/{upload['asset_id']}")
    assert (asset["method"], asset["filename"], asset["user_metadata"]) == ("multipart", "big.mp4", {"a": 1})
    assert asset["size"] == len(data)
    assert (await api.ok("GET", "/assets/multipart-uploads"))["data"] == []
    assert await api.refused("POST", f"{path}/presigned-urls", json={"start": 1, "count": 1}) == (
        400,
        "upload_not_active",
    )
    folder = api.emulator.settings.state
    assert folder is not None
    blob = next(b for b in (folder / "blobs").iterdir())
    assert blob.read_bytes() == data


@SMALL_CHUNKS
async def test_presigned_urls_guard_themselves(api: Api) -> None:
    upload = await start(api, 2500)
    url = upload["upload_urls"][0]["url"]
    assert (await put(api, url, b"x" * 1000, **{"x-api-key": api.emulator.api_key}))[0] == 400
    assert (await put(api, url.replace("uploads", "upload"), b"x" * 1000))[0] == 404
    assert (await put(api, url.replace("/1?", "/2?"), b"x" * 1000))[0] == 403
    assert (await put(api, url, b"x" * 1001))[0] == 400
    assert (await put(api, url, b"x" * 1000))[0] == 200
    assert (await put(api, url, b"x" * 1000))[0] == 403
    async with api.session.get(url) as response:
        assert response.status == 405


@SMALL_CHUNKS
async def test_wrong_reports_fail_the_chunk(api: Api) -> None:
    upload = await start(api, 2500)
    path = f"/assets/multipart-uploads/{upload['upload_id']}"
    _, etag = await put(api, upload["upload_urls"][0]["url"], b"x" * 1000)
    result = await api.ok("POST", path, json=report((1, "0" * 32, 1000), (2, etag, 1000)))
    assert (result["processed_chunks"], result["total_completed"]) == (0, 0)
    state = await api.ok("GET", path)
    assert (state["chunks_failed"], state["chunks_pending"]) == (2, 1)
    assert "checksum" in state["uploaded_chunks"][0]["error"]
    assert "no data" in state["uploaded_chunks"][1]["error"]
    assert await api.refused("POST", path, json=report((4, etag, 1000))) == (400, "parameter_invalid")
    assert await api.refused("POST", path, json=report(*[(1, etag, 1000)] * 51)) == (400, "parameter_invalid")
    # A failed chunk is sent again with a fresh URL.
    more = await api.ok("POST", f"{path}/presigned-urls", json={"start": 1, "count": 1})
    _, etag = await put(api, more["upload_urls"][0]["url"], b"y" * 1000)
    assert (await api.ok("POST", path, json=report((1, etag, 1000))))["processed_chunks"] == 1
    _, short = await put(api, upload["upload_urls"][1]["url"], b"z" * 10)
    await api.ok("POST", path, json=report((2, short, 10)))
    assert "10 bytes" in (await api.ok("GET", path))["uploaded_chunks"][1]["error"]
    assert await api.refused("POST", f"{path}/presigned-urls", json={"start": 4, "count": 1}) == (
        400,
        "parameter_invalid",
    )
    assert await api.refused("GET", "/assets/multipart-uploads/none") == (404, "resource_not_exist")


@pytest.mark.parametrize(
    "emulator", [{"chunk_size": 1000, "lifetimes": {"multipart_session": 0.2, "presigned_url": 0.05}}], indirect=True
)
async def test_sessions_and_urls_expire(api: Api) -> None:
    upload = await start(api, 2500)
    path = f"/assets/multipart-uploads/{upload['upload_id']}"
    await api.until(path, "expired")
    assert (await put(api, upload["upload_urls"][0]["url"], b"x" * 1000))[0] == 403
    assert await api.refused("POST", path, json=report((1, "a", 1000))) == (400, "upload_expired")
    assert await api.refused("POST", f"{path}/presigned-urls", json={"start": 1, "count": 1}) == (400, "upload_expired")


async def test_upload_sizes(api: Api) -> None:
    body = {"filename": "a.png", "type": "image", "total_size": 33 * 1024 * 1024}
    assert await api.refused("POST", "/assets/multipart-uploads", json=body) == (400, "parameter_invalid")
    body = {"filename": "a.mp4", "type": "video", "total_size": 0}
    assert await api.refused("POST", "/assets/multipart-uploads", json=body) == (400, "parameter_invalid")
    body = {"filename": "a.mp4", "total_size": 5}
    assert await api.refused("POST", "/assets/multipart-uploads", json=body) == (400, "parameter_not_provided")
