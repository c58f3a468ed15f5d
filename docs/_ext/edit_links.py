"""Lets the links to edit and to view a page lead to the file that holds its text; a generated page has none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .landing import MARK, ROOT
from .reference_pages import FOLDERS

_INCLUDED = re.compile(r"\A```\{include\} (\S+)\n(?:.*\n)*?```\s*\Z")


def edited_file(page: Path) -> Path | None:
    """The page, the README, or the one file that the page includes; None if the page is generated."""
    if page.parent.parent.name == "reference" and page.parent.name in FOLDERS:
        return None
    text = page.read_text(encoding="utf-8")
    if MARK in text:
        return ROOT / "README.md"
    included = _INCLUDED.match(text)
    return (page.parent / included[1]).resolve() if included else page


def _link(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    if doctree is None:
        return  # the index and the search
    file = edited_file(Path(app.env.doc2path(page)))
    if file is None:
        context["page_source_suffix"] = ""
        return
    options = app.config.html_theme_options
    for action, key in (("edit", "theme_source_edit_link"), ("blob", "theme_source_view_link")):
        name = file.relative_to(ROOT).as_posix()
        context[key] = f"{options['source_repository']}/{action}/{options['source_branch']}/{name}"


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("html-page-context", _link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
