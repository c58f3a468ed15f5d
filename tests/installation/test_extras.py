"""A module whose extra is not installed says which one it is."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from twelvelabs_async._extras import MissingExtraError, needs

from .conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HIDING = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == {hidden!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Hidden())
"""
"""Makes Python behave as if a package was not installed."""

MODULES = [
    *(("emulator", package, "'twelvelabs-async[emulator]'") for package in ("av", "jsonschema", "numpy", "yaml")),
    ("otel", "opentelemetry", "'twelvelabs-async[otel]'"),
    ("starlette", "starlette", "'twelvelabs-async[starlette]'"),
]

COMMANDS = [
    *(("emulator", package, "'twelvelabs-async[emulator]'") for package in ("av", "jsonschema", "numpy", "yaml")),
    *(("cli", package, "'twelvelabs-async[cli]'") for package in ("click", "rich")),
]


def run(hidden: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs Python without a package."""
    (folder / "sitecustomize.py").write_text(HIDING.format(hidden=hidden), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    return subprocess.run(
        [sys.executable, *arguments], env=environment, cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("module", "package", "install"), MODULES)
def test_import(module: str, package: str, install: str, tmp_path: Path) -> None:
    done = run(package, tmp_path, "-c", f"import twelvelabs_async.{module}")
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.endswith(f"MissingExtraError: twelvelabs_async.{module} needs {package}: pip install {install}")


@pytest.mark.parametrize("package", ["pytest", "pytest_asyncio"])
def test_testing_needs_no_pytest(package: str, tmp_path: Path) -> None:
    program = (
        "import asyncio, logging\nfrom twelvelabs_async.testing import run_emulator\n"
        "logging.getLogger('asyncio').setLevel(logging.ERROR)\n"  # it warns of steps that take long on a busy machine
        "async def main():\n"
        "    async with run_emulator() as emulator, emulator.client() as client:\n"
        "        print([index async for index in client.indexes.list()])\n"
        "asyncio.run(main())\n"
    )
    done = run(package, tmp_path, "-W", "error", "-c", program)
    assert (done.stdout, done.stderr, done.returncode) == ("[]\n", "", 0)


@pytest.mark.parametrize("call", ["Vector([1]).numpy()", "stack([Vector([1])])"])
def test_vectors_without_numpy(call: str, tmp_path: Path) -> None:
    done = run("numpy", tmp_path, "-c", f"from twelvelabs_async.vectors import *; print(Vector([1])); {call}")
    assert done.stdout == "Vector([1.0])\n"
    last = done.stderr.splitlines()[-1]
    assert last.endswith("MissingExtraError: twelvelabs_async.vectors needs numpy: pip install numpy")


@pytest.mark.parametrize(("module", "package", "install"), COMMANDS)
@pytest.mark.parametrize("option", ["-m", "-Wdefault -m"])
def test_command(module: str, package: str, install: str, option: str, tmp_path: Path) -> None:
    done = run(package, tmp_path, *option.split(), f"twelvelabs_async.{module}", "--help")
    assert done.stderr == f"Error: twelvelabs_async.{module} needs {package}: pip install {install}\n"
    assert (done.returncode, done.stdout) == (2, "")


def test_emulator_as_a_subcommand(tmp_path: Path) -> None:
    done = run("av", tmp_path, "-m", "twelvelabs_async.cli", "emulator", "--port", "0")
    assert done.stderr.startswith("Error: twelvelabs_async.emulator needs av: pip install 'twelvelabs-async[emulator]'")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_program_started_with_m_can_handle_the_error(tmp_path: Path) -> None:
    """Only the emulator's own command ends the process."""
    program = tmp_path / "emulated"
    program.mkdir()
    (program / "__init__.py").write_text(
        "try:\n    import twelvelabs_async.emulator\nexcept ImportError as error:\n    print(error)\n"
    )
    (program / "__main__.py").write_text("print('runs')\n")
    done = run("numpy", tmp_path, "-m", "emulated")
    assert done.stdout.splitlines() == [
        "twelvelabs_async.emulator needs numpy: pip install 'twelvelabs-async[emulator]'",
        "runs",
    ], done.stderr


def test_everything_else_is_an_import_error_as_usual() -> None:
    with (
        pytest.raises(ModuleNotFoundError, match="nothing_of_that_name") as caught,
        needs("emulator"),
    ):
        import nothing_of_that_name  # type: ignore[import-not-found] # noqa: F401
    assert not isinstance(caught.value, MissingExtraError)


def test_the_error_is_one_of_imports_and_names_the_package() -> None:
    with pytest.raises(ImportError) as caught, needs("otel"):
        raise ModuleNotFoundError("No module named 'opentelemetry.trace'", name="opentelemetry.trace")
    assert caught.value.name == "opentelemetry.trace"
