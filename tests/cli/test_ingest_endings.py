"""ingest, when it is interrupted, killed, or nobody reads its output."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.files import fault_plan, with_faults, write_files
from twelvelabs_async.cli import _ending, _ingest_pace, _ingest_report, main

from .conftest import Done, Place, finish, pending_signals, start
from .test_attacks import HIDE, SHOW, Terminal
from .test_ingest import FAST, figures, journal, outcomes, problems, summary, videos
from .test_upload import assets, until

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., Done]

__all__ = ["journal", "videos"]

SIGNALS = [(signal.SIGINT, 130, "Interrupted."), (signal.SIGTERM, 143, "Terminated.")]


def counts(run: Run, journal: str) -> dict[str, Any]:
    return dict(run("ingest", "status", journal, "--json").lines[0])


@pytest.mark.parametrize(("number", "code", "said"), SIGNALS)
def test_the_first_signal_ends_it_in_order(
    run: Run, place: Place, videos: Path, journal: str, number: int, code: int, said: str
) -> None:
    """A call that makes something is waited for; the journal holds what it made."""
    files = write_files(videos, 4)
    place.faults.add(kind="stall", operation="createIndexedAsset")
    command = ("ingest", str(videos), "--index", "first", "--journal", journal, "--json", *FAST)
    process = start(*command)
    until(lambda: place.faults.counts["stall"] == 4)
    begun = time.monotonic()
    process.send_signal(number)
    done = finish(process)
    # The calls that stall have three seconds; then comes the end. A slow machine needs longer, but no minute.
    assert time.monotonic() - begun < 30
    assert done.code == code
    assert done.err == f"{said}\n"
    assert summary(done)["interrupted"] is True
    assert figures(done) == (0, 0, 4)
    assert counts(run, journal)["pending"] == 4
    place.faults.clear()
    assert run(*command).code == 0
    assert problems(place, files) == []


@pytest.mark.parametrize(("number", "code", "said"), SIGNALS)
def test_a_signal_in_this_process(run: Run, place: Place, videos: Path, number: int, code: int, said: str) -> None:
    """Its handlers are as before when the command ends."""
    write_files(videos, 1)
    place.faults.add(kind="stall", operation="listIndexes")
    before = [signal.getsignal(one) for one, _, _ in SIGNALS]

    def send() -> None:
        until(lambda: place.faults.counts["stall"] == 1)
        os.kill(os.getpid(), number)

    thread = threading.Thread(target=send)
    thread.start()
    done = run("ingest", str(videos), "--index", "first", "--json")
    thread.join()
    assert done == Done(code, "", f"{said}\n")
    assert [signal.getsignal(one) for one, _, _ in SIGNALS] == before


@pytest.mark.parametrize(("number", "code", "said"), SIGNALS)
def test_the_second_signal_ends_it_at_once(
    run: Run, place: Place, videos: Path, journal: str, number: int, code: int, said: str
) -> None:
    files = write_files(videos, 2)
    place.faults.add(kind="stall", operation="createAsset")
    command = ("ingest", str(videos), "--index", "first", "--journal", journal, "--json", *FAST)
    process = start(*command)
    until(lambda: place.faults.counts["stall"] == 2)
    process.send_signal(number)
    until(lambda: not pending_signals(process))  # two at once would be one
    time.sleep(0.2)
    process.send_signal(number)
    done = finish(process)
    assert (done.code, done.err) == (code, f"{said}\n")
    assert done.out == ""  # not even a summary
    place.faults.clear()
    assert run(*command).code == 0
    assert problems(place, files) == []


def test_it_ends_even_if_nobody_reads_its_output(place: Place, videos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipe is full, so that the summary cannot be written: the process does not wait for that."""
    write_files(videos, 40)
    read, written = os.pipe()
    filled = 0
    os.set_blocking(written, False)
    try:
        while True:
            filled += os.write(written, b"\n" * 4096)
    except BlockingIOError:
        os.set_blocking(written, True)
    process = subprocess.Popen(
        [sys.executable, "-m", "twelvelabs_async.cli", "ingest", str(videos), "--index", "first", "--json", *FAST],
        stdout=written,
        stderr=subprocess.PIPE,
    )
    os.close(written)
    until(lambda: len(asyncio.run(assets(place))) == 40)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(60) == 130
    finally:
        process.kill()
        os.close(read)
    assert process.stderr is not None
    assert process.stderr.read().endswith(b"Interrupted.\n")
    process.stderr.close()


