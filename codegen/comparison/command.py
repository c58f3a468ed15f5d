"""`python -m codegen compare OFFICIAL.yaml`: the report and its exit status."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import GenerationError
from .differences import Difference, differences
from .reading import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGNS = {"+": "only in the official document", "-": "only in ours", "~": "not the same in both"}

_DESCRIPTION = f"""\
Compare an OpenAPI document of the vendor with ours: operations, parameters, fields, values of enums, limits.

Each difference is one line:
{chr(10).join(f"  {sign}  {meaning}" for sign, meaning in _SIGNS.items())}
"""

_EPILOG = """\
A file for --accept holds lines as this command prints them, each with its reason behind " # ".

Exit status: 0 without differences, 1 with some, 2 if a document cannot be read.
"""


def compare(arguments: Sequence[str], ours: Path) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m codegen compare",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("official", type=Path, help="the official document, YAML or JSON, all in one file")
    parser.add_argument("--document", type=Path, default=ours, help="our OpenAPI document")
    parser.add_argument("--only", default="+-~", metavar="SIGNS", help="show only some differences, such as --only=+~")
    parser.add_argument("--accept", type=Path, metavar="FILE", help="differences that are known, and stay")
    parser.add_argument("--json", action="store_true", help="write a list of objects instead of lines")
    chosen = parser.parse_args(arguments)
    if not chosen.only or set(chosen.only) - _SIGNS.keys():
        parser.error(f"argument --only: some of {' '.join(_SIGNS)}, not {chosen.only!r}")
    try:
        found = differences(Source(chosen.document), Source(chosen.official))
        accepted = _accepted(chosen.accept) if chosen.accept else set()
    except GenerationError as error:
        print(f"codegen: {error}", file=sys.stderr)
        return 2
    shown = [one for one in found if one.sign in chosen.only and str(one) not in accepted]
    _show(shown, chosen.json)
    for line in sorted(accepted - set(map(str, found))):
        print(f"codegen: accepted, but no difference any more: {line}", file=sys.stderr)
    return 1 if shown else 0


def _accepted(file: Path) -> set[str]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GenerationError(f"it cannot be read: {error}", "give a text file of differences", str(file)) from error
    return {line for raw in lines if (line := raw.partition(" # ")[0].strip()) and not line.startswith("#")}


def _show(found: list[Difference], as_json: bool) -> None:
    if as_json:
        rows = [{"sign": one.sign, "operation": one.operation, "text": one.text} for one in found]
        print(json.dumps(rows, indent=2))
    else:
        for one in found:
            print(one)
    counts = Counter[str](one.sign for one in found)
    parts = [f"{counts[sign]} {meaning} ({sign})" for sign, meaning in _SIGNS.items() if counts[sign]]
    print(f"codegen: {', '.join(parts) or 'no differences'}", file=sys.stderr)
