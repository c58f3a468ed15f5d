"""Each fault as a plain HTTP client sees it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from twelvelabs_async.emulator import Emulator, FaultPlan

from .conftest import MARENGO, Api

Files = dict[str, Path]
BROKEN = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)


def use(api: Api, *rules: dict[str, Any], seed: int = 1) -> FaultPlan:
    assert isinstance(api.emulator, Emulator)
    api.emulator.faults.use({"seed": seed, "rules": rules})
    return api.emulator.faults


async def test_statuses(api: Api) -> None:
    use(
        api,
        {"fault": "status", "status": 503, "times": 1},
        {"fault": "status", "status": 502, "html": True, "times": 1},
        {"fault": "rate_limited", "seconds": 7, "times": 1},
        {"fault": "rate_limited_bare", "times": 1},
        {"fault": "wrong_content_type", "times": 1},
    )
    first = await api.raw("GET", "/indexes")
    assert (first.status, (await first.json())["code"]) == (503, "generic_error")
    second = await api.raw("GET", "/indexes")
    assert (second.status, second.content_type) == (502, "text/html")
    third = await api.raw("GET", "/indexes")
    assert (third.status, third.headers["Retry-After"]) == (429, "7")
    fourth = await api.raw("GET", "/indexes")
    assert (fourth.status, await fourth.read()) == (429, b"")
    assert "Retry-After" not in fourth.headers
    fifth = await api.raw("GET", "/indexes")
    assert (fifth.status, fifth.content_type) == (200, "text/html")
    assert (await api.raw("GET", "/indexes")).content_type == "application/json"


async def test_resets(api: Api) -> None:
    body = {"index_name": "a", "models": [MARENGO]}
    use(api, {"fault": "reset", "operation": "createIndex", "times": 1})
    with pytest.raises(BROKEN):
        await api.raw("POST", "/indexes", json=body)
    assert (await api.ok("GET", "/indexes"))["data"] == []
    plan = use(api, {"fault": "reset", "route": "POST /ind*", "carried_out": True, "times": 1})
    with pytest.raises(BROKEN):
        await api.raw("POST", "/indexes", json=body)
    assert len((await api.ok("GET", "/indexes"))["data"]) == 1
    assert plan.record == [("reset", "POST /indexes")]
    use(api, {"fault": "reset_mid_body", "times": 1})
    with pytest.raises(BROKEN):
        await api.raw("GET", "/indexes")
    assert (await api.raw("GET", "/indexes")).status == 200


async def test_bodies_that_stop(api: Api) -> None:
    use(api, {"fault": "stalled_body", "seconds": 0.3, "times": 1}, {"fault": "slow", "seconds": 0.3, "times": 1})
    with pytest.raises(TimeoutError):
        await api.raw("GET", "/indexes", timeout=aiohttp.ClientTimeout(total=0.1))
    with pytest.raises(TimeoutError):
        await api.raw("GET", "/indexes", timeout=aiohttp.ClientTimeout(total=0.1))
    assert (await api.raw("GET", "/indexes")).status == 200


async def test_bodies_that_are_wrong(api: Api) -> None:
    use(api, {"fault": "truncated_json", "times": 1}, {"fault": "malformed_json", "times": 1})
    for _ in range(2):
        response = await api.raw("GET", "/indexes")
        assert response.status == 200
        with pytest.raises(json.JSONDecodeError):
            json.loads(await response.read())


async def test_an_answer_comes_twice(api: Api) -> None:
    assert isinstance(api.emulator, Emulator)
    use(api, {"fault": "duplicated", "times": 1})
    host, port = api.emulator.base_url.removeprefix("http://").removesuffix("/v1.3").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET /v1.3/indexes HTTP/1.1\r\nHost: x\r\nx-api-key: {api.emulator.api_key}\r\n\r\n".encode())
    answer = b""
    while answer.count(b"page_info") < 2:
        answer += await asyncio.wait_for(reader.read(65536), 5)
    assert answer.count(b"HTTP/1.1 200") == 2
    writer.close()
    await writer.wait_closed()


async def test_redirects_lead_to_another_origin(api: Api) -> None:
    assert isinstance(api.emulator, Emulator)
    use(api, {"fault": "redirect", "times": 2})
    response = await api.raw("GET", "/indexes", allow_redirects=False)
    assert response.status == 307
    assert response.headers["Location"].startswith(api.emulator.objects_url)
    assert api.emulator.leaks == []
    # This client follows with its key, as aiohttp does: the other origin takes note.
    await api.raw("GET", "/indexes")
    assert api.emulator.leaks == ["GET /elsewhere"]


async def test_streams_go_wrong(api: Api, media_files: Files) -> None:
    asset_id = await api.asset(media_files["video"])
    body = {"video": {"type": "asset_id", "asset_id": asset_id}, "prompt": "Summarize and list all colours"}
    whole = await (await api.raw("POST", "/analyze", json=body)).read()
    assert b"stream_end" in whole

    async def meet(fault: str) -> bytes:
        use(api, {"fault": fault, "operation": "analyzeVideo", "seconds": 0.2, "times": 1})
        return await (await api.raw("POST", "/analyze", json=body)).read()

    for fault in ("reset_mid_body", "stalled_body"):
        with pytest.raises(BROKEN):
            await meet(fault)
    cut = await meet("truncated_json")
    assert whole.startswith(cut.partition(b"text_generation")[0][:20])
    assert b"stream_end" not in cut
    lines = (await meet("malformed_json")).splitlines()
    assert sum(not line.startswith(b"{") for line in lines) == 1


async def test_uploads_go_wrong(api: Api) -> None:
    body = {"filename": "a.mp4", "type": "video", "total_size": 10}
    upload = await api.ok("POST", "/assets/multipart-uploads", json=body)
    use(api, {"fault": "status", "port": "objects", "status": 503, "route": "PUT /uploads/*", "times": 1})
    url = upload["upload_urls"][0]["url"]
    statuses = []
    for _ in range(2):
        async with api.session.put(url, data=b"x" * 10) as response:
            statuses.append(response.status)
    assert statuses == [503, 200]


async def test_luck_is_repeatable(api: Api) -> None:
    async def statuses(seed: int) -> list[int]:
        use(api, {"fault": "status", "rate": 0.3}, seed=seed)
        return [(await api.raw("GET", "/indexes")).status for _ in range(30)]

    first = await statuses(5)
    assert first == await statuses(5)
    assert 0 < first.count(500) < 30
    use(api, {"fault": "status", "skip": 2, "times": 1})
    assert [(await api.raw("GET", "/indexes")).status for _ in range(4)] == [200, 200, 500, 200]


def test_plans_are_checked(tmp_path: Path) -> None:
    plans: list[Any] = [
        {"rules": [{"fault": "earthquake"}]},
        {"rules": [{"fault": "slow", "rate": 2}]},
        {"rules": [{"fault": "slow", "colour": 2}]},
        {"rule": []},
    ]
    for plan in plans:
        with pytest.raises(ValueError, match="faults"):
            FaultPlan.load(plan)
    file = tmp_path / "plan.json"
    file.write_text('{"seed": 1, "rules": [{"fault": "slow"}]}', encoding="utf-8")
    assert FaultPlan.load(file).rules[0].fault == "slow"
    assert FaultPlan.load(None).rules == []
