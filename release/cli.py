"""The commands of `python -m release`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from . import changelog, state, surface


def main(arguments: list[str] | None = None) -> int:
    """Runs a command; 0 is success."""
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("surface", help="compare the public names with the recorded ones")
    one.add_argument(
        "--write", action="store_true", help="record them, if nothing breaks that the changelog does not name"
    )
    one = commands.add_parser("check", help="whether this tag of this repository can be released")
    one.add_argument("--tag", required=True, help="such as v1.2.3")
    one.add_argument("--repository", required=True, help="the address of the repository")
    one = commands.add_parser(
        "cut", help="make a release of the unreleased entries: changelog, version, recorded surface"
    )
    one.add_argument("version", help="such as 1.2.3")
    one = commands.add_parser("notes", help="print the entries of a release")
    one.add_argument("version")
    options = parser.parse_args(arguments)
    try:
        match options.command:
            case "surface":
                return _surface(write=options.write)
            case "check":
                return _check(options.tag, options.repository)
            case "cut":
                return _cut(options.version)
            case _:
                print(changelog.notes(_changelog(), options.version), end="")
                return 0
    except (ValueError, LookupError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


def _changelog() -> str:
    return changelog.PATH.read_text(encoding="utf-8")


def _surface(*, write: bool) -> int:
    silent, different = state.surface_problems()
    if silent:
        print("Public names were removed or changed, and CHANGELOG.md does not say so:", file=sys.stderr)
        for line in silent:
            print(f"  {line}", file=sys.stderr)
        print(
            f"Name each in `code` in an entry below '### Changed' or '### Removed' of '## {changelog.UNRELEASED}'.",
            file=sys.stderr,
        )
        return 1
    if write:
        surface.PATH.write_text(surface.write(surface.current()), encoding="utf-8")
        print(f"{len(different)} names recorded in release/{surface.PATH.name}")
    elif different:
        print(f"{len(different)} of the public names are not recorded as they are: make record-public")
    return 0


def _check(tag: str, repository: str) -> int:
    found = state.release_problems(_changelog(), state.version(), tag, repository)
    silent, different = state.surface_problems()
    found += silent
    if different:
        found.append(f"{len(different)} of the public names are not recorded as they are: make record-public")
    for line in found:
        print(f"Error: {line}", file=sys.stderr)
    return 1 if found else 0


def _cut(version: str) -> int:
    text = changelog.cut(_changelog(), version, datetime.now(UTC).date())  # before anything is written
    code = _surface(write=True)
    if code == 0:
        changelog.PATH.write_text(text, encoding="utf-8")
        stated = state.VERSION_FILE.read_text(encoding="utf-8")
        state.VERSION_FILE.write_text(stated.replace(f'"{state.version()}"', f'"{version}"'), encoding="utf-8")
        print(f"{version} is in CHANGELOG.md and in _version.py: read them, commit, and tag v{version}")
    return code
