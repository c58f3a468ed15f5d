"""The error codes in the emulator's source are those of the platform, or are listed as its own."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import twelvelabs_async.emulator
from twelvelabs_async.emulator.error_codes import EMBEDDED, OWN, PLATFORM
from twelvelabs_async.emulator.handlers import analyze_tasks, batches

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(twelvelabs_async.emulator.__file__).parent

PLACES = {"ApiError": 1, "bad": 0, "conflict": 0, "MediaError": 0}
"""What makes an error, and which of its arguments is the code."""

FORMATS = {
    "task_": {f"task_{state}" for state in analyze_tasks.TERMINAL},
    "batch_": {f"batch_{state}" for state in batches.TERMINAL},
    "": {f"{kind}_filesize_too_large" for kind in ("video", "audio", "media")},
}
"""Codes that are put together, by their first part."""

PASSED_ON = {"error.code", "problem.code", "known.code", "code"}
"""Codes that come from another error."""


def calls() -> Iterator[tuple[str, ast.expr]]:
    """Each place where an error is made: where it is, and the expression of its code."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in PLACES and len(node.args) > PLACES[name]:
                yield f"{path.name}:{node.lineno}", node.args[PLACES[name]]


def constants() -> dict[str, str]:
    """The constants of the media engine that hold codes."""
    tree = ast.parse((ROOT / "media" / "errors.py").read_text(encoding="utf-8"))
    return {
        node.targets[0].id: str(node.value.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def used() -> dict[str, str]:
    """Each code that the source uses, and where."""
    names, found = constants(), dict.fromkeys(constants().values(), "media/errors.py")
    for place, code in calls():
        if isinstance(code, ast.Constant):
            found[str(code.value)] = place
        elif isinstance(code, ast.JoinedStr):
            first = code.values[0]
            start = str(first.value) if isinstance(first, ast.Constant) else ""
            found.update(dict.fromkeys(FORMATS[start], place))
        else:
            text = ast.unparse(code).removeprefix("media.")
            assert text in names or text in PASSED_ON, f"{place}: what codes can {text} be?"
    return found


def test_every_code_is_known() -> None:
    unknown = {code: place for code, place in used().items() if code not in {*PLATFORM, *EMBEDDED, *OWN}}
    assert unknown == {}


def test_own_codes_are_used_and_not_those_of_the_platform() -> None:
    codes = used()
    assert len(codes) > 40
    # `fault` is that of injected errors; the others of embed v2 are in a table of the dispatcher.
    assert set(OWN) - set(codes) == {"fault"}
    assert set(OWN) & set(PLATFORM) == set()


def test_the_readme_lists_the_own_codes() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.split("## Error codes of its own")[1].split("\n## ")[0]
    assert dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", section, re.MULTILINE)) == {
        code: str(status) for code, status in OWN.items()
    }
