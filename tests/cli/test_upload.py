"""upload: what happens to each file, also when it is interrupted."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async.cli._files import ProgressFile, default_state

from .conftest import Done, Place, columns, finish, start

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Done]

FAST = ("--interval", "0.05")


async def assets(place: Place) -> list[Any]:
    async with place.emulator.client() as client:
        return [asset async for asset in client.assets.list()]


async def videos(place: Place) -> list[Any]:
    async with place.emulator.client() as client:
        return [video async for video in client.indexes.indexed_assets.list(place.index_id)]


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("settings", [{"chunk_size": 100_000}])
def test_several_files_and_one_that_is_broken(run: Run, place: Place, files: Path) -> None:
    films = files / "films"
    given = [films / "wood.mp4", films / "broken.mp4", files / "big.mp4"]
    done = run("upload", *map(str, given), "--index", place.index_id, "--chunks-above", "0.1", *FAST)
    assert done.code == 1
    rows = columns(done.out)
    assert [row[:2] for row in rows] == [
        [str(films / "wood.mp4"), "ready"],
        [str(films / "broken.mp4"), "failed"],
        [str(files / "big.mp4"), "ready"],
    ]
    assert "video_file_broken" in done.out
    assert "its asset was removed" in done.out
    assert done.err == "Error: 1 of 3 files failed; the reasons are above.\n"
    hits = run("search", "--index", place.index_id, "cyan", "--json").lines
    assert hits[0]["video_id"] == rows[2][2]


async def test_what_failed_is_not_left_behind(place: Place, files: Path) -> None:
    done = finish(start("upload", str(files / "films/broken.mp4"), "--index", place.index_id, "--json", *FAST))
    assert done.code == 1
    (line,) = done.lines
    assert (line["status"], line["asset_id"], line["video_id"]) == ("failed", None, None)
    assert await assets(place) == []


def test_an_index_that_is_not_there_costs_no_upload(run: Run, place: Place, files: Path) -> None:
    done = run("upload", str(files / "goal.mp4"), "--index", "nothing")
    assert done.code == 1
    assert done.out == ""
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("settings", [{"durations": {"task.indexing": 3600.0}}])
def test_no_wait(run: Run, place: Place, files: Path) -> None:
    done = run("upload", str(files / "goal.mp4"), "--index", place.index_id, "--no-wait", "--json", *FAST)
    assert done.code == 0
    (line,) = done.lines
    assert (line["file"], line["status"], line["reason"]) == (str(files / "goal.mp4"), "indexing", None)
    late = run("upload", str(files / "goal.mp4"), "--index", place.index_id, "--timeout", "3", *FAST)
    assert late.code == 1
    assert "was not done after 3 s" in late.out
    assert "(asset " in late.out  # it is kept, because the platform goes on


def test_an_empty_file_is_a_failure_of_its_own(run: Run, place: Place, files: Path) -> None:
    (files / "empty.mp4").touch()
    names = [str(files / "empty.mp4"), str(files / "goal.mp4")]
    done = run("upload", *names, "--index", place.index_id, "--json", "--workers", "1", *FAST)
    assert done.code == 1
    assert [line["status"] for line in done.lines] == ["failed", "ready"]
    assert "empty" in done.lines[0]["reason"]


def test_a_key_that_is_refused_half_way_ends_it(run: Run, place: Place, files: Path) -> None:
    place.faults.add(kind="status", status=403, operation="createAsset")
    names = [str(path) for path in sorted((files / "films").iterdir())]
    done = run("upload", *names, "--index", place.index_id, "--json", "--workers", "1")
    assert done.code == 1
    assert [line["status"] for line in done.lines] == ["failed", "not started", "not started"]


def test_an_asset_that_cannot_be_removed_is_named(run: Run, place: Place, files: Path) -> None:
    place.faults.add(kind="status", status=403, operation="deleteAsset")
    done = run("upload", str(files / "films/broken.mp4"), "--index", place.index_id, "--json", *FAST)
    (line,) = done.lines
    assert line["asset_id"]
    assert "its asset could not be removed" in line["reason"]


def test_a_video_that_cannot_be_indexed_is_removed(run: Run, place: Place, files: Path) -> None:
    place.faults.add(kind="status", status=400, operation="createIndexedAsset")
    done = run("upload", str(files / "goal.mp4"), "--index", place.index_id, "--json", *FAST)
    (line,) = done.lines
    assert (line["status"], line["asset_id"]) == ("failed", None)


def test_a_video_that_fails_in_the_index_is_removed(run: Run, place: Place, files: Path) -> None:
    place.faults.add(kind="status", status=404, operation="retrieveIndexedAsset")
    done = run("upload", str(files / "goal.mp4"), "--index", place.index_id, "--json", *FAST)
    (line,) = done.lines
    assert (line["status"], line["asset_id"], line["video_id"]) == ("failed", None, None)


def test_bars(run: Run, place: Place, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("COLUMNS", "200")
    done = run("upload", str(files / "goal.mp4"), str(files / "big.mp4"), "--index", place.index_id, *FAST)
    assert done.code == 0
    assert "All files" in done.err
    assert "2/2" in done.err


def test_strange_names(run: Run, place: Place, files: Path) -> None:
    name = (files / "goal.mp4").rename(files / os.fsdecode(b"\xff[red].mp4"))
    done = run("upload", str(name), "--index", place.index_id, "--json", *FAST)
    assert done.code == 0, done
    assert done.lines[0]["file"].endswith("\N{REPLACEMENT CHARACTER}[red].mp4")


def test_a_file_that_changes_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345678")
    seen: list[int] = []
    with ProgressFile(path, seen.append) as file:
        assert file.read(4) == b"1234"
        assert file.read() == b"5678"
        assert seen == [4, 8]
        path.write_bytes(b"123")
        file.seek(0)
        with pytest.raises(OSError, match="changed"):
            file.read(1)


async def test_interrupted_while_chunks_are_sent(place: Place, files: Path) -> None:
    place.faults.add(kind="stall", port="objects", operation="putChunk")
    names = [str(files / "big.mp4"), str(files / "goal.mp4")]
    process = start("upload", *names, "--index", place.index_id, "--chunks-above", "0", "--workers", "1")
    until(lambda: place.faults.counts["stall"] > 0)
    process.send_signal(signal.SIGINT)
    done = finish(process)
    assert done.code == 130
    assert [row[:2] for row in columns(done.out)] == [[names[0], "interrupted"], [names[1], "not"]]
    assert "Interrupted." in done.err
    assert await assets(place) == []


async def test_interrupted_while_a_file_is_sent(place: Place, files: Path) -> None:
    place.faults.add(kind="stall", operation="createAsset")
    process = start("upload", str(files / "goal.mp4"), "--index", place.index_id, "--json")
    until(lambda: place.faults.counts["stall"] > 0)
    process.send_signal(signal.SIGINT)
    done = finish(process)
    assert done.code == 130
    assert done.lines[0]["status"] == "interrupted"
    assert await assets(place) == []


@pytest.mark.parametrize("settings", [{"durations": {"asset.processing": 3600.0}}])
async def test_interrupted_before_it_is_indexed(place: Place, files: Path) -> None:
    place.faults.add(kind="slow", seconds=0, operation="retrieveAsset")  # counts: who asks has the asset's id
    process = start("upload", str(files / "goal.mp4"), "--index", place.index_id, "--json")
    until(lambda: place.faults.counts["slow"] > 0)
    process.send_signal(signal.SIGINT)
    done = finish(process)
    assert done.code == 130
    (line,) = done.lines
    assert (line["status"], line["asset_id"]) == ("interrupted", None)
    assert "its asset was removed" in line["reason"]
    assert await assets(place) == []


@pytest.mark.parametrize("settings", [{"durations": {"task.indexing": 3600.0}}])
async def test_interrupted_while_it_is_indexed(place: Place, files: Path) -> None:
    process = start("upload", str(files / "goal.mp4"), "--index", place.index_id, "--json", *FAST)
    while not await videos(place):  # noqa: ASYNC110 - the emulator runs in another thread
        await asyncio.sleep(0.05)
    process.send_signal(signal.SIGINT)
    done = finish(process)
    assert done.code == 130
    (line,) = done.lines
    assert line["status"] == "interrupted"
    assert "continues to index" in line["reason"]
    assert [asset.id for asset in await assets(place)] == [line["asset_id"]]


BIG = pytest.mark.parametrize("settings", [{"chunk_size": 20_000}])


@BIG
async def test_an_interrupted_upload_is_resumed(
    place: Place, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "states"))
    folder = tmp_path / "states" / "twelvelabs-async" / "uploads"
    command = ("upload", str(files / "big.mp4"), "--index", place.index_id, "--chunks-above", "0", "--resume", "--json")
    place.faults.add(kind="stall", port="objects", operation="putChunk", skip=3)
    process = start(*command)
    until(lambda: place.faults.counts["stall"] > 0)
    process.send_signal(signal.SIGINT)
    done = finish(process)
    assert done.code == 130
    assert "until then the same command continues it" in done.lines[0]["reason"]
    [state] = folder.iterdir()
    upload_id = json.loads(state.read_text())["upload_id"]
    place.faults.clear()
    again = finish(start(*command, *FAST))
    assert (again.code, again.lines[0]["status"]) == (0, "ready")
    async with place.emulator.client() as client:
        assert (await client.multipart_upload.get_status(upload_id)).page.status == "completed"
        assert [upload async for upload in client.multipart_upload.list_incomplete_uploads()] == []
    assert list(folder.iterdir()) == []


@BIG
async def test_a_run_that_is_killed_while_its_file_is_indexed(place: Place, files: Path, tmp_path: Path) -> None:
    state = tmp_path / "mine.json"
    kept = ("--resume", "--state", str(state))
    command = (
        "upload",
        str(files / "big.mp4"),
        "--index",
        place.index_id,
        "--chunks-above",
        "0",
        "--json",
        *FAST,
        *kept,
    )
    for operation in ("retrieveIndexedAsset", "listIndexedAssets"):
        place.faults.add(kind="stall", operation=operation)
    process = start(*command)
    until(lambda: place.faults.counts["stall"] > 0)
    process.kill()
    process.communicate()
    place.faults.clear()
    assert state.exists()
    [video], [asset] = await videos(place), await assets(place)
    again = finish(start(*command))
    assert (again.code, again.lines[0]["status"]) == (0, "ready")
    assert (again.lines[0]["video_id"], again.lines[0]["asset_id"]) == (video.id, asset.id)
    assert [len(await videos(place)), len(await assets(place))] == [1, 1]
    assert not state.exists()


@BIG
async def test_a_state_whose_asset_is_gone(place: Place, files: Path, tmp_path: Path) -> None:
    state = tmp_path / "mine.json"
    kept = ("--resume", "--state", str(state))
    command = (
        "upload",
        str(files / "big.mp4"),
        "--index",
        place.index_id,
        "--chunks-above",
        "0",
        "--json",
        *FAST,
        *kept,
    )
    async with place.emulator.client() as client:
        sent = await client.multipart_upload.upload_file(files / "big.mp4", state=state)
        await client.assets.wait_for_done(sent, 0.05)
        await client.assets.delete(sent.asset_id)
    assert finish(start(*command)).code == 1
    assert not state.exists()
    assert finish(start(*command)).code == 0


@BIG
def test_a_state_of_its_own(run: Run, place: Place, files: Path, tmp_path: Path) -> None:
    command = ("upload", str(files / "big.mp4"), "--index", place.index_id, "--chunks-above", "0", "--json")
    state = tmp_path / "mine.json"
    state.write_text("{}")
    done = run(*command, "--resume", "--state", str(state), *FAST)
    assert done.code == 1
    assert "it is not the state of an upload" in done.lines[0]["reason"]
    assert state.read_text() == "{}"
    state.unlink()
    place.faults.add(kind="status", status=400, operation="createIndexedAsset", count=1)
    done = run(*command, "--resume", "--state", str(state), *FAST)
    assert (done.code, done.lines[0]["status"]) == (1, "failed")
    assert not state.exists()  # its asset was removed
    for wrong in (("--state", str(state)), ("--resume", "--state", str(state), str(files / "goal.mp4"))):
        done = run(*command, *wrong)
        assert done.code == 2
        assert "--state needs --resume and a single file." in done.err


def test_where_states_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "a.mp4"
    for home in ("", "relative"):
        monkeypatch.setenv("XDG_STATE_HOME", home)
        assert default_state(path, "u").parent == tmp_path / ".local/state/twelvelabs-async/uploads"
    (tmp_path / "link.mp4").symlink_to(path)
    assert default_state(tmp_path / "link.mp4", "u") == default_state(path, "u")
    assert default_state(path, "u") not in {default_state(tmp_path / "b.mp4", "u"), default_state(path, "v")}
