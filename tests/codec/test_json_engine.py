"""A JSON engine of the user's takes part in every call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from aiohttp import web

from tests.conftest import KEY, Server
from twelvelabs_async import AsyncTwelveLabs, ConfigurationError, DecodeError, Vector


class Engine:
    """Counts what it does."""

    def __init__(self) -> None:
        self.read = 0
        self.written: list[Any] = []

    def loads(self, data: bytes) -> Any:
        self.read += 1
        return json.loads(data)

    def dumps(self, value: Any) -> str:
        self.written.append(value)
        return json.dumps(value)


@pytest.mark.parametrize("count", [2, 40_000])
async def test_vectors_of_an_engine(server: Server, count: int) -> None:
    engine = Engine()
    numbers = [0.5, 1, *[-1e-7] * count]
    server.responses = [(200, {"_id": "t1", "status": "ready", "data": [{"embedding": numbers}]})]
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, json=engine) as client:
        task = await client.embed.v_2.tasks.retrieve("t1")
    assert type(task.vector()) is Vector
    assert task.vector() == numbers
    assert engine.read == 1


async def test_engine_reads_answers_and_writes_requests(server: Server) -> None:
    engine = Engine()
    server.responses = [(200, {"_id": "i1", "index_name": "films"})]
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, json=engine) as client:
        index = await client.indexes.create(
            index_name="films", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
        )
        assert index.id == "i1"
        assert engine.read == 1
        assert engine.written[0]["index_name"] == "films"
        assert server.seen[0].json["index_name"] == "films"
        raw = await client.with_raw_response.indexes.retrieve("i1")
        assert raw.parse().index_name == "films"
        copy = client.with_options(timeout=5)
        await copy.indexes.retrieve("i1")
        assert engine.read == 3


async def test_engine_reads_streams(server: Server) -> None:
    engine = Engine()
    lines = [
        {"event_type": "stream_start", "metadata": {"generation_id": "g"}},
        {"event_type": "text_generation", "text": "a"},
        {"event_type": "stream_end", "metadata": {}},
    ]
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    server.responses = [lambda _: web.Response(body=body, content_type="application/x-ndjson")]
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, json=engine) as client:
        events = [event async for event in client.analyze_stream(video_id="v", prompt="p")]
    assert len(events) == 3
    assert engine.read == 3


async def test_errors_are_the_same_as_with_orjson(server: Server) -> None:
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, json=json) as client:
        server.responses = [(200, b"{")]
        with pytest.raises(DecodeError, match="not JSON"):
            await client.indexes.retrieve("i1")
        server.responses = [(200, {"_id": 5})]
        with pytest.raises(DecodeError) as caught:
            await client.indexes.retrieve("i1")
        assert caught.value.path == "_id"
        with pytest.raises(ValueError, match="index_name"):
            await client.indexes.create(index_name=object(), models=[])  # type: ignore[arg-type]


@pytest.mark.parametrize("engine", [5, "json", object(), type("E", (), {"loads": json.loads})])
def test_what_is_no_engine_is_refused(engine: Any) -> None:
    with pytest.raises(ConfigurationError, match="json must have the functions loads and dumps"):
        AsyncTwelveLabs(api_key=KEY, json=engine)
