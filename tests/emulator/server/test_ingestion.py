"""What a large ingestion needs: contents that are decoded once, limits of the plans, broken files, many URLs."""

from __future__ import annotations

import asyncio
import importlib
import io
import json
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.eventually import eventually
from twelvelabs_async.emulator import Emulator, media
from twelvelabs_async.emulator.__main__ import parser, settings
from twelvelabs_async.emulator.faults.plan import Fault, FaultPlan
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene, numbered
from twelvelabs_async.emulator.resources.filters import matches
from twelvelabs_async.emulator.services.media_engine import MediaEngine
from twelvelabs_async.emulator.settings import PLANS, Settings
from twelvelabs_async.emulator.state.store import Job, Transaction

from .conftest import Api

Files = dict[str, Path]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    spec = SampleVideo("tiny.mp4", (Scene("red", 4),), width=360, height=360, fps=2)
    return spec.write(tmp_path_factory.mktemp("tiny")).read_bytes()


async def upload(api: Api, data: bytes, name: str, **metadata: Any) -> Any:
    form = aiohttp.FormData({"method": "direct", "user_metadata": json.dumps(metadata)})
    form.add_field("file", data, filename=name)
    return await api.ok("POST", "/assets", data=form)


async def by_url(api: Api, url: str) -> Any:
    return await api.ok(
        "POST", "/assets", data=aiohttp.FormData({"method": "url", "url": url}, default_to_multipart=True)
    )


async def index(api: Api, index_id: str, asset: Any) -> Any:
    return await api.ok("POST", f"/indexes/{index_id}/indexed-assets", json={"asset_id": asset["_id"]})


