"""Analyses in the background: tasks, batches, webhooks."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.eventually import eventually
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media.samples import image_bytes

from .conftest import Api

Files = dict[str, Path]
TASKS, BATCHES = "/analyze/tasks", "/analyze/batches"
SLOW = pytest.mark.parametrize("emulator", [{"speed": 1, "durations": {"analyze.queued": 60}}], indirect=True)


def asset(asset_id: str) -> dict[str, str]:
    return {"type": "asset_id", "asset_id": asset_id}


async def code(api: Api, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
    status, result = await api.call(method, path, json=body, headers=headers)
    assert "error" in result, result
    return status, result["error"]["code"]


async def test_a_task(api: Api, media_files: Files) -> None:
    asset_id = await api.asset(media_files["video"])
    body: dict[str, Any] = {
        "video": asset(asset_id),
        "prompt": "Which colours are there in this video?",
        "custom_id": "mine-1",
    }
    status, created = await api.call("POST", TASKS, json=body)
    assert (status, created["status"]) == (202, "queued")
    task = await api.until(f"{TASKS}/{created['task_id']}")
    assert task["custom_id"] == "mine-1"
    assert "red" in task["result"]["data"]
    assert task["video_source"]["system_metadata"]["duration"] == pytest.approx(8, abs=0.1)
    assert task["completed_at"]
    listed = (await api.ok("GET", f"{TASKS}?status=ready&asset_id={asset_id}&analysis_mode=general"))["data"]
    assert listed[0]["request_params"]["prompt"] == body["prompt"][:30]
    assert (await api.ok("GET", f"{TASKS}?asset_id=other"))["data"] == []
    assert await api.call("DELETE", f"{TASKS}/{task['task_id']}") == (204, "")
    assert await code(api, "GET", f"{TASKS}/{task['task_id']}") == (404, "resource_not_exist")


async def test_segments(api: Api, media_files: Files) -> None:
    asset_id = await api.asset(media_files["video"])
    fields = [
        {"name": "mood", "type": "string", "description": "mood"},
        {"name": "begin", "type": "timestamp", "description": "begin", "format": "hh:mm:ss"},
    ]
    shape: dict[str, Any] = {
        "type": "segment_definitions",
        "segment_definitions": [{"id": "reds", "description": "red", "fields": fields}],
    }
    body = {"video": asset(asset_id), "analysis_mode": "time_based_metadata", "response_format": shape}
    created = await api.ok("POST", TASKS, json=body)
    data = json.loads((await api.until(f"{TASKS}/{created['task_id']}"))["result"]["data"])
    assert data["reds"][0]["start_time"] == pytest.approx(4, abs=0.2)

    async def refused(**changes: Any) -> tuple[int, str]:
        return await code(api, "POST", TASKS, {**body, **changes})

    ranges = [{"start_time": 0, "end_time": 3}, {"start_time": 2, "end_time": 5}]
    bad: dict[str, Any] = {"type": "segment_definitions", "segment_definitions": [{"id": "a", "description": "a"}]}
    definition = bad["segment_definitions"][0]
    assert await refused(prompt="x") == (400, "parameter_invalid")
    assert await refused(response_format=None) == (400, "parameter_not_provided")
    assert await refused(max_tokens="unlimited") == (400, "parameter_invalid")
    assert await refused(max_tokens=100) == (400, "parameter_invalid")
    assert await refused(min_segment_duration=9, max_segment_duration=3) == (400, "parameter_invalid")
    overlap = {**bad, "segment_definitions": [{**definition, "time_ranges": ranges}]}
    assert await refused(response_format=overlap) == (400, "parameter_invalid")
    twice = {**bad, "segment_definitions": [definition, definition]}
    assert await refused(response_format=twice) == (400, "parameter_invalid")
    no_format = {**definition, "fields": [{"name": "a", "type": "timestamp", "description": "a"}]}
    assert await refused(response_format={**bad, "segment_definitions": [no_format]}) == (400, "parameter_invalid")
    assert await refused(analysis_mode="general", prompt="x") == (400, "parameter_invalid")
    general = {"video": asset(asset_id)}
    assert await code(api, "POST", TASKS, general) == (400, "parameter_not_provided")
    assert await code(api, "POST", TASKS, {**general, "prompt": "x", "custom_id": "a b"}) == (400, "parameter_invalid")
    assert await code(api, "POST", TASKS, {"video": asset("none"), "prompt": "x"}) == (400, "resource_not_exist")


async def test_failures_and_images(api: Api, media_files: Files) -> None:
    inline = base64.b64encode(media_files["broken"].read_bytes()).decode()
    body: dict[str, Any] = {"video": {"type": "base64_string", "base64_string": inline}, "prompt": "x"}
    created = await api.ok("POST", TASKS, json=body)
    failed = await api.until(f"{TASKS}/{created['task_id']}", "failed")
    assert "video_file_broken" in failed["error"]["message"]
    picture = base64.b64encode(image_bytes("green")).decode()
    body = {"image": [{"name": "a", "base64_string": picture}], "prompt": "colours"}
    created = await api.ok("POST", TASKS, json=body)
    task = await api.until(f"{TASKS}/{created['task_id']}")
    assert "green" in task["result"]["data"]
    assert task["request_params"]["image"] == [{"name": "a", "media_type": "image"}]


async def test_idempotency(api: Api, media_files: Files) -> None:
    body = {"video": asset(await api.asset(media_files["video"])), "prompt": "x"}
    headers = {"Idempotency-Key": "once"}
    first = await api.ok("POST", TASKS, json=body, headers=headers)
    second = await api.ok("POST", TASKS, json=body, headers=headers)
    assert first["task_id"] == second["task_id"]
    assert await code(api, "POST", TASKS, {**body, "prompt": "y"}, **headers) == (400, "parameter_invalid")
    assert (await api.ok("GET", TASKS))["page_info"]["total_results"] == 1


@SLOW
async def test_cancel(api: Api, media_files: Files) -> None:
    body = {"video": asset(await api.asset(media_files["video"])), "prompt": "x"}
    created = await api.ok("POST", TASKS, json=body)
    path = f"{TASKS}/{created['task_id']}"
    assert await code(api, "DELETE", path) == (409, "task_not_terminal")
    assert (await api.ok("POST", f"{path}/cancel"))["status"] == "canceled"
    assert (await api.ok("GET", path))["error"]["code"] == "user_canceled"
    assert await api.refused("POST", f"{path}/cancel") == (409, "task_canceled")
    assert await api.call("DELETE", path) == (204, "")


async def results(api: Api, batch_id: str) -> list[Any]:
    response = await api.raw("GET", f"{BATCHES}/{batch_id}/results")
    assert response.content_type == "application/jsonl"
    return [json.loads(line) for line in (await response.read()).splitlines()]


async def test_a_batch(api: Api, media_files: Files) -> None:
    asset_id = await api.asset(media_files["video"])
    body: dict[str, Any] = {
        "model_name": "pegasus1.5",
        "analysis_mode": "general",
        "defaults": {"prompt": {"input_text": "colours"}},
        "requests": [
            {"video": asset(asset_id), "custom_id": "a"},
            {"video": asset("none"), "custom_id": "b"},
            {"video": asset(asset_id), "prompt": {"input_text": "title"}},
        ],
    }
    status, created = await api.call("POST", BATCHES, json=body)
    assert (status, created["total_items"]) == (201, 3)
    assert [item["custom_id"] for item in created["items"]] == ["a", "b", None]
    done = await api.until(f"{BATCHES}/{created['batch_id']}", "completed")
    assert (done["ready_items"], done["failed_items"]) == (2, 1)
    lines = await results(api, created["batch_id"])
    assert [line["status"] for line in lines] == ["ready", "failed", "ready"]
    assert "red" in lines[0]["data"]["data"]
    assert lines[1]["error"]["code"] == "asset_unavailable"
    item = await api.ok("GET", f"{TASKS}/{lines[0]['task_id']}")
    assert item["batch_id"] == created["batch_id"]
    assert (await api.ok("GET", f"{BATCHES}?status=completed&analysis_mode=general"))["data"]
    path = f"{BATCHES}/{created['batch_id']}"
    assert await code(api, "POST", f"{path}/cancel") == (409, "batch_completed")
    assert await api.call("DELETE", path) == (204, "")
    assert await code(api, "GET", path) == (404, "resource_not_exist")
    assert await code(api, "GET", f"{path}/results") == (404, "resource_not_exist")
    assert await code(api, "GET", f"{TASKS}/{lines[0]['task_id']}") == (404, "resource_not_exist")


@SLOW
async def test_batches_are_canceled(api: Api, media_files: Files) -> None:
    asset_id = await api.asset(media_files["video"])
    body: dict[str, Any] = {
        "model_name": "pegasus1.5",
        "analysis_mode": "general",
        "defaults": {"prompt": {"input_text": "x"}},
        "requests": [{"video": asset(asset_id)}],
    }
    made = [(await api.ok("POST", BATCHES, json=body))["batch_id"] for _ in range(5)]
    assert await code(api, "POST", BATCHES, body) == (409, "batch_limit_exceeded")
    path = f"{BATCHES}/{made[0]}"
    assert await code(api, "DELETE", path) == (409, "batch_not_terminal")
    status, canceling = await api.call("POST", f"{path}/cancel")
    assert (status, canceling["status"]) == (202, "canceling")
    done = await api.until(path, "canceled")
    assert done["canceled_items"] == 1
    assert (await results(api, made[0]))[0]["status"] == "canceled"
    assert await code(api, "POST", f"{path}/cancel") == (409, "batch_canceled")
    no_prompt = {**body, "defaults": {}}
    assert await code(api, "POST", BATCHES, no_prompt) == (400, "parameter_not_provided")
    twice = {**body, "requests": [{"video": asset(asset_id), "custom_id": "a"}] * 2}
    assert await code(api, "POST", BATCHES, twice) == (400, "parameter_invalid")


@pytest.mark.parametrize(
    "emulator", [{"speed": 1, "durations": {"analyze.queued": 60}, "lifetimes": {"batch": 0.1}}], indirect=True
)
async def test_batches_expire(api: Api, media_files: Files) -> None:
    body: dict[str, Any] = {
        "model_name": "pegasus1.5",
        "analysis_mode": "general",
        "requests": [{"video": asset(await api.asset(media_files["video"])), "prompt": {"input_text": "x"}}],
    }
    batch_id = (await api.ok("POST", BATCHES, json=body))["batch_id"]
    assert (await api.until(f"{BATCHES}/{batch_id}", "expired"))["expired_at"]
    assert await code(api, "POST", f"{BATCHES}/{batch_id}/cancel") == (409, "batch_expired")


class Receiver:
    """A webhook endpoint that rejects the first delivery."""

    def __init__(self) -> None:
        self.deliveries: list[tuple[str, bytes]] = []
        self.enough = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        self.deliveries.append((request.headers["TL-Signature"], await request.read()))
        return web.Response(status=500 if len(self.deliveries) == 1 else 204)


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    found = Receiver()
    application = web.Application()
    application.router.add_post("/hook", found.handle)
    async with TestServer(application) as server:
        yield found, str(server.make_url("/hook"))


async def test_webhooks_are_signed_and_retried(
    receiver: tuple[Receiver, str], media_files: Files, tmp_path: Path
) -> None:
    found, url = receiver
    settings: dict[str, Any] = {"speed": 0, "state": tmp_path / "s", "check_responses": True}
    async with (
        Emulator(webhook_url=url, webhook_secret="shh", **settings) as emulator,
        aiohttp.ClientSession() as session,
    ):
        api = Api(session, emulator)
        await api.video(await api.index(), media_files["video"])
        await eventually(lambda: len(found.deliveries) >= 2)
        body = {"video": asset(await api.asset(media_files["video"])), "prompt": "x"}
        created = await api.ok("POST", TASKS, json=body)
        while True:
            task = await api.ok("GET", f"{TASKS}/{created['task_id']}")
            if task.get("webhooks", [{}])[0].get("delivered"):
                break
            await asyncio.sleep(0.02)
        assert task["webhooks"] == [{"url": url, "delivered": True, "attempts": 1}]
    first, second, third = (json.loads(data) for _, data in found.deliveries)
    assert first["id"] == second["id"]
    assert first["type"] == "index.task.ready"
    assert first["data"]["models"][0]["name"] == "marengo3.0"
    assert third["type"] == "analyze.task.ready"
    assert third["data"]["custom_id"] is None
    signature, data = found.deliveries[2]
    moment, digest = signature.removeprefix("t=").split(",v1=")
    assert digest == hmac.new(b"shh", moment.encode() + b"." + data, hashlib.sha256).hexdigest()
