"""`verify` as a command: questions, output, exit codes, signals and kills."""

from __future__ import annotations

import io
import json
import random
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from twelvelabs_async.cli import main
from twelvelabs_async.cli import verify as command
from twelvelabs_async.testing import RunningEmulator, run_emulator

from .conftest import Done, finish, start
from .test_upload import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[..., Done]

ONLY = ("--only", "indexes.list", "--yes")


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningEmulator]:
    with run_emulator(speed=0) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningEmulator]:
    """An emulator whose videos are never indexed."""
    with run_emulator(speed=1, durations={"task.indexing": 3600.0, "asset.processing": 0.0}) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def left(emulator: RunningEmulator) -> dict[str, int]:
    found = {"assets": emulator.assets, "indexes": emulator.indexes, "analyses": emulator.analyze_tasks}
    return {name: len(things) for name, things in found.items() if things}


def test_all_of_it(run: Run, emulator: RunningEmulator, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    done = run("verify", "--yes", "--report", str(report), "--record", str(tmp_path / "traffic"))
    assert (done.code, done.err) == (0, "")
    assert "0 differences contradict the document" in done.out
    text = report.read_text()
    assert text.startswith("# Verification of the TwelveLabs API\n")
    assert "of 120 seconds of video" in text
    assert "| `listIndexes` | `indexes.list` | 200, 400 |" in text
    assert left(emulator) == {}
    assert len(list((tmp_path / "traffic").iterdir())) == len(emulator.requests)


def test_json(run: Run, emulator: RunningEmulator, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = run("verify", *ONLY, "--json", "--report", str(report))
    assert (done.code, done.err) == (0, "")
    assert [json.loads(report.read_text())] == done.lines
    assert done.lines[0]["differs"] == []
    assert done.lines[0]["complete"] is True
    assert done.lines[0]["video_seconds"] == 0


def test_the_report_is_on_standard_output(run: Run, emulator: RunningEmulator) -> None:
    done = run("verify", *ONLY)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# Verification")


def test_differences_are_exit_code_1(run: Run, emulator: RunningEmulator) -> None:
    emulator.faults.add(kind="status", status=400, code="generic_error", operation="listIndexes")
    done = run("verify", *ONLY)
    assert done.code == 1
    assert "a valid request is rejected with 400 generic_error" in done.out


def test_what_could_not_be_removed_is_exit_code_1(run: Run, emulator: RunningEmulator) -> None:
    emulator.faults.add(kind="status", status=500, operation="deleteIndex")
    done = run("verify", "--only", "createIndex", "--yes")
    assert done.code == 1
    # With the id for the owner of the account, which the report does not hold.
    found = re.search(r"Could not be removed: index ([0-9a-f]{24})\. The next run tries it again", done.err)
    assert found is not None
    assert found[1] not in done.out
    emulator.faults.clear()
    assert run("verify", *ONLY).code == 0
    assert left(emulator) == {}


def test_the_key_is_not_accepted(run: Run, emulator: RunningEmulator, tmp_path: Path) -> None:
    done = run("verify", *ONLY, "--api-key", "tlk_wrong_key_0123456789")
    assert done.code == 3
    assert done.err == "Error: 401: the API key is not accepted. Set TWELVE_LABS_API_KEY.\n"
    assert len(emulator.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--budget", "much"), "'much' is not a length such as 2min, 90s or 0"),
        (("--budget", "-1min"), "is not a length"),
        (("--requests", "0"), "0 is not in the range"),
        (("--report", "a.txt"), "its name must end with .md or .json"),
        (("--report", "nowhere/a.md"), "its folder does not exist"),
        (("--only", "fly"), "there is no operation fly"),
        (("--only", "createImport"), "createImport is not checked"),
        (("--record", __file__), "is a file"),
        ((), "give --yes, because standard input is not a terminal"),
    ],
)
def test_wrong_usage(run: Run, emulator: RunningEmulator, arguments: tuple[str, ...], said: str) -> None:
    yes = ("--yes",) if arguments else ()
    done = run("verify", *yes, *arguments)
    assert done.code == 2
    assert said in done.err
    assert emulator.requests == []


@pytest.mark.parametrize(("text", "seconds"), [("2min", 120), ("90s", 90), ("0", 0), ("1.5 m", 90), ("1h", 3600)])
def test_lengths(run: Run, emulator: RunningEmulator, text: str, seconds: float) -> None:
    done = run("verify", *ONLY, "--json", "--budget", text)
    assert done.lines[0]["max_video_seconds"] == seconds


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_service_that_does_not_respond(run: Run, emulator: RunningEmulator) -> None:
    emulator.faults.add(kind="reset")
    done = run("verify", *ONLY)
    assert done.code == 3
    assert done.err == "Error: the service does not respond: is the base URL right, and is there a network?\n"
    assert len(emulator.requests) == 2
    assert "there was no response" in done.out


def test_a_service_that_is_broken(run: Run, emulator: RunningEmulator) -> None:
    emulator.faults.add(kind="status", status=500)
    done = run("verify", *ONLY)
    assert done.code == 3
    assert done.err.endswith("Error: nothing could be checked; the report says why.\n")


def test_a_folder_for_traffic_that_cannot_be_used(run: Run, emulator: RunningEmulator, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("verify", *ONLY, "--record", str(tmp_path / "file" / "inside"))
    assert done.code == 2
    assert "--record: Not a directory" in done.err
    assert emulator.requests == []


@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("y\n", 0)])
def test_the_question(
    run: Run, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    done = run("verify", "--only", "listIndexes", "--requests", "50", "--budget", "1min")
    assert done.code == code
    assert "Send up to 50 requests, and have up to 60 seconds of video processed?" in done.err
    assert bool(emulator.requests) is (code == 0)
    assert ("Nothing was sent." in done.err) is (code == 1)


def test_a_report_that_cannot_be_written(
    run: Run, emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", fail)
    done = run("verify", *ONLY, "--report", str(tmp_path / "a.md"))
    assert done.code == 1
    assert "No space left on device; the report is on standard output." in done.err
    assert done.out.startswith("# Verification")


def test_steps_are_shown_on_a_terminal(
    emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert main(["verify", *ONLY]) == 0
    assert "... listIndexes\n" in capsys.readouterr().err


def test_the_extra_that_is_missing(run: Run, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("twelvelabs_async.verify", "twelvelabs_async.emul"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jsonschema", None)
    done = run("verify", *ONLY)
    assert done.code == 2
    assert "pip install 'twelvelabs-async[emulator]'" in done.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals(slow: RunningEmulator, tmp_path: Path, number: int, code: int) -> None:
    report = tmp_path / "a.md"
    process = start("verify", "--yes", "--report", str(report))
    until(lambda: "retrieveIndexedAsset" in {request.operation for request in slow.requests})
    process.send_signal(number)
    done = finish(process)
    assert done.code == code
    first, last = done.err.splitlines()
    assert first.startswith("Cleaning up; if this is interrupted too, it leaves behind: picture ")
    assert last == ("Interrupted." if code == 130 else "Terminated.")
    assert "It was interrupted" in report.read_text()
    assert left(slow) == {}


def test_kills_at_any_moment(emulator: RunningEmulator) -> None:
    chance = random.Random(7)
    for _ in range(5):
        seen, wanted = len(emulator.requests), chance.randrange(5, 200)
        process = start("verify", "--yes")
        until(lambda: len(emulator.requests) >= seen + wanted or process.poll() is not None)  # noqa: B023
        process.kill()
        process.communicate()
    done = finish(start("verify", "--only", "listIndexes", "--budget", "0", "--yes", "--json"))
    assert done.code == 0, done.err
    assert left(emulator) == {}


def test_a_replay(run: Run, emulator: RunningEmulator, tmp_path: Path) -> None:
    """The two commands of the help text."""
    traffic = str(tmp_path / "traffic")
    first = run("verify", "--yes", "--json", "--record", traffic)
    assert first.code == 0
    process = start("emulator", "--replay", traffic, "--port", "0")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(4)]
    variables = dict(line.removeprefix("export ").strip().split("=", 1) for line in lines if "export" in line)
    url, key = variables["TWELVELABS_BASE_URL"], variables["TWELVE_LABS_API_KEY"]
    assert lines[-1] == "Ready. Stop with Ctrl+C.\n"
    second = run("verify", "--yes", "--json", "--base-url", url, "--api-key", key)
    process.send_signal(signal.SIGINT)
    assert finish(process).out == "Stopped.\n"
    assert second.lines == first.lines


def test_a_replay_of_nothing(tmp_path: Path) -> None:
    done = finish(start("emulator", "--replay", str(tmp_path)))
    assert (done.code, done.err) == (1, f"The emulator cannot start: {tmp_path} holds no recorded calls\n")


def test_defaults_of_the_page() -> None:
    options = {parameter.name: parameter for parameter in command.verify.params}
    assert options["budget"].default == "2min"
    assert options["requests"].default == 600
