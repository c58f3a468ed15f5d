"""Type checkers accept user code that calls every operation, and reject every wrong call."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.openapi import document
from tests.typing import generate

ROOT = Path(__file__).parents[2]
USAGE = Path(__file__).with_name("usage.py")
MARK = re.compile(r"# wrong: ([\w, -]+)$")
ERROR = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+): error: .*\[(?P<code>[\w-]+)\]$")

pytestmark = pytest.mark.timeout(300)


def _marks(path: Path) -> dict[int, set[str]]:
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return {number: set(match[1].split(", ")) for number, line in lines if (match := MARK.search(line))}


def _mypy(*paths: Path) -> tuple[int, str]:
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--no-pretty", *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return done.returncode, done.stdout + done.stderr


def test_files_are_current() -> None:
    """When this fails: python -m tests.typing.generate."""
    assert generate.CALLS.read_text(encoding="utf-8") == generate.calls()
    assert generate.WRONG_CALLS.read_text(encoding="utf-8") == generate.wrong_calls()


def test_every_operation_is_called() -> None:
    calls = generate.CALLS.read_text(encoding="utf-8")
    wrong = generate.WRONG_CALLS.read_text(encoding="utf-8")
    for facts in document.operations().values():
        assert f"client.{facts.attribute_path}(" in calls
        assert f"client.{facts.attribute_path}(" in wrong


def test_mypy_accepts_and_rejects() -> None:
    """One run for all files, because most of its time is for the package."""
    _, output = _mypy(generate.CALLS, generate.WRONG_CALLS, USAGE)
    found: dict[str, dict[int, set[str]]] = {}
    for line in output.splitlines():
        if match := ERROR.match(line):
            codes = found.setdefault(Path(match["file"]).name, {}).setdefault(int(match["line"]), set())
            codes.add(match["code"])
    assert found.get(generate.CALLS.name, {}) == {}
    assert found.get(USAGE.name, {}) == {}
    rejected = found.get(generate.WRONG_CALLS.name, {})
    marks = _marks(generate.WRONG_CALLS)
    assert len(marks) > 750
    assert sorted(rejected) == sorted(marks)
    other_reasons = {number: codes for number, codes in rejected.items() if not codes <= marks[number]}
    assert other_reasons == {}


def _basedpyright() -> str:
    command = shutil.which("basedpyright", path=str(Path(sys.executable).parent))
    assert command is not None, "basedpyright is part of the development environment: make venv"
    return command


def test_pyright_accepts_and_rejects(tmp_path: Path) -> None:
    # A configuration of its own, because that of the project leaves the wrong calls out.
    settings = {
        "include": [str(generate.CALLS), str(generate.WRONG_CALLS), str(USAGE)],
        "extraPaths": [str(ROOT)],
        "pythonVersion": "3.11",
        "typeCheckingMode": "standard",
    }
    project = tmp_path / "pyrightconfig.json"
    project.write_text(json.dumps(settings), encoding="utf-8")
    done = subprocess.run(
        [
            _basedpyright(),
            "--outputjson",
            "--level",
            "error",
            "--project",
            str(project),
            "--pythonpath",
            sys.executable,
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    rejected = set()
    for entry in json.loads(done.stdout)["generalDiagnostics"]:
        assert Path(entry["file"]) == generate.WRONG_CALLS, entry
        rejected.add(entry["range"]["start"]["line"] + 1)
    assert rejected == set(_marks(generate.WRONG_CALLS))


def test_every_public_symbol_of_the_installed_package_has_a_type(tmp_path: Path) -> None:
    """What users of pyright see: a package in site-packages, and no type that has to be inferred."""
    # An environment of its own, because the package is installed editable in the one for development.
    venv.create(tmp_path, with_pip=False, symlinks=True)
    folder = Path(sysconfig.get_path("purelib", "venv", {"base": str(tmp_path), "platbase": str(tmp_path)}))
    shutil.copytree(
        ROOT / "twelvelabs_async", folder / "twelvelabs_async", ignore=shutil.ignore_patterns("__pycache__")
    )
    (folder / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    command = [_basedpyright(), "--verifytypes", "twelvelabs_async", "--ignoreexternal", "--outputjson"]
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"  # it asks the first Python of the path for packages
    environment = os.environ | {"PATH": path}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    report = json.loads(done.stdout)["typeCompleteness"]
    assert report["packageRootDirectory"] == str(folder / "twelvelabs_async")
    assert len(report["modules"]) > 100
    unknown = [symbol["name"] for symbol in report["symbols"] if not symbol["isTypeKnown"] or symbol["isTypeAmbiguous"]]
    assert unknown == []
    assert report["completenessScore"] == 1
