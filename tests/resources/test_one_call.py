"""The memory of files that are sent as base64 text, and what is decided about a file before it is sent."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Server
from tests.structured import classes
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async._media.kinds import Kind
from twelvelabs_async._request.files import PreparedFile
from twelvelabs_async._request.operation import MediaLimits
from twelvelabs_async._request.sources import FileSource
from twelvelabs_async.errors import (
    BadRequestError,
    OutputTruncatedError,
    StructuredOutputError,
    TwelveLabsError,
    UnsupportedMediaError,
)
from twelvelabs_async.resources import assets
from twelvelabs_async.resources._one_call import Memory, Rules
from twelvelabs_async.resources._sources import Media, open_source


@settings(max_examples=40)
@given(st.integers(1, 50), st.lists(st.integers(1, 60), max_size=40), st.integers(0, 1 << 32))
def test_memory_is_never_exceeded(total: int, counts: list[int], seed: int) -> None:
    """Whatever is cancelled meanwhile; and all of it is there in the end."""
    chance = random.Random(seed)
    held = most = 0

    async def use(memory: Memory, count: int) -> None:
        nonlocal held, most
        free = await memory.take(count)
        held += min(count, total)
        most = max(most, held)
        try:
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
        finally:
            held -= min(count, total)
            free()
            free()

    async def main() -> None:
        memory = Memory(total)
        tasks = [asyncio.create_task(use(memory, count)) for count in counts]
        for task in tasks:
            if chance.random() < 0.3:
                task.cancel()
            await asyncio.sleep(0)
            if chance.random() < 0.3:
                chance.choice(tasks).cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(10):
            (await memory.take(total))()

    asyncio.run(main())
    assert most <= total


async def test_a_turn_that_comes_with_a_cancellation_is_passed_on() -> None:
    memory = Memory(2)
    free = await memory.take(2)
    first, second = (asyncio.create_task(memory.take(2)) for _ in range(2))
    await asyncio.sleep(0)
    free()
    first.cancel()
    async with asyncio.timeout(10):
        with pytest.raises(asyncio.CancelledError):
            await first
        (await second)()


async def test_a_small_one_does_not_overtake_a_large_one() -> None:
    memory = Memory(10)
    order: list[str] = []

    async def take(name: str, count: int) -> None:
        free = await memory.take(count)
        order.append(name)
        free()

    free = await memory.take(5)
    tasks = [asyncio.create_task(take("large", 8)), asyncio.create_task(take("small", 1))]
    for _ in range(3):
        await asyncio.sleep(0)
    assert order == []
    tasks[0].cancel()
    await asyncio.wait(tasks)
    assert order == ["small"]
    free()


NOW = MediaLimits(max_seconds={"old": 600, "new": 30}, min_seconds=1)
TASK = MediaLimits(max_seconds={"*": 14400})


def rules(task: bool | None = None, model: str | None = "old", **changes: Any) -> Rules:
    given: dict[str, Any] = {
        "name": "embed_file",
        "kinds": ("video", "audio", "image"),
        "limits": NOW,
        "task_kinds": ("video", "audio", "document"),
        "task_limits": TASK,
        "model": model,
        "task": task,
    }
    return Rules(**given | changes)


@pytest.mark.parametrize(
    ("media", "model", "expected"),
    [
        (Media(kind="video", seconds=600), "old", False),
        (Media(kind="video", seconds=600.1), "old", True),
        (Media(kind="audio", seconds=31), "new", True),
        (Media(kind="audio", seconds=31), "a newer one", True),  # the smallest limit that is known
        (Media(kind="audio", seconds=29), None, False),
        (Media(kind="video"), "old", False),
        (Media(kind="image", seconds=9999), "old", False),  # an animation
        (Media(kind="document"), "old", True),
    ],
)
def test_a_task_or_not(media: Media, model: str | None, expected: bool) -> None:
    assert rules(model=model).wants_task(media) is expected
    assert rules(task=True).wants_task(media) is True
    assert rules(task=False).wants_task(media) is False


@pytest.mark.parametrize(
    ("media", "task", "message", "value", "limit"),
    [
        (
            Media(kind="video", seconds=14401.5),
            None,
            "this video lasts 14401.5 seconds, but embed_file accepts at most 14400",
            14401.5,
            14400,
        ),
        (Media(kind="video", seconds=700), False, "lasts 700.0 seconds, but embed_file accepts at most 600", 700, 600),
        (Media(kind="audio", seconds=0.5), None, "this audio lasts 0.5 seconds, .* at least 1", 0.5, 1),
        (Media(kind="document"), False, "accepts video or audio or image, but this is document", "document", None),
        (Media(kind="image"), True, "accepts video or audio or document, but this is image", "image", None),
        (Media(), None, "but its kind of content is unknown; pass kind=", None, None),
    ],
)
def test_what_is_refused(media: Media, task: bool | None, message: str, value: Any, limit: Any) -> None:
    with pytest.raises(UnsupportedMediaError, match=message) as caught:
        rules(task).check(media)
    assert caught.value.value == value
    assert caught.value.limit == limit or isinstance(caught.value.limit, tuple)


@pytest.mark.parametrize(
    "media",
    [
        Media(kind="video", seconds=14400.9),  # the sound may be longer than the picture, which counts
        Media(kind="video"),
        Media(kind="image", seconds=0.1),
        Media(kind="document"),
    ],
)
def test_what_is_accepted(media: Media) -> None:
    assert rules().check(media) == media.kind


def test_too_short_for_an_immediate_result_alone() -> None:
    assert rules(task=True).check(Media(kind="video", seconds=0.5)) == "video"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BadRequestError("", status=400, code="video_duration_too_long"), True),
        (BadRequestError("", status=400, code="BAD", details={"reason": "video_duration_too_long"}), True),
        (BadRequestError("The video is too long.", status=400, code="parameter_invalid"), True),
        (BadRequestError("No such model.", status=400, code="parameter_invalid"), False),
    ],
)
def test_a_task_after_a_refusal(error: BadRequestError, expected: bool) -> None:
    video: Kind = "video"
    assert rules().wants_task_after(Media(kind=video), error) is expected
    assert not rules().wants_task_after(Media(kind="image"), error)
    assert not rules(task=False).wants_task_after(Media(kind=video), error)


async def test_an_analysis_by_task_after_a_refusal(real: AsyncTwelveLabs, server: Server) -> None:
    result = {
        "generation_id": "g",
        "data": "A goal.",
        "finish_reason": "stop",
        "usage": {"output_tokens": 2},
    }
    task = {"task_id": "t", "custom_id": None, "status": "ready", "created_at": "2026-01-01T00:00:00Z"}
    server.responses = [
        (400, {"code": "video_duration_too_long", "message": "At most 1 hour."}),
        (202, {"task_id": "t", "status": "queued"}),
        (200, {**task, "result": result}),
    ]
    found = await real.analyze_file("https://example.test/long.mp4", "What happens?", temperature=0.5)
    assert found.text == "A goal."
    assert [seen.path for seen in server.seen] == ["/v1.3/analyze", "/v1.3/analyze/tasks", "/v1.3/analyze/tasks/t"]
    once, again = (seen.json for seen in server.seen[:2])
    assert once.pop("stream") is False
    assert once == again
    assert once["video"] == {"type": "url", "url": "https://example.test/long.mp4"}
    server.responses = [(400, {"code": "parameter_invalid", "message": "No such model."})]
    with pytest.raises(BadRequestError, match="No such model"):
        await real.analyze_file("https://example.test/long.mp4", "What happens?")


@pytest.mark.parametrize(
    ("result", "error"),
    [
        (
            {"generation_id": "g", "data": '{"name": "A go', "finish_reason": "length", "usage": {"output_tokens": 2}},
            OutputTruncatedError,
        ),
        (
            {"generation_id": "g", "data": "A goal.", "finish_reason": "stop", "usage": {"output_tokens": 2}},
            StructuredOutputError,
        ),
        (None, StructuredOutputError),
    ],
)
async def test_the_text_of_a_task_that_does_not_match(
    real: AsyncTwelveLabs, server: Server, result: Any, error: type[StructuredOutputError]
) -> None:
    """The error comes after the end of the task: there is nothing to cancel."""
    task = {"task_id": "t", "custom_id": None, "status": "ready", "created_at": "2026-01-01T00:00:00Z"}
    server.responses = [(202, {"task_id": "t", "status": "queued"}), (200, {**task, "result": result})]
    with pytest.raises(error) as caught:
        await real.analyze_file("https://example.test/a.mp4", "What?", task=True, into=classes.Loose)
    assert type(caught.value) is error
    assert caught.value.text == ("" if result is None else result["data"])
    assert [seen.method for seen in server.seen] == ["POST", "GET"]


async def test_an_upload_session_without_an_asset(
    real: AsyncTwelveLabs, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "_DIRECT", MediaLimits(file={"video": 1}))
    server.responses = [(201, {"upload_id": "u", "chunk_size": 100, "upload_urls": []})]
    with pytest.raises(TwelveLabsError):
        await real.assets.upload(("a.mp4", b"\0\0\0\x10ftypisom\0\0\0\0"))
    assert [seen.method for seen in server.seen] == ["POST"]


class OnceReadable:
    """A file that must not be read before it is sent."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self, size: int = -1) -> bytes:
        self.reads += 1
        return b""


async def test_a_source_that_can_be_read_only_once_goes_by_its_name() -> None:
    file: Any = OnceReadable()
    source = FileSource(file, 0, 1000, replayable=False)
    media = await open_source(PreparedFile(source, "goal.mp4", "video/mp4"))
    assert (media.kind, media.size, media.seconds) == ("video", 1000, None)
    assert file.reads == 0
