"""Probing real files: what they are, and what is refused."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twelvelabs_async.emulator.media import (
    DEFAULT_LIMITS,
    Limits,
    MediaError,
    MediaInfo,
    check_indexable,
    index,
    probe,
    thumbnail,
)
from twelvelabs_async.emulator.media.samples import (
    Caption,
    SampleVideo,
    Scene,
    image_bytes,
    write_audio,
    write_broken,
    write_image,
    write_truncated,
)

if TYPE_CHECKING:
    from pathlib import Path

VIDEO = MediaInfo("video", "video/mp4", 1000, "mp4", duration=10, width=640, height=360, fps=25, codec="h264")


def code_of(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        probe(path)
    assert str(caught.value) == f"{caught.value.code}: {caught.value.message}"
    return caught.value.code


def test_technical_metadata(videos: dict[str, Path]) -> None:
    info = probe(videos["beach"])
    facts = info.technical
    assert facts["file_size_bytes"] == info.size == videos["beach"].stat().st_size
    assert (facts["video_codec"], facts["audio_codec"]) == ("h264", "aac")
    assert (facts["audio_sample_rate"], facts["audio_channels"], facts["has_audio"]) == (44100, 1, True)
    stream = facts["video_streams"][0]
    assert (stream["width"], stream["height"], stream["rotation"], stream["scan_type"]) == (640, 360, 0, "progressive")
    assert (stream["pixel_format"], stream["bit_depth"]) == ("yuv420p", 8)
    assert facts["is_hdr"] is False


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "empty.mp4", "video_file_broken"),
        (bytes(40_000), "zeros.mp4", "video_file_broken"),
        (b"this is no video\n" * 100, "text.mp4", "video_file_broken"),
        (b"#EXTM3U\n#EXTINF:5,\nhttp://127.0.0.1:9/secret.ts\n", "list.m3u8", "video_file_broken"),
        (b"\x00\x00\x00\x08ftyp\x00\x00\x00\x08moov", "hollow.mp4", "video_file_broken"),
        (b"\x00\x00\x00\x01ftyp" + b"\xff" * 8, "huge.mp4", "video_file_broken"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "bad.png", "unsupported_media_type"),
        (b"\x7fELF" + bytes(range(256)) * 8, "program", "video_file_broken"),
    ],
)
def test_refuses_what_is_no_medium(tmp_path: Path, content: bytes, name: str, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert code_of(path) == code


def test_refuses_broken_and_truncated_files(tmp_path: Path) -> None:
    spec = SampleVideo("a.mp4", (Scene("red", 4),))
    assert code_of(write_broken(tmp_path / "broken.mp4")) == "video_file_broken"
    assert code_of(write_truncated(tmp_path / "cut.mp4", spec)) == "video_file_broken"


@pytest.mark.parametrize("keep", [0.05, 0.5, 0.9])
def test_truncated_matroska_is_refused_or_read(tmp_path: Path, keep: float) -> None:
    path = write_truncated(tmp_path / "cut.mkv", SampleVideo("a.mkv", (Scene("red", 4, pattern="noise"),)), keep)
    with suppress(MediaError):
        assert probe(path).kind == "video"


def test_odd_sizes(tmp_path: Path) -> None:
    info = probe(SampleVideo("odd.mp4", (Scene("red", 1),), width=361, height=363).write(tmp_path))
    assert (info.width, info.height) == (361, 363)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotation_decides_width_and_height(tmp_path: Path, rotation: int) -> None:
    info = probe(SampleVideo("turned.mp4", (Scene("red", 1),), rotation=rotation).write(tmp_path))
    assert (info.width, info.height) == ((640, 360) if rotation == 180 else (360, 640))
    assert info.technical["video_streams"][0]["rotation"] == rotation


def test_audio_files(tmp_path: Path) -> None:
    for suffix, mime in (("wav", "audio/wav"), ("mp3", "audio/mpeg"), ("flac", "audio/flac"), ("m4a", "audio/mp4")):
        info = probe(write_audio(tmp_path / f"a.{suffix}", [(5, 440.0, 0.5)]))
        assert (info.kind, info.mime, info.has_audio) == ("audio", mime, True)
        assert info.duration == pytest.approx(5, abs=0.1)
        check_indexable(info)


def test_images_and_documents(tmp_path: Path) -> None:
    png, jpeg = write_image(tmp_path / "a.png", "red", 50, 40), write_image(tmp_path / "a.jpg", "red")
    assert [(i.kind, i.mime, i.width, i.height) for i in (probe(png), probe(jpeg))] == [
        ("image", "image/png", 50, 40),
        ("image", "image/jpeg", 320, 240),
    ]
    text = tmp_path / "a.txt"
    text.write_text("Hello.", encoding="utf-8")
    marked = tmp_path / "a.md"
    marked.write_text("Hällo", encoding="utf-16")
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(b"%PDF-1.7\n/Type /Pages\n/Type /Page\n/Type/Page")
    nameless = tmp_path / "README"
    nameless.write_text("x", encoding="utf-8")
    assert [probe(path).mime for path in (text, marked, pdf, nameless)] == [
        "text/plain",
        "text/markdown",
        "application/pdf",
        "text/plain",
    ]
    assert probe(pdf).pages == 2
    with pytest.raises(MediaError, match="unsupported_media_type"):
        check_indexable(probe(pdf))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"width": 358}, "video_resolution_too_low"),
        ({"height": 200}, "video_resolution_too_low"),
        ({"width": 5186, "height": 2160}, "video_resolution_too_high"),
        ({"width": 2400, "height": 2400}, "video_resolution_too_high"),
        ({"width": 1000, "height": 400}, "video_resolution_invalid_aspect_ratio"),
        ({"width": 400, "height": 1000}, "video_resolution_invalid_aspect_ratio"),
        ({"duration": 3.9}, "video_duration_too_short"),
        ({"duration": 4 * 3600 + 1.0}, "video_duration_too_long"),
    ],
)
def test_limits(change: dict[str, int], code: str) -> None:
    with pytest.raises(MediaError) as caught:
        check_indexable(replace(VIDEO, **change))  # type: ignore[arg-type]
    assert caught.value.code == code


def test_limits_are_parameters() -> None:
    check_indexable(replace(VIDEO, duration=1.0), replace(DEFAULT_LIMITS, min_duration=1.0))
    with pytest.raises(MediaError, match="video_filesize_too_large"):
        check_indexable(VIDEO, Limits(max_size=999))


@given(st.integers(360, 2160), st.floats(1.0, 2.4))
def test_everything_between_the_limits_is_accepted(height: int, ratio: float) -> None:
    check_indexable(replace(VIDEO, height=height, width=int(height * ratio)))
    check_indexable(replace(VIDEO, width=height, height=int(height * ratio)))


def test_a_small_file_that_claims_to_be_huge_is_not_decoded(tmp_path: Path) -> None:
    data = bytearray(image_bytes("red", 8, 8))
    data[16:24] = struct.pack(">II", 12_000, 12_000)  # width and height in the header of a PNG
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path = tmp_path / "huge.png"
    path.write_bytes(bytes(data))
    with pytest.raises(MediaError, match="far too large"):
        probe(path)


def test_a_text_in_another_encoding_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("Größe und Maß, immer wieder. ".encode("latin-1") * 10)
    assert code_of(path) == "video_file_broken"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short video with all kinds of tracks."""
    spec = SampleVideo(
        "s.mp4", (Scene("red", 0.5, tone=440), Scene("blue", 0.5)), (Caption(0, 1, "x"),), 64, 64, 8, title="t"
    )
    return spec.write(tmp_path_factory.mktemp("small"))


