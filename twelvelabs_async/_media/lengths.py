"""The length of video and audio, from the header of the container.

Of containers whose header states it: MP4 and QuickTime, Matroska and WebM, WAV, FLAC. The others (MP3, Ogg, AVI,
MPEG-TS, fragmented MP4) would have to be read as a whole.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .._request.sources import Source

MAX_PARTS: Final = 512
"""Boxes, elements or chunks that are looked at in one file. A file of more parts has no known length."""

_SEGMENT, _INFO, _SCALE, _DURATION, _CLUSTER = 0x18538067, 0x1549A966, 0x2AD7B1, 0x4489, 0x1F43B675


def length(source: Source) -> float | None:
    """The length of a file in seconds; None where its header does not state it. Blocks.

    Raises:
        SourceError: The file cannot be read.
    """
    head = _read(source, 0, 12)
    found: float | None = None
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
        found = _mp4(source)
    elif head.startswith(b"\x1aE\xdf\xa3"):
        found = _matroska(source)
    elif head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        found = _wav(source)
    elif head.startswith(b"fLaC"):
        found = _flac(_read(source, 4, 38))
    return found if found and found > 0 else None


def _read(source: Source, offset: int, count: int) -> bytes:
    """The bytes of a region, fewer where the file ends."""
    count = min(count, source.size - offset)
    return source.read(offset, count) if count > 0 else b""


def _mp4(source: Source) -> float | None:
    """The length that the movie header states, which is that of the longest track. Fragmented files state none."""
    for kind, start, end in _boxes(source, 0, source.size):
        if kind == b"moov":
            for inner, begin, _ in _boxes(source, start, end):
                if inner == b"mvhd":
                    return _mvhd(_read(source, begin, 32))
            return None
    return None


def _boxes(source: Source, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes of a region: type, begin and end of the content."""
    for _ in range(MAX_PARTS):
        header = _read(source, at, 16)
        if at + 8 > end or len(header) < 8:
            return
        size, skip = int.from_bytes(header[:4], "big"), 8
        if size == 1 and len(header) == 16:
            size, skip = int.from_bytes(header[8:], "big"), 16
        elif size == 0:
            size = end - at
        if size < skip or at + size > end:
            return
        yield header[4:8], at + skip, at + size
        at += size


def _mvhd(data: bytes) -> float | None:
    form, most = (">16xIQ", 28) if data[:1] == b"\1" else (">8xII", 16)
    # Behind the version and the flags: two times, the time scale, the length.
    if len(data) < 4 + most:
        return None
    scale, ticks = struct.unpack_from(form, data, 4)
    unknown = (1 << 64) - 1 if data[0] == 1 else (1 << 32) - 1
    return ticks / scale if scale and ticks != unknown else None


def _matroska(source: Source) -> float | None:
    """The length that the segment information states. It comes before the content, or is missing."""
    for kind, start, end in _elements(source, 0, source.size):
        if kind == _SEGMENT:
            for inner, begin, stop in _elements(source, start, end):
                if inner == _INFO:
                    return _info(source, begin, stop)
                if inner == _CLUSTER:
                    return None
            return None
    return None


def _info(source: Source, start: int, end: int) -> float | None:
    scale, ticks = 1_000_000, None
    for kind, begin, stop in _elements(source, start, end):
        data = _read(source, begin, min(stop - begin, 8))
        if kind == _SCALE:
            scale = int.from_bytes(data, "big")
        elif kind == _DURATION and len(data) in {4, 8}:
            ticks = struct.unpack(">f" if len(data) == 4 else ">d", data)[0]
    # A comparison, because the number may be infinite or no number.
    return ticks * scale / 1e9 if ticks is not None and 0 < ticks < 1e15 else None


def _elements(source: Source, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The elements of a region: identifier, begin and end of the content."""
    for _ in range(MAX_PARTS):
        header = _read(source, at, 12)
        id_bytes = 9 - header[0].bit_length() if header and header[0] else 9
        rest = header[id_bytes:]
        size_bytes = 9 - rest[0].bit_length() if rest and rest[0] else 9
        if at >= end or id_bytes > 4 or len(rest) < size_bytes:
            return
        size = int.from_bytes(rest[:size_bytes], "big") ^ (1 << 7 * size_bytes)
        start = at + id_bytes + size_bytes
        # All bits set: the length of the element is not known, because the file was recorded live.
        stop = end if size == (1 << 7 * size_bytes) - 1 else start + size
        yield int.from_bytes(header[:id_bytes], "big"), start, min(stop, end)
        at = stop


def _wav(source: Source) -> float | None:
    at, rate = 12, 0
    for _ in range(MAX_PARTS):
        header = _read(source, at, 20)
        if len(header) < 8:
            return None
        size = int.from_bytes(header[4:8], "little")
        if header[:4] == b"fmt " and len(header) == 20:
            rate = int.from_bytes(header[16:20], "little")  # bytes per second
        elif header[:4] == b"data":
            # A recorder that was interrupted leaves zero or the maximum behind: the rest of the file is the sound.
            left = source.size - at - 8
            return (left if size in {0, 0xFFFFFFFF} else min(size, left)) / rate if rate else None
        at += 8 + size + size % 2
    return None


def _flac(info: bytes) -> float | None:
    """From the block STREAMINFO, which is the first one."""
    if len(info) < 22 or info[0] & 127:
        return None
    facts = int.from_bytes(info[14:22], "big")  # 20 bits rate, 3 channels, 5 bits per sample, 36 number of samples
    rate, samples = facts >> 44, facts & (1 << 36) - 1
    return samples / rate if rate and samples else None
