"""What a test can do with a running emulator."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from twelvelabs_async import BadRequestError, TaskFailedError, TooManyRequestsError, UnknownVariant
from twelvelabs_async.emulator import Fault, Settings
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene, write_broken
from twelvelabs_async.emulator.services.webhook_events import EVENTS
from twelvelabs_async.testing import RunningEmulator, instant, run_emulator
from twelvelabs_async.webhooks import unwrap

if TYPE_CHECKING:
    from pathlib import Path

    from twelvelabs_async import AsyncTwelveLabs

MODELS: Any = [{"model_name": "marengo3.0", "model_options": ["visual"]}]
SLOW = Settings(speed=1, durations={"asset.processing": 600.0, "task.indexing": 3600.0})


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return SampleVideo("red.mp4", (Scene("red", 4),)).write(tmp_path_factory.mktemp("media"))


async def index_of(client: AsyncTwelveLabs, name: str = "films") -> str:
    return (await client.indexes.create(index_name=name, models=MODELS)).id or ""


@pytest.mark.parametrize("kind", list(EVENTS))
def test_documented_events_are_signed(kind: str) -> None:
    with run_emulator(webhook_secret="whsec_mine") as emulator:
        body, headers = emulator.webhook_event(kind, id="task1")
        again, _ = emulator.webhook_event(kind, event_id=json.loads(body)["id"])
    event = unwrap(body, headers, "whsec_mine")
    assert type(event).__name__.endswith("WebhookEvent")
    assert event.type == kind
    assert event.data.id == "task1"
    assert str(event.data.status).lower() == kind.rpartition(".")[2]
    assert json.loads(again)["id"] == event.id
    assert event.id.startswith("whe_")
    # And by hand, as the platform's documentation describes it.
    parts = dict(part.split("=") for part in headers["TL-Signature"].split(","))
    expected = hmac.new(b"whsec_mine", parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(parts["v1"], expected)
    assert abs(time.time() - int(parts["t"])) < 60


def test_events_of_any_type() -> None:
    with run_emulator() as emulator:
        body, headers = emulator.webhook_event("batch.done", type="x", data={"a": [1]})
        emulator.advance(7200)
        late, late_headers = emulator.webhook_event("index.task.ready")
    event = unwrap(body, headers, emulator.webhook_secret)
    assert isinstance(event, UnknownVariant)
    assert json.loads(body)["data"] == {"type": "x", "data": {"a": [1]}}
    assert unwrap(late, late_headers, emulator.webhook_secret), "signed by the clock of the receiver"


async def test_state_and_requests(video: Path) -> None:
    async with run_emulator() as emulator, emulator.client() as client:
        assert (emulator.assets, emulator.indexes, emulator.tasks, emulator.requests) == ([], [], [], [])
        index_id = await index_of(client)
        asset = await client.assets.create(method="direct", file=video)
        task = await client.tasks.create(index_id=index_id, video_file=video)
        await client.tasks.wait_for_done(task, sleep_interval=0.05)
        assert [index["_id"] for index in emulator.indexes] == [index_id]
        assert [(found["_id"], found["status"]) for found in emulator.assets] == [(asset.id, "ready")]
        assert [(found["_id"], found["status"]) for found in emulator.tasks] == [(task.id, "ready")]
        assert [found["status"] for found in emulator.indexed_assets] == ["ready"]
        assert emulator.analyze_tasks == []
        assert "private" not in str(emulator.assets)
        first, second, third, *_ = emulator.requests
        assert (first.operation, first.method, first.path, first.status) == ("createIndex", "POST", "/indexes", 201)
        assert first.body == {"index_name": "films", "models": MODELS}
        assert (second.operation, second.body, second.status) == ("createAsset", {"method": "direct"}, 201)
        assert third.body["index_id"] == index_id
        with pytest.raises(BadRequestError):
            await client.tasks.list(index_id="x", page=0)
        assert (emulator.requests[-1].query, emulator.requests[-1].status) == ({"index_id": "x", "page": "0"}, 400)
        emulator.faults.add(kind="reset", operation="listTasks", count=1)
        await client.tasks.list()
        assert [made.status for made in emulator.requests[-2:]] == [None, 200]
        assert emulator.leaks == []
    with pytest.raises(RuntimeError, match="has ended"):
        _ = emulator.requests
    with pytest.raises(RuntimeError, match="has ended"):
        emulator.advance(1)


async def test_only_the_last_requests_are_kept() -> None:
    async with run_emulator(recorded_requests=3) as emulator, emulator.client() as client:
        for number in range(5):
            await client.tasks.list(page=number + 1)
        assert [made.query["page"] for made in emulator.requests] == ["3", "4", "5"]


async def test_faults_with_codes() -> None:
    async with run_emulator() as emulator, emulator.client() as client:
        emulator.faults.add(kind="status", code="insufficient_funds", message="Top up.", operation="createTask")
        with pytest.raises(BadRequestError, match="Top up") as caught:
            await client.tasks.create(index_id="x", video_url="http://127.0.0.1/a.mp4")
        assert (caught.value.status, caught.value.code) == (400, "insufficient_funds")
        with pytest.raises(ValueError, match="did you mean createTask"):
            emulator.faults.add(kind="status", code="insufficient_funds", operation="createTasks")
        emulator.faults.clear()
        await client.tasks.list()
    with (
        pytest.raises(ValueError, match="listIndexs"),
        run_emulator(faults=[Fault(kind="reset", operation="listIndexs")]),
    ):
        pass


async def test_rate_limits_change() -> None:
    async with run_emulator() as emulator, emulator.client(max_retries=0) as client:
        emulator.set_rate_limit(1, "other", window=3600)
        await client.tasks.list()
        with pytest.raises(TooManyRequestsError) as caught:
            await client.tasks.list()
        assert caught.value.limit == 1
        emulator.advance(3600)
        async with emulator.client(max_retries=0) as other:
            await other.tasks.list()
            emulator.set_rate_limit(None, "other")
            for _ in range(5):
                async with emulator.client(max_retries=0) as another:
                    await another.tasks.list()
        for wrong in (
            {"limit": -1},
            {"limit": 1.5},
            {"limit": True},
            {"limit": 1, "group": "serach"},
            {"limit": 1, "window": 0},
        ):
            with pytest.raises(ValueError, match=r"limit|group|window"):
                emulator.set_rate_limit(**wrong)


async def test_time_advances_through_all_states(video: Path) -> None:
    async with run_emulator(SLOW) as emulator, emulator.client() as client:
        index_id = await index_of(client)
        task = await client.tasks.create(index_id=index_id, video_file=video)
        asset = await client.assets.create(method="direct", file=video)
        emulator.advance(300)
        assert emulator.tasks[0]["status"] == "indexing"
        assert emulator.assets[0]["status"] == "processing"
        emulator.advance(301)
        assert emulator.assets[0]["status"] == "ready"
        emulator.advance(3600)
        assert emulator.tasks[0]["status"] == "ready"
        assert (await client.tasks.retrieve(task.id or "")).status == "ready"
        assert (await client.assets.retrieve(asset.id)).status == "ready"
        for wrong in (-1, float("nan"), float("inf"), 1e18):
            with pytest.raises(ValueError, match="seconds"):
                emulator.advance(wrong)


async def test_what_expires_with_time() -> None:
    async with run_emulator() as emulator, emulator.client() as client:
        upload = await client.multipart_upload.create(filename="a.mp4", type="video", total_size=100)
        await client.multipart_upload.get_additional_presigned_urls(upload.upload_id, start=1, count=1)
        emulator.advance(25 * 3600)
        with pytest.raises(BadRequestError) as caught:
            await client.multipart_upload.get_additional_presigned_urls(upload.upload_id, start=1, count=1)
        assert caught.value.code == "upload_expired"


async def test_time_advances_while_a_waiter_waits(video: Path) -> None:
    async with run_emulator(SLOW, instant=True) as emulator, emulator.client() as client:
        index_id = await index_of(client)
        task = await client.tasks.create(index_id=index_id, video_file=video)
        waiting = asyncio.create_task(client.tasks.wait_for_done(task, timeout=60))
        while len(emulator.requests) < 6:  # noqa: ASYNC110 - it checks, again and again, without pauses
            await asyncio.sleep(0.01)
        assert not waiting.done()
        await asyncio.to_thread(emulator.advance, 4000)
        assert (await waiting).status == "ready"


async def test_failed_tasks(tmp_path: Path) -> None:
    broken = write_broken(tmp_path / "broken.mp4")
    async with run_emulator(late_validation=True, instant=True) as emulator, emulator.client() as client:
        task = await client.tasks.create(index_id=await index_of(client), video_file=broken)
        with pytest.raises(TaskFailedError):
            await client.tasks.wait_for_done(task)


def test_many_emulators_in_threads() -> None:
    """Each has its own state, faults and time."""
    results: dict[int, Any] = {}

    def work(number: int) -> None:
        async def program(emulator: RunningEmulator) -> None:
            async with emulator.client() as client:
                for n in range(number):
                    await index_of(client, f"index {n}")

        with run_emulator(speed=1) as emulator:
            emulator.advance(number * 1000.0)
            asyncio.run(program(emulator))
            results[number] = (len(emulator.indexes), len(emulator.requests), emulator.indexes[0]["created_at"])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {number: found[:2] for number, found in results.items()} == {n: (n, n) for n in range(1, 6)}
    times = [results[number][2] for number in range(1, 6)]
    assert times == sorted(times)


def emulator_threads() -> set[threading.Thread]:
    """The emulators of this process; one of them may serve the tests of other modules for the whole session."""
    return {thread for thread in threading.enumerate() if thread.name == "twelvelabs-emulator"}


async def test_a_start_that_is_cancelled_leaves_nothing() -> None:
    before = emulator_threads()
    cancelled = 0
    for turns in (1, 2, 5, 50):
        runner = run_emulator()
        starting = asyncio.create_task(runner.__aenter__())
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled += starting.cancel()
        try:
            await starting
        except asyncio.CancelledError:
            continue
        await runner.__aexit__()
    assert cancelled
    assert emulator_threads() == before


async def test_faults_change_under_load() -> None:
    """From the test's thread, while requests arrive in the emulator's."""
    async with run_emulator() as emulator, emulator.client(max_retries=20) as client:
        with instant():

            async def call() -> None:
                await client.tasks.list()

            calls = [asyncio.create_task(call()) for _ in range(60)]
            for _ in range(60):
                rule = emulator.faults.add(kind="status", status=503, rate=0.3)
                await asyncio.sleep(0)
                emulator.faults.remove(rule)
            emulator.faults.clear()
            await asyncio.gather(*calls)
        assert emulator.faults.rules == []


async def test_deliveries_of_webhooks_do_not_block_a_test(video: Path) -> None:
    """The receiver may run in the event loop that waits for `advance`."""
    arrived: asyncio.Queue[tuple[bytes, Any]] = asyncio.Queue()

    async def receive(request: web.Request) -> web.Response:
        arrived.put_nowait((await request.read(), request.headers.copy()))
        return web.Response()

    application = web.Application()
    application.router.add_post("/hook", receive)
    async with TestServer(application) as server:
        url = str(server.make_url("/hook"))
        async with run_emulator(SLOW, webhook_url=url) as emulator, emulator.client() as client:
            await client.tasks.create(index_id=await index_of(client), video_file=video)
            emulator.advance(4000)
            body, headers = await asyncio.wait_for(arrived.get(), 20)
            event = unwrap(body, headers, emulator.webhook_secret)
            assert event.type == "index.task.ready"


def test_an_exception_in_the_block_ends_the_emulator() -> None:
    before = emulator_threads()
    with pytest.raises(KeyError, match="1"), run_emulator(instant=True):
        raise KeyError(len(emulator_threads() - before))
    assert emulator_threads() == before
