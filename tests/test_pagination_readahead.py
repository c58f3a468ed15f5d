"""Reading ahead: what is requested when, and that nothing is left when the loop is."""

from __future__ import annotations

import asyncio
import gc
import itertools
import sys
import threading
import warnings
import weakref
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.eventually import eventually
from tests.paged_list import PagedList, settle, whole_list
from twelvelabs_async import AsyncTwelveLabs, ConfigurationError, GoneError, InternalServerError
from twelvelabs_async._config.limits_state import GroupState
from twelvelabs_async._transport.transport import Transport
from twelvelabs_async.pagination import AsyncPager
from twelvelabs_async.pagination.page_iterator import ITEMS_A_TURN

from .test_pagination import numbered, pages_asked, search_pages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from aiohttp import web

    from .conftest import Server

TEN = [[f"{number}{letter}" for letter in "ab"] for number in range(1, 11)]
NAMES = [name for names in TEN for name in names]


def others() -> set[asyncio.Task[Any]]:
    """The tasks besides the test itself."""
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}


async def names_of(items: AsyncIterator[Any], count: int) -> list[str]:
    return [(await anext(items)).id for _ in range(count)]


# --- what is requested when --------------------------------------------------------------------------------------


async def test_numbered_pages() -> None:
    served = PagedList(whole_list(TEN))
    items = aiter(served.pager())
    requested = []
    for _ in TEN:
        await names_of(items, 1)
        await settle()
        await names_of(items, 1)
        await settle()
        requested.append(served.requested[-1])
    # Page 1 alone; 3 with 2; two pages beyond 3; four beyond 4; then one more with each, and none beyond the last.
    assert requested == [1, 3, 5, 8, 9, 10, 10, 10, 10, 10]
    assert served.requested == list(range(1, 11))


@pytest.mark.parametrize(("readahead", "expected"), [(0, [1, 2, 3, 4, 5]), (1, [1, 3, 4, 5, 6]), (3, [1, 3, 5, 7, 8])])
async def test_how_far(readahead: int, expected: list[int]) -> None:
    served = PagedList(whole_list(TEN))
    pages = served.pager(readahead).iter_pages()
    requested = []
    for _ in range(5):
        await anext(pages)
        await settle()
        requested.append(served.requested[-1])
    assert requested == expected


async def test_pages_with_a_token() -> None:
    served = PagedList(whole_list(TEN, tokens=True), tokens=True)
    items = aiter(served.pager())
    assert await names_of(items, 2) == ["1a", "1b"]
    await settle()
    assert served.requested == [1]
    assert await names_of(items, 1) == ["2a"]
    await settle()
    assert served.requested == [1, "t2", "t3"]
    assert [item.id async for item in items] == NAMES[3:]
    assert served.requested == [1, *(f"t{number}" for number in range(2, 11))]


async def test_pages_with_a_token_without_reading_ahead() -> None:
    served = PagedList(whole_list(TEN, tokens=True), tokens=True)
    items = aiter(served.pager(0))
    await names_of(items, 3)
    await settle()
    assert served.requested == [1, "t2"]


async def test_a_token_that_comes_again_is_not_read_ahead() -> None:
    pages = whole_list(TEN[:3], tokens=True)
    pages["t2"].page_info.next_page_token = "t2"
    served = PagedList(pages, tokens=True)
    await names_of(aiter(served.pager()), 3)
    await settle()
    assert served.requested == [1, "t2"]


async def test_pages_that_arrive_in_another_order() -> None:
    served = PagedList(whole_list(TEN), held_from=1)
    got: list[str] = []

    async def read() -> None:
        async for item in served.pager():
            got.append(item.id)  # noqa: PERF401 - looked at meanwhile

    reader = asyncio.create_task(read())
    while not reader.done():
        await settle()
        if served.pending:
            served.arrive(max(served.pending.values()))
        assert len(served.pending) <= 5
    assert got == NAMES
    assert sorted(served.requested) == list(range(1, 11))


