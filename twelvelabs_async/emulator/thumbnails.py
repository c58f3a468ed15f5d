"""Small pictures of moments of a video."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av

from .media.pictures import encode_picture

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_SIDE = 320
"""Pixels of the longer side of a thumbnail."""


def thumbnail(path: Path, seconds: float) -> bytes:
    """The picture shown at a moment as JPEG; the last one before it when the file is shorter. Blocking."""
    frame = _frame(path, seconds)
    if frame is None:
        frame = _frame(path, 0.0)
    if frame is None:
        return b""
    scale = min(1.0, LONGEST_SIDE / max(frame.width, frame.height))
    width, height = (max(2, int(side * scale) // 2 * 2) for side in (frame.width, frame.height))
    return encode_picture(frame.reformat(width=width, height=height, format="rgb24"))


def _frame(path: Path, seconds: float) -> av.VideoFrame | None:
    found: av.VideoFrame | None = None
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                return None
            if seconds > 0:
                container.seek(int(seconds * 1_000_000))
            for frame in container.decode(video=0):
                found = frame
                if frame.time is None or frame.time >= seconds:
                    break
    except av.FFmpegError:
        return found
    return found
