"""The words a file brings along: subtitle tracks with their times, names and descriptions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import av

from .pictures import OPEN_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_CAPTIONS: Final = 50_000
"""Entries of subtitle tracks that are kept per file."""

MAX_WORDS: Final = 2_000
"""Words of names, titles and metadata that are kept per file and source."""

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
_CAMEL = re.compile(r"(?<=[a-z\u00df-\u00ff])(?=[A-Z])")
_MARKUP = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,200}\}")


def words_of(text: str) -> list[str]:
    """Split a text into words in lower case; `CamelCase` and `snake_case` are taken apart."""
    return [word.lower().replace("\u2019", "'") for word in _WORD.findall(_CAMEL.sub(" ", text))]


def collect(words: Mapping[str, Any]) -> dict[str, list[str]]:
    """Gather the words of each source (file name, title, metadata ...), each word once.

    A value may be a text, a number, or a list or mapping of them; of a mapping, keys and values count.
    """
    collected: dict[str, list[str]] = {}
    for source, value in words.items():
        text = " ".join(_texts(value))
        if source in {"filename", "file_name"}:
            text = re.sub(r"\.\w{1,5}$", "", text)
        if found := list(dict.fromkeys(words_of(text)))[:MAX_WORDS]:
            collected[source] = found
    return collected


def read_captions(path: Path) -> list[dict[str, Any]]:
    """Read the subtitle tracks of a file: start, end (seconds) and text of each entry, by time."""
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


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [str(value)]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _texts(part)]
    if isinstance(value, list | tuple | set | frozenset):
        return [text for part in value for text in _texts(part)]
    return []
