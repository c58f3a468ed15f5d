"""The videos of a folder, while other processes change it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from .candidate import Candidate
from .keys import place_of

MEDIA: Final = tuple(
    f"*.{suffix}"
    for suffix in (
        "3gp", "aac", "avi", "flac", "flv", "m2ts", "m4a", "m4v", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "mts",
        "ogg", "wav", "webm", "wmv",
    )
)  # fmt: skip
"""What is taken where no pattern is given: video and audio."""


def walk(
    folder: str | os.PathLike[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    follow_symlinks: bool = False,
) -> Iterator[Candidate]:
    """The files of a folder and of the folders in it, as sources. Blocks, and takes one folder at a time.

    What is there when its folder is read is taken, also while another process fills it; what appears later is taken by
    the next run. A file that is still being written is taken as it is then: if it has changed when its upload begins,
    it fails, and the next run takes it up. Have the other process write to a name that is not taken, and rename it.

    A folder that cannot be read is one failed source; the others are read nevertheless. Names that begin with a dot
    are left out.

    Patterns are matched without regard to case: `*` and `?` within a name, `**` across folders. A pattern with a `/` is
    matched with the path below the folder, one without with the name.

    Args:
        folder: The folder. It is the root of the keys.
        include: Patterns of files to take; by default those of video and audio.
        exclude: Patterns of files and folders to leave out. A folder that is left out is not read.
        follow_symlinks: Also read folders that are symbolic links; a link to a folder that it lies in is left out.
            Links to files are always followed.
    """
    included = [_compile(pattern) for pattern in include or MEDIA]
    excluded = [_compile(pattern) for pattern in exclude]
    return _walk(Path(folder), included, excluded, follow_symlinks=follow_symlinks)


def _walk(
    root: Path, included: Sequence[re.Pattern[str]], excluded: Sequence[re.Pattern[str]], *, follow_symlinks: bool
) -> Iterator[Candidate]:
    # Folders to read: the path, the path below the root with a slash behind it, and, where links are followed, the
    # identities of the folders that it lies in.
    folders: list[tuple[str, str, frozenset[tuple[int, int]]]] = [(os.fspath(root), "", frozenset())]
    while folders:
        path, prefix, outer = folders.pop()
        try:
            if follow_symlinks:
                status = os.stat(path)  # noqa: PTH116 - a str is cheaper
                identity = status.st_dev, status.st_ino
                if identity in outer:
                    continue
                outer |= {identity}
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    below = prefix + entry.name
                    if _is_folder(entry):
                        may_enter = follow_symlinks or not entry.is_symlink()
                        if may_enter and not _matches(excluded, below):
                            folders.append((entry.path, f"{below}/", outer))
                    elif _matches(included, below) and not _matches(excluded, below):
                        # A link that leads nowhere stays one: it does not vanish.
                        yield Candidate(source=Path(entry.path), root=root, may_vanish=not entry.is_symlink())
        except OSError as error:
            if prefix and isinstance(error, FileNotFoundError):
                continue  # it was removed in the meantime
            yield Candidate.of_problem(place_of(path, root), error)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link in a circle: what is wrong with it is found when it is looked at
        return False


def _matches(patterns: Sequence[re.Pattern[str]], path: str) -> bool:
    return any(pattern.fullmatch(path) for pattern in patterns)


def _compile(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression for the path below the folder."""
    text = pattern.strip("/")
    if not text:
        raise ValueError(f"{pattern!r} is not a pattern")
    if "/" not in pattern.rstrip("/"):
        text = f"**/{text}"
    try:
        return re.compile("".join(_translated(text)), re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a pattern ({error})") from None


_TOKEN: Final = re.compile(r"\*\*/|\*\*|\*|\?|\[!?\]?[^\]]*\]|.", re.DOTALL)

_WILD: Final = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def _translated(text: str) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in _WILD:
            yield _WILD[token]
        elif len(token) > 1:  # a set of characters
            inner = token[1:-1].replace("\\", "\\\\").replace("[", "\\[").replace("&", "\\&").replace("~", "\\~")
            inner = inner.replace("|", "\\|")
            if inner.startswith("!"):
                inner = f"^{inner[1:]}/"
            elif inner.startswith("^"):
                inner = f"\\{inner}"
            yield f"[{inner}]"
        else:
            yield re.escape(token)
