"""The landing page is the README: its links into the repository become links within the documentation."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MARK = "<!-- the README -->"

_HOME = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
_NAME = re.escape(_HOME.removeprefix("https://github.com/"))
_FILES = rf"https://(?:github\.com/{_NAME}/blob|raw\.githubusercontent\.com/{_NAME})/main/"
_PAGE = re.compile(rf"\({_FILES}docs/([^)]+)\)")
_TOP = re.compile(rf"\({_FILES}(CONTRIBUTING|SECURITY|CHANGELOG)\.md(#[^)]*)?\)")


def landing_page(readme: str) -> str:
    """The README with links to pages of the documentation."""
    text = _PAGE.sub(r"(\1)", readme)
    return _TOP.sub(lambda found: f"({found[1].lower()}.md{found[2] or ''})", text)


def _read(app: Any, name: str, source: list[str]) -> None:
    if MARK in source[0]:
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        source[0] = source[0].replace(MARK, landing_page(readme))


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", _read)
    # The page changes with the README, which Sphinx does not watch.
    app.connect("env-get-outdated", lambda *_: ["index"])
    return {"parallel_read_safe": True, "parallel_write_safe": True}
