"""CHANGELOG.md as data: its sections, their entries, and how the unreleased ones become those of a release."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .project import ROOT

if TYPE_CHECKING:
    from datetime import date

PATH: Final = ROOT / "CHANGELOG.md"
UNRELEASED: Final = "Unreleased"

_RELEASE = re.compile(r"(\d+\.\d+\.\d+) - (\d{4}-\d{2}-\d{2})")
_CODE = re.compile(r"`([^`]+)`")
_NAME = re.compile(r"[A-Za-z_][\w.]*")


@dataclass(frozen=True)
class Section:
    """A release, or what comes with the next one."""

    title: str
    body: str

    @property
    def version(self) -> str | None:
        """The version; None for what is not released.

        Raises:
            ValueError: The title is neither `Unreleased` nor `1.2.3 - 2026-12-31`.
        """
        if self.title == UNRELEASED:
            return None
        found = _RELEASE.fullmatch(self.title)
        if found is None:
            raise ValueError(f"CHANGELOG.md: {self.title!r} is neither {UNRELEASED!r} nor like '1.2.3 - 2026-12-31'")
        return found[1]

    def entries(self, *kinds: str) -> list[str]:
        """The entries below the headings `### kind`, each in one line."""
        parts = re.split(r"^### (.+)$", self.body, flags=re.MULTILINE)
        return [
            " ".join(entry.split())
            for kind, body in zip(parts[1::2], parts[2::2], strict=True)
            if kind.strip() in kinds
            for entry in re.split(r"^- ", body, flags=re.MULTILINE)[1:]
        ]


def sections(text: str) -> list[Section]:
    """The sections, newest first."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return [Section(title.strip(), body.strip()) for title, body in zip(parts[1::2], parts[2::2], strict=True)]


def names_in(entry: str) -> set[str]:
    """The names that an entry has in its `code`: `client.get(path)` has `client.get` and `path`."""
    return {name for code in _CODE.findall(entry) for name in _NAME.findall(code)}


def breaking_names(text: str) -> list[set[str]]:
    """The names of each unreleased entry below Changed and Removed."""
    return [
        names_in(entry)
        for section in sections(text)
        if section.version is None
        for entry in section.entries("Changed", "Removed")
    ]


def notes(text: str, version: str) -> str:
    """The section of a release, for its page.

    Raises:
        LookupError: There is none.
    """
    for section in sections(text):
        if section.version == version:
            return section.body + "\n"
    raise LookupError(f"CHANGELOG.md has no section for {version}")


def cut(text: str, version: str, day: date) -> str:
    """The text with the unreleased entries as those of a release.

    Raises:
        ValueError: There are none, or the version is no version, or not above that of the newest release.
    """
    if re.fullmatch(r"\d+\.\d+\.\d+", version) is None:
        raise ValueError(f"{version!r} is not a version that can be released: it has to be like 1.2.3")
    found = sections(text)
    if not found or found[0].title != UNRELEASED or not found[0].body:
        raise ValueError(f"CHANGELOG.md has no entries below '## {UNRELEASED}': there is nothing to release")
    released = [section.version for section in found if section.version is not None]
    if released and _numbers(version) <= _numbers(released[0]):
        raise ValueError(f"{version} is not above {released[0]}, the newest release of CHANGELOG.md")
    heading = f"## {UNRELEASED}\n"
    return text.replace(heading, f"{heading}\n## {version} - {day.isoformat()}\n", 1)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