async def test_pages_ahead_leave_a_scarce_rate_limit_alone() -> None:
    spare = [0, -1, 2, 9]
    served = PagedList(whole_list(TEN))
    pages = served.pager(spare=lambda: spare.pop(0)).iter_pages()
    requested = []
    for _ in range(5):
        await anext(pages)
        await settle()
        requested.append(served.requested[-1])
    assert requested == [1, 2, 3, 6, 9]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"x-ratelimit-limit": "60", "x-ratelimit-remaining": "50", "x-ratelimit-reset": "30"}, [1, 2, 3]),
        ({"x-ratelimit-limit": "60", "x-ratelimit-remaining": "1", "x-ratelimit-reset": "30"}, [1, 2]),
    ],
)
async def test_rate_limits_of_the_platform(server: Server, headers: dict[str, str], expected: list[int]) -> None:
    def respond(request: web.Request) -> web.StreamResponse:
        response = numbered(request)
        response.headers.update(headers)
        return response

    server.responses = [respond]
    async with AsyncTwelveLabs(api_key="tlk_A", base_url=server.url) as client:
        items = aiter(client.indexes.list())
        await names_of(items, 3)
        await settle()
        await eventually(lambda: client.limits.in_flight == 0 and len(server.seen) >= len(expected))
        assert sorted(int(number or 1) for number in pages_asked(server)) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, sys.maxsize),
        ({"remaining": 9}, 4),
        ({"remaining": 9, "in_flight": 3}, 1),
        ({"remaining": 1}, 0),
        ({"remaining": 9, "waiting": 1}, 0),
        ({"paused_for": 0.5}, 0),
        ({"requests_per_minute": 60.0}, 1),
        ({"requests_per_minute": 60.0, "remaining": 1}, 0),
    ],
)
async def test_how_many_requests_a_rate_limit_can_spare(
    real: AsyncTwelveLabs, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], expected: int
) -> None:
    quiet: dict[str, Any] = {"limit": None, "remaining": None, "reset_in": None, "paused_for": 0.0}
    quiet |= {"in_flight": 0, "waiting": 0, "requests_per_minute": None}
    groups = {"search": GroupState(**quiet | changes), "other": GroupState(**quiet)}
    monkeypatch.setattr(Transport, "limits", SimpleNamespace(groups=groups))
    assert search_pages(real)._call.spare() == expected
    assert real.indexes.list()._call.spare() == sys.maxsize
    assert real.indexes._spare_requests("never used") == sys.maxsize


async def test_nothing_ahead_of_a_token_where_the_rate_limit_is_scarce() -> None:
    served = PagedList(whole_list(TEN, tokens=True), tokens=True)
    await names_of(aiter(served.pager(spare=lambda: 0)), 4)
    await settle()
    assert served.requested == [1, "t2"]


# --- options -----------------------------------------------------------------------------------------------------


async def test_where_readahead_is_set(server: Server) -> None:
    def far(client: AsyncTwelveLabs, **arguments: Any) -> int:
        return client.indexes.list(**arguments)._call.readahead

    async with AsyncTwelveLabs(api_key="tlk_A", base_url=server.url) as client:
        assert far(client) == 4
        assert far(client.with_options(readahead=2)) == 2
        assert far(client, request_options={"readahead": 0}) == 0
        assert far(client, request_options={"readahead": None}) == 4
        assert far(client.with_options(readahead=2), request_options={"timeout": 5}) == 2
        for wrong in (-1, True, "4"):
            with pytest.raises(ValueError, match="readahead must be a non-negative integer"):
                far(client, request_options={"readahead": wrong})
            with pytest.raises(ConfigurationError, match="readahead"):
                client.with_options(readahead=wrong)  # type: ignore[arg-type]
    async with AsyncTwelveLabs(api_key="tlk_A", base_url=server.url, readahead=0) as client:
        assert far(client) == 0


async def test_a_page_number_among_the_options_is_that_of_the_first_page(real: AsyncTwelveLabs, server: Server) -> None:
    for name in ("query", "additional_query_parameters"):
        server.seen.clear()
        server.responses = [numbered]
        options: Any = {name: {"page": 2, "x": "y"}}
        assert [item.id async for item in real.indexes.list(request_options=options)] == ["c", "d", "e"]
        assert [seen.query for seen in server.seen] == ["page=2&x=y", "page=3&x=y"]


# --- leaving -----------------------------------------------------------------------------------------------------


