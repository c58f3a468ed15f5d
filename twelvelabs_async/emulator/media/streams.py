"""Videos in the form in which browsers stream them: fragmented MP4, without encoding them again."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import av
from av.error import FFmpegError

from .errors import UNSUPPORTED_MEDIA_TYPE, MediaError
from .pictures import OPEN_OPTIONS

if TYPE_CHECKING:
    from pathlib import Path


def fragments(path: str | Path) -> tuple[bytes, bytes]:
    """The initialization section and the one segment of an HLS stream of a file.

    Args:
        path: A video or sound.

    Raises:
        MediaError: `unsupported_media_type` when its pictures or its sound cannot be in an MP4 file.
    """
    result = io.BytesIO()
    try:
        with av.open(str(path), options=OPEN_OPTIONS) as source:
            flags = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
            with av.open(result, "w", format="mp4", options=flags) as target:
                _copy(source, target)
    except (FFmpegError, ValueError) as error:
        raise MediaError(UNSUPPORTED_MEDIA_TYPE, "The file cannot be streamed.") from error
    data = result.getvalue()
    begin = data.index(b"moof") - 4
    return data[:begin], data[begin:]


def _copy(source: Any, target: Any) -> None:
    copies = {}
    for stream in (*source.streams.video[:1], *source.streams.audio[:1]):
        copies[stream.index] = target.add_stream_from_template(stream)
    for packet in source.demux([source.streams[index] for index in copies]):
        if packet.dts is not None:  # the last one of a stream is empty
            packet.stream = copies[packet.stream.index]
            target.mux(packet)
