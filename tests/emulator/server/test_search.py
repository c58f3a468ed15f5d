"""Search: hits, paging, rejected requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media.samples import image_bytes
from twelvelabs_async.emulator.state.store import INDEX_KIND, content_of

from .conftest import MARENGO, Api

Files = dict[str, Path]


def form(*fields: tuple[str, Any], **single: Any) -> aiohttp.FormData:
    return aiohttp.FormData([*single.items(), *fields], default_to_multipart=True)


async def search(api: Api, *fields: tuple[str, Any], **single: Any) -> Any:
    return await api.ok("POST", "/search", data=form(*fields, **single))


async def refused(api: Api, *fields: tuple[str, Any], **single: Any) -> str:
    status, code = await api.refused("POST", "/search", data=form(*fields, **single))
    assert status == 400
    return code


async def test_the_red_second_is_found(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    video = await api.video(index_id, media_files["video"], user_metadata='{"kind": "beach"}')
    await api.video(index_id, media_files["other"])
    found = await search(api, index_id=index_id, query_text="red", search_options="visual")
    best = found["data"][0]
    assert (best["video_id"], best["rank"]) == (video, 1)
    assert best["start"] == pytest.approx(4, abs=0.2)
    assert best["end"] == pytest.approx(8, abs=0.2)
    assert found["search_pool"]["total_count"] == 2
    assert "user_metadata" not in best
    async with api.session.get(best["thumbnail_url"]) as picture:
        assert picture.content_type == "image/jpeg"
    spoken = await search(api, ("search_options", "transcription"), index_id=index_id, query_text="kind world")
    assert "kind world" in spoken["data"][0]["transcription"]
    grouped = await search(
        api,
        ("search_options", "visual"),
        ("search_options", "audio"),
        index_id=index_id,
        query_text="colourful red blue green yellow",
        group_by="video",
        include_user_metadata="true",
        threshold="none",
        sort_option="clip_count",
    )
    assert {item["id"] for item in grouped["data"]} >= {video}
    mine = next(item for item in grouped["data"] if item["id"] == video)
    assert mine["clips"][0]["user_metadata"] == {"kind": "beach"}


async def test_images_are_searched(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    video = await api.video(index_id, media_files["video"])
    data = form(index_id=index_id, search_options="visual", query_media_type="image")
    data.add_field("query_media_file", image_bytes("red"), filename="red.png", content_type="image/png")
    found = await api.ok("POST", "/search", data=data)
    assert found["data"][0]["video_id"] == video
    assert found["data"][0]["start"] == pytest.approx(4, abs=0.2)
    data = form(index_id=index_id, search_options="visual", query_media_type="image")
    data.add_field("query_media_file", b"nothing", filename="red.png")
    assert await api.refused("POST", "/search", data=data) == (400, "parameter_invalid")
    data = form(index_id=index_id, search_options="audio", query_media_type="image")
    data.add_field("query_media_file", image_bytes("red"), filename="red.png")
    assert await api.refused("POST", "/search", data=data) == (400, "search_option_combination_not_supported")


async def test_pages_follow_one_another(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    for _ in range(3):
        await api.video(index_id, media_files["video"])
    fields = {"index_id": index_id, "query_text": "red blue", "search_options": "visual", "threshold": "none"}
    everything = await search(api, **fields, page_limit="50")
    assert "next_page_token" not in everything["page_info"]
    page = await search(api, **fields, page_limit="2")
    ranks = [hit["rank"] for hit in page["data"]]
    while token := page["page_info"].get("next_page_token"):
        page = await api.ok("GET", f"/search/{token}?include_user_metadata=true")
        ranks += [hit["rank"] for hit in page["data"]]
        assert page["page_info"]["prev_page_token"]
    assert ranks == [hit["rank"] for hit in everything["data"]] == [*range(1, len(ranks) + 1)]
    assert len(ranks) > 4
    assert await api.refused("GET", "/search/nonsense") == (400, "parameter_invalid")


@pytest.mark.parametrize("emulator", [{"lifetimes": {"search_page": 0.0}}], indirect=True)
async def test_page_tokens_expire(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    await api.video(index_id, media_files["video"])
    page = await search(
        api, index_id=index_id, query_text="red", search_options="visual", page_limit="1", threshold="none"
    )
    token = page["page_info"]["next_page_token"]
    assert await api.refused("GET", f"/search/{token}") == (400, "search_page_token_expired")


async def test_filters(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    first = await api.video(index_id, media_files["video"], user_metadata='{"part": 1, "good": true}')
    second = await api.video(index_id, media_files["other"], user_metadata='{"part": 2}')

    async def videos(conditions: Any) -> set[str]:
        found = await search(
            api,
            index_id=index_id,
            query_text="red green",
            search_options="visual",
            threshold="none",
            filter=json.dumps(conditions),
        )
        return {hit["video_id"] for hit in found["data"]}

    assert await videos({}) == {first, second}
    assert await videos({"id": [first]}) == {first}
    assert await videos({"duration": {"gte": 7}}) == {first}
    assert await videos({"width": 640, "filename": "forest.mp4"}) == {second}
    assert await videos({"part": {"gte": 2}}) == {second}
    assert await videos({"good": True}) == {first}
    for bad in ({"id": "x"}, {"duration": "long"}, {"part": {"from": 1}}, {"part": [1]}):
        code = await refused(api, index_id=index_id, query_text="x", search_options="visual", filter=json.dumps(bad))
        assert code == "search_filter_invalid", bad


async def test_rejected_requests(api: Api) -> None:
    index_id = await api.index()
    visual = await api.index("v", models=[{**MARENGO, "model_options": ["visual"]}])
    pegasus = await api.index("p", models=[{**MARENGO, "model_name": "pegasus1.2"}])
    assert await refused(api, index_id="none", query_text="x", search_options="visual") == "resource_not_exist"
    assert await refused(api, index_id=index_id, search_options="visual") == "parameter_not_provided"
    assert await refused(api, index_id=index_id, query_text="x") == "parameter_not_provided"
    assert await refused(api, index_id=index_id, query_text="x", search_options="smell") == "parameter_invalid"
    assert await refused(api, index_id=visual, query_text="x", search_options="audio") == "search_option_not_supported"
    assert (
        await refused(api, index_id=pegasus, query_text="x", search_options="visual")
        == "index_not_supported_for_search"
    )
    good = {"index_id": index_id, "query_text": "x", "search_options": "visual"}
    assert await refused(api, **good, transcription_options="lexical") == "parameter_invalid"
    assert await refused(api, **good, sort_option="clip_count") == "parameter_invalid"
    assert await refused(api, **{**good, "query_text": "<@none>"}) == "parameter_invalid"
    assert await refused(api, **{**good, "query_text": "word " * 501}) == "parameter_invalid"
    assert await refused(api, **good, query_media_url="http://127.0.0.1:1/a.png") == "parameter_not_provided"
    assert await refused(api, **good, filter="[1]") == "parameter_invalid"


async def test_sentences_find_the_best_there_is(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    sea = await api.video(index_id, media_files["video"])
    forest = await api.video(index_id, media_files["other"])
    fields = {"index_id": index_id, "query_text": "a man walking his dog in the park", "search_options": "visual"}
    found = (await search(api, **fields, page_limit="50"))["data"]
    assert {hit["video_id"] for hit in found} == {sea, forest}
    assert found[0]["video_id"] == forest
    assert [hit["score"] for hit in found] == sorted((hit["score"] for hit in found), reverse=True)
    for level, least in (("none", 0), ("low", 0), ("medium", 60), ("high", 80)):
        cut = (await search(api, **fields, threshold=level, page_limit="50"))["data"]
        assert [hit["score"] for hit in cut] == [hit["score"] for hit in found if hit["score"] >= least]
    red = await search(api, index_id=index_id, query_text="red", search_options="visual", threshold="high")
    assert [hit["video_id"] for hit in red["data"]] == [sea]


async def test_no_hit_goes_beyond_the_end(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    video = await api.video(index_id, media_files["video"])
    duration = (await api.ok("GET", f"/indexes/{index_id}/videos/{video}"))["system_metadata"]["duration"]
    options = [("search_options", option) for option in ("visual", "audio", "transcription")]
    hits = (await search(api, *options, index_id=index_id, query_text="a red balloon"))["data"]
    assert hits
    assert max(hit["end"] for hit in hits) <= duration


async def test_indexes_of_an_older_version_are_made_again(api: Api, media_files: Files) -> None:
    """A state folder outlives versions of the emulator."""
    index_id = await api.index()
    video = await api.video(index_id, media_files["video"])
    assert isinstance(api.emulator, Emulator)
    assert api.emulator.platform is not None
    services = api.emulator.platform.services
    stored = await services.store.run(lambda tx: next(tx.all(INDEX_KIND)))
    content = await services.store.run(lambda tx: content_of(next(tx.all("video"))["private"]["blob"]))
    await services.store.put(INDEX_KIND, content, {**stored, "version": 1, "scenes": []})
    services.engine._indexes.clear()
    found = await search(api, index_id=index_id, query_text="red", search_options="visual")
    assert found["data"][0]["video_id"] == video
    assert (await services.store.get(INDEX_KIND, content) or {})["version"] == stored["version"]


async def test_rate_limit_headers_are_sent_where_they_are_documented(api: Api, media_files: Files) -> None:
    """Also without a limit; the newer family is observed only where there is one."""
    index_id = await api.index()
    for used in (1, 2):
        data = form(index_id=index_id, query_text="red", search_options="visual")
        headers = (await api.raw("POST", "/search", data=data)).headers
        assert int(headers["X-Ratelimit-Used"]) == used
        assert int(headers["X-Ratelimit-Limit"]) - int(headers["X-Ratelimit-Remaining"]) == used
        assert int(headers["X-Ratelimit-Reset"]) > 1_700_000_000
        assert "X-RateLimit-Request-Limit" not in headers
    video = await api.video(index_id, media_files["video"])
    for path, body in (
        ("/analyze", {"video_id": video, "prompt": "What?", "stream": True}),
        ("/gist", {"video_id": video, "types": ["title"]}),
        ("/summarize", {"video_id": video, "type": "summary"}),
    ):
        response = await api.raw("POST", path, json=body)
        assert (response.status, "X-Ratelimit-Limit" in response.headers) == (200, True), path
    assert not [name for name in (await api.raw("GET", "/indexes")).headers if "ratelimit" in name.lower()]
