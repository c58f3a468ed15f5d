"""Knowledge stores: items, collections, search, responses."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async.emulator.media.samples import write_image
from twelvelabs_async.emulator.state.store import Transaction, content_of

from .conftest import Api

Files = dict[str, Path]
STORES = "/knowledge-stores"


async def make(api: Api, media_files: Files, tmp_path: Path) -> tuple[str, str, str]:
    """A store with a video and a picture."""
    store = await api.ok("POST", STORES, json={"name": "films", "metadata": {"a": 1}})
    path = f"{STORES}/{store['_id']}"
    video = await api.asset(media_files["video"])
    picture = await api.asset(write_image(tmp_path / "green.png", "green"))
    made = []
    for asset_id in (video, picture):
        item = await api.ok("POST", f"{path}/items", json={"asset_id": asset_id, "metadata": {"kind": "x"}})
        await api.until(f"{path}/items/{item['_id']}")
        made.append(item["_id"])
    return path, made[0], made[1]


async def test_stores_and_items(api: Api, media_files: Files, tmp_path: Path) -> None:
    path, video, picture = await make(api, media_files, tmp_path)
    store = await api.ok("GET", path)
    assert store["item_count"] == 2
    assert store["_id"].startswith("ks_")
    changed = await api.ok("PATCH", path, json={"name": "series", "metadata": {"b": ["x"]}})
    assert (changed["name"], changed["metadata"]) == ("series", {"b": ["x"]})
    assert len((await api.ok("GET", STORES))["data"]) == 1
    items = (await api.ok("GET", f"{path}/items?status=ready&sort_option=asc"))["data"]
    assert [i["_id"] for i in items] == [video, picture]
    assert items[0]["system_metadata"]["asset_type"] == "video"
    assert items[1]["system_metadata"]["width"] == 320
    text = await api.asset(media_files["text"])
    assert await api.refused("POST", f"{path}/items", json={"asset_id": text}) == (400, "parameter_invalid")
    assert await api.refused("POST", f"{path}/items", json={"asset_id": "none"}) == (400, "resource_not_exist")
    asset_id = items[0]["asset_id"]
    wrong = {"asset_id": asset_id, "asset_type": "image"}
    assert await api.refused("POST", f"{path}/items", json=wrong) == (400, "parameter_invalid")
    assert await api.refused("DELETE", f"/assets/{asset_id}") == (409, "asset_in_use")
    many = {"name": "a", "metadata": {str(n): n for n in range(11)}}
    assert await api.refused("POST", STORES, json=many) == (400, "parameter_invalid")
    assert await api.refused("POST", STORES, json={"name": "a", "metadata": {"k" * 129: 1}}) == (
        400,
        "parameter_invalid",
    )
    assert await api.refused("POST", STORES, json={"name": "a", "metadata": {"k": None}}) == (400, "parameter_invalid")
    assert await api.call("DELETE", f"{path}/items/{picture}") == (204, "")
    assert await api.refused("GET", f"{path}/items/{picture}") == (400, "resource_not_exist")
    assert await api.call("DELETE", path) == (204, "")
    assert await api.refused("GET", path) == (400, "resource_not_exist")


async def test_collections(api: Api, media_files: Files, tmp_path: Path) -> None:
    path, video, picture = await make(api, media_files, tmp_path)
    collection = await api.ok("POST", f"{path}/item-collections", json={"name": "best"})
    one = f"{path}/item-collections/{collection['_id']}"
    assert (await api.ok("POST", f"{one}/items/add", json={"item_ids": [video, picture]}))["member_count"] == 2
    assert len((await api.ok("GET", f"{one}/items"))["data"]) == 2
    assert await api.call("POST", f"{one}/items/remove", json={"item_ids": [picture]}) == (204, "")
    assert (await api.ok("GET", one))["member_count"] == 1
    assert (await api.ok("PATCH", one, json={"description": "x"}))["description"] == "x"
    assert (await api.ok("GET", f"{path}/item-collections?sort_by=name"))["data"][0]["_id"] == collection["_id"]
    assert await api.refused("POST", f"{one}/items/add", json={"item_ids": ["none"]}) == (400, "resource_not_exist")
    await api.ok("DELETE", f"{path}/items/{video}")
    assert (await api.ok("GET", one))["member_count"] == 0
    assert await api.call("DELETE", one) == (204, "")
    assert await api.refused("GET", one) == (400, "resource_not_exist")


async def test_search(api: Api, media_files: Files, tmp_path: Path) -> None:
    path, video, picture = await make(api, media_files, tmp_path)

    async def search(text: str, **more: Any) -> Any:
        return await api.ok("POST", f"{path}/search", json={"query": {"text": text}, **more})

    red = await search("red", include_metadata=True)
    assert red["data"][0]["item_id"] == video
    assert red["data"][0]["matches"][0]["start_sec"] == pytest.approx(4, abs=0.2)
    assert red["data"][0]["metadata"]["user"] == {"kind": "x"}
    assert red["effective_search_options"] == {"video": {"modalities": ["visual"]}}
    assert (await search("green"))["data"][0] == {"asset_type": "image", "rank": 1, "item_id": picture}
    assert {hit["item_id"] for hit in (await search("green", filter={"asset_type": {"eq": "video"}}))["data"]} == {
        video
    }
    sentence = await search("a man walking his dog in the park")
    assert sorted({hit["item_id"] for hit in sentence["data"]}) == sorted([video, picture])
    assert sentence["data"][0]["item_id"] == picture, "it is green, as parks are"
    assert (await search("green", filter={"item_id": {"in": [picture]}}))["data"]
    both = {"video": {"modalities": ["visual", "audio"]}}
    assert len((await search("red blue", group_by="item", search_options=both))["data"]) == 2
    first = await search("red blue", page_size=1)
    second = await search("red blue", page_token=first["next_page_token"])
    assert second["data"][0]["rank"] == 2
    bad = {"query": {"text": "x"}, "page_token": "nonsense"}
    assert await api.refused("POST", f"{path}/search", json=bad) == (400, "parameter_invalid")
    gone = {"query": {"text": "x"}, "page_token": "abc-1"}
    assert await api.refused("POST", f"{path}/search", json=gone) == (410, "page_token_expired")


def ask(store_id: str, content: str, **more: Any) -> dict[str, Any]:
    message = {"type": "message", "role": "user", "content": content}
    return {"knowledge_store_id": store_id, "input": [message], "stream": False, **more}


async def events(api: Api, body: Any) -> list[Any]:
    response = await api.raw("POST", "/responses", json={**body, "stream": True})
    assert response.content_type == "text/event-stream"
    blocks = (await response.text()).strip().split("\n\n")
    assert blocks[-1] == "data: [DONE]"
    found = []
    for block in blocks[:-1]:
        name, data = block.split("\n")
        event = json.loads(data.removeprefix("data: "))
        assert name == f"event: {event['type']}"
        found.append(event)
    assert [event["sequence_number"] for event in found] == [*range(len(found))]
    return found


@pytest.mark.parametrize("emulator", [{"keepalive": 0.0}], indirect=True)
async def test_responses(api: Api, media_files: Files, tmp_path: Path) -> None:
    path, video, picture = await make(api, media_files, tmp_path)
    store_id = path.rpartition("/")[2]
    result = await api.ok("POST", "/responses", json=ask(store_id, "Where is red?"))
    part = result["output"][0]["content"][0]
    assert result["status"] == "completed"
    citation = part["annotations"][0]
    assert citation["item_id"] == video
    assert citation["start_sec"] == pytest.approx(4, abs=0.2)
    assert part["text"][citation["start_index"] : citation["end_index"]].startswith("beach party.mp4")
    further = ask(store_id, "And blue?", session_id=result["session_id"], include=["intermediate_outputs"])
    streamed = await events(api, further)
    kinds = {event["type"] for event in streamed}
    assert kinds >= {
        "keepalive",
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.completed",
    }
    text = "".join(event["delta"] for event in streamed if event["type"] == "response.output_text.delta")
    done = streamed[-1]["response"]
    assert done["output"][-1]["content"][0]["text"] == text
    assert [item["type"] for item in done["output"]] == ["function_call", "function_call_output", "message"]
    assert done["session_id"] == result["session_id"]

    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    shape = {"format": {"type": "json_schema", "name": "x", "schema": schema}}
    shaped = await api.ok("POST", "/responses", json=ask(store_id, "x", text=shape))
    assert json.loads(shaped["output"][0]["content"][0]["text"])["title"]
    chosen = ask(store_id, "What about {{sel:0}}?", selections=[{"kind": "item", "id": picture}])
    only = await api.ok("POST", "/responses", json=chosen)
    assert {a["item_id"] for a in only["output"][0]["content"][0]["annotations"]} == {picture}

    async def refused(body: Any) -> tuple[int, str]:
        return await api.refused("POST", "/responses", json=body)

    assert await refused(ask("none", "x")) == (400, "resource_not_exist")
    assert await refused(ask(store_id, "")) == (400, "parameter_invalid")
    assert await refused(ask(store_id, "x", session_id="none")) == (400, "parameter_invalid")
    assert await refused(ask(store_id, "{{sel:1}}")) == (400, "parameter_invalid")
    assert await refused(ask(store_id, "x", selections=[{"kind": "item", "id": "x"}])) == (400, "parameter_invalid")


def _forget(tx: Transaction, name: str) -> None:
    tx.delete("media_index", content_of(name))


async def test_a_response_can_fail(api: Api, media_files: Files, tmp_path: Path) -> None:
    path, _, _ = await make(api, media_files, tmp_path)
    platform = api.emulator.platform
    assert platform is not None
    for blob in platform.store.blobs.iterdir():
        await platform.store.run(functools.partial(_forget, name=blob.name))
        blob.write_bytes(b"\x00\x00\x00\x18ftypisom")
    platform.services.engine._indexes.clear()
    streamed = await events(api, ask(path.rpartition("/")[2], "x"))
    assert streamed[-1]["type"] == "response.failed"
    assert streamed[-1]["response"]["status"] == "failed"
