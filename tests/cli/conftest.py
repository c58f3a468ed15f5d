"""Emulators for the command line, files to upload, and two ways to run it: in this process and as one of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async.cli import main
from twelvelabs_async.emulator import FaultPlan, Settings
from twelvelabs_async.testing import RunningEmulator, run_emulator

from ..docs.conftest import files, made_files, seeded
from ..docs.pages import ROOT
from ..docs.seeded_emulator import SeededEmulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["ROOT", "files", "made_files", "seeded"]

MODULE = [sys.executable, "-m", "twelvelabs_async.cli"]


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> Iterator[None]:
    """Lets the processes of the tests be interrupted, even if the suite is a job in the background that cannot be."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        # A process inherits that a signal is ignored, and Python then leaves it at that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """The objects that it wrote."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "TWELVE_LABS_API_KEY",
        "TWELVELABS_API_KEY",
        "TWELVELABS_BASE_URL",
        "TWELVELABS_LOG",
        "FORCE_COLOR",
        "COLUMNS",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Runs the command in this process."""

    def call(*arguments: str) -> Done:
        capsys.readouterr()
        code = main(arguments)
        seen = capsys.readouterr()
        assert "Traceback" not in seen.err
        return Done(code, seen.out, seen.err)

    return call


@pytest.fixture
def in_world(seeded: SeededEmulator, monkeypatch: pytest.MonkeyPatch) -> SeededEmulator:
    """An emulator that holds a video; nothing should be changed there."""
    for name, value in seeded.emulator.environment.items():
        monkeypatch.setenv(name, value)
    return seeded


@dataclass(frozen=True)
class Place:
    """An emulator of one test with an index, and its faults."""

    emulator: RunningEmulator
    faults: FaultPlan
    index_id: str


@pytest.fixture
def settings() -> dict[str, Any]:
    """Settings of `place`; a test may parametrize it."""
    return {}


@pytest.fixture
def place(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Callable[..., Done]
) -> Iterator[Place]:
    """An emulator for one test."""
    faults = FaultPlan()
    made = Settings(speed=1 if "durations" in settings else 0, state=tmp_path / "state", faults=faults, **settings)
    with run_emulator(made) as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        created = run("indexes", "create", "first")
        assert created.code == 0, created.err
        yield Place(emulator, faults, created.out.strip())


def start(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    """Starts the command as a process of its own."""
    return subprocess.Popen(
        [*MODULE, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
        **options,
    )


def pending_signals(process: subprocess.Popen[str]) -> int:
    """The signals that were sent to a process which has not run since, where the system says so: a bit for each."""
    try:
        status = Path(f"/proc/{process.pid}/status").read_text()
    except FileNotFoundError:
        return 0
    return sum(int(line.split()[1], 16) for line in status.splitlines() if line.startswith(("SigPnd:", "ShdPnd:")))


def finish(process: subprocess.Popen[str]) -> Done:
    """Waits for its end."""
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "Traceback" not in err, err
    return Done(process.returncode, out, err)


def columns(text: str) -> Sequence[list[str]]:
    """The rows of a table, without its head."""
    lines = [line for line in text.splitlines() if line.strip()]
    return [line.split() for line in lines[2:]]
