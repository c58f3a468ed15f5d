"""The wheel: what is in it, and what type checkers let users import from it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import twelvelabs_async
from twelvelabs_async import errors
from twelvelabs_async._generated import index

from .conftest import ROOT, Installed

MODELS = sorted({*index.MODELS, *index.PARAMS})

PROGRAM = f"""
import twelvelabs_async
import twelvelabs_async.types as types
from twelvelabs_async import {", ".join(sorted({*twelvelabs_async.__all__, *MODELS}))}
from twelvelabs_async.errors import {", ".join(errors.__all__)}
from twelvelabs_async.types import {", ".join(f"{name} as {name}_" for name in MODELS)}


async def name_of(client: AsyncTwelveLabs) -> str | None:
    found: twelvelabs_async.IndexSchema = await client.indexes.retrieve(index_id="1")
    same: types.IndexSchema = found
    return same.index_name
"""

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


def run(*command: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd, check=False)


def test_what_is_tested_here_is_the_wheel(installed: Installed, tmp_path: Path) -> None:
    done = run(installed.python, "-c", "import twelvelabs_async as t; print(t.__file__)", cwd=tmp_path)
    assert done.stdout.startswith(str(installed.python.parents[1])), done.stderr


def test_pyright_accepts_imports_of_every_name(installed: Installed, program: Path) -> None:
    command = shutil.which("basedpyright", path=str(Path(sys.executable).parent))
    assert command is not None, "basedpyright is part of the development environment: make venv"
    settings = {"include": [program.name], "typeCheckingMode": "standard"}
    (program.parent / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = run(command, "--outputjson", "--pythonpath", installed.python, cwd=program.parent)
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] == 1
    assert [entry["message"] for entry in found["generalDiagnostics"]] == []


def test_mypy_accepts_imports_of_every_name(installed: Installed, program: Path) -> None:
    checker = [sys.executable, "-m", "mypy", "--strict", "--python-executable", installed.python]
    done = run(*checker, program.name, cwd=program.parent)
    assert done.returncode == 0, done.stdout + done.stderr


def test_contents(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        names = set(archive.namelist())
        document = archive.read("twelvelabs_async/emulator/openapi.yaml")
    assert "twelvelabs_async/py.typed" in names
    assert document == (ROOT / "openapi/twelvelabs-v1.3.yaml").read_bytes()
    assert not [name for name in names if not re.match(r"twelvelabs_async(-[\d.]+\.dist-info)?/", name)]


def test_the_emulator_starts(installed: Installed, tmp_path: Path) -> None:
    code = (
        "import asyncio\n"
        "from twelvelabs_async.emulator import Emulator\n"
        "async def main():\n"
        "    async with Emulator(speed=0) as emulator: print(emulator.base_url)\n"
        "asyncio.run(main())\n"
    )
    done = run(installed.python, "-c", code, cwd=tmp_path)
    assert done.stdout.startswith("http://127.0.0.1:"), done.stderr
