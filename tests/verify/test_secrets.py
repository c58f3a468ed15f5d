"""Nothing of the account is in the report or in the recording, and a recording can be replayed."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene
from twelvelabs_async.emulator.replay import Replay

from .conftest import Verify, client_of, left
from .proxy import Passing, Proxy, secret
from .test_differences import PLANTED, on

if TYPE_CHECKING:
    from twelvelabs_async.verify import Report

IGNORED = ("service", "date")


def outcome(report: Report) -> dict[str, Any]:
    return {name: value for name, value in report.to_dict().items() if name not in IGNORED}


def recorded(folder: Path) -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()))


async def account(emulator: Emulator, folder: Path) -> dict[str, str]:
    """Things of a user, all with canaries; what must not be seen, by what it is."""
    canaries = {name: secret() for name in ("index", "file", "key", "value", "store", "collection", "prompt")}
    video = SampleVideo(f"{canaries['file']}.mp4", (Scene("red", 5),), fps=5).write(folder)
    async with client_of(emulator.base_url, emulator.api_key) as client:
        models: list[Any] = [
            {"model_name": "marengo3.0", "model_options": ["visual"]},
            {"model_name": "pegasus1.2", "model_options": ["visual"]},
        ]
        index = await client.indexes.create(index_name=canaries["index"], models=models)
        metadata: dict[str, Any] = {canaries["key"]: canaries["value"], "mail": "who@canary.example", "number": 4711.25}
        asset = await client.assets.create(method="direct", file=video, user_metadata=metadata)
        await client.indexes.indexed_assets.create(index.id, asset_id=asset.id, user_metadata=metadata)
        store = await client.knowledge_stores.create(name=canaries["store"], metadata=metadata)
        await client.entity_collections.create(name=canaries["collection"], description=canaries["collection"])
        source: Any = {"type": "asset_id", "asset_id": asset.id}
        task = await client.analyze_async.tasks.create(
            video=source, prompt=canaries["prompt"], custom_id=canaries["prompt"], model_name="pegasus1.5"
        )
        ids = {"index id": index.id, "asset id": asset.id, "store id": store.id, "task id": task.task_id}
    return {**canaries, **ids, "mail": "canary.example", "number": "4711.25"}


async def test_nothing_of_the_account_is_shown(
    tmp_path: Path, verify: Verify, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = f"tlk_{secret()}"
    planted = {name: secret() for name in ("text", "url", "enum", "header", "member", "code", "message", "type")}

    def plant(passing: Passing) -> None:
        passing.headers["X-Canary"] = planted["header"]
        passing.headers["Set-Cookie"] = f"a={planted['header']}"
        passing.headers["X-Request-Id"] = f"req-{key}"
        if passing.operation == "retrieveIndex" and passing.status == 200:
            found = passing.json
            found["note"] = f"{planted['text']} {key} who@canary.example"
            found["link"] = f"https://store.example/a?X-Amz-Signature={planted['url']}"
            found[planted["member"]] = [key.upper(), {"deep": key}]
            found["models"][0]["model_options"] = [planted["enum"], key]
            passing.json = found
        elif passing.operation == "retrieveAsset" and passing.status == 404:
            passing.json = {"code": planted["code"], "message": f"{planted['message']} {key}"}
        elif passing.operation == "retrieveEntityCollection" and passing.status == 200:
            passing.headers["Content-Type"] = f"text/{planted['type']}"
        elif passing.operation == "createEmbeddings":
            passing.headers["X-Ratelimit-Limit"] = key

    async with Emulator(speed=0, api_keys=[key], recorded_requests=2000) as emulator:
        canaries = await account(emulator, tmp_path / "user")
        before = await left(emulator)
        caplog.clear()
        async with Proxy(emulator.base_url, plant) as proxy:
            report = await verify(proxy.base_url, api_key=key, record=tmp_path / "traffic")
        assert await left(emulator) == before
        made = {str(request.path).split("/")[2] for request in emulator.requests if request.path.count("/") > 1}
    texts = {
        "Markdown": report.to_markdown(),
        "JSON": report.to_json(),
        "recording": recorded(tmp_path / "traffic"),
    }
    own_ids = {name for name in made if re.fullmatch(r"[0-9a-f]{20,}", name) and set(name) != {"0"}}
    assert len(own_ids) > 5
    for where, text in texts.items():
        for name, canary in {**canaries, **planted, "key": key}.items():
            assert canary.lower() not in text.lower(), f"{name} is in the {where}"
        assert not [name for name in own_ids if name in text], where
        assert "<redacted" not in text
    logged = "\n".join(record.getMessage() for record in caplog.records)
    for canary in (key, *planted.values()):
        assert canary not in logged
    assert ("retrieveIndex", "note") in {(row["operation"], row["where"]) for row in report.to_dict()["new"]}
    assert "<index-1>" in texts["recording"]
    assert "https://redacted.invalid/url-" in texts["recording"]
    # What is ours, and what the document lists, can be read.
    assert '"twelvelabs-async-verify"' in texts["recording"]
    assert '"marengo3.0"' in texts["recording"]


async def test_a_replay_gives_the_same_report(emulator: Emulator, tmp_path: Path, verify: Verify) -> None:
    await account(emulator, tmp_path / "user")
    before = len(emulator.requests)
    first = await verify(record=tmp_path / "traffic")
    assert (first.differs, first.new) == (0, 0), first.to_markdown()
    async with Replay(tmp_path / "traffic") as replay:
        second = await verify(replay.base_url, record=tmp_path / "again")
    assert outcome(second) == outcome(first)
    names = [path.name for path in sorted((tmp_path / "traffic").iterdir())]
    assert names == [path.name for path in sorted((tmp_path / "again").iterdir())]
    assert len(names) == first.budget.requests == len(emulator.requests) - before


@pytest.mark.parametrize("name", PLANTED)
async def test_a_replay_finds_the_same_differences(
    emulator: Emulator, tmp_path: Path, verify: Verify, name: str
) -> None:
    change, _, (operation, _), _ = PLANTED[name]
    async with Proxy(emulator.base_url, change) as proxy:
        first = await verify(proxy.base_url, record=tmp_path / "traffic", only=[operation])
    async with Replay(tmp_path / "traffic") as replay:
        second = await verify(replay.base_url, only=[operation])
    assert first.differs or first.new
    assert outcome(second) == outcome(first)


async def test_hostile_responses(emulator: Emulator, tmp_path: Path, verify: Verify) -> None:
    """Values of any type anywhere are differences, never an exception."""
    values: list[Any] = [None, [], {}, 7, "..", "a/b", "\ud800", [[1]], True, {"a": [{}]}]

    def scramble(passing: Passing) -> None:
        number = len(proxy.requests)
        if number % 3 == 0 and passing.status < 300 and passing.body.startswith(b"{"):
            value = values[number // 3 % len(values)]
            found = passing.json
            rows = found.get("data")
            for item in [found, *(rows if isinstance(rows, list) else [])]:
                for name in item:
                    if name != "data":
                        item[name] = value
            passing.json = found if number % 2 else value

    async with Proxy(emulator.base_url, scramble) as proxy:
        report = await verify(proxy.base_url, record=tmp_path / "traffic")
    assert report.complete
    assert report.differs > 0


async def test_a_body_that_is_nested_too_deep(emulator: Emulator, tmp_path: Path, verify: Verify) -> None:
    def nest(passing: Passing) -> None:
        passing.body = b'{"data": ' + b"[" * 90_000 + b"]" * 90_000 + b"}"

    async with Proxy(emulator.base_url, on("listIndexes", nest)) as proxy:
        report = await verify(proxy.base_url, record=tmp_path / "traffic", only=["listIndexes"])
    assert ("listIndexes", "body") in {(row["operation"], row["where"]) for row in report.to_dict()["differs"]}


async def test_a_folder_that_holds_something(tmp_path: Path, verify: Verify, emulator: Emulator) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(FileExistsError, match="give an empty folder"):
        await verify(record=tmp_path)
    assert emulator.requests == []


async def test_a_recording_that_cannot_be_written(
    tmp_path: Path, verify: Verify, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends the run, and what was made is removed."""
    written = Path.write_text

    def fail(path: Path, *arguments: Any, **options: Any) -> int:
        if "createIndex" in path.name:
            raise OSError(28, "No space left on device", str(path))
        return written(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", fail)
    with pytest.raises(OSError, match="No space left"):
        await verify(record=tmp_path / "traffic")
    assert await left(emulator) == {}
    assert "createEntityCollection" not in {request.operation for request in emulator.requests}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"request": 1}', '{"request": {}, "response": {"status": "x"}}'])
async def test_a_folder_that_is_no_recording(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="holds no recorded calls"):
        Replay(tmp_path)
    (tmp_path / "1.json").write_text(text)
    with pytest.raises(ValueError, match="is not a recorded call"):
        Replay(tmp_path)


async def test_a_request_that_was_not_recorded(tmp_path: Path, emulator: Emulator, verify: Verify) -> None:
    await verify(record=tmp_path / "traffic", only=["listIndexes"])
    async with Replay(tmp_path / "traffic") as replay:
        report = await verify(replay.base_url, only=["listTasks"])
        assert replay.environment["TWELVELABS_BASE_URL"] == replay.base_url
    where = {(row["operation"], row["where"]) for row in report.to_dict()["differs"]}
    assert ("listTasks", "status") in where
    call = json.loads((tmp_path / "traffic" / "0001-listKnowledgeStores.json").read_text())
    assert call["request"]["query"] == {"page_limit": 50, "sort_by": "created_at", "sort_option": "desc"}
