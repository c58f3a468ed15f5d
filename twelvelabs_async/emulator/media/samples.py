"""Sample media: short real files whose content is known to the second.

The demo, the examples and the tests need videos of which they can say beforehand what is in them. This module
draws such videos with PyAV: scenes of one colour or a pattern, a shape that moves, brightness that changes, a tone
per scene, subtitles. A clip of twelve seconds takes a fraction of a second to make.

    spec = SampleVideo("beach.mp4", (Scene("blue", 4), Scene("yellow", 4, shape="red", motion="fast")))
    path = spec.write(Path("videos"))
    spec.timeline()  # [(0.0, 4.0, Scene("blue", ...)), (4.0, 8.0, Scene("yellow", ...))]
"""

from __future__ import annotations

import math
import struct
import tempfile
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import av
import numpy as np
import numpy.typing as npt

from ..._safe_repr import SafeRepr
from .pictures import encode_picture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = [
    "Caption",
    "SampleVideo",
    "Scene",
    "demo_videos",
    "image_bytes",
    "numbered",
    "write_audio",
    "write_broken",
    "write_image",
    "write_sample",
    "write_truncated",
]

Motion = Literal["still", "slow", "fast"]
"""How the shape of a scene moves: not at all, 20 % of the picture's width per second, 120 %."""

Pattern = Literal["solid", "stripes", "checker", "gradient", "noise"]
"""What the background of a scene looks like."""

PALETTE: dict[str, tuple[int, int, int]] = {
    "red": (220, 20, 30),
    "green": (20, 170, 40),
    "blue": (25, 50, 215),
    "yellow": (250, 225, 30),
    "orange": (250, 140, 10),
    "purple": (130, 30, 190),
    "pink": (255, 120, 190),
    "brown": (120, 70, 30),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "gray": (128, 128, 128),
    "cyan": (20, 215, 230),
}
"""RGB values of the colours that a scene can be given by name."""

SPEED: dict[Motion, float] = {"still": 0.0, "slow": 0.2, "fast": 1.2}
"""Speed of the moving shape in widths of the picture per second."""

AUDIO_RATE = 44_100
"""Samples per second of the sound track."""

