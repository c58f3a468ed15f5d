"""`upload`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import click

from ._options import api_command, as_json, nonempty_text
from ._output import print_error, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..client import AsyncTwelveLabs
    from ._upload_run import Outcome

MB = 1_000_000


@click.command(short_help="Upload video files of any size, and index them.")
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)  # fmt: skip
@click.option(
    "--index", "index_id", metavar="ID", required=True, type=nonempty_text, help="The index to add the files to."
)
@click.option("--no-wait", is_flag=True, help="Do not wait until the files are indexed; 'status' shows their state.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=4, show_default=True, help="Maximum number of files at a time."
)  # fmt: skip
@click.option(
    "--timeout", metavar="SECONDS", type=click.FloatRange(0, 1_000_000, min_open=True), default=7200, show_default=True,
    help="Timeout for each of two waits: until the platform has checked a file, and until it has indexed it.",
)  # fmt: skip
@click.option(
    "--interval", metavar="SECONDS", type=click.FloatRange(0.05, 3600), default=2, show_default=True,
    help="Time between two checks of a file.",
)  # fmt: skip
@click.option(
    "--chunks-above", metavar="MB", type=click.FloatRange(0, 200), default=100, show_default=True,
    help="Send larger files in concurrent chunks. The platform requires this above 200 MB.",
)  # fmt: skip
@click.option(
    "--resume", is_flag=True,
    help="Store the state of uploads in chunks, and continue those of an earlier run with --resume.",
)  # fmt: skip
@click.option(
    "--state", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
    help="With --resume, the state file of a single upload. Default: in the user's state folder.",
)  # fmt: skip
@as_json
@api_command
async def upload(
    client: AsyncTwelveLabs,
    *,
    files: Sequence[Path],
    index_id: str,
    no_wait: bool,
    workers: int,
    timeout: float,  # noqa: ASYNC109 - an option of the command
    interval: float,
    chunks_above: float,
    resume: bool,
    state: Path | None,
    as_json: bool,
) -> int:
    """Upload video files of any size, index them, and report the outcome of each.

    The exit code is 1 if a file failed. Files that cannot be indexed are removed from the platform. Ctrl-C stops the
    uploads and removes what was not indexed yet.

    \b
    Examples:
      twelvelabs-async upload goal.mp4 --index INDEX_ID
      twelvelabs-async upload *.mp4 --index INDEX_ID --workers 8 --no-wait
      twelvelabs-async upload big.mp4 --index INDEX_ID --resume
      twelvelabs-async upload *.mp4 --index INDEX_ID --json > done.jsonl
    """
    from ._bars import Bars
    from ._upload_run import UploadOptions, UploadRun

    if state is not None and (len(files) != 1 or not resume):
        raise click.UsageError("--state needs --resume and a single file.")
    options = UploadOptions(
        index_id=index_id,
        wait=not no_wait,
        workers=workers,
        timeout=timeout,
        interval=interval,
        direct_bytes=int(chunks_above * MB),
        resume=resume,
        state=state,
    )

    def report(outcome: Outcome) -> None:
        if as_json:
            print_json(attrs.asdict(outcome))

    # A wrong key or index is to fail before gigabytes are sent.
    await client.indexes.retrieve(index_id)
    bars = Bars(len(files))
    run = UploadRun(client, options, files, bars, report)
    try:
        with bars:
            await run.run()
    except asyncio.CancelledError:
        print_error("To continue, run the command again with the files that are 'interrupted' or 'not started'.")
        raise
    finally:
        if not as_json:
            _print_report(run.outcomes)
    failed = sum(outcome.status not in {"ready", "indexing"} for outcome in run.outcomes)
    if failed:
        print_error(f"Error: {failed} of {len(files)} files failed; the reasons are above.")
    return 1 if failed else 0


def _print_report(outcomes: Sequence[Outcome]) -> None:
    rows: list[Sequence[str]] = []
    for outcome in outcomes:
        reason = outcome.reason or ""
        if reason and outcome.asset_id:
            reason = f"{reason} (asset {outcome.asset_id})"
        rows.append((outcome.file, outcome.status, outcome.video_id or "", reason))
    print_table(("File", "Status", "Video", "Reason"), rows)
