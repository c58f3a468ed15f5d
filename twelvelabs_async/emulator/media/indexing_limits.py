"""The limits of the platform for indexing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..._safe_repr import SafeRepr
from .errors import (
    UNSUPPORTED_MEDIA_TYPE,
    VIDEO_DURATION_TOO_LONG,
    VIDEO_DURATION_TOO_SHORT,
    VIDEO_FILESIZE_TOO_LARGE,
    VIDEO_RESOLUTION_INVALID_ASPECT_RATIO,
    VIDEO_RESOLUTION_TOO_HIGH,
    VIDEO_RESOLUTION_TOO_LOW,
    MediaError,
)

if TYPE_CHECKING:
    from .probe import MediaInfo


@dataclass(frozen=True, slots=True)
class Limits(SafeRepr):
    """The limits for indexing; the defaults are the documented ones.

    Attributes:
        min_side: Smallest width and height in pixels.
        max_long_side: Largest longer side in pixels.
        max_short_side: Largest shorter side in pixels.
        max_aspect_ratio: Longest side divided by shortest side (portrait videos count like landscape ones).
        min_duration: Shortest length in seconds.
        max_duration: Greatest length in seconds.
        max_size: Greatest size in bytes; None does not check.
    """

    min_side: int = 360
    max_long_side: int = 5184
    max_short_side: int = 2160
    max_aspect_ratio: float = 2.4
    min_duration: float = 4.0
    max_duration: float = 4 * 3600.0
    max_size: int | None = None


DEFAULT_LIMITS = Limits()


def check_indexable(info: MediaInfo, limits: Limits = DEFAULT_LIMITS) -> None:
    """Reject what the platform does not index.

    Raises:
        MediaError: With the platform's code for the first limit that is exceeded.
    """
    if info.kind not in {"video", "audio"}:
        raise MediaError(UNSUPPORTED_MEDIA_TYPE, f"Only videos and audio can be indexed; this file is {info.mime}.")
    if limits.max_size is not None and info.size > limits.max_size:
        raise MediaError(
            VIDEO_FILESIZE_TOO_LARGE,
            f"The file is too large: {info.size} bytes. The maximum is {limits.max_size} bytes.",
        )
    if info.kind == "video":
        _check_resolution(info, limits)
    seconds = f"The current duration is {info.duration:.2f} seconds."
    if info.duration < limits.min_duration:
        raise MediaError(
            VIDEO_DURATION_TOO_SHORT, f"The video must last at least {limits.min_duration:g} seconds. {seconds}"
        )
    if info.duration > limits.max_duration:
        raise MediaError(
            VIDEO_DURATION_TOO_LONG, f"The video must last at most {limits.max_duration:g} seconds. {seconds}"
        )


def _check_resolution(info: MediaInfo, limits: Limits) -> None:
    short, long = sorted((info.width, info.height))
    current = f"The current resolution is {info.width}x{info.height}."
    if short < limits.min_side:
        raise MediaError(
            VIDEO_RESOLUTION_TOO_LOW, f"The resolution must be at least {limits.min_side}x{limits.min_side}. {current}"
        )
    if long > limits.max_long_side or short > limits.max_short_side:
        raise MediaError(
            VIDEO_RESOLUTION_TOO_HIGH,
            f"The resolution must be at most {limits.max_long_side}x{limits.max_short_side}. {current}",
        )
    if long > short * limits.max_aspect_ratio:
        raise MediaError(
            VIDEO_RESOLUTION_INVALID_ASPECT_RATIO,
            f"The aspect ratio must be between 1:1 and {limits.max_aspect_ratio:g}:1. {current}",
        )
