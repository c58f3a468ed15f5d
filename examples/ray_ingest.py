"""Ingest every video of a folder with several processes, on one machine or a Ray cluster, each exactly once.

    python -m examples.ray_ingest FOLDER INDEX_ID --output outcomes
    python -m examples.ray_ingest FOLDER INDEX_ID --output outcomes --workers 4 --requests-per-minute 600

It needs `pip install 'twelvelabs-async[ray]'`. Run it again after a failure or an interruption to resume. The exit code
is 0 if every file is in the index, else 1. The key comes from TWELVE_LABS_API_KEY, also for the workers: set it on all
machines of the cluster before Ray is started there.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from twelvelabs_async import TwelveLabsError
from twelvelabs_async.ingest import on_ray
from twelvelabs_async.ingest.ray import Progress, count_outcomes

if TYPE_CHECKING:
    from collections.abc import Sequence


def show(progress: Progress) -> None:
    """Print the figures of the run."""
    print(
        f"{progress.done} done, {progress.failed} failed, {progress.pending} pending, {progress.workers} workers",
        file=sys.stderr,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m examples.ray_ingest", description="Index a folder of videos.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("index_id")
    parser.add_argument("--output", type=Path, required=True, help="the folder for the outcomes")
    parser.add_argument("--workers", type=int, default=2, help="default: 2")
    parser.add_argument("--requests-per-minute", type=float, help="default: the limits that the platform reports")
    options = parser.parse_args(arguments)
    try:
        on_ray(
            options.folder.resolve(),
            index_id=options.index_id,
            output=options.output,
            workers=options.workers,
            requests_per_minute=options.requests_per_minute,
            on_progress=show,
        )
        counts = count_outcomes(options.output)
    except (TwelveLabsError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{counts['done']} indexed, {counts['failed']} failed.")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
