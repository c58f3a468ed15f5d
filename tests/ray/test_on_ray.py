"""Batch ingestion on Ray, with real processes."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.eventually import eventually
from tests.ray.conftest import CANARY, Site
from tests.ray.kills import kill_worker
from tests.ray.table import read_rows, wrong_rows
from twelvelabs_async import AuthenticationError, ConfigurationError, JournalError
from twelvelabs_async.ingest import on_ray
from twelvelabs_async.ingest.ray import Progress, _same_sigterm, count_outcomes
from twelvelabs_async.ingest.ray_output import OutputFolder

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.data.context"),  # Ray's own
    pytest.mark.timeout(600),  # it starts a dozen processes
]


async def run(site: Site, sources: Any = None, **arguments: Any) -> Any:
    return await asyncio.to_thread(on_ray, sources or site.videos, **{**site.arguments, **arguments})


def files_without_key(*folders: Path) -> int:
    """Check that no file holds the key; how many there are."""
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    for path in paths:
        assert CANARY.encode() not in path.read_bytes(), path
    return len(paths)


async def test_ingests_and_goes_on(cluster: Any, site: Site) -> None:
    files, told = site.files(20, 3), list[Progress]()
    outcomes = await run(site, workers=3, requests_per_minute=60_000, on_progress=told.append)
    assert outcomes.count() == 23
    assert sorted(row["key"] for row in outcomes.take_all()) == sorted(row["key"] for row in read_rows(site.output))
    assert wrong_rows(site.output, files) == []
    assert count_outcomes(site.output) == {"done": 20, "failed": 3, "failed_retryable": 0}
    assert await site.problems(files) == []

    # The next run takes what is new, and what was missing.
    missing = site.folder / "missing.mp4"
    sources = [*(file.path for file in files), ("bytes.mp4", files[0].path.read_bytes() + b"1"), missing]
    outcomes = await run(site, sources, root=site.videos, workers=1, on_progress=told.append)
    assert (told[-1].skipped, told[-1].done, told[-1].failed) == (23, 1, 1)
    assert count_outcomes(site.output) == {"done": 21, "failed": 4, "failed_retryable": 0}
    missing.write_bytes(files[1].path.read_bytes() + b"2")
    await run(site, [missing], root=site.videos, workers=1, retry_failed=True)
    assert count_outcomes(site.output) == {"done": 22, "failed": 3, "failed_retryable": 0}
    assert len(read_rows(site.output)) == 25
    assert not [path for path in site.output.iterdir() if path.name.startswith(".") or path.suffix == ".lock"]

    # Without its output, everything is found at the platform.
    await run(site, output=site.folder / "other")
    assert all(row["adopted"] for row in read_rows(site.folder / "other") if row["status"] == "done")
    assert await site.problems([*files]) == [
        problem for problem in await site.problems(files) if "it belongs to no file" in problem
    ]


async def test_a_killed_worker_does_no_harm(cluster: Any, site: Site) -> None:
    files, told = site.files(24, 2), list[Progress]()
    site.emulator.faults.add(kind="slow", operation="createAsset", seconds=0.5)
    task = asyncio.create_task(run(site, workers=2, concurrency=4, on_progress=told.append))
    await eventually(lambda: site.emulator.faults.counts["slow"] >= 4)  # both work on something
    kill_worker()
    await task
    assert told[-1].lost == 1
    assert wrong_rows(site.output, files) == []
    assert await site.problems(files) == []


async def test_the_key_is_nowhere(cluster: Any, site: Site) -> None:
    site.files(3, 1)
    await run(site)
    session = Path(cluster._private.worker._global_node.get_session_dir_path())
    looked = await asyncio.to_thread(files_without_key, session, site.output)
    assert looked > 10
    actors = cluster._private.state.actors()
    assert actors
    assert CANARY not in f"{actors} {cluster.nodes()}"


async def test_too_few_cpus_are_an_error(cluster: Any, site: Site) -> None:
    site.files(1)
    with pytest.raises(ConfigurationError, match="need 4 CPUs, and 1 must be left"):
        await run(site, workers=4, num_cpus=1)


async def test_an_output_belongs_to_one_index_and_one_run(cluster: Any, site: Site) -> None:
    site.files(1)
    await run(site, workers=1)
    with pytest.raises(JournalError, match="belongs to another target"):
        await run(site, index_id="000000000000000000000000")
    target = {"index_id": site.index_id, "knowledge_store_id": None}
    with OutputFolder(site.output, target), pytest.raises(JournalError, match="in use"):
        await run(site)


async def test_errors_of_workers_come_out(cluster: Any, site: Site) -> None:
    site.files(1)
    with pytest.raises(AuthenticationError):
        await run(site, runtime_env={"env_vars": {"TWELVE_LABS_API_KEY": "tlk_wrong"}})


async def test_embeddings_and_analyses(cluster: Any, site: Site) -> None:
    site.files(2)
    await run(site, workers=1, analyze="What happens?", embed=True, max_processing=3)
    rows = read_rows(site.output)
    assert all(row["analysis"] for row in rows)
    assert all(Path(row["embedding"]).parent == site.folder / "output.embeddings" for row in rows)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"workers": 0}, "workers"),
        ({"num_cpus": -1}, "num_cpus"),
        ({"requests_per_minute": 0}, "requests_per_minute"),
        ({"requests_per_minute": {"upload": True}}, "requests_per_minute"),
        ({"output": "s3://bucket"}, "output"),
        ({"knowledge_store_id": "k"}, "one of index_id"),
        ({"analyze": {}}, "prompt"),
    ],
)
async def test_arguments_are_checked(arguments: dict[str, Any], message: str, tmp_path: Path) -> None:
    given = {"index_id": "i", "output": tmp_path / "output", **arguments}
    with pytest.raises(ValueError, match=message):
        await asyncio.to_thread(on_ray, tmp_path, **given)
    assert not (tmp_path / "output").exists()


async def test_it_does_not_block_an_event_loop(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="to_thread"):
        on_ray(tmp_path, index_id="i", output=tmp_path)


def test_the_handler_of_sigterm_stays() -> None:
    """Ray would put one in its place that aborts the process."""
    before = signal.getsignal(signal.SIGTERM)

    def own(*_: object) -> None:
        pass

    try:
        for mine, left in ((own, own), (signal.SIG_DFL, signal.SIG_IGN)):
            signal.signal(signal.SIGTERM, mine)
            with _same_sigterm():
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            assert signal.getsignal(signal.SIGTERM) is left
    finally:
        signal.signal(signal.SIGTERM, before)
