"""The harness finds what is wrong: each violation is planted, once in a state and once at an emulator."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.ingest import proof
from tests.ingest.files import CREATES, SourceFile, fault_plan, tiny_video, with_faults, write_files
from tests.ingest.proof import Asset, Entry, OpenUpload, PlatformState, platform_state, prove
from twelvelabs_async.emulator import DEFAULT_KEY, Emulator
from twelvelabs_async.emulator.media.samples import numbered

GOOD = SourceFile(Path("a.mp4"), "f1")
OTHER = SourceFile(Path("b/a.mp4"), "f2")
BROKEN = SourceFile(Path("bad.mp4"), "f3", broken=True)
FILES = [GOOD, OTHER, BROKEN]
STATE = PlatformState(
    assets=[
        Asset("1", "ready", "a.mp4", {}, "f1"),
        Asset("2", "ready", "a.mp4", {}, "f2"),
        Asset("3", "failed", "bad.mp4", {}, ""),
    ],
    entries=[Entry("v1", "ix", "1", "ready"), Entry("v2", "ix", "2", "ready"), Entry("v3", "ix", "3", "failed")],
    uploads=[OpenUpload("u", time.time() + 3600)],
)


def test_nothing_is_wrong() -> None:
    assert prove(STATE, FILES) == prove(STATE, FILES, container="ix") == []
    without = dataclasses.replace(STATE, assets=STATE.assets[:2], entries=STATE.entries[:2], uploads=[])
    assert prove(without, FILES, open_uploads=False) == []  # a broken file may leave nothing at all


def planted(**changes: Any) -> list[str]:
    return prove(dataclasses.replace(STATE, **changes), FILES)


def test_each_violation_is_found() -> None:
    assets, entries = STATE.assets, STATE.entries
    assert planted(entries=entries[1:], used=frozenset("1")) == ["a.mp4: it was added 0 times, of which 0 are ready"]
    assert planted(entries=[Entry("v", "ix", "1", "ready"), *entries]) == [
        "a.mp4: it was added 2 times, of which 2 are ready"
    ]
    assert planted(entries=[Entry("v1", "ix", "1", "indexing"), *entries[1:]]) == [
        "a.mp4: it was added 1 times, of which 0 are ready"
    ]
    second = [*assets, Asset("4", "ready", "a.mp4", {}, "f1")]
    assert planted(assets=second, used=frozenset("4")) == ["a.mp4: it has 2 assets"]
    assert planted(assets=second) == ["a.mp4: it has 2 assets", "asset 4 (a.mp4): nothing uses it"]
    assert planted(assets=assets[1:]) == [
        "a.mp4: it has 0 assets",
        "a.mp4: it was added 0 times, of which 0 are ready",
        "entry v1: its asset 1 was deleted",
    ]
    assert planted(entries=[*entries[:2], Entry("v3", "ix", "3", "ready")]) == [
        "bad.mp4: it is broken, but ready 1 times"
    ]
    assert planted(entries=entries[:2]) == ["asset 3 (bad.mp4): nothing uses it"]
    stranger = [*assets, Asset("5", "ready", "c.mp4", {}, "f9")]
    assert planted(assets=stranger, used=frozenset("5")) == ["asset 5 (c.mp4): it belongs to no file"]
    for ends in (None, time.time() - 1):
        assert planted(uploads=[OpenUpload("u", ends)]) == ["upload u: it is open and will not expire"]
    assert prove(STATE, FILES, open_uploads=False) == ["upload u: it is open"]
    elsewhere = [*entries, Entry("v9", "iy", "2", "ready")]
    assert prove(dataclasses.replace(STATE, entries=elsewhere), FILES, container="ix") == ["b/a.mp4: added to iy, too"]


class Api:
    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self.session = session
        self.base_url = base_url

    async def call(self, method: str, path: str, **options: Any) -> Any:
        async with self.session.request(
            method, self.base_url + path, headers={"x-api-key": DEFAULT_KEY}, **options
        ) as response:
            text = await response.text()
            assert response.status < 300, text
            return json.loads(text) if text else None

    async def index(self) -> str:
        body = {"index_name": "a", "models": [{"model_name": "marengo3.0", "model_options": ["visual"]}]}
        return str((await self.call("POST", "/indexes", json=body))["_id"])

    async def upload(self, path: Path) -> Any:
        form = aiohttp.FormData({"method": "direct"})
        form.add_field("file", await asyncio.to_thread(path.read_bytes), filename=path.name)
        return await self.call("POST", "/assets", data=form)

    async def add(self, index_id: str, path: Path) -> str:
        """Ingest a file; the identifier of its asset."""
        asset = await self.upload(path)
        body = {"asset_id": asset["_id"]}
        if asset["status"] != "ready" or path.name.startswith("short"):
            await self.call("DELETE", f"/assets/{asset['_id']}")
        else:
            await self.call("POST", f"/indexes/{index_id}/indexed-assets", json=body)
        return str(asset["_id"])


async def settled(emulator: Emulator | None, base_url: str = "") -> PlatformState:
    """The state once nothing is being indexed."""
    while True:
        state = await platform_state(emulator, base_url=base_url)
        if all(entry.status in {"ready", "failed"} for entry in state.entries):
            return state
        await asyncio.sleep(0.02)


async def test_the_state_of_an_emulator(tmp_path: Path) -> None:
    files = write_files(tmp_path, 60, 6)
    async with Emulator(speed=0) as emulator, aiohttp.ClientSession() as session:
        api = Api(session, emulator.base_url)
        index_id = await api.index()
        for file in files:
            await api.add(index_id, file.path)
        state = await settled(emulator)
        assert len(state.assets) == len(state.entries) == 60
        assert prove(state, files, container=index_id, open_uploads=False) == []
        # One violation after the other, planted at the platform.
        twin = await api.upload(files[0].path)
        assert prove(await settled(emulator), files) == [
            f"{files[0].path}: it has 2 assets",
            f"asset {twin['_id']} (video-000000.mp4): nothing uses it",
        ]
        await api.call("DELETE", f"/assets/{twin['_id']}")
        failed = await api.upload(files[60].path)
        assert failed["status"] == "failed"
        assert prove(await settled(emulator), files) == [f"asset {failed['_id']} (noise-000000.mp4): nothing uses it"]
        await api.call("DELETE", f"/assets/{failed['_id']}")
        assert prove(await settled(emulator), files[1:]) == [
            f"asset {state.assets[-1].id} (video-000000.mp4): it belongs to no file"
        ]
        body = {"filename": "a.mp4", "type": "video", "total_size": 100}
        opened = await api.call("POST", "/assets/multipart-uploads", json=body)
        assert prove(await settled(emulator), files) == []
        assert prove(await settled(emulator), files, open_uploads=False) == [
            f"upload {opened['upload_id']}: it is open"
        ]
        assert emulator.platform is not None
        await emulator.platform.store.run(lambda tx: tx._db.execute("DELETE FROM jobs"))
        assert prove(await settled(emulator), files) == [
            f"upload {opened['upload_id']}: it is open and will not expire"
        ]


async def test_a_lost_response_that_is_answered_by_a_retry_is_found(tmp_path: Path) -> None:
    files = write_files(tmp_path, 3)
    async with Emulator(speed=0) as emulator, aiohttp.ClientSession() as session:
        api = Api(session, emulator.base_url)
        index_id = await api.index()
        emulator.faults.add(kind="reset", operation=CREATES, carried_out=True, skip=2, count=1)
        for file in files:
            try:
                await api.add(index_id, file.path)
            except aiohttp.ClientError:
                await api.add(index_id, file.path)
        wrong = prove(await settled(emulator), files)
        assert emulator.faults.counts == {"reset": 1}
        assert len(wrong) == 2
        assert wrong[0] == f"{files[1].path}: it has 2 assets"
        assert wrong[1].endswith("(video-000001.mp4): nothing uses it")


async def test_the_state_of_an_emulator_of_another_process(tmp_path: Path) -> None:
    files = write_files(tmp_path, 3, 1)
    command = [sys.executable, "-m", "twelvelabs_async.emulator", "--port", "0", "--speed", "0"]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        base_url = (await process.stdout.readline()).decode().split()[-1]
        async for line in process.stdout:
            if line.startswith(b"Ready"):
                break
        async with aiohttp.ClientSession() as session:
            api = Api(session, base_url)
            index_id = await api.index()
            await api.upload(files[3].path)
            asset_ids = [await api.add(index_id, file.path) for file in files[:3]]
            await api.call("POST", f"/indexes/{index_id}/indexed-assets", json={"asset_id": asset_ids[0]})
            store = await api.call("POST", "/knowledge-stores", json={"name": "a"})
            await api.call("POST", f"/knowledge-stores/{store['_id']}/items", json={"asset_id": asset_ids[1]})
            wrong = prove(await settled(None, base_url), files, container=index_id)
        assert len(wrong) == 3
        assert wrong[0] == f"{files[0].path}: it was added 2 times, of which 2 are ready"
        assert wrong[1] == f"{files[1].path}: added to {store['_id']}, too"
        assert wrong[2].endswith("(noise-000000.mp4): nothing uses it")
    finally:
        process.terminate()
        await process.communicate()


async def test_the_state_is_read_through_faults() -> None:
    async with Emulator(speed=0, faults=fault_plan(seed=1, transient=0.8)) as emulator:
        assert await platform_state(emulator) == PlatformState([], [], [])
        assert emulator.faults.injected > 0
        emulator.faults.clear()
        emulator.faults.add(kind="status", status=500)
        with pytest.raises(AssertionError, match="/assets cannot be read: 500"):
            await platform_state(emulator)


async def test_lists_that_hide_something_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = write_files(tmp_path, 1)
    async with Emulator(speed=0) as emulator, aiohttp.ClientSession() as session:
        api = Api(session, emulator.base_url)
        await api.add(await api.index(), files[0].path)
        assert prove(await settled(emulator), files) == []
        original = proof._Reader.all
        for hidden, message in (("/assets", "list of assets differs"), ("/indexed-assets", "indexed assets and items")):

            async def all_but_one(reader: Any, path: str, hidden: str = hidden) -> list[dict[str, Any]]:
                found = await original(reader, path)
                return found[1:] if path.endswith(hidden) else found

            monkeypatch.setattr(proof._Reader, "all", all_but_one)
            with pytest.raises(AssertionError, match=message):
                await platform_state(emulator)


async def test_a_video_that_is_too_short_cannot_be_indexed(tmp_path: Path) -> None:
    files = write_files(tmp_path, 0, 3)
    assert [file.path.name.partition("-")[0] for file in files] == ["noise", "cut", "short"]
    async with Emulator(speed=0) as emulator, aiohttp.ClientSession() as session:
        api = Api(session, emulator.base_url)
        index_id = await api.index()
        assets = [await api.upload(file.path) for file in files]
        assert [asset["status"] for asset in assets] == ["failed", "failed", "ready"]
        with pytest.raises(AssertionError, match="video_duration_too_short"):
            await api.call("POST", f"/indexes/{index_id}/indexed-assets", json={"asset_id": assets[2]["_id"]})
        wrong = prove(await platform_state(emulator), files)
        assert len(wrong) == 3
        assert all(problem.endswith("nothing uses it") for problem in wrong)


def test_the_files(tmp_path: Path) -> None:
    files = write_files(tmp_path, 1200, 30)
    more = write_files(tmp_path, 5, first=1200)
    assert len({file.fingerprint for file in [*files, *more]}) == len({f.path for f in [*files, *more]}) == 1235
    assert Counter(file.broken for file in files) == {False: 1200, True: 30}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000", "001", "002"]
    assert all(file.path.stat().st_size < 5000 for file in files)
    video = tiny_video(tmp_path)
    assert files[7].path.read_bytes() == numbered(video, 7)


def test_files_that_a_plan_breaks() -> None:
    files = [SourceFile(Path(f"{at}.mp4"), str(at), broken=at == 0) for at in range(1000)]
    plan = fault_plan(seed=3, broken=0.2)
    broken = with_faults(files, plan)
    assert (
        broken
        == with_faults(files, fault_plan(seed=3, broken=0.2))
        != with_faults(files, fault_plan(seed=4, broken=0.2))
    )
    assert broken[0].broken
    assert 130 < sum(file.broken for file in broken) < 270
    assert plan.counts == {}
    by_platform = [
        any([plan.breaks("broken_asset", f.path.name), plan.breaks("broken_indexing", f.path.name)]) for f in files[1:]
    ]
    assert by_platform == [file.broken for file in broken[1:]]


def test_the_faults_of_an_ingestion() -> None:
    plan = fault_plan(seed=1)
    chosen = Counter[str]()
    for _ in range(20_000):
        rule = plan.choose("api", "createAsset", "POST", "/assets")
        if rule is not None:
            chosen["lost" if rule.fault.carried_out else rule.fault.name] += 1
    assert set(chosen) == {"lost", "500", "503", "429", "reset"}
    assert 300 < chosen["lost"] < 500
    assert 800 < chosen.total() - chosen["lost"] < 1200
    reads = [plan.choose("api", "listAssets", "GET", "/assets") for _ in range(2000)]
    assert not any(rule.fault.carried_out for rule in reads if rule is not None)
