"""`demo`: what it shows, what it compares, what it leaves behind."""

from __future__ import annotations

import ast
import io
import re
import signal
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, BadRequestError
from twelvelabs_async.cli import _demo_code as code
from twelvelabs_async.cli import demo as command
from twelvelabs_async.cli._demo_view import TextView
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene
from twelvelabs_async.testing import RunningEmulator, run_emulator
from twelvelabs_async.types import AssetDetail

from .conftest import Done, finish, start
from .test_upload import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Run = Callable[..., Done]

STEPS = (code.create_index, code.upload, code.add, code.search, code.analyze, code.embed, code.clean_up)
SMALL = [
    SampleVideo("small.mp4", (Scene("red", 4), Scene("green", 4), Scene("purple", 4)), width=360, height=360, fps=8),
]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """One small video instead of three, which take seconds to encode."""
    monkeypatch.setattr("twelvelabs_async.emulator.media.samples.demo_videos", lambda: list(SMALL))


@pytest.fixture
def service(small: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningEmulator]:
    """Stands for the real service."""
    with run_emulator(speed=0) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def left(emulator: RunningEmulator) -> list[Any]:
    return [*emulator.assets, *emulator.indexes]


def findings(done: Done) -> dict[str, Any]:
    return {line["query"]: line for line in done.lines if line["event"] == "finding"}


def test_as_a_process(tmp_path: Path) -> None:
    """As it is installed: with the three videos, no key and another folder."""
    done = finish(start("demo", cwd=tmp_path))
    assert (done.code, done.err) == (0, "")
    assert "All 10 results match what the videos hold." in done.out
    assert re.search(r"ok +search 'red' +beach_holiday.mp4 7.0-12.0 s +score 100\n", done.out)
    assert re.search(r"ok +upload broken.mp4 +rejected  The file is damaged or was cut off\.", done.out)
    assert "   Colours by scene: 0:00-0:04 blue; " in done.out
    assert re.findall(r"^(\d)\. ", done.out, re.MULTILINE) == [str(step) for step in range(1, 9)]
    assert len(re.findall(r"^   \d+\.\d\d s$", done.out, re.MULTILINE)) == 8
    assert "twelvelabs-async demo --live" in done.out
    assert list(tmp_path.iterdir()) == []


def test_what_is_shown_is_what_runs(run: Run, small: None) -> None:
    done = run("demo")
    assert done.code == 0
    for function in STEPS:
        text = code.source(function)
        assert "".join(f"     {line}\n" for line in text.splitlines()) in done.out
        body = ast.parse(text).body
        whole = ast.parse(Path(code.__file__).read_text(encoding="utf-8")).body
        (made,) = (node for node in whole if getattr(node, "name", "") == function.__name__)
        assert isinstance(made, ast.AsyncFunctionDef)
        shown = [ast.dump(node) for node in body]
        assert [ast.dump(node) for node in made.body[1 : 1 + len(body)]] == shown
        assert all(isinstance(node, ast.Return) for node in made.body[1 + len(body) :])
        assert max(map(len, text.splitlines())) <= 75  # no line breaks in a terminal of 80 columns


def test_a_program_without_source_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    made = types.FunctionType(code.upload.__code__.replace(co_filename="/frozen/nowhere.py"), {"__name__": "frozen"})
    TextView().begin("Upload", (made,))
    assert capsys.readouterr().out == "\n1. Upload\n"


def test_json(run: Run, small: None) -> None:
    done = run("demo", "--json")
    assert (done.code, done.err) == (0, "")
    events = [line["event"] for line in done.lines]
    assert (events.count("video"), events.count("step"), events[-1]) == (1, 8, "summary")
    assert {name: (line["found"], line["matches"]) for name, line in findings(done).items()} == {
        "upload broken.mp4": ("rejected", True),
        "index small.mp4": ("ready", True),
        "search 'red'": ("small.mp4 0.0-4.0 s", True),
        "search 'green'": ("small.mp4 4.0-8.0 s", True),
        "search 'purple'": ("small.mp4 8.0-12.0 s", True),
        "analyze small.mp4": ("red, green, purple", True),
        "clip most like 'red'": ("small.mp4 0.0-4.0 s", True),
        "index and uploads": ("deleted", True),
    }
    assert (done.lines[-1]["matched"], done.lines[-1]["live"]) == (True, False)
    assert done.lines[0]["scenes"][1] == {"colour": "green", "start": 4.0, "end": 8.0}


