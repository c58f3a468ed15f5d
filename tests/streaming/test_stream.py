"""Streams of events, fed by a response that sends what a test says."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import json
import sys
import types
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal, Union

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.eventually import eventually
from twelvelabs_async._codec.model import Model, UnionRule, UnknownVariant, register_union
from twelvelabs_async._request.operation import StreamKind, TypeRef
from twelvelabs_async.errors import APIConnectionError, APITimeoutError, StreamError, StructuredOutputError
from twelvelabs_async.streaming import AsyncStream, StreamResult, StreamUsage
from twelvelabs_async.streaming import stream as streaming

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping


@attrs.frozen(kw_only=True)
class Text(Model):
    text: str
    event_type: Literal["text_generation"] = "text_generation"


@attrs.frozen(kw_only=True)
class End(Model):
    event_type: Literal["stream_end"] = "stream_end"


@attrs.frozen(kw_only=True)
class Delta(Model):
    delta: str
    type: Literal["response.output_text.delta"] = "response.output_text.delta"


@attrs.frozen(kw_only=True)
class Completed(Model):
    type: Literal["response.completed"] = "response.completed"


@attrs.frozen
class Found:
    task_id: str


@attrs.frozen(kw_only=True)
class Item(Model):
    task_id: str


Lines = Union[Text, End, UnknownVariant]  # noqa: UP007 - one object, as generated modules hold it
Events = Union[Delta, Completed, UnknownVariant]  # noqa: UP007
register_union(Lines, UnionRule("Lines", "event_type", {"text_generation": Text, "stream_end": End}))
register_union(
    Events, UnionRule("Events", "type", {"response.output_text.delta": Delta, "response.completed": Completed})
)

TYPES = {"ndjson": "Lines", "sse": "Events", "jsonl": "Item"}


@pytest.fixture(autouse=True, scope="module")
def models() -> Iterator[None]:
    name = "twelvelabs_async._generated.models.streaming_test"
    sys.modules[name] = sys.modules[__name__]
    added = ["twelvelabs_async._generated", "twelvelabs_async._generated.models"]
    made = [parent for parent in added if parent not in sys.modules]
    for parent in made:
        sys.modules[parent] = types.ModuleType(parent)
    yield
    for parent in [name, *made]:
        del sys.modules[parent]


class Response:
    """Sends pieces; an exception among them is raised, None waits for ever."""

    status = 200
    headers: Mapping[str, str] = {"Content-Type": "x"}
    request_id = "req_1"

    def __init__(self, pieces: Iterable[bytes | Exception | None], *, delimited: bool = True) -> None:
        self.pieces = iter(pieces)
        self.delimited = delimited
        self.opened = self.closed = 0

    async def read(self) -> bytes:
        for piece in self.pieces:
            await asyncio.sleep(0)  # other tasks get their turn
            if piece is None:
                await asyncio.sleep(3600)
            elif isinstance(piece, Exception):
                raise piece
            elif piece:
                return piece
        return b""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Response]:
        self.opened += 1
        try:
            yield self
        finally:
            self.closed += 1


def stream(kind: StreamKind, *pieces: bytes | Exception | None) -> tuple[AsyncStream[Any], Response]:
    response = Response(list(pieces))
    return AsyncStream(response.open, kind=kind, event=TypeRef("streaming_test", TYPES[kind])), response


def line(**members: Any) -> bytes:
    return json.dumps(members, ensure_ascii=False).encode() + b"\n"


def event(**members: Any) -> bytes:
    return b"data: " + line(**members) + b"\n"


TEXT = line(event_type="text_generation", text="a\u2028b")
END = line(event_type="stream_end")
DELTA = event(type="response.output_text.delta", delta="x")
COMPLETED = event(type="response.completed")
DONE = b"data: [DONE]\n\n"


async def test_reading_without_a_block() -> None:
    events, response = stream("ndjson", TEXT, TEXT + END)
    assert [item async for item in events] == [Text(text="a\u2028b"), Text(text="a\u2028b"), End()]
    assert events.text == "a\u2028ba\u2028b"
    assert (response.opened, response.closed) == (1, 1)
    assert [item async for item in events] == []


async def test_reading_within_a_block() -> None:
    events, response = stream("sse", b": hi\n\n" + DELTA, DELTA + COMPLETED + DONE)
    with pytest.raises(RuntimeError, match="not open"):
        _ = events.status
    async with events as same:
        assert same is events
        assert (events.status, events.headers, events.request_id) == (200, response.headers, "req_1")
        first = await anext(events)
        rest = [item async for item in events]
    assert [first, *rest] == [Delta(delta="x"), Delta(delta="x"), Completed()]
    assert events.status == 200
    assert response.closed == 1


async def test_several_tasks_read_one_stream() -> None:
    events, response = stream("ndjson", TEXT, TEXT, TEXT + END)
    assert repr(events) == "<AsyncStream of Lines: not open, 0 events>"
    got = await asyncio.gather(*(events.collect() for _ in range(3)))
    assert sum(map(len, got)) == 4
    assert (response.opened, response.closed) == (1, 1)
    assert repr(events) == "<AsyncStream of Lines: complete, 4 events>"


async def test_nothing_is_sent_before_it_is_read() -> None:
    _, response = stream("ndjson", END)
    await asyncio.sleep(0)
    assert response.opened == 0


async def test_using_it_without_async() -> None:
    events, response = stream("ndjson", TEXT, END)
    synchronous: Any = events
    with pytest.raises(TypeError, match="AsyncStream is asynchronous: use `async for`"):
        list(synchronous)
    with pytest.raises(TypeError, match="AsyncStream is asynchronous: use `async with`"), synchronous:
        pass
    assert response.opened == 0


async def test_a_loop_within_a_block_can_be_left_and_taken_up() -> None:
    events, response = stream("ndjson", TEXT + TEXT + END)
    async with events:
        async for _ in events:
            break
        for _ in range(20):
            await asyncio.sleep(0)  # whatever the loop had left to do is done
        assert response.closed == 0
        assert [item async for item in events] == [Text(text="a\u2028b"), End()]


@pytest.mark.parametrize("keep", [True, False])
async def test_leaving_a_loop_early_gives_the_connection_back(keep: bool) -> None:
    events, response = stream("ndjson", TEXT, None)
    async for _ in events:
        break
    if not keep:
        del events
        gc.collect()
    await eventually(lambda: response.closed)
    assert response.closed == 1


async def test_leaving_a_block_early_gives_the_connection_back() -> None:
    events, response = stream("ndjson", TEXT, None)
    async with events:
        async for _ in events:
            break
    assert response.closed == 1
    with pytest.raises(StreamError, match="was closed before its last event") as caught:
        await anext(events)
    assert caught.value.events == (Text(text="a\u2028b"),)


async def test_cancelling_gives_the_connection_back() -> None:
    events, response = stream("ndjson", TEXT, None)

    async def read() -> None:
        async for _ in events:
            pass

    task = asyncio.create_task(read())
    await eventually(lambda: events.text)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert response.closed == 1


async def test_an_error_of_the_opening_comes_through() -> None:
    class Refused(Response):
        @asynccontextmanager
        async def open(self) -> AsyncIterator[Response]:
            for problem in self.pieces:
                raise APIConnectionError(str(problem))
            yield self

    events: AsyncStream[Any] = AsyncStream(
        Refused([b"no"]).open, kind="ndjson", event=TypeRef("streaming_test", "Lines")
    )
    with pytest.raises(APIConnectionError, match="no"):
        await events.collect()


async def test_unknown_events_are_delivered() -> None:
    unknown = {"event_type": "thinking", "n": 1}
    events, _ = stream("ndjson", line(**unknown), line(other=1), END)
    assert await events.collect() == [UnknownVariant(unknown, "thinking"), UnknownVariant({"other": 1}), End()]
    events, _ = stream("sse", event(type="new", n=1), b'event: ping\ndata: {"n": 2}\n\n', DONE)
    assert await events.collect() == [
        UnknownVariant({"type": "new", "n": 1}, "new"),
        UnknownVariant({"type": "ping", "n": 2}, "ping"),
    ]


CUT: list[tuple[StreamKind, list[bytes | Exception | None], str]] = [
    ("ndjson", [], "before its last event"),
    ("ndjson", [TEXT], "before its last event"),
    ("ndjson", [TEXT.strip()], "before its last event"),
    ("ndjson", [TEXT, END[:-3]], "in the middle of an event"),
    ("ndjson", [TEXT, END + b"{"], "in the middle of an event"),
    ("ndjson", [TEXT, APIConnectionError("reset")], "broke before its last event: reset"),
    ("ndjson", [TEXT, line(code="internal", message="it broke")], "the platform said: internal: it broke"),
    ("ndjson", [line(error={"message": "it broke"})], "the platform said: it broke"),
    ("ndjson", [line(error="it broke")], r"before its last event \(after 1 event\)"),
    ("sse", [DELTA, b'event: error\ndata: {"error": {"code": "x", "message": "y"}}\n\n'], "platform said: x: y"),
    ("sse", [], "before its last event"),
    ("sse", [DELTA], "before its last event"),
    ("sse", [DELTA, b"data: {"], "in the middle of an event"),
    ("sse", [DELTA, b"data: [DO"], "in the middle of an event"),
    ("sse", [DELTA, APIConnectionError("reset")], "broke before its last event: reset"),
    ("jsonl", [], "the response is empty"),
    ("jsonl", [b"\n \n"], "the response is empty"),
    ("jsonl", [line(task_id="1"), b'{"task_id": "2"'], "in the middle of an event"),
    ("jsonl", [line(task_id="1", event_type="stream_end"), APIConnectionError("reset")], "broke before its last event"),
    ("jsonl", [line(task_id="1"), APIConnectionError("reset")], "broke before its last event: reset"),
    ("ndjson", [TEXT, b"nonsense\n", END], "not a JSON object"),
    ("ndjson", [TEXT, b"[1]\n", END], "not a JSON object"),
    ("ndjson", [TEXT, b'{"a": "\xff"}\n', END], "not a JSON object"),
    ("ndjson", [TEXT, line(event_type="text_generation", text=5), END], "does not match the API contract.*text"),
    ("sse", [DELTA, b"data: {\n\n", DONE], "not a JSON object"),
    ("jsonl", [line(task_id="1"), line(task=1)], "does not match the API contract.*task_id"),
]


@pytest.mark.parametrize(("kind", "pieces", "problem"), CUT)
async def test_what_is_cut_or_malformed_is_an_error_that_holds_what_came(
    kind: StreamKind, pieces: list[bytes | Exception | None], problem: str
) -> None:
    events, response = stream(kind, *pieces)
    received: list[Any] = []
    with pytest.raises(StreamError, match=problem) as caught:  # noqa: PT012 - what was received is compared
        async for item in events:
            received.append(item)  # noqa: PERF401 - they must be kept when the loop fails
    assert caught.value.events == tuple(received)
    assert caught.value.request_id == "req_1"
    assert caught.value.text == events.text
    assert caught.value.retryable is not ("not a JSON object" in problem or "contract" in problem)
    assert response.closed == 1


async def test_a_timeout_keeps_its_name() -> None:
    events, response = stream("ndjson", TEXT, APITimeoutError("slow"))
    with pytest.raises(APITimeoutError, match="slow"):
        await events.collect()
    assert response.closed == 1


@pytest.mark.parametrize(
    ("kind", "pieces", "count"),
    [
        ("ndjson", [TEXT, END.strip()], 2),
        ("ndjson", [TEXT, END, b"\n \n"], 2),
        ("ndjson", [END, TEXT], 2),
        ("sse", [DELTA, DONE.strip()], 1),
        ("sse", [DELTA, b"data:[DONE]\n"], 1),
        ("sse", [DELTA, COMPLETED], 2),
        ("sse", [DELTA, COMPLETED.strip()], 2),
        ("sse", [DELTA, DONE, DELTA], 1),
        ("jsonl", [line(task_id="1", type="response.completed")], 1),
        ("jsonl", [line(task_id="1"), line(task_id="2").strip()], 2),
    ],
)
async def test_a_whole_stream_without_a_last_line_end(kind: StreamKind, pieces: list[bytes], count: int) -> None:
    events, _ = stream(kind, *pieces)
    assert len(await events.collect()) == count


@pytest.mark.parametrize("after", [None, APIConnectionError("reset"), APITimeoutError("slow")])
@pytest.mark.parametrize("kind", ["ndjson", "sse"])
async def test_what_happens_after_the_last_event_does_not_matter(
    kind: StreamKind, after: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "END_GRACE", 0.02)
    for pieces in [[TEXT + END]] if kind == "ndjson" else [[DELTA, COMPLETED], [DELTA, DONE]]:
        events, response = stream(kind, *pieces, after)
        assert events.text == ""
        await events.read_text()
        assert events.text
        assert response.closed == 1


RESULTS = [line(task_id="1"), line(task_id="2")]


@pytest.mark.parametrize(
    ("pieces", "delimited", "expected", "problem"),
    [
        (RESULTS, True, None, None),
        (RESULTS, False, None, "neither a length nor chunks"),
        (RESULTS, True, 3, "after 2 of 3 results"),
        (RESULTS, False, 3, "after 2 of 3 results"),
        (RESULTS, True, 2, None),
        (RESULTS, False, 2, None),
        (RESULTS, True, 1, None),
        ([], True, None, "the response is empty"),
        ([], False, None, "the response is empty"),
        ([], True, 1, "after 0 of 1 results"),
        ([], True, 0, None),
        ([RESULTS[0], RESULTS[1].strip()], True, 2, None),
        ([RESULTS[0], RESULTS[1].strip()], True, 3, "after 2 of 3 results"),
        ([RESULTS[0], RESULTS[1].strip()], False, None, "neither a length nor chunks"),
    ],
)
async def test_results_are_complete(
    pieces: list[bytes | Exception | None], delimited: bool, expected: int | None, problem: str | None
) -> None:
    response = Response(pieces, delimited=delimited)
    events: AsyncStream[Any] = AsyncStream(
        response.open, kind="jsonl", event=TypeRef("streaming_test", "Item"), expected=expected
    )
    if problem is None:
        assert len(await events.collect()) == len(pieces)
    else:
        with pytest.raises(StreamError, match=problem) as caught:
            await events.collect()
        assert len(caught.value.events) == len(pieces)
    assert response.closed == 1


def test_a_negative_number_of_results() -> None:
    with pytest.raises(ValueError, match="expected must be"):
        AsyncStream(Response([]).open, kind="jsonl", event=TypeRef("streaming_test", "Item"), expected=-1)


@pytest.mark.parametrize(
    ("kind", "end", "rest"),
    [
        ("ndjson", END, b"\n"),
        ("ndjson", END, b" "),
        ("ndjson", END, b"{"),
        ("ndjson", END, TEXT),
        ("sse", COMPLETED, b": ping\n\n"),
        ("sse", COMPLETED, b"data: {"),
        ("sse", DONE, DELTA),
    ],
)
async def test_the_grace_after_the_last_event_is_one_in_all(
    kind: StreamKind, end: bytes, rest: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that never stops sending after the last event does not keep the stream open."""
    monkeypatch.setattr(streaming, "END_GRACE", 0.05)
    response = Response(itertools.chain([end], itertools.repeat(rest)))
    events: AsyncStream[Any] = AsyncStream(response.open, kind=kind, event=TypeRef("streaming_test", TYPES[kind]))
    async with asyncio.timeout(20):
        await events.read_text()
    assert response.closed == 1