def test_an_unknown_codec_is_an_error_with_a_name(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "unknown.mp4"
    path.write_bytes(small.read_bytes().replace(b"avc1\x00", b"xyz9\x00"))
    assert code_of(path) == "video_file_broken"
    data = small.read_bytes().replace(b"mp4a\x00", b"xyz9\x00").replace(b"esds", b"free")
    path.write_bytes(data.replace(b"tx3g\x00", b"xyz8\x00"))
    info = probe(path)
    assert (info.has_audio, index(path, info)["transcription"]) == (False, [])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8)), max_size=6),
    keep=st.just(1.0) | st.floats(0, 1),
)
def test_any_damage_is_an_error_with_a_name_or_none(
    small: Path, tmp_path: Path, changes: list[tuple[float, bytes]], keep: float
) -> None:
    data = bytearray(small.read_bytes())
    for place, patch in changes:
        at = int(place * len(data))
        data[at : at + len(patch)] = patch
    path = tmp_path / "damaged.mp4"
    path.write_bytes(bytes(data[: int(len(data) * keep)]))
    with suppress(MediaError):
        found = index(path, probe(path))
        assert all(scene["end"] >= scene["start"] >= 0 for scene in found["scenes"])
    with suppress(MediaError):
        thumbnail(path, 0.7)
