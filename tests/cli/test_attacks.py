"""Signals, outputs that cannot be written, terminals that cannot show it, and text that is meant for the terminal."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async.cli import _app, _output, main
from twelvelabs_async.cli._output import one_line, strip_control

from ..docs.seeded_emulator import SeededEmulator
from .conftest import MODULE, Done, Place, columns, finish, start
from .test_upload import FAST, assets, until, videos

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., Done]

EVIL = "a\x1b[31mred\x1b]0;title\x07\x9b1m\u202eb\nready  c\td\u2028e\x7f é"
SAFE = "a\ufffd[31mred\ufffd]0;title\ufffd\ufffd1m\ufffdb ready  c d e\ufffd é"


# Signals

SIGNALS = [(signal.SIGINT, 130, "Interrupted."), (signal.SIGTERM, 143, "Terminated.")]


@pytest.mark.parametrize(("number", "code", "said"), SIGNALS)
@pytest.mark.parametrize("settings", [{"durations": {"task.indexing": 3600.0}}])
async def test_an_upload_says_what_is_stored_and_how_to_go_on(
    place: Place, files: Path, number: int, code: int, said: str
) -> None:
    names = [str(files / "goal.mp4"), str(files / "big.mp4")]
    process = start("upload", *names, "--index", place.index_id, "--workers", "1", *FAST)
    while not await videos(place):  # noqa: ASYNC110 - the emulator runs in another thread
        await asyncio.sleep(0.05)
    process.send_signal(number)
    done = finish(process)
    assert done.code == code
    rows = columns(done.out)
    assert [row[1] for row in rows] == ["interrupted", "not"]
    (stored,) = await assets(place)
    assert f"(asset {stored.id})" in done.out
    lines = done.err.splitlines()
    assert lines[0].startswith("To continue, run the command again with the files that are")
    assert lines[-1] == said
    assert len([line for line in lines if line]) == 2


@pytest.mark.parametrize(("number", "code", "said"), SIGNALS)
@pytest.mark.parametrize("settings", [{"durations": {"asset.processing": 3600.0}}])
async def test_a_second_signal_ends_it_at_once(place: Place, files: Path, number: int, code: int, said: str) -> None:
    """Without waiting for what the first one began: here the removal of the asset, which does not end."""
    place.faults.add(kind="stall", operation="deleteAsset")
    place.faults.add(kind="slow", seconds=0, operation="retrieveAsset")  # counts: who asks has the asset's id
    process = start("upload", str(files / "goal.mp4"), "--index", place.index_id, "--json")
    until(lambda: place.faults.counts["slow"] > 0)
    process.send_signal(number)
    until(lambda: place.faults.counts["stall"] > 0)
    process.send_signal(number)
    done = finish(process)
    assert done.code == code
    (line,) = done.lines
    assert line["status"] == "interrupted"
    assert line["asset_id"]
    assert "could not be removed" not in line["reason"]  # what is said after ten seconds


@pytest.mark.parametrize(("number", "code", "said"), SIGNALS[:1])
def test_an_answer_that_is_interrupted(place: Place, run: Run, files: Path, number: int, code: int, said: str) -> None:
    (video,) = run("upload", str(files / "goal.mp4"), "--index", place.index_id, "--json", *FAST).lines
    place.faults.add(kind="stall_body", operation="analyzeVideo")
    process = start("analyze", "--video", video["video_id"], "Describe the scenes")
    assert process.stdout is not None
    first = process.stdout.read(1)
    process.send_signal(number)
    done = finish(process)
    assert done.code == code
    assert (first + done.out).endswith("\n")
    assert "The answer is incomplete" in done.err
    assert done.err.endswith(f"{said}\n")


@pytest.mark.parametrize(("number", "code", "said"), SIGNALS)
def test_a_list_that_is_interrupted(place: Place, number: int, code: int, said: str) -> None:
    place.faults.add(kind="stall", operation="listIndexes")
    process = start("indexes", "list")
    until(lambda: place.faults.counts["stall"] > 0)
    process.send_signal(number)
    done = finish(process)
    assert (done.code, done.out) == (code, "")
    assert done.err.strip() == said


HIDE, SHOW = b"\x1b[?25l", b"\x1b[?25h"
COLOUR = b"\x1b[38"


class Terminal:
    """A terminal for a process, and what it was sent."""

    def __init__(self, *arguments: str) -> None:
        self.master, slave = pty.openpty()
        self.shown = b""
        environment = {**os.environ, "TERM": "xterm-256color"}
        self.process = subprocess.Popen(
            [*MODULE, *arguments], stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)

    def read(self) -> bytes:
        try:
            data = os.read(self.master, 65536)
        except OSError:  # the last of its writers has gone
            data = b""
        self.shown += data
        return data

    def finish(self) -> int:
        try:
            while self.read():
                pass
            return self.process.wait(60)
        finally:
            self.process.kill()
            self.process.wait()
            os.close(self.master)


@pytest.mark.parametrize(("number", "code", "said"), SIGNALS)
def test_the_cursor_comes_back(
    place: Place, files: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: int, said: str
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    place.faults.add(kind="stall", operation="createAsset")
    terminal = Terminal("upload", str(files / "goal.mp4"), "--index", place.index_id)
    while HIDE not in terminal.shown:
        assert terminal.read()
    until(lambda: place.faults.counts["stall"] > 0)
    terminal.process.send_signal(number)
    assert terminal.finish() == code
    assert terminal.shown.rindex(SHOW) > terminal.shown.rindex(HIDE)
    assert said.encode() in terminal.shown
    assert b"Traceback" not in terminal.shown
    assert COLOUR in terminal.shown


def test_no_colour(in_world: SeededEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal("upload", __file__, "--index", in_world.index_id)
    assert terminal.finish() == 1  # it is no video
    assert HIDE in terminal.shown
    assert COLOUR not in terminal.shown


@pytest.mark.parametrize("width", ["10", "40", "80"])
def test_a_narrow_terminal_shows_whole_ids(
    in_world: SeededEmulator, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    terminal = Terminal("indexes", "list")
    assert terminal.finish() == 0
    assert in_world.index_id.encode() in terminal.shown.replace(b"\r\n", b"")


# Outputs


OUTPUTS = {
    "nobody reads it": ('{} | true; exit "${{PIPESTATUS[0]}}"', 141, ""),
    "it is closed": ("{} >&-", 1, "Error: standard output is closed: redirect it to a file, or to /dev/null.\n"),
    "the disk is full": (
        "{} > /dev/full",
        1,
        "Error: standard output cannot be written: No space left on device.\n",
    ),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_output_that_cannot_be_written(in_world: SeededEmulator, name: str) -> None:
    script, code, said = OUTPUTS[name]
    command = " ".join(MODULE)
    calls = [
        "indexes list",
        "indexes list --json",
        f"analyze --video {in_world.video_id} 'What?'",
    ]
    running = [
        subprocess.Popen(
            ["bash", "-c", script.format(f"{command} {call}")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for call in calls
    ]
    assert [finish(process) for process in running] == [Done(code, "", said)] * len(calls)


def test_help_that_nobody_reads(run: Run) -> None:
    done = finish(start_shell(f'{" ".join(MODULE)} --help | true; exit "${{PIPESTATUS[0]}}"'))
    assert done == Done(141, "", "")


def start_shell(script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_an_upload_whose_report_cannot_be_written(place: Place, files: Path) -> None:
    command = f"{' '.join(MODULE)} upload {files / 'goal.mp4'} --index {place.index_id} --json {' '.join(FAST)}"
    done = finish(start_shell(f"{command} > /dev/full"))
    assert done.code == 1
    assert done.err == "Error: standard output cannot be written: No space left on device.\n"


@pytest.mark.parametrize("redirection", ["2>&-", "2> /dev/full"])
def test_errors_that_cannot_be_written(in_world: SeededEmulator, redirection: str) -> None:
    """The exit codes stay what they are."""
    codes = {"status": 2, "status nothing": 1, "indexes list": 0}
    running = [start_shell(f"{' '.join(MODULE)} {call} {redirection}") for call in codes]
    assert [finish(process).code for process in running] == list(codes.values())


def test_standard_input_that_is_closed(run: Run, in_world: SeededEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    done = run("indexes", "delete", in_world.index_id)
    assert done.code == 2
    assert "give --yes, because standard input is not a terminal" in done.err
    assert run("indexes", "list").code == 0


def test_closed_streams_in_this_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["indexes", "list"]) == 1
    assert "standard output is closed" in capsys.readouterr().err


# Encodings, and text that is meant for the terminal


ENCODINGS = (
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1"},
)


def test_every_encoding(run: Run, place: Place) -> None:
    name = "é中\U0001f600"
    assert run("indexes", "create", name).code == 0
    running = [
        subprocess.Popen(
            [*MODULE, "indexes", "list", *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **variables},
        )
        for variables in ENCODINGS
        for more in ([], ["--json"])
    ]
    shown = [(*process.communicate(timeout=60), process.returncode) for process in running]
    for table, lines in zip(shown[::2], shown[1::2], strict=True):
        assert table[1:] == lines[1:] == (b"", 0)
        assert b"first" in table[0]
        assert json.loads(lines[0].splitlines()[0])["index_name"] == name  # JSON is UTF-8


def test_titles_of_the_platform_do_not_reach_the_terminal(run: Run, place: Place) -> None:
    assert run("indexes", "create", EVIL).code == 0
    table = run("indexes", "list")
    assert SAFE in table.out
    assert len(columns(table.out)) == 2  # a line end in a title makes no row
    shown = run("indexes", "list", "--json")
    assert shown.lines[0]["index_name"] == EVIL
    assert len(shown.out.splitlines()) == 2
    for out in (table.out, shown.out):
        assert strip_control(out) == out


def test_names_of_files_do_not_reach_the_terminal(run: Run, place: Place, files: Path) -> None:
    names = [EVIL.replace("/", ""), os.fsdecode(b"\xff\x9b31m.mp4"), "-x\x1b.mp4"]
    paths = [str((files / "goal.mp4").rename(files / names[0]))]
    for name in names[1:]:
        (files / name).write_bytes((files / names[0]).read_bytes())
        paths.append(str(files / name))
    done = run("upload", "--index", place.index_id, *FAST, "--", *paths)
    assert done.code == 0, done
    assert strip_control(done.out) == done.out
    assert [SAFE in line for line in done.out.splitlines()[2:]] == [True, False, False]


def test_arguments_do_not_reach_the_terminal(run: Run, in_world: SeededEmulator) -> None:
    for arguments in (["status", EVIL], [f"--{EVIL}"], [EVIL], ["search", "--index", EVIL, "x"], ["embed", EVIL]):
        done = run(*arguments)
        assert done.code in {0, 1, 2}
        assert strip_control(done.out + done.err) == done.out + done.err


def test_errors_of_the_platform_do_not_reach_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(EVIL)

    monkeypatch.setattr(_app.root, "main", fail)
    done = run()
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert strip_control(done.err) == done.err


def test_what_is_left_of_text() -> None:
    assert one_line(EVIL) == SAFE
    assert strip_control("שלום\u200f — a\tb\n") == "שלום\u200f — a\tb\n"
    for code in (*range(0x20), *range(0x7F, 0xA0), 0x202A, 0x202E, 0x2066, 0x2069, 0xD800, 0xDFFF):
        assert strip_control(chr(code)) == (chr(code) if chr(code) in "\t\n" else "\ufffd")


def test_text_of_an_answer_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    _output.write("one\ntwo\x1b[2J\n", nl=False)
    assert capsys.readouterr().out == "one\ntwo\ufffd[2J\n"
