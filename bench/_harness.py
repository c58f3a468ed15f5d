"""Shared code of the benchmarks: servers and contenders in separate processes, memory, tables."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
import time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

KEY: Final = "tlk_BENCHMARK"
OURS: Final = "this package"
BARE: Final = "bare aiohttp"
OFFICIAL: Final = "official SDK"
THREE: Final = (OURS, BARE, OFFICIAL)

MIB: Final = 1024 * 1024


def official_is_there() -> bool:
    """Whether the official SDK is installed; prints a message if not."""
    if importlib.util.find_spec("twelvelabs") is not None:
        return True
    print("The official SDK is not installed (pip install --group bench) and is skipped.\n")
    return False


@contextmanager
def running_server(module: str = "bench.server") -> Iterator[str]:
    """Run a server in another process; yields its base URL."""
    with subprocess.Popen(
        [sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1.3"
        finally:
            process.stdin.close()


def fresh_process(*arguments: str) -> Any:
    """Run Python with these arguments in a new process and return the JSON in its last line of output.

    Compiled modules are kept, as they are for installed packages: otherwise each process would compile this package.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=environment)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments[:4])} ended with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


@asynccontextmanager
async def our_client(base_url: str, **settings: Any) -> AsyncIterator[Any]:
    """The client of this package with its default options."""
    from twelvelabs_async import AsyncTwelveLabs

    async with AsyncTwelveLabs(api_key=KEY, base_url=base_url, **settings) as client:
        yield client


@asynccontextmanager
async def official_client(base_url: str) -> AsyncIterator[Any]:
    """The asynchronous client of the official package with its default timeout; closed at the end."""
    import httpx
    import twelvelabs

    async with httpx.AsyncClient(timeout=600) as http:
        yield twelvelabs.AsyncTwelveLabs(api_key=KEY, base_url=base_url, httpx_client=http)


def resident(peak: bool = False) -> float:
    """Memory of this process in MiB: the current value, or the peak.

    The peak is read from /proc if available: the value of getrusage includes the peak of the parent process.
    """
    try:
        text = Path("/proc/self/status").read_text()
    except OSError:
        import resource

        size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return size / (MIB if sys.platform == "darwin" else 1024)
    name = "VmHWM:" if peak else "VmRSS:"
    line = next(line for line in text.splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


class Stalls:
    """Measures event loop stalls: `async with Stalls() as stalls: ...`; `stalls.longest` is in milliseconds."""

    INTERVAL: Final = 0.001

    def __init__(self) -> None:
        self.longest = 0.0

    async def _watch(self) -> None:
        before = time.perf_counter()
        while True:
            await asyncio.sleep(self.INTERVAL)
            now = time.perf_counter()
            self.longest = max(self.longest, (now - before - self.INTERVAL) * 1000)
            before = now

    async def __aenter__(self) -> Stalls:
        self._task = asyncio.create_task(self._watch())
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.sleep(2 * self.INTERVAL)  # the watcher detects the last stall after it has ended
        self._task.cancel()


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table, the first column aligned left, the others right."""
    columns = list(zip(head, *rows, strict=True))
    widths = [max(3, *(len(cell) for cell in column)) for column in columns]

    def line(cells: Sequence[str]) -> str:
        first, *others = [
            cell.ljust(width) if at == 0 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join([first, *others])} |"

    print(f"{title}\n")
    print(line(head))
    print(
        "| " + " | ".join("-" * width if at == 0 else "-" * (width - 1) + ":" for at, width in enumerate(widths)) + " |"
    )
    for row in rows:
        print(line(row))
    print(flush=True)


def ratio(value: float, base: float) -> str:
    """The ratio with at most three digits."""
    if not base:
        return "-"
    times = value / base
    return f"{times:.2f}" if times < 10 else f"{times:.0f}"
