"""The state of a multipart upload, without I/O: regions of the file, presigned URLs, reports."""

from __future__ import annotations

import math
import mimetypes
from collections import deque
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from .._safe_repr import SafeRepr

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

MAX_URLS_PER_CALL: Final = 50
"""Presigned URLs that one call may request."""

MAX_REPORTED_CHUNKS: Final = 50
"""Chunks that one report may hold."""

REPORT_SECONDS: Final = 2.0
"""Seconds after which a chunk that is in the store is reported, even if the report is not full.

A process that is killed loses what it has not reported: at most a report, or what was finished in this time.
"""

URL_LIFETIME_SHARE: Final = 0.9
"""Share of its lifetime after which a presigned URL is no longer used: the upload of the chunk takes time, too."""

MIN_LIFETIME: Final = 1.0
"""Seconds below which the lifetime of a presigned URL is not believed: it would be over before the URL can be used."""

MediaType: TypeAlias = Literal["video", "audio", "image"]
"""Kinds of files that an upload accepts."""

_MEDIA_SUFFIXES: Final[Mapping[MediaType, str]] = {
    "video": "3g2 3gp asf avi f4v flv m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogv ts vob webm wmv",
    "audio": "aac aif aiff flac m4a m4b mp3 oga ogg opus wav wma",
    "image": "avif bmp gif heic heif jpeg jpg png tif tiff webp",
}
_TYPE_BY_SUFFIX: Final[Mapping[str, MediaType]] = {
    suffix: kind for kind, suffixes in _MEDIA_SUFFIXES.items() for suffix in suffixes.split()
}
_TYPE_BY_PREFIX: Final[Mapping[str, MediaType]] = {kind: kind for kind in _MEDIA_SUFFIXES}


def media_type(filename: str) -> MediaType | None:
    """`video`, `audio` or `image`, derived from the file name; None where it cannot be derived."""
    suffix = PurePath(filename).suffix.lower().removeprefix(".")
    if suffix in _TYPE_BY_SUFFIX:
        return _TYPE_BY_SUFFIX[suffix]
    guessed = (mimetypes.guess_type(filename)[0] or "").partition("/")[0]
    return _TYPE_BY_PREFIX.get(guessed)


