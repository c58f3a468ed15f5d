"""Docstrings of this project as reStructuredText: indented blocks become literal blocks, items of lists stay whole."""

from __future__ import annotations

from typing import Any

SECTIONS = frozenset({"args", "attributes", "raises", "returns", "yields", "note", "example", "examples"})


def literal_blocks(lines: list[str]) -> list[str]:
    """Put `::` in front of every indented block that stands alone, outside of sections such as `Args:`."""
    result: list[str] = []
    section = block = False
    blank = True
    for line in lines:
        text = line.strip()
        indented = line.startswith("    ")
        if text and not indented:
            section = text.endswith(":") and text[:-1].lower() in SECTIONS
            block = False
        elif text and indented and blank and not section and not block:
            result += ["::", ""]
            block = True
        result.append(line)
        blank = not text
    return result


def whole_items(lines: list[str]) -> list[str]:
    """Indent the further lines of an item, which Markdown does not ask for."""
    result: list[str] = []
    item = False
    for line in lines:
        if line.startswith("- "):
            item = True
        elif not line.strip():
            item = False
        result.append(f"  {line}" if item and not line.startswith(("- ", " ")) else line)
    return result


_kept: dict[str, list[str]] = {}


def _before(app: object, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    lines[:] = whole_items(literal_blocks(lines))
    if what in {"attribute", "data", "property"} and lines:
        # Napoleon takes what stands in front of a colon on the first line for a type: it does not get to see these.
        _kept[name] = list(lines)
        lines[:] = ["kept"]


def _after(app: object, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    lines[:] = _kept.pop(name, lines)


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    # Around napoleon, which has priority 500.
    app.connect("autodoc-process-docstring", _before, priority=400)
    app.connect("autodoc-process-docstring", _after, priority=600)
    return {"parallel_read_safe": True}
