"""Subtitle tracks: the captions of a file with their times."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import av

from .pictures import OPEN_OPTIONS

if TYPE_CHECKING:
    from pathlib import Path

MAX_CAPTIONS: Final = 50_000
"""Captions that are kept per file."""

_MARKUP = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,200}\}")


def read_captions(path: Path) -> list[dict[str, Any]]:
    """Read the subtitle tracks of a file: start, end (seconds) and text of each caption, by time."""
    found: list[dict[str, Any]] = []
    with av.open(str(path), options=OPEN_OPTIONS) as container:
        for stream in container.streams.subtitles:
            context: Any = stream.codec_context
            if context is None:  # a codec that is not known
                continue
            container.seek(0)
            for packet in container.demux(stream):
                if packet.pts is None or len(found) >= MAX_CAPTIONS:
                    continue
                text = _caption(context.name, bytes(packet))
                if not text:
                    continue
                start = max(0.0, float(packet.pts * packet.time_base))
                end = start + float((packet.duration or 0) * packet.time_base)
                found.append({"start": round(start, 3), "end": round(end, 3), "value": text})
    found.sort(key=lambda item: (item["start"], item["end"], item["value"]))
    return found


def _caption(codec: str, data: bytes) -> str:
    if codec == "mov_text":
        # Two bytes give the length of the text; styles may follow it.
        data = data[2 : 2 + int.from_bytes(data[:2], "big")]
    text = data.decode("utf-8", "replace")
    if codec in {"ass", "ssa"}:
        text = text.split(",", 8)[-1].replace("\\N", " ").replace("\\n", " ")
    elif codec not in {"mov_text", "subrip", "srt", "text", "webvtt"}:
        return ""  # subtitles that are pictures cannot be read
    return " ".join(_MARKUP.sub("", text).split())
