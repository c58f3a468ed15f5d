"""Unusual requests that once failed in the emulator, or were misread; `make check-api` found them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.services.media_sources import file_within

from .conftest import MARENGO, Api

Files = dict[str, Path]
FORM = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize("ranges", [True, 3, "x", [{"start_time": True, "end_time": []}], [4]])
async def test_time_ranges_of_another_type(api: Api, ranges: Any) -> None:
    definition = {"id": "a", "description": "a", "time_ranges": ranges}
    shape = {"type": "segment_definitions", "segment_definitions": [definition]}
    body = {"video": {"type": "asset_id", "asset_id": "x"}, "prompt": "x", "response_format": shape}
    status, result = await api.call("POST", "/analyze/tasks", json=body)
    assert (status, result["error"]["code"]) == (400, "parameter_invalid")


async def test_methods_of_a_literal_path_are_its_own(api: Api) -> None:
    response = await api.raw("DELETE", "/assets/multipart-uploads")
    assert (response.status, response.headers["Allow"]) == (405, "GET, POST")
    response = await api.raw("GET", "/entity-collections/x/entities/bulk")
    assert (response.status, response.headers["Allow"]) == (405, "POST")


async def test_an_empty_list_of_a_query(api: Api) -> None:
    await api.index()
    assert len((await api.ok("GET", "/indexes?model_options="))["data"]) == 1
    assert await api.refused("GET", "/indexes?model_options=visual,smell") == (400, "parameter_invalid")


async def test_any_key_of_a_map_of_a_query(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    path = f"/indexes/{index_id}/indexed-assets"
    video_id = await api.video(index_id, media_files["video"])
    await api.ok("PATCH", f"{path}/{video_id}", json={"user_metadata": {"a]": "x", "[b": "y", "c\n": "z"}})
    for key, value in (("a%5D", "x"), ("%5Bb", "y"), ("c%0A", "z")):
        assert len((await api.ok("GET", f"{path}?user_metadata%5B{key}%5D={value}"))["data"]) == 1
        assert (await api.ok("GET", f"{path}?user_metadata%5B{key}%5D=other"))["data"] == []
    assert await api.refused("GET", f"{path}?user_metadata%5Ba=x") == (400, "parameter_unknown")


async def test_identifiers_with_line_feeds(api: Api) -> None:
    assert await api.refused("GET", "/assets/a%0Ab") == (404, "resource_not_exist")
    assert await api.refused("DELETE", "/indexes/%0A") == (400, "resource_not_exist")


async def test_integers(api: Api) -> None:
    upload = {"filename": "a.mp4", "type": "video", "total_size": 20_000_000.0}
    made = await api.ok("POST", "/assets/multipart-uploads", json=upload)
    assert made["total_chunks"] == 3
    for size in (1e30, 0.5, 2**64, True):
        wrong = await api.refused("POST", "/assets/multipart-uploads", json={**upload, "total_size": size})
        assert wrong == (400, "parameter_invalid")
    far = await api.ok("GET", f"/assets?page={2**64 - 1}")
    assert (far["data"], far["page_info"]["page"]) == ([], 2**64 - 1)
    assert await api.refused("GET", f"/assets?page={2**64}") == (400, "parameter_invalid")
    assert await api.refused("GET", "/assets?page=%D9%A1") == (400, "parameter_invalid")


async def test_bodies_that_are_no_json(api: Api) -> None:
    path = f"/indexes/{await api.index()}"
    for data in (b"\x0c", b" ", b"{", b"[]", b"null", b"\xff"):
        headers = {"Content-Type": "application/json"}
        assert await api.refused("PUT", path, data=data, headers=headers) == (400, "parameter_invalid")


async def test_forms_with_broken_headers(api: Api) -> None:
    data = b"--x\r\nNone--x--\r\n"
    assert await api.refused("POST", "/embed", data=data, headers=FORM) == (400, "parameter_invalid")


async def test_a_body_that_may_be_left_out(api: Api) -> None:
    assert await api.refused("POST", "/tasks/transfers/import/drive") == (400, "parameter_not_provided")
    index_id = await api.index()
    assert await api.ok("POST", "/tasks/transfers/import/drive")
    assert await api.ok("GET", f"/tasks/transfers/import/drive/status?index_id={index_id}")


async def test_metadata_that_responses_could_not_return(api: Api, media_files: Files) -> None:
    index_id = await api.index(models=[MARENGO])
    path = f"/indexes/{index_id}/videos/{await api.video(index_id, media_files['video'])}"
    for value in ({"b": 1}, [1], [["x"]]):
        body = {"user_metadata": {"a": value}}
        assert await api.refused("PUT", path, json=body) == (400, "parameter_invalid")
    await api.ok("PUT", path, json={"user_metadata": {"a": ["x"], "b": 2.0}})
    assert (await api.ok("GET", path))["user_metadata"] == {"a": ["x"], "b": 2}


async def test_sizes_and_tokens_of_pages(api: Api) -> None:
    form = aiohttp.FormData(
        {"index_id": await api.index(), "query_text": "red", "search_options": "visual", "page_limit": "0"},
        default_to_multipart=True,
    )
    assert await api.refused("POST", "/search", data=form) == (400, "parameter_invalid")
    store = await api.ok("POST", "/knowledge-stores", json={"name": "a"})
    path = f"/knowledge-stores/{store['_id']}/search"
    body = {"query": {"text": "red"}}
    assert await api.refused("POST", path, json={**body, "page_size": 0}) == (400, "parameter_invalid")
    for token in ("x", "x-²", f"x-{'9' * 5000}"):
        assert await api.refused("POST", path, json={**body, "page_token": token}) == (400, "parameter_invalid")
    message = {"type": "message", "role": "user", "content": f"{{{{sel:{'9' * 5000}}}}}"}
    asked = {"knowledge_store_id": store["_id"], "input": [message], "stream": False}
    assert (await api.ok("POST", "/responses", json=asked))["status"] == "completed"


async def test_names_that_no_file_can_have(media_files: Files) -> None:
    settings: dict[str, Any] = {"speed": 0, "check_responses": True, "media_folder": media_files["video"].parent}
    async with Emulator(**settings) as emulator, aiohttp.ClientSession() as session:
        api = Api(session, emulator)
        for name in ("a\0b", "x" * 5000, ".."):
            form = aiohttp.FormData({"method": "url", "url": f"file:///{name}"}, default_to_multipart=True)
            assert await api.refused("POST", "/assets", data=form) == (400, "parameter_invalid")
        assert file_within(media_files["video"].parent, "a\0b") is None
