"""Splits newline-delimited JSON into lines, without I/O.

Used for NDJSON (streaming analysis) and JSONL (batch results). Only a line feed ends a line: a JSON string may contain
U+0085 or U+2028 unescaped, and `str.splitlines` would split it there.
"""

from __future__ import annotations

from collections import deque
from typing import Final

MAX_LINE_BYTES: Final = 16 * 1024 * 1024
"""Maximum length of a line in bytes, without the line feed. Without a limit, memory would be unbounded."""

_BOM: Final = b"\xef\xbb\xbf"


class LineTooLongError(ValueError):
    """A line or event is longer than the limit.

    Attributes:
        start: Its first bytes.
    """

    def __init__(self, limit: int, start: bytes) -> None:
        super().__init__(f"longer than {limit:,} bytes")
        self.start = start


class LineDecoder:
    """Splits chunks of bytes of any size into lines.

    Call `feed` with each chunk, then `next_line` until it returns None; at the end, `finish` returns the rest. A chunk
    is split as a whole, and only what follows its last line feed is copied into a buffer: a line costs little more than
    its bytes, and each byte is scanned once, however long its line is.
    """

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES, *, keep_blank: bool = False) -> None:
        """Take the limit.

        Args:
            max_line_bytes: Maximum length of a line.
            keep_blank: Whether blank lines mean something; otherwise they are skipped.
        """
        self._limit = max_line_bytes
        self._keep_blank = keep_blank
        self._lines: deque[bytes] = deque()
        self._rest = bytearray()
        self._at_start = True

    def feed(self, data: bytes) -> None:
        """Add the next chunk of the stream."""
        lines = data.split(b"\n")
        rest = lines.pop()
        if not lines:
            self._rest += rest
            return
        if self._rest:
            self._rest += lines[0]
            lines[0] = bytes(self._rest)
            self._rest = bytearray()
        if rest:
            self._rest += rest
        self._lines.extend(lines)

    def next_line(self) -> bytes | None:
        """The next complete line without the line feed; None if more bytes are needed.

        Raises:
            LineTooLongError: The line, complete or not, is longer than the limit.
        """
        lines = self._lines
        while lines:
            line = lines[0]
            if len(line) > self._limit:
                raise LineTooLongError(self._limit, line[:2048])
            del lines[0]
            if self._at_start:
                line = self._without_bom(line)
            if self._keep_blank or (line and not line.isspace()):
                return line
        if len(self._rest) > self._limit:
            raise LineTooLongError(self._limit, bytes(self._rest[:2048]))
        return None

    def finish(self) -> bytes:
        """The bytes after the last line feed; empty if the stream ended with a complete line."""
        rest, self._rest = bytes(self._rest), bytearray()
        if self._at_start:
            rest = self._without_bom(rest)
        return b"" if rest.isspace() and not self._keep_blank else rest

    def _without_bom(self, first: bytes) -> bytes:
        self._at_start = False
        return first.removeprefix(_BOM)
