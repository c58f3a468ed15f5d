"""Decodes `text/event-stream` as the WHATWG HTML standard defines it, without I/O.

Lines end with CR, LF or CRLF; a blank line ends an event; lines that begin with a colon are comments; several `data`
lines are joined with LF. Data stays bytes: an invalid byte must reach the JSON decoder unchanged, and not as a
replacement character.
"""

from __future__ import annotations

from typing import Final

import attrs

from .._safe_repr import SafeRepr
from .ndjson import MAX_LINE_BYTES, LineDecoder, LineTooLongError

MAX_EVENT_BYTES: Final = MAX_LINE_BYTES
"""Maximum length of an event in bytes: of each line, and of all its data together."""


@attrs.frozen
class ServerSentEvent(SafeRepr):
    """One event.

    Attributes:
        data: The `data` lines, joined with LF.
        event: The `event` field; empty if there was none.
        id: The latest `id` field of the stream.
        retry: The `retry` field of this event in milliseconds.
    """

    data: bytes
    event: str = ""
    id: str = ""
    retry: int | None = None


class SseDecoder:
    """Decodes chunks of bytes of any size to events.

    Call `feed` with each chunk, then `next_event` until it returns None; at the end, `finish` returns an event that no
    blank line has ended.
    """

    def __init__(self, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._limit = max_event_bytes
        self._lines = LineDecoder(max_event_bytes, keep_blank=True)
        self._after_cr = False
        self._last_id = ""
        self._data = bytearray()  # each data line with a LF; a list of lines could take many times their size
        self._event = ""
        self._retry: int | None = None

    def feed(self, data: bytes) -> None:
        """Add the next chunk of the stream."""
        if self._after_cr and data:
            # The CR has ended the line already, so that no event waits for a next byte that may never arrive.
            self._after_cr = False
            data = data.removeprefix(b"\n")
        if b"\r" in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        self._lines.feed(data)

    def next_event(self) -> ServerSentEvent | None:
        """The next complete event; None if more bytes are needed. Events without data are skipped.

        Raises:
            LineTooLongError: A line, or the data of one event, is longer than the limit.
        """
        while (line := self._lines.next_line()) is not None:
            if line:
                self._field(line)
            elif (event := self._dispatch()) is not None:
                return event
        return None

    def finish(self) -> ServerSentEvent | None:
        """The incomplete last event; None if the stream ended between two events."""
        rest = self._lines.finish()
        if rest:
            self._field(rest)
        return self._dispatch()

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data += value
            self._data += b"\n"
            if len(self._data) > self._limit + 1:
                raise LineTooLongError(self._limit, bytes(self._data[:2048]))
        elif name == b"event":
            self._event = value.decode(errors="replace")
        elif name == b"id" and b"\0" not in value:
            self._last_id = value.decode(errors="replace")
        elif name == b"retry" and value.isdigit():
            self._retry = int(value[:18])
        # A comment has an empty name; other names are ignored.

    def _dispatch(self) -> ServerSentEvent | None:
        event = None
        if self._data:
            event = ServerSentEvent(bytes(self._data[:-1]), self._event, self._last_id, self._retry)
            self._data = bytearray()
        self._event, self._retry = "", None
        return event