async def test_an_event_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    events, response = stream("ndjson", TEXT, b"x" * (17 << 20), None)
    with pytest.raises(StreamError, match="longer than 16,777,216 bytes") as caught:
        await events.collect()
    assert caught.value.data == b"x" * 2048
    assert caught.value.events == (Text(text="a\u2028b"),)
    assert response.closed == 1


@pytest.mark.parametrize("size", [600_000, 8_000_000])
async def test_long_events(size: int) -> None:
    text = "\u0085" * size
    data = line(event_type="text_generation", text=text) + END
    pieces: list[bytes | Exception | None] = [data[at : at + 65536] for at in range(0, len(data), 65536)]
    events, _ = stream("ndjson", *pieces)
    assert await events.read_text() == text


async def test_an_error_holds_the_latest_events_and_the_whole_text(monkeypatch: pytest.MonkeyPatch) -> None:
    events, _ = stream("ndjson", *[TEXT] * (streaming.KEPT_EVENTS + 5))
    with pytest.raises(StreamError, match=r"1000\+ events") as caught:
        await events.collect()
    assert len(caught.value.events) == streaming.KEPT_EVENTS
    assert caught.value.text == "a\u2028b" * (streaming.KEPT_EVENTS + 5)


WHOLE: dict[StreamKind, bytes] = {
    "ndjson": TEXT + line(event_type="new", text="\u0085") + END,
    "sse": b"\xef\xbb\xbf: c\r\n" + DELTA.replace(b"\n", b"\r\n") + event(type="new") + COMPLETED + DONE,
    "jsonl": line(task_id="\u2028") + b"\n" + line(task_id="2"),
}


