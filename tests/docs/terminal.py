"""Runs the commands of a page as a reader does, in a folder with the files that it shows, and compares the output.

In a block of the language `console`, a line that begins with `$ ` is a command, and the lines below it are what it
prints, where `...` stands for anything. Three kinds are not simply run:

- `pip install`, `export` and the start of an emulator: the test has what they bring.
- `uvicorn`: the server runs in the background, on a free port, until the commands of the page have ended.
- `curl`: the same request is sent here, to that port. A GET is sent again until it brings what the page says.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from doctest import ELLIPSIS, OutputChecker
from pathlib import Path
from typing import TYPE_CHECKING

from .pages import ROOT, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EMULATOR = "python -m twelvelabs_async.emulator"
SAMPLE = f"{EMULATOR} --sample "

_CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_SERVED = re.compile(r"//127\.0\.0\.1:\d+")


@dataclass(frozen=True)
class Command:
    """A command of a page, and what it prints."""

    page: str
    text: str
    prints: str

    @property
    def is_of_the_reader(self) -> bool:
        """Whether it brings what a test has already."""
        installs = self.text.startswith(("pip install ", "export "))
        return installs or (self.text.startswith(EMULATOR) and not self.text.startswith(SAMPLE))


def commands(page: str) -> list[Command]:
    """The commands of a page, in its order."""
    found: list[Command] = []
    for block in _CONSOLE.findall((ROOT / page).read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            text, _, prints = part.replace("\\\n", "").partition("\n")
            found.append(Command(page, text, prints))
    return found


def write_modules(page: str, folder: Path) -> list[str]:
    """Write the files that a page shows, and return their names."""
    found = [block for block in blocks(page) if block.kind == "file"]
    for block in found:
        (folder / f"{block.module}.py").write_text(block.code, encoding="utf-8")
    return [f"{block.module}.py" for block in found]


def run_page(page: str, folder: Path, environment: Mapping[str, str]) -> None:
    """Run the commands of a page, from top to bottom.

    Args:
        page: The page.
        folder: An empty folder.
        environment: Environment variables to add.
    """
    write_modules(page, folder)
    variables = _reader(environment)
    with contextlib.ExitStack() as stack:
        port = None
        for command in commands(page):
            if command.is_of_the_reader:
                continue
            if command.text.startswith("uvicorn "):
                port = stack.enter_context(_serving(command, folder, variables))
                continue
            if command.text.startswith("curl "):
                printed = _ask(command, folder, port)
            else:
                printed = _run(command, folder, variables)
            assert _as_said(command, printed), f"{page}: $ {command.text}\n{printed}\nand not:\n{command.prints}"


def _as_said(command: Command, printed: str) -> bool:
    return OutputChecker().check_output(command.prints.rstrip("\n"), printed.rstrip("\n"), ELLIPSIS)


def _reader(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a reader, who knows nothing of the test that runs, and sees all warnings."""
    of_tests = ("PYTEST_", "PYTHON", "COVERAGE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(of_tests)}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "PYTHONWARNINGS": "default", "PYTHONDONTWRITEBYTECODE": "1", **environment}


def _run(command: Command, folder: Path, variables: Mapping[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", command.text],
        cwd=folder,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, f"{command.page}: $ {command.text}\n{done.stdout}"
    return done.stdout


@contextlib.contextmanager
def _serving(command: Command, folder: Path, variables: Mapping[str, str]) -> Iterator[int]:
    """Run a server while the block lasts; its port."""
    port = free_port()
    log = folder / "server.log"
    with (
        log.open("w") as output,
        subprocess.Popen(
            ["bash", "-c", f"exec {command.text} --port {port}"],
            cwd=folder,
            env=variables,
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            while not _accepts(port):
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(60)
        assert code in {0, -signal.SIGTERM}, log.read_text()
        assert "Traceback" not in log.read_text(), log.read_text()
        assert "Warning" not in log.read_text(), log.read_text()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _accepts(port: int) -> bool:
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def _ask(command: Command, folder: Path, port: int | None) -> str:
    """What curl prints."""
    assert port is not None, f"{command.page}: there is no server for $ {command.text}"
    words = iter(shlex.split(command.text)[1:])
    url, method, body, headers = "", "GET", None, {}
    for word in words:
        if word == "-T":
            method, body = "PUT", (folder / next(words)).read_bytes()
        elif word == "-H":
            name, _, headers[name] = next(words).partition(": ")
        elif word != "-N":
            assert _SERVED.search(word), f"{command.page}: this option of curl is not known here: {word}"
            url = _SERVED.sub(f"//127.0.0.1:{port}", word)
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    for _ in range(100 if method == "GET" else 1):
        printed = _send(request)
        if _as_said(command, printed):
            break
        time.sleep(0.1)
    return printed


def _send(request: urllib.request.Request) -> str:
    try:
        with _OPENER.open(request, timeout=60) as response:
            body: bytes = response.read()
    except urllib.error.HTTPError as error:
        with error:
            body = error.read()
    return body.decode()
