"""The locks: versions with hashes, those of constraints.txt, and no address of a registry."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from release.project import ROOT, requirements

LOCKS = sorted((ROOT / "locks").glob("*.txt"))

_LOCKED = re.compile(r"^([\w.-]+)==(\S+?)(?: ; .+?)? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)


def locked(path: Path) -> dict[NormalizedName, str]:
    """Names and versions."""
    return {canonicalize_name(name): version for name, version, _ in _LOCKED.findall(path.read_text(encoding="utf-8"))}


def test_there_are_two() -> None:
    assert [path.name for path in LOCKS] == ["package.txt", "release.txt"]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_version_has_hashes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(locked(path)) > 20
    assert _LOCKED.sub("", text) == "", "nothing but versions with hashes"


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_no_registry_is_named(path: Path) -> None:
    assert not re.search(r"://|--index|--extra-index|--find-links|@", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_versions_are_those_of_development(path: Path) -> None:
    """When this fails: write the version into constraints.txt, then make lock."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.split("==") for line in lines if not line.startswith("#")]
    constraints = {canonicalize_name(name): version for name, version in pins}
    assert len(constraints) == len(pins), "a package has two versions"
    found = locked(path)
    assert {name: version for name, version in constraints.items() if name in found} == found


def test_the_package_is_locked_with_all_extras() -> None:
    """When this fails: make lock."""
    found = locked(ROOT / "locks" / "package.txt")
    for requirement in requirements():
        assert requirement.specifier.contains(found[canonicalize_name(requirement.name)]), requirement


def test_what_builds_a_release_is_locked() -> None:
    """When this fails: make lock."""
    found = locked(ROOT / "locks" / "release.txt")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for text in [*project["dependency-groups"]["packages"], *project["build-system"]["requires"]]:
        requirement = Requirement(text)
        assert requirement.specifier.contains(found[canonicalize_name(requirement.name)]), requirement