def test_a_manifest_that_never_ends_can_be_interrupted(place: Place, journal: str) -> None:
    """The thread that reads it is blocked then."""
    process = start(
        "ingest", "--manifest", "-", "--index", "first", "--journal", journal, "--json", stdin=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write('"missing.mp4"\n')
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["status"] == "failed"
    process.send_signal(signal.SIGINT)
    done = process.wait(60)
    lines = [json.loads(line) for line in process.stdout]
    assert "Traceback" not in process.stderr.read()
    for stream in (process.stdin, process.stdout, process.stderr):
        stream.close()
    assert done == 130
    assert lines[-1]["event"] == "summary"


@pytest.mark.parametrize(
    "arguments", [["-m", "twelvelabs_async.cli"], [str(Path(sys.executable).with_name("twelvelabs-async"))]]
)
@pytest.mark.parametrize("pause", [0.0, 0.1, 0.3])
def test_interrupted_while_it_starts(place: Place, videos: Path, arguments: list[str], pause: float) -> None:
    """From the first line of this package on, there is no traceback."""
    write_files(videos, 1)
    trace = [sys.executable, "-X", "importtime", *arguments]
    process = subprocess.Popen(
        [*trace, "ingest", str(videos), "--index", "first"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines = iter(process.stderr.readline, "")
    assert any("twelvelabs_async._interrupts" in line for line in lines)
    time.sleep(pause)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert err.rstrip().endswith("Interrupted.")


def test_killed_again_and_again(run: Run, place: Place, videos: Path, journal: str) -> None:
    """Each file is exactly once at the platform, whenever the process is killed."""
    files = write_files(videos, 57, 3)
    plan = fault_plan(seed=7)
    for rule in plan.rules:
        place.faults.rules.append(rule)
    command = ("ingest", str(videos), "--index", "first", "--create", "--journal", journal, "--json", *FAST)
    dice = random.Random(7)
    for number in range(4):
        process = start(*command)
        wanted = number * 12 + dice.randrange(12)
        until(lambda process=process, wanted=wanted: process.poll() is not None or _total(journal) > wanted)  # type: ignore[misc]
        time.sleep(dice.uniform(0, 0.3))
        process.kill()
        process.communicate()
    done = finish(start(*command))
    place.faults.clear()
    expected = with_faults(files, plan)
    broken = sum(file.broken for file in expected)
    assert done.code == 1, done
    assert figures(done) == (60 - broken, broken, 0)
    assert problems(place, expected) == []
    assert finish(start(*command)).code == 1


def _total(journal: str) -> int:
    if not Path(journal).exists():
        return 0
    done = finish(start("ingest", "status", journal, "--json"))
    return int(done.lines[0]["total"]) if done.code == 0 else 0


@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [
        ("| true", 141, ""),
        ("> /dev/full", 1, "Error: standard output cannot be written: No space left on device.\n"),
        (">&-", 1, "Error: standard output is closed: redirect it to a file, or to /dev/null.\n"),
    ],
)
def test_output_that_cannot_be_written(
    run: Run, place: Place, videos: Path, journal: str, redirection: str, code: int, said: str
) -> None:
    files = write_files(videos, 3)
    command = ("ingest", str(videos), "--index", "first", "--journal", journal, "--json", *FAST)
    shell = subprocess.run(
        [
            "bash",
            "-c",
            f"{sys.executable} -m twelvelabs_async.cli {' '.join(command)} {redirection}; exit ${{PIPESTATUS[0]}}",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (shell.returncode, shell.stderr) == (code, said)
    assert run(*command).code == 0
    assert problems(place, files) == []


def test_a_full_disk_under_the_journal(run: Run, place: Place, videos: Path, journal: str) -> None:
    """Here, the limit of the process for the size of a file."""
    files = write_files(videos, 40)
    command = ("ingest", str(videos), "--index", "first", "--journal", journal, "--json", *FAST)
    script = f"ulimit -f 100; exec {sys.executable} -m twelvelabs_async.cli {' '.join(command)}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}  # writes, too
    shell = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, env=environment)
    done = Done(shell.returncode, shell.stdout, shell.stderr)
    assert done.code == 1
    assert done.err.startswith(f"Error: The journal {journal} cannot be ")
    assert done.err.count("\n") == 1
    assert summary(done)["error"] in done.err
    assert run(*command).code == 0
    assert problems(place, files) == []


def test_two_processes_on_one_journal(run: Run, place: Place, videos: Path, journal: str) -> None:
    write_files(videos, 1)
    place.faults.add(kind="stall", operation="createAsset")
    command = ("ingest", str(videos), "--index", "first", "--journal", journal)
    process = start(*command)
    until(lambda: place.faults.counts["stall"] == 1)
    second = run(*command)
    assert second.code == 3
    assert f"is in use by another process (pid {process.pid})" in second.err
    assert counts(run, journal)["pending"] == 1
    process.kill()
    process.communicate()


def test_slow_readers_are_waited_for(run: Run, place: Place, videos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory holds a bounded number of outcomes."""
    monkeypatch.setattr(_ingest_report, "MAX_WAITING", 1)
    write_files(videos, 12)
    done = run("ingest", str(videos), "--index", "first", "--json", *FAST)
    assert len(outcomes(done)) == 12


def test_the_live_display(run: Run, place: Place, videos: Path) -> None:
    write_files(videos, 3, 1)
    place.faults.add(kind="status", status=429, retry_after=3, operation="createAsset", count=1)
    terminal = Terminal("ingest", str(videos), "--index", "first", *FAST)
    assert terminal.finish() == 1
    shown = terminal.shown.decode()
    assert HIDE.decode() in shown
    assert shown.rindex(SHOW.decode()) > shown.rindex(HIDE.decode())
    for said in ("of 4 done", "paused by the rate limit until", "files/s", "upload", "Failed: ", "3 done, 1 failed"):
        assert said in shown


def test_the_cursor_comes_back_at_once(place: Place, videos: Path) -> None:
    write_files(videos, 3)
    place.faults.add(kind="stall", operation="createAsset")
    terminal = Terminal("ingest", str(videos), "--index", "first", *FAST)
    while HIDE not in terminal.shown:
        assert terminal.read()
    until(lambda: place.faults.counts["stall"] == 3)
    for _ in range(2):
        terminal.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    assert terminal.finish() == 130
    assert terminal.shown.rindex(SHOW) > terminal.shown.rindex(HIDE)


@pytest.mark.parametrize("as_json", [False, True])
def test_lines_about_the_progress(
    run: Run, place: Place, videos: Path, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    monkeypatch.setattr(_ingest_report, "PROGRESS_INTERVAL", 0.0)
    monkeypatch.setattr(_ingest_pace, "WINDOW", 0.3)
    write_files(videos, 3)
    place.faults.add(kind="status", status=429, retry_after=2, operation="createAsset", count=1)
    done = run("ingest", str(videos), "--index", "first", *FAST, *(["--json"] if as_json else []))
    assert done.code == 0
    if as_json:
        progress = [line for line in done.lines if line["event"] == "progress"]
        assert progress[-1]["sources"] == 3
        assert any(line["paused_until"] for line in progress)
        assert "paused" not in done.err
    else:
        assert "of 3 done, 0 failed" in done.err
        assert "paused by the rate limit until" in done.err


def test_a_thread_cannot_handle_signals(run: Run, in_world: Any, videos: Path) -> None:
    write_files(videos, 1)
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(main(["ingest", str(videos), "--dry-run"])))
    thread.start()
    thread.join()
    assert codes == [0]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_before_anything_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []

    def end(code: int) -> None:
        ended.append(code)
        sys.exit(code)

    monkeypatch.setattr(os, "_exit", end)
    with pytest.raises(SystemExit), _ending.Ending():
        signal.raise_signal(signal.SIGTERM)
    assert ended == [143]