@pytest.mark.parametrize("as_json", [True, False])
def test_it_finds_out_when_a_file_is_another_one(
    run: Run, small: None, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    make = command.make_videos

    async def swapped(folder: Path, specs: Sequence[SampleVideo]) -> dict[str, Path]:
        paths = await make(folder, specs)
        other = SampleVideo("other.mp4", (Scene("pink", 6), Scene("gray", 6)), width=360, height=360, fps=8)
        paths[specs[0].name].write_bytes(other.write(folder).read_bytes())
        return paths

    monkeypatch.setattr(command, "make_videos", swapped)
    done = run("demo", *(["--json"] if as_json else []))
    assert done.code == 1
    if as_json:
        assert done.lines[-1]["matched"] is False
    else:
        assert re.search(r"no +search 'green' .+ expected: small.mp4 4.0-8.0 s\n", done.out)
        assert re.search(r"\n[1-7] of 8 results differ from what the videos hold\.", done.out)


def test_a_broken_file_that_is_accepted(run: Run, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    make = command.make_videos

    async def sound(folder: Path, specs: Sequence[SampleVideo]) -> dict[str, Path]:
        paths = await make(folder, specs)
        paths["broken.mp4"].write_bytes(paths["small.mp4"].read_bytes())
        return paths

    monkeypatch.setattr(command, "make_videos", sound)
    done = run("demo", "--json")
    assert done.code == 1
    assert findings(done)["upload broken.mp4"]["found"] == "accepted"


def test_the_real_service(run: Run, service: RunningEmulator) -> None:
    done = run("demo", "--live", "--yes")
    assert (done.code, done.err) == (0, "")
    assert f"Use the real service\n   {service.base_url}\n" in done.out
    assert "demo --live" not in done.out
    assert {"createSearch", "analyzeVideo", "createEmbeddingsV2"} <= {request.operation for request in service.requests}
    assert left(service) == []


def test_a_broken_file_that_is_rejected_at_once(run: Run, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = code.upload

    async def picky(client: AsyncTwelveLabs, path: Path) -> AssetDetail:
        if path.name == "broken.mp4":
            raise BadRequestError("unreadable", status=400, code="video_file_broken")
        return await upload(client, path)

    monkeypatch.setattr(code, "upload", picky)
    done = run("demo", "--json")
    assert done.code == 0
    assert findings(done)["upload broken.mp4"]["detail"] == "unreadable"


def test_nothing_is_found(run: Run, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> None: ...

    monkeypatch.setattr(code, "search", nothing)
    done = run("demo", "--json")
    assert done.code == 1
    assert findings(done)["search 'red'"]["found"] == "nothing"


def test_what_cannot_be_deleted(run: Run, service: RunningEmulator) -> None:
    service.faults.add(kind="status", status=409, code="generic_error", operation="deleteIndex")
    done = run("demo", "--live", "--yes")
    assert done.code == 1
    assert re.search(r"no +index and uploads +409 .+ expected: deleted\n", done.out)


def test_an_error_is_not_hidden_by_the_end(run: Run, service: RunningEmulator) -> None:
    service.faults.add(kind="status", status=403, code="no_search", operation="createSearch")
    service.faults.add(kind="status", status=409, code="no_end", operation="deleteIndex")
    done = run("demo", "--live", "--yes")
    assert done.code == 1
    assert "no_search" in done.err
    assert "no_end" in done.out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("answer", "exit_code"), [("n\n", 1), ("y\n", 0)])
def test_the_question(
    run: Run, service: RunningEmulator, monkeypatch: pytest.MonkeyPatch, answer: str, exit_code: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    done = run("demo", "--live")
    assert done.code == exit_code
    assert "Upload 1 videos of 12 seconds together, and have them indexed, " in done.err
    assert ("Nothing was sent." in done.err) is (exit_code == 1)
    assert bool(service.requests) is (exit_code == 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("--live",),
            "It counts against the quota of the account: give --yes, because standard input is not a terminal",
        ),
        (("--api-key", "tlk_x"), "--api-key, --base-url and --allow-http are for --live"),
        (("--base-url", "http://127.0.0.1:9"), "are for --live"),
        (("--allow-http",), "are for --live"),
        (("--live", "--yes", "--base-url", "ftp://127.0.0.1"), "base_url must begin with https://"),
    ],
)
def test_wrong_usage(run: Run, service: RunningEmulator, arguments: tuple[str, ...], said: str) -> None:
    done = run("demo", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert service.requests == []


def test_without_a_key(run: Run, small: None) -> None:
    done = run("demo", "--live", "--yes")
    assert done.code == 2
    assert "TWELVE_LABS_API_KEY" in done.err


def test_the_extra_that_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("twelvelabs_async.emul")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "av", None)
    done = run("demo")
    assert (done.code, done.out) == (2, "")
    assert "pip install 'twelvelabs-async[emulator]'" in done.err


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(monkeypatch: pytest.MonkeyPatch, number: int, exit_code: int) -> None:
    with run_emulator(speed=1, durations={"task.indexing": 3600.0, "asset.processing": 0.0}) as slow:
        for name, value in slow.environment.items():
            monkeypatch.setenv(name, value)
        process = start("demo", "--live", "--yes")
        until(lambda: "retrieveIndexedAsset" in {request.operation for request in slow.requests})
        process.send_signal(number)
        done = finish(process)
        assert done.code == exit_code
        assert done.err == ("Interrupted.\n" if exit_code == 130 else "Terminated.\n")
        assert left(slow) == []


def test_nobody_reads_the_output() -> None:
    process = start("demo")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (141, "")
