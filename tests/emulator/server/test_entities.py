"""Entity collections and entities."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from .conftest import Api

Files = dict[str, Path]


async def test_collections(api: Api) -> None:
    path = "/entity-collections"
    first = await api.ok("POST", path, json={"name": "people", "description": "All of them"})
    await api.ok("POST", path, json={"name": "animals"})
    changed = await api.ok("PATCH", f"{path}/{first['_id']}", json={"name": "zoo"})
    assert (changed["name"], changed["description"]) == ("zoo", "All of them")
    by_name = await api.ok("GET", f"{path}?sort_by=name&sort_option=asc")
    assert [c["name"] for c in by_name["data"]] == ["animals", "zoo"]
    assert [c["name"] for c in (await api.ok("GET", f"{path}?name=zoo"))["data"]] == ["zoo"]
    assert await api.call("DELETE", f"{path}/{first['_id']}") == (204, "")
    assert await api.refused("GET", f"{path}/{first['_id']}") == (400, "resource_not_exist")


async def test_entities(api: Api, media_files: Files) -> None:
    assets = [await api.asset(media_files["video"]), await api.asset(media_files["other"])]
    collection = (await api.ok("POST", "/entity-collections", json={"name": "people"}))["_id"]
    path = f"/entity-collections/{collection}/entities"
    body = {"name": "red", "asset_ids": assets[:1], "metadata": {"age": 5}}
    entity = await api.ok("POST", path, json=body)
    one = f"{path}/{entity['_id']}"
    assert (await api.until(one))["metadata"] == {"age": 5}
    assert (await api.ok("PATCH", one, json={"description": "x", "metadata": {"b": True}}))["metadata"] == {"b": True}
    both = await api.ok("POST", f"{one}/assets", json={"asset_ids": assets})
    assert both["asset_ids"] == assets
    left = await api.ok("DELETE", f"{one}/assets", json={"asset_ids": assets[:1]})
    assert left["asset_ids"] == assets[1:]
    assert await api.refused("DELETE", f"{one}/assets", json={"asset_ids": assets[1:]}) == (400, "parameter_invalid")
    assert await api.refused("DELETE", f"{one}/assets", json={"asset_ids": ["x"]}) == (400, "parameter_invalid")
    assert [e["_id"] for e in (await api.ok("GET", f"/assets/{assets[1]}/entities"))["data"]] == [entity["_id"]]
    assert (await api.ok("GET", f"/assets/{assets[0]}/entities"))["data"] == []
    everything = await api.ok("GET", "/entities?name=red")
    assert everything["data"][0]["entity_collection_name"] == "people"
    async with api.session.get(everything["data"][0]["asset_urls"][0]) as file:
        assert await file.read() == media_files["other"].read_bytes()
    assert await api.refused("DELETE", f"/assets/{assets[1]}") == (409, "asset_in_use")

    bulk: dict[str, Any] = {"entities": [{"name": "a", "asset_ids": assets}, {"name": "b", "asset_ids": ["none"]}]}
    made = await api.ok("POST", f"{path}/bulk", json=bulk)
    assert (made["success_count"], made["failed_count"]) == (1, 1)
    assert made["errors"][0]["entity_index"] == 1
    assert await api.refused("POST", path, json={"name": "a", "asset_ids": []}) == (400, "parameter_invalid")
    assert await api.refused("POST", path, json={"name": "a", "asset_ids": ["x"]}) == (400, "resource_not_exist")
    nested = {"name": "a", "asset_ids": assets, "metadata": {"a": {"b": 1}}}
    assert await api.refused("POST", path, json=nested) == (400, "parameter_invalid")

    index_id = await api.index()
    video = await api.video(index_id, media_files["video"])
    fields = {"index_id": index_id, "query_text": f"<@{entity['_id']}>", "search_options": "visual"}
    form = aiohttp.FormData(fields, default_to_multipart=True)
    found = await api.ok("POST", "/search", data=form)
    assert found["data"][0]["video_id"] == video
    assert found["data"][0]["start"] == pytest.approx(4, abs=0.2)

    assert await api.call("DELETE", one) == (204, "")
    assert await api.refused("GET", one) == (400, "resource_not_exist")
    assert await api.call("DELETE", f"/entity-collections/{collection}") == (204, "")
    assert (await api.ok("GET", "/entities"))["data"] == []
