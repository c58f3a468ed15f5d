"""The kind of content of a file, from its first bytes."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import attrs

from .._value import Value

Kind: TypeAlias = Literal["video", "audio", "image", "document"]
"""Kinds of content that the platform takes as files."""

HEAD_BYTES: Final = 4096
"""Bytes at the beginning of a file that suffice to tell its kind."""


@attrs.frozen(eq=False, repr=False)
class FileType(Value):
    """A file format.

    Attributes:
        kind: Kind of content.
        media_type: Media type.
        suffix: Usual ending of file names, with the dot.
    """

    kind: Kind
    media_type: str
    suffix: str


_MP4: Final = FileType("video", "video/mp4", ".mp4")
_PREFIXES: Final[tuple[tuple[bytes, FileType], ...]] = (
    (b"\x89PNG\r\n\x1a\n", FileType("image", "image/png", ".png")),
    (b"\xff\xd8\xff", FileType("image", "image/jpeg", ".jpg")),
    (b"GIF87a", FileType("image", "image/gif", ".gif")),
    (b"GIF89a", FileType("image", "image/gif", ".gif")),
    (b"II*\0", FileType("image", "image/tiff", ".tiff")),
    (b"MM\0*", FileType("image", "image/tiff", ".tiff")),
    (b"%PDF-", FileType("document", "application/pdf", ".pdf")),
    (b"FLV\x01", FileType("video", "video/x-flv", ".flv")),
    (b"\0\0\x01\xba", FileType("video", "video/mpeg", ".mpg")),
    (b"\0\0\x01\xb3", FileType("video", "video/mpeg", ".mpg")),
    (b"fLaC", FileType("audio", "audio/flac", ".flac")),
    (b"ID3", FileType("audio", "audio/mpeg", ".mp3")),
)
_RIFF: Final = {
    b"WAVE": FileType("audio", "audio/wav", ".wav"),
    b"AVI ": FileType("video", "video/x-msvideo", ".avi"),
    b"WEBP": FileType("image", "image/webp", ".webp"),
}
_IFF: Final = {
    b"AIFF": FileType("audio", "audio/aiff", ".aiff"),
    b"AIFC": FileType("audio", "audio/aiff", ".aiff"),
}
_BRANDS: Final = {
    b"M4A ": FileType("audio", "audio/mp4", ".m4a"),
    b"M4B ": FileType("audio", "audio/mp4", ".m4b"),
    b"qt  ": FileType("video", "video/quicktime", ".mov"),
    b"heic": FileType("image", "image/heic", ".heic"),
    b"heix": FileType("image", "image/heic", ".heic"),
    b"mif1": FileType("image", "image/heif", ".heif"),
    b"avif": FileType("image", "image/avif", ".avif"),
}
"""Major brands of `ftyp` boxes. Those that are not listed are video, which may have no picture after all."""
_OLD_QUICKTIME: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip"})
_TEXT: Final = FileType("document", "text/plain", ".txt")
_CONTROLS: Final = frozenset(range(32)) - frozenset(b"\t\n\r\f")


def file_type(head: bytes) -> FileType | None:
    """The format of a file; None where its first bytes do not tell.

    Args:
        head: The first `HEAD_BYTES` bytes of the file, or the whole file if it is smaller.
    """
    for prefix, found in _PREFIXES:
        if head.startswith(prefix):
            return found
    return _container(head) or _raw_audio(head) or (_TEXT if _is_text(head) else None)


def _container(head: bytes) -> FileType | None:
    form = head[8:12]
    if head[4:8] == b"ftyp":
        return _BRANDS.get(form, _MP4)
    if head[4:8] in _OLD_QUICKTIME:
        return _BRANDS[b"qt  "]
    if head.startswith(b"RIFF"):
        return _RIFF.get(form)
    if head.startswith(b"FORM"):
        return _IFF.get(form)
    if (
        head.startswith(b"BM")
        and len(head) > 14
        and int.from_bytes(head[14:18], "little") in {12, 40, 52, 56, 108, 124}
    ):
        return FileType("image", "image/bmp", ".bmp")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return _matroska(head)
    if head.startswith(b"OggS"):
        is_video = b"\x80theora" in head[:512]
        return FileType("video", "video/ogg", ".ogv") if is_video else FileType("audio", "audio/ogg", ".ogg")
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return FileType("video", "video/mp2t", ".ts")
    return None


def _matroska(head: bytes) -> FileType:
    """Matroska is for video and for audio. The tracks are near the beginning, and name their codecs."""
    is_audio = b"A_" in head and b"V_" not in head
    if b"webm" in head[:64]:
        return FileType("audio", "audio/webm", ".webm") if is_audio else FileType("video", "video/webm", ".webm")
    if is_audio:
        return FileType("audio", "audio/x-matroska", ".mka")
    return FileType("video", "video/x-matroska", ".mkv")


def _raw_audio(head: bytes) -> FileType | None:
    """MPEG audio and ADTS have no signature but the sync bits of a frame, followed by valid header fields."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = head[1] >> 1 & 3
    if layer == 0:
        is_adts = head[1] & 0xF6 == 0xF0 and head[2] >> 2 & 15 < 13
        return FileType("audio", "audio/aac", ".aac") if is_adts else None
    is_frame = head[1] >> 3 & 3 != 1 and head[2] >> 4 not in {0, 15} and head[2] >> 2 & 3 != 3
    return FileType("audio", "audio/mpeg", ".mp3") if is_frame else None


def _is_text(head: bytes) -> bool:
    """Whether this is UTF-8 text; a character that was cut off at the end of a full head does not count."""
    if not head.strip() or any(byte in _CONTROLS for byte in head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return len(head) >= HEAD_BYTES and error.start > len(head) - 4 and error.reason == "unexpected end of data"
    return True
