"""Whether the version, the changelog, the addresses and the recorded surface say the same."""

from __future__ import annotations

import re
from typing import Final

from . import changelog, compatibility, surface
from .project import ROOT, metadata

VERSION_FILE: Final = ROOT / "twelvelabs_async" / "_version.py"

_VERSION = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)
_RELEASABLE = re.compile(r"\d+\.\d+\.\d+")


def version() -> str:
    """The version of the package, as it is stated."""
    found = _VERSION.search(VERSION_FILE.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{VERSION_FILE} states no version")
    return found[1]


def surface_problems() -> tuple[list[str], list[str]]:
    """What breaks programs and is not in the changelog; and the names that are not as they are recorded."""
    recorded = surface.read(surface.PATH.read_text(encoding="utf-8"))
    current = surface.current()
    entries = changelog.breaking_names(changelog.PATH.read_text(encoding="utf-8"))
    silent = compatibility.unexplained(compatibility.breaks(recorded, current), entries)
    different = sorted(name for name in {*recorded, *current} if recorded.get(name) != current.get(name))
    return [str(one) for one in silent], different


def problems(text: str, stated: str) -> list[str]:
    """Where the text of the changelog and the stated version disagree."""
    found = []
    if not _RELEASABLE.fullmatch(stated):
        found.append(f"{stated} is not a version that can be released: it has to be like 1.2.3")
    listed = changelog.sections(text)
    released = [section.version for section in listed if section.version is not None]
    if released and released[0] != stated:
        found.append(f"the version is {stated}, and the newest release of CHANGELOG.md is {released[0]}")
    if changelog.UNRELEASED in [section.title for section in listed[1:]]:
        found.append(f"'## {changelog.UNRELEASED}' is not the first section of CHANGELOG.md")
    return found


def release_problems(text: str, stated: str, tag: str, repository: str) -> list[str]:
    """Why this tag of this repository cannot be released."""
    found = problems(text, stated)
    if tag != f"v{stated}":
        found.append(f"the tag is {tag}, and the version {stated}: it has to be v{stated}")
    listed = changelog.sections(text)
    if stated not in [section.version for section in listed]:
        found.append(f"CHANGELOG.md has no section for {stated}: make cut VERSION={stated}")
    if listed and listed[0].version is None and listed[0].body:
        found.append("CHANGELOG.md has entries that are not released")
    home = metadata()["urls"]["Repository"]
    if home != repository:
        found.append(f"[project.urls] names {home}, and this is {repository}: write the right one into pyproject.toml")
    return found
