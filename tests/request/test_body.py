"""Bodies: they have the announced length, are made anew, and notice files that change."""

from __future__ import annotations

import asyncio
import email.parser
import io
import os
import threading
from email.policy import HTTP
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async._request.body import SLICE_BYTES, Body, JsonBody
from twelvelabs_async._request.form import FormBody, FormField
from twelvelabs_async._request.message import Request, Response
from twelvelabs_async._request.sources import BytesSource, FileSource, PathSource, Source, SourceError

if TYPE_CHECKING:
    from pathlib import Path


async def collect(body: Body) -> list[bytes]:
    payload = body.open()
    return [payload] if isinstance(payload, bytes) else [bytes(piece) async for piece in payload]


async def test_json_body() -> None:
    body = JsonBody(b'{"a":1}')
    assert (body.content_type, body.content_length, body.replayable) == ("application/json", 7, True)
    assert await collect(body) == [b'{"a":1}']
    assert "secret" not in repr(JsonBody(b"secret"))


def form(source: Source) -> FormBody:
    return FormBody([FormField("video_file", source, "a.mp4")])


async def file_in(body: FormBody) -> bytes:
    """The content of the only part of a form."""
    sent = b"".join(await collect(body))
    assert len(sent) == body.content_length
    return sent.split(b"\r\n\r\n", 1)[1].rpartition(b"\r\n--")[0]


