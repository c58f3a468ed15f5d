from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web

from twelvelabs_async import AsyncTwelveLabs, BadRequestError, DecodeError, GoneError, KnowledgeStoreSearchPager
from twelvelabs_async._generated.operations.search import CREATE_SEARCH
from twelvelabs_async._request.operation import PagedOperation, TypeRef
from twelvelabs_async._resource import Resource

if TYPE_CHECKING:
    from twelvelabs_async import RequestOptions

    from .conftest import Server


def index(name: str) -> dict[str, Any]:
    return {"_id": name, "index_name": name, "models": [], "created_at": "2024-08-16T16:53:59Z"}


def page(number: int, total: int, names: list[str], **info: Any) -> dict[str, Any]:
    return {
        "data": [index(name) for name in names],
        "page_info": {"page": number, "limit_per_page": 2, "total_page": total, "total_results": 5, **info},
    }


PAGES = [page(1, 3, ["a", "b"]), page(2, 3, ["c", "d"]), page(3, 3, ["e"])]


def numbered(request: web.Request) -> web.Response:
    return web.json_response(PAGES[int(request.query.get("page", 1)) - 1])


def pages_asked(server: Server) -> list[str | None]:
    return [parse_qs(seen.query).get("page", [None])[0] for seen in server.seen]


