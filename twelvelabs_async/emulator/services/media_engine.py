"""Runs the media functions in worker threads, so that decoding never blocks the event loop."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from .. import media
from ..state.store import INDEX_KIND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ..state.store import Store

P = ParamSpec("P")
T = TypeVar("T")

CACHED_INDEXES = 256
"""Media indexes that are kept in memory."""


class MediaEngine:
    """The media functions, awaitable."""

    def __init__(self, store: Store, threads: int) -> None:
        self._store = store
        # Indexing has threads of its own, so that short work does not wait for long videos.
        self._work_threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="emulator-media")
        self._index_threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="emulator-index")
        self._indexes: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._indexing: dict[str, asyncio.Task[dict[str, Any]]] = {}

    async def close(self) -> None:
        """Ends the threads; what they have not begun is dropped."""
        for task in self._indexing.values():
            task.cancel()
        await asyncio.gather(*self._indexing.values(), return_exceptions=True)
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

    async def index_blob(self, blob: str, info: media.MediaInfo) -> dict[str, Any]:
        """The media index of a file of the store, made once; without words, see `with_words`."""
        found = await self._stored_index(blob)
        if found is not None:
            return found
        task = self._indexing.get(blob)
        if task is None:
            task = self._indexing[blob] = asyncio.create_task(self._index(blob, info))
            task.add_done_callback(lambda _: self._indexing.pop(blob, None))
        # Several calls may wait for the same index: one that is cancelled must not cancel it for the others.
        return await asyncio.shield(task)

    async def _index(self, blob: str, info: media.MediaInfo) -> dict[str, Any]:
        found = await self.index_file(self._store.blob(blob), info, {})
        await self._store.put(INDEX_KIND, blob, found)
        self._remember(blob, found)
        return found

    async def _stored_index(self, blob: str) -> dict[str, Any] | None:
        """The media index of a file of the store, if it was made."""
        if blob in self._indexes:
            self._indexes.move_to_end(blob)
            return self._indexes[blob]
        found = await self._store.get(INDEX_KIND, blob)
        if found is not None:
            self._remember(blob, found)
        return found

    def _remember(self, blob: str, index: dict[str, Any]) -> None:
        self._indexes[blob] = index
        while len(self._indexes) > CACHED_INDEXES:
            self._indexes.popitem(last=False)


def with_words(index: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """A media index together with the words that come with one use of the file: its name, title, metadata."""
    return media.with_words(index, words)


def as_document(info: media.MediaInfo) -> dict[str, Any]:
    """Facts about a file, as they are kept in the store."""
    return dataclasses.asdict(info)


def as_info(document: Mapping[str, Any]) -> media.MediaInfo:
    """Facts about a file, read from the store."""
    return media.MediaInfo(**document)
