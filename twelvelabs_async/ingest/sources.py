"""From anything that can be ingested to items with keys."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import attrs

from .._request.body import SLICE_BYTES
from .._request.files import FileContent, PreparedFile, guess_type
from .._request.sources import BytesSource, PathSource, SourceError
from .._request.sources import Source as Content
from .._safe_repr import SafeRepr
from .candidate import Candidate, checked_metadata, problem_of
from .keys import (
    Shard,
    check_key,
    content_key,
    content_size,
    encodable,
    file_key,
    file_name,
    is_url,
    place_of,
    shortened,
    unreadable_key,
)
from .manifest import manifest
from .read_ahead import ReadAhead
from .values import IngestItem, ItemSource, MetadataValue, display_source
from .walking import walk

__all__ = ["Candidate", "Shard", "Source", "Sources", "expand", "items", "manifest", "open_unchanged", "walk"]

Source = str | os.PathLike[str] | tuple[str, FileContent] | Mapping[str, Any] | IngestItem | Candidate
"""A path, a URL, `(name, file)`, or a mapping with one of `source`, `path`, `url`, and optionally `key`, `filename`,
`metadata`; or an item."""

Sources = str | os.PathLike[str] | Iterable[Source] | AsyncIterable[Source]
"""Any number of sources; a single path or URL, too. A folder stands for the videos in it."""


def items(
    sources: Sources,
    *,
    root: str | os.PathLike[str] | None = None,
    key: Callable[[IngestItem], str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    shard: str | Shard | None = None,
) -> AsyncGenerator[IngestItem]:
    """The items of sources, with their keys.

    The default key is the path below the root, the size, and the time of the last change; for a URL, the URL; for
    bytes, the name and a digest; for an open file, its name, size and time. No file is read. Keys that a mapping or an
    item gives stay.

    What cannot be ingested is an item with a `problem`. Sources are read in a thread, a bounded number ahead: an
    iterable may block. One that is asynchronous is read as it is. The same key may come more than once.

    Args:
        sources: The sources.
        root: The folder that places are below. By default that of `walk` or of the manifest, else places are absolute
            paths.
        key: Makes the key of an item, which has its default key. It is called in a thread.
        metadata: `user_metadata` of all; an item's own goes before it.
        shard: Only the items of this part, such as `2/8`: the second of eight, by a digest of the key. The parts are
            disjoint, and together hold every item.

    Raises:
        ValueError: `shard` or `metadata` is invalid.
        TypeError: `sources` are no sources.
    """
    part = Shard.parse(shard) if isinstance(shard, str) else shard
    maker = _Maker(root, key, checked_metadata(metadata or {}), part)
    if isinstance(sources, str | os.PathLike):
        sources = expand([sources])
    if isinstance(sources, AsyncIterable):
        return _from_asynchronous(sources, maker)
    if isinstance(sources, bytes | Mapping | IngestItem | Candidate) or not isinstance(sources, Iterable):
        raise TypeError(f"sources: an iterable of sources is required, not {type(sources).__name__}")
    return _from_blocking(sources, maker)


def expand(
    paths: Iterable[str | os.PathLike[str]],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    follow_symlinks: bool = False,
) -> Iterable[Candidate]:
    """Paths and URLs as sources, with the files of folders instead of the folders. Blocks.

    Args:
        paths: The paths and URLs. Each folder, or the folder of a file, is the root of its keys.
        include: As in `walk`, for folders.
        exclude: As in `walk`, for folders.
        follow_symlinks: As in `walk`.
    """
    for path in paths:
        if isinstance(path, str) and is_url(path):
            try:
                yield Candidate.of(path)
            except ValueError as error:
                yield Candidate.of_problem(path, error)
        elif os.path.isdir(path):  # noqa: PTH112 - also takes what is no valid path
            yield from walk(path, include=include, exclude=exclude, follow_symlinks=follow_symlinks)
        else:
            yield Candidate(source=Path(path), root=Path(path).parent)


def open_unchanged(item: IngestItem) -> PreparedFile | None:
    """Check that a file still is what its key says, and open it for its upload. Blocks.

    A small file is read here: one call in a thread for each file, instead of one for each step.

    Returns:
        The file, which cannot change unnoticed from now on; None if the source has no path.

    Raises:
        SourceError: It has another size, or was modified. The next run takes it up with another key.
        OSError: It cannot be found.
    """
    if item.path is None:
        return None
    found = PathSource.of(item.path)
    if (found.size, found.mtime_ns) != (item.size, item.modified_ns):
        raise SourceError(f"{display_source(item.path)} has changed since it was found; run again to take it as it is")
    content: Content = found
    if found.size <= SLICE_BYTES:
        data = bytearray(found.size)
        found.read_into(0, memoryview(data))
        content = BytesSource(data)
    return PreparedFile(content, item.filename, guess_type(item.filename))


async def _from_blocking(sources: Iterable[Any], maker: _Maker) -> AsyncGenerator[IngestItem]:
    reader = ReadAhead(sources, maker.make)
    try:
        while batch := await reader.next():
            for item in batch:
                yield item
            await asyncio.sleep(0)  # items that come faster than they are taken must not block the event loop
    finally:
        reader.stop()


async def _from_asynchronous(sources: AsyncIterable[Any], maker: _Maker) -> AsyncGenerator[IngestItem]:
    async for given in sources:
        item = await asyncio.to_thread(maker.make, given)
        if item is not None:
            yield item


@attrs.frozen
class _Maker(SafeRepr):
    """Makes items of what was given."""

    root: str | os.PathLike[str] | None
    key: Callable[[IngestItem], str] | None
    metadata: Mapping[str, MetadataValue]
    shard: Shard | None
    numbers: Iterator[int] = attrs.field(factory=partial(count, 1))

    def make(self, given: Any) -> IngestItem | None:
        """The item; None if it is in another part, or no longer there. Blocks."""
        item = self._made(given)
        if item is None or (self.shard is not None and not self.shard.holds(item.key)):
            return None
        return item

    def _made(self, given: Any) -> IngestItem | None:
        number = next(self.numbers)
        try:
            candidate = Candidate.of(given)
        except ValueError as error:
            return self._failed(Candidate.of_problem(f"source {number} ({_shown(given)})", error))
        if candidate.problem is not None:
            return self._failed(candidate)
        place = candidate.place
        try:
            place = place or self._place(candidate)
            return self._item(candidate, place)
        except Exception as error:  # also of the caller's function for keys: one bad source never stops the rest
            if candidate.may_vanish and isinstance(error, FileNotFoundError):
                return None
            problem = problem_of(display_source(candidate.source), error)
            return self._failed(attrs.evolve(candidate, place=place, problem=problem))

    def _place(self, candidate: Candidate) -> str:
        if isinstance(candidate.source, Path):
            return place_of(candidate.source, self.root if self.root is not None else candidate.root)
        return encodable(display_source(candidate.source))

    def _item(self, candidate: Candidate, place: str) -> IngestItem:
        source, size, modified_ns = candidate.source, None, None
        if isinstance(source, Path):
            found = _status(source)
            size, modified_ns = found.st_size, found.st_mtime_ns
            default = file_key(place, size, modified_ns)
        elif isinstance(source, str):
            default = shortened(source)
        else:
            default = content_key(*source)
            size = content_size(source[1])
        item = IngestItem(
            source=source,
            key=candidate.key or default,
            filename=file_name(candidate.filename or _named(source)),
            metadata={**self.metadata, **checked_metadata(candidate.metadata)},
            size=size,
            modified_ns=modified_ns,
            place=place,
        )
        if candidate.key is None and self.key is not None:
            item = attrs.evolve(item, key=self.key(item))
        elif not item.key:
            raise ValueError("this file has no default key: pass a path, or a key")
        check_key(item.key)
        return item

    def _failed(self, candidate: Candidate) -> IngestItem:
        text = display_source(candidate.source)
        place = candidate.place or encodable(text)
        try:
            key = check_key(candidate.key)
        except ValueError:
            key = unreadable_key(place)
        return IngestItem(source=text, key=key, filename=file_name(text), place=place, problem=candidate.problem)


def _shown(given: Any) -> str:
    """What a caller recognizes a bad source by. Not its repr, which may be as large as a file."""
    if isinstance(given, Mapping):
        given = next((text for name in ("source", "path", "url") if isinstance(text := given.get(name), str)), given)
    return given[:200] if isinstance(given, str) and given else type(given).__name__


def _named(source: ItemSource) -> str | Path:
    return source[0] if isinstance(source, tuple) else source


def _status(path: Path) -> os.stat_result:
    """What the file system says about a file that can be uploaded."""
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, "this is a folder; pass the files in it, as walk(folder) gives them")
    if not stat.S_ISREG(found.st_mode):
        raise ValueError("this is not a regular file, so its size is unknown")
    if not found.st_size:
        raise ValueError("the file is empty (0 bytes)")
    if not os.access(path, os.R_OK):
        raise PermissionError(errno.EACCES, "this file is not readable")
    return found