async def reading(served: PagedList, leave: Callable[[], object]) -> None:
    """A loop that is left at the first item of page 3, when pages 4 and 5 are requested."""
    async for item in served.pager():
        if item.id == "3a":
            await settle()
            assert list(served.pending.values()) == [4, 5]
            leave()
            break


def held_from(number: int, *, tokens: bool = False) -> PagedList:
    """The first pages arrive at once, the others when the test says so."""
    return PagedList(whole_list(TEN, tokens=tokens), held_from=number, tokens=tokens)


def stop() -> None:
    raise LookupError


async def test_break_ends_what_is_in_flight() -> None:
    served = held_from(4)
    await reading(served, lambda: None)
    await settle()
    assert served.cancelled == [4, 5]
    assert not served.pending
    assert not others()


async def test_break_ends_what_is_in_flight_with_tokens() -> None:
    served = held_from(4, tokens=True)
    async for item in served.pager():
        if item.id == "3a":
            await settle()
            assert list(served.pending.values()) == ["t4"]
            break
    await settle()
    assert served.cancelled == ["t4"]
    assert not others()


async def test_an_exception_ends_what_is_in_flight() -> None:
    served = held_from(4)
    with pytest.raises(LookupError) as caught:
        await reading(served, stop)
    await settle()
    assert caught.value.__traceback__ is not None  # whoever keeps the exception keeps nothing in flight
    assert served.cancelled == [4, 5]
    assert not others()


async def test_cancellation_ends_what_is_in_flight() -> None:
    served = held_from(3)
    reader = asyncio.create_task(reading(served, stop))
    await settle()
    assert list(served.pending.values()) == [3, 4, 5]
    reader.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await reader
    assert caught.value is not None
    assert served.cancelled == [3, 4, 5]
    assert not others()  # at once: the cancelled call has waited for their end


async def test_a_timeout_ends_what_is_in_flight_and_the_iteration_goes_on() -> None:
    served = held_from(3)
    items = aiter(served.pager())
    assert await names_of(items, 4) == NAMES[:4]
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(items), 0.01)
    assert not others()
    assert not served.pending
    rest = asyncio.create_task(names_of(items, 16))
    while not rest.done():
        await settle()
        for position in sorted(served.pending.values()):
            served.arrive(position)
    assert rest.result() == NAMES[4:]


async def test_an_iterator_that_is_no_longer_referenced_ends_what_is_in_flight() -> None:
    served = held_from(4)
    items = aiter(served.pager())
    await names_of(items, 5)
    await settle()
    assert list(served.pending.values()) == [4, 5]
    del items
    await settle()
    assert served.cancelled == [4, 5]
    assert not others()


async def test_an_iterator_that_raised_is_freed_like_any_other() -> None:
    served = held_from(3)
    gc.disable()
    try:
        items = aiter(served.pager())
        await names_of(items, 4)
        waiting = asyncio.create_task(names_of(items, 1))
        await settle()
        served.arrive(3, InternalServerError("no", status=500))
        with pytest.raises(InternalServerError) as caught:
            await waiting
        waiting = asyncio.create_task(names_of(items, 1))
        await settle()
        served.arrive(3)
        await waiting
        assert list(served.pending.values()) == [4, 5]
        served.cancelled.clear()
        del caught, waiting, items
        await settle()
        assert served.cancelled == [4, 5]
    finally:
        gc.enable()


async def test_an_iterator_that_another_thread_frees() -> None:
    served = held_from(4)
    held: list[Any] = [aiter(served.pager())]
    await names_of(held[0], 5)
    await settle()
    thread = threading.Thread(target=held.clear)
    thread.start()
    thread.join()
    await settle()
    assert served.cancelled == [4, 5]
    assert not others()


async def test_aclose() -> None:
    for make, steps in ((aiter, 5), (AsyncPager.iter_pages, 3), (lambda pager: pager.batched(2), 3)):
        served = held_from(4)
        iterator: Any = make(served.pager())
        for _ in range(steps):
            await anext(iterator)
        await settle()
        assert list(served.pending.values()) == [4, 5]
        await iterator.aclose()
        assert served.cancelled == [4, 5]
        assert not others()
        with pytest.raises(StopAsyncIteration):
            await anext(iterator)


