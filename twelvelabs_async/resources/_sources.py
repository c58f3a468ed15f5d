"""Media sources of the helpers: a file, a URL or an asset, and what is known of it before anything is sent.

Everything that takes a media source resolves it here.
"""

from __future__ import annotations

import asyncio
import os
import re
import uuid
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import attrs

from .._media.kinds import HEAD_BYTES, FileType, Kind, file_type
from .._media.lengths import length
from .._request.files import PreparedFile, guess_type, is_blocking, load_file
from .._request.sources import SourceError
from .._request.streams import StreamSource
from .._value import Value
from ..errors import UnsupportedMediaError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from .._generated.models.assets import AssetDetail
    from .._request.sources import Source

SECONDS_OFF: Final = 1.0
"""Seconds by which a file may seem too long and still be sent: the platform counts the video track alone."""

_ID: Final = re.compile(r"[0-9a-f]{24}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DEFAULT_TYPE: Final = guess_type("")


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Media(Value):
    """A media source. Exactly one of `file`, `url` and `asset_id` is set.

    Attributes:
        kind: Kind of content; None where that is not known.
        size: Size in bytes; None where that is not known.
        seconds: Length of video and audio; None where that is not known.
        file: A file that can be sent.
        url: A URL that the platform can read.
        asset_id: An asset that the platform has.
        name: Name of the file, as far as it is known.
    """

    kind: Kind | None = None
    size: int | None = None
    seconds: float | None = None
    file: PreparedFile | None = None
    url: str | None = None
    asset_id: str | None = None
    name: str = ""

    async def aclose(self) -> None:
        """Close a stream, and delete a temporary file."""
        if self.file is not None:
            await self.file.aclose()


def is_url(value: Any) -> bool:
    """Whether a source is a URL, not the path of a file."""
    return isinstance(value, str) and value.lower().startswith(("http://", "https://"))


async def asset_of(value: Any) -> Any:
    """The asset or id that a source is; None where it is a file or a URL.

    A `str` is an id if it has the form of one, and no file of that name exists.
    """
    if "asset" in getattr(type(value), "_kinds", ()) or isinstance(value, uuid.UUID):
        return value
    if isinstance(value, str) and _ID.fullmatch(value) and not await asyncio.to_thread(os.path.exists, value):
        return value
    return None


async def open_source(value: Any, kind: Kind | None = None) -> Media:
    """Look at a file or URL.

    Args:
        value: The file, in any form that `FileInput` has, or a URL.
        kind: Kind of content, where the caller knows it.

    Raises:
        ValueError: It is empty, closed, or not a file.
        OSError: It does not exist or cannot be read.
    """
    if is_url(value):
        name = PurePosixPath(unquote(urlsplit(value).path)).name
        return Media(kind=kind or kind_of_type(guess_type(name)), url=value, name=name)
    file = await load_file("source", value)
    try:
        if is_blocking(value):
            return await asyncio.to_thread(_media_of, file, kind)
        return _media_of(file, kind)
    except BaseException:
        await file.aclose()
        raise


def _media_of(file: PreparedFile, kind: Kind | None) -> Media:
    found, seconds = (None, None) if isinstance(file.source, StreamSource) else _look(file.source)
    if found is not None:
        # The platform goes by name and media type; what has none, such as bytes, gets those of its content.
        if "." not in file.name:
            file = attrs.evolve(file, name=file.name + found.suffix)
        if file.content_type == _DEFAULT_TYPE:
            file = attrs.evolve(file, content_type=found.media_type)
    return Media(
        kind=kind or (found.kind if found else kind_of_type(file.content_type)),
        size=file.source.size,
        seconds=seconds,
        file=file,
        name=file.name,
    )


def _look(source: Source) -> tuple[FileType | None, float | None]:
    """The format and length of a file. One that can be read only once is left alone."""
    if not source.replayable:
        return None, None
    try:
        return file_type(source.read(0, min(HEAD_BYTES, source.size))), length(source)
    except SourceError as error:
        raise OSError(f"source: {error}") from error


def of_asset(asset: AssetDetail, kind: Kind | None = None) -> Media:
    """What is known of an asset."""
    return Media(
        kind=kind or kind_of_type(asset.file_type or ""),
        size=asset.size,
        seconds=asset.duration,
        asset_id=asset.id,
        name=asset.filename or "",
    )


def kind_of_type(media_type: str) -> Kind | None:
    """The kind of content of a media type."""
    prefix = media_type.partition("/")[0]
    known: dict[str, Kind] = {"video": "video", "audio": "audio", "image": "image", "text": "document"}
    return "document" if media_type == "application/pdf" else known.get(prefix)


def check_kind(media: Media, accepted: Collection[Kind], operation: str) -> Kind:
    """The kind of content.

    Raises:
        UnsupportedMediaError: It is unknown, or the operation does not accept it.
    """
    if media.kind is not None and media.kind in accepted:
        return media.kind
    listed = " or ".join(accepted)
    problem = "its kind of content is unknown; pass kind=..." if media.kind is None else f"this is {media.kind}"
    raise UnsupportedMediaError(
        f"source: {operation} accepts {listed}, but {problem}", value=media.kind, limit=tuple(accepted)
    )


def check_size(media: Media, largest: Mapping[Kind, int] | Mapping[str, int], operation: str) -> None:
    """Check the size of a file.

    Raises:
        UnsupportedMediaError: It is too large, or of a kind without a size.
    """
    # The size of a kind that is not known may be that of any.
    limit = max(largest.values()) if media.kind is None else largest.get(media.kind, 0)
    if media.size is not None and media.size > limit:
        what = media.kind or "file"
        problem = f"at most {limit:,} bytes" if limit else "no file of this size and kind"
        raise UnsupportedMediaError(
            f"source: this {what} has {media.size:,} bytes, but {operation} accepts {problem}",
            value=media.size,
            limit=limit,
        )


def check_length(media: Media, shortest: float, longest: float, operation: str) -> None:
    """Check the length of video or audio, as far as it is known.

    Raises:
        UnsupportedMediaError: It is too short or too long.
    """
    seconds = media.seconds
    if seconds is None or media.kind not in {"video", "audio"}:
        return
    if seconds > longest + SECONDS_OFF:
        limit, bound = longest, f"at most {longest:g}"
    elif seconds < shortest:
        limit, bound = shortest, f"at least {shortest:g}"
    else:
        return
    raise UnsupportedMediaError(
        f"source: this {media.kind} lasts {seconds:.1f} seconds, but {operation} accepts {bound}",
        value=seconds,
        limit=limit,
    )
