"""The changelog as data."""

from __future__ import annotations

from datetime import date

import pytest

from release import changelog

TEXT = """# Changelog

Words before it.

## Unreleased

### Added

- `new` was added,
  in two lines with `other.name(argument=1)`.

### Changed

- `Timeout.total` was changed. `indexes.list` lost `page`.

### Removed

- `gone` was removed.

### Fixed

- `fixed` was fixed.

## 0.2.0 - 2026-01-31

### Changed

- `old` was changed.

## 0.1.0 - 2026-01-01

### Added

- Everything.
"""

RELEASED = TEXT.replace(TEXT[TEXT.index("## Unreleased") : TEXT.index("## 0.2.0")], "")


def test_sections_and_versions() -> None:
    assert [section.version for section in changelog.sections(TEXT)] == [None, "0.2.0", "0.1.0"]


@pytest.mark.parametrize("title", ["0.1", "0.1.0", "v0.1.0 - 2026-01-01", "0.1.0 - 1 May 2026", "unreleased"])
def test_titles_that_are_none(title: str) -> None:
    (section,) = changelog.sections(f"## {title}\n")
    with pytest.raises(ValueError, match="neither 'Unreleased' nor"):
        _ = section.version


def test_entries() -> None:
    unreleased = changelog.sections(TEXT)[0]
    assert unreleased.entries("Added") == ["`new` was added, in two lines with `other.name(argument=1)`."]
    assert len(unreleased.entries("Changed", "Removed")) == 2
    assert unreleased.entries("Nothing") == []


def test_names() -> None:
    assert changelog.names_in("`a.b(c=1)`, not d, and `e`") == {"a.b", "c", "e"}


def test_names_of_what_breaks_are_those_of_the_unreleased_entries() -> None:
    assert changelog.breaking_names(TEXT) == [{"Timeout.total", "indexes.list", "page"}, {"gone"}]
    assert changelog.breaking_names(RELEASED) == []


def test_notes() -> None:
    assert changelog.notes(TEXT, "0.2.0") == "### Changed\n\n- `old` was changed.\n"
    with pytest.raises(LookupError, match=r"no section for 9\.9\.9"):
        changelog.notes(TEXT, "9.9.9")


def test_a_release_takes_the_unreleased_entries() -> None:
    done = changelog.cut(TEXT, "0.3.0", date(2026, 2, 28))
    found = changelog.sections(done)
    assert [section.title for section in found[:2]] == ["Unreleased", "0.3.0 - 2026-02-28"]
    assert found[0].body == ""
    assert found[1].body == changelog.sections(TEXT)[0].body
    assert changelog.breaking_names(done) == []


@pytest.mark.parametrize("version", ["0.2.0", "0.1.9", "0.0.10"])
def test_a_release_goes_up(version: str) -> None:
    with pytest.raises(ValueError, match=r"is not above 0\.2\.0"):
        changelog.cut(TEXT, version, date(2026, 2, 28))


@pytest.mark.parametrize("version", ["1", "v1.0.0", "1.0.0rc1", "one", ""])
def test_versions_that_are_none(version: str) -> None:
    with pytest.raises(ValueError, match="has to be like"):
        changelog.cut(TEXT, version, date(2026, 2, 28))


@pytest.mark.parametrize("text", [RELEASED, "# Changelog\n", "## Unreleased\n\n## 0.1.0 - 2026-01-01\n"])
def test_nothing_to_release(text: str) -> None:
    with pytest.raises(ValueError, match="there is nothing to release"):
        changelog.cut(text, "3.0.0", date(2026, 2, 28))


def test_the_changelog_of_the_project() -> None:
    found = changelog.sections(changelog.PATH.read_text(encoding="utf-8"))
    assert len([section.version for section in found]) == len(found) > 0
    assert any(section.entries("Added") for section in found)
