"""Remembers what a list has returned, in bounded memory: no item is returned twice, and no list is read for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

KeyT = TypeVar("KeyT", bound="Hashable")
ItemT = TypeVar("ItemT")

REMEMBERED: Final = 10_000
"""Keys that are remembered at least; at most twice as many are."""


class RecentKeys(Generic[KeyT]):
    """The latest keys of a sequence, in two generations: when the younger one is full, the older one is forgotten."""

    __slots__ = ("_limit", "_older", "_younger")

    def __init__(self, limit: int = REMEMBERED) -> None:
        self._limit = limit
        self._older: set[KeyT] = set()
        self._younger: set[KeyT] = set()

    def __contains__(self, key: KeyT) -> bool:
        return key in self._younger or key in self._older

    def add_new(self, keys: set[KeyT]) -> bool:
        """Remember several keys, none of which is remembered yet; False if there is one, or no room for all."""
        younger = self._younger
        if len(younger) + len(keys) > self._limit or not self.isdisjoint(keys):
            return False
        younger |= keys
        return True

    def isdisjoint(self, keys: Iterable[KeyT]) -> bool:
        """Whether none of the keys is remembered."""
        return self._younger.isdisjoint(keys) and self._older.isdisjoint(keys)

    def add(self, key: KeyT) -> None:
        """Remember a key."""
        if key not in self._younger and len(self._younger) >= self._limit:
            self._older, self._younger = self._younger, set()
        self._younger.add(key)


class SeenTokens:
    """The tokens of the pages that were read.

    A cycle of any length is noticed: a short one at its first repetition, a longer one by Brent's algorithm, which
    compares with a token that is replaced at ever longer distances.
    """

    __slots__ = ("_added", "_compared", "_recent", "_replaced_at")

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._recent: RecentKeys[str] = RecentKeys(remembered)
        self._compared: str | None = None
        self._added = 0
        self._replaced_at = 1

    def __contains__(self, token: str) -> bool:
        return token == self._compared or token in self._recent

    def add(self, token: str) -> None:
        """Remember the token of a page that was read."""
        self._recent.add(token)
        self._added += 1
        if self._added == self._replaced_at:
            self._compared = token
            self._replaced_at *= 2


class SeenItems:
    """The items that were returned.

    Args:
        by_id: Whether the items of the list are identified by their `id`, so that an item whose id was returned before
            is the same one. The hits of a search are not: their id is that of a video.
    """

    __slots__ = ("_by_id", "_keys")

    def __init__(self, *, by_id: bool) -> None:
        self._by_id = by_id
        self._keys: RecentKeys[Any] = RecentKeys()

    def unseen(self, items: Sequence[ItemT]) -> Sequence[ItemT]:
        """The items that were not returned before; they count as returned from now on. Without an id, all of them."""
        if not self._by_id:
            return items
        ids = [getattr(item, "id", None) for item in items]
        keys = self._keys
        distinct = set(ids)
        if len(distinct) == len(ids) and keys.add_new(distinct):
            return items
        unseen = []
        for key, item in zip(ids, items, strict=True):
            if key is None:
                unseen.append(item)
            elif key not in keys:
                keys.add(key)
                unseen.append(item)
        return unseen

    def has_news(self, items: Sequence[Any], unseen: Sequence[Any]) -> bool:
        """Whether a page holds something new.

        Args:
            items: Its items.
            unseen: What `unseen` returned for them.
        """
        if not unseen:
            return False
        if self._by_id and getattr(items[0], "id", None) is not None:
            return True
        # Items that nothing identifies: whether the page looks like an earlier one.
        key = hash((len(items), repr(items[0]), repr(items[-1])))
        is_new = key not in self._keys
        self._keys.add(key)
        return is_new
