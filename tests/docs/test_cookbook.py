"""The programs of the pages, with the commands that the pages show: they run, and print what the pages say."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from twelvelabs_async.emulator.__main__ import parser
from twelvelabs_async.testing import run_emulator

from .pages import ELSEWHERE, ROOT, blocks, pages
from .terminal import EMULATOR, SAMPLE, commands, free_port, run_page

if TYPE_CHECKING:
    from pathlib import Path

WITH_FILES = [page for page in pages() if any(block.kind == "file" for block in blocks(page))]
COOKBOOK = sorted(f"docs/cookbook/{path.name}" for path in (ROOT / "docs/cookbook").glob("*.md"))
WEBHOOKS = "docs/cookbook/webhooks.md"
posix = pytest.mark.skipif(sys.platform == "win32", reason="the commands are for a POSIX shell")


def test_every_page_of_the_cookbook_has_a_program() -> None:
    assert set(COOKBOOK) - set(WITH_FILES) == {"docs/cookbook/index.md"}


@pytest.mark.parametrize("page", WITH_FILES)
def test_every_file_is_used(page: str) -> None:
    """By a command, by a module that imports it, or by pytest, which finds it by its name."""
    files = {str(block.module): block.code for block in blocks(page) if block.kind == "file"}
    found = [command.text for command in commands(page)]
    for name in files:
        run = any(name in text for text in found)
        imported = any(f"from {name} import" in code for code in files.values())
        by_pytest = name == "conftest" or name.startswith("test_")
        assert run or imported or (by_pytest and any("pytest" in text for text in found)), name


@pytest.mark.parametrize("page", COOKBOOK)
def test_lines_are_not_cut_off(page: str) -> None:
    for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").split("\n"), 1):
        inside = any(block.line <= number < block.line + block.code.count("\n") for block in blocks(page))
        assert not inside or len(line) <= 88, f"{page}:{number}"


def test_emulators_are_started_with_options_that_exist() -> None:
    found = [command.text for page in pages() for command in commands(page) if command.text.startswith(EMULATOR)]
    assert any("--webhook-url" in text for text in found)
    for text in found:
        parser().parse_args(shlex.split(text.removeprefix(EMULATOR), comments=True))


@posix
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", [page for page in WITH_FILES if page not in ELSEWHERE | {WEBHOOKS}])
def test_runs(page: str, tmp_path: Path) -> None:
    with run_emulator(check_responses=True) as emulator:
        run_page(page, tmp_path, emulator.environment)


@posix
@pytest.mark.timeout(300)
def test_webhooks(tmp_path: Path) -> None:
    """The event ends the wait: until the next poll, a minute would pass."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/webhooks"
    with run_emulator(speed=1, webhook_url=url, check_responses=True) as emulator:
        run_page(WEBHOOKS, tmp_path, {**emulator.environment, "PORT": str(port)})
        asked = [request for request in emulator.requests if request.operation == "retrieveIndexedAsset"]
    assert 1 <= len(asked) <= 3


def test_there_are_samples() -> None:
    assert any(command.text.startswith(SAMPLE) for page in WITH_FILES for command in commands(page))
