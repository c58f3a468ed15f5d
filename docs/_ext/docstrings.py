"""Converts docstrings to reStructuredText: indented blocks become literal blocks, list items are kept together."""

from __future__ import annotations

from typing import Any

SECTIONS = frozenset({"args", "attributes", "raises", "returns", "yields", "note", "example", "examples"})


def literal_blocks(lines: list[str]) -> list[str]:
    """Insert `::` before every separate indented block outside of sections such as `Args:`."""
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
    """Indent the continuation lines of list items, which Markdown does not require."""
    result: list[str] = []
    item = False
    for line in lines:
        if line.startswith("- "):
            item = True
        elif not line.strip():
            item = False
        result.append(f"  {line}" if item and not line.startswith(("- ", " ")) else line)
    return result


def untyped_results(lines: list[str]) -> list[str]:
    """Begin results with a colon: Napoleon takes text before the first colon for a type, which signatures have."""
    result: list[str] = []
    for line in lines:
        first = bool(result) and result[-1] in {"Returns:", "Yields:"}
        result.append(f"    : {line.strip()}" if first and line.strip() else line)
    return result


_kept: dict[str, list[str]] = {}


def _before(app: object, what: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    lines[:] = untyped_results(whole_items(literal_blocks(lines)))
    if what in {"attribute", "data", "property"} and lines:
        # Napoleon interprets text before a colon on the first line as a type, so these docstrings are hidden from it.
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