class Counted:
    """Counts the calls of a function, which is replaced."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.calls = 0
        original: Callable[..., Any] = getattr(media, name)

        def count(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            return original(*args, **kwargs)

        monkeypatch.setattr(media, name, count)


async def test_files_of_the_same_content_are_decoded_once(
    api: Api, tiny: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    probes, indexings = Counted(monkeypatch, "probe"), Counted(monkeypatch, "index")
    index_id = await api.index()
    assets = await asyncio.gather(*(upload(api, numbered(tiny, at), f"{at}.mp4") for at in range(20)))
    assert {asset["status"] for asset in assets} == {"ready"}
    videos = await asyncio.gather(*(index(api, index_id, asset) for asset in assets))
    for video in videos:
        await api.until(f"/indexes/{index_id}/indexed-assets/{video['_id']}")
    assert (probes.calls, indexings.calls) == (1, 1)
    # What differs between the files is that of each file.
    plain = await upload(api, tiny, "plain.mp4")
    sizes = [(await api.ok("GET", f"/assets/{asset['_id']}"))["size"] for asset in (assets[0], plain)]
    assert sizes == [len(tiny) + 16, len(tiny)]
    shown = await api.ok("GET", f"/assets/{plain['_id']}")
    assert shown["technical_metadata"]["file_size_bytes"] == len(tiny)
    await upload(api, b"a text", "a.txt")
    assert probes.calls == 2


async def test_a_broken_content_is_probed_once(api: Api, media_files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    probes = Counted(monkeypatch, "probe")
    broken = media_files["broken"].read_bytes()
    errors = {(await upload(api, broken, f"{at}.mp4"))["status"] for at in range(3)}
    assert errors == {"failed"}
    found = await api.ok("GET", "/assets")
    assert len({asset["error"]["message"] for asset in found["data"]}) == 1
    assert probes.calls == 1


async def test_only_so_many_contents_are_remembered(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("twelvelabs_async.emulator.services.media_engine.CACHED_CONTENTS", 2)
    probes = Counted(monkeypatch, "probe")
    for text in (b"one", b"two", b"three", b"three", b"one"):
        await upload(api, text, "a.txt")
    assert probes.calls == 4
    engine: MediaEngine = api.emulator.platform.services.engine  # type: ignore[union-attr]
    assert len(engine._probed) == 2


async def test_states_that_last_no_time_pass_at_once(api: Api, tiny: bytes) -> None:
    index_id = await api.index()
    asset = await upload(api, tiny, "a.mp4")
    platform = api.emulator.platform
    assert platform is not None
    kinds: list[tuple[str, str]] = []
    add = platform.scheduler.add
    platform.scheduler.add = lambda jobs: (kinds.extend((job.kind, job.step) for job in jobs), add(jobs))[1]  # type: ignore[func-returns-value, method-assign]
    video = await index(api, index_id, asset)
    await api.until(f"/indexes/{index_id}/indexed-assets/{video['_id']}")
    assert kinds == [("ingest", "finish")]


@pytest.mark.parametrize(
    "emulator", [{"speed": 1, "durations": {"task.pending": 0, "task.queued": 0.3}}], indirect=True
)
async def test_states_that_last_are_passed_one_by_one(api: Api, tiny: bytes) -> None:
    index_id = await api.index()
    asset = await upload(api, tiny, "a.mp4")
    await api.until(f"/assets/{asset['_id']}")
    video = await index(api, index_id, asset)
    path = f"/indexes/{index_id}/indexed-assets/{video['_id']}"
    assert (await api.ok("GET", path))["status"] in {"queued", "indexing"}
    assert (await api.until(path))["status"] == "ready"


SLOW = {"speed": 1, "durations": {"task.pending": 600, "asset.processing": 0, "task.validating": 600}}


@pytest.mark.parametrize("emulator", [{**SLOW, "quotas": {"concurrent_tasks": 3}}], indirect=True)
async def test_only_so_many_videos_are_indexed_at_the_same_time(api: Api, tiny: bytes, media_files: Files) -> None:
    index_id, other = await api.index("a"), await api.index("b")
    asset = await upload(api, tiny, "a.mp4")
    assert asset["status"] == "ready"
    videos = [await index(api, where, asset) for where in (index_id, other)]
    await api.task(index_id, media_files["video"])
    for where in (index_id, other):
        path = f"/indexes/{where}/indexed-assets"
        response = await api.raw("POST", path, json={"asset_id": asset["_id"]})
        body = await response.json()
        assert (response.status, body["code"]) == (429, "too_many_requests")
        assert response.headers["Retry-After"] == "1"
        assert "3 videos" in body["message"]
    form = aiohttp.FormData({"index_id": index_id})
    form.add_field("video_file", media_files["video"].read_bytes(), filename="x.mp4")
    assert await api.refused("POST", "/tasks", data=form) == (429, "too_many_requests")
    platform = api.emulator.platform
    assert platform is not None
    assert list(platform.store.temporary.iterdir()) == []
    await api.ok("DELETE", f"/indexes/{other}/indexed-assets/{videos[1]['_id']}")
    await index(api, index_id, asset)


@pytest.mark.parametrize("emulator", [{"quotas": {"index_videos": 2}}], indirect=True)
async def test_an_index_can_be_full(api: Api, tiny: bytes) -> None:
    index_id = await api.index()
    asset = await upload(api, tiny, "a.mp4")
    for _ in range(2):
        video = await index(api, index_id, asset)
        await api.until(f"/indexes/{index_id}/indexed-assets/{video['_id']}")
    status, body = await api.call("POST", f"/indexes/{index_id}/indexed-assets", json={"asset_id": asset["_id"]})
    assert (status, body["code"]) == (400, "usage_limit_exceeded")
    assert "full: it has 2 videos" in body["message"]
    await api.ok("DELETE", f"/indexes/{index_id}/indexed-assets/{video['_id']}")
    # One that fails does not count.
    api.emulator.faults.add(kind="broken_indexing")
    video = await index(api, index_id, asset)
    await api.until(f"/indexes/{index_id}/indexed-assets/{video['_id']}", "failed")
    api.emulator.faults.clear()
    await index(api, index_id, asset)


@pytest.mark.parametrize("emulator", [{"quotas": {"index_hours": 5 / 3600}}], indirect=True)
async def test_an_index_holds_only_so_many_hours(api: Api, tiny: bytes) -> None:
    index_id = await api.index()
    asset = await upload(api, tiny, "a.mp4")
    video = await index(api, index_id, asset)
    await api.until(f"/indexes/{index_id}/indexed-assets/{video['_id']}")
    status, body = await api.call("POST", f"/indexes/{index_id}/indexed-assets", json={"asset_id": asset["_id"]})
    assert (status, body["code"]) == (400, "usage_limit_exceeded")
    assert "more than 0.00138889 hours" in body["message"]


@pytest.mark.parametrize("emulator", [{"plan": "developer", "rate_limits": {"index": 2}}], indirect=True)
async def test_the_limits_of_a_plan(api: Api, tiny: bytes) -> None:
    index_id = await api.index()
    form = aiohttp.FormData({"method": "direct"})
    form.add_field("file", tiny, filename="a.mp4")
    response = await api.raw("POST", "/assets", data=form)
    names = ("X-Ratelimit-Limit", "X-RateLimit-Request-Limit", "X-Ratelimit-Remaining")
    assert [response.headers[name] for name in names] == ["60", "60", "59"]
    asset = await response.json()
    for _ in range(2):
        await index(api, index_id, asset)
    path = f"/indexes/{index_id}/indexed-assets"
    response = await api.raw("POST", path, json={"asset_id": asset["_id"]})
    assert (response.status, response.headers["X-Ratelimit-Limit"]) == (429, "2")
    assert "X-Ratelimit-Limit" not in (await api.raw("GET", path)).headers


def test_the_plans() -> None:
    for name, plan in PLANS.items():
        chosen = Settings(plan=name)
        assert chosen.all_rate_limits == plan.rate_limits
        assert chosen.quota("concurrent_tasks") == plan.quotas["concurrent_tasks"]
    assert (Settings().all_rate_limits, Settings().quota("index_videos")) == ({}, float("inf"))
    assert PLANS["developer-t3"].rate_limits["upload"] == 4 * PLANS["developer"].rate_limits["upload"] == 240
    own = Settings(plan="free", quotas={"index_hours": 3}, rate_limits={"*": 5})
    assert (own.quota("index_hours"), own.quota("concurrent_tasks"), own.all_rate_limits) == (3, 5, {"*": 5})
    for wrong in ({"plan": "gold"}, {"quotas": {"cats": 1}}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Settings(**wrong)
    given = settings(
        parser().parse_args(["--plan", "developer-t2", "--quota", "index_videos=7", "--quota", "index_hours=1"])
    )
    assert (given.plan, given.quotas) == ("developer-t2", {"index_videos": 7.0, "index_hours": 1.0})


async def test_a_broken_file_stays_broken(api: Api, tiny: bytes) -> None:
    faults = api.emulator.faults
    faults.add(kind="broken_asset", rate=0.3)
    faults.add(kind="broken_indexing", file="video-*", rate=0.5)
    names = [f"video-{at}.mp4" for at in range(30)] + [f"other-{at}.mp4" for at in range(10)]
    index_id = await api.index()

    async def outcome(name: str) -> str:
        asset = await upload(api, tiny, name)
        if asset["status"] == "failed":
            error = (await api.ok("GET", f"/assets/{asset['_id']}"))["error"]["message"]
            assert error == f"video_file_broken: The file {name} is damaged."
            return "asset"
        video = await index(api, index_id, asset)
        found = await api.until(f"/indexes/{index_id}/indexed-assets/{video['_id']}", "ready", "failed")
        return str(found["status"])

    first = [await outcome(name) for name in names]
    second = list(reversed([await outcome(name) for name in reversed(names)]))
    assert first == second
    assert set(first) == {"asset", "failed", "ready"}
    assert "failed" not in first[30:]
    counted = Counter(first)
    assert faults.counts == {"broken_asset": 2 * counted["asset"], "broken_indexing": 2 * counted["failed"]}
    store = await api.ok("POST", "/knowledge-stores", json={"name": "a"})
    asset = await upload(api, tiny, next(n for n, found in zip(names, first, strict=True) if found == "failed"))
    item = await api.ok("POST", f"/knowledge-stores/{store['_id']}/items", json={"asset_id": asset["_id"]})
    await api.until(f"/knowledge-stores/{store['_id']}/items/{item['_id']}", "failed")


def test_which_files_are_broken_depends_on_the_seed() -> None:
    names = [f"{at}.mp4" for at in range(2000)] + ["\ud800.mp4"]

    def broken(seed: int) -> list[bool]:
        plan = FaultPlan([Fault(kind="broken_asset", rate=0.1)], seed=seed)
        return [plan.breaks("broken_asset", name) for name in names]

    assert broken(1) == broken(1) != broken(2)
    assert 140 < sum(broken(1)) < 260
    assert all(FaultPlan([Fault(kind="broken_asset")]).breaks("broken_asset", name) for name in names)
    assert not FaultPlan([Fault(kind="broken_asset")]).breaks("broken_indexing", "a")


def test_rules_of_files_are_checked() -> None:
    for more in ({"operation": "createAsset"}, {"route": "/x"}, {"port": "objects"}, {"count": 1}, {"skip": 1}):
        with pytest.raises(ValueError, match="happens to files"):
            Fault(kind="broken_asset", **more)
    with pytest.raises(ValueError, match="happens to requests"):
        Fault(kind="reset", file="a")
    with pytest.raises(ValueError, match="carried_out"):
        Fault(kind="broken_indexing", carried_out=True)
    plan = FaultPlan([Fault(kind="broken_asset")])
    assert plan.choose("api", "createAsset", "POST", "/assets") is None


async def test_one_file_has_as_many_urls_as_are_asked_for(media_files: Files) -> None:
    folder = media_files["video"].parent
    async with Emulator(media_folder=folder, speed=0) as emulator, aiohttp.ClientSession() as session:
        api = Api(session, emulator)
        for path, name in (
            ("forest.mp4", "forest.mp4"),
            ("forest.mp4/1.mp4", "1.mp4"),
            ("forest.mp4/a/b/2.mp4?signature=x", "2.mp4"),
            ("beach%20party.mp4/", "beach party.mp4"),
        ):
            asset = await by_url(api, f"http://media.localhost/{path}")
            assert (asset["filename"], asset["status"], asset["method"]) == (name, "ready", "url")
        assert emulator.platform is not None
        inodes = {path.stat().st_ino for path in emulator.platform.store.blobs.iterdir()}
        assert len(inodes) == 2
        for path in ("none.mp4", "..%2Fsecret", ""):
            form = aiohttp.FormData(
                {"method": "url", "url": f"http://media.localhost/{path}"}, default_to_multipart=True
            )
            assert await api.refused("POST", "/assets", data=form) == (400, "parameter_invalid")


async def test_a_list_by_metadata_in_both_spellings(api: Api, tiny: bytes) -> None:
    index_id = await api.index()
    for at in range(3):
        await index(api, index_id, await upload(api, tiny, f"{at}.mp4", key=f"k{at}", number=at))

    async def found(query: str) -> int:
        body = await api.ok("GET", f"/indexes/{index_id}/indexed-assets?{query}")
        return int(body["page_info"]["total_results"])

    assert await found("key=k1") == await found("user_metadata[key]=k1") == await found("key=k1&number=1") == 1
    assert await found("key=k1&user_metadata[number]=2") == await found("key=none") == 0
    assert await found("number=1.0&filename=1.mp4") == 1
    assert await found("key=k1&key=k2") == await found("key=k2") == 1  # the last one, as everywhere
    assert await api.refused("GET", f"/indexes/{index_id}/indexed-assets?key[x]=1") == (400, "parameter_unknown")


async def test_an_asset_in_use_is_found_by_its_terms(api: Api, tiny: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    index_id = await api.index()
    asset = await upload(api, tiny, "a.mp4")
    video = await index(api, index_id, asset)

    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("all documents were read")

    monkeypatch.setattr(Transaction, "_scan", forbidden)
    assert await api.refused("DELETE", f"/assets/{asset['_id']}") == (409, "asset_in_use")
    await api.ok("DELETE", f"/indexes/{index_id}/indexed-assets/{video['_id']}")
    await api.ok("DELETE", f"/assets/{asset['_id']}")


async def test_names_of_the_parts_of_a_form(api: Api) -> None:
    async def filename(disposition: str) -> str:
        body = (
            f'--b\r\nContent-Disposition: form-data; name="method"\r\n\r\ndirect\r\n'
            f"--b\r\nContent-Disposition: {disposition}\r\n\r\ntext\r\n--b--\r\n"
        )
        headers = {"Content-Type": "Multipart/Form-Data; boundary=b"}
        return str((await api.ok("POST", "/assets", data=body.encode(), headers=headers))["filename"])

    assert await filename('form-data; name="file"; filename="a b.txt"') == "a b.txt"
    assert await filename('form-data; name="file"; filename="a\\"b.txt"') == 'a"b.txt'
    assert await filename("form-data; name=file; filename=plain.txt") == "plain.txt"
    assert await filename("form-data; name=\"file\"; filename*=utf-8''%C3%A9.txt") == "é.txt"
    assert await filename('form-data; name="file"') == "file"


async def test_a_file_of_several_pieces(api: Api) -> None:
    form = aiohttp.FormData({"method": "direct"})
    form.add_field("file", io.BytesIO(b"text " * 500_000), filename="large.txt")
    asset = await api.ok("POST", "/assets", data=form)
    assert (await api.ok("GET", f"/assets/{asset['_id']}"))["size"] == 2_500_000


async def test_a_client_that_vanishes_in_a_large_file_leaves_nothing(api: Api) -> None:
    host, port = api.emulator.base_url.removeprefix("http://").removesuffix("/v1.3").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = f"POST /v1.3/assets HTTP/1.1\r\nHost: x\r\nx-api-key: {api.emulator.api_key}\r\n"
    head += "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 10000000\r\n\r\n"
    head += '--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    writer.write(head.encode() + b"x" * 3_000_000)
    platform = api.emulator.platform
    assert platform is not None
    temporary = platform.store.temporary
    await eventually(lambda: any(temporary.iterdir()))
    writer.close()
    await writer.wait_closed()
    await eventually(lambda: not any(temporary.iterdir()))


async def test_a_content_is_probed_for_all_who_ask_at_the_same_time(
    api: Api, tiny: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    original = media.probe
    calls = 0

    def slow(path: Path) -> media.MediaInfo:
        nonlocal calls
        calls += 1
        begun.set()
        assert go_on.wait(30)
        return original(path)

    monkeypatch.setattr(media, "probe", slow)
    platform = api.emulator.platform
    assert platform is not None
    engine, store = platform.services.engine, platform.store

    def adopt(number: int) -> str:
        path = store.scratch("a.mp4")
        path.write_bytes(numbered(tiny, number))
        return store.adopt(path)

    blobs = [await asyncio.to_thread(adopt, number) for number in range(3)]
    probes = [asyncio.create_task(engine.probe_blob(blob)) for blob in blobs]
    await asyncio.to_thread(begun.wait, 30)
    probes[0].cancel()
    go_on.set()
    found = await asyncio.gather(*probes, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert [info.width for info in found[1:] if isinstance(info, media.MediaInfo)] == [360, 360]
    assert calls == 1


@pytest.mark.parametrize("work", ["probe", "_check_boxes", "index"])
async def test_a_file_that_is_removed_while_it_is_read_says_nothing_about_others(
    api: Api, tiny: bytes, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    platform = api.emulator.platform
    assert platform is not None
    engine, store = platform.services.engine, platform.store

    def adopt(number: int) -> str:
        path = store.scratch("a.mp4")
        path.write_bytes(numbered(tiny, number))
        return store.adopt(path)

    blobs = [await asyncio.to_thread(adopt, number) for number in range(3)]
    info = await engine.probe(store.blob(blobs[0]))
    begun, go_on = threading.Event(), threading.Event()
    # The boxes of a file are checked before the decoder opens it, for which a file that is missing is a broken one.
    place = importlib.import_module("twelvelabs_async.emulator.media.probe") if work == "_check_boxes" else media
    original: Callable[..., object] = getattr(place, work)

    def slow(path: Path, *arguments: object) -> object:
        checked = original(path, *arguments) if work == "_check_boxes" else None
        begun.set()
        assert go_on.wait(30)
        return checked if work == "_check_boxes" else original(path, *arguments)

    monkeypatch.setattr(place, work, slow)
    reads: list[asyncio.Task[object]] = [
        asyncio.create_task(engine.index_blob(blob, info) if work == "index" else engine.probe_blob(blob))
        for blob in blobs
    ]
    await asyncio.to_thread(begun.wait, 30)
    store.blob(blobs[0]).unlink()
    go_on.set()
    found = await asyncio.gather(*reads, return_exceptions=True)
    assert [isinstance(one, media.MediaError) for one in found] == [True, False, False]
    assert not isinstance(found[1], BaseException)


async def test_whoever_waits_for_jobs_may_be_cancelled(api: Api) -> None:
    platform = api.emulator.platform
    assert platform is not None
    go_on = asyncio.Event()

    async def slow(job: Job) -> None:
        await go_on.wait()

    platform.scheduler.register("slow", slow)
    await platform.store.run(lambda tx: tx.schedule("slow", "a", "x", 0.0))
    waits = [asyncio.create_task(platform.scheduler.finished("slow", "a")) for _ in range(2)]
    await asyncio.sleep(0)
    waits[0].cancel()
    assert not waits[1].done()
    go_on.set()
    await waits[1]
    assert waits[0].cancelled()
    await platform.scheduler.finished("slow", "a")  # there is no job any more


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        (5, "5.0", True),
        (5, "6", False),
        (5, "five", False),
        (5, {"gte": 5, "lte": 6}, True),
        (True, {"gte": 0}, False),
        (True, "true", True),
        (True, False, False),
        ("red", True, False),
        (["a", "b"], "b", True),
        (["a", "b"], "c", False),
        ("a", "a", True),
        (None, "a", False),
    ],
)
def test_conditions(found: Any, wanted: Any, expected: bool) -> None:
    assert matches(found, wanted) is expected
