"""`demo`: the main job, with videos that it makes, against an emulator that it starts or the real service."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from .._extras import MissingExtraError
from ..client import AsyncTwelveLabs
from ._demo_steps import BROKEN, Demo, step
from ._demo_view import JsonView, TextView
from ._exit_codes import FAILED
from ._ingest_run import run_until_signal
from ._options import AGENT, as_json, ask, client_options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from ..emulator.media.samples import SampleVideo

_PATIENCE: Final = 15.0
"""Seconds after Ctrl-C for the removal of what was made."""


@click.command(short_help="Upload, search, analyze and embed sample videos: no key, no network.")
@click.option("--live", is_flag=True, help="Use the real service and your key, after confirmation.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask for confirmation.")
@as_json
@client_options
def demo(*, live: bool, yes: bool, as_json: bool, api_key: str | None, base_url: str | None, allow_http: bool) -> int:
    """Show the main features: generate short videos, then upload, index, search, analyze and embed them.

    It runs a temporary emulator of the platform, and needs no key and no network. Each step is shown with its code,
    its results and its duration. All results are compared with the known content of the videos.

    With --live, it uses the real service, which counts against the quota of the account. Everything that it creates
    is deleted at the end, even after Ctrl-C. It needs the extras cli and emulator.

    Exit codes: 0 all results match, 1 some differ, or it failed, 2 invalid usage.

    \b
    Examples:
      twelvelabs-async demo
      twelvelabs-async demo --json
      twelvelabs-async demo --live
    """
    try:
        from ..emulator.media import samples
    except MissingExtraError as error:
        raise click.UsageError(str(error)) from None
    if not live and (api_key is not None or base_url is not None or allow_http):
        raise click.UsageError("--api-key, --base-url and --allow-http are for --live.", click.get_current_context())
    specs = samples.demo_videos()[:3]  # the last one takes as long to make as all others
    options: dict[str, Any] = {"api_key": api_key, "base_url": base_url, "allow_http": allow_http, "user_agent": AGENT}
    if live:
        AsyncTwelveLabs(**options)  # what is wrong with the options is said before the question
        if not yes:
            ask(
                f"Upload {len(specs)} videos of {sum(spec.duration for spec in specs):.0f} seconds together, and have "
                "them indexed, and one of them analyzed and embedded?",
                without_terminal="It counts against the quota of the account",
                declined="Nothing was sent.",
            )
    view = JsonView() if as_json else TextView()

    async def work() -> int:
        begun = time.perf_counter()
        async with contextlib.AsyncExitStack() as stack:
            folder = stack.enter_context(_temporary_folder())
            with step(view, "Make sample videos, and a file that is broken"):
                paths = await make_videos(folder, specs)
                for spec in specs:
                    view.video(spec, paths[spec.name])
            with step(
                view, "Use the real service" if live else "Start an emulator of the platform: no key, no network"
            ):
                client = await stack.enter_async_context(_client(options, live=live))
                view.note(client.base_url)
            run = Demo(client, view)
            await run.run(specs, paths)
        view.summary(run.findings, time.perf_counter() - begun, live=live)
        return 0 if run.matched else FAILED

    return run_until_signal(work, patience=_PATIENCE)


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="twelvelabs-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


async def make_videos(folder: Path, specs: Sequence[SampleVideo]) -> dict[str, Path]:
    """Write the sample videos, and a file that no program can open; where they are, by name."""
    from ..emulator.media import samples

    made = await asyncio.gather(*(asyncio.to_thread(spec.write, folder) for spec in specs))
    broken = await asyncio.to_thread(samples.write_broken, folder / BROKEN)
    return {path.name: path for path in (*made, broken)}


@contextlib.asynccontextmanager
async def _client(options: dict[str, Any], *, live: bool) -> AsyncIterator[AsyncTwelveLabs]:
    if live:
        async with AsyncTwelveLabs(**options) as client:
            yield client
        return
    from ..emulator import Emulator

    async with (
        Emulator(speed=0) as emulator,
        AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url, user_agent=AGENT) as client,
    ):
        yield client
