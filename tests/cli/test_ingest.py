"""ingest: what it brings to the platform, what it says, and its exit codes."""

from __future__ import annotations

import asyncio
import csv
import json
import os
import shutil
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from tests.ingest.files import SourceFile, write_files
from tests.ingest.proof import platform_state, prove

from .conftest import MODULE, Done, Place, finish, start

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from twelvelabs_async import AsyncTwelveLabs

    Run = Callable[..., Done]

T = TypeVar("T")

STORE: Any = {"enrichment_config": {"type": "description", "description": "what happens"}}

FAST = ("--interval", "0.05")


@pytest.fixture
def videos(tmp_path: Path) -> Path:
    """A folder for videos."""
    return tmp_path / "videos"


@pytest.fixture
def journal(tmp_path: Path) -> str:
    """Where a journal may be."""
    return str(tmp_path / "run.sqlite")


def problems(place: Place, files: Sequence[SourceFile]) -> list[str]:
    """What is wrong at the platform."""
    state = asyncio.run(platform_state(base_url=place.emulator.base_url, api_key=place.emulator.api_key))
    return prove(state, files, container=place.index_id)


def ask(place: Place, question: Callable[[AsyncTwelveLabs], Awaitable[T]]) -> T:
    """Ask the platform something."""

    async def work() -> T:
        async with place.emulator.client() as client:
            return await question(client)

    return asyncio.run(work())


def summary(done: Done) -> dict[str, Any]:
    found = done.lines[-1]
    assert found["event"] == "summary"
    return dict(found)


def figures(done: Done) -> tuple[int, int, int]:
    found = summary(done)
    return found["done"], found["failed"], found["pending"]


def outcomes(done: Done) -> list[dict[str, Any]]:
    return [line for line in done.lines if line["event"] == "outcome"]


def test_a_folder_and_again(run: Run, place: Place, videos: Path, journal: str) -> None:
    files = write_files(videos, 5, 1)
    command = ("ingest", str(videos), "--index", "first", "--journal", journal, *FAST)
    first = run(*command, "--json")
    assert first.code == 1
    assert figures(first) == (5, 1, 0)
    assert sorted(line["status"] for line in outcomes(first)) == ["done"] * 5 + ["failed"]
    assert first.err == ""
    assert problems(place, files) == []
    again = run(*command, "--json")
    assert again.code == 1  # nothing is left to do, but a failure is recorded
    assert outcomes(again) == []
    assert figures(again) == (5, 1, 0)
    (failed,) = outcomes(run(*command, "--json", "--retry-failed"))
    assert failed["error"] == "TaskFailedError"
    files[-1].path.unlink()
    told = run(*command)
    assert told.code == 1
    assert told.out.startswith(f"5 done, 1 failed, 0 pending in the journal {journal}.\n")
    assert "1 failed permanently; --retry-failed retries them." in told.out
    assert problems(place, files) == []


def test_without_a_journal_the_platform_says_what_is_done(run: Run, place: Place, videos: Path) -> None:
    files = write_files(videos, 3)
    command = ("ingest", str(videos), "--index", place.index_id, *FAST)
    first = run(*command)
    assert first.code == 0
    assert first.out.startswith("3 done, 0 failed, 0 pending.\n")
    assert "looked up on the platform" in first.err
    again = run(*command, "--json")
    assert again.code == 0
    assert summary(again)["run"]["skipped"] == 3
    assert all(line["adopted"] for line in outcomes(again))
    assert problems(place, files) == []


