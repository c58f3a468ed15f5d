"""Splits newline-delimited JSON into lines, without I/O.

Used for NDJSON (streaming analysis) and JSONL (batch results). Only a line feed ends a line: a JSON string may contain
U+0085 or U+2028 unescaped, and `str.splitlines` would split it there.
"""

from __future__ import annotations

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

    Call `feed` with each chunk, then `next_line` until it returns None; at the end, `finish` returns the rest.
    """

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._limit = max_line_bytes
        self._buffer = bytearray()
        self._scanned = 0
        self._at_start = True

    def feed(self, data: bytes) -> None:
        """Add the next chunk of the stream."""
        self._buffer += data

    def next_line(self) -> bytes | None:
        """The next complete line without the line feed; None if more bytes are needed. Blank lines are skipped.

        Raises:
            LineTooLongError: The line, complete or not, is longer than the limit.
        """
        while True:
            end = self._buffer.find(b"\n", self._scanned)
            size = len(self._buffer) if end < 0 else end
            if size > self._limit:
                raise LineTooLongError(self._limit, bytes(self._buffer[:2048]))
            if end < 0:
                # Bytes are scanned only once: a long line takes linear time.
                self._scanned = size
                return None
            line = self._take(end)
            del self._buffer[:1]
            if not line.isspace() and line:
                return line

    def finish(self) -> bytes:
        """The bytes after the last line feed; empty if the stream ended with a complete line."""
        rest = self._take(len(self._buffer))
        return b"" if rest.isspace() else rest

    def _take(self, end: int) -> bytes:
        line = bytes(self._buffer[:end])
        del self._buffer[:end]
        self._scanned = 0
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BOM)
        return line