async def test_a_file_is_read_in_slices_as_often_as_wanted(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4096  # 1 MiB
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    body = form(PathSource.of(path))
    assert body.replayable
    for _ in range(2):
        assert await file_in(body) == data
        assert max(map(len, await collect(body))) == SLICE_BYTES


async def test_two_payloads_of_one_body_are_independent(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"ab" * SLICE_BYTES)
    body = form(PathSource.of(path))
    first = body.open()
    assert not isinstance(first, bytes)
    head, slice_ = await anext(first), await anext(first)
    assert bytes(head).endswith(b"\r\n\r\n")
    assert len(slice_) == SLICE_BYTES
    assert await file_in(body) == b"ab" * SLICE_BYTES


async def test_a_small_form_is_one_slice(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x" * 1000)
    for source in (PathSource.of(path), BytesSource(b"x" * 1000), FileSource(io.BytesIO(b"x" * 1000), 0, 1000)):
        body = form(source)
        for _ in range(2):
            pieces = await collect(body)
            assert [len(piece) for piece in pieces] == [body.content_length]
            assert await file_in(body) == b"x" * 1000
    body = form(PathSource.of(path))
    payload = body.open()
    assert not isinstance(payload, bytes)
    path.write_bytes(b"y")
    with pytest.raises(SourceError):
        await anext(payload)
    two = FormBody(
        [
            FormField("a", BytesSource(b"1"), "a"),
            FormField("b", "2"),
            FormField("c", FileSource(io.BytesIO(b"3"), 0, 1), "c"),
        ]
    )
    assert [value for _, _, _, value in parse_form(two, (await collect(two))[0])] == [b"1", b"2", b"3"]


async def test_bytes_in_memory_need_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(asyncio.BaseEventLoop, "run_in_executor")
    assert await file_in(form(BytesSource(b"x" * 1000))) == b"x" * 1000


@pytest.mark.parametrize("change", ["shrink", "grow", "touch", "replace", "remove"])
async def test_file_that_changes_is_noticed(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x" * (SLICE_BYTES + 10))
    payload = form(PathSource.of(path)).open()
    assert not isinstance(payload, bytes)
    head, slice_ = await anext(payload), await anext(payload)
    assert bytes(head).endswith(b"\r\n\r\n")
    assert slice_ == b"x" * SLICE_BYTES
    if change == "shrink":
        path.write_bytes(b"x")
    elif change == "grow":
        path.write_bytes(b"x" * SLICE_BYTES * 3)
    elif change == "touch":
        os.utime(path, ns=(1, 1))
    elif change == "replace":
        other = tmp_path / "b"
        other.write_bytes(b"y" * (SLICE_BYTES + 10))
        other.replace(path)
    else:
        path.unlink()
    with pytest.raises(SourceError):
        await anext(payload)


async def test_file_object_is_read_from_where_it_stood_and_not_closed() -> None:
    file = io.BytesIO(b"head" + b"x" * 10)
    file.seek(4)
    body = form(FileSource(file, 4, 10))
    for _ in range(2):
        assert await file_in(body) == b"x" * 10
    assert not file.closed


def test_file_object_is_read_by_many_threads() -> None:
    data = bytes(range(256)) * 1000
    source = FileSource(io.BytesIO(data), 0, len(data))
    right: list[bool] = []

    def read(offset: int) -> None:
        right.extend(source.read(offset, 1000) == data[offset : offset + 1000] for _ in range(100))

    threads = [threading.Thread(target=read, args=(offset,)) for offset in range(0, 8000, 1000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 800


def test_reads_that_fall_short_are_errors() -> None:
    file = io.BytesIO(b"abc")
    with pytest.raises(SourceError, match="2 bytes early, at byte 3"):
        FileSource(file, 0, 5).read(0, 5)
    with pytest.raises(SourceError, match="the given bytes"):
        BytesSource(b"abc").read(1, 5)
    file.close()
    with pytest.raises(SourceError, match="could not be read"):
        FileSource(file, 0, 3).read(0, 3)


def test_reads_that_come_in_drips_are_put_together() -> None:
    class Drips(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b"abcdefgh"

        def readinto(self, buffer: Any) -> int:
            piece, self.data = self.data[:3], self.data[3:]
            buffer[: len(piece)] = piece
            return len(piece)

    drips: Any = Drips()
    assert FileSource(drips, 0, 8, replayable=False).read(0, 8) == b"abcdefgh"


def parse_form(body: FormBody, data: bytes) -> list[tuple[Any, str | None, str, Any]]:
    head = f"Content-Type: {body.content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=HTTP).parsebytes(head + data)
    parts = []
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        parts.append((name, part.get_filename(), part.get_content_type(), content))
    return parts


async def test_form_has_the_length_that_it_announces(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"v" * 300_000)
    body = FormBody(
        [
            FormField("index_id", "i1"),
            FormField("video_file", PathSource.of(path), "a.mp4", "video/mp4"),
            FormField("user_metadata", '{"ü": 1}', None, "application/json"),
            FormField("raw", b"\x00\r\n--"),
        ]
    )
    data = b"".join(await collect(body))
    assert len(data) == body.content_length
    assert b"".join(await collect(body)) == data
    assert body.replayable
    assert parse_form(body, data)[:3] == [
        ("index_id", None, "text/plain", b"i1"),
        ("video_file", "a.mp4", "video/mp4", b"v" * 300_000),
        ("user_metadata", None, "application/json", '{"ü": 1}'.encode()),
    ]
    assert "v" * 10 not in repr(body)


@pytest.mark.parametrize("body", [JsonBody(b"x" * 1_000_000), FormBody([FormField("a", "x" * 1_000_000)])])
async def test_large_bodies_in_memory_are_cut_into_slices(body: Body) -> None:
    for _ in range(2):
        pieces = await collect(body)
        assert max(map(len, pieces)) == SLICE_BYTES
        assert sum(map(len, pieces)) == body.content_length


async def test_form_without_files_is_bytes() -> None:
    assert isinstance(FormBody([FormField("a", "1")]).open(), bytes)
    assert not FormBody([FormField("a", FileSource(io.BytesIO(b"x"), 0, 1, replayable=False))]).replayable


NAMES = st.text(st.characters(codec="utf-8"), min_size=1)
TEXTS = st.text(st.characters(codec="utf-8"))


@given(st.lists(st.tuples(NAMES, TEXTS, NAMES), min_size=1, max_size=5))
def test_no_name_or_value_breaks_out_of_its_part(fields: list[tuple[str, str, str]]) -> None:
    body = FormBody([FormField(name, value, filename) for name, value, filename in fields])
    data = body.open()
    assert isinstance(data, bytes)
    assert data.count(body.content_type.partition("boundary=")[2].encode()) == len(fields) + 1
    for head in data.split(b"\r\n\r\n")[:1]:
        assert head.count(b"\r\n") == 1  # the boundary, and one line


def test_content_type_of_a_part_cannot_inject_a_header() -> None:
    with pytest.raises(ValueError, match="line break"):
        FormBody([FormField("a", b"x", "a", "video/mp4\r\nX-Evil: 1")])


def test_reprs_show_no_values() -> None:
    request = Request(
        operation="x", method="GET", url="https://h/p?Signature=abc", headers={"X-Key": "abc"}, body=JsonBody(b"abc")
    )
    assert "abc" not in repr(request)
    assert "abc" not in repr(Response(200, {"X-Key": "abc"}, b"abc"))


def test_a_small_form_in_memory_is_sent_as_bytes() -> None:
    for data, kind in ((b"content", bytes), (bytearray(b"content"), bytes), (b"x" * SLICE_BYTES, object)):
        body = form(BytesSource(data))
        payload = body.open()
        assert isinstance(payload, bytes) == (kind is bytes)
        if isinstance(payload, bytes):
            assert len(payload) == body.content_length
            assert b"\r\n\r\ncontent\r\n--" in payload