async def test_aclose_lets_go_of_pages_that_have_arrived() -> None:
    served = PagedList(whole_list(TEN))
    ahead = weakref.ref(served.pages[4])
    pages: Any = served.pager().iter_pages()
    for _ in range(3):
        await anext(pages)
    await settle()
    assert served.requested == [1, 2, 3, 4, 5]
    served.pages.clear()
    assert ahead() is not None
    await pages.aclose()
    await settle()
    assert ahead() is None


async def test_aclose_ends_the_wait_of_another_task() -> None:
    served = held_from(2)
    pages: Any = served.pager().iter_pages()
    await anext(pages)
    waiting = asyncio.create_task(anext(pages, None))
    await settle()
    await pages.aclose()
    assert await waiting is None
    assert not others()


def test_a_loop_that_is_closed_before_the_iterator_is_freed(caplog: pytest.LogCaptureFixture) -> None:
    served = held_from(4)
    kept: list[Any] = []

    async def read() -> None:
        kept.append(aiter(served.pager()))
        await names_of(kept[0], 5)
        await settle()

    loop = asyncio.new_event_loop()
    loop.run_until_complete(read())
    assert list(served.pending.values()) == [4, 5]
    loop.close()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept.clear()
        served.pending.clear()
        gc.collect()
    assert not caplog.records


def test_an_iteration_that_goes_on_in_another_loop() -> None:
    served = held_from(4)
    kept: list[Any] = []

    async def begin() -> None:
        kept.append(aiter(served.pager()))
        await names_of(kept[0], 6)
        await settle()

    async def go_on() -> list[str]:
        served.pending.clear()  # nobody gets those of the other loop
        rest = asyncio.create_task(names_of(kept[0], 14))
        while not rest.done():
            await settle()
            for position in list(served.pending.values()):
                served.arrive(position)
        return rest.result()

    for run in (asyncio.run, _run_and_abandon):
        kept.clear()
        run(begin())
        assert asyncio.run(go_on()) == NAMES[6:]


@pytest.mark.parametrize("how", ["closed", "at its end"])
def test_an_iteration_that_ends_in_another_loop(how: str) -> None:
    served = held_from(4)
    pages: Any = served.pager().iter_pages()

    async def begin() -> None:
        for _ in range(3):
            await anext(pages)
        await settle()
        assert list(served.pending.values()) == [4, 5]

    async def end() -> None:
        if how == "closed":
            await pages.aclose()
        else:
            served.held_from = None
            served.pages[4] = whole_list(TEN[:4])[4]
            assert not (await anext(pages)).has_next
        with pytest.raises(StopAsyncIteration):
            await anext(pages)
        assert not others()

    _run_and_abandon(begin())
    asyncio.run(end())


