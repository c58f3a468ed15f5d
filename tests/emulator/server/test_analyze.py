"""Analyses, whole and streamed; gist, summaries."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async.emulator.media.samples import image_bytes

from .conftest import MARENGO, Api

Files = dict[str, Path]


async def events(api: Api, path: str, body: Any) -> list[Any]:
    response = await api.raw("POST", path, json=body)
    assert response.status == 200, await response.text()
    assert response.content_type == "application/x-ndjson"
    assert response.headers["X-Request-Id"]
    return [json.loads(line) for line in (await response.read()).split(b"\n") if line]


async def test_an_answer_streams(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    video_id = await api.video(index_id, media_files["video"])
    body = {"video_id": video_id, "prompt": "Which colours are there?"}
    whole = await api.ok("POST", "/analyze", json={**body, "stream": False})
    assert "red" in whole["data"]
    assert whole["finish_reason"] == "stop"
    assert whole["usage"]["output_tokens"] > 3
    streamed = await events(api, "/analyze", body)
    assert [e["event_type"] for e in streamed] == [
        "stream_start",
        *["text_generation"] * (len(streamed) - 2),
        "stream_end",
    ]
    assert "".join(e.get("text", "") for e in streamed) == whole["data"]
    assert streamed[-1]["metadata"]["usage"] == whole["usage"]
    older = await events(api, "/generate", body)
    assert "".join(e.get("text", "") for e in older) == whole["data"]
    cut = await api.ok("POST", "/analyze", json={**body, "stream": False, "max_tokens": 3})
    assert cut["finish_reason"] == "length"
    assert cut["error"]["message"]
    assert (await events(api, "/analyze", {**body, "max_tokens": 3}))[-1]["error"]["message"]


async def test_all_kinds_of_input(api: Api, media_files: Files) -> None:
    asset_id = await api.asset(media_files["video"])
    inline = base64.b64encode(media_files["video"].read_bytes()).decode()
    texts = []
    for video in (
        {"type": "asset_id", "asset_id": asset_id},
        {"type": "base64_string", "base64_string": inline},
    ):
        body = {"video": video, "prompt": "colours", "stream": False, "start_time": 4, "end_time": 8}
        texts.append((await api.ok("POST", "/analyze", json=body))["data"])
    assert "red" in texts[0]
    assert texts[0] == texts[1]
    picture = base64.b64encode(image_bytes("green")).decode()
    images = [{"name": "a", "base64_string": picture}, {"name": "b", "base64_string": picture}]
    body = {"image": images, "prompt": "colours", "stream": False}
    assert "green" in (await api.ok("POST", "/analyze", json=body))["data"]
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    video = {"type": "asset_id", "asset_id": asset_id}
    body = {
        "video": video,
        "prompt_v2": {
            "input_text": "title",
            "media_sources": [{"name": "x", "media_type": "image", "base64_string": picture}],
        },
        "response_format": {"type": "json_schema", "json_schema": schema},
        "stream": False,
    }
    assert json.loads((await api.ok("POST", "/analyze", json=body))["data"])["title"]


async def test_rejected_requests(api: Api, media_files: Files) -> None:
    async def refused(**body: Any) -> tuple[int, str]:
        return await api.refused("POST", "/analyze", json={"prompt": "x", **body})

    text = await api.asset(media_files["text"])
    asset = {"type": "asset_id", "asset_id": await api.asset(media_files["video"])}
    assert await refused() == (400, "parameter_not_provided")
    assert await refused(video_id="none") == (404, "resource_not_exist")
    assert await refused(video={"type": "asset_id", "asset_id": "none"}) == (404, "resource_not_exist")
    assert await refused(video={"type": "asset_id", "asset_id": text}) == (400, "parameter_invalid")
    assert await refused(video={"type": "letter"}) == (400, "parameter_invalid")
    assert await refused(video={"type": "base64_string", "base64_string": "%"}) == (400, "parameter_invalid")
    assert await refused(video={"type": "base64_string", "base64_string": "AAAA"}) == (400, "video_file_broken")
    assert await refused(video=asset, video_id="x") == (400, "parameter_invalid")
    assert await refused(video=asset, prompt_v2={"input_text": "x"}) == (400, "parameter_invalid")
    assert await refused(video=asset, temperature=2) == (400, "parameter_invalid")
    assert await refused(video=asset, max_tokens=99999) == (400, "parameter_invalid")
    assert await refused(video=asset, start_time=50) == (400, "parameter_invalid")
    assert await refused(video=asset, start_time=1, end_time=1.5) == (400, "parameter_invalid")
    assert await refused(video=asset, model_name="pegasus1.2", prompt="word " * 2001) == (400, "token_limit_exceeded")
    assert await refused(image=[]) == (400, "parameter_invalid")
    assert await refused(image=[{"name": "a"}]) == (400, "parameter_not_provided")
    assert await refused(image=[{"name": "a", "asset_id": asset["asset_id"]}]) == (400, "parameter_invalid")
    older = await api.index("old", models=[{**MARENGO, "model_name": "marengo2.7"}])
    video_id = await api.video(older, media_files["video"])
    assert await refused(video_id=video_id) == (400, "index_not_supported_for_generate")


@pytest.mark.parametrize("emulator", [{"speed": 1, "durations": {"task.indexing": 30}}], indirect=True)
async def test_a_video_that_is_not_ready(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    task = await api.task(index_id, media_files["video"])
    body = {"video_id": task["video_id"], "prompt": "x"}
    assert await api.refused("POST", "/analyze", json=body) == (400, "video_not_ready")
    assert await api.refused("DELETE", f"/tasks/{task['_id']}") == (400, "task_cannot_be_deleted")


async def test_gist_and_summaries(api: Api, media_files: Files) -> None:
    index_id = await api.index()
    video_id = await api.video(index_id, media_files["video"])
    gist = await api.ok("POST", "/gist", json={"video_id": video_id, "types": ["title", "topic", "hashtag"]})
    assert gist["title"]
    assert gist["topics"]
    assert gist["hashtags"]
    assert "topics" not in await api.ok("POST", "/gist", json={"video_id": video_id, "types": ["title"]})
    for kind in ("summary", "chapter", "highlight"):
        answer = await api.ok("POST", "/summarize", json={"video_id": video_id, "type": kind})
        assert answer["summarize_type"] == kind
        assert answer["summary" if kind == "summary" else f"{kind}s"]
    assert await api.refused("POST", "/summarize", json={"video_id": video_id, "type": "poem"}) == (
        400,
        "parameter_invalid",
    )
