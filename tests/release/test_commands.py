"""`python -m release`: the commands, on a project of its own folder."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from release import changelog, cli, state, surface
from release.project import ROOT, metadata

UNRELEASED = "# Changelog\n\n## Unreleased\n\n### {kind}\n\n- {entry}\n"
SURFACE = {"client.indexes": "resource", "client.indexes.list": "function -> Pager", "client.close": "function -> None"}
HOME = metadata()["urls"]["Repository"]


class Project:
    """The files that a release changes."""

    def __init__(self, folder: Path) -> None:
        self.changelog = folder / "CHANGELOG.md"
        self.version = folder / "_version.py"
        self.surface = folder / "public-surface.txt"
        self.now = dict(SURFACE)

    def write(self, *, kind: str = "Added", entry: str = "A thing.", version: str = "0.1.0") -> None:
        self.changelog.write_text(UNRELEASED.format(kind=kind, entry=entry))
        self.version.write_text(f'"""The version."""\n\n__version__ = "{version}"\n')
        self.surface.write_text(surface.write(SURFACE))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    found = Project(tmp_path)
    found.write()
    monkeypatch.setattr(changelog, "PATH", found.changelog)
    monkeypatch.setattr(state, "VERSION_FILE", found.version)
    monkeypatch.setattr(surface, "PATH", found.surface)
    monkeypatch.setattr(surface, "current", lambda: found.now)
    return found


def test_nothing_changed(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["surface"]) == 0
    assert capsys.readouterr() == ("", "")


def test_a_removed_name_fails(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    del project.now["client.indexes.list"]
    before = project.surface.read_text()
    for command in (["surface"], ["surface", "--write"]):
        assert cli.main(command) == 1
        assert "client.indexes.list was removed (it was: function -> Pager)" in capsys.readouterr().err
    assert project.surface.read_text() == before


@pytest.mark.parametrize("kind", ["Changed", "Removed"])
def test_a_removed_name_that_the_changelog_names(
    project: Project, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    del project.now["client.indexes.list"]
    project.write(kind=kind, entry="`indexes.list` was removed: use `indexes.all`.")
    assert cli.main(["surface"]) == 0
    assert "1 of the public names are not recorded as they are" in capsys.readouterr().out
    assert cli.main(["surface", "--write"]) == 0
    assert surface.read(project.surface.read_text()) == project.now


@pytest.mark.parametrize(("kind", "entry"), [("Fixed", "`indexes.list` was removed."), ("Removed", "indexes.list")])
def test_the_changelog_has_to_name_it_in_code_and_in_its_place(project: Project, kind: str, entry: str) -> None:
    del project.now["client.indexes.list"]
    project.write(kind=kind, entry=entry)
    assert cli.main(["surface"]) == 1


def test_a_new_name_passes_and_is_recorded(project: Project) -> None:
    project.now["client.other"] = "property -> int"
    assert cli.main(["surface"]) == 0
    assert cli.main(["surface", "--write"]) == 0
    assert "client.other: property -> int\n" in project.surface.read_text()


def test_a_release(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.now["client.other"] = "property -> int"
    assert cli.main(["cut", "0.2.0"]) == 0
    assert state.version() == "0.2.0"
    assert surface.read(project.surface.read_text()) == project.now
    assert re.search(r"## Unreleased\n\n## 0\.2\.0 - \d{4}-\d\d-\d\d\n\n### Added\n", project.changelog.read_text())
    assert cli.main(["check", "--tag", "v0.2.0", "--repository", HOME]) == 0
    capsys.readouterr()
    assert cli.main(["notes", "0.2.0"]) == 0
    assert capsys.readouterr().out == "### Added\n\n- A thing.\n"
    assert cli.main(["cut", "0.3.0"]) == 1
    assert "there is nothing to release" in capsys.readouterr().err


def test_no_release_with_a_break_that_is_not_named(project: Project) -> None:
    del project.now["client.close"]
    before = [path.read_text() for path in (project.changelog, project.version, project.surface)]
    assert cli.main(["cut", "0.2.0"]) == 1
    assert [path.read_text() for path in (project.changelog, project.version, project.surface)] == before


@pytest.mark.parametrize(
    ("tag", "repository", "message"),
    [
        ("v0.1.1", HOME, "the tag is v0.1.1"),
        ("0.1.0", HOME, "it has to be v0.1.0"),
        ("v0.1.0", "https://example.test/someone/else", "this is https://example.test/someone/else"),
        ("v0.1.0", HOME, "has no section for 0.1.0"),
        ("v0.1.0", HOME, "has entries that are not released"),
    ],
)
def test_what_cannot_be_released(
    project: Project, tag: str, repository: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", "--tag", tag, "--repository", repository]) == 1
    assert message in capsys.readouterr().err


def test_names_that_are_not_recorded_are_not_released(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["cut", "0.1.0"]) == 0
    project.now["client.other"] = "property -> int"
    assert cli.main(["check", "--tag", "v0.1.0", "--repository", HOME]) == 1
    assert "make record-public" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "stated", "message"),
    [
        ("## 0.2.0 - 2026-01-01\n", "0.1.0", "the newest release of CHANGELOG.md is 0.2.0"),
        ("## Unreleased\n", "0.1.0.dev1", "not a version that can be released"),
        ("## 0.1.0 - 2026-01-01\n\n## Unreleased\n", "0.1.0", "not the first section"),
    ],
)
def test_version_and_changelog_disagree(text: str, stated: str, message: str) -> None:
    assert [message in problem for problem in state.problems(text, stated)] == [True]


def test_a_file_without_a_version(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.version.write_text("version = 1\n")
    assert cli.main(["check", "--tag", "v0.1.0", "--repository", HOME]) == 1
    assert "states no version" in capsys.readouterr().err


def test_version_changelog_and_docs_of_this_project_agree() -> None:
    """When this fails: make cut VERSION=... writes them all."""
    import twelvelabs_async

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    stated = state.version()
    assert state.problems(text, stated) == []
    assert twelvelabs_async.__version__ == stated
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        written = re.findall(r"twelvelabs[-_]async(?:==|-)(\d+\.\d+\.\d+)", page.read_text(encoding="utf-8"))
        assert set(written) <= {stated}, page
    assert "version = release = __version__" in (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")


def test_the_public_names_of_this_project_are_compatible() -> None:
    """When this fails: `make check-public` says which entry of CHANGELOG.md is missing."""
    command = [sys.executable, "-m", "release", "surface"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