@attrs.frozen
class Layout(SafeRepr):
    """How a file is divided into chunks. They are counted from 1; only the last one may be smaller.

    Attributes:
        total_size: Bytes of the file.
        chunk_size: Bytes of a chunk.
    """

    total_size: int = attrs.field(validator=attrs.validators.gt(0))
    chunk_size: int = attrs.field(validator=attrs.validators.gt(0))

    @property
    def total_chunks(self) -> int:
        """Number of chunks."""
        return -(-self.total_size // self.chunk_size)

    def region(self, index: int) -> tuple[int, int]:
        """Offset and length of a chunk."""
        if not 1 <= index <= self.total_chunks:
            raise ValueError(f"there is no chunk {index}: they are 1 to {self.total_chunks}")
        offset = (index - 1) * self.chunk_size
        return offset, min(self.chunk_size, self.total_size - offset)


@attrs.frozen
class ChunkUrl(SafeRepr):
    """A presigned URL.

    Attributes:
        index: Chunk that it takes.
        url: The URL. It can be used once.
        lifetime: Seconds until it expires, None where that is not known.
    """

    index: int
    url: str = attrs.field(repr=False)
    lifetime: float | None = None


class PresignedUrlPool:
    """Assigns the chunks that are not started, each with a presigned URL that has not expired.

    Times are seconds of one monotonic clock: the clocks of the platform and of this machine are never compared.
    """

    def __init__(self, layout: Layout, done: Collection[int] = ()) -> None:
        self._without = set(range(1, layout.total_chunks + 1)).difference(done)
        self._with: deque[tuple[int, str, float]] = deque()

    @property
    def waiting(self) -> int:
        """Number of chunks that are not started."""
        return len(self._without) + len(self._with)

    def add(self, urls: Iterable[ChunkUrl], now: float) -> None:
        """Store URLs. Those of chunks that do not exist, are started, or already have one are ignored."""
        for item in urls:
            if item.index in self._without:
                self._without.remove(item.index)
                # A URL that has expired on arrival, or almost, means that the clocks differ: then only the store knows
                # its expiry. New ones would be requested for ever.
                known = item.lifetime is not None and item.lifetime >= MIN_LIFETIME
                end = now + item.lifetime * URL_LIFETIME_SHARE if known and item.lifetime else math.inf
                self._with.append((item.index, item.url, end))
        self._with = deque(sorted(self._with))

    def take(self, now: float, only: int | None = None) -> tuple[int, str] | None:
        """The next chunk with its URL, None where no waiting chunk has a usable one.

        Args:
            now: The time.
            only: The only chunk that is wanted: the first one that is waiting.
        """
        while self._with:
            index, url, end = self._with.popleft()
            if now >= end:
                self._without.add(index)
            elif only is None or index == only:
                return index, url
            else:
                self._with.appendleft((index, url, end))
                return None
        return None

    def needed(self) -> tuple[int, int] | None:
        """First chunk and number of chunks to request URLs for, None where no waiting chunk lacks one."""
        if not self._without:
            return None
        start = min(self._without)
        count = 1
        while count < MAX_URLS_PER_CALL and start + count in self._without:
            count += 1
        return start, count


@attrs.frozen
class SentChunk(SafeRepr):
    """A chunk that is in the store.

    Attributes:
        index: Its number.
        proof: Its ETag without quotes.
        size: Its size in bytes.
    """

    index: int
    proof: str
    size: int


class Reports:
    """Collects uploaded chunks into reports of bounded size.

    Attributes:
        sent: Number of chunks that are in the store.
        accepted: Numbers of the chunks whose report the platform accepted.
    """

    def __init__(self, total_chunks: int, batch_size: int, done: Collection[int] = ()) -> None:
        self._left = total_chunks - len(done)
        self._size = min(max(batch_size, 1), MAX_REPORTED_CHUNKS)
        self._open: list[SentChunk] = []
        self._oldest = math.inf
        self._unreported: dict[int, SentChunk] = {}
        self.sent: int = len(done)
        self.accepted: set[int] = set(done)

    def add(self, chunk: SentChunk, now: float = 0.0) -> None:
        """Add a chunk that is in the store, at a time of the clock that `take` is given."""
        if not self._open:
            self._oldest = now
        self._open.append(chunk)
        self._unreported[chunk.index] = chunk
        self.sent += 1
        self._left -= 1

    def take(self, now: float = -math.inf) -> list[SentChunk]:
        """The next report to send, empty where there is none yet.

        A report is full, or the last one, or its oldest chunk has waited for `REPORT_SECONDS`.
        """
        if len(self._open) < self._size and self._left and now < self.due:
            return []
        batch, self._open = self._open[: self._size], self._open[self._size :]
        return batch

    @property
    def due(self) -> float:
        """When the next report is to be sent even if it is not full; infinite while no chunk waits for it."""
        return self._oldest + REPORT_SECONDS if self._open else math.inf

    @property
    def full(self) -> bool:
        """Whether as many chunks wait for a report, or for the response to one, as a report may hold."""
        return len(self._unreported) >= self._size

    @property
    def all_sent(self) -> bool:
        """Whether every chunk is in the store."""
        return not self._left

    def accept(self, batch: list[SentChunk]) -> list[int]:
        """Record that the platform accepted a report, and return which of its chunks no report held before."""
        new = [chunk.index for chunk in batch if chunk.index not in self.accepted]
        self.accepted.update(new)
        for chunk in batch:
            self._unreported.pop(chunk.index, None)
        return new

    def unreported(self) -> list[list[SentChunk]]:
        """As few reports as possible of all chunks that no accepted report holds, those on their way included."""
        chunks = list(self._unreported.values())
        return [chunks[at : at + MAX_REPORTED_CHUNKS] for at in range(0, len(chunks), MAX_REPORTED_CHUNKS)]