@pytest.mark.parametrize("kind", ["ndjson", "sse", "jsonl"])
async def test_every_split(kind: StreamKind) -> None:
    data = WHOLE[kind]
    expected = await stream(kind, data)[0].collect()
    for first, second in itertools.combinations_with_replacement(range(0, len(data) + 1, 3), 2):
        events, _ = stream(kind, data[:first], data[first:second], data[second:])
        assert await events.collect() == expected


@settings(max_examples=50)
@given(st.sampled_from(["ndjson", "sse"]), st.data())
def test_every_cut_is_noticed(kind: StreamKind, data: st.DataObject) -> None:
    whole = WHOLE[kind].rstrip()
    last = b'{"type": "response.completed"}' if kind == "sse" else END.rstrip()
    at = data.draw(st.integers(0, whole.index(last) + len(last) - 1))

    async def read() -> None:
        events, _ = stream(kind, whole[:at])
        with pytest.raises(StreamError):
            await events.collect()

    asyncio.run(read())


@pytest.mark.parametrize(
    ("kind", "line"),
    [("ndjson", b"\n"), ("ndjson", b" \n"), ("sse", b"\n"), ("sse", b"\r"), ("sse", b":\n"), ("sse", b"id\n")],
)
async def test_other_tasks_get_their_turn_while_many_short_lines_are_decoded(kind: StreamKind, line: bytes) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    size = 512 * 1024
    events, _ = stream(kind, line * (size // len(line)), TEXT + END if kind == "ndjson" else DELTA + COMPLETED)
    task = asyncio.create_task(other())
    assert len(await events.collect()) == 2
    task.cancel()
    assert turns >= size // streaming.SLICE_BYTES


async def test_opening_before_anything_is_read() -> None:
    events, response = stream("ndjson", TEXT, END)
    opened, again = await asyncio.gather(events.open(), events.open())
    assert opened is again is events
    assert (events.status, response.opened, response.closed) == (200, 1, 0)
    assert repr(events) == "<AsyncStream of Lines: open, 0 events>"
    assert await events.collect() == [Text(text="a\u2028b"), End()]
    assert response.closed == 1
    assert await events.open() is events  # nothing is left to read
    assert response.opened == 1


async def test_several_tasks_open_one_stream() -> None:
    class Slow(Response):
        @asynccontextmanager
        async def open(self) -> AsyncIterator[Response]:
            self.opened += 1
            await asyncio.sleep(0)
            yield self

    response = Slow([TEXT, END])
    events: AsyncStream[Any] = AsyncStream(response.open, kind="ndjson", event=TypeRef("streaming_test", "Lines"))
    await asyncio.gather(*(events.open() for _ in range(3)))
    assert response.opened == 1
    assert [await anext(events), await anext(events)] == [Text(text="a\u2028b"), End()]
    with pytest.raises(StopAsyncIteration):
        await anext(events)


async def test_closing_a_stream_while_another_task_reads_it() -> None:
    class Ended(Response):
        async def read(self) -> bytes:
            await closing.wait()
            raise APIConnectionError("the connection was closed")

    closing = asyncio.Event()
    events: AsyncStream[Any] = AsyncStream(Ended([]).open, kind="ndjson", event=TypeRef("streaming_test", "Lines"))
    reader = asyncio.create_task(events.collect())
    await asyncio.sleep(0)
    await events.close()
    assert repr(events) == "<AsyncStream of Lines: closed, 0 events>"
    closing.set()
    with pytest.raises(StreamError, match="closed while it was read"):
        await reader


async def test_a_loop_over_an_opened_stream_gives_the_connection_back() -> None:
    events, response = stream("ndjson", TEXT, None)
    async for _ in await events.open():
        break
    await eventually(lambda: response.closed)
    assert response.closed == 1
    with pytest.raises(StreamError, match="was closed before its last event"):
        await events.open()


async def test_closing_an_opened_stream() -> None:
    events, response = stream("ndjson", TEXT, None)
    async with contextlib.aclosing(await events.open()):
        assert response.closed == 0
    await events.close()
    assert response.closed == 1


async def test_an_opened_stream_that_is_dropped_is_closed() -> None:
    events, response = stream("ndjson", TEXT, None)
    await events.open()
    del events
    gc.collect()
    await eventually(lambda: response.closed)
    assert response.closed == 1


async def test_an_error_of_the_opening_leaves_the_stream_to_be_opened_again() -> None:
    refusals: list[Exception] = [APIConnectionError("no")]

    class Refused(Response):
        @asynccontextmanager
        async def open(self) -> AsyncIterator[Response]:
            if refusals:
                raise refusals.pop()
            yield self

    events: AsyncStream[Any] = AsyncStream(Refused([END]).open, kind="ndjson", event=TypeRef("streaming_test", "Lines"))
    with pytest.raises(APIConnectionError, match="no"):
        await events.open()
    assert await (await events.open()).collect() == [End()]


async def test_the_pieces_of_the_text() -> None:
    pieces = [line(event_type="text_generation", text=text) for text in ("a", "", "b")]
    events, response = stream("ndjson", line(event_type="stream_start"), pieces[0], b"".join(pieces[1:]), END)
    assert [piece async for piece in events.text_stream] == ["a", "b"]
    assert [piece async for piece in events.text_stream] == []
    assert (events.text, response.closed) == ("ab", 1)
    events, response = stream("ndjson", b"".join(pieces), None)
    async with events:
        async for piece in events.text_stream:
            assert piece == "a"
            break
        assert response.closed == 0
        assert await anext(events) == Text(text="")
        assert await anext(events.text_stream) == "b"
    events, response = stream("sse", DELTA, DELTA, DONE)
    async for _ in events.text_stream:
        break
    await eventually(lambda: response.closed)
    assert response.closed == 1


async def test_the_pieces_of_a_stream_that_breaks() -> None:
    events, response = stream("ndjson", TEXT, APIConnectionError("reset"))
    pieces = []
    with pytest.raises(StreamError, match="reset"):  # noqa: PT012 - what was received is compared
        async for piece in events.text_stream:
            pieces.append(piece)  # noqa: PERF401 - they must be kept when the loop fails
    assert pieces == ["a\u2028b"]
    assert response.closed == 1


async def test_an_event_that_is_decoded_in_a_thread_is_a_piece_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "THREAD_BYTES", 10)
    events, _ = stream("ndjson", TEXT, TEXT + END)
    assert [piece async for piece in events.text_stream] == ["a\u2028b", "a\u2028b"]


START = line(event_type="stream_start", metadata={"generation_id": "gen_1"})
USAGE = {"input_tokens": 5, "output_tokens": 2}


@pytest.mark.parametrize(
    ("kind", "pieces", "expected"),
    [
        ("ndjson", [START, END], StreamResult(text="", generation_id="gen_1", request_id="req_1")),
        (
            "ndjson",
            [START, TEXT, line(event_type="stream_end", finish_reason="stop", metadata={"usage": USAGE})],
            StreamResult(
                text="a\u2028b",
                finish_reason="stop",
                usage=StreamUsage(input_tokens=5, output_tokens=2),
                generation_id="gen_1",
                request_id="req_1",
            ),
        ),
        (
            "ndjson",
            [
                line(
                    event_type="stream_end",
                    finish_reason="length",
                    error={"message": "cut"},
                    metadata={"generation_id": "gen_2", "usage": {"output_tokens": "?"}},
                )
            ],
            StreamResult(
                text="", finish_reason="length", usage=StreamUsage(), generation_id="gen_2", request_id="req_1"
            ),
        ),
        (
            "ndjson",
            [line(event_type="stream_end", finish_reason=5, metadata=[1])],
            StreamResult(text="", request_id="req_1"),
        ),
        (
            "sse",
            [
                event(type="response.created", response={"id": "resp_1", "status": "in_progress"}),
                DELTA,
                event(type="response.completed", response={"id": "resp_1", "status": "completed", "usage": USAGE}),
            ],
            StreamResult(
                text="x",
                finish_reason="stop",
                usage=StreamUsage(input_tokens=5, output_tokens=2),
                generation_id="resp_1",
                request_id="req_1",
            ),
        ),
        (
            "sse",
            [
                event(
                    type="response.completed",
                    response={"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
                )
            ],
            StreamResult(text="", finish_reason="length", request_id="req_1"),
        ),
        (
            "sse",
            [event(type="response.completed", response={"incomplete_details": {"reason": "content_filter"}})],
            StreamResult(text="", finish_reason="content_filter", request_id="req_1"),
        ),
        ("jsonl", [line(task_id="1")], StreamResult(text="", request_id="req_1")),
    ],
)
async def test_what_a_stream_comes_to(kind: StreamKind, pieces: list[bytes], expected: StreamResult) -> None:
    for read_before in range(len(pieces)):
        events, response = stream(kind, *pieces)
        async with events:
            for _ in range(read_before):
                await anext(events)
            assert await events.final() == expected
            assert await events.final() == expected
        assert response.closed == 1


@pytest.mark.parametrize(
    ("kind", "pieces", "problem"),
    [
        ("ndjson", [TEXT], "before its last event"),
        ("ndjson", [TEXT, APIConnectionError("reset")], "reset"),
        ("ndjson", [TEXT, line(event_type="stream_end", error={"message": "no frames"})], "failed: no frames"),
        ("ndjson", [TEXT, line(event_type="stream_end", error="?")], "failed: no reason given"),
        (
            "ndjson",
            [TEXT, line(event_type="stream_end", finish_reason="error", error={"message": "no frames"})],
            "failed: no frames",
        ),
        ("sse", [DELTA, event(type="response.failed", response={"error": {"message": "no items"}})], "no items"),
        ("sse", [DELTA, event(type="response.failed", response={"status": "failed"})], "no reason given"),
    ],
)
async def test_a_stream_that_comes_to_nothing(kind: StreamKind, pieces: list[bytes | Exception], problem: str) -> None:
    events, response = stream(kind, *pieces)
    with pytest.raises(StreamError, match=problem) as caught:
        await events.final()
    assert caught.value.text == events.text != ""
    assert caught.value.request_id == "req_1"
    assert response.closed == 1


async def test_json_of_a_class() -> None:
    asked: list[type] = []

    def make(*pieces: bytes) -> AsyncStream[Any]:
        return AsyncStream(
            Response(list(pieces)).open,
            kind="ndjson",
            event=TypeRef("streaming_test", "Lines"),
            ask_for=asked.append,
        )

    halves = [line(event_type="text_generation", text=text) for text in ('{"task_', 'id": "1"}')]
    assert await make(*halves, END).collect_json(Found) == Found("1")
    assert asked == [Found]
    opened = await make(*halves, END).open()
    await anext(opened)
    assert await opened.collect_json(Found) == Found("1")
    assert asked == [Found]  # the request was sent already
    with pytest.raises(StructuredOutputError, match="not JSON") as caught:
        await make(halves[0], END).collect_json(Found)
    assert (caught.value.text, caught.value.request_id) == ('{"task_', "req_1")
    with pytest.raises(StreamError):
        await make(halves[0]).collect_json(Found)


async def test_other_tasks_wait_while_one_reads() -> None:
    events, response = stream("ndjson", TEXT, None)
    async with events:
        first = asyncio.create_task(anext(events))
        assert await first == Text(text="a\u2028b")
        readers = [asyncio.create_task(anext(events)) for _ in range(3)]
        await asyncio.sleep(0.01)
        assert response.opened == 1
        for reader in readers:
            reader.cancel()
        assert [type(result) for result in await asyncio.gather(*readers, return_exceptions=True)] == [
            asyncio.CancelledError
        ] * 3
    assert response.closed == 1
