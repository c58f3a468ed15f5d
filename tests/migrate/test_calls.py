"""What else differs in asynchronous code."""

from __future__ import annotations

import pytest

from twelvelabs_async.migrate import migrate_source

HEAD = "from twelvelabs import AsyncTwelveLabs\nfrom twelvelabs.core.api_error import ApiError\n"


def body(text: str, *, head: str = HEAD) -> str:
    """The body of a coroutine function with a client, after the migration."""
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    before = f"{head}async def run(client: AsyncTwelveLabs):\n{lines}"
    after = migrate_source(before).text
    assert migrate_source(after).text == after
    return "".join(line[4:] for line in after.partition("def run")[2].splitlines(keepends=True)[1:]).rstrip("\n")


def notes(text: str, *, head: str = HEAD) -> list[str]:
    """The notes on the body of a coroutine function with a client."""
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    return [note.message for note in migrate_source(f"{head}async def run(client: AsyncTwelveLabs):\n{lines}").notes]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = await client.indexes.retrieve(i)\na.model_dump()", "a = await client.indexes.retrieve(i)\nto_dict(a)"),
        ("print((await client.indexes.retrieve(i)).dict())", "print(to_dict(await client.indexes.retrieve(i)))"),
        ("a = await client.assets.create(x=1)\na.json()", "a = await client.assets.create(x=1)\nto_json(a).decode()"),
        (
            "async for a in await client.indexes.list():\n    print(f'{a.model_dump_json()}')",
            "async for a in await client.indexes.list():\n    print(f'{to_json(a).decode()}')",
        ),
        (
            "p = await client.search.query(q=1)\nreturn [x.dict() for x in p.items]",
            "p = await client.search.query(q=1)\nreturn [to_dict(x) for x in p.items]",
        ),
        (
            "t = await client.analyze_async.tasks.list()\nreturn t.data",
            "t = (await client.analyze_async.tasks.list()).page\nreturn t.data",
        ),
        (
            "r = await client.indexes.with_raw_response.retrieve(i)\nreturn r.data, r.headers",
            "r = await client.with_raw_response.indexes.retrieve(i)\nreturn r.parse(), r.headers",
        ),
        (
            "return (await client.embed.v_2.with_raw_response.create(a=1)).data",
            "return (await client.with_raw_response.embed.v_2.create(a=1)).parse()",
        ),
        ("return await client.with_raw_response.analyze(a=1)", "return await client.with_raw_response.analyze(a=1)"),
        ("await client._client_wrapper.httpx_client.httpx_client.aclose()", "await client.close()"),
        (
            "try: ...\nexcept ApiError as e:\n    print(e.status_code, e.body)",
            "try: ...\nexcept APIStatusError as e:\n    print(e.status, e.body)",
        ),
        (
            "try: ...\nexcept ApiError as e:\n    print(f'{e.status_code}: {e.status_code:>3}' f' {e.body}')",
            "try: ...\nexcept APIStatusError as e:\n    print(f'{e.status}: {e.status:>3}' f' {e.body}')",
        ),
        (
            "with pytest.raises(ApiError) as found: ...\nassert found.value.status_code == 404",
            "with pytest.raises(APIStatusError) as found: ...\nassert found.value.status == 404",
        ),
    ],
)
def test_rewritten(before: str, after: str) -> None:
    assert body(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "a = other.retrieve(i)\na.model_dump()",
        "a = await other.retrieve(i)\na.json()",
        "try: ...\nexcept Exception as e:\n    print(e.status_code)",
        "try: ...\nexcept (ApiErr, ValueError) as e:\n    print(e.status_code)",
        "a = await client.indexes.retrieve(i)\nreturn a.data.items()",
        "async for a in client.analyze_stream(x=1):\n    print(a.text)",
        "pager = await client.indexes.list(page_limit=10)\nprint(pager.items, pager.has_next)",
    ],
)
def test_left_alone(text: str) -> None:
    assert body(text) == text
    assert notes(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("await client.tasks.wait_for_done('t')", "TaskFailedError"),
        ("await client.embed.tasks.wait_for_done('t')", "TaskFailedError"),
        ("await client.tasks.create_bulk(index_id='i')", "BulkError"),
        ("a = await client.indexes.retrieve(i)\na.model_dump(mode='json')", "to_dict"),
        ("a = await client.indexes.retrieve(i)\na.model_copy(update={})", "attrs.evolve"),
        ("p = await client.indexes.list()\nawait p.next_page()", "iter_pages"),
        ("await gather(client.imports.list_imports())", ".page is the response"),
        ("await client.indexes.with_raw_response.list()", "one raw response"),
        ("client._client_wrapper.get_headers()", "internal"),
        ("await client.tasks.list(request_options={'chunk_size': 1})", "chunk_size"),
        ("c = AsyncTwelveLabs()", "keeps connections open"),
        ("return AsyncTwelveLabs(httpx_client=h)", "httpx_client="),
        ("return AsyncTwelveLabs(timeout=3)", "whole call"),
        ("return AsyncTwelveLabs(environment=e)", "base_url="),
        ("try:\n    await client.tasks.list()\nexcept httpx.ReadTimeout: ...", "APITimeoutError"),
        ("importlib.import_module('twelvelabs')", "names the official package"),
        ("patch('twelvelabs.AsyncTwelveLabs.search')", "names the official package"),
        ("await self.api.tasks.wait_for_done('t')", "TaskFailedError"),  # recognized by its path
    ],
)
def test_noted(text: str, said: str) -> None:
    (message,) = notes(text)
    assert said in message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("AsyncTwelveLabs(environment=TwelveLabsEnvironment.DEFAULT)", "AsyncTwelveLabs()"),
        ("AsyncTwelveLabs(api_key=k, environment=TwelveLabsEnvironment.DEFAULT)", "AsyncTwelveLabs(api_key=k)"),
        ("AsyncTwelveLabs(environment=TwelveLabsEnvironment.DEFAULT, api_key=k)", "AsyncTwelveLabs(api_key=k)"),
        (
            "AsyncTwelveLabs(\n    api_key=k,  # mine\n    environment=TwelveLabsEnvironment.DEFAULT,\n)",
            "AsyncTwelveLabs(\n    api_key=k,  # mine\n)",
        ),
        (
            "AsyncTwelveLabs(base_url=TwelveLabsEnvironment.DEFAULT.value)",
            'AsyncTwelveLabs(base_url="https://api.twelvelabs.io/v1.3")',
        ),
    ],
)
def test_environments(before: str, after: str) -> None:
    head = "from twelvelabs import AsyncTwelveLabs\n"
    text = f"{head}from twelvelabs.environment import TwelveLabsEnvironment\nuse({before})\n"
    assert migrate_source(text).text == f"from twelvelabs_async import AsyncTwelveLabs\nuse({after})\n"


