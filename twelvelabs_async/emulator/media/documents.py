"""Text and PDF files, as far as they can be read without a PDF library."""

from __future__ import annotations

import codecs
import mmap
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

READ_LIMIT = 4 * 1024 * 1024
"""Bytes of a text file that are read; the rest is ignored."""

_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_CONTROL = frozenset(range(32)) - {7, 8, 9, 10, 12, 13, 27}


def looks_like_text(head: bytes, *, whole: bool = True) -> bool:
    """Check whether the first bytes of a file are UTF-8 (or marked UTF-16) text.

    Args:
        head: The first bytes.
        whole: They are the whole file; otherwise the last character may be cut off.
    """
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    if _CONTROL.intersection(head):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def read_text(path: Path) -> str:
    """Read the text of a text file (UTF-8, or UTF-16 with a mark), at most `READ_LIMIT` bytes."""
    with path.open("rb") as file:
        data = file.read(READ_LIMIT)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def sentences(text: str) -> list[str]:
    """Split a text into sentences at full stops, question and exclamation marks and blank lines."""
    parts = re.split(r"(?<=[.!?])\s+|\n\s*\n", text)
    return [" ".join(part.split()) for part in parts if part.strip()]


def count_pages(path: Path) -> int:
    """Count the uncompressed page objects of a PDF; at least one."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return max(1, sum(1 for _ in _PAGE.finditer(data)))
