"""Every block of Python in README.md and docs/ compiles, has right types, and runs against the emulator."""

from __future__ import annotations

import ast
import asyncio
import inspect
import logging
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .pages import ELSEWHERE, ROOT, Block, as_modules, blocks, pages
from .seeded_emulator import SeededEmulator, inside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import CodeType

PAGES = pages()
WITH_BLOCKS = [page for page in PAGES if blocks(page)]
WITH_STEPS = [page for page in PAGES if page not in ELSEWHERE and any(block.kind == "step" for block in blocks(page))]
PROGRAMS = [block for page in PAGES for block in blocks(page) if block.kind == "program"]


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """Pages set the level of the package's log, which belongs to the whole process."""
    logger = logging.getLogger("twelvelabs_async")
    level, handlers = logger.level, list(logger.handlers)
    yield
    logger.setLevel(level)
    logger.handlers[:] = handlers


def compiled(block: Block) -> CodeType:
    code: CodeType = compile(block.padded, block.page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return code


def test_pages_with_python() -> None:
    assert {"README.md", "docs/uploads.md", "docs/waiting.md", "docs/errors.md"} <= set(WITH_BLOCKS)
    assert PROGRAMS


@pytest.mark.parametrize("page", WITH_BLOCKS)
def test_compiles(page: str) -> None:
    for block in blocks(page):
        assert compiled(block).co_filename == page


@pytest.mark.parametrize("page", WITH_STEPS)
async def test_runs(page: str, seeded: SeededEmulator, files: Path) -> None:
    async with seeded.emulator.client() as client:
        names: dict[str, Any] = {
            "__name__": "page",
            "client": client,
            "index_id": seeded.index_id,
            "asset_id": seeded.asset_id,
            "video_id": seeded.video_id,
        }
        with inside(files):
            for block in blocks(page):
                if block.kind == "step":
                    code = compiled(block)
                    result = eval(code, names)
                    if code.co_flags & inspect.CO_COROUTINE:
                        await result


@pytest.mark.parametrize("block", PROGRAMS, ids=[f"{block.page}:{block.line}" for block in PROGRAMS])
async def test_programs_run(block: Block, seeded: SeededEmulator, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in seeded.emulator.environment.items():
        monkeypatch.setenv(name, value)

    def run() -> None:
        exec(compile(block.padded, block.page, "exec", dont_inherit=True), {"__name__": "__main__"})

    with inside(files):
        await asyncio.to_thread(run)  # in a thread, because a program starts an event loop of its own


@pytest.mark.timeout(300)
def test_types(tmp_path: Path) -> None:
    for page in PAGES:
        for name, text in as_modules(page).items():
            module = tmp_path / f"{name}.py"
            assert name == "conftest" or not module.exists(), f"{page}: another page has a module {name}"
            module.write_text(text, encoding="utf-8")
    options = ["--strict", "--allow-untyped-defs", "--no-error-summary", "--python-version=3.11"]
    # A cache of its own: other tests run mypy at the same time.
    options.append(f"--cache-dir={ROOT / '.mypy_cache/docs'}")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *sorted(map(str, tmp_path.glob("*.py")))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout.replace(f"{tmp_path}/", "") + done.stderr