def test_values_are_followed() -> None:
    text = (
        "import twelvelabs\n"
        "class Store:\n"
        "    def __init__(self) -> None:\n"
        "        self.client = twelvelabs.AsyncTwelveLabs()\n"
        "    async def __aexit__(self, *_) -> None:\n"
        "        await self.client.close()\n"
        "    async def names(self):\n"
        "        return (await self.client.data_connectors.list_connections()).data\n"
        "def make() -> 'twelvelabs.AsyncTwelveLabs': ...\n"
        "async def helper(c):\n"
        "    return (await c.imports.list_imports()).data\n"
        "async def main():\n"
        "    api = make()\n"
        "    async with twelvelabs.AsyncTwelveLabs() as client:\n"
        "        await helper(client)\n"
        "    resource = api.knowledge_stores\n"
        "    found = await resource.search(1)\n"
    )
    result = migrate_source(text)
    assert result.text.count(")).page") == 3
    assert result.notes == ()


def test_a_subclass_closes_itself() -> None:
    text = (
        "from twelvelabs import AsyncTwelveLabs\n"
        "class Client(AsyncTwelveLabs):\n"
        "    async def close(self):\n"
        "        # by hand\n"
        "        await self._client_wrapper.httpx_client.httpx_client.aclose()\n"
    )
    assert migrate_source(text).text.endswith("        # by hand\n        await super().close()\n")


def test_errors_that_became_wider() -> None:
    text = "from twelvelabs.errors import GatewayTimeoutError\ntry: ...\nexcept GatewayTimeoutError: ...\n"
    result = migrate_source(text)
    assert (
        result.text
        == "from twelvelabs_async.errors import InternalServerError\ntry: ...\nexcept InternalServerError: ...\n"
    )
    (note,) = result.notes
    assert ".status == 504" in note.message


def test_notes_have_the_lines_before_and_after() -> None:
    text = "from twelvelabs.types import Page, Asset\nfrom twelvelabs import AsyncTwelveLabs\nc = AsyncTwelveLabs()\n"
    result = migrate_source(text)
    (note,) = result.notes
    assert text.splitlines()[note.line - 1] == result.text.splitlines()[note.line_after - 1] == "c = AsyncTwelveLabs()"
    assert note.line_after == note.line + 1
