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


class LineSplitter:
    """Splits chunks of bytes of any size into lines, blank ones included.

    A chunk is split as a whole, and only what follows its last line feed is copied into a buffer: a line costs little
    more than its bytes, and each byte is scanned once, however long its line is.
    """

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._limit = max_line_bytes
        self._lines: deque[bytes] = deque()
        self._rest = bytearray()
        self._at_start = True

    def feed(self, data: bytes) -> None:
        """Add the next chunk of the stream."""
        if b"\n" not in data:
            self._rest += data
            return
        lines = data.split(b"\n")
        rest = lines.pop()
        if self._rest:
            self._rest += lines[0]
            lines[0] = bytes(self._rest)
            self._rest = bytearray()
        self._rest += rest
        self._lines.extend(lines)

    def next_line(self) -> bytes | None:
        """The next complete line without the line feed; None if more bytes are needed.

        Raises:
            LineTooLongError: The line, complete or not, is longer than the limit.
        """
        if not self._lines:
            if len(self._rest) > self._limit:
                raise LineTooLongError(self._limit, bytes(self._rest[:2048]))
            return None
        line = self._lines[0]
        if len(line) > self._limit:
            raise LineTooLongError(self._limit, line[:2048])
        self._lines.popleft()
        return self._without_bom(line) if self._at_start else line

    def finish(self) -> bytes:
        """The bytes after the last line feed; empty if the stream ended with a complete line."""
        rest, self._rest = bytes(self._rest), bytearray()
        return self._without_bom(rest) if self._at_start else rest

    def _without_bom(self, first: bytes) -> bytes:
        self._at_start = False
        return first.removeprefix(_BOM)


class LineDecoder(LineSplitter):
    """Splits chunks of bytes of any size into lines.

    Call `feed` with each chunk, then `next_line` until it returns None; at the end, `finish` returns the rest.
    """

    def next_line(self) -> bytes | None:
        """The next complete line without the line feed; None if more bytes are needed. Blank lines are skipped.

        Raises:
            LineTooLongError: The line, complete or not, is longer than the limit.
        """
        while (line := super().next_line()) is not None:
            if line and not line.isspace():
                return line
        return None

    def finish(self) -> bytes:
        """The bytes after the last line feed; empty if they are blank or the stream ended with a complete line."""
        rest = super().finish()
        return b"" if rest.isspace() else rest
