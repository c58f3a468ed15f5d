"""Platforms that lie about their pages, fail in the middle or hang: the loop ends, and says why.

Every case runs against a real server, with and without reading ahead, and the outcome must be the same.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest
from aiohttp import web

from tests.eventually import eventually
from twelvelabs_async import (
    APITimeoutError,
    AsyncTwelveLabs,
    BadRequestError,
    DecodeError,
    InternalServerError,
    TooManyRequestsError,
    TwelveLabsError,
)
from twelvelabs_async.pagination.page_iterator import MAX_WITHOUT_NEWS

from .test_pagination import hits, index, search_pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from .clock import Clock
    from .conftest import Server

HUGE: Final = 10**9

AHEAD: Final = 4


def numbered(number: int, names: str, total: object = 3, **info: object) -> dict[str, Any]:
    """A page whose items have one letter each."""
    return {"data": [index(name) for name in names], "page_info": {"page": number, "total_page": total, **info}}


def fixed(*pages: dict[str, Any]) -> Callable[[int], Any]:
    """These pages, then empty ones."""
    return lambda number: pages[number - 1] if number <= len(pages) else numbered(number, "", HUGE)


@attrs.frozen
class Lie:
    """A numbered list.

    Attributes:
        name: What is wrong with it.
        page: The body of a page by its number.
        items: What a loop returns, one letter each.
        error: How the loop ends; None for its regular end.
        read: Pages that a loop which does not read ahead requests.
    """

    name: str
    page: Callable[[int], Any]
    items: str
    read: int
    error: str | None = None


LIES: Final = [
    Lie("honest", fixed(numbered(1, "ab"), numbered(2, "cd"), numbered(3, "e")), "abcde", 3),
    Lie("page number goes back", fixed(numbered(1, "ab"), numbered(2, "cd"), numbered(1, "e")), "abcd", 3, "page 1"),
    Lie("page number stands still", lambda _: numbered(1, "ab"), "ab", 2, "requested page 2, received page 1"),
    Lie(
        "page numbers as text",
        lambda at: numbered(at, "abc"[at - 1]) | {"page_info": {"page": str(at), "total_page": "3"}},
        "",
        1,
        "page_info.page",
    ),
    Lie("total grows", fixed(numbered(1, "a", 2), numbered(2, "b", 3), numbered(3, "c", 3)), "abc", 3),
    Lie("total shrinks", fixed(numbered(1, "a", 9), numbered(2, "b", 2), numbered(3, "c", 9)), "ab", 2),
    Lie("total shrinks below", fixed(numbered(1, "a", 9), numbered(2, "b", 9), numbered(3, "c", 1)), "abc", 3),
    Lie("total is huge", fixed(numbered(1, "ab", HUGE), numbered(2, "cd", HUGE)), "abcd", 3),
    Lie("total is negative", fixed(numbered(1, "ab", -1)), "ab", 1),
    Lie("total is null", fixed(numbered(1, "ab", None), numbered(2, "cd")), "ab", 1),
    Lie(
        "total is null, number of results is not",
        fixed(
            numbered(1, "ab", None, total_results=3, limit_per_page=2),
            numbered(2, "c", None, total_results=3, limit_per_page=2),
        ),
        "abc",
        2,
    ),
    Lie("limit is zero", fixed(numbered(1, "ab", None, total_results=3, limit_per_page=0)), "ab", 1),
    Lie("total is text", fixed(numbered(1, "ab", "3"), numbered(2, "cd")), "", 1, "total_page"),
    Lie("total is a list", fixed(numbered(1, "ab", [3])), "", 1, "total_page"),
    Lie("total is 2.0", fixed(numbered(1, "ab", 2.0), numbered(2, "cd", 2.0)), "abcd", 2),
    Lie("total is text in the middle", fixed(numbered(1, "ab"), numbered(2, "cd", "three")), "ab", 2, "total_page"),
    Lie("empty page in the middle", fixed(numbered(1, "ab"), numbered(2, ""), numbered(3, "e")), "ab", 2),
    Lie("page_info is missing", fixed(numbered(1, "ab"), {"data": [index("c")]}), "ab", 2, "page_info"),
    Lie(
        "items are null",
        fixed(numbered(1, "ab"), {"data": None, "page_info": {"page": 2, "total_page": 3}}),
        "ab",
        2,
        "data",
    ),
    Lie(
        "items are an object",
        fixed(numbered(1, "ab"), {"data": {}, "page_info": {"page": 2, "total_page": 3}}),
        "ab",
        2,
        "data",
    ),
    Lie(
        "more items than asked for",
        fixed(numbered(1, "abcdefgh"), numbered(2, "ijklmnopqrs"), numbered(3, "t")),
        "abcdefghijklmnopqrst",
        3,
    ),
    Lie("moves while it is read", fixed(numbered(1, "cde"), numbered(2, "efg"), numbered(3, "gh")), "cdefgh", 3),
    Lie("an item twice on a page", fixed(numbered(1, "aab"), numbered(2, "cc"), numbered(3, "d")), "abcd", 3),
    Lie("moves by a whole page", fixed(numbered(1, "ab"), numbered(2, "ab"), numbered(3, "cd")), "abcd", 3),
    Lie("the same items for ever", lambda at: numbered(at, "ab", HUGE), "ab", MAX_WITHOUT_NEWS + 1, "nothing new"),
    Lie(
        "the same items in turn",
        lambda at: numbered(at, ("ab", "cd", "ef")[at % 3], HUGE),
        "cdefab",
        MAX_WITHOUT_NEWS + 3,
        "nothing new",
    ),
]


async def read(items: Any, got: list[str], name: str = "id") -> TwelveLabsError | None:
    try:
        async for item in items:
            got.append(getattr(item, name))  # noqa: PERF401 - what was read before the error counts
    except TwelveLabsError as error:
        return error
    return None


def others() -> set[asyncio.Task[Any]]:
    """Tasks that page through a list."""
    return {task for task in asyncio.all_tasks() if "PageLoader" in repr(task.get_coro())}


@pytest.mark.parametrize("readahead", [0, AHEAD])
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.name)
async def test_numbered_lists(real: AsyncTwelveLabs, server: Server, lie: Lie, readahead: int) -> None:
    server.responses = [lambda request: web.json_response(lie.page(int(request.query.get("page", 1))))]
    got: list[str] = []
    error = await read(real.indexes.list(page_limit=2, request_options={"readahead": readahead}), got)
    assert "".join(got) == lie.items
    if lie.error is None:
        assert error is None
    else:
        assert isinstance(error, DecodeError)
        assert lie.error in f"{error} {error.path}"
    assert lie.read <= len(server.seen) <= lie.read + readahead
    asked = [seen.query for seen in server.seen]
    assert len(set(asked)) == len(asked)
    assert not others()


@pytest.mark.parametrize("readahead", [0, AHEAD])
async def test_an_endless_list_is_left(real: AsyncTwelveLabs, server: Server, readahead: int) -> None:
    """Every page holds something new: that is no error, and costs no requests once the loop is left."""

    def endless(request: web.Request) -> web.Response:
        number = int(request.query.get("page", 1))
        return web.json_response(
            numbered(number, "") | {"data": [index(f"{number}")], "page_info": {"total_page": HUGE}}
        )

    server.responses = [endless]
    async for item in real.indexes.list(request_options={"readahead": readahead}):
        if item.id == "30":
            break
    await eventually(lambda: not others() and not real.limits.in_flight)
    assert 30 <= len(server.seen) <= 30 + readahead


@pytest.mark.parametrize("readahead", [0, AHEAD])
async def test_items_without_an_id_for_ever(real: AsyncTwelveLabs, server: Server, readahead: int) -> None:
    chunks = {"uploaded_chunks": [{"index": 1, "status": "completed"}], "page_info": {"total_page": HUGE}}
    needed = {"upload_id": "u", "status": "active", "chunks_completed": 1, "total_chunks": 9, "asset_id": "a"}
    server.responses = [(200, {**needed, **chunks, "total_size": 1, "chunk_size": 1})]
    got: list[str] = []
    error = await read(real.multipart_upload.get_status("u", request_options={"readahead": readahead}), got, "status")
    assert isinstance(error, DecodeError)
    assert "nothing new" in str(error)
    assert MAX_WITHOUT_NEWS < len(server.seen) <= MAX_WITHOUT_NEWS + 1 + readahead


# --- tokens ------------------------------------------------------------------------------------------------------

TOKENS: Final[list[tuple[str, Callable[[int], Any], str, int, str | None]]] = [
    ("honest", lambda at: hits(["abc"[at]], ("1", "2", None)[at]), "abc", 3, None),
    ("repeats", lambda at: hits(["abcdef"[at]], "same"), "ab", 2, "twice"),
    ("cycles", lambda at: hits(["abcdef"[at]], "AB"[at % 2]), "abc", 3, "twice"),
    ("empty pages", lambda at: hits(["a"] if at == 9 else [], str(at) if at < 9 else None), "a", 10, None),
    (
        "many empty pages",
        lambda at: hits(["a"] if at in {60, 121} else [], str(at) if at < 121 else None),
        "aa",
        122,
        None,
    ),
    ("empty for ever", lambda at: hits([], str(at)), "", MAX_WITHOUT_NEWS, "nothing new"),
    (
        "new tokens, the same hits for ever",
        lambda at: hits(["a", "b"], str(at)),
        "ab" * MAX_WITHOUT_NEWS + "ab",
        MAX_WITHOUT_NEWS + 1,
        "nothing new",
    ),
    ("token is empty", lambda _: hits(["a"], ""), "a", 1, None),
    ("page_info is missing", lambda at: hits(["a"], "1") if not at else {"data": [{"video_id": "b"}]}, "ab", 2, None),
    (
        "page_info is null",
        lambda at: hits(["a"], "1") if not at else {"data": [{"video_id": "b"}], "page_info": None},
        "ab",
        2,
        None,
    ),
    (
        "token is a number",
        lambda at: hits(["a"], "1") if not at else hits(["b"]) | {"page_info": {"next_page_token": 2}},
        "a",
        2,
        "next_page_token",
    ),
    ("items are null", lambda at: hits(["a"], "1") if not at else {"data": None, "page_info": {}}, "a", 2, "data"),
    ("the same hit twice", lambda at: hits(["a", "a"], ("1", None)[at]), "aaaa", 2, None),
]


@pytest.mark.parametrize("readahead", [0, AHEAD])
@pytest.mark.parametrize(
    ("page", "items", "requests", "error"), [case[1:] for case in TOKENS], ids=[case[0] for case in TOKENS]
)
async def test_tokens(
    real: AsyncTwelveLabs,
    server: Server,
    page: Callable[[int], Any],
    items: str,
    requests: int,
    error: str | None,
    readahead: int,
) -> None:
    server.responses = [lambda _: web.json_response(page(len(server.seen) - 1))]
    got: list[str] = []
    raised = await read(search_pages(real, {"readahead": readahead}), got, "video_id")
    assert "nothing new" in str(raised) or "".join(got) == items
    assert items.startswith("".join(got))
    if error is None:
        assert raised is None
    else:
        assert isinstance(raised, DecodeError)
        assert error in f"{raised} {raised.path}"
    assert len(server.seen) == requests
    assert not others()


async def test_videos_of_a_search_that_come_again(real: AsyncTwelveLabs, server: Server) -> None:
    """The id of a hit that is grouped by video is that of the video, which may have clips on several pages."""
    pages = [hits([], "1") | {"data": [{"id": "v"}]}, hits([]) | {"data": [{"id": "v"}, {"id": "w"}]}]
    server.responses = [lambda _: web.json_response(pages[len(server.seen) - 1])]
    got: list[str] = []
    assert await read(search_pages(real), got) is None
    assert got == ["v", "v", "w"]


async def test_the_same_videos_of_a_search_for_ever(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [lambda _: web.json_response(hits([], str(len(server.seen))) | {"data": [{"id": "v"}]})]
    error = await read(search_pages(real), [])
    assert isinstance(error, DecodeError)
    assert "nothing new" in str(error)


# --- failures ----------------------------------------------------------------------------------------------------


def failing(failures: dict[int, list[web.Response]]) -> Callable[[web.Request], web.Response]:
    """Six pages with one item each. Some fail, as often as the list is long, before they succeed."""

    def respond(request: web.Request) -> web.Response:
        number = int(request.query.get("page", 1))
        left = failures.get(number)
        return left.pop(0) if left else web.json_response(numbered(number, "abcdef"[number - 1], 6))

    return respond


def refusal(status: int, **headers: str) -> web.Response:
    return web.json_response({"code": "x", "message": "no"}, status=status, headers=headers)


async def test_a_page_ahead_that_fails_is_retried(server: Server) -> None:
    server.responses = [
        failing({2: [refusal(500)], 4: [refusal(503), refusal(500)], 5: [refusal(429, **{"Retry-After": "0"})]})
    ]
    async with AsyncTwelveLabs(api_key="tlk_A", base_url=server.url, max_retries=3) as client:
        got: list[str] = []
        assert await read(client.indexes.list(), got) is None
    assert got == list("abcdef")
    assert len(server.seen) == 6 + 4


@pytest.mark.parametrize(
    ("status", "kind"), [(400, BadRequestError), (500, InternalServerError), (429, TooManyRequestsError)]
)
@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
async def test_a_page_that_fails_for_good(
    real: AsyncTwelveLabs, server: Server, number: int, status: int, kind: type[TwelveLabsError]
) -> None:
    server.responses = [failing({number: [refusal(status, **{"Retry-After": "0"})]})]
    items = aiter(real.indexes.list())
    got: list[str] = []
    assert isinstance(await read(items, got), kind)
    assert "".join(got) == "abcdef"[: number - 1]
    assert not others()
    assert await read(items, got) is None  # the same page is requested again
    assert got == list("abcdef")


def is_asked(server: Server, number: int) -> bool:
    return any(seen.query == f"page={number}" for seen in server.seen)


async def test_pages_that_arrive_in_another_order(real: AsyncTwelveLabs, server: Server) -> None:
    arrived: list[int] = []
    gates = {number: asyncio.Event() for number in range(1, 8)}
    gates[1].set()
    gates[3].set()

    async def respond(request: web.Request) -> web.Response:
        number = int(request.query.get("page", 1))
        await gates[number].wait()
        arrived.append(number)
        gates[number - 1].set()  # a page waits for the one after it, as far as that is requested
        return web.json_response(numbered(number, "abcdef"[number - 1], 6))

    gates[0] = asyncio.Event()
    server.responses = [respond]
    got: list[str] = []
    reader = asyncio.create_task(read(real.indexes.list(), got))
    for number in (5, 6):
        await eventually(partial(is_asked, server, number))
        gates[number].set()
    assert await reader is None
    assert got == list("abcdef")
    assert arrived.index(3) < arrived.index(2)
    assert arrived.index(5) < arrived.index(4)


async def test_a_page_that_hangs(real: AsyncTwelveLabs, server: Server) -> None:
    hang = asyncio.Event()

    async def respond(request: web.Request) -> web.Response:
        number = int(request.query.get("page", 1))
        if number == 3:
            await hang.wait()
        return web.json_response(numbered(number, "abcdef"[number - 1], 6))

    server.responses = [respond]
    items = aiter(real.indexes.list())
    got: list[str] = []
    reader = asyncio.create_task(read(items, got))
    await eventually(lambda: len(got) == 2 and len(server.seen) == 5)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert not others()
    await eventually(lambda: not real.limits.in_flight)
    hang.set()
    assert await read(items, got) is None
    assert got == list("abcdef")


async def test_a_page_that_hangs_meets_its_timeout(clock: Clock, real: AsyncTwelveLabs, server: Server) -> None:
    hang = asyncio.Event()

    async def respond(request: web.Request) -> web.Response:
        number = int(request.query.get("page", 1))
        if number >= 3:
            await hang.wait()
        return web.json_response(numbered(number, "abcdef"[number - 1], 6))

    server.responses = [respond]
    got: list[str] = []
    reader = asyncio.create_task(read(real.indexes.list(request_options={"timeout": 60}), got))
    await eventually(lambda: len(got) == 2 and len(server.seen) == 5)
    clock.advance(61)
    error = await reader
    hang.set()
    assert isinstance(error, APITimeoutError)
    assert got == ["a", "b"]
    assert not others()
