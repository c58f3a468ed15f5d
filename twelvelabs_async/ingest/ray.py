"""Batch ingestion by several processes, on one machine or many, with Ray."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from .._config.hooks import logger
from .._extras import needs
from ..errors import ConfigurationError
from ..waiters.schedule import DEFAULT_SLEEP_INTERVAL, DEFAULT_WAIT_TIMEOUT
from .keys import Shard
from .pace import ALL
from .plan import Plan
from .ray_driver import Driver, Progress
from .ray_protocol import Order, Parcel, Report, WorkerLostError
from .sources import Sources
from .values import IngestItem, Stage

if TYPE_CHECKING:
    from ray.data import Dataset  # pyright: ignore[reportMissingImports]

    from .._generated.params.ids import IndexOrId, KnowledgeStoreOrId

__all__ = ["Progress", "count_outcomes", "on_ray"]

DEFAULT_WORKERS: Final = 2
"""Workers, if no number is given."""

READER_CPUS: Final = 1
"""CPUs that must be left: datasets are read by tasks, and a task that finds none waits for ever."""

SILENCE: Final = 60.0
"""Seconds after which a worker that does not report is taken for lost."""

START: Final = 20.0
"""Seconds after which a worker that has not started is mentioned in the log."""

_WORKER: Final = f"{__package__}.ray_worker"


def on_ray(
    sources: Sources,
    *,
    output: str | os.PathLike[str],
    index_id: IndexOrId | None = None,
    knowledge_store_id: KnowledgeStoreOrId | None = None,
    workers: int = DEFAULT_WORKERS,
    requests_per_minute: float | Mapping[str, float] | None = None,
    max_processing: int | None = None,
    key: Callable[[IngestItem], str] | None = None,
    root: str | os.PathLike[str] | None = None,
    shard: str | Shard | None = None,
    concurrency: int | Mapping[Stage, int] = 16,
    analyze: str | Mapping[str, Any] | None = None,
    embed: bool | str | os.PathLike[str] = False,
    metadata: Mapping[str, Any] | None = None,
    retry_failed: bool = False,
    sleep_interval: float = DEFAULT_SLEEP_INTERVAL,
    timeout: float = DEFAULT_WAIT_TIMEOUT,
    base_url: str | None = None,
    allow_http: bool = False,
    num_cpus: float = 0.25,
    runtime_env: Mapping[str, Any] | None = None,
    on_progress: Callable[[Progress], Any] | None = None,
) -> Dataset:
    """Ingest many sources with several processes on a Ray cluster, each source exactly once.

        outcomes = on_ray("/mnt/films", index_id=index_id, workers=4, output="/mnt/outcomes")
        print(outcomes.filter(lambda row: row["status"] == "failed").take_all())

    The workers are actors, each with a batch ingestion as `client.ingest` runs it. They read the API key from their
    environment, as a client does; nothing that is sent to them contains it. A lost worker is replaced, and the sources
    it was processing are looked up on the platform.

    Outcomes are written to Parquet files in a folder, which is also the checkpoint: called again, the function skips
    sources that are done or failed permanently. Only one call at a time may use the folder.

    If Ray is not initialized, it is started on this machine, without a dashboard, and shut down at the end; with
    RAY_ADDRESS set, the cluster there is used. This function blocks. In a coroutine, call it with `asyncio.to_thread`.

    Args:
        sources: As in `client.ingest`. Workers must find the files under the same paths. Open files are not supported.
        output: The folder for the outcomes, on a disk of the machine where this function runs.
        index_id: Identifier of the index.
        knowledge_store_id: Identifier of the knowledge store, in place of an index.
        workers: Number of workers. Default: 2.
        requests_per_minute: The part of the account's limit to use, for each rate-limit group or as a mapping from
            groups to numbers. Each worker has an equal share, which follows the number of workers that are alive.
            Default: the limits that the platform reports, which each worker respects.
        max_processing: Sources that the platform may process at a time, at least one for each worker. Default: as many
            as it accepts.
        key: Computes the key of an item. It is called in this process.
        root: The folder that paths in keys are relative to. Default: the folder that is read.
        shard: Only the sources of one part, such as `"2/8"`, by a hash of the key.
        concurrency: Sources in each stage of each worker at a time, or a mapping from stages to numbers.
        analyze: A prompt to analyze each video with, or the arguments of `analyze_file` (`prompt`, ...).
        embed: A folder for the embeddings, which all workers can write to; True for a folder beside the output.
        metadata: User metadata of all assets and indexed assets.
        retry_failed: Whether to retry sources that failed permanently.
        sleep_interval: Seconds between the first two checks of an asset or indexed asset.
        timeout: Timeout of each of these waits, in seconds.
        base_url: URL of the API. Default: that of the environment of the workers.
        allow_http: Whether `base_url` may begin with http:// for a host other than the worker's machine. The key is
            then sent unencrypted.
        num_cpus: CPUs that Ray reserves for each worker. Workers mostly wait.
        runtime_env: Runtime environment of the workers. Ray shows it to everyone with access to the cluster: do not put
            a key into it.
        on_progress: Called about once a second with the statistics of the run.

    Returns:
        The outcomes of all runs with this folder: one row for each key. It is read lazily.

    Raises:
        ConfigurationError: There is no key, or the cluster has too few CPUs.
        ValueError: An argument is invalid.
        TypeError: `sources` is not a valid argument.
        MissingExtraError: Ray is not installed.
        JournalError: The output is in use, belongs to another index, or cannot be written.
        IngestError: The run cannot continue. IndexFullError: The index accepts no more videos.
        AuthenticationError: The key is not accepted.
    """
    with contextlib.suppress(RuntimeError):
        asyncio.get_running_loop()
        raise TypeError("on_ray would block the event loop: call it with `await asyncio.to_thread(on_ray, ...)`")
    _check_count("workers", workers)
    if not isinstance(num_cpus, int | float) or not 0 <= num_cpus < math.inf:
        raise ValueError(f"num_cpus must be a number from 0 on, not {num_cpus!r}")
    per_minute = _rates(requests_per_minute)
    folder = _local_folder("output", output)
    embeddings = f"{folder}.embeddings" if embed is True else _local_folder("embed", embed) if embed else None
    plan = Plan.of(
        sources,
        index_id=index_id,
        knowledge_store_id=knowledge_store_id,
        journal=None,
        key=key,
        root=root,
        shard=shard,
        concurrency=concurrency,
        max_processing=max_processing,
        analyze=analyze,
        analyze_file=_not_here,
        embed=embeddings or False,
        metadata=metadata,
        max_failures=None,
        retry_failed=retry_failed,
        sleep_interval=sleep_interval,
        timeout=timeout,
        options=None,
    )
    order = Order(
        index_id=plan.index_id,
        knowledge_store_id=plan.knowledge_store_id,
        base_url=base_url,
        allow_http=allow_http,
        concurrency=plan.settings.concurrency,
        max_processing=None if max_processing is None else max(1, max_processing // workers),
        analyze=dict(analyze) if isinstance(analyze, Mapping) else analyze,
        embed=embeddings,
        sleep_interval=float(sleep_interval),
        timeout=timeout,
    )
    with needs("ingest.ray"):
        import ray.data  # pyright: ignore[reportMissingImports]

        from .ray_output import OutputFolder

    target = {"index_id": order.index_id, "knowledge_store_id": order.knowledge_store_id}
    with _initialized(ray, workers, num_cpus):
        _check_cpus(ray, workers, num_cpus)
        with OutputFolder(folder, target) as checkpoint:
            checkpoint.wait_for_lease()
            options = {"num_cpus": num_cpus, "runtime_env": dict(runtime_env) if runtime_env else None}
            driver = Driver(
                plan.items,
                checkpoint=checkpoint,
                hire=lambda order: _Actor(ray, order, options),
                order=order,
                workers=workers,
                per_minute=per_minute,
                retry_failed=retry_failed,
                on_progress=on_progress,
            )
            try:
                asyncio.run(driver.run())
            finally:
                if driver.is_clean:
                    checkpoint.end_lease()
        return ray.data.read_parquet(checkpoint.files())


def count_outcomes(output: str | os.PathLike[str]) -> dict[str, int]:
    """Count the outcomes in the folder that `on_ray` writes, also while it does.

    Args:
        output: The folder.

    Returns:
        `done`, `failed`, and `failed_retryable`: how many of the failures are temporary.

    Raises:
        JournalError: It is not an output folder, or cannot be read.
        MissingExtraError: Ray is not installed.
    """
    from . import ray_output

    return ray_output.count_outcomes(output)


async def _not_here(*_: object, **__: object) -> None:
    """In the place of the method that analyzes, which only workers call."""


class _Actor:
    """A worker that is a Ray actor."""

    def __init__(self, ray: Any, order: Order, options: Mapping[str, Any]) -> None:
        self._ray = ray
        # Each has a process of its own. The driver replaces it itself: Ray would start it again with the old order.
        cls = ray.remote(import_module(_WORKER).Worker)
        self._actor = cls.options(max_restarts=0, max_task_retries=0, max_concurrency=10, **options).remote(order)
        self._has_started = False

    async def exchange(self, parcel: Parcel) -> Report:
        """Send a parcel, and wait for the report."""
        call = asyncio.ensure_future(self._call(self._actor.exchange, parcel))
        try:
            while not (await asyncio.wait((call,), timeout=SILENCE if self._has_started else START))[0]:
                if self._has_started:
                    raise WorkerLostError(f"it has not reported for {SILENCE:.0f} s")
                logger.warning(
                    "a worker has not started for %.0f s; free resources of the cluster: %s",
                    START,
                    self._ray.available_resources(),
                )
        finally:
            call.cancel()
        self._has_started = True
        return call.result()

    async def stop(self) -> Report:
        """Have it end its run."""
        return await self._call(self._actor.stop) if self._has_started else Report()

    def kill(self) -> None:
        """End its process."""
        self._ray.kill(self._actor)

    async def _call(self, method: Any, *arguments: Any) -> Report:
        errors = self._ray.exceptions
        try:
            report: Report = await method.remote(*arguments)
        except errors.RayTaskError:
            raise  # a mistake in the worker
        except errors.RayError as error:  # the worker, or its node, is gone
            raise WorkerLostError(str(error).strip().partition("\n")[0]) from None
        return report


@contextlib.contextmanager
def _initialized(ray: Any, workers: int, num_cpus: float) -> Iterator[None]:
    """Start Ray if it is not there, and shut down what was started."""
    if ray.is_initialized():
        yield
        return
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with _same_sigterm():
        if os.environ.get("RAY_ADDRESS"):
            ray.init(logging_level=logging.WARNING)
        else:
            ray.init(
                num_cpus=max(os.cpu_count() or 1, math.ceil(workers * num_cpus) + READER_CPUS),
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.WARNING,
                _node_ip_address="127.0.0.1",
            )
    try:
        yield
    finally:
        ray.shutdown()


@contextlib.contextmanager
def _same_sigterm() -> Iterator[None]:
    """Keep the caller's handler of SIGTERM: Ray puts one in its place that aborts the process in the end."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    if callable(before) and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, before)


