"""Turns text of the document into text that is safe inside generated files. Nothing else may do that.

Every text of the document is untrusted: it may hold quotes, backslashes, template syntax, line separators or control
characters. It enters a generated file in one of four ways: as a string literal, as a docstring, as one line of a
comment, or as a cell of a Markdown table.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from typing import Any

import attrs

from .errors import GenerationError

WIDTH = 120
"""Length of a line of generated code, as in pyproject.toml."""

_DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn"}
"""Unicode categories without a place in prose: control, direction override, surrogate, private use, unassigned."""

_LAST_QUOTE = re.compile(r'(?<!\\)((?:\\\\)*)"\Z')
"""A quote at the end that no backslash escapes: it would join the closing quotes."""

_LIST_ITEM = re.compile(r"(?:[-*]|\d+\.)\s")


@attrs.frozen
class Doc:
    """A docstring before it is wrapped and escaped.

    Attributes:
        summary: First line.
        paragraphs: Text below it.
        sections: Title of a section (`Args`, `Returns` ...) and its entries: name (empty for plain text) and text.
    """

    summary: str
    paragraphs: tuple[str, ...] = ()
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()


def literal(value: Any) -> str:
    """Python source of a JSON value, ASCII only, so that no character of it can be read as something else."""
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in value.items()) + "}"
    if value is None or isinstance(value, str | bool | int | float):
        return ascii(value)
    raise GenerationError(
        f"a value of type {type(value).__name__} cannot be written as Python: {value!r}", "write a JSON value"
    )


def clean(text: str) -> str:
    """The text with ordinary line ends only and without characters that cannot be seen."""
    text = re.sub(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\n", text).replace("\t", " ")
    return "".join(char for char in text if char == "\n" or unicodedata.category(char) not in _DROPPED)


def one_line(text: str) -> str:
    """The text on a single line, for comments and summaries."""
    return " ".join(clean(text).split())


def cell(text: str) -> str:
    """The text as a cell of a Markdown table."""
    return one_line(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def docstring(doc: Doc, indent: int) -> str:
    """The docstring as source, quotes included. Later lines are indented; the first one is not."""
    width = WIDTH - indent
    lines = _wrap(doc.summary, width - 3, "")
    for paragraph in doc.paragraphs:
        lines += ["", *_paragraphs(paragraph, width, "")]
    for title, entries in doc.sections:
        lines += ["", f"{title}:"]
        for name, text in entries:
            wrapped = _paragraphs(f"{name}: {text}" if name else text, width - 4, "" if not name else "    ")
            lines += [f"    {line}" if line else "" for line in wrapped]
    if len(lines) == 1 and len(lines[0]) + 6 <= width:
        return f'"""{_escape(lines[0])}"""'
    pad = " " * indent
    body = "\n".join(f"{pad}{line}" if line else "" for line in lines).lstrip()
    return f'"""{_escape(body)}\n{pad}"""'


def _escape(text: str) -> str:
    """Nothing in the text ends the string or starts an escape sequence."""
    text = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return _LAST_QUOTE.sub(r'\1\\"', text)


def _paragraphs(text: str, width: int, hanging: str) -> list[str]:
    """Wrap each paragraph and each item of a list by itself."""
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n", clean(text).strip()):
        current = ""
        for line in block.split("\n"):
            if _LIST_ITEM.match(line.strip()) and current:
                blocks.append(current)
                current = line.strip()
            else:
                current = f"{current} {line.strip()}".strip()
        blocks += [current, ""]
    lines: list[str] = []
    for block in blocks[:-1]:
        lines += _wrap(block, width, hanging, first=not lines) if block else [""]
    return lines


def _wrap(text: str, width: int, hanging: str, *, first: bool = True) -> list[str]:
    text = one_line(text)
    item = _LIST_ITEM.match(text)
    wrapped = textwrap.wrap(
        text,
        width,
        initial_indent="" if first else hanging,
        subsequent_indent=hanging + " " * len(item[0] if item else ""),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapped or [""]
