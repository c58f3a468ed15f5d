"""Reads the Python out of the Markdown pages.

A page is one program: its blocks are run from top to bottom in one namespace, which begins with the names of `NAMES`.
Blocks may use `await` outside of a function. Three kinds are treated apart:

- A block under a comment `<!-- not run: <reason> -->` is compiled and type-checked, and not run.
- A block whose first line is a comment with the name of a file is that module. The commands of the page use it, which
  `terminal.py` runs.
- A block with `asyncio.run(` or `def main(` at its left edge is a program of its own.

A comment that begins with a line `<!-- python` holds code that readers do not see: it sets up what the page speaks of,
or checks what the page says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

NAMES = {
    "client": "twelvelabs_async.AsyncTwelveLabs",
    "index_id": "str",
    "asset_id": "str",
    "video_id": "str",
}
"""Names that every page begins with, and their types."""

Kind = Literal["step", "program", "file", "not run"]

ELSEWHERE = frozenset({"docs/cookbook/lancedb.md", "docs/notebooks.md"})
"""Pages that `make test-cookbook` runs, in an environment of its own: they need LanceDB, pandas or Jupyter."""

_NOT_RUN = re.compile(r"<!-- not run: .+ -->")
_FILE = re.compile(r"# (\w+)\.py\n")
_PROGRAM = re.compile(r"^(?:asyncio\.run\(|(?:async )?def main\()", re.MULTILINE)
_LANGUAGES = frozenset(
    {"python", "console", "text", "json", "toml", "html", "{image}", "{toctree}", "{eval-rst}", "{include}"}
)


@dataclass(frozen=True)
class Block:
    """One fenced block of Python."""

    page: str
    line: int
    """Line of the page on which its code begins."""
    code: str
    kind: Kind

    @property
    def module(self) -> str | None:
        """Name of the module that this block is; None if it says no name."""
        match = _FILE.match(self.code)
        return match[1] if match else None

    @property
    def padded(self) -> str:
        """The code on the same lines as in the page, so that tracebacks and complaints name them."""
        return "\n" * (self.line - 1) + self.code


def pages() -> list[str]:
    """Every page that people write, as paths below the project."""
    folders = (ROOT, ROOT / "docs", ROOT / "docs/cookbook", ROOT / "docs/reference")
    found = [path for folder in folders for path in folder.glob("*.md")]
    return sorted(str(path.relative_to(ROOT)) for path in found if path.name != "api-coverage.md")


def blocks(page: str) -> list[Block]:
    """The Python of a page, in its order."""
    return list(_blocks(page, (ROOT / page).read_text(encoding="utf-8").split("\n")))


def _blocks(page: str, lines: list[str]) -> Iterator[Block]:
    fence: str | None = None
    language = ""
    start = 0
    for number, line in enumerate(lines, 1):
        if fence is None and line.startswith(("```", "<!-- python")):
            fence = "-->" if line.startswith("<!--") else "```"
            language = "python" if fence == "-->" else line[3:].split(" ")[0]
            assert language in _LANGUAGES, f"{page}:{number}: say which language this block is in"
            start = number
        elif fence is not None and line.strip() == fence:
            if language == "python":
                code = "\n".join(lines[start : number - 1]) + "\n"
                yield Block(page, start + 1, code, _kind(code, _before(lines, start)))
            fence = None
    assert fence is None, f"{page}:{start}: this block does not end"


def _before(lines: list[str], start: int) -> str:
    """The last line that is not empty in front of the line `start`."""
    return next((line for line in reversed(lines[: start - 1]) if line.strip()), "")


def _kind(code: str, before: str) -> Kind:
    if _NOT_RUN.fullmatch(before.strip()):
        return "not run"
    if _FILE.match(code):
        return "file"
    return "program" if _PROGRAM.search(code) else "step"


def as_modules(page: str) -> dict[str, str]:
    """The page as modules for a type checker: one for its steps, one for each program. Lines stay where they are."""
    name = re.sub(r"\W", "_", page.removesuffix(".md"))
    found: dict[str, str] = {}
    lines = ["import twelvelabs_async", f"async def page({', '.join(f'{n}: {t}' for n, t in NAMES.items())}) -> None:"]
    for block in blocks(page):
        if block.module:
            assert block.module not in found, f"{page}:{block.line}: there is a module of this name"
            found[block.module] = block.padded
            continue
        if block.kind == "program" or _PROGRAM.search(block.code):
            found[f"{name}_{block.line}"] = block.padded
            continue
        assert block.line > 2, f"{page}: a page begins with its title"
        lines += [""] * (block.line - 1 - len(lines))
        lines += ["    " + line if line else "" for line in block.code.split("\n")]
    found[name] = "\n".join([*lines, "    ..."])
    return found
