"""search, analyze, embed and status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twelvelabs_async.cli._output import format_duration
from twelvelabs_async.emulator.media import samples

from ..docs.seeded_emulator import SeededEmulator
from .conftest import Done, Place, columns, finish, start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Done]


def test_search_by_text(run: Run, in_world: SeededEmulator) -> None:
    found = run("search", "--index", in_world.index_id, "green")
    assert found.code == 0
    assert columns(found.out)[0][:4] == ["1", in_world.video_id, "0:00.0", "0:04.0"]
    (hit,) = run("search", "--index", in_world.index_id, "green", "--in", "visual", "--limit", "1", "--json").lines
    assert (hit["video_id"], hit["start"]) == (in_world.video_id, 0)
    best = run("search", "--index", in_world.index_id, "a purple dog", "--json").lines
    assert {hit["video_id"] for hit in best} == {in_world.video_id}


def test_search_in_an_empty_index(run: Run, place: Place) -> None:
    nothing = run("search", "--index", place.index_id, "purple")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "No matches were found.\n")


def test_search_by_image(run: Run, in_world: SeededEmulator, tmp_path: Path) -> None:
    image = samples.write_image(tmp_path / "blue.png", "blue")
    hits = run("search", "--index", in_world.index_id, "--image", str(image), "--json").lines
    assert (hits[0]["video_id"], hits[0]["start"]) == (in_world.video_id, 4)


def test_search_stops_at_the_limit(run: Run, place: Place, files: Path) -> None:
    videos = sorted(str(path) for path in files.rglob("*.mp4") if path.name != "broken.mp4")
    assert run("upload", *videos, "--index", place.index_id, "--interval", "0.05").code == 0
    hits = run("search", "--index", place.index_id, "blue", "--limit", "1", "--json").lines
    assert len(hits) == 1
    assert len(run("search", "--index", place.index_id, "blue", "--json").lines) > 1


@pytest.mark.parametrize("how", ["--video", "--asset"])
def test_analyze(run: Run, in_world: SeededEmulator, how: str) -> None:
    which = in_world.video_id if how == "--video" else in_world.asset_id
    shown = run("analyze", how, which, "Describe the scenes")
    assert shown.code == 0
    assert "green" in shown.out
    assert shown.out.endswith("\n")
    (answer,) = run("analyze", how, which, "Describe the scenes", "--json").lines
    assert answer["data"].strip() == shown.out.strip()
    assert answer["finish_reason"] == "stop"


def test_analyze_says_when_the_answer_is_cut_off(run: Run, in_world: SeededEmulator) -> None:
    for more in ([], ["--json"]):
        cut = run("analyze", "--asset", in_world.asset_id, "Describe the scenes", "--max-tokens", "3", *more)
        assert cut.code == 0
        assert "--max-tokens" in cut.err


def test_analyze_wants_one_video(run: Run, in_world: SeededEmulator) -> None:
    for given in ([], ["--video", "a", "--asset", "b"]):
        wrong = run("analyze", *given, "What happens?")
        assert wrong.code == 2
        assert "one of --video, --asset and --url" in wrong.err


def test_analyze_from_a_url_that_is_not_there(run: Run, in_world: SeededEmulator) -> None:
    wrong = run("analyze", "--url", "http://127.0.0.1:9/a.mp4", "What happens?")
    assert wrong.code == 1
    assert wrong.err.startswith("Error: 400")
    assert wrong.err.count("\n") == 1


def test_a_stream_that_breaks_is_an_error(run: Run, place: Place, files: Path) -> None:
    (video,) = run("upload", str(files / "goal.mp4"), "--index", place.index_id, "--interval", "0.05", "--json").lines
    place.faults.add(kind="cut_body", operation="analyze*")
    broken = run("analyze", "--video", video["video_id"], "Describe the scenes")
    assert broken.code == 1
    assert broken.err.startswith("Error: ")
    assert broken.err.count("\n") == 1
    assert not broken.out or broken.out.endswith("\n")


def test_embed(run: Run, in_world: SeededEmulator) -> None:
    shown = run("embed", "a goal")
    assert shown.out.startswith("512 numbers: ")
    (answer,) = run("embed", "a goal", "--model", "marengo3.0", "--json").lines
    assert len(answer["data"][0]["embedding"]) == 512


def test_status(run: Run, in_world: SeededEmulator) -> None:
    video = run("status", in_world.video_id, "--index", in_world.index_id)
    assert columns(video.out) == [[in_world.video_id, "goal.mp4", "ready", "0:08.0", in_world.asset_id]]
    assert run("status", "--index", in_world.index_id, "--json").lines[0]["status"] == "ready"
    asset = run("status", in_world.asset_id)
    assert columns(asset.out)[0][:3] == [in_world.asset_id, "goal.mp4", "ready"]
    assert run("status", in_world.asset_id, "--json").lines[0]["filename"] == "goal.mp4"
    assert run("status").code == 2
    assert run("status", "nothing").code == 1


def test_status_of_an_empty_index(run: Run, place: Place) -> None:
    empty = run("status", "--index", place.index_id)
    assert (empty.code, empty.out, empty.err) == (0, "", "The index contains no videos.\n")


@pytest.mark.parametrize("settings", [{"stream_delay": 0.2}])
def test_a_reader_that_goes_away(run: Run, place: Place, files: Path) -> None:
    """As with `| head -1`."""
    (video,) = run("upload", str(files / "goal.mp4"), "--index", place.index_id, "--interval", "0.05", "--json").lines
    process = start("analyze", "--video", video["video_id"], "Describe the scenes")
    assert process.stdout is not None
    assert process.stdout.read(1)
    process.stdout.close()
    process.stdout = None
    done = finish(process)
    assert (done.code, done.err) == (141, "")


def test_clock() -> None:
    assert [format_duration(value) for value in (None, 0, 59.96, 61.25, 3723.4)] == [
        "",
        "0:00.0",
        "1:00.0",
        "1:01.2",
        "1:02:03.4",
    ]
