from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from twelvelabs_async.ingest.candidate import Candidate
from twelvelabs_async.ingest.walking import walk


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")


def found(root: Path, **options: Any) -> list[str]:
    """The paths below the root, and in brackets what cannot be read."""
    return sorted(_shown(candidate, root) for candidate in walk(root, **options))


def _shown(candidate: Candidate, root: Path) -> str:
    if candidate.problem is not None:
        return f"[{candidate.place}]"
    assert candidate.root == root
    assert isinstance(candidate.source, Path)
    return candidate.source.relative_to(root).as_posix()


def test_video_and_audio_of_all_folders(tmp_path: Path) -> None:
    make(
        tmp_path,
        "a.mp4",
        "B.MOV",
        "c/d/e.webm",
        "c/notes.txt",
        "c/a.mp3",
        ".hidden.mp4",
        "._a.mp4",
        ".git/a.mp4",
        "mp4",
    )
    assert found(tmp_path) == ["B.MOV", "a.mp4", "c/a.mp3", "c/d/e.webm"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"include": ["*.mp4"]}, ["a.mp4", "s1/a.mp4", "s1/x/b.mp4", "s2/c.mp4"]),
        ({"include": ["*.txt", "a.*"]}, ["a.mp4", "s1/a.mp4", "s1/n.txt"]),
        ({"include": ["S1/*.MP4"]}, ["s1/a.mp4"]),
        ({"include": ["/a.mp4"]}, ["a.mp4"]),
        ({"include": ["s1/**"]}, ["s1/a.mp4", "s1/n.txt", "s1/x/b.mp4"]),
        ({"include": ["**/b.mp4", "**/a.mp4"]}, ["a.mp4", "s1/a.mp4", "s1/x/b.mp4"]),
        ({"include": ["s?/[a-c].mp4"]}, ["s1/a.mp4", "s2/c.mp4"]),
        ({"include": ["[!a].mp4"]}, ["s1/x/b.mp4", "s2/c.mp4"]),
        ({"include": ["[^a].mp4"]}, ["a.mp4", "s1/a.mp4"]),
        ({"include": ["[]a].mp4"]}, ["a.mp4", "s1/a.mp4"]),
        ({"include": ["*.mp4"], "exclude": ["x"]}, ["a.mp4", "s1/a.mp4", "s2/c.mp4"]),
        ({"exclude": ["s1/"]}, ["a.mp4", "s2/c.mp4"]),
        ({"exclude": ["s1/x", "a.mp4"]}, ["s2/c.mp4"]),
        ({"exclude": ["s*/**"]}, ["a.mp4"]),
    ],
)
def test_patterns(tmp_path: Path, options: dict[str, list[str]], expected: list[str]) -> None:
    make(tmp_path, "a.mp4", "s1/a.mp4", "s1/n.txt", "s1/x/b.mp4", "s2/c.mp4")
    assert found(tmp_path, **options) == expected


def test_patterns_take_everything_else_as_it_is(tmp_path: Path) -> None:
    make(tmp_path, "a(1)+[x.mp4", "a(1)+b.mp4", "ab.mp4", "l\ni.mp4")
    assert found(tmp_path, include=["a(1)+[x.mp4"]) == ["a(1)+[x.mp4"]
    assert found(tmp_path, include=["l*"]) == ["l\ni.mp4"]


@pytest.mark.parametrize("pattern", ["", "/", "[z-a].mp4"])
def test_patterns_that_are_none(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(ValueError, match="is not a pattern"):
        walk(tmp_path, include=[pattern])


def test_links(tmp_path: Path) -> None:
    make(tmp_path, "a/a.mp4", "b/b.mp4")
    (tmp_path / "file.mp4").symlink_to(tmp_path / "a/a.mp4")
    (tmp_path / "gone.mp4").symlink_to(tmp_path / "gone")
    (tmp_path / "circle.mp4").symlink_to(tmp_path / "circle.mp4")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/side").symlink_to(tmp_path / "b")
    (tmp_path / "b/side").symlink_to(tmp_path / "a")
    files = ["a/a.mp4", "b/b.mp4", "circle.mp4", "file.mp4", "gone.mp4"]
    assert found(tmp_path) == files
    assert found(tmp_path, follow_symlinks=True) == sorted([*files, "a/side/b.mp4", "b/side/a.mp4"])
    assert {candidate.source: candidate.may_vanish for candidate in walk(tmp_path)} == {
        tmp_path / name: name in {"a/a.mp4", "b/b.mp4"} for name in files
    }
    (tmp_path / "root").symlink_to(tmp_path / "a")
    assert found(tmp_path / "root") == ["a.mp4"]


def test_folders_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a/a.mp4", "b/b.mp4", "vanishing/c.mp4")
    real = os.scandir

    def scandir(path: str) -> Any:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        if path.endswith("/vanishing"):
            raise FileNotFoundError(2, "No such file or directory")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert found(tmp_path) == ["[a]", "b/b.mp4"]
    [problem] = [candidate.problem for candidate in walk(tmp_path) if candidate.problem]
    assert problem is not None
    assert (problem.error, problem.message, problem.retryable) == ("PermissionError", "a: Permission denied", False)


def test_a_folder_that_breaks_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.mp4", "b/b.mp4")
    real = os.scandir

    def entries(path: str) -> Iterator[os.DirEntry[str]]:
        with real(path) as inner:
            yield from inner
        if path == str(tmp_path):
            raise OSError(5, "Input/output error")

    class Scan:
        def __init__(self, path: str) -> None:
            self.entries = entries(path)

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            return self.entries

        def __exit__(self, *_: object) -> None:
            self.entries.close()  # type: ignore[attr-defined]

    monkeypatch.setattr(os, "scandir", Scan)
    assert found(tmp_path) == [f"[{tmp_path}]", "a.mp4", "b/b.mp4"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert found(tmp_path / "no") == [f"[{tmp_path / 'no'}]"]


def test_files_that_come_while_it_is_read(tmp_path: Path) -> None:
    """Another process fills the folder: what is there when its folder is read is taken, and nothing twice."""
    make(tmp_path, "a/1.mp4", "b/1.mp4")
    taken: list[str] = []
    for candidate in walk(tmp_path):
        if not taken:
            make(tmp_path, *(f"{name}/{n}.mp4" for name in "ab" for n in range(2, 50)))
        taken.append(_shown(candidate, tmp_path))
    assert len(set(taken)) == len(taken)
    first = taken[0][0]
    assert sum(not name.startswith(first) for name in taken) == 49  # this folder was read afterwards


def test_one_folder_at_a_time(tmp_path: Path) -> None:
    make(tmp_path, *(f"{n}/a.mp4" for n in range(5)))
    walking = walk(tmp_path)
    next(walking)
    for n in range(5):
        if (tmp_path / f"{n}" / "a.mp4").exists():
            (tmp_path / f"{n}" / "late.mp4").write_bytes(b"x")
    assert sum(candidate.source.name == "late.mp4" for candidate in walking) >= 4  # type: ignore[union-attr]
    walking.close()  # type: ignore[attr-defined]
