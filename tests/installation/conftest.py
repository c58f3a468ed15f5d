"""The package as users install it: its wheel, in an environment of its own, outside of the project."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Installed:
    """A wheel and the environment into which it was installed."""

    wheel: Path
    python: Path


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel, installed; what it depends on is that of the development environment.

    Where the tests run with an installed wheel (noxfile.py), it is that one.
    """
    if built := os.environ.get("INSTALLED_WHEEL"):
        return Installed(Path(built), Path(sys.executable))
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    environment = folder / "venv"
    venv.create(environment, symlinks=True)
    site_packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(environment)}))
    # A wheel is an archive of what belongs into site-packages: pip would do no more here, and need a second.
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site_packages)
    # Not its .pth files, with which the project itself is installed there.
    (site_packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    python = Path(sysconfig.get_path("scripts", "venv", {"base": str(environment)})) / "python"
    return Installed(wheel, python)
