"""Splits newline-delimited JSON into lines, without I/O.

Serves NDJSON (streaming analysis) and JSONL (batch results). Only a line feed ends a line: text in a JSON string may
hold U+0085 or U+2028 as they are, and `str.splitlines` would cut it there.
"""

from __future__ import annotations

from typing import Final

MAX_LINE_BYTES: Final = 16 * 1024 * 1024
"""Longest line that is accepted, in bytes, without its end. What a longer one would cost in memory has no bound."""

_BOM: Final = b"\xef\xbb\xbf"


class LineTooLongError(ValueError):
    """A line or event is longer than the cap.

    Attributes:
        start: The first bytes of it.
    """

    def __init__(self, limit: int, start: bytes) -> None:
        super().__init__(f"longer than {limit:,} bytes")
        self.start = start


class LineDecoder:
    """Lines out of bytes that arrive in pieces of any size.

    `feed` takes a piece, `next_line` is called until it gives None, `finish` gives what is left at the end.
    """

    def __init__(self, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._limit = max_line_bytes
        self._buffer = bytearray()
        self._scanned = 0
        self._at_start = True

    def feed(self, data: bytes) -> None:
        """Take the next piece of the stream."""
        self._buffer += data

    def next_line(self) -> bytes | None:
        """The next whole line without its end, None where more bytes are needed. Blank lines are left out.

        Raises:
            LineTooLongError: The line is longer than the cap, whether it is whole or not.
        """
        while True:
            end = self._buffer.find(b"\n", self._scanned)
            size = len(self._buffer) if end < 0 else end
            if size > self._limit:
                raise LineTooLongError(self._limit, bytes(self._buffer[:2048]))
            if end < 0:
                # Bytes that were looked at once are not looked at again: a long line costs linear time.
                self._scanned = size
                return None
            line = self._take(end)
            del self._buffer[:1]
            if not line.isspace() and line:
                return line

    def finish(self) -> bytes:
        """What follows the last line feed, empty where the stream ended with a whole line."""
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
