"""The line decoder: any split of the bytes gives the same lines."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async.streaming.ndjson import LineDecoder, LineTooLongError

SEPARATORS = "\u0085\u2028\u2029\x0b\x0c\x1c\x1d\x1e\r"


def decode(pieces: list[bytes], limit: int = 1 << 20) -> tuple[list[bytes], bytes]:
    decoder = LineDecoder(limit)
    lines: list[bytes] = []
    for piece in pieces:
        decoder.feed(piece)
        while (line := decoder.next_line()) is not None:
            lines.append(line)
    return lines, decoder.finish()


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(edges)]


def test_every_split_of_a_small_stream() -> None:
    data = b'\xef\xbb\xbf{"a":1}\r\n\n{"b":"\xc2\x85\xe2\x80\xa8"}\n \n{"c":'
    expected = ([b'{"a":1}\r', '{"b":"\u0085\u2028"}'.encode()], b'{"c":')
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            assert decode([data[:first], data[first:second], data[second:]]) == expected


@given(st.lists(st.text(st.characters(codec="utf-8") | st.sampled_from(SEPARATORS))), st.lists(st.integers(0)))
def test_only_line_feeds_end_a_line(texts: list[str], cuts: list[int]) -> None:
    documents = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    data = "".join(document + "\n" for document in documents).encode()
    lines, rest = decode(split(data, cuts))
    assert [json.loads(line)["text"] for line in lines] == texts
    assert rest == b""


@given(st.binary(), st.lists(st.integers(0)))
def test_any_bytes(data: bytes, cuts: list[int]) -> None:
    whole = decode([data])
    assert decode(split(data, cuts)) == whole
    parts = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    assert whole[0] == [part for part in parts[:-1] if part.strip()]
    assert whole[1] == (parts[-1] if parts[-1].strip() else b"")


def test_a_line_of_the_longest_length_passes_and_one_more_byte_does_not() -> None:
    assert decode([b"x" * 10 + b"\n"], limit=10) == ([b"x" * 10], b"")
    with pytest.raises(LineTooLongError, match="10 bytes") as caught:
        decode([b"x" * 11 + b"\n"], limit=10)
    assert caught.value.start == b"x" * 11


def test_an_unfinished_line_is_refused_as_soon_as_it_is_too_long() -> None:
    decoder = LineDecoder(10)
    decoder.feed(b"ok\n" + b"x" * 11)
    assert decoder.next_line() == b"ok"
    with pytest.raises(LineTooLongError):
        decoder.next_line()


def test_a_long_line_in_small_pieces() -> None:
    data = b"x" * 3_000_000 + b"\n"
    pieces = [data[at : at + 1000] for at in range(0, len(data), 1000)]
    assert decode(pieces, limit=1 << 22) == ([data[:-1]], b"")
