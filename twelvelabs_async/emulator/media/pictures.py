"""Single pictures: reading, encoding, and the safe way to open files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.error import FFmpegError

from .errors import UNSUPPORTED_MEDIA_TYPE, MediaError

# Only containers that hold their own data: playlists and scripts could make the decoder open other files.
_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,wav,mp3,flac,aac,aiff,amr,ac3,w64,"
    "mxf,m4v,h264,hevc,caf,png_pipe,jpeg_pipe,image2,webp_pipe,gif,bmp_pipe"
)
OPEN_OPTIONS = {"protocol_whitelist": "file,pipe", "format_whitelist": _CONTAINERS}
"""Options for every `av.open` of this package: only self-contained formats, and nothing but the file itself."""


MAX_PIXELS: Final = 100_000_000
"""Pixels of a picture, or of a frame of a video, that is decoded at all: a small file can claim to be huge."""

_PIXEL_LIMIT: Final = {"max_pixels": str(MAX_PIXELS)}


def read_picture(source: Any) -> av.VideoFrame:
    """Decode the first picture of a file (path or binary file object).

    Raises:
        MediaError: `unsupported_media_type` when it is not a picture or is damaged.
    """
    try:
        target = str(source) if isinstance(source, Path) else source
        # Here for the picture that opening decodes to learn its format, below for the one that is asked for.
        with av.open(target, options=OPEN_OPTIONS | _PIXEL_LIMIT) as container:
            container.streams.video[0].codec_context.options = _PIXEL_LIMIT
            for frame in container.decode(video=0):
                return frame
    except (FFmpegError, IndexError, ValueError) as error:
        raise MediaError(
            UNSUPPORTED_MEDIA_TYPE, "The picture cannot be read: it is damaged, far too large or not a picture."
        ) from error
    raise MediaError(UNSUPPORTED_MEDIA_TYPE, "The picture cannot be read: it holds no pixels.")


def encode_picture(frame: av.VideoFrame, codec: str = "mjpeg") -> bytes:
    """Encode one frame as a picture."""
    context: Any = av.CodecContext.create(codec, "w")
    context.width, context.height = frame.width, frame.height
    context.pix_fmt = "rgb24" if codec == "png" else "yuvj420p"
    context.time_base = Fraction(1, 25)
    # The JPEG encoder wants full-range colours to be announced.
    picture = frame.reformat(format=context.pix_fmt, dst_color_range="JPEG")
    picture.pts = 0
    packets = [*context.encode(picture), *context.encode(None)]
    return b"".join(bytes(packet) for packet in packets)
