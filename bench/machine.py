"""What a benchmark ran on: processor, versions, commit, load."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

PACKAGES: Final = ("aiohttp", "orjson", "twelvelabs", "httpx", "pydantic")
ROOT: Final = Path(__file__).parents[1]


def machine() -> str:
    """Processor, CPUs and system in one line."""
    return f"{_processor()}, {os.cpu_count()} CPUs, {platform.system()} {platform.machine()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def versions() -> str:
    """Python, the packages that are compared, and settings of the allocator, in one line."""
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    found += [f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("MALLOC_")]
    return ", ".join(found)


def load_average() -> float | None:
    """Processes that ran or wanted to, on average over the last minute; None where the system does not tell."""
    try:
        return round(os.getloadavg()[0], 1)
    except (AttributeError, OSError):
        return None


def commit(without: tuple[Path, ...]) -> str:
    """The commit that is checked out, with a + where other files than these differ from it."""
    try:
        name = _git("rev-parse", "--short=10", "HEAD")
        others = (f":!{path.relative_to(ROOT).as_posix()}" for path in without)
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", *others)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{name}+" if changed else name


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
