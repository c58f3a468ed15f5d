"""The kind of content of a file, from its first bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async._media.kinds import HEAD_BYTES, file_type

FILES = [
    (b"\x89PNG\r\n\x1a\n....", "image", "image/png", ".png"),
    (b"\xff\xd8\xff\xe0....", "image", "image/jpeg", ".jpg"),
    (b"GIF89a....", "image", "image/gif", ".gif"),
    (b"II*\0....", "image", "image/tiff", ".tiff"),
    (b"BM" + bytes(12) + b"\x28\0\0\0" + bytes(8), "image", "image/bmp", ".bmp"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "image", "image/webp", ".webp"),
    (b"\0\0\0\x18ftypheic\0\0\0\0", "image", "image/heic", ".heic"),
    (b"%PDF-1.7\n", "document", "application/pdf", ".pdf"),
    ("A goal, and gr\u00fc\u00dfe.\n".encode(), "document", "text/plain", ".txt"),
    (b"\0\0\0\x18ftypisom\0\0\2\0", "video", "video/mp4", ".mp4"),
    (b"\0\0\0\x14ftypqt  \0\0\2\0", "video", "video/quicktime", ".mov"),
    (b"\0\0\0\x08wide\0\0\0\0mdat", "video", "video/quicktime", ".mov"),
    (b"\0\0\0\x18ftypM4A \0\0\2\0", "audio", "audio/mp4", ".m4a"),
    (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01webm", "video", "video/webm", ".webm"),
    (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01matroska", "video", "video/x-matroska", ".mkv"),
    (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01webm...A_OPUS", "audio", "audio/webm", ".webm"),
    (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01webm...V_VP9...A_OPUS", "video", "video/webm", ".webm"),
    (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01matroska...A_AAC", "audio", "audio/x-matroska", ".mka"),
    (b"RIFF\0\0\0\0AVI LIST", "video", "video/x-msvideo", ".avi"),
    (b"RIFF\0\0\0\0WAVEfmt ", "audio", "audio/wav", ".wav"),
    (b"FORM\0\0\0\0AIFFCOMM", "audio", "audio/aiff", ".aiff"),
    (b"fLaC\0\0\0\x22", "audio", "audio/flac", ".flac"),
    (b"OggS\0\2.......\x01vorbis", "audio", "audio/ogg", ".ogg"),
    (b"OggS\0\2.......\x80theora", "video", "video/ogg", ".ogv"),
    (b"FLV\x01\x05", "video", "video/x-flv", ".flv"),
    (b"\0\0\x01\xba\x44", "video", "video/mpeg", ".mpg"),
    ((b"\x47" + bytes(187)) * 3, "video", "video/mp2t", ".ts"),
    (b"ID3\x04\0\0", "audio", "audio/mpeg", ".mp3"),
    (b"\xff\xfb\x90\x64" + bytes(8), "audio", "audio/mpeg", ".mp3"),
    (b"\xff\xf1\x50\x80" + bytes(8), "audio", "audio/aac", ".aac"),
]


@pytest.mark.parametrize(("head", "kind", "media_type", "suffix"), FILES)
def test_formats(head: bytes, kind: str, media_type: str, suffix: str) -> None:
    found = file_type(head)
    assert found is not None
    assert (found.kind, found.media_type, found.suffix) == (kind, media_type, suffix)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"   \n",
        b"\xff",
        b"\xff\xe9\x90\x64",  # a version of MPEG audio that is reserved
        b"\xff\xfb\xf0\x64",  # a bit rate that does not exist
        b"\xff\xfb\x9c\x64",  # a sample rate that does not exist
        b"\xff\xf1\x7c\x80",  # the same for ADTS
        b"RIFF\0\0\0\0RMID",
        b"FORM\0\0\0\0ILBM",
        b"BM is the beginning of nothing\0",
        b"\0\1\2\3",
        b"text with a \0 byte",
        b"latin 1: gr\xfc\xdfe",
        "cut off: ü".encode()[:-1],
    ],
)
def test_what_is_not_known(head: bytes) -> None:
    assert file_type(head) is None


def test_text_that_is_cut_off_in_a_character() -> None:
    for offset in range(4):
        head = ("x" * offset + "\U0001f3ac" * HEAD_BYTES).encode()[:HEAD_BYTES]
        found = file_type(head)
        assert found is not None
        assert found.kind == "document"
    assert file_type(b"\xfc" + b"x" * (HEAD_BYTES - 1)) is None


@given(st.binary(max_size=600), st.sampled_from([head for head, *_ in FILES]))
def test_any_bytes_have_a_kind_or_none(data: bytes, head: bytes) -> None:
    for tried in (data, head + data, head[: len(data) % len(head)] + data):
        found = file_type(tried)
        assert found is None or found.kind in {"video", "audio", "image", "document"}
