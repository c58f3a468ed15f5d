"""One run of `ingest`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

import click

from ..client import AsyncTwelveLabs
from ..errors import AuthenticationError, ForbiddenError, JournalError, TwelveLabsError
from ..ingest import Journal
from ._ending import PATIENCE, Ending
from ._exit_codes import FAILED, TERMINATED
from ._ingest_report import Report
from ._ingest_total import Total
from ._ingest_view import clock
from ._lookup import find_index, find_knowledge_store
from ._options import AGENT, TerminatedError, first_error
from ._output import error_line, one_line, print_error, print_json, write
from ._setup import journal_errors, setup_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from ..ingest import Ingestion, IngestStats
    from ._ingest_plan import IngestPlan


def run_until_signal(work: Callable[[], Coroutine[Any, Any, int]], *, patience: float = PATIENCE) -> int:
    """Run a coroutine, which the first Ctrl-C or SIGTERM cancels; its exit code.

    Args:
        work: Makes the coroutine.
        patience: Seconds that it has to end after a signal.

    Raises:
        click.Abort: Ctrl-C has ended it.
        TerminatedError: SIGTERM has ended it.
    """

    async def attached(ending: Ending) -> int:
        ending.attach()
        return await work()

    with Ending(patience) as ending:
        try:
            return asyncio.run(attached(ending))
        except asyncio.CancelledError:
            if ending.code == TERMINATED:
                raise TerminatedError from None
            raise click.Abort from None
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None


def open_client(connection: Mapping[str, Any], plan: IngestPlan) -> AsyncTwelveLabs:
    """The client of a run.

    Raises:
        SetupError: Its configuration is invalid.
    """
    limit = plan.requests_per_minute
    with setup_errors():
        return AsyncTwelveLabs(
            **connection, user_agent=AGENT, requests_per_minute=None if limit is None else {"upload": limit}
        )


async def find_target(client: AsyncTwelveLabs, plan: IngestPlan) -> dict[str, Any]:
    """The index or the knowledge store, as an argument of `client.ingest`.

    Raises:
        SetupError: It does not exist, or the key is not accepted.
    """
    with setup_errors():
        if plan.index is None:
            return {"knowledge_store_id": await find_knowledge_store(client, str(plan.knowledge_store))}
        return {"index_id": await find_index(client, plan.index, create=plan.create)}


def ingest(plan: IngestPlan, connection: Mapping[str, Any], *, as_json: bool) -> int:
    """Ingest, and say how it ended; the exit code."""

    async def work() -> int:
        async with open_client(connection, plan) as client:
            target = await find_target(client, plan)
            if plan.journal is None:
                print_error("Without --journal, each source is looked up on the platform.")
                return await _ingest(client, plan, target, None, as_json=as_json)
            with journal_errors():
                known = {"index_id": None, "knowledge_store_id": None, **target}
                opened = await Journal.open(plan.journal, target={"origin": client.base_url, **known})
            async with opened as journal:
                return await _ingest(client, plan, target, journal, as_json=as_json)

    return run_until_signal(work)


async def _ingest(
    client: AsyncTwelveLabs,
    plan: IngestPlan,
    target: Mapping[str, Any],
    journal: Journal | None,
    *,
    as_json: bool,
) -> int:
    begun = time.monotonic()
    run = client.ingest(
        plan.items(),
        **target,
        **plan.pipeline(),
        journal=journal,
        max_failures=plan.max_failures,
    )
    error: BaseException | None = None
    try:
        await _report_outcomes(run, Total(plan), as_json=as_json)
    except BaseExceptionGroup as errors:
        error = first_error(errors)
    except BaseException as raised:
        error = raised
    if error is not None and not isinstance(error, asyncio.CancelledError | TwelveLabsError | ValueError | OSError):
        raise error
    counts = await _counts(journal, run.stats)
    summary = {
        "event": "summary",
        **counts,
        "interrupted": isinstance(error, asyncio.CancelledError),
        "error": None if error is None or isinstance(error, asyncio.CancelledError) else error_line(error),
        **target,
        "journal": plan.journal,
        "seconds": round(time.monotonic() - begun, 3),
        "run": run.stats.to_dict(),
    }
    await asyncio.to_thread(_print_summary, summary, as_json=as_json)
    if error is not None:
        if isinstance(error, AuthenticationError | ForbiddenError):
            with setup_errors():
                raise error
        raise error
    return FAILED if counts["failed"] or counts["pending"] else 0


async def _report_outcomes(run: Ingestion, total: Total, *, as_json: bool) -> None:
    report = Report(lambda: run.stats, total, as_json=as_json)
    try:
        async with asyncio.TaskGroup() as group, run:
            writing = group.create_task(report.keep_up())
            async for outcome in run:
                await report.add(outcome)
            writing.cancel()
    finally:
        total.stop()
        await asyncio.to_thread(report.close)


async def _counts(journal: Journal | None, stats: IngestStats) -> dict[str, int]:
    """How many are done, failed and pending: of the journal as a whole, or of this run."""
    if journal is not None:
        with contextlib.suppress(JournalError):  # it has failed during the run, and cannot be read any more
            return await journal.counts()
    done = stats.done + stats.skipped
    return {
        "done": done,
        "failed": stats.failed,
        "failed_retryable": 0,
        "pending": stats.pending,
        "total": stats.seen,
    }


def _print_summary(summary: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(summary)
        return
    run, journal = summary["run"], summary["journal"]
    where = f" in the journal {one_line(journal)}" if journal else ""
    write(f"{summary['done']:,} done, {summary['failed']:,} failed, {summary['pending']:,} pending{where}.")
    if not summary["total"]:
        if not summary["error"] and not summary["interrupted"]:
            write("No sources were found: no file in the folders matches, or the manifest is empty.")
        return
    write(
        f"This run: {run['done']:,} done, of which {run['adopted']:,} were already on the platform; {run['failed']:,} "
        f"failed; {run['skipped']:,} skipped; {run['bytes_sent'] / 1e6:,.1f} MB in {clock(summary['seconds'])}."
    )
    if again := summary["pending"] + summary["failed_retryable"]:
        write(f"Run the same command again to continue: {again:,} are pending or failed temporarily.")
    if journal and (final := summary["failed"] - summary["failed_retryable"]):
        write(f"{final:,} failed permanently; --retry-failed retries them.")
