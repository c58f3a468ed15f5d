"""The length of video and audio, from the header of the container."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twelvelabs_async._media.lengths import MAX_PARTS, length
from twelvelabs_async._request.sources import BytesSource, PathSource
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene


def box(kind: bytes, content: bytes, form: str = "plain") -> bytes:
    """A box of an MP4 file: with a size of 32 bits, of 64 bits, or up to the end of the file."""
    if form == "large":
        return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content
    return struct.pack(">I4s", 0 if form == "last" else len(content) + 8, kind) + content


def mvhd(ticks: int, scale: int, version: int = 0) -> bytes:
    facts = struct.pack(">QQIQ" if version else ">IIII", 0, 0, scale, ticks)
    return box(b"mvhd", bytes([version, 0, 0, 0]) + facts + bytes(80))


def mp4(movie: bytes, *, before: bytes = b"", form: str = "plain") -> bytes:
    return box(b"ftyp", b"isom" + bytes(4)) + before + box(b"moov", movie, form)


def element(identifier: int, content: bytes, size_bytes: int = 4) -> bytes:
    """An element of a Matroska file."""
    code = identifier.to_bytes((identifier.bit_length() + 7) // 8, "big")
    return code + (len(content) | 1 << 7 * size_bytes).to_bytes(size_bytes, "big") + content


def matroska(info: bytes, *, before: bytes = b"", live: bool = False) -> bytes:
    segment = element(0x18538067, before + element(0x1549A966, info))
    if live:
        segment = segment[:4] + b"\x01" + b"\xff" * 7 + segment[8:]
    return element(0x1A45DFA3, element(0x4282, b"webm")) + segment


def wav(rate: int, data: bytes, size: int | None = None) -> bytes:
    fmt = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, rate, rate * 2, 2, 16)
    other = b"LIST" + struct.pack("<I", 3) + b"abc\0"  # an odd size is padded
    return b"RIFF\0\0\0\0WAVE" + fmt + other + b"data" + struct.pack("<I", len(data) if size is None else size) + data


def flac(rate: int, samples: int, kind: int = 0) -> bytes:
    facts = (rate << 44 | 1 << 41 | 15 << 36 | samples).to_bytes(8, "big")
    return b"fLaC" + bytes([kind, 0, 0, 34]) + bytes(10) + facts + bytes(16)


def seconds(data: bytes) -> float | None:
    return length(BytesSource(data))


@given(st.integers(1, 1 << 31), st.integers(1, 1 << 31), st.integers(0, 1), st.sampled_from(["plain", "large", "last"]))
def test_mp4(ticks: int, scale: int, version: int, form: str) -> None:
    data = mp4(box(b"udta", b"...") + mvhd(ticks, scale, version), before=box(b"mdat", bytes(99)), form=form)
    assert seconds(data) == pytest.approx(ticks / scale)


@pytest.mark.parametrize(
    "data",
    [
        mp4(mvhd(0, 1000)),  # fragmented: the length is in the fragments
        mp4(mvhd(0xFFFFFFFF, 1000)),  # "not known"
        mp4(mvhd((1 << 64) - 1, 1000, 1)),
        mp4(mvhd(5, 0)),
        mp4(box(b"mvhd", b"\0\0\0\0short")),
        mp4(box(b"udta", b"...")),
        box(b"ftyp", b"isom") + box(b"mdat", b"..."),
        mp4(mvhd(5, 1))[:-40],  # cut off
        box(b"ftyp", b"isom") + b"\0\0\0\x04moov",  # smaller than its own header
        box(b"ftyp", b"isom") + box(b"free", b"") * MAX_PARTS + box(b"moov", mvhd(5, 1)),
    ],
)
def test_mp4_without_a_length(data: bytes) -> None:
    assert seconds(data) is None


@given(st.floats(0.001, 1e9), st.sampled_from([None, 1_000_000, 100_000]), st.integers(4, 8), st.booleans())
def test_matroska(ticks: float, scale: int | None, size_bytes: int, live: bool) -> None:
    info = element(0x4489, struct.pack(">d", ticks), size_bytes)
    if scale is not None:
        info = element(0x2AD7B1, scale.to_bytes(3, "big"), size_bytes) + info
    data = matroska(info, before=element(0x114D9B74, bytes(50), size_bytes), live=live)
    assert seconds(data) == pytest.approx(ticks * (scale or 1_000_000) / 1e9)


def test_matroska_with_a_short_number() -> None:
    assert seconds(matroska(element(0x4489, struct.pack(">f", 2500.0)))) == 2.5


@pytest.mark.parametrize(
    "data",
    [
        matroska(b""),
        matroska(element(0x4489, struct.pack(">d", float("nan")))),
        matroska(element(0x4489, struct.pack(">d", float("inf")))),
        matroska(element(0x4489, struct.pack(">d", -1.0))),
        matroska(element(0x4489, b"abc")),
        matroska(element(0x4489, struct.pack(">d", 9.0)), before=element(0x1F43B675, b"...")),  # the content began
        element(0x1A45DFA3, b"") + element(0x18538067, element(0x1654AE6B, b"...")),
        element(0x1A45DFA3, b"") + b"\0",
        element(0x1A45DFA3, b"") * MAX_PARTS + matroska(element(0x4489, struct.pack(">d", 9.0))),
        element(0x1A45DFA3, b"") + b"\x18\x53\x80\x67\0",
        b"\x1aE\xdf\xa3",
    ],
)
def test_matroska_without_a_length(data: bytes) -> None:
    assert seconds(data) is None


@given(st.integers(1, 96_000), st.binary(max_size=500))
def test_wav(rate: int, data: bytes) -> None:
    expected = pytest.approx(len(data) / (rate * 2)) if data else None
    assert seconds(wav(rate, data)) == expected
    assert seconds(wav(rate, data, size=0xFFFFFFFF)) == expected  # a recording that was interrupted
    assert seconds(wav(rate, data, size=0)) == expected


@pytest.mark.parametrize("data", [wav(0, b"..."), b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVE" + b"LIST\0\0\0\0" * 600])
def test_wav_without_a_length(data: bytes) -> None:
    assert seconds(data) is None


@given(st.integers(1, (1 << 20) - 1), st.integers(1, (1 << 36) - 1))
def test_flac(rate: int, samples: int) -> None:
    assert seconds(flac(rate, samples)) == pytest.approx(samples / rate)


@pytest.mark.parametrize("data", [flac(48_000, 0), flac(0, 9), flac(48_000, 9, kind=4), flac(1, 1)[:20]])
def test_flac_without_a_length(data: bytes) -> None:
    assert seconds(data) is None


def test_other_containers_have_no_known_length() -> None:
    assert seconds(b"OggS" + bytes(100)) is None
    assert seconds(b"x") is None


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "a.mkv"])
def test_real_files(tmp_path: Path, name: str) -> None:
    path = SampleVideo(name, (Scene("red", 3, tone=440.0),)).write(tmp_path)
    assert length(PathSource.of(path)) == pytest.approx(3, abs=0.1)


def test_a_real_recording(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 8000))
    assert length(PathSource.of(tmp_path / "a.wav")) == 1


@attrs.define
class CountingSource:
    """A source that counts what is read of it."""

    data: bytes
    reads: int = 0
    count: int = 0
    replayable: bool = True

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert offset + length <= len(self.data), "beyond the end"
        self.reads += 1
        self.count += length
        return self.data[offset : offset + length]


HEADS = [mp4(b""), mp4(mvhd(9, 1)), matroska(b""), wav(8000, b""), flac(1, 1), b""]


@given(st.binary(max_size=2000), st.sampled_from(HEADS), st.integers(0, 100))
def test_any_bytes_have_a_length_or_none(data: bytes, head: bytes, cut: int) -> None:
    """It ends, it reads within the file, and never more than the headers of so many parts."""
    source = CountingSource(head[: max(4, len(head) - cut)] + data)
    found = length(source)
    assert found is None or found > 0
    assert source.reads <= 3 * MAX_PARTS
    assert source.count <= 40 * source.reads
