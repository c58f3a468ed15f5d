"""What is wrong with a file, in the platform's own error codes."""

from __future__ import annotations

VIDEO_FILE_BROKEN = "video_file_broken"
VIDEO_RESOLUTION_TOO_LOW = "video_resolution_too_low"
VIDEO_RESOLUTION_TOO_HIGH = "video_resolution_too_high"
VIDEO_RESOLUTION_INVALID_ASPECT_RATIO = "video_resolution_invalid_aspect_ratio"
VIDEO_DURATION_TOO_SHORT = "video_duration_too_short"
VIDEO_DURATION_TOO_LONG = "video_duration_too_long"
VIDEO_FILESIZE_TOO_LARGE = "video_filesize_too_large"
UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"


class MediaError(Exception):
    """A file cannot be used.

    Attributes:
        code: Error code as the platform names it, for example `video_file_broken`.
        message: A sentence for the user.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
