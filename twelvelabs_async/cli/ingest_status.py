"""`ingest status` and `ingest sweep`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import click

from ._assets import print_assets
from ._options import api_command, as_json, confirmation
from ._output import one_line, print_error, print_json, print_table, write
from ._setup import journal_errors
from .ingest import ingest

if TYPE_CHECKING:
    from ..client import AsyncTwelveLabs
    from ..ingest import IngestOutcome, Journal

MAX_SHOWN: Final = 20
"""Failures that are shown."""


@ingest.subcommand("status", short_help="Show how many sources of a journal are done, failed and pending.")
@click.argument("journal", type=click.Path(exists=True))
@click.option(
    "--export", metavar="FILE", type=click.Path(dir_okay=False, allow_dash=True),
    help="Write the outcomes to a file: CSV if its name ends with .csv, else JSON lines.",
)  # fmt: skip
@as_json
def show_status(*, journal: str, export: str | None, as_json: bool) -> int:
    """Show how many sources of a journal are done, failed and pending, even while a run writes to it.

    The exit code is 0, even if sources have failed.

    \b
    Examples:
      twelvelabs-async ingest status run.sqlite
      twelvelabs-async ingest status run.sqlite --json | jq .failed
      twelvelabs-async ingest status run.sqlite --export outcomes.csv
    """
    return asyncio.run(_status(journal, export, as_json=as_json))


async def _status(path: str, export_to: str | None, *, as_json: bool) -> int:
    from ..ingest import Journal
    from ..ingest.export import export

    with journal_errors():
        opened = await Journal.open(path, read_only=True)
    async with opened as journal:
        counts = await journal.counts()
        if export_to is not None:
            count = await export(journal.outcomes(), export_to)
            if export_to == "-":
                return 0
            print_error(f"{count:,} outcomes were written to {one_line(click.format_filename(export_to))}.")
        if as_json:
            print_json({**counts, "target": dict(journal.target), "journal": click.format_filename(path)})
            return 0
        write(f"{counts['done']:,} done, {counts['failed']:,} failed, {counts['pending']:,} pending.")
        if counts["failed_retryable"]:
            write(f"Of the failed, {counts['failed_retryable']:,} may succeed when the command is run again.")
        failed = await _first_failures(journal)
    if failed:
        rows = [(outcome.source, outcome.stage or "", outcome.error or "", outcome.message or "") for outcome in failed]
        print_table(("Source", "Stage", "Error", "Message"), rows)
    if counts["failed"] > len(failed):
        write(f"And {counts['failed'] - len(failed):,} more: --export FILE writes all.")
    return 0


async def _first_failures(journal: Journal) -> list[IngestOutcome]:
    found: list[IngestOutcome] = []
    async for outcome in journal.outcomes("failed"):
        found.append(outcome)
        if len(found) == MAX_SHOWN:
            break
    return found


@ingest.subcommand("sweep", short_help="List or remove unused assets that ingestions have created.")
@click.option(
    "--older-than", metavar="SECONDS", type=click.FloatRange(min=0), default=3600, show_default=True,
    help="Only assets at least this old: younger ones may be about to be used.",
)  # fmt: skip
@click.option("--remove", is_flag=True, help="Remove the assets.")
@confirmation("Remove the assets that nothing uses?", unless="remove")
@as_json
@api_command
async def sweep(client: AsyncTwelveLabs, *, older_than: float, remove: bool, as_json: bool) -> None:
    """List or remove assets that ingestions have created and that are in no index and no knowledge store.

    Reads all indexes, knowledge stores and entities of the account. Let other runs end first: what is pending in a
    journal is among the assets, if it is old enough.

    \b
    Examples:
      twelvelabs-async ingest sweep
      twelvelabs-async ingest sweep --remove --yes --json
    """
    # A run that is never begun: sweeping needs no sources.
    found = client.ingest((), index_id="none").sweep(older_than=older_than, remove=remove)
    await print_assets(found, as_json=as_json, none="No ingestion has left an asset that nothing uses.")