async def test_every_item(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [numbered]
    assert [item.id async for item in real.indexes.list(page_limit=2)] == ["a", "b", "c", "d", "e"]
    assert pages_asked(server) == [None, "2", "3"]
    assert all("page_limit=2" in seen.query for seen in server.seen)


async def test_nothing_is_sent_before_it_is_used(real: AsyncTwelveLabs, server: Server) -> None:
    pager = real.indexes.list()
    assert "not loaded" in repr(pager)
    for read in (lambda: pager.items, lambda: pager.page, lambda: pager.page_info, lambda: pager.has_next):
        with pytest.raises(RuntimeError, match="await"):
            read()
    assert server.seen == []


async def test_first_page(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [numbered]
    pager = await real.indexes.list()
    assert [item.id for item in pager.items] == ["a", "b"]
    assert pager.page.page_info == pager.page_info
    assert pager.page_info.total_results == 5
    assert pager.has_next
    assert "2 items" in repr(pager)
    assert [item.id async for item in pager] == ["a", "b", "c", "d", "e"]
    assert pages_asked(server) == [None, "2", "3"]  # the loaded page was used
    assert [item.id async for item in pager] == ["a", "b", "c", "d", "e"]
    assert pages_asked(server) == [None, "2", "3", None, "2", "3"]  # and iterating again starts again
    assert [item.id for item in (await pager).items] == ["a", "b"]


async def test_attributes_of_the_first_page(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [numbered]
    pager: Any = real.indexes.list()
    with pytest.raises(AttributeError, match="'data': the first page is not loaded yet: write `pager = await"):
        _ = pager.data
    assert not hasattr(pager, "data")
    await pager
    assert pager.data == pager.items
    for name in ("nonsense", "_nonsense"):
        with pytest.raises(AttributeError, match=name):
            getattr(pager, name)


async def test_members_of_a_search_in_a_knowledge_store(real: AsyncTwelveLabs, server: Server) -> None:
    first = {"data": [{"type": "video", "score": 1.0}], "next_page_token": "t", "effective_search_options": {}}
    last: dict[str, Any] = {"data": [], "effective_search_options": {}}
    server.responses = [lambda _: web.json_response(first), lambda _: web.json_response(last)]
    search = real.knowledge_stores.search("ks_1", query={"text": "a"})
    for read in (
        lambda: search.data,
        lambda: search.next_page_token,
        lambda: search.effective_search_options,
    ):
        with pytest.raises(RuntimeError, match="await"):
            read()
    pager = await search
    assert isinstance(pager, KnowledgeStoreSearchPager)
    assert pager.data == pager.items
    assert len(pager.data) == 1
    assert pager.next_page_token == "t"
    assert pager.effective_search_options == pager.page.effective_search_options
    assert [hit async for hit in pager] == pager.data
    assert [json.loads(seen.body).get("page_token") for seen in server.seen] == [None, "t"]


async def test_iterating_without_async(real: AsyncTwelveLabs, server: Server) -> None:
    pager: Any = real.indexes.list()
    pages, items = pager.iter_pages(), aiter(pager)
    for iterated in (pager, pages, items):
        with pytest.raises(TypeError, match=f"{type(iterated).__name__} is asynchronous: use `async for`"):
            list(iterated)
    assert server.seen == []


async def test_page_by_page(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [numbered]
    pages = [page async for page in real.indexes.list().iter_pages()]
    assert [len(page.items) for page in pages] == [2, 2, 1]
    assert [page.has_next for page in pages] == [True, True, False]
    assert [page.page_info.page for page in pages] == [1, 2, 3]
    assert pages[0].data == pages[0].items == pages[0].response.data
    with pytest.raises(AttributeError):
        _ = pages[0].nonsense


async def test_start_in_the_middle(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [numbered]
    assert [item.id async for item in real.indexes.list(page=2)] == ["c", "d", "e"]
    assert pages_asked(server) == ["2", "3"]


async def test_leaving_early_asks_for_no_more(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [numbered]
    async for item in real.indexes.list():
        if item.id == "b":
            break
    assert pages_asked(server) == [None]


async def test_two_iterations_at_a_time(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [numbered]
    pager = real.indexes.list()
    first, second = aiter(pager), aiter(pager)
    got = [[(await anext(first)).id, (await anext(second)).id] for _ in range(5)]
    assert got == [[name, name] for name in "abcde"]


async def test_one_iteration_shared_by_several_tasks(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [numbered]
    items = aiter(real.indexes.list())
    got: list[str | None] = []

    async def work() -> None:
        async for item in items:
            got.append(item.id)
            await asyncio.sleep(0)

    await asyncio.gather(*(work() for _ in range(4)))
    assert sorted(name or "" for name in got) == ["a", "b", "c", "d", "e"]
    assert pages_asked(server) == [None, "2", "3"]


async def test_one_iteration_of_pages_shared_by_several_tasks(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [numbered]
    pages = real.indexes.list().iter_pages()

    async def work() -> list[int]:
        return [page.page_info.page async for page in pages]

    got = await asyncio.gather(work(), work())
    assert sorted(number for numbers in got for number in numbers) == [1, 2, 3]
    assert pages_asked(server) == [None, "2", "3"]


async def test_an_iteration_goes_on_after_an_error(real: AsyncTwelveLabs, server: Server) -> None:
    refusal = web.json_response({"code": "x", "message": "no"}, status=400)
    server.responses = [numbered, lambda _: refusal, numbered]
    items = aiter(real.indexes.list(request_options={"readahead": 0}))
    got = [(await anext(items)).id, (await anext(items)).id]
    with pytest.raises(BadRequestError):
        await anext(items)
    got += [item.id async for item in items]
    assert got == ["a", "b", "c", "d", "e"]
    assert pages_asked(server) == [None, "2", "2", "3"]


@pytest.mark.parametrize(
    "last",
    [
        {"data": [], "page_info": {"page": 1, "total_page": 9}},
        {"data": [index("a")], "page_info": {}},
        {"data": [index("a")], "page_info": {"page": 1}},
        {"data": [index("a")], "page_info": {"page": 1, "total_page": 0}},
    ],
)
async def test_where_it_stops(real: AsyncTwelveLabs, server: Server, last: dict[str, Any]) -> None:
    server.responses = [(200, last), (500, None)]
    assert len([item async for item in real.indexes.list()]) == len(last["data"])


INFO: dict[str, Any] = {"page": 2, "total_page": 3}


@pytest.mark.parametrize("before", [[], [numbered]], ids=["first", "middle"])
@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "data"),
        ({"page_info": INFO}, "data"),
        ({"data": None, "page_info": INFO}, "data"),
        ({"data": []}, "page_info"),
        ({"data": [], "page_info": None}, "page_info"),
        ({"data": [index("a"), {"index_name": "b"}], "page_info": INFO}, "data[1]._id"),
        ({"data": [index("a"), index("b"), index("c"), {"_id": None}], "page_info": INFO}, "data[3]._id"),
    ],
)
async def test_what_is_no_page_does_not_end_the_list(
    real: AsyncTwelveLabs, server: Server, before: list[Any], body: dict[str, Any], path: str
) -> None:
    server.responses = [*before, (200, body)]
    items = aiter(real.indexes.list(request_options={"readahead": 0}))
    read = [await anext(items) for _ in range(2 * len(before))]
    assert [item.id for item in read] == ["a", "b"][: 2 * len(before)]
    with pytest.raises(DecodeError) as caught:
        await anext(items)
    assert caught.value.path == path
    assert len(server.seen) == len(before) + 1


async def test_total_is_computed_from_the_number_of_results(real: AsyncTwelveLabs, server: Server) -> None:
    first = {"data": [index("a"), index("b")], "page_info": {"page": 1, "limit_per_page": 2, "total_results": 3}}
    second = {"data": [index("c")], "page_info": {"page": 2, "limit_per_page": 2, "total_results": 3}}
    server.responses = [(200, first), (200, second), (500, None)]
    assert [item.id async for item in real.indexes.list()] == ["a", "b", "c"]


async def test_a_page_that_never_moves_on(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, PAGES[0])]
    with pytest.raises(DecodeError, match="never end"):
        _ = [item async for item in real.indexes.list(request_options={"readahead": 0})]
    assert len(server.seen) == 2


# --- tokens ------------------------------------------------------------------------------------------------------


def search_pages(real: AsyncTwelveLabs, options: RequestOptions | None = None) -> Any:
    return Resource(real._core)._paginate(
        CREATE_SEARCH,
        body={"index_id": "i", "search_options": ["visual"], "query_text": "goal"},
        options=options or {"additional_headers": {"X-A": "1"}, "additional_body_parameters": {"b": "1"}},
    )


def hits(names: list[str], token: str | None = None) -> dict[str, Any]:
    info = {"limit_per_page": 2, "total_results": 3} | ({"next_page_token": token} if token is not None else {})
    return {"data": [{"video_id": name, "rank": 1} for name in names], "page_info": info}


@pytest.mark.parametrize("options", [None, {"headers": {"X-A": "1"}, "body": {"b": "1"}, "query": {"q": 1}}])
async def test_tokens_are_followed_by_another_operation(real: AsyncTwelveLabs, server: Server, options: Any) -> None:
    server.responses = [(200, hits(["a", "b"], "t/1?")), (200, hits(["c"]))]
    assert [hit.video_id async for hit in search_pages(real, options)] == ["a", "b", "c"]
    first, second = server.seen
    assert (first.method, first.path) == ("POST", "/v1.3/search")
    assert b'name="b"' in first.body
    assert (second.method, second.path, second.body) == ("GET", "/v1.3/search/t%2F1%3F", b"")
    assert first.query == ("q=1" if options else "")
    assert "q=1" not in second.query
    assert second.headers["x-a"] == "1"


async def test_an_empty_page_with_a_token_is_not_the_end(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, hits(["a"], "1")), (200, hits([], "2")), (200, hits(["b"], ""))]
    assert [hit.video_id async for hit in search_pages(real)] == ["a", "b"]


async def test_a_token_that_comes_again(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, hits(["a"], "same"))]
    with pytest.raises(DecodeError, match="twice") as caught:
        _ = [hit async for hit in search_pages(real)]
    assert caught.value.path == "page_info.next_page_token"
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, {"code": "search_page_token_expired", "message": "expired"}), (410, {"code": "x", "message": "expired"})],
)
async def test_an_expired_token(real: AsyncTwelveLabs, server: Server, status: int, body: dict[str, Any]) -> None:
    server.responses = [(200, hits(["a"], "1")), (200, hits(["b"], "2")), (status, body)]
    got = []

    async def read() -> None:
        async for hit in search_pages(real):
            got.append(hit.video_id)  # noqa: PERF401 - what was read before the error counts

    with pytest.raises(GoneError, match="run the search again") as caught:
        await read()
    assert got == ["a", "b"]
    assert "after 2 pages" in caught.value.__notes__[0]


async def test_a_gone_first_page_has_no_note(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(410, {"code": "x", "message": "expired"})]
    with pytest.raises(GoneError) as caught:
        await search_pages(real)
    assert not hasattr(caught.value, "__notes__")


BY_BODY: PagedOperation[Any, Any] = PagedOperation(
    id="searchStore",
    method="POST",
    path="/stores/{store_id}/search",
    response=TypeRef("search", "SearchResults"),
    body="json",
    items="data",
    style="token",
    token=("page_info", "next_page_token"),
    next_parameter="page_token",
)


async def test_tokens_in_the_body(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, hits(["a"], "1")), (200, hits(["b"], "2")), (200, hits(["c"]))]
    pager = Resource(real._core)._paginate(BY_BODY, path={"store_id": "s"}, query={"q": "1"}, body={"query": "x"})
    assert [hit.video_id async for hit in pager] == ["a", "b", "c"]
    assert [json.loads(seen.body) for seen in server.seen] == [
        {"query": "x"},
        {"query": "x", "page_token": "1"},
        {"query": "x", "page_token": "2"},
    ]
    assert {seen.path for seen in server.seen} == {"/v1.3/stores/s/search"}
    assert {seen.query for seen in server.seen} == {"q=1"}
