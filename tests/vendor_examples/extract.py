"""Read the example calls out of a text of the vendor's reference: `python -m tests.vendor_examples.extract PATH`.

The text holds each example as one line of Python whose line breaks were lost: imports, the client, the call, and often
a loop over the answer. Only the facts are kept: which names are imported from where, and the call expression as it
stands.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
from pathlib import Path
from typing import TypedDict

HERE = Path(__file__).parent
CALLS = HERE / "examples.json"

_CLIENT = re.compile(r"client = (?:Async)?TwelveLabs\( api_key=\"[^\"]*\", \) ")
_IMPORT = re.compile(r"from (?P<module>twelvelabs[\w.]*) import (?P<names>\([^)]*\)|.*?)(?= from twelvelabs|\s*$)")
_HEADING = re.compile(r"^client\.(?P<path>[\w.]+)\(\.\.\.\)\s*$")


class VendorExample(TypedDict):
    """One example of the reference."""

    method: str
    """Attribute path on the client, as the heading of the example spells it."""
    imports: dict[str, list[str]]
    """Module to the names that the example imports from it, the client class left out."""
    call: str
    """The call expression, verbatim."""
    loop: bool
    """Whether the example iterates over the answer."""


def extract(text: str) -> list[VendorExample]:
    """The examples of a text, in its order.

    Raises:
        ValueError: A heading has no example below it, or an example is no Python.
    """
    calls: list[VendorExample] = []
    heading: str | None = None
    for line in text.splitlines():
        if match := _HEADING.match(line):
            if heading is not None:
                raise ValueError(f"no example below client.{heading}(...)")
            heading = match["path"]
        elif heading is not None and line.startswith("from twelvelabs"):
            calls.append(_example(heading, line.strip()))
            heading = None
    if heading is not None:
        raise ValueError(f"no example below client.{heading}(...)")
    return calls


def _example(heading: str, line: str) -> VendorExample:
    parts = _CLIENT.split(line, maxsplit=1)
    if len(parts) != 2:
        raise ValueError(f"no client is made in the example of client.{heading}(...)")
    head, body = parts
    imports = {
        match["module"]: [
            name for part in match["names"].strip("() ").split(",") if (name := part.strip()) and name != "TwelveLabs"
        ]
        for match in _IMPORT.finditer(head.strip())
    }
    statement = body.removeprefix("response = ")
    call = _leading_call(statement)
    if not call.startswith(f"client.{heading}("):
        raise ValueError(f"the example of client.{heading}(...) calls {call.partition('(')[0]}")
    return {
        "method": heading,
        "imports": {module: names for module, names in imports.items() if names},
        "call": call,
        "loop": statement[len(call) :].lstrip().startswith("for "),
    }


def _leading_call(text: str) -> str:
    """The shortest beginning of the text that is a complete call."""
    for match in re.finditer(r"\)", text):
        candidate = text[: match.end()]
        try:
            tree = ast.parse(candidate, mode="eval")
        except SyntaxError:
            continue
        if isinstance(tree.body, ast.Call):
            return candidate
    raise ValueError(f"no call found in {text[:60]!r}")


def main() -> None:
    """Write examples.json from the text that is given by path."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, help="text of the vendor's reference")
    parser.add_argument("--output", type=Path, default=CALLS, help="file to write (default: %(default)s)")
    args = parser.parse_args()
    calls = extract(args.path.read_text(encoding="utf-8"))
    args.output.write_text(json.dumps(calls, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
