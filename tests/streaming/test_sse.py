"""The event-stream decoder: any split of the bytes gives the same events."""

from __future__ import annotations

import itertools

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
