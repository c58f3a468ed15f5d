"""The command: `python -m twelvelabs_async.migrate src`."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .files import NOTEBOOK, SourceFile, UnreadableError, find
from .program import migrate_source, surroundings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES: Final = """\
examples:
  python -m twelvelabs_async.migrate src            show the changes, and what needs manual work
  python -m twelvelabs_async.migrate --write src    change the files
  python -m twelvelabs_async.migrate src > src.patch

Asynchronous code is rewritten: imports, class names and other differences. Code with the synchronous client is not
changed; each use is listed with its line. Files that do not use twelvelabs are not changed. A second run changes
nothing.

exit codes: 0 done, even if parts need manual work; 1 a file could not be written; 2 invalid usage
"""

FAILED: Final = 1

_LINE: Final = re.compile(r"[^\n]*\n|[^\n]+")
"""A line of a diff: other characters that end lines in Python, such as a form feed, do not end one there."""

_NOTEBOOK_USE: Final = re.compile(r"(?:import|from)\s+twelvelabs\b")


def parser(program: str) -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(
        prog=program,
        description="Migrate programs from the official SDK twelvelabs to twelvelabs_async.",
        epilog=EXAMPLES.replace("python -m twelvelabs_async.migrate", program),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a file, or a folder with programs")
    found.add_argument("--write", action="store_true", help="write the files instead of printing a diff")
    return found


def main(arguments: Sequence[str] | None = None, *, program: str = "python -m twelvelabs_async.migrate") -> int:
    """Run the command line; returns the exit code. Wrong usage ends with SystemExit(2)."""
    command = parser(program)
    options = command.parse_args(arguments)
    missing = [str(path) for path in options.paths if not path.exists()]
    if missing:
        command.error(f"no such file or folder: {', '.join(missing)}")
    files, notes = _read(list(find(options.paths)))
    around = surroundings_of(file.text for file in files)
    changed, failed = 0, False
    for file in files:
        result = migrate_source(file.text, around)
        if result.text != file.text and options.write:
            try:
                file.write(result.text)
            except OSError as error:
                sys.stderr.write(f"Error: {file.path}: {error.strerror or error}\n")
                failed = True
                continue
            _print(f"{file.path}: rewritten")
        elif result.text != file.text:
            _print_diff(file, result.text)
        changed += result.text != file.text
        notes += [
            f"{file.path}:{note.line_after if options.write else note.line}: {note.message}" for note in result.notes
        ]
    for note in notes:
        _print(note)
    verb = "changed" if options.write else "to change"
    _print(f"{_count(changed, 'file')} {verb}, {_count(len(notes), 'note')}.")
    return FAILED if failed else 0


def _read(paths: Sequence[Path]) -> tuple[list[SourceFile], list[str]]:
    """The programs, and notes on files that are not."""
    files, notes = [], []
    for path in paths:
        try:
            file = SourceFile.read(path)
        except UnreadableError as error:
            notes.append(f"{path}: cannot be read: {error}")
            continue
        if path.suffix != NOTEBOOK:
            files.append(file)
        elif _NOTEBOOK_USE.search(file.text) is not None:
            notes.append(f"{path}: a notebook that imports twelvelabs; change it by hand")
    return files, notes


def _print_diff(file: SourceFile, text: str) -> None:
    """Write a unified diff that `patch` and `git apply` read."""
    name = file.path.as_posix()
    before, after = (_LINE.findall(value) for value in (file.text, text))
    header = ("a/" + name, "b/" + name) if not file.path.is_absolute() else (name, name)
    for line in difflib.unified_diff(before, after, *header):
        _print(line.removesuffix("\n"))
        if not line.endswith("\n"):
            _print("\\ No newline at end of file")


def _print(text: str) -> None:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


if __name__ == "__main__":
    sys.exit(main())
