"""Connections, redirect URIs, imports, transfers."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from twelvelabs_async.emulator import Emulator

from .conftest import Api

Files = dict[str, Path]


@pytest.fixture
async def drive(tmp_path: Path, media_files: Files) -> AsyncIterator[Api]:
    folder = tmp_path / "drive"
    folder.mkdir()
    for name in ("video", "broken", "text"):
        shutil.copy(media_files[name], folder / media_files[name].name)
    settings: dict[str, Any] = {
        "speed": 0,
        "check_responses": True,
        "state": tmp_path / "state",
        "redirect_uri_limit": 2,
    }
    async with Emulator(media_folder=folder, **settings) as emulator, aiohttp.ClientSession() as session:
        yield Api(session, emulator)


async def connect(api: Api, status: str = "active") -> str:
    uri = f"https://app.example/{status}"
    await api.ok("POST", "/connections/redirect-uris", json={"redirect_uri": uri})
    body = {"provider": "google_drive", "redirect_uri": uri, "custom_id": "user-1"}
    begun = await api.ok("POST", "/connections:authorize", json=body)
    url = URL(begun["authorize_url"]).update_query(status=status)
    async with api.session.get(url, allow_redirects=False) as response:
        target = URL(response.headers["Location"])
    assert (target.host, target.query["state"]) == ("app.example", begun["state"])
    async with api.session.get(url, allow_redirects=False) as response:
        assert response.status == 400
    return target.query["connection_id"]


async def test_connections(drive: Api) -> None:
    connection = await connect(drive)
    path = f"/connections/{connection}"
    found = await drive.ok("GET", path)
    assert (found["status"], found["custom_id"]) == ("active", "user-1")
    token = await drive.ok("POST", f"{path}/picker-token")
    assert token["expires_in"] > 0
    assert (await drive.ok("GET", path))["last_used_at"]
    expired = await connect(drive, "expired")
    assert await drive.refused("POST", f"/connections/{expired}/picker-token") == (409, "connection_not_active")
    assert len((await drive.ok("GET", "/connections"))["data"]) == 2
    assert await drive.call("DELETE", path) == (204, "")
    assert await drive.refused("GET", path) == (404, "resource_not_exist")
    unknown = {"provider": "google_drive", "redirect_uri": "https://other.example"}
    assert await drive.refused("POST", "/connections:authorize", json=unknown) == (400, "parameter_invalid")


async def test_redirect_uris(drive: Api) -> None:
    path = "/connections/redirect-uris"
    first = await drive.ok("POST", path, json={"redirect_uri": "https://a.example/x"})
    assert await drive.refused("POST", path, json={"redirect_uri": "https://a.example/x"}) == (
        409,
        "redirect_uri_already_exists",
    )
    assert await drive.refused("POST", path, json={"redirect_uri": "http://a.example/x"}) == (
        422,
        "redirect_uri_invalid",
    )
    await drive.ok("POST", path, json={"redirect_uri": "http://localhost:8000/x"})
    assert await drive.refused("POST", path, json={"redirect_uri": "https://c.example"}) == (
        422,
        "redirect_uri_limit_exceeded",
    )
    assert len((await drive.ok("GET", path))["data"]) == 2
    assert await drive.call("DELETE", f"{path}/{first['_id']}") == (204, "")
    assert await drive.refused("DELETE", f"{path}/{first['_id']}") == (404, "resource_not_exist")


async def test_imports_fail_in_part(drive: Api) -> None:
    path = f"/connections/{await connect(drive)}/imports"
    names = ["beach party.mp4", "broken.mp4", "notes.txt", "none.mp4", "private.mp4", "../secret"]
    begun = await drive.ok("POST", path, json={"items": [{"source_id": name} for name in names]})
    assert begun["has_failures"] is True
    assert [item["action"] for item in begun["items"]] == ["created"] * 3 + ["rejected"] * 3
    for _ in range(200):
        detail = await drive.ok("GET", f"{path}/{begun['_id']}")
        if all(item["status"] != "processing" for item in detail["items"]):
            break
    states = [(item["status"], item.get("error", {}).get("code")) for item in detail["items"]]
    assert states == [
        ("ready", None),
        ("failed", "unsupported_media_type"),
        ("failed", "unsupported_media_type"),
        ("failed", "source_unavailable"),
        ("failed", "source_not_authorized"),
        ("failed", "source_unavailable"),
    ]
    asset = await drive.ok("GET", f"/assets/{detail['items'][0]['asset_id']}")
    assert asset["source"]["details"]["source_id"] == "beach party.mp4"
    again = await drive.ok("POST", path, json={"items": [{"source_id": name} for name in names[:2]]})
    assert [item["action"] for item in again["items"]] == ["skipped", "retried"]
    assert len((await drive.ok("GET", path))["data"]) == 2
    twice = {"items": [{"source_id": "a"}, {"source_id": "a"}]}
    assert await drive.refused("POST", path, json=twice) == (400, "parameter_invalid")
    ended = await connect(drive, "revoked")
    body = {"items": [{"source_id": "a"}]}
    assert await drive.refused("POST", f"/connections/{ended}/imports", json=body) == (409, "connection_not_active")
    assert await drive.refused("GET", f"/connections/{ended}/imports/{begun['_id']}") == (404, "resource_not_exist")
    await drive.ok("DELETE", f"/assets/{detail['items'][0]['asset_id']}")
    later = await drive.ok("POST", path, json={"items": [{"source_id": names[0]}]})
    assert later["items"][0]["action"] == "retried"


async def test_imports_have_limits(media_files: Files, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"speed": 0, "check_responses": True, "sizes": {"import_video": 10}}
    folder = media_files["video"].parent
    async with Emulator(media_folder=folder, **settings) as emulator, aiohttp.ClientSession() as session:
        api = Api(session, emulator)
        path = f"/connections/{await connect(api)}/imports"
        begun = await api.ok("POST", path, json={"items": [{"source_id": "forest.mp4"}]})
        for _ in range(200):
            item = (await api.ok("GET", f"{path}/{begun['_id']}"))["items"][0]
            if item["status"] != "processing":
                break
        assert item["error"]["code"] == "video_filesize_too_large"
        assert (await api.ok("GET", f"/assets/{item['asset_id']}"))["status"] == "failed"


async def test_transfers(drive: Api) -> None:
    path = "/tasks/transfers/import/drive-1"
    assert await drive.refused("POST", path, json={}) == (400, "parameter_not_provided")
    index_id = await drive.index()
    begun = await drive.ok("POST", path, json={"index_id": index_id})
    assert [video["filename"] for video in begun["videos"]] == ["beach party.mp4"]
    assert [file["filename"] for file in begun["failed_files"]] == ["broken.mp4", "notes.txt"]
    for _ in range(200):
        status = await drive.ok("GET", f"{path}/status?index_id={index_id}")
        if status["ready"]:
            break
    assert [video["filename"] for video in status["ready"]] == ["beach party.mp4"]
    assert len(status["failed"]) == 2
    assert status["not_imported"] == []
    again = await drive.ok("POST", path, json={"index_id": index_id})
    assert again == {"failed_files": [], "videos": []}
    logs = (await drive.ok("GET", f"{path}/logs"))["data"]
    assert logs[0]["video_status"]["ready"] == 1
    assert logs[0]["video_status"]["failed"] == 2
    retried = await drive.ok("POST", path, json={"index_id": index_id, "retry_failed": True})
    assert len(retried["failed_files"]) == 2
    every = await drive.ok("GET", f"{path}/status")
    assert len(every["ready"]) == 1
    other = await drive.index("other")
    assert len((await drive.ok("GET", f"{path}/status?index_id={other}"))["not_imported"]) == 3
    assert len((await drive.ok("POST", path, json={}))["videos"]) == 1