@pytest.mark.parametrize("settings", [{"durations": {"task.indexing": 5.0}}])
def test_what_may_pass_is_taken_up(
    run: Run, place: Place, videos: Path, journal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write_files(videos, 2)
    monkeypatch.setattr("twelvelabs_async.ingest.engine.MAX_ATTEMPTS", 1)
    command = ("ingest", str(videos), "--index", "first", "--journal", journal, *FAST)
    early = run(*command, "--timeout", "0.2")
    assert early.code == 1
    assert "Of the failed, 2 may succeed" in run("ingest", "status", journal).out
    assert "Failed: " in early.err
    assert "Run the same command again to continue: 2 are pending" in early.out
    assert run(*command).code == 0
    assert problems(place, files) == []


def test_shards_are_disjoint_and_complete(run: Run, place: Place, videos: Path) -> None:
    files = write_files(videos, 12)
    shards = [
        run("ingest", str(videos), "--index", "first", "--shard", f"{number}/3", "--json", *FAST)
        for number in (1, 2, 3)
    ]
    assert [shard.code for shard in shards] == [0, 0, 0]
    assert sum(summary(shard)["done"] for shard in shards) == 12
    assert problems(place, files) == []


def test_limit(run: Run, place: Place, videos: Path, journal: str) -> None:
    write_files(videos, 6)
    command = ("ingest", str(videos), "--index", "first", "--limit", "2", "--json", *FAST)
    assert figures(run(*command, "--journal", journal)) == (2, 0, 0)
    assert figures(run(*command, "--shard", "1/1", "--journal", journal)) == (2, 0, 0)
    assert run(*command, "--dry-run").lines[0]["files"] == 2


def test_an_index_is_made_once(place: Place, videos: Path) -> None:
    write_files(videos, 4)
    command = ("ingest", str(videos), "--index", "films", "--create", "--json", *FAST)
    running = [start(*command, "--shard", f"{number}/3") for number in (1, 2, 3)]
    done = [finish(process) for process in running]
    assert [one.code for one in done] == [0, 0, 0], [one.err for one in done]
    (index,) = ask(place, lambda client: client.indexes.list(index_name="films").collect(limit=9))
    assert {summary(one)["index_id"] for one in done} == {index.id}
    assert len(ask(place, lambda client: client.indexes.indexed_assets.list(index.id).collect(limit=9))) == 4


def test_an_index_that_is_not_there(run: Run, place: Place, videos: Path) -> None:
    write_files(videos, 1)
    missing = run("ingest", str(videos), "--index", "films")
    assert missing.code == 3
    assert missing.err.count("\n") == 1
    assert "give --create" in missing.err
    assert run("assets", "list", "--json").out == ""
    place.faults.add(kind="status", status=403, operation="listIndexes")
    assert run("ingest", str(videos), "--index", "films").code == 3


def test_a_manifest_on_standard_input(place: Place, videos: Path, journal: str) -> None:
    """Outcomes appear before it ends."""
    files = write_files(videos, 3)
    process = start(
        "ingest", "--manifest", "-", "--index", "first", "--journal", journal, "--json", *FAST, stdin=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for file in files:
        process.stdin.write(json.dumps({"path": str(file.path), "metadata": {"place": "archive"}}) + "\n")
        process.stdin.flush()
        while (line := json.loads(process.stdout.readline()))["event"] == "progress":
            pass
        assert line["source"] == str(file.path)
    done = finish(process)
    assert done.code == 0
    assert figures(done) == (3, 0, 0)
    found = ask(place, lambda client: client.assets.list().collect(limit=9))
    assert [(asset.user_metadata or {})["place"] for asset in found] == ["archive"] * 3
    assert problems(place, files) == []


def test_a_manifest_from_a_pipe(place: Place, videos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `<(find ...)` gives it: it can be read only once, and what it lists is relative to the current folder."""
    files = write_files(videos, 3)
    monkeypatch.chdir(videos)
    read, written = os.pipe()
    for file in files:
        os.write(written, json.dumps({"path": str(file.path.relative_to(videos))}).encode() + b"\n")
    with subprocess.Popen(
        [*MODULE, "ingest", "--manifest", f"/dev/fd/{read}", "--index", "first", "--json", *FAST],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=(read,), text=True,
    ) as process:  # fmt: skip
        os.close(read)
        time.sleep(1)  # whoever else reads it has begun
        os.close(written)
        done = finish(process)
    assert done.code == 0
    assert figures(done) == (3, 0, 0)
    assert problems(place, files) == []


def test_bad_rows_are_failures_of_their_own(run: Run, place: Place, videos: Path, tmp_path: Path) -> None:
    files = write_files(videos, 1)
    listed = tmp_path / "list.jsonl"
    listed.write_text(f'"{files[0].path}"\nnonsense\n{{"path": "missing.mp4"}}\n')
    done = run("ingest", "--manifest", str(listed), "--index", "first", "--json", *FAST)
    assert done.code == 1
    assert figures(done) == (1, 2, 0)
    assert f"{listed} line 2" in {line["source"] for line in outcomes(done)}
    assert problems(place, files) == []
    table = tmp_path / "list.csv"
    table.write_text("nonsense\n")
    wrong = run("ingest", "--manifest", str(table), "--index", "first", "--json")
    assert wrong.code == 2
    assert "the first row names the columns" in wrong.err
    assert "the first row names the columns" in summary(wrong)["error"]


def test_a_folder_that_is_being_filled(place: Place, run: Run, videos: Path, journal: str) -> None:
    files = write_files(videos, 10)
    hidden = videos.parent / "later"
    hidden.mkdir()
    for file in files[5:]:
        file.path.rename(hidden / file.path.name)
    command = ("ingest", str(videos), "--index", "first", "--journal", journal, "--json", *FAST)
    process = start(*command)
    for file in files[5:]:
        (hidden / file.path.name).rename(file.path)
    assert finish(process).code == 0
    last = run(*command)
    assert (last.code, figures(last)) == (0, (10, 0, 0))
    assert problems(place, files) == []


def test_names(run: Run, place: Place, videos: Path) -> None:
    """Spaces, other alphabets, line ends, bytes that are no text, patterns; folders and links that lead in circles."""
    files = write_files(videos, 4)
    folder = videos / "odd [1]*"
    folder.mkdir()
    names = ["a b é中\N{GRINNING FACE}.mp4", os.fsdecode(b"\xff\xfe[a].mp4"), "new\nline\x1b[31m.mp4", "-x --index.MP4"]
    for file, name in zip(files, names, strict=True):
        file.path.rename(folder / name)
    (folder / "loop").symlink_to(folder)
    (folder / "self.mp4").symlink_to("self.mp4")
    done = run("ingest", str(videos), "--index", "first", "--exclude", "self*", "--json", *FAST)
    assert (done.code, figures(done)) == (0, (4, 0, 0))
    assert problems(place, files) == []
    told = run("ingest", str(folder / "self.mp4"), *map(str, sorted(folder.glob("*.MP4"))), "--index", "first", *FAST)
    assert told.code == 1
    assert "Too many levels of symbolic links" in told.err


def test_files_of_the_same_name_in_two_folders_are_two(run: Run, place: Place, videos: Path) -> None:
    """Also if size and time are the same."""
    files = write_files(videos, 2)
    paths = [videos / folder / "same.mp4" for folder in ("a", "b")]
    for file, path in zip(files, paths, strict=True):
        path.parent.mkdir()
        file.path.rename(path)
        with path.open("r+b") as stream:
            stream.seek(0, os.SEEK_END)
            size = stream.tell()
        os.utime(path, ns=(0, 10**18))
    assert paths[0].stat().st_size == paths[1].stat().st_size == size
    done = run("ingest", *(str(path.parent) for path in paths), "--index", "first", "--json", *FAST)
    assert figures(done) == (2, 0, 0)
    assert {line["key"].partition("|")[0] for line in outcomes(done)} == {"a/same.mp4", "b/same.mp4"}
    assert problems(place, files) == []
    rooted = run("ingest", str(paths[0]), "--root", str(videos), "--index", "first", "--json", *FAST)
    assert summary(rooted)["run"]["skipped"] == 1
    mixed = run("ingest", "https://example.test/a.mp4", "http://example.test/b.mp4", "--index", "first", "--dry-run")
    assert "And 2 URLs" in mixed.out


def test_what_a_dry_run_says(run: Run, place: Place, videos: Path, journal: str) -> None:
    write_files(videos, 3, 1)
    (videos / "empty.mp4").touch()
    command = ("ingest", str(videos), str(videos), "https://example.test/a.mp4", "--journal", journal, "--dry-run")
    (found,) = run(*command, "--json", "--index", "films", "--create").lines
    size = sum(path.stat().st_size for path in videos.rglob("*.mp4"))
    assert (found["files"], found["urls"], found["bytes"], found["unusable"]) == (4, 1, size, 1)
    assert found["hours"] == round(3 * 4 / 3600, 4)
    assert found["files_without_length"] == 1
    assert found["estimated_seconds"] == 5.0  # sixty uploads a minute
    assert not Path(journal).exists()
    assert [row["index_name"] for row in run("indexes", "list", "--json").lines] == ["first"]
    assert run("assets", "list", "--json").out == ""
    run("ingest", str(videos), "--index", "first", "--journal", journal, *FAST)
    told = run(*command, "--requests-per-minute", "1")
    assert told.code == 0
    assert "Would be sent: 0 files" in told.out
    assert "Already done, by the journal: 3." in told.out
    assert "Failed permanently before, by the journal: 1;" in told.out
    assert "Cannot be sent: 1." in told.out
    assert "the file is empty" in told.err
    assert "Estimated time: 0:01:00" in told.out
    again = run(*command, "--retry-failed")
    assert "Would be sent: 1 files" in again.out
    assert "The duration of 1 files is not known" in again.out


def test_a_file_that_disappears_during_a_dry_run(tmp_path: Path) -> None:
    from twelvelabs_async.cli._ingest_dry_run import Tally

    tally = Tally()
    tally.measure(tmp_path / "gone.mp4")
    assert (tally.seconds, tally.without_length) == (0.0, 1)


def test_status_and_export(run: Run, place: Place, videos: Path, journal: str, tmp_path: Path) -> None:
    write_files(videos, 2, 22)
    run("ingest", str(videos), "--index", "first", "--journal", journal, *FAST)
    (found,) = run("ingest", "status", journal, "--json").lines
    assert (found["done"], found["failed"], found["pending"], found["total"]) == (2, 22, 0, 24)
    assert found["target"]["index_id"] == place.index_id
    told = run("ingest", "status", journal)
    assert told.code == 0
    assert told.out.startswith("2 done, 22 failed, 0 pending.\n")
    assert "And 2 more" in told.out
    table = tmp_path / "outcomes.csv"
    exported = run("ingest", "status", journal, "--export", str(table))
    assert "24 outcomes were written" in exported.err
    with table.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 24
    lines = finish(start("ingest", "status", journal, "--export", "-")).lines
    assert sum(line["status"] == "done" for line in lines) == 2


def test_analyses_and_embeddings(run: Run, place: Place, videos: Path, journal: str, tmp_path: Path) -> None:
    write_files(videos, 1)
    command = ("ingest", str(videos), "--index", "first", "--json", *FAST)
    (made,) = outcomes(run(*command, "--journal", journal, "--analyze", "What happens?", "--embed"))
    assert made["analysis"]
    assert Path(made["embedding"]).parent == Path(f"{journal}.embeddings")
    (again,) = outcomes(run(*command, "--embed", "--output", str(tmp_path / "out")))
    assert Path(again["embedding"]).parent == tmp_path / "out"
    shutil.rmtree(videos)
    videos.mkdir()
    nothing = run(*command[:-3], *FAST, "--embed")
    assert nothing.code == 0
    assert "No sources were found" in nothing.out


def test_a_knowledge_store(run: Run, place: Place, videos: Path) -> None:
    write_files(videos, 2)
    store = ask(place, lambda client: client.knowledge_stores.create(name="films", ingestion_config=STORE))
    command = ("ingest", str(videos), "--metadata", "place=archive", "--json", *FAST)
    done = run(*command, "--knowledge-store", store.id)
    assert (done.code, figures(done)) == (0, (2, 0, 0))
    assert len(ask(place, lambda client: client.knowledge_store_items.list(store.id).collect(limit=9))) == 2
    missing = run(*command, "--knowledge-store", "nothing")
    assert (missing.code, missing.err.splitlines()[-1]) == (
        3,
        "Error: there is no knowledge store with the id 'nothing'",
    )


def test_too_many_failures_end_it(run: Run, place: Place, videos: Path, journal: str) -> None:
    write_files(videos, 0, 6)
    command = ("ingest", str(videos), "--index", "first", "--journal", journal, "--concurrency", "1", *FAST)
    done = run(*command, "--max-failures", "0", "--json")
    assert done.code == 1
    assert "of which at most 0 may" in done.err
    assert "of which at most 0 may" in summary(done)["error"]


def test_a_key_that_is_refused_half_way(run: Run, place: Place, videos: Path, journal: str) -> None:
    write_files(videos, 2)
    place.faults.add(kind="status", status=403, operation="createAsset")
    done = run("ingest", str(videos), "--index", "first", "--journal", journal, "--json", *FAST)
    assert done.code == 3
    assert figures(done) == (0, 0, 2)


@pytest.mark.parametrize("settings", [{"quotas": {"index_videos": 2}}])
def test_a_full_index(run: Run, place: Place, videos: Path, journal: str) -> None:
    write_files(videos, 5)
    done = run("ingest", str(videos), "--index", "first", "--journal", journal, "--json", *FAST)
    assert done.code == 1
    assert "accepts no more videos" in done.err
    assert figures(done)[0] == 2


def test_limits_are_passed_on(run: Run, place: Place, videos: Path) -> None:
    write_files(videos, 2)
    options = ("--requests-per-minute", "6000", "--max-processing", "1", "--concurrency", "1000")
    done = run("ingest", str(videos), "--index", "first", "--json", *options, *FAST)
    assert (done.code, figures(done)) == (0, (2, 0, 0))


def test_sweep(run: Run, place: Place, videos: Path) -> None:
    (file,) = write_files(videos, 1)
    assert run("ingest", "sweep").err == "No ingestion has left an asset that nothing uses.\n"
    for metadata in ({"ingest_key": "a"}, {"other": "b"}):
        ask(place, partial(_make_asset, path=file.path, metadata=metadata))
    assert run("ingest", "sweep", "--json").out == ""  # too young
    (found,) = run("ingest", "sweep", "--older-than", "0", "--json").lines
    assert found["user_metadata"] == {"ingest_key": "a"}
    refused = run("ingest", "sweep", "--older-than", "0", "--remove")
    assert (refused.code, "give --yes" in refused.err) == (2, True)
    assert len(run("ingest", "sweep", "--older-than", "0", "--remove", "--yes", "--json").lines) == 1
    assert len(run("assets", "list", "--json").lines) == 1


async def _make_asset(client: AsyncTwelveLabs, path: Path, metadata: dict[str, Any]) -> None:
    await client.assets.create(method="direct", file=path, user_metadata=metadata)
