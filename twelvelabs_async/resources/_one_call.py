"""What `embed_file` and `analyze_file` share: bring a media source to the platform for one call, and clean up."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import attrs

from .._request.streams import StreamSource
from .._safe_repr import SafeRepr
from ._removal import Removals, removing
from ._sources import Media, asset_of, check_kind, check_length, of_asset, open_source
from .assets import AssetsResource, UploadSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from .._media.kinds import Kind
    from .._request.operation import MediaLimits
    from .._request.sources import Source
    from .._resource import Core
    from ..errors import APIStatusError

INLINE_BYTES: Final = 4 * 1024 * 1024
"""Largest file that is sent as base64 text. A larger one becomes an asset: it is sent from the file, without being held
in memory, and encoding the request would block the event loop for long.
"""

INLINE_MEMORY: Final = 64 * 1024 * 1024
"""Bytes of memory for all files that are sent as base64 text at a time. Further calls wait for their turn."""

_MEMORY_PER_BYTE: Final = 3
"""Bytes of memory for each byte of such a file: its base64 text and the body of the request have 4/3 bytes each."""

_TIMED: Final = frozenset({"video", "audio"})


@attrs.frozen(kw_only=True)
class Rules(SafeRepr):
    """What a helper accepts, and which of its two operations it uses.

    Attributes:
        name: Attribute path of the helper, for errors.
        kinds: Kinds of content that the operation with an immediate result accepts.
        limits: Its limits.
        task_kinds: Kinds of content that tasks accept; empty where there are none.
        task_limits: Limits of tasks.
        model: The model.
        task: Whether to use a task: True, False, or None to decide by kind and length.
    """

    name: str
    kinds: tuple[Kind, ...]
    limits: MediaLimits
    task_kinds: tuple[Kind, ...] = ()
    task_limits: MediaLimits
    model: str | None
    task: bool | None

    def check(self, media: Media) -> Kind:
        """Check what is known of a source, and return its kind.

        Raises:
            UnsupportedMediaError: The platform does not accept it.
        """
        accepted = self.task_kinds if self.task else self.kinds
        if self.task is None:
            accepted = tuple(dict.fromkeys(self.kinds + self.task_kinds))
        kind = check_kind(media, accepted, self.name)
        shortest = (self.task_limits if self.task else self.limits).min_seconds
        longest = (self.limits if self.task is False else self.task_limits).longest(self.model)
        check_length(media, shortest, longest, self.name)
        return kind

    def wants_task(self, media: Media) -> bool:
        """Whether to use a task. Media of unknown length is tried without one first."""
        if self.task is not None:
            return self.task
        if media.kind not in self.kinds:
            return True
        is_timed = media.kind in _TIMED and media.seconds is not None
        return is_timed and (media.seconds or 0) > self.limits.longest(self.model)

    def wants_task_after(self, media: Media, error: APIStatusError) -> bool:
        """Whether to use a task after the platform has rejected the media as too long."""
        said = f"{error.code} {error.details.get('reason')} {error.message}".lower().replace("_", " ")
        return self.task is None and media.kind in _TIMED and "too long" in said


class Ready:
    """A media source at a place where the platform can read it.

    Attributes:
        media: What is known of it.
        kind: Kind of content.
        source: What the body of a request says: `base64_string`, `url` or `asset_id`. Empty after `sent`.
        removals: What was made for it.
    """

    def __init__(
        self, media: Media, kind: Kind, source: dict[str, str], removals: Removals, free: Callable[[], None]
    ) -> None:
        self.media: Media = media
        self.kind: Kind = kind
        self.source: dict[str, str] = source
        self.removals: Removals = removals
        self._free = free

    def sent(self) -> None:
        """The platform has the source, and no further request names it: free its memory."""
        self.source.clear()
        self._free()


@contextlib.asynccontextmanager
async def bring(
    core: Core, source: Any, rules: Rules, *, kind: Kind | None, keep: bool, settings: UploadSettings
) -> AsyncIterator[Ready]:
    """Bring a source to the platform for the duration of a block. What was made for it is removed at the end.

    Args:
        core: State of the client.
        source: A file, a URL or an asset.
        rules: What is accepted.
        kind: Kind of content, where the caller knows it.
        keep: Whether nothing is removed.
        settings: How an asset is uploaded.

    Raises:
        UnsupportedMediaError: The platform does not accept it.
    """
    api = AssetsResource(core)
    media = opened = await _look_at(api, source, kind, settings)
    async with contextlib.aclosing(opened), removing(keep=keep) as removals:
        if media.kind is None and media.url is not None:
            # Neither the caller nor the URL says what it is, but the platform finds out.
            media = of_asset(await api._upload(media, settings, removals))
        known = rules.check(media)
        if media.file is not None:
            content = media.file.source
            if not isinstance(content, StreamSource) and content.size <= min(
                INLINE_BYTES, rules.limits.base64.get(known, 0)
            ):
                free = await _memory().take(content.size * _MEMORY_PER_BYTE)
                try:
                    place = {"base64_string": await asyncio.to_thread(_encode, content)}
                    yield Ready(media, known, place, removals, free)
                finally:
                    free()
                return
            media = of_asset(await api._upload(media, settings, removals), known)
            rules.check(media)
        place = {"asset_id": str(media.asset_id)} if media.url is None else {"url": media.url}
        yield Ready(media, known, place, removals, _nothing)


async def _look_at(api: AssetsResource, source: Any, kind: Kind | None, settings: UploadSettings) -> Media:
    """What is known of a source before anything is sent. An asset is looked up, once it is ready."""
    asset = await asset_of(source)
    if asset is None:
        return await open_source(source, kind)
    detail = await api.wait_for_done(
        asset, settings.sleep_interval, timeout=settings.timeout, request_options=settings.request_options
    )
    return of_asset(detail, kind)


def _encode(source: Source) -> str:
    """A file as base64 text. Blocks.

    Raises:
        OSError: It cannot be read.
    """
    from .._request.sources import SourceError

    try:
        return base64.b64encode(source.read(0, source.size)).decode()
    except SourceError as error:
        raise OSError(f"source: {error}") from error


def _nothing() -> None:
    """Free no memory."""


class Memory:
    """A limited number of bytes, which callers take in the order in which they ask."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._left = total
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, count: int) -> Callable[[], None]:
        """Wait until there are so many bytes, and take them. More than there are in total count as all of them.

        Returns:
            Gives them back. The second call does nothing.
        """
        count = min(count, self._total)
        if self._waiting or self._left < count:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((count, turn))
            try:
                await turn
            except asyncio.CancelledError:
                if turn.cancelled():
                    self._pass_on()  # it may have been in the way of smaller ones
                else:  # it was this caller's turn in the same moment
                    self._give(count)
                raise
        else:
            self._left -= count
        taken = count

        def free() -> None:
            nonlocal taken
            returned, taken = taken, 0
            self._give(returned)

        return free

    def _give(self, count: int) -> None:
        self._left += count
        self._pass_on()

    def _pass_on(self) -> None:
        while self._waiting and (self._waiting[0][1].cancelled() or self._waiting[0][0] <= self._left):
            count, turn = self._waiting.popleft()
            if not turn.cancelled():
                self._left -= count
                turn.set_result(None)


_memories: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Memory]] = WeakKeyDictionary()
"""The memory for base64 text, for each event loop."""


def _memory() -> Memory:
    loop = asyncio.get_running_loop()
    found = _memories.get(loop)
    if found is None:
        found = _memories[loop] = Memory(INLINE_MEMORY)
    return found
