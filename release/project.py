"""What pyproject.toml says about the packages: Pythons, extras, floors of dependencies, addresses."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.version import Version

ROOT: Final = Path(__file__).parents[1]

_PYTHON = re.compile(r"Programming Language :: Python :: (\d+\.\d+)")


def metadata() -> dict[str, Any]:
    """The table `project`."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def pythons() -> list[str]:
    """The Pythons that the classifiers name, oldest first."""
    return [found[1] for classifier in metadata()["classifiers"] if (found := _PYTHON.fullmatch(classifier))]


def extras() -> dict[str, list[str]]:
    """The extras and what they bring."""
    found: dict[str, list[str]] = metadata()["optional-dependencies"]
    return found


def requirements(*wanted: str) -> list[Requirement]:
    """Everything that the package depends on with these extras, or with all."""
    found = extras()
    listed = [*metadata()["dependencies"], *(text for extra in wanted or found for text in found[extra])]
    return [Requirement(text) for text in listed]


def floors(python: str, *wanted: str) -> dict[str, Version]:
    """The oldest version of each dependency that pyproject.toml allows for a Python (`3.12`) and these extras.

    Raises:
        ValueError: A dependency has no floor.
    """
    found: dict[str, Version] = {}
    for requirement in requirements(*wanted):
        if requirement.marker is not None and not requirement.marker.evaluate({"python_version": python}):
            continue
        floor = [Version(one.version) for one in requirement.specifier if one.operator == ">="]
        if not floor:
            raise ValueError(f"{requirement} has no floor: write {requirement.name}>=...")
        found[requirement.name] = max(*floor, found.get(requirement.name, Version("0")))
    return found


def lowest(python: str, *wanted: str) -> str:
    """The floors as a file of constraints for pip."""
    return "".join(f"{name}=={version}\n" for name, version in sorted(floors(python, *wanted).items()))
