"""Decode a video cheaply: a small picture of a few frames per second, a difference for every frame.

Every frame is scaled down to 64 pixels across before anything is computed. Where decoding every frame would cost too
much (long or large videos), only key frames are decoded; then times are exact to a key frame, not to a frame.
What is kept in memory is bounded: a dozen numbers per sample, at most `MAX_SAMPLES` samples, one number per frame.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import VideoReformatter

from ..._safe_repr import SafeRepr
from .colours import Floats, Rgb, brightness, detail, shares
from .errors import VIDEO_FILE_BROKEN, MediaError
from .pictures import OPEN_OPTIONS
from .probe import MediaInfo, picture_stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SAMPLES_PER_SECOND: Final = 4
"""Frames per second that are measured."""

MAX_SAMPLES: Final = 20_000
"""Samples per video at most; a longer video is sampled less often."""

PIXEL_BUDGET: Final = 12_000_000_000
"""Pixels that are decoded per video at most (about 200 s of 1080p at 30 frames); beyond, only key frames are."""

FRAME_BUDGET: Final = 200_000
"""Frames that are decoded per video at most; beyond, only key frames are."""

SMALL: Final = 64
"""Width or height, whichever is longer, of the pictures that are measured."""

MOTION_WINDOW: Final = 0.125
"""Seconds between two pictures that are compared to measure motion, whatever the frame rate."""

_CHANGED: Final = 24
"""How much a channel must change (of 255) for a pixel to count as changed."""


@dataclass(slots=True)
class Sample(SafeRepr):
    """The measurements of one frame.

    Attributes:
        time: Seconds from the start of the video.
        shares: Share of each named colour.
        brightness: 0 to 1.
        detail: 0 to 1.
        picture: The small picture, flattened and coarse (8 by 8 mean colours); drift is measured with it.
    """

    time: float
    shares: Floats
    brightness: float
    detail: float
    picture: Floats


@dataclass(slots=True)
class FrameLog(SafeRepr):
    """The measurements of a video.

    Attributes:
        samples: Samples in the order of time.
        times: Time of every decoded frame.
        differences: Mean difference (0 to 1) of every decoded frame to the frame before; 0 for the first.
        movements: Start, end and share of changed pixels of successive windows of an eighth of a second.
        exact: Every frame was decoded; otherwise only key frames.
        duration: Where the last frame ends, in seconds.
    """

    exact: bool
    samples: list[Sample] = field(default_factory=list)
    times: array[float] = field(default_factory=lambda: array("d"))
    differences: array[float] = field(default_factory=lambda: array("f"))
    movements: list[tuple[float, float, float]] = field(default_factory=list)
    duration: float = 0.0


def needs_key_frames_only(info: MediaInfo, pixel_budget: int = PIXEL_BUDGET, frame_budget: int = FRAME_BUDGET) -> bool:
    """Check whether decoding every frame of a video would cost more than the budget."""
    frames = info.duration * (info.fps or 30)
    return frames > frame_budget or frames * info.width * info.height > pixel_budget


def measure_frames(
    path: Path, info: MediaInfo, *, pixel_budget: int = PIXEL_BUDGET, frame_budget: int = FRAME_BUDGET
) -> FrameLog:
    """Decode a video once and measure its frames.

    Raises:
        MediaError: `video_file_broken` when no frame can be decoded.
    """
    log = FrameLog(exact=not needs_key_frames_only(info, pixel_budget, frame_budget))
    step = max(1 / SAMPLES_PER_SECOND, info.duration / MAX_SAMPLES)
    due = 0.0
    before: Rgb | None = None
    reference: tuple[float, Rgb] | None = None
    for time, picture in _small_pictures(path, info, exact=log.exact, step=step):
        if before is None or before.shape != picture.shape:
            difference, reference = 0.0, None
        else:
            difference = float(np.abs(picture.astype(np.int16) - before).mean() / 255)
        log.times.append(time)
        log.differences.append(difference)
        before = picture
        if reference is None:
            reference = (time, picture)
        elif log.exact and time - reference[0] >= MOTION_WINDOW - 1e-6:
            log.movements.append((reference[0], time, _changed(reference[1], picture)))
            reference = (time, picture)
        # A frame after a cut is always sampled, so that a short scene does not fall between two samples.
        if time >= due - 1e-6 or (difference > 0.05 and len(log.samples) < MAX_SAMPLES):
            log.samples.append(Sample(time, shares(picture), brightness(picture), detail(picture), _coarse(picture)))
            due = time + step
    if not log.samples:
        raise MediaError(VIDEO_FILE_BROKEN, "No picture of the video can be decoded.")
    frame = 1 / info.fps if info.fps else 0.0
    log.duration = max(info.duration, log.times[-1] + (frame if log.exact else 0.0))
    return log


def small_picture(frame: av.VideoFrame, reformatter: VideoReformatter | None = None) -> Rgb:
    """Scale a frame down to at most `SMALL` pixels per side, as RGB."""
    longest = max(frame.width, frame.height)
    width = max(2, round(frame.width * SMALL / longest))
    height = max(2, round(frame.height * SMALL / longest))
    small: Any = (reformatter or VideoReformatter()).reformat(frame, width, height, "rgb24", interpolation="AREA")
    picture: Any = small.to_ndarray()
    return picture.copy()  # type: ignore[no-any-return]


def _changed(first: Rgb, second: Rgb) -> float:
    distance = np.abs(first.astype(np.int16) - second).max(axis=-1)
    return float((distance > _CHANGED).mean())


def _coarse(picture: Rgb) -> Floats:
    rows = np.array_split(picture.astype(np.float64) / 255, 8)
    return np.array([cell.mean(axis=(0, 1)) for row in rows for cell in np.array_split(row, 8, axis=1)]).ravel()


def _small_pictures(path: Path, info: MediaInfo, *, exact: bool, step: float) -> Iterator[tuple[float, Rgb]]:
    reformatter = VideoReformatter()
    with av.open(str(path), options=OPEN_OPTIONS) as container:
        stream = picture_stream(container)
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = 2
        if not exact:
            stream.codec_context.skip_frame = "NONKEY"
        start = float((stream.start_time or 0) * stream.time_base)
        last = -1.0
        for frame in _decode(container, stream, exact=exact, step=step):
            if frame.pts is None:
                time = last + (1 / info.fps if info.fps else 0.04) if last >= 0 else 0.0
            else:
                time = float(frame.time or 0.0) - start
            if time <= last:  # a damaged stream can jump back; time never does
                continue
            last = max(time, 0.0)
            yield last, small_picture(frame, reformatter)


def _decode(container: Any, stream: Any, *, exact: bool, step: float) -> Iterator[av.VideoFrame]:
    """Decode frames; frames in the middle of a video that cannot be decoded are skipped."""
    wanted = float("-inf")
    for packet in container.demux(stream):
        if not exact and packet.dts is not None:
            # In some formats every frame is a key frame: those between two samples need not be decoded.
            time = float(packet.dts * packet.time_base)
            if not packet.is_keyframe or time < wanted:
                continue
            wanted = time + step
        try:
            yield from packet.decode()
        except FFmpegError:
            continue
