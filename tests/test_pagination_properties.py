"""Whatever arrives when, whoever leaves and whatever the platform sends: the items are those of a plain loop."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.paged_list import PagedList, numbered_page, settle, token_page, whole_list
from tests.thorough import examples
from twelvelabs_async import BadRequestError, DecodeError
from twelvelabs_async.pagination.seen import RecentKeys, SeenTokens

PAGES = st.integers(1, 9)
READAHEAD = st.integers(0, 5)


class Run:
    """Consumers of one iterator, and a list whose pages arrive when the example says so."""

    def __init__(self, pages: int, readahead: int, tokens: bool) -> None:
        listed = [[f"{number}{letter}" for letter in "ab"[: 1 + number % 2]] for number in range(1, pages + 1)]
        self.names = [name for names in listed for name in names]
        self.first_of_page = [sum(map(len, listed[:number])) for number in range(pages)]
        self.tokens = tokens
        self.readahead = min(readahead, 1) if tokens else readahead
        self.served = PagedList(whole_list(listed, tokens=tokens), held_from=1, tokens=tokens)
        self.items: Any = aiter(self.served.pager(readahead))
        self.got: list[str] = []
        self.errors = 0
        self.arrived: Counter[Any] = Counter()
        self.steps: list[asyncio.Task[None]] = []

    async def _step(self) -> None:
        try:
            self.got.append((await anext(self.items)).id)
        except StopAsyncIteration:
            pass
        except BadRequestError:
            self.errors += 1

    def step(self) -> None:
        self.steps = [step for step in self.steps if not step.done()]
        if len(self.steps) < 3:
            self.steps.append(asyncio.create_task(self._step()))

    def leave(self, which: int) -> None:
        waiting = [step for step in self.steps if not step.done()]
        if waiting:
            waiting[which % len(waiting)].cancel()

    def arrive(self, which: int, error: Exception | None = None) -> None:
        pending = [at for future, at in self.served.pending.items() if not future.done()]
        if pending:
            position = pending[which % len(pending)]
            self.arrived[position] += error is None
            self.served.arrive(position, error)

    def check(self) -> None:
        served = self.served
        assert self.got == self.names[: len(self.got)]
        # Nothing that has arrived is requested again, and nothing is requested twice at a time.
        assert all(count == 1 for count in self.arrived.values() if count)
        assert len(set(served.pending.values())) == len(served.pending)
        # The page that the loop is at: that of the latest item, or the next one, if it waits.
        numbers = [int(str(position).removeprefix("t")) for position in served.requested]
        at = sum(first < len(self.got) for first in self.first_of_page)
        asked = at + (len(self.got) == len(self.names[: self._end(at)]) and any(not s.done() for s in self.steps))
        if numbers and not served.cancelled and not self.errors:
            assert max(numbers) <= max(asked, 1) + (self.readahead if asked > 1 else 0)

    def _end(self, page: int) -> int:
        return self.first_of_page[page] if page < len(self.first_of_page) else len(self.names)


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["step", "step", "arrive", "arrive", "arrive", "leave", "fail"]), st.integers(0, 5)),
    max_size=60,
)


@given(pages=PAGES, readahead=READAHEAD, tokens=st.booleans(), actions=ACTIONS, drain=st.booleans())
@settings(max_examples=examples(300))
def test_any_interleaving(
    pages: int, readahead: int, tokens: bool, actions: list[tuple[str, int]], drain: bool
) -> None:
    async def example() -> None:
        run = Run(pages, readahead, tokens)
        for name, which in actions:
            if name == "step":
                run.step()
            elif name == "leave":
                run.leave(which)
            else:
                run.arrive(which, BadRequestError("no", status=400) if name == "fail" else None)
            await settle()
            run.check()
        if drain:
            for _ in range(20 * pages + 20):
                run.step()
                await settle()
                while any(not future.done() for future in run.served.pending):
                    run.arrive(0)
                    await settle()
                run.check()
            assert run.got == run.names
        for step in run.steps:
            step.cancel()
        await settle()
        run.steps.clear()
        run.items = None
        await settle()
        assert not run.served.pending
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(example())


TOTALS = st.one_of(st.integers(-2, 8), st.sampled_from([None, "3", "x", 10**9, 2.0, float("inf"), [1]]))
NAMES = st.lists(st.sampled_from([*"abcdefgh", None]), max_size=4)
LIES = st.lists(st.tuples(NAMES, st.one_of(st.none(), st.integers(0, 9)), TOTALS), min_size=8, max_size=8)


async def outcome(served: PagedList, readahead: int, way: str) -> tuple[list[Any], str | None]:
    """Items or pages, and the error at their end."""
    got: list[Any] = []
    pager = served.pager(readahead)
    try:
        if way == "items":
            async for item in pager:
                got.append(item.id)  # noqa: PERF401 - what was read before the error counts
        elif way == "pages":
            async for page in pager.iter_pages():
                got += [item.id for item in page.items]
        elif way == "batches":
            async for batch in pager.batched(3):
                got += [item.id for item in batch]
        else:
            got = [item.id for item in await pager.collect()]
    except DecodeError as error:
        return ([] if way == "collect" else got), str(error)
    return got, None


@pytest.mark.parametrize("way", ["items", "pages", "batches", "collect"])
@given(lies=LIES, readahead=st.integers(1, 5))
@settings(max_examples=100)
def test_numbered_lists_that_lie(
    way: str, lies: list[tuple[list[str | None], int | None, Any]], readahead: int
) -> None:
    pages: dict[object, Any] = {
        number: numbered_page(names, number if said is None else said, total)
        for number, (names, said, total) in enumerate(lies, 1)
    }
    pages |= {number: numbered_page([], number, 0) for number in range(9, 20)}

    async def example() -> None:
        plain, ahead = PagedList(pages), PagedList(pages)
        got, error = await outcome(ahead, readahead, way)
        assert (got, error) == await outcome(plain, 0, way)
        assert plain.requested == list(range(1, len(plain.requested) + 1))
        assert sorted(ahead.requested) == list(range(1, len(ahead.requested) + 1))
        assert len(ahead.requested) <= len(plain.requested) + readahead
        named = [name for name in got if name is not None]
        assert way == "pages" or len(set(named)) == len(named)

    asyncio.run(example())


@given(steps=st.lists(st.tuples(NAMES, st.integers(0, 9)), min_size=10, max_size=10), readahead=st.integers(1, 5))
@settings(max_examples=100)
def test_tokens_that_lie(steps: list[tuple[list[str | None], int]], readahead: int) -> None:
    """Each page names any other one as the next."""
    pages: dict[object, Any] = {
        1 if number == 0 else f"t{number}": token_page(names, f"t{following}" if following else None)
        for number, (names, following) in enumerate(steps)
    }

    async def example() -> None:
        plain, ahead = PagedList(pages, tokens=True), PagedList(pages, tokens=True)
        assert await outcome(ahead, readahead, "items") == await outcome(plain, 0, "items")
        assert len(plain.requested) <= 10
        assert ahead.requested[: len(plain.requested)] == plain.requested
        assert len(set(ahead.requested)) == len(ahead.requested)

    asyncio.run(example())


@given(before=st.integers(0, 40), length=st.integers(1, 60), remembered=st.integers(1, 8))
def test_a_cycle_of_tokens_of_any_length_is_noticed(before: int, length: int, remembered: int) -> None:
    seen = SeenTokens(remembered)
    for step in range(before + 5 * (length + before) + 5):
        token = str(step if step < before else before + (step - before) % length)
        if token in seen:
            assert step >= before + length
            return
        seen.add(token)
    raise AssertionError("the cycle was not noticed")


@given(keys=st.lists(st.integers(0, 30), max_size=100), limit=st.integers(1, 8))
def test_recent_keys_are_remembered_in_bounded_memory(keys: list[int], limit: int) -> None:
    recent: RecentKeys[int] = RecentKeys(limit)
    for at, key in enumerate(keys):
        recent.add(key)
        assert key in recent
        newest = list(dict.fromkeys(reversed(keys[: at + 1])))[:limit]
        assert all(known in recent for known in newest)
        assert len(recent._younger) + len(recent._older) <= 2 * limit
        assert recent.isdisjoint([-1, -2])
        assert not recent.isdisjoint([-1, key])


@given(parts=st.lists(st.sets(st.integers(0, 40), max_size=8), max_size=30), limit=st.integers(1, 12))
def test_several_keys_are_added_at_once_or_not_at_all(parts: list[set[int]], limit: int) -> None:
    recent: RecentKeys[int] = RecentKeys(limit)
    for keys in parts:
        known = {key for key in range(41) if key in recent}
        if recent.add_new(keys):
            assert not keys & known
            assert {key for key in range(41) if key in recent} == known | keys
        else:
            assert {key for key in range(41) if key in recent} == known
            for key in keys:
                recent.add(key)
        assert len(recent._younger) <= limit
        assert len(recent._older) <= limit
