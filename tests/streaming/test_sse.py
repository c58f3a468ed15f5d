"""The event-stream decoder: any split of the bytes gives the same events."""

from __future__ import annotations

import itertools
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async.streaming.ndjson import LineTooLongError
from twelvelabs_async.streaming.sse import ServerSentEvent, SseDecoder


def decode(pieces: list[bytes], limit: int = 1 << 20) -> tuple[list[ServerSentEvent], ServerSentEvent | None]:
    decoder = SseDecoder(limit)
    events: list[ServerSentEvent] = []
    for piece in pieces:
        decoder.feed(piece)
        while (event := decoder.next_event()) is not None:
            events.append(event)
    return events, decoder.finish()


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_every_split_of_a_small_stream(end: bytes) -> None:
    lines = [
        b"\xef\xbb\xbf: hello",
        b"event: a",
        b"data: 1",
        b"data:2",
        b"",
        b"id: 7",
        b"retry: 30",
        b"data",
        b"",
        b"data: [DONE]",
    ]
    data = end.join(lines) + end
    expected = (
        [ServerSentEvent(b"1\n2", "a"), ServerSentEvent(b"", "", "7", 30)],
        ServerSentEvent(b"[DONE]", "", "7"),
    )
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            assert decode([data[:first], data[first:second], data[second:]]) == expected


@given(st.binary(), st.lists(st.integers(0)))
def test_any_bytes(data: bytes, cuts: list[int]) -> None:
    assert decode(split(data, cuts)) == decode([data])


@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"\n", b"\r\n", b"\r"]), st.text(st.characters(exclude_characters="\r\n", codec="utf-8"))
        )
    ),
    st.lists(st.integers(0)),
)
def test_data_comes_back(items: list[tuple[bytes, str]], cuts: list[int]) -> None:
    data = b"".join(b": c" + end + b"data: " + text.encode() + end + end for end, text in items)
    events, rest = decode(split(data, cuts))
    assert [event.data.decode() for event in events] == [text for _, text in items]
    assert rest is None


def test_an_event_is_given_before_the_byte_after_cr() -> None:
    decoder = SseDecoder()
    decoder.feed(b"data: x\r\r")
    assert decoder.next_event() == ServerSentEvent(b"x")
    decoder.feed(b"\ndata: y\n\n")
    assert decoder.next_event() == ServerSentEvent(b"y")


def test_fields_that_the_standard_ignores() -> None:
    data = b"nonsense: 1\nid: a\0b\nretry: soon\nevent: only\n\ndata:  two spaces\n\n"
    assert decode([data]) == ([ServerSentEvent(b" two spaces")], None)


def test_text_keeps_separators_that_are_no_line_ends() -> None:
    data = "data: a\u0085b\u2028c\u2029d\x0be\x0c\n\n".encode()
    assert decode([data])[0][0].data.decode() == "a\u0085b\u2028c\u2029d\x0be\x0c"


def test_the_cap_counts_lines_and_the_data_of_an_event() -> None:
    assert decode([b"data:" + b"x" * 5 + b"\n\n"], limit=10)[0] == [ServerSentEvent(b"xxxxx")]
    with pytest.raises(LineTooLongError):
        decode([b"data:" + b"x" * 6 + b"\n\n"], limit=10)
    with pytest.raises(LineTooLongError):
        decode([b"data:xxxxx\n" * 2 + b"\n"], limit=10)
    with pytest.raises(LineTooLongError):
        decode([b":" + b"x" * 100], limit=10)


def reference(data: bytes) -> list[ServerSentEvent]:
    """The standard, word for word, without a thought of pieces or limits; what follows the last blank line is cut."""
    events: list[ServerSentEvent] = []
    lines: list[bytes] = []
    name, last_id, retry = "", "", None
    for line in re.split(rb"\r\n|\r|\n", data.removeprefix(b"\xef\xbb\xbf"))[:-1]:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            if lines:
                events.append(ServerSentEvent(b"\n".join(lines), name, last_id, retry))
            lines, name, retry = [], "", None
        elif field == b"data":
            lines.append(value)
        elif field == b"event":
            name = value.decode(errors="replace")
        elif field == b"id" and b"\0" not in value:
            last_id = value.decode(errors="replace")
        elif field == b"retry" and re.fullmatch(rb"[0-9]+", value):
            retry = int(value[:18])
    return events


PARTS = [
    *(b"data", b"event", b"id", b"retry", b":", b": ", b" ", b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"12", b"{}"),
    *(b"\xef\xbb\xbf", b"\xef", b"\xbb", b"\xff", "é\u2028\u0085".encode(), b"x", b"data:x\n\n"),
]


@given(st.lists(st.sampled_from(PARTS) | st.binary(max_size=3), max_size=60), st.lists(st.integers(0), max_size=20))
def test_any_stream_in_any_pieces_is_what_the_standard_says(parts: list[bytes], cuts: list[int]) -> None:
    data = b"".join(parts)
    events, _ = decode(split(data, cuts))
    assert events == reference(data)


@given(st.lists(st.sampled_from(PARTS), max_size=60), st.integers(0, 30), st.lists(st.integers(0), max_size=20))
def test_the_limit_holds_in_any_pieces(parts: list[bytes], limit: int, cuts: list[int]) -> None:
    """Whether a stream is refused does not depend on its pieces, and nothing longer than the limit comes out."""

    def outcome(pieces: list[bytes]) -> object:
        try:
            events, _ = decode(pieces, limit)
        except LineTooLongError:
            return "refused"
        assert all(len(event.data) <= limit for event in events)
        return events

    data = b"".join(parts)
    assert outcome(split(data, cuts)) == outcome([data])


def test_an_event_of_many_lines_takes_no_more_memory_than_its_bytes() -> None:
    decoder = SseDecoder()
    piece = b"data:ab\n" * 500
    tracemalloc.start()
    for _ in range(100):
        decoder.feed(piece)
        assert decoder.next_event() is None
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 600_000  # the data has 150,000 bytes; as a list of lines it would be two million
    decoder.feed(b"\n")
    event = decoder.next_event()
    assert event is not None
    assert event.data == b"\n".join([b"ab"] * 50_000)
