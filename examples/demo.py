"""The main workflow, end to end: `make demo`, or `make demo LIVE=1` against the real service with your own key.

Generates a few short videos (one of them intentionally broken), uploads and indexes them, searches them, analyzes one
of them with a streamed response, compares embeddings, and prints the results next to the actual content of the files.
The exit code is 0 only if they match and the broken file was rejected with a reason.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from examples import _demo_report as report
from examples import _demo_steps as steps
from twelvelabs_async import AsyncTwelveLabs, ConfigurationError, TwelveLabsError
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media import samples

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m examples.demo", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--live", action="store_true", help="use the real service and the key in TWELVE_LABS_API_KEY")
    options = parser.parse_args(argv)
    console = Console()
    try:
        return asyncio.run(run(console, live=options.live))
    except ConfigurationError as error:
        console.print(f"[red]{error}[/red]")
        return 2
    except TwelveLabsError as error:
        console.print(f"[red]The demo stopped: {type(error).__name__}: {error}[/red]")
        return 1


async def run(console: Console, *, live: bool = False, videos: Sequence[samples.SampleVideo] | None = None) -> int:
    """Run every step and print the report.

    Args:
        console: Where to print.
        live: Use the real service instead of the emulator.
        videos: The videos to generate; by default those of the demo.

    Returns:
        0 if all results match the content of the files, else 1.
    """
    started = time.perf_counter()
    specs = list(samples.demo_videos() if videos is None else videos)
    with tempfile.TemporaryDirectory(prefix="twelvelabs-demo-") as folder:
        console.rule("1. Real files")
        paths = await asyncio.to_thread(_make_videos, Path(folder), specs)
        report.print_files(console, specs, paths)
        async with _client(console, live=live) as client:
            outcome = await steps.run_all(client, console, specs, paths)
    console.rule("Results and expected results")
    matched = report.print_outcome(console, outcome)
    verdict = "[green]All results match.[/green]" if matched else "[red]Some results differ.[/red]"
    console.print(f"{verdict} {time.perf_counter() - started:.1f} s")
    return 0 if matched else 1


def _make_videos(folder: Path, specs: Sequence[samples.SampleVideo]) -> dict[str, Path]:
    paths = {spec.name: spec.write(folder) for spec in specs}
    paths[steps.BROKEN] = samples.write_broken(folder / steps.BROKEN)
    return paths


@contextlib.asynccontextmanager
async def _client(console: Console, *, live: bool) -> AsyncIterator[AsyncTwelveLabs]:
    if live:
        async with AsyncTwelveLabs() as client:
            console.print("Using the real service: this consumes your quota.")
            yield client
        return
    with tempfile.TemporaryDirectory(prefix="twelvelabs-emulator-") as state:
        async with (
            Emulator(state=Path(state)) as emulator,
            AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url) as client,
        ):
            console.print(f"Using the local emulator at {emulator.base_url}")
            yield client


if __name__ == "__main__":
    sys.exit(main())
