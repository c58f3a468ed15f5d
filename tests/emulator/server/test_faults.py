"""Each fault as a plain HTTP client sees it."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from twelvelabs_async.emulator import Emulator, Fault, FaultPlan

from .conftest import MARENGO, Api
from .test_process import client, process

Files = dict[str, Path]
BROKEN = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)
SHORT = aiohttp.ClientTimeout(total=0.1)


def use(api: Api, kind: str, **fields: Any) -> FaultPlan:
    """Makes one rule the only one."""
    assert isinstance(api.emulator, Emulator)
    plan = api.emulator.faults
    plan.clear()
    plan.counts.clear()
    plan.add(kind=kind, **fields)
    return plan


async def test_statuses(api: Api) -> None:
    use(api, "status", status=500, operation="listIndexes")
    response = await api.raw("GET", "/indexes")
    assert (response.status, (await response.json())["code"]) == (500, "fault")
    assert "X-Request-Id" in response.headers
    assert (await api.raw("GET", "/tasks")).status == 200
    use(api, "status", status=502)
    response = await api.raw("GET", "/indexes")
    assert (response.status, response.content_type) == (502, "text/html")
    use(api, "status", status=429, retry_after=7, limits=True)
    response = await api.raw("GET", "/indexes")
    assert (response.status, response.headers["Retry-After"]) == (429, "7")
    assert response.headers["X-Ratelimit-Remaining"] == response.headers["X-Ratelimit-Request-Remaining"] == "0"
    assert 0 <= int(response.headers["X-Ratelimit-Reset"]) - time.time() <= 7
    use(api, "status", status=429)
    response = await api.raw("GET", "/indexes")
    assert not [name for name in response.headers if name.startswith(("X-Ratelimit", "Retry"))]
    use(api, "wrong_type")
    response = await api.raw("GET", "/indexes")
    assert (response.status, response.content_type) == (200, "text/html")


@pytest.mark.parametrize("fault", [{"kind": "reset"}, {"kind": "status", "status": 503}, {"kind": "redirect"}])
@pytest.mark.parametrize("carried_out", [False, True])
async def test_before_and_after_the_work(api: Api, fault: dict[str, Any], carried_out: bool) -> None:
    plan = use(api, **fault, route="POST /ind*", carried_out=carried_out)
    try:
        response = await api.raw(
            "POST", "/indexes", json={"index_name": "a", "models": [MARENGO]}, allow_redirects=False
        )
        assert response.status in {307, 503}
    except BROKEN:
        assert fault["kind"] == "reset"
    assert len((await api.ok("GET", "/indexes"))["data"]) == carried_out
    assert plan.injected == 1
    assert {operation for _, operation in plan.operations} == {"createIndex"}


@pytest.mark.parametrize("kind", ["reset_body", "cut_body"])
async def test_bodies_that_break_off(api: Api, kind: str) -> None:
    plan = use(api, kind)
    async with api.session.get(f"{api.emulator.base_url}/indexes", headers={"x-api-key": api.emulator.api_key}) as got:
        assert got.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await got.read()
    index_id = await _index_without_faults(api, plan)
    use(api, kind)
    # There is no middle of nothing.
    assert (await api.raw("PUT", f"/indexes/{index_id}", json={"index_name": "b"})).status == 204
    assert plan.counts == {}


async def _index_without_faults(api: Api, plan: FaultPlan) -> str:
    plan.clear()
    return await api.index()


@pytest.mark.parametrize("kind", ["stall", "stall_body"])
async def test_silence(api: Api, kind: str) -> None:
    use(api, kind)
    with pytest.raises(TimeoutError):
        await api.raw("GET", "/indexes", timeout=SHORT)
    use(api, kind, seconds=0.01)
    with pytest.raises(BROKEN):
        await api.raw("GET", "/indexes")


async def test_silence_ends_with_the_client(api: Api) -> None:
    """Also while the server has stopped reading what the client sends."""
    assert isinstance(api.emulator, Emulator)
    assert api.emulator.platform is not None
    plan = use(api, "stall")
    before = len(asyncio.all_tasks())

    host, port = api.emulator.base_url.removeprefix("http://").removesuffix("/v1.3").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /v1.3/assets HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n\r\n" + bytes(20_000_000))
    while not plan.counts["stall"]:  # noqa: ASYNC110 - a counter of the emulator
        await asyncio.sleep(0.01)
    writer.transport.abort()
    async with asyncio.timeout(10):
        while len(asyncio.all_tasks()) > before:  # noqa: ASYNC110 - tasks of the server
            await asyncio.sleep(0.01)


async def test_slow_responses_and_slow_connections(api: Api) -> None:
    for kind in ("slow", "slow_accept"):
        async with aiohttp.ClientSession() as session:
            other = Api(session, api.emulator)
            plan = use(api, kind, seconds=30)
            with pytest.raises(TimeoutError):
                await other.raw("GET", "/indexes", timeout=SHORT)
            plan.clear()
            assert (await other.raw("GET", "/indexes")).status == 200
            use(api, kind, seconds=0.05)
            assert (await other.raw("GET", "/indexes")).status == 200
    assert plan.counts == {}  # the connection was there already


async def test_bodies_that_are_wrong(api: Api) -> None:
    for kind in ("truncated", "malformed"):
        use(api, kind)
        response = await api.raw("GET", "/indexes")
        assert response.status == 200
        with pytest.raises(json.JSONDecodeError):
            json.loads(await response.read())


@pytest.mark.parametrize("seconds", [0, 0.05])
async def test_duplicate_responses(api: Api, seconds: float) -> None:
    use(api, "duplicate", count=1, seconds=seconds)
    host, port = api.emulator.base_url.removeprefix("http://").removesuffix("/v1.3").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET /v1.3/indexes HTTP/1.1\r\nHost: x\r\nx-api-key: {api.emulator.api_key}\r\n\r\n".encode())
    response = b""
    while response.count(b"page_info") < 2:
        response += await asyncio.wait_for(reader.read(65536), 5)
    assert response.count(b"HTTP/1.1 200") == 2
    assert response[: len(response) // 2] == response[len(response) // 2 :]
    writer.close()
    await writer.wait_closed()


async def test_redirects_lead_to_another_origin(api: Api) -> None:
    assert isinstance(api.emulator, Emulator)
    use(api, "redirect", count=2)
    response = await api.raw("GET", "/indexes", allow_redirects=False)
    assert response.status == 307
    assert response.headers["Location"].startswith(api.emulator.objects_url)
    assert api.emulator.leaks == []
    # This client follows with its key, as aiohttp does: the other origin takes note.
    await api.raw("GET", "/indexes")
    assert api.emulator.leaks == ["GET /elsewhere"]
    use(api, "redirect", status=302, location="http://localhost:1/x")
    response = await api.raw("GET", "/indexes", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (302, "http://localhost:1/x")


async def test_streams_go_wrong(api: Api, media_files: Files) -> None:
    asset_id = await api.asset(media_files["video"])
    body = {"video": {"type": "asset_id", "asset_id": asset_id}, "prompt": "Summarize and list all colours"}
    whole = await (await api.raw("POST", "/analyze", json=body)).read()
    assert b"stream_end" in whole

    async def meet(kind: str, **fields: Any) -> bytes:
        plan = use(api, kind, operation="analyzeVideo", **fields)
        found = await (await api.raw("POST", "/analyze", json=body)).read()
        assert plan.counts.total() == 1
        return found

    for kind in ("reset_body", "cut_body"):
        with pytest.raises(BROKEN):
            await meet(kind)
    with pytest.raises(BROKEN):
        await meet("stall_body", seconds=0.01)
    cut = await meet("truncated")
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut.splitlines()[-1])
    assert len(cut.splitlines()) == 3
    lines = (await meet("malformed")).splitlines()
    assert sum(b"::" in line for line in lines) == 1
    assert b"stream_end" in lines[-1]
    assert await meet("status", status=503, carried_out=True) != whole
    assert b"stream_end" in await meet("duplicate")


async def test_the_object_store(api: Api) -> None:
    body = {"filename": "a.mp4", "type": "video", "total_size": 10}
    upload = await api.ok("POST", "/assets/multipart-uploads", json=body)
    url = upload["upload_urls"][0]["url"]

    async def put() -> int:
        async with api.session.put(url, data=b"x" * 10) as response:
            return response.status

    plan = use(api, "status", port="objects", status=503, operation="putChunk", count=1)
    assert await put() == 503
    use(api, "reset", port="objects", route="PUT /uploads/*")
    with pytest.raises(BROKEN):
        await put()
    use(api, "reset", port="objects", operation="getFile")
    assert await put() == 200
    assert plan.counts == {}
    assert await put() == 403  # the URL was used


async def test_the_seed_makes_faults_reproducible() -> None:
    def lots(**fields: Any) -> list[bool]:
        plan = FaultPlan([{"kind": "reset", **fields}], seed=fields.pop("seed", 0))
        return [plan.choose("api", "x", "GET", "/x") is not None for _ in range(2000)]

    plans = [FaultPlan([Fault(kind="reset", rate=0.3)], seed=seed) for seed in (5, 5, 6)]
    first, second, third = [[plan.choose("api", "x", "GET", "/x") for _ in range(2000)] for plan in plans]
    assert [rule is None for rule in first] == [rule is None for rule in second]
    assert [rule is None for rule in first] != [rule is None for rule in third]
    assert 500 < sum(rule is not None for rule in first) < 700
    assert lots(skip=2, count=1)[:5] == [False, False, True, False, False]
    assert sum(lots(rate=0.5, count=7)) == 7


async def test_the_first_rule_that_hits_decides() -> None:
    plan = FaultPlan(
        [
            {"kind": "reset", "operation": ["createTask", "delete*"], "count": 1},
            {"kind": "stall", "route": "/tasks*"},
            {"kind": "slow", "port": "objects"},
        ]
    )

    def kind(operation: str, path: str, port: str = "api") -> str | None:
        rule = plan.choose(port, operation, "GET", path)
        return None if rule is None else rule.fault.kind

    assert kind("deleteTask", "/tasks/1") == "reset"
    assert kind("deleteTask", "/tasks/1") == "stall"
    assert kind("listIndexes", "/indexes") is None
    assert kind("putChunk", "/uploads/1/1", "objects") == "slow"
    assert plan.requests == 4


@pytest.mark.parametrize(
    ("plan", "problem"),
    [
        ({"rules": [{"kind": "earthquake"}]}, "unknown kind 'earthquake'"),
        ({"rules": [{"operation": "x"}]}, "needs a kind"),
        ({"rules": [{"kind": "slow", "rate": 2}]}, "rate"),
        ({"rules": [{"kind": "slow", "count": -1}]}, "count"),
        ({"rules": [{"kind": "slow", "colour": 2}]}, "'colour'"),
        ({"rules": [{"kind": "slow", "port": "web"}]}, "port"),
        ({"rules": [{"kind": "status"}]}, "needs a status"),
        ({"rules": [{"kind": "redirect", "status": 200}]}, "200"),
        ({"rules": [{"kind": "truncated", "carried_out": True}]}, "carried_out"),
        ({"rules": [{"kind": "slow_accept", "route": "/tasks"}]}, "before a request is known"),
        ({"rules": ["slow"]}, "is an object"),
        ({"rules": "slow"}, "list of rules"),
        ({"rules": [], "seed": "x"}, "seed"),
        ({"rules": [{"kind": "rest"}]}, r"did you mean reset"),
        ({"rules": [{"kind": 7}]}, "kind must be a text"),
        ({"rules": [{"kind": "slow", "cuont": 1}]}, "did you mean count"),
        ({"rules": [{"kind": "slow", "rate": "0.5"}]}, "rate must be a number"),
        ({"rules": [{"kind": "slow", "rate": float("nan")}]}, "finite"),
        ({"rules": [{"kind": "slow", "rate": True}]}, "rate must be a number"),
        ({"rules": [{"kind": "slow", "count": 1.5}]}, "count must be a whole number"),
        ({"rules": [{"kind": "slow", "seconds": -1}]}, "negative"),
        ({"rules": [{"kind": "slow", "seconds": float("inf")}]}, "finite"),
        ({"rules": [{"kind": "status", "status": "500"}]}, "status must be a whole number"),
        ({"rules": [{"kind": "status", "status": 429, "retry_after": -0.5}]}, "negative"),
        ({"rules": [{"kind": "status", "status": 429, "limits": "yes"}]}, "limits must be true or false"),
        ({"rules": [{"kind": "slow", "operation": 5}]}, "operation must be a pattern"),
        ({"rules": [{"kind": "slow", "operation": ["a", 5]}]}, "operation must be a pattern"),
        ({"rules": [{"kind": "slow", "operation": []}]}, "empty list"),
        ({"rules": [{"kind": "status", "code": "insuficient_funds"}]}, r"did you mean insufficient_funds\?"),
        ({"rules": [{"kind": "status", "code": "zzz"}]}, "unknown code 'zzz'; give its status"),
        ({"rules": [{"kind": "status", "code": "not_found", "port": "objects"}]}, "object store has no codes"),
        ({"rules": [{"kind": "reset", "message": "x"}]}, "kind status, not reset"),
        ({"rules": [{"kind": "status", "status": 200, "code": "not_found"}]}, "from 400 to 599"),
        ({"rule": []}, "'rule'"),
    ],
)
def test_invalid_plans(plan: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        FaultPlan.load(plan)


def test_plans_from_files(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text('{"seed": 1, "rules": [{"kind": "slow"}]}', encoding="utf-8")
    plan = FaultPlan.load(file)
    assert (plan.seed, plan.rules[0].fault) == (1, Fault(kind="slow"))
    assert FaultPlan.load(plan) is plan
    assert FaultPlan.load(None).rules == []
    assert FaultPlan.load([Fault(kind="slow")]).rules[0].fault.kind == "slow"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="JSON"):
        FaultPlan.load(file)


async def test_a_plan_on_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text('{"rules": [{"kind": "status", "status": 503, "count": 2}]}', encoding="utf-8")
    async with process(tmp_path / "state", "--faults", str(file)) as running:
        async with client(running) as api:
            assert [(await api.raw("GET", "/indexes")).status for _ in range(3)] == [503, 503, 200]
        running.child.terminate()
        rest, _ = await running.child.communicate()
        assert rest.decode().splitlines() == ["Faults done: 2 x 503", "Stopped."]


@pytest.mark.parametrize(
    ("fault", "status", "code", "message"),
    [
        ({"code": "insufficient_funds"}, 400, "insufficient_funds", "An injected fault."),
        ({"code": "usage_limit_exceeded", "message": "No more."}, 400, "usage_limit_exceeded", "No more."),
        ({"code": "api_allowed_for_paid_plan"}, 403, "api_allowed_for_paid_plan", "An injected fault."),
        ({"code": "too_many_requests", "retry_after": 3}, 429, "too_many_requests", "Too many requests."),
        ({"code": "resource_not_exist", "status": 400}, 400, "resource_not_exist", "An injected fault."),
        ({"code": "a_new_code", "status": 418}, 418, "a_new_code", "An injected fault."),
        ({"code": "a_new_code", "status": 503}, 503, "a_new_code", "An injected fault."),
    ],
)
async def test_codes_and_messages(api: Api, fault: dict[str, Any], status: int, code: str, message: str) -> None:
    plan = use(api, "status", operation="createTask", **fault)
    response = await api.raw("POST", "/tasks", json={})
    assert response.status == status
    assert await response.json() == {"code": code, "message": message}
    assert plan.counts == {str(status): 1}
    assert (await api.raw("GET", "/tasks")).status == 200


async def test_codes_of_nested_errors_are_sent_as_they_are(api: Api) -> None:
    use(api, "status", operation="createEmbeddingsV2", code="insufficient_funds")
    response = await api.raw("POST", "/embed-v2", json={})
    assert await response.json() == {"error": {"code": "insufficient_funds", "message": "An injected fault."}}


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ({"operation": "createTasks"}, r"'createTasks' \(did you mean createTask"),
        ({"operation": "creatindex"}, r"did you mean createIndex"),
        ({"operation": "retreive*"}, r"no operation of the port 'api' matches 'retreive\*'"),
        ({"operation": ["listIndexes", "listIndices"]}, "'listIndices'"),
        ({"operation": "putChunk"}, "it is one of the port 'objects'"),
        ({"operation": "listIndexes", "port": "objects"}, "it is one of the port 'api'"),
        ({"operation": "putChunks", "port": "objects"}, "did you mean putChunk"),
    ],
)
async def test_mistyped_operations_are_rejected(api: Api, fault: dict[str, Any], problem: str, tmp_path: Path) -> None:
    assert isinstance(api.emulator, Emulator)
    plan = api.emulator.faults
    with pytest.raises(ValueError, match=problem):
        plan.add(kind="reset", **fault)
    assert plan.rules == []
    with pytest.raises(ValueError, match=problem):
        await Emulator(state=tmp_path / "other", faults=[{"kind": "reset", **fault}]).start()


async def test_rules_are_removed(api: Api) -> None:
    assert isinstance(api.emulator, Emulator)
    plan = api.emulator.faults
    first, second = plan.add(kind="reset"), plan.add(kind="reset")
    before = plan.rules
    plan.remove(first)
    assert plan.rules == [second]
    assert before == [first, second]  # whoever reads the rules at that moment reads all of them
    with pytest.raises(ValueError, match="does not have this rule"):
        plan.remove(first)


async def test_an_invalid_plan_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    emulator = Emulator(faults=[{"kind": "reset", "operation": "createTasks"}])
    with pytest.raises(ValueError, match="createTasks"):
        await emulator.start()
    assert not any(await asyncio.to_thread(lambda: [*tmp_path.iterdir()]))
