"""The benchmarks that `python -m bench` runs, in the order of the tables."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.frozen
class Benchmark:
    """A module of this package that measures.

    Attributes:
        name: Its name, which is that of the module.
        arguments: What the runner passes to it.
        has_rounds: Whether it takes `--rounds`.
        has_official: Whether it measures the official SDK, and takes `--without-official`.
    """

    name: str
    arguments: tuple[str, ...] = ()
    has_rounds: bool = True
    has_official: bool = True


BENCHMARKS: Final = (
    Benchmark("calls"),
    Benchmark("limits"),
    Benchmark("rates", ("--quick",), has_rounds=False, has_official=False),
    Benchmark("memory", has_rounds=False, has_official=False),
    Benchmark("imports"),
    Benchmark("decode"),
    Benchmark("large", has_official=False),
    Benchmark("embeddings"),
    Benchmark("uploads"),
    Benchmark("streams"),
    Benchmark("backends"),
    Benchmark("paging"),
    Benchmark("waiting", has_rounds=False),
    Benchmark("waits", has_rounds=False),
    Benchmark("ingest", has_official=False),
)
"""Those that need no more than some minutes together on an idle machine."""

NAMES: Final = tuple(benchmark.name for benchmark in BENCHMARKS)
