"""Probe a file: its kind of medium and its properties, without decoding more than one frame."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import av
from av.error import FFmpegError
from av.stream import Disposition

from ..._safe_repr import SafeRepr
from .documents import count_pages, looks_like_text
from .errors import VIDEO_FILE_BROKEN, VIDEO_RESOLUTION_TOO_HIGH, MediaError
from .pictures import MAX_PIXELS, OPEN_OPTIONS, read_picture

Kind = Literal["video", "audio", "image", "document"]

_TEXT_TYPES = {".txt": "text/plain", ".text": "text/plain", ".md": "text/markdown", ".markdown": "text/markdown"}

_IMAGE_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xff\xd8\xff", "jpeg", "image/jpeg"),
    (b"GIF8", "gif", "image/gif"),
    (b"BM", "bmp", "image/bmp"),
)

_VIDEO_TYPES = {
    "mov": "video/quicktime",
    "matroska": "video/x-matroska",
    "avi": "video/x-msvideo",
    "mpegts": "video/mp2t",
    "asf": "video/x-ms-wmv",
    "flv": "video/x-flv",
    "3gp": "video/3gpp",
    "3g2": "video/3gpp2",
}
_AUDIO_TYPES = {
    "mov": "audio/mp4",
    "matroska": "audio/x-matroska",
    "mp3": "audio/mpeg",
    "asf": "audio/x-ms-wma",
    "3gp": "audio/3gpp",
    "3g2": "audio/3gpp2",
}
_WEBM = re.compile(rb"\x42\x82.{1,8}webm", re.DOTALL)
_RANGES = {1: "tv", 2: "pc"}
_PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020"}
_TRANSFERS = {1: "bt709", 6: "smpte170m", 13: "iec61966-2-1", 16: "smpte2084", 18: "arib-std-b67"}
_SPACES = {0: "rgb", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020nc"}
_HDR_TRANSFERS = {16, 18}


@dataclass(frozen=True, slots=True)
class MediaInfo(SafeRepr):
    """The properties of a file.

    Attributes:
        kind: video, audio, image or document.
        mime: Media type found from the content.
        size: Size of the file in bytes.
        container: Name of the container format, for example `mp4`; for documents the media subtype.
        duration: Length in seconds; 0 for images and documents.
        width: Width as displayed (a rotation is applied); 0 when there is no picture.
        height: Height as displayed.
        fps: Average frames per second; 0 when there is no video.
        codec: Codec of the video or picture, or of the sound when there is no picture.
        has_audio: Whether there is a sound track.
        pages: Number of pages of a PDF.
        technical: The members of the platform's TechnicalMetadata.
        tags: Texts that the container carries, such as `title`.
    """

    kind: Kind
    mime: str
    size: int
    container: str
    duration: float = 0.0
    width: int = 0
    height: int = 0
    fps: float = 0.0
    codec: str = ""
    has_audio: bool = False
    pages: int | None = None
    technical: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def probe(path: str | Path) -> MediaInfo:
    """Determine the kind and the properties of a file.

    Raises:
        MediaError: `video_file_broken` when the file is damaged or empty, `unsupported_media_type` when it is
            anything but a video, sound, picture or document.
    """
    path = Path(path)
    size = path.stat().st_size
    if size == 0:
        raise MediaError(VIDEO_FILE_BROKEN, "The file is empty.")
    with path.open("rb") as file:
        head = file.read(8192)
    if head.startswith(b"%PDF-"):
        return MediaInfo("document", "application/pdf", size, "pdf", pages=count_pages(path), technical=_file(size))
    for signature, name, mime in _IMAGE_SIGNATURES:
        if head.startswith(signature):
            return _probe_image(path, size, name, mime)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _probe_image(path, size, "webp", "image/webp")
    if looks_like_text(head, whole=size <= len(head)):
        return _probe_text(path, size)
    _check_boxes(path, size, head)
    return _probe_streams(path, size, head)


def _file(size: int, mime: str = "application/pdf", container: str = "pdf") -> dict[str, Any]:
    return {"file_size_bytes": size, "file_mime_type": mime, "file_container_format": container}


def _probe_text(path: Path, size: int) -> MediaInfo:
    mime = _TEXT_TYPES.get(path.suffix.lower())
    if mime is None and path.suffix:
        raise MediaError(VIDEO_FILE_BROKEN, f"The file is named {path.suffix} but holds text.")
    mime = mime or "text/plain"
    container = mime.rpartition("/")[2]
    return MediaInfo("document", mime, size, container, technical=_file(size, mime, container))


def _probe_image(path: Path, size: int, name: str, mime: str) -> MediaInfo:
    frame = read_picture(path)
    technical = _file(size, mime, name) | {
        "image_width": frame.width,
        "image_height": frame.height,
        "image_format": name,
        "image_color_space": "gray" if frame.format.name.startswith("gray") else "rgb",
        "image_bit_depth": frame.format.components[0].bits,
        "has_audio": False,
    }
    return MediaInfo("image", mime, size, name, 0.0, frame.width, frame.height, codec=name, technical=technical)


def _check_boxes(path: Path, size: int, head: bytes) -> None:
    """Reject an MP4 or MOV file that ends before its boxes do: an interrupted copy."""
    if head[4:8] not in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return
    at = 0
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            header = file.read(16)
            length, kind = struct.unpack(">I4s", header[:8])
            if length == 1 and len(header) == 16:
                length = struct.unpack(">Q", header[8:])[0]
            elif length == 0:
                return  # the last box reaches to the end of the file
            if length < 8 or at + length > size:
                part = f" in its part {kind.decode()!r}" if kind.isalnum() else ""
                raise MediaError(VIDEO_FILE_BROKEN, f"The file is damaged or was cut off{part}.")
            at += length


def _probe_streams(path: Path, size: int, head: bytes) -> MediaInfo:
    try:
        with av.open(str(path), options=OPEN_OPTIONS) as container:
            return _describe(container, size, head)
    except (FFmpegError, ValueError, OverflowError) as error:
        raise MediaError(VIDEO_FILE_BROKEN, "The file cannot be read: it is damaged or not a video.") from error


def _container(name: str, head: bytes) -> str:
    """The format of a file. For the decoder QuickTime, MP4 and 3GP are one, and so are Matroska and WebM."""
    if name == "mov":
        brand = head[8:12] if head[4:8] == b"ftyp" else b"qt  "  # the oldest QuickTime files name no brand
        known = {b"qt  ": "mov", b"3gp": "3gp", b"3ge": "3gp", b"3gg": "3gp", b"3gs": "3gp", b"3g2": "3g2"}
        return known.get(brand) or known.get(brand[:3], "mp4")
    if name == "matroska":
        # The EBML header is short; the element DocType in it has the identifier 42 82.
        return "webm" if _WEBM.search(head[:128]) else "matroska"
    return name


def _describe(container: Any, size: int, head: bytes) -> MediaInfo:
    video = picture_stream(container)
    sounds = sound_streams(container)
    audio = sounds[0] if sounds else None
    main: Any = audio if video is None else video
    if main is None:
        raise MediaError(VIDEO_FILE_BROKEN, "The file holds neither a video nor a sound track.")
    name = _container(container.format.name.partition(",")[0], head)
    duration = _duration(container, main)
    tags = {key.lower(): value for key, value in container.metadata.items()}
    mime = _VIDEO_TYPES.get(name, f"video/{name}") if video is not None else _AUDIO_TYPES.get(name, f"audio/{name}")
    technical: dict[str, Any] = _file(size, mime, name)
    if created := tags.get("creation_time"):
        technical["container_creation_time"] = created
    width = height = 0
    fps = 0.0
    if video is not None:
        stream, frame = _describe_video(video, duration)
        fps = stream["avg_fps"]
        width, height = (frame.height, frame.width) if stream["rotation"] % 180 else (frame.width, frame.height)
        technical |= {
            "video_streams": [stream],
            "video_codec": stream["codec"],
            "video_width": width,
            "video_height": height,
            "video_fps": fps,
            "video_duration_seconds": stream["duration_seconds"],
            "is_hdr": video.codec_context.color_trc in _HDR_TRANSFERS,
        }
        technical["video_bitrate_bps"] = stream.get("bitrate_bps") or int(size * 8 / duration if duration else 0)
        if timecode := video.metadata.get("timecode"):
            technical |= {"start_timecode": timecode, "timecode_source": "container", "drop_frame": ";" in timecode}
    if sounds:
        streams = [_describe_audio(stream, duration) for stream in sounds]
        technical |= {
            "audio_streams": streams,
            "audio_codec": streams[0]["codec"],
            "audio_sample_rate": streams[0]["sample_rate"],
            "audio_channels": streams[0]["channels"],
            "audio_duration_seconds": streams[0]["duration_seconds"],
        }
    technical["has_audio"] = audio is not None
    return MediaInfo(
        kind="audio" if video is None else "video",
        mime=mime,
        size=size,
        container=technical["file_container_format"],
        duration=duration,
        width=width,
        height=height,
        fps=fps,
        codec=main.codec_context.codec.canonical_name,
        has_audio=audio is not None,
        technical=technical,
        tags=tags,
    )


def picture_stream(container: Any) -> Any:
    """Find the first video stream that is not a cover picture; None when there is none.

    Raises:
        MediaError: `video_file_broken` when its codec is not known.
    """
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            if stream.codec_context is None:
                raise MediaError(VIDEO_FILE_BROKEN, "The codec of the video is not known.")
            return stream
    return None


def sound_streams(container: Any) -> list[Any]:
    """List the sound tracks whose codec is known."""
    return [stream for stream in container.streams.audio if stream.codec_context is not None]


def _duration(container: Any, stream: Any) -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    if container.duration:
        return float(container.duration / av.time_base)
    # No length in the header (a stream that was recorded live): read the packets' times, without decoding.
    end = 0.0
    for packet in container.demux(stream):
        if packet.pts is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    container.seek(0)
    return end


def _describe_video(stream: Any, duration: float) -> tuple[dict[str, Any], av.VideoFrame]:
    context = stream.codec_context
    if context.width * context.height > MAX_PIXELS:
        current = f"{context.width}x{context.height}"
        raise MediaError(VIDEO_RESOLUTION_TOO_HIGH, f"The resolution is too high. The current resolution is {current}.")
    frame = next(stream.container.decode(stream), None)
    if frame is None:
        raise MediaError(VIDEO_FILE_BROKEN, "No picture of the video can be decoded.")
    facts: dict[str, Any] = {
        "index": stream.index,
        "codec": context.codec.canonical_name,
        "width": frame.width,
        "height": frame.height,
        "fps": round(float(stream.base_rate or stream.average_rate or 0), 3),
        "avg_fps": round(float(stream.average_rate or stream.base_rate or 0), 3),
        "duration_seconds": duration,
        "rotation": -int(frame.rotation) % 360,
        "scan_type": "interlaced" if frame.interlaced_frame else "progressive",
        "pixel_format": frame.format.name,
        "bit_depth": frame.format.components[0].bits,
    }
    if context.bit_rate:
        facts["bitrate_bps"] = int(context.bit_rate)
    if (aspect := stream.sample_aspect_ratio) and aspect > 0:
        facts["pixel_aspect_ratio"] = f"{aspect.numerator}:{aspect.denominator}"
    if (aspect := stream.display_aspect_ratio) and aspect > 0:
        facts["display_aspect_ratio"] = f"{aspect.numerator}:{aspect.denominator}"
    for name, value, names in (
        ("color_range", context.color_range, _RANGES),
        ("color_transfer", context.color_trc, _TRANSFERS),
        ("color_space", context.colorspace, _SPACES),
        ("color_primaries", context.color_primaries, _PRIMARIES),
    ):
        if known := names.get(int(value)):
            facts[name] = known
    return facts, frame


def _describe_audio(stream: Any, duration: float) -> dict[str, Any]:
    context = stream.codec_context
    facts: dict[str, Any] = {
        "index": stream.index,
        "codec": context.codec.canonical_name,
        "codec_long": context.codec.long_name,
        "sample_rate": context.sample_rate,
        "bit_depth": context.format.bits if context.format else 0,
        "channels": context.channels,
        "channel_layout": context.layout.name,
        "duration_seconds": float(stream.duration * stream.time_base) if stream.duration else duration,
    }
    if context.bit_rate:
        facts["bitrate_bps"] = int(context.bit_rate)
    if language := stream.language:
        facts["language"] = language
    return facts
