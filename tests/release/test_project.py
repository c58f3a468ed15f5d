"""What pyproject.toml says about the packages."""

from __future__ import annotations

import re
import sys

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from release import project


def test_pythons_are_those_that_are_allowed() -> None:
    found = project.pythons()
    assert found[0] == "3.11"
    assert found == sorted(found, key=Version)
    allowed = SpecifierSet(project.metadata()["requires-python"])
    assert all(python in allowed for python in found)
    assert "3.10" not in allowed


def test_floors_differ_by_the_python() -> None:
    assert str(project.floors("3.11", "emulator")["numpy"]) == "1.26"
    assert str(project.floors("3.13", "emulator")["numpy"]) == "2.1"


def test_floors_differ_by_the_extras() -> None:
    assert str(project.floors("3.11", "emulator", "ray")["numpy"]) == "2.0"
    assert "numpy" not in project.floors("3.11", "otel")
    assert set(project.floors("3.11")) == set(project.floors("3.14"))


def test_the_floors_as_constraints() -> None:
    lines = project.lowest("3.12").splitlines()
    assert "aiohttp==3.14.4" in lines
    assert lines == sorted(lines)
    assert len(lines) == len({line.partition("==")[0] for line in lines})


def test_a_dependency_without_a_floor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "metadata", lambda: {"dependencies": ["aiohttp<4"], "optional-dependencies": {}})
    with pytest.raises(ValueError, match="aiohttp<4 has no floor"):
        project.floors("3.11")


def test_every_dependency_has_a_floor_that_is_installed_or_older() -> None:
    from importlib.metadata import PackageNotFoundError, version

    found = 0
    for name, floor in project.floors(f"{sys.version_info.major}.{sys.version_info.minor}").items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue  # an extra that this environment lacks
        assert Version(installed) >= floor, name
        found += 1
    assert found > 8


def test_every_address_is_below_that_of_the_repository() -> None:
    urls = project.metadata()["urls"]
    home = urls["Repository"]
    assert re.fullmatch(r"https://[\w.-]+/[\w.-]+/[\w.-]+", home)
    assert {"Changelog", "Documentation", "Issues", "Security"} <= urls.keys()
    for address in urls.values():
        assert address == home or address.startswith(f"{home}/")


def test_the_license_is_stated_and_included() -> None:
    found = project.metadata()
    assert found["license"] == "MIT"
    for name in found["license-files"]:
        assert (project.ROOT / name).read_text(encoding="utf-8").startswith("MIT License")