_SUBTITLE_HEADER = (
    b"[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\n"
    b"Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, "
    b"Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, "
    b"MarginR, MarginV, Encoding\n"
    b"Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0\n\n"
    b"[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)

_TKHD_MATRIX = {
    90: (0, 0x10000, -0x10000, 0),
    180: (-0x10000, 0, 0, -0x10000),
    270: (0, -0x10000, 0x10000, 0),
}

Rgb = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Scene(SafeRepr):
    """One scene of a sample video.

    Attributes:
        colour: Name from `PALETTE`, or an RGB triple.
        seconds: How long the scene lasts.
        shape: Colour of a square that is drawn in the middle of the picture, or moves through it.
        motion: How fast the shape moves.
        pattern: What the background looks like; its second colour is `second`.
        second: Second colour of a pattern; half as bright as the first when not given.
        brightness: Factor for every colour of the scene, 0 to 1.
        fade_to: Brightness at the end of the scene, for a scene that darkens or brightens.
        tone: Frequency in Hz of the tone in this scene; None is silence.
        loudness: Amplitude of the tone, 0 to 1.
    """

    colour: str | tuple[int, int, int]
    seconds: float
    shape: str | tuple[int, int, int] | None = None
    motion: Motion = "still"
    pattern: Pattern = "solid"
    second: str | tuple[int, int, int] | None = None
    brightness: float = 1.0
    fade_to: float | None = None
    tone: float | None = None
    loudness: float = 0.5


@dataclass(frozen=True, slots=True)
class Caption(SafeRepr):
    """One entry of the subtitle track: text that is shown from `start` to `end` (seconds)."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class SampleVideo(SafeRepr):
    """A video to be made, and what is true of it.

    Attributes:
        name: File name; the suffix decides the container (`.mp4`, `.mov`, `.mkv`, `.webm`).
        scenes: The scenes, in order.
        captions: The subtitle track; none when empty.
        width: Width of the picture in pixels.
        height: Height of the picture in pixels.
        fps: Frames per second.
        audio: Whether there is a sound track; by default when a scene has a tone.
        title: Title that is written into the container.
        rotation: Display rotation in degrees that is written into the container (MP4 and MOV).
        variable_rate: Leave out every other frame of each second second.
        tags: Further tags of the container.
    """

    name: str
    scenes: tuple[Scene, ...]
    captions: tuple[Caption, ...] = ()
    width: int = 640
    height: int = 360
    fps: int = 24
    audio: bool | None = None
    title: str | None = None
    rotation: int = 0
    variable_rate: bool = False
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """Length of the video in seconds."""
        return sum(frames for _, frames in self._frames()) / self.fps

    @property
    def has_audio(self) -> bool:
        """Whether the file gets a sound track."""
        return any(scene.tone for scene in self.scenes) if self.audio is None else self.audio

    def timeline(self) -> list[tuple[float, float, Scene]]:
        """List start, end (seconds, exact to a frame) and scene of each scene."""
        rows: list[tuple[float, float, Scene]] = []
        first = 0
        for scene, frames in self._frames():
            rows.append((first / self.fps, (first + frames) / self.fps, scene))
            first += frames
        return rows

    def write(self, directory: Path) -> Path:
        """Write the file into a directory, which is made when missing, and return its path."""
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / self.name
        _write_video(self, path)
        if self.rotation:
            _rotate(path, self.rotation)
        return path

    def _frames(self) -> list[tuple[Scene, int]]:
        return [(scene, max(1, round(scene.seconds * self.fps))) for scene in self.scenes]


def write_sample(path: Path) -> bool:
    """Write a video of eight seconds that a search for "a goal" finds: `python -m twelvelabs_async.emulator --sample`.

    An existing file is never overwritten. If it is this very video, it stays as it is.

    Returns:
        Whether the file was written; False if it was there already.

    Raises:
        ValueError: The suffix is neither `.mp4` nor `.mov`.
        OSError: The file cannot be written, because the folder does not exist or another file has this name.
    """
    if path.suffix not in {".mp4", ".mov"}:
        # Matroska files get a random identifier, so that one could not tell whether a file is this video.
        raise ValueError(f"{path}: the suffix must be .mp4 or .mov")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path}: the folder {path.parent} does not exist")
    spec = SampleVideo(
        path.name,
        (
            Scene("green", 5, shape="white", motion="fast", tone=220.0, loudness=0.1),
            Scene("blue", 3, pattern="checker", second="white", tone=880.0),
        ),
        captions=(Caption(5.0, 8.0, "What a goal!"),),
        title="A goal",
    )
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".sample-") as folder:
        written = spec.write(Path(folder))
        if not path.exists():
            written.rename(path)
            return True
        if path.is_file() and path.read_bytes() == written.read_bytes():
            return False
    raise FileExistsError(f"{path}: there is another file of this name; delete it, or choose another name")


def numbered(video: bytes, number: int) -> bytes:
    """An MP4 or MOV video with a number in a box that no program looks at: a file of its own, with the same content.

    Raises:
        ValueError: The number is not from 0 to 2**64 - 1.
    """
    if not 0 <= number < 2**64:
        raise ValueError(f"number must be from 0 to 2**64 - 1, not {number}")
    return video + struct.pack(">I4sQ", 16, b"free", number)


def write_broken(path: Path, size: int = 20_000) -> Path:
    """Write a file that begins like an MP4 and then holds noise: no program can open it."""
    noise = np.random.default_rng(7).integers(0, 256, size, dtype=np.uint8).tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2" + noise)
    return path


def write_truncated(path: Path, spec: SampleVideo, keep: float = 0.5) -> Path:
    """Write the first part of a sample video, as an interrupted copy would leave it."""
    whole = spec.write(path.parent / "whole").read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep)])
    return path


def write_audio(path: Path, parts: Sequence[tuple[float, float | None, float]]) -> Path:
    """Write an audio file from parts `(seconds, frequency or None for silence, amplitude)`."""
    codec = {".wav": "pcm_s16le", ".mp3": "libmp3lame", ".flac": "flac"}.get(path.suffix, "aac")
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        track = _SoundTrack(container, codec)
        for seconds, tone, loudness in parts:
            track.add(seconds, tone, loudness)
        track.close()
    return path


def write_image(path: Path, colour: str | tuple[int, int, int], width: int = 320, height: int = 240) -> Path:
    """Write a picture of one colour; the suffix decides between PNG and JPEG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(image_bytes(colour, width, height, "png" if path.suffix == ".png" else "mjpeg"))
    return path


def image_bytes(colour: str | tuple[int, int, int], width: int = 320, height: int = 240, codec: str = "png") -> bytes:
    """Encode a picture of one colour as PNG (`png`) or JPEG (`mjpeg`)."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = _rgb(colour)
    return encode_picture(av.VideoFrame.from_ndarray(picture, format="rgb24"), codec)


def demo_videos() -> list[SampleVideo]:
    """List the videos of the demo: different scenes, sizes, lengths, frame rates and tracks."""
    return [
        SampleVideo(
            "beach_holiday.mp4",
            (
                Scene("blue", 4, tone=220.0),
                Scene("yellow", 3, shape="white", motion="slow", tone=330.0),
                Scene("red", 5, tone=440.0),
            ),
            captions=(Caption(0.5, 3.0, "The sea is calm this morning"), Caption(7.5, 11.0, "A sunset to remember")),
            title="Beach holiday",
        ),
        SampleVideo(
            "night_drive.mp4",
            (
                Scene("black", 4),
                Scene("gray", 4, shape="orange", motion="fast", brightness=0.4),
                Scene("purple", 4),
            ),
            width=854,
            height=480,
            fps=30,
            title="Night drive",
        ),
        SampleVideo(
            "garden_party.mp4",
            (
                Scene("green", 6, tone=523.0, loudness=0.02),
                Scene("pink", 4, pattern="checker", second="white", tone=523.0),
            ),
            captions=(Caption(6.5, 9.0, "Everybody raises a glass"),),
            width=480,
            height=480,
            fps=25,
            title="Garden party",
        ),
        SampleVideo(
            "city_morning.mp4",
            (
                Scene("gray", 5, fade_to=0.9, brightness=0.5),
                Scene("cyan", 5, shape="brown", motion="slow"),
                Scene("white", 5),
            ),
            width=960,
            height=540,
            title="City morning",
        ),
    ]


def _rgb(colour: str | tuple[int, int, int]) -> tuple[int, int, int]:
    return PALETTE[colour] if isinstance(colour, str) else colour


def _background(scene: Scene, width: int, height: int) -> Rgb:
    first = np.array(_rgb(scene.colour), np.float64)
    second = first * 0.5 if scene.second is None else np.array(_rgb(scene.second), np.float64)
    rows, columns = np.mgrid[0:height, 0:width]
    if scene.pattern == "stripes":
        share = (columns // max(1, width // 16)) % 2
    elif scene.pattern == "checker":
        size = max(1, height // 9)
        share = (columns // size + rows // size) % 2
    elif scene.pattern == "gradient":
        share = columns / max(1, width - 1)
    elif scene.pattern == "noise":
        share = np.random.default_rng(11).random((height, width))
    else:
        share = np.zeros((height, width))
    picture: Rgb = (first + (second - first) * share[..., None]).astype(np.uint8)
    return picture


def _pictures(scene: Scene, width: int, height: int, frames: int, fps: int) -> Iterator[Rgb | None]:
    """Draw the frames of a scene; None repeats the frame before."""
    background = _background(scene, width, height)
    size = height // 4
    top = (height - size) // 2
    moves = scene.shape is not None and scene.motion != "still"
    changes = moves or scene.fade_to is not None
    for number in range(frames):
        if number and not changes:
            yield None
            continue
        picture = background.copy()
        if scene.shape is not None:
            # The shape bounces between the two sides, so that it is always in the picture.
            way = max(1, width - size)
            phase = (SPEED[scene.motion] * width * number / fps) % (2 * way) if moves else way / 2
            left = int(phase if phase < way else 2 * way - phase)
            picture[top : top + size, left : left + size] = _rgb(scene.shape)
        share = number / max(1, frames - 1)
        end = scene.brightness if scene.fade_to is None else scene.fade_to
        brightness = scene.brightness + (end - scene.brightness) * share
        # A table of 256 values is several times faster than multiplying a large picture.
        yield picture if brightness == 1.0 else (np.arange(256) * brightness).astype(np.uint8)[picture]


def _write_video(spec: SampleVideo, path: Path) -> None:
    odd = spec.width % 2 or spec.height % 2
    webm = path.suffix == ".webm"
    matroska = path.suffix == ".mkv"
    if webm and spec.captions:
        raise ValueError(f"{path.name}: the subtitles of a .webm file cannot be written; use .mkv")
    with av.open(str(path), "w") as container:
        container.metadata.update(spec.tags)
        if spec.title:
            container.metadata["title"] = spec.title
        # x264 wants even sizes; MPEG-4 part 2 takes any.
        video: Any = container.add_stream("libvpx" if webm else "mpeg4" if odd else "libx264", rate=spec.fps)
        video.width, video.height, video.pix_fmt = spec.width, spec.height, "yuv420p"
        video.codec_context.thread_count = 1  # the same bytes on every machine
        if webm:
            video.options = {"deadline": "realtime", "cpu-used": "8", "b": "1M", "g": str(spec.fps * 2)}
        elif not odd:
            video.options = {"preset": "ultrafast", "crf": "20", "g": str(spec.fps * 2)}
        track = _SoundTrack(container, "libopus" if webm else "aac") if spec.has_audio else None
        text: Any = None
        if spec.captions:
            text = container.add_stream("subrip" if matroska else "mov_text")
            text.codec_context.subtitle_header = _SUBTITLE_HEADER
        container.start_encoding()
        for caption in spec.captions:
            raw = caption.text.encode()
            packet = av.Packet(raw if matroska else struct.pack(">H", len(raw)) + raw)
            packet.stream, packet.time_base = text, Fraction(1, 1000)
            packet.pts = packet.dts = round(caption.start * 1000)
            packet.duration = round((caption.end - caption.start) * 1000)
            container.mux(packet)
        number = 0
        frame: Any = None
        for scene, frames in spec._frames():
            if track is not None:
                track.add(frames / spec.fps, scene.tone, scene.loudness)
            for index, picture in enumerate(_pictures(scene, spec.width, spec.height, frames, spec.fps)):
                if picture is not None:
                    frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
                skipped = spec.variable_rate and (number // spec.fps) % 2 and number % 2 and index
                if not skipped:
                    frame.pts, frame.time_base = number, Fraction(1, spec.fps)
                    container.mux(video.encode(frame))
                number += 1
        container.mux(video.encode(None))
        if track is not None:
            track.close()


class _SoundTrack:
    """Encodes tones and silence, keeping the phase and the clock across parts."""

    def __init__(self, container: Any, codec: str) -> None:
        self._container = container
        self._stream: Any = container.add_stream(codec, rate=48_000 if codec == "libopus" else AUDIO_RATE)
        self._stream.layout = "mono"
        self._written = 0

    def add(self, seconds: float, tone: float | None, loudness: float) -> None:
        """Add a part of the track, in blocks of a second at most."""
        left = round(seconds * AUDIO_RATE)
        while left:
            block = min(left, AUDIO_RATE)
            times = (self._written + np.arange(block)) / AUDIO_RATE
            wave = np.zeros(block) if tone is None else loudness * np.sin(2 * math.pi * tone * times)
            samples = np.round(wave * 32767).astype(np.int16).reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = AUDIO_RATE, self._written, Fraction(1, AUDIO_RATE)
            self._container.mux(self._stream.encode(frame))
            self._written += block
            left -= block

    def close(self) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._stream.encode(None))


def _rotate(path: Path, degrees: int) -> None:
    """Write a display rotation into the track header of the first video track of an MP4 file."""
    data = bytearray(path.read_bytes())
    header = data.index(b"tkhd")
    # Version and flags (4), then version 0 times and ids (20), reserved (8), layer .. reserved (8): the matrix.
    matrix = header + 4 + 4 + 20 + 8 + 8
    a, b, c, d = _TKHD_MATRIX[degrees]
    struct.pack_into(">9i", data, matrix, a, b, 0, c, d, 0, 0, 0, 0x40000000)
    path.write_bytes(bytes(data))
