"""Writes the reference pages of generated code before a build: one per group of operations or models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import twelvelabs_async

GROUPS = {"operations": "Operations", "models": "Models"}


def pages() -> dict[str, str]:
    """Path below `reference/` to the text of each page."""
    package = Path(twelvelabs_async.__file__).parent / "_generated"
    found: dict[str, str] = {}
    for group, title in GROUPS.items():
        tags = sorted(path.stem for path in (package / group).glob("*.py") if path.stem != "__init__")
        listed = "\n".join(tags)
        found[f"{group}/index.md"] = (
            f"# {title}\n\n{INTRODUCTIONS[group]}\n\n```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n"
        )
        for tag in tags:
            heading = f"{tag.replace('_', ' ').capitalize()}: {title.lower()}"
            module = f"twelvelabs_async._generated.{group}.{tag}"
            options = ":no-show-inheritance:\n" if group == "operations" else ""
            found[f"{group}/{tag}.md"] = (
                f"# {heading}\n\n```{{eval-rst}}\n.. automodule:: {module}\n{_indent(options)}\n```\n"
            )
    return found


INTRODUCTIONS = {
    "operations": (
        "The classes behind `client.<resource>`, by group of operations. "
        "[API coverage](../../api-coverage.md) lists the operation of each method."
    ),
    "models": (
        "Return values of the methods, and arguments where a model or a plain dict is expected. Every model can be "
        "imported from `twelvelabs_async` and `twelvelabs_async.types`."
    ),
}


def _indent(text: str) -> str:
    return "".join(f"   {line}\n" for line in text.splitlines())


def write(app: Any) -> None:
    """Write pages that are missing or have changed, and remove obsolete ones."""
    root = Path(app.srcdir) / "reference"
    wanted = pages()
    for group in GROUPS:
        for old in (root / group).glob("*.md"):
            if f"{group}/{old.name}" not in wanted:
                old.unlink()
    for name, text in wanted.items():
        path = root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True}
