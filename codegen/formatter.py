"""Formats generated code with ruff, at the version that the project pins. Another version might format differently."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import GenerationError
from .escape import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMAND = (sys.executable, "-m", "ruff")
"""Runs the ruff of the same environment."""


def pinned(pyproject: Path) -> str:
    """The version of ruff that pyproject.toml pins."""
    match = re.search(r'"ruff==([0-9.]+)"', pyproject.read_text("utf-8"))
    if match is None:
        raise GenerationError("ruff is not pinned", "pin it: generated code depends on its version", str(pyproject))
    return match[1]


def check(version: str, command: Sequence[str] = COMMAND) -> None:
    """Raise unless ruff is there in this version."""
    output = _run(command, ("--version",), Path.cwd())
    found = output.split()[-1] if output.split() else "unknown"
    if found != version:
        raise GenerationError(
            f"ruff {version} is needed to format generated code, but this is {found}", "run `make venv`"
        )


def format_folder(folder: Path, command: Sequence[str] = COMMAND) -> None:
    """Remove unused imports, sort the others, and format every file, by settings that no configuration file changes."""
    settings = ("--isolated", "--no-cache", "--line-length", str(WIDTH), "--target-version", "py311")
    _run(command, ("check", "--quiet", "--select", "I,F401", "--fix-only", *settings[:2], *settings[2:], "."), folder)
    _run(command, ("format", "--quiet", *settings[:2], *settings[2:], "."), folder)


def _run(command: Sequence[str], arguments: Sequence[str], folder: Path) -> str:
    try:
        done = subprocess.run([*command, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise GenerationError(f"ruff cannot be started ({error.strerror})", "run `make venv`") from error
    if done.returncode != 0:
        detail = (done.stderr or done.stdout).strip()
        raise GenerationError(f"ruff failed: {detail or done.returncode}", "if it is missing, run `make venv`")
    return done.stdout
