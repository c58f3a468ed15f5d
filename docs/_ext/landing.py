"""The landing page is the README: its links into the repository become links within the documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MARK = "<!-- the README -->"

_REPOSITORY = r"https://(?:github\.com|raw\.githubusercontent\.com)/twelvelabs-async/twelvelabs-async/(?:blob/)?main/"
_PAGE = re.compile(rf"\({_REPOSITORY}docs/([^)]+)\)")
_TOP = re.compile(rf"\({_REPOSITORY}(CONTRIBUTING|SECURITY|CHANGELOG)\.md(#[^)]*)?\)")


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
