"""Cancelling, closing and many clients, against a platform that has something to lose."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.eventually import eventually, responses_in_part
from tests.faults.seed_data import SeedData, batch_of, text
from twelvelabs_async import (
    APIConnectionError,
    AsyncTwelveLabs,
    Hooks,
    LimitEvent,
    RetryEvent,
    RetryPolicy,
    StreamError,
    TwelveLabsError,
    UploadError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.faults.background import Background
    from twelvelabs_async.emulator import FaultPlan

Call = Callable[[AsyncTwelveLabs, SeedData, Path], Awaitable[Any]]


Events = list[RetryEvent | LimitEvent]


@pytest.fixture
def events() -> Events:
    """What the hooks of the client were called with."""
    return []


@pytest.fixture
def patient(background: Background, events: Events) -> AsyncTwelveLabs:
    """A client that is patient with everything; the test closes it."""
    emulator = background.emulator
    retry = RetryPolicy(initial=20, maximum=20, jitter=0)
    hooks = Hooks(on_retry=events.append, on_limit=events.append)
    return AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url, retry=retry, hooks=hooks)


@pytest.fixture
async def client(patient: AsyncTwelveLabs) -> AsyncIterator[AsyncTwelveLabs]:
    """The patient client; it is closed after the test."""
    async with patient:
        yield patient


async def _read(stream: Any) -> Any:
    return [event async for event in stream]


async def _pages(client: AsyncTwelveLabs) -> Any:
    return [index async for index in client.indexes.list(page_limit=1)]


async def _upload(client: AsyncTwelveLabs, big: Path) -> Any:
    return await client.multipart_upload.upload_file(str(big), max_workers=3)


WAYS: dict[str, tuple[dict[str, Any], Call]] = {
    "before the response": ({"kind": "stall"}, lambda c, d, f: c.indexes.retrieve(d.index)),
    "in the body": ({"kind": "stall_body"}, lambda c, d, f: c.indexes.retrieve(d.index)),
    "in back-off": ({"kind": "status", "status": 503}, lambda c, d, f: c.indexes.retrieve(d.index)),
    "at the rate gate": (
        {"kind": "status", "status": 429, "retry_after": 50},
        lambda c, d, f: c.indexes.retrieve(d.index),
    ),
    "in a list": ({"kind": "stall", "skip": 1}, lambda c, d, f: _pages(c)),
    "in a stream": (
        {"kind": "stall_body"},
        lambda c, d, f: _read(c.analyze_stream(video={"type": "asset_id", "asset_id": d.asset}, prompt="Colours")),
    ),
    "in a wait": ({"kind": "stall", "skip": 1}, lambda c, d, f: _wait(c, d)),
    "in an upload of a form": (
        {"kind": "stall", "operation": "createTask"},
        lambda c, d, f: c.tasks.create(index_id=d.spare_index, video_file=f),
    ),
    "in an upload of chunks": ({"kind": "stall", "port": "objects", "skip": 1}, lambda c, d, f: _upload(c, f)),
}


REACHED: dict[str, Callable[[Events], object]] = {
    "in the body": lambda _: responses_in_part(),
    "in a stream": lambda _: responses_in_part(),
    "in back-off": lambda events: [event for event in events if isinstance(event, RetryEvent)],
    "at the rate gate": lambda events: [
        event for event in events if isinstance(event, LimitEvent) and event.kind == "paused"
    ],
}
"""How far the client must have come after the fault was injected; otherwise the fault is all that it meets."""


async def _wait(client: AsyncTwelveLabs, data: SeedData) -> Any:
    made = await client.analyze_async.batches.create(**batch_of(data))
    return await client.analyze_async.batches.wait_for_done(text(made.batch_id), sleep_interval=0.01, timeout=600)


@pytest.fixture(scope="session")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of several chunks."""
    path = tmp_path_factory.mktemp("big") / "big.mp4"
    path.write_bytes(bytes(30_000_000))
    return path


