"""A program in the style of the official SDK, migrated and then run against the emulator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.docs.conftest import files, made_files, seeded
from twelvelabs_async.emulator.media import samples
from twelvelabs_async.migrate.__main__ import main

if TYPE_CHECKING:
    from tests.docs.seeded_emulator import SeededEmulator

__all__ = ["files", "made_files", "seeded"]

PROGRAM = '''\
"""Indexes a video and shows what was found, with one client for everything."""

import asyncio
import json
import sys

import twelvelabs
from twelvelabs import AsyncTwelveLabs
from twelvelabs.core.api_error import ApiError
from twelvelabs.core.request_options import RequestOptions
from twelvelabs.environment import TwelveLabsEnvironment
from twelvelabs.errors import (
    NotFoundError,
    UnauthorizedError,  # a wrong key
)
from twelvelabs.types import IndexSchema, MediaSource, ImageInputRequest, SearchItem, StartTime, VideoContext_AssetId


class Films:
    """Films of one index."""

    def __init__(self, client: AsyncTwelveLabs) -> None:
        self.client = client

    async def names(self) -> list[str]:
        pager = await self.client.indexes.list(page_limit=10)
        return [index.index_name async for index in pager]

    async def hits(self, index_id: str, text: str) -> "list[twelvelabs.SearchItem]":
        found: list[SearchItem] = []
        async for hit in await self.client.search.query(index_id=index_id, query_text=text, search_options=["visual"]):
            found.append(hit)
        return found


async def status_of(client: AsyncTwelveLabs, index_id: str) -> int:
    try:
        await client.indexes.retrieve(index_id)
    except NotFoundError as error:
        raise RuntimeError(f"unexpected {error.status_code}: {error.body}")
    except ApiError as error:
        return error.status_code
    return 200


async def progress(task) -> None:
    print("task", task.status, file=sys.stderr)


async def main(path: str, picture: str) -> None:
    # the environment is the default, and the address comes from a variable
    client = AsyncTwelveLabs(environment=TwelveLabsEnvironment.DEFAULT)
    films = Films(client)
    try:
        index = await client.indexes.create(
            index_name="migrated",
            models=[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}],
            request_options=RequestOptions(timeout_in_seconds=30),
        )
        schema: IndexSchema = await client.indexes.retrieve(index.id)
        print("name", json.loads(schema.json())["index_name"], schema.model_dump()["_id"] == index.id)
        with open(path, "rb") as film:
            task = await client.tasks.create(index_id=index.id, video_file=film)
        done = await client.tasks.wait_for_done(task_id=task.id, sleep_interval=0.05, callback=progress)
        print("done", done.status)
        start: StartTime = min(hit.start for hit in await films.hits(index.id, "green"))
        print("hits from", start >= 0)
        print("listed", "migrated" in await films.names())
        print("missing", await status_of(client, "6298d673f1090f1100476d4c"))
        raw = await client.indexes.with_raw_response.retrieve(index.id)
        print("raw", raw.data.index_name, "x-request-id" in raw.headers)
        tasks = await client.analyze_async.tasks.list()
        print("tasks", len(tasks.data), tasks.page_info.page)
        import base64

        with open(picture, "rb") as image:
            source = MediaSource(base_64_string=base64.b64encode(image.read()).decode())
        vectors = await client.embed.v_2.create(
            input_type="image", model_name="marengo3.0", image=ImageInputRequest(media_source=source)
        )
        print("embedding", len(vectors.data[0].embedding), len(source.base_64_string) > 0)
        asset = await client.multipart_upload.upload_file(file_path=path, file_type="video")
        video = VideoContext_AssetId(asset_id=asset.asset_id)
        while (await client.assets.retrieve(asset.asset_id)).status != "ready":
            await asyncio.sleep(0.05)
        text = ""
        async for event in client.analyze_stream(model_name="pegasus1.5", video=video, prompt="What happens?"):
            if event.event_type == "text_generation":
                text += event.text
        print("text", bool(text))
    finally:
        await client._client_wrapper.httpx_client.httpx_client.aclose()
    wrong = AsyncTwelveLabs(api_key="tlk_wrong")
    try:
        await wrong.indexes.list()
    except UnauthorizedError as error:
        print(f"key {error.status_code}")
    finally:
        await wrong._client_wrapper.httpx_client.httpx_client.aclose()


asyncio.run(main(*sys.argv[1:]))
'''

EXPECTED = """\
name migrated True
done ready
hits from True
listed True
missing 400
raw migrated True
tasks 0 1
embedding 512 True
text True
key 401
"""


def test_runs_after_the_migration(
    seeded: SeededEmulator, files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "films.py"
    program.write_text(PROGRAM)
    assert main(["--write", str(program)]) == 0
    out = capsys.readouterr().out
    assert [line.split(": ", 1)[1] for line in out.splitlines()[1:-1]] == [
        "wait_for_done raises TaskFailedError if the task failed, and WaitTimeoutError after two hours (see timeout=)"
    ]
    text = program.read_text()
    assert "twelvelabs." not in text.replace("twelvelabs_async.", "")
    assert "# a wrong key" in text
    picture = tmp_path / "blue.png"
    samples.write_image(picture, "blue")
    environment = {**os.environ, **seeded.emulator.environment, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [
            *(sys.executable, "-X", "dev", "-W", "error", "-W", "ignore:tasks.create is deprecated"),
            *(str(program), str(files / "goal.mp4"), str(picture)),
        ],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=60,
    )
    assert done.stdout == EXPECTED, done.stderr
    assert done.returncode == 0
    assert "Unclosed" not in done.stderr
