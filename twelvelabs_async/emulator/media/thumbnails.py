"""Still pictures of a video."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import av
import numpy as np
from av.error import FFmpegError

from .errors import UNSUPPORTED_MEDIA_TYPE, VIDEO_FILE_BROKEN, MediaError
from .pictures import OPEN_OPTIONS, encode_picture
from .probe import picture_stream

if TYPE_CHECKING:
    from pathlib import Path


def thumbnail(path: str | Path, at: float = 0.0, width: int = 320) -> bytes:
    """Make a JPEG of the picture that is shown at a time.

    Args:
        path: A video or picture.
        at: Seconds from the start; beyond the end the last picture is taken.
        width: Width of the JPEG in pixels; its height follows from the picture.

    Raises:
        MediaError: `unsupported_media_type` when there is no picture in the file, `video_file_broken` when it cannot
            be decoded.
    """
    try:
        with av.open(str(path), options=OPEN_OPTIONS) as container:
            stream = picture_stream(container)
            if stream is None:
                raise MediaError(UNSUPPORTED_MEDIA_TYPE, "The file holds no picture.")
            frame = _frame_at(container, stream, at)
    except (FFmpegError, ValueError) as error:
        raise MediaError(VIDEO_FILE_BROKEN, "The file cannot be read: it is damaged.") from error
    if frame is None:
        raise MediaError(VIDEO_FILE_BROKEN, "No picture of the video can be decoded.")
    frame = _upright(frame)
    width = max(2, width // 2 * 2)
    height = max(2, round(frame.height * width / frame.width / 2) * 2)
    return encode_picture(frame.reformat(width, height))


def _upright(frame: av.VideoFrame) -> av.VideoFrame:
    """Turn a frame that was recorded sideways as it is to be shown."""
    turns = frame.rotation // 90 % 4
    if not turns:
        return frame
    picture: Any = frame.to_ndarray(format="rgb24")
    return av.VideoFrame.from_ndarray(np.ascontiguousarray(np.rot90(picture, turns)), format="rgb24")


def _frame_at(container: Any, stream: Any, at: float) -> Any:
    start = (stream.start_time or 0) * (stream.time_base or 0)
    if at > 0:
        container.seek(int((at + float(start)) / (stream.time_base or 1)), stream=stream, backward=True)
    best = None
    for frame in container.decode(stream):
        best = best or frame
        if frame.time is not None and frame.time - float(start) > at + 1e-6:
            break
        best = frame
    if best is None and at > 0:  # the place was beyond the last key frame that can be found
        container.seek(0)
        best = next(container.decode(stream), None)
    return best
