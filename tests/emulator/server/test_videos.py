"""Tasks, videos, indexed assets."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from .conftest import Api

Files = dict[str, Path]


async def test_a_video_is_indexed(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    metadata = json.dumps({"season": 2, "good": True, "empty": ""})
    task = await api.task(index_id, media_files["video"], user_metadata=metadata)
    done = await api.until(f"/tasks/{task['_id']}")
    assert done["video_id"] == task["video_id"]
    assert done["system_metadata"]["filename"] == "beach party.mp4"
    assert done["system_metadata"]["duration"] == pytest.approx(8, abs=0.1)
    assert done["hls"]["status"] == "COMPLETE"
    path = f"/indexes/{index_id}/videos/{task['video_id']}"
    video = await api.ok("GET", path)
    assert video["user_metadata"] == {"season": 2, "good": True}
    assert video["system_metadata"]["width"] == 640
    index = await api.ok("GET", f"/indexes/{index_id}")
    assert (index["video_count"], index["total_duration"]) == (1, pytest.approx(8, abs=0.1))

    assert await api.call("PATCH", path, json={"user_metadata": {"season": None, "part": 3}}) == (204, "")
    assert (await api.ok("GET", path))["user_metadata"] == {"good": True, "part": 3}
    status, _ = await api.call("PUT", path, json={"video_title": "New"})
    assert status == 200
    assert (await api.ok("GET", path))["video_title"] == "New"

    full = await api.ok("GET", f"{path}?embedding_option=visual&embedding_option=audio&transcription=true")
    segments = full["embedding"]["video_embedding"]["segments"]
    assert {s["embedding_option"] for s in segments} == {"visual", "audio"}
    assert all(len(s["float"]) == 512 for s in segments)
    assert [t["value"] for t in full["transcription"]] == ["Hello kind world", "A red balloon"]

    assert await api.refused("DELETE", f"/tasks/{task['_id']}") == (400, "task_cannot_be_deleted")
    assert await api.call("DELETE", path) == (204, "")
    assert await api.refused("GET", path) == (404, "resource_not_exist")
    assert await api.call("DELETE", f"/tasks/{task['_id']}") == (204, "")
    assert (await api.ok("GET", f"/indexes/{index_id}"))["video_count"] == 0
    assert list((api.emulator.settings.state or Path()).joinpath("blobs").iterdir()) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("broken", "video_file_broken"),
        ("small", "video_resolution_too_low"),
        ("short", "video_duration_too_short"),
        ("text", "unsupported_media_type"),
    ],
)
async def test_invalid_videos_are_rejected(api: Api, media_files: Files, name: str, code: str) -> None:
    index_id = await api.index()
    form = aiohttp.FormData({"index_id": index_id})
    form.add_field("video_file", media_files[name].read_bytes(), filename=media_files[name].name)
    assert await api.refused("POST", "/tasks", data=form) == (400, code)
    assert (await api.ok("GET", "/tasks"))["data"] == []
    state = api.emulator.settings.state or Path()
    assert list(state.joinpath("blobs").iterdir()) == list(state.joinpath("tmp").iterdir()) == []


@pytest.mark.parametrize("emulator", [{"late_validation": True}], indirect=True)
async def test_bad_videos_can_fail_later(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    task = await api.task(index_id, media_files["broken"])
    assert (await api.until(f"/tasks/{task['_id']}", "failed"))["status"] == "failed"
    assert (await api.ok("GET", f"/indexes/{index_id}/videos"))["data"] == []
    assert await api.call("DELETE", f"/tasks/{task['_id']}") == (204, "")


async def test_forms_are_checked(api: Api, media_files: Files) -> None:
    index_id = await api.index()

    async def refused(**fields: str) -> tuple[int, str]:
        return await api.refused("POST", "/tasks", data=aiohttp.FormData(fields))

    assert await refused(index_id=index_id) == (400, "content_type_invalid")

    async def refused_form(fields: dict[str, str], *, file: bool = True) -> tuple[int, str]:
        form = aiohttp.FormData(fields, default_to_multipart=True)
        if file:
            form.add_field("video_file", b"x", filename="a.mp4")
        return await api.refused("POST", "/tasks", data=form)

    assert await refused_form({"index_id": index_id}, file=False) == (400, "parameter_not_provided")
    assert await refused_form({"colour": "x"}) == (400, "parameter_unknown")
    assert await refused_form({}) == (400, "parameter_not_provided")
    assert await refused_form({"index_id": index_id, "enable_video_stream": "perhaps"}) == (400, "parameter_invalid")
    assert await refused_form({"index_id": index_id, "user_metadata": "{"}) == (400, "parameter_invalid")
    assert await refused_form({"index_id": index_id, "user_metadata": '{"a": {"b": 1}}'}) == (400, "parameter_invalid")
    assert await refused_form({"index_id": "nothing"}) == (400, "resource_not_exist")


async def test_videos_come_from_urls_of_this_machine(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    application = web.Application()
    application.router.add_static("/files", media_files["video"].parent)
    async with TestServer(application) as server:
        url = str(server.make_url("/files/forest.mp4"))

        def form(url: str) -> aiohttp.FormData:
            return aiohttp.FormData({"index_id": index_id, "video_url": url}, default_to_multipart=True)

        task = await api.ok("POST", "/tasks", data=form(url))
        done = await api.until(f"/tasks/{task['_id']}")
        assert done["system_metadata"]["filename"] == "forest.mp4"
        for bad in (str(server.make_url("/files/none.mp4")), "http://example.com/a.mp4", "ftp://a/b", "a.mp4"):
            assert await api.refused("POST", "/tasks", data=form(bad)) == (400, "parameter_invalid")


async def test_lists_of_videos_are_filtered(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    first = await api.video(index_id, media_files["video"], user_metadata='{"kind": "beach", "part": 1}')
    second = await api.video(index_id, media_files["other"], user_metadata='{"kind": "wood", "part": 2}')

    async def found(query: str, view: str = "videos") -> list[str]:
        return [v["_id"] for v in (await api.ok("GET", f"/indexes/{index_id}/{view}?{query}"))["data"]]

    assert await found("") == [second, first]
    assert await found("sort_option=asc") == [first, second]
    assert await found("filename=forest.mp4") == [second]
    assert await found("duration[gte]=7") == [first]
    assert await found("duration[gte]=5&duration[lte]=7") == [second]
    assert await found("width=640&height[lte]=360") == [second, first]
    assert await found("kind=wood") == [second]
    assert await found("part=1") == [first]
    assert await found("updated_at=2020-01-01T00:00:00Z") == []
    await api.ok("PATCH", f"/indexes/{index_id}/videos/{first}", json={"user_metadata": {"new": 1}})
    assert await found("updated_at=2020-01-01T00:00:00Z") == [first]
    assert await found("user_metadata[kind]=wood", "indexed-assets") == [second]
    assert await found("status=ready&status=failed", "indexed-assets") == [second, first]
    assert await found("status=failed", "indexed-assets") == []
    assert await found("kind=wood", "indexed-assets") == [second]
    assert await found("kind=wood&user_metadata[kind]=stone", "indexed-assets") == []
    assert await api.refused("GET", "/indexes/none/videos") == (400, "resource_not_exist")
    tasks = await api.ok("GET", f"/tasks?index_id={index_id}&status=ready&status=failed&filename=forest.mp4")
    assert [t["video_id"] for t in tasks["data"]] == [second]
    await api.ok("DELETE", f"/indexes/{index_id}")
    assert (await api.ok("GET", "/tasks"))["data"] == []


async def test_an_asset_is_indexed(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    asset_id = await api.asset(media_files["video"], user_metadata='{"a": "b"}')
    path = f"/indexes/{index_id}/indexed-assets"
    response = await api.raw("POST", path, json={"asset_id": asset_id, "user_metadata": {"c": 1}})
    assert response.status == 202
    created = await response.json()
    assert response.headers["Location"].endswith(created["_id"])
    done = await api.until(f"{path}/{created['_id']}")
    assert done["asset_id"] == asset_id
    assert done["user_metadata"] == {"a": "b", "c": 1}
    assert done["system_metadata"]["size"] == media_files["video"].stat().st_size
    assert await api.call("PATCH", f"{path}/{created['_id']}", json={"user_metadata": {"c": None}}) == (204, "")
    uses = await api.ok("GET", f"/assets/{asset_id}/indexed-assets")
    assert uses["data"] == [{"_id": created["_id"], "index": {"_id": index_id, "name": "films"}}]
    assert await api.refused("DELETE", f"/assets/{asset_id}") == (409, "asset_in_use")
    assert await api.call("DELETE", f"/assets/{asset_id}?force=true") == (204, "")
    assert (await api.ok("GET", f"{path}/{created['_id']}?transcription=true"))["transcription"]
    assert await api.call("DELETE", f"{path}/{created['_id']}") == (204, "")
    assert await api.refused("GET", f"{path}/{created['_id']}") == (404, "resource_not_exist")
    assert await api.refused("POST", path, json={"asset_id": "none"}) == (404, "resource_not_exist")
    text = await api.asset(media_files["text"])
    assert await api.refused("POST", path, json={"asset_id": text}) == (400, "unsupported_media_type")
