"""The README's first program, with the README's commands: installed, with an emulator of its own, more than once."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
from typing import TYPE_CHECKING

import pytest

from .pages import ROOT, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SECTIONS = re.compile(r"^## Try it\n.*?^## What you delete\n", re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r"^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROJECT = ("twelvelabs_async", "openapi", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE")
PORT = 8787

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform == "win32", reason="the README's commands are for a POSIX shell"),
]


def section() -> str:
    """From the installation to the output of the program."""
    found = SECTIONS.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found
    return found[0]


def terminals() -> list[list[str]]:
    """The commands of the section, one list for each block of them."""
    text = re.sub(r"^```.*?^```$", "", section(), flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"(?:^    \S.*\n)+", text, re.MULTILINE)
    return [[line.strip() for line in block.splitlines()] for block in found]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of the project."""
    found = tmp_path / "checkout"
    found.mkdir()
    for name in PROJECT:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, found / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, found / name)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the program and nothing else, so that the installed package is used and not the checkout."""
    found = tmp_path / "work"
    found.mkdir()
    (program,) = [block for block in blocks("README.md") if block.kind == "program"]
    assert len([line for line in program.code.splitlines() if line and not line.startswith("asyncio.run")]) == 5
    (found / "first.py").write_text(program.code, encoding="utf-8")
    return found


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An activated virtual environment.

    Tests use no network, so that it finds what the package depends on, and what builds it, where the tests find it.
    The package itself is built and installed.
    """
    folder = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    command = folder / "bin" / "pip"  # the pip that the tests find, since to unpack another one takes seconds
    command.write_text('#!/bin/sh\nexec python -m pip "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    purelib = sysconfig.get_path("purelib", vars={"base": str(folder)})
    (tmp_path / purelib / "dependencies.pth").write_text(
        "\n".join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}), encoding="utf-8"
    )
    unset = {"PYTHONPATH", "TWELVE_LABS_API_KEY", "TWELVELABS_BASE_URL", "PIP_CONSTRAINT"}
    return {name: value for name, value in os.environ.items() if name not in unset} | {
        "VIRTUAL_ENV": str(folder),
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it as the value of the setting, whose name is build_isolation
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_COMPILE": "1",  # most modules are never imported here
    }


def run(lines: Sequence[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, f"{lines}: {done.stdout}{done.stderr}"
    return done.stdout


@contextlib.contextmanager
def emulator(command: str, folder: Path, environment: dict[str, str]) -> Iterator[list[str]]:
    """Run the emulator as its command says; the lines that it prints up to the last one."""
    if _in_use(PORT):
        # Another emulator runs on this machine, perhaps that of a reader of the README.
        command += " --port 0"
    with subprocess.Popen(
        ["bash", "-c", f"exec {command}"], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            lines = []
            for line in process.stdout:
                lines.append(line.strip())
                if line.startswith("Ready"):
                    break
            assert lines, "the emulator did not start"
            yield lines
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0


def _in_use(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def test_the_readme_as_it_stands(checkout: Path, folder: Path, environment: dict[str, str]) -> None:
    (install, demo), (*prepare, serve), program = terminals()
    assert install == "pip install 'twelvelabs-async[cli,emulator]'"
    run([install.replace("twelvelabs-async", ".")], checkout, environment)
    installed = run(["python -c 'import twelvelabs_async as found; print(found.__file__)'"], folder, environment)
    assert installed.startswith(environment["VIRTUAL_ENV"])

    assert "All 10 results match" in run([demo], folder, environment)
    for _ in range(2):
        run(prepare, folder, environment)
        assert (folder / "goal.mp4").stat().st_size > 10_000
    output = OUTPUT.search(section())
    assert output
    with emulator(serve, folder, environment) as printed:
        exports = [line for line in printed if line.startswith("export ")]
        assert len(exports) == 2
        for _ in range(2):
            assert run([*exports, *program], folder, environment) == output[1]
