"""What a file contains, as a name: files of the same content have the same one.

The `free` boxes at the end of an MP4 file hold nothing, so they are not part of the content: a thousand copies of one
video, each with a box of its own, are a thousand files of one content.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from pathlib import Path

CONTENT: Final = 32
"""Digits of the content in a fingerprint; those of what follows it come after them."""

_PIECE = 1024 * 1024


def fingerprint(path: Path) -> str:
    """The hash of the content, in hexadecimal digits, and that of what follows it, if anything does; blocking."""
    with path.open("rb") as file:
        end = _end_of_content(file)
        file.seek(0)
        content = _hash(file, end, CONTENT)
        rest = "" if end is None else _hash(file, None, 16)
    return content + rest


def _hash(file: BinaryIO, length: int | None, digits: int) -> str:
    """The hash of the next bytes, or of all that follow."""
    digest = hashlib.blake2b(digest_size=digits // 2)
    while length is None or length > 0:
        piece = file.read(_PIECE if length is None else min(_PIECE, length))
        if not piece:
            break
        digest.update(piece)
        length = None if length is None else length - len(piece)
    return digest.hexdigest()


def _end_of_content(file: BinaryIO) -> int | None:
    """Where the empty boxes at the end of an MP4 file begin; None if there are none, or if it is another file."""
    size = file.seek(0, 2)
    at, end = 0, 0
    while at < size:
        file.seek(at)
        header = file.read(8)
        if len(header) < 8 or (at == 0 and header[4:] != b"ftyp"):
            return None
        length, kind = struct.unpack(">I4s", header)
        if length < 8 or at + length > size:
            return None  # 64-bit lengths and boxes to the end of the file are boxes of large videos
        at += length
        if kind not in {b"free", b"skip"}:
            end = at
    return end if end < size else None