def _check_cpus(ray: Any, workers: int, num_cpus: float) -> None:
    cpus = ray.cluster_resources().get("CPU", 0.0)
    if workers * num_cpus > cpus - READER_CPUS:
        raise ConfigurationError(
            f"{workers} workers with num_cpus={num_cpus:g} each need {workers * num_cpus:g} CPUs, and {READER_CPUS} "
            f"must be left for reading datasets, but the Ray cluster has {cpus:g}. Use fewer workers, a smaller "
            "num_cpus, or a larger cluster (on one machine: ray.init(num_cpus=...))."
        )


def _rates(given: float | Mapping[str, float] | None) -> dict[str, float]:
    rates: dict[str, float] = {} if given is None else dict(given) if isinstance(given, Mapping) else {ALL: given}
    for rate in rates.values():
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < math.inf:
            raise ValueError(f"requests_per_minute must be a number above 0, or a mapping to such, not {given!r}")
    return rates


def _check_count(name: str, number: object) -> None:
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError(f"{name} must be a number of 1 or more, not {number!r}")


def _local_folder(name: str, given: str | os.PathLike[str]) -> str:
    path = os.fspath(given)
    if not isinstance(path, str) or not path or "://" in path:
        raise ValueError(
            f"{name} must be a folder on a disk, not {given!r}; mount object storage, or copy it afterwards"
        )
    return os.path.abspath(path)  # noqa: PTH100 - Path.absolute keeps `..`
