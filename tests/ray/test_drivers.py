"""The calling process is interrupted, on a Ray that it has started itself."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Any

import pytest

from tests.eventually import eventually
from tests.ray.conftest import Site
from tests.ray.kills import descendants, worker_processes
from tests.ray.table import wrong_rows
from twelvelabs_async.ingest import on_ray
from twelvelabs_async.ingest.ray import count_outcomes

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.data.context"),  # Ray's own
    pytest.mark.timeout(600),  # it starts a dozen processes
]


async def start(site: Site) -> asyncio.subprocess.Process:
    """Start an ingestion, which is under way when this returns."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.ray.child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **site.emulator.environment},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    settings = {**site.arguments, "output": str(site.output), "sources": str(site.videos), "concurrency": 2}
    process.stdin.write(json.dumps(settings).encode())
    process.stdin.close()
    assert await process.stdout.readline() == b"working\n"
    return process


async def test_goes_on_where_it_was(cluster: Any, site: Site) -> None:
    files = site.files(30, 1)
    site.emulator.faults.add(kind="slow", operation="createAsset", seconds=1.0)
    process = await start(site)
    workers = worker_processes(descendants(process.pid))
    assert workers  # one that finds nothing to do has ended
    process.send_signal(signal.SIGINT)
    assert await process.wait() == -signal.SIGINT
    counts = count_outcomes(site.output)
    assert 0 < counts["done"] < 30
    assert wrong_rows(site.output, [])  # the folder can be read
    assert not (site.output / "_lease").exists()  # the next one need not wait
    await eventually(lambda: not worker_processes(set(workers)))

    site.emulator.faults.clear()
    await asyncio.to_thread(on_ray, site.videos, **site.arguments)
    assert wrong_rows(site.output, files) == []
    assert await site.problems(files) == []
