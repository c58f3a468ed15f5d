"""The media index of a file: everything that was measured and read in it, as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from av.error import FFmpegError

from .captions import read_captions
from .colours import brightness, detail, shares
from .documents import read_text, sentences
from .errors import VIDEO_FILE_BROKEN, MediaError
from .frames import FRAME_BUDGET, PIXEL_BUDGET, measure_frames, small_picture
from .pictures import read_picture
from .scenes import appearance, cut, describe
from .sound import describe_sound, measure_sound, sections, sections_between
from .words import words_by_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    import av

    from .probe import MediaInfo

INDEX_VERSION: Final = 2
"""Version of the index's layout; an index of another version has to be made again."""


def index(
    path: str | Path,
    info: MediaInfo,
    words: Mapping[str, Any] | None = None,
    *,
    pixel_budget: int = PIXEL_BUDGET,
    frame_budget: int = FRAME_BUDGET,
) -> dict[str, Any]:
    """Make the media index of a file.

    Args:
        path: The file.
        info: What `probe` returned for it.
        words: Words that come with it: `filename`, `title`, `metadata` ...; values may be texts, lists or mappings.
        pixel_budget: Pixels to decode at most; of a larger video only key frames are decoded.
        frame_budget: Frames to decode at most.

    Returns:
        A dict that JSON can hold: `kind`, `duration`, `scenes` (in order, covering the duration without overlap),
        `sounds` (parts of the sound track of a video, likewise), `transcription` (entries of the subtitle tracks),
        `words` by source, `exact` (times are exact to a frame).

    Raises:
        MediaError: `video_file_broken` when nothing of it can be decoded.
    """
    path = Path(path)
    known = dict(words or {})
    if not known.get("title") and "title" in info.tags:
        known["title"] = info.tags["title"]
    result: dict[str, Any] = {
        "version": INDEX_VERSION,
        "kind": info.kind,
        "duration": info.duration,
        "width": info.width,
        "height": info.height,
        "fps": info.fps,
        "has_audio": info.has_audio,
        "exact": True,
        "title": _text(known.get("title")),
        "filename": _text(known.get("filename")),
        "words": words_by_source(known),
        "scenes": [],
        "sounds": [],
        "transcription": [],
    }
    try:
        if info.kind == "video":
            _index_video(path, info, result, (pixel_budget, frame_budget))
        elif info.kind == "audio":
            measurements = measure_sound(path, info)
            result["scenes"] = [
                {"start": round(start, 6), "end": round(end, 6), "audio": describe_sound(measurements, start, end)}
                for start, end in sections(measurements, info.duration)
            ]
            result["transcription"] = _captions(path, info)
        elif info.kind == "image":
            result["scenes"] = [describe_picture(read_picture(path))]
        elif info.mime != "application/pdf":
            result["sentences"] = sentences(read_text(path))
        else:
            result["pages"] = info.pages
    except FFmpegError as error:
        raise MediaError(VIDEO_FILE_BROKEN, "The file cannot be read: it is damaged.") from error
    for number, scene in enumerate(result["scenes"]):
        scene["number"] = number
    return result


def with_words(index: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """Add the words of one use of a file (its name, title, metadata) to an index that was made without them."""
    found = {**index, "words": {**index["words"], **words_by_source(words)}}
    for name in ("title", "filename"):
        if text := _text(words.get(name)):
            found[name] = text
    return found


def describe_picture(frame: av.VideoFrame) -> dict[str, Any]:
    """Describe a single picture, in the shape of a scene without length."""
    picture = small_picture(frame)
    return appearance(shares(picture), brightness(picture), detail(picture))


def _text(value: Any) -> str:
    return " ".join(value.split())[:500] if isinstance(value, str) else ""


def _index_video(path: Path, info: MediaInfo, result: dict[str, Any], budgets: tuple[int, int]) -> None:
    log = measure_frames(path, info, pixel_budget=budgets[0], frame_budget=budgets[1])
    measurements = measure_sound(path, info)
    for start, end in cut(log):
        scene = describe(log, start, end)
        scene["audio"] = describe_sound(measurements, start, end)
        result["scenes"].append(scene)
    if measurements:
        cuts = [scene["end"] for scene in result["scenes"][:-1]]
        result["sounds"] = [
            {"start": round(start, 6), "end": round(end, 6), "audio": describe_sound(measurements, start, end)}
            for start, end in sections_between(measurements, cuts, info.duration)
        ]
    result["exact"] = log.exact
    result["transcription"] = _captions(path, info)


def _captions(path: Path, info: MediaInfo) -> list[dict[str, Any]]:
    """The entries of the subtitle tracks, as far as the file lasts."""
    within = (item for item in read_captions(path) if item["start"] < info.duration)
    return [{**item, "end": min(item["end"], info.duration)} for item in within]
