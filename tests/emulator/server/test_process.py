"""The emulator as a process of its own: start, clean end, sudden death, many connections."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from twelvelabs_async.emulator import DEFAULT_KEY
from twelvelabs_async.emulator.__main__ import main, parser, settings

from .conftest import MARENGO, Api

Files = dict[str, Path]


class Process:
    """What an `Api` needs of an emulator, for one in another process."""

    def __init__(self, child: asyncio.subprocess.Process, lines: list[str]) -> None:
        self.child = child
        self.base_url = lines[0].split()[-1]
        self.objects_url = lines[1].split()[-1]
        self.api_key = DEFAULT_KEY
        self.lines = lines


@contextlib.asynccontextmanager
async def process(state: Path, *arguments: str) -> AsyncIterator[Process]:
    command = [sys.executable, "-m", "twelvelabs_async.emulator", "--port", "0", "--state", str(state), *arguments]
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    lines: list[str] = []
    try:
        while not lines or not lines[-1].startswith("Ready"):
            line = (await asyncio.wait_for(child.stdout.readline(), 30)).decode()
            assert line, "the emulator did not start"
            lines.append(line.strip())
        yield Process(child, lines)
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


@contextlib.asynccontextmanager
async def client(emulator: Any) -> AsyncIterator[Api]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Api(session, emulator)


async def test_it_starts_and_ends_cleanly(tmp_path: Path) -> None:
    async with process(tmp_path / "state") as running:
        assert f"export TWELVE_LABS_API_KEY={DEFAULT_KEY}" in running.lines
        assert f"export TWELVELABS_BASE_URL={running.base_url}" in running.lines
        async with client(running) as api:
            await api.index()
        running.child.send_signal(signal.SIGTERM)
        rest, _ = await running.child.communicate()
        assert running.child.returncode == 0
        assert rest.decode().strip() == "Stopped."


async def test_state_survives_sudden_death(tmp_path: Path, media_files: Files) -> None:
    slow = ["--durations", "task.validating=0.3", "--durations", "task.queued=600", "--chunk-size", "1000"]
    data = media_files["other"].read_bytes()
    async with process(tmp_path / "state", *slow) as running, client(running) as api:
        index_id = await api.index()
        ready = await api.asset(media_files["video"], user_metadata='{"a": 1}')
        task = await api.task(index_id, media_files["video"])
        body = {"filename": "big.mp4", "type": "video", "total_size": len(data)}
        upload = await api.ok("POST", "/assets/multipart-uploads", json=body)
        chunk = upload["upload_urls"][0]
        headers = {"Content-Type": "application/octet-stream"}
        async with api.session.put(chunk["url"], data=data[:1000], headers=headers) as response:
            etag = response.headers["ETag"]
        path = f"/assets/multipart-uploads/{upload['upload_id']}"
        report = {"chunk_index": 1, "proof": etag, "proof_type": "etag", "chunk_size": 1000}
        await api.ok("POST", path, json={"completed_chunks": [report]})
        await api.until(f"/tasks/{task['_id']}", "queued")
        (tmp_path / "state" / "tmp" / "half-written").write_bytes(b"x")
        (tmp_path / "state" / "blobs" / "nobody-knows").write_bytes(b"x")
        running.child.send_signal(signal.SIGKILL)
        await running.child.wait()
    async with process(tmp_path / "state", "--speed", "0") as running, client(running) as api:
        assert (await api.ok("GET", f"/indexes/{index_id}"))["models"] == [MARENGO]
        assert (await api.ok("GET", f"/assets/{ready}"))["user_metadata"] == {"a": 1}
        state = await api.ok("GET", path)
        assert (state["chunks_completed"], state["status"]) == (1, "active")
        assert not (tmp_path / "state" / "tmp" / "half-written").exists()
        assert not (tmp_path / "state" / "blobs" / "nobody-knows").exists()
    # The step that was due in ten minutes is due then, not at once: state machines keep their times.
    async with process(tmp_path / "state", "--speed", "0") as running, client(running) as api:
        assert (await api.ok("GET", f"/tasks/{task['_id']}"))["status"] == "queued"


async def test_death_at_any_moment_leaves_whole_documents(tmp_path: Path, media_files: Files) -> None:
    """Kills the process again and again while it works; every task that was acknowledged comes to its end."""
    state = tmp_path / "state"
    acknowledged: list[str] = []
    index_id = ""
    for round_number in range(3):
        async with process(state, "--speed", "20") as running, client(running) as api:
            if not index_id:
                index_id = await api.index()

            async def upload(api: Api = api, index_id: str = index_id) -> None:
                with contextlib.suppress(aiohttp.ClientError):
                    acknowledged.append((await api.task(index_id, media_files["other"]))["_id"])

            uploads = [asyncio.create_task(upload()) for _ in range(6)]
            await asyncio.sleep(0.15 + 0.2 * round_number)
            os.kill(running.child.pid, signal.SIGKILL)
            await asyncio.gather(*uploads)
    async with process(state, "--speed", "20") as running, client(running) as api:
        for task_id in acknowledged:
            await api.until(f"/tasks/{task_id}")
        for task in (await api.ok("GET", "/tasks?page_limit=50"))["data"]:  # those nobody was told of, too
            await api.until(f"/tasks/{task['_id']}")
        listed = (await api.ok("GET", f"/indexes/{index_id}/videos?page_limit=50"))["page_info"]["total_results"]
        index = await api.ok("GET", f"/indexes/{index_id}")
        assert index["video_count"] == listed >= len(acknowledged)


async def test_500_connections(tmp_path: Path, media_files: Files) -> None:
    async with process(tmp_path / "state", "--speed", "0", "--check-responses") as running, client(running) as api:
        index_id = await api.index()
        await api.video(index_id, media_files["video"])
        together = asyncio.Barrier(500)
        longest = 0.0

        async def work(number: int) -> int:
            nonlocal longest
            await together.wait()
            if number % 5 == 0:
                fields = {"index_id": index_id, "query_text": "red", "search_options": "visual"}
                form = aiohttp.FormData(fields, default_to_multipart=True)
                found = await api.ok("POST", "/search", data=form)
                return len(found["data"])
            if number % 5 == 1:
                await api.ok("POST", "/indexes", json={"index_name": f"index {number}", "models": [MARENGO]})
            elif number % 5 == 2:
                await api.ok("POST", "/embed-v2", json=_text(number))
            else:
                await api.ok("GET", f"/indexes/{index_id}/videos")
            return 1

        counts = await asyncio.gather(*(work(number) for number in range(500)))
        assert all(counts)
        assert (await api.ok("GET", "/indexes"))["page_info"]["total_results"] == 101


async def test_late_validation_and_slow_sources_on_the_command_line(tmp_path: Path, media_files: Files) -> None:
    arguments = ("--speed", "0", "--late-validation", "--source-timeout", "0.2")
    async with process(tmp_path / "state", *arguments) as running, client(running) as api:
        index_id = await api.index()
        task = await api.task(index_id, media_files["broken"])
        assert (await api.until(f"/tasks/{task['_id']}", "ready", "failed"))["status"] == "failed"

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read()
            writer.close()

        async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            form = {"method": "url", "url": f"http://127.0.0.1:{port}/a.mp4"}
            status, body = await api.call("POST", "/assets", data=aiohttp.FormData(form, default_to_multipart=True))
            assert (status, body["code"]) == (400, "parameter_invalid")
            assert "within 0.2 seconds" in body["message"]
    assert main(["--source-timeout", "0"]) == 1


def _text(number: int) -> dict[str, Any]:
    return {"input_type": "text", "model_name": "marengo3.0", "text": {"input_text": f"red {number}"}}


def test_the_command_line() -> None:
    given = settings(
        parser().parse_args(
            [
                "--rate-limit",
                "600",
                "--rate-limit",
                "search=5",
                "--durations",
                "task.queued=2",
                "--key",
                "a",
                "--key",
                "b",
            ]
        )
    )
    assert given.rate_limits == {"*": 600, "search": 5}
    assert given.durations == {"task.queued": 2.0}
    assert given.api_keys == ("a", "b")
    for bad in (["--durations", "dinner=2"], ["--durations", "task.queued=long"], ["--rate-limit", "search"]):
        with pytest.raises(SystemExit):
            parser().parse_args(bad)


def test_a_sample_video(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    goal = tmp_path / "goal.mp4"
    assert main(["--sample", str(goal)]) == 0
    assert capsys.readouterr().out == f"{goal} was written.\n"
    assert main(["--sample", str(goal)]) == 0
    assert capsys.readouterr().out == f"{goal} exists already.\n"
    assert main(["--sample", str(tmp_path / "goal.mov")]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["goal.mov", "goal.mp4"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mine.mp4", "there is another file of this name"),
        ("folder.mp4", "there is another file of this name"),
        ("missing/goal.mp4", "does not exist"),
        ("goal.avi", "the suffix must be .mp4 or .mov"),
        ("goal", "the suffix must be .mp4 or .mov"),
    ],
)
def test_a_sample_video_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "mine.mp4").write_text("my own film")
    (tmp_path / "folder.mp4").mkdir()
    assert main(["--sample", str(tmp_path / name)]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith(f"The sample cannot be written: {tmp_path / name}: ")
    assert message in written.err
    assert (tmp_path / "mine.mp4").read_text() == "my own film"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.mp4", "mine.mp4"]


def test_a_port_in_use_is_reported(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["--speed", "-1", "--state", str(tmp_path)]) == 1
    assert "speed" in capsys.readouterr().err
