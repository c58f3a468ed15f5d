"""Runs the media functions in worker threads, so that decoding never blocks the event loop."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from .. import media
from ..state.store import INDEX_KIND, content_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ..state.store import Store

P = ParamSpec("P")
T = TypeVar("T")

CACHED_INDEXES = 256
"""Media indexes that are kept in memory."""

CACHED_CONTENTS = 512
"""Contents of which it is kept in memory what they are."""


class MediaEngine:
    """The media functions, awaitable."""

    def __init__(self, store: Store, threads: int) -> None:
        self._store = store
        # Indexing has threads of its own, so that short work does not wait for long videos.
        self._work_threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="emulator-media")
        self._index_threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="emulator-index")
        self._indexes: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._probed: dict[str, media.MediaInfo | media.MediaError] = {}
        self._probing: dict[str, asyncio.Task[media.MediaInfo | media.MediaError]] = {}
        self._indexing: dict[str, asyncio.Task[dict[str, Any]]] = {}

    async def close(self) -> None:
        """Ends the threads; what they have not begun is dropped."""
        tasks = [*self._indexing.values(), *self._probing.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for threads in (self._work_threads, self._index_threads):
            await asyncio.to_thread(threads.shutdown, wait=True, cancel_futures=True)

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a blocking function in a media thread."""
        call = functools.partial(function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._work_threads, call)

    async def index_file(self, path: Path, info: media.MediaInfo, words: Mapping[str, Any]) -> dict[str, Any]:
        """The media index of any file; for files of the store see `index_blob`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._index_threads, media.index, path, info, words)

    async def probe(self, path: Path) -> media.MediaInfo:
        """What a file is.

        Raises:
            media.MediaError: The platform rejects such a file.
        """
        return await self.run(media.probe, path)

    async def probe_blob(self, blob: str) -> media.MediaInfo:
        """What a file of the store is; files of the same content are probed once.

        Raises:
            media.MediaError: The platform rejects such a file.
        """
        content = content_of(blob)
        path = self._store.blob(blob)
        known = self._probed.get(content)
        while known is None:
            # One that is cancelled must not cancel it for the others.
            task = self._probing.get(content)
            if task is None:
                task = self._probing[content] = asyncio.create_task(self._probe(path, content))
                task.add_done_callback(lambda _: self._probing.pop(content, None))
            found = await asyncio.shield(task)
            # What was read is another file of this content, which may have been removed meanwhile.
            known = self._probed.get(content) or (None if path.exists() else found)
        if isinstance(known, media.MediaError):
            raise media.MediaError(known.code, known.message)
        size = _size(path)
        technical = {**known.technical, **({"file_size_bytes": size} if known.technical else {})}
        return dataclasses.replace(known, size=size, technical=technical)

    async def _probe(self, path: Path, content: str) -> media.MediaInfo | media.MediaError:
        """Probes a file, and remembers what was found."""
        found: media.MediaInfo | media.MediaError
        try:
            found = await self.probe(path)
        except (media.MediaError, FileNotFoundError) as error:
            # For the decoder, a file that is missing is a broken one.
            if isinstance(error, FileNotFoundError) or not await self.run(path.exists):
                # It was removed, which says nothing about other files of this content.
                return media.MediaError(media.VIDEO_FILE_BROKEN, "The file was removed while it was read.")
            found = error.with_traceback(None)
        self._probed[content] = found
        while len(self._probed) > CACHED_CONTENTS:
            self._probed.pop(next(iter(self._probed)))
        return found

    async def index_blob(self, blob: str, info: media.MediaInfo) -> dict[str, Any]:
        """The media index of a file of the store, without words: see `with_words`.

        It is made once for all files of the same content.
        """
        content = content_of(blob)
        found = await self._stored_index(content)
        if found is not None:
            return found
        task = self._indexing.get(content)
        is_own = task is None
        if task is None:
            task = self._indexing[content] = asyncio.create_task(self._index(blob, info))
            task.add_done_callback(lambda _: self._indexing.pop(content, None))
        # Several calls may wait for the same index: one that is cancelled must not cancel it for the others.
        try:
            return await asyncio.shield(task)
        except (media.MediaError, FileNotFoundError):
            if is_own or not self._store.blob(blob).exists():
                raise
        # What was read is another file of this content, which may have been removed meanwhile.
        return await self.index_blob(blob, info)

    async def _index(self, blob: str, info: media.MediaInfo) -> dict[str, Any]:
        found = await self.index_file(self._store.blob(blob), info, {})
        content = content_of(blob)
        await self._store.put(INDEX_KIND, content, found)
        self._remember(content, found)
        return found

    async def _stored_index(self, content: str) -> dict[str, Any] | None:
        """The media index of a content, if it was made."""
        if content in self._indexes:
            self._indexes.move_to_end(content)
            return self._indexes[content]
        found = await self._store.get(INDEX_KIND, content)
        if found is None or found["version"] != media.INDEX_VERSION:
            return None
        self._remember(content, found)
        return found

    def _remember(self, content: str, index: dict[str, Any]) -> None:
        self._indexes[content] = index
        while len(self._indexes) > CACHED_INDEXES:
            self._indexes.popitem(last=False)


def _size(path: Path) -> int:
    """The size of a file; a call so short that a thread would take longer."""
    return path.stat().st_size


def with_words(index: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """A media index together with the words that come with one use of the file: its name, title, metadata."""
    return media.with_words(index, words)


def as_document(info: media.MediaInfo) -> dict[str, Any]:
    """Facts about a file, as they are kept in the store."""
    # Not `asdict`: it copies everything deeply, and what is stored is never changed.
    return {field.name: getattr(info, field.name) for field in dataclasses.fields(info)}


def as_info(document: Mapping[str, Any]) -> media.MediaInfo:
    """Facts about a file, read from the store."""
    return media.MediaInfo(**document)