def _run_and_abandon(coroutine: Any) -> None:
    """Like a program that closes its loop without cancelling tasks."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(coroutine)
    loop.close()


@pytest.mark.parametrize("make", [aiter, AsyncPager.iter_pages, lambda pager: pager.batched(2)])
async def test_one_of_several_consumers_leaves_while_it_waits(make: Callable[[Any], Any]) -> None:
    served = held_from(2)
    iterator = make(served.pager())
    await anext(iterator)
    if make is aiter:
        await anext(iterator)
    first, second = (asyncio.create_task(anext(iterator)) for _ in range(2))
    await settle()
    assert list(served.pending.values()) == [2, 3]
    first.cancel()
    await settle()
    assert first.cancelled()
    assert list(served.pending.values()) == [2, 3]
    served.arrive(2)
    await second
    assert served.requested == [1, 2, 3]


async def test_a_consumer_that_leaves_later_does_not_disturb_the_others() -> None:
    served = held_from(1)
    pages: Any = served.pager().iter_pages()
    first, second, third = (asyncio.create_task(anext(pages)) for _ in range(3))
    await settle()
    for leaving in (first, third):
        leaving.cancel()
        await settle()
    served.arrive(1)
    assert (await second).items == served.pages[1].data
    assert served.requested == [1]


@pytest.mark.parametrize("make", [aiter, AsyncPager.iter_pages, lambda pager: pager.batched(2)])
async def test_all_of_several_consumers_leave_while_they_wait(make: Callable[[Any], Any]) -> None:
    served = held_from(1)
    iterator = make(served.pager())
    waiting = [asyncio.create_task(anext(iterator)) for _ in range(3)]
    await settle()
    for task in waiting:
        task.cancel()
    await settle()
    assert all(task.cancelled() for task in waiting)
    assert served.cancelled == [1]
    assert not others()


async def test_pages_beyond_the_end_are_cancelled() -> None:
    served = held_from(3)
    served.pages[3] = whole_list(TEN[:3])[3]  # the list has become shorter
    reader = asyncio.create_task(served.pager().collect())
    await settle()
    assert list(served.pending.values()) == [3, 4, 5]
    served.arrive(3)
    assert [item.id for item in await reader] == NAMES[:6]
    assert served.cancelled == [4, 5]
    assert not others()


async def test_the_end_of_the_list_lets_go_of_pages_ahead() -> None:
    served = held_from(3)
    served.pages[3] = whole_list(TEN[:3])[3]
    ahead = weakref.ref(served.pages[4])
    items = aiter(served.pager())
    await names_of(items, 4)
    waiting = asyncio.create_task(names_of(items, 1))
    await settle()
    served.arrive(4)
    served.arrive(3)
    served.pages.clear()
    assert await waiting == ["3a"]
    await settle()
    assert ahead() is None
    assert served.cancelled == [5]
    assert not others()
    assert await names_of(items, 1) == ["3b"]


async def test_nothing_holds_a_connection_after_a_break(server: Server) -> None:
    hang = asyncio.Event()

    async def respond(request: web.Request) -> Any:
        if int(request.query.get("page", 1)) > 2:
            await hang.wait()
        return numbered(request)

    server.responses = [respond]
    async with AsyncTwelveLabs(api_key="tlk_A", base_url=server.url) as client:
        async for item in client.indexes.list():
            if item.id == "c":
                await eventually(lambda: len(server.seen) == 3)
                assert client.limits.in_flight == 1
                break
        await settle()
        assert client.limits.in_flight == 0
        server.responses = [numbered]
        assert (await client.indexes.list()).total == 5
    hang.set()


async def test_closing_the_client_during_a_loop(server: Server) -> None:
    """Pages ahead end with an error that nobody looks at: no complaint about that."""
    hang = asyncio.Event()

    async def respond(request: web.Request) -> Any:
        if int(request.query.get("page", 1)) > 2:
            await hang.wait()
        return numbered(request)

    server.responses = [respond]
    client = AsyncTwelveLabs(api_key="tlk_A", base_url=server.url)
    items = aiter(client.indexes.list())
    await names_of(items, 3)
    await client.close()
    hang.set()
    del items
    gc.collect()
    await settle()


async def test_an_error_of_a_page_that_nobody_reads() -> None:
    problems: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
    served = PagedList(whole_list(TEN))
    served.pages[3] = InternalServerError("no", status=500)
    async for item in served.pager():
        if item.id == "2a":
            await settle()
            break
    assert served.requested == [1, 2, 3]
    served.pages.clear()
    gc.collect()
    await settle()
    assert problems == []


# --- errors ------------------------------------------------------------------------------------------------------


async def test_an_error_is_raised_when_its_turn_comes() -> None:
    served = PagedList(whole_list(TEN), held_from=1)
    items = aiter(served.pager())
    got: list[str] = []

    async def read() -> None:
        async for item in items:
            got.append(item.id)  # noqa: PERF401 - what was read before the error counts

    reader = asyncio.create_task(read())
    for number in (1, 2):
        await settle()
        served.arrive(number)
    await settle()  # now pages 3, 4 and 5 are requested
    served.arrive(4, InternalServerError("no", status=500))
    served.arrive(5)
    await settle()
    assert got == NAMES[:4]
    assert not reader.done()
    served.arrive(3)
    with pytest.raises(InternalServerError):
        await reader
    assert got == NAMES[:6]
    assert not others()  # pages 6 and 7, which were requested for page 3, are not waited for

    reader = asyncio.create_task(read())
    while not reader.done():
        await settle()
        for position in list(served.pending.values()):
            served.arrive(position)
    await reader
    assert got == NAMES
    assert served.requested.count(4) == 2  # the page that failed; those that had arrived were kept
    assert served.requested.count(5) == served.requested.count(3) == 1


async def test_an_expired_token_of_a_page_read_ahead() -> None:
    served = PagedList(whole_list(TEN, tokens=True), tokens=True)
    served.pages["t4"] = GoneError("expired", status=410)
    pages = served.pager().iter_pages()
    for _ in range(3):
        await anext(pages)
    await settle()
    assert "t4" in served.requested
    with pytest.raises(GoneError) as caught:
        await anext(pages)
    assert "after 3 pages" in caught.value.__notes__[0]


# --- first, collect, batched, total ------------------------------------------------------------------------------


async def test_first() -> None:
    served = PagedList(whole_list(TEN))
    found = await served.pager().first()
    assert found is not None
    assert found.id == "1a"
    assert served.requested == [1]
    assert await PagedList(whole_list([[]])).pager().first() is None
    empty = PagedList(whole_list([[], [], ["3a"], ["4a"]], tokens=True), tokens=True)
    found = await empty.pager().first()
    assert found is not None
    assert found.id == "3a"
    assert "t4" not in empty.requested


@pytest.mark.parametrize(
    ("limit", "requests"), [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3), (7, 4), (9, 5), (12, 6), (20, 10), (99, 10)]
)
@pytest.mark.parametrize("tokens", [False, True])
async def test_collect_requests_no_page_too_many(limit: int, requests: int, tokens: bool) -> None:
    served = PagedList(whole_list(TEN, tokens=tokens), tokens=tokens)
    collected = await served.pager(8).collect(limit=limit)
    assert [item.id for item in collected] == NAMES[:limit]
    assert len(served.requested) == requests
    assert not others()


async def test_collect_ends_requests_that_turn_out_to_be_needless() -> None:
    """The second page is larger than the first one, by which the number of further pages was guessed."""
    served = PagedList(whole_list([["a"], [*"bcdefg"], ["h"], ["i"]]), held_from=2)
    reader = asyncio.create_task(served.pager().collect(limit=5))
    await settle()
    assert list(served.pending.values()) == [2, 3]
    served.arrive(2)
    assert [item.id for item in await reader] == [*"abcde"]
    assert served.cancelled == [3]
    assert not others()


async def test_collect_all(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [numbered]
    pager = await real.indexes.list()
    assert [index.id for index in await pager.collect()] == ["a", "b", "c", "d", "e"]
    assert sorted(number or "1" for number in pages_asked(server)) == ["1", "2", "3"]
    for wrong in (-1, True, "2"):
        with pytest.raises(ValueError, match="limit must be an integer from 0 on"):
            await pager.collect(limit=wrong)  # type: ignore[arg-type]


async def test_batched() -> None:
    for size, sizes in ((1, [1] * 20), (3, [3] * 6 + [2]), (4, [4] * 5), (50, [20])):
        served = PagedList(whole_list(TEN))
        batches = [[item.id for item in batch] async for batch in served.pager().batched(size)]
        assert [len(batch) for batch in batches] == sizes
        assert [name for batch in batches for name in batch] == NAMES
    for wrong in (0, True, "2"):
        with pytest.raises(ValueError, match="n must be an integer from 1 on"):
            PagedList({}).pager().batched(wrong)  # type: ignore[arg-type]


async def test_a_batch_before_an_error_is_delivered() -> None:
    served = PagedList(whole_list(TEN))
    page_three, served.pages[3] = served.pages[3], InternalServerError("no", status=500)
    batches = served.pager().batched(3)
    got = [[item.id for item in await anext(batches)] for _ in range(2)]
    assert got == [["1a", "1b", "2a"], ["2b"]]
    with pytest.raises(InternalServerError):
        await anext(batches)
    served.pages[3] = page_three
    assert [item.id async for batch in batches for item in batch] == NAMES[4:]


async def test_a_batch_that_is_cancelled_loses_nothing() -> None:
    served = held_from(2)
    batches = served.pager().batched(3)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(batches), 0.01)
    rest: asyncio.Future[list[Any]] = asyncio.ensure_future(anext(batches))
    await settle()
    served.arrive(2)
    assert [item.id for item in await rest] == ["1a", "1b", "2a"]


async def test_batches_shared_by_several_tasks() -> None:
    batches = PagedList(whole_list(TEN)).pager().batched(3)

    async def work() -> list[list[str]]:
        got = []
        async for batch in batches:
            got.append([item.id for item in batch])
            await asyncio.sleep(0)
        return got

    first, second = await asyncio.gather(work(), work())
    assert first
    assert second
    assert sorted(name for batch in (*first, *second) for name in batch) == sorted(NAMES)


async def test_total(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [numbered]
    pager = real.indexes.list()
    with pytest.raises(RuntimeError, match="await"):
        _ = pager.total
    await pager
    assert pager.total == 5
    assert [page.total async for page in pager.iter_pages()] == [5, 5, 5]
    server.responses = [(200, {"data": [], "page_info": {"page": 1}})]
    assert (await real.indexes.list()).total is None


# --- very large pages --------------------------------------------------------------------------------------------


class Counted:
    """An item that counts how many of them exist."""

    alive = 0

    def __init__(self, name: str) -> None:
        self.id = name
        Counted.alive += 1

    def __del__(self) -> None:
        Counted.alive -= 1


def large_list(size: int) -> PagedList:
    pages = whole_list([[]])
    pages[1].data.extend(Counted(str(number)) for number in range(size))
    return PagedList(pages)


class Turns:
    """Counts how often other tasks get their turn."""

    count = 0

    async def __aenter__(self) -> Turns:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            self.count += 1
            await asyncio.sleep(0)


@pytest.mark.parametrize("style", ["items", "batches", "collect"])
async def test_a_very_large_page_does_not_block_the_event_loop(style: str) -> None:
    """Other tasks get their turn during the loop, and what is left of the page is freed meanwhile."""
    size = 5 * ITEMS_A_TURN + 7
    served = large_list(size)
    pager = served.pager()
    names: list[str] = []
    alive: list[int] = []
    async with Turns() as turns:
        if style == "items":
            async for item in pager:
                served.pages.clear()
                names.append(item.id)
                alive.append(Counted.alive)
            del item
            assert all(count <= size - at + 1 for at, count in enumerate(alive))
        elif style == "batches":
            async for batch in pager.batched(100):
                names += [item.id for item in batch]
            del batch
        else:
            names = [item.id for item in await pager.collect()]
        assert turns.count >= 5
    assert names == [str(number) for number in range(size)]
    served.pages.clear()
    assert Counted.alive == 0


async def test_the_event_loop_gets_its_turn_before_a_very_large_page_is_freed() -> None:
    for size, turns in ((ITEMS_A_TURN, 0), (2 * ITEMS_A_TURN, 1)):
        pager = await large_list(size).pager()
        async with Turns() as counted:
            before = counted.count
            await anext(aiter(pager))
            assert counted.count - before >= turns
            assert turns or counted.count == before


@pytest.mark.parametrize("how", ["dropped", "closed"])
async def test_leaving_a_very_large_page_frees_it_in_turns(how: str) -> None:
    served = large_list(5 * ITEMS_A_TURN)
    items: Any = aiter(served.pager())
    await anext(items)
    served.pages.clear()
    if how == "closed":
        await items.aclose()
    del items
    left = [Counted.alive]
    while left[-1]:
        await asyncio.sleep(0)
        left.append(Counted.alive)
    assert left[0] >= 3 * ITEMS_A_TURN
    assert all(before - after <= ITEMS_A_TURN for before, after in itertools.pairwise(left))


def test_leaving_a_very_large_page_without_a_loop() -> None:
    served = large_list(3 * ITEMS_A_TURN)
    items: Any = aiter(served.pager())
    asyncio.run(anext(items))
    served.pages.clear()
    del items
    assert Counted.alive == 0


async def test_an_id_that_comes_again_in_a_very_large_page() -> None:
    names = [str(number) for number in range(ITEMS_A_TURN + 5)]
    served = PagedList(whole_list([[*names, "3", "x"], ["y"]]))
    assert [item.id async for item in served.pager()] == [*names, "x", "y"]