@pytest.mark.parametrize("way", WAYS)
async def test_cancelling(
    background: Background,
    client: AsyncTwelveLabs,
    events: Events,
    data: SeedData,
    plan: FaultPlan,
    big: Path,
    way: str,
) -> None:
    rule, call = WAYS[way]
    tasks_before = await background.counted("task")
    assets_before = await background.counted("asset")
    own = set(asyncio.all_tasks())
    added = plan.add(**rule)
    running = asyncio.ensure_future(call(client, data, big))
    await eventually(lambda: added.injected)
    await eventually(lambda: way not in REACHED or REACHED[way](events))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    plan.clear()
    await eventually(lambda: not client.limits.in_flight and not client.limits.waiting)
    assert set(asyncio.all_tasks()) <= own
    # Nothing was made of half a file, the emulator keeps no part of it, and the client goes on.
    assert await background.counted("task") == tasks_before
    assert await background.counted("asset") == assets_before
    platform = background.emulator.platform
    assert platform is not None
    temporary = platform.store.temporary
    await eventually(lambda: not [path for path in temporary.iterdir() if path.name != "secret"])
    if way != "at the rate gate":
        assert (await client.indexes.retrieve(data.index)).index_name == "films"


@pytest.mark.parametrize("way", WAYS)
async def test_closing(
    background: Background,
    patient: AsyncTwelveLabs,
    events: Events,
    data: SeedData,
    plan: FaultPlan,
    big: Path,
    way: str,
) -> None:
    rule, call = WAYS[way]
    own = set(asyncio.all_tasks())
    added = plan.add(**rule)
    running = asyncio.ensure_future(call(patient, data, big))
    await eventually(lambda: added.injected)
    await eventually(lambda: way not in REACHED or REACHED[way](events))
    await patient.close()
    with pytest.raises((APIConnectionError, StreamError, UploadError), match="closed") as caught:
        await asyncio.wait_for(running, 10)
    assert background.emulator.api_key not in str(caught.value)
    plan.clear()
    assert set(asyncio.all_tasks()) - {running} <= own
    with pytest.raises(APIConnectionError, match="closed"):
        await patient.indexes.retrieve(data.index)


async def test_a_deadline_of_the_user_ends_an_upload(client: AsyncTwelveLabs, plan: FaultPlan, big: Path) -> None:
    plan.add(kind="stall", port="objects")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await _upload(client, big)
    assert client.limits.in_flight == 0


async def test_an_upload_that_was_cancelled_can_be_finished_later(
    background: Background, client: AsyncTwelveLabs, plan: FaultPlan, big: Path
) -> None:
    rule = plan.add(kind="stall", port="objects", skip=2)
    running = asyncio.create_task(_upload(client, big))
    await eventually(lambda: rule.injected)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    plan.clear()
    newest = (await client.multipart_upload.list_incomplete_uploads(page_limit=1)).items[0]
    status = await client.multipart_upload.get_status(text(newest.upload_id))
    assert status.items  # the platform knows of it
    assert await background.counted("upload") > 0


def _sockets() -> int:
    """Open file descriptors of this process."""
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a file descriptor is no path


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts file descriptors in /proc")
async def test_many_clients_leave_nothing(background: Background, data: SeedData) -> None:
    emulator = background.emulator

    async def use() -> None:
        async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url) as client:
            await client.indexes.retrieve(data.index)

    def held() -> int:
        gc.collect()
        return sum(isinstance(found, AsyncTwelveLabs) for found in gc.get_objects())

    await use()
    sockets, clients, tasks = _sockets(), held(), len(asyncio.all_tasks())
    for _ in range(25):
        await asyncio.gather(*(use() for _ in range(8)))
    assert held() <= clients
    assert len(asyncio.all_tasks()) <= tasks
    await eventually(lambda: _sockets() <= sockets)  # the emulator closes its ends in its own time


async def test_the_errors_of_closing_are_of_this_package(
    background: Background, plan: FaultPlan, data: SeedData
) -> None:
    plan.add(kind="stall")
    emulator = background.emulator
    client = AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url, max_connections=2)
    calls = [asyncio.create_task(client.indexes.retrieve(data.index)) for _ in range(20)]
    await eventually(lambda: client.limits.waiting)
    await client.close()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {APIConnectionError}
    assert all(isinstance(outcome, TwelveLabsError) and "closed" in str(outcome) for outcome in outcomes)
